// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests for softwork: what Documentation/core-api/softwork.rst promises.
 */

#include <kunit/test.h>
#include <linux/atomic.h>
#include <linux/bitops.h>
#include <linux/completion.h>
#include <linux/container_of.h>
#include <linux/cpu.h>
#include <linux/cpumask.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/hrtimer.h>
#include <linux/interrupt.h>
#include <linux/irqflags.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/preempt.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/softwork.h>
#include <linux/workqueue.h>

/* How long to wait for what has to happen: only a failure takes that long. */
#define SOFTWORK_TEST_TIMEOUT	(60 * HZ)

/* Items that one pass takes. */
#define SOFTWORK_TEST_BUDGET	64

/* Who has run, in the order in which that happened. */
struct softwork_test_log {
	atomic_t nr;
	int id[4 * SOFTWORK_TEST_BUDGET];
};

struct softwork_test_item {
	struct softwork work;
	struct softwork_test_log *log;
	int id;
	int runs;
	int again;			/* times to queue itself */
	struct softwork *then;		/* another item to queue */
	int cpu;			/* where it has run last */
};

static void softwork_test_add(struct softwork_test_log *log, int id)
{
	int nr = atomic_inc_return(&log->nr) - 1;

	if (nr < ARRAY_SIZE(log->id))
		log->id[nr] = id;
}

static void softwork_test_func(struct softwork *work)
{
	struct softwork_test_item *item = container_of(work, struct softwork_test_item, work);

	/* The test may look while the item is in use. */
	WRITE_ONCE(item->runs, item->runs + 1);
	item->cpu = smp_processor_id();
	if (item->log)
		softwork_test_add(item->log, item->id);
	if (item->again) {
		item->again--;
		softwork_queue(work);
	}
	if (item->then)
		softwork_queue(item->then);
}

KUNIT_DEFINE_ACTION_WRAPPER(softwork_test_cancel, softwork_cancel_sync, struct softwork *);

/* An item that is out of use before its memory is freed, come what may. */
static struct softwork_test_item *softwork_test_item(struct kunit *test, softwork_func_t func,
						     struct softwork_test_log *log, int nr)
{
	struct softwork_test_item *items;
	int i;

	items = kunit_kcalloc(test, nr, sizeof(*items), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, items);
	for (i = 0; i < nr; i++) {
		softwork_init(&items[i].work, func);
		items[i].log = log;
		items[i].id = i;
		KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, softwork_test_cancel,
								&items[i].work), 0);
	}
	return items;
}

static struct softwork_test_log *softwork_test_log(struct kunit *test)
{
	struct softwork_test_log *log = kunit_kzalloc(test, sizeof(*log), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, log);
	return log;
}

/* Some work that the compiler keeps and no clock measures. */
static void softwork_test_spin(unsigned int rounds)
{
	while (rounds--)
		cpu_relax();
}

/* Another CPU than @here; the test is skipped if there is none. */
static int softwork_test_other_cpu(struct kunit *test, int here)
{
	int cpu = cpumask_any_but(cpu_online_mask, here);

	if (cpu >= nr_cpu_ids)
		kunit_skip(test, "needs a second CPU online");
	return cpu;
}

/* Queues items in process context of some CPU, without waiting for them. */
struct softwork_test_remote {
	struct work_struct queue;
	struct softwork *work;
	struct softwork *then[2];	/* further ones, or NULL */
	int unblocked;			/* see softwork_test_blocker_func() */
};

static void softwork_test_remote_func(struct work_struct *queue)
{
	struct softwork_test_remote *remote =
		container_of(queue, struct softwork_test_remote, queue);
	int i;

	local_bh_disable();
	softwork_queue(remote->work);
	for (i = 0; i < ARRAY_SIZE(remote->then) && remote->then[i]; i++)
		softwork_queue(remote->then[i]);
	local_bh_enable();
}

static void softwork_test_remote_stop(void *remote)
{
	flush_work(&((struct softwork_test_remote *)remote)->queue);
}

static void softwork_test_queue_three_on(struct kunit *test, int cpu, struct softwork *work,
					 struct softwork *second, struct softwork *third)
{
	struct softwork_test_remote *remote;

	remote = kunit_kzalloc(test, sizeof(*remote), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, remote);
	INIT_WORK(&remote->queue, softwork_test_remote_func);
	remote->work = work;
	remote->then[0] = second;
	remote->then[1] = third;
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, softwork_test_remote_stop, remote),
			0);
	schedule_work_on(cpu, &remote->queue);
}

static void softwork_test_queue_on(struct kunit *test, int cpu, struct softwork *work)
{
	softwork_test_queue_three_on(test, cpu, work, NULL, NULL);
}

/* Storms: hard interrupts on all CPUs at once, a given number on each. */
struct softwork_storm {
	void (*fire)(struct softwork_storm *storm);
	struct softwork_storm_cpu __percpu *cpus;
	unsigned int nr;
	atomic_t alive;
	struct completion done;
	void *priv;
};

struct softwork_storm_cpu {
	struct softwork_storm *storm;
	struct hrtimer timer;
	unsigned int left;
};

static enum hrtimer_restart softwork_storm_timer(struct hrtimer *timer)
{
	struct softwork_storm_cpu *cpu = container_of(timer, struct softwork_storm_cpu, timer);

	cpu->storm->fire(cpu->storm);
	if (--cpu->left) {
		hrtimer_forward_now(timer, ns_to_ktime(100 * NSEC_PER_USEC));
		return HRTIMER_RESTART;
	}
	if (atomic_dec_and_test(&cpu->storm->alive))
		complete(&cpu->storm->done);
	return HRTIMER_NORESTART;
}

static void softwork_storm_arm(void *data)
{
	struct softwork_storm *storm = data;
	struct softwork_storm_cpu *cpu = this_cpu_ptr(storm->cpus);

	cpu->left = storm->nr;
	atomic_inc(&storm->alive);
	hrtimer_start(&cpu->timer, ns_to_ktime(100 * NSEC_PER_USEC), HRTIMER_MODE_REL_PINNED_HARD);
}

static void softwork_storm_stop(void *data)
{
	struct softwork_storm *storm = data;
	int cpu;

	for_each_possible_cpu(cpu)
		hrtimer_cancel(&per_cpu_ptr(storm->cpus, cpu)->timer);
}

static void softwork_storm_free(void *data)
{
	free_percpu(((struct softwork_storm *)data)->cpus);
}

static struct softwork_storm *softwork_storm_start(struct kunit *test, unsigned int nr,
						   void (*fire)(struct softwork_storm *storm),
						   void *priv)
{
	struct softwork_storm *storm = kunit_kzalloc(test, sizeof(*storm), GFP_KERNEL);
	int cpu;

	KUNIT_ASSERT_NOT_NULL(test, storm);
	storm->cpus = alloc_percpu(struct softwork_storm_cpu);
	KUNIT_ASSERT_TRUE(test, !!storm->cpus);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, softwork_storm_free, storm), 0);
	storm->fire = fire;
	storm->nr = nr;
	storm->priv = priv;
	init_completion(&storm->done);
	for_each_possible_cpu(cpu) {
		per_cpu_ptr(storm->cpus, cpu)->storm = storm;
		hrtimer_init(&per_cpu_ptr(storm->cpus, cpu)->timer, CLOCK_MONOTONIC,
			     HRTIMER_MODE_REL_PINNED_HARD);
		per_cpu_ptr(storm->cpus, cpu)->timer.function = softwork_storm_timer;
	}
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, softwork_storm_stop, storm), 0);

	/* The storm is not over before all CPUs take part. */
	atomic_set(&storm->alive, 1);
	on_each_cpu(softwork_storm_arm, storm, 1);
	return storm;
}

static void softwork_storm_wait(struct kunit *test, struct softwork_storm *storm)
{
	if (atomic_dec_and_test(&storm->alive))
		complete(&storm->done);
	KUNIT_ASSERT_NE(test, wait_for_completion_timeout(&storm->done, SOFTWORK_TEST_TIMEOUT), 0);
}

/* Waits for a condition that another context brings about; says if it did. */
#define softwork_test_wait(cond)					\
({									\
	unsigned long __end = jiffies + SOFTWORK_TEST_TIMEOUT;		\
	bool __met;							\
									\
	while (!(__met = (cond)) && time_before(jiffies, __end))	\
		cond_resched();						\
	__met;								\
})

static void softwork_test_size_is_three_words(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, sizeof(struct softwork), 3 * sizeof(void *));
}

static void softwork_test_queue_runs_once(struct kunit *test)
{
	struct softwork_test_item *item = softwork_test_item(test, softwork_test_func, NULL, 1);

	local_bh_disable();
	KUNIT_EXPECT_TRUE(test, softwork_queue(&item->work));
	KUNIT_EXPECT_FALSE(test, softwork_queue(&item->work));
	KUNIT_EXPECT_TRUE(test, softwork_pending(&item->work));
	KUNIT_EXPECT_EQ(test, item->runs, 0);
	local_bh_enable();
	softwork_flush(&item->work);
	KUNIT_EXPECT_EQ(test, item->runs, 1);
	KUNIT_EXPECT_FALSE(test, softwork_pending(&item->work));
}

/* No softirq runs at the end of a section with BHs enabled: ksoftirqd does it. */
static void softwork_test_queue_with_bh_enabled_runs(struct kunit *test)
{
	struct softwork_test_item *item = softwork_test_item(test, softwork_test_func, NULL, 1);

	KUNIT_EXPECT_TRUE(test, softwork_queue(&item->work));
	KUNIT_ASSERT_TRUE(test, softwork_test_wait(READ_ONCE(item->runs) == 1));
}

static void softwork_test_context(struct softwork *work)
{
	struct softwork_test_item *item = container_of(work, struct softwork_test_item, work);

	item->runs = in_serving_softirq() && !irqs_disabled() && !in_hardirq();
}

static void softwork_test_function_runs_in_softirq(struct kunit *test)
{
	struct softwork_test_item *item = softwork_test_item(test, softwork_test_context, NULL, 1);

	softwork_queue(&item->work);
	softwork_flush(&item->work);
	KUNIT_EXPECT_EQ(test, item->runs, 1);
}

static void softwork_test_function_runs_where_queued(struct kunit *test)
{
	struct softwork_test_item *item = softwork_test_item(test, softwork_test_func, NULL, 1);
	int runs = 0;
	int cpu;

	for_each_online_cpu(cpu) {
		runs++;
		softwork_test_queue_on(test, cpu, &item->work);
		KUNIT_ASSERT_TRUE(test, softwork_test_wait(READ_ONCE(item->runs) == runs));
		softwork_flush(&item->work);
		KUNIT_EXPECT_EQ(test, item->cpu, cpu);
	}
}

static void softwork_test_queue_by_own_function_runs_again(struct kunit *test)
{
	struct softwork_test_item *item = softwork_test_item(test, softwork_test_func, NULL, 1);

	item->again = 1000;
	softwork_queue(&item->work);
	KUNIT_ASSERT_TRUE(test, softwork_test_wait(READ_ONCE(item->runs) == 1001));
	softwork_flush(&item->work);
	KUNIT_EXPECT_EQ(test, item->runs, 1001);
}

/*
 * More than three passes, so the rest of a pass is put back several times. The
 * last item is queued by the first one: it comes after what is put back.
 */
static void softwork_test_order_is_fifo(struct kunit *test)
{
	struct softwork_test_log *log = softwork_test_log(test);
	int nr = ARRAY_SIZE(log->id) - 1;
	struct softwork_test_item *items = softwork_test_item(test, softwork_test_func, log, nr);
	int i;

	items[0].then = &items[nr - 1].work;
	local_bh_disable();
	for (i = 0; i < nr - 1; i++)
		softwork_queue(&items[i].work);
	local_bh_enable();
	softwork_barrier();
	softwork_flush(&items[nr - 1].work);

	KUNIT_ASSERT_EQ(test, atomic_read(&log->nr), nr);
	for (i = 0; i < nr; i++)
		KUNIT_EXPECT_EQ(test, log->id[i], i);
}

struct softwork_test_tasklet {
	struct tasklet_struct tasklet;
	struct softwork_test_log *log;
};

static void softwork_test_tasklet_func(struct tasklet_struct *tasklet)
{
	struct softwork_test_tasklet *t = from_tasklet(t, tasklet, tasklet);

	softwork_test_add(t->log, -1);
}

static void softwork_test_tasklet_kill(void *t)
{
	tasklet_kill(&((struct softwork_test_tasklet *)t)->tasklet);
}

/* Queues items on this CPU, with a tasklet raised before all of them. */
static void softwork_test_race_tasklet(struct kunit *test, struct softwork_test_log *log, int nr,
				       softwork_func_t func)
{
	struct softwork_test_item *items = softwork_test_item(test, func, log, nr);
	struct softwork_test_tasklet *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);
	int i;

	KUNIT_ASSERT_NOT_NULL(test, t);
	t->log = log;
	tasklet_setup(&t->tasklet, softwork_test_tasklet_func);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, softwork_test_tasklet_kill, t), 0);

	local_bh_disable();
	tasklet_schedule(&t->tasklet);
	for (i = 0; i < nr; i++)
		softwork_queue(&items[i].work);
	local_bh_enable();
	softwork_barrier();
	KUNIT_ASSERT_TRUE(test, softwork_test_wait(atomic_read(&log->nr) == nr + 1));
}

static void softwork_test_runs_before_tasklet(struct kunit *test)
{
	struct softwork_test_log *log = softwork_test_log(test);

	softwork_test_race_tasklet(test, log, 1, softwork_test_func);
	KUNIT_EXPECT_EQ(test, log->id[0], 0);
	KUNIT_EXPECT_EQ(test, log->id[1], -1);
}

/* A tasklet waits for one pass, but not for all that is queued. */
static void softwork_test_pass_is_bounded(struct kunit *test)
{
	struct softwork_test_log *log = softwork_test_log(test);
	int i;

	softwork_test_race_tasklet(test, log, 2 * SOFTWORK_TEST_BUDGET, softwork_test_func);
	for (i = 0; log->id[i] != -1; i++)
		;
	KUNIT_EXPECT_GT(test, i, 0);
	KUNIT_EXPECT_LE(test, i, SOFTWORK_TEST_BUDGET);
}

/* As if each item had woken up a task that is to run at once. */
static void softwork_test_wanted_func(struct softwork *work)
{
	softwork_test_func(work);
	set_tsk_need_resched(current);
	set_preempt_need_resched();
}

/* The look is not after every item, and may itself be too late on PREEMPT_RT. */
static void softwork_test_pass_ends_when_cpu_is_wanted(struct kunit *test)
{
	struct softwork_test_log *log = softwork_test_log(test);
	int i;

	softwork_test_race_tasklet(test, log, SOFTWORK_TEST_BUDGET / 2, softwork_test_wanted_func);
	for (i = 0; log->id[i] != -1; i++)
		;
	KUNIT_EXPECT_GT(test, i, 0);
	KUNIT_EXPECT_LT(test, i, SOFTWORK_TEST_BUDGET / 2);
}

/* The first look, after eight items at most, takes the time. */
static void softwork_test_lasting_func(struct softwork *work)
{
	struct softwork_test_item *item = container_of(work, struct softwork_test_item, work);
	unsigned long now = jiffies;

	softwork_test_func(work);
	while (item->id == 8 && time_is_after_eq_jiffies(now))
		cpu_relax();
}

/* As a real-time task, so that the tick does not make the CPU wanted. */
static void softwork_test_pass_ends_with_the_jiffy(struct kunit *test)
{
	struct softwork_test_log *log = softwork_test_log(test);
	int i;

	sched_set_fifo(current);
	softwork_test_race_tasklet(test, log, SOFTWORK_TEST_BUDGET / 2,
				   softwork_test_lasting_func);
	sched_set_normal(current, 0);
	for (i = 0; log->id[i] != -1; i++)
		;
	KUNIT_EXPECT_GT(test, i, 0);
	KUNIT_EXPECT_LT(test, i, SOFTWORK_TEST_BUDGET / 2);
}

static atomic_t softwork_test_freed;

static void softwork_test_free_func(struct softwork *work)
{
	kfree(work);
	atomic_inc(&softwork_test_freed);
}

static void softwork_test_function_may_free_item(struct kunit *test)
{
	struct softwork *work;
	int i;

	atomic_set(&softwork_test_freed, 0);
	for (i = 0; i < 1000; i++) {
		work = kmalloc(sizeof(*work), GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, work);
		softwork_init(work, softwork_test_free_func);
		softwork_queue(work);
	}
	softwork_barrier();
	KUNIT_EXPECT_EQ(test, atomic_read(&softwork_test_freed), 1000);
}

static void softwork_test_cancel_queued(struct kunit *test)
{
	struct softwork_test_item *item = softwork_test_item(test, softwork_test_func, NULL, 1);

	KUNIT_EXPECT_FALSE(test, softwork_cancel(&item->work));
	local_bh_disable();
	softwork_queue(&item->work);
	KUNIT_EXPECT_TRUE(test, softwork_cancel(&item->work));
	KUNIT_EXPECT_FALSE(test, softwork_cancel(&item->work));
	KUNIT_EXPECT_FALSE(test, softwork_pending(&item->work));
	local_bh_enable();
	softwork_barrier();
	KUNIT_EXPECT_EQ(test, item->runs, 0);
	KUNIT_EXPECT_TRUE(test, softwork_queue(&item->work));
	softwork_flush(&item->work);
	KUNIT_EXPECT_EQ(test, item->runs, 1);
}

static void softwork_test_queue_after_cancel_keeps_place(struct kunit *test)
{
	struct softwork_test_log *log = softwork_test_log(test);
	struct softwork_test_item *items = softwork_test_item(test, softwork_test_func, log, 2);

	local_bh_disable();
	softwork_queue(&items[0].work);
	softwork_queue(&items[1].work);
	softwork_cancel(&items[0].work);
	KUNIT_EXPECT_TRUE(test, softwork_queue(&items[0].work));
	KUNIT_EXPECT_FALSE(test, softwork_queue(&items[0].work));
	local_bh_enable();
	softwork_barrier();
	KUNIT_ASSERT_EQ(test, atomic_read(&log->nr), 2);
	KUNIT_EXPECT_EQ(test, log->id[0], 0);
	KUNIT_EXPECT_EQ(test, log->id[1], 1);
}

/*
 * For softwork_queue(), the item was canceled; it has been taken off before it
 * could be revived, so that it has to be queued anew.
 */
static void softwork_test_queue_of_canceled_item_taken_off_runs(struct kunit *test)
{
	struct softwork_test_item *item = softwork_test_item(test, softwork_test_func, NULL, 1);
	bool queued;

	preempt_disable();
	queued = __softwork_revive(&item->work);
	preempt_enable();
	KUNIT_EXPECT_TRUE(test, queued);
	softwork_flush(&item->work);
	KUNIT_EXPECT_EQ(test, item->runs, 1);
}

static void softwork_test_sync_functions_tell_what_was(struct kunit *test)
{
	struct softwork_test_item *item = softwork_test_item(test, softwork_test_func, NULL, 1);

	KUNIT_EXPECT_EQ(test, softwork_flush(&item->work), 0);
	KUNIT_EXPECT_EQ(test, softwork_cancel_sync(&item->work), 0);
	KUNIT_EXPECT_EQ(test, softwork_barrier(), 0);
	local_bh_disable();
	softwork_queue(&item->work);
	local_bh_enable();
	KUNIT_EXPECT_GE(test, softwork_flush(&item->work), 0);
	KUNIT_EXPECT_EQ(test, item->runs, 1);
	KUNIT_EXPECT_EQ(test, softwork_cancel_sync(&item->work), 0);
	KUNIT_EXPECT_TRUE(test, softwork_queue(&item->work));
}

/* The functions that wait must not wait for the pass that they are in. */
static int softwork_test_own_results[5];
static DEFINE_PER_CPU(struct softwork, softwork_test_own_works);

static void softwork_test_own_func(struct softwork *work)
{
	softwork_test_own_results[0] = softwork_flush(work);
	softwork_test_own_results[1] = softwork_cancel_sync(work);
	softwork_test_own_results[2] = softwork_barrier();
	softwork_test_own_results[3] = softwork_flush_percpu(&softwork_test_own_works);
	softwork_test_own_results[4] = softwork_cancel_sync_percpu(&softwork_test_own_works);
}

static void softwork_test_sync_in_own_function_fails(struct kunit *test)
{
	struct softwork_test_item *item;
	int i;

	item = softwork_test_item(test, softwork_test_own_func, NULL, 1);
	softwork_init_percpu(&softwork_test_own_works, softwork_test_own_func);
	memset(softwork_test_own_results, 0, sizeof(softwork_test_own_results));
	kunit_info(test, "a warning has to follow");
	softwork_queue(&item->work);
	KUNIT_EXPECT_EQ(test, softwork_barrier(), 0);
	for (i = 0; i < ARRAY_SIZE(softwork_test_own_results); i++)
		KUNIT_EXPECT_EQ(test, softwork_test_own_results[i], -EDEADLK);
}

/* A function that cancels its item takes back what came while it was running. */
static void softwork_test_own_cancel_func(struct softwork *work)
{
	struct softwork_test_item *item = container_of(work, struct softwork_test_item, work);

	item->runs++;
	softwork_queue(work);
	softwork_cancel(work);
}

static void softwork_test_cancel_in_own_function(struct kunit *test)
{
	struct softwork_test_item *item;

	item = softwork_test_item(test, softwork_test_own_cancel_func, NULL, 1);
	softwork_queue(&item->work);
	softwork_barrier();
	softwork_barrier();
	KUNIT_EXPECT_EQ(test, item->runs, 1);
}

/* Items of all CPUs. */
struct softwork_test_cpu {
	struct softwork work;
	int runs;
	int wrong;
	int cpu;
	atomic_t asked;
	int accepted;
	int seen;
};

static void softwork_test_percpu_func(struct softwork *work)
{
	struct softwork_test_cpu *c = container_of(work, struct softwork_test_cpu, work);

	c->runs++;
	c->wrong += c->cpu != smp_processor_id();
	c->seen += atomic_xchg(&c->asked, 0);
}

static DEFINE_PER_CPU(struct softwork_test_cpu, softwork_test_cpus);

static void softwork_test_percpu_exit(void *unused)
{
	softwork_cancel_sync_percpu(&softwork_test_cpus.work);
}

static void softwork_test_percpu_start(struct kunit *test)
{
	struct softwork_test_cpu *c;
	int cpu;

	for_each_possible_cpu(cpu) {
		c = per_cpu_ptr(&softwork_test_cpus, cpu);
		memset(c, 0, sizeof(*c));
		c->cpu = cpu;
	}
	softwork_init_percpu(&softwork_test_cpus.work, softwork_test_percpu_func);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, softwork_test_percpu_exit, NULL), 0);
}

static void softwork_test_percpu_fire(struct softwork_storm *storm)
{
	atomic_inc(this_cpu_ptr(&softwork_test_cpus.asked));
	if (softwork_queue_percpu(&softwork_test_cpus.work))
		this_cpu_inc(softwork_test_cpus.accepted);
}

static void softwork_test_percpu_items_stay_on_cpu(struct kunit *test)
{
	struct softwork_storm *storm;
	struct softwork_test_cpu *c;
	int cpu;

	softwork_test_percpu_start(test);
	storm = softwork_storm_start(test, 1000, softwork_test_percpu_fire, NULL);
	softwork_storm_wait(test, storm);
	softwork_flush_percpu(&softwork_test_cpus.work);
	for_each_online_cpu(cpu) {
		c = per_cpu_ptr(&softwork_test_cpus, cpu);
		KUNIT_EXPECT_GT(test, c->runs, 0);
		KUNIT_EXPECT_LE(test, c->runs, 1000);
		KUNIT_EXPECT_EQ(test, c->wrong, 0);
		KUNIT_EXPECT_EQ(test, c->seen, 1000);
	}
	KUNIT_EXPECT_EQ(test, softwork_flush_percpu(&softwork_test_cpus.work), 0);
	KUNIT_EXPECT_EQ(test, softwork_cancel_sync_percpu(&softwork_test_cpus.work), 0);
}

/* What is queued is run or canceled, and at once: nothing is left for later. */
static void softwork_test_percpu_cancel_sync_takes_back(struct kunit *test)
{
	int here = raw_smp_processor_id();
	struct softwork_test_cpu *c = per_cpu_ptr(&softwork_test_cpus, here);
	int canceled = 0;
	int i;

	softwork_test_percpu_start(test);
	KUNIT_ASSERT_EQ(test, set_cpus_allowed_ptr(current, cpumask_of(here)), 0);
	for (i = 1; i <= 20; i++) {
		/* Left to ksoftirqd, unless an interrupt comes. */
		KUNIT_EXPECT_TRUE(test, softwork_queue_percpu(&softwork_test_cpus.work));
		canceled += softwork_cancel_sync_percpu(&softwork_test_cpus.work);
		KUNIT_EXPECT_EQ(test, READ_ONCE(c->runs) + canceled, i);
		KUNIT_EXPECT_EQ(test, atomic_long_read(&c->work.state), 0);
	}
}

static void softwork_test_percpu_cancel_sync_under_storm(struct kunit *test)
{
	int accepted = 0, runs = 0, canceled = 0;
	struct softwork_storm *storm;
	int cpu, ret, i;

	softwork_test_percpu_start(test);
	storm = softwork_storm_start(test, 1000, softwork_test_percpu_fire, NULL);
	for (i = 0; i < 50; i++) {
		ret = softwork_cancel_sync_percpu(&softwork_test_cpus.work);
		KUNIT_EXPECT_GE(test, ret, 0);
		canceled += ret;
	}
	softwork_storm_wait(test, storm);
	softwork_flush_percpu(&softwork_test_cpus.work);
	for_each_possible_cpu(cpu) {
		accepted += per_cpu(softwork_test_cpus.accepted, cpu);
		runs += per_cpu(softwork_test_cpus.runs, cpu);
	}
	KUNIT_EXPECT_GT(test, runs, 0);
	KUNIT_EXPECT_EQ(test, runs + canceled, accepted);
}

/* Each CPU's item stays in its function until those of all others are, too. */
static atomic_t softwork_test_met;
static int softwork_test_expected;

static void softwork_test_meet_func(struct softwork *work)
{
	struct softwork_test_cpu *c = container_of(work, struct softwork_test_cpu, work);
	unsigned long end = jiffies + 10 * HZ;

	atomic_inc(&softwork_test_met);
	while (atomic_read(&softwork_test_met) < softwork_test_expected) {
		if (time_after(jiffies, end))
			return;
		cpu_relax();
	}
	c->seen = 1;
}

static void softwork_test_percpu_items_run_at_once(struct kunit *test)
{
	struct softwork_storm *storm;
	int cpu;

	softwork_test_percpu_start(test);
	softwork_init_percpu(&softwork_test_cpus.work, softwork_test_meet_func);
	atomic_set(&softwork_test_met, 0);
	softwork_test_expected = num_online_cpus();
	storm = softwork_storm_start(test, 1, softwork_test_percpu_fire, NULL);
	softwork_storm_wait(test, storm);
	softwork_flush_percpu(&softwork_test_cpus.work);
	for_each_online_cpu(cpu)
		KUNIT_EXPECT_EQ(test, per_cpu(softwork_test_cpus.seen, cpu), 1);
}

/* One item that all CPUs queue. */
struct softwork_test_shared {
	struct softwork work;
	atomic_t inside;
	atomic_t concurrent;
	atomic_t asked;
	atomic_t accepted;
	atomic_t returned;
	int seen;
	int runs;
	int done;			/* the same, to be looked at meanwhile */
};

static void softwork_test_shared_func(struct softwork *work)
{
	struct softwork_test_shared *s = container_of(work, struct softwork_test_shared, work);

	if (atomic_inc_return(&s->inside) != 1)
		atomic_inc(&s->concurrent);
	/* Plain: what makes runs follow each other has to order these. */
	s->runs++;
	WRITE_ONCE(s->done, s->runs);
	WRITE_ONCE(s->seen, s->seen + atomic_xchg(&s->asked, 0));
	softwork_test_spin(s->runs % 4 * 200);
	atomic_dec(&s->inside);
}

static void softwork_test_shared_fire(struct softwork_storm *storm)
{
	struct softwork_test_shared *s = storm->priv;

	atomic_inc(&s->asked);
	/* Barriers, so that whoever sees a count comes after the queueing. */
	if (softwork_queue(&s->work))
		atomic_inc_return(&s->accepted);
	atomic_inc_return(&s->returned);
}

static struct softwork_test_shared *softwork_test_shared(struct kunit *test)
{
	struct softwork_test_shared *s = kunit_kzalloc(test, sizeof(*s), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, s);
	softwork_init(&s->work, softwork_test_shared_func);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, softwork_test_cancel, &s->work), 0);
	return s;
}

/*
 * Each queueing that was told true is a run, no more and no less, and a run
 * sees all that was done before a queueing that was told false.
 */
static void softwork_test_storm_loses_nothing(struct kunit *test)
{
	struct softwork_test_shared *s = softwork_test_shared(test);
	struct softwork_storm *storm;

	storm = softwork_storm_start(test, 3000, softwork_test_shared_fire, s);
	softwork_storm_wait(test, storm);
	softwork_barrier();
	KUNIT_EXPECT_EQ(test, atomic_read(&s->concurrent), 0);
	KUNIT_EXPECT_EQ(test, s->runs, atomic_read(&s->accepted));
	KUNIT_EXPECT_EQ(test, s->seen, 3000 * (int)num_online_cpus());
	KUNIT_EXPECT_EQ(test, atomic_read(&s->asked), 0);
}

/* As before, but what is canceled is neither run nor left over. */
static void softwork_test_sync_functions_under_storm(struct kunit *test)
{
	struct softwork_test_shared *s = softwork_test_shared(test);
	struct softwork_storm *storm;
	int canceled = 0;
	int i;

	storm = softwork_storm_start(test, 3000, softwork_test_shared_fire, s);
	for (i = 0; i < 100; i++) {
		canceled += softwork_cancel(&s->work);
		KUNIT_EXPECT_GE(test, softwork_flush(&s->work), 0);
		canceled += softwork_cancel_sync(&s->work);
		KUNIT_EXPECT_EQ(test, softwork_barrier(), 0);
	}
	softwork_storm_wait(test, storm);
	softwork_barrier();
	KUNIT_EXPECT_EQ(test, atomic_read(&s->concurrent), 0);
	KUNIT_EXPECT_EQ(test, s->runs + canceled, atomic_read(&s->accepted));
}

/*
 * What was queued before the call has been done after it, while more comes in;
 * after a flush, also what was asked for and met a queueing under way.
 */
static void softwork_test_flush_and_barrier_under_storm(struct kunit *test)
{
	struct softwork_test_shared *s = softwork_test_shared(test);
	struct softwork_storm *storm;
	int accepted, returned;
	int i;

	storm = softwork_storm_start(test, 3000, softwork_test_shared_fire, s);
	for (i = 0; i < 200; i++) {
		returned = atomic_read_acquire(&s->returned);
		accepted = atomic_read_acquire(&s->accepted);
		KUNIT_EXPECT_GE(test, i % 2 ? softwork_flush(&s->work) : softwork_barrier(), 0);
		KUNIT_EXPECT_GE(test, READ_ONCE(s->done), accepted);
		if (i % 2)
			KUNIT_EXPECT_GE(test, READ_ONCE(s->seen), returned);
	}
	softwork_storm_wait(test, storm);
}

/* Items of their own for each interrupt, which their functions free. */
struct softwork_test_mortals {
	struct softwork **works;
	atomic_t nr;
	int max;
};

static void softwork_test_mortals_fire(struct softwork_storm *storm)
{
	struct softwork_test_mortals *m = storm->priv;
	int nr = atomic_inc_return(&m->nr) - 1;

	if (nr < m->max)
		softwork_queue(m->works[nr]);
}

static void softwork_test_function_may_free_item_under_storm(struct kunit *test)
{
	struct softwork_test_mortals m = { .max = 1000 * num_online_cpus() };
	struct softwork_storm *storm;
	int i;

	m.works = kunit_kcalloc(test, m.max, sizeof(*m.works), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, m.works);
	atomic_set(&softwork_test_freed, 0);
	for (i = 0; i < m.max; i++) {
		m.works[i] = kmalloc(sizeof(*m.works[i]), GFP_KERNEL);
		if (!m.works[i])
			break;
		softwork_init(m.works[i], softwork_test_free_func);
	}
	m.max = i;
	storm = softwork_storm_start(test, 1000, softwork_test_mortals_fire, &m);
	softwork_storm_wait(test, storm);
	softwork_barrier();
	KUNIT_EXPECT_EQ(test, m.max, 1000 * (int)num_online_cpus());
	KUNIT_EXPECT_EQ(test, atomic_read(&softwork_test_freed), m.max);
}

/* An item that is replaced while all CPUs queue it. */
struct softwork_test_victim {
	struct softwork work;
	struct rcu_head rcu;
	unsigned long magic;
};

#define SOFTWORK_TEST_MAGIC	0x50f7

static atomic_t softwork_test_dead_runs;

static void softwork_test_victim_func(struct softwork *work)
{
	struct softwork_test_victim *v = container_of(work, struct softwork_test_victim, work);

	softwork_test_spin(100);
	if (READ_ONCE(v->magic) != SOFTWORK_TEST_MAGIC)
		atomic_inc(&softwork_test_dead_runs);
}

static void softwork_test_victim_fire(struct softwork_storm *storm)
{
	struct softwork_test_victim *v;

	rcu_read_lock();
	v = rcu_dereference(*(struct softwork_test_victim __rcu **)storm->priv);
	if (v)
		softwork_queue(&v->work);
	rcu_read_unlock();
}

static void softwork_test_free_after_cancel_sync(struct kunit *test)
{
	struct softwork_test_victim __rcu *current_victim = NULL;
	struct softwork_test_victim *v;
	struct softwork_storm *storm;
	int i;

	atomic_set(&softwork_test_dead_runs, 0);
	storm = softwork_storm_start(test, 2000, softwork_test_victim_fire, &current_victim);
	for (i = 0; i < 50; i++) {
		v = kmalloc(sizeof(*v), GFP_KERNEL);
		if (!v)
			break;
		v->magic = SOFTWORK_TEST_MAGIC;
		softwork_init(&v->work, softwork_test_victim_func);
		rcu_assign_pointer(current_victim, v);
		softwork_barrier();
		RCU_INIT_POINTER(current_victim, NULL);
		synchronize_rcu();
		/* No interrupt does it any more: so it is not idle now. */
		softwork_queue(&v->work);
		KUNIT_EXPECT_GE(test, softwork_cancel_sync(&v->work), 0);
		KUNIT_EXPECT_EQ(test, atomic_long_read(&v->work.state), 0);
		v->magic = 0;
		kfree(v);
	}
	softwork_storm_stop(storm);
	softwork_barrier();
	KUNIT_EXPECT_EQ(test, i, 50);
	KUNIT_EXPECT_EQ(test, atomic_read(&softwork_test_dead_runs), 0);
}

/* An item that stays in its function until it is told to leave. */
struct softwork_test_gate {
	struct softwork work;
	atomic_t entered;
	atomic_t left;
	atomic_t open;
	int cpu[2];
	int overlong;
};

static void softwork_test_gate_func(struct softwork *work)
{
	struct softwork_test_gate *gate = container_of(work, struct softwork_test_gate, work);
	unsigned long end = jiffies + 10 * HZ;
	int run = atomic_inc_return(&gate->entered) - 1;

	if (run < ARRAY_SIZE(gate->cpu))
		gate->cpu[run] = smp_processor_id();
	while (!atomic_read(&gate->open)) {
		if (time_after(jiffies, end)) {
			gate->overlong++;
			return;
		}
		cpu_relax();
	}
	/* Slow, so that who does not wait for the second run is seen. */
	softwork_test_spin(run * 100000);
	atomic_inc(&gate->left);
}

static void softwork_test_gate_open(void *gate)
{
	atomic_set(&((struct softwork_test_gate *)gate)->open, 1);
}

/*
 * Has an item in its function on another CPU, which is returned. The thread of
 * the test case, which ends with it, must not get there.
 */
static int softwork_test_gate_start_three(struct kunit *test, struct softwork_test_gate **gatep,
					  struct softwork *second, struct softwork *third)
{
	int here = raw_smp_processor_id();
	int cpu = softwork_test_other_cpu(test, here);
	struct softwork_test_gate *gate = kunit_kzalloc(test, sizeof(*gate), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, gate);
	KUNIT_ASSERT_EQ(test, set_cpus_allowed_ptr(current, cpumask_of(here)), 0);
	softwork_init(&gate->work, softwork_test_gate_func);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, softwork_test_cancel, &gate->work),
			0);
	softwork_test_queue_three_on(test, cpu, &gate->work, second, third);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, softwork_test_gate_open, gate), 0);
	KUNIT_ASSERT_TRUE(test, softwork_test_wait(atomic_read(&gate->entered) == 1));
	*gatep = gate;
	return cpu;
}

static int softwork_test_gate_start(struct kunit *test, struct softwork_test_gate **gatep)
{
	return softwork_test_gate_start_three(test, gatep, NULL, NULL);
}

static void softwork_test_queue_while_running_elsewhere(struct kunit *test)
{
	struct softwork_test_gate *gate;
	int cpu;

	cpu = softwork_test_gate_start(test, &gate);
	local_bh_disable();
	KUNIT_EXPECT_TRUE(test, softwork_queue(&gate->work));
	KUNIT_EXPECT_FALSE(test, softwork_queue(&gate->work));
	local_bh_enable();
	/* Were it queued here, it would have run by now. */
	KUNIT_EXPECT_EQ(test, atomic_read(&gate->entered), 1);

	softwork_test_gate_open(gate);
	KUNIT_ASSERT_TRUE(test, softwork_test_wait(atomic_read(&gate->left) == 2));
	softwork_flush(&gate->work);
	KUNIT_EXPECT_EQ(test, atomic_read(&gate->left), 2);
	KUNIT_EXPECT_EQ(test, gate->cpu[1], cpu);
	KUNIT_EXPECT_EQ(test, gate->overlong, 0);
}

/* Opens the gate while the test waits for the item, and not before. */
struct softwork_test_opener {
	struct hrtimer timer;
	struct task_struct *waiter;
	struct softwork_test_gate *gate;
};

static enum hrtimer_restart softwork_test_opener_timer(struct hrtimer *timer)
{
	struct softwork_test_opener *opener = container_of(timer, struct softwork_test_opener,
							   timer);

	if (task_is_running(opener->waiter)) {
		hrtimer_forward_now(timer, ms_to_ktime(1));
		return HRTIMER_RESTART;
	}
	softwork_test_gate_open(opener->gate);
	return HRTIMER_NORESTART;
}

static void softwork_test_opener_stop(void *opener)
{
	hrtimer_cancel(&((struct softwork_test_opener *)opener)->timer);
}

static void softwork_test_open_soon(struct kunit *test, struct softwork_test_gate *gate)
{
	struct softwork_test_opener *opener = kunit_kzalloc(test, sizeof(*opener), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, opener);
	opener->gate = gate;
	opener->waiter = current;
	hrtimer_init(&opener->timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL_HARD);
	opener->timer.function = softwork_test_opener_timer;
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, softwork_test_opener_stop, opener),
			0);
	hrtimer_start(&opener->timer, ms_to_ktime(1), HRTIMER_MODE_REL_HARD);
}

static void softwork_test_barrier_waits_for_item_left_elsewhere(struct kunit *test)
{
	struct softwork_test_gate *gate;

	softwork_test_gate_start(test, &gate);
	KUNIT_EXPECT_TRUE(test, softwork_queue(&gate->work));
	softwork_test_open_soon(test, gate);
	KUNIT_EXPECT_EQ(test, softwork_barrier(), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&gate->left), 2);
}

/* An item whose function takes more or less time. */
struct softwork_test_sent {
	struct softwork work;
	struct softwork_test_remote remote;
	atomic_t entered;
	atomic_t left;
	unsigned int rounds;
};

static void softwork_test_sent_func(struct softwork *work)
{
	struct softwork_test_sent *s = container_of(work, struct softwork_test_sent, work);

	atomic_inc(&s->entered);
	softwork_test_spin(READ_ONCE(s->rounds));
	atomic_inc(&s->left);
}

/*
 * A barrier comes in at every moment of the return of a function that is to be
 * called again, so also between the look at whether it is, and the queueing.
 */
static void softwork_test_barrier_while_item_left_elsewhere_returns(struct kunit *test)
{
	int here = raw_smp_processor_id();
	int cpu = softwork_test_other_cpu(test, here);
	struct softwork_test_sent *s = kunit_kzalloc(test, sizeof(*s), GFP_KERNEL);
	int missed = 0;
	int queued;
	int i;

	KUNIT_ASSERT_NOT_NULL(test, s);
	KUNIT_ASSERT_EQ(test, set_cpus_allowed_ptr(current, cpumask_of(here)), 0);
	softwork_init(&s->work, softwork_test_sent_func);
	INIT_WORK(&s->remote.queue, softwork_test_remote_func);
	s->remote.work = &s->work;
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, softwork_test_cancel, &s->work), 0);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, softwork_test_remote_stop,
							&s->remote), 0);
	for (i = 0; i < 3000; i++) {
		queued = atomic_read(&s->left) + 1;
		WRITE_ONCE(s->rounds, i % 300);
		schedule_work_on(cpu, &s->remote.queue);
		KUNIT_ASSERT_TRUE(test, softwork_test_wait(atomic_read(&s->entered) == queued));
		queued += softwork_queue(&s->work);
		softwork_barrier();
		missed += atomic_read(&s->left) != queued;
		flush_work(&s->remote.queue);
		softwork_flush(&s->work);
	}
	KUNIT_EXPECT_EQ(test, missed, 0);
}

static void softwork_test_flush_waits_for_running(struct kunit *test)
{
	struct softwork_test_gate *gate;

	softwork_test_gate_start(test, &gate);
	softwork_test_open_soon(test, gate);
	KUNIT_EXPECT_EQ(test, softwork_flush(&gate->work), 1);
	KUNIT_EXPECT_EQ(test, atomic_read(&gate->left), 1);
}

static void softwork_test_cancel_sync_waits_for_running(struct kunit *test)
{
	struct softwork_test_gate *gate;

	softwork_test_gate_start(test, &gate);
	softwork_test_open_soon(test, gate);
	KUNIT_EXPECT_EQ(test, softwork_cancel_sync(&gate->work), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&gate->left), 1);
}

static void softwork_test_cancel_sync_while_queued_and_running(struct kunit *test)
{
	struct softwork_test_gate *gate;

	softwork_test_gate_start(test, &gate);
	softwork_queue(&gate->work);
	softwork_test_open_soon(test, gate);
	KUNIT_EXPECT_EQ(test, softwork_cancel_sync(&gate->work), 1);
	KUNIT_EXPECT_EQ(test, atomic_read(&gate->left), 1);
	KUNIT_EXPECT_EQ(test, atomic_read(&gate->entered), 1);
}

static DEFINE_PER_CPU(struct softwork_test_gate, softwork_test_gates);

static void softwork_test_gates_exit(void *unused)
{
	int cpu;

	for_each_possible_cpu(cpu)
		softwork_test_gate_open(per_cpu_ptr(&softwork_test_gates, cpu));
	softwork_cancel_sync_percpu(&softwork_test_gates.work);
}

/* As softwork_test_gate_start(), with an item for each CPU; only that gate is closed. */
static struct softwork_test_gate *softwork_test_gates_start(struct kunit *test)
{
	int here = raw_smp_processor_id();
	int cpu = softwork_test_other_cpu(test, here);
	struct softwork_test_gate *gate = per_cpu_ptr(&softwork_test_gates, cpu);
	int i;

	KUNIT_ASSERT_EQ(test, set_cpus_allowed_ptr(current, cpumask_of(here)), 0);
	for_each_possible_cpu(i) {
		memset(per_cpu_ptr(&softwork_test_gates, i), 0, sizeof(*gate));
		atomic_set(per_cpu_ptr(&softwork_test_gates.open, i), i != cpu);
	}
	softwork_init_percpu(&softwork_test_gates.work, softwork_test_gate_func);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, softwork_test_gates_exit, NULL), 0);
	softwork_test_queue_on(test, cpu, &gate->work);
	KUNIT_ASSERT_TRUE(test, softwork_test_wait(atomic_read(&gate->entered) == 1));
	return gate;
}

static void softwork_test_percpu_cancel_sync_while_queued_and_running(struct kunit *test)
{
	struct softwork_test_gate *gate = softwork_test_gates_start(test);

	KUNIT_EXPECT_TRUE(test, softwork_queue(&gate->work));
	softwork_test_open_soon(test, gate);
	KUNIT_EXPECT_EQ(test, softwork_cancel_sync_percpu(&softwork_test_gates.work), 1);
	KUNIT_EXPECT_EQ(test, atomic_read(&gate->left), 1);
	KUNIT_EXPECT_EQ(test, atomic_read(&gate->entered), 1);
	KUNIT_EXPECT_EQ(test, gate->overlong, 0);
}

static void softwork_test_gates_blocker_func(struct work_struct *queue)
{
	softwork_cancel_sync_percpu(&softwork_test_gates.work);
}

/* While one of the items is waited for, none of them can be queued. */
static void softwork_test_percpu_cancel_sync_blocks_queueing(struct kunit *test)
{
	struct softwork_test_remote *remote = kunit_kzalloc(test, sizeof(*remote), GFP_KERNEL);
	struct softwork_test_gate *gate = softwork_test_gates_start(test);
	struct softwork_test_gate *here;

	KUNIT_ASSERT_NOT_NULL(test, remote);
	here = per_cpu_ptr(&softwork_test_gates, raw_smp_processor_id());
	INIT_WORK(&remote->queue, softwork_test_gates_blocker_func);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, softwork_test_remote_stop, remote),
			0);
	queue_work(system_unbound_wq, &remote->queue);
	KUNIT_EXPECT_TRUE(test, softwork_test_wait(atomic_long_read(&gate->work.state) >=
						   SOFTWORK_BLOCK));
	KUNIT_EXPECT_TRUE(test, softwork_test_wait(atomic_long_read(&here->work.state) >=
						   SOFTWORK_BLOCK));
	KUNIT_EXPECT_FALSE(test, softwork_queue(&gate->work));
	KUNIT_EXPECT_FALSE(test, softwork_queue_percpu(&softwork_test_gates.work));

	softwork_test_gate_open(gate);
	flush_work(&remote->queue);
	KUNIT_EXPECT_EQ(test, atomic_read(&gate->left), 1);
	KUNIT_EXPECT_EQ(test, gate->overlong, 0);
	KUNIT_EXPECT_TRUE(test, softwork_queue_percpu(&softwork_test_gates.work));
	KUNIT_EXPECT_TRUE(test, softwork_queue(&gate->work));
	softwork_flush_percpu(&softwork_test_gates.work);
	KUNIT_EXPECT_EQ(test, atomic_read(&gate->left), 2);
}

/* Tries to queue another item, and says if it could. */
struct softwork_test_try {
	struct softwork work;
	struct softwork *other;
	int queued;
};

static void softwork_test_try_func(struct softwork *work)
{
	struct softwork_test_try *try = container_of(work, struct softwork_test_try, work);

	try->queued = softwork_queue(try->other);
}

static void softwork_test_blocker_func(struct work_struct *queue)
{
	struct softwork_test_remote *remote =
		container_of(queue, struct softwork_test_remote, queue);
	long state;

	softwork_cancel_sync(remote->work);
	/* Who is the first to return leaves it blocked by the others. */
	state = atomic_long_read(&remote->work->state);
	remote->unblocked = state >= SOFTWORK_BLOCK && !(state & SOFTWORK_PENDING);
}

/*
 * While softwork_cancel_sync() waits, the item cannot be queued, neither before
 * it has been taken off its queue nor afterwards: a CPU has the gate, the item,
 * and one that tries to queue it, all before what softwork_cancel_sync() waits
 * for.
 */
static void softwork_test_cancel_sync_blocks_queueing(struct kunit *test)
{
	struct softwork_test_item *item = softwork_test_item(test, softwork_test_func, NULL, 1);
	struct softwork_test_try *try = kunit_kzalloc(test, sizeof(*try), GFP_KERNEL);
	struct softwork_test_remote *remote;
	struct softwork_test_gate *gate;

	KUNIT_ASSERT_NOT_NULL(test, try);
	try->other = &item->work;
	try->queued = -1;
	softwork_init(&try->work, softwork_test_try_func);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, softwork_test_cancel, &try->work), 0);
	softwork_test_gate_start_three(test, &gate, &item->work, &try->work);

	remote = kunit_kzalloc(test, sizeof(*remote), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, remote);
	remote->work = &item->work;
	INIT_WORK(&remote->queue, softwork_test_blocker_func);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, softwork_test_remote_stop, remote),
			0);
	queue_work(system_unbound_wq, &remote->queue);

	KUNIT_ASSERT_TRUE(test, softwork_test_wait(!softwork_pending(&item->work)));
	KUNIT_EXPECT_FALSE(test, softwork_queue(&item->work));
	KUNIT_EXPECT_FALSE(test, softwork_cancel(&item->work));
	softwork_test_gate_open(gate);
	flush_work(&remote->queue);
	softwork_flush(&try->work);
	KUNIT_EXPECT_EQ(test, try->queued, 0);
	KUNIT_EXPECT_EQ(test, item->runs, 0);

	KUNIT_EXPECT_TRUE(test, softwork_queue(&item->work));
	softwork_flush(&item->work);
	KUNIT_EXPECT_EQ(test, item->runs, 1);
}

/* Of two who take an item out of use, neither waits for the other. */
static void softwork_test_cancel_sync_by_two_at_once(struct kunit *test)
{
	struct softwork_test_remote *remotes = kunit_kcalloc(test, 2, sizeof(*remotes), GFP_KERNEL);
	struct softwork_test_gate *gate;
	int i;

	KUNIT_ASSERT_NOT_NULL(test, remotes);
	softwork_test_gate_start(test, &gate);
	for (i = 0; i < 2; i++) {
		remotes[i].work = &gate->work;
		INIT_WORK(&remotes[i].queue, softwork_test_blocker_func);
		KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, softwork_test_remote_stop,
								&remotes[i]), 0);
		queue_work(system_unbound_wq, &remotes[i].queue);
	}
	KUNIT_EXPECT_TRUE(test, softwork_test_wait(atomic_long_read(&gate->work.state) >=
						   2 * SOFTWORK_BLOCK));
	KUNIT_EXPECT_FALSE(test, softwork_queue(&gate->work));
	softwork_test_gate_open(gate);
	for (i = 0; i < 2; i++) {
		flush_work(&remotes[i].queue);
		KUNIT_EXPECT_EQ(test, remotes[i].unblocked, 0);
	}
	KUNIT_EXPECT_EQ(test, atomic_read(&gate->left), 1);
	KUNIT_EXPECT_TRUE(test, softwork_queue(&gate->work));
	softwork_flush(&gate->work);
	KUNIT_EXPECT_EQ(test, atomic_read(&gate->left), 2);
}

/* A task that preempts a function, where that can be, and waits for it. */
struct softwork_test_urgent {
	struct softwork work;
	struct task_struct *task;
	struct completion entered;
	struct completion waited;
	atomic_t left;
	int early;
};

static void softwork_test_urgent_func(struct softwork *work)
{
	struct softwork_test_urgent *u = container_of(work, struct softwork_test_urgent, work);

	complete(&u->entered);
	softwork_test_spin(100000);
	atomic_inc(&u->left);
}

static int softwork_test_urgent_wait(struct softwork *work, int which)
{
	switch (which) {
	case 0:
		return softwork_flush(work);
	case 1:
		return softwork_cancel_sync(work);
	default:
		return softwork_barrier();
	}
}

static int softwork_test_urgent_thread(void *data)
{
	struct softwork_test_urgent *u = data;
	int i;

	sched_set_fifo(current);
	for (i = 0; i < 3; i++) {
		if (!wait_for_completion_timeout(&u->entered, SOFTWORK_TEST_TIMEOUT))
			break;
		if (softwork_test_urgent_wait(&u->work, i) < 0 || atomic_read(&u->left) != i + 1)
			u->early++;
		complete(&u->waited);
	}
	return 0;
}

static void softwork_test_urgent_stop(void *urgent)
{
	struct softwork_test_urgent *u = urgent;

	kthread_stop_put(u->task);
	softwork_cancel_sync(&u->work);
}

/* On PREEMPT_RT, who only spun for the function would keep it from returning. */
static void softwork_test_real_time_task_waits_for_what_it_preempted(struct kunit *test)
{
	struct softwork_test_urgent *u = kunit_kzalloc(test, sizeof(*u), GFP_KERNEL);
	int here = raw_smp_processor_id();
	int i;

	KUNIT_ASSERT_NOT_NULL(test, u);
	KUNIT_ASSERT_EQ(test, set_cpus_allowed_ptr(current, cpumask_of(here)), 0);
	softwork_init(&u->work, softwork_test_urgent_func);
	init_completion(&u->entered);
	init_completion(&u->waited);
	u->task = kthread_create_on_cpu(softwork_test_urgent_thread, u, here, "softwork_urgent/%u");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, u->task);
	get_task_struct(u->task);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, softwork_test_urgent_stop, u), 0);
	wake_up_process(u->task);
	for (i = 0; i < 3; i++) {
		local_bh_disable();
		softwork_queue(&u->work);
		local_bh_enable();
		KUNIT_ASSERT_NE(test, wait_for_completion_timeout(&u->waited,
								  SOFTWORK_TEST_TIMEOUT), 0);
	}
	KUNIT_EXPECT_EQ(test, u->early, 0);
}

/* Somebody who is about to queue an item, and is held up until the gate opens. */
struct softwork_test_window {
	struct work_struct queue;
	struct softwork slow;
	struct softwork_test_gate *gate;
};

static void softwork_test_slow_func(struct softwork *work)
{
	softwork_test_spin(100000);
}

/*
 * As softwork_queue(), with all the time in the world in the middle. At the end
 * of it, the item has to wait for a slow one: that it is linked is not enough.
 */
static void softwork_test_window_func(struct work_struct *queue)
{
	struct softwork_test_window *w = container_of(queue, struct softwork_test_window, queue);
	unsigned long end = jiffies + 10 * HZ;
	unsigned long flags;

	preempt_disable();
	set_bit(SOFTWORK_PENDING_BIT, (unsigned long *)&w->gate->work.state);
	while (!atomic_read(&w->gate->open) && time_before(jiffies, end))
		cpu_relax();
	local_irq_save(flags);
	softwork_queue(&w->slow);
	__softwork_queue(&w->gate->work);
	local_irq_restore(flags);
	preempt_enable();
}

static void softwork_test_window_end(void *window)
{
	struct softwork_test_window *w = window;

	softwork_test_gate_open(w->gate);
	flush_work(&w->queue);
	softwork_cancel_sync(&w->gate->work);
	softwork_cancel_sync(&w->slow);
}

static struct softwork_test_gate *softwork_test_window_open(struct kunit *test)
{
	int here = raw_smp_processor_id();
	int cpu = softwork_test_other_cpu(test, here);
	struct softwork_test_window *w = kunit_kzalloc(test, sizeof(*w), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, w);
	w->gate = kunit_kzalloc(test, sizeof(*w->gate), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, w->gate);
	KUNIT_ASSERT_EQ(test, set_cpus_allowed_ptr(current, cpumask_of(here)), 0);
	softwork_init(&w->gate->work, softwork_test_gate_func);
	softwork_init(&w->slow, softwork_test_slow_func);
	INIT_WORK(&w->queue, softwork_test_window_func);
	schedule_work_on(cpu, &w->queue);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, softwork_test_window_end, w), 0);
	KUNIT_ASSERT_TRUE(test, softwork_test_wait(softwork_pending(&w->gate->work)));
	return w->gate;
}

/* Who was told that the item is queued already can rely on that. */
static void softwork_test_flush_waits_for_queueing_under_way(struct kunit *test)
{
	struct softwork_test_gate *gate = softwork_test_window_open(test);

	KUNIT_EXPECT_FALSE(test, softwork_queue(&gate->work));
	softwork_test_open_soon(test, gate);
	KUNIT_EXPECT_EQ(test, softwork_flush(&gate->work), 1);
	KUNIT_EXPECT_EQ(test, atomic_read(&gate->left), 1);
}

/* It is queued by who was told so, although somebody else is still to link it. */
static void softwork_test_flush_waits_for_queueing_under_way_that_was_revived(struct kunit *test)
{
	struct softwork_test_gate *gate = softwork_test_window_open(test);

	KUNIT_EXPECT_TRUE(test, softwork_cancel(&gate->work));
	KUNIT_EXPECT_TRUE(test, softwork_queue(&gate->work));
	softwork_test_open_soon(test, gate);
	KUNIT_EXPECT_EQ(test, softwork_flush(&gate->work), 1);
	KUNIT_EXPECT_EQ(test, atomic_read(&gate->left), 1);
	KUNIT_EXPECT_EQ(test, softwork_flush(&gate->work), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&gate->entered), 1);
}

static void softwork_test_cancel_sync_waits_for_queueing_under_way(struct kunit *test)
{
	struct softwork_test_gate *gate = softwork_test_window_open(test);

	softwork_test_open_soon(test, gate);
	KUNIT_EXPECT_EQ(test, softwork_cancel_sync(&gate->work), 1);
	KUNIT_EXPECT_EQ(test, atomic_read(&gate->open), 1);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&gate->work.state), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&gate->entered), 0);
}

/* An item that never stops, so that there is one in the queue at any time. */
struct softwork_test_endless {
	struct softwork work;
	bool stop;
	int home;
	unsigned long runs;
	unsigned long queued;
	atomic_t away;
};

static void softwork_test_endless_func(struct softwork *work)
{
	struct softwork_test_endless *e = container_of(work, struct softwork_test_endless, work);

	/* The test looks while the item is in use. */
	WRITE_ONCE(e->runs, e->runs + 1);
	if (smp_processor_id() != e->home)
		atomic_inc(&e->away);
	softwork_test_spin(2000);
	if (!READ_ONCE(e->stop)) {
		e->queued++;
		softwork_queue(work);
	}
}

static void softwork_test_endless_stop(void *data)
{
	struct softwork_test_endless *e = data;

	WRITE_ONCE(e->stop, true);
	softwork_cancel_sync(&e->work);
}

static struct softwork_test_endless *softwork_test_endless(struct kunit *test, int cpu)
{
	struct softwork_test_endless *e = kunit_kzalloc(test, sizeof(*e), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, e);
	e->home = cpu;
	softwork_init(&e->work, softwork_test_endless_func);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, softwork_test_endless_stop, e), 0);
	return e;
}

static void softwork_test_cpu_online(void *data)
{
	add_cpu((long)data);
}

/* A CPU that can go; the test is skipped if there is none. */
static int softwork_test_mortal_cpu(struct kunit *test)
{
	int cpu = cpumask_last(cpu_online_mask);

	if (!IS_ENABLED(CONFIG_HOTPLUG_CPU))
		kunit_skip(test, "needs CONFIG_HOTPLUG_CPU");
	if (num_online_cpus() == 1 || !get_cpu_device(cpu) || !cpu_is_hotpluggable(cpu))
		kunit_skip(test, "needs a CPU that can go offline");
	return cpu;
}

/* The CPU dies with the item queued: another one must go on with it. */
static void softwork_test_cpu_offline_moves_queue(struct kunit *test)
{
	int cpu = softwork_test_mortal_cpu(test);
	struct softwork_test_endless *e;

	e = softwork_test_endless(test, cpu);
	softwork_test_queue_on(test, cpu, &e->work);
	KUNIT_ASSERT_TRUE(test, softwork_test_wait(READ_ONCE(e->runs) > 0));
	KUNIT_ASSERT_EQ(test, remove_cpu(cpu), 0);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, softwork_test_cpu_online,
							(void *)(long)cpu), 0);
	KUNIT_ASSERT_TRUE(test, softwork_test_wait(atomic_read(&e->away) > 0));
	WRITE_ONCE(e->stop, true);
	softwork_flush(&e->work);
	softwork_flush(&e->work);
	KUNIT_EXPECT_EQ(test, e->runs, e->queued + 1);
}

static void softwork_test_cpu_goes_and_comes(struct kunit *test, int cpu)
{
	int i;

	for (i = 0; i < 3; i++) {
		KUNIT_EXPECT_EQ(test, remove_cpu(cpu), 0);
		KUNIT_EXPECT_EQ(test, softwork_barrier(), 0);
		KUNIT_EXPECT_EQ(test, add_cpu(cpu), 0);
	}
}

/* CPUs come and go while interrupts queue items on all of them. */
static void softwork_test_cpu_offline_under_storm(struct kunit *test)
{
	struct softwork_test_shared *s = softwork_test_shared(test);
	int cpu = softwork_test_mortal_cpu(test);
	int nr_cpus = num_online_cpus();
	struct softwork_storm *storm;

	storm = softwork_storm_start(test, 3000, softwork_test_shared_fire, s);
	softwork_test_cpu_goes_and_comes(test, cpu);
	softwork_storm_wait(test, storm);
	softwork_barrier();
	KUNIT_EXPECT_EQ(test, atomic_read(&s->concurrent), 0);
	KUNIT_EXPECT_EQ(test, s->runs, atomic_read(&s->accepted));
	KUNIT_EXPECT_EQ(test, s->seen, 3000 * nr_cpus);
}

/* The item of the CPU that goes runs elsewhere, and finds its data. */
static void softwork_test_percpu_cpu_offline_under_storm(struct kunit *test)
{
	int cpu = softwork_test_mortal_cpu(test);
	int nr_cpus = num_online_cpus();
	struct softwork_storm *storm;
	struct softwork_test_cpu *c;
	int seen = 0;

	softwork_test_percpu_start(test);
	storm = softwork_storm_start(test, 3000, softwork_test_percpu_fire, NULL);
	softwork_test_cpu_goes_and_comes(test, cpu);
	softwork_storm_wait(test, storm);
	softwork_barrier();
	for_each_possible_cpu(cpu) {
		c = per_cpu_ptr(&softwork_test_cpus, cpu);
		KUNIT_EXPECT_EQ(test, atomic_read(&c->asked), 0);
		seen += c->seen;
	}
	KUNIT_EXPECT_EQ(test, seen, 3000 * nr_cpus);
}

/* A task that does the same work as the endless item, on the same CPU. */
struct softwork_test_task {
	struct completion done;
	unsigned long end;
	unsigned long units;
};

static int softwork_test_task_func(void *data)
{
	struct softwork_test_task *t = data;

	while (time_before(jiffies, t->end)) {
		softwork_test_spin(2000);
		t->units++;
		cond_resched();
	}
	kthread_complete_and_exit(&t->done, 0);
}

/*
 * The item is the only load besides the task, and leaves it a quarter of the
 * CPU: both count equal pieces of work, so that no clock is asked.
 */
static void softwork_test_endless_item_leaves_task_its_share(struct kunit *test)
{
	int cpu = cpumask_last(cpu_online_mask);
	struct softwork_test_endless *e = softwork_test_endless(test, cpu);
	struct softwork_test_task *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);
	struct task_struct *task;
	unsigned long before;
	unsigned long runs;

	KUNIT_ASSERT_NOT_NULL(test, t);
	init_completion(&t->done);
	task = kthread_create(softwork_test_task_func, t, "softwork_test");
	KUNIT_ASSERT_FALSE(test, IS_ERR(task));
	kthread_bind(task, cpu);
	softwork_test_queue_on(test, cpu, &e->work);
	KUNIT_ASSERT_TRUE(test, softwork_test_wait(READ_ONCE(e->runs) > 0));

	before = READ_ONCE(e->runs);
	t->end = jiffies + 2 * HZ;
	wake_up_process(task);
	wait_for_completion(&t->done);
	runs = READ_ONCE(e->runs) - before;
	kunit_info(test, "task %lu, softwork %lu pieces of work", t->units, runs);
	KUNIT_EXPECT_GE(test, 4 * t->units, t->units + runs);
	KUNIT_EXPECT_GT(test, runs, 0);
}

static struct kunit_case softwork_test_cases[] = {
	KUNIT_CASE(softwork_test_size_is_three_words),
	KUNIT_CASE(softwork_test_queue_runs_once),
	KUNIT_CASE(softwork_test_queue_with_bh_enabled_runs),
	KUNIT_CASE(softwork_test_function_runs_in_softirq),
	KUNIT_CASE(softwork_test_function_runs_where_queued),
	KUNIT_CASE(softwork_test_queue_by_own_function_runs_again),
	KUNIT_CASE(softwork_test_order_is_fifo),
	KUNIT_CASE(softwork_test_runs_before_tasklet),
	KUNIT_CASE(softwork_test_pass_is_bounded),
	KUNIT_CASE(softwork_test_pass_ends_when_cpu_is_wanted),
	KUNIT_CASE(softwork_test_pass_ends_with_the_jiffy),
	KUNIT_CASE(softwork_test_function_may_free_item),
	KUNIT_CASE(softwork_test_cancel_queued),
	KUNIT_CASE(softwork_test_queue_after_cancel_keeps_place),
	KUNIT_CASE(softwork_test_queue_of_canceled_item_taken_off_runs),
	KUNIT_CASE(softwork_test_sync_functions_tell_what_was),
	KUNIT_CASE(softwork_test_sync_in_own_function_fails),
	KUNIT_CASE(softwork_test_cancel_in_own_function),
	KUNIT_CASE(softwork_test_percpu_items_stay_on_cpu),
	KUNIT_CASE(softwork_test_percpu_items_run_at_once),
	KUNIT_CASE(softwork_test_percpu_cancel_sync_takes_back),
	KUNIT_CASE(softwork_test_percpu_cancel_sync_under_storm),
	KUNIT_CASE(softwork_test_storm_loses_nothing),
	KUNIT_CASE(softwork_test_sync_functions_under_storm),
	KUNIT_CASE(softwork_test_flush_and_barrier_under_storm),
	KUNIT_CASE(softwork_test_function_may_free_item_under_storm),
	KUNIT_CASE(softwork_test_free_after_cancel_sync),
	KUNIT_CASE(softwork_test_queue_while_running_elsewhere),
	KUNIT_CASE(softwork_test_barrier_waits_for_item_left_elsewhere),
	KUNIT_CASE(softwork_test_barrier_while_item_left_elsewhere_returns),
	KUNIT_CASE(softwork_test_flush_waits_for_running),
	KUNIT_CASE(softwork_test_cancel_sync_waits_for_running),
	KUNIT_CASE(softwork_test_cancel_sync_while_queued_and_running),
	KUNIT_CASE(softwork_test_percpu_cancel_sync_while_queued_and_running),
	KUNIT_CASE(softwork_test_percpu_cancel_sync_blocks_queueing),
	KUNIT_CASE(softwork_test_cancel_sync_blocks_queueing),
	KUNIT_CASE(softwork_test_cancel_sync_by_two_at_once),
	KUNIT_CASE(softwork_test_real_time_task_waits_for_what_it_preempted),
	KUNIT_CASE(softwork_test_flush_waits_for_queueing_under_way),
	KUNIT_CASE(softwork_test_flush_waits_for_queueing_under_way_that_was_revived),
	KUNIT_CASE(softwork_test_cancel_sync_waits_for_queueing_under_way),
	KUNIT_CASE_SLOW(softwork_test_cpu_offline_moves_queue),
	KUNIT_CASE_SLOW(softwork_test_cpu_offline_under_storm),
	KUNIT_CASE_SLOW(softwork_test_percpu_cpu_offline_under_storm),
	KUNIT_CASE_SLOW(softwork_test_endless_item_leaves_task_its_share),
	{}
};

static struct kunit_suite softwork_test_suite = {
	.name = "softwork",
	.test_cases = softwork_test_cases,
};

kunit_test_suite(softwork_test_suite);

MODULE_DESCRIPTION("KUnit tests for softwork");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
