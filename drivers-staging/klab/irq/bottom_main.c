// SPDX-License-Identifier: GPL-2.0-only
/*
 * Experiment irq/bottom-halves: every way to do the rest of an interrupt's work,
 * side by side. How late does it start, what does an event cost, and how many
 * events does a run get?
 */

#include <kunit/visibility.h>
#include <linux/cleanup.h>
#include <linux/cpumask.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/sprintf.h>
#include <linux/string.h>
#include <linux/time64.h>
#include <linux/util_macros.h>

#include "bottom.h"

/* Rounds that tell what an event costs. */
#define BOTTOM_ROUNDS	64

enum {
	BOTTOM_MECHANISM,
	BOTTOM_FROM,
	BOTTOM_RATE,
	BOTTOM_BURST,
	BOTTOM_COUNT,
	BOTTOM_CPUS,
	BOTTOM_HISTOGRAM,
};

#define BOTTOM_SOFTWORK(_mechanism) \
	PTR_IF(IS_ENABLED(CONFIG_SOFTWORK), &(_mechanism))

/* In the order of bottom_names, without its "all". */
VISIBLE_IF_KUNIT const struct klab_bottom_mechanism * const klab_bottom_mechanisms[] = {
	&klab_bottom_hard,
	&klab_bottom_threaded,
	BOTTOM_SOFTWORK(klab_bottom_softwork),
	BOTTOM_SOFTWORK(klab_bottom_softwork_percpu),
	&klab_bottom_tasklet,
	&klab_bottom_tasklet_hi,
	&klab_bottom_bh_work,
	&klab_bottom_bh_work_hi,
	&klab_bottom_irq_work,
	&klab_bottom_work_system,
	&klab_bottom_work_bound,
	&klab_bottom_work_highpri,
	&klab_bottom_work_unbound,
	&klab_bottom_work_delayed,
	&klab_bottom_kthread_worker,
};
EXPORT_SYMBOL_IF_KUNIT(klab_bottom_mechanisms);

VISIBLE_IF_KUNIT const unsigned int klab_bottom_nr_mechanisms =
	ARRAY_SIZE(klab_bottom_mechanisms);
EXPORT_SYMBOL_IF_KUNIT(klab_bottom_nr_mechanisms);

static const char * const bottom_names[] = {
	"all", "hard", "threaded", "softwork", "softwork_percpu", "tasklet",
	"tasklet_hi", "bh_work", "bh_work_hi", "irq_work", "work_system",
	"work_bound", "work_highpri", "work_unbound", "work_delayed",
	"kthread_worker", NULL
};

static_assert(ARRAY_SIZE(bottom_names) ==
	      ARRAY_SIZE(klab_bottom_mechanisms) + 2);

static const char * const bottom_from[] = {
	[KLAB_BOTTOM_INTERRUPT] = "interrupt",
	[KLAB_BOTTOM_TASK] = "task",
	[KLAB_BOTTOM_TASK_BH_OFF] = "task_bh_off",
	NULL
};

static const struct klab_param bottom_params[] = {
	[BOTTOM_MECHANISM] =
		KLAB_CHOICE("mechanism", 0, bottom_names,
			    "what does the rest of the work"),
	[BOTTOM_FROM] =
		KLAB_CHOICE("from", KLAB_BOTTOM_INTERRUPT, bottom_from,
			    "who queues it"),
	[BOTTOM_RATE] =
		KLAB_INT("rate", 1000, 1, NSEC_PER_SEC / KLAB_TRAIN_PERIOD_MIN_NS,
			 "1/s", "bursts of interrupts on each CPU"),
	[BOTTOM_BURST] =
		KLAB_INT("burst", 1, 1, KLAB_TRAIN_BURST_MAX, NULL,
			 "interrupts per burst; items queued at once by a task"),
	[BOTTOM_COUNT] =
		KLAB_INT("count", 200, 1, 10000000, NULL,
			 "events of each mechanism on each CPU"),
	[BOTTOM_CPUS] =
		KLAB_STRING("cpus", "all", KLAB_STRING_MAX,
			    "list of CPUs, such as 0-1,3; a task uses the first"),
	[BOTTOM_HISTOGRAM] =
		KLAB_BOOL("histogram", true, "how latencies are distributed"),
};

/* What there is of it: all in the end is undone in one go. */
static void bottom_destroy(void *data)
{
	klab_bottom_destroy(data);
}

/*
 * How many of @cpus get a line: where @all CPUs were asked for, as many as there
 * are lines. A list of CPUs has to fit, or this is -EINVAL.
 */
VISIBLE_IF_KUNIT int klab_bottom_lines(unsigned int cpus, bool all)
{
	if (cpus > KLAB_SYNTHIRQ_LINES_MAX && !all)
		return -EINVAL;
	return min(cpus, KLAB_SYNTHIRQ_LINES_MAX);
}
EXPORT_SYMBOL_IF_KUNIT(klab_bottom_lines);

/* Fills @cpus; returns how many of them get a line. */
static int bottom_cpus(struct klab_run *run, struct cpumask *cpus)
{
	const char *list = klab_run_string(run, BOTTOM_CPUS);
	bool all = !strcmp(list, "all");
	int nr;

	if (all)
		cpumask_copy(cpus, cpu_online_mask);
	else if (cpulist_parse(list, cpus) || cpumask_empty(cpus))
		return klab_run_fail(run, -EINVAL, "cpus=%s: no list of CPUs",
				     list);
	if (!cpumask_subset(cpus, cpu_online_mask))
		return klab_run_fail(run, -EINVAL, "cpus=%s: not all online",
				     list);

	nr = klab_bottom_lines(cpumask_weight(cpus), all);
	if (nr < 0)
		return klab_run_fail(run, nr, "cpus=%s: at most %d CPUs", list,
				     KLAB_SYNTHIRQ_LINES_MAX);
	return nr;
}

static int bottom_channels(struct klab_run *run, struct klab_bottom *bottom)
{
	bool task = klab_run_value(run, BOTTOM_FROM) != KLAB_BOTTOM_INTERRUPT;
	struct cpumask *cpus __free(kfree) = kzalloc_obj(*cpus);
	unsigned int i, cpu;
	int nr;

	if (!cpus)
		return -ENOMEM;
	nr = bottom_cpus(run, cpus);
	if (nr < 0)
		return nr;
	if (task)
		nr = klab_run_value(run, BOTTOM_BURST);
	else if (nr < cpumask_weight(cpus))
		klab_note(run, "cpus_left_out", "%u",
			  cpumask_weight(cpus) - nr);
	if (nr > KLAB_SYNTHIRQ_LINES_MAX)
		return klab_run_fail(run, -EINVAL,
				     "burst=%d: a task has at most %d items", nr,
				     KLAB_SYNTHIRQ_LINES_MAX);

	bottom->channel = klab_run_alloc(run, nr * sizeof(*bottom->channel));
	if (!bottom->channel)
		return -ENOMEM;
	bottom->nr = nr;
	cpu = cpumask_first(cpus);
	for (i = 0; i < nr; i++) {
		klab_bottom_channel_init(&bottom->channel[i], bottom, cpu, i);
		if (!task)
			cpu = cpumask_next(cpu, cpus);
	}
	return 0;
}

/**
 * struct bottom_totals - what all channels of a mechanism have seen
 * @handled: events
 * @runs: runs that have handled any
 * @idle: runs that have found none
 * @elsewhere: runs on another CPU than the events
 */
struct bottom_totals {
	u64 handled;
	u64 runs;
	u64 idle;
	u64 elsewhere;
};

static void bottom_sum(struct klab_bottom *bottom, struct bottom_totals *totals)
{
	struct klab_bottom_channel *channel;
	unsigned int i;

	for (i = 0; i < bottom->nr; i++) {
		channel = &bottom->channel[i];
		guard(raw_spinlock_irqsave)(&channel->lock);
		totals->handled += channel->handled;
		totals->runs += channel->runs;
		totals->idle += channel->idle;
		totals->elsewhere += channel->elsewhere;
	}
}

/* What a round costs where the handler does it all: what rounds have in common. */
static int bottom_base(struct klab_bottom *bottom, u64 *base)
{
	int err;

	err = klab_bottom_open(bottom, &klab_bottom_hard, true);
	if (!err)
		err = klab_bottom_rounds(bottom, BOTTOM_ROUNDS,
					 KLAB_BOTTOM_INTERRUPT);
	*base = bottom->round;
	klab_bottom_close(bottom);
	return err;
}

static void bottom_row(struct klab_bottom *bottom,
		       const struct klab_summary *latency,
		       const struct bottom_totals *totals, u64 base)
{
	const struct klab_bottom_mechanism *mechanism = bottom->mechanism;
	u64 round = bottom->round;
	u64 hundredths = 0;
	u32 rest;

	if (totals->runs)
		hundredths = div64_u64(totals->handled * 100, totals->runs);
	hundredths = div_u64_rem(hundredths, 100, &rest);
	klab_row(bottom->run,
		 "%s\t%s\t%llu\t%llu\t%llu\t%llu\t%llu\t%llu\t%llu\t%llu\t%llu.%02u\t%llu\t%llu",
		 mechanism->name, mechanism->context, latency->ns.min,
		 latency->ns.median, latency->ns.p99, latency->ns.max, round,
		 round - min(round, base), totals->handled, totals->runs,
		 hundredths, rest, totals->idle, totals->elsewhere);
}

#define BOTTOM_COLUMNS							\
	"mechanism\tcontext\tmin[ns]\tmedian[ns]\tp99[ns]\tmax[ns]"	\
	"\tround[ns]\tcost[ns]\tevents\truns\tevents_per_run\tidle"	\
	"\telsewhere"

static int bottom_events(struct klab_bottom *bottom, enum klab_bottom_from from)
{
	struct klab_run *run = bottom->run;
	const struct klab_train train = {
		.period_ns = div_u64(NSEC_PER_SEC,
				     klab_run_value(run, BOTTOM_RATE)),
		.burst = klab_run_value(run, BOTTOM_BURST),
		.count = klab_run_value(run, BOTTOM_COUNT),
	};

	if (from != KLAB_BOTTOM_INTERRUPT)
		return klab_bottom_rounds(bottom, train.count, from);
	return klab_bottom_train(bottom, &train);
}

static int bottom_measure(struct klab_bottom *bottom,
			  const struct klab_bottom_mechanism *mechanism,
			  u64 base, u64 *handled)
{
	struct klab_run *run = bottom->run;
	enum klab_bottom_from from = klab_run_value(run, BOTTOM_FROM);
	bool interrupt = from == KLAB_BOTTOM_INTERRUPT;
	struct bottom_totals totals = {};
	struct klab_summary latency;
	char label[48];
	int err;

	err = klab_bottom_open(bottom, mechanism, interrupt) ?:
	      bottom_events(bottom, from);
	if (err)
		return err;
	bottom_sum(bottom, &totals);
	*handled += totals.handled;
	klab_samples_summary(bottom->latency, &latency);
	if (klab_run_value(run, BOTTOM_HISTOGRAM)) {
		snprintf(label, sizeof(label), "latency.%s", mechanism->name);
		klab_samples_histogram(run, label, bottom->latency);
	}

	if (interrupt)
		err = klab_bottom_rounds(bottom, BOTTOM_ROUNDS, from);
	if (!err)
		bottom_row(bottom, &latency, &totals, base);
	klab_bottom_close(bottom);
	return err;
}

/* Whether a mechanism is there and was asked for, or a reason why not. */
static const char *bottom_left_out(struct klab_run *run, unsigned int i)
{
	unsigned int choice = klab_run_value(run, BOTTOM_MECHANISM);

	if (choice && choice != i + 1)
		return "not asked for";
	if (!klab_bottom_mechanisms[i])
		return "the kernel has no softwork";
	if (klab_bottom_mechanisms[i]->interrupt_only &&
	    klab_run_value(run, BOTTOM_FROM) != KLAB_BOTTOM_INTERRUPT)
		return "a task cannot queue it";
	return NULL;
}

static int bottom_all(struct klab_bottom *bottom, u64 base, u64 *handled)
{
	struct klab_run *run = bottom->run;
	unsigned int choice = klab_run_value(run, BOTTOM_MECHANISM);
	const char *why;
	unsigned int i;
	int err = 0;

	for (i = 0; !err && i < ARRAY_SIZE(klab_bottom_mechanisms); i++) {
		why = bottom_left_out(run, i);
		if (!why)
			err = bottom_measure(bottom, klab_bottom_mechanisms[i],
					     base, handled);
		else if (choice == i + 1)
			err = klab_run_fail(run, -EINVAL, "mechanism=%s: %s",
					    bottom_names[choice], why);
	}
	return err;
}

static int bottom_run(struct klab_run *run)
{
	bool interrupt = klab_run_value(run, BOTTOM_FROM) ==
			 KLAB_BOTTOM_INTERRUPT;
	struct klab_bottom *bottom;
	u64 base = 0, handled = 0;
	int err;

	bottom = klab_run_alloc(run, sizeof(*bottom));
	if (!bottom)
		return -ENOMEM;
	bottom->run = run;
	err = bottom_channels(run, bottom);
	if (err)
		return err;
	err = klab_run_defer(run, bottom_destroy, bottom);
	if (err)
		return err;
	err = klab_bottom_create(bottom);
	if (err)
		return err;

	klab_columns(run, BOTTOM_COLUMNS);
	if (interrupt)
		err = bottom_base(bottom, &base);
	klab_note(run, "preempt_rt", "%d", IS_ENABLED(CONFIG_PREEMPT_RT));
	klab_note(run, "channels", "%u", bottom->nr);
	klab_note(run, "round_of_hard_ns", "%llu", base);
	err = err ?: bottom_all(bottom, base, &handled);
	klab_note(run, "handled", "%llu", handled);
	return err;
}

static struct klab_experiment bottom_experiments[] = {
	{
		.room = "irq",
		.name = "bottom-halves",
		.question = "Which bottom half starts soonest, and what does it cost?",
		.params = bottom_params,
		.nr_params = ARRAY_SIZE(bottom_params),
		.time_limit_ms = 60000,
		.run = bottom_run,
	},
};

module_klab_experiments(bottom_experiments);

MODULE_DESCRIPTION("klab: every bottom half side by side");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
