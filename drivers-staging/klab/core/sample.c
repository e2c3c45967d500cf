// SPDX-License-Identifier: GPL-2.0-only
/*
 * Cost samples: a histogram per CPU, in nanoseconds and in the machine's own
 * cycles, that can be recorded into from anywhere but NMI.
 */

#include <kunit/visibility.h>
#include <linux/cache.h>
#include <linux/cpumask.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/gfp.h>
#include <linux/init.h>
#include <linux/limits.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/percpu.h>
#include <linux/slab.h>
#include <linux/sprintf.h>
#include <linux/string.h>
#include <linux/timex.h>

#include "core_internal.h"
#include "core_measure.h"

/* Samples of nothing that the calibration takes the cheapest of. */
#define KLAB_CALIBRATION_ROUNDS	1000

/**
 * struct klab_histogram - one CPU's values in one unit
 * @min: smallest value, U64_MAX before the first one
 * @max: largest value
 * @bucket: how many there were, see klab_bucket()
 *
 * Every field is changed by single this_cpu operations: an interrupt between
 * two of them adds its own value and disturbs nothing, and a task that was
 * moved to another CPU between two of them is counted there, once.
 */
struct klab_histogram {
	u64 min;
	u64 max;
	u32 bucket[KLAB_BUCKETS];
};

/**
 * struct klab_samples - a set of samples
 * @ns: in nanoseconds
 * @cycles: in cycles; stays empty where the machine has no counter
 */
struct klab_samples {
	struct klab_histogram __percpu *ns;
	struct klab_histogram __percpu *cycles;
};

/* What a sample of nothing says; set at module init. */
static struct klab_stamp klab_read_cost __ro_after_init;
static bool klab_cycles_move __ro_after_init;

/**
 * klab_have_cycles() - does the machine have a counter
 *
 * Context: any. Valid once klab's core is initialised.
 * Return: whether two reads of get_cycles() differ.
 */
bool klab_have_cycles(void)
{
	return klab_cycles_move;
}
EXPORT_SYMBOL_GPL(klab_have_cycles);

/**
 * klab_samples_alloc() - make an empty set of samples
 *
 * Context: process context, may sleep.
 * Return: the set, for klab_samples_free(), or NULL without memory.
 */
struct klab_samples *klab_samples_alloc(void)
{
	struct klab_samples *samples;

	samples = kzalloc_obj(*samples);
	if (!samples)
		return NULL;

	samples->ns = alloc_percpu(struct klab_histogram);
	samples->cycles = alloc_percpu(struct klab_histogram);
	if (!samples->ns || !samples->cycles) {
		klab_samples_free(samples);
		return NULL;
	}

	klab_samples_reset(samples);
	return samples;
}
EXPORT_SYMBOL_GPL(klab_samples_alloc);

/**
 * klab_samples_free() - free a set of samples
 * @samples: the set, or NULL; nobody may be recording into it
 *
 * Context: process context, may sleep.
 */
void klab_samples_free(struct klab_samples *samples)
{
	if (!samples)
		return;
	free_percpu(samples->cycles);
	free_percpu(samples->ns);
	kfree(samples);
}
EXPORT_SYMBOL_GPL(klab_samples_free);

static void klab_histogram_reset(struct klab_histogram *histogram)
{
	memset(histogram, 0, sizeof(*histogram));
	histogram->min = U64_MAX;
}

/**
 * klab_samples_reset() - empty a set of samples
 * @samples: the set
 *
 * What is recorded meanwhile may be lost or kept in part.
 *
 * Context: any.
 */
void klab_samples_reset(struct klab_samples *samples)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		klab_histogram_reset(per_cpu_ptr(samples->ns, cpu));
		klab_histogram_reset(per_cpu_ptr(samples->cycles, cpu));
	}
}
EXPORT_SYMBOL_GPL(klab_samples_reset);

static __always_inline void
klab_histogram_add(struct klab_histogram __percpu *histogram, u64 value)
{
	u32 __percpu *bucket = &histogram->bucket[klab_bucket(value)];
	u64 old;

	/* A full bucket stays full, else its values would vanish. */
	if (unlikely(!this_cpu_inc_return(*bucket)))
		this_cpu_dec(*bucket);

	old = this_cpu_read(histogram->min);
	while (unlikely(value < old) &&
	       !this_cpu_try_cmpxchg(histogram->min, &old, value))
		;

	old = this_cpu_read(histogram->max);
	while (unlikely(value > old) &&
	       !this_cpu_try_cmpxchg(histogram->max, &old, value))
		;
}

/**
 * klab_sample_add() - record a sample that was measured otherwise
 * @samples: the set
 * @ns: its nanoseconds
 * @cycles: its cycles; not used where the machine has no counter
 *
 * Nothing is taken off.
 *
 * Context: any but NMI.
 */
void klab_sample_add(struct klab_samples *samples, u64 ns, u64 cycles)
{
	klab_histogram_add(samples->ns, ns);
	if (klab_cycles_move)
		klab_histogram_add(samples->cycles, cycles);
}
EXPORT_SYMBOL_GPL(klab_sample_add);

/*
 * The clocks of two CPUs can be apart by a little and NMI-safe reads can step
 * back by a little: what comes out below zero is zero.
 */
static u64 klab_net(s64 elapsed, u64 cost)
{
	return max_t(s64, elapsed - (s64)cost, 0);
}

/**
 * klab_sample_between() - record the time between two moments
 * @samples: the set
 * @start: klab_stamp_now() of the first moment
 * @end: klab_stamp_now() of the second moment
 *
 * The cost of the two reads is taken off.
 *
 * Context: any but NMI.
 */
void klab_sample_between(struct klab_samples *samples,
			 const struct klab_stamp *start,
			 const struct klab_stamp *end)
{
	u64 ns, cycles;

	ns = klab_net(end->ns - start->ns, klab_read_cost.ns);
	cycles = klab_net(klab_cycles_between(start->cycles, end->cycles),
			  klab_read_cost.cycles);
	klab_sample_add(samples, ns, cycles);
}
EXPORT_SYMBOL_GPL(klab_sample_between);

/**
 * klab_sample_since() - record the time since a moment
 * @samples: the set
 * @start: klab_stamp_now() of the moment
 *
 * The cost of the two reads is taken off.
 *
 * Context: any but NMI.
 */
noinline void klab_sample_since(struct klab_samples *samples,
				const struct klab_stamp *start)
{
	struct klab_stamp end = klab_stamp_now();

	klab_sample_between(samples, start, &end);
}
EXPORT_SYMBOL_GPL(klab_sample_since);

static u64 klab_bucket_count(const struct klab_histogram __percpu *histogram,
			     unsigned int bucket)
{
	u64 count = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		count += READ_ONCE(per_cpu_ptr(histogram, cpu)->bucket[bucket]);

	return count;
}

static u64 klab_histogram_count(const struct klab_histogram __percpu *histogram)
{
	unsigned int bucket;
	u64 count = 0;

	for (bucket = 0; bucket < KLAB_BUCKETS; bucket++)
		count += klab_bucket_count(histogram, bucket);

	return count;
}

/* Finds the value with @count values up to and including it. */
static u64 klab_histogram_rank(const struct klab_histogram __percpu *histogram,
			       u64 count)
{
	unsigned int bucket;
	u64 seen = 0;

	for (bucket = 0; bucket < KLAB_BUCKETS; bucket++) {
		seen += klab_bucket_count(histogram, bucket);
		if (seen >= count)
			return klab_bucket_lower(bucket);
	}

	return U64_MAX;
}

static u64 klab_quantiles_fill(const struct klab_histogram __percpu *histogram,
			       struct klab_quantiles *quantiles)
{
	const struct klab_histogram *one;
	u64 count, min = U64_MAX, max = 0;
	int cpu;

	count = klab_histogram_count(histogram);
	if (!count)
		return 0;

	for_each_possible_cpu(cpu) {
		one = per_cpu_ptr(histogram, cpu);
		min = min(min, READ_ONCE(one->min));
		max = max(max, READ_ONCE(one->max));
	}

	quantiles->min = min;
	quantiles->max = max;
	/* The lowest value of a bucket can be below all that are in it. */
	quantiles->median = clamp(klab_histogram_rank(histogram,
						      count - count / 2),
				  min, max);
	quantiles->p99 = clamp(klab_histogram_rank(histogram,
						   count - div_u64(count, 100)),
			       min, max);

	return count;
}

/**
 * klab_samples_summary() - say in a few numbers what a set of samples holds
 * @samples: the set
 * @summary: filled; all 0 for an empty set
 *
 * The quantile at q is the value that ceil(q * count) values do not exceed.
 * While the set is recorded into, the numbers are approximate.
 *
 * Context: any; takes time, so better one that may be preempted.
 */
void klab_samples_summary(const struct klab_samples *samples,
			  struct klab_summary *summary)
{
	memset(summary, 0, sizeof(*summary));
	summary->count = klab_quantiles_fill(samples->ns, &summary->ns);
	klab_quantiles_fill(samples->cycles, &summary->cycles);
}
EXPORT_SYMBOL_GPL(klab_samples_summary);

static void klab_cells_fill(char (*cell)[24], bool known,
			    const struct klab_quantiles *quantiles)
{
	const u64 value[] = {
		quantiles->min, quantiles->median, quantiles->p99,
		quantiles->max,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(value); i++) {
		if (known)
			snprintf(cell[i], sizeof(cell[i]), "%llu", value[i]);
		else
			strscpy(cell[i], "-");
	}
}

/**
 * klab_samples_cells() - the text of the cells under KLAB_SAMPLE_COLUMNS
 * @samples: the set
 * @cells: filled
 *
 * Context: as klab_samples_summary().
 */
void klab_samples_cells(const struct klab_samples *samples,
			struct klab_sample_cells *cells)
{
	struct klab_summary summary;

	klab_samples_summary(samples, &summary);
	snprintf(cells->count, sizeof(cells->count), "%llu", summary.count);
	klab_cells_fill(cells->ns, summary.count, &summary.ns);
	/* Samples that were measured otherwise may have no cycles. */
	klab_cells_fill(cells->cycles, summary.cycles.max, &summary.cycles);
}
EXPORT_SYMBOL_IF_KUNIT(klab_samples_cells);

/**
 * klab_samples_row() - report a set of samples
 * @run: the run; its columns are one of the room's, then KLAB_SAMPLE_COLUMNS
 * @label: the first cell
 * @samples: the set
 *
 * Context: process context of the run.
 */
void klab_samples_row(struct klab_run *run, const char *label,
		      const struct klab_samples *samples)
{
	struct klab_sample_cells c;

	klab_samples_cells(samples, &c);
	klab_row(run, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s", label, c.count,
		 c.ns[0], c.ns[1], c.ns[2], c.ns[3],
		 c.cycles[0], c.cycles[1], c.cycles[2], c.cycles[3]);
}
EXPORT_SYMBOL_GPL(klab_samples_row);

/* Powers of two, with one more for zero; "lower:count " each. */
#define KLAB_POWERS		65
#define KLAB_POWER_TEXT		(20 + 1 + 20 + 1)

static void klab_powers_text(const struct klab_histogram *histogram,
			     char *text, size_t size)
{
	unsigned int power, bucket = 0;
	size_t len = 0;
	u64 count;

	for (power = 0; power < KLAB_POWERS; power++) {
		count = 0;
		while (bucket < KLAB_BUCKETS &&
		       fls64(klab_bucket_lower(bucket)) == power)
			count += READ_ONCE(histogram->bucket[bucket++]);
		if (!count)
			continue;
		len += scnprintf(text + len, size - len, "%s%llu:%llu",
				 len ? " " : "",
				 power ? BIT_ULL(power - 1) : 0, count);
	}
}

/**
 * klab_samples_histogram() - report the distribution of samples on each CPU
 * @run: the run
 * @label: which samples these are
 * @samples: the set
 *
 * Notes histogram.<label>.cpu<N> with pairs of the lowest value of a power of
 * two in nanoseconds and the number of samples from there to the next one, for
 * each CPU that has samples.
 *
 * Context: process context of the run, may sleep.
 */
void klab_samples_histogram(struct klab_run *run, const char *label,
			    const struct klab_samples *samples)
{
	const size_t size = KLAB_POWERS * KLAB_POWER_TEXT;
	char key[96], *text;
	int cpu;

	text = kmalloc(size, GFP_KERNEL);
	if (!text) {
		klab_reason_set(&run->report.err, -ENOMEM,
				"no memory for a histogram");
		return;
	}

	for_each_possible_cpu(cpu) {
		text[0] = '\0';
		klab_powers_text(per_cpu_ptr(samples->ns, cpu), text, size);
		if (!text[0])
			continue;
		snprintf(key, sizeof(key), "histogram.%s.cpu%d", label, cpu);
		strreplace(key, ' ', '_');
		klab_note(run, key, "%s", text);
	}

	kfree(text);
}
EXPORT_SYMBOL_GPL(klab_samples_histogram);

static bool __init klab_cycles_probe(void)
{
	u64 end = ktime_get_mono_fast_ns() + 10 * NSEC_PER_USEC;
	cycles_t first = get_cycles();

	/* A counter can be slower than the CPU: give it some time to move. */
	do {
		if (get_cycles() != first)
			return true;
	} while (ktime_get_mono_fast_ns() < end);

	return false;
}

/**
 * klab_samples_init() - learn what the machine can count and what it costs
 *
 * Context: module initialisation.
 * Return: 0 or -ENOMEM.
 */
int __init klab_samples_init(void)
{
	struct klab_samples *samples;
	struct klab_summary summary;
	struct klab_stamp start;
	unsigned int i;

	klab_cycles_move = klab_cycles_probe();

	samples = klab_samples_alloc();
	if (!samples)
		return -ENOMEM;

	/*
	 * As long as the cost is not known, none is taken off. The call, which
	 * is none of the caller's doing either, is calibrated with the reads.
	 */
	for (i = 0; i < KLAB_CALIBRATION_ROUNDS; i++) {
		start = klab_stamp_now();
		klab_sample_since(samples, &start);
	}
	klab_samples_summary(samples, &summary);
	klab_read_cost.ns = summary.ns.min;
	klab_read_cost.cycles = summary.cycles.min;
	klab_samples_free(samples);

	return 0;
}
