// SPDX-License-Identifier: GPL-2.0-only
/*
 * The control device: what its operations do.
 *
 * Each works on a copy of its own: user memory is read before, and written
 * after, the lock is held, so that a page fault that somebody draws out holds up
 * nobody else.
 */
#include <linux/build_bug.h>
#include <linux/capability.h>
#include <linux/cleanup.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/fs.h>
#include <linux/ioctl.h>
#include <linux/klab_chardev.h>
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/mutex.h>
#include <linux/nospec.h>
#include <linux/stddef.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include <kunit/visibility.h>

#include "control.h"

/* What programs were compiled with, whatever the width of their words. */
static_assert(sizeof(struct klab_control_info) == 32);
static_assert(offsetof(struct klab_control_info, refused) ==
	      KLAB_CONTROL_INFO_SIZE_1);
static_assert(sizeof(struct klab_control_text) == 160);
static_assert(sizeof(struct klab_control_byte) == 8);
static_assert(sizeof(struct klab_control_copy) == 24);

/* Direction, type and number of a command: all but the size. */
#define KIND(command)	((command) & ~IOCSIZE_MASK)

static void control_set_default(struct klab_control *control)
{
	strscpy_pad(control->text, KLAB_CONTROL_DEFAULT);
	control->length = strlen(control->text);
	control->calls = 0;
	control->refused = 0;
}

/**
 * klab_control_init() - makes a device that keeps its first text
 * @control: nobody uses it yet
 *
 * Context: any.
 */
void klab_control_init(struct klab_control *control)
{
	mutex_init(&control->lock);
	control_set_default(control);
}
EXPORT_SYMBOL_IF_KUNIT(klab_control_init);

/**
 * klab_control_open() - begins the use of a device
 * @inode: not used
 * @file: the open file
 *
 * Context: process, with a lock that all misc devices share.
 * Return: 0.
 */
int klab_control_open(struct inode *inode, struct file *file)
{
	/* Threads that share a descriptor take turns, as with a regular file. */
	file->f_mode |= FMODE_ATOMIC_POS;
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(klab_control_open);

/**
 * klab_control_snapshot() - copies the text
 * @control: the device
 * @text: gets it, with zeros to its end
 *
 * Context: process, may sleep.
 */
void klab_control_snapshot(struct klab_control *control,
			   struct klab_control_text *text)
{
	guard(mutex)(&control->lock);

	memcpy(text->text, control->text, sizeof(text->text));
}
EXPORT_SYMBOL_IF_KUNIT(klab_control_snapshot);

/**
 * klab_control_replace() - takes a new text
 * @control: the device
 * @text: the text; copied
 *
 * Context: process, may sleep.
 * Return: 0, or -EINVAL where it has no NUL, or something behind it.
 */
int klab_control_replace(struct klab_control *control,
			 const struct klab_control_text *text)
{
	size_t length = strnlen(text->text, sizeof(text->text));

	if (length == sizeof(text->text) ||
	    memchr_inv(text->text + length, 0, sizeof(text->text) - length))
		return -EINVAL;

	guard(mutex)(&control->lock);

	memcpy(control->text, text->text, sizeof(control->text));
	control->length = length;
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(klab_control_replace);

/* What is not known here is 0 in both directions, or it would get lost. */
static long control_info(struct klab_control *control, void __user *user,
			 size_t size)
{
	struct klab_control_info info;
	int err;

	if (size < KLAB_CONTROL_INFO_SIZE_1)
		return -EINVAL;
	err = copy_struct_from_user(&info, sizeof(info), user, size);
	if (err)
		return err;
	if (info.flags || info.reserved)
		return -EINVAL;

	info.version = KLAB_CONTROL_VERSION;
	scoped_guard(mutex, &control->lock) {
		info.length = control->length;
		info.calls = control->calls;
		info.refused = control->refused;
	}
	return copy_to_user(user, &info, min(size, sizeof(info))) ? -EFAULT : 0;
}

static long control_get(struct klab_control *control, void __user *user)
{
	struct klab_control_text text;

	klab_control_snapshot(control, &text);
	return copy_to_user(user, &text, sizeof(text)) ? -EFAULT : 0;
}

static long control_set(struct klab_control *control, fmode_t mode,
			const void __user *user)
{
	struct klab_control_text text;

	if (!(mode & FMODE_WRITE))
		return -EBADF;
	if (copy_from_user(&text, user, sizeof(text)))
		return -EFAULT;
	return klab_control_replace(control, &text);
}

static long control_byte(struct klab_control *control, void __user *user)
{
	struct klab_control_text text;
	struct klab_control_byte byte;
	size_t length;

	if (copy_from_user(&byte, user, sizeof(byte)))
		return -EFAULT;
	if (memchr_inv(byte.reserved, 0, sizeof(byte.reserved)))
		return -EINVAL;

	klab_control_snapshot(control, &text);
	length = strlen(text.text);
	if (byte.index >= length)
		return -EINVAL;
	byte.value = text.text[array_index_nospec(byte.index, length)];
	return copy_to_user(user, &byte, sizeof(byte)) ? -EFAULT : 0;
}

static long control_copy(struct klab_control *control, void __user *user)
{
	struct klab_control_text text;
	struct klab_control_copy copy;
	size_t length, offset;

	if (copy_from_user(&copy, user, sizeof(copy)))
		return -EFAULT;
	if (copy.reserved)
		return -EINVAL;

	klab_control_snapshot(control, &text);
	length = strlen(text.text);
	if (copy.offset > length)
		return -EINVAL;
	offset = array_index_nospec(copy.offset, length + 1);
	copy.length = min_t(size_t, copy.size, length - offset);
	/* A machine of 32 bits has no such address, nor may it cut one off. */
	if (copy.address != (uintptr_t)copy.address ||
	    copy_to_user(u64_to_user_ptr(copy.address), text.text + offset,
			 copy.length))
		return -EFAULT;
	return copy_to_user(user, &copy, sizeof(copy)) ? -EFAULT : 0;
}

static long control_reset(struct klab_control *control)
{
	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;

	guard(mutex)(&control->lock);

	control_set_default(control);
	return 0;
}

static long control_dispatch(struct klab_control *control, fmode_t mode,
			     unsigned int command, void __user *user)
{
	/* The only one whose size may be another than it is here. */
	if (KIND(command) == KIND(KLAB_CONTROL_INFO))
		return control_info(control, user, _IOC_SIZE(command));

	switch (command) {
	case KLAB_CONTROL_GET:
		return control_get(control, user);
	case KLAB_CONTROL_SET:
		return control_set(control, mode, user);
	case KLAB_CONTROL_BYTE:
		return control_byte(control, user);
	case KLAB_CONTROL_COPY:
		return control_copy(control, user);
	case KLAB_CONTROL_RESET:
		return control_reset(control);
	default:
		return -ENOTTY;
	}
}

/**
 * klab_control_command() - an operation
 * @control: the device
 * @mode: as the file was opened, FMODE_READ, FMODE_WRITE or both
 * @command: KLAB_CONTROL_*
 * @user: its argument
 *
 * Context: process, may sleep.
 * Return: 0; -ENOTTY for a command that is not one of the device's, also where
 * only its size is not; -EFAULT for memory that is not the caller's; -EINVAL
 * for what the structure must not hold, -E2BIG for what is only known to later
 * versions; -EBADF where @mode does not allow it; -EPERM.
 */
long klab_control_command(struct klab_control *control, fmode_t mode,
			  unsigned int command, void __user *user)
{
	long ret = control_dispatch(control, mode, command, user);

	guard(mutex)(&control->lock);

	control->calls++;
	if (ret)
		control->refused++;
	return ret;
}
EXPORT_SYMBOL_IF_KUNIT(klab_control_command);

/**
 * klab_control_read() - reads the text and a newline, as from a file
 * @control: the device
 * @buf: gets it
 * @count: room in @buf
 * @pos: where to begin; moved on
 *
 * Context: process, may sleep.
 * Return: number of bytes, 0 at the end, -EFAULT.
 */
ssize_t klab_control_read(struct klab_control *control, char __user *buf,
			  size_t count, loff_t *pos)
{
	struct klab_control_text text;
	size_t length;

	klab_control_snapshot(control, &text);
	length = strlen(text.text);
	text.text[length++] = '\n';
	return simple_read_from_buffer(buf, count, pos, text.text, length);
}
EXPORT_SYMBOL_IF_KUNIT(klab_control_read);

/**
 * klab_control_write() - replaces the text by a line
 * @control: the device
 * @buf: the line; a newline at its end is no part of the text
 * @count: its length
 *
 * Context: process, may sleep.
 * Return: @count; -EINVAL where it is too long or has a NUL; -EFAULT.
 */
ssize_t klab_control_write(struct klab_control *control,
			   const char __user *buf, size_t count)
{
	struct klab_control_text text = {};
	size_t length = count;
	int err;

	if (count > sizeof(text.text))
		return -EINVAL;
	if (copy_from_user(text.text, buf, count))
		return -EFAULT;
	if (count && text.text[count - 1] == '\n')
		text.text[--length] = '\0';
	if (memchr(text.text, '\0', length))
		return -EINVAL;

	err = klab_control_replace(control, &text);
	return err ?: count;
}
EXPORT_SYMBOL_IF_KUNIT(klab_control_write);
