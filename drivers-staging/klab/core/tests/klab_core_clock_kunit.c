// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of the experiment core/clock, with clocks that tell what the test
 * wants.
 */

#include <kunit/test.h>
#include <linux/array_size.h>
#include <linux/errno.h>
#include <linux/limits.h>
#include <linux/minmax.h>
#include <linux/module.h>
#include <linux/types.h>

#include "../core_internal.h"
#include "../core_measure.h"
#include "../klab_fixture.h"

/* More reads than any test has the patience for. */
#define KLAB_TEST_FOR_EVER	U32_MAX

static struct klab_run *klab_test_run;
static const u64 *klab_test_times;
static unsigned int klab_test_nr_times;
static unsigned int klab_test_reads;
static unsigned int klab_test_cancel_at;

static u64 klab_test_read(void)
{
	if (++klab_test_reads == klab_test_cancel_at)
		klab_run_cancel(klab_test_run);
	return klab_test_times[min(klab_test_reads, klab_test_nr_times) - 1];
}

static void klab_test_sample(struct klab_samples *samples)
{
	klab_test_read();
}

static const struct klab_experiment klab_test_experiment = {
	.room		= "test",
	.name		= "clock",
	.time_limit_ms	= 60000,
};

static struct klab_values klab_test_values;

static void klab_test_clock(const u64 *times, unsigned int nr)
{
	klab_test_times = times;
	klab_test_nr_times = nr;
	klab_test_reads = 0;
	klab_test_cancel_at = 0;
}

static int klab_test_init(struct kunit *test)
{
	static const u64 zero[1];

	klab_test_run = klab_run_create(&klab_test_experiment,
					&klab_test_values);
	KUNIT_ASSERT_NOT_NULL(test, klab_test_run);
	klab_test_clock(zero, ARRAY_SIZE(zero));
	return 0;
}

static void klab_test_exit(struct kunit *test)
{
	klab_run_destroy(klab_test_run);
}

static void klab_core_clock_step_is_the_smallest(struct kunit *test)
{
	static const u64 times[] = { 100, 110, 113, 113, 112, 120 };
	u64 step;

	klab_test_clock(times, ARRAY_SIZE(times));
	KUNIT_ASSERT_EQ(test, 0, klab_clock_step(klab_test_run, klab_test_read,
						 5, &step));
	KUNIT_EXPECT_EQ(test, 3ULL, step);
	KUNIT_EXPECT_EQ(test, 6U, klab_test_reads);
}

/* One that moves after as many reads as were asked for. */
static void klab_core_clock_step_is_waited_for(struct kunit *test)
{
	static const u64 times[] = { 5, 5, 5, 5, 5, 5, 5, 12 };
	u64 step;

	klab_test_clock(times, ARRAY_SIZE(times));
	KUNIT_ASSERT_EQ(test, 0, klab_clock_step(klab_test_run, klab_test_read,
						 2, &step));
	KUNIT_EXPECT_EQ(test, 7ULL, step);
}

static void klab_core_clock_that_stands(struct kunit *test)
{
	u64 step = 1;

	KUNIT_ASSERT_EQ(test, 0, klab_clock_step(klab_test_run, klab_test_read,
						 10, &step));
	KUNIT_EXPECT_EQ(test, 0ULL, step);
	KUNIT_EXPECT_GT(test, klab_test_reads, 10U);
}

static void klab_core_clock_that_goes_back(struct kunit *test)
{
	static const u64 times[] = { 100, 90 };
	u64 step = 1;

	klab_test_clock(times, ARRAY_SIZE(times));
	KUNIT_ASSERT_EQ(test, 0, klab_clock_step(klab_test_run, klab_test_read,
						 1, &step));
	KUNIT_EXPECT_EQ(test, 0ULL, step);
}

static void klab_core_clock_step_cancelled(struct kunit *test)
{
	u64 step;

	klab_test_cancel_at = 300;
	KUNIT_EXPECT_EQ(test, -ENODEV,
			klab_clock_step(klab_test_run, klab_test_read,
					KLAB_TEST_FOR_EVER, &step));
	KUNIT_EXPECT_LT(test, klab_test_reads, 10000U);
}

static void klab_core_clock_cost_cancelled(struct kunit *test)
{
	klab_test_cancel_at = 300;
	KUNIT_EXPECT_EQ(test, -ENODEV,
			klab_clock_cost(klab_test_run, klab_test_sample,
					KLAB_TEST_FOR_EVER, NULL));
	KUNIT_EXPECT_LT(test, klab_test_reads, 10000U);
}

/* Each clock has samples of its own. */
static void klab_core_clock_counts_each(struct kunit *test)
{
	const char *text = klab_kunit_run(test, "core/clock", "rounds=10");

	KUNIT_ASSERT_EQ(test, 12U,
			klab_kunit_rows(test, text));
	KUNIT_EXPECT_EQ(test, 10LL,
			klab_kunit_number(test, text, "ktime_get_raw", "count"));
	KUNIT_EXPECT_EQ(test, 10LL,
			klab_kunit_number(test, text, "get_cycles", "count"));
}

static struct kunit_case klab_core_clock_cases[] = {
	KUNIT_CASE(klab_core_clock_step_is_the_smallest),
	KUNIT_CASE(klab_core_clock_step_is_waited_for),
	KUNIT_CASE(klab_core_clock_that_stands),
	KUNIT_CASE(klab_core_clock_that_goes_back),
	KUNIT_CASE(klab_core_clock_step_cancelled),
	KUNIT_CASE(klab_core_clock_cost_cancelled),
	KUNIT_CASE(klab_core_clock_counts_each),
	{}
};

static struct kunit_suite klab_core_clock_suite = {
	.name		= "klab_core_clock",
	.init		= klab_test_init,
	.exit		= klab_test_exit,
	.test_cases	= klab_core_clock_cases,
};

kunit_test_suite(klab_core_clock_suite);

MODULE_DESCRIPTION("klab: KUnit tests of what clocks cost");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS(EXPORTED_FOR_KUNIT_TESTING);
