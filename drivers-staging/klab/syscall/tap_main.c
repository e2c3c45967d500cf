// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tap on existing system calls: the experiment that switches it and reports,
 * and the one that says what it costs.
 */

#include <linux/cleanup.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/lockdep.h>
#include <linux/minmax.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <linux/string_choices.h>

#include "tap.h"

#define TAP_WAIT_MAX_MS		60000
#define TAP_STEP		(HZ / 20 ?: 1)	/* between two looks at the run */

enum {
	PARAM_SWITCH,
	PARAM_CALLS,
	PARAM_WAIT,
};

enum {
	SWITCH_KEEP,
	SWITCH_ON,
	SWITCH_OFF,
};

static const char * const tap_switch[] = {
	[SWITCH_KEEP] = "keep",
	[SWITCH_ON] = "on",
	[SWITCH_OFF] = "off",
	NULL
};

static const struct klab_param tap_params[] = {
	[PARAM_SWITCH] = KLAB_CHOICE("switch", SWITCH_KEEP, tap_switch,
				     "leave it as it is, start anew with these calls, or stop"),
	[PARAM_CALLS] = KLAB_STRING("calls", "read,write,openat,close",
				    KLAB_STRING_MAX,
				    "names or numbers of calls, with switch=on"),
	[PARAM_WAIT] = KLAB_INT("wait", 0, 0, TAP_WAIT_MAX_MS, "ms",
				"time to let pass before the report"),
};

/* Protects the tap there is, whether it is on, and where it is fastened. */
static DEFINE_MUTEX(tap_lock);
static struct klab_tap *tap_current;
static bool tap_on;

static void tap_stop(void)
{
	lockdep_assert_held(&tap_lock);

	if (tap_on)
		klab_tap_detach(tap_current);
	tap_on = false;
}

static int tap_refuse(struct klab_run *run, int err, const char *bad)
{
	switch (err) {
	case -ENOENT:
		return klab_run_fail(run, -EINVAL, "calls: no call '%s'", bad);
	case -EEXIST:
		return klab_run_fail(run, -EINVAL, "calls: '%s' twice", bad);
	case -E2BIG:
		return klab_run_fail(run, -EINVAL, "calls: more than %u",
				     KLAB_TAP_CALLS_MAX);
	default:
		return err;
	}
}

static int tap_start(struct klab_run *run)
{
	char calls[KLAB_STRING_MAX + 1];
	const char *bad = "";
	struct klab_tap *tap;
	int err;

	lockdep_assert_held(&tap_lock);

	strscpy(calls, klab_run_string(run, PARAM_CALLS));
	tap = klab_tap_alloc(calls, &bad);
	if (IS_ERR(tap))
		return tap_refuse(run, PTR_ERR(tap), bad);

	tap_stop();
	klab_tap_free(tap_current);
	tap_current = tap;
	err = klab_tap_attach(tap);
	if (err)
		return klab_run_fail(run, err, "cannot be attached");
	tap_on = true;
	return 0;
}

static int tap_turn(struct klab_run *run)
{
	guard(mutex)(&tap_lock);

	switch (klab_run_value(run, PARAM_SWITCH)) {
	case SWITCH_ON:
		return tap_start(run);
	case SWITCH_OFF:
		tap_stop();
		return 0;
	default:
		return 0;
	}
}

static int tap_wait(struct klab_run *run)
{
	unsigned long end, left;
	int err;

	end = jiffies + msecs_to_jiffies(klab_run_value(run, PARAM_WAIT));
	do {
		err = klab_run_check(run);
		if (err || time_after_eq(jiffies, end))
			return err;
		left = end - jiffies;
		schedule_timeout_killable(min_t(unsigned long, left, TAP_STEP));
	} while (true);
}

static int tap_run(struct klab_run *run)
{
	int err;

	err = tap_turn(run) ?: tap_wait(run);
	if (err)
		return err;

	guard(mutex)(&tap_lock);

	klab_note(run, "state", "%s", str_on_off(tap_on));
	klab_columns(run, "call\t" KLAB_SAMPLE_COLUMNS);
	if (tap_current)
		klab_tap_report(run, tap_current);
	return 0;
}

static struct klab_experiment tap_experiments[] = {
	{
		.room = "syscall",
		.name = "tap",
		.question = "How often are system calls made, and how long do they take?",
		.params = tap_params,
		.nr_params = ARRAY_SIZE(tap_params),
		.time_limit_ms = TAP_WAIT_MAX_MS + KLAB_RUN_LIMIT_MS,
		.run = tap_run,
	}, {
		.room = "syscall",
		.name = "tap-cost",
		.question = "What does the tap add to a system call?",
		.params = klab_tap_cost_params,
		.nr_params = KLAB_TAP_COST_PARAMS,
		.run = klab_tap_cost_run,
	},
};

static int __init tap_init(void)
{
	return klab_experiments_register(tap_experiments,
					 ARRAY_SIZE(tap_experiments));
}
module_init(tap_init);

static void __exit tap_exit(void)
{
	klab_experiments_unregister(tap_experiments,
				    ARRAY_SIZE(tap_experiments));
	scoped_guard(mutex, &tap_lock)
		tap_stop();
	klab_tap_free(tap_current);
}
module_exit(tap_exit);

MODULE_DESCRIPTION("klab: counts and latencies of existing system calls");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
