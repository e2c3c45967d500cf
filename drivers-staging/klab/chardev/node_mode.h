/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The mode of a module's nodes as a parameter, in octal:
 *
 *	static umode_t mode = 0666;
 *	module_param_named(node_mode, mode, node_mode, 0444);
 */
#ifndef _KLAB_CHARDEV_NODE_MODE_H
#define _KLAB_CHARDEV_NODE_MODE_H

#include <linux/errno.h>
#include <linux/kstrtox.h>
#include <linux/mm.h>
#include <linux/moduleparam.h>
#include <linux/sprintf.h>
#include <linux/types.h>

/* Nodes are read and written, by whom is the question; nothing else. */
static inline int param_set_node_mode(const char *text,
				      const struct kernel_param *kp)
{
	unsigned int mode;
	int err;

	err = kstrtouint(text, 8, &mode);
	if (err)
		return err;
	if (mode & ~0666)
		return -EINVAL;
	*(umode_t *)kp->arg = mode;
	return 0;
}

static inline int param_get_node_mode(char *buf, const struct kernel_param *kp)
{
	return scnprintf(buf, PAGE_SIZE, "%04o\n", *(umode_t *)kp->arg);
}

#define param_check_node_mode(name, p)	__param_check(name, p, umode_t)

static const struct kernel_param_ops param_ops_node_mode = {
	.set = param_set_node_mode,
	.get = param_get_node_mode,
};

#endif /* _KLAB_CHARDEV_NODE_MODE_H */
