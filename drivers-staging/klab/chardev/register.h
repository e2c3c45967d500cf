/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The ways to register a character device, around one read operation.
 */
#ifndef _KLAB_CHARDEV_REGISTER_H
#define _KLAB_CHARDEV_REGISTER_H

#include <linux/atomic.h>
#include <linux/device.h>
#include <linux/fs.h>
#include <linux/list.h>
#include <linux/miscdevice.h>
#include <linux/types.h>

struct cdev;

/* Minors of a major that is taken as a whole. */
#define KLAB_REGISTER_WHOLE	256

/* Longest beginning of a node's name. */
#define KLAB_REGISTER_PREFIX	24

/* What every channel has to say. */
#define KLAB_REGISTER_TEXT	"Hello, world!\n"

/**
 * struct klab_register_config - what is asked for
 * @style: name of the way
 * @prefix: beginning of the nodes' names
 * @channels: how many nodes
 * @major: major number, or 0: the kernel chooses
 * @minor: first minor number, or -1: the first there is
 */
struct klab_register_config {
	const char *style;
	const char *prefix;
	unsigned int channels;
	unsigned int major;
	int minor;
};

/**
 * struct klab_register_channel - what is behind a number
 * @name: of the node, for people
 * @style: name of the way, for people
 * @dev: the node, or NULL: there is a number only
 * @misc: the same, for a misc device
 * @open: open files
 * @opened: how often it has been opened
 */
struct klab_register_channel {
	char name[KLAB_REGISTER_PREFIX + 11];
	const char *style;
	struct device *dev;
	struct miscdevice misc;
	atomic_t open;
	atomic64_t opened;
};

/**
 * struct klab_register - channels that were registered together
 * @entry: among those that are looked for by number
 * @style: the way
 * @cdev: what the numbers lead to, if it is ours
 * @first: the first number
 * @nodes: channels with a node, the first ones
 * @numbers: all channels
 * @channels: they
 */
struct klab_register {
	struct list_head entry;
	const struct klab_register_style *style;
	struct cdev *cdev;
	dev_t first;
	unsigned int nodes;
	unsigned int numbers;
	struct klab_register_channel channels[] __counted_by(numbers);
};

/**
 * struct klab_register_style - a way to register
 * @name: what it is called
 * @channels_max: nodes that it can have
 * @numbers: numbers that it always takes, or 0: one for each node
 * @majors: majors there are, or 0: the major is fixed
 * @minors: minors there are, or 0: it has no choice
 * @add: registers; what can fail comes before what can be opened, where the
 *	way allows
 * @remove: undoes it, while nobody has a channel open
 */
struct klab_register_style {
	const char *name;
	unsigned int channels_max;
	unsigned int numbers;
	unsigned int majors;
	unsigned int minors;
	int (*add)(struct klab_register *reg,
		   const struct klab_register_config *config);
	void (*remove)(struct klab_register *reg);
};

extern const struct class klab_register_class;
extern const struct attribute_group *klab_register_groups[];
extern const struct klab_register_style klab_register_cdev;
extern const struct klab_register_style klab_register_major;
extern const struct klab_register_style klab_register_misc;
extern const struct file_operations klab_register_fops;
extern const struct file_operations klab_register_misc_fops;
extern umode_t klab_register_mode;
extern bool klab_register_debug;

/* register_core.c */
struct klab_register *
klab_register_create(const struct klab_register_config *config);
void klab_register_destroy(struct klab_register *reg);
struct klab_register_channel *klab_register_find(dev_t devt);
void klab_register_publish(struct klab_register *reg, dev_t first);
void klab_register_hide(struct klab_register *reg);

/* register_node.c */
int klab_register_add_nodes(struct klab_register *reg, bool quiet);
void klab_register_announce_nodes(struct klab_register *reg);
void klab_register_remove_nodes(struct klab_register *reg);

#endif /* _KLAB_CHARDEV_REGISTER_H */
