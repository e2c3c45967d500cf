// SPDX-License-Identifier: GPL-2.0-only
/*
 * Attributes of a disk in /sys/block: what it has become.
 */
#include <linux/blkdev.h>
#include <linux/compiler.h>
#include <linux/device.h>
#include <linux/errno.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#include "../core/klab_text.h"
#include "blkdev.h"

static struct klab_disk *to_disk(struct device *dev)
{
	return dev_to_disk(dev)->private_data;
}

static ssize_t mode_show(struct device *dev, struct device_attribute *attr,
			 char *buf)
{
	return sysfs_emit(buf, "%s\n",
			  klab_disk_modes[to_disk(dev)->settings.mode]);
}
static DEVICE_ATTR_RO(mode);

static ssize_t memory_show(struct device *dev, struct device_attribute *attr,
			   char *buf)
{
	return sysfs_emit(buf, "%llu\n",
			  klab_store_bytes(&to_disk(dev)->store));
}
static DEVICE_ATTR_RO(memory);

/* With the error of it, as closing the disk has nobody to tell. */
static ssize_t save_store(struct device *dev, struct device_attribute *attr,
			  const char *buf, size_t count)
{
	struct klab_disk *disk = to_disk(dev);
	int err;

	if (!klab_text_is_whole(buf, count) || !sysfs_streq(buf, "1"))
		return -EINVAL;
	if (!READ_ONCE(disk->settings.file))
		return -EOPNOTSUPP;
	err = klab_disk_have_saved(disk);
	/* If it has gone meanwhile, nobody knows whether all of it was saved. */
	if (!err && klab_media_is_out(disk))
		err = -ENOMEDIUM;
	return err ?: count;
}
static DEVICE_ATTR_WO(save);

static ssize_t save_error_show(struct device *dev,
			       struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%d\n", -READ_ONCE(to_disk(dev)->save_error));
}
static DEVICE_ATTR_RO(save_error);

static struct attribute *klab_disk_attrs[] = {
	&dev_attr_mode.attr,
	&dev_attr_memory.attr,
	&dev_attr_save.attr,
	&dev_attr_save_error.attr,
	NULL
};

static const struct attribute_group klab_disk_group = {
	.name = "klab",
	.attrs = klab_disk_attrs,
};

const struct attribute_group *klab_disk_groups[] = {
	&klab_disk_group,
	NULL
};
