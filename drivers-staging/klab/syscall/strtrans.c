// SPDX-License-Identifier: GPL-2.0-only
/*
 * Provider of klab_strtrans(method, text, size, result, max, flags): a text goes
 * in, another one comes out. The core copies what goes in; what comes out has to
 * be copied from within, and must not hold up who unloads the module.
 */

#include <linux/errno.h>
#include <linux/klab_calls.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

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

/*
 * Has a page brought in, writable. In a page fault of the kernel's own, only a
 * fatal signal would end the wait for who provides the page.
 */
static int strtrans_page_in(unsigned long addr)
{
	struct page *page;
	long got;

	got = get_user_pages_unlocked(untagged_addr(addr), 1, &page,
				      FOLL_WRITE | FOLL_INTERRUPTIBLE);
	if (got == 1) {
		put_page(page);
		return 0;
	}
	return signal_pending(current) ? -ERESTARTSYS : -EFAULT;
}

static int strtrans_copy_chunk(char __user *to, const char *from, size_t size)
{
	int err = 0;

	/* What has been brought in may be gone again before it is written. */
	while (!err && copy_to_user_nofault(to, from, size)) {
		if (signal_pending(current))
			return -ERESTARTSYS;
		err = strtrans_page_in((unsigned long)to);
		cond_resched();
	}
	return err;
}

/*
 * copy_to_user(), but any signal ends the wait for a page, as does the nudge of
 * klab_call_unregister().
 */
static int strtrans_copy_out(char __user *to, const char *from, size_t size)
{
	size_t chunk;
	int err = 0;

	if (!access_ok(to, size))
		return -EFAULT;
	for (; size && !err; size -= chunk) {
		chunk = min_t(size_t, size, PAGE_SIZE - offset_in_page(to));
		err = strtrans_copy_chunk(to, from, chunk);
		to += chunk;
		from += chunk;
	}
	return err;
}

static long strtrans_do(const struct klab_call *call,
			const unsigned long args[KLAB_CALL_ARGS], char *result)
{
	ssize_t len;

	len = klab_strtrans_apply(call->in[IN_METHOD].data, result,
				  call->in[IN_TEXT].data,
				  call->in[IN_TEXT].size);
	if (len < 0)
		return len;
	if (len > args[ARG_SPACE])
		return -ENOSPC;
	return strtrans_copy_out((char __user *)args[ARG_RESULT], result,
				 len) ?: len;
}

static long strtrans_call(const struct klab_call *call)
{
	unsigned long args[KLAB_CALL_ARGS];
	size_t size = call->in[IN_TEXT].size;
	char *result;
	long ret;

	klab_call_args(args);
	if ((unsigned int)args[ARG_FLAGS] || !size)
		return -EINVAL;

	result = kvmalloc(klab_strtrans_room(size), GFP_KERNEL);
	if (!result)
		return -ENOMEM;
	ret = strtrans_do(call, args, result);
	kvfree(result);
	return ret;
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
