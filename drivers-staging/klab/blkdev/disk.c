// SPDX-License-Identifier: GPL-2.0-only
/*
 * A disk, from its making to its end, and what does not depend on its front
 * end: limits, size, write protection, geometry.
 */
#include <linux/blk-mq.h>
#include <linux/blkdev.h>
#include <linux/cleanup.h>
#include <linux/compiler.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/hdreg.h>
#include <linux/limits.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/mutex.h>
#include <linux/numa.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/sprintf.h>
#include <linux/workqueue.h>

#include <kunit/visibility.h>

#include "blkdev.h"

/* What old tools are told, as they ask for it. */
#define KLAB_DISK_HEADS		4
#define KLAB_DISK_TRACK		16

/* So much is zeroed by one bio, in multiples of any size of a block. */
#define KLAB_DISK_ZERO_MAX	(round_down(UINT_MAX, SZ_4K) >> SECTOR_SHIFT)

/**
 * klab_disk_limits() - limits of a disk's queue
 * @settings: what the disk is to be
 * @lim: filled
 *
 * Context: any.
 */
void klab_disk_limits(const struct klab_disk_settings *settings,
		      struct queue_limits *lim)
{
	*lim = (struct queue_limits) {
		.features = BLK_FEAT_SYNCHRONOUS | BLK_FEAT_NOWAIT,
		.logical_block_size = settings->block_size,
		.physical_block_size = settings->block_size,
		.max_hw_sectors = KLAB_DISK_IO_MAX >> SECTOR_SHIFT,
		.max_segments = settings->mode == KLAB_DISK_SEGMENT ?
				1 : USHRT_MAX,
		.max_segment_size = KLAB_DISK_IO_MAX,
		.max_hw_discard_sectors = KLAB_DISK_ZERO_MAX,
		.max_write_zeroes_sectors = KLAB_DISK_ZERO_MAX,
		.discard_granularity = PAGE_SIZE,
		/*
		 * Memory is copied; it may begin at any word. But a block over
		 * the end of a page is not one segment, and cannot be split.
		 */
		.dma_alignment = settings->mode == KLAB_DISK_SEGMENT ?
				 settings->block_size - 1 : 3,
	};
	if (!settings->file)
		return;
	lim->features &= ~BLK_FEAT_SYNCHRONOUS;
	if (settings->write_cache)
		lim->features |= BLK_FEAT_WRITE_CACHE | BLK_FEAT_FUA;
}
EXPORT_SYMBOL_IF_KUNIT(klab_disk_limits);

/**
 * klab_disk_open() - somebody opens the disk or a partition of it
 * @gendisk: the disk
 * @mode: what for
 *
 * Context: process context, open_mutex is held.
 * Return: 0, -ENXIO if it is about to go, or that of klab_media_open().
 */
int klab_disk_open(struct gendisk *gendisk, blk_mode_t mode)
{
	struct klab_disk *disk = gendisk->private_data;

	return disk->going ? -ENXIO : klab_media_open(disk, mode);
}

/**
 * klab_disk_getgeo() - a geometry whose product is the size of the disk
 * @bdev: the disk or a partition of it
 * @geo: filled but for the start, which the block layer knows
 *
 * Context: any.
 * Return: 0.
 */
int klab_disk_getgeo(struct block_device *bdev, struct hd_geometry *geo)
{
	u64 cylinders = get_capacity(bdev->bd_disk);

	do_div(cylinders, KLAB_DISK_HEADS * KLAB_DISK_TRACK);
	geo->heads = KLAB_DISK_HEADS;
	geo->sectors = KLAB_DISK_TRACK;
	/* That of a larger disk has no place; tools know what this means. */
	geo->cylinders = min_t(u64, cylinders, USHRT_MAX);
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(klab_disk_getgeo);

/**
 * klab_disk_release() - somebody has closed the disk or a partition of it
 * @gendisk: the disk
 *
 * Context: process context, may sleep; open_mutex is held, under which no file
 * can be written.
 */
void klab_disk_release(struct gendisk *gendisk)
{
	struct klab_disk *disk = gendisk->private_data;

	/* It may have been removed meanwhile. */
	if (!disk || disk_openers(gendisk))
		return;
	klab_media_closed(disk);
	if (READ_ONCE(disk->settings.file) && disk->settings.write_cache)
		queue_work(disk->workqueue, &disk->save);
}

/*
 * Memory may wait for what is written to a disk in memory. A file system has
 * queues of its own that nothing of such importance may wait for; and one that
 * hangs is to stop no other disk.
 */
static int klab_disk_make_workqueue(struct klab_disk *disk, unsigned int number)
{
	disk->workqueue = klab_disk_memory_workqueue;
	if (!disk->settings.file)
		return 0;
	disk->workqueue = alloc_workqueue("klab-disk%u",
					  WQ_UNBOUND | WQ_FREEZABLE, 0, number);
	return disk->workqueue ? 0 : -ENOMEM;
}

static void klab_disk_destroy_workqueue(struct klab_disk *disk)
{
	if (disk->workqueue != klab_disk_memory_workqueue)
		destroy_workqueue(disk->workqueue);
}

static void klab_disk_destroy(struct klab_disk *disk)
{
	klab_disk_destroy_workqueue(disk);
	klab_backing_destroy(disk->backing);
	mutex_destroy(&disk->save_lock);
	if (klab_disk_has_queue(disk))
		blk_mq_free_tag_set(&disk->tags);
	klab_store_destroy(&disk->store);
	kfree(disk);
}

/**
 * klab_disk_judge() - decide what is to become of an I/O
 * @disk: the disk, in whose queue it has arrived
 * @op: what is to be done
 * @sector: where
 * @sectors: with how many sectors
 * @verdict: filled
 *
 * Context: any but hard interrupts.
 * Return: true if it is to be done at once and as it should.
 */
bool klab_disk_judge(struct klab_disk *disk, enum req_op op, sector_t sector,
		     sector_t sectors, struct klab_verdict *verdict)
{
	*verdict = (struct klab_verdict) { .status = BLK_STS_IOERR };
	/* A flush is of no place. */
	if (op != REQ_OP_FLUSH && !klab_disk_has(disk, sector, sectors))
		return false;
	if (test_bit(KLAB_DISK_EMPTY, &disk->special) ||
	    test_bit(KLAB_DISK_STALE, &disk->special))
		return false;
	if (op_is_write(op) && test_bit(KLAB_DISK_READ_ONLY, &disk->special))
		return false;
	verdict->status = BLK_STS_OK;
	if (!test_bit(KLAB_DISK_FAULTY, &disk->special))
		return true;
	klab_faults_judge(disk->faults, op, sector, sectors, verdict);
	return !verdict->status && !verdict->delay_us && !verdict->hang &&
	       !verdict->lost;
}
EXPORT_SYMBOL_IF_KUNIT(klab_disk_judge);

static struct gendisk *klab_disk_alloc_gendisk(struct klab_disk *disk)
{
	struct queue_limits lim;
	struct gendisk *gendisk;

	klab_disk_limits(&disk->settings, &lim);
	if (klab_disk_has_queue(disk)) {
		gendisk = blk_mq_alloc_disk(&disk->tags, &lim, disk);
		if (!IS_ERR(gendisk))
			gendisk->fops = &klab_mq_disk_ops;
	} else {
		gendisk = blk_alloc_disk(&lim, NUMA_NO_NODE);
		if (!IS_ERR(gendisk))
			gendisk->fops = &klab_bio_ops;
	}
	return gendisk;
}

static void klab_disk_name(struct klab_disk *disk, unsigned int number)
{
	struct gendisk *gendisk = disk->gendisk;

	snprintf(gendisk->disk_name, DISK_NAME_LEN, "klab-disk%u", number);
	if (!klab_disk_minors)
		return;
	gendisk->major = klab_disk_major;
	gendisk->first_minor = number * klab_disk_minors;
	gendisk->minors = klab_disk_minors;
}

/* The disk works before it is added: its partitions are read at once. */
static int klab_disk_add(struct klab_disk *disk, unsigned int number)
{
	struct gendisk *gendisk;
	int err;

	gendisk = klab_disk_alloc_gendisk(disk);
	if (IS_ERR(gendisk))
		return PTR_ERR(gendisk);
	gendisk->private_data = disk;
	if (disk->settings.removable)
		klab_media_prepare(gendisk);
	disk->gendisk = gendisk;
	klab_disk_name(disk, number);
	disk->sectors = disk->settings.size >> SECTOR_SHIFT;
	set_capacity(gendisk, disk->sectors);
	klab_disk_set_read_only(disk, disk->settings.read_only);
	err = device_add_disk(NULL, gendisk, klab_disk_groups);
	if (err)
		put_disk(gendisk);
	return err;
}

/**
 * klab_disk_open_backing() - take what the disk holds from its file
 * @disk: the disk, with its settings
 *
 * Context: process context.
 * Return: 0, also for a disk that has no file, or that of klab_backing_create().
 */
int klab_disk_open_backing(struct klab_disk *disk)
{
	const struct klab_disk_settings *settings = &disk->settings;
	struct klab_backing *backing;

	if (!settings->file)
		return 0;
	backing = klab_backing_create(settings->file, settings->write_cache,
				      settings->block_size);
	if (IS_ERR(backing))
		return PTR_ERR(backing);
	scoped_guard(mutex, &disk->save_lock) {
		disk->backing = backing;
		/* That of another file was another one's. */
		WRITE_ONCE(disk->save_error, 0);
	}
	disk->settings.size = backing->size;
	return 0;
}

/**
 * klab_disk_create() - make a disk
 * @settings: what it is to be
 * @faults: what it does wrong, once klab_disk_set_faulty() says so
 * @number: its number, which no other disk has
 *
 * Context: process context, may sleep.
 * Return: the disk, or an error: -EINVAL if @settings are not possible, -ENOMEM,
 * or that of the block layer.
 */
struct klab_disk *klab_disk_create(const struct klab_disk_settings *settings,
				   struct klab_faults *faults,
				   unsigned int number)
{
	struct klab_disk *disk;
	int err;

	err = klab_disk_check(settings);
	if (err)
		return ERR_PTR(err);
	disk = kzalloc_obj(*disk);
	if (!disk)
		return ERR_PTR(-ENOMEM);
	disk->settings = *settings;
	disk->faults = faults;
	klab_store_init(&disk->store);
	mutex_init(&disk->save_lock);
	INIT_WORK(&disk->save, klab_disk_save_work);
	err = klab_disk_make_workqueue(disk, number);
	if (err)
		goto err_free;
	err = klab_disk_open_backing(disk);
	if (err)
		goto err_destroy_workqueue;
	if (klab_disk_has_queue(disk)) {
		err = klab_mq_init_tags(disk);
		if (err)
			goto err_close_backing;
	}
	err = klab_disk_add(disk, number);
	if (err)
		goto err_destroy;
	return disk;

err_destroy:
	klab_disk_destroy(disk);
	return ERR_PTR(err);
err_close_backing:
	klab_backing_destroy(disk->backing);
err_destroy_workqueue:
	klab_disk_destroy_workqueue(disk);
err_free:
	kfree(disk);
	return ERR_PTR(err);
}
EXPORT_SYMBOL_IF_KUNIT(klab_disk_create);

/**
 * klab_disk_remove() - remove a disk
 * @disk: the disk; freed, with all that it holds
 *
 * What its users have not written yet is written. They get errors from now on;
 * what is left to them is the block layer's part, which calls nothing of this
 * driver any more.
 *
 * Context: process context, may sleep.
 */
void klab_disk_remove(struct klab_disk *disk)
{
	struct gendisk *gendisk = disk->gendisk;

	del_gendisk(gendisk);
	/* Who has it open still closes it, some time. */
	scoped_guard(mutex, &gendisk->open_mutex)
		gendisk->private_data = NULL;
	flush_work(&disk->save);
	put_disk(gendisk);
	klab_disk_destroy(disk);
}
EXPORT_SYMBOL_IF_KUNIT(klab_disk_remove);

/**
 * klab_disk_pull() - remove a disk as if it were pulled out
 * @disk: the disk; freed, with all that it holds
 *
 * As klab_disk_remove(), but nobody has the time to write anything.
 *
 * Context: process context, may sleep.
 */
void klab_disk_pull(struct klab_disk *disk)
{
	blk_mark_disk_dead(disk->gendisk);
	klab_disk_remove(disk);
}
EXPORT_SYMBOL_IF_KUNIT(klab_disk_pull);

/**
 * klab_disk_end() - remove a disk that nobody uses and nobody can use any more
 * @disk: the disk; freed
 *
 * What cannot be saved is lost, of which the log tells.
 *
 * Context: process context, may sleep.
 */
void klab_disk_end(struct klab_disk *disk)
{
	int err = klab_disk_have_saved(disk);

	if (err)
		pr_err("%s: what it held is lost: %pe\n",
		       disk->gendisk->disk_name, ERR_PTR(err));
	klab_disk_remove(disk);
}

/**
 * klab_disk_retire() - remove a disk unless it is used
 * @disk: the disk; freed
 *
 * Context: process context, may sleep.
 * Return: 0; -EBUSY if it is open or mounted; an error of its file, in which
 * not all of it could be saved.
 */
int klab_disk_retire(struct klab_disk *disk)
{
	int err;

	scoped_guard(mutex, &disk->gendisk->open_mutex) {
		if (disk_openers(disk->gendisk))
			return -EBUSY;
		disk->going = true;
	}
	/* Nobody writes any more. */
	err = klab_disk_have_saved(disk);
	if (err) {
		scoped_guard(mutex, &disk->gendisk->open_mutex)
			disk->going = false;
		return err;
	}
	klab_disk_remove(disk);
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(klab_disk_retire);

/**
 * klab_disk_set_read_only() - protect a disk from writes, or no more
 * @disk: the disk
 * @read_only: protect it
 *
 * All I/O that began before is over when this returns.
 *
 * Context: process context, may sleep; one at a time.
 */
void klab_disk_set_read_only(struct klab_disk *disk, bool read_only)
{
	struct request_queue *queue = disk->gendisk->queue;

	/* What has been found to be allowed is done, or not there yet. */
	blk_mq_freeze_queue(queue);
	assign_bit(KLAB_DISK_READ_ONLY, &disk->special, read_only);
	blk_mq_unfreeze_queue(queue);
	set_disk_ro(disk->gendisk, read_only);
	disk->settings.read_only = read_only;
}
EXPORT_SYMBOL_IF_KUNIT(klab_disk_set_read_only);

/**
 * klab_disk_set_faulty() - have a disk do wrong, or right again
 * @disk: the disk
 * @faulty: do wrong
 *
 * Context: any.
 */
void klab_disk_set_faulty(struct klab_disk *disk, bool faulty)
{
	assign_bit(KLAB_DISK_FAULTY, &disk->special, faulty);
}
EXPORT_SYMBOL_IF_KUNIT(klab_disk_set_faulty);
