// SPDX-License-Identifier: GPL-2.0-only
/*
 * An open experiment: a write says how it is to be run, a read from the start
 * runs it, further reads get the rest of the result. What was refused, a line
 * or a run, is explained by the next read, wherever in the file that is: a
 * shell cannot seek.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/atomic.h>
#include <linux/capability.h>
#include <linux/cleanup.h>
#include <linux/debugfs.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/fs.h>
#include <linux/jiffies.h>
#include <linux/lockdep.h>
#include <linux/minmax.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/stringify.h>
#include <linux/wait.h>

#include <kunit/visibility.h>

#include "core_internal.h"

VISIBLE_IF_KUNIT unsigned int klab_runs_max = KLAB_RUNS_DEFAULT;
EXPORT_SYMBOL_IF_KUNIT(klab_runs_max);

static int klab_runs_set(const char *val, const struct kernel_param *kp)
{
	return param_set_uint_minmax(val, kp, 1, KLAB_RUNS_MAX);
}

static const struct kernel_param_ops klab_runs_ops = {
	.set = klab_runs_set,
	.get = param_get_uint,
};
module_param_cb(runs, &klab_runs_ops, &klab_runs_max, 0444);
MODULE_PARM_DESC(runs, "runs of experiments at once, 1 to "
		 __stringify(KLAB_RUNS_MAX) " (default: "
		 __stringify(KLAB_RUNS_DEFAULT) ")");

/* Runs that are going on, and who waits until there are fewer. */
static atomic_t klab_runs = ATOMIC_INIT(0);
static DECLARE_WAIT_QUEUE_HEAD(klab_runs_wait);

static bool klab_nonblock(const struct file *file)
{
	return file->f_flags & O_NONBLOCK;
}

static bool klab_slot_try(void)
{
	return atomic_add_unless(&klab_runs, 1, klab_runs_max);
}

static void klab_slot_put(void)
{
	atomic_dec(&klab_runs);
	wake_up(&klab_runs_wait);
}

static int klab_slot_get(struct klab_run *run, bool nonblock)
{
	bool got = false;
	int err;

	if (nonblock)
		return klab_slot_try() ? 0 : -EAGAIN;

	err = wait_event_killable(klab_runs_wait,
				  klab_run_cancelled(run) ||
				  (got = klab_slot_try()));
	if (err)
		return -EINTR;
	return got ? 0 : -ENODEV;
}

static int klab_session_work(struct klab_session *session, struct klab_run *run,
			     bool nonblock)
{
	int err;

	err = klab_slot_get(run, nonblock);
	if (err)
		return err;

	run->started = jiffies;
	err = klab_run_check(run);
	if (!err)
		err = klab_run_execute(run, &session->result);
	klab_slot_put();
	return err;
}

static void klab_session_cancel(struct dentry *dentry, void *data)
{
	klab_run_cancel(data);
}

/* The removal of a file waits for its readers: it has to be able to stop them. */
static int klab_session_work_for(struct klab_session *session,
				 struct klab_run *run, struct file *file)
{
	struct debugfs_cancellation cancellation = {
		.cancel = klab_session_cancel,
		.cancel_data = run,
	};
	int err;

	debugfs_enter_cancellation(file, &cancellation);
	err = klab_session_work(session, run, klab_nonblock(file));
	debugfs_leave_cancellation(file, &cancellation);
	return err;
}

static int klab_session_run(struct klab_session *session, struct file *file)
{
	struct klab_run *run;
	int err;

	klab_text_free(&session->result);
	run = klab_run_create(session->experiment, &session->values);
	if (!run)
		return -ENOMEM;

	if (file)
		err = klab_session_work_for(session, run, file);
	else
		err = klab_session_work(session, run, false);
	if (err && run->reason.err == err)
		session->reason = run->reason;
	klab_run_destroy(run);
	return err;
}

static int klab_session_explain(struct klab_session *session)
{
	char line[KLAB_REASON_MAX + sizeof("# error=\n")];
	int err;

	scnprintf(line, sizeof(line), "# error=%s\n", session->reason.text);
	klab_text_free(&session->result);
	err = klab_text_add(&session->result, line, strlen(line));
	if (!err)
		session->reason.err = 0;
	return err;
}

/**
 * klab_session_refresh() - gets a session something to read
 * @session: the session, locked
 * @file: the file that it is read by, NULL for none
 *
 * Says why the last request was refused, else runs the experiment.
 *
 * Context: process; sleeps.
 * Return: 0 or a negative error, that of the run included. -EAGAIN: as many
 * other runs are going on as may, and @file does not block. -EINTR: the task is
 * being killed. -ENODEV: the experiment is being unregistered.
 */
int klab_session_refresh(struct klab_session *session, struct file *file)
{
	lockdep_assert_held(&session->lock);

	if (session->reason.err)
		return klab_session_explain(session);
	return klab_session_run(session, file);
}
EXPORT_SYMBOL_IF_KUNIT(klab_session_refresh);

static int klab_session_refused(struct klab_session *session)
{
	pr_notice_ratelimited("%s/%s: %s\n", session->experiment->room,
			      session->experiment->name, session->reason.text);
	return session->reason.err;
}

/**
 * klab_session_set() - sets parameters of a session
 * @session: the session, locked
 * @line: @len bytes of name=value and a zero byte; is taken apart
 * @len: bytes of the line
 *
 * A right line drops an earlier result. After a wrong one the next
 * klab_session_refresh() says what was wrong, and nothing else changes.
 *
 * Context: process; sleeps.
 * Return: 0, -EINVAL, -ENOMEM.
 */
int klab_session_set(struct klab_session *session, char *line, size_t len)
{
	int err;

	lockdep_assert_held(&session->lock);

	err = klab_values_parse(session->experiment, &session->values, line,
				len, &session->reason);
	if (err == -EINVAL)
		return klab_session_refused(session);
	if (err)
		return err;

	session->reason.err = 0;
	klab_text_free(&session->result);
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(klab_session_set);

/**
 * klab_session_create() - opens an experiment
 * @experiment: the experiment; the caller keeps it registered meanwhile
 *
 * Context: process; may sleep.
 * Return: the session, with default parameters, or -ENODEV if the experiment
 * or its module is going, or -ENOMEM.
 */
struct klab_session *klab_session_create(struct klab_experiment *experiment)
{
	struct klab_session *session;

	if (READ_ONCE(experiment->dying) || !try_module_get(experiment->owner))
		return ERR_PTR(-ENODEV);

	session = kzalloc_obj(*session);
	if (!session) {
		module_put(experiment->owner);
		return ERR_PTR(-ENOMEM);
	}

	session->experiment = experiment;
	mutex_init(&session->lock);
	klab_values_default(experiment, &session->values);
	return session;
}
EXPORT_SYMBOL_IF_KUNIT(klab_session_create);

/**
 * klab_session_destroy() - closes an experiment
 * @session: the session; nobody else uses it any more
 *
 * Context: process; may sleep.
 */
void klab_session_destroy(struct klab_session *session)
{
	struct module *owner = session->experiment->owner;

	klab_text_free(&session->result);
	mutex_destroy(&session->lock);
	kfree(session);
	module_put(owner);
}
EXPORT_SYMBOL_IF_KUNIT(klab_session_destroy);

static int klab_session_open(struct inode *inode, struct file *file)
{
	struct klab_session *session;

	/* Parameters that nobody can run with would be lost silently. */
	if (!(file->f_mode & FMODE_READ))
		return -EINVAL;

	session = klab_session_create(inode->i_private);
	if (IS_ERR(session))
		return PTR_ERR(session);

	file->private_data = session;
	return 0;
}

static int klab_session_release(struct inode *inode, struct file *file)
{
	klab_session_destroy(file->private_data);
	return 0;
}

static int klab_session_lock(struct klab_session *session, struct file *file)
{
	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;

	if (klab_nonblock(file))
		return mutex_trylock(&session->lock) ? 0 : -EAGAIN;
	return mutex_lock_killable(&session->lock);
}

static ssize_t klab_session_serve(struct klab_session *session,
				  char __user *buf, size_t count, loff_t *ppos)
{
	loff_t pos = *ppos - session->start;
	ssize_t ret;

	if (pos < 0)
		return 0;

	ret = simple_read_from_buffer(buf, count, &pos, session->result.buf,
				      session->result.len);
	*ppos = session->start + pos;
	return ret;
}

static ssize_t klab_session_read(struct file *file, char __user *buf,
				 size_t count, loff_t *ppos)
{
	struct klab_session *session = file->private_data;
	ssize_t ret;

	ret = klab_session_lock(session, file);
	if (ret)
		return ret;

	if (count && (!*ppos || session->reason.err)) {
		session->start = *ppos;
		ret = klab_session_refresh(session, file);
	}
	if (!ret)
		ret = klab_session_serve(session, buf, count, ppos);
	mutex_unlock(&session->lock);
	return ret;
}

static ssize_t klab_session_copy(struct klab_session *session,
				 const char __user *buf, size_t count)
{
	char *line __free(kfree) = NULL;

	line = memdup_user_nul(buf, min(count, KLAB_LINE_MAX));
	if (IS_ERR(line))
		return PTR_ERR(line);

	if (count > KLAB_LINE_MAX) {
		klab_values_too_long(line, KLAB_LINE_MAX, &session->reason);
		return klab_session_refused(session);
	}
	return klab_session_set(session, line, count);
}

static ssize_t klab_session_write(struct file *file, const char __user *buf,
				  size_t count, loff_t *ppos)
{
	struct klab_session *session = file->private_data;
	ssize_t ret;

	ret = klab_session_lock(session, file);
	if (ret)
		return ret;

	if (count) {
		ret = klab_session_copy(session, buf, count);
		if (!ret) {
			*ppos = 0;
			ret = count;
		}
	}
	mutex_unlock(&session->lock);
	return ret;
}

const struct file_operations klab_session_fops = {
	.owner = THIS_MODULE,
	.open = klab_session_open,
	.release = klab_session_release,
	.read = klab_session_read,
	.write = klab_session_write,
	.llseek = generic_file_llseek,
};
