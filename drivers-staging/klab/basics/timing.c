// SPDX-License-Identifier: GPL-2.0-only
/*
 * Ways to find out how long a piece of work takes, side by side: what each
 * costs, and what it loses when several threads use it at once.
 */

#include <linux/atomic.h>
#include <linux/compiler.h>
#include <linux/completion.h>
#include <linux/cpumask.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/hash.h>
#include <linux/jump_label.h>
#include <linux/kernel.h>
#include <linux/kthread.h>
#include <linux/ktime.h>
#include <linux/math.h>
#include <linux/math64.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/sched.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/string_choices.h>
#include <linux/wait.h>

#include <kunit/visibility.h>

#include "../core/klab_core.h"
#include "timing.h"

#define TIMING_THREADS_MAX	64
#define TIMING_BATCH		64	/* events per sample of the cost */
#define TIMING_WORK_ROUNDS	16

enum {
	PARAM_EVENTS,
	PARAM_THREADS,
};

static const struct klab_param timing_params[] = {
	[PARAM_EVENTS] = KLAB_INT("events", 6400, TIMING_BATCH, 1000000, NULL,
				  "events per thread and method, rounded up to whole samples"),
	[PARAM_THREADS] = KLAB_INT("threads", 2, 1, TIMING_THREADS_MAX, NULL,
				   "threads that do them at once"),
};

static DEFINE_KLAB_SECTION(timing_section, "basics_timing_work");

static noinline void timing_work(void)
{
	unsigned int round;
	u64 value = 1;

	for (round = 0; round < TIMING_WORK_ROUNDS; round++) {
		value = hash_64(value + round, 64);
		OPTIMIZER_HIDE_VAR(value);
	}
	/* Nobody wants the value, and without this, nobody computes it. */
	barrier_data(&value);
}

static u64 timing_work_ns(void)
{
	ktime_t start = ktime_get();

	timing_work();
	return ktime_to_ns(ktime_sub(ktime_get(), start));
}

static void timing_event_none(struct klab_timing *timing)
{
	timing_work();
}

static void timing_event_single(struct klab_timing *timing)
{
	WRITE_ONCE(timing->last_ns, timing_work_ns());
}

static struct klab_timing_counts
timing_seen_single(const struct klab_timing *timing)
{
	struct klab_timing_counts seen = { .events = 1 };

	seen.ns = READ_ONCE(timing->last_ns);
	return seen;
}

static void timing_event_racy(struct klab_timing *timing)
{
	u64 ns = timing_work_ns();

	data_race(timing->racy.events++); /* races are what is shown here */
	data_race(timing->racy.ns += ns); /* likewise */
}

static struct klab_timing_counts
timing_seen_racy(const struct klab_timing *timing)
{
	return timing->racy;
}

static void timing_event_atomic(struct klab_timing *timing)
{
	u64 ns = timing_work_ns();

	atomic64_inc(&timing->atomic_events);
	atomic64_add(ns, &timing->atomic_ns);
}

static struct klab_timing_counts
timing_seen_atomic(const struct klab_timing *timing)
{
	struct klab_timing_counts seen;

	seen.events = atomic64_read(&timing->atomic_events);
	seen.ns = atomic64_read(&timing->atomic_ns);
	return seen;
}

static void timing_event_percpu(struct klab_timing *timing)
{
	u64 ns = timing_work_ns();

	this_cpu_inc(timing->percpu->events);
	this_cpu_add(timing->percpu->ns, ns);
}

static struct klab_timing_counts
timing_seen_percpu(const struct klab_timing *timing)
{
	const struct klab_timing_counts *counts;
	struct klab_timing_counts seen = {};
	int cpu;

	for_each_possible_cpu(cpu) {
		counts = per_cpu_ptr(timing->percpu, cpu);
		seen.events += counts->events;
		seen.ns += counts->ns;
	}
	return seen;
}

static void timing_event_samples(struct klab_timing *timing)
{
	struct klab_stamp start = klab_stamp_now();

	timing_work();
	klab_sample_since(timing->samples, &start);
}

/* Samples have no sum, but the median is the better answer anyway. */
static struct klab_timing_counts
timing_seen_samples(const struct klab_timing *timing)
{
	struct klab_timing_counts seen;
	struct klab_summary summary;

	klab_samples_summary(timing->samples, &summary);
	seen.events = summary.count;
	seen.ns = summary.count * summary.ns.median;
	return seen;
}

static void timing_event_section(struct klab_timing *timing)
{
	struct klab_stamp start = klab_section_begin(&timing_section);

	timing_work();
	klab_section_end(&timing_section, &start);
}

VISIBLE_IF_KUNIT const struct klab_timing_method klab_timing_methods[] = {
	{ "untimed", timing_event_none, NULL },
	{ "single", timing_event_single, timing_seen_single },
	{ "racy_sum", timing_event_racy, timing_seen_racy },
	{ "atomic_sum", timing_event_atomic, timing_seen_atomic },
	{ "percpu_sum", timing_event_percpu, timing_seen_percpu },
	{ "samples", timing_event_samples, timing_seen_samples },
	{ "section", timing_event_section, NULL },
};
EXPORT_SYMBOL_IF_KUNIT(klab_timing_methods);

VISIBLE_IF_KUNIT const unsigned int klab_timing_nr_methods =
	ARRAY_SIZE(klab_timing_methods);
EXPORT_SYMBOL_IF_KUNIT(klab_timing_nr_methods);

/**
 * klab_timing_free() - frees what klab_timing_alloc() returned
 * @timing: it, or NULL
 *
 * Context: process; may sleep.
 */
VISIBLE_IF_KUNIT void klab_timing_free(struct klab_timing *timing)
{
	if (!timing)
		return;

	klab_samples_free(timing->samples);
	free_percpu(timing->percpu);
	kfree(timing);
}
EXPORT_SYMBOL_IF_KUNIT(klab_timing_free);

/**
 * klab_timing_alloc() - makes a place for measurements, all zero
 *
 * Context: process; may sleep.
 * Return: it, or NULL.
 */
VISIBLE_IF_KUNIT struct klab_timing *klab_timing_alloc(void)
{
	struct klab_timing *timing = kzalloc_obj(*timing);

	if (!timing)
		return NULL;

	timing->percpu = alloc_percpu(struct klab_timing_counts);
	timing->samples = klab_samples_alloc();
	if (!timing->percpu || !timing->samples) {
		klab_timing_free(timing);
		return NULL;
	}
	return timing;
}
EXPORT_SYMBOL_IF_KUNIT(klab_timing_alloc);

/**
 * struct timing_race - threads that use a method at once
 * @run: the run
 * @method: the method
 * @timing: where it puts what it measures
 * @cost: a sample for each batch of events
 * @batches: how many batches each thread does
 * @start: completed when all threads are there
 * @running: threads that have not finished
 * @wait: woken when @running gets 0
 * @threads: the threads
 * @nr_threads: how many there are
 */
struct timing_race {
	struct klab_run *run;
	const struct klab_timing_method *method;
	struct klab_timing *timing;
	struct klab_samples *cost;
	unsigned int batches;
	struct completion start;
	atomic_t running;
	wait_queue_head_t wait;
	struct task_struct *threads[TIMING_THREADS_MAX];
	unsigned int nr_threads;
};

static int timing_thread(void *data)
{
	struct timing_race *race = data;
	struct klab_stamp start;
	unsigned int batch, i;

	wait_for_completion(&race->start);
	for (batch = 0; batch < race->batches; batch++) {
		if (kthread_should_stop() || klab_run_stopped(race->run))
			break;
		start = klab_stamp_now();
		for (i = 0; i < TIMING_BATCH; i++)
			race->method->event(race->timing);
		klab_sample_since(race->cost, &start);
		cond_resched();
	}
	if (atomic_dec_and_test(&race->running))
		wake_up(&race->wait);
	return 0;
}

static int timing_race_create(struct timing_race *race, unsigned int threads)
{
	struct task_struct *thread;

	while (race->nr_threads < threads) {
		thread = kthread_create(timing_thread, race, "klab_timing/%u",
					race->nr_threads);
		if (IS_ERR(thread))
			return PTR_ERR(thread);
		race->threads[race->nr_threads++] = get_task_struct(thread);
		atomic_inc(&race->running);
		wake_up_process(thread);
	}
	return 0;
}

/* Returns when no thread looks at the race any more. */
static void timing_race_end(struct timing_race *race)
{
	complete_all(&race->start);
	while (race->nr_threads)
		kthread_stop_put(race->threads[--race->nr_threads]);
}

static int timing_race(struct timing_race *race)
{
	unsigned int threads = klab_run_value(race->run, PARAM_THREADS);
	int err;

	init_completion(&race->start);
	init_waitqueue_head(&race->wait);
	atomic_set(&race->running, 0);

	err = timing_race_create(race, threads);
	if (!err) {
		complete_all(&race->start);
		err = klab_run_wait_event(race->run, race->wait,
					  !atomic_read(&race->running));
	}
	timing_race_end(race);
	return err;
}

static void timing_report(struct klab_run *run, const struct timing_race *race)
{
	const char *name = race->method->name;
	struct klab_timing_counts seen;
	char key[32];

	if (race->method->seen) {
		seen = race->method->seen(race->timing);
		snprintf(key, sizeof(key), "events.%s", name);
		klab_note(run, key, "%llu", seen.events);
		snprintf(key, sizeof(key), "mean_ns.%s", name);
		klab_note(run, key, "%llu",
			  seen.events ? div64_u64(seen.ns, seen.events) : 0);
	}
	klab_samples_row(run, name, race->cost);
}

static int timing_try(struct klab_run *run, struct timing_race *race)
{
	int err = -ENOMEM;

	race->timing = klab_timing_alloc();
	race->cost = klab_samples_alloc();
	if (race->timing && race->cost)
		err = timing_race(race);
	if (!err)
		timing_report(run, race);
	klab_samples_free(race->cost);
	klab_timing_free(race->timing);
	return err ?: klab_run_check(run);
}

static int timing_run(struct klab_run *run)
{
	struct timing_race *race = klab_run_alloc(run, sizeof(*race));
	unsigned int i;
	int err = 0;

	if (!race)
		return -ENOMEM;

	race->run = run;
	race->batches = DIV_ROUND_UP((u32)klab_run_value(run, PARAM_EVENTS),
				     TIMING_BATCH);
	klab_note(run, "events_per_sample", "%u", TIMING_BATCH);
	klab_note(run, "events", "%llu", race->batches * TIMING_BATCH *
		  klab_run_value(run, PARAM_THREADS));
	klab_note(run, "section", "%s",
		  str_on_off(static_key_enabled(&timing_section.enabled)));
	klab_columns(run, "method\t" KLAB_SAMPLE_COLUMNS);

	for (i = 0; !err && i < ARRAY_SIZE(klab_timing_methods); i++) {
		race->method = &klab_timing_methods[i];
		err = timing_try(run, race);
	}
	return err;
}

static struct klab_experiment timing_experiments[] = {
	{
		.room = "basics",
		.name = "timing",
		.question = "What does it cost to time a piece of work, and what is lost?",
		.params = timing_params,
		.nr_params = ARRAY_SIZE(timing_params),
		.run = timing_run,
	},
};

static int __init timing_init(void)
{
	int err;

	err = klab_section_register(&timing_section);
	if (err)
		return err;

	err = klab_experiments_register(timing_experiments,
					ARRAY_SIZE(timing_experiments));
	if (err)
		klab_section_unregister(&timing_section);
	return err;
}
module_init(timing_init);

static void __exit timing_exit(void)
{
	klab_experiments_unregister(timing_experiments,
				    ARRAY_SIZE(timing_experiments));
	klab_section_unregister(&timing_section);
}
module_exit(timing_exit);

MODULE_DESCRIPTION("klab: ways to time a piece of work");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
