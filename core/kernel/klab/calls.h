/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KERNEL_KLAB_CALLS_H
#define _KERNEL_KLAB_CALLS_H

#include <linux/klab_calls.h>
#include <linux/linkage.h>
#include <linux/types.h>

struct klab_audit_entry;
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

/**
 * struct klab_call_wishes - what a provider has declared, until there is another
 * @id: of the provider, 0: there is none
 * @in: as &klab_call_provider.in
 * @out: as &klab_call_provider.out
 */
struct klab_call_wishes {
	unsigned long id;
	struct klab_call_input in[KLAB_CALL_INPUTS];
	struct klab_call_output out;
};

/* Only architectures without wrappers have it in a header. */
asmlinkage long sys_ni_syscall(void);

int klab_call_copy_inputs(const struct klab_call_wishes *wishes,
			  const unsigned long args[KLAB_CALL_ARGS], struct klab_call *call);
void klab_call_free(struct klab_call *call);
bool klab_call_describe(unsigned int nr, char *text, size_t size);

#if IS_ENABLED(CONFIG_KUNIT)
struct klab_call_slot *klab_call_slot(unsigned int nr);
bool klab_call_inside(struct task_struct *task, unsigned int nr);
long klab_call_invoke(unsigned int nr);
char klab_audit_handler(const char *built, unsigned long addr, struct klab_audit_entry *entry);
#endif

#endif /* _KERNEL_KLAB_CALLS_H */
