// SPDX-License-Identifier: GPL-2.0-only
/*
 * One value through every channel from a module to user space: the module, and
 * the channel debugfs, an experiment that holds the six against each other.
 */
#include <linux/cleanup.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/init.h>
#include <linux/kdev_t.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <linux/string.h>

#include "../core/klab_core.h"
#include "channels.h"

#define NAME	"klab-channels"

static int major;
module_param(major, int, 0444);
MODULE_PARM_DESC(major, "Major number of the nodes; 0: the system chooses, and this shows which (default 0)");

static struct klab_channels *channels;

enum { PARAM_VALUE };

static const struct klab_param klab_basics_channels_params[] = {
	[PARAM_VALUE] = KLAB_STRING("value", "", KLAB_CHANNELS_TEXT_SIZE - 1,
				    "number to set before reading"),
};

static int klab_basics_channels_run(struct klab_run *run)
{
	const char *text = klab_run_string(run, PARAM_VALUE);
	struct rtnl_link_stats64 stats;
	char ifname[IFNAMSIZ];
	u64 value;
	ssize_t err;

	if (*text) {
		err = klab_channels_store(channels, text, strlen(text));
		if (err < 0)
			return klab_run_fail(run, err,
					     "value: not a number of 64 bits");
	}

	/* Nobody renames the interface under this lock. */
	rtnl_lock();
	strscpy(ifname, channels->net->name);
	rtnl_unlock();

	klab_note(run, "major", "%d", MAJOR(channels->dev.devt));
	klab_columns(run, "channel\twhere\tvalue");

	/* Nobody changes the value: what differs is a fault. */
	guard(mutex)(&channels->lock);
	value = klab_channels_get(channels);
	dev_get_stats(channels->net, &stats);
	klab_row(run, "log\tdmesg\t%llu", channels->logged);
	klab_row(run, "dev\t/dev/" NAME "\t%llu", value);
	klab_row(run, "proc\t/proc/" NAME "\t%llu", value);
	klab_row(run, "sys\t/sys/class/" NAME "/" NAME "/value\t%llu", value);
	klab_row(run, "net\t%s rx_packets\t%llu", ifname, stats.rx_packets);
	klab_row(run, "debugfs\tbasics/channels\t%llu", value);
	return 0;
}

static struct klab_experiment klab_basics_channels[] = {
	{
		.room = "basics",
		.name = "channels",
		.question = "Do all channels to user space say the same?",
		.params = klab_basics_channels_params,
		.nr_params = ARRAY_SIZE(klab_basics_channels_params),
		.run = klab_basics_channels_run,
	},
};

static int __init klab_basics_channels_init(void)
{
	int err;

	err = class_register(&klab_channels_class);
	if (err)
		return err;

	channels = klab_channels_create(NAME, major);
	if (IS_ERR(channels)) {
		err = PTR_ERR(channels);
		goto err_class_unregister;
	}
	major = MAJOR(channels->dev.devt);

	err = klab_experiments_register(klab_basics_channels,
					ARRAY_SIZE(klab_basics_channels));
	if (err)
		goto err_destroy;
	return 0;

err_destroy:
	klab_channels_destroy(channels);
err_class_unregister:
	class_unregister(&klab_channels_class);
	return err;
}
module_init(klab_basics_channels_init);

static void __exit klab_basics_channels_exit(void)
{
	klab_experiments_unregister(klab_basics_channels,
				    ARRAY_SIZE(klab_basics_channels));
	klab_channels_destroy(channels);
	class_unregister(&klab_channels_class);
}
module_exit(klab_basics_channels_exit);

MODULE_DESCRIPTION("klab: one value through every channel to user space");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
