// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests for disks that a file keeps: what is in the file when, and what
 * the disk says that it holds.
 */
#include <linux/array_size.h>
#include <linux/bio.h>
#include <linux/blkdev.h>
#include <linux/bvec.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/falloc.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/gfp.h>
#include <linux/math.h>
#include <linux/module.h>
#include <linux/pagemap.h>
#include <linux/sched.h>
#include <linux/shmem_fs.h>
#include <linux/sizes.h>
#include <linux/string.h>

#include <kunit/test.h>

#include "../../core/klab_fixture.h"
#include "../blkdev.h"

#define BUFFER		SZ_64K

/**
 * struct kept - a file, and a disk's view of it
 * @store: what the file has not got
 * @file: the file, in memory
 * @usual: what such files do, once it does something else
 * @flags: those that all its writers have had
 * @mode: of the last fallocate()
 * @backing: the file as a backing
 * @data: BUFFER bytes to write from and read to
 * @bio: the bio
 * @bvec: its segment
 */
struct kept {
	struct klab_store store;
	struct file *file;
	const struct file_operations *usual;
	unsigned int flags;
	int mode;
	struct klab_backing *backing;
	u8 *data;
	struct bio bio;
	struct bio_vec bvec;
};

static void free_kept(void *data)
{
	struct kept *k = data;

	if (k->usual)
		k->file->f_op = k->usual;
	klab_backing_destroy(k->backing);
	if (k->file)
		__fput_sync(k->file);
	klab_store_destroy(&k->store);
	if (k->data)
		free_pages_exact(k->data, BUFFER);
}

static struct kept *keep_size(struct kunit *test, bool cached, loff_t size)
{
	struct kept *k = kunit_kzalloc(test, sizeof(*k), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, k);
	klab_store_init(&k->store);
	k->data = alloc_pages_exact(BUFFER, GFP_KERNEL | __GFP_ZERO);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, free_kept, k));
	KUNIT_ASSERT_NOT_NULL(test, k->data);
	k->file = shmem_kernel_file_setup("klab-disk", size, 0);
	if (IS_ERR(k->file))
		k->file = NULL;
	KUNIT_ASSERT_NOT_NULL(test, k->file);
	k->backing = klab_backing_create(k->file, cached, 512);
	if (IS_ERR(k->backing))
		k->backing = NULL;
	KUNIT_ASSERT_NOT_NULL(test, k->backing);
	return k;
}

static struct kept *keep(struct kunit *test, bool cached)
{
	return keep_size(test, cached, SZ_1M);
}

static int do_bio(struct kept *k, blk_opf_t opf, sector_t sector, u32 len)
{
	bio_init(&k->bio, NULL, &k->bvec, 1, opf);
	k->bio.bi_iter.bi_sector = sector;
	k->bio.bi_iter.bi_size = len;
	k->bio.bi_vcnt = 1;
	bvec_set_virt(&k->bvec, k->data, len);
	return klab_backing_transfer(k->backing, &k->store, &k->bio);
}

static int put(struct kept *k, blk_opf_t flags, sector_t sector, u8 byte,
	       u32 len)
{
	int err;

	memset(k->data, byte, len);
	err = do_bio(k, REQ_OP_WRITE | flags, sector, len);
	memset(k->data, 0xa5, len);
	return err;
}

static bool all_bytes(const u8 *data, u8 byte, size_t len)
{
	return !memchr_inv(data, byte, len);
}

/* What the disk says. */
static bool disk_has(struct kept *k, sector_t sector, u8 byte, u32 len)
{
	return !do_bio(k, REQ_OP_READ, sector, len) &&
	       all_bytes(k->data, byte, len);
}

/* What would be there after the power is lost. */
static bool file_has(struct kept *k, sector_t sector, u8 byte, u32 len)
{
	loff_t pos = sector << SECTOR_SHIFT;

	return kernel_read(k->file, k->data, len, &pos) == len &&
	       all_bytes(k->data, byte, len);
}

static const struct place_case {
	const char *what;
	sector_t sector;
	u32 len;
} place_cases[] = {
	{ "a sector", 3, 512 },
	{ "a page", 8, SZ_4K },
	{ "the end of a page and a start", 7, 1024 },
	{ "pages, and half ones around", 13, SZ_16K },
	{ "the end of the file", (SZ_1M - SZ_8K) / 512, SZ_8K },
	{ "its last sector", SZ_1M / 512 - 1, 512 },
};

KUNIT_ARRAY_PARAM_DESC(place, place_cases, what);

static void klab_blkdev_backing_write_through(struct kunit *test)
{
	const struct place_case *c = test->param_value;
	struct kept *k = keep(test, false);

	KUNIT_EXPECT_EQ(test, put(k, 0, c->sector, 1, c->len), 0);
	KUNIT_EXPECT_TRUE(test, file_has(k, c->sector, 1, c->len));
	KUNIT_EXPECT_TRUE(test, disk_has(k, c->sector, 1, c->len));
	KUNIT_EXPECT_EQ(test, k->store.nr_pages, 0);
}

static void klab_blkdev_backing_cached_until_saved(struct kunit *test)
{
	const struct place_case *c = test->param_value;
	struct kept *k = keep(test, true);

	KUNIT_EXPECT_EQ(test, put(k, 0, c->sector, 1, c->len), 0);
	KUNIT_EXPECT_TRUE(test, file_has(k, c->sector, 0, c->len));
	KUNIT_EXPECT_TRUE(test, disk_has(k, c->sector, 1, c->len));
	KUNIT_EXPECT_GT(test, k->store.nr_pages, 0);
	KUNIT_EXPECT_EQ(test, klab_backing_save(k->backing, &k->store), 0);
	KUNIT_EXPECT_TRUE(test, file_has(k, c->sector, 1, c->len));
	KUNIT_EXPECT_TRUE(test, disk_has(k, c->sector, 1, c->len));
	KUNIT_EXPECT_EQ(test, k->store.nr_pages, 0);
}

static void klab_blkdev_backing_fua_does_not_wait(struct kunit *test)
{
	const struct place_case *c = test->param_value;
	struct kept *k = keep(test, true);

	KUNIT_EXPECT_EQ(test, put(k, 0, 256, 1, SZ_4K), 0);
	KUNIT_EXPECT_EQ(test, put(k, REQ_FUA, c->sector, 2, c->len), 0);
	KUNIT_EXPECT_TRUE(test, file_has(k, c->sector, 2, c->len));
	KUNIT_EXPECT_TRUE(test, file_has(k, 256, 0, SZ_4K));
}

/* What is around what was written is what the file had. */
static void klab_blkdev_backing_cached_keeps_neighbours(struct kunit *test)
{
	const struct place_case *c = test->param_value;
	struct kept *k = keep(test, true);

	for (sector_t sector = 0; sector < SZ_1M / 512; sector += BUFFER / 512)
		KUNIT_ASSERT_EQ(test, put(k, REQ_FUA, sector, 3, BUFFER), 0);
	KUNIT_ASSERT_EQ(test, klab_backing_save(k->backing, &k->store), 0);
	KUNIT_EXPECT_EQ(test, put(k, 0, c->sector, 4, c->len), 0);
	KUNIT_EXPECT_TRUE(test, disk_has(k, c->sector - 1, 3, 512));
	KUNIT_EXPECT_TRUE(test, disk_has(k, c->sector, 4, c->len));
	KUNIT_EXPECT_EQ(test, klab_backing_save(k->backing, &k->store), 0);
	KUNIT_EXPECT_TRUE(test, file_has(k, c->sector - 1, 3, 512));
	if (c->sector + c->len / 512 < SZ_1M / 512)
		KUNIT_EXPECT_TRUE(test, file_has(k, c->sector + c->len / 512, 3,
						 512));
	KUNIT_EXPECT_EQ(test, i_size_read(file_inode(k->file)), SZ_1M);
}

/* Memory is not filled with what the file could have. */
static void klab_blkdev_backing_cache_is_full(struct kunit *test)
{
	struct kept *k = keep(test, true);

	/* By itself it has room for more than a small disk. */
	KUNIT_EXPECT_GT(test, k->backing->room, SZ_1M);
	k->backing->room = SZ_16K;
	KUNIT_EXPECT_EQ(test, put(k, 0, 8, 1, SZ_16K), 0);
	KUNIT_EXPECT_EQ(test, k->store.nr_pages, SZ_16K >> PAGE_SHIFT);
	KUNIT_EXPECT_TRUE(test, file_has(k, 8, 0, SZ_16K));
	KUNIT_EXPECT_EQ(test, put(k, 0, 64, 2, PAGE_SIZE), 0);
	KUNIT_EXPECT_EQ(test, k->store.nr_pages, 1);
	KUNIT_EXPECT_TRUE(test, file_has(k, 8, 1, SZ_16K));
	KUNIT_EXPECT_TRUE(test, disk_has(k, 8, 1, SZ_16K));
	KUNIT_EXPECT_TRUE(test, disk_has(k, 64, 2, PAGE_SIZE));
}

static void klab_blkdev_backing_zeroes(struct kunit *test)
{
	const struct place_case *c = test->param_value;

	for (int cached = 0; cached < 2; cached++) {
		struct kept *k = keep(test, cached);
		u64 pos = (u64)c->sector << SECTOR_SHIFT;

		KUNIT_ASSERT_EQ(test, put(k, 0, c->sector, 5, c->len), 0);
		KUNIT_EXPECT_EQ(test, klab_backing_zero(k->backing, &k->store,
							pos, c->len, true), 0);
		KUNIT_EXPECT_TRUE(test, disk_has(k, c->sector, 0, c->len));
		KUNIT_ASSERT_EQ(test, klab_backing_save(k->backing, &k->store),
				0);
		KUNIT_EXPECT_TRUE(test, file_has(k, c->sector, 0, c->len));
	}
}

static void set_fops(struct kept *k, const struct file_operations *fops)
{
	k->usual = k->file->f_op;
	k->file->private_data = k;
	k->file->f_op = fops;
}

static ssize_t read_as_usual(struct kiocb *iocb, struct iov_iter *to)
{
	const struct kept *k = iocb->ki_filp->private_data;

	return k->usual->read_iter(iocb, to);
}

static ssize_t write_nothing(struct kiocb *iocb, struct iov_iter *from)
{
	return -ENOSPC;
}

static const struct file_operations full_fops = {
	.read_iter = read_as_usual,
	.write_iter = write_nothing,
	.fsync = noop_fsync,
};

/* Nor with what it has no room for, which stays there once it is there. */
static void klab_blkdev_backing_cache_and_file_are_full(struct kunit *test)
{
	struct kept *k = keep(test, true);

	k->backing->room = SZ_16K;
	KUNIT_ASSERT_EQ(test, put(k, 0, 8, 1, SZ_16K), 0);
	set_fops(k, &full_fops);
	KUNIT_EXPECT_EQ(test, put(k, 0, 64, 2, PAGE_SIZE), -ENOSPC);
	KUNIT_EXPECT_EQ(test, k->store.nr_pages, SZ_16K >> PAGE_SHIFT);
	KUNIT_EXPECT_TRUE(test, disk_has(k, 8, 1, SZ_16K));
	KUNIT_EXPECT_TRUE(test, disk_has(k, 64, 0, PAGE_SIZE));
}

/* Nor may what was there long ago come back. */
static void klab_blkdev_backing_zeroes_that_fail(struct kunit *test)
{
	const struct place_case *c = test->param_value;
	struct kept *k = keep(test, true);

	KUNIT_ASSERT_EQ(test, put(k, REQ_FUA, c->sector, 1, c->len), 0);
	KUNIT_ASSERT_EQ(test, klab_backing_save(k->backing, &k->store), 0);
	KUNIT_ASSERT_EQ(test, put(k, 0, c->sector, 2, c->len), 0);
	set_fops(k, &full_fops);
	KUNIT_EXPECT_EQ(test, klab_backing_zero(k->backing, &k->store,
						(u64)c->sector << SECTOR_SHIFT,
						c->len, true), -ENOSPC);
	KUNIT_EXPECT_TRUE(test, disk_has(k, c->sector, 2, c->len));
}

static ssize_t write_and_look(struct kiocb *iocb, struct iov_iter *from)
{
	struct kept *k = iocb->ki_filp->private_data;

	k->flags &= current->flags;
	return k->usual->write_iter(iocb, from);
}

static const struct file_operations watched_fops = {
	.read_iter = read_as_usual,
	.write_iter = write_and_look,
	.fsync = noop_fsync,
};

/*
 * Who waited for memory, or for other dirty pages to be written, might wait for
 * what this disk has to write itself.
 */
static void klab_blkdev_backing_writes_wait_for_no_disk(struct kunit *test)
{
	const unsigned int flags = PF_MEMALLOC_NOIO | PF_LOCAL_THROTTLE;
	const unsigned int before = current->flags & flags;

	for (int cached = 0; cached < 2; cached++) {
		struct kept *k = keep(test, cached);

		set_fops(k, &watched_fops);
		k->flags = ~0;
		KUNIT_EXPECT_EQ(test, put(k, REQ_FUA, 0, 1, SZ_4K), 0);
		KUNIT_EXPECT_EQ(test, put(k, 0, 8, 1, SZ_4K), 0);
		KUNIT_EXPECT_EQ(test, klab_backing_save(k->backing, &k->store),
				0);
		KUNIT_EXPECT_EQ(test, klab_backing_zero(k->backing, &k->store,
							0, SZ_4K, true), 0);
		KUNIT_EXPECT_EQ(test, k->flags & flags, flags);
		KUNIT_EXPECT_NE(test, k->flags, ~0);
	}
	KUNIT_EXPECT_EQ(test, current->flags & flags, before);
}

/* An error of write-back, of which another writer has been told. */
static int sync_after_another(struct file *file, loff_t from, loff_t to,
			      int datasync)
{
	int told;

	filemap_set_wb_err(file->f_mapping, -EIO);
	told = file_check_and_advance_wb_err(file);
	return told ? file_check_and_advance_wb_err(file) : -EINVAL;
}

static const struct file_operations shared_fops = {
	.read_iter = read_as_usual,
	.write_iter = write_and_look,
	.fsync = sync_after_another,
};

static void klab_blkdev_backing_error_told_to_another(struct kunit *test)
{
	struct kept *k = keep(test, false);

	set_fops(k, &shared_fops);
	KUNIT_EXPECT_EQ(test, put(k, 0, 0, 1, SZ_4K), -EIO);
	KUNIT_EXPECT_EQ(test, klab_backing_zero(k->backing, &k->store, 0,
						SZ_4K, true), -EIO);
	/* It is none of a later write. */
	k->file->f_op = k->usual;
	KUNIT_EXPECT_EQ(test, put(k, 0, 0, 1, SZ_4K), 0);
}

static void klab_blkdev_backing_save_told_to_another(struct kunit *test)
{
	struct kept *k = keep(test, true);

	set_fops(k, &shared_fops);
	KUNIT_EXPECT_EQ(test, put(k, REQ_FUA, 0, 1, SZ_4K), -EIO);
	KUNIT_EXPECT_EQ(test, klab_backing_save(k->backing, &k->store), -EIO);
	KUNIT_EXPECT_GT(test, k->store.nr_pages, 0);
	k->file->f_op = k->usual;
	KUNIT_EXPECT_EQ(test, klab_backing_save(k->backing, &k->store), 0);
	KUNIT_EXPECT_EQ(test, k->store.nr_pages, 0);
}

static void klab_blkdev_backing_zeroes_without_holes(struct kunit *test)
{
	const struct place_case *c = test->param_value;

	for (int cached = 0; cached < 2; cached++) {
		struct kept *k = keep(test, cached);
		u64 pos = (u64)c->sector << SECTOR_SHIFT;

		KUNIT_ASSERT_EQ(test, put(k, REQ_FUA, c->sector, 5, c->len), 0);
		set_fops(k, &watched_fops);
		KUNIT_EXPECT_EQ(test, klab_backing_zero(k->backing, &k->store,
							pos, c->len, true), 0);
		KUNIT_EXPECT_TRUE(test, file_has(k, c->sector, 0, c->len));
		KUNIT_EXPECT_TRUE(test, disk_has(k, c->sector, 0, c->len));
	}
}

static long note_mode(struct file *file, int mode, loff_t pos, loff_t len)
{
	struct kept *k = file->private_data;

	k->mode = mode;
	return 0;
}

static const struct file_operations noting_fops = {
	.read_iter = read_as_usual,
	.fallocate = note_mode,
	.fsync = noop_fsync,
};

/* Zeroes that are to have a place keep it. */
static void klab_blkdev_backing_space_of_zeroes(struct kunit *test)
{
	struct kept *k = keep(test, false);

	set_fops(k, &noting_fops);
	KUNIT_EXPECT_EQ(test, klab_backing_zero(k->backing, &k->store, 0,
						SZ_4K, true), 0);
	KUNIT_EXPECT_EQ(test, k->mode,
			FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE);
	KUNIT_EXPECT_EQ(test, klab_backing_zero(k->backing, &k->store, 0,
						SZ_4K, false), 0);
	KUNIT_EXPECT_EQ(test, k->mode,
			FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE);
}

static ssize_t read_error(struct kiocb *iocb, struct iov_iter *to)
{
	return -EIO;
}

static ssize_t write_no_byte(struct kiocb *iocb, struct iov_iter *from)
{
	return 0;
}

static const struct file_operations broken_fops = {
	.read_iter = read_error,
	.write_iter = write_no_byte,
	.fsync = noop_fsync,
};

/* What could not be read is not taken for zeroes later. */
static void klab_blkdev_backing_reads_that_fail(struct kunit *test)
{
	struct kept *k = keep(test, true);

	KUNIT_ASSERT_EQ(test, put(k, REQ_FUA, 0, 1, SZ_8K), 0);
	KUNIT_ASSERT_EQ(test, klab_backing_save(k->backing, &k->store), 0);
	set_fops(k, &broken_fops);
	KUNIT_EXPECT_EQ(test, put(k, 0, 3, 2, SZ_4K), -EIO);
	KUNIT_EXPECT_EQ(test, do_bio(k, REQ_OP_READ, 0, SZ_4K), -EIO);
	KUNIT_EXPECT_EQ(test, k->store.nr_pages, 0);
	k->file->f_op = k->usual;
	KUNIT_EXPECT_TRUE(test, disk_has(k, 0, 1, SZ_8K));
}

static void klab_blkdev_backing_file_takes_nothing(struct kunit *test)
{
	struct kept *k = keep(test, false);

	set_fops(k, &broken_fops);
	KUNIT_EXPECT_EQ(test, put(k, 0, 0, 1, SZ_4K), -ENOSPC);
}

/* It may be longer than its blocks. */
static void klab_blkdev_backing_keeps_the_rest(struct kunit *test)
{
	struct kept *k = keep_size(test, true, 10000);
	loff_t pos = round_down(10000, 512);
	sector_t last = (pos >> SECTOR_SHIFT) - 1;
	char rest[4];

	KUNIT_ASSERT_EQ(test, kernel_write(k->file, "rest", 4, &pos), 4);
	KUNIT_EXPECT_EQ(test, put(k, 0, last, 1, 512), 0);
	KUNIT_EXPECT_EQ(test, klab_backing_save(k->backing, &k->store), 0);
	KUNIT_EXPECT_TRUE(test, file_has(k, last, 1, 512));
	/* The last page is none of its own as a whole, and must not stay. */
	KUNIT_EXPECT_TRUE(test, disk_has(k, last, 1, 512));
	KUNIT_EXPECT_EQ(test, k->store.nr_pages, 0);
	KUNIT_EXPECT_EQ(test, klab_backing_save(k->backing, &k->store), 0);
	KUNIT_EXPECT_TRUE(test, file_has(k, last, 1, 512));
	pos -= 4;
	KUNIT_ASSERT_EQ(test, kernel_read(k->file, rest, 4, &pos), 4);
	KUNIT_EXPECT_MEMEQ(test, rest, "rest", 4);
	KUNIT_EXPECT_EQ(test, i_size_read(file_inode(k->file)), 10000);
}

static void klab_blkdev_backing_size_in_blocks(struct kunit *test)
{
	struct kept *k = keep(test, false);
	struct file *odd = shmem_kernel_file_setup("odd", 10000, 0);
	struct klab_backing *backing;

	KUNIT_EXPECT_EQ(test, k->backing->size, SZ_1M);
	KUNIT_ASSERT_FALSE(test, IS_ERR(odd));
	backing = klab_backing_create(odd, false, 4096);
	KUNIT_EXPECT_EQ(test, IS_ERR(backing) ? 0 : backing->size, SZ_8K);
	if (!IS_ERR(backing))
		klab_backing_destroy(backing);
	backing = klab_backing_create(odd, false, SZ_16K);
	KUNIT_EXPECT_EQ(test, PTR_ERR(backing), -EINVAL);
	__fput_sync(odd);
}

/* A part of a page that the file has no more of. */
static void klab_blkdev_backing_file_gets_shorter(struct kunit *test)
{
	struct kept *k = keep(test, true);

	KUNIT_ASSERT_EQ(test, put(k, REQ_FUA, 0, 6, SZ_8K), 0);
	KUNIT_ASSERT_EQ(test, klab_backing_save(k->backing, &k->store), 0);
	KUNIT_ASSERT_EQ(test, vfs_truncate(&k->file->f_path, SZ_4K), 0);
	KUNIT_EXPECT_TRUE(test, disk_has(k, 0, 6, SZ_4K));
	KUNIT_EXPECT_TRUE(test, disk_has(k, 8, 0, SZ_4K));
}

/* What there is no memory for goes to the file. */
static int save_pages(struct kunit *test)
{
	struct kept *k = test->priv;
	int err;

	err = put(k, 0, 3, 7, SZ_8K) ?:
	      klab_backing_save(k->backing, &k->store);
	return err ?: disk_has(k, 3, 7, SZ_8K) ? 0 : -EIO;
}

static void klab_blkdev_backing_without_memory(struct kunit *test)
{
	test->priv = keep(test, true);
	klab_kunit_each_failure(test, save_pages);
	KUNIT_EXPECT_TRUE(test, file_has(test->priv, 3, 7, SZ_8K));
}

static const struct file_operations unsynced_fops = {
	.write_iter = write_nothing,
};

static void klab_blkdev_backing_takes_regular_files(struct kunit *test)
{
	struct kept *k = keep(test, false);
	struct file *root = filp_open("/", O_RDONLY, 0);

	KUNIT_EXPECT_EQ(test, klab_backing_check(k->file), 0);
	KUNIT_ASSERT_FALSE(test, IS_ERR(root));
	KUNIT_EXPECT_EQ(test, klab_backing_check(root), -EINVAL);
	__fput_sync(root);
	/* What cannot be synced, as files of settings, keeps no promise. */
	set_fops(k, &unsynced_fops);
	KUNIT_EXPECT_EQ(test, klab_backing_check(k->file), -EINVAL);
}

static const struct below_case {
	const char *what;
	const char *disk;	/* name, or NULL */
	int flags;
	int depth;
	bool refused;
	const char *type;	/* of the file system, if it matters */
} below_cases[] = {
	{ "memory", NULL, 0, 0, false },
	{ "a disk", "sda", FS_REQUIRES_DEV, 0, false },
	{ "a disk whose name begins with m", "mmcblk0", FS_REQUIRES_DEV, 0,
	  false },
	{ "a disk of klab", "klab-disk0", FS_REQUIRES_DEV, 0, true },
	{ "loop", "loop0", FS_REQUIRES_DEV, 0, true },
	{ "the device mapper", "dm-1", FS_REQUIRES_DEV, 0, true },
	{ "md", "md127", FS_REQUIRES_DEV, 0, true },
	{ "bcache", "bcache0", FS_REQUIRES_DEV, 0, true },
	{ "nbd", "nbd0", FS_REQUIRES_DEV, 0, true },
	{ "drbd", "drbd0", FS_REQUIRES_DEV, 0, true },
	{ "a server of its own", "ublkb0", FS_REQUIRES_DEV, 0, true },
	{ "zram", "zram0", FS_REQUIRES_DEV, 0, true },
	{ "disks that are not told", NULL, FS_REQUIRES_DEV, 0, true },
	{ "disks of which one is told", "sda", FS_REQUIRES_DEV, 0, true,
	  "bcachefs" },
	{ "another file system", NULL, 0, 1, true },
};

KUNIT_ARRAY_PARAM_DESC(below, below_cases, what);

/* Nothing that may lead to a disk of klab, nor what does not tell. */
static void klab_blkdev_backing_what_is_below(struct kunit *test)
{
	const struct below_case *c = test->param_value;
	struct file_system_type type = {
		.name = c->type ?: "ext4",
		.fs_flags = c->flags,
	};
	struct super_block *sb = kunit_kzalloc(test, sizeof(*sb), GFP_KERNEL);
	struct block_device *bdev = kunit_kzalloc(test, sizeof(*bdev),
						  GFP_KERNEL);
	struct gendisk *disk = kunit_kzalloc(test, sizeof(*disk), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, sb);
	KUNIT_ASSERT_NOT_NULL(test, bdev);
	KUNIT_ASSERT_NOT_NULL(test, disk);
	sb->s_type = &type;
	sb->s_stack_depth = c->depth;
	bdev->bd_disk = disk;
	if (c->disk) {
		strscpy(disk->disk_name, c->disk);
		sb->s_bdev = bdev;
	}
	KUNIT_EXPECT_EQ(test, klab_backing_leads_back(sb), c->refused);
}

static struct kunit_case klab_blkdev_backing_cases[] = {
	KUNIT_CASE_PARAM(klab_blkdev_backing_write_through, place_gen_params),
	KUNIT_CASE_PARAM(klab_blkdev_backing_cached_until_saved,
			 place_gen_params),
	KUNIT_CASE_PARAM(klab_blkdev_backing_fua_does_not_wait,
			 place_gen_params),
	KUNIT_CASE_PARAM(klab_blkdev_backing_cached_keeps_neighbours,
			 place_gen_params),
	KUNIT_CASE(klab_blkdev_backing_cache_is_full),
	KUNIT_CASE(klab_blkdev_backing_cache_and_file_are_full),
	KUNIT_CASE_PARAM(klab_blkdev_backing_zeroes, place_gen_params),
	KUNIT_CASE_PARAM(klab_blkdev_backing_zeroes_that_fail,
			 place_gen_params),
	KUNIT_CASE(klab_blkdev_backing_writes_wait_for_no_disk),
	KUNIT_CASE(klab_blkdev_backing_error_told_to_another),
	KUNIT_CASE(klab_blkdev_backing_save_told_to_another),
	KUNIT_CASE_PARAM(klab_blkdev_backing_zeroes_without_holes,
			 place_gen_params),
	KUNIT_CASE(klab_blkdev_backing_space_of_zeroes),
	KUNIT_CASE(klab_blkdev_backing_reads_that_fail),
	KUNIT_CASE(klab_blkdev_backing_file_takes_nothing),
	KUNIT_CASE(klab_blkdev_backing_keeps_the_rest),
	KUNIT_CASE(klab_blkdev_backing_size_in_blocks),
	KUNIT_CASE(klab_blkdev_backing_file_gets_shorter),
	KUNIT_CASE(klab_blkdev_backing_without_memory),
	KUNIT_CASE(klab_blkdev_backing_takes_regular_files),
	KUNIT_CASE_PARAM(klab_blkdev_backing_what_is_below, below_gen_params),
	{}
};

static struct kunit_suite klab_blkdev_backing_suite = {
	.name = "klab_blkdev_backing",
	.test_cases = klab_blkdev_backing_cases,
};

kunit_test_suite(klab_blkdev_backing_suite);

MODULE_DESCRIPTION("klab: KUnit tests for files behind disks");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS(EXPORTED_FOR_KUNIT_TESTING);
