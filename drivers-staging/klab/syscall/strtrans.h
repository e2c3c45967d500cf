/* SPDX-License-Identifier: GPL-2.0-only */
/* Provider of klab_strtrans: what can be made of a text. */
#ifndef _KLAB_SYSCALL_STRTRANS_H
#define _KLAB_SYSCALL_STRTRANS_H

#include <linux/types.h>

#define KLAB_STRTRANS_METHOD_MAX	15	/* bytes, of a method's name */

ssize_t klab_strtrans_apply(const char *method, char *result, size_t room,
			    const char *text, size_t size);

#endif /* _KLAB_SYSCALL_STRTRANS_H */
