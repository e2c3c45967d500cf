// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests for channels from a file: what lines mean, what a channel keeps,
 * what one configuration after another leaves. The sets are the tests' own.
 */
#include <linux/device/class.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/kdev_t.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/sizes.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/uio.h>

#include <kunit/test.h>

#include "../../core/klab_fixture.h"
#include "../channels.h"

static struct klab_channels_config *parse(struct kunit *test, const char *text,
					  size_t len, int ret)
{
	struct klab_channels_config *config;

	config = kunit_kzalloc(test, sizeof(*config), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, config);
	KUNIT_ASSERT_EQ(test, ret, klab_channels_parse(config, text, len));
	return config;
}

static const struct good_case {
	const char *what;
	const char *text;
	unsigned int nr;
	unsigned int line;
	size_t size;
} good_cases[] = {
	{ "nothing", "", 0 },
	{ "empty lines", "\n\n\t\n\t \t\n", 0 },
	{ "only remarks", "# one\n  # two\n#", 0 },
	{ "a channel", "chan=dev123\n", 1, 1, KLAB_CHANNEL_SIZE },
	{ "no newline at the end", "chan=dev123", 1, 1, KLAB_CHANNEL_SIZE },
	{ "spaces", " \t chan=dev123 \t\n", 1, 1, KLAB_CHANNEL_SIZE },
	{ "lines of other systems", "chan=dev123\r\n", 1, 1, KLAB_CHANNEL_SIZE },
	{ "a remark behind it", "chan=dev123 # it\n", 1, 1, KLAB_CHANNEL_SIZE },
	{ "a size", "\nchan=dev123 size=100\n", 1, 2, 100 },
	{ "the smallest size", "chan=dev123\tsize=1\n", 1, 1, 1 },
	{ "the largest size", "chan=dev123 size=16777216\n", 1, 1, SZ_16M },
	{ "a size in hex", "chan=dev123 size=0x10\n", 1, 1, 16 },
	{ "several", "chan=a\n#\nchan=b\nchan=dev123 size=7", 3, 4, 7 },
};

KUNIT_ARRAY_PARAM_DESC(good, good_cases, what);

static void klab_chardev_channels_lines_that_are_right(struct kunit *test)
{
	const struct good_case *c = test->param_value;
	struct klab_channels_config *config =
		parse(test, c->text, strlen(c->text), 0);

	KUNIT_EXPECT_NULL(test, config->wrong);
	KUNIT_ASSERT_EQ(test, config->nr, c->nr);
	if (!c->nr)
		return;
	KUNIT_EXPECT_STREQ(test, config->lines[c->nr - 1].name, "dev123");
	KUNIT_EXPECT_EQ(test, config->lines[c->nr - 1].line, c->line);
	KUNIT_EXPECT_EQ(test, config->lines[c->nr - 1].size, c->size);
}

#define NAME_31	"a234567890123456789012345678901"

static const struct bad_case {
	const char *what;
	const char *text;
	unsigned int line;
	const char *wrong;
} bad_cases[] = {
	{ "no key", "chan=a\n\nwhat\n", 3, "begin with chan=" },
	{ "another key", "Chan=a", 1, "begin with chan=" },
	{ "half a key", "cha", 1, "begin with chan=" },
	{ "size first", "size=7 chan=a", 1, "begin with chan=" },
	{ "no name", "chan=\n", 1, "no name" },
	{ "space before the name", "chan= a\n", 1, "no name" },
	{ "a long name", "chan=" NAME_31 "2\n", 1, "longer than 31" },
	{ "a path", "chan=a/b\n", 1, "other characters" },
	{ "the way up", "chan=..\n", 1, "begin with a letter" },
	{ "a hidden name", "chan=.a\n", 1, "begin with a letter" },
	{ "a digit first", "chan=1a\n", 1, "begin with a letter" },
	{ "a slash in disguise", "chan=a!b\n", 1, "other characters" },
	{ "a format", "chan=a%s\n", 1, "other characters" },
	{ "an escape", "chan=a\x1b[2J\n", 1, "other characters" },
	{ "a letter of elsewhere", "chan=\xe4\n", 1, "begin with a letter" },
	{ "a later letter of elsewhere", "chan=a\xe4\n", 1, "other characters" },
	{ "the file of the class", "chan=reload\n", 1, "has channels read again" },
	{ "a name twice", "chan=a\nchan=b\nchan=a\n", 3, "there was before" },
	{ "something more", "chan=a more\n", 1, "something else" },
	{ "a second channel", "chan=a chan=b\n", 1, "something else" },
	{ "no size", "chan=a size=\n", 1, "a size that is no number" },
	{ "size 0", "chan=a size=0\n", 1, "a size that is no number" },
	{ "a negative size", "chan=a size=-1\n", 1, "a size that is no number" },
	{ "one too many", "chan=a size=16777217", 1, "a size that is no number" },
	{ "more than fits", "chan=a size=4294967297", 1, "a size that is no number" },
	{ "many digits", "chan=a size=00000000000000000001", 1, "a size that is" },
	{ "a unit", "chan=a size=1K\n", 1, "a size that is no number" },
	{ "two sizes", "chan=a size=1 size=1\n", 1, "a second size" },
};

KUNIT_ARRAY_PARAM_DESC(bad, bad_cases, what);

static void klab_chardev_channels_lines_that_are_wrong(struct kunit *test)
{
	const struct bad_case *c = test->param_value;
	struct klab_channels_config *config =
		parse(test, c->text, strlen(c->text), -EINVAL);

	KUNIT_EXPECT_EQ(test, config->line, c->line);
	KUNIT_EXPECT_NOT_NULL_MSG(test, strstr(config->wrong, c->wrong), "%s",
				  config->wrong);
}

static void klab_chardev_channels_longest_name(struct kunit *test)
{
	static const char text[] = "chan=" NAME_31 "\n";
	struct klab_channels_config *config =
		parse(test, text, strlen(text), 0);

	KUNIT_EXPECT_STREQ(test, config->lines[0].name, NAME_31);
}

static void klab_chardev_channels_no_text(struct kunit *test)
{
	static const char text[] = "chan=a\nchan=b\0c\n";
	struct klab_channels_config *config =
		parse(test, text, sizeof(text) - 1, -EINVAL);

	KUNIT_EXPECT_EQ(test, config->line, 2);
	KUNIT_EXPECT_NOT_NULL(test, strstr(config->wrong, "NUL"));
}

/* The text ends where it is said to, not at a NUL. */
static void klab_chardev_channels_text_without_end(struct kunit *test)
{
	static const char text[] = "chan=a size=77777";
	struct klab_channels_config *config = parse(test, text, 13, 0);

	KUNIT_EXPECT_EQ(test, config->lines[0].size, 7);
	parse(test, text, 12, -EINVAL);
	parse(test, text, 4, -EINVAL);
}

static void klab_chardev_channels_as_many_as_there_may_be(struct kunit *test)
{
	char *text = kunit_kzalloc(test, SZ_4K, GFP_KERNEL);
	struct klab_channels_config *config;
	size_t len = 0;
	int i;

	KUNIT_ASSERT_NOT_NULL(test, text);
	for (i = 0; i < KLAB_CHANNELS_MAX; i++)
		len += scnprintf(text + len, SZ_4K - len, "chan=a%d\n", i);
	parse(test, text, len, 0);
	len += scnprintf(text + len, SZ_4K - len, "# well\nchan=b\n");
	config = parse(test, text, len, -EINVAL);
	KUNIT_EXPECT_EQ(test, config->line, KLAB_CHANNELS_MAX + 2);
	KUNIT_EXPECT_NOT_NULL(test, strstr(config->wrong, "64 channels"));
}

static struct klab_channel_data *make_data(struct kunit *test, size_t size)
{
	struct klab_channel_data *data;

	data = kunit_kzalloc(test, sizeof(*data), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, data);
	klab_channel_data_init(data, size);
	return data;
}

static ssize_t put(struct klab_channel_data *data, loff_t pos,
		   const void *bytes, size_t len)
{
	struct kvec kvec = { .iov_base = (void *)bytes, .iov_len = len };
	struct iov_iter from;

	iov_iter_kvec(&from, ITER_SOURCE, &kvec, 1, len);
	return klab_channel_data_write(data, &pos, &from, false);
}

static ssize_t take(struct klab_channel_data *data, loff_t pos, void *bytes,
		    size_t len)
{
	struct kvec kvec = { .iov_base = bytes, .iov_len = len };
	struct iov_iter to;

	iov_iter_kvec(&to, ITER_DEST, &kvec, 1, len);
	return klab_channel_data_read(data, &pos, &to);
}

static void klab_chardev_channels_data_stays(struct kunit *test)
{
	struct klab_channel_data *data = make_data(test, SZ_64K);
	char back[16] = {};
	int i;

	KUNIT_EXPECT_EQ(test, 0, take(data, 0, back, sizeof(back)));
	KUNIT_EXPECT_EQ(test, 4, put(data, 0, "text", 4));
	for (i = 0; i < 3; i++) {
		KUNIT_EXPECT_EQ(test, 4, take(data, 0, back, sizeof(back)));
		KUNIT_EXPECT_STREQ(test, back, "text");
	}
	KUNIT_EXPECT_EQ(test, 2, take(data, 2, back, sizeof(back)));
	KUNIT_EXPECT_EQ(test, 0, take(data, 4, back, sizeof(back)));
	KUNIT_EXPECT_EQ(test, 0, take(data, LLONG_MAX, back, sizeof(back)));
	KUNIT_EXPECT_EQ(test, 0, take(data, 0, back, 0));
	KUNIT_EXPECT_EQ(test, 0, klab_channel_data_truncate(data));
	KUNIT_EXPECT_EQ(test, 0, take(data, 0, back, sizeof(back)));
	klab_channel_data_free(data);
}

static void klab_chardev_channels_data_has_a_limit(struct kunit *test)
{
	struct klab_channel_data *data = make_data(test, 100);
	char bytes[100] = {};

	KUNIT_EXPECT_EQ(test, 60, put(data, 0, bytes, 60));
	KUNIT_EXPECT_EQ(test, 40, put(data, 60, bytes, 60));
	KUNIT_EXPECT_LE(test, data->room, 100);
	KUNIT_EXPECT_EQ(test, -ENOSPC, put(data, 100, bytes, 1));
	KUNIT_EXPECT_EQ(test, -ENOSPC, put(data, LLONG_MAX, bytes, 1));
	KUNIT_EXPECT_EQ(test, 0, put(data, LLONG_MAX, bytes, 0));
	KUNIT_EXPECT_EQ(test, data->length, 100);
	/* A configuration may make it smaller than what is there. */
	data->size = 10;
	KUNIT_EXPECT_EQ(test, 100, take(data, 0, bytes, 100));
	KUNIT_EXPECT_EQ(test, -ENOSPC, put(data, 50, bytes, 1));
	KUNIT_EXPECT_EQ(test, 10, put(data, 0, bytes, 50));
	klab_channel_data_free(data);
}

static void klab_chardev_channels_data_grows(struct kunit *test)
{
	struct klab_channel_data *data = make_data(test, SZ_64K);
	u32 number, back;

	for (number = 0; number < 3000; number++)
		KUNIT_ASSERT_EQ(test, 4, put(data, number * 4, &number, 4));
	KUNIT_EXPECT_EQ(test, data->length, 12000);
	for (number = 0; number < 3000; number++) {
		KUNIT_ASSERT_EQ(test, 4, take(data, number * 4, &back, 4));
		KUNIT_ASSERT_EQ(test, back, number);
	}
	klab_channel_data_free(data);
}

static void klab_chardev_channels_data_appends(struct kunit *test)
{
	struct klab_channel_data *data = make_data(test, SZ_64K);
	struct kvec kvec = { .iov_base = "more", .iov_len = 4 };
	struct iov_iter from;
	char back[9] = {};
	loff_t pos = 0;

	KUNIT_EXPECT_EQ(test, 4, put(data, 0, "text", 4));
	iov_iter_kvec(&from, ITER_SOURCE, &kvec, 1, 4);
	KUNIT_EXPECT_EQ(test, 4, klab_channel_data_write(data, &pos, &from,
							 true));
	KUNIT_EXPECT_EQ(test, pos, 8);
	KUNIT_EXPECT_EQ(test, 8, take(data, 0, back, 8));
	KUNIT_EXPECT_STREQ(test, back, "textmore");
	klab_channel_data_free(data);
}

static void klab_chardev_channels_data_faults(struct kunit *test)
{
	struct klab_channel_data *data = make_data(test, SZ_64K);
	u8 __user *end = klab_kunit_user_page(test) + PAGE_SIZE;
	struct iov_iter iter;
	loff_t pos = 0;

	iov_iter_ubuf(&iter, ITER_SOURCE, end, 10);
	KUNIT_EXPECT_EQ(test, -EFAULT, klab_channel_data_write(data, &pos, &iter,
							       false));
	KUNIT_EXPECT_EQ(test, data->length, 0);
	iov_iter_ubuf(&iter, ITER_SOURCE, end - 3, 10);
	KUNIT_EXPECT_EQ(test, 3, klab_channel_data_write(data, &pos, &iter,
							 false));
	KUNIT_EXPECT_EQ(test, data->length, 3);
	pos = 0;
	iov_iter_ubuf(&iter, ITER_DEST, end, 10);
	KUNIT_EXPECT_EQ(test, -EFAULT, klab_channel_data_read(data, &pos, &iter));
	iov_iter_ubuf(&iter, ITER_DEST, end - 2, 10);
	KUNIT_EXPECT_EQ(test, 2, klab_channel_data_read(data, &pos, &iter));
	KUNIT_EXPECT_EQ(test, pos, 2);
	klab_channel_data_free(data);
}

/* What a write that was cut short may have left does not come up in a gap. */
static void klab_chardev_channels_gap_is_zero(struct kunit *test)
{
	struct klab_channel_data *data = make_data(test, SZ_64K);
	char back[20];

	KUNIT_ASSERT_EQ(test, 10, put(data, 0, "0123456789", 10));
	data->length = 2;
	KUNIT_EXPECT_EQ(test, 1, put(data, 15, "x", 1));
	KUNIT_EXPECT_EQ(test, 16, take(data, 0, back, sizeof(back)));
	KUNIT_EXPECT_MEMEQ(test, back, "01\0\0\0\0\0\0\0\0\0\0\0\0\0x", 16);
	klab_channel_data_free(data);
}

static int write_much(struct kunit *test)
{
	struct klab_channel_data *data = test->priv;
	ssize_t ret = put(data, 50000, "x", 1);

	KUNIT_EXPECT_EQ(test, data->length, ret == 1 ? 50001 : 0);
	KUNIT_EXPECT_EQ(test, 0, klab_channel_data_truncate(data));
	return ret == 1 ? 0 : ret;
}

static void klab_chardev_channels_data_without_memory(struct kunit *test)
{
	test->priv = make_data(test, SZ_64K);
	klab_kunit_each_failure(test, write_much);
	klab_channel_data_free(test->priv);
}

static const struct class test_class = { .name = "klab-chan-test" };

static void unregister_class(void *class)
{
	class_unregister(class);
}

static void unregister_numbers(void *channels)
{
	struct klab_channels *set = channels;

	unregister_chrdev_region(MKDEV(set->major, 0), KLAB_CHANNELS_MINORS);
}

static void remove_all(void *channels)
{
	klab_channels_remove_all(channels);
}

static struct klab_channels *make_set(struct kunit *test)
{
	struct klab_channels *set = kunit_kzalloc(test, sizeof(*set), GFP_KERNEL);
	dev_t devt;
	int err;

	KUNIT_ASSERT_NOT_NULL(test, set);
	INIT_LIST_HEAD(&set->list);
	set->class = &test_class;
	KUNIT_ASSERT_EQ(test, 0, class_register(&test_class));
	err = kunit_add_action_or_reset(test, unregister_class,
					(void *)&test_class);
	KUNIT_ASSERT_EQ(test, 0, err);
	err = alloc_chrdev_region(&devt, 0, KLAB_CHANNELS_MINORS, "klab-test");
	KUNIT_ASSERT_EQ(test, 0, err);
	set->major = MAJOR(devt);
	err = kunit_add_action_or_reset(test, unregister_numbers, set);
	KUNIT_ASSERT_EQ(test, 0, err);
	err = kunit_add_action_or_reset(test, remove_all, set);
	KUNIT_ASSERT_EQ(test, 0, err);
	return set;
}

static int apply(struct kunit *test, struct klab_channels *set,
		 const char *text)
{
	return klab_channels_apply(set, parse(test, text, strlen(text), 0));
}

static struct klab_channel *get(struct klab_channels *set, const char *name)
{
	struct klab_channel *channel;

	list_for_each_entry(channel, &set->list, entry) {
		if (!strcmp(dev_name(&channel->dev), name))
			return channel;
	}
	return NULL;
}

static void klab_chardev_channels_one_after_the_other(struct kunit *test)
{
	struct klab_channels *set = make_set(test);
	struct klab_channel *stays;

	KUNIT_ASSERT_EQ(test, 0, apply(test, set, "chan=klab-a\nchan=klab-b"));
	KUNIT_EXPECT_NOT_NULL(test, get(set, "klab-a"));
	stays = get(set, "klab-b");
	KUNIT_ASSERT_NOT_NULL(test, stays);
	KUNIT_EXPECT_EQ(test, 4, put(&stays->data, 0, "text", 4));

	KUNIT_ASSERT_EQ(test, 0, apply(test, set,
				       "chan=klab-c\nchan=klab-b size=3"));
	KUNIT_EXPECT_NULL(test, get(set, "klab-a"));
	KUNIT_EXPECT_PTR_EQ(test, get(set, "klab-b"), stays);
	KUNIT_EXPECT_NOT_NULL(test, get(set, "klab-c"));
	KUNIT_EXPECT_EQ(test, stays->data.length, 4);
	KUNIT_EXPECT_EQ(test, stays->data.size, 3);
	KUNIT_ASSERT_EQ(test, 0, apply(test, set, ""));
	KUNIT_EXPECT_TRUE(test, list_empty(&set->list));
}

static void klab_chardev_channels_share_of_the_memory(struct kunit *test)
{
	struct klab_channels *set = make_set(test);
	struct klab_channels_config *config;
	char text[] = "chan=klab-a\nchan=klab-b\n";

	KUNIT_ASSERT_EQ(test, 0, apply(test, set, "chan=klab-a"));
	config = parse(test, text, strlen(text), 0);
	config->lines[1].size = SIZE_MAX;
	KUNIT_EXPECT_EQ(test, -ENOMEM, klab_channels_apply(set, config));
	KUNIT_EXPECT_EQ(test, config->line, 2);
	KUNIT_EXPECT_NOT_NULL(test, strstr(config->wrong, "1/16"));
	KUNIT_EXPECT_NULL(test, get(set, "klab-b"));
	KUNIT_EXPECT_NOT_NULL(test, get(set, "klab-a"));
}

/**
 * struct change - from one configuration to another
 * @set: the channels
 * @from: has klab-a
 * @to: has klab-a, klab-b and klab-c
 */
struct change {
	struct klab_channels *set;
	struct klab_channels_config *from;
	struct klab_channels_config *to;
};

/* With an error everything is as it was, and without one it is made so. */
static int change_and_back(struct kunit *test)
{
	struct change *change = test->priv;
	int err;

	err = klab_channels_apply(change->set, change->to);
	if (!err)
		err = klab_channels_apply(change->set, change->from);
	KUNIT_EXPECT_NOT_NULL(test, get(change->set, "klab-a"));
	KUNIT_EXPECT_NULL(test, get(change->set, "klab-b"));
	KUNIT_EXPECT_NULL(test, get(change->set, "klab-c"));
	return err;
}

static void klab_chardev_channels_old_ones_stay_after_an_error(struct kunit *test)
{
	static const char from[] = "chan=klab-a";
	static const char to[] = "chan=klab-b\nchan=klab-a\nchan=klab-c";
	struct change change = {
		.set = make_set(test),
		.from = parse(test, from, strlen(from), 0),
		.to = parse(test, to, strlen(to), 0),
	};

	test->priv = &change;
	KUNIT_ASSERT_EQ(test, 0, klab_channels_apply(change.set, change.from));
	klab_kunit_each_failure(test, change_and_back);
}

/* Who could open it now would be left alone when init fails later. */
static void klab_chardev_channels_cannot_be_opened_by_their_devices(struct kunit *test)
{
	struct inode *inode = kunit_kzalloc(test, sizeof(*inode), GFP_KERNEL);
	struct file *file = kunit_kzalloc(test, sizeof(*file), GFP_KERNEL);
	struct klab_channels *set = make_set(test);

	KUNIT_ASSERT_TRUE(test, inode && file);
	KUNIT_ASSERT_EQ(test, 0, apply(test, set, "chan=klab-a"));
	init_special_inode(inode, S_IFCHR, get(set, "klab-a")->dev.devt);
	KUNIT_EXPECT_EQ(test, inode->i_fop->open(inode, file), -ENXIO);
}

/* Two that write by one descriptor do not write over each other. */
static void klab_chardev_channels_users_of_a_descriptor_take_turns(struct kunit *test)
{
	struct inode *inode = kunit_kzalloc(test, sizeof(*inode), GFP_KERNEL);
	struct file *file = kunit_kzalloc(test, sizeof(*file), GFP_KERNEL);
	struct klab_channels *set = make_set(test);

	KUNIT_ASSERT_TRUE(test, inode && file);
	set->class = &klab_channels_class;
	KUNIT_ASSERT_EQ(test, 0, apply(test, set, "chan=klab-test"));
	inode->i_rdev = get(set, "klab-test")->dev.devt;
	KUNIT_ASSERT_EQ(test, 0, klab_channel_fops.open(inode, file));
	KUNIT_EXPECT_TRUE(test, file->f_mode & FMODE_ATOMIC_POS);
	klab_channel_fops.release(inode, file);
}

/* What is open keeps its number, so they can be used up by reloading. */
static void klab_chardev_channels_use_up_their_numbers(struct kunit *test)
{
	struct klab_channels *set = make_set(test);
	struct klab_channels_line line = { .size = 1 };
	struct klab_channel *channel;
	unsigned int nr;

	for (nr = 0; nr <= KLAB_CHANNELS_MINORS; nr++) {
		snprintf(line.name, sizeof(line.name), "klab-test%u", nr);
		channel = klab_channel_create(set, &line);
		if (IS_ERR(channel))
			break;
		list_add(&channel->entry, &set->list);
	}
	/* Some may be those of the module. */
	KUNIT_EXPECT_LE(test, nr, KLAB_CHANNELS_MINORS);
	KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(channel), -ENOSPC);
	/* They are there again at once. */
	klab_channels_remove_all(set);
	KUNIT_EXPECT_EQ(test, 0, apply(test, set, "chan=klab-a"));
}

static void klab_chardev_channels_file_that_is_not_there(struct kunit *test)
{
	struct klab_channels *set = make_set(test);

	KUNIT_EXPECT_EQ(test, -ENOENT,
			klab_channels_load(set, "/nothing/klab-channels"));
	KUNIT_EXPECT_EQ(test, -EINVAL, klab_channels_load(set, "/"));
}

static struct kunit_case klab_chardev_channels_cases[] = {
	KUNIT_CASE_PARAM(klab_chardev_channels_lines_that_are_right,
			 good_gen_params),
	KUNIT_CASE_PARAM(klab_chardev_channels_lines_that_are_wrong,
			 bad_gen_params),
	KUNIT_CASE(klab_chardev_channels_longest_name),
	KUNIT_CASE(klab_chardev_channels_no_text),
	KUNIT_CASE(klab_chardev_channels_text_without_end),
	KUNIT_CASE(klab_chardev_channels_as_many_as_there_may_be),
	KUNIT_CASE(klab_chardev_channels_data_stays),
	KUNIT_CASE(klab_chardev_channels_data_has_a_limit),
	KUNIT_CASE(klab_chardev_channels_data_grows),
	KUNIT_CASE(klab_chardev_channels_data_appends),
	KUNIT_CASE(klab_chardev_channels_data_faults),
	KUNIT_CASE(klab_chardev_channels_gap_is_zero),
	KUNIT_CASE(klab_chardev_channels_data_without_memory),
	KUNIT_CASE(klab_chardev_channels_one_after_the_other),
	KUNIT_CASE(klab_chardev_channels_share_of_the_memory),
	KUNIT_CASE(klab_chardev_channels_old_ones_stay_after_an_error),
	KUNIT_CASE(klab_chardev_channels_cannot_be_opened_by_their_devices),
	KUNIT_CASE(klab_chardev_channels_users_of_a_descriptor_take_turns),
	KUNIT_CASE(klab_chardev_channels_use_up_their_numbers),
	KUNIT_CASE(klab_chardev_channels_file_that_is_not_there),
	{}
};

static struct kunit_suite klab_chardev_channels_suite = {
	.name = "klab_chardev_channels",
	.test_cases = klab_chardev_channels_cases,
};

kunit_test_suite(klab_chardev_channels_suite);

MODULE_DESCRIPTION("klab: KUnit tests for channels from a file");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS(EXPORTED_FOR_KUNIT_TESTING);
