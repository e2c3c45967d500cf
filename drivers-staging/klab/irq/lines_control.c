// SPDX-License-Identifier: GPL-2.0-only
/*
 * Experiment irq/control: a line switched off and on, from outside and from its
 * own handler, what becomes of the interrupts meanwhile, and what it costs.
 */
#include <linux/array_size.h>
#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/err.h>
#include <linux/interrupt.h>
#include <linux/irq.h>
#include <linux/irqdesc.h>
#include <linux/irqflags.h>
#include <linux/jiffies.h>

#include "../core/klab_core.h"
#include "lines.h"

enum { PARAM_FIRE, PARAM_ROUNDS };

const struct klab_param klab_irq_control_params[] = {
	[PARAM_FIRE] = KLAB_INT("fire", 3, 1, 1000, NULL,
				"interrupts in each step"),
	[PARAM_ROUNDS] = KLAB_INT("rounds", 1000, 1, 100000, NULL,
				  "how often each cost is measured"),
};

const unsigned int klab_irq_control_nr_params =
	ARRAY_SIZE(klab_irq_control_params);

/**
 * struct control_work - a run
 * @source: fires line 0
 * @irq: its number
 * @requested: has the handler
 * @handled: calls of the handler
 * @reported: how many of these are in the table
 * @fired: what the table says of klab_synthirq_fired()
 * @disable: the handler is to disable its own line
 * @called: completed by each call
 */
struct control_work {
	struct klab_synthirq *source;
	unsigned int irq;
	bool requested;
	atomic_t handled;
	int reported;
	u64 fired;
	bool disable;
	struct completion called;
};

static irqreturn_t control_handler(int irq, void *data)
{
	struct control_work *work = data;

	atomic_inc(&work->handled);
	if (work->disable) {
		work->disable = false;
		/*
		 * disable_irq() would wait until no handler of the line runs:
		 * for this one. The kernel does not find that out.
		 */
		disable_irq_nosync(work->irq);
	}
	complete(&work->called);
	return IRQ_HANDLED;
}

static unsigned int control_depth(const struct control_work *work)
{
	struct irq_data *data = irq_get_irq_data(work->irq);

	return READ_ONCE(irq_data_to_desc(data)->depth);
}

static void control_row(struct klab_run *run, struct control_work *work,
			const char *step, const char *why)
{
	u64 fired = klab_synthirq_fired(work->source, 0);
	int handled = atomic_read(&work->handled);

	klab_row(run, "%s\t%u\t%llu\t%d\t%s", step, control_depth(work),
		 fired - work->fired, handled - work->reported, why);
	work->fired = fired;
	work->reported = handled;
}

static void control_fire(struct klab_run *run, struct control_work *work)
{
	s64 count = klab_run_value(run, PARAM_FIRE);

	while (count--)
		klab_synthirq_fire(work->source, 0);
}

/* What the line has kept comes from an interrupt, maybe at the next tick. */
static int control_enable_last(struct klab_run *run, struct control_work *work)
{
	long left;
	int ret;

	reinit_completion(&work->called);
	enable_irq(work->irq);
	do {
		ret = klab_run_check(run);
		if (ret)
			return ret;
		left = wait_for_completion_killable_timeout(&work->called,
							    HZ / 10 + 1);
	} while (left <= 0);

	synchronize_irq(work->irq);
	return 0;
}

static int control_outside(struct klab_run *run, struct control_work *work)
{
	int ret;

	control_fire(run, work);
	control_row(run, work, "enabled", "each is handled at once");

	disable_irq(work->irq);
	control_fire(run, work);
	control_row(run, work, "disable_irq", "the line keeps one");

	disable_irq_nosync(work->irq);
	control_row(run, work, "disable_irq_nosync", "depth counts both");

	enable_irq(work->irq);
	control_row(run, work, "enable_irq", "still disabled, once");

	ret = control_enable_last(run, work);
	if (ret)
		return ret;
	control_row(run, work, "enable_irq again",
		    "enabled: the one kept is handled");
	return 0;
}

static int control_own(struct klab_run *run, struct control_work *work)
{
	int ret;

	work->disable = true;
	control_fire(run, work);
	control_row(run, work, "disable_irq_nosync in own handler",
		    "the first is handled, the line keeps one");
	klab_note(run, "disable_irq_in_own_handler",
		  "not tried: it would wait for itself");

	/* With one there was none to keep. */
	if (klab_run_value(run, PARAM_FIRE) == 1) {
		enable_irq(work->irq);
		return 0;
	}
	ret = control_enable_last(run, work);
	if (ret)
		return ret;
	control_row(run, work, "enable_irq after that",
		    "enabled: the one kept is handled");
	return 0;
}

/* All lines of this CPU, and no other's. */
static void control_local(struct klab_run *run)
{
	unsigned long flags;
	bool off, again;

	local_irq_save(flags);
	off = irqs_disabled();
	local_irq_restore(flags);
	again = irqs_disabled();
	klab_note(run, "local_irq_save", "interrupts %s", off ? "off" : "on");
	klab_note(run, "local_irq_restore", "interrupts %s",
		  again ? "off" : "on");
}

static void cost_sync(unsigned int irq)
{
	disable_irq(irq);
	enable_irq(irq);
}

static void cost_nosync(unsigned int irq)
{
	disable_irq_nosync(irq);
	enable_irq(irq);
}

static void cost_hard(unsigned int irq)
{
	disable_hardirq(irq);
	enable_irq(irq);
}

static void cost_synchronize(unsigned int irq)
{
	synchronize_irq(irq);
}

static void cost_local(unsigned int irq)
{
	unsigned long flags;

	local_irq_save(flags);
	local_irq_restore(flags);
}

static const struct {
	const char *name;
	void (*operation)(unsigned int irq);
} costs[] = {
	{ "disable_irq", cost_sync },
	{ "disable_irq_nosync", cost_nosync },
	{ "disable_hardirq", cost_hard },
	{ "synchronize_irq", cost_synchronize },
	{ "local_irq_save", cost_local },
};

/* Of the call and, where there is one, of its opposite. */
static int control_cost(struct klab_run *run, struct control_work *work,
			unsigned int which, struct klab_samples *samples)
{
	s64 rounds = klab_run_value(run, PARAM_ROUNDS);
	struct klab_summary summary;
	int ret;

	klab_samples_reset(samples);
	while (rounds--) {
		struct klab_stamp start;

		ret = klab_run_check(run);
		if (ret)
			return ret;
		start = klab_stamp_now();
		costs[which].operation(work->irq);
		klab_sample_since(samples, &start);
	}
	klab_samples_summary(samples, &summary);
	klab_note(run, costs[which].name, "median %llu ns, p99 %llu ns",
		  summary.ns.median, summary.ns.p99);
	return 0;
}

static int control_costs(struct klab_run *run, struct control_work *work)
{
	struct klab_samples *samples = klab_samples_alloc();
	unsigned int i;
	int ret = 0;

	if (!samples)
		return -ENOMEM;
	for (i = 0; i < ARRAY_SIZE(costs) && !ret; i++)
		ret = control_cost(run, work, i, samples);
	klab_samples_free(samples);
	return ret;
}

static void control_end(void *data)
{
	struct control_work *work = data;

	if (work->requested)
		free_irq(work->irq, work);
}

/**
 * klab_irq_control_run() - the experiment irq/control
 * @run: the run
 *
 * Context: process, may sleep.
 * Return: 0 or a negative error.
 */
int klab_irq_control_run(struct klab_run *run)
{
	struct control_work *work = klab_run_alloc(run, sizeof(*work));
	int ret;

	if (!work)
		return -ENOMEM;
	work->source = klab_irq_lines_source(run, 1);
	if (IS_ERR(work->source))
		return PTR_ERR(work->source);
	init_completion(&work->called);
	work->irq = klab_synthirq_irq(work->source, 0);
	ret = klab_run_defer(run, control_end, work);
	if (ret)
		return ret;
	ret = request_irq(work->irq, control_handler, IRQF_NO_THREAD,
			  "klab-control", work);
	if (ret)
		return ret;
	work->requested = true;

	control_local(run);
	klab_columns(run, "step\tdepth\tfired\thandled\twhy");
	return control_outside(run, work) ?: control_own(run, work) ?:
	       control_costs(run, work);
}
