/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The way into klab's core: experiments, cost samples, the synthetic
 * interrupt source, timed sections, fault knobs and benchmark pairs.
 *
 * A room includes this file and needs nothing else of the core.
 */
#ifndef _KLAB_CORE_H
#define _KLAB_CORE_H

#include <linux/compiler_attributes.h>
#include <linux/fault-inject.h>
#include <linux/jump_label.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/timekeeping.h>
#include <linux/timex.h>
#include <linux/types.h>
#include <linux/wait.h>

struct dentry;
struct klab_run;
struct klab_samples;
struct klab_synthirq;

/* Experiments: a question put to the running kernel, a table as the answer. */

/**
 * enum klab_param_type - what values a parameter of an experiment takes
 * @KLAB_PARAM_INT: a whole number from @min to @max, in any base kstrtoll() reads
 * @KLAB_PARAM_BOOL: what kstrtobool() reads
 * @KLAB_PARAM_CHOICE: one word of @choices; the value is its index
 * @KLAB_PARAM_STRING: printable text of at most @max bytes without white space
 */
enum klab_param_type {
	KLAB_PARAM_INT,
	KLAB_PARAM_BOOL,
	KLAB_PARAM_CHOICE,
	KLAB_PARAM_STRING,
};

/**
 * struct klab_param - a parameter of an experiment
 * @name: what stands before the equals sign
 * @help: one line that says what it does
 * @unit: unit of a number, or NULL
 * @type: what values it takes
 * @choices: words of KLAB_PARAM_CHOICE, ended by NULL
 * @text: default of KLAB_PARAM_STRING
 * @min: smallest number
 * @max: largest number, or longest string (at most KLAB_STRING_MAX)
 * @def: default number, bool or index of the choice
 */
struct klab_param {
	const char *name;
	const char *help;
	const char *unit;
	enum klab_param_type type;
	const char * const *choices;
	const char *text;
	s64 min;
	s64 max;
	s64 def;
};

#define KLAB_STRING_MAX		63
#define KLAB_PARAMS_MAX		16

/* Initialisers of struct klab_param. */
#define KLAB_INT(_name, _def, _min, _max, _unit, _help)			\
	{ .name = _name, .help = _help, .unit = _unit,			\
	  .type = KLAB_PARAM_INT, .def = _def, .min = _min, .max = _max }
#define KLAB_BOOL(_name, _def, _help)					\
	{ .name = _name, .help = _help, .type = KLAB_PARAM_BOOL,	\
	  .def = _def, .max = 1 }
#define KLAB_CHOICE(_name, _def, _choices, _help)			\
	{ .name = _name, .help = _help, .type = KLAB_PARAM_CHOICE,	\
	  .def = _def, .choices = _choices }
#define KLAB_STRING(_name, _text, _max, _help)				\
	{ .name = _name, .help = _help, .type = KLAB_PARAM_STRING,	\
	  .text = _text, .max = _max }

/**
 * struct klab_experiment - a question that a room answers
 * @room: name of the room, the directory in debugfs
 * @name: name of the experiment, the file in it
 * @question: one line, ends in a question mark
 * @params: its parameters; indices into this array name them in the run
 * @nr_params: how many there are, at most KLAB_PARAMS_MAX
 * @time_limit_ms: a run is stopped after this time; 0: KLAB_RUN_LIMIT_MS
 * @run: does the work. Process context, may sleep, several runs at once are
 *	possible. Calls klab_run_check() in every loop and returns its error.
 *	Returns 0, or a negative error that the reader gets.
 * @owner: set by klab_experiments_register()
 * @node: private to the core
 * @file: private to the core
 * @dying: private to the core
 *
 * The structure must stay until klab_experiments_unregister() has returned
 * and, with open files, until @owner is unloaded: static data of a module.
 */
struct klab_experiment {
	const char *room;
	const char *name;
	const char *question;
	const struct klab_param *params;
	unsigned int nr_params;
	unsigned int time_limit_ms;
	int (*run)(struct klab_run *run);

	struct module *owner;
	struct list_head node;
	struct dentry *file;
	bool dying;
};

#define KLAB_RUN_LIMIT_MS	10000

int __klab_experiments_register(struct klab_experiment *experiments,
				unsigned int nr, struct module *owner);
void klab_experiments_unregister(struct klab_experiment *experiments,
				 unsigned int nr);

#define klab_experiments_register(experiments, nr)			\
	__klab_experiments_register(experiments, nr, THIS_MODULE)

/**
 * module_klab_experiments() - for a module that is nothing but experiments
 * @_experiments: array of struct klab_experiment
 */
#define module_klab_experiments(_experiments)				\
static int __init _experiments##_init(void)				\
{									\
	return klab_experiments_register(_experiments,			\
					 ARRAY_SIZE(_experiments));	\
}									\
module_init(_experiments##_init);					\
static void __exit _experiments##_exit(void)				\
{									\
	klab_experiments_unregister(_experiments,			\
				    ARRAY_SIZE(_experiments));		\
}									\
module_exit(_experiments##_exit)

s64 klab_run_value(const struct klab_run *run, unsigned int index);
const char *klab_run_string(const struct klab_run *run, unsigned int index);
int klab_run_check(struct klab_run *run);
bool klab_run_stopped(const struct klab_run *run);
long klab_run_time_left(const struct klab_run *run);
void *klab_run_alloc(struct klab_run *run, size_t size);
int klab_run_defer(struct klab_run *run, void (*action)(void *), void *data);
int klab_run_fail(struct klab_run *run, int err, const char *fmt, ...)
	__printf(3, 4);

/**
 * klab_run_wait_event() - sleeps in a run until something is true
 * @run: the run
 * @wq: wait queue head, woken when @condition may have become true
 * @condition: what is waited for; true is looked at no second time
 *
 * Context: the task that does the run; sleeps.
 * Return: 0, or the error of klab_run_check() if the run has to end first.
 */
#define klab_run_wait_event(run, wq, condition)				\
({									\
	struct klab_run *__run = (run);					\
	bool __met = false;						\
	int __err = 0;							\
									\
	while (!__met && !__err) {					\
		wait_event_killable_timeout(wq,				\
					    (__met = (condition)) ||	\
					    klab_run_stopped(__run),	\
					    klab_run_time_left(__run));	\
		if (!__met)						\
			__err = klab_run_check(__run);			\
	}								\
	__err;								\
})

void klab_note(struct klab_run *run, const char *key, const char *fmt, ...)
	__printf(3, 4);
void klab_columns(struct klab_run *run, const char *columns);
void klab_row(struct klab_run *run, const char *fmt, ...) __printf(2, 3);

/* Samples: what an operation costs, or how long something takes. */

/**
 * struct klab_stamp - a moment
 * @ns: CLOCK_MONOTONIC, nanoseconds
 * @cycles: the machine's counter, 0 where it has none
 */
struct klab_stamp {
	u64 ns;
	u64 cycles;
};

/**
 * struct klab_quantiles - a distribution in five numbers
 * @min: smallest value, exact
 * @median: at most 1/32 below the true one
 * @p99: at most 1/32 below the true one
 * @max: largest value, exact
 */
struct klab_quantiles {
	u64 min;
	u64 median;
	u64 p99;
	u64 max;
};

/**
 * struct klab_summary - what a set of samples says
 * @count: number of samples
 * @ns: distribution in nanoseconds
 * @cycles: distribution in cycles, all 0 where the machine has no counter
 */
struct klab_summary {
	u64 count;
	struct klab_quantiles ns;
	struct klab_quantiles cycles;
};

/**
 * klab_stamp_now() - the present moment
 *
 * Context: any, NMI too.
 */
static __always_inline struct klab_stamp klab_stamp_now(void)
{
	struct klab_stamp now = {
		.ns = ktime_get_mono_fast_ns(),
		.cycles = get_cycles(),
	};

	return now;
}

struct klab_samples *klab_samples_alloc(void);
void klab_samples_free(struct klab_samples *samples);
void klab_samples_reset(struct klab_samples *samples);
void klab_sample_since(struct klab_samples *samples,
		       const struct klab_stamp *start);
void klab_sample_between(struct klab_samples *samples,
			 const struct klab_stamp *start,
			 const struct klab_stamp *end);
void klab_sample_add(struct klab_samples *samples, u64 ns, u64 cycles);
void klab_samples_summary(const struct klab_samples *samples,
			  struct klab_summary *summary);
bool klab_have_cycles(void);

/* Columns that klab_samples_row() fills, after the room's own. */
#define KLAB_SAMPLE_COLUMNS						\
	"count\tmin[ns]\tmedian[ns]\tp99[ns]\tmax[ns]"			\
	"\tmin[cycles]\tmedian[cycles]\tp99[cycles]\tmax[cycles]"

void klab_samples_row(struct klab_run *run, const char *label,
		      const struct klab_samples *samples);
void klab_samples_histogram(struct klab_run *run, const char *label,
			    const struct klab_samples *samples);

/* Timed sections: how long a path takes, switched on at run time. */

/**
 * struct klab_section - a stretch of code that can be timed
 * @name: shown in the file timed_sections of debugfs
 * @enabled: off: the section costs a jump that is not taken
 * @samples: what was measured, from when it is first turned on
 * @node: private to the core
 *
 * Use: DEFINE_KLAB_SECTION(), klab_section_register() in init, then
 * klab_section_begin() and klab_section_end() around the code.
 */
struct klab_section {
	const char *name;
	struct static_key_false enabled;
	struct klab_samples __rcu *samples;
	struct list_head node;
};

#define DEFINE_KLAB_SECTION(_section, _name)				\
	struct klab_section _section = {				\
		.name = _name,						\
		.enabled = STATIC_KEY_FALSE_INIT,			\
	}

int klab_section_register(struct klab_section *section);
void klab_section_unregister(struct klab_section *section);
void __klab_section_end(struct klab_section *section,
			const struct klab_stamp *start);

static __always_inline struct klab_stamp
klab_section_begin(struct klab_section *section)
{
	if (static_branch_unlikely(&section->enabled))
		return klab_stamp_now();
	return (struct klab_stamp){};
}

static __always_inline void
klab_section_end(struct klab_section *section, const struct klab_stamp *start)
{
	if (static_branch_unlikely(&section->enabled)) {
		/* A copy, so that @start can stay in registers while off. */
		struct klab_stamp begun = *start;

		__klab_section_end(section, &begun);
	}
}

/* Benchmark pairs: a subject beside its peer, in the same boot. */

/**
 * struct klab_bench - a row of a benchmark
 * @subject: what is measured
 * @peer: what it is held against
 * @subject_op: does the subject's operation @batch times
 * @peer_op: does the peer's operation @batch times
 * @base_op: does @batch times what both do besides, which is taken off; NULL
 *	where that is nothing but a loop
 * @data: handed to all
 * @batch: operations per call, at least 1
 * @bar: the most that subject over peer may be, in thousandths; 0: no bar
 *
 * The operations run in process context and may sleep.
 */
struct klab_bench {
	const char *subject;
	const char *peer;
	void (*subject_op)(void *data, unsigned int batch);
	void (*peer_op)(void *data, unsigned int batch);
	void (*base_op)(void *data, unsigned int batch);
	void *data;
	unsigned int batch;
	unsigned int bar;
};

/* An experiment named "bench" has these columns; klab bench reads them. */
#define KLAB_BENCH_COLUMNS						\
	"subject\tpeer\tsubject_cost[%s]\tpeer_cost[%s]\tratio\tbar\tverdict"

int klab_bench_rows(struct klab_run *run, const struct klab_bench *rows,
		    unsigned int nr);

/* Synthetic interrupts: lines of an own domain, fired on demand. */

/**
 * struct klab_train - a train of interrupts
 * @period_ns: time between bursts, at least KLAB_TRAIN_PERIOD_MIN_NS
 * @burst: events per burst, 1 to KLAB_TRAIN_BURST_MAX
 * @count: events in all, at least 1
 * @cpu: CPU that fires them, or -1 for the caller's
 */
struct klab_train {
	u64 period_ns;
	unsigned int burst;
	u64 count;
	int cpu;
};

#define KLAB_TRAIN_PERIOD_MIN_NS	10000
/*
 * A burst runs with interrupts off, for less than 100 us where handlers are
 * short and no other CPU fires the line.
 */
#define KLAB_TRAIN_BURST_MAX		64
#define KLAB_SYNTHIRQ_LINES_MAX		32

struct klab_synthirq *klab_synthirq_create(unsigned int lines);
void klab_synthirq_destroy(struct klab_synthirq *source);
int klab_synthirq_irq(struct klab_synthirq *source, unsigned int line);
int klab_synthirq_fire(struct klab_synthirq *source, unsigned int line);
int klab_synthirq_start(struct klab_synthirq *source, unsigned int line,
			const struct klab_train *train);
int klab_synthirq_wait(struct klab_synthirq *source, unsigned int line);
bool klab_synthirq_wait_for(struct klab_synthirq *source, unsigned int line,
			    unsigned long timeout);
void klab_synthirq_stop(struct klab_synthirq *source, unsigned int line);
u64 klab_synthirq_fired(struct klab_synthirq *source, unsigned int line);
struct klab_stamp klab_synthirq_stamp(struct klab_synthirq *source,
				      unsigned int line);

/* Fault knobs: the kernel's own fault attributes under klab's roof. */

/**
 * struct klab_fault - a fault that can be asked for
 * @name: directory in debugfs, below klab/faults
 * @attr: the kernel's knobs: probability, interval, times, space, ...
 * @dir: private to the core
 */
struct klab_fault {
	const char *name;
#ifdef CONFIG_FAULT_INJECTION
	struct fault_attr attr;
#endif
	struct dentry *dir;
};

#ifdef CONFIG_FAULT_INJECTION
#define DEFINE_KLAB_FAULT(_fault, _name)				\
	struct klab_fault _fault = {					\
		.name = _name,						\
		.attr = FAULT_ATTR_INITIALIZER,				\
	}

static inline bool klab_fault_due(struct klab_fault *fault, size_t size)
{
	return should_fail(&fault->attr, size);
}

/* Before it is registered: it says nothing unless somebody sets "verbose". */
static inline void klab_fault_quiet(struct klab_fault *fault)
{
	fault->attr.verbose = 0;
}
#else
#define DEFINE_KLAB_FAULT(_fault, _name)				\
	struct klab_fault _fault = { .name = _name }

static inline bool klab_fault_due(struct klab_fault *fault, size_t size)
{
	return false;
}

static inline void klab_fault_quiet(struct klab_fault *fault)
{
}
#endif

int klab_fault_register(struct klab_fault *fault);
void klab_fault_unregister(struct klab_fault *fault);

#endif /* _KLAB_CORE_H */
