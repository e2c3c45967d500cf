// SPDX-License-Identifier: GPL-2.0-only
/*
 * Settings of a disk: how they are written, and which ones are possible.
 */
#include <linux/align.h>
#include <linux/blkdev.h>
#include <linux/ctype.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/kstrtox.h>
#include <linux/log2.h>
#include <linux/overflow.h>
#include <linux/string.h>

#include <kunit/visibility.h>

#include "blkdev.h"

const char * const klab_disk_modes[NR_KLAB_DISK_MODES] = {
	[KLAB_DISK_SEGMENT] = "segment",
	[KLAB_DISK_REQUEST] = "request",
	[KLAB_DISK_BIO] = "bio",
};

/**
 * klab_disk_parse_mode() - read a request strategy
 * @text: its name or its number, with or without a newline
 *
 * Context: any.
 * Return: an enum klab_disk_mode, or -EINVAL.
 */
int klab_disk_parse_mode(const char *text)
{
	unsigned int number;

	if (!kstrtouint(text, 0, &number))
		return number < NR_KLAB_DISK_MODES ? number : -EINVAL;
	return sysfs_match_string(klab_disk_modes, text);
}
EXPORT_SYMBOL_IF_KUNIT(klab_disk_parse_mode);

static int klab_disk_size_shift(char unit)
{
	static const char units[] = "KMGTP";
	const char *found = strchr(units, toupper(unit));

	return found ? (found - units + 1) * 10 : 0;
}

/**
 * klab_disk_parse_size() - read a size
 * @text: a number of bytes, or one of a larger unit, K to P; with or without a
 *	newline
 * @size: set to the number of bytes
 *
 * Context: any.
 * Return: 0, -EINVAL if it is no size, or -ERANGE if it is one too large.
 */
int klab_disk_parse_size(const char *text, u64 *size)
{
	char number[24];
	size_t len = strcspn(text, "\n");
	int shift = 0;
	int err;

	/* Nothing may follow but one newline. */
	if (!len || len >= sizeof(number) || (text[len] && text[len + 1]))
		return -EINVAL;
	memcpy(number, text, len);
	number[len] = '\0';
	if (isalpha(number[len - 1]))
		shift = klab_disk_size_shift(number[len - 1]);
	if (shift)
		number[len - 1] = '\0';
	err = kstrtou64(number, 10, size);
	if (err)
		return err;
	return check_shl_overflow(*size, shift, size) ? -ERANGE : 0;
}
EXPORT_SYMBOL_IF_KUNIT(klab_disk_parse_size);

static bool klab_disk_size_possible(u64 size, unsigned int block_size)
{
	return size && size <= KLAB_DISK_SIZE_MAX && IS_ALIGNED(size, block_size);
}

/**
 * klab_disk_check() - can there be such a disk
 * @settings: what it is to be
 *
 * Context: any.
 * Return: 0 or -EINVAL.
 */
int klab_disk_check(const struct klab_disk_settings *settings)
{
	unsigned int block_size = settings->block_size;

	if (settings->mode >= NR_KLAB_DISK_MODES)
		return -EINVAL;
	if (!is_power_of_2(block_size) || block_size < SECTOR_SIZE ||
	    block_size > KLAB_DISK_BLOCK_MAX)
		return -EINVAL;
	if (!settings->file &&
	    !klab_disk_size_possible(settings->size, block_size))
		return -EINVAL;
	/* Files are for workers, which who submits a bio has not. */
	if (settings->file && settings->mode == KLAB_DISK_BIO)
		return -EINVAL;
	if (!settings->queues || settings->queues > KLAB_DISK_QUEUES_MAX)
		return -EINVAL;
	if (!settings->queue_depth ||
	    settings->queue_depth > KLAB_DISK_DEPTH_MAX)
		return -EINVAL;
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(klab_disk_check);
