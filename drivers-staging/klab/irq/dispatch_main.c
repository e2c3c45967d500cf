// SPDX-License-Identifier: GPL-2.0-only
/*
 * Experiment irq/order: who is called first on a line, and how the order can be
 * changed: by requesting anew, or by a dispatcher, here while the line fires.
 */
#include <linux/array_size.h>
#include <linux/atomic.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/interrupt.h>
#include <linux/kernel.h>
#include <linux/math.h>
#include <linux/module.h>
#include <linux/time64.h>

#include "../core/klab_core.h"
#include "dispatch.h"

enum { PARAM_HANDLERS, PARAM_COUNT, PARAM_PERIOD };

#define HANDLERS_MAX	9

static const struct klab_param klab_irq_order_params[] = {
	[PARAM_HANDLERS] = KLAB_INT("handlers", 3, 2, HANDLERS_MAX, NULL,
				    "how many share the line"),
	[PARAM_COUNT] = KLAB_INT("count", 1000, 1, 1000000, NULL,
				 "interrupts while the order changes"),
	[PARAM_PERIOD] = KLAB_INT("period", 50000, KLAB_TRAIN_PERIOD_MIN_NS,
				  NSEC_PER_MSEC, "ns", "time between them"),
};

/**
 * struct order_handler - one of those that share the line
 * @work: the run
 * @callback: for the dispatcher
 * @number: from 1
 * @joined: is a handler of the line, or a callback of the dispatcher
 */
struct order_handler {
	struct order_work *work;
	struct klab_irq_callback callback;
	unsigned int number;
	bool joined;
};

/**
 * struct order_work - a run
 * @source: fires line 0
 * @irq: its number
 * @dispatch: of the line, or NULL
 * @nr: handlers
 * @handler: the handlers
 * @seen: numbers in the order of calls in the latest interrupt; written by the
 *	line's handlers, of which there is one at a time
 * @nr_seen: how many
 * @rounds: changes of the order so far
 */
struct order_work {
	struct klab_synthirq *source;
	unsigned int irq;
	struct klab_irq_dispatch *dispatch;
	unsigned int nr;
	struct order_handler handler[HANDLERS_MAX];
	char seen[2 * HANDLERS_MAX + 1];
	unsigned int nr_seen;
	unsigned int rounds;
};

static irqreturn_t order_handle(int irq, void *data)
{
	struct order_handler *handler = data;
	struct order_work *work = handler->work;

	if (work->nr_seen < ARRAY_SIZE(work->seen) - 1)
		work->seen[work->nr_seen++] = '0' + handler->number;
	return IRQ_HANDLED;
}

static void order_leave(struct order_work *work)
{
	unsigned int i;

	for (i = 0; i < work->nr; i++) {
		struct order_handler *handler = &work->handler[i];

		if (!handler->joined)
			continue;
		handler->joined = false;
		if (work->dispatch)
			klab_irq_dispatch_remove(work->dispatch,
						 &handler->callback);
		else
			free_irq(work->irq, handler);
	}
	klab_irq_dispatch_destroy(work->dispatch);
	work->dispatch = NULL;
}

static void order_end(void *data)
{
	struct order_work *work = data;

	klab_synthirq_stop(work->source, 0);
	order_leave(work);
	klab_synthirq_destroy(work->source);
}

/* Order of the requests: forward is 1, 2, 3. */
static int order_request(struct order_work *work, bool forward)
{
	unsigned int i;
	int ret;

	for (i = 0; i < work->nr; i++) {
		struct order_handler *handler =
			&work->handler[forward ? i : work->nr - 1 - i];

		ret = request_irq(work->irq, order_handle,
				  IRQF_SHARED | IRQF_NO_THREAD, "klab-order",
				  handler);
		if (ret)
			return ret;
		handler->joined = true;
	}
	return 0;
}

static int order_dispatch(struct order_work *work)
{
	struct klab_irq_dispatch *dispatch;
	unsigned int i;
	int ret;

	dispatch = klab_irq_dispatch_create(work->irq, IRQF_NO_THREAD,
					    "klab-dispatch", 0);
	if (IS_ERR(dispatch))
		return PTR_ERR(dispatch);
	work->dispatch = dispatch;

	for (i = 0; i < work->nr; i++) {
		struct order_handler *handler = &work->handler[i];

		ret = klab_irq_dispatch_add(dispatch, &handler->callback,
					    handler->number);
		if (ret)
			return ret;
		handler->joined = true;
	}
	return 0;
}

/* An interrupt, and who was called. */
static void order_row(struct klab_run *run, struct order_work *work,
		      const char *how)
{
	work->nr_seen = 0;
	klab_synthirq_fire(work->source, 0);
	work->seen[work->nr_seen] = '\0';
	klab_row(run, "%s\t%s", how, work->seen);
}

/* One after the other gets the highest priority. */
static int order_change(struct order_work *work)
{
	struct order_handler *handler =
		&work->handler[work->rounds % work->nr];

	work->rounds++;
	return klab_irq_dispatch_set_priority(work->dispatch,
					      &handler->callback,
					      HANDLERS_MAX + work->rounds);
}

static int order_storm(struct klab_run *run, struct order_work *work)
{
	const struct klab_train train = {
		.period_ns = klab_run_value(run, PARAM_PERIOD),
		.burst = 1,
		.count = klab_run_value(run, PARAM_COUNT),
		.cpu = -1,
	};
	u64 before = klab_synthirq_fired(work->source, 0);
	u64 wrong = 0;
	unsigned int i;
	int ret;

	for (i = 0; i < work->nr; i++)
		atomic64_set(&work->handler[i].callback.calls, 0);

	ret = klab_synthirq_start(work->source, 0, &train);
	if (ret)
		return ret;
	while (klab_synthirq_fired(work->source, 0) - before < train.count) {
		ret = klab_run_check(run) ?: order_change(work);
		if (ret)
			return ret;
	}
	ret = klab_synthirq_wait(work->source, 0);
	if (ret)
		return ret;
	synchronize_irq(work->irq);

	for (i = 0; i < work->nr; i++)
		wrong += abs_diff((u64)atomic64_read(&work->handler[i].callback.calls),
				  train.count);
	klab_note(run, "storm", "%llu", train.count);
	klab_note(run, "changes", "%u", work->rounds);
	klab_note(run, "missed_or_doubled", "%llu", wrong);
	return 0;
}

static int order_begin(struct klab_run *run, struct order_work *work)
{
	unsigned int i;

	work->nr = klab_run_value(run, PARAM_HANDLERS);
	for (i = 0; i < work->nr; i++) {
		struct order_handler *handler = &work->handler[i];

		handler->work = work;
		handler->number = i + 1;
		handler->callback.function = order_handle;
		handler->callback.data = handler;
	}

	work->source = klab_synthirq_create(1);
	if (IS_ERR(work->source))
		return klab_run_fail(run, PTR_ERR(work->source),
				     "no synthetic interrupt to be had");
	work->irq = klab_synthirq_irq(work->source, 0);
	return klab_run_defer(run, order_end, work);
}

static int klab_irq_order_run(struct klab_run *run)
{
	struct order_work *work = klab_run_alloc(run, sizeof(*work));
	int ret;

	if (!work)
		return -ENOMEM;
	ret = order_begin(run, work);
	if (ret)
		return ret;
	klab_columns(run, "how\tcalled");

	ret = order_request(work, true);
	if (ret)
		return ret;
	order_row(run, work, "requested 1 first");

	order_leave(work);
	ret = order_request(work, false);
	if (ret)
		return ret;
	order_row(run, work, "freed, requested 1 last");

	order_leave(work);
	ret = order_dispatch(work);
	if (ret)
		return ret;
	order_row(run, work, "dispatcher, 1 lowest");
	ret = order_change(work);
	if (ret)
		return ret;
	order_row(run, work, "dispatcher, 1 raised");

	return order_storm(run, work);
}

static struct klab_experiment klab_irq_order[] = {
	{
		.room = "irq",
		.name = "order",
		.question = "Who is called first on a line, and can it change?",
		.params = klab_irq_order_params,
		.nr_params = ARRAY_SIZE(klab_irq_order_params),
		.time_limit_ms = 60000,
		.run = klab_irq_order_run,
	},
};
module_klab_experiments(klab_irq_order);

MODULE_DESCRIPTION("klab: ordered dispatcher for interrupt lines");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
