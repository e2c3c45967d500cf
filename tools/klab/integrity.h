/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What klab integrity compares: the executable pages of the kernel, and who
 * may own them. Addresses stay in here, nothing prints them.
 */
#ifndef _KLAB_INTEGRITY_H
#define _KLAB_INTEGRITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* pagetables.c */

/**
 * struct pages - neighbouring executable pages with the same rights
 * @start: first byte
 * @last: last byte
 * @area: part of the address space, as the kernel calls it
 * @area_start: where that part begins
 * @writable: they can be written to as well
 */
struct pages {
	uint64_t start;
	uint64_t last;
	const char *area;
	uint64_t area_start;
	bool writable;
};

/**
 * struct page_tables - the executable pages of the kernel
 * @pages: by address, they do not overlap
 * @nr_pages: how many there are
 * @nr_lines: ranges in the file, executable or not
 * @x86: the machine is an x86, by the name of the file
 * @text: where the strings live
 */
struct page_tables {
	struct pages *pages;
	size_t nr_pages;
	size_t nr_lines;
	bool x86;
	char *text;
};

int page_tables_read(struct page_tables *tables);
void page_tables_free(struct page_tables *tables);

/* codemap.c */

/**
 * struct kernel_module - a line of /proc/modules
 * @name: its name
 * @size: bytes of all its memory
 * @base: where its code begins
 * @init: where its init code begins, 0 if that is gone
 */
struct kernel_module {
	const char *name;
	uint64_t size;
	uint64_t base;
	uint64_t init;
};

/**
 * struct generated - code that the kernel made at run time, by its symbol
 * @start: its address
 * @maker: who made it: "bpf", "__builtin__ftrace", "__builtin__kprobes"
 */
struct generated {
	uint64_t start;
	const char *maker;
};

/**
 * struct vmalloc_area - a line of /proc/vmallocinfo
 * @start: first byte
 * @last: last byte, of the guard page
 * @caller: function that asked for it, without offset
 */
struct vmalloc_area {
	uint64_t start;
	uint64_t last;
	const char *caller;
};

/**
 * struct code_map - who may own executable pages
 * @text_start: where the text of the kernel begins
 * @text_last: last byte of the pages that the linker gave it
 * @modules: the modules that are listed
 * @nr_modules: how many there are
 * @generated: code made at run time, by address
 * @nr_generated: how many there are
 * @areas: what vmalloc gave out, by address; none where addresses are hidden
 * @nr_areas: how many there are
 * @named: modules of which there are symbols, each once
 * @nr_named: how many there are
 * @sysfs: modules that were loaded, from /sys/module
 * @nr_sysfs: how many there are
 * @texts: where the strings live
 */
struct code_map {
	uint64_t text_start;
	uint64_t text_last;
	struct kernel_module *modules;
	size_t nr_modules;
	struct generated *generated;
	size_t nr_generated;
	struct vmalloc_area *areas;
	size_t nr_areas;
	const char **named;
	size_t nr_named;
	char **sysfs;
	size_t nr_sysfs;
	char *texts[3];
};

int code_map_read(struct code_map *map, bool x86);
void code_map_free(struct code_map *map);

#endif /* _KLAB_INTEGRITY_H */
