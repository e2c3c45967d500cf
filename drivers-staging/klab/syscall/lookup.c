// SPDX-License-Identifier: GPL-2.0-only
/*
 * How a module finds a name of the kernel at run time, and what is refused.
 *
 * Modules name what they use, and the loader links it: that needs none of
 * this. The names looked up here are fixed, their addresses shown to nobody.
 */

#include <linux/err.h>
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/kallsyms.h>
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/timekeeping.h>

#include "../core/klab_core.h"

/* Where the address of a probe may differ from that of the function. */
#define LOOKUP_ENTRY_MAX	16

/**
 * struct lookup - a way to find a name
 * @way: what it is called in the table
 * @symbol: the name that is looked for
 * @find: looks for it once. Returns 0 if what is found is right, -ENOENT if
 *	there is nothing, -ESTALE if it is something else, or why it is refused.
 */
struct lookup {
	const char *way;
	const char *symbol;
	int (*find)(const struct lookup *lookup);
};

enum lookup_param {
	PARAM_COUNT,
};

static const struct klab_param lookup_params[] = {
	[PARAM_COUNT] = KLAB_INT("count", 5, 1, 100, "times",
				 "how often each way is gone"),
};

static int find_symbol_get(const struct lookup *lookup)
{
	void *found = __symbol_get(lookup->symbol);

	if (!found)
		return -ENOENT;
	__symbol_put(lookup->symbol);
	return found == (void *)ktime_get_mono_fast_ns ? 0 : -ESTALE;
}

/* Never armed: the probe is registered for the address that it then has. */
static int find_kprobe(const struct lookup *lookup)
{
	struct kprobe *probe __free(kfree) = kzalloc_obj(*probe);
	unsigned long offset;
	int err;

	if (!probe)
		return -ENOMEM;
	probe->symbol_name = lookup->symbol;
	probe->flags = KPROBE_FLAG_DISABLED;
	err = register_kprobe(probe);
	if (err)
		return err;
	offset = (unsigned long)probe->addr - (unsigned long)vfs_fsync;
	unregister_kprobe(probe);
	return offset < LOOKUP_ENTRY_MAX ? 0 : -ESTALE;
}

static int find_in_proc(const struct lookup *lookup)
{
	struct file *file = filp_open("/proc/kallsyms", O_RDONLY, 0);
	char line[64];
	loff_t pos = 0;
	ssize_t ret;

	if (IS_ERR(file))
		return PTR_ERR(file);
	ret = kernel_read(file, line, sizeof(line), &pos);
	filp_close(file, NULL);
	return ret < 0 ? ret : 0;
}

static int find_name(const struct lookup *lookup)
{
	char *name __free(kfree) = kmalloc(KSYM_SYMBOL_LEN, GFP_KERNEL);

	if (!name)
		return -ENOMEM;
	sprint_symbol_no_offset(name, (unsigned long)vfs_fsync);
	if (!strncmp(name, "0x", 2))
		return -ENOENT;
	return str_has_prefix(name, lookup->symbol) ? 0 : -ESTALE;
}

static const struct lookup lookups[] = {
	{ "symbol_get of a GPL export", "ktime_get_mono_fast_ns",
	  find_symbol_get },
	{ "symbol_get of another export", "vfs_fsync", find_symbol_get },
	{ "symbol_get of no export", "kallsyms_lookup_name", find_symbol_get },
	{ "probe of a function", "vfs_fsync", find_kprobe },
	{ "probe of data", "jiffies_64", find_kprobe },
	{ "reading /proc/kallsyms", "vfs_fsync", find_in_proc },
	{ "name of an address", "vfs_fsync", find_name },
};

static const char *result_word(int err)
{
	switch (err) {
	case 0:
		return "found";
	case -ESTALE:
		return "something else";
	default:
		return "refused";
	}
}

/* What is refused is tried once: it may say so in the log. */
static int lookup_one(struct klab_run *run, const struct lookup *lookup,
		      struct klab_samples *samples)
{
	struct klab_summary summary;
	s64 left = klab_run_value(run, PARAM_COUNT);
	int err, ret;

	klab_samples_reset(samples);
	do {
		struct klab_stamp start = klab_stamp_now();

		err = lookup->find(lookup);
		klab_sample_since(samples, &start);
		if (err == -ENOMEM)
			return err;
		ret = klab_run_check(run);
		if (ret)
			return ret;
	} while (!err && --left);

	klab_samples_summary(samples, &summary);
	klab_row(run, "%s\t%s\t%s\t%d\t%llu\t%llu\t%llu\t%llu", lookup->way,
		 lookup->symbol, result_word(err), err, summary.count,
		 summary.ns.min, summary.ns.median, summary.ns.max);
	return 0;
}

static int klab_syscall_lookup_run(struct klab_run *run)
{
	struct klab_samples *samples = klab_samples_alloc();
	int err = 0;

	if (!samples)
		return -ENOMEM;
	klab_note(run, "not_exported",
		  "kallsyms_lookup_name kallsyms_on_each_symbol");
	klab_note(run, "from_user_space", "klab symbols NAME");
	klab_columns(run,
		     "way\tsymbol\tresult\terror\ttries\tmin[ns]\tmedian[ns]\tmax[ns]");
	for (int i = 0; i < ARRAY_SIZE(lookups) && !err; i++)
		err = lookup_one(run, &lookups[i], samples);
	klab_samples_free(samples);
	return err;
}

static struct klab_experiment klab_syscall_lookup[] = {
	{
		.room = "syscall",
		.name = "lookup",
		.question = "How does a module find a name of the kernel?",
		.params = lookup_params,
		.nr_params = ARRAY_SIZE(lookup_params),
		.run = klab_syscall_lookup_run,
	},
};
module_klab_experiments(klab_syscall_lookup);

MODULE_DESCRIPTION("klab: ways to find a name of the kernel");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
