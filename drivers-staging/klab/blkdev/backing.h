/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A file that keeps what a disk holds.
 */
#ifndef _KLAB_BLKDEV_BACKING_H
#define _KLAB_BLKDEV_BACKING_H

#include <linux/kconfig.h>
#include <linux/rwsem.h>
#include <linux/types.h>

struct address_space;
struct bio;
struct file;
struct klab_store;
struct super_block;

/**
 * struct klab_backing - a file that keeps what a disk holds
 * @file: the file
 * @mapping: where errors of its write-back are noted
 * @lock: held for writing by who changes which pages are in the store
 * @size: bytes that it is used for
 * @room: so many bytes may be in the store, but for pages written in part
 * @cached: writes stay in memory until a flush
 */
struct klab_backing {
	struct file *file;
	struct address_space *mapping;
	struct rw_semaphore lock;	/* which pages are in the store */
	u64 size;
	u64 room;
	bool cached;
};

#if IS_ENABLED(CONFIG_KUNIT)
bool klab_backing_leads_back(const struct super_block *sb);
#endif
int klab_backing_check(struct file *file);
struct klab_backing *klab_backing_create(struct file *file, bool cached,
					 unsigned int block_size);
void klab_backing_destroy(struct klab_backing *backing);
int klab_backing_transfer(struct klab_backing *backing,
			  struct klab_store *store, struct bio *bio);
int klab_backing_zero(struct klab_backing *backing, struct klab_store *store,
		      u64 pos, u64 len, bool unmap);
int klab_backing_save(struct klab_backing *backing, struct klab_store *store);

#endif /* _KLAB_BLKDEV_BACKING_H */
