// SPDX-License-Identifier: GPL-2.0-only
/* What klab_log makes of a text, and how often it does so for a user. */

#include <linux/export.h>
#include <linux/string_helpers.h>
#include <linux/uidgid.h>

#include <kunit/visibility.h>

#include "log.h"

/**
 * klab_log_escape() - makes one line of printable ASCII
 * @line: where it goes, ended by a NUL
 * @text: the text
 * @size: its size, at most %KLAB_LOG_TEXT_MAX
 *
 * What is not printable becomes \xNN, and a backslash too, so that nobody can
 * write what looks like an escape. A newline at the end is dropped.
 *
 * Context: any.
 * Return: length of the line; 0 if there is nothing to log.
 */
VISIBLE_IF_KUNIT size_t klab_log_escape(char line[KLAB_LOG_LINE_MAX],
					const char *text, size_t size)
{
	int len;

	if (size && text[size - 1] == '\n')
		size--;
	len = string_escape_mem(text, size, line, KLAB_LOG_LINE_MAX - 1,
				ESCAPE_HEX | ESCAPE_NAP | ESCAPE_APPEND, "\\");
	line[len] = '\0';
	return len;
}
EXPORT_SYMBOL_IF_KUNIT(klab_log_escape);

/* The user's place, or the one whose user has been silent for the longest. */
static struct klab_log_user *log_user(struct klab_log_limit *limit, kuid_t uid)
{
	struct klab_log_user *user, *oldest = limit->user;
	unsigned int i;

	for (i = 0; i < KLAB_LOG_USERS; i++) {
		user = &limit->user[i];
		if (user->lines && uid_eq(user->uid, uid))
			return user;
		if (oldest->lines && (!user->lines || user->last < oldest->last))
			oldest = user;
	}
	oldest->uid = uid;
	oldest->lines = 0;
	return oldest;
}

/**
 * klab_log_allow() - whether a user may log one more line
 * @limit: the limit
 * @uid: the user
 * @now: present time, get_jiffies_64()
 *
 * Context: any; the caller holds what protects @limit.
 * Return: whether it may; then the line is counted.
 */
VISIBLE_IF_KUNIT bool klab_log_allow(struct klab_log_limit *limit, kuid_t uid,
				     u64 now)
{
	struct klab_log_user *user = log_user(limit, uid);

	if (!user->lines || now - user->since >= limit->interval) {
		user->since = now;
		user->lines = 0;
	}
	if (user->lines >= limit->burst)
		return false;
	user->last = now;
	user->lines++;
	return true;
}
EXPORT_SYMBOL_IF_KUNIT(klab_log_allow);
