/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The way into the room of basics: what its modules offer to other modules.
 *
 * A user imports the namespace KLAB_BASICS.
 */
#ifndef _KLAB_BASICS_H
#define _KLAB_BASICS_H

#include <linux/kconfig.h>
#include <linux/types.h>

/* klab_basics_mobj: three functions out of three objects of one module. */
const char *klab_basics_mobj_a(void);
const char *klab_basics_mobj_b(void);
const char *klab_basics_mobj_c(void);

#if IS_ENABLED(CONFIG_KUNIT)
void klab_basics_mcall_sum(char *line, size_t size);
#endif

#endif /* _KLAB_BASICS_H */
