// SPDX-License-Identifier: GPL-2.0-only
/*
 * Per-CPU items: the same number of them on one CPU, and shared out to all.
 */

#include <kunit/visibility.h>
#include <linux/bottom_half.h>
#include <linux/container_of.h>
#include <linux/cpumask.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/math.h>
#include <linux/minmax.h>
#include <linux/percpu.h>
#include <linux/smp.h>
#include <linux/softwork.h>
#include <linux/workqueue.h>

#include "softwork_bench.h"

static void share_func(struct work_struct *work)
{
	struct klab_softwork_share *share;
	unsigned int left;

	share = container_of(work, struct klab_softwork_share, work);
	for (left = share->left; left; left--) {
		local_bh_disable();
		softwork_queue_percpu(share->items);
		local_bh_enable();
	}
}

static void share_start(struct klab_softwork_bench *bench, int cpu,
			unsigned int left)
{
	struct klab_softwork_share *share = per_cpu_ptr(bench->share, cpu);

	share->left = left;
	queue_work_on(cpu, bench->workers, &share->work);
}

/* All on the CPU of the caller, by a worker as on all CPUs. */
void klab_softwork_one_cpu(void *data, unsigned int batch)
{
	struct klab_softwork_bench *bench = data;

	share_start(bench, raw_smp_processor_id(), batch);
	flush_workqueue(bench->workers);
}
EXPORT_SYMBOL_IF_KUNIT(klab_softwork_one_cpu);

/* A CPU that goes offline meanwhile has its share done elsewhere. */
void klab_softwork_all_cpus(void *data, unsigned int batch)
{
	struct klab_softwork_bench *bench = data;
	unsigned int each = DIV_ROUND_UP(batch, num_online_cpus());
	int cpu;

	for_each_online_cpu(cpu) {
		unsigned int left = min(batch, each);

		share_start(bench, cpu, left);
		batch -= left;
	}
	flush_workqueue(bench->workers);
}
EXPORT_SYMBOL_IF_KUNIT(klab_softwork_all_cpus);

/**
 * klab_softwork_cpus_create() - get the workers of all CPUs ready
 * @bench: what they work for; has its per-CPU items
 *
 * Context: process context, may sleep.
 * Return: 0 or -ENOMEM; then, too, klab_softwork_cpus_destroy() cleans up.
 */
int klab_softwork_cpus_create(struct klab_softwork_bench *bench)
{
	struct klab_softwork_share *share;
	int cpu;

	bench->share = alloc_percpu(struct klab_softwork_share);
	if (!bench->share)
		return -ENOMEM;
	for_each_possible_cpu(cpu) {
		share = per_cpu_ptr(bench->share, cpu);
		INIT_WORK(&share->work, share_func);
		share->items = bench->percpu;
	}

	bench->workers = alloc_workqueue("klab_softwork", WQ_PERCPU, 0);
	return bench->workers ? 0 : -ENOMEM;
}

/**
 * klab_softwork_cpus_destroy() - end the workers of all CPUs
 * @bench: what they work for
 *
 * Context: process context, may sleep.
 */
void klab_softwork_cpus_destroy(struct klab_softwork_bench *bench)
{
	if (bench->workers)
		destroy_workqueue(bench->workers);
	free_percpu(bench->share);
}
