// SPDX-License-Identifier: GPL-2.0-only
/*
 * Softwork: functions that run in softirq context on the CPU that queued them,
 * first in, first out, from a softirq vector of their own.
 *
 * Each CPU has a queue that only it works on, with interrupts disabled, so that
 * there is no lock. Who has set SOFTWORK_PENDING in an item owns it and links it
 * into the queue of its CPU; the pass that takes it off clears the bit before it
 * calls the function, and does not touch the item afterwards.
 *
 * What is running is therefore noted in the queue, not in the item. The item
 * has a pointer to the queue that it ran from last, the only place where it can
 * still be running. Who queues it on another CPU looks there, and if so leaves
 * a mark, upon which that CPU queues the item itself after the function.
 */

#define pr_fmt(fmt) "softwork: " fmt

#include <linux/bug.h>
#include <linux/cleanup.h>
#include <linux/compiler.h>
#include <linux/completion.h>
#include <linux/cpu.h>
#include <linux/cpumask.h>
#include <linux/debugfs.h>
#include <linux/export.h>
#include <linux/init.h>
#include <linux/interrupt.h>
#include <linux/irq_work.h>
#include <linux/irqflags.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/kernel_stat.h>
#include <linux/lockdep.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/preempt.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/smp.h>
#include <linux/softwork.h>

#include <trace/events/irq.h>

#define CREATE_TRACE_POINTS
#include <trace/events/softwork.h>

/*
 * A pass looks up after this many items, as a look at the time costs as much as
 * an item, and ends when it looks up for the eighth time: after 64 items, or a
 * few less, because the count of items goes on from pass to pass.
 */
#define SOFTWORK_STRIDE		8
#define SOFTWORK_LOOKS		8

/* In softwork_cpu_queue::running: the item is to be queued when it has returned. */
#define SOFTWORK_AGAIN		1UL

/*
 * Only the CPU it belongs to changes it, with interrupts disabled, or the one
 * that takes over from a dead CPU. The exception is @running: while an item is
 * running, others may put SOFTWORK_AGAIN into it.
 */
struct softwork_cpu_queue {
	unsigned long		running;	/* item and SOFTWORK_AGAIN */
	struct softwork		*head;
	struct softwork		*tail;		/* valid if there is a head */

	/* Of the pass, only pass_tail before it looks up for the first time. */
	struct softwork		*pass_tail;
	unsigned int		pass_id;
	unsigned int		pass_looks;
	unsigned long		pass_start;	/* in jiffies */

	/* Counters. That of items leaves out the last one of each pass. */
	unsigned long		stride_left;
	unsigned long		nr_strides;
	unsigned long		nr_canceled;
	unsigned long		nr_again;
	unsigned long		nr_cut;
	unsigned long		nr_takeover;
};

static DEFINE_PER_CPU_SHARED_ALIGNED(struct softwork_cpu_queue, softwork_queues) = {
	.stride_left = SOFTWORK_STRIDE,
};

/*
 * Puts an item at the end of this CPU's queue, with interrupts disabled, and
 * says whether the softirq has to be raised: while there is a head, it is
 * pending, or the pass that has left it there is about to raise it. What comes
 * after the tail is not set: a list ends where its tail is.
 */
static __always_inline bool softwork_link(struct softwork_cpu_queue *queue,
					  struct softwork *work)
{
	if (unlikely(queue->head)) {
		queue->tail->next = work;
		queue->tail = work;
		return false;
	}
	queue->head = work;
	queue->tail = work;
	return true;
}

/*
 * Leaves an item to the CPU where it is running, and says whether it is. To be
 * called by who has set SOFTWORK_PENDING. If it is not running there, it has
 * returned, and the next run sees what that one did.
 *
 * That the queue does not show an older item is due to PENDING: the queue is
 * updated before the bit gets cleared, and this has set the bit after that.
 */
static noinline bool softwork_leave(struct softwork *work)
{
	struct softwork_cpu_queue *last = work->last;
	unsigned long running;

	if (!last)
		return false;
	/* Pairs with softwork_done(). */
	running = smp_load_acquire(&last->running);
	while (running == (unsigned long)work) {
		if (try_cmpxchg(&last->running, &running, running | SOFTWORK_AGAIN))
			return true;
		/* A try_cmpxchg() that fails is not ordered. Pairs as above. */
		smp_acquire__after_ctrl_dep();
	}
	return false;
}

/*
 * Queues an item, whatever has to be done for that. To be called with interrupts
 * disabled by who has set SOFTWORK_PENDING.
 */
static void softwork_insert(struct softwork *work)
{
	struct softwork_cpu_queue *queue = this_cpu_ptr(&softwork_queues);

	trace_softwork_queue(work);
	if (work->last != queue && softwork_leave(work))
		return;
	if (softwork_link(queue, work))
		raise_softirq_irqoff(SOFTWORK_SOFTIRQ);
}

/*
 * The two ways on from softwork_insert_fast() that are not for speed: as they do
 * the rest, it calls nothing that it comes back from, and saves no registers.
 */
static noinline void softwork_insert_restore(struct softwork *work, unsigned long flags)
{
	softwork_insert(work);
	local_irq_restore(flags);
}

static noinline void softwork_raise_restore(unsigned long flags)
{
	raise_softirq_irqoff(SOFTWORK_SOFTIRQ);
	local_irq_restore(flags);
}

/* As softwork_insert(), and restores the interrupt flag. */
static __always_inline void softwork_insert_fast(struct softwork *work, unsigned long flags)
{
	struct softwork_cpu_queue *queue = this_cpu_ptr(&softwork_queues);

	if (trace_softwork_queue_enabled() || unlikely(work->last != queue)) {
		softwork_insert_restore(work, flags);
		return;
	}
	if (softwork_link(queue, work)) {
		if (trace_softirq_raise_enabled() || unlikely(!in_interrupt())) {
			softwork_raise_restore(flags);
			return;
		}
		/* All that is left of raise_softirq_irqoff() here. */
		or_softirq_pending(BIT(SOFTWORK_SOFTIRQ));
	}
	local_irq_restore(flags);
}

/* For who has set SOFTWORK_PENDING, and has kept preemption off since before. */
void __softwork_queue(struct softwork *work)
{
	unsigned long flags;

	/* See softwork_settle(). */
	lockdep_assert_preemption_disabled();
	local_irq_save(flags);
	softwork_insert_fast(work, flags);
}
EXPORT_SYMBOL_GPL(__softwork_queue);

/* For softwork_queue() again after softwork_cancel(): it is still linked. */
bool __softwork_revive(struct softwork *work)
{
	long state;

	do {
		state = SOFTWORK_PENDING | SOFTWORK_CANCELED;
		if (atomic_long_try_cmpxchg(&work->state, &state, SOFTWORK_PENDING))
			return true;
		/* Blocked, or revived by somebody else. */
		if (state & SOFTWORK_PENDING)
			return false;
		/* Taken off meanwhile. Ordered as in softwork_queue(). */
		if (!test_and_set_bit(SOFTWORK_PENDING_BIT, (unsigned long *)&work->state)) {
			__softwork_queue(work);
			return true;
		}
	} while (atomic_long_read(&work->state) != SOFTWORK_PENDING);
	return false;
}
EXPORT_SYMBOL_GPL(__softwork_revive);

static noinline bool softwork_revive_restore(struct softwork *work, unsigned long flags)
{
	bool queued = atomic_long_read(&work->state) != SOFTWORK_PENDING &&
		      __softwork_revive(work);

	local_irq_restore(flags);
	return queued;
}

/**
 * softwork_queue_percpu() - queue this CPU's item on this CPU
 * @works: an item for each CPU
 *
 * As softwork_queue(). The item stays on its CPU, unless that goes offline
 * before it has run: then it runs once on another CPU, and the function should
 * find its data from the item, not from where it runs.
 *
 * Context: as softwork_queue().
 * Return: as softwork_queue().
 */
bool softwork_queue_percpu(struct softwork __percpu *works)
{
	struct softwork *work;
	unsigned long flags;

	local_irq_save(flags);
	work = this_cpu_ptr(works);
	/* Ordered as in softwork_queue(). */
	if (unlikely(test_and_set_bit(SOFTWORK_PENDING_BIT, (unsigned long *)&work->state)))
		return softwork_revive_restore(work, flags);
	softwork_insert_fast(work, flags);
	return true;
}
EXPORT_SYMBOL_GPL(softwork_queue_percpu);

/**
 * softwork_init_percpu() - initialise an item for each CPU
 * @works: the items
 * @func: as for softwork_init()
 *
 * There is no static initialiser that does the same: the module loader does not
 * relocate pointers in per-CPU variables.
 *
 * Context: any.
 */
void softwork_init_percpu(struct softwork __percpu *works, softwork_func_t func)
{
	int cpu;

	for_each_possible_cpu(cpu)
		softwork_init(per_cpu_ptr(works, cpu), func);
}
EXPORT_SYMBOL_GPL(softwork_init_percpu);

/*
 * Takes an item off that is canceled, blocked or both, and says whether it is
 * to be called. Each of these wants that it is not, but softwork_queue() may
 * have revived it meanwhile.
 */
static noinline bool softwork_drop(struct softwork_cpu_queue *queue, struct softwork *work)
{
	long old = atomic_long_read(&work->state);
	long new;

	do {
		new = old & ~SOFTWORK_CANCELED;
		/* Who blocks the item keeps PENDING, so that nobody queues it. */
		if (old < SOFTWORK_BLOCK)
			new &= ~SOFTWORK_PENDING;
	} while (!atomic_long_try_cmpxchg(&work->state, &old, new));

	if (!(old & SOFTWORK_CANCELED))
		return true;
	queue->nr_canceled++;
	return false;
}

static __always_inline void softwork_run(struct softwork_cpu_queue *queue,
					 struct softwork *work)
{
	long state = SOFTWORK_PENDING;

	work->last = queue;
	/*
	 * A full barrier if it succeeds, as the one in softwork_drop(). Pairs
	 * with test_and_set_bit() in softwork_queue(): the function sees all
	 * that was written by who was told that the item is queued already. And
	 * with the acquires in softwork_is_active() and softwork_is_held(): who
	 * sees the bit clear sees the item in @running.
	 */
	if (likely(atomic_long_try_cmpxchg(&work->state, &state, 0)) ||
	    softwork_drop(queue, work)) {
		trace_softwork_entry(work);
		work->func(work);
		trace_softwork_exit(work);
	}
}

/*
 * Queues an item that has been left to this CPU while it was running here. The
 * mark goes with interrupts disabled: softwork_queue_sentinel() finds either it
 * or the item in the queue, and in the first case does this itself.
 */
static noinline void softwork_again(struct softwork_cpu_queue *queue,
				    struct softwork *work, struct softwork *next)
{
	local_irq_disable();
	/* Ordered as in softwork_done(). */
	if (xchg(&queue->running, (unsigned long)next) != (unsigned long)work) {
		queue->nr_again++;
		if (softwork_link(queue, work))
			__raise_softirq_irqoff(SOFTWORK_SOFTIRQ);
	}
	local_irq_enable();
}

/*
 * An item has returned, another one, if any, is next. Fully ordered: pairs with
 * the acquire in softwork_leave() and in softwork_is_running(), which may as
 * well read what is stored later, and makes what comes with a mark visible here.
 */
static __always_inline void softwork_done(struct softwork_cpu_queue *queue,
					  struct softwork *work, struct softwork *next)
{
	unsigned long running = (unsigned long)work;

	if (unlikely(!try_cmpxchg(&queue->running, &running, (unsigned long)next)))
		softwork_again(queue, work, next);
}

/* Puts the rest of a pass back to where it was taken from. */
static noinline void softwork_put_back(struct softwork_cpu_queue *queue, struct softwork *rest)
{
	local_irq_disable();
	queue->nr_cut++;
	queue->pass_tail->next = queue->head;
	if (!queue->head)
		queue->tail = queue->pass_tail;
	queue->head = rest;
	__raise_softirq_irqoff(SOFTWORK_SOFTIRQ);
	local_irq_enable();
}

/* After each stride: is it time to end the pass? */
static noinline bool softwork_look_up(struct softwork_cpu_queue *queue)
{
	/* handle_softirqs() has counted it, which tells passes apart for free. */
	unsigned int id = __this_cpu_read(kstat.softirqs[SOFTWORK_SOFTIRQ]);

	queue->stride_left = SOFTWORK_STRIDE;
	queue->nr_strides++;
	if (queue->pass_id != id) {
		queue->pass_id = id;
		queue->pass_looks = 0;
		queue->pass_start = jiffies;
	}
	return ++queue->pass_looks == SOFTWORK_LOOKS || need_resched() ||
	       time_after(jiffies, queue->pass_start);
}

static __latent_entropy void softwork_action(void)
{
	struct softwork_cpu_queue *queue = this_cpu_ptr(&softwork_queues);
	struct softwork *work, *next;

	/* Or it is kept as two numbers, in one more register to be saved. */
	OPTIMIZER_HIDE_VAR(queue);
	local_irq_disable();
	work = queue->head;
	queue->head = NULL;
	queue->pass_tail = queue->tail;
	local_irq_enable();

	/* A CPU that was offline finds its softirq pending, but no item. */
	if (unlikely(!work))
		return;

	WRITE_ONCE(queue->running, (unsigned long)work);
	for (;;) {
		/* Of the last one, whatever was there before. */
		next = work->next;
		/* The item may be gone after this: its address is left. */
		softwork_run(queue, work);
		if (work == queue->pass_tail)
			break;
		if (unlikely(!--queue->stride_left) && softwork_look_up(queue)) {
			softwork_put_back(queue, next);
			break;
		}
		softwork_done(queue, work, next);
		work = next;
	}
	softwork_done(queue, work, NULL);
}

/* For softirq_init(): built-in code keeps the vector for ever. */
void __init softwork_open(void)
{
	open_softirq(SOFTWORK_SOFTIRQ, softwork_action);
}

/*
 * For takeover_tasklets(): appends the queue of a dead CPU to that of this one,
 * with interrupts disabled. No pass was under way, as it would have ended before
 * the CPU died.
 */
void softwork_takeover(unsigned int cpu)
{
	struct softwork_cpu_queue *dead = per_cpu_ptr(&softwork_queues, cpu);
	struct softwork_cpu_queue *queue = this_cpu_ptr(&softwork_queues);

	lockdep_assert_irqs_disabled();
	if (!dead->head)
		return;
	if (queue->head)
		queue->tail->next = dead->head;
	else
		queue->head = dead->head;
	queue->tail = dead->tail;
	queue->nr_takeover++;
	dead->head = NULL;
	raise_softirq_irqoff(SOFTWORK_SOFTIRQ);
}

/*
 * A barrier puts a sentinel into the queue of each CPU and waits for all of
 * them. @softwork_barrier_mutex protects these three; @softwork_sentinels_left
 * counts the sentinels that have not run, and the caller while it queues them.
 */
struct softwork_sentinel {
	struct softwork work;
	struct irq_work kick;
};

static DEFINE_MUTEX(softwork_barrier_mutex);
static DECLARE_COMPLETION(softwork_sentinels_done);
static atomic_t softwork_sentinels_left;

static void softwork_sentinel_func(struct softwork *work)
{
	/* Fully ordered, for what the items before it have done. */
	if (atomic_dec_and_test(&softwork_sentinels_left))
		complete(&softwork_sentinels_done);
}

static void softwork_sentinel_kick(struct irq_work *kick);

static DEFINE_PER_CPU(struct softwork_sentinel, softwork_sentinels) = {
	.work = __SOFTWORK_INITIALIZER(softwork_sentinel_func),
	.kick = IRQ_WORK_INIT(softwork_sentinel_kick),
};

static void softwork_queue_sentinel(void)
{
	struct softwork_cpu_queue *queue;
	unsigned long running;
	unsigned long flags;

	local_irq_save(flags);
	queue = this_cpu_ptr(&softwork_queues);
	/*
	 * An item that was left to this CPU counts as queued before the
	 * sentinel, so link it before. Nobody else changes @running once it has
	 * the mark. Pairs with the try_cmpxchg() in softwork_leave().
	 */
	running = smp_load_acquire(&queue->running);
	if (running & SOFTWORK_AGAIN) {
		running &= ~SOFTWORK_AGAIN;
		queue->nr_again++;
		WRITE_ONCE(queue->running, running);
		if (softwork_link(queue, (struct softwork *)running))
			raise_softirq_irqoff(SOFTWORK_SOFTIRQ);
	}
	WARN_ON_ONCE(!softwork_queue(this_cpu_ptr(&softwork_sentinels.work)));
	local_irq_restore(flags);
}

/* In a hard interrupt, or on PREEMPT_RT in a thread of the CPU. */
static void softwork_sentinel_kick(struct irq_work *kick)
{
	softwork_queue_sentinel();
}

/* Waiting for a pass in that pass would never end: warns of the attempt. */
static noinline bool softwork_would_deadlock(void)
{
	return WARN_ON_ONCE(in_serving_softirq() &&
			    this_cpu_read(softwork_queues.running));
}

/**
 * softwork_barrier() - wait for all that has been queued
 *
 * When it returns, every item whose queueing has returned true before the call,
 * wherever that was, has run and returned, unless it has been canceled. An item
 * queued again after softwork_cancel() counts as queued once the queueing that
 * was taken back has returned; softwork_flush() waits for that, too. A module
 * that has stopped queueing its items calls this before it goes.
 *
 * Context: process context, may sleep. Takes the CPU hotplug lock for reading,
 *	so it cannot be called by hotplug callbacks. Not under locks that a
 *	softwork function takes.
 * Return: 0, or -EDEADLK with a warning if called by a softwork function.
 */
int softwork_barrier(void)
{
	unsigned int cpu;

	if (softwork_would_deadlock())
		return -EDEADLK;
	might_sleep();

	guard(mutex)(&softwork_barrier_mutex);
	guard(cpus_read_lock)();

	atomic_set(&softwork_sentinels_left, 1);
	reinit_completion(&softwork_sentinels_done);

	migrate_disable();
	for_each_online_cpu(cpu) {
		atomic_inc(&softwork_sentinels_left);
		if (cpu != smp_processor_id())
			irq_work_queue_on(per_cpu_ptr(&softwork_sentinels.kick, cpu), cpu);
	}
	local_bh_disable();
	softwork_queue_sentinel();
	local_bh_enable();
	migrate_enable();

	if (!atomic_dec_and_test(&softwork_sentinels_left))
		wait_for_completion(&softwork_sentinels_done);
	return 0;
}
EXPORT_SYMBOL_GPL(softwork_barrier);

/*
 * Is the function running, on any CPU? Meaningful for an item that cannot start
 * running, and for runs that started before PENDING was seen clear: the acquire
 * in the caller pairs with softwork_run().
 */
static bool softwork_is_running(struct softwork *work)
{
	unsigned long running;
	int cpu;

	for_each_possible_cpu(cpu) {
		/* Pairs with softwork_done(). */
		running = smp_load_acquire(per_cpu_ptr(&softwork_queues.running, cpu));
		if ((running & ~SOFTWORK_AGAIN) == (unsigned long)work)
			return true;
	}
	return false;
}

static bool softwork_is_active(struct softwork *work)
{
	return (atomic_long_read_acquire(&work->state) & SOFTWORK_PENDING) ||
	       softwork_is_running(work);
}

/*
 * A barrier that has not been enough has met an item that was queued anew, or
 * one whose queueing was under way: PENDING was set, which others may have seen,
 * but it was not linked. After a grace period it is, and another barrier is
 * enough: pairs with preemption being off in softwork_queue(), and interrupts in
 * softwork_queue_percpu().
 */
static void softwork_settle(void)
{
	synchronize_rcu_expedited();
	softwork_barrier();
}

/**
 * softwork_flush() - wait for an item
 * @work: the item
 *
 * When it returns, the function has been called and has returned for every
 * queueing that has returned before the call, whatever it returned. The item
 * may have been queued again meanwhile.
 *
 * Context: as softwork_barrier().
 * Return: 1 if there was something to wait for, 0 if not, or -EDEADLK with a
 *	warning if called by a softwork function.
 */
int softwork_flush(struct softwork *work)
{
	if (softwork_would_deadlock())
		return -EDEADLK;
	might_sleep();
	if (!softwork_is_active(work))
		return 0;
	softwork_barrier();
	if (softwork_is_active(work))
		softwork_settle();
	return 1;
}
EXPORT_SYMBOL_GPL(softwork_flush);

static bool softwork_is_active_percpu(struct softwork __percpu *works)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		if (softwork_is_active(per_cpu_ptr(works, cpu)))
			return true;
	}
	return false;
}

/**
 * softwork_flush_percpu() - wait for the items of all CPUs
 * @works: the items
 *
 * As softwork_flush() for each of them.
 *
 * Context: as softwork_barrier().
 * Return: as softwork_flush().
 */
int softwork_flush_percpu(struct softwork __percpu *works)
{
	if (softwork_would_deadlock())
		return -EDEADLK;
	might_sleep();
	if (!softwork_is_active_percpu(works))
		return 0;
	softwork_barrier();
	if (softwork_is_active_percpu(works))
		softwork_settle();
	return 1;
}
EXPORT_SYMBOL_GPL(softwork_flush_percpu);

/**
 * softwork_cancel() - take the last queueing of an item back
 * @work: the item
 *
 * The item stays linked into its queue, so it must neither be initialised
 * anew nor freed: that takes softwork_cancel_sync(). It can be queued again,
 * and keeps its place then. A function that is running is not waited for.
 *
 * Context: any.
 * Return: true if the function would have been called and now will not.
 */
bool softwork_cancel(struct softwork *work)
{
	long state = SOFTWORK_PENDING;

	/* In every other state there is nothing to take back. */
	return atomic_long_try_cmpxchg(&work->state, &state,
				       SOFTWORK_PENDING | SOFTWORK_CANCELED);
}
EXPORT_SYMBOL_GPL(softwork_cancel);

/* Keeps an item from being queued; says whether it was. */
static bool softwork_block(struct softwork *work)
{
	long old = atomic_long_read(&work->state);
	long new;

	do {
		new = old + SOFTWORK_BLOCK;
		/* Linked, unless somebody else blocks it: then that one knows. */
		if (old < SOFTWORK_BLOCK && (old & SOFTWORK_PENDING))
			new |= SOFTWORK_CANCELED;
		new |= SOFTWORK_PENDING;
	} while (!atomic_long_try_cmpxchg(&work->state, &old, new));
	return old == SOFTWORK_PENDING;
}

static void softwork_unblock(struct softwork *work)
{
	long old = atomic_long_read(&work->state);
	long new;

	do {
		new = old - SOFTWORK_BLOCK;
		if (new < SOFTWORK_BLOCK)
			new &= ~SOFTWORK_PENDING;
	} while (!atomic_long_try_cmpxchg(&work->state, &old, new));
}

/* Is a blocked item still linked into a queue, or running? */
static bool softwork_is_held(struct softwork *work)
{
	/* Pairs with softwork_drop(), which comes after the item is "running". */
	return (atomic_long_read_acquire(&work->state) & SOFTWORK_CANCELED) ||
	       softwork_is_running(work);
}

/* Waits until a blocked item is neither linked nor running. */
static void softwork_wait_blocked(struct softwork *work)
{
	if (!softwork_is_held(work))
		return;
	softwork_barrier();
	if (softwork_is_held(work))
		softwork_settle();
}

/**
 * softwork_cancel_sync() - take an item out of use
 * @work: the item
 *
 * When it returns, the item is not queued, and its function is not running on
 * any CPU. While it waits, queueing the item fails. If nothing queues it
 * afterwards, it can be freed or initialised anew, and the code of the function
 * can go away.
 *
 * Context: as softwork_barrier().
 * Return: 1 if the function would have been called and now will not, 0 if it
 *	was not queued, or -EDEADLK with a warning if called by a softwork
 *	function.
 */
int softwork_cancel_sync(struct softwork *work)
{
	bool canceled;

	if (softwork_would_deadlock())
		return -EDEADLK;
	might_sleep();

	canceled = softwork_block(work);
	softwork_wait_blocked(work);
	softwork_unblock(work);
	return canceled;
}
EXPORT_SYMBOL_GPL(softwork_cancel_sync);

/**
 * softwork_cancel_sync_percpu() - take the items of all CPUs out of use
 * @works: the items
 *
 * As softwork_cancel_sync(), with all items blocked at the same time.
 *
 * Context: as softwork_barrier().
 * Return: the number of items whose function would have been called and now
 *	will not, or -EDEADLK with a warning if called by a softwork function.
 */
int softwork_cancel_sync_percpu(struct softwork __percpu *works)
{
	int canceled = 0;
	int cpu;

	if (softwork_would_deadlock())
		return -EDEADLK;
	might_sleep();

	for_each_possible_cpu(cpu)
		canceled += softwork_block(per_cpu_ptr(works, cpu));
	for_each_possible_cpu(cpu)
		softwork_wait_blocked(per_cpu_ptr(works, cpu));
	for_each_possible_cpu(cpu)
		softwork_unblock(per_cpu_ptr(works, cpu));
	return canceled;
}
EXPORT_SYMBOL_GPL(softwork_cancel_sync_percpu);

/*
 * /sys/kernel/debug/softwork: a line for each CPU. What the CPUs write meanwhile
 * is read without a lock, so that the columns need not fit together.
 */
static int softwork_stats_show(struct seq_file *m, void *v)
{
	struct softwork_cpu_queue queue;
	unsigned long taken;
	int cpu;

	seq_puts(m, "cpu\truns\tcanceled\tagain\tcut\ttakeover\n");
	for_each_possible_cpu(cpu) {
		/* These are statistics: any value that was there will do. */
		queue = data_race(per_cpu(softwork_queues, cpu));
		/*
		 * The strides have all items of a pass but the last, which kstat
		 * stands for; if the pass was cut, they have that one too.
		 */
		taken = (queue.nr_strides + 1) * SOFTWORK_STRIDE - queue.stride_left +
			kstat_softirqs_cpu(SOFTWORK_SOFTIRQ, cpu) - queue.nr_cut;
		seq_printf(m, "%d\t%lu\t%lu\t%lu\t%lu\t%lu\n", cpu,
			   taken - queue.nr_canceled, queue.nr_canceled,
			   queue.nr_again, queue.nr_cut, queue.nr_takeover);
	}
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(softwork_stats);

static int __init softwork_debugfs_init(void)
{
	debugfs_create_file("softwork", 0400, NULL, NULL, &softwork_stats_fops);
	return 0;
}
late_initcall(softwork_debugfs_init);
