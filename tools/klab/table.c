// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tables: made here or read from an experiment, printed in three formats.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "klab.h"

#define COLUMN_GAP	2

/**
 * table_free() - free what a table holds
 * @table: the table, empty afterwards
 */
void table_free(struct table *table)
{
	size_t i;

	for (i = 0; i < table->nr_texts; i++)
		free(table->texts[i]);
	free(table->texts);
	free(table->notes);
	free(table->columns);
	free(table->cells);
	memset(table, 0, sizeof(*table));
}

static char *keep(struct table *table, char *text)
{
	/* Grown at powers of two, so that no capacity need be stored. */
	if (!(table->nr_texts & (table->nr_texts - 1)))
		table->texts = xrealloc(table->texts, 2 * table->nr_texts + 1,
					sizeof(*table->texts));
	table->texts[table->nr_texts++] = text;
	return text;
}

/**
 * table_text() - print into a string that lives as long as the table
 * @table: the table
 * @fmt: format
 *
 * Return: the string.
 */
const char *table_text(struct table *table, const char *fmt, ...)
{
	va_list args;
	char *text;
	int len;

	va_start(args, fmt);
	len = vasprintf(&text, fmt, args);
	va_end(args);
	return keep(table, len < 0 ? xstrdup("") : text);
}

/**
 * table_note() - add a note
 * @table: the table
 * @key: what it is about; must outlive the table, as @value
 * @value: what it says
 */
void table_note(struct table *table, const char *key, const char *value)
{
	if (!(table->nr_notes & (table->nr_notes - 1)))
		table->notes = xrealloc(table->notes, 2 * table->nr_notes + 1,
					sizeof(*table->notes));
	table->notes[table->nr_notes].key = key;
	table->notes[table->nr_notes++].value = value;
}

/**
 * table_column() - add a column, before the first row
 * @table: the table
 * @key: word of the header row, such as "min[ns]"; must outlive the table
 */
void table_column(struct table *table, const char *key)
{
	const char *bracket = strchr(key, '[');
	size_t len = strlen(key);
	struct column *column;

	table->columns = xrealloc(table->columns, table->nr_columns + 1,
				  sizeof(*table->columns));
	column = &table->columns[table->nr_columns++];
	column->key = key;
	column->name = key;
	column->unit = NULL;
	if (bracket && bracket > key && key[len - 1] == ']') {
		column->name = table_text(table, "%.*s", (int)(bracket - key),
					  key);
		column->unit = table_text(table, "%.*s",
					  (int)(key + len - 2 - bracket),
					  bracket + 1);
	}
}

/**
 * table_row() - add a row
 * @table: the table
 *
 * Return: its cells, each "-", to be set; valid until the next row is added.
 */
const char **table_row(struct table *table)
{
	const char **cells;
	size_t i;

	if (table->nr_rows == table->max_rows) {
		table->max_rows = table->max_rows ? 2 * table->max_rows : 16;
		table->cells = xrealloc(table->cells, table->max_rows,
					(table->nr_columns + 1) *
					sizeof(*table->cells));
	}
	cells = table->cells + table->nr_rows++ * table->nr_columns;
	for (i = 0; i < table->nr_columns; i++)
		cells[i] = "-";
	return cells;
}

/**
 * table_cell() - a cell
 * @table: the table
 * @row: its row
 * @column: its column
 *
 * Return: its text.
 */
const char *table_cell(const struct table *table, size_t row, size_t column)
{
	return table->cells[row * table->nr_columns + column];
}

/**
 * table_column_is_numeric() - does a column hold numbers
 * @table: the table
 * @column: the column
 *
 * Return: true if it has a number, and nothing but numbers and "-".
 */
bool table_column_is_numeric(const struct table *table, size_t column)
{
	bool numbers = false;
	size_t row;

	for (row = 0; row < table->nr_rows; row++) {
		const char *cell = table_cell(table, row, column);

		if (!strcmp(cell, "-"))
			continue;
		if (!json_is_number(cell))
			return false;
		numbers = true;
	}
	return numbers;
}

static void parse_note(struct table *table, char *text)
{
	char *equals = strchr(text, '=');

	if (!equals) {
		table_note(table, "note", text);
		return;
	}
	*equals = '\0';
	table_note(table, text, equals + 1);
}

static char *parse_row(struct table *table, char *line, size_t number)
{
	const char **cells = table_row(table);
	size_t nr = 0;
	char *cell;

	while ((cell = strsep(&line, "\t"))) {
		if (nr < table->nr_columns)
			cells[nr] = cell;
		nr++;
	}
	if (nr == table->nr_columns)
		return NULL;
	return xprintf("line %zu has %zu cells under %zu columns", number, nr,
		       table->nr_columns);
}

/**
 * table_parse() - read a table as an experiment writes it
 * @table: the table, empty or zeroed
 * @text: notes "# key=value", a header row, rows; separated by tabs
 * @len: length of the text
 *
 * Return: NULL, or what is wrong with the text, for free().
 */
char *table_parse(struct table *table, const char *text, size_t len)
{
	size_t number = 0;
	char *copy, *line;
	char *error = NULL;

	if (memchr(text, '\0', len))
		return xstrdup("it holds a NUL byte");

	copy = keep(table, xprintf("%.*s", (int)len, text));
	while (!error && (line = strsep(&copy, "\n"))) {
		number++;
		if (!*line)
			continue;
		if (!strncmp(line, "# ", 2)) {
			parse_note(table, line + 2);
		} else if (!table->nr_columns) {
			char *key;

			while ((key = strsep(&line, "\t")))
				table_column(table, key);
		} else {
			error = parse_row(table, line, number);
		}
	}
	return error;
}

static bool print_notes(const struct table *table, FILE *out)
{
	bool printed = false;
	size_t i;

	for (i = 0; i < table->nr_notes; i++) {
		if (!strncmp(table->notes[i].key, NOTE_HISTOGRAM,
			     strlen(NOTE_HISTOGRAM)))
			continue;
		put_safe(out, table->notes[i].key);
		fputs(": ", out);
		put_safe(out, table->notes[i].value);
		fputc('\n', out);
		printed = true;
	}
	return printed;
}

static void print_cell(const struct table *table, FILE *out, size_t column,
		       const char *text, size_t width, bool right)
{
	bool last = column + 1 == table->nr_columns;

	/* No blanks at the end of a line. */
	put_padded(out, text, last && !right ? 0 : width, right);
	if (last)
		fputc('\n', out);
	else
		fprintf(out, "%*s", COLUMN_GAP, "");
}

/**
 * table_print_text() - print a table for people
 * @table: the table
 * @out: where to
 *
 * Histograms among the notes are left to klab plot.
 */
void table_print_text(const struct table *table, FILE *out)
{
	size_t *widths = xrealloc(NULL, table->nr_columns, sizeof(*widths));
	bool *right = xrealloc(NULL, table->nr_columns, sizeof(*right));
	size_t row, i;

	if (print_notes(table, out) && table->nr_columns)
		fputc('\n', out);

	for (i = 0; i < table->nr_columns; i++) {
		right[i] = table_column_is_numeric(table, i);
		widths[i] = safe_width(table->columns[i].key);
		for (row = 0; row < table->nr_rows; row++) {
			size_t width = safe_width(table_cell(table, row, i));

			if (width > widths[i])
				widths[i] = width;
		}
	}
	for (i = 0; i < table->nr_columns; i++)
		print_cell(table, out, i, table->columns[i].key, widths[i],
			   right[i]);
	for (row = 0; row < table->nr_rows; row++) {
		for (i = 0; i < table->nr_columns; i++)
			print_cell(table, out, i, table_cell(table, row, i),
				   widths[i], right[i]);
	}
	free(widths);
	free(right);
}

/**
 * table_print_tsv() - print a table as an experiment would
 * @table: the table
 * @out: where to
 */
void table_print_tsv(const struct table *table, FILE *out)
{
	size_t row, i;

	for (i = 0; i < table->nr_notes; i++) {
		fputs("# ", out);
		put_safe(out, table->notes[i].key);
		fputc('=', out);
		put_safe(out, table->notes[i].value);
		fputc('\n', out);
	}
	for (i = 0; i < table->nr_columns; i++) {
		put_safe(out, table->columns[i].key);
		fputc(i + 1 < table->nr_columns ? '\t' : '\n', out);
	}
	for (row = 0; row < table->nr_rows; row++) {
		for (i = 0; i < table->nr_columns; i++) {
			put_safe(out, table_cell(table, row, i));
			fputc(i + 1 < table->nr_columns ? '\t' : '\n', out);
		}
	}
}

static bool key_seen(const struct table *table, size_t nr)
{
	size_t i;

	for (i = 0; i < nr; i++) {
		if (!strcmp(table->notes[i].key, table->notes[nr].key))
			return true;
	}
	return false;
}

/* A key that is there more than once has all its values, in an array. */
static void json_note(struct json *json, const struct table *table, size_t nr)
{
	const char *key = table->notes[nr].key;
	size_t i, count = 0;

	for (i = nr; i < table->nr_notes; i++)
		count += !strcmp(table->notes[i].key, key);
	if (count == 1) {
		json_scalar(json, key, table->notes[nr].value);
		return;
	}
	json_open(json, key, '[');
	for (i = nr; i < table->nr_notes; i++) {
		if (!strcmp(table->notes[i].key, key))
			json_scalar(json, NULL, table->notes[i].value);
	}
	json_close(json, ']');
}

static void json_columns(struct json *json, const struct table *table)
{
	size_t i;

	json_open(json, "columns", '[');
	for (i = 0; i < table->nr_columns; i++) {
		json_open(json, NULL, '{');
		json_string(json, "key", table->columns[i].key);
		json_string(json, "name", table->columns[i].name);
		json_string(json, "unit", table->columns[i].unit);
		json_close(json, '}');
	}
	json_close(json, ']');
}

/**
 * table_print_json() - print a table for programs
 * @table: the table
 * @experiment: "room/name" of the experiment, or NULL
 * @out: where to
 *
 * Rows are objects with the words of the header row as keys, units included:
 * two columns may differ in the unit only.
 */
void table_print_json(const struct table *table, const char *experiment,
		      FILE *out)
{
	struct json json = { .out = out };
	size_t row, i;

	json_open(&json, NULL, '{');
	if (experiment)
		json_string(&json, "experiment", experiment);
	json_open(&json, "notes", '{');
	for (i = 0; i < table->nr_notes; i++) {
		if (!key_seen(table, i))
			json_note(&json, table, i);
	}
	json_close(&json, '}');
	json_columns(&json, table);
	json_open(&json, "rows", '[');
	for (row = 0; row < table->nr_rows; row++) {
		json_open(&json, NULL, '{');
		for (i = 0; i < table->nr_columns; i++)
			json_scalar(&json, table->columns[i].key,
				    table_cell(table, row, i));
		json_close(&json, '}');
	}
	json_close(&json, ']');
	json_close(&json, '}');
}

/**
 * table_print() - print a table that is no experiment's to standard output
 * @table: the table
 * @format: how
 */
void table_print(const struct table *table, enum format format)
{
	switch (format) {
	case FORMAT_TSV:
		table_print_tsv(table, stdout);
		break;
	case FORMAT_JSON:
		table_print_json(table, NULL, stdout);
		break;
	case FORMAT_TEXT:
	default:
		table_print_text(table, stdout);
		break;
	}
}
