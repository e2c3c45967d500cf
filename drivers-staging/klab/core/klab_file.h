/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Files that somebody has named to a driver.
 */
#ifndef _KLAB_FILE_H
#define _KLAB_FILE_H

#include <linux/dcache.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/namei.h>
#include <linux/path.h>
#include <linux/stat.h>

/* What is written has to be kept: files of sysfs and configfs have no fsync(). */
static inline bool klab_file_is_regular(const struct inode *inode, int flags)
{
	return S_ISREG(inode->i_mode) &&
	       ((flags & O_ACCMODE) == O_RDONLY || inode->i_fop->fsync);
}

/**
 * klab_open_regular() - open a regular file, and nothing else
 * @name: its path, in the mount namespace of the caller
 * @flags: as of open(2)
 *
 * To open a device may set it going, to open a FIFO takes a lock that is held
 * while others wait for files of sysfs, and to open a file of configfs for
 * writing takes one that who is writing such a file has: what the path leads to
 * is looked at before it is opened, and, as it may have changed meanwhile, once
 * more after it.
 *
 * Context: process context, may sleep; with the rights of the caller.
 * Return: the file, to be put with fput(); -EINVAL for what is no regular file,
 * or, if it is to be written, one without fsync(); or what opening it says.
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
	regular = d_is_positive(path.dentry) &&
		  klab_file_is_regular(d_inode(path.dentry), flags);
	path_put(&path);
	if (!regular)
		return ERR_PTR(-EINVAL);

	file = filp_open(name, flags | O_NONBLOCK | O_NOCTTY, 0);
	if (!IS_ERR(file) && !klab_file_is_regular(file_inode(file), flags)) {
		fput(file);
		return ERR_PTR(-EINVAL);
	}
	return file;
}

#endif /* _KLAB_FILE_H */
