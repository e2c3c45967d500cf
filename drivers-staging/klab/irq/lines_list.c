// SPDX-License-Identifier: GPL-2.0-only
/*
 * Experiment irq/lines: the interrupt lines of the system, how often each came,
 * which CPUs they may go to, and what steering one of them does.
 */
#include <linux/array_size.h>
#include <linux/cleanup.h>
#include <linux/cpumask.h>
#include <linux/errno.h>
#include <linux/gfp.h>
#include <linux/interrupt.h>
#include <linux/irq.h>
#include <linux/irqdesc.h>
#include <linux/irqnr.h>
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/rcupdate.h>
#include <linux/string.h>

#include "../core/klab_core.h"
#include "lines.h"

enum { PARAM_STEER, PARAM_CPU };

const struct klab_param klab_irq_list_params[] = {
	[PARAM_STEER] = KLAB_INT("steer", -1, -1, INT_MAX, NULL,
				 "line to send to another CPU and back, -1: none"),
	[PARAM_CPU] = KLAB_INT("cpu", 0, 0, CONFIG_NR_CPUS - 1, NULL,
			       "that CPU"),
};

const unsigned int klab_irq_list_nr_params = ARRAY_SIZE(klab_irq_list_params);

#define MASK_TEXT	48

/**
 * struct line_facts - what is known of a line
 * @chip: its controller
 * @hwirq: its number there
 * @trigger: IRQ_TYPE_*
 * @requested: has a handler
 * @managed: the kernel alone steers it, or nobody does
 * @count: how often it came
 * @affinity: CPUs that it may go to
 * @effective: CPU that it goes to
 */
struct line_facts {
	char chip[24];
	unsigned long hwirq;
	unsigned int trigger;
	bool requested;
	bool managed;
	u64 count;
	char affinity[MASK_TEXT];
	char effective[MASK_TEXT];
};

static void print_mask(char *text, const struct cpumask *mask)
{
	snprintf(text, MASK_TEXT, "%*pbl", cpumask_pr_args(mask));
}

/* A line may go meanwhile, but what describes it stays as long as we look. */
static bool line_look(unsigned int irq, struct line_facts *facts)
{
	const struct cpumask *mask;
	struct irq_data *data;
	struct irq_desc *desc;
	struct irq_chip *chip;
	unsigned int cpu;

	guard(rcu)();

	data = irq_get_irq_data(irq);
	if (!data)
		return false;

	desc = irq_data_to_desc(data);
	chip = irq_data_get_irq_chip(data);
	*facts = (struct line_facts){
		.hwirq = irqd_to_hwirq(data),
		.trigger = irqd_get_trigger_type(data),
		.requested = irq_has_action(irq),
		.managed = irqd_affinity_is_managed(data) ||
			   !irqd_can_balance(data),
	};
	strscpy(facts->chip, chip && chip->name ? chip->name : "-");
	for_each_possible_cpu(cpu)
		facts->count += irq_desc_kstat_cpu(desc, cpu);
	mask = irq_data_get_affinity_mask(data);
	print_mask(facts->affinity, mask ?: cpu_none_mask);
	mask = irq_data_get_effective_affinity_mask(data);
	print_mask(facts->effective, mask ?: cpu_none_mask);
	return true;
}

static const char *trigger_name(unsigned int trigger)
{
	static const char * const names[] = {
		[IRQ_TYPE_NONE] = "none",
		[IRQ_TYPE_EDGE_RISING] = "rising",
		[IRQ_TYPE_EDGE_FALLING] = "falling",
		[IRQ_TYPE_EDGE_BOTH] = "both",
		[IRQ_TYPE_LEVEL_HIGH] = "high",
		[IRQ_TYPE_LEVEL_LOW] = "low",
	};

	if (trigger >= ARRAY_SIZE(names) || !names[trigger])
		return "other";
	return names[trigger];
}

static const char *text_or_none(const char *text)
{
	return *text ? text : "-";
}

static int line_mask(unsigned int irq, struct cpumask *mask)
{
	struct irq_data *data;

	guard(rcu)();

	data = irq_get_irq_data(irq);
	if (!data)
		return -EINVAL;
	cpumask_copy(mask, irq_data_get_affinity_mask(data));
	return 0;
}

static int line_go(struct klab_run *run, unsigned int irq, unsigned int cpu,
		   struct cpumask *back)
{
	struct line_facts before, after;
	int ret;

	if (!line_look(irq, &before))
		return klab_run_fail(run, -EINVAL, "steer: there is no line %u",
				     irq);
	if (!before.requested)
		return klab_run_fail(run, -ENXIO, "steer: line %u has no owner",
				     irq);
	if (before.managed)
		return klab_run_fail(run, -EPERM,
				     "steer: line %u is not for others to steer",
				     irq);
	if (cpu >= nr_cpu_ids || !cpu_online(cpu))
		return klab_run_fail(run, -EINVAL, "cpu: not online");

	ret = line_mask(irq, back) ?: irq_set_affinity(irq, cpumask_of(cpu));
	if (ret)
		return klab_run_fail(run, ret,
				     "steer: the chip of line %u cannot", irq);
	if (line_look(irq, &after)) {
		klab_note(run, "steered", "%u", irq);
		klab_note(run, "from", "%s", before.affinity);
		klab_note(run, "to", "%s", after.affinity);
	}
	return 0;
}

/* Goes there and comes back, so that a question leaves nothing behind. */
static int line_steer(struct klab_run *run, unsigned int irq, unsigned int cpu)
{
	cpumask_var_t back;
	int ret;

	if (!zalloc_cpumask_var(&back, GFP_KERNEL))
		return -ENOMEM;
	ret = line_go(run, irq, cpu, back);
	if (!ret)
		ret = irq_set_affinity(irq, back);
	free_cpumask_var(back);
	return ret;
}

/**
 * klab_irq_list_run() - the experiment irq/lines
 * @run: the run
 *
 * Context: process, may sleep.
 * Return: 0 or a negative error.
 */
int klab_irq_list_run(struct klab_run *run)
{
	s64 steer = klab_run_value(run, PARAM_STEER);
	struct line_facts facts;
	unsigned int irq;
	int ret;

	if (steer >= 0) {
		ret = line_steer(run, steer, klab_run_value(run, PARAM_CPU));
		if (ret)
			return ret;
	}

	klab_columns(run, "irq\tchip\thwirq\ttrigger\trequested\tmanaged\tcount\t"
		     "affinity\teffective");
	for (irq = 0; irq < nr_irqs; irq++) {
		ret = klab_run_check(run);
		if (ret)
			return ret;
		if (!line_look(irq, &facts) || (!facts.requested && !facts.count))
			continue;
		klab_row(run, "%u\t%s\t%lu\t%s\t%s\t%s\t%llu\t%s\t%s", irq,
			 facts.chip, facts.hwirq, trigger_name(facts.trigger),
			 facts.requested ? "yes" : "no",
			 facts.managed ? "yes" : "no", facts.count,
			 text_or_none(facts.affinity),
			 text_or_none(facts.effective));
	}
	return 0;
}
