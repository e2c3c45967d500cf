// SPDX-License-Identifier: GPL-2.0-only
/*
 * Replays what the log-writes target of the device mapper has logged, to where
 * the power may be lost: flushes, writes with FUA, and marks.
 *
 * See Documentation/admin-guide/device-mapper/log-writes.rst.
 */
#define _GNU_SOURCE
#include <endian.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAGIC		0x6a736677736872ULL
#define VERSION		1

#define FLUSH		0x1
#define FUA		0x2
#define DISCARD		0x4
#define MARK		0x8

/* Where and how much is in sectors of the log. */
struct super {
	uint64_t magic;
	uint64_t version;
	uint64_t nr_entries;
	uint32_t sector_size;
};

struct entry {
	uint64_t sector;
	uint64_t nr_sectors;
	uint64_t flags;
	uint64_t data_len;
};

/**
 * struct log - a log, and where in it the next entry is
 * @fd: the device
 * @sector_size: bytes of a sector
 * @left: entries from there on
 * @pos: byte where the next one is
 * @entry: the one before
 * @data: byte where its data are
 */
struct log {
	int fd;
	uint32_t sector_size;
	uint64_t left;
	uint64_t pos;
	struct entry entry;
	uint64_t data;
};

static bool begin(struct log *log, const char *name)
{
	struct super super;

	log->fd = open(name, O_RDONLY | O_CLOEXEC);
	if (log->fd < 0 ||
	    pread(log->fd, &super, sizeof(super), 0) != sizeof(super)) {
		perror(name);
		return false;
	}
	log->sector_size = le32toh(super.sector_size);
	if (le64toh(super.magic) != MAGIC ||
	    le64toh(super.version) != VERSION || !log->sector_size) {
		fprintf(stderr, "%s: no log\n", name);
		return false;
	}
	log->left = le64toh(super.nr_entries);
	log->pos = log->sector_size;
	return true;
}

static bool next(struct log *log)
{
	struct entry *entry = &log->entry;

	if (!log->left)
		return false;
	if (pread(log->fd, entry, sizeof(*entry), log->pos) != sizeof(*entry)) {
		perror("log");
		exit(2);
	}
	entry->sector = le64toh(entry->sector);
	entry->nr_sectors = le64toh(entry->nr_sectors);
	entry->flags = le64toh(entry->flags);
	entry->data_len = le64toh(entry->data_len);
	log->data = log->pos + log->sector_size;
	log->pos = log->data;
	if (!(entry->flags & DISCARD))
		log->pos += entry->nr_sectors * log->sector_size;
	log->left--;
	return true;
}

static bool is_point(const struct entry *entry)
{
	return entry->flags & (FLUSH | FUA | MARK);
}

static bool copy(const struct log *log, int to, uint64_t offset, uint64_t len)
{
	uint64_t done = 0;
	char piece[65536];

	while (done < len) {
		size_t want = len - done < sizeof(piece) ? len - done :
							   sizeof(piece);

		if (pread(log->fd, piece, want, log->data + done) !=
		    (ssize_t)want ||
		    pwrite(to, piece, want, offset + done) != (ssize_t)want)
			return false;
		done += want;
	}
	return true;
}

static bool apply(const struct log *log, int to)
{
	uint64_t offset = log->entry.sector * log->sector_size;
	uint64_t len = log->entry.nr_sectors * log->sector_size;

	if (!len)
		return true;
	if (log->entry.flags & DISCARD)
		return !fallocate(to, FALLOC_FL_PUNCH_HOLE |
				      FALLOC_FL_KEEP_SIZE, offset, len);
	return copy(log, to, offset, len);
}

static void print_point(const struct log *log)
{
	char text[256] = "";
	size_t len = log->entry.data_len;

	if (!(log->entry.flags & MARK)) {
		puts(log->entry.flags & FLUSH ? "flush" : "fua");
		return;
	}
	if (len >= sizeof(text))
		len = sizeof(text) - 1;
	/* A mark lies behind its entry, in the same sector. */
	if (pread(log->fd, text, len, log->data - log->sector_size +
		  sizeof(struct entry)) < 0)
		perror("mark");
	printf("mark %s\n", text);
}

/* From point - 1 to point, but for the write whose number is to be left out. */
static int replay(struct log *log, int to, unsigned long point,
		  unsigned long left_out)
{
	unsigned long at = 1, writes = 0;

	while (next(log)) {
		bool wanted = true;

		if (log->entry.nr_sectors)
			wanted = ++writes != left_out;
		if (at == point && wanted && !apply(log, to)) {
			perror("replay");
			return 2;
		}
		if (!is_point(&log->entry) || at++ != point)
			continue;
		print_point(log);
		return fsync(to) ? 2 : 0;
	}
	return 1;
}

int main(int argc, char **argv)
{
	struct log log;
	int to;

	if (argc != 4 && argc != 5) {
		fprintf(stderr, "%s LOG NODE POINT [LEFT-OUT]\n", *argv);
		return 2;
	}
	if (!begin(&log, argv[1]))
		return 2;
	to = open(argv[2], O_RDWR | O_CLOEXEC);
	if (to < 0) {
		perror(argv[2]);
		return 2;
	}
	return replay(&log, to, strtoul(argv[3], NULL, 0),
		      argc == 5 ? strtoul(argv[4], NULL, 0) : 0);
}
