// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the KUnit suites of klab's rooms share: running an experiment, finding
 * a cell of its table, failing one allocation after the other, and memory as
 * that of a program.
 */

#include <linux/cleanup.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/kstrtox.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/string.h>

#include <kunit/resource.h>
#include <kunit/test.h>

#include "core_internal.h"
#include "klab_fixture.h"

#define KLAB_KUNIT_FAILURES_MAX	1000

KUNIT_DEFINE_ACTION_WRAPPER(klab_kunit_close, klab_session_destroy,
			    struct klab_session *);

#ifdef CONFIG_FAULT_INJECTION
static void klab_kunit_fail_at(unsigned int nth)
{
	current->fail_nth = nth;
}

/* What the fixture needs for itself is not what a test has fail. */
static unsigned int klab_kunit_fail_pause(void)
{
	unsigned int nth = current->fail_nth;

	current->fail_nth = 0;
	return nth;
}
#else
static void klab_kunit_fail_at(unsigned int nth)
{
}

static unsigned int klab_kunit_fail_pause(void)
{
	return 0;
}
#endif

static struct klab_session *klab_kunit_open(struct kunit *test,
					    const char *experiment)
{
	char *name = kunit_kstrdup(test, experiment, GFP_KERNEL);
	struct klab_session *session;
	char *room;

	KUNIT_ASSERT_NOT_NULL(test, name);
	room = strsep(&name, "/");
	KUNIT_ASSERT_NOT_NULL_MSG(test, name, "%s: not room/name", experiment);

	session = klab_session_find(room, name);
	KUNIT_ASSERT_FALSE_MSG(test, IS_ERR(session), "%s: %pe", experiment,
			       session);
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, klab_kunit_close,
						  session));
	return session;
}

/* The text, or after a refusal the reason, which a second read gives. */
static int klab_kunit_read(struct klab_session *session, char *params)
{
	int err, explained;

	guard(mutex)(&session->lock);

	err = klab_session_set(session, params, strlen(params));
	if (!err)
		err = klab_session_refresh(session, NULL);
	if (!err || !session->reason.err)
		return err;

	explained = klab_session_refresh(session, NULL);
	return explained ?: err;
}

/**
 * klab_kunit_try() - runs an experiment
 * @test: the test
 * @experiment: "room/name"
 * @params: a line of name=value, or ""
 * @text: gets the result, "" for none, or "# error=reason\n" where there is a
 *	reason for a failure. Goes with the test.
 *
 * The test fails if there is no such experiment. In a step of
 * klab_kunit_each_failure() only what the experiment allocates can fail.
 *
 * Context: a test; sleeps.
 * Return: 0 or the error of the experiment.
 */
int klab_kunit_try(struct kunit *test, const char *experiment,
		   const char *params, const char **text)
{
	unsigned int nth = klab_kunit_fail_pause();
	struct klab_session *session = klab_kunit_open(test, experiment);
	char *line = kunit_kstrdup(test, params, GFP_KERNEL);
	char *copy;
	int err;

	KUNIT_ASSERT_NOT_NULL(test, line);
	klab_kunit_fail_at(nth);
	err = klab_kunit_read(session, line);
	nth = klab_kunit_fail_pause();

	copy = kunit_kzalloc(test, session->result.len + 1, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, copy);
	if (session->result.len)
		memcpy(copy, session->result.buf, session->result.len);
	*text = copy;

	kunit_release_action(test, klab_kunit_close, session);
	klab_kunit_fail_at(nth);
	return err;
}
EXPORT_SYMBOL_GPL(klab_kunit_try);

/**
 * klab_kunit_run() - runs an experiment that has to succeed
 * @test: the test
 * @experiment: "room/name"
 * @params: a line of name=value, or ""
 *
 * Context: a test; sleeps.
 * Return: the result. Goes with the test.
 */
const char *klab_kunit_run(struct kunit *test, const char *experiment,
			   const char *params)
{
	const char *text;
	int err;

	err = klab_kunit_try(test, experiment, params, &text);
	KUNIT_ASSERT_EQ_MSG(test, 0, err, "%s %s: %s", experiment, params,
			    text);
	return text;
}
EXPORT_SYMBOL_GPL(klab_kunit_run);

static const char *klab_kunit_copy(struct kunit *test, const char *start,
				   size_t len)
{
	char *copy = kunit_kzalloc(test, len + 1, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, copy);
	memcpy(copy, start, len);
	return copy;
}

static const char *klab_kunit_next_line(const char *line)
{
	return strchrnul(line, '\n') + (strchr(line, '\n') ? 1 : 0);
}

/**
 * klab_kunit_note() - value of a note
 * @test: the test, fails if there is no such note
 * @text: a result
 * @key: the note
 *
 * Context: a test; sleeps.
 * Return: the value of the first note @key. Goes with the test.
 */
const char *klab_kunit_note(struct kunit *test, const char *text,
			    const char *key)
{
	size_t len = strlen(key);
	const char *line;

	for (line = text; *line == '#'; line = klab_kunit_next_line(line)) {
		if (!strncmp(line, "# ", 2) && !strncmp(line + 2, key, len) &&
		    line[2 + len] == '=') {
			line += 3 + len;
			return klab_kunit_copy(test, line, strcspn(line, "\n"));
		}
	}
	KUNIT_FAIL_AND_ABORT(test, "no note %s in\n%s", key, text);
	return "";
}
EXPORT_SYMBOL_GPL(klab_kunit_note);

static const char *klab_kunit_header(const char *text)
{
	while (*text == '#')
		text = klab_kunit_next_line(text);
	return text;
}

/**
 * klab_kunit_rows() - length of a table
 * @test: the test
 * @text: a result
 *
 * Context: any.
 * Return: number of rows, the header not counted.
 */
unsigned int klab_kunit_rows(struct kunit *test, const char *text)
{
	const char *line = klab_kunit_next_line(klab_kunit_header(text));
	unsigned int rows = 0;

	for (; *line; line = klab_kunit_next_line(line))
		rows++;
	return rows;
}
EXPORT_SYMBOL_GPL(klab_kunit_rows);

static bool klab_kunit_column_is(const char *cell, const char *column)
{
	size_t len = strlen(column);

	return !strncmp(cell, column, len) &&
	       (strchr("\t\n[", cell[len]) || !cell[len]);
}

/* Index of a column, by its name with its unit or without. */
static int klab_kunit_column(const char *header, const char *column)
{
	size_t len;
	int i = 0;

	for (;;) {
		if (klab_kunit_column_is(header, column))
			return i;
		len = strcspn(header, "\t\n");
		if (header[len] != '\t')
			return -ENOENT;
		header += len + 1;
		i++;
	}
}

static bool klab_kunit_row_is(const char *line, const char *row)
{
	size_t len = strcspn(line, "\t\n");

	return len == strlen(row) && !strncmp(line, row, len);
}

/**
 * klab_kunit_cell() - a cell of a table
 * @test: the test, fails if there is no such cell
 * @text: a result
 * @row: first cell of the row; NULL: the first row
 * @column: name of the column; its unit may be left out
 *
 * Context: a test; sleeps.
 * Return: the cell of the first row of that name. Goes with the test.
 */
const char *klab_kunit_cell(struct kunit *test, const char *text,
			    const char *row, const char *column)
{
	const char *line = klab_kunit_header(text);
	int i = klab_kunit_column(line, column);

	KUNIT_ASSERT_GE_MSG(test, i, 0, "no column %s in\n%s", column, text);

	line = klab_kunit_next_line(line);
	while (*line && row && !klab_kunit_row_is(line, row))
		line = klab_kunit_next_line(line);
	KUNIT_ASSERT_NE_MSG(test, *line, '\0', "no row %s in\n%s",
			    row ?: "at all", text);

	while (i--)
		line += strcspn(line, "\t\n") + 1;
	return klab_kunit_copy(test, line, strcspn(line, "\t\n"));
}
EXPORT_SYMBOL_GPL(klab_kunit_cell);

/**
 * klab_kunit_number() - a whole number in a table
 * @test: the test, fails if there is no such cell or it is no number
 * @text: a result
 * @row: first cell of the row; NULL: the first row
 * @column: name of the column; its unit may be left out
 *
 * Context: a test; sleeps.
 * Return: the number.
 */
s64 klab_kunit_number(struct kunit *test, const char *text, const char *row,
		      const char *column)
{
	const char *cell = klab_kunit_cell(test, text, row, column);
	s64 number = 0;

	KUNIT_ASSERT_EQ_MSG(test, 0, kstrtos64(cell, 0, &number),
			    "%s: not a number", cell);
	return number;
}
EXPORT_SYMBOL_GPL(klab_kunit_number);

static bool klab_kunit_can_fail(void)
{
	void *memory;

	if (!IS_ENABLED(CONFIG_FAULT_INJECTION))
		return false;
	klab_kunit_fail_at(1);
	memory = kmalloc(16, GFP_KERNEL);
	kfree(memory);
	return !klab_kunit_fail_pause() && !memory;
}

/**
 * klab_kunit_each_failure() - fails each allocation of a step in turn
 * @test: the test; skipped where allocations cannot be made to fail
 * @step: does and undoes the same on every call. Returns 0 or the error it
 *	got; expects nothing that an allocation that failed could spoil.
 *
 * Calls @step with its first allocation failing, its second, and so on until
 * none is left to fail, and expects 0 or -ENOMEM every time and 0 at the end.
 *
 * Context: a test; sleeps.
 */
void klab_kunit_each_failure(struct kunit *test,
			     int (*step)(struct kunit *test))
{
	unsigned int nth;
	bool failed;
	int err;

	if (!klab_kunit_can_fail())
		kunit_skip(test, "failslab/ignore-gfp-wait is on, or no failslab");

	for (nth = 1; nth <= KLAB_KUNIT_FAILURES_MAX; nth++) {
		klab_kunit_fail_at(nth);
		err = step(test);
		failed = !klab_kunit_fail_pause();
		if (!failed) {
			KUNIT_EXPECT_EQ(test, 0, err);
			return;
		}
		KUNIT_EXPECT_TRUE_MSG(test, !err || err == -ENOMEM,
				      "allocation %u: %pe", nth, ERR_PTR(err));
	}
	KUNIT_FAIL(test, "more than %u allocations", KLAB_KUNIT_FAILURES_MAX);
}
EXPORT_SYMBOL_GPL(klab_kunit_each_failure);

KUNIT_DEFINE_ACTION_WRAPPER(klab_kunit_mmdrop, mmdrop, struct mm_struct *);

/* KUnit's own, kunit_attach_mm(), loses the reference of kthread_use_mm(). */
static void klab_kunit_attach_mm(struct kunit *test)
{
	struct mm_struct *mm;

	if (current->mm)
		return;
	mm = mm_alloc();
	KUNIT_ASSERT_NOT_NULL(test, mm);
	mm->task_size = TASK_SIZE;
	/* All of the layout that is needed; not every arch exports its own. */
	mm->mmap_base = TASK_UNMAPPED_BASE;
	mm->mmap_legacy_base = TASK_UNMAPPED_BASE;
	kthread_use_mm(mm);
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action(test, klab_kunit_mmdrop, mm));
}

/**
 * klab_kunit_user_memory() - gives a test memory as that of a program
 * @test: the test
 * @size: in bytes
 * @prot: PROT_READ, PROT_WRITE or both
 *
 * The memory goes with the test's thread. Where there is none the test fails.
 *
 * Context: a test, in its own thread; sleeps.
 * Return: the address.
 */
unsigned long klab_kunit_user_memory(struct kunit *test, size_t size,
				     unsigned long prot)
{
	unsigned long address;

	klab_kunit_attach_mm(test);
	address = kunit_vm_mmap(test, NULL, 0, size, prot,
				MAP_ANONYMOUS | MAP_PRIVATE, 0);
	KUNIT_ASSERT_NE_MSG(test, 0UL, address, "no user memory");
	KUNIT_ASSERT_LT(test, address, (unsigned long)TASK_SIZE);
	return address;
}
EXPORT_SYMBOL_GPL(klab_kunit_user_memory);

/**
 * klab_kunit_user_page() - gives a test a page as that of a program
 * @test: the test
 *
 * The page can be read and written; after it comes an address that is bad.
 *
 * Context: a test, in its own thread; sleeps.
 * Return: the page.
 */
void __user *klab_kunit_user_page(struct kunit *test)
{
	unsigned long two;

	two = klab_kunit_user_memory(test, 2 * PAGE_SIZE,
				     PROT_READ | PROT_WRITE);
	KUNIT_ASSERT_EQ(test, 0, vm_munmap(two + PAGE_SIZE, PAGE_SIZE));
	return (void __user *)two;
}
EXPORT_SYMBOL_GPL(klab_kunit_user_page);

MODULE_DESCRIPTION("klab: fixtures of KUnit suites");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS(EXPORTED_FOR_KUNIT_TESTING);
