// SPDX-License-Identifier: GPL-2.0-only
/*
 * Registration of a whole major: the way of old. All 256 minors lead here,
 * whether they have a node or not, and open() has to tell them apart.
 */
#include <linux/fs.h>
#include <linux/kdev_t.h>

#include "register.h"

/*
 * The numbers lead here from the first call on, so one who is quick has a
 * channel open before there is a node. That is in the nature of this way.
 */
static int klab_register_major_add(struct klab_register *reg,
				   const struct klab_register_config *config)
{
	int major, err;

	/* Returns the number that it has chosen, but 0 for one it was given. */
	major = register_chrdev(config->major, config->prefix,
				&klab_register_fops);
	if (major < 0)
		return major;
	if (config->major)
		major = config->major;

	klab_register_publish(reg, MKDEV(major, 0));
	err = klab_register_add_nodes(reg, false);
	if (err) {
		unregister_chrdev(major, config->prefix);
		klab_register_hide(reg);
	}
	return err;
}

static void klab_register_major_remove(struct klab_register *reg)
{
	klab_register_remove_nodes(reg);
	/* The name is not looked at. */
	unregister_chrdev(MAJOR(reg->first), reg->style->name);
	klab_register_hide(reg);
}

const struct klab_register_style klab_register_major = {
	.name = "major",
	.channels_max = KLAB_REGISTER_WHOLE,
	.numbers = KLAB_REGISTER_WHOLE,
	.majors = CHRDEV_MAJOR_MAX,
	.add = klab_register_major_add,
	.remove = klab_register_major_remove,
};
