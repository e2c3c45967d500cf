// SPDX-License-Identifier: GPL-2.0-only
/*
 * Timed sections: code whose duration can be watched while it is in use. A
 * section that is off costs a jump that is not taken.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <kunit/visibility.h>
#include <linux/capability.h>
#include <linux/cleanup.h>
#include <linux/ctype.h>
#include <linux/debugfs.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/fs.h>
#include <linux/init.h>
#include <linux/jump_label.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/printk.h>
#include <linux/rcupdate.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/string_choices.h>

#include "core_internal.h"
#include "core_measure.h"

/* Longest line that timed_sections takes. */
#define KLAB_SECTION_LINE_MAX	128

/*
 * Protects the list, the names in it, and turning its sections on and off, so
 * that the static key and the samples of a section change together.
 */
static DEFINE_MUTEX(klab_sections_lock);
static LIST_HEAD(klab_sections);

static struct klab_section *klab_section_find(const char *name)
{
	struct klab_section *section;

	lockdep_assert_held(&klab_sections_lock);

	list_for_each_entry(section, &klab_sections, node)
		if (!strcmp(section->name, name))
			return section;

	return NULL;
}

static struct klab_samples *klab_section_samples(struct klab_section *section)
{
	return rcu_dereference_protected(section->samples,
					 lockdep_is_held(&klab_sections_lock));
}

/* The name has to pass through "name=on" and through a table. */
static bool klab_section_named(const struct klab_section *section)
{
	const char *c = section->name;

	if (!c || !*c || strlen(c) > KLAB_SECTION_LINE_MAX / 2)
		return false;
	for (; *c; c++)
		if (!isascii(*c) || !isgraph(*c) || *c == '=')
			return false;

	return true;
}

/**
 * klab_section_register() - make a timed section known
 * @section: defined by DEFINE_KLAB_SECTION(); stays until unregistered
 *
 * The section is off until it is turned on through timed_sections.
 *
 * Context: process context, may sleep.
 * Return: 0, -EINVAL for a name that is empty, too long, or has white space
 * or an equals sign in it, -EEXIST if the name is taken.
 */
int klab_section_register(struct klab_section *section)
{
	if (!klab_section_named(section))
		return -EINVAL;

	guard(mutex)(&klab_sections_lock);

	if (klab_section_find(section->name))
		return -EEXIST;
	list_add_tail(&section->node, &klab_sections);

	return 0;
}
EXPORT_SYMBOL_GPL(klab_section_register);

static void klab_section_disable(struct klab_section *section)
{
	lockdep_assert_held(&klab_sections_lock);

	if (static_key_enabled(&section->enabled))
		static_branch_disable(&section->enabled);
}

static int klab_section_enable(struct klab_section *section)
{
	struct klab_samples *samples;

	lockdep_assert_held(&klab_sections_lock);

	if (static_key_enabled(&section->enabled))
		return 0;

	/* Samples outlive "off", so that they can still be read. */
	if (!klab_section_samples(section)) {
		samples = klab_samples_alloc();
		if (!samples)
			return -ENOMEM;
		rcu_assign_pointer(section->samples, samples);
	}
	static_branch_enable(&section->enabled);

	return 0;
}

/**
 * klab_section_unregister() - forget a timed section
 * @section: registered or not
 *
 * Returns when no CPU records into the section any more. The caller sees to
 * it that nobody enters the section from then on.
 *
 * Context: process context, may sleep.
 */
void klab_section_unregister(struct klab_section *section)
{
	struct klab_samples *samples;

	scoped_guard(mutex, &klab_sections_lock) {
		/* Never registered, or no longer. */
		if (!section->node.next || list_empty(&section->node))
			return;
		klab_section_disable(section);
		list_del_init(&section->node);
		samples = klab_section_samples(section);
		RCU_INIT_POINTER(section->samples, NULL);
	}

	/* Waits for those who are in __klab_section_end(). */
	synchronize_rcu();
	klab_samples_free(samples);
}
EXPORT_SYMBOL_GPL(klab_section_unregister);

/**
 * __klab_section_end() - record the duration of a section that is on
 * @section: the section
 * @start: what klab_section_begin() returned
 *
 * Called by klab_section_end().
 *
 * Context: any but NMI.
 */
void __klab_section_end(struct klab_section *section,
			const struct klab_stamp *start)
{
	struct klab_stamp end = klab_stamp_now();
	struct klab_samples *samples;

	/* The section was turned on after it began. */
	if (!start->ns)
		return;

	guard(rcu)();

	samples = rcu_dereference(section->samples);
	if (samples)
		klab_sample_between(samples, start, &end);
}
EXPORT_SYMBOL_GPL(__klab_section_end);

static int klab_section_set(struct klab_section *section, const char *verb)
{
	struct klab_samples *samples = klab_section_samples(section);

	if (!strcmp(verb, "on"))
		return klab_section_enable(section);

	if (!strcmp(verb, "off")) {
		klab_section_disable(section);
		return 0;
	}

	if (!strcmp(verb, "reset")) {
		if (samples)
			klab_samples_reset(samples);
		return 0;
	}

	pr_err("timed_sections: \"%*pE\" is none of on, off, reset\n",
	       (int)strlen(verb), verb);
	return -EINVAL;
}

/**
 * klab_sections_command() - do what a line written to timed_sections says
 * @line: "name=on", "name=off" or "name=reset"; changed
 *
 * Context: process context, may sleep.
 * Return: 0, -EINVAL for another line or an unknown name, -ENOMEM.
 */
int klab_sections_command(char *line)
{
	struct klab_section *section;
	char *name, *verb;

	verb = strim(line);
	name = strsep(&verb, "=");
	if (!verb) {
		pr_err("timed_sections: \"%*pE\" is not name=on|off|reset\n",
		       (int)strlen(name), name);
		return -EINVAL;
	}

	guard(mutex)(&klab_sections_lock);

	section = klab_section_find(name);
	if (!section) {
		pr_err("timed_sections: there is no section \"%*pE\"\n",
		       (int)strlen(name), name);
		return -EINVAL;
	}

	return klab_section_set(section, verb);
}
EXPORT_SYMBOL_IF_KUNIT(klab_sections_command);

static ssize_t klab_sections_write(struct file *file, const char __user *buf,
				   size_t count, loff_t *ppos)
{
	int ret;

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	if (count > KLAB_SECTION_LINE_MAX) {
		pr_err("timed_sections: the line is longer than %d bytes\n",
		       KLAB_SECTION_LINE_MAX);
		return -EINVAL;
	}

	char *line __free(kfree) = memdup_user_nul(buf, count);

	if (IS_ERR(line))
		return PTR_ERR(line);

	ret = klab_sections_command(line);
	return ret ?: count;
}

static void klab_section_show(struct seq_file *m, struct klab_section *section)
{
	struct klab_samples *samples = klab_section_samples(section);
	struct klab_summary summary = {};

	if (samples)
		klab_samples_summary(samples, &summary);
	seq_printf(m, "%s\t%s\t%llu", section->name,
		   str_on_off(static_key_enabled(&section->enabled)),
		   summary.count);
	if (summary.count)
		seq_printf(m, "\t%llu\t%llu\t%llu\t%llu\n", summary.ns.min,
			   summary.ns.median, summary.ns.p99, summary.ns.max);
	else
		seq_puts(m, "\t-\t-\t-\t-\n");
}

/**
 * klab_sections_show() - print the table of sections
 * @m: where to
 * @unused: not used
 *
 * Context: process context, may sleep.
 * Return: 0.
 */
int klab_sections_show(struct seq_file *m, void *unused)
{
	struct klab_section *section;

	seq_puts(m, "section\tenabled\tcount\tmin[ns]\tmedian[ns]\tp99[ns]\tmax[ns]\n");

	guard(mutex)(&klab_sections_lock);

	list_for_each_entry(section, &klab_sections, node)
		klab_section_show(m, section);

	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(klab_sections_show);

DEFINE_SHOW_STORE_ATTRIBUTE(klab_sections);

/**
 * klab_sections_init() - make the file timed_sections
 *
 * It goes with klab_debugfs.
 *
 * Context: module initialisation.
 * Return: 0 or an error of debugfs.
 */
int __init klab_sections_init(void)
{
	return klab_debugfs_err(debugfs_create_file("timed_sections", 0600,
						    klab_debugfs, NULL,
						    &klab_sections_fops));
}
