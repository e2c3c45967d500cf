// SPDX-License-Identifier: GPL-2.0-only
/*
 * The control device as a program sees it: each operation with right and wrong
 * arguments, and several callers at once.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/klab_chardev.h>

#include "../kselftest_harness.h"

#define NODE		"/dev/klab-control"
#define FIRST_TEXT	"Hello, world!"
#define PAGE		4096

/* 0 or an errno. */
static int call(int fd, unsigned long command, void *argument)
{
	return ioctl(fd, command, argument) ? errno : 0;
}

static int set_text(int fd, const char *text)
{
	struct klab_control_text argument = {};

	memcpy(argument.text, text, strlen(text));
	return call(fd, KLAB_CONTROL_SET, &argument);
}

static bool all_zero(const char *bytes, size_t len)
{
	while (len--) {
		if (bytes[len])
			return false;
	}
	return true;
}

FIXTURE(chardev_control)
{
	int fd;
	char *end;	/* of memory: what follows cannot be touched */
};

FIXTURE_SETUP(chardev_control)
{
	char *two = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	ASSERT_NE(MAP_FAILED, two);
	ASSERT_EQ(0, mprotect(two + PAGE, PAGE, PROT_NONE));
	self->end = two + PAGE;
	self->fd = open(NODE, O_RDWR | O_CLOEXEC);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, call(self->fd, KLAB_CONTROL_RESET, NULL));
}

FIXTURE_TEARDOWN(chardev_control)
{
	munmap(self->end - PAGE, 2 * PAGE);
	close(self->fd);
}

TEST_F(chardev_control, version_is_told)
{
	struct klab_control_info info;

	memset(&info, 0, sizeof(info));
	ASSERT_EQ(0, call(self->fd, KLAB_CONTROL_INFO, &info));
	EXPECT_EQ(KLAB_CONTROL_VERSION, info.version);
	EXPECT_EQ(strlen(FIRST_TEXT), info.length);
	EXPECT_EQ(0, info.flags);
	EXPECT_EQ(0, info.reserved);
}

/* A program of the first version, and one of a version that is yet to come. */
TEST_F(chardev_control, structure_may_be_shorter_or_longer)
{
	struct {
		struct klab_control_info info;
		char more[64];
	} longer = {};
	char *shorter = self->end - KLAB_CONTROL_INFO_SIZE_1;
	unsigned long first = _IOC(_IOC_READ | _IOC_WRITE, KLAB_CONTROL_IOC,
				   0x50, KLAB_CONTROL_INFO_SIZE_1);
	unsigned long later = _IOC(_IOC_READ | _IOC_WRITE, KLAB_CONTROL_IOC,
				   0x50, sizeof(longer));
	unsigned long less = _IOC(_IOC_READ | _IOC_WRITE, KLAB_CONTROL_IOC,
				  0x50, KLAB_CONTROL_INFO_SIZE_1 - 1);
	struct klab_control_info info = {};

	EXPECT_EQ(0, call(self->fd, first, shorter));
	memcpy(&info, shorter, KLAB_CONTROL_INFO_SIZE_1);
	EXPECT_EQ(KLAB_CONTROL_VERSION, info.version);
	EXPECT_EQ(0, call(self->fd, later, &longer));
	EXPECT_EQ(KLAB_CONTROL_VERSION, longer.info.version);
	EXPECT_TRUE(all_zero(longer.more, sizeof(longer.more)));
	longer.more[63] = 1;
	EXPECT_EQ(E2BIG, call(self->fd, later, &longer));
	EXPECT_EQ(EINVAL, call(self->fd, less, &longer));
}

/* The whole buffer is written, with zeros behind the text. */
TEST_F(chardev_control, reply_discloses_no_kernel_memory)
{
	struct klab_control_text text;
	size_t len = strlen(FIRST_TEXT);

	memset(&text, 0xa5, sizeof(text));
	ASSERT_EQ(0, call(self->fd, KLAB_CONTROL_GET, &text));
	EXPECT_STREQ(FIRST_TEXT, text.text);
	EXPECT_TRUE(all_zero(text.text + len, sizeof(text.text) - len));
}

TEST_F(chardev_control, earlier_text_does_not_shine_through)
{
	struct klab_control_text text;

	memset(&text, 'x', sizeof(text));
	text.text[sizeof(text.text) - 1] = '\0';
	ASSERT_EQ(0, call(self->fd, KLAB_CONTROL_SET, &text));
	ASSERT_EQ(0, set_text(self->fd, "ab"));
	ASSERT_EQ(0, call(self->fd, KLAB_CONTROL_GET, &text));
	EXPECT_STREQ("ab", text.text);
	EXPECT_TRUE(all_zero(text.text + 2, sizeof(text.text) - 2));
}

TEST_F(chardev_control, what_is_reserved_must_be_zero)
{
	struct klab_control_info info = { .flags = 0x80000000 };
	struct klab_control_byte byte = { .reserved = { 0, 1, 0 } };
	struct klab_control_copy copy = { .reserved = 1 };
	struct klab_control_text text = { .text = "text" };

	EXPECT_EQ(EINVAL, call(self->fd, KLAB_CONTROL_INFO, &info));
	info = (struct klab_control_info){ .reserved = 1 };
	EXPECT_EQ(EINVAL, call(self->fd, KLAB_CONTROL_INFO, &info));
	EXPECT_EQ(EINVAL, call(self->fd, KLAB_CONTROL_BYTE, &byte));
	EXPECT_EQ(EINVAL, call(self->fd, KLAB_CONTROL_COPY, &copy));
	text.text[sizeof(text.text) - 1] = 'x';
	EXPECT_EQ(EINVAL, call(self->fd, KLAB_CONTROL_SET, &text));
	memset(&text, 'x', sizeof(text));
	EXPECT_EQ(EINVAL, call(self->fd, KLAB_CONTROL_SET, &text));
}

TEST_F(chardev_control, unknown_commands)
{
	struct klab_control_text text;

	EXPECT_EQ(ENOTTY, call(self->fd, 0, &text));
	EXPECT_EQ(ENOTTY, call(self->fd, ~0u, &text));
	EXPECT_EQ(ENOTTY, call(self->fd, _IOR('h', 1, text), &text));
	EXPECT_EQ(ENOTTY, call(self->fd, _IOR(KLAB_CONTROL_IOC, 0x56, text),
			       &text));
	/* The number is right, the direction or the size is not. */
	EXPECT_EQ(ENOTTY, call(self->fd, _IOW(KLAB_CONTROL_IOC, 0x51, text),
			       &text));
	EXPECT_EQ(ENOTTY, call(self->fd, _IO(KLAB_CONTROL_IOC, 0x51), &text));
	EXPECT_EQ(ENOTTY, call(self->fd, _IOC(_IOC_READ, KLAB_CONTROL_IOC, 0x51,
					      sizeof(text) - 1), &text));
	/* One of the terminal's. */
	EXPECT_EQ(ENOTTY, call(self->fd, 0x5401, &text));
}

static const struct { unsigned long command; size_t size; } commands[] = {
	{ KLAB_CONTROL_INFO, sizeof(struct klab_control_info) },
	{ KLAB_CONTROL_GET, sizeof(struct klab_control_text) },
	{ KLAB_CONTROL_SET, sizeof(struct klab_control_text) },
	{ KLAB_CONTROL_BYTE, sizeof(struct klab_control_byte) },
	{ KLAB_CONTROL_COPY, sizeof(struct klab_control_copy) },
};

TEST_F(chardev_control, memory_that_is_not_the_callers)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		unsigned long command = commands[i].command;
		size_t size = commands[i].size;

		EXPECT_EQ(EFAULT, call(self->fd, command, NULL));
		EXPECT_EQ(EFAULT, call(self->fd, command, self->end));
		EXPECT_EQ(EFAULT, call(self->fd, command, (void *)-PAGE));
		EXPECT_EQ(EFAULT, call(self->fd, command, self->end - size + 1));
		memset(self->end - PAGE, 0, PAGE);
		EXPECT_EQ(0, call(self->fd, command, self->end - size));
		ASSERT_EQ(0, set_text(self->fd, FIRST_TEXT));
	}
}

TEST_F(chardev_control, structures_at_odd_addresses)
{
	size_t i, at;

	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		for (at = 1; at < 8; at++) {
			memset(self->end - PAGE, 0, PAGE);
			EXPECT_EQ(0, call(self->fd, commands[i].command,
					  self->end - PAGE + at));
			ASSERT_EQ(0, set_text(self->fd, FIRST_TEXT));
		}
	}
}

TEST_F(chardev_control, memory_that_can_only_be_read)
{
	void *page = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS,
			  -1, 0);

	ASSERT_NE(MAP_FAILED, page);
	EXPECT_EQ(EFAULT, call(self->fd, KLAB_CONTROL_INFO, page));
	EXPECT_EQ(EFAULT, call(self->fd, KLAB_CONTROL_GET, page));
	EXPECT_EQ(EFAULT, call(self->fd, KLAB_CONTROL_BYTE, page));
	EXPECT_EQ(EFAULT, call(self->fd, KLAB_CONTROL_COPY, page));
	EXPECT_EQ(0, call(self->fd, KLAB_CONTROL_SET, page));
}

TEST_F(chardev_control, every_byte_by_its_number)
{
	struct klab_control_byte byte = { .value = 0xff };

	for (byte.index = 0; byte.index < strlen(FIRST_TEXT); byte.index++) {
		ASSERT_EQ(0, call(self->fd, KLAB_CONTROL_BYTE, &byte));
		EXPECT_EQ(FIRST_TEXT[byte.index], byte.value);
	}
	EXPECT_EQ(EINVAL, call(self->fd, KLAB_CONTROL_BYTE, &byte));
	byte.index = UINT32_MAX;
	EXPECT_EQ(EINVAL, call(self->fd, KLAB_CONTROL_BYTE, &byte));
}

TEST_F(chardev_control, short_and_big_buffers)
{
	struct klab_control_copy copy = {
		.address = (uintptr_t)self->end - 5,
		.size = 5,
		.offset = 7,
	};

	ASSERT_EQ(0, call(self->fd, KLAB_CONTROL_COPY, &copy));
	EXPECT_EQ(5, copy.length);
	EXPECT_EQ(0, memcmp(self->end - 5, "world", 5));
	/* One that is said to be huge gets what there is. */
	copy.address = (uintptr_t)self->end - 6;
	copy.size = UINT32_MAX;
	ASSERT_EQ(0, call(self->fd, KLAB_CONTROL_COPY, &copy));
	EXPECT_EQ(6, copy.length);
	copy.address++;
	EXPECT_EQ(EFAULT, call(self->fd, KLAB_CONTROL_COPY, &copy));
	copy.address = -8ULL;
	EXPECT_EQ(EFAULT, call(self->fd, KLAB_CONTROL_COPY, &copy));
	copy.address = 0;
	copy.size = 0;
	EXPECT_EQ(0, call(self->fd, KLAB_CONTROL_COPY, &copy));
	EXPECT_EQ(0, copy.length);
	copy.offset = strlen(FIRST_TEXT) + 1;
	EXPECT_EQ(EINVAL, call(self->fd, KLAB_CONTROL_COPY, &copy));
}

TEST_F(chardev_control, set_needs_a_file_for_writing)
{
	int fd = open(NODE, O_RDONLY | O_CLOEXEC);

	ASSERT_LE(0, fd);
	EXPECT_EQ(EBADF, set_text(fd, "no"));
	close(fd);
	fd = open(NODE, O_WRONLY | O_CLOEXEC);
	ASSERT_LE(0, fd);
	EXPECT_EQ(0, set_text(fd, "yes"));
	close(fd);
}

/* The file is open; what counts is who calls. */
TEST_F(chardev_control, reset_needs_the_capability)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct none[2] = {};
	pid_t pid = fork();
	int status;

	ASSERT_LE(0, pid);
	if (!pid) {
		if (syscall(SYS_capset, &header, none))
			_exit(200);
		_exit(call(self->fd, KLAB_CONTROL_RESET, NULL));
	}
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_TRUE(WIFEXITED(status));
	EXPECT_EQ(EPERM, WEXITSTATUS(status));
	EXPECT_EQ(0, call(self->fd, KLAB_CONTROL_RESET, NULL));
}

TEST_F(chardev_control, operations_are_counted)
{
	struct klab_control_info info = {};

	ASSERT_EQ(0, call(self->fd, KLAB_CONTROL_INFO, &info));
	EXPECT_EQ(1, info.calls);
	EXPECT_EQ(ENOTTY, call(self->fd, 1, NULL));
	ASSERT_EQ(0, call(self->fd, KLAB_CONTROL_INFO, &info));
	EXPECT_EQ(3, info.calls);
	EXPECT_EQ(1, info.refused);
}

#define WRITERS		4
#define ROUNDS		2000

/**
 * struct worker - a thread that sets texts of one letter
 * @thread: the thread
 * @fd: the device
 * @letter: which one
 * @failed: something went wrong
 */
struct worker {
	pthread_t thread;
	int fd;
	char letter;
	bool failed;
};

static void *set_often(void *data)
{
	struct klab_control_text text = {};
	struct worker *worker = data;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		memset(&text, 0, sizeof(text));
		memset(text.text, worker->letter, 1 + i % 159);
		if (call(worker->fd, KLAB_CONTROL_SET, &text))
			worker->failed = true;
	}
	return NULL;
}

/* A text is of one writer, whoever else writes meanwhile. */
static bool is_whole(const struct klab_control_text *text)
{
	size_t len = strnlen(text->text, sizeof(text->text)), i;

	for (i = 1; i < len; i++) {
		if (text->text[i] != text->text[0])
			return false;
	}
	return all_zero(text->text + len, sizeof(text->text) - len);
}

TEST_F(chardev_control, texts_do_not_mix)
{
	struct worker workers[WRITERS] = {};
	struct klab_control_text text;
	int i;

	ASSERT_EQ(0, set_text(self->fd, "a"));
	for (i = 0; i < WRITERS; i++) {
		workers[i].fd = self->fd;
		workers[i].letter = 'a' + i;
		ASSERT_EQ(0, pthread_create(&workers[i].thread, NULL, set_often,
					    &workers[i]));
	}
	for (i = 0; i < ROUNDS; i++) {
		ASSERT_EQ(0, call(self->fd, KLAB_CONTROL_GET, &text));
		ASSERT_TRUE(is_whole(&text));
	}
	for (i = 0; i < WRITERS; i++) {
		pthread_join(workers[i].thread, NULL);
		EXPECT_FALSE(workers[i].failed);
	}
}

/* Whoever dies while it calls leaves the device in order. */
TEST_F(chardev_control, callers_are_killed)
{
	struct klab_control_text text;
	int round, pids[WRITERS], i;

	ASSERT_EQ(0, set_text(self->fd, "a"));
	for (round = 0; round < 10; round++) {
		for (i = 0; i < WRITERS; i++) {
			struct worker worker = { .fd = self->fd,
						 .letter = 'a' + i };

			pids[i] = fork();
			ASSERT_LE(0, pids[i]);
			while (!pids[i])
				set_often(&worker);
		}
		for (i = 0; i < 100; i++) {
			ASSERT_EQ(0, call(self->fd, KLAB_CONTROL_GET, &text));
			EXPECT_TRUE(is_whole(&text));
		}
		for (i = 0; i < WRITERS; i++) {
			kill(pids[i], SIGKILL);
			ASSERT_EQ(pids[i], waitpid(pids[i], NULL, 0));
		}
	}
	EXPECT_EQ(0, set_text(self->fd, FIRST_TEXT));
}

TEST_HARNESS_MAIN
