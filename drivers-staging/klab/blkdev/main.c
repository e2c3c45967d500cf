// SPDX-License-Identifier: GPL-2.0-only
/*
 * The disk: module and parameters.
 */
#include <linux/blkdev.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/init.h>
#include <linux/kdev_t.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/printk.h>
#include <linux/rcupdate.h>
#include <linux/sizes.h>
#include <linux/sprintf.h>
#include <linux/workqueue.h>

#include "../core/klab_core.h"
#include "blkdev.h"

#define KLAB_DISK_NAME		"klab-blkdev"

struct klab_disk_settings klab_disk_defaults = {
	.size = SZ_4M,
	.mode = KLAB_DISK_REQUEST,
	.block_size = SECTOR_SIZE,
	.queues = 1,
	.queue_depth = 32,
};

struct workqueue_struct *klab_disk_memory_workqueue;
int klab_disk_major;
unsigned int klab_disk_minors;

static unsigned int disks = 4;
module_param(disks, uint, 0444);
MODULE_PARM_DESC(disks, "Disks that are there at once, 0 to 256 (default 4)");

static int klab_disk_size_set(const char *text, const struct kernel_param *kp)
{
	return klab_disk_parse_size(text, kp->arg);
}

static int klab_disk_size_get(char *buf, const struct kernel_param *kp)
{
	return sprintf(buf, "%llu\n", *(u64 *)kp->arg);
}

static const struct kernel_param_ops klab_disk_size_ops = {
	.set = klab_disk_size_set,
	.get = klab_disk_size_get,
};
module_param_cb(size, &klab_disk_size_ops, &klab_disk_defaults.size, 0444);
__MODULE_PARM_TYPE(size, "size");
MODULE_PARM_DESC(size, "Bytes of a disk, or a number with K, M, G, T or P (default 4M)");

static int klab_disk_mode_set(const char *text, const struct kernel_param *kp)
{
	int mode = klab_disk_parse_mode(text);

	if (mode < 0)
		return mode;
	klab_disk_defaults.mode = mode;
	return 0;
}

static int klab_disk_mode_get(char *buf, const struct kernel_param *kp)
{
	return sprintf(buf, "%s\n", klab_disk_modes[klab_disk_defaults.mode]);
}

static const struct kernel_param_ops klab_disk_mode_ops = {
	.set = klab_disk_mode_set,
	.get = klab_disk_mode_get,
};
module_param_cb(mode, &klab_disk_mode_ops, NULL, 0444);
__MODULE_PARM_TYPE(mode, "mode");
MODULE_PARM_DESC(mode, "Request strategy: segment (0), request (1, default) or bio (2)");

module_param_named(block_size, klab_disk_defaults.block_size, uint, 0444);
MODULE_PARM_DESC(block_size, "Bytes of a logical block, 512 to 4096 (default 512)");

module_param_named(queues, klab_disk_defaults.queues, uint, 0444);
MODULE_PARM_DESC(queues, "Hardware queues, 1 to 64 (default 1)");

module_param_named(queue_depth, klab_disk_defaults.queue_depth, uint, 0444);
MODULE_PARM_DESC(queue_depth, "Requests of each queue, 1 to 1024 (default 32)");

module_param_named(read_only, klab_disk_defaults.read_only, bool, 0444);
MODULE_PARM_DESC(read_only, "Takes no writes (default no)");

module_param_named(removable, klab_disk_defaults.removable, bool, 0444);
MODULE_PARM_DESC(removable, "Has a medium that can be taken out (default no)");

module_param_named(write_cache, klab_disk_defaults.write_cache, bool, 0444);
MODULE_PARM_DESC(write_cache, "What is written is in the file of a disk after a flush only (default no)");

char *klab_disk_files[KLAB_DISKS_MAX];
unsigned int klab_disk_nr_files;
module_param_array_named(file, klab_disk_files, charp, &klab_disk_nr_files,
			 0444);
MODULE_PARM_DESC(file, "Files that keep what the first disks hold (default none)");

module_param_named(major, klab_disk_major, int, 0444);
MODULE_PARM_DESC(major, "Major number for disks with minors, 0 for any (default 0)");

module_param_named(minors, klab_disk_minors, uint, 0444);
MODULE_PARM_DESC(minors, "Numbers that each disk has of an own major, 1 to 256, or 0 for those of the block layer (default 0)");

static int __init klab_disk_check_parameters(void)
{
	if (disks > KLAB_DISKS_MAX) {
		pr_err("%u disks: at most %u\n", disks, KLAB_DISKS_MAX);
		return -EINVAL;
	}
	if (klab_disk_nr_files > disks) {
		pr_err("%u files for %u disks\n", klab_disk_nr_files, disks);
		return -EINVAL;
	}
	if (klab_disk_minors > DISK_MAX_PARTS) {
		pr_err("%u minors: at most %u\n", klab_disk_minors,
		       DISK_MAX_PARTS);
		return -EINVAL;
	}
	if (klab_disk_check(&klab_disk_defaults)) {
		pr_err("no such disk: %llu bytes in blocks of %u, %u queues of %u\n",
		       klab_disk_defaults.size, klab_disk_defaults.block_size,
		       klab_disk_defaults.queues,
		       klab_disk_defaults.queue_depth);
		return -EINVAL;
	}
	return 0;
}

/* Gives 0 for a number that was asked for, and that number otherwise. */
static int __init klab_disk_register_major(void)
{
	int major;

	if (!klab_disk_minors)
		return 0;
	major = register_blkdev(klab_disk_major, KLAB_DISK_NAME);
	if (major < 0)
		return major;
	if (major)
		klab_disk_major = major;
	return 0;
}

static void klab_disk_unregister_major(void)
{
	if (klab_disk_minors)
		unregister_blkdev(klab_disk_major, KLAB_DISK_NAME);
}

/* Disks that fail on purpose fill the log by themselves. */
static int __init klab_disk_register_faults(void)
{
	int err;

	klab_fault_quiet(&klab_store_fault);
	klab_fault_quiet(&klab_disk_fault);
	err = klab_fault_register(&klab_store_fault);
	if (err)
		return err;
	err = klab_fault_register(&klab_disk_fault);
	if (err)
		klab_fault_unregister(&klab_store_fault);
	return err;
}

static void klab_disk_unregister_faults(void)
{
	klab_fault_unregister(&klab_disk_fault);
	klab_fault_unregister(&klab_store_fault);
}

static int __init klab_disk_init(void)
{
	int err;

	err = klab_disk_check_parameters();
	if (err)
		return err;
	klab_disk_memory_workqueue = alloc_workqueue(KLAB_DISK_NAME,
						     WQ_MEM_RECLAIM |
						     WQ_UNBOUND, 0);
	if (!klab_disk_memory_workqueue)
		return -ENOMEM;
	err = klab_disk_register_major();
	if (err)
		goto err_destroy_workqueue;
	err = klab_disk_register_faults();
	if (err)
		goto err_unregister_major;
	err = klab_experiments_register(&klab_disk_bench, 1);
	if (err)
		goto err_unregister_faults;
	err = klab_config_register(disks);
	if (err)
		goto err_unregister_bench;
	return 0;

err_unregister_bench:
	klab_experiments_unregister(&klab_disk_bench, 1);
err_unregister_faults:
	klab_disk_unregister_faults();
err_unregister_major:
	klab_disk_unregister_major();
err_destroy_workqueue:
	destroy_workqueue(klab_disk_memory_workqueue);
	return err;
}
module_init(klab_disk_init);

static void __exit klab_disk_exit(void)
{
	klab_config_unregister();
	klab_experiments_unregister(&klab_disk_bench, 1);
	klab_disk_unregister_faults();
	klab_disk_unregister_major();
	destroy_workqueue(klab_disk_memory_workqueue);
	/* Pages that are still to be freed, by a function of this module. */
	rcu_barrier();
}
module_exit(klab_disk_exit);

MODULE_DESCRIPTION("klab: disk in memory");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
