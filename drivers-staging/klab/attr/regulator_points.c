// SPDX-License-Identifier: GPL-2.0-only
/*
 * The points: each is declared once, for /proc and /sys, with its limits.
 */
#include <linux/sysfs.h>
#include <linux/types.h>

#include <kunit/visibility.h>

#include "regulator.h"

/* Functions for a member of the model. */
#define KLAB_POINT_GET(_name, _member)					\
static s64 _name##_get(const struct klab_regulator *reg)		\
{									\
	return reg->_member;						\
}

#define KLAB_POINT_SET(_name, _member)					\
static void _name##_set(struct klab_regulator *reg, s64 value)		\
{									\
	reg->_member = value;						\
}

KLAB_POINT_GET(value, loop.value)
KLAB_POINT_GET(increment, increment)
KLAB_POINT_GET(multiply, loop.multiply)
KLAB_POINT_SET(multiply, loop.multiply)
KLAB_POINT_GET(target, loop.target)
KLAB_POINT_SET(target, loop.target)
KLAB_POINT_GET(integral, loop.integral)
KLAB_POINT_SET(integral, loop.integral)
KLAB_POINT_GET(derivative, loop.derivative)
KLAB_POINT_SET(derivative, loop.derivative)
KLAB_POINT_GET(period_ms, period_ms)
KLAB_POINT_SET(period_ms, period_ms)
KLAB_POINT_GET(carry, loop.carry)
KLAB_POINT_GET(sum, loop.sum)
KLAB_POINT_GET(error, loop.error)
KLAB_POINT_GET(steps, steps)
KLAB_POINT_GET(changes, changes)

/* A disturbance: what was left of changes before it is of no account. */
static void value_set(struct klab_regulator *reg, s64 value)
{
	reg->loop.value = value;
	reg->loop.carry = 0;
}

static void increment_set(struct klab_regulator *reg, s64 change)
{
	reg->increment = change;
	klab_loop_add(&reg->loop, change);
}

#define KLAB_POINT_RW(_name, _decimals, _max, _negative) {		\
	.attr = __ATTR(_name, 0644, klab_regulator_show,		\
		       klab_regulator_store),				\
	.decimals = _decimals,						\
	.max = _max,							\
	.negative = _negative,						\
	.get = _name##_get,						\
	.set = _name##_set,						\
}

#define KLAB_POINT_RO(_name, _decimals) {				\
	.attr = __ATTR(_name, 0444, klab_regulator_show, NULL),		\
	.decimals = _decimals,						\
	.get = _name##_get,						\
}

/* In thousandths, on both sides of 0. */
#define KLAB_POINT_NUMBER(_name, _max)					\
	KLAB_POINT_RW(_name, KLAB_POINT_THOUSANDTHS, _max, true)

struct klab_point klab_points[KLAB_POINTS] = {
	[KLAB_POINT_VALUE] = KLAB_POINT_NUMBER(value, KLAB_LOOP_VALUE_MAX),
	[KLAB_POINT_INCREMENT] = KLAB_POINT_NUMBER(increment,
						   KLAB_LOOP_CHANGE_MAX),
	[KLAB_POINT_MULTIPLY] = KLAB_POINT_NUMBER(multiply, KLAB_LOOP_GAIN_MAX),
	[KLAB_POINT_TARGET] = KLAB_POINT_NUMBER(target, KLAB_LOOP_VALUE_MAX),
	[KLAB_POINT_INTEGRAL] = KLAB_POINT_NUMBER(integral, KLAB_LOOP_GAIN_MAX),
	[KLAB_POINT_DERIVATIVE] = KLAB_POINT_NUMBER(derivative,
						    KLAB_LOOP_GAIN_MAX),
	[KLAB_POINT_PERIOD_MS] = KLAB_POINT_RW(period_ms, KLAB_POINT_WHOLE,
					       KLAB_REGULATOR_PERIOD_MAX_MS,
					       false),
	[KLAB_POINT_CARRY] = KLAB_POINT_RO(carry, KLAB_POINT_MILLIONTHS),
	[KLAB_POINT_SUM] = KLAB_POINT_RO(sum, KLAB_POINT_THOUSANDTHS),
	[KLAB_POINT_ERROR] = KLAB_POINT_RO(error, KLAB_POINT_THOUSANDTHS),
	[KLAB_POINT_STEPS] = KLAB_POINT_RO(steps, KLAB_POINT_WHOLE),
	[KLAB_POINT_CHANGES] = KLAB_POINT_RO(changes, KLAB_POINT_WHOLE),
};
EXPORT_SYMBOL_IF_KUNIT(klab_points);
