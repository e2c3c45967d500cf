// SPDX-License-Identifier: GPL-2.0-only
/*
 * /proc/kallsyms and System.map: names and types. Addresses are never kept.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "klab.h"

#define KALLSYMS_MAX	(1024u << 20)

/* "address type name[\t[module]]" */
static bool parse_line(char *line, struct symbol *symbol)
{
	size_t digits = strspn(line, "0123456789abcdefABCDEF");
	char *name, *module;

	if (!digits || line[digits] != ' ' || !line[digits + 1] ||
	    line[digits + 2] != ' ' || !line[digits + 3])
		return false;
	name = line + digits + 3;
	module = strchr(name, '\t');
	if (module) {
		*module++ = '\0';
		if (*module++ != '[')
			return false;
		module[strcspn(module, "]")] = '\0';
	}
	symbol->type = line[digits + 1];
	symbol->name = name;
	symbol->module = module;
	return true;
}

/**
 * kallsyms_read() - read symbols
 * @kallsyms: filled in, for kallsyms_free()
 * @path: /proc/kallsyms or a System.map
 *
 * Return: 0, or -1 with errno set: EINVAL for a file of another kind.
 */
int kallsyms_read(struct kallsyms *kallsyms, const char *path)
{
	size_t len, max = 0;
	char *rest, *line;

	memset(kallsyms, 0, sizeof(*kallsyms));
	kallsyms->text = read_all(path, KALLSYMS_MAX, &len);
	if (!kallsyms->text)
		return -1;
	rest = kallsyms->text;
	while ((line = strsep(&rest, "\n"))) {
		if (!*line)
			continue;
		if (kallsyms->nr_symbols == max) {
			max = max ? 2 * max : 65536;
			kallsyms->symbols = xrealloc(kallsyms->symbols, max,
						     sizeof(struct symbol));
		}
		if (!parse_line(line, &kallsyms->symbols[kallsyms->nr_symbols])) {
			kallsyms_free(kallsyms);
			errno = EINVAL;
			return -1;
		}
		kallsyms->nr_symbols++;
	}
	return 0;
}

/**
 * kallsyms_free() - free what kallsyms_read() made
 * @kallsyms: the symbols
 */
void kallsyms_free(struct kallsyms *kallsyms)
{
	free(kallsyms->symbols);
	free(kallsyms->text);
	memset(kallsyms, 0, sizeof(*kallsyms));
}

static int compare_symbols(const void *left, const void *right)
{
	const struct symbol *a = left, *b = right;

	return strcmp(a->name, b->name);
}

/**
 * kallsyms_sort() - sort symbols by name, for kallsyms_find()
 * @kallsyms: the symbols
 */
void kallsyms_sort(struct kallsyms *kallsyms)
{
	if (kallsyms->nr_symbols)
		qsort(kallsyms->symbols, kallsyms->nr_symbols,
		      sizeof(struct symbol), compare_symbols);
}

/**
 * kallsyms_find() - find a symbol
 * @kallsyms: the symbols, sorted
 * @name: its name
 *
 * Return: a global symbol of that name, or else a local one, or NULL.
 */
const struct symbol *kallsyms_find(const struct kallsyms *kallsyms,
				   const char *name)
{
	const struct symbol *end = kallsyms->symbols + kallsyms->nr_symbols;
	const struct symbol key = { .name = name };
	const struct symbol *found, *any;

	if (!kallsyms->nr_symbols)
		return NULL;
	found = bsearch(&key, kallsyms->symbols, kallsyms->nr_symbols,
			sizeof(struct symbol), compare_symbols);
	if (!found)
		return NULL;
	while (found > kallsyms->symbols && !strcmp(found[-1].name, name))
		found--;
	for (any = found; found < end && !strcmp(found->name, name); found++) {
		if (found->type >= 'A' && found->type <= 'Z')
			return found;
	}
	return any;
}

/**
 * symbol_meaning() - what the letter of a symbol means
 * @type: the letter, as nm prints it
 *
 * Return: a few words.
 */
const char *symbol_meaning(char type)
{
	switch (type) {
	case 'T':
		return "code, global";
	case 't':
		return "code, local";
	case 'D':
		return "data, global";
	case 'd':
		return "data, local";
	case 'B':
		return "zeroed data, global";
	case 'b':
		return "zeroed data, local";
	case 'R':
		return "read-only data, global";
	case 'r':
		return "read-only data, local";
	case 'W':
	case 'w':
		return "weak code";
	case 'V':
	case 'v':
		return "weak data";
	case 'A':
	case 'a':
		return "absolute";
	default:
		return "other";
	}
}
