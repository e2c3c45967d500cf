/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The queue device: bytes or records from writers to readers, through a ring.
 */
#ifndef _KLAB_CHARDEV_QUEUE_H
#define _KLAB_CHARDEV_QUEUE_H

#include <linux/cache.h>
#include <linux/compiler.h>
#include <linux/device.h>
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/jiffies.h>
#include <linux/mutex.h>
#include <linux/poll.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include <asm/barrier.h>

#include "queue_ring.h"

struct iov_iter;
struct pipe_inode_info;

/* Longest delay of publication. */
#define KLAB_QUEUE_DELAY_MAX_MS	60000

/**
 * struct klab_queue_side - one end of a queue
 * @lock: protects @pos and the counters; held while bytes are copied, so a
 *	holder may wait for a page of its buffer
 * @pos: bytes that have passed this end; the other end reads it without @lock
 * @sleepers: tasks that wait in read() or write()
 * @pollers: who waits by poll, epoll, io_uring
 * @fasync: who gets SIGIO
 * @bytes: bytes that users have moved
 * @calls: calls that have moved something
 * @waits: how often a call has slept
 * @missed: somebody has tried @lock in vain and gone away; set without it
 */
struct klab_queue_side {
	struct mutex lock;	/* position and counters */
	unsigned long pos;
	wait_queue_head_t sleepers;
	wait_queue_head_t pollers;
	struct fasync_struct *fasync;
	u64 bytes;
	u64 calls;
	u64 waits;
	bool missed;
};

/**
 * struct klab_queue - a queue
 * @data: the ring, allocated once
 * @size: its size, a power of two
 * @records: it keeps records apart; changes only while nobody has it open
 * @hidden: what is in it is not to be read yet
 * @delay_ms: time from a read to when the next one finds something, or 0
 * @publish: ends a delay
 * @open_lock: makes the count of openers and what follows from it one step
 * @opens: open files; under @open_lock
 * @writers: those that may write; changes under @open_lock
 * @end: position at which the last writer has closed; changes under @open_lock
 * @in: where writers put, its position is the head
 * @out: where readers take, its position is the tail
 *
 * The ends share no lock, so a reader and a writer do not wait for each other
 * while there is something to do. No one holds the locks of both.
 */
struct klab_queue {
	u8 *data;
	size_t size;
	bool records;
	bool hidden;
	unsigned int delay_ms;
	struct delayed_work publish;
	spinlock_t open_lock;	/* opens, writers and end */
	unsigned int opens;
	unsigned int writers;
	unsigned long end;
	struct klab_queue_side in ____cacheline_aligned_in_smp;
	struct klab_queue_side out ____cacheline_aligned_in_smp;
};

/**
 * struct klab_queue_file - an open file of a queue
 * @queue: the queue
 * @seen_end: the end that this file has been told of, or where it began; under
 *	the lock of @queue's out
 */
struct klab_queue_file {
	struct klab_queue *queue;
	unsigned long seen_end;
};

/**
 * struct klab_queue_dev - a queue in the device model
 * @dev: its node and attributes; owns this structure
 * @queue: the queue
 */
struct klab_queue_dev {
	struct device dev;
	struct klab_queue *queue;
};

extern const struct file_operations klab_queue_fops;
extern const struct attribute_group *klab_queue_groups[];

/* queue_core.c */
struct klab_queue *klab_queue_create(size_t size);
void klab_queue_destroy(struct klab_queue *queue);
int klab_queue_set_records(struct klab_queue *queue, bool records);
void klab_queue_set_delay(struct klab_queue *queue, unsigned int ms);
void klab_queue_hide(struct klab_queue *queue);
struct klab_queue_file *klab_queue_file_open(struct klab_queue *queue,
					     fmode_t mode);
void klab_queue_file_close(struct klab_queue_file *file, fmode_t mode);

/* queue_read.c */
ssize_t klab_queue_read(struct file *file, char __user *buf, size_t count,
			loff_t *pos);
ssize_t klab_queue_read_iter(struct kiocb *iocb, struct iov_iter *to);
void klab_queue_after_read(struct klab_queue *queue, ssize_t ret);
bool klab_queue_at_end(struct klab_queue_file *file);
int klab_queue_next_length(struct klab_queue *queue);

/* queue_write.c */
ssize_t klab_queue_write(struct file *file, const char __user *buf,
			 size_t count, loff_t *pos);
ssize_t klab_queue_write_iter(struct kiocb *iocb, struct iov_iter *from);
ssize_t klab_queue_put_bytes(struct klab_queue *queue, struct iov_iter *from);
void klab_queue_after_write(struct klab_queue *queue, ssize_t ret);

/* queue_splice.c */
ssize_t klab_queue_splice_read(struct file *in, loff_t *pos,
			       struct pipe_inode_info *pipe, size_t len,
			       unsigned int flags);
ssize_t klab_queue_splice_write(struct pipe_inode_info *pipe, struct file *out,
				loff_t *pos, size_t len, unsigned int flags);

/* queue_wait.c */
bool klab_queue_try_again(struct klab_queue_side *side);
void klab_queue_tell_missed(struct klab_queue_side *side);
void klab_queue_unlock(struct klab_queue_side *side);
bool klab_queue_readable(struct klab_queue_file *file);
bool klab_queue_writable(struct klab_queue *queue);
int klab_queue_wait_data(struct klab_queue_file *file);
int klab_queue_wait_room(struct klab_queue *queue, size_t need);
void __klab_queue_wake_readers(struct klab_queue *queue);
void __klab_queue_wake_writers(struct klab_queue *queue);
void klab_queue_wake_all_readers(struct klab_queue *queue);
__poll_t klab_queue_poll(struct file *file, poll_table *table);
int klab_queue_fasync(int fd, struct file *file, int on);

/* queue_dev.c */
extern const struct class klab_queue_class;
struct klab_queue_dev *klab_queue_dev_create(size_t size, dev_t devt);
void klab_queue_dev_announce(struct klab_queue_dev *qdev);
void klab_queue_dev_destroy(struct klab_queue_dev *qdev);

/* How much a reader finds; under the lock of its end. */
static inline size_t klab_queue_visible(struct klab_queue *queue)
{
	if (unlikely(READ_ONCE(queue->hidden)))
		return 0;
	/* Pairs with klab_queue_pass(): the bytes are there with the position. */
	return klab_ring_used(smp_load_acquire(&queue->in.pos),
			      READ_ONCE(queue->out.pos));
}

/* The same for who does not hold that lock, and looks again when woken. */
static inline size_t klab_queue_visible_seen(struct klab_queue *queue)
{
	unsigned long head;

	if (unlikely(READ_ONCE(queue->hidden)))
		return 0;
	/* As in klab_queue_visible(). */
	head = smp_load_acquire(&queue->in.pos);
	return klab_ring_used_seen(queue->size, head,
				   READ_ONCE(queue->out.pos));
}

/* How much a writer can put; under the lock of its end. */
static inline size_t klab_queue_room(struct klab_queue *queue)
{
	/* Pairs with klab_queue_pass(): what was there has been read. */
	unsigned long tail = smp_load_acquire(&queue->out.pos);

	return klab_ring_room(queue->size, READ_ONCE(queue->in.pos), tail);
}

/* As klab_queue_visible_seen(). */
static inline size_t klab_queue_room_seen(struct klab_queue *queue)
{
	/* As in klab_queue_room(). */
	unsigned long tail = smp_load_acquire(&queue->out.pos);

	return klab_ring_room_seen(queue->size, READ_ONCE(queue->in.pos), tail);
}

/* Can bytes be copied by who has no iov_iter, and does not look at more? */
static inline bool klab_queue_is_plain(const struct klab_queue *queue)
{
	return !queue->records && !READ_ONCE(queue->delay_ms);
}

/* The delay in jiffies, not counting the one that is half over. */
static inline unsigned long klab_queue_delay(const struct klab_queue *queue)
{
	unsigned int ms = READ_ONCE(queue->delay_ms);

	return ms ? msecs_to_jiffies(ms) + 1 : 0;
}

/* Moves an end on, of whose lock the caller is the holder. */
static inline void klab_queue_pass(struct klab_queue_side *side, size_t taken,
				   size_t bytes)
{
	side->bytes += bytes;
	side->calls++;
	/* Pairs with klab_queue_visible() and klab_queue_room(). */
	smp_store_release(&side->pos, side->pos + taken);
}

/* After a read, the delay begins before the next reader can take the lock. */
static inline void klab_queue_pass_out(struct klab_queue *queue, size_t taken,
				       size_t bytes)
{
	klab_queue_pass(&queue->out, taken, bytes);
	if (unlikely(READ_ONCE(queue->delay_ms)))
		klab_queue_hide(queue);
}

/* Locks an end for who must not wait; in vain, its pollers are told later. */
static inline bool klab_queue_trylock(struct klab_queue_side *side)
{
	return mutex_trylock(&side->lock) || klab_queue_try_again(side);
}

/* Locks an end for a call; one that must not wait tries. */
static inline int klab_queue_lock(struct klab_queue_side *side,
				  const struct kiocb *iocb)
{
	if (iocb->ki_flags & IOCB_NOWAIT)
		return klab_queue_trylock(side) ? 0 : -EAGAIN;
	return mutex_lock_interruptible(&side->lock) ? -ERESTARTSYS : 0;
}

static inline bool klab_queue_may_wait(const struct kiocb *iocb)
{
	return !(iocb->ki_flags & IOCB_NOWAIT) &&
	       !(iocb->ki_filp->f_flags & O_NONBLOCK);
}

/* Is anybody in this list; exact for who has a full barrier before it. */
static inline bool klab_queue_waited_for(wait_queue_head_t *list)
{
	/* The callers have the barrier, or need no more than a hint. */
	return waitqueue_active(list);
}

/*
 * After unlocking and a full barrier, which pairs with klab_queue_try_again():
 * who does not get the lock is seen here.
 */
static __always_inline void
klab_queue_look_for_missed(struct klab_queue_side *side)
{
	if (unlikely(READ_ONCE(side->missed)))
		klab_queue_tell_missed(side);
}

static __always_inline bool
klab_queue_has_waiters(struct klab_queue_side *side)
{
	return klab_queue_waited_for(&side->sleepers) ||
	       klab_queue_waited_for(&side->pollers) ||
	       READ_ONCE(side->fasync);
}

/* After something was put. */
static inline void klab_queue_wake_readers(struct klab_queue *queue)
{
	/*
	 * The position is out before it is looked who waits. Pairs with the
	 * barriers of prepare_to_wait_event() and poll_wait(), and with
	 * klab_queue_hide() and klab_queue_try_again().
	 */
	smp_mb();
	if (klab_queue_has_waiters(&queue->out) ||
	    unlikely(READ_ONCE(queue->hidden)))
		__klab_queue_wake_readers(queue);
}

/* After something was taken. */
static inline void klab_queue_wake_writers(struct klab_queue *queue)
{
	/* As in klab_queue_wake_readers(). */
	smp_mb();
	if (klab_queue_has_waiters(&queue->in))
		__klab_queue_wake_writers(queue);
}

#endif /* _KLAB_CHARDEV_QUEUE_H */
