// SPDX-License-Identifier: GPL-2.0-only
/*
 * Items queued by a task: one by one or many at once with BH off, when they run
 * where BH are enabled again, and with BH on, when a thread has to be woken.
 */

#include <kunit/visibility.h>
#include <linux/bits.h>
#include <linux/bottom_half.h>
#include <linux/compiler.h>
#include <linux/completion.h>
#include <linux/export.h>
#include <linux/interrupt.h>
#include <linux/irq_work.h>
#include <linux/irqflags.h>
#include <linux/softwork.h>
#include <linux/workqueue.h>

#include "softwork_bench.h"

static __always_inline void queue_item(struct klab_softwork_bench *bench,
				       unsigned int i)
{
	softwork_queue(&bench->work[i]);
}

static __always_inline void queue_percpu(struct klab_softwork_bench *bench,
					 unsigned int i)
{
	softwork_queue_percpu(bench->percpu);
}

static __always_inline void queue_tasklet(struct klab_softwork_bench *bench,
					  unsigned int i)
{
	tasklet_schedule(&bench->tasklet[i]);
}

static __always_inline void queue_bh(struct klab_softwork_bench *bench,
				     unsigned int i)
{
	queue_work(system_bh_wq, &bench->bh[i]);
}

/* The vector without an item: what is left of raise_softirq() with BH off. */
static __always_inline void raise_vector(struct klab_softwork_bench *bench,
					 unsigned int i)
{
	unsigned long flags;

	local_irq_save(flags);
	or_softirq_pending(BIT(SOFTWORK_SOFTIRQ));
	local_irq_restore(flags);
}

/* Inlined with a @queue that is known, or its call would be measured too. */
static __always_inline void
task_singly(struct klab_softwork_bench *bench, unsigned int batch,
	    void (*queue)(struct klab_softwork_bench *bench, unsigned int i))
{
	while (batch--) {
		local_bh_disable();
		queue(bench, 0);
		local_bh_enable();
	}
}

static __always_inline void
task_many(struct klab_softwork_bench *bench, unsigned int batch,
	  void (*queue)(struct klab_softwork_bench *bench, unsigned int i))
{
	unsigned int i;

	for (; batch; batch -= KLAB_SOFTWORK_ITEMS) {
		local_bh_disable();
		for (i = 0; i < KLAB_SOFTWORK_ITEMS; i++)
			queue(bench, i);
		local_bh_enable();
	}
}

void klab_softwork_task_item(void *data, unsigned int batch)
{
	task_singly(data, batch, queue_item);
}

void klab_softwork_task_percpu(void *data, unsigned int batch)
{
	task_singly(data, batch, queue_percpu);
}
EXPORT_SYMBOL_IF_KUNIT(klab_softwork_task_percpu);

void klab_softwork_task_tasklet(void *data, unsigned int batch)
{
	task_singly(data, batch, queue_tasklet);
}

void klab_softwork_task_bh(void *data, unsigned int batch)
{
	task_singly(data, batch, queue_bh);
}

void klab_softwork_task_vector(void *data, unsigned int batch)
{
	task_singly(data, batch, raise_vector);
}
EXPORT_SYMBOL_IF_KUNIT(klab_softwork_task_vector);

/* BH are of no use to it: it runs at once, in an interrupt of its own. */
void klab_softwork_task_irq_work(void *data, unsigned int batch)
{
	struct klab_softwork_bench *bench = data;

	while (batch--)
		irq_work_queue(&bench->irq_work[0]);
}

void klab_softwork_many_items(void *data, unsigned int batch)
{
	task_many(data, batch, queue_item);
}

void klab_softwork_many_tasklets(void *data, unsigned int batch)
{
	task_many(data, batch, queue_tasklet);
}

void klab_softwork_many_bh(void *data, unsigned int batch)
{
	task_many(data, batch, queue_bh);
}

/* With interrupts off, so that all run in one. */
void klab_softwork_many_irq_works(void *data, unsigned int batch)
{
	struct klab_softwork_bench *bench = data;
	unsigned int i;

	for (; batch; batch -= KLAB_SOFTWORK_ITEMS) {
		local_irq_disable();
		for (i = 0; i < KLAB_SOFTWORK_ITEMS; i++)
			irq_work_queue(&bench->irq_work[i]);
		local_irq_enable();
	}
}

void klab_softwork_waking_item(void *data, unsigned int batch)
{
	struct klab_softwork_bench *bench = data;

	while (batch--) {
		softwork_queue(&bench->waking_work);
		wait_for_completion(&bench->ran);
	}
}
EXPORT_SYMBOL_IF_KUNIT(klab_softwork_waking_item);

void klab_softwork_waking_tasklet(void *data, unsigned int batch)
{
	struct klab_softwork_bench *bench = data;

	while (batch--) {
		tasklet_schedule(&bench->waking_tasklet);
		wait_for_completion(&bench->ran);
	}
}
EXPORT_SYMBOL_IF_KUNIT(klab_softwork_waking_tasklet);

void klab_softwork_waking_bh(void *data, unsigned int batch)
{
	struct klab_softwork_bench *bench = data;

	while (batch--) {
		queue_work(system_bh_wq, &bench->waking_bh);
		wait_for_completion(&bench->ran);
	}
}
EXPORT_SYMBOL_IF_KUNIT(klab_softwork_waking_bh);
