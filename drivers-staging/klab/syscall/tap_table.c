// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which tasks are inside of a chosen system call, since when. A task is in one
 * call at a time and only it looks for itself, so there is no lock: a place is
 * taken by a compare-and-exchange and given back by a store.
 */

#include <linux/atomic.h>
#include <linux/export.h>
#include <linux/hash.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include <kunit/visibility.h>

#include "tap.h"

/**
 * klab_tap_table_alloc() - makes an empty table
 *
 * Context: process; may sleep.
 * Return: it, for klab_tap_table_free(), or NULL without memory.
 */
VISIBLE_IF_KUNIT struct klab_tap_table *klab_tap_table_alloc(void)
{
	return kvzalloc(sizeof(struct klab_tap_table), GFP_KERNEL);
}
EXPORT_SYMBOL_IF_KUNIT(klab_tap_table_alloc);

/**
 * klab_tap_table_free() - frees a table
 * @table: it, or NULL; nobody may be using it
 *
 * Context: process; may sleep.
 */
VISIBLE_IF_KUNIT void klab_tap_table_free(struct klab_tap_table *table)
{
	kvfree(table);
}
EXPORT_SYMBOL_IF_KUNIT(klab_tap_table_free);

static struct klab_tap_bucket *tap_bucket(struct klab_tap_table *table,
					  const void *owner)
{
	return &table->bucket[hash_ptr(owner, KLAB_TAP_BUCKETS_LOG)];
}

static struct klab_tap_entry *tap_slot(struct klab_tap_bucket *bucket,
				       long from, long to)
{
	unsigned int i;
	long old;

	for (i = 0; i < KLAB_TAP_BUCKET_SLOTS; i++) {
		if (atomic_long_read(&bucket->owner[i]) != from)
			continue;
		if (from == to)
			return &bucket->entry[i];
		old = from;
		/* Acquire: pairs with the release in klab_tap_table_take(). */
		if (atomic_long_try_cmpxchg_acquire(&bucket->owner[i], &old,
						    to))
			return &bucket->entry[i];
	}
	return NULL;
}

/**
 * klab_tap_table_claim() - a place for the call that a task enters
 * @table: the table
 * @owner: the task, which has to be the caller itself
 *
 * Where the task has a place already, because it never came back from the call
 * before, it gets that.
 *
 * Context: any but NMI.
 * Return: the place, for the task to fill, or NULL if there is none left.
 */
VISIBLE_IF_KUNIT struct klab_tap_entry *
klab_tap_table_claim(struct klab_tap_table *table, const void *owner)
{
	struct klab_tap_bucket *bucket = tap_bucket(table, owner);

	return tap_slot(bucket, (long)owner, (long)owner) ?:
	       tap_slot(bucket, 0, (long)owner);
}
EXPORT_SYMBOL_IF_KUNIT(klab_tap_table_claim);

/**
 * klab_tap_table_take() - what a task was inside of, and no longer is
 * @table: the table
 * @owner: the task, which has to be the caller itself
 * @entry: filled, if there is something
 *
 * Context: any but NMI.
 * Return: whether the task had a place, which it has not any more.
 */
VISIBLE_IF_KUNIT bool klab_tap_table_take(struct klab_tap_table *table,
					  const void *owner,
					  struct klab_tap_entry *entry)
{
	struct klab_tap_bucket *bucket = tap_bucket(table, owner);
	struct klab_tap_entry *slot;

	slot = tap_slot(bucket, (long)owner, (long)owner);
	if (!slot)
		return false;

	*entry = *slot;
	/* Release: pairs with the acquire of the next owner in tap_slot(). */
	atomic_long_set_release(&bucket->owner[slot - bucket->entry], 0);
	return true;
}
EXPORT_SYMBOL_IF_KUNIT(klab_tap_table_take);
