// SPDX-License-Identifier: GPL-2.0-only
/*
 * A line on the terminal while an experiment takes its time.
 */
#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "klab.h"

/* A run that takes longer than this many seconds is talked about. */
#define PROGRESS_AFTER	2

static pthread_t thread;
static bool running;

/* Protects @stop; @wake is signalled when it changes. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t wake;
static bool stop;

static const char *progress_room;
static const char *progress_name;

static void print_line(unsigned int seconds)
{
	fprintf(stderr, "\rklab: %s/%s running, %u s", progress_room,
		progress_name, seconds);
	fflush(stderr);
}

/*
 * A thread and not a timer signal: a signal could interrupt the very run that
 * is waited for.
 */
static void *progress_thread(void *unused)
{
	unsigned int seconds = 0;
	struct timespec next;

	clock_gettime(CLOCK_MONOTONIC, &next);
	pthread_mutex_lock(&lock);
	while (!stop) {
		next.tv_sec++;
		while (!stop &&
		       pthread_cond_timedwait(&wake, &lock, &next) != ETIMEDOUT)
			;
		seconds++;
		if (!stop && seconds > PROGRESS_AFTER)
			print_line(seconds);
	}
	pthread_mutex_unlock(&lock);
	if (seconds > PROGRESS_AFTER) {
		fputs("\r\033[K", stderr);
		fflush(stderr);
	}
	return unused;
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
	pthread_condattr_t attr;

	if (!isatty(STDERR_FILENO))
		return;
	progress_room = room;
	progress_name = name;
	stop = false;
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&wake, &attr);
	pthread_condattr_destroy(&attr);
	/* Without a thread there is no line, and no harm. */
	running = !pthread_create(&thread, NULL, progress_thread, NULL);
}

/**
 * progress_stop() - an experiment is over; the line is cleared
 */
void progress_stop(void)
{
	if (!running)
		return;
	pthread_mutex_lock(&lock);
	stop = true;
	pthread_cond_signal(&wake);
	pthread_mutex_unlock(&lock);
	pthread_join(thread, NULL);
	pthread_cond_destroy(&wake);
	running = false;
}
