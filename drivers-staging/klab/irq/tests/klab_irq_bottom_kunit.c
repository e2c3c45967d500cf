// SPDX-License-Identifier: GPL-2.0-only
/* Bottom halves: nothing is lost, what is queued twice runs once. */

#include <linux/bottom_half.h>
#include <linux/errno.h>
#include <linux/interrupt.h>
#include <linux/jiffies.h>
#include <linux/kstrtox.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/string.h>
#include <linux/time64.h>

#include <kunit/test.h>

#include "../../core/klab_core.h"
#include "../../core/klab_fixture.h"
#include "../bottom.h"

/* What no item needs on any machine that is not broken. */
#define TEST_PATIENCE	(30 * HZ)

struct bottom_test {
	struct klab_bottom bottom;
	struct klab_bottom_channel channel[2];
};

static int bottom_test_init(struct kunit *test)
{
	struct bottom_test *context;
	unsigned int i;

	context = kunit_kzalloc(test, sizeof(*context), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, context);
	context->bottom.channel = context->channel;
	context->bottom.nr = ARRAY_SIZE(context->channel);
	for (i = 0; i < context->bottom.nr; i++)
		klab_bottom_channel_init(&context->channel[i],
					 &context->bottom,
					 raw_smp_processor_id(), i);
	test->priv = context;
	KUNIT_ASSERT_EQ(test, 0, klab_bottom_create(&context->bottom));
	return 0;
}

static void bottom_test_exit(struct kunit *test)
{
	struct bottom_test *context = test->priv;

	if (context)
		klab_bottom_destroy(&context->bottom);
}

static const struct klab_bottom_mechanism *
bottom_test_mechanism(struct kunit *test, const char *name)
{
	const struct klab_bottom_mechanism *mechanism;
	unsigned int i;

	for (i = 0; i < klab_bottom_nr_mechanisms; i++) {
		mechanism = klab_bottom_mechanisms[i];
		if (mechanism && !strcmp(mechanism->name, name))
			return mechanism;
	}
	KUNIT_FAIL_AND_ABORT(test, "no mechanism %s", name);
	return NULL;
}

static const void *bottom_gen_params(const void *previous, char *desc)
{
	const struct klab_bottom_mechanism * const *at = previous;

	at = at ? at + 1 : klab_bottom_mechanisms;
	while (at < klab_bottom_mechanisms + klab_bottom_nr_mechanisms && !*at)
		at++;
	if (at == klab_bottom_mechanisms + klab_bottom_nr_mechanisms)
		return NULL;
	strscpy(desc, (*at)->name, KUNIT_PARAM_DESC_SIZE);
	return at;
}

/* Every event that was fired gets handled, by however many runs. */
static void klab_irq_bottom_interrupt_is_handled(struct kunit *test)
{
	const struct klab_bottom_mechanism * const *mechanism = test->param_value;
	struct bottom_test *context = test->priv;
	struct klab_bottom_channel *channel = &context->channel[1];
	unsigned int i;

	KUNIT_ASSERT_EQ(test, 0, klab_bottom_open(&context->bottom, *mechanism,
						  true));
	for (i = 0; i < 10; i++)
		klab_synthirq_fire(context->bottom.source, 1);
	KUNIT_ASSERT_TRUE(test, klab_bottom_wait(channel, TEST_PATIENCE));

	KUNIT_EXPECT_EQ(test, 10, channel->handled);
	KUNIT_EXPECT_GE(test, channel->runs, 1);
	KUNIT_EXPECT_LE(test, channel->runs, 10);
	KUNIT_EXPECT_EQ(test, 0, context->channel[0].handled);
}

/* Closing waits for what is queued, or takes it back, and can be repeated. */
static void klab_irq_bottom_close_while_queued(struct kunit *test)
{
	const struct klab_bottom_mechanism * const *mechanism = test->param_value;
	struct bottom_test *context = test->priv;
	struct klab_bottom *bottom = &context->bottom;
	unsigned int i;

	for (i = 0; i < 3; i++) {
		KUNIT_ASSERT_EQ(test, 0, klab_bottom_open(bottom, *mechanism,
							  true));
		klab_synthirq_fire(bottom->source, 0);
		klab_synthirq_fire(bottom->source, 1);
		klab_bottom_close(bottom);
		KUNIT_EXPECT_NULL(test, bottom->mechanism);
		KUNIT_EXPECT_EQ(test, 0, context->channel[0].irq);
	}
	klab_bottom_close(bottom);
}

/*
 * Several interrupts before the run give one run: who counts runs has lost
 * events, who drains a counter has not.
 */
static void klab_irq_bottom_queued_twice_runs_once(struct kunit *test)
{
	const struct klab_bottom_mechanism *mechanism;
	struct bottom_test *context = test->priv;
	struct klab_bottom_channel *channel = &context->channel[0];
	struct klab_stamp stamp = klab_stamp_now();
	unsigned int i;

	mechanism = bottom_test_mechanism(test, "tasklet");
	KUNIT_ASSERT_EQ(test, 0, klab_bottom_open(&context->bottom, mechanism,
						  false));
	local_bh_disable();
	for (i = 0; i < 5; i++) {
		klab_bottom_happen(channel, &stamp);
		mechanism->queue(channel);
	}
	local_bh_enable();
	KUNIT_ASSERT_TRUE(test, klab_bottom_wait(channel, TEST_PATIENCE));

	KUNIT_EXPECT_EQ(test, 5, channel->handled);
	KUNIT_EXPECT_EQ(test, 1, channel->runs);
}

static void klab_irq_bottom_run_without_event_is_idle(struct kunit *test)
{
	struct bottom_test *context = test->priv;
	struct klab_bottom_channel *channel = &context->channel[0];
	struct klab_summary summary;

	klab_bottom_drain(channel);

	KUNIT_EXPECT_EQ(test, 1, channel->idle);
	KUNIT_EXPECT_EQ(test, 0, channel->runs);
	klab_samples_summary(context->bottom.latency, &summary);
	KUNIT_EXPECT_EQ(test, 0, summary.count);
}

/* The latency of a run is that of the oldest event it handles. */
static void klab_irq_bottom_latency_from_oldest(struct kunit *test)
{
	struct bottom_test *context = test->priv;
	struct klab_bottom_channel *channel = &context->channel[0];
	struct klab_stamp late = klab_stamp_now(), old = late;
	struct klab_summary summary;

	old.ns -= NSEC_PER_SEC;
	klab_bottom_happen(channel, &old);
	klab_bottom_happen(channel, &late);
	klab_bottom_drain(channel);

	KUNIT_EXPECT_EQ(test, 2, channel->handled);
	klab_samples_summary(context->bottom.latency, &summary);
	KUNIT_EXPECT_EQ(test, 1, summary.count);
	KUNIT_EXPECT_GE(test, summary.ns.max, NSEC_PER_SEC / 2);
}

static void klab_irq_bottom_wait_has_a_bound(struct kunit *test)
{
	struct bottom_test *context = test->priv;
	struct klab_bottom_channel *channel = &context->channel[0];
	struct klab_stamp stamp = klab_stamp_now();

	KUNIT_EXPECT_TRUE(test, klab_bottom_wait(channel, 1));
	klab_bottom_happen(channel, &stamp);
	KUNIT_EXPECT_FALSE(test, klab_bottom_wait(channel, 1));
	KUNIT_EXPECT_FALSE(test, channel->waiting);
	klab_bottom_drain(channel);
	KUNIT_EXPECT_TRUE(test, klab_bottom_wait(channel, 1));
}

static unsigned int bottom_test_available(void)
{
	unsigned int i, nr = 0;

	for (i = 0; i < klab_bottom_nr_mechanisms; i++)
		nr += !!klab_bottom_mechanisms[i];
	return nr;
}

static const struct bottom_lines_case {
	const char *name;
	unsigned int cpus;
	bool all;
	int lines;
} bottom_lines_cases[] = {
	{ "one", 1, false, 1 },
	{ "as many as there are", 32, false, 32 },
	{ "one too many", 33, false, -EINVAL },
	{ "all of as many as there are", 32, true, 32 },
	{ "all of one more", 33, true, 32 },
	{ "all of many", 8192, true, 32 },
};

KUNIT_ARRAY_PARAM_DESC(bottom_lines, bottom_lines_cases, name);

/* A CPU that was asked for is not left out without a word. */
static void klab_irq_bottom_cpus_without_lines(struct kunit *test)
{
	const struct bottom_lines_case *c = test->param_value;

	KUNIT_EXPECT_EQ(test, c->lines, klab_bottom_lines(c->cpus, c->all));
}

static void bottom_test_expect_events(struct kunit *test, const char *text,
				      const char *name, s64 events)
{
	s64 runs = klab_kunit_number(test, text, name, "runs");

	KUNIT_EXPECT_EQ_MSG(test, events,
			    klab_kunit_number(test, text, name, "events"),
			    "%s", name);
	KUNIT_EXPECT_GE_MSG(test, runs, 1, "%s", name);
	KUNIT_EXPECT_LE_MSG(test, runs, events, "%s", name);
}

static void klab_irq_bottom_experiment_loses_nothing(struct kunit *test)
{
	const struct klab_bottom_mechanism *mechanism;
	s64 channels;
	const char *text;
	unsigned int i;

	text = klab_kunit_run(test, "irq/bottom-halves",
			      "count=20 burst=4 rate=500");
	KUNIT_ASSERT_EQ(test, 0, kstrtos64(klab_kunit_note(test, text,
							   "channels"),
					   10, &channels));

	KUNIT_EXPECT_EQ(test, bottom_test_available(),
			klab_kunit_rows(test, text));
	for (i = 0; i < klab_bottom_nr_mechanisms; i++) {
		mechanism = klab_bottom_mechanisms[i];
		if (mechanism)
			bottom_test_expect_events(test, text, mechanism->name,
						  20 * channels);
	}
	KUNIT_EXPECT_EQ(test, 20 * channels,
			klab_kunit_number(test, text, "hard", "runs"));
}

/* A task queues the items itself, all of them in each round. */
static void klab_irq_bottom_experiment_by_task(struct kunit *test)
{
	const char *text;

	text = klab_kunit_run(test, "irq/bottom-halves",
			      "from=task count=10 burst=3 histogram=0");
	KUNIT_EXPECT_EQ(test, bottom_test_available() - 2,
			klab_kunit_rows(test, text));
	bottom_test_expect_events(test, text, "tasklet", 30);
	bottom_test_expect_events(test, text, "work_bound", 30);
	KUNIT_EXPECT_NULL(test, strstr(text, "# histogram."));

	text = klab_kunit_run(test, "irq/bottom-halves",
			      "from=task_bh_off mechanism=tasklet count=10");
	KUNIT_EXPECT_EQ(test, 1, klab_kunit_rows(test, text));
	bottom_test_expect_events(test, text, "tasklet", 10);
	KUNIT_EXPECT_NOT_NULL(test, strstr(text, "# histogram.latency.tasklet"));
}

static const char * const bottom_wrong_params[] = {
	"cpus=x", "cpus=", "cpus=1-", "cpus=99999", "mechanism=none",
	"from=task mechanism=hard", "from=task mechanism=threaded",
	"from=task burst=33", "rate=0", "rate=100001", "burst=65", "count=0",
};

static void bottom_wrong_name(const char * const *params, char *desc)
{
	strscpy(desc, *params, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(bottom_wrong, bottom_wrong_params, bottom_wrong_name);

static void klab_irq_bottom_experiment_refuses(struct kunit *test)
{
	const char * const *params = test->param_value;
	const char *text;

	KUNIT_EXPECT_EQ(test, -EINVAL,
			klab_kunit_try(test, "irq/bottom-halves", *params,
				       &text));
}

static int bottom_open_all(struct kunit *test)
{
	struct bottom_test *context = test->priv;
	struct klab_bottom *bottom = &context->bottom;
	unsigned int i;
	int err = 0;

	for (i = 0; !err && i < klab_bottom_nr_mechanisms; i++) {
		if (!klab_bottom_mechanisms[i])
			continue;
		err = klab_bottom_open(bottom, klab_bottom_mechanisms[i],
				       true);
		klab_bottom_close(bottom);
	}
	return err;
}

static void klab_irq_bottom_survives_no_memory(struct kunit *test)
{
	/*
	 * The first request of a line makes its directory in /proc/irq, and
	 * the kernel warns when it removes one that it could only make in part.
	 */
	KUNIT_ASSERT_EQ(test, 0, bottom_open_all(test));
	klab_kunit_each_failure(test, bottom_open_all);
}

static void klab_irq_bottom_create_without_lines(struct kunit *test)
{
	struct klab_bottom bottom = {};

	KUNIT_EXPECT_EQ(test, -EINVAL, klab_bottom_create(&bottom));
	klab_bottom_destroy(&bottom);
}

static struct kunit_case bottom_cases[] = {
	KUNIT_CASE_PARAM(klab_irq_bottom_interrupt_is_handled,
			 bottom_gen_params),
	KUNIT_CASE_PARAM(klab_irq_bottom_close_while_queued,
			 bottom_gen_params),
	KUNIT_CASE(klab_irq_bottom_queued_twice_runs_once),
	KUNIT_CASE(klab_irq_bottom_run_without_event_is_idle),
	KUNIT_CASE(klab_irq_bottom_latency_from_oldest),
	KUNIT_CASE(klab_irq_bottom_wait_has_a_bound),
	KUNIT_CASE_PARAM(klab_irq_bottom_cpus_without_lines,
			 bottom_lines_gen_params),
	KUNIT_CASE(klab_irq_bottom_experiment_loses_nothing),
	KUNIT_CASE(klab_irq_bottom_experiment_by_task),
	KUNIT_CASE_PARAM(klab_irq_bottom_experiment_refuses,
			 bottom_wrong_gen_params),
	KUNIT_CASE(klab_irq_bottom_survives_no_memory),
	KUNIT_CASE(klab_irq_bottom_create_without_lines),
	{}
};

static struct kunit_suite bottom_suite = {
	.name = "klab_irq_bottom",
	.init = bottom_test_init,
	.exit = bottom_test_exit,
	.test_cases = bottom_cases,
};

kunit_test_suite(bottom_suite);

MODULE_DESCRIPTION("KUnit tests for bottom halves side by side");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS(EXPORTED_FOR_KUNIT_TESTING);
