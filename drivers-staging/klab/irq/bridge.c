// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bridge from interrupts to programs: counting in the hard handler, handing on
 * in a softwork.
 *
 * None of the ways out can be gone from a hard handler on every kernel: they
 * wake tasks, send signals and allocate. So the handler counts and queues one
 * softwork, which serves them all, by differences of counts: that it runs once
 * for several interrupts loses nothing.
 */
#include <linux/atomic.h>
#include <linux/bottom_half.h>
#include <linux/capability.h>
#include <linux/cleanup.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/eventfd.h>
#include <linux/export.h>
#include <linux/fs.h>
#include <linux/interrupt.h>
#include <linux/minmax.h>
#include <linux/mutex.h>
#include <linux/poll.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/signal.h>
#include <linux/slab.h>
#include <linux/softwork.h>
#include <linux/spinlock.h>
#include <linux/timekeeping.h>
#include <linux/wait.h>

#include <kunit/visibility.h>

#include "../core/klab_core.h"
#include "bridge.h"
#include "line.h"

#define NAME	"klab-irq"

static irqreturn_t bridge_count(struct klab_irq_bridge *bridge)
{
	atomic64_set(&bridge->time_ns, ktime_get_mono_fast_ns());
	/* Before the queueing: what was counted by then, the run sees. */
	atomic64_inc(&bridge->fired);
	softwork_queue(&bridge->work);
	return IRQ_HANDLED;
}

static irqreturn_t bridge_own_handler(int irq, void *data)
{
	return bridge_count(data);
}

/* The interrupt is the owner's: it is looked at, not claimed. */
static irqreturn_t bridge_guest_handler(int irq, void *data)
{
	bridge_count(data);
	return IRQ_NONE;
}

/* An eventfd counts interrupts, not runs. */
static void bridge_add(struct klab_irq_bridge *bridge, u64 count)
{
	unsigned int batch, i;

	guard(spinlock)(&bridge->out_lock);

	if (!bridge->eventfd)
		return;

	bridge->owed += count;
	batch = min_t(u64, bridge->owed, KLAB_IRQ_EVENTFD_BATCH);
	for (i = 0; i < batch; i++)
		eventfd_signal(bridge->eventfd);
	bridge->signaled += batch;
	bridge->owed -= batch;
	if (bridge->owed)
		softwork_queue(&bridge->work);
}

static void bridge_serve(struct softwork *work)
{
	struct klab_irq_bridge *bridge =
		container_of(work, struct klab_irq_bridge, work);
	u64 seq = atomic64_read(&bridge->fired);
	u64 count = seq - atomic64_read(&bridge->served);

	bridge_add(bridge, count);
	if (!count)
		return;

	atomic64_inc(&bridge->runs);
	/* Pairs with the acquire in klab_irq_bridge_status(). */
	atomic64_set_release(&bridge->served, seq);
	wake_up_interruptible_poll(&bridge->wait, EPOLLIN | EPOLLRDNORM);
	kill_fasync(&bridge->fasync, SIGIO, POLL_IN);
	if (bridge->netlink)
		klab_irq_bridge_tell(bridge, seq);
}

/**
 * klab_irq_bridge_create() - makes a bridge that is not attached
 *
 * Context: process, may sleep.
 * Return: the bridge, for klab_irq_bridge_destroy(), or NULL without memory.
 */
struct klab_irq_bridge *klab_irq_bridge_create(void)
{
	struct klab_irq_bridge *bridge = kzalloc_obj(*bridge);

	if (!bridge)
		return NULL;
	softwork_init(&bridge->work, bridge_serve);
	init_waitqueue_head(&bridge->wait);
	spin_lock_init(&bridge->out_lock);
	mutex_init(&bridge->lock);
	return bridge;
}
EXPORT_SYMBOL_IF_KUNIT(klab_irq_bridge_create);

/**
 * klab_irq_bridge_detach() - takes a bridge off its line
 * @bridge: nobody else uses it
 *
 * When this returns, no interrupt is being counted or handed on.
 *
 * Context: process, may sleep.
 */
void klab_irq_bridge_detach(struct klab_irq_bridge *bridge)
{
	if (!bridge->attached)
		return;

	free_irq(bridge->irq, bridge);
	softwork_cancel_sync(&bridge->work);
	klab_irq_synth_put(bridge->source);
	bridge->source = NULL;
	bridge->attached = false;
}
EXPORT_SYMBOL_IF_KUNIT(klab_irq_bridge_detach);

/**
 * klab_irq_bridge_destroy() - ends a bridge
 * @bridge: nobody uses it any more
 *
 * Context: process, may sleep.
 */
void klab_irq_bridge_destroy(struct klab_irq_bridge *bridge)
{
	klab_irq_bridge_detach(bridge);
	if (bridge->eventfd)
		eventfd_ctx_put(bridge->eventfd);
	mutex_destroy(&bridge->lock);
	kfree(bridge);
}
EXPORT_SYMBOL_IF_KUNIT(klab_irq_bridge_destroy);

static int bridge_request_own(struct klab_irq_bridge *bridge)
{
	struct klab_synthirq *source = klab_irq_synth_get();
	int ret;

	if (IS_ERR(source))
		return PTR_ERR(source);

	bridge->source = source;
	bridge->irq = klab_synthirq_irq(source, 0);
	ret = request_irq(bridge->irq, bridge_own_handler,
			  IRQF_SHARED | IRQF_NO_THREAD, NAME, bridge);
	if (ret) {
		bridge->source = NULL;
		klab_irq_synth_put(source);
	}
	return ret;
}

/* Whoever was handed the open file must not get to choose a line. */
static int bridge_request_guest(struct klab_irq_bridge *bridge, int irq)
{
	if (irq < 0)
		return -EINVAL;
	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;

	bridge->irq = irq;
	return klab_irq_join(irq, bridge_guest_handler, NAME, bridge);
}

/**
 * klab_irq_bridge_attach() - puts a bridge on a line, once
 * @bridge: the bridge
 * @attach: which line, and how; gets number and id
 *
 * Context: process, may sleep.
 * Return: 0; -EBUSY where the bridge is attached, or the line is not shared;
 * -EINVAL for unknown flags or no line; -ENXIO for a line without an owner;
 * -EPERM for a line of the machine without CAP_SYS_ADMIN; -ENOMEM and what
 * klab_synthirq_create() returns.
 */
int klab_irq_bridge_attach(struct klab_irq_bridge *bridge,
			   struct klab_irq_attach *attach)
{
	static atomic_t ids;
	int ret;

	if (attach->flags & ~KLAB_IRQ_NETLINK)
		return -EINVAL;

	guard(mutex)(&bridge->lock);

	if (bridge->attached)
		return -EBUSY;

	/* The line may fire before the request has returned. */
	bridge->netlink = attach->flags & KLAB_IRQ_NETLINK;
	bridge->id = atomic_inc_return(&ids);
	if (attach->irq == KLAB_IRQ_SYNTHETIC)
		ret = bridge_request_own(bridge);
	else
		ret = bridge_request_guest(bridge, attach->irq);
	if (ret)
		return ret;

	attach->irq = bridge->irq;
	attach->id = bridge->id;
	/* Pairs with the acquire in klab_irq_bridge_attached(). */
	smp_store_release(&bridge->attached, true);
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(klab_irq_bridge_attach);

/* Bursts with softirqs off: their interrupts are handed on together. */
static int bridge_fire_now(struct klab_synthirq *source,
			   const struct klab_irq_fire *fire)
{
	u64 left = fire->count;

	while (left) {
		unsigned int burst = min_t(u64, left, fire->burst ?: 1);

		left -= burst;
		local_bh_disable();
		while (burst--)
			klab_synthirq_fire(source, 0);
		local_bh_enable();

		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
	}
	return 0;
}

/**
 * klab_irq_bridge_fire() - fires the synthetic line
 * @bridge: attached to it
 * @fire: how often
 *
 * Without a period the interrupts have happened when this returns, and
 * nobody else can do with them what they like: they are called from here.
 *
 * Context: process, may sleep.
 * Return: 0; -EINVAL for more than KLAB_IRQ_FIRE_MAX interrupts, too many in a
 * burst, or too short a period; -ENOTCONN where the bridge is not attached;
 * -EOPNOTSUPP where its line is of the machine; -EBUSY while such a series is
 * under way; -EINTR when killed.
 */
int klab_irq_bridge_fire(struct klab_irq_bridge *bridge,
			 const struct klab_irq_fire *fire)
{
	const struct klab_train train = {
		.period_ns = fire->period_ns,
		.burst = fire->burst,
		.count = fire->count,
		.cpu = -1,
	};

	if (!fire->count || fire->count > KLAB_IRQ_FIRE_MAX ||
	    fire->burst > KLAB_IRQ_BURST_MAX || fire->reserved)
		return -EINVAL;
	if (!klab_irq_bridge_attached(bridge))
		return -ENOTCONN;
	if (!bridge->source)
		return -EOPNOTSUPP;

	if (fire->period_ns)
		return klab_synthirq_start(bridge->source, 0, &train);
	return bridge_fire_now(bridge->source, fire);
}
EXPORT_SYMBOL_IF_KUNIT(klab_irq_bridge_fire);

/**
 * klab_irq_bridge_set_eventfd() - says who counts along from now on
 * @bridge: the bridge
 * @eventfd: the bridge's from now on, or NULL for none
 *
 * Context: process, softirqs on.
 */
void klab_irq_bridge_set_eventfd(struct klab_irq_bridge *bridge,
				 struct eventfd_ctx *eventfd)
{
	scoped_guard(spinlock_bh, &bridge->out_lock) {
		swap(bridge->eventfd, eventfd);
		bridge->owed = 0;
	}
	if (eventfd)
		eventfd_ctx_put(eventfd);
}
EXPORT_SYMBOL_IF_KUNIT(klab_irq_bridge_set_eventfd);

/**
 * klab_irq_bridge_status() - says what has become of the interrupts
 * @bridge: the bridge
 * @status: filled in; while interrupts come, its members are of slightly
 *	different moments, later stages not later than earlier ones
 *
 * Context: process, softirqs on.
 */
void klab_irq_bridge_status(struct klab_irq_bridge *bridge,
			    struct klab_irq_status *status)
{
	/* Acquire pairs with bridge_take(): @served is not less. */
	*status = (struct klab_irq_status){
		.taken = atomic64_read_acquire(&bridge->taken),
		.messages = atomic64_read(&bridge->messages),
		.failed = atomic64_read(&bridge->failed),
		.runs = atomic64_read(&bridge->runs),
	};
	scoped_guard(spinlock_bh, &bridge->out_lock) {
		status->signaled = bridge->signaled;
		status->owed = bridge->owed;
	}
	/* Pairs with the release in bridge_serve(): @fired is not less. */
	status->served = atomic64_read_acquire(&bridge->served);
	status->fired = atomic64_read(&bridge->fired);
}
EXPORT_SYMBOL_IF_KUNIT(klab_irq_bridge_status);
