// SPDX-License-Identifier: GPL-2.0-only
/*
 * klab bench: every room's benchmark, one table, one verdict.
 */
#include <stdlib.h>
#include <string.h>

#include "klab.h"

#define BENCH	"bench"

enum bench_column {
	BENCH_SUBJECT,
	BENCH_PEER,
	BENCH_SUBJECT_COST,
	BENCH_PEER_COST,
	BENCH_RATIO,
	BENCH_BAR,
	BENCH_VERDICT,
	NR_BENCH_COLUMNS,
};

static const char * const bench_columns[NR_BENCH_COLUMNS] = {
	[BENCH_SUBJECT] = "subject",
	[BENCH_PEER] = "peer",
	[BENCH_SUBJECT_COST] = "subject_cost",
	[BENCH_PEER_COST] = "peer_cost",
	[BENCH_RATIO] = "ratio",
	[BENCH_BAR] = "bar",
	[BENCH_VERDICT] = "verdict",
};

/**
 * struct bench - the benchmarks of some rooms
 * @results: result per room
 * @rooms: the rooms
 * @nr: how many there are
 * @failed: some benchmark could not be run
 * @over: rows over their bar
 */
struct bench {
	struct table *results;
	const char **rooms;
	size_t nr;
	bool failed;
	size_t over;
};

static bool find_columns(const struct table *table, size_t *columns)
{
	size_t i, j;

	for (i = 0; i < NR_BENCH_COLUMNS; i++) {
		for (j = 0; j < table->nr_columns; j++) {
			if (!strcmp(table->columns[j].name, bench_columns[i]))
				break;
		}
		if (j == table->nr_columns)
			return false;
		columns[i] = j;
	}
	return true;
}

static void keep(struct bench *bench, const char *room,
		 const struct table *table)
{
	bench->results = xrealloc(bench->results, bench->nr + 1,
				  sizeof(*bench->results));
	bench->rooms = xrealloc(bench->rooms, bench->nr + 1,
				sizeof(*bench->rooms));
	bench->results[bench->nr] = *table;
	bench->rooms[bench->nr++] = room;
}

static void run_experiment(struct bench *bench, const char *room)
{
	char *path = xprintf("%s/" BENCH, room);
	size_t columns[NR_BENCH_COLUMNS];
	struct table table;

	if (experiment_table(path, NULL, 0, &table) != STATUS_OK) {
		bench->failed = true;
	} else if (!find_columns(&table, columns)) {
		klab_err("%s: the result is no benchmark's: a column is missing",
			 path);
		table_free(&table);
		bench->failed = true;
	} else {
		keep(bench, room, &table);
	}
	free(path);
}

static void run_peers(struct bench *bench, const char *room)
{
	struct table table;

	if (peers_run(room, &table)) {
		keep(bench, room, &table);
	} else {
		table_free(&table);
		bench->failed = true;
	}
}

/* The unit that all costs have in common, or NULL. */
static const char *common_unit(const struct bench *bench)
{
	const char *unit = NULL;
	size_t columns[NR_BENCH_COLUMNS];
	size_t i;

	for (i = 0; i < bench->nr; i++) {
		const struct table *result = &bench->results[i];
		const char *this;

		find_columns(result, columns);
		this = result->columns[columns[BENCH_SUBJECT_COST]].unit;
		if (!this || (unit && strcmp(unit, this)))
			return NULL;
		unit = this;
	}
	return unit;
}

static void add_columns(struct table *table, const char *unit)
{
	size_t i;

	table_column(table, "room");
	for (i = 0; i < NR_BENCH_COLUMNS; i++) {
		bool cost = i == BENCH_SUBJECT_COST || i == BENCH_PEER_COST;

		if (unit && cost)
			table_column(table, table_text(table, "%s[%s]",
						       bench_columns[i], unit));
		else
			table_column(table, bench_columns[i]);
	}
	if (!unit)
		table_column(table, "unit");
}

static void add_result(struct bench *bench, struct table *table, size_t nr,
		       bool units)
{
	const struct table *result = &bench->results[nr];
	size_t columns[NR_BENCH_COLUMNS];
	size_t row, i;

	find_columns(result, columns);
	for (row = 0; row < result->nr_rows; row++) {
		const char **cells = table_row(table);
		const char *unit;

		cells[0] = bench->rooms[nr];
		for (i = 0; i < NR_BENCH_COLUMNS; i++)
			cells[1 + i] = table_cell(result, row, columns[i]);
		unit = result->columns[columns[BENCH_SUBJECT_COST]].unit;
		if (units && unit)
			cells[1 + NR_BENCH_COLUMNS] = unit;
		if (!strcmp(cells[1 + BENCH_VERDICT], "over"))
			bench->over++;
	}
	for (i = 0; i < result->nr_notes; i++) {
		const struct note *note = &result->notes[i];

		table_note(table, table_text(table, "%s.%s", bench->rooms[nr],
					     note->key), note->value);
	}
}

static void print_bench(struct bench *bench, enum format format)
{
	const char *unit = common_unit(bench);
	struct table table = {};
	size_t i;

	add_columns(&table, unit);
	for (i = 0; i < bench->nr; i++)
		add_result(bench, &table, i, !unit);
	/* People read the table; what a run was given stands with klab run. */
	if (format == FORMAT_TEXT)
		table.nr_notes = 0;
	table_print(&table, format);
	if (format == FORMAT_TEXT && bench->over)
		printf("\n%zu over the bar\n", bench->over);
	table_free(&table);
}

static bool has_bench(const struct registry *registry, const char *room)
{
	size_t i;

	for (i = 0; i < registry->nr_entries; i++) {
		const struct entry *entry = &registry->entries[i];

		if (!strcmp(entry->room, room) && !strcmp(entry->name, BENCH))
			return true;
	}
	return false;
}

/* What the kernel measures, then what this program does. */
static void run_one(struct bench *bench, const struct registry *registry,
		    const char *room)
{
	if (has_bench(registry, room))
		run_experiment(bench, room);
	if (peers_have(room))
		run_peers(bench, room);
}

static int run_named(struct bench *bench, const struct registry *registry,
		     const struct options *options)
{
	int i;

	/* All names are looked at before the first benchmark takes its time. */
	for (i = 0; i < options->nr_args; i++) {
		const char *room = options->args[i];

		if (peers_have(room) || has_bench(registry, room))
			continue;
		if (peers_module(room)) {
			klab_err("room '%s' has no benchmark in the running kernel; load it: modprobe %s",
				 room, peers_module(room));
			return STATUS_FAILED;
		}
		if (!registry_has_room(registry, room)) {
			registry_explain_room(registry, room);
			return STATUS_FAILED;
		}
		klab_err("room '%s' has no benchmark", room);
		return STATUS_FAILED;
	}
	for (i = 0; i < options->nr_args; i++)
		run_one(bench, registry, options->args[i]);
	return STATUS_OK;
}

static int run_all(struct bench *bench, const struct registry *registry)
{
	const char *room;
	bool any = false;
	size_t i;

	for (i = 0; i < registry->nr_entries; i++) {
		if (strcmp(registry->entries[i].name, BENCH))
			continue;
		any = true;
		run_one(bench, registry, registry->entries[i].room);
	}
	/* Rooms of which the kernel measures nothing. */
	for (i = 0; (room = peers_room(i)); i++) {
		if (has_bench(registry, room) || !peers_have(room))
			continue;
		any = true;
		run_peers(bench, room);
	}
	if (any)
		return STATUS_OK;
	klab_err("no room with a benchmark is loaded");
	return STATUS_FAILED;
}

static int bench_run(const struct options *options)
{
	struct registry registry;
	struct bench all = {};
	int status;
	size_t i;

	if (registry_read(&registry))
		return STATUS_FAILED;
	if (options->nr_args)
		status = run_named(&all, &registry, options);
	else
		status = run_all(&all, &registry);
	if (all.nr)
		print_bench(&all, options->format);
	if (all.over)
		status = STATUS_CHECK;
	else if (all.failed)
		status = STATUS_FAILED;

	for (i = 0; i < all.nr; i++)
		table_free(&all.results[i]);
	free(all.results);
	free(all.rooms);
	registry_free(&registry);
	return status;
}

const struct command bench_command = {
	.name = "bench",
	.usage = "[ROOM ...] [--json|--tsv]",
	.summary = "run the rooms' benchmarks and hold them to their bars",
	.help = "Runs the experiment 'bench' of the named rooms, or of all, and prints one table:\n"
		"what a subject costs beside its peer in the same boot, their ratio, and the\n"
		"most that it may be. Exit status 1 if one is over its bar.\n",
	.options = OPTION_JSON | OPTION_TSV,
	.max_args = -1,
	.run = bench_run,
};
