// SPDX-License-Identifier: GPL-2.0-only
/*
 * Text to the caller's terminal, from the kernel.
 *
 * The kernel has no terminal of its own and so no function that prints to
 * one. What it has is the calling process: its standard output, whatever that
 * is, and its controlling terminal, if there is one. Both are files, and are
 * written to as the process itself would write to them.
 */

#include <linux/err.h>
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/jiffies.h>
#include <linux/kdev_t.h>
#include <linux/kernel.h>
#include <linux/lockdep.h>
#include <linux/major.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/poll.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/stat.h>
#include <linux/string.h>
#include <linux/tty.h>
#include <linux/uio.h>

#include <kunit/visibility.h>

#include "../core/klab_core.h"
#include "terminal.h"

#define TERMINAL_STDOUT		1	/* descriptor of standard output */
#define TERMINAL_POLL_MS	20

enum {
	PARAM_TARGET,
	PARAM_TEXT,
};

enum {
	TARGET_STDOUT,
	TARGET_TTY,
};

static const char * const terminal_targets[] = {
	[TARGET_STDOUT] = "stdout",
	[TARGET_TTY] = "tty",
	NULL
};

static const struct klab_param terminal_params[] = {
	[PARAM_TARGET] = KLAB_CHOICE("target", TARGET_STDOUT, terminal_targets,
				     "standard output or controlling terminal"),
	[PARAM_TEXT] = KLAB_STRING("text", "hello", KLAB_STRING_MAX,
				   "what is written, and a newline"),
};

/**
 * klab_basics_terminal_kind() - what sort of file text goes to
 * @file: the file
 *
 * Context: any.
 * Return: a word.
 */
VISIBLE_IF_KUNIT const char *klab_basics_terminal_kind(const struct file *file)
{
	switch (file_inode(file)->i_mode & S_IFMT) {
	case S_IFREG:
		return "regular";
	case S_IFIFO:
		return "pipe";
	case S_IFSOCK:
		return "socket";
	case S_IFCHR:
		return "character";
	case S_IFBLK:
		return "block";
	default:
		return "other";
	}
}
EXPORT_SYMBOL_IF_KUNIT(klab_basics_terminal_kind);

/**
 * klab_basics_terminal_meaning() - what became of a write
 * @result: what klab_basics_terminal_write() returned
 * @len: how much was to be written
 *
 * Context: any.
 * Return: a line.
 */
VISIBLE_IF_KUNIT const char *klab_basics_terminal_meaning(ssize_t result,
							  size_t len)
{
	if (result >= 0)
		return result == len ? "written" : "written in part";

	switch (result) {
	case -EBADF:
		return "EBADF: not open for writing";
	case -EINVAL:
		return "EINVAL: the file takes nothing from kernel memory";
	case -ENXIO:
		return "ENXIO: no controlling terminal, as a daemon has none";
	case -EPIPE:
		return "EPIPE: nobody reads, SIGPIPE was sent as write() does";
	case -EAGAIN:
		return "EAGAIN: full, and opened not to wait";
	case -EIO:
		return "EIO: the terminal is gone";
	case -ENOSPC:
		return "ENOSPC: no space left";
	default:
		return "refused, as write() would have been";
	}
}
EXPORT_SYMBOL_IF_KUNIT(klab_basics_terminal_meaning);

/*
 * Not kernel_write(), which refuses files that have both a write and a
 * write_iter operation: /dev/null has, and standard output often is that.
 */
static ssize_t terminal_write_iter(struct file *file, const char *text,
				   size_t len, loff_t *ppos)
{
	struct kvec vec = { .iov_base = (void *)text, .iov_len = len };
	struct iov_iter iter;

	iov_iter_kvec(&iter, ITER_SOURCE, &vec, 1, len);
	return vfs_iter_write(file, &iter, ppos, 0);
}

static ssize_t terminal_write_at_position(struct file *file, const char *text,
					  size_t len)
{
	loff_t pos = file->f_pos;
	ssize_t ret;

	ret = terminal_write_iter(file, text, len, &pos);
	if (ret >= 0)
		file->f_pos = pos;
	return ret;
}

/**
 * klab_basics_terminal_write() - does what write() does, from kernel memory
 * @file: any open file
 * @text: what is written
 * @len: bytes of it
 *
 * The file's position, O_APPEND, O_NONBLOCK, limits and job control work as
 * in the system call, and so does SIGPIPE: it hits the calling process, whose
 * output this is.
 *
 * Context: process; may sleep, interruptibly.
 * Return: bytes written, -EBADF if @file is not open for writing, -EINVAL if
 * it can only copy from user space, or what the file says.
 */
VISIBLE_IF_KUNIT ssize_t klab_basics_terminal_write(struct file *file,
						    const char *text,
						    size_t len)
{
	ssize_t ret;

	if (!(file->f_mode & FMODE_WRITE))
		return -EBADF;
	if (!file->f_op->write_iter)
		return -EINVAL;

	if (file->f_mode & FMODE_STREAM)
		return terminal_write_iter(file, text, len, NULL);
	if (!(file->f_mode & FMODE_ATOMIC_POS))
		return terminal_write_at_position(file, text, len);

	/*
	 * The caller may hold the lock of the file that it reads the
	 * experiment from. It is another file: no file of debugfs has the
	 * operation tested for above.
	 */
	if (mutex_lock_killable_nested(&file->f_pos_lock,
				       SINGLE_DEPTH_NESTING))
		return -EINTR;
	ret = terminal_write_at_position(file, text, len);
	mutex_unlock(&file->f_pos_lock);
	return ret;
}
EXPORT_SYMBOL_IF_KUNIT(klab_basics_terminal_write);

/*
 * A stopped terminal or a full pipe may never take the text, and a run is
 * bounded in time. The pause is short because nothing wakes this task up:
 * the queues that poll() waits on are not to be had here.
 */
static int terminal_wait(struct klab_run *run, struct file *file)
{
	const __poll_t ready = EPOLLOUT | EPOLLERR | EPOLLHUP;
	int err;

	while (!(vfs_poll(file, NULL) & ready)) {
		err = klab_run_check(run);
		if (err)
			return err;
		if (signal_pending(current))
			return -EINTR;
		schedule_timeout_interruptible(msecs_to_jiffies(TERMINAL_POLL_MS));
	}
	return 0;
}

/* The file is the terminal itself only if the path leads to its device. */
static struct file *terminal_open_tty(void)
{
	struct file *file;

	file = filp_open("/dev/tty", O_WRONLY | O_NOCTTY | O_NONBLOCK, 0);
	if (IS_ERR(file))
		return file;
	if (S_ISCHR(file_inode(file)->i_mode) &&
	    file_inode(file)->i_rdev == MKDEV(TTYAUX_MAJOR, 0))
		return file;

	filp_close(file, NULL);
	return ERR_PTR(-ENODEV);
}

static struct file *terminal_tty(struct klab_run *run)
{
	struct tty_struct *tty = get_current_tty();

	if (!tty) {
		klab_note(run, "tty", "none");
		return ERR_PTR(-ENXIO);
	}
	klab_note(run, "tty", "%s", tty_name(tty));
	tty_kref_put(tty);
	return terminal_open_tty();
}

static struct file *terminal_stdout(void)
{
	return fget(TERMINAL_STDOUT) ?: ERR_PTR(-EBADF);
}

static int terminal_put(struct klab_run *run, struct file *file)
{
	const char *text = klab_run_string(run, PARAM_TEXT);
	struct inode *inode = file_inode(file);
	char line[KLAB_STRING_MAX + 2];
	char position[24] = "-";
	char device[16] = "-";
	ssize_t result;
	size_t len;
	int err;

	if (file->f_mode & FMODE_WRITE && !(file->f_flags & O_NONBLOCK)) {
		err = terminal_wait(run, file);
		if (err)
			return err;
	}
	len = scnprintf(line, sizeof(line), "%s\n", text);
	result = klab_basics_terminal_write(file, line, len);
	if (result == -ERESTARTSYS || result == -EINTR)
		return result;

	if (S_ISCHR(inode->i_mode) || S_ISBLK(inode->i_mode))
		snprintf(device, sizeof(device), "%u:%u", imajor(inode),
			 iminor(inode));
	if (file->f_mode & FMODE_LSEEK)
		snprintf(position, sizeof(position), "%lld", file->f_pos);
	klab_row(run, "%s\t%s\t%s\t%zu\t%zd\t%s\t%s",
		 klab_run_string(run, PARAM_TARGET),
		 klab_basics_terminal_kind(file), device, len, result,
		 position, klab_basics_terminal_meaning(result, len));
	return klab_run_check(run);
}

static int terminal_run(struct klab_run *run)
{
	bool tty = klab_run_value(run, PARAM_TARGET) == TARGET_TTY;
	struct file *file;
	int err;

	klab_columns(run, "target\tkind\tdevice\tlength[B]\tresult\t"
		     "position[B]\tmeaning");
	file = tty ? terminal_tty(run) : terminal_stdout();
	if (IS_ERR(file)) {
		klab_row(run, "%s\tnone\t-\t%zu\t%ld\t-\t%s",
			 klab_run_string(run, PARAM_TARGET),
			 strlen(klab_run_string(run, PARAM_TEXT)) + 1,
			 PTR_ERR(file),
			 klab_basics_terminal_meaning(PTR_ERR(file), 0));
		return klab_run_check(run);
	}

	err = terminal_put(run, file);
	if (tty)
		filp_close(file, NULL);
	else
		fput(file);
	return err;
}

static struct klab_experiment terminal_experiments[] = {
	{
		.room = "basics",
		.name = "terminal",
		.question = "Does text from the kernel reach the caller's terminal?",
		.params = terminal_params,
		.nr_params = ARRAY_SIZE(terminal_params),
		.run = terminal_run,
	},
};
module_klab_experiments(terminal_experiments);

MODULE_DESCRIPTION("klab: text to the caller's terminal");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
