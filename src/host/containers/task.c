#include "host/containers/task.h"
#include "host/resolve.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>

#define MOST_PROCESSES ((size_t)65536)

static const char *const links[N_NAMESPACES] = {
	[NS_CGROUP] = "ns/cgroup", [NS_IPC] = "ns/ipc",   [NS_MNT] = "ns/mnt", [NS_NET] = "ns/net",
	[NS_PID] = "ns/pid",       [NS_USER] = "ns/user", [NS_UTS] = "ns/uts",
};

void namespaces_read(int dir, bool all, struct namespaces *ret_namespaces)
{
	for (unsigned i = 0; i < N_NAMESPACES; i++)
		ret_namespaces->of[i].path = links[i];
	peer_readlinks(dir, ret_namespaces->of, all ? N_NAMESPACES : NS_MNT + 1);
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
	if (ret_namespaces->of[NS_MNT].length < 0 && second >= 0 && is_kernel_thread(second))
		namespaces_read(second, true, ret_namespaces);
	/* The number of the very first namespace is fixed, since Linux 3.8. */
	if (ret_namespaces->of[NS_PID].length >= 0 &&
	    !str_eq(ret_namespaces->of[NS_PID].text, "pid:[4026531836]"))
		return "only the processes of a container can be seen from here";
	return NULL;
}

int namespace_same(const struct namespaces *a, const struct namespaces *b, enum namespace which)
{
	const struct peer_link *x = &a->of[which], *y = &b->of[which];

	/* A kernel that has no such namespaces has one for all. */
	if (x->length == -ENOENT && y->length == -ENOENT)
		return 1;
	if (x->length < 0 || y->length < 0)
		return -1;
	return str_eq(x->text, y->text);
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
		pids[count++] = (int)strtol(entry->d_name, NULL, 10);
	}
	if (errno)
		return -errno;
	if (count)
		qsort(pids, count, sizeof(*pids), compare);
	*ret_pids = pids;
	*ret_count = count;
	return 0;
}
