// SPDX-License-Identifier: GPL-2.0-only
/*
 * klab pcat: reads a device in one of the ways there are, and shows how long
 * each read took.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "klab.h"

#define DEFAULT_SIZE	160
#define RETRY_MS	3000

static void print_read(const char *buffer, ssize_t len)
{
	watch_print();
	if (len < 0) {
		puts("device NOT READY");
	} else if (!len) {
		puts("end");
	} else {
		printf("read %zd bytes: ", len);
		put_data(stdout, buffer, (size_t)len);
		putchar('\n');
	}
	fflush(stdout);
}

static int read_to_the_end(int fd, char *buffer, size_t size,
			   const struct options *options)
{
	ssize_t len;

	do {
		watch_start();
		if (!options->no_poll &&
		    !watch_poll(fd, POLLIN, options->verbose))
			return STATUS_FAILED;
		if (!read_some(fd, buffer, size, &len))
			return STATUS_FAILED;
		print_read(buffer, len);
		/* A device without poll() is asked again after a while. */
		if (len < 0 && options->no_poll)
			poll(NULL, 0, RETRY_MS);
	} while (len);
	return STATUS_OK;
}

static int pcat_run(const struct options *options)
{
	int flags = O_RDONLY | O_CLOEXEC | (options->blocking ? 0 : O_NONBLOCK);
	size_t size = options->size ? options->size : DEFAULT_SIZE;
	int fd = open(options->args[0], flags);
	char *buffer;
	int status;

	if (fd < 0) {
		klab_err("%s: %s", options->args[0], errno == EAGAIN ?
			 "Open would block" : strerror(errno));
		return STATUS_FAILED;
	}
	if (options->verbose)
		printf("%s, %s poll, %zu bytes per read\n",
		       options->blocking ? "blocking" : "non-blocking",
		       options->no_poll ? "without" : "with", size);
	buffer = xrealloc(NULL, size + 1, 1);
	status = read_to_the_end(fd, buffer, size, options);
	free(buffer);
	close(fd);
	return status;
}

const struct command pcat_command = {
	.name = "pcat",
	.usage = "FILE [--blocking] [--no-poll] [--size BYTES] [--verbose]",
	.summary = "read a device with or without waiting, and show when",
	.help = "Reads to the end, and prints for each read how long it took, in seconds and\n"
		"milliseconds, and what it returned. Unless told otherwise, it opens the file\n"
		"non-blocking and waits with poll() before each read. Without poll(), what is\n"
		"not ready is asked again after 3 seconds.\n",
	.options = OPTION_BLOCKING | OPTION_NO_POLL | OPTION_SIZE |
		   OPTION_VERBOSE,
	.min_args = 1,
	.max_args = 1,
	.run = pcat_run,
};
