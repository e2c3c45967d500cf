// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reading ELF objects of either size and byte order. The file is not trusted:
 * all that elf_open() accepts lies within the file.
 */
#include <linux/elf.h>
#include <stdlib.h>
#include <string.h>

#include "module.h"

/* Where things are in the headers of 32 and 64 bits. */
struct elf_layout {
	unsigned int header_size;
	unsigned int shoff;
	unsigned int shentsize;
	unsigned int section_size;
	unsigned int sh_flags;
	unsigned int sh_offset;
	unsigned int sh_size;
	unsigned int sh_link;
	unsigned int symbol_size;
	unsigned int st_info;
	unsigned int st_shndx;
	unsigned int st_value;
};

static const struct elf_layout layouts[] = {
	[false] = {
		.header_size = sizeof(struct elf32_hdr),
		.shoff = offsetof(struct elf32_hdr, e_shoff),
		.shentsize = offsetof(struct elf32_hdr, e_shentsize),
		.section_size = sizeof(struct elf32_shdr),
		.sh_flags = offsetof(struct elf32_shdr, sh_flags),
		.sh_offset = offsetof(struct elf32_shdr, sh_offset),
		.sh_size = offsetof(struct elf32_shdr, sh_size),
		.sh_link = offsetof(struct elf32_shdr, sh_link),
		.symbol_size = sizeof(struct elf32_sym),
		.st_info = offsetof(struct elf32_sym, st_info),
		.st_shndx = offsetof(struct elf32_sym, st_shndx),
		.st_value = offsetof(struct elf32_sym, st_value),
	},
	[true] = {
		.header_size = sizeof(struct elf64_hdr),
		.shoff = offsetof(struct elf64_hdr, e_shoff),
		.shentsize = offsetof(struct elf64_hdr, e_shentsize),
		.section_size = sizeof(struct elf64_shdr),
		.sh_flags = offsetof(struct elf64_shdr, sh_flags),
		.sh_offset = offsetof(struct elf64_shdr, sh_offset),
		.sh_size = offsetof(struct elf64_shdr, sh_size),
		.sh_link = offsetof(struct elf64_shdr, sh_link),
		.symbol_size = sizeof(struct elf64_sym),
		.st_info = offsetof(struct elf64_sym, st_info),
		.st_shndx = offsetof(struct elf64_sym, st_shndx),
		.st_value = offsetof(struct elf64_sym, st_value),
	},
};

/* Names of machines: as people say, and as /proc/sys/kernel/arch does. */
static const struct {
	unsigned int machine;
	const char *name;
	const char *narrow;
	const char *wide;
} machines[] = {
	{ EM_386, "x86", "i?86", NULL },
	{ EM_X86_64, "x86-64", NULL, "x86_64" },
	{ EM_ARM, "arm", "arm*", NULL },
	{ EM_AARCH64, "arm64", NULL, "aarch64*" },
	{ EM_RISCV, "riscv", "riscv32", "riscv64" },
	{ EM_PPC, "powerpc", "ppc*", NULL },
	{ EM_PPC64, "powerpc64", NULL, "ppc64*" },
	{ EM_S390, "s390", NULL, "s390x" },
	{ EM_MIPS, "mips", "mips", "mips64" },
	{ EM_LOONGARCH, "loongarch", NULL, "loongarch64" },
};

static uint64_t get(const struct elf *elf, const unsigned char *at,
		    unsigned int bytes)
{
	uint64_t value = 0;
	unsigned int i;

	for (i = 0; i < bytes; i++)
		value = value << 8 | at[elf->big ? i : bytes - 1 - i];
	return value;
}

/**
 * elf_word() - a word of the machine: 4 or 8 bytes
 * @elf: the object
 * @at: where, with all its bytes in the file
 *
 * Return: its value.
 */
uint64_t elf_word(const struct elf *elf, const unsigned char *at)
{
	return get(elf, at, elf->wide ? 8 : 4);
}

static bool in_file(const struct elf *elf, uint64_t offset, uint64_t size)
{
	return offset <= elf->size && size <= elf->size - offset;
}

/**
 * elf_string() - a string in a section
 * @elf: the object
 * @section: the section
 * @offset: where in it
 *
 * Return: the string; NULL if it does not begin and end in the section.
 */
const char *elf_string(const struct elf *elf, const struct elf_section *section,
		       uint64_t offset)
{
	const unsigned char *begin;

	if (section->type == SHT_NOBITS || offset >= section->size)
		return NULL;
	begin = elf->data + section->offset + offset;
	if (!memchr(begin, '\0', section->size - offset))
		return NULL;
	return (const char *)begin;
}

static char *read_section(struct elf *elf, unsigned int index,
			  const unsigned char *at)
{
	const struct elf_layout *layout = &layouts[elf->wide];
	struct elf_section *section = &elf->sections[index];

	section->type = (uint32_t)get(elf, at + 4, 4);
	section->flags = elf_word(elf, at + layout->sh_flags);
	section->offset = elf_word(elf, at + layout->sh_offset);
	section->size = elf_word(elf, at + layout->sh_size);
	section->link = (uint32_t)get(elf, at + layout->sh_link, 4);
	if (!index)
		section->size = 0;
	if (section->type != SHT_NOBITS && section->size &&
	    !in_file(elf, section->offset, section->size))
		return xprintf("section %u lies outside the file: truncated?",
			       index);
	/* Empty ones may be anywhere; let them not lead anyone astray. */
	if (!section->size)
		section->offset = 0;
	return NULL;
}

static char *name_sections(struct elf *elf, uint64_t shoff, unsigned int names)
{
	const struct elf_layout *layout = &layouts[elf->wide];
	unsigned int i;

	if (!names || names >= elf->nr_sections ||
	    elf->sections[names].type != SHT_STRTAB)
		return xstrdup("it has no names of sections");
	for (i = 0; i < elf->nr_sections; i++) {
		const unsigned char *at = elf->data + shoff +
					  (uint64_t)i * layout->section_size;

		elf->sections[i].name = elf_string(elf, &elf->sections[names],
						   get(elf, at, 4));
		if (!elf->sections[i].name)
			return xprintf("section %u has no name", i);
	}
	return NULL;
}

static char *find_symtab(struct elf *elf)
{
	const struct elf_section *symtab = NULL;
	unsigned int i;

	for (i = 1; i < elf->nr_sections; i++) {
		if (elf->sections[i].type != SHT_SYMTAB)
			continue;
		if (symtab)
			return xstrdup("it has two symbol tables");
		symtab = &elf->sections[i];
	}
	if (!symtab)
		return NULL;
	if (!symtab->link || symtab->link >= elf->nr_sections ||
	    elf->sections[symtab->link].type != SHT_STRTAB)
		return xstrdup("its symbols have no names");
	elf->symtab = symtab;
	elf->nr_symbols = symtab->size / layouts[elf->wide].symbol_size;
	return NULL;
}

static char *read_sections(struct elf *elf)
{
	const struct elf_layout *layout = &layouts[elf->wide];
	const unsigned char *tail = elf->data + layout->shentsize;
	uint64_t shoff = elf_word(elf, elf->data + layout->shoff);
	unsigned int entry_size = (unsigned int)get(elf, tail, 2);
	unsigned int names = (unsigned int)get(elf, tail + 4, 2);
	unsigned int i;
	char *error;

	elf->nr_sections = (unsigned int)get(elf, tail + 2, 2);
	if (!elf->nr_sections)
		return xstrdup("it has no sections");
	if (entry_size != layout->section_size)
		return xstrdup("its section headers have the wrong size");
	if (!in_file(elf, shoff, (uint64_t)elf->nr_sections * entry_size))
		return xstrdup("its section headers lie outside the file: truncated?");

	elf->sections = xrealloc(NULL, elf->nr_sections,
				 sizeof(*elf->sections));
	for (i = 0; i < elf->nr_sections; i++) {
		error = read_section(elf, i,
				     elf->data + shoff + (uint64_t)i * entry_size);
		if (error)
			return error;
	}
	error = name_sections(elf, shoff, names);
	return error ? error : find_symtab(elf);
}

static char *read_header(struct elf *elf)
{
	unsigned int type;

	if (elf->size < EI_NIDENT || memcmp(elf->data, ELFMAG, SELFMAG))
		return xstrdup("it is not an ELF file");
	if ((elf->data[EI_CLASS] != ELFCLASS32 &&
	     elf->data[EI_CLASS] != ELFCLASS64) ||
	    (elf->data[EI_DATA] != ELFDATA2LSB &&
	     elf->data[EI_DATA] != ELFDATA2MSB))
		return xstrdup("it is neither 32-bit nor 64-bit ELF");
	elf->wide = elf->data[EI_CLASS] == ELFCLASS64;
	elf->big = elf->data[EI_DATA] == ELFDATA2MSB;
	if (elf->size < layouts[elf->wide].header_size)
		return xstrdup("its header is cut short");

	type = (unsigned int)get(elf, elf->data + EI_NIDENT, 2);
	if (type != ET_REL)
		return xprintf("it is ELF, but a program or a library, not a module (type %u)",
			       type);
	elf->machine = (unsigned int)get(elf, elf->data + EI_NIDENT + 2, 2);
	return NULL;
}

/**
 * elf_open() - look at a relocatable object
 * @elf: filled in, for elf_close(); holds pointers into @data
 * @data: the file
 * @size: its length
 *
 * Return: NULL, or what is wrong with it, for free(); then @elf is closed.
 */
char *elf_open(struct elf *elf, const unsigned char *data, uint64_t size)
{
	char *error;

	memset(elf, 0, sizeof(*elf));
	elf->data = data;
	elf->size = size;
	error = read_header(elf);
	if (!error)
		error = read_sections(elf);
	if (error)
		elf_close(elf);
	return error;
}

/**
 * elf_close() - free what elf_open() made
 * @elf: the object
 */
void elf_close(struct elf *elf)
{
	free(elf->sections);
	memset(elf, 0, sizeof(*elf));
}

/**
 * elf_section() - find a section
 * @elf: the object
 * @name: its name
 *
 * Return: the first of that name, or NULL.
 */
const struct elf_section *elf_section(const struct elf *elf, const char *name)
{
	unsigned int i;

	for (i = 1; i < elf->nr_sections; i++) {
		if (!strcmp(elf->sections[i].name, name))
			return &elf->sections[i];
	}
	return NULL;
}

/**
 * elf_symbol() - read a symbol
 * @elf: the object
 * @index: its number, below @elf->nr_symbols
 * @symbol: filled in
 *
 * Return: false if its name is not in the file.
 */
bool elf_symbol(const struct elf *elf, uint64_t index,
		struct elf_symbol *symbol)
{
	const struct elf_layout *layout = &layouts[elf->wide];
	const unsigned char *at = elf->data + elf->symtab->offset +
				  index * layout->symbol_size;
	unsigned int info = at[layout->st_info];

	symbol->name = elf_string(elf, &elf->sections[elf->symtab->link],
				  get(elf, at, 4));
	symbol->binding = info >> 4;
	symbol->type = info & 0xf;
	symbol->section = (unsigned int)get(elf, at + layout->st_shndx, 2);
	symbol->value = elf_word(elf, at + layout->st_value);
	return symbol->name;
}

/**
 * elf_machine_name() - name of a machine
 * @machine: EM_*
 *
 * Return: its name, "unknown" for one that is not known here.
 */
const char *elf_machine_name(unsigned int machine)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(machines); i++) {
		if (machines[i].machine == machine)
			return machines[i].name;
	}
	return "unknown";
}

/* A name with ? for one character and * at its end for any. */
static bool arch_matches(const char *pattern, const char *arch)
{
	for (; *pattern && *pattern != '*'; pattern++, arch++) {
		if (!*arch || (*pattern != '?' && *pattern != *arch))
			return false;
	}
	return *pattern || !*arch;
}

/**
 * elf_machine_is() - could a kernel load objects of a machine
 * @machine: EM_* of the object
 * @wide: the object has 64 bits
 * @arch: machine of the kernel, as uname -m says
 *
 * Return: false if it could not; true also where this cannot be told.
 */
bool elf_machine_is(unsigned int machine, bool wide, const char *arch)
{
	bool known = false;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(machines); i++) {
		const char *pattern;

		pattern = machines[i].wide;
		if (pattern && arch_matches(pattern, arch)) {
			known = true;
			if (machines[i].machine == machine && wide)
				return true;
		}
		pattern = machines[i].narrow;
		if (pattern && arch_matches(pattern, arch)) {
			known = true;
			if (machines[i].machine == machine && !wide)
				return true;
		}
	}
	return !known;
}
