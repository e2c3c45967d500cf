// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is a path that procfs can be given: it answers to many others with a
 * warning and a trace, or takes them and lists names that nobody can type.
 */
#include <linux/ctype.h>
#include <linux/export.h>
#include <linux/string.h>

#include <kunit/visibility.h>

#include "tree.h"

/* The directory that the kernel keeps for drivers, and never removes. */
#define KLAB_TREE_SHARED	"driver/"

static bool klab_tree_is_number(const char *name, size_t len)
{
	while (len && isdigit(*name)) {
		name++;
		len--;
	}
	return !len;
}

static const char *klab_tree_name_fault(const char *name, size_t len)
{
	if (!len)
		return "a name in it is empty";
	if (!strncmp(name, "..", len) && len <= 2)
		return "a name in it is . or ..";
	for (; len; name++, len--) {
		if (!isascii(*name) || !isgraph(*name))
			return "it has a character that is not printable ASCII";
	}
	return NULL;
}

/**
 * klab_tree_path_fault() - what is wrong with a path
 * @path: relative to /proc
 *
 * Says nothing about what there is in /proc.
 *
 * Context: any.
 * Return: the first fault in words, or NULL.
 */
const char *klab_tree_path_fault(const char *path)
{
	const char *name = path, *fault;
	unsigned int depth = 0;
	size_t len;

	if (!*path)
		return "it is empty";
	if (*path == '/')
		return "it has to be relative to /proc";
	if (strlen(path) > KLAB_TREE_PATH_MAX)
		return "it is too long";

	for (;;) {
		len = strcspn(name, "/");
		fault = klab_tree_name_fault(name, len);
		if (fault)
			return fault;
		/* The numbers in /proc are processes. */
		if (!depth && klab_tree_is_number(name, len))
			return "it begins with a number";
		depth++;
		if (!name[len])
			break;
		name += len + 1;
	}

	if (depth < KLAB_TREE_DEPTH_MIN)
		return "it has no directory";
	if (depth > KLAB_TREE_DEPTH_MAX)
		return "it is too deep";
	if (!strncmp(path, KLAB_TREE_SHARED, strlen(KLAB_TREE_SHARED)) &&
	    depth == KLAB_TREE_DEPTH_MIN)
		return "it has no directory of its own";
	return NULL;
}
EXPORT_SYMBOL_IF_KUNIT(klab_tree_path_fault);

/**
 * klab_tree_path_stem() - the part of a path that must not exist yet
 * @path: without a fault
 *
 * That is the first directory, or the second one below /proc/driver. All other
 * directories in /proc may be gone at any time, with those who made them.
 *
 * Context: any.
 * Return: length of the path of the first directory to be made.
 */
size_t klab_tree_path_stem(const char *path)
{
	size_t shared = strlen(KLAB_TREE_SHARED);

	if (strncmp(path, KLAB_TREE_SHARED, shared))
		shared = 0;
	return shared + strcspn(path + shared, "/");
}
EXPORT_SYMBOL_IF_KUNIT(klab_tree_path_stem);
