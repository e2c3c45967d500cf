// SPDX-License-Identifier: GPL-2.0-only
/*
 * A large set of numbers: bitmaps, each with the numbers of one range, in an
 * xarray. A bitmap without a number is freed, so that the next number after a
 * given one, however far it is, is in the second bitmap that is looked at, or
 * there is none.
 */
#include <linux/bitmap.h>
#include <linux/bitops.h>
#include <linux/cleanup.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/find.h>
#include <linux/minmax.h>
#include <linux/rwsem.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/xarray.h>

#include <kunit/visibility.h>

#include "proc.h"

/**
 * struct klab_chunk - the numbers of one range
 * @bits: bit N is set for the Nth number of the range
 */
struct klab_chunk {
	DECLARE_BITMAP(bits, KLAB_CHUNK_BITS);
};

/**
 * klab_records_init() - makes an empty set
 * @records: the set
 *
 * Context: any.
 */
void klab_records_init(struct klab_records *records)
{
	init_rwsem(&records->lock);
	xa_init(&records->chunks);
}
EXPORT_SYMBOL_IF_KUNIT(klab_records_init);

static struct klab_chunk *klab_records_new_chunk(struct klab_records *records,
						 unsigned long index)
{
	struct klab_chunk *chunk = kzalloc_obj(*chunk);
	int err;

	if (!chunk)
		return NULL;
	err = xa_err(xa_store(&records->chunks, index, chunk, GFP_KERNEL));
	if (err) {
		kfree(chunk);
		return NULL;
	}
	return chunk;
}

/**
 * klab_records_fill() - puts the first numbers into a set
 * @records: an empty set that nobody else knows yet
 * @nr: how many, at most KLAB_RECORDS_MAX
 *
 * Context: process, may sleep.
 * Return: 0 or -ENOMEM; the set is to be destroyed in both cases.
 */
int klab_records_fill(struct klab_records *records, unsigned int nr)
{
	unsigned int done, now;

	for (done = 0; done < nr; done += now) {
		struct klab_chunk *chunk;

		now = min(nr - done, KLAB_CHUNK_BITS);
		chunk = klab_records_new_chunk(records,
					       done / KLAB_CHUNK_BITS);
		if (!chunk)
			return -ENOMEM;
		bitmap_set(chunk->bits, 0, now);
		cond_resched();
	}
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(klab_records_fill);

/**
 * klab_records_destroy() - frees all of a set
 * @records: a set that nobody uses
 *
 * Context: process, may sleep.
 */
void klab_records_destroy(struct klab_records *records)
{
	struct klab_chunk *chunk;
	unsigned long index;

	xa_for_each(&records->chunks, index, chunk) {
		kfree(chunk);
		cond_resched();
	}
	xa_destroy(&records->chunks);
}
EXPORT_SYMBOL_IF_KUNIT(klab_records_destroy);

/**
 * klab_records_add() - puts a number into a set
 * @records: the set
 * @id: the number
 *
 * Context: process, may sleep.
 * Return: 0. -ERANGE from KLAB_RECORDS_MAX on, -EEXIST where it is in the set,
 * -ENOMEM.
 */
int klab_records_add(struct klab_records *records, unsigned int id)
{
	struct klab_chunk *chunk;

	if (id >= KLAB_RECORDS_MAX)
		return -ERANGE;

	guard(rwsem_write)(&records->lock);
	chunk = xa_load(&records->chunks, id / KLAB_CHUNK_BITS);
	if (!chunk)
		chunk = klab_records_new_chunk(records, id / KLAB_CHUNK_BITS);
	if (!chunk)
		return -ENOMEM;
	return __test_and_set_bit(id % KLAB_CHUNK_BITS, chunk->bits) ?
	       -EEXIST : 0;
}
EXPORT_SYMBOL_IF_KUNIT(klab_records_add);

/**
 * klab_records_remove() - takes a number out of a set
 * @records: the set
 * @id: the number
 *
 * Context: process, may sleep.
 * Return: 0, or -ENOENT where it is not in the set.
 */
int klab_records_remove(struct klab_records *records, unsigned int id)
{
	struct klab_chunk *chunk;

	guard(rwsem_write)(&records->lock);
	chunk = xa_load(&records->chunks, id / KLAB_CHUNK_BITS);
	if (!chunk || !__test_and_clear_bit(id % KLAB_CHUNK_BITS, chunk->bits))
		return -ENOENT;
	if (bitmap_empty(chunk->bits, KLAB_CHUNK_BITS)) {
		xa_erase(&records->chunks, id / KLAB_CHUNK_BITS);
		kfree(chunk);
	}
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(klab_records_remove);

/**
 * klab_records_next() - the first number from a given one on
 * @records: the set
 * @id: the number to begin with; gets what is found
 *
 * Context: the lock of the set is held.
 * Return: false where there is none.
 */
bool klab_records_next(struct klab_records *records, unsigned long *id)
{
	unsigned long index = *id / KLAB_CHUNK_BITS;
	unsigned long bit = *id % KLAB_CHUNK_BITS;
	struct klab_chunk *chunk = xa_load(&records->chunks, index);

	if (chunk)
		bit = find_next_bit(chunk->bits, KLAB_CHUNK_BITS, bit);
	if (!chunk || bit >= KLAB_CHUNK_BITS) {
		chunk = xa_find_after(&records->chunks, &index, ULONG_MAX,
				      XA_PRESENT);
		if (!chunk)
			return false;
		bit = find_first_bit(chunk->bits, KLAB_CHUNK_BITS);
	}
	*id = index * KLAB_CHUNK_BITS + bit;
	return true;
}
EXPORT_SYMBOL_IF_KUNIT(klab_records_next);
