// SPDX-License-Identifier: GPL-2.0-only
/*
 * A line on the terminal while an experiment takes its time.
 */
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "klab.h"

/* A run that takes longer than this many seconds is talked about. */
#define PROGRESS_AFTER	2

static pid_t child = -1;
static time_t begun;

static time_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec;
}

/*
 * A process and not a timer signal, which could interrupt the very run that is
 * waited for; and no thread, after which each system call of this process would
 * cost more than those that "klab bench" has measured before.
 */
static void talk(pid_t parent, const char *room, const char *name)
{
	unsigned int seconds;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* What is open is the experiment's, which ends when it is closed. */
	close_range(STDERR_FILENO + 1, ~0U, 0);
	for (seconds = 1; getppid() == parent; seconds++) {
		sleep(1);
		if (seconds > PROGRESS_AFTER)
			fprintf(stderr, "\rklab: %s/%s running, %u s", room,
				name, seconds);
	}
	_exit(0);
}

/**
 * progress_start() - an experiment begins
 * @room: its room
 * @name: its name
 *
 * Does nothing where standard error is no terminal.
 */
void progress_start(const char *room, const char *name)
{
	pid_t parent = getpid();

	if (!isatty(STDERR_FILENO))
		return;
	begun = now();
	child = fork();
	if (!child)
		talk(parent, room, name);
	/* Without a child there is no line, and no harm. */
}

/**
 * progress_stop() - an experiment is over; the line is cleared
 */
void progress_stop(void)
{
	if (child < 0)
		return;
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	child = -1;
	if (now() - begun >= PROGRESS_AFTER)
		fputs("\r\033[K", stderr);
}
