// SPDX-License-Identifier: GPL-2.0-only
/*
 * Experiment core/clock: what the kernel's clocks cost and how fine they are.
 */

#include <kunit/visibility.h>
#include <linux/compiler.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/limits.h>
#include <linux/minmax.h>
#include <linux/sched/clock.h>
#include <linux/sprintf.h>
#include <linux/timekeeping.h>
#include <linux/timex.h>

#include "core_measure.h"

/* Reads between two looks at whether the run may go on. */
#define KLAB_CLOCK_STRIDE	256

/*
 * Long enough for a clock that moves with the tick to do so: some move a little
 * after jiffies, which may be late by several ticks at once.
 */
#define KLAB_CLOCK_STEP_TICKS	50

/**
 * struct klab_clock - a way to read the time
 * @name: the function, for the table
 * @unit: what it counts
 * @read: reads it
 * @sample: reads it and records what that cost
 */
struct klab_clock {
	const char *name;
	const char *unit;
	u64 (*read)(void);
	void (*sample)(struct klab_samples *samples);
};

/* A function of its own for each, lest the cost is that of a pointer. */
#define DEFINE_KLAB_CLOCK(_name, _read)					\
static __always_inline u64 klab_clock_##_name(void)			\
{									\
	return _read;							\
}									\
static void klab_clock_##_name##_sample(struct klab_samples *samples)	\
{									\
	struct klab_stamp start = klab_stamp_now();			\
	u64 now = klab_clock_##_name();					\
									\
	OPTIMIZER_HIDE_VAR(now);					\
	klab_sample_since(samples, &start);				\
}

DEFINE_KLAB_CLOCK(ktime_get, ktime_get())
DEFINE_KLAB_CLOCK(ktime_get_raw, ktime_get_raw())
DEFINE_KLAB_CLOCK(ktime_get_real, ktime_get_real())
DEFINE_KLAB_CLOCK(ktime_get_boottime, ktime_get_boottime())
DEFINE_KLAB_CLOCK(ktime_get_clocktai, ktime_get_clocktai())
DEFINE_KLAB_CLOCK(ktime_get_coarse, ktime_get_coarse())
DEFINE_KLAB_CLOCK(ktime_get_coarse_real, ktime_get_coarse_real())
DEFINE_KLAB_CLOCK(ktime_get_mono_fast_ns, ktime_get_mono_fast_ns())
DEFINE_KLAB_CLOCK(local_clock, local_clock())
DEFINE_KLAB_CLOCK(jiffies, jiffies)
DEFINE_KLAB_CLOCK(get_jiffies_64, get_jiffies_64())
DEFINE_KLAB_CLOCK(get_cycles, get_cycles())

#define KLAB_CLOCK(_name, _unit)					\
	{								\
		.name = #_name,						\
		.unit = _unit,						\
		.read = klab_clock_##_name,				\
		.sample = klab_clock_##_name##_sample,			\
	}

static const struct klab_clock klab_clocks[] = {
	KLAB_CLOCK(ktime_get, "ns"),
	KLAB_CLOCK(ktime_get_raw, "ns"),
	KLAB_CLOCK(ktime_get_real, "ns"),
	KLAB_CLOCK(ktime_get_boottime, "ns"),
	KLAB_CLOCK(ktime_get_clocktai, "ns"),
	KLAB_CLOCK(ktime_get_coarse, "ns"),
	KLAB_CLOCK(ktime_get_coarse_real, "ns"),
	KLAB_CLOCK(ktime_get_mono_fast_ns, "ns"),
	KLAB_CLOCK(local_clock, "ns"),
	KLAB_CLOCK(jiffies, "tick"),
	KLAB_CLOCK(get_jiffies_64, "tick"),
	KLAB_CLOCK(get_cycles, "cycle"),
};

enum {
	KLAB_CLOCK_ROUNDS,
};

static const struct klab_param klab_clock_params[] = {
	[KLAB_CLOCK_ROUNDS] = KLAB_INT("rounds", 10000, 1, 1000000, NULL,
				       "reads of each clock"),
};

/**
 * klab_clock_step() - how fine a clock is
 * @run: the run
 * @read: reads the clock
 * @rounds: reads, at least
 * @step: gets the smallest step forward between two reads; 0 if there was none
 *	in so many reads and some ticks
 *
 * Context: the task that does the run; may sleep.
 * Return: 0 or the error of klab_run_check().
 */
VISIBLE_IF_KUNIT int klab_clock_step(struct klab_run *run, u64 (*read)(void),
				     u64 rounds, u64 *step)
{
	unsigned long end = jiffies + KLAB_CLOCK_STEP_TICKS;
	u64 last = read(), now, reads = 0, min = U64_MAX;
	bool over;
	int ret;

	do {
		if (!(reads++ % KLAB_CLOCK_STRIDE)) {
			ret = klab_run_check(run);
			if (ret)
				return ret;
		}
		/* Before the read, which then sees the tick that ended it. */
		over = time_after_eq(jiffies, end);
		now = read();
		if ((s64)(now - last) > 0)
			min = min(min, now - last);
		last = now;
	} while (reads < rounds || (min == U64_MAX && !over));

	*step = min == U64_MAX ? 0 : min;
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(klab_clock_step);

/**
 * klab_clock_cost() - what a clock costs
 * @run: the run
 * @sample: reads the clock and records what that cost
 * @rounds: reads
 * @samples: where it records
 *
 * Context: the task that does the run; may sleep.
 * Return: 0 or the error of klab_run_check().
 */
VISIBLE_IF_KUNIT int
klab_clock_cost(struct klab_run *run, void (*sample)(struct klab_samples *),
		u64 rounds, struct klab_samples *samples)
{
	u64 reads;
	int ret;

	for (reads = 0; reads < rounds; reads++) {
		if (!(reads % KLAB_CLOCK_STRIDE)) {
			ret = klab_run_check(run);
			if (ret)
				return ret;
		}
		sample(samples);
	}

	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(klab_clock_cost);

static int klab_clock_row(struct klab_run *run, const struct klab_clock *clock,
			  u64 rounds, struct klab_samples *samples)
{
	struct klab_sample_cells c;
	char step_text[24] = "-";
	u64 step;
	int ret;

	ret = klab_clock_step(run, clock->read, rounds, &step);
	if (ret)
		return ret;
	klab_samples_reset(samples);
	ret = klab_clock_cost(run, clock->sample, rounds, samples);
	if (ret)
		return ret;

	if (step)
		snprintf(step_text, sizeof(step_text), "%llu", step);
	klab_samples_cells(samples, &c);
	klab_row(run, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s",
		 clock->name, step_text, clock->unit, c.count,
		 c.ns[0], c.ns[1], c.ns[2], c.ns[3],
		 c.cycles[0], c.cycles[1], c.cycles[2], c.cycles[3]);

	return 0;
}

static void klab_clock_free(void *samples)
{
	klab_samples_free(samples);
}

static int klab_clock_run(struct klab_run *run)
{
	u64 rounds = klab_run_value(run, KLAB_CLOCK_ROUNDS);
	struct klab_samples *samples = klab_samples_alloc();
	unsigned int i;
	int ret;

	if (!samples)
		return -ENOMEM;
	ret = klab_run_defer(run, klab_clock_free, samples);
	if (ret)
		return ret;

	klab_note(run, "tick", "%lu ns", TICK_NSEC);
	klab_columns(run, "clock\tstep\tunit\t" KLAB_SAMPLE_COLUMNS);
	for (i = 0; i < ARRAY_SIZE(klab_clocks); i++) {
		ret = klab_clock_row(run, &klab_clocks[i], rounds, samples);
		if (ret)
			return ret;
	}

	return 0;
}

struct klab_experiment klab_clock_experiment = {
	.room		= "core",
	.name		= "clock",
	.question	= "What does each clock of the kernel cost, and how fine is it?",
	.params		= klab_clock_params,
	.nr_params	= ARRAY_SIZE(klab_clock_params),
	.time_limit_ms	= 60000,
	.run		= klab_clock_run,
};
