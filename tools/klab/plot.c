// SPDX-License-Identifier: GPL-2.0-only
/*
 * klab plot: bars in the terminal.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "klab.h"

#define BAR_MIN		10
#define EIGHTHS		8
#define BUCKETS_MAX	65	/* 0 and each power of two of 64 bits */

struct bar {
	const char *label;
	const char *value;
	double number;
};

struct histogram {
	char *label;
	unsigned long long counts[BUCKETS_MAX];
};

static void print_bar(double part, unsigned int width, bool utf8)
{
	static const char * const blocks[EIGHTHS] = {
		"", "\u258f", "\u258e", "\u258d", "\u258c", "\u258b", "\u258a",
		"\u2589",
	};
	unsigned int eighths = (unsigned int)(part * width * EIGHTHS + 0.5);
	unsigned int i;

	if (!utf8)
		eighths = (eighths + EIGHTHS / 2) / EIGHTHS * EIGHTHS;
	/* What is not nothing is to be seen. */
	if (part > 0 && !eighths)
		eighths = utf8 ? 1 : EIGHTHS;
	for (i = 0; i < eighths / EIGHTHS; i++)
		fputs(utf8 ? "\u2588" : "#", stdout);
	fputs(blocks[eighths % EIGHTHS], stdout);
}

static void print_bars(const struct bar *bars, size_t nr)
{
	size_t label_width = 0, value_width = 0, used, i;
	unsigned int width = terminal_width();
	bool utf8 = locale_is_utf8();
	double max = 0;

	for (i = 0; i < nr; i++) {
		size_t label = safe_width(bars[i].label);
		size_t value = safe_width(bars[i].value);

		if (label > label_width)
			label_width = label;
		if (value > value_width)
			value_width = value;
		if (bars[i].number > max)
			max = bars[i].number;
	}
	used = label_width + value_width + 4;
	width = used + BAR_MIN < width ? width - (unsigned int)used : BAR_MIN;

	for (i = 0; i < nr; i++) {
		double part = max > 0 ? bars[i].number / max : 0;

		put_padded(stdout, bars[i].label, label_width, false);
		fputs("  ", stdout);
		put_padded(stdout, bars[i].value, value_width, true);
		if (part > 0) {
			putchar(' ');
			print_bar(part, width, utf8);
		}
		putchar('\n');
	}
}

/* Index of the named column, of the first of its name without unit, or -1. */
static ssize_t find_column(const struct table *table, const char *name)
{
	size_t i;

	for (i = 0; i < table->nr_columns; i++) {
		if (!strcmp(table->columns[i].key, name))
			return (ssize_t)i;
	}
	for (i = 0; i < table->nr_columns; i++) {
		if (!strcmp(table->columns[i].name, name))
			return (ssize_t)i;
	}
	return -1;
}

static size_t leading_labels(const struct table *table)
{
	size_t i;

	for (i = 0; i < table->nr_columns; i++) {
		if (table_column_is_numeric(table, i))
			break;
	}
	return i;
}

static ssize_t default_column(const struct table *table)
{
	static const char * const names[] = {
		"median", "cost", "subject_cost", "rate",
	};
	ssize_t column;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		column = find_column(table, names[i]);
		if (column >= 0 && table_column_is_numeric(table, (size_t)column))
			return column;
	}
	/* The last: parameters that were varied stand before what was measured. */
	for (i = table->nr_columns; i > 0; i--) {
		if (table_column_is_numeric(table, i - 1))
			return (ssize_t)i - 1;
	}
	return -1;
}

static char *row_label(const struct table *table, size_t row, size_t columns,
		       size_t plotted)
{
	char *label = xstrdup("");
	size_t i;

	for (i = 0; i < columns; i++) {
		char *old = label;

		if (i == plotted)
			continue;
		label = xprintf("%s%s%s", old, *old ? " " : "",
				table_cell(table, row, i));
		free(old);
	}
	return label;
}

static int compare_labels(const void *left, const void *right)
{
	return strcmp(*(char * const *)left, *(char * const *)right);
}

static bool labels_differ(const struct table *table, size_t columns,
			  size_t plotted)
{
	char **labels = xrealloc(NULL, table->nr_rows, sizeof(*labels));
	bool differ = true;
	size_t row;

	for (row = 0; row < table->nr_rows; row++)
		labels[row] = row_label(table, row, columns, plotted);
	qsort(labels, table->nr_rows, sizeof(*labels), compare_labels);
	for (row = 1; row < table->nr_rows; row++)
		differ &= strcmp(labels[row - 1], labels[row]) != 0;
	for (row = 0; row < table->nr_rows; row++)
		free(labels[row]);
	free(labels);
	return differ;
}

/* The words in front, and as many parameters after them as tell rows apart. */
static size_t label_columns(const struct table *table, size_t plotted)
{
	size_t columns = leading_labels(table);

	if (!columns)
		columns = 1;
	while (columns < plotted && !labels_differ(table, columns, plotted))
		columns++;
	return columns;
}

static void plot_column(const struct table *table, size_t plotted)
{
	size_t columns = label_columns(table, plotted);
	struct bar *bars;
	size_t row;

	bars = xrealloc(NULL, table->nr_rows, sizeof(*bars));
	for (row = 0; row < table->nr_rows; row++) {
		bars[row].label = row_label(table, row, columns, plotted);
		bars[row].value = table_cell(table, row, plotted);
		bars[row].number = strtod(bars[row].value, NULL);
	}
	put_safe(stdout, table->columns[plotted].key);
	putchar('\n');
	print_bars(bars, table->nr_rows);
	for (row = 0; row < table->nr_rows; row++)
		free((char *)bars[row].label);
	free(bars);
}

static unsigned int bucket_of(unsigned long long lower)
{
	unsigned int bucket = 0;

	while (lower) {
		bucket++;
		lower >>= 1;
	}
	return bucket;
}

/* "lower:count lower:count ..."; false for anything else. */
static bool add_buckets(struct histogram *histogram, const char *text)
{
	char *end;

	while (*text) {
		unsigned long long lower, count;

		errno = 0;
		lower = strtoull(text, &end, 10);
		if (end == text || *end != ':')
			return false;
		text = end + 1;
		count = strtoull(text, &end, 10);
		if (end == text || (*end && *end != ' ') || errno)
			return false;
		text = end + strspn(end, " ");
		histogram->counts[bucket_of(lower)] += count;
	}
	return true;
}

static struct histogram *find_histogram(struct histogram **histograms,
					size_t *nr, const char *label,
					size_t len)
{
	struct histogram *histogram;
	size_t i;

	for (i = 0; i < *nr; i++) {
		histogram = &(*histograms)[i];
		if (strlen(histogram->label) == len &&
		    !memcmp(histogram->label, label, len))
			return histogram;
	}
	*histograms = xrealloc(*histograms, *nr + 1, sizeof(**histograms));
	histogram = &(*histograms)[(*nr)++];
	memset(histogram, 0, sizeof(*histogram));
	histogram->label = xprintf("%.*s", (int)len, label);
	return histogram;
}

/* "histogram.<label>.cpu<N>": the label may have dots of its own. */
static size_t label_length(const char *label)
{
	const char *dot = strrchr(label, '.');

	if (dot && !strncmp(dot, ".cpu", 4) && dot[4] &&
	    !dot[4 + strspn(dot + 4, "0123456789")])
		return (size_t)(dot - label);
	return strlen(label);
}

static unsigned long long bucket_lower(unsigned int bucket)
{
	return bucket ? 1ull << (bucket - 1) : 0;
}

static void print_histogram(const struct histogram *histogram)
{
	char labels[BUCKETS_MAX][32], values[BUCKETS_MAX][24];
	unsigned int low = 0, high = BUCKETS_MAX, i;
	struct bar bars[BUCKETS_MAX];
	int width;

	while (low < BUCKETS_MAX && !histogram->counts[low])
		low++;
	while (high > low && !histogram->counts[high - 1])
		high--;

	put_safe(stdout, histogram->label);
	puts(" [ns]: samples from this time on, up to twice it");
	if (low == high)
		return;
	width = snprintf(NULL, 0, "%llu", bucket_lower(high - 1));
	for (i = low; i < high; i++) {
		snprintf(labels[i], sizeof(labels[i]), "%*llu", width,
			 bucket_lower(i));
		snprintf(values[i], sizeof(values[i]), "%llu",
			 histogram->counts[i]);
		bars[i].label = labels[i];
		bars[i].value = values[i];
		bars[i].number = (double)histogram->counts[i];
	}
	print_bars(bars + low, high - low);
}

static size_t plot_histograms(const struct table *table, bool title)
{
	struct histogram *histograms = NULL;
	size_t nr = 0, i;

	for (i = 0; i < table->nr_notes; i++) {
		const char *key = table->notes[i].key;
		const char *label = key + strlen(NOTE_HISTOGRAM);
		struct histogram *histogram;

		if (strncmp(key, NOTE_HISTOGRAM, strlen(NOTE_HISTOGRAM)))
			continue;
		histogram = find_histogram(&histograms, &nr, label,
					   label_length(label));
		if (!add_buckets(histogram, table->notes[i].value))
			klab_err("histogram %s cannot be understood", label);
	}
	for (i = 0; i < nr; i++) {
		if (title || i)
			putchar('\n');
		print_histogram(&histograms[i]);
		free(histograms[i].label);
	}
	free(histograms);
	return nr;
}

static int plot_table(const struct table *table, const char *name)
{
	ssize_t column;
	size_t i;

	column = name ? find_column(table, name) : default_column(table);
	if (name && column < 0) {
		klab_err("there is no column '%s'; there is:", name);
		for (i = 0; i < table->nr_columns; i++)
			klab_err("  %s", table->columns[i].key);
		return STATUS_FAILED;
	}
	if (name && !table_column_is_numeric(table, (size_t)column)) {
		klab_err("column '%s' has no numbers", name);
		return STATUS_FAILED;
	}
	if (column >= 0)
		plot_column(table, (size_t)column);
	if (!plot_histograms(table, column >= 0) && column < 0) {
		klab_err("the result has nothing to plot: no column of numbers");
		return STATUS_FAILED;
	}
	return STATUS_OK;
}

static int plot_run(const struct options *options)
{
	struct table table;
	int status;

	status = experiment_table(options->args[0], options->args + 1,
				  options->nr_args - 1, &table);
	if (status != STATUS_OK)
		return status;
	status = plot_table(&table, options->column);
	table_free(&table);
	return status;
}

const struct command plot_command = {
	.name = "plot",
	.usage = "ROOM/EXPERIMENT [NAME=VALUE ...] [--column NAME]",
	.summary = "run an experiment and plot a column, and its histograms",
	.help = "Runs an experiment as 'klab run' does and prints a bar per row: of the named\n"
		"column, else of the median or whatever the table is about. Distributions that\n"
		"the result carries follow as histograms, all CPUs together.\n",
	.options = OPTION_COLUMN,
	.min_args = 1,
	.max_args = -1,
	.run = plot_run,
};
