// SPDX-License-Identifier: GPL-2.0-only
/*
 * The work of three system calls, done by kernel code: getpid, write, mknod.
 *
 * Kernel code does not make system calls: their handlers take user pointers,
 * and nothing lifts that check any more. It calls what the handlers call.
 */

#include <linux/dcache.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/kdev_t.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/mnt_idmapping.h>
#include <linux/module.h>
#include <linux/mount.h>
#include <linux/namei.h>
#include <linux/pid.h>
#include <linux/sched.h>
#include <linux/shmem_fs.h>
#include <linux/stat.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include <kunit/visibility.h>

#include "../core/klab_core.h"
#include "calls.h"

#define CALLS_MAJOR	247
#define CALLS_MINOR	0

static const char calls_text[] = "klab writes from kernel memory\n";

static void calls_row(struct klab_run *run, const char *operation,
		      const char *way, long result, const char *meaning)
{
	klab_row(run, "%s\t%s\t%ld\t%s", operation, way, result, meaning);
}

static void calls_getpid(struct klab_run *run)
{
	calls_row(run, "getpid", "task_tgid_nr(current)", task_tgid_nr(current),
		  "as the initial PID namespace numbers the caller");
	calls_row(run, "getpid", "task_tgid_vnr(current)",
		  task_tgid_vnr(current),
		  "as the caller's namespace does, what getpid() returns");
}

static long calls_read_back(struct file *file, char *buf, size_t len)
{
	loff_t pos = 0;

	return kernel_read(file, buf, len, &pos);
}

static void calls_write_from_kernel(struct klab_run *run, struct file *file)
{
	char buf[sizeof(calls_text)];
	loff_t pos = 0;
	long ret;

	ret = kernel_write(file, calls_text, sizeof(calls_text), &pos);
	calls_row(run, "write", "kernel_write()", ret,
		  ret == sizeof(calls_text) ? "all written" : "not written");

	ret = calls_read_back(file, buf, sizeof(buf));
	calls_row(run, "read", "kernel_read()", ret,
		  ret == sizeof(buf) && !memcmp(buf, calls_text, sizeof(buf)) ?
		  "the same text" : "another text");
}

/* What a write handler does first with the pointer that it is given. */
static void calls_write_from_user(struct klab_run *run)
{
	char from[sizeof(calls_text)], to[sizeof(calls_text)];
	long ret;

	/* Not every architecture has a fault then. */
	if (!current->mm) {
		klab_note(run, "left_out",
			  "copy_from_user(): the caller has no user memory");
		return;
	}

	memcpy(from, calls_text, sizeof(from));
	ret = copy_from_user(to, (const void __force __user *)from,
			     sizeof(from));
	calls_row(run, "write", "copy_from_user(kernel pointer)", ret,
		  ret == sizeof(from) ?
		  "nothing copied, a handler would return EFAULT" :
		  "the number is a user address here as well");
}

static void calls_write(struct klab_run *run)
{
	struct file *file;

	file = shmem_kernel_file_setup("klab", 0, VM_NORESERVE);
	if (IS_ERR(file)) {
		calls_row(run, "write", "shmem_kernel_file_setup()",
			  PTR_ERR(file), "no file to write to");
		return;
	}
	calls_write_from_kernel(run, file);
	fput(file);
	calls_write_from_user(run);
}

/**
 * klab_basics_calls_mount() - mounts an empty file system for the kernel only
 *
 * It belongs to no mount namespace, and is gone after
 * klab_basics_calls_unmount() with all there is in it.
 *
 * Context: process; may sleep.
 * Return: the mount or an error pointer, -ENODEV in a kernel without tmpfs.
 */
VISIBLE_IF_KUNIT struct vfsmount *klab_basics_calls_mount(void)
{
	struct file_system_type *type = get_fs_type("tmpfs");
	struct vfsmount *mnt;

	if (!type)
		return ERR_PTR(-ENODEV);

	mnt = kern_mount(type);
	/* The mount has a reference of its own. */
	module_put(type->owner);
	return mnt;
}
EXPORT_SYMBOL_IF_KUNIT(klab_basics_calls_mount);

/**
 * klab_basics_calls_unmount() - undoes klab_basics_calls_mount()
 * @mnt: the mount
 *
 * Context: process; sleeps.
 */
VISIBLE_IF_KUNIT void klab_basics_calls_unmount(struct vfsmount *mnt)
{
	kern_unmount(mnt);
}
EXPORT_SYMBOL_IF_KUNIT(klab_basics_calls_unmount);

static int calls_mknod_locked(struct vfsmount *mnt, const char *name,
			      dev_t dev, dev_t *seen)
{
	struct dentry *root = mnt->mnt_root;
	struct kstat stat;
	struct path node;
	int err;

	node.mnt = mnt;
	node.dentry = lookup_one_len(name, root, strlen(name));
	if (IS_ERR(node.dentry))
		return PTR_ERR(node.dentry);

	err = vfs_mknod(mnt_idmap(mnt), d_inode(root), node.dentry,
			S_IFCHR | 0600, dev);
	if (!err)
		err = vfs_getattr(&node, &stat, STATX_BASIC_STATS,
				  AT_STATX_SYNC_AS_STAT);
	if (!err)
		*seen = stat.rdev;
	dput(node.dentry);
	return err;
}

/**
 * klab_basics_calls_mknod() - makes a character device node and looks at it
 * @mnt: file system that gets it, in its root
 * @name: name of the node
 * @dev: its device number, as the kernel has it
 * @seen: gets the device number that the node has
 *
 * Context: process; may sleep.
 * Return: 0, -EEXIST, -EPERM without CAP_MKNOD, or what the file system says.
 */
VISIBLE_IF_KUNIT int klab_basics_calls_mknod(struct vfsmount *mnt,
					     const char *name, dev_t dev,
					     dev_t *seen)
{
	struct inode *root = d_inode(mnt->mnt_root);
	int err;

	err = mnt_want_write(mnt);
	if (err)
		return err;
	inode_lock_nested(root, I_MUTEX_PARENT);
	err = calls_mknod_locked(mnt, name, dev, seen);
	inode_unlock(root);
	mnt_drop_write(mnt);
	return err;
}
EXPORT_SYMBOL_IF_KUNIT(klab_basics_calls_mknod);

static void calls_mknod_row(struct klab_run *run, struct vfsmount *mnt,
			    const char *way, const char *name, dev_t dev)
{
	char meaning[64] = "not made";
	dev_t seen;
	int err;

	err = klab_basics_calls_mknod(mnt, name, dev, &seen);
	if (!err)
		snprintf(meaning, sizeof(meaning), "the node is %u:%u%s",
			 MAJOR(seen), MINOR(seen),
			 seen == MKDEV(CALLS_MAJOR, CALLS_MINOR) ? "" :
			 ", which nobody wanted");
	calls_row(run, "mknod", way, err, meaning);
}

/*
 * Inside the kernel a device number is a dev_t; mknod() takes the encoding of
 * user space and decodes it. To hand it a dev_t is to decode what was never
 * encoded, and a third row shows what that makes of it.
 */
static void calls_mknod(struct klab_run *run)
{
	dev_t dev = MKDEV(CALLS_MAJOR, CALLS_MINOR);
	struct vfsmount *mnt = klab_basics_calls_mount();

	if (IS_ERR(mnt)) {
		calls_row(run, "mknod", "kern_mount()", PTR_ERR(mnt),
			  "no file system to make it in");
		return;
	}
	calls_mknod_row(run, mnt, "vfs_mknod(MKDEV(247, 0))", "right", dev);
	calls_mknod_row(run, mnt, "the user encoding of 247:0, decoded",
			"encoded", new_decode_dev(new_encode_dev(dev)));
	calls_mknod_row(run, mnt, "MKDEV(247, 0) taken for the user encoding",
			"wrong", new_decode_dev(dev));
	klab_basics_calls_unmount(mnt);
}

static int calls_run(struct klab_run *run)
{
	klab_columns(run, "operation\tway\tresult\tmeaning");
	calls_getpid(run);
	calls_write(run);
	calls_mknod(run);
	return klab_run_check(run);
}

static struct klab_experiment calls_experiments[] = {
	{
		.room = "basics",
		.name = "calls",
		.question = "How does kernel code do the work of a system call?",
		.run = calls_run,
	},
};
module_klab_experiments(calls_experiments);

MODULE_DESCRIPTION("klab: the work of system calls, done by kernel code");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
