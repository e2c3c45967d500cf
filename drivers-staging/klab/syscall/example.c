// SPDX-License-Identifier: GPL-2.0-only
/*
 * The smallest provider of a system call, to start one from: two numbers go in,
 * their sum comes out.
 */

#include <linux/compat.h>
#include <linux/errno.h>
#include <linux/klab_calls.h>
#include <linux/limits.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/overflow.h>

#include <asm/unistd.h>

#define EXAMPLE_NR	603

static unsigned int nr = EXAMPLE_NR;
module_param(nr, uint, 0444);
MODULE_PARM_DESC(nr, "number of the system call (default 603)");

static bool pin;
module_param(pin, bool, 0444);
MODULE_PARM_DESC(pin, "a call holds the module (default: unloading ends calls)");

static long example_call(const struct klab_call *call)
{
	unsigned long max = in_compat_syscall() ? INT_MAX : LONG_MAX;
	unsigned long args[KLAB_CALL_ARGS];
	unsigned long sum;

	klab_call_args(args);
	/* A result that is negative to the caller would pass for an error. */
	if (check_add_overflow(args[0], args[1], &sum) || sum > max)
		return -EOVERFLOW;
	return sum;
}

static struct klab_call_provider example_provider = {
	.owner = THIS_MODULE,
	.name = "klab_example",
	.call = example_call,
};

static int __init example_init(void)
{
	example_provider.nr = nr;
	example_provider.protection = pin ? KLAB_CALL_PIN : KLAB_CALL_DRAIN;
	return klab_call_register(&example_provider);
}
module_init(example_init);

static void __exit example_exit(void)
{
	klab_call_unregister(&example_provider);
}
module_exit(example_exit);

MODULE_DESCRIPTION("klab: the smallest provider of a system call");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
MODULE_ALIAS_KLAB_CALL(603);
