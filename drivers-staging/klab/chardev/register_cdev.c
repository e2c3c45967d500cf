// SPDX-License-Identifier: GPL-2.0-only
/*
 * Registration by a range of numbers and a cdev: the way of today. It takes the
 * minors it needs and no other, so several drivers can share a major.
 */
#include <linux/cdev.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/kdev_t.h>
#include <linux/kobject.h>
#include <linux/module.h>

#include "register.h"

static int klab_register_take_range(struct klab_register *reg,
				    const struct klab_register_config *config)
{
	unsigned int minor = config->minor < 0 ? 0 : config->minor;
	dev_t first = MKDEV(config->major, minor);
	int err;

	if (config->major)
		err = register_chrdev_region(first, reg->numbers,
					     config->prefix);
	else
		err = alloc_chrdev_region(&first, minor, reg->numbers,
					  config->prefix);
	if (!err)
		klab_register_publish(reg, first);
	return err;
}

static void klab_register_give_range(struct klab_register *reg)
{
	klab_register_hide(reg);
	unregister_chrdev_region(reg->first, reg->numbers);
}

/*
 * The nodes come first and are announced last: whoever opens one at once is
 * told ENXIO. The other way round, a module that fails here would be freed
 * although somebody has its code open: the loader looks at no reference count
 * when init has failed.
 */
static int klab_register_cdev_add(struct klab_register *reg,
				  const struct klab_register_config *config)
{
	int err;

	err = klab_register_take_range(reg, config);
	if (err)
		return err;

	err = klab_register_add_nodes(reg, true);
	if (err)
		goto err_give_range;

	/* One for all numbers; not in @reg, as it may outlive that. */
	reg->cdev = cdev_alloc();
	if (!reg->cdev) {
		err = -ENOMEM;
		goto err_remove_nodes;
	}
	reg->cdev->ops = &klab_register_fops;
	reg->cdev->owner = THIS_MODULE;

	err = cdev_add(reg->cdev, reg->first, reg->numbers);
	if (err)
		goto err_put_cdev;

	klab_register_announce_nodes(reg);
	return 0;

err_put_cdev:
	kobject_put(&reg->cdev->kobj);
err_remove_nodes:
	klab_register_remove_nodes(reg);
err_give_range:
	klab_register_give_range(reg);
	return err;
}

static void klab_register_cdev_remove(struct klab_register *reg)
{
	klab_register_remove_nodes(reg);
	cdev_del(reg->cdev);
	klab_register_give_range(reg);
}

const struct klab_register_style klab_register_cdev = {
	.name = "cdev",
	.channels_max = 1024,
	.majors = CHRDEV_MAJOR_MAX,
	.minors = 1U << MINORBITS,
	.add = klab_register_cdev_add,
	.remove = klab_register_cdev_remove,
};
