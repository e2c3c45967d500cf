// SPDX-License-Identifier: GPL-2.0-only
/*
 * klab run: one experiment, one table.
 */
#include <stdlib.h>
#include <string.h>

#include "klab.h"

static bool has_histograms(const struct table *table)
{
	size_t i;

	for (i = 0; i < table->nr_notes; i++) {
		if (!strncmp(table->notes[i].key, NOTE_HISTOGRAM,
			     strlen(NOTE_HISTOGRAM)))
			return true;
	}
	return false;
}

/* What the kernel wrote, to the byte. */
static int run_raw(const struct options *options)
{
	char *room, *name, *text;
	size_t len;

	if (!experiment_split(options->args[0], &room, &name))
		return STATUS_USAGE;
	text = experiment_run(room, name, options->args + 1,
			      options->nr_args - 1, &len);
	if (text)
		fwrite(text, 1, len, stdout);
	free(room);
	free(name);
	free(text);
	return text ? STATUS_OK : STATUS_FAILED;
}

static int run_run(const struct options *options)
{
	struct table table;
	int status;

	if (options->format == FORMAT_TSV)
		return run_raw(options);

	status = experiment_table(options->args[0], options->args + 1,
				  options->nr_args - 1, &table);
	if (status != STATUS_OK)
		return status;

	if (options->format == FORMAT_JSON) {
		table_print_json(&table, options->args[0], stdout);
	} else {
		table_print_text(&table, stdout);
		if (has_histograms(&table))
			printf("\nHistograms: klab plot %s\n",
			       options->args[0]);
	}
	table_free(&table);
	return STATUS_OK;
}

const struct command run_command = {
	.name = "run",
	.usage = "ROOM/EXPERIMENT [NAME=VALUE ...] [--json|--tsv]",
	.summary = "run an experiment and print what it found",
	.help = "Runs an experiment in the running kernel, with the parameters given and the\n"
		"defaults of the others, and prints its notes and its table. Needs root.\n"
		"'klab list ROOM/EXPERIMENT' shows the parameters. Ctrl-C ends the run.\n",
	.options = OPTION_JSON | OPTION_TSV,
	.min_args = 1,
	.max_args = -1,
	.run = run_run,
};
