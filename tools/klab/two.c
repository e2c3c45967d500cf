// SPDX-License-Identifier: GPL-2.0-only
/*
 * klab two: one file opened twice by one program. What was written by the one
 * and is read by the other tells what the two opens have in common.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "klab.h"

#define BUFFER_SIZE	4096

/**
 * struct opening - one of the two
 * @name: how it is called
 * @text: what it writes
 * @fd: its descriptor, or -1: reading and writing then fail, and say how
 */
struct opening {
	const char *name;
	const char *text;
	int fd;
};

static bool complain(const struct opening *opening, const char *what)
{
	klab_err("%s: %s: %s", opening->name, what, strerror(errno));
	return false;
}

static bool open_it(struct opening *opening, const char *path)
{
	opening->fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (opening->fd < 0)
		return complain(opening, path);
	printf("%s: opened\n", opening->name);
	return true;
}

static bool write_it(const struct opening *opening)
{
	ssize_t put = write(opening->fd, opening->text, strlen(opening->text));

	if (put < 0)
		return complain(opening, "write");
	printf("%s: wrote %zd bytes: %.*s\n", opening->name, put, (int)put,
	       opening->text);
	return true;
}

/* To the end, or until there is nothing more for now. */
static bool read_it(const struct opening *opening)
{
	char buffer[BUFFER_SIZE + 1];
	ssize_t len;

	do {
		len = read(opening->fd, buffer, BUFFER_SIZE);
		if (len < 0 && errno != EAGAIN)
			return complain(opening, "read");
		if (len < 0)
			break;
		buffer[len] = '\0';
		printf("%s: read %zd bytes: ", opening->name, len);
		put_data(stdout, buffer, (size_t)len);
		putchar('\n');
	} while (len);
	return true;
}

static int two_run(const struct options *options)
{
	struct opening both[2] = {
		{ .name = "first", .text = "1111111" },
		{ .name = "second", .text = "22222" },
	};
	unsigned int first = options->reverse;
	bool well = true;

	/* What fails is seen best in what follows from it. */
	well &= open_it(&both[0], options->args[0]);
	well &= open_it(&both[1], options->args[0]);
	well &= write_it(&both[0]);
	well &= write_it(&both[1]);
	well &= read_it(&both[first]);
	well &= read_it(&both[!first]);
	if (both[0].fd >= 0)
		close(both[0].fd);
	if (both[1].fd >= 0)
		close(both[1].fd);
	return well ? STATUS_OK : STATUS_FAILED;
}

const struct command two_command = {
	.name = "two",
	.usage = "FILE [--reverse]",
	.summary = "open a file twice, write and read by both",
	.help = "Opens a file twice, writes 1111111 by the first and 22222 by the second, and\n"
		"reads by both, so that one sees what the two share. It goes on after an\n"
		"error, so that one sees what follows from it, and ends with status 3 then.\n",
	.options = OPTION_REVERSE,
	.min_args = 1,
	.max_args = 1,
	.run = two_run,
};
