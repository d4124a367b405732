/* Names of containers, what the kernel says of processes, mounts, limits, postures: texts in. */
#include "base/arena.h"
#include "guard/peer.h"
#include "host/containers/exposure.h"
#include "host/containers/limits.h"
#include "host/containers/name.h"
#include "host/containers/posture.h"
#include "host/containers/status.h"
#include "tree.h"

#define ID "0b7c1d2e3f400b7c1d2e3f400b7c1d2e3f400b7c1d2e3f400b7c1d2e3f40aaaa"
#define ID2 "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
#define POD "8e8aa0d4-6c5b-4b0f-9d3f-0a1b2c3d4e5f"
#define POD_ "8e8aa0d4_6c5b_4b0f_9d3f_0a1b2c3d4e5f"
#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static void test_names(void **state)
{
	static const struct {
		const char *path, *object, *pod, *unit;
	} rows[] = {
		{"/docker/" ID, "docker:0b7c1d2e3f40", "", ""},
		{"/system.slice/docker-" ID ".scope", "docker:0b7c1d2e3f40", "",
		 "docker-" ID ".scope"},
		{"/../docker-" ID ".scope", "docker:0b7c1d2e3f40", "", "docker-" ID ".scope"},
		{"/machine.slice/libpod-" ID ".scope/container", "podman:0b7c1d2e3f40", "",
		 "libpod-" ID ".scope"},
		{"/libpod_parent/libpod-" ID, "podman:0b7c1d2e3f40", "", ""},
		{"/system.slice/web.service/libpod-payload-" ID, "podman:web.service", "",
		 "web.service"},
		{"/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-" ID
		 ".scope/container",
		 "podman:0b7c1d2e3f40", "", "libpod-" ID ".scope"},
		{"/kubepods/burstable/pod" POD "/" ID, "kubernetes:0b7c1d2e3f40", POD, ""},
		{"/kubepods/pod" POD "/" ID, "kubernetes:0b7c1d2e3f40", POD, ""},
		{"/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod" POD_
		 ".slice/cri-containerd-" ID ".scope",
		 "cri-containerd:0b7c1d2e3f40", POD, "cri-containerd-" ID ".scope"},
		{"/kubepods.slice/kubepods-pod" POD_ ".slice/crio-" ID
		 ".scope/system.slice/x.service",
		 "crio:0b7c1d2e3f40", POD, "crio-" ID ".scope"},
		/* A static pod's UID is made from its file. */
		{"/kubepods/burstable/pod0123456789abcdef0123456789abcdef/" ID,
		 "kubernetes:0b7c1d2e3f40", "0123456789abcdef0123456789abcdef", ""},
		{"/system.slice:cri-containerd:" ID, "cri-containerd:0b7c1d2e3f40", "", ""},
		{"/ecs/0123/" ID, "0123:0b7c1d2e3f40", "", ""},
		{"/default/" ID, "default:0b7c1d2e3f40", "", ""},
		{"/" ID, "container:0b7c1d2e3f40", "", ""},
		/* A container within one. */
		{"/docker/" ID2 "/docker/" ID, "docker:0b7c1d2e3f40", "", ""},
		{"/lxc/web", "lxc:web", "", ""},
		{"/lxc.payload.web/system.slice", "lxc:web", "", ""},
		{"/machine.slice/systemd-nspawn@my\\x2dweb.service/payload", "nspawn:my-web", "",
		 "systemd-nspawn@my\\x2dweb.service"},
		{"/machine.slice/machine-web.scope/payload/init.scope", "nspawn:web", "",
		 "machine-web.scope"},
		{"/machine.slice/machine-lxc\\x2d1.scope", "lxc:lxc-1", "",
		 "machine-lxc\\x2d1.scope"},
		/* No containers. */
		{"/", NULL, NULL, NULL},
		{"/init.scope", NULL, NULL, NULL},
		{"/system.slice/sshd.service", NULL, NULL, NULL},
		{"/system.slice/docker.service", NULL, NULL, NULL},
		{"/machine.slice/libpod-conmon-" ID ".scope", NULL, NULL, NULL},
		{"/kubepods.slice/kubepods-pod" POD_ ".slice/crio-conmon-" ID ".scope", NULL, NULL,
		 NULL},
		{"/kubepods/pod" POD, NULL, NULL, NULL},
		{"/kata_overhead/" ID, NULL, NULL, NULL},
		{"/machine.slice/machine-qemu\\x2d1\\x2dvm.scope/libvirt", NULL, NULL, NULL},
		{"/machine.slice/systemd-nspawn@web.service/supervisor", NULL, NULL, NULL},
		{"/docker/" ID "0", NULL, NULL, NULL},
		{"/docker-.scope", NULL, NULL, NULL},
		{"", NULL, NULL, NULL},
	};
	struct arena arena = {0};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct container_name name;
		bool found = container_name_parse(&arena, rows[i].path, &name);

		if (found != (rows[i].object != NULL))
			fail_msg("%s: %s", rows[i].path, found ? name.object : "none");
		if (!found)
			continue;
		assert_string_equal(name.object, rows[i].object);
		assert_string_equal(name.pod, rows[i].pod);
		assert_string_equal(name.unit, rows[i].unit);
	}
	arena_free(&arena);
}

static void test_paths(void **state)
{
	struct arena arena = {0};
	struct cgroup_paths paths;
	char hybrid[] = "9:name=systemd:/a\n4:memory:/b:c\n3:cpu,cpuacct:/d\n0::/\n";
	char unified[] = "0::/system.slice/x.service\n";
	char none[] = "\n:\n1:\nx:y:z\n";
	char top[] = "9:name=systemd:/\n8:pids:/x\n0::/\n";

	(void)state;
	assert_true(cgroup_paths_parse(&arena, hybrid, &paths));
	assert_string_equal(paths.main, "/a");
	assert_string_equal(paths.memory, "/b:c");
	assert_string_equal(paths.cpu, "/d");
	assert_string_equal(paths.unified, "/");
	assert_null(paths.pids);
	assert_true(cgroup_paths_parse(&arena, unified, &paths));
	assert_string_equal(paths.main, "/system.slice/x.service");
	assert_true(cgroup_paths_parse(&arena, top, &paths));
	assert_string_equal(paths.main, "/x");
	assert_false(cgroup_paths_parse(&arena, none, &paths));
	arena_free(&arena);
}

static const char status_text[] = "Name:\tpause\nState:\tS (sleeping)\nUid:\t0\t1000\t0\t0\n"
				  "VmSize:\t 10 kB\nCapInh:\t0\nCapPrm:\t0000000000000400\n"
				  "CapEff:\t0000000000000000\nCapBnd:\t00000000a80425fb\n"
				  "NoNewPrivs:\t1\nSeccomp:\t2\n";

static void test_status(void **state)
{
	struct arena arena = {0};
	struct status status;
	char *text = arena_strdup(&arena, status_text);
	char *less = arena_strdup(&arena, status_text);

	(void)state;
	assert_true(status_parse(&arena, text, &status));
	assert_string_equal(status.name, "pause");
	assert_int_equal(status.uid[1], 1000);
	assert_int_equal(status.seccomp, 2);
	assert_true(status.no_new_privs);
	assert_false(status.kernel || status.ended);
	assert_true(status.bounding == capabilities_usual);
	assert_string_equal(capabilities_write(&arena, status.permitted), "NET_BIND_SERVICE");
	assert_string_equal(capabilities_write(&arena, UINT64_C(1) << 63 | 1), "CHOWN 63");
	assert_string_equal(capabilities_write(&arena, 0), "");
	*strstr(less, "CapBnd") = 'x';
	assert_false(status_parse(&arena, less, &status));
	arena_free(&arena);
}

static void test_labels(void **state)
{
	(void)state;
	assert_int_equal(label_judge(""), NO_LABEL);
	assert_int_equal(label_judge("unconfined"), UNCONFINED);
	assert_int_equal(label_judge("docker-default (enforce)"), CONFINED);
	assert_int_equal(label_judge("docker-default (complain)"), UNCONFINED);
	assert_int_equal(label_judge(":ns:x (enforce)"), CONFINED);
	assert_int_equal(label_judge("x (unconfined)"), UNCONFINED);
	assert_int_equal(label_judge("system_u:system_r:container_t:s0:c1,c2"), CONFINED);
	assert_int_equal(label_judge("system_u:system_r:spc_t:s0"), UNCONFINED);
	assert_int_equal(label_judge("unconfined_u:unconfined_r:unconfined_t:s0-s0:c0.c1023"),
			 UNCONFINED);
	assert_int_equal(label_judge("u:r:"), CONFINED);
	assert_int_equal(label_judge("_"), ODD_LABEL);
}

/* The host: its root, a disk of its own, and tmpfs on /run. */
static const char host_mounts[] =
	"20 1 8:1 / / rw - ext4 /dev/sda1 rw\n21 20 8:2 / /var rw - ext4 /dev/sda2 rw\n"
	"22 20 0:20 / /run rw - tmpfs tmpfs rw\n23 20 0:21 / /proc rw - proc proc rw\n"
	"24 20 0:22 / /sys rw - sysfs sysfs rw\n"
	"25 24 0:23 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n"
	"26 20 0:6 / /dev rw - devtmpfs devtmpfs rw\n"
	"27 21 0:50 / /var/lib/docker/overlay2/x/merged rw - overlay overlay rw\n";

static void parse(struct arena *arena, const char *text, struct mount_table *table)
{
	struct host_text copy = {arena_strdup(arena, text), strlen(text)};

	mountinfo_parse(arena, &copy, table);
	assert_int_equal(table->error, 0);
}

static void test_exposure(void **state)
{
	static const struct {
		const char *line, *paths;
		bool broad, socket, root;
	} rows[] = {
		{"8:1 /srv/x /x rw - ext4 /dev/sda1 rw", "/srv/x", false, false, false},
		{"8:1 /etc /x ro - ext4 /dev/sda1 rw", "/etc", true, false, false},
		{"8:1 /etc /x rw - ext4 /dev/sda1 rw", "/etc", true, false, true},
		{"8:1 /etc/ssl /x ro - ext4 /dev/sda1 rw", "/etc/ssl", false, false, false},
		{"8:1 /etc/ssl /x rw - ext4 /dev/sda1 rw", "/etc/ssl", true, false, false},
		{"8:1 /etcetera /x rw - ext4 /dev/sda1 rw", "/etcetera", false, false, false},
		{"8:1 / /host rw - ext4 /dev/sda1 rw", "/", true, false, true},
		{"8:1 / /host ro - ext4 /dev/sda1 rw", "/", true, false, false},
		{"8:2 /lib/docker/volumes/v/_data /data rw - ext4 /dev/sda2 rw",
		 "/var/lib/docker/volumes/v/_data", false, false, false},
		{"8:2 /lib/docker /x ro - ext4 /dev/sda2 rw", "/var/lib/docker", true, false,
		 false},
		{"8:2 /lib/docker/containers/1/hosts /etc/hosts rw - ext4 /dev/sda2 rw", "", false,
		 false, false},
		{"8:2 /lib/kubelet/pods/1/etc-hosts /etc/hosts rw - ext4 /dev/sda2 rw", "", false,
		 false, false},
		{"0:20 /docker.sock /x/y rw - tmpfs tmpfs rw", "/run/docker.sock", true, true,
		 false},
		{"0:20 /my/docker.sock /x ro - tmpfs tmpfs rw", "/run/my/docker.sock", false, true,
		 false},
		{"0:20 /containerd /x ro - tmpfs tmpfs rw", "/run/containerd", false, true, false},
		{"0:20 / /run ro - tmpfs tmpfs rw", "/run", true, true, false},
		{"0:20 /x /run ro - tmpfs tmpfs rw", "/run/x", false, false, false},
		{"0:6 /null /dev/null rw - devtmpfs devtmpfs rw", "", false, false, false},
		{"0:6 /sda /dev/sda rw - devtmpfs devtmpfs rw", "/dev/sda", true, false, false},
		{"0:6 / /dev rw - devtmpfs devtmpfs rw", "/dev", true, false, true},
		{"0:22 / /sys ro - sysfs sysfs ro", "", false, false, false},
		{"0:22 / /sys rw - sysfs sysfs rw", "/sys", true, false, false},
		{"0:21 / /host/proc ro - proc proc rw", "/proc", true, false, false},
		{"0:21 /sys /x rw - proc proc rw", "/proc/sys", true, false, true},
		/* Its own: another instance. */
		{"0:99 / /proc rw - proc proc rw", "", false, false, false},
		{"0:23 /own /sys/fs/cgroup rw - cgroup2 cgroup2 rw", "", false, false, false},
		{"0:23 /other /sys/fs/cgroup rw - cgroup2 cgroup2 rw", "/sys/fs/cgroup/other", true,
		 false, false},
		{"0:50 / /again rw - overlay overlay rw", "", false, false, false},
	};
	struct arena arena = {0};
	struct mount_table host = {0};
	struct exposure_host exposure_host = {.mounts = &host};

	(void)state;
	parse(&arena, host_mounts, &host);
	strv_push(&exposure_host.sockets, &arena, "/run/docker.sock");
	strv_push(&exposure_host.sockets, &arena, "/run/containerd/containerd.sock");
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct mount_table mounts = {0};
		struct exposure exposure;

		parse(&arena,
		      arena_printf(&arena, "90 1 0:50 / / ro - overlay overlay rw\n91 90 %s\n",
				   rows[i].line),
		      &mounts);
		assert_int_equal(mounts.count, 2);
		exposure_find(&arena, &exposure_host, &mounts, "/own", &exposure);
		assert_string_equal(strv_join(&exposure.paths, &arena, " "), rows[i].paths);
		if ((exposure.broad != NULL) != rows[i].broad ||
		    (exposure.socket != NULL) != rows[i].socket || exposure.root != rows[i].root)
			fail_msg("%s: %s, %s, %d", rows[i].line, exposure.broad, exposure.socket,
				 exposure.root);
		assert_false(exposure.writable_root || exposure.rootless);
	}
	arena_free(&arena);
}

/* A table of many thousand mounts is a matter of moments, and the list of paths stays short. */
static void test_many_mounts(void **state)
{
	struct arena arena = {0};
	struct mount_table host = {0}, mounts = {0};
	const struct exposure_host exposure_host = {.mounts = &host};
	struct exposure exposure;
	struct strv lines = {0};

	(void)state;
	for (unsigned i = 0; i < 5000; i++)
		strv_push(&lines, &arena,
			  arena_printf(&arena, "91 90 8:1 /srv/%u /x%u rw - ext4 /dev/sda1 rw", i,
				       i));
	parse(&arena, host_mounts, &host);
	parse(&arena, strv_join(&lines, &arena, "\n"), &mounts);
	assert_int_equal(mounts.count, 5000);
	exposure_find(&arena, &exposure_host, &mounts, "/own", &exposure);
	assert_int_equal(exposure.paths.count, 256);
	assert_true(exposure.rootless);
	arena_free(&arena);
}

static void test_limits(void **state)
{
	(void)state;
	assert_int_equal(limit_parse(LIMIT_MEMORY, true, "max"), 0);
	assert_int_equal(limit_parse(LIMIT_MEMORY, true, "1048576"), 1);
	assert_int_equal(limit_parse(LIMIT_MEMORY, true, "0"), 1);
	assert_int_equal(limit_parse(LIMIT_MEMORY, false, "9223372036854771712"), 0);
	assert_int_equal(limit_parse(LIMIT_MEMORY, false, "max"), -1);
	assert_int_equal(limit_parse(LIMIT_PIDS, false, "max"), 0);
	assert_int_equal(limit_parse(LIMIT_PIDS, false, "100"), 1);
	assert_int_equal(limit_parse(LIMIT_CPU, true, "max 100000"), 0);
	assert_int_equal(limit_parse(LIMIT_CPU, true, "50000 100000"), 1);
	assert_int_equal(limit_parse(LIMIT_CPU, false, "-1"), 0);
	assert_int_equal(limit_parse(LIMIT_CPU, true, ""), -1);
	assert_int_equal(limit_parse(LIMIT_PIDS, true, "maximum"), -1);
}

/* One that has a limit itself, one whose pod has, one below, and one that has none. */
static void test_limits_in_tree(void **state)
{
	static const char mounts_text[] =
		"25 24 0:23 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n"
		"26 24 0:24 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
		"27 24 0:25 /../.. /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids\n";
	struct mount_table mounts = {.path = "/proc/1/mountinfo"}, none = mounts;
	const char *pod = "/kubepods/pod" POD "/" ID, *docker = "/docker/" ID "/system.slice";
	struct cgroup_paths paths = {.unified = pod};
	struct limit_answer answer;
	struct tree tree;

	(void)state;
	tree_make(&tree);
	parse(&tree.arena, mounts_text, &mounts);
	tree_text(&tree, "sys/fs/cgroup/kubepods/memory.max", "5\n");
	tree_text(&tree, "sys/fs/cgroup/kubepods/pids.max", "5\n");
	tree_text(&tree, "sys/fs/cgroup/kubepods/pod" POD "/memory.max", "1048576\n");
	tree_text(&tree, "sys/fs/cgroup/kubepods/pod" POD "/" ID "/memory.max", "max\n");
	tree_text(&tree, "sys/fs/cgroup/kubepods/pod" POD "/" ID "/cpu.max", "5000 100000\n");
	tree_text(&tree, "sys/fs/cgroup/memory/docker/memory.limit_in_bytes", "4096\n");
	tree_text(&tree, "sys/fs/cgroup/memory/docker/" ID "/memory.limit_in_bytes", "8192\n");
	tree_dir(&tree, "sys/fs/cgroup/memory/docker/" ID "/system.slice", 0755);
	limit_find(&tree.host, &mounts, &paths, LIMIT_MEMORY, &answer);
	assert_string_equal(answer.value, "1048576");
	assert_string_equal(answer.source, "/sys/fs/cgroup/kubepods/pod" POD "/memory.max");
	limit_find(&tree.host, &mounts, &paths, LIMIT_CPU, &answer);
	assert_string_equal(answer.value, "5000 100000");
	/* That of all pods together is none of this one. */
	limit_find(&tree.host, &mounts, &paths, LIMIT_PIDS, &answer);
	assert_string_equal(answer.value, "none");
	limit_find(&tree.host, &none, &paths, LIMIT_PIDS, &answer);
	assert_string_equal(answer.source, "no such controller");
	none.error = -EACCES;
	limit_find(&tree.host, &none, &paths, LIMIT_PIDS, &answer);
	assert_null(answer.value);
	paths = (struct cgroup_paths){.memory = docker, .pids = docker};
	limit_find(&tree.host, &mounts, &paths, LIMIT_MEMORY, &answer);
	assert_string_equal(answer.value, "8192");
	/* Only a part of the hierarchy is there. */
	limit_find(&tree.host, &mounts, &paths, LIMIT_PIDS, &answer);
	assert_null(answer.value);
	paths.memory = "/../docker/" ID;
	limit_find(&tree.host, &mounts, &paths, LIMIT_MEMORY, &answer);
	assert_null(answer.value);
	paths.memory = "/docker/" ID2;
	limit_find(&tree.host, &mounts, &paths, LIMIT_MEMORY, &answer);
	assert_null(answer.value);
	tree_text(&tree, "sys/fs/cgroup/memory/docker/" ID2 "/memory.limit_in_bytes", "much\n");
	limit_find(&tree.host, &mounts, &paths, LIMIT_MEMORY, &answer);
	assert_null(answer.value);
	tree_remove(&tree);
}

static enum posture posture_of(struct container container)
{
	posture_find(&container);
	return container.posture;
}

static void test_postures(void **state)
{
	struct container one = {.capabilities = capabilities_usual, .label = ""};
	struct container worse;

	(void)state;
	one.traits[TRAIT_HOST_USER].yes = one.traits[TRAIT_ROOT].yes = 1;
	one.traits[TRAIT_NEW_PRIVILEGES].yes = 1;
	assert_int_equal(posture_of(one), POSTURE_DEFAULT);
	worse = one;
	worse.traits[TRAIT_SECCOMP_UNCONFINED].yes = 1;
	assert_int_equal(posture_of(worse), POSTURE_OPEN);
	worse = one;
	worse.capabilities |= 1u << 12; /* NET_ADMIN */
	assert_int_equal(posture_of(worse), POSTURE_OPEN);
	/* In a user namespace of its own it has them over nothing of the host's. */
	worse.traits[TRAIT_HOST_USER].yes = 0;
	assert_int_equal(posture_of(worse), POSTURE_DEFAULT);
	worse = one;
	worse.capabilities |= 1u << 21; /* SYS_ADMIN */
	assert_int_equal(posture_of(worse), POSTURE_HOST);
	worse = one;
	worse.traits[TRAIT_RUNTIME_SOCKET].yes = 1;
	assert_int_equal(posture_of(worse), POSTURE_HOST);
	worse = one;
	worse.label = "unconfined";
	worse.traits[TRAIT_LSM_UNCONFINED].yes = 1;
	assert_int_equal(posture_of(worse), POSTURE_OPEN);
	/* What is not known may make it worse; where nothing can, it is known. */
	worse = one;
	worse.traits[TRAIT_HOST_PID] = (struct trait_answer){.yes = -1, .why = "because"};
	assert_int_equal(posture_of(worse), POSTURE_UNKNOWN);
	worse.traits[TRAIT_PRIVILEGED].yes = 1;
	assert_int_equal(posture_of(worse), POSTURE_HOST);
	one.capabilities = 0;
	one.traits[TRAIT_ROOT].yes = one.traits[TRAIT_NEW_PRIVILEGES].yes = 0;
	assert_int_equal(posture_of(one), POSTURE_TIGHT);
}

/* The thread answers as the call itself does. */
static void test_peer(void **state)
{
	int dir = open("/proc/self", O_PATH | O_DIRECTORY);
	struct peer_link direct = {.path = "ns/pid"};
	struct peer_link asked[] = {{.path = "ns/pid"}, {.path = "ns/none"}, {.path = "status"}};

	(void)state;
	assert_true(dir >= 0);
	peer_readlinks(dir, &direct, 1);
	assert_true(direct.length > 0);
	assert_int_equal(peer_start(), 0);
	for (int i = 0; i < 1000; i++)
		peer_readlinks(dir, asked, COUNT(asked));
	assert_string_equal(direct.text, asked[0].text);
	assert_int_equal(asked[1].length, -ENOENT);
	assert_int_equal(asked[2].length, -EINVAL);
	close(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),    cmocka_unit_test(test_paths),
		cmocka_unit_test(test_status),   cmocka_unit_test(test_labels),
		cmocka_unit_test(test_exposure), cmocka_unit_test(test_many_mounts),
		cmocka_unit_test(test_limits),   cmocka_unit_test(test_postures),
		cmocka_unit_test(test_peer),     cmocka_unit_test(test_limits_in_tree),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
