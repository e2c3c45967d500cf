// SPDX-License-Identifier: GPL-2.0-only
/*
 * Open policies as programs meet them: many that open at once, who wait, are
 * interrupted, stopped or killed. The module is loaded with one device for each
 * policy, and klab_chardev_register with misc devices.
 */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/stat.h>

#include "chardev.h"
#include "../kselftest_harness.h"

#define OPENERS		8
#define ROUNDS		100
#define WAITERS		6

enum policy { NONE, EXCLUSIVE, INSTANCE, WAIT, TIMEOUT, POLICIES };

static const char * const names[POLICIES] = {
	"none", "exclusive", "instance", "wait", "timeout",
};

static void path_of(char *path, size_t size, int device, const char *name)
{
	if (name)
		snprintf(path, size, "/sys/class/klab-policy/klab-policy%d/%s",
			 device, name);
	else
		snprintf(path, size, "/dev/klab-policy%d", device);
}

static int open_device(int device, int flags)
{
	char path[64];

	path_of(path, sizeof(path), device, NULL);
	return open(path, O_RDWR | O_CLOEXEC | flags);
}

static long attribute(int device, const char *name)
{
	char path[128], buf[32];

	path_of(path, sizeof(path), device, name);
	return text_of(path, buf, sizeof(buf)) ? -1 : atol(buf);
}

/* Returns 0 or an errno. */
static int set_attribute(int device, const char *name, const char *value)
{
	char path[128];
	int fd, err = 0;

	path_of(path, sizeof(path), device, name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return errno;
	if (write(fd, value, strlen(value)) < 0)
		err = errno;
	close(fd);
	return err;
}

/* The length of a line cannot be waited for: look again, up to a bound. */
static bool line_is(int device, long length)
{
	long end = now_ms() + BOUND_MS;

	while (attribute(device, "waiting") != length) {
		if (now_ms() > end)
			return false;
		poll(NULL, 0, 2);
	}
	return true;
}

static void *shared_page(void)
{
	void *page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
			  MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (page == MAP_FAILED)
		exit(1);
	return page;
}

/* A child that opens once and ends with 0 or an errno. */
static pid_t start_opener(int device, int keep)
{
	pid_t pid = child();
	int fd;

	if (pid)
		return pid;
	close(keep);
	fd = open_device(device, 0);
	_exit(fd < 0 ? errno : 0);
}

FIXTURE(chardev_policy)
{
	int fd;
};

FIXTURE_SETUP(chardev_policy)
{
	int i;

	self->fd = -1;
	for (i = 0; i < POLICIES; i++)
		ASSERT_EQ(0, set_attribute(i, "policy", names[i]));
	ASSERT_EQ(0, set_attribute(TIMEOUT, "timeout_ms", "60000"));
}

FIXTURE_TEARDOWN(chardev_policy)
{
	close(self->fd);
}

/**
 * struct crowd - what openers have seen
 * @inside: how many are inside
 * @overlaps: how often somebody was not alone
 * @entered: how often somebody was let in
 * @strange: errors but for those there should be
 */
struct crowd {
	atomic_int inside;
	atomic_int overlaps;
	atomic_int entered;
	atomic_int strange;
};

static void crowd_in(struct crowd *crowd, int device, int allowed)
{
	int i, fd;

	for (i = 0; i < ROUNDS; i++) {
		fd = open_device(device, 0);
		if (fd < 0) {
			crowd->strange += errno != allowed;
			continue;
		}
		if (++crowd->inside > 1)
			crowd->overlaps++;
		crowd->entered++;
		if (i % 8 == 0)
			sched_yield();
		crowd->inside--;
		close(fd);
	}
	_exit(0);
}

static struct crowd *send_crowd(int device, int allowed)
{
	struct crowd *crowd = shared_page();
	pid_t pids[OPENERS];
	int i;

	for (i = 0; i < OPENERS; i++) {
		pids[i] = child();
		if (!pids[i])
			crowd_in(crowd, device, allowed);
	}
	for (i = 0; i < OPENERS; i++)
		crowd->strange += end_of(pids[i]) != 0;
	return crowd;
}

/* A count that is looked at first and then raised lets two in. */
TEST_F(chardev_policy, openers_at_once_never_overlap)
{
	struct crowd *crowd = send_crowd(EXCLUSIVE, EBUSY);

	EXPECT_EQ(0, crowd->overlaps);
	EXPECT_EQ(0, crowd->strange);
	EXPECT_LT(0, crowd->entered);
	EXPECT_EQ(0, attribute(EXCLUSIVE, "inside"));
}

TEST_F(chardev_policy, everybody_who_waits_gets_in)
{
	struct crowd *crowd = send_crowd(WAIT, 0);

	EXPECT_EQ(0, crowd->overlaps);
	EXPECT_EQ(0, crowd->strange);
	EXPECT_EQ(OPENERS * ROUNDS, crowd->entered);
	EXPECT_EQ(0, attribute(WAIT, "inside"));
}

TEST_F(chardev_policy, everybody_with_time_enough_gets_in)
{
	struct crowd *crowd = send_crowd(TIMEOUT, 0);

	EXPECT_EQ(0, crowd->overlaps);
	EXPECT_EQ(0, crowd->strange);
	EXPECT_EQ(OPENERS * ROUNDS, crowd->entered);
}

/* One count for all devices would refuse the second. */
TEST_F(chardev_policy, each_device_counts_for_itself)
{
	int other;

	ASSERT_EQ(0, set_attribute(NONE, "policy", "exclusive"));
	self->fd = open_device(EXCLUSIVE, 0);
	ASSERT_LE(0, self->fd);
	other = open_device(NONE, 0);
	EXPECT_LE(0, other);
	EXPECT_GT(0, open_device(NONE, 0));
	EXPECT_EQ(EBUSY, errno);
	close(other);
}

TEST_F(chardev_policy, waits_until_free)
{
	pid_t pid;

	self->fd = open_device(WAIT, 0);
	ASSERT_LE(0, self->fd);
	pid = start_opener(WAIT, self->fd);
	ASSERT_TRUE(line_is(WAIT, 1));
	ASSERT_TRUE(sleeps(pid));
	close(self->fd);
	EXPECT_EQ(0, end_of(pid));
	EXPECT_EQ(0, attribute(WAIT, "inside"));
}

/* Each writes who it is while it is inside. */
static pid_t start_numbered(int device, int keep, int out, char number)
{
	pid_t pid = child();

	if (pid)
		return pid;
	close(keep);
	if (open_device(device, 0) < 0)
		_exit(errno);
	_exit(write(out, &number, 1) != 1);
}

TEST_F(chardev_policy, nobody_starves)
{
	static const int devices[] = { WAIT, TIMEOUT };
	char order[WAITERS + 1] = "";
	pid_t pids[WAITERS];
	unsigned int d;
	int ends[2], i;

	ASSERT_EQ(0, pipe(ends));
	for (d = 0; d < 2; d++) {
		self->fd = open_device(devices[d], 0);
		ASSERT_LE(0, self->fd);
		for (i = 0; i < WAITERS; i++) {
			pids[i] = start_numbered(devices[d], self->fd, ends[1],
						 'a' + i);
			ASSERT_TRUE(line_is(devices[d], i + 1));
		}
		close(self->fd);
		for (i = 0; i < WAITERS; i++)
			EXPECT_EQ(0, end_of(pids[i]));
		ASSERT_EQ(WAITERS, read(ends[0], order, sizeof(order)));
		EXPECT_STREQ("abcdef", order);
	}
}

TEST_F(chardev_policy, who_does_not_wait_is_told)
{
	int fd;

	self->fd = open_device(WAIT, O_NONBLOCK);
	ASSERT_LE(0, self->fd);
	EXPECT_GT(0, open_device(WAIT, O_NONBLOCK));
	EXPECT_EQ(EAGAIN, errno);
	fd = open_device(TIMEOUT, 0);
	ASSERT_LE(0, fd);
	EXPECT_GT(0, open_device(TIMEOUT, O_NONBLOCK));
	EXPECT_EQ(EAGAIN, errno);
	close(fd);
	fd = open_device(EXCLUSIVE, 0);
	ASSERT_LE(0, fd);
	EXPECT_GT(0, open_device(EXCLUSIVE, O_NONBLOCK));
	EXPECT_EQ(EBUSY, errno);
	close(fd);
}

TEST_F(chardev_policy, time_is_over)
{
	long begin;

	ASSERT_EQ(0, set_attribute(TIMEOUT, "timeout_ms", "50"));
	self->fd = open_device(TIMEOUT, 0);
	ASSERT_LE(0, self->fd);
	begin = now_ms();
	EXPECT_GT(0, open_device(TIMEOUT, 0));
	EXPECT_EQ(ETIMEDOUT, errno);
	EXPECT_LE(50, now_ms() - begin);
	EXPECT_EQ(0, attribute(TIMEOUT, "waiting"));
}

TEST_F(chardev_policy, free_before_time_is_over)
{
	pid_t pid;

	self->fd = open_device(TIMEOUT, 0);
	ASSERT_LE(0, self->fd);
	pid = start_opener(TIMEOUT, self->fd);
	ASSERT_TRUE(line_is(TIMEOUT, 1));
	close(self->fd);
	EXPECT_EQ(0, end_of(pid));
}

static void no_action(int signal)
{
}

/* A child that handles SIGUSR1 and opens; ends with 0 or an errno. */
static pid_t start_handling(int device, int keep, int flags)
{
	struct sigaction action = {
		.sa_handler = no_action,
		.sa_flags = flags,
	};
	pid_t pid;

	/* Before it can be sent. */
	sigaction(SIGUSR1, &action, NULL);
	pid = start_opener(device, keep);
	signal(SIGUSR1, SIG_DFL);
	return pid;
}

TEST_F(chardev_policy, signal_ends_the_wait)
{
	pid_t pid;

	self->fd = open_device(WAIT, 0);
	ASSERT_LE(0, self->fd);
	pid = start_handling(WAIT, self->fd, 0);
	ASSERT_TRUE(line_is(WAIT, 1));
	kill(pid, SIGUSR1);
	EXPECT_EQ(EINTR, end_of(pid));
	EXPECT_EQ(0, attribute(WAIT, "waiting"));
}

/* With SA_RESTART the program knows nothing of it, and waits again. */
TEST_F(chardev_policy, wait_goes_on_after_a_signal)
{
	long before = attribute(WAIT, "statistics/interrupted"), end;
	pid_t pid;

	self->fd = open_device(WAIT, 0);
	ASSERT_LE(0, self->fd);
	pid = start_handling(WAIT, self->fd, SA_RESTART);
	ASSERT_TRUE(line_is(WAIT, 1));
	kill(pid, SIGUSR1);
	end = now_ms() + BOUND_MS;
	while (attribute(WAIT, "statistics/interrupted") == before &&
	       now_ms() < end)
		poll(NULL, 0, 2);
	EXPECT_EQ(before + 1, attribute(WAIT, "statistics/interrupted"));
	ASSERT_TRUE(line_is(WAIT, 1));
	close(self->fd);
	EXPECT_EQ(0, end_of(pid));
}

/* It would have all its time again, and again. */
TEST_F(chardev_policy, wait_with_a_time_is_not_started_again)
{
	pid_t pid;

	self->fd = open_device(TIMEOUT, 0);
	ASSERT_LE(0, self->fd);
	pid = start_handling(TIMEOUT, self->fd, SA_RESTART);
	ASSERT_TRUE(line_is(TIMEOUT, 1));
	kill(pid, SIGUSR1);
	EXPECT_EQ(EINTR, end_of(pid));
}

TEST_F(chardev_policy, killed_waiter_stops_nobody)
{
	pid_t first, second;

	self->fd = open_device(WAIT, 0);
	ASSERT_LE(0, self->fd);
	first = start_opener(WAIT, self->fd);
	ASSERT_TRUE(line_is(WAIT, 1));
	second = start_opener(WAIT, self->fd);
	ASSERT_TRUE(line_is(WAIT, 2));
	kill(first, SIGKILL);
	EXPECT_EQ(-SIGKILL, end_of(first));
	EXPECT_EQ(1, attribute(WAIT, "waiting"));
	close(self->fd);
	EXPECT_EQ(0, end_of(second));
}

TEST_F(chardev_policy, killed_holder_hands_over)
{
	pid_t holder, waiter;

	holder = child();
	if (!holder) {
		if (open_device(WAIT, 0) >= 0)
			pause();
		_exit(1);
	}
	while (attribute(WAIT, "inside") != 1)
		poll(NULL, 0, 2);
	waiter = start_opener(WAIT, -1);
	ASSERT_TRUE(line_is(WAIT, 1));
	kill(holder, SIGKILL);
	EXPECT_EQ(-SIGKILL, end_of(holder));
	EXPECT_EQ(0, end_of(waiter));
}

/* Who is stopped does not keep the others from it. */
TEST_F(chardev_policy, stopped_waiter_stops_nobody)
{
	pid_t first, second;

	self->fd = open_device(WAIT, 0);
	ASSERT_LE(0, self->fd);
	first = start_opener(WAIT, self->fd);
	ASSERT_TRUE(line_is(WAIT, 1));
	second = start_opener(WAIT, self->fd);
	ASSERT_TRUE(line_is(WAIT, 2));
	kill(first, SIGSTOP);
	ASSERT_EQ(first, waitpid(first, NULL, WUNTRACED));
	EXPECT_EQ(1, attribute(WAIT, "waiting"));
	close(self->fd);
	EXPECT_EQ(0, end_of(second));
	kill(first, SIGCONT);
	EXPECT_EQ(0, end_of(first));
}

/* As after any signal, it would have all its time again. */
TEST_F(chardev_policy, stopped_waiter_with_a_time_is_interrupted)
{
	pid_t pid;

	self->fd = open_device(TIMEOUT, 0);
	ASSERT_LE(0, self->fd);
	pid = start_opener(TIMEOUT, self->fd);
	ASSERT_TRUE(line_is(TIMEOUT, 1));
	kill(pid, SIGSTOP);
	ASSERT_EQ(pid, waitpid(pid, NULL, WUNTRACED));
	EXPECT_EQ(0, attribute(TIMEOUT, "waiting"));
	kill(pid, SIGCONT);
	EXPECT_EQ(EINTR, end_of(pid));
}

TEST_F(chardev_policy, copies_of_a_descriptor_are_one_open)
{
	int copy;

	self->fd = open_device(EXCLUSIVE, 0);
	ASSERT_LE(0, self->fd);
	copy = dup(self->fd);
	ASSERT_LE(0, copy);
	EXPECT_EQ(1, attribute(EXCLUSIVE, "inside"));
	close(self->fd);
	EXPECT_GT(0, open_device(EXCLUSIVE, 0));
	EXPECT_EQ(EBUSY, errno);
	close(copy);
	self->fd = open_device(EXCLUSIVE, 0);
	EXPECT_LE(0, self->fd);
}

TEST_F(chardev_policy, descriptors_of_a_fork_are_one_open)
{
	pid_t pid;

	self->fd = open_device(EXCLUSIVE, 0);
	ASSERT_LE(0, self->fd);
	pid = child();
	if (!pid) {
		pause();
		_exit(1);
	}
	EXPECT_EQ(1, attribute(EXCLUSIVE, "inside"));
	close(self->fd);
	EXPECT_GT(0, open_device(EXCLUSIVE, 0));
	EXPECT_EQ(EBUSY, errno);
	kill(pid, SIGKILL);
	end_of(pid);
	self->fd = open_device(EXCLUSIVE, 0);
	EXPECT_LE(0, self->fd);
}

TEST_F(chardev_policy, a_path_is_no_open)
{
	int path;

	self->fd = open_device(EXCLUSIVE, 0);
	ASSERT_LE(0, self->fd);
	path = open("/dev/klab-policy1", O_PATH | O_CLOEXEC);
	EXPECT_LE(0, path);
	EXPECT_EQ(1, attribute(EXCLUSIVE, "inside"));
	close(path);
}

/* In particular not with the lock that all misc devices share. */
TEST_F(chardev_policy, who_waits_keeps_nobody_else_waiting)
{
	int other, misc;
	pid_t pid;

	self->fd = open_device(WAIT, 0);
	ASSERT_LE(0, self->fd);
	pid = start_opener(WAIT, self->fd);
	ASSERT_TRUE(line_is(WAIT, 1));
	ASSERT_TRUE(sleeps(pid));
	other = open_device(TIMEOUT, 0);
	EXPECT_LE(0, other);
	misc = open("/dev/klab-register0", O_RDONLY | O_CLOEXEC);
	EXPECT_LE(0, misc);
	/* Nor with that of the directory it lies in. */
	EXPECT_EQ(0, mknod("/dev/klab-node-of-test", S_IFREG | 0600, 0));
	EXPECT_EQ(0, unlink("/dev/klab-node-of-test"));
	close(misc);
	close(other);
	close(self->fd);
	EXPECT_EQ(0, end_of(pid));
}

TEST_F(chardev_policy, policy_stays_while_in_use)
{
	self->fd = open_device(WAIT, 0);
	ASSERT_LE(0, self->fd);
	EXPECT_EQ(EBUSY, set_attribute(WAIT, "policy", "none"));
	close(self->fd);
	EXPECT_EQ(0, set_attribute(WAIT, "policy", "none"));
}

TEST_F(chardev_policy, bad_attributes_change_nothing)
{
	EXPECT_EQ(EINVAL, set_attribute(WAIT, "policy", "first come"));
	EXPECT_EQ(EINVAL, set_attribute(WAIT, "policy", "\n"));
	EXPECT_EQ(ERANGE, set_attribute(TIMEOUT, "timeout_ms", "0"));
	EXPECT_EQ(ERANGE, set_attribute(TIMEOUT, "timeout_ms", "60001"));
	EXPECT_EQ(EINVAL, set_attribute(TIMEOUT, "timeout_ms", "-1"));
	EXPECT_EQ(EINVAL, set_attribute(TIMEOUT, "timeout_ms", "soon"));
	EXPECT_EQ(60000, attribute(TIMEOUT, "timeout_ms"));
}

TEST_F(chardev_policy, statistics_count)
{
	long opened = attribute(EXCLUSIVE, "statistics/opened");
	long refused = attribute(EXCLUSIVE, "statistics/refused");

	self->fd = open_device(EXCLUSIVE, 0);
	ASSERT_LE(0, self->fd);
	EXPECT_GT(0, open_device(EXCLUSIVE, 0));
	EXPECT_EQ(opened + 1, attribute(EXCLUSIVE, "statistics/opened"));
	EXPECT_EQ(refused + 1, attribute(EXCLUSIVE, "statistics/refused"));
	EXPECT_EQ(0, attribute(EXCLUSIVE, "statistics/waited"));
}

/* Two that share a descriptor share its position and its text. */
static void *read_some(void *fd)
{
	char buf[4];
	long sum = 0;
	ssize_t len;

	while ((len = read(*(int *)fd, buf, sizeof(buf))) > 0)
		sum += len;
	return (void *)sum;
}

TEST_F(chardev_policy, threads_share_the_position)
{
	char text[256];
	pthread_t threads[2];
	void *sums[2];
	int i;

	memset(text, 'x', sizeof(text));
	self->fd = open_device(INSTANCE, 0);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(sizeof(text), write(self->fd, text, sizeof(text)));
	for (i = 0; i < 2; i++)
		ASSERT_EQ(0, pthread_create(&threads[i], NULL, read_some,
					    &self->fd));
	for (i = 0; i < 2; i++)
		pthread_join(threads[i], &sums[i]);
	/* No byte twice, none left out: all of the text and the newline. */
	EXPECT_EQ(sizeof(text) + 1, (long)sums[0] + (long)sums[1]);
}

TEST_HARNESS_MAIN
