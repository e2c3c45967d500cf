// SPDX-License-Identifier: GPL-2.0-only
/* Experiments about interrupt lines: the module. */

#include <linux/err.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/module.h>

#include "../core/klab_core.h"
#include "lines.h"

static void destroy_source(void *source)
{
	klab_synthirq_destroy(source);
}

/**
 * klab_irq_lines_source() - makes synthetic lines for a run
 * @run: the run, with which they go
 * @lines: how many
 *
 * Handlers have to be gone when the run's earlier klab_run_defer() are called:
 * who has some defers their end after this.
 *
 * Context: process, may sleep.
 * Return: the source, or an error pointer for the run to return.
 */
struct klab_synthirq *klab_irq_lines_source(struct klab_run *run,
					    unsigned int lines)
{
	struct klab_synthirq *source = klab_synthirq_create(lines);
	int ret;

	if (IS_ERR(source)) {
		klab_run_fail(run, PTR_ERR(source),
			      "no synthetic interrupt to be had");
		return source;
	}
	ret = klab_run_defer(run, destroy_source, source);
	return ret ? ERR_PTR(ret) : source;
}

static struct klab_experiment klab_irq_lines[] = {
	{
		.room = "irq",
		.name = "context",
		.question = "In what context do the parts of a handler run?",
		.run = klab_irq_context_run,
	},
	{
		.room = "irq",
		.name = "control",
		.question = "What becomes of interrupts of a disabled line?",
		.params = klab_irq_control_params,
		.run = klab_irq_control_run,
	},
	{
		.room = "irq",
		.name = "lines",
		.question = "Which lines are there, and can they be steered?",
		.params = klab_irq_list_params,
		.run = klab_irq_list_run,
	},
	{
		.room = "irq",
		.name = "registration",
		.question = "Which requests for an interrupt line are refused?",
		.run = klab_irq_registration_run,
	},
	{
		.room = "irq",
		.name = "softirqs",
		.question = "Which softirqs run, and which threads serve them?",
		.params = klab_irq_softirqs_params,
		.run = klab_irq_softirqs_run,
	},
};

enum { CONTEXT, CONTROL, LINES, REGISTRATION, SOFTIRQS };

static int __init klab_irq_lines_init(void)
{
	klab_irq_lines[CONTROL].nr_params = klab_irq_control_nr_params;
	klab_irq_lines[LINES].nr_params = klab_irq_list_nr_params;
	klab_irq_lines[SOFTIRQS].nr_params = klab_irq_softirqs_nr_params;

	return klab_experiments_register(klab_irq_lines,
					 ARRAY_SIZE(klab_irq_lines));
}
module_init(klab_irq_lines_init);

static void __exit klab_irq_lines_exit(void)
{
	klab_experiments_unregister(klab_irq_lines,
				    ARRAY_SIZE(klab_irq_lines));
}
module_exit(klab_irq_lines_exit);

MODULE_DESCRIPTION("klab: experiments about interrupt lines");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
