// SPDX-License-Identifier: GPL-2.0-only
/*
 * klab regulate: closes the loop of the regulator, or watches the kernel do it,
 * beside a model of the same loop; live on a terminal, or as a table.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "klab.h"
#include "regulate.h"

#define DEFAULT_DIR		"/proc/klab-regulator"
#define DEFAULT_STEPS		1000
#define DEFAULT_INTERVAL_MS	200

/* More than the kernel may take for a step, whatever else it does. */
#define PATIENCE_MS		30000

static const char * const verdict_names[] = {
	[VERDICT_SAME] = "same",
	[VERDICT_SET] = "set",
	[VERDICT_DIFFERS] = "differs",
};

static void add_columns(struct table *table)
{
	static const char * const columns[] = {
		"step", "value", "increment", "model", "verdict",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(columns); i++)
		table_column(table, columns[i]);
}

/* The text goes with the table. */
static const char *table_number(struct table *table, long long number)
{
	char *text = number_print(number, DECIMALS_VALUE);
	const char *kept = table_text(table, "%s", text);

	free(text);
	return kept;
}

static void add_row(struct table *table, const struct session *session,
		    enum verdict verdict)
{
	const char **cells;
	const char *texts[5];

	texts[0] = table_text(table, "%lld", session->step);
	texts[1] = table_number(table, session->now.loop.value);
	texts[2] = table_number(table, session->change);
	texts[3] = table_number(table, session->model.value);
	texts[4] = verdict_names[verdict];
	cells = table_row(table);
	memcpy(cells, texts, sizeof(texts));
}

static bool wait_for_step(const struct session *session)
{
	struct pollfd poll_fd = { .fd = session->fd, .events = POLLPRI };
	int timeout = (int)session->now.period_ms + PATIENCE_MS;
	int ready = poll(&poll_fd, 1, timeout);

	if (ready > 0)
		return true;
	klab_err(ready ? "poll: %s" : "the kernel does no step",
		 strerror(errno));
	return false;
}

static void wait_ms(size_t ms)
{
	struct timespec time = {
		.tv_sec = (time_t)(ms / 1000),
		.tv_nsec = (long)(ms % 1000) * 1000000,
	};

	nanosleep(&time, NULL);
}

static bool next_row(struct session *session, size_t interval_ms,
		     enum verdict *verdict)
{
	if (session->watch)
		return wait_for_step(session) &&
		       session_follow(session, verdict);
	if (interval_ms && session->step)
		wait_ms(interval_ms);
	return session_step(session, verdict);
}

/* A row per step, until it rests or there are enough of them. */
static int as_table(struct session *session, const struct options *options)
{
	size_t left = options->steps ? options->steps : DEFAULT_STEPS;
	enum verdict verdict = VERDICT_SAME;
	struct table table = {};
	int status = STATUS_OK;

	add_columns(&table);
	add_row(&table, session, verdict);
	while (left-- && !session->rest) {
		if (!next_row(session, options->interval, &verdict)) {
			status = STATUS_FAILED;
			break;
		}
		add_row(&table, session, verdict);
		if (verdict == VERDICT_DIFFERS)
			status = STATUS_CHECK;
	}
	table_note(&table, "at_rest", session->rest ? "1" : "0");
	table_print(&table, options->format);
	table_free(&table);
	return status;
}

static int regulate_run(const struct options *options)
{
	char *dir = options->nr_args ? xstrdup(options->args[0]) :
				       system_path(DEFAULT_DIR);
	bool live = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) &&
		    options->format == FORMAT_TEXT && !options->steps;
	struct session session;
	int status = STATUS_FAILED;

	if (session_begin(&session, dir, options->watch, options->value))
		status = live ? regulate_live(&session, options->interval ?
					      options->interval :
					      DEFAULT_INTERVAL_MS) :
				as_table(&session, options);
	session_end(&session);
	free(dir);
	return status;
}

const struct command regulate_command = {
	.name = "regulate",
	.usage = "[DIRECTORY] [--value X] [--watch] [--interval MS] [--steps N] [--json|--tsv]",
	.summary = "close a control loop through the kernel, and plot it",
	.help = "Reads the value of the regulator, writes the change that the controller asks\n"
		"for, and so on until it rests at its target; beside it runs a model of the\n"
		"same loop, which has to come to the same numbers. With --watch the kernel\n"
		"closes the loop (its period_ms is not 0), and this program is woken at each\n"
		"step. DIRECTORY has the points; default: /proc/klab-regulator. With --value\n"
		"the value is set first.\n"
		"\n"
		"On a terminal it shows a live plot: q quits, d and D disturb the value, + and\n"
		"- change the gain, space pauses. Otherwise, or with --steps, it prints a table\n"
		"with a row per step. Status 1: the kernel and the model differ.\n",
	.options = OPTION_JSON | OPTION_TSV | OPTION_STEPS | OPTION_INTERVAL |
		   OPTION_WATCH | OPTION_VALUE,
	.max_args = 1,
	.run = regulate_run,
};
