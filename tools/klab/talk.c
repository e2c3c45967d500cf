// SPDX-License-Identifier: GPL-2.0-only
/*
 * klab talk: has a device open while somebody types, so that one sees what an
 * open file holds. Each line is written, and what the device then has is read.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "klab.h"

#define BUFFER_SIZE	4096

static bool send_line(int fd, const char *line, size_t len)
{
	ssize_t put;

	while (len) {
		put = write(fd, line, len);
		if (put < 0 && errno != EINTR) {
			klab_err("write: %s", strerror(errno));
			return false;
		}
		if (put > 0) {
			line += put;
			len -= (size_t)put;
		}
	}
	return true;
}

/* A newline at the end is one, others are shown as bytes. */
static void put_lines(char *data, size_t len)
{
	bool newline = data[len - 1] == '\n';

	len -= newline;
	data[len] = '\0';
	put_data(stdout, data, len);
	if (newline)
		putchar('\n');
}

/* To the end. */
static bool show_answer(int fd)
{
	char buffer[BUFFER_SIZE + 1];
	ssize_t len;

	do {
		len = read(fd, buffer, BUFFER_SIZE);
		if (len < 0 && errno != EINTR) {
			klab_err("read: %s", strerror(errno));
			return false;
		}
		if (len > 0)
			put_lines(buffer, (size_t)len);
	} while (len);
	return true;
}

/* Until the input ends. */
static bool talk(int fd)
{
	char *line = NULL;
	bool well = true;
	size_t size = 0;
	ssize_t len;

	while (well) {
		fputs("> ", stdout);
		fflush(stdout);
		len = getline(&line, &size, stdin);
		if (len < 0)
			break;
		well = send_line(fd, line, (size_t)len) && show_answer(fd);
	}
	free(line);
	return well;
}

static int talk_run(const struct options *options)
{
	int fd = open(options->args[0], O_RDWR | O_CLOEXEC);
	bool well;

	if (fd < 0) {
		klab_err("%s: %s", options->args[0], strerror(errno));
		return STATUS_FAILED;
	}
	well = talk(fd);
	close(fd);
	return well ? STATUS_OK : STATUS_FAILED;
}

const struct command talk_command = {
	.name = "talk",
	.usage = "FILE",
	.summary = "have a device open, write what is typed, show what it says",
	.help = "Opens a file for reading and writing. For each line of its input it writes the\n"
		"line, reads to the end, and prints what it got. It waits for input with the\n"
		"file open; it ends where the input does.\n",
	.min_args = 1,
	.max_args = 1,
	.run = talk_run,
};
