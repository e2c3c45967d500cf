/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Softwork: functions that run in softirq context on the CPU that queued them,
 * first in, first out, from a softirq vector of their own.
 *
 * See Documentation/core-api/softwork.rst for what is guaranteed.
 */
#ifndef _LINUX_SOFTWORK_H
#define _LINUX_SOFTWORK_H

#include <linux/atomic.h>
#include <linux/bitops.h>
#include <linux/cleanup.h>
#include <linux/compiler.h>
#include <linux/percpu-defs.h>
#include <linux/preempt.h>
#include <linux/types.h>

struct softwork;
struct softwork_cpu_queue;

typedef void (*softwork_func_t)(struct softwork *work);

/**
 * struct softwork - something to be done soon, in softirq context
 *
 * Embed it, and get at what is around it with container_of(). All members are
 * private to the implementation.
 */
struct softwork {
	/* private: who has set SOFTWORK_PENDING owns the union */
	union {
		struct softwork *next;		/* while it is queued */
		struct softwork_cpu_queue *last;	/* else: of the CPU it ran on */
	};
	atomic_long_t state;
	softwork_func_t func;
};

/*
 * The state of a struct softwork. Bits from SOFTWORK_BLOCK on count the callers
 * of softwork_cancel_sync() that keep it from being queued; they own PENDING
 * too, and CANCELED then tells that the item is still linked into a queue.
 */
enum {
	SOFTWORK_PENDING_BIT,
	SOFTWORK_CANCELED_BIT,
	SOFTWORK_BLOCK_SHIFT,

	SOFTWORK_PENDING	= BIT(SOFTWORK_PENDING_BIT),
	SOFTWORK_CANCELED	= BIT(SOFTWORK_CANCELED_BIT),
	SOFTWORK_BLOCK		= BIT(SOFTWORK_BLOCK_SHIFT),
};

#define __SOFTWORK_INITIALIZER(_func) {				\
	.state = ATOMIC_LONG_INIT(0),				\
	.func = (_func),					\
}

/**
 * DEFINE_SOFTWORK() - define an initialised struct softwork
 * @name: name of the variable
 * @func: function to be called, see softwork_init()
 */
#define DEFINE_SOFTWORK(name, func)				\
	struct softwork name = __SOFTWORK_INITIALIZER(func)

/**
 * softwork_init() - initialise an item
 * @work: the item
 * @func: function to be called in softirq context, with interrupts enabled; it
 *	may queue @work again, and may free it unless that can happen elsewhere
 *
 * The item must not be queued or running. One that has been in use can be
 * initialised again, or freed, after softwork_cancel_sync(), and by its own
 * function.
 *
 * Context: any.
 */
static inline void softwork_init(struct softwork *work, softwork_func_t func)
{
	work->last = NULL;
	atomic_long_set(&work->state, 0);
	work->func = func;
}

#ifdef CONFIG_SOFTWORK
void __softwork_queue(struct softwork *work);
bool __softwork_revive(struct softwork *work);

/**
 * softwork_queue() - have an item's function called once
 * @work: the item
 *
 * The function is called on this CPU, after those of all items that have been
 * queued here before. If it is running on another CPU at this moment, it will
 * be called there once more when it has returned: it never runs concurrently
 * with itself, and sees what the run before it has done.
 *
 * What the caller has written before is seen by the function, also when the
 * item was queued already.
 *
 * From process context, call it between local_bh_disable() and
 * local_bh_enable(): the latter runs the item. Otherwise the item has to wait
 * for ksoftirqd, as it does on PREEMPT_RT when queued by a hard interrupt.
 *
 * Context: any but NMI, and no lock held that a wake-up takes, as are those of
 *	the run queue and a task's pi_lock. On PREEMPT_RT, not in a function that
 *	smp_call_function_single() and the like have called on another CPU, nor
 *	in one of irq_work_queue_on() for IRQ_WORK_INIT_HARD(): where that CPU is
 *	idle, its idle task calls them, and the kernel warns of a softirq that
 *	they raise.
 * Return: true if this has queued the item, false if it was queued already or
 *	is blocked by softwork_cancel_sync().
 */
static inline bool softwork_queue(struct softwork *work)
{
	/*
	 * Others may rely on PENDING before the item is linked. With preemption
	 * off between the two, it is after a grace period: pairs with
	 * synchronize_rcu_expedited() in softwork_settle().
	 */
	guard(preempt_notrace)();

	/*
	 * Fully ordered, whatever the outcome: pairs with the try_cmpxchg() in
	 * softwork_run(). Either that has not cleared the bit yet, and the
	 * function is still to be called, or the bit gets set here.
	 */
	if (!test_and_set_bit(SOFTWORK_PENDING_BIT, (unsigned long *)&work->state)) {
		__softwork_queue(work);
		return true;
	}
	return unlikely(atomic_long_read(&work->state) != SOFTWORK_PENDING) &&
	       __softwork_revive(work);
}

bool softwork_queue_percpu(struct softwork __percpu *works);

/**
 * softwork_pending() - is an item queued?
 * @work: the item
 *
 * Context: any. The answer may be outdated when the caller gets it.
 * Return: true if the function is going to be called, false if it is not, or
 *	is running for the last time.
 */
static inline bool softwork_pending(const struct softwork *work)
{
	return atomic_long_read(&work->state) == SOFTWORK_PENDING;
}

void softwork_init_percpu(struct softwork __percpu *works, softwork_func_t func);
bool softwork_cancel(struct softwork *work);
int softwork_cancel_sync(struct softwork *work);
int softwork_cancel_sync_percpu(struct softwork __percpu *works);
int softwork_flush(struct softwork *work);
int softwork_flush_percpu(struct softwork __percpu *works);
int softwork_barrier(void);

/* For kernel/softirq.c. */
void softwork_open(void);
void softwork_takeover(unsigned int cpu);
#else
static inline void softwork_open(void) { }
static inline void softwork_takeover(unsigned int cpu) { }
#endif

#endif /* _LINUX_SOFTWORK_H */
