// SPDX-License-Identifier: GPL-2.0-only
/*
 * The regulator: its life, its steps, and what is told to whom.
 */
#include <linux/cleanup.h>
#include <linux/compiler.h>
#include <linux/container_of.h>
#include <linux/device.h>
#include <linux/device/class.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/jiffies.h>
#include <linux/lockdep.h>
#include <linux/mutex.h>
#include <linux/poll.h>
#include <linux/slab.h>
#include <linux/sysfs.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include <kunit/visibility.h>

#include "regulator.h"

/**
 * klab_regulator_publish() - tells those who wait that something has changed
 * @reg: the regulator; the caller holds its lock
 *
 * Only what reads as another number than before counts, point by point.
 *
 * Context: process.
 */
void klab_regulator_publish(struct klab_regulator *reg)
{
	struct klab_node *node;
	bool any = false;
	s64 now;

	lockdep_assert_held(&reg->lock);
	for (node = reg->nodes; node->point; node++) {
		now = klab_point_get(reg, node->point);
		if (now == node->last)
			continue;
		node->last = now;
		any = true;
		WRITE_ONCE(node->event, node->event + 1);
		if (node->sysfs)
			sysfs_notify_dirent(node->sysfs);
	}
	if (!any)
		return;
	/* The last one is that of all points. */
	WRITE_ONCE(node->event, node->event + 1);
	wake_up_poll(&reg->pollers, EPOLLERR | EPOLLPRI);
}
EXPORT_SYMBOL_IF_KUNIT(klab_regulator_publish);

/* The caller holds the lock. */
static void klab_regulator_wind(struct klab_regulator *reg)
{
	if (reg->period_ms)
		queue_delayed_work(system_wq, &reg->work,
				   msecs_to_jiffies(reg->period_ms));
}

/**
 * klab_regulator_run() - does a step
 * @reg: the regulator
 *
 * When nothing changes any more it rests, until somebody sets something.
 *
 * Context: process, may sleep.
 */
void klab_regulator_run(struct klab_regulator *reg)
{
	guard(mutex)(&reg->lock);
	/* It may have been switched off since the work was queued. */
	if (!reg->period_ms || !klab_loop_step(&reg->loop))
		return;
	reg->steps++;
	klab_regulator_publish(reg);
	klab_regulator_wind(reg);
}
EXPORT_SYMBOL_IF_KUNIT(klab_regulator_run);

static void klab_regulator_work(struct work_struct *work)
{
	klab_regulator_run(container_of(to_delayed_work(work),
					struct klab_regulator, work));
}

/**
 * klab_regulator_get() - tells a point
 * @reg: the regulator
 * @point: the point
 * @text: gets it; KLAB_POINT_TEXT bytes
 *
 * Context: process, waits for a step to end.
 * Return: the length, or -ERESTARTSYS.
 */
int klab_regulator_get(struct klab_regulator *reg,
		       const struct klab_point *point, char *text)
{
	scoped_cond_guard(mutex_intr, return -ERESTARTSYS, &reg->lock)
		return klab_point_print(text, point->decimals,
					klab_point_get(reg, point));
	unreachable();
}
EXPORT_SYMBOL_IF_KUNIT(klab_regulator_get);

/**
 * klab_regulator_set() - sets a point
 * @reg: the regulator
 * @point: one that can be set
 * @text: its new value; the old one stays if there is an error
 *
 * Context: process, waits for a step to end.
 * Return: 0, -EINVAL for what is not a number, -ERANGE, -ERESTARTSYS.
 */
int klab_regulator_set(struct klab_regulator *reg,
		       const struct klab_point *point, const char *text)
{
	s32 period;
	s64 value;
	int err;

	err = klab_point_parse(text, point->decimals, &value);
	if (err)
		return err;
	if (value > point->max || value < (point->negative ? -point->max : 0))
		return -ERANGE;

	scoped_cond_guard(mutex_intr, return -ERESTARTSYS, &reg->lock) {
		period = reg->period_ms;
		klab_point_set(reg, point, value);
		reg->changes++;
		klab_regulator_publish(reg);
		/* The time that is running is that of the old period. */
		if (reg->period_ms != period)
			mod_delayed_work(system_wq, &reg->work, 0);
		else
			klab_regulator_wind(reg);
	}
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(klab_regulator_set);

static void klab_regulator_release(struct device *dev)
{
	struct klab_regulator *reg =
		container_of(dev, struct klab_regulator, dev);

	mutex_destroy(&reg->lock);
	kfree(reg);
}

const struct class klab_regulator_class = {
	.name = "klab-regulator",
};
EXPORT_SYMBOL_IF_KUNIT(klab_regulator_class);

static struct klab_regulator *klab_regulator_alloc(s32 multiply)
{
	struct klab_regulator *reg = kzalloc_obj(*reg);
	unsigned int i;

	if (!reg)
		return NULL;
	mutex_init(&reg->lock);
	init_waitqueue_head(&reg->pollers);
	INIT_DELAYED_WORK(&reg->work, klab_regulator_work);
	reg->loop.multiply = multiply;
	for (i = 0; i < KLAB_POINTS; i++) {
		reg->nodes[i].point = &klab_points[i];
		reg->nodes[i].last = klab_point_get(reg, &klab_points[i]);
	}
	for (i = 0; i <= KLAB_POINTS; i++)
		reg->nodes[i].reg = reg;

	device_initialize(&reg->dev);
	reg->dev.class = &klab_regulator_class;
	reg->dev.groups = klab_regulator_groups;
	reg->dev.release = klab_regulator_release;
	return reg;
}

/* Nobody comes in any more, nobody is inside. */
static void klab_regulator_put(struct klab_regulator *reg)
{
	cancel_delayed_work_sync(&reg->work);
	klab_regulator_sysfs_forget(reg);
	put_device(&reg->dev);
}

/**
 * klab_regulator_create() - makes a regulator at rest and publishes it
 * @name: of its directories
 * @multiply: gain of its loop, in thousandths
 *
 * Context: process, may sleep.
 * Return: the regulator, or an ERR_PTR(): -EEXIST where @name is taken, -ENOMEM,
 * what device_add() says, or why /proc cannot be looked at.
 */
struct klab_regulator *klab_regulator_create(const char *name, s32 multiply)
{
	struct klab_regulator *reg = klab_regulator_alloc(multiply);
	int err;

	if (!reg)
		return ERR_PTR(-ENOMEM);
	err = dev_set_name(&reg->dev, "%s", name);
	if (err)
		goto err_put;
	err = klab_regulator_sysfs_add(reg);
	if (err)
		goto err_put;
	err = klab_regulator_proc_add(reg);
	if (err)
		goto err_del;
	WRITE_ONCE(reg->live, true);
	return reg;

err_del:
	device_del(&reg->dev);
err_put:
	klab_regulator_put(reg);
	return ERR_PTR(err);
}
EXPORT_SYMBOL_IF_KUNIT(klab_regulator_create);

/**
 * klab_regulator_destroy() - takes a regulator away
 * @reg: no one waits for its files in /proc, since an open one holds the module
 *
 * Context: process, waits for callers of its files and for a step to end.
 */
void klab_regulator_destroy(struct klab_regulator *reg)
{
	klab_regulator_proc_remove(reg);
	device_del(&reg->dev);
	klab_regulator_put(reg);
}
EXPORT_SYMBOL_IF_KUNIT(klab_regulator_destroy);
