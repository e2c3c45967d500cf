// SPDX-License-Identifier: GPL-2.0-only
/*
 * An integer in a file below /proc: the module.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/err.h>
#include <linux/errno.h>
#include <linux/init.h>
#include <linux/minmax.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/printk.h>
#include <linux/string.h>

#include "tree.h"

/* Bytes of a bad path that are shown. */
#define KLAB_TREE_SHOWN	64

static char *path = "klab-tree/room/value";
module_param(path, charp, 0444);
MODULE_PARM_DESC(path, "Path of the file relative to /proc, with a directory at least (default klab-tree/room/value)");

static int value;
module_param(value, int, 0444);
MODULE_PARM_DESC(value, "The integer at first (default 0)");

static struct klab_tree *klab_tree;

/* The path is shown with escapes: it may hold what confuses a terminal. */
static int __init klab_tree_refuse(int err, const char *reason)
{
	int len = min_t(size_t, strlen(path), KLAB_TREE_SHOWN);

	pr_err("path=%*pE: %s\n", len, path, reason);
	return err;
}

static int __init klab_tree_init(void)
{
	const char *fault = klab_tree_path_fault(path);

	if (fault)
		return klab_tree_refuse(-EINVAL, fault);

	klab_tree = klab_tree_create(path, value);
	/* modprobe takes EEXIST for a module that is loaded, and is content. */
	if (klab_tree == ERR_PTR(-EEXIST))
		return klab_tree_refuse(-EBUSY,
					"its first directory is there already");
	return PTR_ERR_OR_ZERO(klab_tree);
}
module_init(klab_tree_init);

static void __exit klab_tree_exit(void)
{
	klab_tree_destroy(klab_tree);
}
module_exit(klab_tree_exit);

MODULE_DESCRIPTION("klab: integer in a file of /proc at a given path");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
