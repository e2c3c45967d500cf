// SPDX-License-Identifier: GPL-2.0-only
/*
 * The regulator in /proc: the same files as in /sys, and one with all points as
 * they are at one moment. Those who poll stand in a list of the regulator's, so
 * an open file holds the module.
 */
#include <linux/cleanup.h>
#include <linux/compiler.h>
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/poll.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/string.h>

#include <kunit/visibility.h>

#include "procfs_name.h"
#include "regulator.h"
#include "user_text.h"

static void klab_regulator_show_all(struct seq_file *seq,
				    const struct klab_regulator *reg)
{
	const struct klab_node *node;
	char text[KLAB_POINT_TEXT];

	for (node = reg->nodes; node->point; node++) {
		klab_point_print(text, node->point->decimals,
				 klab_point_get(reg, node->point));
		seq_printf(seq, "%s\t%s", node->point->attr.attr.name, text);
	}
}

/**
 * klab_regulator_proc_show() - shows a point, or all
 * @seq: private is a struct klab_node
 * @unused: not used
 *
 * Context: process, waits for a step to end.
 * Return: 0 or -ERESTARTSYS.
 */
int klab_regulator_proc_show(struct seq_file *seq, void *unused)
{
	struct klab_node *node = seq->private;
	const struct klab_point *point = node->point;
	struct klab_regulator *reg = node->reg;
	char text[KLAB_POINT_TEXT];

	scoped_cond_guard(mutex_intr, return -ERESTARTSYS, &reg->lock) {
		/* Pairs with klab_regulator_proc_poll(), by another thread. */
		WRITE_ONCE(seq->poll_event, node->event);
		if (!point) {
			klab_regulator_show_all(seq, reg);
			return 0;
		}
		klab_point_print(text, point->decimals,
				 klab_point_get(reg, point));
		seq_puts(seq, text);
	}
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(klab_regulator_proc_show);

/* Nothing was read yet: what changes from now on is news. */
static int klab_regulator_proc_open(struct inode *inode, struct file *file)
{
	struct klab_node *node = pde_data(inode);
	struct seq_file *seq;
	int err;

	/* The first files are there while the last is made, or cannot be. */
	if (!READ_ONCE(node->reg->live) || !try_module_get(THIS_MODULE))
		return -ENODEV;
	err = single_open(file, klab_regulator_proc_show, node);
	if (err) {
		module_put(THIS_MODULE);
		return err;
	}
	seq = file->private_data;
	seq->poll_event = READ_ONCE(node->event);
	return 0;
}

/* Removal of the file waits for this to return, so the module is still there. */
static int klab_regulator_proc_release(struct inode *inode, struct file *file)
{
	single_release(inode, file);
	module_put(THIS_MODULE);
	return 0;
}

/**
 * klab_regulator_proc_poll() - has something changed since it was read
 * @file: private data is the seq_file
 * @table: the caller, or NULL
 *
 * Context: process.
 * Return: readable always, with EPOLLPRI and EPOLLERR for news, as in /sys.
 */
__poll_t klab_regulator_proc_poll(struct file *file, poll_table *table)
{
	struct seq_file *seq = file->private_data;
	struct klab_node *node = seq->private;
	__poll_t mask = DEFAULT_POLLMASK;

	/* In the list first, then the look: publishing does it the other way. */
	poll_wait(file, &node->reg->pollers, table);
	if (READ_ONCE(node->event) != READ_ONCE(seq->poll_event))
		mask |= EPOLLPRI | EPOLLERR;
	return mask;
}
EXPORT_SYMBOL_IF_KUNIT(klab_regulator_proc_poll);

/**
 * klab_regulator_store_user() - sets a point from a text of user space
 * @node: of the point
 * @buf: the text, taken as a whole or not at all
 * @count: its length
 *
 * Context: process, may sleep.
 * Return: @count, -EFAULT, -EINVAL for more than a number and for what cannot be
 * set, or what klab_regulator_set() says.
 */
ssize_t klab_regulator_store_user(struct klab_node *node,
				  const char __user *buf, size_t count)
{
	char text[KLAB_POINT_TEXT];
	int err;

	if (!node->point || !(node->point->attr.attr.mode & 0200))
		return -EINVAL;
	err = klab_user_text(text, sizeof(text), buf, count);
	if (!err)
		err = klab_regulator_set(node->reg, node->point, text);
	return err ?: count;
}
EXPORT_SYMBOL_IF_KUNIT(klab_regulator_store_user);

static ssize_t klab_regulator_proc_write(struct file *file,
					 const char __user *buf, size_t count,
					 loff_t *pos)
{
	return klab_regulator_store_user(pde_data(file_inode(file)), buf,
					 count);
}

static const struct proc_ops klab_regulator_proc_ops = {
	.proc_open = klab_regulator_proc_open,
	.proc_read_iter = seq_read_iter,
	.proc_write = klab_regulator_proc_write,
	.proc_poll = klab_regulator_proc_poll,
	.proc_lseek = seq_lseek,
	.proc_release = klab_regulator_proc_release,
};

static struct proc_dir_entry *klab_regulator_proc_file(struct klab_node *node)
{
	const char *name = node->point ? node->point->attr.attr.name : "state";
	umode_t mode = node->point ? node->point->attr.attr.mode : 0444;

	return proc_create_data(name, mode, node->reg->proc,
				&klab_regulator_proc_ops, node);
}

/**
 * klab_regulator_proc_add() - makes the files in /proc
 * @reg: named; what they read and write
 *
 * Context: process, may sleep.
 * Return: 0; -EEXIST where the name is taken; -ENOMEM; or why /proc cannot be
 * looked at.
 */
int klab_regulator_proc_add(struct klab_regulator *reg)
{
	unsigned int i;
	int err;

	err = klab_procfs_check_free(dev_name(&reg->dev));
	if (err)
		return err;
	reg->proc = proc_mkdir(dev_name(&reg->dev), NULL);
	if (!reg->proc)
		return -ENOMEM;
	for (i = 0; i <= KLAB_POINTS; i++) {
		if (!klab_regulator_proc_file(&reg->nodes[i])) {
			proc_remove(reg->proc);
			return -ENOMEM;
		}
	}
	return 0;
}

/**
 * klab_regulator_proc_remove() - takes the files in /proc away
 * @reg: whose
 *
 * Context: process, waits for callers of the files.
 */
void klab_regulator_proc_remove(struct klab_regulator *reg)
{
	proc_remove(reg->proc);
}
