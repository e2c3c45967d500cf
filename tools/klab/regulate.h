/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the parts of klab regulate share.
 */
#ifndef _KLAB_REGULATE_H
#define _KLAB_REGULATE_H

#include <stdbool.h>
#include <stddef.h>

/* Decimals of the points. */
#define DECIMALS_VALUE	3
#define DECIMALS_CARRY	6

/* In thousandths, as all values and gains; what they can be at most. */
#define ONE		1000LL
#define VALUE_MAX	(1000000 * ONE)
#define GAIN_MAX	(100 * ONE)

/**
 * struct model - a plant and its controller
 * @value: what is regulated
 * @target: what it is to be
 * @multiply: gain of the loop
 * @integral: gain of the sum of errors
 * @derivative: gain of the difference of errors
 * @carry: what has not taken effect yet
 * @sum: sum of errors
 * @error: error at the last step
 *
 * In thousandths, @carry in millionths.
 */
struct model {
	long long value;
	long long target;
	long long multiply;
	long long integral;
	long long derivative;
	long long carry;
	long long sum;
	long long error;
};

/**
 * struct state - a regulator at a moment
 * @loop: its loop
 * @increment: the last change that was written
 * @period_ms: time between its own steps, or 0
 * @steps: its own steps
 * @changes: how often something was set
 */
struct state {
	struct model loop;
	long long increment;
	long long period_ms;
	long long steps;
	long long changes;
};

/**
 * enum verdict - how the kernel and the model compare after a step
 * @VERDICT_SAME: to the last digit
 * @VERDICT_SET: somebody else has set something; the model begins anew
 * @VERDICT_DIFFERS: not the same
 */
enum verdict {
	VERDICT_SAME,
	VERDICT_SET,
	VERDICT_DIFFERS,
};

/**
 * struct session - a regulator and the model that runs beside it
 * @dir: where its points are
 * @watch: the kernel closes the loop, not this program
 * @fd: tells when the kernel has done a step, or -1
 * @now: as it was read last
 * @model: as it should be
 * @model_steps: steps of the model, where the kernel counts them
 * @controller: what this program closes the loop with
 * @step: steps seen
 * @change: change that the last step asked for
 * @rest: nothing will change any more
 */
struct session {
	const char *dir;
	bool watch;
	int fd;
	struct state now;
	struct model model;
	long long model_steps;
	struct model controller;
	long long step;
	long long change;
	bool rest;
};

/* regulate_model.c */
long long model_limit(long long number, long long max);
void model_add(struct model *model, long long change);
long long model_control(struct model *model);
bool model_step(struct model *model, long long *change);

/* regulate_points.c */
bool number_parse(const char *text, unsigned int decimals, long long *number);
char *number_print(long long number, unsigned int decimals);
bool points_read(const char *dir, struct state *state);
bool points_read_watched(int fd, const char *dir, struct state *state);
bool points_write(const char *dir, const char *name, const char *text);
bool points_set(const char *dir, const char *name, long long number);
int points_watch(const char *dir);

/* regulate_session.c */
bool session_begin(struct session *session, const char *dir, bool watch,
		   const char *value);
void session_begin_anew(struct session *session);
void session_end(struct session *session);
bool session_step(struct session *session, enum verdict *verdict);
bool session_follow(struct session *session, enum verdict *verdict);

/* regulate_live.c */
int regulate_live(struct session *session, size_t interval_ms);

/* regulate_screen.c */
bool screen_enter(void);
void screen_leave(void);
unsigned int screen_columns(void);

/**
 * struct plot - what a screen shows
 * @title: line on top
 * @keys: line at the bottom
 * @value: what was measured, the oldest first
 * @model: what the model says
 * @nr: how many there are of both
 * @target: a line through all
 */
struct plot {
	const char *title;
	const char *keys;
	const long long *value;
	const long long *model;
	size_t nr;
	long long target;
};

bool screen_show(const struct plot *plot);

#endif /* _KLAB_REGULATE_H */
