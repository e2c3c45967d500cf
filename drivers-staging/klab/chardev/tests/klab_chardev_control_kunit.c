// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests for the control device: every operation with what it may and may
 * not be given, and what it leaves in memory of the caller's.
 */
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/klab_chardev.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include <kunit/test.h>

#include "../../core/klab_fixture.h"
#include "../control.h"

#define DEFAULT_LENGTH	(sizeof(KLAB_CONTROL_DEFAULT) - 1)
#define READ_WRITE	(FMODE_READ | FMODE_WRITE)

/**
 * struct made - a device and memory of user space
 * @control: the device
 * @page: a page, behind which there is nothing
 */
struct made {
	struct klab_control control;
	u8 __user *page;
};

static struct made *make(struct kunit *test)
{
	struct made *made = kunit_kzalloc(test, sizeof(*made), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, made);
	klab_control_init(&made->control);
	made->page = klab_kunit_user_page(test);
	KUNIT_ASSERT_EQ(test, 0, clear_user(made->page, PAGE_SIZE));
	return made;
}

static long call(struct made *made, unsigned int command, void __user *user)
{
	return klab_control_command(&made->control, READ_WRITE, command, user);
}

/* The command with the argument at the user's page; the argument comes back. */
static long call_with(struct made *made, unsigned int command, void *argument,
		      size_t size)
{
	long ret;

	if (copy_to_user(made->page, argument, size))
		return -ENODATA;
	ret = call(made, command, made->page);
	if (copy_from_user(argument, made->page, size))
		return -ENODATA;
	return ret;
}

static long set(struct made *made, const char *text)
{
	struct klab_control_text argument = {};

	strscpy(argument.text, text);
	return call_with(made, KLAB_CONTROL_SET, &argument, sizeof(argument));
}

static void klab_chardev_control_text_there_and_back(struct kunit *test)
{
	struct made *made = make(test);
	struct klab_control_text text;

	memset(&text, 0xff, sizeof(text));
	KUNIT_EXPECT_EQ(test, 0, call_with(made, KLAB_CONTROL_GET, &text,
					   sizeof(text)));
	KUNIT_EXPECT_STREQ(test, text.text, KLAB_CONTROL_DEFAULT);
	KUNIT_EXPECT_EQ(test, 0, set(made, "another"));
	KUNIT_EXPECT_EQ(test, 0, call_with(made, KLAB_CONTROL_GET, &text,
					   sizeof(text)));
	KUNIT_EXPECT_STREQ(test, text.text, "another");
	KUNIT_EXPECT_EQ(test, 0, set(made, ""));
	KUNIT_EXPECT_EQ(test, made->control.length, 0);
}

static void klab_chardev_control_users_of_a_descriptor_take_turns(struct kunit *test)
{
	struct file *file = kunit_kzalloc(test, sizeof(*file), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, file);
	KUNIT_EXPECT_EQ(test, 0, klab_control_open(NULL, file));
	KUNIT_EXPECT_TRUE(test, file->f_mode & FMODE_ATOMIC_POS);
}

/* What was in the device before must not show behind a shorter text. */
static void klab_chardev_control_discloses_nothing(struct kunit *test)
{
	struct made *made = make(test);
	struct klab_control_text text;

	memset(text.text, 'x', sizeof(text.text));
	text.text[sizeof(text.text) - 1] = '\0';
	KUNIT_EXPECT_EQ(test, 0, call_with(made, KLAB_CONTROL_SET, &text,
					   sizeof(text)));
	KUNIT_EXPECT_EQ(test, made->control.length, sizeof(text.text) - 1);
	KUNIT_EXPECT_EQ(test, 0, set(made, "ab"));
	memset(&text, 0xff, sizeof(text));
	KUNIT_EXPECT_EQ(test, 0, call_with(made, KLAB_CONTROL_GET, &text,
					   sizeof(text)));
	KUNIT_EXPECT_STREQ(test, text.text, "ab");
	KUNIT_EXPECT_NULL(test, memchr_inv(text.text + 2, 0,
					   sizeof(text.text) - 2));
}

static void klab_chardev_control_text_has_one_end(struct kunit *test)
{
	struct made *made = make(test);
	struct klab_control_text text = { .text = "text" };

	text.text[sizeof(text.text) - 1] = 1;
	KUNIT_EXPECT_EQ(test, -EINVAL, call_with(made, KLAB_CONTROL_SET, &text,
						 sizeof(text)));
	memset(text.text, 'x', sizeof(text.text));
	KUNIT_EXPECT_EQ(test, -EINVAL, call_with(made, KLAB_CONTROL_SET, &text,
						 sizeof(text)));
	KUNIT_EXPECT_STREQ(test, made->control.text, KLAB_CONTROL_DEFAULT);
}

static void klab_chardev_control_set_needs_a_file_for_writing(struct kunit *test)
{
	struct made *made = make(test);

	KUNIT_EXPECT_EQ(test, -EBADF,
			klab_control_command(&made->control, FMODE_READ,
					     KLAB_CONTROL_SET, made->page));
	KUNIT_EXPECT_STREQ(test, made->control.text, KLAB_CONTROL_DEFAULT);
	KUNIT_EXPECT_EQ(test, 0,
			klab_control_command(&made->control, FMODE_WRITE,
					     KLAB_CONTROL_SET, made->page));
}

static const struct size_case {
	const char *what;
	size_t size;
	long ret;
} size_cases[] = {
	{ "nothing", 0, -EINVAL },
	{ "less than version 1", KLAB_CONTROL_INFO_SIZE_1 - 1, -EINVAL },
	{ "version 1", KLAB_CONTROL_INFO_SIZE_1, 0 },
	{ "between versions", KLAB_CONTROL_INFO_SIZE_1 + 4, 0 },
	{ "this version", sizeof(struct klab_control_info), 0 },
	{ "a later version", sizeof(struct klab_control_info) + 8, 0 },
	{ "an odd size", sizeof(struct klab_control_info) + 13, 0 },
	{ "the largest there is", _IOC_SIZEMASK, -EFAULT },
};

KUNIT_ARRAY_PARAM_DESC(size, size_cases, what);

#define INFO_OF_SIZE(size)	_IOC(_IOC_READ | _IOC_WRITE, KLAB_CONTROL_IOC, 0x50, size)

/* As much as both sides know, and not a byte more, is written. */
static void klab_chardev_control_info_of_every_size(struct kunit *test)
{
	const struct size_case *c = test->param_value;
	struct made *made = make(test);
	size_t known = min(c->size, sizeof(struct klab_control_info));
	struct klab_control_info info = {};
	u8 __user *at;
	u8 rest[8];

	made->control.refused = 0x0102030405060708;
	at = made->page + PAGE_SIZE - min_t(size_t, c->size + 8, PAGE_SIZE / 2);
	KUNIT_ASSERT_EQ(test, c->ret, call(made, INFO_OF_SIZE(c->size), at));
	if (c->ret)
		return;
	KUNIT_ASSERT_EQ(test, 0, copy_from_user(&info, at, known));
	KUNIT_EXPECT_EQ(test, info.version, KLAB_CONTROL_VERSION);
	KUNIT_EXPECT_EQ(test, info.length, DEFAULT_LENGTH);
	KUNIT_EXPECT_EQ(test, info.flags, 0);
	KUNIT_EXPECT_EQ(test, info.reserved, 0);
	KUNIT_EXPECT_MEMEQ(test, (u8 *)&info + KLAB_CONTROL_INFO_SIZE_1,
			   (u8 *)&made->control.refused,
			   known - KLAB_CONTROL_INFO_SIZE_1);
	KUNIT_ASSERT_EQ(test, 0, copy_from_user(rest, at + known, sizeof(rest)));
	KUNIT_EXPECT_NULL(test, memchr_inv(rest, 0, sizeof(rest)));
}

static void klab_chardev_control_info_of_the_future(struct kunit *test)
{
	struct made *made = make(test);
	u8 longer[sizeof(struct klab_control_info) + 8] = {};
	struct klab_control_info info = { .flags = 1 };

	longer[sizeof(longer) - 1] = 1;
	KUNIT_EXPECT_EQ(test, -E2BIG,
			call_with(made, INFO_OF_SIZE(sizeof(longer)), longer,
				  sizeof(longer)));
	KUNIT_EXPECT_EQ(test, -EINVAL, call_with(made, KLAB_CONTROL_INFO, &info,
						 sizeof(info)));
	info.flags = 0;
	info.reserved = 1;
	KUNIT_EXPECT_EQ(test, -EINVAL, call_with(made, KLAB_CONTROL_INFO, &info,
						 sizeof(info)));
}

static void klab_chardev_control_counts(struct kunit *test)
{
	struct klab_control_info info = {};
	struct made *made = make(test);

	KUNIT_EXPECT_EQ(test, -ENOTTY, call(made, 0, NULL));
	KUNIT_EXPECT_EQ(test, 0, set(made, "x"));
	KUNIT_EXPECT_EQ(test, 0, call_with(made, KLAB_CONTROL_INFO, &info,
					   sizeof(info)));
	KUNIT_EXPECT_EQ(test, info.calls, 2);
	KUNIT_EXPECT_EQ(test, info.refused, 1);
}

static void klab_chardev_control_bytes(struct kunit *test)
{
	struct klab_control_byte byte = { .index = 4, .value = 0xff };
	struct made *made = make(test);

	KUNIT_EXPECT_EQ(test, 0, call_with(made, KLAB_CONTROL_BYTE, &byte,
					   sizeof(byte)));
	KUNIT_EXPECT_EQ(test, byte.value, 'o');
	byte.index = DEFAULT_LENGTH;
	KUNIT_EXPECT_EQ(test, -EINVAL, call_with(made, KLAB_CONTROL_BYTE, &byte,
						 sizeof(byte)));
	byte.index = U32_MAX;
	KUNIT_EXPECT_EQ(test, -EINVAL, call_with(made, KLAB_CONTROL_BYTE, &byte,
						 sizeof(byte)));
	byte.index = 0;
	byte.reserved[2] = 1;
	KUNIT_EXPECT_EQ(test, -EINVAL, call_with(made, KLAB_CONTROL_BYTE, &byte,
						 sizeof(byte)));
}

static const struct copy_case {
	const char *what;
	u32 size;
	u32 offset;
	u32 reserved;
	long ret;
	u32 length;
} copy_cases[] = {
	{ "all of it", 1000, 0, 0, 0, DEFAULT_LENGTH },
	{ "exactly all of it", DEFAULT_LENGTH, 0, 0, 0, DEFAULT_LENGTH },
	{ "a short buffer", 5, 0, 0, 0, 5 },
	{ "a huge buffer", U32_MAX, 1, 0, 0, DEFAULT_LENGTH - 1 },
	{ "no buffer", 0, 3, 0, 0, 0 },
	{ "the end", 8, DEFAULT_LENGTH, 0, 0, 0 },
	{ "the middle", 3, 7, 0, 0, 3 },
	{ "behind the end", 8, DEFAULT_LENGTH + 1, 0, -EINVAL, 0 },
	{ "far behind the end", 8, U32_MAX, 0, -EINVAL, 0 },
	{ "what is reserved", 8, 0, 1, -EINVAL, 0 },
};

KUNIT_ARRAY_PARAM_DESC(copy, copy_cases, what);

static void klab_chardev_control_copies(struct kunit *test)
{
	const struct copy_case *c = test->param_value;
	struct made *made = make(test);
	struct klab_control_copy copy = {
		/* At an odd address. */
		.address = (unsigned long)made->page + 1001,
		.size = c->size,
		.offset = c->offset,
		.reserved = c->reserved,
	};
	const char *expected = KLAB_CONTROL_DEFAULT;
	char back[DEFAULT_LENGTH + 1];

	expected += min_t(u32, c->offset, DEFAULT_LENGTH);
	KUNIT_ASSERT_EQ(test, c->ret, call_with(made, KLAB_CONTROL_COPY, &copy,
						sizeof(copy)));
	KUNIT_EXPECT_EQ(test, copy.length, c->length);
	KUNIT_ASSERT_EQ(test, 0, copy_from_user(back, made->page + 1001,
						sizeof(back)));
	KUNIT_EXPECT_MEMEQ(test, back, expected, c->length);
	KUNIT_EXPECT_EQ(test, back[c->length], 0);
}

static void klab_chardev_control_copy_to_nowhere(struct kunit *test)
{
	struct made *made = make(test);
	struct klab_control_copy copy = {
		.address = (unsigned long)made->page + PAGE_SIZE - 4,
		.size = 5,
	};

	KUNIT_EXPECT_EQ(test, -EFAULT, call_with(made, KLAB_CONTROL_COPY, &copy,
						 sizeof(copy)));
	/* On a machine of 32 bits the page would be there without the rest. */
	copy.address = BIT_ULL(63) | (unsigned long)made->page;
	KUNIT_EXPECT_EQ(test, -EFAULT, call_with(made, KLAB_CONTROL_COPY, &copy,
						 sizeof(copy)));
}

static void klab_chardev_control_reset_makes_it_new(struct kunit *test)
{
	struct made *made = make(test);

	KUNIT_ASSERT_EQ(test, 0, set(made, "x"));
	KUNIT_EXPECT_EQ(test, 0, call(made, KLAB_CONTROL_RESET, NULL));
	KUNIT_EXPECT_STREQ(test, made->control.text, KLAB_CONTROL_DEFAULT);
	KUNIT_EXPECT_EQ(test, made->control.length, DEFAULT_LENGTH);
	KUNIT_EXPECT_EQ(test, made->control.calls, 1);
}

static const struct command_case {
	const char *what;
	unsigned int command;
	size_t size;
} command_cases[] = {
	{ "info", KLAB_CONTROL_INFO, sizeof(struct klab_control_info) },
	{ "get", KLAB_CONTROL_GET, sizeof(struct klab_control_text) },
	{ "set", KLAB_CONTROL_SET, sizeof(struct klab_control_text) },
	{ "byte", KLAB_CONTROL_BYTE, sizeof(struct klab_control_byte) },
	{ "copy", KLAB_CONTROL_COPY, sizeof(struct klab_control_copy) },
};

KUNIT_ARRAY_PARAM_DESC(command, command_cases, what);

/* A structure that ends where the memory does is taken; a byte less is not. */
static void klab_chardev_control_memory_that_ends(struct kunit *test)
{
	static const struct klab_control_text text = { .text = "text" };
	const struct command_case *c = test->param_value;
	struct made *made = make(test);
	u8 __user *end = made->page + PAGE_SIZE;

	KUNIT_EXPECT_EQ(test, -EFAULT, call(made, c->command, NULL));
	KUNIT_EXPECT_EQ(test, -EFAULT, call(made, c->command, end));
	KUNIT_EXPECT_EQ(test, -EFAULT, call(made, c->command,
					    end - c->size + 1));
	KUNIT_EXPECT_EQ(test, 0, call(made, c->command, end - c->size));
	/* At an odd address. */
	KUNIT_ASSERT_EQ(test, 0, clear_user(made->page, PAGE_SIZE));
	KUNIT_EXPECT_EQ(test, 0, klab_control_replace(&made->control, &text));
	KUNIT_EXPECT_EQ(test, 0, call(made, c->command, made->page + 3));
}

/* Nothing answers to a number that is not the device's own. */
static void klab_chardev_control_other_commands(struct kunit *test)
{
	const struct command_case *c = test->param_value;
	struct made *made = make(test);
	unsigned int dir;

	for (dir = 0; dir < 4; dir++) {
		unsigned int other = (c->command & ~(_IOC_DIRMASK << _IOC_DIRSHIFT)) |
				     dir << _IOC_DIRSHIFT;

		if (other == c->command)
			continue;
		KUNIT_EXPECT_EQ(test, -ENOTTY, call(made, other, made->page));
	}
	KUNIT_EXPECT_EQ(test, -ENOTTY, call(made, c->command ^ 0x100,
					    made->page));
	KUNIT_EXPECT_EQ(test, -ENOTTY, call(made, c->command ^ 0x80,
					    made->page));
	if (c->command != KLAB_CONTROL_INFO)
		KUNIT_EXPECT_EQ(test, -ENOTTY,
				call(made, c->command + (1 << _IOC_SIZESHIFT),
				     made->page));
}

static void klab_chardev_control_reads_as_a_file(struct kunit *test)
{
	struct made *made = make(test);
	char back[16] = {};
	loff_t pos = 0;

	KUNIT_EXPECT_EQ(test, 5, klab_control_read(&made->control, made->page,
						   5, &pos));
	KUNIT_EXPECT_EQ(test, DEFAULT_LENGTH + 1 - 5,
			klab_control_read(&made->control, made->page + 5, 1000,
					  &pos));
	KUNIT_EXPECT_EQ(test, 0, klab_control_read(&made->control, made->page,
						   1, &pos));
	KUNIT_ASSERT_EQ(test, 0, copy_from_user(back, made->page,
						DEFAULT_LENGTH + 1));
	KUNIT_EXPECT_STREQ(test, back, KLAB_CONTROL_DEFAULT "\n");
	pos = 0;
	KUNIT_EXPECT_EQ(test, -EFAULT,
			klab_control_read(&made->control, made->page + PAGE_SIZE,
					  1, &pos));
	KUNIT_EXPECT_EQ(test, pos, 0);
}

static const struct write_case {
	const char *what;
	const char *bytes;
	size_t count;
	ssize_t ret;
	const char *text;
} write_cases[] = {
	{ "a line", "line\n", 5, 5, "line" },
	{ "no newline", "line", 4, 4, "line" },
	{ "two newlines", "a\n\n", 3, 3, "a\n" },
	{ "nothing", "", 0, 0, "" },
	{ "a newline", "\n", 1, 1, "" },
	{ "a NUL", "a\0b", 3, -EINVAL, KLAB_CONTROL_DEFAULT },
	{ "a NUL at the end", "ab", 3, -EINVAL, KLAB_CONTROL_DEFAULT },
};

KUNIT_ARRAY_PARAM_DESC(write, write_cases, what);

static void klab_chardev_control_writes_as_to_a_file(struct kunit *test)
{
	const struct write_case *c = test->param_value;
	struct made *made = make(test);

	KUNIT_ASSERT_EQ(test, 0, copy_to_user(made->page, c->bytes, c->count));
	KUNIT_EXPECT_EQ(test, c->ret, klab_control_write(&made->control,
							 made->page, c->count));
	KUNIT_EXPECT_STREQ(test, made->control.text, c->text);
}

static void klab_chardev_control_lines_that_are_too_long(struct kunit *test)
{
	struct made *made = make(test);
	char bytes[KLAB_CONTROL_TEXT_SIZE];

	memset(bytes, 'x', sizeof(bytes));
	KUNIT_ASSERT_EQ(test, 0, copy_to_user(made->page, bytes, sizeof(bytes)));
	KUNIT_EXPECT_EQ(test, 159, klab_control_write(&made->control,
						      made->page, 159));
	KUNIT_EXPECT_EQ(test, -EINVAL, klab_control_write(&made->control,
							  made->page, 160));
	KUNIT_EXPECT_EQ(test, -EINVAL, klab_control_write(&made->control,
							  made->page, 161));
	KUNIT_EXPECT_EQ(test, -EINVAL, klab_control_write(&made->control,
							  made->page, -1UL));
	KUNIT_EXPECT_EQ(test, -EFAULT,
			klab_control_write(&made->control,
					   made->page + PAGE_SIZE - 1, 2));
	KUNIT_EXPECT_EQ(test, made->control.length, 159);
}

static struct kunit_case klab_chardev_control_cases[] = {
	KUNIT_CASE(klab_chardev_control_text_there_and_back),
	KUNIT_CASE(klab_chardev_control_users_of_a_descriptor_take_turns),
	KUNIT_CASE(klab_chardev_control_discloses_nothing),
	KUNIT_CASE(klab_chardev_control_text_has_one_end),
	KUNIT_CASE(klab_chardev_control_set_needs_a_file_for_writing),
	KUNIT_CASE_PARAM(klab_chardev_control_info_of_every_size,
			 size_gen_params),
	KUNIT_CASE(klab_chardev_control_info_of_the_future),
	KUNIT_CASE(klab_chardev_control_counts),
	KUNIT_CASE(klab_chardev_control_bytes),
	KUNIT_CASE_PARAM(klab_chardev_control_copies, copy_gen_params),
	KUNIT_CASE(klab_chardev_control_copy_to_nowhere),
	KUNIT_CASE(klab_chardev_control_reset_makes_it_new),
	KUNIT_CASE_PARAM(klab_chardev_control_memory_that_ends,
			 command_gen_params),
	KUNIT_CASE_PARAM(klab_chardev_control_other_commands,
			 command_gen_params),
	KUNIT_CASE(klab_chardev_control_reads_as_a_file),
	KUNIT_CASE_PARAM(klab_chardev_control_writes_as_to_a_file,
			 write_gen_params),
	KUNIT_CASE(klab_chardev_control_lines_that_are_too_long),
	{}
};

static struct kunit_suite klab_chardev_control_suite = {
	.name = "klab_chardev_control",
	.test_cases = klab_chardev_control_cases,
};

kunit_test_suite(klab_chardev_control_suite);

MODULE_DESCRIPTION("klab: KUnit tests for the control device");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS(EXPORTED_FOR_KUNIT_TESTING);
