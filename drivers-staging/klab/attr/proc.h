/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * /proc/klab-proc: a text that is read in many ways, numbers, records.
 */
#ifndef _KLAB_ATTR_PROC_H
#define _KLAB_ATTR_PROC_H

#include <linux/atomic.h>
#include <linux/compiler_attributes.h>
#include <linux/kref.h>
#include <linux/limits.h>
#include <linux/proc_fs.h>
#include <linux/rwsem.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/xarray.h>

#include "proc_names.h"

struct seq_file;

/* Numbers of records, at load and by writing: below this. */
#define KLAB_RECORDS_MAX	16777216U

/* Numbers in a bitmap: few enough to look through, many enough to be few. */
#define KLAB_CHUNK_BITS		8192

/**
 * struct klab_proc_text - a text that never changes
 * @ref: those who may read it
 * @len: bytes of @data
 * @data: the text, no zero byte after it
 */
struct klab_proc_text {
	struct kref ref;
	size_t len;
	char data[] __counted_by(len);
};

/* The ways of reading; the last is the function that nobody calls. */
enum klab_proc_way_id {
	KLAB_PROC_WHOLE,
	KLAB_PROC_ENDED,
	KLAB_PROC_FIRST,
	KLAB_PROC_OPEN,
	KLAB_PROC_SLICE,
	KLAB_PROC_ITER,
	KLAB_PROC_BOTH,
	KLAB_PROC_SINGLE,
	KLAB_PROC_CREATED,
	KLAB_PROC_SEQ,
	KLAB_PROC_BOTH_READ,
	KLAB_PROC_WAYS,
};

/**
 * struct klab_proc_way - what one way of reading has done
 * @proc: whose text it reads
 * @calls: how often its function was called
 * @copies: how often that has put the text, or a part of it, anywhere
 * @bytes: how much that was
 */
struct klab_proc_way {
	struct klab_proc *proc;
	atomic64_t calls;
	atomic64_t copies;
	atomic64_t bytes;
};

/* Kinds of numbers; the names of their files are in proc_number.c. */
enum klab_number_kind {
	KLAB_NUMBER_INT,
	KLAB_NUMBER_UINT,
	KLAB_NUMBER_S64,
	KLAB_NUMBER_U64,
	KLAB_NUMBER_BOOL,
	KLAB_NUMBER_PERCENT,
	KLAB_NUMBER_SIZE,
	KLAB_NUMBER_KINDS,
};

/**
 * struct klab_proc_number - a number in a file
 * @kind: what text it takes
 * @value: its bits; one variable, so that no lock is needed on any machine
 */
struct klab_proc_number {
	enum klab_number_kind kind;
	atomic64_t value;
};

/**
 * struct klab_records - a set of numbers
 * @lock: held for reading while it is walked, for writing while it changes
 * @chunks: bitmaps of KLAB_CHUNK_BITS each; none is empty; under @lock
 */
struct klab_records {
	struct rw_semaphore lock;	/* chunks and their bits */
	struct xarray chunks;
};

/**
 * struct klab_proc - the directory and what is in it
 * @dir: the directory
 * @lock: keeps @text until a reference is taken
 * @text: the present text; under @lock
 * @ways: the ways of reading it
 * @numbers: numbers from text
 * @records: the set of records
 */
struct klab_proc {
	struct proc_dir_entry *dir;
	spinlock_t lock;	/* text */
	struct klab_proc_text *text;
	struct klab_proc_way ways[KLAB_PROC_WAYS];
	struct klab_proc_number numbers[KLAB_NUMBER_KINDS];
	struct klab_records records;
};

struct klab_proc *klab_proc_create(const char *name, unsigned int records);
void klab_proc_destroy(struct klab_proc *proc);
void klab_proc_count(struct klab_proc_way *way, size_t bytes);

/* proc_text.c */
struct klab_proc_text *klab_proc_text_create(const char *data, size_t len);
struct klab_proc_text *klab_proc_text_get(struct klab_proc *proc);
void klab_proc_text_put(struct klab_proc_text *text);
void klab_proc_text_set(struct klab_proc *proc, struct klab_proc_text *text);
ssize_t klab_proc_text_write(struct klab_proc *proc, const char __user *buf,
			     size_t count);

/* proc_read.c */
extern const struct proc_ops klab_proc_whole_ops;
extern const struct proc_ops klab_proc_ended_ops;
extern const struct proc_ops klab_proc_first_ops;
extern const struct proc_ops klab_proc_open_ops;
extern const struct proc_ops klab_proc_slice_ops;
extern const struct proc_ops klab_proc_iter_ops;
extern const struct proc_ops klab_proc_both_ops;
extern const struct proc_ops klab_proc_text_ops;

/* proc_seq.c */
extern const struct proc_ops klab_proc_single_ops;
extern const struct proc_ops klab_proc_seq_ops;
extern const struct proc_ops klab_proc_counters_ops;
int klab_proc_show_text(struct seq_file *seq, void *unused);

/* proc_number.c */
extern const struct proc_ops klab_proc_number_ops;
const char *klab_number_name(enum klab_number_kind kind);
int klab_number_parse(enum klab_number_kind kind, const char *text,
		      u64 *value);

/* proc_records.c */
void klab_records_init(struct klab_records *records);
int klab_records_fill(struct klab_records *records, unsigned int nr);
void klab_records_destroy(struct klab_records *records);
int klab_records_add(struct klab_records *records, unsigned int id);
int klab_records_remove(struct klab_records *records, unsigned int id);
bool klab_records_next(struct klab_records *records, unsigned long *id);

/* proc_walk.c */
extern const struct proc_ops klab_records_ops;

#endif /* _KLAB_ATTR_PROC_H */
