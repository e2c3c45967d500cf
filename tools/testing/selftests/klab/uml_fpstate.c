// SPDX-License-Identifier: GPL-2.0-only
/*
 * FP and vector registers belong to a task: they survive everything that takes
 * the CPU away from it, and signal handlers and tracers see and change them.
 *
 * User Mode Linux saves these registers itself, in memory whose size it has
 * from the host. What holds there holds on x86-64 as well, so this runs on both.
 */
#define _GNU_SOURCE
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../kselftest.h"

#ifdef __x86_64__

#include <cpuid.h>

#ifndef AT_MINSIGSTKSZ
#define AT_MINSIGSTKSZ	51
#endif

#define EXEC_CHECK	"--check-exec"
#define UC_FP_XSTATE	1
#define FXSAVE_FEATURES	0x3
#define WANTED_FEATURES	0xe7	/* x87, SSE, AVX and AVX-512 */
#define NR_FEATURES	8
#define AREA_SIZE	4096
#define MXCSR_DEFAULT	0x1f80
#define MXCSR_STICKY	0x3f
#define FCW_DEFAULT	0x37f
#define ALTSTACK_SIZE	(256 * 1024)
#define PAGES		512
#define PAGE		4096

/* As FXSAVE writes it, and the kernel says at its end what follows */
struct fxsave {
	uint16_t cwd, swd, twd, fop;
	uint64_t rip, rdp;
	uint32_t mxcsr, mxcsr_mask;
	uint32_t st_space[32];
	uint32_t xmm_space[64];
	uint32_t reserved[12];
	uint32_t magic1, extended_size;
	uint64_t xfeatures;
	uint32_t xstate_size;
	uint32_t padding[7];
};

/* As XSAVE writes it */
struct area {
	alignas(64) struct fxsave fx;
	uint64_t present;
	uint64_t header[7];
	unsigned char rest[AREA_SIZE - 576];
};

static_assert(offsetof(struct area, rest) == 576, "XSAVE's layout");

static uint64_t features;
static size_t comp_offset[NR_FEATURES], comp_size[NR_FEATURES];
static unsigned char one_page[PAGE];

/* What the handlers work with */
static struct area before, after, other;
static atomic_int calls, failures, depth;

static bool find_features(void)
{
	unsigned int a, b, c, d, i;

	__cpuid(1, a, b, c, d);
	if (!(c & bit_OSXSAVE))
		return false;

	asm volatile("xgetbv" : "=a"(a), "=d"(d) : "c"(0));
	features = a & WANTED_FEATURES;
	for (i = 2; i < NR_FEATURES; i++) {
		if (!(features & (1 << i)))
			continue;
		__cpuid_count(0xd, i, a, b, c, d);
		comp_size[i] = a;
		comp_offset[i] = b;
		if (a + b > AREA_SIZE)
			features &= ~(1 << i);
	}
	return (features & FXSAVE_FEATURES) == FXSAVE_FEATURES;
}

static void fill(void *p, size_t size, uint32_t *seed)
{
	unsigned char *byte = p;

	while (size--) {
		*seed = *seed * 1664525 + 1013904223;
		*byte++ = *seed >> 24;
	}
}

/* Registers that differ from those of any other seed, and raise no exception. */
static void make(struct area *area, uint32_t seed)
{
	unsigned int i;

	memset(area, 0, sizeof(*area));
	fill(area->fx.xmm_space, sizeof(area->fx.xmm_space), &seed);
	for (i = 0; i < 8; i++) {
		unsigned char *st = (unsigned char *)&area->fx.st_space[i * 4];

		fill(st, 8, &seed);
		st[7] |= 0x80;
		st[8] = i;
		st[9] = 0x3f;
	}
	area->fx.cwd = FCW_DEFAULT ^ (seed >> 28 & 3) << 10;
	area->fx.swd = (seed >> 24 & 7) << 11;
	area->fx.twd = 0xff;
	area->fx.mxcsr = MXCSR_DEFAULT | (seed >> 20 & 3) << 13 |
			 (seed >> 14 & MXCSR_STICKY);
	for (i = 2; i < NR_FEATURES; i++)
		if (features & (1 << i))
			fill((char *)area + comp_offset[i], comp_size[i], &seed);
	area->present = features;
}

static bool same_fx(const struct fxsave *a, const struct fxsave *b)
{
	unsigned int i;

	for (i = 0; i < 32; i += 4)
		if (memcmp(&a->st_space[i], &b->st_space[i], 10))
			return false;
	return a->cwd == b->cwd && a->swd == b->swd && a->twd == b->twd &&
	       a->mxcsr == b->mxcsr &&
	       !memcmp(a->xmm_space, b->xmm_space, sizeof(a->xmm_space));
}

static bool same(const void *a, const void *b)
{
	unsigned int i;

	for (i = 2; i < NR_FEATURES; i++)
		if (features & (1 << i) &&
		    memcmp((const char *)a + comp_offset[i],
			   (const char *)b + comp_offset[i], comp_size[i]))
			return false;
	return same_fx(a, b);
}

/*
 * With the registers of *in, so many times, make system call nr or, if nr is
 * negative, write to a1, a1 + a2, a1 + 2 * a2, ...; then take them into *out.
 */
static long run(const struct area *in, struct area *out, long times, long nr,
		long a1, long a2, long a3, long a4)
{
	register long r10 asm("r10") = a4;
	struct area saved = { .present = 0 };

	out->present = 0;
	memset(out->header, 0, sizeof(out->header));
	asm volatile("movl %k[features], %%eax\n\t"
		     "xorl %%edx, %%edx\n\t"
		     "xsave64 (%[saved])\n\t"
		     "xrstor64 (%[in])\n"
		     "1:\tmovq %[nr], %%rax\n\t"
		     "testq %%rax, %%rax\n\t"
		     "js 2f\n\t"
		     "movq %[a3], %%rdx\n\t"
		     "syscall\n\t"
		     "jmp 3f\n"
		     "2:\tmovb $1, (%%rdi)\n\t"
		     "addq %%rsi, %%rdi\n"
		     "3:\tdecq %[times]\n\t"
		     "jnz 1b\n\t"
		     "movq %%rax, %[times]\n\t"
		     "movl %k[features], %%eax\n\t"
		     "xorl %%edx, %%edx\n\t"
		     "xsave64 (%[out])\n\t"
		     "xrstor64 (%[saved])\n\t"
		     : [times] "+r" (times), "+D" (a1)
		     : [features] "r" (features), [saved] "r" (&saved),
		       [in] "r" (in), [out] "r" (out), [nr] "r" (nr),
		       "S" (a2), [a3] "r" (a3), "r" (r10)
		     : "rax", "rcx", "rdx", "r11", "memory", "cc");
	return times;
}

/* For handlers: nobody puts the old registers back but sigreturn. */
static void clobber(uint32_t seed)
{
	struct area area;

	make(&area, seed);
	asm volatile("xrstor64 (%0)"
		     : : "r" (&area), "a" (features), "d" (0)
		     : "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6",
		       "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12",
		       "xmm13", "xmm14", "xmm15", "memory");
}

static bool kept(uint32_t seed, long times, long nr, long a1, long a2)
{
	struct area in, out;

	make(&in, seed);
	run(&in, &out, times, nr, a1, a2, 0, 0);
	return same(&in, &out);
}

static bool kept_over_yields(uint32_t seed)
{
	int i;

	for (i = 0; i < 40; i++)
		if (!kept(seed + i * 64, 25, SYS_sched_yield, 0, 0))
			return false;
	return true;
}

static bool kept_over_spinning(uint32_t seed)
{
	int i;

	for (i = 0; i < 5; i++)
		if (!kept(seed + i * 64, 30000000, -1, (long)one_page, 0))
			return false;
	return true;
}

static bool kept_over_faults(uint32_t seed)
{
	void *p = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	bool ok;

	if (p == MAP_FAILED)
		return false;
	ok = kept(seed, PAGES, -1, (long)p, PAGE);
	munmap(p, PAGES * PAGE);
	return ok;
}

static bool exited_well(pid_t pid)
{
	int status;

	return pid > 0 && waitpid(pid, &status, 0) == pid &&
	       WIFEXITED(status) && !WEXITSTATUS(status);
}

static bool in_processes(bool (*check)(uint32_t seed), int n)
{
	pid_t pids[16];
	bool ok = true;
	int i;

	for (i = 0; i < n; i++) {
		pids[i] = fork();
		if (!pids[i])
			_exit(!check(i + 1));
	}
	for (i = 0; i < n; i++)
		ok &= exited_well(pids[i]);
	return ok;
}

static void *thread(void *arg)
{
	uint32_t seed = (uintptr_t)arg;

	return (void *)(uintptr_t)(kept_over_yields(seed) &&
				   kept_over_faults(seed));
}

static bool in_threads(int n)
{
	pthread_t threads[16];
	bool ok = true;
	void *ret;
	int i;

	for (i = 0; i < n; i++)
		if (pthread_create(&threads[i], NULL, thread,
				   (void *)(uintptr_t)(i + 1)))
			return false;
	for (i = 0; i < n; i++) {
		pthread_join(threads[i], &ret);
		ok &= !!ret;
	}
	return ok;
}

static void handle(int sig, void (*handler)(int, siginfo_t *, void *), int flags)
{
	struct sigaction sa = {
		.sa_sigaction = handler,
		.sa_flags = SA_SIGINFO | flags,
	};

	sigaction(sig, &sa, NULL);
}

static void raise_with(const struct area *in, struct area *out, int sig)
{
	run(in, out, 1, SYS_tgkill, getpid(), syscall(SYS_gettid), sig, 0);
}

static void clobbering_handler(int sig, siginfo_t *info, void *context)
{
	calls++;
	clobber(calls + 1000 * sig);
}

static bool kept_over_signal(void)
{
	calls = 0;
	handle(SIGUSR1, clobbering_handler, 0);
	make(&before, 11);
	raise_with(&before, &after, SIGUSR1);
	return calls == 1 && same(&before, &after);
}

static bool kept_over_timer_signals(void)
{
	struct itimerval every_ms = { { 0, 1000 }, { 0, 1000 } }, never = { };
	bool ok = true;
	int i;

	calls = 0;
	handle(SIGALRM, clobbering_handler, SA_RESTART);
	setitimer(ITIMER_REAL, &every_ms, NULL);
	for (i = 0; ok && calls < 5 && i < 10000; i++)
		ok = kept(i, 2000000, -1, (long)one_page, 0);
	setitimer(ITIMER_REAL, &never, NULL);
	return ok && calls >= 5;
}

static void frame_handler(int sig, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;
	struct area *frame = (struct area *)uc->uc_mcontext.fpregs;
	struct fxsave *fx = &frame->fx;
	uint32_t magic2;

	calls++;
	memcpy(&magic2, (char *)frame + fx->xstate_size, sizeof(magic2));
	if ((uintptr_t)frame % 64 || !(uc->uc_flags & UC_FP_XSTATE) ||
	    fx->magic1 != FP_XSTATE_MAGIC1 || magic2 != FP_XSTATE_MAGIC2 ||
	    fx->extended_size < fx->xstate_size + sizeof(magic2) ||
	    (fx->xfeatures & features) != features ||
	    (frame->present & features) != features ||
	    !same(frame, &before))
		failures++;
}

static bool frame_has_registers(void)
{
	calls = 0;
	failures = 0;
	handle(SIGUSR1, frame_handler, 0);
	make(&before, 22);
	raise_with(&before, &after, SIGUSR1);
	return calls == 1 && !failures && same(&before, &after);
}

static void changing_handler(int sig, siginfo_t *info, void *context)
{
	struct area *frame = (struct area *)((ucontext_t *)context)->uc_mcontext.fpregs;
	unsigned int i;

	calls++;
	memcpy(&frame->fx, &other.fx, offsetof(struct fxsave, mxcsr_mask));
	memcpy(frame->fx.st_space, other.fx.st_space, sizeof(other.fx.st_space));
	memcpy(frame->fx.xmm_space, other.fx.xmm_space, sizeof(other.fx.xmm_space));
	for (i = 2; i < NR_FEATURES; i++)
		if (features & (1 << i))
			memcpy((char *)frame + comp_offset[i],
			       (char *)&other + comp_offset[i], comp_size[i]);
	clobber(333);
}

static bool frame_changes_registers(void)
{
	calls = 0;
	handle(SIGUSR1, changing_handler, 0);
	make(&before, 33);
	make(&other, 34);
	raise_with(&before, &after, SIGUSR1);
	return calls == 1 && same(&other, &after);
}

static void fxsave_handler(int sig, siginfo_t *info, void *context)
{
	struct area *frame = (struct area *)((ucontext_t *)context)->uc_mcontext.fpregs;

	calls++;
	frame->fx.magic1 = 0;
	clobber(444);
}

/* A frame that is FXSAVE's only: what XSAVE would add is in its initial state. */
static bool fxsave_frame_resets_the_rest(void)
{
	unsigned int i;
	size_t n;

	calls = 0;
	handle(SIGUSR1, fxsave_handler, 0);
	make(&before, 44);
	raise_with(&before, &after, SIGUSR1);
	if (calls != 1 || !same_fx(&before.fx, &after.fx))
		return false;
	for (i = 2; i < NR_FEATURES; i++)
		for (n = 0; after.present & (1 << i) && n < comp_size[i]; n++)
			if (((unsigned char *)&after)[comp_offset[i] + n])
				return false;
	return true;
}

/* What makes a frame one that no processor would load */
static const struct bad_frame {
	const char *name;
	size_t offset;
	unsigned char byte;
	bool only_reserved;	/* bad only where MXCSR has bits that are reserved */
} bad_frames[] = {
	{ "reserved bits of MXCSR", offsetof(struct area, fx.mxcsr) + 3, 0xff, true },
	{ "a feature that is none", offsetof(struct area, present) + 7, 0x40 },
	{ "the compacted format", offsetof(struct area, header[0]) + 7, 0x80 },
	{ "reserved bytes of the header", offsetof(struct area, header[1]), 1 },
};

static const struct bad_frame *bad;

static void spoiling_handler(int sig, siginfo_t *info, void *context)
{
	char *frame = (char *)((ucontext_t *)context)->uc_mcontext.fpregs;

	frame[bad->offset] = bad->byte;
}

/*
 * The task gets SIGSEGV; its tracer, if it has one, gives it back to the
 * program, which then has the registers of the handler.
 */
static bool bad_frame_refused(bool traced)
{
	int status = 0, sig = 0;
	pid_t pid = fork();

	if (!pid) {
		if (traced)
			ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		handle(SIGUSR1, spoiling_handler, 0);
		raise_with(&before, &after, SIGUSR1);
		_exit(1);
	}
	while (pid > 0 && waitpid(pid, &status, 0) == pid && WIFSTOPPED(status)) {
		sig = WSTOPSIG(status);
		if (sig == SIGSEGV)
			kill(pid, SIGKILL);
		ptrace(PTRACE_CONT, pid, NULL, sig == SIGSEGV ? 0 : sig);
	}
	return WIFSIGNALED(status) &&
	       (traced ? sig == SIGSEGV : WTERMSIG(status) == SIGSEGV);
}

/* QEMU's processor has no reserved bits in MXCSR. */
static bool mxcsr_has_reserved_bits(void)
{
	unsigned int mxcsr = ~0;
	int status = 0;
	pid_t pid = fork();

	if (!pid) {
		asm volatile("ldmxcsr %0" : : "m" (mxcsr));
		_exit(0);
	}
	return pid > 0 && waitpid(pid, &status, 0) == pid && WIFSIGNALED(status);
}

static bool bad_frames_refused(void)
{
	const struct bad_frame *end = bad_frames + ARRAY_SIZE(bad_frames);
	bool ok = true;

	make(&before, 56);
	for (bad = bad_frames; bad < end; bad++) {
		if (bad->only_reserved && !mxcsr_has_reserved_bits())
			continue;
		if (bad_frame_refused(false) && bad_frame_refused(true))
			continue;
		ksft_print_msg("not refused: %s\n", bad->name);
		ok = false;
	}
	return ok;
}

static void nesting_handler(int sig, siginfo_t *info, void *context)
{
	struct area in, out;

	calls++;
	if (depth--) {
		make(&in, 550 + depth);
		raise_with(&in, &out, depth & 1 ? SIGUSR1 : SIGUSR2);
		if (!same(&in, &out))
			failures++;
	}
	clobber(560 + depth);
}

static bool kept_over_nested_signals(void)
{
	stack_t stack = { .ss_size = ALTSTACK_SIZE }, none = { .ss_flags = SS_DISABLE };

	stack.ss_sp = malloc(ALTSTACK_SIZE);
	if (!stack.ss_sp || sigaltstack(&stack, NULL))
		return false;
	calls = 0;
	failures = 0;
	depth = 6;
	handle(SIGUSR1, nesting_handler, SA_ONSTACK | SA_NODEFER);
	handle(SIGUSR2, nesting_handler, SA_NODEFER);
	make(&before, 55);
	raise_with(&before, &after, SIGUSR1);
	sigaltstack(&none, NULL);
	free(stack.ss_sp);
	return calls == 7 && !failures && same(&before, &after);
}

static atomic_uintptr_t lowest;

static void measuring_handler(int sig, siginfo_t *info, void *context)
{
	lowest = (uintptr_t)context;
}

/* The frame fits in AT_MINSIGSTKSZ, which is not many times what it takes. */
static bool frame_fits_its_announced_size(void)
{
	unsigned long announced = getauxval(AT_MINSIGSTKSZ), used;
	stack_t stack = { .ss_size = ALTSTACK_SIZE }, none = { .ss_flags = SS_DISABLE };

	stack.ss_sp = malloc(ALTSTACK_SIZE);
	if (!stack.ss_sp || sigaltstack(&stack, NULL))
		return false;
	handle(SIGUSR1, measuring_handler, SA_ONSTACK);
	raise(SIGUSR1);
	sigaltstack(&none, NULL);
	used = (uintptr_t)stack.ss_sp + ALTSTACK_SIZE - lowest + sizeof(long);
	free(stack.ss_sp);
	ksft_print_msg("a signal takes %lu bytes, %lu are announced\n", used, announced);
	return announced && used <= announced && announced < 2 * used;
}

/* Where a frame would reach below the alternate stack, the task dies instead. */
static bool stack_overflow_kills(void)
{
	int status;
	pid_t pid;

	pid = fork();
	if (!pid) {
		/* Said to be on a stack of which little is left below */
		stack_t stack = {
			.ss_sp = (char *)__builtin_frame_address(0) - 1024,
			.ss_size = ALTSTACK_SIZE,
		};

		if (sigaltstack(&stack, NULL))
			_exit(1);
		handle(SIGUSR1, measuring_handler, 0);
		syscall(SYS_tgkill, getpid(), getpid(), SIGUSR1);
		_exit(2);
	}
	return pid > 0 && waitpid(pid, &status, 0) == pid &&
	       WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV;
}

static bool fork_gives_registers(void)
{
	bool ok;
	long pid;

	make(&before, 66);
	pid = run(&before, &after, 1, SYS_fork, 0, 0, 0, 0);
	ok = same(&before, &after);
	if (!pid)
		_exit(!ok);
	return ok && exited_well(pid);
}

static bool exec_gives_default_modes(void)
{
	static const char *const argv[] = { "uml_fpstate", EXEC_CHECK, NULL };
	pid_t pid = fork();

	if (!pid) {
		make(&before, 77);
		before.fx.cwd = FCW_DEFAULT & ~0x300;
		before.fx.mxcsr = MXCSR_DEFAULT | 3 << 13;
		run(&before, &after, 1, SYS_execve, (long)"/proc/self/exe",
		    (long)argv, (long)environ, 0);
		_exit(1);
	}
	return exited_well(pid);
}

static int check_exec(void)
{
	unsigned short fcw;
	unsigned int mxcsr;

	asm volatile("fnstcw %0" : "=m" (fcw));
	asm volatile("stmxcsr %0" : "=m" (mxcsr));
	return fcw != FCW_DEFAULT || (mxcsr & ~MXCSR_STICKY) != MXCSR_DEFAULT;
}

/* The tracer has registers of its own, which the requests do not touch. */
static long trace(int request, pid_t pid, void *data)
{
	struct area in, out;
	long ret;

	make(&in, 88 + request);
	ret = run(&in, &out, 1, SYS_ptrace, request, pid, 0, (long)data);
	return same(&in, &out) ? ret : -ENOTRECOVERABLE;
}

static bool tracer_sees_and_sets_registers(void)
{
	struct fxsave got, bad;
	int status;
	pid_t pid;
	bool ok;

	make(&before, 99);
	make(&other, 98);
	pid = fork();
	if (!pid) {
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		raise_with(&before, &after, SIGSTOP);
		/* Only what FXSAVE saves has been replaced */
		memcpy(&before.fx, &other.fx, sizeof(before.fx));
		_exit(!same(&before, &after));
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status))
		return false;
	ok = !trace(PTRACE_GETFPREGS, pid, &got) && same_fx(&got, &before.fx);
	bad = other.fx;
	bad.mxcsr = ~0;
	ok &= trace(PTRACE_SETFPREGS, pid, &bad) == -EINVAL;
	ok &= trace(PTRACE_SETFPREGS, pid, (void *)1) == -EFAULT;
	ok &= !trace(PTRACE_GETFPREGS, pid, &got) && same_fx(&got, &before.fx);
	ok &= !trace(PTRACE_SETFPREGS, pid, &other.fx);
	ok &= !trace(PTRACE_GETFPREGS, pid, &got) && same_fx(&got, &other.fx);
	ptrace(PTRACE_CONT, pid, NULL, NULL);
	return exited_well(pid) && ok;
}

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], EXEC_CHECK))
		return check_exec();

	ksft_print_header();
	if (!find_features())
		ksft_exit_skip("no XSAVE\n");
	ksft_set_plan(16);
	ksft_print_msg("XSAVE features %#llx\n", (unsigned long long)features);

	ksft_test_result(in_processes(kept_over_yields, 6), "processes that yield\n");
	ksft_test_result(in_processes(kept_over_spinning, 3), "processes that are preempted\n");
	ksft_test_result(in_processes(kept_over_faults, 6), "page faults\n");
	ksft_test_result(in_threads(6), "threads\n");
	ksft_test_result(kept_over_signal(), "signal\n");
	ksft_test_result(kept_over_timer_signals(), "signals at any instruction\n");
	ksft_test_result(kept_over_nested_signals(), "nested signals, alternate stack\n");
	ksft_test_result(frame_has_registers(), "signal frame has the registers\n");
	ksft_test_result(frame_changes_registers(), "signal frame changes the registers\n");
	ksft_test_result(fxsave_frame_resets_the_rest(), "signal frame of FXSAVE\n");
	ksft_test_result(bad_frames_refused(), "signal frame that no processor takes\n");
	ksft_test_result(frame_fits_its_announced_size(), "AT_MINSIGSTKSZ\n");
	ksft_test_result(stack_overflow_kills(), "frame that does not fit\n");
	ksft_test_result(fork_gives_registers(), "fork\n");
	ksft_test_result(exec_gives_default_modes(), "exec\n");
	ksft_test_result(tracer_sees_and_sets_registers(), "ptrace\n");
	ksft_finished();
}

#else

int main(void)
{
	ksft_print_header();
	ksft_exit_skip("only for x86-64\n");
}

#endif
