// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory, files and messages.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "klab.h"

static void (*before_err)(void);

/**
 * klab_before_err() - have something done before a message is printed
 * @function: called before each message from now on
 */
void klab_before_err(void (*function)(void))
{
	before_err = function;
}

/**
 * klab_err() - print a message to standard error
 * @fmt: message, without the name of the program and without line end
 */
void klab_err(const char *fmt, ...)
{
	va_list args;
	char *text;
	int len;

	va_start(args, fmt);
	len = vasprintf(&text, fmt, args);
	va_end(args);
	if (len < 0)
		return;
	if (before_err)
		before_err();
	fputs("klab: ", stderr);
	put_safe(stderr, text);
	fputc('\n', stderr);
	free(text);
}

static void out_of_memory(void)
{
	klab_err("out of memory");
	exit(STATUS_FAILED);
}

/**
 * xrealloc() - realloc of an array that ends the program when it fails
 * @old: what was allocated before, or NULL
 * @nr: elements
 * @size: size of an element
 *
 * Return: the array.
 */
void *xrealloc(void *old, size_t nr, size_t size)
{
	void *new;

	if (!nr)
		nr = 1;
	new = reallocarray(old, nr, size);
	if (!new)
		out_of_memory();
	return new;
}

/**
 * xgrow() - make room for one more element, or end the program
 * @array: what this returned before, or NULL
 * @nr: elements in it
 * @size: size of an element
 *
 * Grows at powers of two, so that no capacity need be stored.
 *
 * Return: the array.
 */
void *xgrow(void *array, size_t nr, size_t size)
{
	if (nr & (nr - 1))
		return array;
	return xrealloc(array, 2 * nr + 1, size);
}

/**
 * xstrdup() - copy a string, or end the program
 * @text: the string
 *
 * Return: the copy, for free().
 */
char *xstrdup(const char *text)
{
	char *copy = strdup(text);

	if (!copy)
		out_of_memory();
	return copy;
}

/**
 * xprintf() - print into a new string, or end the program
 * @fmt: format
 *
 * Return: the string, for free().
 */
char *xprintf(const char *fmt, ...)
{
	va_list args;
	char *text;
	int len;

	va_start(args, fmt);
	len = vasprintf(&text, fmt, args);
	va_end(args);
	if (len < 0)
		out_of_memory();
	return text;
}

/**
 * read_to_end() - read until there is no more
 * @fd: file
 * @get: reads from it, as pread() does
 * @size: bytes to make room for at first, at least 2
 * @limit: most bytes
 * @len: set to how many there are
 *
 * Return: the bytes with a NUL after them, for free(); or NULL with errno set,
 * EFBIG for more than @limit.
 */
char *read_to_end(int fd, read_function *get, size_t size, size_t limit,
		  size_t *len)
{
	char *text = xrealloc(NULL, size, 1);
	ssize_t got;
	int err;

	*len = 0;
	for (;;) {
		got = get(fd, text + *len, size - *len - 1, (off_t)*len);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		*len += (size_t)got;
		if (*len > limit) {
			errno = EFBIG;
			got = -1;
			break;
		}
		if (size - *len < 2) {
			size *= 2;
			text = xrealloc(text, size, 1);
		}
	}
	if (got < 0) {
		err = errno;
		free(text);
		errno = err;
		return NULL;
	}
	text[*len] = '\0';
	return text;
}

static ssize_t read_on(int fd, char *buffer, size_t len, off_t offset)
{
	(void)offset;
	return read(fd, buffer, len);
}

/**
 * read_all() - read a file into memory
 * @path: the file; not a directory, FIFO, socket or device
 * @limit: most bytes
 * @len: set to its length
 *
 * Return: the content with a NUL after it, for free(); or NULL with errno set,
 * EFBIG for a file larger than @limit and EINVAL for what is no file.
 */
char *read_all(const char *path, size_t limit, size_t *len)
{
	size_t size = READ_SIZE;
	char *text = NULL;
	struct stat st;
	int fd, err;

	/* O_NONBLOCK: a FIFO must not hold the program before it is refused. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return NULL;
	if (fstat(fd, &st) < 0)
		err = errno;
	else if (S_ISDIR(st.st_mode))
		err = EISDIR;
	else if (!S_ISREG(st.st_mode))
		err = EINVAL;
	else
		err = 0;
	/* One byte for the end, one to see that there is no more. */
	if (!err && st.st_size > 0 && (uintmax_t)st.st_size < limit)
		size = (size_t)st.st_size + 2;
	if (!err) {
		text = read_to_end(fd, read_on, size, limit, len);
		err = errno;
	}
	close(fd);
	errno = err;
	return text;
}

static unsigned int min3(unsigned int a, unsigned int b, unsigned int c)
{
	if (b < a)
		a = b;
	return c < a ? c : a;
}

#define DISTANCE_MAX	64

/**
 * edit_distance() - how many letters to insert, delete or replace
 * @a: a name
 * @b: another
 *
 * Return: the distance; names of 64 letters and more are far from all others.
 */
unsigned int edit_distance(const char *a, const char *b)
{
	unsigned int row[DISTANCE_MAX + 1];
	size_t la = strlen(a), lb = strlen(b);
	size_t i, j;

	if (la >= DISTANCE_MAX || lb >= DISTANCE_MAX)
		return DISTANCE_MAX;

	for (j = 0; j <= lb; j++)
		row[j] = (unsigned int)j;
	for (i = 1; i <= la; i++) {
		unsigned int diagonal = row[0];

		row[0] = (unsigned int)i;
		for (j = 1; j <= lb; j++) {
			unsigned int above = row[j];

			row[j] = min3(above + 1, row[j - 1] + 1,
				      diagonal + (a[i - 1] != b[j - 1]));
			diagonal = above;
		}
	}
	return row[lb];
}
