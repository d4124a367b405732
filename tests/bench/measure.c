/*
 * Runs a program and prints what it cost: wall and CPU time in microseconds, the most memory in
 * KiB, its exit code. measure INPUT PROGRAM [ARGUMENT...]
 *
 * A program of its own, and small: the kernel counts the memory of whoever called exec, too.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long long microseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000LL + now.tv_nsec / 1000;
}

static long long of_timeval(const struct timeval *time)
{
	return time->tv_sec * 1000000LL + time->tv_usec;
}

static void become(char **argv)
{
	int in = open(argv[1], O_RDONLY), out = open("/dev/null", O_WRONLY);

	if (in < 0 || out < 0 || dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(out, 2) < 0)
		_exit(127);
	close(in);
	close(out);
	execv(argv[2], argv + 2);
	_exit(127);
}

int main(int argc, char **argv)
{
	struct rusage usage;
	long long started;
	int status;
	pid_t pid;

	if (argc < 3)
		return 2;
	started = microseconds();
	pid = fork();
	if (!pid)
		become(argv);
	if (pid < 0 || wait4(pid, &status, 0, &usage) < 0)
		return 2;
	printf("%lld %lld %ld %d\n", microseconds() - started,
	       of_timeval(&usage.ru_utime) + of_timeval(&usage.ru_stime), usage.ru_maxrss,
	       WIFEXITED(status) ? WEXITSTATUS(status) : 255);
	return 0;
}
