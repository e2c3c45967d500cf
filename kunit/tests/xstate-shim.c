// SPDX-License-Identifier: GPL-2.0-only
/*
 * LD_PRELOAD library that makes ptrace() look as on a host with more FP
 * registers than this one has, so that User Mode Linux can be tested for such
 * hosts anywhere.
 *
 * XSTATE_SHIM_SIZE is the size of the register set NT_X86_XSTATE, 11008 bytes
 * (AVX-512 and AMX) by default; 0 stands for a host without that register set.
 * As in the kernel, reading cuts iov_len to the size of the set, and writing
 * less than all of it fails with EFAULT.
 *
 * The bytes that this host does not have are made up, and say which block of
 * memory (for UML: which task) they were last read into, and when. Whoever
 * writes them back must give all of them, and from the last read into this
 * block. Another block's are taken only when they are newer, as after fork, or
 * from before the first write, as after exec. And a process that has run on its
 * own must be read before it is written. Else the tracer ends with status 70.
 *
 * Build: cc -shared -fPIC -o xstate-shim.so xstate-shim.c
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#define SW_XFEATURES	464	/* where the host puts the mask of its features */
#define AMX_FEATURES	(3ULL << 17)
#define MAX_BLOCKS	65536
#define MAX_PIDS	(1 << 22)	/* more, the kernel never has */
#define HEAD_WORDS	2	/* block and sequence number, then the filling */

static long (*host_ptrace)(int request, ...);
static size_t shim_size = 11008;
static pid_t owner;

/* Open addressing; blocks are never forgotten, as memory is used again. */
static struct block {
	uintptr_t base;
	uint64_t last;		/* of the last read into it */
} blocks[MAX_BLOCKS];

static unsigned char ran[MAX_PIDS];	/* since it was read */
static uint64_t sequence, first_sequence, reads, writes;
static unsigned int nr_blocks;

static void fail(pid_t pid, const char *what, uint64_t got, uint64_t wanted)
{
	dprintf(2, "xstate-shim: FAILED: %s (process %d, %#llx for %#llx)\n",
		what, pid, (unsigned long long)got, (unsigned long long)wanted);
	_exit(70);
}

static struct block *find_block(uintptr_t base)
{
	unsigned int i = (base >> 6) * 2654435761U % MAX_BLOCKS;

	while (blocks[i].base && blocks[i].base != base)
		i = (i + 1) % MAX_BLOCKS;
	if (!blocks[i].base) {
		if (++nr_blocks == MAX_BLOCKS)
			fail(0, "too many blocks", nr_blocks, MAX_BLOCKS);
		blocks[i].base = base;
	}
	return &blocks[i];
}

static uint64_t filling(const uint64_t *head, size_t i)
{
	return (head[0] + i) * 0x9e3779b97f4a7c15ULL ^ head[1];
}

static void mark(uint64_t *extra, size_t words, uintptr_t base)
{
	struct block *b = find_block(base);
	size_t i;

	b->last = ++sequence;
	extra[0] = base;
	extra[1] = b->last;
	for (i = HEAD_WORDS; i < words; i++)
		extra[i] = filling(extra, i);
}

static void check(pid_t pid, const uint64_t *extra, size_t words, uintptr_t base)
{
	struct block *b = find_block(base);
	size_t i;

	if (!extra[1] || extra[1] > sequence)
		fail(pid, "registers never read", extra[1], sequence);
	for (i = HEAD_WORDS; i < words; i++)
		if (extra[i] != filling(extra, i))
			fail(pid, "registers damaged at word", i, words);
	if (extra[0] == base && extra[1] != b->last)
		fail(pid, "registers of an earlier stop", extra[1], b->last);
	if (extra[0] != base && extra[1] != first_sequence && extra[1] < b->last)
		fail(pid, "registers of another task", extra[0], base);
}

static long get_xstate(pid_t pid, struct iovec *iov)
{
	struct iovec host = *iov;
	unsigned char *p = iov->iov_base;
	uint64_t features;
	size_t words;

	if (!shim_size) {
		errno = ENODEV;
		return -1;
	}
	if (host_ptrace(PTRACE_GETREGSET, pid, (void *)NT_X86_XSTATE, &host) < 0)
		return -1;
	if (host.iov_len > shim_size)
		fail(pid, "this host has more", host.iov_len, shim_size);
	if (iov->iov_len > shim_size)
		iov->iov_len = shim_size;
	if (iov->iov_len >= SW_XFEATURES + sizeof(features)) {
		memcpy(&features, p + SW_XFEATURES, sizeof(features));
		features |= AMX_FEATURES;
		memcpy(p + SW_XFEATURES, &features, sizeof(features));
	}
	words = (iov->iov_len - host.iov_len) / sizeof(uint64_t);
	if (words > HEAD_WORDS)
		mark((uint64_t *)(p + host.iov_len), words, (uintptr_t)p);
	ran[pid % MAX_PIDS] = 0;
	reads++;
	return 0;
}

static long set_xstate(pid_t pid, struct iovec *iov)
{
	/* How much the host wants is what it gives. */
	static size_t host_size;
	static unsigned char scratch[65536];
	struct iovec host = *iov;
	unsigned char *p = iov->iov_base;
	size_t words;

	if (!host_size) {
		struct iovec all = { scratch, sizeof(scratch) };

		if (host_ptrace(PTRACE_GETREGSET, pid, (void *)NT_X86_XSTATE, &all) < 0)
			return -1;
		host_size = all.iov_len;
	}
	if (!shim_size || iov->iov_len < shim_size) {
		errno = shim_size ? EFAULT : ENODEV;
		return -1;
	}
	if (ran[pid % MAX_PIDS])
		fail(pid, "registers overwritten, not read", writes, reads);
	if (!writes++)
		first_sequence = sequence;
	words = (shim_size - host_size) / sizeof(uint64_t);
	if (words > HEAD_WORDS)
		check(pid, (uint64_t *)(p + host_size), words, (uintptr_t)p);
	host.iov_len = host_size;
	return host_ptrace(PTRACE_SETREGSET, pid, (void *)NT_X86_XSTATE, &host);
}

long ptrace(enum __ptrace_request request, ...)
{
	void *addr, *data;
	va_list args;
	pid_t pid;

	va_start(args, request);
	pid = va_arg(args, pid_t);
	addr = va_arg(args, void *);
	data = va_arg(args, void *);
	va_end(args);

	if ((uintptr_t)addr == NT_X86_XSTATE) {
		if (request == PTRACE_GETREGSET)
			return get_xstate(pid, data);
		if (request == PTRACE_SETREGSET)
			return set_xstate(pid, data);
	}
	/* UML lets its own code run by PTRACE_CONT, and users' by these. */
	if (request == PTRACE_SYSEMU || request == PTRACE_SYSEMU_SINGLESTEP)
		ran[pid % MAX_PIDS] = 1;
	else if (request == PTRACE_SETOPTIONS)	/* a new process */
		ran[pid % MAX_PIDS] = 0;
	return host_ptrace(request, pid, addr, data);
}

static void __attribute__((constructor)) start(void)
{
	const char *size = getenv("XSTATE_SHIM_SIZE");

	host_ptrace = (long (*)(int, ...))dlsym(RTLD_NEXT, "ptrace");
	if (size)
		shim_size = strtoul(size, NULL, 0) & ~(sizeof(uint64_t) - 1);
	owner = getpid();
}

static void __attribute__((destructor)) report(void)
{
	if (getpid() == owner && reads)
		dprintf(2, "xstate-shim: %zu bytes, %u blocks, %llu reads, %llu writes, "
			"all as expected\n", shim_size, nr_blocks, (unsigned long long)reads,
			(unsigned long long)writes);
}
