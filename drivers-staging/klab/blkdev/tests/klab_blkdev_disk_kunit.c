// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests for disks as the block layer sees them: each request strategy
 * does what it is asked to, and refuses what is not possible.
 */
#include <linux/array_size.h>
#include <linux/bio.h>
#include <linux/blkdev.h>
#include <linux/completion.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/gfp.h>
#include <linux/hdreg.h>
#include <linux/limits.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/part_stat.h>
#include <linux/shmem_fs.h>
#include <linux/sizes.h>
#include <linux/string.h>

#include <kunit/test.h>

#include "../../core/klab_fixture.h"
#include "../blkdev.h"

/* No disk has it that others have made. */
#define NUMBER		(KLAB_DISKS_MAX - 1)
#define BUFFER		SZ_64K

/**
 * struct tried - a disk, open or not
 * @disk: the disk, or NULL once it is removed
 * @faults: what it can do wrong
 * @file: an open file of it, or NULL
 * @data: BUFFER bytes to write from and read to
 */
struct tried {
	struct klab_disk *disk;
	struct klab_faults faults;
	struct file *file;
	u8 *data;
};

static const struct mode_case {
	const char *what;
	struct klab_disk_settings settings;
} mode_cases[] = {
	{ "bio", { .size = SZ_4M, .mode = KLAB_DISK_BIO, .block_size = 512,
		   .queues = 1, .queue_depth = 4 } },
	{ "request", { .size = SZ_4M, .mode = KLAB_DISK_REQUEST,
		       .block_size = 512, .queues = 1, .queue_depth = 4 } },
	{ "segment", { .size = SZ_4M, .mode = KLAB_DISK_SEGMENT,
		       .block_size = 512, .queues = 4, .queue_depth = 1 } },
	{ "bio, large blocks", { .size = SZ_4M, .mode = KLAB_DISK_BIO,
				 .block_size = 4096, .queues = 1,
				 .queue_depth = 4 } },
	{ "request, large blocks", { .size = SZ_4M, .mode = KLAB_DISK_REQUEST,
				     .block_size = 4096, .queues = 2,
				     .queue_depth = 4 } },
};

KUNIT_ARRAY_PARAM_DESC(mode, mode_cases, what);

/*
 * At once: what a kernel thread closes is closed some time later, also where
 * the partitions were looked for.
 */
static void close_disk(struct tried *t)
{
	if (t->file)
		__fput_sync(t->file);
	t->file = NULL;
	flush_delayed_fput();
}

static void end_disk(void *data)
{
	struct tried *t = data;

	close_disk(t);
	if (t->disk)
		klab_disk_remove(t->disk);
}

static void free_data(void *data)
{
	free_pages_exact(data, BUFFER);
}

static struct file *open_disk(struct klab_disk *disk)
{
	return bdev_file_open_by_dev(disk_devt(disk->gendisk),
				     BLK_OPEN_READ | BLK_OPEN_WRITE, NULL,
				     NULL);
}

static struct tried *make_disk(struct kunit *test)
{
	const struct mode_case *c = test->param_value;
	struct tried *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, t);
	t->data = alloc_pages_exact(BUFFER, GFP_KERNEL | __GFP_ZERO);
	KUNIT_ASSERT_NOT_NULL(test, t->data);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, free_data,
							   t->data));
	klab_faults_init(&t->faults);
	t->disk = klab_disk_create(&c->settings, &t->faults, NUMBER);
	KUNIT_ASSERT_FALSE_MSG(test, IS_ERR(t->disk), "%pe", t->disk);
	t->file = open_disk(t->disk);
	if (IS_ERR(t->file)) {
		KUNIT_FAIL(test, "cannot open: %pe", t->file);
		t->file = NULL;
	}
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, end_disk, t));
	KUNIT_ASSERT_NOT_NULL(test, t->file);
	return t;
}

static int do_bio(struct tried *t, blk_opf_t opf, sector_t sector, u32 len)
{
	struct bio_vec bvec;
	struct bio bio;
	int err;

	bio_init(&bio, file_bdev(t->file), &bvec, 1, opf);
	bio.bi_iter.bi_sector = sector;
	if (op_is_discard(opf) || (opf & REQ_OP_MASK) == REQ_OP_WRITE_ZEROES) {
		bio.bi_iter.bi_size = len;
	} else if (len) {
		bvec_set_virt(&bvec, t->data, len);
		bio.bi_vcnt = 1;
		bio.bi_iter.bi_size = len;
	}
	err = submit_bio_wait(&bio);
	bio_uninit(&bio);
	return err;
}

static bool all_bytes(const u8 *data, u8 byte, size_t len)
{
	return !memchr_inv(data, byte, len);
}

/* Writes bytes @byte, and forgets them. */
static int put(struct tried *t, sector_t sector, u8 byte, u32 len)
{
	int err;

	memset(t->data, byte, len);
	err = do_bio(t, REQ_OP_WRITE, sector, len);
	memset(t->data, 0xa5, len);
	return err;
}

static void klab_blkdev_disk_reads_what_was_written(struct kunit *test)
{
	struct tried *t = make_disk(test);

	KUNIT_EXPECT_EQ(test, put(t, 8, 1, BUFFER), 0);
	KUNIT_EXPECT_EQ(test, put(t, 16, 2, SZ_4K), 0);
	KUNIT_EXPECT_EQ(test, do_bio(t, REQ_OP_READ, 8, BUFFER), 0);
	KUNIT_EXPECT_TRUE(test, all_bytes(t->data, 1, SZ_4K));
	KUNIT_EXPECT_TRUE(test, all_bytes(t->data + SZ_4K, 2, SZ_4K));
	KUNIT_EXPECT_TRUE(test, all_bytes(t->data + SZ_8K, 1, BUFFER - SZ_8K));
	KUNIT_EXPECT_EQ(test, klab_store_bytes(&t->disk->store), BUFFER);
}

static void klab_blkdev_disk_unwritten_is_zero(struct kunit *test)
{
	struct tried *t = make_disk(test);

	memset(t->data, 0xa5, BUFFER);
	KUNIT_EXPECT_EQ(test, do_bio(t, REQ_OP_READ, 0, BUFFER), 0);
	KUNIT_EXPECT_TRUE(test, all_bytes(t->data, 0, BUFFER));
	KUNIT_EXPECT_EQ(test, klab_store_bytes(&t->disk->store), 0);
}

static void klab_blkdev_disk_discard_frees_memory(struct kunit *test)
{
	struct tried *t = make_disk(test);

	KUNIT_ASSERT_EQ(test, put(t, 0, 1, BUFFER), 0);
	KUNIT_EXPECT_EQ(test, do_bio(t, REQ_OP_DISCARD, 0, SZ_32K), 0);
	KUNIT_EXPECT_EQ(test, klab_store_bytes(&t->disk->store), SZ_32K);
	KUNIT_EXPECT_EQ(test, do_bio(t, REQ_OP_WRITE_ZEROES, 64, SZ_16K), 0);
	KUNIT_EXPECT_EQ(test, klab_store_bytes(&t->disk->store), SZ_16K);
	KUNIT_EXPECT_EQ(test, do_bio(t, REQ_OP_READ, 0, BUFFER), 0);
	KUNIT_EXPECT_TRUE(test, all_bytes(t->data, 0, BUFFER - SZ_16K));
	KUNIT_EXPECT_TRUE(test, all_bytes(t->data + BUFFER - SZ_16K, 1,
					  SZ_16K));
}

static void klab_blkdev_disk_flush_and_fua(struct kunit *test)
{
	struct tried *t = make_disk(test);

	KUNIT_EXPECT_FALSE(test, bdev_write_cache(file_bdev(t->file)));
	KUNIT_EXPECT_EQ(test, do_bio(t, REQ_OP_WRITE | REQ_PREFLUSH, 0, 0), 0);
	memset(t->data, 3, SZ_4K);
	KUNIT_EXPECT_EQ(test, do_bio(t, REQ_OP_WRITE | REQ_PREFLUSH | REQ_FUA,
				     0, SZ_4K), 0);
}

static void klab_blkdev_disk_nowait(struct kunit *test)
{
	struct tried *t = make_disk(test);

	KUNIT_EXPECT_TRUE(test, bdev_nowait(file_bdev(t->file)));
	memset(t->data, 4, SZ_4K);
	KUNIT_EXPECT_EQ(test, do_bio(t, REQ_OP_WRITE | REQ_NOWAIT, 8, SZ_4K),
			0);
	KUNIT_EXPECT_EQ(test, do_bio(t, REQ_OP_READ | REQ_NOWAIT, 8, SZ_4K), 0);
	KUNIT_EXPECT_TRUE(test, all_bytes(t->data, 4, SZ_4K));
	KUNIT_EXPECT_EQ(test, do_bio(t, REQ_OP_DISCARD | REQ_NOWAIT, 0, SZ_64K),
			0);
}

/* What takes long does not go with not waiting, where nobody else does it. */
static void klab_blkdev_disk_nowait_of_a_large_discard(struct kunit *test)
{
	struct tried *t = make_disk(test);

	KUNIT_EXPECT_EQ(test, do_bio(t, REQ_OP_DISCARD | REQ_NOWAIT, 0, SZ_2M),
			klab_disk_has_queue(t->disk) ? 0 : -EAGAIN);
}

static void klab_blkdev_disk_ends_where_it_ends(struct kunit *test)
{
	struct tried *t = make_disk(test);
	sector_t last = (SZ_4M - SZ_4K) >> SECTOR_SHIFT;

	KUNIT_EXPECT_EQ(test, put(t, last, 1, SZ_4K), 0);
	KUNIT_EXPECT_EQ(test, put(t, last, 1, SZ_8K), -EIO);
	KUNIT_EXPECT_EQ(test, do_bio(t, REQ_OP_READ, last + 8, SZ_4K), -EIO);
	KUNIT_EXPECT_EQ(test, klab_store_bytes(&t->disk->store), SZ_4K);
}

static void klab_blkdev_disk_unknown_operation(struct kunit *test)
{
	struct tried *t = make_disk(test);

	KUNIT_EXPECT_EQ(test, do_bio(t, REQ_OP_SECURE_ERASE, 0, SZ_4K),
			-EOPNOTSUPP);
}

static void klab_blkdev_disk_read_only(struct kunit *test)
{
	struct tried *t = make_disk(test);

	KUNIT_ASSERT_EQ(test, put(t, 0, 1, SZ_4K), 0);
	klab_disk_set_read_only(t->disk, true);
	KUNIT_EXPECT_TRUE(test, bdev_read_only(file_bdev(t->file)));
	KUNIT_EXPECT_EQ(test, put(t, 0, 2, SZ_4K), -EIO);
	KUNIT_EXPECT_LT(test, do_bio(t, REQ_OP_DISCARD, 0, SZ_4K), 0);
	KUNIT_EXPECT_EQ(test, do_bio(t, REQ_OP_READ, 0, SZ_4K), 0);
	KUNIT_EXPECT_TRUE(test, all_bytes(t->data, 1, SZ_4K));
	klab_disk_set_read_only(t->disk, false);
	KUNIT_EXPECT_EQ(test, put(t, 0, 2, SZ_4K), 0);
}

static void klab_blkdev_disk_grows(struct kunit *test)
{
	struct tried *t = make_disk(test);
	sector_t behind = SZ_4M >> SECTOR_SHIFT;

	KUNIT_EXPECT_EQ(test, put(t, behind, 1, SZ_4K), -EIO);
	KUNIT_EXPECT_EQ(test, klab_disk_resize(t->disk, SZ_8M), 0);
	KUNIT_EXPECT_EQ(test, get_capacity(t->disk->gendisk), behind * 2);
	KUNIT_EXPECT_EQ(test, put(t, behind, 1, SZ_4K), 0);
}

static void klab_blkdev_disk_shrinks(struct kunit *test)
{
	struct tried *t = make_disk(test);
	sector_t last = (SZ_4M - SZ_4K) >> SECTOR_SHIFT;

	KUNIT_ASSERT_EQ(test, put(t, last, 1, SZ_4K), 0);
	KUNIT_EXPECT_EQ(test, klab_disk_resize(t->disk, SZ_2M), 0);
	KUNIT_EXPECT_EQ(test, klab_store_bytes(&t->disk->store), 0);
	KUNIT_EXPECT_EQ(test, do_bio(t, REQ_OP_READ, last, SZ_4K), -EIO);
	KUNIT_EXPECT_EQ(test, klab_disk_resize(t->disk, SZ_4M), 0);
	KUNIT_EXPECT_EQ(test, do_bio(t, REQ_OP_READ, last, SZ_4K), 0);
	KUNIT_EXPECT_TRUE(test, all_bytes(t->data, 0, SZ_4K));
}

static void klab_blkdev_disk_impossible_size(struct kunit *test)
{
	struct tried *t = make_disk(test);

	KUNIT_EXPECT_EQ(test, klab_disk_resize(t->disk, 0), -EINVAL);
	KUNIT_EXPECT_EQ(test, klab_disk_resize(t->disk, SZ_4M + 100), -EINVAL);
	KUNIT_EXPECT_EQ(test, get_capacity(t->disk->gendisk),
			SZ_4M >> SECTOR_SHIFT);
}

static void klab_blkdev_disk_geometry(struct kunit *test)
{
	struct tried *t = make_disk(test);
	struct hd_geometry geo = { .start = 7 };

	KUNIT_EXPECT_EQ(test, klab_disk_getgeo(file_bdev(t->file), &geo), 0);
	KUNIT_EXPECT_EQ(test, geo.heads, 4);
	KUNIT_EXPECT_EQ(test, geo.sectors, 16);
	KUNIT_EXPECT_EQ(test, geo.cylinders, 128);
	/* It is the block layer that knows where a partition begins. */
	KUNIT_EXPECT_EQ(test, geo.start, 7);
	KUNIT_ASSERT_EQ(test, klab_disk_resize(t->disk, 1ULL << 40), 0);
	KUNIT_EXPECT_EQ(test, klab_disk_getgeo(file_bdev(t->file), &geo), 0);
	KUNIT_EXPECT_EQ(test, geo.cylinders, USHRT_MAX);
}

static void klab_blkdev_disk_counts_what_it_does(struct kunit *test)
{
	struct tried *t = make_disk(test);
	struct block_device *bdev = file_bdev(t->file);
	unsigned long before = part_stat_read(bdev, sectors[STAT_WRITE]);

	KUNIT_EXPECT_EQ(test, put(t, 0, 1, SZ_4K), 0);
	KUNIT_EXPECT_EQ(test, part_stat_read(bdev, sectors[STAT_WRITE]),
			before + 8);
}

static void klab_blkdev_disk_does_not_retire_while_open(struct kunit *test)
{
	struct tried *t = make_disk(test);
	struct klab_disk *disk = t->disk;

	KUNIT_EXPECT_EQ(test, klab_disk_retire(disk), -EBUSY);
	KUNIT_EXPECT_EQ(test, put(t, 0, 1, SZ_4K), 0);
	close_disk(t);
	KUNIT_ASSERT_EQ(test, klab_disk_retire(disk), 0);
	t->disk = NULL;
}

static void klab_blkdev_disk_cannot_be_opened_while_it_goes(struct kunit *test)
{
	struct tried *t = make_disk(test);

	close_disk(t);
	t->disk->going = true;
	KUNIT_EXPECT_EQ(test, PTR_ERR(open_disk(t->disk)), -ENXIO);
}

/* Its user is left with errors, not with memory that is gone. */
static void klab_blkdev_disk_is_pulled_out(struct kunit *test)
{
	struct tried *t = make_disk(test);

	KUNIT_ASSERT_EQ(test, put(t, 0, 1, SZ_4K), 0);
	klab_disk_remove(t->disk);
	t->disk = NULL;
	KUNIT_EXPECT_LT(test, put(t, 0, 1, SZ_4K), 0);
	KUNIT_EXPECT_LT(test, do_bio(t, REQ_OP_READ, 0, SZ_4K), 0);
	KUNIT_EXPECT_EQ(test, get_capacity(file_bdev(t->file)->bd_disk), 0);
}

static void klab_blkdev_disk_impossible_settings(struct kunit *test)
{
	struct klab_disk_settings settings = { .size = SZ_4M };

	KUNIT_EXPECT_EQ(test, PTR_ERR(klab_disk_create(&settings, NULL,
						       NUMBER)), -EINVAL);
}

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
static void klab_blkdev_disk_write_without_memory(struct kunit *test)
{
	struct tried *t = make_disk(test);

	test->priv = t;
	klab_kunit_each_failure(test, write_page);
	KUNIT_EXPECT_EQ(test, klab_store_bytes(&t->disk->store), 0);
}

static void klab_blkdev_disk_meets_bad_sectors(struct kunit *test)
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

static void klab_blkdev_disk_tears_writes(struct kunit *test)
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
	KUNIT_EXPECT_LT(test, torn, BUFFER);
	KUNIT_EXPECT_TRUE(test, all_bytes(t->data + torn, 1, BUFFER - torn));
}

static void end_of_bio(struct bio *bio)
{
	complete(bio->bi_private);
}

/* Two pages in two bios, which are merged to one request. */
static void put_two(struct kunit *test, struct tried *t, struct bio *bios,
		    u8 byte)
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
		bio_init(&bios[i], bdev, &bvecs[i], 1, REQ_OP_WRITE);
		bios[i].bi_iter.bi_sector = 8 * i;
		bios[i].bi_private = done[i];
		bios[i].bi_end_io = end_of_bio;
		__bio_add_page(&bios[i], virt_to_page(t->data + i * SZ_4K),
			       SZ_4K, offset_in_page(t->data + i * SZ_4K));
		submit_bio(&bios[i]);
	}
	blk_finish_plug(&plug);
	for (i = 0; i < 2; i++) {
		wait_for_completion(done[i]);
		bio_uninit(&bios[i]);
	}
	KUNIT_EXPECT_EQ(test, part_stat_read(bdev, merges[STAT_WRITE]),
			before + 1);
}

static const struct mode_case request_case = {
	"request", { .size = SZ_4M, .mode = KLAB_DISK_REQUEST,
		     .block_size = 512, .queues = 1, .queue_depth = 4 }
};

/* Who asked for the part that is done is told that it is. */
static void klab_blkdev_disk_part_of_a_request(struct kunit *test)
{
	struct bio bios[2];
	struct tried *t;

	test->param_value = &request_case;
	t = make_disk(test);
	t->faults.settings.bad_start = 8;
	t->faults.settings.bad_count = 1;
	klab_disk_set_faulty(t->disk, true);
	put_two(test, t, bios, 1);
	KUNIT_EXPECT_EQ(test, bios[0].bi_status, BLK_STS_OK);
	KUNIT_EXPECT_EQ(test, bios[1].bi_status, BLK_STS_MEDIUM);
	klab_disk_set_faulty(t->disk, false);
	KUNIT_EXPECT_EQ(test, do_bio(t, REQ_OP_READ, 0, SZ_8K), 0);
	KUNIT_EXPECT_TRUE(test, all_bytes(t->data, 1, SZ_4K));
	KUNIT_EXPECT_TRUE(test, all_bytes(t->data + SZ_4K, 0, SZ_4K));
}

static ssize_t write_no_space(struct kiocb *iocb, struct iov_iter *from)
{
	return -ENOSPC;
}

static void put_file(void *data)
{
	__fput_sync(data);
}

static struct file *make_file(struct kunit *test)
{
	struct file *file = shmem_kernel_file_setup("klab-disk", SZ_1M, 0);

	KUNIT_ASSERT_FALSE(test, IS_ERR(file));
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, put_file,
							   file));
	return file;
}

/* A part that could not be done either. */
static void klab_blkdev_disk_part_that_fails(struct kunit *test)
{
	struct file *file = make_file(test);
	struct file_operations fops = *file->f_op;
	const struct file_operations *before = file->f_op;
	struct mode_case with_file = request_case;
	struct bio bios[2];
	struct tried *t;

	with_file.settings.file = file;
	test->param_value = &with_file;
	t = make_disk(test);
	t->faults.settings.bad_start = 8;
	t->faults.settings.bad_count = 1;
	klab_disk_set_faulty(t->disk, true);
	fops.write_iter = write_no_space;
	file->f_op = &fops;
	put_two(test, t, bios, 1);
	file->f_op = before;
	KUNIT_EXPECT_NE(test, bios[0].bi_status, BLK_STS_OK);
	KUNIT_EXPECT_EQ(test, bios[1].bi_status, BLK_STS_MEDIUM);
}

static void klab_blkdev_disk_takes_its_time(struct kunit *test)
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

/* What hangs is given up; what comes after it is done. */
static void klab_blkdev_disk_hangs(struct kunit *test)
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

static struct tried *make_removable(struct kunit *test)
{
	const struct mode_case *c = test->param_value;
	struct mode_case removable = *c;
	struct tried *t;

	removable.settings.removable = true;
	test->param_value = &removable;
	t = make_disk(test);
	test->param_value = c;
	return t;
}

static void klab_blkdev_disk_medium_goes_and_comes(struct kunit *test)
{
	struct tried *t = make_removable(test);

	KUNIT_ASSERT_EQ(test, put(t, 8, 1, SZ_4K), 0);
	KUNIT_EXPECT_EQ(test, klab_media_insert(t->disk, false), -EBUSY);
	close_disk(t);
	KUNIT_EXPECT_EQ(test, klab_media_eject(t->disk, false), 0);
	KUNIT_EXPECT_TRUE(test, klab_media_is_out(t->disk));
	KUNIT_EXPECT_EQ(test, klab_media_eject(t->disk, true), -ENOMEDIUM);
	KUNIT_EXPECT_EQ(test, PTR_ERR(open_disk(t->disk)), -ENOMEDIUM);
	KUNIT_EXPECT_EQ(test, klab_disk_resize(t->disk, SZ_8M), 0);
	KUNIT_EXPECT_EQ(test, get_capacity(t->disk->gendisk), 0);
	KUNIT_EXPECT_EQ(test, klab_media_insert(t->disk, false), 0);
	t->file = open_disk(t->disk);
	KUNIT_ASSERT_FALSE(test, IS_ERR(t->file));
	KUNIT_EXPECT_EQ(test, do_bio(t, REQ_OP_READ, 8, SZ_4K), 0);
	KUNIT_EXPECT_TRUE(test, all_bytes(t->data, 1, SZ_4K));
	KUNIT_EXPECT_EQ(test, put(t, SZ_4M >> SECTOR_SHIFT, 1, SZ_4K), 0);
}

static void klab_blkdev_disk_medium_is_torn_out(struct kunit *test)
{
	struct tried *t = make_removable(test);

	KUNIT_ASSERT_EQ(test, put(t, 8, 1, SZ_4K), 0);
	KUNIT_EXPECT_EQ(test, klab_media_eject(t->disk, false), -EBUSY);
	KUNIT_EXPECT_EQ(test, klab_media_eject(t->disk, true), 0);
	KUNIT_EXPECT_EQ(test, do_bio(t, REQ_OP_READ, 8, SZ_4K), -EIO);
	KUNIT_EXPECT_EQ(test, klab_media_insert(t->disk, true), 0);
	/* It is another medium. */
	KUNIT_EXPECT_EQ(test, put(t, 8, 1, SZ_4K), -EIO);
	close_disk(t);
	t->file = open_disk(t->disk);
	KUNIT_ASSERT_FALSE(test, IS_ERR(t->file));
	KUNIT_EXPECT_EQ(test, do_bio(t, REQ_OP_READ, 8, SZ_4K), 0);
	KUNIT_EXPECT_TRUE(test, all_bytes(t->data, 0, SZ_4K));
}

static void klab_blkdev_disk_fixed_medium(struct kunit *test)
{
	struct tried *t = make_disk(test);

	KUNIT_EXPECT_EQ(test, klab_media_eject(t->disk, true), -ENOTTY);
	KUNIT_EXPECT_EQ(test, klab_media_insert(t->disk, false), -ENOTTY);
}

static void klab_blkdev_disk_copying_is_measured(struct kunit *test)
{
	const char *text = klab_kunit_run(test, "blkdev/bench", "");

	KUNIT_EXPECT_EQ(test, klab_kunit_rows(test, text), 2);
	KUNIT_EXPECT_STREQ(test, klab_kunit_cell(test, text, "copy 4 KiB",
						 "verdict"), "-");
}

static struct kunit_case klab_blkdev_disk_cases[] = {
	KUNIT_CASE_PARAM(klab_blkdev_disk_reads_what_was_written,
			 mode_gen_params),
	KUNIT_CASE_PARAM(klab_blkdev_disk_unwritten_is_zero, mode_gen_params),
	KUNIT_CASE_PARAM(klab_blkdev_disk_discard_frees_memory,
			 mode_gen_params),
	KUNIT_CASE_PARAM(klab_blkdev_disk_flush_and_fua, mode_gen_params),
	KUNIT_CASE_PARAM(klab_blkdev_disk_nowait, mode_gen_params),
	KUNIT_CASE_PARAM(klab_blkdev_disk_nowait_of_a_large_discard,
			 mode_gen_params),
	KUNIT_CASE_PARAM(klab_blkdev_disk_ends_where_it_ends, mode_gen_params),
	KUNIT_CASE_PARAM(klab_blkdev_disk_unknown_operation, mode_gen_params),
	KUNIT_CASE_PARAM(klab_blkdev_disk_read_only, mode_gen_params),
	KUNIT_CASE_PARAM(klab_blkdev_disk_grows, mode_gen_params),
	KUNIT_CASE_PARAM(klab_blkdev_disk_shrinks, mode_gen_params),
	KUNIT_CASE_PARAM(klab_blkdev_disk_impossible_size, mode_gen_params),
	KUNIT_CASE_PARAM(klab_blkdev_disk_geometry, mode_gen_params),
	KUNIT_CASE_PARAM(klab_blkdev_disk_counts_what_it_does,
			 mode_gen_params),
	KUNIT_CASE_PARAM(klab_blkdev_disk_does_not_retire_while_open,
			 mode_gen_params),
	KUNIT_CASE_PARAM(klab_blkdev_disk_cannot_be_opened_while_it_goes,
			 mode_gen_params),
	KUNIT_CASE_PARAM(klab_blkdev_disk_is_pulled_out, mode_gen_params),
	KUNIT_CASE(klab_blkdev_disk_impossible_settings),
	KUNIT_CASE_PARAM(klab_blkdev_disk_write_without_memory,
			 mode_gen_params),
	KUNIT_CASE_PARAM(klab_blkdev_disk_meets_bad_sectors, mode_gen_params),
	KUNIT_CASE_PARAM(klab_blkdev_disk_tears_writes, mode_gen_params),
	KUNIT_CASE(klab_blkdev_disk_part_of_a_request),
	KUNIT_CASE(klab_blkdev_disk_part_that_fails),
	KUNIT_CASE_PARAM(klab_blkdev_disk_takes_its_time, mode_gen_params),
	KUNIT_CASE_PARAM(klab_blkdev_disk_hangs, mode_gen_params),
	KUNIT_CASE_PARAM(klab_blkdev_disk_medium_goes_and_comes,
			 mode_gen_params),
	KUNIT_CASE_PARAM(klab_blkdev_disk_medium_is_torn_out, mode_gen_params),
	KUNIT_CASE_PARAM(klab_blkdev_disk_fixed_medium, mode_gen_params),
	KUNIT_CASE(klab_blkdev_disk_copying_is_measured),
	{}
};

static struct kunit_suite klab_blkdev_disk_suite = {
	.name = "klab_blkdev_disk",
	.test_cases = klab_blkdev_disk_cases,
};

kunit_test_suite(klab_blkdev_disk_suite);

MODULE_DESCRIPTION("klab: KUnit tests for the disk");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS(EXPORTED_FOR_KUNIT_TESTING);
