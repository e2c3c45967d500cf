// SPDX-License-Identifier: GPL-2.0-only
/*
 * Registration of character devices: what all ways have in common.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/array_size.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/kdev_t.h>
#include <linux/list.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/sprintf.h>
#include <linux/string.h>

#include <kunit/visibility.h>

#include "register.h"

static const struct klab_register_style * const klab_register_styles[] = {
	&klab_register_cdev,
	&klab_register_misc,
	&klab_register_major,
};

/* Protects the list, which open() goes through. */
static DEFINE_SPINLOCK(klab_register_lock);
static LIST_HEAD(klab_register_list);

/**
 * klab_register_find() - the channel of a number
 * @devt: the number
 *
 * Context: any but interrupts.
 * Return: the channel, which stays while the module is held, or NULL.
 */
struct klab_register_channel *klab_register_find(dev_t devt)
{
	struct klab_register_channel *channel = NULL;
	struct klab_register *reg;
	unsigned int nr;

	spin_lock(&klab_register_lock);
	list_for_each_entry(reg, &klab_register_list, entry) {
		nr = MINOR(devt) - MINOR(reg->first);
		if (MAJOR(devt) == MAJOR(reg->first) && nr < reg->numbers)
			channel = &reg->channels[nr];
	}
	spin_unlock(&klab_register_lock);
	return channel;
}
EXPORT_SYMBOL_IF_KUNIT(klab_register_find);

/**
 * klab_register_publish() - lets open() find the channels
 * @reg: they
 * @first: the number of the first one
 *
 * Context: process.
 */
void klab_register_publish(struct klab_register *reg, dev_t first)
{
	reg->first = first;
	spin_lock(&klab_register_lock);
	list_add_tail(&reg->entry, &klab_register_list);
	spin_unlock(&klab_register_lock);
}

/**
 * klab_register_hide() - open() finds them no more
 * @reg: the channels
 *
 * Context: process.
 */
void klab_register_hide(struct klab_register *reg)
{
	spin_lock(&klab_register_lock);
	list_del(&reg->entry);
	spin_unlock(&klab_register_lock);
}

static const struct klab_register_style *klab_register_style_of(const char *name)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(klab_register_styles); i++)
		if (!strcmp(klab_register_styles[i]->name, name))
			return klab_register_styles[i];
	return NULL;
}

static bool klab_register_channels_valid(const struct klab_register_style *style,
					 unsigned int channels)
{
	if (channels && channels <= style->channels_max)
		return true;
	pr_err("channels=%u: style %s has 1 to %u\n", channels, style->name,
	       style->channels_max);
	return false;
}

static bool klab_register_major_valid(const struct klab_register_style *style,
				      unsigned int major)
{
	if (!major || major < style->majors)
		return true;
	if (style->majors)
		pr_err("major=%u: there are 1 to %u, and 0 for any\n", major,
		       style->majors - 1);
	else
		pr_err("major=%u: style %s has one of its own\n", major,
		       style->name);
	return false;
}

static bool klab_register_minor_valid(const struct klab_register_style *style,
				      int minor, unsigned int channels)
{
	if (minor == -1)
		return true;
	if (!style->minors) {
		pr_err("minor=%d: style %s takes them all\n", minor,
		       style->name);
		return false;
	}
	/* Both are far from where the sum would overflow. */
	if (minor >= 0 && minor < style->minors &&
	    minor + channels <= style->minors)
		return true;
	pr_err("minor=%d: style %s has 0 to %u for %u channels, and -1 for any\n",
	       minor, style->name, style->minors - channels, channels);
	return false;
}

static const struct klab_register_style *
klab_register_check(const struct klab_register_config *config)
{
	const struct klab_register_style *style =
		klab_register_style_of(config->style);

	if (!style) {
		pr_err("style=%s: neither cdev nor misc nor major\n",
		       config->style);
		return NULL;
	}
	if (!klab_register_channels_valid(style, config->channels) ||
	    !klab_register_major_valid(style, config->major) ||
	    !klab_register_minor_valid(style, config->minor, config->channels))
		return NULL;
	return style;
}

static void klab_register_name(struct klab_register *reg, const char *prefix)
{
	unsigned int i;

	for (i = 0; i < reg->numbers; i++) {
		reg->channels[i].style = reg->style->name;
		snprintf(reg->channels[i].name, sizeof(reg->channels[i].name),
			 "%.*s%u", KLAB_REGISTER_PREFIX, prefix, i);
	}
}

/**
 * klab_register_create() - registers channels
 * @config: how, and how many
 *
 * What is wrong with @config is logged with the name of the parameter.
 *
 * Context: process, may sleep.
 * Return: the channels, or an ERR_PTR(): -EINVAL, -ENOMEM, -EBUSY for a number
 * that has an owner.
 */
struct klab_register *
klab_register_create(const struct klab_register_config *config)
{
	const struct klab_register_style *style = klab_register_check(config);
	struct klab_register *reg;
	unsigned int numbers;
	int err;

	if (!style)
		return ERR_PTR(-EINVAL);

	numbers = style->numbers ?: config->channels;
	reg = kvzalloc_flex(*reg, channels, numbers);
	if (!reg)
		return ERR_PTR(-ENOMEM);
	reg->numbers = numbers;
	reg->nodes = config->channels;
	reg->style = style;
	klab_register_name(reg, config->prefix);

	err = style->add(reg, config);
	if (err) {
		kvfree(reg);
		return ERR_PTR(err);
	}
	return reg;
}
EXPORT_SYMBOL_IF_KUNIT(klab_register_create);

/**
 * klab_register_destroy() - takes them away
 * @reg: the channels; none is open, as an open one holds the module
 *
 * Context: process, waits for callers of the attributes.
 */
void klab_register_destroy(struct klab_register *reg)
{
	reg->style->remove(reg);
	kvfree(reg);
}
EXPORT_SYMBOL_IF_KUNIT(klab_register_destroy);
