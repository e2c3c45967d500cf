/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Arithmetic of a ring of bytes.
 *
 * Positions count bytes since the beginning and never go back; they wrap with
 * unsigned long, which changes no difference. A position modulo the size, a
 * power of two, is an offset. Full and empty need no byte left free.
 */
#ifndef _KLAB_CHARDEV_QUEUE_RING_H
#define _KLAB_CHARDEV_QUEUE_RING_H

#include <linux/align.h>
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/sizes.h>
#include <linux/types.h>

#define KLAB_RING_MIN		SZ_4K
#define KLAB_RING_MAX		SZ_16M

/*
 * A record is its length and its bytes, filled up so that the next length is
 * aligned: it lies in one piece then.
 */
typedef u32 klab_record_t;

static inline bool klab_ring_size_valid(unsigned long size)
{
	return size >= KLAB_RING_MIN && size <= KLAB_RING_MAX &&
	       is_power_of_2(size);
}

static inline size_t klab_ring_used(unsigned long head, unsigned long tail)
{
	return head - tail;
}

static inline size_t klab_ring_room(size_t size, unsigned long head,
				    unsigned long tail)
{
	return size - klab_ring_used(head, tail);
}

/*
 * The same for who holds no lock. The position that was read first may be too
 * old for the other one. Nothing is promised then: who has moved it wakes those
 * that wait for that.
 */
static inline size_t klab_ring_used_seen(size_t size, unsigned long head,
					 unsigned long tail)
{
	size_t used = klab_ring_used(head, tail);

	return used <= size ? used : 0;
}

static inline size_t klab_ring_room_seen(size_t size, unsigned long head,
					 unsigned long tail)
{
	size_t used = klab_ring_used(head, tail);

	return used < size ? size - used : 0;
}

static inline size_t klab_ring_offset(size_t size, unsigned long pos)
{
	return pos & (size - 1);
}

/* How many of @len bytes from @pos lie before the end of the memory. */
static inline size_t klab_ring_first(size_t size, unsigned long pos, size_t len)
{
	return min(len, size - klab_ring_offset(size, pos));
}

/* What a record of @len bytes takes. */
static inline size_t klab_record_size(size_t len)
{
	return sizeof(klab_record_t) + ALIGN(len, sizeof(klab_record_t));
}

/* The longest record: two of them fit. */
static inline size_t klab_record_max(size_t size)
{
	return size / 2 - sizeof(klab_record_t);
}

#endif /* _KLAB_CHARDEV_QUEUE_RING_H */
