// SPDX-License-Identifier: GPL-2.0-only
/*
 * Names of system calls, from the table that the kernel's own dispatch is
 * compiled from. They are those of the handlers, without "sys_": newfstat, not
 * fstat.
 */

#include <linux/errno.h>
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/kstrtox.h>
#include <linux/string.h>

#include <kunit/visibility.h>

#include "tap.h"

#define TAP_PREFIX	"sys_"
#define TAP_NONE	"sys_ni_syscall"

/* The table has no gaps. */
#define __SYSCALL(nr, sym)		#sym,
#define __SYSCALL_NORETURN(nr, sym)	#sym,
static const char * const tap_symbols[] = {
#include <asm/syscalls_64.h>
};

#undef __SYSCALL
#undef __SYSCALL_NORETURN

/**
 * klab_tap_call_numbers() - how many numbers of system calls there are
 *
 * Context: any.
 * Return: 1 more than the highest number.
 */
VISIBLE_IF_KUNIT unsigned int klab_tap_call_numbers(void)
{
	return ARRAY_SIZE(tap_symbols);
}
EXPORT_SYMBOL_IF_KUNIT(klab_tap_call_numbers);

/**
 * klab_tap_call_name() - the name of a system call
 * @nr: its number
 *
 * Context: any.
 * Return: the name of its handler without "sys_", or NULL where there is no
 * such call.
 */
VISIBLE_IF_KUNIT const char *klab_tap_call_name(unsigned int nr)
{
	if (nr >= ARRAY_SIZE(tap_symbols) ||
	    !strcmp(tap_symbols[nr], TAP_NONE))
		return NULL;
	return tap_symbols[nr] + strlen(TAP_PREFIX);
}
EXPORT_SYMBOL_IF_KUNIT(klab_tap_call_name);

/**
 * klab_tap_call_find() - the number of a system call
 * @text: its name, with or without "sys_", or its number
 *
 * Context: any.
 * Return: the number, or -ENOENT where there is no such call.
 */
VISIBLE_IF_KUNIT int klab_tap_call_find(const char *text)
{
	const char *name;
	unsigned int nr;

	if (!kstrtouint(text, 10, &nr))
		return klab_tap_call_name(nr) ? nr : -ENOENT;

	if (str_has_prefix(text, TAP_PREFIX))
		text += strlen(TAP_PREFIX);
	for (nr = 0; nr < ARRAY_SIZE(tap_symbols); nr++) {
		name = klab_tap_call_name(nr);
		if (name && !strcmp(name, text))
			return nr;
	}
	return -ENOENT;
}
EXPORT_SYMBOL_IF_KUNIT(klab_tap_call_find);
