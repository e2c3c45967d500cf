/* SPDX-License-Identifier: GPL-2.0-only */
/* What the suites of the room of interrupts share. */
#ifndef _KLAB_IRQ_KUNIT_H
#define _KLAB_IRQ_KUNIT_H

#include <linux/err.h>
#include <linux/errno.h>
#include <linux/irq.h>
#include <linux/jiffies.h>
#include <linux/numa.h>
#include <linux/sched.h>

#include <kunit/test.h>

#include "../../core/klab_core.h"

static inline void klab_irq_kunit_end_source(void *source)
{
	klab_synthirq_destroy(source);
}

/* A synthetic line that goes with the test, or the test is skipped. */
static inline struct klab_synthirq *klab_irq_kunit_source(struct kunit *test)
{
	struct klab_synthirq *source = klab_synthirq_create(1);

	if (PTR_ERR_OR_ZERO(source) == -ENOSPC)
		kunit_skip(test, "no interrupt numbers to be had: on UML they come with PCI_MSI");
	KUNIT_ASSERT_FALSE_MSG(test, IS_ERR(source), "%pe", source);
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test,
						  klab_irq_kunit_end_source,
						  source));
	return source;
}

static inline void klab_irq_kunit_fire(struct klab_synthirq *source,
				       unsigned int count)
{
	while (count--)
		klab_synthirq_fire(source, 0);
}

static inline void klab_irq_kunit_end_line(void *irq)
{
	irq_free_desc((unsigned long)irq);
}

/* A line of the machine, as far as the modules can tell. */
static inline int klab_irq_kunit_plain_line(struct kunit *test)
{
	int irq = irq_alloc_desc(NUMA_NO_NODE);

	if (irq < 0)
		kunit_skip(test, "no interrupt numbers to be had: on UML they come with PCI_MSI");
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, klab_irq_kunit_end_line,
						  (void *)(unsigned long)irq));
	irq_set_chip_and_handler(irq, &dummy_irq_chip, handle_simple_irq);
	irq_modify_status(irq, IRQ_NOREQUEST, IRQ_NOPROBE);
	return irq;
}

/* A storm that lasts until it is stopped. */
static inline void klab_irq_kunit_storm(struct kunit *test,
					struct klab_synthirq *source)
{
	const struct klab_train train = {
		.period_ns = 100000,
		.burst = 4,
		.count = U64_MAX,
		.cpu = -1,
	};

	KUNIT_ASSERT_EQ(test, 0, klab_synthirq_start(source, 0, &train));
}

/* For what interrupts do meanwhile, and nobody says. */
#define klab_irq_kunit_until(test, condition)				\
do {									\
	unsigned long __end = jiffies + 30 * HZ;			\
	bool __met;							\
									\
	do {								\
		__met = (condition);					\
		cond_resched();						\
	} while (!__met && time_before(jiffies, __end));		\
	KUNIT_ASSERT_TRUE(test, __met);					\
} while (0)

#endif /* _KLAB_IRQ_KUNIT_H */
