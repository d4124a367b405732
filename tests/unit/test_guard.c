/*
 * What a confined process can still do. Each attack runs in a child of its own, once free and once
 * confined: an attack that fails anyway would prove nothing.
 */
#include "base/arena.h"
#include "guard/guard.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cmocka.h>

static char dir[64], readable[96], outside[96], victim[128], victim_outside[128], report[128];

static const char *in(const char *folder, const char *name)
{
	static char paths[2][256];
	static int next;

	next = !next;
	snprintf(paths[next], sizeof(paths[next]), "%s/%s", folder, name);
	return paths[next];
}

static int make(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	return fd < 0 ? -1 : close(fd);
}

static int can_open(const char *path, int flags)
{
	int fd = open(path, flags);

	return fd < 0 ? -1 : close(fd);
}

static int read_outside(void)
{
	return can_open(victim_outside, O_RDONLY);
}

static int write_inside(void)
{
	return can_open(victim, O_WRONLY);
}

static int create_inside(void)
{
	return make(in(readable, "new"));
}

static int create_outside(void)
{
	return make(in(outside, "new"));
}

static int change_mode(void)
{
	return chmod(victim, 0600);
}

static int change_mode_of_fd(void)
{
	return fchmod(open(victim, O_RDONLY), 0600);
}

static int change_owner(void)
{
	return chown(victim, getuid(), getgid());
}

static int change_time(void)
{
	return utimensat(AT_FDCWD, victim, NULL, 0);
}

static int set_attribute(void)
{
	return setxattr(victim, "user.a", "b", 1, 0);
}

static int set_flags(void)
{
	int flags = 0, fd = open(victim, O_RDONLY);

	return ioctl(fd, FS_IOC_GETFLAGS, &flags) ? -1 : ioctl(fd, FS_IOC_SETFLAGS, &flags);
}

static int cut(void)
{
	return truncate(victim, 0);
}

static int rename_inside(void)
{
	return rename(victim, in(readable, "renamed"));
}

static int link_inside(void)
{
	return link(victim, in(readable, "linked"));
}

static int symlink_inside(void)
{
	return symlink("x", in(readable, "pointed"));
}

static int remove_inside(void)
{
	return unlink(victim);
}

static int make_dir(void)
{
	return mkdir(in(readable, "dir"), 0755);
}

static int start_program(void)
{
	pid_t child = fork();
	int status;

	if (!child) {
		execl("/bin/true", "true", (char *)NULL);
		_exit(1);
	}
	return waitpid(child, &status, 0) == child && !status ? 0 : -1;
}

static int internet_socket(void)
{
	return socket(AF_INET, SOCK_STREAM, 0) < 0 ? -1 : 0;
}

/* The one that is there to be asked can do nothing else. */
static int bind_inet(void)
{
	struct sockaddr_in any = {.sin_family = AF_INET};

	return bind(guard_inet_socket(false), (struct sockaddr *)&any, sizeof(any));
}

static int change_inet(void)
{
	return setsockopt(guard_inet_socket(false), SOL_SOCKET, SO_KEEPALIVE, &(int){1},
			  sizeof(int));
}

static int copy_inet(void)
{
	return dup(guard_inet_socket(false)) < 0 ? -1 : 0;
}

static int copy_inet_too(void)
{
	return fcntl(guard_inet_socket(false), F_DUPFD_CLOEXEC, 0) < 0 ? -1 : 0;
}

static int route_socket(void)
{
	return socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE) < 0 ? -1 : 0;
}

static int packet_socket(void)
{
	return socket(AF_PACKET, SOCK_RAW, 0) < 0 ? -1 : 0;
}

static int signal_parent(void)
{
	return kill(getppid(), 0);
}

static int unshare_mounts(void)
{
	return unshare(CLONE_NEWNS);
}

static int mount_something(void)
{
	return mount("none", readable, "tmpfs", 0, NULL);
}

static const struct attack {
	const char *name;
	int (*run)(void);
	int needs_root;
} attacks[] = {
	{"read outside", read_outside, 0},
	{"write inside", write_inside, 0},
	{"create inside", create_inside, 0},
	{"create outside", create_outside, 0},
	{"chmod", change_mode, 0},
	{"fchmod", change_mode_of_fd, 0},
	{"chown", change_owner, 0},
	{"utimensat", change_time, 0},
	{"setxattr", set_attribute, 0},
	{"FS_IOC_SETFLAGS", set_flags, 0},
	{"truncate", cut, 0},
	{"rename", rename_inside, 0},
	{"link", link_inside, 0},
	{"symlink", symlink_inside, 0},
	{"unlink", remove_inside, 0},
	{"mkdir", make_dir, 0},
	{"exec", start_program, 0},
	{"socket AF_INET", internet_socket, 0},
	{"bind of the guard's socket", bind_inet, 0},
	{"setsockopt of the guard's socket", change_inet, 0},
	{"dup of the guard's socket", copy_inet, 0},
	{"fcntl of the guard's socket", copy_inet_too, 0},
	{"socket NETLINK_ROUTE", route_socket, 0},
	{"socket AF_PACKET", packet_socket, 1},
	{"kill", signal_parent, 0},
	{"unshare", unshare_mounts, 1},
	{"mount", mount_something, 1},
};

static int confine(int with_report)
{
	struct arena arena = {0};
	struct guard_request request = {0};
	struct guard_state state;
	const char *missing;
	int error;

	strv_push(&request.readable, &arena, readable);
	if (with_report)
		strv_push(&request.writable, &arena, report);
	error = guard_confine(&arena, &request, GUARD_REQUIRE, &state, &missing);
	arena_free(&arena);
	return error;
}

/* The exit status of a child that does it: 0 it could, 1 it was stopped, 2 no confinement. */
static int attempt(int (*run)(void), int confined, int with_report)
{
	pid_t child = fork();
	int status;

	if (!child) {
		if (confined && confine(with_report))
			_exit(2);
		_exit(run() ? 1 : 0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void clean(void)
{
	static const char *const names[] = {"new",        "renamed", "linked", "pointed",
					    "report.new", "report",  "victim"};

	umount2(readable, MNT_DETACH);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		unlink(in(readable, names[i]));
		unlink(in(outside, names[i]));
	}
	rmdir(in(readable, "dir"));
	assert_int_equal(make(victim), 0);
	assert_int_equal(make(victim_outside), 0);
}

static int setup(void **state)
{
	(void)state;
	strcpy(dir, "/tmp/hostaudit-guard.XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	snprintf(readable, sizeof(readable), "%s/readable", dir);
	snprintf(outside, sizeof(outside), "%s/outside", dir);
	snprintf(victim, sizeof(victim), "%s/victim", readable);
	snprintf(victim_outside, sizeof(victim_outside), "%s/victim", outside);
	snprintf(report, sizeof(report), "%s/report", outside);
	return mkdir(readable, 0755) || mkdir(outside, 0755) ? -1 : 0;
}

static int teardown(void **state)
{
	(void)state;
	clean();
	unlink(victim);
	unlink(victim_outside);
	return rmdir(readable) || rmdir(outside) || rmdir(dir) ? -1 : 0;
}

static int read_inside(void)
{
	return can_open(victim, O_RDONLY);
}

/*
 * Kernels without Landlock or seccomp are confined as far as they can be; there is no more to see.
 */
static void skip_without_kernel_support(void)
{
	clean();
	if (attempt(read_inside, 1, 0) == 2)
		skip();
}

static void test_attacks_are_stopped(void **state)
{
	unsigned stopped = 0;

	(void)state;
	skip_without_kernel_support();
	for (size_t i = 0; i < sizeof(attacks) / sizeof(attacks[0]); i++) {
		const struct attack *attack = &attacks[i];

		if (attack->needs_root && getuid())
			continue;
		clean();
		/* Some fail for another reason: a file system without attributes, say. */
		if (attempt(attack->run, 0, 0))
			continue;
		clean();
		if (attempt(attack->run, 1, 0) != 1)
			fail_msg("%s was not stopped", attack->name);
		stopped++;
	}
	print_message("%u kinds of attack stopped\n", stopped);
	assert_true(stopped >= 15);
}

static int speak_to_the_bus(void)
{
	return socket(AF_UNIX, SOCK_STREAM, 0) < 0 ||
			       socket(AF_NETLINK, SOCK_RAW, NETLINK_SOCK_DIAG) < 0
		       ? -1
		       : 0;
}

static void test_looking_is_possible(void **state)
{
	(void)state;
	skip_without_kernel_support();
	assert_int_equal(attempt(read_inside, 1, 0), 0);
	assert_int_equal(attempt(speak_to_the_bus, 1, 0), 0);
}

static int write_report(void)
{
	return make(in(outside, "report.new")) ? -1 : rename(in(outside, "report.new"), report);
}

static void test_only_a_named_report_is_written(void **state)
{
	(void)state;
	skip_without_kernel_support();
	assert_int_equal(attempt(write_report, 1, 0), 1);
	assert_int_equal(attempt(write_report, 1, 1), 0);
	assert_int_equal(attempt(create_inside, 1, 1), 1);
	assert_int_equal(attempt(change_mode, 1, 1), 1);
	assert_int_equal(attempt(start_program, 1, 1), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_attacks_are_stopped),
		cmocka_unit_test(test_looking_is_possible),
		cmocka_unit_test(test_only_a_named_report_is_written),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
