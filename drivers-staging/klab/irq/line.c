// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lines for guests: those who look at the interrupts of a line that belongs to
 * somebody else, and a synthetic line that is there while somebody uses it.
 */
#include <linux/cleanup.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/interrupt.h>
#include <linux/irq.h>
#include <linux/lockdep.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/string.h>

#include "../core/klab_core.h"
#include "line.h"

/* Protects the two below. */
static DEFINE_MUTEX(synth_lock);
static struct klab_synthirq *synth;
static unsigned int synth_users;

/*
 * A synthetic line goes with whoever made it, and must have no handlers then.
 * Their names are all that tells them from lines of the machine.
 */
static bool line_is_synthetic(unsigned int irq)
{
	struct irq_chip *chip = irq_get_chip(irq);

	return chip && chip->name && !strcmp(chip->name, "klab-synth");
}

/**
 * klab_irq_join() - adds a handler to a line that has an owner
 * @irq: number of the line
 * @handler: called in hard interrupt context after the owner's; returns
 *	IRQ_NONE, so that the kernel still notices when nobody claims the
 *	interrupts
 * @name: stays valid until free_irq()
 * @cookie: of this handler, and no other; for free_irq()
 *
 * A line without an owner is refused: all its interrupts would go unclaimed,
 * and of 100000 such the kernel switches the line off. That an owner leaves
 * later does no harm: who takes the line next has it switched on again.
 *
 * Context: process, may sleep.
 * Return: 0; -EINVAL where there is no such line; -ENXIO where nobody has
 * requested it; -EBUSY where its owner does not share it, or it is one of
 * klab's synthetic lines; -ENOMEM.
 */
int klab_irq_join(unsigned int irq, irq_handler_t handler, const char *name,
		  void *cookie)
{
	if (!irq_get_irq_data(irq))
		return -EINVAL;
	if (line_is_synthetic(irq))
		return -EBUSY;
	if (!irq_has_action(irq))
		return -ENXIO;

	return request_irq(irq, handler, KLAB_IRQ_GUEST, name, cookie);
}
EXPORT_SYMBOL_NS_GPL(klab_irq_join, KLAB_IRQ);

/**
 * klab_irq_synth_get() - gets the synthetic line that guests share
 *
 * Line 0 of the source is there from the first who gets it to the last who
 * puts it. It may be requested with IRQF_SHARED.
 *
 * Context: process, may sleep.
 * Return: the source, for klab_irq_synth_put(), or an error pointer.
 */
struct klab_synthirq *klab_irq_synth_get(void)
{
	guard(mutex)(&synth_lock);

	if (!synth_users) {
		struct klab_synthirq *source = klab_synthirq_create(1);

		if (IS_ERR(source))
			return source;
		synth = source;
	}
	synth_users++;
	return synth;
}
EXPORT_SYMBOL_NS_GPL(klab_irq_synth_get, KLAB_IRQ);

/**
 * klab_irq_synth_put() - is done with the synthetic line
 * @source: what klab_irq_synth_get() has returned, an error pointer or NULL;
 *	the caller's handlers are gone
 *
 * Context: process, may sleep.
 */
void klab_irq_synth_put(struct klab_synthirq *source)
{
	if (IS_ERR_OR_NULL(source))
		return;

	guard(mutex)(&synth_lock);

	if (!--synth_users) {
		klab_synthirq_destroy(synth);
		synth = NULL;
	}
}
EXPORT_SYMBOL_NS_GPL(klab_irq_synth_put, KLAB_IRQ);

MODULE_DESCRIPTION("klab: interrupt lines for guests");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
