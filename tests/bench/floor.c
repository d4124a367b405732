/*
 * The least that any program pays for an audit: opens, reads and closes the files that are named on
 * standard input, one a line, and does nothing with them. A line that ends with a slash is a
 * directory, whose names are read.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char data[1 << 20];

static void read_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return;
	while (read(fd, data, sizeof(data)) > 0)
		continue;
	close(fd);
}

static void read_directory(const char *path)
{
	DIR *dir = opendir(path);

	if (!dir)
		return;
	while (readdir(dir))
		continue;
	closedir(dir);
}

int main(void)
{
	char *line = NULL;
	size_t space = 0;
	ssize_t length;

	while ((length = getline(&line, &space, stdin)) > 1) {
		line[--length] = '\0';
		if (line[length - 1] == '/')
			read_directory(line);
		else
			read_file(line);
	}
	free(line);
	return 0;
}
