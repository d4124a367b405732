#include "host/audit/audit_load.h"

#include "host/audit/audit_lib.h"
#include "host/users.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>

/* What is taken of files of rules; the kernel takes fewer in any sensible time. */
#define LINES 16384

/* auditctl reads so much of a line, and takes the rest for the next one. */
#define LINE_SIZE 6144

/* The architecture of the host's own auditctl, whose tables count when it loads. */
static uint32_t arch_of(struct host *host)
{
	static const char *const programs[] = {"/usr/sbin/auditctl", "/sbin/auditctl",
					       "/usr/bin/auditctl"};
	Elf32_Ehdr head;

	for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++) {
		cleanup(fd) int fd = host_open(host, programs[i], 0);
		uint32_t arch;

		if (fd < 0 || pread(fd, &head, sizeof(head), 0) != sizeof(head) ||
		    memcmp(head.e_ident, ELFMAG, SELFMAG) != 0)
			continue;
		arch = head.e_machine;
		arch |= head.e_ident[EI_CLASS] == ELFCLASS64 ? __AUDIT_ARCH_64BIT : 0;
		arch |= head.e_ident[EI_DATA] == ELFDATA2LSB ? __AUDIT_ARCH_LE : 0;
		if (audit_lib_knows(arch))
			return arch;
	}
	return audit_lib_this_arch();
}

struct audit_names audit_names_of(struct host *host)
{
	return (struct audit_names){
		.arena = host->arena,
		.arch = arch_of(host),
		.users = users_get(host),
		.groups = groups_get(host),
	};
}

static const char *parent_of(struct host *host, const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == path ? "/" : arena_strndup(host->arena, path, (size_t)(slash - path));
}

/* The kernel follows all links of a directory's path, of a file's only those before its name. */
static bool resolve(struct host *host, struct audit_condition *condition, bool watch)
{
	const char *path = condition->text, *parent = parent_of(host, path);
	struct statx stat;
	char *real;
	bool directory = !host_stat(host, path, true, &stat) && S_ISDIR(stat.stx_mode);

	if (watch && directory)
		condition->type = AUDIT_DIR;
	if (condition->type == AUDIT_DIR) {
		if (!host_canonical(host, path, &real))
			condition->real = real;
		return host_exists(host, path);
	}
	if (!host_canonical(host, parent, &real))
		condition->real = arena_printf(host->arena, "%s/%s", str_eq(real, "/") ? "" : real,
					       strrchr(path, '/') + 1);
	return !host_stat(host, parent, true, &stat);
}

bool audit_rule_resolve(struct host *host, struct audit_rule *rule)
{
	bool there = true;

	for (size_t i = 0; i < rule->count; i++) {
		struct audit_condition *condition = &rule->at[i];
		bool place = condition->type == AUDIT_WATCH || condition->type == AUDIT_DIR ||
			     condition->type == AUDIT_EXE;

		if (place && condition->text && condition->text[0] == '/' &&
		    !resolve(host, condition, rule->watch))
			there = false;
	}
	return there;
}

/* A load, as it goes on. */
struct load {
	struct host *host;
	struct audit_names names;
	struct audit_state *state;
	bool tolerates;    /* an error does not end it */
	const char *maybe; /* why the lines from here on may not be loaded */
};

static bool is_locked(const struct audit_state *state)
{
	const struct audit_value *enabled = &state->values[AUDIT_SET_ENABLED];

	return enabled->known && enabled->value == 2;
}

/* A line fails. Returns whether the load goes on. */
static bool fail(struct load *load, const char *source, const char *why)
{
	if (load->tolerates)
		return true;
	/* Where it may not even have got so far, nothing is certain. */
	if (!load->maybe && !load->state->stopped)
		load->state->stopped = arena_printf(load->host->arena, "%s: %s", source, why);
	return false;
}

/* It is not known whether a line fails. */
static void doubt(struct load *load, const char *source, const char *why)
{
	const char *text = arena_printf(load->host->arena, "%s: %s", source, why);

	if (!load->state->doubt)
		load->state->doubt = text;
	if (!load->tolerates && !load->maybe)
		load->maybe = text;
}

static bool change_settings(struct load *load, const struct audit_line *line, const char *source)
{
	for (unsigned i = 0; i < N_AUDIT_SETTINGS; i++) {
		struct audit_value *value = &load->state->values[i];

		if (!(line->sets & 1u << i))
			continue;
		if (is_locked(load->state))
			return fail(load, source, "the settings are locked by -e 2");
		*value = (struct audit_value){
			.known = !load->maybe,
			.value = line->values[i],
			.source = source,
			.why = load->maybe,
		};
	}
	return true;
}

static const struct audit_rule *find_same(const struct audit_rules *rules,
					  const struct audit_rule *rule)
{
	for (size_t i = 0; i < rules->count; i++)
		if (audit_rule_same(&rules->at[i], rule))
			return &rules->at[i];
	return NULL;
}

static bool add_rule(struct load *load, struct audit_rule *rule)
{
	const struct audit_rule *same;
	bool there;

	if (is_locked(load->state))
		return fail(load, rule->source, "the rules are locked by -e 2");
	there = audit_rule_resolve(load->host, rule);
	rule->maybe = load->maybe;
	if (!there) {
		doubt(load, rule->source, "its directory is not there");
		rule->maybe = load->maybe ? load->maybe : load->state->doubt;
	}
	same = find_same(&load->state->rules, rule);
	if (same && !same->maybe)
		return fail(load, rule->source, "the same rule stands before");
	audit_rules_add(&load->state->rules, load->host->arena, rule);
	return true;
}

static bool delete_rule(struct load *load, struct audit_rule *rule)
{
	struct audit_rules *rules = &load->state->rules;
	const struct audit_rule *same;
	size_t at;

	if (is_locked(load->state))
		return fail(load, rule->source, "the rules are locked by -e 2");
	audit_rule_resolve(load->host, rule);
	same = find_same(rules, rule);
	if (!same)
		return fail(load, rule->source, "there is no such rule to delete");
	at = (size_t)(same - rules->at);
	if (load->maybe)
		rules->at[at].maybe = load->maybe;
	else
		memmove(rules->at + at, rules->at + at + 1,
			(--rules->count - at) * sizeof(*rules->at));
	return true;
}

static bool clear_rules(struct load *load, const struct audit_line *line, const char *source)
{
	struct audit_rules *rules = &load->state->rules;

	if (is_locked(load->state))
		return fail(load, source, "the rules are locked by -e 2");
	if (!load->maybe) {
		audit_rules_clear(rules, line->clear_key);
		return true;
	}
	for (size_t i = 0; i < rules->count; i++)
		if (!line->clear_key || audit_rule_has_keys(&rules->at[i], line->clear_key))
			rules->at[i].maybe = load->maybe;
	return true;
}

/* Returns whether the load goes on. */
static bool apply(struct load *load, const struct audit_text_line *text)
{
	struct audit_line line;

	if (strlen(text->text) >= LINE_SIZE) {
		doubt(load, text->source, "the line is longer than auditctl reads");
		return true;
	}
	audit_line_parse(&load->names, arena_strdup(load->host->arena, text->text), &line);
	line.rule.source = text->source;
	if (line.tolerates)
		load->tolerates = true;
	if (line.sets && !change_settings(load, &line, text->source))
		return false;
	if (line.clears && !clear_rules(load, &line, text->source))
		return false;
	if (line.doubt)
		doubt(load, text->source, line.doubt);
	else if (line.error)
		return fail(load, text->source, line.error);
	else if (line.adds)
		return add_rule(load, &line.rule);
	else if (line.deletes)
		return delete_rule(load, &line.rule);
	return true;
}

void audit_load(struct host *host, const struct audit_text *text, struct audit_state *state)
{
	struct load load = {.host = host, .names = audit_names_of(host), .state = state};

	/* auditctl looks before it begins. */
	if (is_locked(state))
		return;
	if (text->count > LINES) {
		state->unknown = "there are more lines of audit rules than hostaudit reads";
		return;
	}
	if (text->error) {
		state->unknown = text->problem;
		return;
	}
	for (size_t i = 0; i < text->count; i++)
		if (!apply(&load, &text->at[i]))
			return;
}

int audit_ask_rule(struct host *host, const char *text, struct audit_rule *ret_rule,
		   const char **ret_why)
{
	struct audit_names names = audit_names_of(host);
	struct audit_line line;

	audit_line_parse(&names, arena_strdup(host->arena, text), &line);
	if (!line.adds) {
		*ret_why = line.error ? line.error : line.doubt ? line.doubt : "it is no rule";
		return -EINVAL;
	}
	/* A watch of a check is of a file or of a directory, whatever the host has there now. */
	audit_rule_resolve(host, &line.rule);
	*ret_rule = line.rule;
	return 0;
}
