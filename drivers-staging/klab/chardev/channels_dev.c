// SPDX-License-Identifier: GPL-2.0-only
/*
 * Channels from a file: a channel in the device model, and its file operations.
 */
#include <linux/compiler.h>
#include <linux/container_of.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/fs.h>
#include <linux/idr.h>
#include <linux/kdev_t.h>
#include <linux/kobject.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/splice.h>
#include <linux/sysfs.h>

#include <kunit/visibility.h>

#include "channels.h"

/* A number is free again when the last file of its channel has closed. */
static DEFINE_IDA(klab_channel_minors);

static struct klab_channel *to_channel(struct device *dev)
{
	return container_of(dev, struct klab_channel, dev);
}

/* One cdev for all: the number says which channel it is. */
static int klab_channel_open(struct inode *inode, struct file *file)
{
	struct device *dev =
		class_find_device_by_devt(&klab_channels_class, inode->i_rdev);
	struct klab_channel *channel;
	int err = 0;

	if (!dev)
		return -ENXIO;

	/* The VFS leaves it to devices what to do with O_TRUNC. */
	channel = to_channel(dev);
	if ((file->f_flags & O_TRUNC) && (file->f_mode & FMODE_WRITE))
		err = klab_channel_data_truncate(&channel->data);
	if (err) {
		put_device(dev);
		return err;
	}
	file->private_data = channel;
	/* Threads that share a descriptor take turns, as with a regular file. */
	file->f_mode |= FMODE_ATOMIC_POS;
	return 0;
}

static int klab_channel_release_file(struct inode *inode, struct file *file)
{
	struct klab_channel *channel = file->private_data;

	put_device(&channel->dev);
	return 0;
}

static ssize_t klab_channel_read_iter(struct kiocb *iocb, struct iov_iter *to)
{
	struct klab_channel *channel = iocb->ki_filp->private_data;

	return klab_channel_data_read(&channel->data, &iocb->ki_pos, to);
}

static ssize_t klab_channel_write_iter(struct kiocb *iocb,
				       struct iov_iter *from)
{
	struct klab_channel *channel = iocb->ki_filp->private_data;

	return klab_channel_data_write(&channel->data, &iocb->ki_pos, from,
				       iocb->ki_flags & IOCB_APPEND);
}

static loff_t klab_channel_llseek(struct file *file, loff_t offset, int whence)
{
	struct klab_channel *channel = file->private_data;

	return generic_file_llseek_size(file, offset, whence,
					KLAB_CHANNEL_SIZE_MAX,
					READ_ONCE(channel->data.length));
}

const struct file_operations klab_channel_fops = {
	.owner = THIS_MODULE,
	.open = klab_channel_open,
	.release = klab_channel_release_file,
	.read_iter = klab_channel_read_iter,
	.write_iter = klab_channel_write_iter,
	.splice_read = copy_splice_read,
	.splice_write = iter_file_splice_write,
	.llseek = klab_channel_llseek,
};
EXPORT_SYMBOL_IF_KUNIT(klab_channel_fops);

static ssize_t size_show(struct device *dev, struct device_attribute *attr,
			 char *buf)
{
	return sysfs_emit(buf, "%zu\n", READ_ONCE(to_channel(dev)->data.size));
}
static DEVICE_ATTR_RO(size);

static ssize_t used_show(struct device *dev, struct device_attribute *attr,
			 char *buf)
{
	return sysfs_emit(buf, "%zu\n",
			  READ_ONCE(to_channel(dev)->data.length));
}
static DEVICE_ATTR_RO(used);

static struct attribute *klab_channel_attrs[] = {
	&dev_attr_size.attr,
	&dev_attr_used.attr,
	NULL
};
ATTRIBUTE_GROUPS(klab_channel);

static void klab_channel_release(struct device *dev)
{
	struct klab_channel *channel = to_channel(dev);

	ida_free(&klab_channel_minors, MINOR(dev->devt));
	klab_channel_data_free(&channel->data);
	kfree(channel);
}

/**
 * klab_channel_create() - makes a channel with a node and attributes
 * @channels: those that it will be one of; not added
 * @line: its name and size
 *
 * Its number leads nowhere, and nothing is said to udev, until @channels are
 * live.
 *
 * Context: process, may sleep.
 * Return: the channel, or an ERR_PTR(): -ENOSPC where the numbers are used up,
 * -ENOMEM, or what device_add() says.
 */
struct klab_channel *klab_channel_create(const struct klab_channels *channels,
					 const struct klab_channels_line *line)
{
	struct klab_channel *channel = kzalloc_obj(*channel);
	int minor, err;

	if (!channel)
		return ERR_PTR(-ENOMEM);
	minor = ida_alloc_max(&klab_channel_minors, KLAB_CHANNELS_MINORS - 1,
			      GFP_KERNEL);
	if (minor < 0) {
		kfree(channel);
		return ERR_PTR(minor);
	}

	klab_channel_data_init(&channel->data, line->size);
	INIT_LIST_HEAD(&channel->entry);
	device_initialize(&channel->dev);
	channel->dev.class = channels->class;
	channel->dev.groups = klab_channel_groups;
	channel->dev.release = klab_channel_release;
	channel->dev.devt = MKDEV(channels->major, minor);
	dev_set_uevent_suppress(&channel->dev, !channels->live);

	err = dev_set_name(&channel->dev, "%s", line->name);
	if (!err)
		err = device_add(&channel->dev);
	if (err) {
		put_device(&channel->dev);
		return ERR_PTR(err);
	}
	return channel;
}
EXPORT_SYMBOL_IF_KUNIT(klab_channel_create);

/**
 * klab_channel_announce() - tells udev of a channel
 * @channel: one that was made before its number led anywhere
 *
 * Context: process, may sleep.
 */
void klab_channel_announce(struct klab_channel *channel)
{
	dev_set_uevent_suppress(&channel->dev, false);
	kobject_uevent(&channel->dev.kobj, KOBJ_ADD);
}

/**
 * klab_channel_destroy() - takes a channel's node away
 * @channel: files that have it open can go on; with the last one it is freed
 *
 * Context: process, waits for callers of the attributes.
 */
void klab_channel_destroy(struct klab_channel *channel)
{
	device_unregister(&channel->dev);
}
EXPORT_SYMBOL_IF_KUNIT(klab_channel_destroy);

/**
 * klab_channel_numbers_destroy() - frees what has kept the numbers
 *
 * Context: process; there are no channels any more.
 */
void klab_channel_numbers_destroy(void)
{
	ida_destroy(&klab_channel_minors);
}
