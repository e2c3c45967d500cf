// SPDX-License-Identifier: GPL-2.0-only
/*
 * Putting into a queue. What is in it is bounded by the ring: a writer that
 * finds no room waits, or is told to.
 */
#include <linux/compiler.h>
#include <linux/export.h>
#include <linux/fs.h>
#include <linux/limits.h>
#include <linux/minmax.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/uio.h>

#include <asm/barrier.h>

#include <kunit/visibility.h>

#include "queue.h"

/* Copies to a position on; returns how much the writer gave. */
static size_t klab_queue_copy_in(struct klab_queue *queue, unsigned long pos,
				 size_t len, struct iov_iter *from)
{
	size_t first = klab_ring_first(queue->size, pos, len);
	size_t copied;

	copied = copy_from_iter(queue->data +
				klab_ring_offset(queue->size, pos),
				first, from);
	if (likely(first == len) || copied < first)
		return copied;
	return copied + copy_from_iter(queue->data, len - first, from);
}

/* There is room for it. A record is put as a whole or not. */
static ssize_t klab_queue_put_record(struct klab_queue *queue,
				     struct iov_iter *from)
{
	klab_record_t len = iov_iter_count(from);

	if (klab_queue_copy_in(queue, queue->in.pos + sizeof(len), len,
			       from) != len)
		return -EFAULT;

	memcpy(queue->data + klab_ring_offset(queue->size, queue->in.pos), &len,
	       sizeof(len));
	klab_queue_pass(&queue->in, klab_record_size(len), len);
	return len;
}

/**
 * klab_queue_put_bytes() - puts as many bytes as there is room for
 * @queue: the queue; the caller holds the lock of its in
 * @from: the bytes
 *
 * Context: process, may sleep if @from does.
 * Return: number of bytes, at least 1, or -EFAULT; 0 without room.
 */
ssize_t klab_queue_put_bytes(struct klab_queue *queue, struct iov_iter *from)
{
	size_t len = min(klab_queue_room(queue), iov_iter_count(from));

	if (!len)
		return 0;
	len = klab_queue_copy_in(queue, queue->in.pos, len, from);
	if (unlikely(!len))
		return -EFAULT;
	klab_queue_pass(&queue->in, len, len);
	return len;
}

/*
 * The room without which a write does not begin, or go on after a sleep. As
 * with a pipe, up to PIPE_BUF bytes stay together, and more are put in pieces.
 */
static size_t klab_queue_need(const struct klab_queue *queue, size_t left,
			      bool begun)
{
	if (unlikely(queue->records))
		return klab_record_size(left);
	if (left <= PIPE_BUF)
		return left;
	return begun ? PIPE_BUF : 1;
}

/* Puts what there is room for; returns bytes, 0 without room, or an error. */
static ssize_t klab_queue_put(struct klab_queue *queue, struct iov_iter *from,
			      size_t need)
{
	if (klab_queue_room(queue) < need)
		return 0;
	if (unlikely(queue->records))
		return klab_queue_put_record(queue, from);
	return klab_queue_put_bytes(queue, from);
}

static __always_inline void __klab_queue_after_write(struct klab_queue *queue,
						     ssize_t ret)
{
	if (likely(ret > 0))
		klab_queue_wake_readers(queue);
	else
		/* As in there: pairs with klab_queue_try_again(). */
		smp_mb();
	if (unlikely(klab_queue_waited_for(&queue->in.sleepers)))
		__klab_queue_wake_writers(queue);
	klab_queue_look_for_missed(&queue->in);
}

/**
 * klab_queue_after_write() - wakes who can go on after a write
 * @queue: the queue
 * @ret: what the write returns
 *
 * As klab_queue_after_read().
 *
 * Context: process, without locks.
 */
void klab_queue_after_write(struct klab_queue *queue, ssize_t ret)
{
	__klab_queue_after_write(queue, ret);
}

/* Under the lock, which is given up for the time of a sleep. */
static ssize_t klab_queue_write_locked(struct klab_queue *queue,
				       struct kiocb *iocb,
				       struct iov_iter *from)
{
	ssize_t done = 0, ret;
	size_t need;

	for (;;) {
		need = klab_queue_need(queue, iov_iter_count(from), done);
		ret = klab_queue_put(queue, from, need);
		if (ret > 0) {
			done += ret;
			if (likely(!iov_iter_count(from)))
				break;
			/* Readers may be as fast, for gigabytes. */
			cond_resched();
			continue;
		}
		if (!ret && !klab_queue_may_wait(iocb))
			ret = -EAGAIN;
		if (ret)
			break;

		queue->in.waits++;
		klab_queue_unlock(&queue->in);
		if (done)
			klab_queue_wake_readers(queue);
		ret = klab_queue_wait_room(queue, need);
		if (!ret)
			ret = klab_queue_lock(&queue->in, iocb);
		if (ret)
			return done ?: ret;
	}
	mutex_unlock(&queue->in.lock);
	return done ?: ret;
}

/**
 * klab_queue_write_iter() - write() and all that is like it
 * @iocb: with IOCB_NOWAIT nothing is waited for, not even the lock
 * @from: bytes, or one record
 *
 * A write that may wait returns when all is in the queue, or what is there
 * when a signal comes or @from cannot be read. A write of nothing does nothing,
 * with records too: to a reader an empty one would be the end.
 *
 * Context: process, may sleep.
 * Return: number of bytes; -EAGAIN where there is no room now; -EMSGSIZE for a
 * record that the queue never has room for; -EFAULT; -ERESTARTSYS. With an
 * error, nothing has come into the queue.
 */
ssize_t klab_queue_write_iter(struct kiocb *iocb, struct iov_iter *from)
{
	struct klab_queue_file *file = iocb->ki_filp->private_data;
	struct klab_queue *queue = file->queue;
	ssize_t ret;

	if (unlikely(!iov_iter_count(from)))
		return 0;
	if (unlikely(queue->records) &&
	    iov_iter_count(from) > klab_record_max(queue->size))
		return -EMSGSIZE;

	ret = klab_queue_lock(&queue->in, iocb);
	if (unlikely(ret))
		return ret;
	ret = klab_queue_write_locked(queue, iocb, from);
	klab_queue_after_write(queue, ret);
	return ret;
}
EXPORT_SYMBOL_IF_KUNIT(klab_queue_write_iter);

/* As klab_queue_read_slow(). */
static noinline ssize_t klab_queue_write_slow(struct file *file,
					      const char __user *buf,
					      size_t count)
{
	struct iov_iter from;
	struct kiocb iocb;

	init_sync_kiocb(&iocb, file);
	iov_iter_ubuf(&from, ITER_SOURCE, (void __user *)buf, count);
	return klab_queue_write_iter(&iocb, &from);
}

/* As klab_queue_copy_in(), from one buffer. */
static __always_inline size_t klab_queue_copy_from(struct klab_queue *queue,
						   unsigned long pos,
						   const char __user *buf,
						   size_t len)
{
	size_t first = klab_ring_first(queue->size, pos, len);
	size_t left;

	left = copy_from_user(queue->data + klab_ring_offset(queue->size, pos),
			      buf, first);
	if (likely(first == len) || left)
		return first - left;
	return len - copy_from_user(queue->data, buf + first, len - first);
}

/**
 * klab_queue_write() - write() of one buffer
 * @file: the open file
 * @buf: bytes, or one record
 * @count: how many bytes
 * @pos: not used
 *
 * As klab_queue_read(), for what there is room for at once.
 *
 * Context: process, may sleep.
 * Return: as klab_queue_write_iter().
 */
ssize_t klab_queue_write(struct file *file, const char __user *buf,
			 size_t count, loff_t *pos)
{
	struct klab_queue_file *qfile = file->private_data;
	struct klab_queue *queue = qfile->queue;
	size_t len;

	if (mutex_lock_interruptible(&queue->in.lock))
		return -ERESTARTSYS;

	if (unlikely(!count || count > klab_queue_room(queue) ||
		     !klab_queue_is_plain(queue))) {
		klab_queue_unlock(&queue->in);
		return klab_queue_write_slow(file, buf, count);
	}

	len = klab_queue_copy_from(queue, queue->in.pos, buf, count);
	if (likely(len))
		klab_queue_pass(&queue->in, len, len);
	mutex_unlock(&queue->in.lock);
	__klab_queue_after_write(queue, len);
	return likely(len) ? len : -EFAULT;
}
EXPORT_SYMBOL_IF_KUNIT(klab_queue_write);
