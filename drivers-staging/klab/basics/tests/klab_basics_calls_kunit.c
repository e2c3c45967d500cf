// SPDX-License-Identifier: GPL-2.0-only
/* Device nodes in a private file system, and the experiment basics/calls. */

#include <linux/err.h>
#include <linux/errno.h>
#include <linux/kdev_t.h>
#include <linux/kernel.h>
#include <linux/mman.h>
#include <linux/module.h>
#include <linux/mount.h>
#include <linux/pid.h>
#include <linux/sched.h>
#include <linux/string.h>

#include <kunit/test.h>

#include "../../core/klab_fixture.h"
#include "../calls.h"

KUNIT_DEFINE_ACTION_WRAPPER(calls_unmount, klab_basics_calls_unmount,
			    struct vfsmount *);

static struct vfsmount *calls_mount(struct kunit *test)
{
	struct vfsmount *mnt = klab_basics_calls_mount();

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, mnt);
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, calls_unmount, mnt));
	return mnt;
}

static const dev_t calls_devs[] = {
	MKDEV(247, 0),
	MKDEV(0, 63232),
	MKDEV(1, 3),
	MKDEV(4095, MINORMASK),
};

/* Also where major and minor take all the bits that they can have. */
static void klab_basics_calls_mknod_keeps_device_number(struct kunit *test)
{
	struct vfsmount *mnt = calls_mount(test);
	char name[8];
	dev_t seen;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(calls_devs); i++) {
		snprintf(name, sizeof(name), "%u", i);
		KUNIT_ASSERT_EQ(test, 0,
				klab_basics_calls_mknod(mnt, name,
							calls_devs[i], &seen));
		KUNIT_EXPECT_EQ(test, seen, calls_devs[i]);
	}
}

static void klab_basics_calls_mknod_refuses_taken_name(struct kunit *test)
{
	struct vfsmount *mnt = calls_mount(test);
	dev_t seen;

	KUNIT_ASSERT_EQ(test, 0,
			klab_basics_calls_mknod(mnt, "node", MKDEV(247, 0),
						&seen));
	KUNIT_EXPECT_EQ(test, -EEXIST,
			klab_basics_calls_mknod(mnt, "node", MKDEV(247, 0),
						&seen));
}

static void klab_basics_calls_mknod_refuses_path(struct kunit *test)
{
	struct vfsmount *mnt = calls_mount(test);
	dev_t seen;

	KUNIT_EXPECT_EQ(test, -EACCES,
			klab_basics_calls_mknod(mnt, "a/b", MKDEV(247, 0),
						&seen));
}

/* What is in one mount is not in the next. */
static void klab_basics_calls_mounts_are_private(struct kunit *test)
{
	struct vfsmount *first = calls_mount(test);
	struct vfsmount *second = calls_mount(test);
	dev_t seen;

	KUNIT_EXPECT_PTR_NE(test, first->mnt_sb, second->mnt_sb);
	KUNIT_EXPECT_EQ(test, 0,
			klab_basics_calls_mknod(first, "node", MKDEV(247, 0),
						&seen));
	KUNIT_EXPECT_EQ(test, 0,
			klab_basics_calls_mknod(second, "node", MKDEV(247, 0),
						&seen));
}

/* What the kernel calls 247:0 is not what user space does. */
static void klab_basics_calls_encodings_differ(struct kunit *test)
{
	dev_t dev = MKDEV(247, 0);
	dev_t mistaken = new_decode_dev(dev);

	KUNIT_EXPECT_EQ(test, dev, new_decode_dev(new_encode_dev(dev)));
	KUNIT_EXPECT_EQ(test, 0, MAJOR(mistaken));
	KUNIT_EXPECT_EQ(test, 63232, MINOR(mistaken));
}

static bool calls_have(const char *text, const char *row)
{
	return strstr(text, row);
}

static void klab_basics_calls_experiment_makes_nodes(struct kunit *test)
{
	const char *text = klab_kunit_run(test, "basics/calls", "");

	KUNIT_EXPECT_STREQ(test, "the node is 247:0",
			   klab_kunit_cell(test, text, "mknod", "meaning"));
	KUNIT_EXPECT_TRUE(test,
			  calls_have(text, "decoded\t0\tthe node is 247:0\n"));
	KUNIT_EXPECT_TRUE(test,
			  calls_have(text, "\t0\tthe node is 0:63232, "));
}

static void klab_basics_calls_experiment_writes(struct kunit *test)
{
	const char *text = klab_kunit_run(test, "basics/calls", "");

	KUNIT_EXPECT_STREQ(test, "all written",
			   klab_kunit_cell(test, text, "write", "meaning"));
	KUNIT_EXPECT_STREQ(test, "the same text",
			   klab_kunit_cell(test, text, "read", "meaning"));
}

/* Must fail in full because the pointer is none of the user's. */
static void klab_basics_calls_experiment_fails_by_pointer(struct kunit *test)
{
	const char *text;
	char row[80];

	klab_kunit_user_memory(test, PAGE_SIZE, PROT_READ);
	text = klab_kunit_run(test, "basics/calls", "");

	snprintf(row, sizeof(row),
		 "copy_from_user(kernel pointer)\t%lld\tnothing copied",
		 klab_kunit_number(test, text, "write", "result"));
	KUNIT_EXPECT_TRUE(test, calls_have(text, row));
}

/* A kernel thread has no user memory to copy from. */
static void klab_basics_calls_experiment_without_memory(struct kunit *test)
{
	const char *text = klab_kunit_run(test, "basics/calls", "");

	KUNIT_EXPECT_FALSE(test, calls_have(text, "copy_from_user(kernel"));
	KUNIT_EXPECT_STREQ(test,
			   "copy_from_user(): the caller has no user memory",
			   klab_kunit_note(test, text, "left_out"));
}

static void klab_basics_calls_experiment_knows_caller(struct kunit *test)
{
	const char *text = klab_kunit_run(test, "basics/calls", "");

	KUNIT_EXPECT_EQ(test, task_tgid_nr(current),
			klab_kunit_number(test, text, "getpid", "result"));
}

static int calls_step(struct kunit *test)
{
	struct vfsmount *mnt = klab_basics_calls_mount();
	int err = PTR_ERR_OR_ZERO(mnt);
	dev_t seen;

	if (!err) {
		err = klab_basics_calls_mknod(mnt, "node", MKDEV(247, 0),
					      &seen);
		klab_basics_calls_unmount(mnt);
	}
	/* What tmpfs makes of an inode that it does not get. */
	return err == -ENOSPC ? -ENOMEM : err;
}

static void klab_basics_calls_mknod_survives_no_memory(struct kunit *test)
{
	klab_kunit_each_failure(test, calls_step);
}

static struct kunit_case calls_cases[] = {
	KUNIT_CASE(klab_basics_calls_mknod_keeps_device_number),
	KUNIT_CASE(klab_basics_calls_mknod_refuses_taken_name),
	KUNIT_CASE(klab_basics_calls_mknod_refuses_path),
	KUNIT_CASE(klab_basics_calls_mounts_are_private),
	KUNIT_CASE(klab_basics_calls_encodings_differ),
	KUNIT_CASE(klab_basics_calls_experiment_makes_nodes),
	KUNIT_CASE(klab_basics_calls_experiment_writes),
	KUNIT_CASE(klab_basics_calls_experiment_fails_by_pointer),
	KUNIT_CASE(klab_basics_calls_experiment_without_memory),
	KUNIT_CASE(klab_basics_calls_experiment_knows_caller),
	KUNIT_CASE(klab_basics_calls_mknod_survives_no_memory),
	{}
};

static struct kunit_suite calls_suite = {
	.name = "klab_basics_calls",
	.test_cases = calls_cases,
};

kunit_test_suite(calls_suite);

MODULE_DESCRIPTION("KUnit tests for klab's work of system calls");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS(EXPORTED_FOR_KUNIT_TESTING);
