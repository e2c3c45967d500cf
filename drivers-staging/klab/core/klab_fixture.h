/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the KUnit suites of klab's rooms share. A suite that uses it selects
 * KLAB_KUNIT.
 */
#ifndef _KLAB_FIXTURE_H
#define _KLAB_FIXTURE_H

#include <linux/types.h>

struct kunit;

const char *klab_kunit_run(struct kunit *test, const char *experiment,
			   const char *params);
int klab_kunit_try(struct kunit *test, const char *experiment,
		   const char *params, const char **text);
const char *klab_kunit_note(struct kunit *test, const char *text,
			    const char *key);
const char *klab_kunit_cell(struct kunit *test, const char *text,
			    const char *row, const char *column);
s64 klab_kunit_number(struct kunit *test, const char *text, const char *row,
		      const char *column);
unsigned int klab_kunit_rows(struct kunit *test, const char *text);
unsigned long klab_kunit_user_memory(struct kunit *test, size_t size,
				     unsigned long prot);
void __user *klab_kunit_user_page(struct kunit *test);
void klab_kunit_each_failure(struct kunit *test,
			     int (*step)(struct kunit *test));

#endif /* _KLAB_FIXTURE_H */
