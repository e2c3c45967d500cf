// SPDX-License-Identifier: GPL-2.0-only
/*
 * The running system, or for tests a directory that looks like one.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "klab.h"

/**
 * system_path() - where a file of the running system is
 * @path: absolute path
 *
 * Return: @path, below $KLAB_SYSROOT where that is set (for tests); for free().
 */
char *system_path(const char *path)
{
	const char *root = getenv("KLAB_SYSROOT");

	return xprintf("%s%s", root ? root : "", path);
}

/**
 * system_line() - first line of a small file of the running system
 * @path: absolute path, as for system_path()
 *
 * Return: the line without its end, for free(); or NULL with errno set.
 */
char *system_line(const char *path)
{
	char *full = system_path(path);
	size_t len;
	char *text;
	int err;

	text = read_all(full, 1 << 20, &len);
	err = errno;
	if (text)
		text[strcspn(text, "\n")] = '\0';
	free(full);
	errno = err;
	return text;
}

/**
 * kernel_release() - release of the running kernel, as uname -r says
 *
 * Return: the release, for free(); "unknown" without /proc.
 */
char *kernel_release(void)
{
	char *release = system_line("/proc/sys/kernel/osrelease");

	return release ? release : xstrdup("unknown");
}

/**
 * lockdown_level() - is the running kernel locked down
 *
 * Return: "integrity" or "confidentiality", for free(); NULL if it is not, or
 * does not say.
 */
char *lockdown_level(void)
{
	char *line = system_line("/sys/kernel/security/lockdown");
	char *level = NULL;
	char *open;

	if (!line)
		return NULL;
	open = strchr(line, '[');
	if (open) {
		open[strcspn(open, "]")] = '\0';
		if (strcmp(open + 1, "none"))
			level = xstrdup(open + 1);
	}
	free(line);
	return level;
}
