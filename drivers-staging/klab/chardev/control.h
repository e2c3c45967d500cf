/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The control device: a text, and operations on it by ioctl().
 */
#ifndef _KLAB_CHARDEV_CONTROL_H
#define _KLAB_CHARDEV_CONTROL_H

#include <linux/compiler_types.h>
#include <linux/fs.h>
#include <linux/klab_chardev.h>
#include <linux/mutex.h>
#include <linux/types.h>

#define KLAB_CONTROL_DEFAULT	"Hello, world!"

/**
 * struct klab_control - the device
 * @lock: protects the rest; never held while user memory is touched
 * @text: what it keeps; all behind the NUL is 0
 * @length: of @text, without the NUL
 * @calls: operations done
 * @refused: how many of these have failed
 */
struct klab_control {
	struct mutex lock;	/* everything else in here */
	char text[KLAB_CONTROL_TEXT_SIZE];
	u32 length;
	u64 calls;
	u64 refused;
};

void klab_control_init(struct klab_control *control);
int klab_control_open(struct inode *inode, struct file *file);
void klab_control_snapshot(struct klab_control *control,
			   struct klab_control_text *text);
int klab_control_replace(struct klab_control *control,
			 const struct klab_control_text *text);
long klab_control_command(struct klab_control *control, fmode_t mode,
			  unsigned int command, void __user *user);
ssize_t klab_control_read(struct klab_control *control, char __user *buf,
			  size_t count, loff_t *pos);
ssize_t klab_control_write(struct klab_control *control,
			   const char __user *buf, size_t count);

#endif /* _KLAB_CHARDEV_CONTROL_H */
