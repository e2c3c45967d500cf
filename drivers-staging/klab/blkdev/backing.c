// SPDX-License-Identifier: GPL-2.0-only
/*
 * Disks that keep what they hold in a file: at once, or in memory until a flush.
 *
 * Without a cache a write is in the file, and on its disk, when it is done. With
 * one it is a page of the store until somebody flushes, asks for FUA, or saves;
 * the store then has what the file has not, and nothing else.
 *
 * File systems sleep, and wait for memory: all of this is done by workers.
 */
#include <linux/array_size.h>
#include <linux/bio.h>
#include <linux/blkdev.h>
#include <linux/bvec.h>
#include <linux/cleanup.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/falloc.h>
#include <linux/fs.h>
#include <linux/highmem.h>
#include <linux/math.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/rwsem.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>

#include <kunit/visibility.h>

#include "backing.h"
#include "store.h"

/*
 * Memory is not to be had by writing to this disk, and its pages that are dirty
 * do not hold up who makes them clean. Returns what klab_backing_end() needs.
 */
static unsigned int klab_backing_begin(void)
{
	unsigned int flags = current->flags;

	current->flags |= PF_MEMALLOC_NOIO | PF_LOCAL_THROTTLE;
	return flags;
}

static void klab_backing_end(unsigned int flags)
{
	current_restore_flags(flags, PF_MEMALLOC_NOIO | PF_LOCAL_THROTTLE);
}

/* All of @len bytes, or an error; beyond the end of the file there is nothing. */
static int klab_backing_load(struct klab_backing *backing, void *to, size_t len,
			     loff_t pos)
{
	while (len) {
		ssize_t got = kernel_read(backing->file, to, len, &pos);

		if (got < 0)
			return got;
		if (!got) {
			memset(to, 0, len);
			return 0;
		}
		to += got;
		len -= got;
	}
	return 0;
}

static int klab_backing_put(struct klab_backing *backing, const void *from,
			    size_t len, loff_t pos)
{
	while (len) {
		ssize_t put = kernel_write(backing->file, from, len, &pos);

		if (put < 0)
			return put;
		if (!put)
			return -ENOSPC;
		from += put;
		len -= put;
	}
	return 0;
}

static int klab_backing_sync(struct klab_backing *backing, u64 pos, u64 len)
{
	return vfs_fsync_range(backing->file, pos, pos + len - 1, 1);
}

/* Of a page, as the caller's lock keeps it; from the file if it is not here. */
static int klab_backing_read_piece(struct klab_backing *backing,
				   struct klab_store *store, u8 *to,
				   unsigned int len, u64 pos)
{
	const u8 *page = klab_store_page(store, pos);

	if (!page)
		return klab_backing_load(backing, to, len, pos);
	memcpy(to, page + offset_in_page(pos), len);
	return 0;
}

static int klab_backing_read_bytes(struct klab_backing *backing,
				   struct klab_store *store, u8 *to,
				   unsigned int left, u64 pos)
{
	while (left) {
		unsigned int room = PAGE_SIZE - offset_in_page(pos);
		unsigned int len = min(left, room);
		int err;

		err = klab_backing_read_piece(backing, store, to, len, pos);
		if (err)
			return err;
		to += len;
		pos += len;
		left -= len;
	}
	return 0;
}

static int klab_backing_read(struct klab_backing *backing,
			     struct klab_store *store, struct bio *bio)
{
	u64 pos = (u64)bio->bi_iter.bi_sector << SECTOR_SHIFT;
	struct bvec_iter iter;
	struct bio_vec bvec;

	guard(rwsem_read)(&backing->lock);
	bio_for_each_segment(bvec, bio, iter) {
		u8 *to = bvec_kmap_local(&bvec);
		int err;

		err = klab_backing_read_bytes(backing, store, to, bvec.bv_len,
					      pos);
		flush_dcache_page(bvec.bv_page);
		kunmap_local(to);
		if (err)
			return err;
		pos += bvec.bv_len;
	}
	return 0;
}

static int klab_backing_write_through(struct klab_backing *backing,
				      struct bio *bio)
{
	u64 start = (u64)bio->bi_iter.bi_sector << SECTOR_SHIFT;
	struct bvec_iter iter;
	struct bio_vec bvec;
	u64 pos = start;

	bio_for_each_segment(bvec, bio, iter) {
		u8 *from = bvec_kmap_local(&bvec);
		int err;

		err = klab_backing_put(backing, from, bvec.bv_len, pos);
		kunmap_local(from);
		if (err)
			return err;
		pos += bvec.bv_len;
	}
	return pos > start ? klab_backing_sync(backing, start, pos - start) : 0;
}

/* A page that is written to in part has to be there as a whole. */
static int klab_backing_fill(struct klab_backing *backing,
			     struct klab_store *store, u64 pos)
{
	int err;

	if (!offset_in_page(pos) || klab_store_page(store, pos))
		return 0;
	pos = round_down(pos, PAGE_SIZE);
	err = klab_store_add(store, pos >> PAGE_SHIFT, KLAB_DISK_GFP);
	if (err)
		return err;
	err = klab_backing_load(backing, klab_store_page(store, pos), PAGE_SIZE,
				pos);
	/* One that is not what the file has must not stay. */
	if (err)
		klab_store_zero(store, pos, PAGE_SIZE);
	return err;
}

/* The caller has the lock for writing. */
static int klab_backing_write_back(struct klab_backing *backing,
				   struct klab_store *store, u64 pos, u64 len)
{
	unsigned long last = (pos + len - 1) >> PAGE_SHIFT;
	unsigned long index;
	void *page;
	int err;

	xa_for_each_range(&store->pages, index, page, pos >> PAGE_SHIFT, last) {
		u64 start = (u64)index << PAGE_SHIFT;

		/* The file may end within it, but not before. */
		err = klab_backing_put(backing, page,
				       min_t(u64, PAGE_SIZE,
					     backing->size - start), start);
		if (err)
			return err;
	}
	return klab_backing_sync(backing, pos, len);
}

static int klab_backing_write_cached(struct klab_backing *backing,
				     struct klab_store *store, struct bio *bio,
				     bool fua)
{
	u64 pos = (u64)bio->bi_iter.bi_sector << SECTOR_SHIFT;
	u64 len = bio->bi_iter.bi_size;
	unsigned int done;
	int err;

	guard(rwsem_write)(&backing->lock);
	err = klab_backing_fill(backing, store, pos) ?:
	      klab_backing_fill(backing, store, pos + len) ?:
	      klab_store_write(store, bio, KLAB_DISK_GFP, &done);
	if (err || !fua || !len)
		return err;
	return klab_backing_write_back(backing, store, pos, len);
}

static int klab_backing_put_zeroes(struct klab_backing *backing, u64 pos,
				   u64 len)
{
	while (len) {
		u64 piece = min_t(u64, len, PAGE_SIZE);
		int err;

		err = klab_backing_put(backing, page_address(ZERO_PAGE(0)),
				       piece, pos);
		if (err)
			return err;
		pos += piece;
		len -= piece;
	}
	return 0;
}

/**
 * klab_backing_zero() - make a range read as zeroes
 * @backing: the file
 * @store: what it has not got yet
 * @pos: first byte
 * @len: number of bytes
 *
 * Context: a worker; sleeps.
 * Return: 0 or an error of the file.
 */
int klab_backing_zero(struct klab_backing *backing, struct klab_store *store,
		      u64 pos, u64 len)
{
	unsigned int flags = klab_backing_begin();
	int err;

	down_write(&backing->lock);
	err = vfs_fallocate(backing->file,
			    FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, pos,
			    len);
	if (err == -EOPNOTSUPP)
		err = klab_backing_put_zeroes(backing, pos, len);
	/* Without its pages the file's older data would be seen. */
	if (!err)
		klab_store_zero(store, pos, len);
	if (!err && !backing->cached)
		err = klab_backing_sync(backing, pos, len);
	up_write(&backing->lock);
	klab_backing_end(flags);
	return err;
}
EXPORT_SYMBOL_IF_KUNIT(klab_backing_zero);

/**
 * klab_backing_transfer() - read or write what a bio asks for
 * @backing: the file
 * @store: what it has not got yet
 * @bio: what, where, and where from or to
 *
 * Context: a worker; sleeps.
 * Return: 0, -ENOMEM, or an error of the file.
 */
int klab_backing_transfer(struct klab_backing *backing,
			  struct klab_store *store, struct bio *bio)
{
	unsigned int flags = klab_backing_begin();
	int err;

	if (bio_op(bio) == REQ_OP_READ)
		err = klab_backing_read(backing, store, bio);
	else if (backing->cached)
		err = klab_backing_write_cached(backing, store, bio,
						bio->bi_opf & REQ_FUA);
	else
		err = klab_backing_write_through(backing, bio);
	klab_backing_end(flags);
	return err;
}
EXPORT_SYMBOL_IF_KUNIT(klab_backing_transfer);

/**
 * klab_backing_save() - put into the file what it has not got yet
 * @backing: the file
 * @store: what it has not got; keeps it if this fails
 *
 * Context: process context, sleeps.
 * Return: 0 or an error of the file.
 */
int klab_backing_save(struct klab_backing *backing, struct klab_store *store)
{
	unsigned int flags = klab_backing_begin();
	int err;

	down_write(&backing->lock);
	err = klab_backing_write_back(backing, store, 0, backing->size);
	if (!err)
		klab_store_zero(store, 0, backing->size);
	up_write(&backing->lock);
	klab_backing_end(flags);
	return err;
}
EXPORT_SYMBOL_IF_KUNIT(klab_backing_save);

static bool klab_backing_on_such_disk(const struct super_block *sb)
{
	static const char * const refused[] = { "klab-", "loop", "dm-", "md" };
	const char *name;
	size_t i;

	if (!sb->s_bdev)
		return false;
	name = sb->s_bdev->bd_disk->disk_name;
	for (i = 0; i < ARRAY_SIZE(refused); i++) {
		if (str_has_prefix(name, refused[i]))
			return true;
	}
	return false;
}

/**
 * klab_backing_check() - may a file be what a disk keeps
 * @file: the file
 *
 * A file that a disk of klab is below, or one that may lead to such a disk, would
 * have the disk wait for itself.
 *
 * Context: process context.
 * Return: 0; -EINVAL for what is no regular file, or one that cannot be synced;
 * -ELOOP.
 */
int klab_backing_check(struct file *file)
{
	if (!S_ISREG(file_inode(file)->i_mode) || !file->f_op->fsync)
		return -EINVAL;
	if (klab_backing_on_such_disk(file_inode(file)->i_sb) ||
	    klab_backing_on_such_disk(d_real_inode(file->f_path.dentry)->i_sb))
		return -ELOOP;
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(klab_backing_check);

/**
 * klab_backing_create() - have a file keep what a disk holds
 * @file: the file; referenced
 * @cached: in memory until a flush
 * @block_size: the size is a multiple of it
 *
 * Context: process context.
 * Return: the backing, or -EINVAL for a file without a block, or -ENOMEM.
 */
struct klab_backing *klab_backing_create(struct file *file, bool cached,
					 unsigned int block_size)
{
	u64 size = round_down(i_size_read(file_inode(file)), block_size);
	struct klab_backing *backing;

	if (!size)
		return ERR_PTR(-EINVAL);
	backing = kzalloc_obj(*backing);
	if (!backing)
		return ERR_PTR(-ENOMEM);
	init_rwsem(&backing->lock);
	backing->file = get_file(file);
	backing->cached = cached;
	backing->size = size;
	return backing;
}
EXPORT_SYMBOL_IF_KUNIT(klab_backing_create);

/**
 * klab_backing_destroy() - undo klab_backing_create()
 * @backing: the file, or NULL
 *
 * Context: process context.
 */
void klab_backing_destroy(struct klab_backing *backing)
{
	if (!backing)
		return;
	fput(backing->file);
	kfree(backing);
}
EXPORT_SYMBOL_IF_KUNIT(klab_backing_destroy);
