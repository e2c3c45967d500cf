// SPDX-License-Identifier: GPL-2.0-only
/* KUnit tests for the table of the system calls. */
#include <linux/errno.h>
#include <linux/kconfig.h>
#include <linux/klab_calls.h>
#include <linux/module.h>
#include <linux/string.h>

#include <kunit/test.h>

#include "../../core/klab_fixture.h"
#include "../table.h"

static const struct state_case {
	const char *word;
	enum klab_audit_state state;
} state_cases[] = {
	{ "hole", KLAB_AUDIT_HOLE },
	{ "retired", KLAB_AUDIT_RETIRED },
	{ "configured out", KLAB_AUDIT_OFF },
	{ "implemented", KLAB_AUDIT_HERE },
	{ "late-bound, empty", KLAB_AUDIT_LATE_EMPTY },
	{ "late-bound", KLAB_AUDIT_LATE_BOUND },
	{ "unknown", KLAB_AUDIT_LATE_BOUND + 1 },
};

KUNIT_ARRAY_PARAM_DESC(state, state_cases, word);

static void klab_syscall_table_state_in_words(struct kunit *test)
{
	const struct state_case *c = test->param_value;

	KUNIT_EXPECT_STREQ(test, klab_syscall_state_word(c->state), c->word);
}

static void klab_syscall_table_empty_text_is_a_dash(struct kunit *test)
{
	KUNIT_EXPECT_STREQ(test, klab_syscall_or_dash(""), "-");
	KUNIT_EXPECT_STREQ(test, klab_syscall_or_dash("x"), "x");
}

/* The line of klab's own call, whatever else there is. */
static void klab_syscall_table_has_klab_null(struct kunit *test)
{
	const char *text = klab_kunit_run(test, "syscall/table", "abi=native");
	const char *line = strstr(text, "\nnative\t600\tklab_null\t");

	KUNIT_ASSERT_NOT_NULL(test, line);
	line += strlen("\nnative\t600\tklab_null\t");
	KUNIT_EXPECT_TRUE(test, str_has_prefix(line, "implemented\t"));
	KUNIT_EXPECT_NOT_NULL(test, strstr(line, "sys_klab_null\t-\tyes\n"));
}

static void klab_syscall_table_ends_with_the_last_number(struct kunit *test)
{
	const char *text = klab_kunit_run(test, "syscall/table", "abi=native");

	KUNIT_EXPECT_GT(test, klab_kunit_rows(test, text), KLAB_CALL_LAST);
	KUNIT_EXPECT_NOT_NULL(test, strstr(text, "\nnative\t0\t"));
	KUNIT_EXPECT_NULL(test, strstr(text, "\ncompat\t"));
}

static void klab_syscall_table_compat_where_the_kernel_has_it(struct kunit *test)
{
	const char *text;
	int err;

	err = klab_kunit_try(test, "syscall/table", "abi=compat", &text);
	if (IS_ENABLED(CONFIG_COMPAT)) {
		KUNIT_ASSERT_EQ(test, err, 0);
		KUNIT_EXPECT_NOT_NULL(test,
				      strstr(text, "\ncompat\t600\tklab_null"));
	} else {
		KUNIT_EXPECT_EQ(test, err, -EOPNOTSUPP);
	}
}

static struct kunit_case klab_syscall_table_cases[] = {
	KUNIT_CASE_PARAM(klab_syscall_table_state_in_words, state_gen_params),
	KUNIT_CASE(klab_syscall_table_empty_text_is_a_dash),
	KUNIT_CASE(klab_syscall_table_has_klab_null),
	KUNIT_CASE(klab_syscall_table_ends_with_the_last_number),
	KUNIT_CASE(klab_syscall_table_compat_where_the_kernel_has_it),
	{}
};

static struct kunit_suite klab_syscall_table_suite = {
	.name = "klab_syscall_table",
	.test_cases = klab_syscall_table_cases,
};

kunit_test_suite(klab_syscall_table_suite);

MODULE_DESCRIPTION("klab: KUnit tests for the table of the system calls");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS(EXPORTED_FOR_KUNIT_TESTING);
