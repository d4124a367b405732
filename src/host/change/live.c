#include "host/change/live.h"

#include "host/resolve.h"

#include <errno.h>
#include <fcntl.h>

int live_sysctl(struct host *host, const char *path, const char *value)
{
	/* The door has seen that it is a procfs, and not one that somebody made of files. */
	cleanup(fd) int found = host_proc_open(host, arena_printf(host->arena, "sys/%s", path),
					       O_PATH | O_NOFOLLOW);
	cleanup(fd) int fd = -1;
	char name[32];
	int error;

	if (found < 0)
		return found;
	error = host_name_fd(host, found, name);
	if (error)
		return error;
	fd = TEMP_FAILURE_RETRY(open(name, O_WRONLY | O_CLOEXEC));
	if (fd < 0)
		return -errno;
	if (TEMP_FAILURE_RETRY(write(fd, value, strlen(value))) < 0)
		return -errno;
	return 0;
}
