// SPDX-License-Identifier: GPL-2.0-only
/*
 * A queue in the device model: node, file operations.
 */
#include <linux/cleanup.h>
#include <linux/container_of.h>
#include <linux/device.h>
#include <linux/device/class.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/fs.h>
#include <linux/kdev_t.h>
#include <linux/kobject.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include <asm/ioctls.h>

#include <kunit/visibility.h>

#include "queue.h"

/* One cdev for all: the number says which queue it is. */
static int klab_queue_open(struct inode *inode, struct file *file)
{
	struct device *dev __free(put_device) =
		class_find_device_by_devt(&klab_queue_class, inode->i_rdev);
	struct klab_queue_dev *qdev;
	struct klab_queue_file *qfile;

	if (!dev)
		return -ENXIO;

	/* It stays without the reference as long as the module is held. */
	qdev = container_of(dev, struct klab_queue_dev, dev);
	qfile = klab_queue_file_open(qdev->queue, file->f_mode);
	if (IS_ERR(qfile))
		return PTR_ERR(qfile);

	file->private_data = qfile;
	/* Every wait and every lock is left out with IOCB_NOWAIT. */
	file->f_mode |= FMODE_NOWAIT;
	return stream_open(inode, file);
}

static int klab_queue_release(struct inode *inode, struct file *file)
{
	klab_queue_file_close(file->private_data, file->f_mode);
	return 0;
}

static long klab_queue_ioctl(struct file *file, unsigned int cmd,
			     unsigned long arg)
{
	struct klab_queue_file *qfile = file->private_data;
	int len;

	if (cmd != FIONREAD)
		return -ENOTTY;
	len = klab_queue_next_length(qfile->queue);
	if (len < 0)
		return len;
	return put_user(len, (int __user *)arg);
}

const struct file_operations klab_queue_fops = {
	.owner = THIS_MODULE,
	.open = klab_queue_open,
	.release = klab_queue_release,
	.read = klab_queue_read,
	.write = klab_queue_write,
	.read_iter = klab_queue_read_iter,
	.write_iter = klab_queue_write_iter,
	.splice_read = klab_queue_splice_read,
	.splice_write = klab_queue_splice_write,
	.poll = klab_queue_poll,
	.fasync = klab_queue_fasync,
	.unlocked_ioctl = klab_queue_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
};
EXPORT_SYMBOL_IF_KUNIT(klab_queue_fops);

static void klab_queue_dev_release(struct device *dev)
{
	struct klab_queue_dev *qdev =
		container_of(dev, struct klab_queue_dev, dev);

	if (!IS_ERR_OR_NULL(qdev->queue))
		klab_queue_destroy(qdev->queue);
	kfree(qdev);
}

/**
 * klab_queue_dev_create() - makes a queue with a node and attributes
 * @size: of the queue, see klab_queue_create()
 * @devt: number of the node; the minor is that of the name
 *
 * Says nothing to udev yet, see klab_queue_dev_announce(). The number leads
 * nowhere until there is a cdev.
 *
 * Context: process, may sleep.
 * Return: the device, or an ERR_PTR(): -EINVAL for a bad @size, -ENOMEM, or
 * what device_add() says.
 */
struct klab_queue_dev *klab_queue_dev_create(size_t size, dev_t devt)
{
	struct klab_queue_dev *qdev = kzalloc_obj(*qdev);
	int err;

	if (!qdev)
		return ERR_PTR(-ENOMEM);

	device_initialize(&qdev->dev);
	qdev->dev.class = &klab_queue_class;
	qdev->dev.groups = klab_queue_groups;
	qdev->dev.release = klab_queue_dev_release;
	qdev->dev.devt = devt;
	dev_set_uevent_suppress(&qdev->dev, true);

	qdev->queue = klab_queue_create(size);
	err = PTR_ERR_OR_ZERO(qdev->queue);
	if (!err)
		err = dev_set_name(&qdev->dev, "klab-queue%u", MINOR(devt));
	if (!err)
		err = device_add(&qdev->dev);
	if (err) {
		put_device(&qdev->dev);
		return ERR_PTR(err);
	}
	return qdev;
}
EXPORT_SYMBOL_IF_KUNIT(klab_queue_dev_create);

/**
 * klab_queue_dev_announce() - tells udev of a queue
 * @qdev: its node can be opened now
 *
 * Context: process, may sleep.
 */
void klab_queue_dev_announce(struct klab_queue_dev *qdev)
{
	dev_set_uevent_suppress(&qdev->dev, false);
	kobject_uevent(&qdev->dev.kobj, KOBJ_ADD);
}

/**
 * klab_queue_dev_destroy() - takes a queue away
 * @qdev: its node is not open, as an open one holds the module
 *
 * Context: process, waits for callers of the attributes.
 */
void klab_queue_dev_destroy(struct klab_queue_dev *qdev)
{
	device_unregister(&qdev->dev);
}
EXPORT_SYMBOL_IF_KUNIT(klab_queue_dev_destroy);
