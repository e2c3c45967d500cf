// SPDX-License-Identifier: GPL-2.0-only
/* Copies between kernel and user memory, on pointers of all kinds. */

#include <linux/errno.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include <kunit/test.h>

#include "../../core/klab_fixture.h"
#include "../usercopy.h"

#define LEN	KLAB_USERCOPY_LEN
#define HEAD	KLAB_USERCOPY_HEAD

KUNIT_DEFINE_ACTION_WRAPPER(usercopy_kfree, kfree, const void *);

/* The pages go with the address space, which goes with the test's thread. */
static struct klab_usercopy_map *usercopy_map(struct kunit *test)
{
	struct klab_usercopy_map *map;

	klab_kunit_user_memory(test, PAGE_SIZE, PROT_READ | PROT_WRITE);

	map = kunit_kzalloc(test, sizeof(*map), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, map);
	KUNIT_ASSERT_EQ(test, 0, klab_usercopy_map(map));
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, usercopy_kfree,
						  map->kernel));
	KUNIT_ASSERT_EQ(test, 0, klab_usercopy_fill(map));
	return map;
}

static char __user *usercopy_crossing(const struct klab_usercopy_map *map)
{
	return klab_usercopy_pointer(map, KLAB_USERCOPY_CROSSING);
}

struct usercopy_expectation {
	const char *name;
	long ret[KLAB_USERCOPY_KINDS];
};

/* Pointers: good, crossing, read-only, without access, null, kernel. */
static const struct usercopy_expectation usercopy_expectations[] = {
	{ "copy_to_user", { 0, LEN - HEAD, LEN, LEN, LEN, LEN } },
	{ "copy_from_user", { 0, LEN - HEAD, 0, LEN, LEN, LEN } },
	{ "clear_user", { 0, LEN - HEAD, LEN, LEN, LEN, LEN } },
	{ "put_user", { 0, 0, -EFAULT, -EFAULT, -EFAULT, -EFAULT } },
	{ "get_user", { 0, 0, 0, -EFAULT, -EFAULT, -EFAULT } },
	{ "strncpy_from_user",
	  { LEN - 1, -EFAULT, 0, -EFAULT, -EFAULT, -EFAULT } },
	{ "strnlen_user", { LEN, 0, 1, 0, 0, 0 } },
	{ "memdup_user", { 0, -EFAULT, 0, -EFAULT, -EFAULT, -EFAULT } },
	{ "strndup_user", { 0, -EFAULT, 0, -EFAULT, -EFAULT, -EFAULT } },
	{ "copy_struct_from_user",
	  { 0, -EFAULT, 0, -EFAULT, -EFAULT, -EFAULT } },
	{ "copy_from_user_nofault",
	  { 0, -EFAULT, 0, -EFAULT, -EFAULT, -EFAULT } },
	{ "copy_to_user_nofault",
	  { 0, -EFAULT, -EFAULT, -EFAULT, -EFAULT, -EFAULT } },
};

static void
usercopy_expectation_name(const struct usercopy_expectation *expectation,
			  char *name)
{
	strscpy(name, expectation->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(klab_usercopy, usercopy_expectations,
		  usercopy_expectation_name);

static const struct klab_usercopy_call *usercopy_call(struct kunit *test,
						      const char *name)
{
	unsigned int i;

	for (i = 0; i < klab_usercopy_nr_calls; i++)
		if (!strcmp(klab_usercopy_calls[i].name, name))
			return &klab_usercopy_calls[i];

	KUNIT_FAIL_AND_ABORT(test, "no call %s", name);
	return NULL;
}

/*
 * How many bytes before a hole get copied is for the architecture to say:
 * these copy the last one.
 */
static bool usercopy_exact(void)
{
	return IS_ENABLED(CONFIG_X86_64);
}

static void klab_basics_usercopy_call_returns_by_pointer(struct kunit *test)
{
	const struct usercopy_expectation *expectation = test->param_value;
	const struct klab_usercopy_call *call;
	struct klab_usercopy_map *map = usercopy_map(test);
	unsigned int kind;
	char buf[LEN];
	long ret;

	call = usercopy_call(test, expectation->name);
	for (kind = 0; kind < KLAB_USERCOPY_KINDS; kind++) {
		KUNIT_ASSERT_EQ(test, 0, klab_usercopy_fill(map));
		memset(buf, 0, sizeof(buf));
		ret = call->call(klab_usercopy_pointer(map, kind), buf);

		if (expectation->ret[kind] == LEN - HEAD && !usercopy_exact()) {
			KUNIT_EXPECT_GE_MSG(test, ret, LEN - HEAD, "%u", kind);
			KUNIT_EXPECT_LE_MSG(test, ret, LEN, "%u", kind);
			continue;
		}
		KUNIT_EXPECT_EQ_MSG(test, ret, expectation->ret[kind], "%u",
				    kind);
	}
}

static void klab_basics_usercopy_every_call_is_expected(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, ARRAY_SIZE(usercopy_expectations),
			klab_usercopy_nr_calls);
}

/* What could not be copied reads as zero, not as what was there before. */
static void klab_basics_usercopy_short_copy_clears_the_rest(struct kunit *test)
{
	struct klab_usercopy_map *map = usercopy_map(test);
	char buf[LEN];
	long left;

	memset(buf, 'x', sizeof(buf));
	left = copy_from_user(buf, usercopy_crossing(map), LEN);

	KUNIT_EXPECT_GE(test, left, LEN - HEAD);
	KUNIT_EXPECT_EQ(test, LEN - left,
			strnlen(buf, sizeof(buf)));
	KUNIT_EXPECT_PTR_EQ(test, NULL,
			    memchr_inv(buf + LEN - left, 0, left));
}

/* A failed copy to the user leaves a kernel pointer's memory as it was. */
static void klab_basics_usercopy_kernel_memory_stays(struct kunit *test)
{
	struct klab_usercopy_map *map = usercopy_map(test);
	void __user *user = klab_usercopy_pointer(map, KLAB_USERCOPY_KERNEL);
	char buf[LEN];

	memset(map->kernel, 'k', LEN);
	memset(buf, 'x', sizeof(buf));

	KUNIT_EXPECT_EQ(test, LEN, copy_to_user(user, buf, LEN));
	KUNIT_EXPECT_EQ(test, LEN, clear_user(user, LEN));
	KUNIT_EXPECT_EQ(test, -EFAULT, put_user(1UL, (long __user *)user));
	KUNIT_EXPECT_PTR_EQ(test, NULL, memchr_inv(map->kernel, 'k', LEN));
}

static void klab_basics_usercopy_string_before_hole_is_whole(struct kunit *test)
{
	struct klab_usercopy_map *map = usercopy_map(test);
	char __user *user = usercopy_crossing(map);
	char buf[LEN], *copy;

	KUNIT_ASSERT_EQ(test, 0, copy_to_user(user, "klab", 5));

	KUNIT_EXPECT_EQ_MSG(test, 5, strnlen_user(user, LEN), "with the NUL");
	KUNIT_EXPECT_EQ_MSG(test, 4, strncpy_from_user(buf, user, LEN),
			    "without the NUL");
	KUNIT_EXPECT_STREQ(test, buf, "klab");

	copy = strndup_user(user, LEN);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, copy);
	KUNIT_EXPECT_STREQ(test, copy, "klab");
	kfree(copy);
}

/* The NUL is the last byte that may be read. */
static void klab_basics_usercopy_nul_at_end_counts(struct kunit *test)
{
	struct klab_usercopy_map *map = usercopy_map(test);
	char __user *user = usercopy_crossing(map);

	KUNIT_ASSERT_EQ(test, 0, clear_user(user + HEAD - 1, 1));

	KUNIT_EXPECT_EQ(test, HEAD, strnlen_user(user, LEN));
}

static void klab_basics_usercopy_long_string_is_told(struct kunit *test)
{
	struct klab_usercopy_map *map = usercopy_map(test);
	char __user *user = klab_usercopy_pointer(map, KLAB_USERCOPY_GOOD);
	char buf[LEN];

	KUNIT_EXPECT_GT(test, strnlen_user(user, 4), 4);
	KUNIT_EXPECT_EQ(test, 4, strncpy_from_user(buf, user, 4));
	KUNIT_EXPECT_EQ(test, -EINVAL, PTR_ERR(strndup_user(user, 4)));
}

static void klab_basics_usercopy_longer_struct_needs_zeroes(struct kunit *test)
{
	struct klab_usercopy_map *map = usercopy_map(test);
	char __user *user = klab_usercopy_pointer(map, KLAB_USERCOPY_GOOD);
	char buf[LEN / 2];

	KUNIT_EXPECT_EQ(test, -E2BIG,
			copy_struct_from_user(buf, sizeof(buf), user, LEN));

	KUNIT_ASSERT_EQ(test, 0, clear_user(user + sizeof(buf), sizeof(buf)));
	KUNIT_EXPECT_EQ(test, 0,
			copy_struct_from_user(buf, sizeof(buf), user, LEN));
}

static void klab_basics_usercopy_shorter_struct_is_filled(struct kunit *test)
{
	struct klab_usercopy_map *map = usercopy_map(test);
	char buf[LEN];

	memset(buf, 'x', sizeof(buf));
	KUNIT_EXPECT_EQ(test, 0,
			copy_struct_from_user(buf, LEN, usercopy_crossing(map),
					      HEAD));
	KUNIT_EXPECT_EQ(test, HEAD, strnlen(buf, LEN));
	KUNIT_EXPECT_PTR_EQ(test, NULL, memchr_inv(buf + HEAD, 0, LEN - HEAD));
}

static void klab_basics_usercopy_unmapped_faults(struct kunit *test)
{
	struct klab_usercopy_map map;
	char buf[LEN];

	usercopy_map(test);
	KUNIT_ASSERT_EQ(test, 0, klab_usercopy_map(&map));
	klab_usercopy_unmap(&map);

	KUNIT_EXPECT_EQ(test, LEN,
			copy_from_user(buf, (void __user *)map.start, LEN));
	KUNIT_EXPECT_EQ(test, -EFAULT, klab_usercopy_fill(&map));
}

static void klab_basics_usercopy_in_use_looks_at_all_bytes(struct kunit *test)
{
	struct klab_usercopy_map *map = usercopy_map(test);
	void __user *good = klab_usercopy_pointer(map, KLAB_USERCOPY_GOOD);
	void __user *null = klab_usercopy_pointer(map, KLAB_USERCOPY_NULL);
	void __user *before = (void __user *)map->start;

	vm_munmap(map->start, PAGE_SIZE);
	KUNIT_EXPECT_FALSE(test, klab_usercopy_in_use(good));
	KUNIT_EXPECT_FALSE(test, klab_usercopy_in_use(null));

	/* Only the last byte is mapped. */
	before += PAGE_SIZE - LEN + 1;
	KUNIT_EXPECT_TRUE(test, klab_usercopy_in_use(before));
	KUNIT_EXPECT_FALSE(test, klab_usercopy_in_use(before - 1));
}

struct usercopy_meaning {
	const char *meaning;
	long ret;
	enum klab_usercopy_answer answer;
};

static const struct usercopy_meaning usercopy_meanings[] = {
	{ "all copied", 0, KLAB_USERCOPY_LEFT },
	{ "so many bytes not copied", 1, KLAB_USERCOPY_LEFT },
	{ "so many bytes not copied", LEN - 1, KLAB_USERCOPY_LEFT },
	{ "nothing copied", LEN, KLAB_USERCOPY_LEFT },
	{ "done", 0, KLAB_USERCOPY_ERRNO },
	{ "refused", -EFAULT, KLAB_USERCOPY_ERRNO },
	{ "length without the NUL", 0, KLAB_USERCOPY_LENGTH },
	{ "refused", -EFAULT, KLAB_USERCOPY_LENGTH },
	{ "fault", 0, KLAB_USERCOPY_SIZE },
	{ "length with the NUL", LEN, KLAB_USERCOPY_SIZE },
	{ "longer than asked for", LEN + 1, KLAB_USERCOPY_SIZE },
};

static void klab_basics_usercopy_result_has_meaning(struct kunit *test)
{
	const struct usercopy_meaning *meaning;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(usercopy_meanings); i++) {
		meaning = &usercopy_meanings[i];
		KUNIT_EXPECT_STREQ(test, meaning->meaning,
				   klab_usercopy_meaning(meaning->answer,
							 meaning->ret));
	}
}

static void klab_basics_usercopy_experiment_tries_all(struct kunit *test)
{
	const char *text;

	usercopy_map(test);
	text = klab_kunit_run(test, "basics/usercopy", "");

	KUNIT_EXPECT_EQ(test, klab_kunit_rows(test, text),
			klab_usercopy_nr_calls * KLAB_USERCOPY_KINDS);
	KUNIT_EXPECT_STREQ(test, "good",
			   klab_kunit_cell(test, text, "clear_user",
					   "pointer"));
	KUNIT_EXPECT_EQ(test, 0,
			klab_kunit_number(test, text, "clear_user",
					  "returned"));
}

/* The caller's memory is not to be touched. */
static void klab_basics_usercopy_experiment_leaves_out_null(struct kunit *test)
{
	const char *text;
	unsigned long addr;

	usercopy_map(test);
	addr = vm_mmap(NULL, 0, PAGE_SIZE, PROT_READ,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, 0);
	if (IS_ERR_VALUE(addr))
		kunit_skip(test, "page 0 cannot be mapped: %ld", (long)addr);

	text = klab_kunit_run(test, "basics/usercopy", "");

	KUNIT_EXPECT_STREQ(test, "null: the caller has memory there",
			   klab_kunit_note(test, text, "left_out"));
	KUNIT_EXPECT_EQ(test, klab_kunit_rows(test, text),
			klab_usercopy_nr_calls * (KLAB_USERCOPY_KINDS - 1));
}

static void klab_basics_usercopy_experiment_needs_memory(struct kunit *test)
{
	const char *text;

	KUNIT_EXPECT_EQ(test, -ENXIO,
			klab_kunit_try(test, "basics/usercopy", "", &text));
	KUNIT_EXPECT_STREQ(test, text,
			   "# error=the caller has no user memory\n");
}

static int usercopy_step(struct kunit *test)
{
	struct klab_usercopy_map map;
	int err;

	err = klab_usercopy_map(&map);
	if (err)
		return err;

	/* A page that cannot be had is a fault like any other. */
	err = klab_usercopy_fill(&map) ? -ENOMEM : 0;
	klab_usercopy_unmap(&map);
	return err;
}

static void klab_basics_usercopy_map_survives_no_memory(struct kunit *test)
{
	usercopy_map(test);
	klab_kunit_each_failure(test, usercopy_step);
}

static struct kunit_case usercopy_cases[] = {
	KUNIT_CASE_PARAM(klab_basics_usercopy_call_returns_by_pointer,
			 klab_usercopy_gen_params),
	KUNIT_CASE(klab_basics_usercopy_every_call_is_expected),
	KUNIT_CASE(klab_basics_usercopy_short_copy_clears_the_rest),
	KUNIT_CASE(klab_basics_usercopy_kernel_memory_stays),
	KUNIT_CASE(klab_basics_usercopy_string_before_hole_is_whole),
	KUNIT_CASE(klab_basics_usercopy_nul_at_end_counts),
	KUNIT_CASE(klab_basics_usercopy_long_string_is_told),
	KUNIT_CASE(klab_basics_usercopy_longer_struct_needs_zeroes),
	KUNIT_CASE(klab_basics_usercopy_shorter_struct_is_filled),
	KUNIT_CASE(klab_basics_usercopy_unmapped_faults),
	KUNIT_CASE(klab_basics_usercopy_in_use_looks_at_all_bytes),
	KUNIT_CASE(klab_basics_usercopy_result_has_meaning),
	KUNIT_CASE(klab_basics_usercopy_experiment_tries_all),
	KUNIT_CASE(klab_basics_usercopy_experiment_leaves_out_null),
	KUNIT_CASE(klab_basics_usercopy_experiment_needs_memory),
	KUNIT_CASE(klab_basics_usercopy_map_survives_no_memory),
	{}
};

static struct kunit_suite usercopy_suite = {
	.name = "klab_basics_usercopy",
	.test_cases = usercopy_cases,
};

kunit_test_suite(usercopy_suite);

MODULE_DESCRIPTION("KUnit tests for klab's copies from and to user memory");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS(EXPORTED_FOR_KUNIT_TESTING);
