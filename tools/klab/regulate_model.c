// SPDX-License-Identifier: GPL-2.0-only
/*
 * The regulator's loop once more, for user space: written from its description
 * and not from the kernel's code, so that the comparison says something.
 */
#include "regulate.h"

#define ONE		1000LL
#define VALUE_MAX	(1000000 * ONE)
#define CHANGE_MAX	(2 * VALUE_MAX)

static long long limit(long long number, long long max)
{
	if (number > max)
		return max;
	return number < -max ? -max : number;
}

/**
 * model_add() - let a change take effect
 * @model: the model
 * @change: the change; the value moves by a multiple of it
 */
void model_add(struct model *model, long long change)
{
	long long all = change * model->multiply + model->carry;
	long long value = model->value + all / ONE;

	model->carry = all % ONE;
	model->value = limit(value, VALUE_MAX);
	if (model->value != value)
		model->carry = 0;
}

/**
 * model_control() - what change the error asks for
 * @model: the model
 *
 * Return: the change.
 */
long long model_control(struct model *model)
{
	long long error = model->target - model->value;
	long long change = error;

	model->sum = model->integral ? limit(model->sum + error, VALUE_MAX) : 0;
	change += model->integral * model->sum / ONE;
	change += model->derivative * (error - model->error) / ONE;
	model->error = error;
	return limit(change, CHANGE_MAX);
}

/**
 * model_step() - once around the loop
 * @model: the model
 * @change: set to what was asked for
 *
 * Return: false if that has changed nothing.
 */
bool model_step(struct model *model, long long *change)
{
	struct model before = *model;

	*change = model_control(model);
	model_add(model, *change);
	return before.value != model->value || before.carry != model->carry ||
	       before.sum != model->sum || before.error != model->error;
}
