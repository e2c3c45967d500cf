/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the test programs of character devices share.
 */
#ifndef _CHARDEV_H
#define _CHARDEV_H

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PAGE		4096
#define BOUND_MS	20000

static inline long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

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

static inline pid_t child(void)
{
	pid_t pid = fork();

	if (!pid)
		prctl(PR_SET_PDEATHSIG, SIGKILL);
	return pid;
}

/* Exit code of a child, or minus the signal that has ended it. */
static inline int end_of(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, 0) != pid)
		return -1000;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static inline short ready(int fd, short events, int timeout)
{
	struct pollfd pollfd = { .fd = fd, .events = events };

	return poll(&pollfd, 1, timeout) > 0 ? pollfd.revents : 0;
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
