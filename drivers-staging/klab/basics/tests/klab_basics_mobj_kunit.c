// SPDX-License-Identifier: GPL-2.0-only
/* KUnit tests for exports of one module that another uses. */
#include <linux/module.h>

#include <kunit/test.h>

#include "../../core/klab_fixture.h"
#include "../basics.h"

#define SUM	"klab_basics_mobj_a + klab_basics_mobj_b + klab_basics_mobj_c"

/* Each object's function is its own, not that of a sister. */
static void klab_basics_mobj_each_returns_its_name(struct kunit *test)
{
	KUNIT_EXPECT_STREQ(test, klab_basics_mobj_a(), "klab_basics_mobj_a");
	KUNIT_EXPECT_STREQ(test, klab_basics_mobj_b(), "klab_basics_mobj_b");
	KUNIT_EXPECT_STREQ(test, klab_basics_mobj_c(), "klab_basics_mobj_c");
}

static void klab_basics_mobj_sum_names_all(struct kunit *test)
{
	char line[100];

	klab_basics_mcall_sum(line, sizeof(line));
	KUNIT_EXPECT_STREQ(test, line, SUM);
}

static void klab_basics_mobj_sum_stays_in_its_room(struct kunit *test)
{
	char line[8] = "1234567";

	klab_basics_mcall_sum(line, 5);
	KUNIT_EXPECT_STREQ(test, line, "klab");
	KUNIT_EXPECT_EQ(test, line[5], '6');
}

static void klab_basics_mobj_experiment_shows_exports(struct kunit *test)
{
	const char *text = klab_kunit_run(test, "basics/exports", "");

	KUNIT_EXPECT_STREQ(test, klab_kunit_note(test, text, "sum"), SUM);
	KUNIT_EXPECT_EQ(test, klab_kunit_rows(test, text), 3);
	KUNIT_EXPECT_STREQ(test,
			   klab_kunit_cell(test, text, "klab_basics_mobj_b",
					   "returns"),
			   "klab_basics_mobj_b");
}

static struct kunit_case klab_basics_mobj_cases[] = {
	KUNIT_CASE(klab_basics_mobj_each_returns_its_name),
	KUNIT_CASE(klab_basics_mobj_sum_names_all),
	KUNIT_CASE(klab_basics_mobj_sum_stays_in_its_room),
	KUNIT_CASE(klab_basics_mobj_experiment_shows_exports),
	{}
};

static struct kunit_suite klab_basics_mobj_suite = {
	.name = "klab_basics_mobj",
	.test_cases = klab_basics_mobj_cases,
};

kunit_test_suite(klab_basics_mobj_suite);

MODULE_DESCRIPTION("klab: KUnit tests for exports");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS(EXPORTED_FOR_KUNIT_TESTING);
MODULE_IMPORT_NS(KLAB_BASICS);
