// SPDX-License-Identifier: GPL-2.0-only
/*
 * Options of the sub-commands: one parser, each takes what it understands.
 */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "klab.h"

#define OPTION_HELP	BIT(31)

struct option_help {
	unsigned int bit;
	char letter;
	const char *name;
	const char *value;
	const char *help;
};

static const struct option_help option_table[] = {
	{ OPTION_JSON, 0, "json", NULL, "print JSON" },
	{ OPTION_TSV, 0, "tsv", NULL, "print tab-separated values" },
	{ OPTION_COLUMN, 0, "column", "NAME", "plot this column" },
	{ OPTION_EXPORTED, 0, "exported", NULL,
	  "what the kernel exports to modules, not all it has" },
	{ OPTION_SYMVERS, 0, "symvers", "FILE",
	  "exports of the kernel (default: of the running kernel's build)" },
	{ OPTION_MATCH, 0, "match", "GLOB",
	  "only names that match, as in the shell: 'str*'" },
	{ OPTION_TYPE, 0, "type", "LETTERS",
	  "only these types, as nm has them: 'Tt' is code" },
	{ OPTION_COUNT, 0, "count", NULL, "count, do not list" },
	{ OPTION_TIMES, 0, "count", "N", "do it N times" },
	{ OPTION_TIME, 0, "time", NULL, "print how long it takes" },
	{ OPTION_BLOCKING, 'b', "blocking", NULL,
	  "have the device block, not say that it is not ready" },
	{ OPTION_NO_POLL, 'm', "no-poll", NULL,
	  "do not wait with poll() before each call" },
	{ OPTION_SIZE, 's', "size", "BYTES", "bytes per read (default: 160)" },
	{ OPTION_REPEAT, 'n', "repeat", "TIMES", "so many times (default: 1)" },
	{ OPTION_REVERSE, 'r', "reverse", NULL, "read the second one first" },
	{ OPTION_STEPS, 0, "steps", "N", "print a table of at most N steps" },
	{ OPTION_INTERVAL, 0, "interval", "MS",
	  "milliseconds between steps (default: 200 live, 0 else)" },
	{ OPTION_WATCH, 0, "watch", NULL, "the kernel closes the loop" },
	{ OPTION_VALUE, 0, "value", "X", "set the value to X first" },
	{ OPTION_VERBOSE, 'v', "verbose", NULL, "say what is called" },
	{ OPTION_ACTION, 0, "action", "WORD",
	  "only this one: add, remove, change, bind ..." },
	{ OPTION_SUBSYSTEM, 0, "subsystem", "NAME", "only this one" },
	{ OPTION_VARIABLES, 0, "variables", NULL, "print all that was sent" },
	{ OPTION_TIMEOUT, 0, "timeout", "SECONDS", "end after so long" },
	{ OPTION_BUFFER, 0, "buffer", "BYTES",
	  "room for what is not read yet (default: 1048576)" },
	{ OPTION_HELP, 'h', "help", NULL, "print this" },
};

/**
 * command_usage() - print the line that says how a sub-command is called
 * @command: the sub-command
 * @out: where to
 */
void command_usage(const struct command *command, FILE *out)
{
	fprintf(out, "usage: klab %s %s\n", command->name, command->usage);
}

/**
 * command_help() - print what --help of a sub-command prints
 * @command: the sub-command
 */
void command_help(const struct command *command)
{
	unsigned int bits = command->options | OPTION_HELP;
	char left[32];
	size_t i;

	command_usage(command, stdout);
	printf("\n%s\n", command->help);
	for (i = 0; i < ARRAY_SIZE(option_table); i++) {
		const struct option_help *option = &option_table[i];

		if (!(bits & option->bit))
			continue;
		snprintf(left, sizeof(left), "--%s%s%s", option->name,
			 option->value ? " " : "",
			 option->value ? option->value : "");
		if (option->letter && option->bit != OPTION_HELP)
			snprintf(left + strlen(left),
				 sizeof(left) - strlen(left), ", -%c",
				 option->letter);
		printf("  %-16s %s\n", left, option->help);
	}
}

static int wrong_usage(const struct command *command)
{
	command_usage(command, stderr);
	fprintf(stderr, "Try 'klab %s --help'.\n", command->name);
	return STATUS_USAGE;
}

/* Returns false for what is no number from 1 to 16 Mi. */
static bool read_number(const char *text, size_t *number)
{
	unsigned long value;
	char *end;

	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	value = strtoul(text, &end, 0);
	*number = value;
	return !errno && !*end && value && value <= 16u << 20;
}

/* Returns false for a value that the option cannot have. */
static bool store(struct options *options, unsigned int bit, const char *value)
{
	switch (bit) {
	case OPTION_BLOCKING:
		options->blocking = true;
		break;
	case OPTION_NO_POLL:
		options->no_poll = true;
		break;
	case OPTION_VERBOSE:
		options->verbose = true;
		break;
	case OPTION_REVERSE:
		options->reverse = true;
		break;
	case OPTION_SIZE:
		return read_number(value, &options->size);
	case OPTION_REPEAT:
		return read_number(value, &options->repeat);
	case OPTION_TIMEOUT:
		return read_number(value, &options->timeout);
	case OPTION_BUFFER:
		return read_number(value, &options->buffer);
	case OPTION_ACTION:
		options->action = value;
		break;
	case OPTION_SUBSYSTEM:
		options->subsystem = value;
		break;
	case OPTION_VARIABLES:
		options->variables = true;
		break;
	case OPTION_STEPS:
		return read_number(value, &options->steps);
	case OPTION_INTERVAL:
		return read_number(value, &options->interval);
	case OPTION_WATCH:
		options->watch = true;
		break;
	case OPTION_VALUE:
		options->value = value;
		break;
	case OPTION_JSON:
		options->format = FORMAT_JSON;
		break;
	case OPTION_TSV:
		options->format = FORMAT_TSV;
		break;
	case OPTION_COLUMN:
		options->column = value;
		break;
	case OPTION_EXPORTED:
		options->exported = true;
		break;
	case OPTION_SYMVERS:
		options->symvers = value;
		break;
	case OPTION_MATCH:
		options->match = value;
		break;
	case OPTION_COUNT:
		options->count = true;
		break;
	case OPTION_TIMES:
		options->times = value;
		break;
	case OPTION_TIME:
		options->time = true;
		break;
	case OPTION_TYPE:
		options->types = value;
		break;
	default:
		break;
	}
	return true;
}

/* What getopt_long() has found: an index, or a letter. */
static const struct option_help *find_option(int found)
{
	size_t i;

	if (found >= 256)
		return &option_table[found - 256];
	for (i = 0; i < ARRAY_SIZE(option_table); i++) {
		if (option_table[i].letter && option_table[i].letter == found)
			return &option_table[i];
	}
	return NULL;
}

static int count_args(const struct command *command, struct options *options)
{
	if (options->nr_args < command->min_args) {
		klab_err("%s: an argument is missing", command->name);
		return wrong_usage(command);
	}
	if (command->max_args >= 0 && options->nr_args > command->max_args) {
		klab_err("%s: argument '%s' is one too many", command->name,
			 options->args[command->max_args]);
		return wrong_usage(command);
	}
	return -1;
}

/**
 * options_parse() - read a sub-command's command line
 * @command: the sub-command
 * @argc: arguments with its name
 * @argv: the arguments; their order is changed
 * @options: filled in
 *
 * Return: -1 to go on, or the enum status to end with.
 */
int options_parse(const struct command *command, int argc, char **argv,
		  struct options *options)
{
	struct option longopts[ARRAY_SIZE(option_table) + 1] = {};
	unsigned int bits = command->options | OPTION_HELP;
	char letters[ARRAY_SIZE(option_table) * 2 + 2] = ":";
	unsigned int formats = 0;
	int index, found, nr = 0;
	size_t i, at = 1;

	/* getopt is given the accepted options only; val leads back to the table. */
	for (i = 0; i < ARRAY_SIZE(option_table); i++) {
		if (!(bits & option_table[i].bit))
			continue;
		longopts[nr].name = option_table[i].name;
		longopts[nr].has_arg = option_table[i].value ?
				       required_argument : no_argument;
		longopts[nr++].val = 256 + (int)i;
		if (!option_table[i].letter)
			continue;
		letters[at++] = option_table[i].letter;
		if (option_table[i].value)
			letters[at++] = ':';
	}

	opterr = 0;
	while ((found = getopt_long(argc, argv, letters, longopts,
				    &index)) != -1) {
		const struct option_help *option = find_option(found);

		if (found == ':') {
			klab_err("%s: %s needs a value", command->name,
				 argv[optind - 1]);
			return wrong_usage(command);
		}
		if (!option) {
			klab_err("%s: option %s is not known or not clear",
				 command->name, argv[optind - 1]);
			return wrong_usage(command);
		}
		if (option->bit == OPTION_HELP) {
			command_help(command);
			return STATUS_OK;
		}
		formats |= option->bit & (OPTION_JSON | OPTION_TSV);
		if (!store(options, option->bit, optarg)) {
			klab_err("%s: --%s %s: not a number from 1 to %u",
				 command->name, option->name, optarg,
				 16u << 20);
			return wrong_usage(command);
		}
	}
	if (formats == (OPTION_JSON | OPTION_TSV)) {
		klab_err("%s: either --json or --tsv", command->name);
		return wrong_usage(command);
	}
	options->args = argv + optind;
	options->nr_args = argc - optind;
	return count_args(command, options);
}
