/* SPDX-License-Identifier: GPL-2.0-only */
/* Numbers of klab's system calls, and what the fixture module does for them. */
#ifndef _KLAB_SYSCALL_NUMBERS_H
#define _KLAB_SYSCALL_NUMBERS_H

#ifndef __NR_klab_null
#define __NR_klab_null		600
#endif
#ifndef __NR_klab_log
#define __NR_klab_log		601
#endif
#ifndef __NR_klab_strtrans
#define __NR_klab_strtrans	602
#endif

#define KLAB_LOG_TEXT_MAX	240

/* klab_syscall_example, where it is not told another one. */
#define EXAMPLE_NR		603

/*
 * klab_test_call: the next number takes text, size, and the one behind it sleeps,
 * result, size.
 */
#define TEST_CALL_NR		604
#define TEST_CALL_RETURN	0
#define TEST_CALL_SLEEP		1
#define TEST_CALL_RESTART	2
#define TEST_CALL_COPY		3
#define TEST_CALL_STAY		4

#endif /* _KLAB_SYSCALL_NUMBERS_H */
