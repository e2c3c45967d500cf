// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a disk does wrong on demand: from a seed, so that the same I/Os in the
 * same order meet the same faults.
 */
#include <linux/blk_types.h>
#include <linux/cleanup.h>
#include <linux/export.h>
#include <linux/prandom.h>
#include <linux/spinlock.h>
#include <linux/string.h>

#include <kunit/visibility.h>

#include "../core/klab_core.h"
#include "faults.h"

/* The kernel's own knobs, for all disks whose faults are switched on. */
DEFINE_KLAB_FAULT(klab_disk_fault, "disk-io");

/* Of the numbers that follow from a small seed the first ones are small too. */
#define KLAB_FAULTS_LEFT_OUT	10

/* 0 to @below - 1, near enough to evenly. */
static u32 klab_faults_random(struct klab_faults *faults, u32 below)
{
	return ((u64)prandom_u32_state(&faults->rnd) * below) >> 32;
}

/* Takes no random number for what is switched off. */
static bool klab_faults_chance(struct klab_faults *faults, u32 ppm)
{
	return ppm && klab_faults_random(faults, KLAB_FAULTS_CERTAIN) < ppm;
}

static void klab_faults_delay(struct klab_faults *faults,
			      struct klab_verdict *verdict)
{
	const struct klab_fault_settings *s = &faults->settings;
	u32 spread = s->delay_max_us - s->delay_min_us;

	/* No random number for what meets all of them, or none. */
	if (!s->delay_max_us || (s->delay_ppm < KLAB_FAULTS_CERTAIN &&
				 !klab_faults_chance(faults, s->delay_ppm)))
		return;
	verdict->delay_us = s->delay_min_us;
	if (spread)
		verdict->delay_us += klab_faults_random(faults, spread + 1);
}

static void klab_faults_fail(struct klab_faults *faults,
			     struct klab_verdict *verdict, blk_status_t status,
			     unsigned int keep)
{
	verdict->status = status;
	verdict->keep = keep;
	faults->counts[KLAB_FAULT_ERRORS]++;
}

/* What lies before the first bad sector is done. */
static bool klab_faults_meet_bad(struct klab_faults *faults, sector_t sector,
				 unsigned int sectors,
				 struct klab_verdict *verdict)
{
	u64 start = faults->settings.bad_start;
	u64 count = faults->settings.bad_count;
	u64 good = start > sector ? start - sector : 0;

	if (good >= sectors || (start <= sector && sector - start >= count))
		return false;
	if (!count)
		return false;
	klab_faults_fail(faults, verdict, BLK_STS_MEDIUM, good << SECTOR_SHIFT);
	return true;
}

static bool klab_faults_wear_out(struct klab_faults *faults)
{
	u64 writes = faults->settings.writes;

	return writes && faults->written++ >= writes;
}

static bool klab_faults_judge_write(struct klab_faults *faults,
				    unsigned int sectors,
				    struct klab_verdict *verdict)
{
	if (klab_faults_wear_out(faults)) {
		klab_faults_fail(faults, verdict, BLK_STS_IOERR, 0);
		return true;
	}
	if (!sectors || !klab_faults_chance(faults, faults->settings.torn_ppm))
		return false;
	klab_faults_fail(faults, verdict, BLK_STS_IOERR,
			 klab_faults_random(faults, sectors) << SECTOR_SHIFT);
	faults->counts[KLAB_FAULT_TORN]++;
	return true;
}

/**
 * klab_faults_judge() - decide what is to become of an I/O
 * @faults: the faults of the disk
 * @op: what is to be done
 * @sector: where
 * @sectors: with how many sectors
 * @verdict: filled
 *
 * Context: any but hard interrupts.
 */
void klab_faults_judge(struct klab_faults *faults, enum req_op op,
		       sector_t sector, unsigned int sectors,
		       struct klab_verdict *verdict)
{
	*verdict = (struct klab_verdict) {};
	guard(spinlock)(&faults->lock);
	klab_faults_delay(faults, verdict);
	if (klab_faults_chance(faults, faults->settings.hang_ppm)) {
		verdict->hang = true;
		faults->counts[KLAB_FAULT_HANGS]++;
		return;
	}
	if (op == REQ_OP_FLUSH &&
	    klab_faults_chance(faults, faults->settings.lost_flush_ppm)) {
		verdict->lost = true;
		faults->counts[KLAB_FAULT_LOST_FLUSHES]++;
		return;
	}
	if (klab_faults_meet_bad(faults, sector, sectors, verdict))
		return;
	if (op_is_write(op) &&
	    klab_faults_judge_write(faults, sectors, verdict))
		return;
	if (klab_faults_chance(faults, faults->settings.error_ppm) ||
	    klab_fault_due(&klab_disk_fault, sectors << SECTOR_SHIFT))
		klab_faults_fail(faults, verdict, BLK_STS_IOERR, 0);
}
EXPORT_SYMBOL_IF_KUNIT(klab_faults_judge);

/**
 * klab_faults_count() - count something that happened later
 * @faults: the faults of the disk
 * @what: what it was
 *
 * Context: any but hard interrupts.
 */
void klab_faults_count(struct klab_faults *faults, enum klab_fault_count what)
{
	guard(spinlock)(&faults->lock);
	faults->counts[what]++;
}
EXPORT_SYMBOL_IF_KUNIT(klab_faults_count);

/**
 * klab_faults_restart() - begin again from the seed, with nothing counted
 * @faults: the faults of the disk
 *
 * Context: any but hard interrupts.
 */
void klab_faults_restart(struct klab_faults *faults)
{
	int i;

	guard(spinlock)(&faults->lock);
	prandom_seed_state(&faults->rnd, faults->settings.seed);
	for (i = 0; i < KLAB_FAULTS_LEFT_OUT; i++)
		prandom_u32_state(&faults->rnd);
	faults->written = 0;
	memset(faults->counts, 0, sizeof(faults->counts));
}
EXPORT_SYMBOL_IF_KUNIT(klab_faults_restart);

/**
 * klab_faults_init() - no faults
 * @faults: memory for them
 *
 * Context: any.
 */
void klab_faults_init(struct klab_faults *faults)
{
	*faults = (struct klab_faults) {
		.settings.delay_ppm = KLAB_FAULTS_CERTAIN,
	};
	spin_lock_init(&faults->lock);
	klab_faults_restart(faults);
}
EXPORT_SYMBOL_IF_KUNIT(klab_faults_init);
