// SPDX-License-Identifier: GPL-2.0-only
/*
 * klab pecho: writes a text to a device in one of the ways there are, and shows
 * how long each write took.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "klab.h"

#define RETRY_MS	3000

static void print_write(const char *text, ssize_t put)
{
	watch_print();
	if (put < 0) {
		puts("device NOT READY");
	} else {
		printf("write %zd bytes: ", put);
		/* The text goes on where this write has ended. */
		printf("%.*s\n", (int)put, text);
	}
	fflush(stdout);
}

static int write_all(int fd, const char *text, const struct options *options)
{
	size_t left = strlen(text);
	ssize_t put;

	do {
		watch_start();
		if (!options->no_poll &&
		    !watch_poll(fd, POLLOUT, options->verbose))
			return STATUS_FAILED;
		put = write(fd, text, left);
		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0 && errno != EAGAIN) {
			klab_err("write: %s", strerror(errno));
			return STATUS_FAILED;
		}
		print_write(text, put);
		if (put > 0) {
			text += put;
			left -= (size_t)put;
		} else if (options->no_poll) {
			poll(NULL, 0, RETRY_MS);
		}
	} while (left);
	return STATUS_OK;
}

static int pecho_run(const struct options *options)
{
	int flags = O_WRONLY | O_CLOEXEC | (options->blocking ? 0 : O_NONBLOCK);
	int fd = open(options->args[0], flags);
	int status;

	if (fd < 0) {
		klab_err("%s: %s", options->args[0], strerror(errno));
		return STATUS_FAILED;
	}
	status = write_all(fd, options->args[1], options);
	close(fd);
	return status;
}

const struct command pecho_command = {
	.name = "pecho",
	.usage = "FILE TEXT [--blocking] [--no-poll] [--verbose]",
	.summary = "write to a device with or without waiting, and show when",
	.help = "Writes a text, and prints for each write how long it took, in seconds and\n"
		"milliseconds, and how much of the text was taken. Unless told otherwise, it\n"
		"opens the file non-blocking and waits with poll() before each write. Without\n"
		"poll(), a device that is not ready is asked again after 3 seconds.\n",
	.options = OPTION_BLOCKING | OPTION_NO_POLL | OPTION_VERBOSE,
	.min_args = 2,
	.max_args = 2,
	.run = pecho_run,
};
