// SPDX-License-Identifier: GPL-2.0-only
/*
 * A module with an entry and no exit: it cannot be unloaded.
 */
#include <linux/init.h>
#include <linux/module.h>

static int __init klab_test_permanent_init(void)
{
	return 0;
}
module_init(klab_test_permanent_init);

MODULE_DESCRIPTION("klab selftest: a module without an exit");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
