// SPDX-License-Identifier: GPL-2.0-only
/*
 * The points of a regulator: files with a number each, and one with all.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "klab.h"
#include "regulate.h"

#define STATE_MAX	4096

struct point {
	const char *name;
	unsigned int decimals;
	size_t offset;
};

#define POINT(_name, _decimals, _member) \
	{ _name, _decimals, offsetof(struct state, _member) }

static const struct point points[] = {
	POINT("value", DECIMALS_VALUE, loop.value),
	POINT("target", DECIMALS_VALUE, loop.target),
	POINT("multiply", DECIMALS_VALUE, loop.multiply),
	POINT("integral", DECIMALS_VALUE, loop.integral),
	POINT("derivative", DECIMALS_VALUE, loop.derivative),
	POINT("carry", DECIMALS_CARRY, loop.carry),
	POINT("sum", DECIMALS_VALUE, loop.sum),
	POINT("error", DECIMALS_VALUE, loop.error),
	POINT("increment", DECIMALS_VALUE, increment),
	POINT("period_ms", 0, period_ms),
	POINT("steps", 0, steps),
	POINT("changes", 0, changes),
};

/**
 * number_parse() - read a number with decimals
 * @text: the number; a line end may follow
 * @decimals: most digits behind the point
 * @number: set to it, times 10 to the power of @decimals
 *
 * Return: false if it is none.
 */
bool number_parse(const char *text, unsigned int decimals, long long *number)
{
	bool minus = *text == '-';
	long long value;
	char *end;

	if (minus || *text == '+')
		text++;
	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	value = strtoll(text, &end, 10);
	if (errno || value > 1000000000000LL)
		return false;
	if (*end == '.' && (!decimals || end[1] < '0' || end[1] > '9'))
		return false;
	end += *end == '.';
	for (; decimals; decimals--) {
		value *= 10;
		if (*end >= '0' && *end <= '9')
			value += *end++ - '0';
	}
	*number = minus ? -value : value;
	return !*end || !strcmp(end, "\n");
}

/**
 * number_print() - write a number with decimals
 * @number: times 10 to the power of @decimals
 * @decimals: digits behind the point
 *
 * Return: the text, for free().
 */
char *number_print(long long number, unsigned int decimals)
{
	unsigned long long size = number < 0 ? -(unsigned long long)number :
					       (unsigned long long)number;
	unsigned long long one = 1;
	unsigned int i;

	for (i = 0; i < decimals; i++)
		one *= 10;
	if (!decimals)
		return xprintf("%lld", number);
	return xprintf("%s%llu.%0*llu", number < 0 ? "-" : "", size / one,
		       (int)decimals, size % one);
}

static bool point_parse(const struct point *point, const char *text,
			struct state *state)
{
	return number_parse(text, point->decimals,
			    (long long *)((char *)state + point->offset));
}

/* Lines of a name, a tab and a number. */
static bool parse_all(char *text, struct state *state)
{
	size_t found = 0, i;
	char *line, *tab;

	for (line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		tab = strchr(line, '\t');
		if (!tab)
			return false;
		*tab = '\0';
		for (i = 0; i < ARRAY_SIZE(points); i++) {
			if (strcmp(points[i].name, line))
				continue;
			if (!point_parse(&points[i], tab + 1, state))
				return false;
			found++;
		}
	}
	return found == ARRAY_SIZE(points);
}

/* The text of a point, or NULL. */
static char *point_text(const char *dir, const char *name)
{
	char *path = xprintf("%s/%s", dir, name);
	size_t len;
	char *text = read_all(path, STATE_MAX, &len);

	free(path);
	return text;
}

static bool read_each(const char *dir, struct state *state)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(points); i++) {
		char *text = point_text(dir, points[i].name);
		bool good = text && point_parse(&points[i], text, state);

		if (!text)
			klab_err("%s/%s: %s", dir, points[i].name,
				 strerror(errno));
		else if (!good)
			klab_err("%s/%s: not a number: %s", dir,
				 points[i].name, text);
		free(text);
		if (!good)
			return false;
	}
	return true;
}

static bool parse_state(const char *dir, char *text, struct state *state)
{
	bool good = parse_all(text, state);

	if (!good)
		klab_err("%s/state: not what is expected", dir);
	return good;
}

/**
 * points_read() - read all points
 * @dir: their directory
 * @state: gets them, of one moment where there is a file for that
 *
 * Return: false, with a message, if that is not possible.
 */
bool points_read(const char *dir, struct state *state)
{
	char *text = point_text(dir, "state");
	bool good;

	if (!text && errno == ENOENT)
		return read_each(dir, state);
	if (!text) {
		klab_err("%s/state: %s", dir, strerror(errno));
		return false;
	}
	good = parse_state(dir, text, state);
	free(text);
	return good;
}

/**
 * points_read_watched() - read all points, and be told of what comes after that
 * @fd: from points_watch()
 * @dir: their directory
 * @state: gets them, of one moment
 *
 * Return: false, with a message, if that is not possible.
 */
bool points_read_watched(int fd, const char *dir, struct state *state)
{
	char text[STATE_MAX];
	/* What counts as news is set by the same read that tells the points. */
	ssize_t got = pread(fd, text, sizeof(text) - 1, 0);

	if (got < 0) {
		klab_err("%s/state: %s", dir, strerror(errno));
		return false;
	}
	text[got] = '\0';
	return parse_state(dir, text, state);
}

/**
 * points_write() - write a point
 * @dir: their directory
 * @name: its name
 * @text: what to write
 *
 * Return: false, with a message, if that is not possible.
 */
bool points_write(const char *dir, const char *name, const char *text)
{
	char *path = xprintf("%s/%s", dir, name);
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t put = -1;

	if (fd >= 0)
		put = write(fd, text, strlen(text));
	if (put < 0)
		klab_err("%s: %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	free(path);
	return put >= 0;
}

/**
 * points_set() - set a point to a number
 * @dir: their directory
 * @name: its name
 * @number: the number, in thousandths
 *
 * Return: false, with a message, if that is not possible.
 */
bool points_set(const char *dir, const char *name, long long number)
{
	char *text = number_print(number, DECIMALS_VALUE);
	bool good = points_write(dir, name, text);

	free(text);
	return good;
}

/**
 * points_watch() - open what tells that something has changed
 * @dir: their directory
 *
 * Return: a file to poll for POLLPRI and for points_read_watched() then, or -1
 * with a message.
 */
int points_watch(const char *dir)
{
	char *path = xprintf("%s/state", dir);
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 && errno == ENOENT)
		klab_err("%s: to watch, all points of one moment are needed",
			 path);
	else if (fd < 0)
		klab_err("%s: %s", path, strerror(errno));
	free(path);
	return fd;
}
