// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests for disks in trouble: without memory, with faults, with files
 * that take nothing.
 */
#include <linux/bio.h>
#include <linux/blkdev.h>
#include <linux/completion.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/part_stat.h>
#include <linux/sizes.h>
#include <linux/string.h>

#include <kunit/test.h>

#include "../../core/klab_fixture.h"
#include "../blkdev.h"
#include "klab_blkdev_disk.h"

static int write_page(struct kunit *test)
{
	struct tried *t = test->priv;
	int err;

	err = put(t, 8, 5, SZ_4K);
	if (err)
		return err;
	return do_bio(t, REQ_OP_DISCARD, 0, SZ_64K);
}

/*
 * With a queue, the worker does what its caller could not. Without one, the
 * caller gets the error.
 */
static void klab_blkdev_trouble_write_without_memory(struct kunit *test)
{
	struct tried *t = make_disk(test);

	test->priv = t;
	klab_kunit_each_failure(test, write_page);
	KUNIT_EXPECT_EQ(test, klab_store_bytes(&t->disk->store), 0);
}

/* Who must not wait may try again; it is no lack of memory yet. */
static int write_at_once(struct kunit *test)
{
	struct tried *t = test->priv;
	int err;

	err = do_bio(t, REQ_OP_WRITE | REQ_NOWAIT, 8, SZ_4K);
	if (err)
		return err == -EAGAIN ? -ENOMEM : -EIO;
	return do_bio(t, REQ_OP_DISCARD, 0, SZ_64K);
}

static void klab_blkdev_trouble_nowait_without_memory(struct kunit *test)
{
	struct tried *t = make_disk(test);

	test->priv = t;
	klab_kunit_each_failure(test, write_at_once);
}

static void klab_blkdev_trouble_meets_bad_sectors(struct kunit *test)
{
	struct tried *t = make_disk(test);

	KUNIT_ASSERT_EQ(test, put(t, 0, 1, SZ_16K), 0);
	t->faults.settings.bad_start = 16;
	t->faults.settings.bad_count = 1;
	klab_disk_set_faulty(t->disk, true);
	KUNIT_EXPECT_EQ(test, do_bio(t, REQ_OP_READ, 0, SZ_16K), -ENODATA);
	/* What lies before it was read. */
	KUNIT_EXPECT_TRUE(test, all_bytes(t->data, 1, SZ_4K));
	KUNIT_EXPECT_EQ(test, do_bio(t, REQ_OP_READ, 0, SZ_8K), 0);
	KUNIT_EXPECT_EQ(test, do_bio(t, REQ_OP_READ, 24, SZ_4K), 0);
	KUNIT_EXPECT_EQ(test, put(t, 8, 2, SZ_8K), -ENODATA);
	KUNIT_EXPECT_EQ(test, do_bio(t, REQ_OP_DISCARD, 0, SZ_16K), -ENODATA);
	klab_disk_set_faulty(t->disk, false);
	KUNIT_EXPECT_EQ(test, do_bio(t, REQ_OP_READ, 8, SZ_8K), 0);
	KUNIT_EXPECT_TRUE(test, all_bytes(t->data, 2, SZ_4K));
	KUNIT_EXPECT_TRUE(test, all_bytes(t->data + SZ_4K, 1, SZ_4K));
}

static void klab_blkdev_trouble_tears_writes(struct kunit *test)
{
	struct tried *t = make_disk(test);
	size_t torn;

	KUNIT_ASSERT_EQ(test, put(t, 0, 1, BUFFER), 0);
	t->faults.settings.torn_ppm = KLAB_FAULTS_CERTAIN;
	klab_disk_set_faulty(t->disk, true);
	KUNIT_EXPECT_EQ(test, put(t, 0, 2, BUFFER), -EIO);
	KUNIT_EXPECT_EQ(test, do_bio(t, REQ_OP_READ, 0, BUFFER), 0);
	for (torn = 0; torn < BUFFER && t->data[torn] == 2; torn++)
		;
	KUNIT_EXPECT_EQ(test, torn % SECTOR_SIZE, 0);
	KUNIT_EXPECT_GT(test, torn, 0);
	KUNIT_EXPECT_LT(test, torn, BUFFER);
	KUNIT_EXPECT_TRUE(test, all_bytes(t->data + torn, 1, BUFFER - torn));
}

static void end_of_bio(struct bio *bio)
{
	complete(bio->bi_private);
}

static int bio_error(const struct bio *bio)
{
	return blk_status_to_errno(bio->bi_status);
}

/* Two pages in two bios, which are merged to one request. */
static void put_two(struct kunit *test, struct tried *t,
		    struct bio * const *bios, u8 byte)
{
	struct block_device *bdev = file_bdev(t->file);
	unsigned long before = part_stat_read(bdev, merges[STAT_WRITE]);
	DECLARE_COMPLETION_ONSTACK(first);
	DECLARE_COMPLETION_ONSTACK(second);
	struct completion * const done[] = { &first, &second };
	struct bio_vec bvecs[2];
	struct blk_plug plug;
	int i;

	memset(t->data, byte, SZ_8K);
	blk_start_plug(&plug);
	for (i = 0; i < 2; i++) {
		bio_init(bios[i], bdev, &bvecs[i], 1, REQ_OP_WRITE);
		bios[i]->bi_iter.bi_sector = 8 * i;
		bios[i]->bi_private = done[i];
		bios[i]->bi_end_io = end_of_bio;
		__bio_add_page(bios[i], virt_to_page(t->data + i * SZ_4K),
			       SZ_4K, offset_in_page(t->data + i * SZ_4K));
		submit_bio(bios[i]);
	}
	blk_finish_plug(&plug);
	for (i = 0; i < 2; i++) {
		wait_for_completion(done[i]);
		bio_uninit(bios[i]);
	}
	KUNIT_EXPECT_EQ(test, part_stat_read(bdev, merges[STAT_WRITE]),
			before + 1);
}

static const struct mode_case request_case = {
	"request", { .size = SZ_4M, .mode = KLAB_DISK_REQUEST,
		     .block_size = 512, .queues = 1, .queue_depth = 4 }
};

static const struct part_case {
	const char *what;
	unsigned int block_size;
	sector_t bad;
	int first;		/* error of the first bio */
} part_cases[] = {
	{ "nothing", 512, 0, -ENODATA },
	{ "a sector", 512, 1, -ENODATA },
	{ "all but a sector of the first", 512, 7, -ENODATA },
	{ "the first", 512, 8, 0 },
	{ "the first and a sector", 512, 9, 0 },
	{ "all but a sector", 512, 15, 0 },
	{ "half a block", 4096, 4, -ENODATA },
	{ "a block", 4096, 8, 0 },
	{ "a block and a half", 4096, 12, 0 },
};

KUNIT_ARRAY_PARAM_DESC(part, part_cases, what);

/* Who asked for the part that is done is told that it is. */
static void klab_blkdev_trouble_part_of_a_request(struct kunit *test)
{
	const struct part_case *c = test->param_value;
	struct mode_case with_blocks = request_case;
	size_t done = c->bad << SECTOR_SHIFT;
	struct bio first, second;
	struct bio * const bios[] = { &first, &second };
	struct tried *t;

	with_blocks.settings.block_size = c->block_size;
	test->param_value = &with_blocks;
	t = make_disk(test);
	test->param_value = c;
	t->faults.settings.bad_start = c->bad;
	t->faults.settings.bad_count = 1;
	klab_disk_set_faulty(t->disk, true);
	put_two(test, t, bios, 1);
	KUNIT_EXPECT_EQ(test, bio_error(bios[0]), c->first);
	KUNIT_EXPECT_EQ(test, bio_error(bios[1]), -ENODATA);
	klab_disk_set_faulty(t->disk, false);
	KUNIT_EXPECT_EQ(test, do_bio(t, REQ_OP_READ, 0, SZ_8K), 0);
	KUNIT_EXPECT_TRUE(test, all_bytes(t->data, 1, done));
	KUNIT_EXPECT_TRUE(test, all_bytes(t->data + done, 0, SZ_8K - done));
}

static ssize_t write_no_space(struct kiocb *iocb, struct iov_iter *from)
{
	return -ENOSPC;
}

static const struct file_operations full_fops = {
	.write_iter = write_no_space,
};

/* A part that could not be done either. */
static void klab_blkdev_trouble_part_that_fails(struct kunit *test)
{
	struct file *file = make_file(test);
	const struct file_operations *before = file->f_op;
	struct mode_case with_file = request_case;
	struct bio first, second;
	struct bio * const bios[] = { &first, &second };
	struct tried *t;

	with_file.settings.file = file;
	test->param_value = &with_file;
	t = make_disk(test);
	t->faults.settings.bad_start = 8;
	t->faults.settings.bad_count = 1;
	klab_disk_set_faulty(t->disk, true);
	file->f_op = &full_fops;
	put_two(test, t, bios, 1);
	file->f_op = before;
	KUNIT_EXPECT_NE(test, bio_error(bios[0]), 0);
	KUNIT_EXPECT_EQ(test, bio_error(bios[1]), -ENODATA);
}

static const struct file_operations *usual_fops;

static ssize_t write_first_page(struct kiocb *iocb, struct iov_iter *from)
{
	if (iocb->ki_pos >= SZ_4K)
		return -ENOSPC;
	return usual_fops->write_iter(iocb, from);
}

static const struct file_operations small_fops = {
	.write_iter = write_first_page,
	.fsync = noop_fsync,
};

/* A part that a file takes, and no more. */
static void klab_blkdev_trouble_part_of_a_file(struct kunit *test)
{
	struct file *file = make_file(test);
	struct mode_case with_file = request_case;
	struct bio first, second;
	struct bio * const bios[] = { &first, &second };
	struct tried *t;

	with_file.settings.file = file;
	test->param_value = &with_file;
	t = make_disk(test);
	usual_fops = file->f_op;
	file->f_op = &small_fops;
	put_two(test, t, bios, 1);
	file->f_op = usual_fops;
	KUNIT_EXPECT_EQ(test, bio_error(bios[0]), 0);
	KUNIT_EXPECT_EQ(test, bio_error(bios[1]), -ENOSPC);
}

/* What a worker has is not given up. */
static void klab_blkdev_trouble_takes_too_long(struct kunit *test)
{
	struct tried *t = make_disk(test);

	blk_queue_rq_timeout(t->disk->gendisk->queue, 1);
	t->faults.settings.delay_min_us = 60000;
	t->faults.settings.delay_max_us = 60000;
	klab_disk_set_faulty(t->disk, true);
	KUNIT_EXPECT_EQ(test, put(t, 0, 1, SZ_4K), 0);
	KUNIT_EXPECT_EQ(test, t->faults.counts[KLAB_FAULT_RESETS], 0);
}

static void klab_blkdev_trouble_takes_its_time(struct kunit *test)
{
	struct tried *t = make_disk(test);

	t->faults.settings.delay_min_us = 10;
	t->faults.settings.delay_max_us = 20;
	klab_disk_set_faulty(t->disk, true);
	KUNIT_EXPECT_EQ(test, put(t, 0, 1, SZ_16K), 0);
	KUNIT_EXPECT_EQ(test, do_bio(t, REQ_OP_READ, 0, SZ_16K), 0);
	KUNIT_EXPECT_TRUE(test, all_bytes(t->data, 1, SZ_16K));
	KUNIT_EXPECT_EQ(test, do_bio(t, REQ_OP_READ | REQ_NOWAIT, 0, SZ_4K),
			klab_disk_has_queue(t->disk) ? 0 : -EAGAIN);
}

/* Who does not wait comes back, and is not to be one write more by that. */
static void klab_blkdev_trouble_who_does_not_wait_is_not_judged(struct kunit *test)
{
	struct tried *t = make_disk(test);
	bool queue = klab_disk_has_queue(t->disk);

	t->faults.settings.writes = queue ? 2 : 1;
	t->faults.settings.delay_min_us = 10;
	t->faults.settings.delay_max_us = 10;
	klab_faults_restart(&t->faults);
	klab_disk_set_faulty(t->disk, true);
	KUNIT_EXPECT_EQ(test, do_bio(t, REQ_OP_WRITE | REQ_NOWAIT, 0, SZ_4K),
			queue ? 0 : -EAGAIN);
	KUNIT_EXPECT_EQ(test, put(t, 0, 1, SZ_4K), 0);
	KUNIT_EXPECT_EQ(test, t->faults.counts[KLAB_FAULT_ERRORS], 0);
	KUNIT_EXPECT_EQ(test, put(t, 0, 2, SZ_4K), -EIO);
}

/* What hangs is given up; what comes after it is done. */
static void klab_blkdev_trouble_hangs(struct kunit *test)
{
	struct tried *t = make_disk(test);
	bool queue = klab_disk_has_queue(t->disk);

	blk_queue_rq_timeout(t->disk->gendisk->queue, 1);
	t->faults.settings.hang_ppm = KLAB_FAULTS_CERTAIN;
	klab_disk_set_faulty(t->disk, true);
	KUNIT_EXPECT_EQ(test, do_bio(t, REQ_OP_READ, 0, SZ_4K), -ETIMEDOUT);
	KUNIT_EXPECT_EQ(test, t->faults.counts[KLAB_FAULT_HANGS], 1);
	KUNIT_EXPECT_EQ(test, t->faults.counts[KLAB_FAULT_RESETS], queue);
	klab_disk_set_faulty(t->disk, false);
	KUNIT_EXPECT_EQ(test, put(t, 0, 1, SZ_4K), 0);
}

static int make_and_remove(struct kunit *test)
{
	const struct mode_case *c = test->param_value;
	struct klab_disk *disk;

	disk = klab_disk_create(&c->settings, test->priv, NUMBER);
	/* A device for whose name there was no memory is one without a name. */
	if (IS_ERR(disk))
		return PTR_ERR(disk) == -EINVAL ? -ENOMEM : PTR_ERR(disk);
	klab_disk_remove(disk);
	flush_delayed_fput();
	return 0;
}

static void klab_blkdev_trouble_make_without_memory(struct kunit *test)
{
	struct klab_faults *faults = kunit_kzalloc(test, sizeof(*faults),
						   GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, faults);
	klab_faults_init(faults);
	test->priv = faults;
	quiet_console(test);
	klab_kunit_each_failure(test, make_and_remove);
}

static void klab_blkdev_trouble_make_with_a_file_without_memory(struct kunit *test)
{
	struct mode_case with_file = cached_case;

	with_file.settings.file = make_file(test);
	test->param_value = &with_file;
	klab_blkdev_trouble_make_without_memory(test);
	test->param_value = NULL;
}

static struct kunit_case klab_blkdev_trouble_cases[] = {
	KUNIT_CASE_PARAM(klab_blkdev_trouble_write_without_memory,
			 mode_gen_params),
	KUNIT_CASE_PARAM(klab_blkdev_trouble_nowait_without_memory,
			 mode_gen_params),
	KUNIT_CASE_PARAM(klab_blkdev_trouble_meets_bad_sectors,
			 mode_gen_params),
	KUNIT_CASE_PARAM(klab_blkdev_trouble_tears_writes, mode_gen_params),
	KUNIT_CASE_PARAM(klab_blkdev_trouble_part_of_a_request,
			 part_gen_params),
	KUNIT_CASE(klab_blkdev_trouble_part_that_fails),
	KUNIT_CASE(klab_blkdev_trouble_part_of_a_file),
	KUNIT_CASE_PARAM(klab_blkdev_trouble_takes_its_time, mode_gen_params),
	KUNIT_CASE_PARAM(klab_blkdev_trouble_takes_too_long, mode_gen_params),
	KUNIT_CASE_PARAM(klab_blkdev_trouble_who_does_not_wait_is_not_judged,
			 mode_gen_params),
	KUNIT_CASE_PARAM(klab_blkdev_trouble_hangs, mode_gen_params),
	KUNIT_CASE_PARAM(klab_blkdev_trouble_make_without_memory,
			 mode_gen_params),
	KUNIT_CASE(klab_blkdev_trouble_make_with_a_file_without_memory),
	{}
};

static struct kunit_suite klab_blkdev_trouble_suite = {
	.name = "klab_blkdev_trouble",
	.test_cases = klab_blkdev_trouble_cases,
};

kunit_test_suite(klab_blkdev_trouble_suite);

MODULE_DESCRIPTION("klab: KUnit tests for the disk in trouble");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS(EXPORTED_FOR_KUNIT_TESTING);
