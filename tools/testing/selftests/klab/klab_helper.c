// SPDX-License-Identifier: GPL-2.0-only
/*
 * System calls that klab's shell tests need and that no common tool makes, or
 * whose errno common tools hide. Prints "ok" or the name of the error.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/uleds.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../kselftest.h"

#define FAULTS_MAX	5000

static int report(int err)
{
	if (!err) {
		puts("ok");
		return 0;
	}
	puts(strerrorname_np(err) ?: strerror(err));
	return 1;
}

static int open_or_exit(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC);

	if (fd < 0)
		exit(report(errno));
	return fd;
}

/* Open before the countdown starts, since opening a file takes memory. */
static int fail_nth_fd;

static void fail_nth(unsigned int nth)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%u", nth);

	if (!fail_nth_fd)
		fail_nth_fd = open_or_exit("/proc/self/fail-nth", O_RDWR);
	if (pwrite(fail_nth_fd, text, len, 0) != len)
		exit(report(errno));
}

/* Stops the countdown; true if the fault has happened. */
static bool fail_nth_reached(void)
{
	char left[16] = "";

	if (pread(fail_nth_fd, left, sizeof(left) - 1, 0) < 0)
		exit(report(errno));
	fail_nth(0);
	return !atoi(left);
}

/* The names in @allowed are separated by commas. */
static bool is_allowed(int err, const char *allowed)
{
	const char *name = strerrorname_np(err) ?: "?";
	const char *at = allowed;

	while ((at = strstr(at, name))) {
		at += strlen(name);
		if (!*at || *at == ',')
			return true;
	}
	return false;
}

static int wrong_fault(unsigned int nth, const char *what, int err)
{
	printf("fault %u: %s: ", nth, what);
	return err;
}

static int load(const char *file, const char *args)
{
	int fd = open_or_exit(file, O_RDONLY);

	return syscall(SYS_finit_module, fd, args, 0) ? errno : 0;
}

static int unload(const char *name)
{
	return syscall(SYS_delete_module, name, O_NONBLOCK) ? errno : 0;
}

/* Loads and unloads a module @times times. */
static int load_cycles(const char *times, const char *file, const char *module)
{
	int fd = open_or_exit(file, O_RDONLY);
	int i, err;

	for (i = 0; i < atoi(times); i++) {
		err = syscall(SYS_finit_module, fd, "", 0) ? errno : 0;
		if (!err)
			err = unload(module);
		if (err) {
			printf("round %d: ", i);
			return err;
		}
	}
	return 0;
}

/*
 * Loads a module with the first allocation failing, then the second, until
 * none is left to fail; unloads it where it loads nevertheless.
 */
static int load_faults(const char *file, const char *module,
		       const char *allowed)
{
	int fd = open_or_exit(file, O_RDONLY);
	unsigned int nth;
	char path[256];
	int err;

	snprintf(path, sizeof(path), "/sys/module/%s", module);
	for (nth = 1; nth < FAULTS_MAX; nth++) {
		bool reached;

		fail_nth(nth);
		err = syscall(SYS_finit_module, fd, "", 0) ? errno : 0;
		reached = fail_nth_reached();
		if (err && !is_allowed(err, allowed))
			return wrong_fault(nth, "load", err);
		if (!err && unload(module))
			return wrong_fault(nth, "unload", errno);
		if (!access(path, F_OK))
			return wrong_fault(nth, "left behind", EEXIST);
		if (!reached)
			return 0;
	}
	return wrong_fault(nth, "no end", E2BIG);
}

/* Opens, sets parameters, reads to the end and closes. */
static int use_file(const char *file, const char *text)
{
	char buf[4096];
	ssize_t got = 1;
	int err = 0;
	int fd;

	fd = open(file, (*text ? O_RDWR : O_RDONLY) | O_CLOEXEC);
	if (fd < 0)
		return errno;
	if (*text && write(fd, text, strlen(text)) < 0)
		err = errno;
	while (!err && got > 0) {
		got = read(fd, buf, sizeof(buf));
		if (got < 0)
			err = errno;
	}
	close(fd);
	return err;
}

static int use_faults(const char *file, const char *text, const char *allowed)
{
	unsigned int nth;
	int err;

	for (nth = 1; nth < FAULTS_MAX; nth++) {
		fail_nth(nth);
		err = use_file(file, text);
		if (err && !is_allowed(err, allowed))
			return wrong_fault(nth, "use", err);
		if (!fail_nth_reached())
			return 0;
	}
	return wrong_fault(nth, "no end", E2BIG);
}

static int make_and_write(const char *dir, const char *file, const char *text)
{
	int err, fd;

	if (mkdir(dir, 0755))
		return errno;
	fd = open(file, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return errno;
	err = write(fd, text, strlen(text)) < 0 ? errno : 0;
	close(fd);
	return err;
}

/* Makes a directory of configfs, and writes a file of it; then removes it. */
static int make_faults(const char *dir, const char *name, const char *text,
		       const char *allowed)
{
	unsigned int nth;
	char file[256];
	bool reached;
	int err;

	snprintf(file, sizeof(file), "%s/%s", dir, name);
	for (nth = 1; nth < FAULTS_MAX; nth++) {
		fail_nth(nth);
		err = make_and_write(dir, file, text);
		reached = fail_nth_reached();
		if (rmdir(dir) && errno != ENOENT)
			return wrong_fault(nth, "remove", errno);
		if (err && !is_allowed(err, allowed))
			return wrong_fault(nth, "make", err);
		if (!reached)
			return 0;
	}
	return wrong_fault(nth, "no end", E2BIG);
}

/* Opens with the caller's rights, then gives them up and reads or writes. */
static int use_dropped(const char *file, const char *args)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[2] = {};
	int fd = open_or_exit(file, *args ? O_RDWR : O_RDONLY);
	char buf[64];

	if (syscall(SYS_capset, &header, data))
		return errno;
	if (*args)
		return write(fd, args, strlen(args)) < 0 ? errno : 0;
	return read(fd, buf, sizeof(buf)) < 0 ? errno : 0;
}

/* One call of open(2) with a mode in words: r, w, rw, with n for no wait. */
static int try_open(const char *mode, const char *file)
{
	int flags = O_RDONLY;

	if (!strncmp(mode, "rw", 2))
		flags = O_RDWR;
	else if (*mode == 'w')
		flags = O_WRONLY;
	if (strchr(mode, 'n'))
		flags |= O_NONBLOCK;
	open_or_exit(file, flags);
	return 0;
}

/* Through a pipe that the kernel has for it: a splice from, and one to. */
static int send_file(const char *from, const char *to)
{
	int in = open_or_exit(from, O_RDONLY);
	int out = open_or_exit(to, O_WRONLY);
	ssize_t got;

	do
		got = sendfile(out, in, NULL, 10000);
	while (got > 0);
	return got < 0 ? errno : 0;
}

static void copy_terminal(int from)
{
	char buf[4096];
	ssize_t got;

	/* EIO: the last one to have the terminal open is gone. */
	while ((got = read(from, buf, sizeof(buf))) > 0) {
		if (write(STDOUT_FILENO, buf, got) != got)
			break;
	}
}

/* The command has a terminal of its own, what it shows goes to our output. */
static int on_terminal(char **command)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	int status, slave;
	pid_t pid;

	if (master < 0 || grantpt(master) || unlockpt(master))
		return errno;
	pid = fork();
	if (pid < 0)
		return errno;
	if (!pid) {
		setsid();
		slave = open(ptsname(master), O_RDWR);
		if (slave < 0 || ioctl(slave, TIOCSCTTY, 0) ||
		    dup2(slave, STDIN_FILENO) < 0 ||
		    dup2(slave, STDOUT_FILENO) < 0)
			_exit(126);
		if (slave > STDERR_FILENO)
			close(slave);
		execvp(*command, command);
		_exit(127);
	}
	copy_terminal(master);
	if (waitpid(pid, &status, 0) != pid)
		return errno;
	exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128);
}

/*
 * An LED in user space: says "ready", then each brightness that it is set to,
 * until its input ends.
 */
static int be_led(const char *name, const char *max_brightness)
{
	struct uleds_user_dev dev = { .max_brightness = atoi(max_brightness) };
	struct pollfd fds[2] = {
		{ .fd = open_or_exit("/dev/uleds", O_RDWR), .events = POLLIN },
		{ .fd = STDIN_FILENO, .events = POLLIN },
	};
	int brightness;

	snprintf(dev.name, sizeof(dev.name), "%s", name);
	if (write(fds[0].fd, &dev, sizeof(dev)) != sizeof(dev))
		return errno;

	setlinebuf(stdout);
	puts("ready");
	while (poll(fds, 2, -1) > 0 && !fds[1].revents) {
		if (read(fds[0].fd, &brightness, sizeof(brightness)) !=
		    sizeof(brightness))
			return errno;
		printf("%d\n", brightness);
	}
	return 0;
}

#define CALL_ARGS	6
#define CALL_BUFFER_MAX	65536

/* A number, the address of a text behind '=', or of a buffer of @size bytes. */
static long call_argument(const char *text)
{
	static char buffer[CALL_BUFFER_MAX];

	if (*text == '=')
		return (long)(text + 1);
	if (*text == '@')
		return atoi(text + 1) <= CALL_BUFFER_MAX ? (long)buffer : 0;
	return strtol(text, NULL, 0);
}

/* Makes a system call by number and prints what it returns. */
static int make_call(int nr_args, char **args)
{
	long arg[CALL_ARGS + 1] = {};
	long result;
	int i;

	for (i = 0; i < nr_args && i < CALL_ARGS + 1; i++)
		arg[i] = call_argument(args[i]);
	result = syscall(arg[0], arg[1], arg[2], arg[3], arg[4], arg[5],
			 arg[6]);
	if (result < 0)
		return errno;
	printf("%ld\n", result);
	exit(0);
}

/* Makes a system call so often and prints how long each took in the mean. */
static int time_call(const char *nr, const char *count)
{
	unsigned long i, times = strtoul(count, NULL, 0);
	struct timespec start, end;
	long call = atol(nr);

	if (!times)
		return errno = EINVAL;
	clock_gettime(CLOCK_MONOTONIC, &start);
	for (i = 0; i < times; i++)
		syscall(call, 0, 0, 0);
	clock_gettime(CLOCK_MONOTONIC, &end);
	printf("%.0f\n", ((end.tv_sec - start.tv_sec) * 1e9 + end.tv_nsec -
			  start.tv_nsec) / times);
	exit(0);
}

static const struct {
	const char *name;
	const char *args;
	int nr;
} commands[] = {
	{ "load", "FILE PARAMETERS", 2 },
	{ "unload", "MODULE", 1 },
	{ "load-faults", "FILE MODULE ERRORS", 3 },
	{ "use-faults", "FILE TEXT ERRORS", 3 },
	{ "use-dropped", "FILE TEXT", 2 },
	{ "open", "MODE FILE", 2 },
	{ "led", "NAME MAX", 2 },
	{ "terminal", "COMMAND ...", -1 },
	{ "cycle", "TIMES FILE MODULE", 3 },
	{ "call", "NUMBER ARGUMENT ...", -1 },
	{ "time", "NUMBER TIMES", 2 },
	{ "make-faults", "DIRECTORY FILE TEXT ERRORS", 4 },
	{ "sendfile", "FROM TO", 2 },
};

int main(int argc, char **argv)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		bool right = commands[i].nr < 0 ? argc > 2 :
			     argc == commands[i].nr + 2;

		if (right && !strcmp(argv[1], commands[i].name))
			break;
	}
	switch (i) {
	case 0:
		return report(load(argv[2], argv[3]));
	case 1:
		return report(unload(argv[2]));
	case 2:
		return report(load_faults(argv[2], argv[3], argv[4]));
	case 3:
		return report(use_faults(argv[2], argv[3], argv[4]));
	case 4:
		return report(use_dropped(argv[2], argv[3]));
	case 5:
		return report(try_open(argv[2], argv[3]));
	case 6:
		return report(be_led(argv[2], argv[3]));
	case 7:
		return report(on_terminal(argv + 2));
	case 8:
		return report(load_cycles(argv[2], argv[3], argv[4]));
	case 9:
		return report(make_call(argc - 2, argv + 2));
	case 10:
		return report(time_call(argv[2], argv[3]));
	case 11:
		return report(make_faults(argv[2], argv[3], argv[4], argv[5]));
	case 12:
		return report(send_file(argv[2], argv[3]));
	}
	for (i = 0; i < ARRAY_SIZE(commands); i++)
		fprintf(stderr, "%s %s %s\n", argv[0], commands[i].name,
			commands[i].args);
	return 2;
}
