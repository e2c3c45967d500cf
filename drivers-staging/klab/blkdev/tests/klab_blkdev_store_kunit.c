// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests for the store: bios of all shapes against a plain buffer, what
 * memory they take, and what stays when there is none.
 */
#include <linux/array_size.h>
#include <linux/bio.h>
#include <linux/bvec.h>
#include <linux/errno.h>
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/prandom.h>
#include <linux/sizes.h>
#include <linux/string.h>

#include <kunit/test.h>

#include "../../core/klab_fixture.h"
#include "../blkdev.h"

#define SEGMENTS	8
#define WINDOW		SZ_64K

/**
 * struct shaped - a store, a model of its first bytes, and a bio
 * @store: the store
 * @model: what it should hold
 * @data: memory of the bio's segments, WINDOW bytes in one piece
 * @back: to compare with
 * @bio: the bio
 * @bvecs: its segments
 */
struct shaped {
	struct klab_store store;
	u8 *model;
	u8 *data;
	u8 *back;
	struct bio bio;
	struct bio_vec bvecs[SEGMENTS];
};

static void destroy_store(void *store)
{
	klab_store_destroy(store);
}

static void free_data(void *data)
{
	free_pages_exact(data, WINDOW);
}

static u8 *alloc_data(struct kunit *test)
{
	u8 *data = alloc_pages_exact(WINDOW, GFP_KERNEL | __GFP_ZERO);

	KUNIT_ASSERT_NOT_NULL(test, data);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, free_data,
							   data));
	return data;
}

static int shaped_init(struct kunit *test)
{
	struct shaped *s = kunit_kzalloc(test, sizeof(*s), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, s);
	klab_store_init(&s->store);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, destroy_store,
							   &s->store));
	s->model = alloc_data(test);
	s->data = alloc_data(test);
	s->back = alloc_data(test);
	test->priv = s;
	return 0;
}

/* A bio at @sector whose segments have @lengths, one behind the other. */
static struct bio *make_bio(struct shaped *s, enum req_op op, sector_t sector,
			    const unsigned int *lengths)
{
	unsigned int at = 0, nr;

	bio_init(&s->bio, NULL, s->bvecs, SEGMENTS, op);
	s->bio.bi_iter.bi_sector = sector;
	for (nr = 0; nr < SEGMENTS && lengths[nr]; nr++) {
		bvec_set_virt(&s->bvecs[nr], s->data + at, lengths[nr]);
		at += lengths[nr];
	}
	s->bio.bi_vcnt = nr;
	s->bio.bi_iter.bi_size = at;
	return &s->bio;
}

static void fill(u8 *data, size_t len, u32 seed)
{
	struct rnd_state rnd;

	prandom_seed_state(&rnd, seed);
	prandom_bytes_state(&rnd, data, len);
}

static int put(struct shaped *s, sector_t sector, const unsigned int *lengths,
	       gfp_t gfp)
{
	struct bio *bio = make_bio(s, REQ_OP_WRITE, sector, lengths);
	unsigned int done;
	int err;

	err = klab_store_write(&s->store, bio, gfp, &done);
	memcpy(s->model + (sector << SECTOR_SHIFT), s->data, done);
	return err ?: done;
}

static void take(struct shaped *s, sector_t sector, const unsigned int *lengths)
{
	memset(s->data, 0xa5, WINDOW);
	klab_store_read(&s->store, make_bio(s, REQ_OP_READ, sector, lengths));
}

/* The whole window, by one bio. */
static void expect_model(struct kunit *test)
{
	static const unsigned int all[SEGMENTS + 1] = { WINDOW };
	struct shaped *s = test->priv;

	take(s, 0, all);
	KUNIT_EXPECT_MEMEQ(test, s->data, s->model, WINDOW);
}

static const struct shape_case {
	const char *what;
	sector_t sector;
	unsigned int lengths[SEGMENTS + 1];
	unsigned int pages;
} shape_cases[] = {
	{ "one sector", 0, { 512 }, 1 },
	{ "last sector of a page", 7, { 512 }, 1 },
	{ "two sectors over a page's end", 7, { 1024 }, 2 },
	{ "a page", 8, { SZ_4K }, 1 },
	{ "a page between two", 9, { SZ_4K }, 2 },
	{ "two pages in one segment", 8, { SZ_8K }, 2 },
	{ "pages in segments", 16, { SZ_4K, SZ_4K, SZ_4K }, 3 },
	{ "segments of sectors", 6, { 512, 512, 512, 512 }, 2 },
	{ "a sector in words", 3, { 4, 100, 8, 400 }, 1 },
	{ "words over a page's end", 7, { 4, 500, 12, 508 }, 2 },
	{ "a segment over three pages", 15, { 512, SZ_8K, 512 }, 4 },
	{ "all", 0, { SZ_32K, SZ_32K }, 16 },
	{ "nothing", 5, { 0 }, 0 },
};

KUNIT_ARRAY_PARAM_DESC(shape, shape_cases, what);

static unsigned int total(const unsigned int *lengths)
{
	unsigned int sum = 0;

	while (*lengths)
		sum += *lengths++;
	return sum;
}

static void klab_blkdev_store_keeps_any_shape(struct kunit *test)
{
	const struct shape_case *c = test->param_value;
	struct shaped *s = test->priv;

	fill(s->data, WINDOW, 1);
	KUNIT_EXPECT_EQ(test, put(s, c->sector, c->lengths, GFP_KERNEL),
			total(c->lengths));
	expect_model(test);
	KUNIT_EXPECT_EQ(test, s->store.nr_pages, c->pages * SZ_4K / PAGE_SIZE);
}

static void klab_blkdev_store_reads_into_any_shape(struct kunit *test)
{
	static const unsigned int all[SEGMENTS + 1] = { WINDOW };
	const struct shape_case *c = test->param_value;
	struct shaped *s = test->priv;
	unsigned int len = total(c->lengths);

	fill(s->data, WINDOW, 2);
	KUNIT_ASSERT_EQ(test, put(s, 0, all, GFP_KERNEL), WINDOW);
	take(s, c->sector, c->lengths);
	KUNIT_EXPECT_MEMEQ(test, s->data,
			   s->model + (c->sector << SECTOR_SHIFT), len);
	/* And not a byte more. */
	KUNIT_EXPECT_EQ(test, len == WINDOW ? 0xa5 : s->data[len], 0xa5);
}

static void klab_blkdev_store_overwrites_in_place(struct kunit *test)
{
	static const unsigned int page[] = { SZ_4K, 0 };
	struct shaped *s = test->priv;

	for (u32 seed = 0; seed < 3; seed++) {
		fill(s->data, WINDOW, seed);
		KUNIT_EXPECT_EQ(test, put(s, 16, page, GFP_KERNEL), SZ_4K);
		KUNIT_EXPECT_EQ(test, s->store.nr_pages, 1);
		expect_model(test);
	}
}

static void klab_blkdev_store_reading_takes_no_memory(struct kunit *test)
{
	struct shaped *s = test->priv;

	expect_model(test);
	KUNIT_EXPECT_EQ(test, s->store.nr_pages, 0);
	KUNIT_EXPECT_EQ(test, klab_store_bytes(&s->store), 0);
	KUNIT_EXPECT_TRUE(test, xa_empty(&s->store.pages));
}

/* Behind the largest size too, where positions need all their bits. */
static void klab_blkdev_store_far_positions(struct kunit *test)
{
	static const unsigned int two[] = { SZ_8K, 0 };
	const sector_t far = (KLAB_DISK_SIZE_MAX - SZ_8K) >> SECTOR_SHIFT;
	struct shaped *s = test->priv;
	unsigned int done;
	struct bio *bio;

	fill(s->data, SZ_8K, 3);
	memcpy(s->back, s->data, SZ_8K);
	bio = make_bio(s, REQ_OP_WRITE, far, two);
	KUNIT_EXPECT_EQ(test, 0, klab_store_write(&s->store, bio, GFP_KERNEL,
						  &done));
	KUNIT_EXPECT_EQ(test, done, SZ_8K);
	take(s, far, two);
	KUNIT_EXPECT_MEMEQ(test, s->data, s->back, SZ_8K);
	take(s, far & U32_MAX, two);
	KUNIT_EXPECT_EQ(test, s->data[0] | s->data[SZ_8K - 1], 0);
	klab_store_zero(&s->store, 0, KLAB_DISK_SIZE_MAX);
	KUNIT_EXPECT_EQ(test, s->store.nr_pages, 0);
}

static const struct zero_case {
	const char *what;
	unsigned int pos;
	unsigned int len;
} zero_cases[] = {
	{ "a sector", 0, 512 },
	{ "the end of a page", SZ_4K - 512, 512 },
	{ "over a page's end", SZ_4K - 512, 1024 },
	{ "a page", SZ_4K, SZ_4K },
	{ "a page and what is around it", SZ_4K - 512, SZ_4K + 1024 },
	{ "from a page's start", SZ_8K, SZ_4K + 512 },
	{ "to a page's end", SZ_8K + 512, SZ_8K - 512 },
	{ "all", 0, WINDOW },
	{ "nothing", SZ_4K, 0 },
	{ "nothing within a page", 512, 0 },
};

KUNIT_ARRAY_PARAM_DESC(zero, zero_cases, what);

static void klab_blkdev_store_zeroes_a_range(struct kunit *test)
{
	static const unsigned int all[SEGMENTS + 1] = { WINDOW };
	const struct zero_case *c = test->param_value;
	struct shaped *s = test->priv;
	unsigned int first = round_up(c->pos, PAGE_SIZE) / PAGE_SIZE;
	unsigned int last = (c->pos + c->len) / PAGE_SIZE;

	fill(s->data, WINDOW, 4);
	KUNIT_ASSERT_EQ(test, put(s, 0, all, GFP_KERNEL), WINDOW);
	klab_store_zero(&s->store, c->pos, c->len);
	memset(s->model + c->pos, 0, c->len);
	expect_model(test);
	KUNIT_EXPECT_EQ(test, s->store.nr_pages,
			WINDOW / PAGE_SIZE - (last > first ? last - first : 0));
}

static void klab_blkdev_store_zeroes_where_nothing_is(struct kunit *test)
{
	const struct zero_case *c = test->param_value;
	struct shaped *s = test->priv;

	klab_store_zero(&s->store, c->pos, c->len);
	expect_model(test);
	KUNIT_EXPECT_EQ(test, s->store.nr_pages, 0);
}

/* More than are taken away in one go. */
static void klab_blkdev_store_zeroes_many_pages(struct kunit *test)
{
	static const unsigned int page[] = { SZ_4K, 0 };
	struct shaped *s = test->priv;
	const unsigned int many = 1000;
	unsigned int done;

	for (unsigned int i = 0; i < many; i++) {
		sector_t sector = (sector_t)i << (PAGE_SHIFT + 3 - SECTOR_SHIFT);
		struct bio *bio = make_bio(s, REQ_OP_WRITE, sector, page);

		KUNIT_ASSERT_EQ(test, 0, klab_store_write(&s->store, bio,
							  GFP_KERNEL, &done));
	}
	KUNIT_EXPECT_GE(test, s->store.nr_pages, many);
	klab_store_zero(&s->store, 0, SZ_1G);
	KUNIT_EXPECT_EQ(test, s->store.nr_pages, 0);
	KUNIT_EXPECT_TRUE(test, xa_empty(&s->store.pages));
}

/* As many steps as a bug needs, from a seed. */
static void klab_blkdev_store_agrees_with_a_model(struct kunit *test)
{
	struct shaped *s = test->priv;
	struct rnd_state rnd;

	prandom_seed_state(&rnd, 5);
	for (u32 step = 0; step < 500; step++) {
		u32 sector = prandom_u32_state(&rnd) % (WINDOW / 512);
		u32 most = WINDOW / 512 - sector;
		u32 len = (prandom_u32_state(&rnd) % min(most, 40U) + 1) * 512;
		u32 cut = prandom_u32_state(&rnd) % (len / 4) * 4;
		const unsigned int lengths[] = { cut ?: len, cut ? len - cut : 0,
						 0 };

		if (prandom_u32_state(&rnd) % 3) {
			fill(s->data, len, step);
			KUNIT_ASSERT_EQ(test, put(s, sector, lengths,
						  GFP_KERNEL), len);
		} else {
			klab_store_zero(&s->store, sector << SECTOR_SHIFT, len);
			memset(s->model + (sector << SECTOR_SHIFT), 0, len);
		}
		take(s, sector, lengths);
		KUNIT_ASSERT_MEMEQ(test, s->data,
				   s->model + (sector << SECTOR_SHIFT), len);
	}
	expect_model(test);
}

static int write_pages(struct kunit *test)
{
	static const unsigned int shape[] = { SZ_4K, SZ_8K, 512, 0 };
	struct shaped *s = test->priv;
	int ret;

	klab_store_zero(&s->store, 0, WINDOW);
	memset(s->model, 0, WINDOW);
	fill(s->data, WINDOW, 6);
	ret = put(s, 8, shape, GFP_KERNEL);
	return ret < 0 ? ret : 0;
}

static int write_pages_and_look(struct kunit *test)
{
	struct shaped *s = test->priv;
	int err = write_pages(test);

	/* What was done is there, what was not is as before. */
	if (err) {
		KUNIT_EXPECT_LT(test, s->store.nr_pages, 4);
		expect_model(test);
	}
	return err;
}

static void klab_blkdev_store_write_without_memory(struct kunit *test)
{
	klab_kunit_each_failure(test, write_pages_and_look);
	expect_model(test);
}

static void klab_blkdev_store_destroys_what_it_holds(struct kunit *test)
{
	struct shaped *s = test->priv;

	KUNIT_ASSERT_EQ(test, 0, write_pages(test));
	klab_store_destroy(&s->store);
	KUNIT_EXPECT_EQ(test, s->store.nr_pages, 0);
	KUNIT_EXPECT_TRUE(test, xa_empty(&s->store.pages));
}

static struct kunit_case klab_blkdev_store_cases[] = {
	KUNIT_CASE_PARAM(klab_blkdev_store_keeps_any_shape, shape_gen_params),
	KUNIT_CASE_PARAM(klab_blkdev_store_reads_into_any_shape,
			 shape_gen_params),
	KUNIT_CASE(klab_blkdev_store_overwrites_in_place),
	KUNIT_CASE(klab_blkdev_store_reading_takes_no_memory),
	KUNIT_CASE(klab_blkdev_store_far_positions),
	KUNIT_CASE_PARAM(klab_blkdev_store_zeroes_a_range, zero_gen_params),
	KUNIT_CASE_PARAM(klab_blkdev_store_zeroes_where_nothing_is,
			 zero_gen_params),
	KUNIT_CASE(klab_blkdev_store_zeroes_many_pages),
	KUNIT_CASE(klab_blkdev_store_agrees_with_a_model),
	KUNIT_CASE(klab_blkdev_store_write_without_memory),
	KUNIT_CASE(klab_blkdev_store_destroys_what_it_holds),
	{}
};

static struct kunit_suite klab_blkdev_store_suite = {
	.name = "klab_blkdev_store",
	.init = shaped_init,
	.test_cases = klab_blkdev_store_cases,
};

kunit_test_suite(klab_blkdev_store_suite);

MODULE_DESCRIPTION("klab: KUnit tests for the store of the disk");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS(EXPORTED_FOR_KUNIT_TESTING);
