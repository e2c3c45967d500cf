// SPDX-License-Identifier: GPL-2.0-only
/*
 * The registry of experiments: a directory per room, a file per experiment,
 * and a catalogue for programs.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/bug.h>
#include <linux/cleanup.h>
#include <linux/debugfs.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>

#include <kunit/visibility.h>

#include "core_internal.h"

#define KLAB_RUN_LIMIT_MS_MAX	(10 * 60 * 1000)

/**
 * struct klab_room - a room with experiments in it
 * @node: in klab_rooms, sorted by name
 * @experiments: sorted by name
 * @dir: directory in debugfs, an error pointer where there is none
 * @name: its name
 */
struct klab_room {
	struct list_head node;
	struct list_head experiments;
	struct dentry *dir;
	char name[KLAB_NAME_MAX + 1];
};

/*
 * Protects klab_rooms, the rooms in it, and the private fields of the
 * experiments in them. Not held while a file is removed, because that waits
 * for runs. A room goes when its last experiment does.
 */
static DEFINE_MUTEX(klab_registry_lock);
static LIST_HEAD(klab_rooms);

static struct klab_room *klab_room_find(const char *name)
{
	struct klab_room *room;

	lockdep_assert_held(&klab_registry_lock);

	list_for_each_entry(room, &klab_rooms, node) {
		if (!strcmp(room->name, name))
			return room;
	}
	return NULL;
}

static struct klab_experiment *klab_room_lookup(struct klab_room *room,
						const char *name)
{
	struct klab_experiment *experiment;

	lockdep_assert_held(&klab_registry_lock);

	list_for_each_entry(experiment, &room->experiments, node) {
		if (!strcmp(experiment->name, name))
			return experiment;
	}
	return NULL;
}

static void klab_room_insert(struct klab_room *room)
{
	struct klab_room *next;

	list_for_each_entry(next, &klab_rooms, node) {
		if (strcmp(next->name, room->name) > 0)
			break;
	}
	list_add_tail(&room->node, &next->node);
}

static void klab_room_insert_experiment(struct klab_room *room,
					struct klab_experiment *experiment)
{
	struct klab_experiment *next;

	list_for_each_entry(next, &room->experiments, node) {
		if (strcmp(next->name, experiment->name) > 0)
			break;
	}
	list_add_tail(&experiment->node, &next->node);
}

static struct klab_room *klab_room_get(const char *name)
{
	struct klab_room *room = klab_room_find(name);
	int err;

	if (room)
		return room;

	room = kzalloc_obj(*room);
	if (!room)
		return ERR_PTR(-ENOMEM);

	room->dir = debugfs_create_dir(name, klab_debugfs);
	err = klab_debugfs_err(room->dir);
	if (err) {
		kfree(room);
		return ERR_PTR(err);
	}
	INIT_LIST_HEAD(&room->experiments);
	strscpy(room->name, name);
	klab_room_insert(room);
	return room;
}

static void klab_room_put_if_empty(struct klab_room *room)
{
	if (!list_empty(&room->experiments))
		return;

	debugfs_remove(room->dir);
	list_del(&room->node);
	kfree(room);
}

VISIBLE_IF_KUNIT int
klab_experiment_check(const struct klab_experiment *experiment,
		      struct klab_reason *reason)
{
	if (!klab_word_sound(experiment->room) ||
	    !klab_word_sound(experiment->name))
		return klab_reason_set(reason, -EINVAL, "bad name");
	if (!klab_line_sound(experiment->question) ||
	    experiment->question[strlen(experiment->question) - 1] != '?')
		return klab_reason_set(reason, -EINVAL, "bad question");
	if (!experiment->run)
		return klab_reason_set(reason, -EINVAL, "does nothing");
	if (experiment->time_limit_ms > KLAB_RUN_LIMIT_MS_MAX)
		return klab_reason_set(reason, -EINVAL, "takes too long");
	return klab_params_check(experiment, reason);
}
EXPORT_SYMBOL_IF_KUNIT(klab_experiment_check);

static int klab_experiment_add(struct klab_experiment *experiment,
			       struct module *owner)
{
	struct klab_room *room;
	int err;

	guard(mutex)(&klab_registry_lock);

	room = klab_room_get(experiment->room);
	if (IS_ERR(room))
		return PTR_ERR(room);
	if (klab_room_lookup(room, experiment->name))
		return -EEXIST;

	/* The file can be opened as soon as it exists. */
	experiment->owner = owner;
	experiment->dying = false;
	experiment->file = debugfs_create_file(experiment->name, 0600,
					       room->dir, experiment,
					       &klab_session_fops);
	err = klab_debugfs_err(experiment->file);
	if (err) {
		klab_room_put_if_empty(room);
		return err;
	}
	klab_room_insert_experiment(room, experiment);
	return 0;
}

/**
 * __klab_experiments_register() - registers experiments, all or none
 * @experiments: the experiments
 * @nr: how many
 * @owner: module that is held while one of their files is open
 *
 * Use klab_experiments_register(), which fills in the module. Where debugfs
 * is off they are registered and cannot be reached.
 *
 * Context: process; may sleep.
 * Return: 0, -EINVAL with a warning if an experiment is unsound, -EEXIST if
 * there is one of that name in that room, -ENOMEM, or an error of debugfs.
 */
int __klab_experiments_register(struct klab_experiment *experiments,
				unsigned int nr, struct module *owner)
{
	struct klab_reason reason;
	unsigned int i;
	int err;

	for (i = 0; i < nr; i++) {
		err = klab_experiment_check(&experiments[i], &reason);
		if (WARN(err, "klab: experiment %u, %s/%s: %s\n", i,
			 experiments[i].room, experiments[i].name,
			 reason.text))
			return err;
	}

	for (i = 0; i < nr; i++) {
		err = klab_experiment_add(&experiments[i], owner);
		if (err) {
			klab_experiments_unregister(experiments, i);
			return err;
		}
	}
	return 0;
}
EXPORT_SYMBOL_GPL(__klab_experiments_register);

static void klab_experiments_kill(struct klab_experiment *experiments,
				  unsigned int nr)
{
	unsigned int i;

	guard(mutex)(&klab_registry_lock);

	for (i = 0; i < nr; i++)
		WRITE_ONCE(experiments[i].dying, true);
}

static void klab_experiments_forget(struct klab_experiment *experiments,
				    unsigned int nr)
{
	unsigned int i;

	guard(mutex)(&klab_registry_lock);

	for (i = 0; i < nr; i++) {
		list_del(&experiments[i].node);
		klab_room_put_if_empty(klab_room_find(experiments[i].room));
	}
}

/**
 * klab_experiments_unregister() - takes experiments back
 * @experiments: what was registered
 * @nr: how many
 *
 * Runs in progress are cancelled and waited for. Files that are still open
 * read and write -EIO from now on. The names are free again at the end.
 *
 * Context: process; sleeps. Not from a run of these experiments.
 */
void klab_experiments_unregister(struct klab_experiment *experiments,
				 unsigned int nr)
{
	unsigned int i;

	klab_experiments_kill(experiments, nr);
	for (i = 0; i < nr; i++)
		debugfs_remove(experiments[i].file);
	klab_experiments_forget(experiments, nr);
}
EXPORT_SYMBOL_GPL(klab_experiments_unregister);

#if IS_ENABLED(CONFIG_KUNIT)
/**
 * klab_session_find() - opens an experiment by its name, for tests
 * @room: the room
 * @name: the experiment
 *
 * Context: process; may sleep.
 * Return: a session as from klab_session_create(), or -ENOENT.
 */
struct klab_session *klab_session_find(const char *room, const char *name)
{
	struct klab_experiment *experiment = NULL;
	struct klab_room *found;

	guard(mutex)(&klab_registry_lock);

	found = klab_room_find(room);
	if (found)
		experiment = klab_room_lookup(found, name);
	return experiment ? klab_session_create(experiment) : ERR_PTR(-ENOENT);
}
EXPORT_SYMBOL_IF_KUNIT(klab_session_find);
#endif

static void klab_show_type(struct seq_file *seq, const struct klab_param *param)
{
	unsigned int i;

	switch (param->type) {
	case KLAB_PARAM_INT:
		seq_printf(seq, "int\t%lld\t%lld\t%lld", param->def,
			   param->min, param->max);
		break;
	case KLAB_PARAM_BOOL:
		seq_printf(seq, "bool\t%lld\t0\t1", param->def);
		break;
	case KLAB_PARAM_CHOICE:
		for (i = 0; param->choices[i]; i++)
			seq_printf(seq, "%s%s", i ? "|" : "choice:",
				   param->choices[i]);
		seq_printf(seq, "\t%s\t\t", param->choices[param->def]);
		break;
	case KLAB_PARAM_STRING:
		seq_printf(seq, "string\t%s\t1\t%lld", param->text, param->max);
		break;
	}
}

static void klab_show_experiment(struct seq_file *seq,
				 const struct klab_experiment *experiment)
{
	unsigned int i;

	seq_printf(seq, "%s\t%s\t\t\t\t\t\t\t%s\n", experiment->room,
		   experiment->name, experiment->question);

	for (i = 0; i < experiment->nr_params; i++) {
		const struct klab_param *param = &experiment->params[i];

		seq_printf(seq, "%s\t%s\t%s\t", experiment->room,
			   experiment->name, param->name);
		klab_show_type(seq, param);
		seq_printf(seq, "\t%s\t%s\n", param->unit ?: "", param->help);
	}
}

VISIBLE_IF_KUNIT int klab_catalogue_show(struct seq_file *seq, void *unused)
{
	struct klab_experiment *experiment;
	struct klab_room *room;

	seq_puts(seq, "room\texperiment\tparameter\ttype\tdefault\tmin\tmax\tunit\thelp\n");

	guard(mutex)(&klab_registry_lock);

	list_for_each_entry(room, &klab_rooms, node) {
		list_for_each_entry(experiment, &room->experiments, node) {
			if (!experiment->dying)
				klab_show_experiment(seq, experiment);
		}
	}
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(klab_catalogue_show);
DEFINE_SHOW_ATTRIBUTE(klab_catalogue);

/**
 * klab_experiments_init() - makes the catalogue
 *
 * It goes with klab_debugfs.
 *
 * Context: process; may sleep.
 * Return: 0 or an error of debugfs.
 */
int klab_experiments_init(void)
{
	return klab_debugfs_err(debugfs_create_file("experiments", 0400,
						    klab_debugfs, NULL,
						    &klab_catalogue_fops));
}
