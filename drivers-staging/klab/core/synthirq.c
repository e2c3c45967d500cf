// SPDX-License-Identifier: GPL-2.0-only
/*
 * Synthetic interrupts: lines of an own domain that are fired one call per
 * event, by hand or from a hard timer interrupt. Whoever requests a line sees
 * an edge-triggered interrupt without a controller in front of it.
 */

#include <kunit/visibility.h>
#include <linux/atomic.h>
#include <linux/bottom_half.h>
#include <linux/bug.h>
#include <linux/cleanup.h>
#include <linux/completion.h>
#include <linux/cpumask.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/hrtimer.h>
#include <linux/idr.h>
#include <linux/interrupt.h>
#include <linux/irq.h>
#include <linux/irq_work.h>
#include <linux/irqdesc.h>
#include <linux/irqdomain.h>
#include <linux/irqflags.h>
#include <linux/ktime.h>
#include <linux/minmax.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/seqlock.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/spinlock.h>

#include "core_measure.h"

/**
 * struct klab_synthirq_line - an interrupt line
 * @irq: its number in the system
 * @timer: fires the bursts of a train
 * @resend: fires once more what came while the line was disabled
 * @fired: events so far
 * @lock: held by the CPU that calls the handlers; protects what is up to @due
 * @events: what that CPU has still to call them for
 * @seq: lets @stamp and @due be read together
 * @stamp: moment of the latest handler call
 * @due: when that call should have been
 * @train: what the timer does
 * @left: events that the train still has to fire
 * @overruns: periods that passed without a burst
 * @running: a train is under way; cleared by its end or by a stop
 * @done: has a token once the train is over
 */
struct klab_synthirq_line {
	unsigned int irq;
	struct hrtimer timer;
	struct irq_work resend;
	atomic64_t fired;
	raw_spinlock_t lock;	/* see above */
	unsigned int events;
	seqcount_raw_spinlock_t seq;
	struct klab_stamp stamp;
	u64 due;
	struct klab_train train;
	u64 left;
	unsigned long overruns;
	bool running;
	struct completion done;
};

/**
 * struct klab_synthirq - a source of synthetic interrupts
 * @fwnode: gives the domain its name
 * @domain: what the lines belong to
 * @id: number in the name
 * @lock: protects starting and stopping of trains against each other
 * @lines: how many there are
 * @line: the lines
 */
struct klab_synthirq {
	struct fwnode_handle *fwnode;
	struct irq_domain *domain;
	int id;
	struct mutex lock;	/* see above */
	unsigned int lines;
	struct klab_synthirq_line line[] __counted_by(lines);
};

static DEFINE_IDA(klab_synthirq_ids);

/* The line whose handlers this CPU is calling. */
static DEFINE_PER_CPU(struct klab_synthirq_line *, klab_line_here);

static void klab_synthirq_noop(struct irq_data *data)
{
}

static int klab_synthirq_set_type(struct irq_data *data, unsigned int type)
{
	/* There is no level that could stay. */
	if (type & ~IRQ_TYPE_EDGE_BOTH)
		return -EINVAL;

	irqd_set_trigger_type(data, type);
	return 0;
}

/*
 * The kernel's own resend is a tasklet, and not on every architecture: this
 * one calls the handler in hard interrupt context everywhere.
 */
static int klab_synthirq_retrigger(struct irq_data *data)
{
	struct klab_synthirq_line *line = irq_data_get_irq_chip_data(data);

	irq_work_queue(&line->resend);
	return 1;
}

/* Masking is the flow handler's business: it keeps what comes meanwhile. */
static struct irq_chip klab_synthirq_chip = {
	.name		= "klab-synth",
	.irq_mask	= klab_synthirq_noop,
	.irq_unmask	= klab_synthirq_noop,
	.irq_set_type	= klab_synthirq_set_type,
	.irq_retrigger	= klab_synthirq_retrigger,
	.flags		= IRQCHIP_SKIP_SET_WAKE,
};

static int klab_synthirq_map(struct irq_domain *domain, unsigned int irq,
			     irq_hw_number_t hwirq)
{
	struct klab_synthirq *source = domain->host_data;

	irq_set_chip_and_handler(irq, &klab_synthirq_chip, handle_simple_irq);
	irq_set_chip_data(irq, &source->line[hwirq]);
	irq_modify_status(irq, IRQ_NOREQUEST | IRQ_NOAUTOEN, IRQ_NOPROBE);

	return 0;
}

static void klab_synthirq_unmap(struct irq_domain *domain, unsigned int irq)
{
	irq_set_chip_data(irq, NULL);
}

static const struct irq_domain_ops klab_synthirq_ops = {
	.map	= klab_synthirq_map,
	.unmap	= klab_synthirq_unmap,
};

static void klab_line_deliver(struct klab_synthirq_line *line, u64 due)
{
	/*
	 * A line that nobody has requested would keep one event for whoever
	 * does so later.
	 */
	if (!irq_has_action(line->irq))
		return;

	write_seqcount_begin(&line->seq);
	line->stamp = klab_stamp_now();
	line->due = due ?: line->stamp.ns;
	write_seqcount_end(&line->seq);

	generic_handle_irq_safe(line->irq);
}

/*
 * The flow handler drops an event that comes while the line's handlers run. So
 * each CPU waits for its turn, which is fair, and makes the calls for its own
 * events: none is kept at it by what other CPUs fire. What the handler itself
 * fires comes after the call that it is in.
 */
static void klab_line_raise(struct klab_synthirq_line *line, u64 due)
{
	guard(irqsave)();

	if (__this_cpu_read(klab_line_here) == line) {
		line->events++;
		return;
	}

	guard(raw_spinlock)(&line->lock);

	__this_cpu_write(klab_line_here, line);
	line->events = 1;
	do {
		klab_line_deliver(line, due);
		/* The handler's own are due now. */
		due = 0;
	} while (--line->events);
	__this_cpu_write(klab_line_here, NULL);
}

static void klab_line_resend(struct irq_work *work)
{
	struct klab_synthirq_line *line;

	line = container_of(work, struct klab_synthirq_line, resend);
	klab_line_raise(line, 0);
}

static int klab_line_fire(struct klab_synthirq_line *line, u64 due)
{
	struct klab_synthirq_line *here;

	guard(irqsave)();

	/* Two lines whose handlers fire each other would wait for each other. */
	here = __this_cpu_read(klab_line_here);
	if (here && here != line)
		return -EDEADLK;

	atomic64_inc(&line->fired);
	klab_line_raise(line, due);
	return 0;
}

static void klab_line_end(struct klab_synthirq_line *line)
{
	/* Pairs with the acquire in klab_line_wait(). */
	smp_store_release(&line->running, false);
	complete(&line->done);
}

/*
 * A burst that comes late is fired whole; the periods that passed without one
 * are skipped and counted, so a handler that takes longer than the period
 * makes the train longer and never loses an event. That the CPU gets to do
 * something else is seen to by hrtimer_interrupt().
 */
static enum hrtimer_restart klab_line_burst(struct hrtimer *timer)
{
	struct klab_synthirq_line *line;
	unsigned int events;
	u64 due;

	line = container_of(timer, struct klab_synthirq_line, timer);
	due = ktime_to_ns(hrtimer_get_expires(timer));

	events = min_t(u64, line->train.burst, line->left);
	line->left -= events;
	while (events--)
		klab_line_fire(line, due);

	if (!line->left) {
		klab_line_end(line);
		return HRTIMER_NORESTART;
	}

	line->overruns += hrtimer_forward_now(timer, line->train.period_ns) - 1;
	return HRTIMER_RESTART;
}

static void klab_line_init(struct klab_synthirq_line *line)
{
	hrtimer_init(&line->timer, CLOCK_MONOTONIC,
		     HRTIMER_MODE_REL_PINNED_HARD);
	line->timer.function = klab_line_burst;
	line->resend = IRQ_WORK_INIT_HARD(klab_line_resend);
	raw_spin_lock_init(&line->lock);
	seqcount_raw_spinlock_init(&line->seq, &line->lock);
	init_completion(&line->done);
}

/* Undoes klab_synthirq_connect(), and what there is of it. */
static void klab_synthirq_disconnect(struct klab_synthirq *source)
{
	unsigned int i;

	for (i = 0; i < source->lines; i++) {
		irq_work_sync(&source->line[i].resend);
		if (source->line[i].irq)
			irq_dispose_mapping(source->line[i].irq);
	}
	irq_domain_remove(source->domain);
}

static int klab_synthirq_connect(struct klab_synthirq *source)
{
	unsigned int i;

	source->domain = irq_domain_create_linear(source->fwnode, source->lines,
						  &klab_synthirq_ops, source);
	if (!source->domain)
		return -ENOMEM;

	for (i = 0; i < source->lines; i++) {
		source->line[i].irq = irq_create_mapping(source->domain, i);
		if (!source->line[i].irq) {
			klab_synthirq_disconnect(source);
			return -ENOSPC;
		}
	}

	return 0;
}

/**
 * klab_synthirq_create() - make a source of synthetic interrupts
 * @lines: how many lines it has, 1 to KLAB_SYNTHIRQ_LINES_MAX
 *
 * The lines are edge-triggered and can be shared; what is fired while a line
 * is disabled comes once, when it is enabled. A line that is not requested
 * swallows its events.
 *
 * Context: process context, may sleep.
 * Return: the source, for klab_synthirq_destroy(), or an error pointer:
 * -EINVAL for a wrong number of lines, -ENOSPC where the system has no
 * interrupt numbers left, -ENOMEM.
 */
struct klab_synthirq *klab_synthirq_create(unsigned int lines)
{
	struct klab_synthirq *source;
	unsigned int i;
	int ret;

	if (!lines || lines > KLAB_SYNTHIRQ_LINES_MAX)
		return ERR_PTR(-EINVAL);

	source = kzalloc_flex(*source, line, lines);
	if (!source)
		return ERR_PTR(-ENOMEM);
	source->lines = lines;
	mutex_init(&source->lock);
	for (i = 0; i < lines; i++)
		klab_line_init(&source->line[i]);

	ret = ida_alloc(&klab_synthirq_ids, GFP_KERNEL);
	if (ret < 0)
		goto free_source;
	source->id = ret;

	source->fwnode = irq_domain_alloc_named_id_fwnode("klab-synth",
							  source->id);
	if (!source->fwnode) {
		ret = -ENOMEM;
		goto free_id;
	}

	ret = klab_synthirq_connect(source);
	if (ret)
		goto free_fwnode;

	return source;

free_fwnode:
	irq_domain_free_fwnode(source->fwnode);
free_id:
	ida_free(&klab_synthirq_ids, source->id);
free_source:
	kfree(source);
	return ERR_PTR(ret);
}
EXPORT_SYMBOL_GPL(klab_synthirq_create);

static bool klab_synthirq_requested(const struct klab_synthirq *source)
{
	unsigned int i;

	for (i = 0; i < source->lines; i++)
		if (irq_has_action(source->line[i].irq))
			return true;

	return false;
}

/**
 * klab_synthirq_destroy() - end a source of synthetic interrupts
 * @source: the source, NULL or an error pointer
 *
 * Stops the trains. Every line has been freed by then, and nobody fires.
 *
 * Context: process context, may sleep.
 */
void klab_synthirq_destroy(struct klab_synthirq *source)
{
	unsigned int i;

	if (IS_ERR_OR_NULL(source))
		return;

	for (i = 0; i < source->lines; i++)
		klab_synthirq_stop(source, i);

	/* Better a source, and a core, that stay than a line without either. */
	if (WARN_ON(klab_synthirq_requested(source))) {
		__module_get(THIS_MODULE);
		return;
	}

	klab_synthirq_disconnect(source);
	irq_domain_free_fwnode(source->fwnode);
	ida_free(&klab_synthirq_ids, source->id);
	mutex_destroy(&source->lock);
	kfree(source);
}
EXPORT_SYMBOL_GPL(klab_synthirq_destroy);

static struct klab_synthirq_line *
klab_synthirq_line(struct klab_synthirq *source, unsigned int line)
{
	return line < source->lines ? &source->line[line] : NULL;
}

/**
 * klab_synthirq_irq() - the number of a line, for request_irq()
 * @source: the source
 * @line: the line, counted from 0
 *
 * Context: any.
 * Return: the number, or -EINVAL if there is no such line.
 */
int klab_synthirq_irq(struct klab_synthirq *source, unsigned int line)
{
	struct klab_synthirq_line *l = klab_synthirq_line(source, line);

	return l ? l->irq : -EINVAL;
}
EXPORT_SYMBOL_GPL(klab_synthirq_irq);

/**
 * klab_synthirq_fire() - fire an event by hand
 * @source: the source
 * @line: the line, counted from 0
 *
 * The handlers are called here, with interrupts off, before this returns. While
 * another CPU is calling them, this one waits for its turn; it never makes the
 * calls for the other's events. If a handler of the line is who calls this, the
 * event is handled right after it. No event is lost, so a handler that fires
 * its own line every time never gets to an end.
 *
 * The handlers are called under a raw spinlock: even in those that may be
 * forced into threads, no lock is taken that sleeps on PREEMPT_RT.
 *
 * From a task, soft interrupts that a handler raises run before this returns,
 * as they do at the end of an interrupt.
 *
 * Context: any but NMI.
 * Return: 0, -EINVAL if there is no such line, or -EDEADLK in a hard handler of
 * another synthetic line.
 */
int klab_synthirq_fire(struct klab_synthirq *source, unsigned int line)
{
	struct klab_synthirq_line *l = klab_synthirq_line(source, line);
	bool task = !in_interrupt() && !irqs_disabled();
	int ret;

	if (!l)
		return -EINVAL;

	/* There it takes a lock that sleeps. */
	if (IS_ENABLED(CONFIG_PREEMPT_RT))
		task = task && preemptible();

	if (task)
		local_bh_disable();
	ret = klab_line_fire(l, 0);
	if (task)
		local_bh_enable();

	return ret;
}
EXPORT_SYMBOL_GPL(klab_synthirq_fire);

static int klab_train_check(const struct klab_train *train)
{
	if (train->period_ns < KLAB_TRAIN_PERIOD_MIN_NS ||
	    train->period_ns > KTIME_MAX)
		return -EINVAL;
	if (!train->burst || train->burst > KLAB_TRAIN_BURST_MAX)
		return -EINVAL;
	if (!train->count)
		return -EINVAL;
	if (train->cpu < -1)
		return -EINVAL;
	if (train->cpu >= 0 &&
	    (train->cpu >= nr_cpu_ids || !cpu_possible(train->cpu)))
		return -EINVAL;

	return 0;
}

static void klab_line_begin(void *data)
{
	struct klab_synthirq_line *line = data;

	hrtimer_start(&line->timer, ns_to_ktime(line->train.period_ns),
		      HRTIMER_MODE_REL_PINNED_HARD);
}

/**
 * klab_synthirq_start() - start a train of interrupts
 * @source: the source
 * @line: the line, counted from 0
 * @train: what to fire
 *
 * Every period a burst is fired from a hard timer interrupt on the train's
 * CPU, the first one a period from now. Events are neither lost nor merged:
 * where the CPU cannot keep up, the train takes longer. A CPU that goes
 * offline hands the train to another one.
 *
 * Context: process context, interrupts on; may sleep.
 * Return: 0, -EINVAL if there is no such line, CPU or train, -EBUSY while a
 * train is under way on the line, -ENODEV if the CPU is offline.
 */
int klab_synthirq_start(struct klab_synthirq *source, unsigned int line,
			const struct klab_train *train)
{
	struct klab_synthirq_line *l = klab_synthirq_line(source, line);
	int cpu = train->cpu;
	int ret;

	if (!l)
		return -EINVAL;
	ret = klab_train_check(train);
	if (ret)
		return ret;

	guard(mutex)(&source->lock);

	if (READ_ONCE(l->running))
		return -EBUSY;

	/*
	 * The callback that ended the train before may not have returned yet,
	 * and a timer does not change CPU while its callback runs.
	 */
	hrtimer_cancel(&l->timer);

	l->train = *train;
	l->left = train->count;
	l->overruns = 0;
	reinit_completion(&l->done);
	WRITE_ONCE(l->running, true);

	if (cpu < 0)
		cpu = raw_smp_processor_id();
	if (smp_call_function_single(cpu, klab_line_begin, l, true)) {
		klab_line_end(l);
		return -ENODEV;
	}

	return 0;
}
EXPORT_SYMBOL_GPL(klab_synthirq_start);

/* A token may be left over from another waiter: @running has the last word. */
static long klab_line_wait(struct klab_synthirq_line *line, long timeout)
{
	/* Pairs with the release in klab_line_end(). */
	while (smp_load_acquire(&line->running)) {
		timeout = wait_for_completion_killable_timeout(&line->done,
							       timeout);
		if (timeout <= 0)
			return timeout ?: -ETIME;
		/* For the next one who waits for the same train. */
		if (!READ_ONCE(line->running))
			complete(&line->done);
	}

	return 0;
}

/**
 * klab_synthirq_wait() - wait for the end of a train
 * @source: the source
 * @line: the line, counted from 0
 *
 * Context: process context, sleeps.
 * Return: 0 when the train is over or was stopped, or where there is none;
 * -EINVAL if there is no such line, -ERESTARTSYS if the task is being killed.
 */
int klab_synthirq_wait(struct klab_synthirq *source, unsigned int line)
{
	struct klab_synthirq_line *l = klab_synthirq_line(source, line);

	return l ? klab_line_wait(l, MAX_SCHEDULE_TIMEOUT) : -EINVAL;
}
EXPORT_SYMBOL_GPL(klab_synthirq_wait);

/**
 * klab_synthirq_wait_for() - wait for the end of a train, but not for ever
 * @source: the source
 * @line: the line, counted from 0
 * @timeout: how long, in jiffies
 *
 * Context: process context, sleeps.
 * Return: whether the train is over.
 */
bool klab_synthirq_wait_for(struct klab_synthirq *source, unsigned int line,
			    unsigned long timeout)
{
	struct klab_synthirq_line *l = klab_synthirq_line(source, line);

	return !l || !klab_line_wait(l, timeout);
}
EXPORT_SYMBOL_GPL(klab_synthirq_wait_for);

/**
 * klab_synthirq_stop() - stop a train
 * @source: the source
 * @line: the line, counted from 0
 *
 * When this returns, no event of the train is being fired or will be. Does
 * nothing where there is no train.
 *
 * Context: process context, may sleep.
 */
void klab_synthirq_stop(struct klab_synthirq *source, unsigned int line)
{
	struct klab_synthirq_line *l = klab_synthirq_line(source, line);

	if (!l)
		return;

	guard(mutex)(&source->lock);

	hrtimer_cancel(&l->timer);
	if (READ_ONCE(l->running))
		klab_line_end(l);
}
EXPORT_SYMBOL_GPL(klab_synthirq_stop);

/**
 * klab_synthirq_fired() - how many events a line has fired
 * @source: the source
 * @line: the line, counted from 0
 *
 * Context: any.
 * Return: events by hand and of all trains since the source was created; 0 if
 * there is no such line.
 */
u64 klab_synthirq_fired(struct klab_synthirq *source, unsigned int line)
{
	struct klab_synthirq_line *l = klab_synthirq_line(source, line);

	return l ? atomic64_read(&l->fired) : 0;
}
EXPORT_SYMBOL_GPL(klab_synthirq_fired);

/**
 * klab_synthirq_overruns() - periods of a train that passed without a burst
 * @source: the source
 * @line: the line, counted from 0
 *
 * Context: any.
 * Return: how many there were in the latest train.
 */
u64 klab_synthirq_overruns(struct klab_synthirq *source, unsigned int line)
{
	struct klab_synthirq_line *l = klab_synthirq_line(source, line);

	return l ? READ_ONCE(l->overruns) : 0;
}
EXPORT_SYMBOL_IF_KUNIT(klab_synthirq_overruns);

/**
 * klab_synthirq_stamp() - when the latest event was handed to its handlers
 * @source: the source
 * @line: the line, counted from 0
 *
 * In a hard handler of the line that is the event being handled; in a thread
 * it may be a later one.
 *
 * Context: any but NMI.
 * Return: the moment just before the first handler was called; all 0 if there
 * was none.
 */
struct klab_stamp klab_synthirq_stamp(struct klab_synthirq *source,
				      unsigned int line)
{
	struct klab_synthirq_line *l = klab_synthirq_line(source, line);
	struct klab_stamp stamp = {};
	unsigned int seq;

	if (!l)
		return stamp;

	do {
		seq = read_seqcount_begin(&l->seq);
		stamp = l->stamp;
	} while (read_seqcount_retry(&l->seq, seq));

	return stamp;
}
EXPORT_SYMBOL_GPL(klab_synthirq_stamp);

/**
 * klab_synthirq_due() - when the latest event should have been handled
 * @source: the source
 * @line: the line, counted from 0
 *
 * For an event of a train, when the timer of its burst was to expire; for
 * one by hand, the moment that klab_synthirq_stamp() returns.
 *
 * Context: any but NMI.
 * Return: CLOCK_MONOTONIC in nanoseconds, 0 if there was none.
 */
u64 klab_synthirq_due(struct klab_synthirq *source, unsigned int line)
{
	struct klab_synthirq_line *l = klab_synthirq_line(source, line);
	unsigned int seq;
	u64 due;

	if (!l)
		return 0;

	do {
		seq = read_seqcount_begin(&l->seq);
		due = l->due;
	} while (read_seqcount_retry(&l->seq, seq));

	return due;
}
EXPORT_SYMBOL_IF_KUNIT(klab_synthirq_due);
