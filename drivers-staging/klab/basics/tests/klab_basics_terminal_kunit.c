// SPDX-License-Identifier: GPL-2.0-only
/* Writes from kernel memory to files of all kinds. */

#include <linux/anon_inodes.h>
#include <linux/cred.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/shmem_fs.h>
#include <linux/string.h>
#include <linux/uio.h>

#include <kunit/test.h>

#include "../../core/klab_fixture.h"
#include "../terminal.h"

/* At once: fput() in a kernel thread may outlast this module's operations. */
KUNIT_DEFINE_ACTION_WRAPPER(terminal_fput, __fput_sync, struct file *);

static struct file *terminal_keep(struct kunit *test, struct file *file)
{
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, file);
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, terminal_fput, file));
	return file;
}

/* A file without a name, opened as user space would open it. */
static struct file *terminal_open(struct kunit *test, int flags)
{
	struct file *file;

	file = terminal_keep(test, shmem_kernel_file_setup("klab", 0,
							   VM_NORESERVE));
	return terminal_keep(test, dentry_open(&file->f_path, flags,
					       current_cred()));
}

static void terminal_expect_content(struct kunit *test, struct file *file,
				    const char *content)
{
	char buf[32] = {};
	loff_t pos = 0;

	KUNIT_EXPECT_EQ(test, strlen(content),
			kernel_read(file, buf, sizeof(buf) - 1, &pos));
	KUNIT_EXPECT_STREQ(test, buf, content);
}

static void klab_basics_terminal_write_moves_position(struct kunit *test)
{
	struct file *file = terminal_open(test, O_RDWR);

	KUNIT_EXPECT_EQ(test, 4, klab_basics_terminal_write(file, "one\n", 4));
	KUNIT_EXPECT_EQ(test, 4, file->f_pos);
	KUNIT_EXPECT_EQ(test, 4, klab_basics_terminal_write(file, "two\n", 4));
	KUNIT_EXPECT_EQ(test, 8, file->f_pos);
	terminal_expect_content(test, file, "one\ntwo\n");
}

static void klab_basics_terminal_write_starts_at_position(struct kunit *test)
{
	struct file *file = terminal_open(test, O_RDWR);

	KUNIT_ASSERT_EQ(test, 4, klab_basics_terminal_write(file, "one\n", 4));
	file->f_pos = 1;
	KUNIT_EXPECT_EQ(test, 1, klab_basics_terminal_write(file, "x", 1));
	KUNIT_EXPECT_EQ(test, 2, file->f_pos);
	terminal_expect_content(test, file, "oxe\n");
}

static void klab_basics_terminal_write_appends(struct kunit *test)
{
	struct file *file = terminal_open(test, O_RDWR | O_APPEND);

	KUNIT_ASSERT_EQ(test, 4, klab_basics_terminal_write(file, "one\n", 4));
	file->f_pos = 0;
	KUNIT_EXPECT_EQ(test, 4, klab_basics_terminal_write(file, "two\n", 4));
	KUNIT_EXPECT_EQ(test, 8, file->f_pos);
	terminal_expect_content(test, file, "one\ntwo\n");
}

/* The log is for ASCII; what a terminal is sent need not be, or be text at all. */
static void klab_basics_terminal_write_takes_any_bytes(struct kunit *test)
{
	static const char bytes[] = "\xc3\xa4\xff\x1b\x01";
	struct file *file = terminal_open(test, O_RDWR);

	KUNIT_EXPECT_EQ(test, strlen(bytes),
			klab_basics_terminal_write(file, bytes, strlen(bytes)));
	terminal_expect_content(test, file, bytes);
}

static void klab_basics_terminal_write_refuses_readonly(struct kunit *test)
{
	struct file *file = terminal_open(test, O_RDONLY);

	KUNIT_EXPECT_EQ(test, -EBADF,
			klab_basics_terminal_write(file, "one\n", 4));
	KUNIT_EXPECT_EQ(test, 0, i_size_read(file_inode(file)));
}

/* A file that answers as it is told, and remembers where it was written to. */
struct terminal_fake {
	ssize_t answer;
	loff_t pos;
};

static ssize_t terminal_fake_write_iter(struct kiocb *iocb,
					struct iov_iter *from)
{
	struct terminal_fake *fake = iocb->ki_filp->private_data;

	fake->pos = iocb->ki_pos;
	if (fake->answer > 0)
		iocb->ki_pos += fake->answer;
	return fake->answer;
}

static ssize_t terminal_fake_write(struct file *file, const char __user *buf,
				   size_t count, loff_t *ppos)
{
	return count;
}

static const struct file_operations terminal_fake_fops = {
	.write_iter = terminal_fake_write_iter,
};

/* As /dev/null has it. */
static const struct file_operations terminal_both_fops = {
	.write = terminal_fake_write,
	.write_iter = terminal_fake_write_iter,
};

static const struct file_operations terminal_user_fops = {
	.write = terminal_fake_write,
};

static const struct file_operations terminal_read_fops = {
	.llseek = noop_llseek,
};

static struct file *terminal_fake(struct kunit *test,
				  const struct file_operations *fops,
				  struct terminal_fake *fake)
{
	return terminal_keep(test, anon_inode_getfile("[klab]", fops, fake,
						      O_WRONLY));
}

static void klab_basics_terminal_write_refuses_user_only(struct kunit *test)
{
	struct file *file = terminal_fake(test, &terminal_user_fops, NULL);

	KUNIT_EXPECT_EQ(test, -EINVAL,
			klab_basics_terminal_write(file, "one\n", 4));

	file = terminal_fake(test, &terminal_read_fops, NULL);
	KUNIT_EXPECT_EQ(test, -EINVAL,
			klab_basics_terminal_write(file, "one\n", 4));
}

static void klab_basics_terminal_write_prefers_kernel_way(struct kunit *test)
{
	struct terminal_fake fake = { .answer = 4, .pos = -1 };
	struct file *file = terminal_fake(test, &terminal_both_fops, &fake);

	KUNIT_EXPECT_EQ(test, 4, klab_basics_terminal_write(file, "one\n", 4));
	KUNIT_EXPECT_EQ(test, fake.pos, 0);
}

static const ssize_t terminal_answers[] = {
	-EPIPE, -EAGAIN, -EIO, -ENOSPC, 0, 1, 4,
};

/* Short writes and errors are reported as they are, and only then moves. */
static void klab_basics_terminal_write_passes_answer_on(struct kunit *test)
{
	struct terminal_fake fake = {};
	struct file *file = terminal_fake(test, &terminal_fake_fops, &fake);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(terminal_answers); i++) {
		fake.answer = terminal_answers[i];
		file->f_pos = 10;
		KUNIT_EXPECT_EQ(test, fake.answer,
				klab_basics_terminal_write(file, "one\n", 4));
		KUNIT_EXPECT_EQ(test, fake.pos, 10);
		KUNIT_EXPECT_EQ(test, file->f_pos,
				10 + max_t(ssize_t, fake.answer, 0));
	}
}

static void klab_basics_terminal_write_stream_has_no_position(struct kunit *test)
{
	struct terminal_fake fake = { .answer = 4, .pos = -1 };
	struct file *file = terminal_fake(test, &terminal_fake_fops, &fake);

	KUNIT_ASSERT_EQ(test, 0, stream_open(file_inode(file), file));
	file->f_pos = 10;

	KUNIT_EXPECT_EQ(test, 4, klab_basics_terminal_write(file, "one\n", 4));
	KUNIT_EXPECT_EQ(test, fake.pos, 0);
	KUNIT_EXPECT_EQ(test, file->f_pos, 10);
}

static void klab_basics_terminal_meaning_names_error(struct kunit *test)
{
	KUNIT_EXPECT_STREQ(test, "written", klab_basics_terminal_meaning(4, 4));
	KUNIT_EXPECT_STREQ(test, "written in part",
			   klab_basics_terminal_meaning(3, 4));
	KUNIT_EXPECT_STREQ(test, "EBADF: not open for writing",
			   klab_basics_terminal_meaning(-EBADF, 4));
	KUNIT_EXPECT_STREQ(test, "refused, as write() would have been",
			   klab_basics_terminal_meaning(-EFBIG, 4));
}

static void klab_basics_terminal_kind_of_file(struct kunit *test)
{
	struct file *file = terminal_open(test, O_RDWR);

	KUNIT_EXPECT_STREQ(test, "regular", klab_basics_terminal_kind(file));

	file = terminal_fake(test, &terminal_fake_fops, NULL);
	KUNIT_EXPECT_STREQ(test, "other", klab_basics_terminal_kind(file));
}

/* A kernel thread has neither a terminal nor open files, as a daemon. */
static void klab_basics_terminal_experiment_without_tty(struct kunit *test)
{
	const char *text;

	text = klab_kunit_run(test, "basics/terminal", "target=tty text=abc");

	KUNIT_EXPECT_STREQ(test, "none", klab_kunit_note(test, text, "tty"));
	KUNIT_EXPECT_EQ(test, -ENXIO,
			klab_kunit_number(test, text, "tty", "result"));
	KUNIT_EXPECT_EQ(test, 4,
			klab_kunit_number(test, text, "tty", "length"));
}

static void klab_basics_terminal_experiment_without_stdout(struct kunit *test)
{
	const char *text = klab_kunit_run(test, "basics/terminal", "");

	KUNIT_EXPECT_EQ(test, -EBADF,
			klab_kunit_number(test, text, "stdout", "result"));
	KUNIT_EXPECT_STREQ(test, "none",
			   klab_kunit_cell(test, text, "stdout", "kind"));
}

static struct kunit_case terminal_cases[] = {
	KUNIT_CASE(klab_basics_terminal_write_moves_position),
	KUNIT_CASE(klab_basics_terminal_write_starts_at_position),
	KUNIT_CASE(klab_basics_terminal_write_appends),
	KUNIT_CASE(klab_basics_terminal_write_takes_any_bytes),
	KUNIT_CASE(klab_basics_terminal_write_refuses_readonly),
	KUNIT_CASE(klab_basics_terminal_write_refuses_user_only),
	KUNIT_CASE(klab_basics_terminal_write_prefers_kernel_way),
	KUNIT_CASE(klab_basics_terminal_write_passes_answer_on),
	KUNIT_CASE(klab_basics_terminal_write_stream_has_no_position),
	KUNIT_CASE(klab_basics_terminal_meaning_names_error),
	KUNIT_CASE(klab_basics_terminal_kind_of_file),
	KUNIT_CASE(klab_basics_terminal_experiment_without_tty),
	KUNIT_CASE(klab_basics_terminal_experiment_without_stdout),
	{}
};

static struct kunit_suite terminal_suite = {
	.name = "klab_basics_terminal",
	.test_cases = terminal_cases,
};

kunit_test_suite(terminal_suite);

MODULE_DESCRIPTION("KUnit tests for klab's text to the terminal");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS(EXPORTED_FOR_KUNIT_TESTING);
