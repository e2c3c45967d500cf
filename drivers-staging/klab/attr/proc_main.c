// SPDX-License-Identifier: GPL-2.0-only
/*
 * /proc/klab-proc: the module.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/err.h>
#include <linux/errno.h>
#include <linux/init.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/printk.h>

#include "proc.h"

static unsigned int records = 1000000;
module_param(records, uint, 0444);
MODULE_PARM_DESC(records, "Records in the set, 0 to 16777216 (default 1000000)");

static struct klab_proc *klab_proc;

static int __init klab_proc_main_init(void)
{
	if (records > KLAB_RECORDS_MAX) {
		pr_err("records=%u: more than %u\n", records,
		       KLAB_RECORDS_MAX);
		return -EINVAL;
	}
	klab_proc = klab_proc_create(KLAB_PROC_DIR, records);
	/* modprobe takes EEXIST for a module that is loaded, and is content. */
	if (klab_proc == ERR_PTR(-EEXIST)) {
		pr_err("/proc/%s is there already\n", KLAB_PROC_DIR);
		return -EBUSY;
	}
	return PTR_ERR_OR_ZERO(klab_proc);
}
module_init(klab_proc_main_init);

static void __exit klab_proc_main_exit(void)
{
	klab_proc_destroy(klab_proc);
}
module_exit(klab_proc_main_exit);

MODULE_DESCRIPTION("klab: ways to read and write in /proc");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
