/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The table of the system calls, for its tests.
 */
#ifndef _KLAB_SYSCALL_TABLE_H
#define _KLAB_SYSCALL_TABLE_H

#include <linux/klab_calls.h>
#include <linux/kconfig.h>

#if IS_ENABLED(CONFIG_KUNIT)
const char *klab_syscall_state_word(enum klab_audit_state state);
const char *klab_syscall_or_dash(const char *text);
#endif

#endif /* _KLAB_SYSCALL_TABLE_H */
