// SPDX-License-Identifier: GPL-2.0-only
/*
 * Observers of interrupt lines: the module, its parameters, and its files in
 * /proc and /sys. All of them are for root: when interrupts come tells, among
 * other things, when somebody types.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/capability.h>
#include <linux/cleanup.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/kstrtox.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/printk.h>
#include <linux/proc_fs.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#include "../core/klab_core.h"
#include "../core/klab_text.h"
#include "observe.h"

#define NAME	"klab-irq-observe"

static int irq[8];
static unsigned int nr_irq;
module_param_array(irq, int, &nr_irq, 0444);
MODULE_PARM_DESC(irq, "Lines to observe from the start, -1 for a synthetic one (default none)");

static unsigned int handlers = 1;
module_param(handlers, uint, 0444);
MODULE_PARM_DESC(handlers, "Observers on each of them, 1 to 9 (default 1)");

/* "LINE", or "synthetic". */
static int parse_line(const char *text, int *line)
{
	if (!strcmp(text, "synthetic")) {
		*line = -1;
		return 0;
	}
	return kstrtoint(text, 0, line) ?: (*line < 0 ? -EINVAL : 0);
}

/* Cuts "WORD [WORD]" in two; the second one may be missing. */
static int parse_words(const char *buf, size_t count, char *text, size_t size,
		       char **second)
{
	if (!klab_text_is_whole(buf, count) || strscpy(text, buf, size) < 0)
		return -EINVAL;

	*second = strim(text);
	strsep(second, " \t");
	if (*second)
		*second = skip_spaces(*second);
	return 0;
}

static ssize_t attach_store(struct device *dev, struct device_attribute *attr,
			    const char *buf, size_t count)
{
	unsigned int nr = 1;
	char text[32];
	char *second;
	int line, ret;

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;

	ret = parse_words(buf, count, text, sizeof(text), &second);
	if (ret)
		return ret;
	ret = parse_line(skip_spaces(text), &line);
	if (!ret && second)
		ret = kstrtouint(second, 0, &nr);
	return ret ?: klab_irq_observe_attach(line, nr) ?: count;
}
static DEVICE_ATTR_WO(attach);

static ssize_t detach_store(struct device *dev, struct device_attribute *attr,
			    const char *buf, size_t count)
{
	char text[32];
	int line, ret;

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	if (!klab_text_is_whole(buf, count) || strscpy(text, buf) < 0)
		return -EINVAL;

	ret = parse_line(strim(text), &line);
	return ret ?: klab_irq_observe_detach(line) ?: count;
}
static DEVICE_ATTR_WO(detach);

static ssize_t fire_store(struct device *dev, struct device_attribute *attr,
			  const char *buf, size_t count)
{
	u64 events;
	int ret;

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;

	if (!klab_text_is_whole(buf, count))
		return -EINVAL;
	ret = kstrtou64(buf, 0, &events);
	return ret ?: klab_irq_observe_fire(events) ?: count;
}
static DEVICE_ATTR_WO(fire);

static ssize_t calls_show(struct device *dev, struct device_attribute *attr,
			  char *buf)
{
	return sysfs_emit(buf, "%llu\n", klab_irq_observe_calls());
}
static DEVICE_ATTR_ADMIN_RO(calls);

static struct attribute *klab_irq_observe_attrs[] = {
	&dev_attr_attach.attr,
	&dev_attr_detach.attr,
	&dev_attr_fire.attr,
	&dev_attr_calls.attr,
	NULL
};
ATTRIBUTE_GROUPS(klab_irq_observe);

static const struct class klab_irq_class = {
	.name = "klab-irq",
};

static struct device *device;

static struct klab_experiment klab_irq_observe[] = {
	{
		.room = "irq",
		.name = "observe",
		.question = "In which order are the handlers of a line called?",
		.params = klab_irq_observe_params,
		.time_limit_ms = 120000,
		.run = klab_irq_observe_run,
	},
};

static int __init attach_from_start(void)
{
	unsigned int i;
	int ret;

	for (i = 0; i < nr_irq; i++) {
		ret = klab_irq_observe_attach(irq[i], handlers);
		if (ret) {
			pr_err("line %d cannot be observed: %pe\n", irq[i],
			       ERR_PTR(ret));
			/* To modprobe, EEXIST means that all is well. */
			return ret == -EEXIST ? -EINVAL : ret;
		}
	}
	return 0;
}

static int __init klab_irq_observe_init(void)
{
	int ret;

	ret = class_register(&klab_irq_class);
	if (ret)
		return ret;

	ret = attach_from_start();
	if (ret)
		goto err_detach;

	device = device_create_with_groups(&klab_irq_class, NULL, MKDEV(0, 0),
					   NULL, klab_irq_observe_groups, NAME);
	if (IS_ERR(device)) {
		ret = PTR_ERR(device);
		goto err_detach;
	}

	if (!proc_create_single(NAME, 0400, NULL, klab_irq_observe_show)) {
		ret = -ENOMEM;
		goto err_device;
	}

	klab_irq_observe[0].nr_params = klab_irq_observe_nr_params;
	ret = klab_experiments_register(klab_irq_observe,
					ARRAY_SIZE(klab_irq_observe));
	if (ret)
		goto err_proc;
	return 0;

err_proc:
	remove_proc_entry(NAME, NULL);
err_device:
	device_unregister(device);
err_detach:
	klab_irq_observe_detach_all();
	class_unregister(&klab_irq_class);
	return ret;
}
module_init(klab_irq_observe_init);

/* Files first: who is in one is waited for, and nobody attaches after that. */
static void __exit klab_irq_observe_exit(void)
{
	klab_experiments_unregister(klab_irq_observe,
				    ARRAY_SIZE(klab_irq_observe));
	remove_proc_entry(NAME, NULL);
	device_unregister(device);
	pr_info("observed %llu calls\n", klab_irq_observe_calls());
	klab_irq_observe_detach_all();
	class_unregister(&klab_irq_class);
}
module_exit(klab_irq_observe_exit);

MODULE_DESCRIPTION("klab: observers of interrupt lines");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS(KLAB_IRQ);
