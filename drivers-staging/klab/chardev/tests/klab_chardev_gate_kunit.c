// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests for gates: who is let in, who waits, in what order, and what a
 * signal does to who waits.
 */
#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/errno.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/limits.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/signal.h>
#include <linux/spinlock.h>
#include <linux/string.h>

#include <kunit/test.h>

#include "../policy.h"

#define WAITERS		8
#define ROUNDS		200
#define BOUND		(30 * HZ)
#define LONG_MS		KLAB_POLICY_TIMEOUT_MAX_MS

/**
 * struct opener - a thread that wants to enter
 * @gate: where
 * @turns: how many have entered, counted by all
 * @turn: it was so many's turn before
 * @result: of klab_gate_enter()
 * @answered: has an answer
 * @leave: may leave
 * @task: the thread
 */
struct opener {
	struct klab_gate *gate;
	atomic_t *turns;
	int turn;
	int result;
	struct completion answered;
	struct completion leave;
	struct task_struct *task;
};

static struct klab_gate *gate_of(struct kunit *test,
				 enum klab_gate_policy policy,
				 unsigned int timeout_ms)
{
	struct klab_gate *gate = kunit_kzalloc(test, sizeof(*gate), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, gate);
	klab_gate_init(gate, policy, timeout_ms);
	return gate;
}

/* Not on the stack, since threads use it until the test has been undone. */
static atomic_t *counter(struct kunit *test)
{
	atomic_t *turns = kunit_kzalloc(test, sizeof(*turns), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, turns);
	return turns;
}

static int opener_run(void *data)
{
	struct opener *opener = data;

	allow_signal(SIGUSR1);
	opener->result = klab_gate_enter(opener->gate, true);
	opener->turn = atomic_inc_return(opener->turns);
	complete(&opener->answered);
	if (opener->result)
		return 0;
	wait_for_completion(&opener->leave);
	klab_gate_leave(opener->gate);
	return 0;
}

static void opener_end(void *data)
{
	struct opener *opener = data;

	/* It may still wait, if the test has failed. */
	send_sig(SIGUSR1, opener->task, 1);
	complete_all(&opener->leave);
	kthread_stop_put(opener->task);
}

static struct opener *start(struct kunit *test, struct klab_gate *gate,
			    atomic_t *turns)
{
	struct opener *opener = kunit_kzalloc(test, sizeof(*opener), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, opener);
	opener->gate = gate;
	opener->turns = turns;
	init_completion(&opener->answered);
	init_completion(&opener->leave);
	opener->task = kthread_create(opener_run, opener, "klab-opener");
	KUNIT_ASSERT_FALSE(test, IS_ERR(opener->task));
	get_task_struct(opener->task);
	wake_up_process(opener->task);
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, opener_end, opener));
	return opener;
}

static unsigned int look(struct klab_gate *gate, const unsigned int *number)
{
	unsigned int value;

	spin_lock(&gate->lock);
	value = *number;
	spin_unlock(&gate->lock);
	return value;
}

/* A line cannot be waited for: look again, up to a bound. */
static void expect_line(struct kunit *test, struct klab_gate *gate,
			unsigned int length)
{
	unsigned long end = jiffies + BOUND;

	while (look(gate, &gate->waiting) != length &&
	       time_before(jiffies, end))
		schedule_timeout_uninterruptible(1);
	KUNIT_ASSERT_EQ(test, look(gate, &gate->waiting), length);
}

static void expect_answer(struct kunit *test, struct opener *opener, int result)
{
	KUNIT_ASSERT_NE(test, 0, wait_for_completion_timeout(&opener->answered,
							     BOUND));
	KUNIT_EXPECT_EQ(test, opener->result, result);
}

static const struct second_case {
	const char *what;
	enum klab_gate_policy policy;
	int second;
} second_cases[] = {
	{ "none", KLAB_GATE_NONE, 0 },
	{ "exclusive", KLAB_GATE_EXCLUSIVE, -EBUSY },
	{ "instance", KLAB_GATE_INSTANCE, 0 },
	{ "wait", KLAB_GATE_WAIT, -EAGAIN },
	{ "timeout", KLAB_GATE_TIMEOUT, -EAGAIN },
};

KUNIT_ARRAY_PARAM_DESC(second, second_cases, what);

static void klab_chardev_gate_second_who_does_not_wait(struct kunit *test)
{
	const struct second_case *c = test->param_value;
	struct klab_gate *gate = gate_of(test, c->policy, LONG_MS);

	KUNIT_ASSERT_EQ(test, klab_gate_enter(gate, false), 0);
	KUNIT_EXPECT_EQ(test, klab_gate_enter(gate, false), c->second);
	KUNIT_EXPECT_EQ(test, gate->inside, c->second ? 1 : 2);
	KUNIT_EXPECT_EQ(test, gate->refused, c->second ? 1 : 0);
	if (!c->second)
		klab_gate_leave(gate);
	klab_gate_leave(gate);
	KUNIT_EXPECT_EQ(test, gate->inside, 0);
	KUNIT_EXPECT_EQ(test, klab_gate_enter(gate, false), 0);
	KUNIT_EXPECT_EQ(test, gate->opened, c->second ? 2 : 3);
}

static void klab_chardev_gate_exclusive_never_waits(struct kunit *test)
{
	struct klab_gate *gate = gate_of(test, KLAB_GATE_EXCLUSIVE, LONG_MS);

	KUNIT_ASSERT_EQ(test, klab_gate_enter(gate, true), 0);
	KUNIT_EXPECT_EQ(test, klab_gate_enter(gate, true), -EBUSY);
	KUNIT_EXPECT_EQ(test, gate->waited, 0);
}

static void klab_chardev_gate_names_are_complete(struct kunit *test)
{
	static const char * const names[] = {
		"none", "exclusive", "instance", "wait", "timeout",
	};
	unsigned int i;

	for (i = 0; i < KLAB_GATE_POLICIES; i++)
		KUNIT_EXPECT_STREQ(test, klab_gate_names[i], names[i]);
}

static void klab_chardev_gate_time_is_over(struct kunit *test)
{
	struct klab_gate *gate = gate_of(test, KLAB_GATE_TIMEOUT, 1);

	KUNIT_ASSERT_EQ(test, klab_gate_enter(gate, true), 0);
	KUNIT_EXPECT_EQ(test, klab_gate_enter(gate, true), -ETIMEDOUT);
	KUNIT_EXPECT_EQ(test, gate->timed_out, 1);
	KUNIT_EXPECT_EQ(test, gate->waiting, 0);
	KUNIT_EXPECT_EQ(test, gate->inside, 1);
	/* What is left behind by who gave up is nothing. */
	klab_gate_leave(gate);
	KUNIT_EXPECT_EQ(test, klab_gate_enter(gate, true), 0);
}

static void klab_chardev_gate_time_is_not_cut_short(struct kunit *test)
{
	struct klab_gate *gate = gate_of(test, KLAB_GATE_TIMEOUT, 30);
	unsigned long begin = jiffies;

	KUNIT_ASSERT_EQ(test, klab_gate_enter(gate, true), 0);
	KUNIT_EXPECT_EQ(test, klab_gate_enter(gate, true), -ETIMEDOUT);
	KUNIT_EXPECT_GE(test, jiffies - begin, msecs_to_jiffies(30));
}

static const enum klab_gate_policy waiting_cases[] = {
	KLAB_GATE_WAIT, KLAB_GATE_TIMEOUT,
};

static void waiting_desc(const enum klab_gate_policy *policy, char *desc)
{
	strscpy(desc, klab_gate_names[*policy], KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(waiting, waiting_cases, waiting_desc);

static enum klab_gate_policy param_policy(struct kunit *test)
{
	return *(const enum klab_gate_policy *)test->param_value;
}

static void klab_chardev_gate_waiters_take_turns_as_they_came(struct kunit *test)
{
	struct klab_gate *gate = gate_of(test, param_policy(test), LONG_MS);
	struct opener *openers[WAITERS];
	atomic_t *turns = counter(test);
	int i;

	KUNIT_ASSERT_EQ(test, klab_gate_enter(gate, true), 0);
	for (i = 0; i < WAITERS; i++) {
		openers[i] = start(test, gate, turns);
		expect_line(test, gate, i + 1);
	}
	klab_gate_leave(gate);
	for (i = 0; i < WAITERS; i++) {
		expect_answer(test, openers[i], 0);
		KUNIT_EXPECT_EQ(test, openers[i]->turn, i + 1);
		KUNIT_EXPECT_EQ(test, look(gate, &gate->inside), 1);
		complete(&openers[i]->leave);
	}
	KUNIT_EXPECT_EQ(test, gate->waited, WAITERS);
}

static void klab_chardev_gate_newcomer_takes_no_place(struct kunit *test)
{
	struct klab_gate *gate = gate_of(test, param_policy(test), LONG_MS);
	atomic_t *turns = counter(test);
	struct opener *opener;

	KUNIT_ASSERT_EQ(test, klab_gate_enter(gate, true), 0);
	opener = start(test, gate, turns);
	expect_line(test, gate, 1);
	klab_gate_leave(gate);
	/* Whether the waiter has run meanwhile or not. */
	KUNIT_EXPECT_EQ(test, klab_gate_enter(gate, false), -EAGAIN);
	expect_answer(test, opener, 0);
	KUNIT_EXPECT_EQ(test, klab_gate_enter(gate, false), -EAGAIN);
}

static void klab_chardev_gate_signal_ends_the_wait(struct kunit *test)
{
	enum klab_gate_policy policy = param_policy(test);
	struct klab_gate *gate = gate_of(test, policy, LONG_MS);
	atomic_t *turns = counter(test);
	struct opener *opener;

	KUNIT_ASSERT_EQ(test, klab_gate_enter(gate, true), 0);
	opener = start(test, gate, turns);
	expect_line(test, gate, 1);
	send_sig(SIGUSR1, opener->task, 1);
	expect_answer(test, opener,
		      policy == KLAB_GATE_WAIT ? -ERESTARTSYS : -EINTR);
	KUNIT_EXPECT_EQ(test, gate->waiting, 0);
	KUNIT_EXPECT_EQ(test, gate->interrupted, 1);
	KUNIT_EXPECT_EQ(test, gate->timed_out, 0);
	klab_gate_leave(gate);
	KUNIT_EXPECT_EQ(test, gate->inside, 0);
}

static void klab_chardev_gate_who_gave_up_stops_nobody(struct kunit *test)
{
	struct klab_gate *gate = gate_of(test, param_policy(test), LONG_MS);
	struct opener *openers[3];
	atomic_t *turns = counter(test);
	int i;

	KUNIT_ASSERT_EQ(test, klab_gate_enter(gate, true), 0);
	for (i = 0; i < 3; i++) {
		openers[i] = start(test, gate, turns);
		expect_line(test, gate, i + 1);
	}
	send_sig(SIGUSR1, openers[0]->task, 1);
	expect_line(test, gate, 2);
	klab_gate_leave(gate);
	expect_answer(test, openers[1], 0);
	complete(&openers[1]->leave);
	expect_answer(test, openers[2], 0);
}

/* Or the place would be nobody's for ever. */
static void klab_chardev_gate_place_is_taken_despite_a_signal(struct kunit *test)
{
	struct klab_gate *gate = gate_of(test, param_policy(test), LONG_MS);
	atomic_t *turns = counter(test);
	struct opener *opener;

	KUNIT_ASSERT_EQ(test, klab_gate_enter(gate, true), 0);
	opener = start(test, gate, turns);
	expect_line(test, gate, 1);
	klab_gate_leave(gate);
	send_sig(SIGUSR1, opener->task, 1);
	expect_answer(test, opener, 0);
	KUNIT_EXPECT_EQ(test, gate->interrupted, 0);
}

static void klab_chardev_gate_policy_changes_when_empty(struct kunit *test)
{
	struct klab_gate *gate = gate_of(test, KLAB_GATE_NONE, LONG_MS);

	KUNIT_ASSERT_EQ(test, klab_gate_enter(gate, true), 0);
	KUNIT_EXPECT_EQ(test, klab_gate_set_policy(gate, KLAB_GATE_WAIT),
			-EBUSY);
	KUNIT_EXPECT_EQ(test, gate->policy, KLAB_GATE_NONE);
	klab_gate_leave(gate);
	KUNIT_EXPECT_EQ(test, klab_gate_set_policy(gate, KLAB_GATE_WAIT), 0);
	KUNIT_EXPECT_EQ(test, gate->policy, KLAB_GATE_WAIT);
}

static void klab_chardev_gate_range_of_times(struct kunit *test)
{
	struct klab_gate *gate = gate_of(test, KLAB_GATE_TIMEOUT, 7);

	KUNIT_EXPECT_EQ(test, klab_gate_set_timeout(gate, 0), -ERANGE);
	KUNIT_EXPECT_EQ(test, klab_gate_set_timeout(gate, LONG_MS + 1),
			-ERANGE);
	KUNIT_EXPECT_EQ(test, klab_gate_set_timeout(gate, UINT_MAX), -ERANGE);
	KUNIT_EXPECT_EQ(test, gate->timeout_ms, 7);
	KUNIT_EXPECT_EQ(test, klab_gate_set_timeout(gate, LONG_MS), 0);
	KUNIT_EXPECT_EQ(test, gate->timeout_ms, LONG_MS);
}

/**
 * struct crowd - threads that enter and leave as fast as they can
 * @gate: where
 * @inside: how many are inside, by their own count
 * @overlaps: how often it was more than one
 * @entered: how often one was let in
 * @left: threads that have not done all their rounds
 * @done: there is none left
 */
struct crowd {
	struct klab_gate gate;
	atomic_t inside;
	atomic_t overlaps;
	atomic_t entered;
	atomic_t left;
	struct completion done;
};

static int crowd_run(void *data)
{
	struct crowd *crowd = data;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		if (klab_gate_enter(&crowd->gate, true))
			continue;
		if (atomic_inc_return(&crowd->inside) > 1)
			atomic_inc(&crowd->overlaps);
		atomic_inc(&crowd->entered);
		if (i % 16 == 0)
			schedule_timeout_uninterruptible(1);
		atomic_dec(&crowd->inside);
		klab_gate_leave(&crowd->gate);
	}
	if (atomic_dec_and_test(&crowd->left))
		complete(&crowd->done);
	return 0;
}

static void crowd_through(struct kunit *test, struct crowd *crowd)
{
	struct task_struct *tasks[WAITERS];
	int i, started;

	atomic_set(&crowd->left, WAITERS);
	init_completion(&crowd->done);
	for (started = 0; started < WAITERS; started++) {
		tasks[started] = kthread_create(crowd_run, crowd, "klab-crowd");
		if (IS_ERR(tasks[started]))
			break;
		get_task_struct(tasks[started]);
		wake_up_process(tasks[started]);
	}
	/* Who is stopped before it has run does not run at all. */
	if (started == WAITERS)
		wait_for_completion(&crowd->done);
	for (i = 0; i < started; i++)
		kthread_stop_put(tasks[i]);
	KUNIT_EXPECT_EQ(test, started, WAITERS);
}

static const enum klab_gate_policy one_cases[] = {
	KLAB_GATE_EXCLUSIVE, KLAB_GATE_WAIT,
};

KUNIT_ARRAY_PARAM(one, one_cases, waiting_desc);

static void klab_chardev_gate_one_at_a_time_in_a_crowd(struct kunit *test)
{
	struct crowd *crowd = kunit_kzalloc(test, sizeof(*crowd), GFP_KERNEL);
	enum klab_gate_policy policy = param_policy(test);

	KUNIT_ASSERT_NOT_NULL(test, crowd);
	klab_gate_init(&crowd->gate, policy, LONG_MS);
	crowd_through(test, crowd);
	KUNIT_EXPECT_EQ(test, atomic_read(&crowd->overlaps), 0);
	KUNIT_EXPECT_EQ(test, crowd->gate.opened, atomic_read(&crowd->entered));
	KUNIT_EXPECT_EQ(test, crowd->gate.inside, 0);
	KUNIT_EXPECT_EQ(test, crowd->gate.waiting, 0);
	if (policy == KLAB_GATE_WAIT)
		KUNIT_EXPECT_EQ(test, atomic_read(&crowd->entered),
				WAITERS * ROUNDS);
}

static struct kunit_case klab_chardev_gate_cases[] = {
	KUNIT_CASE_PARAM(klab_chardev_gate_second_who_does_not_wait,
			 second_gen_params),
	KUNIT_CASE(klab_chardev_gate_exclusive_never_waits),
	KUNIT_CASE(klab_chardev_gate_names_are_complete),
	KUNIT_CASE(klab_chardev_gate_time_is_over),
	KUNIT_CASE(klab_chardev_gate_time_is_not_cut_short),
	KUNIT_CASE_PARAM(klab_chardev_gate_waiters_take_turns_as_they_came,
			 waiting_gen_params),
	KUNIT_CASE_PARAM(klab_chardev_gate_newcomer_takes_no_place,
			 waiting_gen_params),
	KUNIT_CASE_PARAM(klab_chardev_gate_signal_ends_the_wait,
			 waiting_gen_params),
	KUNIT_CASE_PARAM(klab_chardev_gate_who_gave_up_stops_nobody,
			 waiting_gen_params),
	KUNIT_CASE_PARAM(klab_chardev_gate_place_is_taken_despite_a_signal,
			 waiting_gen_params),
	KUNIT_CASE(klab_chardev_gate_policy_changes_when_empty),
	KUNIT_CASE(klab_chardev_gate_range_of_times),
	KUNIT_CASE_PARAM(klab_chardev_gate_one_at_a_time_in_a_crowd,
			 one_gen_params),
	{}
};

static struct kunit_suite klab_chardev_gate_suite = {
	.name = "klab_chardev_gate",
	.test_cases = klab_chardev_gate_cases,
};

kunit_test_suite(klab_chardev_gate_suite);

MODULE_DESCRIPTION("klab: KUnit tests for gates");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS(EXPORTED_FOR_KUNIT_TESTING);
