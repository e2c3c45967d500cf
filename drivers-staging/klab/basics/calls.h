/* SPDX-License-Identifier: GPL-2.0-only */
/* A device node in a file system that nobody else sees. */
#ifndef _KLAB_BASICS_CALLS_H
#define _KLAB_BASICS_CALLS_H

#include <linux/types.h>

struct vfsmount;

#if IS_ENABLED(CONFIG_KUNIT)
struct vfsmount *klab_basics_calls_mount(void);
void klab_basics_calls_unmount(struct vfsmount *mnt);
int klab_basics_calls_mknod(struct vfsmount *mnt, const char *name, dev_t dev,
			    dev_t *seen);
#endif

#endif /* _KLAB_BASICS_CALLS_H */
