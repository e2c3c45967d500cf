// SPDX-License-Identifier: GPL-2.0-only
/*
 * Numbers with decimals as text, without floating point.
 */
#include <linux/ctype.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/sprintf.h>
#include <linux/types.h>

#include <kunit/visibility.h>

#include "regulator.h"

/* More digits than any limit has. */
#define KLAB_POINT_LARGEST	1000000000000000LL

static const u32 klab_point_ones[] = {
	1, 10, 100, 1000, 10000, 100000, 1000000,
};

/* Reads a digit more into @value. */
static int klab_point_digit(s64 *value, char digit)
{
	*value = *value * 10 + digit - '0';
	return *value < KLAB_POINT_LARGEST ? 0 : -ERANGE;
}

/**
 * klab_point_parse() - reads a number from a text
 * @text: sign or none, digits, up to @decimals of them after a point; a line end
 *	may follow
 * @decimals: at most 6
 * @value: set to the number times 10 to the power of @decimals, if it is one
 *
 * Context: any.
 * Return: 0, or -EINVAL for other text and for more decimals, -ERANGE.
 */
int klab_point_parse(const char *text, unsigned int decimals, s64 *value)
{
	bool minus = *text == '-';
	s64 number = 0;
	int err = 0;

	if (*text == '-' || *text == '+')
		text++;
	if (!isdigit(*text))
		return -EINVAL;
	while (isdigit(*text) && !err)
		err = klab_point_digit(&number, *text++);

	if (*text == '.' && decimals && !isdigit(*++text))
		return -EINVAL;
	for (; decimals && !err; decimals--)
		err = klab_point_digit(&number, isdigit(*text) ? *text++ : '0');
	if (err)
		return err;

	if (*text == '\n')
		text++;
	if (*text)
		return -EINVAL;
	*value = minus ? -number : number;
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(klab_point_parse);

/**
 * klab_point_print() - writes a number as text
 * @text: gets it, with a line end; KLAB_POINT_TEXT bytes
 * @decimals: digits behind the point, at most 6
 * @value: the number times 10 to the power of @decimals
 *
 * Context: any.
 * Return: the length.
 */
int klab_point_print(char *text, unsigned int decimals, s64 value)
{
	u64 number = value < 0 ? -(u64)value : value;
	const char *sign = value < 0 ? "-" : "";
	u32 part;

	if (!decimals)
		return scnprintf(text, KLAB_POINT_TEXT, "%s%llu\n", sign,
				 number);
	number = div_u64_rem(number, klab_point_ones[decimals], &part);
	return scnprintf(text, KLAB_POINT_TEXT, "%s%llu.%0*u\n", sign, number,
			 decimals, part);
}
EXPORT_SYMBOL_IF_KUNIT(klab_point_print);
