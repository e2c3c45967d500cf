// SPDX-License-Identifier: GPL-2.0-only
/*
 * klab regulate on a terminal: keys, time, steps of the kernel and signals are
 * waited for in one place, so that none of them is in the midst of another.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "klab.h"
#include "regulate.h"

#define DISTURBANCE	(100 * ONE)
#define GAIN_CHANGE	(ONE / 10)
#define HISTORY_MAX	1000

#define KEYS \
	"q quit   d D disturb   + - gain   space pause      * both  x kernel  o model"

enum { FD_KEY, FD_SIGNAL, FD_STEP, NR_FDS };

/**
 * struct live - a session on a terminal
 * @session: the session
 * @fds: what is waited for
 * @value: of the steps so far
 * @model: what the model says to them
 * @nr: how many there are
 * @differ: steps at which the two were not the same
 * @paused: no step until the key is pressed again
 * @signal: what ends the program, or 0
 * @done: it ends
 */
struct live {
	struct session *session;
	struct pollfd fds[NR_FDS];
	long long value[HISTORY_MAX];
	long long model[HISTORY_MAX];
	size_t nr;
	unsigned long differ;
	bool paused;
	int signal;
	bool done;
};

static void remember(struct live *live)
{
	if (live->nr == HISTORY_MAX) {
		live->nr--;
		memmove(live->value, live->value + 1,
			live->nr * sizeof(*live->value));
		memmove(live->model, live->model + 1,
			live->nr * sizeof(*live->model));
	}
	live->value[live->nr] = live->session->now.loop.value;
	live->model[live->nr++] = live->session->model.value;
}

static const char *state_of(const struct live *live)
{
	if (live->paused)
		return "paused";
	return live->session->rest ? "at rest" : "running";
}

static bool show(const struct live *live)
{
	const struct session *session = live->session;
	struct plot plot = {
		.keys = KEYS,
		.value = live->value,
		.model = live->model,
		.nr = live->nr,
		.target = session->now.loop.target,
	};
	char *value = number_print(session->now.loop.value, DECIMALS_VALUE);
	char *model = number_print(session->model.value, DECIMALS_VALUE);
	char *gain = number_print(session->now.loop.multiply, DECIMALS_VALUE);
	char *title;
	bool good;

	title = xprintf("%-7s   step %lld   value %s   model %s   gain %s   %lu differ",
			state_of(live), session->step, value, model, gain,
			live->differ);
	plot.title = title;
	good = screen_show(&plot);
	free(title);
	free(value);
	free(model);
	free(gain);
	return good;
}

/* After this program has set something, or while nothing moves. */
static bool look(struct live *live)
{
	struct session *session = live->session;
	long long changes = session->now.changes;

	if (!points_read(session->dir, &session->now))
		return false;
	if (session->now.changes != changes)
		session_begin_anew(session);
	return true;
}

static bool step(struct live *live)
{
	struct session *session = live->session;
	enum verdict verdict = VERDICT_SAME;
	bool good;

	good = session->watch ? session_follow(session, &verdict) :
				session_step(session, &verdict);
	live->differ += verdict == VERDICT_DIFFERS;
	if (good)
		remember(live);
	return good;
}

/* At its limit a point stays: what is beyond would be an error. */
static bool set(struct live *live, const char *name, long long number,
		long long max)
{
	return points_set(live->session->dir, name,
			  model_limit(number, max)) && look(live);
}

static bool press(struct live *live, char key)
{
	const struct model *loop = &live->session->now.loop;

	switch (key) {
	case 'q':
	case 'Q':
		live->done = true;
		return true;
	case 'd':
		return set(live, "value", loop->value + DISTURBANCE, VALUE_MAX);
	case 'D':
		return set(live, "value", loop->value - DISTURBANCE, VALUE_MAX);
	case '+':
		return set(live, "multiply", loop->multiply + GAIN_CHANGE,
			   GAIN_MAX);
	case '-':
		return set(live, "multiply", loop->multiply - GAIN_CHANGE,
			   GAIN_MAX);
	case ' ':
		live->paused = !live->paused;
		/* poll() passes over negative ones; this is its own inverse. */
		live->fds[FD_STEP].fd = -1 - live->fds[FD_STEP].fd;
		return true;
	default:
		return true;
	}
}

static bool on_key(struct live *live)
{
	char key;

	/* The end of the input, or no terminal any more. */
	if (read(STDIN_FILENO, &key, 1) != 1) {
		live->done = true;
		return true;
	}
	return press(live, key);
}

/* Ctrl-Z: the shell gets its terminal, and klab one when it goes on. */
static bool suspend(void)
{
	screen_leave();
	raise(SIGSTOP);
	return screen_enter();
}

static bool on_signal(struct live *live)
{
	struct signalfd_siginfo info;

	if (read(live->fds[FD_SIGNAL].fd, &info, sizeof(info)) != sizeof(info))
		return false;
	switch (info.ssi_signo) {
	case SIGWINCH:
		return true;
	case SIGTSTP:
		return suspend();
	default:
		live->signal = (int)info.ssi_signo;
		live->done = true;
		return true;
	}
}

static bool on_step(struct live *live)
{
	uint64_t times;

	if (!live->session->watch &&
	    read(live->fds[FD_STEP].fd, &times, sizeof(times)) < 0)
		return false;
	/* What rests goes on resting, unless it is disturbed. */
	if (live->session->rest && !live->session->watch)
		return look(live);
	return step(live);
}

static bool run(struct live *live)
{
	struct pollfd *fds = live->fds;

	while (!live->done) {
		if (!show(live)) {
			live->done = true;
			break;
		}
		if (poll(fds, NR_FDS, -1) < 0 && errno != EINTR)
			return false;
		if (fds[FD_SIGNAL].revents && !on_signal(live))
			return false;
		if (!live->done && fds[FD_KEY].revents && !on_key(live))
			return false;
		/* What a key has changed is shown before the next step. */
		if (!live->done && fds[FD_STEP].revents &&
		    !fds[FD_KEY].revents && !on_step(live))
			return false;
	}
	return true;
}

static int timer(size_t interval_ms)
{
	struct itimerspec time = {
		.it_interval.tv_sec = (time_t)(interval_ms / 1000),
		.it_interval.tv_nsec = (long)(interval_ms % 1000) * 1000000,
	};
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);

	time.it_value = time.it_interval;
	if (fd >= 0 && timerfd_settime(fd, 0, &time, NULL)) {
		close(fd);
		return -1;
	}
	return fd;
}

/* All that would end the program, and what is done about the terminal. */
static void signals(sigset_t *set)
{
	static const int others[] = {
		/* They do not end it. */
		SIGCHLD, SIGCONT, SIGTTIN, SIGTTOU, SIGURG,
		/* A fault is one even where it is blocked. */
		SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGSYS, SIGTRAP,
	};
	struct sigaction action;
	size_t i;
	int signal;

	sigfillset(set);
	for (i = 0; i < ARRAY_SIZE(others); i++)
		sigdelset(set, others[i]);
	/* What was to be ignored would come in, once it is blocked. */
	for (signal = 1; signal <= SIGRTMAX; signal++)
		if (signal != SIGWINCH && !sigaction(signal, NULL, &action) &&
		    action.sa_handler == SIG_IGN)
			sigdelset(set, signal);
}

/* As who started klab expects it: by the signal, and not as if all were done. */
static void end_by(int signal, const sigset_t *old)
{
	struct sigaction action = { .sa_handler = SIG_DFL };

	sigaction(signal, &action, NULL);
	raise(signal);
	sigprocmask(SIG_SETMASK, old, NULL);
}

/**
 * regulate_live() - show a session on the terminal until the user quits
 * @session: the session
 * @interval_ms: time between steps that this program does
 *
 * Return: an enum status.
 */
int regulate_live(struct session *session, size_t interval_ms)
{
	struct live *live = xrealloc(NULL, 1, sizeof(*live));
	int status = STATUS_FAILED;
	int timer_fd = -1;
	sigset_t set, old;
	int ending;

	memset(live, 0, sizeof(*live));
	live->session = session;
	remember(live);

	signals(&set);
	sigprocmask(SIG_BLOCK, &set, &old);
	live->fds[FD_KEY] = (struct pollfd){ STDIN_FILENO, POLLIN, 0 };
	live->fds[FD_SIGNAL] = (struct pollfd){
		signalfd(-1, &set, SFD_CLOEXEC), POLLIN, 0,
	};
	live->fds[FD_STEP] = (struct pollfd){ session->fd, POLLPRI, 0 };
	if (!session->watch) {
		timer_fd = timer(interval_ms);
		live->fds[FD_STEP] = (struct pollfd){ timer_fd, POLLIN, 0 };
	}

	if (live->fds[FD_SIGNAL].fd < 0 || live->fds[FD_STEP].fd < 0)
		klab_err("signals and time: %s", strerror(errno));
	else if (!screen_enter())
		klab_err("the terminal cannot be used: %s", strerror(errno));
	else if (run(live))
		status = live->differ ? STATUS_CHECK : STATUS_OK;
	screen_leave();

	close(live->fds[FD_SIGNAL].fd);
	if (!session->watch)
		close(timer_fd);
	ending = live->signal;
	free(live);
	if (ending)
		end_by(ending, &old);
	sigprocmask(SIG_SETMASK, &old, NULL);
	return status;
}
