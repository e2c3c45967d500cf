// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests for the arithmetic of the regulator: the model at its limits, and
 * numbers with decimals as text.
 */
#include <linux/array_size.h>
#include <linux/errno.h>
#include <linux/limits.h>
#include <linux/math.h>
#include <linux/module.h>
#include <linux/string.h>
#include <linux/types.h>

#include <kunit/test.h>

#include "../regulator.h"

#define LIMIT	KLAB_LOOP_VALUE_MAX

static const struct add_case {
	const char *what;
	struct klab_loop before;
	s32 change;
	s32 value;
	s32 carry;
} add_cases[] = {
	{ "gain one", { .multiply = 1000 }, 5000, 5000, 0 },
	{ "gain a half", { .value = 10, .multiply = 500 }, -10, 5, 0 },
	{ "gain nothing", { .value = 7 }, LIMIT, 7, 0 },
	{ "negative gain", { .multiply = -2000 }, 3, -6, 0 },
	{ "part is carried", { .multiply = 300 }, 1, 0, 300 },
	{ "part is carried down", { .multiply = 300 }, -1, 0, -300 },
	{ "parts make one", { .multiply = 300, .carry = 900 }, 1, 1, 200 },
	{ "parts cancel out", { .multiply = 300, .carry = 300 }, -1, 0, 0 },
	{ "upper limit", { .value = LIMIT, .multiply = 1001, .carry = 5 }, 1,
	  LIMIT, 0 },
	{ "lower limit", { .value = -LIMIT, .multiply = 1001 }, -1, -LIMIT, 0 },
	{ "at the limit", { .value = LIMIT - 1, .multiply = 1001 }, 1, LIMIT, 1 },
	{ "largest of all",
	  { .value = LIMIT, .multiply = KLAB_LOOP_GAIN_MAX, .carry = 999 },
	  KLAB_LOOP_CHANGE_MAX, LIMIT, 0 },
	{ "smallest of all",
	  { .value = -LIMIT, .multiply = KLAB_LOOP_GAIN_MAX, .carry = -999 },
	  -KLAB_LOOP_CHANGE_MAX, -LIMIT, 0 },
};

KUNIT_ARRAY_PARAM_DESC(add, add_cases, what);

static void klab_attr_loop_change_takes_effect(struct kunit *test)
{
	const struct add_case *c = test->param_value;
	struct klab_loop loop = c->before;

	klab_loop_add(&loop, c->change);
	KUNIT_EXPECT_EQ(test, loop.value, c->value);
	KUNIT_EXPECT_EQ(test, loop.carry, c->carry);
}

static const struct control_case {
	const char *what;
	struct klab_loop before;
	s32 change;
	s32 sum;
	s32 error;
} control_cases[] = {
	{ "at the target", { .value = 5, .target = 5 }, 0, 0, 0 },
	{ "above", { .value = 5 }, -5, 0, -5 },
	{ "below", { .target = 8, .value = 5 }, 3, 0, 3 },
	{ "integral", { .value = -10, .integral = 500, .sum = 30 }, 30, 40, 10 },
	{ "no integral, no sum", { .value = -10, .sum = 30 }, 10, 0, 10 },
	{ "derivative", { .value = -10, .derivative = 2000, .error = 4 }, 22, 0,
	  10 },
	{ "sum has a limit", { .value = -LIMIT, .integral = 1, .sum = LIMIT - 1 },
	  LIMIT + LIMIT / 1000, LIMIT, LIMIT },
	{ "and a lower one", { .value = LIMIT, .integral = 1, .sum = 1 - LIMIT },
	  -LIMIT - LIMIT / 1000, -LIMIT, -LIMIT },
	{ "largest of all",
	  { .value = -LIMIT, .target = LIMIT, .integral = KLAB_LOOP_GAIN_MAX,
	    .derivative = KLAB_LOOP_GAIN_MAX, .sum = LIMIT, .error = -2 * LIMIT },
	  KLAB_LOOP_CHANGE_MAX, LIMIT, 2 * LIMIT },
	{ "smallest of all",
	  { .value = LIMIT, .target = -LIMIT, .integral = KLAB_LOOP_GAIN_MAX,
	    .derivative = KLAB_LOOP_GAIN_MAX, .sum = -LIMIT, .error = 2 * LIMIT },
	  -KLAB_LOOP_CHANGE_MAX, -LIMIT, -2 * LIMIT },
};

KUNIT_ARRAY_PARAM_DESC(control, control_cases, what);

static void klab_attr_loop_error_asks_for_change(struct kunit *test)
{
	const struct control_case *c = test->param_value;
	struct klab_loop loop = c->before;

	KUNIT_EXPECT_EQ(test, klab_loop_control(&loop), c->change);
	KUNIT_EXPECT_EQ(test, loop.sum, c->sum);
	KUNIT_EXPECT_EQ(test, loop.error, c->error);
	KUNIT_EXPECT_EQ(test, loop.value, c->before.value);
}

static const struct settle_case {
	const char *what;
	s32 multiply;
	s32 value;
	unsigned int steps;	/* at most */
} settle_cases[] = {
	{ "at rest", 500, 0, 0 },
	{ "at once", 1000, 100000, 2 },
	{ "by halves", 500, 100000, 60 },
	{ "slowly", 10, 100000, 4000 },
	{ "beyond and back", 1900, 100000, 400 },
	{ "from the limit", 500, LIMIT, 80 },
	{ "from the other limit", 500, -LIMIT, 80 },
};

KUNIT_ARRAY_PARAM_DESC(settle, settle_cases, what);

/* To nothing, not only near it, whatever the gain. */
static void klab_attr_loop_comes_to_rest_at_the_target(struct kunit *test)
{
	const struct settle_case *c = test->param_value;
	struct klab_loop loop = { .multiply = c->multiply, .value = c->value };
	unsigned int steps = 0;

	while (klab_loop_step(&loop) && steps <= c->steps)
		steps++;
	KUNIT_EXPECT_LE(test, steps, c->steps);
	KUNIT_EXPECT_EQ(test, loop.value, 0);
}

static void klab_attr_loop_too_large_a_gain_swings(struct kunit *test)
{
	struct klab_loop loop = { .multiply = 2100, .value = 1000 };
	s32 last;

	for (int i = 0; i < 20; i++) {
		last = loop.value;
		KUNIT_EXPECT_TRUE(test, klab_loop_step(&loop));
		KUNIT_EXPECT_LT(test, (s64)last * loop.value, 0);
		KUNIT_EXPECT_GT(test, abs(loop.value), abs(last));
	}
}

static const struct text_case {
	const char *text;
	unsigned int decimals;
	int err;
	s64 value;
	const char *shown;
} text_cases[] = {
	{ "0", 3, 0, 0, "0.000\n" },
	{ "12", 3, 0, 12000, "12.000\n" },
	{ "12\n", 3, 0, 12000, "12.000\n" },
	{ "+12.5", 3, 0, 12500, "12.500\n" },
	{ "-0.001", 3, 0, -1, "-0.001\n" },
	{ "-0", 3, 0, 0, "0.000\n" },
	{ "000000000000000000001.05", 3, 0, 1050, "1.050\n" },
	{ "0.123456", 6, 0, 123456, "0.123456\n" },
	{ "-7", 0, 0, -7, "-7\n" },
	{ "60000\n", 0, 0, 60000, "60000\n" },
	{ "", 3, -EINVAL },
	{ "\n", 3, -EINVAL },
	{ "-", 3, -EINVAL },
	{ ".", 3, -EINVAL },
	{ ".5", 3, -EINVAL },
	{ "5.", 3, -EINVAL },
	{ "--5", 3, -EINVAL },
	{ " 5", 3, -EINVAL },
	{ "5 ", 3, -EINVAL },
	{ "5\n\n", 3, -EINVAL },
	{ "5x", 3, -EINVAL },
	{ "0x5", 3, -EINVAL },
	{ "1e3", 3, -EINVAL },
	{ "1,5", 3, -EINVAL },
	{ "1.2345", 3, -EINVAL },
	{ "1.-5", 3, -EINVAL },
	{ "1.5", 0, -EINVAL },
	{ "999999999999", 3, 0, 999999999999000, "999999999999.000\n" },
	{ "1000000000000", 3, -ERANGE },
	{ "99999999999999999999999999", 3, -ERANGE },
	{ "-99999999999999999999999999", 0, -ERANGE },
};

static void text_desc(const struct text_case *c, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "'%.*s' with %u decimals",
		 (int)strcspn(c->text, "\n"), c->text, c->decimals);
}

KUNIT_ARRAY_PARAM(text, text_cases, text_desc);

/* What is refused leaves the number as it was. */
static void klab_attr_loop_number_from_text(struct kunit *test)
{
	const struct text_case *c = test->param_value;
	s64 value = 42;

	KUNIT_EXPECT_EQ(test, klab_point_parse(c->text, c->decimals, &value),
			c->err);
	KUNIT_EXPECT_EQ(test, value, c->err ? 42 : c->value);
}

static void klab_attr_loop_text_from_number(struct kunit *test)
{
	const struct text_case *c = test->param_value;
	char text[KLAB_POINT_TEXT];

	if (c->err)
		return;
	KUNIT_EXPECT_EQ(test, klab_point_print(text, c->decimals, c->value),
			strlen(c->shown));
	KUNIT_EXPECT_STREQ(test, text, c->shown);
}

static void klab_attr_loop_largest_numbers_fit(struct kunit *test)
{
	char text[KLAB_POINT_TEXT];

	klab_point_print(text, 6, S64_MIN);
	KUNIT_EXPECT_STREQ(test, text, "-9223372036854.775808\n");
	klab_point_print(text, 0, S64_MIN);
	KUNIT_EXPECT_STREQ(test, text, "-9223372036854775808\n");
}

static struct kunit_case klab_attr_loop_cases[] = {
	KUNIT_CASE_PARAM(klab_attr_loop_change_takes_effect, add_gen_params),
	KUNIT_CASE_PARAM(klab_attr_loop_error_asks_for_change,
			 control_gen_params),
	KUNIT_CASE_PARAM(klab_attr_loop_comes_to_rest_at_the_target,
			 settle_gen_params),
	KUNIT_CASE(klab_attr_loop_too_large_a_gain_swings),
	KUNIT_CASE_PARAM(klab_attr_loop_number_from_text, text_gen_params),
	KUNIT_CASE_PARAM(klab_attr_loop_text_from_number, text_gen_params),
	KUNIT_CASE(klab_attr_loop_largest_numbers_fit),
	{}
};

static struct kunit_suite klab_attr_loop_suite = {
	.name = "klab_attr_loop",
	.test_cases = klab_attr_loop_cases,
};

kunit_test_suite(klab_attr_loop_suite);

MODULE_DESCRIPTION("klab: KUnit tests for the arithmetic of the regulator");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS(EXPORTED_FOR_KUNIT_TESTING);
