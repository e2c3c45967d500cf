// SPDX-License-Identifier: GPL-2.0-only
/*
 * The three calls that an experiment's file takes. They are on their own so
 * that the tests can put a kernel of their own behind them.
 */
#include <fcntl.h>
#include <unistd.h>

#include "klab.h"

/**
 * experiment_open() - open an experiment
 * @path: its file
 *
 * Return: a file descriptor, or -1 with errno set.
 */
int experiment_open(const char *path)
{
	return open(path, O_RDWR | O_CLOEXEC);
}

/**
 * experiment_write() - set the parameters of an open experiment
 * @fd: the open file
 * @text: "name=value ..."
 * @len: length of the text
 *
 * Return: bytes taken, or -1 with errno set.
 */
ssize_t experiment_write(int fd, const char *text, size_t len)
{
	return write(fd, text, len);
}

/**
 * experiment_read() - run an open experiment, or read more of its result
 * @fd: the open file
 * @buffer: where to
 * @len: size of the buffer
 * @offset: where in the result; a read at 0 runs
 *
 * Return: bytes read, 0 at the end, or -1 with errno set.
 */
ssize_t experiment_read(int fd, char *buffer, size_t len, off_t offset)
{
	return pread(fd, buffer, len, offset);
}
