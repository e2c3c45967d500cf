// SPDX-License-Identifier: GPL-2.0-only
/*
 * Parameters of experiments: whether a table of them is sound, and what a
 * line of name=value says.
 */

#include <linux/bits.h>
#include <linux/cleanup.h>
#include <linux/ctype.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/kstrtox.h>
#include <linux/minmax.h>
#include <linux/slab.h>
#include <linux/string.h>

#include <kunit/visibility.h>

#include "core_internal.h"

#define SHOWN	"%.64s"		/* as much of hostile text as a reason quotes */

/**
 * klab_word_sound() - whether a word is fit to be a name
 * @word: the word, may be NULL
 *
 * Context: any.
 * Return: true for one to KLAB_NAME_MAX lower-case letters, digits, hyphens
 * and underscores.
 */
bool klab_word_sound(const char *word)
{
	const char *c;

	if (!word || !*word || strlen(word) > KLAB_NAME_MAX)
		return false;

	for (c = word; *c; c++) {
		if (!isascii(*c) || !(islower(*c) || isdigit(*c) ||
				      *c == '-' || *c == '_'))
			return false;
	}
	return true;
}

static bool klab_ascii_graph(const char *text)
{
	for (; *text; text++) {
		if (!isascii(*text) || !isgraph(*text))
			return false;
	}
	return true;
}

/**
 * klab_line_sound() - whether a text is fit to stand in a table
 * @line: the text, may be NULL
 *
 * Context: any.
 * Return: true for printable ASCII, at least one byte.
 */
bool klab_line_sound(const char *line)
{
	if (!line || !*line)
		return false;

	for (; *line; line++) {
		if (!isascii(*line) || !isprint(*line))
			return false;
	}
	return true;
}

static bool klab_choices_sound(const struct klab_param *param)
{
	s64 i;

	if (!param->choices)
		return false;

	for (i = 0; param->choices[i]; i++) {
		const char *word = param->choices[i];

		if (!*word || !klab_ascii_graph(word) || strchr(word, '|'))
			return false;
	}
	return param->def >= 0 && param->def < i;
}

static bool klab_values_sound(const struct klab_param *param)
{
	switch (param->type) {
	case KLAB_PARAM_INT:
		return param->min <= param->def && param->def <= param->max;
	case KLAB_PARAM_BOOL:
		return param->def == 0 || param->def == 1;
	case KLAB_PARAM_CHOICE:
		return klab_choices_sound(param);
	case KLAB_PARAM_STRING:
		return param->text && param->max > 0 &&
		       param->max <= KLAB_STRING_MAX &&
		       strlen(param->text) <= param->max &&
		       klab_ascii_graph(param->text);
	}
	return false;
}

/**
 * klab_params_check() - whether an experiment's table of parameters is sound
 * @experiment: the experiment
 * @reason: says what is wrong
 *
 * Context: any.
 * Return: 0 or -EINVAL.
 */
int klab_params_check(const struct klab_experiment *experiment,
		      struct klab_reason *reason)
{
	unsigned int i, j;

	if (experiment->nr_params > KLAB_PARAMS_MAX)
		return klab_reason_set(reason, -EINVAL,
				       "more than %u parameters",
				       KLAB_PARAMS_MAX);

	for (i = 0; i < experiment->nr_params; i++) {
		const struct klab_param *param = &experiment->params[i];

		if (!klab_word_sound(param->name))
			return klab_reason_set(reason, -EINVAL,
					       "parameter %u: bad name", i);
		if (!klab_line_sound(param->help) ||
		    (param->unit && !klab_line_sound(param->unit)))
			return klab_reason_set(reason, -EINVAL,
					       "%s: bad help or unit",
					       param->name);
		if (!klab_values_sound(param))
			return klab_reason_set(reason, -EINVAL,
					       "%s: bad type, range or default",
					       param->name);
		for (j = 0; j < i; j++) {
			if (!strcmp(param->name, experiment->params[j].name))
				return klab_reason_set(reason, -EINVAL,
						       "%s: there twice",
						       param->name);
		}
	}
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(klab_params_check);

/**
 * klab_values_default() - what a run gets that was told nothing
 * @experiment: the experiment, its parameters checked
 * @values: filled
 *
 * Context: any.
 */
void klab_values_default(const struct klab_experiment *experiment,
			 struct klab_values *values)
{
	unsigned int i;

	for (i = 0; i < experiment->nr_params; i++) {
		const struct klab_param *param = &experiment->params[i];

		values->number[i] = param->def;
		if (param->type == KLAB_PARAM_STRING)
			strscpy(values->text[i], param->text);
	}
}
EXPORT_SYMBOL_IF_KUNIT(klab_values_default);

static int klab_parse_int(const struct klab_param *param, s64 *number,
			  const char *value, struct klab_reason *reason)
{
	s64 parsed;
	int err;

	err = kstrtos64(value, 0, &parsed);
	if (err && err != -ERANGE)
		return klab_reason_set(reason, -EINVAL,
				       "%s=" SHOWN ": not a whole number",
				       param->name, value);
	if (err || parsed < param->min || parsed > param->max)
		return klab_reason_set(reason, -EINVAL,
				       "%s=" SHOWN ": not from %lld to %lld",
				       param->name, value, param->min,
				       param->max);
	*number = parsed;
	return 0;
}

static int klab_parse_bool(const struct klab_param *param, s64 *number,
			   const char *value, struct klab_reason *reason)
{
	bool parsed;

	if (kstrtobool(value, &parsed))
		return klab_reason_set(reason, -EINVAL,
				       "%s=" SHOWN ": neither 0 nor 1",
				       param->name, value);
	*number = parsed;
	return 0;
}

static int klab_parse_choice(const struct klab_param *param, s64 *number,
			     const char *value, struct klab_reason *reason)
{
	s64 i;

	for (i = 0; param->choices[i]; i++) {
		if (!strcmp(param->choices[i], value)) {
			*number = i;
			return 0;
		}
	}
	return klab_reason_set(reason, -EINVAL, "%s=" SHOWN ": no such choice",
			       param->name, value);
}

static int klab_parse_string(const struct klab_param *param, char *text,
			     const char *value, struct klab_reason *reason)
{
	if (strlen(value) > param->max)
		return klab_reason_set(reason, -EINVAL,
				       "%s=" SHOWN ": longer than %lld bytes",
				       param->name, value, param->max);
	strscpy(text, value, KLAB_STRING_MAX + 1);
	return 0;
}

static int klab_parse_value(const struct klab_param *param, s64 *number,
			    char *text, const char *value,
			    struct klab_reason *reason)
{
	switch (param->type) {
	case KLAB_PARAM_INT:
		return klab_parse_int(param, number, value, reason);
	case KLAB_PARAM_BOOL:
		return klab_parse_bool(param, number, value, reason);
	case KLAB_PARAM_CHOICE:
		return klab_parse_choice(param, number, value, reason);
	case KLAB_PARAM_STRING:
		return klab_parse_string(param, text, value, reason);
	}
	return klab_reason_set(reason, -EINVAL, "%s: bad type", param->name);
}

static int klab_find_param(const struct klab_experiment *experiment,
			   const char *name)
{
	unsigned int i;

	for (i = 0; i < experiment->nr_params; i++) {
		if (!strcmp(experiment->params[i].name, name))
			return i;
	}
	return -ENOENT;
}

static int klab_parse_word(const struct klab_experiment *experiment,
			   struct klab_values *values, unsigned int *seen,
			   char *word, struct klab_reason *reason)
{
	char *value = strchr(word, '=');
	int i;

	if (!value)
		return klab_reason_set(reason, -EINVAL,
				       SHOWN ": not of the form name=value",
				       word);
	*value++ = '\0';

	i = klab_find_param(experiment, word);
	if (i < 0)
		return klab_reason_set(reason, -EINVAL,
				       SHOWN ": no such parameter", word);
	if (!*value)
		return klab_reason_set(reason, -EINVAL, "%s: empty value",
				       word);
	if (*seen & BIT(i))
		return klab_reason_set(reason, -EINVAL, "%s: given twice",
				       word);
	*seen |= BIT(i);

	return klab_parse_value(&experiment->params[i], &values->number[i],
				values->text[i], value, reason);
}

static int klab_line_check(const char *line, size_t len,
			   struct klab_reason *reason)
{
	size_t start = 0;
	size_t i;

	for (i = 0; i < len; i++) {
		if (line[i] == ' ' || line[i] == '\t')
			start = i + 1;
		else if (!isascii(line[i]) || !isprint(line[i]))
			return klab_reason_set(reason, -EINVAL,
					       "%.*s: not printable text",
					       (int)min_t(size_t, 64,
							  i + 1 - start),
					       line + start);
	}
	return 0;
}

/**
 * klab_values_too_long() - refuses a line that is too long to be read
 * @line: its first @len bytes and a zero byte; is taken apart
 * @len: the most that a line may have
 * @reason: names the parameter in which the line becomes too long
 *
 * Context: any.
 * Return: -EINVAL.
 */
int klab_values_too_long(char *line, size_t len, struct klab_reason *reason)
{
	char *word = line + len;
	int err;

	err = klab_line_check(line, len, reason);
	if (err)
		return err;

	while (word > line && word[-1] != ' ' && word[-1] != '\t')
		word--;
	word[strcspn(word, "=")] = '\0';
	return klab_reason_set(reason, -EINVAL,
			       SHOWN "%sline longer than %zu bytes",
			       word, *word ? ": " : "", len);
}

/**
 * klab_values_parse() - reads a line of name=value
 * @experiment: whose parameters they are
 * @values: the values before; changed only if the whole line is right
 * @line: @len bytes and a zero byte; is taken apart
 * @len: bytes of the line, its newline (if any) included
 * @reason: names the wrong parameter and says what is wrong
 *
 * Parameters that the line does not name keep their value.
 *
 * Context: process; allocates memory.
 * Return: 0, -EINVAL, or -ENOMEM (which has no reason).
 */
int klab_values_parse(const struct klab_experiment *experiment,
		      struct klab_values *values, char *line, size_t len,
		      struct klab_reason *reason)
{
	struct klab_values *parsed __free(kfree) = NULL;
	unsigned int seen = 0;
	char *word;
	int err;

	if (len && line[len - 1] == '\n')
		line[--len] = '\0';

	err = klab_line_check(line, len, reason);
	if (err)
		return err;

	parsed = kmemdup(values, sizeof(*values), GFP_KERNEL);
	if (!parsed)
		return -ENOMEM;

	while ((word = strsep(&line, " \t"))) {
		if (!*word)
			continue;
		err = klab_parse_word(experiment, parsed, &seen, word, reason);
		if (err)
			return err;
	}
	*values = *parsed;
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(klab_values_parse);
