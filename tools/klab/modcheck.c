// SPDX-License-Identifier: GPL-2.0-only
/*
 * klab modcheck: what is in a module, and would it load.
 */
#include <errno.h>
#include <linux/elf.h>
#include <stdlib.h>
#include <string.h>

#include "module.h"

/* Sections that say something to a driver author, in the order of a report. */
static const struct {
	const char *name;
	const char *meaning;
} sections[] = {
	{ ".text", "code" },
	{ ".text.unlikely", "code, cold" },
	{ ".init.text", "code, freed after init" },
	{ ".exit.text", "code of unloading" },
	{ ".rodata", "constants" },
	{ ".data", "data" },
	{ ".init.data", "data, freed after init" },
	{ ".init.rodata", "constants, freed after init" },
	{ ".bss", "zeroed data" },
	{ ".data..percpu", "data of each CPU" },
	{ ".gnu.linkonce.this_module", "struct module" },
	{ ".modinfo", "what modinfo(8) shows" },
	{ "__param", "parameters" },
	{ "__versions", "checksums of imports" },
	{ "__ksymtab", "exports" },
	{ "__ksymtab_gpl", "exports, GPL only" },
	{ "__ksymtab_strings", "names of exports" },
	{ "__jump_table", "static keys" },
	{ "__mcount_loc", "function tracing" },
	{ "__tracepoints", "trace points" },
	{ ".BTF", "types, for BPF" },
	{ ".BTF.base", "types, for BPF" },
	{ ".debug_info", "debug information, not loaded" },
};

/* Fields of .modinfo that the report begins with: key, and what it says. */
static const char * const fields[][2] = {
	{ "license", "licence" },
	{ "description", "description" },
	{ "author", "author" },
	{ "version", "version" },
	{ "srcversion", "srcversion" },
	{ "vermagic", "vermagic" },
	{ "depends", "depends" },
	{ "import_ns", "imports" },
};

/* Bytes that loading takes; @init: only those that are freed after init. */
static uint64_t loaded_size(const struct elf *elf, bool init)
{
	uint64_t size = 0;
	unsigned int i;

	for (i = 1; i < elf->nr_sections; i++) {
		const struct elf_section *section = &elf->sections[i];

		if (!(section->flags & SHF_ALLOC))
			continue;
		/* As module_init_section() of the kernel. */
		if (init && strncmp(section->name, ".init", 5))
			continue;
		size += section->size;
	}
	return size;
}

static const char *signature_text(const struct module *module)
{
	switch (module->signature) {
	case SIGNATURE_PKCS7:
		return "appended (PKCS#7)";
	case SIGNATURE_BAD:
		return "appended, malformed";
	case SIGNATURE_NONE:
	default:
		return "none";
	}
}

static const char *unload_text(const struct module *module)
{
	if (module->has_exit)
		return "yes";
	return module->has_init ? "no: permanent, it has no exit function" :
	       "yes: it has neither init nor exit";
}

static void print_line(const char *key, const char *value)
{
	printf("  %-12s ", key);
	put_safe(stdout, value);
	putchar('\n');
}

static void print_fields(const struct module *module)
{
	char *text;
	size_t i;

	print_line("module", module->name);
	for (i = 0; i < ARRAY_SIZE(fields); i++) {
		const char *value = module_field(module, fields[i][0]);

		if (value && *value)
			print_line(fields[i][1], value);
		else if (!strcmp(fields[i][0], "license"))
			print_line(fields[i][1], "none");
	}
	print_line("in tree", module_field(module, "intree") ? "yes" : "no");
	text = xprintf("%s, %d-bit, %s-endian",
		       elf_machine_name(module->elf.machine),
		       module->elf.wide ? 64 : 32,
		       module->elf.big ? "big" : "little");
	print_line("machine", text);
	free(text);
	print_line("signature", signature_text(module));
	print_line("init", module->has_init ? "yes" : "no");
	print_line("unload", unload_text(module));
	text = xprintf("%llu bytes, %llu of them freed after init",
		       (unsigned long long)loaded_size(&module->elf, false),
		       (unsigned long long)loaded_size(&module->elf, true));
	print_line("memory", text);
	free(text);
}

static void section_rows(const struct module *module, struct table *table)
{
	size_t i;

	table_column(table, "section");
	table_column(table, "size[bytes]");
	table_column(table, "meaning");
	for (i = 0; i < ARRAY_SIZE(sections); i++) {
		const struct elf_section *section;
		const char **cells;

		section = elf_section(&module->elf, sections[i].name);
		if (!section || !section->size)
			continue;
		cells = table_row(table);
		cells[0] = sections[i].name;
		cells[1] = table_text(table, "%llu",
				      (unsigned long long)section->size);
		cells[2] = sections[i].meaning;
	}
}

static void param_rows(const struct module *module, struct table *table)
{
	size_t i;

	table_column(table, "parameter");
	table_column(table, "type");
	table_column(table, "meaning");
	for (i = 0; i < module->nr_params; i++) {
		const char **cells = table_row(table);

		cells[0] = module->params[i].name;
		cells[1] = module->params[i].type;
		cells[2] = module->params[i].help;
	}
}

static void export_rows(const struct module *module, struct table *table)
{
	size_t i;

	table_column(table, "export");
	table_column(table, "for");
	table_column(table, "namespace");
	for (i = 0; i < module->nr_exports; i++) {
		const struct module_export *export = &module->exports[i];
		const char **cells = table_row(table);

		cells[0] = export->name;
		cells[1] = export->gpl ? "GPL" : "all";
		cells[2] = *export->ns ? export->ns : "-";
	}
}

static void import_rows(const struct module *module,
			const struct symvers *symvers, struct table *table)
{
	size_t i;

	table_column(table, "import");
	table_column(table, "binding");
	table_column(table, "from");
	table_column(table, "export");
	table_column(table, "namespace");
	for (i = 0; i < module->nr_imports; i++) {
		const struct module_import *import = &module->imports[i];
		const struct export *export = symvers_find(symvers,
							   import->name);
		const char **cells = table_row(table);

		cells[0] = import->name;
		cells[1] = import->weak ? "weak" : "global";
		if (!export)
			continue;
		cells[2] = export->module;
		cells[3] = export->kind;
		cells[4] = *export->ns ? export->ns : "-";
	}
}

static void print_rows(struct table *table)
{
	if (table->nr_rows) {
		putchar('\n');
		table_print_text(table, stdout);
	}
	table_free(table);
}

static void print_problems(const struct problems *problems)
{
	size_t i;

	putchar('\n');
	if (!problems->nr)
		puts("Likely load errors: none found");
	else
		puts("Likely load errors:");
	for (i = 0; i < problems->nr; i++) {
		const struct problem *problem = &problems->problems[i];

		fputs("  ", stdout);
		put_safe(stdout, problem->says);
		fputs(" (", stdout);
		put_safe(stdout, problem->name);
		fputs("): ", stdout);
		put_safe(stdout, problem->reason);
		fputs("\n    fix: ", stdout);
		put_safe(stdout, problem->hint);
		putchar('\n');
	}
	for (i = 0; i < problems->nr_notes; i++) {
		fputs("  note: ", stdout);
		put_safe(stdout, problems->notes[i]);
		putchar('\n');
	}
}

static void print_module(const struct module *module,
			 const struct symvers *symvers,
			 const struct problems *problems)
{
	struct table table = {};

	put_safe(stdout, module->path);
	putchar('\n');
	print_fields(module);
	section_rows(module, &table);
	print_rows(&table);
	param_rows(module, &table);
	print_rows(&table);
	export_rows(module, &table);
	print_rows(&table);
	import_rows(module, symvers, &table);
	print_rows(&table);
	print_problems(problems);
}

static void json_fields(struct json *json, const struct module *module)
{
	size_t i;

	json_open(json, "modinfo", '[');
	for (i = 0; i < module->nr_fields; i++) {
		const char *equals = strchr(module->fields[i], '=');
		char *key;

		if (!equals)
			continue;
		key = xprintf("%.*s", (int)(equals - module->fields[i]),
			      module->fields[i]);
		json_open(json, NULL, '{');
		json_string(json, "key", key);
		json_string(json, "value", equals + 1);
		json_close(json, '}');
		free(key);
	}
	json_close(json, ']');
}

/* An array of objects, with the words of the header row as keys. */
static void json_rows(struct json *json, const char *key, struct table *table)
{
	size_t row, i;

	json_open(json, key, '[');
	for (row = 0; row < table->nr_rows; row++) {
		json_open(json, NULL, '{');
		for (i = 0; i < table->nr_columns; i++)
			json_scalar(json, table->columns[i].key,
				    table_cell(table, row, i));
		json_close(json, '}');
	}
	json_close(json, ']');
	table_free(table);
}

static void json_problems(struct json *json, const struct problems *problems)
{
	size_t i;

	json_open(json, "load_errors", '[');
	for (i = 0; i < problems->nr; i++) {
		const struct problem *problem = &problems->problems[i];

		json_open(json, NULL, '{');
		json_string(json, "errno", problem->name);
		json_string(json, "insmod", problem->says);
		json_string(json, "reason", problem->reason);
		json_string(json, "hint", problem->hint);
		json_close(json, '}');
	}
	json_close(json, ']');
	json_open(json, "notes", '[');
	for (i = 0; i < problems->nr_notes; i++)
		json_string(json, NULL, problems->notes[i]);
	json_close(json, ']');
}

static void json_module(struct json *json, const struct module *module,
			const struct symvers *symvers,
			const struct problems *problems)
{
	struct table table = {};

	json_open(json, NULL, '{');
	json_string(json, "file", module->path);
	json_string(json, "module", module->name);
	json_string(json, "licence", module_field(module, "license"));
	json_string(json, "vermagic", module_field(module, "vermagic"));
	json_string(json, "machine", elf_machine_name(module->elf.machine));
	json_number(json, "bits", module->elf.wide ? 64 : 32);
	json_bool(json, "big_endian", module->elf.big);
	json_bool(json, "in_tree", module_field(module, "intree"));
	json_bool(json, "init", module->has_init);
	json_bool(json, "exit", module->has_exit);
	json_string(json, "signature", signature_text(module));
	json_number(json, "memory", loaded_size(&module->elf, false));
	json_number(json, "memory_init", loaded_size(&module->elf, true));
	json_fields(json, module);
	section_rows(module, &table);
	json_rows(json, "sections", &table);
	param_rows(module, &table);
	json_rows(json, "parameters", &table);
	export_rows(module, &table);
	json_rows(json, "exports", &table);
	import_rows(module, symvers, &table);
	json_rows(json, "imports", &table);
	json_problems(json, problems);
	json_close(json, '}');
}

/**
 * struct modcheck - a check of some files
 * @symvers: exports of the running kernel
 * @json: where JSON goes, out NULL for text
 * @checked: files that could be checked
 */
struct modcheck {
	struct symvers symvers;
	struct json json;
	size_t checked;
};

static int check_file(struct modcheck *check, const char *path)
{
	struct problems problems;
	struct module module;
	int status;

	if (module_read(&module, path))
		return STATUS_FAILED;
	problems_find(&problems, &module, &check->symvers);
	if (check->json.out) {
		json_module(&check->json, &module, &check->symvers, &problems);
	} else {
		if (check->checked)
			putchar('\n');
		print_module(&module, &check->symvers, &problems);
	}
	check->checked++;
	status = problems.nr ? STATUS_CHECK : STATUS_OK;
	problems_free(&problems);
	module_free(&module);
	return status;
}

static int modcheck_run(const struct options *options)
{
	struct modcheck check = {};
	int status = STATUS_OK;
	int i;

	/* Only a file that was asked for has to be there. */
	if (symvers_read(&check.symvers, options->symvers, !options->symvers) &&
	    (options->symvers || errno != ENOENT))
		return STATUS_FAILED;

	if (options->format == FORMAT_JSON) {
		check.json.out = stdout;
		json_open(&check.json, NULL, '[');
	}
	for (i = 0; i < options->nr_args; i++) {
		int ret = check_file(&check, options->args[i]);

		if (ret > status)
			status = ret;
	}
	if (check.json.out)
		json_close(&check.json, ']');
	symvers_free(&check.symvers);
	return status;
}

const struct command modcheck_command = {
	.name = "modcheck",
	.usage = "FILE.ko ... [--symvers FILE] [--json]",
	.summary = "what is in a module, and what would keep it from loading",
	.help = "Reports sections, parameters, exports and imports of module files, and what the\n"
		"running kernel would say to them: the message of insmod, the reason, a way\n"
		"out. Nothing is loaded. Exit status 1 if a load error is likely.\n",
	.options = OPTION_JSON | OPTION_SYMVERS,
	.min_args = 1,
	.max_args = -1,
	.run = modcheck_run,
};
