/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The parts of softwork's benchmark: items of each kind, and the operations
 * that queue and run them.
 */
#ifndef _KLAB_SOFTWORK_BENCH_H
#define _KLAB_SOFTWORK_BENCH_H

#include <linux/completion.h>
#include <linux/interrupt.h>
#include <linux/irq_work.h>
#include <linux/percpu.h>
#include <linux/softwork.h>
#include <linux/types.h>
#include <linux/workqueue.h>

struct klab_bench;

/* Items of a kind, and how many are queued before any of them runs. */
#define KLAB_SOFTWORK_ITEMS	64

#define KLAB_SOFTWORK_ROWS	16

/**
 * enum klab_softwork_kind - what can be queued by a hard interrupt
 * @KLAB_SOFTWORK_NOTHING: nothing; the interrupt alone
 * @KLAB_SOFTWORK_ITEM: an item of softwork
 * @KLAB_SOFTWORK_TASKLET: a tasklet
 * @KLAB_SOFTWORK_BH: an item of the BH work queue
 * @KLAB_SOFTWORK_KINDS: how many there are
 */
enum klab_softwork_kind {
	KLAB_SOFTWORK_NOTHING,
	KLAB_SOFTWORK_ITEM,
	KLAB_SOFTWORK_TASKLET,
	KLAB_SOFTWORK_BH,
	KLAB_SOFTWORK_KINDS,
};

/**
 * struct klab_softwork_share - what a CPU has to do of an operation on many
 * @work: does it
 * @items: whose per-CPU items are queued
 * @left: how many times that is still to be done
 */
struct klab_softwork_share {
	struct work_struct work;
	struct softwork __percpu *items;
	unsigned int left;
};

/**
 * struct klab_softwork_bench - items of each kind
 * @work: items of softwork
 * @tasklet: tasklets
 * @bh: items for the BH work queue
 * @irq_work: items run by a hard interrupt, also on PREEMPT_RT
 * @percpu: items of softwork bound to their CPUs
 * @ran: completed by the waking items
 * @waking_work: completes @ran
 * @waking_tasklet: completes @ran
 * @waking_bh: completes @ran
 * @interrupt: for each kind, queues the answering item of the kind
 * @answer: set when that has run
 * @answering_work: sets @answer
 * @answering_tasklet: sets @answer
 * @answering_bh: sets @answer
 * @workers: runs @share
 * @share: for each CPU, its part of an operation
 *
 * Belongs to one task, which does one operation at a time.
 */
struct klab_softwork_bench {
	struct softwork work[KLAB_SOFTWORK_ITEMS];
	struct tasklet_struct tasklet[KLAB_SOFTWORK_ITEMS];
	struct work_struct bh[KLAB_SOFTWORK_ITEMS];
	struct irq_work irq_work[KLAB_SOFTWORK_ITEMS];
	struct softwork __percpu *percpu;

	struct completion ran;
	struct softwork waking_work;
	struct tasklet_struct waking_tasklet;
	struct work_struct waking_bh;

	struct irq_work interrupt[KLAB_SOFTWORK_KINDS];
	bool answer;
	struct softwork answering_work;
	struct tasklet_struct answering_tasklet;
	struct work_struct answering_bh;

	struct workqueue_struct *workers;
	struct klab_softwork_share __percpu *share;
};

DECLARE_PER_CPU(unsigned long, klab_softwork_runs);

/* Counts a run of an item: all that the function of an item does. */
static __always_inline void klab_softwork_ran(void)
{
	this_cpu_inc(klab_softwork_runs);
}

unsigned long klab_softwork_runs_sum(void);

int klab_softwork_bench_create(struct klab_softwork_bench *bench);
void klab_softwork_bench_destroy(struct klab_softwork_bench *bench);
unsigned int klab_softwork_bench_rows(struct klab_softwork_bench *bench,
				      struct klab_bench *rows);

/* From a task; @data of each operation is the struct klab_softwork_bench. */
void klab_softwork_task_item(void *data, unsigned int batch);
void klab_softwork_task_percpu(void *data, unsigned int batch);
void klab_softwork_task_tasklet(void *data, unsigned int batch);
void klab_softwork_task_bh(void *data, unsigned int batch);
void klab_softwork_task_irq_work(void *data, unsigned int batch);
void klab_softwork_task_vector(void *data, unsigned int batch);

/* The same many at once; @batch is a multiple of KLAB_SOFTWORK_ITEMS. */
void klab_softwork_many_items(void *data, unsigned int batch);
void klab_softwork_many_tasklets(void *data, unsigned int batch);
void klab_softwork_many_bh(void *data, unsigned int batch);
void klab_softwork_many_irq_works(void *data, unsigned int batch);

/* From a task that leaves BH on, and sleeps until the item has run. */
void klab_softwork_waking_item(void *data, unsigned int batch);
void klab_softwork_waking_tasklet(void *data, unsigned int batch);
void klab_softwork_waking_bh(void *data, unsigned int batch);

/* By a hard interrupt. */
bool klab_softwork_have_interrupt(void);
void klab_softwork_interrupt_alone(void *data, unsigned int batch);
void klab_softwork_interrupt_item(void *data, unsigned int batch);
void klab_softwork_interrupt_tasklet(void *data, unsigned int batch);
void klab_softwork_interrupt_bh(void *data, unsigned int batch);
void klab_softwork_interrupt_create(struct klab_softwork_bench *bench);
void klab_softwork_interrupt_destroy(struct klab_softwork_bench *bench);

/* Per-CPU items of one CPU, and of all at once. */
void klab_softwork_one_cpu(void *data, unsigned int batch);
void klab_softwork_all_cpus(void *data, unsigned int batch);
int klab_softwork_cpus_create(struct klab_softwork_bench *bench);
void klab_softwork_cpus_destroy(struct klab_softwork_bench *bench);

#endif /* _KLAB_SOFTWORK_BENCH_H */
