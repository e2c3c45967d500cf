// SPDX-License-Identifier: GPL-2.0-only
/*
 * A system call that does nothing, for measuring what entering the kernel and
 * leaving it again costs, and what ties klab's numbers to the tables.
 */

#include <linux/build_bug.h>
#include <linux/syscalls.h>
#include <linux/unistd.h>
#include <uapi/linux/klab.h>

static_assert(__NR_klab_null == KLAB_CALL_FIRST);
static_assert(__NR_klab_log == KLAB_CALL_LATE);
static_assert(__NR_klab_strtrans == 602);
static_assert(__NR_klab_slot603 == 603);
static_assert(__NR_klab_slot604 == 604);
static_assert(__NR_klab_slot605 == 605);
static_assert(__NR_klab_slot606 == 606);
static_assert(__NR_klab_slot607 == KLAB_CALL_LAST);
#ifdef __NR_syscalls
static_assert(__NR_syscalls == KLAB_CALL_LAST + 1);
#endif

#if defined(CONFIG_X86_64) && !defined(CONFIG_UML)
#include <asm/unistd_32_ia32.h>
static_assert(__NR_ia32_klab_null == KLAB_CALL_FIRST);
static_assert(__NR_ia32_klab_slot607 == KLAB_CALL_LAST);
#elif defined(CONFIG_ARM64) && defined(CONFIG_COMPAT)
#include <asm/unistd_compat_32.h>
static_assert(__NR_compat32_klab_null == KLAB_CALL_FIRST);
static_assert(__NR_compat32_klab_slot607 == KLAB_CALL_LAST);
#endif

/**
 * sys_klab_null() - do nothing
 *
 * Context: process context.
 * Return: 0.
 */
SYSCALL_DEFINE0(klab_null)
{
	return 0;
}
