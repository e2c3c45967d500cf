// SPDX-License-Identifier: GPL-2.0-only
/*
 * Life of a queue and of its open files; what can be set of it.
 */
#include <linux/align.h>
#include <linux/cleanup.h>
#include <linux/container_of.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include <asm/barrier.h>

#include <kunit/visibility.h>

#include "queue.h"

static void klab_queue_side_init(struct klab_queue_side *side,
				 struct lock_class_key *key, const char *name)
{
	__mutex_init(&side->lock, name, key);
	init_waitqueue_head(&side->sleepers);
	init_waitqueue_head(&side->pollers);
}

/*
 * The delay is over: what is in the queue can be read. Where nothing is, the
 * next write is delayed, finds this work not pending and queues it again.
 */
static void klab_queue_publish(struct work_struct *work)
{
	struct klab_queue *queue = container_of(to_delayed_work(work),
						struct klab_queue, publish);
	bool empty = READ_ONCE(queue->in.pos) == READ_ONCE(queue->out.pos);

	if (empty && READ_ONCE(queue->delay_ms))
		return;
	WRITE_ONCE(queue->hidden, false);
	/*
	 * Published before it is looked who writes; pairs with the barriers of
	 * who is woken by klab_queue_file_close().
	 */
	smp_mb();
	/* A write of right now may have found it hidden and woken nobody. */
	if (READ_ONCE(queue->writers))
		klab_queue_wake_readers(queue);
	else
		/* Who reads the last of it does not tell others of the end. */
		klab_queue_wake_all_readers(queue);
}

/**
 * klab_queue_create() - makes an empty queue for bytes
 * @size: of the ring in bytes, a power of two from KLAB_RING_MIN to
 *	KLAB_RING_MAX
 *
 * Context: process, may sleep.
 * Return: the queue, or an ERR_PTR(): -EINVAL or -ENOMEM.
 */
struct klab_queue *klab_queue_create(size_t size)
{
	static struct lock_class_key in_key, out_key;
	struct klab_queue *queue;

	if (!klab_ring_size_valid(size))
		return ERR_PTR(-EINVAL);

	queue = kzalloc_obj(*queue);
	if (!queue)
		return ERR_PTR(-ENOMEM);
	queue->data = kvzalloc(size, GFP_KERNEL);
	if (!queue->data) {
		kfree(queue);
		return ERR_PTR(-ENOMEM);
	}

	queue->size = size;
	INIT_DELAYED_WORK(&queue->publish, klab_queue_publish);
	spin_lock_init(&queue->open_lock);
	klab_queue_side_init(&queue->in, &in_key, "klab_queue.in");
	klab_queue_side_init(&queue->out, &out_key, "klab_queue.out");
	return queue;
}
EXPORT_SYMBOL_IF_KUNIT(klab_queue_create);

/**
 * klab_queue_destroy() - frees a queue and what is in it
 * @queue: nobody has it open
 *
 * Context: process, may sleep.
 */
void klab_queue_destroy(struct klab_queue *queue)
{
	cancel_delayed_work_sync(&queue->publish);
	mutex_destroy(&queue->in.lock);
	mutex_destroy(&queue->out.lock);
	kvfree(queue->data);
	kfree(queue);
}
EXPORT_SYMBOL_IF_KUNIT(klab_queue_destroy);

/*
 * The length of a record has to lie in one piece, and bytes may have left the
 * positions anywhere. While no file is open, and under the lock of opening,
 * nobody else moves them; attributes and a delay look at them all the same.
 */
static void klab_queue_align(struct klab_queue *queue)
{
	unsigned long pos = ALIGN(queue->in.pos, sizeof(klab_record_t));

	WRITE_ONCE(queue->in.pos, pos);
	/* Pairs with used_show(): the tail is never seen beyond the head. */
	smp_store_release(&queue->out.pos, pos);
}

/**
 * klab_queue_set_records() - bytes or records
 * @queue: the queue
 * @records: whether it keeps apart what one write has put
 *
 * Context: any but hard interrupt.
 * Return: 0, or -EBUSY where it is open or not empty.
 */
int klab_queue_set_records(struct klab_queue *queue, bool records)
{
	scoped_guard(spinlock, &queue->open_lock) {
		if (queue->opens || queue->in.pos != queue->out.pos)
			return -EBUSY;
		if (records)
			klab_queue_align(queue);
		WRITE_ONCE(queue->records, records);
	}
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(klab_queue_set_records);

/**
 * klab_queue_hide() - has readers wait for the next publication
 * @queue: with a delay
 *
 * Who puts something later finds it hidden and queues the work; for what is in
 * the queue already it is queued here.
 *
 * Context: any but hard interrupt.
 */
void klab_queue_hide(struct klab_queue *queue)
{
	WRITE_ONCE(queue->hidden, true);
	/* Hidden before it is looked; pairs with klab_queue_wake_readers(). */
	smp_mb();
	if (READ_ONCE(queue->in.pos) != READ_ONCE(queue->out.pos))
		queue_delayed_work(system_wq, &queue->publish,
				   klab_queue_delay(queue));
}

/**
 * klab_queue_set_delay() - time from a read to the next one
 * @queue: the queue
 * @ms: milliseconds from a read, or from the write that ends emptiness, until
 *	readers find something; 0: they find it at once
 *
 * Context: process, may sleep.
 */
void klab_queue_set_delay(struct klab_queue *queue, unsigned int ms)
{
	WRITE_ONCE(queue->delay_ms, ms);
	if (!ms) {
		mod_delayed_work(system_wq, &queue->publish, 0);
		return;
	}
	/* One that has begun would end the one of the next write too early. */
	cancel_delayed_work_sync(&queue->publish);
	klab_queue_hide(queue);
}
EXPORT_SYMBOL_IF_KUNIT(klab_queue_set_delay);

/**
 * klab_queue_file_open() - begins the use of a queue
 * @queue: the queue
 * @mode: FMODE_READ, FMODE_WRITE or both
 *
 * Context: process, may sleep.
 * Return: the open file, or an ERR_PTR(): -ENOMEM.
 */
struct klab_queue_file *klab_queue_file_open(struct klab_queue *queue,
					     fmode_t mode)
{
	struct klab_queue_file *file = kzalloc_obj(*file, GFP_KERNEL_ACCOUNT);

	if (!file)
		return ERR_PTR(-ENOMEM);
	file->queue = queue;

	scoped_guard(spinlock, &queue->open_lock) {
		/* What was over before this file is no end of its reading. */
		file->seen_end = READ_ONCE(queue->out.pos);
		queue->opens++;
		if (mode & FMODE_WRITE)
			WRITE_ONCE(queue->writers, queue->writers + 1);
	}
	return file;
}
EXPORT_SYMBOL_IF_KUNIT(klab_queue_file_open);

/**
 * klab_queue_file_close() - ends the use of a queue
 * @file: the open file, freed
 * @mode: as it was opened
 *
 * With the last writer an end is marked, and readers are told of it. What is
 * in the queue stays.
 *
 * Context: process.
 */
void klab_queue_file_close(struct klab_queue_file *file, fmode_t mode)
{
	struct klab_queue *queue = file->queue;
	bool last = false;

	scoped_guard(spinlock, &queue->open_lock) {
		queue->opens--;
		if (mode & FMODE_WRITE) {
			last = queue->writers == 1;
			if (last)
				WRITE_ONCE(queue->end, queue->in.pos);
			/* Pairs with klab_queue_at_end(). */
			smp_store_release(&queue->writers, queue->writers - 1);
		}
	}
	if (last)
		klab_queue_wake_all_readers(queue);
	kfree(file);
}
EXPORT_SYMBOL_IF_KUNIT(klab_queue_file_close);
