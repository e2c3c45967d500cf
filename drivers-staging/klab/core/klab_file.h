/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Files that somebody has named to a driver.
 */
#ifndef _KLAB_FILE_H
#define _KLAB_FILE_H

#include <linux/err.h>
#include <linux/errno.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/namei.h>
#include <linux/path.h>

/**
 * klab_open_regular() - open a regular file, and nothing else
 * @name: its path, in the mount namespace of the caller
 * @flags: as of open(2)
 *
 * To open a device may set it going, and to open a FIFO takes a lock that is held
 * while others wait for files of sysfs: what the path leads to is looked at
 * before it is opened, and, as it may have changed meanwhile, once more after it.
 *
 * Context: process context, may sleep; with the rights of the caller.
 * Return: the file, to be put with fput(); -EINVAL for what is no regular file,
 * or what opening it says.
 */
static inline struct file *klab_open_regular(const char *name, int flags)
{
	struct path path;
	struct file *file;
	bool regular;
	int err;

	err = kern_path(name, LOOKUP_FOLLOW, &path);
	if (err)
		return ERR_PTR(err);
	regular = d_is_reg(path.dentry);
	path_put(&path);
	if (!regular)
		return ERR_PTR(-EINVAL);

	file = filp_open(name, flags | O_NONBLOCK | O_NOCTTY, 0);
	if (!IS_ERR(file) && !S_ISREG(file_inode(file)->i_mode)) {
		fput(file);
		return ERR_PTR(-EINVAL);
	}
	return file;
}

#endif /* _KLAB_FILE_H */
