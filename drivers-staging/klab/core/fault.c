// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fault knobs: the kernel's own fault attributes, below klab/faults.
 */

#include <linux/debugfs.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/fault-inject.h>
#include <linux/init.h>

#include "core_internal.h"
#include "core_measure.h"

/* Removed with klab_debugfs. */
static struct dentry *klab_faults_dir __ro_after_init;

#ifdef CONFIG_FAULT_INJECTION
static struct dentry *klab_fault_dir(struct klab_fault *fault)
{
	return fault_create_debugfs_attr(fault->name, klab_faults_dir,
					 &fault->attr);
}
#else
static struct dentry *klab_fault_dir(struct klab_fault *fault)
{
	return ERR_PTR(-ENODEV);
}
#endif /* CONFIG_FAULT_INJECTION */

/**
 * klab_fault_register() - offer a fault
 * @fault: defined by DEFINE_KLAB_FAULT(); stays until unregistered
 *
 * Makes klab/faults/<name> with the files that
 * Documentation/fault-injection/fault-injection.rst describes. In a kernel
 * without fault injection or without debugfs this does nothing: the fault
 * is never due.
 *
 * Context: process context, may sleep.
 * Return: 0, -EINVAL without a name, -EEXIST if the name is taken, -ENOMEM.
 */
int klab_fault_register(struct klab_fault *fault)
{
	if (!fault->name || !*fault->name)
		return -EINVAL;

	/* Takes an error pointer, as debugfs does everywhere. */
	fault->dir = klab_fault_dir(fault);

	return klab_debugfs_err(fault->dir);
}
EXPORT_SYMBOL_GPL(klab_fault_register);

/**
 * klab_fault_unregister() - withdraw a fault
 * @fault: registered or not
 *
 * Context: process context, may sleep.
 */
void klab_fault_unregister(struct klab_fault *fault)
{
	debugfs_remove_recursive(fault->dir);
	fault->dir = NULL;
}
EXPORT_SYMBOL_GPL(klab_fault_unregister);

/**
 * klab_faults_init() - make the directory of the faults
 *
 * It goes with klab_debugfs.
 *
 * Context: module initialisation.
 * Return: 0 or an error of debugfs.
 */
int __init klab_faults_init(void)
{
	klab_faults_dir = debugfs_create_dir("faults", klab_debugfs);
	return klab_debugfs_err(klab_faults_dir);
}
