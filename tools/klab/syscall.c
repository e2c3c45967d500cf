// SPDX-License-Identifier: GPL-2.0-only
/*
 * klab syscall: make a system call, and see what it returns and costs.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "calls.h"
#include "klab.h"
#include "klab_calls.h"

#define CALL_ARGS	6
#define CALLS_MAX	1000000
#define RESULT_MAX	4096

/**
 * struct request - a system call to be made
 * @name: its name, or NULL
 * @nr: its number
 * @args: its arguments
 * @text: where klab_strtrans() puts the translation, always ends in a NUL
 */
struct request {
	const char *name;
	long nr;
	unsigned long args[CALL_ARGS];
	char text[RESULT_MAX + 1];
};

/**
 * struct outcome - what came of it
 * @result: of the last call
 * @err: errno of the last call, 0 if it returned no error
 * @failed: how many returned an error
 * @ns: time of each, sorted, or NULL
 */
struct outcome {
	long result;
	int err;
	unsigned long failed;
	uint64_t *ns;
};

/* Decimal, octal and hexadecimal, with a sign; all of it. */
static bool parse_number(const char *text, unsigned long *value)
{
	char *end;

	if (!*text || strchr(" \t\n\v\f\r", *text))
		return false;
	errno = 0;
	*value = *text == '-' ? (unsigned long)strtol(text, &end, 0) :
				strtoul(text, &end, 0);
	return !errno && end != text && !*end;
}

static int wrong(const char *what)
{
	klab_err("syscall: %s", what);
	command_usage(&syscall_command, stderr);
	return -1;
}

static unsigned long address_of(const char *text)
{
	return (unsigned long)text;
}

/* klab's own calls take texts as they are. */
static int own_args(struct request *request, const struct options *options)
{
	unsigned long *args = request->args;
	char **texts = options->args + 1;
	int given = options->nr_args - 1;

	switch (request->nr) {
	case __NR_klab_log:
		if (given != 1)
			return wrong("klab_log takes a text");
		args[0] = address_of(texts[0]);
		args[1] = strlen(texts[0]);
		return 0;
	case __NR_klab_strtrans:
		if (given != 2)
			return wrong("klab_strtrans takes a method and a text");
		args[0] = address_of(texts[0]);
		args[1] = address_of(texts[1]);
		args[2] = strlen(texts[1]);
		args[3] = address_of(request->text);
		args[4] = RESULT_MAX;
		return 0;
	default:
		return given ? wrong("klab_null takes no argument") : 0;
	}
}

static int raw_args(struct request *request, const struct options *options)
{
	int i;

	if (options->nr_args > CALL_ARGS + 1)
		return wrong("a system call has at most six arguments");
	for (i = 1; i < options->nr_args; i++) {
		const char *text = options->args[i];

		if (*text == '=')
			request->args[i - 1] = address_of(text + 1);
		else if (!parse_number(text, &request->args[i - 1]))
			return wrong("an argument is a number, or a text behind '='");
	}
	return 0;
}

static bool is_own(long nr)
{
	return nr == __NR_klab_null || nr == __NR_klab_log ||
	       nr == __NR_klab_strtrans;
}

static int parse_request(struct request *request,
			 const struct options *options)
{
	const char *name = options->args[0];
	unsigned long nr;

	if (parse_number(name, &nr)) {
		request->nr = (long)nr;
		request->name = call_name(CALL_NATIVE, request->nr);
		return raw_args(request, options);
	}
	request->nr = call_number(name);
	if (request->nr < 0) {
		klab_err("syscall: '%s' is neither a number nor a name that the headers have",
			 name);
		return -1;
	}
	request->name = call_name(CALL_NATIVE, request->nr);
	return is_own(request->nr) ? own_args(request, options) :
				     raw_args(request, options);
}

static int compare_times(const void *left, const void *right)
{
	const uint64_t *a = left, *b = right;

	return *a < *b ? -1 : *a > *b;
}

static uint64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

static void make_calls(const struct request *request, unsigned long count,
		       struct outcome *outcome)
{
	const unsigned long *args = request->args;
	unsigned long i;
	uint64_t start;

	for (i = 0; i < count; i++) {
		start = outcome->ns ? now() : 0;
		outcome->result = syscall(request->nr, args[0], args[1],
					  args[2], args[3], args[4], args[5]);
		/* A number that is no call at all may return anything, too. */
		outcome->err = outcome->result == -1 ? errno : 0;
		if (outcome->ns)
			outcome->ns[i] = now() - start;
		outcome->failed += !!outcome->err;
	}
	if (outcome->ns)
		qsort(outcome->ns, count, sizeof(*outcome->ns), compare_times);
}

static const char *error_name(struct table *table, int err)
{
	const char *name = strerrorname_np(err);

	return name ? name : table_text(table, "%d", err);
}

static void print_outcome(const struct request *request, unsigned long count,
			  const struct outcome *outcome,
			  const struct options *options)
{
	struct table table = {};
	const char **cells;

	table_column(&table, "call");
	table_column(&table, "number");
	table_column(&table, "calls");
	table_column(&table, "failed");
	table_column(&table, "result");
	table_column(&table, "error");
	table_column(&table, "meaning");
	if (outcome->ns) {
		table_column(&table, "min[ns]");
		table_column(&table, "median[ns]");
		table_column(&table, "max[ns]");
	}
	cells = table_row(&table);
	if (request->name)
		cells[0] = request->name;
	cells[1] = table_text(&table, "%ld", request->nr);
	cells[2] = table_text(&table, "%lu", count);
	cells[3] = table_text(&table, "%lu", outcome->failed);
	if (outcome->err) {
		cells[5] = error_name(&table, outcome->err);
		cells[6] = strerror(outcome->err);
	} else {
		cells[4] = table_text(&table, "%ld", outcome->result);
	}
	if (!outcome->err && *request->text)
		cells[6] = request->text;
	if (outcome->ns) {
		cells[7] = table_text(&table, "%llu",
				      (unsigned long long)outcome->ns[0]);
		cells[8] = table_text(&table, "%llu", (unsigned long long)
				      outcome->ns[count / 2]);
		cells[9] = table_text(&table, "%llu", (unsigned long long)
				      outcome->ns[count - 1]);
	}
	table_print(&table, options->format);
	table_free(&table);
}

static int parse_count(const char *text, unsigned long *count)
{
	*count = 1;
	if (!text)
		return 0;
	if (!parse_number(text, count) || !*count || *count > CALLS_MAX)
		return wrong("--count is a number from 1 to 1000000");
	return 0;
}

static int syscall_run(const struct options *options)
{
	struct outcome outcome = {};
	struct request request = {};
	unsigned long count;

	if (parse_count(options->times, &count) ||
	    parse_request(&request, options))
		return STATUS_USAGE;
	if (options->time)
		outcome.ns = xrealloc(NULL, count, sizeof(*outcome.ns));
	make_calls(&request, count, &outcome);
	print_outcome(&request, count, &outcome, options);
	free(outcome.ns);
	return outcome.failed ? STATUS_CHECK : STATUS_OK;
}

const struct command syscall_command = {
	.name = "syscall",
	.usage = "NAME|NUMBER [ARGUMENT ...] [--count N] [--time] [--json|--tsv]",
	.summary = "make a system call, and see what it returns and costs",
	.help = "Makes a system call and prints its result, or the name of its error.\n"
		"klab's own calls take what they are for:\n\n"
		"  klab syscall null                   does nothing\n"
		"  klab syscall log TEXT               a line in the kernel log\n"
		"  klab syscall strtrans METHOD TEXT   translates TEXT\n\n"
		"Any other call, by name or number, takes numbers, and texts behind '=', of\n"
		"which it gets the address. What stands behind '--' is no option:\n\n"
		"  klab syscall getpid --count 1000 --time\n"
		"  klab syscall write 1 =hello 5\n"
		"  klab syscall 601 =hello -- -1 0\n\n"
		"Exit status: 1 where the call returned an error.\n",
	.options = OPTION_TIMES | OPTION_TIME | OPTION_JSON | OPTION_TSV,
	.min_args = 1,
	.max_args = -1,
	.run = syscall_run,
};
