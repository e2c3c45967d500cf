// SPDX-License-Identifier: GPL-2.0-only
/*
 * Experiment irq/softirqs: how often each softirq vector has run, and how many
 * kernel threads there are for it and for other deferred work.
 */
#include <linux/array_size.h>
#include <linux/build_bug.h>
#include <linux/cleanup.h>
#include <linux/cpumask.h>
#include <linux/interrupt.h>
#include <linux/jiffies.h>
#include <linux/kernel_stat.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/string.h>

#include "../core/klab_core.h"
#include "lines.h"

enum { PARAM_MS };

const struct klab_param klab_irq_softirqs_params[] = {
	[PARAM_MS] = KLAB_INT("ms", 100, 1, 5000, "ms", "how long to look"),
};

const unsigned int klab_irq_softirqs_nr_params =
	ARRAY_SIZE(klab_irq_softirqs_params);

/* The kernel's own names are not for modules. */
static const char * const vector_names[] = {
	[HI_SOFTIRQ] = "HI",
	[TIMER_SOFTIRQ] = "TIMER",
	[NET_TX_SOFTIRQ] = "NET_TX",
	[NET_RX_SOFTIRQ] = "NET_RX",
	[BLOCK_SOFTIRQ] = "BLOCK",
	[IRQ_POLL_SOFTIRQ] = "IRQ_POLL",
#ifdef CONFIG_SOFTWORK
	[SOFTWORK_SOFTIRQ] = "SOFTWORK",
#endif
	[TASKLET_SOFTIRQ] = "TASKLET",
	[SCHED_SOFTIRQ] = "SCHED",
	[HRTIMER_SOFTIRQ] = "HRTIMER",
	[RCU_SOFTIRQ] = "RCU",
};

static_assert(ARRAY_SIZE(vector_names) == NR_SOFTIRQS);

static u64 vector_count(unsigned int vector)
{
	unsigned int cpu;
	u64 count = 0;

	for_each_possible_cpu(cpu)
		count += kstat_softirqs_cpu(vector, cpu);
	return count;
}

static void count_threads(struct klab_run *run)
{
	unsigned int threads = 0, softirqds = 0, workers = 0, handlers = 0;
	struct task_struct *task;

	scoped_guard(rcu) {
		for_each_process(task) {
			if (!(task->flags & PF_KTHREAD))
				continue;
			threads++;
			softirqds += strstarts(task->comm, "ksoftirqd/");
			workers += strstarts(task->comm, "kworker/");
			handlers += strstarts(task->comm, "irq/");
		}
	}

	klab_note(run, "kernel_threads", "%u", threads);
	klab_note(run, "ksoftirqd", "%u", softirqds);
	klab_note(run, "kworker", "%u", workers);
	klab_note(run, "irq_threads", "%u", handlers);
}

/**
 * klab_irq_softirqs_run() - the experiment irq/softirqs
 * @run: the run
 *
 * Context: process, sleeps.
 * Return: 0 or a negative error.
 */
int klab_irq_softirqs_run(struct klab_run *run)
{
	unsigned long left = msecs_to_jiffies(klab_run_value(run, PARAM_MS));
	u64 before[NR_SOFTIRQS];
	unsigned int i;
	int ret;

	for (i = 0; i < NR_SOFTIRQS; i++)
		before[i] = vector_count(i);
	while (left) {
		ret = klab_run_check(run);
		if (ret)
			return ret;
		left = schedule_timeout_killable(left);
	}

	klab_note(run, "cpus", "%u", num_online_cpus());
	count_threads(run);
	klab_columns(run, "vector\tnumber\truns\tmeanwhile");
	for (i = 0; i < NR_SOFTIRQS; i++) {
		u64 now = vector_count(i);

		klab_row(run, "%s\t%u\t%llu\t%llu", vector_names[i], i, now,
			 now - before[i]);
	}
	return 0;
}
