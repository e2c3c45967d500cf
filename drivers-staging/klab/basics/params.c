// SPDX-License-Identifier: GPL-2.0-only
/*
 * Module parameters of every kind, and a table of what the kernel made of them.
 *
 * A parameter whose mode lets user space write it changes at any moment, from
 * another CPU: all reading is under kernel_param_lock(), which the kernel
 * holds while it parses a new value.
 */
#include <linux/array_size.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/string.h>
#include <linux/sysfs.h>
#include <linux/types.h>

#include <kunit/visibility.h>

#include "../core/klab_core.h"
#include "params.h"

static int iparam;
module_param(iparam, int, 0444);
MODULE_PARM_DESC(iparam, "A number, readable in sysfs (default 0)");

/* The name that users see need not be the variable's. */
static int renamed;
module_param_named(nparam, renamed, int, 0444);
MODULE_PARM_DESC(nparam, "A number under another name (default 0)");

/* Given as 1 it is stored as false, and shown as given. */
static bool bparam = true;
module_param(bparam, invbool, 0444);
MODULE_PARM_DESC(bparam, "A switch that is stored inverted (stored: true)");

/*
 * The kernel keeps a copy of the text until the next one comes or the module
 * goes, so that the pointer serves resident code too. But the next one frees
 * it: take the lock for as long as the text is looked at.
 */
static char *sparam;
module_param(sparam, charp, 0644);
MODULE_PARM_DESC(sparam, "A text of at most 1024 bytes (default none)");

/* Copied here, with its end: a longer text is refused with ENOSPC. */
static char cparam[5];
module_param_string(cparam, cparam, sizeof(cparam), 0644);
MODULE_PARM_DESC(cparam, "A text of at most 4 bytes (default empty)");

/*
 * A text with a wrong element is refused, but its elements up to there have
 * been stored, and the count is theirs.
 */
static int aparam[5];
static unsigned int aparam_count = ARRAY_SIZE(aparam);
module_param_array(aparam, int, &aparam_count, 0644);
MODULE_PARM_DESC(aparam, "One to five numbers (default 0,0,0,0,0)");

static int pair_param[2] = { -1, -1 };
static unsigned int pair_param_count = ARRAY_SIZE(pair_param);
module_param_array(pair_param, int, &pair_param_count, 0);
MODULE_PARM_DESC(pair_param, "One or two numbers, not in sysfs (default -1,-1)");

static char *hidden_param = "blah";
module_param(hidden_param, charp, 0);
MODULE_PARM_DESC(hidden_param, "A text, not in sysfs (default blah)");

static bool bool_param;
module_param(bool_param, bool, 0644);
MODULE_PARM_DESC(bool_param, "A switch; its bare name means yes (default no)");

/* Once on, taking it back is refused with EROFS. */
static bool latch_param;
module_param(latch_param, bool_enable_only, 0644);
MODULE_PARM_DESC(latch_param, "A switch that stays on (default no)");

/* Reads like a bool, but is an int; for variables that have more states. */
static int bint_param;
module_param(bint_param, bint, 0644);
MODULE_PARM_DESC(bint_param, "A switch stored as a number (default 0)");

static unsigned char byte_param;
module_param(byte_param, byte, 0644);
MODULE_PARM_DESC(byte_param, "A number, 0 to 255 (default 0)");

static short short_param = 1;
module_param(short_param, short, 0660);
MODULE_PARM_DESC(short_param, "A number of 16 bits (default 1)");

static unsigned short ushort_param;
module_param(ushort_param, ushort, 0644);
MODULE_PARM_DESC(ushort_param, "A number of 16 bits, no sign (default 0)");

static int int_param = 420;
module_param(int_param, int, 0644);
MODULE_PARM_DESC(int_param, "A number of 32 bits (default 420)");

static unsigned int uint_param;
module_param(uint_param, uint, 0644);
MODULE_PARM_DESC(uint_param, "A number of 32 bits, no sign (default 0)");

static unsigned int hexint_param;
module_param(hexint_param, hexint, 0644);
MODULE_PARM_DESC(hexint_param, "The same, shown in base 16 (default 0)");

static long long_param = 9999;
module_param(long_param, long, 0400);
MODULE_PARM_DESC(long_param, "A number of a machine word (default 9999)");

static unsigned long ulong_param;
module_param(ulong_param, ulong, 0444);
MODULE_PARM_DESC(ulong_param, "The same, no sign (default 0)");

static unsigned long long ullong_param;
module_param(ullong_param, ullong, 0644);
MODULE_PARM_DESC(ullong_param, "A number of 64 bits, no sign (default 0)");

/*
 * Own kinds. A setter runs under the lock; what it refuses must leave the old
 * value, at load time too, where the refusal fails the load.
 */

static int range_set(const char *val, const struct kernel_param *kp)
{
	return param_set_uint_minmax(val, kp, KLAB_BASICS_RANGE_MIN,
				     KLAB_BASICS_RANGE_MAX);
}

VISIBLE_IF_KUNIT const struct kernel_param_ops klab_basics_range_ops = {
	.set = range_set,
	.get = param_get_uint,
};
EXPORT_SYMBOL_IF_KUNIT(klab_basics_range_ops);

static unsigned int range_param = 10;
module_param_cb(range_param, &klab_basics_range_ops, &range_param, 0644);
MODULE_PARM_DESC(range_param, "A number, 1 to 100 (default 10)");

static const char * const choices[] = { "slow", "normal", "fast" };

static int choice_set(const char *val, const struct kernel_param *kp)
{
	unsigned int *choice = kp->arg;
	int index;

	/* Does not mind the newline that echo appends, unlike charp. */
	index = sysfs_match_string(choices, val);
	if (index < 0)
		return index;
	*choice = index;
	return 0;
}

static int choice_get(char *buffer, const struct kernel_param *kp)
{
	const unsigned int *choice = kp->arg;

	return sysfs_emit(buffer, "%s\n", choices[*choice]);
}

VISIBLE_IF_KUNIT const struct kernel_param_ops klab_basics_choice_ops = {
	.set = choice_set,
	.get = choice_get,
};
EXPORT_SYMBOL_IF_KUNIT(klab_basics_choice_ops);

static unsigned int choice_param = 1;
module_param_cb(choice_param, &klab_basics_choice_ops, &choice_param, 0644);
MODULE_PARM_DESC(choice_param, "slow, normal or fast (default normal)");

/* The report reads a value with the function that sysfs reads it with. */

#define REPORT_ANY(_name, _type, _ops, _perm, ...)			\
	{								\
		.type = _type,						\
		.kp = { .name = _name, .mod = THIS_MODULE, .ops = _ops,	\
			.perm = _perm, __VA_ARGS__ },			\
	}

#define REPORT(_name, _type, _perm, _variable)				\
	REPORT_ANY(_name, #_type, &param_ops_##_type, _perm,		\
		   .arg = &(_variable))

static const struct kparam_string cparam_string = {
	.maxlen = sizeof(cparam),
	.string = cparam,
};

static const struct kparam_array aparam_array = {
	.max = ARRAY_SIZE(aparam),
	.elemsize = sizeof(aparam[0]),
	.num = &aparam_count,
	.ops = &param_ops_int,
	.elem = aparam,
};

static const struct kparam_array pair_param_array = {
	.max = ARRAY_SIZE(pair_param),
	.elemsize = sizeof(pair_param[0]),
	.num = &pair_param_count,
	.ops = &param_ops_int,
	.elem = pair_param,
};

static const struct {
	const char *type;
	struct kernel_param kp;
} reports[] = {
	REPORT("iparam", int, 0444, iparam),
	REPORT("nparam", int, 0444, renamed),
	REPORT("bparam", invbool, 0444, bparam),
	REPORT("sparam", charp, 0644, sparam),
	REPORT_ANY("cparam", "string", &param_ops_string, 0644,
		   .str = &cparam_string),
	REPORT_ANY("aparam", "array of int", &param_array_ops, 0644,
		   .arr = &aparam_array),
	REPORT_ANY("pair_param", "array of int", &param_array_ops, 0,
		   .arr = &pair_param_array),
	REPORT("hidden_param", charp, 0, hidden_param),
	REPORT("bool_param", bool, 0644, bool_param),
	REPORT("latch_param", bool_enable_only, 0644, latch_param),
	REPORT("bint_param", bint, 0644, bint_param),
	REPORT("byte_param", byte, 0644, byte_param),
	REPORT("short_param", short, 0660, short_param),
	REPORT("ushort_param", ushort, 0644, ushort_param),
	REPORT("int_param", int, 0644, int_param),
	REPORT("uint_param", uint, 0644, uint_param),
	REPORT("hexint_param", hexint, 0644, hexint_param),
	REPORT("long_param", long, 0400, long_param),
	REPORT("ulong_param", ulong, 0444, ulong_param),
	REPORT("ullong_param", ullong, 0644, ullong_param),
	REPORT_ANY("range_param", "own", &klab_basics_range_ops, 0644,
		   .arg = &range_param),
	REPORT_ANY("choice_param", "own", &klab_basics_choice_ops, 0644,
		   .arg = &choice_param),
};

/**
 * klab_basics_params_count() - how many parameters the report knows
 *
 * Context: any.
 * Return: the number.
 */
VISIBLE_IF_KUNIT unsigned int klab_basics_params_count(void)
{
	return ARRAY_SIZE(reports);
}
EXPORT_SYMBOL_IF_KUNIT(klab_basics_params_count);

/**
 * klab_basics_params_text() - the present value of a parameter
 * @index: which one, below klab_basics_params_count()
 * @text: gets the value as sysfs has it, but for the newline that ends it;
 *	PAGE_SIZE bytes, aligned to a page
 *
 * Context: process, takes the lock of the module's parameters.
 * Return: length of the text, or a negative error.
 */
VISIBLE_IF_KUNIT int klab_basics_params_text(unsigned int index, char *text)
{
	const struct kernel_param *kp = &reports[index].kp;
	int len;

	kernel_param_lock(THIS_MODULE);
	len = kp->ops->get(text, kp);
	kernel_param_unlock(THIS_MODULE);
	if (len > 0 && text[len - 1] == '\n')
		text[--len] = '\0';
	return len;
}
EXPORT_SYMBOL_IF_KUNIT(klab_basics_params_text);

static int klab_basics_params_run(struct klab_run *run)
{
	char *text;

	/* A page because sysfs_emit() insists on one. */
	text = klab_run_alloc(run, PAGE_SIZE);
	if (!text)
		return -ENOMEM;

	klab_columns(run, "parameter\ttype\tmode\tvalue");
	for (unsigned int i = 0; i < ARRAY_SIZE(reports); i++) {
		int len = klab_basics_params_text(i, text);

		if (len < 0)
			return klab_run_fail(run, len, "%s: cannot be read",
					     reports[i].kp.name);
		klab_row(run, "%s\t%s\t%04o\t%s", reports[i].kp.name,
			 reports[i].type, reports[i].kp.perm, text);
	}
	return 0;
}

static struct klab_experiment klab_basics_params[] = {
	{
		.room = "basics",
		.name = "params",
		.question = "What did the kernel make of the parameters?",
		.run = klab_basics_params_run,
	},
};
module_klab_experiments(klab_basics_params);

MODULE_DESCRIPTION("klab: module parameters of every kind");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
