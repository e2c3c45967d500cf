/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How often a module is held, for what shows it.
 */
#ifndef _KLAB_CHARDEV_USERS_H
#define _KLAB_CHARDEV_USERS_H

#include <linux/module.h>

/* References to a module; 0 for what is built in or never unloaded. */
static inline int klab_users_of(struct module *module)
{
#ifdef CONFIG_MODULE_UNLOAD
	if (module)
		return module_refcount(module);
#endif
	return 0;
}

#endif /* _KLAB_CHARDEV_USERS_H */
