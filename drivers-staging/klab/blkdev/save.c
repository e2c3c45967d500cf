// SPDX-License-Identifier: GPL-2.0-only
/*
 * Saves: what a disk holds is put into its file.
 */
#include <linux/cleanup.h>
#include <linux/compiler.h>
#include <linux/container_of.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/mutex.h>
#include <linux/printk.h>
#include <linux/workqueue.h>

#include <kunit/visibility.h>

#include "blkdev.h"

/**
 * struct klab_saving - a save that somebody waits for
 * @work: the save
 * @disk: the disk
 * @err: what came of it
 */
struct klab_saving {
	struct work_struct work;
	struct klab_disk *disk;
	int err;
};

/**
 * klab_disk_save() - have what the disk holds in its file
 * @disk: the disk
 *
 * Context: process context, sleeps.
 * Return: 0, also for a disk that has no file, or an error of the file.
 */
int klab_disk_save(struct klab_disk *disk)
{
	int err;

	guard(mutex)(&disk->save_lock);
	if (!disk->backing)
		return 0;
	err = klab_backing_save(disk->backing, &disk->store);
	WRITE_ONCE(disk->save_error, err);
	return err;
}
EXPORT_SYMBOL_IF_KUNIT(klab_disk_save);

/**
 * klab_disk_save_work() - as klab_disk_save(), for nobody who could be told
 * @work: of the disk
 *
 * Context: a worker; sleeps.
 */
void klab_disk_save_work(struct work_struct *work)
{
	struct klab_disk *disk = container_of(work, struct klab_disk, save);
	int err;

	err = klab_disk_save(disk);
	if (err)
		pr_err_ratelimited("%s: what it holds cannot be saved: %pe\n",
				   disk->gendisk->disk_name, ERR_PTR(err));
}

static void klab_disk_saving_work(struct work_struct *work)
{
	struct klab_saving *saving = container_of(work, struct klab_saving,
						  work);

	saving->err = klab_disk_save(saving->disk);
}

/**
 * klab_disk_have_saved() - as klab_disk_save(), for a user
 * @disk: the disk
 *
 * A worker does it: the limits of a task hold for what it writes to a file, and
 * who kills it puts an end to that.
 *
 * Context: process context, sleeps; no worker of the disk.
 * Return: that of klab_disk_save().
 */
int klab_disk_have_saved(struct klab_disk *disk)
{
	struct klab_saving saving = { .disk = disk };

	if (!READ_ONCE(disk->settings.file))
		return 0;
	INIT_WORK_ONSTACK(&saving.work, klab_disk_saving_work);
	queue_work(disk->workqueue, &saving.work);
	flush_work(&saving.work);
	destroy_work_on_stack(&saving.work);
	return saving.err;
}
