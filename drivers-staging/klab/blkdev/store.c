// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sparse memory: bios are copied from and to pages that exist as far as they
 * were written to.
 *
 * Reading and overwriting take no lock: both walk the tree once per bio, from
 * page to page, under RCU. Pages that are taken away are freed when the last
 * one who may have found them has gone on.
 */
#include <linux/bio.h>
#include <linux/bvec.h>
#include <linux/compiler.h>
#include <linux/container_of.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/gfp.h>
#include <linux/highmem.h>
#include <linux/kconfig.h>
#include <linux/math.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/mm_types.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <linux/xarray.h>

#include <kunit/visibility.h>

#include "../core/klab_core.h"
#include "store.h"

/* As if there were no memory for a page. */
DEFINE_KLAB_FAULT(klab_store_fault, "disk-memory");

/* Pages that are removed before others get at the lock. */
#define KLAB_STORE_BATCH	256

/* Under RCU: the page that @xas was made for. NULL if there is none. */
static __always_inline u8 *klab_store_first(struct xa_state *xas)
{
	void *page;

	do {
		page = xas_load(xas);
	} while (unlikely(xa_is_internal(page)) && xas_retry(xas, page));
	return page;
}

/* Under RCU: the page after that which @xas stands on. NULL if there is none. */
static __always_inline u8 *klab_store_next(struct xa_state *xas)
{
	void *page;

	do {
		page = xas_next(xas);
	} while (unlikely(xa_is_internal(page)) && xas_retry(xas, page));
	return page;
}

/*
 * Sets @bvec to the piece of memory that comes next. Pages that lie side by side
 * are one piece where the kernel sees all of its memory; where it does not, they
 * are one piece each.
 */
static __always_inline u8 *klab_store_map(const struct bio *bio,
					  const struct bvec_iter *iter,
					  struct bio_vec *bvec)
{
	unsigned int offset;

	*bvec = mp_bvec_iter_bvec(bio->bi_io_vec, *iter);
	offset = bvec->bv_offset;
	if (!IS_ENABLED(CONFIG_HIGHMEM))
		return page_address(bvec->bv_page) + offset;
	bvec->bv_page = nth_page(bvec->bv_page, offset >> PAGE_SHIFT);
	bvec->bv_offset = offset_in_page(offset);
	bvec->bv_len = min_t(unsigned int, bvec->bv_len,
			     PAGE_SIZE - bvec->bv_offset);
	return bvec_kmap_local(bvec);
}

static __always_inline void klab_store_unmap(const u8 *data)
{
	if (IS_ENABLED(CONFIG_HIGHMEM))
		kunmap_local(data);
}

/* Nothing at all where caches need no care. */
static __always_inline void klab_store_flush(const struct bio_vec *bvec)
{
	unsigned int end = bvec->bv_offset + bvec->bv_len, i;

	if (!ARCH_IMPLEMENTS_FLUSH_DCACHE_PAGE)
		return;
	for (i = bvec->bv_offset >> PAGE_SHIFT; i << PAGE_SHIFT < end; i++)
		flush_dcache_page(nth_page(bvec->bv_page, i));
}

/* Bytes from @pos to the end of its page, @left at most. */
static __always_inline size_t klab_store_piece(u64 pos, unsigned int left)
{
	return min_t(size_t, left, PAGE_SIZE - offset_in_page(pos));
}

/**
 * klab_store_read() - fill the pages of a bio
 * @store: the store
 * @bio: tells where, and where to
 *
 * Context: any in which RCU may be read; does not sleep. The caller bounds the
 * length, as no other task gets the CPU meanwhile where there is no preemption.
 */
void klab_store_read(struct klab_store *store, struct bio *bio)
{
	u64 pos = (u64)bio->bi_iter.bi_sector << SECTOR_SHIFT;
	const u64 end = pos + bio->bi_iter.bi_size;
	XA_STATE(xas, &store->pages, pos >> PAGE_SHIFT);
	struct bvec_iter iter;
	struct bio_vec bvec;
	u8 *page;

	rcu_read_lock();
	page = klab_store_first(&xas);
	for (iter = bio->bi_iter; iter.bi_size;
	     bvec_iter_advance_single(bio->bi_io_vec, &iter, bvec.bv_len)) {
		u8 *start = klab_store_map(bio, &iter, &bvec), *to = start;
		unsigned int left = bvec.bv_len;

		while (left) {
			size_t len = klab_store_piece(pos, left);

			if (likely(page))
				klab_store_copy(to, page + offset_in_page(pos),
						len);
			else
				memset(to, 0, len);
			pos += len;
			to += len;
			left -= len;
			if (!offset_in_page(pos) && pos != end)
				page = klab_store_next(&xas);
		}
		klab_store_flush(&bvec);
		klab_store_unmap(start);
	}
	rcu_read_unlock();
}
EXPORT_SYMBOL_IF_KUNIT(klab_store_read);

/**
 * klab_store_add() - make a page of zeroes, unless there is one
 * @store: the store
 * @index: number of the page
 * @gfp: how to get memory
 *
 * Context: any; sleeps if @gfp allows.
 * Return: 0 or -ENOMEM.
 */
int klab_store_add(struct klab_store *store, pgoff_t index, gfp_t gfp)
{
	void *page, *found;

	if (klab_fault_due(&klab_store_fault, PAGE_SIZE))
		return -ENOMEM;
	page = (void *)get_zeroed_page(gfp);
	if (!page)
		return -ENOMEM;

	xa_lock(&store->pages);
	found = __xa_cmpxchg(&store->pages, index, NULL, page, gfp);
	if (!found)
		WRITE_ONCE(store->nr_pages, store->nr_pages + 1);
	xa_unlock(&store->pages);
	if (found)
		free_page((unsigned long)page);
	return xa_err(found);
}

/*
 * Leaves RCU to make the page of @pos, and finds it, unless someone has taken it
 * away again already; then it makes another one.
 */
static noinline u8 *klab_store_make(struct klab_store *store,
				    struct xa_state *xas, u64 pos, gfp_t gfp)
{
	u8 *page;
	int err;

	do {
		rcu_read_unlock();
		err = klab_store_add(store, pos >> PAGE_SHIFT, gfp);
		rcu_read_lock();
		if (err)
			return ERR_PTR(err);
		xas_set(xas, pos >> PAGE_SHIFT);
		page = klab_store_next(xas);
	} while (!page);
	return page;
}

/* Under RCU; the page of @pos, of which there is one after this. */
static __always_inline u8 *klab_store_need(struct klab_store *store,
					   struct xa_state *xas, u64 pos,
					   gfp_t gfp)
{
	u8 *page = klab_store_next(xas);

	return likely(page) ? page : klab_store_make(store, xas, pos, gfp);
}

/**
 * klab_store_write() - keep what is in the pages of a bio
 * @store: the store
 * @bio: tells where, and where from
 * @gfp: how to get memory for pages that are not there yet
 * @done: set to the number of bytes that are kept
 *
 * Context: any in which RCU may be read; sleeps for memory if @gfp allows. The
 * caller bounds the length, as for klab_store_read().
 * Return: 0, or -ENOMEM if there was no memory for what is behind @done.
 */
int klab_store_write(struct klab_store *store, struct bio *bio, gfp_t gfp,
		     unsigned int *done)
{
	u64 start = (u64)bio->bi_iter.bi_sector << SECTOR_SHIFT, pos = start;
	XA_STATE(xas, &store->pages, pos >> PAGE_SHIFT);
	struct bvec_iter iter;
	struct bio_vec bvec;
	u8 *page = NULL;

	rcu_read_lock();
	if (offset_in_page(pos) && bio->bi_iter.bi_size)
		page = klab_store_need(store, &xas, pos, gfp);
	for (iter = bio->bi_iter; iter.bi_size;
	     bvec_iter_advance_single(bio->bi_io_vec, &iter, bvec.bv_len)) {
		u8 *data = klab_store_map(bio, &iter, &bvec), *from = data;
		unsigned int left = bvec.bv_len;

		klab_store_flush(&bvec);
		while (left) {
			size_t len = klab_store_piece(pos, left);

			if (!offset_in_page(pos))
				page = klab_store_need(store, &xas, pos, gfp);
			if (IS_ERR(page))
				break;
			klab_store_copy(page + offset_in_page(pos), from, len);
			pos += len;
			from += len;
			left -= len;
		}
		klab_store_unmap(data);
		if (left)
			break;
	}
	rcu_read_unlock();
	*done = pos - start;
	return PTR_ERR_OR_ZERO(page);
}
EXPORT_SYMBOL_IF_KUNIT(klab_store_write);

static void klab_store_free_page(struct rcu_head *head)
{
	__free_page(container_of(head, struct page, rcu_head));
}

/* Zeroes within a page; one that is not there has them. */
static void klab_store_zero_within(struct klab_store *store, u64 pos,
				   unsigned int len)
{
	u8 *page;

	rcu_read_lock();
	page = xa_load(&store->pages, pos >> PAGE_SHIFT);
	if (page)
		memset(page + offset_in_page(pos), 0, len);
	rcu_read_unlock();
}

/* Takes the pages from @first to @last away. */
static void klab_store_drop(struct klab_store *store, pgoff_t first,
			    pgoff_t last)
{
	XA_STATE(xas, &store->pages, first);
	unsigned int batch = 0;
	pgoff_t index;
	void *page;

	xas_lock(&xas);
	xas_for_each(&xas, page, last) {
		index = xas.xa_index;
		xas_store(&xas, NULL);
		WRITE_ONCE(store->nr_pages, store->nr_pages - 1);
		call_rcu(&virt_to_page(page)->rcu_head, klab_store_free_page);
		if (++batch % KLAB_STORE_BATCH)
			continue;
		/* The node may be gone with its last page, so no xas_pause(). */
		xas_set(&xas, index + 1);
		xas_unlock(&xas);
		cond_resched();
		xas_lock(&xas);
	}
	xas_unlock(&xas);
}

/**
 * klab_store_zero() - make a range read as zeroes and give its memory back
 * @store: the store
 * @pos: first byte
 * @len: number of bytes
 *
 * Takes as long as there are pages in the range, however long it is.
 *
 * Context: process context, may sleep.
 */
void klab_store_zero(struct klab_store *store, u64 pos, u64 len)
{
	u64 end = pos + len;
	u64 first = round_up(pos, PAGE_SIZE);
	u64 last = round_down(end, PAGE_SIZE);

	if (first > last) {
		klab_store_zero_within(store, pos, len);
		return;
	}
	if (pos < first)
		klab_store_zero_within(store, pos, first - pos);
	if (first < last)
		klab_store_drop(store, first >> PAGE_SHIFT,
				(last >> PAGE_SHIFT) - 1);
	if (last < end)
		klab_store_zero_within(store, last, end - last);
}
EXPORT_SYMBOL_IF_KUNIT(klab_store_zero);

/**
 * klab_store_init() - an empty store
 * @store: memory for it
 *
 * Context: any.
 */
void klab_store_init(struct klab_store *store)
{
	xa_init(&store->pages);
	store->nr_pages = 0;
}
EXPORT_SYMBOL_IF_KUNIT(klab_store_init);

/**
 * klab_store_destroy() - free all that a store holds
 * @store: the store, which nobody uses any more
 *
 * Context: process context, may sleep.
 */
void klab_store_destroy(struct klab_store *store)
{
	unsigned int batch = 0;
	unsigned long index;
	void *page;

	xa_for_each(&store->pages, index, page) {
		free_page((unsigned long)page);
		if (!(++batch % KLAB_STORE_BATCH))
			cond_resched();
	}
	xa_destroy(&store->pages);
	store->nr_pages = 0;
}
EXPORT_SYMBOL_IF_KUNIT(klab_store_destroy);
