// SPDX-License-Identifier: GPL-2.0-only
/*
 * Two channels: nodes in /dev, and the attribute in /sys of the first node.
 *
 * Minor 0 speaks text and copies blocks to and from user space; minor 1 speaks
 * 8 bytes of the machine's order and moves them as one scalar, whose type
 * tells put_user() and get_user() the size.
 */
#include <linux/cdev.h>
#include <linux/cleanup.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/kdev_t.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/sysfs.h>
#include <linux/uaccess.h>

#include <kunit/visibility.h>

#include "channels.h"

/* /sys: one value in a file, as text. */

static ssize_t value_show(struct device *dev, struct device_attribute *attr,
			  char *buf)
{
	struct klab_channels *channels =
		container_of(dev, struct klab_channels, dev);

	return sysfs_emit(buf, "%llu\n", klab_channels_get(channels));
}

static ssize_t value_store(struct device *dev, struct device_attribute *attr,
			   const char *buf, size_t count)
{
	struct klab_channels *channels =
		container_of(dev, struct klab_channels, dev);

	return klab_channels_store(channels, buf, count);
}
static DEVICE_ATTR_RW(value);

static struct attribute *klab_channels_attrs[] = {
	&dev_attr_value.attr,
	NULL
};
ATTRIBUTE_GROUPS(klab_channels);

const struct class klab_channels_class = {
	.name = "klab-channels",
};

/* /dev, minor 0: text. */

/**
 * klab_channels_text_read() - read() of the text node
 * @file: its private data is a struct klab_channels_reader
 * @buf: gets the value and a newline
 * @count: room in @buf
 * @pos: 0 takes the value anew, as does the first read of an open file; more
 *	continues with the text begun
 *
 * Context: process, may sleep.
 * Return: number of bytes, 0 at the end, -EFAULT, or -ERESTARTSYS.
 */
ssize_t klab_channels_text_read(struct file *file, char __user *buf,
				size_t count, loff_t *pos)
{
	struct klab_channels_reader *reader = file->private_data;

	/* Killable: who holds the lock may wait for a page of its buffer. */
	scoped_cond_guard(mutex_intr, return -ERESTARTSYS, &reader->lock) {
		if (!*pos || !reader->len)
			reader->len = scnprintf(reader->text,
						sizeof(reader->text), "%llu\n",
						klab_channels_get(reader->channels));
		return simple_read_from_buffer(buf, count, pos, reader->text,
					       reader->len);
	}
}
EXPORT_SYMBOL_IF_KUNIT(klab_channels_text_read);

static ssize_t klab_channels_text_write(struct file *file,
					const char __user *buf, size_t count,
					loff_t *pos)
{
	struct klab_channels_reader *reader = file->private_data;

	return klab_channels_store_user(reader->channels, buf, count);
}

static int klab_channels_text_release(struct inode *inode, struct file *file)
{
	kfree(file->private_data);
	return 0;
}

/* /dev, minor 1: 8 bytes. */

/**
 * klab_channels_raw_read() - read() of the node of 8 bytes
 * @file: its private data is a struct klab_channels
 * @buf: gets the value
 * @count: at least 8
 * @pos: 0, or nothing is left
 *
 * Context: process, may sleep.
 * Return: 8, 0 at the end, -EINVAL for a small @buf, -EFAULT.
 */
ssize_t klab_channels_raw_read(struct file *file, char __user *buf,
			       size_t count, loff_t *pos)
{
	u64 value;

	if (*pos)
		return 0;
	if (count < sizeof(value))
		return -EINVAL;

	value = klab_channels_get(file->private_data);
	if (put_user(value, (u64 __user *)buf))
		return -EFAULT;
	*pos = sizeof(value);
	return sizeof(value);
}
EXPORT_SYMBOL_IF_KUNIT(klab_channels_raw_read);

/**
 * klab_channels_raw_write() - write() of the node of 8 bytes
 * @file: its private data is a struct klab_channels
 * @buf: the new value
 * @count: 8
 * @pos: left alone, so that a writer may go on
 *
 * Context: process, may sleep.
 * Return: 8, -EINVAL for another @count, -EFAULT.
 */
ssize_t klab_channels_raw_write(struct file *file, const char __user *buf,
				size_t count, loff_t *pos)
{
	u64 value;

	if (count != sizeof(value))
		return -EINVAL;
	if (get_user(value, (const u64 __user *)buf))
		return -EFAULT;
	klab_channels_set(file->private_data, value);
	return sizeof(value);
}
EXPORT_SYMBOL_IF_KUNIT(klab_channels_raw_write);

static const struct file_operations klab_channels_raw_fops = {
	.owner = THIS_MODULE,
	.read = klab_channels_raw_read,
	.write = klab_channels_raw_write,
	.llseek = default_llseek,
};

static int klab_channels_open(struct inode *inode, struct file *file)
{
	struct klab_channels *channels =
		container_of(inode->i_cdev, struct klab_channels, cdev);
	struct klab_channels_reader *reader;

	if (inode->i_rdev != channels->dev.devt) {
		const struct file_operations *fops;

		fops = fops_get(&klab_channels_raw_fops);
		if (!fops)
			return -ENODEV;
		file->private_data = channels;
		replace_fops(file, fops);
		return 0;
	}

	reader = kzalloc_obj(*reader);
	if (!reader)
		return -ENOMEM;
	reader->channels = channels;
	mutex_init(&reader->lock);
	file->private_data = reader;
	return 0;
}

/* The owner holds the module while a node is open; open() need not. */
static const struct file_operations klab_channels_fops = {
	.owner = THIS_MODULE,
	.open = klab_channels_open,
	.read = klab_channels_text_read,
	.write = klab_channels_text_write,
	.llseek = default_llseek,
	.release = klab_channels_text_release,
};

/**
 * klab_channels_numbers_get() - reserves the device numbers
 * @channels: get the numbers
 * @major: 0 to let the system choose, else the one to have
 *
 * Context: process, may sleep.
 * Return: 0; -EINVAL where @major is no major number of a character device;
 * -EBUSY where it is in use; -ENOMEM.
 */
int klab_channels_numbers_get(struct klab_channels *channels, int major)
{
	const char *name = dev_name(&channels->dev);
	dev_t devt;
	int err;

	/* A negative one would lose its sign in MKDEV() and name another. */
	if (major < 0 || major >= CHRDEV_MAJOR_MAX) {
		pr_err("%s: major %d is not between 0 and %d\n", name, major,
		       CHRDEV_MAJOR_MAX - 1);
		return -EINVAL;
	}

	if (major) {
		devt = MKDEV(major, 0);
		err = register_chrdev_region(devt, KLAB_CHANNELS_MINORS, name);
	} else {
		err = alloc_chrdev_region(&devt, 0, KLAB_CHANNELS_MINORS, name);
	}
	if (err)
		return err;

	channels->dev.devt = devt;
	return 0;
}

/**
 * klab_channels_numbers_put() - gives the device numbers back
 * @channels: whose
 *
 * Context: process, may sleep.
 */
void klab_channels_numbers_put(struct klab_channels *channels)
{
	unregister_chrdev_region(channels->dev.devt, KLAB_CHANNELS_MINORS);
}

/**
 * klab_channels_dev_add() - makes nodes and attribute
 * @channels: have device numbers
 *
 * The operations come first: who learns of a node can open it.
 *
 * Context: process, may sleep.
 * Return: 0 or a negative error.
 */
int klab_channels_dev_add(struct klab_channels *channels)
{
	struct device *dev = &channels->dev;
	int err;

	dev->groups = klab_channels_groups;
	cdev_init(&channels->cdev, &klab_channels_fops);
	channels->cdev.owner = THIS_MODULE;
	/* Open nodes keep the device, and with it the structure. */
	cdev_set_parent(&channels->cdev, &dev->kobj);

	err = cdev_add(&channels->cdev, dev->devt, KLAB_CHANNELS_MINORS);
	if (err)
		return err;

	err = device_add(dev);
	if (err)
		goto err_cdev_del;

	channels->raw = device_create(&klab_channels_class, NULL,
				      MKDEV(MAJOR(dev->devt),
					    MINOR(dev->devt) + 1),
				      NULL, "%s-raw", dev_name(dev));
	if (IS_ERR(channels->raw)) {
		err = PTR_ERR(channels->raw);
		goto err_device_del;
	}
	return 0;

err_device_del:
	device_del(dev);
err_cdev_del:
	cdev_del(&channels->cdev);
	return err;
}

/**
 * klab_channels_dev_remove() - takes nodes and attribute away
 * @channels: whose
 *
 * Context: process, waits for callers of the attribute.
 */
void klab_channels_dev_remove(struct klab_channels *channels)
{
	device_unregister(channels->raw);
	device_del(&channels->dev);
	cdev_del(&channels->cdev);
}
