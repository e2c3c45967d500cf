/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a disk holds: pages of memory, those that were written to.
 */
#ifndef _KLAB_BLKDEV_STORE_H
#define _KLAB_BLKDEV_STORE_H

#include <linux/compiler.h>
#include <linux/gfp_types.h>
#include <linux/string.h>
#include <linux/types.h>
#include <linux/xarray.h>

struct bio;
struct klab_fault;

/**
 * struct klab_store - sparse memory
 * @pages: the pages by their number, as the kernel sees them, for page_address()
 *	to be spared; one that is not there reads as zeroes. Its lock is for who
 *	adds and removes; who finds a page under RCU may use it until the end of
 *	the RCU section, even if it is removed meanwhile
 * @nr_pages: how many there are; changes under the lock of @pages
 */
struct klab_store {
	struct xarray pages;
	unsigned long nr_pages;
};

extern struct klab_fault klab_store_fault;

void klab_store_init(struct klab_store *store);
void klab_store_destroy(struct klab_store *store);
void klab_store_read(struct klab_store *store, struct bio *bio);
int klab_store_add(struct klab_store *store, pgoff_t index, gfp_t gfp);
int klab_store_write(struct klab_store *store, struct bio *bio, gfp_t gfp,
		     unsigned int *done);
void klab_store_zero(struct klab_store *store, u64 pos, u64 len);

/*
 * Memory for what is written: a disk that lets its memory run out fails, where
 * without these flags its writers would wait for ever, as nobody is killed for
 * memory that is not to be got by I/O.
 */
#define KLAB_DISK_GFP		(GFP_NOIO | __GFP_RETRY_MAYFAIL | __GFP_NOWARN)
#define KLAB_DISK_GFP_NOWAIT	GFP_NOWAIT

/* The page of a byte, or NULL; stays as long as the caller sees to that. */
static inline u8 *klab_store_page(struct klab_store *store, u64 pos)
{
	return xa_load(&store->pages, pos >> PAGE_SHIFT);
}

/* Nearly always a page, of which the compiler had better know the length. */
static __always_inline void klab_store_copy(u8 *to, const u8 *from, size_t len)
{
	if (likely(len == PAGE_SIZE))
		memcpy(to, from, PAGE_SIZE);
	else
		memcpy(to, from, len);
}

/* Bytes in use, but for what the pages are kept in. */
static inline u64 klab_store_bytes(const struct klab_store *store)
{
	return (u64)READ_ONCE(store->nr_pages) << PAGE_SHIFT;
}

#endif /* _KLAB_BLKDEV_STORE_H */
