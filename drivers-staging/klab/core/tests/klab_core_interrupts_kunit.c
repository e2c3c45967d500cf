// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of the experiment core/interrupts.
 */

#include <kunit/test.h>
#include <linux/cpumask.h>
#include <linux/errno.h>
#include <linux/kconfig.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/sprintf.h>
#include <linux/string.h>
#include <linux/timekeeping.h>

#include "../core_internal.h"
#include "../core_measure.h"
#include "../klab_fixture.h"

static void klab_core_interrupts_counts(struct kunit *test)
{
	const char *text;

	text = klab_kunit_run(test, "core/interrupts",
			      "period=100000 burst=3 count=20");
	KUNIT_EXPECT_STREQ(test, "20", klab_kunit_note(test, text, "fired"));
	KUNIT_EXPECT_STREQ(test, "20", klab_kunit_note(test, text, "handled"));
	KUNIT_EXPECT_EQ(test, 2U, klab_kunit_rows(test, text));
	KUNIT_EXPECT_EQ(test, 20LL,
			klab_kunit_number(test, text, "due to handler",
					  "count"));
}

/* None is later than the run is long. */
static void klab_core_interrupts_late(struct kunit *test)
{
	ktime_t start = ktime_get();
	const char *text = klab_kunit_run(test, "core/interrupts",
					  "period=10000 count=20");
	s64 elapsed = ktime_to_ns(ktime_sub(ktime_get(), start));

	KUNIT_EXPECT_LE(test, klab_kunit_number(test, text, "due to handler",
						"max"), elapsed);
	KUNIT_EXPECT_LE(test, klab_kunit_number(test, text, "call to handler",
						"max"), elapsed);
}

static void klab_core_interrupts_thread(struct kunit *test)
{
	const char *text;

	text = klab_kunit_run(test, "core/interrupts",
			      "period=100000 count=20 thread=1");
	KUNIT_EXPECT_EQ(test, 3U, klab_kunit_rows(test, text));
	KUNIT_EXPECT_GT(test,
			klab_kunit_number(test, text, "call to thread",
					  "count"), 0LL);
}

static void klab_core_interrupts_no_cpu(struct kunit *test)
{
	const char *text;
	char params[16];

	snprintf(params, sizeof(params), "cpu=%u", nr_cpu_ids);
	KUNIT_EXPECT_EQ(test, -EINVAL,
			klab_kunit_try(test, "core/interrupts", params, &text));
}

static struct klab_values klab_test_values;

static void klab_test_values_set(struct kunit *test, char *line)
{
	struct klab_reason reason;

	klab_values_default(&klab_interrupts_experiment, &klab_test_values);
	KUNIT_ASSERT_EQ(test, 0,
			klab_values_parse(&klab_interrupts_experiment,
					  &klab_test_values, line,
					  strlen(line), &reason));
}

/* Ends long before the train would. */
static void klab_core_interrupts_cancelled(struct kunit *test)
{
	char line[] = "period=1000000000 count=3";
	struct klab_text text = {};
	struct klab_run *run;

	klab_test_values_set(test, line);
	run = klab_run_create(&klab_interrupts_experiment, &klab_test_values);
	KUNIT_ASSERT_NOT_NULL(test, run);
	klab_run_cancel(run);
	KUNIT_EXPECT_EQ(test, -ENODEV, klab_run_execute(run, &text));
	klab_run_destroy(run);
	klab_text_free(&text);
}

static int klab_test_experiment_step(struct kunit *test)
{
	struct klab_text text = {};
	struct klab_run *run;
	int ret;

	run = klab_run_create(&klab_interrupts_experiment, &klab_test_values);
	if (!run)
		return -ENOMEM;
	ret = klab_run_execute(run, &text);
	klab_run_destroy(run);
	klab_text_free(&text);

	return ret == -ENOSPC ? -ENOMEM : ret;
}

static void klab_core_interrupts_without_memory(struct kunit *test)
{
	char line[] = "period=10000 count=2 thread=1";

	/*
	 * The kernel does not mind when it has no memory for an interrupt's
	 * files in /proc, but warns when it does not find them afterwards.
	 */
	if (IS_ENABLED(CONFIG_SPARSE_IRQ) && IS_ENABLED(CONFIG_PROC_FS))
		kunit_skip(test, "with SPARSE_IRQ a failure makes the kernel warn");
	klab_test_values_set(test, line);
	klab_kunit_each_failure(test, klab_test_experiment_step);
}

static struct kunit_case klab_core_interrupts_cases[] = {
	KUNIT_CASE(klab_core_interrupts_counts),
	KUNIT_CASE(klab_core_interrupts_late),
	KUNIT_CASE(klab_core_interrupts_thread),
	KUNIT_CASE(klab_core_interrupts_no_cpu),
	KUNIT_CASE(klab_core_interrupts_cancelled),
	KUNIT_CASE(klab_core_interrupts_without_memory),
	{}
};

static struct kunit_suite klab_core_interrupts_suite = {
	.name		= "klab_core_interrupts",
	.test_cases	= klab_core_interrupts_cases,
};

kunit_test_suite(klab_core_interrupts_suite);

MODULE_DESCRIPTION("klab: KUnit tests of how late interrupts are");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS(EXPORTED_FOR_KUNIT_TESTING);
