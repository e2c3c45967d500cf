// SPDX-License-Identifier: GPL-2.0-only
/* Bottom halves: softwork, as an item of the line and as one of the CPU. */

#include <linux/container_of.h>
#include <linux/cpumask.h>
#include <linux/errno.h>
#include <linux/interrupt.h>
#include <linux/percpu.h>
#include <linux/smp.h>
#include <linux/softwork.h>

#include "bottom.h"

static void softwork_func(struct softwork *work)
{
	klab_bottom_drain(container_of(work, struct klab_bottom_channel,
				       softwork));
}

static int softwork_create(struct klab_bottom_channel *channel)
{
	softwork_init(&channel->softwork, softwork_func);
	return 0;
}

static irqreturn_t softwork_queue_item(struct klab_bottom_channel *channel)
{
	softwork_queue(&channel->softwork);
	return IRQ_HANDLED;
}

static void softwork_destroy(struct klab_bottom_channel *channel)
{
	softwork_cancel_sync(&channel->softwork);
}

const struct klab_bottom_mechanism klab_bottom_softwork = {
	.name		= "softwork",
	.context	= "softirq",
	.create		= softwork_create,
	.queue		= softwork_queue_item,
	.destroy	= softwork_destroy,
};

/* The item says whose events these are: after a CPU has gone it runs elsewhere. */
static void percpu_func(struct softwork *work)
{
	struct klab_bottom_percpu *item;
	struct klab_bottom *bottom;
	unsigned int i;

	item = container_of(work, struct klab_bottom_percpu, work);
	bottom = item->bottom;
	for (i = 0; i < bottom->nr; i++) {
		if (bottom->channel[i].cpu == item->cpu)
			klab_bottom_drain(&bottom->channel[i]);
	}
}

static int percpu_open(struct klab_bottom *bottom)
{
	struct klab_bottom_percpu *item;
	int cpu;

	bottom->percpu = alloc_percpu(struct klab_bottom_percpu);
	if (!bottom->percpu)
		return -ENOMEM;

	for_each_possible_cpu(cpu) {
		item = per_cpu_ptr(bottom->percpu, cpu);
		softwork_init(&item->work, percpu_func);
		item->bottom = bottom;
		item->cpu = cpu;
	}
	return 0;
}

/* The interrupts of a CPU that has gone offline happen on another one. */
static irqreturn_t percpu_queue(struct klab_bottom_channel *channel)
{
	if (raw_smp_processor_id() == channel->cpu)
		softwork_queue_percpu(&channel->bottom->percpu->work);
	else
		softwork_queue(&channel->softwork);
	return IRQ_HANDLED;
}

static void percpu_close(struct klab_bottom *bottom)
{
	if (bottom->percpu)
		softwork_cancel_sync_percpu(&bottom->percpu->work);
	free_percpu(bottom->percpu);
	bottom->percpu = NULL;
}

const struct klab_bottom_mechanism klab_bottom_softwork_percpu = {
	.name		= "softwork_percpu",
	.context	= "softirq",
	.open		= percpu_open,
	.close		= percpu_close,
	.create		= softwork_create,
	.queue		= percpu_queue,
	.destroy	= softwork_destroy,
};
