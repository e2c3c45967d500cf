// SPDX-License-Identifier: GPL-2.0-only
/*
 * klab symbols NAME: is there such a name, and may modules use it?
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "klab.h"
#include "symbols.h"

/* Return: 0, or -1 after a message. Without any source, *known is false. */
static int read_exports(struct symvers *symvers,
			const struct kallsyms *kallsyms,
			const struct options *options, bool *known)
{
	*known = true;
	if (!symvers_read(symvers, options->symvers, !options->symvers))
		return 0;
	if (options->symvers || errno != ENOENT)
		return -1;
	*known = !symbols_add_ksymtab(symvers, kallsyms);
	return 0;
}

static void add_row(struct table *table, const char *name,
		    const struct symbol *symbol, const struct export *export,
		    bool known)
{
	const char **cells = table_row(table);

	cells[0] = name;
	if (symbol)
		cells[1] = table_text(table, "%c", symbol->type);
	if (symbol || export)
		cells[2] = symbol && symbol->module ? symbol->module :
			   !symbol ? export->module : "vmlinux";
	cells[3] = export ? export->kind : known ? "no" : "unknown";
	if (export && *export->ns)
		cells[4] = export->ns;
	if (symbol)
		cells[5] = symbol_meaning(symbol->type);
	else
		cells[5] = export ? "not in the running kernel" : "not there";
}

/* A name may stand for several things, of which at most one is exported. */
static bool is_exported(const struct symbol *symbol,
			const struct symbol *exported,
			const struct export *export)
{
	return export && symbol == exported;
}

static bool find_name(struct table *table, const char *name,
		      const struct kallsyms *kallsyms,
		      const struct symvers *symvers, bool known)
{
	const struct symbol *end = kallsyms->symbols + kallsyms->nr_symbols;
	const struct symbol *best = kallsyms_find(kallsyms, name);
	const struct export *export = symvers_find(symvers, name);
	const struct symbol *symbol = best;

	if (!best) {
		add_row(table, name, NULL, export, known);
		return false;
	}
	while (symbol > kallsyms->symbols && !strcmp(symbol[-1].name, name))
		symbol--;
	for (; symbol < end && !strcmp(symbol->name, name); symbol++)
		add_row(table, name, symbol,
			is_exported(symbol, best, export) ? export : NULL,
			known);
	return true;
}

/**
 * symbols_find() - look names up
 * @options: the command line; its arguments are the names
 *
 * Return: an enum status, STATUS_CHECK where the kernel lacks a name.
 */
int symbols_find(const struct options *options)
{
	struct kallsyms kallsyms = {};
	struct symvers symvers = {};
	struct table table = {};
	int status = STATUS_OK;
	bool known;
	int i;

	if (symbols_read_proc(&kallsyms))
		return STATUS_FAILED;
	kallsyms_sort(&kallsyms);
	if (read_exports(&symvers, &kallsyms, options, &known)) {
		kallsyms_free(&kallsyms);
		return STATUS_FAILED;
	}
	if (!known)
		table_note(&table, "exports",
			   "unknown: no Module.symvers of the running kernel, name one with --symvers");
	table_column(&table, "name");
	table_column(&table, "type");
	table_column(&table, "module");
	table_column(&table, "export");
	table_column(&table, "namespace");
	table_column(&table, "meaning");
	for (i = 0; i < options->nr_args; i++) {
		if (!find_name(&table, options->args[i], &kallsyms, &symvers,
			       known))
			status = STATUS_CHECK;
	}
	table_print(&table, options->format);
	table_free(&table);
	symvers_free(&symvers);
	kallsyms_free(&kallsyms);
	return status;
}
