// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kernel's page tables, as CONFIG_PTDUMP_DEBUGFS shows them: one line for
 * each range of pages with the same rights.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "integrity.h"
#include "klab.h"

#define PAGE_TABLES_MAX	(256u << 20)

/* x86 has a directory of them, the others one file. */
static const struct {
	const char *path;
	bool x86;
} page_table_files[] = {
	{ "page_tables/kernel", true },
	{ "kernel_page_tables", false },
};

static bool parse_address(const char **text, uint64_t *address)
{
	char *end;

	if (strncmp(*text, "0x", 2) || !strspn(*text + 2, "0123456789abcdef"))
		return false;
	errno = 0;
	*address = strtoull(*text, &end, 16);
	*text = end;
	return !errno;
}

/* "0xSTART-0xEND   ..."; the end of the last range is 0: it has wrapped. */
static bool parse_range(const char **line, struct pages *pages)
{
	if (!parse_address(line, &pages->start) || *(*line)++ != '-' ||
	    !parse_address(line, &pages->last))
		return false;
	pages->last--;
	return pages->start <= pages->last && strchr(" \t", **line);
}

/*
 * Words of a line that has rights: x86 and arm64 write "x" and "RW", riscv "X"
 * and "W"; a range that is not mapped has none of them.
 */
static bool is_executable(char *words, struct pages *pages)
{
	bool executable = false;
	char *word;

	pages->writable = false;
	while ((word = strsep(&words, " \t"))) {
		if (!strcmp(word, "x") || !strcmp(word, "X"))
			executable = true;
		else if (!strcmp(word, "RW") || !strcmp(word, "W"))
			pages->writable = true;
	}
	return executable;
}

/* "---[ NAME ]---" */
static bool parse_marker(char *line, struct pages *pages)
{
	char *end = strstr(line, " ]---");

	if (strncmp(line, "---[ ", 5) || !end || end < line + 5 || end[5])
		return false;
	*end = '\0';
	pages->area = line + 5;
	pages->area_start = UINT64_MAX;
	return true;
}

static void keep_pages(struct page_tables *tables, const struct pages *pages)
{
	tables->pages = xgrow(tables->pages, tables->nr_pages,
			      sizeof(*tables->pages));
	tables->pages[tables->nr_pages++] = *pages;
}

/* Return: 0, or the number of the line that is none. */
static size_t parse(struct page_tables *tables)
{
	struct pages pages = { .area = "-", .area_start = UINT64_MAX };
	char *rest = tables->text, *line;
	uint64_t expected = 0;
	size_t number = 0;

	while ((line = strsep(&rest, "\n"))) {
		const char *words = line;

		number++;
		/* Areas that are long and dull are cut: "... 7 entries skipped". */
		if (!*line || !strncmp(line, "... ", 4) ||
		    parse_marker(line, &pages))
			continue;
		if (!parse_range(&words, &pages) || pages.start < expected)
			return number;
		/* What follows the end of the address space is no page. */
		expected = pages.last == UINT64_MAX ? UINT64_MAX :
						      pages.last + 1;
		if (pages.area_start == UINT64_MAX)
			pages.area_start = pages.start;
		tables->nr_lines++;
		if (is_executable(line + (words - line), &pages))
			keep_pages(tables, &pages);
	}
	return 0;
}

static void explain(const char *path, int err)
{
	if (err == EACCES || err == EPERM) {
		debugfs_explain("the kernel's page tables", err);
		return;
	}
	if (err != ENOENT && err != ENOTDIR) {
		klab_err("%s: %s", path, strerror(err));
		return;
	}
	klab_err("%s is not there: it needs debugfs, and a kernel with CONFIG_PTDUMP_DEBUGFS=y (x86, arm64, riscv; user-mode Linux has no such option)",
		 path);
}

/**
 * page_tables_read() - read which pages of the kernel are executable
 * @tables: filled in, for page_tables_free()
 *
 * The rights are those of the page entries themselves.
 *
 * Return: 0, or -1 after a message.
 */
int page_tables_read(struct page_tables *tables)
{
	size_t number, len, i;
	char *path = NULL;

	memset(tables, 0, sizeof(*tables));
	for (i = 0; i < ARRAY_SIZE(page_table_files) && !tables->text; i++) {
		free(path);
		path = debugfs_root_path(page_table_files[i].path);
		tables->x86 = page_table_files[i].x86;
		tables->text = read_all(path, PAGE_TABLES_MAX, &len);
		if (!tables->text && errno != ENOENT)
			break;
	}
	if (!tables->text) {
		explain(path, errno);
		free(path);
		return -1;
	}
	number = strlen(tables->text) == len ? parse(tables) : 1;
	if (number) {
		klab_err("%s: line %zu cannot be understood", path, number);
	} else if (!tables->nr_lines) {
		klab_err("%s is empty", path);
		number = 1;
	}
	free(path);
	if (number)
		page_tables_free(tables);
	return number ? -1 : 0;
}

/**
 * page_tables_free() - free what page_tables_read() made
 * @tables: the page tables
 */
void page_tables_free(struct page_tables *tables)
{
	free(tables->pages);
	free(tables->text);
	memset(tables, 0, sizeof(*tables));
}
