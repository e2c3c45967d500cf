// SPDX-License-Identifier: GPL-2.0-only
/*
 * What would keep the running kernel from loading a module: the checks of
 * kernel/module/, in its order, as far as user space can know.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "module.h"

#define NAMES_SHOWN	5

/**
 * struct running - what is known of the running kernel
 * @release: its release, or NULL without /proc
 * @version: its version line, or NULL
 * @arch: its machine, or NULL
 * @modules: content of /proc/modules, or NULL
 * @builtin: content of modules.builtin, or NULL
 * @symvers: its exports; none if they are not known
 */
struct running {
	char *release;
	char *version;
	char *arch;
	char *modules;
	char *builtin;
	const struct symvers *symvers;
};

/**
 * struct names - names to be listed in a message
 * @list: the first of them, separated by commas, or NULL
 * @nr: how many there are
 */
struct names {
	char *list;
	size_t nr;
};

static void add_name(struct names *names, const char *name)
{
	char *old = names->list;

	if (names->nr++ >= NAMES_SHOWN)
		return;
	names->list = xprintf("%s%s%s", old ? old : "", old ? ", " : "", name);
	free(old);
}

/* Frees the names; the text stays with the problems. */
static const char *names_text(struct problems *problems, struct names *names)
{
	const char *text;

	if (names->nr > NAMES_SHOWN)
		text = table_text(&problems->texts, "%s and %zu more",
				  names->list, names->nr - NAMES_SHOWN);
	else
		text = table_text(&problems->texts, "%s", names->list);
	free(names->list);
	return text;
}

/* The words of insmod(8) where they are not those of strerror(3). */
static const struct {
	int err;
	const char *name;
	const char *says;
} errors[] = {
	{ EPERM, "EPERM", NULL },
	{ ENOENT, "ENOENT", "Unknown symbol in module" },
	{ ENOEXEC, "ENOEXEC", "Invalid module format" },
	{ EEXIST, "EEXIST", NULL },
	{ EINVAL, "EINVAL", "Invalid parameters" },
	{ EBADMSG, "EBADMSG", NULL },
	{ EKEYREJECTED, "EKEYREJECTED", NULL },
};

static void add_problem(struct problems *problems, int err, const char *hint,
			const char *reason)
{
	struct problem *problem;
	size_t i;

	problems->problems = xrealloc(problems->problems, problems->nr + 1,
				      sizeof(*problem));
	problem = &problems->problems[problems->nr++];
	problem->name = "?";
	problem->says = table_text(&problems->texts, "%s", strerror(err));
	for (i = 0; i < ARRAY_SIZE(errors); i++) {
		if (errors[i].err != err)
			continue;
		problem->name = errors[i].name;
		if (errors[i].says)
			problem->says = errors[i].says;
	}
	problem->reason = reason;
	problem->hint = hint;
}

static void add_note(struct problems *problems, const char *text)
{
	problems->notes = xrealloc(problems->notes, problems->nr_notes + 1,
				   sizeof(*problems->notes));
	problems->notes[problems->nr_notes++] = text;
}

#define problem_text(problems, ...) table_text(&(problems)->texts, __VA_ARGS__)

static char *read_system(const char *path)
{
	char *full = system_path(path);
	size_t len;
	char *text = read_all(full, 64u << 20, &len);

	free(full);
	return text;
}

static void running_read(struct running *running)
{
	char *path;

	running->release = system_line("/proc/sys/kernel/osrelease");
	running->version = system_line("/proc/sys/kernel/version");
	running->arch = system_line("/proc/sys/kernel/arch");
	running->modules = read_system("/proc/modules");
	if (!running->release)
		return;
	path = xprintf("/lib/modules/%s/modules.builtin", running->release);
	running->builtin = read_system(path);
	free(path);
}

static void running_free(struct running *running)
{
	free(running->release);
	free(running->version);
	free(running->arch);
	free(running->modules);
	free(running->builtin);
}

/* Is there a line that begins with the name and a blank? */
static bool is_loaded(const struct running *running, const char *name)
{
	const char *line = running->modules;

	while (line && *line) {
		size_t len = strcspn(line, "\n ");
		char *first = xprintf("%.*s", (int)len, line);
		bool same = module_name_equal(first, name);

		free(first);
		if (same)
			return true;
		line = strchr(line, '\n');
		line = line ? line + 1 : NULL;
	}
	return false;
}

/* Lines of modules.builtin are paths: kernel/fs/ext4/ext4.ko */
static bool is_builtin(const struct running *running, const char *name)
{
	const char *line = running->builtin;

	while (line && *line) {
		size_t len = strcspn(line, "\n");
		const char *slash = memrchr(line, '/', len);
		const char *base = slash ? slash + 1 : line;
		char *this = xprintf("%.*s", (int)strcspn(base, ".\n"), base);
		bool same = module_name_equal(this, name);

		free(this);
		if (same)
			return true;
		line += len + !!line[len];
	}
	return false;
}

static bool is_present(const struct running *running, const char *name)
{
	return is_loaded(running, name) || is_builtin(running, name);
}

static bool is_one(const char *path, const char *value)
{
	char *line = system_line(path);
	bool one = line && !strcmp(line, value);

	free(line);
	return one;
}

static bool system_has(const char *path)
{
	char *full = system_path(path);
	bool has = !access(full, F_OK);

	free(full);
	return has;
}

static void check_allowed(struct problems *problems)
{
	if (!system_has("/proc/sys/kernel/modules_disabled"))
		add_note(problems,
			 "the running kernel cannot load modules at all (CONFIG_MODULES)");
	else if (is_one("/proc/sys/kernel/modules_disabled", "1"))
		add_problem(problems, EPERM,
			    "reboot: the setting cannot be taken back",
			    "loading is switched off (kernel.modules_disabled=1)");
}

static void check_signature(struct problems *problems,
			    const struct module *module)
{
	bool enforced = is_one("/sys/module/module/parameters/sig_enforce", "Y");
	char *level;

	/* A kernel without CONFIG_MODULE_SIG does not look. */
	if (!system_has("/sys/module/module/parameters/sig_enforce"))
		return;
	if (module->signature == SIGNATURE_PKCS7) {
		add_note(problems,
			 "whether its signature is valid only the kernel can tell");
		return;
	}
	if (module->signature == SIGNATURE_BAD) {
		add_problem(problems, EBADMSG,
			    "sign it again: scripts/sign-file",
			    "the signature at its end is not of the form that the kernel takes");
		return;
	}

	level = lockdown_level();
	if (enforced)
		add_problem(problems, EKEYREJECTED,
			    "sign it with a key that the kernel trusts (scripts/sign-file), or boot without module.sig_enforce=1",
			    "it is not signed, and the kernel takes signed modules only");
	else if (level)
		add_problem(problems, EPERM,
			    "sign it with a key that the kernel trusts, or boot without lockdown (Secure Boot may switch it on)",
			    problem_text(problems,
					 "it is not signed, and the kernel is locked down (%s)",
					 level));
	else
		add_note(problems, "not signed: it taints the kernel (E)");
	free(level);
}

static void check_format(struct problems *problems, const struct module *module,
			 const struct running *running)
{
	const char *hint = "load the .ko that kbuild makes, not an object on the way to it";

	if (running->arch && !elf_machine_is(module->elf.machine,
					     module->elf.wide, running->arch))
		add_problem(problems, ENOEXEC,
			    "build it for this machine (ARCH=, CROSS_COMPILE=)",
			    problem_text(problems,
					 "it is for %s (%d bits), the kernel runs on %s",
					 elf_machine_name(module->elf.machine),
					 module->elf.wide ? 64 : 32,
					 running->arch));
	if (!elf_section(&module->elf, ".gnu.linkonce.this_module"))
		add_problem(problems, ENOEXEC, hint,
			    "it has no .gnu.linkonce.this_module section: it is an object, not a module");
	if (!module->elf.nr_symbols)
		add_problem(problems, ENOEXEC,
			    "strip modules with --strip-debug only",
			    "it has no symbols: stripped?");
}

static void check_blacklist(struct problems *problems,
			    const struct module *module)
{
	char *line = system_line("/proc/cmdline");
	char *rest = line;
	char *word;

	while ((word = strsep(&rest, " "))) {
		char *name;

		if (strncmp(word, "module_blacklist=", 17))
			continue;
		word += 17;
		while ((name = strsep(&word, ","))) {
			if (strcmp(name, module->name))
				continue;
			add_problem(problems, EPERM,
				    "boot without module_blacklist= for it",
				    "the kernel was booted with it on module_blacklist=");
		}
	}
	free(line);
}

static bool has_word(const char *text, const char *word)
{
	size_t len = strlen(word);
	const char *at = text;

	while ((at = strstr(at, word))) {
		bool begins = at == text || at[-1] == ' ';

		if (begins && (!at[len] || at[len] == ' '))
			return true;
		at += len;
	}
	return false;
}

static bool kernel_has_crcs(const struct symvers *symvers)
{
	size_t i;

	for (i = 0; i < symvers->nr_exports; i++) {
		if (symvers->exports[i].crc)
			return true;
	}
	return false;
}

static void wrong_magic(struct problems *problems, const char *magic,
			const char *what, const char *kernel)
{
	add_problem(problems, ENOEXEC,
		    "build it against the running kernel: make -C /lib/modules/$(uname -r)/build M=$PWD",
		    problem_text(problems, "its vermagic '%s' %s, %s", magic,
				 what, kernel));
}

static void check_release(struct problems *problems, const char *magic,
			  const struct running *running)
{
	size_t len = strcspn(magic, " ");
	bool crcs = has_word(magic, "modversions");

	if (strlen(running->release) == len &&
	    !memcmp(running->release, magic, len))
		return;
	/* With checksums on both sides, the release is not compared. */
	if (crcs && kernel_has_crcs(running->symvers))
		return;
	if (crcs && !running->symvers->nr_exports)
		add_note(problems,
			 problem_text(problems,
				      "built for %.*s, not %s; with CONFIG_MODVERSIONS the kernel goes by checksums of symbols, which are not known here",
				      (int)len, magic, running->release));
	else
		wrong_magic(problems, magic, "is of another kernel",
			    problem_text(problems, "%s runs", running->release));
}

static void check_magic(struct problems *problems, const struct module *module,
			const struct running *running)
{
	const char *magic = module_field(module, "vermagic");
	bool smp, preempt, rt;

	if (!magic) {
		add_problem(problems, ENOEXEC,
			    "build it with kbuild, which adds it",
			    "it has no vermagic");
		return;
	}
	check_release(problems, magic, running);

	if (running->symvers->nr_exports &&
	    kernel_has_crcs(running->symvers) != has_word(magic, "modversions"))
		wrong_magic(problems, magic, "differs in CONFIG_MODVERSIONS",
			    running->symvers->path);
	if (!running->version)
		return;
	smp = has_word(running->version, "SMP");
	preempt = has_word(running->version, "PREEMPT") ||
		  has_word(running->version, "PREEMPT_DYNAMIC");
	rt = has_word(running->version, "PREEMPT_RT");
	if (smp != has_word(magic, "SMP"))
		wrong_magic(problems, magic, "differs in CONFIG_SMP",
			    running->version);
	if (preempt != has_word(magic, "preempt") ||
	    rt != has_word(magic, "preempt_rt"))
		wrong_magic(problems, magic, "differs in preemption",
			    running->version);
}

static void check_livepatch(struct problems *problems,
			    const struct module *module)
{
	if (module_field(module, "livepatch") &&
	    !system_has("/sys/kernel/livepatch"))
		add_problem(problems, ENOEXEC,
			    "use a kernel with CONFIG_LIVEPATCH",
			    "it is a live patch, and the kernel has no live patching");
}

static void check_loaded(struct problems *problems, const struct module *module,
			 const struct running *running)
{
	if (is_loaded(running, module->name))
		add_problem(problems, EEXIST,
			    problem_text(problems, "rmmod %s, if it is to be replaced",
					 module->name),
			    "a module of this name is loaded");
	else if (is_builtin(running, module->name))
		add_problem(problems, EINVAL,
			    "nothing need be loaded; to replace it, use a kernel with =m for it",
			    "it is built into the running kernel");
}

static void check_depends(struct problems *problems,
			  const struct module *module,
			  const struct running *running)
{
	struct names names = {};
	char *command;
	const char *text;
	size_t i;

	for (i = 0; i < module->nr_depends; i++) {
		if (!is_present(running, module->depends[i]))
			add_name(&names, module->depends[i]);
	}
	if (!names.nr)
		return;
	text = names_text(problems, &names);
	command = xprintf("load them first: modprobe -a");
	for (i = 0; i < module->nr_depends; i++) {
		char *old = command;

		if (is_present(running, module->depends[i]))
			continue;
		command = xprintf("%s %s", old, module->depends[i]);
		free(old);
	}
	add_problem(problems, ENOENT,
		    problem_text(problems, "%s", command),
		    problem_text(problems, "it depends on modules that are not loaded: %s",
				 text));
	free(command);
}

/* Could a symbol come from a module that Module.symvers knows nothing of? */
static bool has_foreign_depends(const struct module *module,
				const struct symvers *symvers)
{
	size_t i, j;

	for (i = 0; i < module->nr_depends; i++) {
		for (j = 0; j < symvers->nr_exports; j++) {
			const char *owner = symvers->exports[j].module;
			const char *slash = strrchr(owner, '/');

			if (module_name_equal(slash ? slash + 1 : owner,
					      module->depends[i]))
				break;
		}
		if (j == symvers->nr_exports)
			return true;
	}
	return false;
}

static bool is_gpl_compatible(const char *licence)
{
	static const char * const licences[] = {
		"GPL", "GPL v2", "GPL and additional rights", "Dual BSD/GPL",
		"Dual MIT/GPL", "Dual MPL/GPL",
	};
	size_t i;

	for (i = 0; licence && i < ARRAY_SIZE(licences); i++) {
		if (!strcmp(licences[i], licence))
			return true;
	}
	return false;
}

struct import_trouble {
	struct names unknown;
	struct names gpl;
	struct names versions;
	struct names spaces;
	const char *ns;
};

static void sort_import(struct import_trouble *trouble,
			const struct module *module,
			const struct module_import *import,
			const struct symvers *symvers, bool free_software)
{
	const struct export *export = symvers_find(symvers, import->name);

	if (!export) {
		if (!import->weak && strcmp(import->name, "_GLOBAL_OFFSET_TABLE_"))
			add_name(&trouble->unknown, import->name);
		return;
	}
	if (export_is_gpl(export) && !free_software) {
		add_name(&trouble->gpl, import->name);
	} else if (import->has_crc && export->crc && import->crc != export->crc) {
		add_name(&trouble->versions, import->name);
	} else if (*export->ns &&
		   !module_has_field(module, "import_ns", export->ns)) {
		add_name(&trouble->spaces, import->name);
		trouble->ns = export->ns;
	}
}

/* "module:NAME,..." is for these modules only; nobody else can import it. */
static const char *namespace_hint(struct problems *problems, const char *ns)
{
	if (!strncmp(ns, "module:", strlen("module:")))
		return "do without: they are exported to certain modules only";
	return problem_text(problems, "add MODULE_IMPORT_NS(%s)", ns);
}

static void report_imports(struct problems *problems,
			   struct import_trouble *trouble, bool foreign)
{
	if (trouble->versions.nr)
		add_problem(problems, EINVAL,
			    "build it against the running kernel",
			    problem_text(problems,
					 "the kernel's checksum is another for %s",
					 names_text(problems, &trouble->versions)));
	if (trouble->gpl.nr)
		add_problem(problems, ENOENT,
			    "give it a GPL-compatible MODULE_LICENSE, or do without these symbols",
			    problem_text(problems,
					 "its licence is not GPL-compatible, and only such modules may use %s",
					 names_text(problems, &trouble->gpl)));
	if (trouble->spaces.nr)
		add_problem(problems, EINVAL,
			    namespace_hint(problems, trouble->ns),
			    problem_text(problems,
					 "it does not import the namespace of %s",
					 names_text(problems, &trouble->spaces)));
	if (trouble->unknown.nr && foreign)
		add_note(problems,
			 problem_text(problems,
				      "the kernel does not export %s; modules it depends on may",
				      names_text(problems, &trouble->unknown)));
	else if (trouble->unknown.nr)
		add_problem(problems, ENOENT,
			    "use what is exported ('klab symbols --exported --match GLOB'), or build it against the running kernel",
			    problem_text(problems, "the kernel does not export %s",
					 names_text(problems, &trouble->unknown)));
}

static void check_imports(struct problems *problems,
			  const struct module *module,
			  const struct running *running)
{
	bool free_software = is_gpl_compatible(module_field(module, "license"));
	const struct symvers *symvers = running->symvers;
	struct import_trouble trouble = {};
	const struct export *layout;
	size_t i;

	if (!symvers->nr_exports) {
		add_note(problems,
			 "symbols not checked: the exports of the running kernel are not known (--symvers)");
		return;
	}
	layout = symvers_find(symvers, "module_layout");
	if (layout && layout->crc && module->has_layout_crc &&
	    layout->crc != module->layout_crc)
		add_problem(problems, ENOEXEC,
			    "build it against the running kernel",
			    "the kernel's struct module is another (checksum of module_layout)");
	for (i = 0; i < module->nr_imports; i++)
		sort_import(&trouble, module, &module->imports[i], symvers,
			    free_software);
	report_imports(problems, &trouble,
		       has_foreign_depends(module, symvers));
}

static void check_exports(struct problems *problems,
			  const struct module *module,
			  const struct running *running)
{
	struct names names = {};
	size_t i;

	for (i = 0; i < module->nr_exports; i++) {
		const struct export *export;

		export = symvers_find(running->symvers,
				      module->exports[i].name);
		if (export && !strcmp(export->module, "vmlinux"))
			add_name(&names, module->exports[i].name);
	}
	if (names.nr)
		add_problem(problems, ENOEXEC, "rename them",
			    problem_text(problems,
					 "it exports what the kernel exports: %s",
					 names_text(problems, &names)));
}

static void note_taints(struct problems *problems, const struct module *module)
{
	const char *licence = module_field(module, "license");

	if (!licence)
		add_note(problems, "no MODULE_LICENSE: it taints the kernel (P)");
	else if (!is_gpl_compatible(licence))
		add_note(problems,
			 "licence not GPL-compatible: it taints the kernel (P)");
	if (!module_field(module, "intree"))
		add_note(problems, "out of tree: it taints the kernel (O)");
	if (module_field(module, "staging"))
		add_note(problems, "from staging: it taints the kernel (C)");
	if (module_field(module, "test"))
		add_note(problems, "a test: it taints the kernel (N)");
	if (module->has_init && !module->has_exit)
		add_note(problems,
			 "no exit function: it stays until the next boot");
}

/**
 * problems_find() - find what would keep a module from being loaded
 * @problems: filled in, for problems_free()
 * @module: the module
 * @symvers: exports of the running kernel; none if they are not known
 */
void problems_find(struct problems *problems, const struct module *module,
		   const struct symvers *symvers)
{
	struct running running = { .symvers = symvers };

	memset(problems, 0, sizeof(*problems));
	running_read(&running);
	if (running.release) {
		check_allowed(problems);
		check_signature(problems, module);
		check_format(problems, module, &running);
		check_blacklist(problems, module);
		check_magic(problems, module, &running);
		check_livepatch(problems, module);
		check_loaded(problems, module, &running);
		check_depends(problems, module, &running);
		check_imports(problems, module, &running);
		check_exports(problems, module, &running);
	} else {
		add_note(problems,
			 "load errors not looked for: /proc is not mounted");
	}
	note_taints(problems, module);
	running_free(&running);
}

/**
 * problems_free() - free what problems_find() made
 * @problems: the problems
 */
void problems_free(struct problems *problems)
{
	free(problems->problems);
	free(problems->notes);
	table_free(&problems->texts);
	memset(problems, 0, sizeof(*problems));
}
