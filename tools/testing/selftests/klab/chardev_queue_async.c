// SPDX-License-Identifier: GPL-2.0-only
/*
 * The queue device through what must not wait, or waits elsewhere: RWF_NOWAIT,
 * io_uring, libaio's system calls, splice and sendfile.
 */
#include <dirent.h>
#include <linux/aio_abi.h>
#include <linux/io_uring.h>
#include <stdint.h>
#include <sys/sendfile.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include "chardev_queue.h"
#include "../kselftest_harness.h"

FIXTURE(chardev_queue_async)
{
	int in;
	int out;
	int pipe[2];
	long size;
	char buf[4 * PAGE];
};

FIXTURE_SETUP(chardev_queue_async)
{
	ASSERT_EQ(0, empty_queue("bytes"));
	self->size = attribute("size");
	self->in = open(NODE, O_WRONLY | O_CLOEXEC);
	self->out = open(NODE, O_RDONLY | O_CLOEXEC);
	ASSERT_LE(0, self->in);
	ASSERT_LE(0, self->out);
	ASSERT_EQ(0, pipe(self->pipe));
}

FIXTURE_TEARDOWN(chardev_queue_async)
{
	close(self->in);
	close(self->out);
	close(self->pipe[0]);
	close(self->pipe[1]);
}

static ssize_t read_nowait(int fd, char *buf, size_t size)
{
	struct iovec part = { .iov_base = buf, .iov_len = size };

	return preadv2(fd, &part, 1, -1, RWF_NOWAIT);
}

TEST_F(chardev_queue_async, nowait_flag_of_a_read)
{
	EXPECT_EQ(-1, read_nowait(self->out, self->buf, 10));
	EXPECT_EQ(EAGAIN, errno);
	ASSERT_EQ(3, write(self->in, "abc", 3));
	EXPECT_EQ(3, read_nowait(self->out, self->buf, 10));
}

TEST_F(chardev_queue_async, nowait_flag_of_a_write)
{
	struct iovec part = { .iov_base = self->buf, .iov_len = 100 };

	EXPECT_EQ(100, pwritev2(self->in, &part, 1, -1, RWF_NOWAIT));
	fill(self->in);
	EXPECT_EQ(-1, pwritev2(self->in, &part, 1, -1, RWF_NOWAIT));
	EXPECT_EQ(EAGAIN, errno);
}

#define USERS	"/sys/module/klab_chardev_queue/refcnt"

/**
 * struct uring - an instance of io_uring
 * @fd: its file
 * @params: offsets in its rings
 * @rings: both rings
 * @size: of @rings
 * @sqes: entries to submit
 */
struct uring {
	int fd;
	struct io_uring_params params;
	char *rings;
	size_t size;
	struct io_uring_sqe *sqes;
};

static bool uring_setup(struct uring *uring)
{
	memset(uring, 0, sizeof(*uring));
	uring->fd = syscall(SYS_io_uring_setup, 8, &uring->params);
	if (uring->fd < 0 ||
	    !(uring->params.features & IORING_FEAT_SINGLE_MMAP))
		return false;
	uring->size = uring->params.cq_off.cqes +
		      uring->params.cq_entries * sizeof(struct io_uring_cqe);
	uring->rings = mmap(NULL, uring->size, PROT_READ | PROT_WRITE, MAP_SHARED,
			    uring->fd, IORING_OFF_SQ_RING);
	uring->sqes = mmap(NULL, 8 * sizeof(*uring->sqes),
			   PROT_READ | PROT_WRITE, MAP_SHARED, uring->fd,
			   IORING_OFF_SQES);
	return uring->rings != MAP_FAILED && (void *)uring->sqes != MAP_FAILED;
}

/* What is mapped keeps it, as its descriptor does. */
static void uring_close(struct uring *uring)
{
	munmap(uring->sqes, 8 * sizeof(*uring->sqes));
	munmap(uring->rings, uring->size);
	close(uring->fd);
}

static uint32_t *uring_field(struct uring *uring, uint32_t offset)
{
	return (uint32_t *)(uring->rings + offset);
}

static int uring_submit(struct uring *uring, int op, int fd, void *buf,
			size_t len)
{
	uint32_t *tail = uring_field(uring, uring->params.sq_off.tail);
	uint32_t slot = *tail % uring->params.sq_entries;
	struct io_uring_sqe *sqe = &uring->sqes[slot];

	memset(sqe, 0, sizeof(*sqe));
	sqe->opcode = op;
	sqe->fd = fd;
	sqe->addr = (uintptr_t)buf;
	sqe->len = len;
	sqe->off = -1;
	uring_field(uring, uring->params.sq_off.array)[slot] = slot;
	__atomic_store_n(tail, *tail + 1, __ATOMIC_RELEASE);
	return syscall(SYS_io_uring_enter, uring->fd, 1, 0, 0, NULL, 0);
}

/* Waits for @wait completions; true with the result of one, if there is one. */
static bool uring_result(struct uring *uring, int wait, int *result)
{
	uint32_t *head = uring_field(uring, uring->params.cq_off.head);
	uint32_t *tail = uring_field(uring, uring->params.cq_off.tail);
	struct io_uring_cqe *cqes = (struct io_uring_cqe *)
				    (uring->rings + uring->params.cq_off.cqes);

	syscall(SYS_io_uring_enter, uring->fd, 0, wait, IORING_ENTER_GETEVENTS,
		NULL, 0);
	if (*head == __atomic_load_n(tail, __ATOMIC_ACQUIRE))
		return false;
	*result = cqes[*head % uring->params.cq_entries].res;
	__atomic_store_n(head, *head + 1, __ATOMIC_RELEASE);
	return true;
}

/* Threads of io_uring that wait in place of the program. */
static int uring_workers(void)
{
	DIR *dir = opendir("/proc/self/task");
	char path[300], name[32];
	struct dirent *entry;
	int nr = 0;

	while (dir && (entry = readdir(dir))) {
		snprintf(path, sizeof(path), "/proc/self/task/%s/comm",
			 entry->d_name);
		if (!text_of(path, name, sizeof(name)) &&
		    !strncmp(name, "iou-wrk", 7))
			nr++;
	}
	if (dir)
		closedir(dir);
	return nr;
}

TEST_F(chardev_queue_async, io_uring_read_waits_without_a_thread)
{
	struct uring uring;
	int result = 0;

	ASSERT_TRUE(uring_setup(&uring));
	ASSERT_EQ(1, uring_submit(&uring, IORING_OP_READ, self->out, self->buf,
				  100));
	EXPECT_FALSE(uring_result(&uring, 0, &result));
	EXPECT_EQ(0, uring_workers());
	ASSERT_EQ(3, write(self->in, "abc", 3));
	ASSERT_TRUE(uring_result(&uring, 1, &result));
	EXPECT_EQ(3, result);
	EXPECT_EQ(0, memcmp(self->buf, "abc", 3));
	EXPECT_EQ(0, uring_workers());
	close(uring.fd);
}

TEST_F(chardev_queue_async, io_uring_write_waits_without_a_thread)
{
	struct uring uring;
	int result = 0;

	ASSERT_TRUE(uring_setup(&uring));
	fill(self->in);
	ASSERT_EQ(1, uring_submit(&uring, IORING_OP_WRITE, self->in, self->buf,
				  100));
	EXPECT_FALSE(uring_result(&uring, 0, &result));
	EXPECT_EQ(0, uring_workers());
	ASSERT_EQ(ATOMIC, read(self->out, self->buf, ATOMIC));
	ASSERT_TRUE(uring_result(&uring, 1, &result));
	EXPECT_EQ(100, result);
	EXPECT_EQ(0, uring_workers());
	close(uring.fd);
}

TEST_F(chardev_queue_async, io_uring_read_of_what_is_there)
{
	struct uring uring;
	int result = 0;

	ASSERT_TRUE(uring_setup(&uring));
	ASSERT_EQ(3, write(self->in, "abc", 3));
	ASSERT_EQ(1, uring_submit(&uring, IORING_OP_READ, self->out, self->buf,
				  100));
	ASSERT_TRUE(uring_result(&uring, 0, &result));
	EXPECT_EQ(3, result);
	ASSERT_EQ(1, write(self->in, "a", 1));
	ASSERT_EQ(1, uring_submit(&uring, IORING_OP_READ, self->out, NULL, 1));
	ASSERT_TRUE(uring_result(&uring, 1, &result));
	EXPECT_EQ(-EFAULT, result);
	EXPECT_EQ(1, attribute("used"));
	close(uring.fd);
}

TEST_F(chardev_queue_async, io_uring_closed_while_waiting)
{
	long users = number_in(USERS);
	struct uring uring;
	int out;

	out = open(NODE, O_RDONLY | O_CLOEXEC);
	ASSERT_TRUE(uring_setup(&uring));
	ASSERT_EQ(1, uring_submit(&uring, IORING_OP_READ, out, self->buf, 100));
	close(out);
	EXPECT_LT(users, number_in(USERS));
	uring_close(&uring);
	/* Only the read had the file open still: it has been given up now. */
	ASSERT_TRUE(becomes(USERS, users));
	ASSERT_EQ(1, write(self->in, "a", 1));
	EXPECT_EQ(1, attribute("used"));
}

static bool aio_do(aio_context_t ctx, int op, int fd, void *buf, size_t len,
		   long *result)
{
	struct timespec bound = { .tv_sec = BOUND_MS / 1000 };
	struct iocb iocb = {
		.aio_lio_opcode = op,
		.aio_fildes = fd,
		.aio_buf = (uintptr_t)buf,
		.aio_nbytes = len,
	}, *list = &iocb;
	struct io_event event;

	if (syscall(SYS_io_submit, ctx, 1, &list) != 1 ||
	    syscall(SYS_io_getevents, ctx, 1, 1, &event, &bound) != 1)
		return false;
	*result = event.res;
	return true;
}

TEST_F(chardev_queue_async, libaio_as_on_a_pipe)
{
	int fds[][2] = {
		{ self->out, self->in },
		{ self->pipe[0], self->pipe[1] },
	};
	aio_context_t ctx = 0;
	long result;
	int i;

	ASSERT_EQ(0, syscall(SYS_io_setup, 4, &ctx));
	for (i = 0; i < 2; i++) {
		ASSERT_TRUE(aio_do(ctx, IOCB_CMD_PWRITE, fds[i][1], "abc", 3,
				   &result));
		EXPECT_EQ(3, result);
		ASSERT_TRUE(aio_do(ctx, IOCB_CMD_POLL, fds[i][0],
				   (void *)(uintptr_t)POLLIN, 0, &result));
		EXPECT_TRUE(result & POLLIN);
		ASSERT_TRUE(aio_do(ctx, IOCB_CMD_PREAD, fds[i][0], self->buf,
				   100, &result));
		EXPECT_EQ(3, result);
	}
	syscall(SYS_io_destroy, ctx);
}

TEST_F(chardev_queue_async, splice_to_a_pipe)
{
	EXPECT_EQ(-1, splice(self->out, NULL, self->pipe[1], NULL, 100, 0));
	EXPECT_EQ(EAGAIN, errno);
	memset(self->buf, 'x', sizeof(self->buf));
	ASSERT_EQ(10000, write(self->in, self->buf, 10000));
	ASSERT_EQ(10000, splice(self->out, NULL, self->pipe[1], NULL, 1 << 20,
				0));
	memset(self->buf, 0, sizeof(self->buf));
	ASSERT_EQ(10000, read(self->pipe[0], self->buf, sizeof(self->buf)));
	EXPECT_EQ('x', self->buf[0]);
	EXPECT_EQ('x', self->buf[9999]);
	EXPECT_EQ(0, self->buf[10000]);
}

TEST_F(chardev_queue_async, splice_to_a_pipe_around_the_ring)
{
	long start, i;

	/* An odd position near the end of the ring. */
	for (start = 0; start < self->size - 777; start += 1111) {
		ASSERT_EQ(1111, write(self->in, self->buf, 1111));
		ASSERT_EQ(1111, read(self->out, self->buf, 1111));
	}
	for (i = 0; i < 9000; i++)
		self->buf[i] = i * 3 + i / 256;
	ASSERT_EQ(9000, write(self->in, self->buf, 9000));
	ASSERT_EQ(9000, splice(self->out, NULL, self->pipe[1], NULL, 9000, 0));
	memset(self->buf, 0, sizeof(self->buf));
	ASSERT_EQ(9000, read(self->pipe[0], self->buf, sizeof(self->buf)));
	for (i = 0; i < 9000; i++)
		ASSERT_EQ((char)(i * 3 + i / 256), self->buf[i]);
}

TEST_F(chardev_queue_async, splice_leaves_what_the_pipe_does_not_take)
{
	ASSERT_EQ(PAGE, fcntl(self->pipe[1], F_SETPIPE_SZ, PAGE));
	ASSERT_EQ(2 * PAGE + 5, write(self->in, self->buf, 2 * PAGE + 5));
	EXPECT_EQ(PAGE, splice(self->out, NULL, self->pipe[1], NULL, 1 << 20,
			       0));
	EXPECT_EQ(PAGE + 5, attribute("used"));
}

TEST_F(chardev_queue_async, splice_tells_the_end)
{
	ASSERT_EQ(1, write(self->in, "a", 1));
	close(self->in);
	EXPECT_EQ(1, splice(self->out, NULL, self->pipe[1], NULL, 100, 0));
	EXPECT_EQ(0, splice(self->out, NULL, self->pipe[1], NULL, 100, 0));
	EXPECT_EQ(-1, splice(self->out, NULL, self->pipe[1], NULL, 100, 0));
	EXPECT_EQ(EAGAIN, errno);
}

TEST_F(chardev_queue_async, splice_from_a_pipe)
{
	ASSERT_EQ(3, write(self->pipe[1], "abc", 3));
	EXPECT_EQ(3, splice(self->pipe[0], NULL, self->in, NULL, 100, 0));
	EXPECT_EQ(3, read(self->out, self->buf, 100));
	EXPECT_EQ(0, memcmp(self->buf, "abc", 3));
}

TEST_F(chardev_queue_async, splice_without_room_leaves_the_pipe_alone)
{
	pid_t pid;

	fill(self->in);
	ASSERT_EQ(1, write(self->pipe[1], "a", 1));
	EXPECT_EQ(-1, splice(self->pipe[0], NULL, self->in, NULL, 100,
			     SPLICE_F_NONBLOCK));
	EXPECT_EQ(EAGAIN, errno);

	pid = child();
	if (!pid)
		_exit(splice(self->pipe[0], NULL, self->in, NULL, 1, 0) != 1);
	ASSERT_TRUE(sleeps(pid));
	/* Would hang if it slept under the lock of the pipe. */
	ASSERT_EQ(1, write(self->pipe[1], "b", 1));
	EXPECT_EQ('S', state_of(pid));
	ASSERT_EQ(1, read(self->out, self->buf, 1));
	EXPECT_EQ(0, end_of(pid));
	ASSERT_EQ(1, read(self->pipe[0], self->buf, 100));
	EXPECT_EQ('b', self->buf[0]);
}

TEST_F(chardev_queue_async, splice_wakes_who_waits)
{
	pid_t pid = child();

	if (!pid)
		_exit(ready(self->out, POLLIN, -1) != POLLIN);
	ASSERT_TRUE(sleeps(pid));
	ASSERT_EQ(1, write(self->pipe[1], "a", 1));
	ASSERT_EQ(1, splice(self->pipe[0], NULL, self->in, NULL, 1, 0));
	EXPECT_EQ(0, end_of(pid));

	fill(self->in);
	pid = child();
	if (!pid)
		_exit(write(self->in, self->buf, 100) != 100);
	ASSERT_TRUE(sleeps(pid));
	ASSERT_EQ(100, splice(self->out, NULL, self->pipe[1], NULL, 100, 0));
	EXPECT_EQ(0, end_of(pid));
}

static pid_t start_splicer(int from, int to)
{
	pid_t pid = child();

	if (!pid)
		_exit(splice(from, NULL, to, NULL, 1, 0) != 1);
	return pid;
}

/* Who was woken for room may find the pipe empty, and waits there then. */
TEST_F(chardev_queue_async, splice_hands_its_turn_on)
{
	pid_t splicers[2], writer;
	int i;

	fill(self->in);
	ASSERT_EQ(1, write(self->pipe[1], "a", 1));
	for (i = 0; i < 2; i++) {
		splicers[i] = start_splicer(self->pipe[0], self->in);
		ASSERT_TRUE(sleeps(splicers[i]));
	}
	writer = child();
	if (!writer)
		_exit(write(self->in, "b", 1) != 1);
	ASSERT_TRUE(sleeps(writer));

	/* One read wakes one, and there is room for all. */
	ASSERT_EQ(ATOMIC, read(self->out, self->buf, ATOMIC));
	EXPECT_EQ(0, end_of(writer));
	ASSERT_EQ(1, write(self->pipe[1], "c", 1));
	for (i = 0; i < 2; i++)
		EXPECT_EQ(0, end_of(splicers[i]));
	EXPECT_EQ(self->size - ATOMIC + 3, attribute("used"));
}

TEST_F(chardev_queue_async, sendfile_from_a_file)
{
	int self_exe = open("/proc/self/exe", O_RDONLY);

	ASSERT_LE(0, self_exe);
	EXPECT_EQ(PAGE, sendfile(self->in, self_exe, NULL, PAGE));
	ASSERT_EQ(PAGE, read(self->out, self->buf, sizeof(self->buf)));
	EXPECT_EQ(0, memcmp(self->buf, "\177ELF", 4));
	close(self_exe);
}

TEST_F(chardev_queue_async, splice_has_no_records)
{
	int in, out;

	close(self->in);
	close(self->out);
	ASSERT_EQ(0, empty_queue("records"));
	in = open(NODE, O_WRONLY);
	out = open(NODE, O_RDONLY);
	ASSERT_EQ(1, write(in, "a", 1));
	EXPECT_EQ(-1, splice(out, NULL, self->pipe[1], NULL, 1, 0));
	EXPECT_EQ(EINVAL, errno);
	ASSERT_EQ(1, write(self->pipe[1], "a", 1));
	EXPECT_EQ(-1, splice(self->pipe[0], NULL, in, NULL, 1, 0));
	EXPECT_EQ(EINVAL, errno);
	close(in);
	close(out);
	EXPECT_EQ(0, empty_queue("bytes"));
}

TEST_HARNESS_MAIN
