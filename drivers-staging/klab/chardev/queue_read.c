// SPDX-License-Identifier: GPL-2.0-only
/*
 * Taking out of a queue. What does not reach the reader stays in the queue.
 */
#include <linux/compiler.h>
#include <linux/export.h>
#include <linux/fs.h>
#include <linux/minmax.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/uio.h>

#include <asm/barrier.h>

#include <kunit/visibility.h>

#include "queue.h"

/* Copies from a position on; returns how much the reader got. */
static size_t klab_queue_copy_out(const struct klab_queue *queue,
				  unsigned long pos, size_t len,
				  struct iov_iter *to)
{
	size_t first = klab_ring_first(queue->size, pos, len);
	size_t copied;

	copied = copy_to_iter(queue->data + klab_ring_offset(queue->size, pos),
			      first, to);
	if (likely(first == len) || copied < first)
		return copied;
	return copied + copy_to_iter(queue->data, len - first, to);
}

/* Length of the record at the tail of a queue that is not empty. */
static size_t klab_queue_record_length(const struct klab_queue *queue)
{
	klab_record_t len;

	memcpy(&len, queue->data + klab_ring_offset(queue->size,
						    queue->out.pos),
	       sizeof(len));
	return len;
}

/* A record arrives as a whole or stays. */
static ssize_t klab_queue_take_record(struct klab_queue *queue,
				      struct iov_iter *to)
{
	size_t len = klab_queue_record_length(queue);

	if (len > iov_iter_count(to))
		return -EMSGSIZE;
	if (klab_queue_copy_out(queue, queue->out.pos + sizeof(klab_record_t),
				len, to) != len)
		return -EFAULT;

	klab_queue_pass_out(queue, klab_record_size(len), len);
	return len;
}

/* Returns bytes, 0 where there is nothing to be read, or an error. */
static ssize_t klab_queue_take(struct klab_queue *queue, struct iov_iter *to)
{
	size_t len = klab_queue_visible(queue);

	if (!len)
		return 0;
	if (unlikely(queue->records))
		return klab_queue_take_record(queue, to);

	len = klab_queue_copy_out(queue, queue->out.pos,
				  min(len, iov_iter_count(to)), to);
	if (unlikely(!len))
		return -EFAULT;
	klab_queue_pass_out(queue, len, len);
	return len;
}

/**
 * klab_queue_at_end() - is there an end that this file has not been told of
 * @file: open file of an empty queue
 *
 * Context: any.
 * Return: true where no writer is left and what they wrote has been read.
 */
bool klab_queue_at_end(struct klab_queue_file *file)
{
	struct klab_queue *queue = file->queue;
	unsigned long tail = READ_ONCE(queue->out.pos);

	/* Pairs with klab_queue_file_close(): the end was set before that. */
	return !smp_load_acquire(&queue->writers) &&
	       READ_ONCE(queue->end) == tail &&
	       READ_ONCE(file->seen_end) != tail;
}
EXPORT_SYMBOL_IF_KUNIT(klab_queue_at_end);

static __always_inline void __klab_queue_after_read(struct klab_queue *queue,
						    ssize_t ret)
{
	if (likely(ret > 0))
		klab_queue_wake_writers(queue);
	else
		/* As in there: pairs with klab_queue_try_again(). */
		smp_mb();
	if (unlikely(klab_queue_waited_for(&queue->out.sleepers)) &&
	    klab_queue_visible_seen(queue))
		wake_up_interruptible(&queue->out.sleepers);
	klab_queue_look_for_missed(&queue->out);
}

/**
 * klab_queue_after_read() - wakes who can go on after a read
 * @queue: the queue
 * @ret: what the read returns
 *
 * The caller was perhaps the only one to be woken: where it leaves something,
 * also with an error, it is the turn of the next one.
 *
 * Context: process, without locks.
 */
void klab_queue_after_read(struct klab_queue *queue, ssize_t ret)
{
	__klab_queue_after_read(queue, ret);
}

/**
 * klab_queue_read_iter() - read() and all that is like it
 * @iocb: with IOCB_NOWAIT nothing is waited for, not even the lock
 * @to: gets bytes, or one record
 *
 * A read returns with what there is, and does not wait for more. After the
 * last writer has closed, each file that had something to read before gets one
 * 0 when the queue is empty.
 *
 * Context: process, may sleep.
 * Return: number of bytes; 0 at the end; -EAGAIN where nothing is to be read
 * now; -EMSGSIZE where the next record does not fit; -EFAULT; -ERESTARTSYS.
 * With an error, nothing has left the queue.
 */
ssize_t klab_queue_read_iter(struct kiocb *iocb, struct iov_iter *to)
{
	struct klab_queue_file *file = iocb->ki_filp->private_data;
	struct klab_queue *queue = file->queue;
	ssize_t ret;

	if (unlikely(!iov_iter_count(to)))
		return 0;
	ret = klab_queue_lock(&queue->out, iocb);
	if (unlikely(ret))
		return ret;

	while (!(ret = klab_queue_take(queue, to))) {
		if (klab_queue_at_end(file)) {
			WRITE_ONCE(file->seen_end, queue->out.pos);
			break;
		}
		if (!klab_queue_may_wait(iocb)) {
			ret = -EAGAIN;
			break;
		}
		queue->out.waits++;
		klab_queue_unlock(&queue->out);

		ret = klab_queue_wait_data(file);
		if (!ret)
			ret = klab_queue_lock(&queue->out, iocb);
		if (ret)
			goto out;
	}
	mutex_unlock(&queue->out.lock);
out:
	klab_queue_after_read(queue, ret);
	return ret;
}
EXPORT_SYMBOL_IF_KUNIT(klab_queue_read_iter);

/* read() as an iov_iter sees it; apart, for the sake of what is on the stack. */
static noinline ssize_t klab_queue_read_slow(struct file *file,
					     char __user *buf, size_t count)
{
	struct iov_iter to;
	struct kiocb iocb;

	init_sync_kiocb(&iocb, file);
	iov_iter_ubuf(&to, ITER_DEST, buf, count);
	return klab_queue_read_iter(&iocb, &to);
}

/* As klab_queue_copy_out(), to one buffer. */
static __always_inline size_t klab_queue_copy_to(const struct klab_queue *queue,
						 unsigned long pos,
						 char __user *buf, size_t len)
{
	size_t first = klab_ring_first(queue->size, pos, len);
	size_t left;

	left = copy_to_user(buf,
			    queue->data + klab_ring_offset(queue->size, pos),
			    first);
	if (likely(first == len) || left)
		return first - left;
	return len - copy_to_user(buf + first, queue->data, len - first);
}

/**
 * klab_queue_read() - read() of one buffer
 * @file: the open file
 * @buf: gets bytes, or one record
 * @count: room in @buf
 * @pos: not used
 *
 * To set up a kiocb and an iov_iter takes longer than a short copy does, so
 * what most reads are is done without: bytes that are there.
 *
 * Context: process, may sleep.
 * Return: as klab_queue_read_iter().
 */
ssize_t klab_queue_read(struct file *file, char __user *buf, size_t count,
			loff_t *pos)
{
	struct klab_queue_file *qfile = file->private_data;
	struct klab_queue *queue = qfile->queue;
	unsigned long tail;
	size_t len;

	if (mutex_lock_interruptible(&queue->out.lock))
		return -ERESTARTSYS;

	tail = queue->out.pos;
	/* Pairs with klab_queue_pass(), as in klab_queue_visible(). */
	len = min(klab_ring_used(smp_load_acquire(&queue->in.pos), tail), count);
	if (unlikely(!len || !klab_queue_is_plain(queue))) {
		klab_queue_unlock(&queue->out);
		return klab_queue_read_slow(file, buf, count);
	}

	len = klab_queue_copy_to(queue, tail, buf, len);
	if (likely(len))
		klab_queue_pass(&queue->out, len, len);
	mutex_unlock(&queue->out.lock);
	__klab_queue_after_read(queue, len);
	return likely(len) ? len : -EFAULT;
}
EXPORT_SYMBOL_IF_KUNIT(klab_queue_read);

/**
 * klab_queue_next_length() - how much a read would find
 * @queue: the queue
 *
 * Context: process, may sleep.
 * Return: bytes, of the next record where records are kept; or -ERESTARTSYS.
 */
int klab_queue_next_length(struct klab_queue *queue)
{
	size_t len;

	if (mutex_lock_interruptible(&queue->out.lock))
		return -ERESTARTSYS;
	len = klab_queue_visible(queue);
	if (len && queue->records)
		len = klab_queue_record_length(queue);
	klab_queue_unlock(&queue->out);
	return len;
}
EXPORT_SYMBOL_IF_KUNIT(klab_queue_next_length);
