// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who may own executable pages of the kernel: its text, modules, and makers of
 * code at run time, each as the kernel itself lists them.
 */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "integrity.h"
#include "klab.h"

#define PROC_KALLSYMS	"/proc/kallsyms"
#define PROC_MODULES	"/proc/modules"
#define PROC_VMALLOC	"/proc/vmallocinfo"
#define SYS_MODULE	"/sys/module"

#define LIST_MAX	(1024u << 20)

/* What linkers align the end of the text to, where kallsyms does not say. */
#define TEXT_ALIGN_X86	(2u << 20)
#define TEXT_ALIGN	(64u << 10)

/* Makers of code that kallsyms lists as if they were modules. */
static const char * const makers[] = {
	"bpf", "__builtin__ftrace", "__builtin__kprobes",
};

static char *read_list(const char *name, bool needed)
{
	char *path = system_path(name);
	size_t len;
	char *text;

	text = read_all(path, LIST_MAX, &len);
	if (text && strlen(text) != len) {
		free(text);
		text = NULL;
		errno = EINVAL;
	}
	if (!text && needed)
		klab_err("%s: %s", path, strerror(errno));
	free(path);
	return text;
}

static bool parse_hex(const char *text, uint64_t *value, char end)
{
	char *stop;

	if (!strncmp(text, "0x", 2))
		text += 2;
	if (!strspn(text, "0123456789abcdef"))
		return false;
	errno = 0;
	*value = strtoull(text, &stop, 16);
	return !errno && *stop == end;
}

static int compare_names(const void *left, const void *right)
{
	return strcmp(*(char * const *)left, *(char * const *)right);
}

static int compare_generated(const void *left, const void *right)
{
	const struct generated *a = left, *b = right;

	return a->start < b->start ? -1 : a->start > b->start;
}

static const char *known_maker(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(makers); i++) {
		if (!strcmp(makers[i], name))
			return makers[i];
	}
	return NULL;
}

/* "ADDRESS TYPE NAME\t[MODULE]" with the part before the tab cut off */
static bool add_foreign(struct code_map *map, uint64_t address, char *module)
{
	const char *maker;

	if (*module != '[' || !strchr(module, ']'))
		return false;
	*strchr(++module, ']') = '\0';
	maker = known_maker(module);
	if (maker) {
		map->generated = xgrow(map->generated, map->nr_generated,
				       sizeof(*map->generated));
		map->generated[map->nr_generated].start = address;
		map->generated[map->nr_generated++].maker = maker;
	} else if (!map->nr_named ||
		   strcmp(map->named[map->nr_named - 1], module)) {
		/* The symbols of a module stand together. */
		map->named = xgrow(map->named, map->nr_named,
				   sizeof(*map->named));
		map->named[map->nr_named++] = module;
	}
	return true;
}

/**
 * struct text_bounds - symbols that bound the text of the kernel
 * @start: _text, or else _stext
 * @end: _etext
 * @rodata: __start_rodata, where kallsyms has it
 */
struct text_bounds {
	uint64_t start;
	uint64_t end;
	uint64_t rodata;
};

static void note_bound(struct text_bounds *bounds, const char *name,
		       uint64_t address)
{
	if (!strcmp(name, "_text") ||
	    (!strcmp(name, "_stext") && !bounds->start))
		bounds->start = address;
	else if (!strcmp(name, "_etext"))
		bounds->end = address;
	else if (!strcmp(name, "__start_rodata"))
		bounds->rodata = address;
}

static bool parse_symbol(struct code_map *map, struct text_bounds *bounds,
			 char *line)
{
	char *address = strsep(&line, " ");
	char *type = strsep(&line, " ");
	char *name = strsep(&line, "\t");
	uint64_t value;

	if (!type || strlen(type) != 1 || !name || !*name ||
	    !parse_hex(address, &value, '\0'))
		return false;
	if (line)
		return add_foreign(map, value, line);
	note_bound(bounds, name, value);
	return true;
}

/* The pages up to the read-only data: what is left of the last is mapped too. */
static int set_text(struct code_map *map, const struct text_bounds *bounds,
		    bool x86)
{
	uint64_t align = x86 ? TEXT_ALIGN_X86 : TEXT_ALIGN;

	if (!bounds->start || !bounds->end) {
		klab_err(PROC_KALLSYMS " hides addresses, or has none of the text: needs root (CAP_SYSLOG), and kernel.kptr_restrict at most 1");
		return -1;
	}
	map->text_start = bounds->start;
	map->text_last = ((bounds->end - 1) | (align - 1));
	if (bounds->rodata > bounds->end && bounds->rodata <= map->text_last)
		map->text_last = bounds->rodata - 1;
	return 0;
}

static int read_symbols(struct code_map *map, bool x86)
{
	struct text_bounds bounds = {};
	size_t number = 0;
	char *rest, *line;

	map->texts[0] = read_list(PROC_KALLSYMS, true);
	rest = map->texts[0];
	while (rest && (line = strsep(&rest, "\n"))) {
		number++;
		if (!*line || parse_symbol(map, &bounds, line))
			continue;
		klab_err(PROC_KALLSYMS ": line %zu is no symbol's", number);
		return -1;
	}
	if (!map->texts[0] || set_text(map, &bounds, x86))
		return -1;
	if (map->nr_named)
		qsort(map->named, map->nr_named, sizeof(*map->named),
		      compare_names);
	if (map->nr_generated)
		qsort(map->generated, map->nr_generated,
		      sizeof(*map->generated), compare_generated);
	return 0;
}

/* Init code is apart from the rest, and there as long as init runs. */
static uint64_t init_code(const char *module)
{
	char *name = xprintf(SYS_MODULE "/%s/sections/.init.text", module);
	char *line = system_line(name);
	uint64_t address = 0;

	if (line && !parse_hex(line, &address, '\0'))
		address = 0;
	free(line);
	free(name);
	return address;
}

/* "NAME SIZE USERS DEPS STATE ADDRESS [TAINTS]" */
static bool parse_module(struct code_map *map, char *line)
{
	struct kernel_module module = {};
	char *words[6], *end;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(words); i++) {
		words[i] = strsep(&line, " ");
		if (!words[i] || !*words[i])
			return false;
	}
	module.name = words[0];
	errno = 0;
	module.size = strtoull(words[1], &end, 10);
	if (errno || *end || strchr(module.name, '/') ||
	    strncmp(words[5], "0x", 2) ||
	    !parse_hex(words[5], &module.base, '\0'))
		return false;
	if (!strcmp(words[4], "Loading"))
		module.init = init_code(module.name);
	map->modules = xgrow(map->modules, map->nr_modules,
			     sizeof(*map->modules));
	map->modules[map->nr_modules++] = module;
	return true;
}

static int read_modules(struct code_map *map)
{
	size_t number = 0;
	char *rest, *line;

	map->texts[1] = read_list(PROC_MODULES, true);
	rest = map->texts[1];
	while (rest && (line = strsep(&rest, "\n"))) {
		number++;
		if (!*line || parse_module(map, line))
			continue;
		klab_err(PROC_MODULES ": line %zu is no module's", number);
		return -1;
	}
	return map->texts[1] ? 0 : -1;
}

/* "0xSTART-0xEND SIZE CALLER+0xOFFSET/0xSIZE [MODULE] ..." */
static bool parse_area(struct code_map *map, char *line)
{
	struct vmalloc_area area = {};
	uint64_t end, size;
	char *words;

	words = strsep(&line, "-");
	if (!line || !parse_hex(words, &area.start, '\0') ||
	    !parse_hex(line, &end, ' '))
		return false;
	line = strchr(line, ' ');
	size = strtoull(line, &line, 10);
	/* Where addresses are hashed, their difference is anything. */
	if (!size || end - area.start != size || *line++ != ' ')
		return false;
	area.last = end - 1;
	area.caller = strsep(&line, " ");
	/* A caller in a module is followed by its name: not the kernel's own. */
	if (line && *line == '[')
		return true;
	*strchrnul(area.caller, '+') = '\0';
	map->areas = xgrow(map->areas, map->nr_areas,
			   sizeof(*map->areas));
	map->areas[map->nr_areas++] = area;
	return true;
}

/* Its absence is no error: it may be hashed, restricted or not there. */
static void read_areas(struct code_map *map)
{
	char *rest, *line;

	map->texts[2] = read_list(PROC_VMALLOC, false);
	rest = map->texts[2];
	while (rest && (line = strsep(&rest, "\n")))
		parse_area(map, line);
}

/* A module that was loaded has a file "initstate"; built-in ones have not. */
static int read_sysfs(struct code_map *map)
{
	char *path = system_path(SYS_MODULE);
	struct dirent *entry;
	DIR *dir;

	dir = opendir(path);
	if (!dir)
		klab_err("%s: %s", path, strerror(errno));
	free(path);
	while (dir && (entry = readdir(dir))) {
		char *name = xprintf(SYS_MODULE "/%s/initstate",
				     entry->d_name);
		char *state = entry->d_name[0] == '.' ? NULL :
			      system_line(name);

		free(name);
		if (!state)
			continue;
		free(state);
		map->sysfs = xgrow(map->sysfs, map->nr_sysfs,
				   sizeof(*map->sysfs));
		map->sysfs[map->nr_sysfs++] = xstrdup(entry->d_name);
	}
	if (!dir)
		return -1;
	closedir(dir);
	return 0;
}

/**
 * code_map_read() - read who may own executable pages
 * @map: filled in, for code_map_free()
 * @x86: the machine is an x86
 *
 * Return: 0, or -1 after a message.
 */
int code_map_read(struct code_map *map, bool x86)
{
	memset(map, 0, sizeof(*map));
	if (read_modules(map) || read_symbols(map, x86) || read_sysfs(map)) {
		code_map_free(map);
		return -1;
	}
	read_areas(map);
	return 0;
}

/**
 * code_map_free() - free what code_map_read() made
 * @map: the map
 */
void code_map_free(struct code_map *map)
{
	size_t i;

	for (i = 0; i < map->nr_sysfs; i++)
		free(map->sysfs[i]);
	for (i = 0; i < ARRAY_SIZE(map->texts); i++)
		free(map->texts[i]);
	free(map->sysfs);
	free(map->named);
	free(map->areas);
	free(map->generated);
	free(map->modules);
	memset(map, 0, sizeof(*map));
}
