// SPDX-License-Identifier: GPL-2.0-only
/*
 * The files of experiments as a program sees them: who may open them, what a
 * write and a read at each position do, how a run is ended.
 *
 * The experiments are those of the fixture module klab_test_experiment, which
 * core_experiment.sh has loaded.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#include "../kselftest_harness.h"
#include "programs.h"

#define MODULE		"klab_test_experiment"
#define ROOM		"/sys/kernel/debug/klab/test/"
#define PARAMETERS	"/sys/module/" MODULE "/parameters/"
#define REFCNT		"/sys/module/" MODULE "/refcnt"

#define DEFAULTS							\
	"# experiment=test/echo\n"					\
	"# param.number=7\n"						\
	"# param.flag=0\n"						\
	"# param.colour=green\n"					\
	"# param.word=none\n"						\
	"name\tvalue\n"							\
	"number\t7\n"							\
	"flag\t0\n"							\
	"colour\tgreen\n"						\
	"word\tnone\n"

#define NOBODY		65534

/* Reads to the end; returns the length, or a negative errno. */
static ssize_t read_all(int fd, char *buf, size_t size)
{
	size_t len = 0;
	ssize_t got;

	while (len < size - 1) {
		got = read(fd, buf + len, size - 1 - len);
		if (got < 0)
			return -errno;
		if (!got)
			break;
		len += got;
	}
	buf[len] = '\0';
	return len;
}

/* Returns 0 or a negative errno. */
static int set(int fd, const char *text)
{
	size_t len = strlen(text);
	ssize_t put = write(fd, text, len);

	if (put < 0)
		return -errno;
	return (size_t)put == len ? 0 : -EIO;
}

static char state_of(pid_t pid)
{
	char path[64], buf[256];
	char *end;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || read_all(fd, buf, sizeof(buf)) <= 0)
		return '?';
	close(fd);
	end = strrchr(buf, ')');
	return end ? end[2] : '?';
}

static bool becomes_state(pid_t pid, char wanted)
{
	long end = now_ms() + BOUND_MS;

	while (state_of(pid) != wanted) {
		if (now_ms() > end)
			return false;
		poll(NULL, 0, 5);
	}
	return true;
}

/* A process that opens an experiment, reads from it once and ends with errno. */
static pid_t start_reader(const char *path)
{
	pid_t pid = fork();
	char buf[4096];
	int fd;

	if (pid)
		return pid;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	fd = open(path, O_RDONLY);
	if (fd < 0)
		_exit(errno);
	_exit(read(fd, buf, sizeof(buf)) < 0 ? errno : 0);
}

static void kill_reader(pid_t pid)
{
	kill(pid, SIGKILL);
	end_of(pid);
}

/* What becomes of @call as an unprivileged user; its errno or 0. */
static int as_nobody(int (*call)(int fd), int fd)
{
	pid_t pid = fork();

	if (!pid) {
		if (setresgid(NOBODY, NOBODY, NOBODY) ||
		    setresuid(NOBODY, NOBODY, NOBODY))
			_exit(255);
		_exit(call(fd) < 0 ? errno : 0);
	}
	return end_of(pid);
}

FIXTURE(core_experiment)
{
	int fd;
	char buf[8192];
};

FIXTURE_SETUP(core_experiment)
{
	self->fd = open(ROOM "echo", O_RDWR | O_CLOEXEC);
	if (self->fd < 0)
		SKIP(return, "no experiments of " MODULE);
}

FIXTURE_TEARDOWN(core_experiment)
{
	close(self->fd);
}

TEST_F(core_experiment, write_only_is_refused)
{
	EXPECT_EQ(-1, open(ROOM "echo", O_WRONLY));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(-1, open(ROOM "echo", O_WRONLY | O_TRUNC));
	EXPECT_EQ(EINVAL, errno);
}

TEST_F(core_experiment, plain_read_runs_the_defaults)
{
	int fd = open(ROOM "echo", O_RDONLY);

	ASSERT_LE(0, fd);
	ASSERT_LT(0, read_all(fd, self->buf, sizeof(self->buf)));
	EXPECT_STREQ(DEFAULTS, self->buf);
	EXPECT_EQ(-1, write(fd, "number=1", 8));
	EXPECT_EQ(EBADF, errno);
	close(fd);
}

TEST_F(core_experiment, a_write_sets_what_it_names)
{
	ASSERT_EQ(0, set(self->fd, "number=-0xa  colour=blue\tflag=y"));
	ASSERT_EQ(0, set(self->fd, "word=8letters\n"));
	ASSERT_LT(0, read_all(self->fd, self->buf, sizeof(self->buf)));
	EXPECT_NE(NULL, strstr(self->buf, "# param.number=-10\n"));
	EXPECT_NE(NULL, strstr(self->buf, "\nnumber\t-10\n"));
	EXPECT_NE(NULL, strstr(self->buf, "\nflag\t1\n"));
	EXPECT_NE(NULL, strstr(self->buf, "\ncolour\tblue\n"));
	EXPECT_NE(NULL, strstr(self->buf, "\nword\t8letters\n"));
}

TEST_F(core_experiment, parameters_belong_to_the_open_file)
{
	int other = open(ROOM "echo", O_RDWR);

	ASSERT_LE(0, other);
	ASSERT_EQ(0, set(self->fd, "number=1"));
	ASSERT_LT(0, read_all(other, self->buf, sizeof(self->buf)));
	EXPECT_STREQ(DEFAULTS, self->buf);
	close(other);
}

TEST_F(core_experiment, a_write_drops_the_result)
{
	ASSERT_LT(0, read(self->fd, self->buf, 10));
	ASSERT_EQ(0, set(self->fd, "number=1"));
	ASSERT_LT(0, read_all(self->fd, self->buf, sizeof(self->buf)));
	EXPECT_EQ(0, strncmp(self->buf, "# experiment=", 13));
	EXPECT_NE(NULL, strstr(self->buf, "\nnumber\t1\n"));
}

/* Wherever the file has been read to. */
TEST_F(core_experiment, a_refusal_is_what_is_read_next)
{
	ASSERT_LT(0, read_all(self->fd, self->buf, sizeof(self->buf)));
	EXPECT_EQ(-EINVAL, set(self->fd, "number=many"));
	ASSERT_LT(0, read_all(self->fd, self->buf, sizeof(self->buf)));
	EXPECT_STREQ("# error=number=many: not a whole number\n", self->buf);
}

TEST_F(core_experiment, a_read_at_zero_runs_again)
{
	ASSERT_LT(0, read_all(self->fd, self->buf, sizeof(self->buf)));
	EXPECT_EQ(0, read(self->fd, self->buf, 1));
	ASSERT_EQ(0, lseek(self->fd, 0, SEEK_SET));
	ASSERT_LT(0, read_all(self->fd, self->buf, sizeof(self->buf)));
	EXPECT_STREQ(DEFAULTS, self->buf);
}

TEST_F(core_experiment, later_reads_serve_the_rest)
{
	size_t len = strlen(DEFAULTS);

	ASSERT_EQ(10, read(self->fd, self->buf, 10));
	ASSERT_EQ((ssize_t)len - 10, read_all(self->fd, self->buf,
					      sizeof(self->buf)));
	EXPECT_STREQ(DEFAULTS + 10, self->buf);
	EXPECT_EQ(1, pread(self->fd, self->buf, 100, len - 1));
	EXPECT_EQ('\n', self->buf[0]);
	EXPECT_EQ(0, pread(self->fd, self->buf, 100, len));
	EXPECT_EQ(0, pread(self->fd, self->buf, 100, 1L << 40));
	EXPECT_EQ(-1, pread(self->fd, self->buf, 100, -1));
	EXPECT_EQ(EINVAL, errno);
}

TEST_F(core_experiment, a_read_behind_zero_runs_nothing)
{
	EXPECT_EQ(0, pread(self->fd, self->buf, 100, 1));
}

TEST_F(core_experiment, single_bytes_make_the_whole)
{
	int fd = open(ROOM "rows", O_RDWR);
	char *whole, *bytes;
	ssize_t len, i;

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, set(fd, "rows=1000"));
	whole = malloc(65536);
	bytes = malloc(65536);
	ASSERT_TRUE(whole && bytes);
	len = read_all(fd, whole, 65536);
	ASSERT_LT(10000, len);
	ASSERT_EQ(0, lseek(fd, 0, SEEK_SET));
	for (i = 0; i <= len && read(fd, bytes + i, 1) == 1; i++)
		;
	EXPECT_EQ(len, i);
	EXPECT_EQ(0, memcmp(whole, bytes, len));
	free(whole);
	free(bytes);
	close(fd);
}

/* Far enough from the end of the address space for an absurd length. */
static char low[4096];

TEST_F(core_experiment, lengths_of_zero_and_beyond_everything)
{
	EXPECT_EQ(0, read(self->fd, self->buf, 0));
	EXPECT_EQ(0, write(self->fd, "", 0));
	EXPECT_EQ((ssize_t)strlen(DEFAULTS),
		  syscall(SYS_read, self->fd, low, 1UL << 30));
	EXPECT_EQ(-1, syscall(SYS_write, self->fd, low, 1UL << 30));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(-1, syscall(SYS_read, self->fd, low, SIZE_MAX / 2));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(-1, syscall(SYS_write, self->fd, low, SIZE_MAX));
	EXPECT_EQ(EFAULT, errno);
}

TEST_F(core_experiment, bad_pointers_fault)
{
	char *page = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS,
			  -1, 0);

	ASSERT_NE(MAP_FAILED, page);
	EXPECT_EQ(-1, read(self->fd, page, 100));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(-1, write(self->fd, page, 100));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(-1, syscall(SYS_write, self->fd, NULL, 100));
	EXPECT_EQ(EFAULT, errno);

	/* And nothing is lost by that. */
	ASSERT_LT(0, read_all(self->fd, self->buf, sizeof(self->buf)));
	EXPECT_STREQ(DEFAULTS, self->buf);
	munmap(page, 4096);
}

TEST_F(core_experiment, an_error_of_the_run_is_explained)
{
	int fd = open(ROOM "fail", O_RDWR);

	ASSERT_LE(0, fd);
	EXPECT_EQ(-1, read(fd, self->buf, 100));
	EXPECT_EQ(EIO, errno);
	ASSERT_LT(0, read_all(fd, self->buf, sizeof(self->buf)));
	EXPECT_STREQ("# error=as asked for\n", self->buf);

	ASSERT_EQ(0, set(fd, "error=28"));
	EXPECT_EQ(-1, read(fd, self->buf, 100));
	EXPECT_EQ(ENOSPC, errno);
	close(fd);
}

TEST_F(core_experiment, a_result_has_a_limit)
{
	int fd = open(ROOM "rows", O_RDWR);

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, set(fd, "rows=1000000"));
	EXPECT_EQ(-1, read(fd, self->buf, 100));
	EXPECT_EQ(E2BIG, errno);
	ASSERT_LT(0, read_all(fd, self->buf, sizeof(self->buf)));
	EXPECT_EQ(0, strncmp(self->buf, "# error=", 8));

	ASSERT_EQ(0, set(fd, "rows=0"));
	EXPECT_LT(0, read(fd, self->buf, 100));
	close(fd);
}

TEST_F(core_experiment, memory_has_a_limit)
{
	int fd = open(ROOM "memory", O_RDWR);

	ASSERT_LE(0, fd);
	EXPECT_LT(0, read(fd, self->buf, 100));
	ASSERT_EQ(0, set(fd, "size=0x7fffffffffffffff"));
	EXPECT_EQ(-1, read(fd, self->buf, 100));
	EXPECT_EQ(ENOMEM, errno);
	close(fd);
}

TEST_F(core_experiment, a_run_has_a_time_limit)
{
	int fd = open(ROOM "limit", O_RDWR);

	ASSERT_LE(0, fd);
	EXPECT_EQ(-1, read(fd, self->buf, 100));
	EXPECT_EQ(ETIME, errno);
	ASSERT_LT(0, read_all(fd, self->buf, sizeof(self->buf)));
	EXPECT_STREQ("# error=not done after 100 ms\n", self->buf);
	EXPECT_EQ(0, number_in(PARAMETERS "running"));
	close(fd);
}

TEST_F(core_experiment, two_runs_at_once_and_a_third_waits)
{
	pid_t first = start_reader(ROOM "hold");
	pid_t second = start_reader(ROOM "hold");
	pid_t third;
	int fd;

	EXPECT_TRUE(becomes(PARAMETERS "running", 2));
	third = start_reader(ROOM "echo");
	EXPECT_TRUE(becomes_state(third, 'D'));

	fd = open(ROOM "echo", O_RDONLY | O_NONBLOCK);
	EXPECT_LE(0, fd);
	EXPECT_EQ(-1, read(fd, self->buf, 100));
	EXPECT_EQ(EAGAIN, errno);
	close(fd);
	EXPECT_EQ(0, waitpid(third, NULL, WNOHANG));

	kill_reader(first);
	EXPECT_EQ(0, end_of(third));
	kill_reader(second);
	EXPECT_EQ(0, number_in(PARAMETERS "running"));
}

TEST_F(core_experiment, waiting_for_a_run_can_be_killed)
{
	pid_t first = start_reader(ROOM "hold");
	pid_t second = start_reader(ROOM "hold");
	pid_t third;

	EXPECT_TRUE(becomes(PARAMETERS "running", 2));
	third = start_reader(ROOM "echo");
	EXPECT_TRUE(becomes_state(third, 'D'));
	kill(third, SIGKILL);
	EXPECT_EQ(-SIGKILL, end_of(third));
	kill_reader(first);
	kill_reader(second);
}

/* Calls that use the position of the file exclude each other before that. */
TEST_F(core_experiment, one_open_file_has_one_run)
{
	int fd = open(ROOM "hold", O_RDWR | O_NONBLOCK);
	pid_t pid;

	ASSERT_LE(0, fd);
	pid = fork();
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		_exit(read(fd, self->buf, 100) < 0 ? errno : 0);
	}
	EXPECT_TRUE(becomes(PARAMETERS "running", 1));
	EXPECT_EQ(-1, pread(fd, self->buf, 100, 0));
	EXPECT_EQ(EAGAIN, errno);
	EXPECT_EQ(-1, pwrite(fd, "x=1", 3, 0));
	EXPECT_EQ(EAGAIN, errno);
	kill_reader(pid);
	close(fd);
}

TEST_F(core_experiment, a_killed_reader_leaves_nothing)
{
	long before;
	int i;

	close(self->fd);
	before = number_in(REFCNT);
	for (i = 0; i < 20; i++) {
		pid_t pid = start_reader(ROOM "hold");

		ASSERT_TRUE(becomes(PARAMETERS "running", 1));
		EXPECT_EQ(before + 1, number_in(REFCNT));
		kill(pid, SIGKILL);
		EXPECT_EQ(-SIGKILL, end_of(pid));
		EXPECT_EQ(0, number_in(PARAMETERS "running"));
		EXPECT_EQ(before, number_in(REFCNT));
	}
}

TEST_F(core_experiment, an_open_file_holds_the_module)
{
	EXPECT_EQ(1, number_in(REFCNT));
	EXPECT_EQ(-1, syscall(SYS_delete_module, MODULE, O_NONBLOCK));
	EXPECT_EQ(EWOULDBLOCK, errno);
	EXPECT_LT(0, read_all(self->fd, self->buf, sizeof(self->buf)));
}

TEST_F(core_experiment, a_run_holds_the_module)
{
	pid_t pid = start_reader(ROOM "hold");

	EXPECT_TRUE(becomes(PARAMETERS "running", 1));
	EXPECT_EQ(-1, syscall(SYS_delete_module, MODULE, O_NONBLOCK));
	EXPECT_EQ(EWOULDBLOCK, errno);
	EXPECT_EQ(1, number_in(PARAMETERS "running"));
	kill_reader(pid);
}

static int open_echo(int fd)
{
	return open(ROOM "echo", O_RDWR);
}

static int read_byte(int fd)
{
	char byte;

	return read(fd, &byte, 1);
}

static int write_number(int fd)
{
	return write(fd, "number=1", 8);
}

TEST_F(core_experiment, nobody_cannot_open)
{
	EXPECT_EQ(EACCES, as_nobody(open_echo, -1));
}

TEST_F(core_experiment, nobody_cannot_use_a_file_of_root)
{
	EXPECT_EQ(EPERM, as_nobody(read_byte, self->fd));
	EXPECT_EQ(EPERM, as_nobody(write_number, self->fd));
	ASSERT_LT(0, read_all(self->fd, self->buf, sizeof(self->buf)));
	EXPECT_STREQ(DEFAULTS, self->buf);
}

static int drop_and_read(int fd)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[2] = {};

	if (syscall(SYS_capset, &header, data))
		_exit(255);
	return read_byte(fd);
}

TEST_F(core_experiment, root_without_the_capability_cannot)
{
	pid_t pid = fork();

	if (!pid)
		_exit(drop_and_read(self->fd) < 0 ? errno : 0);
	EXPECT_EQ(EPERM, end_of(pid));
}

FIXTURE(core_experiment_refuses)
{
	int fd;
	char buf[8192];
};

FIXTURE_SETUP(core_experiment_refuses)
{
	self->fd = open(ROOM "echo", O_RDWR | O_CLOEXEC);
	if (self->fd < 0)
		SKIP(return, "no experiments of " MODULE);
}

FIXTURE_TEARDOWN(core_experiment_refuses)
{
	close(self->fd);
}

/*
 * A line, its length unless it is a string (the rest are digits, a zero byte or
 * blanks), and how the reason begins.
 */
FIXTURE_VARIANT(core_experiment_refuses)
{
	const char *line;
	size_t len;
	const char *answer;
};

FIXTURE_VARIANT_ADD(core_experiment_refuses, unknown)
{
	.line = "nothing=1",
	.answer = "nothing: ",
};

FIXTURE_VARIANT_ADD(core_experiment_refuses, twice)
{
	.line = "number=1 number=2",
	.answer = "number: ",
};

FIXTURE_VARIANT_ADD(core_experiment_refuses, too_large)
{
	.line = "number=101",
	.answer = "number=101: ",
};

FIXTURE_VARIANT_ADD(core_experiment_refuses, too_small)
{
	.line = "number=-11",
	.answer = "number=-11: ",
};

FIXTURE_VARIANT_ADD(core_experiment_refuses, overflowing)
{
	.line = "number=99999999999999999999",
	.answer = "number=9999",
};

FIXTURE_VARIANT_ADD(core_experiment_refuses, no_number)
{
	.line = "number=many",
	.answer = "number=many: ",
};

FIXTURE_VARIANT_ADD(core_experiment_refuses, half_a_number)
{
	.line = "number=5x",
	.answer = "number=5x: ",
};

FIXTURE_VARIANT_ADD(core_experiment_refuses, no_bool)
{
	.line = "flag=maybe",
	.answer = "flag=maybe: ",
};

FIXTURE_VARIANT_ADD(core_experiment_refuses, no_choice)
{
	.line = "colour=gray",
	.answer = "colour=gray: ",
};

FIXTURE_VARIANT_ADD(core_experiment_refuses, long_string)
{
	.line = "word=123456789",
	.answer = "word=123456789: ",
};

FIXTURE_VARIANT_ADD(core_experiment_refuses, no_value)
{
	.line = "number=",
	.answer = "number: ",
};

FIXTURE_VARIANT_ADD(core_experiment_refuses, no_equals_sign)
{
	.line = "number",
	.answer = "number: ",
};

FIXTURE_VARIANT_ADD(core_experiment_refuses, no_name)
{
	.line = "=1",
	.answer = ": ",
};

FIXTURE_VARIANT_ADD(core_experiment_refuses, control_character)
{
	.line = "number=\a",
	.answer = "number=\\a: ",
};

FIXTURE_VARIANT_ADD(core_experiment_refuses, high_byte)
{
	.line = "word=\xff",
	.answer = "word=\\xff: ",
};

FIXTURE_VARIANT_ADD(core_experiment_refuses, zero_byte)
{
	.line = "number=1\0",
	.len = 9,
	.answer = "number=1",
};

FIXTURE_VARIANT_ADD(core_experiment_refuses, line_feed_inside)
{
	.line = "number=1\nflag=1",
	.answer = "number=1",
};

FIXTURE_VARIANT_ADD(core_experiment_refuses, one_of_several)
{
	.line = "number=1 flag=1 colour=gray",
	.answer = "colour=gray: ",
};

FIXTURE_VARIANT_ADD(core_experiment_refuses, long_line)
{
	.len = 4097,
	.answer = "line longer than 4096 bytes",
};

FIXTURE_VARIANT_ADD(core_experiment_refuses, long_number)
{
	.line = "number=",
	.len = 5000,
	.answer = "number: line longer than 4096 bytes",
};

TEST_F(core_experiment_refuses, line)
{
	char *line = calloc(1, 8192);
	size_t len = variant->len;

	ASSERT_NE(NULL, line);
	if (!variant->line)
		memset(line, ' ', len);
	else if (!len)
		len = strlen(variant->line);
	else if (len > 4096)
		memset(line, '1', len);
	if (variant->line)
		memcpy(line, variant->line, len > 4096 ? strlen(variant->line) : len);

	ASSERT_EQ(0, set(self->fd, "number=9"));
	ASSERT_LT(0, read_all(self->fd, self->buf, sizeof(self->buf)));

	EXPECT_EQ(-1, write(self->fd, line, len));
	EXPECT_EQ(EINVAL, errno);

	/* The next read from the start is the reason, one line and no run. */
	ASSERT_EQ(0, lseek(self->fd, 0, SEEK_SET));
	ASSERT_LT(0, read_all(self->fd, self->buf, sizeof(self->buf)));
	EXPECT_EQ(0, strncmp(self->buf, "# error=", 8));
	EXPECT_EQ(0, strncmp(self->buf + 8, variant->answer,
			     strlen(variant->answer)))
		TH_LOG("answer: %s", self->buf);
	EXPECT_EQ(self->buf + strlen(self->buf) - 1, strchr(self->buf, '\n'));

	/* What was right before still holds. */
	ASSERT_EQ(0, lseek(self->fd, 0, SEEK_SET));
	ASSERT_LT(0, read_all(self->fd, self->buf, sizeof(self->buf)));
	EXPECT_NE(NULL, strstr(self->buf, "\nnumber\t9\n"));
	EXPECT_NE(NULL, strstr(self->buf, "\nflag\t0\n"));
	free(line);
}

TEST_HARNESS_MAIN
