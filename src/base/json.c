#include "base/json.h"

#include "base/utf8.h"

/* How many bytes stand for themselves: most strings are nothing else. */
static size_t plain_length(const char *string)
{
	size_t length = 0;

	while (string[length] >= 0x20 && string[length] < 0x7f && string[length] != '"' &&
	       string[length] != '\\')
		length++;
	return length;
}

static void quoted(FILE *out, const char *string)
{
	putc('"', out);
	for (;;) {
		size_t length = plain_length(string);
		unsigned char byte = (unsigned char)string[length];

		fwrite(string, 1, length, out);
		string += length;
		if (!byte)
			break;
		length = utf8_length(string);
		if (!length)
			fputs("\\ufffd", out);
		else if (byte == '"' || byte == '\\')
			fprintf(out, "\\%c", byte);
		else if (byte < 0x20 || byte == 0x7f)
			fprintf(out, "\\u%04x", byte);
		else
			fwrite(string, 1, length, out);
		string += length ? length : 1;
	}
	putc('"', out);
}

static void indent(struct json *json)
{
	putc('\n', json->out);
	for (unsigned i = 0; i < json->depth; i++)
		putc('\t', json->out);
}

static void start(struct json *json, const char *key)
{
	if (json->started)
		putc(',', json->out);
	if (json->depth)
		indent(json);
	json->started = true;
	if (key) {
		quoted(json->out, key);
		fputs(": ", json->out);
	}
}

void json_open(struct json *json, const char *key, char bracket)
{
	start(json, key);
	putc(bracket, json->out);
	json->depth++;
	json->started = false;
}

void json_close(struct json *json, char bracket)
{
	json->depth--;
	if (json->started)
		indent(json);
	putc(bracket, json->out);
	json->started = true;
	if (!json->depth)
		putc('\n', json->out);
}

void json_string(struct json *json, const char *key, const char *value)
{
	start(json, key);
	if (value)
		quoted(json->out, value);
	else
		fputs("null", json->out);
}

void json_number(struct json *json, const char *key, long long value)
{
	start(json, key);
	fprintf(json->out, "%lld", value);
}

void json_bool(struct json *json, const char *key, bool value)
{
	start(json, key);
	fputs(value ? "true" : "false", json->out);
}
