// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests for a set of kobjects: its number, its objects, who changes it and
 * who holds what. They make sets of their own.
 */
#include <linux/array_size.h>
#include <linux/completion.h>
#include <linux/container_of.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/kobject.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/sysfs.h>
#include <linux/workqueue.h>

#include <kunit/test.h>

#include "../../core/klab_fixture.h"
#include "../sys.h"

#define NAME	"klab-attr-test"

KUNIT_DEFINE_ACTION_WRAPPER(destroy_set, klab_attr_set_destroy,
			    struct klab_attr_set *);

static struct klab_attr_set *set_of(struct kunit *test, unsigned int count)
{
	struct klab_attr_set *set = klab_attr_set_create(NAME, count);

	KUNIT_ASSERT_FALSE_MSG(test, IS_ERR(set), "%pe", set);
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, destroy_set, set));
	return set;
}

/* The list and what sysfs has agree on the number. */
static void expect_objects(struct kunit *test, struct klab_attr_set *set,
			   unsigned int count)
{
	struct klab_attr_object *object;
	unsigned int nr = 0;

	list_for_each_entry(object, &set->objects, node) {
		KUNIT_EXPECT_EQ(test, object->number, count - ++nr);
		KUNIT_EXPECT_TRUE(test, object->kobj.state_in_sysfs);
	}
	KUNIT_EXPECT_EQ(test, nr, count);
	KUNIT_EXPECT_EQ(test, set->count, count);
}

static const unsigned int resize_cases[] = { 0, 1, 3, 100 };

static void resize_desc(const unsigned int *count, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "from 3 to %u", *count);
}

KUNIT_ARRAY_PARAM(resize, resize_cases, resize_desc);

static void klab_attr_set_has_as_many_as_told(struct kunit *test)
{
	const unsigned int *count = test->param_value;
	struct klab_attr_set *set = set_of(test, 3);

	expect_objects(test, set, 3);
	KUNIT_EXPECT_EQ(test, klab_attr_set_resize(set, *count), 0);
	expect_objects(test, set, *count);
}

/* An attribute of a kobject, by the operations of its type. */
static ssize_t kobj_show(struct kobject *kobj, int index, char *page)
{
	struct attribute *attr = kobj->ktype->default_groups[0]->attrs[index];

	return kobj->ktype->sysfs_ops->show(kobj, attr, page);
}

static ssize_t kobj_store(struct kobject *kobj, int index, const char *text)
{
	struct attribute *attr = kobj->ktype->default_groups[0]->attrs[index];

	return kobj->ktype->sysfs_ops->store(kobj, attr, text, strlen(text));
}

static void klab_attr_set_takes_a_count(struct kunit *test)
{
	struct klab_attr_set *set = set_of(test, 1);
	struct kobject *kobj = &set->kset.kobj;
	char *page = kunit_kzalloc(test, PAGE_SIZE, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_EXPECT_EQ(test, kobj_store(kobj, 0, "2\n"), 2);
	expect_objects(test, set, 2);
	KUNIT_EXPECT_EQ(test, kobj_store(kobj, 0, "1025"), -ERANGE);
	KUNIT_EXPECT_EQ(test, kobj_store(kobj, 0, "-1"), -EINVAL);
	KUNIT_EXPECT_EQ(test, kobj_store(kobj, 0, "many"), -EINVAL);
	expect_objects(test, set, 2);
	kobj_show(kobj, 0, page);
	KUNIT_EXPECT_STREQ(test, page, "2\n");
}

static void klab_attr_set_objects_have_values(struct kunit *test)
{
	struct klab_attr_set *set = set_of(test, 2);
	struct klab_attr_object *object;
	char *page = kunit_kzalloc(test, PAGE_SIZE, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, page);
	object = list_first_entry(&set->objects, struct klab_attr_object, node);
	KUNIT_EXPECT_EQ(test, kobj_store(&object->kobj, 0, "-0x10\n"), 6);
	KUNIT_EXPECT_EQ(test, kobj_store(&object->kobj, 0, "x"), -EINVAL);
	KUNIT_EXPECT_EQ(test, kobj_store(&object->kobj, 0, "2147483648"),
			-ERANGE);
	kobj_show(&object->kobj, 0, page);
	KUNIT_EXPECT_STREQ(test, page, "-16\n");
	kobj_show(&object->kobj, 1, page);
	KUNIT_EXPECT_STREQ(test, page, "1\n");
	KUNIT_EXPECT_EQ(test, list_next_entry(object, node)->value, 0);
}

/**
 * struct resizer - somebody who changes the number
 * @work: does it
 * @set: the set
 * @err: what has come of it
 */
struct resizer {
	struct work_struct work;
	struct klab_attr_set *set;
	int err;
};

static void resize_often(struct work_struct *work)
{
	struct resizer *resizer = container_of(work, struct resizer, work);

	for (int i = 0; i < 30 && !resizer->err; i++)
		resizer->err = klab_attr_set_resize(resizer->set,
						    i % 2 ? 9 : 2);
}

/* The number is one that somebody has asked for. */
static void klab_attr_set_has_many_writers(struct kunit *test)
{
	struct klab_attr_set *set = set_of(test, 0);
	struct resizer resizers[3] = {};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(resizers); i++) {
		resizers[i].set = set;
		INIT_WORK_ONSTACK(&resizers[i].work, resize_often);
		queue_work(system_unbound_wq, &resizers[i].work);
	}
	for (i = 0; i < ARRAY_SIZE(resizers); i++) {
		flush_work(&resizers[i].work);
		destroy_work_on_stack(&resizers[i].work);
		KUNIT_EXPECT_EQ(test, resizers[i].err, 0);
	}
	KUNIT_EXPECT_EQ(test, set->count, 9);
	expect_objects(test, set, 9);
}

/* An object that somebody holds is released by who lets go last. */
static void klab_attr_set_object_stays_while_held(struct kunit *test)
{
	struct klab_attr_set *set = set_of(test, 1);
	struct klab_attr_object *object;

	object = list_first_entry(&set->objects, struct klab_attr_object, node);
	kobject_get(&object->kobj);
	object->value = 42;
	KUNIT_EXPECT_EQ(test, klab_attr_set_resize(set, 0), 0);
	KUNIT_EXPECT_FALSE(test, object->kobj.state_in_sysfs);
	KUNIT_EXPECT_EQ(test, object->value, 42);
	kobject_put(&object->kobj);
}

/**
 * struct destroyer - somebody who takes a set away
 * @work: does it
 * @set: the set
 * @done: when it is gone
 */
struct destroyer {
	struct work_struct work;
	struct klab_attr_set *set;
	struct completion done;
};

static void destroy_it(struct work_struct *work)
{
	struct destroyer *destroyer = container_of(work, struct destroyer,
						   work);

	klab_attr_set_destroy(destroyer->set);
	complete(&destroyer->done);
}

/* What releases an object is there until the last one is released. */
static void klab_attr_set_waits_for_its_objects(struct kunit *test)
{
	struct klab_attr_set *set = klab_attr_set_create(NAME, 1);
	struct destroyer destroyer = { .set = set };
	struct klab_attr_object *object;

	KUNIT_ASSERT_FALSE_MSG(test, IS_ERR(set), "%pe", set);
	object = list_first_entry(&set->objects, struct klab_attr_object, node);
	kobject_get(&object->kobj);
	KUNIT_EXPECT_EQ(test, klab_attr_set_resize(set, 0), 0);
	/* That of the set itself, and that of its last object. */
	KUNIT_EXPECT_EQ(test, kref_read(&set->kset.kobj.kref), 2);

	init_completion(&destroyer.done);
	INIT_WORK_ONSTACK(&destroyer.work, destroy_it);
	queue_work(system_unbound_wq, &destroyer.work);
	KUNIT_EXPECT_FALSE(test, completion_done(&destroyer.done));
	kobject_put(&object->kobj);
	flush_work(&destroyer.work);
	destroy_work_on_stack(&destroyer.work);
	KUNIT_EXPECT_TRUE(test, completion_done(&destroyer.done));
}

static int make_set(struct kunit *test)
{
	struct klab_attr_set *set = klab_attr_set_create(NAME, 1);

	if (IS_ERR(set))
		return PTR_ERR(set);
	klab_attr_set_destroy(set);
	return 0;
}

static void klab_attr_set_without_memory(struct kunit *test)
{
	klab_kunit_each_failure(test, make_set);
}

static int grow_set(struct kunit *test)
{
	struct klab_attr_set *set = test->priv;
	int err = klab_attr_set_resize(set, 3);

	expect_objects(test, set, err ? 1 : 3);
	return err ?: klab_attr_set_resize(set, 1);
}

/* What cannot be had as a whole is given back. */
static void klab_attr_set_keeps_its_number(struct kunit *test)
{
	test->priv = set_of(test, 1);
	klab_kunit_each_failure(test, grow_set);
}

static struct kunit_case klab_attr_set_cases[] = {
	KUNIT_CASE_PARAM(klab_attr_set_has_as_many_as_told,
			 resize_gen_params),
	KUNIT_CASE(klab_attr_set_takes_a_count),
	KUNIT_CASE(klab_attr_set_objects_have_values),
	KUNIT_CASE(klab_attr_set_has_many_writers),
	KUNIT_CASE(klab_attr_set_object_stays_while_held),
	KUNIT_CASE(klab_attr_set_waits_for_its_objects),
	KUNIT_CASE(klab_attr_set_without_memory),
	KUNIT_CASE(klab_attr_set_keeps_its_number),
	{}
};

static struct kunit_suite klab_attr_set_suite = {
	.name = "klab_attr_set",
	.test_cases = klab_attr_set_cases,
};

kunit_test_suite(klab_attr_set_suite);

MODULE_DESCRIPTION("klab: KUnit tests for a set of kobjects");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS(EXPORTED_FOR_KUNIT_TESTING);
