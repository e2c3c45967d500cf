// SPDX-License-Identifier: GPL-2.0-only
/*
 * Running an experiment: set parameters, read the result, on one open file.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <unistd.h>

#include "klab.h"

#define RESULT_MAX	(256u << 20)
#define REASON_MAX	4096
#define REASON_PREFIX	"# error="

/**
 * experiment_split() - take "room/name" apart
 * @path: what the user typed
 * @room: set to the room, for free()
 * @name: set to the name, for free()
 *
 * Return: false, with a message, for what cannot be an experiment.
 */
bool experiment_split(const char *path, char **room, char **name)
{
	const char *slash = strchr(path, '/');

	if (!slash || slash == path || !slash[1] || strchr(slash + 1, '/') ||
	    path[0] == '.' || slash[1] == '.') {
		klab_err("'%s' is no experiment: give ROOM/EXPERIMENT, as 'klab list' shows them",
			 path);
		return false;
	}
	*room = xprintf("%.*s", (int)(slash - path), path);
	*name = xstrdup(slash + 1);
	return true;
}

static char *join_params(char * const *params, int nr)
{
	char *line = xstrdup("");
	int i;

	for (i = 0; i < nr; i++) {
		char *old = line;

		if (strchr(params[i], '=') <= params[i] ||
		    strpbrk(params[i], " \t\n\v\f\r")) {
			klab_err("'%s' is no parameter: give NAME=VALUE, without blanks",
				 params[i]);
			free(line);
			return NULL;
		}
		line = xprintf("%s%s%s", old, i ? " " : "", params[i]);
		free(old);
	}
	return line;
}

/*
 * After a write or a run that failed, the kernel has a line that says why, for
 * the next read at the beginning.
 */
static void explain_failure(int fd, const char *room, const char *name, int err)
{
	char text[REASON_MAX];
	ssize_t len = -1;

	if (err != EPERM && err != EACCES)
		len = experiment_read(fd, text, sizeof(text) - 1, 0);
	if (len > 0) {
		text[len] = '\0';
		text[strcspn(text, "\n")] = '\0';
		if (!strncmp(text, REASON_PREFIX, strlen(REASON_PREFIX))) {
			klab_err("%s/%s: %s", room, name,
				 text + strlen(REASON_PREFIX));
			return;
		}
	}

	if (err == EPERM || err == EACCES) {
		char *what = xprintf("%s/%s", room, name);

		debugfs_explain(what, err);
		free(what);
	} else {
		klab_err("%s/%s: %s", room, name, strerror(err));
	}
}

static int open_experiment(const char *room, const char *name)
{
	char *what = xprintf("%s/%s", room, name);
	char *path = debugfs_path(what);
	int fd = experiment_open(path);

	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		registry_explain_missing(room, name);
	else if (fd < 0)
		debugfs_explain(what, errno);
	free(path);
	free(what);
	return fd;
}

static int write_params(int fd, const char *room, const char *name,
			const char *line)
{
	size_t len = strlen(line);
	ssize_t written;

	if (!len)
		return 0;
	written = experiment_write(fd, line, len);
	if (written < 0) {
		explain_failure(fd, room, name, errno);
		return -1;
	}
	if ((size_t)written != len) {
		klab_err("%s/%s: the kernel took only a part of the parameters",
			 room, name);
		return -1;
	}
	return 0;
}

/**
 * experiment_run() - run an experiment
 * @room: its room
 * @name: its name
 * @params: "name=value" each
 * @nr_params: how many there are
 * @len: set to the length of the result
 *
 * Return: what the kernel wrote, for free(); or NULL after a message.
 */
char *experiment_run(const char *room, const char *name, char * const *params,
		     int nr_params, size_t *len)
{
	char *line, *text = NULL;
	int fd, err;

	line = join_params(params, nr_params);
	if (!line)
		return NULL;
	fd = open_experiment(room, name);
	if (fd < 0)
		goto free_line;
	if (write_params(fd, room, name, line))
		goto close_file;

	progress_start(room, name);
	text = read_to_end(fd, experiment_read, READ_SIZE, RESULT_MAX, len);
	err = errno;
	progress_stop();
	if (!text)
		explain_failure(fd, room, name, err);

close_file:
	close(fd);
free_line:
	free(line);
	return text;
}

/**
 * experiment_table() - run an experiment and take its result apart
 * @path: "room/name"
 * @params: "name=value" each
 * @nr_params: how many there are
 * @table: filled in, for table_free()
 *
 * Return: STATUS_OK, or another enum status after a message.
 */
int experiment_table(const char *path, char * const *params, int nr_params,
		     struct table *table)
{
	char *room, *name, *text;
	int status = STATUS_FAILED;
	char *error;
	size_t len;

	memset(table, 0, sizeof(*table));
	if (!experiment_split(path, &room, &name))
		return STATUS_USAGE;
	text = experiment_run(room, name, params, nr_params, &len);
	if (text) {
		error = table_parse(table, text, len);
		if (error)
			klab_err("%s: the result cannot be understood: %s",
				 path, error);
		else
			status = STATUS_OK;
		if (error)
			table_free(table);
		free(error);
	}
	free(text);
	free(room);
	free(name);
	return status;
}
