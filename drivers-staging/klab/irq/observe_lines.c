// SPDX-License-Identifier: GPL-2.0-only
/* Observers of interrupt lines: the lines that are observed now. */

#include <linux/atomic.h>
#include <linux/cleanup.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/seq_file.h>

#include <kunit/visibility.h>

#include "../core/klab_core.h"
#include "line.h"
#include "observe.h"

#define FIRE_MAX	1000000

/* Protects the list and those on it against each other's users. */
static DEFINE_MUTEX(lines_lock);
static LIST_HEAD(lines);

/* What those had counted that are gone. */
static u64 past_calls;

/* A negative @irq is the synthetic line. */
static struct klab_irq_observers *find_line(int irq)
{
	struct klab_irq_observers *observers;

	lockdep_assert_held(&lines_lock);
	list_for_each_entry(observers, &lines, node)
		if (irq < 0 ? !!observers->source : observers->irq == irq)
			return observers;
	return NULL;
}

/**
 * klab_irq_observe_attach() - observes a line
 * @irq: number of the line, or -1: a synthetic line, with a handler that claims
 * @nr: how many observers
 *
 * Context: process, may sleep.
 * Return: 0; -EEXIST where it is observed already; what
 * klab_irq_observers_attach() or klab_irq_synth_get() returns.
 */
int klab_irq_observe_attach(int irq, unsigned int nr)
{
	struct klab_irq_observers *observers;
	struct klab_synthirq *source = NULL;

	guard(mutex)(&lines_lock);

	if (find_line(irq))
		return -EEXIST;

	if (irq < 0) {
		source = klab_irq_synth_get();
		if (IS_ERR(source))
			return PTR_ERR(source);
	}
	observers = klab_irq_observers_attach(irq, source, true, nr);
	if (IS_ERR(observers)) {
		klab_irq_synth_put(source);
		return PTR_ERR(observers);
	}
	list_add_tail(&observers->node, &lines);
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(klab_irq_observe_attach);

static void leave_line(struct klab_irq_observers *observers)
{
	struct klab_synthirq *source = observers->source;

	past_calls += klab_irq_observers_calls(observers);
	list_del(&observers->node);
	klab_irq_observers_detach(observers);
	klab_irq_synth_put(source);
}

/**
 * klab_irq_observe_detach() - observes a line no more
 * @irq: number of the line, or -1 for the synthetic one
 *
 * Context: process, may sleep.
 * Return: 0, or -ENOENT where it is not observed.
 */
int klab_irq_observe_detach(int irq)
{
	struct klab_irq_observers *observers;

	guard(mutex)(&lines_lock);

	observers = find_line(irq);
	if (!observers)
		return -ENOENT;
	leave_line(observers);
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(klab_irq_observe_detach);

/**
 * klab_irq_observe_detach_all() - observes nothing any more
 *
 * Context: process, may sleep.
 */
void klab_irq_observe_detach_all(void)
{
	struct klab_irq_observers *observers, *next;

	guard(mutex)(&lines_lock);

	list_for_each_entry_safe(observers, next, &lines, node)
		leave_line(observers);
}

/**
 * klab_irq_observe_fire() - fires the synthetic line
 * @count: how often
 *
 * The line stays while this fires, but for observers others may come and go.
 *
 * Context: process, may sleep.
 * Return: 0; -EINVAL for too many; -ENOENT where it is not observed; -EINTR
 * when killed.
 */
int klab_irq_observe_fire(u64 count)
{
	struct klab_synthirq *source;
	int ret = 0;

	if (count > FIRE_MAX)
		return -EINVAL;

	scoped_guard(mutex, &lines_lock) {
		if (!find_line(-1))
			return -ENOENT;
		source = klab_irq_synth_get();
		if (IS_ERR(source))
			return PTR_ERR(source);
	}

	while (count--) {
		klab_synthirq_fire(source, 0);
		if (fatal_signal_pending(current)) {
			ret = -EINTR;
			break;
		}
		cond_resched();
	}
	klab_irq_synth_put(source);
	return ret;
}
EXPORT_SYMBOL_IF_KUNIT(klab_irq_observe_fire);

/**
 * klab_irq_observe_calls() - how often observers were called
 *
 * Context: process, may sleep.
 * Return: sum of all, also of those that are gone.
 */
u64 klab_irq_observe_calls(void)
{
	struct klab_irq_observers *observers;
	u64 calls;

	guard(mutex)(&lines_lock);

	calls = past_calls;
	list_for_each_entry(observers, &lines, node)
		calls += klab_irq_observers_calls(observers);
	return calls;
}
EXPORT_SYMBOL_IF_KUNIT(klab_irq_observe_calls);

/**
 * klab_irq_observe_show() - the file in /proc
 * @seq: gets a line for each observer
 * @unused: not used
 *
 * Context: process, may sleep.
 * Return: 0.
 */
int klab_irq_observe_show(struct seq_file *seq, void *unused)
{
	struct klab_irq_observers *observers;
	unsigned int i;

	guard(mutex)(&lines_lock);

	seq_puts(seq, "irq\thandler\tposition\tcalls\n");
	list_for_each_entry(observers, &lines, node) {
		for (i = 0; i < observers->nr; i++) {
			struct klab_irq_observer *observer =
				&observers->observer[i];

			seq_printf(seq, "%u\t%s\t%u\t%lld\n", observers->irq,
				   observer->name,
				   READ_ONCE(observer->position) + 1,
				   atomic64_read(&observer->calls));
		}
	}
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(klab_irq_observe_show);
