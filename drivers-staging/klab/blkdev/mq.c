// SPDX-License-Identifier: GPL-2.0-only
/*
 * The front end with queues: requests, of many segments or of one.
 *
 * What needs no more than memory that is there is done at once. The rest goes
 * to a worker, which may sleep.
 */
#include <linux/bio.h>
#include <linux/blk-mq.h>
#include <linux/blkdev.h>
#include <linux/compiler.h>
#include <linux/container_of.h>
#include <linux/errno.h>
#include <linux/hrtimer.h>
#include <linux/ktime.h>
#include <linux/math.h>
#include <linux/minmax.h>
#include <linux/module.h>
#include <linux/numa.h>
#include <linux/time64.h>
#include <linux/workqueue.h>

#include "blkdev.h"

static bool klab_mq_has_data(struct request *rq)
{
	return req_op(rq) == REQ_OP_READ || req_op(rq) == REQ_OP_WRITE;
}

/* Sets @done to what was transferred before an error. */
static int klab_mq_transfer(struct klab_disk *disk, struct request *rq,
			    gfp_t gfp, unsigned int *done)
{
	unsigned int bytes;
	struct bio *bio;
	int err;

	*done = 0;
	if (req_op(rq) == REQ_OP_READ) {
		__rq_for_each_bio(bio, rq)
			klab_store_read(&disk->store, bio);
		return 0;
	}
	__rq_for_each_bio(bio, rq) {
		err = klab_store_write(&disk->store, bio, gfp, &bytes);
		*done += bytes;
		if (unlikely(err))
			return err;
	}
	return 0;
}

/* What was done before an error is done. */
static void klab_mq_end(struct request *rq, unsigned int done,
			blk_status_t status)
{
	/* The block layer ends in whole blocks, as it was asked to. */
	done = round_down(done, queue_logical_block_size(rq->q));
	if (done)
		blk_update_request(rq, BLK_STS_OK, done);
	blk_mq_end_request(rq, status);
}

/* As klab_mq_transfer(), by a worker, and from a file if that is where it is. */
static int klab_mq_transfer_slowly(struct klab_disk *disk, struct request *rq,
				   unsigned int *done)
{
	struct bio *bio;
	int err;

	if (!disk->backing)
		return klab_mq_transfer(disk, rq, KLAB_DISK_GFP, done);
	*done = 0;
	__rq_for_each_bio(bio, rq) {
		err = klab_backing_transfer(disk->backing, &disk->store, bio);
		if (err)
			return err;
		*done += bio->bi_iter.bi_size;
	}
	return 0;
}

static int klab_mq_zero(struct klab_disk *disk, struct request *rq)
{
	u64 pos = (u64)blk_rq_pos(rq) << SECTOR_SHIFT;

	if (disk->backing)
		return klab_backing_zero(disk->backing, &disk->store, pos,
					 blk_rq_bytes(rq),
					 !(rq->cmd_flags & REQ_NOUNMAP));
	klab_disk_zero(disk, pos, blk_rq_bytes(rq));
	return 0;
}

static int klab_mq_do(struct klab_disk *disk, struct request *rq,
		      unsigned int *done)
{
	switch (req_op(rq)) {
	case REQ_OP_READ:
	case REQ_OP_WRITE:
		return klab_mq_transfer_slowly(disk, rq, done);
	case REQ_OP_DISCARD:
	case REQ_OP_WRITE_ZEROES:
		return klab_mq_zero(disk, rq);
	case REQ_OP_FLUSH:
		return klab_disk_save(disk);
	default:
		return -EOPNOTSUPP;
	}
}

/* Does the first @len bytes of a bio; says how many of them are done. */
static unsigned int klab_mq_do_bio(struct klab_disk *disk, struct bio *bio,
				   unsigned int len)
{
	const struct bvec_iter iter = bio->bi_iter;
	unsigned int done = len;

	bio->bi_iter.bi_size = len;
	if (disk->backing) {
		if (klab_backing_transfer(disk->backing, &disk->store, bio))
			done = 0;
	} else if (bio_op(bio) == REQ_OP_READ) {
		klab_store_read(&disk->store, bio);
	} else {
		klab_store_write(&disk->store, bio, KLAB_DISK_GFP, &done);
	}
	bio->bi_iter = iter;
	return done;
}

/*
 * Does the first @keep bytes, or less where not even that is possible; discards
 * are done as a whole or not.
 */
static unsigned int klab_mq_do_part(struct klab_disk *disk, struct request *rq,
				    unsigned int keep)
{
	unsigned int done = 0;
	struct bio *bio;

	if (!klab_mq_has_data(rq))
		return 0;
	__rq_for_each_bio(bio, rq) {
		unsigned int len = min(keep - done, bio->bi_iter.bi_size);
		unsigned int now = klab_mq_do_bio(disk, bio, len);

		done += now;
		if (now < len || done == keep)
			break;
	}
	return done;
}

static void klab_mq_work(struct work_struct *work)
{
	struct klab_request *priv = container_of(work, struct klab_request,
						 work);
	struct request *rq = blk_mq_rq_from_pdu(priv);
	struct klab_disk *disk = rq->q->queuedata;
	blk_status_t status = priv->verdict.status;
	unsigned int done = 0;

	/* It is not to be used again before its timer has quite ended. */
	if (priv->verdict.delay_us)
		hrtimer_cancel(&priv->timer);
	if (priv->verdict.lost)
		done = 0;
	else if (!status)
		status = errno_to_blk_status(klab_mq_do(disk, rq, &done));
	else if (priv->verdict.keep)
		done = klab_mq_do_part(disk, rq, priv->verdict.keep);
	klab_mq_end(rq, status ? done : 0, status);
}

static enum hrtimer_restart klab_mq_delayed(struct hrtimer *timer)
{
	struct klab_request *priv = container_of(timer, struct klab_request,
						 timer);
	struct klab_disk *disk = blk_mq_rq_from_pdu(priv)->q->queuedata;

	queue_work(disk->workqueue, &priv->work);
	return HRTIMER_NORESTART;
}

/* A worker that slept instead would be one less for others. */
static void klab_mq_delay(struct klab_request *priv)
{
	ktime_t delay = ns_to_ktime((u64)priv->verdict.delay_us * NSEC_PER_USEC);

	hrtimer_init(&priv->timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL_SOFT);
	priv->timer.function = klab_mq_delayed;
	hrtimer_start(&priv->timer, delay, HRTIMER_MODE_REL_SOFT);
}

static void klab_mq_defer(struct request *rq, const struct klab_verdict *verdict)
{
	struct klab_request *priv = blk_mq_rq_to_pdu(rq);
	struct klab_disk *disk = rq->q->queuedata;

	priv->verdict = *verdict;
	/* Until the block layer loses its patience. */
	if (verdict->hang)
		return;
	INIT_WORK(&priv->work, klab_mq_work);
	if (verdict->delay_us)
		klab_mq_delay(priv);
	else
		queue_work(disk->workqueue, &priv->work);
}

/* What needs no more than pages that are there; false if it is not done. */
static bool klab_mq_do_now(struct klab_disk *disk, struct request *rq)
{
	unsigned int done;

	return klab_mq_has_data(rq) && !disk->backing &&
	       !klab_mq_transfer(disk, rq, KLAB_DISK_GFP_NOWAIT, &done);
}

static blk_status_t klab_mq_queue(struct blk_mq_hw_ctx *hctx,
				  const struct blk_mq_queue_data *data)
{
	struct klab_disk *disk = hctx->queue->queuedata;
	struct request *rq = data->rq;
	struct klab_verdict verdict = {};

	blk_mq_start_request(rq);
	if (unlikely(!klab_disk_is_plain(disk, blk_rq_pos(rq),
					 blk_rq_sectors(rq))) &&
	    !klab_disk_judge(disk, req_op(rq), blk_rq_pos(rq),
			     blk_rq_sectors(rq), &verdict))
		klab_mq_defer(rq, &verdict);
	else if (likely(klab_mq_do_now(disk, rq)))
		blk_mq_end_request(rq, BLK_STS_OK);
	else
		klab_mq_defer(rq, &verdict);
	return BLK_STS_OK;
}

/*
 * What hangs is given up, as if the device had been reset; what a worker has
 * takes its time.
 */
static enum blk_eh_timer_return klab_mq_timeout(struct request *rq)
{
	struct klab_request *priv = blk_mq_rq_to_pdu(rq);
	struct klab_disk *disk = rq->q->queuedata;

	if (!priv->verdict.hang)
		return BLK_EH_RESET_TIMER;
	/* It is the block layer's again, and may be used for anything. */
	priv->verdict.hang = false;
	klab_faults_count(disk->faults, KLAB_FAULT_RESETS);
	blk_mq_end_request(rq, BLK_STS_TIMEOUT);
	return BLK_EH_DONE;
}

static const struct blk_mq_ops klab_mq_ops = {
	.queue_rq = klab_mq_queue,
	.timeout = klab_mq_timeout,
};

const struct block_device_operations klab_mq_disk_ops = {
	.owner = THIS_MODULE,
	.open = klab_disk_open,
	.release = klab_disk_release,
	.getgeo = klab_disk_getgeo,
};

/**
 * klab_mq_init_tags() - make the requests of a disk
 * @disk: the disk, with its settings
 *
 * Context: process context, may sleep.
 * Return: 0, or -ENOMEM. To be undone by blk_mq_free_tag_set().
 */
int klab_mq_init_tags(struct klab_disk *disk)
{
	disk->tags = (struct blk_mq_tag_set) {
		.ops = &klab_mq_ops,
		.nr_hw_queues = disk->settings.queues,
		.queue_depth = disk->settings.queue_depth,
		.numa_node = NUMA_NO_NODE,
		.cmd_size = sizeof(struct klab_request),
		/* There is nothing to be gained by an order or by merging. */
		.flags = BLK_MQ_F_NO_SCHED_BY_DEFAULT,
	};
	return blk_mq_alloc_tag_set(&disk->tags);
}
