// SPDX-License-Identifier: GPL-2.0-only
/*
 * A provider that does nothing: what klab bench syscall measures late-bound
 * calls with.
 */

#include <linux/klab_calls.h>
#include <linux/module.h>
#include <linux/moduleparam.h>

#define EMPTY_NR	606

static unsigned int nr = EMPTY_NR;
module_param(nr, uint, 0444);
MODULE_PARM_DESC(nr, "number of the system call (default 606)");

static bool pin;
module_param(pin, bool, 0444);
MODULE_PARM_DESC(pin, "a call holds the module (default: unloading ends calls)");

static long empty_call(const struct klab_call *call)
{
	return 0;
}

static struct klab_call_provider empty_provider = {
	.owner = THIS_MODULE,
	.name = "klab_empty",
	.call = empty_call,
};

static int __init empty_init(void)
{
	empty_provider.nr = nr;
	empty_provider.protection = pin ? KLAB_CALL_PIN : KLAB_CALL_DRAIN;
	return klab_call_register(&empty_provider);
}
module_init(empty_init);

static void __exit empty_exit(void)
{
	klab_call_unregister(&empty_provider);
}
module_exit(empty_exit);

MODULE_DESCRIPTION("klab: a system call that does nothing");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
