// SPDX-License-Identifier: GPL-2.0-only
/*
 * Benchmarks that a program has to make: pairs of system calls, batch by batch
 * in turns, in the manner of the pairs that the kernel measures.
 */
#include <string.h>
#include <time.h>

#ifdef __x86_64__
#include <x86intrin.h>
#endif

#include "klab.h"
#include "peers.h"

#define WARM_UP		32	/* operations, at least */
#define BATCHES		9

static const struct peers_room {
	const char *name;
	const char *module;	/* that has what is measured */
	bool (*there)(void);
	bool (*run)(struct table *table);
} rooms[] = {
	{ "attr", "klab_attr_proc", peers_attr_there, peers_attr_run },
	{ "blkdev", "klab_blkdev", peers_blkdev_there, peers_blkdev_run },
	{ "chardev", "klab_chardev_queue", peers_chardev_there, peers_chardev_run },
	{ "syscall", "klab_syscall_empty", peers_syscall_there, peers_syscall_run },
};

/* The counter of the machine, as the kernel's experiments have it, or ns. */
#ifdef __x86_64__
#define UNIT	"cycles"

static unsigned long long now(void)
{
	unsigned long long value;

	_mm_lfence();
	value = __rdtsc();
	_mm_lfence();
	return value;
}
#else
#define UNIT	"ns"

static unsigned long long now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (unsigned long long)time.tv_sec * 1000000000 +
	       (unsigned long long)time.tv_nsec;
}
#endif

static bool warm_up(bool (*op)(void *data), void *data, unsigned int batch)
{
	unsigned int i;

	for (i = 0; i < (batch > WARM_UP ? batch : WARM_UP); i++) {
		if (!op(data))
			return false;
	}
	return true;
}

static bool measure(bool (*op)(void *data), void *data, unsigned int batch,
		    unsigned long long *cost)
{
	unsigned long long start = now(), taken;
	unsigned int i;

	for (i = 0; i < batch; i++) {
		if (!op(data))
			return false;
	}
	taken = now() - start;
	if (taken < *cost)
		*cost = taken;
	return true;
}

static void add_row(struct table *table, const struct peers *pair,
		    unsigned long long subject, unsigned long long peer)
{
	const char **cells = table_row(table);
	/* Rounded up: above a bar whenever the true ratio is. */
	unsigned long long ratio = peer ? (subject * 1000 + peer - 1) / peer :
				   0;

	cells[0] = pair->subject;
	cells[1] = pair->peer;
	cells[2] = table_text(table, "%.1f", (double)subject / pair->batch);
	cells[3] = table_text(table, "%.1f", (double)peer / pair->batch);
	cells[4] = table_text(table, "%llu.%03llu", ratio / 1000, ratio % 1000);
	cells[5] = "-";
	cells[6] = "-";
	if (!pair->bar)
		return;
	cells[5] = table_text(table, "%u.%03u", pair->bar / 1000,
			      pair->bar % 1000);
	cells[6] = ratio > pair->bar ? "over" : "ok";
}

/* Without what is not theirs; nothing costs less than nothing. */
static unsigned long long take_off(unsigned long long cost,
				   const struct peers *pair)
{
	unsigned long long base = (unsigned long long)(pair->base *
						       pair->batch);

	return cost > base ? cost - base : 0;
}

/**
 * peers_columns() - give a table the columns of a benchmark
 * @table: the table
 */
void peers_columns(struct table *table)
{
	table_column(table, "subject");
	table_column(table, "peer");
	table_column(table, "subject_cost[" UNIT "]");
	table_column(table, "peer_cost[" UNIT "]");
	table_column(table, "ratio");
	table_column(table, "bar");
	table_column(table, "verdict");
}

/**
 * peers_measure() - measure a pair and add its row
 * @table: the table
 * @pair: the pair
 *
 * The cost is that of the cheapest batch per operation.
 *
 * Return: false if an operation has failed.
 */
bool peers_measure(struct table *table, const struct peers *pair)
{
	unsigned long long subject = -1ULL, peer = -1ULL;
	unsigned int i;

	if (!warm_up(pair->subject_op, pair->subject_data, pair->batch) ||
	    !warm_up(pair->peer_op, pair->peer_data, pair->batch))
		return false;
	for (i = 0; i < BATCHES; i++) {
		if (!measure(pair->subject_op, pair->subject_data, pair->batch,
			     &subject) ||
		    !measure(pair->peer_op, pair->peer_data, pair->batch,
			     &peer))
			return false;
	}
	add_row(table, pair, take_off(subject, pair), take_off(peer, pair));
	return true;
}

/**
 * peers_room() - the rooms that have such a benchmark
 * @index: 0 for the first one
 *
 * Return: name of the room, or NULL after the last one.
 */
const char *peers_room(size_t index)
{
	return index < ARRAY_SIZE(rooms) ? rooms[index].name : NULL;
}

static const struct peers_room *find_room(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rooms); i++) {
		if (!strcmp(rooms[i].name, name))
			return &rooms[i];
	}
	return NULL;
}

/**
 * peers_have() - can the benchmark of a room be made here
 * @room: name of the room
 *
 * Return: true if what it measures is there.
 */
bool peers_have(const char *room)
{
	const struct peers_room *found = find_room(room);

	return found && found->there();
}

/**
 * peers_module() - what to load for the benchmark of a room
 * @room: name of the room
 *
 * Return: name of the module, or NULL if the room has no such benchmark.
 */
const char *peers_module(const char *room)
{
	const struct peers_room *found = find_room(room);

	return found ? found->module : NULL;
}

/**
 * peers_run() - make the benchmark of a room
 * @room: name of the room
 * @table: filled, for table_free(), also after a failure
 *
 * Return: false, with a message, if it failed.
 */
bool peers_run(const char *room, struct table *table)
{
	memset(table, 0, sizeof(*table));
	peers_columns(table);
	return find_room(room)->run(table);
}
