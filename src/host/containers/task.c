#include "host/containers/task.h"
#include "host/resolve.h"

#include "guard/peer.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>

#define MOST_PROCESSES ((size_t)65536)

static const char *const links[N_NAMESPACES] = {
	[NS_CGROUP] = "ns/cgroup", [NS_IPC] = "ns/ipc",   [NS_MNT] = "ns/mnt", [NS_NET] = "ns/net",
	[NS_PID] = "ns/pid",       [NS_USER] = "ns/user", [NS_UTS] = "ns/uts",
};

static void read_one(int dir, enum namespace which, struct namespaces *namespaces)
{
	char *name = namespaces->name[which];
	ssize_t length = peer_readlink(dir, links[which], name, 31);

	namespaces->error[which] = length < 0 ? (int)length : 0;
	name[length < 0 ? 0 : length] = '\0';
}

void namespaces_read(int dir, bool all, struct namespaces *ret_namespaces)
{
	*ret_namespaces = (struct namespaces){0};
	read_one(dir, NS_MNT, ret_namespaces);
	for (unsigned i = 0; all && i < N_NAMESPACES; i++)
		if (i != NS_MNT)
			read_one(dir, (enum namespace)i, ret_namespaces);
}

/* A thread of the kernel stays where the kernel began; the first of them has this number. */
static bool is_kernel_thread(int dir)
{
	cleanup(text) struct host_text text = {0};

	return !host_proc_read_at(dir, "status", 0, &text) &&
	       str_starts(text.data, "Name:\tkthreadd\n") && strstr(text.data, "\nPPid:\t0\n") &&
	       !strstr(text.data, "\nVmSize:");
}

/*
 * The first process's. Where even root may not look at that, those of the kernel's own threads,
 * which are the ones that it began with.
 */
const char *namespaces_of_host(struct host *host, struct namespaces *ret_namespaces)
{
	cleanup(fd) int first = host_proc_open(host, "1", O_PATH | O_DIRECTORY);
	cleanup(fd) int second = host_proc_open(host, "2", O_PATH | O_DIRECTORY);

	if (first < 0)
		return arena_printf(host->arena, "cannot look at the first process: %s",
				    host_error(first));
	namespaces_read(first, true, ret_namespaces);
	if (ret_namespaces->error[NS_MNT] && second >= 0 && is_kernel_thread(second))
		namespaces_read(second, true, ret_namespaces);
	/* The number of the very first namespace is fixed, since Linux 3.8. */
	if (*ret_namespaces->name[NS_PID] &&
	    !str_eq(ret_namespaces->name[NS_PID], "pid:[4026531836]"))
		return "only the processes of a container can be seen from here";
	return NULL;
}

int namespace_same(const struct namespaces *a, const struct namespaces *b, enum namespace which)
{
	/* A kernel that has no such namespaces has one for all. */
	if (a->error[which] == -ENOENT && b->error[which] == -ENOENT)
		return 1;
	if (a->error[which] || b->error[which])
		return -1;
	return str_eq(a->name[which], b->name[which]);
}

static int compare(const void *a, const void *b)
{
	int x = *(const int *)a, y = *(const int *)b;

	return (x > y) - (x < y);
}

int task_list(struct host *host, int **ret_pids, size_t *ret_count)
{
	int fd = host_proc_open(host, ".", O_RDONLY | O_DIRECTORY);
	cleanup(dir) DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	size_t count = 0, space = 0;
	struct dirent *entry;
	int *pids = NULL;

	if (!dir)
		return fd < 0 ? fd : -errno;
	while ((errno = 0, entry = readdir(dir))) {
		if (!isdigit((unsigned char)entry->d_name[0]))
			continue;
		if (count == MOST_PROCESSES)
			return -E2BIG;
		if (count == space) {
			space = space ? space * 2 : 256;
			pids = arena_grow(host->arena, pids, count * sizeof(*pids),
					  space * sizeof(*pids));
		}
		pids[count++] = atoi(entry->d_name);
	}
	if (errno)
		return -errno;
	if (count)
		qsort(pids, count, sizeof(*pids), compare);
	*ret_pids = pids;
	*ret_count = count;
	return 0;
}
