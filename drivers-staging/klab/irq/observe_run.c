// SPDX-License-Identifier: GPL-2.0-only
/*
 * Experiment irq/observe: in which order the handlers of a line are called, how
 * long after each other, and what the kernel thinks of those who claim nothing.
 */
#include <linux/atomic.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/interrupt.h>
#include <linux/irq.h>
#include <linux/irqdesc.h>
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/sched.h>

#include "../core/klab_core.h"
#include "observe.h"

enum { PARAM_IRQ, PARAM_HANDLERS, PARAM_COUNT, PARAM_OWNER, PARAM_MS };

/*
 * Of 100000 interrupts on a line, 99900 that nobody claims make the kernel
 * switch it off. Fewer are let through without an owner.
 */
#define UNCLAIMED_MAX	90000

const struct klab_param klab_irq_observe_params[] = {
	[PARAM_IRQ] = KLAB_INT("irq", -1, -1, INT_MAX, NULL,
			       "line of the machine, -1 for a synthetic one"),
	[PARAM_HANDLERS] = KLAB_INT("handlers", 3, 1, KLAB_IRQ_OBSERVERS_MAX,
				    NULL, "observers on the line"),
	[PARAM_COUNT] = KLAB_INT("count", 1000, 1, 1000000, NULL,
				 "interrupts of a synthetic line"),
	[PARAM_OWNER] = KLAB_BOOL("owner", true,
				  "have somebody claim those of a synthetic line"),
	[PARAM_MS] = KLAB_INT("ms", 1000, 1, 60000, "ms",
			      "how long to look at a line of the machine"),
};

const unsigned int klab_irq_observe_nr_params =
	ARRAY_SIZE(klab_irq_observe_params);

static void observe_run_destroy(void *source)
{
	klab_synthirq_destroy(source);
}

static void observe_run_detach(void *observers)
{
	klab_irq_observers_detach(observers);
}

static int observe_fire(struct klab_run *run, struct klab_synthirq *source)
{
	s64 count = klab_run_value(run, PARAM_COUNT);
	int ret;

	while (count--) {
		ret = klab_run_check(run);
		if (ret)
			return ret;
		klab_synthirq_fire(source, 0);
		cond_resched();
	}
	return 0;
}

static int observe_look(struct klab_run *run)
{
	unsigned long left = msecs_to_jiffies(klab_run_value(run, PARAM_MS));
	int ret;

	while (left) {
		ret = klab_run_check(run);
		if (ret)
			return ret;
		left = schedule_timeout_killable(left);
	}
	return 0;
}

static struct klab_synthirq *observe_source(struct klab_run *run)
{
	struct klab_synthirq *source;
	int ret;

	if (!klab_run_value(run, PARAM_OWNER) &&
	    klab_run_value(run, PARAM_COUNT) > UNCLAIMED_MAX)
		return ERR_PTR(klab_run_fail(run, -EINVAL,
					     "count: at most %d without an owner",
					     UNCLAIMED_MAX));

	source = klab_synthirq_create(1);
	if (IS_ERR(source)) {
		klab_run_fail(run, PTR_ERR(source),
			      "no synthetic interrupt to be had");
		return source;
	}
	ret = klab_run_defer(run, observe_run_destroy, source);
	return ret ? ERR_PTR(ret) : source;
}

static int observe_refused(struct klab_run *run, int irq, int err)
{
	switch (err) {
	case -EBUSY:
		return klab_run_fail(run, err,
				     "irq: the owner of line %d does not share it",
				     irq);
	case -ENXIO:
		return klab_run_fail(run, err, "irq: line %d has no owner", irq);
	case -EINVAL:
		return klab_run_fail(run, err, "irq: there is no line %d", irq);
	default:
		return err;
	}
}

static void observe_report(struct klab_run *run,
			   struct klab_irq_observers *observers)
{
	struct irq_data *data = irq_get_irq_data(observers->irq);
	unsigned int i;

	klab_note(run, "irq", "%u", observers->irq);
	if (observers->source) {
		klab_note(run, "fired", "%llu",
			  klab_synthirq_fired(observers->source, 0));
		klab_note(run, "claimed", "%lld",
			  atomic64_read(&observers->claimed));
	}
	/* What /proc/irq/N/spurious shows; it grows by one per unclaimed. */
	klab_note(run, "unclaimed", "%u",
		  READ_ONCE(irq_data_to_desc(data)->irqs_unhandled));

	klab_columns(run, "handler\tposition\tcalls\tafter\tmin[ns]\tmedian[ns]\tp99[ns]\tmax[ns]");
	for (i = 0; i < observers->nr; i++) {
		struct klab_irq_observer *observer = &observers->observer[i];
		unsigned int position = READ_ONCE(observer->position);
		struct klab_summary gap;

		klab_samples_summary(observer->gap, &gap);
		klab_row(run, "%s\t%u\t%lld\t%s\t%llu\t%llu\t%llu\t%llu",
			 observer->name, position + 1,
			 atomic64_read(&observer->calls),
			 position ? "handler" : "interrupt", gap.ns.min,
			 gap.ns.median, gap.ns.p99, gap.ns.max);
	}
}

/**
 * klab_irq_observe_run() - the experiment irq/observe
 * @run: the run
 *
 * Context: process, may sleep.
 * Return: 0 or a negative error.
 */
int klab_irq_observe_run(struct klab_run *run)
{
	int irq = klab_run_value(run, PARAM_IRQ);
	struct klab_irq_observers *observers;
	struct klab_synthirq *source = NULL;
	int ret;

	if (irq < 0) {
		source = observe_source(run);
		if (IS_ERR(source))
			return PTR_ERR(source);
	}

	observers = klab_irq_observers_attach(irq, source,
					      klab_run_value(run, PARAM_OWNER),
					      klab_run_value(run,
							     PARAM_HANDLERS));
	if (IS_ERR(observers))
		return observe_refused(run, irq, PTR_ERR(observers));
	ret = klab_run_defer(run, observe_run_detach, observers);
	if (ret)
		return ret;

	ret = source ? observe_fire(run, source) : observe_look(run);
	if (ret)
		return ret;
	observe_report(run, observers);
	return 0;
}
