/* SPDX-License-Identifier: GPL-2.0-only */
/* Copies between kernel and user memory, tried on pointers of all kinds. */
#ifndef _KLAB_BASICS_USERCOPY_H
#define _KLAB_BASICS_USERCOPY_H

#include <linux/compiler_types.h>

#define KLAB_USERCOPY_LEN	16	/* bytes that a call is to copy */
#define KLAB_USERCOPY_HEAD	8	/* bytes before the end of a page */

/**
 * enum klab_usercopy_kind - what a pointer points to
 * @KLAB_USERCOPY_GOOD: memory that may be read and written
 * @KLAB_USERCOPY_CROSSING: KLAB_USERCOPY_HEAD bytes of such, then none
 * @KLAB_USERCOPY_READONLY: memory that may only be read, all zero
 * @KLAB_USERCOPY_NO_ACCESS: user addresses without access
 * @KLAB_USERCOPY_NULL: nothing
 * @KLAB_USERCOPY_KERNEL: kernel memory
 * @KLAB_USERCOPY_KINDS: how many kinds there are
 */
enum klab_usercopy_kind {
	KLAB_USERCOPY_GOOD,
	KLAB_USERCOPY_CROSSING,
	KLAB_USERCOPY_READONLY,
	KLAB_USERCOPY_NO_ACCESS,
	KLAB_USERCOPY_NULL,
	KLAB_USERCOPY_KERNEL,
	KLAB_USERCOPY_KINDS
};

/**
 * enum klab_usercopy_answer - what the result of a call says
 * @KLAB_USERCOPY_LEFT: bytes that were not copied
 * @KLAB_USERCOPY_ERRNO: 0 or a negative error
 * @KLAB_USERCOPY_LENGTH: length of a string without its NUL, or an error
 * @KLAB_USERCOPY_SIZE: length of a string with its NUL, 0 for a fault
 */
enum klab_usercopy_answer {
	KLAB_USERCOPY_LEFT,
	KLAB_USERCOPY_ERRNO,
	KLAB_USERCOPY_LENGTH,
	KLAB_USERCOPY_SIZE,
};

/**
 * struct klab_usercopy_call - a member of the family
 * @name: of the function
 * @answer: what it returns
 * @len: bytes it is to copy, at most
 * @call: calls it; the second argument is KLAB_USERCOPY_LEN bytes of
 *	kernel memory
 */
struct klab_usercopy_call {
	const char *name;
	enum klab_usercopy_answer answer;
	unsigned int len;
	long (*call)(void __user *user, void *kernel);
};

/**
 * struct klab_usercopy_map - memory to try pointers on
 * @start: first of KLAB_USERCOPY_PAGES pages in the address space of the task
 * @kernel: KLAB_USERCOPY_LEN bytes for the pointer into the kernel
 */
struct klab_usercopy_map {
	unsigned long start;
	void *kernel;
};

#define KLAB_USERCOPY_PAGES	3

#if IS_ENABLED(CONFIG_KUNIT)
extern const struct klab_usercopy_call klab_usercopy_calls[];
extern const unsigned int klab_usercopy_nr_calls;

int klab_usercopy_map(struct klab_usercopy_map *map);
void klab_usercopy_unmap(struct klab_usercopy_map *map);
void __user *klab_usercopy_pointer(const struct klab_usercopy_map *map,
				   enum klab_usercopy_kind kind);
int klab_usercopy_fill(const struct klab_usercopy_map *map);
bool klab_usercopy_in_use(const void __user *user);
const char *klab_usercopy_meaning(enum klab_usercopy_answer answer, long ret);
#endif

#endif /* _KLAB_BASICS_USERCOPY_H */
