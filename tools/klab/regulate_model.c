// SPDX-License-Identifier: GPL-2.0-only
/*
 * The regulator's loop once more, for user space: written from its description
 * and not from the kernel's code, so that the comparison says something.
 */
#include "regulate.h"

#define CHANGE_MAX	(2 * VALUE_MAX)

/**
 * model_limit() - keep a number within its limits
 * @number: the number
 * @max: the largest; the smallest is as far below 0
 *
 * Return: the number, or the limit that is nearer.
 */
long long model_limit(long long number, long long max)
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
	model->value = model_limit(value, VALUE_MAX);
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

	if (model->integral)
		model->sum = model_limit(model->sum + error, VALUE_MAX);
	else
		model->sum = 0;
	change += model->integral * model->sum / ONE;
	change += model->derivative * (error - model->error) / ONE;
	model->error = error;
	return model_limit(change, CHANGE_MAX);
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
