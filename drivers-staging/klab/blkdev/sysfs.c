// SPDX-License-Identifier: GPL-2.0-only
/*
 * Attributes of a disk in /sys/block: what it has become.
 */
#include <linux/blkdev.h>
#include <linux/device.h>
#include <linux/sysfs.h>

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

static struct attribute *klab_disk_attrs[] = {
	&dev_attr_mode.attr,
	&dev_attr_memory.attr,
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
