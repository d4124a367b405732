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
	const char *path;
	char *buffer;
	size_t size;
	ssize_t answer; /* of readlinkat, or why the thread could not be confined */
} peer = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

static ssize_t read_link(int dir, const char *path, char *buffer, size_t size)
{
	ssize_t length = readlinkat(dir, path, buffer, size);

	return length < 0 ? -errno : length;
}

static void serve(void)
{
	while (peer.state != ASKED)
		pthread_cond_wait(&peer.changed, &peer.lock);
	peer.answer = read_link(peer.dir, peer.path, peer.buffer, peer.size);
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
	peer.answer = error;
	peer.state = error ? GONE : IDLE;
	pthread_cond_broadcast(&peer.changed);
	while (!error)
		serve();
	pthread_mutex_unlock(&peer.lock);
	return NULL;
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
	error = peer.state == IDLE ? 0 : (int)peer.answer;
	pthread_mutex_unlock(&peer.lock);
	return error;
}

ssize_t peer_readlink(int dir, const char *path, char *buffer, size_t size)
{
	ssize_t answer;

	if (peer.process != getpid())
		return read_link(dir, path, buffer, size);
	pthread_mutex_lock(&peer.lock);
	peer.dir = dir;
	peer.path = path;
	peer.buffer = buffer;
	peer.size = size;
	peer.state = ASKED;
	pthread_cond_broadcast(&peer.changed);
	while (peer.state != ANSWERED)
		pthread_cond_wait(&peer.changed, &peer.lock);
	answer = peer.answer;
	peer.state = IDLE;
	pthread_mutex_unlock(&peer.lock);
	return answer;
}
