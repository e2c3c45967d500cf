// SPDX-License-Identifier: GPL-2.0-only
/* KUnit tests for the ways to find a name of the kernel. */
#include <linux/errno.h>
#include <linux/module.h>
#include <linux/string.h>

#include <kunit/test.h>

#include "../../core/klab_fixture.h"

static const struct way_case {
	const char *way;
	const char *result;
	int err;
} way_cases[] = {
	{ "symbol_get of a GPL export", "found" },
	{ "symbol_get of another export", "refused", -ENOENT },
	{ "symbol_get of no export", "refused", -ENOENT },
#ifdef CONFIG_KPROBES
	{ "probe of a function", "found" },
#else
	{ "probe of a function", "refused", -EOPNOTSUPP },
#endif
	{ "name of an address", "found" },
};

KUNIT_ARRAY_PARAM_DESC(way, way_cases, way);

static void klab_syscall_lookup_result_of_way(struct kunit *test)
{
	const struct way_case *c = test->param_value;
	const char *text = klab_kunit_run(test, "syscall/lookup", "count=2");

	KUNIT_EXPECT_STREQ(test, klab_kunit_cell(test, text, c->way, "result"),
			   c->result);
	KUNIT_EXPECT_EQ(test, klab_kunit_number(test, text, c->way, "error"),
			c->err);
}

/*
 * With which error depends: without CONFIG_KALLSYMS_ALL the name is not even
 * known, and before user space runs there is no /proc.
 */
static const char * const refused_ways[] = {
	"probe of data", "reading /proc/kallsyms",
};

static void refused_to_desc(const char * const *way, char *desc)
{
	strscpy(desc, *way, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(refused, refused_ways, refused_to_desc);

static void klab_syscall_lookup_way_is_refused(struct kunit *test)
{
	const char * const *way = test->param_value;
	const char *text = klab_kunit_run(test, "syscall/lookup", "count=1");

	KUNIT_EXPECT_STREQ(test, klab_kunit_cell(test, text, *way, "result"),
			   "refused");
	KUNIT_EXPECT_LT(test, klab_kunit_number(test, text, *way, "error"), 0);
}

static void klab_syscall_lookup_repeats_what_works(struct kunit *test)
{
	const char *text = klab_kunit_run(test, "syscall/lookup", "count=7");

	KUNIT_EXPECT_EQ(test, klab_kunit_number(test, text,
						"name of an address", "tries"),
			7);
	KUNIT_EXPECT_EQ(test, klab_kunit_number(test, text,
						"symbol_get of no export",
						"tries"), 1);
}

static struct kunit_case klab_syscall_lookup_cases[] = {
	KUNIT_CASE_PARAM(klab_syscall_lookup_result_of_way, way_gen_params),
	KUNIT_CASE_PARAM(klab_syscall_lookup_way_is_refused,
			 refused_gen_params),
	KUNIT_CASE(klab_syscall_lookup_repeats_what_works),
	{}
};

static struct kunit_suite klab_syscall_lookup_suite = {
	.name = "klab_syscall_lookup",
	.test_cases = klab_syscall_lookup_cases,
};

kunit_test_suite(klab_syscall_lookup_suite);

MODULE_DESCRIPTION("klab: KUnit tests for the ways to find a name");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
