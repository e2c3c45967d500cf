// SPDX-License-Identifier: GPL-2.0-only
/*
 * The benchmark of room blkdev: disks of klab beside brd and null_blk, all of
 * them in memory, read and written past the page cache by one thread.
 *
 * What a copy costs by itself is taken off everywhere: it is the same for all,
 * and would hide what is not.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "klab.h"
#include "peers.h"

#define CONFIG		"/sys/kernel/config/klab-blkdev"
#define DISK_SEGMENT	"253"
#define DISK_BIO	"254"
#define DISK_REQUEST	"255"
#define NODE		"/dev/klab-disk"
#define BRD		"/dev/ram0"
#define NULL_BLK	"/dev/nullb0"

#define LARGEST		65536
#define AREA		(1024 * 1024)	/* so much of each disk is used */

/**
 * struct device - a disk and what is done with it
 * @fd: its file
 * @length: bytes of each operation
 * @offset: where the next one begins
 */
struct device {
	int fd;
	size_t length;
	off_t offset;
};

static void *buffer;

static off_t next_offset(struct device *device)
{
	off_t offset = device->offset;

	device->offset = (offset + (off_t)device->length) % AREA;
	return offset;
}

static bool read_next(void *data)
{
	struct device *device = data;

	return pread(device->fd, buffer, device->length,
		     next_offset(device)) == (ssize_t)device->length;
}

static bool write_next(void *data)
{
	struct device *device = data;

	return pwrite(device->fd, buffer, device->length,
		      next_offset(device)) == (ssize_t)device->length;
}

static bool put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	size_t len = strlen(text);
	bool well;

	if (fd < 0)
		return false;
	well = write(fd, text, len) == (ssize_t)len;
	close(fd);
	return well;
}

static bool make_disk(const char *dir, const char *mode, const char *block_size)
{
	const char * const settings[][2] = {
		{ "mode", mode }, { "block_size", block_size },
		{ "size", "16M" }, { "power", "1" },
	};
	bool well = true;
	size_t i;

	if (mkdir(dir, 0755))
		return false;
	for (i = 0; well && i < ARRAY_SIZE(settings); i++) {
		char *path = xprintf("%s/%s", dir, settings[i][0]);

		well = put(path, settings[i][1]);
		free(path);
	}
	return well;
}

/* Every page is there before it is measured. */
static bool open_device(struct device *device, const char *node)
{
	device->length = LARGEST;
	device->offset = 0;
	device->fd = open(node, O_RDWR | O_DIRECT | O_CLOEXEC);
	if (device->fd < 0)
		return false;
	do {
		if (!write_next(device))
			return false;
	} while (device->offset);
	return true;
}

static void close_device(struct device *device)
{
	if (device->fd >= 0)
		close(device->fd);
	device->fd = -1;
}

/* What the kernel has measured of copying so much, or a negative number. */
static double copy_cost(const char *what)
{
	struct table table;
	double cost = -1;
	size_t row;

	if (experiment_table("blkdev/bench", NULL, 0, &table) != STATUS_OK)
		return cost;
	for (row = 0; row < table.nr_rows && table.nr_columns > 2; row++) {
		if (!strcmp(table_cell(&table, row, 0), what))
			cost = strtod(table_cell(&table, row, 2), NULL);
	}
	table_free(&table);
	return cost;
}

/**
 * struct race - a row of the benchmark
 * @subject: what is measured
 * @op: what is done
 * @length: with so many bytes
 * @bar: as in struct peers
 */
struct race {
	const char *subject;
	bool (*op)(void *data);
	size_t length;
	unsigned int bar;
};

static bool measure_races(struct table *table, const struct race *races,
			  size_t nr, struct device *subject,
			  struct device *peer, const char *peer_name)
{
	size_t i;

	for (i = 0; i < nr; i++) {
		const struct race *race = &races[i];
		const struct peers pair = {
			.subject = race->subject,
			.peer = peer_name,
			.subject_op = race->op,
			.peer_op = race->op,
			.subject_data = subject,
			.peer_data = peer,
			.batch = 200,
			.base = copy_cost(race->length == LARGEST ?
					  "copy 64 KiB" : "copy 4 KiB"),
			.bar = race->bar,
		};

		subject->length = race->length;
		peer->length = race->length;
		if (pair.base < 0 || !peers_measure(table, &pair))
			return false;
	}
	return true;
}

static bool measure_bio(struct table *table, struct device *disk,
			struct device *brd)
{
	static const struct race races[] = {
		{ "bio, read 4 KiB", read_next, 4096, 1000 },
		{ "bio, write 4 KiB", write_next, 4096, 1000 },
		{ "bio, read 64 KiB", read_next, LARGEST, 970 },
		{ "bio, write 64 KiB", write_next, LARGEST, 970 },
	};

	return measure_races(table, races, ARRAY_SIZE(races), disk, brd, "brd");
}

static bool measure_requests(struct table *table, struct device *disk,
			     struct device *null_blk)
{
	static const struct race races[] = {
		{ "request, read 4 KiB", read_next, 4096, 800 },
		{ "request, write 4 KiB", write_next, 4096, 800 },
		{ "request, read 64 KiB", read_next, LARGEST, 450 },
		{ "request, write 64 KiB", write_next, LARGEST, 450 },
	};

	return measure_races(table, races, ARRAY_SIZE(races), disk, null_blk,
			     "null_blk");
}

/* What it costs to be asked for memory in one piece only: it has no peer. */
static bool measure_segments(struct table *table, struct device *disk,
			     struct device *null_blk)
{
	static const struct race races[] = {
		{ "segment, read 4 KiB", read_next, 4096, 0 },
		{ "segment, write 4 KiB", write_next, 4096, 0 },
		{ "segment, read 64 KiB", read_next, LARGEST, 0 },
		{ "segment, write 64 KiB", write_next, LARGEST, 0 },
	};

	return measure_races(table, races, ARRAY_SIZE(races), disk, null_blk,
			     "null_blk");
}

static void remove_disk(const char *dir)
{
	/* A device that is pulled out, if it is still open. */
	rmdir(dir);
}

/**
 * peers_blkdev_there() - are the disks and their peers there
 *
 * Return: true if they are.
 */
bool peers_blkdev_there(void)
{
	return !access(CONFIG, W_OK | X_OK) && !access(BRD, R_OK | W_OK) &&
	       !access(NULL_BLK, R_OK | W_OK);
}

/**
 * peers_blkdev_run() - make the benchmark
 * @table: gets its rows
 *
 * Return: false, with a message, if it failed.
 */
bool peers_blkdev_run(struct table *table)
{
	struct device bio = { .fd = -1 }, request = { .fd = -1 };
	struct device segment = { .fd = -1 };
	struct device brd = { .fd = -1 }, null_blk = { .fd = -1 };
	bool well;

	if (posix_memalign(&buffer, 4096, LARGEST)) {
		klab_err("blkdev: no memory");
		return false;
	}
	memset(buffer, 0xa5, LARGEST);
	well = make_disk(CONFIG "/disk" DISK_BIO, "bio", "512") &&
	       make_disk(CONFIG "/disk" DISK_REQUEST, "request", "4096") &&
	       make_disk(CONFIG "/disk" DISK_SEGMENT, "segment", "4096") &&
	       open_device(&bio, NODE DISK_BIO) && open_device(&brd, BRD) &&
	       open_device(&request, NODE DISK_REQUEST) &&
	       open_device(&segment, NODE DISK_SEGMENT) &&
	       open_device(&null_blk, NULL_BLK) &&
	       measure_bio(table, &bio, &brd) &&
	       measure_requests(table, &request, &null_blk) &&
	       measure_segments(table, &segment, &null_blk);
	if (!well)
		klab_err("blkdev: the benchmark failed: %s", strerror(errno));
	close_device(&bio);
	close_device(&request);
	close_device(&segment);
	close_device(&brd);
	close_device(&null_blk);
	remove_disk(CONFIG "/disk" DISK_BIO);
	remove_disk(CONFIG "/disk" DISK_REQUEST);
	remove_disk(CONFIG "/disk" DISK_SEGMENT);
	free(buffer);
	return well;
}
