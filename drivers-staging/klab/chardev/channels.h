/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Channels from a configuration file: each line names a node, behind which there
 * is memory that keeps what was written.
 */
#ifndef _KLAB_CHARDEV_CHANNELS_H
#define _KLAB_CHARDEV_CHANNELS_H

#include <linux/device.h>
#include <linux/fs.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/sizes.h>
#include <linux/types.h>

struct class;
struct iov_iter;
struct kiocb;

#define KLAB_CHANNELS_MAX	64	/* in a configuration */
#define KLAB_CHANNELS_MINORS	256	/* with those that are only open still */
#define KLAB_CHANNELS_FILE_MAX	SZ_64K
#define KLAB_CHANNEL_NAME_SIZE	32	/* with the NUL */
#define KLAB_CHANNEL_SIZE_MIN	1
#define KLAB_CHANNEL_SIZE_MAX	SZ_16M
#define KLAB_CHANNEL_SIZE	SZ_64K	/* unless the line says otherwise */

/* In the directory of the class beside the channels. */
#define KLAB_CHANNELS_OWN_FILE	"reload"

/* All channels of a configuration together may take this part of the memory. */
#define KLAB_CHANNELS_SHARE	16

/**
 * struct klab_channels_line - what a line of the file asks for
 * @name: of the channel and its node
 * @size: how many bytes it may keep
 * @line: number of the line, from 1
 */
struct klab_channels_line {
	char name[KLAB_CHANNEL_NAME_SIZE];
	size_t size;
	unsigned int line;
};

/**
 * struct klab_channels_config - what the file asks for
 * @lines: its channels
 * @nr: how many there are
 * @line: where a file is wrong: the number of the line
 * @wrong: and what is wrong there
 */
struct klab_channels_config {
	struct klab_channels_line lines[KLAB_CHANNELS_MAX];
	unsigned int nr;
	unsigned int line;
	const char *wrong;
};

/**
 * struct klab_channel_data - what was written to a channel
 * @lock: protects @bytes, @length and @room; held while user memory is copied,
 *	so a holder may wait for a page of its buffer
 * @bytes: the data, or NULL
 * @length: of the data; changes under @lock
 * @room: bytes allocated
 * @size: how long the data may become; changes with the configuration
 */
struct klab_channel_data {
	struct mutex lock;	/* bytes, length and room */
	u8 *bytes;
	size_t length;
	size_t room;
	size_t size;
};

/**
 * struct klab_channel - a channel
 * @dev: its node and attributes; owns this structure; an open file has a
 *	reference
 * @data: what was written
 * @entry: in a list of channels
 * @wanted: in the configuration that is being put in force
 */
struct klab_channel {
	struct device dev;
	struct klab_channel_data data;
	struct list_head entry;
	bool wanted;
};

/**
 * struct klab_channels - the channels of a configuration
 * @list: the channels that have nodes
 * @class: of their devices
 * @major: of their numbers
 * @live: the numbers lead somewhere, so udev is told of a new channel at once
 */
struct klab_channels {
	struct list_head list;
	const struct class *class;
	unsigned int major;
	bool live;
};

extern const struct class klab_channels_class;
extern const struct file_operations klab_channel_fops;

/* channels_parse.c */
int klab_channels_parse(struct klab_channels_config *config, const char *text,
			size_t len);

/* channels_data.c */
void klab_channel_data_init(struct klab_channel_data *data, size_t size);
void klab_channel_data_free(struct klab_channel_data *data);
ssize_t klab_channel_data_read(struct klab_channel_data *data, loff_t *pos,
			       struct iov_iter *to);
ssize_t klab_channel_data_write(struct klab_channel_data *data, loff_t *pos,
				struct iov_iter *from, bool append);
int klab_channel_data_truncate(struct klab_channel_data *data);

/* channels_dev.c */
struct klab_channel *klab_channel_create(const struct klab_channels *channels,
					 const struct klab_channels_line *line);
void klab_channel_announce(struct klab_channel *channel);
void klab_channel_destroy(struct klab_channel *channel);
void klab_channel_numbers_destroy(void);

/* channels_set.c */
int klab_channels_apply(struct klab_channels *channels,
			struct klab_channels_config *config);
void klab_channels_remove_all(struct klab_channels *channels);
int klab_channels_load(struct klab_channels *channels, const char *path);

#endif /* _KLAB_CHARDEV_CHANNELS_H */
