// SPDX-License-Identifier: GPL-2.0-only
/*
 * klab list: what can be asked.
 */
#include <stdlib.h>
#include <string.h>

#include "klab.h"

#define TYPE_CHOICE	"choice:"

struct filter {
	const char *room;
	const char *name;
};

static bool wanted(const struct filter *filter, const struct entry *entry)
{
	if (filter->room && strcmp(filter->room, entry->room))
		return false;
	return !filter->name || !strcmp(filter->name, entry->name);
}

static bool is_choice(const struct parameter *param)
{
	return !strncmp(param->type, TYPE_CHOICE, strlen(TYPE_CHOICE));
}

static void json_param(struct json *json, const struct parameter *param)
{
	json_open(json, NULL, '{');
	json_string(json, "name", param->name);
	json_string(json, "type", is_choice(param) ? "choice" : param->type);
	if (is_choice(param)) {
		char *words = xstrdup(param->type + strlen(TYPE_CHOICE));
		char *rest = words;
		char *word;

		json_open(json, "choices", '[');
		while ((word = strsep(&rest, "|")))
			json_string(json, NULL, word);
		json_close(json, ']');
		free(words);
	}
	/* The default of a number is a number, that of a string never is. */
	if (is_choice(param) || !strcmp(param->type, "string"))
		json_string(json, "default", param->def);
	else
		json_scalar(json, "default", param->def);
	json_scalar(json, "min", *param->min ? param->min : "-");
	json_scalar(json, "max", *param->max ? param->max : "-");
	json_string(json, "unit", *param->unit ? param->unit : NULL);
	json_string(json, "help", param->help);
	json_close(json, '}');
}

static void print_json(const struct registry *registry,
		       const struct filter *filter)
{
	struct json json = { .out = stdout };
	size_t i, j;

	json_open(&json, NULL, '[');
	for (i = 0; i < registry->nr_entries; i++) {
		const struct entry *entry = &registry->entries[i];

		if (!wanted(filter, entry))
			continue;
		json_open(&json, NULL, '{');
		json_string(&json, "room", entry->room);
		json_string(&json, "experiment", entry->name);
		json_string(&json, "question", entry->question);
		json_open(&json, "parameters", '[');
		for (j = 0; j < entry->nr_params; j++)
			json_param(&json, &entry->params[j]);
		json_close(&json, ']');
		json_close(&json, '}');
	}
	json_close(&json, ']');
}

static void print_tsv(const struct registry *registry,
		      const struct filter *filter)
{
	struct table table = {};
	size_t i;

	table_column(&table, "room");
	table_column(&table, "experiment");
	table_column(&table, "question");
	for (i = 0; i < registry->nr_entries; i++) {
		const struct entry *entry = &registry->entries[i];
		const char **cells;

		if (!wanted(filter, entry))
			continue;
		cells = table_row(&table);
		cells[0] = entry->room;
		cells[1] = entry->name;
		cells[2] = entry->question;
	}
	table_print_tsv(&table, stdout);
	table_free(&table);
}

static void print_rooms(const struct registry *registry,
			const struct filter *filter)
{
	const char *room = NULL;
	size_t width = 0;
	size_t i;

	for (i = 0; i < registry->nr_entries; i++) {
		const struct entry *entry = &registry->entries[i];

		if (wanted(filter, entry) && safe_width(entry->name) > width)
			width = safe_width(entry->name);
	}
	for (i = 0; i < registry->nr_entries; i++) {
		const struct entry *entry = &registry->entries[i];

		if (!wanted(filter, entry))
			continue;
		if (!room || strcmp(room, entry->room)) {
			if (room)
				putchar('\n');
			put_safe(stdout, entry->room);
			putchar('\n');
		}
		room = entry->room;
		fputs("  ", stdout);
		put_padded(stdout, entry->name, width + 2, false);
		put_safe(stdout, entry->question);
		putchar('\n');
	}
}

static const char *range(struct table *table, const struct parameter *param)
{
	if (is_choice(param))
		return param->type + strlen(TYPE_CHOICE);
	if (!strcmp(param->type, "string") && *param->max)
		return table_text(table, "1..%s bytes", param->max);
	if (*param->min || *param->max)
		return table_text(table, "%s..%s", param->min, param->max);
	return "-";
}

static const char *or_dash(const char *text)
{
	return *text ? text : "-";
}

static void print_experiment(const struct entry *entry)
{
	static const char * const columns[] = {
		"parameter", "type", "default", "range", "unit", "help",
	};
	struct table table = {};
	size_t i;

	table_note(&table, table_text(&table, "%s/%s", entry->room,
				      entry->name), entry->question);
	for (i = 0; i < ARRAY_SIZE(columns) && entry->nr_params; i++)
		table_column(&table, columns[i]);
	for (i = 0; i < entry->nr_params; i++) {
		const struct parameter *param = &entry->params[i];
		const char **cells = table_row(&table);

		cells[0] = param->name;
		cells[1] = is_choice(param) ? "choice" : param->type;
		cells[2] = or_dash(param->def);
		cells[3] = range(&table, param);
		cells[4] = or_dash(param->unit);
		cells[5] = param->help;
	}
	table_print_text(&table, stdout);
	if (!entry->nr_params)
		puts("It takes no parameters.");
	table_free(&table);
}

static void print_params_tsv(const struct entry *entry)
{
	static const char * const columns[] = {
		"parameter", "type", "default", "min", "max", "unit", "help",
	};
	struct table table = {};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(columns); i++)
		table_column(&table, columns[i]);
	for (i = 0; i < entry->nr_params; i++) {
		const struct parameter *param = &entry->params[i];
		const char **cells = table_row(&table);

		cells[0] = param->name;
		cells[1] = param->type;
		cells[2] = param->def;
		cells[3] = param->min;
		cells[4] = param->max;
		cells[5] = param->unit;
		cells[6] = param->help;
	}
	table_print_tsv(&table, stdout);
	table_free(&table);
}

static const struct entry *first(const struct registry *registry,
				 const struct filter *filter)
{
	size_t i;

	for (i = 0; i < registry->nr_entries; i++) {
		if (wanted(filter, &registry->entries[i]))
			return &registry->entries[i];
	}
	return NULL;
}

static int print_list(const struct registry *registry,
		      const struct filter *filter, enum format format)
{
	const struct entry *entry = first(registry, filter);

	if (!entry && filter->name) {
		registry_explain_missing(filter->room, filter->name);
		return STATUS_FAILED;
	}
	if (!entry && filter->room) {
		registry_explain_room(registry, filter->room);
		return STATUS_FAILED;
	}

	if (format == FORMAT_JSON)
		print_json(registry, filter);
	else if (filter->name && format == FORMAT_TSV)
		print_params_tsv(entry);
	else if (filter->name)
		print_experiment(entry);
	else if (format == FORMAT_TSV)
		print_tsv(registry, filter);
	else if (entry)
		print_rooms(registry, filter);
	else
		puts("No room is loaded; load one: modprobe klab_irq_bottom, for example.");
	return STATUS_OK;
}

static int list_run(const struct options *options)
{
	const char *what = options->nr_args ? options->args[0] : NULL;
	struct filter filter = {};
	struct registry registry;
	char *room = NULL, *name = NULL;
	int status;

	if (what && strchr(what, '/')) {
		if (!experiment_split(what, &room, &name))
			return STATUS_USAGE;
		filter.room = room;
		filter.name = name;
	} else {
		filter.room = what;
	}

	status = STATUS_FAILED;
	if (!registry_read(&registry)) {
		status = print_list(&registry, &filter, options->format);
		registry_free(&registry);
	}
	free(room);
	free(name);
	return status;
}

const struct command list_command = {
	.name = "list",
	.usage = "[ROOM[/EXPERIMENT]] [--json|--tsv]",
	.summary = "what experiments there are, and their parameters",
	.help = "Lists the experiments of the running kernel, room by room, each with the\n"
		"question it answers. With ROOM/EXPERIMENT: its parameters, with type,\n"
		"default, range, unit and meaning.\n",
	.options = OPTION_JSON | OPTION_TSV,
	.max_args = 1,
	.run = list_run,
};
