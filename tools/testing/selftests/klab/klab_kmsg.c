// SPDX-License-Identifier: GPL-2.0-only
/*
 * Prints what has come into the kernel's log since it was last read from the
 * open /dev/kmsg that standard input is, as dmesg does; with "end" only goes to
 * the end. To read all of the log for each test takes longer than most tests.
 *
 * Documentation/ABI/testing/dev-kmsg describes the records.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A read takes a record, and fails if that is longer than the buffer. */
#define RECORD_MAX	16384

static void print_time(unsigned long long us)
{
	printf("[%5llu.%06llu] ", us / 1000000, us % 1000000);
}

/* The value of \xNN, or -1 where there is none. */
static int escaped(const char *text)
{
	char digits[3] = "";

	if (text[0] != '\\' || text[1] != 'x' ||
	    !isxdigit(text[2]) || !isxdigit(text[3]))
		return -1;
	memcpy(digits, text + 2, 2);
	return strtol(digits, NULL, 16);
}

/* A line is one of its own; what else cannot be printed stays as it is. */
static void print_text(const char *text, unsigned long long us)
{
	print_time(us);
	while (*text && *text != '\n') {
		int c = escaped(text);

		if (c == '\n') {
			putchar('\n');
			print_time(us);
			text += 4;
		} else if (c == '\\') {
			putchar(c);
			text += 4;
		} else {
			putchar(*text++);
		}
	}
	putchar('\n');
}

static void print_record(const char *record)
{
	const char *text = strchr(record, ';');
	unsigned long long us;

	if (text && sscanf(record, "%*u,%*u,%llu", &us) == 1)
		print_text(text + 1, us);
}

int main(int argc, char **argv)
{
	char record[RECORD_MAX];
	ssize_t len;

	if (fcntl(STDIN_FILENO, F_SETFL, O_NONBLOCK))
		return 1;
	if (argc > 1 && !strcmp(argv[1], "end"))
		return lseek(STDIN_FILENO, 0, SEEK_END) < 0;

	/* EPIPE: others have overwritten the record that was next. */
	while ((len = read(STDIN_FILENO, record, sizeof(record) - 1)) > 0 ||
	       (len < 0 && errno == EPIPE)) {
		if (len < 0) {
			puts("records have been lost");
			continue;
		}
		record[len] = '\0';
		print_record(record);
	}
	return len < 0 && errno != EAGAIN;
}
