// SPDX-License-Identifier: GPL-2.0-only
/*
 * A text behind an attribute.
 */
#include <linux/cleanup.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/mutex.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#include <kunit/visibility.h>

#include "../core/klab_text.h"
#include "sys.h"

/**
 * klab_attr_text_init() - begins with a text
 * @text: what is to hold it
 * @first: the text, cut off at KLAB_ATTR_TEXT_MAX bytes
 */
void klab_attr_text_init(struct klab_attr_text *text, const char *first)
{
	mutex_init(&text->lock);
	strscpy(text->text, first);
}
EXPORT_SYMBOL_IF_KUNIT(klab_attr_text_init);

/**
 * klab_attr_text_show() - shows a text as a line
 * @text: the text
 * @buf: a page
 *
 * Context: process, waits for who stores.
 * Return: the length.
 */
ssize_t klab_attr_text_show(struct klab_attr_text *text, char *buf)
{
	guard(mutex)(&text->lock);
	return sysfs_emit(buf, "%s\n", text->text);
}
EXPORT_SYMBOL_IF_KUNIT(klab_attr_text_show);

/**
 * klab_attr_text_store() - takes a text
 * @text: where to; stays as it was if there is an error
 * @buf: the text, with a NUL after it; a line end is not part of it
 * @count: bytes in @buf, up to a page
 *
 * Context: process, waits for who shows.
 * Return: @count, or -E2BIG for more than KLAB_ATTR_TEXT_MAX bytes, or -EINVAL
 * for a zero byte, which would hide what follows it.
 */
ssize_t klab_attr_text_store(struct klab_attr_text *text, const char *buf,
			     size_t count)
{
	size_t len = count;

	if (len && buf[len - 1] == '\n')
		len--;
	if (len > KLAB_ATTR_TEXT_MAX)
		return -E2BIG;
	if (!klab_text_is_whole(buf, len))
		return -EINVAL;

	guard(mutex)(&text->lock);
	memcpy(text->text, buf, len);
	text->text[len] = '\0';
	return count;
}
EXPORT_SYMBOL_IF_KUNIT(klab_attr_text_store);
