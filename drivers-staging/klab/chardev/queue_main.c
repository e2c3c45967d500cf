// SPDX-License-Identifier: GPL-2.0-only
/*
 * The queue device: module, parameters, nodes.
 */
#include <linux/cdev.h>
#include <linux/device/class.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/kdev_t.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/printk.h>
#include <linux/sizes.h>

#include "node_mode.h"
#include "queue.h"

#define KLAB_QUEUES_MAX		64

/* All queues together take at most this part of the memory. */
#define KLAB_QUEUES_SHARE	16

static unsigned int queues = 2;
module_param(queues, uint, 0444);
MODULE_PARM_DESC(queues, "Number of queues, 1 to 64 (default 2)");

static unsigned int size = SZ_64K;
module_param(size, uint, 0444);
MODULE_PARM_DESC(size, "Bytes of each queue, a power of two from 4096 to 16777216 (default 65536)");

static umode_t node_mode = 0666;
module_param(node_mode, node_mode, 0444);
MODULE_PARM_DESC(node_mode, "Mode of the nodes (default 0666)");

static char *klab_queue_devnode(const struct device *dev, umode_t *mode)
{
	if (mode)
		*mode = node_mode;
	return NULL;
}

const struct class klab_queue_class = {
	.name = "klab-queue",
	.devnode = klab_queue_devnode,
};

static struct klab_queue_dev *klab_queue_devs[KLAB_QUEUES_MAX];
static struct cdev *klab_queue_cdev;
static dev_t klab_queue_devt;

static void klab_queue_remove_nodes(unsigned int nr)
{
	while (nr--)
		klab_queue_dev_destroy(klab_queue_devs[nr]);
}

static int __init klab_queue_add_nodes(void)
{
	struct klab_queue_dev *qdev;
	unsigned int i;

	for (i = 0; i < queues; i++) {
		qdev = klab_queue_dev_create(size,
					     MKDEV(MAJOR(klab_queue_devt), i));
		if (IS_ERR(qdev)) {
			klab_queue_remove_nodes(i);
			return PTR_ERR(qdev);
		}
		klab_queue_devs[i] = qdev;
	}
	return 0;
}

/*
 * The last step that can fail: whoever has a queue open when init fails would
 * be left with code that has been freed.
 */
static int __init klab_queue_add_cdev(void)
{
	unsigned int i;
	int err;

	/* Not in memory of the module, as an inode may still have it. */
	klab_queue_cdev = cdev_alloc();
	if (!klab_queue_cdev)
		return -ENOMEM;
	klab_queue_cdev->ops = &klab_queue_fops;
	klab_queue_cdev->owner = THIS_MODULE;
	err = cdev_add(klab_queue_cdev, klab_queue_devt, queues);
	if (err) {
		kobject_put(&klab_queue_cdev->kobj);
		return err;
	}
	for (i = 0; i < queues; i++)
		klab_queue_dev_announce(klab_queue_devs[i]);
	return 0;
}

static int __init klab_queue_check(void)
{
	u64 bytes;

	if (!queues || queues > KLAB_QUEUES_MAX || !klab_ring_size_valid(size)) {
		pr_err("%u queues of %u bytes: not possible\n", queues, size);
		return -EINVAL;
	}
	bytes = (u64)queues * size;
	if (bytes > (u64)totalram_pages() * PAGE_SIZE / KLAB_QUEUES_SHARE) {
		pr_err("%llu bytes: more than 1/%u of the memory\n", bytes,
		       KLAB_QUEUES_SHARE);
		return -ENOMEM;
	}
	return 0;
}

static int __init klab_queue_init(void)
{
	int err;

	err = klab_queue_check();
	if (err)
		return err;
	err = class_register(&klab_queue_class);
	if (err)
		return err;
	err = alloc_chrdev_region(&klab_queue_devt, 0, queues, "klab-queue");
	if (err)
		goto err_class_unregister;
	err = klab_queue_add_nodes();
	if (err)
		goto err_region_unregister;
	err = klab_queue_add_cdev();
	if (err)
		goto err_remove_nodes;
	return 0;

err_remove_nodes:
	klab_queue_remove_nodes(queues);
err_region_unregister:
	unregister_chrdev_region(klab_queue_devt, queues);
err_class_unregister:
	class_unregister(&klab_queue_class);
	return err;
}
module_init(klab_queue_init);

static void __exit klab_queue_exit(void)
{
	klab_queue_remove_nodes(queues);
	cdev_del(klab_queue_cdev);
	unregister_chrdev_region(klab_queue_devt, queues);
	class_unregister(&klab_queue_class);
}
module_exit(klab_queue_exit);

MODULE_DESCRIPTION("klab: queue device with every model of input and output");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
