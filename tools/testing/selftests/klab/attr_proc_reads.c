// SPDX-License-Identifier: GPL-2.0-only
/*
 * The ways of reading in /proc as a program sees them: all of them give the
 * same bytes whatever is asked for, and no text is ever mixed with another.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "proc_names.h"
#include "../kselftest_harness.h"

#define DIR		"/proc/" KLAB_PROC_DIR "/"
#define LEN		(sizeof(KLAB_PROC_TEXT) - 1)
#define PAGE		4096
#define READERS		3
#define PASSES		300

FIXTURE(attr_proc_reads)
{
	int fd;
	char *page;	/* behind it there is nothing */
};

FIXTURE_VARIANT(attr_proc_reads)
{
	const char *path;
	bool iter;	/* has .proc_read_iter */
};

FIXTURE_VARIANT_ADD(attr_proc_reads, whole) {
	.path = DIR "whole",
};

FIXTURE_VARIANT_ADD(attr_proc_reads, ended) {
	.path = DIR "ended",
};

FIXTURE_VARIANT_ADD(attr_proc_reads, first) {
	.path = DIR "first",
};

FIXTURE_VARIANT_ADD(attr_proc_reads, open) {
	.path = DIR "open",
};

FIXTURE_VARIANT_ADD(attr_proc_reads, slice) {
	.path = DIR "slice",
};

FIXTURE_VARIANT_ADD(attr_proc_reads, iter) {
	.path = DIR "iter",
	.iter = true,
};

FIXTURE_VARIANT_ADD(attr_proc_reads, both) {
	.path = DIR "both",
	.iter = true,
};

FIXTURE_VARIANT_ADD(attr_proc_reads, single) {
	.path = DIR "single",
	.iter = true,
};

FIXTURE_VARIANT_ADD(attr_proc_reads, created) {
	.path = DIR "created",
	.iter = true,
};

FIXTURE_VARIANT_ADD(attr_proc_reads, seq) {
	.path = DIR "seq",
	.iter = true,
};

static bool set_text(const char *text, size_t len)
{
	int fd = open(DIR "text", O_WRONLY | O_CLOEXEC);
	bool well = fd >= 0 && write(fd, text, len) == (ssize_t)len;

	close(fd);
	return well;
}

FIXTURE_SETUP(attr_proc_reads)
{
	ASSERT_TRUE(set_text(KLAB_PROC_TEXT, LEN));
	self->fd = open(variant->path, O_RDONLY | O_CLOEXEC);
	ASSERT_LE(0, self->fd);
	self->page = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE,
			  MAP_ANONYMOUS | MAP_PRIVATE, -1, 0);
	ASSERT_NE(MAP_FAILED, self->page);
	ASSERT_EQ(0, munmap(self->page + PAGE, PAGE));
}

FIXTURE_TEARDOWN(attr_proc_reads)
{
	munmap(self->page, PAGE);
	close(self->fd);
}

/* All that a file says, in pieces of @size; returns its length. */
static ssize_t read_pieces(int fd, char *buf, size_t room, size_t size)
{
	size_t len = 0;
	ssize_t got;

	do {
		if (len + size > room)
			return -1;
		got = read(fd, buf + len, size);
		if (got < 0 || (size_t)got > size)
			return -1;
		len += got;
	} while (got);
	return len;
}

TEST_F(attr_proc_reads, pieces_of_every_size)
{
	char buf[2 * KLAB_PROC_TEXT_MAX];
	size_t size;

	for (size = 1; size <= 2 * LEN; size++) {
		ASSERT_EQ(0, lseek(self->fd, 0, SEEK_SET));
		ASSERT_EQ((ssize_t)LEN,
			  read_pieces(self->fd, buf, sizeof(buf), size));
		ASSERT_EQ(0, memcmp(buf, KLAB_PROC_TEXT, LEN));
	}
}

TEST_F(attr_proc_reads, pread_of_any_size_anywhere)
{
	size_t pos, size;
	char buf[PAGE];

	for (pos = 0; pos <= LEN + 2; pos++) {
		size_t rest = pos < LEN ? LEN - pos : 0;

		for (size = 0; size <= LEN; size += 6) {
			ssize_t wanted = size < rest ? size : rest;

			ASSERT_EQ(wanted, pread(self->fd, buf, size, pos));
			ASSERT_EQ(0, memcmp(buf, KLAB_PROC_TEXT + pos, wanted));
		}
		ASSERT_EQ((ssize_t)rest,
			  pread(self->fd, buf, sizeof(buf), pos));
	}
	/* The position of the file is what it was. */
	EXPECT_EQ(0, lseek(self->fd, 0, SEEK_CUR));
}

TEST_F(attr_proc_reads, far_positions)
{
	char buf[8];

	EXPECT_EQ(0, pread(self->fd, buf, sizeof(buf), 1L << 30));
	EXPECT_EQ(-1, pread(self->fd, buf, sizeof(buf), -1));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(1000, lseek(self->fd, 1000, SEEK_SET));
	EXPECT_EQ(0, read(self->fd, buf, sizeof(buf)));
	EXPECT_EQ(-1, lseek(self->fd, -1, SEEK_SET));
	EXPECT_EQ(EINVAL, errno);
}

TEST_F(attr_proc_reads, seek_back_and_forth)
{
	char buf[8];
	int i;

	for (i = 0; i < 50; i++) {
		size_t pos = i * 37 % (LEN - sizeof(buf));

		ASSERT_EQ((off_t)pos, lseek(self->fd, pos, SEEK_SET));
		ASSERT_EQ((ssize_t)sizeof(buf),
			  read(self->fd, buf, sizeof(buf)));
		ASSERT_EQ(0, memcmp(buf, KLAB_PROC_TEXT + pos, sizeof(buf)));
		ASSERT_EQ((off_t)(pos + sizeof(buf)),
			  lseek(self->fd, 0, SEEK_CUR));
	}
}

TEST_F(attr_proc_reads, readv_fills_one_after_the_other)
{
	char a[20], b[1], c[100];
	const struct iovec iov[] = {
		{ a, sizeof(a) }, { b, sizeof(b) }, { c, sizeof(c) },
	};

	ASSERT_EQ((ssize_t)LEN, readv(self->fd, iov, 3));
	EXPECT_EQ(0, memcmp(a, KLAB_PROC_TEXT, 20));
	EXPECT_EQ(KLAB_PROC_TEXT[20], b[0]);
	EXPECT_EQ(0, memcmp(c, KLAB_PROC_TEXT + 21, LEN - 21));
}

/* With .proc_read, there is neither. */
TEST_F(attr_proc_reads, splice_and_sendfile)
{
	char buf[PAGE];
	int pipes[2];
	ssize_t got;

	ASSERT_EQ(0, pipe(pipes));
	got = splice(self->fd, NULL, pipes[1], NULL, PAGE, 0);
	EXPECT_EQ(variant->iter ? (ssize_t)LEN : -1, got);
	ASSERT_EQ(0, lseek(self->fd, 0, SEEK_SET));
	got = sendfile(pipes[1], self->fd, NULL, 20);
	EXPECT_EQ(variant->iter ? 20 : -1, got);
	if (variant->iter) {
		ASSERT_EQ((ssize_t)LEN + 20, read(pipes[0], buf, PAGE));
		EXPECT_EQ(0, memcmp(buf, KLAB_PROC_TEXT, LEN));
		EXPECT_EQ(0, memcmp(buf + LEN, KLAB_PROC_TEXT, 20));
	}
	close(pipes[0]);
	close(pipes[1]);
}

TEST_F(attr_proc_reads, bad_address_loses_nothing)
{
	char *end = self->page + PAGE;
	char buf[PAGE];

	EXPECT_EQ(-1, read(self->fd, end, 20));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(7, read(self->fd, end - 7, 20));
	EXPECT_EQ(0, memcmp(end - 7, KLAB_PROC_TEXT, 7));
	EXPECT_EQ((ssize_t)LEN - 7, read(self->fd, buf, PAGE));
	EXPECT_EQ(0, memcmp(buf, KLAB_PROC_TEXT + 7, LEN - 7));
}

TEST_F(attr_proc_reads, cannot_be_written)
{
	int fd = open(variant->path, O_WRONLY | O_CLOEXEC);

	/* For root the mode is no obstacle, but nothing takes the data. */
	ASSERT_LE(0, fd);
	EXPECT_EQ(-1, write(fd, "x", 1));
	EXPECT_EQ(EIO, errno);
	close(fd);
}

static pid_t child(void)
{
	pid_t pid = fork();

	if (!pid)
		prctl(PR_SET_PDEATHSIG, SIGKILL);
	return pid;
}

static pid_t start_writer(void)
{
	char text[KLAB_PROC_TEXT_MAX];
	pid_t pid = child();
	size_t i;

	if (pid)
		return pid;
	/* Each letter has a length of its own. */
	for (i = 0;; i++) {
		size_t len = KLAB_PROC_TEXT_MAX - i % 26 * 6;

		memset(text, 'a' + i % 26, len);
		if (!set_text(text, len))
			_exit(1);
	}
}

/* Is that one of the texts, and all of it? */
static bool is_text(const char *buf, ssize_t len)
{
	ssize_t i;

	if (len == (ssize_t)LEN && !memcmp(buf, KLAB_PROC_TEXT, LEN))
		return true;
	if (len <= 0 || buf[0] < 'a' || buf[0] > 'z' ||
	    len != KLAB_PROC_TEXT_MAX - (buf[0] - 'a') * 6)
		return false;
	for (i = 1; i < len; i++) {
		if (buf[i] != buf[0])
			return false;
	}
	return true;
}

static pid_t start_reader(const char *path, size_t size)
{
	char buf[2 * KLAB_PROC_TEXT_MAX];
	pid_t pid = child();
	int i, fd;

	if (pid)
		return pid;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	for (i = 0; i < PASSES; i++) {
		if (lseek(fd, 0, SEEK_SET) ||
		    !is_text(buf, read_pieces(fd, buf, sizeof(buf), size)))
			_exit(1);
	}
	_exit(0);
}

TEST_F(attr_proc_reads, never_tears_while_the_text_changes)
{
	static const size_t sizes[READERS] = { 1, 7, KLAB_PROC_TEXT_MAX };
	pid_t readers[READERS], writer = start_writer();
	int i, status;

	for (i = 0; i < READERS; i++)
		readers[i] = start_reader(variant->path, sizes[i]);
	for (i = 0; i < READERS; i++) {
		ASSERT_EQ(readers[i], waitpid(readers[i], &status, 0));
		EXPECT_EQ(0, status);
	}
	kill(writer, SIGKILL);
	ASSERT_EQ(writer, waitpid(writer, &status, 0));
	EXPECT_TRUE(WIFSIGNALED(status));
	/* A writer that was killed has left a whole text, too. */
	EXPECT_TRUE(set_text(KLAB_PROC_TEXT, LEN));
}

/* Two that share the open file divide the text between them. */
TEST_F(attr_proc_reads, shared_file_gives_each_byte_once)
{
	char buf[2 * KLAB_PROC_TEXT_MAX], *count;
	int status;
	pid_t pid;

	count = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
		     MAP_ANONYMOUS | MAP_SHARED, -1, 0);
	ASSERT_NE(MAP_FAILED, count);
	pid = child();
	if (!pid) {
		*count = read_pieces(self->fd, buf, sizeof(buf), 1);
		_exit(0);
	}
	status = read_pieces(self->fd, buf, sizeof(buf), 1);
	ASSERT_EQ(pid, waitpid(pid, NULL, 0));
	EXPECT_EQ((int)LEN, status + *count);
	munmap(count, PAGE);
}

TEST(numbers_never_tear)
{
	char buf[64];
	int fd = open(DIR "numbers/s64", O_RDWR | O_CLOEXEC), i, status;
	pid_t pid;

	ASSERT_LE(0, fd);
	ASSERT_EQ(2, write(fd, "-1", 2));
	pid = child();
	for (i = 0; !pid; i++) {
		const char *text = i & 1 ? "-1" : "4294967296";

		if (write(fd, text, strlen(text)) < 0)
			_exit(1);
	}
	for (i = 0; i < 2000; i++) {
		ssize_t len = pread(fd, buf, sizeof(buf) - 1, 0);

		ASSERT_LT(0, len);
		buf[len] = '\0';
		ASSERT_TRUE(!strcmp(buf, "-1\n") ||
			    !strcmp(buf, "4294967296\n"));
	}
	kill(pid, SIGKILL);
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_TRUE(WIFSIGNALED(status));
	close(fd);
}

TEST_HARNESS_MAIN
