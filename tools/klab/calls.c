// SPDX-License-Identifier: GPL-2.0-only
/*
 * Names and numbers of system calls. The tables are made from <asm/unistd.h>
 * when this is built.
 */
#include <asm/unistd.h>
#include <string.h>

#include "calls.h"
#include "klab.h"
#include "klab_calls.h"

struct call {
	const char *name;
	long nr;
};

#define CALL(name, nr)	{ #name, nr },

static const struct call native_calls[] = {
#include "calls_native.inc"
};

static const struct call compat_calls[] = {
#include "calls_compat.inc"
	{ NULL, -1 },
};

static const struct call klab_calls[] = {
	CALL(klab_null, __NR_klab_null)
	CALL(klab_log, __NR_klab_log)
	CALL(klab_strtrans, __NR_klab_strtrans)
};

static const char *name_in(const struct call *calls, size_t size, long nr)
{
	size_t i;

	for (i = 0; i < size; i++) {
		if (calls[i].nr == nr)
			return calls[i].name;
	}
	return NULL;
}

/**
 * call_name() - name of a system call
 * @abi: whose numbers
 * @nr: its number, not negative
 *
 * Return: the name, or NULL where the headers have none.
 */
const char *call_name(enum call_abi abi, long nr)
{
	const char *name;

	name = name_in(klab_calls, ARRAY_SIZE(klab_calls), nr);
	if (name)
		return name;
	if (abi == CALL_COMPAT)
		return name_in(compat_calls, ARRAY_SIZE(compat_calls), nr);
	return name_in(native_calls, ARRAY_SIZE(native_calls), nr);
}

/**
 * call_number() - number of a system call in this program's ABI
 * @name: its name, those of klab's calls without "klab_" too
 *
 * Return: the number, or -1.
 */
long call_number(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(klab_calls); i++) {
		if (!strcmp(klab_calls[i].name, name) ||
		    !strcmp(klab_calls[i].name + strlen("klab_"), name))
			return klab_calls[i].nr;
	}
	for (i = 0; i < ARRAY_SIZE(native_calls); i++) {
		if (!strcmp(native_calls[i].name, name))
			return native_calls[i].nr;
	}
	return -1;
}
