// SPDX-License-Identifier: GPL-2.0-only
/*
 * klab mcat: reads a file in pieces of a given size and tells what each read
 * returned, so that the calls that a driver sees are those one has asked for.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "klab.h"

#define DEFAULT_SIZE	160

static bool read_through(int fd, char *buffer, size_t size)
{
	unsigned long long total = 0;
	ssize_t len;

	do {
		watch_start();
		if (!read_some(fd, buffer, size, &len))
			return false;
		if (len < 0) {
			klab_err("read: %s", strerror(errno));
			return false;
		}
		total += (unsigned long long)len;
		printf("read %zd bytes, %llu in all, %lld us: ", len, total,
		       watch_us());
		put_data(stdout, buffer, (size_t)len);
		putchar('\n');
	} while (len);
	return true;
}

static int mcat_run(const struct options *options)
{
	size_t size = options->size ? options->size : DEFAULT_SIZE;
	size_t left = options->repeat ? options->repeat : 1;
	char *buffer = xrealloc(NULL, size + 1, 1);
	int status = STATUS_OK;

	while (left-- && status == STATUS_OK) {
		int fd = open(options->args[0], O_RDONLY | O_CLOEXEC);

		if (fd < 0) {
			klab_err("%s: %s", options->args[0], strerror(errno));
			status = STATUS_FAILED;
			break;
		}
		if (!read_through(fd, buffer, size))
			status = STATUS_FAILED;
		close(fd);
	}
	free(buffer);
	return status;
}

const struct command mcat_command = {
	.name = "mcat",
	.usage = "FILE [--size BYTES] [--repeat TIMES]",
	.summary = "read a file in pieces and show each read",
	.help = "Opens a file, reads it to its end in pieces of a given size, and prints for\n"
		"each read how many bytes it returned, how many there have been, how long it\n"
		"took, and the bytes. With --repeat the file is opened again each time.\n",
	.options = OPTION_SIZE | OPTION_REPEAT,
	.min_args = 1,
	.max_args = 1,
	.run = mcat_run,
};
