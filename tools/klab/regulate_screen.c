// SPDX-License-Identifier: GPL-2.0-only
/*
 * A plot that fills the terminal, which is left as it was found.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "klab.h"
#include "regulate.h"

/* Another screen, without a cursor; and back. */
#define SCREEN_ON	"\033[?1049h\033[?25l\033[2J"
#define SCREEN_OFF	"\033[?25h\033[?1049l"
#define SCREEN_HOME	"\033[H"
#define LINE_END	"\033[K\r\n"

#define ROWS		24
#define ROWS_MIN	8
#define ROWS_MAX	500

/* Above and below the plot: title and keys. */
#define ROWS_TEXT	2

/* What a cell of the plot shows, as bits. */
#define CELL_TARGET	BIT(0)
#define CELL_MODEL	BIT(1)
#define CELL_VALUE	BIT(2)
#define CELLS		BIT(3)

static struct termios before;
static bool entered;

static bool put_all(const char *text, size_t len)
{
	while (len) {
		ssize_t put = write(STDOUT_FILENO, text, len);

		if (put <= 0)
			return false;
		text += put;
		len -= (size_t)put;
	}
	return true;
}

/**
 * screen_leave() - give the terminal back, as it was
 *
 * What was typed and not read is dropped, so that it does not reach the shell.
 */
void screen_leave(void)
{
	if (!entered)
		return;
	entered = false;
	put_all(SCREEN_OFF, strlen(SCREEN_OFF));
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
}

/**
 * screen_enter() - take the terminal
 *
 * Keys come one by one and are not shown; Ctrl-C is a signal still. The terminal
 * is given back when the program exits, and before an error is printed.
 *
 * Return: false if it cannot be had.
 */
bool screen_enter(void)
{
	static bool registered;
	struct termios now;

	if (tcgetattr(STDIN_FILENO, &before))
		return false;
	if (!registered && atexit(screen_leave))
		return false;
	registered = true;
	/* With the screen its message would go too. */
	klab_before_err(screen_leave);
	now = before;
	now.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	now.c_cc[VMIN] = 1;
	now.c_cc[VTIME] = 0;
	if (tcsetattr(STDIN_FILENO, TCSAFLUSH, &now))
		return false;
	entered = true;
	return put_all(SCREEN_ON, strlen(SCREEN_ON));
}

static unsigned int screen_rows(void)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) || !size.ws_row)
		return ROWS;
	if (size.ws_row < ROWS_MIN)
		return ROWS_MIN;
	return size.ws_row < ROWS_MAX ? size.ws_row : ROWS_MAX;
}

/* Columns of the scale, left of the plot. */
#define SCALE_WIDTH	14

/**
 * screen_columns() - how many steps a plot can show
 *
 * Return: the number.
 */
unsigned int screen_columns(void)
{
	return terminal_width() - SCALE_WIDTH - 1;
}

/**
 * struct scale - what row stands for what number
 * @low: number of the lowest row
 * @high: number of the highest row
 * @rows: how many there are, at least 2
 */
struct scale {
	long long low;
	long long high;
	unsigned int rows;
};

static void widen(struct scale *scale, long long number)
{
	if (number < scale->low)
		scale->low = number;
	if (number > scale->high)
		scale->high = number;
}

static struct scale scale_of(const struct plot *plot, unsigned int rows)
{
	struct scale scale = {
		.low = plot->target, .high = plot->target, .rows = rows,
	};
	size_t i;

	for (i = 0; i < plot->nr; i++) {
		widen(&scale, plot->value[i]);
		widen(&scale, plot->model[i]);
	}
	/* A line needs room above and below it too. */
	if (scale.low == scale.high) {
		scale.low -= 1000;
		scale.high += 1000;
	}
	return scale;
}

/* Row of a number, 0 on top; rounded. */
static unsigned int row_of(const struct scale *scale, long long number)
{
	long long span = scale->high - scale->low;
	long long above = scale->high - number;

	return (unsigned int)((above * (scale->rows - 1) * 2 + span) /
			      (2 * span));
}

static long long number_of(const struct scale *scale, unsigned int row)
{
	return scale->high - (scale->high - scale->low) * (long long)row /
	       (long long)(scale->rows - 1);
}

/* An array of rows of columns, for free(). */
static unsigned char *draw(const struct plot *plot, const struct scale *scale,
			   unsigned int columns)
{
	size_t shown = plot->nr < columns ? plot->nr : columns;
	const long long *value = plot->value + plot->nr - shown;
	const long long *model = plot->model + plot->nr - shown;
	unsigned char *cells = xrealloc(NULL, scale->rows, columns);
	size_t i;

	memset(cells, 0, (size_t)scale->rows * columns);
	memset(cells + (size_t)row_of(scale, plot->target) * columns,
	       CELL_TARGET, columns);
	for (i = 0; i < shown; i++) {
		cells[(size_t)row_of(scale, value[i]) * columns + i] |=
			CELL_VALUE;
		cells[(size_t)row_of(scale, model[i]) * columns + i] |=
			CELL_MODEL;
	}
	return cells;
}

static void print_row(FILE *out, const unsigned char *cells,
		      unsigned int columns)
{
	/* The target, what the model says, what is, and both in one. */
	static const char * const ascii[CELLS] = {
		" ", "-", "o", "o", "x", "x", "*", "*",
	};
	static const char * const utf8[CELLS] = {
		" ", "\u2500", "\u25cb", "\u25cb", "\u2715", "\u2715",
		"\u25cf", "\u25cf",
	};
	bool is_utf8 = locale_is_utf8();
	unsigned int i;

	for (i = 0; i < columns; i++)
		fputs(is_utf8 ? utf8[cells[i]] : ascii[cells[i]], out);
}

static void print_plot(FILE *out, const struct plot *plot)
{
	unsigned int rows = screen_rows() - ROWS_TEXT;
	unsigned int columns = screen_columns();
	struct scale scale = scale_of(plot, rows);
	unsigned char *cells = draw(plot, &scale, columns);
	unsigned int width = terminal_width() - 1;
	unsigned int i;

	fprintf(out, SCREEN_HOME "%.*s" LINE_END, (int)width, plot->title);
	for (i = 0; i < rows; i++) {
		char *number = number_print(number_of(&scale, i),
					    DECIMALS_VALUE);

		fprintf(out, "%*s |", SCALE_WIDTH - 2, number);
		print_row(out, cells + (size_t)i * columns, columns);
		fputs(LINE_END, out);
		free(number);
	}
	fprintf(out, "%.*s\033[K", (int)width, plot->keys);
	free(cells);
}

/**
 * screen_show() - draw a plot
 * @plot: what to draw; with more steps than fit, the newest
 *
 * Return: false if the terminal does not take it.
 */
bool screen_show(const struct plot *plot)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	bool good;

	if (!out)
		return false;
	print_plot(out, plot);
	good = !fclose(out) && put_all(text, len);
	free(text);
	return good;
}
