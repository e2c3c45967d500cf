// SPDX-License-Identifier: GPL-2.0-only
/*
 * Ways to register a character device: module and parameters.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/device/class.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/init.h>
#include <linux/kdev_t.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/printk.h>

#include <kunit/visibility.h>

#include "node_mode.h"
#include "register.h"

static char *style = "cdev";
module_param(style, charp, 0444);
MODULE_PARM_DESC(style, "Way to register: cdev (default), misc or major");

static unsigned int channels = 3;
module_param(channels, uint, 0444);
MODULE_PARM_DESC(channels, "Number of nodes, 1 to 1024 for cdev, 64 for misc, 256 for major (default 3)");

static unsigned int major;
module_param(major, uint, 0444);
MODULE_PARM_DESC(major, "Major number for cdev and major; 0: any (default). Shows the one in use");

static int minor = -1;
module_param(minor, int, 0444);
MODULE_PARM_DESC(minor, "First minor number for cdev and misc; -1: any (default). Shows the one in use");

umode_t klab_register_mode = 0444;
module_param_named(node_mode, klab_register_mode, node_mode, 0444);
MODULE_PARM_DESC(node_mode, "Mode of the nodes (default 0444)");

bool klab_register_debug;
EXPORT_SYMBOL_IF_KUNIT(klab_register_debug);
module_param_named(debug, klab_register_debug, bool, 0444);
MODULE_PARM_DESC(debug, "Log each call (default off)");

static struct klab_register *klab_register;

static int __init klab_register_init(void)
{
	struct klab_register_config config = {
		.style = style,
		.prefix = "klab-register",
		.channels = channels,
		.major = major,
		.minor = minor,
	};
	int err;

	err = class_register(&klab_register_class);
	if (err)
		return err;

	klab_register = klab_register_create(&config);
	if (IS_ERR(klab_register)) {
		class_unregister(&klab_register_class);
		return PTR_ERR(klab_register);
	}
	major = MAJOR(klab_register->first);
	minor = MINOR(klab_register->first);
	return 0;
}
module_init(klab_register_init);

static void __exit klab_register_exit(void)
{
	klab_register_destroy(klab_register);
	class_unregister(&klab_register_class);
}
module_exit(klab_register_exit);

MODULE_DESCRIPTION("klab: ways to register a character device");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
