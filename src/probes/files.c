/* Searches: which files below a directory have something in common? One walk answers all rules. */
#include "host/files/predicate.h"
#include "host/files/search.h"
#include "host/users.h"
#include "host/xattrs.h"
#include "probes/probe.h"

/* The order of the fields; the tellers below have the same. */
enum { PATH, MODE, OWNER, GROUP, TYPE, CAPABILITIES, COUNT };

static const struct field fields[] = {
	[PATH] = {"path", VALUE_STRING, ASPECT_BOTH, "of each file that is found"},
	[MODE] = {"mode", VALUE_MODE, ASPECT_BOTH, "its permission bits, in octal"},
	[OWNER] = {"owner", VALUE_STRING, ASPECT_BOTH, "name by the host's own passwd, or number"},
	[GROUP] = {"group", VALUE_STRING, ASPECT_BOTH, "name by the host's own group, or number"},
	[TYPE] = {"type", VALUE_STRING, ASPECT_BOTH,
		  "file, directory, symlink, fifo, socket, block or char"},
	[CAPABILITIES] = {"capabilities", VALUE_STRING, ASPECT_BOTH, "as getcap prints them"},
	[COUNT] = {"count", VALUE_SCALAR, ASPECT_BOTH, "how many there are"},
	{0},
};

/* A search, as a question about it is answered. */
struct telling {
	struct host *host;
	const struct search *search;
	struct facts *facts;
	unsigned aspects; /* that were asked for */
};

static bool tell_path(struct telling *telling, const struct found *found, const char **ret_text)
{
	(void)telling;
	*ret_text = found->path;
	return true;
}

static bool tell_mode(struct telling *telling, const struct found *found, const char **ret_text)
{
	*ret_text = arena_printf(telling->facts->arena, "%04o", found->mode & 07777u);
	return true;
}

static bool tell_account(struct telling *telling, const struct accounts *accounts, unsigned id,
			 const char **ret_text)
{
	int error = account_name(telling->facts->arena, accounts, id, ret_text);

	if (error)
		*ret_text = arena_printf(telling->facts->arena, "%u, and %s: %s", id,
					 accounts->error_file, host_error(error));
	return !error;
}

static bool tell_owner(struct telling *telling, const struct found *found, const char **ret_text)
{
	return tell_account(telling, users_get(telling->host), found->uid, ret_text);
}

static bool tell_group(struct telling *telling, const struct found *found, const char **ret_text)
{
	return tell_account(telling, groups_get(telling->host), found->gid, ret_text);
}

static bool tell_type(struct telling *telling, const struct found *found, const char **ret_text)
{
	(void)telling;
	*ret_text = file_type_name(found->mode);
	return true;
}

static bool tell_capabilities(struct telling *telling, const struct found *found,
			      const char **ret_text)
{
	int error = 0;

	*ret_text = NULL;
	if (S_ISREG(found->mode))
		error = xattrs_capabilities(telling->host, found->path, ret_text);
	if (error)
		*ret_text = host_error(error);
	else if (!*ret_text)
		*ret_text = "none";
	return !error;
}

/* Each writes a value, or the reason why there is none. */
static bool (*const tellers[])(struct telling *telling, const struct found *found,
			       const char **ret_text) = {
	[PATH] = tell_path,   [MODE] = tell_mode, [OWNER] = tell_owner,
	[GROUP] = tell_group, [TYPE] = tell_type, [CAPABILITIES] = tell_capabilities,
};

static void tell_one(struct telling *telling, const struct field *field, const struct found *found)
{
	unsigned aspects = telling->aspects & (found->fleeting ? ASPECT_RUNNING : ASPECT_BOTH);
	const char *text;

	if (!aspects)
		return;
	if (tellers[field ? field - fields : PATH](telling, found, &text))
		fact_value(telling->facts, (enum aspect)aspects, found->path, text, NULL);
	else
		fact_unknown(telling->facts, (enum aspect)aspects, found->path, NULL, "%s", text);
}

static size_t count_all(const struct search *search, unsigned aspect)
{
	size_t count = search->found->lasting;

	return aspect & ASPECT_RUNNING ? count + search->found->fleeting : count;
}

static size_t count_told(const struct search *search, unsigned aspect)
{
	size_t count = 0;

	for (size_t i = 0; i < search->found->count; i++)
		count += aspect & ASPECT_RUNNING || !search->found->at[i].fleeting;
	return count;
}

static const char *source_of(const struct telling *telling)
{
	const char *left_out = telling->search->left_out;

	return left_out ? arena_printf(telling->facts->arena, "left out: %s", left_out) : NULL;
}

/* What keeps an aspect from being told in full. */
static void tell_gaps(struct telling *telling, enum aspect aspect, bool listed)
{
	const struct search *search = telling->search;
	size_t rest = count_all(search, aspect) - count_told(search, aspect);

	if (search->failures)
		fact_unknown(telling->facts, aspect, search->subject, search->failed,
			     "cannot look at %s%s: %s", search->failed,
			     search->failures > 1
				     ? arena_printf(telling->facts->arena, " and %zu more places",
						    search->failures - 1)
				     : "",
			     search->failed_why);
	if (rest && listed)
		fact_unknown(telling->facts, aspect, search->subject, NULL,
			     "%zu more are found, and not told one by one", rest);
}

/* What one aspect comes to beyond what was told file by file. */
static void tell_aspect(struct telling *telling, const struct field *field, enum aspect aspect)
{
	const struct search *search = telling->search;
	size_t count = count_all(search, aspect);

	tell_gaps(telling, aspect, field != &fields[COUNT]);
	if (field == &fields[COUNT] && !search->failures)
		fact_value(telling->facts, aspect, search->subject,
			   arena_printf(telling->facts->arena, "%zu", count), source_of(telling));
	else if (field != &fields[COUNT] && !count && !search->failures)
		fact_absent(telling->facts, aspect, search->subject, source_of(telling));
}

/* Of both aspects at once where there is no difference between them. */
static void tell_rest(struct telling *telling, const struct field *field)
{
	if (telling->aspects == ASPECT_BOTH && telling->search->found->fleeting) {
		tell_aspect(telling, field, ASPECT_RUNNING);
		tell_aspect(telling, field, ASPECT_CONFIGURED);
	} else {
		tell_aspect(telling, field, (enum aspect)telling->aspects);
	}
}

/* Owners, devices and attributes get lost where somebody unpacks an image without being root. */
static const char *lost(struct host *host, const struct search *search)
{
	const unsigned traits = TRAIT_UNOWNED | TRAIT_UNGROUPED | TRAIT_DEVICE | TRAIT_CAPABILITIES;
	struct statx stat;

	if (host->live || !(search->traits & traits))
		return NULL;
	if (!host_stat(host, "/", true, &stat) && !stat.stx_uid)
		return NULL;
	return "the tree belongs to a user, so it was unpacked without the image's owners";
}

static void tell_missing(struct telling *telling, const struct field *field)
{
	static const char *const source = "there is no such directory";
	const char *subject = telling->search->subject;

	if (field == &fields[COUNT])
		fact_value(telling->facts, (enum aspect)telling->aspects, subject, "0", source);
	else
		fact_absent(telling->facts, (enum aspect)telling->aspects, subject, source);
}

static void look(struct host *host, const struct question *question, struct facts *ret_facts)
{
	const struct search *search = search_get(host, question->subject);
	struct telling telling = {host, search, ret_facts, question->aspects};
	const char *why = search->why ? search->why : lost(host, search);

	if (search->fleeting)
		telling.aspects &= ASPECT_RUNNING;
	if (!telling.aspects)
		return;
	if (why) {
		fact_unknown(ret_facts, (enum aspect)telling.aspects, question->subject, NULL, "%s",
			     why);
		return;
	}
	if (search->missing) {
		tell_missing(&telling, question->field);
		return;
	}
	for (size_t i = 0; i < search->found->count && question->field != &fields[COUNT]; i++)
		tell_one(&telling, question->field, &search->found->at[i]);
	tell_rest(&telling, question->field);
}

const struct probe probe_files = {
	.name = "files",
	.summary = "searches the tree: set-uid, world-writable, unowned files and the like",
	.subject = "TERM[,TERM...][:DIRECTORY]",
	.example = "files set-uid:/ only /usr/bin/su /usr/bin/sudo",
	.fields = fields,
	.presence = true,
	.refuse = search_refuse,
	.announce = search_announce,
	.look = look,
};
