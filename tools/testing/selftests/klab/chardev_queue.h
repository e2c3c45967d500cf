/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the test programs of the queue device share. Its module is loaded, and
 * nobody else uses queue 0.
 */
#ifndef _CHARDEV_QUEUE_H
#define _CHARDEV_QUEUE_H

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

#define NODE		"/dev/klab-queue0"
#define ATTRIBUTES	"/sys/class/klab-queue/klab-queue0/"
#define ATOMIC		4096
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

static inline long attribute(const char *name)
{
	char path[128], buf[32];

	snprintf(path, sizeof(path), ATTRIBUTES "%s", name);
	return text_of(path, buf, sizeof(buf)) ? -1 : atol(buf);
}

/* Returns 0 or an errno. */
static inline int set_attribute(const char *name, const char *value)
{
	char path[128];
	int fd, err = 0;

	snprintf(path, sizeof(path), ATTRIBUTES "%s", name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return errno;
	if (write(fd, value, strlen(value)) < 0)
		err = errno;
	close(fd);
	return err;
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

/* Reads and forgets, without waiting. */
static inline void drain(int fd)
{
	int flags = fcntl(fd, F_GETFL);
	static char buf[65536];

	fcntl(fd, F_SETFL, flags | O_NONBLOCK);
	while (read(fd, buf, sizeof(buf)) > 0)
		;
	fcntl(fd, F_SETFL, flags);
}

/* Writes until there is no room for a byte; returns how many bytes. */
static inline long fill(int fd)
{
	int flags = fcntl(fd, F_GETFL);
	static char buf[ATOMIC];
	long total = 0;
	size_t size;
	ssize_t put;

	fcntl(fd, F_SETFL, flags | O_NONBLOCK);
	for (size = sizeof(buf); size; size /= 2) {
		while ((put = write(fd, buf, size)) > 0)
			total += put;
	}
	fcntl(fd, F_SETFL, flags);
	return total;
}

/* Has nothing in it afterwards, and the mode asked for; 0 or an errno. */
static inline int empty_queue(const char *mode)
{
	int fd = open(NODE, O_RDONLY | O_CLOEXEC), err;

	if (fd < 0)
		return errno;
	err = set_attribute("delay_ms", "0");
	/* A delay that is over is over soon, not at once. */
	while (!err && attribute("used") > 0) {
		ready(fd, POLLIN, BOUND_MS);
		drain(fd);
	}
	close(fd);
	return err ?: set_attribute("mode", mode);
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

#endif /* _CHARDEV_QUEUE_H */
