/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * The system calls of the kernel laboratory. Their numbers, __NR_klab_*, are in
 * <asm/unistd.h> and the same on every ABI.
 */
#ifndef _UAPI_LINUX_KLAB_H
#define _UAPI_LINUX_KLAB_H

/* The numbers from first to last, for who has no headers of this kernel. */
#define KLAB_CALL_FIRST		600	/* klab_null, always there */
#define KLAB_CALL_LATE		601	/* the first whose provider is a module */
#define KLAB_CALL_LAST		607

#endif /* _UAPI_LINUX_KLAB_H */
