// SPDX-License-Identifier: GPL-2.0-only
/*
 * Many processes that open, read, write, poll and so on at random, and are
 * killed wherever they are; meanwhile somebody tries to unload the module. What
 * is asked: that the memory keeps its bound, that the module stays, and that
 * the queue works afterwards.
 */
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/syscall.h>

#include "chardev_queue.h"
#include "../kselftest.h"

#define MODULE		"klab_chardev_queue"
#define OTHER		"/dev/klab-queue1"
#define PROCESSES	64
#define SECONDS		10
#define LARGEST		9000	/* more than the queue has room for */

static char buf[2 * LARGEST];

static int open_any(unsigned int dice)
{
	static const int modes[] = { O_RDONLY, O_WRONLY, O_RDWR };

	return open(dice & 1 ? NODE : OTHER,
		    modes[dice / 2 % 3] | (dice & 64 ? O_NONBLOCK : 0));
}

static void poll_twice(int fd)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLOUT };
	int epoll = epoll_create1(0);

	ready(fd, POLLIN | POLLOUT, 1);
	epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
	epoll_wait(epoll, &event, 1, 1);
	close(epoll);
}

static void splice_some(int fd, size_t len)
{
	int ends[2];

	if (pipe(ends))
		return;
	splice(fd, NULL, ends[1], NULL, len, SPLICE_F_NONBLOCK);
	splice(ends[0], NULL, fd, NULL, len, SPLICE_F_NONBLOCK);
	close(ends[0]);
	close(ends[1]);
}

static void do_any(int fd, unsigned int dice, size_t len)
{
	int value;

	switch (dice % 8) {
	case 0:
	case 1:
		(void)!read(fd, buf, len);
		break;
	case 2:
	case 3:
		(void)!write(fd, buf, len);
		break;
	case 4:
		poll_twice(fd);
		break;
	case 5:
		ioctl(fd, dice & 8 ? FIONREAD : dice, &value);
		break;
	case 6:
		splice_some(fd, len);
		break;
	case 7:
		(void)!read(fd, (void *)8, len);
		fcntl(fd, F_SETOWN, getpid());
		fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) ^ O_ASYNC);
		break;
	}
}

static void misbehave(unsigned int seed)
{
	unsigned int i;
	int fd;

	signal(SIGIO, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	for (;;) {
		fd = open_any(rand_r(&seed));
		for (i = rand_r(&seed) % 16; fd >= 0 && i; i--)
			do_any(fd, rand_r(&seed), rand_r(&seed) % LARGEST);
		close(fd);
	}
}

static pid_t start(unsigned int seed)
{
	pid_t pid = child();

	if (!pid)
		misbehave(seed);
	return pid;
}

/* Somebody has a node open, so this must be refused. */
static bool unload_is_refused(void)
{
	return syscall(SYS_delete_module, MODULE, O_NONBLOCK) &&
	       errno == EWOULDBLOCK;
}

static bool bound_is_kept(void)
{
	return attribute("used") <= attribute("size");
}

static bool works_still(void)
{
	char back[4] = "";
	int fd;

	if (empty_queue("bytes"))
		return false;
	fd = open(NODE, O_RDWR);
	if (fd < 0 || write(fd, "abc", 3) != 3 || read(fd, back, 4) != 3)
		return false;
	close(fd);
	return !strcmp(back, "abc");
}

int main(void)
{
	bool refused = true, bound = true, started = true;
	int keep = open(NODE, O_RDONLY | O_CLOEXEC);
	long end = now_ms() + SECONDS * 1000;
	unsigned int seed = getpid(), i;
	pid_t pids[PROCESSES];

	ksft_print_header();
	ksft_set_plan(4);
	ksft_print_msg("seed %u\n", seed);
	for (i = 0; i < PROCESSES; i++) {
		pids[i] = start(seed + i);
		started &= pids[i] > 0;
	}
	while (started && now_ms() < end) {
		i = rand_r(&seed) % PROCESSES;
		kill(pids[i], SIGKILL);
		end_of(pids[i]);
		pids[i] = start(rand_r(&seed));
		started = pids[i] > 0;
		refused &= unload_is_refused();
		bound &= bound_is_kept();
	}
	for (i = 0; i < PROCESSES; i++) {
		kill(pids[i], SIGKILL);
		end_of(pids[i]);
	}
	close(keep);

	ksft_test_result(started, "chardev_queue_stress.processes_run\n");
	ksft_test_result(refused, "chardev_queue_stress.unload_is_refused\n");
	ksft_test_result(bound, "chardev_queue_stress.memory_keeps_its_bound\n");
	ksft_test_result(works_still(), "chardev_queue_stress.works_still\n");
	ksft_finished();
}
