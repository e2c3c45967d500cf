// SPDX-License-Identifier: GPL-2.0-only
/*
 * Making and removing the file and its directories.
 */
#include <linux/cleanup.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/fs.h>
#include <linux/kstrtox.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>

#include <kunit/visibility.h>

#include "procfs_name.h"
#include "tree.h"
#include "user_text.h"

static int klab_tree_show(struct seq_file *seq, void *unused)
{
	struct klab_tree *tree = seq->private;

	seq_printf(seq, "%d\n", atomic_read(&tree->value));
	return 0;
}

static int klab_tree_open(struct inode *inode, struct file *file)
{
	return single_open(file, klab_tree_show, pde_data(inode));
}

/* What is no integer changes nothing. */
static ssize_t klab_tree_write(struct file *file, const char __user *buf,
			       size_t count, loff_t *pos)
{
	struct klab_tree *tree = pde_data(file_inode(file));
	char text[KLAB_NUMBER_TEXT_SIZE];
	int value, err;

	err = klab_user_text(text, sizeof(text), buf, count);
	if (!err)
		err = kstrtoint(text, 0, &value);
	if (err)
		return err;
	atomic_set(&tree->value, value);
	return count;
}

static const struct proc_ops klab_tree_ops = {
	.proc_open = klab_tree_open,
	.proc_read_iter = seq_read_iter,
	.proc_write = klab_tree_write,
	.proc_lseek = seq_lseek,
	.proc_release = single_release,
};

/* -EEXIST if there is something where the first directory is to be. */
static int klab_tree_check_free(char *path, size_t stem)
{
	int err;

	path[stem] = '\0';
	err = klab_procfs_check_free(path);
	path[stem] = '/';
	return err;
}

/* Cuts @path at its slashes. */
static int klab_tree_add(struct klab_tree *tree, char *path, size_t stem)
{
	struct proc_dir_entry *dir = NULL;
	char *name = path, *rest = path + stem;

	while (rest) {
		*rest++ = '\0';
		dir = proc_mkdir(name, dir);
		if (!dir)
			return -ENOMEM;
		if (!tree->top)
			tree->top = dir;
		name = rest;
		rest = strchr(name, '/');
	}
	return proc_create_data(name, 0644, dir, &klab_tree_ops, tree) ?
	       0 : -ENOMEM;
}

/**
 * klab_tree_create() - makes a file with an integer, and its directories
 * @path: of the file, relative to /proc, without a fault
 * @value: the integer
 *
 * Context: process, may sleep.
 * Return: the file, or an ERR_PTR(): -EEXIST where the first directory is
 * there, -ENOMEM, or why /proc cannot be looked at.
 */
struct klab_tree *klab_tree_create(const char *path, int value)
{
	char *copy __free(kfree) = kstrdup(path, GFP_KERNEL);
	size_t stem = klab_tree_path_stem(path);
	struct klab_tree *tree;
	int err;

	if (!copy)
		return ERR_PTR(-ENOMEM);
	err = klab_tree_check_free(copy, stem);
	if (err)
		return ERR_PTR(err);

	tree = kzalloc_obj(*tree);
	if (!tree)
		return ERR_PTR(-ENOMEM);
	atomic_set(&tree->value, value);
	err = klab_tree_add(tree, copy, stem);
	if (err) {
		klab_tree_destroy(tree);
		return ERR_PTR(err);
	}
	return tree;
}
EXPORT_SYMBOL_IF_KUNIT(klab_tree_create);

/**
 * klab_tree_destroy() - removes the file and the directories made for it
 * @tree: made by klab_tree_create()
 *
 * Waits for calls that are inside the file. Where it is open it stays so; each
 * call fails with EIO.
 *
 * Context: process, may sleep.
 */
void klab_tree_destroy(struct klab_tree *tree)
{
	proc_remove(tree->top);
	kfree(tree);
}
EXPORT_SYMBOL_IF_KUNIT(klab_tree_destroy);
