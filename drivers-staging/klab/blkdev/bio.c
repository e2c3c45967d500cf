// SPDX-License-Identifier: GPL-2.0-only
/*
 * The front end without a queue: each bio is done by the task that submits it.
 */
#include <linux/bio.h>
#include <linux/blkdev.h>
#include <linux/compiler.h>
#include <linux/delay.h>
#include <linux/gfp_types.h>
#include <linux/module.h>
#include <linux/part_stat.h>

#include "blkdev.h"

/* So much is zeroed at once for who must not wait. */
#define KLAB_BIO_ZERO_NOWAIT	SZ_1M

static __always_inline void klab_bio_count(struct block_device *bdev,
					   enum stat_group group,
					   unsigned int sectors)
{
	__part_stat_add(bdev, ios[group], 1);
	__part_stat_add(bdev, sectors[group], sectors);
}

/* The block layer does not count what has no queue; tools look for it. */
static __always_inline void klab_bio_account(struct bio *bio,
					     enum stat_group group)
{
	struct block_device *bdev = bio->bi_bdev;

	part_stat_lock();
	klab_bio_count(bdev, group, bio_sectors(bio));
	if (bdev_is_partition(bdev))
		klab_bio_count(bdev_whole(bdev), group, bio_sectors(bio));
	part_stat_unlock();
}

static blk_status_t klab_bio_write(struct klab_disk *disk, struct bio *bio)
{
	gfp_t gfp = bio->bi_opf & REQ_NOWAIT ? KLAB_DISK_GFP_NOWAIT :
					       KLAB_DISK_GFP;
	unsigned int done;

	if (likely(!klab_store_write(&disk->store, bio, gfp, &done)))
		return BLK_STS_OK;
	return bio->bi_opf & REQ_NOWAIT ? BLK_STS_AGAIN : BLK_STS_RESOURCE;
}

static blk_status_t klab_bio_zero(struct klab_disk *disk, struct bio *bio)
{
	if ((bio->bi_opf & REQ_NOWAIT) &&
	    bio->bi_iter.bi_size > KLAB_BIO_ZERO_NOWAIT)
		return BLK_STS_AGAIN;
	klab_disk_zero(disk, (u64)bio->bi_iter.bi_sector << SECTOR_SHIFT,
		       bio->bi_iter.bi_size);
	return BLK_STS_OK;
}

static blk_status_t klab_bio_do(struct klab_disk *disk, struct bio *bio)
{
	switch (bio_op(bio)) {
	case REQ_OP_READ:
		klab_store_read(&disk->store, bio);
		return BLK_STS_OK;
	case REQ_OP_WRITE:
		return klab_bio_write(disk, bio);
	case REQ_OP_DISCARD:
	case REQ_OP_WRITE_ZEROES:
		return klab_bio_zero(disk, bio);
	default:
		return BLK_STS_NOTSUPP;
	}
}

/* Does what is done before it fails; discards are done as a whole or not. */
static blk_status_t klab_bio_fail(struct klab_disk *disk, struct bio *bio,
				  const struct klab_verdict *verdict)
{
	const struct bvec_iter iter = bio->bi_iter;

	if (verdict->keep && bio_has_data(bio)) {
		bio->bi_iter.bi_size = verdict->keep;
		klab_bio_do(disk, bio);
		bio->bi_iter = iter;
	}
	return verdict->status;
}

/* Not all is as it should be. */
static noinline blk_status_t klab_bio_judge(struct klab_disk *disk,
					    struct bio *bio)
{
	struct klab_verdict verdict;

	/* What is to come once more is not counted, nor does it use chances up. */
	if ((bio->bi_opf & REQ_NOWAIT) &&
	    test_bit(KLAB_DISK_FAULTY, &disk->special))
		return BLK_STS_AGAIN;
	if (klab_disk_judge(disk, bio_op(bio), bio->bi_iter.bi_sector,
			    bio_sectors(bio), &verdict))
		return klab_bio_do(disk, bio);
	if (verdict.delay_us)
		fsleep(verdict.delay_us);
	/* Nobody would give a bio up: it gets the error at once. */
	if (verdict.hang)
		return BLK_STS_TIMEOUT;
	if (verdict.status)
		return klab_bio_fail(disk, bio, &verdict);
	return klab_bio_do(disk, bio);
}

static void klab_bio_end(struct bio *bio, blk_status_t status)
{
	bio->bi_status = status;
	/* No error, to those who read the log. */
	if (unlikely(status == BLK_STS_AGAIN))
		bio_set_flag(bio, BIO_QUIET);
	bio_endio(bio);
}

static void klab_bio_submit(struct bio *bio)
{
	struct klab_disk *disk = bio->bi_bdev->bd_disk->private_data;
	bool plain;

	/* What bio_split_to_limits() would find out at a higher price. */
	if (unlikely(bio->bi_iter.bi_size > KLAB_DISK_IO_MAX) &&
	    bio_has_data(bio)) {
		bio = bio_split_to_limits(bio);
		if (!bio)
			return;
	}
	plain = klab_disk_is_plain(disk, bio->bi_iter.bi_sector,
				   bio_sectors(bio));
	if (likely(plain) && bio_op(bio) == REQ_OP_READ) {
		klab_bio_account(bio, STAT_READ);
		klab_store_read(&disk->store, bio);
		bio_endio(bio);
		return;
	}
	klab_bio_account(bio, op_stat_group(bio_op(bio)));
	klab_bio_end(bio, likely(plain) ? klab_bio_do(disk, bio) :
					  klab_bio_judge(disk, bio));
}

const struct block_device_operations klab_bio_ops = {
	.owner = THIS_MODULE,
	.submit_bio = klab_bio_submit,
	.open = klab_disk_open,
	.release = klab_disk_release,
	.getgeo = klab_disk_getgeo,
};
