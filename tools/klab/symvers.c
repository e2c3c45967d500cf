// SPDX-License-Identifier: GPL-2.0-only
/*
 * Module.symvers: what a kernel exports to modules.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "klab.h"

#define SYMVERS_MAX	(256u << 20)

enum symvers_field {
	SYMVERS_CRC,
	SYMVERS_NAME,
	SYMVERS_MODULE,
	SYMVERS_KIND,
	SYMVERS_NS,
	NR_SYMVERS_FIELDS,
};

/**
 * symvers_default() - where the running kernel's exports should be
 *
 * Return: path of Module.symvers, for free().
 */
char *symvers_default(void)
{
	char *release = kernel_release();
	char *tail = xprintf("/lib/modules/%s/build/Module.symvers", release);
	char *path = system_path(tail);

	free(release);
	free(tail);
	return path;
}

static bool parse_line(char *line, struct export *export)
{
	char *fields[NR_SYMVERS_FIELDS];
	size_t nr = 0;
	char *field, *end;

	while ((field = strsep(&line, "\t"))) {
		if (nr == NR_SYMVERS_FIELDS)
			return false;
		fields[nr++] = field;
	}
	/* Before Linux 5.4 there were no namespaces. */
	if (nr < SYMVERS_NS || !*fields[SYMVERS_NAME])
		return false;

	errno = 0;
	export->crc = strtoul(fields[SYMVERS_CRC], &end, 16);
	if (end == fields[SYMVERS_CRC] || *end || errno)
		return false;
	export->name = fields[SYMVERS_NAME];
	export->module = fields[SYMVERS_MODULE];
	export->kind = fields[SYMVERS_KIND];
	export->ns = nr > SYMVERS_NS ? fields[SYMVERS_NS] : "";
	return true;
}

static int compare_exports(const void *left, const void *right)
{
	const struct export *a = left, *b = right;

	return strcmp(a->name, b->name);
}

/* Returns the number of the first line that is wrong, or 0. */
static size_t parse(struct symvers *symvers)
{
	char *rest = symvers->text;
	size_t max = 0, number = 0;
	char *line;

	while ((line = strsep(&rest, "\n"))) {
		number++;
		if (!*line)
			continue;
		if (symvers->nr_exports == max) {
			max = max ? 2 * max : 1024;
			symvers->exports = xrealloc(symvers->exports, max,
						    sizeof(*symvers->exports));
		}
		if (!parse_line(line, &symvers->exports[symvers->nr_exports]))
			return number;
		symvers->nr_exports++;
	}
	if (symvers->nr_exports)
		qsort(symvers->exports, symvers->nr_exports,
		      sizeof(*symvers->exports), compare_exports);
	return 0;
}

/**
 * symvers_read() - read the exports of a kernel
 * @symvers: filled in, for symvers_free()
 * @path: a Module.symvers, or NULL for the running kernel's
 * @quiet: say nothing where there is no such file
 *
 * Return: 0, or -1 with errno set, after a message unless @quiet applies.
 */
int symvers_read(struct symvers *symvers, const char *path, bool quiet)
{
	size_t len, wrong;

	memset(symvers, 0, sizeof(*symvers));
	symvers->path = path ? xstrdup(path) : symvers_default();
	symvers->text = read_all(symvers->path, SYMVERS_MAX, &len);
	if (!symvers->text) {
		int err = errno;

		if (!quiet || err != ENOENT)
			klab_err("%s: %s", symvers->path, strerror(err));
		symvers_free(symvers);
		errno = err;
		return -1;
	}
	wrong = memchr(symvers->text, '\0', len) ? 1 : parse(symvers);
	if (wrong) {
		klab_err("%s: line %zu is not a line of Module.symvers",
			 symvers->path, wrong);
		symvers_free(symvers);
		errno = EINVAL;
		return -1;
	}
	return 0;
}

/**
 * symvers_free() - free what symvers_read() made
 * @symvers: the exports
 */
void symvers_free(struct symvers *symvers)
{
	free(symvers->path);
	free(symvers->exports);
	free(symvers->text);
	memset(symvers, 0, sizeof(*symvers));
}

/**
 * symvers_find() - find an export
 * @symvers: the exports
 * @name: its name
 *
 * Return: the export, or NULL.
 */
const struct export *symvers_find(const struct symvers *symvers,
				  const char *name)
{
	const struct export key = { .name = name };

	if (!symvers->nr_exports)
		return NULL;
	return bsearch(&key, symvers->exports, symvers->nr_exports,
		       sizeof(*symvers->exports), compare_exports);
}

/**
 * export_is_gpl() - is an export for GPL-compatible modules only
 * @export: the export
 *
 * Return: true if it is.
 */
bool export_is_gpl(const struct export *export)
{
	return !strncmp(export->kind, "EXPORT_SYMBOL_GPL",
			strlen("EXPORT_SYMBOL_GPL"));
}
