// SPDX-License-Identifier: GPL-2.0-only
/*
 * splice() between a queue and a pipe.
 *
 * Both directions run with the lock of the pipe held, at least sometimes, and
 * who sleeps there stops everybody else at that pipe. So nothing here waits for
 * the queue under it: neither for data and room nor for a lock, whose holder
 * may wait for a page of its buffer.
 */
#include <linux/bvec.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/gfp.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/pipe_fs_i.h>
#include <linux/splice.h>
#include <linux/string.h>
#include <linux/uio.h>

#include <kunit/visibility.h>

#include "queue.h"

static void klab_queue_spd_release(struct splice_pipe_desc *spd, unsigned int i)
{
	put_page(spd->pages[i]);
}

/* Fills pages from the tail on, which stays; returns how many. */
static int klab_queue_fill_pages(const struct klab_queue *queue, size_t len,
				 struct page **pages,
				 struct partial_page *partial, int max)
{
	unsigned long pos = queue->out.pos;
	int nr;

	for (nr = 0; nr < max && len; nr++) {
		size_t part = min_t(size_t, len, PAGE_SIZE), first;
		struct page *page = alloc_page(GFP_USER);
		u8 *to;

		if (!page)
			break;
		to = page_address(page);
		first = klab_ring_first(queue->size, pos, part);
		memcpy(to, queue->data + klab_ring_offset(queue->size, pos),
		       first);
		memcpy(to + first, queue->data, part - first);
		pages[nr] = page;
		partial[nr].offset = 0;
		partial[nr].len = part;
		pos += part;
		len -= part;
	}
	return nr;
}

/* Under the lock. Only what the pipe has taken leaves the queue. */
static ssize_t klab_queue_to_pipe(struct klab_queue *queue, size_t len,
				  struct pipe_inode_info *pipe)
{
	struct partial_page partial[PIPE_DEF_BUFFERS];
	struct page *pages[PIPE_DEF_BUFFERS];
	struct splice_pipe_desc spd = {
		.pages = pages,
		.partial = partial,
		.nr_pages_max = PIPE_DEF_BUFFERS,
		.ops = &nosteal_pipe_buf_ops,
		.spd_release = klab_queue_spd_release,
	};
	ssize_t ret;

	spd.nr_pages = klab_queue_fill_pages(queue, len, pages, partial,
					     PIPE_DEF_BUFFERS);
	if (!spd.nr_pages)
		return -ENOMEM;
	ret = splice_to_pipe(pipe, &spd);
	if (ret > 0)
		klab_queue_pass_out(queue, ret, ret);
	return ret;
}

static ssize_t klab_queue_splice_locked(struct klab_queue_file *file,
					struct pipe_inode_info *pipe,
					size_t len)
{
	struct klab_queue *queue = file->queue;
	size_t visible = klab_queue_visible(queue);

	if (visible)
		return klab_queue_to_pipe(queue, min(len, visible), pipe);
	if (!klab_queue_at_end(file))
		return -EAGAIN;
	WRITE_ONCE(file->seen_end, queue->out.pos);
	return 0;
}

/**
 * klab_queue_splice_read() - from a queue into a pipe
 * @in: the open file
 * @pos: not used
 * @pipe: locked by the caller, or the caller's own
 * @len: most bytes
 * @flags: SPLICE_F_*
 *
 * Never waits, whatever @flags say; who wants to wait polls.
 *
 * Context: process; sleeps for memory only.
 * Return: number of bytes; 0 at the end; -EAGAIN where nothing is to be read
 * now; -EINVAL with records, which a pipe would not keep apart; -ENOMEM;
 * -EPIPE.
 */
ssize_t klab_queue_splice_read(struct file *in, loff_t *pos,
			       struct pipe_inode_info *pipe, size_t len,
			       unsigned int flags)
{
	struct klab_queue_file *file = in->private_data;
	struct klab_queue *queue = file->queue;
	ssize_t ret;

	if (queue->records)
		return -EINVAL;
	if (!len)
		return 0;
	if (!klab_queue_trylock(&queue->out))
		return -EAGAIN;
	ret = klab_queue_splice_locked(file, pipe, len);
	mutex_unlock(&queue->out.lock);
	klab_queue_after_read(queue, ret);
	return ret;
}
EXPORT_SYMBOL_IF_KUNIT(klab_queue_splice_read);

/* A buffer of the pipe, whose lock is held. */
static int klab_queue_from_pipe(struct pipe_inode_info *pipe,
				struct pipe_buffer *buf, struct splice_desc *sd)
{
	struct klab_queue_file *file = sd->u.file->private_data;
	struct klab_queue *queue = file->queue;
	struct iov_iter from;
	struct bio_vec bvec;
	ssize_t ret;

	if (!klab_queue_trylock(&queue->in))
		return -EAGAIN;
	bvec_set_page(&bvec, buf->page, sd->len, buf->offset);
	iov_iter_bvec(&from, ITER_SOURCE, &bvec, 1, sd->len);
	ret = klab_queue_put_bytes(queue, &from);
	mutex_unlock(&queue->in.lock);
	return ret ?: -EAGAIN;
}

/* Without the lock of the pipe: until it is worth a try. */
static int klab_queue_wait_in(struct klab_queue *queue)
{
	if (mutex_lock_interruptible(&queue->in.lock))
		return -ERESTARTSYS;
	queue->in.waits++;
	klab_queue_unlock(&queue->in);
	return klab_queue_wait_room(queue, 1);
}

/**
 * klab_queue_splice_write() - from a pipe into a queue
 * @pipe: the pipe
 * @out: the open file
 * @pos: not used
 * @len: most bytes
 * @flags: SPLICE_F_*
 *
 * Context: process, may sleep.
 * Return: number of bytes; 0 at the end of the pipe; -EAGAIN; -EINVAL with
 * records; -ERESTARTSYS.
 */
ssize_t klab_queue_splice_write(struct pipe_inode_info *pipe, struct file *out,
				loff_t *pos, size_t len, unsigned int flags)
{
	struct klab_queue_file *file = out->private_data;
	struct klab_queue *queue = file->queue;
	struct splice_desc sd = {
		.total_len = len,
		.flags = flags,
		.u.file = out,
	};
	ssize_t ret;

	if (queue->records)
		return -EINVAL;

	for (;;) {
		pipe_lock(pipe);
		ret = __splice_from_pipe(pipe, &sd, klab_queue_from_pipe);
		pipe_unlock(pipe);
		if (ret != -EAGAIN || (flags & SPLICE_F_NONBLOCK) ||
		    (out->f_flags & O_NONBLOCK))
			break;
		ret = klab_queue_wait_in(queue);
		if (ret)
			break;
		/*
		 * The pipe may have been emptied meanwhile, and its next byte
		 * be long in coming: it is the turn of the next one already.
		 */
		klab_queue_after_write(queue, 0);
	}
	klab_queue_after_write(queue, ret);
	return ret;
}
