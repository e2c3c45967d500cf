/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One value and its channels to user space: log, /dev, /proc, /sys, network
 * interface, debugfs.
 */
#ifndef _KLAB_BASICS_CHANNELS_H
#define _KLAB_BASICS_CHANNELS_H

#include <linux/atomic.h>
#include <linux/cdev.h>
#include <linux/compiler_types.h>
#include <linux/device.h>
#include <linux/mutex.h>
#include <linux/types.h>

struct net_device;
struct proc_dir_entry;

/* Text of a value: the longest is octal, 23 digits and a newline. */
#define KLAB_CHANNELS_TEXT_SIZE	32

/* Minor numbers: text and 8 bytes. */
#define KLAB_CHANNELS_MINORS	2

/**
 * struct klab_channels - a value and what it is offered through
 * @lock: makes a change of @value and its line in the log one step, so that
 *	the last line is the present value; readers need no lock
 * @value: the value
 * @logged: what the last line in the log said; under @lock
 * @dev: the text node and the attribute in sysfs; owns this structure
 * @cdev: operations of both nodes
 * @raw: the node of 8 bytes
 * @proc: file in /proc
 * @net: network interface
 */
struct klab_channels {
	struct mutex lock;	/* value and its line in the log */
	atomic64_t value;
	u64 logged;
	struct device dev;
	struct cdev cdev;
	struct device *raw;
	struct proc_dir_entry *proc;
	struct net_device *net;
};

/**
 * struct klab_channels_reader - an open text node
 * @channels: what it reads
 * @lock: keeps @text and @len together when threads share the open file
 * @len: length of @text
 * @text: the value when the reading began, for reads in small pieces
 */
struct klab_channels_reader {
	struct klab_channels *channels;
	struct mutex lock;	/* text and len */
	size_t len;
	char text[KLAB_CHANNELS_TEXT_SIZE];
};

extern const struct class klab_channels_class;

struct klab_channels *klab_channels_create(const char *name, int major);
void klab_channels_destroy(struct klab_channels *channels);

u64 klab_channels_get(struct klab_channels *channels);
void klab_channels_set(struct klab_channels *channels, u64 value);
ssize_t klab_channels_store(struct klab_channels *channels, const char *text,
			    size_t len);
ssize_t klab_channels_store_user(struct klab_channels *channels,
				 const char __user *buf, size_t count);

int klab_channels_numbers_get(struct klab_channels *channels, int major);
void klab_channels_numbers_put(struct klab_channels *channels);
int klab_channels_dev_add(struct klab_channels *channels);
void klab_channels_dev_remove(struct klab_channels *channels);

ssize_t klab_channels_text_read(struct file *file, char __user *buf,
				size_t count, loff_t *pos);
ssize_t klab_channels_raw_read(struct file *file, char __user *buf,
			       size_t count, loff_t *pos);
ssize_t klab_channels_raw_write(struct file *file, const char __user *buf,
				size_t count, loff_t *pos);

int klab_channels_proc_add(struct klab_channels *channels);
void klab_channels_proc_remove(struct klab_channels *channels);

int klab_channels_net_add(struct klab_channels *channels);
void klab_channels_net_remove(struct klab_channels *channels);

#endif /* _KLAB_BASICS_CHANNELS_H */
