// SPDX-License-Identifier: GPL-2.0-only
/*
 * The second module of one Makefile: says on leaving how long it has stayed.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/init.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/printk.h>
#include <linux/timekeeping.h>

/* Set by init and read by exit, so neither __initdata nor __exitdata. */
static ktime_t loaded;

static int __init klab_basics_goodbye_init(void)
{
	loaded = ktime_get();
	pr_info("hello\n");
	return 0;
}
module_init(klab_basics_goodbye_init);

static void __exit klab_basics_goodbye_exit(void)
{
	pr_info("goodbye after %lld ms\n",
		ktime_ms_delta(ktime_get(), loaded));
}
module_exit(klab_basics_goodbye_exit);

MODULE_DESCRIPTION("klab: the second module of one Makefile");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
