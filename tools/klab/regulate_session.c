// SPDX-License-Identifier: GPL-2.0-only
/*
 * A loop with the kernel in it, and the model beside it.
 */
#include <string.h>
#include <unistd.h>

#include "klab.h"
#include "regulate.h"

/* Steps that the model catches up with at once, at most. */
#define BEHIND_MAX	1000000

/**
 * session_begin_anew() - have the model begin from what the kernel has
 * @session: the session; it was read
 */
void session_begin_anew(struct session *session)
{
	session->model = session->now.loop;
	session->model_steps = session->now.steps;
	session->controller = session->now.loop;
	session->rest = false;
}

/* A step that would change nothing is not done. */
static bool kernel_rests(const struct session *session)
{
	struct model ahead = session->now.loop;
	long long change;

	return !model_step(&ahead, &change);
}

static bool session_read(struct session *session)
{
	if (session->watch)
		return points_read_watched(session->fd, session->dir,
					   &session->now);
	return points_read(session->dir, &session->now);
}

/**
 * session_begin() - open a regulator
 * @session: filled in
 * @dir: where its points are
 * @watch: the kernel closes the loop
 * @value: value to begin with, or NULL
 *
 * Return: false, with a message, if that is not possible.
 */
bool session_begin(struct session *session, const char *dir, bool watch,
		   const char *value)
{
	memset(session, 0, sizeof(*session));
	session->dir = dir;
	session->watch = watch;
	session->fd = -1;

	if (value && !points_write(dir, "value", value))
		return false;
	if (watch) {
		session->fd = points_watch(dir);
		if (session->fd < 0)
			return false;
	}
	if (!session_read(session))
		return false;
	session_begin_anew(session);
	if (!watch && session->now.period_ms) {
		klab_err("the kernel closes the loop (period_ms is %lld): use --watch",
			 session->now.period_ms);
		return false;
	}
	if (!watch)
		return true;
	if (!session->now.period_ms) {
		klab_err("nobody closes the loop: period_ms is 0");
		return false;
	}
	session->step = session->now.steps;
	session->rest = kernel_rests(session);
	return true;
}

/**
 * session_end() - close it
 * @session: from session_begin(), whatever that has returned
 */
void session_end(struct session *session)
{
	if (session->fd >= 0)
		close(session->fd);
	session->fd = -1;
}

static enum verdict compare(const struct session *session)
{
	const struct model *is = &session->now.loop;
	const struct model *should = &session->model;

	if (is->value == should->value && is->carry == should->carry)
		return VERDICT_SAME;
	return VERDICT_DIFFERS;
}

/**
 * session_step() - close the loop once
 * @session: the session
 * @verdict: set to how the kernel and the model compare
 *
 * The change goes through the kernel, by what was read from it. The model goes
 * its way without knowing what the kernel does.
 *
 * Return: false, with a message, for an error.
 */
bool session_step(struct session *session, enum verdict *verdict)
{
	struct model *controller = &session->controller;
	long long changes = session->now.changes;
	long long unused;

	controller->value = session->now.loop.value;
	session->change = model_control(controller);
	if (!points_set(session->dir, "increment", session->change))
		return false;
	model_step(&session->model, &unused);
	session->step++;

	if (!points_read(session->dir, &session->now))
		return false;
	if (session->now.changes != changes + 1) {
		session_begin_anew(session);
		*verdict = VERDICT_SET;
		return true;
	}
	*verdict = compare(session);
	session->rest = !session->change &&
			session->now.loop.value == session->now.loop.target;
	return true;
}

/* Takes the model to where the kernel was when it was read. */
static void catch_up(struct session *session)
{
	unsigned int left = BEHIND_MAX;

	while (session->model_steps < session->now.steps && left--) {
		if (!model_step(&session->model, &session->change))
			break;
		session->model_steps++;
	}
}

/**
 * session_follow() - look at what the kernel has done
 * @session: the session, with watch
 * @verdict: set to how the kernel and the model compare
 *
 * Steps that were missed are no matter: the model knows them all.
 *
 * Return: false, with a message, for an error.
 */
bool session_follow(struct session *session, enum verdict *verdict)
{
	long long changes = session->now.changes;

	if (!session_read(session))
		return false;
	if (session->now.changes != changes) {
		session_begin_anew(session);
		*verdict = VERDICT_SET;
	} else {
		catch_up(session);
		*verdict = compare(session);
		if (session->model_steps != session->now.steps)
			*verdict = VERDICT_DIFFERS;
	}
	session->step = session->now.steps;
	session->rest = kernel_rests(session);
	return true;
}
