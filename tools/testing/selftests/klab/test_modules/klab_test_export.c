// SPDX-License-Identifier: GPL-2.0-only
/*
 * Three exports: for every module, for modules under a compatible licence, and
 * for modules that import the namespace.
 */
#include <linux/export.h>
#include <linux/module.h>

#include "klab_test_export.h"

int klab_test_export_plain(void)
{
	return 1;
}
EXPORT_SYMBOL(klab_test_export_plain);

int klab_test_export_gpl(void)
{
	return 2;
}
EXPORT_SYMBOL_GPL(klab_test_export_gpl);

int klab_test_export_namespaced(void)
{
	return 3;
}
EXPORT_SYMBOL_NS_GPL(klab_test_export_namespaced, KLAB_TEST_EXPORT);

MODULE_DESCRIPTION("klab selftest: a module with exports of each kind");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
