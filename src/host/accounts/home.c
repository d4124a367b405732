#include "host/accounts/home.h"

#include <errno.h>

/* Each of them costs a system call. */
#define MOST_DOTFILES 1000

int home_dotfiles(struct host *host, const char *home, struct dotfiles *ret_dotfiles)
{
	struct dotfiles dotfiles = {0};
	struct strv names = {0};
	int error = host_list(host, home, &names);

	for (size_t i = 0; i < names.count && !error; i++) {
		const char *path;
		struct statx stat;

		if (*names.at[i] != '.')
			continue;
		path = arena_printf(host->arena, "%s/%s", home, names.at[i]);
		error = host_stat(host, path, false, &stat);
		if (error || !S_ISREG(stat.stx_mode))
			continue;
		if (dotfiles.names.count == MOST_DOTFILES)
			return -E2BIG;
		strv_push(&dotfiles.names, host->arena, names.at[i]);
		if (stat.stx_mode & 07777u & ~dotfiles.mode)
			dotfiles.worst = path;
		dotfiles.mode |= stat.stx_mode & 07777u;
	}
	if (!error)
		*ret_dotfiles = dotfiles;
	return error;
}
