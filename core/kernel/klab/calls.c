// SPDX-License-Identifier: GPL-2.0-only
/*
 * Late-bound system calls: entries that are part of the kernel, for providers
 * that may be modules, and may go at any time.
 *
 * See Documentation/core-api/klab-calls.rst.
 */

#define pr_fmt(fmt) "klab_calls: " fmt

#include <kunit/static_stub.h>
#include <kunit/visibility.h>
#include <linux/array_size.h>
#include <linux/capability.h>
#include <linux/cleanup.h>
#include <linux/compat.h>
#include <linux/compiler.h>
#include <linux/cred.h>
#include <linux/export.h>
#include <linux/init.h>
#include <linux/jiffies.h>
#include <linux/klab_calls.h>
#include <linux/kmod.h>
#include <linux/minmax.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/printk.h>
#include <linux/rcupdate.h>
#include <linux/restart_block.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/sched/task_stack.h>
#include <linux/srcu.h>
#include <linux/string.h>
#include <linux/syscalls.h>
#include <linux/sysctl.h>
#include <linux/task_work.h>
#include <linux/thread_info.h>
#include <linux/uaccess.h>
#include <linux/user_namespace.h>
#include <asm/barrier.h>
#include <asm/syscall.h>

#include "calls.h"

/* How long klab_call_unregister() waits before it says for whom. */
#define KLAB_CALL_PATIENCE	(10 * HZ)

/* Of how many at most it gives the names. */
#define KLAB_CALL_NAMES		8

/* Its longest sleep between two looks. */
#define KLAB_CALL_PAUSE		(HZ / 10)

/* How long a module that could not be loaded is not tried again. */
#define KLAB_CALL_RETRY		(5 * HZ)

/*
 * What registers, unregisters and autoloads: all of struct klab_call_slot but
 * the provider, which callers read under SRCU, and the last number given out.
 */
static DEFINE_MUTEX(klab_call_lock);
static unsigned long klab_call_last_id;

static int klab_call_autoload;

/* Providers that have asked for nothing get this. */
static const struct klab_call klab_call_plain;

#define KLAB_CALL_SLOT(_name)						\
	DEFINE_STATIC_SRCU(_name##_srcu);				\
	static struct klab_call_slot _name##_slot = {			\
		.nr = __NR_##_name,					\
		.srcu = &_name##_srcu,					\
	}

KLAB_CALL_SLOT(klab_log);
KLAB_CALL_SLOT(klab_strtrans);
KLAB_CALL_SLOT(klab_slot603);
KLAB_CALL_SLOT(klab_slot604);
KLAB_CALL_SLOT(klab_slot605);
KLAB_CALL_SLOT(klab_slot606);
KLAB_CALL_SLOT(klab_slot607);

static struct klab_call_slot *const klab_call_slots[] = {
	&klab_log_slot,
	&klab_strtrans_slot,
	&klab_slot603_slot,
	&klab_slot604_slot,
	&klab_slot605_slot,
	&klab_slot606_slot,
	&klab_slot607_slot,
};

static_assert(ARRAY_SIZE(klab_call_slots) == KLAB_CALL_LAST - KLAB_CALL_LATE + 1);

/* The slot of a late-bound system call, or NULL. */
VISIBLE_IF_KUNIT struct klab_call_slot *klab_call_slot(unsigned int nr)
{
	if (nr < KLAB_CALL_LATE || nr > KLAB_CALL_LAST)
		return NULL;
	return klab_call_slots[nr - KLAB_CALL_LATE];
}
EXPORT_SYMBOL_IF_KUNIT(klab_call_slot);

/**
 * klab_call_args() - get the arguments of the system call that is going on
 * @args: where to put them, as the caller has passed them
 *
 * Those of a 32-bit caller have 32 bits. They are what seccomp has seen. It is
 * for the function of a provider, in the context of its caller.
 *
 * Context: process context, in a system call.
 */
void klab_call_args(unsigned long args[KLAB_CALL_ARGS])
{
	int i;

	KUNIT_STATIC_STUB_REDIRECT(klab_call_args, args);
	syscall_get_arguments(current, current_pt_regs(), args);
	/* A 64-bit task may have put anything there before int $0x80. */
	for (i = 0; in_compat_syscall() && i < KLAB_CALL_ARGS; i++)
		args[i] = (u32)args[i];
}
EXPORT_SYMBOL_GPL(klab_call_args);

/*
 * What a caller gets for an error of the provider. Where the provider is going
 * and no signal has come, the nudge has interrupted it: to the caller, it has
 * been gone before. After a signal, a restarted call finds that out by itself.
 *
 * A nudge for the provider before may have come on the way into the call, where
 * nothing looks for it. As no signal explains an EINTR then, the call is begun
 * anew, which takes the nudge away. The other codes do that by themselves.
 */
static noinline long klab_call_error(const struct klab_call_slot *slot, long ret)
{
	switch (ret) {
	case -ERESTART_RESTARTBLOCK:
		ret = -EINTR;
		fallthrough;
	case -EINTR:
	case -ERESTARTSYS:
	case -ERESTARTNOINTR:
	case -ERESTARTNOHAND:
		/* Pairs with test_and_set in set_notify_signal(). */
		smp_rmb();
		if (task_sigpending(current))
			return ret;
		if (READ_ONCE(slot->closing))
			return -ENOSYS;
		if (ret == -EINTR && test_thread_flag(TIF_NOTIFY_SIGNAL))
			return -ERESTARTNOINTR;
		return ret;
	default:
		return ret;
	}
}

static __always_inline long klab_call_provide(const struct klab_call_slot *slot,
					      const struct klab_call_provider *provider,
					      const struct klab_call *call)
{
	long ret = provider->call(call);

	/* restart_syscall(2) would call what the provider has left there. */
	WRITE_ONCE(current->restart_block.fn, do_no_restart_syscall);
	return likely(ret >= 0) ? ret : klab_call_error(slot, ret);
}

/* Finds out what the provider of the moment wants to have copied. */
static void klab_call_wants(struct klab_call_slot *slot, struct klab_call_wishes *wishes)
{
	struct klab_call_provider *provider;
	int idx;

	wishes->id = 0;
	idx = srcu_read_lock(slot->srcu);
	provider = srcu_dereference(slot->provider, slot->srcu);
	if (provider) {
		memcpy(wishes->in, provider->in, sizeof(provider->in));
		wishes->out = provider->out;
		wishes->id = provider->id;
	}
	srcu_read_unlock(slot->srcu, idx);
}

static long klab_call_pinned(const struct klab_call_slot *slot,
			     const struct klab_call_provider *provider,
			     const struct klab_call *call)
{
	struct module *owner = provider->owner;
	long ret;

	if (!try_module_get(owner))
		return -ENOSYS;
	ret = klab_call_provide(slot, provider, call);
	module_put(owner);
	return ret;
}

/*
 * Calls the provider for which @call has been made. Returns false if there is
 * none or another one now.
 */
static bool klab_call_try(struct klab_call_slot *slot, unsigned long id,
			  const struct klab_call *call, long *ret)
{
	struct klab_call_provider *provider;
	bool done;
	int idx;

	idx = srcu_read_lock(slot->srcu);
	provider = srcu_dereference(slot->provider, slot->srcu);
	done = provider && provider->id == id;
	if (done && provider->protection == KLAB_CALL_PIN)
		*ret = klab_call_pinned(slot, provider, call);
	else if (done)
		*ret = klab_call_provide(slot, provider, call);
	srcu_read_unlock(slot->srcu, idx);
	return done;
}

/*
 * Who has been nudged for a provider that is gone, or on its way there, must
 * neither have the sleeps of the next one interrupted, as nobody would know by
 * what, nor try again and again to copy from a page that does not come.
 */
static void klab_call_forget_nudge(void)
{
	if (!test_thread_flag(TIF_NOTIFY_SIGNAL))
		return;
	clear_notify_signal();
	/* It may have been for this, too. */
	task_work_run();
}

/*
 * The restart block of a task says by this that it copies. Nothing calls it, as
 * what copies returns no restart code.
 */
static long klab_call_copying(struct restart_block *unused)
{
	return -EINTR;
}

static bool klab_call_is_copying(struct task_struct *task)
{
	/* What others write there, unmarked, is something else. */
	return data_race(READ_ONCE(task->restart_block.fn)) == klab_call_copying;
}

/*
 * From here on the task copies, and is not nudged so long: a fault of the kernel's
 * own does not end for that, but would go round until the page comes. Returns
 * false if a provider is going, for which it may be nudged yet, by who has looked
 * at it before.
 */
static bool klab_call_copy_begins(const struct klab_call_slot *slot)
{
	/*
	 * Pairs with smp_mb() in klab_call_nudge(): either that sees the mark, or
	 * this sees that there is no provider any more.
	 */
	smp_store_mb(current->restart_block.fn, klab_call_copying);
	/* If not, all nudges are over: pairs with klab_call_unregister(). */
	return !smp_load_acquire(&slot->closing);
}

static void klab_call_copy_ends(void)
{
	WRITE_ONCE(current->restart_block.fn, do_no_restart_syscall);
}

/* No provider is waited for, or looked at, before klab_call_try(). */
static int klab_call_copy(const struct klab_call_slot *slot,
			  const struct klab_call_wishes *wishes,
			  unsigned long args[KLAB_CALL_ARGS], struct klab_call *call)
{
	int err = -ENOSYS;

	if (klab_call_copy_begins(slot)) {
		klab_call_forget_nudge();
		klab_call_args(args);
		err = klab_call_copy_inputs(wishes, args, call);
	}
	klab_call_copy_ends();
	return err;
}

/*
 * Copies @size bytes of what a provider has written, which may be gone by now: it
 * has done its work, so that its caller gets the result.
 */
static long klab_call_copy_output(const struct klab_call_slot *slot, unsigned long addr,
				  const struct klab_call *call, unsigned long size)
{
	bool fails;

	if (size > call->out.size)
		return -EOVERFLOW;
	/* Until all who look now see the mark: pairs with klab_call_nudge(). */
	if (!klab_call_copy_begins(slot))
		synchronize_rcu();
	klab_call_forget_nudge();
	fails = copy_to_user((void __user *)addr, call->out.data, size);
	klab_call_copy_ends();
	return fails ? -EFAULT : size;
}

/* A call of any provider, none, or one after the other. */
static noinline long klab_call_slow(struct klab_call_slot *slot)
{
	unsigned long args[KLAB_CALL_ARGS];
	struct klab_call_wishes wishes;
	struct klab_call call = {};
	bool done;
	long ret;

	do {
		if (fatal_signal_pending(current))
			return -EINTR;
		klab_call_wants(slot, &wishes);
		if (!wishes.id)
			return -ENOSYS;
		ret = klab_call_copy(slot, &wishes, args, &call);
		if (ret)
			return ret;
		done = klab_call_try(slot, wishes.id, &call, &ret);
		if (done && ret > 0 && wishes.out.max)
			ret = klab_call_copy_output(slot, args[wishes.out.addr], &call, ret);
		klab_call_free(&call);
	} while (!done);
	return ret;
}

static bool klab_call_may_load(const struct klab_call_slot *slot)
{
	guard(mutex)(&klab_call_lock);
	return !slot->disarmed && !time_before64(get_jiffies_64(), slot->retry);
}

/*
 * Has the module loaded that wants this number, for who could load it anyway.
 * Others must not see a difference, nor leave a trace in the audit log.
 */
static bool klab_call_load(struct klab_call_slot *slot)
{
	if (!ns_capable_noaudit(&init_user_ns, CAP_SYS_MODULE) || !klab_call_may_load(slot))
		return false;
	request_module("klab-call-%u", slot->nr);
	if (rcu_access_pointer(slot->provider))
		return true;
	guard(mutex)(&klab_call_lock);
	slot->retry = get_jiffies_64() + KLAB_CALL_RETRY;
	return false;
}

static noinline long klab_call_empty(struct klab_call_slot *slot)
{
	return klab_call_load(slot) ? klab_call_slow(slot) : -ENOSYS;
}

static __always_inline long klab_call_enter(struct klab_call_slot *slot)
{
	struct klab_call_provider *provider;
	long ret;
	int idx;

	if (unlikely(!rcu_access_pointer(slot->provider)))
		return likely(!READ_ONCE(klab_call_autoload)) ? -ENOSYS : klab_call_empty(slot);

	idx = srcu_read_lock(slot->srcu);
	provider = srcu_dereference(slot->provider, slot->srcu);
	if (unlikely(!provider || !provider->plain)) {
		srcu_read_unlock(slot->srcu, idx);
		return klab_call_slow(slot);
	}
	ret = klab_call_provide(slot, provider, &klab_call_plain);
	srcu_read_unlock(slot->srcu, idx);
	return ret;
}

#if IS_ENABLED(CONFIG_KUNIT)
/* As a call of user space, for tests. */
long klab_call_invoke(unsigned int nr)
{
	return klab_call_enter(klab_call_slot(nr));
}
EXPORT_SYMBOL_IF_KUNIT(klab_call_invoke);
#endif

/*
 * The arguments stay where they are: to have them in registers while SRCU is
 * entered costs more than SRCU. See klab_call_args().
 */
SYSCALL_DEFINE3(klab_log, const char __user *, text, size_t, size, unsigned int, flags)
{
	return klab_call_enter(&klab_log_slot);
}

SYSCALL_DEFINE6(klab_strtrans, const char __user *, method, const char __user *, text,
		size_t, size, char __user *, result, size_t, max, unsigned int, flags)
{
	return klab_call_enter(&klab_strtrans_slot);
}

SYSCALL_DEFINE6(klab_slot603, unsigned long, arg0, unsigned long, arg1, unsigned long, arg2,
		unsigned long, arg3, unsigned long, arg4, unsigned long, arg5)
{
	return klab_call_enter(&klab_slot603_slot);
}

SYSCALL_DEFINE6(klab_slot604, unsigned long, arg0, unsigned long, arg1, unsigned long, arg2,
		unsigned long, arg3, unsigned long, arg4, unsigned long, arg5)
{
	return klab_call_enter(&klab_slot604_slot);
}

SYSCALL_DEFINE6(klab_slot605, unsigned long, arg0, unsigned long, arg1, unsigned long, arg2,
		unsigned long, arg3, unsigned long, arg4, unsigned long, arg5)
{
	return klab_call_enter(&klab_slot605_slot);
}

SYSCALL_DEFINE6(klab_slot606, unsigned long, arg0, unsigned long, arg1, unsigned long, arg2,
		unsigned long, arg3, unsigned long, arg4, unsigned long, arg5)
{
	return klab_call_enter(&klab_slot606_slot);
}

SYSCALL_DEFINE6(klab_slot607, unsigned long, arg0, unsigned long, arg1, unsigned long, arg2,
		unsigned long, arg3, unsigned long, arg4, unsigned long, arg5)
{
	return klab_call_enter(&klab_slot607_slot);
}

static bool klab_call_input_valid(const struct klab_call_input *input)
{
	switch (input->kind) {
	case KLAB_CALL_INPUT_NONE:
		return true;
	case KLAB_CALL_INPUT_BUFFER:
		if (input->size >= KLAB_CALL_ARGS)
			return false;
		fallthrough;
	case KLAB_CALL_INPUT_STRING:
		return input->addr < KLAB_CALL_ARGS && input->max <= KLAB_CALL_INPUT_MAX;
	default:
		return false;
	}
}

static bool klab_call_output_valid(const struct klab_call_output *output)
{
	return !output->max ||
	       (output->addr < KLAB_CALL_ARGS && output->size < KLAB_CALL_ARGS &&
		output->max <= KLAB_CALL_OUTPUT_MAX);
}

static bool klab_call_valid(const struct klab_call_provider *provider)
{
	int i;

	if (!provider->call || !provider->name || provider->protection > KLAB_CALL_PIN)
		return false;
	for (i = 0; i < KLAB_CALL_INPUTS; i++)
		if (!klab_call_input_valid(&provider->in[i]))
			return false;
	return klab_call_output_valid(&provider->out);
}

static bool klab_call_is_plain(const struct klab_call_provider *provider)
{
	int i;

	if (provider->out.max)
		return false;
	for (i = 0; i < KLAB_CALL_INPUTS; i++)
		if (provider->in[i].kind != KLAB_CALL_INPUT_NONE)
			return false;
	return provider->protection == KLAB_CALL_DRAIN;
}

/**
 * klab_call_register() - become the provider of a late-bound system call
 * @provider: what it is; it must not change until it is unregistered
 *
 * From now on calls of the number end up in the provider, maybe before this
 * returns.
 *
 * Context: process context; may sleep.
 * Return: 0, -EINVAL if the number is not that of a late-bound call or something
 *	else of @provider makes no sense, -EBUSY if there is a provider already,
 *	or one that is being unregistered.
 */
int klab_call_register(struct klab_call_provider *provider)
{
	struct klab_call_slot *slot = klab_call_slot(provider->nr);

	if (!slot || !klab_call_valid(provider))
		return -EINVAL;

	guard(mutex)(&klab_call_lock);
	if (slot->closing || rcu_access_pointer(slot->provider))
		return -EBUSY;
	provider->id = ++klab_call_last_id;
	provider->plain = klab_call_is_plain(provider);
	rcu_assign_pointer(slot->provider, provider);
	return 0;
}
EXPORT_SYMBOL_GPL(klab_call_register);

/*
 * Is a task in the system call @nr? What it is doing is looked at from outside:
 * the answer may be outdated, and one that runs in user space may have been in
 * it last. Who is nudged for nothing has its next sleep interrupted, as by a
 * signal that is ignored, or by SIGSTOP and SIGCONT: the call goes on where it
 * can be restarted, and some, such as epoll_wait(2), return EINTR.
 */
VISIBLE_IF_KUNIT bool klab_call_inside(struct task_struct *task, unsigned int nr)
{
	int now = -1;

	KUNIT_STATIC_STUB_REDIRECT(klab_call_inside, task, nr);
	/* Those have no system call of their own. */
	if (task->flags & (PF_KTHREAD | PF_USER_WORKER))
		return false;
	/* One that has exited has no stack any more. */
	if (!try_get_task_stack(task))
		return false;
	now = syscall_get_nr(task, task_pt_regs(task));
	put_task_stack(task);
#ifdef __X32_SYSCALL_BIT
	if (now > 0)
		now &= ~__X32_SYSCALL_BIT;
#endif
	return now == nr;
}
EXPORT_SYMBOL_IF_KUNIT(klab_call_inside);

/* Who is still in a call, with a reference to each task. */
struct klab_call_stayers {
	struct task_struct *task[KLAB_CALL_NAMES];
	unsigned int count;	/* also of those who are not in @task */
};

/*
 * Remembers a task that stays in the call. Who has come back to user space since
 * the last nudge has taken that away, and who is stopped is on the way there.
 */
static void klab_call_remember(struct klab_call_stayers *stayers, struct task_struct *task)
{
	if (!test_tsk_thread_flag(task, TIF_NOTIFY_SIGNAL) || task_is_stopped_or_traced(task))
		return;
	if (stayers->count < KLAB_CALL_NAMES)
		stayers->task[stayers->count] = get_task_struct(task);
	stayers->count++;
}

/*
 * Ends the interruptible sleeps of all tasks in a call, and maybe remembers them.
 * Who copies is not in a provider.
 */
static void klab_call_nudge(const struct klab_call_slot *slot, struct klab_call_stayers *stayers)
{
	struct task_struct *group, *task;

	/* Orders slot->closing before the marks: pairs with klab_call_copy_begins(). */
	smp_mb();
	/* No look, and no nudge for it, lasts longer: see klab_call_copy_output(). */
	guard(rcu)();
	for_each_process_thread(group, task) {
		if (!klab_call_inside(task, slot->nr) || klab_call_is_copying(task))
			continue;
		if (stayers)
			klab_call_remember(stayers, task);
		set_notify_signal(task);
	}
}

/* Any user may have any number of tasks in a call: the log has room for others. */
static void klab_call_nudge_and_report(const struct klab_call_slot *slot,
				       const struct klab_call_provider *provider)
{
	struct klab_call_stayers stayers = {};
	unsigned int i;

	klab_call_nudge(slot, &stayers);
	for (i = 0; i < min(stayers.count, KLAB_CALL_NAMES); i++) {
		pr_warn("%s (%u) waits for %s[%d] to leave it\n", provider->name, slot->nr,
			stayers.task[i]->comm, task_pid_nr(stayers.task[i]));
		put_task_struct(stayers.task[i]);
	}
	if (stayers.count > KLAB_CALL_NAMES)
		pr_warn("%s (%u) waits for %u more\n", provider->name, slot->nr,
			stayers.count - KLAB_CALL_NAMES);
}

/*
 * Waits until nobody is in a provider whose slot has been cleared. A task that
 * clears its notification and sleeps again needs another nudge, so there is one
 * with each look. The sleeps are idle ones, as a caller that cannot be moved is
 * no fault of who waits.
 */
static void klab_call_drain(const struct klab_call_slot *slot,
			    const struct klab_call_provider *provider)
{
	unsigned long patience = KLAB_CALL_PATIENCE, pause = 1;
	unsigned long report = jiffies + patience;
	unsigned long gp = start_poll_synchronize_srcu(slot->srcu);

	while (!poll_state_synchronize_srcu(slot->srcu, gp)) {
		if (time_after(jiffies, report)) {
			klab_call_nudge_and_report(slot, provider);
			patience *= 2;
			report = jiffies + patience;
		} else {
			klab_call_nudge(slot, NULL);
		}
		schedule_timeout_idle(pause);
		pause = min(2 * pause, KLAB_CALL_PAUSE);
	}
}

static int klab_call_close(struct klab_call_slot *slot,
			   const struct klab_call_provider *provider)
{
	guard(mutex)(&klab_call_lock);
	if (rcu_access_pointer(slot->provider) != provider)
		return -ENOENT;
	slot->disarmed = true;
	/* Before any nudge, see klab_call_error(). */
	WRITE_ONCE(slot->closing, true);
	rcu_assign_pointer(slot->provider, NULL);
	return 0;
}

/**
 * klab_call_unregister() - stop being the provider of a late-bound system call
 * @provider: what klab_call_register() got
 *
 * New calls answer ENOSYS at once. Those that are in the provider are woken from
 * interruptible sleeps, again and again, and this waits until all have left it:
 * then no caller runs its code any more, or will. Calls that this has
 * interrupted return ENOSYS too. After ten seconds, it names in the kernel log
 * up to eight for whom it waits: who sleeps uninterruptibly, or does not heed
 * signal_pending(), or copies by itself from or to a page that does not come.
 *
 * It also disarms autoloading of the number, until somebody writes to the sysctl
 * kernel.klab_call_autoload.
 *
 * Context: process context; sleeps, and not interruptibly.
 * Return: 0, -EINVAL if the number is not that of a late-bound call, -ENOENT if
 *	@provider is not registered, -EDEADLK if called from the call itself.
 */
int klab_call_unregister(struct klab_call_provider *provider)
{
	struct klab_call_slot *slot = klab_call_slot(provider->nr);
	int err;

	if (!slot)
		return -EINVAL;
	if (klab_call_inside(current, slot->nr))
		return -EDEADLK;
	err = klab_call_close(slot, provider);
	if (err)
		return err;
	klab_call_drain(slot, provider);
	guard(mutex)(&klab_call_lock);
	/* After all nudges: pairs with klab_call_copy_begins(). */
	smp_store_release(&slot->closing, false);
	return 0;
}
EXPORT_SYMBOL_GPL(klab_call_unregister);

/*
 * Describes who provides a number now, for klab_audit_call(). Returns false if
 * nobody does.
 */
bool klab_call_describe(unsigned int nr, char *text, size_t size)
{
	struct klab_call_slot *slot = klab_call_slot(nr);
	struct klab_call_provider *provider;
	bool bound;
	int idx;

	idx = srcu_read_lock(slot->srcu);
	provider = srcu_dereference(slot->provider, slot->srcu);
	bound = provider;
	if (bound)
		snprintf(text, size, "%s [%s]", provider->name, module_name(provider->owner));
	srcu_read_unlock(slot->srcu, idx);
	return bound;
}

/* Who writes the sysctl wants modules to be tried again. */
static void klab_call_rearm(void)
{
	int i;

	guard(mutex)(&klab_call_lock);
	for (i = 0; i < ARRAY_SIZE(klab_call_slots); i++) {
		klab_call_slots[i]->disarmed = false;
		klab_call_slots[i]->retry = 0;
	}
}

static int klab_call_autoload_handler(const struct ctl_table *table, int write, void *buffer,
				      size_t *lenp, loff_t *ppos)
{
	int err = proc_dointvec_minmax(table, write, buffer, lenp, ppos);

	if (!err && write)
		klab_call_rearm();
	return err;
}

static struct ctl_table klab_call_sysctls[] = {
	{
		.procname	= "klab_call_autoload",
		.data		= &klab_call_autoload,
		.maxlen		= sizeof(klab_call_autoload),
		.mode		= 0644,
		.proc_handler	= klab_call_autoload_handler,
		.extra1		= SYSCTL_ZERO,
		.extra2		= SYSCTL_ONE,
	},
};

static int __init klab_call_init(void)
{
	register_sysctl_init("kernel", klab_call_sysctls);
	return 0;
}
late_initcall(klab_call_init);
