// SPDX-License-Identifier: GPL-2.0-only
/* What the tap keeps of the calls that it sees, and how it reports that. */

#include <linux/compat.h>
#include <linux/cpumask.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/overflow.h>
#include <linux/percpu.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/sprintf.h>
#include <linux/string.h>

#include <asm/syscall.h>

#include <kunit/visibility.h>

#include "tap.h"

static int tap_choose(struct klab_tap *tap, const char *call)
{
	char name[KLAB_TAP_NAME_SIZE];
	int nr;

	nr = klab_tap_call_find(call, name);
	if (nr < 0)
		return nr;
	if (tap->index_of[nr])
		return -EEXIST;
	if (tap->nr_calls == KLAB_TAP_CALLS_MAX)
		return -E2BIG;

	tap->samples[tap->nr_calls] = klab_samples_alloc();
	if (!tap->samples[tap->nr_calls])
		return -ENOMEM;
	tap->nr[tap->nr_calls] = nr;
	strscpy(tap->name[tap->nr_calls], name);
	tap->index_of[nr] = ++tap->nr_calls;
	return 0;
}

static int tap_choose_all(struct klab_tap *tap, char *calls, const char **bad)
{
	int err = 0;

	while (!err && (*bad = strsep(&calls, ",")))
		err = tap_choose(tap, *bad);
	return err;
}

/**
 * klab_tap_free() - frees what klab_tap_alloc() returned
 * @tap: it, or NULL; not attached
 *
 * Context: process; may sleep.
 */
VISIBLE_IF_KUNIT void klab_tap_free(struct klab_tap *tap)
{
	unsigned int i;

	if (!tap)
		return;

	for (i = 0; i < tap->nr_calls; i++)
		klab_samples_free(tap->samples[i]);
	klab_tap_table_free(tap->table);
	free_percpu(tap->counts);
	kfree(tap);
}
EXPORT_SYMBOL_IF_KUNIT(klab_tap_free);

/**
 * klab_tap_alloc() - makes a tap that has seen nothing yet
 * @calls: the calls, by name or number, separated by commas; is changed
 * @bad: set to the call that is wrong, a part of @calls
 *
 * Context: process; may sleep.
 * Return: it, for klab_tap_free(), or as an error pointer -ENOENT where there
 * is no such call, -EEXIST where it is named twice, -E2BIG where there are too
 * many, -ENOMEM.
 */
VISIBLE_IF_KUNIT struct klab_tap *klab_tap_alloc(char *calls, const char **bad)
{
	unsigned int numbers = klab_tap_call_numbers();
	struct klab_tap *tap;
	int err = -ENOMEM;

	tap = kzalloc(struct_size(tap, index_of, numbers), GFP_KERNEL);
	if (!tap)
		return ERR_PTR(-ENOMEM);

	tap->numbers = numbers;
	tap->table = klab_tap_table_alloc();
	tap->counts = alloc_percpu(struct klab_tap_counts);
	if (tap->table && tap->counts)
		err = tap_choose_all(tap, calls, bad);
	if (err) {
		klab_tap_free(tap);
		return ERR_PTR(err);
	}
	return tap;
}
EXPORT_SYMBOL_IF_KUNIT(klab_tap_alloc);

static bool tap_chosen(const struct klab_tap *tap, long nr)
{
	return nr >= 0 && nr < tap->numbers && tap->index_of[nr];
}

/**
 * klab_tap_enter() - sees the calling task enter a system call
 * @data: the tap
 * @regs: not used
 * @id: number of the call
 *
 * Context: process, preemption may be off.
 */
VISIBLE_IF_KUNIT void klab_tap_enter(void *data, struct pt_regs *regs, long id)
{
	struct klab_tap *tap = data;
	struct klab_tap_entry *entry;
	unsigned int index;

	if (in_compat_syscall()) {
		this_cpu_inc(tap->counts->compat);
		return;
	}
	if (!tap_chosen(tap, id))
		return;

	index = tap->index_of[id] - 1;
	this_cpu_inc(tap->counts->entered[index]);
	entry = klab_tap_table_claim(tap->table, current);
	if (!entry) {
		this_cpu_inc(tap->counts->untimed);
		return;
	}
	entry->index = index;
	entry->start = klab_stamp_now();
}
EXPORT_SYMBOL_IF_KUNIT(klab_tap_enter);

/**
 * klab_tap_exit() - sees the calling task come back from a system call
 * @data: the tap
 * @regs: the task's registers
 * @ret: what the call returned
 *
 * Context: process, preemption may be off.
 */
VISIBLE_IF_KUNIT void klab_tap_exit(void *data, struct pt_regs *regs, long ret)
{
	long nr = syscall_get_nr(current, regs);
	struct klab_tap *tap = data;
	struct klab_tap_entry entry;

	/*
	 * The common case, cheaply: a call that nobody asked for. Calls that
	 * change all registers come back with another number, mostly -1, so
	 * what was entered stands in the table alone.
	 */
	if (nr >= 0 && !tap_chosen(tap, nr))
		return;
	if (!klab_tap_table_take(tap->table, current, &entry))
		return;

	klab_sample_since(tap->samples[entry.index], &entry.start);
	if (IS_ERR_VALUE(ret))
		this_cpu_inc(tap->counts->failed[entry.index]);
}
EXPORT_SYMBOL_IF_KUNIT(klab_tap_exit);

/**
 * klab_tap_task_exit() - sees a task end, maybe inside of a call
 * @data: the tap
 * @task: the calling task
 *
 * Context: process, preemption may be off.
 */
VISIBLE_IF_KUNIT void klab_tap_task_exit(void *data, struct task_struct *task)
{
	struct klab_tap *tap = data;
	struct klab_tap_entry entry;

	klab_tap_table_take(tap->table, task, &entry);
}
EXPORT_SYMBOL_IF_KUNIT(klab_tap_task_exit);

/**
 * klab_tap_entered() - how often a call was entered
 * @tap: the tap
 * @index: which one of the chosen calls
 *
 * Context: any.
 * Return: the number, on all CPUs; approximate while the tap is on.
 */
VISIBLE_IF_KUNIT u64 klab_tap_entered(const struct klab_tap *tap,
				      unsigned int index)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(per_cpu_ptr(tap->counts, cpu)->entered[index]);
	return sum;
}
EXPORT_SYMBOL_IF_KUNIT(klab_tap_entered);

/**
 * klab_tap_failed() - how often a call came back with an error
 * @tap: the tap
 * @index: which one of the chosen calls
 *
 * Context: any.
 * Return: the number, on all CPUs; approximate while the tap is on.
 */
VISIBLE_IF_KUNIT u64 klab_tap_failed(const struct klab_tap *tap,
				     unsigned int index)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(per_cpu_ptr(tap->counts, cpu)->failed[index]);
	return sum;
}
EXPORT_SYMBOL_IF_KUNIT(klab_tap_failed);

static void tap_report_whole(struct klab_run *run, const struct klab_tap *tap)
{
	const struct klab_tap_counts *counts;
	u64 untimed = 0, compat = 0;
	int cpu;

	for_each_possible_cpu(cpu) {
		counts = per_cpu_ptr(tap->counts, cpu);
		untimed += READ_ONCE(counts->untimed);
		compat += READ_ONCE(counts->compat);
	}
	klab_note(run, "untimed", "%llu", untimed);
	klab_note(run, "compat", "%llu", compat);
}

static void tap_report_call(struct klab_run *run, const struct klab_tap *tap,
			    unsigned int index)
{
	const char *name = tap->name[index];
	char key[64];

	snprintf(key, sizeof(key), "number.%s", name);
	klab_note(run, key, "%u", tap->nr[index]);
	snprintf(key, sizeof(key), "entered.%s", name);
	klab_note(run, key, "%llu", klab_tap_entered(tap, index));
	snprintf(key, sizeof(key), "failed.%s", name);
	klab_note(run, key, "%llu", klab_tap_failed(tap, index));
	klab_samples_histogram(run, name, tap->samples[index]);
	klab_samples_row(run, name, tap->samples[index]);
}

/**
 * klab_tap_report() - what a tap has seen
 * @run: the run that it is reported in
 * @tap: the tap
 *
 * Context: process context of the run, may sleep.
 */
void klab_tap_report(struct klab_run *run, const struct klab_tap *tap)
{
	unsigned int i;

	tap_report_whole(run, tap);
	for (i = 0; i < tap->nr_calls; i++)
		tap_report_call(run, tap, i);
}
