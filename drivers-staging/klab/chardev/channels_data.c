// SPDX-License-Identifier: GPL-2.0-only
/*
 * Channels from a file: what was written to one.
 */
#include <linux/cleanup.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uio.h>

#include <kunit/visibility.h>

#include "channels.h"

/**
 * klab_channel_data_init() - makes an empty store
 * @data: the store
 * @size: how many bytes it may keep
 *
 * Context: any.
 */
void klab_channel_data_init(struct klab_channel_data *data, size_t size)
{
	mutex_init(&data->lock);
	data->size = size;
}
EXPORT_SYMBOL_IF_KUNIT(klab_channel_data_init);

/**
 * klab_channel_data_free() - frees a store and what is in it
 * @data: nobody uses it any more
 *
 * Context: process, may sleep.
 */
void klab_channel_data_free(struct klab_channel_data *data)
{
	mutex_destroy(&data->lock);
	kvfree(data->bytes);
}
EXPORT_SYMBOL_IF_KUNIT(klab_channel_data_free);

/**
 * klab_channel_data_read() - reads from a store
 * @data: the store
 * @pos: where to begin; moved on
 * @to: gets the bytes
 *
 * Context: process, may sleep.
 * Return: number of bytes, 0 at the end, -EFAULT, -ERESTARTSYS.
 */
ssize_t klab_channel_data_read(struct klab_channel_data *data, loff_t *pos,
			       struct iov_iter *to)
{
	ssize_t ret = 0;

	if (mutex_lock_interruptible(&data->lock))
		return -ERESTARTSYS;

	if (*pos < data->length && iov_iter_count(to)) {
		ret = copy_to_iter(data->bytes + *pos,
				   min_t(u64, iov_iter_count(to),
					 data->length - *pos), to);
		if (ret)
			*pos += ret;
		else
			ret = -EFAULT;
	}
	mutex_unlock(&data->lock);
	return ret;
}
EXPORT_SYMBOL_IF_KUNIT(klab_channel_data_read);

/*
 * Twice as much each time, so that many small writes copy little. The memory is
 * the writer's, as far as there is an account of it.
 */
static int grow(struct klab_channel_data *data, size_t need, size_t size)
{
	size_t room = min(roundup_pow_of_two(need), max(need, size));
	u8 *bytes;

	if (need <= data->room)
		return 0;

	bytes = kvzalloc(room, GFP_KERNEL_ACCOUNT);
	if (!bytes)
		return -ENOMEM;
	if (data->length)
		memcpy(bytes, data->bytes, data->length);
	kvfree(data->bytes);
	data->bytes = bytes;
	data->room = room;
	return 0;
}

static ssize_t put(struct klab_channel_data *data, loff_t *pos,
		   struct iov_iter *from)
{
	size_t size = READ_ONCE(data->size);
	size_t count, copied;
	int err;

	if (!iov_iter_count(from))
		return 0;
	if (*pos >= size)
		return -ENOSPC;
	count = min_t(u64, iov_iter_count(from), size - *pos);
	err = grow(data, *pos + count, size);
	if (err)
		return err;

	/* An earlier write that was cut short may have left something there. */
	if (*pos > data->length)
		memset(data->bytes + data->length, 0, *pos - data->length);
	copied = copy_from_iter(data->bytes + *pos, count, from);
	if (!copied)
		return -EFAULT;
	*pos += copied;
	WRITE_ONCE(data->length, max_t(size_t, data->length, *pos));
	return copied;
}

/**
 * klab_channel_data_write() - writes to a store
 * @data: the store
 * @pos: where to begin; moved on. A gap before it is filled with zeros
 * @from: the bytes
 * @append: begin at the end, whatever @pos is
 *
 * Context: process, may sleep.
 * Return: number of bytes, fewer than @from has where they do not fit; -ENOSPC
 * where none does; -ENOMEM, -EFAULT, -ERESTARTSYS.
 */
ssize_t klab_channel_data_write(struct klab_channel_data *data, loff_t *pos,
				struct iov_iter *from, bool append)
{
	ssize_t ret;

	if (mutex_lock_interruptible(&data->lock))
		return -ERESTARTSYS;

	if (append)
		*pos = data->length;
	ret = put(data, pos, from);
	mutex_unlock(&data->lock);
	return ret;
}
EXPORT_SYMBOL_IF_KUNIT(klab_channel_data_write);

/**
 * klab_channel_data_truncate() - forgets what was written
 * @data: the store
 *
 * Context: process, may sleep.
 * Return: 0 or -ERESTARTSYS.
 */
int klab_channel_data_truncate(struct klab_channel_data *data)
{
	u8 *bytes;

	if (mutex_lock_interruptible(&data->lock))
		return -ERESTARTSYS;

	bytes = data->bytes;
	data->bytes = NULL;
	data->room = 0;
	WRITE_ONCE(data->length, 0);
	mutex_unlock(&data->lock);
	kvfree(bytes);
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(klab_channel_data_truncate);
