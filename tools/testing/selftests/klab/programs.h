/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What test programs share: time, children and readiness, each with a bound.
 */
#ifndef _PROGRAMS_H
#define _PROGRAMS_H

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifndef BOUND_MS
#define BOUND_MS	20000
#endif

static inline long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
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

/* The number in a file, or a negative errno. */
static inline long number_in(const char *path)
{
	char text[32] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t len;

	if (fd < 0)
		return -errno;
	len = read(fd, text, sizeof(text) - 1);
	if (len < 0)
		len = -errno;
	close(fd);
	return len < 0 ? len : strtol(text, NULL, 10);
}

/* Attributes cannot be waited for: one is looked at, up to the bound. */
static inline bool becomes(const char *path, long wanted)
{
	long end = now_ms() + BOUND_MS;

	while (number_in(path) != wanted) {
		if (now_ms() > end)
			return false;
		poll(NULL, 0, 5);
	}
	return true;
}

#endif /* _PROGRAMS_H */
