// SPDX-License-Identifier: GPL-2.0-only
/* Ordered dispatcher, on a synthetic line. */

#include <linux/array_size.h>
#include <linux/atomic.h>
#include <linux/container_of.h>
#include <linux/cpumask.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/hrtimer.h>
#include <linux/interrupt.h>
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/limits.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/smp.h>
#include <linux/string.h>
#include <linux/workqueue.h>

#include <kunit/test.h>

#include "../../core/klab_fixture.h"
#include "../dispatch.h"
#include "irq_kunit.h"

/**
 * struct test_dispatch - a dispatcher and what its callbacks have seen
 * @source: fires the line
 * @dispatch: the dispatcher
 * @callback: a, b, c, ...
 * @name: their letters
 * @claim: letter of the one that claims, or 0 for all
 * @seen: letters in the order of calls
 */
struct test_dispatch {
	struct klab_synthirq *source;
	struct klab_irq_dispatch *dispatch;
	struct klab_irq_callback callback[4];
	char name[4];
	char claim;
	char seen[16];
};

static struct test_dispatch *state;

static irqreturn_t test_call(int irq, void *data)
{
	char *name = data;
	size_t len = strlen(state->seen);

	if (len < sizeof(state->seen) - 1)
		state->seen[len] = *name;
	return !state->claim || state->claim == *name ? IRQ_HANDLED : IRQ_NONE;
}

static void end_dispatch(void *dispatch)
{
	klab_irq_dispatch_destroy(dispatch);
}

static void begin(struct kunit *test, unsigned int flags)
{
	unsigned int i;

	state = kunit_kzalloc(test, sizeof(*state), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, state);
	state->source = klab_irq_kunit_source(test);
	state->dispatch =
		klab_irq_dispatch_create(klab_synthirq_irq(state->source, 0),
					 IRQF_NO_THREAD, "klab-test", flags);
	KUNIT_ASSERT_FALSE(test, IS_ERR(state->dispatch));
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, end_dispatch,
						  state->dispatch));
	for (i = 0; i < ARRAY_SIZE(state->callback); i++) {
		state->name[i] = 'a' + i;
		state->callback[i].function = test_call;
		state->callback[i].data = &state->name[i];
	}
}

static void add(struct kunit *test, unsigned int which, int priority)
{
	KUNIT_ASSERT_EQ(test, 0,
			klab_irq_dispatch_add(state->dispatch,
					      &state->callback[which],
					      priority));
}

static const char *calls_of_one(struct kunit *test)
{
	memset(state->seen, 0, sizeof(state->seen));
	klab_irq_kunit_fire(state->source, 1);
	return state->seen;
}

static const struct order_case {
	const char *name;
	int priority[4];
	const char *calls;
} order_cases[] = {
	{ "rising", { 1, 2, 3, 4 }, "dcba" },
	{ "falling", { 4, 3, 2, 1 }, "abcd" },
	{ "equal", { 0, 0, 0, 0 }, "abcd" },
	{ "two of each", { 1, 2, 1, 2 }, "bdac" },
	{ "negative", { -1, 0, -2, 1 }, "dbac" },
	{ "extreme", { INT_MIN, INT_MAX, 0, INT_MAX }, "bdca" },
};

KUNIT_ARRAY_PARAM_DESC(order, order_cases, name);

static void klab_irq_dispatch_calls_by_priority(struct kunit *test)
{
	const struct order_case *c = test->param_value;
	unsigned int i;

	begin(test, 0);
	for (i = 0; i < ARRAY_SIZE(c->priority); i++)
		add(test, i, c->priority[i]);
	KUNIT_EXPECT_STREQ(test, c->calls, calls_of_one(test));
}

static void klab_irq_dispatch_set_priority_moves(struct kunit *test)
{
	begin(test, 0);
	add(test, 0, 1);
	add(test, 1, 2);
	add(test, 2, 3);
	KUNIT_ASSERT_STREQ(test, "cba", calls_of_one(test));
	KUNIT_EXPECT_EQ(test, 0,
			klab_irq_dispatch_set_priority(state->dispatch,
						       &state->callback[0], 9));
	KUNIT_EXPECT_STREQ(test, "acb", calls_of_one(test));
	KUNIT_EXPECT_EQ(test, 0,
			klab_irq_dispatch_set_priority(state->dispatch,
						       &state->callback[0], 3));
	KUNIT_EXPECT_STREQ(test, "cab", calls_of_one(test));
}

static void klab_irq_dispatch_removed_is_not_called(struct kunit *test)
{
	begin(test, 0);
	add(test, 0, 3);
	add(test, 1, 2);
	add(test, 2, 1);
	KUNIT_EXPECT_STREQ(test, "abc", calls_of_one(test));
	KUNIT_EXPECT_EQ(test, 0,
			klab_irq_dispatch_remove(state->dispatch,
						 &state->callback[1]));
	KUNIT_EXPECT_STREQ(test, "ac", calls_of_one(test));
	KUNIT_EXPECT_EQ(test, -ENOENT,
			klab_irq_dispatch_remove(state->dispatch,
						 &state->callback[1]));
	KUNIT_EXPECT_EQ(test, -ENOENT,
			klab_irq_dispatch_set_priority(state->dispatch,
						       &state->callback[1], 1));
	add(test, 1, 4);
	/* Its counts begin anew. */
	KUNIT_EXPECT_EQ(test, 0, atomic64_read(&state->callback[1].calls));
	KUNIT_EXPECT_STREQ(test, "bac", calls_of_one(test));
}

static void klab_irq_dispatch_all_are_called_though_one_claims(struct kunit *test)
{
	begin(test, 0);
	state->claim = 'a';
	add(test, 0, 2);
	add(test, 1, 1);
	KUNIT_EXPECT_STREQ(test, "ab", calls_of_one(test));
	KUNIT_EXPECT_EQ(test, 1, atomic64_read(&state->callback[0].claimed));
	KUNIT_EXPECT_EQ(test, 0, atomic64_read(&state->callback[1].claimed));
	KUNIT_EXPECT_EQ(test, 1, atomic64_read(&state->callback[1].calls));
}

static void klab_irq_dispatch_first_to_claim_is_last(struct kunit *test)
{
	begin(test, KLAB_IRQ_DISPATCH_FIRST);
	state->claim = 'b';
	add(test, 0, 3);
	add(test, 1, 2);
	add(test, 2, 1);
	KUNIT_EXPECT_STREQ(test, "ab", calls_of_one(test));
}

static void klab_irq_dispatch_add_twice(struct kunit *test)
{
	begin(test, 0);
	add(test, 0, 1);
	KUNIT_EXPECT_EQ(test, -EEXIST,
			klab_irq_dispatch_add(state->dispatch,
					      &state->callback[0], 2));
	KUNIT_EXPECT_STREQ(test, "a", calls_of_one(test));
}

static void klab_irq_dispatch_add_without_function(struct kunit *test)
{
	struct klab_irq_callback callback = {};

	begin(test, 0);
	KUNIT_EXPECT_EQ(test, -EINVAL,
			klab_irq_dispatch_add(state->dispatch, &callback, 0));
}

static void klab_irq_dispatch_add_until_full(struct kunit *test)
{
	struct klab_irq_callback *callbacks;
	unsigned int i;

	begin(test, 0);
	callbacks = kunit_kcalloc(test, KLAB_IRQ_CALLBACKS_MAX,
				  sizeof(*callbacks), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, callbacks);
	for (i = 0; i < KLAB_IRQ_CALLBACKS_MAX; i++) {
		callbacks[i] = state->callback[0];
		KUNIT_ASSERT_EQ(test, 0,
				klab_irq_dispatch_add(state->dispatch,
						      &callbacks[i], 0));
	}
	KUNIT_EXPECT_EQ(test, -ENOSPC,
			klab_irq_dispatch_add(state->dispatch,
					      &state->callback[1], 0));
	/* The callbacks go before the dispatcher otherwise. */
	kunit_release_action(test, end_dispatch, state->dispatch);
}

static void klab_irq_dispatch_create_refuses(struct kunit *test)
{
	int irq;

	begin(test, 0);
	irq = klab_synthirq_irq(state->source, 0);
	KUNIT_EXPECT_EQ(test, -EINVAL,
			PTR_ERR(klab_irq_dispatch_create(irq, 0, "klab-test",
							 ~0U)));
	KUNIT_EXPECT_EQ(test, -EBUSY,
			PTR_ERR(klab_irq_dispatch_create(irq, IRQF_PROBE_SHARED,
							 "klab-test", 0)));
	klab_irq_dispatch_destroy(NULL);
	klab_irq_dispatch_destroy(ERR_PTR(-EBUSY));
}

static void wait_for_calls(struct kunit *test, unsigned int more)
{
	struct klab_irq_callback *callback = &state->callback[0];
	u64 enough = atomic64_read(&callback->calls) + more;

	klab_irq_kunit_until(test, atomic64_read(&callback->calls) >= enough);
}

static void klab_irq_dispatch_remove_while_firing(struct kunit *test)
{
	struct klab_irq_callback *callback;
	unsigned int i;
	u64 calls;

	begin(test, 0);
	callback = &state->callback[1];
	add(test, 0, 1);
	klab_irq_kunit_storm(test, state->source);
	for (i = 0; i < 20; i++) {
		add(test, 1, i % 3);
		wait_for_calls(test, 1);
		KUNIT_ASSERT_EQ(test, 0,
				klab_irq_dispatch_remove(state->dispatch,
							 callback));
		calls = atomic64_read(&callback->calls);
		wait_for_calls(test, 2);
		KUNIT_EXPECT_EQ(test, calls, atomic64_read(&callback->calls));
	}
	klab_synthirq_stop(state->source, 0);
}

/**
 * struct test_gate - a callback that stays until it is told to leave
 * @fire: fires the line, on another CPU
 * @timer: opens the gate
 * @entered: the callback is called
 * @open: it may leave
 * @left: it has
 */
struct test_gate {
	struct work_struct fire;
	struct hrtimer timer;
	atomic_t entered;
	atomic_t open;
	atomic_t left;
};

static irqreturn_t gate_call(int irq, void *data)
{
	unsigned long end = jiffies + 10 * HZ;
	struct test_gate *gate = data;

	atomic_set(&gate->entered, 1);
	while (!atomic_read(&gate->open) && time_before(jiffies, end))
		cpu_relax();
	atomic_set(&gate->left, 1);
	return IRQ_HANDLED;
}

static void gate_fire(struct work_struct *work)
{
	klab_irq_kunit_fire(state->source, 1);
}

static enum hrtimer_restart gate_open(struct hrtimer *timer)
{
	struct test_gate *gate = container_of(timer, struct test_gate, timer);

	atomic_set(&gate->open, 1);
	return HRTIMER_NORESTART;
}

static void gate_end(void *data)
{
	struct test_gate *gate = data;

	hrtimer_cancel(&gate->timer);
	atomic_set(&gate->open, 1);
	flush_work(&gate->fire);
}

static struct test_gate *gate_start(struct kunit *test, int cpu)
{
	struct test_gate *gate = kunit_kzalloc(test, sizeof(*gate), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, gate);
	INIT_WORK(&gate->fire, gate_fire);
	hrtimer_init(&gate->timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL_HARD);
	gate->timer.function = gate_open;
	state->callback[0].function = gate_call;
	state->callback[0].data = gate;
	add(test, 0, 1);
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, gate_end, gate));
	schedule_work_on(cpu, &gate->fire);
	klab_irq_kunit_until(test, atomic_read(&gate->entered));
	return gate;
}

static void klab_irq_dispatch_remove_waits_for_running(struct kunit *test)
{
	int here = raw_smp_processor_id();
	struct test_gate *gate;
	int cpu;

	cpu = cpumask_any_but(cpu_online_mask, here);
	if (cpu >= nr_cpu_ids)
		kunit_skip(test, "needs a second CPU online");
	KUNIT_ASSERT_EQ(test, 0,
			set_cpus_allowed_ptr(current, cpumask_of(here)));
	begin(test, 0);
	gate = gate_start(test, cpu);
	hrtimer_start(&gate->timer, ms_to_ktime(5), HRTIMER_MODE_REL_HARD);
	KUNIT_EXPECT_EQ(test, 0,
			klab_irq_dispatch_remove(state->dispatch,
						 &state->callback[0]));
	KUNIT_EXPECT_EQ(test, 1, atomic_read(&gate->left));
}

static void klab_irq_dispatch_destroy_while_firing(struct kunit *test)
{
	u64 calls;

	begin(test, 0);
	add(test, 0, 1);
	klab_irq_kunit_storm(test, state->source);
	wait_for_calls(test, 1);
	kunit_release_action(test, end_dispatch, state->dispatch);
	calls = atomic64_read(&state->callback[0].calls);
	klab_synthirq_stop(state->source, 0);
	KUNIT_EXPECT_EQ(test, calls,
			atomic64_read(&state->callback[0].calls));
}

static int create_step(struct kunit *test)
{
	struct klab_irq_dispatch *dispatch;

	dispatch = klab_irq_dispatch_create(klab_synthirq_irq(test->priv, 0), 0,
					    "klab-test", 0);
	klab_irq_dispatch_destroy(dispatch);
	return PTR_ERR_OR_ZERO(dispatch);
}

static void klab_irq_dispatch_create_without_memory(struct kunit *test)
{
	test->priv = klab_irq_kunit_source(test);
	/* The line's files in /proc come with its first handler. */
	KUNIT_ASSERT_EQ(test, 0, create_step(test));
	klab_kunit_each_failure(test, create_step);
}

static void klab_irq_order_experiment_shows_orders(struct kunit *test)
{
	const char *text;

	klab_irq_kunit_source(test);
	text = klab_kunit_run(test, "irq/order", "handlers=4 count=50");
	KUNIT_EXPECT_STREQ(test, "1234",
			   klab_kunit_cell(test, text, "requested 1 first",
					   "called"));
	KUNIT_EXPECT_STREQ(test, "4321",
			   klab_kunit_cell(test, text,
					   "freed, requested 1 last",
					   "called"));
	KUNIT_EXPECT_STREQ(test, "4321",
			   klab_kunit_cell(test, text, "dispatcher, 1 lowest",
					   "called"));
	KUNIT_EXPECT_STREQ(test, "1432",
			   klab_kunit_cell(test, text, "dispatcher, 1 raised",
					   "called"));
	KUNIT_EXPECT_STREQ(test, "0",
			   klab_kunit_note(test, text, "missed_or_doubled"));
}

static struct kunit_case dispatch_cases[] = {
	KUNIT_CASE_PARAM(klab_irq_dispatch_calls_by_priority, order_gen_params),
	KUNIT_CASE(klab_irq_dispatch_set_priority_moves),
	KUNIT_CASE(klab_irq_dispatch_removed_is_not_called),
	KUNIT_CASE(klab_irq_dispatch_all_are_called_though_one_claims),
	KUNIT_CASE(klab_irq_dispatch_first_to_claim_is_last),
	KUNIT_CASE(klab_irq_dispatch_add_twice),
	KUNIT_CASE(klab_irq_dispatch_add_without_function),
	KUNIT_CASE(klab_irq_dispatch_add_until_full),
	KUNIT_CASE(klab_irq_dispatch_create_refuses),
	KUNIT_CASE(klab_irq_dispatch_remove_while_firing),
	KUNIT_CASE(klab_irq_dispatch_remove_waits_for_running),
	KUNIT_CASE(klab_irq_dispatch_destroy_while_firing),
	KUNIT_CASE(klab_irq_dispatch_create_without_memory),
	KUNIT_CASE(klab_irq_order_experiment_shows_orders),
	{}
};

static struct kunit_suite dispatch_suite = {
	.name = "klab_irq_dispatch",
	.test_cases = dispatch_cases,
};

kunit_test_suite(dispatch_suite);

MODULE_DESCRIPTION("KUnit tests for klab's ordered dispatcher");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS(KLAB_IRQ);
