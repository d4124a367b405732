/* Directories that wait: each thread has a stack of them, and gives to those that starve. */
#include "host/files/crawl.h"
#include "host/files/memory.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What directories that wait may take of memory: some hundred thousand of them. */
#define MOST_HELD ((size_t)32 * 1024 * 1024)

struct crawl_dir *crawl_dir_new(struct crawl *crawl, struct crawl_dir *parent, const char *name,
				size_t length)
{
	size_t size = sizeof(struct crawl_dir) + length + 1;
	struct crawl_dir *dir;

	if (atomic_fetch_add_explicit(&crawl->held, size, memory_order_relaxed) > MOST_HELD ||
	    !(dir = memory_grow(NULL, size))) {
		atomic_fetch_sub_explicit(&crawl->held, size, memory_order_relaxed);
		return NULL;
	}
	dir->parent = parent;
	atomic_init(&dir->users, 1);
	atomic_init(&dir->waiting, 1);
	dir->fd = -1;
	dir->length = length;
	memcpy(dir->name, name, length);
	dir->name[length] = '\0';
	if (parent) {
		atomic_fetch_add_explicit(&parent->users, 1, memory_order_relaxed);
		atomic_fetch_add_explicit(&parent->waiting, 1, memory_order_relaxed);
	}
	return dir;
}

/* Somebody needs the descriptor no more. */
void crawl_dir_close(struct crawl_dir *dir)
{
	if (atomic_fetch_sub_explicit(&dir->waiting, 1, memory_order_acq_rel) == 1 && dir->fd >= 0)
		close(dir->fd);
}

/* Nothing is left in it; the same may be true of those above it now. */
void crawl_dir_done(struct crawl *crawl, struct crawl_dir *dir)
{
	while (dir && atomic_fetch_sub_explicit(&dir->users, 1, memory_order_acq_rel) == 1) {
		struct crawl_dir *parent = dir->parent;

		atomic_fetch_sub_explicit(&crawl->held, sizeof(*dir) + dir->length + 1,
					  memory_order_relaxed);
		free(dir);
		dir = parent;
	}
}

bool crawl_push(struct crawl_stack *stack, struct crawl_dir *dir)
{
	if (stack->count == stack->space) {
		size_t space = stack->space ? stack->space * 2 : 64;
		struct crawl_dir **grown = memory_grow(stack->at,
						       space * sizeof(struct crawl_dir *));

		if (!grown)
			return false;
		stack->at = grown;
		stack->space = space;
	}
	stack->at[stack->count++] = dir;
	return true;
}

/* Moves the lower half, at least one: those nearest to the root, with the most below them. */
static void move_half(struct crawl_stack *from, struct crawl_stack *to)
{
	size_t wanted = (from->count + 1) / 2, moved = 0;

	while (moved < wanted && crawl_push(to, from->at[moved]))
		moved++;
	from->count -= moved;
	memmove(from->at, from->at + moved, from->count * sizeof(struct crawl_dir *));
}

void crawl_share(struct crawl_worker *worker)
{
	struct crawl *crawl = worker->crawl;

	if (worker->stack.count < 2 || !atomic_load_explicit(&crawl->idle, memory_order_relaxed))
		return;
	pthread_mutex_lock(&crawl->lock);
	if (!crawl->shared.count)
		move_half(&worker->stack, &crawl->shared);
	pthread_cond_broadcast(&crawl->work);
	pthread_mutex_unlock(&crawl->lock);
}

/* Waits until somebody shares. Nothing is left when everybody waits. */
static bool wait_for_work(struct crawl *crawl)
{
	atomic_fetch_add(&crawl->idle, 1);
	while (!crawl->shared.count && atomic_load(&crawl->idle) < crawl->workers)
		pthread_cond_wait(&crawl->work, &crawl->lock);
	if (!crawl->shared.count) {
		pthread_cond_broadcast(&crawl->work);
		return false;
	}
	atomic_fetch_sub(&crawl->idle, 1);
	return true;
}

struct crawl_dir *crawl_next(struct crawl_worker *worker)
{
	struct crawl *crawl = worker->crawl;

	if (!worker->stack.count) {
		bool more;

		pthread_mutex_lock(&crawl->lock);
		more = wait_for_work(crawl);
		if (more)
			move_half(&crawl->shared, &worker->stack);
		pthread_mutex_unlock(&crawl->lock);
		if (!more)
			return NULL;
	}
	return worker->stack.at[--worker->stack.count];
}
