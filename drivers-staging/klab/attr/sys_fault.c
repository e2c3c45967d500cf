// SPDX-License-Identifier: GPL-2.0-only
/*
 * An attribute that fails as it is told to, for those who want to see what a
 * program does then.
 */
#include <linux/compiler.h>
#include <linux/container_of.h>
#include <linux/device/class.h>
#include <linux/errno.h>
#include <linux/kstrtox.h>
#include <linux/sysfs.h>

#include "../core/klab_text.h"
#include "sys.h"

static struct klab_attr_text klab_attr_faulty =
	KLAB_ATTR_TEXT_INIT(klab_attr_faulty, "nobody reads this");

/**
 * struct klab_attr_fault - an attribute that sets the error of another
 * @attr: the attribute
 * @err: positive errno, or 0 for none
 * @never: errno that it must not be, or 0
 */
struct klab_attr_fault {
	struct class_attribute attr;
	int *err;
	int never;
};

#define to_fault(_attr)	container_of_const(_attr, struct klab_attr_fault, attr)

/* What reads and writes end with. */
static int klab_attr_read_err = EIO;
static int klab_attr_write_err = EIO;

static ssize_t klab_attr_fault_show(const struct class *class,
				    const struct class_attribute *attr,
				    char *buf)
{
	return sysfs_emit(buf, "%d\n", READ_ONCE(*to_fault(attr)->err));
}

static ssize_t klab_attr_fault_store(const struct class *class,
				     const struct class_attribute *attr,
				     const char *buf, size_t count)
{
	const struct klab_attr_fault *fault = to_fault(attr);
	int value, err;

	if (!klab_text_is_whole(buf, count))
		return -EINVAL;
	err = kstrtoint(buf, 0, &value);
	if (err)
		return err;
	/* From there on they are the kernel's own, and no program knows them. */
	if (value < 0 || value >= ERESTARTSYS)
		return -ERANGE;
	if (value && value == fault->never)
		return -EINVAL;
	WRITE_ONCE(*fault->err, value);
	return count;
}

static struct klab_attr_fault klab_attr_read_error = {
	.attr = __ATTR(faulty_read_error, 0644, klab_attr_fault_show,
		       klab_attr_fault_store),
	.err = &klab_attr_read_err,
	/* seq_file asks again after it, without end, where a read is not at 0. */
	.never = EAGAIN,
};

static struct klab_attr_fault klab_attr_write_error = {
	.attr = __ATTR(faulty_write_error, 0644, klab_attr_fault_show,
		       klab_attr_fault_store),
	.err = &klab_attr_write_err,
};

static ssize_t faulty_show(const struct class *class,
			   const struct class_attribute *attr, char *buf)
{
	int err = READ_ONCE(klab_attr_read_err);

	return err ? -err : klab_attr_text_show(&klab_attr_faulty, buf);
}

static ssize_t faulty_store(const struct class *class,
			    const struct class_attribute *attr,
			    const char *buf, size_t count)
{
	int err = READ_ONCE(klab_attr_write_err);

	return err ? -err : klab_attr_text_store(&klab_attr_faulty, buf, count);
}
static CLASS_ATTR_RW(faulty);

static struct attribute *klab_attr_fault_attrs[] = {
	&class_attr_faulty.attr,
	&klab_attr_read_error.attr.attr,
	&klab_attr_write_error.attr.attr,
	NULL
};

const struct attribute_group klab_attr_fault_group = {
	.attrs = klab_attr_fault_attrs,
};
