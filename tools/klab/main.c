// SPDX-License-Identifier: GPL-2.0-only
/*
 * klab: the user's way into the kernel laboratory.
 */
#include <errno.h>
#include <string.h>

#include "klab.h"

static const struct command * const commands[] = {
	&list_command,
	&run_command,
	&bench_command,
	&plot_command,
	&modcheck_command,
	&symbols_command,
	&syscall_command,
	&audit_command,
	&integrity_command,
	&mcat_command,
	&pcat_command,
	&pecho_command,
	&talk_command,
	&two_command,
	&control_command,
	&uevents_command,
	&regulate_command,
};

static const struct command *find_command(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		if (!strcmp(commands[i]->name, name))
			return commands[i];
	}
	return NULL;
}

static void suggest_command(const char *name)
{
	size_t i;

	klab_err("no sub-command '%s'", name);
	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		if (edit_distance(commands[i]->name, name) <= 2)
			klab_err("did you mean '%s'?", commands[i]->name);
	}
	fputs("Try 'klab help'.\n", stderr);
}

static void print_help(FILE *out)
{
	size_t i;

	fputs("usage: klab SUB-COMMAND [ARGUMENT ...]\n\n"
	      "Asks the running kernel questions and prints what it measured.\n\n",
	      out);
	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		fprintf(out, "  %-10s %s\n", commands[i]->name,
			commands[i]->summary);
	}
	fputs("  help       explain klab, or a sub-command\n\n"
	      "'klab SUB-COMMAND --help' says more. Start with 'klab list'.\n"
	      "Exit status: 0 done, 1 a bar was exceeded or a check failed,\n"
	      "2 wrong usage, 3 it could not be done.\n", out);
}

static int help(int argc, char **argv)
{
	const struct command *command;

	if (argc < 2) {
		print_help(stdout);
		return STATUS_OK;
	}
	command = find_command(argv[1]);
	if (!command) {
		suggest_command(argv[1]);
		return STATUS_USAGE;
	}
	command_help(command);
	return STATUS_OK;
}

static int dispatch(int argc, char **argv)
{
	const struct command *command;
	struct options options = {};
	int ret;

	if (argc < 2) {
		print_help(stderr);
		return STATUS_USAGE;
	}
	if (!strcmp(argv[1], "--version")) {
		puts("klab " KLAB_VERSION);
		return STATUS_OK;
	}
	if (!strcmp(argv[1], "help") || !strcmp(argv[1], "--help") ||
	    !strcmp(argv[1], "-h"))
		return help(argc - 1, argv + 1);

	command = find_command(argv[1]);
	if (!command) {
		suggest_command(argv[1]);
		return STATUS_USAGE;
	}
	ret = options_parse(command, argc - 1, argv + 1, &options);
	if (ret >= 0)
		return ret;
	return command->run(&options);
}

int main(int argc, char **argv)
{
	int status = dispatch(argc, argv);

	if (ferror(stdout) | fflush(stdout)) {
		klab_err("cannot write the result: %s", strerror(errno));
		return STATUS_FAILED;
	}
	return status;
}
