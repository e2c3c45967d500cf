// SPDX-License-Identifier: GPL-2.0-only
/*
 * klab integrity: is there code in the kernel that belongs to nobody?
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "integrity.h"
#include "klab.h"

/* What comes and goes while it is looked at is gone when it is looked at again. */
#define ATTEMPTS	3

#define REAL_MODE_END	(1024u * 1024)
#define TRAMPOLINE_MAX	(64u * 1024)

/* Code that is not in kallsyms: who asks vmalloc for it, by begin of the name. */
static const struct {
	const char *caller;
	const char *owner;
} known_callers[] = {
	{ "alloc_new_pack", "BPF programs" },
	{ "arch_alloc_bpf_", "BPF programs" },
	{ "bpf_", "BPF programs" },
	{ "its_", "indirect-branch thunks" },
	{ "emit_its_", "indirect-branch thunks" },
	{ "apply_retpolines", "indirect-branch thunks" },
};

/**
 * struct span - executable pages of one owner
 * @pages: the pages
 * @owner: whose they are
 * @verdict: "ok", or what is wrong
 */
struct span {
	struct pages pages;
	const char *owner;
	const char *verdict;
};

/**
 * struct survey - one look at the kernel
 * @tables: the executable pages
 * @map: who may own them
 * @spans: who does
 * @nr_spans: how many there are
 */
struct survey {
	struct page_tables tables;
	struct code_map map;
	struct span *spans;
	size_t nr_spans;
};

static const char good[] = "ok";

static void add_span(struct survey *survey, const struct pages *pages,
		     const char *owner, const char *verdict)
{
	struct span *span;

	survey->spans = xgrow(survey->spans, survey->nr_spans,
			      sizeof(*survey->spans));
	span = &survey->spans[survey->nr_spans++];
	span->pages = *pages;
	span->owner = owner;
	span->verdict = verdict;
	if (pages->writable && verdict == good)
		span->verdict = "writable";
}

static uint64_t page_round(uint64_t size)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);

	return (size + page - 1) & ~(page - 1);
}

/* Begins a module's code here, and is it no longer than the module? */
static const struct kernel_module *find_module(const struct code_map *map,
					       const struct pages *run)
{
	size_t i;

	for (i = 0; i < map->nr_modules; i++) {
		const struct kernel_module *module = &map->modules[i];

		if (!module->base)
			continue;
		if ((module->base == run->start || module->init == run->start) &&
		    run->last - run->start < page_round(module->size))
			return module;
	}
	return NULL;
}

static const char *find_generated(const struct code_map *map,
				  const struct pages *run)
{
	size_t low = 0, high = map->nr_generated;
	const char *maker;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (map->generated[middle].start < run->start)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == map->nr_generated || map->generated[low].start > run->last)
		return NULL;
	maker = map->generated[low].maker;
	if (!strcmp(maker, "bpf"))
		return "BPF programs";
	/* These two have pages of their own, with the symbol at the begin. */
	if (map->generated[low].start != run->start)
		return NULL;
	return strstr(maker, "ftrace") ? "ftrace trampolines" : "kprobe slots";
}

static const struct vmalloc_area *find_area(const struct code_map *map,
					    const struct pages *run)
{
	size_t i;

	for (i = 0; i < map->nr_areas; i++) {
		if (map->areas[i].start <= run->start &&
		    map->areas[i].last >= run->last)
			return &map->areas[i];
	}
	return NULL;
}

static const char *find_caller(const struct code_map *map,
			       const struct pages *run)
{
	const struct vmalloc_area *area = find_area(map, run);
	size_t i;

	if (!area)
		return NULL;
	for (i = 0; i < ARRAY_SIZE(known_callers); i++) {
		if (!strncmp(area->caller, known_callers[i].caller,
			     strlen(known_callers[i].caller)))
			return known_callers[i].owner;
	}
	return NULL;
}

/* Small pieces at fixed places that the machine needs. */
static const char *find_trampoline(const struct survey *survey,
				   const struct pages *run)
{
	if (run->last - run->start >= TRAMPOLINE_MAX)
		return NULL;
	if (survey->tables.x86)
		return !strcmp(run->area, "Low Kernel Mapping") &&
		       run->last - run->area_start < REAL_MODE_END ?
		       "code that starts CPUs" : NULL;
	return !strncmp(run->area, "Fixmap", strlen("Fixmap")) ?
	       "entry trampolines" : NULL;
}

/* Neighbours in one area, which only a difference in rights divides, are one. */
static void classify_run(struct survey *survey, const struct pages *run,
			 size_t first, size_t end)
{
	const struct code_map *map = &survey->map;
	const struct kernel_module *module = find_module(map, run);
	const char *owner;
	size_t i;

	if (module)
		owner = module->name;
	else
		owner = find_generated(map, run);
	if (!owner)
		owner = find_caller(map, run);
	if (!owner)
		owner = find_trampoline(survey, run);
	for (i = first; i < end; i++)
		add_span(survey, &survey->tables.pages[i], owner ? owner : "-",
			 owner ? good : "nobody's");
}

/* Cuts off what is kernel text: a page beside it is not. */
static bool take_text(struct survey *survey, struct pages *pages)
{
	const struct code_map *map = &survey->map;
	struct pages text = *pages;

	if (pages->start > map->text_last || pages->last < map->text_start)
		return false;
	if (text.start < map->text_start) {
		struct pages before = *pages;

		before.last = map->text_start - 1;
		add_span(survey, &before, "-", "nobody's");
		text.start = map->text_start;
	}
	if (text.last > map->text_last)
		text.last = map->text_last;
	add_span(survey, &text, "kernel text", good);
	if (text.last == pages->last)
		return true;
	pages->start = text.last + 1;
	add_span(survey, pages, "-", "nobody's");
	return true;
}

static void classify(struct survey *survey)
{
	struct pages *pages = survey->tables.pages;
	size_t nr = survey->tables.nr_pages;
	size_t first, end;

	for (first = 0; first < nr; first = end) {
		struct pages run = pages[first];

		end = first + 1;
		if (take_text(survey, &pages[first]))
			continue;
		while (end < nr && run.last + 1 == pages[end].start &&
		       run.area == pages[end].area)
			run.last = pages[end++].last;
		classify_run(survey, &run, first, end);
	}
}

/* A module that one list has and another has not. */
static void compare_lists(struct survey *survey)
{
	const struct code_map *map = &survey->map;
	const struct pages none = { .area = NULL };
	size_t i, j;

	for (i = 0; i < map->nr_named; i++) {
		for (j = 0; j < map->nr_modules; j++) {
			if (!strcmp(map->named[i], map->modules[j].name))
				break;
		}
		if (j == map->nr_modules)
			add_span(survey, &none, map->named[i],
				 "in kallsyms, not listed");
	}
	for (i = 0; i < map->nr_sysfs; i++) {
		for (j = 0; j < map->nr_modules; j++) {
			if (!strcmp(map->sysfs[i], map->modules[j].name))
				break;
		}
		if (j == map->nr_modules)
			add_span(survey, &none, map->sysfs[i],
				 "in sysfs, not listed");
	}
	for (i = 0; i < map->nr_modules; i++) {
		for (j = 0; j < map->nr_sysfs; j++) {
			if (!strcmp(map->modules[i].name, map->sysfs[j]))
				break;
		}
		if (j == map->nr_sysfs)
			add_span(survey, &none, map->modules[i].name,
				 "listed, not in sysfs");
	}
}

static void survey_free(struct survey *survey)
{
	free(survey->spans);
	code_map_free(&survey->map);
	page_tables_free(&survey->tables);
	memset(survey, 0, sizeof(*survey));
}

static int survey_make(struct survey *survey)
{
	memset(survey, 0, sizeof(*survey));
	if (page_tables_read(&survey->tables))
		return -1;
	if (code_map_read(&survey->map, survey->tables.x86)) {
		survey_free(survey);
		return -1;
	}
	classify(survey);
	compare_lists(survey);
	return 0;
}

static size_t count_alarms(const struct survey *survey)
{
	size_t alarms = 0, i;

	for (i = 0; i < survey->nr_spans; i++)
		alarms += survey->spans[i].verdict != good;
	return alarms;
}

static void make_table(const struct survey *survey, struct table *table)
{
	size_t i;

	if (!survey->map.nr_areas)
		table_note(table, "allocations",
			   "not known: /proc/vmallocinfo hides addresses, unless kernel.kptr_restrict is 1");
	table_note(table, "alarms",
		   table_text(table, "%zu", count_alarms(survey)));
	table_column(table, "owner");
	table_column(table, "area");
	table_column(table, "size[KiB]");
	table_column(table, "rights");
	table_column(table, "allocated_by");
	table_column(table, "verdict");
	for (i = 0; i < survey->nr_spans; i++) {
		const struct span *span = &survey->spans[i];
		const struct pages *pages = &span->pages;
		const char **cells = table_row(table);
		const struct vmalloc_area *area;

		cells[0] = span->owner;
		cells[5] = span->verdict;
		if (!pages->area)
			continue;
		cells[1] = pages->area;
		cells[2] = table_text(table, "%llu", (unsigned long long)
				      ((pages->last - pages->start) / 1024 + 1));
		cells[3] = pages->writable ? "rwx" : "r-x";
		area = find_area(&survey->map, pages);
		if (area)
			cells[4] = area->caller;
	}
}

static int integrity_run(const struct options *options)
{
	struct table table = {};
	struct survey survey;
	unsigned int i;
	size_t alarms;

	for (i = 0; i < ATTEMPTS; i++) {
		if (i)
			survey_free(&survey);
		if (survey_make(&survey))
			return STATUS_FAILED;
		alarms = count_alarms(&survey);
		if (!alarms)
			break;
	}
	make_table(&survey, &table);
	table_print(&table, options->format);
	table_free(&table);
	survey_free(&survey);
	return alarms ? STATUS_CHECK : STATUS_OK;
}

const struct command integrity_command = {
	.name = "integrity",
	.usage = "[--json|--tsv]",
	.summary = "is there code in the kernel that belongs to nobody?",
	.help = "Compares the executable pages in the kernel's page tables with those who may\n"
		"have such: the text of the kernel, the modules in /proc/modules, BPF programs,\n"
		"ftrace trampolines, kprobe slots. Pages that belong to nobody, or can be written\n"
		"to as well, and modules that one list of the kernel has and another has not,\n"
		"are alarms. Addresses are not printed.\n\n"
		"Needs root, and a kernel with CONFIG_PTDUMP_DEBUGFS.\n"
		"Exit status: 1 for an alarm.\n",
	.options = OPTION_JSON | OPTION_TSV,
	.run = integrity_run,
};
