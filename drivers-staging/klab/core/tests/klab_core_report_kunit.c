// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of klab's core: the text of a result.
 */

#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/string.h>

#include <kunit/test.h>

#include "../core_internal.h"
#include "../klab_fixture.h"

static const struct klab_experiment experiment = {
	.room = "core",
	.name = "report",
};

static const struct klab_values values;

struct report_fixture {
	struct klab_run *run;
	struct klab_text result;
};

static int report_init(struct kunit *test)
{
	struct report_fixture *fixture = kunit_kzalloc(test, sizeof(*fixture),
						       GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, fixture);
	test->priv = fixture;
	fixture->run = klab_run_create(&experiment, &values);
	KUNIT_ASSERT_NOT_NULL(test, fixture->run);
	return 0;
}

static void report_exit(struct kunit *test)
{
	struct report_fixture *fixture = test->priv;

	if (!fixture)
		return;
	klab_text_free(&fixture->result);
	klab_run_destroy(fixture->run);
}

static int report_finish(struct kunit *test)
{
	struct report_fixture *fixture = test->priv;

	return klab_report_finish(&fixture->run->report, &fixture->result);
}

static void report_expect(struct kunit *test, const char *wanted)
{
	struct report_fixture *fixture = test->priv;
	char *text;

	KUNIT_ASSERT_EQ_MSG(test, 0, report_finish(test), "%s",
			    fixture->run->report.err.text);
	text = kunit_kzalloc(test, fixture->result.len + 1, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, text);
	if (fixture->result.len)
		memcpy(text, fixture->result.buf, fixture->result.len);
	KUNIT_EXPECT_STREQ(test, wanted, text);
}

static struct klab_run *report_run(struct kunit *test)
{
	struct report_fixture *fixture = test->priv;

	return fixture->run;
}

static void klab_core_report_of_nothing_is_empty(struct kunit *test)
{
	report_expect(test, "");
}

static void klab_core_report_header_without_rows(struct kunit *test)
{
	klab_columns(report_run(test), "a\tb[ns]");
	report_expect(test, "a\tb[ns]\n");
}

static void klab_core_report_notes_header_rows_in_any_order(struct kunit *test)
{
	struct klab_run *run = report_run(test);

	klab_row(run, "%s\t%d", "x", 1);
	klab_note(run, "first", "%d", 1);
	klab_columns(run, "wrong\tnames");
	klab_columns(run, "who\tcount");
	klab_note(run, "second", "%s", "two");
	klab_row(run, "%s\t%d", "y", 2);
	report_expect(test,
		      "# first=1\n# second=two\nwho\tcount\nx\t1\ny\t2\n");
}

static void klab_core_report_note_escapes_its_value(struct kunit *test)
{
	klab_note(report_run(test), "evil\nkey", "%s",
		  "a\tb\nc\\d\x01\x7f\xe4\"=#");
	report_expect(test,
		      "# evil\\nkey=a\\tb\\nc\\\\d\\x01\\x7f\\xe4\"=#\n");
}

static void klab_core_report_row_escapes_its_values(struct kunit *test)
{
	struct klab_run *run = report_run(test);

	klab_columns(run, "a\tb\tc");
	klab_row(run, "%s\t%s\t", "1\t2", "3\n4\r");
	report_expect(test, "a\tb\tc\n1\\t2\t3\\n4\\r\t\n");
}

/* The byte that stands for a tab while a row is formatted may be in a value. */
static void klab_core_report_row_with_control_characters(struct kunit *test)
{
	struct klab_run *run = report_run(test);

	klab_columns(run, "a\tb");
	klab_row(run, "%s\t%s", "\x1f\x1e", "\x1d");
	report_expect(test, "a\tb\n\\x1f\\x1e\t\\x1d\n");
}

static void klab_core_report_row_with_all_control_characters(struct kunit *test)
{
	struct klab_run *run = report_run(test);
	char all[' '] = {};
	unsigned int i;

	for (i = 1; i < sizeof(all); i++)
		all[i - 1] = i;
	klab_columns(run, "a\tb");
	klab_row(run, "%s\t%d", all, 1);
	KUNIT_EXPECT_EQ(test, -EINVAL, klab_run_check(run));
	KUNIT_EXPECT_EQ(test, -EINVAL, report_finish(test));
}

static void klab_core_report_row_too_short(struct kunit *test)
{
	struct klab_run *run = report_run(test);

	klab_columns(run, "a\tb");
	klab_row(run, "%d", 1);
	KUNIT_EXPECT_EQ(test, -EBADMSG, report_finish(test));
	KUNIT_EXPECT_STREQ(test, "rows of the result do not fit its 2 columns",
			   run->report.err.text);
}

static void klab_core_report_one_row_of_many_too_long(struct kunit *test)
{
	struct klab_run *run = report_run(test);

	klab_columns(run, "a");
	klab_row(run, "%d", 1);
	klab_row(run, "%d\t%d", 1, 2);
	klab_row(run, "%d", 1);
	KUNIT_EXPECT_EQ(test, -EBADMSG, report_finish(test));
}

static void klab_core_report_rows_without_columns(struct kunit *test)
{
	klab_row(report_run(test), "%d", 1);
	KUNIT_EXPECT_EQ(test, -EBADMSG, report_finish(test));
}

static void klab_core_report_line_up_to_its_limit(struct kunit *test)
{
	struct klab_run *run = report_run(test);

	klab_columns(run, "a");
	klab_row(run, "%0*d", KLAB_LINE_MAX - 1, 0);
	klab_note(run, "n", "%0*d", KLAB_LINE_MAX - 1, 0);
	KUNIT_EXPECT_EQ(test, 0, report_finish(test));
}

static void klab_core_report_row_over_its_limit(struct kunit *test)
{
	struct klab_run *run = report_run(test);

	klab_row(run, "%0*d", KLAB_LINE_MAX, 0);
	KUNIT_EXPECT_EQ(test, -E2BIG, klab_run_check(run));

	/* Whatever comes after the first error changes nothing. */
	klab_row(run, "%d", 1);
	klab_note(run, "a", "b");
	klab_columns(run, "a");
	KUNIT_EXPECT_EQ(test, -E2BIG, report_finish(test));
	KUNIT_EXPECT_EQ(test, 0, run->report.notes.len);
}

static void klab_core_report_format_over_its_limit(struct kunit *test)
{
	struct klab_run *run = report_run(test);
	char *format = kunit_kzalloc(test, 600, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, format);
	memset(format, 'x', 599);
	klab_row(run, format);
	KUNIT_EXPECT_EQ(test, -E2BIG, klab_run_check(run));
}

static void klab_core_report_note_over_its_limit(struct kunit *test)
{
	struct klab_run *run = report_run(test);

	klab_note(run, "n", "%0*d", KLAB_LINE_MAX, 0);
	KUNIT_EXPECT_EQ(test, -E2BIG, klab_run_check(run));
}

static void klab_core_report_columns_over_their_limit(struct kunit *test)
{
	struct klab_run *run = report_run(test);
	char *columns = kunit_kzalloc(test, KLAB_LINE_MAX + 1, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, columns);
	memset(columns, 'x', KLAB_LINE_MAX);
	klab_columns(run, columns);
	KUNIT_EXPECT_EQ(test, -E2BIG, klab_run_check(run));
}

#define REPORT_ROW	1024
#define REPORT_ROWS	(KLAB_RESULT_MAX / REPORT_ROW)

static void klab_core_report_up_to_its_limit(struct kunit *test)
{
	struct klab_run *run = report_run(test);
	unsigned int i;

	klab_columns(run, "0");
	for (i = 0; i < REPORT_ROWS - 1; i++)
		klab_row(run, "%0*d", REPORT_ROW - 1, 0);
	klab_row(run, "%0*d", REPORT_ROW - 3, 0);
	KUNIT_EXPECT_EQ(test, 0, report_finish(test));
}

static void klab_core_report_over_its_limit(struct kunit *test)
{
	struct klab_run *run = report_run(test);
	unsigned int i;

	for (i = 0; i < REPORT_ROWS; i++)
		klab_row(run, "%0*d", REPORT_ROW - 1, 0);
	KUNIT_EXPECT_EQ(test, 0, klab_run_check(run));
	klab_row(run, "%s", "");
	KUNIT_EXPECT_EQ(test, -E2BIG, klab_run_check(run));
	KUNIT_EXPECT_STREQ(test, "result longer than 1048576 bytes",
			   run->report.err.text);
}

/* Rows and notes that fit alone need not fit together. */
static void klab_core_report_over_its_limit_in_all(struct kunit *test)
{
	struct klab_run *run = report_run(test);
	unsigned int i;

	klab_columns(run, "0");
	for (i = 0; i < REPORT_ROWS; i++)
		klab_row(run, "%0*d", REPORT_ROW - 1, 0);
	KUNIT_EXPECT_EQ(test, 0, klab_run_check(run));
	KUNIT_EXPECT_EQ(test, -E2BIG, report_finish(test));
}

static void klab_core_report_over_its_limit_by_escaping(struct kunit *test)
{
	struct klab_run *run = report_run(test);
	char *row = kunit_kzalloc(test, REPORT_ROW, GFP_KERNEL);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, row);
	memset(row, 1, REPORT_ROW - 1);
	for (i = 0; i <= REPORT_ROWS / KLAB_ESCAPE_MAX; i++)
		klab_row(run, "%s", row);
	KUNIT_EXPECT_EQ(test, -E2BIG, klab_run_check(run));
}

static int report_step(struct kunit *test)
{
	struct klab_run *run = klab_run_create(&experiment, &values);
	struct klab_text result = {};
	unsigned int i;
	int err;

	if (!run)
		return -ENOMEM;

	for (i = 0; i < 20; i++) {
		klab_note(run, "note", "%s", "a value of some length");
		klab_columns(run, "a[unit]\tb");
		klab_row(run, "%s\t%0*d", "a row", 200, 0);
	}
	err = klab_report_finish(&run->report, &result);
	klab_text_free(&result);
	klab_run_destroy(run);
	return err;
}

static void klab_core_report_without_memory(struct kunit *test)
{
	klab_kunit_each_failure(test, report_step);
}

static struct kunit_case klab_core_report_cases[] = {
	KUNIT_CASE(klab_core_report_of_nothing_is_empty),
	KUNIT_CASE(klab_core_report_header_without_rows),
	KUNIT_CASE(klab_core_report_notes_header_rows_in_any_order),
	KUNIT_CASE(klab_core_report_note_escapes_its_value),
	KUNIT_CASE(klab_core_report_row_escapes_its_values),
	KUNIT_CASE(klab_core_report_row_with_control_characters),
	KUNIT_CASE(klab_core_report_row_with_all_control_characters),
	KUNIT_CASE(klab_core_report_row_too_short),
	KUNIT_CASE(klab_core_report_one_row_of_many_too_long),
	KUNIT_CASE(klab_core_report_rows_without_columns),
	KUNIT_CASE(klab_core_report_line_up_to_its_limit),
	KUNIT_CASE(klab_core_report_row_over_its_limit),
	KUNIT_CASE(klab_core_report_format_over_its_limit),
	KUNIT_CASE(klab_core_report_note_over_its_limit),
	KUNIT_CASE(klab_core_report_columns_over_their_limit),
	KUNIT_CASE(klab_core_report_up_to_its_limit),
	KUNIT_CASE(klab_core_report_over_its_limit),
	KUNIT_CASE(klab_core_report_over_its_limit_in_all),
	KUNIT_CASE(klab_core_report_over_its_limit_by_escaping),
	KUNIT_CASE(klab_core_report_without_memory),
	{}
};

static struct kunit_suite klab_core_report_suite = {
	.name = "klab_core_report",
	.init = report_init,
	.exit = report_exit,
	.test_cases = klab_core_report_cases,
};

kunit_test_suite(klab_core_report_suite);

MODULE_DESCRIPTION("klab: KUnit tests of results");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS(EXPORTED_FOR_KUNIT_TESTING);
