// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests for late-bound system calls: what
 * Documentation/core-api/klab-calls.rst promises.
 */

#include <kunit/resource.h>
#include <kunit/static_stub.h>
#include <kunit/test.h>
#include <linux/array_size.h>
#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/errno.h>
#include <linux/jiffies.h>
#include <linux/klab_calls.h>
#include <linux/kthread.h>
#include <linux/limits.h>
#include <linux/mman.h>
#include <linux/module.h>
#include <linux/restart_block.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/signal.h>
#include <linux/sizes.h>
#include <linux/string.h>
#include <linux/thread_info.h>
#include <linux/uaccess.h>
#include <linux/unistd.h>
#include <linux/wait.h>

#include "../klab/calls.h"

MODULE_IMPORT_NS(EXPORTED_FOR_KUNIT_TESTING);

/* How long to wait for what has to happen: only a failure takes that long. */
#define CALLS_TEST_TIMEOUT	(60 * HZ)

/* The number that is used; no module of klab is to want it. */
#define CALLS_TEST_NR		KLAB_CALL_LAST

#define CALLS_TEST_CALLERS	4
#define CALLS_TEST_CYCLES	50

/* What the providers here, which have no argument for it, find. */
static struct {
	struct kunit *test;
	long result;			/* what to return */
	int called;
	struct klab_call_provider *provider;	/* the last one to be registered */
	struct klab_call_provider *next;	/* to be registered meanwhile */
	int looks;			/* for whom to nudge, at who unregisters */
	bool nudged;			/* by itself */
	unsigned long args[KLAB_CALL_ARGS];
	char text[16];			/* what was copied */
	size_t size;
	bool blank;			/* what was to be written to */
	long refs;			/* of this module, during the call */
	struct completion entered;
	struct completion leave;
	bool left;			/* the provider, though not the call */
	wait_queue_head_t never;
	atomic_t gone;			/* the provider must not be called */
	atomic_t bad;			/* but was */
	struct task_struct *tasks[CALLS_TEST_CALLERS];
} calls_test;

/* A caller of its own, for as long as it may take. */
struct calls_test_caller {
	struct task_struct *task;
	struct completion done;
	long result;
	bool stop;
	int odd;			/* results that must not be */
};

static long calls_test_return(const struct klab_call *call)
{
	calls_test.called++;
	return calls_test.result;
}

/* Wants no copies, so that it must not get those of somebody else. */
static long calls_test_other(const struct klab_call *call)
{
	return call->in[0].data || call->in[1].data || call->out.data ? 78 : 77;
}

static struct klab_call_provider calls_test_plain = {
	.nr	= CALLS_TEST_NR,
	.owner	= THIS_MODULE,
	.name	= "plain",
	.call	= calls_test_return,
};

static void calls_test_unregister(void *provider)
{
	klab_call_unregister(provider);
}

static void calls_test_register(struct kunit *test, struct klab_call_provider *provider)
{
	KUNIT_ASSERT_EQ(test, klab_call_register(provider), 0);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, calls_test_unregister, provider), 0);
	calls_test.provider = provider;
}

static const unsigned int calls_test_unknown[] = {
	0, KLAB_CALL_FIRST - 1, KLAB_CALL_FIRST, KLAB_CALL_LAST + 1, UINT_MAX,
};

static void calls_test_unknown_desc(const unsigned int *nr, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%u", *nr);
}

KUNIT_ARRAY_PARAM(calls_test_unknown, calls_test_unknown, calls_test_unknown_desc);

static void klab_calls_test_unknown_number_is_refused(struct kunit *test)
{
	struct klab_call_provider provider = calls_test_plain;

	provider.nr = *(const unsigned int *)test->param_value;
	KUNIT_EXPECT_EQ(test, klab_call_register(&provider), -EINVAL);
	KUNIT_EXPECT_EQ(test, klab_call_unregister(&provider), -EINVAL);
}

struct calls_test_invalid {
	const char *what;
	struct klab_call_provider provider;
};

static const struct calls_test_invalid calls_test_invalids[] = {
	{ "no function", { .name = "x" } },
	{ "no name", { .call = calls_test_return } },
	{ "protection", { .call = calls_test_return, .name = "x", .protection = 2 } },
	{ "kind of input", { .call = calls_test_return, .name = "x", .in = { { .kind = 3 } } } },
	{ "address", { .call = calls_test_return, .name = "x",
		.in = { { .kind = KLAB_CALL_INPUT_STRING, .addr = 6 } } } },
	{ "size", { .call = calls_test_return, .name = "x",
		.in = { { .kind = KLAB_CALL_INPUT_BUFFER, .size = 6 } } } },
	{ "maximum", { .call = calls_test_return, .name = "x",
		.in = { {}, { .kind = KLAB_CALL_INPUT_BUFFER, .size = 1,
			.max = KLAB_CALL_INPUT_MAX + 1 } } } },
	{ "address of output", { .call = calls_test_return, .name = "x",
		.out = { .addr = 6, .max = 1 } } },
	{ "size of output", { .call = calls_test_return, .name = "x",
		.out = { .size = 6, .max = 1 } } },
	{ "maximum of output", { .call = calls_test_return, .name = "x",
		.out = { .size = 1, .max = KLAB_CALL_OUTPUT_MAX + 1 } } },
};

static void calls_test_invalid_desc(const struct calls_test_invalid *invalid, char *desc)
{
	strscpy(desc, invalid->what, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(calls_test_invalid, calls_test_invalids, calls_test_invalid_desc);

static void klab_calls_test_invalid_provider_is_refused(struct kunit *test)
{
	const struct calls_test_invalid *invalid = test->param_value;
	struct klab_call_provider provider = invalid->provider;

	provider.nr = CALLS_TEST_NR;
	KUNIT_EXPECT_EQ(test, klab_call_register(&provider), -EINVAL);
	KUNIT_EXPECT_EQ(test, klab_call_invoke(CALLS_TEST_NR), -ENOSYS);
}

static void klab_calls_test_without_provider_is_enosys(struct kunit *test)
{
	unsigned int nr;

	for (nr = KLAB_CALL_LATE; nr <= KLAB_CALL_LAST; nr++)
		KUNIT_EXPECT_EQ(test, klab_call_slot(nr)->nr, nr);
	KUNIT_EXPECT_EQ(test, klab_call_invoke(CALLS_TEST_NR), -ENOSYS);
}

static void klab_calls_test_taken_slot_is_busy(struct kunit *test)
{
	struct klab_call_provider other = calls_test_plain;

	calls_test_register(test, &calls_test_plain);
	KUNIT_EXPECT_EQ(test, klab_call_register(&other), -EBUSY);
	KUNIT_EXPECT_EQ(test, klab_call_register(&calls_test_plain), -EBUSY);
	KUNIT_EXPECT_EQ(test, klab_call_unregister(&other), -ENOENT);
	KUNIT_EXPECT_EQ(test, klab_call_invoke(CALLS_TEST_NR), 0);
}

static void klab_calls_test_unregistered_slot_is_free(struct kunit *test)
{
	calls_test_register(test, &calls_test_plain);
	KUNIT_EXPECT_EQ(test, klab_call_unregister(&calls_test_plain), 0);
	KUNIT_EXPECT_EQ(test, klab_call_unregister(&calls_test_plain), -ENOENT);
	KUNIT_EXPECT_EQ(test, klab_call_invoke(CALLS_TEST_NR), -ENOSYS);
	KUNIT_EXPECT_EQ(test, calls_test.called, 0);
	KUNIT_EXPECT_EQ(test, klab_call_register(&calls_test_plain), 0);
}

static const struct {
	long provider;
	long caller;
} calls_test_results[] = {
	{ 0, 0 },
	{ LONG_MAX, LONG_MAX },
	{ -EPERM, -EPERM },
	{ -EINTR, -EINTR },
	{ -ERESTARTSYS, -ERESTARTSYS },
	{ -ERESTARTNOINTR, -ERESTARTNOINTR },
	{ -ERESTARTNOHAND, -ERESTARTNOHAND },
	{ -ERESTART_RESTARTBLOCK, -EINTR },
	{ LONG_MIN, LONG_MIN },
};

/* While nobody closes, a provider decides what its caller gets, but for one code. */
static void klab_calls_test_result_reaches_caller(struct kunit *test)
{
	int i;

	calls_test_register(test, &calls_test_plain);
	for (i = 0; i < ARRAY_SIZE(calls_test_results); i++) {
		calls_test.result = calls_test_results[i].provider;
		KUNIT_EXPECT_EQ(test, klab_call_invoke(CALLS_TEST_NR),
				calls_test_results[i].caller);
	}
	KUNIT_EXPECT_EQ(test, calls_test.called, i);
}

static const struct {
	long provider;
	long caller;
} calls_test_nudged[] = {
	{ 7, 7 },
	{ -EAGAIN, -EAGAIN },
	{ -EINTR, -ERESTARTNOINTR },
	{ -ERESTARTSYS, -ERESTARTSYS },
	{ -ERESTARTNOINTR, -ERESTARTNOINTR },
	{ -ERESTARTNOHAND, -ERESTARTNOHAND },
	{ -ERESTART_RESTARTBLOCK, -ERESTARTNOINTR },
};

/* What has interrupted a provider is no signal, nor for it: the call begins anew. */
static void klab_calls_test_nudge_is_not_for_the_next(struct kunit *test)
{
	long results[ARRAY_SIZE(calls_test_nudged)];
	int i;

	calls_test_register(test, &calls_test_plain);
	for (i = 0; i < ARRAY_SIZE(calls_test_nudged); i++) {
		calls_test.result = calls_test_nudged[i].provider;
		set_thread_flag(TIF_NOTIFY_SIGNAL);
		results[i] = klab_call_invoke(CALLS_TEST_NR);
		clear_notify_signal();
	}
	for (i = 0; i < ARRAY_SIZE(calls_test_nudged); i++)
		KUNIT_EXPECT_EQ(test, results[i], calls_test_nudged[i].caller);
}

static long calls_test_restart(struct restart_block *restart)
{
	return 1;
}

static long calls_test_leave_restart(const struct klab_call *call)
{
	current->restart_block.fn = calls_test_restart;
	return calls_test.result;
}

/* Or restart_syscall(2) would run it, wherever its module has gone. */
static void klab_calls_test_restart_block_is_cleared(struct kunit *test)
{
	static struct klab_call_provider provider = {
		.nr	= CALLS_TEST_NR,
		.owner	= THIS_MODULE,
		.name	= "restart",
		.call	= calls_test_leave_restart,
	};

	calls_test_register(test, &provider);
	calls_test.result = -ERESTART_RESTARTBLOCK;
	KUNIT_EXPECT_EQ(test, klab_call_invoke(CALLS_TEST_NR), -EINTR);
	KUNIT_EXPECT_TRUE(test, current->restart_block.fn != calls_test_restart);
	calls_test.result = 0;
	KUNIT_EXPECT_EQ(test, klab_call_invoke(CALLS_TEST_NR), 0);
	KUNIT_EXPECT_TRUE(test, current->restart_block.fn != calls_test_restart);
}

static long calls_test_keep(const struct klab_call *call)
{
	calls_test.called++;
	strscpy(calls_test.text, call->in[1].data ?: "");
	calls_test.size = call->in[1].size;
	return call->in[0].size;
}

static struct klab_call_provider calls_test_copying = {
	.nr	= CALLS_TEST_NR,
	.owner	= THIS_MODULE,
	.name	= "copying",
	.in	= {
		{ .kind = KLAB_CALL_INPUT_BUFFER, .addr = 0, .size = 1, .max = 8 },
		{ .kind = KLAB_CALL_INPUT_STRING, .addr = 2, .max = 5 },
	},
	.call	= calls_test_keep,
};

/* Stands for the registers of a caller. */
static void calls_test_args(unsigned long args[KLAB_CALL_ARGS])
{
	struct klab_call_provider *next = calls_test.next;

	memcpy(args, calls_test.args, sizeof(calls_test.args));
	calls_test.next = NULL;
	if (next) {
		KUNIT_EXPECT_EQ(calls_test.test, klab_call_unregister(calls_test.provider), 0);
		calls_test.nudged = test_thread_flag(TIF_NOTIFY_SIGNAL);
		calls_test_register(calls_test.test, next);
	}
}

KUNIT_DEFINE_ACTION_WRAPPER(calls_test_mmdrop, mmdrop, struct mm_struct *);

/*
 * The mm is not left to kunit_vm_mmap(), which loses the reference that
 * kthread_use_mm() takes. It has no layout, so an address is named.
 */
static char __user *calls_test_user(struct kunit *test)
{
	struct mm_struct *mm = mm_alloc();
	unsigned long page;

	KUNIT_ASSERT_NOT_NULL(test, mm);
	mm->task_size = TASK_SIZE;
	kthread_use_mm(mm);
	KUNIT_ASSERT_EQ(test, kunit_add_action(test, calls_test_mmdrop, mm), 0);
	page = kunit_vm_mmap(test, NULL, SZ_256M, PAGE_SIZE, PROT_READ | PROT_WRITE,
			     MAP_ANONYMOUS | MAP_PRIVATE, 0);
	KUNIT_ASSERT_NE_MSG(test, page, 0, "no user memory");
	KUNIT_ASSERT_LT(test, page, (unsigned long)TASK_SIZE);
	KUNIT_ASSERT_EQ(test, copy_to_user((void __user *)page, "ab\0cdefgh", 10), 0);
	kunit_activate_static_stub(test, klab_call_args, calls_test_args);
	calls_test.args[0] = page;
	calls_test.args[1] = 8;
	calls_test.args[2] = page;
	return (char __user *)page;
}

static void klab_calls_test_inputs_are_copied(struct kunit *test)
{
	calls_test_user(test);
	calls_test_register(test, &calls_test_copying);
	KUNIT_EXPECT_EQ(test, klab_call_invoke(CALLS_TEST_NR), 8);
	KUNIT_EXPECT_STREQ(test, calls_test.text, "ab");
	KUNIT_EXPECT_EQ(test, calls_test.size, 2);
	calls_test.args[1] = 0;
	calls_test.args[2] += 4;
	KUNIT_EXPECT_EQ(test, klab_call_invoke(CALLS_TEST_NR), 0);
	KUNIT_EXPECT_STREQ(test, calls_test.text, "defgh");
}

static void klab_calls_test_large_inputs_are_refused(struct kunit *test)
{
	unsigned long sizes[] = { 9, INT_MAX, LONG_MAX, ULONG_MAX };
	int i;

	calls_test_user(test);
	calls_test_register(test, &calls_test_copying);
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		calls_test.args[1] = sizes[i];
		KUNIT_EXPECT_EQ(test, klab_call_invoke(CALLS_TEST_NR), -E2BIG);
	}
	calls_test.args[1] = 8;
	calls_test.args[2] += 3;
	KUNIT_EXPECT_EQ(test, klab_call_invoke(CALLS_TEST_NR), -E2BIG);
	KUNIT_EXPECT_EQ(test, calls_test.called, 0);
}

static void klab_calls_test_bad_addresses_are_refused(struct kunit *test)
{
	unsigned long addresses[] = { 0, 1, ULONG_MAX - 4, ULONG_MAX };
	unsigned long page = (unsigned long)calls_test_user(test);
	int i;

	calls_test_register(test, &calls_test_copying);
	for (i = 0; i < ARRAY_SIZE(addresses); i++) {
		calls_test.args[0] = page;
		calls_test.args[2] = addresses[i];
		KUNIT_EXPECT_EQ(test, klab_call_invoke(CALLS_TEST_NR), -EFAULT);
		calls_test.args[0] = addresses[i];
		calls_test.args[2] = page;
		KUNIT_EXPECT_EQ(test, klab_call_invoke(CALLS_TEST_NR), -EFAULT);
	}
	KUNIT_EXPECT_EQ(test, calls_test.called, 0);
}

static struct klab_call_provider calls_test_next = {
	.nr	= CALLS_TEST_NR,
	.owner	= THIS_MODULE,
	.name	= "other",
	.call	= calls_test_other,
};

/* What has been copied for one provider is not for the next one. */
static void klab_calls_test_provider_changes_during_copy(struct kunit *test)
{
	calls_test_user(test);
	calls_test_register(test, &calls_test_copying);
	calls_test.next = &calls_test_next;
	KUNIT_EXPECT_EQ(test, klab_call_invoke(CALLS_TEST_NR), 77);
	KUNIT_EXPECT_EQ(test, calls_test.called, 0);
}

static long calls_test_write(const struct klab_call *call)
{
	calls_test.called++;
	calls_test.size = call->out.size;
	calls_test.blank = !memchr_inv(call->out.data, 0, call->out.size);
	memset(call->out.data, 'o', call->out.size);
	return calls_test.result;
}

static struct klab_call_provider calls_test_writing = {
	.nr	= CALLS_TEST_NR,
	.owner	= THIS_MODULE,
	.name	= "writing",
	.out	= { .addr = 3, .size = 4, .max = 8 },
	.call	= calls_test_write,
};

/* Nor is what has been made for one to write to. */
static void klab_calls_test_provider_with_output_changes(struct kunit *test)
{
	calls_test.args[3] = (unsigned long)calls_test_user(test);
	calls_test.args[4] = 8;
	calls_test_register(test, &calls_test_writing);
	calls_test.next = &calls_test_next;
	KUNIT_EXPECT_EQ(test, klab_call_invoke(CALLS_TEST_NR), 77);
	KUNIT_EXPECT_EQ(test, calls_test.called, 0);
}

static const struct {
	unsigned long room;
	long provider;
	size_t size;		/* that the provider sees */
	long caller;
	const char *memory;	/* of the caller, afterwards */
} calls_test_outputs[] = {
	{ 8, 8, 8, 8, "ooooooooh" },
	{ 8, 3, 8, 3, "ooocdefgh" },
	{ 2, 2, 2, 2, "oo\0cdefgh" },
	{ ULONG_MAX, 4, 8, 4, "oooodefgh" },
	{ 8, 0, 8, 0, "ab\0cdefgh" },
	{ 0, 0, 0, 0, "ab\0cdefgh" },
	{ 8, -EPERM, 8, -EPERM, "ab\0cdefgh" },
	{ 8, 9, 8, -EOVERFLOW, "ab\0cdefgh" },
	{ 2, 3, 2, -EOVERFLOW, "ab\0cdefgh" },
	{ 0, 1, 0, -EOVERFLOW, "ab\0cdefgh" },
	{ 8, LONG_MAX, 8, -EOVERFLOW, "ab\0cdefgh" },
};

/* As much as the provider says, and never more than it has been given. */
static void klab_calls_test_output_is_copied(struct kunit *test)
{
	char __user *page = calls_test_user(test);
	char memory[10];
	int i;

	calls_test_register(test, &calls_test_writing);
	calls_test.args[3] = (unsigned long)page;
	for (i = 0; i < ARRAY_SIZE(calls_test_outputs); i++) {
		KUNIT_ASSERT_EQ(test, copy_to_user(page, "ab\0cdefgh", 10), 0);
		calls_test.args[4] = calls_test_outputs[i].room;
		calls_test.result = calls_test_outputs[i].provider;
		KUNIT_EXPECT_EQ(test, klab_call_invoke(CALLS_TEST_NR),
				calls_test_outputs[i].caller);
		KUNIT_EXPECT_EQ(test, calls_test.size, calls_test_outputs[i].size);
		KUNIT_EXPECT_TRUE(test, calls_test.blank);
		KUNIT_ASSERT_EQ(test, copy_from_user(memory, page, sizeof(memory)), 0);
		KUNIT_EXPECT_MEMEQ(test, memory, calls_test_outputs[i].memory, sizeof(memory));
	}
	KUNIT_EXPECT_EQ(test, calls_test.called, i);
}

static void klab_calls_test_bad_address_of_output_is_refused(struct kunit *test)
{
	unsigned long addresses[] = { 0, 1, ULONG_MAX - 4 };
	int i;

	calls_test_user(test);
	calls_test_register(test, &calls_test_writing);
	calls_test.args[4] = 8;
	calls_test.result = 8;
	for (i = 0; i < ARRAY_SIZE(addresses); i++) {
		calls_test.args[3] = addresses[i];
		KUNIT_EXPECT_EQ(test, klab_call_invoke(CALLS_TEST_NR), -EFAULT);
	}
	KUNIT_EXPECT_EQ(test, calls_test.called, i);
}

/* The task that unregisters from within a copy is in the call, but it may do so. */
static bool calls_test_look_at(struct task_struct *task, unsigned int nr)
{
	if (task != current || !READ_ONCE(klab_call_slot(nr)->closing))
		return false;
	calls_test.looks++;
	return true;
}

/* To be nudged would not end a copy, but have a fault go round and round. */
static void klab_calls_test_copy_is_not_nudged(struct kunit *test)
{
	int i;

	calls_test_user(test);
	kunit_activate_static_stub(test, klab_call_inside, calls_test_look_at);
	/* Nobody is looked at where the grace period was over before that. */
	for (i = 0; i < 100 && !calls_test.looks; i++) {
		calls_test_register(test, &calls_test_copying);
		calls_test.next = &calls_test_next;
		KUNIT_ASSERT_EQ(test, klab_call_invoke(CALLS_TEST_NR), 77);
		KUNIT_EXPECT_FALSE(test, calls_test.nudged);
		KUNIT_ASSERT_EQ(test, klab_call_unregister(&calls_test_next), 0);
	}
	KUNIT_EXPECT_GT(test, calls_test.looks, 0);
	kunit_deactivate_static_stub(test, klab_call_inside);
}

/* Only what can be unloaded has references. */
#if defined(MODULE) && defined(CONFIG_MODULE_UNLOAD)
static long calls_test_count_refs(const struct klab_call *call)
{
	calls_test.refs = module_refcount(THIS_MODULE);
	return 0;
}

static void klab_calls_test_pin_holds_module(struct kunit *test)
{
	static struct klab_call_provider provider = {
		.nr		= CALLS_TEST_NR,
		.protection	= KLAB_CALL_PIN,
		.owner		= THIS_MODULE,
		.name		= "pin",
		.call		= calls_test_count_refs,
	};
	long before = module_refcount(THIS_MODULE);

	calls_test_register(test, &provider);
	KUNIT_EXPECT_EQ(test, klab_call_invoke(CALLS_TEST_NR), 0);
	KUNIT_EXPECT_EQ(test, calls_test.refs, before + 1);
	KUNIT_EXPECT_EQ(test, module_refcount(THIS_MODULE), before);
}

/* An owner that is going cannot be held: its provider has been gone before. */
static void klab_calls_test_pin_of_going_module_is_enosys(struct kunit *test)
{
	struct klab_call_provider provider = {
		.nr		= CALLS_TEST_NR,
		.protection	= KLAB_CALL_PIN,
		.name		= "going",
		.call		= calls_test_return,
	};

	provider.owner = kunit_kzalloc(test, sizeof(*provider.owner), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, provider.owner);
	provider.owner->state = MODULE_STATE_GOING;
	KUNIT_ASSERT_EQ(test, klab_call_register(&provider), 0);
	KUNIT_EXPECT_EQ(test, klab_call_invoke(CALLS_TEST_NR), -ENOSYS);
	KUNIT_EXPECT_EQ(test, calls_test.called, 0);
	KUNIT_EXPECT_EQ(test, klab_call_unregister(&provider), 0);
}
#else
static void klab_calls_test_pin_holds_module(struct kunit *test)
{
	kunit_skip(test, "built in, so that there are no references");
}

static void klab_calls_test_pin_of_going_module_is_enosys(struct kunit *test)
{
	kunit_skip(test, "without modules that go");
}
#endif

/* Stands for what is seen of a task in user space's system call. */
static bool calls_test_inside(struct task_struct *task, unsigned int nr)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(calls_test.tasks); i++)
		if (task == calls_test.tasks[i])
			return nr == CALLS_TEST_NR;
	return false;
}

static int calls_test_caller_func(void *data)
{
	struct calls_test_caller *caller = data;

	caller->result = klab_call_invoke(CALLS_TEST_NR);
	complete(&caller->done);
	return 0;
}

static void calls_test_caller_stop(void *data)
{
	struct calls_test_caller *caller = data;

	WRITE_ONCE(caller->stop, true);
	kthread_stop_put(caller->task);
}

static struct calls_test_caller *calls_test_caller(struct kunit *test, int i, int (*func)(void *))
{
	struct calls_test_caller *caller = kunit_kzalloc(test, sizeof(*caller), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, caller);
	init_completion(&caller->done);
	caller->task = kthread_create(func, caller, "klab_caller/%d", i);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, caller->task);
	get_task_struct(caller->task);
	calls_test.tasks[i] = caller->task;
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, calls_test_caller_stop, caller), 0);
	wake_up_process(caller->task);
	return caller;
}

static long calls_test_sleep(const struct klab_call *call)
{
	complete(&calls_test.entered);
	if (!wait_event_interruptible_timeout(calls_test.never, false, CALLS_TEST_TIMEOUT))
		return -ETIMEDOUT;
	return calls_test.result;
}

static struct klab_call_provider calls_test_sleeping = {
	.nr	= CALLS_TEST_NR,
	.owner	= THIS_MODULE,
	.name	= "sleeping",
	.call	= calls_test_sleep,
};

static const struct {
	long provider;
	long caller;
} calls_test_drained[] = {
	{ 7, 7 },
	{ -EAGAIN, -EAGAIN },
	{ -EINTR, -ENOSYS },
	{ -ERESTARTSYS, -ENOSYS },
	{ -ERESTARTNOINTR, -ENOSYS },
	{ -ERESTARTNOHAND, -ENOSYS },
	{ -ERESTART_RESTARTBLOCK, -ENOSYS },
};

/* To callers that were interrupted, the provider has been gone before. */
static void klab_calls_test_unregister_drains(struct kunit *test)
{
	struct calls_test_caller *caller;
	int i;

	kunit_activate_static_stub(test, klab_call_inside, calls_test_inside);
	for (i = 0; i < ARRAY_SIZE(calls_test_drained); i++) {
		reinit_completion(&calls_test.entered);
		calls_test.result = calls_test_drained[i].provider;
		calls_test_register(test, &calls_test_sleeping);
		caller = calls_test_caller(test, 0, calls_test_caller_func);
		KUNIT_ASSERT_NE(test, wait_for_completion_timeout(&calls_test.entered,
								  CALLS_TEST_TIMEOUT), 0);
		KUNIT_EXPECT_EQ(test, klab_call_unregister(&calls_test_sleeping), 0);
		KUNIT_EXPECT_NE(test, wait_for_completion_timeout(&caller->done,
								  CALLS_TEST_TIMEOUT), 0);
		KUNIT_EXPECT_EQ(test, caller->result, calls_test_drained[i].caller);
	}
}

static long calls_test_stay(const struct klab_call *call)
{
	complete(&calls_test.entered);
	wait_for_completion(&calls_test.leave);
	WRITE_ONCE(calls_test.left, true);
	return calls_test.result;
}

static struct klab_call_provider calls_test_staying = {
	.nr	= CALLS_TEST_NR,
	.owner	= THIS_MODULE,
	.name	= "staying",
	.call	= calls_test_stay,
};

static int calls_test_unregister_func(void *data)
{
	struct calls_test_caller *caller = data;

	caller->result = klab_call_unregister(&calls_test_staying);
	complete(&caller->done);
	return 0;
}

static void calls_test_let_leave(void *unused)
{
	complete_all(&calls_test.leave);
}

/* Until the slot has no provider any more; says if it came to that. */
static bool calls_test_closing(void)
{
	unsigned long end = jiffies + CALLS_TEST_TIMEOUT;

	while (!READ_ONCE(klab_call_slot(CALLS_TEST_NR)->closing) && time_before(jiffies, end))
		schedule_timeout_idle(1);
	return READ_ONCE(klab_call_slot(CALLS_TEST_NR)->closing);
}

/* Who does not sleep interruptibly is waited for, and the slot is taken so long. */
static void klab_calls_test_unregister_waits(struct kunit *test)
{
	struct calls_test_caller *caller, *closer;

	calls_test.result = 5;
	calls_test_register(test, &calls_test_staying);
	caller = calls_test_caller(test, 0, calls_test_caller_func);
	KUNIT_ASSERT_NE(test, wait_for_completion_timeout(&calls_test.entered,
							  CALLS_TEST_TIMEOUT), 0);
	closer = calls_test_caller(test, 1, calls_test_unregister_func);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, calls_test_let_leave, NULL), 0);
	KUNIT_ASSERT_TRUE(test, calls_test_closing());
	KUNIT_ASSERT_EQ(test, klab_call_unregister(&calls_test_staying), -ENOENT);
	KUNIT_EXPECT_EQ(test, klab_call_invoke(CALLS_TEST_NR), -ENOSYS);
	KUNIT_EXPECT_EQ(test, klab_call_register(&calls_test_plain), -EBUSY);
	KUNIT_EXPECT_FALSE(test, completion_done(&closer->done));

	calls_test_let_leave(NULL);
	KUNIT_ASSERT_NE(test, wait_for_completion_timeout(&closer->done, CALLS_TEST_TIMEOUT), 0);
	KUNIT_EXPECT_TRUE(test, READ_ONCE(calls_test.left));
	KUNIT_ASSERT_NE(test, wait_for_completion_timeout(&caller->done, CALLS_TEST_TIMEOUT), 0);
	KUNIT_EXPECT_EQ(test, caller->result, 5);
	KUNIT_EXPECT_EQ(test, closer->result, 0);
	calls_test_register(test, &calls_test_plain);
}

static int calls_test_signalled_func(void *data)
{
	allow_signal(SIGUSR1);
	return calls_test_caller_func(data);
}

/* Who got a signal was interrupted by that, whoever closes at the same time. */
static void klab_calls_test_signal_is_no_nudge(struct kunit *test)
{
	struct calls_test_caller *caller, *closer;

	calls_test.result = -EINTR;
	calls_test_register(test, &calls_test_staying);
	caller = calls_test_caller(test, 0, calls_test_signalled_func);
	KUNIT_ASSERT_NE(test, wait_for_completion_timeout(&calls_test.entered,
							  CALLS_TEST_TIMEOUT), 0);
	closer = calls_test_caller(test, 1, calls_test_unregister_func);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, calls_test_let_leave, NULL), 0);
	KUNIT_ASSERT_TRUE(test, calls_test_closing());
	send_sig(SIGUSR1, caller->task, 1);
	calls_test_let_leave(NULL);
	KUNIT_ASSERT_NE(test, wait_for_completion_timeout(&closer->done, CALLS_TEST_TIMEOUT), 0);
	KUNIT_ASSERT_NE(test, wait_for_completion_timeout(&caller->done, CALLS_TEST_TIMEOUT), 0);
	KUNIT_EXPECT_EQ(test, caller->result, -EINTR);
}

static int calls_test_killed_func(void *data)
{
	allow_signal(SIGKILL);
	send_sig(SIGKILL, current, 1);
	return calls_test_caller_func(data);
}

/* Who is to die does not begin what may be begun anew any number of times. */
static void klab_calls_test_killed_caller_does_not_start(struct kunit *test)
{
	static struct klab_call_provider provider = {
		.nr		= CALLS_TEST_NR,
		.protection	= KLAB_CALL_PIN,
		.owner		= THIS_MODULE,
		.name		= "slow",
		.call		= calls_test_return,
	};
	struct calls_test_caller *caller;

	calls_test_register(test, &provider);
	caller = calls_test_caller(test, 0, calls_test_killed_func);
	KUNIT_ASSERT_NE(test, wait_for_completion_timeout(&caller->done, CALLS_TEST_TIMEOUT), 0);
	KUNIT_EXPECT_EQ(test, caller->result, -EINTR);
	KUNIT_EXPECT_EQ(test, calls_test.called, 0);
}

static void klab_calls_test_unregister_from_inside_fails(struct kunit *test)
{
	kunit_activate_static_stub(test, klab_call_inside, calls_test_inside);
	calls_test.tasks[0] = current;
	calls_test_register(test, &calls_test_plain);
	KUNIT_EXPECT_EQ(test, klab_call_unregister(&calls_test_plain), -EDEADLK);
	KUNIT_EXPECT_EQ(test, klab_call_invoke(CALLS_TEST_NR), 0);
	calls_test.tasks[0] = NULL;
}

static void klab_calls_test_kthread_is_not_inside(struct kunit *test)
{
	unsigned int nr;

	for (nr = KLAB_CALL_LATE; nr <= KLAB_CALL_LAST; nr++)
		KUNIT_EXPECT_FALSE(test, klab_call_inside(current, nr));
}

static long calls_test_look(const struct klab_call *call)
{
	if (atomic_read(&calls_test.gone))
		atomic_inc(&calls_test.bad);
	cond_resched();
	if (atomic_read(&calls_test.gone))
		atomic_inc(&calls_test.bad);
	return 3;
}

static int calls_test_storm_func(void *data)
{
	struct calls_test_caller *caller = data;

	while (!READ_ONCE(caller->stop)) {
		long result = klab_call_invoke(CALLS_TEST_NR);

		if (result == 3)
			caller->result++;
		else if (result != -ENOSYS)
			caller->odd++;
		cond_resched();
	}
	return 0;
}

/* Nobody is in a provider that has been unregistered, whatever comes in between. */
static void klab_calls_test_unregister_under_storm(struct kunit *test)
{
	static struct klab_call_provider provider = {
		.nr	= CALLS_TEST_NR,
		.owner	= THIS_MODULE,
		.name	= "looking",
		.call	= calls_test_look,
	};
	struct calls_test_caller *callers[CALLS_TEST_CALLERS];
	int i;

	for (i = 0; i < CALLS_TEST_CALLERS; i++)
		callers[i] = calls_test_caller(test, i, calls_test_storm_func);
	for (i = 0; i < CALLS_TEST_CYCLES; i++) {
		provider.protection = i % 2 ? KLAB_CALL_PIN : KLAB_CALL_DRAIN;
		atomic_set(&calls_test.gone, 0);
		KUNIT_ASSERT_EQ(test, klab_call_register(&provider), 0);
		schedule_timeout_idle(1);
		KUNIT_ASSERT_EQ(test, klab_call_unregister(&provider), 0);
		atomic_set(&calls_test.gone, 1);
	}
	KUNIT_EXPECT_EQ(test, atomic_read(&calls_test.bad), 0);
	for (i = 0; i < CALLS_TEST_CALLERS; i++) {
		KUNIT_EXPECT_EQ(test, callers[i]->odd, 0);
		KUNIT_EXPECT_GT(test, callers[i]->result, 0);
	}
}

static void klab_calls_test_audit_of_known_numbers(struct kunit *test)
{
	struct klab_audit_entry *entry = kunit_kzalloc(test, sizeof(*entry), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, entry);
	KUNIT_ASSERT_EQ(test, klab_audit_call(KLAB_AUDIT_NATIVE, __NR_getpid, entry), 0);
	KUNIT_EXPECT_EQ(test, entry->state, KLAB_AUDIT_HERE);
	KUNIT_EXPECT_STREQ(test, entry->name, "getpid");
	KUNIT_EXPECT_NOT_NULL(test, strstr(entry->handler, "sys_getpid"));
	KUNIT_ASSERT_EQ(test, klab_audit_call(KLAB_AUDIT_NATIVE, KLAB_CALL_FIRST, entry), 0);
	KUNIT_EXPECT_EQ(test, entry->state, KLAB_AUDIT_HERE);
	KUNIT_EXPECT_STREQ(test, entry->name, "klab_null");
	KUNIT_EXPECT_NOT_NULL(test, strstr(entry->handler, "sys_klab_null"));
	KUNIT_ASSERT_EQ(test, klab_audit_call(KLAB_AUDIT_NATIVE, KLAB_CALL_FIRST - 1, entry), 0);
	KUNIT_EXPECT_EQ(test, entry->state, KLAB_AUDIT_HOLE);
	KUNIT_EXPECT_STREQ(test, entry->name, "");
	KUNIT_EXPECT_NOT_NULL(test, strstr(entry->handler, "sys_ni_syscall"));
}

static void klab_calls_test_audit_of_late_number(struct kunit *test)
{
	struct klab_audit_entry *entry = kunit_kzalloc(test, sizeof(*entry), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, entry);
	KUNIT_ASSERT_EQ(test, klab_audit_call(KLAB_AUDIT_NATIVE, CALLS_TEST_NR, entry), 0);
	KUNIT_EXPECT_EQ(test, entry->state, KLAB_AUDIT_LATE_EMPTY);
	KUNIT_EXPECT_STREQ(test, entry->name, "klab_slot607");
	KUNIT_EXPECT_STREQ(test, entry->provider, "");
	calls_test_register(test, &calls_test_plain);
	KUNIT_ASSERT_EQ(test, klab_audit_call(KLAB_AUDIT_NATIVE, CALLS_TEST_NR, entry), 0);
	KUNIT_EXPECT_EQ(test, entry->state, KLAB_AUDIT_LATE_BOUND);
	KUNIT_EXPECT_EQ(test, strncmp(entry->provider, "plain [", strlen("plain [")), 0);
}

/* What depends on the configuration is seen as such: here, what is off anyway. */
static void klab_calls_test_audit_of_absent_numbers(struct kunit *test)
{
	struct klab_audit_entry *entry = kunit_kzalloc(test, sizeof(*entry), GFP_KERNEL);
	int states[KLAB_AUDIT_LATE_BOUND + 1] = {};
	unsigned int nr;

	KUNIT_ASSERT_NOT_NULL(test, entry);
	for (nr = 0; !klab_audit_call(KLAB_AUDIT_NATIVE, nr, entry); nr++)
		states[entry->state]++;
	KUNIT_EXPECT_EQ(test, nr, KLAB_CALL_LAST + 1);
	KUNIT_EXPECT_EQ(test, klab_audit_call(KLAB_AUDIT_NATIVE, nr, entry), -ERANGE);
	KUNIT_EXPECT_EQ(test, klab_audit_call(KLAB_AUDIT_NATIVE, UINT_MAX, entry), -ERANGE);
	KUNIT_EXPECT_EQ(test, klab_audit_call(2, 0, entry), -EOPNOTSUPP);
	KUNIT_EXPECT_GE(test, states[KLAB_AUDIT_HOLE], KLAB_CALL_FIRST - 500);
	KUNIT_EXPECT_GT(test, states[KLAB_AUDIT_OFF], 0);
	KUNIT_EXPECT_GT(test, states[KLAB_AUDIT_HERE], 200);
	if (IS_ENABLED(CONFIG_X86))
		KUNIT_EXPECT_GT(test, states[KLAB_AUDIT_RETIRED], 10);
}

static void klab_calls_test_audit_of_compat_table(struct kunit *test)
{
	struct klab_audit_entry *entry = kunit_kzalloc(test, sizeof(*entry), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, entry);
	if (!IS_ENABLED(CONFIG_COMPAT)) {
		KUNIT_EXPECT_EQ(test, klab_audit_call(KLAB_AUDIT_COMPAT, 0, entry), -EOPNOTSUPP);
		return;
	}
	KUNIT_ASSERT_EQ(test, klab_audit_call(KLAB_AUDIT_COMPAT, KLAB_CALL_FIRST, entry), 0);
	KUNIT_EXPECT_EQ(test, entry->state, KLAB_AUDIT_HERE);
	KUNIT_EXPECT_STREQ(test, entry->name, "klab_null");
}

static int calls_test_init(struct kunit *test)
{
	memset(&calls_test, 0, sizeof(calls_test));
	calls_test.test = test;
	init_completion(&calls_test.entered);
	init_completion(&calls_test.leave);
	init_waitqueue_head(&calls_test.never);
	return 0;
}

static struct kunit_case calls_test_cases[] = {
	KUNIT_CASE_PARAM(klab_calls_test_unknown_number_is_refused, calls_test_unknown_gen_params),
	KUNIT_CASE_PARAM(klab_calls_test_invalid_provider_is_refused,
			 calls_test_invalid_gen_params),
	KUNIT_CASE(klab_calls_test_without_provider_is_enosys),
	KUNIT_CASE(klab_calls_test_taken_slot_is_busy),
	KUNIT_CASE(klab_calls_test_unregistered_slot_is_free),
	KUNIT_CASE(klab_calls_test_result_reaches_caller),
	KUNIT_CASE(klab_calls_test_nudge_is_not_for_the_next),
	KUNIT_CASE(klab_calls_test_restart_block_is_cleared),
	KUNIT_CASE(klab_calls_test_inputs_are_copied),
	KUNIT_CASE(klab_calls_test_large_inputs_are_refused),
	KUNIT_CASE(klab_calls_test_bad_addresses_are_refused),
	KUNIT_CASE(klab_calls_test_provider_changes_during_copy),
	KUNIT_CASE(klab_calls_test_provider_with_output_changes),
	KUNIT_CASE(klab_calls_test_output_is_copied),
	KUNIT_CASE(klab_calls_test_bad_address_of_output_is_refused),
	KUNIT_CASE(klab_calls_test_copy_is_not_nudged),
	KUNIT_CASE(klab_calls_test_pin_holds_module),
	KUNIT_CASE(klab_calls_test_pin_of_going_module_is_enosys),
	KUNIT_CASE(klab_calls_test_unregister_drains),
	KUNIT_CASE(klab_calls_test_unregister_waits),
	KUNIT_CASE(klab_calls_test_signal_is_no_nudge),
	KUNIT_CASE(klab_calls_test_killed_caller_does_not_start),
	KUNIT_CASE(klab_calls_test_unregister_from_inside_fails),
	KUNIT_CASE(klab_calls_test_kthread_is_not_inside),
	KUNIT_CASE_SLOW(klab_calls_test_unregister_under_storm),
	KUNIT_CASE(klab_calls_test_audit_of_known_numbers),
	KUNIT_CASE(klab_calls_test_audit_of_late_number),
	KUNIT_CASE(klab_calls_test_audit_of_absent_numbers),
	KUNIT_CASE(klab_calls_test_audit_of_compat_table),
	{}
};

static struct kunit_suite calls_test_suite = {
	.name = "klab_calls",
	.init = calls_test_init,
	.test_cases = calls_test_cases,
};

kunit_test_suite(calls_test_suite);

MODULE_DESCRIPTION("KUnit tests for late-bound system calls");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
