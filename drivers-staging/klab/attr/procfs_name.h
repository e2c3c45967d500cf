/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Whether a name in /proc is taken.
 */
#ifndef _KLAB_ATTR_PROCFS_NAME_H
#define _KLAB_ATTR_PROCFS_NAME_H

#include <linux/err.h>
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/mount.h>
#include <linux/namei.h>
#include <linux/path.h>

/**
 * klab_procfs_check_free() - is there no such name in /proc
 * @name: of a directory or a file, relative to /proc
 *
 * procfs itself can be asked only by making it, and warns if it is there. So
 * it is looked for in a mount of procfs of its own: that of the caller may be
 * elsewhere, or show less. A name that another module adds right afterwards is
 * not seen; there is no way to reserve one.
 *
 * Context: process, may sleep.
 * Return: 0; -EEXIST where it is there; or why /proc cannot be looked at.
 */
static inline int klab_procfs_check_free(const char *name)
{
	struct file_system_type *type = get_fs_type("proc");
	struct vfsmount *mnt;
	struct path path;
	int err;

	if (!type)
		return -ENODEV;
	mnt = kern_mount(type);
	module_put(type->owner);
	if (IS_ERR(mnt))
		return PTR_ERR(mnt);

	err = vfs_path_lookup(mnt->mnt_root, mnt, name, 0, &path);
	if (!err)
		path_put(&path);
	kern_unmount(mnt);
	if (err == -ENOENT)
		return 0;
	return err ?: -EEXIST;
}

#endif /* _KLAB_ATTR_PROCFS_NAME_H */
