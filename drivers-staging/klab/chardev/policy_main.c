// SPDX-License-Identifier: GPL-2.0-only
/*
 * Open policies: module, parameters, nodes.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/array_size.h>
#include <linux/cdev.h>
#include <linux/device/class.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/kdev_t.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/printk.h>
#include <linux/string.h>

#include <kunit/visibility.h>

#include "node_mode.h"
#include "policy.h"

#define KLAB_POLICY_DEVS_MAX	64

static char *policies[KLAB_POLICY_DEVS_MAX] = {
	"none", "exclusive", "instance", "wait", "timeout",
};

static unsigned int policies_nr = KLAB_GATE_POLICIES;
module_param_array(policies, charp, &policies_nr, 0444);
MODULE_PARM_DESC(policies, "One for each device, up to 64: none, exclusive, instance, wait, timeout (default: one of each)");

static unsigned int timeout_ms = 1000;
module_param(timeout_ms, uint, 0444);
MODULE_PARM_DESC(timeout_ms, "Time that an open waits with policy timeout, 1 to 60000 ms (default 1000)");

static umode_t node_mode = 0666;
module_param(node_mode, node_mode, 0444);
MODULE_PARM_DESC(node_mode, "Mode of the nodes (default 0666)");

bool klab_policy_debug;
EXPORT_SYMBOL_IF_KUNIT(klab_policy_debug);
module_param_named(debug, klab_policy_debug, bool, 0444);
MODULE_PARM_DESC(debug, "Log each call (default off)");

static char *klab_policy_devnode(const struct device *dev, umode_t *mode)
{
	if (mode)
		*mode = node_mode;
	return NULL;
}

const struct class klab_policy_class = {
	.name = "klab-policy",
	.devnode = klab_policy_devnode,
};

static struct klab_policy_dev *klab_policy_devs[KLAB_POLICY_DEVS_MAX];
static struct cdev *klab_policy_cdev;
static dev_t klab_policy_devt;

static void klab_policy_remove_nodes(unsigned int nr)
{
	while (nr--)
		klab_policy_dev_destroy(klab_policy_devs[nr]);
}

static int __init klab_policy_add_node(unsigned int nr)
{
	int policy = match_string(klab_gate_names, KLAB_GATE_POLICIES,
				  policies[nr]);
	struct klab_policy_dev *pdev;

	pdev = klab_policy_dev_create(klab_policy_devt + nr, policy,
				      timeout_ms);
	if (IS_ERR(pdev))
		return PTR_ERR(pdev);
	klab_policy_devs[nr] = pdev;
	return 0;
}

static int __init klab_policy_add_nodes(void)
{
	unsigned int i;
	int err;

	for (i = 0; i < policies_nr; i++) {
		err = klab_policy_add_node(i);
		if (err) {
			klab_policy_remove_nodes(i);
			return err;
		}
	}
	return 0;
}

/*
 * The last step that can fail: whoever has a device open when init fails would
 * be left with code that has been freed.
 */
static int __init klab_policy_add_cdev(void)
{
	unsigned int i;
	int err;

	/* Not in memory of the module, as an inode may still have it. */
	klab_policy_cdev = cdev_alloc();
	if (!klab_policy_cdev)
		return -ENOMEM;
	klab_policy_cdev->ops = &klab_policy_fops;
	klab_policy_cdev->owner = THIS_MODULE;
	err = cdev_add(klab_policy_cdev, klab_policy_devt, policies_nr);
	if (err) {
		kobject_put(&klab_policy_cdev->kobj);
		return err;
	}
	for (i = 0; i < policies_nr; i++)
		klab_policy_dev_announce(klab_policy_devs[i]);
	return 0;
}

static int __init klab_policy_check(void)
{
	unsigned int i;

	for (i = 0; i < policies_nr; i++) {
		if (match_string(klab_gate_names, KLAB_GATE_POLICIES,
				 policies[i]) < 0) {
			pr_err("policies=...%s...: no such policy\n",
			       policies[i]);
			return -EINVAL;
		}
	}
	if (!timeout_ms || timeout_ms > KLAB_POLICY_TIMEOUT_MAX_MS) {
		pr_err("timeout_ms=%u: not from 1 to %u\n", timeout_ms,
		       KLAB_POLICY_TIMEOUT_MAX_MS);
		return -EINVAL;
	}
	return 0;
}

static int __init klab_policy_init(void)
{
	int err;

	err = klab_policy_check();
	if (err)
		return err;
	err = class_register(&klab_policy_class);
	if (err)
		return err;
	err = alloc_chrdev_region(&klab_policy_devt, 0, policies_nr,
				  "klab-policy");
	if (err)
		goto err_class_unregister;
	err = klab_policy_add_nodes();
	if (err)
		goto err_region_unregister;
	err = klab_policy_add_cdev();
	if (err)
		goto err_remove_nodes;
	return 0;

err_remove_nodes:
	klab_policy_remove_nodes(policies_nr);
err_region_unregister:
	unregister_chrdev_region(klab_policy_devt, policies_nr);
err_class_unregister:
	class_unregister(&klab_policy_class);
	return err;
}
module_init(klab_policy_init);

static void __exit klab_policy_exit(void)
{
	klab_policy_remove_nodes(policies_nr);
	cdev_del(klab_policy_cdev);
	unregister_chrdev_region(klab_policy_devt, policies_nr);
	class_unregister(&klab_policy_class);
}
module_exit(klab_policy_exit);

MODULE_DESCRIPTION("klab: open policies of a character device");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
