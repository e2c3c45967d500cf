// SPDX-License-Identifier: GPL-2.0-only
/*
 * What there is behind the numbers of system calls, for who audits a kernel.
 *
 * It tells symbols and states, no addresses, and gives no way to the tables.
 */

#include <linux/array_size.h>
#include <linux/build_bug.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/kallsyms.h>
#include <linux/klab_calls.h>
#include <linux/nospec.h>
#include <linux/string.h>
#include <linux/syscalls.h>
#include <linux/types.h>
#include <asm/syscall.h>

#include <kunit/visibility.h>

#include "calls.h"

/*
 * Where the tables of an architecture are, and how it prefixes the functions
 * that they name. Dispatch on x86 does not go through a table in memory, and for
 * 32-bit programs there is none at all.
 */
#if defined(CONFIG_X86_64) && !defined(CONFIG_UML)
#define KLAB_AUDIT_TABLE		"asm/syscalls_64.h"
#define KLAB_AUDIT_PREFIX		"__x64_"
#define KLAB_AUDIT_COMPAT_TABLE		"asm/syscalls_32.h"
#define KLAB_AUDIT_COMPAT_PREFIX	"__ia32_"
#elif defined(CONFIG_X86_32) && !defined(CONFIG_UML)
#define KLAB_AUDIT_TABLE		"asm/syscalls_32.h"
#define KLAB_AUDIT_PREFIX		"__ia32_"
#elif defined(CONFIG_UML)
#ifdef CONFIG_X86_32
#define KLAB_AUDIT_TABLE		"asm/syscalls_32.h"
#else
#define KLAB_AUDIT_TABLE		"asm/syscalls_64.h"
#endif
#define KLAB_AUDIT_PREFIX		""
extern const sys_call_ptr_t sys_call_table[];
#else
#ifdef CONFIG_64BIT
#define KLAB_AUDIT_TABLE		"asm/syscall_table_64.h"
#else
#define KLAB_AUDIT_TABLE		"asm/syscall_table_32.h"
#endif
#define KLAB_AUDIT_COMPAT_TABLE		"asm/syscall_table_32.h"
#if defined(CONFIG_ARM64)
#define KLAB_AUDIT_PREFIX		"__arm64_"
#define KLAB_AUDIT_COMPAT_PREFIX	"__arm64_"
#elif defined(CONFIG_RISCV)
#define KLAB_AUDIT_PREFIX		"__riscv_"
#define KLAB_AUDIT_COMPAT_PREFIX	"__riscv_"
#else
#define KLAB_AUDIT_PREFIX		""
#define KLAB_AUDIT_COMPAT_PREFIX	""
#endif
#endif

/* The generated tables have a line for each number. */
#define __SYSCALL(nr, symbol)				#symbol,
#define __SYSCALL_NORETURN(nr, symbol)			#symbol,
#define __SYSCALL_WITH_COMPAT(nr, symbol, compat)	#symbol,
#define __SYSCALL_COMPAT_NORETURN(nr, symbol, compat)	#symbol,
static const char *const klab_audit_symbols[] = {
#include KLAB_AUDIT_TABLE
};

static_assert(ARRAY_SIZE(klab_audit_symbols) == KLAB_CALL_LAST + 1);

static const char *const klab_audit_names[ARRAY_SIZE(klab_audit_symbols)] = {
#include "names_native.h"
};

#ifdef CONFIG_COMPAT
#undef __SYSCALL_WITH_COMPAT
#undef __SYSCALL_COMPAT_NORETURN
#define __SYSCALL_WITH_COMPAT(nr, symbol, compat)	#compat,
#define __SYSCALL_COMPAT_NORETURN(nr, symbol, compat)	#compat,
static const char *const klab_audit_compat_symbols[] = {
#include KLAB_AUDIT_COMPAT_TABLE
};

static_assert(ARRAY_SIZE(klab_audit_compat_symbols) == KLAB_CALL_LAST + 1);

static const char *const klab_audit_compat_names[ARRAY_SIZE(klab_audit_compat_symbols)] = {
#include "names_compat.h"
};
#endif

static unsigned long klab_audit_addr(unsigned int nr)
{
	return (unsigned long)sys_call_table[nr];
}

#ifdef CONFIG_COMPAT
static unsigned long klab_audit_compat_addr(unsigned int nr)
{
#ifdef CONFIG_X86
	return 0;
#else
	return (unsigned long)compat_sys_call_table[nr];
#endif
}
#endif

/* A table: @symbols and @names by number, and where its functions are, or 0. */
struct klab_audit_table {
	const char *const *symbols;
	const char *const *names;
	unsigned int size;
	const char *prefix;
	unsigned long (*addr)(unsigned int nr);
};

static const struct klab_audit_table klab_audit_tables[] = {
	[KLAB_AUDIT_NATIVE] = {
		.symbols	= klab_audit_symbols,
		.names		= klab_audit_names,
		.size		= ARRAY_SIZE(klab_audit_symbols),
		.prefix		= KLAB_AUDIT_PREFIX,
		.addr		= klab_audit_addr,
	},
#ifdef CONFIG_COMPAT
	[KLAB_AUDIT_COMPAT] = {
		.symbols	= klab_audit_compat_symbols,
		.names		= klab_audit_compat_names,
		.size		= ARRAY_SIZE(klab_audit_compat_symbols),
		.prefix		= KLAB_AUDIT_COMPAT_PREFIX,
		.addr		= klab_audit_compat_addr,
	},
#endif
};

static bool klab_audit_is_ni(const char *symbol)
{
	size_t len = strlen(symbol), ni = strlen("sys_ni_syscall");

	return len >= ni && !strcmp(symbol + len - ni, "sys_ni_syscall");
}

/**
 * klab_audit_handler() - tell which function an entry of a table is
 * @built: name of the function that the table was built with
 * @addr: what the table holds now, or 0 where there is no table in memory
 * @entry: gets the name of the handler, and whether it is foreign
 *
 * A function that is not of the kernel's own text is marked as such, so that a
 * module's cannot pass for one of the same name.
 *
 * Context: any.
 * Return: the letter that tells the kind of symbol, as of nm, or 0 if there is no
 *	telling.
 */
VISIBLE_IF_KUNIT char klab_audit_handler(const char *built, unsigned long addr,
					 struct klab_audit_entry *entry)
{
	unsigned long expected = kallsyms_lookup_name(built);
	char symbol[KSYM_NAME_LEN];

	strscpy(entry->handler, built);
	if (!addr)
		return expected ? kallsyms_symbol_type(expected) : 0;
	if (!IS_ENABLED(CONFIG_KALLSYMS))
		return 0;

	/* A table may name a function by a macro that stands for another one. */
	entry->foreign = expected && addr != expected;
	/* That of COND_SYSCALL() has many names, of which any may be found. */
	if (addr == (unsigned long)sys_ni_syscall)
		strscpy(symbol, "sys_ni_syscall");
	else if (lookup_symbol_name(addr, symbol))
		strscpy(symbol, "?");
	strscpy(entry->handler, symbol);
	if (!core_kernel_text(addr))
		strlcat(entry->handler, " [outside]", sizeof(entry->handler));
	return kallsyms_symbol_type(addr);
}
EXPORT_SYMBOL_IF_KUNIT(klab_audit_handler);

static enum klab_audit_state klab_audit_state(const struct klab_audit_table *table,
					      unsigned int nr, struct klab_audit_entry *entry)
{
	const char *symbol = table->symbols[nr] ?: "sys_ni_syscall";
	char built[KSYM_NAME_LEN];
	char kind;

	snprintf(built, sizeof(built), "%s%s", table->prefix, symbol);
	kind = klab_audit_handler(built, table->addr(nr), entry);
	if (klab_audit_is_ni(symbol) && !entry->foreign)
		return table->names[nr] ? KLAB_AUDIT_RETIRED : KLAB_AUDIT_HOLE;
	if (nr >= KLAB_CALL_LATE && nr <= KLAB_CALL_LAST)
		return klab_call_describe(nr, entry->provider, sizeof(entry->provider)) ?
			KLAB_AUDIT_LATE_BOUND : KLAB_AUDIT_LATE_EMPTY;
	/* What COND_SYSCALL() leaves is weak, or another name of that function. */
	if (kind == 'w' || kind == 'W' || klab_audit_is_ni(entry->handler))
		return KLAB_AUDIT_OFF;
	return KLAB_AUDIT_HERE;
}

/**
 * klab_audit_call() - tell what there is behind the number of a system call
 * @abi: the table to look at
 * @nr: the number, from 0; it may come from user space
 * @entry: what to fill in
 *
 * Without kallsyms in the kernel, what the configuration leaves out is told only
 * where that can be seen from the table.
 *
 * Context: process context; may sleep.
 * Return: 0, -ERANGE if @nr is behind the end of the table, -EOPNOTSUPP if there
 *	is no such table in this kernel.
 */
int klab_audit_call(enum klab_audit_abi abi, unsigned int nr, struct klab_audit_entry *entry)
{
	const struct klab_audit_table *table;

	if ((unsigned int)abi >= ARRAY_SIZE(klab_audit_tables))
		return -EOPNOTSUPP;
	table = &klab_audit_tables[array_index_nospec(abi, ARRAY_SIZE(klab_audit_tables))];
	if (nr >= table->size)
		return -ERANGE;
	nr = array_index_nospec(nr, table->size);

	memset(entry, 0, sizeof(*entry));
	if (table->names[nr])
		strscpy(entry->name, table->names[nr]);
	entry->state = klab_audit_state(table, nr, entry);
	return 0;
}
EXPORT_SYMBOL_GPL(klab_audit_call);
