// SPDX-License-Identifier: GPL-2.0-only
/*
 * Start and end of the measuring half of klab's core.
 */

#include <linux/errno.h>
#include <linux/init.h>
#include <linux/kernel.h>

#include "core_measure.h"

static struct klab_experiment * const klab_measure_experiments[] = {
	&klab_clock_experiment,
	&klab_bench_experiment,
	&klab_interrupts_experiment,
};

static void klab_measure_unregister(unsigned int nr)
{
	while (nr--)
		klab_experiments_unregister(klab_measure_experiments[nr], 1);
}

/**
 * klab_measure_init() - calibrate, make the files, register the experiments
 *
 * Called when experiments can be registered. The files go with klab_debugfs.
 *
 * Context: module initialisation.
 * Return: 0 or a negative error, with no experiment registered then.
 */
int __init klab_measure_init(void)
{
	unsigned int i;
	int ret;

	ret = klab_samples_init();
	if (ret)
		return ret;
	ret = klab_sections_init();
	if (ret)
		return ret;
	ret = klab_faults_init();
	if (ret)
		return ret;

	for (i = 0; i < ARRAY_SIZE(klab_measure_experiments); i++) {
		ret = klab_experiments_register(klab_measure_experiments[i], 1);
		if (ret) {
			klab_measure_unregister(i);
			return ret;
		}
	}

	return 0;
}

/**
 * klab_measure_exit() - withdraw the core's own experiments
 *
 * Also called by the initialisation, when something after it fails.
 *
 * Context: process context, may sleep.
 */
void klab_measure_exit(void)
{
	klab_measure_unregister(ARRAY_SIZE(klab_measure_experiments));
}
