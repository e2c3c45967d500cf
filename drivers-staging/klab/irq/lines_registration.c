// SPDX-License-Identifier: GPL-2.0-only
/*
 * Experiment irq/registration: which combinations of flags, handlers and
 * cookies a request for an interrupt line may have, and what the second user
 * of a line has to agree on with the first.
 */
#include <linux/array_size.h>
#include <linux/bits.h>
#include <linux/build_bug.h>
#include <linux/err.h>
#include <linux/errname.h>
#include <linux/errno.h>
#include <linux/interrupt.h>
#include <linux/types.h>

#include "../core/klab_core.h"
#include "lines.h"

/* What a request has besides flags. */
enum {
	HARD	= BIT(0),	/* a hard handler */
	THREAD	= BIT(1),	/* a thread function */
	COOKIE	= BIT(2),	/* a cookie of its own */
	SAME	= BIT(3),	/* the first request's cookie */
	NO_LINE	= BIT(4),	/* a number that is no line */
};

/**
 * struct request - a request for a line
 * @has: what it has
 * @flags: IRQF_*
 */
struct request {
	unsigned int has;
	unsigned long flags;
};

/**
 * struct rule - two requests for one line
 * @name: of the rule
 * @first: who was there; none without handlers
 * @second: who is judged
 * @expected: 0 or the error that the second one is to get
 * @why: one line
 */
struct rule {
	const char *name;
	struct request first;
	struct request second;
	int expected;
	const char *why;
};

/* A mismatch is no news here: this flag keeps it out of the log. */
#define QUIET	IRQF_PROBE_SHARED

/*
 * On PREEMPT_RT the second handler becomes a thread as well, and the line is off
 * for both of them.
 */
#define ONESHOT_DIFFERS	(IS_ENABLED(CONFIG_PREEMPT_RT) ? 0 : -EBUSY)

static const struct rule rules[] = {
	{ "exclusive", { }, { HARD }, 0,
	  "a line of one's own needs no cookie" },
	{ "shared", { }, { HARD | COOKIE, IRQF_SHARED }, 0,
	  "ready to share, alone so far" },
	{ "shared_without_cookie", { }, { HARD, IRQF_SHARED }, -EINVAL,
	  "nothing would tell the handlers apart when one is freed" },
	{ "shared_not_enabled", { },
	  { HARD | COOKIE, IRQF_SHARED | IRQF_NO_AUTOEN }, -EINVAL,
	  "would leave the others' line disabled, or not its own" },
	{ "not_enabled", { }, { HARD, IRQF_NO_AUTOEN }, 0,
	  "waits for enable_irq()" },
	{ "suspend_condition_alone", { }, { HARD, IRQF_COND_SUSPEND }, -EINVAL,
	  "is a wish about those that share the line" },
	{ "suspend_contradiction", { },
	  { HARD | COOKIE,
	    IRQF_SHARED | IRQF_NO_SUSPEND | IRQF_COND_SUSPEND }, -EINVAL,
	  "stays on, and stays on if others do" },
	{ "nothing_to_call", { }, { }, -EINVAL,
	  "neither handler nor thread" },
	{ "thread_and_handler", { }, { HARD | THREAD }, 0,
	  "the handler silences the device" },
	{ "thread_oneshot", { }, { THREAD, IRQF_ONESHOT }, 0,
	  "the line stays off until the thread is done" },
	{ "no_such_line", { }, { HARD | NO_LINE }, -EINVAL,
	  "a number without a line" },
	{ "level_on_edge_line", { }, { HARD, IRQF_TRIGGER_HIGH }, -EINVAL,
	  "the line's chip refuses the trigger" },
	{ "both_shared", { HARD | COOKIE, IRQF_SHARED },
	  { HARD | COOKIE, IRQF_SHARED }, 0, "what sharing is" },
	{ "same_cookie_twice", { HARD | COOKIE, IRQF_SHARED },
	  { HARD | SAME, IRQF_SHARED }, 0,
	  "accepted, but free_irq() takes whichever comes first" },
	{ "both_exclusive", { HARD }, { HARD, QUIET }, -EBUSY,
	  "the line is taken" },
	{ "second_not_shared", { HARD | COOKIE, IRQF_SHARED },
	  { HARD, QUIET }, -EBUSY, "both have to say so" },
	{ "first_not_shared", { HARD },
	  { HARD | COOKIE, IRQF_SHARED | QUIET }, -EBUSY,
	  "both have to say so" },
	{ "triggers_differ",
	  { HARD | COOKIE, IRQF_SHARED | IRQF_TRIGGER_RISING },
	  { HARD | COOKIE, IRQF_SHARED | IRQF_TRIGGER_FALLING | QUIET }, -EBUSY,
	  "one line has one trigger" },
	{ "trigger_left_open",
	  { HARD | COOKIE, IRQF_SHARED | IRQF_TRIGGER_RISING },
	  { HARD | COOKIE, IRQF_SHARED }, 0,
	  "no wish: takes what there is" },
	{ "oneshot_differs",
	  { HARD | THREAD | COOKIE, IRQF_SHARED | IRQF_ONESHOT },
	  { HARD | COOKIE, IRQF_SHARED | QUIET }, ONESHOT_DIFFERS,
	  "one has the line off for longer than the other expects" },
	{ "oneshot_if_need_be",
	  { HARD | THREAD | COOKIE, IRQF_SHARED | IRQF_ONESHOT },
	  { HARD | COOKIE, IRQF_SHARED | IRQF_COND_ONESHOT }, 0,
	  "goes along with a oneshot line" },
	{ "percpu_differs",
	  { HARD | COOKIE, IRQF_SHARED },
	  { HARD | COOKIE, IRQF_SHARED | IRQF_PERCPU | QUIET }, -EBUSY,
	  "per CPU for all or for none" },
};

static irqreturn_t rule_handler(int irq, void *data)
{
	return IRQ_HANDLED;
}

static int rule_request(int irq, const struct request *request, void *cookie,
			void *other)
{
	if (request->has & NO_LINE)
		irq = -1;
	if (request->has & SAME)
		cookie = other;
	else if (!(request->has & COOKIE))
		cookie = NULL;

	return request_threaded_irq(irq,
				    request->has & HARD ? rule_handler : NULL,
				    request->has & THREAD ? rule_handler : NULL,
				    request->flags, "klab-rule", cookie);
}

static void *rule_cookie(const struct request *request, void *cookie,
			 void *other)
{
	if (request->has & SAME)
		return other;
	return request->has & COOKIE ? cookie : NULL;
}

/* The first one's own failure stands for the rule's: it must not happen. */
static int rule_try(int irq, const struct rule *rule)
{
	char cookies[2];
	void *one = &cookies[0], *two = &cookies[1];
	int ret;

	if (rule->first.has) {
		ret = rule_request(irq, &rule->first, one, NULL);
		if (ret)
			return ret;
	}

	ret = rule_request(irq, &rule->second, two, one);
	if (!ret)
		free_irq(irq, rule_cookie(&rule->second, two, one));
	if (rule->first.has)
		free_irq(irq, rule_cookie(&rule->first, one, NULL));
	return ret;
}

/* Without CONFIG_SYMBOLIC_ERRNAME the kernel knows no names. */
static const char *rule_error(int err)
{
	switch (err) {
	case 0:
		return "0";
	case -EBUSY:
		return "EBUSY";
	case -EINVAL:
		return "EINVAL";
	default:
		return errname(err) ?: "another";
	}
}

/**
 * klab_irq_registration_run() - the experiment irq/registration
 * @run: the run
 *
 * A line for each rule, so that none sees what another one has left.
 *
 * Context: process, may sleep.
 * Return: 0 or a negative error.
 */
int klab_irq_registration_run(struct klab_run *run)
{
	unsigned int i, surprises = 0;
	struct klab_synthirq *source;
	int ret;

	static_assert(ARRAY_SIZE(rules) <= KLAB_SYNTHIRQ_LINES_MAX);
	source = klab_irq_lines_source(run, ARRAY_SIZE(rules));
	if (IS_ERR(source))
		return PTR_ERR(source);

	klab_columns(run, "rule\texpected\tgot\twhy");
	for (i = 0; i < ARRAY_SIZE(rules); i++) {
		ret = klab_run_check(run);
		if (ret)
			return ret;

		ret = rule_try(klab_synthirq_irq(source, i), &rules[i]);
		if (ret == -ENOMEM)
			return ret;
		surprises += ret != rules[i].expected;
		klab_row(run, "%s\t%s\t%s\t%s", rules[i].name,
			 rule_error(rules[i].expected), rule_error(ret),
			 rules[i].why);
	}
	klab_note(run, "surprises", "%u", surprises);
	return 0;
}
