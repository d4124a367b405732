#include "host/boot/loader.h"

#include "host/boot/bootscript.h"
#include "host/boot/cmdline_ways.h"
#include "host/os.h"

#include <errno.h>
#include <strings.h>

#define N(array) (sizeof(array) / sizeof((array)[0]))

static bool is_one_of(const char *word, const char *const *words)
{
	for (; *words; words++)
		if (!strcasecmp(word, *words))
			return true;
	return false;
}

/* As parse_boolean() of systemd-boot: 1, 0, or -1 for what it does not take. */
static int to_bool(const char *word)
{
	static const char *const yes[] = {"1", "yes", "y", "true", "t", "on", NULL};
	static const char *const no[] = {"0", "no", "n", "false", "f", "off", NULL};

	return is_one_of(word, yes) ? 1 : is_one_of(word, no) ? 0 : -1;
}

/* "KEY VALUE", the value in quotes or not; the last one counts. */
void loader_conf_parse(char *text, struct loader_conf *ret_conf)
{
	struct loader_conf conf = {.editor = true};
	char *line;

	for (unsigned number = 1; (line = str_next_line(&text)); number++) {
		char *value, *end;
		int answer;

		line = str_trim(line);
		value = line + strcspn(line, " \t");
		if (*line == '#' || !*value)
			continue;
		*value++ = '\0';
		value += strspn(value, " \t");
		end = value + strlen(value);
		if (*value == '"' && end > value + 1 && end[-1] == '"') {
			end[-1] = '\0';
			value++;
		}
		answer = str_eq(line, "editor") ? to_bool(value) : -1;
		if (answer >= 0)
			conf = (struct loader_conf){answer, number};
	}
	*ret_conf = conf;
}

/* What was found out about the boot loader; each half is told alone. */
struct loader {
	struct finding password, editor;
};

static void both(struct loader *loader, struct finding finding)
{
	loader->password = finding;
	loader->editor = finding;
}

/* Is the word known to the last letter? The byte \1 stands for what is not. */
static bool is_known(const struct strv *texts)
{
	for (size_t i = 0; i < texts->count; i++)
		if (strchr(texts->at[i], '\1'))
			return false;
	return texts->count > 0;
}

/*
 * What Fedora and its kin have grub-mkconfig(8) write: root becomes a superuser where user.cfg
 * beside the script gives GRUB2_PASSWORD a value.
 */
static const char by_user_cfg[] = "### BEGIN /etc/grub.d/01_users ###\n"
				  "if [ -f ${prefix}/user.cfg ]; then\n"
				  "  source ${prefix}/user.cfg\n"
				  "  if [ -n \"${GRUB2_PASSWORD}\" ]; then\n"
				  "    set superusers=\"root\"\n"
				  "    export superusers\n"
				  "    password_pbkdf2 root ${GRUB2_PASSWORD}\n"
				  "  fi\n"
				  "fi\n";

/* Is that all that a grub.cfg has to say of superusers? Then user.cfg decides. */
static bool asks_user_cfg(const char *text)
{
	static const char set[] = "superusers=";
	const char *block = strstr(text, by_user_cfg), *first = strstr(text, set);

	return block && (block == text || block[-1] == '\n') && first > block &&
	       !strstr(first + strlen(set), set);
}

static void ask_user_cfg(struct host *host, const char *grub, struct loader *loader)
{
	const char *path = arena_printf(host->arena, "%.*s/user.cfg",
					(int)(strrchr(grub, '/') - grub), grub);
	struct bootscript script;
	struct boottext text;
	struct strv values = {0};
	int there = cmdline_follow_grub(host, path, &script);

	text = bootscript_value(&script, "GRUB2_PASSWORD");
	if (there < 0)
		both(loader, not_known(path, arena_printf(host->arena, "it cannot be read: %s",
							  host_error(there))));
	else if (!there)
		both(loader, found(NULL, grub));
	else if (!boottext_flatten(&script, &text, &values) || values.count != 1 ||
		 strchr(values.at[0], '\1'))
		both(loader, not_known(path, "what GRUB2_PASSWORD is depends on more than it "
					     "tells"));
	else
		both(loader, found(*values.at[0] ? values.at[0] : NULL, path));
	bootscript_end(&script);
	if (loader->editor.why)
		return;
	loader->password.value = loader->password.value &&
						 str_starts(loader->password.value, "grub.pbkdf2.")
					 ? "pbkdf2"
					 : "none";
	loader->editor.value = loader->editor.value ? "closed" : "open";
}

/* The best password of one of the superusers. */
static struct finding best_password(const struct bootscript *script, const struct strv *users)
{
	const struct bootpassword *plain = NULL, *doubt = NULL;

	for (const struct bootpassword *at = script->passwords; at; at = at->next) {
		if (!strv_has(users, at->user))
			continue;
		if (at->maybe)
			doubt = at;
		else if (at->hashed && str_starts(at->secret, "grub.pbkdf2."))
			return found("pbkdf2", at->source);
		else if (!at->hashed)
			plain = at;
	}
	if (doubt)
		return not_known(doubt->source, "the password is set on a condition");
	return plain ? found("plain", plain->source) : found("none", script->file);
}

/* Who is a superuser, as a list of texts: one if that is certain. */
static void read_users(struct host *host, struct bootscript *script, const char *path,
		       struct loader *loader)
{
	struct boottext text = bootscript_value(script, "superusers");
	struct strv texts = {0}, users = {0};
	size_t named = 0;

	if (!boottext_flatten(script, &text, &texts) || !is_known(&texts)) {
		both(loader, not_known(path, "whom it makes superusers depends on more than it "
					     "tells"));
		return;
	}
	for (size_t i = 0; i < texts.count; i++) {
		named += *texts.at[i] != '\0';
		strv_split(&users, host->arena, texts.at[i], " ,;|&");
	}
	if (!named && (texts.count > 1 || !bootscript_var(script, "superusers"))) {
		both(loader, found("none", path));
		loader->editor.value = "open";
		return;
	}
	if (texts.count > 1) {
		both(loader, not_known(path, "it sets superusers on a condition"));
		return;
	}
	/* superusers="" is nobody, so that nothing can be edited at all. */
	loader->editor = found("closed", path);
	loader->password = best_password(script, &users);
}

/* What one of several files is: the one with the menu is what GRUB begins with. */
enum rank { NOT_THERE, A_PART, HAS_MENU };

static enum rank ask_grub(struct host *host, const char *path, struct loader *loader)
{
	cleanup(text) struct host_text text = {0};
	struct bootscript script;
	int error = host_read(host, path, 0, &text), there;
	enum rank rank = HAS_MENU;

	if (cmdline_is_absent(error))
		return NOT_THERE;
	if (!error && asks_user_cfg(text.data)) {
		ask_user_cfg(host, path, loader);
		return HAS_MENU;
	}
	there = cmdline_follow_grub(host, path, &script);
	if (there > 0) {
		read_users(host, &script, path, loader);
		rank = script.entries ? HAS_MENU : A_PART;
	} else {
		both(loader, not_known(path, arena_printf(host->arena, "it cannot be read: %s",
							  host_error(there))));
	}
	bootscript_end(&script);
	return rank;
}

/* Where grub.cfg may lie: those that the os-profile names, and the usual places. */
static void list_grub(struct host *host, struct strv *ret_paths)
{
	static const char *const globs[] = {"/boot/efi/EFI/*/grub.cfg", "/efi/EFI/*/grub.cfg",
					    "/boot/EFI/*/grub.cfg"};
	const struct strv *places = &host->os->arguments;

	for (size_t i = 0; i < places->count; i++) {
		const char *colon = strrchr(places->at[i], ':');
		const char *path = colon ? arena_strndup(host->arena, places->at[i],
							 (size_t)(colon - places->at[i]))
					 : places->at[i];

		if (str_ends(path, "/grub.cfg"))
			strv_push(ret_paths, host->arena, path);
	}
	strv_push(ret_paths, host->arena, "/boot/grub/grub.cfg");
	strv_push(ret_paths, host->arena, "/boot/grub2/grub.cfg");
	for (size_t i = 0; i < N(globs); i++) {
		struct strv more = {0};

		if (host_glob(host, globs[i], &more))
			continue;
		for (size_t k = 0; k < more.count; k++)
			strv_push(ret_paths, host->arena, more.at[k]);
	}
}

/* The partition that systemd-boot lies on; NULL without it. */
static const char *find_systemd_boot(struct host *host)
{
	static const char *const dirs[] = {"/efi", "/boot", "/boot/efi"};

	for (size_t i = 0; i < N(dirs); i++) {
		struct strv paths = {0};
		const char *glob = arena_printf(host->arena, "%s/EFI/systemd/systemd-boot*.efi",
						dirs[i]);

		if (!host_glob(host, glob, &paths) && paths.count)
			return dirs[i];
	}
	return NULL;
}

static void ask_systemd_boot(struct host *host, const char *dir, struct loader *loader)
{
	const char *path = arena_printf(host->arena, "%s/loader/loader.conf", dir);
	struct loader_conf conf = {.editor = true};
	cleanup(text) struct host_text text = {0};
	int error = host_read(host, path, 0, &text);

	if (error && !cmdline_is_absent(error)) {
		both(loader, not_known(path, arena_printf(host->arena, "it cannot be read: %s",
							  host_error(error))));
		return;
	}
	if (!error)
		loader_conf_parse(text.data, &conf);
	loader->password = found("none", "systemd-boot has no passwords");
	loader->editor = found(conf.editor ? "open" : "closed",
			       conf.line ? arena_printf(host->arena, "%s:%u", path, conf.line)
					 : "default of systemd-boot");
}

static const void *load(struct host *host)
{
	struct loader *loader = arena_new(host->arena, struct loader);
	const char *dir = find_systemd_boot(host);
	enum rank grub = NOT_THERE;
	struct strv paths = {0};

	/* Menus that come from loader entries are in no grub.cfg: the first one counts then. */
	list_grub(host, &paths);
	for (size_t i = 0; i < paths.count && grub != HAS_MENU; i++) {
		struct loader one = {0};
		enum rank rank = ask_grub(host, paths.at[i], &one);

		if (rank > grub)
			*loader = one;
		grub = rank > grub ? rank : grub;
	}
	if (grub && dir)
		both(loader, not_known(dir, "both GRUB and systemd-boot are there"));
	else if (dir)
		ask_systemd_boot(host, dir, loader);
	else if (!grub)
		both(loader, not_known(NULL, "no boot loader that is known is to be seen here"));
	return loader;
}

struct finding loader_password(struct host *host)
{
	const struct loader *loader = host_view(host, load);

	return loader->password;
}

struct finding loader_editor(struct host *host)
{
	const struct loader *loader = host_view(host, load);

	return loader->editor;
}
