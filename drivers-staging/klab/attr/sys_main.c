// SPDX-License-Identifier: GPL-2.0-only
/*
 * Attributes in /sys: module and parameters.
 */
#include <linux/device/class.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/printk.h>

#include "sys.h"

#define NAME	"klab-attr"

static unsigned int levels = 3;
module_param(levels, uint, 0444);
MODULE_PARM_DESC(levels, "Devices below each other, 1 to 8 (default 3)");

static unsigned int objects = 3;
module_param(objects, uint, 0444);
MODULE_PARM_DESC(objects, "Objects in /sys/kernel/klab-attr at first, 0 to 1024 (default 3)");

static struct klab_attr_devices *klab_attr_devices;
static struct klab_attr_set *klab_attr_set;
static dev_t klab_attr_devt;

static int __init klab_attr_add_devices(void)
{
	int err;

	err = alloc_chrdev_region(&klab_attr_devt, 0, KLAB_ATTR_LEVELS_MAX,
				  NAME);
	if (err)
		return err;
	klab_attr_devices = klab_attr_devices_create(NAME, levels,
						     klab_attr_devt);
	if (IS_ERR(klab_attr_devices)) {
		unregister_chrdev_region(klab_attr_devt, KLAB_ATTR_LEVELS_MAX);
		return PTR_ERR(klab_attr_devices);
	}
	return 0;
}

static void klab_attr_remove_devices(void)
{
	klab_attr_devices_destroy(klab_attr_devices);
	unregister_chrdev_region(klab_attr_devt, KLAB_ATTR_LEVELS_MAX);
}

static int __init klab_attr_sys_init(void)
{
	int err;

	if (!levels || levels > KLAB_ATTR_LEVELS_MAX ||
	    objects > KLAB_ATTR_OBJECTS_MAX) {
		pr_err("%u levels and %u objects: not possible\n", levels,
		       objects);
		return -EINVAL;
	}
	err = class_register(&klab_attr_class);
	if (err)
		return err;
	err = klab_attr_add_devices();
	if (err)
		goto err_class_unregister;
	klab_attr_set = klab_attr_set_create(NAME, objects);
	err = PTR_ERR_OR_ZERO(klab_attr_set);
	if (err)
		goto err_remove_devices;
	return 0;

err_remove_devices:
	klab_attr_remove_devices();
err_class_unregister:
	class_unregister(&klab_attr_class);
	return err;
}
module_init(klab_attr_sys_init);

static void __exit klab_attr_sys_exit(void)
{
	klab_attr_set_destroy(klab_attr_set);
	klab_attr_remove_devices();
	class_unregister(&klab_attr_class);
}
module_exit(klab_attr_sys_exit);

MODULE_DESCRIPTION("klab: attributes of a class, of devices and of kobjects");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
