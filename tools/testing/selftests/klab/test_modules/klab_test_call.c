// SPDX-License-Identifier: GPL-2.0-only
/*
 * Provider of three system calls that do what tests ask for: sleep until they are
 * told to go on, and come back with whatever error; copy within the call. The
 * second one has its text copied by the core, and may sleep. The third one has
 * its result copied, and sleeps beforehand where its first argument is not 0.
 */
#include <linux/atomic.h>
#include <linux/errno.h>
#include <linux/klab_calls.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/restart_block.h>
#include <linux/sched/signal.h>
#include <linux/string.h>
#include <linux/sysfs.h>
#include <linux/thread_info.h>
#include <linux/uaccess.h>
#include <linux/wait.h>

#define COPY_MAX	64

/* What the first argument asks for. */
enum {
	DO_RETURN,	/* the second argument */
	DO_SLEEP,	/* until released, or -(second argument) on a signal */
	DO_RESTART,	/* the same, with a restart block, -ERESTART_RESTARTBLOCK */
	DO_COPY,	/* sum of bytes at the second argument, as many as the third */
	DO_STAY,	/* until released or killed */
};

static unsigned int nr = 604;
module_param(nr, uint, 0444);
MODULE_PARM_DESC(nr, "number of the first of the calls");

static bool pin;
module_param(pin, bool, 0444);
MODULE_PARM_DESC(pin, "a call holds the module");

static bool text_sleeps;
module_param(text_sleeps, bool, 0444);
MODULE_PARM_DESC(text_sleeps, "the second call sleeps too, and gets -EINTR on a signal");

static atomic_t inside = ATOMIC_INIT(0);
static atomic_t restarted = ATOMIC_INIT(0);
static bool released;
static DECLARE_WAIT_QUEUE_HEAD(wait);

static int counter_get(char *buf, const struct kernel_param *kp)
{
	return sysfs_emit(buf, "%d\n", atomic_read((atomic_t *)kp->arg));
}

static const struct kernel_param_ops counter_ops = {
	.get = counter_get,
};
module_param_cb(inside, &counter_ops, &inside, 0444);
MODULE_PARM_DESC(inside, "calls going on");
module_param_cb(restarted, &counter_ops, &restarted, 0444);
MODULE_PARM_DESC(restarted, "times that the restart block was used");

static int release_set(const char *val, const struct kernel_param *kp)
{
	int err = param_set_bool(val, kp);

	wake_up_all(&wait);
	return err;
}

static const struct kernel_param_ops release_ops = {
	.set = release_set,
	.get = param_get_bool,
};
module_param_cb(released, &release_ops, &released, 0600);
MODULE_PARM_DESC(released, "sleepers go on");

static long test_sleep(long err)
{
	if (wait_event_interruptible(wait, READ_ONCE(released)))
		return -err;
	return 0;
}

static long test_stay(void)
{
	return wait_event_killable(wait, READ_ONCE(released));
}

static long test_restart(struct restart_block *restart)
{
	atomic_inc(&restarted);
	return test_sleep(EINTR);
}

static long test_sleep_restart(void)
{
	if (!test_sleep(EINTR))
		return 0;
	return set_restart_fn(&current->restart_block, test_restart);
}

static long test_sum(const u8 *data, size_t size)
{
	long sum = 0;

	while (size--)
		sum += *data++;
	return sum;
}

static long test_copy(const void __user *from, size_t size)
{
	u8 data[COPY_MAX];

	if (size > sizeof(data))
		return -E2BIG;
	if (copy_from_user(data, from, size))
		return -EFAULT;
	return test_sum(data, size);
}

static long test_do(const unsigned long args[KLAB_CALL_ARGS])
{
	switch (args[0]) {
	case DO_RETURN:
		return args[1];
	case DO_SLEEP:
		return test_sleep(args[1]);
	case DO_RESTART:
		return test_sleep_restart();
	case DO_COPY:
		return test_copy((const void __user *)args[1], args[2]);
	case DO_STAY:
		return test_stay();
	default:
		return -EINVAL;
	}
}

static long test_call(const struct klab_call *call)
{
	unsigned long args[KLAB_CALL_ARGS];
	long ret;

	klab_call_args(args);
	atomic_inc(&inside);
	ret = test_do(args);
	atomic_dec(&inside);
	return ret;
}

static long test_call_text(const struct klab_call *call)
{
	long ret = 0;

	atomic_inc(&inside);
	if (text_sleeps)
		ret = test_sleep(EINTR);
	atomic_dec(&inside);
	return ret ?: test_sum(call->in[0].data, call->in[0].size);
}

static long test_call_result(const struct klab_call *call)
{
	unsigned long args[KLAB_CALL_ARGS];
	long err = 0;

	klab_call_args(args);
	atomic_inc(&inside);
	if (args[0])
		err = test_stay();
	atomic_dec(&inside);
	memset(call->out.data, 'r', call->out.size);
	return err ?: call->out.size;
}

static struct klab_call_provider test_providers[] = {
	{
		.owner = THIS_MODULE,
		.name = "klab_test",
		.call = test_call,
	}, {
		.owner = THIS_MODULE,
		.name = "klab_test_text",
		.in = {
			{
				.kind = KLAB_CALL_INPUT_BUFFER,
				.addr = 0,
				.size = 1,
				.max = COPY_MAX,
			},
		},
		.call = test_call_text,
	}, {
		.owner = THIS_MODULE,
		.name = "klab_test_result",
		.out = {
			.addr = 1,
			.size = 2,
			.max = COPY_MAX,
		},
		.call = test_call_result,
	},
};

static int __init klab_test_call_init(void)
{
	unsigned int i;
	int err;

	for (i = 0; i < ARRAY_SIZE(test_providers); i++) {
		test_providers[i].nr = nr + i;
		if (pin)
			test_providers[i].protection = KLAB_CALL_PIN;
		err = klab_call_register(&test_providers[i]);
		if (err)
			goto err_unregister;
	}
	return 0;

err_unregister:
	while (i--)
		klab_call_unregister(&test_providers[i]);
	return err;
}
module_init(klab_test_call_init);

static void __exit klab_test_call_exit(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(test_providers); i++)
		klab_call_unregister(&test_providers[i]);
}
module_exit(klab_test_call_exit);

MODULE_DESCRIPTION("klab selftest: provider of calls that sleep and copy");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
