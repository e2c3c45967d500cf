/* SPDX-License-Identifier: GPL-2.0-only */
/* Text from the kernel to a file of the caller. */
#ifndef _KLAB_BASICS_TERMINAL_H
#define _KLAB_BASICS_TERMINAL_H

#include <linux/types.h>

struct file;

#if IS_ENABLED(CONFIG_KUNIT)
ssize_t klab_basics_terminal_write(struct file *file, const char *text,
				   size_t len);
const char *klab_basics_terminal_kind(const struct file *file);
const char *klab_basics_terminal_meaning(ssize_t result, size_t len);
#endif

#endif /* _KLAB_BASICS_TERMINAL_H */
