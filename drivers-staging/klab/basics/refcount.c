// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who holds a module: its reference count, watched by itself.
 *
 * The node holds the module from open to close through the owner of its file
 * operations, taken before the module's code is entered. Taking a reference by
 * hand in open() is wrong: the module could go between the look-up of the
 * node and the first instruction of open(), and the count would be doubled.
 */
#include <linux/atomic.h>
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/miscdevice.h>
#include <linux/module.h>

#include "../core/klab_core.h"

/* The loader's own reference shows here. */
static int count_in_init;

/* Open files of the node: what part of the count is theirs. */
static atomic_t holders = ATOMIC_INIT(0);

static int klab_basics_refcount_open(struct inode *inode, struct file *file)
{
	atomic_inc(&holders);
	return stream_open(inode, file);
}

static int klab_basics_refcount_release(struct inode *inode, struct file *file)
{
	atomic_dec(&holders);
	return 0;
}

static const struct file_operations klab_basics_refcount_fops = {
	.owner = THIS_MODULE,
	.open = klab_basics_refcount_open,
	.release = klab_basics_refcount_release,
};

static struct miscdevice klab_basics_refcount_node = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "klab-refcount",
	.fops = &klab_basics_refcount_fops,
	.mode = 0600,
};

static int klab_basics_refcount_run(struct klab_run *run)
{
	klab_note(run, "node", "/dev/klab-refcount");
	klab_columns(run, "moment\trefcount\tnode_holders");
	klab_row(run, "in_init\t%d\t0", count_in_init);
	/* One of these is the open file that this run serves. */
	klab_row(run, "now\t%d\t%d", module_refcount(THIS_MODULE),
		 atomic_read(&holders));

	/* Not needed, as the open file holds the module: shown, not imitated. */
	if (!try_module_get(THIS_MODULE))
		return klab_run_fail(run, -ENODEV, "the module is going");
	klab_row(run, "try_module_get\t%d\t%d", module_refcount(THIS_MODULE),
		 atomic_read(&holders));
	module_put(THIS_MODULE);
	klab_row(run, "module_put\t%d\t%d", module_refcount(THIS_MODULE),
		 atomic_read(&holders));
	return 0;
}

static struct klab_experiment klab_basics_refcount[] = {
	{
		.room = "basics",
		.name = "refcount",
		.question = "Who holds this module, and how often?",
		.run = klab_basics_refcount_run,
	},
};

static int __init klab_basics_refcount_init(void)
{
	int err;

	count_in_init = module_refcount(THIS_MODULE);
	err = klab_experiments_register(klab_basics_refcount,
					ARRAY_SIZE(klab_basics_refcount));
	if (err)
		return err;

	err = misc_register(&klab_basics_refcount_node);
	if (err)
		klab_experiments_unregister(klab_basics_refcount,
					    ARRAY_SIZE(klab_basics_refcount));
	return err;
}
module_init(klab_basics_refcount_init);

static void __exit klab_basics_refcount_exit(void)
{
	/* Too late for a new user: the module is going, the answer is no. */
	WARN_ON_ONCE(try_module_get(THIS_MODULE));

	misc_deregister(&klab_basics_refcount_node);
	klab_experiments_unregister(klab_basics_refcount,
				    ARRAY_SIZE(klab_basics_refcount));
}
module_exit(klab_basics_refcount_exit);

MODULE_DESCRIPTION("klab: reference count of a module");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
