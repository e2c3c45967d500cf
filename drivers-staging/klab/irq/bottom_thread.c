// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bottom halves that may sleep: the line's thread, a thread of one's own, and
 * work queues.
 */

#include <linux/container_of.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/interrupt.h>
#include <linux/kthread.h>
#include <linux/workqueue.h>

#include "bottom.h"

static irqreturn_t threaded_thread(int irq, void *channel)
{
	klab_bottom_drain(channel);
	return IRQ_HANDLED;
}

static irqreturn_t threaded_queue(struct klab_bottom_channel *channel)
{
	return IRQ_WAKE_THREAD;
}

const struct klab_bottom_mechanism klab_bottom_threaded = {
	.name		= "threaded",
	.context	= "thread of the line",
	.interrupt_only	= true,
	.thread		= threaded_thread,
	.queue		= threaded_queue,
};

static void worker_func(struct kthread_work *work)
{
	klab_bottom_drain(container_of(work, struct klab_bottom_channel,
				       kwork));
}

static int kthread_worker_create(struct klab_bottom_channel *channel)
{
	struct kthread_worker *worker;

	worker = kthread_create_worker_on_cpu(channel->cpu, 0,
					      "klab_bottom/%d", channel->cpu);
	if (IS_ERR(worker))
		return PTR_ERR(worker);

	kthread_init_work(&channel->kwork, worker_func);
	channel->worker = worker;
	return 0;
}

static irqreturn_t kthread_worker_queue(struct klab_bottom_channel *channel)
{
	kthread_queue_work(channel->worker, &channel->kwork);
	return IRQ_HANDLED;
}

static void kthread_worker_destroy(struct klab_bottom_channel *channel)
{
	kthread_cancel_work_sync(&channel->kwork);
	kthread_destroy_worker(channel->worker);
}

const struct klab_bottom_mechanism klab_bottom_kthread_worker = {
	.name		= "kthread_worker",
	.context	= "thread of one's own",
	.create		= kthread_worker_create,
	.queue		= kthread_worker_queue,
	.destroy	= kthread_worker_destroy,
};

static void work_func(struct work_struct *work)
{
	klab_bottom_drain(container_of(work, struct klab_bottom_channel, work));
}

/**
 * klab_bottom_wq_open() - make a work queue with the mechanism's flags
 * @bottom: gets it
 *
 * Context: process context, may sleep.
 * Return: 0 or -ENOMEM.
 */
int klab_bottom_wq_open(struct klab_bottom *bottom)
{
	bottom->wq = alloc_workqueue("klab_%s", bottom->mechanism->wq_flags, 0,
				     bottom->mechanism->name);
	return bottom->wq ? 0 : -ENOMEM;
}

/**
 * klab_bottom_wq_close() - end the work queue, if there is one
 * @bottom: has no items that are queued
 *
 * Context: process context, may sleep.
 */
void klab_bottom_wq_close(struct klab_bottom *bottom)
{
	if (bottom->wq)
		destroy_workqueue(bottom->wq);
	bottom->wq = NULL;
}

static int work_create(struct klab_bottom_channel *channel)
{
	INIT_WORK(&channel->work, work_func);
	return 0;
}

/**
 * klab_bottom_work_queue() - queue a channel's item
 * @channel: the channel
 *
 * Context: any but NMI.
 * Return: IRQ_HANDLED.
 */
irqreturn_t klab_bottom_work_queue(struct klab_bottom_channel *channel)
{
	queue_work(channel->bottom->wq, &channel->work);
	return IRQ_HANDLED;
}

/**
 * klab_bottom_work_destroy() - wait for a channel's item
 * @channel: the channel
 *
 * Context: process context, may sleep.
 */
void klab_bottom_work_destroy(struct klab_bottom_channel *channel)
{
	cancel_work_sync(&channel->work);
}

#define BOTTOM_WORK(_name, _flags)			\
	.name		= _name,			\
	.context	= "worker",			\
	.wq_flags	= _flags,			\
	.open		= klab_bottom_wq_open,		\
	.close		= klab_bottom_wq_close,		\
	.create		= work_create,	\
	.queue		= klab_bottom_work_queue,	\
	.destroy	= klab_bottom_work_destroy

const struct klab_bottom_mechanism klab_bottom_work_bound = {
	BOTTOM_WORK("work_bound", WQ_PERCPU),
};

const struct klab_bottom_mechanism klab_bottom_work_highpri = {
	BOTTOM_WORK("work_highpri", WQ_PERCPU | WQ_HIGHPRI),
};

const struct klab_bottom_mechanism klab_bottom_work_unbound = {
	BOTTOM_WORK("work_unbound", WQ_UNBOUND),
};

static irqreturn_t work_system_queue(struct klab_bottom_channel *channel)
{
	schedule_work(&channel->work);
	return IRQ_HANDLED;
}

/* The system's queue: nothing to make, and nothing that may be flushed. */
const struct klab_bottom_mechanism klab_bottom_work_system = {
	.name		= "work_system",
	.context	= "worker",
	.create		= work_create,
	.queue		= work_system_queue,
	.destroy	= klab_bottom_work_destroy,
};

static void delayed_func(struct work_struct *work)
{
	klab_bottom_drain(container_of(to_delayed_work(work),
				       struct klab_bottom_channel, delayed));
}

static int work_delayed_create(struct klab_bottom_channel *channel)
{
	INIT_DELAYED_WORK(&channel->delayed, delayed_func);
	return 0;
}

static irqreturn_t work_delayed_queue(struct klab_bottom_channel *channel)
{
	queue_delayed_work(channel->bottom->wq, &channel->delayed, 1);
	return IRQ_HANDLED;
}

static void work_delayed_destroy(struct klab_bottom_channel *channel)
{
	cancel_delayed_work_sync(&channel->delayed);
}

/* The shortest delay there is, a tick, as a way to handle more at a time. */
const struct klab_bottom_mechanism klab_bottom_work_delayed = {
	.name		= "work_delayed",
	.context	= "worker",
	.wq_flags	= WQ_PERCPU,
	.open		= klab_bottom_wq_open,
	.close		= klab_bottom_wq_close,
	.create		= work_delayed_create,
	.queue		= work_delayed_queue,
	.destroy	= work_delayed_destroy,
};
