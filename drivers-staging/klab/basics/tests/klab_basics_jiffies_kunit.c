// SPDX-License-Identifier: GPL-2.0-only
/* The experiment basics/jiffies. */

#include <linux/jiffies.h>
#include <linux/limits.h>
#include <linux/module.h>

#include <kunit/test.h>

#include "../../core/klab_fixture.h"

static s64 jiffies_value(struct kunit *test, const char *text,
			 const char *quantity)
{
	return klab_kunit_number(test, text, quantity, "value");
}

static void klab_basics_jiffies_value_is_present(struct kunit *test)
{
	u64 before = get_jiffies_64();
	const char *text = klab_kunit_run(test, "basics/jiffies", "");
	u64 after = get_jiffies_64();

	KUNIT_EXPECT_GE(test, jiffies_value(test, text, "jiffies_64"), before);
	KUNIT_EXPECT_LE(test, jiffies_value(test, text, "jiffies_64"), after);
}

static void klab_basics_jiffies_quantities_agree(struct kunit *test)
{
	const char *text = klab_kunit_run(test, "basics/jiffies", "");
	u64 count = jiffies_value(test, text, "jiffies_64");

	KUNIT_EXPECT_EQ(test, HZ, jiffies_value(test, text, "hz"));
	KUNIT_EXPECT_EQ(test, (unsigned long)count,
			jiffies_value(test, text, "jiffies"));
	KUNIT_EXPECT_EQ(test, jiffies64_to_msecs(count - INITIAL_JIFFIES),
			jiffies_value(test, text, "since_boot"));
	KUNIT_EXPECT_EQ(test, (ULONG_MAX - (unsigned long)count) / HZ,
			jiffies_value(test, text, "until_wrap"));
}

static struct kunit_case jiffies_cases[] = {
	KUNIT_CASE(klab_basics_jiffies_value_is_present),
	KUNIT_CASE(klab_basics_jiffies_quantities_agree),
	{}
};

static struct kunit_suite jiffies_suite = {
	.name = "klab_basics_jiffies",
	.test_cases = jiffies_cases,
};

kunit_test_suite(jiffies_suite);

MODULE_DESCRIPTION("KUnit tests for klab's tick counter");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
