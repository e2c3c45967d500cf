// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of timed sections: names, switching, what is recorded when, and
 * the end of a section that is in use.
 */

#include <kunit/resource.h>
#include <kunit/test.h>
#include <linux/hrtimer.h>
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/seq_file.h>
#include <linux/sizes.h>
#include <linux/string.h>

#include "../core_measure.h"
#include "../klab_fixture.h"

/* Code is compiled against this one; every case leaves it off and unknown. */
static DEFINE_KLAB_SECTION(klab_test_section, "test-section");

KUNIT_DEFINE_ACTION_WRAPPER(klab_test_unregister, klab_section_unregister,
			    struct klab_section *);

static void klab_test_register(struct kunit *test, struct klab_section *section)
{
	KUNIT_ASSERT_EQ(test, 0, klab_section_register(section));
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, klab_test_unregister,
						  section));
}

static int klab_test_command(const char *text)
{
	char line[64];

	strscpy(line, text);
	return klab_sections_command(line);
}

static void klab_test_enter(void)
{
	struct klab_stamp start = klab_section_begin(&klab_test_section);

	klab_section_end(&klab_test_section, &start);
}

static u64 klab_test_count(struct kunit *test)
{
	struct klab_samples *samples;
	struct klab_summary summary;

	samples = rcu_access_pointer(klab_test_section.samples);
	KUNIT_ASSERT_NOT_NULL(test, samples);
	klab_samples_summary(samples, &summary);
	return summary.count;
}

struct klab_name_case {
	const char *what;
	const char *name;
};

static const struct klab_name_case klab_name_cases[] = {
	{ "none", NULL },
	{ "empty", "" },
	{ "space", "a b" },
	{ "tab", "a\tb" },
	{ "newline", "a\n" },
	{ "equals sign", "a=b" },
	{ "not ASCII", "\xc3\xa9" },
	{ "65 characters",
	  "12345678901234567890123456789012345678901234567890123456789012345" },
};

KUNIT_ARRAY_PARAM_DESC(klab_name, klab_name_cases, what);

static void klab_section_register_bad_name(struct kunit *test)
{
	const struct klab_name_case *c = test->param_value;
	struct klab_section section = { .name = c->name };

	KUNIT_EXPECT_EQ(test, -EINVAL, klab_section_register(&section));
	KUNIT_EXPECT_NULL(test, section.node.next);
}

/* Half of the longest line; the test's own names are shorter. */
static void klab_section_register_longest_name(struct kunit *test)
{
	char name[66];
	struct klab_section section = { .name = name };

	memset(name, 'x', sizeof(name));
	name[65] = '\0';
	KUNIT_EXPECT_EQ(test, -EINVAL, klab_section_register(&section));
	name[64] = '\0';
	KUNIT_EXPECT_EQ(test, 0, klab_section_register(&section));
	klab_section_unregister(&section);
}

static void klab_section_register_taken_name(struct kunit *test)
{
	static DEFINE_KLAB_SECTION(twin, "test-section");

	klab_test_register(test, &klab_test_section);

	KUNIT_EXPECT_EQ(test, -EEXIST, klab_section_register(&twin));
	KUNIT_EXPECT_EQ(test, -EEXIST,
			klab_section_register(&klab_test_section));
}

static void klab_section_register_again(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, 0, klab_section_register(&klab_test_section));
	KUNIT_EXPECT_EQ(test, 0, klab_test_command("test-section=on"));
	klab_section_unregister(&klab_test_section);
	KUNIT_EXPECT_FALSE(test, static_key_enabled(&klab_test_section.enabled));
	KUNIT_EXPECT_NULL(test, rcu_access_pointer(klab_test_section.samples));

	KUNIT_ASSERT_EQ(test, 0, klab_section_register(&klab_test_section));
	klab_section_unregister(&klab_test_section);
}

static void klab_section_unregister_unknown(struct kunit *test)
{
	static DEFINE_KLAB_SECTION(unknown, "unknown-section");

	klab_section_unregister(&unknown);
	KUNIT_EXPECT_NULL(test, unknown.node.next);
}

static void klab_section_end_off(struct kunit *test)
{
	klab_test_register(test, &klab_test_section);
	klab_test_enter();
	KUNIT_EXPECT_NULL(test, rcu_access_pointer(klab_test_section.samples));
}

static void klab_section_end_on(struct kunit *test)
{
	klab_test_register(test, &klab_test_section);
	KUNIT_ASSERT_EQ(test, 0, klab_test_command("test-section=on\n"));

	klab_test_enter();
	klab_test_enter();
	KUNIT_EXPECT_EQ(test, 2ULL, klab_test_count(test));

	/* On twice is on. */
	KUNIT_EXPECT_EQ(test, 0, klab_test_command("test-section=on"));
	klab_test_enter();
	KUNIT_EXPECT_EQ(test, 3ULL, klab_test_count(test));
}

/* What was measured can be read when the section is off again. */
static void klab_section_end_off_again(struct kunit *test)
{
	klab_test_register(test, &klab_test_section);
	KUNIT_ASSERT_EQ(test, 0, klab_test_command("test-section=on"));
	klab_test_enter();
	KUNIT_ASSERT_EQ(test, 0, klab_test_command("test-section=off"));
	klab_test_enter();

	KUNIT_EXPECT_EQ(test, 1ULL, klab_test_count(test));
	KUNIT_EXPECT_EQ(test, 0, klab_test_command("test-section=off"));
}

/* There is no moment from which to measure. */
static void klab_section_end_turned_on_inside(struct kunit *test)
{
	struct klab_stamp start;

	klab_test_register(test, &klab_test_section);
	start = klab_section_begin(&klab_test_section);
	KUNIT_ASSERT_EQ(test, 0, klab_test_command("test-section=on"));
	klab_section_end(&klab_test_section, &start);

	KUNIT_EXPECT_EQ(test, 0ULL, klab_test_count(test));
}

static void klab_section_end_after_unregister(struct kunit *test)
{
	struct klab_stamp start = klab_stamp_now();

	__klab_section_end(&klab_test_section, &start);
	KUNIT_EXPECT_NULL(test, rcu_access_pointer(klab_test_section.samples));
}

static void klab_sections_command_reset(struct kunit *test)
{
	klab_test_register(test, &klab_test_section);
	/* Before there is anything to reset. */
	KUNIT_EXPECT_EQ(test, 0, klab_test_command("test-section=reset"));

	KUNIT_ASSERT_EQ(test, 0, klab_test_command("test-section=on"));
	klab_test_enter();
	KUNIT_EXPECT_EQ(test, 0, klab_test_command("test-section=reset"));
	KUNIT_EXPECT_EQ(test, 0ULL, klab_test_count(test));
	KUNIT_EXPECT_TRUE(test, static_key_enabled(&klab_test_section.enabled));
}

static const struct klab_name_case klab_line_cases[] = {
	{ "empty", "" },
	{ "newline", "\n" },
	{ "no verb", "test-section" },
	{ "empty verb", "test-section=" },
	{ "unknown verb", "test-section=maybe" },
	{ "upper case", "test-section=ON" },
	{ "two equals signs", "test-section==on" },
	{ "more behind", "test-section=on off" },
	{ "unknown section", "no-such-section=on" },
	{ "part of a name", "test=on" },
	{ "not printable", "\x01\x02=on" },
};

KUNIT_ARRAY_PARAM_DESC(klab_line, klab_line_cases, what);

static void klab_sections_command_refused(struct kunit *test)
{
	const struct klab_name_case *c = test->param_value;

	klab_test_register(test, &klab_test_section);
	KUNIT_EXPECT_EQ(test, -EINVAL, klab_test_command(c->name));
	KUNIT_EXPECT_FALSE(test, static_key_enabled(&klab_test_section.enabled));
}

static int klab_test_on_step(struct kunit *test)
{
	int ret;

	ret = klab_section_register(&klab_test_section);
	if (ret)
		return ret;
	ret = klab_test_command("test-section=on");
	if (ret)
		KUNIT_EXPECT_FALSE(test, static_key_enabled(&klab_test_section.enabled));
	klab_section_unregister(&klab_test_section);
	return ret;
}

static void klab_sections_command_without_memory(struct kunit *test)
{
	klab_kunit_each_failure(test, klab_test_on_step);
}

static void klab_sections_show_table(struct kunit *test)
{
	struct seq_file m = { .size = SZ_4K };

	m.buf = kunit_kzalloc(test, m.size, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, m.buf);
	klab_test_register(test, &klab_test_section);

	klab_sections_show(&m, NULL);
	KUNIT_EXPECT_NOT_NULL_MSG(test,
				  strstr(m.buf, "\ntest-section\toff\t0\t-\t-\t-\t-\n"),
				  "%s", m.buf);

	KUNIT_ASSERT_EQ(test, 0, klab_test_command("test-section=on"));
	klab_test_enter();
	memset(m.buf, 0, m.size);
	m.count = 0;
	klab_sections_show(&m, NULL);
	KUNIT_EXPECT_EQ(test, 0,
			strncmp(m.buf, "section\tenabled\tcount\tmin[ns]\t", 30));
	KUNIT_EXPECT_NOT_NULL_MSG(test, strstr(m.buf, "\ntest-section\ton\t1\t"),
				  "%s", m.buf);
}

struct klab_test_enterer {
	struct hrtimer timer;
	unsigned int entered;
};

static enum hrtimer_restart klab_test_enter_timer(struct hrtimer *timer)
{
	struct klab_test_enterer *enterer;

	enterer = container_of(timer, struct klab_test_enterer, timer);
	klab_test_enter();
	WRITE_ONCE(enterer->entered, enterer->entered + 1);
	hrtimer_forward_now(timer, 50000);
	return HRTIMER_RESTART;
}

static void klab_test_timer_cancel(void *timer)
{
	hrtimer_cancel(timer);
}

/* Everything is switched while an interrupt keeps entering the section. */
static void klab_section_unregister_in_use(struct kunit *test)
{
	struct klab_test_enterer *enterer;
	unsigned int i, entered;

	enterer = kunit_kzalloc(test, sizeof(*enterer), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, enterer);
	hrtimer_init(&enterer->timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL_HARD);
	enterer->timer.function = klab_test_enter_timer;
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, klab_test_timer_cancel,
						  &enterer->timer));
	hrtimer_start(&enterer->timer, 50000, HRTIMER_MODE_REL_HARD);

	for (i = 0; i < 20; i++) {
		KUNIT_ASSERT_EQ(test, 0,
				klab_section_register(&klab_test_section));
		KUNIT_EXPECT_EQ(test, 0, klab_test_command("test-section=on"));
		entered = READ_ONCE(enterer->entered);
		while (READ_ONCE(enterer->entered) - entered < 2)
			cond_resched();
		KUNIT_EXPECT_GT(test, klab_test_count(test), 0ULL);
		KUNIT_EXPECT_EQ(test, 0, klab_test_command("test-section=reset"));
		klab_section_unregister(&klab_test_section);
	}
}

static struct kunit_case klab_core_section_cases[] = {
	KUNIT_CASE_PARAM(klab_section_register_bad_name, klab_name_gen_params),
	KUNIT_CASE(klab_section_register_longest_name),
	KUNIT_CASE(klab_section_register_taken_name),
	KUNIT_CASE(klab_section_register_again),
	KUNIT_CASE(klab_section_unregister_unknown),
	KUNIT_CASE(klab_section_end_off),
	KUNIT_CASE(klab_section_end_on),
	KUNIT_CASE(klab_section_end_off_again),
	KUNIT_CASE(klab_section_end_turned_on_inside),
	KUNIT_CASE(klab_section_end_after_unregister),
	KUNIT_CASE(klab_sections_command_reset),
	KUNIT_CASE_PARAM(klab_sections_command_refused, klab_line_gen_params),
	KUNIT_CASE(klab_sections_command_without_memory),
	KUNIT_CASE(klab_sections_show_table),
	KUNIT_CASE(klab_section_unregister_in_use),
	{}
};

static struct kunit_suite klab_core_section_suite = {
	.name		= "klab_core_section",
	.test_cases	= klab_core_section_cases,
};

kunit_test_suite(klab_core_section_suite);

MODULE_DESCRIPTION("klab: KUnit tests of timed sections");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS(EXPORTED_FOR_KUNIT_TESTING);
