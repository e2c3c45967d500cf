// SPDX-License-Identifier: GPL-2.0-only
/*
 * Attributes of a queue: what it is, what is in it, what has gone through.
 */
#include <linux/container_of.h>
#include <linux/device.h>
#include <linux/errno.h>
#include <linux/kstrtox.h>
#include <linux/minmax.h>
#include <linux/mutex.h>
#include <linux/stddef.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#include "../core/klab_text.h"
#include "queue.h"

static struct klab_queue *to_queue(struct device *dev)
{
	return container_of(dev, struct klab_queue_dev, dev)->queue;
}

static const char * const klab_queue_modes[] = { "bytes", "records" };

static ssize_t mode_show(struct device *dev, struct device_attribute *attr,
			 char *buf)
{
	return sysfs_emit(buf, "%s\n",
			  klab_queue_modes[READ_ONCE(to_queue(dev)->records)]);
}

static ssize_t mode_store(struct device *dev, struct device_attribute *attr,
			  const char *buf, size_t count)
{
	int mode;

	if (!klab_text_is_whole(buf, count))
		return -EINVAL;
	mode = sysfs_match_string(klab_queue_modes, buf);
	if (mode >= 0)
		mode = klab_queue_set_records(to_queue(dev), mode);
	return mode < 0 ? mode : count;
}
static DEVICE_ATTR_RW(mode);

static ssize_t delay_ms_show(struct device *dev, struct device_attribute *attr,
			     char *buf)
{
	return sysfs_emit(buf, "%u\n", READ_ONCE(to_queue(dev)->delay_ms));
}

static ssize_t delay_ms_store(struct device *dev, struct device_attribute *attr,
			      const char *buf, size_t count)
{
	unsigned int ms;
	int err;

	if (!klab_text_is_whole(buf, count))
		return -EINVAL;
	err = kstrtouint(buf, 0, &ms);
	if (err)
		return err;
	if (ms > KLAB_QUEUE_DELAY_MAX_MS)
		return -ERANGE;
	klab_queue_set_delay(to_queue(dev), ms);
	return count;
}
static DEVICE_ATTR_RW(delay_ms);

static ssize_t size_show(struct device *dev, struct device_attribute *attr,
			 char *buf)
{
	return sysfs_emit(buf, "%zu\n", to_queue(dev)->size);
}
static DEVICE_ATTR_RO(size);

/* Records count with what keeps them apart: it is memory too. */
static ssize_t used_show(struct device *dev, struct device_attribute *attr,
			 char *buf)
{
	struct klab_queue *queue = to_queue(dev);
	/* First, as it never passes the head. */
	unsigned long tail = smp_load_acquire(&queue->out.pos);
	size_t used = klab_ring_used(READ_ONCE(queue->in.pos), tail);

	/* The head may have gone on meanwhile. */
	return sysfs_emit(buf, "%zu\n", min(used, queue->size));
}
static DEVICE_ATTR_RO(used);

/**
 * struct klab_queue_counter - attribute that shows a counter
 * @attr: the attribute
 * @side: place in struct klab_queue
 * @counter: place in struct klab_queue_side
 */
struct klab_queue_counter {
	struct device_attribute attr;
	size_t side;
	size_t counter;
};

static ssize_t klab_queue_counter_show(struct device *dev,
				       struct device_attribute *attr, char *buf)
{
	struct klab_queue_counter *which =
		container_of(attr, struct klab_queue_counter, attr);
	struct klab_queue_side *side = (void *)to_queue(dev) + which->side;
	u64 *counter = (void *)side + which->counter;
	u64 value;

	/* 64 bits in one piece, on every machine. */
	if (mutex_lock_interruptible(&side->lock))
		return -ERESTARTSYS;
	value = *counter;
	klab_queue_unlock(side);
	return sysfs_emit(buf, "%llu\n", value);
}

static struct klab_queue_counter klab_queue_in_bytes = {
	.attr = __ATTR(in_bytes, 0444, klab_queue_counter_show, NULL),
	.side = offsetof(struct klab_queue, in),
	.counter = offsetof(struct klab_queue_side, bytes),
};

static struct klab_queue_counter klab_queue_in_calls = {
	.attr = __ATTR(in_calls, 0444, klab_queue_counter_show, NULL),
	.side = offsetof(struct klab_queue, in),
	.counter = offsetof(struct klab_queue_side, calls),
};

static struct klab_queue_counter klab_queue_in_waits = {
	.attr = __ATTR(in_waits, 0444, klab_queue_counter_show, NULL),
	.side = offsetof(struct klab_queue, in),
	.counter = offsetof(struct klab_queue_side, waits),
};

static struct klab_queue_counter klab_queue_out_bytes = {
	.attr = __ATTR(out_bytes, 0444, klab_queue_counter_show, NULL),
	.side = offsetof(struct klab_queue, out),
	.counter = offsetof(struct klab_queue_side, bytes),
};

static struct klab_queue_counter klab_queue_out_calls = {
	.attr = __ATTR(out_calls, 0444, klab_queue_counter_show, NULL),
	.side = offsetof(struct klab_queue, out),
	.counter = offsetof(struct klab_queue_side, calls),
};

static struct klab_queue_counter klab_queue_out_waits = {
	.attr = __ATTR(out_waits, 0444, klab_queue_counter_show, NULL),
	.side = offsetof(struct klab_queue, out),
	.counter = offsetof(struct klab_queue_side, waits),
};

static struct attribute *klab_queue_attrs[] = {
	&dev_attr_mode.attr,
	&dev_attr_delay_ms.attr,
	&dev_attr_size.attr,
	&dev_attr_used.attr,
	NULL
};

static const struct attribute_group klab_queue_group = {
	.attrs = klab_queue_attrs,
};

static struct attribute *klab_queue_stats_attrs[] = {
	&klab_queue_in_bytes.attr.attr,
	&klab_queue_in_calls.attr.attr,
	&klab_queue_in_waits.attr.attr,
	&klab_queue_out_bytes.attr.attr,
	&klab_queue_out_calls.attr.attr,
	&klab_queue_out_waits.attr.attr,
	NULL
};

static const struct attribute_group klab_queue_stats_group = {
	.name = "statistics",
	.attrs = klab_queue_stats_attrs,
};

const struct attribute_group *klab_queue_groups[] = {
	&klab_queue_group,
	&klab_queue_stats_group,
	NULL
};
