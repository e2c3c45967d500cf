/* SPDX-License-Identifier: GPL-2.0-only */
/* Observers of an interrupt line: what the module's files share. */
#ifndef _KLAB_IRQ_OBSERVE_H
#define _KLAB_IRQ_OBSERVE_H

#include <linux/atomic.h>
#include <linux/list.h>
#include <linux/types.h>

#include "../core/klab_core.h"

struct klab_irq_observers;

#define KLAB_IRQ_OBSERVERS_MAX	9

/**
 * struct klab_irq_observer - a handler that looks and does not claim
 * @observers: those of the same line
 * @name: in /proc/interrupts; the kernel keeps the pointer, not a copy, so
 *	each has its own, and it lives as long as the handler
 * @calls: so far
 * @position: in the latest interrupt, counted among the observers from 0
 * @round: number of the latest interrupt, see observe_position()
 * @gap: time since the observer before it was called; the first one: since
 *	the interrupt before
 * @joined: is a handler of the line
 */
struct klab_irq_observer {
	struct klab_irq_observers *observers;
	char name[20];
	atomic64_t calls;
	unsigned int position;
	unsigned long round;
	struct klab_samples *gap;
	bool joined;
};

/**
 * struct klab_irq_observers - the observers of a line
 * @node: for whoever has several
 * @irq: number of the line
 * @source: fires line 0, or NULL for a line of the machine
 * @owned: has, on a synthetic line, a handler that claims
 * @claimed: calls of this one
 * @round: number of the latest interrupt
 * @position: of the next observer in this interrupt
 * @latest: when the latest observer was called, CLOCK_MONOTONIC, or 0
 * @nr: how many there are
 * @observer: the first to be requested first
 *
 * What handlers write needs no lock: a line calls one at a time.
 */
struct klab_irq_observers {
	struct list_head node;
	unsigned int irq;
	struct klab_synthirq *source;
	bool owned;
	atomic64_t claimed;
	unsigned long round;
	unsigned int position;
	u64 latest;
	unsigned int nr;
	struct klab_irq_observer observer[] __counted_by(nr);
};

struct klab_irq_observers *
klab_irq_observers_attach(unsigned int irq, struct klab_synthirq *source,
			  bool owned, unsigned int nr);
void klab_irq_observers_detach(struct klab_irq_observers *observers);
u64 klab_irq_observers_calls(const struct klab_irq_observers *observers);

int klab_irq_observe_run(struct klab_run *run);
extern const struct klab_param klab_irq_observe_params[];
extern const unsigned int klab_irq_observe_nr_params;

int klab_irq_observe_attach(int irq, unsigned int nr);
int klab_irq_observe_detach(int irq);
int klab_irq_observe_fire(u64 count);
u64 klab_irq_observe_calls(void);
void klab_irq_observe_detach_all(void);

struct seq_file;
int klab_irq_observe_show(struct seq_file *seq, void *unused);

#endif /* _KLAB_IRQ_OBSERVE_H */
