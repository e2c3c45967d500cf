/* SPDX-License-Identifier: GPL-2.0-only */
/* Every bottom half side by side: what the module's files share. */
#ifndef _KLAB_IRQ_BOTTOM_H
#define _KLAB_IRQ_BOTTOM_H

#include <linux/completion.h>
#include <linux/interrupt.h>
#include <linux/irq_work.h>
#include <linux/kthread.h>
#include <linux/percpu.h>
#include <linux/softwork.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/workqueue.h>

#include "../core/klab_core.h"

struct klab_bottom;
struct klab_bottom_channel;

/**
 * struct klab_bottom_mechanism - a way to do the rest of an interrupt's work
 * @name: in parameters and results
 * @context: where the work is done
 * @wq_flags: of the work queue, for those that have one
 * @interrupt_only: cannot be queued by a task
 * @thread: function of the line's thread, or NULL
 * @open: makes what all channels share, or NULL. Process context, may sleep.
 *	Returns 0 or a negative error; @close is called then, too.
 * @close: undoes what there is of @open, or NULL. Process context, may sleep.
 * @create: makes a channel's item, or NULL. Process context, may sleep.
 *	Returns 0, or a negative error and leaves nothing behind.
 * @queue: queues the item, or does the work. Hard interrupt, or a task.
 *	Returns what an interrupt handler returns.
 * @destroy: waits until the item of @create is neither queued nor running, or
 *	NULL. Nobody queues it any more. Process context, may sleep.
 */
struct klab_bottom_mechanism {
	const char *name;
	const char *context;
	unsigned int wq_flags;
	bool interrupt_only;
	irq_handler_t thread;
	int (*open)(struct klab_bottom *bottom);
	void (*close)(struct klab_bottom *bottom);
	int (*create)(struct klab_bottom_channel *channel);
	irqreturn_t (*queue)(struct klab_bottom_channel *channel);
	void (*destroy)(struct klab_bottom_channel *channel);
};

extern const struct klab_bottom_mechanism klab_bottom_hard;
extern const struct klab_bottom_mechanism klab_bottom_irq_work;
extern const struct klab_bottom_mechanism klab_bottom_softwork;
extern const struct klab_bottom_mechanism klab_bottom_softwork_percpu;
extern const struct klab_bottom_mechanism klab_bottom_tasklet;
extern const struct klab_bottom_mechanism klab_bottom_tasklet_hi;
extern const struct klab_bottom_mechanism klab_bottom_bh_work;
extern const struct klab_bottom_mechanism klab_bottom_bh_work_hi;
extern const struct klab_bottom_mechanism klab_bottom_threaded;
extern const struct klab_bottom_mechanism klab_bottom_kthread_worker;
extern const struct klab_bottom_mechanism klab_bottom_work_system;
extern const struct klab_bottom_mechanism klab_bottom_work_bound;
extern const struct klab_bottom_mechanism klab_bottom_work_highpri;
extern const struct klab_bottom_mechanism klab_bottom_work_unbound;
extern const struct klab_bottom_mechanism klab_bottom_work_delayed;

/* What makes and ends an own work queue; the flags are the mechanism's. */
int klab_bottom_wq_open(struct klab_bottom *bottom);
void klab_bottom_wq_close(struct klab_bottom *bottom);
irqreturn_t klab_bottom_work_queue(struct klab_bottom_channel *channel);
void klab_bottom_work_destroy(struct klab_bottom_channel *channel);

/**
 * struct klab_bottom_channel - events of one line and the item that handles them
 * @bottom: what it belongs to
 * @cpu: where its events happen
 * @line: of the source
 * @irq: number of the line while it is requested, or 0
 * @created: the mechanism has made the item
 * @lock: protects what follows, up to @done
 * @pending: events that no run of the item has seen
 * @first: when the oldest of them happened
 * @handled: events that runs have seen
 * @runs: runs that have seen any
 * @idle: runs that have seen none
 * @elsewhere: runs on another CPU than @cpu
 * @waiting: somebody waits for @done
 * @done: completed by a run if somebody waits
 * @softwork: the item, if it is softwork
 * @tasklet: the item, if it is a tasklet
 * @work: the item, if it is for a work queue
 * @delayed: the item, if it is for a work queue and a timer
 * @irq_work: the item, if it is irq_work
 * @kwork: the item, if it is for @worker
 * @worker: the thread for @kwork
 */
struct klab_bottom_channel {
	struct klab_bottom *bottom;
	int cpu;
	unsigned int line;
	int irq;
	bool created;

	raw_spinlock_t lock;	/* see above */
	u64 pending;
	struct klab_stamp first;
	u64 handled;
	u64 runs;
	u64 idle;
	u64 elsewhere;
	bool waiting;
	struct completion done;

	union {
		struct softwork softwork;
		struct tasklet_struct tasklet;
		struct work_struct work;
		struct delayed_work delayed;
		struct irq_work irq_work;
		struct {
			struct kthread_work kwork;
			struct kthread_worker *worker;
		};
	};
};

/**
 * struct klab_bottom_percpu - a CPU's item of a per-CPU softwork
 * @work: the item
 * @bottom: what it belongs to
 * @cpu: whose item it is; it serves all channels with events there
 */
struct klab_bottom_percpu {
	struct softwork work;
	struct klab_bottom *bottom;
	int cpu;
};

/**
 * struct klab_bottom - a run of the experiment at work
 * @run: the run
 * @source: of the interrupts, a line per channel
 * @latency: from the oldest event that a run of an item sees to that run
 * @round: nanoseconds from an event to a task's being told that it was handled,
 *	in the cheapest chunk of rounds; U64_MAX before the first one
 * @mechanism: the one at work, or NULL
 * @wq: its work queue, if it has one
 * @percpu: its items for the CPUs, if it has such
 * @task: does what a task has to do on the CPU of channel 0
 * @nr: number of channels
 * @channel: the channels
 */
struct klab_bottom {
	struct klab_run *run;
	struct klab_synthirq *source;
	struct klab_samples *latency;
	u64 round;
	const struct klab_bottom_mechanism *mechanism;
	struct workqueue_struct *wq;
	struct klab_bottom_percpu __percpu *percpu;
	struct kthread_worker *task;
	unsigned int nr;
	struct klab_bottom_channel *channel;
};

/* The channels; see bottom_channel.c. */
void klab_bottom_channel_init(struct klab_bottom_channel *channel,
			      struct klab_bottom *bottom, int cpu,
			      unsigned int line);
void klab_bottom_happen(struct klab_bottom_channel *channel,
			const struct klab_stamp *stamp);
void klab_bottom_drain(struct klab_bottom_channel *channel);
bool klab_bottom_wait(struct klab_bottom_channel *channel,
		      unsigned long timeout);
int klab_bottom_open(struct klab_bottom *bottom,
		     const struct klab_bottom_mechanism *mechanism,
		     bool interrupt);
void klab_bottom_close(struct klab_bottom *bottom);

/**
 * enum klab_bottom_from - who queues the items
 * @KLAB_BOTTOM_INTERRUPT: a hard interrupt
 * @KLAB_BOTTOM_TASK: a task
 * @KLAB_BOTTOM_TASK_BH_OFF: a task that has bottom halves disabled meanwhile
 */
enum klab_bottom_from {
	KLAB_BOTTOM_INTERRUPT,
	KLAB_BOTTOM_TASK,
	KLAB_BOTTOM_TASK_BH_OFF,
};

/* What is done with them; see bottom_measure.c. */
int klab_bottom_create(struct klab_bottom *bottom);
void klab_bottom_destroy(struct klab_bottom *bottom);
int klab_bottom_train(struct klab_bottom *bottom,
		      const struct klab_train *train);
int klab_bottom_rounds(struct klab_bottom *bottom, u64 rounds,
		       enum klab_bottom_from from);

extern const struct klab_bottom_mechanism * const klab_bottom_mechanisms[];
extern const unsigned int klab_bottom_nr_mechanisms;

int klab_bottom_lines(unsigned int cpus, bool all);

#endif /* _KLAB_IRQ_BOTTOM_H */
