// SPDX-License-Identifier: GPL-2.0-only
/*
 * The text that an experiment answers with: notes, a header row, rows. All
 * of it is meant for programs, so whatever a value holds, a line stays a line
 * and a cell a cell.
 */

#include <linux/errno.h>
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/slab.h>
#include <linux/stdarg.h>
#include <linux/string.h>
#include <linux/string_helpers.h>

#include <kunit/visibility.h>

#include "core_internal.h"

#define KLAB_ESCAPE	(ESCAPE_NAP | ESCAPE_APPEND | ESCAPE_SPACE |	\
			 ESCAPE_SPECIAL | ESCAPE_HEX)

/**
 * klab_reason_vset() - klab_reason_set() with a list of arguments
 * @reason: overwritten
 * @err: the error that is explained
 * @fmt: the explanation, as for printk()
 * @args: its arguments
 *
 * Context: any.
 * Return: @err.
 */
int klab_reason_vset(struct klab_reason *reason, int err, const char *fmt,
		     va_list args)
{
	char raw[KLAB_REASON_MAX];
	int len;

	len = vscnprintf(raw, sizeof(raw), fmt, args);
	len = string_escape_mem(raw, len, reason->text,
				sizeof(reason->text) - 1, KLAB_ESCAPE, "\\");
	reason->text[min_t(size_t, len, sizeof(reason->text) - 1)] = '\0';
	reason->err = err;
	return err;
}

/**
 * klab_reason_set() - keeps why something is refused
 * @reason: overwritten
 * @err: the error that is explained
 * @fmt: the explanation, as for printk(); what is not printable is escaped,
 *	what is too long is cut
 *
 * Context: any.
 * Return: @err.
 */
int klab_reason_set(struct klab_reason *reason, int err, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	err = klab_reason_vset(reason, err, fmt, args);
	va_end(args);
	return err;
}
EXPORT_SYMBOL_IF_KUNIT(klab_reason_set);

/**
 * klab_text_reserve() - makes room in a text
 * @text: the text
 * @room: bytes that are going to be added
 *
 * Context: process; may sleep.
 * Return: 0, -E2BIG if the text would be longer than KLAB_RESULT_MAX, or
 * -ENOMEM.
 */
int klab_text_reserve(struct klab_text *text, size_t room)
{
	size_t size;
	char *buf;

	if (room > KLAB_RESULT_MAX - text->len)
		return -E2BIG;
	if (room <= text->size - text->len)
		return 0;

	size = max_t(size_t, roundup_pow_of_two(text->len + room), 1024);
	buf = kvrealloc(text->buf, size,
			GFP_KERNEL | __GFP_NORETRY | __GFP_NOWARN);
	if (!buf)
		return -ENOMEM;

	text->buf = buf;
	text->size = size;
	return 0;
}

/**
 * klab_text_add() - adds bytes to a text as they are
 * @text: the text
 * @src: the bytes
 * @len: how many
 *
 * Context: process; may sleep.
 * Return: 0, -E2BIG or -ENOMEM; the text is unchanged then.
 */
int klab_text_add(struct klab_text *text, const char *src, size_t len)
{
	int err;

	err = klab_text_reserve(text, len);
	if (err || !len)
		return err;

	memcpy(text->buf + text->len, src, len);
	text->len += len;
	return 0;
}

static int klab_text_puts(struct klab_text *text, const char *src)
{
	return klab_text_add(text, src, strlen(src));
}

static int klab_text_escape(struct klab_text *text, const char *src)
{
	size_t len = strlen(src);
	int err;

	err = klab_text_reserve(text, min_t(size_t, len * KLAB_ESCAPE_MAX,
					    KLAB_RESULT_MAX - text->len));
	if (err || !len)
		return err;

	len = string_escape_mem(src, len, text->buf + text->len,
				text->size - text->len, KLAB_ESCAPE, "\\");
	if (len > KLAB_RESULT_MAX - text->len)
		return -E2BIG;

	text->len += len;
	return 0;
}

/**
 * klab_text_free() - empties a text
 * @text: the text; all zero afterwards
 *
 * Context: process; may sleep.
 */
void klab_text_free(struct klab_text *text)
{
	kvfree(text->buf);
	*text = (struct klab_text){};
}
EXPORT_SYMBOL_IF_KUNIT(klab_text_free);

static unsigned int klab_count(const char *text, char wanted)
{
	unsigned int count = 0;

	for (; *text; text++)
		count += *text == wanted;
	return count;
}

static void klab_report_err(struct klab_report *report, int err)
{
	if (!err || report->err.err)
		return;

	switch (err) {
	case -E2BIG:
		klab_reason_set(&report->err, err,
				"result longer than %u bytes",
				KLAB_RESULT_MAX);
		break;
	case -ENOMEM:
		klab_reason_set(&report->err, err, "no memory for the result");
		break;
	default:
		klab_reason_set(&report->err, err, "result cannot be written");
	}
}

static void klab_report_too_long(struct klab_report *report)
{
	klab_reason_set(&report->err, -E2BIG,
			"line of the result longer than %u bytes",
			KLAB_LINE_MAX - 1);
}

/* Takes @line apart at each @separator. */
static int klab_cells_add(struct klab_text *text, char *line, char separator)
{
	const char separators[] = { separator, '\0' };
	char *cell = strsep(&line, separators);
	int err;

	err = klab_text_escape(text, cell);
	while (!err && (cell = strsep(&line, separators))) {
		err = klab_text_puts(text, "\t");
		if (!err)
			err = klab_text_escape(text, cell);
	}
	return err;
}

/**
 * klab_note() - adds a line "# key=value" to the result
 * @run: the run
 * @key: a word
 * @fmt: the value, as for printk(); what is not printable ASCII is escaped
 *
 * Notes stand before the table, in the order of the calls. If it cannot be
 * added, the run fails: klab_run_check() says so.
 *
 * Context: the task that does the run; may sleep.
 */
void klab_note(struct klab_run *run, const char *key, const char *fmt, ...)
{
	struct klab_report *report = &run->report;
	struct klab_text *notes = &report->notes;
	va_list args;
	int err;

	if (report->err.err)
		return;

	va_start(args, fmt);
	err = vsnprintf(report->line, sizeof(report->line), fmt, args);
	va_end(args);
	if (err >= sizeof(report->line)) {
		klab_report_too_long(report);
		return;
	}

	err = klab_text_puts(notes, "# ");
	if (!err)
		err = klab_text_escape(notes, key);
	if (!err)
		err = klab_text_puts(notes, "=");
	if (!err)
		err = klab_text_escape(notes, report->line);
	if (!err)
		err = klab_text_puts(notes, "\n");
	klab_report_err(report, err);
}
EXPORT_SYMBOL_GPL(klab_note);

/**
 * klab_columns() - names the columns of the table
 * @run: the run
 * @columns: names, separated by tabs, with units: "rate[Hz]\tlost"
 *
 * Needed if there are rows; may come after them. The last call counts.
 *
 * Context: the task that does the run; may sleep.
 */
void klab_columns(struct klab_run *run, const char *columns)
{
	struct klab_report *report = &run->report;

	if (report->err.err)
		return;

	if (strscpy(report->line, columns) < 0) {
		klab_report_too_long(report);
		return;
	}
	report->columns.len = 0;
	klab_report_err(report, klab_cells_add(&report->columns, report->line,
					       '\t'));
}
EXPORT_SYMBOL_GPL(klab_columns);

/*
 * Formats a row so that the tabs of its format can be told from those of its
 * values. Returns false where they cannot with this @separator, because a
 * value holds it too.
 */
static __printf(3, 0) bool
klab_row_format(struct klab_report *report, char separator, const char *fmt,
		va_list args)
{
	va_list copy;
	int len;

	if (strscpy(report->format, fmt) < 0) {
		klab_report_too_long(report);
		return true;
	}
	strreplace(report->format, '\t', separator);

	va_copy(copy, args);
	len = vsnprintf(report->line, sizeof(report->line), report->format,
			copy);
	va_end(copy);
	if (len >= sizeof(report->line)) {
		klab_report_too_long(report);
		return true;
	}
	return klab_count(report->line, separator) == klab_count(fmt, '\t');
}

static __printf(2, 0) void
klab_row_add(struct klab_report *report, const char *fmt, va_list args)
{
	unsigned int cells = klab_count(fmt, '\t') + 1;
	char separator = ' ' - 1;
	int err;

	while (!klab_row_format(report, separator, fmt, args)) {
		if (--separator == '\t')
			separator--;
		if (!separator) {
			klab_report_err(report, -EINVAL);
			return;
		}
	}
	if (report->err.err)
		return;

	if (!report->cells)
		report->cells = cells;
	report->ragged |= cells != report->cells;

	err = klab_cells_add(&report->rows, report->line, separator);
	if (!err)
		err = klab_text_puts(&report->rows, "\n");
	klab_report_err(report, err);
}

/**
 * klab_row() - adds a row to the table
 * @run: the run
 * @fmt: cells separated by tabs, as for printk(), without a newline; a tab or
 *	anything else in a value that is not printable ASCII is escaped
 *
 * Every row needs as many cells as there are columns. If it cannot be added,
 * the run fails: klab_run_check() says so.
 *
 * Context: the task that does the run; may sleep.
 */
void klab_row(struct klab_run *run, const char *fmt, ...)
{
	va_list args;

	if (run->report.err.err)
		return;

	va_start(args, fmt);
	klab_row_add(&run->report, fmt, args);
	va_end(args);
}
EXPORT_SYMBOL_GPL(klab_row);

static void klab_report_check_table(struct klab_report *report)
{
	unsigned int columns = 0;
	size_t i;

	if (report->err.err || !report->rows.len)
		return;

	for (i = 0; i < report->columns.len; i++)
		columns += report->columns.buf[i] == '\t';
	if (report->columns.len)
		columns++;

	if (report->ragged || report->cells != columns)
		klab_reason_set(&report->err, -EBADMSG,
				"rows of the result do not fit its %u columns",
				columns);
}

/**
 * klab_report_finish() - joins notes, header and rows
 * @report: the report; its notes are gone afterwards
 * @result: gets the text
 *
 * Context: process; may sleep.
 * Return: 0, or the first error there was: -E2BIG, -ENOMEM, -EINVAL, or
 * -EBADMSG where the rows do not fit the header. @report->err has the reason.
 */
int klab_report_finish(struct klab_report *report, struct klab_text *result)
{
	struct klab_text *text = &report->notes;
	int err = 0;

	klab_report_check_table(report);
	if (!report->err.err && report->columns.len) {
		err = klab_text_add(text, report->columns.buf,
				    report->columns.len);
		if (!err)
			err = klab_text_puts(text, "\n");
		if (!err)
			err = klab_text_add(text, report->rows.buf,
					    report->rows.len);
	}
	klab_report_err(report, err);
	if (report->err.err)
		return report->err.err;

	*result = *text;
	*text = (struct klab_text){};
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(klab_report_finish);

/**
 * klab_report_free() - frees what a report holds
 * @report: the report
 *
 * Context: process; may sleep.
 */
void klab_report_free(struct klab_report *report)
{
	klab_text_free(&report->notes);
	klab_text_free(&report->columns);
	klab_text_free(&report->rows);
}
