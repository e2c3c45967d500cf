// SPDX-License-Identifier: GPL-2.0-only
/*
 * The points: each is declared once, for /proc and /sys, with its limits.
 */
#include <linux/export.h>
#include <linux/stddef.h>
#include <linux/sysfs.h>
#include <linux/types.h>

#include <kunit/visibility.h>

#include "regulator.h"

/* A disturbance: what was left of changes before it is of no account. */
static void value_set(struct klab_regulator *reg, s32 value)
{
	reg->loop.value = value;
	reg->loop.carry = 0;
}

static void increment_set(struct klab_regulator *reg, s32 change)
{
	reg->increment = change;
	klab_loop_add(&reg->loop, change);
}

#define KLAB_POINT_MEMBER(_member)	offsetof(struct klab_regulator, _member)

/* In thousandths, on both sides of 0. */
#define KLAB_POINT_NUMBER(_name, _member, _max, _set) {			\
	.attr = __ATTR(_name, 0644, klab_regulator_show,		\
		       klab_regulator_store),				\
	.decimals = KLAB_POINT_THOUSANDTHS,				\
	.max = _max,							\
	.negative = true,						\
	.offset = KLAB_POINT_MEMBER(_member),				\
	.set = _set,							\
}

#define KLAB_POINT_GAIN(_name, _member)					\
	KLAB_POINT_NUMBER(_name, _member, KLAB_LOOP_GAIN_MAX, NULL)

#define KLAB_POINT_RO(_name, _member, _decimals, _counts) {		\
	.attr = __ATTR(_name, 0444, klab_regulator_show, NULL),		\
	.decimals = _decimals,						\
	.counts = _counts,						\
	.offset = KLAB_POINT_MEMBER(_member),				\
}

struct klab_point klab_points[KLAB_POINTS] = {
	[KLAB_POINT_VALUE] =
		KLAB_POINT_NUMBER(value, loop.value, KLAB_LOOP_VALUE_MAX,
				  value_set),
	[KLAB_POINT_INCREMENT] =
		KLAB_POINT_NUMBER(increment, increment, KLAB_LOOP_CHANGE_MAX,
				  increment_set),
	[KLAB_POINT_MULTIPLY] = KLAB_POINT_GAIN(multiply, loop.multiply),
	[KLAB_POINT_TARGET] =
		KLAB_POINT_NUMBER(target, loop.target, KLAB_LOOP_VALUE_MAX,
				  NULL),
	[KLAB_POINT_INTEGRAL] = KLAB_POINT_GAIN(integral, loop.integral),
	[KLAB_POINT_DERIVATIVE] = KLAB_POINT_GAIN(derivative, loop.derivative),
	[KLAB_POINT_PERIOD_MS] = {
		.attr = __ATTR(period_ms, 0644, klab_regulator_show,
			       klab_regulator_store),
		.max = KLAB_REGULATOR_PERIOD_MAX_MS,
		.offset = KLAB_POINT_MEMBER(period_ms),
	},
	[KLAB_POINT_CARRY] = KLAB_POINT_RO(carry, loop.carry,
					   KLAB_POINT_MILLIONTHS, false),
	[KLAB_POINT_SUM] = KLAB_POINT_RO(sum, loop.sum, KLAB_POINT_THOUSANDTHS,
					 false),
	[KLAB_POINT_ERROR] = KLAB_POINT_RO(error, loop.error,
					   KLAB_POINT_THOUSANDTHS, false),
	[KLAB_POINT_STEPS] = KLAB_POINT_RO(steps, steps, KLAB_POINT_WHOLE,
					   true),
	[KLAB_POINT_CHANGES] = KLAB_POINT_RO(changes, changes, KLAB_POINT_WHOLE,
					     true),
};
EXPORT_SYMBOL_IF_KUNIT(klab_points);

/**
 * klab_point_get() - tells a point
 * @reg: the regulator; the caller holds its lock, or is alone
 * @point: the point
 *
 * Return: it, in the smallest part that its decimals have.
 */
s64 klab_point_get(const struct klab_regulator *reg,
		   const struct klab_point *point)
{
	const void *member = (const void *)reg + point->offset;

	return point->counts ? *(const u64 *)member : *(const s32 *)member;
}
EXPORT_SYMBOL_IF_KUNIT(klab_point_get);

/**
 * klab_point_set() - sets a point
 * @reg: the regulator; the caller holds its lock
 * @point: one that can be set
 * @value: within its limits
 */
void klab_point_set(struct klab_regulator *reg,
		    const struct klab_point *point, s32 value)
{
	if (point->set)
		point->set(reg, value);
	else
		*(s32 *)((void *)reg + point->offset) = value;
}
