/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Late-bound system calls: the entry is part of the kernel, what it does comes
 * from a provider that a module registers.
 *
 * See Documentation/core-api/klab-calls.rst for what is guaranteed.
 */
#ifndef _LINUX_KLAB_CALLS_H
#define _LINUX_KLAB_CALLS_H

#include <linux/kallsyms.h>
#include <linux/module.h>
#include <linux/stringify.h>
#include <linux/types.h>
#include <uapi/linux/klab.h>

#define KLAB_CALL_ARGS		6
#define KLAB_CALL_INPUTS	2
#define KLAB_CALL_INPUT_MAX	65536
#define KLAB_CALL_OUTPUT_MAX	65536

/**
 * enum klab_call_protection - what happens to callers when a provider goes
 * @KLAB_CALL_DRAIN: klab_call_unregister() gets them out, and waits for them
 * @KLAB_CALL_PIN: the same, but a call holds a reference to the owner too, so
 *	that the module cannot be removed meanwhile: rmmod says EBUSY
 */
enum klab_call_protection {
	KLAB_CALL_DRAIN,
	KLAB_CALL_PIN,
};

/**
 * enum klab_call_input_kind - what an argument of a call points to
 * @KLAB_CALL_INPUT_NONE: nothing that is to be copied
 * @KLAB_CALL_INPUT_BUFFER: as many bytes as another argument says
 * @KLAB_CALL_INPUT_STRING: characters up to the first NUL
 */
enum klab_call_input_kind {
	KLAB_CALL_INPUT_NONE,
	KLAB_CALL_INPUT_BUFFER,
	KLAB_CALL_INPUT_STRING,
};

/**
 * struct klab_call_input - what to copy from user space before the provider runs
 * @kind: what there is to copy
 * @addr: number of the argument with the address, from 0
 * @size: number of the argument with the size in bytes, for a buffer
 * @max: largest size in bytes, up to %KLAB_CALL_INPUT_MAX, without the NUL that
 *	ends a string; what is larger is refused with -E2BIG
 */
struct klab_call_input {
	enum klab_call_input_kind kind;
	unsigned int addr;
	unsigned int size;
	size_t max;
};

/**
 * struct klab_call_output - what to copy to user space after the provider ran
 * @addr: number of the argument with the address, from 0
 * @size: number of the argument with the size in bytes of what is there
 * @max: largest size in bytes, up to %KLAB_CALL_OUTPUT_MAX; 0 if there is nothing
 *	to be copied
 */
struct klab_call_output {
	unsigned int addr;
	unsigned int size;
	size_t max;
};

/**
 * struct klab_call - a call, as its provider sees it
 * @in: what has been copied for each &klab_call_provider.in: the bytes, with a
 *	NUL behind them that @size does not count. The core frees them.
 * @out: where to write what &klab_call_provider.out declares, all zero: as much
 *	as the caller has room for, but not more than the maximum. The core copies
 *	as many bytes of it as the provider returns, and frees it.
 *
 * The arguments are to be had with klab_call_args().
 */
struct klab_call {
	struct {
		const char *data;
		size_t size;
	} in[KLAB_CALL_INPUTS];
	struct {
		char *data;
		size_t size;
	} out;
};

/**
 * struct klab_call_provider - an implementation of a late-bound system call
 * @nr: number of the system call, %KLAB_CALL_LATE to %KLAB_CALL_LAST
 * @protection: what is done about callers while it is unregistered
 * @owner: %THIS_MODULE
 * @name: shown in the kernel log
 * @in: what the core copies from user space before @call
 * @out: what the core copies to user space after @call, if that succeeds; the
 *	caller gets -EFAULT if it cannot be copied, after all has been done
 * @call: does it, in the context of the caller, and may sleep. Returns what the
 *	caller gets, or a negative error; of the codes that restart a call,
 *	-ERESTART_RESTARTBLOCK becomes -EINTR. With @out, it returns the number
 *	of bytes that it has written; for more than there is room for, the caller
 *	gets -EOVERFLOW and nothing else.
 *
 * While @call sleeps, klab_call_unregister() has to get it out. So it sleeps
 * interruptibly, and returns -EINTR or a restart code when signal_pending().
 * What it copies from or to user space by itself may fault on a page whose owner
 * takes as long as it likes, and that only a fatal signal ends; @in and @out do
 * not hold up anything.
 */
struct klab_call_provider {
	unsigned int nr;
	enum klab_call_protection protection;
	struct module *owner;
	const char *name;
	struct klab_call_input in[KLAB_CALL_INPUTS];
	struct klab_call_output out;
	long (*call)(const struct klab_call *call);

	/* private: set while registered */
	unsigned long id;
	bool plain;
};

int klab_call_register(struct klab_call_provider *provider);
int klab_call_unregister(struct klab_call_provider *provider);
void klab_call_args(unsigned long args[KLAB_CALL_ARGS]);

/**
 * MODULE_ALIAS_KLAB_CALL() - have a module loaded by the first call of a number
 * @nr: the number, in digits or as __NR_klab_*
 *
 * It happens only where the sysctl kernel.klab_call_autoload is on.
 */
#define MODULE_ALIAS_KLAB_CALL(nr)	\
	MODULE_ALIAS("klab-call-" __stringify(nr))

/**
 * enum klab_audit_abi - table of system calls
 * @KLAB_AUDIT_NATIVE: that of the kernel's own word size
 * @KLAB_AUDIT_COMPAT: that of 32-bit programs on a 64-bit kernel
 */
enum klab_audit_abi {
	KLAB_AUDIT_NATIVE,
	KLAB_AUDIT_COMPAT,
};

/**
 * enum klab_audit_state - what there is behind a number
 * @KLAB_AUDIT_HOLE: the number has never been given to anybody
 * @KLAB_AUDIT_RETIRED: it has a name, but no implementation any more
 * @KLAB_AUDIT_OFF: the configuration of this kernel leaves it out
 * @KLAB_AUDIT_HERE: it is implemented
 * @KLAB_AUDIT_LATE_EMPTY: late-bound, without a provider now
 * @KLAB_AUDIT_LATE_BOUND: late-bound, with a provider now
 */
enum klab_audit_state {
	KLAB_AUDIT_HOLE,
	KLAB_AUDIT_RETIRED,
	KLAB_AUDIT_OFF,
	KLAB_AUDIT_HERE,
	KLAB_AUDIT_LATE_EMPTY,
	KLAB_AUDIT_LATE_BOUND,
};

/**
 * struct klab_audit_entry - a number, described
 * @state: what there is behind it
 * @name: its name in the table, without prefix; empty where there is none
 * @handler: symbol that handles it; without kallsyms what the table says
 * @provider: "name [module]" of the provider that is bound now, else empty
 * @foreign: the table holds another function than it was built with; told only
 *	where there is a table in memory, and kallsyms
 */
struct klab_audit_entry {
	enum klab_audit_state state;
	char name[32];
	char handler[KSYM_NAME_LEN];
	char provider[96];
	bool foreign;
};

int klab_audit_call(enum klab_audit_abi abi, unsigned int nr,
		    struct klab_audit_entry *entry);

#endif /* _LINUX_KLAB_CALLS_H */
