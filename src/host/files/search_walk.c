/* One walk for many searches: where it begins, what it leaves out, and what came of it. */
#include "host/files/crawl.h"
#include "host/files/file_system.h"
#include "host/files/runtimes.h"
#include "host/files/search_parts.h"
#include "host/mounts/mount_next.h"
#include "host/resolve.h"
#include "host/users.h"

#include <errno.h>
#include <fcntl.h>

struct search_run {
	struct crawl *crawl;
	struct search_question *at[CRAWL_MOST]; /* in the order of the crawl's questions */
};

static uint64_t bit(size_t index)
{
	return UINT64_C(1) << index;
}

static bool is_within(const char *path, const char *dir)
{
	size_t length = strlen(dir);

	if (str_eq(dir, "/"))
		return true;
	return !strncmp(path, dir, length) && (!path[length] || path[length] == '/');
}

/* Finds the directory. Returns whether there is something to walk. */
static bool find_dir(struct host *host, struct search_question *question)
{
	struct search *search = &question->search;
	struct statx stat;
	char *place;
	int error = host_canonical(host, search->dir, &place);

	if (!error)
		error = host_stat(host, place, true, &stat);
	search->missing = error == -ENOENT || error == -ENOTDIR;
	if (error && !search->missing)
		search->why = arena_printf(host->arena, "cannot look into %s: %s", search->dir,
					   host_error(error));
	if (error)
		return false;
	search->dir = place;
	if (!S_ISDIR(stat.stx_mode))
		search->why = arena_printf(host->arena, "%s is no directory", place);
	return S_ISDIR(stat.stx_mode);
}

static int compare_ids(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

/* The ids that files may belong to. 0 is always one. */
static struct crawl_ids ids_of(struct arena *arena, const struct accounts *accounts)
{
	struct crawl_ids ids = {.count = accounts->count + 1};

	ids.at = arena_alloc(arena, ids.count * sizeof(*ids.at));
	for (size_t i = 0; i < accounts->count; i++)
		ids.at[i + 1] = accounts->at[i].id;
	qsort(ids.at, ids.count, sizeof(*ids.at), compare_ids);
	return ids;
}

/* Without all accounts nobody can tell what belongs to none. */
static bool lacks_accounts(struct host *host, struct search_question *question)
{
	const struct accounts *users = users_get(host), *groups = groups_get(host);
	const struct accounts *broken = NULL;

	if (question->predicate.traits & TRAIT_UNOWNED && users->error)
		broken = users;
	if (question->predicate.traits & TRAIT_UNGROUPED && groups->error)
		broken = groups;
	if (broken)
		question->search.why = arena_printf(host->arena, "cannot read %s: %s",
						    broken->error_file, host_error(broken->error));
	return broken;
}

static bool is_made_at_boot(struct host *host, const char *path)
{
	struct mount_next next;

	if (str_eq(path, "/dev") || str_eq(path, "/proc") || str_eq(path, "/sys"))
		return true;
	next = mount_next(host, path);
	return next.state == MOUNT_MADE && file_system_by_name(next.type) != FILE_SYSTEM_LASTING;
}

/* What every boot mounts there hides whatever an image has at that place. */
static void mark_made_at_boot(struct search_run *run, const char *path)
{
	struct crawl *crawl = run->crawl;
	const struct crawl_mark mark = {.stop = true};

	if (!is_made_at_boot(crawl->host, path))
		return;
	crawl_mark(crawl, path, &mark);
	for (size_t i = 0; i < crawl->count; i++)
		if (is_within(run->at[i]->search.dir, path))
			crawl->answers[i].fleeting = true;
}

static void mark_places(struct search_run *run)
{
	static const char *const early[] = {"/dev", "/proc", "/run", "/sys", "/tmp"};
	struct crawl *crawl = run->crawl;
	const struct runtime_roots *roots = runtime_roots(crawl->host);
	struct crawl_mark dev = {0};

	crawl_read_mounts(crawl);
	for (size_t i = 0; i < sizeof(early) / sizeof(early[0]) && !crawl->host->live; i++)
		mark_made_at_boot(run, early[i]);
	for (size_t i = 0; i < roots->count; i++)
		crawl_mark_container(crawl, roots->at[i].path, roots->at[i].name);
	for (size_t i = 0; i < crawl->count; i++)
		if (crawl->questions[i].traits & TRAIT_DEVICE)
			dev.except |= bit(i);
	crawl_mark(crawl, "/dev", &dev);
}

/* Does a walk that begins at `start` come to a directory below it, or is that left out? */
static bool is_reached(struct crawl *crawl, const char *start, const char *dir)
{
	for (const char *slash = dir + strlen(start); *slash; slash += strcspn(slash, "/")) {
		const struct crawl_mark *mark = NULL;
		const struct crawl_mount *mount;
		const char *path;
		struct statx stat;

		slash += strspn(slash, "/");
		path = arena_strndup(crawl->host->arena, dir,
				     (size_t)(slash - dir) + strcspn(slash, "/"));
		mount = crawl_mount_at(crawl, path);
		if (mount && mount->stop)
			return false;
		if (!host_stat(crawl->host, path, true, &stat))
			mark = crawl_marked(crawl, &stat);
		if (mark && mark->stop)
			return false;
	}
	return true;
}

/* An image's own place of something that lies elsewhere by its layout. */
static void mark_hidden(struct crawl *crawl, const char *name)
{
	const struct crawl_mark mark = {.stop = true};
	struct host *seamed = crawl->host, own = *seamed;

	own.lower = own.var = -1;
	crawl->host = &own;
	crawl_mark(crawl, name, &mark);
	crawl->host = seamed;
}

static int start_at(struct crawl *crawl, const char *dir, uint64_t scope)
{
	struct host *host = crawl->host;
	int fd;

	if (host->lower != -1 && is_within(dir, "/etc"))
		return crawl_door(crawl, dir, scope);
	fd = host_open(host, dir, O_DIRECTORY);
	return fd < 0 ? fd : crawl_start(crawl, fd, dir, scope);
}

/* What an image has in two halves, or beside its tree, is walked for itself. */
static int start_seams(struct crawl *crawl, const char *dir, uint64_t scope)
{
	struct host *host = crawl->host;
	int error = 0;

	if (!str_eq(dir, "/"))
		return 0;
	if (host->lower != -1) {
		mark_hidden(crawl, "/etc");
		error = start_at(crawl, "/etc", scope);
	}
	if (host->var >= 0 && !error) {
		mark_hidden(crawl, "/var");
		error = start_at(crawl, "/var", scope);
	}
	return error == -ENOENT ? 0 : error;
}

static void start(struct search_run *run, const char *dir, uint64_t scope)
{
	struct crawl *crawl = run->crawl;
	int error = start_seams(crawl, dir, scope);

	if (!error)
		error = start_at(crawl, dir, scope);
	for (size_t i = 0; i < crawl->count && error; i++)
		if (scope & bit(i))
			run->at[i]->search.why = arena_printf(crawl->host->arena,
							      "cannot look into %s: %s", dir,
							      host_error(error));
}

/* The questions in the order of their directories, so that an outer one comes first. */
static int compare_dirs(const void *a, const void *b)
{
	const struct search_question *const *x = a, *const *y = b;

	return strcmp((*x)->search.dir, (*y)->search.dir);
}

/*
 * Finds the directories where walks begin: those of the questions, but for those that a walk which
 * begins further out comes to anyway; there the question begins on the way.
 */
static void start_all(struct search_run *run)
{
	struct crawl *crawl = run->crawl;
	uint64_t scopes[CRAWL_MOST] = {0};

	for (size_t i = 0; i < crawl->count; i++) {
		const char *dir = run->at[i]->search.dir;
		struct crawl_mark mark = {.scope = bit(i)};
		size_t outer = 0;

		while (outer < i && !(scopes[outer] && is_within(dir, run->at[outer]->search.dir) &&
				      is_reached(crawl, run->at[outer]->search.dir, dir)))
			outer++;
		if (outer < i && !str_eq(dir, run->at[outer]->search.dir))
			crawl_mark(crawl, dir, &mark);
		else
			scopes[outer] |= bit(i);
	}
	for (size_t i = 0; i < crawl->count; i++)
		if (scopes[i])
			start(run, run->at[i]->search.dir, scopes[i]);
}

static const char *left_out_of(const struct crawl *crawl, const char *dir)
{
	enum { MOST_TOLD = 8 };
	struct arena *arena = crawl->host->arena;
	struct strv told = {0};
	size_t within = 0;

	for (size_t i = 0; i < crawl->left.count; i++) {
		if (!is_within(crawl->left.at[i].path, dir))
			continue;
		if (++within <= MOST_TOLD)
			strv_push(&told, arena, crawl->left.at[i].path);
	}
	if (within > MOST_TOLD)
		strv_push(&told, arena, arena_printf(arena, "%zu more", within - MOST_TOLD));
	return within ? strv_join(&told, arena, ", ") : NULL;
}

static void finish(struct search_run *run, size_t index)
{
	struct crawl *crawl = run->crawl;
	struct crawl_answer *answer = &crawl->answers[index];
	struct search *search = &run->at[index]->search;

	found_finish(&answer->found, crawl->host->arena);
	search->found = &answer->found;
	search->fleeting = answer->fleeting;
	search->failures = answer->failures;
	if (answer->failures) {
		search->failed = arena_strdup(crawl->host->arena,
					      answer->failed_path ? answer->failed_path : "");
		search->failed_why = host_error(answer->error);
	}
	free(answer->failed_path);
	search->left_out = left_out_of(crawl, search->dir);
}

static void walk(struct search_run *run)
{
	struct crawl *crawl = run->crawl;
	int error;

	crawl_prepare(crawl);
	mark_places(run);
	start_all(run);
	error = crawl_run(crawl);
	found_finish(&crawl->left, crawl->host->arena);
	for (size_t i = 0; i < crawl->count; i++) {
		if (error)
			run->at[i]->search.why = host_error(error);
		finish(run, i);
	}
	pthread_cond_destroy(&crawl->work);
	pthread_mutex_destroy(&crawl->lock);
}

void search_walk(struct host *host, struct search_question **questions, size_t count)
{
	struct search_run run = {.crawl = arena_new(host->arena, struct crawl)};
	struct crawl *crawl = run.crawl;

	crawl->host = host;
	crawl->users = ids_of(host->arena, users_get(host));
	crawl->groups = ids_of(host->arena, groups_get(host));
	for (size_t i = 0; i < count; i++) {
		questions[i]->answered = true;
		if (find_dir(host, questions[i]) && !lacks_accounts(host, questions[i]))
			run.at[crawl->count++] = questions[i];
	}
	if (!crawl->count)
		return;
	qsort(run.at, crawl->count, sizeof(*run.at), compare_dirs);
	for (size_t i = 0; i < crawl->count; i++)
		crawl->questions[i] = run.at[i]->predicate;
	walk(&run);
}
