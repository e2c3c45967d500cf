// SPDX-License-Identifier: GPL-2.0-only
/*
 * The text of a device: a write replaces it, a read returns it with a newline.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/device.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/fs.h>
#include <linux/mutex.h>
#include <linux/printk.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include <kunit/visibility.h>

#include "policy.h"

/**
 * klab_policy_text_init() - makes a text
 * @text: the text
 * @start: what is in it, of not more than KLAB_POLICY_TEXT_MAX bytes
 *
 * Context: any.
 */
void klab_policy_text_init(struct klab_policy_text *text, const char *start)
{
	spin_lock_init(&text->lock);
	text->len = strlen(start);
	memcpy(text->data, start, text->len);
}

static void klab_policy_take_shot(struct klab_policy_file *pfile)
{
	struct klab_policy_text *text = pfile->text;

	spin_lock(&text->lock);
	memcpy(pfile->shot, text->data, text->len);
	pfile->shot[text->len] = '\n';
	pfile->shot_len = text->len + 1;
	spin_unlock(&text->lock);
}

/**
 * klab_policy_read() - reads a text and a newline
 * @file: the open file
 * @buf: gets it
 * @count: size of @buf
 * @pos: where in the text; at its beginning the text is taken anew
 *
 * Context: process, may sleep for a page of @buf.
 * Return: number of bytes, 0 at the end, -EFAULT, or -ERESTARTSYS for a signal
 * during the read of another thread.
 */
ssize_t klab_policy_read(struct file *file, char __user *buf, size_t count,
			 loff_t *pos)
{
	struct klab_policy_file *pfile = file->private_data;
	ssize_t ret;

	if (mutex_lock_interruptible(&pfile->lock))
		return -ERESTARTSYS;
	if (!*pos || !pfile->shot_len)
		klab_policy_take_shot(pfile);
	ret = simple_read_from_buffer(buf, count, pos, pfile->shot,
				      pfile->shot_len);
	mutex_unlock(&pfile->lock);

	if (klab_policy_debug)
		pr_info("%s: file %u reads %zd bytes\n",
			dev_name(&pfile->pdev->dev), pfile->id, ret);
	return ret;
}

static void klab_policy_text_set(struct klab_policy_text *text,
				 const char *data, size_t len)
{
	spin_lock(&text->lock);
	memcpy(text->data, data, len);
	text->len = len;
	spin_unlock(&text->lock);
}

/**
 * klab_policy_write() - replaces a text
 * @file: the open file
 * @buf: the text; a newline at its end is not part of it
 * @count: length of @buf
 * @pos: is set to the beginning, for the next read
 *
 * Context: process, may sleep for a page of @buf.
 * Return: @count, of which 0 changes nothing; -EMSGSIZE for more than
 * KLAB_POLICY_TEXT_MAX bytes, or -EFAULT; the old text stays then.
 */
ssize_t klab_policy_write(struct file *file, const char __user *buf,
			  size_t count, loff_t *pos)
{
	struct klab_policy_file *pfile = file->private_data;
	char data[KLAB_POLICY_TEXT_MAX + 1];
	size_t len = count;

	if (!count)
		return 0;
	if (count > sizeof(data))
		return -EMSGSIZE;
	if (copy_from_user(data, buf, count))
		return -EFAULT;
	if (data[len - 1] == '\n')
		len--;
	if (len > KLAB_POLICY_TEXT_MAX)
		return -EMSGSIZE;

	klab_policy_text_set(pfile->text, data, len);
	*pos = 0;
	if (klab_policy_debug)
		pr_info("%s: file %u writes %zu bytes\n",
			dev_name(&pfile->pdev->dev), pfile->id, count);
	return count;
}
