// SPDX-License-Identifier: GPL-2.0-only
/*
 * A process that is killed while it forks takes nothing with it.
 *
 * A fork that ends in the middle leaves a mark in the half copied address
 * space, and all that goes through the mappings has to know it: User Mode Linux
 * did not when it dropped that address space.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../kselftest.h"

#define MAPPINGS	4000
#define ROUNDS		100

/* Neighbours that differ in what may be done stay mappings of their own. */
static void map_many(void)
{
	long page = sysconf(_SC_PAGESIZE);
	char *area;
	int i;

	area = mmap(NULL, MAPPINGS * page, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (area == MAP_FAILED)
		ksft_exit_fail_msg("mmap: %s\n", strerror(errno));
	for (i = 0; i < MAPPINGS; i += 2)
		if (mprotect(area + i * page, page, PROT_READ))
			ksft_exit_fail_msg("mprotect: %s\n", strerror(errno));
}

static void fork_for_ever(void)
{
	for (;;) {
		pid_t pid = fork();

		if (!pid)
			_exit(0);
		if (pid > 0)
			waitpid(pid, NULL, 0);
	}
}

static int killed(long ns)
{
	const struct timespec time = { .tv_nsec = ns };
	pid_t pid = fork();
	int status;

	if (pid < 0)
		return 0;
	if (!pid)
		fork_for_ever();
	nanosleep(&time, NULL);
	kill(pid, SIGKILL);
	return waitpid(pid, &status, 0) == pid && WIFSIGNALED(status) &&
	       WTERMSIG(status) == SIGKILL;
}

int main(void)
{
	int i, done = 0;

	ksft_print_header();
	ksft_set_plan(1);
	map_many();
	/* Another moment each time; which one does not matter. */
	for (i = 0; i < ROUNDS; i++)
		done += killed(1000000 + i * 70000);
	ksft_test_result(done == ROUNDS, "killed_while_it_forks\n");
	ksft_finished();
}
