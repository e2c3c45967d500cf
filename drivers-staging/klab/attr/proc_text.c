// SPDX-License-Identifier: GPL-2.0-only
/*
 * The text. It is never changed but replaced by another one, and stays as
 * long as somebody reads it: who reads it in pieces gets pieces of one text.
 */
#include <linux/cleanup.h>
#include <linux/container_of.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/minmax.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include <kunit/visibility.h>

#include "proc.h"

static void klab_proc_text_release(struct kref *ref)
{
	kfree(container_of(ref, struct klab_proc_text, ref));
}

/**
 * klab_proc_text_put() - gives a reference back
 * @text: NULL is fine
 *
 * Context: any but hard interrupt.
 */
void klab_proc_text_put(struct klab_proc_text *text)
{
	if (text)
		kref_put(&text->ref, klab_proc_text_release);
}

/**
 * klab_proc_text_create() - makes a text
 * @data: its bytes
 * @len: how many there are
 *
 * Context: process, may sleep.
 * Return: a reference to it, or an ERR_PTR(): -ENOMEM.
 */
struct klab_proc_text *klab_proc_text_create(const char *data, size_t len)
{
	struct klab_proc_text *text;

	text = kmalloc(struct_size(text, data, len), GFP_KERNEL_ACCOUNT);
	if (!text)
		return ERR_PTR(-ENOMEM);
	kref_init(&text->ref);
	text->len = len;
	memcpy(text->data, data, len);
	return text;
}
EXPORT_SYMBOL_IF_KUNIT(klab_proc_text_create);

/**
 * klab_proc_text_get() - the present text
 * @proc: whose
 *
 * Context: any but hard interrupt.
 * Return: a reference to it.
 */
struct klab_proc_text *klab_proc_text_get(struct klab_proc *proc)
{
	struct klab_proc_text *text;

	scoped_guard(spinlock, &proc->lock) {
		text = proc->text;
		kref_get(&text->ref);
	}
	return text;
}

/**
 * klab_proc_text_set() - replaces the text
 * @proc: whose
 * @text: the new one; takes over the reference
 *
 * Context: any but hard interrupt.
 */
void klab_proc_text_set(struct klab_proc *proc, struct klab_proc_text *text)
{
	scoped_guard(spinlock, &proc->lock)
		swap(proc->text, text);
	klab_proc_text_put(text);
}
EXPORT_SYMBOL_IF_KUNIT(klab_proc_text_set);

/**
 * klab_proc_text_write() - replaces the text by what a program writes
 * @proc: whose
 * @buf: the new text
 * @count: its length
 *
 * The old text stays until the new one is known to be good.
 *
 * Context: process, may sleep: the page of the text may be absent.
 * Return: @count. -E2BIG for more than KLAB_PROC_TEXT_MAX bytes, -EINVAL where
 * there is a zero byte, -EFAULT where @buf cannot be read, -ENOMEM.
 */
ssize_t klab_proc_text_write(struct klab_proc *proc, const char __user *buf,
			     size_t count)
{
	struct klab_proc_text *text;
	char data[KLAB_PROC_TEXT_MAX];

	if (!count)
		return 0;
	if (count > sizeof(data))
		return -E2BIG;
	if (copy_from_user(data, buf, count))
		return -EFAULT;
	if (memchr(data, '\0', count))
		return -EINVAL;

	text = klab_proc_text_create(data, count);
	if (IS_ERR(text))
		return PTR_ERR(text);
	klab_proc_text_set(proc, text);
	return count;
}
