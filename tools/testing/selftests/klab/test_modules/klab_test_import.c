// SPDX-License-Identifier: GPL-2.0-only
/*
 * A user of each kind of export. The tests change bytes of copies of this
 * module: the name of a symbol, the licence, the imported namespace, the kernel
 * that it was built for. modpost would not build such modules.
 */
#include <linux/init.h>
#include <linux/module.h>
#include <linux/printk.h>

#include "klab_test_export.h"

static int __init klab_test_import_init(void)
{
	pr_info("exports returned %d %d %d\n", klab_test_export_plain(),
		klab_test_export_gpl(), klab_test_export_namespaced());
	return 0;
}
module_init(klab_test_import_init);

static void __exit klab_test_import_exit(void)
{
}
module_exit(klab_test_import_exit);

MODULE_DESCRIPTION("klab selftest: a user of exports of each kind");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS(KLAB_TEST_EXPORT);
