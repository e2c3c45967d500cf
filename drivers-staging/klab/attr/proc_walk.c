// SPDX-License-Identifier: GPL-2.0-only
/*
 * A file with a line for each number of a large set. seq_file has a buffer of
 * a page, whatever the length of the file; when it is full, and at the end of a
 * bitmap, the lock is given up, and the walk goes on later from its position.
 * The position is the number itself and not how many came before it: what is
 * added or removed meanwhile makes no other line come twice or not at all.
 */
#include <linux/compiler.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/hash.h>
#include <linux/hex.h>
#include <linux/kstrtox.h>
#include <linux/rwsem.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/seq_file.h>
#include <linux/string.h>
#include <linux/types.h>

#include <asm/byteorder.h>

#include "proc.h"
#include "user_text.h"

/**
 * struct klab_walk - an open file
 * @records: what it walks over
 * @id: the present number
 */
struct klab_walk {
	struct klab_records *records;
	unsigned long id;
};

/* Position 0 is the heading, and N + 1 is number N. */
static void *klab_walk_to(struct klab_walk *walk, loff_t *pos)
{
	walk->id = *pos - 1;
	if (!klab_records_next(walk->records, &walk->id))
		return NULL;
	*pos = (loff_t)walk->id + 1;
	return walk;
}

static void *klab_walk_start(struct seq_file *seq, loff_t *pos)
{
	struct klab_walk *walk = seq->private;

	down_read(&walk->records->lock);
	return *pos ? klab_walk_to(walk, pos) : SEQ_START_TOKEN;
}

/* Between two bitmaps others have their turn, and what was found may go. */
static noinline void *klab_walk_pause(struct klab_walk *walk, loff_t *pos)
{
	if (fatal_signal_pending(current))
		return ERR_PTR(-EINTR);
	up_read(&walk->records->lock);
	cond_resched();
	down_read(&walk->records->lock);
	return klab_walk_to(walk, pos);
}

/* A seek walks over all that is before its position. */
static void *klab_walk_next(struct seq_file *seq, void *v, loff_t *pos)
{
	struct klab_walk *walk = seq->private;
	unsigned long chunk = walk->id / KLAB_CHUNK_BITS;

	++*pos;
	v = klab_walk_to(walk, pos);
	if (likely(walk->id / KLAB_CHUNK_BITS == chunk))
		return v;
	return klab_walk_pause(walk, pos);
}

/* Called at the end and after an error, too. */
static void klab_walk_stop(struct seq_file *seq, void *v)
{
	struct klab_walk *walk = seq->private;

	up_read(&walk->records->lock);
}

/* Not by seq_printf(), which takes several times as long. */
static int klab_walk_show(struct seq_file *seq, void *v)
{
	struct klab_walk *walk = seq->private;
	char rest[] = "\t00000000\n";
	__be32 hash;

	if (v == SEQ_START_TOKEN) {
		seq_puts(seq, "id\thash\n");
		return 0;
	}
	seq_put_decimal_ull(seq, NULL, walk->id);
	hash = cpu_to_be32(hash_32(walk->id, 32));
	bin2hex(rest + 1, &hash, sizeof(hash));
	seq_write(seq, rest, strlen(rest));
	return 0;
}

static const struct seq_operations klab_walk_ops = {
	.start = klab_walk_start,
	.next = klab_walk_next,
	.stop = klab_walk_stop,
	.show = klab_walk_show,
};

static int klab_records_open(struct inode *inode, struct file *file)
{
	struct klab_walk *walk;

	walk = __seq_open_private(file, &klab_walk_ops, sizeof(*walk));
	if (!walk)
		return -ENOMEM;
	walk->records = pde_data(inode);
	return 0;
}

/* Takes "+ID" and "-ID". */
static ssize_t klab_records_write(struct file *file, const char __user *buf,
				  size_t count, loff_t *pos)
{
	struct klab_records *records = pde_data(file_inode(file));
	char text[KLAB_NUMBER_TEXT_SIZE];
	unsigned int id;
	int err;

	err = klab_user_text(text, sizeof(text), buf, count);
	if (err)
		return err;
	/* kstrtouint() would take another plus. */
	if ((text[0] != '+' && text[0] != '-') || text[1] == '+')
		return -EINVAL;
	err = kstrtouint(text + 1, 10, &id);
	if (err)
		return err;

	if (text[0] == '+')
		err = klab_records_add(records, id);
	else
		err = klab_records_remove(records, id);
	return err ?: count;
}

const struct proc_ops klab_records_ops = {
	.proc_open = klab_records_open,
	.proc_read_iter = seq_read_iter,
	.proc_write = klab_records_write,
	.proc_lseek = seq_lseek,
	.proc_release = seq_release_private,
};
