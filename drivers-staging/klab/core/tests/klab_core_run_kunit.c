// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of klab's core: the life of a run.
 */

#include <linux/array_size.h>
#include <linux/completion.h>
#include <linux/errno.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/limits.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/sched/signal.h>
#include <linux/string.h>
#include <linux/wait.h>

#include <kunit/test.h>

#include "../core_internal.h"
#include "../klab_fixture.h"

#define RUN_BOUND	(30 * HZ)	/* a test that waits longer has failed */

enum { PARAM_RATE, PARAM_HARD, PARAM_MODE, PARAM_WHO };

static const char * const run_modes[] = { "poll", "irq", NULL };

static const struct klab_param run_params[] = {
	KLAB_INT("rate", -10, -10, 10, "Hz", "How often"),
	KLAB_BOOL("hard", 1, "Whether it is hard"),
	KLAB_CHOICE("mode", 1, run_modes, "Which way"),
	KLAB_STRING("who", "me", 8, "For whom"),
};

/* What the experiment does next. */
static int run_ret;

static int run_run(struct klab_run *run)
{
	klab_columns(run, "a");
	klab_row(run, "%d", 1);
	return run_ret;
}

static struct klab_experiment experiment = {
	.room = "core",
	.name = "run",
	.params = run_params,
	.nr_params = ARRAY_SIZE(run_params),
	.time_limit_ms = 60000,
	.run = run_run,
};

static struct klab_values run_values;

static int run_init(struct kunit *test)
{
	experiment.dying = false;
	run_ret = 0;
	klab_values_default(&experiment, &run_values);
	test->priv = klab_run_create(&experiment, &run_values);
	KUNIT_ASSERT_NOT_NULL(test, test->priv);
	return 0;
}

static void run_exit(struct kunit *test)
{
	klab_run_destroy(test->priv);
}

static void klab_core_run_values(struct kunit *test)
{
	struct klab_run *run = test->priv;

	KUNIT_EXPECT_EQ(test, -10, klab_run_value(run, PARAM_RATE));
	KUNIT_EXPECT_EQ(test, 1, klab_run_value(run, PARAM_HARD));
	KUNIT_EXPECT_EQ(test, 1, klab_run_value(run, PARAM_MODE));
	KUNIT_EXPECT_STREQ(test, "", klab_run_string(run, PARAM_RATE));
	KUNIT_EXPECT_STREQ(test, "irq", klab_run_string(run, PARAM_MODE));
	KUNIT_EXPECT_STREQ(test, "me", klab_run_string(run, PARAM_WHO));
}

static void run_expect_end(struct kunit *test, int err)
{
	struct klab_run *run = test->priv;

	KUNIT_EXPECT_EQ(test, !!err, klab_run_stopped(run));
	KUNIT_EXPECT_EQ(test, err, klab_run_check(run));
}

static void klab_core_run_check_lets_it_go_on(struct kunit *test)
{
	run_expect_end(test, 0);
}

static void klab_core_run_check_cancelled(struct kunit *test)
{
	klab_run_cancel(test->priv);
	run_expect_end(test, -ENODEV);
}

static void klab_core_run_check_unregistered(struct kunit *test)
{
	experiment.dying = true;
	run_expect_end(test, -ENODEV);
}

static void klab_core_run_check_killed(struct kunit *test)
{
	allow_signal(SIGKILL);
	send_sig(SIGKILL, current, 1);
	run_expect_end(test, -EINTR);
	flush_signals(current);
	disallow_signal(SIGKILL);
	run_expect_end(test, 0);
}

static void klab_core_run_check_late(struct kunit *test)
{
	struct klab_run *run = test->priv;

	run->started = jiffies - msecs_to_jiffies(60000) - 1;
	run_expect_end(test, -ETIME);
	KUNIT_EXPECT_EQ(test, -ETIME, run->reason.err);
	KUNIT_EXPECT_STREQ(test, "not done after 60000 ms", run->reason.text);
	KUNIT_EXPECT_EQ(test, 1, klab_run_time_left(run));
}

/* Who waits so long finds the time up, and not earlier. */
static void klab_core_run_time_left(struct kunit *test)
{
	struct klab_run *run = test->priv;
	unsigned long deadline, now;
	long left;

	deadline = run->started + msecs_to_jiffies(experiment.time_limit_ms);
	do {
		now = jiffies;
		left = klab_run_time_left(run);
	} while (time_after(jiffies, now));
	KUNIT_EXPECT_TRUE(test, time_after(now + left, deadline));
	KUNIT_EXPECT_FALSE(test, time_after(now + left - 1, deadline));

	run->started = jiffies - 2 * msecs_to_jiffies(experiment.time_limit_ms);
	KUNIT_EXPECT_EQ(test, 1L, klab_run_time_left(run));
}

static void klab_core_run_time_limit_by_default(struct kunit *test)
{
	static const struct klab_experiment unlimited = { .room = "core" };
	struct klab_run *run = test->priv;

	run->experiment = &unlimited;
	run->started = jiffies - msecs_to_jiffies(KLAB_RUN_LIMIT_MS) - 1;
	run_expect_end(test, -ETIME);
	run->experiment = &experiment;
	run_expect_end(test, 0);
	KUNIT_EXPECT_GT(test, klab_run_time_left(run), 1);
}

static void klab_core_run_fail_keeps_the_reason(struct kunit *test)
{
	struct klab_run *run = test->priv;

	KUNIT_EXPECT_EQ(test, -EPROTO, klab_run_fail(run, -EPROTO, "%s %d",
						     "a\nb", 3));
	KUNIT_EXPECT_EQ(test, -EPROTO, run->reason.err);
	KUNIT_EXPECT_STREQ(test, "a\\nb 3", run->reason.text);
}

static char run_log[16];

static void run_log_add(void *data)
{
	strlcat(run_log, data, sizeof(run_log));
}

static void klab_core_run_defer_undoes_the_last_first(struct kunit *test)
{
	struct klab_run *run = klab_run_create(&experiment, &run_values);

	KUNIT_ASSERT_NOT_NULL(test, run);
	run_log[0] = '\0';
	KUNIT_EXPECT_EQ(test, 0, klab_run_defer(run, run_log_add, "a"));
	KUNIT_EXPECT_EQ(test, 0, klab_run_defer(run, run_log_add, "b"));
	KUNIT_EXPECT_EQ(test, 0, klab_run_defer(run, run_log_add, "c"));
	KUNIT_EXPECT_STREQ(test, "", run_log);
	klab_run_destroy(run);
	KUNIT_EXPECT_STREQ(test, "cba", run_log);
}

static int run_defer_step(struct kunit *test)
{
	struct klab_run *run = klab_run_create(&experiment, &run_values);
	int err;

	if (!run)
		return -ENOMEM;

	run_log[0] = '\0';
	err = klab_run_defer(run, run_log_add, "x");
	KUNIT_EXPECT_STREQ(test, err ? "x" : "", run_log);
	klab_run_destroy(run);
	KUNIT_EXPECT_STREQ(test, "x", run_log);
	return err;
}

/* The action is called once, whether it could be put off or not. */
static void klab_core_run_defer_without_memory(struct kunit *test)
{
	klab_kunit_each_failure(test, run_defer_step);
}

static void klab_core_run_alloc_gives_zeroed_memory(struct kunit *test)
{
	struct klab_run *run = test->priv;
	u64 left = run->memory_left;
	u8 *memory = klab_run_alloc(run, 3 * PAGE_SIZE);

	KUNIT_ASSERT_NOT_NULL(test, memory);
	KUNIT_EXPECT_NULL(test, memchr_inv(memory, 0, 3 * PAGE_SIZE));
	KUNIT_EXPECT_EQ(test, left - 3 * PAGE_SIZE, run->memory_left);
}

static void klab_core_run_alloc_has_a_share_of_memory(struct kunit *test)
{
	struct klab_run *run = test->priv;

	KUNIT_EXPECT_EQ(test, run->memory_left,
			((u64)totalram_pages() << PAGE_SHIFT) / 16);
	run->memory_left = 100;
	KUNIT_ASSERT_NOT_NULL(test, klab_run_alloc(run, 60));
	KUNIT_ASSERT_NOT_NULL(test, klab_run_alloc(run, 40));
	KUNIT_EXPECT_NULL(test, klab_run_alloc(run, 1));
	KUNIT_EXPECT_EQ(test, -ENOMEM, klab_run_check(run));
}

static void klab_core_run_alloc_of_everything(struct kunit *test)
{
	KUNIT_EXPECT_NULL(test, klab_run_alloc(test->priv, SIZE_MAX));
	KUNIT_EXPECT_EQ(test, -ENOMEM, klab_run_check(test->priv));
}

static int run_alloc_step(struct kunit *test)
{
	struct klab_run *run = klab_run_create(&experiment, &run_values);
	int err;

	if (!run)
		return -ENOMEM;

	KUNIT_EXPECT_EQ(test, !klab_run_alloc(run, 100),
			!!run->report.err.err);
	err = klab_run_check(run);
	klab_run_destroy(run);
	return err;
}

static void klab_core_run_alloc_without_memory(struct kunit *test)
{
	klab_kunit_each_failure(test, run_alloc_step);
}

static void klab_core_run_execute_says_what_was_run(struct kunit *test)
{
	struct klab_text result = {};
	char text[256] = {};

	KUNIT_ASSERT_EQ(test, 0, klab_run_execute(test->priv, &result));
	KUNIT_ASSERT_LT(test, result.len, sizeof(text));
	memcpy(text, result.buf, result.len);
	klab_text_free(&result);
	KUNIT_EXPECT_STREQ(test, text,
			   "# experiment=core/run\n"
			   "# param.rate=-10\n"
			   "# param.hard=1\n"
			   "# param.mode=irq\n"
			   "# param.who=me\n"
			   "a\n"
			   "1\n");
}

struct run_error_case {
	int ret;
	int err;
};

/* Codes that only the signal code of a system call may see. */
static const struct run_error_case run_error_cases[] = {
	{ -EPROTO, -EPROTO },
	{ -EINTR, -EINTR },
	{ -ERESTARTSYS, -EINTR },
	{ -ERESTARTNOINTR, -EINTR },
	{ -ERESTARTNOHAND, -EINTR },
	{ -ERESTART_RESTARTBLOCK, -EINTR },
};

static void run_error_desc(const struct run_error_case *param, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%d", param->ret);
}

KUNIT_ARRAY_PARAM(run_error, run_error_cases, run_error_desc);

static void klab_core_run_execute_fails(struct kunit *test)
{
	const struct run_error_case *param = test->param_value;
	struct klab_run *run = test->priv;
	struct klab_text result = {};

	run_ret = param->ret;
	KUNIT_EXPECT_EQ(test, param->err, klab_run_execute(run, &result));
	KUNIT_EXPECT_NULL(test, result.buf);
	KUNIT_EXPECT_EQ(test, param->err, run->reason.err);
}

/* What the result says of itself is the reason, if the experiment has none. */
static void klab_core_run_execute_explains_the_result(struct kunit *test)
{
	struct klab_run *run = test->priv;
	struct klab_text result = {};

	klab_row(run, "too\tmany");
	KUNIT_EXPECT_EQ(test, -EBADMSG, klab_run_execute(run, &result));
	KUNIT_EXPECT_NULL(test, result.buf);
	KUNIT_EXPECT_STREQ(test, "rows of the result do not fit its 1 columns",
			   run->reason.text);
}

static void klab_core_run_wait_event_that_is_true(struct kunit *test)
{
	DECLARE_WAIT_QUEUE_HEAD_ONSTACK(wq);

	/* Even if the run is to end: what was waited for is there. */
	klab_run_cancel(test->priv);
	KUNIT_EXPECT_EQ(test, 0, klab_run_wait_event(test->priv, wq, true));
}

static void klab_core_run_wait_event_until_late(struct kunit *test)
{
	DECLARE_WAIT_QUEUE_HEAD_ONSTACK(wq);
	struct klab_run *run = test->priv;

	run->started = jiffies - msecs_to_jiffies(60000);
	KUNIT_EXPECT_EQ(test, -ETIME, klab_run_wait_event(run, wq, false));
}

static void klab_core_run_wait_event_until_killed(struct kunit *test)
{
	DECLARE_WAIT_QUEUE_HEAD_ONSTACK(wq);

	allow_signal(SIGKILL);
	send_sig(SIGKILL, current, 1);
	KUNIT_EXPECT_EQ(test, -EINTR,
			klab_run_wait_event(test->priv, wq, false));
	flush_signals(current);
	disallow_signal(SIGKILL);
}

struct run_waiter {
	struct klab_run *run;
	struct wait_queue_head wq;
	bool met;
	int err;
	struct completion waits;
	struct completion done;
};

static int run_waiter_thread(void *data)
{
	struct run_waiter *waiter = data;

	waiter->run = klab_run_create(&experiment, &run_values);
	complete(&waiter->waits);
	if (waiter->run)
		waiter->err = klab_run_wait_event(waiter->run, waiter->wq,
						  READ_ONCE(waiter->met));
	kthread_complete_and_exit(&waiter->done, 0);
}

static void run_waiter_start(struct kunit *test, struct run_waiter *waiter)
{
	struct task_struct *task;

	init_waitqueue_head(&waiter->wq);
	init_completion(&waiter->waits);
	init_completion(&waiter->done);
	task = kthread_run(run_waiter_thread, waiter, "klab_run_waiter");
	KUNIT_ASSERT_FALSE(test, IS_ERR(task));
	wait_for_completion(&waiter->waits);
	KUNIT_ASSERT_NOT_NULL(test, waiter->run);
}

static void run_waiter_end(struct kunit *test, struct run_waiter *waiter)
{
	if (!wait_for_completion_timeout(&waiter->done, RUN_BOUND)) {
		KUNIT_FAIL(test, "still waits");
		/* It ends when its time is up: do not leave it behind. */
		wait_for_completion(&waiter->done);
	}
	klab_run_destroy(waiter->run);
}

static void klab_core_run_wait_event_until_woken(struct kunit *test)
{
	struct run_waiter waiter = {};

	run_waiter_start(test, &waiter);
	WRITE_ONCE(waiter.met, true);
	wake_up(&waiter.wq);
	run_waiter_end(test, &waiter);
	KUNIT_EXPECT_EQ(test, 0, waiter.err);
}

static void klab_core_run_wait_event_until_cancelled(struct kunit *test)
{
	struct run_waiter waiter = {};

	run_waiter_start(test, &waiter);
	klab_run_cancel(waiter.run);
	run_waiter_end(test, &waiter);
	KUNIT_EXPECT_EQ(test, -ENODEV, waiter.err);
}

static struct kunit_case klab_core_run_cases[] = {
	KUNIT_CASE(klab_core_run_values),
	KUNIT_CASE(klab_core_run_check_lets_it_go_on),
	KUNIT_CASE(klab_core_run_check_cancelled),
	KUNIT_CASE(klab_core_run_check_unregistered),
	KUNIT_CASE(klab_core_run_check_killed),
	KUNIT_CASE(klab_core_run_check_late),
	KUNIT_CASE(klab_core_run_time_left),
	KUNIT_CASE(klab_core_run_time_limit_by_default),
	KUNIT_CASE(klab_core_run_fail_keeps_the_reason),
	KUNIT_CASE(klab_core_run_defer_undoes_the_last_first),
	KUNIT_CASE(klab_core_run_defer_without_memory),
	KUNIT_CASE(klab_core_run_alloc_gives_zeroed_memory),
	KUNIT_CASE(klab_core_run_alloc_has_a_share_of_memory),
	KUNIT_CASE(klab_core_run_alloc_of_everything),
	KUNIT_CASE(klab_core_run_alloc_without_memory),
	KUNIT_CASE(klab_core_run_execute_says_what_was_run),
	KUNIT_CASE_PARAM(klab_core_run_execute_fails, run_error_gen_params),
	KUNIT_CASE(klab_core_run_execute_explains_the_result),
	KUNIT_CASE(klab_core_run_wait_event_that_is_true),
	KUNIT_CASE(klab_core_run_wait_event_until_late),
	KUNIT_CASE(klab_core_run_wait_event_until_killed),
	KUNIT_CASE(klab_core_run_wait_event_until_woken),
	KUNIT_CASE(klab_core_run_wait_event_until_cancelled),
	{}
};

static struct kunit_suite klab_core_run_suite = {
	.name = "klab_core_run",
	.init = run_init,
	.exit = run_exit,
	.test_cases = klab_core_run_cases,
};

kunit_test_suite(klab_core_run_suite);

MODULE_DESCRIPTION("klab: KUnit tests of runs");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS(EXPORTED_FOR_KUNIT_TESTING);
