// SPDX-License-Identifier: GPL-2.0-only
/*
 * The channel /proc: text, and no owner to set. Removal waits for the calls
 * that are inside and closes what is open, whose files then answer EIO.
 */
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>

#include "channels.h"

static int klab_channels_proc_show(struct seq_file *seq, void *unused)
{
	seq_printf(seq, "%llu\n", klab_channels_get(seq->private));
	return 0;
}

static int klab_channels_proc_open(struct inode *inode, struct file *file)
{
	return single_open(file, klab_channels_proc_show, pde_data(inode));
}

static ssize_t klab_channels_proc_write(struct file *file,
					const char __user *buf, size_t count,
					loff_t *pos)
{
	return klab_channels_store_user(pde_data(file_inode(file)), buf,
					count);
}

static const struct proc_ops klab_channels_proc_ops = {
	.proc_open = klab_channels_proc_open,
	.proc_read_iter = seq_read_iter,
	.proc_write = klab_channels_proc_write,
	.proc_lseek = seq_lseek,
	.proc_release = single_release,
};

/**
 * klab_channels_proc_add() - makes the file in /proc
 * @channels: named; what it reads and writes
 *
 * Context: process, may sleep.
 * Return: 0 or -ENOMEM, which procfs also means where the name is taken.
 */
int klab_channels_proc_add(struct klab_channels *channels)
{
	channels->proc = proc_create_data(dev_name(&channels->dev), 0644, NULL,
					  &klab_channels_proc_ops, channels);
	return channels->proc ? 0 : -ENOMEM;
}

/**
 * klab_channels_proc_remove() - takes the file in /proc away
 * @channels: whose
 *
 * Context: process, waits for callers of the file.
 */
void klab_channels_proc_remove(struct klab_channels *channels)
{
	proc_remove(channels->proc);
}
