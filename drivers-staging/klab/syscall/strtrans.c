// SPDX-License-Identifier: GPL-2.0-only
/*
 * Provider of klab_strtrans(method, text, size, result, max, flags): a text goes
 * in, another one comes out. The core copies both, so that no page of a caller
 * can hold up who unloads the module.
 */

#include <linux/errno.h>
#include <linux/klab_calls.h>
#include <linux/module.h>

#include <asm/unistd.h>

#include "strtrans.h"

enum {
	ARG_METHOD,
	ARG_TEXT,
	ARG_SIZE,
	ARG_RESULT,
	ARG_SPACE,
	ARG_FLAGS,
};

enum {
	IN_METHOD,
	IN_TEXT,
};

static long strtrans_call(const struct klab_call *call)
{
	unsigned long args[KLAB_CALL_ARGS];

	klab_call_args(args);
	if ((unsigned int)args[ARG_FLAGS] || !call->in[IN_TEXT].size)
		return -EINVAL;
	return klab_strtrans_apply(call->in[IN_METHOD].data,
				   call->out.data, call->out.size,
				   call->in[IN_TEXT].data,
				   call->in[IN_TEXT].size);
}

static struct klab_call_provider strtrans_provider = {
	.nr = __NR_klab_strtrans,
	.protection = KLAB_CALL_DRAIN,
	.owner = THIS_MODULE,
	.name = "klab_strtrans",
	.in = {
		[IN_METHOD] = {
			.kind = KLAB_CALL_INPUT_STRING,
			.addr = ARG_METHOD,
			.max = KLAB_STRTRANS_METHOD_MAX,
		},
		[IN_TEXT] = {
			.kind = KLAB_CALL_INPUT_BUFFER,
			.addr = ARG_TEXT,
			.size = ARG_SIZE,
			.max = KLAB_CALL_INPUT_MAX,
		},
	},
	.out = {
		.addr = ARG_RESULT,
		.size = ARG_SPACE,
		.max = KLAB_CALL_OUTPUT_MAX,
	},
	.call = strtrans_call,
};

static int __init strtrans_init(void)
{
	return klab_call_register(&strtrans_provider);
}
module_init(strtrans_init);

static void __exit strtrans_exit(void)
{
	klab_call_unregister(&strtrans_provider);
}
module_exit(strtrans_exit);

MODULE_DESCRIPTION("klab: provider of the system call klab_strtrans");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
MODULE_ALIAS_KLAB_CALL(602);
