// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of klab's core: the registry of experiments.
 */

#include <linux/array_size.h>
#include <linux/dcache.h>
#include <linux/debugfs.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/sizes.h>
#include <linux/string.h>

#include <kunit/resource.h>
#include <kunit/test.h>

#include "../core_internal.h"
#include "../klab_fixture.h"

#define ROOM	"kunit-registry"

static int registry_run(struct klab_run *run)
{
	klab_note(run, "alive", "%d", 1);
	return 0;
}

static const char * const registry_modes[] = { "poll", "irq", NULL };

static const struct klab_param registry_params[] = {
	KLAB_INT("rate", 1, -2, 3, "Hz", "How often"),
	KLAB_BOOL("hard", 1, "Whether it is hard"),
	KLAB_CHOICE("mode", 1, registry_modes, "Which way"),
	KLAB_STRING("who", "me", 8, "For whom"),
};

#define EXPERIMENT(_name)						\
	{								\
		.room = ROOM,						\
		.name = _name,						\
		.question = "Is it there?",				\
		.run = registry_run,					\
	}

static void registry_unregister(void *data)
{
	klab_experiments_unregister(data, 1);
}

static void registry_register(struct kunit *test,
			      struct klab_experiment *experiment)
{
	KUNIT_ASSERT_EQ(test, 0, klab_experiments_register(experiment, 1));
	KUNIT_ASSERT_EQ(test, 0,
			kunit_add_action_or_reset(test, registry_unregister,
						  experiment));
}

static bool registry_has(const char *name)
{
	struct klab_session *session = klab_session_find(ROOM, name);

	if (IS_ERR(session))
		return false;
	klab_session_destroy(session);
	return true;
}

static bool registry_has_dir(void)
{
	struct dentry *dir;

	if (IS_ERR(klab_debugfs))
		return registry_has("a");

	dir = debugfs_lookup(ROOM, klab_debugfs);
	dput(dir);
	return dir;
}

static const char *registry_catalogue(struct kunit *test)
{
	struct seq_file seq = {
		.size = SZ_256K,
	};

	seq.buf = kunit_kzalloc(test, seq.size, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, seq.buf);
	KUNIT_ASSERT_EQ(test, 0, klab_catalogue_show(&seq, NULL));
	KUNIT_ASSERT_FALSE(test, seq_has_overflowed(&seq));
	return seq.buf;
}

static long registry_offset(const char *text, const char *what)
{
	const char *found = strstr(text, what);

	return found ? found - text : -1;
}

static void klab_core_experiment_comes_and_goes(struct kunit *test)
{
	static struct klab_experiment experiment = EXPERIMENT("a");

	KUNIT_EXPECT_FALSE(test, registry_has("a"));
	KUNIT_ASSERT_EQ(test, 0, klab_experiments_register(&experiment, 1));
	KUNIT_EXPECT_TRUE(test, registry_has("a"));
	KUNIT_EXPECT_FALSE(test, registry_has("b"));
	klab_experiments_unregister(&experiment, 1);
	KUNIT_EXPECT_FALSE(test, registry_has("a"));

	/* The name is free again. */
	registry_register(test, &experiment);
	KUNIT_EXPECT_TRUE(test, registry_has("a"));
}

static void klab_core_experiment_room_goes_with_the_last_one(struct kunit *test)
{
	static struct klab_experiment a = EXPERIMENT("a");
	static struct klab_experiment b = EXPERIMENT("b");

	KUNIT_EXPECT_FALSE(test, registry_has_dir());
	registry_register(test, &a);
	registry_register(test, &b);
	KUNIT_EXPECT_TRUE(test, registry_has_dir());
	kunit_release_action(test, registry_unregister, &b);
	KUNIT_EXPECT_TRUE(test, registry_has_dir());
	kunit_release_action(test, registry_unregister, &a);
	KUNIT_EXPECT_FALSE(test, registry_has_dir());
}

static void klab_core_experiment_of_a_name_that_is_taken(struct kunit *test)
{
	static struct klab_experiment first = EXPERIMENT("b");
	static struct klab_experiment others[] = {
		EXPERIMENT("a"),
		EXPERIMENT("b"),
		EXPERIMENT("c"),
	};

	registry_register(test, &first);
	KUNIT_EXPECT_EQ(test, -EEXIST,
			klab_experiments_register(others, ARRAY_SIZE(others)));
	KUNIT_EXPECT_FALSE(test, registry_has("a"));
	KUNIT_EXPECT_TRUE(test, registry_has("b"));
	KUNIT_EXPECT_FALSE(test, registry_has("c"));
}

static void klab_core_experiment_twice_in_an_array(struct kunit *test)
{
	static struct klab_experiment twice[] = {
		EXPERIMENT("a"),
		EXPERIMENT("a"),
	};

	KUNIT_EXPECT_EQ(test, -EEXIST,
			klab_experiments_register(twice, ARRAY_SIZE(twice)));
	KUNIT_EXPECT_FALSE(test, registry_has_dir());
}

static void klab_core_experiment_in_a_room_of_a_taken_name(struct kunit *test)
{
	static struct klab_experiment experiment = EXPERIMENT("a");

	if (IS_ERR(klab_debugfs))
		kunit_skip(test, "debugfs is off");

	/* The catalogue has that name. */
	experiment.room = "experiments";
	KUNIT_EXPECT_EQ(test, -EEXIST,
			klab_experiments_register(&experiment, 1));
}

static void klab_core_experiment_of_none(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, 0, klab_experiments_register(NULL, 0));
	klab_experiments_unregister(NULL, 0);
}

struct registry_check_case {
	const char *what;
	struct klab_experiment experiment;
	bool sound;
};

#define CHECK(_what, _sound, _room, _name, _question, _run, _limit)	\
	{								\
		.what = _what,						\
		.experiment = {						\
			.room = _room,					\
			.name = _name,					\
			.question = _question,				\
			.run = _run,					\
			.time_limit_ms = _limit,			\
		},							\
		.sound = _sound,					\
	}

static const struct registry_check_case registry_check_cases[] = {
	CHECK("sound", true, "a-1", "b_2", "Q?", registry_run, 600000),
	CHECK("too slow", false, "a", "b", "Q?", registry_run, 600001),
	CHECK("does nothing", false, "a", "b", "Q?", NULL, 0),
	CHECK("no question", false, "a", "b", NULL, registry_run, 0),
	CHECK("empty question", false, "a", "b", "", registry_run, 0),
	CHECK("no question mark", false, "a", "b", "Q", registry_run, 0),
	CHECK("two lines", false, "a", "b", "Q\n?", registry_run, 0),
	CHECK("no room", false, NULL, "b", "Q?", registry_run, 0),
	CHECK("no name", false, "a", NULL, "Q?", registry_run, 0),
	CHECK("slash", false, "a", "b/c", "Q?", registry_run, 0),
	CHECK("dots", false, "..", "b", "Q?", registry_run, 0),
	CHECK("empty name", false, "a", "", "Q?", registry_run, 0),
};

static void registry_check_desc(const struct registry_check_case *param,
				char *desc)
{
	strscpy(desc, param->what, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(registry_check, registry_check_cases, registry_check_desc);

static void klab_core_experiment_check(struct kunit *test)
{
	const struct registry_check_case *param = test->param_value;
	struct klab_reason reason = {};

	KUNIT_EXPECT_EQ_MSG(test, param->sound ? 0 : -EINVAL,
			    klab_experiment_check(&param->experiment, &reason),
			    "%s", reason.text);
}

static void klab_core_experiment_check_looks_at_parameters(struct kunit *test)
{
	const struct klab_param bad = KLAB_BOOL("bad", 2, "Bad default");
	struct klab_experiment experiment = EXPERIMENT("a");
	struct klab_reason reason;

	experiment.params = &bad;
	experiment.nr_params = 1;
	KUNIT_EXPECT_EQ(test, -EINVAL,
			klab_experiment_check(&experiment, &reason));
}

static void klab_core_experiment_in_the_catalogue(struct kunit *test)
{
	static struct klab_experiment experiment = EXPERIMENT("a");
	static const char wanted[] =
		"\n" ROOM "\ta\t\t\t\t\t\t\tIs it there?\n"
		ROOM "\ta\trate\tint\t1\t-2\t3\tHz\tHow often\n"
		ROOM "\ta\thard\tbool\t1\t0\t1\t\tWhether it is hard\n"
		ROOM "\ta\tmode\tchoice:poll|irq\tirq\t\t\t\tWhich way\n"
		ROOM "\ta\twho\tstring\tme\t1\t8\t\tFor whom\n";
	const char *text;

	experiment.params = registry_params;
	experiment.nr_params = ARRAY_SIZE(registry_params);
	registry_register(test, &experiment);
	text = registry_catalogue(test);
	KUNIT_EXPECT_EQ(test, 0, strncmp(text, "room\texperiment\t", 16));
	KUNIT_EXPECT_GE_MSG(test, registry_offset(text, wanted), 0, "%s", text);
}

static void klab_core_experiment_catalogue_is_sorted(struct kunit *test)
{
	static struct klab_experiment others[] = {
		EXPERIMENT("b"),
		EXPERIMENT("c"),
		EXPERIMENT("a"),
	};
	static struct klab_experiment first = EXPERIMENT("z");
	const char *text;
	long place[4];

	first.room = "a-kunit-room";
	registry_register(test, &others[0]);
	registry_register(test, &others[1]);
	registry_register(test, &others[2]);
	registry_register(test, &first);
	text = registry_catalogue(test);
	place[0] = registry_offset(text, "\na-kunit-room\tz\t");
	place[1] = registry_offset(text, "\n" ROOM "\ta\t");
	place[2] = registry_offset(text, "\n" ROOM "\tb\t");
	place[3] = registry_offset(text, "\n" ROOM "\tc\t");
	KUNIT_EXPECT_GE(test, place[0], 0);
	KUNIT_EXPECT_LT(test, place[0], place[1]);
	KUNIT_EXPECT_LT(test, place[1], place[2]);
	KUNIT_EXPECT_LT(test, place[2], place[3]);
}

static void klab_core_experiment_that_goes_is_hidden(struct kunit *test)
{
	static struct klab_experiment experiment = EXPERIMENT("a");

	registry_register(test, &experiment);
	experiment.dying = true;
	KUNIT_EXPECT_NULL(test, strstr(registry_catalogue(test), ROOM));
	KUNIT_EXPECT_FALSE(test, registry_has("a"));

	/* Its name is not free yet. */
	KUNIT_EXPECT_EQ(test, -EEXIST,
			klab_experiments_register(&experiment, 1));
}

static int registry_step(struct kunit *test)
{
	static struct klab_experiment two[] = {
		EXPERIMENT("a"),
		EXPERIMENT("b"),
	};
	int err;

	err = klab_experiments_register(two, ARRAY_SIZE(two));
	if (!err)
		klab_experiments_unregister(two, ARRAY_SIZE(two));
	KUNIT_EXPECT_FALSE(test, registry_has_dir());
	return err;
}

static void klab_core_experiment_without_memory(struct kunit *test)
{
	klab_kunit_each_failure(test, registry_step);
}

/* Where debugfs is off, or not built, klab runs without. */
static void klab_core_experiment_debugfs_that_is_off(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, 0, klab_debugfs_err(ERR_PTR(-EPERM)));
	KUNIT_EXPECT_EQ(test, 0, klab_debugfs_err(ERR_PTR(-ENODEV)));
	KUNIT_EXPECT_EQ(test, 0, klab_debugfs_err(ERR_PTR(-ENOENT)));
	KUNIT_EXPECT_EQ(test, 0, klab_debugfs_err(NULL));
	KUNIT_EXPECT_EQ(test, -ENOMEM, klab_debugfs_err(ERR_PTR(-ENOMEM)));
	KUNIT_EXPECT_EQ(test, -EEXIST, klab_debugfs_err(ERR_PTR(-EEXIST)));
}

static struct kunit_case klab_core_experiment_cases[] = {
	KUNIT_CASE(klab_core_experiment_debugfs_that_is_off),
	KUNIT_CASE(klab_core_experiment_comes_and_goes),
	KUNIT_CASE(klab_core_experiment_room_goes_with_the_last_one),
	KUNIT_CASE(klab_core_experiment_of_a_name_that_is_taken),
	KUNIT_CASE(klab_core_experiment_twice_in_an_array),
	KUNIT_CASE(klab_core_experiment_in_a_room_of_a_taken_name),
	KUNIT_CASE(klab_core_experiment_of_none),
	KUNIT_CASE_PARAM(klab_core_experiment_check, registry_check_gen_params),
	KUNIT_CASE(klab_core_experiment_check_looks_at_parameters),
	KUNIT_CASE(klab_core_experiment_in_the_catalogue),
	KUNIT_CASE(klab_core_experiment_catalogue_is_sorted),
	KUNIT_CASE(klab_core_experiment_that_goes_is_hidden),
	KUNIT_CASE(klab_core_experiment_without_memory),
	{}
};

static struct kunit_suite klab_core_experiment_suite = {
	.name = "klab_core_experiment",
	.test_cases = klab_core_experiment_cases,
};

kunit_test_suite(klab_core_experiment_suite);

MODULE_DESCRIPTION("klab: KUnit tests of the registry of experiments");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS(EXPORTED_FOR_KUNIT_TESTING);
