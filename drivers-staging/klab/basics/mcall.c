// SPDX-License-Identifier: GPL-2.0-only
/*
 * The user of klab_basics_mobj. As long as this module is loaded that one
 * stays: binding the symbols took a reference to it.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/printk.h>
#include <linux/sprintf.h>
#include <linux/types.h>

#include <kunit/visibility.h>

#include "../core/klab_core.h"
#include "basics.h"

#define SUM_SIZE	100

/**
 * klab_basics_mcall_sum() - what all the functions return, in one line
 * @line: gets it
 * @size: room in @line
 *
 * Context: any.
 */
VISIBLE_IF_KUNIT void klab_basics_mcall_sum(char *line, size_t size)
{
	snprintf(line, size, "%s + %s + %s", klab_basics_mobj_a(),
		 klab_basics_mobj_b(), klab_basics_mobj_c());
}
EXPORT_SYMBOL_IF_KUNIT(klab_basics_mcall_sum);

static int klab_basics_exports_run(struct klab_run *run)
{
	static const struct {
		const char *symbol;
		const char *(*call)(void);
	} exports[] = {
		{ "klab_basics_mobj_a", klab_basics_mobj_a },
		{ "klab_basics_mobj_b", klab_basics_mobj_b },
		{ "klab_basics_mobj_c", klab_basics_mobj_c },
	};
	char line[SUM_SIZE];

	klab_basics_mcall_sum(line, sizeof(line));
	klab_note(run, "namespace", "KLAB_BASICS");
	klab_note(run, "sum", "%s", line);
	klab_columns(run, "symbol\treturns");
	for (int i = 0; i < ARRAY_SIZE(exports); i++)
		klab_row(run, "%s\t%s", exports[i].symbol, exports[i].call());
	return 0;
}

static struct klab_experiment klab_basics_exports[] = {
	{
		.room = "basics",
		.name = "exports",
		.question = "What do the functions of another module return?",
		.run = klab_basics_exports_run,
	},
};

static int __init klab_basics_mcall_init(void)
{
	char line[SUM_SIZE];

	klab_basics_mcall_sum(line, sizeof(line));
	pr_info("%s\n", line);
	return klab_experiments_register(klab_basics_exports,
					 ARRAY_SIZE(klab_basics_exports));
}
module_init(klab_basics_mcall_init);

static void __exit klab_basics_mcall_exit(void)
{
	klab_experiments_unregister(klab_basics_exports,
				    ARRAY_SIZE(klab_basics_exports));
}
module_exit(klab_basics_mcall_exit);

MODULE_DESCRIPTION("klab: calls what klab_basics_mobj exports");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS(KLAB_BASICS);
