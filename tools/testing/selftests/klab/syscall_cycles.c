// SPDX-License-Identifier: GPL-2.0-only
/*
 * Loads and unloads the provider of two system calls again and again, while
 * other processes call them: each call either ends well or says ENOSYS.
 *
 * usage: syscall_cycles FILE MODULE CYCLES CALLERS
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "syscall_numbers.h"

#define CALLERS_MAX	64
#define ERESTARTNOINTR	513

/**
 * struct shared - what the callers say
 * @served: calls that a provider has answered
 * @absent: calls for which there was none
 * @stop: set when all is done
 */
struct shared {
	unsigned long served[CALLERS_MAX];
	unsigned long absent[CALLERS_MAX];
	bool stop;
};

/* Every caller does all of it, each in another order. */
static long one_call(unsigned int kind)
{
	switch (kind % 4) {
	case 0:
		return syscall(TEST_CALL_NR, TEST_CALL_RETURN, 3);
	case 1:
		return syscall(TEST_CALL_NR + 1, "\1\2", 2);
	case 2:
		return syscall(TEST_CALL_NR, TEST_CALL_COPY, "\3", 1);
	default:
		return syscall(TEST_CALL_NR, TEST_CALL_SLEEP, ERESTARTNOINTR);
	}
}

/* Whoever loads the provider needs a CPU too. */
static void absent(unsigned long *count)
{
	struct timespec pause = { .tv_nsec = 200000 };

	if (++*count % 64 == 0)
		nanosleep(&pause, NULL);
}

static int caller(struct shared *shared, unsigned int self)
{
	unsigned int kind;
	long result;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (kind = self; !__atomic_load_n(&shared->stop, __ATOMIC_RELAXED); kind++) {
		result = one_call(kind);
		if (result == 3) {
			shared->served[self]++;
		} else if (result < 0 && errno == ENOSYS) {
			absent(&shared->absent[self]);
		} else {
			printf("call %u: %ld, errno %d\n", kind % 4, result,
			       errno);
			return 1;
		}
	}
	return 0;
}

static int cycle(int fd, const char *module)
{
	if (syscall(SYS_finit_module, fd, "", 0))
		return errno;
	return syscall(SYS_delete_module, module, O_NONBLOCK) ? errno : 0;
}

static int wait_all(unsigned int callers)
{
	int status, result = 0;

	while (callers--) {
		if (wait(&status) < 0 || status)
			result = 1;
	}
	return result;
}

static void report(const struct shared *shared, unsigned int callers)
{
	unsigned long served = 0, absent = 0;
	unsigned int i;

	for (i = 0; i < callers; i++) {
		served += shared->served[i];
		absent += shared->absent[i];
	}
	printf("served %lu absent %lu\n", served, absent);
}

int main(int argc, char **argv)
{
	unsigned int cycles, callers, i;
	struct shared *shared;
	int fd, err = 0;

	if (argc != 5 || (unsigned int)atoi(argv[4]) > CALLERS_MAX) {
		fprintf(stderr, "%s FILE MODULE CYCLES CALLERS\n", argv[0]);
		return 2;
	}
	cycles = atoi(argv[3]);
	callers = atoi(argv[4]);
	fd = open(argv[1], O_RDONLY | O_CLOEXEC);
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (fd < 0 || shared == MAP_FAILED) {
		perror(argv[1]);
		return 1;
	}
	for (i = 0; i < callers; i++) {
		if (!fork())
			exit(caller(shared, i));
	}
	for (i = 0; !err && i < cycles; i++)
		err = cycle(fd, argv[2]);
	__atomic_store_n(&shared->stop, true, __ATOMIC_RELAXED);
	if (err)
		printf("cycle %u: %s\n", i, strerror(err));
	err |= wait_all(callers);
	report(shared, callers);
	return !!err;
}
