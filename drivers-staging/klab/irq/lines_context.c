// SPDX-License-Identifier: GPL-2.0-only
/*
 * Experiment irq/context: what may be done in the parts of a handler, by what
 * the kernel says about the context in which they run.
 */
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/interrupt.h>
#include <linux/irqflags.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <linux/time64.h>

#include "../core/klab_core.h"
#include "lines.h"

/**
 * struct context_part - a part of a handler, as it found itself
 * @calls: so far
 * @hard: in a hard interrupt
 * @task: in a task of its own
 * @disabled: with the interrupts of this CPU off
 * @comm: name of the task that runs, its own or the one that was interrupted
 */
struct context_part {
	unsigned int calls;
	bool hard;
	bool task;
	bool disabled;
	char comm[TASK_COMM_LEN];
};

/**
 * struct context_work - handler and thread of a line
 * @source: fires line 0
 * @irq: its number, or negative while it is not requested
 * @wake: whether the handler wakes the thread
 * @handler: hard handler
 * @thread: thread
 */
struct context_work {
	struct klab_synthirq *source;
	int irq;
	bool wake;
	struct context_part handler;
	struct context_part thread;
};

static void context_look(struct context_part *part)
{
	part->calls++;
	part->hard = in_hardirq();
	part->task = in_task();
	part->disabled = irqs_disabled();
	strscpy(part->comm, current->comm);
}

static irqreturn_t context_handler(int irq, void *data)
{
	struct context_work *work = data;

	context_look(&work->handler);
	return work->wake ? IRQ_WAKE_THREAD : IRQ_HANDLED;
}

static irqreturn_t context_thread(int irq, void *data)
{
	struct context_work *work = data;

	context_look(&work->thread);
	return IRQ_HANDLED;
}

/* One event from a hard timer interrupt, and all that it sets off. */
static int context_fire(struct context_work *work)
{
	const struct klab_train train = {
		.period_ns = 100 * NSEC_PER_USEC,
		.burst = 1,
		.count = 1,
		.cpu = -1,
	};
	int ret;

	ret = klab_synthirq_start(work->source, 0, &train);
	if (ret)
		return ret;
	ret = klab_synthirq_wait(work->source, 0);
	klab_synthirq_stop(work->source, 0);
	synchronize_irq(work->irq);
	return ret;
}

static void context_row(struct klab_run *run, const char *kind,
			const char *name, const struct context_part *part)
{
	if (!part->calls)
		return;
	klab_row(run, "%s\t%s\t%s\t%s\t%s\t%s", kind, name,
		 part->hard ? "hardirq" : part->task ? "task" : "other",
		 part->disabled ? "off" : "on",
		 part->task && !part->disabled ? "yes" : "no",
		 part->task ? part->comm : "-");
}

static int context_try(struct klab_run *run, struct klab_synthirq *source,
		       const char *kind, unsigned long flags, bool hard,
		       bool thread)
{
	struct context_work work = {
		.source = source,
		.irq = klab_synthirq_irq(source, 0),
		.wake = thread,
	};
	int ret;

	ret = request_threaded_irq(work.irq, hard ? context_handler : NULL,
				   thread ? context_thread : NULL, flags,
				   "klab-context", &work);
	if (ret)
		return ret;
	ret = context_fire(&work);
	free_irq(work.irq, &work);
	if (ret)
		return ret;

	context_row(run, kind, "handler", &work.handler);
	context_row(run, kind, "thread", &work.thread);
	return klab_run_check(run);
}

/**
 * klab_irq_context_run() - the experiment irq/context
 * @run: the run
 *
 * Where all handlers are forced into threads, as on PREEMPT_RT and with the
 * parameter threadirqs, the first kind is one.
 *
 * Context: process, may sleep.
 * Return: 0 or a negative error.
 */
int klab_irq_context_run(struct klab_run *run)
{
	struct klab_synthirq *source = klab_irq_lines_source(run, 1);

	if (IS_ERR(source))
		return PTR_ERR(source);

	klab_columns(run, "kind\tpart\tcontext\tinterrupts\tmay_sleep\ttask");
	return context_try(run, source, "request_irq", 0, true, false) ?:
	       context_try(run, source, "never in a thread", IRQF_NO_THREAD,
			   true, false) ?:
	       context_try(run, source, "handler and thread", 0, true, true) ?:
	       context_try(run, source, "thread only", IRQF_ONESHOT, false,
			   true);
}
