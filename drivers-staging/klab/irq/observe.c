// SPDX-License-Identifier: GPL-2.0-only
/*
 * Observers of an interrupt line: handlers that count, take the time, and leave
 * the interrupt to its owner by returning IRQ_NONE.
 */
#include <linux/atomic.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/interrupt.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>

#include <kunit/visibility.h>

#include "../core/klab_core.h"
#include "line.h"
#include "observe.h"

/*
 * Where an observer stands in the order of calls. Every interrupt calls every
 * observer once, so who is called for the second time begins a new one.
 */
static unsigned int observe_position(struct klab_irq_observer *observer)
{
	struct klab_irq_observers *observers = observer->observers;

	if (observer->round == observers->round) {
		observers->round++;
		observers->position = 0;
	}
	observer->round = observers->round;
	return observers->position++;
}

static irqreturn_t observe_handler(int irq, void *data)
{
	struct klab_irq_observer *observer = data;
	struct klab_irq_observers *observers = observer->observers;
	u64 now = ktime_get_mono_fast_ns();

	WRITE_ONCE(observer->position, observe_position(observer));
	if (observers->latest)
		klab_sample_add(observer->gap, now - observers->latest, 0);
	observers->latest = now;
	atomic64_inc(&observer->calls);
	return IRQ_NONE;
}

/* Plays the device's driver on a line that has no device. */
static irqreturn_t observe_owner(int irq, void *data)
{
	struct klab_irq_observers *observers = data;

	atomic64_inc(&observers->claimed);
	return IRQ_HANDLED;
}

static int observe_request(struct klab_irq_observers *observers, bool owned)
{
	unsigned int i;
	int ret;

	if (owned) {
		ret = request_irq(observers->irq, observe_owner,
				  IRQF_SHARED | IRQF_NO_THREAD, "klab-owner",
				  observers);
		if (ret)
			return ret;
		observers->owned = true;
	}

	for (i = 0; i < observers->nr; i++) {
		struct klab_irq_observer *observer = &observers->observer[i];

		if (observers->source)
			ret = request_irq(observers->irq, observe_handler,
					  IRQF_SHARED | IRQF_NO_THREAD,
					  observer->name, observer);
		else
			ret = klab_irq_join(observers->irq, observe_handler,
					    observer->name, observer);
		if (ret)
			return ret;
		observer->joined = true;
	}
	return 0;
}

/**
 * klab_irq_observers_attach() - puts observers on a line
 * @irq: number of the line
 * @source: makes the line its line 0, whatever @irq; else NULL
 * @owned: with @source: add a handler that claims the interrupts
 * @nr: how many, 1 to KLAB_IRQ_OBSERVERS_MAX
 *
 * Context: process, may sleep.
 * Return: the observers, for klab_irq_observers_detach(), or an error pointer:
 * -EINVAL for a wrong number, -ENOMEM, and what klab_irq_join() returns.
 */
struct klab_irq_observers *
klab_irq_observers_attach(unsigned int irq, struct klab_synthirq *source,
			  bool owned, unsigned int nr)
{
	struct klab_irq_observers *observers;
	unsigned int i;
	int ret;

	if (!nr || nr > KLAB_IRQ_OBSERVERS_MAX)
		return ERR_PTR(-EINVAL);

	observers = kzalloc_flex(*observers, observer, nr);
	if (!observers)
		return ERR_PTR(-ENOMEM);
	observers->nr = nr;
	observers->irq = source ? klab_synthirq_irq(source, 0) : irq;
	observers->source = source;
	INIT_LIST_HEAD(&observers->node);

	for (i = 0; i < nr; i++) {
		struct klab_irq_observer *observer = &observers->observer[i];

		observer->observers = observers;
		snprintf(observer->name, sizeof(observer->name),
			 "klab-observer-%02u", i + 1);
		observer->gap = klab_samples_alloc();
		if (!observer->gap) {
			ret = -ENOMEM;
			goto err_detach;
		}
	}

	ret = observe_request(observers, source && owned);
	if (ret)
		goto err_detach;
	return observers;

err_detach:
	klab_irq_observers_detach(observers);
	return ERR_PTR(ret);
}
EXPORT_SYMBOL_IF_KUNIT(klab_irq_observers_attach);

/**
 * klab_irq_observers_detach() - takes observers off their line
 * @observers: the observers, also such as have not all joined
 *
 * free_irq() waits for handlers that run: the line may go on firing.
 *
 * Context: process, may sleep.
 */
void klab_irq_observers_detach(struct klab_irq_observers *observers)
{
	unsigned int i;

	for (i = 0; i < observers->nr; i++)
		if (observers->observer[i].joined)
			free_irq(observers->irq, &observers->observer[i]);
	/* The owner goes last: until then somebody claims. */
	if (observers->owned)
		free_irq(observers->irq, observers);

	for (i = 0; i < observers->nr; i++)
		klab_samples_free(observers->observer[i].gap);
	kfree(observers);
}
EXPORT_SYMBOL_IF_KUNIT(klab_irq_observers_detach);

/**
 * klab_irq_observers_calls() - how often observers were called
 * @observers: the observers
 *
 * Context: any.
 * Return: sum of all of them.
 */
u64 klab_irq_observers_calls(const struct klab_irq_observers *observers)
{
	unsigned int i;
	u64 calls = 0;

	for (i = 0; i < observers->nr; i++)
		calls += atomic64_read(&observers->observer[i].calls);
	return calls;
}
EXPORT_SYMBOL_IF_KUNIT(klab_irq_observers_calls);
