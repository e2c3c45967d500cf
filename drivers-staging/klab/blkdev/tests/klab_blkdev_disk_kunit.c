// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests for disks as the block layer sees them: each request strategy
 * does what it is asked to, and refuses what is not possible.
 */
#include <linux/blkdev.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/hdreg.h>
#include <linux/highmem.h>
#include <linux/limits.h>
#include <linux/module.h>
#include <linux/pagemap.h>
#include <linux/part_stat.h>
#include <linux/sizes.h>
#include <linux/string.h>

#include <kunit/test.h>

#include "../../core/klab_fixture.h"
#include "../blkdev.h"
#include "klab_blkdev_disk.h"

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
	KUNIT_EXPECT_EQ(test, do_bio(t, REQ_OP_DISCARD, 0, SZ_4K), -EIO);
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

/* Leaves behind the end what a write does that has begun before it came there. */
static void dirty_page_behind_the_end(struct kunit *test, struct tried *t,
				      loff_t pos)
{
	struct address_space *mapping = file_bdev(t->file)->bd_mapping;
	struct folio *folio = filemap_grab_folio(mapping, pos >> PAGE_SHIFT);
	void *data;

	KUNIT_ASSERT_FALSE(test, IS_ERR(folio));
	data = kmap_local_folio(folio, 0);
	memset(data, 0xee, PAGE_SIZE);
	kunmap_local(data);
	folio_mark_uptodate(folio);
	filemap_dirty_folio(mapping, folio);
	folio_unlock(folio);
	folio_put(folio);
}

static void klab_blkdev_disk_grows_over_late_writes(struct kunit *test)
{
	struct tried *t = make_disk(test);
	loff_t pos = SZ_4M - SZ_64K;

	KUNIT_ASSERT_EQ(test, klab_disk_resize(t->disk, SZ_2M), 0);
	dirty_page_behind_the_end(test, t, pos);
	KUNIT_EXPECT_EQ(test, klab_disk_resize(t->disk, SZ_4M), 0);
	KUNIT_EXPECT_EQ(test, kernel_read(t->file, t->data, SZ_4K, &pos), SZ_4K);
	KUNIT_EXPECT_TRUE(test, all_bytes(t->data, 0, SZ_4K));
	KUNIT_EXPECT_EQ(test, sync_blockdev(file_bdev(t->file)), 0);
	KUNIT_EXPECT_EQ(test, klab_store_bytes(&t->disk->store), 0);
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
	klab_disk_pull(t->disk);
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
	KUNIT_CASE_PARAM(klab_blkdev_disk_grows_over_late_writes,
			 mode_gen_params),
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
