// SPDX-License-Identifier: GPL-2.0-only
/*
 * Registration as misc devices: one call for number, node and attributes, and
 * one minor of the common major 10 for each.
 */
#include <linux/fs.h>
#include <linux/kdev_t.h>
#include <linux/major.h>
#include <linux/miscdevice.h>

#include "register.h"

static int klab_register_misc_add_one(struct klab_register_channel *channel,
				      int minor)
{
	struct miscdevice *misc = &channel->misc;

	misc->minor = minor;
	misc->name = channel->name;
	misc->fops = &klab_register_misc_fops;
	misc->groups = klab_register_groups;
	/* 0 would mean the default of devtmpfs, which is 0600. */
	misc->mode = klab_register_mode;
	return misc_register(misc);
}

static void klab_register_misc_remove_first(struct klab_register *reg,
					    unsigned int nr)
{
	while (nr--)
		misc_deregister(&reg->channels[nr].misc);
}

static int klab_register_misc_add(struct klab_register *reg,
				  const struct klab_register_config *config)
{
	unsigned int i;
	int err;

	for (i = 0; i < reg->numbers; i++) {
		err = klab_register_misc_add_one(&reg->channels[i],
						 config->minor < 0 ?
						 MISC_DYNAMIC_MINOR :
						 config->minor + i);
		if (err) {
			klab_register_misc_remove_first(reg, i);
			return err;
		}
	}
	reg->first = MKDEV(MISC_MAJOR, reg->channels[0].misc.minor);
	return 0;
}

static void klab_register_misc_remove(struct klab_register *reg)
{
	klab_register_misc_remove_first(reg, reg->numbers);
}

const struct klab_register_style klab_register_misc = {
	.name = "misc",
	.channels_max = 64,
	/* The next one means any; what is behind is the kernel's to give. */
	.minors = MISC_DYNAMIC_MINOR,
	.add = klab_register_misc_add,
	.remove = klab_register_misc_remove,
};
