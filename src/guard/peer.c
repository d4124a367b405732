#include "guard/peer.h"

#include "guard/parts.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <unistd.h>

/* One request at a time: the program has one other thread. */
static struct {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	pid_t process; /* that the thread belongs to: none of a child of ours; 0: there is none */
	enum { STARTING, IDLE, ASKED, ANSWERED, GONE } state;
	int dir;
	struct peer_link *links;
	size_t count;
	int error; /* why the thread could not be confined */
} peer = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

static void read_links(int dir, struct peer_link *links, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct peer_link *link = &links[i];
		ssize_t length = readlinkat(dir, link->path, link->text, sizeof(link->text));

		link->length = length < 0 ? -errno : length;
		if (link->length == (ssize_t)sizeof(link->text))
			link->length = -ENAMETOOLONG;
		link->text[link->length < 0 ? 0 : link->length] = '\0';
	}
}

static void serve(void)
{
	while (peer.state != ASKED)
		pthread_cond_wait(&peer.changed, &peer.lock);
	read_links(peer.dir, peer.links, peer.count);
	peer.state = ANSWERED;
	pthread_cond_broadcast(&peer.changed);
}

static void *run(void *nothing)
{
	int error;

	(void)nothing;
	error = guard_capabilities_peer();
	error = error ? error : guard_seccomp_peer();
	pthread_mutex_lock(&peer.lock);
	peer.error = error;
	peer.state = error ? GONE : IDLE;
	pthread_cond_broadcast(&peer.changed);
	if (error) {
		pthread_mutex_unlock(&peer.lock);
		return NULL;
	}
	/* To the end of the program. */
	for (;;)
		serve();
}

int peer_start(void)
{
	pthread_t thread;
	int error;

	peer.state = STARTING;
	error = pthread_create(&thread, NULL, run, NULL);
	if (error)
		return -error;
	pthread_detach(thread);
	pthread_mutex_lock(&peer.lock);
	while (peer.state == STARTING)
		pthread_cond_wait(&peer.changed, &peer.lock);
	peer.process = peer.state == IDLE ? getpid() : 0;
	error = peer.state == IDLE ? 0 : peer.error;
	pthread_mutex_unlock(&peer.lock);
	return error;
}

void peer_readlinks(int dir, struct peer_link *links, size_t count)
{
	if (peer.process != getpid()) {
		read_links(dir, links, count);
		return;
	}
	pthread_mutex_lock(&peer.lock);
	peer.dir = dir;
	peer.links = links;
	peer.count = count;
	peer.state = ASKED;
	pthread_cond_broadcast(&peer.changed);
	while (peer.state != ANSWERED)
		pthread_cond_wait(&peer.changed, &peer.lock);
	peer.state = IDLE;
	pthread_mutex_unlock(&peer.lock);
}
