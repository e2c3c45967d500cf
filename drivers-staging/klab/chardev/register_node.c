// SPDX-License-Identifier: GPL-2.0-only
/*
 * Nodes of channels, in the device model, from where devtmpfs and udev have
 * them.
 */
#include <linux/container_of.h>
#include <linux/device.h>
#include <linux/device/class.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/kdev_t.h>
#include <linux/kobject.h>
#include <linux/miscdevice.h>
#include <linux/slab.h>
#include <linux/sysfs.h>

#include "register.h"

static char *klab_register_devnode(const struct device *dev, umode_t *mode)
{
	if (mode)
		*mode = klab_register_mode;
	return NULL;
}

const struct class klab_register_class = {
	.name = "klab-register",
	.devnode = klab_register_devnode,
	.dev_groups = klab_register_groups,
};

static struct klab_register_channel *to_channel(struct device *dev)
{
	struct miscdevice *misc;

	if (dev->class == &klab_register_class)
		return dev_get_drvdata(dev);

	misc = dev_get_drvdata(dev);
	return container_of(misc, struct klab_register_channel, misc);
}

static ssize_t style_show(struct device *dev, struct device_attribute *attr,
			  char *buf)
{
	return sysfs_emit(buf, "%s\n", to_channel(dev)->style);
}
static DEVICE_ATTR_RO(style);

static ssize_t open_show(struct device *dev, struct device_attribute *attr,
			 char *buf)
{
	return sysfs_emit(buf, "%d\n", atomic_read(&to_channel(dev)->open));
}
static DEVICE_ATTR_RO(open);

static ssize_t opened_show(struct device *dev, struct device_attribute *attr,
			   char *buf)
{
	return sysfs_emit(buf, "%lld\n",
			  atomic64_read(&to_channel(dev)->opened));
}
static DEVICE_ATTR_RO(opened);

static struct attribute *klab_register_attrs[] = {
	&dev_attr_style.attr,
	&dev_attr_open.attr,
	&dev_attr_opened.attr,
	NULL
};

static const struct attribute_group klab_register_group = {
	.attrs = klab_register_attrs,
};

const struct attribute_group *klab_register_groups[] = {
	&klab_register_group,
	NULL
};

static void klab_register_release_node(struct device *dev)
{
	kfree(dev);
}

static int klab_register_add_node(struct klab_register_channel *channel,
				  dev_t devt, bool quiet)
{
	struct device *dev = kzalloc_obj(*dev);
	int err;

	if (!dev)
		return -ENOMEM;

	device_initialize(dev);
	dev->class = &klab_register_class;
	dev->devt = devt;
	dev->release = klab_register_release_node;
	dev_set_drvdata(dev, channel);
	dev_set_uevent_suppress(dev, quiet);

	err = dev_set_name(dev, "%s", channel->name);
	if (!err)
		err = device_add(dev);
	if (err) {
		put_device(dev);
		return err;
	}
	channel->dev = dev;
	return 0;
}

/**
 * klab_register_add_nodes() - makes the nodes of channels
 * @reg: the channels, their numbers are known
 * @quiet: say nothing to udev yet, see klab_register_announce_nodes()
 *
 * Context: process, may sleep.
 * Return: 0 or an error, then there is no node.
 */
int klab_register_add_nodes(struct klab_register *reg, bool quiet)
{
	unsigned int i;
	int err;

	for (i = 0; i < reg->nodes; i++) {
		err = klab_register_add_node(&reg->channels[i], reg->first + i,
					     quiet);
		if (err) {
			klab_register_remove_nodes(reg);
			return err;
		}
	}
	return 0;
}

/**
 * klab_register_announce_nodes() - tells udev of the nodes
 * @reg: the channels
 *
 * Context: process, may sleep.
 */
void klab_register_announce_nodes(struct klab_register *reg)
{
	struct device *dev;
	unsigned int i;

	for (i = 0; i < reg->nodes; i++) {
		dev = reg->channels[i].dev;
		dev_set_uevent_suppress(dev, false);
		kobject_uevent(&dev->kobj, KOBJ_ADD);
	}
}

/**
 * klab_register_remove_nodes() - takes away those there are
 * @reg: the channels
 *
 * Context: process, waits for callers of the attributes.
 */
void klab_register_remove_nodes(struct klab_register *reg)
{
	unsigned int i = reg->nodes;

	while (i--) {
		if (reg->channels[i].dev)
			device_unregister(reg->channels[i].dev);
		reg->channels[i].dev = NULL;
	}
}
