// SPDX-License-Identifier: GPL-2.0-only
/*
 * Attributes that differ in their name only, in two ways: by a macro that makes
 * functions for each, and by one pair of functions that finds out for which
 * attribute it was called.
 */
#include <linux/container_of.h>
#include <linux/device/class.h>
#include <linux/sysfs.h>

#include "sys.h"

/* No debugger and no search for a name finds what this makes. */
#define KLAB_ATTR_DATA(_name)						\
static struct klab_attr_text klab_attr_##_name =			\
	KLAB_ATTR_TEXT_INIT(klab_attr_##_name,				\
			    "not initialised " #_name);			\
									\
static ssize_t _name##_show(const struct class *class,			\
			    const struct class_attribute *attr,		\
			    char *buf)					\
{									\
	return klab_attr_text_show(&klab_attr_##_name, buf);		\
}									\
									\
static ssize_t _name##_store(const struct class *class,			\
			     const struct class_attribute *attr,	\
			     const char *buf, size_t count)		\
{									\
	return klab_attr_text_store(&klab_attr_##_name, buf, count);	\
}									\
static CLASS_ATTR_RW(_name)

KLAB_ATTR_DATA(data1);
KLAB_ATTR_DATA(data2);
KLAB_ATTR_DATA(data3);

/**
 * struct klab_attr_item - an attribute that knows its text
 * @attr: the attribute
 * @text: the text
 */
struct klab_attr_item {
	struct class_attribute attr;
	struct klab_attr_text *text;
};

#define to_item(_attr)	container_of_const(_attr, struct klab_attr_item, attr)

static ssize_t klab_attr_item_show(const struct class *class,
				   const struct class_attribute *attr,
				   char *buf)
{
	return klab_attr_text_show(to_item(attr)->text, buf);
}

static ssize_t klab_attr_item_store(const struct class *class,
				    const struct class_attribute *attr,
				    const char *buf, size_t count)
{
	return klab_attr_text_store(to_item(attr)->text, buf, count);
}

static struct klab_attr_text klab_attr_item_text[] = {
	KLAB_ATTR_TEXT_INIT(klab_attr_item_text[0], "not initialised item1"),
	KLAB_ATTR_TEXT_INIT(klab_attr_item_text[1], "not initialised item2"),
	KLAB_ATTR_TEXT_INIT(klab_attr_item_text[2], "not initialised item3"),
};

#define KLAB_ATTR_ITEM(_name, _index) {					\
	.attr = __ATTR(_name, 0644, klab_attr_item_show,		\
		       klab_attr_item_store),				\
	.text = &klab_attr_item_text[_index],				\
}

static struct klab_attr_item klab_attr_items[] = {
	KLAB_ATTR_ITEM(item1, 0),
	KLAB_ATTR_ITEM(item2, 1),
	KLAB_ATTR_ITEM(item3, 2),
};

static struct attribute *klab_attr_family_attrs[] = {
	&class_attr_data1.attr,
	&class_attr_data2.attr,
	&class_attr_data3.attr,
	&klab_attr_items[0].attr.attr,
	&klab_attr_items[1].attr.attr,
	&klab_attr_items[2].attr.attr,
	NULL
};

const struct attribute_group klab_attr_family_group = {
	.attrs = klab_attr_family_attrs,
};
