#include "host/users.h"

#include "host/os.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

#define MOST_ACCOUNTS 65536

/* The next part of a line, up to a colon or its end. */
static const char *take_text(char **at)
{
	char *text = *at;

	*at += strcspn(text, ":");
	if (**at)
		*(*at)++ = '\0';
	return text;
}

/* The next part as a number. The C library allows blanks and a sign, but no more than 32 bits. */
static bool take_number(char **at, unsigned *ret_number)
{
	char *end;
	unsigned long number = strtoul(*at, &end, 10);

	if (end == *at || (*end && *end != ':') || number > UINT32_MAX)
		return false;
	*at = *end ? end + 1 : end;
	*ret_number = (unsigned)number;
	return true;
}

static bool is_of_nis(const char *line)
{
	return *line == '+' || *line == '-';
}

static bool parse_line(enum account_kind kind, char *line, struct account *account)
{
	if (!*line || *line == '#')
		return false;
	account->name = take_text(&line);
	account->password = take_text(&line);
	if (!take_number(&line, &account->id))
		return false;
	if (kind == ACCOUNT_GROUP) {
		account->members = line;
		return true;
	}
	if (!take_number(&line, &account->group))
		return false;
	take_text(&line);
	account->home = take_text(&line);
	account->shell = line;
	return true;
}

static void keep(struct arena *arena, struct accounts *accounts, const struct account *account)
{
	if (accounts->count == accounts->space) {
		size_t space = accounts->space ? accounts->space * 2 : 64;

		accounts->at = arena_grow(arena, accounts->at,
					  accounts->count * sizeof(*accounts->at),
					  space * sizeof(*accounts->at));
		accounts->space = space;
	}
	accounts->at[accounts->count++] = *account;
}

static void keep_nis(struct arena *arena, struct accounts *accounts, const struct account *account,
		     char *line)
{
	struct account *nis = arena_new(arena, struct account);

	*nis = *account;
	nis->name = take_text(&line);
	nis->next = accounts->nis;
	accounts->nis = nis;
	accounts->nis_count++;
}

int accounts_parse(struct arena *arena, enum account_kind kind, const char *file, char *text,
		   struct accounts *accounts)
{
	unsigned number = 0;
	char *line;

	while ((line = str_next_line(&text))) {
		struct account account = {.file = file, .line = ++number};

		line += strspn(line, STR_BLANKS);
		if (!is_of_nis(line) && !parse_line(kind, line, &account))
			continue;
		if (accounts->count + accounts->nis_count == MOST_ACCOUNTS)
			return -E2BIG;
		if (is_of_nis(line))
			keep_nis(arena, accounts, &account, line);
		else
			keep(arena, accounts, &account);
	}
	return 0;
}

/* A file that is not there has no accounts. */
static int read_file(struct host *host, enum account_kind kind, const char *dir, const char *name,
		     struct accounts *accounts)
{
	const char *path = arena_printf(host->arena, "%s/%s", dir, name);
	cleanup(text) struct host_text text = {0};
	int error = host_read(host, path, 0, &text);

	if (error == -ENOENT || error == -ENOTDIR)
		return 0;
	if (!error)
		error = accounts_parse(host->arena, kind, path,
				       arena_strndup(host->arena, text.data, text.size), accounts);
	if (error) {
		accounts->error = error;
		accounts->error_file = path;
	}
	return error;
}

/* In the order of `files usrfiles` in nsswitch.conf. */
static const struct accounts *load(struct host *host, enum account_kind kind, const char *name)
{
	struct accounts *accounts = arena_new(host->arena, struct accounts);
	const struct strv *dirs = &host->os->accounts;

	if (read_file(host, kind, "/etc", name, accounts))
		return accounts;
	for (size_t i = 0; i < dirs->count; i++)
		if (read_file(host, kind, dirs->at[i], name, accounts))
			break;
	return accounts;
}

static const void *load_users(struct host *host)
{
	return load(host, ACCOUNT_USER, "passwd");
}

static const void *load_groups(struct host *host)
{
	return load(host, ACCOUNT_GROUP, "group");
}

const struct accounts *users_get(struct host *host)
{
	return host_view(host, load_users);
}

const struct accounts *groups_get(struct host *host)
{
	return host_view(host, load_groups);
}

const struct account *account_find(const struct accounts *accounts, const char *name)
{
	for (size_t i = 0; i < accounts->count; i++)
		if (str_eq(accounts->at[i].name, name))
			return &accounts->at[i];
	return NULL;
}

static const struct account *find_id(const struct accounts *accounts, unsigned id)
{
	for (size_t i = 0; i < accounts->count; i++)
		if (accounts->at[i].id == id)
			return &accounts->at[i];
	return NULL;
}

/*
 * A hostile passwd must not call another user root, nor by a number or a name that is not its own.
 */
static bool is_own_name(const struct accounts *accounts, const struct account *account)
{
	if (!account->name[strspn(account->name, "0123456789")])
		return false;
	return !str_eq(account->name, "root") &&
	       account_find(accounts, account->name)->id == account->id;
}

int account_name(struct arena *arena, const struct accounts *accounts, unsigned id,
		 const char **ret_name)
{
	const struct account *account = find_id(accounts, id);

	if (!id)
		*ret_name = "root";
	else if (account && is_own_name(accounts, account))
		*ret_name = account->name;
	else if (!account && accounts->error)
		return accounts->error;
	else
		*ret_name = arena_printf(arena, "%u", id);
	return 0;
}
