// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the kernel was built with, and what has tainted it since.
 *
 * An option reaches the code as a macro: 1 for y, 1 with _MODULE appended for
 * m, the value of a number or a string, nothing for n. IS_BUILTIN(),
 * IS_MODULE() and IS_ENABLED() make expressions of that, so that code which
 * is off is still compiled, and needs no #ifdef.
 */
#include <linux/bits.h>
#include <linux/build_bug.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/panic.h>
#include <linux/seq_buf.h>
#include <linux/string.h>
#include <linux/string_choices.h>

#include <kunit/visibility.h>

#include "../core/klab_core.h"
#include "config.h"

/*
 * An unfit kernel is refused in Kconfig, by "depends on", before anything is
 * compiled: nobody then meets an #error. What Kconfig cannot express is
 * asserted where the code relies on it. This line states a dependency that
 * Kconfig has already enforced.
 */
static_assert(IS_ENABLED(CONFIG_DEBUG_FS), "experiments live in debugfs");

static const struct klab_basics_option options[] = {
	/* The machine. */
	KLAB_BASICS_SWITCH(CONFIG_64BIT),
	KLAB_BASICS_SWITCH(CONFIG_SMP),
	KLAB_BASICS_SWITCH(CONFIG_MICROCODE),
	KLAB_BASICS_VALUE(CONFIG_NR_CPUS),
	KLAB_BASICS_VALUE(CONFIG_OUTPUT_FORMAT),
	/* Time and scheduling. */
	KLAB_BASICS_VALUE(CONFIG_HZ),
	KLAB_BASICS_SWITCH(CONFIG_HIGH_RES_TIMERS),
	KLAB_BASICS_SWITCH(CONFIG_NO_HZ_COMMON),
	KLAB_BASICS_SWITCH(CONFIG_PREEMPTION),
	KLAB_BASICS_SWITCH(CONFIG_PREEMPT_RT),
	/* Modules. */
	KLAB_BASICS_SWITCH(CONFIG_MODULES),
	KLAB_BASICS_SWITCH(CONFIG_MODULE_UNLOAD),
	KLAB_BASICS_SWITCH(CONFIG_MODULE_FORCE_UNLOAD),
	KLAB_BASICS_SWITCH(CONFIG_MODVERSIONS),
	KLAB_BASICS_SWITCH(CONFIG_MODULE_SIG),
	KLAB_BASICS_SWITCH(CONFIG_MODULE_SIG_FORCE),
	KLAB_BASICS_SWITCH(CONFIG_MODULE_SIG_ALL),
	KLAB_BASICS_VALUE(CONFIG_MODULE_SIG_HASH),
	KLAB_BASICS_SWITCH(CONFIG_TRIM_UNUSED_KSYMS),
	/* What a build of further modules needs to find. */
	KLAB_BASICS_SWITCH(CONFIG_IKCONFIG),
	KLAB_BASICS_SWITCH(CONFIG_IKCONFIG_PROC),
	KLAB_BASICS_SWITCH(CONFIG_IKHEADERS),
	KLAB_BASICS_VALUE(CONFIG_CC_VERSION_TEXT),
	KLAB_BASICS_VALUE(CONFIG_LOCALVERSION),
	/* Looking inside. */
	KLAB_BASICS_SWITCH(CONFIG_KALLSYMS_ALL),
	KLAB_BASICS_SWITCH(CONFIG_KPROBES),
	KLAB_BASICS_SWITCH(CONFIG_TRACEPOINTS),
	KLAB_BASICS_SWITCH(CONFIG_DYNAMIC_DEBUG),
	KLAB_BASICS_SWITCH(CONFIG_JUMP_LABEL),
	KLAB_BASICS_VALUE(CONFIG_LOG_BUF_SHIFT),
	/* Tests. */
	KLAB_BASICS_SWITCH(CONFIG_KUNIT),
	KLAB_BASICS_SWITCH(CONFIG_FAULT_INJECTION),
	KLAB_BASICS_SWITCH(CONFIG_FAILSLAB),
	KLAB_BASICS_SWITCH(CONFIG_PROVE_LOCKING),
	KLAB_BASICS_SWITCH(CONFIG_DEBUG_ATOMIC_SLEEP),
	KLAB_BASICS_SWITCH(CONFIG_KASAN),
	/* klab. */
	KLAB_BASICS_SWITCH(CONFIG_KLAB_CORE),
	KLAB_BASICS_SWITCH(CONFIG_KLAB_BASICS_CONFIG),
	KLAB_BASICS_SWITCH(CONFIG_SOFTWORK),
};

static const struct {
	char letter;
	const char *word;
	const char *cause;
} taints[] = {
	[TAINT_PROPRIETARY_MODULE] = {
		'P', "proprietary", "a module whose licence is not open" },
	[TAINT_FORCED_MODULE] = {
		'F', "forced_load", "a module loaded by force" },
	[TAINT_CPU_OUT_OF_SPEC] = {
		'S', "cpu_out_of_spec", "a machine that is not supported" },
	[TAINT_FORCED_RMMOD] = {
		'R', "forced_unload", "a module unloaded by force" },
	[TAINT_MACHINE_CHECK] = {
		'M', "machine_check", "an error that the hardware reported" },
	[TAINT_BAD_PAGE] = {
		'B', "bad_page", "a page in an impossible state" },
	[TAINT_USER] = {
		'U', "user", "user space asked for it" },
	[TAINT_DIE] = {
		'D', "oops", "the kernel has had an oops" },
	[TAINT_OVERRIDDEN_ACPI_TABLE] = {
		'A', "acpi_override", "a replaced ACPI table" },
	[TAINT_WARN] = {
		'W', "warning", "a warning with a stack trace" },
	[TAINT_CRAP] = {
		'C', "staging", "a module from drivers/staging, as klab's are" },
	[TAINT_FIRMWARE_WORKAROUND] = {
		'I', "firmware", "a workaround for broken firmware" },
	[TAINT_OOT_MODULE] = {
		'O', "out_of_tree", "a module built outside of the tree" },
	[TAINT_UNSIGNED_MODULE] = {
		'E', "unsigned", "a module without a valid signature" },
	[TAINT_SOFTLOCKUP] = {
		'L', "soft_lockup", "a CPU stuck in the kernel" },
	[TAINT_LIVEPATCH] = {
		'K', "live_patch", "a live patch" },
	[TAINT_AUX] = {
		'X', "auxiliary", "what the distribution defines" },
	[TAINT_RANDSTRUCT] = {
		'T', "randstruct", "structures in random layout" },
	[TAINT_TEST] = {
		'N', "test", "tests in the kernel, as KUnit's are" },
};

static_assert(ARRAY_SIZE(taints) == TAINT_FLAGS_COUNT);

static bool is_off(const struct klab_basics_option *option)
{
	return !option->is_module && !strcmp(option->expansion, option->name);
}

/**
 * klab_basics_option_state() - how an option stands
 * @option: the option
 *
 * Context: any.
 * Return: "builtin", "module" or "off" of a switch; "set" or "off" of a value.
 */
VISIBLE_IF_KUNIT const char *
klab_basics_option_state(const struct klab_basics_option *option)
{
	if (is_off(option))
		return "off";
	if (option->is_module)
		return "module";
	return option->is_switch ? "builtin" : "set";
}
EXPORT_SYMBOL_IF_KUNIT(klab_basics_option_state);

/**
 * klab_basics_option_value() - what the configuration file says of an option
 * @option: the option
 *
 * Context: any.
 * Return: the text behind the equals sign; "n" of an option that is not set.
 */
VISIBLE_IF_KUNIT const char *
klab_basics_option_value(const struct klab_basics_option *option)
{
	if (is_off(option))
		return "n";
	if (option->is_module)
		return "m";
	return option->is_switch ? "y" : option->expansion;
}
EXPORT_SYMBOL_IF_KUNIT(klab_basics_option_value);

/**
 * klab_basics_taint_words() - taint flags in words
 * @words: gets them, separated by commas; "none" without a flag
 * @mask: bits as in TAINT_*; those that have no name are left out
 *
 * Context: any.
 */
VISIBLE_IF_KUNIT void klab_basics_taint_words(struct seq_buf *words,
					      unsigned long mask)
{
	const char *separator = "";

	for (unsigned int i = 0; i < ARRAY_SIZE(taints); i++) {
		if (!(mask & BIT(i)))
			continue;
		seq_buf_printf(words, "%s%s", separator, taints[i].word);
		separator = ",";
	}
	if (!*separator)
		seq_buf_puts(words, "none");
}
EXPORT_SYMBOL_IF_KUNIT(klab_basics_taint_words);

/* The kernel's own accessor of the whole word is not exported. */
static unsigned long kernel_taints(void)
{
	unsigned long mask = 0;

	for (unsigned int i = 0; i < TAINT_FLAGS_COUNT; i++)
		if (test_taint(i))
			mask |= BIT(i);
	return mask;
}

/* Built in, there is no struct module that could be tainted. */
static unsigned long module_taints(void)
{
#ifdef MODULE
	return READ_ONCE(THIS_MODULE->taints);
#else
	return 0;
#endif
}

static const char *signature_policy(void)
{
	if (!IS_ENABLED(CONFIG_MODULE_SIG))
		return "off";
	return is_module_sig_enforced() ? "enforced" : "permissive";
}

static const char *signature_state(void)
{
	if (!IS_MODULE(CONFIG_KLAB_BASICS_CONFIG))
		return "builtin";
	if (!IS_ENABLED(CONFIG_MODULE_SIG))
		return "unchecked";
	return module_sig_ok(THIS_MODULE) ? "valid" : "missing";
}

static void note_taints(struct klab_run *run, const char *key,
			unsigned long mask)
{
	DECLARE_SEQ_BUF(words, 256);

	klab_basics_taint_words(&words, mask);
	klab_note(run, key, "%s", seq_buf_str(&words));
}

static int klab_basics_config_run(struct klab_run *run)
{
	klab_note(run, "module_signatures", "%s", signature_policy());
	klab_note(run, "this_module", "%s", signature_state());
	note_taints(run, "taint", kernel_taints());
	klab_columns(run, "option\tstate\tvalue");
	for (int i = 0; i < ARRAY_SIZE(options); i++)
		klab_row(run, "%s\t%s\t%s", options[i].name,
			 klab_basics_option_state(&options[i]),
			 klab_basics_option_value(&options[i]));
	return 0;
}

static int klab_basics_taint_run(struct klab_run *run)
{
	unsigned long kernel = kernel_taints();
	unsigned long module = module_taints();

	note_taints(run, "kernel", kernel);
	note_taints(run, "module", module);
	klab_columns(run, "flag\tletter\tkernel\tmodule\tcause");
	for (unsigned int i = 0; i < ARRAY_SIZE(taints); i++)
		klab_row(run, "%s\t%c\t%s\t%s\t%s", taints[i].word,
			 taints[i].letter, str_yes_no(kernel & BIT(i)),
			 str_yes_no(module & BIT(i)), taints[i].cause);
	return 0;
}

static struct klab_experiment klab_basics_config[] = {
	{
		.room = "basics",
		.name = "config",
		.question = "What was this kernel built with?",
		.run = klab_basics_config_run,
	},
	{
		.room = "basics",
		.name = "taint",
		.question = "What has tainted the kernel, and this module?",
		.run = klab_basics_taint_run,
	},
};
module_klab_experiments(klab_basics_config);

MODULE_DESCRIPTION("klab: report of the kernel configuration");
MODULE_AUTHOR("klab maintainers");
MODULE_LICENSE("GPL");
