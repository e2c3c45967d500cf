/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Benchmark pairs of system calls.
 */
#ifndef _KLAB_PEERS_H
#define _KLAB_PEERS_H

#include <stdbool.h>

struct table;

/**
 * struct peers - a row of a benchmark
 * @subject: what is measured
 * @peer: what it is held against
 * @subject_op: does the subject's operation once; false if it failed
 * @peer_op: does the peer's
 * @subject_data: handed to @subject_op
 * @peer_data: handed to @peer_op
 * @batch: operations per measurement
 * @base: what both cost per operation that is not theirs, in the table's unit; it
 *	is taken off
 * @bar: the most that subject over peer may be, in thousandths; 0: a row without a bar
 */
struct peers {
	const char *subject;
	const char *peer;
	bool (*subject_op)(void *data);
	bool (*peer_op)(void *data);
	void *subject_data;
	void *peer_data;
	unsigned int batch;
	double base;
	unsigned int bar;
};

void peers_columns(struct table *table);
bool peers_measure(struct table *table, const struct peers *pair);

/* peers_attr.c */
bool peers_attr_there(void);
bool peers_attr_run(struct table *table);

/* peers_blkdev.c */
bool peers_blkdev_there(void);
bool peers_blkdev_run(struct table *table);

/* peers_chardev.c */
bool peers_chardev_there(void);
bool peers_chardev_run(struct table *table);

/* peers_syscall.c */
bool peers_syscall_there(void);
bool peers_syscall_run(struct table *table);

#endif /* _KLAB_PEERS_H */
