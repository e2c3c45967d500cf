// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests for queues: what reads and writes do that must not wait, at the
 * limits of the ring and of its positions. They make queues of their own.
 */
#include <linux/array_size.h>
#include <linux/container_of.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/jiffies.h>
#include <linux/kdev_t.h>
#include <linux/kref.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/sizes.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/timer.h>
#include <linux/uaccess.h>
#include <linux/uio.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include <kunit/test.h>

#include "../../core/klab_fixture.h"
#include "../queue.h"

/**
 * struct opened - a queue and a file that has it open for both
 * @queue: the queue
 * @file: knows no more than what the functions look at
 * @data: to write from
 * @back: to read to
 */
struct opened {
	struct klab_queue *queue;
	struct file *file;
	u8 *data;
	u8 *back;
};

static void close_queue(void *file)
{
	klab_queue_file_close(file, FMODE_READ | FMODE_WRITE);
}

static void destroy_queue(void *queue)
{
	klab_queue_destroy(queue);
}

static struct klab_queue *create(struct kunit *test, size_t size)
{
	struct klab_queue *queue = klab_queue_create(size);

	KUNIT_ASSERT_FALSE_MSG(test, IS_ERR(queue), "%pe", queue);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, destroy_queue,
							   queue));
	return queue;
}

/* A queue of SZ_4K whose positions are @pos, open, with buffers of its size. */
static struct opened *open_at(struct kunit *test, unsigned long pos,
			      bool records)
{
	struct opened *o = kunit_kzalloc(test, sizeof(*o), GFP_KERNEL);
	struct klab_queue_file *qfile;

	KUNIT_ASSERT_NOT_NULL(test, o);
	o->queue = create(test, SZ_4K);
	o->queue->in.pos = pos;
	o->queue->out.pos = pos;
	o->queue->end = pos;
	KUNIT_ASSERT_EQ(test, 0, klab_queue_set_records(o->queue, records));

	qfile = klab_queue_file_open(o->queue, FMODE_READ | FMODE_WRITE);
	KUNIT_ASSERT_FALSE(test, IS_ERR(qfile));
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, close_queue,
							   qfile));
	o->file = kunit_kzalloc(test, sizeof(*o->file), GFP_KERNEL);
	o->data = kunit_kzalloc(test, SZ_8K, GFP_KERNEL);
	o->back = kunit_kzalloc(test, SZ_8K, GFP_KERNEL);
	KUNIT_ASSERT_TRUE(test, o->file && o->data && o->back);
	o->file->private_data = qfile;
	o->file->f_flags = O_NONBLOCK;
	o->file->f_mode = FMODE_READ | FMODE_WRITE;
	for (int i = 0; i < SZ_8K; i++)
		o->data[i] = i * 7 + i / 256;
	return o;
}

static ssize_t put(struct opened *o, const void *data, size_t len)
{
	struct kiocb iocb = { .ki_filp = o->file };
	struct kvec kvec = { .iov_base = (void *)data, .iov_len = len };
	struct iov_iter from;

	iov_iter_kvec(&from, ITER_SOURCE, &kvec, 1, len);
	return klab_queue_write_iter(&iocb, &from);
}

static ssize_t take(struct opened *o, void *data, size_t len)
{
	struct kiocb iocb = { .ki_filp = o->file };
	struct kvec kvec = { .iov_base = data, .iov_len = len };
	struct iov_iter to;

	iov_iter_kvec(&to, ITER_DEST, &kvec, 1, len);
	return klab_queue_read_iter(&iocb, &to);
}

static ssize_t put_user_data(struct opened *o, void __user *data, size_t len)
{
	struct kiocb iocb = { .ki_filp = o->file };
	struct iov_iter from;

	iov_iter_ubuf(&from, ITER_SOURCE, data, len);
	return klab_queue_write_iter(&iocb, &from);
}

static ssize_t take_user_data(struct opened *o, void __user *data, size_t len)
{
	struct kiocb iocb = { .ki_filp = o->file };
	struct iov_iter to;

	iov_iter_ubuf(&to, ITER_DEST, data, len);
	return klab_queue_read_iter(&iocb, &to);
}

static const struct pos_case {
	const char *what;
	unsigned long pos;
} pos_cases[] = {
	{ "at the start", 0 },
	{ "one before the end", SZ_4K - 1 },
	{ "two before the end", SZ_4K - 2 },
	{ "three before the end", SZ_4K - 3 },
	{ "header before the end", SZ_4K - 4 },
	{ "in the middle", SZ_2K },
	{ "an odd place", 777 },
	{ "position about to wrap", -1UL },
	{ "position about to wrap, aligned", -8UL },
};

KUNIT_ARRAY_PARAM_DESC(pos, pos_cases, what);

static void klab_chardev_queue_bytes_of_every_length(struct kunit *test)
{
	const struct pos_case *c = test->param_value;
	struct opened *o = open_at(test, c->pos, false);
	size_t len;

	for (len = 1; len <= SZ_4K; len = len < 20 ? len + 1 : len * 2 - 7) {
		memset(o->back, 0, SZ_8K);
		KUNIT_ASSERT_EQ(test, put(o, o->data, len), len);
		KUNIT_ASSERT_EQ(test, take(o, o->back, SZ_8K), len);
		KUNIT_ASSERT_MEMEQ(test, o->back, o->data, len);
		KUNIT_ASSERT_EQ(test, o->back[len], 0);
	}
}

static void klab_chardev_queue_fills_to_the_last_byte(struct kunit *test)
{
	const struct pos_case *c = test->param_value;
	struct opened *o = open_at(test, c->pos, false);

	KUNIT_EXPECT_EQ(test, put(o, o->data, SZ_8K), SZ_4K);
	KUNIT_EXPECT_EQ(test, put(o, o->data, 1), -EAGAIN);
	KUNIT_EXPECT_EQ(test, klab_queue_next_length(o->queue), SZ_4K);
	KUNIT_EXPECT_EQ(test, take(o, o->back, SZ_8K), SZ_4K);
	KUNIT_EXPECT_MEMEQ(test, o->back, o->data, SZ_4K);
	KUNIT_EXPECT_EQ(test, take(o, o->back, 1), -EAGAIN);
}

static void klab_chardev_queue_records_of_every_length(struct kunit *test)
{
	const struct pos_case *c = test->param_value;
	struct opened *o = open_at(test, c->pos, true);
	size_t max = klab_record_max(SZ_4K), len;

	/* A length that does not lie in one piece would leave the ring. */
	KUNIT_ASSERT_EQ(test, o->queue->in.pos, ALIGN(c->pos, 4));
	KUNIT_ASSERT_EQ(test, o->queue->out.pos, o->queue->in.pos);
	for (len = 1; len <= max; len = len < 20 ? len + 1 : len * 2 - 6) {
		KUNIT_ASSERT_EQ(test, put(o, o->data, len), len);
		KUNIT_ASSERT_EQ(test, put(o, o->data + 1, 1), 1);
		KUNIT_ASSERT_EQ(test, klab_queue_next_length(o->queue), len);
		KUNIT_ASSERT_EQ(test, take(o, o->back, len), len);
		KUNIT_ASSERT_MEMEQ(test, o->back, o->data, len);
		KUNIT_ASSERT_EQ(test, take(o, o->back, SZ_8K), 1);
	}
	KUNIT_EXPECT_EQ(test, o->queue->in.pos, o->queue->out.pos);
}

static void klab_chardev_queue_record_limits(struct kunit *test)
{
	struct opened *o = open_at(test, 0, true);
	size_t max = klab_record_max(SZ_4K);

	KUNIT_EXPECT_EQ(test, put(o, o->data, max + 1), -EMSGSIZE);
	KUNIT_EXPECT_EQ(test, put(o, o->data, 0), 0);
	KUNIT_EXPECT_EQ(test, o->queue->in.pos, 0);
	KUNIT_EXPECT_EQ(test, put(o, o->data, max), max);
	KUNIT_EXPECT_EQ(test, put(o, o->data, max), max);
	KUNIT_EXPECT_EQ(test, put(o, o->data, 1), -EAGAIN);
	KUNIT_EXPECT_EQ(test, take(o, o->back, max - 1), -EMSGSIZE);
	KUNIT_EXPECT_EQ(test, take(o, o->back, max), max);
	KUNIT_EXPECT_EQ(test, put(o, o->data, 1), 1);
}

static void klab_chardev_queue_small_write_is_whole_or_nothing(struct kunit *test)
{
	struct opened *o = open_at(test, 0, false);

	KUNIT_ASSERT_EQ(test, put(o, o->data, SZ_4K - 10), SZ_4K - 10);
	KUNIT_EXPECT_EQ(test, put(o, o->data, 11), -EAGAIN);
	KUNIT_EXPECT_EQ(test, klab_queue_room(o->queue), 10);
	KUNIT_EXPECT_EQ(test, put(o, o->data, PIPE_BUF + 1), 10);
}

static const struct room_case {
	const char *what;
	size_t used;
	bool records;
	bool writable;
} room_cases[] = {
	{ "bytes, empty", 0, false, true },
	{ "bytes, room for PIPE_BUF", SZ_8K - PIPE_BUF, false, true },
	{ "bytes, one too many", SZ_8K - PIPE_BUF + 1, false, false },
	{ "bytes, full", SZ_8K, false, false },
	{ "records, half full", SZ_4K, true, true },
	{ "records, more than half full", SZ_4K + 4, true, false },
};

KUNIT_ARRAY_PARAM_DESC(room, room_cases, what);

static void klab_chardev_queue_writable_when_promised(struct kunit *test)
{
	const struct room_case *c = test->param_value;
	struct klab_queue *queue = create(test, SZ_8K);

	KUNIT_ASSERT_EQ(test, 0, klab_queue_set_records(queue, c->records));
	queue->in.pos = c->used;
	KUNIT_EXPECT_EQ(test, klab_queue_writable(queue), c->writable);
}

/* As poll() sees them while both ends move. */
static void klab_chardev_queue_promises_nothing_between_moves(struct kunit *test)
{
	struct opened *o = open_at(test, 0, false);
	struct klab_queue_file *file = o->file->private_data;

	o->queue->in.pos = SZ_4K + 1;
	KUNIT_EXPECT_FALSE(test, klab_queue_writable(o->queue));
	o->queue->out.pos = SZ_4K + 2;
	KUNIT_EXPECT_FALSE(test, klab_queue_readable(file));
	o->queue->in.pos = SZ_4K + 2;
	KUNIT_EXPECT_TRUE(test, klab_queue_writable(o->queue));
	o->queue->in.pos = SZ_4K + 3;
	KUNIT_EXPECT_TRUE(test, klab_queue_readable(file));
}

static void klab_chardev_queue_nowait_tries_the_locks(struct kunit *test)
{
	struct opened *o = open_at(test, 0, false);
	struct kiocb iocb = { .ki_filp = o->file, .ki_flags = IOCB_NOWAIT };
	struct kvec kvec = { .iov_base = o->data, .iov_len = 1 };
	struct iov_iter iter;

	o->file->f_flags = 0;
	KUNIT_ASSERT_EQ(test, put(o, o->data, 1), 1);
	mutex_lock(&o->queue->in.lock);
	mutex_lock(&o->queue->out.lock);
	iov_iter_kvec(&iter, ITER_SOURCE, &kvec, 1, 1);
	KUNIT_EXPECT_EQ(test, klab_queue_write_iter(&iocb, &iter), -EAGAIN);
	iov_iter_kvec(&iter, ITER_DEST, &kvec, 1, 1);
	KUNIT_EXPECT_EQ(test, klab_queue_read_iter(&iocb, &iter), -EAGAIN);
	KUNIT_EXPECT_EQ(test, klab_queue_splice_read(o->file, NULL, NULL, 1, 0),
			-EAGAIN);
	mutex_unlock(&o->queue->out.lock);
	mutex_unlock(&o->queue->in.lock);
	KUNIT_EXPECT_EQ(test, klab_queue_read_iter(&iocb, &iter), 1);

	/* Empty, full: nothing is waited for either. */
	iov_iter_kvec(&iter, ITER_DEST, &kvec, 1, 1);
	KUNIT_EXPECT_EQ(test, klab_queue_read_iter(&iocb, &iter), -EAGAIN);
	o->queue->in.pos += SZ_4K;
	iov_iter_kvec(&iter, ITER_SOURCE, &kvec, 1, 1);
	KUNIT_EXPECT_EQ(test, klab_queue_write_iter(&iocb, &iter), -EAGAIN);
}

/**
 * struct poller - who waits by poll()
 * @entry: its place in the list
 * @woken: how often it was woken
 */
struct poller {
	struct wait_queue_entry entry;
	unsigned int woken;
};

static int poller_wake(struct wait_queue_entry *entry, unsigned int mode,
		       int sync, void *key)
{
	container_of(entry, struct poller, entry)->woken++;
	return 0;
}

static ssize_t read_without_waiting(struct opened *o)
{
	struct kiocb iocb = { .ki_filp = o->file, .ki_flags = IOCB_NOWAIT };
	struct kvec kvec = { .iov_base = o->back, .iov_len = 1 };
	struct iov_iter to;

	iov_iter_kvec(&to, ITER_DEST, &kvec, 1, 1);
	return klab_queue_read_iter(&iocb, &to);
}

static ssize_t splice_without_waiting(struct opened *o)
{
	return klab_queue_splice_read(o->file, NULL, NULL, 1, 0);
}

static ssize_t ask_for_length(struct opened *o)
{
	return klab_queue_next_length(o->queue);
}

static ssize_t read_one(struct opened *o)
{
	return take(o, o->back, 1);
}

static ssize_t read_nothing(struct opened *o)
{
	return klab_queue_read(o->file, NULL, 0, NULL);
}

static const struct missed_case {
	const char *what;
	ssize_t (*try)(struct opened *o);
	ssize_t (*holder)(struct opened *o);
	ssize_t held;
} missed_cases[] = {
	{ "read, beside FIONREAD", read_without_waiting, ask_for_length, 2 },
	{ "read, beside a read", read_without_waiting, read_one, 1 },
	{ "read, beside one of nothing", read_without_waiting, read_nothing, 0 },
	{ "splice, beside FIONREAD", splice_without_waiting, ask_for_length, 2 },
};

KUNIT_ARRAY_PARAM_DESC(missed, missed_cases, what);

/* The holder's part of the lock is played by the test itself. */
static void klab_chardev_queue_who_missed_the_lock_is_woken(struct kunit *test)
{
	const struct missed_case *c = test->param_value;
	struct opened *o = open_at(test, 0, false);
	struct poller poller = {};

	init_waitqueue_func_entry(&poller.entry, poller_wake);
	KUNIT_ASSERT_EQ(test, put(o, o->data, 2), 2);
	add_wait_queue(&o->queue->out.pollers, &poller.entry);
	mutex_lock(&o->queue->out.lock);
	KUNIT_EXPECT_EQ(test, c->try(o), -EAGAIN);
	mutex_unlock(&o->queue->out.lock);
	KUNIT_EXPECT_EQ(test, c->holder(o), c->held);
	KUNIT_EXPECT_EQ(test, poller.woken, 1);

	/* Once is enough. */
	KUNIT_EXPECT_EQ(test, c->holder(o), c->held);
	KUNIT_EXPECT_EQ(test, poller.woken, 1);
	remove_wait_queue(&o->queue->out.pollers, &poller.entry);
}

static void klab_chardev_queue_writer_who_missed_the_lock_is_woken(struct kunit *test)
{
	struct opened *o = open_at(test, 0, false);
	struct kiocb iocb = { .ki_filp = o->file, .ki_flags = IOCB_NOWAIT };
	struct kvec kvec = { .iov_base = o->data, .iov_len = 1 };
	struct poller poller = {};
	struct iov_iter from;

	init_waitqueue_func_entry(&poller.entry, poller_wake);
	add_wait_queue(&o->queue->in.pollers, &poller.entry);
	mutex_lock(&o->queue->in.lock);
	iov_iter_kvec(&from, ITER_SOURCE, &kvec, 1, 1);
	KUNIT_EXPECT_EQ(test, klab_queue_write_iter(&iocb, &from), -EAGAIN);
	mutex_unlock(&o->queue->in.lock);
	KUNIT_EXPECT_EQ(test, put(o, o->data, 1), 1);
	KUNIT_EXPECT_EQ(test, poller.woken, 1);
	KUNIT_EXPECT_EQ(test, put(o, o->data, 1), 1);
	KUNIT_EXPECT_EQ(test, poller.woken, 1);
	remove_wait_queue(&o->queue->in.pollers, &poller.entry);
}

static void klab_chardev_queue_fault_keeps_what_is_not_delivered(struct kunit *test)
{
	struct opened *o = open_at(test, SZ_4K - 2, false);
	u8 __user *end = klab_kunit_user_page(test) + PAGE_SIZE;

	KUNIT_ASSERT_EQ(test, put(o, o->data, 100), 100);
	KUNIT_EXPECT_EQ(test, take_user_data(o, end, 10), -EFAULT);
	KUNIT_EXPECT_EQ(test, take_user_data(o, end - 1, 10), 1);
	KUNIT_EXPECT_EQ(test, take_user_data(o, end - 5, 10), 5);
	KUNIT_EXPECT_EQ(test, take(o, o->back, 1000), 94);
	KUNIT_EXPECT_MEMEQ(test, o->back, o->data + 6, 94);
}

static void klab_chardev_queue_fault_keeps_a_record(struct kunit *test)
{
	struct opened *o = open_at(test, SZ_4K - 8, true);
	u8 __user *end = klab_kunit_user_page(test) + PAGE_SIZE;

	KUNIT_ASSERT_EQ(test, put(o, o->data, 100), 100);
	KUNIT_EXPECT_EQ(test, take_user_data(o, end - 2, 100), -EFAULT);
	KUNIT_EXPECT_EQ(test, take_user_data(o, end - 50, 100), -EFAULT);
	KUNIT_EXPECT_EQ(test, take(o, o->back, 100), 100);
	KUNIT_EXPECT_MEMEQ(test, o->back, o->data, 100);
}

static void klab_chardev_queue_fault_puts_what_could_be_read(struct kunit *test)
{
	struct opened *o = open_at(test, SZ_4K - 2, false);
	u8 __user *end = klab_kunit_user_page(test) + PAGE_SIZE;

	KUNIT_EXPECT_EQ(test, put_user_data(o, end, 10), -EFAULT);
	KUNIT_EXPECT_EQ(test, put_user_data(o, end - 5, 10), 5);
	KUNIT_EXPECT_EQ(test, klab_queue_next_length(o->queue), 5);
}

static void klab_chardev_queue_fault_puts_no_piece_of_a_record(struct kunit *test)
{
	struct opened *o = open_at(test, 0, true);
	u8 __user *end = klab_kunit_user_page(test) + PAGE_SIZE;

	KUNIT_EXPECT_EQ(test, put_user_data(o, end - 5, 10), -EFAULT);
	KUNIT_EXPECT_EQ(test, klab_queue_next_length(o->queue), 0);
	KUNIT_EXPECT_EQ(test, put_user_data(o, end - 5, 5), 5);
	KUNIT_EXPECT_EQ(test, klab_queue_next_length(o->queue), 5);
}

/* read() and write() of one buffer: in one piece, in two, without a place. */
static void klab_chardev_queue_buffers_around_the_end(struct kunit *test)
{
	const struct pos_case *c = test->param_value;
	struct opened *o = open_at(test, c->pos, false);
	u8 __user *page = klab_kunit_user_page(test);
	size_t len;

	KUNIT_ASSERT_EQ(test, 0, copy_to_user(page, o->data, PAGE_SIZE));
	for (len = 1; len <= 1000; len += 111) {
		KUNIT_ASSERT_EQ(test, len,
				klab_queue_write(o->file, page, len, NULL));
		KUNIT_ASSERT_EQ(test, len,
				klab_queue_read(o->file, page + SZ_2K, SZ_2K,
						NULL));
		KUNIT_ASSERT_EQ(test, 0, copy_from_user(o->back, page + SZ_2K,
							len));
		KUNIT_ASSERT_MEMEQ(test, o->back, o->data, len);
	}
	KUNIT_EXPECT_EQ(test, 0, klab_queue_write(o->file, page, 0, NULL));
	KUNIT_EXPECT_EQ(test, 0, klab_queue_read(o->file, page, 0, NULL));
	KUNIT_EXPECT_EQ(test, -EAGAIN, klab_queue_read(o->file, page, 1, NULL));
	KUNIT_ASSERT_EQ(test, SZ_4K, put(o, o->data, SZ_4K));
	KUNIT_EXPECT_EQ(test, -EAGAIN,
			klab_queue_write(o->file, page, 1, NULL));
}

static void klab_chardev_queue_buffers_that_end(struct kunit *test)
{
	const struct pos_case *c = test->param_value;
	struct opened *o = open_at(test, c->pos, false);
	u8 __user *end = klab_kunit_user_page(test) + PAGE_SIZE;

	KUNIT_ASSERT_EQ(test, 0, copy_to_user(end - 5, o->data, 5));
	KUNIT_EXPECT_EQ(test, -EFAULT, klab_queue_write(o->file, end, 1, NULL));
	KUNIT_EXPECT_EQ(test, 5, klab_queue_write(o->file, end - 5, 9, NULL));
	KUNIT_EXPECT_EQ(test, -EFAULT, klab_queue_read(o->file, end, 1, NULL));
	KUNIT_EXPECT_EQ(test, 2, klab_queue_read(o->file, end - 2, 9, NULL));
	KUNIT_EXPECT_EQ(test, take(o, o->back, 9), 3);
	KUNIT_EXPECT_MEMEQ(test, o->back, o->data + 2, 3);
}

static void klab_chardev_queue_buffers_of_records(struct kunit *test)
{
	struct opened *o = open_at(test, 0, true);
	u8 __user *page = klab_kunit_user_page(test);

	KUNIT_EXPECT_EQ(test, 5, klab_queue_write(o->file, page, 5, NULL));
	KUNIT_EXPECT_EQ(test, 3, klab_queue_write(o->file, page, 3, NULL));
	KUNIT_EXPECT_EQ(test, -EMSGSIZE,
			klab_queue_read(o->file, page, 4, NULL));
	KUNIT_EXPECT_EQ(test, 5, klab_queue_read(o->file, page, 100, NULL));
	KUNIT_EXPECT_EQ(test, 3, klab_queue_read(o->file, page, 100, NULL));
}

static void klab_chardev_queue_end_after_the_last_writer(struct kunit *test)
{
	struct klab_queue *queue = create(test, SZ_4K);
	struct klab_queue_file *reader, *writers[2];

	reader = klab_queue_file_open(queue, FMODE_READ);
	writers[0] = klab_queue_file_open(queue, FMODE_WRITE);
	writers[1] = klab_queue_file_open(queue, FMODE_WRITE);
	KUNIT_ASSERT_FALSE(test, IS_ERR(reader));
	KUNIT_ASSERT_FALSE(test, IS_ERR(writers[0]));
	KUNIT_ASSERT_FALSE(test, IS_ERR(writers[1]));
	queue->in.pos = 10;
	KUNIT_EXPECT_TRUE(test, klab_queue_readable(reader));
	queue->out.pos = 10;
	klab_queue_file_close(writers[0], FMODE_WRITE);
	KUNIT_EXPECT_FALSE(test, klab_queue_readable(reader));
	klab_queue_file_close(writers[1], FMODE_WRITE);
	KUNIT_EXPECT_TRUE(test, klab_queue_at_end(reader));
	KUNIT_EXPECT_TRUE(test, klab_queue_readable(reader));
	klab_queue_file_close(reader, FMODE_READ);

	reader = klab_queue_file_open(queue, FMODE_READ);
	KUNIT_ASSERT_FALSE(test, IS_ERR(reader));
	KUNIT_EXPECT_FALSE(test, klab_queue_at_end(reader));
	klab_queue_file_close(reader, FMODE_READ);
}

static void klab_chardev_queue_delay_hides_what_was_put(struct kunit *test)
{
	struct opened *o = open_at(test, 0, false);

	klab_queue_set_delay(o->queue, KLAB_QUEUE_DELAY_MAX_MS);
	KUNIT_ASSERT_EQ(test, put(o, o->data, 10), 10);
	KUNIT_EXPECT_EQ(test, take(o, o->back, 10), -EAGAIN);
	KUNIT_EXPECT_TRUE(test, delayed_work_pending(&o->queue->publish));

	/* The time is over. */
	flush_delayed_work(&o->queue->publish);
	KUNIT_EXPECT_EQ(test, take(o, o->back, 4), 4);
	KUNIT_EXPECT_EQ(test, take(o, o->back, 4), -EAGAIN);
	KUNIT_EXPECT_TRUE(test, delayed_work_pending(&o->queue->publish));
	flush_delayed_work(&o->queue->publish);
	KUNIT_EXPECT_EQ(test, take(o, o->back, 10), 6);

	/* Nothing is left that could be published; the next one waits again. */
	KUNIT_EXPECT_FALSE(test, delayed_work_pending(&o->queue->publish));
	KUNIT_ASSERT_EQ(test, put(o, o->data, 1), 1);
	KUNIT_EXPECT_EQ(test, take(o, o->back, 10), -EAGAIN);
	klab_queue_set_delay(o->queue, 0);
	flush_delayed_work(&o->queue->publish);
	KUNIT_EXPECT_EQ(test, take(o, o->back, 10), 1);
}

/* The time runs from the write, not from when it was set. */
static void klab_chardev_queue_delay_begins_with_a_write(struct kunit *test)
{
	struct opened *o = open_at(test, 0, false);
	struct klab_queue *queue = o->queue;

	klab_queue_set_delay(queue, KLAB_QUEUE_DELAY_MAX_MS);
	KUNIT_EXPECT_FALSE(test, delayed_work_pending(&queue->publish));
	KUNIT_ASSERT_EQ(test, put(o, o->data, 10), 10);
	KUNIT_EXPECT_TRUE(test, delayed_work_pending(&queue->publish));

	/* One that runs is replaced, or ended where it is for nothing. */
	klab_queue_set_delay(queue, KLAB_QUEUE_DELAY_MAX_MS / 2);
	KUNIT_EXPECT_TRUE(test, delayed_work_pending(&queue->publish));
	queue->out.pos = queue->in.pos;
	klab_queue_set_delay(queue, KLAB_QUEUE_DELAY_MAX_MS);
	KUNIT_EXPECT_FALSE(test, delayed_work_pending(&queue->publish));
}

/* Those count milliseconds, timers count jiffies, whatever their length. */
static void klab_chardev_queue_delay_is_in_milliseconds(struct kunit *test)
{
	struct opened *o = open_at(test, 0, false);
	struct timer_list *timer = &o->queue->publish.timer;
	unsigned long longest = msecs_to_jiffies(1000) + 1;
	unsigned long before = jiffies;

	klab_queue_set_delay(o->queue, 1000);
	KUNIT_EXPECT_EQ(test, klab_queue_delay(o->queue), longest);
	KUNIT_ASSERT_EQ(test, put(o, o->data, 1), 1);
	if (timer_pending(timer)) {
		KUNIT_EXPECT_GE(test, timer->expires - before,
				msecs_to_jiffies(1000));
		KUNIT_EXPECT_LE(test, (long)(timer->expires - jiffies),
				(long)longest);
	}
	klab_queue_set_delay(o->queue, 0);
	KUNIT_EXPECT_EQ(test, klab_queue_delay(o->queue), 0);
}

/* That the time is over says nothing while there is nothing. */
static void klab_chardev_queue_delay_of_nothing(struct kunit *test)
{
	struct opened *o = open_at(test, 0, false);

	klab_queue_set_delay(o->queue, KLAB_QUEUE_DELAY_MAX_MS);
	KUNIT_ASSERT_EQ(test, put(o, o->data, 10), 10);
	o->queue->out.pos = o->queue->in.pos;
	flush_delayed_work(&o->queue->publish);
	KUNIT_ASSERT_EQ(test, put(o, o->data, 10), 10);
	KUNIT_EXPECT_EQ(test, take(o, o->back, 10), -EAGAIN);
	KUNIT_EXPECT_TRUE(test, delayed_work_pending(&o->queue->publish));
}

static void klab_chardev_queue_mode_changes_when_idle(struct kunit *test)
{
	struct klab_queue *queue = create(test, SZ_4K);
	struct klab_queue_file *file;

	file = klab_queue_file_open(queue, FMODE_READ);
	KUNIT_ASSERT_FALSE(test, IS_ERR(file));
	KUNIT_EXPECT_EQ(test, klab_queue_set_records(queue, true), -EBUSY);
	klab_queue_file_close(file, FMODE_READ);
	queue->in.pos++;
	KUNIT_EXPECT_EQ(test, klab_queue_set_records(queue, true), -EBUSY);
	queue->out.pos++;
	KUNIT_EXPECT_EQ(test, klab_queue_set_records(queue, true), 0);
}

static void klab_chardev_queue_counts(struct kunit *test)
{
	struct opened *o = open_at(test, 0, true);

	KUNIT_ASSERT_EQ(test, put(o, o->data, 3), 3);
	KUNIT_ASSERT_EQ(test, put(o, o->data, 4), 4);
	KUNIT_ASSERT_EQ(test, take(o, o->back, 3), 3);
	KUNIT_ASSERT_EQ(test, take(o, o->back, 1), -EMSGSIZE);
	KUNIT_EXPECT_EQ(test, o->queue->in.bytes, 7);
	KUNIT_EXPECT_EQ(test, o->queue->in.calls, 2);
	KUNIT_EXPECT_EQ(test, o->queue->out.bytes, 3);
	KUNIT_EXPECT_EQ(test, o->queue->out.calls, 1);
	KUNIT_EXPECT_EQ(test, o->queue->out.waits, 0);
}

static void klab_chardev_queue_bad_size_is_refused(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, PTR_ERR(klab_queue_create(SZ_4K - 1)), -EINVAL);
	KUNIT_EXPECT_EQ(test, PTR_ERR(klab_queue_create(SZ_32M)), -EINVAL);
}

static int create_device(struct kunit *test)
{
	struct klab_queue_dev *qdev;
	dev_t devt;
	int err;

	err = alloc_chrdev_region(&devt, 40, 1, "klab-queue-test");
	if (err)
		return err;
	qdev = klab_queue_dev_create(SZ_4K, devt);
	err = PTR_ERR_OR_ZERO(qdev);
	if (!err)
		klab_queue_dev_destroy(qdev);
	unregister_chrdev_region(devt, 1);
	return err;
}

static void klab_chardev_queue_device_without_memory(struct kunit *test)
{
	klab_kunit_each_failure(test, create_device);
}

static int open_and_close(struct kunit *test)
{
	struct klab_queue_file *file;

	file = klab_queue_file_open(test->priv, FMODE_WRITE);
	if (IS_ERR(file))
		return PTR_ERR(file);
	klab_queue_file_close(file, FMODE_WRITE);
	return 0;
}

static void klab_chardev_queue_open_without_memory(struct kunit *test)
{
	struct klab_queue *queue = create(test, SZ_4K);

	test->priv = queue;
	klab_kunit_each_failure(test, open_and_close);
	KUNIT_EXPECT_EQ(test, queue->opens, 0);
	KUNIT_EXPECT_EQ(test, queue->writers, 0);
}

/**
 * struct device_open - what an open() of a device is given
 * @inode: has the number
 * @file: knows no more than what the functions look at
 */
struct device_open {
	struct inode inode;
	struct file file;
};

static struct klab_queue_dev *the_device(struct kunit *test, dev_t devt)
{
	struct klab_queue_dev *qdev = klab_queue_dev_create(SZ_4K, devt);

	KUNIT_EXPECT_FALSE_MSG(test, IS_ERR(qdev), "%pe", qdev);
	return qdev;
}

static int open_device(struct kunit *test)
{
	struct device_open *o = test->priv;
	int err = klab_queue_fops.open(&o->inode, &o->file);

	if (!err)
		klab_queue_fops.release(&o->inode, &o->file);
	return err;
}

static void klab_chardev_queue_device_open_without_memory(struct kunit *test)
{
	struct device_open *o = kunit_kzalloc(test, sizeof(*o), GFP_KERNEL);
	struct klab_queue_dev *qdev;
	unsigned int refs;
	dev_t devt;

	KUNIT_ASSERT_NOT_NULL(test, o);
	KUNIT_ASSERT_EQ(test, 0,
			alloc_chrdev_region(&devt, 40, 2, "klab-queue-test"));
	o->inode.i_rdev = devt;
	o->file.f_mode = FMODE_WRITE;
	test->priv = o;
	qdev = the_device(test, devt);
	if (!IS_ERR(qdev)) {
		refs = kref_read(&qdev->dev.kobj.kref);
		klab_kunit_each_failure(test, open_device);
		KUNIT_EXPECT_EQ(test, qdev->queue->opens, 0);
		KUNIT_EXPECT_EQ(test, kref_read(&qdev->dev.kobj.kref), refs);
		o->inode.i_rdev = devt + 1;
		KUNIT_EXPECT_EQ(test, open_device(test), -ENXIO);
		klab_queue_dev_destroy(qdev);
	}
	unregister_chrdev_region(devt, 2);
}

/* Who could open it now would be left alone when init fails later. */
static void klab_chardev_queue_cannot_be_opened_by_its_device(struct kunit *test)
{
	struct device_open *o = kunit_kzalloc(test, sizeof(*o), GFP_KERNEL);
	struct klab_queue_dev *qdev;
	dev_t devt;

	KUNIT_ASSERT_NOT_NULL(test, o);
	KUNIT_ASSERT_EQ(test, 0,
			alloc_chrdev_region(&devt, 40, 1, "klab-queue-test"));
	qdev = the_device(test, devt);
	if (!IS_ERR(qdev)) {
		init_special_inode(&o->inode, S_IFCHR, devt);
		KUNIT_EXPECT_EQ(test, o->inode.i_fop->open(&o->inode, &o->file),
				-ENXIO);
		klab_queue_dev_destroy(qdev);
	}
	unregister_chrdev_region(devt, 1);
}

static int signals_on_and_off(struct kunit *test)
{
	struct opened *o = test->priv;
	int err;

	err = klab_queue_fasync(1, o->file, 1);
	/* Both ends or none. */
	KUNIT_EXPECT_EQ(test, !o->queue->in.fasync, !o->queue->out.fasync);
	KUNIT_EXPECT_EQ(test, !o->queue->in.fasync, err < 0);
	if (err < 0)
		return err;
	klab_queue_fasync(-1, o->file, 0);
	KUNIT_EXPECT_NULL(test, o->queue->in.fasync);
	KUNIT_EXPECT_NULL(test, o->queue->out.fasync);
	return 0;
}

static void klab_chardev_queue_signals_without_memory(struct kunit *test)
{
	struct opened *o = open_at(test, 0, false);

	spin_lock_init(&o->file->f_lock);
	test->priv = o;
	klab_kunit_each_failure(test, signals_on_and_off);
}

static struct kunit_case klab_chardev_queue_cases[] = {
	KUNIT_CASE_PARAM(klab_chardev_queue_bytes_of_every_length,
			 pos_gen_params),
	KUNIT_CASE_PARAM(klab_chardev_queue_fills_to_the_last_byte,
			 pos_gen_params),
	KUNIT_CASE_PARAM(klab_chardev_queue_records_of_every_length,
			 pos_gen_params),
	KUNIT_CASE(klab_chardev_queue_record_limits),
	KUNIT_CASE(klab_chardev_queue_small_write_is_whole_or_nothing),
	KUNIT_CASE_PARAM(klab_chardev_queue_writable_when_promised,
			 room_gen_params),
	KUNIT_CASE(klab_chardev_queue_promises_nothing_between_moves),
	KUNIT_CASE(klab_chardev_queue_nowait_tries_the_locks),
	KUNIT_CASE_PARAM(klab_chardev_queue_who_missed_the_lock_is_woken,
			 missed_gen_params),
	KUNIT_CASE(klab_chardev_queue_writer_who_missed_the_lock_is_woken),
	KUNIT_CASE(klab_chardev_queue_fault_keeps_what_is_not_delivered),
	KUNIT_CASE(klab_chardev_queue_fault_keeps_a_record),
	KUNIT_CASE(klab_chardev_queue_fault_puts_what_could_be_read),
	KUNIT_CASE(klab_chardev_queue_fault_puts_no_piece_of_a_record),
	KUNIT_CASE_PARAM(klab_chardev_queue_buffers_around_the_end,
			 pos_gen_params),
	KUNIT_CASE_PARAM(klab_chardev_queue_buffers_that_end, pos_gen_params),
	KUNIT_CASE(klab_chardev_queue_buffers_of_records),
	KUNIT_CASE(klab_chardev_queue_end_after_the_last_writer),
	KUNIT_CASE(klab_chardev_queue_delay_hides_what_was_put),
	KUNIT_CASE(klab_chardev_queue_delay_begins_with_a_write),
	KUNIT_CASE(klab_chardev_queue_delay_is_in_milliseconds),
	KUNIT_CASE(klab_chardev_queue_delay_of_nothing),
	KUNIT_CASE(klab_chardev_queue_mode_changes_when_idle),
	KUNIT_CASE(klab_chardev_queue_counts),
	KUNIT_CASE(klab_chardev_queue_bad_size_is_refused),
	KUNIT_CASE(klab_chardev_queue_device_without_memory),
	KUNIT_CASE(klab_chardev_queue_open_without_memory),
	KUNIT_CASE(klab_chardev_queue_device_open_without_memory),
	KUNIT_CASE(klab_chardev_queue_cannot_be_opened_by_its_device),
	KUNIT_CASE(klab_chardev_queue_signals_without_memory),
	{}
};

static struct kunit_suite klab_chardev_queue_suite = {
	.name = "klab_chardev_queue",
	.test_cases = klab_chardev_queue_cases,
};

kunit_test_suite(klab_chardev_queue_suite);

MODULE_DESCRIPTION("klab: KUnit tests for the queue device");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS(EXPORTED_FOR_KUNIT_TESTING);
