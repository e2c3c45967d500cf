/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KERNEL_KLAB_CALLS_H
#define _KERNEL_KLAB_CALLS_H

#include <linux/linkage.h>
#include <linux/types.h>

struct klab_audit_entry;
struct klab_call_provider;
struct srcu_struct;
struct task_struct;

/**
 * struct klab_call_slot - a late-bound system call
 * @provider: what it does now; read under @srcu, written under klab_call_lock
 * @srcu: entered by those who call the provider
 * @nr: its number
 * @closing: a provider has been cleared, and callers may be left in it
 * @disarmed: no module is to be loaded for it
 * @retry: when to try to load a module again, in jiffies
 *
 * klab_call_lock protects the last three; @closing is read without it.
 */
struct klab_call_slot {
	struct klab_call_provider __rcu *provider;
	struct srcu_struct *srcu;
	unsigned int nr;
	bool closing;
	bool disarmed;
	u64 retry;
};

/* Only architectures without wrappers have it in a header. */
asmlinkage long sys_ni_syscall(void);

bool klab_call_describe(unsigned int nr, char *text, size_t size);

#if IS_ENABLED(CONFIG_KUNIT)
struct klab_call_slot *klab_call_slot(unsigned int nr);
bool klab_call_inside(struct task_struct *task, unsigned int nr);
long klab_call_invoke(unsigned int nr);
char klab_audit_handler(const char *built, unsigned long addr, struct klab_audit_entry *entry);
#endif

#endif /* _KERNEL_KLAB_CALLS_H */
