// SPDX-License-Identifier: GPL-2.0-only
/* Observers of interrupt lines. */

#include <linux/atomic.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/interrupt.h>
#include <linux/irq.h>
#include <linux/irqdesc.h>
#include <linux/limits.h>
#include <linux/module.h>

#include <kunit/test.h>

#include "../../core/klab_fixture.h"
#include "../line.h"
#include "../observe.h"
#include "irq_kunit.h"

static void end_observers(void *observers)
{
	klab_irq_observers_detach(observers);
}

static struct klab_irq_observers *begin(struct kunit *test,
					struct klab_synthirq *source,
					bool owned, unsigned int nr)
{
	struct klab_irq_observers *observers;

	observers = klab_irq_observers_attach(0, source, owned, nr);
	KUNIT_ASSERT_FALSE_MSG(test, IS_ERR(observers), "%pe", observers);
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, end_observers,
						  observers));
	return observers;
}

static void klab_irq_observe_order_is_that_of_requests(struct kunit *test)
{
	struct klab_synthirq *source = klab_irq_kunit_source(test);
	struct klab_irq_observers *observers = begin(test, source, true, 5);
	unsigned int i;

	klab_irq_kunit_fire(source, 3);
	for (i = 0; i < 5; i++) {
		KUNIT_EXPECT_EQ(test, i, observers->observer[i].position);
		KUNIT_EXPECT_EQ(test, 3,
				atomic64_read(&observers->observer[i].calls));
	}
	KUNIT_EXPECT_EQ(test, 15, klab_irq_observers_calls(observers));
}

static u64 gaps(const struct klab_irq_observer *observer)
{
	struct klab_summary summary;

	klab_samples_summary(observer->gap, &summary);
	return summary.count;
}

/* From the call before, whosever that was: the very first has none. */
static void klab_irq_observe_each_call_has_a_gap(struct kunit *test)
{
	struct klab_synthirq *source = klab_irq_kunit_source(test);
	struct klab_irq_observers *observers = begin(test, source, true, 2);

	klab_irq_kunit_fire(source, 3);
	KUNIT_EXPECT_EQ(test, 2, gaps(&observers->observer[0]));
	KUNIT_EXPECT_EQ(test, 3, gaps(&observers->observer[1]));
}

static void klab_irq_observe_owner_claims_all(struct kunit *test)
{
	struct klab_synthirq *source = klab_irq_kunit_source(test);
	struct klab_irq_observers *observers = begin(test, source, true, 2);
	struct irq_data *data = irq_get_irq_data(observers->irq);

	klab_irq_kunit_fire(source, 1000);
	KUNIT_EXPECT_EQ(test, 1000, atomic64_read(&observers->claimed));
	KUNIT_EXPECT_EQ(test, 0, irq_data_to_desc(data)->irqs_unhandled);
}

/* More than the kernel lets pass without an owner: the line stays on. */
static void klab_irq_observe_does_not_upset_the_detector(struct kunit *test)
{
	struct klab_synthirq *source = klab_irq_kunit_source(test);
	struct klab_irq_observers *observers = begin(test, source, true, 1);

	klab_irq_kunit_fire(source, 100100);
	KUNIT_EXPECT_EQ(test, 100100, klab_irq_observers_calls(observers));
}

/* They must not hide from the kernel what nobody claims. */
static void klab_irq_observe_without_owner_nothing_is_claimed(struct kunit *test)
{
	struct klab_synthirq *source = klab_irq_kunit_source(test);
	struct klab_irq_observers *observers = begin(test, source, false, 2);
	struct irq_data *data = irq_get_irq_data(observers->irq);

	klab_irq_kunit_fire(source, 10);
	KUNIT_EXPECT_GT(test, irq_data_to_desc(data)->irqs_unhandled, 0);
	KUNIT_EXPECT_EQ(test, 0, atomic64_read(&observers->claimed));
}

static const unsigned int wrong_numbers[] = {
	0, KLAB_IRQ_OBSERVERS_MAX + 1, ~0U,
};

static void number_desc(const unsigned int *nr, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%u", *nr);
}

KUNIT_ARRAY_PARAM(number, wrong_numbers, number_desc);

static void klab_irq_observe_wrong_number(struct kunit *test)
{
	const unsigned int *nr = test->param_value;

	KUNIT_EXPECT_EQ(test, -EINVAL,
			PTR_ERR(klab_irq_observers_attach(0, NULL, false, *nr)));
}

static irqreturn_t test_owner(int irq, void *data)
{
	return IRQ_HANDLED;
}

static void klab_irq_observe_line_not_shared(struct kunit *test)
{
	struct klab_synthirq *source = klab_irq_kunit_source(test);
	int irq = klab_synthirq_irq(source, 0);

	KUNIT_ASSERT_EQ(test, 0, request_irq(irq, test_owner, 0, "klab-test",
					     NULL));
	/* Not by a mismatch of observers: the line's own one is the first. */
	KUNIT_EXPECT_EQ(test, -EBUSY, klab_irq_join(irq, test_owner,
						    "klab-test", test));
	free_irq(irq, NULL);
	KUNIT_EXPECT_FALSE(test, irq_has_action(irq));
}

static void klab_irq_observe_line_without_owner(struct kunit *test)
{
	int irq = klab_irq_kunit_plain_line(test);

	KUNIT_EXPECT_EQ(test, -ENXIO, klab_irq_observe_attach(irq, 1));
	KUNIT_EXPECT_FALSE(test, irq_has_action(irq));
}

static void klab_irq_observe_no_such_line(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, -EINVAL, klab_irq_observe_attach(INT_MAX, 1));
	KUNIT_EXPECT_EQ(test, -ENOENT, klab_irq_observe_detach(INT_MAX));
}

static void klab_irq_observe_guest_of_an_owner(struct kunit *test)
{
	int irq = klab_irq_kunit_plain_line(test);
	u64 before = klab_irq_observe_calls();

	KUNIT_ASSERT_EQ(test, 0, request_irq(irq, test_owner, IRQF_SHARED,
					     "klab-test", test));
	KUNIT_EXPECT_EQ(test, 0, klab_irq_observe_attach(irq, 3));
	KUNIT_EXPECT_EQ(test, -EEXIST, klab_irq_observe_attach(irq, 1));
	generic_handle_irq_safe(irq);
	generic_handle_irq_safe(irq);
	KUNIT_EXPECT_EQ(test, before + 6, klab_irq_observe_calls());
	KUNIT_EXPECT_EQ(test, 0, klab_irq_observe_detach(irq));
	/* What was counted stays counted. */
	KUNIT_EXPECT_LE(test, before + 6, klab_irq_observe_calls());
	free_irq(irq, test);
}

static void klab_irq_observe_guest_of_a_oneshot_owner(struct kunit *test)
{
	int irq = klab_irq_kunit_plain_line(test);

	KUNIT_ASSERT_EQ(test, 0,
			request_threaded_irq(irq, test_owner, test_owner,
					     IRQF_SHARED | IRQF_ONESHOT,
					     "klab-test", test));
	KUNIT_EXPECT_EQ(test, 0, klab_irq_observe_attach(irq, 1));
	KUNIT_EXPECT_EQ(test, 0, klab_irq_observe_detach(irq));
	free_irq(irq, test);
}

/*
 * A line that stays on during suspend: with PM_SLEEP the kernel warns of each
 * handler that has not said that it may be called then.
 */
static void klab_irq_observe_guest_of_an_owner_never_suspended(struct kunit *test)
{
	int irq = klab_irq_kunit_plain_line(test);
	struct irqaction *guest;

	KUNIT_ASSERT_EQ(test, 0,
			request_irq(irq, test_owner,
				    IRQF_SHARED | IRQF_NO_SUSPEND, "klab-test",
				    test));
	KUNIT_EXPECT_EQ(test, 0, klab_irq_observe_attach(irq, 2));
	guest = irq_data_to_desc(irq_get_irq_data(irq))->action->next;
	KUNIT_EXPECT_NOT_NULL(test, guest);
	for (; guest; guest = guest->next)
		KUNIT_EXPECT_TRUE(test, guest->flags & IRQF_COND_SUSPEND);
	KUNIT_EXPECT_EQ(test, 0, klab_irq_observe_detach(irq));
	free_irq(irq, test);
}

static void klab_irq_observe_busy_line_of_the_machine(struct kunit *test)
{
	int irq = klab_irq_kunit_plain_line(test);

	KUNIT_ASSERT_EQ(test, 0, request_irq(irq, test_owner, 0, "klab-test",
					     test));
	KUNIT_EXPECT_EQ(test, -EBUSY, klab_irq_observe_attach(irq, 2));
	free_irq(irq, test);
	KUNIT_EXPECT_FALSE(test, irq_has_action(irq));
}

static void klab_irq_observe_synthetic_line_of_another(struct kunit *test)
{
	struct klab_synthirq *source = klab_irq_kunit_source(test);
	struct klab_irq_observers *observers = begin(test, source, true, 1);

	KUNIT_EXPECT_EQ(test, -EBUSY,
			klab_irq_observe_attach(observers->irq, 1));
}

static void klab_irq_observe_fire_counts(struct kunit *test)
{
	u64 before = klab_irq_observe_calls();

	klab_irq_kunit_source(test);
	KUNIT_EXPECT_EQ(test, -ENOENT, klab_irq_observe_fire(1));
	KUNIT_ASSERT_EQ(test, 0, klab_irq_observe_attach(-1, 2));
	KUNIT_EXPECT_EQ(test, 0, klab_irq_observe_fire(50));
	KUNIT_EXPECT_EQ(test, before + 100, klab_irq_observe_calls());
	KUNIT_EXPECT_EQ(test, -EINVAL, klab_irq_observe_fire(1000001));
	KUNIT_EXPECT_EQ(test, 0, klab_irq_observe_detach(-1));
}

/* A number may stay where the kernel has an array of them. */
static bool is_a_line(int irq)
{
	struct irq_data *data = irq_get_irq_data(irq);

	return data && data->domain;
}

/* It is there as long as somebody uses it, be it only to fire. */
static void klab_irq_observe_synthetic_line_goes(struct kunit *test)
{
	struct klab_synthirq *source;
	int irq;

	klab_irq_kunit_source(test);
	source = klab_irq_synth_get();
	KUNIT_ASSERT_FALSE(test, IS_ERR(source));
	irq = klab_synthirq_irq(source, 0);
	KUNIT_EXPECT_EQ(test, 0, klab_irq_observe_attach(-1, 1));
	KUNIT_EXPECT_EQ(test, 0, klab_irq_observe_fire(1));
	klab_irq_synth_put(source);
	KUNIT_EXPECT_TRUE(test, is_a_line(irq));
	KUNIT_EXPECT_EQ(test, 0, klab_irq_observe_detach(-1));
	KUNIT_EXPECT_FALSE(test, is_a_line(irq));
}

static void klab_irq_observe_detach_under_storm(struct kunit *test)
{
	struct klab_synthirq *source = klab_irq_kunit_source(test);
	struct klab_irq_observers *observers;
	unsigned int i;

	klab_irq_kunit_storm(test, source);
	for (i = 0; i < 20; i++) {
		observers = klab_irq_observers_attach(0, source, true, 3);
		KUNIT_ASSERT_FALSE(test, IS_ERR(observers));
		klab_irq_kunit_until(test, klab_irq_observers_calls(observers));
		klab_irq_observers_detach(observers);
	}
	klab_synthirq_stop(source, 0);
}

static int attach_step(struct kunit *test)
{
	struct klab_irq_observers *observers;

	observers = klab_irq_observers_attach(0, test->priv, true, 2);
	if (IS_ERR(observers))
		return PTR_ERR(observers);
	klab_irq_observers_detach(observers);
	return 0;
}

static void klab_irq_observe_attach_without_memory(struct kunit *test)
{
	test->priv = klab_irq_kunit_source(test);
	/* The line's files in /proc come with its first handler. */
	KUNIT_ASSERT_EQ(test, 0, attach_step(test));
	klab_kunit_each_failure(test, attach_step);
	KUNIT_EXPECT_FALSE(test,
			   irq_has_action(klab_synthirq_irq(test->priv, 0)));
}

static void klab_irq_observe_experiment_counts(struct kunit *test)
{
	const char *text;

	klab_irq_kunit_source(test);
	text = klab_kunit_run(test, "irq/observe", "handlers=3 count=100");
	KUNIT_EXPECT_STREQ(test, "100", klab_kunit_note(test, text, "claimed"));
	KUNIT_EXPECT_STREQ(test, "0", klab_kunit_note(test, text, "unclaimed"));
	KUNIT_EXPECT_EQ(test, 100,
			klab_kunit_number(test, text, "klab-observer-03",
					  "calls"));
	KUNIT_EXPECT_EQ(test, 3,
			klab_kunit_number(test, text, "klab-observer-03",
					  "position"));
	KUNIT_EXPECT_STREQ(test, "interrupt",
			   klab_kunit_cell(test, text, "klab-observer-01",
					   "after"));
}

static const struct observe_refusal {
	const char *params;
	int err;
} observe_refusals[] = {
	{ "owner=0 count=90001", -EINVAL },
	{ "irq=2147483647", -EINVAL },
	{ "handlers=10", -EINVAL },
	{ "handlers=0", -EINVAL },
};

KUNIT_ARRAY_PARAM_DESC(observe_refusal, observe_refusals, params);

static void klab_irq_observe_experiment_refuses(struct kunit *test)
{
	const struct observe_refusal *c = test->param_value;
	const char *text;

	KUNIT_EXPECT_EQ(test, c->err,
			klab_kunit_try(test, "irq/observe", c->params, &text));
}

static struct kunit_case observe_cases[] = {
	KUNIT_CASE(klab_irq_observe_order_is_that_of_requests),
	KUNIT_CASE(klab_irq_observe_each_call_has_a_gap),
	KUNIT_CASE(klab_irq_observe_owner_claims_all),
	KUNIT_CASE(klab_irq_observe_does_not_upset_the_detector),
	KUNIT_CASE(klab_irq_observe_without_owner_nothing_is_claimed),
	KUNIT_CASE_PARAM(klab_irq_observe_wrong_number, number_gen_params),
	KUNIT_CASE(klab_irq_observe_line_not_shared),
	KUNIT_CASE(klab_irq_observe_line_without_owner),
	KUNIT_CASE(klab_irq_observe_no_such_line),
	KUNIT_CASE(klab_irq_observe_guest_of_an_owner),
	KUNIT_CASE(klab_irq_observe_guest_of_a_oneshot_owner),
	KUNIT_CASE(klab_irq_observe_guest_of_an_owner_never_suspended),
	KUNIT_CASE(klab_irq_observe_busy_line_of_the_machine),
	KUNIT_CASE(klab_irq_observe_synthetic_line_of_another),
	KUNIT_CASE(klab_irq_observe_fire_counts),
	KUNIT_CASE(klab_irq_observe_synthetic_line_goes),
	KUNIT_CASE(klab_irq_observe_detach_under_storm),
	KUNIT_CASE(klab_irq_observe_attach_without_memory),
	KUNIT_CASE(klab_irq_observe_experiment_counts),
	KUNIT_CASE_PARAM(klab_irq_observe_experiment_refuses,
			 observe_refusal_gen_params),
	{}
};

static struct kunit_suite observe_suite = {
	.name = "klab_irq_observe",
	.test_cases = observe_cases,
};

kunit_test_suite(observe_suite);

MODULE_DESCRIPTION("KUnit tests for klab's observers of interrupt lines");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS(EXPORTED_FOR_KUNIT_TESTING);
MODULE_IMPORT_NS(KLAB_IRQ);
