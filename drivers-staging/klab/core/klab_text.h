/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Text that somebody writes into a file.
 */
#ifndef _KLAB_TEXT_H
#define _KLAB_TEXT_H

#include <linux/string.h>
#include <linux/types.h>

/**
 * klab_text_is_whole() - is all of what was written one text
 * @buf: what was written
 * @count: its length
 *
 * What reads numbers and words ends at a zero byte, and takes no notice of what
 * that hides.
 *
 * Context: any.
 * Return: false where it has a zero byte.
 */
static inline bool klab_text_is_whole(const char *buf, size_t count)
{
	return strnlen(buf, count) == count;
}

#endif /* _KLAB_TEXT_H */
