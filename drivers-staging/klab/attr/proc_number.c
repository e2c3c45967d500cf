// SPDX-License-Identifier: GPL-2.0-only
/*
 * Numbers from text. A write is taken as a whole or refused as a whole; the
 * number then is what it was. Where in the file it is written says nothing.
 */
#include <linux/array_size.h>
#include <linux/build_bug.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/fs.h>
#include <linux/kstrtox.h>
#include <linux/overflow.h>
#include <linux/seq_file.h>
#include <linux/string.h>

#include <kunit/visibility.h>

#include "proc.h"
#include "user_text.h"

static int klab_number_int(const char *text, u64 *value)
{
	int number = 0;
	int err = kstrtoint(text, 0, &number);

	*value = number;
	return err;
}

static int klab_number_uint(const char *text, u64 *value)
{
	unsigned int number = 0;
	int err = kstrtouint(text, 0, &number);

	*value = number;
	return err;
}

static int klab_number_s64(const char *text, u64 *value)
{
	s64 number = 0;
	int err = kstrtos64(text, 0, &number);

	*value = number;
	return err;
}

static int klab_number_u64(const char *text, u64 *value)
{
	return kstrtou64(text, 0, value);
}

/* kstrtobool() looks at the first letters only and takes "yellow" for yes. */
static int klab_number_bool(const char *text, u64 *value)
{
	static const char * const words[] = {
		"0", "1", "n", "y", "no", "yes", "off", "on",
	};
	int word = sysfs_match_string(words, text);

	if (word < 0)
		return -EINVAL;
	*value = word & 1;
	return 0;
}

/* In base 10: 010 is ten, and not eight. */
static int klab_number_percent(const char *text, u64 *value)
{
	int err = kstrtou64(text, 10, value);

	if (err)
		return err;
	return *value > 100 ? -ERANGE : 0;
}

static unsigned int klab_number_shift(char suffix)
{
	switch (suffix) {
	case 'K':
	case 'k':
		return 10;
	case 'M':
		return 20;
	case 'G':
		return 30;
	case 'T':
		return 40;
	default:
		return 0;
	}
}

/*
 * Text after a number is what kstrto*() is made to refuse, and memparse()
 * does not notice an overflow: the suffix is taken off, and the rest is left
 * to who can read numbers.
 */
static int klab_number_size(const char *text, u64 *value)
{
	size_t len = strcspn(text, "\n");
	char digits[KLAB_NUMBER_TEXT_SIZE];
	unsigned int shift = 0;
	int err;

	/* The one newline that there may be ends the text. */
	if (text[len] && text[len + 1])
		return -EINVAL;
	if (len)
		shift = klab_number_shift(text[len - 1]);
	if (shift)
		len--;
	if (len >= sizeof(digits))
		return -EINVAL;
	memcpy(digits, text, len);
	digits[len] = '\0';

	err = kstrtou64(digits, 10, value);
	if (err)
		return err;
	return check_shl_overflow(*value, shift, value) ? -ERANGE : 0;
}

static void klab_number_show_signed(struct seq_file *seq, u64 value)
{
	seq_printf(seq, "%lld\n", (s64)value);
}

static void klab_number_show_unsigned(struct seq_file *seq, u64 value)
{
	seq_printf(seq, "%llu\n", value);
}

static const struct klab_number_type {
	const char *name;
	int (*parse)(const char *text, u64 *value);
	void (*show)(struct seq_file *seq, u64 value);
} klab_number_types[] = {
	[KLAB_NUMBER_INT] = {
		"int", klab_number_int, klab_number_show_signed
	},
	[KLAB_NUMBER_UINT] = {
		"uint", klab_number_uint, klab_number_show_unsigned
	},
	[KLAB_NUMBER_S64] = {
		"s64", klab_number_s64, klab_number_show_signed
	},
	[KLAB_NUMBER_U64] = {
		"u64", klab_number_u64, klab_number_show_unsigned
	},
	[KLAB_NUMBER_BOOL] = {
		"bool", klab_number_bool, klab_number_show_unsigned
	},
	[KLAB_NUMBER_PERCENT] = {
		"percent", klab_number_percent, klab_number_show_unsigned
	},
	[KLAB_NUMBER_SIZE] = {
		"size", klab_number_size, klab_number_show_unsigned
	},
};

static_assert(ARRAY_SIZE(klab_number_types) == KLAB_NUMBER_KINDS);

/**
 * klab_number_name() - name of the file of a kind of numbers
 * @kind: the kind
 *
 * Context: any.
 * Return: the name.
 */
const char *klab_number_name(enum klab_number_kind kind)
{
	return klab_number_types[kind].name;
}

/**
 * klab_number_parse() - reads a number
 * @kind: of which kind
 * @text: the text
 * @value: gets the bits of the number
 *
 * Context: any.
 * Return: 0. -EINVAL for what is no number, -ERANGE for one that is too large
 * or too small; @value says nothing then.
 */
int klab_number_parse(enum klab_number_kind kind, const char *text,
		      u64 *value)
{
	return klab_number_types[kind].parse(text, value);
}
EXPORT_SYMBOL_IF_KUNIT(klab_number_parse);

static int klab_number_show(struct seq_file *seq, void *unused)
{
	struct klab_proc_number *number = seq->private;

	klab_number_types[number->kind].show(seq,
					     atomic64_read(&number->value));
	return 0;
}

static int klab_number_open(struct inode *inode, struct file *file)
{
	return single_open(file, klab_number_show, pde_data(inode));
}

static ssize_t klab_number_write(struct file *file, const char __user *buf,
				 size_t count, loff_t *pos)
{
	struct klab_proc_number *number = pde_data(file_inode(file));
	char text[KLAB_NUMBER_TEXT_SIZE];
	u64 value;
	int err;

	err = klab_user_text(text, sizeof(text), buf, count);
	if (!err)
		err = klab_number_parse(number->kind, text, &value);
	if (err)
		return err;
	atomic64_set(&number->value, value);
	return count;
}

const struct proc_ops klab_proc_number_ops = {
	.proc_open = klab_number_open,
	.proc_read_iter = seq_read_iter,
	.proc_write = klab_number_write,
	.proc_lseek = seq_lseek,
	.proc_release = single_release,
};
