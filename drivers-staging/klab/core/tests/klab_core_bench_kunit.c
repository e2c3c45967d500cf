// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of benchmark pairs: the arithmetic, the rows, and how often the
 * operations are called.
 */

#include <kunit/test.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/module.h>
#include <linux/string.h>

#include "../core_internal.h"
#include "../core_measure.h"
#include "../klab_fixture.h"

struct klab_reduce_case {
	const char *name;
	u64 costs[5];
	unsigned int nr;
	u64 empty;
	u64 min;
	u64 median;
};

static const struct klab_reduce_case klab_reduce_cases[] = {
	{ "one", { 7 }, 1, 0, 7, 7 },
	{ "sorted", { 1, 2, 3, 4, 5 }, 5, 0, 1, 3 },
	{ "unsorted", { 5, 1, 4, 2, 3 }, 5, 0, 1, 3 },
	{ "empty loop", { 15, 11, 14, 12, 13 }, 5, 10, 1, 3 },
	{ "below the empty loop", { 5, 1, 4, 2, 30 }, 5, 10, 0, 0 },
	{ "even number", { 4, 1, 3, 2 }, 4, 0, 1, 3 },
	{ "large", { U64_MAX, 1 }, 2, 0, 1, U64_MAX },
};

KUNIT_ARRAY_PARAM_DESC(klab_reduce, klab_reduce_cases, name);

static void klab_bench_reduce_table(struct kunit *test)
{
	const struct klab_reduce_case *c = test->param_value;
	struct klab_bench_cost cost;
	u64 costs[5];

	memcpy(costs, c->costs, sizeof(costs));
	klab_bench_reduce(costs, c->nr, c->empty, &cost);

	KUNIT_EXPECT_EQ(test, c->min, cost.min);
	KUNIT_EXPECT_EQ(test, c->median, cost.median);
}

struct klab_ratio_case {
	const char *name;
	u64 subject;
	u64 peer;
	u64 ratio;
};

static const struct klab_ratio_case klab_ratio_cases[] = {
	{ "same", 100, 100, 1000 },
	{ "half", 50, 100, 500 },
	{ "rounded up", 1, 3, 334 },
	{ "a trace above", 100001, 100000, 1001 },
	{ "nothing against something", 0, 5, 0 },
	{ "something against nothing", 5, 0, U64_MAX },
	{ "nothing against nothing", 0, 0, U64_MAX },
	{ "largest", U64_MAX / 1000 - 1, 1, (U64_MAX / 1000 - 1) * 1000 },
	{ "too large", U64_MAX / 1000, 1, U64_MAX },
};

KUNIT_ARRAY_PARAM_DESC(klab_ratio, klab_ratio_cases, name);

static void klab_bench_ratio_table(struct kunit *test)
{
	const struct klab_ratio_case *c = test->param_value;

	KUNIT_EXPECT_EQ(test, c->ratio, klab_bench_ratio(c->subject, c->peer));
}

static void klab_bench_verdict_bar(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, KLAB_VERDICT_OK, klab_bench_verdict(900, 900));
	KUNIT_EXPECT_EQ(test, KLAB_VERDICT_OVER, klab_bench_verdict(901, 900));
	KUNIT_EXPECT_EQ(test, KLAB_VERDICT_OK, klab_bench_verdict(0, 1));
}

static void klab_bench_verdict_none(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, KLAB_VERDICT_NONE, klab_bench_verdict(900, 0));
	KUNIT_EXPECT_EQ(test, KLAB_VERDICT_NONE,
			klab_bench_verdict(U64_MAX, 900));
}

/* What the operations of the pair see. */
struct klab_test_calls {
	unsigned int subject;
	unsigned int peer;
	unsigned int batch;
	unsigned int cancel_at;
	struct klab_run *run;
	char order[128];
	unsigned int nr_order;
};

static struct klab_test_calls klab_test_calls;

static void klab_test_called(struct klab_test_calls *calls, char who)
{
	if (calls->nr_order < sizeof(calls->order))
		calls->order[calls->nr_order++] = who;
}

/* Costs more than the empty loop over a batch of ten. */
static void klab_test_spin(void)
{
	unsigned int rounds = 10000;

	while (rounds--)
		barrier();
}

static void klab_test_subject(void *data, unsigned int batch)
{
	struct klab_test_calls *calls = data;

	klab_test_called(calls, 's');
	calls->batch = batch;
	if (++calls->subject == calls->cancel_at)
		klab_run_cancel(calls->run);
	klab_test_spin();
}

static void klab_test_peer(void *data, unsigned int batch)
{
	struct klab_test_calls *calls = data;

	klab_test_called(calls, 'p');
	calls->peer++;
	klab_test_spin();
}

static struct klab_bench klab_test_pair;

static int klab_test_bench_run(struct klab_run *run)
{
	klab_test_calls.run = run;
	return klab_bench_rows(run, &klab_test_pair, 1);
}

static const struct klab_experiment klab_test_bench = {
	.room	= "test",
	.name	= "bench",
	.run	= klab_test_bench_run,
};

static struct klab_values klab_test_values;

static int klab_test_execute(struct kunit *test, char **result)
{
	struct klab_text text = {};
	struct klab_run *run;
	int ret;

	run = klab_run_create(&klab_test_bench, &klab_test_values);
	KUNIT_ASSERT_NOT_NULL(test, run);
	ret = klab_run_execute(run, &text);
	klab_run_destroy(run);

	*result = kunit_kzalloc(test, text.len + 1, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, *result);
	if (text.len)
		memcpy(*result, text.buf, text.len);
	klab_text_free(&text);

	return ret;
}

static int klab_test_init(struct kunit *test)
{
	memset(&klab_test_calls, 0, sizeof(klab_test_calls));
	klab_test_pair = (struct klab_bench) {
		.subject	= "the subject",
		.peer		= "the peer",
		.subject_op	= klab_test_subject,
		.peer_op	= klab_test_peer,
		.data		= &klab_test_calls,
		.batch		= 10,
	};
	return 0;
}

/* At least 32 operations to warm up, then at least 7 batches each. */
static void klab_bench_rows_calls(struct kunit *test)
{
	char *text;

	KUNIT_ASSERT_EQ(test, 0, klab_test_execute(test, &text));

	KUNIT_EXPECT_EQ(test, 10U, klab_test_calls.batch);
	KUNIT_EXPECT_GE(test, klab_test_calls.subject, 4U + 7U);
	KUNIT_EXPECT_EQ(test, klab_test_calls.subject, klab_test_calls.peer);
}

static void klab_bench_rows_huge_batch(struct kunit *test)
{
	char *text;

	klab_test_pair.batch = U16_MAX;
	KUNIT_ASSERT_EQ(test, 0, klab_test_execute(test, &text));

	KUNIT_EXPECT_GE(test, klab_test_calls.subject, 1U + 7U);
}

static void klab_bench_rows_table(struct kunit *test)
{
	const char *unit = klab_have_cycles() ? "subject_cost[cycles]" :
						"subject_cost[ns]";
	char *text;

	klab_test_pair.bar = 1000000;
	KUNIT_ASSERT_EQ(test, 0, klab_test_execute(test, &text));

	KUNIT_EXPECT_EQ(test, 1U, klab_kunit_rows(test, text));
	KUNIT_EXPECT_STREQ(test, "the peer",
			   klab_kunit_cell(test, text, "the subject", "peer"));
	KUNIT_EXPECT_NOT_NULL(test, strchr(klab_kunit_cell(test, text, NULL,
							   unit), '.'));
	KUNIT_EXPECT_STREQ(test, "1000.000",
			   klab_kunit_cell(test, text, NULL, "bar"));
	KUNIT_EXPECT_STREQ(test, "ok",
			   klab_kunit_cell(test, text, NULL, "verdict"));
	KUNIT_EXPECT_NOT_NULL(test, strstr(text, "# median.the_subject.the_peer="));
}

static void klab_test_base(void *data, unsigned int batch)
{
	klab_test_called(data, 'b');
	klab_test_spin();
	klab_test_spin();
}

/* What costs less than its base costs nothing. */
static void klab_bench_rows_base(struct kunit *test)
{
	char *text;

	klab_test_pair.base_op = klab_test_base;
	KUNIT_ASSERT_EQ(test, 0, klab_test_execute(test, &text));

	KUNIT_EXPECT_STREQ(test, "-",
			   klab_kunit_cell(test, text, NULL, "ratio"));
	KUNIT_EXPECT_STREQ(test, "0.0",
			   klab_kunit_cell(test, text, NULL, "subject_cost"));
	KUNIT_EXPECT_STREQ(test, "0.0",
			   klab_kunit_cell(test, text, NULL, "peer_cost"));
}

/* After the warm-up each is the first one as often as the others. */
static void klab_bench_rows_take_turns(struct kunit *test)
{
	unsigned int first[128] = {}, i;
	char *text;

	klab_test_pair.base_op = klab_test_base;
	klab_test_pair.batch = 1000;
	KUNIT_ASSERT_EQ(test, 0, klab_test_execute(test, &text));

	KUNIT_ASSERT_EQ(test, 0U, klab_test_calls.nr_order % 3);
	for (i = 3; i < klab_test_calls.nr_order; i += 3)
		first[(unsigned char)klab_test_calls.order[i]]++;
	KUNIT_EXPECT_GT(test, first['s'], 0U);
	KUNIT_EXPECT_EQ(test, first['s'], first['p']);
	KUNIT_EXPECT_EQ(test, first['s'], first['b']);
}

struct klab_cost_text_case {
	u64 cost;
	unsigned int batch;
	const char *text;
};

static const struct klab_cost_text_case klab_cost_texts[] = {
	{ 0, 1000, "0.0" },
	{ 149, 1000, "0.1" },
	{ 150, 1000, "0.2" },
	{ 9949, 1000, "9.9" },
	{ 9950, 1000, "10.0" },
	{ 15, 10, "1.5" },
	{ 7, 1, "7.0" },
	{ U64_MAX / 20, 1, "922337203685477580.0" },
};

static void klab_cost_text_desc(const struct klab_cost_text_case *c, char *desc)
{
	strscpy(desc, c->text, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(klab_cost_text, klab_cost_texts, klab_cost_text_desc);

static void klab_bench_cost_text_table(struct kunit *test)
{
	const struct klab_cost_text_case *c = test->param_value;
	char text[KLAB_BENCH_TEXT];

	klab_bench_cost_text(text, c->cost, c->batch);
	KUNIT_EXPECT_STREQ(test, c->text, text);
}

/* A row over its bar says so and is no failure. */
static void klab_bench_rows_over(struct kunit *test)
{
	char *text;

	klab_test_pair.bar = 1;
	KUNIT_ASSERT_EQ(test, 0, klab_test_execute(test, &text));

	KUNIT_EXPECT_STREQ(test, "0.001",
			   klab_kunit_cell(test, text, NULL, "bar"));
	KUNIT_EXPECT_STREQ(test, "over",
			   klab_kunit_cell(test, text, NULL, "verdict"));
}

static void klab_bench_rows_without_bar(struct kunit *test)
{
	char *text;

	KUNIT_ASSERT_EQ(test, 0, klab_test_execute(test, &text));

	KUNIT_EXPECT_STREQ(test, "-", klab_kunit_cell(test, text, NULL, "bar"));
	KUNIT_EXPECT_STREQ(test, "-",
			   klab_kunit_cell(test, text, NULL, "verdict"));
}

static void klab_bench_rows_cancelled_warm_up(struct kunit *test)
{
	char *text;

	klab_test_calls.cancel_at = 1;
	KUNIT_EXPECT_EQ(test, -ENODEV, klab_test_execute(test, &text));
	KUNIT_EXPECT_EQ(test, 1U, klab_test_calls.subject);
}

static void klab_bench_rows_cancelled_batch(struct kunit *test)
{
	char *text;

	klab_test_calls.cancel_at = 8;
	KUNIT_EXPECT_EQ(test, -ENODEV, klab_test_execute(test, &text));
	KUNIT_EXPECT_EQ(test, 8U, klab_test_calls.subject);
}

static void klab_bench_rows_incomplete(struct kunit *test)
{
	char *text;

	klab_test_pair.batch = 0;
	KUNIT_EXPECT_EQ(test, -EINVAL, klab_test_execute(test, &text));

	klab_test_pair.batch = 1;
	klab_test_pair.peer_op = NULL;
	KUNIT_EXPECT_EQ(test, -EINVAL, klab_test_execute(test, &text));
	KUNIT_EXPECT_EQ(test, 0U, klab_test_calls.subject);
}

static void klab_bench_experiment_rows(struct kunit *test)
{
	const char *text = klab_kunit_run(test, "core/bench", "");

	KUNIT_EXPECT_EQ(test, 2U, klab_kunit_rows(test, text));
	KUNIT_EXPECT_STRNEQ(test, "-",
			    klab_kunit_cell(test, text, "sample", "ratio"));
	KUNIT_EXPECT_STREQ(test, "2.000",
			   klab_kunit_cell(test, text, "sample", "bar"));
}

static struct kunit_case klab_core_bench_cases[] = {
	KUNIT_CASE_PARAM(klab_bench_reduce_table, klab_reduce_gen_params),
	KUNIT_CASE_PARAM(klab_bench_ratio_table, klab_ratio_gen_params),
	KUNIT_CASE(klab_bench_verdict_bar),
	KUNIT_CASE(klab_bench_verdict_none),
	KUNIT_CASE(klab_bench_rows_calls),
	KUNIT_CASE(klab_bench_rows_huge_batch),
	KUNIT_CASE(klab_bench_rows_table),
	KUNIT_CASE(klab_bench_rows_base),
	KUNIT_CASE(klab_bench_rows_take_turns),
	KUNIT_CASE_PARAM(klab_bench_cost_text_table, klab_cost_text_gen_params),
	KUNIT_CASE(klab_bench_rows_over),
	KUNIT_CASE(klab_bench_rows_without_bar),
	KUNIT_CASE(klab_bench_rows_cancelled_warm_up),
	KUNIT_CASE(klab_bench_rows_cancelled_batch),
	KUNIT_CASE(klab_bench_rows_incomplete),
	KUNIT_CASE(klab_bench_experiment_rows),
	{}
};

static struct kunit_suite klab_core_bench_suite = {
	.name		= "klab_core_bench",
	.init		= klab_test_init,
	.test_cases	= klab_core_bench_cases,
};

kunit_test_suite(klab_core_bench_suite);

MODULE_DESCRIPTION("klab: KUnit tests of benchmark pairs");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS(EXPORTED_FOR_KUNIT_TESTING);
