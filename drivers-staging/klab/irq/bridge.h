/* SPDX-License-Identifier: GPL-2.0-only */
/* Bridge from interrupts to programs: what the module's files share. */
#ifndef _KLAB_IRQ_BRIDGE_H
#define _KLAB_IRQ_BRIDGE_H

#include <linux/atomic.h>
#include <linux/eventfd.h>
#include <linux/fs.h>
#include <linux/mutex.h>
#include <linux/softwork.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/wait.h>

#include <uapi/linux/klab_irq.h>

struct klab_synthirq;

/* What one run adds to an eventfd at most; the rest is for the next run. */
#define KLAB_IRQ_EVENTFD_BATCH	64

/**
 * struct klab_irq_bridge - an open file and its line
 * @fired: calls of the interrupt handler
 * @time_ns: when the latest was
 * @work: hands on what came; queued by the handler
 * @served: what it has handed on; written by @work only
 * @taken: what readers have got of this, never more than @served
 * @wait: readers
 * @fasync: who gets signals
 * @out_lock: protects @eventfd, @owed, @signaled; taken in softirqs
 * @eventfd: gets one for each interrupt, or NULL
 * @owed: what @eventfd is still to get
 * @signaled: what the eventfds have got
 * @told: what listeners on netlink know; for @work only
 * @runs: of @work
 * @messages: sent
 * @failed: not sent, for lack of memory
 * @lock: protects attaching
 * @attached: set once, when the members below are; not cleared while the file
 *	is open
 * @netlink: whether messages are sent
 * @irq: number of the line
 * @id: of this bridge, in messages
 * @source: of a synthetic line, else NULL
 */
struct klab_irq_bridge {
	atomic64_t fired;
	atomic64_t time_ns;
	struct softwork work;
	atomic64_t served;
	atomic64_t taken;
	wait_queue_head_t wait;
	struct fasync_struct *fasync;

	spinlock_t out_lock;	/* see above */
	struct eventfd_ctx *eventfd;
	u64 owed;
	u64 signaled;

	u64 told;
	atomic64_t runs;
	atomic64_t messages;
	atomic64_t failed;

	struct mutex lock;	/* see above */
	bool attached;
	bool netlink;
	unsigned int irq;
	u32 id;
	struct klab_synthirq *source;
};

struct klab_irq_bridge *klab_irq_bridge_create(void);
void klab_irq_bridge_destroy(struct klab_irq_bridge *bridge);
int klab_irq_bridge_attach(struct klab_irq_bridge *bridge,
			   struct klab_irq_attach *attach);
void klab_irq_bridge_detach(struct klab_irq_bridge *bridge);
int klab_irq_bridge_fire(struct klab_irq_bridge *bridge,
			 const struct klab_irq_fire *fire);
void klab_irq_bridge_set_eventfd(struct klab_irq_bridge *bridge,
				 struct eventfd_ctx *eventfd);
void klab_irq_bridge_status(struct klab_irq_bridge *bridge,
			    struct klab_irq_status *status);

static inline bool klab_irq_bridge_attached(const struct klab_irq_bridge *bridge)
{
	/* Pairs with the release in klab_irq_bridge_attach(). */
	return smp_load_acquire(&bridge->attached);
}

static inline bool klab_irq_bridge_unread(struct klab_irq_bridge *bridge)
{
	return atomic64_read(&bridge->taken) != atomic64_read(&bridge->served);
}

void klab_irq_bridge_tell(struct klab_irq_bridge *bridge, u64 seq);
int klab_irq_netlink_register(void);
void klab_irq_netlink_unregister(void);

extern const struct file_operations klab_irq_bridge_fops;

#endif /* _KLAB_IRQ_BRIDGE_H */
