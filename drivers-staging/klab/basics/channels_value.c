// SPDX-License-Identifier: GPL-2.0-only
/*
 * The value, what is accepted for it, and the first channel: the log.
 */
#include <linux/cleanup.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/kstrtox.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include <kunit/visibility.h>

#include "../core/klab_text.h"
#include "channels.h"

/**
 * klab_channels_get() - the present value
 * @channels: whose
 *
 * Context: any. Whole on 32-bit machines too.
 * Return: the value.
 */
u64 klab_channels_get(struct klab_channels *channels)
{
	return atomic64_read(&channels->value);
}
EXPORT_SYMBOL_IF_KUNIT(klab_channels_get);

/**
 * klab_channels_set() - changes the value and says so in the log
 * @channels: whose
 * @value: the new value
 *
 * No rate limit: only those who may write the files get here, and a line that
 * is left out would make the log disagree with the other channels.
 *
 * Context: process, takes the lock of the value.
 */
void klab_channels_set(struct klab_channels *channels, u64 value)
{
	guard(mutex)(&channels->lock);
	atomic64_set(&channels->value, value);
	channels->logged = value;
	dev_info(&channels->dev, "value %llu\n", value);
}
EXPORT_SYMBOL_IF_KUNIT(klab_channels_set);

/**
 * klab_channels_store() - changes the value to what a text says
 * @channels: whose
 * @text: a number in the form kstrtou64() reads; a byte beyond @len is 0
 * @len: length of @text
 *
 * Context: process, takes the lock of the value.
 * Return: @len. -EINVAL for what is no number, empty, or has
 * KLAB_CHANNELS_TEXT_SIZE bytes or more; -ERANGE beyond 64 bits. The value
 * is then as it was.
 */
ssize_t klab_channels_store(struct klab_channels *channels, const char *text,
			    size_t len)
{
	u64 value;
	int err;

	/* A zero byte would hide from the parser what follows it. */
	if (len >= KLAB_CHANNELS_TEXT_SIZE || !klab_text_is_whole(text, len))
		return -EINVAL;

	err = kstrtou64(text, 0, &value);
	if (err)
		return err;

	klab_channels_set(channels, value);
	return len;
}
EXPORT_SYMBOL_IF_KUNIT(klab_channels_store);

/**
 * klab_channels_store_user() - changes the value to what a user's text says
 * @channels: whose
 * @buf: the text
 * @count: its length
 *
 * Context: process, may sleep: the page of the text may be absent.
 * Return: as klab_channels_store(), and -EFAULT where @buf cannot be read.
 */
ssize_t klab_channels_store_user(struct klab_channels *channels,
				 const char __user *buf, size_t count)
{
	char text[KLAB_CHANNELS_TEXT_SIZE];

	if (count >= sizeof(text))
		return -EINVAL;
	/* Returns how much was not copied; a part of a number is no number. */
	if (copy_from_user(text, buf, count))
		return -EFAULT;
	text[count] = '\0';

	return klab_channels_store(channels, text, count);
}
EXPORT_SYMBOL_IF_KUNIT(klab_channels_store_user);

static void klab_channels_release(struct device *dev)
{
	kfree(container_of(dev, struct klab_channels, dev));
}

static struct klab_channels *klab_channels_alloc(const char *name)
{
	struct klab_channels *channels;
	int err;

	channels = kzalloc_obj(*channels);
	if (!channels)
		return ERR_PTR(-ENOMEM);

	mutex_init(&channels->lock);
	device_initialize(&channels->dev);
	channels->dev.class = &klab_channels_class;
	channels->dev.release = klab_channels_release;

	err = dev_set_name(&channels->dev, "%s", name);
	if (err) {
		put_device(&channels->dev);
		return ERR_PTR(err);
	}
	return channels;
}

/**
 * klab_channels_create() - offers a value, 0 at first, through all channels
 * @name: of the nodes and files
 * @major: number for the nodes, 0 to let the system choose
 *
 * The nodes come last, as an open one stands in the way of going back.
 *
 * Context: process, may sleep.
 * Return: the channels, or an ERR_PTR(): -EINVAL for a bad @major, -EBUSY for
 * one in use, -ENOMEM, or what else register_netdev() and device_add() say.
 */
struct klab_channels *klab_channels_create(const char *name, int major)
{
	struct klab_channels *channels;
	int err;

	channels = klab_channels_alloc(name);
	if (IS_ERR(channels))
		return channels;

	err = klab_channels_numbers_get(channels, major);
	if (err)
		goto err_put;
	/* Before the first one who may write is there. */
	klab_channels_set(channels, 0);
	err = klab_channels_net_add(channels);
	if (err)
		goto err_numbers_put;
	err = klab_channels_proc_add(channels);
	if (err)
		goto err_net_remove;
	err = klab_channels_dev_add(channels);
	if (err)
		goto err_proc_remove;

	return channels;

err_proc_remove:
	klab_channels_proc_remove(channels);
err_net_remove:
	klab_channels_net_remove(channels);
err_numbers_put:
	klab_channels_numbers_put(channels);
err_put:
	put_device(&channels->dev);
	return ERR_PTR(err);
}
EXPORT_SYMBOL_IF_KUNIT(klab_channels_create);

/**
 * klab_channels_destroy() - takes all channels away
 * @channels: made by klab_channels_create()
 *
 * Waits for calls into the files of /proc and /sys that are under way. Nodes
 * are not open: they hold the module.
 *
 * Context: process, may sleep.
 */
void klab_channels_destroy(struct klab_channels *channels)
{
	klab_channels_dev_remove(channels);
	klab_channels_proc_remove(channels);
	klab_channels_net_remove(channels);
	klab_channels_numbers_put(channels);
	put_device(&channels->dev);
}
EXPORT_SYMBOL_IF_KUNIT(klab_channels_destroy);
