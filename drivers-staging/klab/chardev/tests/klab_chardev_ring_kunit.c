// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests for the arithmetic of the queue device's ring.
 */
#include <linux/array_size.h>
#include <linux/limits.h>
#include <linux/module.h>
#include <linux/sizes.h>
#include <linux/types.h>

#include <kunit/test.h>

#include "../queue_ring.h"

static const struct size_case {
	const char *what;
	unsigned long size;
	bool valid;
} size_cases[] = {
	{ "nothing", 0, false },
	{ "one", 1, false },
	{ "half the smallest", KLAB_RING_MIN / 2, false },
	{ "smallest less one", KLAB_RING_MIN - 1, false },
	{ "smallest", KLAB_RING_MIN, true },
	{ "smallest and one", KLAB_RING_MIN + 1, false },
	{ "no power of two", 3 * KLAB_RING_MIN, false },
	{ "default", SZ_64K, true },
	{ "largest", KLAB_RING_MAX, true },
	{ "twice the largest", 2UL * KLAB_RING_MAX, false },
	{ "all bits", ULONG_MAX, false },
};

KUNIT_ARRAY_PARAM_DESC(size, size_cases, what);

static void klab_chardev_ring_size_is_checked(struct kunit *test)
{
	const struct size_case *c = test->param_value;

	KUNIT_EXPECT_EQ(test, klab_ring_size_valid(c->size), c->valid);
}

static const struct ring_case {
	const char *what;
	unsigned long head;
	unsigned long tail;
	size_t used;
} ring_cases[] = {
	{ "new", 0, 0, 0 },
	{ "first byte", 1, 0, 1 },
	{ "full", SZ_4K, 0, SZ_4K },
	{ "empty later", 12345, 12345, 0 },
	{ "full later", 12345 + SZ_4K, 12345, SZ_4K },
	{ "before the wrap", ULONG_MAX, ULONG_MAX - 1, 1 },
	{ "head has wrapped", 0, ULONG_MAX, 1 },
	{ "head has wrapped, full", SZ_4K - 5, -5UL, SZ_4K },
	{ "both have wrapped", 0, 0, 0 },
};

KUNIT_ARRAY_PARAM_DESC(ring, ring_cases, what);

static void klab_chardev_ring_used_and_room(struct kunit *test)
{
	const struct ring_case *c = test->param_value;

	KUNIT_EXPECT_EQ(test, klab_ring_used(c->head, c->tail), c->used);
	KUNIT_EXPECT_EQ(test, klab_ring_room(SZ_4K, c->head, c->tail),
			SZ_4K - c->used);
}

static const struct seen_case {
	const char *what;
	unsigned long head;
	unsigned long tail;
	size_t used;
	size_t room;
} seen_cases[] = {
	{ "new", 0, 0, 0, SZ_4K },
	{ "half full", SZ_2K, 0, SZ_2K, SZ_2K },
	{ "full", SZ_4K, 0, SZ_4K, 0 },
	{ "full, head has wrapped", SZ_4K - 5, -5UL, SZ_4K, 0 },
	{ "an old tail", SZ_4K + 1, 0, 0, 0 },
	{ "a very old tail", 5 * SZ_4K, 0, 0, 0 },
	{ "an old tail, head has wrapped", SZ_4K, -1UL, 0, 0 },
	{ "an old head", 0, 1, 0, 0 },
	{ "a very old head", 0, SZ_4K + 1, 0, 0 },
	{ "an old head, tail has wrapped", -1UL, 0, 0, 0 },
};

KUNIT_ARRAY_PARAM_DESC(seen, seen_cases, what);

/* Positions that do not belong together promise nothing. */
static void klab_chardev_ring_seen_without_a_lock(struct kunit *test)
{
	const struct seen_case *c = test->param_value;

	KUNIT_EXPECT_EQ(test, klab_ring_used_seen(SZ_4K, c->head, c->tail),
			c->used);
	KUNIT_EXPECT_EQ(test, klab_ring_room_seen(SZ_4K, c->head, c->tail),
			c->room);
}

static const struct first_case {
	const char *what;
	unsigned long pos;
	size_t len;
	size_t first;
} first_cases[] = {
	{ "nothing", 0, 0, 0 },
	{ "in one piece", 0, 10, 10 },
	{ "all", 0, SZ_4K, SZ_4K },
	{ "up to the end", SZ_4K - 10, 10, 10 },
	{ "one over the end", SZ_4K - 10, 11, 10 },
	{ "all from the middle", SZ_2K, SZ_4K, SZ_2K },
	{ "last byte", SZ_4K - 1, SZ_4K, 1 },
	{ "second time around", SZ_4K + 1, SZ_4K, SZ_4K - 1 },
	{ "position at its end", ULONG_MAX, 2, 1 },
};

KUNIT_ARRAY_PARAM_DESC(first, first_cases, what);

static void klab_chardev_ring_first_piece(struct kunit *test)
{
	const struct first_case *c = test->param_value;

	KUNIT_EXPECT_EQ(test, klab_ring_first(SZ_4K, c->pos, c->len), c->first);
	KUNIT_EXPECT_LE(test, klab_ring_offset(SZ_4K, c->pos) + c->first,
			SZ_4K);
}

static const struct record_case {
	const char *what;
	size_t len;
	size_t size;
} record_cases[] = {
	{ "one byte", 1, 8 },
	{ "three bytes", 3, 8 },
	{ "four bytes", 4, 8 },
	{ "five bytes", 5, 12 },
	{ "largest of the smallest ring", SZ_2K - 4, SZ_2K },
	{ "largest of the largest ring", SZ_8M - 4, SZ_8M },
};

KUNIT_ARRAY_PARAM_DESC(record, record_cases, what);

static void klab_chardev_ring_record_size(struct kunit *test)
{
	const struct record_case *c = test->param_value;

	KUNIT_EXPECT_EQ(test, klab_record_size(c->len), c->size);
	KUNIT_EXPECT_TRUE(test, IS_ALIGNED(klab_record_size(c->len),
					   sizeof(klab_record_t)));
}

static void klab_chardev_ring_two_largest_records_fill_it(struct kunit *test)
{
	size_t size;

	for (size = KLAB_RING_MIN; size <= KLAB_RING_MAX; size *= 2)
		KUNIT_EXPECT_EQ(test,
				2 * klab_record_size(klab_record_max(size)),
				size);
}

static struct kunit_case klab_chardev_ring_cases[] = {
	KUNIT_CASE_PARAM(klab_chardev_ring_size_is_checked, size_gen_params),
	KUNIT_CASE_PARAM(klab_chardev_ring_used_and_room, ring_gen_params),
	KUNIT_CASE_PARAM(klab_chardev_ring_seen_without_a_lock,
			 seen_gen_params),
	KUNIT_CASE_PARAM(klab_chardev_ring_first_piece, first_gen_params),
	KUNIT_CASE_PARAM(klab_chardev_ring_record_size, record_gen_params),
	KUNIT_CASE(klab_chardev_ring_two_largest_records_fill_it),
	{}
};

static struct kunit_suite klab_chardev_ring_suite = {
	.name = "klab_chardev_ring",
	.test_cases = klab_chardev_ring_cases,
};

kunit_test_suite(klab_chardev_ring_suite);

MODULE_DESCRIPTION("klab: KUnit tests for the ring of the queue device");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
