// SPDX-License-Identifier: GPL-2.0-only
/*
 * A module that does its work in init: logs the time in jiffies and returns
 * what it is told. An error, as from a one-shot module, leaves nothing behind.
 */
#include <linux/errno.h>
#include <linux/init.h>
#include <linux/jiffies.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/printk.h>

static int result = -ECANCELED;
module_param(result, int, 0444);
MODULE_PARM_DESC(result, "what init returns");

static int __init klab_test_oneshot_init(void)
{
	pr_info("jiffies %lu\n", jiffies);
	return result;
}
module_init(klab_test_oneshot_init);

static void __exit klab_test_oneshot_exit(void)
{
}
module_exit(klab_test_oneshot_exit);

MODULE_DESCRIPTION("klab selftest: init returns what it is told");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
