// SPDX-License-Identifier: GPL-2.0-only
/*
 * Channels from a file: what its lines mean.
 *
 *	# remark
 *	chan=NAME [size=BYTES]
 *
 * The text is not terminated, may hold anything, and is not changed.
 */
#include <linux/ctype.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/kstrtox.h>
#include <linux/string.h>

#include <kunit/visibility.h>

#include "channels.h"

/**
 * struct piece - a part of the text
 * @at: where it begins
 * @end: where it has ended
 */
struct piece {
	const char *at;
	const char *end;
};

/* Takes a line off; false at the end of the text. */
static bool take_line(struct piece *rest, struct piece *line)
{
	if (rest->at == rest->end)
		return false;

	line->at = rest->at;
	line->end = memchr(rest->at, '\n', rest->end - rest->at);
	if (!line->end)
		line->end = rest->end;
	rest->at = line->end == rest->end ? rest->end : line->end + 1;
	return true;
}

/* Takes off a word; false where there is none, or only a remark. */
static bool take_word(struct piece *line, struct piece *word)
{
	while (line->at < line->end && isspace(*line->at))
		line->at++;
	if (line->at == line->end || *line->at == '#')
		return false;

	word->at = line->at;
	while (line->at < line->end && !isspace(*line->at))
		line->at++;
	word->end = line->at;
	return true;
}

/* Takes @key off the word, if it begins so. */
static bool take_key(struct piece *word, const char *key)
{
	size_t len = strlen(key);

	if (word->end - word->at < len || memcmp(word->at, key, len))
		return false;
	word->at += len;
	return true;
}

/*
 * A name goes into /dev and /sys: no dots, slashes, or what makes scripts stumble.
 * Returns what is wrong with it, or NULL.
 */
static const char *parse_name(const struct piece *word, char *name)
{
	size_t len = word->end - word->at;
	const char *at;

	if (!len)
		return "no name after chan=";
	if (len >= KLAB_CHANNEL_NAME_SIZE)
		return "a name longer than 31 characters";
	if (!isascii(*word->at) || !isalpha(*word->at))
		return "a name that does not begin with a letter";
	for (at = word->at; at < word->end; at++) {
		if (!isascii(*at) || (!isalnum(*at) && *at != '-' && *at != '_'))
			return "a name with other characters than letters, digits, - and _";
	}
	memcpy(name, word->at, len);
	name[len] = '\0';
	/* That would be two of them in the directory of the class. */
	if (!strcmp(name, KLAB_CHANNELS_OWN_FILE))
		return "the name of the file that has channels read again";
	return NULL;
}

static const char *parse_size(const struct piece *word, size_t *size)
{
	size_t len = word->end - word->at;
	unsigned int number;
	char digits[12];

	if (len >= sizeof(digits))
		return "a size that is no number from 1 to 16777216";
	memcpy(digits, word->at, len);
	digits[len] = '\0';
	if (kstrtouint(digits, 0, &number) || number < KLAB_CHANNEL_SIZE_MIN ||
	    number > KLAB_CHANNEL_SIZE_MAX)
		return "a size that is no number from 1 to 16777216";
	*size = number;
	return NULL;
}

static const char *check_name(const struct klab_channels_config *config,
			      const char *name)
{
	unsigned int i;

	for (i = 0; i < config->nr; i++) {
		if (!strcmp(config->lines[i].name, name))
			return "a name that there was before";
	}
	return NULL;
}

static const char *parse_options(struct piece *line,
				 struct klab_channels_line *channel)
{
	const char *wrong = NULL;
	bool sized = false;
	struct piece word;

	channel->size = KLAB_CHANNEL_SIZE;
	while (!wrong && take_word(line, &word)) {
		if (!take_key(&word, "size="))
			wrong = "something else than size= after the name";
		else if (sized)
			wrong = "a second size";
		else
			wrong = parse_size(&word, &channel->size);
		sized = true;
	}
	return wrong;
}

static const char *parse_line(struct klab_channels_config *config,
			      struct piece *line)
{
	struct klab_channels_line *channel;
	const char *wrong;
	struct piece word;

	if (memchr(line->at, '\0', line->end - line->at))
		return "a NUL: this is no text";
	if (!take_word(line, &word))
		return NULL;
	if (!take_key(&word, "chan="))
		return "a line that does not begin with chan=";
	if (config->nr == KLAB_CHANNELS_MAX)
		return "more than 64 channels";

	channel = &config->lines[config->nr];
	channel->line = config->line;
	wrong = parse_name(&word, channel->name);
	if (!wrong)
		wrong = check_name(config, channel->name);
	if (!wrong)
		wrong = parse_options(line, channel);
	if (!wrong)
		config->nr++;
	return wrong;
}

/**
 * klab_channels_parse() - reads a configuration
 * @config: filled in; with an error, its @line and @wrong say where and why
 * @text: contents of the file
 * @len: its length
 *
 * Context: any.
 * Return: 0 or -EINVAL.
 */
int klab_channels_parse(struct klab_channels_config *config, const char *text,
			size_t len)
{
	struct piece rest = { .at = text, .end = text + len };
	struct piece line;

	config->nr = 0;
	config->line = 0;
	config->wrong = NULL;
	while (take_line(&rest, &line)) {
		config->line++;
		config->wrong = parse_line(config, &line);
		if (config->wrong)
			return -EINVAL;
	}
	return 0;
}
EXPORT_SYMBOL_IF_KUNIT(klab_channels_parse);
