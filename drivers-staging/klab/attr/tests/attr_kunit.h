/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the suites of the room share: files of /proc, which are opened in a
 * mount of procfs of the test's own, as there may be no other one.
 */
#ifndef _KLAB_ATTR_KUNIT_H
#define _KLAB_ATTR_KUNIT_H

#include <linux/cred.h>
#include <linux/err.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mount.h>
#include <linux/path.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/uio.h>

#include <kunit/test.h>

static void unmount(void *mnt)
{
	kern_unmount(mnt);
}

static inline struct vfsmount *mount_proc(struct kunit *test)
{
	struct file_system_type *type = get_fs_type("proc");
	struct vfsmount *mnt;

	KUNIT_ASSERT_NOT_NULL(test, type);
	mnt = kern_mount(type);
	module_put(type->owner);
	KUNIT_ASSERT_FALSE_MSG(test, IS_ERR(mnt), "%pe", mnt);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, unmount,
							   mnt));
	return mnt;
}

/* The last reference has to be gone before the mount is. */
static void close_file(void *file)
{
	__fput_sync(file);
}

static inline struct file *try_open(struct vfsmount *mnt, const char *name)
{
	const struct path root = { .mnt = mnt, .dentry = mnt->mnt_root };

	return file_open_root(&root, name, O_RDWR, 0);
}

static inline struct file *open_proc(struct kunit *test, struct vfsmount *mnt,
				     const char *name)
{
	const struct path root = { .mnt = mnt, .dentry = mnt->mnt_root };
	struct file *file = file_open_root(&root, name, O_RDWR, 0);

	KUNIT_ASSERT_FALSE_MSG(test, IS_ERR(file), "%s: %pe", name, file);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, close_file,
							   file));
	return file;
}

/* As read() or pread() does it, whichever of the methods there is. */
static inline ssize_t read_at(struct file *file, char __user *buf,
			      size_t count, loff_t pos)
{
	struct kiocb iocb = { .ki_filp = file, .ki_pos = pos };
	struct iov_iter to;

	if (file->f_op->read)
		return file->f_op->read(file, buf, count, &pos);
	iov_iter_ubuf(&to, ITER_DEST, buf, count);
	return file->f_op->read_iter(&iocb, &to);
}

static inline ssize_t write_text(struct kunit *test, struct file *file,
				 char __user *buf, const char *text,
				 size_t count)
{
	loff_t pos = 0;

	KUNIT_ASSERT_EQ(test, 0, copy_to_user(buf, text, count));
	return file->f_op->write(file, buf, count, &pos);
}

#endif /* _KLAB_ATTR_KUNIT_H */
