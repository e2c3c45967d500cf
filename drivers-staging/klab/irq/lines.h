/* SPDX-License-Identifier: GPL-2.0-only */
/* Experiments about interrupt lines: what the module's files share. */
#ifndef _KLAB_IRQ_LINES_H
#define _KLAB_IRQ_LINES_H

#include <linux/types.h>

#include "../core/klab_core.h"

struct klab_synthirq *klab_irq_lines_source(struct klab_run *run,
					    unsigned int lines);

int klab_irq_context_run(struct klab_run *run);
int klab_irq_control_run(struct klab_run *run);
int klab_irq_list_run(struct klab_run *run);
int klab_irq_registration_run(struct klab_run *run);
int klab_irq_softirqs_run(struct klab_run *run);

extern const struct klab_param klab_irq_control_params[];
extern const unsigned int klab_irq_control_nr_params;
extern const struct klab_param klab_irq_list_params[];
extern const unsigned int klab_irq_list_nr_params;
extern const struct klab_param klab_irq_softirqs_params[];
extern const unsigned int klab_irq_softirqs_nr_params;

#endif /* _KLAB_IRQ_LINES_H */
