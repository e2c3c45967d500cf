/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The disk: settings, a front end that takes bios or requests, and a store.
 */
#ifndef _KLAB_BLKDEV_H
#define _KLAB_BLKDEV_H

#include <linux/blk-mq.h>
#include <linux/blk_types.h>
#include <linux/blkdev.h>
#include <linux/compiler.h>
#include <linux/configfs.h>
#include <linux/gfp_types.h>
#include <linux/hrtimer_types.h>
#include <linux/mutex.h>
#include <linux/sizes.h>
#include <linux/types.h>
#include <linux/workqueue.h>

#include "backing.h"
#include "faults.h"
#include "store.h"

struct file;
struct hd_geometry;
struct klab_experiment;

/* Numbers of disks go from 0 to one below. */
#define KLAB_DISKS_MAX		256

/* What is copied in one go, without giving way to other tasks. */
#define KLAB_DISK_IO_MAX	SZ_1M

#define KLAB_DISK_BLOCK_MAX	4096
#define KLAB_DISK_QUEUES_MAX	64
#define KLAB_DISK_DEPTH_MAX	1024

/* A position in pages has to fit into an unsigned long. */
#define KLAB_DISK_SIZE_MAX	(1ULL << (BITS_PER_LONG == 64 ? 50 : 43))

/**
 * enum klab_disk_mode - request strategies
 * @KLAB_DISK_SEGMENT: requests of one segment each
 * @KLAB_DISK_REQUEST: requests of many segments, as the block layer makes them
 * @KLAB_DISK_BIO: bios, with no queue
 * @NR_KLAB_DISK_MODES: how many there are
 */
enum klab_disk_mode {
	KLAB_DISK_SEGMENT,
	KLAB_DISK_REQUEST,
	KLAB_DISK_BIO,
	NR_KLAB_DISK_MODES,
};

/**
 * struct klab_disk_settings - what a disk is to be
 * @size: bytes
 * @mode: request strategy
 * @block_size: bytes of a logical block
 * @queues: hardware queues, unless it has none
 * @queue_depth: requests that each of them has
 * @read_only: it takes no writes
 * @removable: it has a medium that can be taken out
 * @write_cache: what is written is in the file after a flush only
 * @file: what keeps what it holds, or NULL for memory
 */
struct klab_disk_settings {
	u64 size;
	enum klab_disk_mode mode;
	unsigned int block_size;
	unsigned int queues;
	unsigned int queue_depth;
	bool read_only;
	bool removable;
	bool write_cache;
	struct file *file;
};

/* Flags of a disk that take the way of a bio off the shortest one. */
#define KLAB_DISK_READ_ONLY	0
#define KLAB_DISK_FAULTY	1
#define KLAB_DISK_EMPTY		2	/* no medium */
#define KLAB_DISK_STALE		3	/* its users have had another one */

/**
 * struct klab_disk - a disk that is there
 * @store: what it holds
 * @sectors: its size in units of 512 bytes
 * @special: KLAB_DISK_READ_ONLY and its like
 * @faults: what it does wrong while KLAB_DISK_FAULTY is set
 * @going: it is being removed and cannot be opened; under open_mutex of @gendisk
 * @settings: what it was made from
 * @gendisk: it, for the block layer
 * @backing: what keeps what it holds, or NULL; changes while there is no I/O,
 *	under @save_lock
 * @save_lock: keeps @backing during a save; protects @save_error
 * @save_error: error of the last save, or 0
 * @save: saves when the last user has closed it
 * @workqueue: for what may have to sleep
 * @tags: what its requests are made of, unless it takes bios
 */
struct klab_disk {
	struct klab_store store;
	sector_t sectors;
	unsigned long special;
	struct klab_faults *faults;
	bool going;
	struct klab_disk_settings settings;
	struct gendisk *gendisk;
	struct klab_backing *backing;
	struct mutex save_lock;	/* backing for who saves, and save_error */
	int save_error;
	struct work_struct save;
	struct workqueue_struct *workqueue;
	struct blk_mq_tag_set tags;
};

/**
 * struct klab_request - what a disk keeps with a request
 * @work: for what may have to sleep
 * @timer: starts @work if it is delayed
 * @verdict: how it is to end
 */
struct klab_request {
	struct work_struct work;
	struct hrtimer timer;
	struct klab_verdict verdict;
};

/**
 * struct klab_disk_config - a directory in configfs
 * @group: the directory
 * @faults_group: the directory of the faults in it
 * @lock: protects what follows
 * @settings: for the disk that is there, or will be
 * @faults: what the disk does wrong; has a lock of its own
 * @faulty: it does wrong
 * @disk: the disk, while it is switched on
 * @number: N of /dev/klab-diskN
 */
struct klab_disk_config {
	struct config_group group;
	struct config_group faults_group;
	struct mutex lock;	/* settings, faulty and disk */
	struct klab_disk_settings settings;
	struct klab_faults faults;
	bool faulty;
	struct klab_disk *disk;
	unsigned int number;
};

/* settings.c */
extern const char * const klab_disk_modes[NR_KLAB_DISK_MODES];
int klab_disk_parse_size(const char *text, u64 *size);
int klab_disk_parse_mode(const char *text);
int klab_disk_check(const struct klab_disk_settings *settings);

/* disk.c */
void klab_disk_limits(const struct klab_disk_settings *settings,
		      struct queue_limits *lim);
struct klab_disk *klab_disk_create(const struct klab_disk_settings *settings,
				   struct klab_faults *faults,
				   unsigned int number);
void klab_disk_set_faulty(struct klab_disk *disk, bool faulty);
int klab_disk_retire(struct klab_disk *disk);
void klab_disk_remove(struct klab_disk *disk);
void klab_disk_pull(struct klab_disk *disk);
void klab_disk_end(struct klab_disk *disk);
void klab_disk_set_read_only(struct klab_disk *disk, bool read_only);
bool klab_disk_judge(struct klab_disk *disk, enum req_op op, sector_t sector,
		     sector_t sectors, struct klab_verdict *verdict);
int klab_disk_open(struct gendisk *gendisk, blk_mode_t mode);
void klab_disk_release(struct gendisk *gendisk);
int klab_disk_open_backing(struct klab_disk *disk);
int klab_disk_getgeo(struct block_device *bdev, struct hd_geometry *geo);

/* bench.c */
extern struct klab_experiment klab_disk_bench;

/* bio.c */
extern const struct block_device_operations klab_bio_ops;

/* media.c */
void klab_media_prepare(struct gendisk *gendisk);
int klab_media_open(struct klab_disk *disk, blk_mode_t mode);
void klab_media_closed(struct klab_disk *disk);
int klab_media_eject(struct klab_disk *disk, bool force);
int klab_media_insert(struct klab_disk *disk, bool blank);
void klab_media_set_file(struct klab_disk *disk, struct file *file);
bool klab_media_is_out(const struct klab_disk *disk);

/* mq.c */
extern const struct block_device_operations klab_mq_disk_ops;
int klab_mq_init_tags(struct klab_disk *disk);

/* save.c */
int klab_disk_save(struct klab_disk *disk);
void klab_disk_save_work(struct work_struct *work);
int klab_disk_have_saved(struct klab_disk *disk);

/* size.c */
void klab_disk_zero(struct klab_disk *disk, u64 pos, u64 len);
void klab_disk_set_sectors(struct klab_disk *disk, sector_t sectors);
void klab_disk_each_part(struct gendisk *gendisk, unsigned long first,
			 void (*call)(struct block_device *part, void *data),
			 void *data);
int klab_disk_resize(struct klab_disk *disk, u64 size);

/* sysfs.c */
extern const struct attribute_group *klab_disk_groups[];

/* config_settings.c */
extern struct configfs_attribute *klab_config_attrs[];
int klab_config_set_file(struct klab_disk_config *config, const char *path);
int klab_config_switch_on(struct klab_disk_config *config);

/* config_faults.c */
extern const struct config_item_type klab_config_faults_type;

/* config.c */
int klab_config_register(unsigned int disks);
void klab_config_unregister(void);

/* main.c */
extern struct workqueue_struct *klab_disk_memory_workqueue;
extern struct klab_disk_settings klab_disk_defaults;
extern char *klab_disk_files[KLAB_DISKS_MAX];
extern unsigned int klab_disk_nr_files;
extern int klab_disk_major;
extern unsigned int klab_disk_minors;

/* What lies beyond the end after the block layer has looked at it. */
static inline bool klab_disk_has(const struct klab_disk *disk, sector_t sector,
				 sector_t sectors)
{
	return sectors <= disk->sectors && sector <= disk->sectors - sectors;
}

/* Nothing is the matter: it is done at once, and as it should. */
static inline bool klab_disk_is_plain(const struct klab_disk *disk,
				      sector_t sector, sector_t sectors)
{
	return likely(!READ_ONCE(disk->special)) &&
	       likely(klab_disk_has(disk, sector, sectors));
}

static inline bool klab_disk_has_queue(const struct klab_disk *disk)
{
	return disk->settings.mode != KLAB_DISK_BIO;
}

#endif /* _KLAB_BLKDEV_H */
