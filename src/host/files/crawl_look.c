/* What becomes of one file: which questions hold for it, and what is kept of that. */
#include "host/files/crawl.h"
#include "host/files/memory.h"
#include "host/host.h"

#include <errno.h>

static const char *const cut_mark = " (and on)";

uint64_t crawl_candidates(const struct crawl *crawl, uint64_t scope, unsigned type,
			  const char *name, size_t length)
{
	return scope & crawl->by_type[type & 15] & crawl->by_first[(unsigned char)name[0]] &
	       crawl->by_last[(unsigned char)name[length - 1]];
}

static void prepare_bytes(uint64_t table[256], unsigned char byte, uint64_t bit)
{
	for (unsigned i = 0; i < 256; i++)
		if (!byte || i == byte)
			table[i] |= bit;
}

void crawl_prepare(struct crawl *crawl)
{
	pthread_mutex_init(&crawl->lock, NULL);
	pthread_cond_init(&crawl->work, NULL);
	for (size_t i = 0; i < crawl->count; i++) {
		const struct predicate *predicate = &crawl->questions[i];
		uint64_t bit = UINT64_C(1) << i;

		for (unsigned type = 0; type < 16; type++)
			if (predicate->types & 1u << type)
				crawl->by_type[type] |= bit;
		prepare_bytes(crawl->by_first, predicate_first(predicate), bit);
		prepare_bytes(crawl->by_last, predicate_last(predicate), bit);
		crawl->traits |= predicate->traits;
		if (predicate->traits)
			crawl->by_trait |= bit;
		if (predicate->traits & TRAIT_CAPABILITIES)
			crawl->capabilities |= bit;
	}
	crawl_prepare_xattrs(crawl);
	/* Types that a listing does not tell. */
	crawl->by_type[DT_UNKNOWN] = UINT64_MAX;
}

static bool has_id(const struct crawl_ids *ids, uint32_t id)
{
	size_t low = 0, high = ids->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (ids->at[middle] == id)
			return true;
		if (ids->at[middle] < id)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

/* The first half of the path stands in the buffer already when several names of it are told. */
static void write_path(struct crawl_worker *worker, const struct crawl_dir *dir)
{
	size_t total = 0, end;

	for (const struct crawl_dir *at = dir; at; at = at->parent)
		total += at->length +
			 (at->parent && at->parent->name[at->parent->length - 1] != '/');
	worker->path_of = dir;
	worker->path_length = total < sizeof(worker->path) ? total : sizeof(worker->path);
	for (end = total; dir; dir = dir->parent) {
		size_t start = end - dir->length;

		for (size_t i = start; i < end && i < sizeof(worker->path); i++)
			worker->path[i] = dir->name[i - start];
		end = start;
		if (!dir->parent || dir->parent->name[dir->parent->length - 1] == '/')
			continue;
		if (--end < sizeof(worker->path))
			worker->path[end] = '/';
	}
}

/* No system call takes a path that is longer: it is marked, lest it be taken for another. */
static const char *cut_path(struct crawl_worker *worker)
{
	const size_t place = sizeof(worker->path) - 1 - strlen(cut_mark);

	memcpy(worker->path + place, cut_mark, strlen(cut_mark) + 1);
	if (worker->path_length < sizeof(worker->path))
		worker->path_of = NULL;
	return worker->path;
}

const char *crawl_path(struct crawl_worker *worker, const struct crawl_dir *dir, const char *name)
{
	size_t length = name ? strlen(name) : 0, end, room;

	if (worker->path_of != dir)
		write_path(worker, dir);
	end = worker->path_length;
	if (name && end < sizeof(worker->path) && worker->path[end - 1] != '/')
		worker->path[end++] = '/';
	room = sizeof(worker->path) - end;
	if (length >= room) {
		memcpy(worker->path + end, name ? name : "", room < length ? room : length);
		return cut_path(worker);
	}
	memcpy(worker->path + end, name ? name : "", length);
	worker->path[end + length] = '\0';
	return worker->path;
}

static void note_failure(struct crawl_answer *answer, const char *path, int error)
{
	answer->failures++;
	if (answer->failed_path && strcmp(answer->failed_path, path) <= 0)
		return;
	free(answer->failed_path);
	answer->failed_path = memory_copy(path);
	answer->error = error;
}

void crawl_fail(struct crawl_worker *worker, const struct crawl_dir *dir, const char *name,
		uint64_t scope, int error)
{
	struct crawl *crawl = worker->crawl;
	const char *path = crawl_path(worker, dir, name);

	pthread_mutex_lock(&crawl->lock);
	for (size_t i = 0; i < crawl->count; i++)
		if (scope & UINT64_C(1) << i)
			note_failure(&crawl->answers[i], path, error);
	pthread_mutex_unlock(&crawl->lock);
}

void crawl_begin_fleeting(struct crawl *crawl, uint64_t scope)
{
	pthread_mutex_lock(&crawl->lock);
	for (size_t i = 0; i < crawl->count; i++)
		if (scope & UINT64_C(1) << i)
			crawl->answers[i].fleeting = true;
	pthread_mutex_unlock(&crawl->lock);
}

void crawl_leave_out(struct crawl_worker *worker, const struct crawl_dir *dir, const char *name,
		     const char *why)
{
	struct crawl *crawl = worker->crawl;
	const char *path = why ? crawl_path(worker, dir, name) : "";
	char text[FOUND_LONGEST + 64];
	const struct found found = {.path = text};

	if (!why)
		return;
	snprintf(text, sizeof(text), "%s (%s)", path, why);
	pthread_mutex_lock(&crawl->lock);
	/* It is only told; if memory runs out, it is not. */
	if (found_add(&crawl->left, &found))
		crawl->left.lasting--;
	pthread_mutex_unlock(&crawl->lock);
}

/* Capabilities count where somebody may execute the file; only then it is worth the call. */
static unsigned trait_of_capabilities(struct crawl_worker *worker, const struct crawl_entry *entry,
				      uint64_t candidates)
{
	struct crawl *crawl = worker->crawl;
	int found;

	if (entry->capabilities)
		return TRAIT_CAPABILITIES;
	if (!(candidates & crawl->capabilities) || !S_ISREG(entry->stat.stx_mode) ||
	    !(entry->stat.stx_mode & (S_IXUSR | S_IXGRP | S_IXOTH)) || entry->dir->fd < 0)
		return 0;
	found = crawl_capabilities(crawl, entry);
	if (found < 0)
		crawl_fail(worker, entry->dir, entry->name, candidates & crawl->capabilities,
			   found);
	return found > 0 ? TRAIT_CAPABILITIES : 0;
}

/* A character device 0:0 is no device: overlayfs leaves it in place of a deleted file. */
static bool is_device(const struct statx *stat)
{
	if (S_ISBLK(stat->stx_mode))
		return true;
	return S_ISCHR(stat->stx_mode) && (stat->stx_rdev_major || stat->stx_rdev_minor);
}

static unsigned traits_of(const struct crawl *crawl, const struct statx *stat)
{
	unsigned traits = predicate_traits(stat->stx_mode);

	if (crawl->traits & TRAIT_UNOWNED && !has_id(&crawl->users, stat->stx_uid))
		traits |= TRAIT_UNOWNED;
	if (crawl->traits & TRAIT_UNGROUPED && !has_id(&crawl->groups, stat->stx_gid))
		traits |= TRAIT_UNGROUPED;
	if (crawl->traits & TRAIT_DEVICE && is_device(stat))
		traits |= TRAIT_DEVICE;
	return traits;
}

static void keep(struct crawl_worker *worker, const struct crawl_entry *entry, uint64_t holding)
{
	struct crawl *crawl = worker->crawl;
	const struct statx *stat = &entry->stat;
	const struct found found = {
		.path = crawl_path(worker, entry->dir, entry->start ? NULL : entry->name),
		.mode = stat->stx_mode,
		.uid = stat->stx_uid,
		.gid = stat->stx_gid,
		.fleeting = entry->fleeting,
	};

	pthread_mutex_lock(&crawl->lock);
	for (size_t i = 0; i < crawl->count; i++) {
		struct crawl_answer *answer = &crawl->answers[i];
		int error = holding & UINT64_C(1) << i ? found_add(&answer->found, &found) : 0;

		if (error)
			note_failure(answer, found.path, error);
	}
	pthread_mutex_unlock(&crawl->lock);
}

void crawl_look(struct crawl_worker *worker, const struct crawl_entry *entry, uint64_t candidates)
{
	const struct crawl *crawl = worker->crawl;
	unsigned traits = traits_of(crawl, &entry->stat);
	uint64_t holding = 0;

	traits |= trait_of_capabilities(worker, entry, candidates);
	if (!(traits & crawl->traits))
		candidates &= ~crawl->by_trait;
	for (; candidates; candidates &= candidates - 1) {
		unsigned i = (unsigned)__builtin_ctzll(candidates);

		if (predicate_holds(&crawl->questions[i], entry->name, entry->stat.stx_mode,
				    traits))
			holding |= UINT64_C(1) << i;
	}
	if (holding)
		keep(worker, entry, holding);
}
