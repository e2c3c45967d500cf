// SPDX-License-Identifier: GPL-2.0-only
/*
 * Benchmark pairs: what an operation costs beside another one, batch by batch
 * in turns, so that both meet the same machine.
 */

#include <asm/barrier.h>
#include <kunit/visibility.h>
#include <linux/compiler.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/sort.h>
#include <linux/sprintf.h>
#include <linux/string.h>
#include <linux/timekeeping.h>
#include <linux/timex.h>

#include "core_internal.h"
#include "core_measure.h"

#define KLAB_BENCH_WARM_UP	32	/* operations, at least */
#define KLAB_BENCH_BATCHES	9

/* What the batches of one side, or of the base of both, have cost. */
struct klab_bench_side {
	void (*op)(void *data, unsigned int batch);
	u64 cost[KLAB_BENCH_BATCHES];
};

static void klab_bench_empty(void *data, unsigned int batch)
{
	while (batch--)
		barrier();
}

static u64 klab_bench_now(bool cycles)
{
	u64 now;

	/* Without a partner: what was measured is over before the read, */
	rmb();
	now = cycles ? get_cycles() : ktime_get_mono_fast_ns();
	/* and what will be measured begins after it. */
	rmb();

	return now;
}

static u64 klab_bench_batch(const struct klab_bench *bench,
			    const struct klab_bench_side *side)
{
	bool cycles = klab_have_cycles();
	u64 start, end;

	start = klab_bench_now(cycles);
	side->op(bench->data, bench->batch);
	end = klab_bench_now(cycles);

	if (cycles)
		return max_t(s64, klab_cycles_between(start, end), 0);
	return max_t(s64, end - start, 0);
}

static int klab_cost_cmp(const void *a, const void *b)
{
	u64 first = *(const u64 *)a, second = *(const u64 *)b;

	return (first > second) - (first < second);
}

/**
 * klab_bench_reduce() - say in two numbers what batches cost
 * @costs: what each batch cost; sorted afterwards
 * @nr: how many there are, at least 1
 * @empty: what a batch of nothing costs; taken off, but not below zero
 * @cost: filled
 *
 * Context: any.
 */
void klab_bench_reduce(u64 *costs, unsigned int nr, u64 empty,
		       struct klab_bench_cost *cost)
{
	sort(costs, nr, sizeof(*costs), klab_cost_cmp, NULL);
	cost->min = costs[0] - min(costs[0], empty);
	cost->median = costs[nr / 2] - min(costs[nr / 2], empty);
}
EXPORT_SYMBOL_IF_KUNIT(klab_bench_reduce);

/**
 * klab_bench_ratio() - one cost over another
 * @subject: the cost that is looked at
 * @peer: the cost it is held against
 *
 * Context: any.
 * Return: the ratio in thousandths, rounded up so that it is above a bar
 * whenever the true one is; U64_MAX where there is none.
 */
u64 klab_bench_ratio(u64 subject, u64 peer)
{
	if (!peer || subject > U64_MAX / 1000 - peer)
		return U64_MAX;

	return div64_u64(subject * 1000 + peer - 1, peer);
}
EXPORT_SYMBOL_IF_KUNIT(klab_bench_ratio);

/**
 * klab_bench_verdict() - how a ratio stands to its bar
 * @ratio: from klab_bench_ratio()
 * @bar: the most it may be, in thousandths, or 0
 *
 * Context: any.
 * Return: the verdict.
 */
enum klab_verdict klab_bench_verdict(u64 ratio, unsigned int bar)
{
	if (!bar || ratio == U64_MAX)
		return KLAB_VERDICT_NONE;
	return ratio > bar ? KLAB_VERDICT_OVER : KLAB_VERDICT_OK;
}
EXPORT_SYMBOL_IF_KUNIT(klab_bench_verdict);

static int klab_bench_warm_up(struct klab_run *run,
			      const struct klab_bench *bench,
			      const struct klab_bench_side *side)
{
	unsigned int done = 0;
	int ret;

	while (done < KLAB_BENCH_WARM_UP) {
		ret = klab_run_check(run);
		if (ret)
			return ret;
		side->op(bench->data, bench->batch);
		done += min_t(unsigned int, bench->batch, KLAB_BENCH_WARM_UP);
	}

	return 0;
}

/* The sides take turns, and turns in being the first one. */
static int klab_bench_measure(struct klab_run *run,
			      const struct klab_bench *bench,
			      struct klab_bench_side *side, unsigned int sides)
{
	unsigned int batch, turn, i;
	int ret;

	for (i = 0; i < sides; i++) {
		ret = klab_bench_warm_up(run, bench, &side[i]);
		if (ret)
			return ret;
	}

	for (batch = 0; batch < KLAB_BENCH_BATCHES; batch++) {
		for (turn = 0; turn < sides; turn++) {
			i = (batch + turn) % sides;
			ret = klab_run_check(run);
			if (ret)
				return ret;
			side[i].cost[batch] = klab_bench_batch(bench, &side[i]);
		}
	}

	return 0;
}

/**
 * klab_bench_cost_text() - print the cost of an operation
 * @text: gets it with one decimal, rounded; KLAB_BENCH_TEXT bytes
 * @cost: cost of a batch
 * @batch: operations in it
 *
 * Context: any.
 */
VISIBLE_IF_KUNIT void klab_bench_cost_text(char *text, u64 cost,
					   unsigned int batch)
{
	u64 tenths = div_u64(cost * 10 + batch / 2, batch);
	u32 tenth;
	u64 whole = div_u64_rem(tenths, 10, &tenth);

	snprintf(text, KLAB_BENCH_TEXT, "%llu.%u", whole, tenth);
}
EXPORT_SYMBOL_IF_KUNIT(klab_bench_cost_text);

static void klab_bench_ratio_text(char *text, u64 ratio)
{
	u64 whole;
	u32 rest;

	if (ratio == U64_MAX) {
		strscpy(text, "-", KLAB_BENCH_TEXT);
		return;
	}
	whole = div_u64_rem(ratio, 1000, &rest);
	snprintf(text, KLAB_BENCH_TEXT, "%llu.%03u", whole, rest);
}

static void klab_bench_row(struct klab_run *run, const struct klab_bench *bench,
			   const struct klab_bench_cost *subject,
			   const struct klab_bench_cost *peer)
{
	static const char * const verdicts[] = {
		[KLAB_VERDICT_NONE]	= "-",
		[KLAB_VERDICT_OK]	= "ok",
		[KLAB_VERDICT_OVER]	= "over",
	};
	char first[KLAB_BENCH_TEXT], second[KLAB_BENCH_TEXT];
	char ratio_text[KLAB_BENCH_TEXT], bar_text[KLAB_BENCH_TEXT];
	u64 ratio = klab_bench_ratio(subject->min, peer->min);
	char key[96];

	klab_bench_cost_text(first, subject->median, bench->batch);
	klab_bench_cost_text(second, peer->median, bench->batch);
	snprintf(key, sizeof(key), "median.%s.%s", bench->subject, bench->peer);
	strreplace(key, ' ', '_');
	klab_note(run, key, "%s against %s", first, second);

	klab_bench_cost_text(first, subject->min, bench->batch);
	klab_bench_cost_text(second, peer->min, bench->batch);
	klab_bench_ratio_text(ratio_text, ratio);
	klab_bench_ratio_text(bar_text, bench->bar ?: U64_MAX);
	klab_row(run, "%s\t%s\t%s\t%s\t%s\t%s\t%s", bench->subject, bench->peer,
		 first, second, ratio_text, bar_text,
		 verdicts[klab_bench_verdict(ratio, bench->bar)]);
}

static int klab_bench_pair(struct klab_run *run, const struct klab_bench *bench)
{
	struct klab_bench_side side[] = {
		{ .op = bench->base_op ?: klab_bench_empty },
		{ .op = bench->subject_op },
		{ .op = bench->peer_op },
	};
	struct klab_bench_cost subject, peer, empty;
	int ret;

	if (!bench->batch || !bench->subject_op || !bench->peer_op)
		return klab_run_fail(run, -EINVAL, "%s: not a pair",
				     bench->subject);

	ret = klab_bench_measure(run, bench, side, ARRAY_SIZE(side));
	if (ret)
		return ret;

	klab_bench_reduce(side[0].cost, KLAB_BENCH_BATCHES, 0, &empty);
	klab_bench_reduce(side[1].cost, KLAB_BENCH_BATCHES, empty.min,
			  &subject);
	klab_bench_reduce(side[2].cost, KLAB_BENCH_BATCHES, empty.min, &peer);
	klab_bench_row(run, bench, &subject, &peer);

	return 0;
}

/**
 * klab_bench_rows() - measure pairs and report a row for each
 * @run: the run; gets its columns here
 * @rows: the pairs
 * @nr: how many there are
 *
 * Costs are those of the cheapest batch per operation, in cycles or, where the
 * machine has no counter, in nanoseconds, without the pair's base or the loop
 * around it; the batch in the middle is in a note. A row above its bar does not
 * make the run fail: it says "over".
 *
 * Context: process context of the run, may sleep.
 * Return: 0, -EINVAL for a pair that lacks something, or the error of
 * klab_run_check().
 */
int klab_bench_rows(struct klab_run *run, const struct klab_bench *rows,
		    unsigned int nr)
{
	const char *unit = klab_have_cycles() ? "cycles" : "ns";
	char columns[sizeof(KLAB_BENCH_COLUMNS) + 16];
	unsigned int i;
	int ret;

	snprintf(columns, sizeof(columns), KLAB_BENCH_COLUMNS, unit, unit);
	klab_columns(run, columns);

	for (i = 0; i < nr; i++) {
		ret = klab_bench_pair(run, &rows[i]);
		if (ret)
			return ret;
	}

	return 0;
}
EXPORT_SYMBOL_GPL(klab_bench_rows);
