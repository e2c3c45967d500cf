// SPDX-License-Identifier: GPL-2.0-only
/*
 * Disks in configfs: a directory is a disk, its files are what the disk is to
 * be, and "power" makes it be there.
 *
 * Those of the module's parameters are there from the beginning and stay; who
 * makes others keeps the module by that.
 */
#include <linux/cleanup.h>
#include <linux/configfs.h>
#include <linux/container_of.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/file.h>
#include <linux/kstrtox.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/sprintf.h>
#include <linux/string.h>

#include "blkdev.h"

static struct klab_disk_config *to_config(struct config_item *item)
{
	return container_of(to_config_group(item), struct klab_disk_config,
			    group);
}

static void klab_config_release(struct config_item *item)
{
	struct klab_disk_config *config = to_config(item);

	if (config->settings.file)
		fput(config->settings.file);
	mutex_destroy(&config->lock);
	kfree(config);
}

static struct configfs_item_operations klab_config_item_ops = {
	.release = klab_config_release,
};

static const struct config_item_type klab_config_type = {
	.ct_item_ops = &klab_config_item_ops,
	.ct_attrs = klab_config_attrs,
	.ct_owner = THIS_MODULE,
};

static struct klab_disk_config *klab_config_alloc(unsigned int number)
{
	struct klab_disk_config *config;
	char name[16];

	config = kzalloc_obj(*config);
	if (!config)
		return ERR_PTR(-ENOMEM);
	mutex_init(&config->lock);
	config->settings = klab_disk_defaults;
	config->number = number;
	snprintf(name, sizeof(name), "disk%u", number);
	klab_faults_init(&config->faults);
	config_group_init_type_name(&config->group, name, &klab_config_type);
	config_group_init_type_name(&config->faults_group, "faults",
				    &klab_config_faults_type);
	configfs_add_default_group(&config->faults_group, &config->group);
	return config;
}

/* As klab_config_alloc() writes it, so that no disk has two names. */
static int klab_config_parse_name(const char *name, unsigned int *number)
{
	char again[16];

	if (!str_has_prefix(name, "disk") ||
	    kstrtouint(name + strlen("disk"), 10, number) ||
	    *number >= KLAB_DISKS_MAX)
		return -EINVAL;
	snprintf(again, sizeof(again), "disk%u", *number);
	return strcmp(name, again) ? -EINVAL : 0;
}

static struct config_group *klab_config_make(struct config_group *parent,
					     const char *name)
{
	struct klab_disk_config *config;
	unsigned int number;
	int err;

	err = klab_config_parse_name(name, &number);
	if (err)
		return ERR_PTR(err);
	config = klab_config_alloc(number);
	if (IS_ERR(config))
		return ERR_CAST(config);
	return &config->group;
}

/* There is no refusing this: a disk that is used is pulled out. */
static void klab_config_pull(struct klab_disk_config *config)
{
	guard(mutex)(&config->lock);
	if (config->disk)
		klab_disk_pull(config->disk);
	config->disk = NULL;
}

static void klab_config_drop(struct config_group *parent,
			     struct config_item *item)
{
	klab_config_pull(to_config(item));
	config_item_put(item);
}

static struct configfs_group_operations klab_config_group_ops = {
	.make_group = klab_config_make,
	.drop_item = klab_config_drop,
};

static const struct config_item_type klab_config_root_type = {
	.ct_group_ops = &klab_config_group_ops,
	.ct_owner = THIS_MODULE,
};

static struct configfs_subsystem klab_config_root = {
	.su_group = {
		.cg_item = {
			.ci_namebuf = "klab-blkdev",
			.ci_type = &klab_config_root_type,
		},
	},
	.su_mutex = __MUTEX_INITIALIZER(klab_config_root.su_mutex),
};

/* Disks made later are others' to put an end to, which keep the module. */
static void klab_config_end_defaults(void)
{
	struct klab_disk_config *config;
	struct config_group *group;

	list_for_each_entry(group, &klab_config_root.su_group.default_groups,
			    group_entry) {
		config = to_config(&group->cg_item);
		guard(mutex)(&config->lock);
		if (config->disk)
			klab_disk_end(config->disk);
		config->disk = NULL;
	}
}

static int klab_config_add_defaults(unsigned int disks)
{
	struct klab_disk_config *config;
	unsigned int i;

	for (i = 0; i < disks; i++) {
		config = klab_config_alloc(i);
		if (IS_ERR(config))
			return PTR_ERR(config);
		configfs_add_default_group(&config->group,
					   &klab_config_root.su_group);
	}
	return 0;
}

static int klab_config_start(struct klab_disk_config *config)
{
	int err = 0;

	if (config->number < klab_disk_nr_files)
		err = klab_config_set_file(config,
					   klab_disk_files[config->number]);
	if (err)
		return err;
	guard(mutex)(&config->lock);
	return klab_config_switch_on(config);
}

/*
 * A disk that others may have seen cannot be taken back as part of a failure
 * to load, which waits for nobody. So one that fails is left switched off.
 */
static void klab_config_start_defaults(void)
{
	struct config_group *group;
	struct klab_disk_config *config;
	int err;

	list_for_each_entry(group, &klab_config_root.su_group.default_groups,
			    group_entry) {
		config = to_config(&group->cg_item);
		err = klab_config_start(config);
		if (err)
			pr_err("klab-disk%u stays switched off: %pe\n",
			       config->number, ERR_PTR(err));
	}
}

/**
 * klab_config_register() - publish the disks in configfs
 * @disks: how many are there at once, switched on
 *
 * Context: process context, may sleep.
 * Return: 0, or -ENOMEM or another error of configfs.
 */
int klab_config_register(unsigned int disks)
{
	struct config_group *root = &klab_config_root.su_group;
	int err;

	config_group_init(root);
	err = klab_config_add_defaults(disks);
	if (!err)
		err = configfs_register_subsystem(&klab_config_root);
	if (err) {
		configfs_remove_default_groups(root);
		return err;
	}
	klab_config_start_defaults();
	return 0;
}

/**
 * klab_config_unregister() - undo klab_config_register()
 *
 * Context: process context, may sleep; no disk is open.
 */
void klab_config_unregister(void)
{
	configfs_unregister_subsystem(&klab_config_root);
	klab_config_end_defaults();
	configfs_remove_default_groups(&klab_config_root.su_group);
}
