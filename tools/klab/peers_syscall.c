// SPDX-License-Identifier: GPL-2.0-only
/*
 * What klab's system calls cost their callers beside others. This is the part
 * of klab bench that the kernel cannot measure by itself: the way in and out.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "klab.h"
#include "peers.h"
#include "klab_calls.h"

#define CALLS_BATCH	1000
#define CALLS_ROUNDS	9

/* Nobody's number, behind the end of the table. */
#define CALLS_UNKNOWN	(KLAB_NR_FREE_LAST + 1)
/* A number without a provider, and that of the module klab_syscall_empty. */
#define CALLS_EMPTY	KLAB_NR_FREE_LAST
#define CALLS_OCCUPIED	606

#define CALLS_NO_BAR	1000000

struct side {
	const char *name;
	long nr;
	long result;		/* what it returns when it is what it should be */
	uint64_t cost[CALLS_ROUNDS];
};

/* @bar: how many instructions more than its peer a subject may cost. */
struct pair {
	struct side subject;
	struct side peer;
	int bar;
};

#define SIDE(_name, _nr, _result)	\
	{ .name = (_name), .nr = (_nr), .result = (_result) }

static struct pair pairs[] = {
	{
		.subject = SIDE("klab_null", __NR_klab_null, 0),
		.peer = SIDE("unknown call", CALLS_UNKNOWN, -1),
		.bar = 30,
	}, {
		.subject = SIDE("empty slot", CALLS_EMPTY, -1),
		.peer = SIDE("klab_null", __NR_klab_null, 0),
		.bar = 15,
	}, {
		.subject = SIDE("late-bound call", CALLS_OCCUPIED, 0),
		.peer = SIDE("klab_null", __NR_klab_null, 0),
		.bar = 45,
	}, {
		.subject = SIDE("late-bound call", CALLS_OCCUPIED, 0),
		.peer = SIDE("getppid", SYS_getppid, 1),
		.bar = 0,
	}, {
		.subject = SIDE("getpid", SYS_getpid, 1),
		.peer = SIDE("klab_null", __NR_klab_null, 0),
		.bar = CALLS_NO_BAR,
	},
};

/* No more than the call itself: what the C library adds is not the kernel's. */
static inline long call(long nr)
{
#ifdef __x86_64__
	long ret;

	__asm__ volatile("syscall" : "=a"(ret) : "a"(nr) : "rcx", "r11", "memory");
	return ret;
#else
	return syscall(nr);
#endif
}

static uint64_t now(void)
{
#ifdef __x86_64__
	uint64_t ticks;

	__builtin_ia32_lfence();
	ticks = __builtin_ia32_rdtsc();
	__builtin_ia32_lfence();
	return ticks;
#else
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
#endif
}

static uint64_t batch(long nr)
{
	uint64_t start = now();
	int i;

	for (i = 0; i < CALLS_BATCH; i++)
		call(nr);
	return now() - start;
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static uint64_t median(const struct side *side)
{
	return side->cost[CALLS_ROUNDS / 2];
}

/* A clock that counts instructions says the same each time, no other one does. */
static bool repeats(const struct side *side)
{
	return side->cost[0] == median(side);
}

static void measure(struct pair *pair)
{
	int i;

	batch(pair->subject.nr);
	batch(pair->peer.nr);
	for (i = 0; i < CALLS_ROUNDS; i++) {
		pair->subject.cost[i] = batch(pair->subject.nr);
		pair->peer.cost[i] = batch(pair->peer.nr);
	}
	qsort(pair->subject.cost, CALLS_ROUNDS, sizeof(uint64_t), compare);
	qsort(pair->peer.cost, CALLS_ROUNDS, sizeof(uint64_t), compare);
}

static bool is_there(const struct side *side)
{
	long ret = syscall(side->nr);

	return side->result > 0 ? ret > 0 : ret == side->result;
}

static bool usable(const struct side *side)
{
	if (is_there(side))
		return true;
	klab_err("%s: number %ld is not what is to be measured%s", side->name, side->nr,
		 side->nr == CALLS_OCCUPIED ? ": load klab_syscall_empty" : "");
	return false;
}

static void add_row(struct table *table, const struct pair *pair)
{
	uint64_t subject = median(&pair->subject), peer = median(&pair->peer);
	bool bar = pair->bar != CALLS_NO_BAR;
	bool held = bar && repeats(&pair->subject) && repeats(&pair->peer);
	/* A batch has one interrupt more or less: that is no cost of a call. */
	int64_t more = ((int64_t)(subject - peer) + CALLS_BATCH / 2) / CALLS_BATCH;
	const char **cells = table_row(table);

	cells[0] = pair->subject.name;
	cells[1] = pair->peer.name;
	cells[2] = table_text(table, "%.1f", (double)subject / CALLS_BATCH);
	cells[3] = table_text(table, "%.1f", (double)peer / CALLS_BATCH);
	cells[4] = table_text(table, "%.3f", (double)subject / peer);
	cells[5] = bar ? table_text(table, "+%d", pair->bar) : "-";
	cells[6] = !held ? "-" : more > pair->bar ? "over" : "ok";
}

/**
 * peers_syscall_there() - is there something to measure?
 *
 * Return: whether this kernel has a provider that is made for it.
 */
bool peers_syscall_there(void)
{
	return !syscall(__NR_klab_null) && !syscall(CALLS_OCCUPIED);
}

/**
 * peers_syscall_run() - measure klab's system calls
 * @table: gets a row per pair; it has the columns of a benchmark
 *
 * The bars are differences in instructions; where the clock counts something
 * else, there is no verdict.
 *
 * Return: true, or false after a message.
 */
bool peers_syscall_run(struct table *table)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(pairs); i++)
		if (!usable(&pairs[i].subject) || !usable(&pairs[i].peer))
			return false;
	for (i = 0; i < ARRAY_SIZE(pairs); i++) {
		measure(&pairs[i]);
		add_row(table, &pairs[i]);
	}
	return true;
}
