/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A module file: its ELF form, what it says of itself, and what would keep the
 * running kernel from loading it.
 */
#ifndef _KLAB_MODULE_H
#define _KLAB_MODULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "klab.h"

/* elf.c */

/**
 * struct elf_section - a section
 * @name: its name
 * @type: SHT_*
 * @link: the section it goes with
 * @flags: SHF_*
 * @offset: where it is in the file
 * @size: its size; within the file unless SHT_NOBITS
 */
struct elf_section {
	const char *name;
	uint32_t type;
	uint32_t link;
	uint64_t flags;
	uint64_t offset;
	uint64_t size;
};

/**
 * struct elf_symbol - a symbol
 * @name: its name
 * @binding: STB_*
 * @type: STT_*
 * @section: index of its section, or SHN_*
 * @value: its offset in the section
 */
struct elf_symbol {
	const char *name;
	unsigned int binding;
	unsigned int type;
	unsigned int section;
	uint64_t value;
};

/**
 * struct elf - a relocatable object, every offset in it checked
 * @data: the file
 * @size: its length, without a signature
 * @wide: 64 bits
 * @big: big-endian
 * @machine: EM_*
 * @sections: its sections
 * @nr_sections: how many there are
 * @symtab: the symbol table, or NULL
 * @nr_symbols: symbols in it
 */
struct elf {
	const unsigned char *data;
	uint64_t size;
	bool wide;
	bool big;
	unsigned int machine;
	struct elf_section *sections;
	unsigned int nr_sections;
	const struct elf_section *symtab;
	uint64_t nr_symbols;
};

char *elf_open(struct elf *elf, const unsigned char *data, uint64_t size);
void elf_close(struct elf *elf);
const struct elf_section *elf_section(const struct elf *elf, const char *name);
bool elf_symbol(const struct elf *elf, uint64_t index,
		struct elf_symbol *symbol);
uint64_t elf_word(const struct elf *elf, const unsigned char *at);
const char *elf_string(const struct elf *elf, const struct elf_section *section,
		       uint64_t offset);
const char *elf_machine_name(unsigned int machine);
bool elf_machine_is(unsigned int machine, bool wide, const char *arch);

/* module.c */

/**
 * enum signature - whether a module is signed
 * @SIGNATURE_NONE: no signature is appended
 * @SIGNATURE_PKCS7: one of the right form is; whether it is valid needs keys
 * @SIGNATURE_BAD: one is, of another form than the kernel takes
 */
enum signature {
	SIGNATURE_NONE,
	SIGNATURE_PKCS7,
	SIGNATURE_BAD,
};

/**
 * struct module_param - a parameter of a module
 * @name: its name
 * @type: its type, or "-"
 * @help: what it does, or "-"
 */
struct module_param {
	const char *name;
	const char *type;
	const char *help;
};

/**
 * struct module_export - a symbol that a module exports
 * @name: its name
 * @ns: its namespace, or ""
 * @gpl: for GPL-compatible modules only
 */
struct module_export {
	const char *name;
	const char *ns;
	bool gpl;
};

/**
 * struct module_import - a symbol that a module needs
 * @name: its name
 * @weak: it loads without it, too
 * @has_crc: the module says what the symbol's type should be
 * @crc: the checksum that says it
 */
struct module_import {
	const char *name;
	bool weak;
	bool has_crc;
	unsigned long crc;
};

/**
 * struct module - a module file
 * @path: the file
 * @name: name of the module
 * @data: the file's bytes
 * @elf: its ELF form
 * @fields: all of .modinfo, "key=value" each
 * @nr_fields: how many there are
 * @params: its parameters
 * @nr_params: how many there are
 * @exports: what it exports, sorted by name
 * @nr_exports: how many there are
 * @imports: what it needs, sorted by name
 * @nr_imports: how many there are
 * @depends: modules it needs
 * @nr_depends: how many there are
 * @signature: whether it is signed
 * @signature_size: bytes of the signature
 * @layout_crc: what struct module should be like, with CONFIG_MODVERSIONS
 * @has_layout_crc: @layout_crc is there
 * @has_init: it has an init function
 * @has_exit: it has an exit function
 * @texts: strings made for it
 */
struct module {
	const char *path;
	const char *name;
	char *data;
	struct elf elf;
	const char **fields;
	size_t nr_fields;
	struct module_param *params;
	size_t nr_params;
	struct module_export *exports;
	size_t nr_exports;
	struct module_import *imports;
	size_t nr_imports;
	const char **depends;
	size_t nr_depends;
	enum signature signature;
	uint64_t signature_size;
	unsigned long layout_crc;
	bool has_layout_crc;
	bool has_init;
	bool has_exit;
	struct table texts;
};

int module_read(struct module *module, const char *path);
void module_free(struct module *module);
const char *module_field(const struct module *module, const char *key);
bool module_has_field(const struct module *module, const char *key,
		      const char *value);
bool module_name_equal(const char *a, const char *b);

/* loadcheck.c */

/**
 * struct problem - why a module would not load
 * @name: errno that init_module(2) would give
 * @says: what insmod(8) prints for it
 * @reason: what is wrong
 * @hint: what to do about it
 */
struct problem {
	const char *name;
	const char *says;
	const char *reason;
	const char *hint;
};

/**
 * struct problems - all that was found
 * @problems: what would fail, in the order in which the kernel looks
 * @nr: how many there are
 * @notes: what would not fail and is good to know
 * @nr_notes: how many there are
 * @texts: where the strings live
 */
struct problems {
	struct problem *problems;
	size_t nr;
	const char **notes;
	size_t nr_notes;
	struct table texts;
};

void problems_find(struct problems *problems, const struct module *module,
		   const struct symvers *symvers);
void problems_free(struct problems *problems);

#endif /* _KLAB_MODULE_H */
