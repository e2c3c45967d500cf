/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the test programs of character devices share.
 */
#ifndef _CHARDEV_H
#define _CHARDEV_H

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "programs.h"

#define PAGE		4096

static inline int text_of(const char *path, char *buf, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t len;

	if (fd < 0)
		return -errno;
	len = read(fd, buf, size - 1);
	close(fd);
	buf[len < 0 ? 0 : len] = '\0';
	return len < 0 ? -errno : 0;
}

static inline char state_of(pid_t tid)
{
	char path[64], buf[256];
	char *end;

	snprintf(path, sizeof(path), "/proc/%d/stat", tid);
	if (text_of(path, buf, sizeof(buf)))
		return '?';
	end = strrchr(buf, ')');
	return end ? end[2] : '?';
}

/* A state of a task cannot be waited for: look again, up to a bound. */
static inline bool sleeps(pid_t tid)
{
	long end = now_ms() + BOUND_MS;

	while (state_of(tid) != 'S') {
		if (now_ms() > end)
			return false;
		poll(NULL, 0, 2);
	}
	return true;
}

/* Two pages, of which the second cannot be touched. */
static inline char *half_a_buffer(void)
{
	char *two = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (two == MAP_FAILED || mprotect(two + PAGE, PAGE, PROT_NONE))
		exit(1);
	return two;
}

#endif /* _CHARDEV_H */
