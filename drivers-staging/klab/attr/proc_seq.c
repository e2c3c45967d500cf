// SPDX-License-Identifier: GPL-2.0-only
/*
 * Ways of reading a text that leave sizes and positions to seq_file, and the
 * table of the counters, which is read in one of them.
 */
#include <linux/array_size.h>
#include <linux/build_bug.h>
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/math.h>
#include <linux/minmax.h>
#include <linux/seq_file.h>
#include <linux/string.h>

#include "proc.h"
#include "user_text.h"

/**
 * klab_proc_show_text() - the text as a whole
 * @seq: gets it; belongs to a &struct klab_proc_way
 * @unused: not used
 *
 * Called again with a larger buffer where the text did not fit.
 *
 * Context: process.
 * Return: 0.
 */
int klab_proc_show_text(struct seq_file *seq, void *unused)
{
	struct klab_proc_way *way = seq->private;
	struct klab_proc_text *text = klab_proc_text_get(way->proc);

	atomic64_inc(&way->calls);
	seq_write(seq, text->data, text->len);
	klab_proc_count(way, text->len);
	klab_proc_text_put(text);
	return 0;
}

static int klab_proc_single_open(struct inode *inode, struct file *file)
{
	return single_open(file, klab_proc_show_text, pde_data(inode));
}

const struct proc_ops klab_proc_single_ops = {
	.proc_open = klab_proc_single_open,
	.proc_read_iter = seq_read_iter,
	.proc_lseek = seq_lseek,
	.proc_release = single_release,
};

/**
 * struct klab_proc_groups - a walk over the text
 * @way: how it is read
 * @text: what is walked: the same from record 0 to the end
 * @at: first byte of the present record
 */
struct klab_proc_groups {
	struct klab_proc_way *way;
	struct klab_proc_text *text;
	size_t at;
};

static void *klab_proc_groups_at(struct klab_proc_groups *groups, loff_t pos)
{
	if (pos >= DIV_ROUND_UP(groups->text->len, KLAB_PROC_GROUP))
		return NULL;
	groups->at = (size_t)pos * KLAB_PROC_GROUP;
	return groups;
}

static void *klab_proc_groups_start(struct seq_file *seq, loff_t *pos)
{
	struct klab_proc_groups *groups = seq->private;

	if (!*pos) {
		klab_proc_text_put(groups->text);
		groups->text = klab_proc_text_get(groups->way->proc);
	}
	return klab_proc_groups_at(groups, *pos);
}

static void *klab_proc_groups_next(struct seq_file *seq, void *v, loff_t *pos)
{
	return klab_proc_groups_at(seq->private, ++*pos);
}

static void klab_proc_groups_stop(struct seq_file *seq, void *v)
{
}

static int klab_proc_groups_show(struct seq_file *seq, void *v)
{
	struct klab_proc_groups *groups = v;
	size_t len = min_t(size_t, groups->text->len - groups->at,
			   KLAB_PROC_GROUP);

	atomic64_inc(&groups->way->calls);
	seq_write(seq, groups->text->data + groups->at, len);
	klab_proc_count(groups->way, len);
	return 0;
}

static const struct seq_operations klab_proc_groups_ops = {
	.start = klab_proc_groups_start,
	.next = klab_proc_groups_next,
	.stop = klab_proc_groups_stop,
	.show = klab_proc_groups_show,
};

static int klab_proc_seq_open(struct inode *inode, struct file *file)
{
	struct klab_proc_groups *groups;

	groups = __seq_open_private(file, &klab_proc_groups_ops,
				    sizeof(*groups));
	if (!groups)
		return -ENOMEM;
	groups->way = pde_data(inode);
	groups->text = klab_proc_text_get(groups->way->proc);
	return 0;
}

static int klab_proc_seq_release(struct inode *inode, struct file *file)
{
	struct seq_file *seq = file->private_data;
	struct klab_proc_groups *groups = seq->private;

	klab_proc_text_put(groups->text);
	return seq_release_private(inode, file);
}

const struct proc_ops klab_proc_seq_ops = {
	.proc_open = klab_proc_seq_open,
	.proc_read_iter = seq_read_iter,
	.proc_lseek = seq_lseek,
	.proc_release = klab_proc_seq_release,
};

static const char * const klab_proc_way_names[] = {
	[KLAB_PROC_WHOLE] = "whole",
	[KLAB_PROC_ENDED] = "ended",
	[KLAB_PROC_FIRST] = "first",
	[KLAB_PROC_OPEN] = "open",
	[KLAB_PROC_SLICE] = "slice",
	[KLAB_PROC_ITER] = "iter",
	[KLAB_PROC_BOTH] = "both",
	[KLAB_PROC_SINGLE] = "single",
	[KLAB_PROC_CREATED] = "created",
	[KLAB_PROC_SEQ] = "seq",
	[KLAB_PROC_BOTH_READ] = "both.proc_read",
};

static_assert(ARRAY_SIZE(klab_proc_way_names) == KLAB_PROC_WAYS);

static int klab_proc_counters_show(struct seq_file *seq, void *unused)
{
	struct klab_proc *proc = seq->private;
	unsigned int i;

	seq_puts(seq, "way\tcalls\tcopies\tbytes\n");
	for (i = 0; i < KLAB_PROC_WAYS; i++) {
		struct klab_proc_way *way = &proc->ways[i];

		seq_printf(seq, "%s\t%lld\t%lld\t%lld\n",
			   klab_proc_way_names[i], atomic64_read(&way->calls),
			   atomic64_read(&way->copies),
			   atomic64_read(&way->bytes));
	}
	return 0;
}

static int klab_proc_counters_open(struct inode *inode, struct file *file)
{
	return single_open(file, klab_proc_counters_show, pde_data(inode));
}

/* Takes a 0, and begins anew. */
static ssize_t klab_proc_counters_write(struct file *file,
					const char __user *buf, size_t count,
					loff_t *pos)
{
	struct klab_proc *proc = pde_data(file_inode(file));
	char text[KLAB_NUMBER_TEXT_SIZE];
	unsigned int i;
	int err;

	err = klab_user_text(text, sizeof(text), buf, count);
	if (err)
		return err;
	if (!sysfs_streq(text, "0"))
		return -EINVAL;

	for (i = 0; i < KLAB_PROC_WAYS; i++) {
		atomic64_set(&proc->ways[i].calls, 0);
		atomic64_set(&proc->ways[i].copies, 0);
		atomic64_set(&proc->ways[i].bytes, 0);
	}
	return count;
}

const struct proc_ops klab_proc_counters_ops = {
	.proc_open = klab_proc_counters_open,
	.proc_read_iter = seq_read_iter,
	.proc_write = klab_proc_counters_write,
	.proc_lseek = seq_lseek,
	.proc_release = single_release,
};
