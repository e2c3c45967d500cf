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
#include <linux/dcache.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/errseq.h>
#include <linux/export.h>
#include <linux/falloc.h>
#include <linux/fs.h>
#include <linux/highmem.h>
#include <linux/math.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/rwsem.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>

#include <kunit/visibility.h>

#include "backing.h"
#include "store.h"

/* So much of what the file has not got yet may be in memory. */
#define KLAB_BACKING_ROOM	(((u64)totalram_pages() << PAGE_SHIFT) / 8)

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

/* Before what is to be synced is written. */
static errseq_t klab_backing_since(const struct klab_backing *backing)
{
	return filemap_sample_wb_err(backing->mapping);
}

/*
 * An open file is told once of an error of write-back, and not necessarily by
 * the sync of what it is about, where several write at the same time.
 */
static int klab_backing_sync(struct klab_backing *backing, u64 pos, u64 len,
			     errseq_t since)
{
	return vfs_fsync_range(backing->file, pos, pos + len - 1, 1) ?:
	       filemap_check_wb_err(backing->mapping, since);
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
	errseq_t since = klab_backing_since(backing);
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
	return pos > start ?
	       klab_backing_sync(backing, start, pos - start, since) : 0;
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
	errseq_t since = klab_backing_since(backing);
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
	return klab_backing_sync(backing, pos, len, since);
}

/* As above, for all there is, and of that nothing is left in memory. */
static int klab_backing_drain(struct klab_backing *backing,
			      struct klab_store *store)
{
	int err;

	err = klab_backing_write_back(backing, store, 0, backing->size);
	/* Of the last page too, which the size may end within. */
	if (!err)
		klab_store_zero(store, 0, round_up(backing->size, PAGE_SIZE));
	return err;
}

/* Puts into memory what @bio has; -ENOMEM leaves any part of it there. */
static int klab_backing_keep(struct klab_backing *backing,
			     struct klab_store *store, struct bio *bio)
{
	u64 pos = (u64)bio->bi_iter.bi_sector << SECTOR_SHIFT;
	unsigned int done;

	return klab_backing_fill(backing, store, pos) ?:
	       klab_backing_fill(backing, store, pos + bio->bi_iter.bi_size) ?:
	       klab_store_write(store, bio, KLAB_DISK_GFP, &done);
}

/* What a cache has no memory for is no reason to lose it. */
static int klab_backing_keep_or_put(struct klab_backing *backing,
				    struct klab_store *store, struct bio *bio)
{
	int err;

	err = klab_backing_keep(backing, store, bio);
	if (err != -ENOMEM)
		return err;
	err = klab_backing_drain(backing, store) ?:
	      klab_backing_keep(backing, store, bio);
	if (err != -ENOMEM)
		return err;
	/* A page that is here would hide what the file has. */
	return klab_backing_drain(backing, store) ?:
	       klab_backing_write_through(backing, bio);
}

static int klab_backing_write_cached(struct klab_backing *backing,
				     struct klab_store *store, struct bio *bio,
				     bool fua)
{
	u64 pos = (u64)bio->bi_iter.bi_sector << SECTOR_SHIFT;
	u64 len = bio->bi_iter.bi_size;
	int err;

	guard(rwsem_write)(&backing->lock);
	/* A file that is full is no reason to take more memory. */
	if (klab_store_bytes(store) + len > backing->room) {
		err = klab_backing_drain(backing, store);
		if (err)
			return err;
	}
	err = klab_backing_keep_or_put(backing, store, bio);
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
 * @unmap: give the space of it back, else have it stay
 *
 * Context: a worker; sleeps.
 * Return: 0 or an error of the file.
 */
int klab_backing_zero(struct klab_backing *backing, struct klab_store *store,
		      u64 pos, u64 len, bool unmap)
{
	const int mode = unmap ? FALLOC_FL_PUNCH_HOLE : FALLOC_FL_ZERO_RANGE;
	unsigned int flags = klab_backing_begin();
	errseq_t since;
	int err;

	down_write(&backing->lock);
	since = klab_backing_since(backing);
	err = vfs_fallocate(backing->file, mode | FALLOC_FL_KEEP_SIZE, pos,
			    len);
	if (err == -EOPNOTSUPP)
		err = klab_backing_put_zeroes(backing, pos, len);
	/* Without its pages the file's older data would be seen. */
	if (!err)
		klab_store_zero(store, pos, len);
	if (!err && !backing->cached)
		err = klab_backing_sync(backing, pos, len, since);
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
	err = klab_backing_drain(backing, store);
	up_write(&backing->lock);
	klab_backing_end(flags);
	return err;
}
EXPORT_SYMBOL_IF_KUNIT(klab_backing_save);

static bool klab_backing_is_such_disk(const char *name)
{
	static const char * const refused[] = {
		"bcache", "dm-", "drbd", "klab-", "loop", "md", "nbd", "ublkb",
		"zram",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(refused); i++) {
		if (str_has_prefix(name, refused[i]))
			return true;
	}
	return false;
}

/**
 * klab_backing_leads_back() - might a file system need a disk of klab
 * @sb: that in which the data of a file are
 *
 * It does so if it is on such a disk, or on one made of others; and it may if
 * it does not tell which disk it is on, or is stacked on another file system.
 *
 * Context: any.
 * Return: true if it might.
 */
VISIBLE_IF_KUNIT bool klab_backing_leads_back(const struct super_block *sb)
{
	if (sb->s_stack_depth)
		return true;
	/* Of several disks it tells one. */
	if (!strcmp(sb->s_type->name, "bcachefs"))
		return true;
	if (sb->s_bdev)
		return klab_backing_is_such_disk(sb->s_bdev->bd_disk->disk_name);
	return sb->s_type->fs_flags & FS_REQUIRES_DEV;
}
EXPORT_SYMBOL_IF_KUNIT(klab_backing_leads_back);

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
	/* That of an overlay has been copied up by now, as it is open to write. */
	return klab_backing_leads_back(d_real_inode(file->f_path.dentry)->i_sb) ?
	       -ELOOP : 0;
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
	/* Of an overlay it is the upper layer's that has the data. */
	backing->mapping = d_real_inode(file->f_path.dentry)->i_mapping;
	backing->cached = cached;
	backing->size = size;
	backing->room = KLAB_BACKING_ROOM;
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
