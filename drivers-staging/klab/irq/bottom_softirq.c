// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bottom halves that do not sleep: the handler itself, irq_work, tasklets, and
 * the work queues that run in soft interrupts.
 */

#include <linux/container_of.h>
#include <linux/interrupt.h>
#include <linux/irq_work.h>
#include <linux/workqueue.h>

#include "bottom.h"

/* No bottom half at all, which is what the others are compared with. */
static irqreturn_t hard_queue(struct klab_bottom_channel *channel)
{
	klab_bottom_drain(channel);
	return IRQ_HANDLED;
}

const struct klab_bottom_mechanism klab_bottom_hard = {
	.name		= "hard",
	.context	= "interrupt",
	.interrupt_only	= true,
	.queue		= hard_queue,
};

static void irq_work_func(struct irq_work *work)
{
	klab_bottom_drain(container_of(work, struct klab_bottom_channel,
				       irq_work));
}

static int irq_work_create(struct klab_bottom_channel *channel)
{
	init_irq_work(&channel->irq_work, irq_work_func);
	return 0;
}

static irqreturn_t irq_work_queue_item(struct klab_bottom_channel *channel)
{
	irq_work_queue(&channel->irq_work);
	return IRQ_HANDLED;
}

static void irq_work_destroy(struct klab_bottom_channel *channel)
{
	irq_work_sync(&channel->irq_work);
}

/* In a thread on PREEMPT_RT, and at the tick where it has no interrupt. */
const struct klab_bottom_mechanism klab_bottom_irq_work = {
	.name		= "irq_work",
	.context	= "interrupt of its own",
	.create		= irq_work_create,
	.queue		= irq_work_queue_item,
	.destroy	= irq_work_destroy,
};

static void tasklet_func(struct tasklet_struct *tasklet)
{
	struct klab_bottom_channel *channel;

	channel = from_tasklet(channel, tasklet, tasklet);
	klab_bottom_drain(channel);
}

static int tasklet_create(struct klab_bottom_channel *channel)
{
	tasklet_setup(&channel->tasklet, tasklet_func);
	return 0;
}

static irqreturn_t tasklet_queue(struct klab_bottom_channel *channel)
{
	tasklet_schedule(&channel->tasklet);
	return IRQ_HANDLED;
}

static irqreturn_t tasklet_hi_queue(struct klab_bottom_channel *channel)
{
	tasklet_hi_schedule(&channel->tasklet);
	return IRQ_HANDLED;
}

static void tasklet_destroy(struct klab_bottom_channel *channel)
{
	tasklet_kill(&channel->tasklet);
}

const struct klab_bottom_mechanism klab_bottom_tasklet = {
	.name		= "tasklet",
	.context	= "softirq",
	.create		= tasklet_create,
	.queue		= tasklet_queue,
	.destroy	= tasklet_destroy,
};

const struct klab_bottom_mechanism klab_bottom_tasklet_hi = {
	.name		= "tasklet_hi",
	.context	= "softirq",
	.create		= tasklet_create,
	.queue		= tasklet_hi_queue,
	.destroy	= tasklet_destroy,
};

static void bh_work_func(struct work_struct *work)
{
	klab_bottom_drain(container_of(work, struct klab_bottom_channel, work));
}

/*
 * A function of its own: lockdep knows an item by where it is initialized, and
 * would take these for those of work queues that sleep.
 */
static int bh_work_create(struct klab_bottom_channel *channel)
{
	INIT_WORK(&channel->work, bh_work_func);
	return 0;
}

const struct klab_bottom_mechanism klab_bottom_bh_work = {
	.name		= "bh_work",
	.context	= "softirq",
	.wq_flags	= WQ_BH,
	.open		= klab_bottom_wq_open,
	.close		= klab_bottom_wq_close,
	.create		= bh_work_create,
	.queue		= klab_bottom_work_queue,
	.destroy	= klab_bottom_work_destroy,
};

const struct klab_bottom_mechanism klab_bottom_bh_work_hi = {
	.name		= "bh_work_hi",
	.context	= "softirq",
	.wq_flags	= WQ_BH | WQ_HIGHPRI,
	.open		= klab_bottom_wq_open,
	.close		= klab_bottom_wq_close,
	.create		= bh_work_create,
	.queue		= klab_bottom_work_queue,
	.destroy	= klab_bottom_work_destroy,
};
