// SPDX-License-Identifier: GPL-2.0-only
/*
 * A set of objects in /sys/kernel. How many there are is a file in it.
 */
#include <linux/cleanup.h>
#include <linux/completion.h>
#include <linux/container_of.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/kobject.h>
#include <linux/kstrtox.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/sysfs.h>

#include <kunit/visibility.h>

#include "../core/klab_text.h"
#include "sys.h"

static struct klab_attr_set *to_set(struct kobject *kobj)
{
	return container_of(to_kset(kobj), struct klab_attr_set, kset);
}

static int klab_attr_set_grow(struct klab_attr_set *set, unsigned int count)
{
	unsigned int before = set->count;
	int err = 0;

	while (!err && set->count < count) {
		err = klab_attr_object_add(set);
		if (!err && fatal_signal_pending(current))
			err = -EINTR;
	}
	while (err && set->count > before)
		klab_attr_object_remove(set);
	return err;
}

/**
 * klab_attr_set_resize() - changes the number of objects
 * @set: the set
 * @count: the number, at most KLAB_ATTR_OBJECTS_MAX
 *
 * The newest objects go first. If they cannot be made, the number stays.
 *
 * Context: process, waits for who changes the number, and for callers of
 * attributes of objects that go.
 * Return: 0, -ERANGE, -ERESTARTSYS, -EINTR when the task is killed, or what
 * klab_attr_object_add() says.
 */
int klab_attr_set_resize(struct klab_attr_set *set, unsigned int count)
{
	if (count > KLAB_ATTR_OBJECTS_MAX)
		return -ERANGE;

	scoped_cond_guard(mutex_intr, return -ERESTARTSYS, &set->lock) {
		while (set->count > count)
			klab_attr_object_remove(set);
		return klab_attr_set_grow(set, count);
	}
	unreachable();
}
EXPORT_SYMBOL_IF_KUNIT(klab_attr_set_resize);

static ssize_t count_show(struct kobject *kobj, struct kobj_attribute *attr,
			  char *buf)
{
	return sysfs_emit(buf, "%u\n", READ_ONCE(to_set(kobj)->count));
}

static ssize_t count_store(struct kobject *kobj, struct kobj_attribute *attr,
			   const char *buf, size_t len)
{
	unsigned int count;
	int err;

	if (!klab_text_is_whole(buf, len))
		return -EINVAL;
	err = kstrtouint(buf, 0, &count);
	if (!err)
		err = klab_attr_set_resize(to_set(kobj), count);
	return err ?: len;
}

static struct kobj_attribute klab_attr_set_count = __ATTR_RW(count);

static struct attribute *klab_attr_set_attrs[] = {
	&klab_attr_set_count.attr,
	NULL
};
ATTRIBUTE_GROUPS(klab_attr_set);

/* The last one: each object holds its set until it is released. */
static void klab_attr_set_release(struct kobject *kobj)
{
	struct klab_attr_set *set = to_set(kobj);
	struct completion *gone = set->gone;

	mutex_destroy(&set->lock);
	kfree(set);
	if (gone)
		complete(gone);
}

static const struct kobj_type klab_attr_set_type = {
	.release = klab_attr_set_release,
	.sysfs_ops = &kobj_sysfs_ops,
	.default_groups = klab_attr_set_groups,
};

/**
 * klab_attr_set_create() - makes a set in /sys/kernel
 * @name: of its directory
 * @count: number of objects in it at first
 *
 * Context: process, may sleep.
 * Return: the set, or an ERR_PTR(): -ENOMEM, -ERANGE for @count, or what
 * kset_register() says.
 */
struct klab_attr_set *klab_attr_set_create(const char *name,
					   unsigned int count)
{
	struct klab_attr_set *set = kzalloc_obj(*set);
	int err;

	if (!set)
		return ERR_PTR(-ENOMEM);
	mutex_init(&set->lock);
	INIT_LIST_HEAD(&set->objects);

	err = kobject_set_name(&set->kset.kobj, "%s", name);
	if (err) {
		kfree(set);
		return ERR_PTR(err);
	}
	set->kset.kobj.ktype = &klab_attr_set_type;
	set->kset.kobj.parent = kernel_kobj;
	/* Frees the name if it fails, and nothing else. */
	err = kset_register(&set->kset);
	if (err) {
		kfree(set);
		return ERR_PTR(err);
	}

	err = klab_attr_set_resize(set, count);
	if (err) {
		klab_attr_set_destroy(set);
		return ERR_PTR(err);
	}
	return set;
}
EXPORT_SYMBOL_IF_KUNIT(klab_attr_set_create);

/**
 * klab_attr_set_destroy() - takes a set and its objects away
 * @set: the set
 *
 * The file comes first, so that nobody makes objects any more. It waits for who
 * is inside that file, and must not hold the lock that they want.
 *
 * Context: process, waits for callers of the attributes.
 */
void klab_attr_set_destroy(struct klab_attr_set *set)
{
	DECLARE_COMPLETION_ONSTACK(gone);

	sysfs_remove_file(&set->kset.kobj, &klab_attr_set_count.attr);
	scoped_guard(mutex, &set->lock) {
		while (set->count)
			klab_attr_object_remove(set);
	}
	set->gone = &gone;
	kset_unregister(&set->kset);
	/* With CONFIG_DEBUG_KOBJECT_RELEASE that takes some seconds. */
	wait_for_completion(&gone);
}
EXPORT_SYMBOL_IF_KUNIT(klab_attr_set_destroy);
