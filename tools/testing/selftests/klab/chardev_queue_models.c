// SPDX-License-Identifier: GPL-2.0-only
/*
 * The queue device as a program sees it: reads and writes that wait or do not,
 * poll, epoll, signals, and what errors leave in the queue.
 */
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include "chardev_queue.h"
#include "../kselftest_harness.h"

#define STRANGER	0xbeefbeef
#define WAITERS		5

FIXTURE(chardev_queue)
{
	int in;		/* for writing */
	int out;	/* for reading */
	int nowait;	/* for reading, without waiting */
	long size;
	char buf[4 * PAGE];
};

FIXTURE_SETUP(chardev_queue)
{
	ASSERT_EQ(0, empty_queue("bytes"));
	self->size = attribute("size");
	self->in = open(NODE, O_WRONLY | O_CLOEXEC);
	self->out = open(NODE, O_RDONLY | O_CLOEXEC);
	self->nowait = open(NODE, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	ASSERT_LE(0, self->in);
	ASSERT_LE(0, self->out);
	ASSERT_LE(0, self->nowait);
}

FIXTURE_TEARDOWN(chardev_queue)
{
	close(self->in);
	close(self->out);
	close(self->nowait);
}

/* A child that reads once and ends with the number of bytes, or 200 + errno. */
static pid_t start_reader(int in, int out, char *buf, size_t size)
{
	pid_t pid = child();
	ssize_t got;

	if (pid)
		return pid;
	/* Or there would always be a writer left. */
	close(in);
	got = read(out, buf, size);
	_exit(got < 0 ? 200 + errno : got);
}

static pid_t start_writer(int fd, const char *buf, size_t size)
{
	pid_t pid = child();
	ssize_t put;

	if (pid)
		return pid;
	put = write(fd, buf, size);
	_exit(put < 0 ? 200 + errno : put == (ssize_t)size ? 0 : 100);
}

static void no_action(int signal)
{
}

static void catch_signal(int signal)
{
	struct sigaction action = { .sa_handler = no_action };

	sigaction(signal, &action, NULL);
}

TEST_F(chardev_queue, read_waits_for_a_write)
{
	pid_t pid = start_reader(self->in, self->out, self->buf, 100);

	ASSERT_TRUE(sleeps(pid));
	ASSERT_EQ(3, write(self->in, "abc", 3));
	EXPECT_EQ(3, end_of(pid));
}

TEST_F(chardev_queue, read_returns_what_there_is)
{
	ASSERT_EQ(7, write(self->in, "abcdefg", 7));
	EXPECT_EQ(3, read(self->out, self->buf, 3));
	EXPECT_EQ(4, read(self->out, self->buf + 3, 100));
	EXPECT_EQ(0, memcmp(self->buf, "abcdefg", 7));
}

TEST_F(chardev_queue, nothing_to_read_without_waiting)
{
	EXPECT_EQ(-1, read(self->nowait, self->buf, 1));
	EXPECT_EQ(EAGAIN, errno);
}

TEST_F(chardev_queue, every_byte_value_and_length)
{
	size_t len, i;

	for (len = 1; len <= sizeof(self->buf); len = len * 2 + 1) {
		char back[sizeof(self->buf)];

		for (i = 0; i < len; i++)
			self->buf[i] = i * 7 + len;
		ASSERT_EQ((ssize_t)len, write(self->in, self->buf, len));
		ASSERT_EQ((ssize_t)len, read(self->out, back, sizeof(back)));
		EXPECT_EQ(0, memcmp(self->buf, back, len));
	}
}

TEST_F(chardev_queue, zero_length_does_nothing)
{
	EXPECT_EQ(0, write(self->in, self->buf, 0));
	EXPECT_EQ(0, read(self->out, self->buf, 0));
	EXPECT_EQ(0, attribute("used"));
}

TEST_F(chardev_queue, memory_is_bounded)
{
	EXPECT_EQ(self->size, fill(self->in));
	EXPECT_EQ(self->size, attribute("used"));
	ASSERT_EQ(0, fcntl(self->in, F_SETFL, O_NONBLOCK));
	EXPECT_EQ(-1, write(self->in, "x", 1));
	EXPECT_EQ(EAGAIN, errno);
}

TEST_F(chardev_queue, write_waits_for_room)
{
	pid_t pid;

	fill(self->in);
	pid = start_writer(self->in, "x", 1);
	ASSERT_TRUE(sleeps(pid));
	ASSERT_EQ(1, read(self->out, self->buf, 1));
	EXPECT_EQ(0, end_of(pid));
	EXPECT_EQ(self->size, attribute("used"));
}

TEST_F(chardev_queue, writers_wait_for_what_they_need)
{
	pid_t large, small;

	fill(self->in);
	large = start_writer(self->in, self->buf, ATOMIC);
	ASSERT_TRUE(sleeps(large));
	small = start_writer(self->in, "x", 1);
	ASSERT_TRUE(sleeps(small));

	/* Too little for the first in the row, enough for the second. */
	ASSERT_EQ(1, read(self->out, self->buf, 1));
	EXPECT_EQ(0, end_of(small));
	EXPECT_EQ('S', state_of(large));
	ASSERT_EQ(ATOMIC, read(self->out, self->buf, ATOMIC));
	EXPECT_EQ(0, end_of(large));
}

TEST_F(chardev_queue, more_than_fits_goes_through)
{
	size_t len = 3 * self->size, got = 0;
	char *all = calloc(1, len);
	ssize_t part;
	pid_t pid;
	size_t i;

	ASSERT_NE(NULL, all);
	for (i = 0; i < len; i++)
		all[i] = i * 31 + i / 256;
	pid = start_writer(self->in, all, len);
	while (got < len) {
		part = read(self->out, self->buf, sizeof(self->buf));
		ASSERT_LT(0, part);
		ASSERT_EQ(0, memcmp(self->buf, all + got, part));
		got += part;
	}
	EXPECT_EQ(0, end_of(pid));
	free(all);
}

TEST_F(chardev_queue, small_writes_stay_whole)
{
	fill(self->in);
	ASSERT_EQ(10, read(self->out, self->buf, 10));
	ASSERT_EQ(0, fcntl(self->in, F_SETFL, O_NONBLOCK));
	EXPECT_EQ(-1, write(self->in, self->buf, 11));
	EXPECT_EQ(EAGAIN, errno);
	EXPECT_EQ(self->size - 10, attribute("used"));
	EXPECT_EQ(10, write(self->in, self->buf, ATOMIC + 1));
}

TEST_F(chardev_queue, signal_during_read_discloses_nothing)
{
	pid_t pid = child();
	size_t i;

	if (!pid) {
		memset(self->buf, 0x5a, sizeof(self->buf));
		catch_signal(SIGUSR1);
		if (read(self->out, self->buf, 100) >= 0 || errno != EINTR)
			_exit(1);
		for (i = 0; i < sizeof(self->buf); i++) {
			if (self->buf[i] != 0x5a)
				_exit(2);
		}
		_exit(0);
	}
	ASSERT_TRUE(sleeps(pid));
	kill(pid, SIGUSR1);
	EXPECT_EQ(0, end_of(pid));
	EXPECT_EQ(0, attribute("used"));
}

TEST_F(chardev_queue, signal_during_write_tells_what_was_put)
{
	pid_t pid = child();
	long room = self->size;
	char *all;

	if (!pid) {
		all = calloc(1, room + 100);
		catch_signal(SIGUSR1);
		_exit(write(self->in, all, room + 100) != room);
	}
	ASSERT_TRUE(sleeps(pid));
	kill(pid, SIGUSR1);
	EXPECT_EQ(0, end_of(pid));
	EXPECT_EQ(room, attribute("used"));
}

TEST_F(chardev_queue, killed_sleepers_leave_no_trace)
{
	pid_t reader = start_reader(self->in, self->out, self->buf, 1);
	pid_t writer;

	ASSERT_TRUE(sleeps(reader));
	kill(reader, SIGKILL);
	EXPECT_EQ(-SIGKILL, end_of(reader));

	fill(self->in);
	writer = start_writer(self->in, self->buf, 1);
	ASSERT_TRUE(sleeps(writer));
	kill(writer, SIGKILL);
	EXPECT_EQ(-SIGKILL, end_of(writer));
	EXPECT_EQ(self->size, attribute("used"));
}

TEST_F(chardev_queue, a_killed_reader_hands_its_turn_on)
{
	pid_t first = start_reader(self->in, self->out, self->buf, 1);
	pid_t second;

	ASSERT_TRUE(sleeps(first));
	second = start_reader(self->in, self->out, self->buf, 1);
	ASSERT_TRUE(sleeps(second));
	kill(first, SIGKILL);
	ASSERT_EQ(2, write(self->in, "ab", 2));
	EXPECT_EQ(1, end_of(second));
	end_of(first);
}

TEST_F(chardev_queue, what_one_reader_leaves_wakes_the_next)
{
	pid_t first = start_reader(self->in, self->out, self->buf, 1);
	pid_t second;

	ASSERT_TRUE(sleeps(first));
	second = start_reader(self->in, self->out, self->buf, 1);
	ASSERT_TRUE(sleeps(second));
	ASSERT_EQ(2, write(self->in, "ab", 2));
	EXPECT_EQ(1, end_of(first));
	EXPECT_EQ(1, end_of(second));
}

TEST_F(chardev_queue, bad_address_of_a_reader_loses_nothing)
{
	char *half = half_a_buffer();

	memset(self->buf, 'x', PAGE);
	ASSERT_EQ(PAGE, write(self->in, self->buf, PAGE));
	EXPECT_EQ(-1, read(self->out, half + PAGE, 100));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(PAGE, attribute("used"));

	/* What has arrived has left the queue, no more. */
	EXPECT_EQ(10, read(self->out, half + PAGE - 10, 100));
	EXPECT_EQ(PAGE - 10, attribute("used"));
	EXPECT_EQ(PAGE - 10, read(self->out, self->buf, sizeof(self->buf)));
}

TEST_F(chardev_queue, bad_address_of_a_writer_puts_what_is_good)
{
	char *half = half_a_buffer();

	EXPECT_EQ(-1, write(self->in, half + PAGE, 100));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(0, attribute("used"));
	half[PAGE - 1] = 'z';
	EXPECT_EQ(10, write(self->in, half + PAGE - 10, 100));
	ASSERT_EQ(10, read(self->out, self->buf, 100));
	EXPECT_EQ('z', self->buf[9]);
}

TEST_F(chardev_queue, errors_wake_nobody_up_for_nothing)
{
	pid_t pid = start_reader(self->in, self->out, self->buf, 1);
	char *half = half_a_buffer();

	ASSERT_TRUE(sleeps(pid));
	EXPECT_EQ(-1, write(self->in, half + PAGE, 1));
	EXPECT_EQ(0, write(self->in, half, 0));
	EXPECT_EQ('S', state_of(pid));
	ASSERT_EQ(1, write(self->in, half, 1));
	EXPECT_EQ(1, end_of(pid));
}

TEST_F(chardev_queue, end_is_told_once_to_each_reader)
{
	ASSERT_EQ(1, write(self->in, "a", 1));
	close(self->in);
	EXPECT_EQ(POLLIN, ready(self->nowait, POLLIN, 0));
	EXPECT_EQ(1, read(self->nowait, self->buf, 100));
	EXPECT_EQ(POLLIN, ready(self->nowait, POLLIN, 0));
	EXPECT_EQ(0, read(self->nowait, self->buf, 100));
	EXPECT_EQ(-1, read(self->nowait, self->buf, 100));
	EXPECT_EQ(EAGAIN, errno);
	EXPECT_EQ(0, ready(self->nowait, POLLIN, 0));
	EXPECT_EQ(0, read(self->out, self->buf, 100));
}

TEST_F(chardev_queue, end_comes_after_all_data_only)
{
	int later;

	close(self->in);
	/* Nothing was written: this is no end. */
	EXPECT_EQ(0, ready(self->out, POLLIN, 0));
	self->in = open(NODE, O_WRONLY);
	later = open(NODE, O_WRONLY);
	ASSERT_EQ(1, write(self->in, "a", 1));
	close(self->in);
	EXPECT_EQ(1, read(self->nowait, self->buf, 100));
	EXPECT_EQ(-1, read(self->nowait, self->buf, 100));
	EXPECT_EQ(EAGAIN, errno);
	close(later);
	EXPECT_EQ(0, read(self->nowait, self->buf, 100));
}

TEST_F(chardev_queue, end_wakes_all_readers)
{
	pid_t pid;

	ASSERT_EQ(1, write(self->in, "a", 1));
	ASSERT_EQ(1, read(self->nowait, self->buf, 1));
	pid = start_reader(self->in, self->out, self->buf, 1);
	ASSERT_TRUE(sleeps(pid));
	EXPECT_EQ(-1, read(self->nowait, self->buf, 1));
	close(self->in);
	EXPECT_EQ(0, end_of(pid));
	EXPECT_EQ(0, read(self->nowait, self->buf, 1));
}

TEST_F(chardev_queue, end_is_no_news_to_who_comes_later)
{
	int later;

	ASSERT_EQ(1, write(self->in, "a", 1));
	close(self->in);
	ASSERT_EQ(1, read(self->out, self->buf, 1));
	later = open(NODE, O_RDONLY | O_NONBLOCK);
	EXPECT_EQ(-1, read(later, self->buf, 1));
	EXPECT_EQ(EAGAIN, errno);
	close(later);
}

TEST_F(chardev_queue, poll_tells_what_can_be_done)
{
	EXPECT_EQ(0, ready(self->out, POLLIN | POLLOUT, 0));
	EXPECT_EQ(POLLOUT, ready(self->in, POLLIN | POLLOUT, 0));
	ASSERT_EQ(1, write(self->in, "a", 1));
	EXPECT_EQ(POLLIN, ready(self->out, POLLIN | POLLOUT, 0));
	fill(self->in);
	EXPECT_EQ(0, ready(self->in, POLLOUT, 0));

	/* Writable means that PIPE_BUF bytes fit. */
	ASSERT_EQ(ATOMIC - 1, read(self->out, self->buf, ATOMIC - 1));
	EXPECT_EQ(0, ready(self->in, POLLOUT, 0));
	ASSERT_EQ(1, read(self->out, self->buf, 1));
	EXPECT_EQ(POLLOUT, ready(self->in, POLLOUT, 0));
}

TEST_F(chardev_queue, poll_waits_and_is_woken)
{
	pid_t pid = child();

	if (!pid)
		_exit(ready(self->out, POLLIN, -1) != POLLIN);
	ASSERT_TRUE(sleeps(pid));
	ASSERT_EQ(1, write(self->in, "a", 1));
	EXPECT_EQ(0, end_of(pid));

	fill(self->in);
	pid = child();
	if (!pid)
		_exit(ready(self->in, POLLOUT, -1) != POLLOUT);
	ASSERT_TRUE(sleeps(pid));
	ASSERT_EQ(ATOMIC, read(self->out, self->buf, ATOMIC));
	EXPECT_EQ(0, end_of(pid));
}

TEST_F(chardev_queue, epoll_by_level)
{
	struct epoll_event event = { .events = EPOLLIN };
	int epoll = epoll_create1(0);

	ASSERT_EQ(0, epoll_ctl(epoll, EPOLL_CTL_ADD, self->out, &event));
	EXPECT_EQ(0, epoll_wait(epoll, &event, 1, 0));
	ASSERT_EQ(2, write(self->in, "ab", 2));
	EXPECT_EQ(1, epoll_wait(epoll, &event, 1, 0));
	ASSERT_EQ(1, read(self->out, self->buf, 1));
	EXPECT_EQ(1, epoll_wait(epoll, &event, 1, 0));
	ASSERT_EQ(1, read(self->out, self->buf, 1));
	EXPECT_EQ(0, epoll_wait(epoll, &event, 1, 0));
	close(epoll);
}

TEST_F(chardev_queue, epoll_by_edge)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLET };
	int epoll = epoll_create1(0);

	ASSERT_EQ(0, epoll_ctl(epoll, EPOLL_CTL_ADD, self->out, &event));
	ASSERT_EQ(1, write(self->in, "a", 1));
	EXPECT_EQ(1, epoll_wait(epoll, &event, 1, 0));
	EXPECT_EQ(0, epoll_wait(epoll, &event, 1, 0));
	/* More of it is news, although it has been readable all the time. */
	ASSERT_EQ(1, write(self->in, "b", 1));
	EXPECT_EQ(1, epoll_wait(epoll, &event, 1, 0));
	ASSERT_EQ(1, read(self->out, self->buf, 1));
	EXPECT_EQ(0, epoll_wait(epoll, &event, 1, 0));
	close(epoll);
}

struct waiter {
	pthread_t thread;
	int queue;
	int stop;
	pid_t tid;
	bool told;
};

/* An exclusive waiter with an epoll file of its own, until it is stopped. */
static void *wait_exclusively(void *data)
{
	struct epoll_event of_queue = { .events = EPOLLIN | EPOLLEXCLUSIVE };
	struct epoll_event of_stop = { .events = EPOLLIN, .data.u32 = 1 };
	struct waiter *waiter = data;
	int epoll = epoll_create1(0);
	struct epoll_event event;

	epoll_ctl(epoll, EPOLL_CTL_ADD, waiter->queue, &of_queue);
	epoll_ctl(epoll, EPOLL_CTL_ADD, waiter->stop, &of_stop);
	__atomic_store_n(&waiter->tid, syscall(SYS_gettid), __ATOMIC_RELEASE);
	while (epoll_wait(epoll, &event, 1, -1) == 1 && !event.data.u32) {
		waiter->told = true;
		epoll_ctl(epoll, EPOLL_CTL_DEL, waiter->queue, NULL);
	}
	close(epoll);
	return NULL;
}

TEST_F(chardev_queue, one_byte_wakes_one_exclusive_waiter)
{
	struct waiter waiters[WAITERS] = {};
	int stop = eventfd(0, 0), told = 0, i;

	for (i = 0; i < WAITERS; i++) {
		waiters[i].queue = self->out;
		waiters[i].stop = stop;
		ASSERT_EQ(0, pthread_create(&waiters[i].thread, NULL,
					    wait_exclusively, &waiters[i]));
		while (!__atomic_load_n(&waiters[i].tid, __ATOMIC_ACQUIRE))
			sched_yield();
		ASSERT_TRUE(sleeps(waiters[i].tid));
	}
	ASSERT_EQ(1, write(self->in, "a", 1));
	ASSERT_EQ(0, eventfd_write(stop, 1));
	for (i = 0; i < WAITERS; i++) {
		pthread_join(waiters[i].thread, NULL);
		told += waiters[i].told;
	}
	EXPECT_EQ(1, told);
	close(stop);
}

/* A signal with the file and what can be done, if it comes in time. */
static int signal_band(int signal, int *fd)
{
	struct timespec bound = { .tv_sec = BOUND_MS / 1000 };
	siginfo_t info;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, signal);
	if (sigtimedwait(&set, &info, &bound) != signal)
		return -errno;
	*fd = info.si_fd;
	return info.si_band;
}

static int ask_for_signals(int fd, int signal)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, signal);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return fcntl(fd, F_SETOWN, getpid()) || fcntl(fd, F_SETSIG, signal) ||
	       fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_ASYNC);
}

TEST_F(chardev_queue, signal_when_there_is_something)
{
	int fd = -1;

	ASSERT_EQ(0, ask_for_signals(self->out, SIGRTMIN));
	ASSERT_EQ(1, write(self->in, "a", 1));
	EXPECT_TRUE(signal_band(SIGRTMIN, &fd) & POLLIN);
	EXPECT_EQ(self->out, fd);
	ASSERT_EQ(1, read(self->out, self->buf, 1));
	close(self->in);
	EXPECT_TRUE(signal_band(SIGRTMIN, &fd) & POLLIN);
}

TEST_F(chardev_queue, signal_when_there_is_room)
{
	int fd = -1;

	fill(self->in);
	ASSERT_EQ(0, ask_for_signals(self->in, SIGRTMIN));
	ASSERT_EQ(ATOMIC, read(self->out, self->buf, ATOMIC));
	EXPECT_TRUE(signal_band(SIGRTMIN, &fd) & POLLOUT);
	EXPECT_EQ(self->in, fd);
}

TEST_F(chardev_queue, delay_is_kept_between_reads)
{
	long before, read_at;
	int i;

	ASSERT_EQ(0, set_attribute("delay_ms", "100"));
	before = now_ms();
	ASSERT_EQ(9, write(self->in, "abcdefghi", 9));
	for (i = 0; i < 3; i++) {
		EXPECT_EQ(-1, read(self->nowait, self->buf, 3));
		EXPECT_EQ(POLLIN, ready(self->out, POLLIN, BOUND_MS));
		read_at = now_ms();
		ASSERT_EQ(3, read(self->out, self->buf, 3));
		EXPECT_LE(99, read_at - before);
		before = read_at;
	}
}

/* Two wait, one gets all: the other one is told that there will be no more. */
TEST_F(chardev_queue, end_after_a_delay_wakes_all_readers)
{
	static const char * const delays[] = { "1", "0" };
	size_t i;

	close(self->in);
	ASSERT_EQ(0, fcntl(self->nowait, F_SETFL, 0));
	for (i = 0; i < 2; i++) {
		int in = open(NODE, O_WRONLY | O_CLOEXEC);
		pid_t first, second;

		ASSERT_EQ(0, set_attribute("delay_ms", "60000"));
		first = start_reader(in, self->out, self->buf, 100);
		second = start_reader(in, self->nowait, self->buf, 100);
		ASSERT_TRUE(sleeps(first));
		ASSERT_TRUE(sleeps(second));
		ASSERT_EQ(3, write(in, "abc", 3));
		close(in);
		/* Both have been woken for nothing. */
		ASSERT_TRUE(sleeps(first));
		ASSERT_TRUE(sleeps(second));
		ASSERT_EQ(0, set_attribute("delay_ms", delays[i]));
		EXPECT_EQ(3, end_of(first) + end_of(second));
	}
}

TEST_F(chardev_queue, poll_never_sleeps_for_the_delay)
{
	long before = now_ms();

	ASSERT_EQ(0, set_attribute("delay_ms", "60000"));
	ASSERT_EQ(1, write(self->in, "a", 1));
	EXPECT_EQ(0, ready(self->out, POLLIN, 0));
	EXPECT_GT(60000, now_ms() - before);
	ASSERT_EQ(0, set_attribute("delay_ms", "0"));
	EXPECT_EQ(POLLIN, ready(self->out, POLLIN, BOUND_MS));
}

TEST_F(chardev_queue, control_operations)
{
	int len = -1;

	ASSERT_EQ(0, ioctl(self->out, FIONREAD, &len));
	EXPECT_EQ(0, len);
	ASSERT_EQ(5, write(self->in, "abcde", 5));
	ASSERT_EQ(0, ioctl(self->out, FIONREAD, &len));
	EXPECT_EQ(5, len);
	EXPECT_EQ(-1, ioctl(self->out, FIONREAD, NULL));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(-1, ioctl(self->out, STRANGER, &len));
	EXPECT_EQ(ENOTTY, errno);
}

TEST_F(chardev_queue, there_is_no_position)
{
	EXPECT_EQ(-1, lseek(self->out, 0, SEEK_SET));
	EXPECT_EQ(ESPIPE, errno);
	EXPECT_EQ(-1, pread(self->out, self->buf, 1, 0));
	EXPECT_EQ(ESPIPE, errno);
	EXPECT_EQ(-1, pwrite(self->in, self->buf, 1, 0));
	EXPECT_EQ(ESPIPE, errno);
}

TEST_F(chardev_queue, open_mode_decides_who_may)
{
	EXPECT_EQ(-1, write(self->out, "a", 1));
	EXPECT_EQ(EBADF, errno);
	EXPECT_EQ(-1, read(self->in, self->buf, 1));
	EXPECT_EQ(EBADF, errno);
}

TEST_F(chardev_queue, statistics_count)
{
	long in = attribute("statistics/in_bytes");
	long out = attribute("statistics/out_calls");
	long waits = attribute("statistics/out_waits");
	pid_t pid = start_reader(self->in, self->out, self->buf, 100);

	ASSERT_TRUE(sleeps(pid));
	ASSERT_EQ(5, write(self->in, "abcde", 5));
	ASSERT_EQ(5, end_of(pid));
	EXPECT_EQ(in + 5, attribute("statistics/in_bytes"));
	EXPECT_EQ(out + 1, attribute("statistics/out_calls"));
	EXPECT_EQ(waits + 1, attribute("statistics/out_waits"));
}

TEST_F(chardev_queue, mode_stays_while_in_use)
{
	EXPECT_EQ(EBUSY, set_attribute("mode", "records"));
	ASSERT_EQ(1, write(self->in, "a", 1));
	close(self->in);
	close(self->out);
	close(self->nowait);
	EXPECT_EQ(EBUSY, set_attribute("mode", "records"));
	EXPECT_EQ(EINVAL, set_attribute("mode", "words"));
	EXPECT_EQ(EINVAL, set_attribute("delay_ms", "soon"));
	EXPECT_EQ(ERANGE, set_attribute("delay_ms", "60001"));
	self->out = open(NODE, O_RDONLY);
}

TEST_HARNESS_MAIN
