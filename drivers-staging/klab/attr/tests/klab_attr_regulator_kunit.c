// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests for the regulator: what its points take and tell, when it steps and
 * rests, who is told. They make regulators of their own.
 */
#include <linux/array_size.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/poll.h>
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/sizes.h>
#include <linux/string.h>
#include <linux/sysfs.h>
#include <linux/uaccess.h>
#include <linux/workqueue.h>

#include <kunit/test.h>

#include "../../core/klab_fixture.h"
#include "../regulator.h"
#include "attr_kunit.h"

#define NAME	"klab-regulator-test"

/* So long that a step happens only where a test does it. */
#define LONG	"60000"

KUNIT_DEFINE_ACTION_WRAPPER(destroy_wrapper, klab_regulator_destroy,
			    struct klab_regulator *);

static struct klab_regulator *create(struct kunit *test)
{
	struct klab_regulator *reg = klab_regulator_create(NAME, 500);

	KUNIT_ASSERT_FALSE_MSG(test, IS_ERR(reg), "%pe", reg);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test,
							   destroy_wrapper,
							   reg));
	return reg;
}

static int set(struct klab_regulator *reg, enum klab_point_index index,
	       const char *text)
{
	return klab_regulator_set(reg, &klab_points[index], text);
}

static void expect(struct kunit *test, struct klab_regulator *reg,
		   enum klab_point_index index, const char *shown)
{
	char text[KLAB_POINT_TEXT];

	KUNIT_EXPECT_EQ(test,
			klab_regulator_get(reg, &klab_points[index], text),
			strlen(shown));
	KUNIT_EXPECT_STREQ(test, text, shown);
}

static void klab_attr_regulator_begins_at_rest(struct kunit *test)
{
	struct klab_regulator *reg = create(test);

	expect(test, reg, KLAB_POINT_VALUE, "0.000\n");
	expect(test, reg, KLAB_POINT_MULTIPLY, "0.500\n");
	expect(test, reg, KLAB_POINT_PERIOD_MS, "0\n");
	expect(test, reg, KLAB_POINT_CARRY, "0.000000\n");
	expect(test, reg, KLAB_POINT_CHANGES, "0\n");
	KUNIT_EXPECT_FALSE(test, delayed_work_pending(&reg->work));
}

static void klab_attr_regulator_increment_moves_the_value(struct kunit *test)
{
	struct klab_regulator *reg = create(test);

	KUNIT_EXPECT_EQ(test, set(reg, KLAB_POINT_VALUE, "10\n"), 0);
	KUNIT_EXPECT_EQ(test, set(reg, KLAB_POINT_INCREMENT, "-0.001"), 0);
	expect(test, reg, KLAB_POINT_VALUE, "10.000\n");
	expect(test, reg, KLAB_POINT_CARRY, "-0.000500\n");
	KUNIT_EXPECT_EQ(test, set(reg, KLAB_POINT_INCREMENT, "-9.999"), 0);
	expect(test, reg, KLAB_POINT_VALUE, "5.000\n");
	expect(test, reg, KLAB_POINT_INCREMENT, "-9.999\n");
	expect(test, reg, KLAB_POINT_CHANGES, "3\n");
	expect(test, reg, KLAB_POINT_STEPS, "0\n");
}

static void klab_attr_regulator_disturbance_drops_the_carry(struct kunit *test)
{
	struct klab_regulator *reg = create(test);

	KUNIT_EXPECT_EQ(test, set(reg, KLAB_POINT_INCREMENT, "0.001"), 0);
	KUNIT_EXPECT_EQ(test, set(reg, KLAB_POINT_VALUE, "3"), 0);
	expect(test, reg, KLAB_POINT_CARRY, "0.000000\n");
}

static const struct limit_case {
	enum klab_point_index point;
	const char *text;
	int err;
} limit_cases[] = {
	{ KLAB_POINT_VALUE, "1000000" },
	{ KLAB_POINT_VALUE, "-1000000" },
	{ KLAB_POINT_VALUE, "1000000.001", -ERANGE },
	{ KLAB_POINT_VALUE, "-1000000.001", -ERANGE },
	{ KLAB_POINT_VALUE, "abc", -EINVAL },
	{ KLAB_POINT_INCREMENT, "2000000" },
	{ KLAB_POINT_INCREMENT, "-2000000.001", -ERANGE },
	{ KLAB_POINT_MULTIPLY, "-100" },
	{ KLAB_POINT_MULTIPLY, "100.001", -ERANGE },
	{ KLAB_POINT_TARGET, "1000000.001", -ERANGE },
	{ KLAB_POINT_INTEGRAL, "100" },
	{ KLAB_POINT_INTEGRAL, "100.001", -ERANGE },
	{ KLAB_POINT_DERIVATIVE, "-100.001", -ERANGE },
	{ KLAB_POINT_PERIOD_MS, "60000" },
	{ KLAB_POINT_PERIOD_MS, "60001", -ERANGE },
	{ KLAB_POINT_PERIOD_MS, "-1", -ERANGE },
	{ KLAB_POINT_PERIOD_MS, "1.5", -EINVAL },
};

static void limit_desc(const struct limit_case *c, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%s %s",
		 klab_points[c->point].attr.attr.name, c->text);
}

KUNIT_ARRAY_PARAM(limit, limit_cases, limit_desc);

/* What is refused leaves everything as it was. */
static void klab_attr_regulator_keeps_its_limits(struct kunit *test)
{
	const struct limit_case *c = test->param_value;
	struct klab_regulator *reg = create(test);
	s64 before, after;

	KUNIT_ASSERT_EQ(test, set(reg, KLAB_POINT_MULTIPLY, "1"), 0);
	before = klab_point_get(reg, &klab_points[c->point]);
	KUNIT_EXPECT_EQ(test, set(reg, c->point, c->text), c->err);
	after = klab_point_get(reg, &klab_points[c->point]);
	KUNIT_EXPECT_EQ(test, before == after, c->err != 0);
	KUNIT_EXPECT_EQ(test, reg->changes, c->err ? 1 : 2);
}

static void klab_attr_regulator_steps_to_its_target(struct kunit *test)
{
	struct klab_regulator *reg = create(test);

	KUNIT_ASSERT_EQ(test, set(reg, KLAB_POINT_TARGET, "8"), 0);
	KUNIT_ASSERT_EQ(test, set(reg, KLAB_POINT_PERIOD_MS, LONG), 0);
	cancel_delayed_work_sync(&reg->work);
	reg->loop.value = 0;
	reg->steps = 0;
	klab_regulator_run(reg);
	expect(test, reg, KLAB_POINT_VALUE, "4.000\n");
	klab_regulator_run(reg);
	expect(test, reg, KLAB_POINT_VALUE, "6.000\n");
	expect(test, reg, KLAB_POINT_STEPS, "2\n");
	KUNIT_EXPECT_TRUE(test, delayed_work_pending(&reg->work));
}

static void klab_attr_regulator_rests_at_its_target(struct kunit *test)
{
	struct klab_regulator *reg = create(test);

	KUNIT_ASSERT_EQ(test, set(reg, KLAB_POINT_PERIOD_MS, LONG), 0);
	flush_delayed_work(&reg->work);
	KUNIT_EXPECT_FALSE(test, delayed_work_pending(&reg->work));
	expect(test, reg, KLAB_POINT_STEPS, "0\n");
	/* Until something is set. */
	KUNIT_ASSERT_EQ(test, set(reg, KLAB_POINT_VALUE, "1"), 0);
	KUNIT_EXPECT_TRUE(test, delayed_work_pending(&reg->work));
}

static void klab_attr_regulator_stops_when_told(struct kunit *test)
{
	struct klab_regulator *reg = create(test);

	KUNIT_ASSERT_EQ(test, set(reg, KLAB_POINT_PERIOD_MS, LONG), 0);
	/* A new period begins with a step, which would find the value. */
	flush_delayed_work(&reg->work);
	KUNIT_ASSERT_EQ(test, set(reg, KLAB_POINT_VALUE, "1"), 0);
	KUNIT_ASSERT_EQ(test, set(reg, KLAB_POINT_PERIOD_MS, "0"), 0);
	flush_delayed_work(&reg->work);
	KUNIT_EXPECT_FALSE(test, delayed_work_pending(&reg->work));
	expect(test, reg, KLAB_POINT_VALUE, "1.000\n");
	klab_regulator_run(reg);
	expect(test, reg, KLAB_POINT_VALUE, "1.000\n");
}

/* The work itself, not only what it calls. */
static void klab_attr_regulator_runs_by_itself(struct kunit *test)
{
	struct klab_regulator *reg = create(test);

	KUNIT_ASSERT_EQ(test, set(reg, KLAB_POINT_MULTIPLY, "1"), 0);
	KUNIT_ASSERT_EQ(test, set(reg, KLAB_POINT_VALUE, "1"), 0);
	KUNIT_ASSERT_EQ(test, set(reg, KLAB_POINT_PERIOD_MS, "1"), 0);
	while (flush_delayed_work(&reg->work))
		;
	expect(test, reg, KLAB_POINT_VALUE, "0.000\n");
	/* One that moves the value, one that forgets the error. */
	expect(test, reg, KLAB_POINT_STEPS, "2\n");
}

static void klab_attr_regulator_tells_only_what_changed(struct kunit *test)
{
	struct klab_regulator *reg = create(test);
	struct klab_node *nodes = reg->nodes;

	KUNIT_ASSERT_EQ(test, set(reg, KLAB_POINT_VALUE, "5"), 0);
	KUNIT_EXPECT_EQ(test, nodes[KLAB_POINT_VALUE].event, 1);
	KUNIT_EXPECT_EQ(test, nodes[KLAB_POINT_CHANGES].event, 1);
	KUNIT_EXPECT_EQ(test, nodes[KLAB_POINT_TARGET].event, 0);
	KUNIT_EXPECT_EQ(test, nodes[KLAB_POINTS].event, 1);
	/* The same once more is a change to nothing but their count. */
	KUNIT_ASSERT_EQ(test, set(reg, KLAB_POINT_VALUE, "5.0"), 0);
	KUNIT_EXPECT_EQ(test, nodes[KLAB_POINT_VALUE].event, 1);
	KUNIT_EXPECT_EQ(test, nodes[KLAB_POINT_CHANGES].event, 2);
}

/* A file that is open, as far as the functions look at it. */
static struct file *open_node(struct kunit *test, struct klab_node *node)
{
	struct file *file = kunit_kzalloc(test, sizeof(*file), GFP_KERNEL);
	struct seq_file *seq = kunit_kzalloc(test, sizeof(*seq), GFP_KERNEL);

	KUNIT_ASSERT_TRUE(test, file && seq);
	seq->size = SZ_1K;
	seq->buf = kunit_kzalloc(test, seq->size, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, seq->buf);
	seq->private = node;
	file->private_data = seq;
	return file;
}

static bool has_news(struct file *file)
{
	__poll_t mask = klab_regulator_proc_poll(file, NULL);

	return (mask & EPOLLPRI) && (mask & EPOLLERR);
}

static void klab_attr_regulator_poll_until_read(struct kunit *test)
{
	struct klab_regulator *reg = create(test);
	struct file *file = open_node(test, &reg->nodes[KLAB_POINT_VALUE]);

	KUNIT_EXPECT_FALSE(test, has_news(file));
	KUNIT_ASSERT_EQ(test, set(reg, KLAB_POINT_TARGET, "1"), 0);
	KUNIT_EXPECT_FALSE(test, has_news(file));
	KUNIT_ASSERT_EQ(test, set(reg, KLAB_POINT_VALUE, "1"), 0);
	KUNIT_EXPECT_TRUE(test, has_news(file));
	KUNIT_EXPECT_EQ(test, klab_regulator_proc_show(file->private_data,
						       NULL), 0);
	KUNIT_EXPECT_FALSE(test, has_news(file));
}

static void klab_attr_regulator_shows_one_in_proc(struct kunit *test)
{
	struct klab_regulator *reg = create(test);
	struct file *file = open_node(test, &reg->nodes[KLAB_POINT_MULTIPLY]);
	struct seq_file *seq = file->private_data;

	KUNIT_EXPECT_EQ(test, klab_regulator_proc_show(seq, NULL), 0);
	KUNIT_EXPECT_STREQ(test, seq->buf, "0.500\n");
}

static void klab_attr_regulator_shows_all_in_proc(struct kunit *test)
{
	struct klab_regulator *reg = create(test);
	struct file *file = open_node(test, &reg->nodes[KLAB_POINTS]);
	struct seq_file *seq = file->private_data;

	KUNIT_EXPECT_EQ(test, klab_regulator_proc_show(seq, NULL), 0);
	KUNIT_EXPECT_STREQ(test, seq->buf,
			   "value\t0.000\n"
			   "increment\t0.000\n"
			   "multiply\t0.500\n"
			   "target\t0.000\n"
			   "integral\t0.000\n"
			   "derivative\t0.000\n"
			   "period_ms\t0\n"
			   "carry\t0.000000\n"
			   "sum\t0.000\n"
			   "error\t0.000\n"
			   "steps\t0\n"
			   "changes\t0\n");
}

static void klab_attr_regulator_shows_and_stores_in_sys(struct kunit *test)
{
	struct device_attribute *attr = &klab_points[KLAB_POINT_VALUE].attr;
	struct klab_regulator *reg = create(test);
	char *page = (char *)get_zeroed_page(GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_EXPECT_EQ(test, attr->store(&reg->dev, attr, "7\n", 2), 2);
	KUNIT_EXPECT_EQ(test, attr->store(&reg->dev, attr, "x\n", 2), -EINVAL);
	KUNIT_EXPECT_EQ(test, attr->store(&reg->dev, attr, "8\0", 2), -EINVAL);
	KUNIT_EXPECT_EQ(test, attr->show(&reg->dev, attr, page), 6);
	KUNIT_EXPECT_STREQ(test, page, "7.000\n");
	free_page((unsigned long)page);
}

static const struct user_case {
	const char *what;
	const char *text;
	size_t len;
	enum klab_point_index point;
	int err;
} user_cases[] = {
#define USER(_what, _text, _point, _err) \
	{ _what, _text, sizeof(_text) - 1, _point, _err }
	USER("number", "6", KLAB_POINT_VALUE, 0),
	USER("newline", "6\n", KLAB_POINT_VALUE, 0),
	USER("31 bytes", "0000000000000000000000000000006", KLAB_POINT_VALUE, 0),
	USER("32 bytes", "00000000000000000000000000000006", KLAB_POINT_VALUE,
	     -EINVAL),
	USER("nothing", "", KLAB_POINT_VALUE, -EINVAL),
	USER("zero byte", "6\0", KLAB_POINT_VALUE, -EINVAL),
	USER("two numbers", "6 7", KLAB_POINT_VALUE, -EINVAL),
	USER("too large", "1000001", KLAB_POINT_VALUE, -ERANGE),
	USER("for reading only", "6", KLAB_POINT_STEPS, -EINVAL),
	USER("all in one", "6", KLAB_POINTS, -EINVAL),
};

KUNIT_ARRAY_PARAM_DESC(user, user_cases, what);

static void klab_attr_regulator_takes_user_text(struct kunit *test)
{
	const struct user_case *c = test->param_value;
	struct klab_regulator *reg = create(test);
	char __user *page = klab_kunit_user_page(test);

	KUNIT_ASSERT_EQ(test, 0, copy_to_user(page, c->text, c->len));
	KUNIT_EXPECT_EQ(test,
			klab_regulator_store_user(&reg->nodes[c->point], page,
						  c->len),
			c->err ?: c->len);
	KUNIT_EXPECT_EQ(test, reg->loop.value, c->err ? 0 : 6000);
}

static void klab_attr_regulator_bad_address(struct kunit *test)
{
	struct klab_regulator *reg = create(test);
	char __user *page = klab_kunit_user_page(test);

	KUNIT_EXPECT_EQ(test,
			klab_regulator_store_user(&reg->nodes[KLAB_POINT_VALUE],
						  page + PAGE_SIZE, 1),
			-EFAULT);
	expect(test, reg, KLAB_POINT_CHANGES, "0\n");
}

static void klab_attr_regulator_opens_when_all_is_there(struct kunit *test)
{
	struct klab_regulator *reg = create(test);
	struct vfsmount *mnt = mount_proc(test);

	reg->live = false;
	KUNIT_EXPECT_PTR_EQ(test, try_open(mnt, NAME "/value"),
			    ERR_PTR(-ENODEV));
	reg->live = true;
	open_proc(test, mnt, NAME "/value");
}

static void remove_proc(void *dir)
{
	proc_remove(dir);
}

static void klab_attr_regulator_name_that_is_taken(struct kunit *test)
{
	struct proc_dir_entry *dir = proc_mkdir(NAME, NULL);
	struct klab_regulator *reg;

	KUNIT_ASSERT_NOT_NULL(test, dir);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, remove_proc,
							   dir));
	reg = klab_regulator_create(NAME, 500);
	KUNIT_EXPECT_PTR_EQ(test, reg, ERR_PTR(-EEXIST));
	if (!IS_ERR(reg))
		klab_regulator_destroy(reg);
}

static int create_and_destroy(struct kunit *test)
{
	struct klab_regulator *reg = klab_regulator_create(NAME, 500);

	if (IS_ERR(reg))
		return PTR_ERR(reg);
	klab_regulator_destroy(reg);
	return 0;
}

static void klab_attr_regulator_without_memory(struct kunit *test)
{
	klab_kunit_each_failure(test, create_and_destroy);
}

static struct kunit_case klab_attr_regulator_cases[] = {
	KUNIT_CASE(klab_attr_regulator_begins_at_rest),
	KUNIT_CASE(klab_attr_regulator_increment_moves_the_value),
	KUNIT_CASE(klab_attr_regulator_disturbance_drops_the_carry),
	KUNIT_CASE_PARAM(klab_attr_regulator_keeps_its_limits,
			 limit_gen_params),
	KUNIT_CASE(klab_attr_regulator_steps_to_its_target),
	KUNIT_CASE(klab_attr_regulator_rests_at_its_target),
	KUNIT_CASE(klab_attr_regulator_stops_when_told),
	KUNIT_CASE(klab_attr_regulator_runs_by_itself),
	KUNIT_CASE(klab_attr_regulator_tells_only_what_changed),
	KUNIT_CASE(klab_attr_regulator_poll_until_read),
	KUNIT_CASE(klab_attr_regulator_shows_one_in_proc),
	KUNIT_CASE(klab_attr_regulator_shows_all_in_proc),
	KUNIT_CASE(klab_attr_regulator_shows_and_stores_in_sys),
	KUNIT_CASE_PARAM(klab_attr_regulator_takes_user_text, user_gen_params),
	KUNIT_CASE(klab_attr_regulator_bad_address),
	KUNIT_CASE(klab_attr_regulator_opens_when_all_is_there),
	KUNIT_CASE(klab_attr_regulator_name_that_is_taken),
	KUNIT_CASE(klab_attr_regulator_without_memory),
	{}
};

static struct kunit_suite klab_attr_regulator_suite = {
	.name = "klab_attr_regulator",
	.test_cases = klab_attr_regulator_cases,
};

kunit_test_suite(klab_attr_regulator_suite);

MODULE_DESCRIPTION("klab: KUnit tests for the regulator");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS(EXPORTED_FOR_KUNIT_TESTING);
