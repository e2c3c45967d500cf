/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the test programs of nodes in /proc and /sys share.
 */
#ifndef _ATTR_NODES_H
#define _ATTR_NODES_H

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "programs.h"

/* Reads an open file from its beginning; 0 or an errno. */
static inline int read_again(int fd, char *buf, size_t size)
{
	ssize_t len = pread(fd, buf, size - 1, 0);

	buf[len < 0 ? 0 : len] = '\0';
	return len < 0 ? errno : 0;
}

static inline int get_text(const char *path, char *buf, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), err;

	if (fd < 0)
		return errno;
	err = read_again(fd, buf, size);
	close(fd);
	return err;
}

static inline int put_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), err = 0;

	if (fd < 0)
		return errno;
	if (write(fd, text, strlen(text)) < 0)
		err = errno;
	close(fd);
	return err;
}

#endif /* _ATTR_NODES_H */
