// SPDX-License-Identifier: GPL-2.0-only
/*
 * Entry and exit by their predefined names instead of by macros. Only a
 * module can be built so, which is why code in the tree uses the macros.
 */
#include <linux/module.h>
#include <linux/printk.h>

int init_module(void)
{
	pr_info("entered by its predefined name\n");
	return 0;
}

void cleanup_module(void)
{
	pr_info("left by its predefined name\n");
}

MODULE_DESCRIPTION("klab selftest: entry and exit by predefined names");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
