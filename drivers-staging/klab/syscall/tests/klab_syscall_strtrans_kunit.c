// SPDX-License-Identifier: GPL-2.0-only
/* Provider of klab_strtrans: what each method makes of a text. */

#include <linux/array_size.h>
#include <linux/errno.h>
#include <linux/module.h>
#include <linux/string.h>

#include <kunit/test.h>

#include "../strtrans.h"

struct strtrans_text {
	const char *method;
	const char *text;
	size_t size;
	const char *result;
	int err;
};

#define STRTRANS(_method, _text, _result) \
	{ _method, _text, sizeof(_text) - 1, _result, 0 }
#define STRTRANS_FAILS(_method, _text, _err) \
	{ _method, _text, sizeof(_text) - 1, NULL, _err }

static const struct strtrans_text strtrans_texts[] = {
	STRTRANS("upper", "aZ09-\xe4", "AZ09-\xe4"),
	STRTRANS("lower", "aZ09-\xc4", "az09-\xc4"),
	STRTRANS("reverse", "abc", "cba"),
	STRTRANS("reverse", "a", "a"),
	STRTRANS("number", "077", "63"),
	STRTRANS("number", "77", "77"),
	STRTRANS("number", "0x77", "119"),
	STRTRANS("number", "0xAb", "171"),
	STRTRANS("number", "0", "0"),
	STRTRANS("number", "18446744073709551615", "18446744073709551615"),
	STRTRANS_FAILS("number", "18446744073709551616", -ERANGE),
	STRTRANS_FAILS("number", "z77", -EINVAL),
	STRTRANS_FAILS("number", "08", -EINVAL),
	STRTRANS_FAILS("number", "0x", -EINVAL),
	STRTRANS_FAILS("number", "+7", -EINVAL),
	STRTRANS_FAILS("number", "-7", -EINVAL),
	STRTRANS_FAILS("number", " 7", -EINVAL),
	STRTRANS_FAILS("number", "7\n", -EINVAL),
	STRTRANS_FAILS("number", "7\0", -EINVAL),
	STRTRANS_FAILS("", "abc", -ENOENT),
	STRTRANS_FAILS("uppe", "abc", -ENOENT),
	STRTRANS_FAILS("uppercase", "abc", -ENOENT),
};

static void strtrans_name(const struct strtrans_text *text, char *name)
{
	snprintf(name, KUNIT_PARAM_DESC_SIZE, "%s '%*pE'", text->method,
		 (int)text->size, text->text);
}

KUNIT_ARRAY_PARAM(strtrans, strtrans_texts, strtrans_name);

static void klab_syscall_strtrans_method_translates(struct kunit *test)
{
	const struct strtrans_text *text = test->param_value;
	size_t room = text->err ? text->size : strlen(text->result);
	char *result;
	ssize_t len;

	result = kunit_kzalloc(test, room, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, result);
	len = klab_strtrans_apply(text->method, result, room, text->text,
				  text->size);

	if (text->err) {
		KUNIT_EXPECT_EQ(test, len, text->err);
		return;
	}
	KUNIT_ASSERT_EQ(test, len, strlen(text->result));
	KUNIT_EXPECT_MEMEQ(test, result, text->result, len);
}

static void strtrans_expect_no_room(struct kunit *test,
				    const struct strtrans_text *text)
{
	char result[32] = "";
	size_t room;

	for (room = 0; room < strlen(text->result); room++) {
		KUNIT_EXPECT_EQ(test,
				klab_strtrans_apply(text->method, result, room,
						    text->text, text->size),
				-ENOSPC);
		KUNIT_EXPECT_STREQ(test, result, "");
	}
}

static void klab_syscall_strtrans_result_without_room_is_refused(struct kunit *test)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(strtrans_texts); i++)
		if (!strtrans_texts[i].err)
			strtrans_expect_no_room(test, &strtrans_texts[i]);
}

static struct kunit_case klab_syscall_strtrans_cases[] = {
	KUNIT_CASE_PARAM(klab_syscall_strtrans_method_translates,
			 strtrans_gen_params),
	KUNIT_CASE(klab_syscall_strtrans_result_without_room_is_refused),
	{}
};

static struct kunit_suite klab_syscall_strtrans_suite = {
	.name = "klab_syscall_strtrans",
	.test_cases = klab_syscall_strtrans_cases,
};

kunit_test_suite(klab_syscall_strtrans_suite);

MODULE_DESCRIPTION("KUnit tests for klab's provider of klab_strtrans");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS(EXPORTED_FOR_KUNIT_TESTING);
