// SPDX-License-Identifier: GPL-2.0-only
/*
 * The items that are held against each other. The function of each does the
 * same, as little as can be counted.
 */

#include <kunit/visibility.h>
#include <linux/completion.h>
#include <linux/container_of.h>
#include <linux/cpumask.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/interrupt.h>
#include <linux/irq_work.h>
#include <linux/percpu.h>
#include <linux/softwork.h>
#include <linux/workqueue.h>

#include "softwork_bench.h"

DEFINE_PER_CPU(unsigned long, klab_softwork_runs);

/**
 * klab_softwork_runs_sum() - how often items have run
 *
 * Context: any.
 * Return: runs of items of every kind since the module was loaded.
 */
unsigned long klab_softwork_runs_sum(void)
{
	unsigned long sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(per_cpu(klab_softwork_runs, cpu));
	return sum;
}
EXPORT_SYMBOL_IF_KUNIT(klab_softwork_runs_sum);

static void item_func(struct softwork *work)
{
	klab_softwork_ran();
}

static void tasklet_func(struct tasklet_struct *tasklet)
{
	klab_softwork_ran();
}

static void bh_func(struct work_struct *work)
{
	klab_softwork_ran();
}

static void irq_work_func(struct irq_work *work)
{
	klab_softwork_ran();
}

static void wake_item(struct softwork *work)
{
	klab_softwork_ran();
	complete(&container_of(work, struct klab_softwork_bench,
			       waking_work)->ran);
}

static void wake_tasklet(struct tasklet_struct *tasklet)
{
	klab_softwork_ran();
	complete(&container_of(tasklet, struct klab_softwork_bench,
			       waking_tasklet)->ran);
}

static void wake_bh(struct work_struct *work)
{
	klab_softwork_ran();
	complete(&container_of(work, struct klab_softwork_bench,
			       waking_bh)->ran);
}

static void items_init(struct klab_softwork_bench *bench)
{
	unsigned int i;

	for (i = 0; i < KLAB_SOFTWORK_ITEMS; i++) {
		softwork_init(&bench->work[i], item_func);
		tasklet_setup(&bench->tasklet[i], tasklet_func);
		INIT_WORK(&bench->bh[i], bh_func);
		bench->irq_work[i] = IRQ_WORK_INIT_HARD(irq_work_func);
	}
	init_completion(&bench->ran);
	softwork_init(&bench->waking_work, wake_item);
	tasklet_setup(&bench->waking_tasklet, wake_tasklet);
	INIT_WORK(&bench->waking_bh, wake_bh);
}

static void items_wait(struct klab_softwork_bench *bench)
{
	unsigned int i;

	for (i = 0; i < KLAB_SOFTWORK_ITEMS; i++) {
		softwork_cancel_sync(&bench->work[i]);
		tasklet_kill(&bench->tasklet[i]);
		cancel_work_sync(&bench->bh[i]);
		irq_work_sync(&bench->irq_work[i]);
	}
	softwork_cancel_sync(&bench->waking_work);
	tasklet_kill(&bench->waking_tasklet);
	cancel_work_sync(&bench->waking_bh);
}

/**
 * klab_softwork_bench_create() - get items of each kind ready
 * @bench: all zero
 *
 * Context: process context, may sleep.
 * Return: 0 or -ENOMEM; then, too, klab_softwork_bench_destroy() cleans up.
 */
int klab_softwork_bench_create(struct klab_softwork_bench *bench)
{
	items_init(bench);
	klab_softwork_interrupt_create(bench);

	bench->percpu = alloc_percpu(struct softwork);
	if (!bench->percpu)
		return -ENOMEM;
	softwork_init_percpu(bench->percpu, item_func);

	return klab_softwork_cpus_create(bench);
}
EXPORT_SYMBOL_IF_KUNIT(klab_softwork_bench_create);

/**
 * klab_softwork_bench_destroy() - wait for all items and free what they need
 * @bench: what klab_softwork_bench_create() was called for
 *
 * Context: process context, may sleep.
 */
void klab_softwork_bench_destroy(struct klab_softwork_bench *bench)
{
	klab_softwork_cpus_destroy(bench);
	klab_softwork_interrupt_destroy(bench);
	items_wait(bench);
	if (bench->percpu)
		softwork_cancel_sync_percpu(bench->percpu);
	free_percpu(bench->percpu);
}
EXPORT_SYMBOL_IF_KUNIT(klab_softwork_bench_destroy);
