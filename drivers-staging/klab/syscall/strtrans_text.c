// SPDX-License-Identifier: GPL-2.0-only
/* The methods of klab_strtrans. */

#include <linux/ctype.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/kstrtox.h>
#include <linux/string.h>

#include <kunit/visibility.h>

#include "strtrans.h"

#define STRTRANS_NUMBER_MAX	20	/* digits of a 64-bit number */

static ssize_t strtrans_upper(char *result, size_t room, const char *text,
			      size_t size)
{
	size_t i;

	if (size > room)
		return -ENOSPC;
	for (i = 0; i < size; i++)
		result[i] = isascii(text[i]) ? toupper(text[i]) : text[i];
	return size;
}

static ssize_t strtrans_lower(char *result, size_t room, const char *text,
			      size_t size)
{
	size_t i;

	if (size > room)
		return -ENOSPC;
	for (i = 0; i < size; i++)
		result[i] = isascii(text[i]) ? tolower(text[i]) : text[i];
	return size;
}

static ssize_t strtrans_reverse(char *result, size_t room, const char *text,
				size_t size)
{
	size_t i;

	if (size > room)
		return -ENOSPC;
	for (i = 0; i < size; i++)
		result[i] = text[size - 1 - i];
	return size;
}

/* 0x1f, 037 and 31 all become 31. */
static ssize_t strtrans_number(char *result, size_t room, const char *text,
			       size_t size)
{
	char digits[STRTRANS_NUMBER_MAX + 1];
	u64 number;
	int len, err;

	/* A NUL in the text would hide what is behind it; no sign, no newline. */
	if (strlen(text) != size || !isdigit(text[0]) ||
	    text[size - 1] == '\n')
		return -EINVAL;
	err = kstrtou64(text, 0, &number);
	if (err)
		return err;
	len = snprintf(digits, sizeof(digits), "%llu", number);
	if (len > room)
		return -ENOSPC;
	memcpy(result, digits, len);
	return len;
}

static const struct {
	const char *name;
	ssize_t (*apply)(char *result, size_t room, const char *text,
			 size_t size);
} strtrans_methods[] = {
	{ "upper", strtrans_upper },
	{ "lower", strtrans_lower },
	{ "reverse", strtrans_reverse },
	{ "number", strtrans_number },
};

/**
 * klab_strtrans_apply() - translates a text
 * @method: how
 * @result: where it goes, without a NUL behind it
 * @room: how many bytes there are
 * @text: the text, with a NUL behind it
 * @size: its size without that, at least 1
 *
 * Context: any.
 * Return: size of the result, -ENOENT if there is no such method, -EINVAL if the
 * text is none that it takes, -ERANGE if the result cannot be expressed, -ENOSPC
 * if there is no room for it.
 */
VISIBLE_IF_KUNIT ssize_t klab_strtrans_apply(const char *method, char *result,
					     size_t room, const char *text,
					     size_t size)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(strtrans_methods); i++) {
		if (!strcmp(strtrans_methods[i].name, method))
			return strtrans_methods[i].apply(result, room, text,
							 size);
	}
	return -ENOENT;
}
EXPORT_SYMBOL_IF_KUNIT(klab_strtrans_apply);
