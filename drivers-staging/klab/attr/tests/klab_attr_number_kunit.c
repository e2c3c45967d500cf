// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests for numbers from text: what is a number, what is refused, and
 * that the number stays what it was then.
 */
#include <linux/errno.h>
#include <linux/limits.h>
#include <linux/module.h>

#include "../../core/klab_fixture.h"
#include "../proc.h"
#include "attr_kunit.h"

#define DIR	"klab-number-test"

static const struct parse_param {
	const char *name;
	enum klab_number_kind kind;
	const char *text;
	int err;
	u64 value;
} parse_params[] = {
	{ "int", KLAB_NUMBER_INT, "-5\n", 0, -5 },
	{ "int plus", KLAB_NUMBER_INT, "+7", 0, 7 },
	{ "int base 16", KLAB_NUMBER_INT, "0x1f", 0, 31 },
	{ "int base 8", KLAB_NUMBER_INT, "010", 0, 8 },
	{ "int largest", KLAB_NUMBER_INT, "2147483647", 0, INT_MAX },
	{ "int smallest", KLAB_NUMBER_INT, "-2147483648", 0, INT_MIN },
	{ "int too large", KLAB_NUMBER_INT, "2147483648", -ERANGE },
	{ "int too small", KLAB_NUMBER_INT, "-2147483649", -ERANGE },
	{ "int empty", KLAB_NUMBER_INT, "", -EINVAL },
	{ "int newline", KLAB_NUMBER_INT, "\n", -EINVAL },
	{ "int two newlines", KLAB_NUMBER_INT, "5\n\n", -EINVAL },
	{ "int word", KLAB_NUMBER_INT, "five", -EINVAL },
	{ "int then text", KLAB_NUMBER_INT, "5 apples", -EINVAL },
	{ "int after space", KLAB_NUMBER_INT, " 5", -EINVAL },
	{ "int digit of base 8", KLAB_NUMBER_INT, "08", -EINVAL },
	{ "int sign only", KLAB_NUMBER_INT, "-", -EINVAL },
	{ "uint largest", KLAB_NUMBER_UINT, "4294967295", 0, UINT_MAX },
	{ "uint too large", KLAB_NUMBER_UINT, "4294967296", -ERANGE },
	{ "uint negative", KLAB_NUMBER_UINT, "-1", -EINVAL },
	{ "s64 smallest", KLAB_NUMBER_S64, "-9223372036854775808", 0,
	  S64_MIN },
	{ "s64 too large", KLAB_NUMBER_S64, "9223372036854775808", -ERANGE },
	{ "u64 largest", KLAB_NUMBER_U64, "18446744073709551615", 0,
	  U64_MAX },
	{ "u64 too large", KLAB_NUMBER_U64, "18446744073709551616", -ERANGE },
	{ "bool yes", KLAB_NUMBER_BOOL, "yes\n", 0, 1 },
	{ "bool off", KLAB_NUMBER_BOOL, "off", 0, 0 },
	{ "bool 1", KLAB_NUMBER_BOOL, "1", 0, 1 },
	{ "bool 2", KLAB_NUMBER_BOOL, "2", -EINVAL },
	{ "bool yellow", KLAB_NUMBER_BOOL, "yellow", -EINVAL },
	{ "bool empty", KLAB_NUMBER_BOOL, "", -EINVAL },
	{ "percent", KLAB_NUMBER_PERCENT, "100\n", 0, 100 },
	{ "percent ten", KLAB_NUMBER_PERCENT, "010", 0, 10 },
	{ "percent too large", KLAB_NUMBER_PERCENT, "101", -ERANGE },
	{ "percent base 16", KLAB_NUMBER_PERCENT, "0x10", -EINVAL },
	{ "size", KLAB_NUMBER_SIZE, "4096", 0, 4096 },
	{ "size K", KLAB_NUMBER_SIZE, "4K\n", 0, 4096 },
	{ "size k", KLAB_NUMBER_SIZE, "1k", 0, 1024 },
	{ "size M", KLAB_NUMBER_SIZE, "3M", 0, 3 << 20 },
	{ "size G", KLAB_NUMBER_SIZE, "2G", 0, 2ULL << 30 },
	{ "size T", KLAB_NUMBER_SIZE, "1T\n", 0, 1ULL << 40 },
	{ "size too large", KLAB_NUMBER_SIZE, "16777216T", -ERANGE },
	{ "size of nothing", KLAB_NUMBER_SIZE, "K", -EINVAL },
	{ "size twice", KLAB_NUMBER_SIZE, "4KK", -EINVAL },
	{ "size then text", KLAB_NUMBER_SIZE, "4K\nx", -EINVAL },
	{ "size unknown", KLAB_NUMBER_SIZE, "4Q", -EINVAL },
	{ "size too long", KLAB_NUMBER_SIZE,
	  "000000000000000000000000000000000000004096", -EINVAL },
	{ "size empty", KLAB_NUMBER_SIZE, "", -EINVAL },
};

KUNIT_ARRAY_PARAM_DESC(parse, parse_params, name);

static void klab_attr_number_parses(struct kunit *test)
{
	const struct parse_param *param = test->param_value;
	u64 value = 0;

	KUNIT_EXPECT_EQ(test, param->err,
			klab_number_parse(param->kind, param->text, &value));
	if (!param->err)
		KUNIT_EXPECT_EQ(test, param->value, value);
}

static void destroy(void *proc)
{
	klab_proc_destroy(proc);
}

static struct file *open_number(struct kunit *test, const char *path)
{
	struct klab_proc *proc = klab_proc_create(DIR, 0);

	KUNIT_ASSERT_FALSE(test, IS_ERR(proc));
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, destroy,
							   proc));
	return open_proc(test, mount_proc(test), path);
}

static void expect_text(struct kunit *test, struct file *file,
			char __user *page, const char *wanted)
{
	char got[32] = {};

	KUNIT_ASSERT_EQ(test, (ssize_t)strlen(wanted),
			read_at(file, page, sizeof(got) - 1, 0));
	KUNIT_ASSERT_EQ(test, 0, copy_from_user(got, page, strlen(wanted)));
	KUNIT_EXPECT_STREQ(test, got, wanted);
}

static const struct written_param {
	const char *name;
	const char *text;
	size_t len;
	ssize_t ret;
} written_params[] = {
	{ "no number", "many\n", 5, -EINVAL },
	{ "nothing", "", 0, -EINVAL },
	{ "too large", "99999999999\n", 12, -ERANGE },
	{ "zero byte inside", "12\0 34", 6, -EINVAL },
	{ "zero byte at the end", "12\0", 3, -EINVAL },
	{ "too long", "0000000000000000000000000000000000001", 37, -EINVAL },
	{ "binary", "\xff\x01\x80", 3, -EINVAL },
};

KUNIT_ARRAY_PARAM_DESC(written, written_params, name);

static void klab_attr_number_stays_on_bad_input(struct kunit *test)
{
	const struct written_param *param = test->param_value;
	struct file *file = open_number(test, DIR "/numbers/int");
	char __user *page = klab_kunit_user_page(test);

	KUNIT_EXPECT_EQ(test, 4, write_text(test, file, page, "-17\n", 4));
	KUNIT_EXPECT_EQ(test, param->ret,
			write_text(test, file, page, param->text,
				   param->len));
	expect_text(test, file, page, "-17\n");
}

static void klab_attr_number_stays_on_bad_address(struct kunit *test)
{
	struct file *file = open_number(test, DIR "/numbers/u64");
	char __user *page = klab_kunit_user_page(test);
	loff_t pos = 0;

	KUNIT_EXPECT_EQ(test, 2, write_text(test, file, page, "7\n", 2));
	/* The first byte is there: a part of a number is none. */
	KUNIT_EXPECT_EQ(test, -EFAULT,
			file->f_op->write(file, page + PAGE_SIZE - 1, 2,
					  &pos));
	expect_text(test, file, page, "7\n");
}

static struct kunit_case klab_attr_number_cases[] = {
	KUNIT_CASE_PARAM(klab_attr_number_parses, parse_gen_params),
	KUNIT_CASE_PARAM(klab_attr_number_stays_on_bad_input,
			 written_gen_params),
	KUNIT_CASE(klab_attr_number_stays_on_bad_address),
	{}
};

static struct kunit_suite klab_attr_number_suite = {
	.name = "klab_attr_number",
	.test_cases = klab_attr_number_cases,
};

kunit_test_suite(klab_attr_number_suite);

MODULE_DESCRIPTION("klab: KUnit tests for numbers from text");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS(EXPORTED_FOR_KUNIT_TESTING);
