// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests for the ways to register: what is refused, which numbers lead
 * where, the read operation that all have, and memory that runs out.
 */
#include <linux/atomic.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/kdev_t.h>
#include <linux/limits.h>
#include <linux/major.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include <kunit/test.h>

#include "../../core/klab_fixture.h"
#include "../register.h"

#define PREFIX	"klab-test-register"
#define OTHER	"klab-test-other"
#define LENGTH	(sizeof(KLAB_REGISTER_TEXT) - 1)

static void destroy(void *reg)
{
	klab_register_destroy(reg);
}

static struct klab_register *create_as(struct kunit *test, const char *prefix,
				       const char *style, unsigned int channels,
				       unsigned int major, int minor)
{
	struct klab_register_config config = {
		.style = style,
		.prefix = prefix,
		.channels = channels,
		.major = major,
		.minor = minor,
	};
	struct klab_register *reg = klab_register_create(&config);

	if (!IS_ERR(reg))
		KUNIT_ASSERT_EQ(test, 0,
				kunit_add_action_or_reset(test, destroy, reg));
	return reg;
}

static struct klab_register *create(struct kunit *test, const char *style,
				    unsigned int channels, unsigned int major,
				    int minor)
{
	return create_as(test, PREFIX, style, channels, major, minor);
}

static struct klab_register *created(struct kunit *test, const char *style,
				     unsigned int channels)
{
	struct klab_register *reg = create(test, style, channels, 0, -1);

	KUNIT_ASSERT_FALSE_MSG(test, IS_ERR(reg), "%pe", reg);
	return reg;
}

static const struct refusal_case {
	const char *what;
	const char *style;
	unsigned int channels;
	unsigned int major;
	int minor;
} refusal_cases[] = {
	{ "no such style", "block", 1, 0, -1 },
	{ "empty style", "", 1, 0, -1 },
	{ "cdev, no channel", "cdev", 0, 0, -1 },
	{ "cdev, too many channels", "cdev", 1025, 0, -1 },
	{ "cdev, major too large", "cdev", 1, 512, -1 },
	{ "cdev, major far too large", "cdev", 1, UINT_MAX, -1 },
	{ "cdev, minor negative", "cdev", 1, 0, -2 },
	{ "cdev, minor most negative", "cdev", 1, 0, INT_MIN },
	{ "cdev, minor too large", "cdev", 1, 0, 1 << MINORBITS },
	{ "cdev, minor largest", "cdev", 1, 0, INT_MAX },
	{ "cdev, last minor too large", "cdev", 3, 0, (1 << MINORBITS) - 2 },
	{ "misc, no channel", "misc", 0, 0, -1 },
	{ "misc, too many channels", "misc", 65, 0, -1 },
	{ "misc, a major", "misc", 1, MISC_MAJOR, -1 },
	{ "misc, minor of those that mean any", "misc", 1, 0, 255 },
	{ "misc, last minor too large", "misc", 2, 0, 254 },
	{ "major, no channel", "major", 0, 0, -1 },
	{ "major, more than the 256 there are", "major", 257, 0, -1 },
	{ "major, major too large", "major", 1, 512, -1 },
	{ "major, a minor", "major", 1, 0, 0 },
};

KUNIT_ARRAY_PARAM_DESC(refusal, refusal_cases, what);

static void klab_chardev_register_parameter_refused(struct kunit *test)
{
	const struct refusal_case *c = test->param_value;

	KUNIT_EXPECT_EQ(test, -EINVAL,
			PTR_ERR(create(test, c->style, c->channels, c->major,
				       c->minor)));
}

static void klab_chardev_register_cdev_range_exact(struct kunit *test)
{
	struct klab_register *reg = create(test, "cdev", 3, 0, 5);
	unsigned int major;

	KUNIT_ASSERT_FALSE(test, IS_ERR(reg));
	major = MAJOR(reg->first);
	KUNIT_EXPECT_EQ(test, MINOR(reg->first), 5);
	KUNIT_EXPECT_NULL(test, klab_register_find(MKDEV(major, 4)));
	KUNIT_EXPECT_PTR_EQ(test, klab_register_find(MKDEV(major, 5)),
			    &reg->channels[0]);
	KUNIT_EXPECT_PTR_EQ(test, klab_register_find(MKDEV(major, 7)),
			    &reg->channels[2]);
	KUNIT_EXPECT_NULL(test, klab_register_find(MKDEV(major, 8)));
	KUNIT_EXPECT_NULL(test, klab_register_find(MKDEV(major + 1, 5)));
}

static void klab_chardev_register_last_minor_can_be_had(struct kunit *test)
{
	int last = (1 << MINORBITS) - 1;
	struct klab_register *reg = create(test, "cdev", 1, 0, last);

	KUNIT_ASSERT_FALSE(test, IS_ERR(reg));
	KUNIT_EXPECT_EQ(test, MINOR(reg->first), last);
}

static void klab_chardev_register_whole_major_has_all_minors(struct kunit *test)
{
	struct klab_register *reg = created(test, "major", 2);
	unsigned int major = MAJOR(reg->first);

	KUNIT_EXPECT_PTR_EQ(test, klab_register_find(MKDEV(major, 255)),
			    &reg->channels[255]);
	KUNIT_EXPECT_NULL(test, klab_register_find(MKDEV(major, 256)));
	KUNIT_EXPECT_NOT_NULL(test, reg->channels[1].dev);
	KUNIT_EXPECT_NULL(test, reg->channels[2].dev);
}

static void klab_chardev_register_misc_has_a_minor_each(struct kunit *test)
{
	struct klab_register *reg = created(test, "misc", 2);

	KUNIT_EXPECT_EQ(test, MAJOR(reg->first), MISC_MAJOR);
	KUNIT_EXPECT_GT(test, reg->channels[0].misc.minor, MISC_DYNAMIC_MINOR);
	KUNIT_EXPECT_NE(test, reg->channels[0].misc.minor,
			reg->channels[1].misc.minor);
}

static const char * const style_cases[] = { "cdev", "major" };

static void style_desc(const char * const *style, char *desc)
{
	strscpy(desc, *style, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(style, style_cases, style_desc);

static void klab_chardev_register_number_taken_is_busy(struct kunit *test)
{
	const char *style = *(const char * const *)test->param_value;
	struct klab_register *reg = created(test, "cdev", 2);
	unsigned int major = MAJOR(reg->first);

	KUNIT_EXPECT_EQ(test, -EBUSY,
			PTR_ERR(create(test, style, 2, major, -1)));
	/* Nothing is left of it that would be found instead. */
	KUNIT_EXPECT_PTR_EQ(test, klab_register_find(reg->first),
			    &reg->channels[0]);
}

static void klab_chardev_register_number_free_again(struct kunit *test)
{
	const char *style = *(const char * const *)test->param_value;
	struct klab_register *reg = created(test, style, 2);
	dev_t first = reg->first;

	kunit_release_action(test, destroy, reg);
	KUNIT_EXPECT_NULL(test, klab_register_find(first));
	reg = create(test, style, 2, MAJOR(first), -1);
	KUNIT_ASSERT_FALSE(test, IS_ERR(reg));
	KUNIT_EXPECT_EQ(test, reg->first, first);
}

static void klab_chardev_register_ranges_share_a_major(struct kunit *test)
{
	struct klab_register *low = created(test, "cdev", 2);
	unsigned int major = MAJOR(low->first);
	struct klab_register *high = create_as(test, OTHER, "cdev", 2, major, 2);

	KUNIT_ASSERT_FALSE(test, IS_ERR(high));
	KUNIT_EXPECT_PTR_EQ(test, klab_register_find(MKDEV(major, 1)),
			    &low->channels[1]);
	KUNIT_EXPECT_PTR_EQ(test, klab_register_find(MKDEV(major, 2)),
			    &high->channels[0]);
	kunit_release_action(test, destroy, high);
	KUNIT_EXPECT_NULL(test, klab_register_find(MKDEV(major, 2)));
}

/* A minor for a misc device that nobody has; other drivers have some. */
static struct klab_register *misc_at(struct kunit *test, int *minor)
{
	struct klab_register *reg = ERR_PTR(-EBUSY);

	for (*minor = 253; PTR_ERR(reg) == -EBUSY && *minor > 200; --*minor)
		reg = create(test, "misc", 2, 0, *minor);
	++*minor;
	return reg;
}

static void klab_chardev_register_misc_minor_taken_is_busy(struct kunit *test)
{
	struct klab_register *reg;
	int minor;

	reg = misc_at(test, &minor);
	KUNIT_ASSERT_FALSE(test, IS_ERR(reg));
	KUNIT_EXPECT_EQ(test, reg->channels[1].misc.minor, minor + 1);
	KUNIT_EXPECT_EQ(test, -EBUSY,
			PTR_ERR(create_as(test, OTHER, "misc", 1, 0, minor + 1)));
	/* The second of two; the first is given back. */
	KUNIT_EXPECT_EQ(test, -EBUSY,
			PTR_ERR(create_as(test, OTHER, "misc", 2, 0, minor - 1)));
	KUNIT_EXPECT_FALSE(test, IS_ERR(create_as(test, OTHER, "misc", 1, 0,
						  minor - 1)));
}

/**
 * struct opened - an open channel
 * @inode: knows its number only
 * @file: knows no more than what the functions look at
 * @page: a page of user space, behind which there is nothing
 */
struct opened {
	struct inode *inode;
	struct file *file;
	char __user *page;
};

static struct opened *prepare(struct kunit *test, dev_t devt)
{
	struct opened *o = kunit_kzalloc(test, sizeof(*o), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, o);
	o->inode = kunit_kzalloc(test, sizeof(*o->inode), GFP_KERNEL);
	o->file = kunit_kzalloc(test, sizeof(*o->file), GFP_KERNEL);
	KUNIT_ASSERT_TRUE(test, o->inode && o->file);
	o->inode->i_rdev = devt;
	o->file->f_inode = o->inode;
	spin_lock_init(&o->file->f_lock);

	o->page = klab_kunit_user_page(test);
	return o;
}

static ssize_t take(struct opened *o, size_t count, loff_t *pos)
{
	return klab_register_fops.read(o->file, o->page, count, pos);
}

/* What read() has put into the page. */
static void expect_text(struct kunit *test, struct opened *o, const char *text)
{
	char back[32] = "";

	KUNIT_ASSERT_EQ(test, 0, copy_from_user(back, o->page, strlen(text)));
	KUNIT_EXPECT_STREQ(test, back, text);
}

static void klab_chardev_register_open_finds_its_channel(struct kunit *test)
{
	const char *style = *(const char * const *)test->param_value;
	struct klab_register *reg = created(test, style, 3);
	struct opened *o = prepare(test, reg->first + 1);

	KUNIT_ASSERT_EQ(test, 0, klab_register_fops.open(o->inode, o->file));
	KUNIT_EXPECT_EQ(test, atomic_read(&reg->channels[0].open), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&reg->channels[1].open), 1);
	KUNIT_EXPECT_TRUE(test, o->file->f_mode & FMODE_ATOMIC_POS);
	klab_register_fops.release(o->inode, o->file);
	KUNIT_EXPECT_EQ(test, atomic_read(&reg->channels[1].open), 0);
	KUNIT_EXPECT_EQ(test, atomic64_read(&reg->channels[1].opened), 1);
}

static void klab_chardev_register_open_of_strange_number(struct kunit *test)
{
	struct klab_register *reg = created(test, "cdev", 3);
	struct opened *o = prepare(test, reg->first + 3);

	KUNIT_EXPECT_EQ(test, -ENXIO,
			klab_register_fops.open(o->inode, o->file));
}

static void klab_chardev_register_misc_open_has_its_channel(struct kunit *test)
{
	struct klab_register *reg = created(test, "misc", 2);
	struct opened *o = prepare(test, reg->first);
	loff_t pos = 0;

	klab_register_debug = true;
	o->file->private_data = &reg->channels[1].misc;
	KUNIT_EXPECT_EQ(test, 0,
			klab_register_misc_fops.open(o->inode, o->file));
	KUNIT_EXPECT_EQ(test, atomic_read(&reg->channels[1].open), 1);
	KUNIT_EXPECT_EQ(test, take(o, 100, &pos), LENGTH);
	klab_register_misc_fops.release(o->inode, o->file);
	klab_register_debug = false;
	KUNIT_EXPECT_EQ(test, atomic_read(&reg->channels[1].open), 0);
}

/* An open channel of any kind, as its read operation knows nothing of it. */
static struct opened *open_any(struct kunit *test)
{
	struct klab_register *reg = created(test, "cdev", 1);
	struct opened *o = prepare(test, reg->first);

	KUNIT_ASSERT_EQ(test, 0, klab_register_fops.open(o->inode, o->file));
	return o;
}

static void klab_chardev_register_read_then_end(struct kunit *test)
{
	struct opened *o = open_any(test);
	loff_t pos = 0;

	KUNIT_EXPECT_EQ(test, take(o, PAGE_SIZE, &pos), LENGTH);
	expect_text(test, o, KLAB_REGISTER_TEXT);
	KUNIT_EXPECT_EQ(test, pos, LENGTH);
	KUNIT_EXPECT_EQ(test, take(o, PAGE_SIZE, &pos), 0);
}

static void klab_chardev_register_short_reads_are_served(struct kunit *test)
{
	struct opened *o = open_any(test);
	loff_t pos = 0;

	KUNIT_EXPECT_EQ(test, take(o, 5, &pos), 5);
	expect_text(test, o, "Hello");
	KUNIT_EXPECT_EQ(test, take(o, 0, &pos), 0);
	KUNIT_EXPECT_EQ(test, take(o, 100, &pos), LENGTH - 5);
	expect_text(test, o, &KLAB_REGISTER_TEXT[5]);
	pos = -1;
	KUNIT_EXPECT_EQ(test, take(o, 1, &pos), -EINVAL);
}

static void klab_chardev_register_bad_address_is_a_fault(struct kunit *test)
{
	struct opened *o = open_any(test);
	loff_t pos = 0;

	o->page += PAGE_SIZE;
	KUNIT_EXPECT_EQ(test, take(o, 5, &pos), -EFAULT);
	KUNIT_EXPECT_EQ(test, pos, 0);
	o->page -= 3;
	KUNIT_EXPECT_EQ(test, take(o, 5, &pos), 3);
	KUNIT_EXPECT_EQ(test, pos, 3);
}

static void klab_chardev_register_position_within_the_text(struct kunit *test)
{
	struct opened *o = open_any(test);
	loff_t (*seek)(struct file *file, loff_t offset, int whence) =
		klab_register_fops.llseek;

	KUNIT_EXPECT_EQ(test, seek(o->file, 7, SEEK_SET), 7);
	KUNIT_EXPECT_EQ(test, seek(o->file, 0, SEEK_END), LENGTH);
	KUNIT_EXPECT_EQ(test, seek(o->file, LENGTH + 1, SEEK_SET), -EINVAL);
	KUNIT_EXPECT_EQ(test, seek(o->file, 0, SEEK_DATA), -EINVAL);
}

static const char * const any_cases[] = { "cdev", "misc", "major" };

KUNIT_ARRAY_PARAM(any, any_cases, style_desc);

/* A misc minor that no memory could be had for is told as a busy one. */
static int create_and_destroy(struct kunit *test)
{
	struct klab_register_config config = {
		.style = *(const char * const *)test->param_value,
		.prefix = PREFIX,
		.channels = 2,
		.minor = -1,
	};
	struct klab_register *reg = klab_register_create(&config);

	if (IS_ERR(reg))
		return PTR_ERR(reg) == -EBUSY ? -ENOMEM : PTR_ERR(reg);
	klab_register_destroy(reg);
	return 0;
}

static void klab_chardev_register_without_memory(struct kunit *test)
{
	klab_kunit_each_failure(test, create_and_destroy);
}

static struct kunit_case klab_chardev_register_cases[] = {
	KUNIT_CASE_PARAM(klab_chardev_register_parameter_refused,
			 refusal_gen_params),
	KUNIT_CASE(klab_chardev_register_cdev_range_exact),
	KUNIT_CASE(klab_chardev_register_last_minor_can_be_had),
	KUNIT_CASE(klab_chardev_register_whole_major_has_all_minors),
	KUNIT_CASE(klab_chardev_register_misc_has_a_minor_each),
	KUNIT_CASE_PARAM(klab_chardev_register_number_taken_is_busy,
			 style_gen_params),
	KUNIT_CASE_PARAM(klab_chardev_register_number_free_again,
			 style_gen_params),
	KUNIT_CASE(klab_chardev_register_ranges_share_a_major),
	KUNIT_CASE(klab_chardev_register_misc_minor_taken_is_busy),
	KUNIT_CASE_PARAM(klab_chardev_register_open_finds_its_channel,
			 style_gen_params),
	KUNIT_CASE(klab_chardev_register_open_of_strange_number),
	KUNIT_CASE(klab_chardev_register_misc_open_has_its_channel),
	KUNIT_CASE(klab_chardev_register_read_then_end),
	KUNIT_CASE(klab_chardev_register_short_reads_are_served),
	KUNIT_CASE(klab_chardev_register_bad_address_is_a_fault),
	KUNIT_CASE(klab_chardev_register_position_within_the_text),
	KUNIT_CASE_PARAM(klab_chardev_register_without_memory, any_gen_params),
	{}
};

static struct kunit_suite klab_chardev_register_suite = {
	.name = "klab_chardev_register",
	.test_cases = klab_chardev_register_cases,
};

kunit_test_suite(klab_chardev_register_suite);

MODULE_DESCRIPTION("klab: KUnit tests for ways to register");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS(EXPORTED_FOR_KUNIT_TESTING);
