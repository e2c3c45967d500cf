// SPDX-License-Identifier: GPL-2.0-only
/* What the tick counter says: logged once per run, and explained. */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/bitops.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/module.h>
#include <linux/printk.h>

#include "../core/klab_core.h"

static int jiffies_run(struct klab_run *run)
{
	u64 long_count = get_jiffies_64();
	unsigned long count = long_count;

	pr_info("jiffies=%lu\n", count);

	klab_columns(run, "quantity\tvalue\tunit\tmeaning");
	klab_row(run, "jiffies\t%lu\ttick\t%s", count,
		 "compare with time_after(), never with <");
	klab_row(run, "jiffies_64\t%llu\ttick\t%s", long_count,
		 "read with get_jiffies_64(): two words on 32-bit machines");
	klab_row(run, "initial\t%lu\ttick\t%s", (unsigned long)INITIAL_JIFFIES,
		 "what the counter starts from: five minutes before 2^32");
	klab_row(run, "hz\t%u\tHz\t%s", HZ, "ticks per second");
	klab_row(run, "tick\t%lu\tns\t%s", (unsigned long)TICK_NSEC,
		 "the finest that a timeout in jiffies can express");
	klab_row(run, "since_boot\t%llu\tms\t%s",
		 jiffies64_to_msecs(long_count - INITIAL_JIFFIES),
		 "jiffies_64 less its initial value");
	klab_row(run, "width\t%u\tbit\t%s", BITS_PER_LONG,
		 "of jiffies, an unsigned long");
	klab_row(run, "until_wrap\t%lu\ts\t%s", (ULONG_MAX - count) / HZ,
		 "then jiffies goes on from 0");
	return klab_run_check(run);
}

static struct klab_experiment jiffies_experiments[] = {
	{
		.room = "basics",
		.name = "jiffies",
		.question = "What is the value of jiffies, and when does it wrap?",
		.run = jiffies_run,
	},
};
module_klab_experiments(jiffies_experiments);

MODULE_DESCRIPTION("klab: the tick counter");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
