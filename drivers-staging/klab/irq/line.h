/* SPDX-License-Identifier: GPL-2.0-only */
/* Lines that may be shared with their owners. */
#ifndef _KLAB_IRQ_LINE_H
#define _KLAB_IRQ_LINE_H

#include <linux/interrupt.h>

struct klab_synthirq;

/*
 * How to join a line as a guest: shared, as oneshot as its owner has it and as
 * little suspended, in hard interrupt context even where handlers are forced
 * into threads, and without a message where the owner does not share.
 */
#define KLAB_IRQ_GUEST	(IRQF_SHARED | IRQF_COND_ONESHOT | IRQF_COND_SUSPEND | \
			 IRQF_NO_THREAD | IRQF_PROBE_SHARED)

int klab_irq_join(unsigned int irq, irq_handler_t handler, const char *name,
		  void *cookie);

struct klab_synthirq *klab_irq_synth_get(void);
void klab_irq_synth_put(struct klab_synthirq *source);

#endif /* _KLAB_IRQ_LINE_H */
