// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of klab's core: the file of an experiment, read and written
 * through debugfs as a program does it.
 */

#include <linux/array_size.h>
#include <linux/capability.h>
#include <linux/cleanup.h>
#include <linux/completion.h>
#include <linux/cred.h>
#include <linux/debugfs.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/mman.h>
#include <linux/module.h>
#include <linux/mount.h>
#include <linux/mutex.h>
#include <linux/path.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/wait.h>

#include <kunit/resource.h>
#include <kunit/test.h>

#include "../core_internal.h"
#include "../klab_fixture.h"

#define SESSION_BOUND	(30 * HZ)	/* who waits longer has failed */
#define SESSION_BUFFER	(2 * PAGE_SIZE)

enum { PARAM_ROWS, PARAM_FAIL };

static const struct klab_param session_params[] = {
	KLAB_INT("rows", 2, 0, 9, NULL, "How many rows"),
	KLAB_BOOL("fail", 0, "Whether to fail"),
};

static unsigned int session_runs;

static int session_run(struct klab_run *run)
{
	s64 i;

	session_runs++;
	if (klab_run_value(run, PARAM_FAIL))
		return klab_run_fail(run, -EPROTO, "told to");

	klab_columns(run, "row");
	for (i = 0; i < klab_run_value(run, PARAM_ROWS); i++)
		klab_row(run, "%lld", i);
	return 0;
}

static DECLARE_WAIT_QUEUE_HEAD(session_gate);
static bool session_gate_open;
static DECLARE_COMPLETION(session_entered);

static int session_run_slow(struct klab_run *run)
{
	complete(&session_entered);
	return klab_run_wait_event(run, session_gate,
				   READ_ONCE(session_gate_open));
}

static struct klab_experiment fast = {
	.room = "kunit-session",
	.name = "fast",
	.question = "What was asked for?",
	.params = session_params,
	.nr_params = ARRAY_SIZE(session_params),
	.run = session_run,
};

static struct klab_experiment slow = {
	.room = "kunit-session",
	.name = "slow",
	.question = "Is the gate open?",
	.time_limit_ms = 60000,
	.run = session_run_slow,
};

struct session_fixture {
	struct vfsmount *mnt;
	char __user *user;
};

KUNIT_DEFINE_ACTION_WRAPPER(session_fput, __fput_sync, struct file *);

static void session_unregister(void *data)
{
	klab_experiments_unregister(data, 1);
}

static void session_register(struct kunit *test,
			     struct klab_experiment *experiment)
{
	KUNIT_ASSERT_EQ(test, 0, klab_experiments_register(experiment, 1));
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, session_unregister,
						  experiment));
}

static struct vfsmount *session_mount(void)
{
	struct file_system_type *type = get_fs_type("debugfs");

	return type ? kern_mount(type) : ERR_PTR(-ENODEV);
}

static int session_init(struct kunit *test)
{
	struct session_fixture *fixture = kunit_kzalloc(test, sizeof(*fixture),
						       GFP_KERNEL);
	unsigned long user;

	KUNIT_ASSERT_NOT_NULL(test, fixture);
	test->priv = fixture;

	if (IS_ERR(klab_debugfs))
		kunit_skip(test, "debugfs is off");
	user = klab_kunit_user_memory(test, SESSION_BUFFER,
				      PROT_READ | PROT_WRITE);
	fixture->user = (char __user *)user;

	fixture->mnt = session_mount();
	KUNIT_ASSERT_FALSE(test, IS_ERR(fixture->mnt));
	session_register(test, &fast);
	session_register(test, &slow);

	session_runs = 0;
	session_gate_open = false;
	reinit_completion(&session_entered);
	return 0;
}

static void session_exit(struct kunit *test)
{
	struct session_fixture *fixture = test->priv;

	if (fixture && !IS_ERR_OR_NULL(fixture->mnt))
		kern_unmount(fixture->mnt);
}

static struct file *session_try_open(struct kunit *test,
				     struct klab_experiment *experiment,
				     int flags)
{
	struct session_fixture *fixture = test->priv;
	struct path path = {
		.mnt = fixture->mnt,
		.dentry = experiment->file,
	};

	return dentry_open(&path, flags, current_cred());
}

static struct file *session_open(struct kunit *test,
				 struct klab_experiment *experiment, int flags)
{
	struct file *file = session_try_open(test, experiment, flags);

	KUNIT_ASSERT_FALSE_MSG(test, IS_ERR(file), "%pe", file);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, session_fput,
							   file));
	return file;
}

/* As write(2) does it. */
static ssize_t session_write(struct kunit *test, struct file *file,
			     const char *line)
{
	struct session_fixture *fixture = test->priv;
	size_t len = strlen(line);
	loff_t pos = file->f_pos;
	ssize_t ret;

	KUNIT_ASSERT_LE(test, len, SESSION_BUFFER);
	KUNIT_ASSERT_EQ(test, 0, copy_to_user(fixture->user, line, len));
	ret = file->f_op->write(file, fixture->user, len, &pos);
	if (ret >= 0)
		file->f_pos = pos;
	return ret;
}

/* As read(2) does it, of up to @len bytes. */
static ssize_t session_read(struct kunit *test, struct file *file, char *text,
			    size_t len)
{
	struct session_fixture *fixture = test->priv;
	loff_t pos = file->f_pos;
	ssize_t ret;

	ret = file->f_op->read(file, fixture->user, len, &pos);
	if (ret < 0)
		return ret;
	file->f_pos = pos;
	KUNIT_ASSERT_LE(test, ret, len);
	KUNIT_ASSERT_EQ(test, 0, copy_from_user(text, fixture->user, ret));
	text[ret] = '\0';
	return ret;
}

#define SESSION_TEXT	256

static void session_expect(struct kunit *test, struct file *file,
			   const char *wanted)
{
	char text[SESSION_TEXT] = {};

	KUNIT_EXPECT_EQ(test, strlen(wanted),
			session_read(test, file, text, sizeof(text) - 1));
	KUNIT_EXPECT_STREQ(test, wanted, text);
}

static void session_expect_error(struct kunit *test, struct file *file,
				 ssize_t err)
{
	char text[SESSION_TEXT] = {};

	KUNIT_EXPECT_EQ(test, err, session_read(test, file, text,
						sizeof(text) - 1));
}

#define TEXT(_rows)							\
	"# experiment=kunit-session/fast\n# param.rows=" _rows		\
	"\n# param.fail=0\nrow\n"

static void klab_core_session_open_for_writing_only(struct kunit *test)
{
	KUNIT_EXPECT_PTR_EQ(test, session_try_open(test, &fast, O_WRONLY),
			    ERR_PTR(-EINVAL));
}

static void klab_core_session_open_while_it_goes(struct kunit *test)
{
	fast.dying = true;
	KUNIT_EXPECT_PTR_EQ(test, session_try_open(test, &fast, O_RDWR),
			    ERR_PTR(-ENODEV));
}

/* Only what can be unloaded has references. */
#if defined(MODULE) && defined(CONFIG_MODULE_UNLOAD)
static void klab_core_session_open_holds_the_module(struct kunit *test)
{
	int before = module_refcount(THIS_MODULE);
	struct file *file = session_open(test, &fast, O_RDONLY);

	KUNIT_EXPECT_EQ(test, before + 1, module_refcount(THIS_MODULE));
	kunit_release_action(test, session_fput, file);
	KUNIT_EXPECT_EQ(test, before, module_refcount(THIS_MODULE));
}
#else
static void klab_core_session_open_holds_the_module(struct kunit *test)
{
	kunit_skip(test, "built in, so that there are no references");
}
#endif

static void klab_core_session_read_runs_with_defaults(struct kunit *test)
{
	struct file *file = session_open(test, &fast, O_RDONLY);

	session_expect(test, file, TEXT("2") "0\n1\n");
	session_expect(test, file, "");
	KUNIT_EXPECT_EQ(test, 1, session_runs);
}

static void klab_core_session_read_in_pieces_is_one_run(struct kunit *test)
{
	static const char wanted[] = TEXT("2") "0\n1\n";
	struct file *file = session_open(test, &fast, O_RDONLY);
	char text[SESSION_TEXT];
	size_t len = 0;
	ssize_t ret;

	while ((ret = session_read(test, file, text + len, 7)) > 0)
		len += ret;
	KUNIT_EXPECT_EQ(test, 0, ret);
	KUNIT_EXPECT_STREQ(test, wanted, text);
	KUNIT_EXPECT_EQ(test, 1, session_runs);
}

static void klab_core_session_read_from_the_start_runs_anew(struct kunit *test)
{
	struct file *file = session_open(test, &fast, O_RDONLY);

	session_expect(test, file, TEXT("2") "0\n1\n");
	KUNIT_EXPECT_EQ(test, 0, vfs_llseek(file, 0, SEEK_SET));
	session_expect(test, file, TEXT("2") "0\n1\n");
	KUNIT_EXPECT_EQ(test, 2, session_runs);
}

static void klab_core_session_read_without_a_result(struct kunit *test)
{
	struct file *file = session_open(test, &fast, O_RDONLY);

	KUNIT_EXPECT_EQ(test, 3, vfs_llseek(file, 3, SEEK_SET));
	session_expect(test, file, "");
	KUNIT_EXPECT_EQ(test, 0, session_runs);
}

static void klab_core_session_read_of_nothing(struct kunit *test)
{
	struct file *file = session_open(test, &fast, O_RDONLY);
	char text[1];

	KUNIT_EXPECT_EQ(test, 0, session_read(test, file, text, 0));
	KUNIT_EXPECT_EQ(test, 0, session_runs);
}

static void klab_core_session_bad_addresses(struct kunit *test)
{
	struct file *file = session_open(test, &fast, O_RDWR);
	char __user *bad = (char __user *)TASK_SIZE - PAGE_SIZE;
	loff_t pos = 0;

	KUNIT_EXPECT_EQ(test, -EFAULT, file->f_op->write(file, bad, 8, &pos));
	KUNIT_EXPECT_EQ(test, -EFAULT, file->f_op->read(file, bad, 8, &pos));
	KUNIT_EXPECT_EQ(test, 0, pos);
}

static void klab_core_session_write_sets_this_file_only(struct kunit *test)
{
	struct file *file = session_open(test, &fast, O_RDWR);
	struct file *other = session_open(test, &fast, O_RDWR);

	KUNIT_EXPECT_EQ(test, 7, session_write(test, file, "rows=1\n"));
	session_expect(test, file, TEXT("1") "0\n");
	session_expect(test, other, TEXT("2") "0\n1\n");
}

static void klab_core_session_write_drops_the_result(struct kunit *test)
{
	struct file *file = session_open(test, &fast, O_RDWR);

	session_expect(test, file, TEXT("2") "0\n1\n");
	KUNIT_EXPECT_NE(test, 0, file->f_pos);
	KUNIT_EXPECT_EQ(test, 6, session_write(test, file, "rows=0"));
	KUNIT_EXPECT_EQ(test, 0, file->f_pos);

	KUNIT_EXPECT_EQ(test, 3, vfs_llseek(file, 3, SEEK_SET));
	session_expect(test, file, "");
	KUNIT_EXPECT_EQ(test, 0, vfs_llseek(file, 0, SEEK_SET));
	session_expect(test, file, TEXT("0"));
}

static void klab_core_session_write_of_nothing(struct kunit *test)
{
	struct file *file = session_open(test, &fast, O_RDWR);

	KUNIT_EXPECT_EQ(test, 0, session_write(test, file, ""));
}

static void klab_core_session_wrong_line_is_explained_once(struct kunit *test)
{
	struct file *file = session_open(test, &fast, O_RDWR);

	KUNIT_EXPECT_EQ(test, 6, session_write(test, file, "rows=1"));
	KUNIT_EXPECT_EQ(test, -EINVAL, session_write(test, file, "rows=x"));
	session_expect(test, file, "# error=rows=x: not a whole number\n");
	session_expect(test, file, "");
	KUNIT_EXPECT_EQ(test, 0, session_runs);

	/* The parameters are what they were. */
	KUNIT_EXPECT_EQ(test, 0, vfs_llseek(file, 0, SEEK_SET));
	session_expect(test, file, TEXT("1") "0\n");
}

/* A shell cannot seek: the position is where the last result has ended. */
static void klab_core_session_wrong_line_after_a_result(struct kunit *test)
{
	struct file *file = session_open(test, &fast, O_RDWR);

	session_expect(test, file, TEXT("2") "0\n1\n");
	KUNIT_EXPECT_EQ(test, -EINVAL, session_write(test, file, "rows"));
	session_expect(test, file, "# error=rows: not of the form name=value\n");
	session_expect(test, file, "");

	/* Before the place where it was read there is nothing. */
	KUNIT_EXPECT_EQ(test, 2, vfs_llseek(file, 2, SEEK_SET));
	session_expect(test, file, "");
	KUNIT_EXPECT_EQ(test, 0, vfs_llseek(file, 0, SEEK_SET));
	session_expect(test, file, TEXT("2") "0\n1\n");
}

static void klab_core_session_right_line_after_a_wrong_one(struct kunit *test)
{
	struct file *file = session_open(test, &fast, O_RDWR);

	KUNIT_EXPECT_EQ(test, -EINVAL, session_write(test, file, "rows"));
	KUNIT_EXPECT_EQ(test, 6, session_write(test, file, "rows=0"));
	session_expect(test, file, TEXT("0"));
}

static void klab_core_session_line_up_to_its_limit(struct kunit *test)
{
	struct file *file = session_open(test, &fast, O_RDWR);
	char *line = kunit_kzalloc(test, KLAB_LINE_MAX + 2, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, line);
	memset(line, ' ', KLAB_LINE_MAX);
	memcpy(line, "rows=0", 6);
	KUNIT_EXPECT_EQ(test, KLAB_LINE_MAX, session_write(test, file, line));

	line[KLAB_LINE_MAX] = ' ';
	KUNIT_EXPECT_EQ(test, -EINVAL, session_write(test, file, line));
	session_expect(test, file, "# error=line longer than 4096 bytes\n");

	/* Named is the parameter that goes over the limit, not one before it. */
	memset(line + 7, '1', KLAB_LINE_MAX - 6);
	memcpy(line + 7, "delay=", 6);
	KUNIT_EXPECT_EQ(test, -EINVAL, session_write(test, file, line));
	session_expect(test, file, "# error=delay: line longer than 4096 bytes\n");

	line[6] = '\a';
	KUNIT_EXPECT_EQ(test, -EINVAL, session_write(test, file, line));
	session_expect(test, file, "# error=rows=0\\a: not printable text\n");
}

static void klab_core_session_failed_run_is_explained_once(struct kunit *test)
{
	struct file *file = session_open(test, &fast, O_RDWR);

	KUNIT_EXPECT_EQ(test, 6, session_write(test, file, "fail=1"));
	session_expect_error(test, file, -EPROTO);
	session_expect(test, file, "# error=told to\n");
	KUNIT_EXPECT_EQ(test, 1, session_runs);
	KUNIT_EXPECT_EQ(test, 0, vfs_llseek(file, 0, SEEK_SET));
	session_expect_error(test, file, -EPROTO);
	KUNIT_EXPECT_EQ(test, 2, session_runs);
}

static void klab_core_session_without_privilege(struct kunit *test)
{
	struct file *file = session_open(test, &fast, O_RDWR);
	struct cred *cred = prepare_creds();
	const struct cred *old;

	KUNIT_ASSERT_NOT_NULL(test, cred);
	cap_lower(cred->cap_effective, CAP_SYS_ADMIN);
	old = override_creds(cred);
	KUNIT_EXPECT_EQ(test, -EPERM, session_write(test, file, "rows=1"));
	session_expect_error(test, file, -EPERM);
	revert_creds(old);
	put_cred(cred);
	session_expect(test, file, TEXT("2") "0\n1\n");
}

static void klab_core_session_after_unregistering(struct kunit *test)
{
	struct file *file = session_open(test, &fast, O_RDWR);

	session_expect(test, file, TEXT("2") "0\n1\n");
	kunit_release_action(test, session_unregister, &fast);
	session_expect_error(test, file, -EIO);
	KUNIT_EXPECT_EQ(test, -EIO, session_write(test, file, "rows=1"));
}

/* Whoever has it open without a file is told by the first look. */
static void klab_core_session_of_one_that_has_gone(struct kunit *test)
{
	struct klab_session *session = klab_session_create(&fast);

	KUNIT_ASSERT_FALSE(test, IS_ERR(session));
	kunit_release_action(test, session_unregister, &fast);
	scoped_guard(mutex, &session->lock)
		KUNIT_EXPECT_EQ(test, -ENODEV,
				klab_session_refresh(session, NULL));
	KUNIT_EXPECT_EQ(test, 0U, session_runs);
	klab_session_destroy(session);
}

/* A task of its own that reads a file. */
struct session_reader {
	struct file *file;
	struct mm_struct *mm;
	char __user *user;
	struct task_struct *task;
	ssize_t ret;
	struct completion started;
	struct completion done;
};

static int session_reader_thread(void *data)
{
	struct session_reader *reader = data;
	loff_t pos = 0;

	allow_signal(SIGKILL);
	kthread_use_mm(reader->mm);
	complete(&reader->started);
	reader->ret = reader->file->f_op->read(reader->file, reader->user,
					       SESSION_TEXT, &pos);
	kthread_unuse_mm(reader->mm);
	kthread_complete_and_exit(&reader->done, 0);
}

static void session_reader_start(struct kunit *test,
				 struct session_reader *reader,
				 struct file *file)
{
	struct session_fixture *fixture = test->priv;
	struct task_struct *task;

	reader->file = file;
	reader->mm = current->mm;
	reader->user = fixture->user;
	init_completion(&reader->started);
	init_completion(&reader->done);
	task = kthread_create(session_reader_thread, reader, "klab_reader");
	KUNIT_ASSERT_FALSE(test, IS_ERR(task));
	reader->task = get_task_struct(task);
	wake_up_process(task);
	wait_for_completion(&reader->started);
}

static ssize_t session_reader_end(struct kunit *test,
				  struct session_reader *reader)
{
	if (!wait_for_completion_timeout(&reader->done, SESSION_BOUND)) {
		KUNIT_FAIL(test, "still reads");
		/* Its time limit ends it: do not leave it behind. */
		wait_for_completion(&reader->done);
	}
	put_task_struct(reader->task);
	return reader->ret;
}

static void session_wait_entered(struct kunit *test)
{
	KUNIT_EXPECT_NE(test, 0, wait_for_completion_timeout(&session_entered,
							     SESSION_BOUND));
}

static void session_open_gate(void)
{
	WRITE_ONCE(session_gate_open, true);
	wake_up_all(&session_gate);
}

static void klab_core_session_killed_reader(struct kunit *test)
{
	struct file *file = session_open(test, &slow, O_RDONLY);
	struct session_reader reader;

	session_reader_start(test, &reader, file);
	session_wait_entered(test);
	send_sig(SIGKILL, reader.task, 1);
	KUNIT_EXPECT_EQ(test, -EINTR, session_reader_end(test, &reader));
}

static void klab_core_session_unregistered_while_it_runs(struct kunit *test)
{
	struct file *file = session_open(test, &slow, O_RDONLY);
	struct session_reader reader;
	unsigned long started = jiffies;

	session_reader_start(test, &reader, file);
	session_wait_entered(test);
	kunit_release_action(test, session_unregister, &slow);
	KUNIT_EXPECT_EQ(test, -ENODEV, session_reader_end(test, &reader));

	/* It was woken, and did not sleep until its time was up. */
	KUNIT_EXPECT_LT(test, jiffies - started,
			msecs_to_jiffies(slow.time_limit_ms));
}

static void klab_core_session_busy_file_does_not_block(struct kunit *test)
{
	struct file *file = session_open(test, &slow, O_RDONLY | O_NONBLOCK);
	struct session_reader reader;

	session_reader_start(test, &reader, file);
	session_wait_entered(test);
	session_expect_error(test, file, -EAGAIN);
	session_open_gate();
	KUNIT_EXPECT_GT(test, session_reader_end(test, &reader), 0);
}

static void session_fill_slots(struct kunit *test,
			       struct session_reader *readers)
{
	unsigned int i;

	if (klab_runs_max != KLAB_RUNS_DEFAULT)
		kunit_skip(test, "klab_core was loaded for %u runs at once",
			   klab_runs_max);

	for (i = 0; i < KLAB_RUNS_DEFAULT; i++) {
		session_reader_start(test, &readers[i],
				     session_open(test, &slow, O_RDONLY));
		session_wait_entered(test);
	}
}

static void session_empty_slots(struct kunit *test,
				struct session_reader *readers)
{
	unsigned int i;

	session_open_gate();
	for (i = 0; i < KLAB_RUNS_DEFAULT; i++)
		KUNIT_EXPECT_GT(test, session_reader_end(test, &readers[i]), 0);
}

static void klab_core_session_third_run_does_not_block(struct kunit *test)
{
	struct file *file = session_open(test, &fast, O_RDONLY | O_NONBLOCK);
	struct session_reader readers[KLAB_RUNS_DEFAULT];

	session_fill_slots(test, readers);
	session_expect_error(test, file, -EAGAIN);
	KUNIT_EXPECT_EQ(test, 0, session_runs);
	session_empty_slots(test, readers);
	session_expect(test, file, TEXT("2") "0\n1\n");
}

static void klab_core_session_third_run_waits_its_turn(struct kunit *test)
{
	struct file *file = session_open(test, &fast, O_RDONLY);
	struct session_reader readers[KLAB_RUNS_DEFAULT];
	struct session_reader third;

	session_fill_slots(test, readers);
	session_reader_start(test, &third, file);
	KUNIT_EXPECT_EQ(test, 0, READ_ONCE(session_runs));
	session_empty_slots(test, readers);
	KUNIT_EXPECT_GT(test, session_reader_end(test, &third), 0);
	KUNIT_EXPECT_EQ(test, 1, session_runs);
}

static void klab_core_session_third_run_killed(struct kunit *test)
{
	struct file *file = session_open(test, &fast, O_RDONLY);
	struct session_reader readers[KLAB_RUNS_DEFAULT];
	struct session_reader third;

	session_fill_slots(test, readers);
	session_reader_start(test, &third, file);
	send_sig(SIGKILL, third.task, 1);
	KUNIT_EXPECT_EQ(test, -EINTR, session_reader_end(test, &third));
	session_empty_slots(test, readers);
	KUNIT_EXPECT_EQ(test, 0, session_runs);
}

static void klab_core_session_third_run_unregistered(struct kunit *test)
{
	struct file *file = session_open(test, &fast, O_RDONLY);
	struct session_reader readers[KLAB_RUNS_DEFAULT];
	struct session_reader third;
	ssize_t ret;

	session_fill_slots(test, readers);
	session_reader_start(test, &third, file);
	kunit_release_action(test, session_unregister, &fast);

	/* EIO if the file was gone before the reader came to it. */
	ret = session_reader_end(test, &third);
	KUNIT_EXPECT_TRUE(test, ret == -ENODEV || ret == -EIO);
	KUNIT_EXPECT_EQ(test, 0, session_runs);
	session_empty_slots(test, readers);
}

static ssize_t session_step_use(struct file *file, char __user *user)
{
	loff_t pos = 0;
	ssize_t ret;

	ret = file->f_op->write(file, user, 6, &pos);
	if (ret < 0)
		return ret;
	return file->f_op->read(file, user + 6, SESSION_TEXT, &pos);
}

static int session_step(struct kunit *test)
{
	struct session_fixture *fixture = test->priv;
	struct file *file = session_try_open(test, &fast, O_RDWR);
	ssize_t ret;

	if (IS_ERR(file))
		return PTR_ERR(file);

	ret = session_step_use(file, fixture->user);
	__fput_sync(file);
	return min(ret, 0);
}

static void klab_core_session_without_memory(struct kunit *test)
{
	struct session_fixture *fixture = test->priv;

	KUNIT_ASSERT_EQ(test, 0, copy_to_user(fixture->user, "rows=9", 6));
	klab_kunit_each_failure(test, session_step);
}

static int session_explain_step(struct kunit *test)
{
	struct klab_session *session = klab_session_create(&fast);
	char line[] = "x";
	int err;

	if (IS_ERR(session))
		return PTR_ERR(session);

	mutex_lock(&session->lock);
	err = klab_session_set(session, line, 1);
	if (err == -EINVAL)
		err = klab_session_refresh(session, NULL);
	mutex_unlock(&session->lock);
	klab_session_destroy(session);
	return err;
}

static void klab_core_session_explains_without_memory(struct kunit *test)
{
	klab_kunit_each_failure(test, session_explain_step);
}

static struct kunit_case klab_core_session_cases[] = {
	KUNIT_CASE(klab_core_session_open_for_writing_only),
	KUNIT_CASE(klab_core_session_open_while_it_goes),
	KUNIT_CASE(klab_core_session_open_holds_the_module),
	KUNIT_CASE(klab_core_session_read_runs_with_defaults),
	KUNIT_CASE(klab_core_session_read_in_pieces_is_one_run),
	KUNIT_CASE(klab_core_session_read_from_the_start_runs_anew),
	KUNIT_CASE(klab_core_session_read_without_a_result),
	KUNIT_CASE(klab_core_session_read_of_nothing),
	KUNIT_CASE(klab_core_session_bad_addresses),
	KUNIT_CASE(klab_core_session_write_sets_this_file_only),
	KUNIT_CASE(klab_core_session_write_drops_the_result),
	KUNIT_CASE(klab_core_session_write_of_nothing),
	KUNIT_CASE(klab_core_session_wrong_line_is_explained_once),
	KUNIT_CASE(klab_core_session_wrong_line_after_a_result),
	KUNIT_CASE(klab_core_session_right_line_after_a_wrong_one),
	KUNIT_CASE(klab_core_session_line_up_to_its_limit),
	KUNIT_CASE(klab_core_session_failed_run_is_explained_once),
	KUNIT_CASE(klab_core_session_without_privilege),
	KUNIT_CASE(klab_core_session_after_unregistering),
	KUNIT_CASE(klab_core_session_of_one_that_has_gone),
	KUNIT_CASE(klab_core_session_killed_reader),
	KUNIT_CASE(klab_core_session_unregistered_while_it_runs),
	KUNIT_CASE(klab_core_session_busy_file_does_not_block),
	KUNIT_CASE(klab_core_session_third_run_waits_its_turn),
	KUNIT_CASE(klab_core_session_third_run_killed),
	KUNIT_CASE(klab_core_session_third_run_unregistered),
	/* After those that might have left a slot too many, or too few. */
	KUNIT_CASE(klab_core_session_third_run_does_not_block),
	KUNIT_CASE(klab_core_session_without_memory),
	KUNIT_CASE(klab_core_session_explains_without_memory),
	{}
};

static struct kunit_suite klab_core_session_suite = {
	.name = "klab_core_session",
	.init = session_init,
	.exit = session_exit,
	.test_cases = klab_core_session_cases,
};

kunit_test_suite(klab_core_session_suite);

MODULE_DESCRIPTION("klab: KUnit tests of open experiments");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS(EXPORTED_FOR_KUNIT_TESTING);
