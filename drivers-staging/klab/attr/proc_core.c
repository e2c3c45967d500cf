// SPDX-License-Identifier: GPL-2.0-only
/*
 * The directory /proc/klab-proc and its files.
 */
#include <linux/array_size.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/slab.h>
#include <linux/string.h>

#include <kunit/visibility.h>

#include "proc.h"
#include "procfs_name.h"

/**
 * klab_proc_count() - counts a copy
 * @way: who has made it
 * @bytes: its length
 *
 * Context: any.
 */
void klab_proc_count(struct klab_proc_way *way, size_t bytes)
{
	atomic64_inc(&way->copies);
	atomic64_add(bytes, &way->bytes);
}
EXPORT_SYMBOL_IF_KUNIT(klab_proc_count);

static const struct {
	const char *name;
	enum klab_proc_way_id way;
	const struct proc_ops *ops;
} klab_proc_files[] = {
	{ "whole", KLAB_PROC_WHOLE, &klab_proc_whole_ops },
	{ "ended", KLAB_PROC_ENDED, &klab_proc_ended_ops },
	{ "first", KLAB_PROC_FIRST, &klab_proc_first_ops },
	{ "open", KLAB_PROC_OPEN, &klab_proc_open_ops },
	{ "slice", KLAB_PROC_SLICE, &klab_proc_slice_ops },
	{ "iter", KLAB_PROC_ITER, &klab_proc_iter_ops },
	{ "both", KLAB_PROC_BOTH, &klab_proc_both_ops },
	{ "single", KLAB_PROC_SINGLE, &klab_proc_single_ops },
	{ "seq", KLAB_PROC_SEQ, &klab_proc_seq_ops },
};

/* The file "text" is read as "iter" is, and counts there. */
static int klab_proc_add_texts(struct klab_proc *proc)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(klab_proc_files); i++) {
		if (!proc_create_data(klab_proc_files[i].name, 0444, proc->dir,
				      klab_proc_files[i].ops,
				      &proc->ways[klab_proc_files[i].way]))
			return -ENOMEM;
	}
	/* All the above and its functions in one call. */
	if (!proc_create_single_data("created", 0444, proc->dir,
				     klab_proc_show_text,
				     &proc->ways[KLAB_PROC_CREATED]) ||
	    !proc_create_data("text", 0644, proc->dir, &klab_proc_text_ops,
			      &proc->ways[KLAB_PROC_ITER]) ||
	    !proc_create_data("counters", 0644, proc->dir,
			      &klab_proc_counters_ops, proc))
		return -ENOMEM;
	return 0;
}

static int klab_proc_add_numbers(struct klab_proc *proc)
{
	struct proc_dir_entry *dir = proc_mkdir("numbers", proc->dir);
	unsigned int i;

	if (!dir)
		return -ENOMEM;
	for (i = 0; i < KLAB_NUMBER_KINDS; i++) {
		if (!proc_create_data(klab_number_name(i), 0644, dir,
				      &klab_proc_number_ops,
				      &proc->numbers[i]))
			return -ENOMEM;
	}
	return 0;
}

static int klab_proc_add_records(struct klab_proc *proc)
{
	if (!proc_create_data("records", 0644, proc->dir, &klab_records_ops,
			      &proc->records))
		return -ENOMEM;
	return 0;
}

/* Files can be opened as soon as they are there: all they use is made first. */
static int klab_proc_add_files(struct klab_proc *proc, const char *name)
{
	int err;

	err = klab_procfs_check_free(name);
	if (err)
		return err;
	proc->dir = proc_mkdir(name, NULL);
	if (!proc->dir)
		return -ENOMEM;

	err = klab_proc_add_texts(proc);
	if (!err)
		err = klab_proc_add_numbers(proc);
	if (!err)
		err = klab_proc_add_records(proc);
	return err;
}

static void klab_proc_init(struct klab_proc *proc)
{
	unsigned int i;

	spin_lock_init(&proc->lock);
	for (i = 0; i < KLAB_PROC_WAYS; i++)
		proc->ways[i].proc = proc;
	for (i = 0; i < KLAB_NUMBER_KINDS; i++)
		proc->numbers[i].kind = i;
	klab_records_init(&proc->records);
}

/**
 * klab_proc_destroy() - removes the directory and all in it
 * @proc: made by klab_proc_create()
 *
 * Waits for calls that are inside a file. Files that are open stay so; each
 * call on one of them fails with EIO.
 *
 * Context: process, may sleep.
 */
void klab_proc_destroy(struct klab_proc *proc)
{
	proc_remove(proc->dir);
	klab_records_destroy(&proc->records);
	klab_proc_text_put(proc->text);
	kfree(proc);
}
EXPORT_SYMBOL_IF_KUNIT(klab_proc_destroy);

/**
 * klab_proc_create() - makes the directory and its files
 * @name: of the directory
 * @records: records in the set, at most KLAB_RECORDS_MAX
 *
 * Context: process, may sleep.
 * Return: the directory, or an ERR_PTR(): -EEXIST where the name is taken,
 * -ENOMEM, or why /proc cannot be looked at.
 */
struct klab_proc *klab_proc_create(const char *name, unsigned int records)
{
	struct klab_proc *proc = kzalloc_obj(*proc);
	int err;

	if (!proc)
		return ERR_PTR(-ENOMEM);
	klab_proc_init(proc);

	proc->text = klab_proc_text_create(KLAB_PROC_TEXT,
					   strlen(KLAB_PROC_TEXT));
	err = PTR_ERR_OR_ZERO(proc->text);
	if (err) {
		proc->text = NULL;
		goto err_destroy;
	}
	err = klab_records_fill(&proc->records, records);
	if (err)
		goto err_destroy;
	err = klab_proc_add_files(proc, name);
	if (err)
		goto err_destroy;
	return proc;

err_destroy:
	klab_proc_destroy(proc);
	return ERR_PTR(err);
}
EXPORT_SYMBOL_IF_KUNIT(klab_proc_create);
