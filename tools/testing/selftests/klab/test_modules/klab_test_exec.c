// SPDX-License-Identifier: GPL-2.0-only
/*
 * A module that asks for executable memory in the only way that is open to
 * modules, and keeps what it gets until it is unloaded. The kernel takes the
 * right to execute away; klab integrity looks whether it does.
 */
#include <linux/errno.h>
#include <linux/gfp.h>
#include <linux/init.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/pgtable.h>
#include <linux/printk.h>
#include <linux/vmalloc.h>

static struct page *page;
static void *mapping;

static int __init klab_test_exec_init(void)
{
	page = alloc_page(GFP_KERNEL | __GFP_ZERO);
	if (!page)
		return -ENOMEM;
	mapping = vmap(&page, 1, VM_MAP, PAGE_KERNEL_EXEC);
	if (!mapping) {
		__free_page(page);
		return -ENOMEM;
	}
	pr_info("klab_test_exec: mapped\n");
	return 0;
}
module_init(klab_test_exec_init);

static void __exit klab_test_exec_exit(void)
{
	vunmap(mapping);
	__free_page(page);
}
module_exit(klab_test_exec_exit);

MODULE_DESCRIPTION("klab selftest: asks for executable memory");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
