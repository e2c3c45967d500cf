/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the measuring half of klab's core shares with the rest of it and with
 * its tests: samples, timed sections, benchmarks, synthetic interrupts.
 * Rooms include klab_core.h.
 */
#ifndef _KLAB_CORE_MEASURE_H
#define _KLAB_CORE_MEASURE_H

#include <linux/bitops.h>
#include <linux/bits.h>
#include <linux/kconfig.h>
#include <linux/types.h>

#include "klab_core.h"

struct seq_file;

int klab_measure_init(void);
void klab_measure_exit(void);

int klab_samples_init(void);
int klab_sections_init(void);
int klab_faults_init(void);

/* Experiments of the core itself. */
extern struct klab_experiment klab_clock_experiment;
extern struct klab_experiment klab_bench_experiment;
extern struct klab_experiment klab_interrupts_experiment;

/*
 * Histogram: values below 64 have a bucket each, every further power of two
 * has 32 of them, so that a bucket is at most 1/32 of its values wide.
 */
#define KLAB_BUCKET_BITS	5
#define KLAB_BUCKETS		((64 - KLAB_BUCKET_BITS + 1) << KLAB_BUCKET_BITS)

/**
 * klab_bucket() - the bucket that a value belongs to
 * @value: any value
 *
 * Context: any.
 * Return: an index below KLAB_BUCKETS.
 */
static __always_inline unsigned int klab_bucket(u64 value)
{
	unsigned int shift;

	if (value < BIT(KLAB_BUCKET_BITS + 1))
		return value;
	shift = fls64(value) - 1 - KLAB_BUCKET_BITS;
	return (shift << KLAB_BUCKET_BITS) + (value >> shift);
}

/**
 * klab_bucket_lower() - the smallest value of a bucket
 * @bucket: an index below KLAB_BUCKETS
 *
 * Context: any.
 * Return: the value.
 */
static inline u64 klab_bucket_lower(unsigned int bucket)
{
	unsigned int shift, steps;

	if (bucket < BIT(KLAB_BUCKET_BITS + 1))
		return bucket;
	shift = (bucket >> KLAB_BUCKET_BITS) - 1;
	steps = bucket & (BIT(KLAB_BUCKET_BITS) - 1);
	return (u64)(BIT(KLAB_BUCKET_BITS) + steps) << shift;
}

/**
 * klab_cycles_between() - cycles from one read of the counter to another
 * @start: get_cycles() of the first read
 * @end: get_cycles() of the second read
 *
 * A counter may be narrower than 64 bits, and wrap.
 *
 * Context: any.
 * Return: the difference; negative if a wide counter has gone back.
 */
static __always_inline s64 klab_cycles_between(u64 start, u64 end)
{
	if (sizeof(cycles_t) < sizeof(u64))
		return (u32)(end - start);
	return end - start;
}

/**
 * struct klab_sample_cells - the cells under KLAB_SAMPLE_COLUMNS
 * @count: number of samples
 * @ns: four numbers in nanoseconds, "-" where there are no samples
 * @cycles: four numbers in cycles, "-" where there are none
 */
struct klab_sample_cells {
	char count[24];
	char ns[4][24];
	char cycles[4][24];
};

void klab_samples_cells(const struct klab_samples *samples,
			struct klab_sample_cells *cells);

/**
 * struct klab_bench_cost - what the batches of a benchmark's row cost
 * @min: cheapest batch
 * @median: the one in the middle
 */
struct klab_bench_cost {
	u64 min;
	u64 median;
};

#define KLAB_BENCH_TEXT		24	/* of a cost, or a ratio */

/**
 * enum klab_verdict - how a row of a benchmark stands to its bar
 * @KLAB_VERDICT_NONE: there is no bar, or no ratio
 * @KLAB_VERDICT_OK: at the bar or below
 * @KLAB_VERDICT_OVER: above it
 */
enum klab_verdict {
	KLAB_VERDICT_NONE,
	KLAB_VERDICT_OK,
	KLAB_VERDICT_OVER,
};

void klab_bench_reduce(u64 *costs, unsigned int nr, u64 empty,
		       struct klab_bench_cost *cost);
u64 klab_bench_ratio(u64 subject, u64 peer);
enum klab_verdict klab_bench_verdict(u64 ratio, unsigned int bar);

int klab_sections_command(char *line);
int klab_sections_show(struct seq_file *m, void *unused);

#if IS_ENABLED(CONFIG_KUNIT)
int klab_clock_step(struct klab_run *run, u64 (*read)(void), u64 rounds,
		    u64 *step);
int klab_clock_cost(struct klab_run *run, void (*sample)(struct klab_samples *),
		    u64 rounds, struct klab_samples *samples);
void klab_bench_cost_text(char *text, u64 cost, unsigned int batch);
#endif

u64 klab_synthirq_due(struct klab_synthirq *source, unsigned int line);
u64 klab_synthirq_overruns(struct klab_synthirq *source, unsigned int line);

#endif /* _KLAB_CORE_MEASURE_H */
