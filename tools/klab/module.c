// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a module file says of itself.
 */
#include <errno.h>
#include <linux/elf.h>
#include <stdlib.h>
#include <string.h>

#include "module.h"

#define MODULE_MAX	(1024u << 20)

/* More than any module has; they are compared with one another. */
#define PARAMS_MAX	4096
#define DEPENDS_MAX	1024

#define KSYMTAB		"__ksymtab_"
#define KSTRTABNS	"__kstrtabns_"

#define SIGNATURE_MARK	"~Module signature appended~\n"

/* struct module_signature of the kernel: before the mark, big-endian. */
#define SIGNATURE_INFO	12
#define SIGNATURE_TYPE	2
#define SIGNATURE_LEN	8
#define TYPE_PKCS7	2

#define VERSIONS	"__versions"
#define VERSION_SIZE	64

/**
 * module_name_equal() - are two names the same module's
 * @a: a name
 * @b: another; '-' and '_' are the same, as for modprobe
 *
 * Return: true if they are.
 */
bool module_name_equal(const char *a, const char *b)
{
	for (; *a && *b; a++, b++) {
		bool dash_a = *a == '-' || *a == '_';
		bool dash_b = *b == '-' || *b == '_';

		if (*a != *b && !(dash_a && dash_b))
			return false;
	}
	return *a == *b;
}

/**
 * module_field() - a field of .modinfo
 * @module: the module
 * @key: its key
 *
 * Return: the first value, or NULL.
 */
const char *module_field(const struct module *module, const char *key)
{
	size_t len = strlen(key);
	size_t i;

	for (i = 0; i < module->nr_fields; i++) {
		if (!strncmp(module->fields[i], key, len) &&
		    module->fields[i][len] == '=')
			return module->fields[i] + len + 1;
	}
	return NULL;
}

/**
 * module_has_field() - has .modinfo this field with this value
 * @module: the module
 * @key: its key; there may be many of it
 * @value: its value
 *
 * Return: true if it has.
 */
bool module_has_field(const struct module *module, const char *key,
		      const char *value)
{
	size_t len = strlen(key);
	size_t i;

	for (i = 0; i < module->nr_fields; i++) {
		if (!strncmp(module->fields[i], key, len) &&
		    module->fields[i][len] == '=' &&
		    !strcmp(module->fields[i] + len + 1, value))
			return true;
	}
	return false;
}

/* Returns the length of the file without its signature. */
static uint64_t strip_signature(struct module *module, uint64_t size)
{
	const size_t mark = strlen(SIGNATURE_MARK);
	const unsigned char *info;
	uint64_t len;

	if (size <= mark || memcmp(module->data + size - mark, SIGNATURE_MARK,
				   mark))
		return size;
	size -= mark;
	module->signature = SIGNATURE_BAD;
	if (size <= SIGNATURE_INFO)
		return size;
	info = (const unsigned char *)module->data + size - SIGNATURE_INFO;
	len = (uint64_t)info[SIGNATURE_LEN] << 24 |
	      (uint64_t)info[SIGNATURE_LEN + 1] << 16 |
	      (uint64_t)info[SIGNATURE_LEN + 2] << 8 |
	      (uint64_t)info[SIGNATURE_LEN + 3];
	if (len >= size - SIGNATURE_INFO)
		return size;
	if (info[SIGNATURE_TYPE] == TYPE_PKCS7)
		module->signature = SIGNATURE_PKCS7;
	module->signature_size = len + SIGNATURE_INFO + mark;
	return size - SIGNATURE_INFO - len;
}

static char *read_modinfo(struct module *module)
{
	const struct elf_section *section = elf_section(&module->elf, ".modinfo");
	uint64_t offset = 0;
	size_t max = 0;

	if (!section)
		return NULL;
	while (offset < section->size) {
		const char *field = elf_string(&module->elf, section, offset);

		if (!field)
			return xstrdup("its .modinfo does not end");
		offset += strlen(field) + 1;
		if (!*field)
			continue;
		if (module->nr_fields == max) {
			max = max ? 2 * max : 32;
			module->fields = xrealloc(module->fields, max,
						  sizeof(*module->fields));
		}
		module->fields[module->nr_fields++] = field;
	}
	return NULL;
}

static struct module_param *find_param(struct module *module, const char *name)
{
	struct module_param *param;
	size_t i;

	for (i = 0; i < module->nr_params; i++) {
		if (!strcmp(module->params[i].name, name))
			return &module->params[i];
	}
	if (module->nr_params == PARAMS_MAX)
		return NULL;
	module->params = xrealloc(module->params, module->nr_params + 1,
				  sizeof(*module->params));
	param = &module->params[module->nr_params++];
	param->name = name;
	param->type = "-";
	param->help = "-";
	return param;
}

/* "parm=name:help" and "parmtype=name:type" */
static char *read_params(struct module *module)
{
	size_t i, seen = 0;

	for (i = 0; i < module->nr_fields; i++) {
		bool help = !strncmp(module->fields[i], "parm=", 5);
		bool type = !strncmp(module->fields[i], "parmtype=", 9);
		const char *text = module->fields[i] + (help ? 5 : 9);
		struct module_param *param;
		const char *colon;

		if (!help && !type)
			continue;
		colon = strchr(text, ':');
		if (!colon)
			continue;
		param = find_param(module, table_text(&module->texts, "%.*s",
						      (int)(colon - text), text));
		if (!param || ++seen > 2 * PARAMS_MAX)
			return xprintf("it has more than %u parameters",
				       PARAMS_MAX);
		if (help)
			param->help = colon + 1;
		else
			param->type = colon + 1;
	}
	return NULL;
}

static char *read_depends(struct module *module)
{
	const char *text = module_field(module, "depends");
	char *names, *name;

	if (!text || !*text)
		return NULL;
	names = (char *)table_text(&module->texts, "%s", text);
	while ((name = strsep(&names, ","))) {
		if (!*name)
			continue;
		if (module->nr_depends == DEPENDS_MAX)
			return xprintf("it depends on more than %u modules",
				       DEPENDS_MAX);
		module->depends = xrealloc(module->depends,
					   module->nr_depends + 1,
					   sizeof(*module->depends));
		module->depends[module->nr_depends++] = name;
	}
	return NULL;
}

static int compare_imports(const void *left, const void *right)
{
	const struct module_import *a = left, *b = right;

	return strcmp(a->name, b->name);
}

static int compare_exports(const void *left, const void *right)
{
	const struct module_export *a = left, *b = right;

	return strcmp(a->name, b->name);
}

static void add_import(struct module *module, const struct elf_symbol *symbol)
{
	struct module_import *import;

	if (!(module->nr_imports & (module->nr_imports - 1)))
		module->imports = xrealloc(module->imports,
					   2 * module->nr_imports + 1,
					   sizeof(*module->imports));
	import = &module->imports[module->nr_imports++];
	memset(import, 0, sizeof(*import));
	import->name = symbol->name;
	import->weak = symbol->binding == STB_WEAK;
}

static void add_export(struct module *module, const struct elf_symbol *symbol)
{
	const char *section = module->elf.sections[symbol->section].name;
	struct module_export *export;

	if (!(module->nr_exports & (module->nr_exports - 1)))
		module->exports = xrealloc(module->exports,
					   2 * module->nr_exports + 1,
					   sizeof(*module->exports));
	export = &module->exports[module->nr_exports++];
	export->name = symbol->name + strlen(KSYMTAB);
	export->ns = "";
	/* __ksymtab_gpl, or ___ksymtab_gpl+name before the final link */
	export->gpl = strstr(section, "ksymtab_gpl");
}

static void add_namespace(struct module *module, const struct elf_symbol *symbol)
{
	struct module_export key = { .name = symbol->name + strlen(KSTRTABNS) };
	const struct elf_section *section;
	struct module_export *export;
	const char *ns;

	if (!module->nr_exports)
		return;
	export = bsearch(&key, module->exports, module->nr_exports,
			 sizeof(key), compare_exports);
	section = &module->elf.sections[symbol->section];
	ns = elf_string(&module->elf, section, symbol->value);
	if (export && ns)
		export->ns = ns;
}

static bool is_defined(const struct module *module,
		       const struct elf_symbol *symbol)
{
	return symbol->section != SHN_UNDEF &&
	       symbol->section < module->elf.nr_sections;
}

static char *read_symbols(struct module *module)
{
	struct elf_symbol symbol;
	uint64_t i;

	for (i = 1; i < module->elf.nr_symbols; i++) {
		if (!elf_symbol(&module->elf, i, &symbol))
			return xprintf("symbol %llu has no name",
				       (unsigned long long)i);
		if (symbol.section == SHN_UNDEF) {
			if (*symbol.name && symbol.binding != STB_LOCAL)
				add_import(module, &symbol);
			continue;
		}
		if (!is_defined(module, &symbol))
			continue;
		if (!strcmp(symbol.name, "init_module"))
			module->has_init = true;
		else if (!strcmp(symbol.name, "cleanup_module"))
			module->has_exit = true;
		else if (!strncmp(symbol.name, KSYMTAB, strlen(KSYMTAB)))
			add_export(module, &symbol);
	}
	if (module->nr_imports)
		qsort(module->imports, module->nr_imports,
		      sizeof(*module->imports), compare_imports);
	if (module->nr_exports)
		qsort(module->exports, module->nr_exports,
		      sizeof(*module->exports), compare_exports);
	/* Namespaces are looked up in what is sorted now. */
	for (i = 1; i < module->elf.nr_symbols; i++) {
		if (elf_symbol(&module->elf, i, &symbol) &&
		    is_defined(module, &symbol) &&
		    !strncmp(symbol.name, KSTRTABNS, strlen(KSTRTABNS)))
			add_namespace(module, &symbol);
	}
	return NULL;
}

/* Entries of 64 bytes: a word with the checksum, then the name. */
static void read_version(struct module *module, const char *name,
			 unsigned long crc)
{
	const struct module_import key = { .name = name };
	struct module_import *import = NULL;

	if (!strcmp(name, "module_layout")) {
		module->has_layout_crc = true;
		module->layout_crc = crc;
	}
	if (module->nr_imports)
		import = bsearch(&key, module->imports, module->nr_imports,
				 sizeof(key), compare_imports);
	if (import) {
		import->has_crc = true;
		import->crc = crc;
	}
}

static void read_versions(struct module *module)
{
	const struct elf_section *section = elf_section(&module->elf, VERSIONS);
	size_t word = module->elf.wide ? 8 : 4;
	uint64_t offset;

	if (!section || section->type == SHT_NOBITS)
		return;
	for (offset = 0; section->size - offset >= VERSION_SIZE;
	     offset += VERSION_SIZE) {
		const unsigned char *entry = module->elf.data +
					     section->offset + offset;
		const char *name = (const char *)entry + word;

		if (memchr(name, '\0', VERSION_SIZE - word))
			read_version(module, name,
				     (unsigned long)elf_word(&module->elf, entry));
	}
}

/* Modules of other kernels have no "name=": the file's name is meant then. */
static const char *name_from_path(struct module *module)
{
	const char *slash = strrchr(module->path, '/');
	const char *base = slash ? slash + 1 : module->path;
	size_t len = strlen(base);
	char *name;

	if (len > 3 && !strcmp(base + len - 3, ".ko"))
		len -= 3;
	name = (char *)table_text(&module->texts, "%.*s", (int)len, base);
	for (base = name; *name; name++) {
		if (*name == '-')
			*name = '_';
	}
	return base;
}

static const char *compression(const char *data, size_t size)
{
	static const struct {
		const char *magic;
		size_t len;
		const char *hint;
	} formats[] = {
		{ "\3757zXZ", 5, "xz: decompress it first: xz -dk FILE" },
		{ "\x28\xb5\x2f\xfd", 4,
		  "zstd: decompress it first: zstd -d FILE" },
		{ "\x1f\x8b", 2, "gzip: decompress it first: gzip -dk FILE" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(formats); i++) {
		if (size >= formats[i].len &&
		    !memcmp(data, formats[i].magic, formats[i].len))
			return formats[i].hint;
	}
	return NULL;
}

static char *read_module(struct module *module, size_t len)
{
	const char *packed = compression(module->data, len);
	uint64_t size;
	char *error;

	if (packed)
		return xprintf("it is compressed with %s", packed);
	size = strip_signature(module, len);
	error = elf_open(&module->elf, (const unsigned char *)module->data,
			 size);
	if (!error)
		error = read_modinfo(module);
	if (!error)
		error = read_params(module);
	if (!error)
		error = read_depends(module);
	if (!error)
		error = read_symbols(module);
	if (error)
		return error;
	read_versions(module);
	module->name = module_field(module, "name");
	if (!module->name)
		module->name = name_from_path(module);
	return NULL;
}

static const char *why(int err)
{
	return err == EINVAL ? "not a regular file" : strerror(err);
}

/**
 * module_read() - read a module file
 * @module: filled in, for module_free()
 * @path: the file; must outlive @module
 *
 * Return: 0, or -1 after a message.
 */
int module_read(struct module *module, const char *path)
{
	char *error;
	size_t len;

	memset(module, 0, sizeof(*module));
	module->path = path;
	module->data = read_all(path, MODULE_MAX, &len);
	if (!module->data) {
		klab_err("%s: %s", path, why(errno));
		return -1;
	}
	error = read_module(module, len);
	if (error) {
		klab_err("%s: cannot be checked: %s", path, error);
		module_free(module);
	}
	free(error);
	return error ? -1 : 0;
}

/**
 * module_free() - free what module_read() made
 * @module: the module
 */
void module_free(struct module *module)
{
	elf_close(&module->elf);
	free(module->data);
	free(module->fields);
	free(module->params);
	free(module->exports);
	free(module->imports);
	free(module->depends);
	table_free(&module->texts);
	memset(module, 0, sizeof(*module));
}
