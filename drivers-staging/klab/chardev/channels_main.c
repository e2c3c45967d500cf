// SPDX-License-Identifier: GPL-2.0-only
/*
 * Channels from a file: module, parameters, and the request to read again.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/capability.h>
#include <linux/cdev.h>
#include <linux/cleanup.h>
#include <linux/device.h>
#include <linux/device/class.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/kdev_t.h>
#include <linux/kobject.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>
#include <linux/printk.h>
#include <linux/string.h>

#include <kunit/visibility.h>

#include "../core/klab_text.h"
#include "channels.h"
#include "node_mode.h"

static char *path = "";
module_param(path, charp, 0444);
MODULE_PARM_DESC(path, "Configuration file, an absolute path (default: none)");

static umode_t node_mode = 0600;
module_param(node_mode, node_mode, 0444);
MODULE_PARM_DESC(node_mode, "Mode of the nodes (default 0600)");

static char *klab_channels_devnode(const struct device *dev, umode_t *mode)
{
	if (mode)
		*mode = node_mode;
	return NULL;
}

const struct class klab_channels_class = {
	.name = "klab-chan",
	.devnode = klab_channels_devnode,
};
EXPORT_SYMBOL_IF_KUNIT(klab_channels_class);

static struct cdev *klab_channels_cdev;

static struct klab_channels the_channels = {
	.list = LIST_HEAD_INIT(the_channels.list),
	.class = &klab_channels_class,
};

/* Protects the_channels: one configuration is put in force after the other. */
static DEFINE_MUTEX(klab_channels_lock);

/* Whoever was handed the open file must not get a file read by it. */
static ssize_t reload_store(const struct class *class,
			    const struct class_attribute *attr,
			    const char *buf, size_t count)
{
	int err;

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	if (!klab_text_is_whole(buf, count) || !sysfs_streq(buf, "1"))
		return -EINVAL;
	if (!*path)
		return -ENOENT;

	/* The file may be on a file system that takes its time. */
	if (mutex_lock_interruptible(&klab_channels_lock))
		return -ERESTARTSYS;
	err = klab_channels_load(&the_channels, path);
	mutex_unlock(&klab_channels_lock);
	return err ?: count;
}
static CLASS_ATTR_WO(reload);

/*
 * The last step that can fail: whoever has a channel open when init fails would
 * be left with code that has been freed.
 */
static int __init klab_channels_add_cdev(void)
{
	struct klab_channel *channel;
	int err;

	/* Not in memory of the module, as an inode may still have it. */
	klab_channels_cdev = cdev_alloc();
	if (!klab_channels_cdev)
		return -ENOMEM;
	klab_channels_cdev->ops = &klab_channel_fops;
	klab_channels_cdev->owner = THIS_MODULE;
	err = cdev_add(klab_channels_cdev, MKDEV(the_channels.major, 0),
		       KLAB_CHANNELS_MINORS);
	if (err) {
		kobject_put(&klab_channels_cdev->kobj);
		return err;
	}
	the_channels.live = true;
	list_for_each_entry(channel, &the_channels.list, entry)
		klab_channel_announce(channel);
	return 0;
}

static int __init klab_channels_start(void)
{
	int err = 0;

	guard(mutex)(&klab_channels_lock);

	if (*path)
		err = klab_channels_load(&the_channels, path);
	return err ?: klab_channels_add_cdev();
}

static int __init klab_channels_init(void)
{
	dev_t devt;
	int err;

	if (*path && *path != '/') {
		pr_err("%s: not an absolute path\n", path);
		return -EINVAL;
	}

	err = class_register(&klab_channels_class);
	if (err)
		return err;
	err = alloc_chrdev_region(&devt, 0, KLAB_CHANNELS_MINORS, "klab-chan");
	if (err)
		goto err_class_unregister;
	the_channels.major = MAJOR(devt);
	/*
	 * Not one of the class's groups, which go with the class and so after
	 * the channels: a reload would add some to those that are removed.
	 */
	err = class_create_file(&klab_channels_class, &class_attr_reload);
	if (err)
		goto err_region_unregister;
	err = klab_channels_start();
	if (err)
		goto err_channels_remove;
	return 0;

err_channels_remove:
	class_remove_file(&klab_channels_class, &class_attr_reload);
	klab_channels_remove_all(&the_channels);
err_region_unregister:
	unregister_chrdev_region(devt, KLAB_CHANNELS_MINORS);
err_class_unregister:
	class_unregister(&klab_channels_class);
	klab_channel_numbers_destroy();
	return err;
}
module_init(klab_channels_init);

static void __exit klab_channels_exit(void)
{
	/* When this returns, no reload is under way. */
	class_remove_file(&klab_channels_class, &class_attr_reload);
	klab_channels_remove_all(&the_channels);
	cdev_del(klab_channels_cdev);
	unregister_chrdev_region(MKDEV(the_channels.major, 0),
				 KLAB_CHANNELS_MINORS);
	class_unregister(&klab_channels_class);
	klab_channel_numbers_destroy();
}
module_exit(klab_channels_exit);

MODULE_DESCRIPTION("klab: channels from a configuration file");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
