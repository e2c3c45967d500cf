/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Ordered dispatcher: callbacks on an interrupt line, called in the order of
 * their priority. The namespace is KLAB_IRQ.
 */
#ifndef _KLAB_IRQ_DISPATCH_H
#define _KLAB_IRQ_DISPATCH_H

#include <linux/atomic.h>
#include <linux/irqreturn.h>
#include <linux/types.h>

struct klab_irq_dispatch;

#define KLAB_IRQ_CALLBACKS_MAX	32

/**
 * struct klab_irq_callback - who wants to be called
 * @function: like a handler of the line; IRQ_NONE or IRQ_HANDLED
 * @data: for it
 * @priority: the higher, the earlier; set by klab_irq_dispatch_add() and
 *	klab_irq_dispatch_set_priority()
 * @calls: so far
 * @claimed: how many of these returned IRQ_HANDLED
 *
 * Belongs to the caller, and must stay until klab_irq_dispatch_remove() has
 * returned.
 */
struct klab_irq_callback {
	irqreturn_t (*function)(int irq, void *data);
	void *data;
	int priority;
	atomic64_t calls;
	atomic64_t claimed;
};

/* Flag of klab_irq_dispatch_create(): who claims the interrupt is the last. */
#define KLAB_IRQ_DISPATCH_FIRST	BIT(0)

struct klab_irq_dispatch *klab_irq_dispatch_create(unsigned int irq,
						   unsigned long irqflags,
						   const char *name,
						   unsigned int flags);
void klab_irq_dispatch_destroy(struct klab_irq_dispatch *dispatch);
int klab_irq_dispatch_add(struct klab_irq_dispatch *dispatch,
			  struct klab_irq_callback *callback, int priority);
int klab_irq_dispatch_set_priority(struct klab_irq_dispatch *dispatch,
				   struct klab_irq_callback *callback,
				   int priority);
int klab_irq_dispatch_remove(struct klab_irq_dispatch *dispatch,
			     struct klab_irq_callback *callback);

#endif /* _KLAB_IRQ_DISPATCH_H */
