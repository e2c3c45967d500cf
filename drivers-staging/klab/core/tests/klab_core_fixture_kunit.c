// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of klab's core: what the rooms' suites stand on.
 */

#include <linux/array_size.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/slab.h>

#include <kunit/test.h>

#include "../klab_core.h"
#include "../klab_fixture.h"

enum { PARAM_FAIL };

static const struct klab_param fixture_params[] = {
	KLAB_BOOL("fail", 0, "Whether to fail"),
};

static int fixture_run(struct klab_run *run)
{
	if (klab_run_value(run, PARAM_FAIL))
		return klab_run_fail(run, -EPROTO, "told to");

	klab_note(run, "answer", "%d", 42);
	klab_note(run, "answer.more", "%s", "a=b");
	klab_columns(run, "who\ttime[ns]\ttime[cycles]\ttimes");
	klab_row(run, "%s\t%d\t%d\t%d", "one", 11, 12, 13);
	klab_row(run, "%s\t%d\t%d\t%s", "two more", 21, -22, "");
	return 0;
}

static struct klab_experiment experiment = {
	.room = "kunit-fixture",
	.name = "table",
	.question = "Is there a table?",
	.params = fixture_params,
	.nr_params = ARRAY_SIZE(fixture_params),
	.run = fixture_run,
};

static int fixture_suite_init(struct kunit_suite *suite)
{
	return klab_experiments_register(&experiment, 1);
}

static void fixture_suite_exit(struct kunit_suite *suite)
{
	klab_experiments_unregister(&experiment, 1);
}

static void klab_core_fixture_run(struct kunit *test)
{
	const char *text = klab_kunit_run(test, "kunit-fixture/table", "");

	KUNIT_EXPECT_STREQ(test, text,
			   "# experiment=kunit-fixture/table\n"
			   "# param.fail=0\n"
			   "# answer=42\n"
			   "# answer.more=a=b\n"
			   "who\ttime[ns]\ttime[cycles]\ttimes\n"
			   "one\t11\t12\t13\n"
			   "two more\t21\t-22\t\n");
}

static void klab_core_fixture_try_a_run_that_fails(struct kunit *test)
{
	const char *text;

	KUNIT_EXPECT_EQ(test, -EPROTO,
			klab_kunit_try(test, "kunit-fixture/table", "fail=1",
				       &text));
	KUNIT_EXPECT_STREQ(test, "# error=told to\n", text);
}

static void klab_core_fixture_try_a_wrong_parameter(struct kunit *test)
{
	const char *text;

	KUNIT_EXPECT_EQ(test, -EINVAL,
			klab_kunit_try(test, "kunit-fixture/table", "x=1",
				       &text));
	KUNIT_EXPECT_STREQ(test, "# error=x: no such parameter\n", text);
}

static void klab_core_fixture_notes(struct kunit *test)
{
	const char *text = klab_kunit_run(test, "kunit-fixture/table", "");

	KUNIT_EXPECT_STREQ(test, "42", klab_kunit_note(test, text, "answer"));
	KUNIT_EXPECT_STREQ(test, "a=b", klab_kunit_note(test, text,
							"answer.more"));
	KUNIT_EXPECT_STREQ(test, "0", klab_kunit_note(test, text,
						      "param.fail"));
}

struct fixture_cell_case {
	const char *row;
	const char *column;
	const char *cell;
};

static const struct fixture_cell_case fixture_cell_cases[] = {
	{ NULL, "who", "one" },
	{ "one", "time", "11" },
	{ "one", "time[ns]", "11" },
	{ "one", "time[cycles]", "12" },
	{ "one", "times", "13" },
	{ "two more", "who", "two more" },
	{ "two more", "time[cycles]", "-22" },
	{ "two more", "times", "" },
};

static void fixture_cell_desc(const struct fixture_cell_case *param, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%s of %s", param->column,
		 param->row ?: "first row");
}

KUNIT_ARRAY_PARAM(fixture_cell, fixture_cell_cases, fixture_cell_desc);

static void klab_core_fixture_cell(struct kunit *test)
{
	const struct fixture_cell_case *param = test->param_value;
	const char *text = klab_kunit_run(test, "kunit-fixture/table", "");

	KUNIT_EXPECT_STREQ(test, param->cell,
			   klab_kunit_cell(test, text, param->row,
					   param->column));
}

static void klab_core_fixture_number_and_rows(struct kunit *test)
{
	const char *text = klab_kunit_run(test, "kunit-fixture/table", "");

	KUNIT_EXPECT_EQ(test, -22, klab_kunit_number(test, text, "two more",
						     "time[cycles]"));
	KUNIT_EXPECT_EQ(test, 2, klab_kunit_rows(test, text));
	KUNIT_EXPECT_EQ(test, 0, klab_kunit_rows(test, "# a=b\nheader\n"));
	KUNIT_EXPECT_EQ(test, 0, klab_kunit_rows(test, ""));
}

static unsigned int fixture_calls;
static bool fixture_first_failed, fixture_second_failed;
static int fixture_last;

static int fixture_step(struct kunit *test)
{
	void *a = kmalloc(8, GFP_KERNEL);
	void *b = kmalloc(8, GFP_KERNEL);
	int err = a && b ? 0 : -ENOMEM;

	fixture_calls++;
	fixture_first_failed |= !a;
	fixture_second_failed |= !b;
	fixture_last = err;
	kfree(a);
	kfree(b);
	return err;
}

static void klab_core_fixture_each_failure(struct kunit *test)
{
	fixture_calls = 0;
	fixture_first_failed = false;
	fixture_second_failed = false;
	klab_kunit_each_failure(test, fixture_step);
	/* More than three where what watches allocations allocates too. */
	KUNIT_EXPECT_GE(test, fixture_calls, 3);
	KUNIT_EXPECT_TRUE(test, fixture_first_failed);
	KUNIT_EXPECT_TRUE(test, fixture_second_failed);
	KUNIT_EXPECT_EQ(test, 0, fixture_last);
}

static struct kunit_case klab_core_fixture_cases[] = {
	KUNIT_CASE(klab_core_fixture_run),
	KUNIT_CASE(klab_core_fixture_try_a_run_that_fails),
	KUNIT_CASE(klab_core_fixture_try_a_wrong_parameter),
	KUNIT_CASE(klab_core_fixture_notes),
	KUNIT_CASE_PARAM(klab_core_fixture_cell, fixture_cell_gen_params),
	KUNIT_CASE(klab_core_fixture_number_and_rows),
	KUNIT_CASE(klab_core_fixture_each_failure),
	{}
};

static struct kunit_suite klab_core_fixture_suite = {
	.name = "klab_core_fixture",
	.suite_init = fixture_suite_init,
	.suite_exit = fixture_suite_exit,
	.test_cases = klab_core_fixture_cases,
};

kunit_test_suite(klab_core_fixture_suite);

MODULE_DESCRIPTION("klab: KUnit tests of fixtures");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
