// SPDX-License-Identifier: GPL-2.0-only
/*
 * The model of the regulator: what it does in a step.
 */
#include <linux/export.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/string.h>
#include <linux/types.h>

#include <kunit/visibility.h>

#include "regulator_loop.h"

/**
 * klab_loop_add() - lets a change take effect: the plant
 * @loop: the loop
 * @change: within KLAB_LOOP_CHANGE_MAX; the value moves by @multiply times it
 *
 * What is too small for a thousandth is carried to the next change, so that a
 * small gain moves the value slowly and not never. At its limits the value stays,
 * and nothing is carried.
 *
 * Context: any; the caller keeps others out of @loop.
 */
void klab_loop_add(struct klab_loop *loop, s32 change)
{
	s64 moved = (s64)change * loop->multiply + loop->carry;
	s64 value = loop->value + div_s64_rem(moved, KLAB_LOOP_ONE,
					      &loop->carry);

	loop->value = clamp_t(s64, value, -KLAB_LOOP_VALUE_MAX,
			      KLAB_LOOP_VALUE_MAX);
	if (loop->value != value)
		loop->carry = 0;
}
EXPORT_SYMBOL_IF_KUNIT(klab_loop_add);

/**
 * klab_loop_control() - what change the error asks for: the controller
 * @loop: the loop
 *
 * The sum is kept within the limits of a value, lest it take for ever to come
 * back, and is nothing while it has no gain.
 *
 * Context: any; the caller keeps others out of @loop.
 * Return: the change, within KLAB_LOOP_CHANGE_MAX.
 */
s32 klab_loop_control(struct klab_loop *loop)
{
	s32 error = loop->target - loop->value;
	s64 sum = loop->integral ? (s64)loop->sum + error : 0;
	s64 change;

	loop->sum = clamp_t(s64, sum, -KLAB_LOOP_VALUE_MAX,
			    KLAB_LOOP_VALUE_MAX);
	change = error +
		 div_s64((s64)loop->integral * loop->sum, KLAB_LOOP_ONE) +
		 div_s64(loop->derivative * ((s64)error - loop->error),
			 KLAB_LOOP_ONE);
	loop->error = error;
	return clamp_t(s64, change, -KLAB_LOOP_CHANGE_MAX,
		       KLAB_LOOP_CHANGE_MAX);
}
EXPORT_SYMBOL_IF_KUNIT(klab_loop_control);

/**
 * klab_loop_step() - once around the loop
 * @loop: the loop
 *
 * Context: any; the caller keeps others out of @loop.
 * Return: false if nothing has changed, and so nothing ever will.
 */
bool klab_loop_step(struct klab_loop *loop)
{
	struct klab_loop before = *loop;

	klab_loop_add(loop, klab_loop_control(loop));
	return memcmp(&before, loop, sizeof(before));
}
EXPORT_SYMBOL_IF_KUNIT(klab_loop_step);
