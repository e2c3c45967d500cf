// SPDX-License-Identifier: GPL-2.0-only
/*
 * Provider of klab_log(text, size, flags): a line in the kernel log, for who
 * may read it anyway, in a form that cannot be taken for one of the kernel's.
 */

#include <linux/capability.h>
#include <linux/cleanup.h>
#include <linux/cred.h>
#include <linux/errno.h>
#include <linux/jiffies.h>
#include <linux/klab_calls.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/printk.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/stdarg.h>
#include <linux/uidgid.h>

#include <asm/unistd.h>

#include "log.h"

#define LOG_FACILITY_USER	1	/* as syslog(3) numbers them */

enum {
	ARG_TEXT,
	ARG_SIZE,
	ARG_FLAGS,
};

static unsigned int burst = 10;
module_param(burst, uint, 0444);
MODULE_PARM_DESC(burst, "lines of a user in an interval, 0: none (default 10)");

static unsigned int interval = 5000;
module_param(interval, uint, 0444);
MODULE_PARM_DESC(interval, "interval of the limit on each user, in ms (default 5000)");

/* Protects log_limit. */
static DEFINE_SPINLOCK(log_lock);
static struct klab_log_limit log_limit;

static __printf(1, 2) void log_emit(const char *fmt, ...)
{
	va_list args;

	/*
	 * Not as the kernel's facility: so user space sees who speaks, and a
	 * level at the start of the text is text.
	 */
	va_start(args, fmt);
	vprintk_emit(LOG_FACILITY_USER, LOGLEVEL_INFO, NULL, fmt, args);
	va_end(args);
}

static int log_limited(void)
{
	guard(spinlock)(&log_lock);
	if (!klab_log_allow(&log_limit, current_uid(), get_jiffies_64()))
		return -EAGAIN;
	return 0;
}

static long log_line(const struct klab_call *call, char *line)
{
	int err;

	if (!klab_log_escape(line, call->in[0].data, call->in[0].size))
		return -EINVAL;
	err = log_limited();
	if (err)
		return err;
	log_emit("klab_log: pid %d uid %u: %s\n", task_tgid_nr(current),
		 from_kuid(&init_user_ns, current_uid()), line);
	return call->in[0].size;
}

static long log_call(const struct klab_call *call)
{
	unsigned long args[KLAB_CALL_ARGS];
	char *line;
	long ret;

	klab_call_args(args);
	if ((unsigned int)args[ARG_FLAGS])
		return -EINVAL;
	if (!capable(CAP_SYSLOG))
		return -EPERM;

	line = kmalloc(KLAB_LOG_LINE_MAX, GFP_KERNEL);
	if (!line)
		return -ENOMEM;
	ret = log_line(call, line);
	kfree(line);
	return ret;
}

static struct klab_call_provider log_provider = {
	.nr = __NR_klab_log,
	.protection = KLAB_CALL_DRAIN,
	.owner = THIS_MODULE,
	.name = "klab_log",
	.in = {
		{
			.kind = KLAB_CALL_INPUT_BUFFER,
			.addr = ARG_TEXT,
			.size = ARG_SIZE,
			.max = KLAB_LOG_TEXT_MAX,
		},
	},
	.call = log_call,
};

static int __init log_init(void)
{
	log_limit.interval = msecs_to_jiffies(interval);
	log_limit.burst = burst;
	return klab_call_register(&log_provider);
}
module_init(log_init);

static void __exit log_exit(void)
{
	klab_call_unregister(&log_provider);
}
module_exit(log_exit);

MODULE_DESCRIPTION("klab: provider of the system call klab_log");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
MODULE_ALIAS_KLAB_CALL(601);
