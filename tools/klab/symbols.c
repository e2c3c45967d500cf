// SPDX-License-Identifier: GPL-2.0-only
/*
 * klab symbols: what the kernel has, and what of it modules may use.
 */
#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "klab.h"
#include "symbols.h"

#define PROC_KALLSYMS	"/proc/kallsyms"
#define KSYMTAB_PREFIX	"__ksymtab_"
#define SYSTEM_MAP	"System.map"

/**
 * struct tally - how often something was seen
 * @name: what
 * @count: how often
 */
struct tally {
	const char *name;
	size_t count;
};

/**
 * struct tallies - counts of many things
 * @tallies: the counts
 * @nr: how many there are
 * @last: index of the last that was counted: neighbours are often alike
 */
struct tallies {
	struct tally *tallies;
	size_t nr;
	size_t last;
};

static void count_name(struct tallies *tallies, const char *name)
{
	size_t i = tallies->last;

	if (i >= tallies->nr || strcmp(tallies->tallies[i].name, name)) {
		for (i = 0; i < tallies->nr; i++) {
			if (!strcmp(tallies->tallies[i].name, name))
				break;
		}
	}
	if (i == tallies->nr) {
		tallies->tallies = xrealloc(tallies->tallies, tallies->nr + 1,
					    sizeof(*tallies->tallies));
		tallies->tallies[tallies->nr].name = name;
		tallies->tallies[tallies->nr++].count = 0;
	}
	tallies->tallies[i].count++;
	tallies->last = i;
}

static int compare_tallies(const void *left, const void *right)
{
	const struct tally *a = left, *b = right;

	if (a->count != b->count)
		return a->count < b->count ? 1 : -1;
	return strcmp(a->name, b->name);
}

static void count_columns(struct table *table)
{
	table_column(table, "by");
	table_column(table, "what");
	table_column(table, "symbols");
	table_column(table, "meaning");
}

static void count_row(struct table *table, const char *by, const char *what,
		      size_t count, const char *meaning)
{
	const char **cells = table_row(table);

	cells[0] = by;
	cells[1] = what;
	cells[2] = table_text(table, "%zu", count);
	cells[3] = meaning;
}

static void count_rows(struct table *table, const char *by,
		       struct tallies *tallies)
{
	size_t i;

	if (tallies->nr)
		qsort(tallies->tallies, tallies->nr, sizeof(struct tally),
		      compare_tallies);
	for (i = 0; i < tallies->nr; i++)
		count_row(table, by, tallies->tallies[i].name,
			  tallies->tallies[i].count, "-");
	free(tallies->tallies);
}

static bool matches(const struct options *options, const char *name, char type)
{
	if (options->types && (!type || !strchr(options->types, type)))
		return false;
	return !options->match || !fnmatch(options->match, name, 0);
}

/**
 * symbols_read_proc() - read the symbols of the running kernel
 * @kallsyms: filled in, for kallsyms_free()
 *
 * Return: 0, or -1 after a message.
 */
int symbols_read_proc(struct kallsyms *kallsyms)
{
	char *path = system_path(PROC_KALLSYMS);
	int ret = kallsyms_read(kallsyms, path);

	if (ret && errno == ENOENT)
		klab_err("%s is not there: the kernel has no CONFIG_KALLSYMS, or /proc is not mounted",
			 path);
	else if (ret && (errno == EACCES || errno == EPERM))
		klab_err("%s: not permitted", path);
	else if (ret && errno == EINVAL)
		klab_err("%s has a line that is no symbol's", path);
	else if (ret)
		klab_err("%s: %s", path, strerror(errno));
	free(path);
	return ret;
}

/* Counting needs a string per letter. */
static const char *letter(char type)
{
	static char letters[256][2];
	unsigned char index = (unsigned char)type;

	letters[index][0] = type;
	return letters[index];
}

static void count_all(const struct kallsyms *kallsyms,
		      const struct options *options, struct table *table)
{
	struct tallies types = {}, modules = {};
	size_t total = 0, i;

	count_columns(table);
	for (i = 0; i < kallsyms->nr_symbols; i++) {
		const struct symbol *symbol = &kallsyms->symbols[i];

		if (!matches(options, symbol->name, symbol->type))
			continue;
		total++;
		count_name(&types, letter(symbol->type));
		count_name(&modules, symbol->module ? symbol->module : "vmlinux");
	}
	count_row(table, "all", "-", total, "names, of the kernel and its modules");
	if (types.nr)
		qsort(types.tallies, types.nr, sizeof(struct tally),
		      compare_tallies);
	for (i = 0; i < types.nr; i++)
		count_row(table, "type", types.tallies[i].name,
			  types.tallies[i].count,
			  symbol_meaning(types.tallies[i].name[0]));
	free(types.tallies);
	count_rows(table, "module", &modules);
}

static void list_all(const struct kallsyms *kallsyms,
		     const struct options *options, struct table *table)
{
	size_t i;

	table_column(table, "type");
	table_column(table, "name");
	table_column(table, "module");
	for (i = 0; i < kallsyms->nr_symbols; i++) {
		const struct symbol *symbol = &kallsyms->symbols[i];
		const char **cells;

		if (!matches(options, symbol->name, symbol->type))
			continue;
		cells = table_row(table);
		cells[0] = letter(symbol->type);
		cells[1] = symbol->name;
		cells[2] = symbol->module ? symbol->module : "vmlinux";
	}
}

static int show_all(const struct options *options)
{
	struct kallsyms kallsyms;
	struct table table = {};

	if (symbols_read_proc(&kallsyms))
		return STATUS_FAILED;
	if (options->count)
		count_all(&kallsyms, options, &table);
	else
		list_all(&kallsyms, options, &table);
	table_print(&table, options->format);
	table_free(&table);
	kallsyms_free(&kallsyms);
	return STATUS_OK;
}

/**
 * symbols_add_ksymtab() - exports, for want of Module.symvers
 * @symvers: the exports, to which those found are added
 * @kallsyms: the symbols, sorted
 *
 * Each export has a __ksymtab_ symbol, which a kernel with CONFIG_KALLSYMS_ALL
 * shows. That tells names and owners, no more.
 *
 * Return: 0, or -1 where there is none.
 */
int symbols_add_ksymtab(struct symvers *symvers,
			const struct kallsyms *kallsyms)
{
	size_t i;

	for (i = 0; i < kallsyms->nr_symbols; i++) {
		const struct symbol *symbol = &kallsyms->symbols[i];
		struct export *export;

		if (strncmp(symbol->name, KSYMTAB_PREFIX,
			    strlen(KSYMTAB_PREFIX)))
			continue;
		if (!(symvers->nr_exports & (symvers->nr_exports - 1)))
			symvers->exports = xrealloc(symvers->exports,
						    2 * symvers->nr_exports + 1,
						    sizeof(*symvers->exports));
		export = &symvers->exports[symvers->nr_exports++];
		memset(export, 0, sizeof(*export));
		export->name = symbol->name + strlen(KSYMTAB_PREFIX);
		export->module = symbol->module ? symbol->module : "vmlinux";
		export->kind = "-";
		export->ns = "";
	}
	return symvers->nr_exports ? 0 : -1;
}

/* Module.symvers does not say what a name stands for; a map beside it does. */
static void read_types(struct kallsyms *kallsyms, const char *symvers)
{
	const char *slash = strrchr(symvers, '/');
	char *path;
	int ret;

	path = xprintf("%.*s" SYSTEM_MAP, slash ? (int)(slash + 1 - symvers) : 0,
		       symvers);
	ret = kallsyms_read(kallsyms, path);
	free(path);
	if (ret) {
		path = system_path(PROC_KALLSYMS);
		kallsyms_read(kallsyms, path);
		free(path);
	}
	kallsyms_sort(kallsyms);
}

static char export_type(const struct kallsyms *kallsyms,
			const struct export *export)
{
	const struct symbol *symbol = kallsyms_find(kallsyms, export->name);

	return symbol ? symbol->type : '\0';
}

static void list_exports(const struct symvers *symvers,
			 const struct kallsyms *kallsyms,
			 const struct options *options, struct table *table)
{
	size_t i;

	table_column(table, "name");
	table_column(table, "export");
	table_column(table, "type");
	table_column(table, "namespace");
	table_column(table, "module");
	for (i = 0; i < symvers->nr_exports; i++) {
		const struct export *export = &symvers->exports[i];
		char type = export_type(kallsyms, export);
		const char **cells;

		if (!matches(options, export->name, type))
			continue;
		cells = table_row(table);
		cells[0] = export->name;
		cells[1] = export->kind;
		cells[2] = type ? letter(type) : "-";
		cells[3] = *export->ns ? export->ns : "-";
		cells[4] = export->module;
	}
}

static void count_exports(const struct symvers *symvers,
			  const struct kallsyms *kallsyms,
			  const struct options *options, struct table *table)
{
	size_t total = 0, functions = 0, data = 0, unknown = 0, i;
	struct tallies kinds = {}, spaces = {}, owners = {};

	count_columns(table);
	for (i = 0; i < symvers->nr_exports; i++) {
		const struct export *export = &symvers->exports[i];
		char type = export_type(kallsyms, export);

		if (!matches(options, export->name, type))
			continue;
		total++;
		if (!type)
			unknown++;
		else if (strchr("TtWw", type))
			functions++;
		else
			data++;
		count_name(&kinds, export->kind);
		if (*export->ns)
			count_name(&spaces, export->ns);
		count_name(&owners, strcmp(export->module, "vmlinux") ?
			   "modules" : "vmlinux");
	}
	count_row(table, "all", "-", total, "names that modules may use");
	count_row(table, "kind", "functions", functions, "the kernel API");
	count_row(table, "kind", "data", data, "-");
	if (unknown)
		count_row(table, "kind", "unknown", unknown,
			  "not in the symbol table: in a module that is not loaded, or hidden");
	count_rows(table, "export", &kinds);
	count_rows(table, "namespace", &spaces);
	count_rows(table, "owner", &owners);
}

static int no_exports(void)
{
	char *path = symvers_default();

	klab_err("%s is not there: install the headers of the running kernel, or name another with --symvers",
		 path);
	free(path);
	return -1;
}

static int read_exports(struct symvers *symvers, struct kallsyms *kallsyms,
			const struct options *options, struct table *table)
{
	if (!symvers_read(symvers, options->symvers, !options->symvers)) {
		read_types(kallsyms, symvers->path);
		table_note(table, "exports", symvers->path);
		return 0;
	}
	if (options->symvers || errno != ENOENT || symbols_read_proc(kallsyms))
		return -1;

	kallsyms_sort(kallsyms);
	table_note(table, "exports", PROC_KALLSYMS);
	return symbols_add_ksymtab(symvers, kallsyms) ? no_exports() : 0;
}

static int show_exports(const struct options *options)
{
	struct kallsyms kallsyms = {};
	struct symvers symvers = {};
	struct table table = {};
	int status = STATUS_FAILED;

	if (!read_exports(&symvers, &kallsyms, options, &table)) {
		if (options->count)
			count_exports(&symvers, &kallsyms, options, &table);
		else
			list_exports(&symvers, &kallsyms, options, &table);
		table_print(&table, options->format);
		status = STATUS_OK;
	}
	table_free(&table);
	symvers_free(&symvers);
	kallsyms_free(&kallsyms);
	return status;
}

static int symbols_run(const struct options *options)
{
	if (options->symvers && !options->exported && !options->nr_args) {
		klab_err("symbols: --symvers goes with --exported or a name");
		command_usage(&symbols_command, stderr);
		return STATUS_USAGE;
	}
	if (options->nr_args &&
	    (options->exported || options->count || options->match ||
	     options->types)) {
		klab_err("symbols: a name goes with no option that selects");
		command_usage(&symbols_command, stderr);
		return STATUS_USAGE;
	}
	if (options->nr_args)
		return symbols_find(options);
	return options->exported ? show_exports(options) : show_all(options);
}

const struct command symbols_command = {
	.name = "symbols",
	.usage =
		"[NAME ...] [--exported] [--match GLOB] [--type LETTERS] [--count] [--symvers FILE] [--json|--tsv]",
	.summary = "names of the kernel, and those it exports to modules",
	.help = "Lists or counts the names in /proc/kallsyms, or with --exported those that\n"
		"modules may use; or looks NAMEs up. Addresses are not printed. What a header defines as static\n"
		"inline or as a macro can be used too, and is in neither list.\n\n"
		"  klab symbols --exported --count            how large the kernel API is\n"
		"  klab symbols --exported --match 'str*'     its string functions\n"
		"  klab symbols close_fd ksys_write          may a module call them?\n\n"
		"Exit status: 1 where the kernel has no such NAME.\n",
	.options = OPTION_EXPORTED | OPTION_MATCH | OPTION_TYPE | OPTION_COUNT |
		   OPTION_SYMVERS | OPTION_JSON | OPTION_TSV,
	.max_args = -1,
	.run = symbols_run,
};
