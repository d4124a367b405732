#include "host/files/crawl.h"

#include "host/files/file_system.h"
#include "host/files/memory.h"
#include "host/host.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/vfs.h>

/* A large piece of a listing takes few system calls; a small one, where many directories wait
 * already, keeps those few that it adds. */
#define LARGE_PIECE ((size_t)64 * 1024)
#define SMALL_PIECE ((size_t)1024)
#define MANY_WAIT ((size_t)4096)

/* More threads than that get in each other's way; two are worth it on one processor, too. */
#define LEAST_THREADS 2u
#define MOST_THREADS 4u
#define THREAD_STACK ((size_t)512 * 1024)

#define LOOK (STATX_TYPE | STATX_MODE | STATX_UID | STATX_GID | STATX_INO)

static int look_at(const struct crawl_dir *dir, const char *name, struct statx *ret_stat)
{
	const int flags = AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_STATX_DONT_SYNC;

	return statx(dir->fd, name, flags, LOOK | STATX_MNT_ID, ret_stat) ? -errno : 0;
}

static uint64_t mount_of(const struct statx *stat)
{
	return stat->stx_mask & STATX_MNT_ID ? stat->stx_mnt_id : 0;
}

/*
 * Nobody listed the mount that begins here: it is new, or this is an image. To ask what it is takes
 * a descriptor, but one for which nothing is opened, and no automounter woken. An overlay that
 * comes while a host runs is a container's, but for one right below the root.
 */
static int ask_mount(struct crawl_worker *worker, const struct crawl_entry *entry,
		     struct crawl_mount *ret_mount)
{
	cleanup(fd) int fd = openat(entry->dir->fd, entry->name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	enum file_system_kind kind;
	bool live = worker->crawl->host->live, container;
	const char *type;
	struct statfs fs;

	if (fd < 0 || fstatfs(fd, &fs))
		return -errno;
	kind = file_system_by_magic((unsigned long)fs.f_type, &type);
	container = live && kind == FILE_SYSTEM_OVERLAY &&
		    strchr(crawl_path(worker, entry->dir, entry->name) + 1, '/');
	*ret_mount = (struct crawl_mount){
		.stop = kind == FILE_SYSTEM_NETWORK || kind == FILE_SYSTEM_PSEUDO || container,
		.fleeting = live && kind == FILE_SYSTEM_FLEETING,
		.why = kind == FILE_SYSTEM_NETWORK || container ? type : NULL,
	};
	return 0;
}

/* Another file system, or another mount, begins at a directory: what of it? */
static int cross(struct crawl_worker *worker, const struct crawl_entry *entry,
		 struct crawl_mount *ret_mount)
{
	const struct crawl *crawl = worker->crawl;
	uint64_t id = mount_of(&entry->stat);
	const struct crawl_mount *known = crawl_mount(crawl, id);

	/* Before Linux 5.8 nobody tells the number, but what is mounted there is listed. */
	if (!known && !id)
		known = crawl_mount_at(crawl, crawl_path(worker, entry->dir, entry->name));
	if (!known)
		return ask_mount(worker, entry, ret_mount);
	*ret_mount = *known;
	return 0;
}

static bool is_crossing(const struct crawl_dir *dir, const struct statx *stat)
{
	return mount_of(stat) != dir->mount || stat->stx_dev_major != dir->major ||
	       stat->stx_dev_minor != dir->minor;
}

/* Puts a directory on the stack, with what its marks and its mount say. */
static int push(struct crawl_worker *worker, const struct crawl_entry *entry, uint64_t scope,
		bool fleeting)
{
	struct crawl_dir *dir = crawl_dir_new(worker->crawl, (struct crawl_dir *)entry->dir,
					      entry->name, strlen(entry->name));

	if (!dir)
		return -E2BIG;
	dir->scope = scope;
	dir->fleeting = fleeting;
	dir->mount = mount_of(&entry->stat);
	dir->major = entry->stat.stx_dev_major;
	dir->minor = entry->stat.stx_dev_minor;
	if (crawl_push(&worker->stack, dir))
		return 0;
	crawl_dir_close(dir->parent);
	crawl_dir_done(worker->crawl, dir);
	return -ENOMEM;
}

static void descend(struct crawl_worker *worker, const struct crawl_entry *entry,
		    const struct crawl_mark *mark, const struct crawl_mount *mount)
{
	uint64_t scope = (entry->dir->scope | mark->scope) & ~mark->except;
	int error;

	if (mount->stop) {
		crawl_leave_out(worker, entry->dir, entry->name, mount->why);
		return;
	}
	if (mark->stop) {
		crawl_leave_out(worker, entry->dir, entry->name, mark->why);
		return;
	}
	if (!scope)
		return;
	error = push(worker, entry, scope, mount->fleeting);
	if (error)
		crawl_fail(worker, entry->dir, entry->name, scope, error);
}

/* What is known of a directory; nothing for most. */
static struct crawl_mark find_mark(struct crawl_worker *worker, const struct crawl_entry *entry)
{
	const struct crawl *crawl = worker->crawl;
	const struct crawl_mark *found = crawl->marked ? crawl_marked(crawl, &entry->stat) : NULL;
	struct crawl_mark mark = {0};

	if (!found)
		return mark;
	mark = *found;
	if (mark.path && !str_eq(mark.path, crawl_path(worker, entry->dir, entry->name)))
		mark.scope = mark.except = 0;
	return mark;
}

/* The directory itself belongs to what it begins, and to a question that begins with it. */
static void consider_directory(struct crawl_worker *worker, struct crawl_entry *entry,
			       uint64_t candidates)
{
	const struct crawl *crawl = worker->crawl;
	const struct crawl_mark mark = find_mark(worker, entry);
	struct crawl_mount mount = {.fleeting = entry->dir->fleeting};
	int error = is_crossing(entry->dir, &entry->stat) ? cross(worker, entry, &mount) : 0;

	if (error == -ENOENT)
		return;
	if (error) {
		crawl_fail(worker, entry->dir, entry->name, entry->dir->scope, error);
		return;
	}
	entry->fleeting = mount.fleeting;
	if (mark.scope)
		candidates |= crawl_candidates(crawl, mark.scope, DT_DIR, entry->name,
					       strlen(entry->name));
	if (mark.scope && mount.fleeting)
		crawl_begin_fleeting(worker->crawl, mark.scope);
	if (candidates && !mount.stop)
		crawl_look(worker, entry, candidates);
	descend(worker, entry, &mark, &mount);
}

/* What cannot even be looked at may be something that would be left out anyway: FUSE of a user. */
static void fail(struct crawl_worker *worker, const struct crawl_entry *entry, int error)
{
	const struct crawl_dir *dir = entry->dir;
	const struct crawl_mount *mount;

	if (error == -ENOENT)
		return;
	mount = crawl_mount_at(worker->crawl, crawl_path(worker, dir, entry->name));
	if (mount && mount->stop)
		return;
	crawl_fail(worker, dir, entry->name, dir->scope, error);
}

/* One name of a listing. Most of them need no more than their metadata, and many not even that. */
static void consider(struct crawl_worker *worker, const struct crawl_dir *dir,
		     const struct dirent64 *listed)
{
	struct crawl_entry entry = {.dir = dir, .name = listed->d_name, .fleeting = dir->fleeting};
	size_t length = strlen(listed->d_name);
	uint64_t candidates;
	int error;

	candidates = crawl_candidates(worker->crawl, dir->scope, listed->d_type, entry.name,
				      length);
	if (!candidates && listed->d_type != DT_DIR && listed->d_type != DT_UNKNOWN)
		return;
	error = look_at(dir, entry.name, &entry.stat);
	if (error) {
		fail(worker, &entry, error);
		return;
	}
	if (IFTODT(entry.stat.stx_mode) != listed->d_type)
		candidates = crawl_candidates(worker->crawl, dir->scope,
					      IFTODT(entry.stat.stx_mode), entry.name, length);
	if (S_ISDIR(entry.stat.stx_mode))
		consider_directory(worker, &entry, candidates);
	else if (candidates)
		crawl_look(worker, &entry, candidates);
}

static bool is_dots(const char *name)
{
	return name[0] == '.' && (!name[1] || (name[1] == '.' && !name[2]));
}

static void consider_piece(struct crawl_worker *worker, const struct crawl_dir *dir, size_t size)
{
	for (size_t at = 0; at < size;) {
		const struct dirent64 *listed = (const void *)(worker->buffer + at);

		if (!is_dots(listed->d_name))
			consider(worker, dir, listed);
		at += listed->d_reclen;
	}
}

/* No link is followed: what was a directory when it was listed has to be one still. */
static int open_dir(struct crawl_dir *dir)
{
	const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK;
	int fd = openat(dir->parent->fd, dir->name, flags);

	if (fd < 0)
		return errno == ELOOP || errno == ENOTDIR ? -ESTALE : -errno;
	dir->fd = fd;
	return 0;
}

/*
 * Puts a directory that is not read to its end below what was found in it, so that this is looked
 * into first and few wait.
 */
static bool put_off(struct crawl_stack *stack, struct crawl_dir *dir, size_t place)
{
	if (!crawl_push(stack, dir))
		return false;
	memmove(stack->at + place + 1, stack->at + place,
		(stack->count - 1 - place) * sizeof(*stack->at));
	stack->at[place] = dir;
	return true;
}

/* Reads on in a directory. Returns whether it is done with. */
static bool read_on(struct crawl_worker *worker, struct crawl_dir *dir)
{
	struct crawl_stack *stack = &worker->stack;

	for (;;) {
		size_t place = stack->count;
		size_t piece = place > MANY_WAIT ? SMALL_PIECE : LARGE_PIECE;
		ssize_t size = getdents64(dir->fd, worker->buffer, piece);

		if (size < 0 && errno != ENOENT)
			crawl_fail(worker, dir, NULL, dir->scope, -errno);
		if (size <= 0)
			return true;
		consider_piece(worker, dir, (size_t)size);
		if (stack->count > MANY_WAIT && put_off(stack, dir, place)) {
			crawl_share(worker);
			return false;
		}
		crawl_share(worker);
	}
}

static void visit(struct crawl_worker *worker, struct crawl_dir *dir)
{
	int error = 0;

	worker->path_of = NULL;
	if (dir->fd < 0) {
		error = open_dir(dir);
		if (error && error != -ENOENT)
			crawl_fail(worker, dir->parent, dir->name, dir->scope, error);
		crawl_dir_close(dir->parent);
	}
	if (!error && !read_on(worker, dir))
		return;
	crawl_dir_close(dir);
	crawl_dir_done(worker->crawl, dir);
}

static void *work(void *data)
{
	struct crawl_worker *worker = data;
	struct crawl_dir *dir;

	while ((dir = crawl_next(worker)))
		visit(worker, dir);
	return NULL;
}

static bool worker_init(struct crawl_worker *worker, struct crawl *crawl)
{
	worker->crawl = crawl;
	worker->path_of = NULL;
	worker->buffer = memory_grow(NULL, LARGE_PIECE);
	worker->stack = (struct crawl_stack){.at = memory_grow(NULL, sizeof(struct crawl_dir *)),
					     .space = 1};
	return worker->buffer && worker->stack.at;
}

static void worker_free(struct crawl_worker *worker)
{
	free(worker->buffer);
	free(worker->stack.at);
}

/* Starts one more thread. Without it the others do its work. */
static bool worker_start(struct crawl_worker *worker)
{
	struct crawl *crawl = worker->crawl;
	pthread_attr_t attributes;
	bool started;

	pthread_mutex_lock(&crawl->lock);
	crawl->workers++;
	pthread_mutex_unlock(&crawl->lock);
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, THREAD_STACK);
	started = !pthread_create(&worker->thread, &attributes, work, worker);
	pthread_attr_destroy(&attributes);
	if (started)
		return true;
	pthread_mutex_lock(&crawl->lock);
	crawl->workers--;
	pthread_cond_broadcast(&crawl->work);
	pthread_mutex_unlock(&crawl->lock);
	return false;
}

static unsigned count_threads(void)
{
	cpu_set_t processors;
	unsigned count = LEAST_THREADS;

	if (!sched_getaffinity(0, sizeof(processors), &processors))
		count = (unsigned)CPU_COUNT(&processors);
	return count < LEAST_THREADS ? LEAST_THREADS : count > MOST_THREADS ? MOST_THREADS : count;
}

/* A directory stays open while others in it wait: of those there are as many as a tree is deep. */
static void allow_descriptors(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur >= limit.rlim_max)
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

/* The directory itself is looked at, too, by its own name; `find` has one even for the root. */
static int begin(struct crawl *crawl, struct crawl_dir *dir, uint64_t scope)
{
	struct crawl_worker worker = {.crawl = crawl};
	const char *name = strrchr(dir->name, '/') + 1;
	struct crawl_entry entry = {.dir = dir, .name = *name ? name : "/", .start = true};
	const int flags = AT_EMPTY_PATH | AT_STATX_DONT_SYNC;
	const struct crawl_mount *mount;

	if (statx(dir->fd, "", flags, LOOK | STATX_MNT_ID, &entry.stat))
		return -errno;
	dir->mount = mount_of(&entry.stat);
	dir->major = entry.stat.stx_dev_major;
	dir->minor = entry.stat.stx_dev_minor;
	mount = dir->mount ? crawl_mount(crawl, dir->mount) : crawl_mount_at(crawl, dir->name);
	entry.fleeting = dir->fleeting = mount && mount->fleeting;
	dir->scope = scope;
	if (dir->fleeting)
		crawl_begin_fleeting(crawl, scope);
	crawl_look(&worker, &entry,
		   crawl_candidates(crawl, scope, DT_DIR, entry.name, strlen(entry.name)));
	return crawl_push(&crawl->shared, dir) ? 0 : -ENOMEM;
}

int crawl_start(struct crawl *crawl, int fd, const char *path, uint64_t scope)
{
	struct crawl_dir *dir = crawl_dir_new(crawl, NULL, path, strlen(path));
	int error;

	if (!dir) {
		close(fd);
		return -ENOMEM;
	}
	dir->fd = fd;
	error = begin(crawl, dir, scope);
	if (!error)
		return 0;
	crawl_dir_close(dir);
	crawl_dir_done(crawl, dir);
	return error;
}

int crawl_run(struct crawl *crawl)
{
	struct crawl_worker *workers = calloc(MOST_THREADS, sizeof(*workers));
	unsigned wanted = count_threads(), count = 0;

	if (!workers)
		return -ENOMEM;
	allow_descriptors();
	crawl->workers = 1;
	while (count < wanted && worker_init(&workers[count], crawl)) {
		if (count && !worker_start(&workers[count]))
			break;
		count++;
	}
	if (count)
		work(&workers[0]);
	for (unsigned i = 1; i < count; i++)
		pthread_join(workers[i].thread, NULL);
	for (unsigned i = 0; i < wanted; i++)
		worker_free(&workers[i]);
	free(workers);
	free(crawl->shared.at);
	return count ? 0 : -ENOMEM;
}
