// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the tap's own work costs per system call, without the kernel's slow path
 * around it, which only a caller in user space can measure.
 */

#include <linux/err.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/math.h>
#include <linux/minmax.h>
#include <linux/sched.h>

#include <asm/ptrace.h>

#include "tap.h"

#define TAP_COST_BATCH	64

enum {
	PARAM_ROUNDS,
};

const struct klab_param klab_tap_cost_params[] = {
	[PARAM_ROUNDS] = KLAB_INT("rounds", 1000, 1, 100000, NULL,
				  "samples per row, of 64 calls each"),
};

/**
 * struct tap_cost - a kind of call
 * @name: of the row
 * @nr: its number
 */
struct tap_cost {
	const char *name;
	long nr;
};

/* The number is one of the chosen calls, or not. */
static const struct tap_cost tap_costs[] = {
	{ "chosen", 0 },
	{ "not_chosen", 1 },
};

static int tap_cost_row(struct klab_run *run, struct klab_tap *tap,
			const struct tap_cost *cost,
			struct klab_samples *samples)
{
	struct pt_regs regs = { .orig_ax = cost->nr };
	struct klab_stamp start;
	unsigned int round, i;
	int err = 0;

	klab_samples_reset(samples);
	for (round = 0; !err && round < klab_run_value(run, PARAM_ROUNDS);
	     round++) {
		start = klab_stamp_now();
		for (i = 0; i < TAP_COST_BATCH; i++) {
			klab_tap_enter(tap, &regs, cost->nr);
			klab_tap_exit(tap, &regs, 0);
		}
		klab_sample_since(samples, &start);
		err = klab_run_check(run);
	}
	if (!err)
		klab_samples_row(run, cost->name, samples);
	return err;
}

/**
 * klab_tap_cost_run() - the experiment syscall/tap-cost
 * @run: the run
 *
 * Uses a tap of its own, which is attached nowhere.
 *
 * Context: process context of the run, may sleep.
 * Return: 0, -ENOMEM, or why the run has to end.
 */
int klab_tap_cost_run(struct klab_run *run)
{
	struct klab_samples *samples;
	char calls[] = "0";
	const char *bad;
	struct klab_tap *tap;
	unsigned int i;
	int err = 0;

	tap = klab_tap_alloc(calls, &bad);
	if (IS_ERR(tap))
		return PTR_ERR(tap);
	samples = klab_samples_alloc();
	if (!samples)
		err = -ENOMEM;

	klab_note(run, "calls_per_sample", "%u", TAP_COST_BATCH);
	klab_columns(run, "call\t" KLAB_SAMPLE_COLUMNS);
	for (i = 0; !err && i < ARRAY_SIZE(tap_costs); i++)
		err = tap_cost_row(run, tap, &tap_costs[i], samples);

	klab_samples_free(samples);
	klab_tap_free(tap);
	return err;
}
