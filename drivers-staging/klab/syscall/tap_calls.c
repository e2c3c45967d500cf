// SPDX-License-Identifier: GPL-2.0-only
/* Names and numbers of system calls, from the kernel's own table. */

#include <linux/errno.h>
#include <linux/export.h>
#include <linux/klab_calls.h>
#include <linux/kstrtox.h>
#include <linux/string.h>

#include <kunit/visibility.h>

#include "tap.h"

/**
 * klab_tap_call_numbers() - how many numbers of system calls there are
 *
 * Context: process; takes some time.
 * Return: 1 more than the highest number.
 */
VISIBLE_IF_KUNIT unsigned int klab_tap_call_numbers(void)
{
	struct klab_audit_entry entry;
	unsigned int nr = 0;

	while (!klab_audit_call(KLAB_AUDIT_NATIVE, nr, &entry))
		nr++;
	return nr;
}
EXPORT_SYMBOL_IF_KUNIT(klab_tap_call_numbers);

/**
 * klab_tap_call_find() - finds a system call
 * @text: its name or its number
 * @name: set to its name
 *
 * Context: process; takes some time.
 * Return: the number, or -ENOENT where there is no such call.
 */
VISIBLE_IF_KUNIT int klab_tap_call_find(const char *text,
					char name[KLAB_TAP_NAME_SIZE])
{
	struct klab_audit_entry entry;
	unsigned int nr, wanted;
	bool by_number;

	by_number = !kstrtouint(text, 10, &wanted);
	for (nr = by_number ? wanted : 0;
	     !klab_audit_call(KLAB_AUDIT_NATIVE, nr, &entry); nr++) {
		if (entry.name[0] &&
		    (by_number || !strcmp(entry.name, text))) {
			strscpy(name, entry.name, KLAB_TAP_NAME_SIZE);
			return nr;
		}
		if (by_number)
			break;
	}
	return -ENOENT;
}
EXPORT_SYMBOL_IF_KUNIT(klab_tap_call_find);
