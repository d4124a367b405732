#include "host/boot/cmdline.h"

#include <ctype.h>

/* The kernel's own limit is 2048 or 4096; /proc/cmdline adds what bootconfig gives. */
#define CMDLINE_LIMIT ((size_t)64 * 1024)

#define ANY_VALUE "\1" /* stands where a part is not known */

bool cmdline_same_name(const char *a, const char *b)
{
	for (; *a && *b; a++, b++)
		if (*a != *b && !(strchr("-_", *a) && strchr("-_", *b)))
			return false;
	return *a == *b;
}

/* The kernel takes the no-break space of Latin-1 for a blank as well. */
static bool is_blank(char byte)
{
	return isspace((unsigned char)byte) || (unsigned char)byte == 0xa0;
}

/*
 * The end of a parameter, at a blank outside of quotes; and where its first `=` stands, if at all.
 */
static char *end_of_arg(char *text, char **ret_equals)
{
	bool quoted = false;

	*ret_equals = NULL;
	for (; *text && (quoted || !is_blank(*text)); text++) {
		if (*text == '=' && !*ret_equals)
			*ret_equals = text;
		if (*text == '"')
			quoted = !quoted;
	}
	return text;
}

/* Quotes may stand around the whole or around the value; nowhere else are they taken off. */
static char *next_arg(char *text, struct cmdline_arg *arg)
{
	bool quoted = *text == '"';
	char *name = text + quoted, *equals, *value, *end = end_of_arg(text, &equals), *next;

	next = *end ? end + 1 : end;
	*end = '\0';
	arg->name = name;
	arg->value = NULL;
	/* A parameter that begins with `=` is all name. */
	if (equals && equals > name) {
		*equals = '\0';
		arg->value = value = equals + 1;
		if (*value == '"') {
			arg->value = value + 1;
			if (end > value + 1 && end[-1] == '"')
				end[-1] = '\0';
		}
	}
	if (quoted && end > name && end[-1] == '"')
		end[-1] = '\0';
	return next;
}

static void push(struct arena *arena, struct cmdline *cmdline, const struct cmdline_arg *arg)
{
	if (cmdline->count == cmdline->space) {
		size_t space = cmdline->space ? cmdline->space * 2 : 32;

		cmdline->args = arena_grow(arena, cmdline->args,
					   cmdline->count * sizeof(*cmdline->args),
					   space * sizeof(*cmdline->args));
		cmdline->space = space;
	}
	cmdline->args[cmdline->count++] = *arg;
}

void cmdline_parse(struct arena *arena, const char *text, const char *source, bool maybe,
		   struct cmdline *cmdline)
{
	char *rest = arena_strdup(arena, text);

	while (is_blank(*rest))
		rest++;
	while (*rest && !cmdline->ended) {
		struct cmdline_arg arg = {.source = source, .maybe = maybe};

		rest = next_arg(rest, &arg);
		if (!arg.value && str_eq(arg.name, "--")) {
			/* What follows is for init, not for the kernel. */
			cmdline->ended = true;
			break;
		}
		arg.maybe = maybe || strpbrk(arg.name, ANY_VALUE) ||
			    (arg.value && strpbrk(arg.value, ANY_VALUE));
		if (strpbrk(arg.name, ANY_VALUE))
			arg.name = NULL;
		push(arena, cmdline, &arg);
		while (is_blank(*rest))
			rest++;
	}
}

static const char *value_of(const struct cmdline_arg *arg)
{
	return arg->value ? arg->value : "";
}

/* Follows one name through the list. */
struct search {
	const char *name;
	bool (*takes)(const char *value);
	const struct cmdline_arg *last;  /* the last one that is there for certain */
	const struct cmdline_arg *doubt; /* what came after it, and might be one more */
};

static void search_arg(struct search *search, const struct cmdline_arg *arg)
{
	if (arg->name && !cmdline_same_name(arg->name, search->name))
		return;
	if (arg->name && !arg->maybe) {
		if (search->takes && !search->takes(arg->value))
			return;
		search->last = arg;
		search->doubt = NULL;
	} else if (!arg->name || !search->last || !str_eq(value_of(arg), value_of(search->last))) {
		search->doubt = search->doubt ? search->doubt : arg;
	}
}

static const char *describe_doubt(struct arena *arena, const struct cmdline_arg *doubt)
{
	return arena_printf(arena,
			    doubt->name ? "whether it is given, or what it is, depends on more "
					  "than %s tells"
					: "%s adds arguments that are not known beforehand",
			    doubt->source);
}

int cmdline_find_if(struct arena *arena, const struct cmdline *cmdline, const char *name,
		    bool (*takes)(const char *value), const struct cmdline_arg **ret_arg,
		    const char **ret_why)
{
	struct search search = {.name = name, .takes = takes};

	if (cmdline->unknown) {
		*ret_why = cmdline->unknown;
		return -1;
	}
	for (size_t i = 0; i < cmdline->count; i++)
		search_arg(&search, &cmdline->args[i]);
	if (search.doubt) {
		*ret_why = describe_doubt(arena, search.doubt);
		return -1;
	}
	if (search.last)
		*ret_arg = search.last;
	return search.last != NULL;
}

int cmdline_find(struct arena *arena, const struct cmdline *cmdline, const char *name,
		 const struct cmdline_arg **ret_arg, const char **ret_why)
{
	return cmdline_find_if(arena, cmdline, name, NULL, ret_arg, ret_why);
}

int cmdline_find_all(struct arena *arena, const struct cmdline *cmdline, const char *name,
		     struct strv *ret_values, const char **ret_why)
{
	struct strv values = {0};

	if (cmdline->unknown) {
		*ret_why = cmdline->unknown;
		return -1;
	}
	for (size_t i = 0; i < cmdline->count; i++) {
		const struct cmdline_arg *arg = &cmdline->args[i];

		if (arg->name && !cmdline_same_name(arg->name, name))
			continue;
		if (!arg->name || arg->maybe) {
			*ret_why = describe_doubt(arena, arg);
			return -1;
		}
		strv_push(&values, arena, value_of(arg));
	}
	if (values.count)
		*ret_values = values;
	return values.count > 0;
}

static const void *load_running(struct host *host)
{
	struct cmdline *cmdline = arena_new(host->arena, struct cmdline);
	cleanup(text) struct host_text text = {0};
	int error = host_proc_read(host, "cmdline", CMDLINE_LIMIT, &text);

	cmdline->source = "/proc/cmdline";
	if (error)
		cmdline->unknown = arena_printf(host->arena, "/proc/cmdline cannot be read: %s",
						host_error(error));
	else
		cmdline_parse(host->arena, text.data, cmdline->source, false, cmdline);
	return cmdline;
}

const struct cmdline *cmdline_running(struct host *host)
{
	return host_view(host, load_running);
}
