// SPDX-License-Identifier: GPL-2.0-only
/*
 * The benchmark of room attr: a walk over a large set in /proc beside one over
 * /proc/kallsyms, record by record, and ways of reading a short text.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "klab.h"
#include "peers.h"

#define DIR		"/proc/klab-proc/"
#define RECORDS		20000	/* of each file, from its beginning */
#define READS		200
#define BUFFER		65536

/**
 * struct walk - a reading of a file with a record in each line
 * @fd: the file
 * @read: records that have been read and not been used
 * @left: records to go before it begins anew
 */
struct walk {
	int fd;
	unsigned int read;
	unsigned int left;
};

static char data[BUFFER];

static unsigned int count_lines(const char *text, size_t len)
{
	const char *end = text + len;
	unsigned int lines = 0;

	while ((text = memchr(text, '\n', (size_t)(end - text)))) {
		lines++;
		text++;
	}
	return lines;
}

static bool walk_back(struct walk *walk)
{
	walk->read = 0;
	return !lseek(walk->fd, 0, SEEK_SET);
}

static bool walk_read(struct walk *walk)
{
	ssize_t len = read(walk->fd, data, sizeof(data));

	/* Small kernels have fewer symbols than that. */
	if (!len && walk_back(walk))
		len = read(walk->fd, data, sizeof(data));
	if (len <= 0)
		return false;
	walk->read = count_lines(data, (size_t)len);
	return walk->read;
}

/* One record; a call of read() serves many. */
static bool walk_on(void *arg)
{
	struct walk *walk = arg;

	if (!walk->left) {
		if (!walk_back(walk))
			return false;
		walk->left = RECORDS;
	}
	if (!walk->read && !walk_read(walk))
		return false;
	walk->read--;
	walk->left--;
	return true;
}

static bool measure_walks(struct table *table)
{
	struct walk records = { .fd = open(DIR "records",
					   O_RDONLY | O_CLOEXEC) };
	struct walk symbols = { .fd = open("/proc/kallsyms",
					   O_RDONLY | O_CLOEXEC) };
	const struct peers pair = {
		.subject = "walk over records, each",
		.peer = "/proc/kallsyms, each",
		.subject_op = walk_on,
		.peer_op = walk_on,
		.subject_data = &records,
		.peer_data = &symbols,
		.batch = RECORDS,
		.bar = 1000,
	};
	bool well;

	well = records.fd >= 0 && symbols.fd >= 0 &&
	       peers_measure(table, &pair);
	close(records.fd);
	close(symbols.fd);
	return well;
}

static bool read_whole(void *arg)
{
	const int *fd = arg;

	return pread(*fd, data, sizeof(data), 0) > 0;
}

/* Each beside the one that needs no function but show(). */
static bool measure_ways(struct table *table)
{
	static const struct {
		const char *path;
		const char *subject;
	} rows[] = {
		{ DIR "whole", "text by copying all, read of 61 B" },
		{ DIR "slice", "text by slices, read of 61 B" },
		{ DIR "iter", "text by read_iter, read of 61 B" },
		{ DIR "seq", "text by seq_file in 7 records, read of 61 B" },
	};
	int peer = open(DIR "created", O_RDONLY | O_CLOEXEC);
	bool well = peer >= 0;
	size_t i;

	for (i = 0; well && i < ARRAY_SIZE(rows); i++) {
		int fd = open(rows[i].path, O_RDONLY | O_CLOEXEC);
		const struct peers pair = {
			.subject = rows[i].subject,
			.peer = "proc_create_single()",
			.subject_op = read_whole,
			.peer_op = read_whole,
			.subject_data = &fd,
			.peer_data = &peer,
			.batch = READS,
		};

		well = fd >= 0 && peers_measure(table, &pair);
		close(fd);
	}
	close(peer);
	return well;
}

/**
 * peers_attr_there() - are there the files
 *
 * Return: true if they are.
 */
bool peers_attr_there(void)
{
	return !access(DIR "records", R_OK);
}

/**
 * peers_attr_run() - make the benchmark
 * @table: gets its rows
 *
 * Return: false, with a message, if it failed.
 */
bool peers_attr_run(struct table *table)
{
	bool well = measure_walks(table) && measure_ways(table);

	if (!well)
		klab_err("attr: the benchmark failed: %s", strerror(errno));
	return well;
}
