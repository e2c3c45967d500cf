// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests for what disks do wrong: when, how much, and the same again.
 */
#include <linux/array_size.h>
#include <linux/bits.h>
#include <linux/blk_types.h>
#include <linux/blkdev.h>
#include <linux/errno.h>
#include <linux/module.h>
#include <linux/string.h>

#include <kunit/test.h>

#include "../blkdev.h"

#define CERTAIN		KLAB_FAULTS_CERTAIN

static struct klab_faults *make_faults(struct kunit *test)
{
	struct klab_faults *faults = kunit_kzalloc(test, sizeof(*faults),
						   GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, faults);
	klab_faults_init(faults);
	return faults;
}

static struct klab_verdict judge(struct klab_faults *faults, enum req_op op,
				 sector_t sector, unsigned int sectors)
{
	struct klab_verdict verdict;

	klab_faults_judge(faults, op, sector, sectors, &verdict);
	return verdict;
}

static int error_of(struct klab_faults *faults, enum req_op op, sector_t sector,
		    unsigned int sectors)
{
	return blk_status_to_errno(judge(faults, op, sector, sectors).status);
}

static enum req_op read_or_write(int i)
{
	return i % 2 ? REQ_OP_WRITE : REQ_OP_READ;
}

static void klab_blkdev_faults_none_by_themselves(struct kunit *test)
{
	struct klab_faults *faults = make_faults(test);

	for (int i = 0; i < 1000; i++) {
		struct klab_verdict verdict = judge(faults, read_or_write(i), i,
						    8);

		KUNIT_ASSERT_EQ(test, blk_status_to_errno(verdict.status), 0);
		KUNIT_ASSERT_EQ(test, verdict.delay_us, 0);
		KUNIT_ASSERT_FALSE(test, verdict.hang);
	}
	KUNIT_EXPECT_EQ(test, faults->counts[KLAB_FAULT_ERRORS], 0);
}

static const struct bad_case {
	const char *what;
	u64 start;
	u64 count;
	sector_t sector;
	unsigned int sectors;
	int keep;		/* sectors, or -1 if all is well */
} bad_cases[] = {
	{ "none", 10, 0, 0, 100, -1 },
	{ "none, at its place", 10, 0, 10, 1, -1 },
	{ "before", 10, 5, 0, 10, -1 },
	{ "behind", 10, 5, 15, 10, -1 },
	{ "up to the first", 10, 5, 8, 3, 2 },
	{ "from the last", 10, 5, 14, 3, 0 },
	{ "the first", 10, 5, 10, 1, 0 },
	{ "around", 10, 5, 0, 100, 10 },
	{ "within", 10, 5, 11, 2, 0 },
	{ "all of the disk", 0, ~0ULL, 1000, 8, 0 },
	{ "a sum that wraps", 10, ~0ULL, 12, 1, 0 },
	{ "far behind", ~0ULL, 1, 10, 8, -1 },
	{ "an I/O of nothing", 10, 5, 12, 0, -1 },
};

KUNIT_ARRAY_PARAM_DESC(bad, bad_cases, what);

static void klab_blkdev_faults_bad_sectors(struct kunit *test)
{
	const struct bad_case *c = test->param_value;
	struct klab_faults *faults = make_faults(test);
	struct klab_verdict verdict;

	faults->settings.bad_start = c->start;
	faults->settings.bad_count = c->count;
	verdict = judge(faults, REQ_OP_READ, c->sector, c->sectors);
	KUNIT_EXPECT_EQ(test, blk_status_to_errno(verdict.status),
			c->keep < 0 ? 0 : -ENODATA);
	KUNIT_EXPECT_EQ(test, verdict.keep,
			c->keep < 0 ? 0 : c->keep << SECTOR_SHIFT);
	KUNIT_EXPECT_EQ(test, faults->counts[KLAB_FAULT_ERRORS], c->keep >= 0);
}

static void klab_blkdev_faults_certain_errors(struct kunit *test)
{
	struct klab_faults *faults = make_faults(test);

	faults->settings.error_ppm = CERTAIN;
	for (int i = 0; i < 100; i++)
		KUNIT_ASSERT_EQ(test, error_of(faults, read_or_write(i), 0, 8),
				-EIO);
	KUNIT_EXPECT_EQ(test, faults->counts[KLAB_FAULT_ERRORS], 100);
}

/* A bit for each of 64 I/Os, set if it failed. */
static u64 pattern(struct klab_faults *faults, u32 seed)
{
	u64 bits = 0;

	faults->settings.seed = seed;
	klab_faults_restart(faults);
	for (int i = 0; i < 64; i++)
		bits |= (u64)!!error_of(faults, REQ_OP_READ, i, 1) << i;
	return bits;
}

static void klab_blkdev_faults_follow_from_the_seed(struct kunit *test)
{
	struct klab_faults *faults = make_faults(test);
	u64 first;

	faults->settings.error_ppm = CERTAIN / 2;
	first = pattern(faults, 1);
	KUNIT_EXPECT_NE(test, first, 0);
	KUNIT_EXPECT_NE(test, first, ~0ULL);
	KUNIT_EXPECT_EQ(test, pattern(faults, 1), first);
	KUNIT_EXPECT_NE(test, pattern(faults, 2), first);
	KUNIT_EXPECT_EQ(test, pattern(faults, 1), first);
}

#define VERDICTS	200

/* What becomes of reads, writes and flushes, one after the other. */
static struct klab_verdict *verdicts(struct kunit *test,
				     struct klab_faults *faults, u32 seed)
{
	struct klab_verdict *got = kunit_kcalloc(test, VERDICTS, sizeof(*got),
						 GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, got);
	faults->settings.seed = seed;
	klab_faults_restart(faults);
	for (int i = 0; i < VERDICTS; i++)
		klab_faults_judge(faults, i % 3 == 2 ? REQ_OP_FLUSH :
				  read_or_write(i % 3), i, i % 3 == 2 ? 0 : 8,
				  &got[i]);
	return got;
}

static bool same_verdicts(const struct klab_verdict *a,
			  const struct klab_verdict *b)
{
	for (int i = 0; i < VERDICTS; i++) {
		if (a[i].status != b[i].status || a[i].keep != b[i].keep ||
		    a[i].delay_us != b[i].delay_us || a[i].hang != b[i].hang ||
		    a[i].lost != b[i].lost)
			return false;
	}
	return true;
}

static void klab_blkdev_faults_of_all_kinds_follow(struct kunit *test)
{
	struct klab_faults *faults = make_faults(test);
	u64 counts[NR_KLAB_FAULT_COUNTS];
	struct klab_verdict *first;

	faults->settings = (struct klab_fault_settings) {
		.error_ppm = CERTAIN / 5,
		.torn_ppm = CERTAIN / 5,
		.hang_ppm = CERTAIN / 5,
		.lost_flush_ppm = CERTAIN / 5,
		.delay_max_us = 1000,
		.writes = 40,
	};
	first = verdicts(test, faults, 1);
	memcpy(counts, faults->counts, sizeof(counts));
	KUNIT_EXPECT_TRUE(test, same_verdicts(verdicts(test, faults, 1),
					      first));
	KUNIT_EXPECT_MEMEQ(test, faults->counts, counts, sizeof(counts));
	KUNIT_EXPECT_FALSE(test, same_verdicts(verdicts(test, faults, 2),
					       first));
}

static void klab_blkdev_faults_as_often_as_asked_for(struct kunit *test)
{
	struct klab_faults *faults = make_faults(test);

	faults->settings.error_ppm = CERTAIN / 10;
	for (int i = 0; i < 10000; i++)
		judge(faults, REQ_OP_READ, i, 1);
	/* Of the same seed there is always the same number. */
	KUNIT_EXPECT_GT(test, faults->counts[KLAB_FAULT_ERRORS], 900);
	KUNIT_EXPECT_LT(test, faults->counts[KLAB_FAULT_ERRORS], 1100);
}

/* Neither more nor less of the first I/Os fail than of others. */
static void klab_blkdev_faults_do_not_come_at_once(struct kunit *test)
{
	struct klab_faults *faults = make_faults(test);
	int errors = 0;

	faults->settings.error_ppm = CERTAIN / 10;
	for (u32 seed = 0; seed < 16; seed++) {
		faults->settings.seed = seed;
		klab_faults_restart(faults);
		for (int i = 0; i < 4; i++)
			errors += !!error_of(faults, REQ_OP_READ, i, 1);
	}
	KUNIT_EXPECT_GT(test, errors, 0);
	KUNIT_EXPECT_LT(test, errors, 20);
}

static void klab_blkdev_faults_tear_writes(struct kunit *test)
{
	struct klab_faults *faults = make_faults(test);
	struct klab_verdict verdict;
	bool some = false;

	faults->settings.torn_ppm = CERTAIN;
	for (int i = 0; i < 100; i++) {
		verdict = judge(faults, REQ_OP_WRITE, i, 8);
		KUNIT_ASSERT_EQ(test, blk_status_to_errno(verdict.status), -EIO);
		KUNIT_ASSERT_LT(test, verdict.keep, 8 << SECTOR_SHIFT);
		KUNIT_ASSERT_EQ(test, verdict.keep % SECTOR_SIZE, 0);
		some |= verdict.keep;
	}
	KUNIT_EXPECT_TRUE(test, some);
	KUNIT_EXPECT_EQ(test, faults->counts[KLAB_FAULT_TORN], 100);
	KUNIT_EXPECT_EQ(test, error_of(faults, REQ_OP_READ, 0, 8), 0);
	KUNIT_EXPECT_EQ(test, error_of(faults, REQ_OP_WRITE, 0, 0), 0);
}

static void klab_blkdev_faults_delay(struct kunit *test)
{
	struct klab_faults *faults = make_faults(test);
	unsigned long seen = 0;
	bool differs = false;

	faults->settings.delay_min_us = 100;
	faults->settings.delay_max_us = 100;
	KUNIT_EXPECT_EQ(test, judge(faults, REQ_OP_READ, 0, 1).delay_us, 100);
	faults->settings.delay_max_us = 200;
	for (int i = 0; i < 100; i++) {
		unsigned int us = judge(faults, REQ_OP_READ, 0, 1).delay_us;

		KUNIT_ASSERT_GE(test, us, 100);
		KUNIT_ASSERT_LE(test, us, 200);
		differs |= us > 100;
	}
	KUNIT_EXPECT_TRUE(test, differs);
	/* Both ends are reached. */
	faults->settings.delay_max_us = 101;
	for (int i = 0; i < 100; i++)
		seen |= BIT(judge(faults, REQ_OP_READ, 0, 1).delay_us - 100);
	KUNIT_EXPECT_EQ(test, seen, BIT(0) | BIT(1));
}

static int delayed_of(struct klab_faults *faults, u32 ppm, int ios)
{
	int delayed = 0;

	faults->settings.delay_ppm = ppm;
	while (ios--)
		delayed += judge(faults, REQ_OP_READ, ios, 1).delay_us == 50;
	return delayed;
}

static void klab_blkdev_faults_delay_some(struct kunit *test)
{
	struct klab_faults *faults = make_faults(test);
	int some;

	faults->settings.delay_min_us = 50;
	faults->settings.delay_max_us = 50;
	KUNIT_EXPECT_EQ(test, delayed_of(faults, 0, 1000), 0);
	KUNIT_EXPECT_EQ(test, delayed_of(faults, CERTAIN, 1000), 1000);
	/* Of the same seed there is always the same number. */
	some = delayed_of(faults, CERTAIN / 10, 10000);
	KUNIT_EXPECT_GT(test, some, 900);
	KUNIT_EXPECT_LT(test, some, 1100);
}

static void klab_blkdev_faults_hang(struct kunit *test)
{
	struct klab_faults *faults = make_faults(test);

	faults->settings.hang_ppm = CERTAIN;
	KUNIT_EXPECT_TRUE(test, judge(faults, REQ_OP_READ, 0, 1).hang);
	KUNIT_EXPECT_EQ(test, faults->counts[KLAB_FAULT_HANGS], 1);
	klab_faults_count(faults, KLAB_FAULT_RESETS);
	KUNIT_EXPECT_EQ(test, faults->counts[KLAB_FAULT_RESETS], 1);
}

static void klab_blkdev_faults_lose_flushes(struct kunit *test)
{
	struct klab_faults *faults = make_faults(test);

	faults->settings.lost_flush_ppm = CERTAIN;
	KUNIT_EXPECT_TRUE(test, judge(faults, REQ_OP_FLUSH, ~0ULL, 0).lost);
	KUNIT_EXPECT_FALSE(test, judge(faults, REQ_OP_WRITE, 0, 1).lost);
	KUNIT_EXPECT_FALSE(test, judge(faults, REQ_OP_READ, 0, 1).lost);
	KUNIT_EXPECT_EQ(test, faults->counts[KLAB_FAULT_LOST_FLUSHES], 1);
}

static void klab_blkdev_faults_wear_out(struct kunit *test)
{
	struct klab_faults *faults = make_faults(test);

	faults->settings.writes = 3;
	for (int i = 0; i < 3; i++) {
		KUNIT_EXPECT_EQ(test, error_of(faults, REQ_OP_WRITE, i, 1), 0);
		KUNIT_EXPECT_EQ(test, error_of(faults, REQ_OP_READ, i, 1), 0);
	}
	KUNIT_EXPECT_EQ(test, error_of(faults, REQ_OP_WRITE, 0, 1), -EIO);
	KUNIT_EXPECT_EQ(test, error_of(faults, REQ_OP_DISCARD, 0, 1), -EIO);
	KUNIT_EXPECT_EQ(test, error_of(faults, REQ_OP_READ, 0, 1), 0);
	klab_faults_restart(faults);
	KUNIT_EXPECT_EQ(test, error_of(faults, REQ_OP_WRITE, 0, 1), 0);
}

static struct kunit_case klab_blkdev_faults_cases[] = {
	KUNIT_CASE(klab_blkdev_faults_none_by_themselves),
	KUNIT_CASE_PARAM(klab_blkdev_faults_bad_sectors, bad_gen_params),
	KUNIT_CASE(klab_blkdev_faults_certain_errors),
	KUNIT_CASE(klab_blkdev_faults_follow_from_the_seed),
	KUNIT_CASE(klab_blkdev_faults_of_all_kinds_follow),
	KUNIT_CASE(klab_blkdev_faults_as_often_as_asked_for),
	KUNIT_CASE(klab_blkdev_faults_do_not_come_at_once),
	KUNIT_CASE(klab_blkdev_faults_tear_writes),
	KUNIT_CASE(klab_blkdev_faults_delay),
	KUNIT_CASE(klab_blkdev_faults_delay_some),
	KUNIT_CASE(klab_blkdev_faults_hang),
	KUNIT_CASE(klab_blkdev_faults_lose_flushes),
	KUNIT_CASE(klab_blkdev_faults_wear_out),
	{}
};

static struct kunit_suite klab_blkdev_faults_suite = {
	.name = "klab_blkdev_faults",
	.test_cases = klab_blkdev_faults_cases,
};

kunit_test_suite(klab_blkdev_faults_suite);

MODULE_DESCRIPTION("klab: KUnit tests for the faults of the disk");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS(EXPORTED_FOR_KUNIT_TESTING);
