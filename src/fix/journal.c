#include "fix/journal.h"

#include "base/arena.h"
#include "base/digest.h"

#include <errno.h>

#define MAGIC "hostaudit-journal 1"

static void put_word(FILE *out, const char *word)
{
	if (!*word)
		fputs("%", out);
	for (const unsigned char *at = (const unsigned char *)word; *at; at++) {
		if (*at <= ' ' || *at >= 0x7f || *at == '%')
			fprintf(out, "%%%02x", *at);
		else
			fputc(*at, out);
	}
}

static void put_line(FILE *out, const char *key, const char *word)
{
	fprintf(out, "%s ", key);
	put_word(out, word);
	fputc('\n', out);
}

static void put_xattrs(FILE *out, const struct xattr *xattrs)
{
	for (; xattrs; xattrs = xattrs->next) {
		fputs("xattr ", out);
		put_word(out, xattrs->name);
		fputc(' ', out);
		for (size_t i = 0; i < xattrs->size; i++)
			fprintf(out, "%02x", (unsigned char)xattrs->data[i]);
		fputc('\n', out);
	}
}

static void put_state(FILE *out, const char *key, const struct state *state)
{
	fprintf(out, "%s %s", key, thing_name(state->thing));
	if (state->thing != THING_ABSENT)
		fprintf(out, " %04o %u %u", state->mode, state->uid, state->gid);
	if (state->thing == THING_FILE)
		fprintf(out, " %lld.%09ld %s", (long long)state->mtime.tv_sec, state->mtime.tv_nsec,
			state->digest);
	if (state->thing == THING_LINK) {
		fputc(' ', out);
		put_word(out, state->target);
	}
	fputc('\n', out);
	put_xattrs(out, state->xattrs);
}

const char *journal_format(struct arena *arena, const struct journal *journal)
{
	char *text = NULL, hex[65];
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	const char *copy;

	if (!out)
		return arena_strdup(arena, "");
	fprintf(out, "%s\n", MAGIC);
	put_line(out, "run", journal->run);
	fprintf(out, "started %lld\n", journal->started);
	put_line(out, "root", journal->root);
	if (journal->undoes)
		put_line(out, "undoes", journal->undoes);
	if (journal->lower_mode != LOWER_NONE)
		put_line(out,
			 journal->lower_mode == LOWER_OVERLAY ? "lower-overlay"
							      : "lower-if-missing",
			 journal->lower_etc);
	for (size_t i = 0; i < journal->changes.count; i++) {
		const struct change *change = &journal->changes.at[i];

		fputs("change ", out);
		put_word(out, change->path);
		fprintf(out, "%s%s\n", *change->why ? " " : "", change->why);
		put_state(out, "before", &change->before);
		put_state(out, "after", &change->after);
	}
	fclose(out);
	digest_bytes(text, size, hex);
	copy = arena_printf(arena, "%ssum %s\n", text, hex);
	free(text);
	return copy;
}

struct reading {
	struct arena *arena;
	struct journal *journal;
	struct state *state; /* that the next xattr belongs to */
	bool complete;       /* the last change has both its states */
};

/* The next word of a line, without its escapes; NULL at the end, or where one is wrong. */
static char *take_word(char **rest)
{
	char *word = *rest, *from, *to;

	if (!*word)
		return NULL;
	*rest += strcspn(*rest, " ");
	if (**rest)
		*(*rest)++ = '\0';
	if (str_eq(word, "%"))
		return word + 1;
	for (from = to = word; *from; to++) {
		unsigned byte;

		if (*from != '%') {
			*to = *from++;
			continue;
		}
		if (sscanf(from, "%%%2x", &byte) != 1 || !byte || strlen(from) < 3)
			return NULL;
		*to = (char)byte;
		from += 3;
	}
	*to = '\0';
	return word;
}

static bool take_number(char **rest, int base, unsigned long long most, unsigned long long *ret)
{
	const char *word = take_word(rest);
	unsigned long long number;
	char *end;

	if (!word || *word < '0' || *word > '9')
		return false;
	errno = 0;
	number = strtoull(word, &end, base);
	if (*end || errno || number > most)
		return false;
	*ret = number;
	return true;
}

static bool take_owner(char **rest, struct state *state)
{
	unsigned long long mode, uid, gid;

	if (!take_number(rest, 8, 07777, &mode) || !take_number(rest, 10, UINT_MAX, &uid) ||
	    !take_number(rest, 10, UINT_MAX, &gid))
		return false;
	state->mode = (unsigned)mode;
	state->uid = (unsigned)uid;
	state->gid = (unsigned)gid;
	return true;
}

static bool take_file(char **rest, struct state *state)
{
	const char *time = take_word(rest), *digest = take_word(rest);
	long long seconds;
	long nanoseconds;
	int end = 0;

	if (!time || !digest || strlen(digest) != 64)
		return false;
	if (sscanf(time, "%lld.%9ld%n", &seconds, &nanoseconds, &end) != 2 || time[end])
		return false;
	state->mtime = (struct timespec){.tv_sec = seconds, .tv_nsec = nanoseconds};
	memcpy(state->digest, digest, 65);
	return true;
}

static bool read_state(struct reading *reading, char *rest, struct state *state)
{
	const char *word = take_word(&rest);

	for (int i = THING_ABSENT; word && i <= THING_DIR; i++) {
		if (!str_eq(word, thing_name((enum thing)i)))
			continue;
		state->thing = (enum thing)i;
		reading->state = state;
		if (i != THING_ABSENT && !take_owner(&rest, state))
			return false;
		if (i == THING_FILE && !take_file(&rest, state))
			return false;
		if (i == THING_LINK)
			state->target = take_word(&rest);
		return !*rest && (i != THING_LINK || state->target);
	}
	return false;
}

static bool read_xattr(struct reading *reading, char *rest)
{
	const char *name = take_word(&rest);
	struct xattr *xattr, **at;
	unsigned byte;
	char *data;

	if (!name || !reading->state || strlen(rest) % 2)
		return false;
	xattr = arena_new(reading->arena, struct xattr);
	xattr->name = name;
	xattr->data = data = arena_alloc(reading->arena, strlen(rest) / 2 + 1);
	for (; *rest; rest += 2) {
		if (sscanf(rest, "%2x", &byte) != 1)
			return false;
		data[xattr->size++] = (char)byte;
	}
	for (at = &reading->state->xattrs; *at; at = &(*at)->next)
		;
	*at = xattr;
	return true;
}

static bool read_change(struct reading *reading, char *rest)
{
	struct changes *changes = &reading->journal->changes;
	const char *path = take_word(&rest);

	if (!path || *path != '/' || (changes->count && !reading->complete))
		return false;
	*changes_add(changes, reading->arena) = (struct change){.path = path, .why = rest};
	reading->complete = false;
	reading->state = NULL;
	return true;
}

static struct change *last_change(struct reading *reading)
{
	struct changes *changes = &reading->journal->changes;

	return changes->count && !reading->complete ? &changes->at[changes->count - 1] : NULL;
}

static bool read_line(struct reading *reading, char *line)
{
	struct journal *journal = reading->journal;
	struct change *change = last_change(reading);
	char *rest = line + strcspn(line, " ");

	if (*rest)
		*rest++ = '\0';
	if (str_eq(line, "run"))
		return (journal->run = take_word(&rest)) != NULL;
	if (str_eq(line, "started"))
		return !str_to_number(rest, &journal->started);
	if (str_eq(line, "root"))
		return (journal->root = take_word(&rest)) != NULL;
	if (str_eq(line, "undoes"))
		return (journal->undoes = take_word(&rest)) != NULL;
	if (str_eq(line, "lower-overlay") || str_eq(line, "lower-if-missing")) {
		journal->lower_mode = str_eq(line, "lower-overlay") ? LOWER_OVERLAY
								    : LOWER_IF_MISSING;
		return (journal->lower_etc = take_word(&rest)) != NULL;
	}
	if (str_eq(line, "change"))
		return read_change(reading, rest);
	if (str_eq(line, "xattr"))
		return read_xattr(reading, rest);
	if (str_eq(line, "before") && change && !reading->state)
		return read_state(reading, rest, &change->before);
	if (str_eq(line, "after") && change && reading->state == &change->before) {
		reading->complete = true;
		return read_state(reading, rest, &change->after);
	}
	return false;
}

/* Cuts the last line off if it is the sum of all before it. */
static bool take_sum(char *text)
{
	size_t size = strlen(text), length = strlen("sum ") + 64 + 1;
	char hex[65];

	if (size < length)
		return false;
	digest_bytes(text, size - length, hex);
	if (strncmp(text + size - length, "sum ", 4) ||
	    strncmp(text + size - length + 4, hex, 64) || text[size - 1] != '\n')
		return false;
	text[size - length] = '\0';
	return true;
}

int journal_parse(struct arena *arena, char *text, struct journal *ret_journal,
		  const char **ret_why)
{
	struct journal journal = {0};
	struct reading reading = {.arena = arena, .journal = &journal};
	unsigned number = 1;
	char *line;

	*ret_why = "its end is missing, or it was changed";
	if (!take_sum(text))
		return -EBADMSG;
	line = str_next_line(&text);
	*ret_why = "it was written by another version";
	if (!line || !str_eq(line, MAGIC))
		return -EBADMSG;
	while ((line = str_next_line(&text))) {
		*ret_why = arena_printf(arena, "line %u makes no sense", ++number);
		if (!read_line(&reading, line))
			return -EBADMSG;
	}
	*ret_why = "it says not which run it is of";
	if (!journal.run || !journal.root)
		return -EBADMSG;
	*ret_why = "its last change is not complete";
	if (journal.changes.count && !reading.complete)
		return -EBADMSG;
	*ret_journal = journal;
	return 0;
}
