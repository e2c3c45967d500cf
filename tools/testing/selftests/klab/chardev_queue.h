/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the test programs of the queue device share. Its module is loaded, and
 * nobody else uses queue 0.
 */
#ifndef _CHARDEV_QUEUE_H
#define _CHARDEV_QUEUE_H

#include "chardev.h"

#define NODE		"/dev/klab-queue0"
#define ATTRIBUTES	"/sys/class/klab-queue/klab-queue0/"
#define ATOMIC		4096

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

#endif /* _CHARDEV_QUEUE_H */
