/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Open policies: who may have a device open, and who waits.
 */
#ifndef _KLAB_CHARDEV_POLICY_H
#define _KLAB_CHARDEV_POLICY_H

#include <linux/device.h>
#include <linux/fs.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/types.h>

/* Longest time that an open waits, where it does not wait for ever. */
#define KLAB_POLICY_TIMEOUT_MAX_MS	60000

/* Longest text, without the newline that every reader gets after it. */
#define KLAB_POLICY_TEXT_MAX		256

/**
 * enum klab_gate_policy - who may have a device open
 * @KLAB_GATE_NONE: anybody
 * @KLAB_GATE_EXCLUSIVE: one; the others are told EBUSY
 * @KLAB_GATE_INSTANCE: anybody, each with a text of its own
 * @KLAB_GATE_WAIT: one; the others wait for their turn
 * @KLAB_GATE_TIMEOUT: one; the others wait for some time
 * @KLAB_GATE_POLICIES: how many there are
 */
enum klab_gate_policy {
	KLAB_GATE_NONE,
	KLAB_GATE_EXCLUSIVE,
	KLAB_GATE_INSTANCE,
	KLAB_GATE_WAIT,
	KLAB_GATE_TIMEOUT,
	KLAB_GATE_POLICIES,
};

/**
 * struct klab_gate - what keeps openers apart
 * @lock: protects all that follows; held for no longer than a look
 * @policy: changes only while nobody is inside, so that who is inside may read
 *	it without @lock
 * @timeout_ms: for KLAB_GATE_TIMEOUT
 * @inside: those who have been let in and have not left
 * @waiting: length of @waiters
 * @waiters: who waits, in the order of coming
 * @opened: how many have been let in
 * @refused: how many have been sent away at once
 * @waited: how many have waited
 * @timed_out: how many of these have waited in vain
 * @interrupted: and how many were interrupted or killed
 */
struct klab_gate {
	spinlock_t lock;	/* all that follows */
	enum klab_gate_policy policy;
	unsigned int timeout_ms;
	unsigned int inside;
	unsigned int waiting;
	struct list_head waiters;
	u64 opened;
	u64 refused;
	u64 waited;
	u64 timed_out;
	u64 interrupted;
};

/**
 * struct klab_policy_text - what is written and read
 * @lock: protects the rest
 * @len: of @data
 * @data: without the newline
 */
struct klab_policy_text {
	spinlock_t lock;	/* the text */
	size_t len;
	char data[KLAB_POLICY_TEXT_MAX];
};

/**
 * struct klab_policy_dev - a device with an open policy
 * @dev: its node and attributes; owns this structure
 * @gate: who may enter
 * @shared: the text of all who have none of their own
 */
struct klab_policy_dev {
	struct device dev;
	struct klab_gate gate;
	struct klab_policy_text shared;
};

/**
 * struct klab_policy_file - an open file
 * @pdev: the device
 * @id: tells it from others, for people
 * @text: what it writes and reads: that of the device or @own
 * @own: a text that goes with the file
 * @lock: protects @shot
 * @shot_len: length of @shot
 * @shot: text and newline as they were when reading began, so that nobody gets
 *	the beginning of one text and the end of another
 */
struct klab_policy_file {
	struct klab_policy_dev *pdev;
	unsigned int id;
	struct klab_policy_text *text;
	struct klab_policy_text own;
	struct mutex lock;	/* shot */
	size_t shot_len;
	char shot[KLAB_POLICY_TEXT_MAX + 1];
};

extern const char * const klab_gate_names[KLAB_GATE_POLICIES];
extern const struct class klab_policy_class;
extern const struct attribute_group *klab_policy_groups[];
extern const struct file_operations klab_policy_fops;
extern bool klab_policy_debug;

/* policy_gate.c */
void klab_gate_init(struct klab_gate *gate, enum klab_gate_policy policy,
		    unsigned int timeout_ms);
int klab_gate_enter(struct klab_gate *gate, bool may_wait);
void klab_gate_leave(struct klab_gate *gate);
int klab_gate_set_policy(struct klab_gate *gate, enum klab_gate_policy policy);
int klab_gate_set_timeout(struct klab_gate *gate, unsigned int ms);

/* policy_text.c */
void klab_policy_text_init(struct klab_policy_text *text, const char *start);
ssize_t klab_policy_read(struct file *file, char __user *buf, size_t count,
			 loff_t *pos);
ssize_t klab_policy_write(struct file *file, const char __user *buf,
			  size_t count, loff_t *pos);

/* policy_dev.c */
struct klab_policy_dev *klab_policy_dev_create(dev_t devt,
					       enum klab_gate_policy policy,
					       unsigned int timeout_ms);
void klab_policy_dev_announce(struct klab_policy_dev *pdev);
void klab_policy_dev_destroy(struct klab_policy_dev *pdev);

#endif /* _KLAB_CHARDEV_POLICY_H */
