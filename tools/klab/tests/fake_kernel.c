// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kernel behind an experiment's file, for the tests: instead of file.c.
 *
 * An experiment is a plain file with its result. What it does beyond being
 * read stands in FILE.fake, a line each:
 *
 *   open ERRNO           opening fails
 *   write ERRNO REASON   setting parameters fails
 *   read ERRNO REASON    the run fails
 *   short                a part of the parameters is taken only
 *   sleep SECONDS        the run takes its time
 *
 * Parameters that were set go to FILE.params.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "klab.h"

static char fake_path[4096];
static char fake_reason[256];

static const struct {
	const char *name;
	int err;
} fake_errors[] = {
	{ "EPERM", EPERM },
	{ "EACCES", EACCES },
	{ "EINVAL", EINVAL },
	{ "ENODEV", ENODEV },
	{ "ETIME", ETIME },
	{ "EBUSY", EBUSY },
};

static int fake_errno(const char *name)
{
	int err = EIO;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(fake_errors); i++) {
		if (!strcmp(fake_errors[i].name, name))
			err = fake_errors[i].err;
	}
	return err;
}

/* Finds the line of FILE.fake that begins with a verb; returns its rest. */
static bool fake_line(const char *verb, char *rest, size_t size)
{
	char line[512], path[4200];
	size_t len = strlen(verb);
	bool found = false;
	FILE *file;

	snprintf(path, sizeof(path), "%s.fake", fake_path);
	file = fopen(path, "re");
	if (!file)
		return false;
	while (!found && fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		if (strncmp(line, verb, len))
			continue;
		snprintf(rest, size, "%s", line + len + (line[len] == ' '));
		found = true;
	}
	fclose(file);
	return found;
}

/* The call fails if FILE.fake says so; the reason is kept for the next read. */
static bool fake_failure(const char *verb)
{
	char rest[512];
	char *reason;

	if (!fake_line(verb, rest, sizeof(rest)))
		return false;
	reason = strchr(rest, ' ');
	if (reason)
		*reason++ = '\0';
	snprintf(fake_reason, sizeof(fake_reason), "%s", reason ? reason : "");
	errno = fake_errno(rest);
	return true;
}

/**
 * experiment_open() - open a fake experiment
 * @path: its file
 *
 * Return: a file descriptor, or -1 with errno set.
 */
int experiment_open(const char *path)
{
	snprintf(fake_path, sizeof(fake_path), "%s", path);
	if (fake_failure("open"))
		return -1;
	return open(path, O_RDWR | O_CLOEXEC);
}

/**
 * experiment_write() - set parameters of a fake experiment
 * @fd: the open file
 * @text: "name=value ..."
 * @len: length of the text
 *
 * Return: bytes taken, or -1 with errno set.
 */
ssize_t experiment_write(int fd, const char *text, size_t len)
{
	char path[4200], rest[512];
	FILE *file;

	(void)fd;
	if (fake_failure("write"))
		return -1;
	snprintf(path, sizeof(path), "%s.params", fake_path);
	file = fopen(path, "we");
	if (!file)
		return -1;
	fwrite(text, 1, len, file);
	fclose(file);
	if (fake_line("short", rest, sizeof(rest)))
		len /= 2;
	return (ssize_t)len;
}

/**
 * experiment_read() - run a fake experiment, or read more of its result
 * @fd: the open file
 * @buffer: where to
 * @len: size of the buffer
 * @offset: where in the result
 *
 * Return: bytes read, or -1 with errno set.
 */
ssize_t experiment_read(int fd, char *buffer, size_t len, off_t offset)
{
	char rest[512];
	int written;

	if (*fake_reason) {
		written = snprintf(buffer, len, "# error=%s\n", fake_reason);
		*fake_reason = '\0';
		return written;
	}
	if (!offset && fake_line("sleep", rest, sizeof(rest)))
		sleep((unsigned int)strtoul(rest, NULL, 10));
	if (!offset && fake_failure("read"))
		return -1;
	/* Little at a time, so that results come in parts. */
	return pread(fd, buffer, len < 100 ? len : 100, offset);
}
