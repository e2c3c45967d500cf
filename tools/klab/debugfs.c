// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where debugfs is, and why it cannot be used.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "klab.h"

#define DEBUGFS_DEFAULT	"/sys/kernel/debug"
#define MOUNTS_MAX	(16u << 20)

/* /proc/mounts has blanks and backslashes of a path as octal escapes. */
static void unescape(char *path)
{
	char *to = path;

	while (*path) {
		if (path[0] == '\\' && strspn(path + 1, "01234567") >= 3) {
			*to++ = (char)(((path[1] - '0') << 6) |
				       ((path[2] - '0') << 3) |
				       (path[3] - '0'));
			path += 4;
		} else {
			*to++ = *path++;
		}
	}
	*to = '\0';
}

/* The last mount of debugfs, for free(), or NULL. */
static char *find_mount(void)
{
	char *path = system_path("/proc/mounts");
	char *found = NULL;
	char *text, *rest, *line;
	size_t len;

	text = read_all(path, MOUNTS_MAX, &len);
	free(path);
	rest = text;
	while (rest && (line = strsep(&rest, "\n"))) {
		char *dir, *type;

		strsep(&line, " ");
		dir = strsep(&line, " ");
		type = strsep(&line, " ");
		if (!dir || !type || strcmp(type, "debugfs"))
			continue;
		free(found);
		found = xstrdup(dir);
		unescape(found);
	}
	free(text);
	return found;
}

/**
 * debugfs_root_path() - where a file of debugfs is
 * @path: path below its root
 *
 * The root of debugfs is $KLAB_DEBUGFS, else what is mounted, else the usual
 * place.
 *
 * Return: the path, for free().
 */
char *debugfs_root_path(const char *path)
{
	const char *root = getenv("KLAB_DEBUGFS");
	char *mount = NULL;
	char *full;

	if (!root || !*root) {
		mount = find_mount();
		root = mount;
	}
	full = xprintf("%s/%s", root ? root : DEBUGFS_DEFAULT, path);
	free(mount);
	return full;
}

/**
 * debugfs_path() - where a file of klab is
 * @path: path below klab's directory in debugfs, or "" for the directory
 *
 * Return: the path, for free().
 */
char *debugfs_path(const char *path)
{
	char *below = xprintf("klab%s%s", *path ? "/" : "", path);
	char *full = debugfs_root_path(below);

	free(below);
	return full;
}

static void explain_absent(void)
{
	const char *root = getenv("KLAB_DEBUGFS");
	char *mount = find_mount();

	if (root && *root)
		klab_err("there is no klab in %s, which KLAB_DEBUGFS names",
			 root);
	else if (!mount)
		klab_err("debugfs is not mounted; mount it: mount -t debugfs none "
			 DEBUGFS_DEFAULT);
	else
		klab_err("klab is not in the running kernel; load it: modprobe klab_core");
	free(mount);
}

/**
 * debugfs_explain() - print why klab's directory cannot be used
 * @what: what was asked for
 * @err: errno of the attempt
 */
void debugfs_explain(const char *what, int err)
{
	char *level;

	switch (err) {
	case ENOENT:
	case ENOTDIR:
		explain_absent();
		break;
	case EACCES:
	case EPERM:
		level = lockdown_level();
		if (level && !geteuid())
			klab_err("%s: not permitted: the kernel is locked down (%s), which closes debugfs; boot without lockdown to use it",
				 what, level);
		else
			klab_err("%s: not permitted: needs root (CAP_SYS_ADMIN)%s%s%s",
				 what, level ? "; the kernel is locked down too (" : "",
				 level ? level : "", level ? ")" : "");
		free(level);
		break;
	default:
		klab_err("%s: %s", what, strerror(err));
		break;
	}
}
