// SPDX-License-Identifier: GPL-2.0-only
/*
 * The benchmark of room chardev: the queue device beside a pipe, both used by
 * the same system calls.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "klab.h"
#include "peers.h"

#define THERE		"/dev/klab-queue0"
#define BACK		"/dev/klab-queue1"
#define LARGEST		65536

/**
 * struct channel - a way to somewhere and one back
 * @in: to write to
 * @out: to read what was written to @in
 * @back_in: what the other side writes to
 * @back_out: to read what it has written
 * @echo: the other side, which sends every byte back, or 0
 */
struct channel {
	int in;
	int out;
	int back_in;
	int back_out;
	pid_t echo;
};

static char data[LARGEST];
static size_t length;

/* What is written is read back by the same program. */
static bool write_read(void *arg)
{
	const struct channel *channel = arg;
	ssize_t len = (ssize_t)length;

	return write(channel->in, data, length) == len &&
	       read(channel->out, data, length) == len;
}

/* Each side sleeps until the other one has written. */
static bool ping(void *arg)
{
	const struct channel *channel = arg;

	return write(channel->in, data, 1) == 1 &&
	       read(channel->back_out, data, 1) == 1;
}

static void close_channel(struct channel *channel)
{
	if (channel->echo > 0) {
		kill(channel->echo, SIGKILL);
		waitpid(channel->echo, NULL, 0);
	}
	close(channel->in);
	close(channel->out);
	close(channel->back_in);
	close(channel->back_out);
}

static bool start_echo(struct channel *channel)
{
	char byte;

	channel->echo = fork();
	if (channel->echo)
		return channel->echo > 0;
	while (read(channel->out, &byte, 1) == 1 &&
	       write(channel->back_in, &byte, 1) == 1)
		;
	_exit(0);
}

static void empty(const char *path)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	while (fd >= 0 && read(fd, data, sizeof(data)) > 0)
		;
	close(fd);
}

static bool open_queues(struct channel *channel)
{
	empty(THERE);
	empty(BACK);
	channel->in = open(THERE, O_WRONLY | O_CLOEXEC);
	channel->out = open(THERE, O_RDONLY | O_CLOEXEC);
	channel->back_in = open(BACK, O_WRONLY | O_CLOEXEC);
	channel->back_out = open(BACK, O_RDONLY | O_CLOEXEC);
	return channel->in >= 0 && channel->out >= 0 &&
	       channel->back_in >= 0 && channel->back_out >= 0;
}

static bool open_pipes(struct channel *channel)
{
	int there[2] = { -1, -1 }, back[2] = { -1, -1 };
	bool opened = !pipe(there) && !pipe(back);

	channel->in = there[1];
	channel->out = there[0];
	channel->back_in = back[1];
	channel->back_out = back[0];
	return opened;
}

static bool measure_calls(struct table *table, struct channel *queue,
			  struct channel *pipe)
{
	static const struct {
		const char *subject;
		size_t length;
		unsigned int batch;
		unsigned int bar;
	} rows[] = {
		{ "queue write and read 1 B", 1, 200, 650 },
		{ "queue write and read 4 KiB", 4096, 200, 750 },
		{ "queue write and read 64 KiB", 65536, 50, 700 },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct peers pair = {
			.subject = rows[i].subject,
			.peer = "pipe",
			.subject_op = write_read,
			.peer_op = write_read,
			.subject_data = queue,
			.peer_data = pipe,
			.batch = rows[i].batch,
			.bar = rows[i].bar,
		};

		length = rows[i].length;
		if (!peers_measure(table, &pair))
			return false;
	}
	return true;
}

static bool measure_wake_ups(struct table *table, struct channel *queue,
			     struct channel *pipe)
{
	const struct peers pair = {
		.subject = "queue wakes a reader, and back",
		.peer = "pipe",
		.subject_op = ping,
		.peer_op = ping,
		.subject_data = queue,
		.peer_data = pipe,
		.batch = 200,
		.bar = 1000,
	};

	return start_echo(queue) && start_echo(pipe) &&
	       peers_measure(table, &pair);
}

/**
 * peers_chardev_there() - are there queues
 *
 * Return: true if they are.
 */
bool peers_chardev_there(void)
{
	return !access(THERE, R_OK | W_OK) && !access(BACK, R_OK | W_OK);
}

/**
 * peers_chardev_run() - make the benchmark
 * @table: gets its rows
 *
 * Return: false, with a message, if it failed.
 */
bool peers_chardev_run(struct table *table)
{
	struct channel queue = { -1, -1, -1, -1, 0 }, pipe = queue;
	bool well;

	well = open_queues(&queue) && open_pipes(&pipe) &&
	       measure_calls(table, &queue, &pipe) &&
	       measure_wake_ups(table, &queue, &pipe);
	if (!well)
		klab_err("chardev: the benchmark failed: %s", strerror(errno));
	close_channel(&queue);
	close_channel(&pipe);
	return well;
}
