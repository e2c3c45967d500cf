/* SPDX-License-Identifier: GPL-2.0-only */
/* What the configuration report and its tests share. */
#ifndef _KLAB_BASICS_CONFIG_H
#define _KLAB_BASICS_CONFIG_H

#include <linux/kconfig.h>
#include <linux/stringify.h>
#include <linux/types.h>

struct seq_buf;

/**
 * struct klab_basics_option - an option of the kernel configuration
 * @name: with CONFIG_
 * @expansion: of the macro of that name: the name again where there is none
 * @is_switch: whether it is a bool or a tristate
 * @is_module: whether it is m
 */
struct klab_basics_option {
	const char *name;
	const char *expansion;
	bool is_switch;
	bool is_module;
};

#define KLAB_BASICS_SWITCH(_option)					\
	{								\
		.name = #_option,					\
		.expansion = __stringify(_option),			\
		.is_switch = true,					\
		.is_module = IS_MODULE(_option),			\
	}

/* A number or a string, of which IS_MODULE() makes no token. */
#define KLAB_BASICS_VALUE(_option)					\
	{ .name = #_option, .expansion = __stringify(_option) }

#if IS_ENABLED(CONFIG_KUNIT)
const char *klab_basics_option_state(const struct klab_basics_option *option);
const char *klab_basics_option_value(const struct klab_basics_option *option);
void klab_basics_taint_words(struct seq_buf *words, unsigned long mask);
#endif

#endif /* _KLAB_BASICS_CONFIG_H */
