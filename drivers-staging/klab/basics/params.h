/* SPDX-License-Identifier: GPL-2.0-only */
/* What the module of parameters and its tests share. */
#ifndef _KLAB_BASICS_PARAMS_H
#define _KLAB_BASICS_PARAMS_H

#include <linux/kconfig.h>
#include <linux/moduleparam.h>

#define KLAB_BASICS_RANGE_MIN	1
#define KLAB_BASICS_RANGE_MAX	100

#if IS_ENABLED(CONFIG_KUNIT)
extern const struct kernel_param_ops klab_basics_range_ops;
extern const struct kernel_param_ops klab_basics_choice_ops;

unsigned int klab_basics_params_count(void);
int klab_basics_params_text(unsigned int index, char *text);
#endif

#endif /* _KLAB_BASICS_PARAMS_H */
