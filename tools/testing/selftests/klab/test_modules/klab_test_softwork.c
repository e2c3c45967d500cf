// SPDX-License-Identifier: GPL-2.0-only
/*
 * Hard interrupts on all CPUs queue softwork for as long as the module is
 * loaded: one item that all of them share, and one for each CPU. It goes away
 * in the middle of that, and says whether each queueing has been answered.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/atomic.h>
#include <linux/cpumask.h>
#include <linux/errno.h>
#include <linux/hrtimer.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/percpu.h>
#include <linux/smp.h>
#include <linux/softwork.h>
#include <linux/sysfs.h>
#include <linux/time64.h>
#include <linux/types.h>

static unsigned int period = 1000;
module_param(period, uint, 0444);
MODULE_PARM_DESC(period, "microseconds between interrupts on a CPU");

static bool cancel;
module_param(cancel, bool, 0444);
MODULE_PARM_DESC(cancel, "take the items out of use at the end, instead of waiting for them");

static atomic_long_t accepted = ATOMIC_LONG_INIT(0);
static atomic_long_t runs = ATOMIC_LONG_INIT(0);
static atomic_t inside = ATOMIC_INIT(0);
static atomic_t concurrent = ATOMIC_INIT(0);

static int klab_test_runs_get(char *buf, const struct kernel_param *kp)
{
	return sysfs_emit(buf, "%ld\n", atomic_long_read(&runs));
}

static const struct kernel_param_ops klab_test_runs_ops = {
	.get = klab_test_runs_get,
};
module_param_cb(runs, &klab_test_runs_ops, NULL, 0444);
MODULE_PARM_DESC(runs, "how often functions have been called");

static void klab_test_softwork_shared(struct softwork *work)
{
	if (atomic_inc_return(&inside) != 1)
		atomic_inc(&concurrent);
	atomic_long_inc(&runs);
	atomic_dec(&inside);
}

static void klab_test_softwork_percpu(struct softwork *work)
{
	atomic_long_inc(&runs);
}

static DEFINE_SOFTWORK(klab_test_shared, klab_test_softwork_shared);
static DEFINE_PER_CPU(struct softwork, klab_test_percpu);
static DEFINE_PER_CPU(struct hrtimer, klab_test_timers);

static ktime_t klab_test_period(void)
{
	return ns_to_ktime((u64)period * NSEC_PER_USEC);
}

static enum hrtimer_restart klab_test_fire(struct hrtimer *timer)
{
	atomic_long_add(softwork_queue(&klab_test_shared), &accepted);
	atomic_long_add(softwork_queue_percpu(&klab_test_percpu), &accepted);
	hrtimer_forward_now(timer, klab_test_period());
	return HRTIMER_RESTART;
}

static void klab_test_start(void *unused)
{
	struct hrtimer *timer = this_cpu_ptr(&klab_test_timers);

	hrtimer_start(timer, klab_test_period(), HRTIMER_MODE_REL_PINNED_HARD);
}

static int __init klab_test_softwork_init(void)
{
	struct hrtimer *timer;
	int cpu;

	if (!period)
		return -EINVAL;
	softwork_init_percpu(&klab_test_percpu, klab_test_softwork_percpu);
	for_each_possible_cpu(cpu) {
		timer = per_cpu_ptr(&klab_test_timers, cpu);
		hrtimer_init(timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL_PINNED_HARD);
		timer->function = klab_test_fire;
	}
	on_each_cpu(klab_test_start, NULL, 1);
	return 0;
}
module_init(klab_test_softwork_init);

static void __exit klab_test_softwork_exit(void)
{
	int canceled = 0;
	int cpu;

	if (cancel) {
		/* The interrupts go on: what they ask for is refused. */
		canceled += softwork_cancel_sync(&klab_test_shared);
		canceled += softwork_cancel_sync_percpu(&klab_test_percpu);
	}
	for_each_possible_cpu(cpu)
		hrtimer_cancel(per_cpu_ptr(&klab_test_timers, cpu));
	if (cancel) {
		canceled += softwork_cancel_sync(&klab_test_shared);
		canceled += softwork_cancel_sync_percpu(&klab_test_percpu);
	} else {
		softwork_barrier();
	}
	pr_info("accepted=%ld runs=%ld canceled=%d concurrent=%d\n",
		atomic_long_read(&accepted), atomic_long_read(&runs), canceled,
		atomic_read(&concurrent));
}
module_exit(klab_test_softwork_exit);

MODULE_DESCRIPTION("Storm of softwork on all CPUs, for the selftests");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
