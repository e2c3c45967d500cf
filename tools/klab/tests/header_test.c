// SPDX-License-Identifier: GPL-2.0-only
/*
 * A program that uses klab_calls.h: on a kernel without the calls each fails
 * with ENOSYS, on one with them each returns something else.
 */
#include "klab_calls.h"

#include <errno.h>
#include <stdio.h>

static int check(const char *what, long result)
{
	if (result >= 0 || (result == -1 && errno > 0 && errno < 4096)) {
		errno = 0;
		return 0;
	}
	printf("%s: result %ld, errno %d\n", what, result, errno);
	return 1;
}

int main(void)
{
	char result[16];
	int failed = 0;

	errno = 0;
	failed |= check("klab_null", klab_null());
	failed |= check("klab_log", klab_log("x", 1, 0));
	failed |= check("klab_strtrans",
			klab_strtrans("x", "y", 1, result, sizeof(result), 0));
	return failed;
}
