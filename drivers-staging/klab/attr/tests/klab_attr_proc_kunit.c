// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests for the ways of reading a text: that all of them return the same
 * bytes, and what each of them does for that. The tests make a directory of
 * their own.
 */
#include <linux/array_size.h>
#include <linux/errno.h>
#include <linux/minmax.h>
#include <linux/module.h>

#include "../../core/klab_fixture.h"
#include "../proc.h"
#include "attr_kunit.h"

#define DIR	"klab-proc-test"

/**
 * struct opened - a directory, a file of it, and memory of a user
 * @proc: the directory
 * @file: the file
 * @page: the memory
 */
struct opened {
	struct klab_proc *proc;
	struct file *file;
	char __user *page;
};

static void destroy(void *proc)
{
	klab_proc_destroy(proc);
}

static struct opened *open_test_file(struct kunit *test, const char *name)
{
	struct opened *o = kunit_kzalloc(test, sizeof(*o), GFP_KERNEL);
	char *path = kunit_kzalloc(test, 64, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, o);
	KUNIT_ASSERT_NOT_NULL(test, path);
	o->page = klab_kunit_user_page(test);
	o->proc = klab_proc_create(DIR, 3);
	KUNIT_ASSERT_FALSE_MSG(test, IS_ERR(o->proc), "%pe", o->proc);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, destroy,
							   o->proc));
	snprintf(path, 64, DIR "/%s", name);
	o->file = open_proc(test, mount_proc(test), path);
	return o;
}

static void set_text(struct kunit *test, struct opened *o, const char *data)
{
	struct klab_proc_text *text = klab_proc_text_create(data,
							    strlen(data));

	KUNIT_ASSERT_FALSE(test, IS_ERR(text));
	klab_proc_text_set(o->proc, text);
}

static void expect_read(struct kunit *test, struct opened *o, size_t count,
			loff_t pos, const char *wanted, size_t len)
{
	char got[KLAB_PROC_TEXT_MAX];
	ssize_t ret = read_at(o->file, o->page, count, pos);

	KUNIT_ASSERT_EQ(test, (ssize_t)len, ret);
	KUNIT_ASSERT_EQ(test, 0, copy_from_user(got, o->page, len));
	KUNIT_EXPECT_MEMEQ(test, got, wanted, len);
}

/* Calls, copies and bytes for reads of 20 bytes until the end. */
static const struct way_param {
	const char *name;
	enum klab_proc_way_id way;
	unsigned int calls;
	unsigned int copies;
	unsigned int bytes;
} way_params[] = {
	{ "whole", KLAB_PROC_WHOLE, 5, 5, 305 },
	{ "ended", KLAB_PROC_ENDED, 5, 4, 244 },
	{ "first", KLAB_PROC_FIRST, 5, 1, 61 },
	{ "open", KLAB_PROC_OPEN, 5, 1, 61 },
	{ "slice", KLAB_PROC_SLICE, 5, 4, 61 },
	{ "iter", KLAB_PROC_ITER, 5, 4, 61 },
	{ "both", KLAB_PROC_BOTH, 5, 4, 61 },
	{ "single", KLAB_PROC_SINGLE, 1, 1, 61 },
	{ "created", KLAB_PROC_CREATED, 1, 1, 61 },
	{ "seq", KLAB_PROC_SEQ, 7, 7, 61 },
};

KUNIT_ARRAY_PARAM_DESC(way, way_params, name);

static void klab_attr_proc_reads_in_pieces(struct kunit *test)
{
	const struct way_param *param = test->param_value;
	struct opened *o = open_test_file(test, param->name);
	struct klab_proc_way *way = &o->proc->ways[param->way];
	const size_t len = strlen(KLAB_PROC_TEXT);
	size_t pos;

	for (pos = 0; pos < len; pos += 20)
		expect_read(test, o, 20, pos, &KLAB_PROC_TEXT[pos],
			    min(len - pos, 20));
	expect_read(test, o, 20, len, "", 0);

	KUNIT_EXPECT_EQ(test, param->calls, atomic64_read(&way->calls));
	KUNIT_EXPECT_EQ(test, param->copies, atomic64_read(&way->copies));
	KUNIT_EXPECT_EQ(test, param->bytes, atomic64_read(&way->bytes));
}

static void klab_attr_proc_reads_at_every_position(struct kunit *test)
{
	const struct way_param *param = test->param_value;
	struct opened *o = open_test_file(test, param->name);
	const ssize_t len = strlen(KLAB_PROC_TEXT);
	ssize_t pos;

	for (pos = len + 1; pos >= 0; pos--) {
		size_t rest = pos < len ? len - pos : 0;

		expect_read(test, o, 4096, pos, &KLAB_PROC_TEXT[pos], rest);
		expect_read(test, o, 1, pos, &KLAB_PROC_TEXT[pos],
			    min(rest, 1));
	}
	expect_read(test, o, 0, 0, "", 0);
	expect_read(test, o, 10, MAX_LFS_FILESIZE - 10, "", 0);
}

/* Who has begun with a text gets the rest of it, and the new one next time. */
static void klab_attr_proc_pieces_are_of_one_text(struct kunit *test)
{
	const struct way_param *param = test->param_value;
	struct opened *o = open_test_file(test, param->name);
	const size_t len = strlen(KLAB_PROC_TEXT);
	bool kept = param->way == KLAB_PROC_OPEN;

	expect_read(test, o, 7, 0, KLAB_PROC_TEXT, 7);
	set_text(test, o, "new\n");
	expect_read(test, o, 4096, 7, &KLAB_PROC_TEXT[7], len - 7);
	if (kept)
		expect_read(test, o, 4096, 0, KLAB_PROC_TEXT, len);
	else
		expect_read(test, o, 4096, 0, "new\n", 4);
}

static void klab_attr_proc_bad_address(struct kunit *test)
{
	const struct way_param *param = test->param_value;
	struct opened *o = open_test_file(test, param->name);
	char __user *end = o->page + PAGE_SIZE;

	KUNIT_EXPECT_EQ(test, -EFAULT, read_at(o->file, end, 20, 0));
	/* What could be copied counts. */
	KUNIT_EXPECT_EQ(test, 5, read_at(o->file, end - 5, 20, 0));
	expect_read(test, o, 20, 5, &KLAB_PROC_TEXT[5], 20);
}

static void klab_attr_proc_seeks(struct kunit *test)
{
	const struct way_param *param = test->param_value;
	struct opened *o = open_test_file(test, param->name);
	loff_t len = strlen(KLAB_PROC_TEXT);
	bool seq = param->way == KLAB_PROC_SINGLE ||
		   param->way == KLAB_PROC_CREATED ||
		   param->way == KLAB_PROC_SEQ;

	KUNIT_EXPECT_EQ(test, 30, vfs_llseek(o->file, 30, SEEK_SET));
	expect_read(test, o, 5, 30, &KLAB_PROC_TEXT[30], 5);
	KUNIT_EXPECT_EQ(test, -EINVAL, vfs_llseek(o->file, -1, SEEK_SET));
	/* seq_file does not know where the end is. */
	KUNIT_EXPECT_EQ(test, seq ? -EINVAL : len - 1,
			vfs_llseek(o->file, -1, SEEK_END));
}

/* What the function says that nobody calls. */
static void klab_attr_proc_both_has_another_text(struct kunit *test)
{
	struct opened *o = open_test_file(test, "both");
	struct klab_proc_way *way = &o->proc->ways[KLAB_PROC_BOTH_READ];
	char got[sizeof(KLAB_PROC_OTHER_TEXT)] = {};
	loff_t pos = 0;

	KUNIT_EXPECT_EQ(test, 61, read_at(o->file, o->page, 4096, 0));
	KUNIT_EXPECT_EQ(test, 0, atomic64_read(&way->calls));
	KUNIT_EXPECT_EQ(test, 51,
			klab_proc_both_ops.proc_read(o->file, o->page, 4096,
						     &pos));
	KUNIT_EXPECT_EQ(test, 1, atomic64_read(&way->calls));
	KUNIT_EXPECT_EQ(test, 0, copy_from_user(got, o->page, 51));
	KUNIT_EXPECT_STREQ(test, got, KLAB_PROC_OTHER_TEXT);
}

static void klab_attr_proc_text_is_replaced(struct kunit *test)
{
	struct opened *o = open_test_file(test, "text");
	static const char text[] = "new text\n";

	KUNIT_EXPECT_EQ(test, 9, write_text(test, o->file, o->page, text, 9));
	expect_read(test, o, 4096, 0, text, 9);
	KUNIT_EXPECT_EQ(test, 0, write_text(test, o->file, o->page, "", 0));
	expect_read(test, o, 4096, 0, text, 9);
}

static void klab_attr_proc_bad_text_changes_nothing(struct kunit *test)
{
	struct opened *o = open_test_file(test, "text");
	char *text = kunit_kzalloc(test, 200, GFP_KERNEL);
	const size_t len = strlen(KLAB_PROC_TEXT);
	loff_t pos = 0;

	KUNIT_ASSERT_NOT_NULL(test, text);
	memset(text, 'x', KLAB_PROC_TEXT_MAX + 1);
	KUNIT_EXPECT_EQ(test, -E2BIG,
			write_text(test, o->file, o->page, text,
				   KLAB_PROC_TEXT_MAX + 1));
	KUNIT_EXPECT_EQ(test, -EINVAL,
			write_text(test, o->file, o->page, "a\0b", 3));
	KUNIT_EXPECT_EQ(test, -EFAULT,
			o->file->f_op->write(o->file,
					     o->page + PAGE_SIZE - 1, 2,
					     &pos));
	expect_read(test, o, 4096, 0, KLAB_PROC_TEXT, len);
	KUNIT_EXPECT_EQ(test, KLAB_PROC_TEXT_MAX,
			write_text(test, o->file, o->page, text,
				   KLAB_PROC_TEXT_MAX));
	expect_read(test, o, 4096, 0, text, KLAB_PROC_TEXT_MAX);
}

static void klab_attr_proc_counters_are_shown(struct kunit *test)
{
	struct opened *o = open_test_file(test, "counters");
	static const char head[] = "way\tcalls\tcopies\tbytes\nwhole\t3\t2\t17\n";
	struct klab_proc_way *way = &o->proc->ways[KLAB_PROC_WHOLE];

	atomic64_set(&way->calls, 3);
	klab_proc_count(way, 10);
	klab_proc_count(way, 7);
	expect_read(test, o, strlen(head), 0, head, strlen(head));
}

static void klab_attr_proc_counters_begin_anew(struct kunit *test)
{
	struct opened *o = open_test_file(test, "counters");
	struct klab_proc_way *way = &o->proc->ways[KLAB_PROC_SEQ];
	loff_t pos = 0;

	klab_proc_count(way, 10);
	KUNIT_EXPECT_EQ(test, -EINVAL,
			write_text(test, o->file, o->page, "1\n", 2));
	KUNIT_EXPECT_EQ(test, -EFAULT,
			o->file->f_op->write(o->file, o->page + PAGE_SIZE, 2,
					     &pos));
	KUNIT_EXPECT_EQ(test, 10, atomic64_read(&way->bytes));
	KUNIT_EXPECT_EQ(test, 2,
			write_text(test, o->file, o->page, "0\n", 2));
	KUNIT_EXPECT_EQ(test, 0, atomic64_read(&way->bytes));
	KUNIT_EXPECT_EQ(test, 0, atomic64_read(&way->copies));
}

/* What is open when the directory goes is closed, and says so. */
static void klab_attr_proc_removed_while_open(struct kunit *test)
{
	const struct way_param *param = test->param_value;
	struct opened *o = open_test_file(test, param->name);

	expect_read(test, o, 7, 0, KLAB_PROC_TEXT, 7);
	kunit_release_action(test, destroy, o->proc);
	KUNIT_EXPECT_EQ(test, -EIO, read_at(o->file, o->page, 7, 7));
	KUNIT_EXPECT_EQ(test, -EINVAL, vfs_llseek(o->file, 0, SEEK_SET));
}

static void klab_attr_proc_name_that_is_taken(struct kunit *test)
{
	struct klab_proc *proc;

	open_test_file(test, "slice");
	proc = klab_proc_create(DIR, 3);
	KUNIT_EXPECT_PTR_EQ(test, proc, ERR_PTR(-EEXIST));
	if (!IS_ERR(proc))
		klab_proc_destroy(proc);
}

static int create_step(struct kunit *test)
{
	struct klab_proc *proc = klab_proc_create(DIR, 5000);

	if (IS_ERR(proc))
		return PTR_ERR(proc);
	klab_proc_destroy(proc);
	return 0;
}

static void klab_attr_proc_create_without_memory(struct kunit *test)
{
	klab_kunit_each_failure(test, create_step);
}

static int open_step(struct kunit *test)
{
	struct file *file = try_open(test->priv, DIR "/seq");

	if (IS_ERR(file))
		return PTR_ERR(file);
	__fput_sync(file);
	return 0;
}

static void klab_attr_proc_open_without_memory(struct kunit *test)
{
	open_test_file(test, "slice");
	test->priv = mount_proc(test);
	klab_kunit_each_failure(test, open_step);
}

static int slice_step(struct kunit *test)
{
	struct file *file = try_open(test->priv, DIR "/slice");

	if (IS_ERR(file))
		return PTR_ERR(file);
	__fput_sync(file);
	return 0;
}

static void klab_attr_proc_slice_without_memory(struct kunit *test)
{
	open_test_file(test, "seq");
	test->priv = mount_proc(test);
	klab_kunit_each_failure(test, slice_step);
}

static int write_step(struct kunit *test)
{
	struct opened *o = test->priv;
	loff_t pos = 0;
	ssize_t ret = o->file->f_op->write(o->file, o->page, 5, &pos);

	return ret < 0 ? ret : 0;
}

static void klab_attr_proc_write_without_memory(struct kunit *test)
{
	struct opened *o = open_test_file(test, "text");

	KUNIT_ASSERT_EQ(test, 0, copy_to_user(o->page, "12345", 5));
	test->priv = o;
	klab_kunit_each_failure(test, write_step);
}

static struct kunit_case klab_attr_proc_cases[] = {
	KUNIT_CASE_PARAM(klab_attr_proc_reads_in_pieces, way_gen_params),
	KUNIT_CASE_PARAM(klab_attr_proc_reads_at_every_position,
			 way_gen_params),
	KUNIT_CASE_PARAM(klab_attr_proc_pieces_are_of_one_text,
			 way_gen_params),
	KUNIT_CASE_PARAM(klab_attr_proc_bad_address, way_gen_params),
	KUNIT_CASE_PARAM(klab_attr_proc_seeks, way_gen_params),
	KUNIT_CASE_PARAM(klab_attr_proc_removed_while_open, way_gen_params),
	KUNIT_CASE(klab_attr_proc_both_has_another_text),
	KUNIT_CASE(klab_attr_proc_text_is_replaced),
	KUNIT_CASE(klab_attr_proc_bad_text_changes_nothing),
	KUNIT_CASE(klab_attr_proc_counters_are_shown),
	KUNIT_CASE(klab_attr_proc_counters_begin_anew),
	KUNIT_CASE(klab_attr_proc_name_that_is_taken),
	KUNIT_CASE(klab_attr_proc_create_without_memory),
	KUNIT_CASE(klab_attr_proc_open_without_memory),
	KUNIT_CASE(klab_attr_proc_slice_without_memory),
	KUNIT_CASE(klab_attr_proc_write_without_memory),
	{}
};

static struct kunit_suite klab_attr_proc_suite = {
	.name = "klab_attr_proc",
	.test_cases = klab_attr_proc_cases,
};

kunit_test_suite(klab_attr_proc_suite);

MODULE_DESCRIPTION("klab: KUnit tests for the ways of reading in /proc");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS(EXPORTED_FOR_KUNIT_TESTING);
