// SPDX-License-Identifier: GPL-2.0-only
/*
 * Attributes of a device with an open policy.
 */
#include <linux/container_of.h>
#include <linux/device.h>
#include <linux/errno.h>
#include <linux/kstrtox.h>
#include <linux/spinlock.h>
#include <linux/stddef.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#include "../core/klab_text.h"
#include "policy.h"

static struct klab_gate *to_gate(struct device *dev)
{
	return &container_of(dev, struct klab_policy_dev, dev)->gate;
}

static ssize_t klab_policy_emit(struct klab_gate *gate,
				const unsigned int *number, char *buf)
{
	unsigned int value;

	spin_lock(&gate->lock);
	value = *number;
	spin_unlock(&gate->lock);
	return sysfs_emit(buf, "%u\n", value);
}

static ssize_t policy_show(struct device *dev, struct device_attribute *attr,
			   char *buf)
{
	struct klab_gate *gate = to_gate(dev);
	enum klab_gate_policy policy;

	spin_lock(&gate->lock);
	policy = gate->policy;
	spin_unlock(&gate->lock);
	return sysfs_emit(buf, "%s\n", klab_gate_names[policy]);
}

static ssize_t policy_store(struct device *dev, struct device_attribute *attr,
			    const char *buf, size_t count)
{
	int policy;

	if (!klab_text_is_whole(buf, count))
		return -EINVAL;
	policy = sysfs_match_string(klab_gate_names, buf);
	if (policy >= 0)
		policy = klab_gate_set_policy(to_gate(dev), policy);
	return policy < 0 ? policy : count;
}
static DEVICE_ATTR_RW(policy);

static ssize_t timeout_ms_show(struct device *dev,
			       struct device_attribute *attr, char *buf)
{
	struct klab_gate *gate = to_gate(dev);

	return klab_policy_emit(gate, &gate->timeout_ms, buf);
}

static ssize_t timeout_ms_store(struct device *dev,
				struct device_attribute *attr, const char *buf,
				size_t count)
{
	unsigned int ms;
	int err;

	if (!klab_text_is_whole(buf, count))
		return -EINVAL;
	err = kstrtouint(buf, 0, &ms);
	if (!err)
		err = klab_gate_set_timeout(to_gate(dev), ms);
	return err ?: count;
}
static DEVICE_ATTR_RW(timeout_ms);

static ssize_t inside_show(struct device *dev, struct device_attribute *attr,
			   char *buf)
{
	struct klab_gate *gate = to_gate(dev);

	return klab_policy_emit(gate, &gate->inside, buf);
}
static DEVICE_ATTR_RO(inside);

static ssize_t waiting_show(struct device *dev, struct device_attribute *attr,
			    char *buf)
{
	struct klab_gate *gate = to_gate(dev);

	return klab_policy_emit(gate, &gate->waiting, buf);
}
static DEVICE_ATTR_RO(waiting);

/**
 * struct klab_policy_counter - attribute that shows a counter
 * @attr: the attribute
 * @counter: place in struct klab_gate
 */
struct klab_policy_counter {
	struct device_attribute attr;
	size_t counter;
};

static ssize_t klab_policy_counter_show(struct device *dev,
					struct device_attribute *attr,
					char *buf)
{
	struct klab_policy_counter *which =
		container_of(attr, struct klab_policy_counter, attr);
	struct klab_gate *gate = to_gate(dev);
	u64 *counter = (void *)gate + which->counter;
	u64 value;

	/* 64 bits in one piece, on every machine. */
	spin_lock(&gate->lock);
	value = *counter;
	spin_unlock(&gate->lock);
	return sysfs_emit(buf, "%llu\n", value);
}

static struct klab_policy_counter klab_policy_opened = {
	.attr = __ATTR(opened, 0444, klab_policy_counter_show, NULL),
	.counter = offsetof(struct klab_gate, opened),
};

static struct klab_policy_counter klab_policy_refused = {
	.attr = __ATTR(refused, 0444, klab_policy_counter_show, NULL),
	.counter = offsetof(struct klab_gate, refused),
};

static struct klab_policy_counter klab_policy_waited = {
	.attr = __ATTR(waited, 0444, klab_policy_counter_show, NULL),
	.counter = offsetof(struct klab_gate, waited),
};

static struct klab_policy_counter klab_policy_timed_out = {
	.attr = __ATTR(timed_out, 0444, klab_policy_counter_show, NULL),
	.counter = offsetof(struct klab_gate, timed_out),
};

static struct klab_policy_counter klab_policy_interrupted = {
	.attr = __ATTR(interrupted, 0444, klab_policy_counter_show, NULL),
	.counter = offsetof(struct klab_gate, interrupted),
};

static struct attribute *klab_policy_attrs[] = {
	&dev_attr_policy.attr,
	&dev_attr_timeout_ms.attr,
	&dev_attr_inside.attr,
	&dev_attr_waiting.attr,
	NULL
};

static const struct attribute_group klab_policy_group = {
	.attrs = klab_policy_attrs,
};

static struct attribute *klab_policy_stats_attrs[] = {
	&klab_policy_opened.attr.attr,
	&klab_policy_refused.attr.attr,
	&klab_policy_waited.attr.attr,
	&klab_policy_timed_out.attr.attr,
	&klab_policy_interrupted.attr.attr,
	NULL
};

static const struct attribute_group klab_policy_stats_group = {
	.name = "statistics",
	.attrs = klab_policy_stats_attrs,
};

const struct attribute_group *klab_policy_groups[] = {
	&klab_policy_group,
	&klab_policy_stats_group,
	NULL
};
