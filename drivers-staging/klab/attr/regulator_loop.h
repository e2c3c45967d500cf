/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The model of the regulator: whole numbers, no locks, no time.
 */
#ifndef _KLAB_ATTR_REGULATOR_LOOP_H
#define _KLAB_ATTR_REGULATOR_LOOP_H

#include <linux/types.h>

/* One, in the thousandths that values and gains are counted in. */
#define KLAB_LOOP_ONE		1000

#define KLAB_LOOP_VALUE_MAX	(1000000 * KLAB_LOOP_ONE)
#define KLAB_LOOP_CHANGE_MAX	(2 * KLAB_LOOP_VALUE_MAX)
#define KLAB_LOOP_GAIN_MAX	(100 * KLAB_LOOP_ONE)

/**
 * struct klab_loop - a plant and its controller
 * @value: what is regulated
 * @target: what it is to be
 * @multiply: gain of the loop: how much of a change takes effect
 * @integral: how much of the sum of errors goes into a change
 * @derivative: how much of the difference of errors goes into a change
 * @carry: part of a change that was too small to take effect, in millionths
 * @sum: sum of errors
 * @error: error at the last step
 *
 * All but @carry in thousandths. The limits are such that nothing overflows: see
 * KLAB_LOOP_VALUE_MAX for @value, @target, @sum, KLAB_LOOP_GAIN_MAX for the gains.
 */
struct klab_loop {
	s32 value;
	s32 target;
	s32 multiply;
	s32 integral;
	s32 derivative;
	s32 carry;
	s32 sum;
	s32 error;
};

void klab_loop_add(struct klab_loop *loop, s32 change);
s32 klab_loop_control(struct klab_loop *loop);
bool klab_loop_step(struct klab_loop *loop);

#endif /* _KLAB_ATTR_REGULATOR_LOOP_H */
