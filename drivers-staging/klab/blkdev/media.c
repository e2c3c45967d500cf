// SPDX-License-Identifier: GPL-2.0-only
/*
 * Removable media: a disk stays when what it holds is taken out.
 *
 * Who has a medium open when it goes must not get at the next one. Such a disk
 * is stale: it fails all I/O until everybody has closed it.
 */
#include <linux/blkdev.h>
#include <linux/cleanup.h>
#include <linux/compiler.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/file.h>
#include <linux/kobject.h>
#include <linux/mutex.h>
#include <linux/workqueue.h>

#include <kunit/visibility.h>

#include "blkdev.h"

/**
 * klab_media_prepare() - what the block layer has to know of a removable disk
 * @gendisk: the disk, not added yet
 *
 * Context: any.
 */
void klab_media_prepare(struct gendisk *gendisk)
{
	gendisk->flags |= GENHD_FL_REMOVABLE;
	gendisk->events = DISK_EVENT_MEDIA_CHANGE | DISK_EVENT_EJECT_REQUEST;
	gendisk->event_flags = DISK_EVENT_FLAG_UEVENT;
}

/**
 * klab_media_open() - may a disk be opened
 * @disk: the disk
 * @mode: what for
 *
 * Context: process context, open_mutex is held.
 * Return: 0, or -ENOMEDIUM if there is none and @mode says that this matters.
 */
int klab_media_open(struct klab_disk *disk, blk_mode_t mode)
{
	if (test_bit(KLAB_DISK_EMPTY, &disk->special) &&
	    !(mode & BLK_OPEN_NDELAY))
		return -ENOMEDIUM;
	return 0;
}

/**
 * klab_media_closed() - nobody has the disk open any more
 * @disk: the disk
 *
 * As long as it was stale its partitions could not be looked for, and those of
 * the old medium stayed: the first to open one of them would have written with
 * it to the new medium.
 *
 * Context: process context, may sleep; open_mutex is held.
 */
void klab_media_closed(struct klab_disk *disk)
{
	struct gendisk *gendisk = disk->gendisk;

	if (!test_and_clear_bit(KLAB_DISK_STALE, &disk->special))
		return;
	bdev_disk_changed(gendisk, false);
	/* Who opens it next may give its blocks another size. */
	invalidate_bdev(gendisk->part0);
}

/* An open looks at the partitions anew, or finds that there are none. */
static void klab_media_rescan(struct klab_disk *disk)
{
	struct file *file;

	set_bit(GD_NEED_PART_SCAN, &disk->gendisk->state);
	file = bdev_file_open_by_dev(disk_devt(disk->gendisk), BLK_OPEN_READ,
				     NULL, NULL);
	if (!IS_ERR(file))
		fput(file);
}

/*
 * The block layer sees to users of the disk itself. It keeps partitions as long
 * as one of them is open.
 */
static void klab_media_kill_partition(struct block_device *part, void *unused)
{
	bdev_mark_dead(part, true);
}

/*
 * Who needs no medium may have opened the disk since it was found that nobody
 * had, and may have in memory what was meant for this one. Who opens it from
 * now on finds that it has no size.
 */
static void klab_media_note_users(struct klab_disk *disk)
{
	guard(mutex)(&disk->gendisk->open_mutex);
	if (disk_openers(disk->gendisk))
		set_bit(KLAB_DISK_STALE, &disk->special);
}

static void klab_media_changed(struct klab_disk *disk, sector_t sectors)
{
	klab_disk_set_sectors(disk, sectors);
	set_capacity_and_notify(disk->gendisk, sectors);
	/* Before user space is told, and opens it to look. */
	if (!sectors)
		klab_media_note_users(disk);
	disk_force_media_change(disk->gendisk);
	klab_disk_each_part(disk->gendisk, 1, klab_media_kill_partition, NULL);
	klab_media_rescan(disk);
}

/* As the button of a drive does that is locked. */
static void klab_media_request(struct klab_disk *disk)
{
	kobject_uevent_env(&disk_to_dev(disk->gendisk)->kobj, KOBJ_CHANGE,
			   (char *[]) { "DISK_EJECT_REQUEST=1", NULL });
}

static int klab_media_take_out(struct klab_disk *disk, bool force)
{
	guard(mutex)(&disk->gendisk->open_mutex);
	if (test_bit(KLAB_DISK_EMPTY, &disk->special))
		return -ENOMEDIUM;
	if (disk_openers(disk->gendisk)) {
		if (!force)
			return -EBUSY;
		set_bit(KLAB_DISK_STALE, &disk->special);
	}
	set_bit(KLAB_DISK_EMPTY, &disk->special);
	return 0;
}

/* A partition that is open now was opened as its medium was on its way out. */
static void klab_media_put_in(struct klab_disk *disk)
{
	guard(mutex)(&disk->gendisk->open_mutex);
	if (disk->gendisk->open_partitions)
		set_bit(KLAB_DISK_STALE, &disk->special);
	clear_bit(KLAB_DISK_EMPTY, &disk->special);
}

/* The medium has gone: what it did not get in time it does not get. */
static void klab_media_close_file(struct klab_disk *disk)
{
	if (!disk->backing)
		return;
	flush_work(&disk->save);
	/* A save walks over the pages. */
	guard(mutex)(&disk->save_lock);
	klab_store_zero(&disk->store, 0,
			round_up(disk->backing->size, PAGE_SIZE));
	klab_backing_destroy(disk->backing);
	disk->backing = NULL;
}

/**
 * klab_media_eject() - take the medium out
 * @disk: a removable disk
 * @force: also if it is used
 *
 * Context: process context, may sleep; one at a time.
 * Return: 0; -ENOMEDIUM if there is none; -EBUSY if it is used, of which user
 * space is told that somebody wants it ejected; -ENOTTY for another disk; an
 * error of its file, for which it stays, as not all of it could be saved.
 */
int klab_media_eject(struct klab_disk *disk, bool force)
{
	int err;

	if (!disk->settings.removable)
		return -ENOTTY;
	err = klab_media_take_out(disk, force);
	if (err == -EBUSY)
		klab_media_request(disk);
	if (err)
		return err;
	/* Nobody writes any more. */
	err = force ? 0 : klab_disk_have_saved(disk);
	if (err) {
		clear_bit(KLAB_DISK_EMPTY, &disk->special);
		return err;
	}
	klab_media_changed(disk, 0);
	klab_media_close_file(disk);
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(klab_media_eject);

/**
 * klab_media_insert() - put a medium in
 * @disk: a removable disk
 * @blank: one that holds nothing, instead of that which was taken out
 *
 * Context: process context, may sleep; one at a time.
 * Return: 0; -EBUSY if there is one; -ENOTTY for another disk; -EINVAL for a
 * blank file, or one of no size; -ENOMEM.
 */
int klab_media_insert(struct klab_disk *disk, bool blank)
{
	int err;

	if (!disk->settings.removable)
		return -ENOTTY;
	if (!test_bit(KLAB_DISK_EMPTY, &disk->special))
		return -EBUSY;
	if (blank && disk->settings.file)
		return -EINVAL;
	err = klab_disk_open_backing(disk);
	if (err)
		return err;
	if (blank)
		klab_store_zero(&disk->store, 0, KLAB_DISK_SIZE_MAX);
	klab_media_put_in(disk);
	klab_media_changed(disk, disk->settings.size >> SECTOR_SHIFT);
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(klab_media_insert);

/**
 * klab_media_set_file() - which file the next medium is
 * @disk: a disk without a medium
 * @file: the file, which the caller keeps, or NULL for memory
 *
 * Context: process context; one at a time.
 */
void klab_media_set_file(struct klab_disk *disk, struct file *file)
{
	/* Who closes the disk or saves it looks whether there is one. */
	WRITE_ONCE(disk->settings.file, file);
}

/**
 * klab_media_is_out() - is there no medium
 * @disk: the disk
 *
 * Context: any.
 * Return: true if there is none.
 */
bool klab_media_is_out(const struct klab_disk *disk)
{
	return test_bit(KLAB_DISK_EMPTY, &disk->special);
}
EXPORT_SYMBOL_IF_KUNIT(klab_media_is_out);
