// SPDX-License-Identifier: GPL-2.0-only
/* Experiments about interrupt lines. */

#include <linux/module.h>

#include <kunit/test.h>

#include "../../core/klab_fixture.h"

static void klab_irq_registration_has_no_surprises(struct kunit *test)
{
	const char *text = klab_kunit_run(test, "irq/registration", "");

	KUNIT_EXPECT_STREQ(test, "0", klab_kunit_note(test, text, "surprises"));
	KUNIT_EXPECT_GT(test, klab_kunit_rows(test, text), 20);
}

static struct kunit_case lines_cases[] = {
	KUNIT_CASE(klab_irq_registration_has_no_surprises),
	{}
};

static struct kunit_suite lines_suite = {
	.name = "klab_irq_lines",
	.test_cases = lines_cases,
};

kunit_test_suite(lines_suite);

MODULE_DESCRIPTION("KUnit tests for klab's interrupt lines");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
