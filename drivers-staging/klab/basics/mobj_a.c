// SPDX-License-Identifier: GPL-2.0-only
#include <linux/export.h>

#include "basics.h"

/**
 * klab_basics_mobj_a() - an object's share in what the module exports
 *
 * Context: any.
 * Return: the name of the function.
 */
const char *klab_basics_mobj_a(void)
{
	return __func__;
}
EXPORT_SYMBOL_NS_GPL(klab_basics_mobj_a, KLAB_BASICS);
