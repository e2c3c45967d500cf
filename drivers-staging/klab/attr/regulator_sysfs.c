// SPDX-License-Identifier: GPL-2.0-only
/*
 * The regulator in /sys: a value per file. Who polls one is woken when its text
 * has changed; kernfs keeps the list of those, so that removal needs to know
 * nothing of them.
 */
#include <linux/array_size.h>
#include <linux/build_bug.h>
#include <linux/cleanup.h>
#include <linux/container_of.h>
#include <linux/device.h>
#include <linux/errno.h>
#include <linux/mutex.h>
#include <linux/sysfs.h>

#include "../core/klab_text.h"
#include "regulator.h"

static struct klab_regulator *to_regulator(struct device *dev)
{
	return container_of(dev, struct klab_regulator, dev);
}

static struct klab_point *to_point(struct device_attribute *attr)
{
	return container_of(attr, struct klab_point, attr);
}

/**
 * klab_regulator_show() - shows a point
 * @dev: of a regulator
 * @attr: of a point
 * @buf: a page
 *
 * Context: process, may sleep.
 * Return: the length, or -ERESTARTSYS.
 */
ssize_t klab_regulator_show(struct device *dev, struct device_attribute *attr,
			    char *buf)
{
	char text[KLAB_POINT_TEXT];
	int ret;

	ret = klab_regulator_get(to_regulator(dev), to_point(attr), text);
	return ret < 0 ? ret : sysfs_emit(buf, "%s", text);
}

/**
 * klab_regulator_store() - sets a point
 * @dev: of a regulator
 * @attr: of a point
 * @buf: the text
 * @count: its length
 *
 * Context: process, may sleep.
 * Return: @count, -EINVAL for a zero byte, or what klab_regulator_set() says.
 */
ssize_t klab_regulator_store(struct device *dev, struct device_attribute *attr,
			     const char *buf, size_t count)
{
	int err;

	if (!klab_text_is_whole(buf, count))
		return -EINVAL;
	err = klab_regulator_set(to_regulator(dev), to_point(attr), buf);
	return err ?: count;
}

#define KLAB_POINT_ATTR(_point)	(&klab_points[KLAB_POINT_##_point].attr.attr)

static struct attribute *klab_regulator_attrs[] = {
	KLAB_POINT_ATTR(VALUE),
	KLAB_POINT_ATTR(INCREMENT),
	KLAB_POINT_ATTR(MULTIPLY),
	KLAB_POINT_ATTR(TARGET),
	KLAB_POINT_ATTR(INTEGRAL),
	KLAB_POINT_ATTR(DERIVATIVE),
	KLAB_POINT_ATTR(PERIOD_MS),
	KLAB_POINT_ATTR(CARRY),
	KLAB_POINT_ATTR(SUM),
	KLAB_POINT_ATTR(ERROR),
	KLAB_POINT_ATTR(STEPS),
	KLAB_POINT_ATTR(CHANGES),
	NULL
};

static_assert(ARRAY_SIZE(klab_regulator_attrs) == KLAB_POINTS + 1);

static const struct attribute_group klab_regulator_group = {
	.attrs = klab_regulator_attrs,
};

const struct attribute_group *klab_regulator_groups[] = {
	&klab_regulator_group,
	NULL
};

/**
 * klab_regulator_sysfs_add() - adds a regulator to the device model
 * @reg: named; no one else knows it yet
 *
 * The files are looked up here and not at each step, since a look-up may sleep.
 *
 * Context: process, may sleep.
 * Return: 0, or what device_add() says.
 */
int klab_regulator_sysfs_add(struct klab_regulator *reg)
{
	struct klab_node *node;
	int err;

	err = device_add(&reg->dev);
	if (err)
		return err;
	guard(mutex)(&reg->lock);
	for (node = reg->nodes; node->point; node++)
		node->sysfs = sysfs_get_dirent(reg->dev.kobj.sd,
					       node->point->attr.attr.name);
	return 0;
}

/**
 * klab_regulator_sysfs_forget() - lets go of the files
 * @reg: whose; nothing is published any more
 *
 * Context: process, may sleep.
 */
void klab_regulator_sysfs_forget(struct klab_regulator *reg)
{
	struct klab_node *node;

	for (node = reg->nodes; node->point; node++)
		sysfs_put(node->sysfs);
}
