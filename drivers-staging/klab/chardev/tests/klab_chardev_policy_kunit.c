// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests for devices with an open policy: whose text is read, what is
 * refused, and what bad addresses and lack of memory leave.
 */
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/kdev_t.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include <kunit/test.h>

#include "../../core/klab_fixture.h"
#include "../policy.h"

#define TEXT_MAX	KLAB_POLICY_TEXT_MAX

/* Other minors than those of the module, as the name has the minor. */
#define MINOR_OF_TESTS	100

/**
 * struct opened - an open file of a device
 * @inode: leads to the device
 * @file: knows no more than what the functions look at
 * @page: a page of user space, behind which there is nothing
 * @pos: where it is
 */
struct opened {
	struct inode *inode;
	struct file *file;
	char __user *page;
	loff_t pos;
};

static void remove_device(void *pdev)
{
	dev_t devt = ((struct klab_policy_dev *)pdev)->dev.devt;

	klab_policy_dev_destroy(pdev);
	unregister_chrdev_region(devt, 1);
}

static struct klab_policy_dev *device_of(struct kunit *test,
					 enum klab_gate_policy policy)
{
	struct klab_policy_dev *pdev;
	dev_t devt;

	KUNIT_ASSERT_EQ(test, 0, alloc_chrdev_region(&devt, MINOR_OF_TESTS, 1,
						     "klab-policy-test"));
	pdev = klab_policy_dev_create(devt, policy, 1);
	if (IS_ERR(pdev))
		unregister_chrdev_region(devt, 1);
	KUNIT_ASSERT_FALSE(test, IS_ERR(pdev));
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, remove_device,
							   pdev));
	return pdev;
}

static struct opened *prepare(struct kunit *test, struct klab_policy_dev *pdev)
{
	struct opened *o = kunit_kzalloc(test, sizeof(*o), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, o);
	o->inode = kunit_kzalloc(test, sizeof(*o->inode), GFP_KERNEL);
	o->file = kunit_kzalloc(test, sizeof(*o->file), GFP_KERNEL);
	KUNIT_ASSERT_TRUE(test, o->inode && o->file);
	o->inode->i_rdev = pdev->dev.devt;
	o->file->f_inode = o->inode;
	o->file->f_flags = O_NONBLOCK;

	o->page = klab_kunit_user_page(test);
	return o;
}

static int open_it(struct opened *o)
{
	return klab_policy_fops.open(o->inode, o->file);
}

static void close_it(void *data)
{
	struct opened *o = data;

	klab_policy_fops.release(o->inode, o->file);
}

static struct opened *open_dev(struct kunit *test, struct klab_policy_dev *pdev)
{
	struct opened *o = prepare(test, pdev);

	KUNIT_ASSERT_EQ(test, 0, open_it(o));
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, close_it, o));
	return o;
}

static ssize_t put_bytes(struct opened *o, const char *data, size_t len)
{
	if (copy_to_user(o->page, data, len))
		return -EFAULT;
	return klab_policy_fops.write(o->file, o->page, len, &o->pos);
}

static ssize_t put(struct opened *o, const char *text)
{
	return put_bytes(o, text, strlen(text));
}

static ssize_t take(struct opened *o, size_t count)
{
	return klab_policy_fops.read(o->file, o->page, count, &o->pos);
}

/* Reads to the end, and there must be this and no more. */
static void expect_text(struct kunit *test, struct opened *o, const char *text)
{
	char back[TEXT_MAX + 2] = "";

	KUNIT_ASSERT_EQ(test, take(o, sizeof(back)), strlen(text));
	KUNIT_ASSERT_EQ(test, 0, copy_from_user(back, o->page, strlen(text)));
	KUNIT_EXPECT_STREQ(test, back, text);
	KUNIT_EXPECT_EQ(test, take(o, sizeof(back)), 0);
}

static void klab_chardev_policy_one_text_for_all(struct kunit *test)
{
	struct klab_policy_dev *pdev = device_of(test, KLAB_GATE_NONE);
	struct opened *one = open_dev(test, pdev);
	struct opened *two = open_dev(test, pdev);

	/* Who shares a descriptor takes turns. */
	KUNIT_EXPECT_TRUE(test, one->file->f_mode & FMODE_ATOMIC_POS);
	KUNIT_EXPECT_EQ(test, put(one, "1111111"), 7);
	KUNIT_EXPECT_EQ(test, put(two, "22222\n"), 6);
	expect_text(test, one, "22222\n");
	expect_text(test, two, "22222\n");
}

static void klab_chardev_policy_text_for_each(struct kunit *test)
{
	struct klab_policy_dev *pdev = device_of(test, KLAB_GATE_INSTANCE);
	struct opened *one = open_dev(test, pdev);
	struct opened *two = open_dev(test, pdev);

	KUNIT_EXPECT_EQ(test, put(one, "1111111"), 7);
	KUNIT_EXPECT_EQ(test, put(two, "22222"), 5);
	expect_text(test, one, "1111111\n");
	expect_text(test, two, "22222\n");
	expect_text(test, open_dev(test, pdev), "own: nothing written\n");
}

static void klab_chardev_policy_second_is_busy(struct kunit *test)
{
	struct klab_policy_dev *pdev = device_of(test, KLAB_GATE_EXCLUSIVE);
	struct opened *one = open_dev(test, pdev);
	struct opened *two = prepare(test, pdev);

	KUNIT_EXPECT_EQ(test, open_it(two), -EBUSY);
	KUNIT_EXPECT_EQ(test, put(one, "1111111"), 7);
	expect_text(test, one, "1111111\n");
	kunit_release_action(test, close_it, one);
	KUNIT_EXPECT_EQ(test, open_it(two), 0);
	expect_text(test, two, "1111111\n");
	close_it(two);
}

static void klab_chardev_policy_waits_unless_told_not_to(struct kunit *test)
{
	struct klab_policy_dev *pdev = device_of(test, KLAB_GATE_TIMEOUT);
	struct opened *two = prepare(test, pdev);

	open_dev(test, pdev);
	KUNIT_EXPECT_EQ(test, open_it(two), -EAGAIN);
	KUNIT_EXPECT_EQ(test, pdev->gate.waited, 0);
	two->file->f_flags = 0;
	KUNIT_EXPECT_EQ(test, open_it(two), -ETIMEDOUT);
	KUNIT_EXPECT_EQ(test, pdev->gate.waited, 1);
}

static void klab_chardev_policy_empty_write_touches_nothing(struct kunit *test)
{
	struct opened *o = open_dev(test, device_of(test, KLAB_GATE_NONE));

	KUNIT_EXPECT_EQ(test, put(o, ""), 0);
	expect_text(test, o, "shared: nothing written\n");
	KUNIT_EXPECT_EQ(test, put(o, "\n"), 1);
	expect_text(test, o, "\n");
}

static void klab_chardev_policy_longest_text(struct kunit *test)
{
	struct opened *o = open_dev(test, device_of(test, KLAB_GATE_NONE));
	char text[TEXT_MAX + 3];

	memset(text, 'x', sizeof(text));
	KUNIT_EXPECT_EQ(test, put_bytes(o, text, TEXT_MAX), TEXT_MAX);
	KUNIT_EXPECT_EQ(test, put_bytes(o, text, TEXT_MAX + 1), -EMSGSIZE);
	KUNIT_EXPECT_EQ(test, put_bytes(o, text, TEXT_MAX + 2), -EMSGSIZE);
	text[TEXT_MAX] = '\n';
	text[TEXT_MAX + 1] = '\0';
	KUNIT_EXPECT_EQ(test, put_bytes(o, text, TEXT_MAX + 1), TEXT_MAX + 1);
	expect_text(test, o, text);
}

static void klab_chardev_policy_read_keeps_to_its_buffer(struct kunit *test)
{
	struct opened *o = open_dev(test, device_of(test, KLAB_GATE_NONE));
	char back[8] = "";

	KUNIT_ASSERT_EQ(test, put(o, "abcdef"), 6);
	KUNIT_ASSERT_EQ(test, 0, copy_to_user(o->page, "zzzzzzz", 7));
	KUNIT_EXPECT_EQ(test, take(o, 4), 4);
	KUNIT_ASSERT_EQ(test, 0, copy_from_user(back, o->page, 7));
	KUNIT_EXPECT_STREQ(test, back, "abcdzzz");
	KUNIT_EXPECT_EQ(test, take(o, 100), 3);
	KUNIT_EXPECT_EQ(test, take(o, 100), 0);
}

static void klab_chardev_policy_reader_gets_one_text(struct kunit *test)
{
	struct klab_policy_dev *pdev = device_of(test, KLAB_GATE_NONE);
	struct opened *reader = open_dev(test, pdev);
	struct opened *writer = open_dev(test, pdev);

	KUNIT_ASSERT_EQ(test, put(writer, "first text"), 10);
	KUNIT_ASSERT_EQ(test, take(reader, 5), 5);
	KUNIT_ASSERT_EQ(test, put(writer, "2"), 1);
	expect_text(test, reader, " text\n");
	reader->pos = 0;
	expect_text(test, reader, "2\n");
}

static void klab_chardev_policy_read_from_the_middle(struct kunit *test)
{
	struct opened *o = open_dev(test, device_of(test, KLAB_GATE_NONE));

	o->pos = 8;
	expect_text(test, o, "nothing written\n");
	o->pos = -1;
	KUNIT_EXPECT_EQ(test, take(o, 1), -EINVAL);
}

static void klab_chardev_policy_bad_address_is_a_fault(struct kunit *test)
{
	struct opened *o = open_dev(test, device_of(test, KLAB_GATE_NONE));

	KUNIT_ASSERT_EQ(test, put(o, "stays"), 5);
	o->page += PAGE_SIZE;
	KUNIT_EXPECT_EQ(test, klab_policy_fops.write(o->file, o->page, 3,
						     &o->pos), -EFAULT);
	KUNIT_EXPECT_EQ(test, klab_policy_fops.write(o->file, o->page - 1, 3,
						     &o->pos), -EFAULT);
	KUNIT_EXPECT_EQ(test, take(o, 3), -EFAULT);
	KUNIT_EXPECT_EQ(test, o->pos, 0);
	o->page -= PAGE_SIZE;
	expect_text(test, o, "stays\n");
}

static void klab_chardev_policy_debug_logs_all(struct kunit *test)
{
	struct klab_policy_dev *pdev = device_of(test, KLAB_GATE_INSTANCE);
	struct opened *o = prepare(test, pdev);

	klab_policy_debug = true;
	KUNIT_EXPECT_EQ(test, open_it(o), 0);
	KUNIT_EXPECT_EQ(test, put(o, "x"), 1);
	KUNIT_EXPECT_EQ(test, take(o, 10), 2);
	close_it(o);
	klab_policy_debug = false;
	KUNIT_EXPECT_EQ(test, pdev->gate.inside, 0);
}

static int create_and_destroy(struct kunit *test)
{
	struct klab_policy_dev *pdev;
	dev_t devt;
	int err;

	err = alloc_chrdev_region(&devt, MINOR_OF_TESTS, 1, "klab-policy-test");
	if (err)
		return err;
	pdev = klab_policy_dev_create(devt, KLAB_GATE_WAIT, 1);
	err = PTR_ERR_OR_ZERO(pdev);
	if (!err)
		klab_policy_dev_destroy(pdev);
	unregister_chrdev_region(devt, 1);
	return err;
}

static void klab_chardev_policy_device_without_memory(struct kunit *test)
{
	klab_kunit_each_failure(test, create_and_destroy);
}

/* Who could open it now would be left alone when init fails later. */
static void klab_chardev_policy_cannot_be_opened_by_its_device(struct kunit *test)
{
	struct klab_policy_dev *pdev = device_of(test, KLAB_GATE_NONE);
	struct opened *o = prepare(test, pdev);

	init_special_inode(o->inode, S_IFCHR, pdev->dev.devt);
	KUNIT_EXPECT_EQ(test, o->inode->i_fop->open(o->inode, o->file), -ENXIO);
}

static int open_and_close(struct kunit *test)
{
	int err = open_it(test->priv);

	if (!err)
		close_it(test->priv);
	return err;
}

static void klab_chardev_policy_open_without_memory(struct kunit *test)
{
	struct klab_policy_dev *pdev = device_of(test, KLAB_GATE_EXCLUSIVE);

	test->priv = prepare(test, pdev);
	klab_kunit_each_failure(test, open_and_close);
	/* Who failed has left nothing inside. */
	KUNIT_EXPECT_EQ(test, pdev->gate.inside, 0);
}

static struct kunit_case klab_chardev_policy_cases[] = {
	KUNIT_CASE(klab_chardev_policy_one_text_for_all),
	KUNIT_CASE(klab_chardev_policy_text_for_each),
	KUNIT_CASE(klab_chardev_policy_second_is_busy),
	KUNIT_CASE(klab_chardev_policy_waits_unless_told_not_to),
	KUNIT_CASE(klab_chardev_policy_empty_write_touches_nothing),
	KUNIT_CASE(klab_chardev_policy_longest_text),
	KUNIT_CASE(klab_chardev_policy_read_keeps_to_its_buffer),
	KUNIT_CASE(klab_chardev_policy_reader_gets_one_text),
	KUNIT_CASE(klab_chardev_policy_read_from_the_middle),
	KUNIT_CASE(klab_chardev_policy_bad_address_is_a_fault),
	KUNIT_CASE(klab_chardev_policy_debug_logs_all),
	KUNIT_CASE(klab_chardev_policy_device_without_memory),
	KUNIT_CASE(klab_chardev_policy_cannot_be_opened_by_its_device),
	KUNIT_CASE(klab_chardev_policy_open_without_memory),
	{}
};

static struct kunit_suite klab_chardev_policy_suite = {
	.name = "klab_chardev_policy",
	.test_cases = klab_chardev_policy_cases,
};

kunit_test_suite(klab_chardev_policy_suite);

MODULE_DESCRIPTION("klab: KUnit tests for open policies");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS(EXPORTED_FOR_KUNIT_TESTING);
