// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests for the set of records and the walk over it.
 */
#include <linux/errno.h>
#include <linux/module.h>
#include <linux/rwsem.h>
#include <linux/sched/signal.h>
#include <linux/seq_file.h>
#include <linux/signal.h>
#include <linux/sizes.h>

#include "../../core/klab_fixture.h"
#include "../proc.h"
#include "attr_kunit.h"

#define DIR	"klab-records-test"

static void destroy_records(void *records)
{
	klab_records_destroy(records);
}

static struct klab_records *make_records(struct kunit *test, unsigned int nr)
{
	struct klab_records *records = kunit_kzalloc(test, sizeof(*records),
						     GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, records);
	klab_records_init(records);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test,
							   destroy_records,
							   records));
	KUNIT_ASSERT_EQ(test, 0, klab_records_fill(records, nr));
	return records;
}

static long next_of(struct klab_records *records, unsigned long id)
{
	return klab_records_next(records, &id) ? id : -1;
}

static void klab_attr_records_of_an_empty_set(struct kunit *test)
{
	struct klab_records *records = make_records(test, 0);

	KUNIT_EXPECT_EQ(test, -1, next_of(records, 0));
	KUNIT_EXPECT_EQ(test, -ENOENT, klab_records_remove(records, 0));
}

static void klab_attr_records_next_is_the_first_from_there(struct kunit *test)
{
	struct klab_records *records = make_records(test, 20000);

	KUNIT_EXPECT_EQ(test, 0, next_of(records, 0));
	KUNIT_EXPECT_EQ(test, KLAB_CHUNK_BITS,
			next_of(records, KLAB_CHUNK_BITS));
	KUNIT_EXPECT_EQ(test, 19999, next_of(records, 19999));
	KUNIT_EXPECT_EQ(test, -1, next_of(records, 20000));
	KUNIT_EXPECT_EQ(test, -1, next_of(records, 10000000));
}

static void klab_attr_records_next_over_a_gap(struct kunit *test)
{
	struct klab_records *records = make_records(test, 1);

	KUNIT_EXPECT_EQ(test, 0, klab_records_add(records, 16777215));
	KUNIT_EXPECT_EQ(test, 16777215, next_of(records, 1));
	KUNIT_EXPECT_EQ(test, 16777215, next_of(records, 5000000));
	KUNIT_EXPECT_EQ(test, -1, next_of(records, 16777216));
	KUNIT_EXPECT_EQ(test, 0, klab_records_add(records, 9030));
	KUNIT_EXPECT_EQ(test, 9030, next_of(records, 1));
	KUNIT_EXPECT_EQ(test, 16777215, next_of(records, 9031));
}

static void klab_attr_records_add_and_remove(struct kunit *test)
{
	struct klab_records *records = make_records(test, 2);

	KUNIT_EXPECT_EQ(test, -EEXIST, klab_records_add(records, 1));
	KUNIT_EXPECT_EQ(test, 0, klab_records_remove(records, 1));
	KUNIT_EXPECT_EQ(test, -ENOENT, klab_records_remove(records, 1));
	KUNIT_EXPECT_EQ(test, 0, klab_records_add(records, 1));
	KUNIT_EXPECT_EQ(test, -ERANGE,
			klab_records_add(records, KLAB_RECORDS_MAX));
	KUNIT_EXPECT_EQ(test, -ENOENT,
			klab_records_remove(records, KLAB_RECORDS_MAX));
}

/* What would make the next search long. */
static void klab_attr_records_empty_bitmaps_go(struct kunit *test)
{
	struct klab_records *records = make_records(test,
						    KLAB_CHUNK_BITS + 1);

	KUNIT_EXPECT_NOT_NULL(test, xa_load(&records->chunks, 1));
	KUNIT_EXPECT_EQ(test, 0, klab_records_remove(records,
						     KLAB_CHUNK_BITS));
	KUNIT_EXPECT_NULL(test, xa_load(&records->chunks, 1));
	KUNIT_EXPECT_EQ(test, -1, next_of(records, KLAB_CHUNK_BITS));
}

static int fill_step(struct kunit *test)
{
	struct klab_records records;
	int err;

	klab_records_init(&records);
	err = klab_records_fill(&records, 100000);
	klab_records_destroy(&records);
	return err;
}

static void klab_attr_records_fill_without_memory(struct kunit *test)
{
	klab_kunit_each_failure(test, fill_step);
}

static int add_step(struct kunit *test)
{
	struct klab_records records;
	int err;

	klab_records_init(&records);
	err = klab_records_add(&records, 7000000);
	/* What failed has left nothing, and is there when it has not. */
	if (err && klab_records_remove(&records, 7000000) != -ENOENT)
		err = -EINVAL;
	klab_records_destroy(&records);
	return err;
}

static void klab_attr_records_add_without_memory(struct kunit *test)
{
	klab_kunit_each_failure(test, add_step);
}

static void destroy_proc(void *proc)
{
	klab_proc_destroy(proc);
}

static struct file *open_records(struct kunit *test, unsigned int nr)
{
	struct klab_proc *proc = klab_proc_create(DIR, nr);

	KUNIT_ASSERT_FALSE(test, IS_ERR(proc));
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, destroy_proc,
							   proc));
	return open_proc(test, mount_proc(test), DIR "/records");
}

static void expect_lines(struct kunit *test, struct file *file,
			 char __user *page, size_t count, loff_t pos,
			 const char *wanted)
{
	char *got = kunit_kzalloc(test, PAGE_SIZE, GFP_KERNEL);
	ssize_t len;

	KUNIT_ASSERT_NOT_NULL(test, got);
	len = read_at(file, page, count, pos);
	KUNIT_ASSERT_EQ(test, (ssize_t)strlen(wanted), len);
	KUNIT_ASSERT_EQ(test, 0, copy_from_user(got, page, len));
	KUNIT_EXPECT_STREQ(test, got, wanted);
}

static void klab_attr_records_are_lines(struct kunit *test)
{
	struct file *file = open_records(test, 3);

	expect_lines(test, file, klab_kunit_user_page(test), 4000, 0,
		     "id\thash\n0\t00000000\n1\t61c88647\n2\tc3910c8e\n");
}

/* Each line once, whatever is changed behind and before the reader. */
static void klab_attr_records_walk_goes_on_after_changes(struct kunit *test)
{
	struct file *file = open_records(test, 4);
	char __user *page = klab_kunit_user_page(test);

	expect_lines(test, file, page, 19, 0, "id\thash\n0\t00000000\n");
	KUNIT_EXPECT_EQ(test, 3, write_text(test, file, page, "-0\n", 3));
	KUNIT_EXPECT_EQ(test, 3, write_text(test, file, page, "-1\n", 3));
	KUNIT_EXPECT_EQ(test, 3, write_text(test, file, page, "+9\n", 3));
	expect_lines(test, file, page, 4000, 19,
		     "2\tc3910c8e\n3\t255992d5\n9\t700cb87f\n");
}

static const struct written_param {
	const char *name;
	const char *text;
	ssize_t ret;
} written_params[] = {
	{ "a new one", "+4", 2 },
	{ "one that is there", "-3\n", 3 },
	{ "added twice", "+3", -EEXIST },
	{ "removed twice", "-4", -ENOENT },
	{ "too large", "+16777216", -ERANGE },
	{ "beyond 32 bits", "+4294967296", -ERANGE },
	{ "without a sign", "4", -EINVAL },
	{ "nothing", "", -EINVAL },
	{ "sign only", "+", -EINVAL },
	{ "two plus", "++4", -EINVAL },
	{ "minus plus", "-+3", -EINVAL },
	{ "two minus", "--3", -EINVAL },
	{ "base 16", "+0x4", -EINVAL },
	{ "two numbers", "+4 5", -EINVAL },
	{ "too long", "+00000000000000000000000000000004", -EINVAL },
};

KUNIT_ARRAY_PARAM_DESC(written, written_params, name);

static void klab_attr_records_written(struct kunit *test)
{
	const struct written_param *param = test->param_value;
	struct file *file = open_records(test, 4);

	KUNIT_EXPECT_EQ(test, param->ret,
			write_text(test, file, klab_kunit_user_page(test), param->text,
				   strlen(param->text)));
}

static void klab_attr_records_written_from_nowhere(struct kunit *test)
{
	struct file *file = open_records(test, 4);
	loff_t pos = 0;

	KUNIT_EXPECT_EQ(test, -EFAULT,
			file->f_op->write(file, klab_kunit_user_page(test) + PAGE_SIZE,
					  3, &pos));
}

/* A seek walks over all that is before its position, unless it is killed. */
static void klab_attr_records_walk_ends_when_killed(struct kunit *test)
{
	struct file *file = open_records(test, 3 * KLAB_CHUNK_BITS);
	char __user *page = klab_kunit_user_page(test);
	ssize_t near, far;

	allow_signal(SIGKILL);
	send_sig(SIGKILL, current, 1);
	near = read_at(file, page, 9, 0);
	far = read_at(file, page, 9, SZ_1M);
	flush_signals(current);
	disallow_signal(SIGKILL);
	KUNIT_EXPECT_EQ(test, 9, near);
	KUNIT_EXPECT_EQ(test, -EINTR, far);

	/* Neither the lock nor the position is lost. */
	KUNIT_EXPECT_EQ(test, 0, read_at(file, page, 9, SZ_1M));
	expect_lines(test, file, page, 19, 0, "id\thash\n0\t00000000\n");
	KUNIT_EXPECT_EQ(test, 2, write_text(test, file, page, "-1", 2));
}

/* Bitmaps with gaps between them, and without their first numbers. */
static void klab_attr_records_walk_over_many_bitmaps(struct kunit *test)
{
	struct file *file = open_records(test, 1);
	char __user *page = klab_kunit_user_page(test);

	KUNIT_ASSERT_EQ(test, 5, write_text(test, file, page, "+8191", 5));
	KUNIT_ASSERT_EQ(test, 5, write_text(test, file, page, "+8193", 5));
	KUNIT_ASSERT_EQ(test, 8, write_text(test, file, page, "+7000000", 8));
	KUNIT_ASSERT_EQ(test, 9, write_text(test, file, page, "+16777215", 9));
	expect_lines(test, file, page, 4000, 0,
		     "id\thash\n0\t00000000\n8191\taf0059b9\n8193\t72916647\n"
		     "7000000\t145e1e40\n16777215\te53779b9\n");
	/* From within a line. */
	expect_lines(test, file, page, 4000, 35, "93\t72916647\n"
		     "7000000\t145e1e40\n16777215\te53779b9\n");
}

/* However long the file is, its buffer is a page. */
static void klab_attr_records_walk_takes_a_page(struct kunit *test)
{
	struct file *file = open_records(test, 1000000);
	struct seq_file *seq = file->private_data;
	char __user *page = klab_kunit_user_page(test);
	loff_t pos = 0;
	ssize_t got;

	while ((got = read_at(file, page, PAGE_SIZE, pos)) > 0)
		pos += got;
	KUNIT_EXPECT_EQ(test, 0, got);
	/* Header, and numbers of one to six digits with ten characters. */
	KUNIT_EXPECT_EQ(test, 8 + 10 * 11 + 90 * 12 + 900 * 13 + 9000 * 14 +
			90000 * 15 + 900000 * 16, pos);
	KUNIT_EXPECT_EQ(test, PAGE_SIZE, seq->size);
}

static int open_step(struct kunit *test)
{
	struct file *file = try_open(test->priv, DIR "/records");

	if (IS_ERR(file))
		return PTR_ERR(file);
	__fput_sync(file);
	return 0;
}

static void klab_attr_records_open_without_memory(struct kunit *test)
{
	open_records(test, 4);
	test->priv = mount_proc(test);
	klab_kunit_each_failure(test, open_step);
}

static struct kunit_case klab_attr_records_cases[] = {
	KUNIT_CASE(klab_attr_records_of_an_empty_set),
	KUNIT_CASE(klab_attr_records_next_is_the_first_from_there),
	KUNIT_CASE(klab_attr_records_next_over_a_gap),
	KUNIT_CASE(klab_attr_records_add_and_remove),
	KUNIT_CASE(klab_attr_records_empty_bitmaps_go),
	KUNIT_CASE(klab_attr_records_fill_without_memory),
	KUNIT_CASE(klab_attr_records_add_without_memory),
	KUNIT_CASE(klab_attr_records_are_lines),
	KUNIT_CASE(klab_attr_records_walk_goes_on_after_changes),
	KUNIT_CASE_PARAM(klab_attr_records_written, written_gen_params),
	KUNIT_CASE(klab_attr_records_written_from_nowhere),
	KUNIT_CASE(klab_attr_records_walk_ends_when_killed),
	KUNIT_CASE(klab_attr_records_walk_over_many_bitmaps),
	KUNIT_CASE(klab_attr_records_walk_takes_a_page),
	KUNIT_CASE(klab_attr_records_open_without_memory),
	{}
};

static struct kunit_suite klab_attr_records_suite = {
	.name = "klab_attr_records",
	.test_cases = klab_attr_records_cases,
};

kunit_test_suite(klab_attr_records_suite);

MODULE_DESCRIPTION("klab: KUnit tests for sets of records");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS(EXPORTED_FOR_KUNIT_TESTING);
