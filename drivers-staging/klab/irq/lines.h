/* SPDX-License-Identifier: GPL-2.0-only */
/* Experiments about interrupt lines: what the module's files share. */
#ifndef _KLAB_IRQ_LINES_H
#define _KLAB_IRQ_LINES_H

struct klab_run;

int klab_irq_registration_run(struct klab_run *run);

#endif /* _KLAB_IRQ_LINES_H */
