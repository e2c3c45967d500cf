// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests for the settings of a disk: how they are read, which ones are
 * possible, and what limits the block layer gets from them.
 */
#include <linux/array_size.h>
#include <linux/blkdev.h>
#include <linux/errno.h>
#include <linux/limits.h>
#include <linux/module.h>
#include <linux/sizes.h>

#include <kunit/test.h>

#include "../blkdev.h"

static const struct size_case {
	const char *text;
	int err;
	u64 size;
} size_cases[] = {
	{ "512", 0, 512 },
	{ "5120000\n", 0, 5120000 },
	{ "4K", 0, SZ_4K },
	{ "4k\n", 0, SZ_4K },
	{ "16M", 0, SZ_16M },
	{ "2G", 0, SZ_2G },
	{ "1T", 0, 1ULL << 40 },
	{ "1P", 0, 1ULL << 50 },
	{ "0", 0, 0 },
	{ "18446744073709551615", 0, U64_MAX },
	{ "18446744073709551616", -ERANGE },
	{ "16384P", -ERANGE },
	{ "18446744073709551615K", -ERANGE },
	{ "", -EINVAL },
	{ "\n", -EINVAL },
	{ "M", -EINVAL },
	{ "4X", -EINVAL },
	{ "4MM", -EINVAL },
	{ "4 M", -EINVAL },
	{ "-1", -EINVAL },
	{ "4M\n\n", -EINVAL },
	{ "4M\n8M", -EINVAL },
	{ "0x1000", -EINVAL },
	{ "000000000000000000000000512", -EINVAL },
};

KUNIT_ARRAY_PARAM_DESC(size, size_cases, text);

static void klab_blkdev_settings_parse_size(struct kunit *test)
{
	const struct size_case *c = test->param_value;
	u64 size = 0;

	KUNIT_EXPECT_EQ(test, klab_disk_parse_size(c->text, &size), c->err);
	if (!c->err)
		KUNIT_EXPECT_EQ(test, size, c->size);
}

static const struct mode_case {
	const char *text;
	int mode;
} mode_cases[] = {
	{ "segment", KLAB_DISK_SEGMENT },
	{ "request\n", KLAB_DISK_REQUEST },
	{ "bio", KLAB_DISK_BIO },
	{ "0", KLAB_DISK_SEGMENT },
	{ "1\n", KLAB_DISK_REQUEST },
	{ "2", KLAB_DISK_BIO },
	{ "3", -EINVAL },
	{ "-1", -EINVAL },
	{ "", -EINVAL },
	{ "bios", -EINVAL },
};

KUNIT_ARRAY_PARAM_DESC(mode, mode_cases, text);

static void klab_blkdev_settings_parse_mode(struct kunit *test)
{
	const struct mode_case *c = test->param_value;

	KUNIT_EXPECT_EQ(test, klab_disk_parse_mode(c->text), c->mode);
}

#define SETTINGS(_size, _mode, _block_size, _queues, _depth)		\
	{ .size = _size, .mode = _mode, .block_size = _block_size,	\
	  .queues = _queues, .queue_depth = _depth }

static const struct check_case {
	const char *what;
	struct klab_disk_settings settings;
	int err;
} check_cases[] = {
	{ "usual", SETTINGS(SZ_4M, KLAB_DISK_BIO, 512, 1, 64), 0 },
	{ "one block", SETTINGS(512, KLAB_DISK_BIO, 512, 1, 1), 0 },
	{ "large blocks", SETTINGS(SZ_4K, KLAB_DISK_REQUEST, 4096, 1, 1), 0 },
	{ "most", SETTINGS(KLAB_DISK_SIZE_MAX, KLAB_DISK_SEGMENT, 1024,
			   KLAB_DISK_QUEUES_MAX, KLAB_DISK_DEPTH_MAX), 0 },
	{ "no size", SETTINGS(0, KLAB_DISK_BIO, 512, 1, 1), -EINVAL },
	{ "half a block", SETTINGS(2048, KLAB_DISK_BIO, 4096, 1, 1), -EINVAL },
	{ "a block and a half", SETTINGS(1536, KLAB_DISK_BIO, 1024, 1, 1),
	  -EINVAL },
	{ "too large", SETTINGS(KLAB_DISK_SIZE_MAX + 512, KLAB_DISK_BIO, 512,
				1, 1), -EINVAL },
	{ "largest number", SETTINGS(U64_MAX, KLAB_DISK_BIO, 512, 1, 1),
	  -EINVAL },
	{ "no mode", SETTINGS(SZ_4M, NR_KLAB_DISK_MODES, 512, 1, 1), -EINVAL },
	{ "small blocks", SETTINGS(SZ_4M, KLAB_DISK_BIO, 256, 1, 1), -EINVAL },
	{ "odd blocks", SETTINGS(SZ_4M, KLAB_DISK_BIO, 768, 1, 1), -EINVAL },
	{ "blocks of nothing", SETTINGS(SZ_4M, KLAB_DISK_BIO, 0, 1, 1),
	  -EINVAL },
	{ "blocks too large", SETTINGS(SZ_4M, KLAB_DISK_BIO, 8192, 1, 1),
	  -EINVAL },
	{ "no queue", SETTINGS(SZ_4M, KLAB_DISK_REQUEST, 512, 0, 1), -EINVAL },
	{ "many queues", SETTINGS(SZ_4M, KLAB_DISK_REQUEST, 512,
				  KLAB_DISK_QUEUES_MAX + 1, 1), -EINVAL },
	{ "no depth", SETTINGS(SZ_4M, KLAB_DISK_REQUEST, 512, 1, 0), -EINVAL },
	{ "too deep", SETTINGS(SZ_4M, KLAB_DISK_REQUEST, 512, 1,
			       KLAB_DISK_DEPTH_MAX + 1), -EINVAL },
};

KUNIT_ARRAY_PARAM_DESC(check, check_cases, what);

static void klab_blkdev_settings_check(struct kunit *test)
{
	const struct check_case *c = test->param_value;

	KUNIT_EXPECT_EQ(test, klab_disk_check(&c->settings), c->err);
}

static const enum klab_disk_mode every_mode[] = {
	KLAB_DISK_SEGMENT, KLAB_DISK_REQUEST, KLAB_DISK_BIO,
};

KUNIT_ARRAY_PARAM(every_mode, every_mode, NULL);

static void klab_blkdev_settings_limits(struct kunit *test)
{
	const enum klab_disk_mode *mode = test->param_value;
	struct klab_disk_settings settings =
		SETTINGS(SZ_4M, *mode, 1024, 1, 1);
	struct queue_limits lim;

	klab_disk_limits(&settings, &lim);
	KUNIT_EXPECT_EQ(test, lim.logical_block_size, 1024);
	KUNIT_EXPECT_EQ(test, lim.physical_block_size, 1024);
	KUNIT_EXPECT_EQ(test, lim.discard_granularity, PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, lim.max_hw_discard_sectors % 8, 0);
	KUNIT_EXPECT_GT(test, lim.max_write_zeroes_sectors, 0);
	KUNIT_EXPECT_EQ(test, lim.max_segments == 1,
			*mode == KLAB_DISK_SEGMENT);
	KUNIT_EXPECT_EQ(test, lim.dma_alignment,
			*mode == KLAB_DISK_SEGMENT ? 1023 : 3);
	/* Nothing here is lost with the power that was written before it. */
	KUNIT_EXPECT_FALSE(test, lim.features & BLK_FEAT_WRITE_CACHE);
	KUNIT_EXPECT_TRUE(test, lim.features & BLK_FEAT_NOWAIT);
	KUNIT_EXPECT_FALSE(test, lim.features & BLK_FEAT_ROTATIONAL);
}

static const struct end_case {
	const char *what;
	sector_t size;
	sector_t sector;
	sector_t sectors;
	bool there;
} end_cases[] = {
	{ "first", 8, 0, 1, true },
	{ "last", 8, 7, 1, true },
	{ "all", 8, 0, 8, true },
	{ "nothing at the end", 8, 8, 0, true },
	{ "one behind", 8, 8, 1, false },
	{ "over the end", 8, 7, 2, false },
	{ "more than all", 8, 0, 9, false },
	{ "nothing behind the end", 8, 9, 0, false },
	{ "a sum that wraps", 8, ~(sector_t)0, 2, false },
	{ "a number that wraps", 8, 1, ~(sector_t)0, false },
	{ "largest disk", ~(sector_t)0, ~(sector_t)0 - 1, 1, true },
	{ "empty disk", 0, 0, 1, false },
};

KUNIT_ARRAY_PARAM_DESC(end, end_cases, what);

static void klab_blkdev_settings_end_of_disk(struct kunit *test)
{
	const struct end_case *c = test->param_value;
	struct klab_disk *disk = kunit_kzalloc(test, sizeof(*disk), GFP_KERNEL);
	struct klab_verdict verdict;

	KUNIT_ASSERT_NOT_NULL(test, disk);
	disk->sectors = c->size;
	KUNIT_EXPECT_EQ(test, klab_disk_has(disk, c->sector, c->sectors),
			c->there);
	KUNIT_EXPECT_EQ(test, klab_disk_judge(disk, REQ_OP_READ, c->sector,
					      c->sectors, &verdict), c->there);
	KUNIT_EXPECT_EQ(test, blk_status_to_errno(verdict.status),
			c->there ? 0 : -EIO);
}

static struct kunit_case klab_blkdev_settings_cases[] = {
	KUNIT_CASE_PARAM(klab_blkdev_settings_parse_size, size_gen_params),
	KUNIT_CASE_PARAM(klab_blkdev_settings_parse_mode, mode_gen_params),
	KUNIT_CASE_PARAM(klab_blkdev_settings_check, check_gen_params),
	KUNIT_CASE_PARAM(klab_blkdev_settings_limits, every_mode_gen_params),
	KUNIT_CASE_PARAM(klab_blkdev_settings_end_of_disk, end_gen_params),
	{}
};

static struct kunit_suite klab_blkdev_settings_suite = {
	.name = "klab_blkdev_settings",
	.test_cases = klab_blkdev_settings_cases,
};

kunit_test_suite(klab_blkdev_settings_suite);

MODULE_DESCRIPTION("klab: KUnit tests for the settings of the disk");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS(EXPORTED_FOR_KUNIT_TESTING);
