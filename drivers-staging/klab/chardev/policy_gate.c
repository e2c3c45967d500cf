// SPDX-License-Identifier: GPL-2.0-only
/*
 * The gate: lets openers in as the policy says. Who leaves hands its place to
 * the one who has waited longest; a place that has been handed over is never
 * free in between, so that no newcomer can take it.
 */
#include <linux/compiler.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/jiffies.h>
#include <linux/list.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/spinlock.h>

#include <kunit/visibility.h>

#include "policy.h"

const char * const klab_gate_names[KLAB_GATE_POLICIES] = {
	[KLAB_GATE_NONE] = "none",
	[KLAB_GATE_EXCLUSIVE] = "exclusive",
	[KLAB_GATE_INSTANCE] = "instance",
	[KLAB_GATE_WAIT] = "wait",
	[KLAB_GATE_TIMEOUT] = "timeout",
};
EXPORT_SYMBOL_IF_KUNIT(klab_gate_names);

/**
 * struct klab_gate_waiter - one who waits
 * @entry: its place among the waiters; under the lock of the gate
 * @task: who it is
 * @let_in: it has got the place; changes under the lock of the gate
 */
struct klab_gate_waiter {
	struct list_head entry;
	struct task_struct *task;
	bool let_in;
};

/**
 * klab_gate_init() - makes a gate
 * @gate: the gate
 * @policy: its policy
 * @timeout_ms: 1 to KLAB_POLICY_TIMEOUT_MAX_MS
 *
 * Context: any.
 */
void klab_gate_init(struct klab_gate *gate, enum klab_gate_policy policy,
		    unsigned int timeout_ms)
{
	*gate = (struct klab_gate) {
		.policy = policy,
		.timeout_ms = timeout_ms,
	};
	spin_lock_init(&gate->lock);
	INIT_LIST_HEAD(&gate->waiters);
}
EXPORT_SYMBOL_IF_KUNIT(klab_gate_init);

static int klab_gate_try(struct klab_gate *gate)
{
	switch (gate->policy) {
	case KLAB_GATE_EXCLUSIVE:
		if (gate->inside)
			return -EBUSY;
		break;
	case KLAB_GATE_WAIT:
	case KLAB_GATE_TIMEOUT:
		/* Never empty while somebody waits. */
		if (gate->inside)
			return -EAGAIN;
		break;
	default:
		break;
	}
	gate->inside++;
	return 0;
}

static void klab_gate_queue(struct klab_gate *gate,
			    struct klab_gate_waiter *waiter)
{
	waiter->task = current;
	waiter->let_in = false;
	list_add_tail(&waiter->entry, &gate->waiters);
	gate->waiting++;
	gate->waited++;
}

static void klab_gate_unqueue(struct klab_gate *gate,
			      struct klab_gate_waiter *waiter)
{
	list_del(&waiter->entry);
	gate->waiting--;
}

/* Until the waiter is let in, or a signal, or the end of its time. */
static void klab_gate_sleep(struct klab_gate_waiter *waiter, long left)
{
	for (;;) {
		/* Its barrier pairs with that of wake_up_process(). */
		set_current_state(TASK_INTERRUPTIBLE | TASK_FREEZABLE);
		if (READ_ONCE(waiter->let_in) || signal_pending(current) ||
		    !left)
			break;
		left = schedule_timeout(left);
	}
	__set_current_state(TASK_RUNNING);
}

/*
 * A place that was handed over is taken, whatever has come since, or it would be
 * lost. A wait for ever can be started again after a signal; one with a time
 * cannot, since it would have all its time again with each signal.
 */
static int klab_gate_outcome(struct klab_gate *gate,
			     struct klab_gate_waiter *waiter)
{
	if (waiter->let_in)
		return 0;

	klab_gate_unqueue(gate, waiter);
	if (!signal_pending(current)) {
		gate->timed_out++;
		return -ETIMEDOUT;
	}
	gate->interrupted++;
	return gate->policy == KLAB_GATE_WAIT ? -ERESTARTSYS : -EINTR;
}

/* Called with the lock of the gate, which is given up meanwhile. */
static int klab_gate_wait(struct klab_gate *gate)
	__must_hold(&gate->lock)
{
	struct klab_gate_waiter waiter;
	long left = MAX_SCHEDULE_TIMEOUT;

	/* One more, as that of now is half over. */
	if (gate->policy == KLAB_GATE_TIMEOUT)
		left = msecs_to_jiffies(gate->timeout_ms) + 1;

	klab_gate_queue(gate, &waiter);
	spin_unlock(&gate->lock);
	klab_gate_sleep(&waiter, left);
	spin_lock(&gate->lock);
	return klab_gate_outcome(gate, &waiter);
}

/**
 * klab_gate_enter() - asks to be let in
 * @gate: the gate
 * @may_wait: wait where the policy is to wait
 *
 * Context: process; may sleep, so no lock may be held that anybody else needs.
 * Return: 0, klab_gate_leave() has to be called later; -EBUSY or -EAGAIN: there
 * is somebody inside; -ETIMEDOUT: there still was when the time was over; or
 * -ERESTARTSYS or -EINTR for a signal.
 */
int klab_gate_enter(struct klab_gate *gate, bool may_wait)
{
	int err;

	spin_lock(&gate->lock);
	err = klab_gate_try(gate);
	if (err == -EAGAIN && may_wait)
		err = klab_gate_wait(gate);
	else if (err)
		gate->refused++;
	if (!err)
		gate->opened++;
	spin_unlock(&gate->lock);
	return err;
}
EXPORT_SYMBOL_IF_KUNIT(klab_gate_enter);

/* With the lock, without which the waiter cannot go away. */
static void klab_gate_let_in(struct klab_gate *gate,
			     struct klab_gate_waiter *waiter)
{
	klab_gate_unqueue(gate, waiter);
	WRITE_ONCE(waiter->let_in, true);
	wake_up_process(waiter->task);
}

/**
 * klab_gate_leave() - leaves, and lets in who is next
 * @gate: the gate
 *
 * Context: process.
 */
void klab_gate_leave(struct klab_gate *gate)
{
	struct klab_gate_waiter *next;

	spin_lock(&gate->lock);
	next = list_first_entry_or_null(&gate->waiters, struct klab_gate_waiter,
					entry);
	if (next)
		klab_gate_let_in(gate, next);
	else
		gate->inside--;
	spin_unlock(&gate->lock);
}
EXPORT_SYMBOL_IF_KUNIT(klab_gate_leave);

/**
 * klab_gate_set_policy() - changes the policy
 * @gate: the gate
 * @policy: from now on
 *
 * Context: process.
 * Return: 0, or -EBUSY while somebody is inside: who came under one policy
 * does not leave under another.
 */
int klab_gate_set_policy(struct klab_gate *gate, enum klab_gate_policy policy)
{
	int err = 0;

	spin_lock(&gate->lock);
	if (gate->inside)
		err = -EBUSY;
	else
		gate->policy = policy;
	spin_unlock(&gate->lock);
	return err;
}
EXPORT_SYMBOL_IF_KUNIT(klab_gate_set_policy);

/**
 * klab_gate_set_timeout() - changes the time for which who comes later waits
 * @gate: the gate
 * @ms: the time in milliseconds
 *
 * Context: process.
 * Return: 0, or -ERANGE for 0 and for more than KLAB_POLICY_TIMEOUT_MAX_MS.
 */
int klab_gate_set_timeout(struct klab_gate *gate, unsigned int ms)
{
	if (!ms || ms > KLAB_POLICY_TIMEOUT_MAX_MS)
		return -ERANGE;

	spin_lock(&gate->lock);
	gate->timeout_ms = ms;
	spin_unlock(&gate->lock);
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(klab_gate_set_timeout);
