// SPDX-License-Identifier: GPL-2.0-only
/*
 * Late-bound system calls as their callers see them: while the provider goes,
 * when a signal comes, through seccomp, ptrace and the 32-bit entry.
 *
 * syscall_callers.sh says in the environment where the modules are.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Many copies take their time. */
#define BOUND_MS	30000

#include "../kselftest_harness.h"
#include "programs.h"
#include "syscall_numbers.h"

#define PARAMETERS	"/sys/module/klab_test_call/parameters/"
#define SLEEPERS	64
#define COPIES		4

/* More than the log names, and how many it does. */
#define STAYERS		32
#define NAMES		8

/* How long who waits for a page is watched. */
#define IDLE_MS		500

/* What the kernel keeps to itself. */
#define ERESTARTSYS		512
#define ERESTARTNOINTR		513
#define ERESTARTNOHAND		514

static bool starts_going(const char *module)
{
	long end = now_ms() + BOUND_MS;
	char path[128], text[16];

	snprintf(path, sizeof(path), "/sys/module/%s/initstate", module);
	while (now_ms() < end) {
		int fd = open(path, O_RDONLY | O_CLOEXEC);
		ssize_t len = fd < 0 ? 0 : read(fd, text, sizeof(text));

		close(fd);
		if (len >= 5 && !strncmp(text, "going", 5))
			return true;
		poll(NULL, 0, 5);
	}
	return false;
}

/* Loads the module whose file the environment variable says; 0 or errno. */
static int load(const char *variable, const char *parameters)
{
	const char *file = getenv(variable);
	int fd = open(file ?: "", O_RDONLY | O_CLOEXEC);
	int err;

	if (fd < 0)
		return errno;
	err = syscall(SYS_finit_module, fd, parameters, 0) ? errno : 0;
	close(fd);
	return err;
}

static int unload(const char *module)
{
	return syscall(SYS_delete_module, module, O_NONBLOCK) ? errno : 0;
}

static int release(void)
{
	int fd = open(PARAMETERS "released", O_WRONLY | O_CLOEXEC);
	int err = fd < 0 || write(fd, "1", 1) != 1;

	close(fd);
	return err;
}

/* A process that makes a call and ends with its errno, or 0. */
static pid_t start_call(long nr, long a, long b, long c)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	_exit(syscall(nr, a, b, c) < 0 ? errno : 0);
}

static bool stops(pid_t pid)
{
	int status;

	kill(pid, SIGSTOP);
	return waitpid(pid, &status, WUNTRACED) == pid && WIFSTOPPED(status);
}

static pid_t start_unload(const char *module)
{
	pid_t pid = fork();

	if (!pid)
		_exit(unload(module));
	return pid;
}

FIXTURE(syscall_callers)
{
	pid_t sleeper[SLEEPERS];
};

FIXTURE_SETUP(syscall_callers)
{
	ASSERT_EQ(0, load("KLAB_TEST_CALL", ""));
}

FIXTURE_TEARDOWN(syscall_callers)
{
	unload("klab_test_call");
}

TEST_F(syscall_callers, provider_answers_and_is_gone)
{
	EXPECT_EQ(7, syscall(TEST_CALL_NR, TEST_CALL_RETURN, 7));
	ASSERT_EQ(0, unload("klab_test_call"));
	EXPECT_EQ(-1, syscall(TEST_CALL_NR, TEST_CALL_RETURN, 7));
	EXPECT_EQ(ENOSYS, errno);
	ASSERT_EQ(0, load("KLAB_TEST_CALL", ""));
	EXPECT_EQ(8, syscall(TEST_CALL_NR, TEST_CALL_RETURN, 8));
}

TEST_F(syscall_callers, slot_is_taken)
{
	char parameters[32];

	snprintf(parameters, sizeof(parameters), "nr=%d", TEST_CALL_NR + 1);
	EXPECT_EQ(EBUSY, load("KLAB_EXAMPLE", parameters));
	EXPECT_EQ(EINVAL, load("KLAB_EXAMPLE", "nr=600"));
	EXPECT_EQ(EINVAL, load("KLAB_EXAMPLE", "nr=608"));
	EXPECT_EQ(0, syscall(TEST_CALL_NR, TEST_CALL_RETURN, 0));
}

/* Whatever a sleeper means to return, it was never there. */
TEST_F(syscall_callers, unload_under_64_sleepers)
{
	static const int codes[] = {
		EINTR, ERESTARTSYS, ERESTARTNOINTR, ERESTARTNOHAND
	};
	int i;

	for (i = 0; i < SLEEPERS; i++) {
		int kind = i % 5;

		self->sleeper[i] = start_call(TEST_CALL_NR, kind == 4 ?
					      TEST_CALL_RESTART : TEST_CALL_SLEEP,
					      kind == 4 ? 0 : codes[kind], 0);
	}
	ASSERT_TRUE(becomes(PARAMETERS "inside", SLEEPERS));

	EXPECT_EQ(0, unload("klab_test_call"));
	for (i = 0; i < SLEEPERS; i++)
		EXPECT_EQ(ENOSYS, end_of(self->sleeper[i]));
}

TEST_F(syscall_callers, sleepers_go_on_when_released)
{
	pid_t pid = start_call(TEST_CALL_NR, TEST_CALL_SLEEP, EINTR, 0);

	ASSERT_TRUE(becomes(PARAMETERS "inside", 1));
	ASSERT_EQ(0, release());
	EXPECT_EQ(0, end_of(pid));
	EXPECT_TRUE(becomes(PARAMETERS "inside", 0));
}

TEST_F(syscall_callers, killed_sleeper_leaves)
{
	pid_t pid = start_call(TEST_CALL_NR, TEST_CALL_SLEEP, ERESTARTNOINTR, 0);

	ASSERT_TRUE(becomes(PARAMETERS "inside", 1));
	kill(pid, SIGKILL);
	EXPECT_EQ(-SIGKILL, end_of(pid));
	EXPECT_EQ(0, number_in(PARAMETERS "inside"));
}

TEST_F(syscall_callers, pinned_module_is_busy)
{
	pid_t pid;

	ASSERT_EQ(0, unload("klab_test_call"));
	ASSERT_EQ(0, load("KLAB_TEST_CALL", "pin=1"));
	pid = start_call(TEST_CALL_NR, TEST_CALL_SLEEP, EINTR, 0);
	ASSERT_TRUE(becomes(PARAMETERS "inside", 1));

	/* This is what rmmod calls busy. */
	EXPECT_EQ(EWOULDBLOCK, unload("klab_test_call"));
	EXPECT_EQ(1, number_in("/sys/module/klab_test_call/refcnt"));
	EXPECT_EQ(9, syscall(TEST_CALL_NR, TEST_CALL_RETURN, 9));

	ASSERT_EQ(0, release());
	EXPECT_EQ(0, end_of(pid));
	EXPECT_EQ(0, unload("klab_test_call"));
}

/* Pages that come when the test says so. */
struct late_pages {
	int fd;
	char *at;
	size_t size;
};

static int late_pages(struct late_pages *pages)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register range = { .mode = UFFDIO_REGISTER_MODE_MISSING };

	pages->size = sysconf(_SC_PAGESIZE);
	/* One that blocks cannot be polled. */
	pages->fd = syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
	if (pages->fd < 0 || ioctl(pages->fd, UFFDIO_API, &api))
		return errno;
	pages->at = mmap(NULL, pages->size, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (pages->at == MAP_FAILED)
		return errno;
	range.range.start = (unsigned long)pages->at;
	range.range.len = pages->size;
	return ioctl(pages->fd, UFFDIO_REGISTER, &range) ? errno : 0;
}

static bool is_wanted(const struct late_pages *pages)
{
	struct pollfd wait = { .fd = pages->fd, .events = POLLIN };
	struct uffd_msg msg;

	return poll(&wait, 1, BOUND_MS) == 1 &&
	       read(pages->fd, &msg, sizeof(msg)) == sizeof(msg) &&
	       msg.event == UFFD_EVENT_PAGEFAULT;
}

static int provide(const struct late_pages *pages)
{
	struct uffdio_zeropage zero = {
		.range = {
			.start = (unsigned long)pages->at,
			.len = pages->size,
		},
	};

	return ioctl(pages->fd, UFFDIO_ZEROPAGE, &zero) ? errno : 0;
}

/* A thread that makes a call: it has the pages of the test. */
struct call_thread {
	pthread_t thread;
	pid_t tid;
	long args[7];
	long result;
};

static void *call_thread(void *data)
{
	struct call_thread *call = data;
	long *a = call->args;

	__atomic_store_n(&call->tid, gettid(), __ATOMIC_RELEASE);
	call->result = syscall(a[0], a[1], a[2], a[3], a[4], a[5], a[6]);
	if (call->result < 0)
		call->result = -errno;
	return NULL;
}

static long result_of(struct call_thread *call)
{
	pthread_join(call->thread, NULL);
	return call->result;
}

FIXTURE(syscall_faults)
{
	struct late_pages pages;
	struct call_thread call;
};

FIXTURE_SETUP(syscall_faults)
{
	int err = late_pages(&self->pages);

	if (err == ENOSYS)
		SKIP(return, "no userfaultfd in this kernel");
	ASSERT_EQ(0, err);
	ASSERT_EQ(0, load("KLAB_TEST_CALL", ""));
}

FIXTURE_TEARDOWN(syscall_faults)
{
	unload("klab_test_call");
	unload("klab_syscall_strtrans");
}

static long cpu_time_ms(pthread_t thread)
{
	struct timespec used = {};
	clockid_t clock;

	if (!pthread_getcpuclockid(thread, &clock))
		clock_gettime(clock, &used);
	return used.tv_sec * 1000 + used.tv_nsec / 1000000;
}

/* Does a thread that waits for a page do nothing else, nor ask for it again? */
static bool waits_idly(const struct late_pages *pages, pthread_t thread)
{
	long used = cpu_time_ms(thread), start = now_ms();
	bool asks = ready(pages->fd, POLLIN, IDLE_MS);

	return !asks && 4 * (cpu_time_ms(thread) - used) < now_ms() - start;
}

/* Nobody is inside yet whose text has not come. */
TEST_F(syscall_faults, text_that_does_not_come_holds_nothing)
{
	self->call.args[0] = TEST_CALL_NR + 1;
	self->call.args[1] = (long)self->pages.at;
	self->call.args[2] = 8;
	ASSERT_EQ(0, pthread_create(&self->call.thread, NULL, call_thread,
				    &self->call));
	ASSERT_TRUE(is_wanted(&self->pages));

	EXPECT_EQ(0, unload("klab_test_call"));
	EXPECT_TRUE(waits_idly(&self->pages, self->call.thread));
	ASSERT_EQ(0, provide(&self->pages));
	EXPECT_EQ(-ENOSYS, result_of(&self->call));
}

/* What woke its caller for the provider before is not for the one that is met. */
TEST_F(syscall_faults, next_provider_is_not_interrupted)
{
	self->call.args[0] = TEST_CALL_NR + 1;
	self->call.args[1] = (long)self->pages.at;
	self->call.args[2] = 8;
	ASSERT_EQ(0, pthread_create(&self->call.thread, NULL, call_thread,
				    &self->call));
	ASSERT_TRUE(is_wanted(&self->pages));

	ASSERT_EQ(0, unload("klab_test_call"));
	ASSERT_EQ(0, load("KLAB_TEST_CALL", "text_sleeps=1"));
	ASSERT_EQ(0, provide(&self->pages));
	EXPECT_TRUE(becomes(PARAMETERS "inside", 1));
	ASSERT_EQ(0, release());
	EXPECT_EQ(0, result_of(&self->call));
}

/* Who copies by itself is waited for. */
TEST_F(syscall_faults, copy_inside_is_waited_for)
{
	pid_t unloader;

	self->call.args[0] = TEST_CALL_NR;
	self->call.args[1] = TEST_CALL_COPY;
	self->call.args[2] = (long)self->pages.at;
	self->call.args[3] = 8;
	ASSERT_EQ(0, pthread_create(&self->call.thread, NULL, call_thread,
				    &self->call));
	ASSERT_TRUE(is_wanted(&self->pages));

	unloader = start_unload("klab_test_call");
	EXPECT_TRUE(starts_going("klab_test_call"));
	EXPECT_EQ(0, waitpid(unloader, NULL, WNOHANG));
	ASSERT_EQ(0, provide(&self->pages));
	EXPECT_EQ(0, result_of(&self->call));
	EXPECT_EQ(0, end_of(unloader));
}

/*
 * Who copies keeps the provider, but not those who sleep. Few do, as a nudge makes
 * them try again and again.
 */
TEST_F_TIMEOUT(syscall_faults, unload_under_64_sleepers_and_copies, 90)
{
	struct call_thread copy[COPIES];
	pid_t sleeper[SLEEPERS - COPIES];
	pid_t unloader;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sleeper); i++)
		sleeper[i] = start_call(TEST_CALL_NR, TEST_CALL_SLEEP, EINTR, 0);
	for (i = 0; i < ARRAY_SIZE(copy); i++) {
		copy[i].args[0] = TEST_CALL_NR;
		copy[i].args[1] = TEST_CALL_COPY;
		copy[i].args[2] = (long)self->pages.at;
		copy[i].args[3] = 8;
		ASSERT_EQ(0, pthread_create(&copy[i].thread, NULL, call_thread,
					    &copy[i]));
	}
	ASSERT_TRUE(becomes(PARAMETERS "inside", SLEEPERS));
	ASSERT_TRUE(is_wanted(&self->pages));

	unloader = start_unload("klab_test_call");
	for (i = 0; i < ARRAY_SIZE(sleeper); i++)
		EXPECT_EQ(ENOSYS, end_of(sleeper[i]));
	EXPECT_EQ(0, waitpid(unloader, NULL, WNOHANG));
	ASSERT_EQ(0, provide(&self->pages));
	for (i = 0; i < ARRAY_SIZE(copy); i++)
		EXPECT_EQ(0, result_of(&copy[i]));
	EXPECT_EQ(0, end_of(unloader));
}

/* A process of its own that copies what does not come; says so, and stays. */
static pid_t start_late_copy(int ready)
{
	struct call_thread call = {
		.args = { TEST_CALL_NR, TEST_CALL_COPY, 0, 8 },
	};
	struct late_pages pages;
	pid_t pid = fork();

	if (pid)
		return pid;
	if (late_pages(&pages))
		_exit(1);
	call.args[2] = (long)pages.at;
	if (pthread_create(&call.thread, NULL, call_thread, &call) ||
	    !is_wanted(&pages) || write(ready, "", 1) != 1)
		_exit(1);
	result_of(&call);
	_exit(1);
}

/* Who is killed in such a copy leaves. */
TEST_F(syscall_faults, killed_in_copy_leaves)
{
	pid_t copier, unloader;
	int ready[2], status;
	char byte;

	ASSERT_EQ(0, pipe2(ready, O_CLOEXEC));
	copier = start_late_copy(ready[1]);
	ASSERT_LT(0, copier);
	close(ready[1]);
	ASSERT_EQ(1, read(ready[0], &byte, 1));
	close(ready[0]);

	unloader = start_unload("klab_test_call");
	EXPECT_TRUE(starts_going("klab_test_call"));
	EXPECT_EQ(0, waitpid(unloader, NULL, WNOHANG));
	ASSERT_EQ(0, kill(copier, SIGKILL));
	ASSERT_EQ(copier, waitpid(copier, &status, 0));
	EXPECT_TRUE(WIFSIGNALED(status));
	EXPECT_EQ(0, end_of(unloader));
}

/*
 * Waits for a record of the kernel log that has the text. Returns how many came
 * before it that have the other one; -1 where it does not come.
 */
static int logged_before(int kmsg, const char *text, const char *other)
{
	struct pollfd ready = { .fd = kmsg, .events = POLLIN };
	long end = now_ms() + BOUND_MS;
	char record[8192];
	int others = 0;

	while (now_ms() < end && poll(&ready, 1, 1000) >= 0) {
		ssize_t len = read(kmsg, record, sizeof(record) - 1);

		if (len < 0)
			continue;
		record[len] = '\0';
		if (strstr(record, text))
			return others;
		if (strstr(record, other))
			others++;
	}
	return -1;
}

static bool is_logged(int kmsg, const char *text)
{
	return logged_before(kmsg, text, text) >= 0;
}

/* A process that has been stopped on its way back from the call. */
static pid_t start_stopped(void)
{
	pid_t pid = start_call(TEST_CALL_NR, TEST_CALL_SLEEP, EINTR, 0);

	return becomes(PARAMETERS "inside", 1) && stops(pid) &&
	       becomes(PARAMETERS "inside", 0) ? pid : -1;
}

/*
 * After ten seconds, the log says who is waited for: some by name, and how many
 * more. Who has left the provider is not among them.
 */
TEST_F_TIMEOUT(syscall_faults, who_stays_inside_is_named, 90)
{
	int kmsg = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	pid_t stopped, unloader, stayer[STAYERS - 1];
	char name[64], more[64];
	size_t i;

	ASSERT_LE(0, kmsg);
	lseek(kmsg, 0, SEEK_END);
	snprintf(name, sizeof(name), "(%d) waits for syscall_callers[", TEST_CALL_NR);
	snprintf(more, sizeof(more), "(%d) waits for %d more", TEST_CALL_NR,
		 STAYERS - NAMES);
	stopped = start_stopped();
	ASSERT_LT(0, stopped);
	for (i = 0; i < ARRAY_SIZE(stayer); i++)
		stayer[i] = start_call(TEST_CALL_NR, TEST_CALL_STAY, 0, 0);
	self->call.args[0] = TEST_CALL_NR;
	self->call.args[1] = TEST_CALL_COPY;
	self->call.args[2] = (long)self->pages.at;
	self->call.args[3] = 8;
	ASSERT_EQ(0, pthread_create(&self->call.thread, NULL, call_thread,
				    &self->call));
	ASSERT_TRUE(is_wanted(&self->pages));
	ASSERT_TRUE(becomes(PARAMETERS "inside", STAYERS));

	unloader = start_unload("klab_test_call");
	EXPECT_EQ(NAMES, logged_before(kmsg, more, name));
	close(kmsg);
	kill(stopped, SIGKILL);
	EXPECT_EQ(-SIGKILL, end_of(stopped));
	ASSERT_EQ(0, release());
	for (i = 0; i < ARRAY_SIZE(stayer); i++)
		EXPECT_EQ(0, end_of(stayer[i]));
	ASSERT_EQ(0, provide(&self->pages));
	EXPECT_EQ(0, result_of(&self->call));
	EXPECT_EQ(0, end_of(unloader));
}

/* Nobody is inside any more whose result waits for its page. */
TEST_F(syscall_faults, result_that_finds_no_page_holds_nothing)
{
	ASSERT_EQ(0, load("KLAB_STRTRANS", ""));
	self->call.args[0] = __NR_klab_strtrans;
	self->call.args[1] = (long)"upper";
	self->call.args[2] = (long)"text";
	self->call.args[3] = 4;
	self->call.args[4] = (long)self->pages.at;
	self->call.args[5] = self->pages.size;
	ASSERT_EQ(0, pthread_create(&self->call.thread, NULL, call_thread,
				    &self->call));
	ASSERT_TRUE(is_wanted(&self->pages));

	EXPECT_EQ(0, unload("klab_syscall_strtrans"));
	EXPECT_TRUE(waits_idly(&self->pages, self->call.thread));
	ASSERT_EQ(0, provide(&self->pages));
	EXPECT_EQ(4, result_of(&self->call));
	EXPECT_EQ(0, memcmp(self->pages.at, "TEXT", 4));
}

static bool is_gone(long nr)
{
	long end = now_ms() + BOUND_MS;

	while (syscall(nr, 0, NULL, 0) >= 0 || errno != ENOSYS) {
		if (now_ms() > end)
			return false;
		poll(NULL, 0, 5);
	}
	return true;
}

/* Nor does it wait otherwise where the provider has been on its way out before. */
TEST_F(syscall_faults, result_of_provider_that_goes_waits_idly)
{
	pid_t unloader;

	self->call.args[0] = TEST_CALL_NR + 2;
	self->call.args[1] = 1;
	self->call.args[2] = (long)self->pages.at;
	self->call.args[3] = 8;
	ASSERT_EQ(0, pthread_create(&self->call.thread, NULL, call_thread,
				    &self->call));
	ASSERT_TRUE(becomes(PARAMETERS "inside", 1));

	unloader = start_unload("klab_test_call");
	EXPECT_TRUE(is_gone(TEST_CALL_NR + 2));
	EXPECT_EQ(0, waitpid(unloader, NULL, WNOHANG));
	ASSERT_EQ(0, release());
	ASSERT_TRUE(is_wanted(&self->pages));
	EXPECT_EQ(0, end_of(unloader));
	EXPECT_TRUE(waits_idly(&self->pages, self->call.thread));
	ASSERT_EQ(0, provide(&self->pages));
	EXPECT_EQ(8, result_of(&self->call));
	EXPECT_EQ(0, memcmp(self->pages.at, "rrrrrrrr", 9));
}

TEST_F(syscall_faults, result_finds_page_that_comes)
{
	ASSERT_EQ(0, load("KLAB_STRTRANS", ""));
	self->call.args[0] = __NR_klab_strtrans;
	self->call.args[1] = (long)"upper";
	self->call.args[2] = (long)"text";
	self->call.args[3] = 4;
	self->call.args[4] = (long)self->pages.at;
	self->call.args[5] = self->pages.size;
	ASSERT_EQ(0, pthread_create(&self->call.thread, NULL, call_thread,
				    &self->call));
	ASSERT_TRUE(is_wanted(&self->pages));

	ASSERT_EQ(0, provide(&self->pages));
	EXPECT_EQ(4, result_of(&self->call));
	EXPECT_EQ(0, memcmp(self->pages.at, "TEXT", 4));
}

/* What one is about to get is no other's. */
TEST_F(syscall_faults, callers_do_not_share_a_text)
{
	char other[8] = "";

	ASSERT_EQ(0, load("KLAB_STRTRANS", ""));
	self->call.args[0] = __NR_klab_strtrans;
	self->call.args[1] = (long)"upper";
	self->call.args[2] = (long)"text";
	self->call.args[3] = 4;
	self->call.args[4] = (long)self->pages.at;
	self->call.args[5] = self->pages.size;
	ASSERT_EQ(0, pthread_create(&self->call.thread, NULL, call_thread,
				    &self->call));
	ASSERT_TRUE(is_wanted(&self->pages));

	EXPECT_EQ(5, syscall(__NR_klab_strtrans, "reverse", "other", 5L, other,
			     sizeof(other), 0L));
	EXPECT_STREQ("rehto", other);
	ASSERT_EQ(0, provide(&self->pages));
	EXPECT_EQ(4, result_of(&self->call));
	EXPECT_EQ(0, memcmp(self->pages.at, "TEXT", 4));
}

/* A page of a file whose storage gives no answer, until it says that it failed. */
FIXTURE(syscall_files)
{
	struct call_thread call;
	char *page;
};

FIXTURE_SETUP(syscall_files)
{
	const char *file = getenv("KLAB_LATE_FILE");
	int fd = open(file ?: "", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		SKIP(return, "no device mapper in this kernel");
	self->page = mmap(NULL, sysconf(_SC_PAGESIZE), PROT_READ | PROT_WRITE,
			  MAP_PRIVATE, fd, 0);
	close(fd);
	ASSERT_NE(MAP_FAILED, self->page);
	ASSERT_EQ(0, system("dmsetup suspend --noudevsync --noflush --nolockfs $KLAB_LATE_FILE"));
	ASSERT_EQ(0, load("KLAB_STRTRANS", ""));
	self->call.args[0] = __NR_klab_strtrans;
	self->call.args[1] = (long)"upper";
	self->call.args[2] = (long)"text";
	self->call.args[3] = 4;
}

FIXTURE_TEARDOWN(syscall_files)
{
	unload("klab_syscall_strtrans");
}

/* Does the caller sleep as those do who wait for storage? */
static bool waits_for_storage(const struct call_thread *call)
{
	char path[64], line[512] = "";
	ssize_t len;
	int fd;

	snprintf(path, sizeof(path), "/proc/self/task/%d/stat",
		 __atomic_load_n(&call->tid, __ATOMIC_ACQUIRE));
	fd = open(path, O_RDONLY | O_CLOEXEC);
	len = read(fd, line, sizeof(line) - 1);
	close(fd);
	return len > 0 && strstr(line, ") D ");
}

/* Who sleeps like that for a moment has waited for a lock. */
static bool comes_to_wait(const struct call_thread *call)
{
	long now = now_ms(), end = now + BOUND_MS, since = now;

	while (now < end && now - since < IDLE_MS) {
		poll(NULL, 0, 5);
		now = now_ms();
		if (!waits_for_storage(call))
			since = now;
	}
	return now < end;
}

/* Only a fatal signal would end such a wait: nobody who unloads may be in it. */
TEST_F(syscall_files, result_without_storage_holds_nothing)
{
	self->call.args[4] = (long)self->page;
	self->call.args[5] = 4;
	ASSERT_EQ(0, pthread_create(&self->call.thread, NULL, call_thread,
				    &self->call));
	ASSERT_TRUE(comes_to_wait(&self->call));

	EXPECT_EQ(0, unload("klab_syscall_strtrans"));
	EXPECT_TRUE(waits_for_storage(&self->call));
	ASSERT_EQ(0, system("dmsetup resume --noudevsync $KLAB_LATE_FILE"));
	EXPECT_EQ(-EFAULT, result_of(&self->call));
}

TEST_F(syscall_files, text_without_storage_holds_nothing)
{
	char result[4];

	self->call.args[2] = (long)self->page;
	self->call.args[4] = (long)result;
	self->call.args[5] = sizeof(result);
	ASSERT_EQ(0, pthread_create(&self->call.thread, NULL, call_thread,
				    &self->call));
	ASSERT_TRUE(comes_to_wait(&self->call));

	EXPECT_EQ(0, unload("klab_syscall_strtrans"));
	EXPECT_TRUE(waits_for_storage(&self->call));
	ASSERT_EQ(0, system("dmsetup resume --noudevsync $KLAB_LATE_FILE"));
	EXPECT_EQ(-EFAULT, result_of(&self->call));
}

static int handler_pipe[2];

static void handler(int signo)
{
	if (write(handler_pipe[1], "", 1) != 1)
		abort();
}

/* What becomes of a sleeping call when a signal with a handler comes. */
FIXTURE(syscall_signals)
{
	char byte;
};

FIXTURE_VARIANT(syscall_signals)
{
	long op;
	long code;
	int flags;
	int err;	/* 0: it goes on sleeping */
};

FIXTURE_VARIANT_ADD(syscall_signals, eintr)
{
	.op = TEST_CALL_SLEEP,
	.code = EINTR,
	.flags = SA_RESTART,
	.err = EINTR,
};

FIXTURE_VARIANT_ADD(syscall_signals, restartsys)
{
	.op = TEST_CALL_SLEEP,
	.code = ERESTARTSYS,
	.err = EINTR,
};

FIXTURE_VARIANT_ADD(syscall_signals, restartsys_sa_restart)
{
	.op = TEST_CALL_SLEEP,
	.code = ERESTARTSYS,
	.flags = SA_RESTART,
};

FIXTURE_VARIANT_ADD(syscall_signals, restartnointr)
{
	.op = TEST_CALL_SLEEP,
	.code = ERESTARTNOINTR,
};

FIXTURE_VARIANT_ADD(syscall_signals, restartnohand)
{
	.op = TEST_CALL_SLEEP,
	.code = ERESTARTNOHAND,
	.flags = SA_RESTART,
	.err = EINTR,
};

FIXTURE_VARIANT_ADD(syscall_signals, restartblock)
{
	.op = TEST_CALL_RESTART,
	.flags = SA_RESTART,
	.err = EINTR,
};

FIXTURE_SETUP(syscall_signals)
{
	ASSERT_EQ(0, load("KLAB_TEST_CALL", ""));
	ASSERT_EQ(0, pipe(handler_pipe));
}

FIXTURE_TEARDOWN(syscall_signals)
{
	unload("klab_test_call");
}

static void handle_signal(int flags)
{
	struct sigaction action = {
		.sa_handler = handler,
		.sa_flags = flags,
	};

	sigaction(SIGUSR1, &action, NULL);
}

TEST_F(syscall_signals, handler_runs)
{
	pid_t pid;

	handle_signal(variant->flags);
	pid = start_call(TEST_CALL_NR, variant->op, variant->code, 0);
	ASSERT_TRUE(becomes(PARAMETERS "inside", 1));
	kill(pid, SIGUSR1);
	ASSERT_EQ(1, read(handler_pipe[0], &self->byte, 1));
	/* Whoever sleeps again, or still, ends well now. */
	if (!variant->err)
		ASSERT_EQ(0, release());
	EXPECT_EQ(variant->err, end_of(pid));
	EXPECT_EQ(0, number_in(PARAMETERS "restarted"));
}

/* To be stopped and continued is a signal without a handler. */
TEST_F(syscall_callers, stop_and_continue)
{
	static const struct {
		long op;
		long code;
		int err;
	} cases[] = {
		{ TEST_CALL_SLEEP, EINTR, EINTR },
		{ TEST_CALL_SLEEP, ERESTARTSYS, 0 },
		{ TEST_CALL_SLEEP, ERESTARTNOINTR, 0 },
		{ TEST_CALL_SLEEP, ERESTARTNOHAND, 0 },
		{ TEST_CALL_RESTART, 0, EINTR },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++)
		self->sleeper[i] = start_call(TEST_CALL_NR, cases[i].op,
					      cases[i].code, 0);
	ASSERT_TRUE(becomes(PARAMETERS "inside", ARRAY_SIZE(cases)));
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		ASSERT_TRUE(stops(self->sleeper[i]));
		kill(self->sleeper[i], SIGCONT);
		if (cases[i].err)
			EXPECT_EQ(cases[i].err, end_of(self->sleeper[i]));
	}
	ASSERT_TRUE(becomes(PARAMETERS "inside", 3));
	ASSERT_EQ(0, release());
	for (i = 0; i < ARRAY_SIZE(cases); i++)
		if (!cases[i].err)
			EXPECT_EQ(0, end_of(self->sleeper[i]));
	EXPECT_EQ(0, number_in(PARAMETERS "restarted"));
}

/* A stopped caller restarts its call when the provider is gone. */
TEST_F(syscall_callers, stopped_caller_finds_provider_gone)
{
	pid_t pid = start_call(TEST_CALL_NR, TEST_CALL_SLEEP, ERESTARTSYS, 0);

	ASSERT_TRUE(becomes(PARAMETERS "inside", 1));
	ASSERT_TRUE(stops(pid));
	EXPECT_EQ(0, unload("klab_test_call"));
	kill(pid, SIGCONT);
	EXPECT_EQ(ENOSYS, end_of(pid));
}

static int filter_number(unsigned int nr, unsigned int action)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, nr, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, action),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {
		.len = ARRAY_SIZE(code),
		.filter = code,
	};

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return errno;
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) ? errno : 0;
}

TEST_F(syscall_callers, seccomp_sees_the_number)
{
	if (filter_number(TEST_CALL_NR, SECCOMP_RET_ERRNO | EXDEV))
		SKIP(return, "no seccomp filters in this kernel");
	EXPECT_EQ(-1, syscall(TEST_CALL_NR, TEST_CALL_RETURN, 7));
	EXPECT_EQ(EXDEV, errno);
	EXPECT_EQ(0, syscall(TEST_CALL_NR + 1, "", 0));
}

static siginfo_t trapped;

static void trap_handler(int signo, siginfo_t *info, void *unused)
{
	trapped = *info;
}

TEST_F(syscall_callers, seccomp_trap_says_the_number)
{
	struct sigaction action = {
		.sa_sigaction = trap_handler,
		.sa_flags = SA_SIGINFO,
	};

	ASSERT_EQ(0, sigaction(SIGSYS, &action, NULL));
	if (filter_number(TEST_CALL_NR, SECCOMP_RET_TRAP))
		SKIP(return, "no seccomp filters in this kernel");
	syscall(TEST_CALL_NR, TEST_CALL_RETURN, 7);
	EXPECT_EQ(TEST_CALL_NR, trapped.si_syscall);
}

#ifdef __x86_64__
/* As strace does, on a kernel of whatever kind. */
static long traced_number(pid_t pid)
{
	int status;

	if (ptrace(PTRACE_SYSCALL, pid, 0, 0) ||
	    waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status))
		return -1;
	return ptrace(PTRACE_PEEKUSER, pid,
		      offsetof(struct user_regs_struct, orig_rax), 0);
}

TEST_F(syscall_callers, tracer_sees_the_number)
{
	int status;
	pid_t pid = fork();

	if (!pid) {
		ptrace(PTRACE_TRACEME, 0, 0, 0);
		raise(SIGSTOP);
		_exit(syscall(TEST_CALL_NR, TEST_CALL_RETURN, 5) == 5 ? 0 : 1);
	}
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	/* The end of kill() comes first; it may or may not be seen. */
	do {
		status = traced_number(pid);
		ASSERT_NE(-1, status);
	} while (status != TEST_CALL_NR && status != SYS_exit_group);
	EXPECT_EQ(TEST_CALL_NR, status);
	ptrace(PTRACE_DETACH, pid, 0, 0);
	EXPECT_EQ(0, end_of(pid));
}

/*
 * Who has been woken for a provider on the way into it sleeps in the next one: it
 * has got no signal.
 */
TEST_F_TIMEOUT(syscall_callers, nudge_on_the_way_in_is_not_for_the_next, 90)
{
	int status;
	pid_t pid = child();

	if (!pid) {
		ptrace(PTRACE_TRACEME, 0, 0, 0);
		raise(SIGSTOP);
		_exit(syscall(TEST_CALL_NR, TEST_CALL_SLEEP, EINTR) ? errno : 0);
	}
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	do {
		status = traced_number(pid);
		ASSERT_NE(-1, status);
	} while (status != TEST_CALL_NR && status != SYS_exit_group);
	ASSERT_EQ(TEST_CALL_NR, status);

	ASSERT_EQ(0, unload("klab_test_call"));
	ASSERT_EQ(0, load("KLAB_TEST_CALL", ""));
	/* To detach would be to interrupt. */
	ASSERT_EQ(0, ptrace(PTRACE_CONT, pid, 0, 0));
	EXPECT_TRUE(becomes(PARAMETERS "inside", 1));
	ASSERT_EQ(0, release());
	EXPECT_EQ(0, end_of(pid));
}

static sigjmp_buf no_entry;

static void segv_handler(int signo)
{
	siglongjmp(no_entry, 1);
}

static long call_32(unsigned long nr, unsigned long a, unsigned long b,
		    unsigned long c)
{
	long ret;

	asm volatile("int $0x80" : "=a" (ret)
		     : "a" (nr), "b" (a), "c" (b), "d" (c)
		     : "memory", "r8", "r9", "r10", "r11");
	return (int)ret;
}

static bool is_uml(void)
{
	static char text[256];
	int fd = open("/proc/cpuinfo", O_RDONLY | O_CLOEXEC);
	ssize_t len = read(fd, text, sizeof(text) - 1);

	close(fd);
	return len > 0 && strstr(text, "User Mode Linux");
}

/* The upper halves of registers are no part of a 32-bit call. */
#define GARBAGE(value)	(0xdeadbeef00000000UL | (value))

TEST_F(syscall_callers, caller_of_32_bits)
{
	char *low;

	if (is_uml())
		SKIP(return, "UML has no 32-bit entry");
	signal(SIGSEGV, segv_handler);
	if (sigsetjmp(no_entry, 1))
		SKIP(return, "no 32-bit entry in this kernel");

	EXPECT_EQ(0, call_32(GARBAGE(__NR_klab_null), 0, 0, 0));
	EXPECT_EQ(7, call_32(TEST_CALL_NR, GARBAGE(TEST_CALL_RETURN),
			     GARBAGE(7), 0));
	EXPECT_EQ(-ENOSYS, call_32(TEST_CALL_NR + 3, 0, 0, 0));
	EXPECT_EQ(-ENOSYS, call_32(TEST_CALL_NR + 100, 0, 0, 0));

	low = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	ASSERT_NE(MAP_FAILED, low);
	memcpy(low, "\1\2\3", 3);
	EXPECT_EQ(6, call_32(TEST_CALL_NR + 1, GARBAGE((unsigned long)low), 3, 0));
	EXPECT_EQ(6, call_32(TEST_CALL_NR, TEST_CALL_COPY,
			     GARBAGE((unsigned long)low), 3));
	EXPECT_EQ(-EFAULT, call_32(TEST_CALL_NR + 1, 16, 3, 0));
	EXPECT_EQ(3, call_32(TEST_CALL_NR + 2, 0, GARBAGE((unsigned long)low),
			     GARBAGE(3)));
	EXPECT_EQ(0, memcmp(low, "rrr", 4));

	ASSERT_EQ(0, load("KLAB_EXAMPLE", ""));
	EXPECT_EQ(INT_MAX, call_32(EXAMPLE_NR, INT_MAX, 0, 0));
	EXPECT_EQ(-EOVERFLOW, call_32(EXAMPLE_NR, INT_MAX, 1, 0));
	EXPECT_EQ(0, unload("klab_syscall_example"));
}
#endif /* __x86_64__ */

/* The errors of the calls that have a meaning, in the order of their checks. */
FIXTURE(syscall_errors)
{
	char text[KLAB_LOG_TEXT_MAX + 1];
	char result[16];
};

FIXTURE_SETUP(syscall_errors)
{
	ASSERT_EQ(0, load("KLAB_LOG", "burst=0"));
	ASSERT_EQ(0, load("KLAB_STRTRANS", ""));
	memset(self->text, 'x', sizeof(self->text));
}

FIXTURE_TEARDOWN(syscall_errors)
{
	unload("klab_syscall_log");
	unload("klab_syscall_strtrans");
}

static int log_error(const void *text, size_t size, unsigned long flags)
{
	return syscall(__NR_klab_log, text, size, flags) < 0 ? errno : 0;
}

TEST_F(syscall_errors, log)
{
	char *unmapped = mmap(NULL, 4096, PROT_NONE,
			      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	EXPECT_EQ(EINVAL, log_error("x", 1, 1));
	EXPECT_EQ(EINVAL, log_error("x", 1, 1u << 31));
	EXPECT_EQ(EINVAL, log_error("", 0, 0));
	EXPECT_EQ(EINVAL, log_error("\n", 1, 0));
	EXPECT_EQ(EFAULT, log_error(NULL, 1, 0));
	EXPECT_EQ(EFAULT, log_error(unmapped, 1, 0));
	EXPECT_EQ(EFAULT, log_error((void *)-1UL, 1, 0));
	EXPECT_EQ(EFAULT, log_error((void *)(1UL << 63), 1, 0));
	EXPECT_EQ(E2BIG, log_error(self->text, KLAB_LOG_TEXT_MAX + 1, 0));
	EXPECT_EQ(E2BIG, log_error(self->text, -1, 0));
	/* No line is left for anybody: everything else was right. */
	EXPECT_EQ(EAGAIN, log_error(self->text, KLAB_LOG_TEXT_MAX, 0));
	EXPECT_EQ(EAGAIN, log_error("x", 1, 1UL << 32));
}

TEST_F(syscall_errors, log_needs_the_capability)
{
	pid_t pid = fork();

	if (!pid) {
		if (syscall(SYS_setresuid, 65534, 65534, 65534) ||
		    log_error("x", 1, 1) != EINVAL)
			_exit(255);
		_exit(log_error("x", 1, 0));
	}
	EXPECT_EQ(EPERM, end_of(pid));
}

/* Whichever thread it is that writes. */
TEST(log_names_the_process)
{
	static const char said[] = "by a thread";
	struct call_thread call = {
		.args = { __NR_klab_log, (long)said, sizeof(said) - 1, 0 },
	};
	int kmsg = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	char text[64];

	ASSERT_LE(0, kmsg);
	lseek(kmsg, 0, SEEK_END);
	ASSERT_EQ(0, load("KLAB_LOG", ""));
	snprintf(text, sizeof(text), "klab_log: pid %d uid 0: %s", getpid(), said);
	EXPECT_EQ(0, pthread_create(&call.thread, NULL, call_thread, &call));
	EXPECT_EQ(sizeof(said) - 1, result_of(&call));
	EXPECT_TRUE(is_logged(kmsg, text));
	close(kmsg);
	EXPECT_EQ(0, unload("klab_syscall_log"));
}

static int strtrans_error(const char *method, const char *text, size_t size,
			  char *result, size_t max, unsigned int flags)
{
	return syscall(__NR_klab_strtrans, method, text, size, result, max,
		       flags) < 0 ? errno : 0;
}

TEST_F(syscall_errors, strtrans)
{
	char *result = self->result;

	EXPECT_EQ(0, strtrans_error("upper", "abc", 3, result, 3, 0));
	EXPECT_EQ(0, memcmp(result, "ABC", 4));
	EXPECT_EQ(EINVAL, strtrans_error("upper", "abc", 3, result, 3, 1));
	EXPECT_EQ(EINVAL, strtrans_error("upper", "abc", 0, result, 3, 0));
	EXPECT_EQ(EINVAL, strtrans_error("number", "z77", 3, result, 16, 0));
	EXPECT_EQ(ENOENT, strtrans_error("nothing", "abc", 3, result, 3, 0));
	EXPECT_EQ(ENOENT, strtrans_error("", "abc", 3, result, 3, 0));
	EXPECT_EQ(E2BIG, strtrans_error("0123456789abcdef", "abc", 3, result, 3, 0));
	EXPECT_EQ(E2BIG, strtrans_error("upper", "abc", 65537, result, 3, 0));
	EXPECT_EQ(E2BIG, strtrans_error("upper", "abc", -1, result, 3, 0));
	EXPECT_EQ(ENOSPC, strtrans_error("upper", "abc", 3, result, 2, 0));
	EXPECT_EQ(EFAULT, strtrans_error(NULL, "abc", 3, result, 3, 0));
	EXPECT_EQ(EFAULT, strtrans_error("upper", NULL, 3, result, 3, 0));
	EXPECT_EQ(EFAULT, strtrans_error("upper", "abc", 3, NULL, 3, 0));
	EXPECT_EQ(EFAULT, strtrans_error("upper", "abc", 3, (char *)-1UL, 3, 0));
	EXPECT_EQ(EFAULT, strtrans_error("upper", "abc", 3, (char *)"ro", 3, 0));
}

/* A result over several pages, some of which have to be brought in. */
TEST_F(syscall_errors, strtrans_over_pages)
{
	size_t size = 65536, i;
	char *text = mmap(NULL, 2 * size, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	ASSERT_NE(MAP_FAILED, text);
	memset(text, 'q', size);
	ASSERT_EQ(size - 7, syscall(__NR_klab_strtrans, "upper", text, size - 7,
				    text + size + 7, size, 0));
	for (i = 0; i < size - 7; i++)
		ASSERT_EQ('Q', text[size + 7 + i]);
}

#define FAULTS		"/sys/kernel/debug/fail_page_alloc/"

static bool put(const char *path, const char *text)
{
	ssize_t size = strlen(text);
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool done = fd >= 0 && write(fd, text, size) == size;

	close(fd);
	return done;
}

/* Has pages of this order and above fail, for a task that wants it so; NULL: none. */
static bool pages_fail(const char *order)
{
	/* In between it is nobody for whom they fail. */
	return put(FAULTS "probability", "0") &&
	       put(FAULTS "task-filter", order ? "Y" : "N") &&
	       put(FAULTS "verbose", "0") &&
	       put(FAULTS "min-order", order ?: "1") &&
	       put(FAULTS "ignore-gfp-wait", order ? "N" : "Y") &&
	       put(FAULTS "ignore-gfp-highmem", order ? "N" : "Y") &&
	       put(FAULTS "times", order ? "-1" : "1") &&
	       put(FAULTS "probability", order ? "100" : "0");
}

FIXTURE(syscall_memory)
{
	size_t size;
	char *text;
	const char *method;	/* there, too, so that no page is missing */
};

FIXTURE_SETUP(syscall_memory)
{
	if (access(FAULTS "min-order", W_OK))
		SKIP(return, "no page allocations that fail in this kernel");
	self->size = 65536;
	self->text = mmap(NULL, self->size + 16, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	ASSERT_NE(MAP_FAILED, self->text);
	self->method = memcpy(self->text + self->size, "upper", 6);
	ASSERT_EQ(0, load("KLAB_STRTRANS", ""));
}

FIXTURE_TEARDOWN(syscall_memory)
{
	pages_fail(NULL);
	unload("klab_syscall_strtrans");
}

static long strtrans_while_pages_fail(const char *order, const char *method,
				      char *text, size_t size, size_t max)
{
	/* Where slabs are debugged, no file can be opened once pages fail. */
	int fd = open("/proc/thread-self/make-it-fail", O_WRONLY);
	long ret = -1000;

	if (fd < 0)
		return ret;
	if (pages_fail(order) && write(fd, "1", 1) == 1) {
		ret = syscall(__NR_klab_strtrans, method, text, size, text, max, 0L);
		ret = ret < 0 ? -errno : ret;
	}
	if (write(fd, "0", 1) != 1)
		ret = -1000;
	close(fd);
	return pages_fail(NULL) ? ret : -1000;
}

/* Where memory is in pieces, the longest text is taken all the same. */
TEST_F(syscall_memory, strtrans_in_small_pages)
{
	EXPECT_EQ(self->size, strtrans_while_pages_fail("1", self->method, self->text,
							self->size, self->size));
}

/* Neither a text nor a result that finds no memory leaves anything behind. */
TEST_F(syscall_memory, strtrans_without_memory)
{
	EXPECT_EQ(-ENOMEM, strtrans_while_pages_fail("0", self->method, self->text,
						     self->size, 1));
	EXPECT_EQ(-ENOMEM, strtrans_while_pages_fail("0", self->method, self->text,
						     1, self->size));
	EXPECT_EQ(1, syscall(__NR_klab_strtrans, self->method, self->text, 1L,
			     self->text, 1L, 0L));
}

TEST_HARNESS_MAIN
