// SPDX-License-Identifier: GPL-2.0-only
/* The operations that softwork's benchmark holds against each other. */

#include <linux/errno.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/sprintf.h>
#include <linux/string.h>

#include <kunit/test.h>

#include "../../core/klab_core.h"
#include "../../core/klab_fixture.h"
#include "../softwork_bench.h"

/* Two rounds of the operations that do many at once. */
#define TEST_BATCH	(2 * KLAB_SOFTWORK_ITEMS)

struct softwork_test {
	struct klab_softwork_bench bench;
	struct klab_bench rows[KLAB_SOFTWORK_ROWS];
	unsigned int nr;
};

static int softwork_init_test(struct kunit *test)
{
	struct softwork_test *context;

	context = kunit_kzalloc(test, sizeof(*context), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, context);
	KUNIT_ASSERT_EQ(test, 0, klab_softwork_bench_create(&context->bench));
	context->nr = klab_softwork_bench_rows(&context->bench, context->rows);
	test->priv = context;
	return 0;
}

static void softwork_exit_test(struct kunit *test)
{
	struct softwork_test *context = test->priv;

	if (context)
		klab_softwork_bench_destroy(&context->bench);
}

/* How many items an operation has run once nothing is left to wait for. */
static unsigned long runs_of(struct softwork_test *context,
			     void (*op)(void *data, unsigned int batch))
{
	unsigned long before = klab_softwork_runs_sum();

	op(&context->bench, TEST_BATCH);
	softwork_barrier();
	return klab_softwork_runs_sum() - before;
}

/*
 * An item that has not run yet when it is queued again, because another task
 * wanted the CPU, runs once for both: so there may be less.
 */
static void klab_softwork_bench_ops_run_items(struct kunit *test)
{
	struct softwork_test *context = test->priv;
	const struct klab_bench *row;
	unsigned long runs;

	for (row = context->rows; row < context->rows + context->nr; row++) {
		runs = runs_of(context, row->subject_op);
		KUNIT_EXPECT_GT_MSG(test, runs, 0, "%s", row->subject);
		KUNIT_EXPECT_LE_MSG(test, runs, TEST_BATCH, "%s", row->subject);

		if (row->peer_op == klab_softwork_task_vector)
			continue;
		runs = runs_of(context, row->peer_op);
		KUNIT_EXPECT_GT_MSG(test, runs, 0, "%s", row->peer);
		KUNIT_EXPECT_LE_MSG(test, runs, TEST_BATCH, "%s", row->peer);
	}
}

/* Who waits for each item has seen each run. */
static void klab_softwork_bench_waking_runs_each(struct kunit *test)
{
	struct softwork_test *context = test->priv;

	KUNIT_EXPECT_EQ(test, TEST_BATCH,
			runs_of(context, klab_softwork_waking_item));
	KUNIT_EXPECT_EQ(test, TEST_BATCH,
			runs_of(context, klab_softwork_waking_tasklet));
	KUNIT_EXPECT_EQ(test, TEST_BATCH,
			runs_of(context, klab_softwork_waking_bh));
}

static void klab_softwork_bench_interrupt_runs_each(struct kunit *test)
{
	struct softwork_test *context = test->priv;

	if (!klab_softwork_have_interrupt())
		kunit_skip(test, "no interrupt that softirqs follow");
	KUNIT_EXPECT_EQ(test, TEST_BATCH,
			runs_of(context, klab_softwork_interrupt_item));
	KUNIT_EXPECT_EQ(test, TEST_BATCH,
			runs_of(context, klab_softwork_interrupt_tasklet));
	KUNIT_EXPECT_EQ(test, TEST_BATCH,
			runs_of(context, klab_softwork_interrupt_bh));
	KUNIT_EXPECT_EQ(test, 0,
			runs_of(context, klab_softwork_interrupt_alone));
}

static void klab_softwork_bench_vector_runs_nothing(struct kunit *test)
{
	struct softwork_test *context = test->priv;

	KUNIT_EXPECT_EQ(test, 0,
			runs_of(context, klab_softwork_task_vector));
}

/* All shares together are what was asked for, however many CPUs there are. */
static void klab_softwork_bench_cpus_share_all(struct kunit *test)
{
	struct softwork_test *context = test->priv;
	unsigned int items = 0;
	int cpu;

	klab_softwork_all_cpus(&context->bench, TEST_BATCH + 1);
	for_each_possible_cpu(cpu)
		items += per_cpu_ptr(context->bench.share, cpu)->left;

	KUNIT_EXPECT_EQ(test, TEST_BATCH + 1, items);
	KUNIT_EXPECT_GT(test, runs_of(context, klab_softwork_one_cpu), 0);
}

static void klab_softwork_bench_item_size(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, 3 * sizeof(long), sizeof(struct softwork));
}

static void klab_softwork_bench_experiment_rows(struct kunit *test)
{
	struct softwork_test *context = test->priv;
	const char *text;
	char size[24];

	text = klab_kunit_run(test, "softwork/bench", "");
	snprintf(size, sizeof(size), "%zu", sizeof(struct softwork));

	KUNIT_EXPECT_EQ(test, context->nr, klab_kunit_rows(test, text));
	KUNIT_EXPECT_STRNEQ(test, "-",
			    klab_kunit_cell(test, text, "softwork, BH off",
					    "ratio"));
	KUNIT_EXPECT_STREQ(test, size,
			   klab_kunit_note(test, text, "item_size"));
}

static int bench_step(struct kunit *test)
{
	struct softwork_test *context = test->priv;
	struct klab_softwork_bench *bench = &context->bench;
	int err;

	klab_softwork_bench_destroy(bench);
	memset(bench, 0, sizeof(*bench));
	err = klab_softwork_bench_create(bench);
	if (!err)
		runs_of(context, klab_softwork_task_percpu);
	return err;
}

static void klab_softwork_bench_survives_no_memory(struct kunit *test)
{
	klab_kunit_each_failure(test, bench_step);
}

static struct kunit_case softwork_bench_cases[] = {
	KUNIT_CASE(klab_softwork_bench_ops_run_items),
	KUNIT_CASE(klab_softwork_bench_waking_runs_each),
	KUNIT_CASE(klab_softwork_bench_interrupt_runs_each),
	KUNIT_CASE(klab_softwork_bench_vector_runs_nothing),
	KUNIT_CASE(klab_softwork_bench_cpus_share_all),
	KUNIT_CASE(klab_softwork_bench_item_size),
	KUNIT_CASE(klab_softwork_bench_experiment_rows),
	KUNIT_CASE(klab_softwork_bench_survives_no_memory),
	{}
};

static struct kunit_suite softwork_bench_suite = {
	.name = "klab_softwork_bench",
	.init = softwork_init_test,
	.exit = softwork_exit_test,
	.test_cases = softwork_bench_cases,
};

kunit_test_suite(softwork_bench_suite);

MODULE_DESCRIPTION("KUnit tests for softwork's benchmark");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS(EXPORTED_FOR_KUNIT_TESTING);
