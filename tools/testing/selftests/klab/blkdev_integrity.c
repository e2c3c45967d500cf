// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writes, reads, zeroes, discards and flushes at random places of a disk, keeps in
 * mind what each sector may hold, and finds every byte that is another one.
 *
 * A sector holds its number and the number of the write that it is from, or zeroes,
 * as from a write of number 0. What it
 * may hold are all writes since the last one that a flush has covered; of these,
 * as long as the power stays, only the last one that went well, and those after
 * it that did not.
 *
 * Who may be killed at any time keeps a journal instead: what is going to be
 * written, and what is flushed, each record written through before it goes on.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <linux/fs.h>

#define SECTOR		512
#define WORDS		(SECTOR / sizeof(uint64_t))
#define SECTORS		2048	/* at most, of the disk, that are used */
#define LONGEST		64	/* sectors of one read or write */
#define ALIGN		8	/* sectors; all block sizes */
#define KEPT		12	/* writes that a sector may be from */

/**
 * struct sector - what a sector may hold
 * @writes: numbers of writes, the first one flushed
 * @nr: how many there are
 * @now: the first of them that it may hold while the power stays
 */
struct sector {
	uint32_t writes[KEPT];
	uint32_t nr;
	uint32_t now;
};

/**
 * struct record - an entry of the journal
 * @kind: of enum kind
 * @first: sector, of a write
 * @count: how many there are
 * @write: number of the write, 0: zeroes
 */
struct record {
	uint32_t kind;
	uint32_t first;
	uint32_t count;
	uint32_t write;
};

enum kind { BEGUN = 1, LASTING, FLUSHED };
enum change { WRITE, ZERO, DISCARD };

static struct sector model[SECTORS];
static uint32_t sectors;	/* that are used */
static const char *flushes;	/* where the model goes at each flush */
static unsigned int nr_flushes;
static int journal = -1;
static bool through;		/* what is written needs no flush */
static bool is_disk;		/* and no file */
static uint64_t (*buffer)[WORDS];
static uint64_t seed;
static uint32_t last_write;

static uint32_t chance(uint32_t below)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (uint32_t)(seed >> 16) % below;
}

/* Of what nobody has written: zeroes. */
static void fill(uint64_t *words, uint64_t sector, uint32_t write)
{
	size_t i;

	for (i = 0; i < WORDS; i++)
		words[i] = !write ? 0 : (sector << 40 | (uint64_t)write << 8) +
					i * 0x9e3779b97f4a7c15;
}

static bool holds(const uint64_t *words, uint32_t sector, uint32_t write)
{
	uint64_t expected[WORDS];

	fill(expected, sector, write);
	return !memcmp(words, expected, SECTOR);
}

/* Takes note of which write a sector is from, if it is one of those. */
static bool check(uint32_t sector, const uint64_t *words, bool power_lost)
{
	struct sector *s = &model[sector];
	uint32_t i;

	for (i = power_lost ? 0 : s->now; i < s->nr; i++) {
		if (!holds(words, sector, s->writes[i]))
			continue;
		if (power_lost) {
			s->writes[0] = s->writes[i];
			s->nr = 1;
			s->now = 0;
		}
		return true;
	}
	fprintf(stderr, "sector %u holds %016llx, not write %u\n", sector,
		(unsigned long long)words[0], s->writes[s->nr - 1]);
	return false;
}

/* Whether the model has room for one more write to each of these. */
static bool room(uint32_t first, uint32_t count)
{
	uint32_t i;

	for (i = first; i < first + count; i++) {
		if (model[i].nr == KEPT)
			return false;
	}
	return true;
}

/* Nothing is done that is not in the journal. */
static void keep_record(enum kind kind, uint32_t first, uint32_t count,
			uint32_t number)
{
	const struct record record = { kind, first, count, number };

	if (journal >= 0 &&
	    write(journal, &record, sizeof(record)) != sizeof(record)) {
		perror("journal");
		exit(2);
	}
}

/* Any of those writes may be there now. */
static void note_write(uint32_t first, uint32_t count, uint32_t number,
		       bool well)
{
	uint32_t i;

	for (i = first; i < first + count; i++) {
		model[i].writes[model[i].nr++] = number;
		if (well)
			model[i].now = model[i].nr - 1;
	}
}

/* What was there lasts. */
static void note_flush(uint32_t first, uint32_t count)
{
	uint32_t i;

	for (i = first; i < first + count; i++) {
		struct sector *s = &model[i];

		s->nr -= s->now;
		memmove(s->writes, s->writes + s->now,
			s->nr * sizeof(*s->writes));
		s->now = 0;
	}
}

static int save(const char *file);

static bool save_flushed(void)
{
	char *name;
	int err;

	if (!flushes)
		return true;
	if (asprintf(&name, "%s.%u", flushes, ++nr_flushes) < 0)
		return false;
	err = save(name);
	free(name);
	return !err;
}

static bool write_sectors(int fd, uint32_t first, uint32_t count,
			  uint32_t number)
{
	uint32_t i;

	for (i = 0; i < count; i++)
		fill(buffer[i], first + i, number);
	return pwrite(fd, buffer, count * SECTOR, (off_t)first * SECTOR) ==
	       (ssize_t)(count * SECTOR);
}

static bool zero_sectors(int fd, uint32_t first, uint32_t count, bool discard)
{
	uint64_t range[] = { (uint64_t)first * SECTOR, count * SECTOR };

	if (!is_disk)
		return !fallocate(fd, (discard ? FALLOC_FL_PUNCH_HOLE :
						 FALLOC_FL_ZERO_RANGE) |
				  FALLOC_FL_KEEP_SIZE, range[0], range[1]);
	return !ioctl(fd, discard ? BLKDISCARD : BLKZEROOUT, range);
}

static bool do_write(int fd, enum change change, uint32_t first, uint32_t count)
{
	uint32_t number = change == WRITE ? ++last_write : 0;
	bool well;

	keep_record(BEGUN, first, count, number);
	if (change == WRITE)
		well = write_sectors(fd, first, count, number);
	else
		well = zero_sectors(fd, first, count, change == DISCARD);
	note_write(first, count, number, well);
	if (well && through) {
		keep_record(LASTING, first, count, number);
		note_flush(first, count);
	}
	return well;
}

static bool do_flush(int fd)
{
	if (fsync(fd))
		return false;
	keep_record(FLUSHED, 0, 0, 0);
	note_flush(0, SECTORS);
	return save_flushed();
}

static bool read_and_check(int fd, uint32_t first, uint32_t count, bool lost,
			   bool *wrong)
{
	uint32_t i;

	if (pread(fd, buffer, count * SECTOR, (off_t)first * SECTOR) !=
	    (ssize_t)(count * SECTOR))
		return false;
	for (i = 0; i < count; i++) {
		if (!check(first + i, buffer[i], lost))
			*wrong = true;
	}
	return true;
}

static bool step(int fd, bool *wrong)
{
	uint32_t end = (sectors + ALIGN - 1) / ALIGN * ALIGN;
	uint32_t count = (chance(LONGEST / ALIGN) + 1) * ALIGN;
	uint32_t first = chance((end - count) / ALIGN + 1) * ALIGN;
	uint32_t what = chance(16);

	if (count > sectors - first)
		count = sectors - first;
	if (what < 9 && room(first, count))
		return do_write(fd, what < 7 ? WRITE : what < 8 ? ZERO : DISCARD,
				first, count);
	if (what < 10)
		return do_flush(fd);
	return read_and_check(fd, first, count, false, wrong);
}

static int run(int fd, unsigned long steps, bool until_error)
{
	unsigned long failed = 0, i;
	bool wrong = false;

	for (i = 0; i < steps && !wrong; i++) {
		if (step(fd, &wrong)) {
			/* For who is to make one fail. */
			if (until_error && !i) {
				puts("begun");
				fflush(stdout);
			}
			continue;
		}
		failed++;
		if (until_error)
			break;
	}
	printf("%lu steps, %lu failed\n", i, failed);
	return wrong;
}

static int verify(int fd, bool power_lost)
{
	bool wrong = false;
	uint32_t first;

	for (first = 0; first < sectors; first += LONGEST) {
		uint32_t count = sectors - first;

		if (count > LONGEST)
			count = LONGEST;
		if (!read_and_check(fd, first, count, power_lost, &wrong)) {
			perror("read");
			return 2;
		}
	}
	return wrong;
}

static void begin(void)
{
	int i;

	for (i = 0; i < SECTORS; i++)
		model[i].nr = 1;
}

/* What a journal says of a disk; the last record may be half of one. */
static int load_journal(const char *file)
{
	FILE *in = fopen(file, "r");
	struct record record;

	if (!in)
		return 2;
	begin();
	while (fread(&record, sizeof(record), 1, in) == 1) {
		if (record.write)
			last_write = record.write;
		if (record.kind == BEGUN)
			note_write(record.first, record.count, record.write,
				   true);
		else if (record.kind == LASTING)
			note_flush(record.first, record.count);
		else
			note_flush(0, SECTORS);
	}
	fclose(in);
	return 0;
}

static int open_journal(const char *file)
{
	begin();
	journal = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_DSYNC | O_CLOEXEC,
		       0600);
	return journal < 0 ? 2 : 0;
}

static int load(const char *file)
{
	FILE *in = fopen(file, "r");
	bool well;

	if (!in) {
		begin();
		return errno == ENOENT ? 0 : 2;
	}
	well = fread(model, sizeof(model), 1, in) == 1 &&
	       fread(&last_write, sizeof(last_write), 1, in) == 1;
	fclose(in);
	return well ? 0 : 2;
}

static int save(const char *file)
{
	FILE *out = fopen(file, "w");
	bool well;

	if (!out)
		return 2;
	well = fwrite(model, sizeof(model), 1, out) == 1 &&
	       fwrite(&last_write, sizeof(last_write), 1, out) == 1;
	return fclose(out) || !well ? 2 : 0;
}

static int usage(const char *name)
{
	fprintf(stderr,
		"%s run NODE MODEL SEED STEPS      go on after errors\n"
		"%s until NODE MODEL SEED STEPS    stop at the first one\n"
		"%s flushes NODE MODEL SEED STEPS  MODEL.N at flush N\n"
		"%s verify NODE MODEL              while the power stays\n"
		"%s after NODE MODEL               after it was lost\n"
		"%s cached NODE JOURNAL SEED STEPS    until it is killed\n"
		"%s through NODE JOURNAL SEED STEPS   and without a cache\n"
		"%s killed NODE JOURNAL               after that\n",
		name, name, name, name, name, name, name, name);
	return 2;
}

/* Of a disk or a file. */
static int find_size(int fd)
{
	off_t size = lseek(fd, 0, SEEK_END);
	struct stat st;

	if (fstat(fd, &st))
		return 2;
	is_disk = S_ISBLK(st.st_mode);
	if (size < LONGEST * SECTOR) {
		errno = size < 0 ? errno : EINVAL;
		return 2;
	}
	sectors = size / SECTOR < SECTORS ? size / SECTOR : SECTORS;
	return 0;
}

static bool is(const char *what, const char *name)
{
	return !strcmp(what, name);
}

static int prepare(const char *what, const char *file)
{
	through = is(what, "through");
	if (is(what, "flushes"))
		flushes = file;
	if (is(what, "killed"))
		return load_journal(file);
	if (through || is(what, "cached"))
		return open_journal(file);
	return load(file);
}

int main(int argc, char **argv)
{
	const char *what;
	int fd, result;

	if (argc != 4 && argc != 6)
		return usage(*argv);
	what = argv[1];
	fd = open(argv[2], O_RDWR | O_DIRECT | O_CLOEXEC);
	if (fd < 0 || posix_memalign((void **)&buffer, 4096,
				     LONGEST * SECTOR) ||
	    find_size(fd) || prepare(what, argv[3])) {
		perror(argv[2]);
		return 2;
	}
	if (argc == 4) {
		result = verify(fd, is(what, "after") || is(what, "killed"));
	} else {
		seed = strtoull(argv[4], NULL, 0) * 2654435761 + 1;
		result = run(fd, strtoul(argv[5], NULL, 0), !is(what, "run"));
	}
	if (result || journal >= 0 || is(what, "killed"))
		return result;
	return save(argv[3]);
}
