// SPDX-License-Identifier: GPL-2.0-only
/* Tasklets that are switched off: how often, and until when. */

#include <linux/atomic.h>
#include <linux/bottom_half.h>
#include <linux/cpumask.h>
#include <linux/hrtimer.h>
#include <linux/interrupt.h>
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/smp.h>
#include <linux/workqueue.h>

#include <kunit/test.h>

#include "irq_kunit.h"

/**
 * struct tasklet_test - what the tasklets do, and what they wait for
 * @open: the item may return
 * @entered: calls of the item
 * @left: returns from it
 * @marked: calls of the marker
 * @schedule: schedules the item on another CPU
 * @timer: lets the item return when the test has gone to sleep
 * @waiter: the test
 */
struct tasklet_test {
	atomic_t open;
	atomic_t entered;
	atomic_t left;
	atomic_t marked;
	struct work_struct schedule;
	struct hrtimer timer;
	struct task_struct *waiter;
};

static struct tasklet_test state;

static void item_func(struct tasklet_struct *tasklet)
{
	unsigned long end = jiffies + 10 * HZ;

	atomic_inc(&state.entered);
	while (!atomic_read(&state.open) && time_before(jiffies, end))
		cpu_relax();
	atomic_inc(&state.left);
}

static void marker_func(struct tasklet_struct *tasklet)
{
	atomic_inc(&state.marked);
}

/* Between tests, too, the item is disabled, once. */
static DECLARE_TASKLET_DISABLED(item, item_func);
static DECLARE_TASKLET(marker, marker_func);

static void schedule_item(struct work_struct *work)
{
	local_bh_disable();
	tasklet_schedule(&item);
	local_bh_enable();
}

static enum hrtimer_restart open_item(struct hrtimer *timer)
{
	if (task_is_running(state.waiter)) {
		hrtimer_forward_now(timer, ms_to_ktime(1));
		return HRTIMER_RESTART;
	}
	atomic_set(&state.open, 1);
	return HRTIMER_NORESTART;
}

/*
 * Schedules the item twice, and says how often it has run after its turn: the
 * marker comes after it.
 */
static int runs_when_scheduled_twice(struct kunit *test)
{
	int marked = atomic_read(&state.marked);

	local_bh_disable();
	tasklet_schedule(&item);
	tasklet_schedule(&item);
	tasklet_schedule(&marker);
	local_bh_enable();
	klab_irq_kunit_until(test, atomic_read(&state.marked) > marked);
	return atomic_read(&state.entered);
}

static void klab_irq_tasklet_disabled_does_not_run(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, 0, runs_when_scheduled_twice(test));
}

static void klab_irq_tasklet_enabled_runs_once(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, 0, runs_when_scheduled_twice(test));
	tasklet_enable(&item);
	klab_irq_kunit_until(test, atomic_read(&state.left) > 0);
	tasklet_kill(&item);
	KUNIT_EXPECT_EQ(test, 1, atomic_read(&state.entered));
	KUNIT_EXPECT_EQ(test, 2, runs_when_scheduled_twice(test));
}

static void klab_irq_tasklet_disabled_twice_needs_two(struct kunit *test)
{
	tasklet_disable(&item);
	tasklet_enable(&item);
	KUNIT_EXPECT_EQ(test, 0, runs_when_scheduled_twice(test));
	tasklet_enable(&item);
	klab_irq_kunit_until(test, atomic_read(&state.left) > 0);
	KUNIT_EXPECT_EQ(test, 1, atomic_read(&state.entered));
}

/* The item runs on another CPU, and does not return before it may. */
static void run_elsewhere(struct kunit *test)
{
	int here = raw_smp_processor_id();
	int cpu = cpumask_any_but(cpu_online_mask, here);

	if (cpu >= nr_cpu_ids)
		kunit_skip(test, "needs a second CPU online");
	KUNIT_ASSERT_EQ(test, 0,
			set_cpus_allowed_ptr(current, cpumask_of(here)));
	atomic_set(&state.open, 0);
	tasklet_enable(&item);
	schedule_work_on(cpu, &state.schedule);
	klab_irq_kunit_until(test, atomic_read(&state.entered));
}

static void klab_irq_tasklet_disable_waits_for_running(struct kunit *test)
{
	run_elsewhere(test);
	hrtimer_start(&state.timer, ms_to_ktime(1), HRTIMER_MODE_REL_HARD);
	tasklet_disable(&item);
	hrtimer_cancel(&state.timer);
	KUNIT_EXPECT_EQ(test, 1, atomic_read(&state.open));
	KUNIT_EXPECT_EQ(test, 1, atomic_read(&state.left));
	KUNIT_EXPECT_EQ(test, 1, runs_when_scheduled_twice(test));
}

static void klab_irq_tasklet_disable_nosync_does_not_wait(struct kunit *test)
{
	run_elsewhere(test);
	tasklet_disable_nosync(&item);
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&state.left));
	atomic_set(&state.open, 1);
	tasklet_unlock_wait(&item);
	KUNIT_EXPECT_EQ(test, 1, atomic_read(&state.left));
	KUNIT_EXPECT_EQ(test, 1, runs_when_scheduled_twice(test));
}

static int tasklet_test_init(struct kunit *test)
{
	atomic_set(&state.open, 1);
	atomic_set(&state.entered, 0);
	atomic_set(&state.left, 0);
	INIT_WORK(&state.schedule, schedule_item);
	hrtimer_init(&state.timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL_HARD);
	state.timer.function = open_item;
	state.waiter = current;
	return 0;
}

/* tasklet_kill() would wait for ever for one that is scheduled and disabled. */
static void tasklet_test_exit(struct kunit *test)
{
	atomic_set(&state.open, 1);
	flush_work(&state.schedule);
	while (atomic_read(&item.count))
		tasklet_enable(&item);
	tasklet_kill(&item);
	tasklet_kill(&marker);
	tasklet_disable(&item);
}

static struct kunit_case tasklet_cases[] = {
	KUNIT_CASE(klab_irq_tasklet_disabled_does_not_run),
	KUNIT_CASE(klab_irq_tasklet_enabled_runs_once),
	KUNIT_CASE(klab_irq_tasklet_disabled_twice_needs_two),
	KUNIT_CASE(klab_irq_tasklet_disable_waits_for_running),
	KUNIT_CASE(klab_irq_tasklet_disable_nosync_does_not_wait),
	{}
};

static struct kunit_suite tasklet_suite = {
	.name = "klab_irq_tasklet",
	.init = tasklet_test_init,
	.exit = tasklet_test_exit,
	.test_cases = tasklet_cases,
};

kunit_test_suite(tasklet_suite);

MODULE_DESCRIPTION("KUnit tests for tasklets that are disabled");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
