// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who waits for a value of the regulator is woken when it has changed, and only
 * then: in /proc and in /sys, by poll, select and epoll, and never too late.
 */
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/select.h>

#include "attr_nodes.h"
#include "../kselftest.h"

#define PROC		"/proc/klab-regulator/"
#define SYS		"/sys/class/klab-regulator/klab-regulator/"
#define NEWS		(POLLPRI | POLLERR)
#define WAITERS		8

static char text[4096];

/* Opened and read: from now on something is news. */
static int open_read(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || read_again(fd, text, sizeof(text)))
		ksft_exit_fail_msg("%s cannot be read\n", path);
	return fd;
}

static bool news(int fd)
{
	return (ready(fd, POLLPRI, 0) & NEWS) == NEWS;
}

/* Each value is one that was not there before. */
static int disturb(void)
{
	static unsigned int value;

	snprintf(text, sizeof(text), "%u", ++value % 1000000);
	return put_text(PROC "value", text);
}

/* News until it is read, and not for another file. */
static bool told_until_read(const char *dir)
{
	char path[128];
	int fd, other;
	bool good;

	snprintf(path, sizeof(path), "%svalue", dir);
	fd = open_read(path);
	snprintf(path, sizeof(path), "%starget", dir);
	other = open_read(path);
	good = !news(fd) && !disturb() && news(fd) && news(fd) && !news(other);
	read_again(fd, text, sizeof(text));
	good &= !news(fd);
	close(fd);
	close(other);
	return good;
}

/* What is written once more changes nothing. */
static bool same_is_no_news(const char *dir)
{
	char path[128];
	bool good;
	int fd;

	snprintf(path, sizeof(path), "%starget", dir);
	put_text(path, "3.5");
	fd = open_read(path);
	good = !put_text(path, "3.500") && !news(fd) &&
	       put_text(path, "x") == EINVAL &&
	       put_text(path, "1000001") == ERANGE && !news(fd);
	put_text(path, "0");
	good &= news(fd);
	close(fd);
	return good;
}

static bool one_write_wakes_both(void)
{
	int proc = open_read(PROC "value"), sys = open_read(SYS "value");
	int all = open_read(PROC "state");
	bool good = !put_text(SYS "value", "77.7");

	good &= news(proc) && news(sys) && news(all);
	close(proc);
	close(sys);
	close(all);
	return good;
}

static bool readable_always(void)
{
	int proc = open_read(PROC "value"), sys = open_read(SYS "value");
	bool good = ready(proc, POLLIN, 0) == POLLIN &&
		    ready(sys, POLLIN, 0) == POLLIN;

	close(proc);
	close(sys);
	return good;
}

static bool select_sees_an_exception(void)
{
	struct timeval now = {};
	fd_set set;
	int fd = open_read(PROC "value");
	bool good;

	disturb();
	FD_ZERO(&set);
	FD_SET(fd, &set);
	good = select(fd + 1, NULL, NULL, &set, &now) == 1 && FD_ISSET(fd, &set);
	close(fd);
	return good;
}

/* Each change is an edge, though nobody reads. */
static bool epoll_sees_edges(const char *path)
{
	struct epoll_event event = { .events = EPOLLPRI | EPOLLET };
	int fd = open_read(path), epoll = epoll_create1(EPOLL_CLOEXEC);
	bool good = !epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
	int i;

	for (i = 0; i < 3; i++) {
		good &= epoll_wait(epoll, &event, 1, 0) == 0;
		good &= !disturb();
		good &= epoll_wait(epoll, &event, 1, BOUND_MS) == 1;
	}
	close(epoll);
	close(fd);
	return good;
}

/*
 * Waits until it has seen this value; whatever comes between a read and the
 * poll after it must end the poll.
 */
static void *wait_for_value(void *path)
{
	char seen[64];
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	for (;;) {
		if (fd < 0 || read_again(fd, seen, sizeof(seen)))
			return "cannot read";
		if (!strcmp(seen, "-1.000\n"))
			break;
		if (!ready(fd, POLLPRI, BOUND_MS))
			return "not woken";
	}
	close(fd);
	return NULL;
}

static bool no_wakeup_is_lost(void)
{
	pthread_t threads[WAITERS];
	bool good = true;
	void *failure;
	int round, i;

	for (round = 0; round < 20; round++) {
		put_text(PROC "value", "0");
		for (i = 0; i < WAITERS; i++)
			pthread_create(&threads[i], NULL, wait_for_value,
				       i % 2 ? PROC "value" : SYS "value");
		for (i = 0; i < 10; i++)
			disturb();
		put_text(SYS "value", "-1");
		for (i = 0; i < WAITERS; i++) {
			pthread_join(threads[i], &failure);
			if (failure)
				ksft_print_msg("%s\n", (char *)failure);
			good &= !failure;
		}
	}
	return good;
}

/* The kernel closes the loop: each step is news, and rest is none. */
static bool steps_wake(const char *path)
{
	int fd = open_read(path), wakeups = 0;

	put_text(PROC "multiply", "0.5");
	put_text(PROC "target", "0");
	put_text(PROC "value", "1");
	put_text(PROC "period_ms", "1");
	do {
		if (!ready(fd, POLLPRI, BOUND_MS))
			break;
		wakeups++;
		read_again(fd, text, sizeof(text));
	} while (strcmp(text, "0.000\n"));
	put_text(PROC "period_ms", "0");
	close(fd);
	ksft_print_msg("%d wake-ups\n", wakeups);
	return wakeups && !strcmp(text, "0.000\n");
}

static bool kill_while_waiting(void)
{
	pid_t pids[WAITERS];
	bool good = true;
	int i;

	for (i = 0; i < WAITERS; i++) {
		pids[i] = child();
		if (!pids[i]) {
			int fd = open_read(i % 2 ? PROC "target" :
						   SYS "target");

			ready(fd, POLLPRI, -1);
			_exit(1);
		}
	}
	poll(NULL, 0, 20);
	for (i = 0; i < WAITERS; i++) {
		kill(pids[i], SIGKILL);
		good &= end_of(pids[i]) == -SIGKILL;
	}
	/* The list is in order still. */
	return good && told_until_read(PROC) && told_until_read(SYS);
}

int main(void)
{
	ksft_print_header();
	ksft_set_plan(12);
	ksft_test_result(told_until_read(PROC),
			 "attr_regulator_poll.proc_tells_until_read\n");
	ksft_test_result(told_until_read(SYS),
			 "attr_regulator_poll.sys_tells_until_read\n");
	ksft_test_result(same_is_no_news(PROC),
			 "attr_regulator_poll.same_is_no_news_in_proc\n");
	ksft_test_result(same_is_no_news(SYS),
			 "attr_regulator_poll.same_is_no_news_in_sys\n");
	ksft_test_result(one_write_wakes_both(),
			 "attr_regulator_poll.one_write_wakes_both\n");
	ksft_test_result(readable_always(),
			 "attr_regulator_poll.readable_always\n");
	ksft_test_result(select_sees_an_exception(),
			 "attr_regulator_poll.select_sees_an_exception\n");
	ksft_test_result(epoll_sees_edges(PROC "value") &&
			 epoll_sees_edges(SYS "value"),
			 "attr_regulator_poll.epoll_sees_edges\n");
	ksft_test_result(no_wakeup_is_lost(),
			 "attr_regulator_poll.no_wakeup_is_lost\n");
	ksft_test_result(steps_wake(PROC "value"),
			 "attr_regulator_poll.steps_wake_in_proc\n");
	ksft_test_result(steps_wake(SYS "value"),
			 "attr_regulator_poll.steps_wake_in_sys\n");
	ksft_test_result(kill_while_waiting(),
			 "attr_regulator_poll.kill_while_waiting\n");
	ksft_finished();
}
