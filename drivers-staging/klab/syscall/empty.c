// SPDX-License-Identifier: GPL-2.0-only
/*
 * A provider that does nothing: what "klab bench syscall" measures late-bound
 * calls with.
 */

#include <linux/klab_calls.h>
#include <linux/module.h>
#include <linux/unistd.h>

static long empty_call(const struct klab_call *call)
{
	return 0;
}

static struct klab_call_provider empty_provider = {
	.nr = __NR_klab_slot606,
	.owner = THIS_MODULE,
	.name = "klab_empty",
	.call = empty_call,
};

static int __init empty_init(void)
{
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
