// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is done with the channels: trains of interrupts, which tell how late the
 * items run and how many events a run gets, and rounds, one event after the
 * other, which tell what an event costs in all.
 */

#include <kunit/visibility.h>
#include <linux/bottom_half.h>
#include <linux/container_of.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/timekeeping.h>

#include "bottom.h"

/* Rounds that are timed together, as a clock can be coarser than one of them. */
#define BOTTOM_CHUNK	16

/* How often is looked whether the run has to end while it waits. */
#define BOTTOM_LOOK	(HZ / 10 + 1)

/* How long an item may take to run before the round is given up. */
#define BOTTOM_PATIENCE	(10 * HZ)

/**
 * struct bottom_job - rounds that a task does
 * @work: for the task
 * @bottom: whose channels are used
 * @rounds: how many
 * @from: who queues the items
 * @ns: how long they took, set by the task
 * @err: 0 or a negative error, set by the task
 */
struct bottom_job {
	struct kthread_work work;
	struct klab_bottom *bottom;
	unsigned int rounds;
	enum klab_bottom_from from;
	u64 ns;
	int err;
};

static void bottom_queue_all(struct klab_bottom *bottom)
{
	struct klab_stamp stamp;
	unsigned int i;

	for (i = 0; i < bottom->nr; i++) {
		stamp = klab_stamp_now();
		klab_bottom_happen(&bottom->channel[i], &stamp);
		bottom->mechanism->queue(&bottom->channel[i]);
	}
}

static void bottom_event(struct klab_bottom *bottom,
			 enum klab_bottom_from from)
{
	switch (from) {
	case KLAB_BOTTOM_INTERRUPT:
		klab_synthirq_fire(bottom->source, 0);
		break;
	case KLAB_BOTTOM_TASK:
		bottom_queue_all(bottom);
		break;
	case KLAB_BOTTOM_TASK_BH_OFF:
		local_bh_disable();
		bottom_queue_all(bottom);
		local_bh_enable();
		break;
	}
}

static int bottom_round(struct klab_bottom *bottom, enum klab_bottom_from from)
{
	unsigned int i;

	bottom_event(bottom, from);
	for (i = 0; i < bottom->nr; i++) {
		if (!klab_bottom_wait(&bottom->channel[i], BOTTOM_PATIENCE))
			return -ETIME;
	}
	return 0;
}

static void bottom_job_func(struct kthread_work *work)
{
	struct bottom_job *job = container_of(work, struct bottom_job, work);

	u64 start = ktime_get_ns();
	unsigned int i;

	for (i = 0; i < job->rounds && !job->err; i++) {
		if (klab_run_stopped(job->bottom->run))
			return;
		job->err = bottom_round(job->bottom, job->from);
	}
	job->ns = ktime_get_ns() - start;
}

/**
 * klab_bottom_rounds() - have events happen one after the other
 * @bottom: has a mechanism at work
 * @rounds: how many; each is over when what it has queued has run
 * @from: who queues: a handler of line 0, or a task, which queues the items of
 *	all channels at once
 *
 * By a thread of the CPU of channel 0. Sets @bottom's round, adds to latency.
 *
 * Context: the task that does the run; sleeps.
 * Return: 0, the error of klab_run_check(), or -ETIME if an item does not run.
 */
int klab_bottom_rounds(struct klab_bottom *bottom, u64 rounds,
		       enum klab_bottom_from from)
{
	struct bottom_job job = { .bottom = bottom, .from = from };
	int err = 0;
	u64 ns;

	kthread_init_work(&job.work, bottom_job_func);
	while (!err && rounds) {
		job.rounds = min_t(u64, rounds, BOTTOM_CHUNK);
		rounds -= job.rounds;
		kthread_queue_work(bottom->task, &job.work);
		kthread_flush_work(&job.work);
		err = klab_run_check(bottom->run) ?: job.err;
		ns = div_u64(job.ns, job.rounds);
		if (!err)
			bottom->round = min(bottom->round, ns);
	}
	return err;
}
EXPORT_SYMBOL_IF_KUNIT(klab_bottom_rounds);

static int bottom_train_end(struct klab_bottom *bottom, unsigned int i)
{
	int err = 0;

	while (!err && !klab_synthirq_wait_for(bottom->source, i, BOTTOM_LOOK))
		err = klab_run_check(bottom->run);
	while (!err && !klab_bottom_wait(&bottom->channel[i], BOTTOM_LOOK))
		err = klab_run_check(bottom->run);
	return err;
}

/**
 * klab_bottom_train() - have each channel's line fire a train, all at once
 * @bottom: has a mechanism at work, and its lines
 * @train: what each fires, on the channel's CPU
 *
 * Context: the task that does the run; sleeps.
 * Return: 0 when all events have been handled, -ENODEV if a CPU has gone, or
 * the error of klab_run_check().
 */
int klab_bottom_train(struct klab_bottom *bottom,
		      const struct klab_train *train)
{
	struct klab_train one = *train;
	unsigned int i;
	int err;

	for (i = 0; i < bottom->nr; i++) {
		one.cpu = bottom->channel[i].cpu;
		err = klab_synthirq_start(bottom->source, i, &one);
		if (err == -ENODEV)
			return klab_run_fail(bottom->run, err,
					     "CPU %d has gone offline", one.cpu);
		if (err)
			return err;
	}
	for (i = 0; i < bottom->nr; i++) {
		err = bottom_train_end(bottom, i);
		if (err)
			return err;
	}
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(klab_bottom_train);

/**
 * klab_bottom_create() - get what all mechanisms need
 * @bottom: has its channels, with their CPUs
 *
 * Context: process context, may sleep.
 * Return: 0 or a negative error; klab_bottom_destroy() cleans up after both.
 */
int klab_bottom_create(struct klab_bottom *bottom)
{
	bottom->latency = klab_samples_alloc();
	if (!bottom->latency)
		return -ENOMEM;

	bottom->source = klab_synthirq_create(bottom->nr);
	if (IS_ERR(bottom->source))
		return PTR_ERR(bottom->source);

	bottom->task = kthread_create_worker_on_cpu(bottom->channel[0].cpu, 0,
						    "klab_rounds/%d",
						    bottom->channel[0].cpu);
	return PTR_ERR_OR_ZERO(bottom->task);
}
EXPORT_SYMBOL_IF_KUNIT(klab_bottom_create);

/**
 * klab_bottom_destroy() - end the mechanism at work and free everything
 * @bottom: what klab_bottom_create() was called for; its channels stay
 *
 * Context: process context, may sleep.
 */
void klab_bottom_destroy(struct klab_bottom *bottom)
{
	if (!IS_ERR_OR_NULL(bottom->task))
		kthread_destroy_worker(bottom->task);
	klab_bottom_close(bottom);
	klab_synthirq_destroy(bottom->source);
	klab_samples_free(bottom->latency);
}
EXPORT_SYMBOL_IF_KUNIT(klab_bottom_destroy);
