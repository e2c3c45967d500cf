// SPDX-License-Identifier: GPL-2.0-only
/*
 * Waiting for a queue: sleep, poll, signals.
 *
 * Sleepers and pollers stand in lists of their own, so that a poller whose
 * program does something else never eats the wake-up of a task that sleeps in
 * read() or write().
 */
#include <linux/container_of.h>
#include <linux/export.h>
#include <linux/fs.h>
#include <linux/limits.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/signal.h>

#include <asm/barrier.h>

#include <kunit/visibility.h>

#include "queue.h"

/**
 * klab_queue_try_again() - tries a lock that was not to be had
 * @side: the end
 *
 * To who polls by edges, EAGAIN says that there will be another one. Where only
 * the lock was in the way, its holder has to give it.
 *
 * Context: process.
 * Return: true with the lock; false where its holder tells the pollers.
 */
bool klab_queue_try_again(struct klab_queue_side *side)
{
	WRITE_ONCE(side->missed, true);
	/*
	 * Seen by the holder, if not unlocked yet. Pairs with the barriers of
	 * klab_queue_unlock(), klab_queue_after_read() and
	 * klab_queue_after_write().
	 */
	smp_mb();
	return mutex_trylock(&side->lock);
}

/**
 * klab_queue_tell_missed() - wakes who has tried a lock in vain
 * @side: the end
 *
 * Nobody knows who of the pollers that was: all are woken, and look.
 *
 * Context: process, without locks.
 */
void klab_queue_tell_missed(struct klab_queue_side *side)
{
	WRITE_ONCE(side->missed, false);
	wake_up_interruptible_all(&side->pollers);
}

/**
 * klab_queue_unlock() - unlocks an end where nothing was moved
 * @side: the end
 *
 * Context: process.
 */
void klab_queue_unlock(struct klab_queue_side *side)
{
	mutex_unlock(&side->lock);
	/* Pairs with klab_queue_try_again(). */
	smp_mb();
	klab_queue_look_for_missed(side);
}

/**
 * klab_queue_readable() - would a read return now
 * @file: the open file
 *
 * Context: any.
 * Return: true for data and for an end.
 */
bool klab_queue_readable(struct klab_queue_file *file)
{
	return klab_queue_visible_seen(file->queue) || klab_queue_at_end(file);
}
EXPORT_SYMBOL_IF_KUNIT(klab_queue_readable);

/**
 * klab_queue_writable() - is there the room that poll promises
 * @queue: the queue
 *
 * A write of up to PIPE_BUF bytes, and of any record, does not wait then.
 *
 * Context: any.
 * Return: true if there is.
 */
bool klab_queue_writable(struct klab_queue *queue)
{
	size_t low = READ_ONCE(queue->records) ? queue->size / 2 : PIPE_BUF;

	return klab_queue_room_seen(queue) >= low;
}
EXPORT_SYMBOL_IF_KUNIT(klab_queue_writable);

/**
 * klab_queue_wait_data() - sleeps until a read would return
 * @file: the open file
 *
 * Context: process, sleeps.
 * Return: 0 or -ERESTARTSYS.
 */
int klab_queue_wait_data(struct klab_queue_file *file)
{
	return wait_event_interruptible_exclusive(file->queue->out.sleepers,
						  klab_queue_readable(file));
}

/**
 * struct klab_queue_sleeper - a writer that waits for room
 * @entry: its place in the list
 * @queue: the queue
 * @need: the room it waits for
 */
struct klab_queue_sleeper {
	struct wait_queue_entry entry;
	struct klab_queue *queue;
	size_t need;
};

/* Who cannot go on is passed over, so that one wake-up reaches who can. */
static int klab_queue_sleeper_wake(struct wait_queue_entry *entry,
				   unsigned int mode, int sync, void *key)
{
	struct klab_queue_sleeper *sleeper =
		container_of(entry, struct klab_queue_sleeper, entry);

	if (klab_queue_room_seen(sleeper->queue) < sleeper->need)
		return 0;
	return autoremove_wake_function(entry, mode, sync, key);
}

/**
 * klab_queue_wait_room() - sleeps until there is room
 * @queue: the queue
 * @need: so many bytes
 *
 * Context: process, sleeps.
 * Return: 0 or -ERESTARTSYS.
 */
int klab_queue_wait_room(struct klab_queue *queue, size_t need)
{
	struct klab_queue_sleeper sleeper = {
		.queue = queue,
		.need = need,
	};
	int err;

	init_wait_entry(&sleeper.entry, WQ_FLAG_EXCLUSIVE);
	sleeper.entry.func = klab_queue_sleeper_wake;
	for (;;) {
		err = prepare_to_wait_event(&queue->in.sleepers, &sleeper.entry,
					    TASK_INTERRUPTIBLE);
		if (klab_queue_room_seen(queue) >= need) {
			err = 0;
			break;
		}
		/* It is in no list any more. */
		if (err)
			return err;
		schedule();
	}
	finish_wait(&queue->in.sleepers, &sleeper.entry);
	return err;
}

/**
 * __klab_queue_wake_readers() - something has been put
 * @queue: the queue
 *
 * One sleeper is woken, who wakes the next one if it leaves something, all
 * pollers, and of those that are exclusive one.
 *
 * Context: process.
 */
void __klab_queue_wake_readers(struct klab_queue *queue)
{
	if (READ_ONCE(queue->hidden)) {
		queue_delayed_work(system_wq, &queue->publish,
				   klab_queue_delay(queue));
		return;
	}
	if (klab_queue_waited_for(&queue->out.sleepers))
		wake_up_interruptible_sync_poll(&queue->out.sleepers,
						EPOLLIN | EPOLLRDNORM);
	if (klab_queue_waited_for(&queue->out.pollers))
		wake_up_interruptible_sync_poll(&queue->out.pollers,
						EPOLLIN | EPOLLRDNORM);
	kill_fasync(&queue->out.fasync, SIGIO, POLL_IN);
}

/**
 * __klab_queue_wake_writers() - something has been taken
 * @queue: the queue
 *
 * Sleepers know themselves how much room they need. Pollers and signals wait
 * for what klab_queue_writable() says.
 *
 * Context: process.
 */
void __klab_queue_wake_writers(struct klab_queue *queue)
{
	if (klab_queue_waited_for(&queue->in.sleepers))
		wake_up_interruptible_sync_poll(&queue->in.sleepers,
						EPOLLOUT | EPOLLWRNORM);
	if (!klab_queue_writable(queue))
		return;
	if (klab_queue_waited_for(&queue->in.pollers))
		wake_up_interruptible_sync_poll(&queue->in.pollers,
						EPOLLOUT | EPOLLWRNORM);
	kill_fasync(&queue->in.fasync, SIGIO, POLL_OUT);
}

/**
 * klab_queue_wake_all_readers() - the last writer has closed
 * @queue: the queue
 *
 * An end is for everybody.
 *
 * Context: process.
 */
void klab_queue_wake_all_readers(struct klab_queue *queue)
{
	wake_up_interruptible_all(&queue->out.sleepers);
	wake_up_interruptible_all(&queue->out.pollers);
	kill_fasync(&queue->out.fasync, SIGIO, POLL_IN);
}

/**
 * klab_queue_poll() - poll(), select(), epoll, io_uring
 * @file: the open file
 * @table: who waits
 *
 * Context: process; never sleeps: a delay is one of publication.
 * Return: what can be done now.
 */
__poll_t klab_queue_poll(struct file *file, poll_table *table)
{
	struct klab_queue_file *qfile = file->private_data;
	struct klab_queue *queue = qfile->queue;
	__poll_t mask = 0;

	if (file->f_mode & FMODE_READ) {
		poll_wait(file, &queue->out.pollers, table);
		if (klab_queue_readable(qfile))
			mask |= EPOLLIN | EPOLLRDNORM;
	}
	if (file->f_mode & FMODE_WRITE) {
		poll_wait(file, &queue->in.pollers, table);
		if (klab_queue_writable(queue))
			mask |= EPOLLOUT | EPOLLWRNORM;
	}
	return mask;
}

/**
 * klab_queue_fasync() - signals to a process, on or off
 * @fd: its file descriptor
 * @file: the open file
 * @on: or off
 *
 * Context: process, may sleep.
 * Return: 0, positive where something changed, or -ENOMEM.
 */
int klab_queue_fasync(int fd, struct file *file, int on)
{
	struct klab_queue_file *qfile = file->private_data;
	struct klab_queue *queue = qfile->queue;
	int err = 0;

	if (file->f_mode & FMODE_READ)
		err = fasync_helper(fd, file, on, &queue->out.fasync);
	if (err < 0 || !(file->f_mode & FMODE_WRITE))
		return err;

	err = fasync_helper(fd, file, on, &queue->in.fasync);
	if (err < 0 && on && (file->f_mode & FMODE_READ))
		/* Taking off needs no memory. */
		fasync_helper(-1, file, 0, &queue->out.fasync);
	return err;
}
EXPORT_SYMBOL_IF_KUNIT(klab_queue_fasync);
