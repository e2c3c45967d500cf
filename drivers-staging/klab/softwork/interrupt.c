// SPDX-License-Identifier: GPL-2.0-only
/*
 * Items queued by a hard interrupt, which an irq_work is good for where it has
 * one of its own: the item runs when the interrupt ends.
 */

#include <kunit/visibility.h>
#include <linux/compiler.h>
#include <linux/container_of.h>
#include <linux/export.h>
#include <linux/interrupt.h>
#include <linux/irq_work.h>
#include <linux/kconfig.h>
#include <linux/processor.h>
#include <linux/sched.h>
#include <linux/softwork.h>
#include <linux/workqueue.h>

/* Needs what those above have. */
#include <asm/irq_work.h>

#include "softwork_bench.h"

static void interrupt_nothing(struct irq_work *interrupt)
{
	struct klab_softwork_bench *bench;

	bench = container_of(interrupt, struct klab_softwork_bench,
			     interrupt[KLAB_SOFTWORK_NOTHING]);
	WRITE_ONCE(bench->answer, true);
}

static void interrupt_item(struct irq_work *interrupt)
{
	struct klab_softwork_bench *bench;

	bench = container_of(interrupt, struct klab_softwork_bench,
			     interrupt[KLAB_SOFTWORK_ITEM]);
	softwork_queue(&bench->answering_work);
}

static void interrupt_tasklet(struct irq_work *interrupt)
{
	struct klab_softwork_bench *bench;

	bench = container_of(interrupt, struct klab_softwork_bench,
			     interrupt[KLAB_SOFTWORK_TASKLET]);
	tasklet_schedule(&bench->answering_tasklet);
}

static void interrupt_bh(struct irq_work *interrupt)
{
	struct klab_softwork_bench *bench;

	bench = container_of(interrupt, struct klab_softwork_bench,
			     interrupt[KLAB_SOFTWORK_BH]);
	queue_work(system_bh_wq, &bench->answering_bh);
}

static void answer_item(struct softwork *work)
{
	struct klab_softwork_bench *bench;

	bench = container_of(work, struct klab_softwork_bench, answering_work);
	klab_softwork_ran();
	WRITE_ONCE(bench->answer, true);
}

static void answer_tasklet(struct tasklet_struct *tasklet)
{
	struct klab_softwork_bench *bench;

	bench = from_tasklet(bench, tasklet, answering_tasklet);
	klab_softwork_ran();
	WRITE_ONCE(bench->answer, true);
}

static void answer_bh(struct work_struct *work)
{
	struct klab_softwork_bench *bench;

	bench = container_of(work, struct klab_softwork_bench, answering_bh);
	klab_softwork_ran();
	WRITE_ONCE(bench->answer, true);
}

/**
 * klab_softwork_have_interrupt() - does an item run where an interrupt ends
 *
 * Where irq_work has no interrupt of its own it waits for the next tick, and
 * on PREEMPT_RT soft interrupts wait for a thread.
 *
 * Context: any.
 * Return: whether it does.
 */
bool klab_softwork_have_interrupt(void)
{
	return arch_irq_work_has_interrupt() && !IS_ENABLED(CONFIG_PREEMPT_RT);
}
EXPORT_SYMBOL_IF_KUNIT(klab_softwork_have_interrupt);

/* As a rule the answer is there when the interrupt has returned. */
static __always_inline void interrupt_op(struct klab_softwork_bench *bench,
					 unsigned int batch,
					 enum klab_softwork_kind kind)
{
	while (batch--) {
		WRITE_ONCE(bench->answer, false);
		irq_work_queue(&bench->interrupt[kind]);
		while (!READ_ONCE(bench->answer)) {
			cond_resched();
			cpu_relax();
		}
	}
}

void klab_softwork_interrupt_alone(void *data, unsigned int batch)
{
	interrupt_op(data, batch, KLAB_SOFTWORK_NOTHING);
}
EXPORT_SYMBOL_IF_KUNIT(klab_softwork_interrupt_alone);

void klab_softwork_interrupt_item(void *data, unsigned int batch)
{
	interrupt_op(data, batch, KLAB_SOFTWORK_ITEM);
}
EXPORT_SYMBOL_IF_KUNIT(klab_softwork_interrupt_item);

void klab_softwork_interrupt_tasklet(void *data, unsigned int batch)
{
	interrupt_op(data, batch, KLAB_SOFTWORK_TASKLET);
}
EXPORT_SYMBOL_IF_KUNIT(klab_softwork_interrupt_tasklet);

void klab_softwork_interrupt_bh(void *data, unsigned int batch)
{
	interrupt_op(data, batch, KLAB_SOFTWORK_BH);
}
EXPORT_SYMBOL_IF_KUNIT(klab_softwork_interrupt_bh);

/**
 * klab_softwork_interrupt_create() - get interrupts and their answers ready
 * @bench: what they belong to
 *
 * Context: any.
 */
void klab_softwork_interrupt_create(struct klab_softwork_bench *bench)
{
	struct irq_work *interrupt = bench->interrupt;

	interrupt[KLAB_SOFTWORK_NOTHING] = IRQ_WORK_INIT_HARD(interrupt_nothing);
	interrupt[KLAB_SOFTWORK_ITEM] = IRQ_WORK_INIT_HARD(interrupt_item);
	interrupt[KLAB_SOFTWORK_TASKLET] = IRQ_WORK_INIT_HARD(interrupt_tasklet);
	interrupt[KLAB_SOFTWORK_BH] = IRQ_WORK_INIT_HARD(interrupt_bh);
	softwork_init(&bench->answering_work, answer_item);
	tasklet_setup(&bench->answering_tasklet, answer_tasklet);
	INIT_WORK(&bench->answering_bh, answer_bh);
}

/**
 * klab_softwork_interrupt_destroy() - wait for interrupts and answers
 * @bench: what they belong to
 *
 * Context: process context, may sleep.
 */
void klab_softwork_interrupt_destroy(struct klab_softwork_bench *bench)
{
	unsigned int i;

	for (i = 0; i < KLAB_SOFTWORK_KINDS; i++)
		irq_work_sync(&bench->interrupt[i]);
	softwork_cancel_sync(&bench->answering_work);
	tasklet_kill(&bench->answering_tasklet);
	cancel_work_sync(&bench->answering_bh);
}
