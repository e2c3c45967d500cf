// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of cost samples: the arithmetic of buckets, quantiles against
 * an exact reference, and recording from several contexts.
 */

#include <kunit/resource.h>
#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/hrtimer.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/minmax.h>
#include <linux/module.h>
#include <linux/prandom.h>
#include <linux/smp.h>
#include <linux/sort.h>
#include <linux/string.h>
#include <linux/timekeeping.h>

#include "../core_internal.h"
#include "../core_measure.h"
#include "../klab_fixture.h"

KUNIT_DEFINE_ACTION_WRAPPER(klab_test_samples_free, klab_samples_free,
			    struct klab_samples *);

static struct klab_samples *klab_test_samples(struct kunit *test)
{
	struct klab_samples *samples = klab_samples_alloc();

	KUNIT_ASSERT_NOT_NULL(test, samples);
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, klab_test_samples_free,
						  samples));
	return samples;
}

struct klab_bucket_case {
	u64 value;
	unsigned int bucket;
};

static const struct klab_bucket_case klab_bucket_cases[] = {
	{ 0, 0 },
	{ 1, 1 },
	{ 31, 31 },
	{ 32, 32 },
	{ 63, 63 },
	{ 64, 64 },
	{ 65, 64 },
	{ 66, 65 },
	{ 127, 95 },
	{ 128, 96 },
	{ 131, 96 },
	{ 132, 97 },
	{ U32_MAX, 895 },
	{ (u64)U32_MAX + 1, 896 },
	{ S64_MAX, 1887 },
	{ U64_MAX, KLAB_BUCKETS - 1 },
};

static void klab_bucket_describe(const struct klab_bucket_case *c, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%llu", c->value);
}

KUNIT_ARRAY_PARAM(klab_bucket, klab_bucket_cases, klab_bucket_describe);

static void klab_bucket_value(struct kunit *test)
{
	const struct klab_bucket_case *c = test->param_value;
	u64 lower;

	KUNIT_ASSERT_EQ(test, c->bucket, klab_bucket(c->value));

	lower = klab_bucket_lower(c->bucket);
	KUNIT_EXPECT_LE(test, lower, c->value);
	KUNIT_EXPECT_LE(test, c->value - lower, c->value / 32);
}

/* Every bucket starts where the one before it ends. */
static void klab_bucket_lower_contiguous(struct kunit *test)
{
	unsigned int bucket;
	u64 lower;

	KUNIT_EXPECT_EQ(test, 0ULL, klab_bucket_lower(0));
	for (bucket = 1; bucket < KLAB_BUCKETS; bucket++) {
		lower = klab_bucket_lower(bucket);
		KUNIT_ASSERT_EQ(test, bucket, klab_bucket(lower));
		KUNIT_ASSERT_EQ(test, bucket - 1, klab_bucket(lower - 1));
	}
}

struct klab_quantile_case {
	const char *name;
	unsigned int nr;
	u64 (*value)(unsigned int i, struct rnd_state *rnd);
};

static u64 klab_value_constant(unsigned int i, struct rnd_state *rnd)
{
	return 1000003;
}

static u64 klab_value_linear(unsigned int i, struct rnd_state *rnd)
{
	return i;
}

static u64 klab_value_narrow(unsigned int i, struct rnd_state *rnd)
{
	return 4000 + prandom_u32_state(rnd) % 200;
}

static u64 klab_value_wide(unsigned int i, struct rnd_state *rnd)
{
	u64 value = (u64)prandom_u32_state(rnd) << 32 | prandom_u32_state(rnd);

	return value >> (prandom_u32_state(rnd) % 64);
}

static u64 klab_value_outlier(unsigned int i, struct rnd_state *rnd)
{
	return i % 100 ? 50 : U64_MAX;
}

static const struct klab_quantile_case klab_quantile_cases[] = {
	{ "one", 1, klab_value_constant },
	{ "two", 2, klab_value_linear },
	{ "ninety-nine", 99, klab_value_linear },
	{ "a hundred", 100, klab_value_linear },
	{ "a hundred and one", 101, klab_value_linear },
	{ "constant", 1000, klab_value_constant },
	{ "linear", 5000, klab_value_linear },
	{ "narrow", 1000, klab_value_narrow },
	{ "wide", 5000, klab_value_wide },
	{ "one outlier in a hundred", 1000, klab_value_outlier },
};

KUNIT_ARRAY_PARAM_DESC(klab_quantile, klab_quantile_cases, name);

static int klab_u64_cmp(const void *a, const void *b)
{
	u64 first = *(const u64 *)a, second = *(const u64 *)b;

	return (first > second) - (first < second);
}

/* At most a 32nd below the value that is really there. */
static void klab_expect_near(struct kunit *test, u64 exact, u64 value)
{
	KUNIT_EXPECT_LE(test, value, exact);
	KUNIT_EXPECT_LE(test, exact - value, exact / 32);
}

static void klab_samples_summary_reference(struct kunit *test)
{
	const struct klab_quantile_case *c = test->param_value;
	struct klab_samples *samples = klab_test_samples(test);
	u64 *values = kunit_kcalloc(test, c->nr, sizeof(*values), GFP_KERNEL);
	struct klab_summary summary;
	struct rnd_state rnd;
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, values);
	prandom_seed_state(&rnd, 20240601);
	for (i = 0; i < c->nr; i++) {
		values[i] = c->value(i, &rnd);
		klab_sample_add(samples, values[i], values[i]);
	}
	sort(values, c->nr, sizeof(*values), klab_u64_cmp, NULL);

	klab_samples_summary(samples, &summary);

	KUNIT_EXPECT_EQ(test, c->nr, summary.count);
	KUNIT_EXPECT_EQ(test, values[0], summary.ns.min);
	KUNIT_EXPECT_EQ(test, values[c->nr - 1], summary.ns.max);
	klab_expect_near(test, values[(c->nr + 1) / 2 - 1], summary.ns.median);
	klab_expect_near(test, values[(c->nr * 99 + 99) / 100 - 1],
			 summary.ns.p99);
	KUNIT_EXPECT_GE(test, summary.ns.median, summary.ns.min);
	if (klab_have_cycles())
		KUNIT_EXPECT_MEMEQ(test, &summary.ns, &summary.cycles,
				   sizeof(summary.ns));
}

static void klab_samples_summary_empty(struct kunit *test)
{
	struct klab_samples *samples = klab_test_samples(test);
	struct klab_summary summary, zero = {};

	memset(&summary, 0xff, sizeof(summary));
	klab_samples_summary(samples, &summary);

	KUNIT_EXPECT_MEMEQ(test, &zero, &summary, sizeof(zero));
}

static void klab_samples_reset_forgets_extremes(struct kunit *test)
{
	struct klab_samples *samples = klab_test_samples(test);
	struct klab_summary summary;

	klab_sample_add(samples, 1, 1);
	klab_sample_add(samples, 1000, 1000);
	klab_samples_reset(samples);
	klab_sample_add(samples, 10, 10);
	klab_samples_summary(samples, &summary);

	KUNIT_EXPECT_EQ(test, 1ULL, summary.count);
	KUNIT_EXPECT_EQ(test, 10ULL, summary.ns.min);
	KUNIT_EXPECT_EQ(test, 10ULL, summary.ns.max);
}

static void klab_samples_free_null(struct kunit *test)
{
	klab_samples_free(NULL);
}

/* Two clocks can disagree: time that runs backwards counts as none. */
static void klab_sample_since_future(struct kunit *test)
{
	struct klab_samples *samples = klab_test_samples(test);
	struct klab_stamp start = klab_stamp_now();
	struct klab_summary summary;

	start.ns += NSEC_PER_SEC * 3600ULL;
	klab_sample_since(samples, &start);
	klab_samples_summary(samples, &summary);

	KUNIT_EXPECT_EQ(test, 1ULL, summary.count);
	KUNIT_EXPECT_EQ(test, 0ULL, summary.ns.max);
}

static void klab_sample_between_known(struct kunit *test)
{
	struct klab_samples *samples = klab_test_samples(test);
	struct klab_stamp start = { .ns = 1000, .cycles = 1000 };
	struct klab_stamp end = { .ns = 1000 + NSEC_PER_SEC, .cycles = 500000 };
	struct klab_summary summary;

	klab_sample_between(samples, &start, &end);
	klab_samples_summary(samples, &summary);

	KUNIT_EXPECT_EQ(test, 1ULL, summary.count);
	KUNIT_EXPECT_GT(test, summary.ns.max, 0ULL);
	KUNIT_EXPECT_LE(test, summary.ns.max, (u64)NSEC_PER_SEC);
	if (klab_have_cycles())
		KUNIT_EXPECT_LE(test, summary.cycles.max, 499000ULL);
}

/*
 * The cost of the clock is not part of a sample. It is that of when klab was
 * loaded, and the clock may be a dearer one by now.
 */
static void klab_sample_since_calibrated(struct kunit *test)
{
	struct klab_samples *samples = klab_test_samples(test);
	struct klab_stamp start, end;
	struct klab_summary summary;
	u64 raw = U64_MAX;
	unsigned int i;

	for (i = 0; i < 1000; i++) {
		start = klab_stamp_now();
		end = klab_stamp_now();
		raw = min(raw, end.ns - start.ns);
		klab_sample_since(samples, &end);
	}
	klab_samples_summary(samples, &summary);

	KUNIT_EXPECT_LE(test, summary.ns.min, raw ? raw - 1 : 0);
}

#define KLAB_TEST_TICKS		200
#define KLAB_TEST_TICK_NS	50000

struct klab_test_ticker {
	struct hrtimer timer;
	struct klab_samples *samples;
	unsigned int left;
};

static enum hrtimer_restart klab_test_tick(struct hrtimer *timer)
{
	struct klab_test_ticker *ticker;

	ticker = container_of(timer, struct klab_test_ticker, timer);
	klab_sample_add(ticker->samples, 1 + ticker->left, 0);
	if (!--ticker->left)
		return HRTIMER_NORESTART;
	hrtimer_forward_now(timer, KLAB_TEST_TICK_NS);
	return HRTIMER_RESTART;
}

/* An interrupt records into the very set that it interrupted the recording of. */
static void klab_sample_add_interrupted(struct kunit *test)
{
	struct klab_test_ticker *ticker;
	struct klab_summary summary;
	u64 added = 0;

	ticker = kunit_kzalloc(test, sizeof(*ticker), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, ticker);
	ticker->samples = klab_test_samples(test);
	ticker->left = KLAB_TEST_TICKS;
	hrtimer_init(&ticker->timer, CLOCK_MONOTONIC,
		     HRTIMER_MODE_REL_PINNED_HARD);
	ticker->timer.function = klab_test_tick;

	hrtimer_start(&ticker->timer, KLAB_TEST_TICK_NS,
		      HRTIMER_MODE_REL_PINNED_HARD);
	while (READ_ONCE(ticker->left)) {
		klab_sample_add(ticker->samples, 100 + added % 100, 0);
		added++;
		cond_resched();
	}
	hrtimer_cancel(&ticker->timer);
	klab_samples_summary(ticker->samples, &summary);

	KUNIT_EXPECT_EQ(test, added + KLAB_TEST_TICKS, summary.count);
	KUNIT_EXPECT_EQ(test, 2ULL, summary.ns.min);
	KUNIT_EXPECT_EQ(test, KLAB_TEST_TICKS + 1ULL, summary.ns.max);
}

static void klab_test_add_some(void *samples)
{
	unsigned int i;

	for (i = 0; i < 1000; i++)
		klab_sample_add(samples, smp_processor_id() * 1000 + i, 0);
}

static void klab_samples_summary_all_cpus(struct kunit *test)
{
	struct klab_samples *samples = klab_test_samples(test);
	unsigned int cpus = num_online_cpus();
	struct klab_summary summary;

	on_each_cpu(klab_test_add_some, samples, true);
	klab_samples_summary(samples, &summary);

	KUNIT_EXPECT_EQ(test, cpus * 1000ULL, summary.count);
	KUNIT_EXPECT_EQ(test, 0ULL, summary.ns.min);
	KUNIT_EXPECT_GE(test, summary.ns.max, cpus * 1000ULL - 1);
}

static void klab_samples_cells_empty(struct kunit *test)
{
	struct klab_samples *samples = klab_test_samples(test);
	struct klab_sample_cells cells;
	unsigned int i;

	klab_samples_cells(samples, &cells);

	KUNIT_EXPECT_STREQ(test, "0", cells.count);
	for (i = 0; i < ARRAY_SIZE(cells.ns); i++) {
		KUNIT_EXPECT_STREQ(test, "-", cells.ns[i]);
		KUNIT_EXPECT_STREQ(test, "-", cells.cycles[i]);
	}
}

static void klab_samples_cells_extreme(struct kunit *test)
{
	struct klab_samples *samples = klab_test_samples(test);
	const char *cycles = klab_have_cycles() ? "7" : "-";
	struct klab_sample_cells cells;

	klab_sample_add(samples, U64_MAX, 7);
	klab_samples_cells(samples, &cells);

	KUNIT_EXPECT_STREQ(test, "1", cells.count);
	KUNIT_EXPECT_STREQ(test, "18446744073709551615", cells.ns[0]);
	KUNIT_EXPECT_STREQ(test, "18446744073709551615", cells.ns[3]);
	KUNIT_EXPECT_STREQ(test, cycles, cells.cycles[0]);
	KUNIT_EXPECT_STREQ(test, cycles, cells.cycles[3]);
}

static int klab_test_report_run(struct klab_run *run)
{
	struct klab_samples *samples = klab_samples_alloc();

	if (!samples)
		return -ENOMEM;

	/* Disabled preemption keeps them in one CPU's histogram. */
	preempt_disable();
	klab_sample_add(samples, 0, 0);
	klab_sample_add(samples, 1, 0);
	klab_sample_add(samples, 5, 0);
	klab_sample_add(samples, 7, 0);
	klab_sample_add(samples, 1000, 0);
	preempt_enable();

	klab_columns(run, "what\t" KLAB_SAMPLE_COLUMNS);
	klab_samples_row(run, "a row", samples);
	klab_samples_histogram(run, "a row", samples);
	klab_samples_free(samples);

	return klab_run_check(run);
}

static const struct klab_experiment klab_test_report = {
	.room	= "test",
	.name	= "report",
	.run	= klab_test_report_run,
};

static struct klab_values klab_test_values;

static int klab_test_execute(struct kunit *test, struct klab_text *text)
{
	struct klab_run *run = klab_run_create(&klab_test_report,
					       &klab_test_values);
	int ret;

	if (!run)
		return -ENOMEM;
	ret = klab_run_execute(run, text);
	klab_run_destroy(run);
	return ret;
}

static void klab_samples_row_and_histogram(struct kunit *test)
{
	struct klab_text text = {};
	char *result;

	KUNIT_ASSERT_EQ(test, 0, klab_test_execute(test, &text));
	result = kunit_kzalloc(test, text.len + 1, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, result);
	memcpy(result, text.buf, text.len);
	klab_text_free(&text);

	KUNIT_EXPECT_NOT_NULL_MSG(test,
				  strstr(result, "# histogram.a_row.cpu"),
				  "%s", result);
	KUNIT_EXPECT_NOT_NULL_MSG(test, strstr(result, "=0:1 1:1 4:2 512:1\n"),
				  "%s", result);
	KUNIT_EXPECT_EQ(test, 5LL,
			klab_kunit_number(test, result, "a row", "count"));
	KUNIT_EXPECT_EQ(test, 5LL,
			klab_kunit_number(test, result, "a row", "median"));
	KUNIT_EXPECT_EQ(test, 1000LL,
			klab_kunit_number(test, result, "a row", "max"));
}

static int klab_test_report_step(struct kunit *test)
{
	struct klab_text text = {};
	int ret = klab_test_execute(test, &text);

	klab_text_free(&text);
	return ret;
}

static void klab_samples_report_without_memory(struct kunit *test)
{
	klab_kunit_each_failure(test, klab_test_report_step);
}

static void klab_clock_experiment_every_clock(struct kunit *test)
{
	const char *text = klab_kunit_run(test, "core/clock", "rounds=10");

	KUNIT_EXPECT_EQ(test, 12U, klab_kunit_rows(test, text));
	KUNIT_EXPECT_EQ(test, 10LL,
			klab_kunit_number(test, text, "ktime_get", "count"));
	/* These move with the tick; a guest that has to wait misses some. */
	KUNIT_EXPECT_GE(test,
			klab_kunit_number(test, text, "jiffies", "step"), 1LL);
	KUNIT_EXPECT_GE(test, klab_kunit_number(test, text, "ktime_get_coarse",
						"step"), (s64)TICK_NSEC / 2);
}

static struct kunit_case klab_core_sample_cases[] = {
	KUNIT_CASE_PARAM(klab_bucket_value, klab_bucket_gen_params),
	KUNIT_CASE(klab_bucket_lower_contiguous),
	KUNIT_CASE_PARAM(klab_samples_summary_reference,
			 klab_quantile_gen_params),
	KUNIT_CASE(klab_samples_summary_empty),
	KUNIT_CASE(klab_samples_reset_forgets_extremes),
	KUNIT_CASE(klab_samples_free_null),
	KUNIT_CASE(klab_sample_since_future),
	KUNIT_CASE(klab_sample_between_known),
	KUNIT_CASE(klab_sample_since_calibrated),
	KUNIT_CASE(klab_sample_add_interrupted),
	KUNIT_CASE(klab_samples_summary_all_cpus),
	KUNIT_CASE(klab_samples_cells_empty),
	KUNIT_CASE(klab_samples_cells_extreme),
	KUNIT_CASE(klab_samples_row_and_histogram),
	KUNIT_CASE(klab_samples_report_without_memory),
	KUNIT_CASE(klab_clock_experiment_every_clock),
	{}
};

static struct kunit_suite klab_core_sample_suite = {
	.name		= "klab_core_sample",
	.test_cases	= klab_core_sample_cases,
};

kunit_test_suite(klab_core_sample_suite);

MODULE_DESCRIPTION("klab: KUnit tests of cost samples");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS(EXPORTED_FOR_KUNIT_TESTING);
