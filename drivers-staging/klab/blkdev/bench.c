// SPDX-License-Identifier: GPL-2.0-only
/*
 * Experiment blkdev/bench: what copying costs by itself, for what a program
 * measures of disks to be told without it.
 */
#include <linux/array_size.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/compiler.h>
#include <linux/gfp.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/sizes.h>
#include <linux/string.h>

#include "../core/klab_core.h"
#include "blkdev.h"

#define BENCH_BATCH	100

/**
 * struct klab_disk_copy - memory to copy
 * @from: SZ_64K bytes
 * @to: as many
 * @pages: how many pages are copied
 * @len: bytes of each, which the compiler is not to know
 */
struct klab_disk_copy {
	u8 *from;
	u8 *to;
	unsigned int pages;
	size_t len;
};

/* In the pieces of a disk, and in its way. */
static void klab_disk_copy_pieces(void *data, unsigned int batch)
{
	const struct klab_disk_copy *copy = data;
	unsigned int i;

	while (batch--) {
		for (i = 0; i < copy->pages; i++) {
			size_t len = min_t(size_t, READ_ONCE(copy->len),
					   PAGE_SIZE);

			klab_store_copy(copy->to + i * PAGE_SIZE,
					copy->from + i * PAGE_SIZE, len);
		}
	}
}

static void klab_disk_copy_pages(void *data, unsigned int batch)
{
	const struct klab_disk_copy *copy = data;
	unsigned int i;

	while (batch--) {
		for (i = 0; i < copy->pages; i++)
			copy_page(copy->to + i * PAGE_SIZE,
				  copy->from + i * PAGE_SIZE);
	}
}

static int klab_disk_measure_copy(struct klab_run *run, u8 *memory)
{
	struct klab_disk_copy page = {
		.from = memory,
		.to = memory + SZ_64K,
		.pages = SZ_4K / PAGE_SIZE ?: 1,
		.len = PAGE_SIZE,
	};
	struct klab_disk_copy pages = {
		.from = memory,
		.to = memory + SZ_64K,
		.pages = SZ_64K / PAGE_SIZE,
		.len = PAGE_SIZE,
	};
	const struct klab_bench rows[] = {
		{
			.subject	= "copy 4 KiB",
			.peer		= "copy_page()",
			.subject_op	= klab_disk_copy_pieces,
			.peer_op	= klab_disk_copy_pages,
			.data		= &page,
			.batch		= BENCH_BATCH,
		}, {
			.subject	= "copy 64 KiB",
			.peer		= "copy_page()",
			.subject_op	= klab_disk_copy_pieces,
			.peer_op	= klab_disk_copy_pages,
			.data		= &pages,
			.batch		= BENCH_BATCH,
		},
	};

	return klab_bench_rows(run, rows, ARRAY_SIZE(rows));
}

static int klab_disk_bench_run(struct klab_run *run)
{
	u8 *memory = alloc_pages_exact(2 * SZ_64K, GFP_KERNEL | __GFP_ZERO);
	int err;

	if (!memory)
		return -ENOMEM;
	err = klab_disk_measure_copy(run, memory);
	free_pages_exact(memory, 2 * SZ_64K);
	return err;
}

struct klab_experiment klab_disk_bench = {
	.room		= "blkdev",
	.name		= "bench",
	.question	= "What does copying cost, without a disk around it?",
	.run		= klab_disk_bench_run,
};
