// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests for module parameters: what each kind takes, refuses and keeps.
 */
#include <linux/array_size.h>
#include <linux/errno.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/slab.h>
#include <linux/sprintf.h>
#include <linux/string.h>
#include <linux/types.h>

#include <kunit/test.h>

#include "../../core/klab_fixture.h"
#include "../params.h"

/* Sets a parameter as loading or sysfs does. */
static int set(const struct kernel_param *kp, const char *val)
{
	char line[32];
	int err;

	/* An array cuts its text in pieces, so it gets a copy. */
	strscpy(line, val);
	kernel_param_lock(THIS_MODULE);
	err = kp->ops->set(line, kp);
	kernel_param_unlock(THIS_MODULE);
	return err;
}

/* Reads a parameter as sysfs does. Goes with the test. */
static const char *get(struct kunit *test, const struct kernel_param *kp)
{
	char *text = kunit_kzalloc(test, PAGE_SIZE, GFP_KERNEL);
	int len;

	KUNIT_ASSERT_NOT_NULL(test, text);
	kernel_param_lock(THIS_MODULE);
	len = kp->ops->get(text, kp);
	kernel_param_unlock(THIS_MODULE);
	KUNIT_ASSERT_GT(test, len, 0);
	return strim(text);
}

#define TAKES(_type, _val, _text)	\
	{ #_type, &param_ops_##_type, _val, 0, _text }
#define REFUSES(_type, _val, _err)	\
	{ #_type, &param_ops_##_type, _val, _err }

static const struct value_case {
	const char *type;
	const struct kernel_param_ops *ops;
	const char *val;
	int err;
	const char *text;
} value_cases[] = {
	TAKES(byte, "255", "255"),
	REFUSES(byte, "256", -ERANGE),
	TAKES(short, "-32768", "-32768"),
	REFUSES(short, "32768", -ERANGE),
	TAKES(ushort, "65535", "65535"),
	REFUSES(ushort, "65536", -ERANGE),
	TAKES(int, "-3", "-3"),
	TAKES(int, "0x10", "16"),
	REFUSES(int, "", -EINVAL),
	REFUSES(int, "3x", -EINVAL),
	REFUSES(int, "2147483648", -ERANGE),
	TAKES(uint, "4294967295", "4294967295"),
	REFUSES(uint, "-1", -EINVAL),
	TAKES(hexint, "255", "0x0000ff"),
	TAKES(long, "-2147483648", "-2147483648"),
	TAKES(ulong, "4294967295", "4294967295"),
	TAKES(ullong, "18446744073709551615", "18446744073709551615"),
	REFUSES(ullong, "18446744073709551616", -ERANGE),
	TAKES(bool, "on", "Y"),
	TAKES(bool, "0", "N"),
	REFUSES(bool, "2", -EINVAL),
	TAKES(invbool, "1", "Y"),
	TAKES(invbool, "0", "N"),
	REFUSES(invbool, "x", -EINVAL),
	TAKES(bint, "y", "1"),
	REFUSES(bint, "2", -EINVAL),
	TAKES(bool_enable_only, "1", "Y"),
};

static void value_describe(const struct value_case *c, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%s '%s'", c->type, c->val);
}

KUNIT_ARRAY_PARAM(value, value_cases, value_describe);

/* What is refused leaves the value as it was. */
static void klab_basics_params_kind_takes_or_refuses(struct kunit *test)
{
	const struct value_case *c = test->param_value;
	u64 room = 0;
	const struct kernel_param kp = {
		.name = "case", .mod = THIS_MODULE, .ops = c->ops, .arg = &room,
	};

	KUNIT_EXPECT_EQ(test, set(&kp, c->val), c->err);
	if (c->err)
		KUNIT_EXPECT_EQ(test, room, 0);
	else
		KUNIT_EXPECT_STREQ(test, get(test, &kp), c->text);
}

/* Given as 1, stored as false. */
static void klab_basics_params_invbool_is_stored_inverted(struct kunit *test)
{
	bool variable = true;
	const struct kernel_param kp = {
		.name = "case", .mod = THIS_MODULE, .ops = &param_ops_invbool,
		.arg = &variable,
	};

	KUNIT_EXPECT_EQ(test, set(&kp, "1"), 0);
	KUNIT_EXPECT_FALSE(test, variable);
}

static void klab_basics_params_latch_does_not_go_back(struct kunit *test)
{
	bool variable = false;
	const struct kernel_param kp = {
		.name = "case", .mod = THIS_MODULE,
		.ops = &param_ops_bool_enable_only, .arg = &variable,
	};

	KUNIT_EXPECT_EQ(test, set(&kp, "0"), 0);
	KUNIT_EXPECT_EQ(test, set(&kp, "1"), 0);
	KUNIT_EXPECT_EQ(test, set(&kp, "0"), -EROFS);
	KUNIT_EXPECT_TRUE(test, variable);
}

static void klab_basics_params_string_ends_in_its_buffer(struct kunit *test)
{
	char buffer[5] = "";
	const struct kparam_string string = {
		.maxlen = sizeof(buffer), .string = buffer,
	};
	const struct kernel_param kp = {
		.name = "case", .mod = THIS_MODULE, .ops = &param_ops_string,
		.str = &string,
	};

	KUNIT_EXPECT_EQ(test, set(&kp, "str2"), 0);
	KUNIT_EXPECT_STREQ(test, buffer, "str2");
	KUNIT_EXPECT_EQ(test, set(&kp, "12345"), -ENOSPC);
	KUNIT_EXPECT_STREQ(test, buffer, "str2");
}

/* The text handed in may go: the parameter has its own. */
static void klab_basics_params_charp_keeps_a_copy(struct kunit *test)
{
	char *variable = NULL;
	const struct kernel_param kp = {
		.name = "case", .mod = THIS_MODULE, .ops = &param_ops_charp,
		.arg = &variable,
	};

	KUNIT_EXPECT_STREQ(test, get(test, &kp), "(null)");
	KUNIT_EXPECT_EQ(test, set(&kp, "str1"), 0);
	KUNIT_EXPECT_STREQ(test, variable, "str1");
	KUNIT_EXPECT_EQ(test, set(&kp, "other"), 0);
	KUNIT_EXPECT_STREQ(test, get(test, &kp), "other");
	param_free_charp(&variable);
}

static const struct array_case {
	const char *what;
	const char *val;
	int err;
	const char *text;
} array_cases[] = {
	{ "fewer than fit", "5,4,3", 0, "5,4,3" },
	{ "one", "7", 0, "7" },
	{ "as many as fit", "1,2,3,4,5", 0, "1,2,3,4,5" },
	{ "one too many", "1,2,3,4,5,6", -EINVAL, "1,2,3,4,5" },
	{ "wrong third", "1,2,x", -EINVAL, "1,2" },
};

KUNIT_ARRAY_PARAM_DESC(array, array_cases, what);

/* Of a refused text an array keeps the elements that came before the fault. */
static void klab_basics_params_array_counts_its_elements(struct kunit *test)
{
	const struct array_case *c = test->param_value;
	unsigned int num = 5;
	int elem[5] = {};
	const struct kparam_array array = {
		.max = ARRAY_SIZE(elem), .elemsize = sizeof(elem[0]),
		.num = &num, .ops = &param_ops_int, .elem = elem,
	};
	const struct kernel_param kp = {
		.name = "case", .mod = THIS_MODULE, .ops = &param_array_ops,
		.arr = &array,
	};

	KUNIT_ASSERT_STREQ(test, get(test, &kp), "0,0,0,0,0");
	KUNIT_EXPECT_EQ(test, set(&kp, c->val), c->err);
	KUNIT_EXPECT_STREQ(test, get(test, &kp), c->text);
}

static const struct range_case {
	const char *val;
	int err;
	unsigned int value;
} range_cases[] = {
	{ "0", -EINVAL, 10 },
	{ "1", 0, 1 },
	{ "100", 0, 100 },
	{ "101", -EINVAL, 10 },
	{ "-1", -EINVAL, 10 },
	{ "x", -EINVAL, 10 },
	{ "4294967296", -ERANGE, 10 },
};

KUNIT_ARRAY_PARAM_DESC(range, range_cases, val);

static void klab_basics_params_range_keeps_value_on_error(struct kunit *test)
{
	const struct range_case *c = test->param_value;
	unsigned int variable = 10;
	const struct kernel_param kp = {
		.name = "case", .mod = THIS_MODULE,
		.ops = &klab_basics_range_ops, .arg = &variable,
	};

	KUNIT_EXPECT_EQ(test, set(&kp, c->val), c->err);
	KUNIT_EXPECT_EQ(test, variable, c->value);
}

static const struct choice_case {
	const char *what;
	const char *val;
	int err;
	const char *text;
} choice_cases[] = {
	{ "first", "slow", 0, "slow" },
	{ "last", "fast", 0, "fast" },
	{ "newline of echo", "fast\n", 0, "fast" },
	{ "beginning only", "fas", -EINVAL, "normal" },
	{ "more than a word", "faster", -EINVAL, "normal" },
	{ "empty", "", -EINVAL, "normal" },
};

KUNIT_ARRAY_PARAM_DESC(choice, choice_cases, what);

static void klab_basics_params_choice_takes_its_words(struct kunit *test)
{
	const struct choice_case *c = test->param_value;
	unsigned int variable = 1;
	const struct kernel_param kp = {
		.name = "case", .mod = THIS_MODULE,
		.ops = &klab_basics_choice_ops, .arg = &variable,
	};

	KUNIT_EXPECT_EQ(test, set(&kp, c->val), c->err);
	KUNIT_EXPECT_STREQ(test, get(test, &kp), c->text);
}

static void klab_basics_params_report_reads_each(struct kunit *test)
{
	char *text = kunit_kzalloc(test, PAGE_SIZE, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, text);
	for (unsigned int i = 0; i < klab_basics_params_count(); i++) {
		int len = klab_basics_params_text(i, text);

		KUNIT_EXPECT_GE_MSG(test, len, 0, "parameter %u", i);
		KUNIT_EXPECT_EQ_MSG(test, len, strlen(text), "parameter %u", i);
		KUNIT_EXPECT_NULL_MSG(test, strchr(text, '\n'),
				      "parameter %u", i);
	}
}

static void klab_basics_params_experiment_lists_all(struct kunit *test)
{
	const char *text = klab_kunit_run(test, "basics/params", "");

	KUNIT_EXPECT_EQ(test, klab_kunit_rows(test, text),
			klab_basics_params_count());
	KUNIT_EXPECT_STREQ(test,
			   klab_kunit_cell(test, text, "bparam", "type"),
			   "invbool");
	KUNIT_EXPECT_STREQ(test,
			   klab_kunit_cell(test, text, "aparam", "mode"),
			   "0644");
	KUNIT_EXPECT_STREQ(test,
			   klab_kunit_cell(test, text, "pair_param", "mode"),
			   "0000");
}

static struct kunit_case klab_basics_params_cases[] = {
	KUNIT_CASE_PARAM(klab_basics_params_kind_takes_or_refuses,
			 value_gen_params),
	KUNIT_CASE(klab_basics_params_invbool_is_stored_inverted),
	KUNIT_CASE(klab_basics_params_latch_does_not_go_back),
	KUNIT_CASE(klab_basics_params_string_ends_in_its_buffer),
	KUNIT_CASE(klab_basics_params_charp_keeps_a_copy),
	KUNIT_CASE_PARAM(klab_basics_params_array_counts_its_elements,
			 array_gen_params),
	KUNIT_CASE_PARAM(klab_basics_params_range_keeps_value_on_error,
			 range_gen_params),
	KUNIT_CASE_PARAM(klab_basics_params_choice_takes_its_words,
			 choice_gen_params),
	KUNIT_CASE(klab_basics_params_report_reads_each),
	KUNIT_CASE(klab_basics_params_experiment_lists_all),
	{}
};

static struct kunit_suite klab_basics_params_suite = {
	.name = "klab_basics_params",
	.test_cases = klab_basics_params_cases,
};

kunit_test_suite(klab_basics_params_suite);

MODULE_DESCRIPTION("klab: KUnit tests for module parameters");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS(EXPORTED_FOR_KUNIT_TESTING);
