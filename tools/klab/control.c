// SPDX-License-Identifier: GPL-2.0-only
/*
 * klab control: the operations of /dev/klab-control, by the header that the
 * driver has too.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/klab_chardev.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "klab.h"

#define NODE	"/dev/klab-control"

/**
 * struct operation - what can be asked of the device
 * @name: how it is called here
 * @nr_args: how many arguments it needs
 * @flags: how the device has to be opened
 * @run: does it, returns an enum status
 */
struct operation {
	const char *name;
	int nr_args;
	int flags;
	int (*run)(int fd, char **args);
};

static int failed(const char *what)
{
	klab_err(NODE ": %s: %s", what, strerror(errno));
	return STATUS_FAILED;
}

static bool read_u32(const char *text, __u32 *number)
{
	unsigned long long value;
	char *end;

	if (*text >= '0' && *text <= '9') {
		errno = 0;
		value = strtoull(text, &end, 0);
		if (!errno && !*end && value <= UINT32_MAX) {
			*number = value;
			return true;
		}
	}
	klab_err("control: %s: not a number from 0 to %u", text, UINT32_MAX);
	return false;
}

static void print_text(const char *text, size_t len)
{
	put_data(stdout, text, len);
	putchar('\n');
}

static int do_info(int fd, char **args)
{
	struct klab_control_info info = {};

	(void)args;
	if (ioctl(fd, KLAB_CONTROL_INFO, &info))
		return failed("info");
	printf("version of the device   %u\n", info.version);
	printf("version of this program %u\n", KLAB_CONTROL_VERSION);
	printf("length of the text      %u\n", info.length);
	printf("operations done         %llu\n", info.calls);
	/* An older kernel does not know it. */
	if (info.version >= 2)
		printf("of these, refused       %llu\n", info.refused);
	return STATUS_OK;
}

static int do_get(int fd, char **args)
{
	struct klab_control_text text;

	(void)args;
	if (ioctl(fd, KLAB_CONTROL_GET, &text))
		return failed("get");
	print_text(text.text, strnlen(text.text, sizeof(text.text)));
	return STATUS_OK;
}

static int do_set(int fd, char **args)
{
	struct klab_control_text text = {};
	size_t len = strlen(args[0]);

	if (len >= sizeof(text.text)) {
		klab_err("control: the text is longer than %zu bytes",
			 sizeof(text.text) - 1);
		return STATUS_FAILED;
	}
	memcpy(text.text, args[0], len);
	return ioctl(fd, KLAB_CONTROL_SET, &text) ? failed("set") : STATUS_OK;
}

static int do_byte(int fd, char **args)
{
	struct klab_control_byte byte = {};

	if (!read_u32(args[0], &byte.index))
		return STATUS_USAGE;
	if (ioctl(fd, KLAB_CONTROL_BYTE, &byte))
		return failed("byte");
	printf("0x%02x\n", byte.value);
	return STATUS_OK;
}

static int do_copy(int fd, char **args)
{
	/* No text is longer than that without its NUL, which is not copied. */
	char buffer[KLAB_CONTROL_TEXT_SIZE];
	struct klab_control_copy copy = {
		.address = (uintptr_t)buffer,
	};

	if (!read_u32(args[0], &copy.offset) || !read_u32(args[1], &copy.size))
		return STATUS_USAGE;
	if (copy.size > sizeof(buffer) - 1)
		copy.size = sizeof(buffer) - 1;
	if (ioctl(fd, KLAB_CONTROL_COPY, &copy))
		return failed("copy");
	buffer[copy.length] = '\0';
	print_text(buffer, copy.length);
	return STATUS_OK;
}

static int do_reset(int fd, char **args)
{
	(void)args;
	return ioctl(fd, KLAB_CONTROL_RESET) ? failed("reset") : STATUS_OK;
}

static const struct operation operations[] = {
	{ "info", 0, O_RDONLY, do_info },
	{ "get", 0, O_RDONLY, do_get },
	{ "set", 1, O_WRONLY, do_set },
	{ "byte", 1, O_RDONLY, do_byte },
	{ "copy", 2, O_RDONLY, do_copy },
	{ "reset", 0, O_RDONLY, do_reset },
};

static const struct operation *find_operation(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(operations); i++) {
		if (!strcmp(operations[i].name, name))
			return &operations[i];
	}
	klab_err("control: no operation '%s'", name);
	return NULL;
}

static int control_run(const struct options *options)
{
	const char *name = options->nr_args ? options->args[0] : "info";
	const struct operation *operation = find_operation(name);
	int nr_args = options->nr_args ? options->nr_args - 1 : 0;
	int fd, status;

	if (!operation)
		return STATUS_USAGE;
	if (nr_args != operation->nr_args) {
		klab_err("control: %s needs %d arguments, not %d", name,
			 operation->nr_args, nr_args);
		return STATUS_USAGE;
	}
	fd = open(NODE, operation->flags | O_CLOEXEC);
	if (fd < 0)
		return failed("open");
	status = operation->run(fd, options->args + 1);
	close(fd);
	return status;
}

const struct command control_command = {
	.name = "control",
	.usage = "[info | get | set TEXT | byte INDEX | copy OFFSET SIZE | reset]",
	.summary = "operate " NODE " by ioctl()",
	.help = "Asks " NODE " what it is (info), prints its text (get), one byte of it\n"
		"(byte) or a piece (copy), replaces it (set), or makes the device as it was\n"
		"when it was new (reset, needs CAP_SYS_ADMIN). What is not text is escaped.\n",
	.min_args = 0,
	.max_args = 3,
	.run = control_run,
};
