// SPDX-License-Identifier: GPL-2.0-only
/*
 * Text on a terminal: what a file says must not steer the terminal.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "klab.h"

#define TERMINAL_WIDTH		80
#define TERMINAL_WIDTH_MIN	40
#define TERMINAL_WIDTH_MAX	1000

static bool is_continuation(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

/**
 * utf8_length() - length of the character that a string begins with
 * @text: string, not empty
 *
 * Return: 1 to 4 bytes, or 0 where there is no valid UTF-8.
 */
size_t utf8_length(const char *text)
{
	unsigned char first = (unsigned char)text[0];
	unsigned char second = (unsigned char)text[1];

	if (first < 0x80)
		return 1;
	if (!is_continuation(text[1]))
		return 0;
	if (first >= 0xc2 && first <= 0xdf)
		return 2;
	if (!is_continuation(text[2]))
		return 0;
	if (first >= 0xe0 && first <= 0xef) {
		/* Neither overlong forms nor surrogates. */
		if ((first == 0xe0 && second < 0xa0) ||
		    (first == 0xed && second > 0x9f))
			return 0;
		return 3;
	}
	if (first < 0xf0 || first > 0xf4 || !is_continuation(text[3]))
		return 0;
	if ((first == 0xf0 && second < 0x90) ||
	    (first == 0xf4 && second > 0x8f))
		return 0;
	return 4;
}

/**
 * locale_is_utf8() - may UTF-8 be printed
 *
 * Return: true if the environment names a UTF-8 locale.
 */
bool locale_is_utf8(void)
{
	static const char * const names[] = { "LC_ALL", "LC_CTYPE", "LANG" };
	size_t i;

	/* The first that is set decides; no locale data is needed for that. */
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		const char *value = getenv(names[i]);

		if (value && *value)
			return strcasestr(value, "utf-8") ||
			       strcasestr(value, "utf8");
	}
	return false;
}

/* Length of the printable character at @text, or 0 where it needs an escape. */
static size_t printable(const char *text)
{
	unsigned char first = (unsigned char)text[0];
	size_t len = utf8_length(text);

	if (len == 1 && (first < ' ' || first == 0x7f))
		return 0;
	/* U+0080 to U+009f are control characters too. */
	if (len == 2 && first == 0xc2 && (unsigned char)text[1] < 0xa0)
		return 0;
	return len;
}

/**
 * put_safe() - print a string without control characters
 * @out: where to
 * @text: string; what is not printable becomes an escape such as \x1b
 */
void put_safe(FILE *out, const char *text)
{
	while (*text) {
		size_t len = printable(text);

		if (len) {
			fwrite(text, 1, len, out);
		} else {
			fprintf(out, "\\x%02x", (unsigned char)*text);
			len = 1;
		}
		text += len;
	}
}

/**
 * put_data() - print bytes of any value without control characters
 * @out: where to
 * @data: the bytes, with a NUL after them
 * @len: how many there are
 */
void put_data(FILE *out, const char *data, size_t len)
{
	const char *end = data + len;

	for (;;) {
		put_safe(out, data);
		data += strlen(data);
		if (data >= end)
			break;
		fputs("\\x00", out);
		data++;
	}
}

/**
 * safe_width() - columns that put_safe() takes
 * @text: string
 *
 * Return: the width, one column per character.
 */
size_t safe_width(const char *text)
{
	size_t width = 0;

	while (*text) {
		size_t len = printable(text);

		width += len ? 1 : 4;
		text += len ? len : 1;
	}
	return width;
}

/**
 * put_padded() - print a string in a field
 * @out: where to
 * @text: string, printed by put_safe()
 * @width: width of the field
 * @right: align to the right
 */
void put_padded(FILE *out, const char *text, size_t width, bool right)
{
	size_t used = safe_width(text);
	int pad = used < width ? (int)(width - used) : 0;

	if (right)
		fprintf(out, "%*s", pad, "");
	put_safe(out, text);
	if (!right)
		fprintf(out, "%*s", pad, "");
}

/**
 * terminal_width() - columns that standard output has
 *
 * Return: the width: $COLUMNS, else the terminal's, else 80.
 */
unsigned int terminal_width(void)
{
	const char *columns = getenv("COLUMNS");
	unsigned long width = 0;
	struct winsize size;

	if (columns)
		width = strtoul(columns, NULL, 10);
	else if (!ioctl(STDOUT_FILENO, TIOCGWINSZ, &size))
		width = size.ws_col;
	if (!width)
		return TERMINAL_WIDTH;
	if (width < TERMINAL_WIDTH_MIN)
		return TERMINAL_WIDTH_MIN;
	if (width > TERMINAL_WIDTH_MAX)
		return TERMINAL_WIDTH_MAX;
	return (unsigned int)width;
}
