/* Command lines that are put together by scripts, or that lie in plain files. */
#include "host/boot/cmdline_ways.h"

#include "host/boot/bls.h"
#include "host/boot/bootscript.h"
#include "host/os.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))

/* Larger than any grub.cfg that a host has. */
#define SCRIPT_LIMIT ((size_t)256 * 1024)

/* One "PATH[:VARIABLE]" of the os-profile. */
struct place {
	const char *path;
	const char *variable; /* NULL: the arguments themselves, or a grub.cfg */
};

struct places {
	struct host *host;
	struct place *at;
	size_t count;
};

static struct places places_of(struct host *host, const struct strv *words)
{
	struct places places = {.host = host};

	places.at = arena_alloc(host->arena, (words->count + 1) * sizeof(*places.at));
	for (size_t i = 0; i < words->count; i++) {
		const char *colon = strrchr(words->at[i], ':');

		places.at[places.count++] = (struct place){
			colon ? arena_strndup(host->arena, words->at[i],
					      (size_t)(colon - words->at[i]))
			      : words->at[i],
			colon ? colon + 1 : NULL,
		};
	}
	return places;
}

static bool is_script(const struct place *place)
{
	return place->variable || str_ends(place->path, ".cfg");
}

/* The directory of a file, without the slash at its end. */
static const char *directory_of(struct arena *arena, const char *path)
{
	return arena_strndup(arena, path, (size_t)(strrchr(path, '/') - path));
}

/*
 * The path of an included file: a listed one with that end, or a neighbour of the including one.
 */
static const char *included_path(const struct bootscript *script, const char *name)
{
	const struct places *places = script->closure;
	const char *device = strrchr(name, ')'), *end = device ? device + 1 : name;
	const char *slash = strrchr(name, '/'), *last = slash ? slash + 1 : name;

	for (size_t i = 0; i < places->count; i++)
		if (!str_eq(places->at[i].path, script->file) && *end == '/' &&
		    str_ends(places->at[i].path, end))
			return places->at[i].path;
	/* "grubenv"; and "$prefix/custom.cfg", of which only the loader knows the beginning. */
	if (!slash || str_starts(name, "\1/"))
		return strchr(last, '\1')
			       ? NULL
			       : arena_printf(script->arena, "%s/%s",
					      directory_of(script->arena, script->file), last);
	if (*name != '/' || strchr(name, '\1'))
		return NULL;
	/* The root of the loader is, as a rule, what is mounted on /boot. */
	return script->shell ? name : arena_printf(script->arena, "/boot%s", name);
}

static char *include(struct bootscript *script, const char *name, const char **ret_file,
		     bool *ret_unknown)
{
	const struct places *places = script->closure;
	const char *path = included_path(script, name);
	cleanup(text) struct host_text text = {0};
	int error = path ? host_read(places->host, path, SCRIPT_LIMIT, &text) : -EINVAL;

	*ret_unknown = error && !cmdline_is_absent(error);
	/* A file that a script asks for without looking whether it is there lies elsewhere. */
	if (cmdline_is_absent(error) && *name == '/' && !script->shell && !script->guarded)
		*ret_unknown = true;
	if (error)
		return NULL;
	*ret_file = path;
	return arena_strdup(script->arena, text.data);
}

static void start(struct bootscript *script, struct places *places, bool shell)
{
	bootscript_start(script, places->host->arena, shell);
	script->include = include;
	script->closure = places;
}

/* Follows one file of a script. Returns 1 when it was there, or what is wrong with it. */
static int follow(struct host *host, struct bootscript *script, const char *path)
{
	cleanup(text) struct host_text text = {0};
	int error = host_read(host, path, SCRIPT_LIMIT, &text);

	if (error)
		return cmdline_is_absent(error) ? 0 : error;
	bootscript_follow(script, path, text.data);
	return 1;
}

int cmdline_follow_grub(struct host *host, const char *path, struct bootscript *script)
{
	struct places *places = arena_new(host->arena, struct places);

	*places = places_of(host, &host->os->arguments);
	start(script, places, false);
	return follow(host, script, path);
}

/* Does a word of `default` mean this entry, the `index`th of its menu? */
static bool is_meant(const char *word, const struct bootentry *entry, size_t index)
{
	long long number;

	if (!str_to_number(word, &number))
		return number >= 0 && (size_t)number == index;
	return str_eq(word, entry->title) || (entry->id && str_eq(word, entry->id));
}

/* The entry that a word means among those of one menu; NULL when that cannot be told. */
static const struct bootentry *find_entry(const struct bootentry *from, bool nested,
					  const char *word)
{
	size_t index = 0;

	for (; from && from->nested >= nested; from = from->next) {
		if (from->nested != nested)
			continue;
		if (is_meant(word, from, index))
			return from;
		if (from->maybe)
			return NULL;
		index++;
	}
	return NULL;
}

/* "ENTRY", or "SUBMENU>ENTRY". */
static const struct bootentry *find_path(struct arena *arena, const struct bootentry *entries,
					 const char *path)
{
	const char *arrow = strchr(path, '>');
	const struct bootentry *entry;
	const char *first = arrow ? arena_strndup(arena, path, (size_t)(arrow - path)) : path;

	entry = find_entry(entries, false, *first ? first : "0");
	if (entry && arrow)
		entry = entry->submenu ? find_entry(entry->next, true, arrow + 1) : NULL;
	return entry && entry->submenu ? NULL : entry;
}

/* The one entry that `default` comes to, whatever it depends on; or NULL. */
static const struct bootentry *default_entry(struct bootscript *script)
{
	struct boottext text = bootscript_value(script, "default");
	const struct bootentry *entry = NULL;
	struct strv words = {0};
	size_t named = 0;

	if (!boottext_flatten(script, &text, &words))
		return NULL;
	for (size_t i = 0; i < words.count; i++)
		named += *words.at[i] != '\0';
	for (size_t i = 0; i < words.count; i++) {
		const struct bootentry *meant;

		/* Not set in one branch, and set in the other. */
		if (!*words.at[i] && named)
			continue;
		meant = find_path(script->arena, script->entries, words.at[i]);
		if (!meant || (entry && meant != entry))
			return NULL;
		entry = meant;
	}
	return entry;
}

/* A grub.cfg with menu entries: what its default entry gives the kernel. */
static void take_default_entry(struct bootscript *script, const char *path, struct cmdline *cmdline)
{
	const struct bootentry *entry = default_entry(script);

	cmdline->source = path;
	if (!entry || !entry->source) {
		cmdline->unknown =
			arena_printf(script->arena,
				     "which entry of %s boots is for the boot loader to say", path);
		return;
	}
	cmdline->source = entry->source;
	boottext_arguments(script->arena, &entry->linux_arguments, cmdline);
}

static int take_script(struct places *places, const struct place *place, struct cmdline *cmdline)
{
	struct bootscript script;
	struct boottext value;
	int found;

	start(&script, places, place->variable && !str_ends(place->path, "grub.cfg"));
	found = follow(places->host, &script, place->path);
	if (found > 0 && place->variable) {
		value = bootscript_value(&script, place->variable);
		boottext_arguments(places->host->arena, &value, cmdline);
	} else if (found > 0 && script.entries) {
		take_default_entry(&script, place->path, cmdline);
	}
	bootscript_end(&script);
	return found;
}

static int take_plain(struct host *host, const char *path, struct cmdline *cmdline)
{
	cleanup(text) struct host_text text = {0};
	int error = host_read(host, path, 0, &text);

	if (error)
		return cmdline_is_absent(error) ? 0 : error;
	cmdline_parse(host->arena, text.data, path, false, cmdline);
	return 1;
}

int cmdline_in_profile(struct host *host, struct cmdline *cmdline)
{
	struct places places = places_of(host, &host->os->arguments);
	bool any = false;

	for (size_t i = 0; i < places.count && !cmdline->unknown; i++) {
		const struct place *place = &places.at[i];
		int found = is_script(place) ? take_script(&places, place, cmdline)
					     : take_plain(host, place->path, cmdline);

		if (found < 0)
			return cmdline_give_up(host, cmdline, place->path, found);
		if (found && !cmdline->source)
			cmdline->source = place->path;
		any = any || found;
	}
	return any;
}

int cmdline_in_grub(struct host *host, struct cmdline *cmdline)
{
	static const char *const paths[] = {"/boot/grub/grub.cfg", "/boot/grub2/grub.cfg"};
	struct places none = {.host = host};

	for (size_t i = 0; i < N(paths); i++) {
		const struct place place = {paths[i], NULL};
		int found = take_script(&none, &place, cmdline);

		if (found < 0)
			return cmdline_give_up(host, cmdline, paths[i], found);
		if (found && (cmdline->source || cmdline->unknown))
			return 1;
	}
	return 0;
}

/* Pieces of shell that follow one another, and the variables that they leave. */
static int take_shell(struct host *host, const struct strv *paths, const char *const *variables,
		      struct cmdline *cmdline)
{
	struct places none = {.host = host};
	struct bootscript script;
	int found = 0;
	bool set = false;

	start(&script, &none, true);
	for (size_t i = 0; i < paths->count && found >= 0; i++) {
		found = follow(host, &script, paths->at[i]);
		if (found < 0)
			cmdline_give_up(host, cmdline, paths->at[i], found);
	}
	for (; *variables && found >= 0; variables++) {
		struct boottext value = bootscript_value(&script, *variables);

		set = set || bootscript_var(&script, *variables);
		boottext_arguments(host->arena, &value, cmdline);
	}
	bootscript_end(&script);
	return set || found < 0;
}

static int take_shell_dir(struct host *host, const char *first, const char *dir,
			  const char *const *variables, struct cmdline *cmdline)
{
	const char *const dirs[] = {dir, NULL};
	struct strv paths = {0}, more = {0};
	int error = host_dropins(host, dirs, ".cfg", &more);

	if (error)
		return cmdline_give_up(host, cmdline, dir, error);
	if (first)
		strv_push(&paths, host->arena, first);
	for (size_t i = 0; i < more.count; i++)
		strv_push(&paths, host->arena, more.at[i]);
	if (!take_shell(host, &paths, variables, cmdline))
		return 0;
	cmdline->source = first ? first : dir;
	return 1;
}

/* What kernel-install(8) and the makers of images build loader entries from. */
int cmdline_in_kernel_install(struct host *host, struct cmdline *cmdline)
{
	static const char *const paths[] = {"/etc/kernel/cmdline", "/usr/lib/kernel/cmdline"};
	static const char *const dirs[] = {"/etc/cmdline.d", "/etc/kernel/cmdline.d",
					   "/usr/lib/kernel/cmdline.d", NULL};
	static const char *const variables[] = {"CMDLINE_LINUX", NULL};
	struct strv files = {0};
	int found = 0, error;

	for (size_t i = 0; i < N(paths) && !found; i++) {
		found = take_plain(host, paths[i], cmdline);
		if (found < 0)
			return cmdline_give_up(host, cmdline, paths[i], found);
		if (found)
			cmdline->source = paths[i];
	}
	error = host_dropins(host, dirs, ".conf", &files);
	if (error)
		return cmdline_give_up(host, cmdline, "cmdline.d", error);
	for (size_t i = 0; i < files.count; i++) {
		error = take_plain(host, files.at[i], cmdline);
		if (error < 0)
			return cmdline_give_up(host, cmdline, files.at[i], error);
		cmdline->source = cmdline->source ? cmdline->source : files.at[i];
	}
	return cmdline->source ||
	       take_shell_dir(host, NULL, "/etc/kernel/cmdline.d", variables, cmdline);
}

/* What grub-mkconfig(8) makes grub.cfg from. */
int cmdline_in_default_grub(struct host *host, struct cmdline *cmdline)
{
	static const char *const variables[] = {"GRUB_CMDLINE_LINUX", "GRUB_CMDLINE_LINUX_DEFAULT",
						NULL};

	return take_shell_dir(host, "/etc/default/grub", "/etc/default/grub.d", variables, cmdline);
}

/* Appends a text in which `$NAME` and `${NAME}` are variables of the script. */
static void expand(struct bootscript *script, const char *text, struct boottext *ret_text)
{
	static const char letters[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789";

	while (*text) {
		size_t length = strcspn(text, "$"), braces, name;
		struct boottext value;

		boottext_add(script, ret_text, text, length);
		text += length;
		if (!*text)
			return;
		braces = text[1] == '{';
		text += 1 + braces;
		name = strspn(text, letters);
		value = bootscript_value(script, arena_strndup(script->arena, text, name));
		boottext_append(script, ret_text, &value);
		text += name;
		text += braces && *text == '}';
	}
}

void cmdline_expand(struct host *host, const char *dir, const struct bls_entry *entry,
		    struct cmdline *cmdline)
{
	static const char *const names[] = {"grub2/grub.cfg", "grub/grub.cfg", "grub2/grubenv",
					    "grub/grubenv"};
	struct places none = {.host = host};
	struct boottext text = {0};
	struct bootscript script;
	bool any = false;

	start(&script, &none, false);
	for (size_t i = 0; i < N(names); i++) {
		int found = follow(host, &script,
				   arena_printf(host->arena, "%s/%s", dir, names[i]));

		any = any || found > 0;
		/* What cannot be read may say anything. */
		script.losses += found < 0;
	}
	script.losses += !any;
	script.file = entry->source;
	expand(&script, entry->options, &text);
	boottext_arguments(host->arena, &text, cmdline);
	bootscript_end(&script);
}
