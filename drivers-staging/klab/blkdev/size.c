// SPDX-License-Identifier: GPL-2.0-only
/*
 * The size of a disk, which may change while the disk is used, and what lies
 * behind its end then.
 */
#include <linux/blk-mq.h>
#include <linux/blkdev.h>
#include <linux/buffer_head.h>
#include <linux/device.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/fs.h>
#include <linux/kobject.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/rcupdate.h>
#include <linux/xarray.h>

#include <kunit/visibility.h>

#include "blkdev.h"

/**
 * klab_disk_set_sectors() - set what the disk itself takes for its size
 * @disk: the disk
 * @sectors: its size
 *
 * All I/O that began before is over when this returns.
 *
 * Context: process context, may sleep.
 */
void klab_disk_set_sectors(struct klab_disk *disk, sector_t sectors)
{
	/* Nothing goes on in a queue that is frozen: nobody sees half of it. */
	blk_mq_freeze_queue(disk->gendisk->queue);
	disk->sectors = sectors;
	blk_mq_unfreeze_queue(disk->gendisk->queue);
}

/**
 * klab_disk_zero() - zero a part of a disk that has no file
 * @disk: the disk
 * @pos: first byte
 * @len: number of bytes
 *
 * The last page goes as a whole, also where the disk ends in it.
 *
 * Context: process context, may sleep.
 */
void klab_disk_zero(struct klab_disk *disk, u64 pos, u64 len)
{
	u64 end = pos + len;

	if (end >> SECTOR_SHIFT == disk->sectors)
		end = round_up(end, PAGE_SIZE);
	klab_store_zero(&disk->store, pos, end - pos);
}

/**
 * klab_disk_each_part() - do something with each part of a disk
 * @gendisk: the disk
 * @first: 0 for the disk itself and its partitions, 1 for these
 * @call: what; may sleep
 * @data: for @call
 *
 * Context: process context, may sleep.
 */
void klab_disk_each_part(struct gendisk *gendisk, unsigned long first,
			 void (*call)(struct block_device *part, void *data),
			 void *data)
{
	struct block_device *part;
	unsigned long index;

	rcu_read_lock();
	xa_for_each_start(&gendisk->part_tbl, index, part, first) {
		if (!kobject_get_unless_zero(&part->bd_device.kobj))
			continue;
		rcu_read_unlock();
		call(part, data);
		put_device(&part->bd_device);
		rcu_read_lock();
	}
	rcu_read_unlock();
}

static void klab_size_write_back(struct block_device *part, void *size)
{
	sync_blockdev(part);
}

/*
 * The block layer leaves in the page cache what was behind the end, for ever.
 * Dirty pages are some there, too: who is writing does not look at the end a
 * second time. Of a file system they are left to it.
 */
static void klab_size_forget(struct block_device *part, void *size)
{
	u64 end = *(u64 *)size, start = part->bd_start_sect << SECTOR_SHIFT;

	end = end > start ? end - start : 0;
	if (!bd_prepare_to_claim(part, klab_size_forget, NULL)) {
		truncate_inode_pages_range(part->bd_mapping, end, -1);
		bd_abort_claiming(part, klab_size_forget);
		return;
	}
	/* Buffers that were looked up lately are not released. */
	invalidate_bh_lrus();
	invalidate_inode_pages2_range(part->bd_mapping, end >> PAGE_SHIFT, -1);
}

/* There is nothing in the last page behind the end, which goes with it. */
static void klab_size_drop(struct klab_disk *disk, u64 size, u64 before)
{
	klab_store_zero(&disk->store, size,
			round_up(before, PAGE_SIZE) - size);
}

/**
 * klab_disk_resize() - give a disk another size
 * @disk: the disk, with what it holds
 * @size: its new size
 *
 * What lies beyond the new end is gone for good, from the page cache as well,
 * unless a file system holds it there.
 *
 * Context: process context, may sleep; one at a time.
 * Return: 0, -EINVAL if that size is not possible, or -EBUSY if it is that of
 * a file.
 */
int klab_disk_resize(struct klab_disk *disk, u64 size)
{
	struct klab_disk_settings settings = disk->settings;
	u64 before = settings.size;
	int err;

	settings.size = size;
	err = settings.file ? -EBUSY : klab_disk_check(&settings);
	if (err)
		return err;
	if (klab_media_is_out(disk)) {
		if (size < before)
			klab_size_drop(disk, size, before);
		disk->settings.size = size;
		return 0;
	}
	/* What is dirty behind the end would stay so, and never be written. */
	if (size < before)
		klab_disk_each_part(disk->gendisk, 0, klab_size_write_back,
				    &size);
	/* At no time is there a sector that the block layer alone knows of. */
	if (size > before) {
		klab_disk_each_part(disk->gendisk, 0, klab_size_forget,
				    &before);
		klab_disk_set_sectors(disk, size >> SECTOR_SHIFT);
	}
	set_capacity_and_notify(disk->gendisk, size >> SECTOR_SHIFT);
	if (size < before) {
		klab_disk_set_sectors(disk, size >> SECTOR_SHIFT);
		klab_size_drop(disk, size, before);
		klab_disk_each_part(disk->gendisk, 0, klab_size_forget, &size);
	}
	disk->settings.size = size;
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(klab_disk_resize);
