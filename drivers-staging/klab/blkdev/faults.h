/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a disk does wrong on demand.
 */
#ifndef _KLAB_BLKDEV_FAULTS_H
#define _KLAB_BLKDEV_FAULTS_H

#include <linux/blk_types.h>
#include <linux/prandom.h>
#include <linux/spinlock.h>
#include <linux/types.h>

struct klab_fault;

/* A probability of one. */
#define KLAB_FAULTS_CERTAIN	1000000

/* So long may a request be delayed. */
#define KLAB_FAULTS_DELAY_MAX	10000000

/**
 * struct klab_verdict - what is to become of an I/O
 * @status: how it ends
 * @keep: bytes that are done before, if it ends with an error
 * @delay_us: how long it takes to begin with
 * @hang: it does not end by itself
 * @lost: it is not done, and ends as if it were
 */
struct klab_verdict {
	blk_status_t status;
	unsigned int keep;
	unsigned int delay_us;
	bool hang;
	bool lost;
};

/**
 * struct klab_fault_settings - what goes wrong
 * @seed: beginning of the random numbers
 * @error_ppm: I/Os of a million that fail
 * @torn_ppm: writes of a million that stop on their way
 * @hang_ppm: requests of a million that do not end
 * @lost_flush_ppm: flushes of a million that do nothing
 * @delay_ppm: I/Os of a million that are delayed
 * @delay_min_us: shortest time that one of these takes
 * @delay_max_us: longest time that one of these takes
 * @bad_start: first sector that cannot be read or written
 * @bad_count: how many there are
 * @writes: writes that are done before all others fail, or 0
 */
struct klab_fault_settings {
	u32 seed;
	u32 error_ppm;
	u32 torn_ppm;
	u32 hang_ppm;
	u32 lost_flush_ppm;
	u32 delay_ppm;
	u32 delay_min_us;
	u32 delay_max_us;
	u64 bad_start;
	u64 bad_count;
	u64 writes;
};

/**
 * enum klab_fault_count - what is counted
 * @KLAB_FAULT_ERRORS: I/Os that were made to fail
 * @KLAB_FAULT_TORN: writes of these of which a part was done
 * @KLAB_FAULT_HANGS: requests that were not ended
 * @KLAB_FAULT_RESETS: requests of these that the block layer gave up
 * @KLAB_FAULT_LOST_FLUSHES: flushes that did nothing
 * @NR_KLAB_FAULT_COUNTS: how many there are
 */
enum klab_fault_count {
	KLAB_FAULT_ERRORS,
	KLAB_FAULT_TORN,
	KLAB_FAULT_HANGS,
	KLAB_FAULT_RESETS,
	KLAB_FAULT_LOST_FLUSHES,
	NR_KLAB_FAULT_COUNTS,
};

/**
 * struct klab_faults - the faults of a disk
 * @lock: protects all of this
 * @settings: what goes wrong
 * @rnd: the random numbers
 * @written: writes since the faults were switched on
 * @counts: by enum klab_fault_count, since then
 */
struct klab_faults {
	spinlock_t lock;	/* all of this */
	struct klab_fault_settings settings;
	struct rnd_state rnd;
	u64 written;
	u64 counts[NR_KLAB_FAULT_COUNTS];
};

extern struct klab_fault klab_disk_fault;

void klab_faults_init(struct klab_faults *faults);
void klab_faults_restart(struct klab_faults *faults);
void klab_faults_judge(struct klab_faults *faults, enum req_op op,
		       sector_t sector, unsigned int sectors,
		       struct klab_verdict *verdict);
void klab_faults_count(struct klab_faults *faults, enum klab_fault_count what);

#endif /* _KLAB_BLKDEV_FAULTS_H */
