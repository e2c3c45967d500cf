// SPDX-License-Identifier: GPL-2.0-only
/*
 * The regulator: module and parameter.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/device/class.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/printk.h>

#include "regulator.h"

#define KLAB_REGULATOR_NAME	"klab-regulator"

static s32 multiply = KLAB_LOOP_ONE / 2;

static int klab_regulator_gain_set(const char *text,
				   const struct kernel_param *kp)
{
	s64 gain;
	int err;

	err = klab_point_parse(text, KLAB_POINT_THOUSANDTHS, &gain);
	if (err)
		return err;
	if (abs(gain) > KLAB_LOOP_GAIN_MAX)
		return -ERANGE;
	multiply = gain;
	return 0;
}

static int klab_regulator_gain_get(char *buf, const struct kernel_param *kp)
{
	return klab_point_print(buf, KLAB_POINT_THOUSANDTHS, multiply);
}

static const struct kernel_param_ops klab_regulator_gain_ops = {
	.set = klab_regulator_gain_set,
	.get = klab_regulator_gain_get,
};
module_param_cb(multiply, &klab_regulator_gain_ops, NULL, 0444);
__MODULE_PARM_TYPE(multiply, "number");
MODULE_PARM_DESC(multiply, "Gain of the loop at first, -100.000 to 100.000 (default 0.500)");

static struct klab_regulator *klab_regulator;

/* modprobe takes EEXIST for a module that is loaded, and is content. */
static int __init klab_regulator_refuse(int err)
{
	if (err != -EEXIST)
		return err;
	pr_err("/proc/%s is there already\n", KLAB_REGULATOR_NAME);
	return -EBUSY;
}

static int __init klab_regulator_init(void)
{
	int err;

	err = class_register(&klab_regulator_class);
	if (err)
		return err;
	klab_regulator = klab_regulator_create(KLAB_REGULATOR_NAME, multiply);
	if (IS_ERR(klab_regulator)) {
		class_unregister(&klab_regulator_class);
		return klab_regulator_refuse(PTR_ERR(klab_regulator));
	}
	return 0;
}
module_init(klab_regulator_init);

static void __exit klab_regulator_exit(void)
{
	klab_regulator_destroy(klab_regulator);
	class_unregister(&klab_regulator_class);
}
module_exit(klab_regulator_exit);

MODULE_DESCRIPTION("klab: a control loop with its values in /proc and /sys");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
