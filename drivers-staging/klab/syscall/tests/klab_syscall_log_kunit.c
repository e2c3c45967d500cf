// SPDX-License-Identifier: GPL-2.0-only
/* Provider of klab_log: what becomes of a text, and who may log how often. */

#include <linux/module.h>
#include <linux/string.h>
#include <linux/uidgid.h>

#include <kunit/test.h>

#include "../log.h"

struct log_text {
	const char *text;
	size_t size;
	const char *line;
};

#define LOG_TEXT(_text, _line) { _text, sizeof(_text) - 1, _line }

static const struct log_text log_texts[] = {
	LOG_TEXT("hello", "hello"),
	LOG_TEXT("hello\n", "hello"),
	LOG_TEXT("", ""),
	LOG_TEXT("\n", ""),
	LOG_TEXT("\n\n", "\\x0a"),
	LOG_TEXT("one\ntwo", "one\\x0atwo"),
	LOG_TEXT("a\tb\r", "a\\x09b\\x0d"),
	LOG_TEXT("a\0b", "a\\x00b"),
	LOG_TEXT("\\x0a", "\\x5cx0a"),
	LOG_TEXT("\x1b[2J", "\\x1b[2J"),
	LOG_TEXT("\x7f\x80\xff", "\\x7f\\x80\\xff"),
	LOG_TEXT("\xd0\xb9", "\\xd0\\xb9"),
	LOG_TEXT("<0>%s%n", "<0>%s%n"),
};

static void log_text_name(const struct log_text *text, char *name)
{
	snprintf(name, KUNIT_PARAM_DESC_SIZE, "'%s'", text->line);
}

KUNIT_ARRAY_PARAM(log_text, log_texts, log_text_name);

static void klab_syscall_log_text_becomes_line(struct kunit *test)
{
	const struct log_text *text = test->param_value;
	char *line = kunit_kzalloc(test, KLAB_LOG_LINE_MAX, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, line);
	KUNIT_EXPECT_EQ(test, strlen(text->line),
			klab_log_escape(line, text->text, text->size));
	KUNIT_EXPECT_STREQ(test, line, text->line);
}

static void klab_syscall_log_longest_text_fits(struct kunit *test)
{
	char *text = kunit_kzalloc(test, KLAB_LOG_TEXT_MAX, GFP_KERNEL);
	char *line = kunit_kzalloc(test, KLAB_LOG_LINE_MAX, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, text);
	KUNIT_ASSERT_NOT_NULL(test, line);
	memset(text, 0xff, KLAB_LOG_TEXT_MAX);

	KUNIT_EXPECT_EQ(test, KLAB_LOG_LINE_MAX - 1,
			klab_log_escape(line, text, KLAB_LOG_TEXT_MAX));
	KUNIT_EXPECT_EQ(test, KLAB_LOG_LINE_MAX - 1, strlen(line));
}

#define LOG_INTERVAL	100
#define LOG_BURST	3
/* Jiffies start close to their wrap on 32 bits, and so does this. */
#define LOG_NOW		0xfffffff0ULL

static struct klab_log_limit *log_limit(struct kunit *test)
{
	struct klab_log_limit *limit;

	limit = kunit_kzalloc(test, sizeof(*limit), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, limit);
	limit->interval = LOG_INTERVAL;
	limit->burst = LOG_BURST;
	return limit;
}

static void klab_syscall_log_burst_is_the_limit(struct kunit *test)
{
	struct klab_log_limit *limit = log_limit(test);
	unsigned int i;

	for (i = 0; i < LOG_BURST; i++)
		KUNIT_EXPECT_TRUE(test, klab_log_allow(limit, KUIDT_INIT(0),
						       LOG_NOW + i));
	KUNIT_EXPECT_FALSE(test, klab_log_allow(limit, KUIDT_INIT(0),
						LOG_NOW + LOG_INTERVAL - 1));
}

/* What was refused does not put the next interval off. */
static void klab_syscall_log_interval_starts_anew(struct kunit *test)
{
	struct klab_log_limit *limit = log_limit(test);
	unsigned int i;

	for (i = 0; i < 2 * LOG_BURST; i++)
		klab_log_allow(limit, KUIDT_INIT(0), LOG_NOW + i);

	KUNIT_EXPECT_TRUE(test, klab_log_allow(limit, KUIDT_INIT(0),
					       LOG_NOW + LOG_INTERVAL));
}

static void klab_syscall_log_users_are_apart(struct kunit *test)
{
	struct klab_log_limit *limit = log_limit(test);
	unsigned int i;

	for (i = 0; i < 2 * LOG_BURST; i++)
		klab_log_allow(limit, KUIDT_INIT(1000), LOG_NOW);

	KUNIT_EXPECT_FALSE(test, klab_log_allow(limit, KUIDT_INIT(1000), LOG_NOW));
	KUNIT_EXPECT_TRUE(test, klab_log_allow(limit, KUIDT_INIT(0), LOG_NOW));
}

/* With more users than places, it is the one silent for longest who goes. */
static void klab_syscall_log_oldest_user_goes(struct kunit *test)
{
	struct klab_log_limit *limit = log_limit(test);
	unsigned int i, user;

	for (user = 0; user < KLAB_LOG_USERS; user++) {
		for (i = 0; i < LOG_BURST; i++)
			klab_log_allow(limit, KUIDT_INIT(user), LOG_NOW + user);
	}
	KUNIT_EXPECT_TRUE(test, klab_log_allow(limit, KUIDT_INIT(user),
					       LOG_NOW + user));

	KUNIT_EXPECT_FALSE(test, klab_log_allow(limit, KUIDT_INIT(1),
						LOG_NOW + user));
	KUNIT_EXPECT_TRUE(test, klab_log_allow(limit, KUIDT_INIT(0),
					       LOG_NOW + user));
}

static void klab_syscall_log_burst_of_none_refuses(struct kunit *test)
{
	struct klab_log_limit *limit = log_limit(test);

	limit->burst = 0;
	KUNIT_EXPECT_FALSE(test, klab_log_allow(limit, KUIDT_INIT(0), LOG_NOW));
}

static struct kunit_case klab_syscall_log_cases[] = {
	KUNIT_CASE_PARAM(klab_syscall_log_text_becomes_line,
			 log_text_gen_params),
	KUNIT_CASE(klab_syscall_log_longest_text_fits),
	KUNIT_CASE(klab_syscall_log_burst_is_the_limit),
	KUNIT_CASE(klab_syscall_log_interval_starts_anew),
	KUNIT_CASE(klab_syscall_log_users_are_apart),
	KUNIT_CASE(klab_syscall_log_oldest_user_goes),
	KUNIT_CASE(klab_syscall_log_burst_of_none_refuses),
	{}
};

static struct kunit_suite klab_syscall_log_suite = {
	.name = "klab_syscall_log",
	.test_cases = klab_syscall_log_cases,
};

kunit_test_suite(klab_syscall_log_suite);

MODULE_DESCRIPTION("KUnit tests for klab's provider of klab_log");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS(EXPORTED_FOR_KUNIT_TESTING);
