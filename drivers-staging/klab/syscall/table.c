// SPDX-License-Identifier: GPL-2.0-only
/*
 * The system calls of the running kernel, number by number, as the kernel's own
 * table has them.
 */

#include <linux/errno.h>
#include <linux/klab_calls.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string_choices.h>

#include <kunit/visibility.h>

#include "../core/klab_core.h"
#include "table.h"

enum table_param {
	PARAM_ABI,
};

enum table_abi {
	ABI_ALL,
	ABI_NATIVE,
	ABI_COMPAT,
};

static const char * const abi_choices[] = { "all", "native", "compat", NULL };

static const struct klab_param table_params[] = {
	[PARAM_ABI] = KLAB_CHOICE("abi", ABI_ALL, abi_choices,
				  "native, or that of 32-bit programs on a 64-bit kernel"),
};

static const char * const state_words[] = {
	[KLAB_AUDIT_HOLE] = "hole",
	[KLAB_AUDIT_RETIRED] = "retired",
	[KLAB_AUDIT_OFF] = "configured out",
	[KLAB_AUDIT_HERE] = "implemented",
	[KLAB_AUDIT_LATE_EMPTY] = "late-bound, empty",
	[KLAB_AUDIT_LATE_BOUND] = "late-bound",
};

/**
 * klab_syscall_state_word() - a state of a system call in words
 * @state: the state
 *
 * Context: any.
 * Return: the words; "unknown" for a state that there is not.
 */
VISIBLE_IF_KUNIT const char *
klab_syscall_state_word(enum klab_audit_state state)
{
	if ((unsigned int)state >= ARRAY_SIZE(state_words))
		return "unknown";
	return state_words[state];
}
EXPORT_SYMBOL_IF_KUNIT(klab_syscall_state_word);

/**
 * klab_syscall_or_dash() - what a cell of a table says
 * @text: the text
 *
 * Context: any.
 * Return: @text, or "-" where it is empty.
 */
VISIBLE_IF_KUNIT const char *klab_syscall_or_dash(const char *text)
{
	return *text ? text : "-";
}
EXPORT_SYMBOL_IF_KUNIT(klab_syscall_or_dash);

/* The table ends where the core knows no more numbers. */
static int table_rows(struct klab_run *run, enum klab_audit_abi abi,
		      struct klab_audit_entry *entry)
{
	const char *word = abi_choices[abi == KLAB_AUDIT_COMPAT ? ABI_COMPAT :
								  ABI_NATIVE];

	for (unsigned int nr = 0;
	     !klab_audit_call(abi, nr, entry); nr++) {
		int err = klab_run_check(run);

		if (err)
			return err;
		klab_row(run, "%s\t%u\t%s\t%s\t%s\t%s\t%s", word, nr,
			 klab_syscall_or_dash(entry->name),
			 klab_syscall_state_word(entry->state),
			 klab_syscall_or_dash(entry->handler),
			 klab_syscall_or_dash(entry->provider),
			 str_yes_no(!entry->foreign));
	}
	return 0;
}

static int klab_syscall_table_run(struct klab_run *run)
{
	struct klab_audit_entry *entry __free(kfree) = kmalloc_obj(*entry);
	enum table_abi abi = klab_run_value(run, PARAM_ABI);
	bool compat;
	int err = 0;

	if (!entry)
		return -ENOMEM;

	compat = !klab_audit_call(KLAB_AUDIT_COMPAT, 0, entry);
	if (abi == ABI_COMPAT && !compat)
		return klab_run_fail(run, -EOPNOTSUPP,
				     "this kernel runs no 32-bit programs");
	klab_note(run, "compat", "%s", compat ? "yes" : "no");
	klab_columns(run, "abi\tnumber\tname\tstate\thandler\tprovider\tas_built");
	if (abi != ABI_COMPAT)
		err = table_rows(run, KLAB_AUDIT_NATIVE, entry);
	if (!err && abi != ABI_NATIVE && compat)
		err = table_rows(run, KLAB_AUDIT_COMPAT, entry);
	return err;
}

static struct klab_experiment klab_syscall_table[] = {
	{
		.room = "syscall",
		.name = "table",
		.question = "What is there behind each number of a system call?",
		.params = table_params,
		.nr_params = ARRAY_SIZE(table_params),
		.run = klab_syscall_table_run,
	},
};
module_klab_experiments(klab_syscall_table);

MODULE_DESCRIPTION("klab: table of the system calls");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
