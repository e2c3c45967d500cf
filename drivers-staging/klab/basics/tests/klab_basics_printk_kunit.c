// SPDX-License-Identifier: GPL-2.0-only
/* What the experiment basics/printk says it emitted, against the log. */

#include <linux/jiffies.h>
#include <linux/kern_levels.h>
#include <linux/kernel.h>
#include <linux/kmsg_dump.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/string.h>

#include <kunit/test.h>

#include "../../core/klab_fixture.h"

#define PRINTK_LINE_MAX	512
#define PRINTK_TEXT_MAX	64

/* Level of the record that has this text, or -1; counts such records. */
static int printk_look(struct kunit *test, const char *text,
		       unsigned int *records)
{
	char *line = kunit_kzalloc(test, PRINTK_LINE_MAX, GFP_KERNEL);
	struct kmsg_dump_iter iter;
	int level = -1;
	size_t len;

	KUNIT_ASSERT_NOT_NULL(test, line);
	*records = 0;
	kmsg_dump_rewind(&iter);
	while (kmsg_dump_get_line(&iter, true, line, PRINTK_LINE_MAX - 1,
				  &len)) {
		line[len] = '\0';
		if (!strstr(line, text))
			continue;
		(*records)++;
		if (sscanf(line, "<%d>", &level) != 1)
			KUNIT_FAIL(test, "no level: %s", line);
	}
	kunit_kfree(test, line);
	return level;
}

/* Behind a record that somebody else has begun, none is seen until that is whole. */
static int printk_logged(struct kunit *test, const char *text,
			 unsigned int *records)
{
	unsigned long end = jiffies + 10 * HZ;
	int level = printk_look(test, text, records);

	while (!*records && time_before(jiffies, end)) {
		schedule_timeout_uninterruptible(1);
		level = printk_look(test, text, records);
	}
	return level;
}

static void printk_expect(struct kunit *test, int level, const char *marker,
			  const char *text)
{
	char whole[PRINTK_TEXT_MAX];
	unsigned int records;

	snprintf(whole, sizeof(whole), "%s %s\n", marker, text);
	KUNIT_EXPECT_EQ_MSG(test, level,
			    printk_logged(test, whole, &records), "%s", text);
	KUNIT_EXPECT_EQ_MSG(test, 1, records, "%s", text);
}

static const char *printk_run(struct kunit *test, const char *params,
			      const char **marker)
{
	const char *text = klab_kunit_run(test, "basics/printk", params);

	*marker = klab_kunit_note(test, text, "marker");
	return text;
}

static void klab_basics_printk_level_reaches_log(struct kunit *test)
{
	const char *marker;
	char text[16];
	int level;

	printk_run(test, "", &marker);
	for (level = LOGLEVEL_EMERG; level <= LOGLEVEL_DEBUG; level++) {
		snprintf(text, sizeof(text), "level %d", level);
		printk_expect(test, level, marker, text);
	}
}

/* The record has the level of the call, and the prefix in its text. */
static void klab_basics_printk_old_prefix_is_text(struct kunit *test)
{
	unsigned int records;
	char text[PRINTK_TEXT_MAX];
	const char *marker;

	printk_run(test, "loudest=7", &marker);
	snprintf(text, sizeof(text), "<4>%s old prefix\n", marker);

	KUNIT_EXPECT_EQ(test, LOGLEVEL_INFO,
			printk_logged(test, text, &records));
	KUNIT_EXPECT_EQ(test, 1, records);
}

static void klab_basics_printk_buffer_is_one_record(struct kunit *test)
{
	const char *marker;

	printk_run(test, "loudest=7", &marker);
	printk_expect(test, LOGLEVEL_INFO, marker, "parts 1 2 3");
}

static void klab_basics_printk_loudest_bounds_levels(struct kunit *test)
{
	char louder[PRINTK_TEXT_MAX];
	unsigned int records;
	const char *marker;
	const char *text;

	text = printk_run(test, "loudest=6", &marker);
	KUNIT_EXPECT_EQ(test, 4, klab_kunit_rows(test, text));
	KUNIT_EXPECT_STREQ(test, "6", klab_kunit_cell(test, text, NULL,
						      "level"));

	snprintf(louder, sizeof(louder), "%s level 5\n", marker);
	printk_expect(test, LOGLEVEL_INFO, marker, "level 6");
	KUNIT_EXPECT_EQ(test, -1, printk_look(test, louder, &records));
}

static void klab_basics_printk_runs_have_own_markers(struct kunit *test)
{
	const char *first, *second;

	printk_run(test, "loudest=7", &first);
	printk_run(test, "loudest=7", &second);
	KUNIT_EXPECT_STRNEQ(test, first, second);
}

static struct kunit_case printk_cases[] = {
	KUNIT_CASE(klab_basics_printk_level_reaches_log),
	KUNIT_CASE(klab_basics_printk_old_prefix_is_text),
	KUNIT_CASE(klab_basics_printk_buffer_is_one_record),
	KUNIT_CASE(klab_basics_printk_loudest_bounds_levels),
	KUNIT_CASE(klab_basics_printk_runs_have_own_markers),
	{}
};

static struct kunit_suite printk_suite = {
	.name = "klab_basics_printk",
	.test_cases = printk_cases,
};

kunit_test_suite(printk_suite);

MODULE_DESCRIPTION("KUnit tests for klab's log records");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
