// SPDX-License-Identifier: GPL-2.0-only
/*
 * A watch, for the programs that show how long a call takes, and calls that
 * tell an error from what is only not ready.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "klab.h"

static struct timespec begun;

/**
 * watch_start() - begin an interval
 */
void watch_start(void)
{
	clock_gettime(CLOCK_MONOTONIC, &begun);
}

/**
 * watch_us() - microseconds since watch_start()
 *
 * Return: the microseconds.
 */
long long watch_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (now.tv_sec - begun.tv_sec) * 1000000LL +
	       (now.tv_nsec - begun.tv_nsec) / 1000;
}

/**
 * watch_print() - print the interval as seconds and milliseconds, rounded
 */
void watch_print(void)
{
	long long ms = (watch_us() + 500) / 1000;

	printf("interval %02lld:%03lld ", ms / 1000, ms % 1000);
}

/**
 * watch_poll() - wait until a file is ready
 * @fd: file
 * @events: for what, as poll() has them
 * @verbose: print how long that took, and what came of it
 *
 * Return: false, with a message, for an error.
 */
bool watch_poll(int fd, short events, bool verbose)
{
	struct pollfd pollfd = { .fd = fd, .events = events };
	int ret;

	do {
		ret = poll(&pollfd, 1, -1);
	} while (ret < 0 && errno == EINTR);
	if (ret < 0) {
		klab_err("poll: %s", strerror(errno));
		return false;
	}
	if (verbose) {
		watch_print();
		printf("poll 0x%04x\n", (unsigned int)pollfd.revents);
	}
	return true;
}

/**
 * read_some() - read once
 * @fd: file
 * @buffer: gets the bytes and a NUL
 * @size: bytes to read; @buffer has room for one more
 * @len: set to the number of bytes, 0 at the end, or -1 with EAGAIN
 *
 * Return: false, with a message, for an error but EAGAIN.
 */
bool read_some(int fd, char *buffer, size_t size, ssize_t *len)
{
	do {
		*len = read(fd, buffer, size);
	} while (*len < 0 && errno == EINTR);
	buffer[*len > 0 ? *len : 0] = '\0';
	if (*len >= 0 || errno == EAGAIN)
		return true;
	klab_err("read: %s", strerror(errno));
	return false;
}
