/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Disks of each request strategy, for the tests that use them.
 */
#ifndef _KLAB_BLKDEV_DISK_H
#define _KLAB_BLKDEV_DISK_H

#include <linux/array_size.h>
#include <linux/bio.h>
#include <linux/blk-mq.h>
#include <linux/blkdev.h>
#include <linux/cleanup.h>
#include <linux/err.h>
#include <linux/file.h>
#include <linux/gfp.h>
#include <linux/jiffies.h>
#include <linux/mutex.h>
#include <linux/printk.h>
#include <linux/sched.h>
#include <linux/shmem_fs.h>
#include <linux/sizes.h>
#include <linux/string.h>

#include <kunit/test.h>

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

/* Who closes the last file does the rest of that under the mutex. */
static inline bool is_open(struct gendisk *gendisk)
{
	guard(mutex)(&gendisk->open_mutex);
	return disk_openers(gendisk) > 0;
}

/*
 * At once: what a kernel thread closes is closed some time later, also where
 * the partitions were looked for. Who does that already is not waited for by
 * flush_delayed_fput().
 */
static inline void close_disk(struct tried *t)
{
	unsigned long end = jiffies + 60 * HZ;

	if (t->file)
		__fput_sync(t->file);
	t->file = NULL;
	flush_delayed_fput();
	while (t->disk && is_open(t->disk->gendisk) && time_before(jiffies, end))
		schedule_timeout_uninterruptible(1);
}

static inline void end_disk(void *data)
{
	struct tried *t = data;

	close_disk(t);
	if (t->disk)
		klab_disk_remove(t->disk);
}

static inline void free_data(void *data)
{
	free_pages_exact(data, BUFFER);
}

static inline struct file *open_disk(struct klab_disk *disk)
{
	return bdev_file_open_by_dev(disk_devt(disk->gendisk),
				     BLK_OPEN_READ | BLK_OPEN_WRITE, NULL,
				     NULL);
}

static inline struct tried *make_disk(struct kunit *test)
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

/*
 * A request has ended for its caller before its tag is free again, and who
 * does not wait for a tag is told -EAGAIN.
 */
static inline void wait_for_tags(struct tried *t)
{
	struct request_queue *q = t->disk->gendisk->queue;

	blk_mq_freeze_queue(q);
	blk_mq_unfreeze_queue(q);
}

static inline int do_bio(struct tried *t, blk_opf_t opf, sector_t sector,
			 u32 len)
{
	struct bio_vec bvec;
	struct bio bio;
	int err;

	if (opf & REQ_NOWAIT)
		wait_for_tags(t);
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

static inline bool all_bytes(const u8 *data, u8 byte, size_t len)
{
	return !memchr_inv(data, byte, len);
}

/* Writes bytes @byte, and forgets them. */
static inline int put(struct tried *t, sector_t sector, u8 byte, u32 len)
{
	int err;

	memset(t->data, byte, len);
	err = do_bio(t, REQ_OP_WRITE, sector, len);
	memset(t->data, 0xa5, len);
	return err;
}

static inline void put_file(void *data)
{
	__fput_sync(data);
}

static inline struct file *make_file(struct kunit *test)
{
	struct file *file = shmem_kernel_file_setup("klab-disk", SZ_1M, 0);

	KUNIT_ASSERT_FALSE(test, IS_ERR(file));
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, put_file,
							   file));
	return file;
}

/* Not every suite has a use for it. */
static const struct mode_case cached_case __maybe_unused = {
	"cached", { .mode = KLAB_DISK_REQUEST, .block_size = 512, .queues = 1,
		    .queue_depth = 4, .removable = true, .write_cache = true }
};

static inline void restore_console(void *level)
{
	console_loglevel = (long)level;
}

/* Many complain of missing memory, some with a trace. */
static inline void quiet_console(struct kunit *test)
{
	void *level = (void *)(long)console_loglevel;

	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test,
							   restore_console,
							   level));
	console_loglevel = CONSOLE_LOGLEVEL_SILENT;
}

#endif /* _KLAB_BLKDEV_DISK_H */
