/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Text that a program writes into a file.
 */
#ifndef _KLAB_ATTR_USER_TEXT_H
#define _KLAB_ATTR_USER_TEXT_H

#include <linux/errno.h>
#include <linux/types.h>
#include <linux/uaccess.h>

#include "../core/klab_text.h"

/* A number in any base that kstrto*() reads, with a sign and a newline. */
#define KLAB_NUMBER_TEXT_SIZE	32

/**
 * klab_user_text() - fetches all of what a program writes
 * @text: gets the text and a zero byte
 * @size: room in @text
 * @buf: what is written
 * @count: its length
 *
 * The functions named kstrto*_from_user() fetch as much as can be part of a
 * number, and take no notice of what follows that, or follows a zero byte.
 *
 * Context: process, may sleep: the page of the text may be absent.
 * Return: 0. -EINVAL where it does not fit or has a zero byte; -EFAULT where
 * @buf cannot be read.
 */
static inline int klab_user_text(char *text, size_t size,
				 const char __user *buf, size_t count)
{
	if (count >= size)
		return -EINVAL;
	/* Returns how much was not copied; a part of a number is no number. */
	if (copy_from_user(text, buf, count))
		return -EFAULT;
	text[count] = '\0';
	return klab_text_is_whole(text, count) ? 0 : -EINVAL;
}

#endif /* _KLAB_ATTR_USER_TEXT_H */
