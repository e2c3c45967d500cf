// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests for the channels to user space. They make channels of their own
 * beside those of the module.
 */
#include <linux/array_size.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/etherdevice.h>
#include <linux/fs.h>
#include <linux/if_ether.h>
#include <linux/kdev_t.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/skbuff.h>
#include <linux/string.h>
#include <linux/types.h>
#include <linux/uaccess.h>

#include <kunit/test.h>

#include "../../core/klab_fixture.h"
#include "../channels.h"

#define NAME	"klab-channels-test"

KUNIT_DEFINE_ACTION_WRAPPER(destroy_wrapper, klab_channels_destroy,
			    struct klab_channels *);

/* Channels that go with the test. */
static struct klab_channels *create(struct kunit *test)
{
	struct klab_channels *channels = klab_channels_create(NAME, 0);

	KUNIT_ASSERT_FALSE_MSG(test, IS_ERR(channels), "%pe", channels);
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, destroy_wrapper,
						  channels));
	return channels;
}

/* An open file that knows no more than what the functions look at. */
static struct file *open_as(struct kunit *test, void *data)
{
	struct file *file = kunit_kzalloc(test, sizeof(*file), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, file);
	file->private_data = data;
	return file;
}

static struct file *open_text(struct kunit *test,
			      struct klab_channels *channels)
{
	struct klab_channels_reader *reader;

	reader = kunit_kzalloc(test, sizeof(*reader), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, reader);
	reader->channels = channels;
	mutex_init(&reader->lock);
	return open_as(test, reader);
}

static const struct store_case {
	const char *what;
	const char *text;
	size_t len;
	int err;
	u64 value;
} store_cases[] = {
#define STORE(_what, _text, _err, _value) \
	{ _what, _text, sizeof(_text) - 1, _err, _value }
	STORE("decimal", "5", 0, 5),
	STORE("newline", "6\n", 0, 6),
	STORE("base 16", "0x10", 0, 16),
	STORE("base 8", "010", 0, 8),
	STORE("largest", "18446744073709551615", 0, U64_MAX),
	STORE("largest, base 8", "01777777777777777777777\n", 0, U64_MAX),
	STORE("31 bytes", "0000000000000000000000000000007", 0, 7),
	STORE("32 bytes", "00000000000000000000000000000007", -EINVAL, 42),
	STORE("too large", "18446744073709551616", -ERANGE, 42),
	STORE("negative", "-1", -EINVAL, 42),
	STORE("empty", "", -EINVAL, 42),
	STORE("newline only", "\n", -EINVAL, 42),
	STORE("word", "x", -EINVAL, 42),
	STORE("two numbers", "1 2", -EINVAL, 42),
	STORE("two lines", "1\n2\n", -EINVAL, 42),
	STORE("zero byte inside", "1\0002", -EINVAL, 42),
	STORE("zero byte last", "1\000", -EINVAL, 42),
};

KUNIT_ARRAY_PARAM_DESC(store, store_cases, what);

/* A refused text leaves the value as it was. */
static void klab_basics_channels_store_text(struct kunit *test)
{
	const struct store_case *c = test->param_value;
	struct klab_channels *channels = create(test);

	klab_channels_set(channels, 42);
	KUNIT_EXPECT_EQ(test, klab_channels_store(channels, c->text, c->len),
			c->err ?: c->len);
	KUNIT_EXPECT_EQ(test, klab_channels_get(channels), c->value);
	KUNIT_EXPECT_EQ(test, channels->logged, c->value);
}

static void klab_basics_channels_store_user_text(struct kunit *test)
{
	const struct store_case *c = test->param_value;
	struct klab_channels *channels = create(test);
	char __user *page = klab_kunit_user_page(test);

	klab_channels_set(channels, 42);
	KUNIT_ASSERT_EQ(test, 0, copy_to_user(page, c->text, c->len));
	KUNIT_EXPECT_EQ(test,
			klab_channels_store_user(channels, page, c->len),
			c->err ?: c->len);
	KUNIT_EXPECT_EQ(test, klab_channels_get(channels), c->value);
}

static void klab_basics_channels_store_bad_address(struct kunit *test)
{
	struct klab_channels *channels = create(test);
	char __user *page = klab_kunit_user_page(test);

	klab_channels_set(channels, 42);
	KUNIT_EXPECT_EQ(test,
			klab_channels_store_user(channels, page + PAGE_SIZE, 1),
			-EFAULT);
	KUNIT_EXPECT_EQ(test, klab_channels_get(channels), 42);
}

static void klab_basics_channels_text_is_read_in_pieces(struct kunit *test)
{
	struct klab_channels *channels = create(test);
	struct file *file = open_text(test, channels);
	char __user *page = klab_kunit_user_page(test);
	char text[8] = "";
	loff_t pos = 0;

	klab_channels_set(channels, 123);
	KUNIT_EXPECT_EQ(test, klab_channels_text_read(file, page, 2, &pos), 2);

	/* A text begun is finished as it was: "12" + "3\n", not "12" + "6\n" */
	klab_channels_set(channels, 456);
	KUNIT_EXPECT_EQ(test, klab_channels_text_read(file, page + 2, 8, &pos),
			2);
	KUNIT_EXPECT_EQ(test, klab_channels_text_read(file, page, 8, &pos), 0);
	KUNIT_ASSERT_EQ(test, 0, copy_from_user(text, page, 4));
	KUNIT_EXPECT_STREQ(test, text, "123\n");

	pos = 0;
	KUNIT_EXPECT_EQ(test, klab_channels_text_read(file, page, 8, &pos), 4);
	KUNIT_ASSERT_EQ(test, 0, copy_from_user(text, page, 4));
	KUNIT_EXPECT_STREQ(test, text, "456\n");
}

static void klab_basics_channels_text_bad_address(struct kunit *test)
{
	struct file *file = open_text(test, create(test));
	char __user *page = klab_kunit_user_page(test);
	loff_t pos = 0;

	KUNIT_EXPECT_EQ(test,
			klab_channels_text_read(file, page + PAGE_SIZE, 8,
						&pos),
			-EFAULT);
	KUNIT_EXPECT_EQ(test, pos, 0);
}

static void klab_basics_channels_raw_moves_8_bytes(struct kunit *test)
{
	struct klab_channels *channels = create(test);
	struct file *file = open_as(test, channels);
	char __user *page = klab_kunit_user_page(test);
	u64 value = 0x0123456789abcdefULL;
	loff_t pos = 0;

	KUNIT_ASSERT_EQ(test, 0, copy_to_user(page, &value, 8));
	KUNIT_EXPECT_EQ(test, klab_channels_raw_write(file, page, 8, &pos), 8);
	KUNIT_EXPECT_EQ(test, klab_channels_get(channels), value);

	klab_channels_set(channels, ~value);
	KUNIT_EXPECT_EQ(test, klab_channels_raw_read(file, page, 9, &pos), 8);
	KUNIT_ASSERT_EQ(test, 0, copy_from_user(&value, page, 8));
	KUNIT_EXPECT_EQ(test, value, klab_channels_get(channels));
	KUNIT_EXPECT_EQ(test, klab_channels_raw_read(file, page, 9, &pos), 0);
}

static void klab_basics_channels_raw_refuses_other_sizes(struct kunit *test)
{
	struct klab_channels *channels = create(test);
	struct file *file = open_as(test, channels);
	char __user *page = klab_kunit_user_page(test);
	loff_t pos = 0;

	klab_channels_set(channels, 42);
	KUNIT_EXPECT_EQ(test, klab_channels_raw_read(file, page, 7, &pos),
			-EINVAL);
	KUNIT_EXPECT_EQ(test, klab_channels_raw_write(file, page, 7, &pos),
			-EINVAL);
	KUNIT_EXPECT_EQ(test, klab_channels_raw_write(file, page, 9, &pos),
			-EINVAL);
	KUNIT_EXPECT_EQ(test, klab_channels_get(channels), 42);
}

static void klab_basics_channels_raw_bad_address(struct kunit *test)
{
	struct klab_channels *channels = create(test);
	struct file *file = open_as(test, channels);
	char __user *page = klab_kunit_user_page(test) + PAGE_SIZE;
	loff_t pos = 0;

	klab_channels_set(channels, 42);
	KUNIT_EXPECT_EQ(test, klab_channels_raw_read(file, page, 8, &pos),
			-EFAULT);
	KUNIT_EXPECT_EQ(test, klab_channels_raw_write(file, page, 8, &pos),
			-EFAULT);
	KUNIT_EXPECT_EQ(test, klab_channels_get(channels), 42);
	KUNIT_EXPECT_EQ(test, pos, 0);
}

static const struct major_case {
	const char *what;
	int major;
	int err;
} major_cases[] = {
	{ "negative", -1, -EINVAL },
	{ "most negative", INT_MIN, -EINVAL },
	{ "one too large", CHRDEV_MAJOR_MAX, -EINVAL },
	{ "that of /dev/null", 1, -EBUSY },
};

KUNIT_ARRAY_PARAM_DESC(major, major_cases, what);

static void klab_basics_channels_major_refused(struct kunit *test)
{
	const struct major_case *c = test->param_value;

	KUNIT_EXPECT_EQ(test, PTR_ERR(klab_channels_create(NAME, c->major)),
			c->err);
}

/* A number that the system has given, and so is free, can be asked for. */
static void klab_basics_channels_major_forced(struct kunit *test)
{
	struct klab_channels *channels = klab_channels_create(NAME, 0);
	unsigned int major;

	KUNIT_ASSERT_FALSE(test, IS_ERR(channels));
	major = MAJOR(channels->dev.devt);
	KUNIT_EXPECT_NE(test, major, 0);
	klab_channels_destroy(channels);

	channels = klab_channels_create(NAME, major);
	KUNIT_ASSERT_FALSE(test, IS_ERR(channels));
	KUNIT_EXPECT_EQ(test, MAJOR(channels->dev.devt), major);
	klab_channels_destroy(channels);
}

static int create_and_destroy(struct kunit *test)
{
	struct klab_channels *channels = klab_channels_create(NAME, 0);

	if (IS_ERR(channels)) {
		/* What the network says instead of -ENOMEM. */
		if (PTR_ERR(channels) == -EINVAL ||
		    PTR_ERR(channels) == -ENOBUFS)
			return -ENOMEM;
		return PTR_ERR(channels);
	}
	klab_channels_destroy(channels);
	return 0;
}

/*
 * Every failure leaves nothing behind: the next try finds all names free, and
 * gets the same numbers.
 */
static void klab_basics_channels_create_without_memory(struct kunit *test)
{
	struct klab_channels *channels = klab_channels_create(NAME, 0);
	char ifname[IFNAMSIZ];
	dev_t devt;

	KUNIT_ASSERT_FALSE(test, IS_ERR(channels));
	devt = channels->dev.devt;
	strscpy(ifname, channels->net->name);
	klab_channels_destroy(channels);

	klab_kunit_each_failure(test, create_and_destroy);

	channels = create(test);
	KUNIT_EXPECT_EQ(test, channels->dev.devt, devt);
	KUNIT_EXPECT_STREQ(test, channels->net->name, ifname);
}

static void close_net(void *dev)
{
	rtnl_lock();
	dev_close(dev);
	rtnl_unlock();
}

static void klab_basics_channels_net_drops_what_is_sent(struct kunit *test)
{
	struct klab_channels *channels = create(test);
	struct net_device *dev = channels->net;
	struct rtnl_link_stats64 stats;
	struct sk_buff *skb;
	int err;

	rtnl_lock();
	err = dev_open(dev, NULL);
	rtnl_unlock();
	KUNIT_ASSERT_EQ(test, err, 0);
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, close_net, dev));

	/* What the kernel sends by itself on a new interface counts too. */
	dev_get_stats(dev, &stats);
	KUNIT_EXPECT_EQ(test, stats.rx_packets, 0);
	err = stats.tx_dropped;

	skb = alloc_skb(ETH_ZLEN, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, skb);
	skb->dev = dev;
	eth_broadcast_addr(skb_put_zero(skb, ETH_ZLEN));
	skb_reset_mac_header(skb);
	KUNIT_EXPECT_EQ(test, dev_queue_xmit(skb), 0);

	klab_channels_set(channels, 42);
	dev_get_stats(dev, &stats);
	KUNIT_EXPECT_EQ(test, stats.rx_packets, 42);
	KUNIT_EXPECT_GT(test, stats.tx_dropped, err);
	KUNIT_EXPECT_EQ(test, stats.tx_packets, 0);
}

static void klab_basics_channels_experiment_agrees(struct kunit *test)
{
	const char * const channels[] = {
		"log", "dev", "proc", "sys", "net", "debugfs",
	};
	const char *text;

	text = klab_kunit_run(test, "basics/channels", "value=0xffffffffff");
	KUNIT_EXPECT_EQ(test, klab_kunit_rows(test, text),
			ARRAY_SIZE(channels));
	for (int i = 0; i < ARRAY_SIZE(channels); i++)
		KUNIT_EXPECT_EQ(test, 0xffffffffffLL,
				klab_kunit_number(test, text, channels[i],
						  "value"));
}

static void klab_basics_channels_experiment_keeps_value(struct kunit *test)
{
	const char *text;

	klab_kunit_run(test, "basics/channels", "value=42");
	KUNIT_EXPECT_EQ(test, -ERANGE,
			klab_kunit_try(test, "basics/channels",
				       "value=18446744073709551616", &text));
	text = klab_kunit_run(test, "basics/channels", "");
	KUNIT_EXPECT_EQ(test, 42, klab_kunit_number(test, text, "net",
						    "value"));
}

static struct kunit_case klab_basics_channels_cases[] = {
	KUNIT_CASE_PARAM(klab_basics_channels_store_text, store_gen_params),
	KUNIT_CASE_PARAM(klab_basics_channels_store_user_text,
			 store_gen_params),
	KUNIT_CASE(klab_basics_channels_store_bad_address),
	KUNIT_CASE(klab_basics_channels_text_is_read_in_pieces),
	KUNIT_CASE(klab_basics_channels_text_bad_address),
	KUNIT_CASE(klab_basics_channels_raw_moves_8_bytes),
	KUNIT_CASE(klab_basics_channels_raw_refuses_other_sizes),
	KUNIT_CASE(klab_basics_channels_raw_bad_address),
	KUNIT_CASE_PARAM(klab_basics_channels_major_refused, major_gen_params),
	KUNIT_CASE(klab_basics_channels_major_forced),
	KUNIT_CASE(klab_basics_channels_create_without_memory),
	KUNIT_CASE(klab_basics_channels_net_drops_what_is_sent),
	KUNIT_CASE(klab_basics_channels_experiment_agrees),
	KUNIT_CASE(klab_basics_channels_experiment_keeps_value),
	{}
};

static struct kunit_suite klab_basics_channels_suite = {
	.name = "klab_basics_channels",
	.test_cases = klab_basics_channels_cases,
};

kunit_test_suite(klab_basics_channels_suite);

MODULE_DESCRIPTION("klab: KUnit tests for the channels to user space");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS(EXPORTED_FOR_KUNIT_TESTING);
