/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An integer in a file below /proc, at a path that is given.
 */
#ifndef _KLAB_ATTR_TREE_H
#define _KLAB_ATTR_TREE_H

#include <linux/atomic.h>
#include <linux/types.h>

struct proc_dir_entry;

/* Bytes of a whole path; procfs takes that many for each name. */
#define KLAB_TREE_PATH_MAX	255

/* Names in a path, the file's own included. */
#define KLAB_TREE_DEPTH_MIN	2
#define KLAB_TREE_DEPTH_MAX	16

/**
 * struct klab_tree - the file and its directories
 * @value: the integer
 * @top: the first directory that was made, which has all the rest in it
 */
struct klab_tree {
	atomic_t value;
	struct proc_dir_entry *top;
};

const char *klab_tree_path_fault(const char *path);
size_t klab_tree_path_stem(const char *path);
struct klab_tree *klab_tree_create(const char *path, int value);
void klab_tree_destroy(struct klab_tree *tree);

#endif /* _KLAB_ATTR_TREE_H */
