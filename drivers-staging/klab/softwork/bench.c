// SPDX-License-Identifier: GPL-2.0-only
/*
 * Experiment softwork/bench: what it costs to queue and run an item, beside
 * its peers.
 */

#include <kunit/visibility.h>
#include <linux/cpumask.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/kconfig.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/string.h>

/* Needs what those above have. */
#include <asm/irq_work.h>

#include "../core/klab_core.h"
#include "softwork_bench.h"

/* Operations between two looks at the clock. */
#define BENCH_SINGLY	1000
#define BENCH_MANY	(16 * KLAB_SOFTWORK_ITEMS)
#define BENCH_WAKING	100
#define BENCH_INTERRUPT	200
#define BENCH_CPUS	32768

/*
 * Bars are for kernels as people run them: without jump labels, tests of
 * tracepoints that are off are a good part of what is counted.
 */
#define BENCH_BAR(_bar)	(IS_ENABLED(CONFIG_JUMP_LABEL) ? (_bar) : 0)

static const struct klab_bench bench_task_rows[] = {
	{
		.subject	= "softwork, BH off",
		.peer		= "tasklet",
		.subject_op	= klab_softwork_task_item,
		.peer_op	= klab_softwork_task_tasklet,
		.batch		= BENCH_SINGLY,
		.bar		= BENCH_BAR(720),
	}, {
		.subject	= "softwork, BH off",
		.peer		= "BH work",
		.subject_op	= klab_softwork_task_item,
		.peer_op	= klab_softwork_task_bh,
		.batch		= BENCH_SINGLY,
		.bar		= BENCH_BAR(250),
	}, {
		.subject	= "softwork, BH off",
		.peer		= "vector without item",
		.subject_op	= klab_softwork_task_item,
		.peer_op	= klab_softwork_task_vector,
		.batch		= BENCH_SINGLY,
	}, {
		.subject	= "softwork per CPU, BH off",
		.peer		= "tasklet",
		.subject_op	= klab_softwork_task_percpu,
		.peer_op	= klab_softwork_task_tasklet,
		.batch		= BENCH_SINGLY,
	}, {
		.subject	= "64 softworks, BH off",
		.peer		= "64 tasklets",
		.subject_op	= klab_softwork_many_items,
		.peer_op	= klab_softwork_many_tasklets,
		.batch		= BENCH_MANY,
		.bar		= BENCH_BAR(520),
	}, {
		.subject	= "64 softworks, BH off",
		.peer		= "64 BH works",
		.subject_op	= klab_softwork_many_items,
		.peer_op	= klab_softwork_many_bh,
		.batch		= BENCH_MANY,
	}, {
		.subject	= "softwork, BH on",
		.peer		= "tasklet",
		.subject_op	= klab_softwork_waking_item,
		.peer_op	= klab_softwork_waking_tasklet,
		.batch		= BENCH_WAKING,
	}, {
		.subject	= "softwork, BH on",
		.peer		= "BH work",
		.subject_op	= klab_softwork_waking_item,
		.peer_op	= klab_softwork_waking_bh,
		.batch		= BENCH_WAKING,
	},
};

static const struct klab_bench bench_irq_work_rows[] = {
	{
		.subject	= "softwork, BH off",
		.peer		= "irq_work",
		.subject_op	= klab_softwork_task_item,
		.peer_op	= klab_softwork_task_irq_work,
		.batch		= BENCH_SINGLY,
	}, {
		.subject	= "64 softworks, BH off",
		.peer		= "64 irq_works",
		.subject_op	= klab_softwork_many_items,
		.peer_op	= klab_softwork_many_irq_works,
		.batch		= BENCH_MANY,
		.bar		= BENCH_BAR(700),
	},
};

/* What an item adds to an interrupt, and the interrupt with it. */
static const struct klab_bench bench_interrupt_rows[] = {
	{
		.subject	= "softwork by interrupt",
		.peer		= "tasklet",
		.subject_op	= klab_softwork_interrupt_item,
		.peer_op	= klab_softwork_interrupt_tasklet,
		.base_op	= klab_softwork_interrupt_alone,
		.batch		= BENCH_INTERRUPT,
		.bar		= BENCH_BAR(900),
	}, {
		.subject	= "softwork by interrupt",
		.peer		= "BH work",
		.subject_op	= klab_softwork_interrupt_item,
		.peer_op	= klab_softwork_interrupt_bh,
		.base_op	= klab_softwork_interrupt_alone,
		.batch		= BENCH_INTERRUPT,
		.bar		= BENCH_BAR(450),
	}, {
		.subject	= "interrupt and softwork",
		.peer		= "interrupt and tasklet",
		.subject_op	= klab_softwork_interrupt_item,
		.peer_op	= klab_softwork_interrupt_tasklet,
		.batch		= BENCH_INTERRUPT,
	}, {
		.subject	= "interrupt and softwork",
		.peer		= "interrupt and BH work",
		.subject_op	= klab_softwork_interrupt_item,
		.peer_op	= klab_softwork_interrupt_bh,
		.batch		= BENCH_INTERRUPT,
	},
};

/* Counts of instructions are those of all CPUs together. */
static const struct klab_bench bench_cpus_rows[] = {
	{
		.subject	= "softwork on all CPUs",
		.peer		= "on one CPU",
		.subject_op	= klab_softwork_all_cpus,
		.peer_op	= klab_softwork_one_cpu,
		.batch		= BENCH_CPUS,
		.bar		= BENCH_BAR(1020),
	},
};

static_assert(ARRAY_SIZE(bench_task_rows) + ARRAY_SIZE(bench_irq_work_rows) +
	      ARRAY_SIZE(bench_interrupt_rows) + ARRAY_SIZE(bench_cpus_rows) <=
	      KLAB_SOFTWORK_ROWS);

static unsigned int bench_add(struct klab_softwork_bench *bench,
			      struct klab_bench *to,
			      const struct klab_bench *rows, unsigned int nr)
{
	unsigned int i;

	memcpy(to, rows, nr * sizeof(*rows));
	for (i = 0; i < nr; i++)
		to[i].data = bench;
	return nr;
}

/**
 * klab_softwork_bench_rows() - the pairs that this machine can compare
 * @bench: the items that are used
 * @rows: filled; has room for KLAB_SOFTWORK_ROWS
 *
 * Context: any.
 * Return: how many there are.
 */
unsigned int klab_softwork_bench_rows(struct klab_softwork_bench *bench,
				      struct klab_bench *rows)
{
	unsigned int nr;

	nr = bench_add(bench, rows, bench_task_rows,
		       ARRAY_SIZE(bench_task_rows));
	if (arch_irq_work_has_interrupt())
		nr += bench_add(bench, rows + nr, bench_irq_work_rows,
				ARRAY_SIZE(bench_irq_work_rows));
	if (klab_softwork_have_interrupt())
		nr += bench_add(bench, rows + nr, bench_interrupt_rows,
				ARRAY_SIZE(bench_interrupt_rows));
	if (num_online_cpus() > 1)
		nr += bench_add(bench, rows + nr, bench_cpus_rows,
				ARRAY_SIZE(bench_cpus_rows));
	return nr;
}
EXPORT_SYMBOL_IF_KUNIT(klab_softwork_bench_rows);

static void bench_destroy(void *bench)
{
	klab_softwork_bench_destroy(bench);
}

static int bench_run(struct klab_run *run)
{
	struct klab_softwork_bench *bench;
	struct klab_bench *rows;
	int err;

	bench = klab_run_alloc(run, sizeof(*bench));
	rows = klab_run_alloc(run, KLAB_SOFTWORK_ROWS * sizeof(*rows));
	if (!bench || !rows)
		return -ENOMEM;

	err = klab_softwork_bench_create(bench);
	/* Also undoes what there is after an error. */
	err = klab_run_defer(run, bench_destroy, bench) ?: err;
	if (err)
		return err;

	klab_note(run, "cpus", "%u", num_online_cpus());
	klab_note(run, "item_size", "%zu", sizeof(struct softwork));
	if (!arch_irq_work_has_interrupt())
		klab_note(run, "left_out", "irq_work, which waits for the tick");
	if (!klab_softwork_have_interrupt())
		klab_note(run, "left_out", "interrupts, as none runs softirqs");
	return klab_bench_rows(run, rows, klab_softwork_bench_rows(bench, rows));
}

static struct klab_experiment bench_experiments[] = {
	{
		.room = "softwork",
		.name = "bench",
		.question = "What does an item of softwork cost beside its peers?",
		.time_limit_ms = 60000,
		.run = bench_run,
	},
};

module_klab_experiments(bench_experiments);

MODULE_DESCRIPTION("klab: softwork beside its peers");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
