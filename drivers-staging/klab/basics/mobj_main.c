// SPDX-License-Identifier: GPL-2.0-only
/*
 * A module of several objects that only exports. It has nothing to set up
 * and so neither init nor exit; a module with init alone could not be unloaded.
 */
#include <linux/module.h>

MODULE_DESCRIPTION("klab: exports out of a module of several objects");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
