// SPDX-License-Identifier: GPL-2.0-only
/*
 * klab's core as a module: everything it shows lives below klab/ in debugfs.
 */

#include <linux/debugfs.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/init.h>
#include <linux/module.h>

#include <kunit/visibility.h>

#include "core_internal.h"
#include "core_measure.h"

struct dentry *klab_debugfs;
EXPORT_SYMBOL_IF_KUNIT(klab_debugfs);

/**
 * klab_debugfs_err() - which failure of debugfs is one of klab
 * @dentry: what a function of debugfs returned
 *
 * A kernel may have its debugfs switched off: then klab runs without.
 *
 * Context: any.
 * Return: 0, or the error in @dentry.
 */
int klab_debugfs_err(const struct dentry *dentry)
{
	if (!IS_ERR(dentry))
		return 0;

	switch (PTR_ERR(dentry)) {
	case -EPERM:
	case -ENODEV:
	case -ENOENT:
		return 0;
	}
	return PTR_ERR(dentry);
}
EXPORT_SYMBOL_IF_KUNIT(klab_debugfs_err);

static int __init klab_core_init(void)
{
	int err;

	klab_debugfs = debugfs_create_dir("klab", NULL);
	err = klab_debugfs_err(klab_debugfs);
	if (err)
		return err;

	err = klab_experiments_init();
	if (err)
		goto remove_debugfs;

	err = klab_measure_init();
	if (err)
		goto remove_debugfs;

	return 0;

remove_debugfs:
	debugfs_remove(klab_debugfs);
	return err;
}
module_init(klab_core_init);

static void __exit klab_core_exit(void)
{
	klab_measure_exit();
	debugfs_remove(klab_debugfs);
}
module_exit(klab_core_exit);

MODULE_DESCRIPTION("klab: experiments, samples, synthetic interrupts");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
