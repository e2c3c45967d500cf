// SPDX-License-Identifier: GPL-2.0-only
/*
 * A device with an open policy in the device model: node, file operations.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/atomic.h>
#include <linux/cleanup.h>
#include <linux/container_of.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/fs.h>
#include <linux/gfp_types.h>
#include <linux/kdev_t.h>
#include <linux/kobject.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/printk.h>
#include <linux/slab.h>

#include <kunit/visibility.h>

#include "policy.h"
#include "users.h"

/* Files opened so far. */
static atomic_t klab_policy_files = ATOMIC_INIT(0);

static void klab_policy_log(const char *what, struct klab_policy_file *pfile,
			    struct file *file)
{
	if (klab_policy_debug)
		pr_info("%s: file %u of inode %lu %s, %s text, %d references\n",
			dev_name(&pfile->pdev->dev), pfile->id,
			file_inode(file)->i_ino, what,
			pfile->text == &pfile->own ? "own" : "shared",
			klab_users_of(THIS_MODULE));
}

/*
 * May sleep for long, which a cdev may: no lock is held. A misc device must
 * not, since its open() is called with a lock of all misc devices.
 */
static int klab_policy_open(struct inode *inode, struct file *file)
{
	struct device *dev __free(put_device) =
		class_find_device_by_devt(&klab_policy_class, inode->i_rdev);
	struct klab_policy_dev *pdev;
	struct klab_policy_file *pfile;
	int err;

	if (!dev)
		return -ENXIO;

	/* It stays without the reference as long as the module is held. */
	pdev = container_of(dev, struct klab_policy_dev, dev);
	/* First, so that nobody is let in who then fails. */
	pfile = kzalloc_obj(*pfile, GFP_KERNEL_ACCOUNT);
	if (!pfile)
		return -ENOMEM;
	err = klab_gate_enter(&pdev->gate, !(file->f_flags & O_NONBLOCK));
	if (err) {
		kfree(pfile);
		return err;
	}

	pfile->pdev = pdev;
	pfile->id = atomic_inc_return(&klab_policy_files);
	pfile->text = &pdev->shared;
	mutex_init(&pfile->lock);
	if (pdev->gate.policy == KLAB_GATE_INSTANCE) {
		klab_policy_text_init(&pfile->own, "own: nothing written");
		pfile->text = &pfile->own;
	}
	file->private_data = pfile;
	/* Threads that share a descriptor take turns, as with a regular file. */
	file->f_mode |= FMODE_ATOMIC_POS;
	klab_policy_log("opens", pfile, file);
	return 0;
}

/* The last close of an open file, however many descriptors it has had. */
static int klab_policy_release(struct inode *inode, struct file *file)
{
	struct klab_policy_file *pfile = file->private_data;

	klab_policy_log("closes", pfile, file);
	klab_gate_leave(&pfile->pdev->gate);
	kfree(pfile);
	return 0;
}

const struct file_operations klab_policy_fops = {
	.owner = THIS_MODULE,
	.open = klab_policy_open,
	.release = klab_policy_release,
	.read = klab_policy_read,
	.write = klab_policy_write,
	.llseek = no_seek_end_llseek,
};
EXPORT_SYMBOL_IF_KUNIT(klab_policy_fops);

static void klab_policy_dev_release(struct device *dev)
{
	kfree(container_of(dev, struct klab_policy_dev, dev));
}

/**
 * klab_policy_dev_create() - makes a device with node and attributes
 * @devt: number of the node; the minor is that of the name
 * @policy: who may open it
 * @timeout_ms: 1 to KLAB_POLICY_TIMEOUT_MAX_MS
 *
 * Says nothing to udev yet, see klab_policy_dev_announce(). The number leads
 * nowhere until there is a cdev.
 *
 * Context: process, may sleep.
 * Return: the device, or an ERR_PTR(): -ENOMEM or what device_add() says.
 */
struct klab_policy_dev *klab_policy_dev_create(dev_t devt,
					       enum klab_gate_policy policy,
					       unsigned int timeout_ms)
{
	struct klab_policy_dev *pdev = kzalloc_obj(*pdev);
	int err;

	if (!pdev)
		return ERR_PTR(-ENOMEM);

	device_initialize(&pdev->dev);
	pdev->dev.class = &klab_policy_class;
	pdev->dev.groups = klab_policy_groups;
	pdev->dev.release = klab_policy_dev_release;
	pdev->dev.devt = devt;
	dev_set_uevent_suppress(&pdev->dev, true);
	klab_gate_init(&pdev->gate, policy, timeout_ms);
	klab_policy_text_init(&pdev->shared, "shared: nothing written");

	err = dev_set_name(&pdev->dev, "klab-policy%u", MINOR(devt));
	if (!err)
		err = device_add(&pdev->dev);
	if (err) {
		put_device(&pdev->dev);
		return ERR_PTR(err);
	}
	return pdev;
}
EXPORT_SYMBOL_IF_KUNIT(klab_policy_dev_create);

/**
 * klab_policy_dev_announce() - tells udev of a device
 * @pdev: its node can be opened now
 *
 * Context: process, may sleep.
 */
void klab_policy_dev_announce(struct klab_policy_dev *pdev)
{
	dev_set_uevent_suppress(&pdev->dev, false);
	kobject_uevent(&pdev->dev.kobj, KOBJ_ADD);
}
EXPORT_SYMBOL_IF_KUNIT(klab_policy_dev_announce);

/**
 * klab_policy_dev_destroy() - takes a device away
 * @pdev: nobody has it open or waits, as both hold the module
 *
 * Context: process, waits for callers of the attributes.
 */
void klab_policy_dev_destroy(struct klab_policy_dev *pdev)
{
	device_unregister(&pdev->dev);
}
EXPORT_SYMBOL_IF_KUNIT(klab_policy_dev_destroy);
