// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of klab's core: parameters of experiments.
 */

#include <linux/array_size.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/module.h>
#include <linux/string.h>

#include <kunit/test.h>

#include "../core_internal.h"
#include "../klab_fixture.h"

enum { PARAM_RATE, PARAM_WIDE, PARAM_HARD, PARAM_MODE, PARAM_WHO };

static const char * const param_modes[] = { "poll", "irq", "irq-thread", NULL };

static const struct klab_param params[] = {
	KLAB_INT("rate", 10, -5, 1000, "Hz", "How often"),
	KLAB_INT("wide", 0, S64_MIN, S64_MAX, NULL, "Any number"),
	KLAB_BOOL("hard", 1, "Whether it is hard"),
	KLAB_CHOICE("mode", 1, param_modes, "Which way"),
	KLAB_STRING("who", "", 8, "For whom"),
};

static const struct klab_experiment experiment = {
	.room = "core",
	.name = "params",
	.params = params,
	.nr_params = ARRAY_SIZE(params),
};

static struct klab_values *param_defaults(struct kunit *test)
{
	struct klab_values *values = kunit_kzalloc(test, sizeof(*values),
						   GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, values);
	klab_values_default(&experiment, values);
	return values;
}

static int param_parse(struct kunit *test, struct klab_values *values,
		       const char *line, size_t len, struct klab_reason *reason)
{
	char *copy = kunit_kzalloc(test, len + 1, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, copy);
	memcpy(copy, line, len);
	return klab_values_parse(&experiment, values, copy, len, reason);
}

static void klab_core_param_defaults(struct kunit *test)
{
	struct klab_values *values = param_defaults(test);

	KUNIT_EXPECT_EQ(test, 10, values->number[PARAM_RATE]);
	KUNIT_EXPECT_EQ(test, 0, values->number[PARAM_WIDE]);
	KUNIT_EXPECT_EQ(test, 1, values->number[PARAM_HARD]);
	KUNIT_EXPECT_EQ(test, 1, values->number[PARAM_MODE]);
	KUNIT_EXPECT_STREQ(test, "", values->text[PARAM_WHO]);
}

struct param_number_case {
	const char *line;
	unsigned int index;
	s64 number;
};

static const struct param_number_case param_number_cases[] = {
	{ "rate=-5", PARAM_RATE, -5 },
	{ "rate=1000", PARAM_RATE, 1000 },
	{ "rate=+7\n", PARAM_RATE, 7 },
	{ "rate=0x10", PARAM_RATE, 16 },
	{ "rate=010", PARAM_RATE, 8 },
	{ " \t rate=1 \t\n", PARAM_RATE, 1 },
	{ "hard=0\trate=2", PARAM_RATE, 2 },
	{ "", PARAM_RATE, 10 },
	{ "\n", PARAM_RATE, 10 },
	{ "wide=9223372036854775807", PARAM_WIDE, S64_MAX },
	{ "wide=-9223372036854775808", PARAM_WIDE, S64_MIN },
	{ "hard=0", PARAM_HARD, 0 },
	{ "hard=off", PARAM_HARD, 0 },
	{ "hard=n", PARAM_HARD, 0 },
	{ "hard=1", PARAM_HARD, 1 },
	{ "hard=Y", PARAM_HARD, 1 },
	{ "mode=poll", PARAM_MODE, 0 },
	{ "mode=irq", PARAM_MODE, 1 },
	{ "mode=irq-thread", PARAM_MODE, 2 },
};

static void param_number_desc(const struct param_number_case *param, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%*pE",
		 (int)strlen(param->line), param->line);
}

KUNIT_ARRAY_PARAM(param_number, param_number_cases, param_number_desc);

static void klab_core_param_number(struct kunit *test)
{
	const struct param_number_case *param = test->param_value;
	struct klab_values *values = param_defaults(test);
	struct klab_reason reason = {};

	KUNIT_ASSERT_EQ_MSG(test, 0,
			    param_parse(test, values, param->line,
					strlen(param->line), &reason),
			    "%s", reason.text);
	KUNIT_EXPECT_EQ(test, param->number, values->number[param->index]);
	KUNIT_EXPECT_EQ(test, 0, reason.err);
}

static void klab_core_param_string_up_to_its_length(struct kunit *test)
{
	struct klab_values *values = param_defaults(test);
	struct klab_reason reason;

	KUNIT_ASSERT_EQ(test, 0, param_parse(test, values, "who=12345=78", 12,
					     &reason));
	KUNIT_EXPECT_STREQ(test, "12345=78", values->text[PARAM_WHO]);
}

static void klab_core_param_not_named_keeps_its_value(struct kunit *test)
{
	struct klab_values *values = param_defaults(test);
	struct klab_reason reason;

	KUNIT_ASSERT_EQ(test, 0, param_parse(test, values, "rate=3 who=me", 13,
					     &reason));
	KUNIT_ASSERT_EQ(test, 0, param_parse(test, values, "hard=0", 6,
					     &reason));
	KUNIT_EXPECT_EQ(test, 3, values->number[PARAM_RATE]);
	KUNIT_EXPECT_EQ(test, 0, values->number[PARAM_HARD]);
	KUNIT_EXPECT_STREQ(test, "me", values->text[PARAM_WHO]);
}

struct param_refusal_case {
	const char *line;
	size_t len;
	const char *reason;
};

#define REFUSAL(_line, _reason)						\
	{ .line = _line, .len = sizeof(_line) - 1, .reason = _reason }

static const struct param_refusal_case param_refusal_cases[] = {
	REFUSAL("rate=-6", "rate=-6: not from -5 to 1000"),
	REFUSAL("rate=1001", "rate=1001: not from -5 to 1000"),
	REFUSAL("rate=9223372036854775808",
		"rate=9223372036854775808: not from -5 to 1000"),
	REFUSAL("rate=1.5", "rate=1.5: not a whole number"),
	REFUSAL("rate=1k", "rate=1k: not a whole number"),
	REFUSAL("rate=0x", "rate=0x: not a whole number"),
	REFUSAL("rate==1", "rate==1: not a whole number"),
	REFUSAL("hard=maybe", "hard=maybe: neither 0 nor 1"),
	REFUSAL("mode=IRQ", "mode=IRQ: no such choice"),
	REFUSAL("mode=ir", "mode=ir: no such choice"),
	REFUSAL("mode=1", "mode=1: no such choice"),
	REFUSAL("who=123456789", "who=123456789: longer than 8 bytes"),
	REFUSAL("speed=1", "speed: no such parameter"),
	REFUSAL("rat=1", "rat: no such parameter"),
	REFUSAL("rates=1", "rates: no such parameter"),
	REFUSAL("=1", ": no such parameter"),
	REFUSAL("rate", "rate: not of the form name=value"),
	REFUSAL("rate =1", "rate: not of the form name=value"),
	REFUSAL("rate= 1", "rate: empty value"),
	REFUSAL("who=", "who: empty value"),
	REFUSAL("rate=1 rate=1", "rate: given twice"),
	REFUSAL("rate=1\nhard=1\n", "rate=1\\n: not printable text"),
	REFUSAL("rate=1\r\n", "rate=1\\r: not printable text"),
	REFUSAL("rate=1 who=a\0b", "who=a: not printable text"),
	REFUSAL("who=\x7f", "who=\\x7f: not printable text"),
	REFUSAL("who=\xc3\xa4", "who=\\xc3: not printable text"),
	REFUSAL("\0", ": not printable text"),
	REFUSAL("back\\slash=1", "back\\\\slash: no such parameter"),
};

static void param_refusal_desc(const struct param_refusal_case *param,
			       char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%*pE", (int)param->len,
		 param->line);
}

KUNIT_ARRAY_PARAM(param_refusal, param_refusal_cases, param_refusal_desc);

/* A wrong word anywhere in the line leaves every value as it was. */
static void klab_core_param_refusal(struct kunit *test)
{
	const struct param_refusal_case *param = test->param_value;
	struct klab_values *values = param_defaults(test);
	struct klab_values *before = param_defaults(test);
	struct klab_reason reason = {};
	char line[64] = "wide=77 ";
	size_t len = strlen(line);

	memcpy(line + len, param->line, param->len);
	KUNIT_EXPECT_EQ(test, -EINVAL, param_parse(test, values, line,
						   len + param->len, &reason));
	KUNIT_EXPECT_STREQ(test, param->reason, reason.text);
	KUNIT_EXPECT_EQ(test, -EINVAL, reason.err);
	KUNIT_EXPECT_MEMEQ(test, before, values, sizeof(*values));
}

static void klab_core_param_reason_quotes_at_most_64_bytes(struct kunit *test)
{
	struct klab_values *values = param_defaults(test);
	struct klab_reason reason;
	char line[200];

	memset(line, 'x', sizeof(line));
	KUNIT_EXPECT_EQ(test, -EINVAL, param_parse(test, values, line,
						   sizeof(line), &reason));
	KUNIT_EXPECT_EQ(test, strlen(reason.text),
			64 + strlen(": not of the form name=value"));

	memset(line, 'x', sizeof(line));
	line[sizeof(line) - 2] = '\a';
	KUNIT_EXPECT_EQ(test, -EINVAL, param_parse(test, values, line,
						   sizeof(line), &reason));
	KUNIT_EXPECT_EQ(test, strlen(reason.text),
			64 + strlen(": not printable text"));
}

static void klab_core_param_reason_fits_its_buffer(struct kunit *test)
{
	struct klab_reason reason;

	KUNIT_EXPECT_EQ(test, -EIO, klab_reason_set(&reason, -EIO, "%0*d", 500,
						    0));
	KUNIT_EXPECT_EQ(test, sizeof(reason.text) - 1, strlen(reason.text));

	/* Each byte becomes two. */
	memset(reason.text, '\\', sizeof(reason.text) - 1);
	klab_reason_set(&reason, -EIO, "%s", "\n\n");
	KUNIT_EXPECT_STREQ(test, "\\n\\n", reason.text);
}

static const char * const param_no_words[] = { NULL };
static const char * const param_bar_words[] = { "a", "b|c", NULL };
static const char * const param_spaced_words[] = { "a b", NULL };
static const char * const param_empty_words[] = { "a", "", NULL };

struct param_table_case {
	const char *what;
	struct klab_param param;
	bool sound;
};

static const struct param_table_case param_table_cases[] = {
	{ "int", KLAB_INT("a", 0, 0, 0, "ns", "H"), true },
	{ "name of 31", KLAB_INT("a234567890123456789012345678901", 0, 0, 0,
				 NULL, "H"), true },
	{ "name of 32", KLAB_INT("a2345678901234567890123456789012", 0, 0, 0,
				 NULL, "H") },
	{ "no name", KLAB_INT(NULL, 0, 0, 0, NULL, "H") },
	{ "empty name", KLAB_INT("", 0, 0, 0, NULL, "H") },
	{ "upper case", KLAB_INT("A", 0, 0, 0, NULL, "H") },
	{ "equals sign", KLAB_INT("a=", 0, 0, 0, NULL, "H") },
	{ "not ASCII", KLAB_INT("\xe4", 0, 0, 0, NULL, "H") },
	{ "hyphen", KLAB_INT("a-b_c", 0, 0, 0, NULL, "H"), true },
	{ "no help", KLAB_INT("a", 0, 0, 0, NULL, NULL) },
	{ "empty help", KLAB_INT("a", 0, 0, 0, NULL, "") },
	{ "tab in help", KLAB_INT("a", 0, 0, 0, NULL, "H\th") },
	{ "tab in unit", KLAB_INT("a", 0, 0, 0, "\t", "H") },
	{ "default below", KLAB_INT("a", -1, 0, 1, NULL, "H") },
	{ "default above", KLAB_INT("a", 2, 0, 1, NULL, "H") },
	{ "no range", KLAB_INT("a", 0, 1, -1, NULL, "H") },
	{ "bool", KLAB_BOOL("a", 1, "H"), true },
	{ "bool of two", KLAB_BOOL("a", 2, "H") },
	{ "choice", KLAB_CHOICE("a", 2, param_modes, "H"), true },
	{ "choice past end", KLAB_CHOICE("a", 3, param_modes, "H") },
	{ "choice below", KLAB_CHOICE("a", -1, param_modes, "H") },
	{ "choice of nothing", KLAB_CHOICE("a", 0, param_no_words, "H") },
	{ "no choices", KLAB_CHOICE("a", 0, NULL, "H") },
	{ "bar in choice", KLAB_CHOICE("a", 0, param_bar_words, "H") },
	{ "space in choice", KLAB_CHOICE("a", 0, param_spaced_words, "H") },
	{ "empty choice", KLAB_CHOICE("a", 0, param_empty_words, "H") },
	{ "string", KLAB_STRING("a", "123", 3, "H"), true },
	{ "longest string", KLAB_STRING("a", "", KLAB_STRING_MAX, "H"), true },
	{ "string too long", KLAB_STRING("a", "", KLAB_STRING_MAX + 1, "H") },
	{ "string of none", KLAB_STRING("a", "", 0, "H") },
	{ "default too long", KLAB_STRING("a", "1234", 3, "H") },
	{ "no default", KLAB_STRING("a", NULL, 3, "H") },
	{ "space in default", KLAB_STRING("a", "a b", 3, "H") },
	{ "no type", { .name = "a", .help = "H", .type = 99 } },
};

static void param_table_desc(const struct param_table_case *param, char *desc)
{
	strscpy(desc, param->what, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(param_table, param_table_cases, param_table_desc);

static void klab_core_param_table(struct kunit *test)
{
	const struct param_table_case *param = test->param_value;
	const struct klab_experiment one = {
		.params = &param->param,
		.nr_params = 1,
	};
	struct klab_reason reason = {};

	KUNIT_EXPECT_EQ_MSG(test, param->sound ? 0 : -EINVAL,
			    klab_params_check(&one, &reason), "%s",
			    reason.text);
}

static void klab_core_param_table_with_a_name_twice(struct kunit *test)
{
	const struct klab_param twice[] = {
		KLAB_BOOL("a", 0, "H"),
		KLAB_BOOL("b", 0, "H"),
		KLAB_BOOL("a", 0, "H"),
	};
	const struct klab_experiment one = {
		.params = twice,
		.nr_params = ARRAY_SIZE(twice),
	};
	struct klab_reason reason;

	KUNIT_EXPECT_EQ(test, -EINVAL, klab_params_check(&one, &reason));
	KUNIT_EXPECT_STREQ(test, "a: there twice", reason.text);
}

static void klab_core_param_table_too_long(struct kunit *test)
{
	const struct klab_experiment many = {
		.nr_params = KLAB_PARAMS_MAX + 1,
	};
	struct klab_reason reason;

	KUNIT_EXPECT_EQ(test, -EINVAL, klab_params_check(&many, &reason));
}

static void klab_core_param_table_as_long_as_may_be(struct kunit *test)
{
	static const struct klab_param a_parameter = KLAB_BOOL("", 0, "Help");
	static struct klab_param params[KLAB_PARAMS_MAX];
	const struct klab_experiment many = {
		.params = params,
		.nr_params = KLAB_PARAMS_MAX,
	};
	char names[KLAB_PARAMS_MAX][2] = {};
	struct klab_reason reason;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(params); i++) {
		names[i][0] = 'a' + i;
		params[i] = a_parameter;
		params[i].name = names[i];
	}
	KUNIT_EXPECT_EQ_MSG(test, 0, klab_params_check(&many, &reason), "%s",
			    reason.text);
}

static int param_parse_step(struct kunit *test)
{
	static struct klab_values values;
	struct klab_reason reason;
	char line[] = "rate=5";

	return klab_values_parse(&experiment, &values, line, 6, &reason);
}

static void klab_core_param_without_memory(struct kunit *test)
{
	klab_kunit_each_failure(test, param_parse_step);
}

static struct kunit_case klab_core_param_cases[] = {
	KUNIT_CASE(klab_core_param_defaults),
	KUNIT_CASE_PARAM(klab_core_param_number, param_number_gen_params),
	KUNIT_CASE(klab_core_param_string_up_to_its_length),
	KUNIT_CASE(klab_core_param_not_named_keeps_its_value),
	KUNIT_CASE_PARAM(klab_core_param_refusal, param_refusal_gen_params),
	KUNIT_CASE(klab_core_param_reason_quotes_at_most_64_bytes),
	KUNIT_CASE(klab_core_param_reason_fits_its_buffer),
	KUNIT_CASE_PARAM(klab_core_param_table, param_table_gen_params),
	KUNIT_CASE(klab_core_param_table_with_a_name_twice),
	KUNIT_CASE(klab_core_param_table_too_long),
	KUNIT_CASE(klab_core_param_table_as_long_as_may_be),
	KUNIT_CASE(klab_core_param_without_memory),
	{}
};

static struct kunit_suite klab_core_param_suite = {
	.name = "klab_core_param",
	.test_cases = klab_core_param_cases,
};

kunit_test_suite(klab_core_param_suite);

MODULE_DESCRIPTION("klab: KUnit tests of parameters");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS(EXPORTED_FOR_KUNIT_TESTING);
