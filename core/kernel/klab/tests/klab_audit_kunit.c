// SPDX-License-Identifier: GPL-2.0-only
/* KUnit tests for the audit of the tables of system calls. */
#include <linux/errno.h>
#include <linux/kconfig.h>
#include <linux/klab_calls.h>
#include <linux/module.h>
#include <linux/printk.h>
#include <linux/string.h>

#include <kunit/test.h>

#include "../calls.h"

static int klab_audit_test_init(struct kunit *test)
{
	struct klab_audit_entry *entry;

	if (!IS_ENABLED(CONFIG_KALLSYMS))
		kunit_skip(test, "needs CONFIG_KALLSYMS");
	entry = kunit_kzalloc(test, sizeof(*entry), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, entry);
	test->priv = entry;
	return 0;
}

static void klab_audit_test_function_as_built(struct kunit *test)
{
	struct klab_audit_entry *entry = test->priv;

	klab_audit_handler("vprintk", (unsigned long)vprintk, entry);
	KUNIT_EXPECT_STREQ(test, entry->handler, "vprintk");
	KUNIT_EXPECT_FALSE(test, entry->foreign);
}

static void klab_audit_test_function_without_table(struct kunit *test)
{
	struct klab_audit_entry *entry = test->priv;
	char kind;

	kind = klab_audit_handler("vprintk", 0, entry);
	KUNIT_EXPECT_STREQ(test, entry->handler, "vprintk");
	KUNIT_EXPECT_FALSE(test, entry->foreign);
	KUNIT_EXPECT_TRUE(test, kind == 'T' || kind == 't');
	kind = klab_audit_handler("no_such_function_at_all", 0, entry);
	KUNIT_EXPECT_EQ(test, kind, 0);
}

static void klab_audit_test_another_function_is_foreign(struct kunit *test)
{
	struct klab_audit_entry *entry = test->priv;

	klab_audit_handler("vprintk", (unsigned long)kstrdup, entry);
	KUNIT_EXPECT_STREQ(test, entry->handler, "kstrdup");
	KUNIT_EXPECT_TRUE(test, entry->foreign);
}

/* What a module that put its own function into the table would look like. */
static void klab_audit_test_function_of_module_is_outside(struct kunit *test)
{
	struct klab_audit_entry *entry = test->priv;

	if (!IS_MODULE(CONFIG_KLAB_CALLS_KUNIT_TEST))
		kunit_skip(test, "built in: a part of the kernel's text");
	klab_audit_handler("vprintk",
			   (unsigned long)klab_audit_test_function_as_built,
			   entry);
	KUNIT_EXPECT_STREQ(test, entry->handler,
			   "klab_audit_test_function_as_built [outside]");
	KUNIT_EXPECT_TRUE(test, entry->foreign);
}

static void klab_audit_test_data_is_outside(struct kunit *test)
{
	struct klab_audit_entry *entry = test->priv;

	klab_audit_handler("vprintk", (unsigned long)entry, entry);
	KUNIT_EXPECT_STREQ(test, entry->handler, "? [outside]");
	KUNIT_EXPECT_TRUE(test, entry->foreign);
}

static void klab_audit_test_kernel_is_as_built(struct kunit *test)
{
	struct klab_audit_entry *entry = test->priv;
	unsigned int nr;

	for (nr = 0; !klab_audit_call(KLAB_AUDIT_NATIVE, nr, entry); nr++) {
		KUNIT_EXPECT_FALSE_MSG(test, entry->foreign, "%u: %s", nr,
				       entry->handler);
		KUNIT_EXPECT_NULL_MSG(test, strstr(entry->handler, "["),
				      "%u: %s", nr, entry->handler);
	}
	KUNIT_EXPECT_GT(test, nr, KLAB_CALL_LAST);
}

static struct kunit_case klab_audit_test_cases[] = {
	KUNIT_CASE(klab_audit_test_function_as_built),
	KUNIT_CASE(klab_audit_test_function_without_table),
	KUNIT_CASE(klab_audit_test_another_function_is_foreign),
	KUNIT_CASE(klab_audit_test_function_of_module_is_outside),
	KUNIT_CASE(klab_audit_test_data_is_outside),
	KUNIT_CASE(klab_audit_test_kernel_is_as_built),
	{}
};

static struct kunit_suite klab_audit_test_suite = {
	.name = "klab_audit",
	.init = klab_audit_test_init,
	.test_cases = klab_audit_test_cases,
};

kunit_test_suite(klab_audit_test_suite);

MODULE_DESCRIPTION("klab: KUnit tests for the audit of system calls");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS(EXPORTED_FOR_KUNIT_TESTING);
