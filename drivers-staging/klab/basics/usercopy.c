// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the functions that copy between kernel and user memory return, by what
 * the pointer points to. All of them may sleep, but for the nofault ones: a
 * page of the user may have to be fetched.
 */

#include <linux/build_bug.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/types.h>
#include <linux/uaccess.h>

#include <kunit/visibility.h>

#include "../core/klab_core.h"
#include "usercopy.h"

/* The pages of a map. */
enum {
	USERCOPY_PAGE_RW,
	USERCOPY_PAGE_NONE,
	USERCOPY_PAGE_R,
};

#define USERCOPY_GOOD_OFFSET	64

static const char usercopy_text[KLAB_USERCOPY_LEN] = "fifteen letters";

static const char * const usercopy_kinds[] = {
	[KLAB_USERCOPY_GOOD] = "good",
	[KLAB_USERCOPY_CROSSING] = "crossing",
	[KLAB_USERCOPY_READONLY] = "read-only",
	[KLAB_USERCOPY_NO_ACCESS] = "no-access",
	[KLAB_USERCOPY_NULL] = "null",
	[KLAB_USERCOPY_KERNEL] = "kernel",
};

static_assert(ARRAY_SIZE(usercopy_kinds) == KLAB_USERCOPY_KINDS);

static long call_copy_to_user(void __user *user, void *kernel)
{
	return copy_to_user(user, kernel, KLAB_USERCOPY_LEN);
}

static long call_copy_from_user(void __user *user, void *kernel)
{
	return copy_from_user(kernel, user, KLAB_USERCOPY_LEN);
}

static long call_clear_user(void __user *user, void *kernel)
{
	return clear_user(user, KLAB_USERCOPY_LEN);
}

static long call_put_user(void __user *user, void *kernel)
{
	return put_user(1UL, (unsigned long __user *)user);
}

static long call_get_user(void __user *user, void *kernel)
{
	unsigned long *value = kernel;

	return get_user(*value, (unsigned long __user *)user);
}

static long call_strncpy_from_user(void __user *user, void *kernel)
{
	return strncpy_from_user(kernel, user, KLAB_USERCOPY_LEN);
}

static long call_strnlen_user(void __user *user, void *kernel)
{
	return strnlen_user(user, KLAB_USERCOPY_LEN);
}

static long call_memdup_user(void __user *user, void *kernel)
{
	void *copy = memdup_user(user, KLAB_USERCOPY_LEN);

	if (IS_ERR(copy))
		return PTR_ERR(copy);
	kfree(copy);
	return 0;
}

static long call_strndup_user(void __user *user, void *kernel)
{
	char *copy = strndup_user(user, KLAB_USERCOPY_LEN);

	if (IS_ERR(copy))
		return PTR_ERR(copy);
	kfree(copy);
	return 0;
}

static long call_copy_struct_from_user(void __user *user, void *kernel)
{
	return copy_struct_from_user(kernel, KLAB_USERCOPY_LEN, user,
				     KLAB_USERCOPY_LEN);
}

static long call_copy_from_user_nofault(void __user *user, void *kernel)
{
	return copy_from_user_nofault(kernel, user, KLAB_USERCOPY_LEN);
}

static long call_copy_to_user_nofault(void __user *user, void *kernel)
{
	return copy_to_user_nofault(user, kernel, KLAB_USERCOPY_LEN);
}

#define USERCOPY_CALL(_name, _answer, _len)				\
	{ .name = #_name, .answer = _answer, .len = _len,		\
	  .call = call_##_name }

VISIBLE_IF_KUNIT const struct klab_usercopy_call klab_usercopy_calls[] = {
	USERCOPY_CALL(copy_to_user, KLAB_USERCOPY_LEFT, KLAB_USERCOPY_LEN),
	USERCOPY_CALL(copy_from_user, KLAB_USERCOPY_LEFT, KLAB_USERCOPY_LEN),
	USERCOPY_CALL(clear_user, KLAB_USERCOPY_LEFT, KLAB_USERCOPY_LEN),
	USERCOPY_CALL(put_user, KLAB_USERCOPY_ERRNO, sizeof(long)),
	USERCOPY_CALL(get_user, KLAB_USERCOPY_ERRNO, sizeof(long)),
	USERCOPY_CALL(strncpy_from_user, KLAB_USERCOPY_LENGTH,
		      KLAB_USERCOPY_LEN),
	USERCOPY_CALL(strnlen_user, KLAB_USERCOPY_SIZE, KLAB_USERCOPY_LEN),
	USERCOPY_CALL(memdup_user, KLAB_USERCOPY_ERRNO, KLAB_USERCOPY_LEN),
	USERCOPY_CALL(strndup_user, KLAB_USERCOPY_ERRNO, KLAB_USERCOPY_LEN),
	USERCOPY_CALL(copy_struct_from_user, KLAB_USERCOPY_ERRNO,
		      KLAB_USERCOPY_LEN),
	USERCOPY_CALL(copy_from_user_nofault, KLAB_USERCOPY_ERRNO,
		      KLAB_USERCOPY_LEN),
	USERCOPY_CALL(copy_to_user_nofault, KLAB_USERCOPY_ERRNO,
		      KLAB_USERCOPY_LEN),
};
EXPORT_SYMBOL_IF_KUNIT(klab_usercopy_calls);

VISIBLE_IF_KUNIT const unsigned int klab_usercopy_nr_calls =
	ARRAY_SIZE(klab_usercopy_calls);
EXPORT_SYMBOL_IF_KUNIT(klab_usercopy_nr_calls);

/* Replaces a page in one step, so that no other thread can map it meanwhile. */
static int usercopy_protect(unsigned long start, unsigned int page,
			    unsigned long prot)
{
	unsigned long addr;

	addr = vm_mmap(NULL, start + page * PAGE_SIZE, PAGE_SIZE, prot,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, 0);
	return IS_ERR_VALUE(addr) ? (long)addr : 0;
}

/**
 * klab_usercopy_unmap() - undoes klab_usercopy_map()
 * @map: the map
 *
 * Context: the task that mapped it; may sleep.
 */
VISIBLE_IF_KUNIT void klab_usercopy_unmap(struct klab_usercopy_map *map)
{
	vm_munmap(map->start, KLAB_USERCOPY_PAGES * PAGE_SIZE);
	kfree(map->kernel);
}
EXPORT_SYMBOL_IF_KUNIT(klab_usercopy_unmap);

/**
 * klab_usercopy_map() - gets memory to try pointers on
 * @map: filled in
 *
 * Maps pages into the caller's address space; it finds them nowhere else and
 * loses them in klab_usercopy_unmap().
 *
 * Context: a task with an address space; may sleep.
 * Return: 0, -ENOMEM, -EINTR, or another error of mmap().
 */
VISIBLE_IF_KUNIT int klab_usercopy_map(struct klab_usercopy_map *map)
{
	int err;

	map->kernel = kzalloc(KLAB_USERCOPY_LEN, GFP_KERNEL);
	if (!map->kernel)
		return -ENOMEM;

	map->start = vm_mmap(NULL, 0, KLAB_USERCOPY_PAGES * PAGE_SIZE,
			     PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS, 0);
	if (IS_ERR_VALUE(map->start)) {
		kfree(map->kernel);
		return map->start;
	}

	err = usercopy_protect(map->start, USERCOPY_PAGE_NONE, PROT_NONE);
	if (!err)
		err = usercopy_protect(map->start, USERCOPY_PAGE_R, PROT_READ);
	if (err)
		klab_usercopy_unmap(map);
	return err;
}
EXPORT_SYMBOL_IF_KUNIT(klab_usercopy_map);

/**
 * klab_usercopy_pointer() - a pointer of a kind
 * @map: the memory
 * @kind: the kind
 *
 * Context: any.
 * Return: the pointer.
 */
VISIBLE_IF_KUNIT void __user *
klab_usercopy_pointer(const struct klab_usercopy_map *map,
		      enum klab_usercopy_kind kind)
{
	unsigned long addr = map->start;

	switch (kind) {
	case KLAB_USERCOPY_GOOD:
		addr += USERCOPY_GOOD_OFFSET;
		break;
	case KLAB_USERCOPY_CROSSING:
		addr += USERCOPY_PAGE_NONE * PAGE_SIZE - KLAB_USERCOPY_HEAD;
		break;
	case KLAB_USERCOPY_READONLY:
		addr += USERCOPY_PAGE_R * PAGE_SIZE;
		break;
	case KLAB_USERCOPY_NO_ACCESS:
		addr += USERCOPY_PAGE_NONE * PAGE_SIZE;
		break;
	case KLAB_USERCOPY_KERNEL:
		addr = (unsigned long)map->kernel;
		break;
	default:
		addr = 0;
	}
	return (void __user *)addr;
}
EXPORT_SYMBOL_IF_KUNIT(klab_usercopy_pointer);

/**
 * klab_usercopy_fill() - puts text where the pointers point to
 * @map: the memory
 *
 * Also has the pages present, or the nofault functions would find none.
 *
 * Context: the task that mapped it; may sleep.
 * Return: 0 or -EFAULT, if another thread has unmapped it.
 */
VISIBLE_IF_KUNIT int klab_usercopy_fill(const struct klab_usercopy_map *map)
{
	char letter;

	if (copy_to_user(klab_usercopy_pointer(map, KLAB_USERCOPY_GOOD),
			 usercopy_text, sizeof(usercopy_text)) ||
	    copy_to_user(klab_usercopy_pointer(map, KLAB_USERCOPY_CROSSING),
			 usercopy_text, KLAB_USERCOPY_HEAD) ||
	    copy_from_user(&letter,
			   klab_usercopy_pointer(map, KLAB_USERCOPY_READONLY),
			   sizeof(letter)))
		return -EFAULT;
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(klab_usercopy_fill);

/**
 * klab_usercopy_in_use() - whether the caller has something at an address
 * @user: the address
 *
 * NULL and the numbers of kernel addresses may be user addresses too, the
 * latter where user and kernel space are separate, as under UML.
 *
 * Context: a task with an address space; may sleep.
 * Return: true if part of the KLAB_USERCOPY_LEN bytes from @user are mapped.
 */
VISIBLE_IF_KUNIT bool klab_usercopy_in_use(const void __user *user)
{
	unsigned long addr = (unsigned long)user;
	struct mm_struct *mm = current->mm;
	bool in_use;

	mmap_read_lock(mm);
	in_use = find_vma_intersection(mm, addr, addr + KLAB_USERCOPY_LEN);
	mmap_read_unlock(mm);
	return in_use;
}
EXPORT_SYMBOL_IF_KUNIT(klab_usercopy_in_use);

/**
 * klab_usercopy_meaning() - what a result says
 * @answer: what sort of result it is
 * @ret: the result
 *
 * Context: any.
 * Return: a line.
 */
VISIBLE_IF_KUNIT const char *
klab_usercopy_meaning(enum klab_usercopy_answer answer, long ret)
{
	if (ret < 0)
		return "refused";

	switch (answer) {
	case KLAB_USERCOPY_LEFT:
		if (!ret)
			return "all copied";
		return ret == KLAB_USERCOPY_LEN ?
		       "nothing copied" : "so many bytes not copied";
	case KLAB_USERCOPY_LENGTH:
		return "length without the NUL";
	case KLAB_USERCOPY_SIZE:
		if (!ret)
			return "fault";
		return ret > KLAB_USERCOPY_LEN ?
		       "longer than asked for" : "length with the NUL";
	default:
		return "done";
	}
}
EXPORT_SYMBOL_IF_KUNIT(klab_usercopy_meaning);

static int usercopy_try(struct klab_run *run,
			const struct klab_usercopy_map *map,
			const struct klab_usercopy_call *call,
			enum klab_usercopy_kind kind)
{
	void __user *user = klab_usercopy_pointer(map, kind);
	char kernel[KLAB_USERCOPY_LEN] __aligned(sizeof(long));
	long ret;
	int err;

	err = klab_usercopy_fill(map);
	if (err)
		return klab_run_fail(run, err, "another thread unmapped it");

	memcpy(kernel, usercopy_text, sizeof(kernel));
	ret = call->call(user, kernel);
	klab_row(run, "%s\t%s\t%u\t%ld\t%s", call->name, usercopy_kinds[kind],
		 call->len, ret,
		 klab_usercopy_meaning(call->answer, ret));
	return klab_run_check(run);
}

static int usercopy_try_kind(struct klab_run *run,
			     const struct klab_usercopy_map *map,
			     enum klab_usercopy_kind kind)
{
	unsigned int i;
	int err = 0;

	if ((kind == KLAB_USERCOPY_NULL || kind == KLAB_USERCOPY_KERNEL) &&
	    klab_usercopy_in_use(klab_usercopy_pointer(map, kind))) {
		klab_note(run, "left_out", "%s: the caller has memory there",
			  usercopy_kinds[kind]);
		return 0;
	}
	for (i = 0; !err && i < ARRAY_SIZE(klab_usercopy_calls); i++)
		err = usercopy_try(run, map, &klab_usercopy_calls[i], kind);
	return err;
}

static int usercopy_run(struct klab_run *run)
{
	struct klab_usercopy_map map;
	unsigned int kind;
	int err;

	if (!current->mm)
		return klab_run_fail(run, -ENXIO,
				     "the caller has no user memory");

	err = klab_usercopy_map(&map);
	if (err)
		return klab_run_fail(run, err, "no user memory to be had");

	klab_columns(run, "function\tpointer\tlength[B]\treturned\tmeaning");
	for (kind = 0; !err && kind < KLAB_USERCOPY_KINDS; kind++)
		err = usercopy_try_kind(run, &map, kind);
	klab_usercopy_unmap(&map);
	return err;
}

static struct klab_experiment usercopy_experiments[] = {
	{
		.room = "basics",
		.name = "usercopy",
		.question = "What do the user copy functions return for which pointer?",
		.run = usercopy_run,
	},
};
module_klab_experiments(usercopy_experiments);

MODULE_DESCRIPTION("klab: copies between kernel and user memory");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
