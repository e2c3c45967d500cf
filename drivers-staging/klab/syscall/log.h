/* SPDX-License-Identifier: GPL-2.0-only */
/* Provider of klab_log: text that becomes a line, users that are limited. */
#ifndef _KLAB_SYSCALL_LOG_H
#define _KLAB_SYSCALL_LOG_H

#include <linux/types.h>
#include <linux/uidgid_types.h>

#define KLAB_LOG_TEXT_MAX	240	/* bytes, of a call's text */
#define KLAB_LOG_ESCAPE_MAX	4	/* bytes that one byte becomes */
#define KLAB_LOG_LINE_MAX	(KLAB_LOG_TEXT_MAX * KLAB_LOG_ESCAPE_MAX + 1)
#define KLAB_LOG_USERS		64

/**
 * struct klab_log_user - what a user has logged of late
 * @uid: the user
 * @since: start of the present interval, in jiffies
 * @last: last call, in jiffies
 * @lines: lines in the interval; 0: the place is free
 */
struct klab_log_user {
	kuid_t uid;
	u64 since;
	u64 last;
	unsigned int lines;
};

/**
 * struct klab_log_limit - limit on the lines of each user
 * @interval: in jiffies
 * @burst: lines of a user in an interval
 * @user: users of late
 *
 * The caller of klab_log_allow() sees to it that it is alone.
 */
struct klab_log_limit {
	u64 interval;
	unsigned int burst;
	struct klab_log_user user[KLAB_LOG_USERS];
};

size_t klab_log_escape(char line[KLAB_LOG_LINE_MAX], const char *text,
		       size_t size);
bool klab_log_allow(struct klab_log_limit *limit, kuid_t uid, u64 now);

#endif /* _KLAB_SYSCALL_LOG_H */
