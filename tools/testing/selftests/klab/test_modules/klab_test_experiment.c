// SPDX-License-Identifier: GPL-2.0-only
/*
 * Experiments in the room "test" that show how the files of experiments behave:
 * one says its parameters, others answer at length, fail, take memory, or do
 * not end by themselves.
 */
#include <linux/atomic.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/minmax.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/sysfs.h>
#include <linux/wait.h>

#include "klab_core.h"

/* Runs of hold and limit that have begun and not ended; a test waits for it. */
static atomic_t running = ATOMIC_INIT(0);

static int klab_test_running_get(char *buf, const struct kernel_param *kp)
{
	return sysfs_emit(buf, "%d\n", atomic_read(&running));
}

static const struct kernel_param_ops klab_test_running_ops = {
	.get = klab_test_running_get,
};
module_param_cb(running, &klab_test_running_ops, NULL, 0444);
MODULE_PARM_DESC(running, "runs of hold and limit going on");

static const char * const klab_test_colours[] = {
	"red", "green", "blue", NULL
};

static const struct klab_param klab_test_echo_params[] = {
	KLAB_INT("number", 7, -10, 100, "items", "a number"),
	KLAB_BOOL("flag", 0, "a flag"),
	KLAB_CHOICE("colour", 1, klab_test_colours, "a choice"),
	KLAB_STRING("word", "none", 8, "a word"),
};

static int klab_test_echo(struct klab_run *run)
{
	klab_columns(run, "name\tvalue");
	klab_row(run, "number\t%lld", klab_run_value(run, 0));
	klab_row(run, "flag\t%lld", klab_run_value(run, 1));
	klab_row(run, "colour\t%s", klab_run_string(run, 2));
	klab_row(run, "word\t%s", klab_run_string(run, 3));
	return 0;
}

static const struct klab_param klab_test_rows_params[] = {
	KLAB_INT("rows", 100, 0, 1000000, NULL, "how many rows"),
};

static int klab_test_rows(struct klab_run *run)
{
	s64 i;
	int err;

	klab_columns(run, "number\tsquare");
	for (i = 0; i < klab_run_value(run, 0); i++) {
		klab_row(run, "%lld\t%lld", i, i * i);
		err = klab_run_check(run);
		if (err)
			return err;
	}
	return 0;
}

static const struct klab_param klab_test_fail_params[] = {
	KLAB_INT("error", EIO, 1, 133, NULL, "the error"),
};

static int klab_test_fail(struct klab_run *run)
{
	return klab_run_fail(run, -klab_run_value(run, 0), "as asked for");
}

static const struct klab_param klab_test_memory_params[] = {
	KLAB_INT("size", 4096, 1, S64_MAX, "bytes", "memory to take"),
};

static int klab_test_memory(struct klab_run *run)
{
	size_t size = min_t(u64, klab_run_value(run, 0), SIZE_MAX);

	if (!klab_run_alloc(run, size))
		return -ENOMEM;
	klab_note(run, "taken", "%zu", size);
	return 0;
}

static int klab_test_hold(struct klab_run *run)
{
	DECLARE_WAIT_QUEUE_HEAD_ONSTACK(never);
	int err;

	atomic_inc(&running);
	err = klab_run_wait_event(run, never, false);
	atomic_dec(&running);
	return err;
}

static struct klab_experiment klab_test_experiments[] = {
	{
		.room = "test",
		.name = "echo",
		.question = "What did I say?",
		.params = klab_test_echo_params,
		.nr_params = ARRAY_SIZE(klab_test_echo_params),
		.run = klab_test_echo,
	}, {
		.room = "test",
		.name = "rows",
		.question = "What are the squares?",
		.params = klab_test_rows_params,
		.nr_params = ARRAY_SIZE(klab_test_rows_params),
		.run = klab_test_rows,
	}, {
		.room = "test",
		.name = "fail",
		.question = "What does a failure look like?",
		.params = klab_test_fail_params,
		.nr_params = ARRAY_SIZE(klab_test_fail_params),
		.run = klab_test_fail,
	}, {
		.room = "test",
		.name = "memory",
		.question = "May I have so much memory?",
		.params = klab_test_memory_params,
		.nr_params = ARRAY_SIZE(klab_test_memory_params),
		.run = klab_test_memory,
	}, {
		.room = "test",
		.name = "hold",
		.question = "Who ends me?",
		.time_limit_ms = 60000,
		.run = klab_test_hold,
	}, {
		.room = "test",
		.name = "limit",
		.question = "When am I ended?",
		.time_limit_ms = 100,
		.run = klab_test_hold,
	},
};
module_klab_experiments(klab_test_experiments);

MODULE_DESCRIPTION("klab selftest: experiments to try the front with");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
