// SPDX-License-Identifier: GPL-2.0-only
/*
 * Experiment core/interrupts: how late the handlers of a train of interrupts
 * are, in the hard interrupt and in a thread.
 */

#include <kunit/visibility.h>
#include <linux/export.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/interrupt.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/slab.h>
#include <linux/threads.h>
#include <linux/timekeeping.h>

#include "core_measure.h"

enum {
	KLAB_INTERRUPTS_PERIOD,
	KLAB_INTERRUPTS_BURST,
	KLAB_INTERRUPTS_COUNT,
	KLAB_INTERRUPTS_CPU,
	KLAB_INTERRUPTS_THREAD,
};

static const struct klab_param klab_interrupts_params[] = {
	[KLAB_INTERRUPTS_PERIOD] =
		KLAB_INT("period", NSEC_PER_MSEC, KLAB_TRAIN_PERIOD_MIN_NS,
			 NSEC_PER_SEC, "ns", "time between bursts"),
	[KLAB_INTERRUPTS_BURST] =
		KLAB_INT("burst", 1, 1, KLAB_TRAIN_BURST_MAX, NULL,
			 "events per burst"),
	[KLAB_INTERRUPTS_COUNT] =
		KLAB_INT("count", 500, 1, 10000000, NULL, "events in all"),
	[KLAB_INTERRUPTS_CPU] =
		KLAB_INT("cpu", -1, -1, CONFIG_NR_CPUS - 1, NULL,
			 "CPU that fires them, -1 for the one of the run"),
	[KLAB_INTERRUPTS_THREAD] =
		KLAB_BOOL("thread", false, "wake a thread for each event"),
};

/**
 * struct klab_interrupts - a run at work
 * @source: fires the events, on its line 0
 * @irq: number of the line, 0: not requested
 * @late: from when the timer was due to the handler
 * @entry: from the call of the interrupt's flow handler to the handler
 * @wake: from the handler to the thread
 * @handled: calls of the handler, which is never concurrent with itself
 * @woken: runs of the thread: several events can share one
 * @thread: whether there is a thread
 */
struct klab_interrupts {
	struct klab_synthirq *source;
	int irq;
	struct klab_samples *late;
	struct klab_samples *entry;
	struct klab_samples *wake;
	u64 handled;
	u64 woken;
	bool thread;
};

static irqreturn_t klab_interrupts_handler(int irq, void *data)
{
	struct klab_interrupts *work = data;
	struct klab_stamp now = klab_stamp_now();
	struct klab_stamp call = klab_synthirq_stamp(work->source, 0);
	u64 due = klab_synthirq_due(work->source, 0);

	work->handled++;
	klab_sample_between(work->entry, &call, &now);
	klab_sample_add(work->late, now.ns - min(now.ns, due), 0);

	return work->thread ? IRQ_WAKE_THREAD : IRQ_HANDLED;
}

static irqreturn_t klab_interrupts_thread(int irq, void *data)
{
	struct klab_interrupts *work = data;
	struct klab_stamp call = klab_synthirq_stamp(work->source, 0);

	work->woken++;
	klab_sample_since(work->wake, &call);

	return IRQ_HANDLED;
}

static void klab_interrupts_destroy(void *data)
{
	struct klab_interrupts *work = data;

	if (!IS_ERR_OR_NULL(work->source))
		klab_synthirq_stop(work->source, 0);
	if (work->irq > 0)
		free_irq(work->irq, work);
	klab_synthirq_destroy(work->source);
	klab_samples_free(work->wake);
	klab_samples_free(work->entry);
	klab_samples_free(work->late);
}

static int klab_interrupts_create(struct klab_run *run,
				  struct klab_interrupts *work)
{
	int irq, ret;

	ret = klab_run_defer(run, klab_interrupts_destroy, work);
	if (ret)
		return ret;

	work->late = klab_samples_alloc();
	work->entry = klab_samples_alloc();
	work->wake = klab_samples_alloc();
	if (!work->late || !work->entry || !work->wake)
		return -ENOMEM;

	work->source = klab_synthirq_create(1);
	if (IS_ERR(work->source))
		return klab_run_fail(run, PTR_ERR(work->source),
				     "no synthetic interrupt to be had");

	work->thread = klab_run_value(run, KLAB_INTERRUPTS_THREAD);
	irq = klab_synthirq_irq(work->source, 0);
	/* What is measured is the hard handler, whatever the kernel's taste. */
	ret = request_threaded_irq(irq, klab_interrupts_handler,
				   work->thread ? klab_interrupts_thread : NULL,
				   IRQF_NO_THREAD, "klab-core", work);
	if (ret)
		return ret;
	work->irq = irq;

	return 0;
}

static int klab_interrupts_fire(struct klab_run *run,
				struct klab_interrupts *work)
{
	const struct klab_train train = {
		.period_ns = klab_run_value(run, KLAB_INTERRUPTS_PERIOD),
		.burst = klab_run_value(run, KLAB_INTERRUPTS_BURST),
		.count = klab_run_value(run, KLAB_INTERRUPTS_COUNT),
		.cpu = klab_run_value(run, KLAB_INTERRUPTS_CPU),
	};
	int ret;

	ret = klab_synthirq_start(work->source, 0, &train);
	if (ret)
		return klab_run_fail(run, ret, "CPU %d cannot fire",
				     train.cpu);

	while (!klab_synthirq_wait_for(work->source, 0, HZ / 10 + 1)) {
		ret = klab_run_check(run);
		if (ret)
			return ret;
	}
	synchronize_irq(work->irq);

	return 0;
}

static int klab_interrupts_run(struct klab_run *run)
{
	struct klab_interrupts *work = klab_run_alloc(run, sizeof(*work));
	int ret;

	if (!work)
		return -ENOMEM;
	ret = klab_interrupts_create(run, work);
	if (ret)
		return ret;
	ret = klab_interrupts_fire(run, work);
	if (ret)
		return ret;

	klab_note(run, "fired", "%llu", klab_synthirq_fired(work->source, 0));
	klab_note(run, "handled", "%llu", work->handled);
	klab_note(run, "overruns", "%llu",
		  klab_synthirq_overruns(work->source, 0));
	klab_samples_histogram(run, "due to handler", work->late);
	klab_columns(run, "path\t" KLAB_SAMPLE_COLUMNS);
	klab_samples_row(run, "due to handler", work->late);
	klab_samples_row(run, "call to handler", work->entry);
	if (work->thread) {
		klab_note(run, "woken", "%llu", work->woken);
		klab_samples_row(run, "call to thread", work->wake);
	}

	return 0;
}

struct klab_experiment klab_interrupts_experiment = {
	.room		= "core",
	.name		= "interrupts",
	.question	= "How late are the handlers of a train of interrupts?",
	.params		= klab_interrupts_params,
	.nr_params	= ARRAY_SIZE(klab_interrupts_params),
	.time_limit_ms	= 60000,
	.run		= klab_interrupts_run,
};
EXPORT_SYMBOL_IF_KUNIT(klab_interrupts_experiment);
