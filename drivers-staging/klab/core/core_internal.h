/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of klab's core share with each other and with their tests.
 * Rooms include klab_core.h.
 */
#ifndef _KLAB_CORE_INTERNAL_H
#define _KLAB_CORE_INTERNAL_H

#include <linux/compiler_attributes.h>
#include <linux/fs.h>
#include <linux/kconfig.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/sizes.h>
#include <linux/stdarg.h>
#include <linux/types.h>

#include "klab_core.h"

struct dentry;
struct seq_file;
struct task_struct;

/* Root of klab in debugfs; an error pointer where debugfs is off. */
extern struct dentry *klab_debugfs;

int klab_debugfs_err(const struct dentry *dentry);

#define KLAB_ESCAPE_MAX		4	/* bytes that one byte becomes */
#define KLAB_LINE_MAX		4096	/* longest write, row and note */
#define KLAB_NAME_MAX		31	/* of rooms, experiments, parameters */
#define KLAB_REASON_MAX		192
#define KLAB_RESULT_MAX		SZ_1M
#define KLAB_RUNS_DEFAULT	2
#define KLAB_RUNS_MAX		32

/**
 * struct klab_reason - why something was refused
 * @err: the error it explains, 0: there is no reason
 * @text: printable, fits behind ``# error=``
 */
struct klab_reason {
	int err;
	char text[KLAB_REASON_MAX];
};

int klab_reason_set(struct klab_reason *reason, int err, const char *fmt, ...)
	__printf(3, 4);
int klab_reason_vset(struct klab_reason *reason, int err, const char *fmt,
		     va_list args) __printf(3, 0);

/**
 * struct klab_values - values of an experiment's parameters
 * @number: numbers, bools and indices of choices
 * @text: strings
 */
struct klab_values {
	s64 number[KLAB_PARAMS_MAX];
	char text[KLAB_PARAMS_MAX][KLAB_STRING_MAX + 1];
};

bool klab_word_sound(const char *word);
bool klab_line_sound(const char *line);
int klab_params_check(const struct klab_experiment *experiment,
		      struct klab_reason *reason);
void klab_values_default(const struct klab_experiment *experiment,
			 struct klab_values *values);
int klab_values_parse(const struct klab_experiment *experiment,
		      struct klab_values *values, char *line, size_t len,
		      struct klab_reason *reason);
int klab_values_too_long(char *line, size_t len, struct klab_reason *reason);

/**
 * struct klab_text - text that grows
 * @buf: the text, not ended by a zero byte
 * @len: bytes in use
 * @size: bytes there are
 */
struct klab_text {
	char *buf;
	size_t len;
	size_t size;
};

int klab_text_reserve(struct klab_text *text, size_t room);
int klab_text_add(struct klab_text *text, const char *src, size_t len);
void klab_text_free(struct klab_text *text);

/**
 * struct klab_report - what an experiment says
 * @notes: lines that start with a hash
 * @columns: the header row, without its newline
 * @rows: the rows
 * @cells: cells of the first row, 0: no row yet
 * @ragged: a row has another number of cells than the first one
 * @err: first error; everything after it is dropped
 * @format: the format of a row, its separators replaced
 * @line: a line before it is escaped
 */
struct klab_report {
	struct klab_text notes;
	struct klab_text columns;
	struct klab_text rows;
	unsigned int cells;
	bool ragged;
	struct klab_reason err;
	char format[512];
	char line[KLAB_LINE_MAX];
};

int klab_report_finish(struct klab_report *report, struct klab_text *result);
void klab_report_free(struct klab_report *report);

/**
 * struct klab_run - an experiment at work
 * @experiment: what is run
 * @values: parameters, do not change during the run
 * @report: its result so far
 * @reason: set by klab_run_fail()
 * @task: the reader, which runs it
 * @started: jiffies at the start
 * @cancelled: the experiment is being unregistered
 * @memory_left: bytes that klab_run_alloc() may still hand out
 * @deferred: struct klab_deferred, last one first
 *
 * Belongs to @task alone, but for @cancelled, which the task that unregisters
 * the experiment sets and klab_run_stopped() reads.
 */
struct klab_run {
	const struct klab_experiment *experiment;
	const struct klab_values *values;
	struct klab_report report;
	struct klab_reason reason;
	struct task_struct *task;
	unsigned long started;
	bool cancelled;
	u64 memory_left;
	struct list_head deferred;
};

struct klab_run *klab_run_create(const struct klab_experiment *experiment,
				 const struct klab_values *values);
void klab_run_destroy(struct klab_run *run);
void klab_run_cancel(struct klab_run *run);
bool klab_run_cancelled(const struct klab_run *run);
int klab_run_execute(struct klab_run *run, struct klab_text *result);

/**
 * struct klab_session - an open experiment
 * @experiment: its module is held as long as the session
 * @lock: protects everything below
 * @values: parameters of the next run
 * @result: what the last run or refusal said
 * @start: where in the file @result starts
 * @reason: what the next read says instead of running
 */
struct klab_session {
	struct klab_experiment *experiment;
	/* Protects everything below, held during a run. */
	struct mutex lock;
	struct klab_values values;
	struct klab_text result;
	loff_t start;
	struct klab_reason reason;
};

extern const struct file_operations klab_session_fops;

struct klab_session *klab_session_create(struct klab_experiment *experiment);
void klab_session_destroy(struct klab_session *session);
int klab_session_set(struct klab_session *session, char *line, size_t len);
int klab_session_refresh(struct klab_session *session, struct file *file);

int klab_experiments_init(void);

#if IS_ENABLED(CONFIG_KUNIT)
extern unsigned int klab_runs_max;

struct klab_session *klab_session_find(const char *room, const char *name);
int klab_experiment_check(const struct klab_experiment *experiment,
			  struct klab_reason *reason);
int klab_catalogue_show(struct seq_file *seq, void *unused);
#endif

#endif /* _KLAB_CORE_INTERNAL_H */
