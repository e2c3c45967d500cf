// SPDX-License-Identifier: GPL-2.0-only
/* Tap on system calls: names, the table of callers, what is kept of calls. */

#include <linux/err.h>
#include <linux/errno.h>
#include <linux/hash.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/string.h>

#include <asm/ptrace.h>
#include <asm/unistd.h>

#include <kunit/test.h>

#include "../../core/klab_fixture.h"
#include "../tap.h"

struct tap_name {
	const char *text;
	int nr;
};

static const struct tap_name tap_names[] = {
	{ "read", __NR_read },
	{ "fstat", __NR_fstat },
	{ "getppid", __NR_getppid },
	{ "exit_group", __NR_exit_group },
	{ "0", __NR_read },
	{ "110", __NR_getppid },
	{ "", -ENOENT },
	{ "sys_read", -ENOENT },
	{ "rea", -ENOENT },
	{ "reads", -ENOENT },
	{ "ni_syscall", -ENOENT },
	{ "-1", -ENOENT },
	{ "4294967295", -ENOENT },
	{ "99999999999999999999", -ENOENT },
};

static void tap_name_text(const struct tap_name *name, char *text)
{
	snprintf(text, KUNIT_PARAM_DESC_SIZE, "'%s'", name->text);
}

KUNIT_ARRAY_PARAM(tap_name, tap_names, tap_name_text);

static void klab_syscall_tap_name_gives_number(struct kunit *test)
{
	const struct tap_name *name = test->param_value;
	char found[KLAB_TAP_NAME_SIZE];

	KUNIT_EXPECT_EQ(test, klab_tap_call_find(name->text, found), name->nr);
}

static void klab_syscall_tap_number_gives_name(struct kunit *test)
{
	char name[KLAB_TAP_NAME_SIZE];

	KUNIT_ASSERT_EQ(test, klab_tap_call_find("39", name), __NR_getpid);
	KUNIT_EXPECT_STREQ(test, name, "getpid");
	KUNIT_EXPECT_GT(test, klab_tap_call_numbers(), __NR_klab_null);
}

KUNIT_DEFINE_ACTION_WRAPPER(tap_table_free, klab_tap_table_free,
			    struct klab_tap_table *);
KUNIT_DEFINE_ACTION_WRAPPER(tap_free, klab_tap_free, struct klab_tap *);

static struct klab_tap_table *tap_table(struct kunit *test)
{
	struct klab_tap_table *table = klab_tap_table_alloc();

	KUNIT_ASSERT_NOT_NULL(test, table);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, tap_table_free,
							   table));
	return table;
}

static void klab_syscall_tap_table_gives_back(struct kunit *test)
{
	struct klab_tap_table *table = tap_table(test);
	struct klab_tap_entry *place, entry;

	place = klab_tap_table_claim(table, test);
	KUNIT_ASSERT_NOT_NULL(test, place);
	place->index = 3;

	KUNIT_EXPECT_FALSE(test, klab_tap_table_take(table, &entry, &entry));
	KUNIT_ASSERT_TRUE(test, klab_tap_table_take(table, test, &entry));
	KUNIT_EXPECT_EQ(test, entry.index, 3);
	KUNIT_EXPECT_FALSE(test, klab_tap_table_take(table, test, &entry));
}

/* Who never came back has one place, not one more for each entry. */
static void klab_syscall_tap_table_claim_again_same(struct kunit *test)
{
	struct klab_tap_table *table = tap_table(test);
	struct klab_tap_entry entry;

	KUNIT_EXPECT_PTR_EQ(test, klab_tap_table_claim(table, test),
			    klab_tap_table_claim(table, test));
	KUNIT_EXPECT_TRUE(test, klab_tap_table_take(table, test, &entry));
	KUNIT_EXPECT_FALSE(test, klab_tap_table_take(table, test, &entry));
}

/* The nth thing that has the same hash as @first; finds itself for 0. */
static const char *tap_collide(const char *first, unsigned int nth)
{
	const char *at = first;

	while (nth) {
		at++;
		if (hash_ptr(at, KLAB_TAP_BUCKETS_LOG) ==
		    hash_ptr(first, KLAB_TAP_BUCKETS_LOG))
			nth--;
	}
	return at;
}

static void klab_syscall_tap_table_full_bucket_refuses(struct kunit *test)
{
	struct klab_tap_table *table = tap_table(test);
	const char *first = (const char *)test;
	struct klab_tap_entry entry;
	unsigned int i;

	for (i = 0; i < KLAB_TAP_BUCKET_SLOTS; i++)
		KUNIT_ASSERT_NOT_NULL(test, klab_tap_table_claim(table,
								 tap_collide(first, i)));
	KUNIT_EXPECT_NULL(test, klab_tap_table_claim(table, tap_collide(first, i)));

	KUNIT_EXPECT_TRUE(test, klab_tap_table_take(table, tap_collide(first, 2),
						    &entry));
	KUNIT_EXPECT_NOT_NULL(test, klab_tap_table_claim(table,
							 tap_collide(first, i)));
}

static struct klab_tap *tap_of(struct kunit *test, const char *text)
{
	char *calls = kunit_kstrdup(test, text, GFP_KERNEL);
	struct klab_tap *tap;
	const char *bad;

	KUNIT_ASSERT_NOT_NULL(test, calls);
	tap = klab_tap_alloc(calls, &bad);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, tap);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, tap_free, tap));
	return tap;
}

static void tap_call(struct klab_tap *tap, long nr, long ret)
{
	struct pt_regs regs = { .orig_ax = nr };

	klab_tap_enter(tap, &regs, nr);
	klab_tap_exit(tap, &regs, ret);
}

static u64 tap_timed(const struct klab_tap *tap, unsigned int index)
{
	struct klab_summary summary;

	klab_samples_summary(tap->samples[index], &summary);
	return summary.count;
}

static void klab_syscall_tap_counts_chosen_calls(struct kunit *test)
{
	struct klab_tap *tap = tap_of(test, "write,read");

	tap_call(tap, __NR_read, 1);
	tap_call(tap, __NR_read, -EINTR);
	tap_call(tap, __NR_getppid, 0);

	KUNIT_EXPECT_EQ(test, klab_tap_entered(tap, 0), 0);
	KUNIT_EXPECT_EQ(test, klab_tap_entered(tap, 1), 2);
	KUNIT_EXPECT_EQ(test, klab_tap_failed(tap, 1), 1);
	KUNIT_EXPECT_EQ(test, tap_timed(tap, 1), 2);
}

/* Numbers that user space makes up reach no memory but the tap's own. */
static void klab_syscall_tap_ignores_wrong_numbers(struct kunit *test)
{
	struct klab_tap *tap = tap_of(test, "0");

	tap_call(tap, -1, 0);
	tap_call(tap, LONG_MIN, 0);
	tap_call(tap, LONG_MAX, 0);
	tap_call(tap, klab_tap_call_numbers(), 0);

	KUNIT_EXPECT_EQ(test, klab_tap_entered(tap, 0), 0);
	KUNIT_EXPECT_EQ(test, tap_timed(tap, 0), 0);
}

/* execve() and rt_sigreturn() come back with another number. */
static void klab_syscall_tap_times_call_that_loses_number(struct kunit *test)
{
	struct klab_tap *tap = tap_of(test, "rt_sigreturn");
	struct pt_regs regs = { .orig_ax = -1 };

	klab_tap_enter(tap, &regs, __NR_rt_sigreturn);
	klab_tap_exit(tap, &regs, 0);

	KUNIT_EXPECT_EQ(test, tap_timed(tap, 0), 1);
}

static void klab_syscall_tap_exit_alone_is_ignored(struct kunit *test)
{
	struct klab_tap *tap = tap_of(test, "read");
	struct pt_regs regs = { .orig_ax = __NR_read };

	klab_tap_exit(tap, &regs, -EINTR);

	KUNIT_EXPECT_EQ(test, tap_timed(tap, 0), 0);
	KUNIT_EXPECT_EQ(test, klab_tap_failed(tap, 0), 0);
}

static void klab_syscall_tap_end_of_task_frees_place(struct kunit *test)
{
	struct klab_tap *tap = tap_of(test, "exit");
	struct pt_regs regs = { .orig_ax = __NR_exit };
	struct klab_tap_entry entry;

	klab_tap_enter(tap, &regs, __NR_exit);
	klab_tap_task_exit(tap, current);

	KUNIT_EXPECT_EQ(test, klab_tap_entered(tap, 0), 1);
	KUNIT_EXPECT_FALSE(test, klab_tap_table_take(tap->table, current, &entry));
}

struct tap_refusal {
	const char *calls;
	const char *bad;
	int err;
};

static const struct tap_refusal tap_refusals[] = {
	{ "read,reed", "reed", -ENOENT },
	{ "", "", -ENOENT },
	{ "read,,write", "", -ENOENT },
	{ "read,write,", "", -ENOENT },
	{ "read,0", "0", -EEXIST },
	{ "0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16", "16", -E2BIG },
};

static void tap_refusal_text(const struct tap_refusal *refusal, char *text)
{
	snprintf(text, KUNIT_PARAM_DESC_SIZE, "'%s'", refusal->calls);
}

KUNIT_ARRAY_PARAM(tap_refusal, tap_refusals, tap_refusal_text);

static void klab_syscall_tap_refuses_calls(struct kunit *test)
{
	const struct tap_refusal *refusal = test->param_value;
	const char *bad = NULL;
	struct klab_tap *tap;
	char *calls;

	calls = kunit_kstrdup(test, refusal->calls, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, calls);
	tap = klab_tap_alloc(calls, &bad);

	KUNIT_ASSERT_EQ(test, PTR_ERR_OR_ZERO(tap), refusal->err);
	KUNIT_EXPECT_STREQ(test, bad, refusal->bad);
}

static void klab_syscall_tap_experiment_switches(struct kunit *test)
{
	const char *text;

	text = klab_kunit_run(test, "syscall/tap", "switch=on calls=read,39");
	KUNIT_EXPECT_STREQ(test, "on", klab_kunit_note(test, text, "state"));
	KUNIT_EXPECT_EQ(test, 2, klab_kunit_rows(test, text));

	text = klab_kunit_run(test, "syscall/tap", "switch=off wait=1");
	KUNIT_EXPECT_STREQ(test, "off", klab_kunit_note(test, text, "state"));
	KUNIT_EXPECT_EQ(test, 2, klab_kunit_rows(test, text));

	text = klab_kunit_run(test, "syscall/tap", "");
	KUNIT_EXPECT_STREQ(test, "off", klab_kunit_note(test, text, "state"));
}

static void klab_syscall_tap_experiment_refuses_unknown(struct kunit *test)
{
	const char *text;

	KUNIT_EXPECT_EQ(test, -EINVAL,
			klab_kunit_try(test, "syscall/tap",
				       "switch=on calls=nosuchcall", &text));
	KUNIT_EXPECT_NOT_NULL(test, strstr(text, "nosuchcall"));
}

static void klab_syscall_tap_cost_has_rows(struct kunit *test)
{
	const char *text = klab_kunit_run(test, "syscall/tap-cost", "rounds=10");

	KUNIT_EXPECT_EQ(test, 10,
			klab_kunit_number(test, text, "chosen", "count"));
	KUNIT_EXPECT_EQ(test, 10,
			klab_kunit_number(test, text, "not_chosen", "count"));
}

static int tap_step_alloc(struct kunit *test)
{
	char calls[] = "read,write";
	struct klab_tap *tap;
	const char *bad;

	tap = klab_tap_alloc(calls, &bad);
	if (IS_ERR(tap))
		return PTR_ERR(tap);
	klab_tap_free(tap);
	return 0;
}

static void klab_syscall_tap_without_memory(struct kunit *test)
{
	klab_tap_free(NULL);
	klab_kunit_each_failure(test, tap_step_alloc);
}

static struct kunit_case klab_syscall_tap_cases[] = {
	KUNIT_CASE_PARAM(klab_syscall_tap_name_gives_number,
			 tap_name_gen_params),
	KUNIT_CASE(klab_syscall_tap_number_gives_name),
	KUNIT_CASE(klab_syscall_tap_table_gives_back),
	KUNIT_CASE(klab_syscall_tap_table_claim_again_same),
	KUNIT_CASE(klab_syscall_tap_table_full_bucket_refuses),
	KUNIT_CASE(klab_syscall_tap_counts_chosen_calls),
	KUNIT_CASE(klab_syscall_tap_ignores_wrong_numbers),
	KUNIT_CASE(klab_syscall_tap_times_call_that_loses_number),
	KUNIT_CASE(klab_syscall_tap_exit_alone_is_ignored),
	KUNIT_CASE(klab_syscall_tap_end_of_task_frees_place),
	KUNIT_CASE_PARAM(klab_syscall_tap_refuses_calls,
			 tap_refusal_gen_params),
	KUNIT_CASE(klab_syscall_tap_experiment_switches),
	KUNIT_CASE(klab_syscall_tap_experiment_refuses_unknown),
	KUNIT_CASE(klab_syscall_tap_cost_has_rows),
	KUNIT_CASE(klab_syscall_tap_without_memory),
	{}
};

static struct kunit_suite klab_syscall_tap_suite = {
	.name = "klab_syscall_tap",
	.test_cases = klab_syscall_tap_cases,
};

kunit_test_suite(klab_syscall_tap_suite);

MODULE_DESCRIPTION("KUnit tests for klab's tap on system calls");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS(EXPORTED_FOR_KUNIT_TESTING);
