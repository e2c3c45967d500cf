// SPDX-License-Identifier: GPL-2.0-only
/*
 * What every channel can do, however it was registered: one read operation.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/atomic.h>
#include <linux/container_of.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/printk.h>

#include <kunit/visibility.h>

#include "register.h"
#include "users.h"

static const char klab_register_text[] = KLAB_REGISTER_TEXT;
static const size_t klab_register_len = sizeof(klab_register_text) - 1;

static int klab_register_open_channel(struct klab_register_channel *channel,
				      struct file *file)
{
	int open = atomic_inc_return(&channel->open);

	atomic64_inc(&channel->opened);
	file->private_data = channel;
	/* Threads that share a descriptor take turns, as with a regular file. */
	file->f_mode |= FMODE_ATOMIC_POS;
	if (klab_register_debug)
		pr_info("%s: open, %d now, %d references\n", channel->name,
			open, klab_users_of(THIS_MODULE));
	return 0;
}

/* One cdev for many numbers: the number says which channel it is. */
static int klab_register_open(struct inode *inode, struct file *file)
{
	struct klab_register_channel *channel =
		klab_register_find(inode->i_rdev);

	return channel ? klab_register_open_channel(channel, file) : -ENXIO;
}

/* Called with a lock that all misc devices of the system share. */
static int klab_register_misc_open(struct inode *inode, struct file *file)
{
	struct klab_register_channel *channel =
		container_of((struct miscdevice *)file->private_data,
			     struct klab_register_channel, misc);

	return klab_register_open_channel(channel, file);
}

static int klab_register_release(struct inode *inode, struct file *file)
{
	struct klab_register_channel *channel = file->private_data;
	int open = atomic_dec_return(&channel->open);

	if (klab_register_debug)
		pr_info("%s: release, %d left, %d references\n", channel->name,
			open, klab_users_of(THIS_MODULE));
	return 0;
}

static ssize_t klab_register_read(struct file *file, char __user *buf,
				  size_t count, loff_t *pos)
{
	struct klab_register_channel *channel = file->private_data;
	ssize_t ret;

	ret = simple_read_from_buffer(buf, count, pos, klab_register_text,
				      klab_register_len);
	if (klab_register_debug)
		pr_info("%s: read of %zu returns %zd\n", channel->name, count,
			ret);
	return ret;
}

static loff_t klab_register_llseek(struct file *file, loff_t offset, int whence)
{
	return fixed_size_llseek(file, offset, whence, klab_register_len);
}

/* No write operation: the kernel refuses to write then, with EINVAL. */
const struct file_operations klab_register_fops = {
	.owner = THIS_MODULE,
	.open = klab_register_open,
	.release = klab_register_release,
	.read = klab_register_read,
	.llseek = klab_register_llseek,
};
EXPORT_SYMBOL_IF_KUNIT(klab_register_fops);

const struct file_operations klab_register_misc_fops = {
	.owner = THIS_MODULE,
	.open = klab_register_misc_open,
	.release = klab_register_release,
	.read = klab_register_read,
	.llseek = klab_register_llseek,
};
EXPORT_SYMBOL_IF_KUNIT(klab_register_misc_fops);
