// SPDX-License-Identifier: GPL-2.0-only
/*
 * Ways of reading a text with functions of one's own. All of them give the
 * same bytes, in pieces of any size and at any position; they differ in how
 * often they are called and how much they copy to get there.
 *
 * The reference that an open file has to the text is taken anew by a read at
 * position 0, as seq_file does it, but for "open", which keeps what it has.
 */
#include <linux/cleanup.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/fs.h>
#include <linux/minmax.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uio.h>

#include <kunit/visibility.h>

#include "proc.h"

/**
 * struct klab_proc_file - an open file
 * @way: how it is read
 * @lock: threads may share the open file
 * @text: what is being read; under @lock
 * @len: bytes of @copy; under @lock
 * @copy: copy of the text, for the ways that need one; under @lock
 */
struct klab_proc_file {
	struct klab_proc_way *way;
	struct mutex lock;	/* text, len and copy */
	struct klab_proc_text *text;
	size_t len;
	char copy[KLAB_PROC_TEXT_MAX];
};

static int klab_proc_file_open(struct inode *inode, struct file *file)
{
	struct klab_proc_way *way = pde_data(inode);
	struct klab_proc_file *pf = kzalloc_obj(*pf, GFP_KERNEL_ACCOUNT);

	if (!pf)
		return -ENOMEM;
	mutex_init(&pf->lock);
	pf->way = way;
	pf->text = klab_proc_text_get(way->proc);
	file->private_data = pf;
	return 0;
}

/* Called when the file is removed, too: no read follows then. */
static int klab_proc_file_release(struct inode *inode, struct file *file)
{
	struct klab_proc_file *pf = file->private_data;

	klab_proc_text_put(pf->text);
	mutex_destroy(&pf->lock);
	kfree(pf);
	return 0;
}

/* To be called with pf->lock held. */
static void klab_proc_file_begin(struct klab_proc_file *pf, loff_t pos)
{
	if (pos)
		return;
	klab_proc_text_put(pf->text);
	pf->text = klab_proc_text_get(pf->way->proc);
}

static void klab_proc_file_copy(struct klab_proc_file *pf)
{
	pf->len = pf->text->len;
	memcpy(pf->copy, pf->text->data, pf->len);
	klab_proc_count(pf->way, pf->len);
}

static loff_t klab_proc_file_lseek(struct file *file, loff_t offset,
				   int whence)
{
	struct klab_proc_file *pf = file->private_data;
	loff_t end;

	scoped_guard(mutex, &pf->lock)
		end = pf->text->len;
	return generic_file_llseek_size(file, offset, whence,
					file->f_mapping->host->i_sb->s_maxbytes,
					end);
}

/* Everything at every call, whatever is wanted of it. */
static ssize_t klab_proc_whole_read(struct file *file, char __user *buf,
				    size_t count, loff_t *pos)
{
	struct klab_proc_file *pf = file->private_data;

	guard(mutex)(&pf->lock);
	atomic64_inc(&pf->way->calls);
	klab_proc_file_begin(pf, *pos);
	klab_proc_file_copy(pf);
	return simple_read_from_buffer(buf, count, pos, pf->copy, pf->len);
}

/* Everything, but nothing at the end. */
static ssize_t klab_proc_ended_read(struct file *file, char __user *buf,
				    size_t count, loff_t *pos)
{
	struct klab_proc_file *pf = file->private_data;

	guard(mutex)(&pf->lock);
	atomic64_inc(&pf->way->calls);
	klab_proc_file_begin(pf, *pos);
	if (*pos >= pf->text->len)
		return 0;
	klab_proc_file_copy(pf);
	return simple_read_from_buffer(buf, count, pos, pf->copy, pf->len);
}

/* Everything once, when the reading begins. */
static ssize_t klab_proc_first_read(struct file *file, char __user *buf,
				    size_t count, loff_t *pos)
{
	struct klab_proc_file *pf = file->private_data;

	guard(mutex)(&pf->lock);
	atomic64_inc(&pf->way->calls);
	klab_proc_file_begin(pf, *pos);
	/* The first read may be one in the middle. */
	if (!*pos || !pf->len)
		klab_proc_file_copy(pf);
	return simple_read_from_buffer(buf, count, pos, pf->copy, pf->len);
}

static int klab_proc_open_open(struct inode *inode, struct file *file)
{
	int err;

	err = klab_proc_file_open(inode, file);
	if (!err)
		klab_proc_file_copy(file->private_data);
	return err;
}

/* What there was when the file was opened. */
static ssize_t klab_proc_open_read(struct file *file, char __user *buf,
				   size_t count, loff_t *pos)
{
	struct klab_proc_file *pf = file->private_data;

	atomic64_inc(&pf->way->calls);
	return simple_read_from_buffer(buf, count, pos, pf->copy, pf->len);
}

/* What is wanted, from where the text lies. */
static ssize_t klab_proc_slice_read(struct file *file, char __user *buf,
				    size_t count, loff_t *pos)
{
	struct klab_proc_file *pf = file->private_data;
	ssize_t ret;

	guard(mutex)(&pf->lock);
	atomic64_inc(&pf->way->calls);
	klab_proc_file_begin(pf, *pos);
	ret = simple_read_from_buffer(buf, count, pos, pf->text->data,
				      pf->text->len);
	if (ret > 0)
		klab_proc_count(pf->way, ret);
	return ret;
}

/* The same for all that an iov_iter stands for: splice and sendfile, too. */
static ssize_t klab_proc_iter_read_iter(struct kiocb *iocb,
					struct iov_iter *to)
{
	struct klab_proc_file *pf = iocb->ki_filp->private_data;
	size_t len, copied;

	guard(mutex)(&pf->lock);
	atomic64_inc(&pf->way->calls);
	klab_proc_file_begin(pf, iocb->ki_pos);
	if (iocb->ki_pos >= pf->text->len || !iov_iter_count(to))
		return 0;

	len = min(pf->text->len - (size_t)iocb->ki_pos, iov_iter_count(to));
	copied = copy_to_iter(pf->text->data + iocb->ki_pos, len, to);
	if (!copied)
		return -EFAULT;
	iocb->ki_pos += copied;
	klab_proc_count(pf->way, copied);
	return copied;
}

/* A text of its own, so that it shows in the output who has answered. */
static ssize_t klab_proc_both_read(struct file *file, char __user *buf,
				   size_t count, loff_t *pos)
{
	struct klab_proc_file *pf = file->private_data;
	struct klab_proc_way *way = &pf->way->proc->ways[KLAB_PROC_BOTH_READ];

	atomic64_inc(&way->calls);
	return simple_read_from_buffer(buf, count, pos, KLAB_PROC_OTHER_TEXT,
				       strlen(KLAB_PROC_OTHER_TEXT));
}

static ssize_t klab_proc_text_file_write(struct file *file,
					 const char __user *buf, size_t count,
					 loff_t *pos)
{
	struct klab_proc_file *pf = file->private_data;

	return klab_proc_text_write(pf->way->proc, buf, count);
}

const struct proc_ops klab_proc_whole_ops = {
	.proc_open = klab_proc_file_open,
	.proc_read = klab_proc_whole_read,
	.proc_lseek = klab_proc_file_lseek,
	.proc_release = klab_proc_file_release,
};

const struct proc_ops klab_proc_ended_ops = {
	.proc_open = klab_proc_file_open,
	.proc_read = klab_proc_ended_read,
	.proc_lseek = klab_proc_file_lseek,
	.proc_release = klab_proc_file_release,
};

const struct proc_ops klab_proc_first_ops = {
	.proc_open = klab_proc_file_open,
	.proc_read = klab_proc_first_read,
	.proc_lseek = klab_proc_file_lseek,
	.proc_release = klab_proc_file_release,
};

const struct proc_ops klab_proc_open_ops = {
	.proc_open = klab_proc_open_open,
	.proc_read = klab_proc_open_read,
	.proc_lseek = klab_proc_file_lseek,
	.proc_release = klab_proc_file_release,
};

const struct proc_ops klab_proc_slice_ops = {
	.proc_open = klab_proc_file_open,
	.proc_read = klab_proc_slice_read,
	.proc_lseek = klab_proc_file_lseek,
	.proc_release = klab_proc_file_release,
};

const struct proc_ops klab_proc_iter_ops = {
	.proc_open = klab_proc_file_open,
	.proc_read_iter = klab_proc_iter_read_iter,
	.proc_lseek = klab_proc_file_lseek,
	.proc_release = klab_proc_file_release,
};

/* procfs calls .proc_read_iter where there are both. */
const struct proc_ops klab_proc_both_ops = {
	.proc_open = klab_proc_file_open,
	.proc_read = klab_proc_both_read,
	.proc_read_iter = klab_proc_iter_read_iter,
	.proc_lseek = klab_proc_file_lseek,
	.proc_release = klab_proc_file_release,
};
EXPORT_SYMBOL_IF_KUNIT(klab_proc_both_ops);

const struct proc_ops klab_proc_text_ops = {
	.proc_open = klab_proc_file_open,
	.proc_read_iter = klab_proc_iter_read_iter,
	.proc_write = klab_proc_text_file_write,
	.proc_lseek = klab_proc_file_lseek,
	.proc_release = klab_proc_file_release,
};
