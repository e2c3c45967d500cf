/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Names and numbers of system calls, as the headers of this build have them.
 */
#ifndef _KLAB_NUMBERS_H
#define _KLAB_NUMBERS_H

/**
 * enum call_abi - whose numbers
 * @CALL_NATIVE: of this program's ABI
 * @CALL_COMPAT: of 32-bit programs on the same machine
 */
enum call_abi {
	CALL_NATIVE,
	CALL_COMPAT,
};

const char *call_name(enum call_abi abi, long nr);
long call_number(const char *name);

#endif /* _KLAB_NUMBERS_H */
