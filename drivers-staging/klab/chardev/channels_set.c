// SPDX-License-Identifier: GPL-2.0-only
/*
 * Channels from a file: a configuration is read, and put in force as a whole or
 * not at all.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cleanup.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/fcntl.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/kernel_read_file.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/namei.h>
#include <linux/path.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/vmalloc.h>

#include <kunit/visibility.h>

#include "../core/klab_file.h"
#include "channels.h"

static struct klab_channel *find(struct klab_channels *channels,
				 const char *name)
{
	struct klab_channel *channel;

	list_for_each_entry(channel, &channels->list, entry) {
		if (!strcmp(dev_name(&channel->dev), name))
			return channel;
	}
	return NULL;
}

/* Of several devices with one name, devtmpfs gives only the first a node. */
static bool name_is_taken(const char *name)
{
	char text[sizeof("/dev/") + KLAB_CHANNEL_NAME_SIZE];
	struct path path;

	snprintf(text, sizeof(text), "/dev/%s", name);
	if (kern_path(text, 0, &path))
		return false;
	path_put(&path);
	return true;
}

static int check_share(struct klab_channels_config *config)
{
	u64 left = (u64)totalram_pages() * PAGE_SIZE / KLAB_CHANNELS_SHARE;
	unsigned int i;

	for (i = 0; i < config->nr; i++) {
		if (config->lines[i].size > left) {
			config->line = config->lines[i].line;
			config->wrong = "more than 1/16 of the memory in all";
			return -ENOMEM;
		}
		left -= config->lines[i].size;
	}
	return 0;
}

static int add_channel(struct klab_channels *channels,
		       const struct klab_channels_line *line,
		       struct list_head *added, const char **wrong)
{
	struct klab_channel *channel;

	*wrong = "a name that is there in /dev already";
	/* Not EEXIST, which modprobe takes for a module that is loaded. */
	if (name_is_taken(line->name))
		return -EBUSY;

	*wrong = "the channel could not be made";
	channel = klab_channel_create(channels, line);
	if (IS_ERR(channel))
		return PTR_ERR(channel);
	list_add_tail(&channel->entry, added);
	return 0;
}

static void destroy_list(struct list_head *list)
{
	struct klab_channel *channel, *next;

	list_for_each_entry_safe(channel, next, list, entry) {
		list_del(&channel->entry);
		klab_channel_destroy(channel);
	}
}

/* All that can fail. */
static int prepare(struct klab_channels *channels,
		   struct klab_channels_config *config, struct list_head *added)
{
	const struct klab_channels_line *line;
	unsigned int i;
	int err;

	err = check_share(config);
	if (err)
		return err;

	for (i = 0; i < config->nr; i++) {
		line = &config->lines[i];
		if (find(channels, line->name))
			continue;
		err = add_channel(channels, line, added, &config->wrong);
		if (err) {
			config->line = line->line;
			destroy_list(added);
			return err;
		}
	}
	return 0;
}

/* What is no longer wanted goes; what stays keeps its data. */
static void commit(struct klab_channels *channels,
		   const struct klab_channels_config *config,
		   struct list_head *added)
{
	struct klab_channel *channel, *next;
	LIST_HEAD(removed);
	unsigned int i;

	list_for_each_entry(channel, &channels->list, entry)
		channel->wanted = false;
	for (i = 0; i < config->nr; i++) {
		channel = find(channels, config->lines[i].name);
		if (!channel)
			continue;
		channel->wanted = true;
		WRITE_ONCE(channel->data.size, config->lines[i].size);
	}
	list_for_each_entry_safe(channel, next, &channels->list, entry) {
		if (!channel->wanted)
			list_move_tail(&channel->entry, &removed);
	}
	list_splice_tail(added, &channels->list);
	destroy_list(&removed);
}

/**
 * klab_channels_apply() - puts a configuration in force
 * @channels: those of the configuration before; the caller sees to it that
 *	nobody else changes them
 * @config: the configuration; with an error, its @line and @wrong say where and
 *	why
 *
 * Channels that are not in it lose their nodes, and stay for who has them open.
 * Those that are in both keep what was written to them, even where it is more
 * than their new size. With an error everything stays as it was.
 *
 * Context: process, may sleep.
 * Return: 0; -EBUSY for a name that is taken; -ENOMEM, also for more than a
 * 1/16 of the memory; or what klab_channel_create() says.
 */
int klab_channels_apply(struct klab_channels *channels,
			struct klab_channels_config *config)
{
	LIST_HEAD(added);
	int err;

	err = prepare(channels, config, &added);
	if (!err)
		commit(channels, config, &added);
	return err;
}
EXPORT_SYMBOL_IF_KUNIT(klab_channels_apply);

/**
 * klab_channels_remove_all() - takes all channels away
 * @channels: the channels
 *
 * Context: process, may sleep.
 */
void klab_channels_remove_all(struct klab_channels *channels)
{
	destroy_list(&channels->list);
}
EXPORT_SYMBOL_IF_KUNIT(klab_channels_remove_all);

/* With the rights of the caller. */
static ssize_t read_file(const char *path, void **text)
{
	struct file *file;
	ssize_t len;

	file = klab_open_regular(path, O_RDONLY);
	if (IS_ERR(file)) {
		pr_err("%s: cannot open: %pe\n", path, file);
		return PTR_ERR(file);
	}
	len = kernel_read_file(file, 0, text, KLAB_CHANNELS_FILE_MAX, NULL,
			       READING_UNKNOWN);
	fput(file);
	if (len < 0) {
		pr_err("%s: not a file of 1 to %u bytes that can be read: %pe\n",
		       path, KLAB_CHANNELS_FILE_MAX, ERR_PTR(len));
	}
	return len;
}

/**
 * klab_channels_load() - reads a file and puts it in force
 * @channels: as for klab_channels_apply()
 * @path: of the file; opened with the caller's rights
 *
 * A line of the log says where the file is wrong, and how.
 *
 * Context: process, may sleep.
 * Return: 0; -EINVAL where a line is wrong, or the file is empty or not a
 * regular one; -EFBIG where it is too long; -ETXTBSY while somebody has it open
 * for writing; what else opening and reading say; or what klab_channels_apply()
 * says.
 */
int klab_channels_load(struct klab_channels *channels, const char *path)
{
	struct klab_channels_config *config __free(kfree) =
		kzalloc_obj(*config);
	void *text = NULL;
	ssize_t len;
	int err;

	if (!config)
		return -ENOMEM;
	len = read_file(path, &text);
	if (len < 0)
		return len;

	err = klab_channels_parse(config, text, len);
	vfree(text);
	if (!err)
		err = klab_channels_apply(channels, config);
	if (err) {
		pr_err("%s:%u: %s: %pe\n", path, config->line, config->wrong,
		       ERR_PTR(err));
	}
	return err;
}
EXPORT_SYMBOL_IF_KUNIT(klab_channels_load);
