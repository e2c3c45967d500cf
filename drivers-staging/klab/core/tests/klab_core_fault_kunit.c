// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of fault knobs.
 */

#include <kunit/resource.h>
#include <kunit/test.h>
#include <linux/dcache.h>
#include <linux/debugfs.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/kconfig.h>
#include <linux/module.h>

#include "../core_measure.h"
#include "../klab_fixture.h"

KUNIT_DEFINE_ACTION_WRAPPER(klab_test_unregister, klab_fault_unregister,
			    struct klab_fault *);

static void klab_test_register(struct kunit *test, struct klab_fault *fault)
{
	KUNIT_ASSERT_EQ(test, 0, klab_fault_register(fault));
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, klab_test_unregister,
						  fault));
}

static void klab_fault_register_without_name(struct kunit *test)
{
	static DEFINE_KLAB_FAULT(none, NULL);
	static DEFINE_KLAB_FAULT(empty, "");

	KUNIT_EXPECT_EQ(test, -EINVAL, klab_fault_register(&none));
	KUNIT_EXPECT_EQ(test, -EINVAL, klab_fault_register(&empty));
}

/* True in every kernel, with fault injection and without. */
static void klab_fault_due_by_default(struct kunit *test)
{
	static DEFINE_KLAB_FAULT(fault, "test-fault");

	klab_test_register(test, &fault);
	KUNIT_EXPECT_FALSE(test, klab_fault_due(&fault, 1));
}

static void klab_fault_unregister_unknown(struct kunit *test)
{
	static DEFINE_KLAB_FAULT(fault, "test-fault");

	klab_fault_unregister(&fault);
	KUNIT_EXPECT_NULL(test, fault.dir);
}

#ifdef CONFIG_FAULT_INJECTION
static void klab_fault_due_twice(struct kunit *test)
{
	static DEFINE_KLAB_FAULT(fault, "test-fault");
	unsigned int due = 0, i;

	klab_test_register(test, &fault);
	fault.attr.verbose = 0;
	atomic_set(&fault.attr.times, 2);
	fault.attr.probability = 100;
	for (i = 0; i < 10; i++)
		due += klab_fault_due(&fault, 1);

	KUNIT_EXPECT_EQ(test, 2U, due);
}

/* The space is the number of bytes that still succeed. */
static void klab_fault_due_after_space(struct kunit *test)
{
	static DEFINE_KLAB_FAULT(fault, "test-fault");

	klab_test_register(test, &fault);
	fault.attr.verbose = 0;
	fault.attr.probability = 100;
	atomic_set(&fault.attr.space, 250);

	KUNIT_EXPECT_FALSE(test, klab_fault_due(&fault, 100));
	KUNIT_EXPECT_FALSE(test, klab_fault_due(&fault, 100));
	KUNIT_EXPECT_TRUE(test, klab_fault_due(&fault, 100));
}
#endif /* CONFIG_FAULT_INJECTION */

#ifdef CONFIG_FAULT_INJECTION_DEBUG_FS
static void klab_fault_register_files(struct kunit *test)
{
	static DEFINE_KLAB_FAULT(fault, "test-fault");
	struct dentry *file;

	klab_test_register(test, &fault);
	if (IS_ERR(fault.dir))
		kunit_skip(test, "debugfs is off");

	KUNIT_EXPECT_STREQ(test, "faults",
			   fault.dir->d_parent->d_name.name);
	file = debugfs_lookup("probability", fault.dir);
	KUNIT_EXPECT_NOT_NULL(test, file);
	dput(file);
}

static void klab_fault_register_taken_name(struct kunit *test)
{
	static DEFINE_KLAB_FAULT(first, "test-fault");
	static DEFINE_KLAB_FAULT(second, "test-fault");

	klab_test_register(test, &first);
	if (IS_ERR(first.dir))
		kunit_skip(test, "debugfs is off");

	KUNIT_EXPECT_EQ(test, -EEXIST, klab_fault_register(&second));
	klab_fault_unregister(&second);
	klab_fault_unregister(&first);
	KUNIT_EXPECT_EQ(test, 0, klab_fault_register(&second));
	klab_fault_unregister(&second);
}
#endif /* CONFIG_FAULT_INJECTION_DEBUG_FS */

static int klab_test_register_step(struct kunit *test)
{
	static DEFINE_KLAB_FAULT(fault, "test-fault");
	int ret = klab_fault_register(&fault);

	klab_fault_unregister(&fault);
	return ret;
}

static void klab_fault_register_without_memory(struct kunit *test)
{
	klab_kunit_each_failure(test, klab_test_register_step);
}

static struct kunit_case klab_core_fault_cases[] = {
	KUNIT_CASE(klab_fault_register_without_name),
	KUNIT_CASE(klab_fault_due_by_default),
	KUNIT_CASE(klab_fault_unregister_unknown),
#ifdef CONFIG_FAULT_INJECTION
	KUNIT_CASE(klab_fault_due_twice),
	KUNIT_CASE(klab_fault_due_after_space),
#endif
#ifdef CONFIG_FAULT_INJECTION_DEBUG_FS
	KUNIT_CASE(klab_fault_register_files),
	KUNIT_CASE(klab_fault_register_taken_name),
#endif
	KUNIT_CASE(klab_fault_register_without_memory),
	{}
};

static struct kunit_suite klab_core_fault_suite = {
	.name		= "klab_core_fault",
	.test_cases	= klab_core_fault_cases,
};

kunit_test_suite(klab_core_fault_suite);

MODULE_DESCRIPTION("klab: KUnit tests of fault knobs");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS(EXPORTED_FOR_KUNIT_TESTING);
