// SPDX-License-Identifier: GPL-2.0-only
/*
 * Ordered dispatcher: what decides the order of the handlers on a line.
 *
 * The kernel calls the handlers of a shared line in the order in which they
 * were requested, and has no function to change that. Here a single handler is
 * requested, which calls callbacks in the order of their priority. The order
 * is an array that is never changed while it is used: an interrupt sees the old
 * one or the new one, so that no callback is missed or called twice because
 * another one comes, goes or moves.
 */
#include <linux/array_size.h>
#include <linux/atomic.h>
#include <linux/bug.h>
#include <linux/cleanup.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/interrupt.h>
#include <linux/lockdep.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>

#include "dispatch.h"

/**
 * struct dispatch_order - who is called, one after the other
 * @nr: how many there are
 * @callback: the first one first
 */
struct dispatch_order {
	unsigned int nr;
	struct klab_irq_callback *callback[KLAB_IRQ_CALLBACKS_MAX];
};

/**
 * struct klab_irq_dispatch - a line with callbacks
 * @irq: number of the line
 * @flags: KLAB_IRQ_DISPATCH_*
 * @lock: protects changes of the order
 * @now: the order that holds; one of @orders
 * @orders: the other one is for the next change, which so needs no memory
 */
struct klab_irq_dispatch {
	unsigned int irq;
	unsigned int flags;
	struct mutex lock;	/* see above */
	struct dispatch_order __rcu *now;
	struct dispatch_order orders[2];
};

static irqreturn_t dispatch_handler(int irq, void *data)
{
	struct klab_irq_dispatch *dispatch = data;
	irqreturn_t ret = IRQ_NONE;
	struct dispatch_order *order;
	unsigned int i;

	/* Where handlers are forced into threads, this is one. */
	guard(rcu)();

	order = rcu_dereference(dispatch->now);
	for (i = 0; i < order->nr; i++) {
		struct klab_irq_callback *callback = order->callback[i];

		atomic64_inc(&callback->calls);
		if (callback->function(irq, callback->data) != IRQ_HANDLED)
			continue;
		atomic64_inc(&callback->claimed);
		ret = IRQ_HANDLED;
		if (dispatch->flags & KLAB_IRQ_DISPATCH_FIRST)
			break;
	}
	return ret;
}

/**
 * klab_irq_dispatch_create() - requests a line for callbacks
 * @irq: number of the line
 * @irqflags: IRQF_* of request_irq()
 * @name: of the handler; stays valid until klab_irq_dispatch_destroy()
 * @flags: KLAB_IRQ_DISPATCH_FIRST, or 0: all are called, as the kernel does
 *
 * An interrupt that comes before there is a callback is not claimed.
 *
 * Context: process, may sleep.
 * Return: the dispatcher, or an error pointer: -EINVAL for unknown @flags,
 * -ENOMEM, and what request_irq() returns.
 */
struct klab_irq_dispatch *klab_irq_dispatch_create(unsigned int irq,
						   unsigned long irqflags,
						   const char *name,
						   unsigned int flags)
{
	struct klab_irq_dispatch *dispatch;
	int ret;

	if (flags & ~KLAB_IRQ_DISPATCH_FIRST)
		return ERR_PTR(-EINVAL);

	dispatch = kzalloc_obj(*dispatch);
	if (!dispatch)
		return ERR_PTR(-ENOMEM);

	dispatch->irq = irq;
	dispatch->flags = flags;
	mutex_init(&dispatch->lock);
	RCU_INIT_POINTER(dispatch->now, &dispatch->orders[0]);
	ret = request_irq(irq, dispatch_handler, irqflags, name, dispatch);
	if (ret) {
		kfree(dispatch);
		return ERR_PTR(ret);
	}
	return dispatch;
}
EXPORT_SYMBOL_NS_GPL(klab_irq_dispatch_create, KLAB_IRQ);

/**
 * klab_irq_dispatch_destroy() - frees the line
 * @dispatch: nobody changes it any more; NULL or an error pointer is fine
 *
 * Callbacks that are still there are called no more when this returns.
 *
 * Context: process, may sleep.
 */
void klab_irq_dispatch_destroy(struct klab_irq_dispatch *dispatch)
{
	if (IS_ERR_OR_NULL(dispatch))
		return;

	free_irq(dispatch->irq, dispatch);
	mutex_destroy(&dispatch->lock);
	kfree(dispatch);
}
EXPORT_SYMBOL_NS_GPL(klab_irq_dispatch_destroy, KLAB_IRQ);

static struct dispatch_order *dispatch_now(struct klab_irq_dispatch *dispatch)
{
	return rcu_dereference_protected(dispatch->now,
					 lockdep_is_held(&dispatch->lock));
}

static bool order_has(const struct dispatch_order *order,
		      const struct klab_irq_callback *callback)
{
	unsigned int i;

	for (i = 0; i < order->nr; i++)
		if (order->callback[i] == callback)
			return true;
	return false;
}

static void order_append(struct dispatch_order *order,
			 struct klab_irq_callback *callback)
{
	order->callback[order->nr++] = callback;
}

/* Among equals, who comes is the last. */
static void order_fill(struct dispatch_order *order,
		       const struct dispatch_order *old,
		       const struct klab_irq_callback *gone,
		       struct klab_irq_callback *come, int priority)
{
	unsigned int i;

	order->nr = 0;
	for (i = 0; i < old->nr; i++) {
		struct klab_irq_callback *callback = old->callback[i];

		if (callback == gone)
			continue;
		if (come && priority > callback->priority) {
			order_append(order, come);
			come = NULL;
		}
		order_append(order, callback);
	}
	if (come)
		order_append(order, come);
}

/* When this returns, no interrupt uses the order before any more. */
static void dispatch_change(struct klab_irq_dispatch *dispatch,
			    const struct klab_irq_callback *gone,
			    struct klab_irq_callback *come, int priority)
{
	struct dispatch_order *old = dispatch_now(dispatch);
	struct dispatch_order *order = &dispatch->orders[0];

	if (order == old)
		order = &dispatch->orders[1];

	order_fill(order, old, gone, come, priority);
	if (come)
		come->priority = priority;
	rcu_assign_pointer(dispatch->now, order);
	synchronize_rcu();
}

/**
 * klab_irq_dispatch_add() - has a callback called from now on
 * @dispatch: the dispatcher
 * @callback: its function and data are set; it is in no dispatcher
 * @priority: the higher, the earlier; among equals, who came first is first
 *
 * Context: process, may sleep.
 * Return: 0; -EINVAL without a function; -EEXIST where it is there already;
 * -ENOSPC where there are KLAB_IRQ_CALLBACKS_MAX.
 */
int klab_irq_dispatch_add(struct klab_irq_dispatch *dispatch,
			  struct klab_irq_callback *callback, int priority)
{
	struct dispatch_order *now;

	if (!callback->function)
		return -EINVAL;

	guard(mutex)(&dispatch->lock);

	now = dispatch_now(dispatch);
	if (order_has(now, callback))
		return -EEXIST;
	if (now->nr == ARRAY_SIZE(now->callback))
		return -ENOSPC;

	atomic64_set(&callback->calls, 0);
	atomic64_set(&callback->claimed, 0);
	dispatch_change(dispatch, NULL, callback, priority);
	return 0;
}
EXPORT_SYMBOL_NS_GPL(klab_irq_dispatch_add, KLAB_IRQ);

/**
 * klab_irq_dispatch_set_priority() - moves a callback
 * @dispatch: the dispatcher
 * @callback: is there
 * @priority: its new one; among equals, it is the last then
 *
 * Each interrupt calls it once, at its old place or at the new one.
 *
 * Context: process, may sleep.
 * Return: 0, or -ENOENT where it is not there.
 */
int klab_irq_dispatch_set_priority(struct klab_irq_dispatch *dispatch,
				   struct klab_irq_callback *callback,
				   int priority)
{
	guard(mutex)(&dispatch->lock);

	if (!order_has(dispatch_now(dispatch), callback))
		return -ENOENT;
	dispatch_change(dispatch, callback, callback, priority);
	return 0;
}
EXPORT_SYMBOL_NS_GPL(klab_irq_dispatch_set_priority, KLAB_IRQ);

/**
 * klab_irq_dispatch_remove() - has a callback called no more
 * @dispatch: the dispatcher
 * @callback: may be freed when this returns
 *
 * Cannot fail for want of memory. Not to be called by a callback.
 *
 * Context: process, may sleep.
 * Return: 0, or -ENOENT where it is not there.
 */
int klab_irq_dispatch_remove(struct klab_irq_dispatch *dispatch,
			     struct klab_irq_callback *callback)
{
	guard(mutex)(&dispatch->lock);

	if (!order_has(dispatch_now(dispatch), callback))
		return -ENOENT;
	dispatch_change(dispatch, callback, NULL, 0);
	return 0;
}
EXPORT_SYMBOL_NS_GPL(klab_irq_dispatch_remove, KLAB_IRQ);
