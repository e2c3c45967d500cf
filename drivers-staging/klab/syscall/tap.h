/* SPDX-License-Identifier: GPL-2.0-only */
/* Tap on existing system calls: which calls, how often, how long. */
#ifndef _KLAB_SYSCALL_TAP_H
#define _KLAB_SYSCALL_TAP_H

#include <linux/atomic.h>
#include <linux/cache.h>
#include <linux/types.h>

#include "../core/klab_core.h"

struct pt_regs;
struct task_struct;

#define KLAB_TAP_CALLS_MAX	16
#define KLAB_TAP_NAME_SIZE	32
#define KLAB_TAP_BUCKETS_LOG	7
#define KLAB_TAP_BUCKET_SLOTS	8

unsigned int klab_tap_call_numbers(void);
int klab_tap_call_find(const char *text, char name[KLAB_TAP_NAME_SIZE]);

/**
 * struct klab_tap_entry - a call that a task is inside of
 * @start: when it was entered
 * @index: which one of the chosen calls it is
 */
struct klab_tap_entry {
	struct klab_stamp start;
	unsigned int index;
};

/**
 * struct klab_tap_bucket - the tasks whose hash is the same
 * @owner: the tasks, as numbers; 0 marks a free place. All in one cache line,
 *	since each exit from a chosen call looks through them.
 * @entry: what each of them is inside of
 *
 * A task takes a free place by a compare-and-exchange, and from then on it
 * alone touches the place and its entry until it gives the place back.
 */
struct klab_tap_bucket {
	atomic_long_t owner[KLAB_TAP_BUCKET_SLOTS];
	struct klab_tap_entry entry[KLAB_TAP_BUCKET_SLOTS];
} ____cacheline_aligned;

/**
 * struct klab_tap_table - tasks that are inside of a chosen call
 * @bucket: by hash of the task
 */
struct klab_tap_table {
	struct klab_tap_bucket bucket[1 << KLAB_TAP_BUCKETS_LOG];
};

struct klab_tap_table *klab_tap_table_alloc(void);
void klab_tap_table_free(struct klab_tap_table *table);
struct klab_tap_entry *klab_tap_table_claim(struct klab_tap_table *table,
					    const void *owner);
bool klab_tap_table_take(struct klab_tap_table *table, const void *owner,
			 struct klab_tap_entry *entry);

/**
 * struct klab_tap_counts - what a CPU has seen
 * @entered: entries to each chosen call
 * @failed: exits from it with an error
 * @untimed: entries for which the table had no place
 * @compat: entries by 32-bit callers, whose numbers mean other calls
 */
struct klab_tap_counts {
	u64 entered[KLAB_TAP_CALLS_MAX];
	u64 failed[KLAB_TAP_CALLS_MAX];
	u64 untimed;
	u64 compat;
};

/**
 * struct klab_tap - a choice of calls, and what has been seen of them
 * @nr: numbers of the chosen calls
 * @name: their names
 * @samples: how long each of them took
 * @nr_calls: how many there are
 * @counts: per CPU
 * @table: tasks that are inside of one of them
 * @numbers: how many calls there are to choose from
 * @index_of: by number of a call, 1 more than its index; 0: not chosen
 */
struct klab_tap {
	unsigned int nr[KLAB_TAP_CALLS_MAX];
	char name[KLAB_TAP_CALLS_MAX][KLAB_TAP_NAME_SIZE];
	struct klab_samples *samples[KLAB_TAP_CALLS_MAX];
	unsigned int nr_calls;
	struct klab_tap_counts __percpu *counts;
	struct klab_tap_table *table;
	unsigned int numbers;
	u8 index_of[] __counted_by(numbers);
};

struct klab_tap *klab_tap_alloc(char *calls, const char **bad);
void klab_tap_free(struct klab_tap *tap);
void klab_tap_enter(void *data, struct pt_regs *regs, long id);
void klab_tap_exit(void *data, struct pt_regs *regs, long ret);
void klab_tap_task_exit(void *data, struct task_struct *task);
u64 klab_tap_entered(const struct klab_tap *tap, unsigned int index);
u64 klab_tap_failed(const struct klab_tap *tap, unsigned int index);
void klab_tap_report(struct klab_run *run, const struct klab_tap *tap);

/* Where the tap is fastened: probes on tracepoints of the kernel. */
int klab_tap_attach(struct klab_tap *tap);
void klab_tap_detach(struct klab_tap *tap);

int klab_tap_cost_run(struct klab_run *run);

#define KLAB_TAP_COST_PARAMS	1
extern const struct klab_param klab_tap_cost_params[KLAB_TAP_COST_PARAMS];

#endif /* _KLAB_SYSCALL_TAP_H */
