// SPDX-License-Identifier: GPL-2.0-only
/* Experiments about interrupt lines. */

#include <linux/array_size.h>
#include <linux/errno.h>
#include <linux/interrupt.h>
#include <linux/irq.h>
#include <linux/irqdesc.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/sprintf.h>
#include <linux/string.h>

#include <kunit/test.h>

#include "../../core/klab_fixture.h"
#include "irq_kunit.h"

static void klab_irq_registration_has_no_surprises(struct kunit *test)
{
	const char *text = klab_kunit_run(test, "irq/registration", "");

	KUNIT_EXPECT_STREQ(test, "0", klab_kunit_note(test, text, "surprises"));
	KUNIT_EXPECT_GT(test, klab_kunit_rows(test, text), 20);
}

struct registration_rule {
	const char *name;
	const char *got;
};

static const struct registration_rule registration_rules[] = {
	{ "exclusive", "0" },
	{ "shared_without_cookie", "EINVAL" },
	{ "shared_not_enabled", "EINVAL" },
	{ "no_such_line", "EINVAL" },
	{ "both_shared", "0" },
	{ "both_exclusive", "EBUSY" },
	{ "first_not_shared", "EBUSY" },
	{ "triggers_differ", "EBUSY" },
	{ "oneshot_differs", IS_ENABLED(CONFIG_PREEMPT_RT) ? "0" : "EBUSY" },
	{ "oneshot_if_need_be", "0" },
};

KUNIT_ARRAY_PARAM_DESC(registration_rule, registration_rules, name);

static void klab_irq_registration_answers(struct kunit *test)
{
	const struct registration_rule *rule = test->param_value;
	const char *text = klab_kunit_run(test, "irq/registration", "");

	KUNIT_EXPECT_STREQ(test, rule->got,
			   klab_kunit_cell(test, text, rule->name, "got"));
}

/**
 * struct name_test - handlers that were named from one buffer
 * @irq: their line
 * @nr: how many there are
 * @name: the buffer
 * @cookie: one for each
 */
struct name_test {
	unsigned int irq;
	unsigned int nr;
	char name[16];
	char cookie[3];
};

static irqreturn_t name_handler(int irq, void *cookie)
{
	return IRQ_HANDLED;
}

static void name_test_end(void *data)
{
	struct name_test *names = data;

	while (names->nr--)
		free_irq(names->irq, &names->cookie[names->nr]);
}

/* Who fills a buffer anew for each request has the last name three times. */
static void klab_irq_registration_keeps_pointer_to_name(struct kunit *test)
{
	struct klab_synthirq *source = klab_irq_kunit_source(test);
	const struct irqaction *action;
	struct name_test *names;
	unsigned int seen = 0;

	names = kunit_kzalloc(test, sizeof(*names), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, names);
	names->irq = klab_synthirq_irq(source, 0);
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, name_test_end, names));
	while (names->nr < ARRAY_SIZE(names->cookie)) {
		snprintf(names->name, sizeof(names->name), "klab-name-%u",
			 names->nr + 1);
		KUNIT_ASSERT_EQ(test, 0,
				request_irq(names->irq, name_handler,
					    IRQF_SHARED, names->name,
					    &names->cookie[names->nr]));
		names->nr++;
	}

	action = irq_data_to_desc(irq_get_irq_data(names->irq))->action;
	for (; action; action = action->next) {
		KUNIT_EXPECT_STREQ(test, "klab-name-3", action->name);
		KUNIT_EXPECT_PTR_EQ(test, action->name, &names->name[0]);
		seen++;
	}
	KUNIT_EXPECT_EQ(test, 3, seen);
}

struct control_step {
	const char *name;
	int depth;
	int fired;
	int handled;
};

static const struct control_step control_steps[] = {
	{ "enabled", 0, 5, 5 },
	{ "disable_irq", 1, 5, 0 },
	{ "disable_irq_nosync", 2, 0, 0 },
	{ "enable_irq", 1, 0, 0 },
	{ "enable_irq again", 0, 0, 1 },
	{ "disable_irq_nosync in own handler", 1, 5, 1 },
	{ "enable_irq after that", 0, 0, 1 },
};

KUNIT_ARRAY_PARAM_DESC(control_step, control_steps, name);

static void klab_irq_control_keeps_one(struct kunit *test)
{
	const struct control_step *step = test->param_value;
	const char *text = klab_kunit_run(test, "irq/control",
					  "fire=5 rounds=1");

	KUNIT_EXPECT_EQ(test, step->depth,
			klab_kunit_number(test, text, step->name, "depth"));
	KUNIT_EXPECT_EQ(test, step->fired,
			klab_kunit_number(test, text, step->name, "fired"));
	KUNIT_EXPECT_EQ(test, step->handled,
			klab_kunit_number(test, text, step->name, "handled"));
}

static void klab_irq_control_with_a_single_event(struct kunit *test)
{
	const char *text = klab_kunit_run(test, "irq/control",
					  "fire=1 rounds=1");

	KUNIT_EXPECT_EQ(test, 1, klab_kunit_number(test, text, "enabled",
						   "handled"));
}

static void klab_irq_context_never_in_a_thread_is_hard(struct kunit *test)
{
	const char *text = klab_kunit_run(test, "irq/context", "");

	KUNIT_EXPECT_STREQ(test, "hardirq",
			   klab_kunit_cell(test, text, "never in a thread",
					   "context"));
	KUNIT_EXPECT_STREQ(test, "off",
			   klab_kunit_cell(test, text, "never in a thread",
					   "interrupts"));
	KUNIT_EXPECT_STREQ(test, "no",
			   klab_kunit_cell(test, text, "never in a thread",
					   "may_sleep"));
}

static void klab_irq_context_thread_may_sleep(struct kunit *test)
{
	const char *text = klab_kunit_run(test, "irq/context", "");

	KUNIT_EXPECT_STREQ(test, "task",
			   klab_kunit_cell(test, text, "thread only",
					   "context"));
	KUNIT_EXPECT_STREQ(test, "yes",
			   klab_kunit_cell(test, text, "thread only",
					   "may_sleep"));
	KUNIT_EXPECT_TRUE(test,
			  strstarts(klab_kunit_cell(test, text, "thread only",
						    "task"), "irq/"));
}

static void klab_irq_softirqs_have_all_vectors(struct kunit *test)
{
	const char *text = klab_kunit_run(test, "irq/softirqs", "ms=1");

	KUNIT_EXPECT_EQ(test, NR_SOFTIRQS, klab_kunit_rows(test, text));
	KUNIT_EXPECT_EQ(test, TASKLET_SOFTIRQ,
			klab_kunit_number(test, text, "TASKLET", "number"));
	KUNIT_EXPECT_EQ(test, RCU_SOFTIRQ,
			klab_kunit_number(test, text, "RCU", "number"));
	KUNIT_EXPECT_STREQ(test, klab_kunit_note(test, text, "cpus"),
			   klab_kunit_note(test, text, "ksoftirqd"));
}

static void klab_irq_lines_lists_those_in_use(struct kunit *test)
{
	const char *text = klab_kunit_run(test, "irq/lines", "");

	KUNIT_EXPECT_GT(test, klab_kunit_rows(test, text), 0);
}

static void klab_irq_lines_steers_no_line_that_is_not(struct kunit *test)
{
	const char *text;

	KUNIT_EXPECT_EQ(test, -EINVAL,
			klab_kunit_try(test, "irq/lines", "steer=2147483647",
				       &text));
}

/* Most experiments need a line. */
static int lines_init(struct kunit *test)
{
	klab_irq_kunit_source(test);
	return 0;
}

static struct kunit_case lines_cases[] = {
	KUNIT_CASE(klab_irq_registration_has_no_surprises),
	KUNIT_CASE_PARAM(klab_irq_registration_answers,
			 registration_rule_gen_params),
	KUNIT_CASE(klab_irq_registration_keeps_pointer_to_name),
	KUNIT_CASE_PARAM(klab_irq_control_keeps_one, control_step_gen_params),
	KUNIT_CASE(klab_irq_control_with_a_single_event),
	KUNIT_CASE(klab_irq_context_never_in_a_thread_is_hard),
	KUNIT_CASE(klab_irq_context_thread_may_sleep),
	KUNIT_CASE(klab_irq_softirqs_have_all_vectors),
	KUNIT_CASE(klab_irq_lines_lists_those_in_use),
	KUNIT_CASE(klab_irq_lines_steers_no_line_that_is_not),
	{}
};

static struct kunit_suite lines_suite = {
	.name = "klab_irq_lines",
	.init = lines_init,
	.test_cases = lines_cases,
};

kunit_test_suite(lines_suite);

MODULE_DESCRIPTION("KUnit tests for klab's interrupt lines");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
