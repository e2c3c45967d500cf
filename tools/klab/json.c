// SPDX-License-Identifier: GPL-2.0-only
/*
 * Writing JSON (RFC 8259).
 */
#include <string.h>

#include "klab.h"

static void put_string(FILE *out, const char *text)
{
	fputc('"', out);
	while (*text) {
		size_t len = utf8_length(text);

		if (!len) {
			/* A byte that is no UTF-8: U+FFFD stands for it. */
			fputs("\\ufffd", out);
			len = 1;
		} else if (*text == '"' || *text == '\\') {
			fputc('\\', out);
			fputc(*text, out);
		} else if (len == 1 && (*text < ' ' || *text == 0x7f)) {
			fprintf(out, "\\u%04x", *text);
		} else {
			fwrite(text, 1, len, out);
		}
		text += len;
	}
	fputc('"', out);
}

static void begin(struct json *json, const char *key)
{
	if (json->filled & (1u << json->depth))
		fputc(',', json->out);
	json->filled |= 1u << json->depth;
	if (key) {
		put_string(json->out, key);
		fputc(':', json->out);
	}
}

/**
 * json_open() - begin an object or an array
 * @json: the writer
 * @key: its name in the object around it, or NULL
 * @bracket: '{' or '['
 *
 * At most 31 levels deep.
 */
void json_open(struct json *json, const char *key, char bracket)
{
	begin(json, key);
	fputc(bracket, json->out);
	json->depth++;
	json->filled &= ~(1u << json->depth);
}

/**
 * json_close() - end an object or an array
 * @json: the writer
 * @bracket: '}' or ']'
 *
 * The outermost one is followed by a line end.
 */
void json_close(struct json *json, char bracket)
{
	fputc(bracket, json->out);
	json->depth--;
	if (!json->depth)
		fputc('\n', json->out);
}

/**
 * json_string() - write a string
 * @json: the writer
 * @key: its name, or NULL in an array
 * @value: the string, or NULL for null
 */
void json_string(struct json *json, const char *key, const char *value)
{
	begin(json, key);
	if (value)
		put_string(json->out, value);
	else
		fputs("null", json->out);
}

/**
 * json_number() - write a number
 * @json: the writer
 * @key: its name, or NULL in an array
 * @value: the number
 */
void json_number(struct json *json, const char *key, unsigned long long value)
{
	begin(json, key);
	fprintf(json->out, "%llu", value);
}

/**
 * json_bool() - write true or false
 * @json: the writer
 * @key: its name, or NULL in an array
 * @value: which
 */
void json_bool(struct json *json, const char *key, bool value)
{
	begin(json, key);
	fputs(value ? "true" : "false", json->out);
}

static bool skip_digits(const char **text)
{
	size_t len = strspn(*text, "0123456789");

	*text += len;
	return len;
}

/**
 * json_is_number() - may a text stand in JSON as a number
 * @text: the text
 *
 * Return: true for what the grammar of JSON takes: no sign but minus, no
 * leading zeros, no other base, digits around the point.
 */
bool json_is_number(const char *text)
{
	if (*text == '-')
		text++;
	if (*text == '0')
		text++;
	else if (!skip_digits(&text))
		return false;
	if (*text == '.') {
		text++;
		if (!skip_digits(&text))
			return false;
	}
	if (*text == 'e' || *text == 'E') {
		text++;
		if (*text == '+' || *text == '-')
			text++;
		if (!skip_digits(&text))
			return false;
	}
	return !*text;
}

/**
 * json_scalar() - write what a cell of a table says
 * @json: the writer
 * @key: its name, or NULL in an array
 * @value: "-" is null, a number is a number, the rest are strings
 */
void json_scalar(struct json *json, const char *key, const char *value)
{
	if (json_is_number(value)) {
		begin(json, key);
		fputs(value, json->out);
	} else {
		json_string(json, key, strcmp(value, "-") ? value : NULL);
	}
}
