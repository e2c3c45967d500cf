// SPDX-License-Identifier: GPL-2.0-only
/*
 * The settings of a disk in configfs, and the switch that makes it be there.
 */
#include <linux/capability.h>
#include <linux/cleanup.h>
#include <linux/configfs.h>
#include <linux/container_of.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/kstrtox.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#include "../core/klab_file.h"
#include "../core/klab_text.h"
#include "blkdev.h"

static struct klab_disk_config *to_config(struct config_item *item)
{
	return container_of(to_config_group(item), struct klab_disk_config,
			    group);
}

static ssize_t klab_config_size_show(struct config_item *item, char *page)
{
	struct klab_disk_config *config = to_config(item);

	guard(mutex)(&config->lock);
	/* That of a file is known to the disk alone. */
	return sysfs_emit(page, "%llu\n", config->disk ?
			  config->disk->settings.size : config->settings.size);
}

static ssize_t klab_config_size_store(struct config_item *item,
				      const char *page, size_t count)
{
	struct klab_disk_config *config = to_config(item);
	u64 size;
	int err;

	if (!klab_text_is_whole(page, count))
		return -EINVAL;
	err = klab_disk_parse_size(page, &size);
	if (err)
		return err;
	guard(mutex)(&config->lock);
	if (config->disk) {
		err = klab_disk_resize(config->disk, size);
		if (err)
			return err;
	}
	config->settings.size = size;
	return count;
}
CONFIGFS_ATTR(klab_config_, size);

static ssize_t klab_config_mode_show(struct config_item *item, char *page)
{
	struct klab_disk_config *config = to_config(item);

	guard(mutex)(&config->lock);
	return sysfs_emit(page, "%s\n",
			  klab_disk_modes[config->settings.mode]);
}

static ssize_t klab_config_mode_store(struct config_item *item,
				      const char *page, size_t count)
{
	struct klab_disk_config *config = to_config(item);
	int mode;

	if (!klab_text_is_whole(page, count))
		return -EINVAL;
	mode = klab_disk_parse_mode(page);
	if (mode < 0)
		return mode;
	guard(mutex)(&config->lock);
	if (config->disk)
		return -EBUSY;
	config->settings.mode = mode;
	return count;
}
CONFIGFS_ATTR(klab_config_, mode);

/* A number that cannot change while the disk is there. */
static int klab_config_set_number(struct klab_disk_config *config,
				  const char *page, unsigned int max,
				  unsigned int *value)
{
	unsigned int number;
	int err;

	err = kstrtouint(page, 0, &number);
	if (err)
		return err;
	if (!number || number > max)
		return -EINVAL;
	guard(mutex)(&config->lock);
	if (config->disk)
		return -EBUSY;
	*value = number;
	return 0;
}

static ssize_t klab_config_show_number(struct klab_disk_config *config,
				       char *page, const unsigned int *value)
{
	guard(mutex)(&config->lock);
	return sysfs_emit(page, "%u\n", *value);
}

#define KLAB_CONFIG_NUMBER(_name, _max)					\
static unsigned int *							\
klab_config_##_name##_of(struct klab_disk_config *config)		\
{									\
	return &config->settings._name;					\
}									\
									\
static ssize_t klab_config_##_name##_show(struct config_item *item,	\
					  char *page)			\
{									\
	struct klab_disk_config *config = to_config(item);		\
									\
	return klab_config_show_number(config, page,			\
				       klab_config_##_name##_of(config)); \
}									\
									\
static ssize_t klab_config_##_name##_store(struct config_item *item,	\
					   const char *page,		\
					   size_t count)		\
{									\
	struct klab_disk_config *config = to_config(item);		\
	int err;							\
									\
	if (!klab_text_is_whole(page, count))				\
		return -EINVAL;						\
	err = klab_config_set_number(config, page, _max,		\
				     klab_config_##_name##_of(config));	\
	return err ?: count;						\
}

KLAB_CONFIG_NUMBER(block_size, KLAB_DISK_BLOCK_MAX)
CONFIGFS_ATTR(klab_config_, block_size);

KLAB_CONFIG_NUMBER(queues, KLAB_DISK_QUEUES_MAX)
CONFIGFS_ATTR(klab_config_, queues);

KLAB_CONFIG_NUMBER(queue_depth, KLAB_DISK_DEPTH_MAX)
CONFIGFS_ATTR(klab_config_, queue_depth);

static ssize_t klab_config_read_only_show(struct config_item *item, char *page)
{
	struct klab_disk_config *config = to_config(item);

	guard(mutex)(&config->lock);
	return sysfs_emit(page, "%d\n", config->settings.read_only);
}

static ssize_t klab_config_read_only_store(struct config_item *item,
					   const char *page, size_t count)
{
	struct klab_disk_config *config = to_config(item);
	bool read_only;
	int err;

	if (!klab_text_is_whole(page, count))
		return -EINVAL;
	err = kstrtobool(page, &read_only);
	if (err)
		return err;
	guard(mutex)(&config->lock);
	if (config->disk)
		klab_disk_set_read_only(config->disk, read_only);
	config->settings.read_only = read_only;
	return count;
}
CONFIGFS_ATTR(klab_config_, read_only);

static ssize_t klab_config_removable_show(struct config_item *item, char *page)
{
	struct klab_disk_config *config = to_config(item);

	guard(mutex)(&config->lock);
	return sysfs_emit(page, "%d\n", config->settings.removable);
}

static ssize_t klab_config_removable_store(struct config_item *item,
					   const char *page, size_t count)
{
	struct klab_disk_config *config = to_config(item);
	bool removable;
	int err;

	if (!klab_text_is_whole(page, count))
		return -EINVAL;
	err = kstrtobool(page, &removable);
	if (err)
		return err;
	guard(mutex)(&config->lock);
	if (config->disk)
		return -EBUSY;
	config->settings.removable = removable;
	return count;
}
CONFIGFS_ATTR(klab_config_, removable);

static ssize_t klab_config_write_cache_show(struct config_item *item,
					    char *page)
{
	struct klab_disk_config *config = to_config(item);

	guard(mutex)(&config->lock);
	return sysfs_emit(page, "%d\n", config->settings.write_cache);
}

static ssize_t klab_config_write_cache_store(struct config_item *item,
					     const char *page, size_t count)
{
	struct klab_disk_config *config = to_config(item);
	bool cache;
	int err;

	if (!klab_text_is_whole(page, count))
		return -EINVAL;
	err = kstrtobool(page, &cache);
	if (err)
		return err;
	guard(mutex)(&config->lock);
	if (config->disk)
		return -EBUSY;
	config->settings.write_cache = cache;
	return count;
}
CONFIGFS_ATTR(klab_config_, write_cache);

static ssize_t klab_config_file_show(struct config_item *item, char *page)
{
	struct klab_disk_config *config = to_config(item);
	char *path;

	guard(mutex)(&config->lock);
	if (!config->settings.file)
		return sysfs_emit(page, "\n");
	/* The end of the page is where it puts it. */
	path = file_path(config->settings.file, page, PAGE_SIZE - 1);
	if (IS_ERR(path))
		return PTR_ERR(path);
	memmove(page, path, strlen(path) + 1);
	return strlen(strcat(page, "\n"));
}

/* As who writes it may open it; NULL for an empty path. */
static struct file *klab_config_open_file(const char *page)
{
	char *path __free(kfree) = kstrdup(page, GFP_KERNEL);
	struct file *file;
	int err;

	if (!capable(CAP_SYS_ADMIN))
		return ERR_PTR(-EPERM);
	if (!path)
		return ERR_PTR(-ENOMEM);
	path[strcspn(path, "\n")] = '\0';
	if (!*path)
		return NULL;
	file = klab_open_regular(path, O_RDWR | O_LARGEFILE);
	if (IS_ERR(file))
		return file;
	err = klab_backing_check(file);
	if (!err)
		return file;
	fput(file);
	return ERR_PTR(err);
}

/* Takes the place of the old one, which is returned for the caller to put. */
static struct file *klab_config_swap_file(struct klab_disk_config *config,
					  struct file *file)
{
	guard(mutex)(&config->lock);
	/* A disk that has been made for a file takes nothing else. */
	if (config->disk && (!klab_media_is_out(config->disk) || !file ||
			     !config->settings.file))
		return ERR_PTR(-EBUSY);
	if (config->disk)
		klab_media_set_file(config->disk, file);
	swap(config->settings.file, file);
	return file;
}

/**
 * klab_config_set_file() - have a file keep what a disk holds
 * @config: its directory
 * @path: the file, with or without a newline, or "" for memory
 *
 * Context: process context, may sleep; the caller has to be allowed to open it.
 * Return: 0; -EPERM without CAP_SYS_ADMIN; -EBUSY while the disk is there, with
 * its medium; -ENOMEM; what opening the file says, or klab_backing_check().
 */
int klab_config_set_file(struct klab_disk_config *config, const char *path)
{
	struct file *file, *old;

	file = klab_config_open_file(path);
	if (IS_ERR(file))
		return PTR_ERR(file);
	old = klab_config_swap_file(config, file);
	if (IS_ERR(old)) {
		if (file)
			fput(file);
		return PTR_ERR(old);
	}
	if (old)
		fput(old);
	return 0;
}

static ssize_t klab_config_file_store(struct config_item *item,
				      const char *page, size_t count)
{
	if (!klab_text_is_whole(page, count))
		return -EINVAL;
	return klab_config_set_file(to_config(item), page) ?: count;
}
CONFIGFS_ATTR(klab_config_, file);

static ssize_t klab_config_medium_show(struct config_item *item, char *page)
{
	struct klab_disk_config *config = to_config(item);

	guard(mutex)(&config->lock);
	if (!config->disk)
		return -ENODEV;
	return sysfs_emit(page, "%s\n",
			  klab_media_is_out(config->disk) ? "out" : "in");
}

static int klab_config_change_medium(struct klab_disk *disk, const char *how)
{
	if (sysfs_streq(how, "insert"))
		return klab_media_insert(disk, false);
	if (sysfs_streq(how, "blank"))
		return klab_media_insert(disk, true);
	if (sysfs_streq(how, "eject"))
		return klab_media_eject(disk, false);
	if (sysfs_streq(how, "remove"))
		return klab_media_eject(disk, true);
	return -EINVAL;
}

static ssize_t klab_config_medium_store(struct config_item *item,
					const char *page, size_t count)
{
	struct klab_disk_config *config = to_config(item);
	int err;

	if (!klab_text_is_whole(page, count))
		return -EINVAL;
	guard(mutex)(&config->lock);
	if (!config->disk)
		return -ENODEV;
	err = klab_config_change_medium(config->disk, page);
	return err ?: count;
}
CONFIGFS_ATTR(klab_config_, medium);

static ssize_t klab_config_power_show(struct config_item *item, char *page)
{
	struct klab_disk_config *config = to_config(item);

	guard(mutex)(&config->lock);
	return sysfs_emit(page, "%d\n", !!config->disk);
}

/**
 * klab_config_switch_on() - make a disk
 * @config: its directory, of which the caller has the lock
 *
 * Context: process context, may sleep.
 * Return: 0, also if it is there already, or that of klab_disk_create().
 */
int klab_config_switch_on(struct klab_disk_config *config)
{
	struct klab_disk *disk;

	if (config->disk)
		return 0;
	disk = klab_disk_create(&config->settings, &config->faults,
				config->number);
	if (IS_ERR(disk))
		return PTR_ERR(disk);
	klab_disk_set_faulty(disk, config->faulty);
	config->disk = disk;
	return 0;
}

static int klab_config_switch_off(struct klab_disk_config *config)
{
	int err;

	if (!config->disk)
		return 0;
	err = klab_disk_retire(config->disk);
	if (!err)
		config->disk = NULL;
	return err;
}

static ssize_t klab_config_power_store(struct config_item *item,
				       const char *page, size_t count)
{
	struct klab_disk_config *config = to_config(item);
	bool on;
	int err;

	if (!klab_text_is_whole(page, count))
		return -EINVAL;
	err = kstrtobool(page, &on);
	if (err)
		return err;
	guard(mutex)(&config->lock);
	err = on ? klab_config_switch_on(config) :
		   klab_config_switch_off(config);
	return err ?: count;
}
CONFIGFS_ATTR(klab_config_, power);

struct configfs_attribute *klab_config_attrs[] = {
	&klab_config_attr_size,
	&klab_config_attr_mode,
	&klab_config_attr_block_size,
	&klab_config_attr_queues,
	&klab_config_attr_queue_depth,
	&klab_config_attr_read_only,
	&klab_config_attr_removable,
	&klab_config_attr_write_cache,
	&klab_config_attr_file,
	&klab_config_attr_medium,
	&klab_config_attr_power,
	NULL
};
