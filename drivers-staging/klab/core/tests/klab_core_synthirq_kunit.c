// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of the synthetic interrupt source: every event counted, lines
 * that are disabled, shared or not requested, and trains that are refused,
 * stopped and destroyed while they run.
 */

#include <kunit/resource.h>
#include <kunit/test.h>
#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/cpu.h>
#include <linux/cpumask.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/interrupt.h>
#include <linux/jiffies.h>
#include <linux/kconfig.h>
#include <linux/kthread.h>
#include <linux/ktime.h>
#include <linux/limits.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/preempt.h>
#include <linux/processor.h>
#include <linux/sched.h>
#include <linux/sched/task.h>
#include <linux/smp.h>
#include <linux/string.h>
#include <linux/timekeeping.h>

#include "../core_internal.h"
#include "../core_measure.h"
#include "../klab_fixture.h"

/* How long something may take that has to happen. */
#define KLAB_TEST_PATIENCE	(30 * HZ)

#define KLAB_TEST_LINES		4

/**
 * struct klab_test_line - what the handlers of a line do and have seen
 * @source: the source
 * @line: the line's index
 * @irq: its number
 * @handled: calls of the handler
 * @again: how often the handler still fires its own line
 * @deepest: how often the handler was entered at the same time
 * @depth: how often it is entered now
 * @other: the line that the handler fires besides, or NULL
 * @refused: what that has returned
 * @foreign: calls of the handler on a CPU that had not fired the event, and
 *	events that had not been handled when firing them was over
 * @busy_us: how long it takes
 * @hard: calls in hard interrupt context
 * @late: calls before the event was due
 * @cpu: CPU of the latest call
 * @ret: what it returns
 * @seen: completed by each call
 * @waiting: completed by each thread that waits for the train
 */
struct klab_test_line {
	struct klab_synthirq *source;
	unsigned int line;
	int irq;
	unsigned int handled;
	unsigned int again;
	unsigned int deepest;
	unsigned int depth;
	struct klab_test_line *other;
	int refused;
	atomic_t foreign;
	unsigned int busy_us;
	unsigned int hard;
	unsigned int late;
	int cpu;
	irqreturn_t ret;
	struct completion seen;
	struct completion waiting;
};

struct klab_test_source {
	struct klab_synthirq *source;
	struct klab_test_line line[KLAB_TEST_LINES];
};

static DEFINE_PER_CPU(unsigned int, klab_test_calls);

/* By the timer's own clock: udelay() is calibrated, and may be off. */
static void klab_test_be_busy(unsigned int us)
{
	ktime_t end = ktime_add_us(ktime_get(), us);

	while (ktime_before(ktime_get(), end))
		cpu_relax();
}

static irqreturn_t klab_test_handler(int irq, void *data)
{
	struct klab_test_line *line = data;
	struct klab_stamp stamp = klab_synthirq_stamp(line->source, line->line);

	this_cpu_inc(klab_test_calls);
	line->deepest = max(line->deepest, ++line->depth);
	line->cpu = raw_smp_processor_id();
	line->hard += !!in_hardirq();
	line->late += stamp.ns < klab_synthirq_due(line->source, line->line);
	if (line->again) {
		line->again--;
		klab_synthirq_fire(line->source, line->line);
	}
	if (line->other)
		line->refused = klab_synthirq_fire(line->source,
						   line->other->line);
	if (line->busy_us)
		klab_test_be_busy(line->busy_us);
	WRITE_ONCE(line->handled, line->handled + 1);
	line->depth--;
	complete(&line->seen);

	return line->ret;
}

static irqreturn_t klab_test_thread(int irq, void *data)
{
	struct klab_test_line *line = data;

	complete(&line->seen);
	return IRQ_HANDLED;
}

KUNIT_DEFINE_ACTION_WRAPPER(klab_test_destroy, klab_synthirq_destroy,
			    struct klab_synthirq *);

static void klab_test_free_irq(void *data)
{
	struct klab_test_line *line = data;

	free_irq(line->irq, line);
}

static int klab_test_init(struct kunit *test)
{
	struct klab_test_source *fixture;
	struct klab_test_line *line;
	unsigned int i;

	fixture = kunit_kzalloc(test, sizeof(*fixture), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, fixture);
	test->priv = fixture;

	fixture->source = klab_synthirq_create(KLAB_TEST_LINES);
	if (PTR_ERR_OR_ZERO(fixture->source) == -ENOSPC)
		kunit_skip(test, "no interrupt numbers to be had: on UML they come with PCI_MSI");
	KUNIT_ASSERT_FALSE(test, IS_ERR(fixture->source));
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, klab_test_destroy,
						  fixture->source));

	for (i = 0; i < KLAB_TEST_LINES; i++) {
		line = &fixture->line[i];
		line->source = fixture->source;
		line->line = i;
		line->irq = klab_synthirq_irq(fixture->source, i);
		line->ret = IRQ_HANDLED;
		init_completion(&line->seen);
		init_completion(&line->waiting);
	}

	return 0;
}

static struct klab_test_line *klab_test_request(struct kunit *test,
						unsigned int i,
						unsigned long flags)
{
	struct klab_test_source *fixture = test->priv;
	struct klab_test_line *line = &fixture->line[i];

	KUNIT_ASSERT_EQ(test, 0,
			request_irq(line->irq, klab_test_handler,
				    flags | IRQF_NO_THREAD, "klab-test", line));
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, klab_test_free_irq,
						  line));
	return line;
}

static const unsigned int klab_lines_cases[] = {
	0, KLAB_SYNTHIRQ_LINES_MAX + 1, UINT_MAX,
};

static void klab_lines_describe(const unsigned int *lines, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%u", *lines);
}

KUNIT_ARRAY_PARAM(klab_lines, klab_lines_cases, klab_lines_describe);

static void klab_synthirq_create_bad_lines(struct kunit *test)
{
	const unsigned int *lines = test->param_value;

	KUNIT_EXPECT_EQ(test, -EINVAL, PTR_ERR(klab_synthirq_create(*lines)));
}

static void klab_synthirq_destroy_nothing(struct kunit *test)
{
	klab_synthirq_destroy(NULL);
	klab_synthirq_destroy(ERR_PTR(-ENOSPC));
}

static void klab_synthirq_create_most_lines(struct kunit *test)
{
	struct klab_synthirq *source;

	source = klab_synthirq_create(KLAB_SYNTHIRQ_LINES_MAX);
	KUNIT_ASSERT_FALSE(test, IS_ERR(source));
	KUNIT_EXPECT_GT(test,
			klab_synthirq_irq(source, KLAB_SYNTHIRQ_LINES_MAX - 1),
			0);
	KUNIT_EXPECT_EQ(test, -EINVAL,
			klab_synthirq_irq(source, KLAB_SYNTHIRQ_LINES_MAX));
	klab_synthirq_destroy(source);
}

/* How many sources of so many lines there can be, up to @max of them. */
static unsigned int klab_test_fill(struct kunit *test, unsigned int lines,
				   unsigned int max)
{
	struct klab_synthirq **source;
	unsigned int i, nr;

	source = kunit_kcalloc(test, max, sizeof(*source), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, source);

	for (nr = 0; nr < max; nr++) {
		source[nr] = klab_synthirq_create(lines);
		if (IS_ERR(source[nr])) {
			KUNIT_EXPECT_EQ(test, -ENOSPC, PTR_ERR(source[nr]));
			break;
		}
	}
	for (i = 0; i < nr; i++)
		klab_synthirq_destroy(source[i]);

	return nr;
}

/* Where numbers are scarce, a failure half-way leaves none of them behind. */
static void klab_synthirq_create_until_full(struct kunit *test)
{
	unsigned int nr = klab_test_fill(test, 1, 64);

	KUNIT_EXPECT_GT(test, nr, 0U);
	klab_test_fill(test, KLAB_SYNTHIRQ_LINES_MAX, 4);
	KUNIT_EXPECT_EQ(test, nr, klab_test_fill(test, 1, 64));
}

/* Several lines in one source have numbers of their own. */
static void klab_synthirq_irq_distinct(struct kunit *test)
{
	struct klab_test_source *fixture = test->priv;
	unsigned int i, j;

	for (i = 0; i < KLAB_TEST_LINES; i++) {
		KUNIT_EXPECT_GT(test, fixture->line[i].irq, 0);
		for (j = 0; j < i; j++)
			KUNIT_EXPECT_NE(test, fixture->line[i].irq,
					fixture->line[j].irq);
	}
}

static void klab_synthirq_no_such_line(struct kunit *test)
{
	struct klab_test_source *fixture = test->priv;
	struct klab_synthirq *source = fixture->source;
	const struct klab_train train = { 1000000, 1, 1, -1 };

	KUNIT_EXPECT_EQ(test, -EINVAL, klab_synthirq_irq(source, 4));
	KUNIT_EXPECT_EQ(test, -EINVAL, klab_synthirq_fire(source, 4));
	KUNIT_EXPECT_EQ(test, -EINVAL, klab_synthirq_start(source, 4, &train));
	KUNIT_EXPECT_EQ(test, -EINVAL, klab_synthirq_wait(source, 4));
	KUNIT_EXPECT_TRUE(test, klab_synthirq_wait_for(source, 4, 1));
	klab_synthirq_stop(source, 4);
	KUNIT_EXPECT_EQ(test, 0ULL, klab_synthirq_fired(source, 4));
	KUNIT_EXPECT_EQ(test, 0ULL, klab_synthirq_overruns(source, 4));
	KUNIT_EXPECT_EQ(test, 0ULL, klab_synthirq_stamp(source, 4).ns);
	KUNIT_EXPECT_EQ(test, 0ULL, klab_synthirq_due(source, 4));
}

static void klab_synthirq_fire_handled_on_return(struct kunit *test)
{
	struct klab_test_line *line = klab_test_request(test, 1, 0);
	unsigned int i;

	for (i = 1; i <= 10; i++) {
		KUNIT_EXPECT_EQ(test, 0, klab_synthirq_fire(line->source, 1));
		KUNIT_EXPECT_EQ(test, i, line->handled);
	}
	KUNIT_EXPECT_EQ(test, 10ULL, klab_synthirq_fired(line->source, 1));
	KUNIT_EXPECT_EQ(test, 0ULL, klab_synthirq_fired(line->source, 0));
}

static void klab_test_fire_here(void *data)
{
	struct klab_test_line *line = data;

	klab_synthirq_fire(line->source, line->line);
}

static void klab_synthirq_fire_interrupts_off(struct kunit *test)
{
	struct klab_test_line *line = klab_test_request(test, 0, 0);
	unsigned long flags;

	local_irq_save(flags);
	klab_synthirq_fire(line->source, 0);
	local_irq_restore(flags);

	KUNIT_EXPECT_EQ(test, 1U, line->handled);
}

/* No event is lost when CPUs fire the same line at once. */
static void klab_synthirq_fire_every_cpu(struct kunit *test)
{
	struct klab_test_line *line = klab_test_request(test, 0, 0);
	unsigned int cpus = num_online_cpus(), i;

	line->busy_us = 20;
	for (i = 0; i < 100; i++)
		on_each_cpu(klab_test_fire_here, line, true);

	KUNIT_EXPECT_EQ(test, 100 * cpus, line->handled);
	KUNIT_EXPECT_EQ(test, 1U, line->deepest);
}

static void klab_test_fire_some(void *data)
{
	unsigned int calls = __this_cpu_read(klab_test_calls), i;
	struct klab_test_line *line = data;

	for (i = 1; i <= 10; i++) {
		klab_synthirq_fire(line->source, line->line);
		if (__this_cpu_read(klab_test_calls) - calls != i)
			atomic_inc(&line->foreign);
	}
}

/* Who fires has its own events handled, all of them, and none of the others'. */
static void klab_synthirq_fire_own_events(struct kunit *test)
{
	struct klab_test_line *line = klab_test_request(test, 0, 0);
	unsigned int cpus = num_online_cpus(), i;

	line->busy_us = 5;
	for (i = 0; i < 20; i++)
		on_each_cpu(klab_test_fire_some, line, true);

	KUNIT_EXPECT_EQ(test, 200 * cpus, line->handled);
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&line->foreign));
}

static void klab_synthirq_fire_from_handler(struct kunit *test)
{
	struct klab_test_line *line = klab_test_request(test, 0, 0);

	line->again = 3;
	klab_synthirq_fire(line->source, 0);

	KUNIT_EXPECT_EQ(test, 4U, line->handled);
	KUNIT_EXPECT_EQ(test, 1U, line->deepest);
}

/* Lines whose handlers fire each other on two CPUs could wait for ever. */
static void klab_synthirq_fire_from_other_handler(struct kunit *test)
{
	struct klab_test_line *line = klab_test_request(test, 0, 0);
	struct klab_test_line *other = klab_test_request(test, 1, 0);

	line->other = other;
	KUNIT_EXPECT_EQ(test, 0, klab_synthirq_fire(line->source, 0));

	KUNIT_EXPECT_EQ(test, -EDEADLK, line->refused);
	KUNIT_EXPECT_EQ(test, 1U, line->handled);
	KUNIT_EXPECT_EQ(test, 0U, other->handled);
	KUNIT_EXPECT_EQ(test, 0ULL, klab_synthirq_fired(line->source, 1));
	KUNIT_EXPECT_EQ(test, 0, klab_synthirq_fire(line->source, 1));
	KUNIT_EXPECT_EQ(test, 1U, other->handled);
}

static void klab_synthirq_fire_shared(struct kunit *test)
{
	struct klab_test_line *line = klab_test_request(test, 0, IRQF_SHARED);
	struct klab_test_source *fixture = test->priv;
	struct klab_test_line *other = &fixture->line[1];
	unsigned int handled;

	KUNIT_ASSERT_EQ(test, 0,
			request_irq(line->irq, klab_test_handler,
				    IRQF_SHARED | IRQF_NO_THREAD, "klab-other",
				    other));
	other->ret = IRQ_NONE;
	klab_synthirq_fire(line->source, 0);
	KUNIT_EXPECT_EQ(test, 1U, line->handled);
	KUNIT_EXPECT_EQ(test, 1U, other->handled);

	/* DEBUG_SHIRQ calls the handler once more. */
	free_irq(line->irq, other);
	handled = other->handled;
	klab_synthirq_fire(line->source, 0);
	KUNIT_EXPECT_EQ(test, 2U, line->handled);
	KUNIT_EXPECT_EQ(test, handled, other->handled);
}

/* What comes while the line is disabled comes once, and after enable_irq(). */
static void klab_synthirq_fire_disabled(struct kunit *test)
{
	struct klab_test_line *line = klab_test_request(test, 0, 0);

	disable_irq(line->irq);
	klab_synthirq_fire(line->source, 0);
	klab_synthirq_fire(line->source, 0);
	KUNIT_EXPECT_EQ(test, 0U, line->handled);

	enable_irq(line->irq);
	KUNIT_ASSERT_NE(test, 0UL,
			wait_for_completion_timeout(&line->seen,
						    KLAB_TEST_PATIENCE));
	KUNIT_EXPECT_EQ(test, 1U, line->handled);
	KUNIT_EXPECT_EQ(test, 2ULL, klab_synthirq_fired(line->source, 0));

	klab_synthirq_fire(line->source, 0);
	KUNIT_EXPECT_EQ(test, 2U, line->handled);
}

static void klab_synthirq_enable_quiet(struct kunit *test)
{
	struct klab_test_line *line = klab_test_request(test, 0, 0);

	disable_irq(line->irq);
	enable_irq(line->irq);
	klab_synthirq_fire(line->source, 0);
	KUNIT_EXPECT_EQ(test, 1U, line->handled);
}

/* Nothing is kept for whoever requests the line later. */
static void klab_synthirq_fire_unrequested(struct kunit *test)
{
	const struct klab_train ticks = { TICK_NSEC, 1, 3, -1 };
	struct klab_test_source *fixture = test->priv;
	struct klab_test_line *line;

	KUNIT_EXPECT_EQ(test, 0, klab_synthirq_fire(fixture->source, 0));
	line = klab_test_request(test, 0, 0);
	klab_synthirq_fire(fixture->source, 0);

	/* What the kernel sends once more may come with the tick. */
	KUNIT_EXPECT_EQ(test, 0, klab_synthirq_start(line->source, 1, &ticks));
	KUNIT_EXPECT_EQ(test, 0, klab_synthirq_wait(line->source, 1));
	KUNIT_EXPECT_EQ(test, 1U, line->handled);
	KUNIT_EXPECT_EQ(test, 2ULL, klab_synthirq_fired(fixture->source, 0));
}

static void klab_synthirq_fire_thread(struct kunit *test)
{
	struct klab_test_source *fixture = test->priv;
	struct klab_test_line *line = &fixture->line[0];

	KUNIT_ASSERT_EQ(test, 0,
			request_threaded_irq(line->irq, NULL, klab_test_thread,
					     IRQF_ONESHOT, "klab-test", line));
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, klab_test_free_irq,
						  line));
	klab_synthirq_fire(line->source, 0);

	KUNIT_EXPECT_NE(test, 0UL,
			wait_for_completion_timeout(&line->seen,
						    KLAB_TEST_PATIENCE));
}

static void klab_test_tasklet(struct tasklet_struct *tasklet)
{
}

static struct tasklet_struct klab_test_bottom_half;

static irqreturn_t klab_test_schedule(int irq, void *data)
{
	tasklet_schedule(&klab_test_bottom_half);
	return IRQ_HANDLED;
}

/* A bottom half that the handler raises has run when the call returns. */
static void klab_synthirq_fire_bottom_half(struct kunit *test)
{
	struct klab_test_source *fixture = test->priv;
	int irq = fixture->line[0].irq;

	tasklet_setup(&klab_test_bottom_half, klab_test_tasklet);
	KUNIT_ASSERT_EQ(test, 0, request_irq(irq, klab_test_schedule,
					     IRQF_NO_THREAD, "klab-test",
					     fixture));
	klab_synthirq_fire(fixture->source, 0);
	KUNIT_EXPECT_FALSE(test, test_bit(TASKLET_STATE_SCHED,
					  &klab_test_bottom_half.state));
	free_irq(irq, fixture);
	tasklet_kill(&klab_test_bottom_half);
}

static void klab_synthirq_stamp_order(struct kunit *test)
{
	struct klab_test_line *line = klab_test_request(test, 0, 0);
	struct klab_stamp before, stamp, after;

	KUNIT_EXPECT_EQ(test, 0ULL, klab_synthirq_stamp(line->source, 0).ns);

	before = klab_stamp_now();
	klab_synthirq_fire(line->source, 0);
	after = klab_stamp_now();
	stamp = klab_synthirq_stamp(line->source, 0);

	KUNIT_EXPECT_GE(test, stamp.ns, before.ns);
	KUNIT_EXPECT_LE(test, stamp.ns, after.ns);
	KUNIT_EXPECT_EQ(test, stamp.ns, klab_synthirq_due(line->source, 0));
}

static void klab_synthirq_type(struct kunit *test)
{
	struct klab_test_source *fixture = test->priv;
	struct klab_test_line *line = &fixture->line[0];

	KUNIT_EXPECT_EQ(test, -EINVAL,
			request_irq(line->irq, klab_test_handler,
				    IRQF_TRIGGER_HIGH, "klab-test", line));
	klab_test_request(test, 0, IRQF_TRIGGER_RISING);
	klab_synthirq_fire(line->source, 0);
	KUNIT_EXPECT_EQ(test, 1U, line->handled);
}

struct klab_train_case {
	const char *name;
	struct klab_train train;
};

static const struct klab_train_case klab_train_cases[] = {
	{ "one event", { 100000, 1, 1, -1 } },
	{ "singles", { 100000, 1, 50, -1 } },
	{ "bursts", { 200000, 10, 100, -1 } },
	{ "last burst short", { 200000, 8, 50, 0 } },
	{ "burst larger than count", { 200000, KLAB_TRAIN_BURST_MAX, 3, -1 } },
	{ "largest burst", { 1000000, KLAB_TRAIN_BURST_MAX, 2048, 0 } },
	{ "shortest period", { KLAB_TRAIN_PERIOD_MIN_NS, 1, 100, -1 } },
};

KUNIT_ARRAY_PARAM_DESC(klab_train, klab_train_cases, name);

static void klab_synthirq_train_counted(struct kunit *test)
{
	const struct klab_train_case *c = test->param_value;
	struct klab_test_line *line = klab_test_request(test, 0, 0);

	KUNIT_ASSERT_EQ(test, 0,
			klab_synthirq_start(line->source, 0, &c->train));
	KUNIT_ASSERT_TRUE(test, klab_synthirq_wait_for(line->source, 0,
						       KLAB_TEST_PATIENCE));

	KUNIT_EXPECT_EQ(test, c->train.count, line->handled);
	KUNIT_EXPECT_EQ(test, c->train.count,
			klab_synthirq_fired(line->source, 0));
	KUNIT_EXPECT_EQ(test, line->handled, line->hard);
	KUNIT_EXPECT_EQ(test, 0U, line->late);
	KUNIT_EXPECT_EQ(test, 0, klab_synthirq_wait(line->source, 0));
}

static const struct klab_train_case klab_bad_train_cases[] = {
	{ "no period", { 0, 1, 1, -1 } },
	{ "period too short", { KLAB_TRAIN_PERIOD_MIN_NS - 1, 1, 1, -1 } },
	{ "period too long", { (u64)KTIME_MAX + 1, 1, 1, -1 } },
	{ "no burst", { 100000, 0, 1, -1 } },
	{ "burst too large", { 100000, KLAB_TRAIN_BURST_MAX + 1, 1, -1 } },
	{ "no event", { 100000, 1, 0, -1 } },
	{ "CPU below -1", { 100000, 1, 1, -2 } },
	{ "CPU that cannot be", { 100000, 1, 1, INT_MAX } },
};

KUNIT_ARRAY_PARAM_DESC(klab_bad_train, klab_bad_train_cases, name);

static void klab_synthirq_start_bad_train(struct kunit *test)
{
	const struct klab_train_case *c = test->param_value;
	struct klab_test_source *fixture = test->priv;
	const struct klab_train good = { 100000, 1, 1, -1 };

	KUNIT_EXPECT_EQ(test, -EINVAL,
			klab_synthirq_start(fixture->source, 0, &c->train));
	/* The refused one has left nothing behind. */
	KUNIT_EXPECT_EQ(test, 0,
			klab_synthirq_start(fixture->source, 0, &good));
	KUNIT_EXPECT_EQ(test, 0, klab_synthirq_wait(fixture->source, 0));
}

static const struct klab_train klab_endless = { 100000, 1, U64_MAX, -1 };

static void klab_test_await(struct kunit *test, struct klab_test_line *line,
			    unsigned int events)
{
	while (events--)
		KUNIT_ASSERT_NE(test, 0UL,
				wait_for_completion_timeout(&line->seen,
							    KLAB_TEST_PATIENCE));
}

#ifdef CONFIG_HOTPLUG_CPU
static void klab_test_add_cpu(void *cpu)
{
	add_cpu((unsigned long)cpu);
}

static unsigned int klab_test_remove_cpu(struct kunit *test)
{
	unsigned long cpu = cpumask_last(cpu_online_mask);

	if (num_online_cpus() == 1 || remove_cpu(cpu))
		kunit_skip(test, "no CPU can be taken offline");
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, klab_test_add_cpu,
						  (void *)cpu));
	return cpu;
}

static void klab_synthirq_start_offline_cpu(struct kunit *test)
{
	struct klab_test_source *fixture = test->priv;
	struct klab_train train = { 100000, 1, 1, -1 };

	train.cpu = klab_test_remove_cpu(test);
	KUNIT_EXPECT_EQ(test, -ENODEV,
			klab_synthirq_start(fixture->source, 0, &train));
	KUNIT_EXPECT_EQ(test, 0, klab_synthirq_wait(fixture->source, 0));
}

/* A train outlives its CPU. */
static void klab_synthirq_train_cpu_goes(struct kunit *test)
{
	struct klab_test_line *line = klab_test_request(test, 0, 0);
	struct klab_train train = klab_endless;
	int cpu = cpumask_last(cpu_online_mask);

	train.cpu = cpu;
	KUNIT_ASSERT_EQ(test, 0, klab_synthirq_start(line->source, 0, &train));
	klab_test_await(test, line, 3);
	KUNIT_EXPECT_EQ(test, cpu, READ_ONCE(line->cpu));

	klab_test_remove_cpu(test);
	reinit_completion(&line->seen);
	klab_test_await(test, line, 3);
	KUNIT_EXPECT_NE(test, cpu, READ_ONCE(line->cpu));
	klab_synthirq_stop(line->source, 0);
}
#endif /* CONFIG_HOTPLUG_CPU */

static void klab_synthirq_start_on_last_cpu(struct kunit *test)
{
	struct klab_test_line *line = klab_test_request(test, 0, 0);
	struct klab_train train = { 100000, 2, 10, -1 };

	train.cpu = cpumask_last(cpu_online_mask);
	KUNIT_ASSERT_EQ(test, 0, klab_synthirq_start(line->source, 0, &train));
	KUNIT_ASSERT_EQ(test, 0, klab_synthirq_wait(line->source, 0));

	KUNIT_EXPECT_EQ(test, 10U, line->handled);
	KUNIT_EXPECT_EQ(test, train.cpu, line->cpu);
}

static void klab_synthirq_start_busy(struct kunit *test)
{
	struct klab_test_line *line = klab_test_request(test, 0, 0);
	const struct klab_train train = { 100000, 1, 1, -1 };

	KUNIT_ASSERT_EQ(test, 0,
			klab_synthirq_start(line->source, 0, &klab_endless));
	KUNIT_EXPECT_EQ(test, -EBUSY,
			klab_synthirq_start(line->source, 0, &train));
	/* Lines do not wait for each other. */
	KUNIT_EXPECT_EQ(test, 0, klab_synthirq_start(line->source, 1, &train));
	KUNIT_EXPECT_EQ(test, 0, klab_synthirq_wait(line->source, 1));

	klab_synthirq_stop(line->source, 0);
	KUNIT_EXPECT_EQ(test, 0, klab_synthirq_start(line->source, 0, &train));
	KUNIT_EXPECT_EQ(test, 0, klab_synthirq_wait(line->source, 0));
}

static void klab_synthirq_stop_running(struct kunit *test)
{
	struct klab_test_line *line = klab_test_request(test, 0, 0);
	const struct klab_train some = { 100000, 1, 5, -1 };
	unsigned int handled;

	KUNIT_ASSERT_EQ(test, 0,
			klab_synthirq_start(line->source, 0, &klab_endless));
	klab_test_await(test, line, 3);
	KUNIT_EXPECT_FALSE(test, klab_synthirq_wait_for(line->source, 0, 1));

	klab_synthirq_stop(line->source, 0);
	handled = READ_ONCE(line->handled);
	KUNIT_EXPECT_GE(test, handled, 3U);
	KUNIT_EXPECT_EQ(test, (u64)handled,
			klab_synthirq_fired(line->source, 0));
	KUNIT_EXPECT_EQ(test, 0, klab_synthirq_wait(line->source, 0));

	/* Nothing comes while another line has time for some events. */
	KUNIT_EXPECT_EQ(test, 0, klab_synthirq_start(line->source, 1, &some));
	KUNIT_EXPECT_EQ(test, 0, klab_synthirq_wait(line->source, 1));
	KUNIT_EXPECT_EQ(test, handled, READ_ONCE(line->handled));
	klab_synthirq_stop(line->source, 0);
}

/* The two sources of events do not lose each other's. */
static void klab_synthirq_fire_during_train(struct kunit *test)
{
	struct klab_test_line *line = klab_test_request(test, 0, 0);
	const struct klab_train train = { 20000, 2, 200, -1 };
	unsigned int by_hand = 0;

	KUNIT_ASSERT_EQ(test, 0, klab_synthirq_start(line->source, 0, &train));
	while (!klab_synthirq_wait_for(line->source, 0, 0)) {
		klab_synthirq_fire(line->source, 0);
		by_hand++;
		cond_resched();
	}

	KUNIT_EXPECT_EQ(test, train.count + by_hand,
			klab_synthirq_fired(line->source, 0));
	KUNIT_EXPECT_EQ(test, train.count + by_hand, line->handled);
	KUNIT_EXPECT_EQ(test, 1U, line->deepest);
}

/* A handler slower than the period makes the train longer, not shorter. */
static void klab_synthirq_train_overrun(struct kunit *test)
{
	struct klab_test_line *line = klab_test_request(test, 0, 0);
	const struct klab_train train = { KLAB_TRAIN_PERIOD_MIN_NS, 1, 20, -1 };

	line->busy_us = 100;
	KUNIT_ASSERT_EQ(test, 0, klab_synthirq_start(line->source, 0, &train));
	KUNIT_ASSERT_EQ(test, 0, klab_synthirq_wait(line->source, 0));

	KUNIT_EXPECT_EQ(test, 20U, line->handled);
	KUNIT_EXPECT_GE(test, klab_synthirq_overruns(line->source, 0), 19ULL);
}

static int klab_test_waiter(void *data)
{
	struct klab_test_line *line = data;

	complete(&line->waiting);
	return klab_synthirq_wait(line->source, line->line);
}

/* All who wait for a train learn of its end. */
static void klab_synthirq_wait_several(struct kunit *test)
{
	struct klab_test_line *line = klab_test_request(test, 0, 0);
	struct task_struct *task[3];
	unsigned int i;

	KUNIT_ASSERT_EQ(test, 0,
			klab_synthirq_start(line->source, 0, &klab_endless));
	for (i = 0; i < ARRAY_SIZE(task); i++) {
		task[i] = kthread_run(klab_test_waiter, line, "klab-wait");
		KUNIT_ASSERT_FALSE(test, IS_ERR(task[i]));
		get_task_struct(task[i]);
		wait_for_completion(&line->waiting);
	}
	klab_test_await(test, line, 5);
	klab_synthirq_stop(line->source, 0);

	for (i = 0; i < ARRAY_SIZE(task); i++)
		KUNIT_EXPECT_EQ(test, 0, kthread_stop_put(task[i]));
}

static void klab_synthirq_wait_no_train(struct kunit *test)
{
	struct klab_test_source *fixture = test->priv;

	KUNIT_EXPECT_EQ(test, 0, klab_synthirq_wait(fixture->source, 0));
	KUNIT_EXPECT_TRUE(test, klab_synthirq_wait_for(fixture->source, 0, 0));
	klab_synthirq_stop(fixture->source, 0);
}

static void klab_synthirq_destroy_running(struct kunit *test)
{
	struct klab_synthirq *source = klab_synthirq_create(2);
	unsigned int fired = 0;

	KUNIT_ASSERT_FALSE(test, IS_ERR(source));
	KUNIT_EXPECT_EQ(test, 0, klab_synthirq_start(source, 0, &klab_endless));
	KUNIT_EXPECT_EQ(test, 0, klab_synthirq_start(source, 1, &klab_endless));
	while (!fired) {
		fired = klab_synthirq_fired(source, 1);
		cond_resched();
	}
	klab_synthirq_destroy(source);
}

/*
 * The kernel does not mind when it has no memory for an interrupt's files in
 * /proc, but warns when it does not find them afterwards.
 */
static void klab_test_may_fail(struct kunit *test)
{
	if (IS_ENABLED(CONFIG_SPARSE_IRQ) && IS_ENABLED(CONFIG_PROC_FS))
		kunit_skip(test, "with SPARSE_IRQ a failure makes the kernel warn");
}

static int klab_test_create_step(struct kunit *test)
{
	struct klab_synthirq *source = klab_synthirq_create(3);
	int ret = PTR_ERR_OR_ZERO(source);

	klab_synthirq_destroy(source);
	/* The kernel does not say why there was no interrupt number. */
	return ret == -ENOSPC ? -ENOMEM : ret;
}

static void klab_synthirq_create_without_memory(struct kunit *test)
{
	klab_test_may_fail(test);
	klab_kunit_each_failure(test, klab_test_create_step);
}

static struct kunit_case klab_core_synthirq_cases[] = {
	KUNIT_CASE_PARAM(klab_synthirq_create_bad_lines, klab_lines_gen_params),
	KUNIT_CASE(klab_synthirq_destroy_nothing),
	KUNIT_CASE(klab_synthirq_create_most_lines),
	KUNIT_CASE(klab_synthirq_create_until_full),
	KUNIT_CASE(klab_synthirq_irq_distinct),
	KUNIT_CASE(klab_synthirq_no_such_line),
	KUNIT_CASE(klab_synthirq_fire_handled_on_return),
	KUNIT_CASE(klab_synthirq_fire_interrupts_off),
	KUNIT_CASE(klab_synthirq_fire_every_cpu),
	KUNIT_CASE(klab_synthirq_fire_own_events),
	KUNIT_CASE(klab_synthirq_fire_from_handler),
	KUNIT_CASE(klab_synthirq_fire_from_other_handler),
	KUNIT_CASE(klab_synthirq_fire_shared),
	KUNIT_CASE(klab_synthirq_fire_disabled),
	KUNIT_CASE(klab_synthirq_enable_quiet),
	KUNIT_CASE(klab_synthirq_fire_unrequested),
	KUNIT_CASE(klab_synthirq_fire_thread),
	KUNIT_CASE(klab_synthirq_fire_bottom_half),
	KUNIT_CASE(klab_synthirq_stamp_order),
	KUNIT_CASE(klab_synthirq_type),
	KUNIT_CASE_PARAM(klab_synthirq_train_counted, klab_train_gen_params),
	KUNIT_CASE_PARAM(klab_synthirq_start_bad_train,
			 klab_bad_train_gen_params),
#ifdef CONFIG_HOTPLUG_CPU
	KUNIT_CASE(klab_synthirq_start_offline_cpu),
	KUNIT_CASE(klab_synthirq_train_cpu_goes),
#endif
	KUNIT_CASE(klab_synthirq_start_on_last_cpu),
	KUNIT_CASE(klab_synthirq_start_busy),
	KUNIT_CASE(klab_synthirq_stop_running),
	KUNIT_CASE(klab_synthirq_fire_during_train),
	KUNIT_CASE(klab_synthirq_train_overrun),
	KUNIT_CASE(klab_synthirq_wait_several),
	KUNIT_CASE(klab_synthirq_wait_no_train),
	KUNIT_CASE(klab_synthirq_destroy_running),
	KUNIT_CASE(klab_synthirq_create_without_memory),
	{}
};

static struct kunit_suite klab_core_synthirq_suite = {
	.name		= "klab_core_synthirq",
	.init		= klab_test_init,
	.test_cases	= klab_core_synthirq_cases,
};

kunit_test_suite(klab_core_synthirq_suite);

MODULE_DESCRIPTION("klab: KUnit tests of synthetic interrupts");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS(EXPORTED_FOR_KUNIT_TESTING);
