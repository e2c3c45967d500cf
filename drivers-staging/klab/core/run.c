// SPDX-License-Identifier: GPL-2.0-only
/*
 * The life of a run: what an experiment may ask of it while it works, when
 * it has to stop, and what is undone at its end.
 */

#include <linux/err.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/stdarg.h>

#include <kunit/visibility.h>

#include "core_internal.h"

#define KLAB_MEMORY_SHARE	16	/* a run gets this part of the RAM */

struct klab_deferred {
	struct list_head node;
	void (*action)(void *data);
	void *data;
};

static const struct klab_param *klab_run_param(const struct klab_run *run,
					       unsigned int index)
{
	if (WARN_ON_ONCE(index >= run->experiment->nr_params))
		return NULL;
	return &run->experiment->params[index];
}

/**
 * klab_run_value() - value of a parameter
 * @run: the run
 * @index: index into the experiment's parameters
 *
 * Context: any.
 * Return: the number, 0 or 1 for a bool, the index of a choice.
 */
s64 klab_run_value(const struct klab_run *run, unsigned int index)
{
	return klab_run_param(run, index) ? run->values->number[index] : 0;
}
EXPORT_SYMBOL_GPL(klab_run_value);

/**
 * klab_run_string() - text of a parameter
 * @run: the run
 * @index: index into the experiment's parameters
 *
 * Context: any.
 * Return: the string or the word of a choice, "" for other types. It stays
 * as long as the run.
 */
const char *klab_run_string(const struct klab_run *run, unsigned int index)
{
	const struct klab_param *param = klab_run_param(run, index);

	if (param && param->type == KLAB_PARAM_STRING)
		return run->values->text[index];
	if (param && param->type == KLAB_PARAM_CHOICE)
		return param->choices[run->values->number[index]];
	return "";
}
EXPORT_SYMBOL_GPL(klab_run_string);

static unsigned int klab_run_limit_ms(const struct klab_run *run)
{
	return run->experiment->time_limit_ms ?: KLAB_RUN_LIMIT_MS;
}

static unsigned long klab_run_deadline(const struct klab_run *run)
{
	return run->started + msecs_to_jiffies(klab_run_limit_ms(run));
}

/**
 * klab_run_cancelled() - whether the experiment of a run is being unregistered
 * @run: the run
 *
 * Context: any.
 * Return: whether it is.
 */
bool klab_run_cancelled(const struct klab_run *run)
{
	return READ_ONCE(run->cancelled) || READ_ONCE(run->experiment->dying);
}

/**
 * klab_run_stopped() - whether a run has to come to its end
 * @run: the run
 *
 * For threads that an experiment starts, and for conditions it waits for;
 * the task that does the run calls klab_run_check().
 *
 * Context: any.
 * Return: true if the reader is being killed, the experiment unregistered, or
 * the time is up.
 */
bool klab_run_stopped(const struct klab_run *run)
{
	return fatal_signal_pending(run->task) || klab_run_cancelled(run) ||
	       time_after(jiffies, klab_run_deadline(run));
}
EXPORT_SYMBOL_GPL(klab_run_stopped);

/**
 * klab_run_time_left() - how long a wait in a run may last
 * @run: the run
 *
 * Context: any.
 * Return: jiffies until the time is up, at least 1.
 */
long klab_run_time_left(const struct klab_run *run)
{
	long left = klab_run_deadline(run) - jiffies;

	return max(left + 1, 1L);
}
EXPORT_SYMBOL_GPL(klab_run_time_left);

/**
 * klab_run_check() - whether a run may go on
 * @run: the run
 *
 * Every loop of an experiment calls it and returns its error. Lets others
 * have the CPU.
 *
 * Context: the task that does the run; may sleep.
 * Return: 0, -EINTR if the reader is being killed, -ENODEV if the experiment
 * is being unregistered, -ETIME if its time is up, or what became of the
 * result (-E2BIG, -ENOMEM, -EINVAL) or of klab_run_alloc() (-ENOMEM).
 */
int klab_run_check(struct klab_run *run)
{
	cond_resched();

	if (fatal_signal_pending(run->task))
		return -EINTR;
	if (klab_run_cancelled(run))
		return -ENODEV;
	if (time_after(jiffies, klab_run_deadline(run)))
		return klab_run_fail(run, -ETIME, "not done after %u ms",
				     klab_run_limit_ms(run));
	return run->report.err.err;
}
EXPORT_SYMBOL_GPL(klab_run_check);

/**
 * klab_run_fail() - keeps why a run fails
 * @run: the run
 * @err: negative error that the experiment is going to return
 * @fmt: the reason, one line, as for printk()
 *
 * After the read that gets @err, the next one gets the reason.
 *
 * Context: the task that does the run.
 * Return: @err.
 */
int klab_run_fail(struct klab_run *run, int err, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	klab_reason_vset(&run->reason, err, fmt, args);
	va_end(args);
	return err;
}
EXPORT_SYMBOL_GPL(klab_run_fail);

/**
 * klab_run_defer() - has something undone at the end of a run
 * @run: the run
 * @action: called after the experiment has returned, the last one first
 * @data: its argument
 *
 * Context: the task that does the run; may sleep.
 * Return: 0, or -ENOMEM; then @action has been called.
 */
int klab_run_defer(struct klab_run *run, void (*action)(void *), void *data)
{
	struct klab_deferred *deferred = kmalloc_obj(*deferred);

	if (!deferred) {
		action(data);
		return -ENOMEM;
	}

	deferred->action = action;
	deferred->data = data;
	list_add(&deferred->node, &run->deferred);
	return 0;
}
EXPORT_SYMBOL_GPL(klab_run_defer);

static void klab_kvfree(void *memory)
{
	kvfree(memory);
}

/**
 * klab_run_alloc() - memory for a run
 * @run: the run
 * @size: bytes
 *
 * A run gets at most a sixteenth of the machine's memory, and nobody is made
 * to give any up for it. It is freed when the run ends.
 *
 * Context: the task that does the run; may sleep.
 * Return: zeroed memory, or NULL; then the run fails with -ENOMEM, whatever
 * the experiment makes of it.
 */
void *klab_run_alloc(struct klab_run *run, size_t size)
{
	void *memory;

	if (size > run->memory_left) {
		klab_reason_set(&run->report.err, -ENOMEM,
				"more than a sixteenth of all memory wanted");
		return NULL;
	}

	memory = kvzalloc(size, GFP_KERNEL | __GFP_NORETRY | __GFP_NOWARN);
	if (!memory || klab_run_defer(run, klab_kvfree, memory)) {
		klab_reason_set(&run->report.err, -ENOMEM,
				"no memory for %zu bytes", size);
		return NULL;
	}
	run->memory_left -= size;
	return memory;
}
EXPORT_SYMBOL_GPL(klab_run_alloc);

static void klab_run_undo(struct klab_run *run)
{
	struct klab_deferred *deferred, *next;

	list_for_each_entry_safe(deferred, next, &run->deferred, node) {
		deferred->action(deferred->data);
		kfree(deferred);
	}
	INIT_LIST_HEAD(&run->deferred);
}

/**
 * klab_run_create() - makes a run that does nothing yet
 * @experiment: what is to be run
 * @values: its parameters; must stay and not change
 *
 * Context: process; may sleep.
 * Return: the run, which belongs to the calling task, or NULL.
 */
struct klab_run *klab_run_create(const struct klab_experiment *experiment,
				 const struct klab_values *values)
{
	struct klab_run *run = kvzalloc_obj(*run);

	if (!run)
		return NULL;

	run->experiment = experiment;
	run->values = values;
	run->task = current;
	run->started = jiffies;
	run->memory_left = ((u64)totalram_pages() << PAGE_SHIFT) /
			   KLAB_MEMORY_SHARE;
	INIT_LIST_HEAD(&run->deferred);
	return run;
}
EXPORT_SYMBOL_IF_KUNIT(klab_run_create);

/**
 * klab_run_destroy() - undoes and frees a run
 * @run: the run, or NULL
 *
 * Context: process; may sleep.
 */
void klab_run_destroy(struct klab_run *run)
{
	if (!run)
		return;

	klab_run_undo(run);
	klab_report_free(&run->report);
	kvfree(run);
}
EXPORT_SYMBOL_IF_KUNIT(klab_run_destroy);

/**
 * klab_run_cancel() - tells a run to stop
 * @run: the run; the caller sees to it that it is not destroyed meanwhile
 *
 * Context: any but hard interrupts and NMI.
 */
void klab_run_cancel(struct klab_run *run)
{
	WRITE_ONCE(run->cancelled, true);
	/*
	 * Full barrier, pairs with the one of set_current_state() in the
	 * waits of the run's task: it sees the flag or is woken.
	 */
	wake_up_process(run->task);
}
EXPORT_SYMBOL_IF_KUNIT(klab_run_cancel);

static void klab_run_head(struct klab_run *run)
{
	const struct klab_experiment *experiment = run->experiment;
	char key[sizeof("param.") + KLAB_NAME_MAX];
	unsigned int i;

	klab_note(run, "experiment", "%s/%s", experiment->room,
		  experiment->name);
	for (i = 0; i < experiment->nr_params; i++) {
		scnprintf(key, sizeof(key), "param.%s",
			  experiment->params[i].name);
		switch (experiment->params[i].type) {
		case KLAB_PARAM_INT:
		case KLAB_PARAM_BOOL:
			klab_note(run, key, "%lld", klab_run_value(run, i));
			break;
		case KLAB_PARAM_CHOICE:
		case KLAB_PARAM_STRING:
			klab_note(run, key, "%s", klab_run_string(run, i));
			break;
		}
	}
}

/*
 * Codes that would have the system call restarted mean nothing without the
 * signal, and a positive value would be taken for a length.
 */
static int klab_run_error(int err)
{
	if (err == -ERESTARTSYS || err == -ERESTARTNOINTR ||
	    err == -ERESTARTNOHAND || err == -ERESTART_RESTARTBLOCK)
		return -EINTR;
	if (WARN_ON_ONCE(err > 0))
		return -EIO;
	return err;
}

/**
 * klab_run_execute() - does a run
 * @run: fresh from klab_run_create()
 * @result: gets the text if the run succeeds
 *
 * Context: process; may sleep.
 * Return: 0 or the error of the run, which @run->reason explains.
 */
int klab_run_execute(struct klab_run *run, struct klab_text *result)
{
	int err;

	klab_run_head(run);
	err = klab_run_error(run->experiment->run(run));
	klab_run_undo(run);
	if (!err)
		err = klab_report_finish(&run->report, result);
	if (err && run->reason.err != err)
		run->reason = run->report.err;
	/* Whoever asks for the reason would else start another run. */
	if (err && run->reason.err != err)
		klab_reason_set(&run->reason, err, "%pe", ERR_PTR(err));
	return err;
}
EXPORT_SYMBOL_IF_KUNIT(klab_run_execute);
