// SPDX-License-Identifier: GPL-2.0-only
/*
 * The faults of a disk in configfs: a directory in that of the disk.
 */
#include <linux/cleanup.h>
#include <linux/configfs.h>
#include <linux/container_of.h>
#include <linux/errno.h>
#include <linux/gfp_types.h>
#include <linux/kstrtox.h>
#include <linux/limits.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/stddef.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#include "../core/klab_text.h"
#include "blkdev.h"

static struct klab_disk_config *to_config(struct config_item *item)
{
	return container_of(to_config_group(item), struct klab_disk_config,
			    faults_group);
}

static ssize_t klab_faults_enable_show(struct config_item *item, char *page)
{
	struct klab_disk_config *config = to_config(item);

	guard(mutex)(&config->lock);
	return sysfs_emit(page, "%d\n", config->faulty);
}

/* Switched on once more, they begin once more. */
static ssize_t klab_faults_enable_store(struct config_item *item,
					const char *page, size_t count)
{
	struct klab_disk_config *config = to_config(item);
	bool faulty;
	int err;

	if (!klab_text_is_whole(page, count))
		return -EINVAL;
	err = kstrtobool(page, &faulty);
	if (err)
		return err;
	guard(mutex)(&config->lock);
	if (faulty)
		klab_faults_restart(&config->faults);
	config->faulty = faulty;
	if (config->disk)
		klab_disk_set_faulty(config->disk, faulty);
	return count;
}
CONFIGFS_ATTR(klab_faults_, enable);

static ssize_t klab_faults_show(struct config_item *item, char *page,
				size_t offset)
{
	struct klab_faults *faults = &to_config(item)->faults;
	const u32 *value = (void *)&faults->settings + offset;

	guard(spinlock)(&faults->lock);
	return sysfs_emit(page, "%u\n", *value);
}

static ssize_t klab_faults_store(struct config_item *item, const char *page,
				 size_t count, size_t offset, u32 max)
{
	struct klab_faults *faults = &to_config(item)->faults;
	u32 *value = (void *)&faults->settings + offset;
	u32 number;
	int err;

	if (!klab_text_is_whole(page, count))
		return -EINVAL;
	err = kstrtou32(page, 0, &number);
	if (err)
		return err;
	if (number > max)
		return -ERANGE;
	guard(spinlock)(&faults->lock);
	*value = number;
	return count;
}

#define KLAB_FAULTS_AT(_name)	offsetof(struct klab_fault_settings, _name)

static ssize_t klab_faults_seed_show(struct config_item *item, char *page)
{
	return klab_faults_show(item, page, KLAB_FAULTS_AT(seed));
}

static ssize_t klab_faults_seed_store(struct config_item *item,
				      const char *page, size_t count)
{
	return klab_faults_store(item, page, count, KLAB_FAULTS_AT(seed),
				 U32_MAX);
}
CONFIGFS_ATTR(klab_faults_, seed);

static ssize_t klab_faults_error_ppm_show(struct config_item *item, char *page)
{
	return klab_faults_show(item, page, KLAB_FAULTS_AT(error_ppm));
}

static ssize_t klab_faults_error_ppm_store(struct config_item *item,
					   const char *page, size_t count)
{
	return klab_faults_store(item, page, count, KLAB_FAULTS_AT(error_ppm),
				 KLAB_FAULTS_CERTAIN);
}
CONFIGFS_ATTR(klab_faults_, error_ppm);

static ssize_t klab_faults_torn_ppm_show(struct config_item *item, char *page)
{
	return klab_faults_show(item, page, KLAB_FAULTS_AT(torn_ppm));
}

static ssize_t klab_faults_torn_ppm_store(struct config_item *item,
					  const char *page, size_t count)
{
	return klab_faults_store(item, page, count, KLAB_FAULTS_AT(torn_ppm),
				 KLAB_FAULTS_CERTAIN);
}
CONFIGFS_ATTR(klab_faults_, torn_ppm);

static ssize_t klab_faults_hang_ppm_show(struct config_item *item, char *page)
{
	return klab_faults_show(item, page, KLAB_FAULTS_AT(hang_ppm));
}

static ssize_t klab_faults_hang_ppm_store(struct config_item *item,
					  const char *page, size_t count)
{
	return klab_faults_store(item, page, count, KLAB_FAULTS_AT(hang_ppm),
				 KLAB_FAULTS_CERTAIN);
}
CONFIGFS_ATTR(klab_faults_, hang_ppm);

static ssize_t klab_faults_lost_flush_ppm_show(struct config_item *item,
					       char *page)
{
	return klab_faults_show(item, page, KLAB_FAULTS_AT(lost_flush_ppm));
}

static ssize_t klab_faults_lost_flush_ppm_store(struct config_item *item,
						const char *page, size_t count)
{
	return klab_faults_store(item, page, count,
				 KLAB_FAULTS_AT(lost_flush_ppm),
				 KLAB_FAULTS_CERTAIN);
}
CONFIGFS_ATTR(klab_faults_, lost_flush_ppm);

static ssize_t klab_faults_delay_ppm_show(struct config_item *item, char *page)
{
	return klab_faults_show(item, page, KLAB_FAULTS_AT(delay_ppm));
}

static ssize_t klab_faults_delay_ppm_store(struct config_item *item,
					   const char *page, size_t count)
{
	return klab_faults_store(item, page, count, KLAB_FAULTS_AT(delay_ppm),
				 KLAB_FAULTS_CERTAIN);
}
CONFIGFS_ATTR(klab_faults_, delay_ppm);

static ssize_t klab_faults_writes_show(struct config_item *item, char *page)
{
	struct klab_faults *faults = &to_config(item)->faults;

	guard(spinlock)(&faults->lock);
	return sysfs_emit(page, "%llu\n", faults->settings.writes);
}

static ssize_t klab_faults_writes_store(struct config_item *item,
					const char *page, size_t count)
{
	struct klab_faults *faults = &to_config(item)->faults;
	u64 writes;
	int err;

	if (!klab_text_is_whole(page, count))
		return -EINVAL;
	err = kstrtou64(page, 0, &writes);
	if (err)
		return err;
	guard(spinlock)(&faults->lock);
	faults->settings.writes = writes;
	faults->written = 0;
	return count;
}
CONFIGFS_ATTR(klab_faults_, writes);

/* Two numbers, and nothing behind them. */
static int klab_faults_parse_two(const char *page, u64 *first, u64 *second)
{
	char *text __free(kfree) = kstrdup(page, GFP_KERNEL);
	char *rest;
	int err;

	if (!text)
		return -ENOMEM;
	rest = strim(text);
	err = kstrtou64(strsep(&rest, " \t"), 10, first);
	if (err)
		return err;
	return rest ? kstrtou64(skip_spaces(rest), 10, second) : -EINVAL;
}

static ssize_t klab_faults_delay_us_show(struct config_item *item, char *page)
{
	struct klab_faults *faults = &to_config(item)->faults;

	guard(spinlock)(&faults->lock);
	return sysfs_emit(page, "%u %u\n", faults->settings.delay_min_us,
			  faults->settings.delay_max_us);
}

static ssize_t klab_faults_delay_us_store(struct config_item *item,
					  const char *page, size_t count)
{
	struct klab_faults *faults = &to_config(item)->faults;
	u64 min, max;
	int err;

	if (!klab_text_is_whole(page, count))
		return -EINVAL;
	err = klab_faults_parse_two(page, &min, &max);
	if (err)
		return err;
	if (min > max)
		return -EINVAL;
	if (max > KLAB_FAULTS_DELAY_MAX)
		return -ERANGE;
	guard(spinlock)(&faults->lock);
	faults->settings.delay_min_us = min;
	faults->settings.delay_max_us = max;
	return count;
}
CONFIGFS_ATTR(klab_faults_, delay_us);

static ssize_t klab_faults_bad_sectors_show(struct config_item *item,
					    char *page)
{
	struct klab_faults *faults = &to_config(item)->faults;

	guard(spinlock)(&faults->lock);
	return sysfs_emit(page, "%llu %llu\n", faults->settings.bad_start,
			  faults->settings.bad_count);
}

static ssize_t klab_faults_bad_sectors_store(struct config_item *item,
					     const char *page, size_t count)
{
	struct klab_faults *faults = &to_config(item)->faults;
	u64 start, sectors;
	int err;

	if (!klab_text_is_whole(page, count))
		return -EINVAL;
	err = klab_faults_parse_two(page, &start, &sectors);
	if (err)
		return err;
	guard(spinlock)(&faults->lock);
	faults->settings.bad_start = start;
	faults->settings.bad_count = sectors;
	return count;
}
CONFIGFS_ATTR(klab_faults_, bad_sectors);

static ssize_t klab_faults_show_count(struct config_item *item, char *page,
				      enum klab_fault_count what)
{
	struct klab_faults *faults = &to_config(item)->faults;

	guard(spinlock)(&faults->lock);
	return sysfs_emit(page, "%llu\n", faults->counts[what]);
}

static ssize_t klab_faults_errors_show(struct config_item *item, char *page)
{
	return klab_faults_show_count(item, page, KLAB_FAULT_ERRORS);
}
CONFIGFS_ATTR_RO(klab_faults_, errors);

static ssize_t klab_faults_torn_show(struct config_item *item, char *page)
{
	return klab_faults_show_count(item, page, KLAB_FAULT_TORN);
}
CONFIGFS_ATTR_RO(klab_faults_, torn);

static ssize_t klab_faults_hangs_show(struct config_item *item, char *page)
{
	return klab_faults_show_count(item, page, KLAB_FAULT_HANGS);
}
CONFIGFS_ATTR_RO(klab_faults_, hangs);

static ssize_t klab_faults_resets_show(struct config_item *item, char *page)
{
	return klab_faults_show_count(item, page, KLAB_FAULT_RESETS);
}
CONFIGFS_ATTR_RO(klab_faults_, resets);

static ssize_t klab_faults_lost_flushes_show(struct config_item *item,
					     char *page)
{
	return klab_faults_show_count(item, page, KLAB_FAULT_LOST_FLUSHES);
}
CONFIGFS_ATTR_RO(klab_faults_, lost_flushes);

static struct configfs_attribute *klab_faults_attrs[] = {
	&klab_faults_attr_enable,
	&klab_faults_attr_seed,
	&klab_faults_attr_error_ppm,
	&klab_faults_attr_torn_ppm,
	&klab_faults_attr_hang_ppm,
	&klab_faults_attr_lost_flush_ppm,
	&klab_faults_attr_writes,
	&klab_faults_attr_delay_ppm,
	&klab_faults_attr_delay_us,
	&klab_faults_attr_bad_sectors,
	&klab_faults_attr_errors,
	&klab_faults_attr_torn,
	&klab_faults_attr_hangs,
	&klab_faults_attr_resets,
	&klab_faults_attr_lost_flushes,
	NULL
};

const struct config_item_type klab_config_faults_type = {
	.ct_attrs = klab_faults_attrs,
	.ct_owner = THIS_MODULE,
};
