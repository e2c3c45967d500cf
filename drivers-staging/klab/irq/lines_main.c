// SPDX-License-Identifier: GPL-2.0-only
/* Experiments about interrupt lines: the module. */

#include <linux/module.h>

#include "../core/klab_core.h"
#include "lines.h"

static struct klab_experiment klab_irq_lines[] = {
	{
		.room = "irq",
		.name = "registration",
		.question = "Which requests for an interrupt line are refused?",
		.run = klab_irq_registration_run,
	},
};
module_klab_experiments(klab_irq_lines);

MODULE_DESCRIPTION("klab: experiments about interrupt lines");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
