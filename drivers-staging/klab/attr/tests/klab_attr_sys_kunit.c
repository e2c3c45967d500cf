// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests for attributes in /sys. Texts and devices are of their own;
 * attributes of the class are those of the module, and are put back.
 */
#include <linux/array_size.h>
#include <linux/container_of.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/kobject.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#include <kunit/test.h>

#include "../../core/klab_fixture.h"
#include "../sys.h"

#define NAME	"klab-attr-test"

static char *page_of(struct kunit *test)
{
	char *page = kunit_kzalloc(test, PAGE_SIZE, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_ASSERT_TRUE(test, PAGE_ALIGNED(page));
	return page;
}

static const struct store_case {
	const char *what;
	size_t len;
	char fill;
	int err;
} store_cases[] = {
	{ "one byte", 1, 'x' },
	{ "the longest", KLAB_ATTR_TEXT_MAX, 'x' },
	{ "one byte more", KLAB_ATTR_TEXT_MAX + 1, 'x', -E2BIG },
	{ "nearly a page", PAGE_SIZE - 2, 'x', -E2BIG },
	{ "a zero byte", 1, '\0', -EINVAL },
	{ "no UTF-8", 3, '\xff' },
};

KUNIT_ARRAY_PARAM_DESC(store, store_cases, what);

/* What is refused leaves the text as it was. */
static void klab_attr_sys_text_is_taken_or_kept(struct kunit *test)
{
	const struct store_case *c = test->param_value;
	char *page = page_of(test), *written = page_of(test);
	struct klab_attr_text text;

	klab_attr_text_init(&text, "before");
	memset(written, c->fill, c->len);
	KUNIT_EXPECT_EQ(test, klab_attr_text_store(&text, written, c->len),
			c->err ?: c->len);
	written[c->len] = '\n';
	KUNIT_EXPECT_EQ(test, klab_attr_text_show(&text, page),
			c->err ? strlen("before\n") : c->len + 1);
	KUNIT_EXPECT_STREQ(test, page, c->err ? "before\n" : written);
}

static void klab_attr_sys_line_end_is_not_text(struct kunit *test)
{
	char *page = page_of(test);
	struct klab_attr_text text;

	klab_attr_text_init(&text, "before");
	KUNIT_EXPECT_EQ(test, klab_attr_text_store(&text, "a\nb\n", 4), 4);
	KUNIT_EXPECT_EQ(test, klab_attr_text_show(&text, page), 4);
	KUNIT_EXPECT_STREQ(test, page, "a\nb\n");
	KUNIT_EXPECT_EQ(test, klab_attr_text_store(&text, "\n", 1), 1);
	KUNIT_EXPECT_EQ(test, klab_attr_text_show(&text, page), 1);
	KUNIT_EXPECT_EQ(test, klab_attr_text_store(&text, "", 0), 0);
}

/* The attribute of the class that has this name. */
static struct class_attribute *attr_of(struct kunit *test, const char *name)
{
	const struct attribute_group **group = klab_attr_class.class_groups;
	struct attribute **attr;

	for (; *group; group++) {
		for (attr = (*group)->attrs; *attr; attr++) {
			if (!strcmp((*attr)->name, name))
				return container_of(*attr,
						    struct class_attribute,
						    attr);
		}
	}
	KUNIT_FAIL_AND_ABORT(test, "no attribute %s", name);
	return NULL;
}

static ssize_t show(struct kunit *test, const char *name, char *page)
{
	struct class_attribute *attr = attr_of(test, name);

	return attr->show(&klab_attr_class, attr, page);
}

static ssize_t store(struct kunit *test, const char *name, const char *text)
{
	struct class_attribute *attr = attr_of(test, name);

	return attr->store(&klab_attr_class, attr, text, strlen(text));
}

static const char * const names[] = {
	"text", "data1", "data2", "data3", "item1", "item2", "item3",
};

/* Each has a text of its own. */
static void klab_attr_sys_families_are_independent(struct kunit *test)
{
	char *page = page_of(test), *before[ARRAY_SIZE(names)];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		before[i] = page_of(test);
		KUNIT_ASSERT_GT(test, show(test, names[i], before[i]), 0);
		KUNIT_EXPECT_EQ(test, store(test, names[i], names[i]),
				strlen(names[i]));
	}
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		show(test, names[i], page);
		KUNIT_EXPECT_EQ(test, 0, strcmp(strim(page), names[i]));
		store(test, names[i], before[i]);
	}
}

static void klab_attr_sys_reads_fail_as_told(struct kunit *test)
{
	char *page = page_of(test);

	KUNIT_EXPECT_EQ(test, store(test, "faulty_read_error", "28\n"), 3);
	KUNIT_EXPECT_EQ(test, show(test, "faulty", page), -ENOSPC);
	KUNIT_EXPECT_EQ(test, store(test, "faulty_read_error", "0"), 1);
	KUNIT_EXPECT_GT(test, show(test, "faulty", page), 0);
	KUNIT_EXPECT_EQ(test, store(test, "faulty_read_error", "5"), 1);
	KUNIT_EXPECT_EQ(test, show(test, "faulty", page), -EIO);
}

static void klab_attr_sys_writes_fail_as_told(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, store(test, "faulty", "x"), -EIO);
	KUNIT_EXPECT_EQ(test, store(test, "faulty_write_error", "0"), 1);
	KUNIT_EXPECT_EQ(test, store(test, "faulty", "still nobody\n"), 13);
	KUNIT_EXPECT_EQ(test, store(test, "faulty_write_error", "11"), 2);
	KUNIT_EXPECT_EQ(test, store(test, "faulty", "x"), -EAGAIN);
	KUNIT_EXPECT_EQ(test, store(test, "faulty_write_error", "5"), 1);
	KUNIT_EXPECT_EQ(test, store(test, "faulty", "x"), -EIO);
}

static const struct errno_case {
	const char *text;
	int err;
} errno_cases[] = {
	{ "-1", -ERANGE },
	{ "512", -ERANGE },
	{ "99999999999", -ERANGE },
	{ "EIO", -EINVAL },
	{ "", -EINVAL },
	{ "5 6", -EINVAL },
	{ "11", -EINVAL },
	{ "511", 3 },
	{ "0x5", 3 },
	{ "5", 1 },
};

KUNIT_ARRAY_PARAM_DESC(errno, errno_cases, text);

static void klab_attr_sys_error_has_limits(struct kunit *test)
{
	const struct errno_case *c = test->param_value;
	char *page = page_of(test);

	KUNIT_EXPECT_EQ(test, store(test, "faulty_read_error", c->text),
			c->err);
	show(test, "faulty_read_error", page);
	KUNIT_EXPECT_STREQ(test, page,
			   !strcmp(c->text, "511") ? "511\n" : "5\n");
	store(test, "faulty_read_error", "5");
}

KUNIT_DEFINE_ACTION_WRAPPER(destroy_devices, klab_attr_devices_destroy,
			    struct klab_attr_devices *);

static struct klab_attr_devices *devices_of(struct kunit *test,
					    unsigned int levels)
{
	struct klab_attr_devices *devices;

	devices = klab_attr_devices_create(NAME, levels, 0);
	KUNIT_ASSERT_FALSE_MSG(test, IS_ERR(devices), "%pe", devices);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test,
							   destroy_devices,
							   devices));
	return devices;
}

static void klab_attr_sys_devices_are_below_each_other(struct kunit *test)
{
	struct klab_attr_devices *devices = devices_of(test, 4);
	unsigned int i;

	for (i = 1; i < 4; i++) {
		struct kobject *kobj = &devices->device[i]->dev.kobj;

		KUNIT_EXPECT_PTR_EQ(test, kobj->parent,
				    &devices->device[i - 1]->dev.kobj);
	}
	KUNIT_EXPECT_STREQ(test, dev_name(&devices->device[3]->dev), NAME "3");
}

/* An attribute of a device, if it is one that is shown. */
static struct device_attribute *device_attr(struct klab_attr_device *device,
					    const char *name)
{
	const struct attribute_group **group = klab_attr_class.dev_groups;
	struct attribute **attr;

	for (; *group; group++) {
		for (attr = (*group)->attrs; *attr; attr++) {
			if (strcmp((*attr)->name, name))
				continue;
			if ((*group)->is_visible &&
			    !(*group)->is_visible(&device->dev.kobj, *attr, 0))
				return NULL;
			return container_of(*attr, struct device_attribute,
					    attr);
		}
	}
	return NULL;
}

static void klab_attr_sys_devices_have_attributes(struct kunit *test)
{
	struct klab_attr_devices *devices = devices_of(test, 2);
	struct klab_attr_device *low = devices->device[1];
	struct device_attribute *attr;
	char *page = page_of(test);

	attr = device_attr(low, "level");
	KUNIT_EXPECT_EQ(test, attr->show(&low->dev, attr, page), 2);
	KUNIT_EXPECT_STREQ(test, page, "1\n");
	attr = device_attr(low, "above");
	attr->show(&low->dev, attr, page);
	KUNIT_EXPECT_STREQ(test, page, NAME "0\n");
	KUNIT_EXPECT_NULL(test, device_attr(devices->device[0], "above"));
	KUNIT_EXPECT_NOT_NULL(test, device_attr(devices->device[0], "level"));
	attr = device_attr(low, "data");
	KUNIT_EXPECT_EQ(test, attr->store(&low->dev, attr, "new", 3), 3);
	KUNIT_EXPECT_EQ(test, attr->show(&low->dev, attr, page), 4);
	KUNIT_EXPECT_STREQ(test, page, "new\n");
	attr->show(&devices->device[0]->dev, attr, page);
	KUNIT_EXPECT_STREQ(test, page, "not initialised data\n");
}

static void klab_attr_sys_event_has_the_level(struct kunit *test)
{
	struct klab_attr_devices *devices = devices_of(test, 2);
	struct kobj_uevent_env *env;

	env = kunit_kzalloc(test, sizeof(*env), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, env);
	KUNIT_EXPECT_EQ(test, 0,
			klab_attr_class.dev_uevent(&devices->device[1]->dev,
						   env));
	KUNIT_EXPECT_STREQ(test, env->envp[0], "KLAB_LEVEL=1");
}

static void klab_attr_sys_levels_are_limited(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, -EINVAL,
			PTR_ERR(klab_attr_devices_create(NAME, 0, 0)));
	KUNIT_EXPECT_EQ(test, -EINVAL,
			PTR_ERR(klab_attr_devices_create(NAME,
							 KLAB_ATTR_LEVELS_MAX + 1,
							 0)));
}

static int make_devices(struct kunit *test)
{
	struct klab_attr_devices *devices;

	devices = klab_attr_devices_create(NAME, 2, 0);
	if (IS_ERR(devices))
		return PTR_ERR(devices);
	klab_attr_devices_destroy(devices);
	return 0;
}

static void klab_attr_sys_devices_without_memory(struct kunit *test)
{
	klab_kunit_each_failure(test, make_devices);
}

static struct kunit_case klab_attr_sys_cases[] = {
	KUNIT_CASE_PARAM(klab_attr_sys_text_is_taken_or_kept,
			 store_gen_params),
	KUNIT_CASE(klab_attr_sys_line_end_is_not_text),
	KUNIT_CASE(klab_attr_sys_families_are_independent),
	KUNIT_CASE(klab_attr_sys_reads_fail_as_told),
	KUNIT_CASE(klab_attr_sys_writes_fail_as_told),
	KUNIT_CASE_PARAM(klab_attr_sys_error_has_limits, errno_gen_params),
	KUNIT_CASE(klab_attr_sys_devices_are_below_each_other),
	KUNIT_CASE(klab_attr_sys_devices_have_attributes),
	KUNIT_CASE(klab_attr_sys_event_has_the_level),
	KUNIT_CASE(klab_attr_sys_levels_are_limited),
	KUNIT_CASE(klab_attr_sys_devices_without_memory),
	{}
};

static struct kunit_suite klab_attr_sys_suite = {
	.name = "klab_attr_sys",
	.test_cases = klab_attr_sys_cases,
};

kunit_test_suite(klab_attr_sys_suite);

MODULE_DESCRIPTION("klab: KUnit tests for attributes in /sys");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS(EXPORTED_FOR_KUNIT_TESTING);
