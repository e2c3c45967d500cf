// SPDX-License-Identifier: GPL-2.0-only
/*
 * Experiment core/bench: what klab's own measuring costs.
 */

#include <linux/compiler.h>
#include <linux/errno.h>
#include <linux/jump_label.h>
#include <linux/kconfig.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/percpu.h>
#include <linux/timekeeping.h>

#include "core_measure.h"

#define KLAB_PAIRS_BATCH	1000

static DEFINE_PER_CPU(unsigned long, klab_pairs_count);
static DEFINE_KLAB_SECTION(klab_pairs_section, "core-bench");
static u64 klab_pairs_time;

static void klab_pairs_sample(void *samples, unsigned int batch)
{
	struct klab_stamp start;

	while (batch--) {
		start = klab_stamp_now();
		klab_sample_since(samples, &start);
	}
}

static void klab_pairs_by_hand(void *data, unsigned int batch)
{
	ktime_t start;

	while (batch--) {
		start = ktime_get();
		WRITE_ONCE(klab_pairs_time,
			   ktime_to_ns(ktime_sub(ktime_get(), start)));
		this_cpu_inc(klab_pairs_count);
	}
}

static void klab_pairs_section_off(void *data, unsigned int batch)
{
	struct klab_stamp start;

	while (batch--) {
		start = klab_section_begin(&klab_pairs_section);
		barrier();
		klab_section_end(&klab_pairs_section, &start);
	}
}

/* Against nothing at all there would be no ratio. */
static void klab_pairs_flags_off(void *data, unsigned int batch)
{
	const bool *flag = data;

	while (batch--) {
		if (unlikely(READ_ONCE(*flag)))
			this_cpu_inc(klab_pairs_count);
		barrier();
		if (unlikely(READ_ONCE(*flag)))
			this_cpu_inc(klab_pairs_count);
	}
}

static void klab_pairs_samples_free(void *samples)
{
	klab_samples_free(samples);
}

static int klab_pairs_run(struct klab_run *run)
{
	struct klab_samples *samples = klab_samples_alloc();
	bool flag = false;
	int ret;

	if (!samples)
		return -ENOMEM;
	ret = klab_run_defer(run, klab_pairs_samples_free, samples);
	if (ret)
		return ret;

	const struct klab_bench rows[] = {
		{
			.subject	= "sample",
			.peer		= "two ktime_get, this_cpu_inc",
			.subject_op	= klab_pairs_sample,
			.peer_op	= klab_pairs_by_hand,
			.data		= samples,
			.batch		= KLAB_PAIRS_BATCH,
			.bar		= 2000,
		},
		{
			.subject	= "timed section, off",
			.peer		= "two tests of a flag",
			.subject_op	= klab_pairs_section_off,
			.peer_op	= klab_pairs_flags_off,
			.data		= &flag,
			.batch		= KLAB_PAIRS_BATCH,
			/* Without jump labels a section is a test, too. */
			.bar		= IS_ENABLED(CONFIG_JUMP_LABEL) ? 1000 : 0,
		},
	};

	return klab_bench_rows(run, rows, ARRAY_SIZE(rows));
}

struct klab_experiment klab_bench_experiment = {
	.room		= "core",
	.name		= "bench",
	.question	= "What do klab's own samples and sections cost?",
	.run		= klab_pairs_run,
};
