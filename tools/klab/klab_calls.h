/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * The system calls of the kernel laboratory, for programs: this header and the
 * C library are all that is needed. See klab_null(2), klab_log(2) and
 * klab_strtrans(2).
 *
 * Each function returns -1 with errno set where the kernel returns an error:
 * ENOSYS on a kernel without these calls, or without a provider.
 */
#ifndef _KLAB_CALLS_H
#define _KLAB_CALLS_H

#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The same on every ABI, and in no header but that of a kernel with klab. */
#ifndef __NR_klab_null
#define __NR_klab_null		600
#endif
#ifndef __NR_klab_log
#define __NR_klab_log		601
#endif
#ifndef __NR_klab_strtrans
#define __NR_klab_strtrans	602
#endif

/* Late-bound numbers without a purpose of their own: 603 to 607. */
#define KLAB_NR_FREE_FIRST	603
#define KLAB_NR_FREE_LAST	607

/**
 * klab_null() - enter the kernel and come back
 *
 * Return: 0, or -1 with errno ENOSYS.
 */
static inline int klab_null(void)
{
	return (int)syscall(__NR_klab_null);
}

/**
 * klab_log() - write a line to the kernel log
 * @text: the line; what is not printable is escaped
 * @size: its length in bytes
 * @flags: 0
 *
 * Return: what the provider returns, or -1 with errno set.
 */
static inline long klab_log(const char *text, size_t size, unsigned int flags)
{
	return syscall(__NR_klab_log, text, size, flags);
}

/**
 * klab_strtrans() - translate a text
 * @method: name of the translation
 * @text: the text
 * @size: its length in bytes
 * @result: gets the translation
 * @max: room in @result in bytes
 * @flags: 0
 *
 * Return: what the provider returns, or -1 with errno set.
 */
static inline long klab_strtrans(const char *method, const char *text,
				 size_t size, char *result, size_t max,
				 unsigned int flags)
{
	return syscall(__NR_klab_strtrans, method, text, size, result, max,
		       flags);
}

#ifdef __cplusplus
}
#endif

#endif /* _KLAB_CALLS_H */
