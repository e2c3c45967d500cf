// SPDX-License-Identifier: GPL-2.0-only
/* Ways to time a piece of work. */

#include <linux/module.h>
#include <linux/string.h>

#include <kunit/test.h>

#include "../../core/klab_fixture.h"
#include "../timing.h"

#define TIMING_EVENTS	100

KUNIT_DEFINE_ACTION_WRAPPER(timing_free, klab_timing_free,
			    struct klab_timing *);

static struct klab_timing *timing_alloc(struct kunit *test)
{
	struct klab_timing *timing = klab_timing_alloc();

	KUNIT_ASSERT_NOT_NULL(test, timing);
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, timing_free, timing));
	return timing;
}

static const struct klab_timing_method *timing_method(struct kunit *test,
						      const char *name)
{
	unsigned int i;

	for (i = 0; i < klab_timing_nr_methods; i++)
		if (!strcmp(klab_timing_methods[i].name, name))
			return &klab_timing_methods[i];

	KUNIT_FAIL_AND_ABORT(test, "no method %s", name);
	return NULL;
}

struct timing_expectation {
	const char *name;
	u64 events;
};

static const struct timing_expectation timing_expectations[] = {
	{ "single", 1 },
	{ "racy_sum", TIMING_EVENTS },
	{ "atomic_sum", TIMING_EVENTS },
	{ "percpu_sum", TIMING_EVENTS },
	{ "samples", TIMING_EVENTS },
};

static void timing_name(const struct timing_expectation *expectation,
			char *name)
{
	strscpy(name, expectation->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(timing, timing_expectations, timing_name);

/* One thread alone loses nothing, by any method. */
static void klab_basics_timing_method_sees_events(struct kunit *test)
{
	const struct timing_expectation *expectation = test->param_value;
	const struct klab_timing_method *method;
	struct klab_timing *timing = timing_alloc(test);
	unsigned int i;

	method = timing_method(test, expectation->name);
	KUNIT_ASSERT_NOT_NULL(test, method->seen);
	for (i = 0; i < TIMING_EVENTS; i++)
		method->event(timing);

	KUNIT_EXPECT_EQ(test, method->seen(timing).events, expectation->events);
}

/* What a method holds of an earlier measurement does not reach the next. */
static void klab_basics_timing_starts_from_zero(struct kunit *test)
{
	struct klab_timing *timing = timing_alloc(test);

	KUNIT_EXPECT_EQ(test, 0,
			timing_method(test, "racy_sum")->seen(timing).events);
	KUNIT_EXPECT_EQ(test, 0,
			timing_method(test, "percpu_sum")->seen(timing).ns);
	KUNIT_EXPECT_EQ(test, 0,
			timing_method(test, "samples")->seen(timing).events);
}

static void klab_basics_timing_untimed_sees_nothing(struct kunit *test)
{
	KUNIT_EXPECT_NULL(test, timing_method(test, "untimed")->seen);
	KUNIT_EXPECT_NULL(test, timing_method(test, "section")->seen);
}

static void klab_basics_timing_experiment_loses_nothing(struct kunit *test)
{
	const char *text;

	text = klab_kunit_run(test, "basics/timing", "events=640 threads=4");

	KUNIT_EXPECT_STREQ(test, "2560", klab_kunit_note(test, text, "events"));
	KUNIT_EXPECT_STREQ(test, "2560",
			   klab_kunit_note(test, text, "events.atomic_sum"));
	KUNIT_EXPECT_STREQ(test, "2560",
			   klab_kunit_note(test, text, "events.percpu_sum"));
	KUNIT_EXPECT_STREQ(test, "2560",
			   klab_kunit_note(test, text, "events.samples"));
}

static void klab_basics_timing_experiment_has_samples(struct kunit *test)
{
	const char *text;
	unsigned int i;

	text = klab_kunit_run(test, "basics/timing", "events=65 threads=3");

	KUNIT_EXPECT_EQ(test, klab_timing_nr_methods,
			klab_kunit_rows(test, text));
	for (i = 0; i < klab_timing_nr_methods; i++)
		KUNIT_EXPECT_EQ_MSG(test, 6,
				    klab_kunit_number(test, text,
						      klab_timing_methods[i].name,
						      "count"),
				    "%s", klab_timing_methods[i].name);
}

static int timing_step(struct kunit *test)
{
	struct klab_timing *timing = klab_timing_alloc();
	unsigned int i;

	if (!timing)
		return -ENOMEM;
	for (i = 0; i < klab_timing_nr_methods; i++)
		klab_timing_methods[i].event(timing);
	klab_timing_free(timing);
	return 0;
}

static void klab_basics_timing_survives_no_memory(struct kunit *test)
{
	klab_timing_free(NULL);
	klab_kunit_each_failure(test, timing_step);
}

static struct kunit_case timing_cases[] = {
	KUNIT_CASE_PARAM(klab_basics_timing_method_sees_events,
			 timing_gen_params),
	KUNIT_CASE(klab_basics_timing_starts_from_zero),
	KUNIT_CASE(klab_basics_timing_untimed_sees_nothing),
	KUNIT_CASE(klab_basics_timing_experiment_loses_nothing),
	KUNIT_CASE(klab_basics_timing_experiment_has_samples),
	KUNIT_CASE(klab_basics_timing_survives_no_memory),
	{}
};

static struct kunit_suite timing_suite = {
	.name = "klab_basics_timing",
	.test_cases = timing_cases,
};

kunit_test_suite(timing_suite);

MODULE_DESCRIPTION("KUnit tests for klab's ways to time");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS(EXPORTED_FOR_KUNIT_TESTING);
