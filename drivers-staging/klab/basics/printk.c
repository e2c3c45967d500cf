// SPDX-License-Identifier: GPL-2.0-only
/*
 * What becomes of a call of printk(): one record of the log each, with the
 * level that stands before the text. The result lists what was emitted, for
 * comparison with what /dev/kmsg has.
 */

/* Has pr_debug() emit without being switched on. */
#define DEBUG

#include <linux/atomic.h>
#include <linux/kern_levels.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/printk.h>
#include <linux/seq_buf.h>

#include "../core/klab_core.h"

#define PRINTK_TEXT_MAX	64

enum {
	PARAM_LOUDEST,
};

static const struct klab_param printk_params[] = {
	[PARAM_LOUDEST] = KLAB_INT("loudest", LOGLEVEL_EMERG, LOGLEVEL_EMERG,
				   LOGLEVEL_DEBUG, NULL,
				   "most severe level to emit; 0 reaches every terminal"),
};

/* Tells the records of one run from those of another. */
static atomic_t printk_runs = ATOMIC_INIT(0);

#define DEFINE_PRINTK_LEVEL(_name)					\
static void printk_at_##_name(const char *text)				\
{									\
	pr_##_name("%s\n", text);					\
}

DEFINE_PRINTK_LEVEL(emerg)
DEFINE_PRINTK_LEVEL(alert)
DEFINE_PRINTK_LEVEL(crit)
DEFINE_PRINTK_LEVEL(err)
DEFINE_PRINTK_LEVEL(warn)
DEFINE_PRINTK_LEVEL(notice)
DEFINE_PRINTK_LEVEL(info)
DEFINE_PRINTK_LEVEL(debug)

static const struct {
	const char *name;
	void (*emit)(const char *text);
} printk_levels[] = {
	[LOGLEVEL_EMERG] = { "pr_emerg()", printk_at_emerg },
	[LOGLEVEL_ALERT] = { "pr_alert()", printk_at_alert },
	[LOGLEVEL_CRIT] = { "pr_crit()", printk_at_crit },
	[LOGLEVEL_ERR] = { "pr_err()", printk_at_err },
	[LOGLEVEL_WARNING] = { "pr_warn()", printk_at_warn },
	[LOGLEVEL_NOTICE] = { "pr_notice()", printk_at_notice },
	[LOGLEVEL_INFO] = { "pr_info()", printk_at_info },
	[LOGLEVEL_DEBUG] = { "pr_debug()", printk_at_debug },
};

static void printk_row(struct klab_run *run, int level, const char *call,
		       const char *text)
{
	klab_row(run, "%d\t%s\t%s", level, call, text);
}

static void printk_all_levels(struct klab_run *run, int id)
{
	char text[PRINTK_TEXT_MAX];
	int level;

	for (level = klab_run_value(run, PARAM_LOUDEST);
	     level < ARRAY_SIZE(printk_levels); level++) {
		snprintf(text, sizeof(text), "klab printk %d: level %d", id,
			 level);
		printk_levels[level].emit(text);
		printk_row(run, level, printk_levels[level].name, text);
	}
}

/* Was a level once. Today a level starts with a byte that no text has. */
static void printk_old_prefix(struct klab_run *run, int id)
{
	char text[PRINTK_TEXT_MAX];

	snprintf(text, sizeof(text), "<4>klab printk %d: old prefix", id);
	pr_info("%s\n", text);
	printk_row(run, LOGLEVEL_INFO, "pr_info() of \"<4>...\"", text);
}

/* Each call makes a record, so a line is put together before it is printed. */
static void printk_joined(struct klab_run *run, int id)
{
	DECLARE_SEQ_BUF(line, PRINTK_TEXT_MAX);
	unsigned int part;

	seq_buf_printf(&line, "klab printk %d: parts", id);
	for (part = 1; part <= 3; part++)
		seq_buf_printf(&line, " %u", part);
	pr_info("%s\n", seq_buf_str(&line));
	printk_row(run, LOGLEVEL_INFO, "pr_info() of a buffer",
		   seq_buf_str(&line));
}

static int printk_run(struct klab_run *run)
{
	int id = atomic_inc_return(&printk_runs);

	klab_note(run, "marker", "klab printk %d:", id);
	klab_columns(run, "level\tcall\ttext");
	printk_all_levels(run, id);
	printk_old_prefix(run, id);
	printk_joined(run, id);
	return klab_run_check(run);
}

static struct klab_experiment printk_experiments[] = {
	{
		.room = "basics",
		.name = "printk",
		.question = "What do the log levels of printk() become in the log?",
		.params = printk_params,
		.nr_params = ARRAY_SIZE(printk_params),
		.run = printk_run,
	},
};
module_klab_experiments(printk_experiments);

MODULE_DESCRIPTION("klab: log levels and records");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
