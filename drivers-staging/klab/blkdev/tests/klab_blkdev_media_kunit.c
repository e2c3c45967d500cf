// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests for media: taken out and put in, while the disk is used, while it
 * is saved, and without memory.
 */
#include <linux/blkdev.h>
#include <linux/cleanup.h>
#include <linux/container_of.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/jiffies.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/sizes.h>
#include <linux/string.h>
#include <linux/workqueue.h>

#include <kunit/test.h>

#include "../../core/klab_fixture.h"
#include "../blkdev.h"
#include "klab_blkdev_disk.h"

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

static void klab_blkdev_media_goes_and_comes(struct kunit *test)
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

/* What lay behind its end then is gone. */
static void klab_blkdev_media_shrinks_while_out(struct kunit *test)
{
	struct tried *t = make_removable(test);
	sector_t last = (SZ_4M - SZ_4K) >> SECTOR_SHIFT;

	KUNIT_ASSERT_EQ(test, put(t, last, 1, SZ_4K), 0);
	close_disk(t);
	KUNIT_ASSERT_EQ(test, klab_media_eject(t->disk, false), 0);
	KUNIT_EXPECT_EQ(test, klab_disk_resize(t->disk, SZ_2M), 0);
	KUNIT_EXPECT_EQ(test, klab_disk_resize(t->disk, SZ_4M), 0);
	KUNIT_ASSERT_EQ(test, klab_media_insert(t->disk, false), 0);
	t->file = open_disk(t->disk);
	KUNIT_ASSERT_FALSE(test, IS_ERR(t->file));
	KUNIT_EXPECT_EQ(test, do_bio(t, REQ_OP_READ, last, SZ_4K), 0);
	KUNIT_EXPECT_TRUE(test, all_bytes(t->data, 0, SZ_4K));
}

static void klab_blkdev_media_is_torn_out(struct kunit *test)
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

/*
 * Somebody has opened a partition between the moment in which nobody used the
 * disk and that in which its partitions went.
 */
static void klab_blkdev_media_partition_is_open(struct kunit *test)
{
	struct tried *t = make_removable(test);

	KUNIT_ASSERT_EQ(test, klab_media_eject(t->disk, true), 0);
	close_disk(t);
	t->file = bdev_file_open_by_dev(disk_devt(t->disk->gendisk),
					BLK_OPEN_READ | BLK_OPEN_NDELAY, NULL,
					NULL);
	KUNIT_ASSERT_FALSE(test, IS_ERR(t->file));
	t->disk->gendisk->open_partitions++;
	KUNIT_EXPECT_EQ(test, klab_media_insert(t->disk, true), 0);
	KUNIT_EXPECT_EQ(test, do_bio(t, REQ_OP_READ, 0, SZ_4K), -EIO);
	t->disk->gendisk->open_partitions--;
	close_disk(t);
	t->file = open_disk(t->disk);
	KUNIT_ASSERT_FALSE(test, IS_ERR(t->file));
	KUNIT_EXPECT_EQ(test, do_bio(t, REQ_OP_READ, 0, SZ_4K), 0);
}

static struct tried *make_cached_of(struct kunit *test, u64 size)
{
	struct mode_case with_file = cached_case;
	struct tried *t;

	with_file.settings.file = make_file(test);
	i_size_write(file_inode(with_file.settings.file), size);
	test->param_value = &with_file;
	t = make_disk(test);
	test->param_value = NULL;
	return t;
}

static struct tried *make_cached(struct kunit *test)
{
	return make_cached_of(test, SZ_1M);
}

/* A file may be larger than what is kept in memory. */
static void klab_blkdev_media_nothing_stays_of_a_huge_file(struct kunit *test)
{
	u64 size = 2 * KLAB_DISK_SIZE_MAX;
	struct tried *t = make_cached_of(test, size);

	KUNIT_ASSERT_EQ(test, put(t, (size - SZ_4K) >> SECTOR_SHIFT, 1, SZ_4K),
			0);
	KUNIT_ASSERT_GT(test, klab_store_bytes(&t->disk->store), 0);
	KUNIT_EXPECT_EQ(test, klab_media_eject(t->disk, true), 0);
	KUNIT_EXPECT_EQ(test, klab_store_bytes(&t->disk->store), 0);
}

/**
 * struct change - of a medium, by somebody else
 * @work: who does it
 * @disk: the disk
 * @insert: put it in, else take it out
 * @err: what came of it
 */
struct change {
	struct work_struct work;
	struct klab_disk *disk;
	bool insert;
	int err;
};

static void change_medium(struct work_struct *work)
{
	struct change *change = container_of(work, struct change, work);

	change->err = change->insert ? klab_media_insert(change->disk, false) :
				       klab_media_eject(change->disk, true);
}

/*
 * Begins while a save is going on. It cannot be seen to wait for that; it gets
 * the time to go on in which it does what it must not.
 */
static void change_in_a_save(struct klab_disk *disk, bool insert,
			     u64 *bytes, struct klab_backing **backing)
{
	struct change change = { .disk = disk, .insert = insert };
	int ticks;

	INIT_WORK_ONSTACK(&change.work, change_medium);
	scoped_guard(mutex, &disk->save_lock) {
		queue_work(system_unbound_wq, &change.work);
		for (ticks = 0; ticks < 5; ticks++)
			schedule_timeout_uninterruptible(1);
		*bytes = klab_store_bytes(&disk->store);
		*backing = disk->backing;
	}
	flush_work(&change.work);
	destroy_work_on_stack(&change.work);
}

/* Its pages and its file are there until it is over. */
static void klab_blkdev_media_goes_in_a_save(struct kunit *test)
{
	struct tried *t = make_cached(test);
	struct klab_backing *backing;
	u64 bytes;

	KUNIT_ASSERT_EQ(test, put(t, 8, 1, SZ_16K), 0);
	change_in_a_save(t->disk, false, &bytes, &backing);
	KUNIT_EXPECT_EQ(test, bytes, SZ_16K);
	KUNIT_EXPECT_NOT_NULL(test, backing);
	KUNIT_EXPECT_EQ(test, klab_store_bytes(&t->disk->store), 0);
	KUNIT_EXPECT_NULL(test, t->disk->backing);
	change_in_a_save(t->disk, true, &bytes, &backing);
	KUNIT_EXPECT_NULL(test, backing);
	KUNIT_EXPECT_NOT_NULL(test, t->disk->backing);
}

static void eject_medium(struct work_struct *work)
{
	struct change *change = container_of(work, struct change, work);

	change->err = klab_media_eject(change->disk, false);
}

/* Writes to the disk what is not written back yet. */
static int open_and_write(struct tried *t)
{
	loff_t pos = SZ_64K;

	t->file = bdev_file_open_by_dev(disk_devt(t->disk->gendisk),
					BLK_OPEN_READ | BLK_OPEN_WRITE |
					BLK_OPEN_NDELAY, NULL, NULL);
	if (IS_ERR(t->file)) {
		int err = PTR_ERR(t->file);

		t->file = NULL;
		return err;
	}
	memset(t->data, 9, SZ_4K);
	return kernel_write(t->file, t->data, SZ_4K, &pos);
}

/* While what the medium holds is saved; returns what open_and_write() does. */
static int open_in_an_eject(struct tried *t, struct change *change)
{
	unsigned long end = jiffies + 10 * HZ;
	int written;

	INIT_WORK_ONSTACK(&change->work, eject_medium);
	scoped_guard(mutex, &t->disk->save_lock) {
		queue_work(system_unbound_wq, &change->work);
		while (!klab_media_is_out(t->disk) &&
		       time_before(jiffies, end))
			schedule_timeout_uninterruptible(1);
		written = open_and_write(t);
	}
	flush_work(&change->work);
	destroy_work_on_stack(&change->work);
	return written;
}

/* Who has it open then has had that medium, and is not to get at the next. */
static void klab_blkdev_media_opened_in_an_eject(struct kunit *test)
{
	struct tried *t = make_cached(test);
	struct change change = { .disk = t->disk };

	close_disk(t);
	flush_work(&t->disk->save);
	KUNIT_ASSERT_EQ(test, open_in_an_eject(t, &change), SZ_4K);
	KUNIT_ASSERT_EQ(test, change.err, 0);
	KUNIT_ASSERT_EQ(test, klab_media_insert(t->disk, false), 0);
	sync_blockdev(file_bdev(t->file));
	KUNIT_EXPECT_EQ(test, klab_store_bytes(&t->disk->store), 0);
	KUNIT_EXPECT_EQ(test, put(t, 8, 1, SZ_4K), -EIO);
	close_disk(t);
	t->file = open_disk(t->disk);
	KUNIT_ASSERT_FALSE(test, IS_ERR(t->file));
	KUNIT_EXPECT_EQ(test, do_bio(t, REQ_OP_READ, SZ_64K >> SECTOR_SHIFT,
				     SZ_4K), 0);
	KUNIT_EXPECT_TRUE(test, all_bytes(t->data, 0, SZ_4K));
}

static int insert_medium(struct kunit *test)
{
	struct tried *t = test->priv;
	int err = klab_media_insert(t->disk, false);

	return err ?: klab_media_eject(t->disk, true);
}

static void klab_blkdev_media_insert_without_memory(struct kunit *test)
{
	struct tried *t = make_cached(test);

	close_disk(t);
	KUNIT_ASSERT_EQ(test, klab_media_eject(t->disk, true), 0);
	test->priv = t;
	quiet_console(test);
	klab_kunit_each_failure(test, insert_medium);
	KUNIT_EXPECT_TRUE(test, klab_media_is_out(t->disk));
	KUNIT_EXPECT_NULL(test, t->disk->backing);
}

static void klab_blkdev_media_fixed_medium(struct kunit *test)
{
	struct tried *t = make_disk(test);

	KUNIT_EXPECT_EQ(test, klab_media_eject(t->disk, true), -ENOTTY);
	KUNIT_EXPECT_EQ(test, klab_media_insert(t->disk, false), -ENOTTY);
}

static struct kunit_case klab_blkdev_media_cases[] = {
	KUNIT_CASE_PARAM(klab_blkdev_media_goes_and_comes, mode_gen_params),
	KUNIT_CASE_PARAM(klab_blkdev_media_shrinks_while_out, mode_gen_params),
	KUNIT_CASE_PARAM(klab_blkdev_media_is_torn_out, mode_gen_params),
	KUNIT_CASE_PARAM(klab_blkdev_media_partition_is_open, mode_gen_params),
	KUNIT_CASE(klab_blkdev_media_nothing_stays_of_a_huge_file),
	KUNIT_CASE(klab_blkdev_media_goes_in_a_save),
	KUNIT_CASE(klab_blkdev_media_opened_in_an_eject),
	KUNIT_CASE(klab_blkdev_media_insert_without_memory),
	KUNIT_CASE_PARAM(klab_blkdev_media_fixed_medium, mode_gen_params),
	{}
};

static struct kunit_suite klab_blkdev_media_suite = {
	.name = "klab_blkdev_media",
	.test_cases = klab_blkdev_media_cases,
};

kunit_test_suite(klab_blkdev_media_suite);

MODULE_DESCRIPTION("klab: KUnit tests for the media of disks");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS(EXPORTED_FOR_KUNIT_TESTING);
