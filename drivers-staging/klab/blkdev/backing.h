/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A file that keeps what a disk holds.
 */
#ifndef _KLAB_BLKDEV_BACKING_H
#define _KLAB_BLKDEV_BACKING_H

#include <linux/rwsem.h>
#include <linux/types.h>

struct bio;
struct file;
struct klab_store;

/**
 * struct klab_backing - a file that keeps what a disk holds
 * @file: the file
 * @lock: held for writing by who changes which pages are in the store
 * @size: bytes that it is used for
 * @cached: writes stay in memory until a flush
 */
struct klab_backing {
	struct file *file;
	struct rw_semaphore lock;	/* which pages are in the store */
	u64 size;
	bool cached;
};

int klab_backing_check(struct file *file);
struct klab_backing *klab_backing_create(struct file *file, bool cached,
					 unsigned int block_size);
void klab_backing_destroy(struct klab_backing *backing);
int klab_backing_transfer(struct klab_backing *backing,
			  struct klab_store *store, struct bio *bio);
int klab_backing_zero(struct klab_backing *backing, struct klab_store *store,
		      u64 pos, u64 len);
int klab_backing_save(struct klab_backing *backing, struct klab_store *store);

#endif /* _KLAB_BLKDEV_BACKING_H */
