// SPDX-License-Identifier: GPL-2.0-only
/*
 * Channels: events that accumulate until the item that handles them runs. What
 * is queued while it is queued runs once, so events are counted where they
 * happen and drained by the run; the number of runs says nothing about them.
 */

#include <kunit/visibility.h>
#include <linux/cleanup.h>
#include <linux/completion.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/interrupt.h>
#include <linux/limits.h>
#include <linux/smp.h>
#include <linux/spinlock.h>
#include <linux/string.h>

#include "bottom.h"

/**
 * klab_bottom_channel_init() - make a channel without an item
 * @channel: the channel
 * @bottom: what it belongs to
 * @cpu: where its events are going to happen
 * @line: of the source
 *
 * Context: any; nobody uses the channel.
 */
void klab_bottom_channel_init(struct klab_bottom_channel *channel,
			      struct klab_bottom *bottom, int cpu,
			      unsigned int line)
{
	memset(channel, 0, sizeof(*channel));
	channel->bottom = bottom;
	channel->cpu = cpu;
	channel->line = line;
	raw_spin_lock_init(&channel->lock);
	init_completion(&channel->done);
}
EXPORT_SYMBOL_IF_KUNIT(klab_bottom_channel_init);

/**
 * klab_bottom_happen() - note an event
 * @channel: where it happens
 * @stamp: when it has happened
 *
 * Context: any but NMI.
 */
void klab_bottom_happen(struct klab_bottom_channel *channel,
			const struct klab_stamp *stamp)
{
	guard(raw_spinlock_irqsave)(&channel->lock);

	if (!channel->pending++)
		channel->first = *stamp;
}
EXPORT_SYMBOL_IF_KUNIT(klab_bottom_happen);

/**
 * klab_bottom_drain() - handle all events there are: the function of each item
 * @channel: where they have happened
 *
 * Context: any but NMI.
 */
void klab_bottom_drain(struct klab_bottom_channel *channel)
{
	struct klab_stamp now = klab_stamp_now();
	struct klab_stamp first;
	bool waiting;

	scoped_guard(raw_spinlock_irqsave, &channel->lock) {
		if (!channel->pending) {
			channel->idle++;
			return;
		}
		channel->handled += channel->pending;
		channel->pending = 0;
		channel->runs++;
		channel->elsewhere += smp_processor_id() != channel->cpu;
		first = channel->first;
		waiting = channel->waiting;
		channel->waiting = false;
	}

	klab_sample_between(channel->bottom->latency, &first, &now);
	if (waiting)
		complete(&channel->done);
}
EXPORT_SYMBOL_IF_KUNIT(klab_bottom_drain);

/**
 * klab_bottom_wait() - wait until no event is left
 * @channel: where events have happened
 * @timeout: for how long at most, in jiffies
 *
 * One task at a time waits for a channel.
 *
 * Context: process context, sleeps.
 * Return: whether all events there were have been handled.
 */
bool klab_bottom_wait(struct klab_bottom_channel *channel,
		      unsigned long timeout)
{
	reinit_completion(&channel->done);
	scoped_guard(raw_spinlock_irqsave, &channel->lock) {
		if (!channel->pending)
			return true;
		channel->waiting = true;
	}

	if (wait_for_completion_timeout(&channel->done, timeout))
		return true;

	guard(raw_spinlock_irqsave)(&channel->lock);
	channel->waiting = false;
	return !channel->pending;
}
EXPORT_SYMBOL_IF_KUNIT(klab_bottom_wait);

static irqreturn_t bottom_handler(int irq, void *data)
{
	struct klab_bottom_channel *channel = data;
	struct klab_bottom *bottom = channel->bottom;
	struct klab_stamp stamp;

	stamp = klab_synthirq_stamp(bottom->source, channel->line);
	klab_bottom_happen(channel, &stamp);
	return bottom->mechanism->queue(channel);
}

static int channel_open(struct klab_bottom_channel *channel, bool interrupt)
{
	const struct klab_bottom_mechanism *mechanism;
	int err, irq;

	mechanism = channel->bottom->mechanism;
	if (mechanism->create) {
		err = mechanism->create(channel);
		if (err)
			return err;
	}
	channel->created = true;
	if (!interrupt)
		return 0;

	/* What queues is a hard handler, whatever the kernel's taste. */
	irq = klab_synthirq_irq(channel->bottom->source, channel->line);
	err = request_threaded_irq(irq, bottom_handler, mechanism->thread,
				   IRQF_NO_THREAD, "klab-bottom", channel);
	if (!err)
		channel->irq = irq;
	return err;
}

static void channel_close(struct klab_bottom_channel *channel)
{
	const struct klab_bottom_mechanism *mechanism;

	mechanism = channel->bottom->mechanism;
	if (channel->irq)
		free_irq(channel->irq, channel);
	channel->irq = 0;
	if (channel->created && mechanism->destroy)
		mechanism->destroy(channel);
	channel->created = false;
}

/**
 * klab_bottom_open() - get the items of all channels ready
 * @bottom: has no mechanism at work
 * @mechanism: makes the items
 * @interrupt: events are going to be interrupts, so the lines are needed
 *
 * Context: process context, may sleep.
 * Return: 0 or a negative error; klab_bottom_close() cleans up after both.
 */
int klab_bottom_open(struct klab_bottom *bottom,
		     const struct klab_bottom_mechanism *mechanism,
		     bool interrupt)
{
	struct klab_bottom_channel *channel = bottom->channel;
	unsigned int i;
	int err;

	klab_samples_reset(bottom->latency);
	bottom->round = U64_MAX;
	for (i = 0; i < bottom->nr; i++)
		klab_bottom_channel_init(&channel[i], bottom, channel[i].cpu,
					 i);

	bottom->mechanism = mechanism;
	if (mechanism->open) {
		err = mechanism->open(bottom);
		if (err)
			return err;
	}
	for (i = 0; i < bottom->nr; i++) {
		err = channel_open(&channel[i], interrupt);
		if (err)
			return err;
	}
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(klab_bottom_open);

/**
 * klab_bottom_close() - stop the interrupts, wait for the items, free them
 * @bottom: with or without a mechanism at work
 *
 * Context: process context, may sleep.
 */
void klab_bottom_close(struct klab_bottom *bottom)
{
	unsigned int i;

	if (!bottom->mechanism)
		return;

	for (i = 0; i < bottom->nr; i++) {
		if (bottom->channel[i].irq)
			klab_synthirq_stop(bottom->source, i);
		channel_close(&bottom->channel[i]);
	}
	if (bottom->mechanism->close)
		bottom->mechanism->close(bottom);
	bottom->mechanism = NULL;
}
EXPORT_SYMBOL_IF_KUNIT(klab_bottom_close);
