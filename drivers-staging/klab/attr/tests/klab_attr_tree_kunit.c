// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests for a file at a path: which paths are refused, and that nothing
 * is left behind. Nothing here makes procfs warn.
 */
#include <linux/errno.h>
#include <linux/limits.h>
#include <linux/module.h>
#include <linux/string.h>

#include "../../core/klab_fixture.h"
#include "../tree.h"
#include "attr_kunit.h"

#define TOP	"klab-tree-test"
#define PATH	TOP "/deep/value"

static const struct path_param {
	const char *name;
	const char *path;
	const char *fault;
} path_params[] = {
	{ "two names", "a/b", NULL },
	{ "below driver", "driver/klab/value", NULL },
	{ "like driver", "driver-of-mine/value", NULL },
	{ "numbers inside", "a1/2/3", NULL },
	{ "dots in names", "a/..b/c..d/...", NULL },
	{ "number first", "1/2/3/4", "it begins with a number" },
	{ "a process", "4711/value", "it begins with a number" },
	{ "empty", "", "it is empty" },
	{ "absolute", "/a/b", "it has to be relative to /proc" },
	{ "no directory", "value", "it has no directory" },
	{ "none of its own", "driver/value", "it has no directory of its own" },
	{ "slash at the end", "a/", "a name in it is empty" },
	{ "two slashes", "a//b", "a name in it is empty" },
	{ "dots first", "../a/b", "a name in it is . or .." },
	{ "dots inside", "a/../b", "a name in it is . or .." },
	{ "dot inside", "a/./b", "a name in it is . or .." },
	{ "dots last", "a/b/..", "a name in it is . or .." },
	{ "space", "a b/c",
	  "it has a character that is not printable ASCII" },
	{ "newline", "a/b\nc",
	  "it has a character that is not printable ASCII" },
	{ "escape", "a/\x1b[2J",
	  "it has a character that is not printable ASCII" },
	{ "not ASCII", "a/\xc3\xa9",
	  "it has a character that is not printable ASCII" },
	{ "numbers only", "1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16",
	  "it begins with a number" },
	{ "sixteen names", "a/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16", NULL },
	{ "seventeen names", "a/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17",
	  "it is too deep" },
};

KUNIT_ARRAY_PARAM_DESC(path, path_params, name);

static void klab_attr_tree_path_is_checked(struct kunit *test)
{
	const struct path_param *param = test->param_value;

	KUNIT_EXPECT_STREQ(test, klab_tree_path_fault(param->path) ?: "none",
			   param->fault ?: "none");
}

static void klab_attr_tree_path_of_some_length(struct kunit *test)
{
	char *path = kunit_kzalloc(test, KLAB_TREE_PATH_MAX + 2, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, path);
	memset(path, 'x', KLAB_TREE_PATH_MAX);
	path[1] = '/';
	KUNIT_EXPECT_NULL(test, klab_tree_path_fault(path));
	path[KLAB_TREE_PATH_MAX] = 'x';
	KUNIT_EXPECT_STREQ(test, klab_tree_path_fault(path),
			   "it is too long");
}

static void klab_attr_tree_stem_is_what_is_made_first(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, 1, klab_tree_path_stem("a/b/c"));
	KUNIT_EXPECT_EQ(test, 11, klab_tree_path_stem("driver/klab/c"));
	KUNIT_EXPECT_EQ(test, 7, klab_tree_path_stem("drivers/klab/c"));
}

static void destroy(void *tree)
{
	klab_tree_destroy(tree);
}

static struct klab_tree *create(struct kunit *test, const char *path,
				int value)
{
	struct klab_tree *tree = klab_tree_create(path, value);

	KUNIT_ASSERT_FALSE_MSG(test, IS_ERR(tree), "%s: %pe", path, tree);
	KUNIT_ASSERT_EQ(test, 0, kunit_add_action_or_reset(test, destroy,
							   tree));
	return tree;
}

static void expect_value(struct kunit *test, struct file *file,
			 char __user *page, const char *wanted)
{
	char got[32] = {};
	ssize_t len = read_at(file, page, sizeof(got) - 1, 0);

	KUNIT_ASSERT_EQ(test, (ssize_t)strlen(wanted), len);
	KUNIT_ASSERT_EQ(test, 0, copy_from_user(got, page, len));
	KUNIT_EXPECT_STREQ(test, got, wanted);
}

static const char * const good_paths[] = {
	PATH,
	"driver/" TOP "/value",
	TOP "/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15",
};

static void good_desc(const char * const *path, char *desc)
{
	strscpy(desc, *path, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(good, good_paths, good_desc);

static void klab_attr_tree_value_is_written_and_read(struct kunit *test)
{
	const char *path = *(const char * const *)test->param_value;
	char __user *page = klab_kunit_user_page(test);
	struct file *file;

	create(test, path, INT_MIN);
	file = open_proc(test, mount_proc(test), path);
	expect_value(test, file, page, "-2147483648\n");
	KUNIT_EXPECT_EQ(test, 5, write_text(test, file, page, "0x7f\n", 5));
	expect_value(test, file, page, "127\n");
}

static void klab_attr_tree_value_stays_on_bad_input(struct kunit *test)
{
	char __user *page = klab_kunit_user_page(test);
	struct file *file;
	loff_t pos = 0;

	create(test, PATH, 7);
	file = open_proc(test, mount_proc(test), PATH);
	KUNIT_EXPECT_EQ(test, -EINVAL,
			write_text(test, file, page, "many", 4));
	KUNIT_EXPECT_EQ(test, -EINVAL,
			write_text(test, file, page, "8\0many", 6));
	KUNIT_EXPECT_EQ(test, -ERANGE,
			write_text(test, file, page, "2147483648", 10));
	KUNIT_EXPECT_EQ(test, -EFAULT,
			file->f_op->write(file, page + PAGE_SIZE, 1, &pos));
	expect_value(test, file, page, "7\n");
}

/* Files, directories, links, and what procfs has besides its own tree. */
static const char * const taken_paths[] = {
	"driver/" TOP "/other", TOP "/other", "sys/klab/value", "net/klab/value",
	"self/klab/value", "version/klab/value", "mounts/klab/value",
};

static void taken_desc(const char * const *path, char *desc)
{
	strscpy(desc, *path, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(taken, taken_paths, taken_desc);

static void klab_attr_tree_existing_name(struct kunit *test)
{
	const char *path = *(const char * const *)test->param_value;
	struct klab_tree *tree;

	create(test, PATH, 1);
	create(test, "driver/" PATH, 2);
	tree = klab_tree_create(path, 3);
	KUNIT_EXPECT_PTR_EQ(test, tree, ERR_PTR(-EEXIST));
	if (!IS_ERR(tree))
		klab_tree_destroy(tree);
}

static void klab_attr_tree_leaves_nothing(struct kunit *test)
{
	struct vfsmount *mnt = mount_proc(test);
	struct klab_tree *tree = create(test, "driver/" PATH, 1);

	kunit_release_action(test, destroy, tree);
	KUNIT_EXPECT_PTR_EQ(test, try_open(mnt, "driver/" TOP),
			    ERR_PTR(-ENOENT));
	/* The same can be made again. */
	create(test, "driver/" PATH, 1);
	open_proc(test, mnt, "driver/" PATH);
}

static void klab_attr_tree_removed_while_open(struct kunit *test)
{
	struct klab_tree *tree = create(test, PATH, 1);
	struct vfsmount *mnt = mount_proc(test);
	struct file *file = open_proc(test, mnt, PATH);
	char __user *page = klab_kunit_user_page(test);

	kunit_release_action(test, destroy, tree);
	KUNIT_EXPECT_EQ(test, -EIO, read_at(file, page, 10, 0));
	KUNIT_EXPECT_EQ(test, -EIO, write_text(test, file, page, "1", 1));
	KUNIT_EXPECT_EQ(test, -EINVAL, vfs_llseek(file, 0, SEEK_SET));
	KUNIT_EXPECT_PTR_EQ(test, try_open(mnt, PATH), ERR_PTR(-ENOENT));
}

static int create_step(struct kunit *test)
{
	struct klab_tree *tree = klab_tree_create(PATH, 1);

	if (IS_ERR(tree))
		return PTR_ERR(tree);
	klab_tree_destroy(tree);
	return 0;
}

static void klab_attr_tree_create_without_memory(struct kunit *test)
{
	klab_kunit_each_failure(test, create_step);
	create(test, PATH, 1);
}

static struct kunit_case klab_attr_tree_cases[] = {
	KUNIT_CASE_PARAM(klab_attr_tree_path_is_checked, path_gen_params),
	KUNIT_CASE(klab_attr_tree_path_of_some_length),
	KUNIT_CASE(klab_attr_tree_stem_is_what_is_made_first),
	KUNIT_CASE_PARAM(klab_attr_tree_value_is_written_and_read,
			 good_gen_params),
	KUNIT_CASE(klab_attr_tree_value_stays_on_bad_input),
	KUNIT_CASE_PARAM(klab_attr_tree_existing_name, taken_gen_params),
	KUNIT_CASE(klab_attr_tree_leaves_nothing),
	KUNIT_CASE(klab_attr_tree_removed_while_open),
	KUNIT_CASE(klab_attr_tree_create_without_memory),
	{}
};

static struct kunit_suite klab_attr_tree_suite = {
	.name = "klab_attr_tree",
	.test_cases = klab_attr_tree_cases,
};

kunit_test_suite(klab_attr_tree_suite);

MODULE_DESCRIPTION("klab: KUnit tests for a file of /proc at a path");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS(EXPORTED_FOR_KUNIT_TESTING);
