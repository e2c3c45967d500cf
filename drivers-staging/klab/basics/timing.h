/* SPDX-License-Identifier: GPL-2.0-only */
/* Ways to find out how long a piece of work takes. */
#ifndef _KLAB_BASICS_TIMING_H
#define _KLAB_BASICS_TIMING_H

#include <linux/atomic.h>
#include <linux/types.h>

struct klab_samples;

/**
 * struct klab_timing_counts - one accumulation: events, and how long they took
 * @events: how many there were
 * @ns: how long they took in all
 */
struct klab_timing_counts {
	u64 events;
	u64 ns;
};

/**
 * struct klab_timing - where the methods put what they measure
 * @last_ns: the last event alone
 * @racy: shared and without protection: with several CPUs, events get lost
 * @atomic_events: shared and atomic
 * @atomic_ns: likewise
 * @percpu: one accumulation per CPU, added up when read
 * @samples: klab's samples
 */
struct klab_timing {
	u64 last_ns;
	struct klab_timing_counts racy;
	atomic64_t atomic_events;
	atomic64_t atomic_ns;
	struct klab_timing_counts __percpu *percpu;
	struct klab_samples *samples;
};

/**
 * struct klab_timing_method - a way to time the work
 * @name: its name
 * @event: does the work once, timed
 * @seen: what it found out, NULL if nothing
 */
struct klab_timing_method {
	const char *name;
	void (*event)(struct klab_timing *timing);
	struct klab_timing_counts (*seen)(const struct klab_timing *timing);
};

#if IS_ENABLED(CONFIG_KUNIT)
extern const struct klab_timing_method klab_timing_methods[];
extern const unsigned int klab_timing_nr_methods;

struct klab_timing *klab_timing_alloc(void);
void klab_timing_free(struct klab_timing *timing);
#endif

#endif /* _KLAB_BASICS_TIMING_H */
