/* seccomp(2). The only file that knows libseccomp. */
#include "guard/parts.h"

#include "base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/netlink.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

/* What changes a host and is not covered by Landlock on every kernel. */
/* clang-format off */
static const char *const refused[] = {
	/* metadata */
	"chmod", "fchmodat", "fchmodat2", "chown", "lchown", "setxattr", "lsetxattr", "setxattrat",
	"removexattr", "lremovexattr", "removexattrat", "utime", "utimes", "futimesat",
	/* names and contents */
	"truncate", "link", "linkat", "symlink", "mkdir", "rmdir", "mknod", "mknodat", "fallocate",
	"swapon", "swapoff",
	/* mounts, namespaces, modules, the machine */
	"mount", "umount2", "mount_setattr", "move_mount", "open_tree", "fsopen", "fsmount",
	"fsconfig", "pivot_root", "chroot", "unshare", "setns", "init_module", "finit_module",
	"delete_module", "kexec_load", "kexec_file_load", "reboot", "sethostname", "setdomainname",
	"settimeofday", "clock_settime", "acct", "quotactl", "file_setattr",
	"quotactl_fd", "iopl", "ioperm", "syslog", "vhangup",
	/* other processes */
	"execve", "execveat", "process_vm_readv", "process_vm_writev", "pidfd_getfd",
#ifndef __SANITIZE_ADDRESS__ /* its search for leaks traces the program itself */
	"ptrace",
#endif
	"kill", "tkill", "pidfd_send_signal", "setpriority", "ioprio_set", "sched_setscheduler",
	/* ways around a filter like this one */
	"bpf", "perf_event_open", "io_uring_setup", "io_uring_enter", "io_uring_register",
	"userfaultfd", "keyctl", "add_key", "request_key", "open_by_handle_at", "listen", "accept",
	"accept4",
};
/* clang-format on */

/* Needed where a report goes to a file; where that may be is Landlock's business. */
static const char *const refused_without_files[] = {
	"rename", "renameat", "renameat2", "unlink", "unlinkat", "ftruncate", "creat",
};

/* Needed where a tree is changed: through open descriptors, and in open directories. */
static const char *const refused_without_changes[] = {
	"fchmod",       "fchown",    "fchownat", "fsetxattr",
	"fremovexattr", "utimensat", "mkdirat",  "symlinkat",
};

/* File flags and labels can be set through a descriptor that is only open for reading. */
static const unsigned long refused_ioctls[] = {
	FS_IOC_SETFLAGS,
	FS_IOC_FSSETXATTR,
	TIOCSTI,
	TIOCLINUX,
};

static int refuse(scmp_filter_ctx filter, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		int number = seccomp_syscall_resolve_name(names[i]), error;

		/* Not every architecture, and not every libseccomp, has all of them. */
		if (number == __NR_SCMP_ERROR || number < 0)
			continue;
		error = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), number, 0);
		if (error)
			return error;
	}
	return 0;
}

static int refuse_ioctls(scmp_filter_ctx filter)
{
	int error = 0;

	for (size_t i = 0; i < sizeof(refused_ioctls) / sizeof(refused_ioctls[0]) && !error; i++)
		error = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(ioctl), 1,
					 SCMP_A1(SCMP_CMP_MASKED_EQ, 0xffffffff,
						 refused_ioctls[i]));
	return error;
}

/* What is asked of the kernel over netlink: audit rules, sockets, the packet filter. */
static bool is_spoken(unsigned protocol)
{
	return protocol == NETLINK_AUDIT || protocol == NETLINK_SOCK_DIAG ||
	       protocol == NETLINK_NETFILTER;
}

static int refuse_netlink(scmp_filter_ctx filter)
{
	const struct scmp_arg_cmp family = SCMP_A0(SCMP_CMP_EQ, AF_NETLINK, 0);
	int error = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(socket), 2, family,
				     SCMP_A2(SCMP_CMP_GE, MAX_LINKS, 0));

	for (unsigned protocol = 0; protocol < MAX_LINKS && !error; protocol++)
		if (!is_spoken(protocol))
			error = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(socket), 2,
						 family, SCMP_A2(SCMP_CMP_EQ, protocol, 0));
	return error;
}

/* What the sockets of guard_inet_socket() could do beyond being asked. */
static const char *const refused_to_inet[] = {
	"connect", "bind",     "sendto", "sendmsg", "sendmmsg", "write",
	"writev",  "pwritev2", "dup",    "dup2",    "dup3",     "setsockopt",
};

static int refuse_inet(scmp_filter_ctx filter)
{
	int error = 0;

	for (unsigned six = 0; six < 2; six++) {
		int fd = guard_inet_socket(six);
		size_t count = sizeof(refused_to_inet) / sizeof(refused_to_inet[0]);

		for (size_t i = 0; i < count && fd >= 0 && !error; i++) {
			int number = seccomp_syscall_resolve_name(refused_to_inet[i]);

			if (number != __NR_SCMP_ERROR && number >= 0)
				error = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), number, 1,
							 SCMP_A0(SCMP_CMP_EQ, (unsigned)fd, 0));
		}
		for (size_t i = 0; i < 2 && fd >= 0 && !error; i++)
			error = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(fcntl), 2,
						 SCMP_A0(SCMP_CMP_EQ, (unsigned)fd, 0),
						 SCMP_A1(SCMP_CMP_EQ, i ? F_DUPFD : F_DUPFD_CLOEXEC,
							 0));
	}
	return error;
}

/* Unix sockets lead to the bus, netlink to the kernel. Nothing else is ever spoken. */
static int refuse_sockets(scmp_filter_ctx filter)
{
	int error = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(socket), 1,
				     SCMP_A0(SCMP_CMP_GT, AF_NETLINK, 0));

	for (unsigned family = 0; family < AF_NETLINK && !error; family++)
		if (family != AF_UNIX)
			error = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(socket), 1,
						 SCMP_A0(SCMP_CMP_EQ, family, 0));
	return error;
}

int guard_seccomp(const struct guard_request *request)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	int error;

	if (!filter)
		return -ENOMEM;
	error = refuse(filter, refused, sizeof(refused) / sizeof(refused[0]));
	if (!error && !request->changed.count)
		error = refuse(filter, refused_without_changes,
			       sizeof(refused_without_changes) /
				       sizeof(refused_without_changes[0]));
	if (!error && !request->writable.count && !request->changed.count)
		error = refuse(filter, refused_without_files,
			       sizeof(refused_without_files) / sizeof(refused_without_files[0]));
	if (!error)
		error = refuse_ioctls(filter);
	if (!error)
		error = refuse_sockets(filter);
	if (!error)
		error = refuse_netlink(filter);
	if (!error)
		error = refuse_inet(filter);
	if (!error)
		error = seccomp_load(filter);
	seccomp_release(filter);
	return error;
}

/* Reading links, waiting to be asked, and what is left of a thread when the program ends. */
int guard_seccomp_peer(void)
{
	static const int allowed[] = {
		SCMP_SYS(readlinkat),   SCMP_SYS(futex),           SCMP_SYS(exit),
		SCMP_SYS(rt_sigreturn), SCMP_SYS(restart_syscall),
#ifdef __SANITIZE_THREAD__ /* it keeps its own account of each lock */
		SCMP_SYS(mmap),         SCMP_SYS(munmap),          SCMP_SYS(madvise),
		SCMP_SYS(getpid),       SCMP_SYS(gettid),          SCMP_SYS(rt_sigprocmask),
#endif
	};
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	int error = 0;

	if (!filter)
		return -ENOMEM;
	for (size_t i = 0; i < sizeof(allowed) / sizeof(allowed[0]) && !error; i++)
		error = seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0);
	if (!error)
		error = seccomp_load(filter);
	seccomp_release(filter);
	return error;
}
