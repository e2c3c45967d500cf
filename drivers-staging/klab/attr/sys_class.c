// SPDX-License-Identifier: GPL-2.0-only
/*
 * The class, and an attribute of it that stands alone.
 */
#include <linux/device/class.h>
#include <linux/export.h>
#include <linux/sysfs.h>

#include <kunit/visibility.h>

#include "sys.h"

static struct klab_attr_text klab_attr_text =
	KLAB_ATTR_TEXT_INIT(klab_attr_text, "Hello from klab!");

/* Named from where the user stands: it shows to the reader. */
static ssize_t text_show(const struct class *class,
			 const struct class_attribute *attr, char *buf)
{
	return klab_attr_text_show(&klab_attr_text, buf);
}

static ssize_t text_store(const struct class *class,
			  const struct class_attribute *attr, const char *buf,
			  size_t count)
{
	return klab_attr_text_store(&klab_attr_text, buf, count);
}
static CLASS_ATTR_RW(text);

static struct attribute *klab_attr_text_attrs[] = {
	&class_attr_text.attr,
	NULL
};

static const struct attribute_group klab_attr_text_group = {
	.attrs = klab_attr_text_attrs,
};

static const struct attribute_group *klab_attr_class_groups[] = {
	&klab_attr_text_group,
	&klab_attr_family_group,
	&klab_attr_fault_group,
	NULL
};

const struct class klab_attr_class = {
	.name = "klab-attr",
	.class_groups = klab_attr_class_groups,
	.dev_groups = klab_attr_device_groups,
	.dev_uevent = klab_attr_device_uevent,
};
EXPORT_SYMBOL_IF_KUNIT(klab_attr_class);
