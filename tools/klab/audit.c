// SPDX-License-Identifier: GPL-2.0-only
/*
 * klab audit: what is behind each number of a system call, and is it the
 * kernel's own?
 */
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "calls.h"
#include "klab.h"

#define TABLE_EXPERIMENT	"syscall/table"

enum audit_column {
	COLUMN_ABI,
	COLUMN_NUMBER,
	COLUMN_NAME,
	COLUMN_STATE,
	COLUMN_HANDLER,
	COLUMN_PROVIDER,
	COLUMN_AS_BUILT,
	NR_COLUMNS,
};

static const char * const column_names[NR_COLUMNS] = {
	[COLUMN_ABI] = "abi",
	[COLUMN_NUMBER] = "number",
	[COLUMN_NAME] = "name",
	[COLUMN_STATE] = "state",
	[COLUMN_HANDLER] = "handler",
	[COLUMN_PROVIDER] = "provider",
	[COLUMN_AS_BUILT] = "as_built",
};

/**
 * struct audit - a look at the table of the kernel
 * @calls: as the experiment prints it
 * @kallsyms: sorted; empty where it cannot be read
 * @alarms: how many rows are not ok
 */
struct audit {
	struct table calls;
	struct kallsyms kallsyms;
	size_t alarms;
};

static const char good[] = "ok";

static bool has_columns(const struct table *calls)
{
	size_t i;

	if (calls->nr_columns != NR_COLUMNS)
		return false;
	for (i = 0; i < NR_COLUMNS; i++) {
		if (strcmp(calls->columns[i].name, column_names[i]))
			return false;
	}
	return true;
}

/* A module, or data, may have a symbol of the same name. */
static bool is_kernel_function(const struct kallsyms *kallsyms,
			       const char *name)
{
	const struct symbol *end = kallsyms->symbols + kallsyms->nr_symbols;
	const struct symbol *symbol = kallsyms_find(kallsyms, name);

	if (!symbol)
		return false;
	while (symbol > kallsyms->symbols && !strcmp(symbol[-1].name, name))
		symbol--;
	for (; symbol < end && !strcmp(symbol->name, name); symbol++) {
		if (!symbol->module && strchr("TtWw", symbol->type))
			return true;
	}
	return false;
}

/* Handlers are functions of the kernel itself, entered at their begin. */
static const char *judge_handler(const struct audit *audit, const char *handler)
{
	/* The kernel marks what is "NAME [outside]". */
	if (strchr(handler, '['))
		return "outside the kernel's text";
	if (audit->kallsyms.nr_symbols &&
	    !is_kernel_function(&audit->kallsyms, handler))
		return "outside the kernel's text";
	return good;
}

/*
 * Of what the headers do not know, the kernel may be newer; of what the kernel
 * does not have, the headers may be.
 */
static const char *judge(struct audit *audit, size_t row)
{
	const struct table *calls = &audit->calls;
	const char *name = table_cell(calls, row, COLUMN_NAME);
	const char *handler = table_cell(calls, row, COLUMN_HANDLER);
	bool compat = !strcmp(table_cell(calls, row, COLUMN_ABI), "compat");
	const char *expected, *verdict;

	verdict = strcmp(handler, "-") ? judge_handler(audit, handler) : good;
	if (verdict == good &&
	    strcmp(table_cell(calls, row, COLUMN_AS_BUILT), "yes"))
		verdict = "not as built";
	if (verdict != good || !strcmp(name, "-"))
		return verdict;
	expected = call_name(compat ? CALL_COMPAT : CALL_NATIVE,
			     atol(table_cell(calls, row, COLUMN_NUMBER)));
	if (!expected || !strcmp(expected, name))
		return good;
	return table_text(&audit->calls, "%s in the headers", expected);
}

static bool is_wanted(const struct audit *audit, size_t row,
		      const struct options *options)
{
	const char *name = table_cell(&audit->calls, row, COLUMN_NAME);

	return !options->match || !fnmatch(options->match, name, 0);
}

static void list_calls(struct audit *audit, const struct options *options,
		       struct table *table)
{
	size_t row, i;

	for (i = 0; i < NR_COLUMNS; i++)
		table_column(table, column_names[i]);
	table_column(table, "verdict");
	for (row = 0; row < audit->calls.nr_rows; row++) {
		const char *verdict = judge(audit, row);
		const char **cells;

		audit->alarms += verdict != good;
		if (verdict == good && !is_wanted(audit, row, options))
			continue;
		cells = table_row(table);
		for (i = 0; i < NR_COLUMNS; i++)
			cells[i] = table_cell(&audit->calls, row, i);
		cells[NR_COLUMNS] = verdict;
	}
}

static size_t count_alike(struct audit *audit, size_t row, bool *first,
			  const struct options *options)
{
	const struct table *calls = &audit->calls;
	size_t count = 0, i;

	*first = true;
	for (i = 0; i < calls->nr_rows; i++) {
		if (!is_wanted(audit, i, options) ||
		    strcmp(table_cell(calls, i, COLUMN_ABI),
			   table_cell(calls, row, COLUMN_ABI)) ||
		    strcmp(table_cell(calls, i, COLUMN_STATE),
			   table_cell(calls, row, COLUMN_STATE)))
			continue;
		if (i < row)
			*first = false;
		count++;
	}
	return count;
}

/* A table has a thousand rows and a handful of states. */
static void count_calls(struct audit *audit, const struct options *options,
			struct table *table)
{
	size_t row;

	table_column(table, "abi");
	table_column(table, "state");
	table_column(table, "numbers");
	for (row = 0; row < audit->calls.nr_rows; row++) {
		const char **cells;
		size_t count;
		bool first;

		audit->alarms += judge(audit, row) != good;
		count = count_alike(audit, row, &first, options);
		if (!first || !is_wanted(audit, row, options))
			continue;
		cells = table_row(table);
		cells[0] = table_cell(&audit->calls, row, COLUMN_ABI);
		cells[1] = table_cell(&audit->calls, row, COLUMN_STATE);
		cells[2] = table_text(table, "%zu", count);
	}
}

static void read_symbols(struct audit *audit, struct table *table)
{
	char *path = system_path("/proc/kallsyms");

	if (kallsyms_read(&audit->kallsyms, path))
		table_note(table, "handlers",
			   "not looked up: /proc/kallsyms cannot be read");
	kallsyms_sort(&audit->kallsyms);
	free(path);
}

static int audit_run(const struct options *options)
{
	const char *abi = options->nr_args ? options->args[0] : "all";
	struct audit audit = {};
	struct table table = {};
	char *params[1];
	int status;

	if (options->nr_args && strcmp(abi, "native") && strcmp(abi, "compat")) {
		klab_err("audit: '%s' is neither native nor compat", abi);
		command_usage(&audit_command, stderr);
		return STATUS_USAGE;
	}
	params[0] = xprintf("abi=%s", abi);
	status = experiment_table(TABLE_EXPERIMENT, params, 1, &audit.calls);
	free(params[0]);
	if (status != STATUS_OK)
		return status;
	if (!has_columns(&audit.calls)) {
		klab_err(TABLE_EXPERIMENT ": not the columns of this version of klab");
		table_free(&audit.calls);
		return STATUS_FAILED;
	}
	read_symbols(&audit, &table);
	if (options->count)
		count_calls(&audit, options, &table);
	else
		list_calls(&audit, options, &table);
	table_note(&table, "alarms", table_text(&table, "%zu", audit.alarms));
	table_print(&table, options->format);
	table_free(&table);
	table_free(&audit.calls);
	kallsyms_free(&audit.kallsyms);
	return audit.alarms ? STATUS_CHECK : STATUS_OK;
}

const struct command audit_command = {
	.name = "audit",
	.usage = "[native|compat] [--match GLOB] [--count] [--json|--tsv]",
	.summary = "what is behind each number of a system call?",
	.help = "Lists the numbers of system calls in the running kernel: name, state, the\n"
		"function that handles it, and of a late-bound call the provider. The state is\n"
		"implemented, configured out, retired, late-bound, or hole. A handler that is no\n"
		"function of the kernel itself, one that the table was not built with, and a name\n"
		"that the headers do not give to the number, are alarms, and are listed whatever\n"
		"--match says.\n\n"
		"Needs root, and the module klab_syscall_table.\n"
		"Exit status: 1 for an alarm.\n",
	.options = OPTION_MATCH | OPTION_COUNT | OPTION_JSON | OPTION_TSV,
	.max_args = 1,
	.run = audit_run,
};
