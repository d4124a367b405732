/* Which files a program reads for its settings, in which order, and what they come to. */
#include "host/settings/keyfile.h"

#include <errno.h>
#include <strings.h>

static const char *const prefixes[] = {"/etc/", "/run/", "/usr/local/lib/", "/usr/lib/", NULL};

/* The path below /etc and its like: "systemd/journald.conf". */
static const char *below(const char *path)
{
	for (const char *const *prefix = prefixes; *prefix; prefix++)
		if (str_starts(path, *prefix))
			return path + strlen(*prefix);
	return path;
}

static bool is_there(struct host *host, const char *path)
{
	return host_exists(host, path);
}

/* The first of the paths that is there, or NULL. */
static const char *first_of(struct host *host, const char *const *paths)
{
	for (; *paths; paths++)
		if (is_there(host, *paths))
			return *paths;
	return NULL;
}

/* The file itself, or where it is missing what the vendor put elsewhere. */
static const char *main_file(struct host *host, const struct keyfile_question *question)
{
	struct arena *arena = host->arena;
	const char *name = below(question->path);
	const char *paths[5] = {question->path};
	size_t count = 1;

	if (question->dialect == KEYFILE_SYSTEMD)
		for (count = 0; prefixes[count]; count++)
			paths[count] = arena_printf(arena, "%s%s", prefixes[count], name);
	else if (str_eq(question->path, "/etc/os-release"))
		paths[count++] = "/usr/lib/os-release";
	else if (str_starts(question->path, "/etc/"))
		paths[count++] = arena_printf(arena, "/usr/etc/%s", name);
	paths[count] = NULL;
	return first_of(host, paths);
}

/* systemd: NAME.d in each of the directories. */
static int systemd_dropins(struct host *host, const char *path, struct strv *files)
{
	const char *dirs[5] = {NULL};

	for (size_t i = 0; prefixes[i]; i++)
		dirs[i] = arena_printf(host->arena, "%s%s.d", prefixes[i], below(path));
	return host_dropins(host, dirs, ".conf", files);
}

/*
 * All files, later ones having the last word. pwquality reads its drop-ins first; login.defs has
 * them only where the vendor's copy lies below /usr/etc, since there it is libeconf that reads it.
 */
static int list_files(struct host *host, const struct keyfile_question *question,
		      struct strv *ret_files)
{
	const char *const pwquality[] = {"/etc/security/pwquality.conf.d", NULL};
	const char *const logins[] = {"/etc/login.defs.d", "/usr/etc/login.defs.d", NULL};
	const char *main = main_file(host, question);
	struct strv files = {0};
	int error = 0;

	if (str_eq(question->path, "/etc/security/pwquality.conf"))
		error = host_dropins(host, pwquality, ".conf", &files);
	if (main)
		strv_push(&files, host->arena, main);
	if (!error &&
	    (question->dialect == KEYFILE_SYSTEMD || (str_eq(question->path, "/etc/login.defs") &&
						      is_there(host, "/usr/etc/login.defs")))) {
		struct strv more = {0};

		error = question->dialect == KEYFILE_SYSTEMD
				? systemd_dropins(host, question->path, &more)
				: host_dropins(host, logins, ".defs", &more);
		for (size_t i = 0; i < more.count; i++)
			strv_push(&files, host->arena, more.at[i]);
	}
	*ret_files = files;
	return error;
}

static bool is_asked(const struct keyfile_question *question, const struct keyfile_line *line)
{
	if (question->section && !str_eq(question->section, line->section))
		return false;
	if (question->dialect == KEYFILE_AUDIT)
		return !strcasecmp(question->key, line->key);
	return str_eq(question->key, line->key);
}

static void read_line(struct arena *arena, const struct keyfile_question *question,
		      const char *path, const struct keyfile_line *line,
		      struct keyfile_answer *answer)
{
	bool resets = question->dialect == KEYFILE_SYSTEMD && !line->why && !*line->value;

	if (resets) {
		answer->values.count = 0;
		answer->all_why = NULL;
	} else {
		strv_push(&answer->values, arena, line->value ? line->value : "");
	}
	answer->why = line->why;
	answer->all_why = answer->all_why ? answer->all_why : line->why;
	answer->source = arena_printf(arena, "%s:%u", path, line->line);
}

static void read_file(struct host *host, const struct keyfile_question *question, const char *path,
		      struct keyfile_answer *answer)
{
	cleanup(text) struct host_text text = {0};
	int error = host_read_dropin(host, path, &text);
	struct keyfile keyfile = {0};

	if (error) {
		answer->source = path;
		answer->why = arena_printf(host->arena, "cannot read %s: %s", path,
					   host_error(error));
		answer->all_why = answer->why;
		return;
	}
	keyfile_parse(host->arena, question->dialect, text.data, &keyfile);
	for (size_t i = 0; i < keyfile.count; i++)
		if (is_asked(question, &keyfile.at[i]))
			read_line(host->arena, question, path, &keyfile.at[i], answer);
	if (keyfile.why) {
		answer->source = keyfile.why_line ? arena_printf(host->arena, "%s:%u", path,
								 keyfile.why_line)
						  : path;
		answer->why = answer->all_why = keyfile.why;
	}
}

void keyfile_ask(struct host *host, const struct keyfile_question *question,
		 struct keyfile_answer *ret_answer)
{
	struct keyfile_answer answer = {0};
	struct strv files = {0};
	int error = list_files(host, question, &files);

	if (error)
		answer.why = answer.all_why = arena_printf(host->arena,
							   "cannot read the drop-ins: %s",
							   host_error(error));
	for (size_t i = 0; i < files.count && !error; i++)
		read_file(host, question, files.at[i], &answer);
	if (!answer.source)
		answer.source = files.count ? files.at[files.count - 1] : question->path;
	*ret_answer = answer;
}
