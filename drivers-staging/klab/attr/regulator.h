/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The regulator: a model, the values it is seen and steered by, and how they are
 * published.
 */
#ifndef _KLAB_ATTR_REGULATOR_H
#define _KLAB_ATTR_REGULATOR_H

#include <linux/device.h>
#include <linux/device/class.h>
#include <linux/mutex.h>
#include <linux/poll.h>
#include <linux/seq_file.h>
#include <linux/types.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include "regulator_loop.h"

#define KLAB_REGULATOR_PERIOD_MAX_MS	60000

/* Decimals of values, of what is carried, of counts. */
#define KLAB_POINT_THOUSANDTHS	3
#define KLAB_POINT_MILLIONTHS	6
#define KLAB_POINT_WHOLE	0

/* Bytes of the longest text of a point, with a line end and a NUL. */
#define KLAB_POINT_TEXT		32

/* The points, in the order of the table. */
enum klab_point_index {
	KLAB_POINT_VALUE,
	KLAB_POINT_INCREMENT,
	KLAB_POINT_MULTIPLY,
	KLAB_POINT_TARGET,
	KLAB_POINT_INTEGRAL,
	KLAB_POINT_DERIVATIVE,
	KLAB_POINT_PERIOD_MS,
	KLAB_POINT_CARRY,
	KLAB_POINT_SUM,
	KLAB_POINT_ERROR,
	KLAB_POINT_STEPS,
	KLAB_POINT_CHANGES,
	KLAB_POINTS,
};

struct kernfs_node;
struct klab_regulator;
struct proc_dir_entry;

/**
 * struct klab_point - a value with a name, in /proc and in /sys
 * @attr: the attribute; its name and mode are those in /proc too
 * @decimals: KLAB_POINT_*
 * @max: the largest that can be set; the smallest is as large or 0
 * @negative: it can be set to less than 0
 * @counts: it is a u64, and not an s32
 * @offset: where it is in struct klab_regulator
 * @set: sets it where there is more to do than that; NULL otherwise
 *
 * The callers of @set hold the lock of the regulator.
 */
struct klab_point {
	struct device_attribute attr;
	unsigned int decimals;
	s32 max;
	bool negative;
	bool counts;
	size_t offset;
	void (*set)(struct klab_regulator *reg, s32 value);
};

/**
 * struct klab_node - a point of a regulator, as it was published last
 * @reg: the regulator
 * @point: the point, or NULL for all of them in one file
 * @last: what was published; under the lock of @reg
 * @event: counts what was published; changes under the lock of @reg
 * @sysfs: the file in /sys, or NULL
 */
struct klab_node {
	struct klab_regulator *reg;
	const struct klab_point *point;
	s64 last;
	int event;
	struct kernfs_node *sysfs;
};

/**
 * struct klab_regulator - a regulator
 * @dev: its directory in /sys; owns this structure
 * @lock: protects all that points tell and set
 * @loop: the model
 * @increment: the last change that somebody has written
 * @period_ms: time from a step to the next, or 0: somebody else closes the loop
 * @steps: steps that have changed something
 * @changes: how often somebody has set something
 * @work: does a step
 * @pollers: who waits for files in /proc
 * @nodes: its points, and all of them in one
 * @proc: its directory in /proc
 * @live: nothing can fail any more that would free what pollers stand in
 */
struct klab_regulator {
	struct device dev;
	struct mutex lock;	/* loop, increment, period, counts */
	struct klab_loop loop;
	s32 increment;
	s32 period_ms;
	u64 steps;
	u64 changes;
	struct delayed_work work;
	wait_queue_head_t pollers;
	struct klab_node nodes[KLAB_POINTS + 1];
	struct proc_dir_entry *proc;
	bool live;
};

/* regulator_points.c */
extern struct klab_point klab_points[KLAB_POINTS];
s64 klab_point_get(const struct klab_regulator *reg,
		   const struct klab_point *point);
void klab_point_set(struct klab_regulator *reg,
		    const struct klab_point *point, s32 value);

/* regulator_text.c */
int klab_point_parse(const char *text, unsigned int decimals, s64 *value);
int klab_point_print(char *text, unsigned int decimals, s64 value);

/* regulator_core.c */
extern const struct class klab_regulator_class;
struct klab_regulator *klab_regulator_create(const char *name, s32 multiply);
void klab_regulator_destroy(struct klab_regulator *reg);
int klab_regulator_get(struct klab_regulator *reg,
		       const struct klab_point *point, char *text);
int klab_regulator_set(struct klab_regulator *reg,
		       const struct klab_point *point, const char *text);
void klab_regulator_publish(struct klab_regulator *reg);
void klab_regulator_run(struct klab_regulator *reg);

/* regulator_proc.c */
int klab_regulator_proc_add(struct klab_regulator *reg);
void klab_regulator_proc_remove(struct klab_regulator *reg);
int klab_regulator_proc_show(struct seq_file *seq, void *unused);
__poll_t klab_regulator_proc_poll(struct file *file, poll_table *table);
ssize_t klab_regulator_store_user(struct klab_node *node,
				  const char __user *buf, size_t count);

/* regulator_sysfs.c */
extern const struct attribute_group *klab_regulator_groups[];
ssize_t klab_regulator_show(struct device *dev, struct device_attribute *attr,
			    char *buf);
ssize_t klab_regulator_store(struct device *dev, struct device_attribute *attr,
			     const char *buf, size_t count);
int klab_regulator_sysfs_add(struct klab_regulator *reg);
void klab_regulator_sysfs_forget(struct klab_regulator *reg);

#endif /* _KLAB_ATTR_REGULATOR_H */
