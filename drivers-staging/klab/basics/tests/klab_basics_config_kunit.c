// SPDX-License-Identifier: GPL-2.0-only
/* KUnit tests for the report of the kernel configuration. */
#include <linux/array_size.h>
#include <linux/bits.h>
#include <linux/module.h>
#include <linux/panic.h>
#include <linux/seq_buf.h>
#include <linux/string.h>
#include <linux/string_choices.h>

#include <kunit/test.h>

#include "../../core/klab_fixture.h"
#include "../config.h"

/* In an own range of names: nothing of the kernel's defines them. */
#define CONFIG_KLAB_CASE_BUILTIN	1
#define CONFIG_KLAB_CASE_TRISTATE_MODULE 1
#define CONFIG_KLAB_CASE_NUMBER		250
#define CONFIG_KLAB_CASE_STRING		"text"
#define CONFIG_KLAB_CASE_ONE		1

static const struct state_case {
	const char *what;
	struct klab_basics_option option;
	const char *value;
	const char *state;
} state_cases[] = {
	{ "switch y", KLAB_BASICS_SWITCH(CONFIG_KLAB_CASE_BUILTIN), "y",
	  "builtin" },
	{ "switch m", KLAB_BASICS_SWITCH(CONFIG_KLAB_CASE_TRISTATE), "m",
	  "module" },
	{ "switch n", KLAB_BASICS_SWITCH(CONFIG_KLAB_CASE_NOT), "n", "off" },
	{ "number", KLAB_BASICS_VALUE(CONFIG_KLAB_CASE_NUMBER), "250", "set" },
	{ "number one", KLAB_BASICS_VALUE(CONFIG_KLAB_CASE_ONE), "1", "set" },
	{ "string", KLAB_BASICS_VALUE(CONFIG_KLAB_CASE_STRING), "\"text\"",
	  "set" },
	{ "no value", KLAB_BASICS_VALUE(CONFIG_KLAB_CASE_NOT),
	  "n", "off" },
};

KUNIT_ARRAY_PARAM_DESC(state, state_cases, what);

static void klab_basics_config_state_of_option(struct kunit *test)
{
	const struct state_case *c = test->param_value;

	KUNIT_EXPECT_STREQ(test, klab_basics_option_state(&c->option),
			   c->state);
	KUNIT_EXPECT_STREQ(test, klab_basics_option_value(&c->option),
			   c->value);
}

static const struct taint_case {
	const char *what;
	unsigned long mask;
	const char *words;
} taint_cases[] = {
	{ "none", 0, "none" },
	{ "first", BIT(TAINT_PROPRIETARY_MODULE), "proprietary" },
	{ "last", BIT(TAINT_TEST), "test" },
	{ "klab under test", BIT(TAINT_CRAP) | BIT(TAINT_TEST),
	  "staging,test" },
	{ "beyond the last", BIT(TAINT_FLAGS_COUNT), "none" },
};

KUNIT_ARRAY_PARAM_DESC(taint, taint_cases, what);

static void klab_basics_config_taint_in_words(struct kunit *test)
{
	const struct taint_case *c = test->param_value;

	DECLARE_SEQ_BUF(words, 64);

	klab_basics_taint_words(&words, c->mask);
	KUNIT_EXPECT_STREQ(test, seq_buf_str(&words), c->words);
}

/* All flags fit in what the experiments have for them, and have a word. */
static void klab_basics_config_all_taints_have_words(struct kunit *test)
{
	unsigned int commas = 0;

	DECLARE_SEQ_BUF(words, 256);

	klab_basics_taint_words(&words, TAINT_FLAGS_MAX);
	KUNIT_EXPECT_FALSE(test, seq_buf_has_overflowed(&words));
	for (const char *c = seq_buf_str(&words); *c; c++)
		commas += *c == ',';
	KUNIT_EXPECT_EQ(test, commas, TAINT_FLAGS_COUNT - 1);
}

static void klab_basics_config_experiment_knows_this_kernel(struct kunit *test)
{
	const char *text = klab_kunit_run(test, "basics/config", "");
	const char *state = klab_kunit_cell(test, text, "CONFIG_KUNIT",
					    "state");

	KUNIT_EXPECT_STREQ(test, state,
			   IS_BUILTIN(CONFIG_KUNIT) ? "builtin" : "module");
	KUNIT_EXPECT_EQ(test, klab_kunit_number(test, text, "CONFIG_HZ",
						"value"), CONFIG_HZ);
	if (!IS_ENABLED(CONFIG_MODULE_SIG))
		KUNIT_EXPECT_STREQ(test,
				   klab_kunit_note(test, text,
						   "module_signatures"),
				   "off");
}

/* A running test has tainted the kernel, but not a module of staging. */
static void klab_basics_config_experiment_sees_test_taint(struct kunit *test)
{
	const char *text = klab_kunit_run(test, "basics/taint", "");

	KUNIT_EXPECT_EQ(test, klab_kunit_rows(test, text), TAINT_FLAGS_COUNT);
	KUNIT_EXPECT_STREQ(test, klab_kunit_cell(test, text, "test", "kernel"),
			   "yes");
	KUNIT_EXPECT_STREQ(test, klab_kunit_cell(test, text, "test", "module"),
			   "no");
	KUNIT_EXPECT_STREQ(test,
			   klab_kunit_cell(test, text, "staging", "module"),
			   str_yes_no(IS_MODULE(CONFIG_KLAB_BASICS_CONFIG)));
}

static struct kunit_case klab_basics_config_cases[] = {
	KUNIT_CASE_PARAM(klab_basics_config_state_of_option, state_gen_params),
	KUNIT_CASE_PARAM(klab_basics_config_taint_in_words, taint_gen_params),
	KUNIT_CASE(klab_basics_config_all_taints_have_words),
	KUNIT_CASE(klab_basics_config_experiment_knows_this_kernel),
	KUNIT_CASE(klab_basics_config_experiment_sees_test_taint),
	{}
};

static struct kunit_suite klab_basics_config_suite = {
	.name = "klab_basics_config",
	.test_cases = klab_basics_config_cases,
};

kunit_test_suite(klab_basics_config_suite);

MODULE_DESCRIPTION("klab: KUnit tests for the configuration report");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS(EXPORTED_FOR_KUNIT_TESTING);
