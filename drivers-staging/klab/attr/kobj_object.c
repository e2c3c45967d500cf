// SPDX-License-Identifier: GPL-2.0-only
/*
 * Objects of the set. The type carries what all have in common: the attributes,
 * how an object is released, and one pair of functions that finds the attribute
 * around the one that it is given.
 */
#include <linux/compiler.h>
#include <linux/container_of.h>
#include <linux/errno.h>
#include <linux/kobject.h>
#include <linux/kstrtox.h>
#include <linux/list.h>
#include <linux/lockdep.h>
#include <linux/slab.h>
#include <linux/sysfs.h>

#include "../core/klab_text.h"
#include "sys.h"

static struct klab_attr_object *to_object(struct kobject *kobj)
{
	return container_of(kobj, struct klab_attr_object, kobj);
}

static struct klab_attr_object_attr *to_object_attr(struct attribute *attr)
{
	return container_of(attr, struct klab_attr_object_attr, attr);
}

static ssize_t value_show(struct klab_attr_object *object, char *buf)
{
	return sysfs_emit(buf, "%d\n", READ_ONCE(object->value));
}

static ssize_t value_store(struct klab_attr_object *object, const char *buf,
			   size_t count)
{
	int value, err;

	if (!klab_text_is_whole(buf, count))
		return -EINVAL;
	err = kstrtoint(buf, 0, &value);
	if (err)
		return err;
	WRITE_ONCE(object->value, value);
	return count;
}

static struct klab_attr_object_attr klab_attr_object_value = __ATTR_RW(value);

static ssize_t number_show(struct klab_attr_object *object, char *buf)
{
	return sysfs_emit(buf, "%u\n", object->number);
}

static struct klab_attr_object_attr klab_attr_object_number = __ATTR_RO(number);

static struct attribute *klab_attr_object_attrs[] = {
	&klab_attr_object_value.attr,
	&klab_attr_object_number.attr,
	NULL
};
ATTRIBUTE_GROUPS(klab_attr_object);

/* sysfs does not open a file for what its mode does not have. */
static ssize_t klab_attr_object_show(struct kobject *kobj,
				     struct attribute *attr, char *buf)
{
	return to_object_attr(attr)->show(to_object(kobj), buf);
}

static ssize_t klab_attr_object_store(struct kobject *kobj,
				      struct attribute *attr, const char *buf,
				      size_t count)
{
	return to_object_attr(attr)->store(to_object(kobj), buf, count);
}

static const struct sysfs_ops klab_attr_object_ops = {
	.show = klab_attr_object_show,
	.store = klab_attr_object_store,
};

/* A kset lets its objects go when they leave sysfs, which may be long before. */
static void klab_attr_object_release(struct kobject *kobj)
{
	struct kset *kset = kobj->kset;

	kfree(to_object(kobj));
	kset_put(kset);
}

static const struct kobj_type klab_attr_object_type = {
	.release = klab_attr_object_release,
	.sysfs_ops = &klab_attr_object_ops,
	.default_groups = klab_attr_object_groups,
};

/**
 * klab_attr_object_add() - makes one more
 * @set: where to; the caller holds its lock
 *
 * User space is told of it when its files are there.
 *
 * Context: process, may sleep.
 * Return: 0, or what kobject_init_and_add() says.
 */
int klab_attr_object_add(struct klab_attr_set *set)
{
	struct klab_attr_object *object;
	int err;

	lockdep_assert_held(&set->lock);
	object = kzalloc_obj(*object);
	if (!object)
		return -ENOMEM;
	object->number = set->count;
	/* Given back by the release, also where it cannot be added. */
	object->kobj.kset = kset_get(&set->kset);
	err = kobject_init_and_add(&object->kobj, &klab_attr_object_type, NULL,
				   "object%u", object->number);
	if (err) {
		kobject_put(&object->kobj);
		return err;
	}
	list_add(&object->node, &set->objects);
	WRITE_ONCE(set->count, set->count + 1);
	kobject_uevent(&object->kobj, KOBJ_ADD);
	return 0;
}

/**
 * klab_attr_object_remove() - takes the newest one away
 * @set: where from, not empty; the caller holds its lock
 *
 * When its directory is gone, nobody is inside its files any more, and those
 * that have one open get ENODEV. So nobody who waits for the lock of the set may
 * be inside.
 *
 * Context: process, waits for callers of the attributes.
 */
void klab_attr_object_remove(struct klab_attr_set *set)
{
	struct klab_attr_object *object;

	lockdep_assert_held(&set->lock);
	object = list_first_entry(&set->objects, struct klab_attr_object, node);
	list_del(&object->node);
	WRITE_ONCE(set->count, set->count - 1);
	kobject_del(&object->kobj);
	kobject_put(&object->kobj);
}
