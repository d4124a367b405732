#!/usr/bin/python3
# variants: normal
"""Holds `hostaudit check` of container sentences against containers that runc, crun and podman start.

Each gets a configuration made at random: namespaces, capabilities, a filter of system calls, mounts, users,
limits, and a control group by the names that the usual runtimes give. What was asked for is what has to be told.
"""
import json
import os
import random
import shlex
import shutil
import signal
import subprocess
import sys
import time

CONTAINERS = int(os.environ.get("CONTAINERS", "72"))
BATCH = 12
SEED = int(os.environ.get("SEED") or random.SystemRandom().randrange(1 << 32))
TMP = os.environ.get("TMP", "/tmp/hostaudit-containers")
HOSTAUDIT = shlex.split(os.environ.get("HOSTAUDIT", "build/hostaudit"))
TAG = "ha%d" % os.getpid()

NAMES = """CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE
NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT
SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG
WAKE_ALARM BLOCK_SUSPEND AUDIT_READ""".split()
USUAL = set("CHOWN DAC_OVERRIDE FOWNER FSETID KILL SETGID SETUID SETPCAP NET_BIND_SERVICE NET_RAW SYS_CHROOT MKNOD "
            "AUDIT_WRITE SETFCAP".split())
MIGHTY = {"SYS_ADMIN", "SYS_MODULE", "SYS_RAWIO", "DAC_READ_SEARCH", "SYS_BOOT", "MAC_ADMIN"}
NAMESPACES = {"pid": "host-pid", "network": "host-network", "ipc": "host-ipc", "uts": "host-uts",
              "cgroup": "host-cgroup", "user": "host-user"}
# Path of the host, read-only; a part that matters, a runtime's socket, would let root change the host.
MOUNTS = [("/etc", True, True, False, False), ("/etc", False, True, False, True), ("/usr/share", True, False, False, False),
          ("/usr/share", False, True, False, False), ("/", True, True, True, False), ("/", False, True, True, True),
          ("/srv", False, False, False, False), ("/boot", True, True, False, False), ("/dev/null", False, False, False, False),
          ("TMP/data", False, False, False, False), ("TMP/data/docker.sock", True, False, True, False),
          ("TMP/run/crio.sock", False, False, True, False), ("/var/log", True, True, False, False)]
YES_NO = """host-cgroup host-ipc host-network host-path host-pid host-user host-uts lsm-unconfined new-privileges privileged root
runtime-socket seccomp-unconfined unlimited-cpu unlimited-memory unlimited-pids writable-root""".split()
TEXTS = ["posture", "capabilities", "mounts", "command", "pod", "runtime", "unit"]


def run(words, **more):
    return subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
                          timeout=60, **more)


def bounding_set():
    """What the first process of the machine could have, and what we may give."""
    with open("/proc/1/status", encoding="ascii") as file:
        bits = int(next(line for line in file if line.startswith("CapBnd")).split()[1], 16)
    return {name for number, name in enumerate(NAMES) if bits >> number & 1}, bin(bits).count("1")


def has_socket():
    """Is a runtime's socket on the file system of the root, so that whoever has that has the socket?"""
    names = ["docker.sock", "containerd/containerd.sock", "crio/crio.sock", "podman/podman.sock", "cri-dockerd.sock",
             "dockershim.sock", "k3s/containerd/containerd.sock", "host-containerd/containerd.sock",
             "buildkit/buildkitd.sock", "docker/containerd/containerd.sock"]
    return any(os.path.exists("/run/" + name) and os.lstat("/run/" + name).st_dev == os.lstat("/").st_dev for name in names)


class Plan:
    """One container, as it is asked for."""

    def __init__(self, rng, number, everything, count):
        self.rng, self.name, self.everything = rng, "%s-%d" % (TAG, number), everything
        self.all = rng.random() < 0.15 and len(everything) == count
        every = sorted(everything)
        self.caps = set(every) if self.all else set(rng.sample(every, rng.choice([0, 1, 3, 8, 14, len(every) - 1])))
        if rng.random() < 0.4 and not self.all:
            self.caps &= USUAL
        self.effective = {cap for cap in self.caps if rng.random() < 0.7}
        self.own = {name for name in NAMESPACES if name != "user" and rng.random() < 0.75}
        self.user = rng.random() < 0.25
        if self.user:
            # What belongs to another user namespace cannot be set up from this one.
            self.own = {"pid", "network", "ipc", "uts", "cgroup", "user"}
        self.uid = rng.choice([0, 0, 1000])
        self.filter = rng.random() < 0.6
        self.nnp = rng.random() < 0.5
        self.readonly = rng.random() < 0.5
        self.mounts = rng.sample(MOUNTS, rng.choice([0, 0, 0, 1, 2]))
        self.limits = {name for name in ("memory", "pids", "cpu") if rng.random() < 0.5}
        self.place(rng)

    def place(self, rng):
        digits = "".join(rng.choice("0123456789abcdef") for _ in range(64))
        uid = "-".join(digits[a:b] for a, b in ((0, 8), (8, 12), (12, 16), (16, 20), (20, 32)))
        self.pod = self.unit = ""
        kind = rng.choice(["other", "docker", "pod", "scope", "slice", "libpod"])
        self.runtime = {"pod": "kubernetes", "scope": "docker", "slice": "cri-containerd", "libpod": "podman"}.get(kind, kind)
        if kind == "other":
            self.path = "/" + self.name
        elif kind == "pod":
            self.path, self.pod = "/kubepods-%s/burstable/pod%s/%s" % (TAG, uid, digits), uid
        elif kind == "slice":
            self.unit, self.pod = "cri-containerd-%s.scope" % digits, uid
            self.path = "/%s.slice/kubepods-pod%s.slice/%s" % (TAG, uid.replace("-", "_"), self.unit)
        elif kind == "scope":
            self.unit = "docker-%s.scope" % digits
            self.path = "/%s.slice/%s" % (TAG, self.unit)
        else:
            self.path = ("/%s/docker/%s" if kind == "docker" else "/%s/libpod-%s") % (TAG, digits)
        self.object = "other:" + self.path if kind == "other" else "%s:%s" % (self.runtime, digits[:12])

    def config(self, rootfs, data):
        caps = {name: ["CAP_" + cap for cap in sorted(group)] for name, group in (
            ("bounding", self.caps), ("effective", self.effective), ("permitted", self.effective))}
        mounts = [{"destination": "/proc", "type": "proc", "source": "proc"},
                  {"destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "mode=755", "size=64k"]}]
        for number, (path, readonly, _, _, _) in enumerate(self.mounts):
            kind = "f" if path.endswith((".sock", "/null")) else "d"
            mounts.append({"destination": "/%s%d" % (kind, number), "type": "bind", "source": path.replace("TMP", data),
                           "options": ["bind", "ro" if readonly else "rw"]})
        linux = {"namespaces": [{"type": "mount"}] + [{"type": name} for name in sorted(self.own)],
                 "cgroupsPath": self.path, "resources": {}}
        for name, value in (("memory", {"limit": 1 << 28}), ("pids", {"limit": 50}), ("cpu", {"quota": 50000, "period": 100000})):
            if name in self.limits:
                linux["resources"][name] = value
        if self.user:
            linux["uidMappings"] = linux["gidMappings"] = [{"containerID": 0, "hostID": 100000, "size": 65536}]
        if self.filter:
            linux["seccomp"] = {"defaultAction": "SCMP_ACT_ALLOW",
                                "syscalls": [{"names": ["swapon"], "action": "SCMP_ACT_ERRNO"}]}
        return {"ociVersion": "1.0.2", "root": {"path": rootfs, "readonly": self.readonly}, "mounts": mounts, "linux": linux,
                "process": {"args": ["/bin/pause"], "cwd": "/", "env": [], "noNewPrivileges": self.nnp,
                            "user": {"uid": self.uid, "gid": self.uid}, "capabilities": caps}}

    def expect(self, data):
        yes = {field for name, field in NAMESPACES.items() if name not in self.own}
        yes |= {"unlimited-" + name for name in ("memory", "pids", "cpu") if name not in self.limits} | {"lsm-unconfined"}
        flags = {"new-privileges": not self.nnp, "privileged": self.all and not self.user, "root": not self.uid and not self.user,
                 "seccomp-unconfined": not self.filter, "writable-root": not self.readonly,
                 "host-path": any(mount[2] for mount in self.mounts),
                 "runtime-socket": any(mount[3] and (mount[0] != "/" or has_socket()) for mount in self.mounts)}
        yes |= {name for name, value in flags.items() if value}
        told = {field: "yes" if field in yes else "no" for field in YES_NO}
        paths = []
        for mount in self.mounts:
            path = mount[0].replace("TMP", data)
            if path not in paths and path != "/dev/null":
                paths.append(path)
        told.update(command="pause", pod=self.pod, unit=self.unit, runtime=self.runtime, mounts=" ".join(paths),
                    capabilities=" ".join(name for name in NAMES if name in self.caps), posture=self.posture(yes))
        return told

    def posture(self, yes):
        mighty = self.caps & MIGHTY and not self.user
        if "privileged" in yes or "runtime-socket" in yes or mighty or (
                "root" in yes and any(mount[4] for mount in self.mounts)):
            return "host"
        if yes & {"host-ipc", "host-network", "host-path", "host-pid", "host-uts", "seccomp-unconfined"} or (
                self.caps - USUAL and not self.user):
            return "open"
        tight = not yes & {"new-privileges", "root"} and not self.caps - {"NET_BIND_SERVICE"}
        return "tight" if tight else "default"


class Runtime:
    """A program that starts containers."""

    def __init__(self, name, root, prefix=()):
        self.words, self.name, self.root = [*prefix, name], name, root

    def start(self, plan):
        bundle = os.path.join(TMP, "bundles", plan.name)
        os.makedirs(bundle)
        with open(bundle + "/config.json", "w", encoding="ascii") as file:
            json.dump(plan.config(self.root + "/rootfs", self.root), file)
        with open(bundle + "/log", "wb") as log:
            done = subprocess.run(self.words + ["run", "--detach", "--bundle", bundle, "--pid-file", bundle + "/pid", plan.name],
                                  stdin=subprocess.DEVNULL, stdout=log, stderr=log, check=False, timeout=60)
        with open(bundle + "/log", encoding="utf-8", errors="replace") as log:
            why = log.read().strip()
        if done.returncode:
            self.stop(plan)
        return None if not done.returncode and self.has_begun(bundle) else why or "it did not begin"

    @staticmethod
    def has_begun(bundle):
        """The runtime's own process becomes the program a moment after the runtime has ended."""
        with open(bundle + "/pid", encoding="ascii") as file:
            comm = "/proc/%s/comm" % file.read().strip()
        for _ in range(500):
            with open(comm, encoding="utf-8") as file:
                if file.read() == "pause\n":
                    return True
            time.sleep(0.01)
        return False

    def stop(self, plan):
        run(self.words + ["delete", "--force", plan.name])


def make_policy(policy):
    os.makedirs(policy + "/benchmarks")
    os.makedirs(policy + "/os-profiles")
    with open(policy + "/os-profiles/all.ini", "w", encoding="ascii") as file:
        file.write("[os]\ntitle = x\nbenchmarks = all\n")
    with open(policy + "/benchmarks/all.ini", "w", encoding="ascii") as file:
        for field in YES_NO + TEXTS:
            sentence = "container * not " + field if field in YES_NO else "container * %s ~ x" % field
            file.write("[%s]\ntitle = x\nwhy = x\nseverity = low\nlevel = 1\nby-hand = x\ncheck = %s\n\n" % (field, sentence))


def ask_us(policy):
    """{object: {field: value}}, with "unknown: WHY" where nothing could be told."""
    done = subprocess.run(HOSTAUDIT + ["check", "--policy-dir", policy, "--profile", "all", "--format", "json"],
                          stdout=subprocess.PIPE, check=False)
    told = {}
    for rule in json.loads(done.stdout)["results"]:
        for check in rule["checks"]:
            for fact in check["facts"]:
                value = fact["value"] if fact["state"] == "value" else "unknown: %s" % fact["error"]
                told.setdefault(fact["object"], {})[rule["rule"]] = value
    return told


def differences(plan, told, data):
    if plan.object not in told:
        return ["%s is not told of: %s" % (plan.object, sorted(told))]
    return ["%s: %s: asked for '%s', told '%s'" % (plan.object, field, want, told[plan.object].get(field))
            for field, want in plan.expect(data).items() if told[plan.object].get(field) != want]


def try_batch(runtime, plans, policy):
    """Returns (passed, messages, how many did not start)."""
    started, messages, refused = [], [], []
    try:
        for plan in plans:
            why = runtime.start(plan)
            if why is None:
                started.append(plan)
            else:
                refused.append("%s: %s" % (runtime.name, why[-300:]))
        told = ask_us(policy) if started else {}
        passed = 0
        for plan in started:
            found = differences(plan, told, runtime.root)
            passed += len(YES_NO + TEXTS) - len(found)
            if found:
                print("# " + json.dumps(plan.config("ROOTFS", "DATA")))
            messages += found
    finally:
        for plan in started:
            runtime.stop(plan)
            shutil.rmtree(os.path.join(TMP, "bundles", plan.name), ignore_errors=True)
    return passed, messages, refused


def build_rootfs(root):
    """A tree with one program, which waits."""
    for name in ("bin", "proc", "dev", "d0", "d1"):
        os.makedirs("%s/rootfs/%s" % (root, name))
    os.makedirs(root + "/run")
    os.makedirs(root + "/data")
    # Users of other namespaces have to get there.
    for path in (root, root + "/rootfs"):
        os.chmod(path, 0o755)
    for path in ("/run/crio.sock", "/data/docker.sock", "/rootfs/f0", "/rootfs/f1"):
        open(root + path, "w", encoding="ascii").close()
    source = b"#include <unistd.h>\nint main(void) { for (;;) pause(); }\n"
    done = subprocess.run(["gcc", "-static", "-O1", "-x", "c", "-", "-o", root + "/rootfs/bin/pause"], input=source, check=False,
                          stderr=subprocess.PIPE)
    return done.returncode == 0


def hybrid():
    """crun takes no machine that has both kinds of control groups: it gets one without the second."""
    if not os.path.isdir("/sys/fs/cgroup/unified"):
        return ()
    return ("unshare", "-m", "--propagation", "private", "sh", "-c", 'umount /sys/fs/cgroup/unified; exec "$@"', "sh")


def podman_says(policy, root):
    """Returns (passed, messages, why it was left out)."""
    base = ["podman", "--runtime", "runc", "run", "--detach", "--ulimit", "nofile=512:512", "--ulimit", "nproc=512:512",
            "--stop-signal", "KILL"]
    cases = [(["--network", "none"], {"privileged": "no", "posture": "default", "host-network": "no", "writable-root": "yes",
                                      "mounts": "", "runtime": "podman", "seccomp-unconfined": "no"}),
             (["--network", "none", "--read-only", "--security-opt", "no-new-privileges", "--cap-drop", "all", "--user", "7"],
              {"writable-root": "no", "new-privileges": "no", "capabilities": "", "root": "no", "posture": "tight"}),
             (["--network", "host", "--pid", "host", "--privileged"],
              {"privileged": "yes", "host-network": "yes", "host-pid": "yes", "seccomp-unconfined": "yes", "posture": "host"}),
             (["--network", "none", "--cap-add", "NET_ADMIN", "-v", "/etc:/x:ro", "--memory", "100m"],
              {"posture": "open", "host-path": "yes", "mounts": "/etc", "unlimited-memory": "no", "runtime-socket": "no"})]
    started, passed, messages = [], 0, []
    try:
        for words, want in cases:
            done = run(base + words + ["--rootfs", root + "/rootfs", "/bin/pause"])
            if done.returncode:
                return passed, messages, done.stdout.decode(errors="replace").strip()[-200:]
            started.append((done.stdout.decode().split()[-1], words, want))
        told = ask_us(policy)
        for container, words, want in started:
            found = told.get("podman:" + container[:12], {})
            wrong = ["podman %s: %s: '%s', not '%s'" % (words, field, found.get(field), value)
                     for field, value in want.items() if found.get(field) != value]
            passed += not wrong
            messages += wrong
    finally:
        for container, _, _ in started:
            run(["podman", "rm", "--force", "--time", "0", container])
    return passed, messages, None


def join_group(path, pid):
    """Puts a process of the host into a container's group."""
    for base in ["/sys/fs/cgroup"] + ["/sys/fs/cgroup/" + name for name in os.listdir("/sys/fs/cgroup")]:
        try:
            with open(base + path + "/cgroup.procs", "w", encoding="ascii") as file:
                file.write(str(pid))
        except OSError:
            pass


def intruders_say(rng, runtime, policy, everything, count):
    """A process that was brought into a container with more rights counts; one that is only in its group does not."""
    plan = Plan(rng, 200000, everything, count)
    plan.user, plan.uid, plan.own, plan.mounts, plan.all = False, 1000, {"pid", "network", "ipc", "uts"}, [], False
    plan.caps, plan.effective, plan.filter, plan.nnp = set(), set(), True, True
    if runtime.start(plan) is not None:
        return 0, []
    sleeper = subprocess.Popen(["sleep", "60"])
    try:
        join_group(plan.path, sleeper.pid)
        before = ask_us(policy).get(plan.object, {})
        # What is started keeps our output open: no pipe.
        words = runtime.words + ["exec", "--detach", "--cap", "CAP_SYS_ADMIN", "--user", "0", plan.name, "/bin/pause"]
        done = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        after = ask_us(policy).get(plan.object, {})
    finally:
        sleeper.kill()
        sleeper.wait()
        runtime.stop(plan)
    wrong = []
    if before.get("posture") != "tight" or before.get("host-pid") != "no" or before.get("root") != "no":
        wrong.append("with a process of the host in its group: %s" % before)
    if not done.returncode and (after.get("posture") != "host" or after.get("root") != "yes"
                                or "SYS_ADMIN" not in after.get("capabilities", "")):
        wrong.append("with a process that was brought in: %s" % after)
    return 2 - len(wrong), wrong


def remove_groups():
    """The empty groups that held ours."""
    for base in ["/sys/fs/cgroup"] + ["/sys/fs/cgroup/" + name for name in os.listdir("/sys/fs/cgroup")]:
        for top in ("kubepods-" + TAG, TAG + ".slice", TAG):
            for folder, _, _ in os.walk(os.path.join(base, top), topdown=False):
                try:
                    os.rmdir(folder)
                except OSError:
                    pass


def sort_runtimes(rng, root, policy, everything, count):
    """Those that can start something here, and why the others cannot."""
    good, bad = [], []
    for name, prefix in (("runc", ()), ("crun", hybrid())):
        if not shutil.which(name):
            bad.append((name, "it is not installed"))
            continue
        plain = Plan(rng, 100000 + len(good) + len(bad), everything, count)
        plain.user, plain.own, plain.mounts, plain.limits, plain.caps = False, {"pid"}, [], set(), set()
        plain.effective = set()
        runtime = Runtime(name, root, prefix)
        why = runtime.start(plain)
        told = ask_us(policy) if why is None else {}
        if why is None:
            runtime.stop(plain)
            own = told.get("*", {}).get("privileged", "")
            why = own[9:] if own.startswith("unknown: only") else None
        if why is None:
            good.append(runtime)
        else:
            bad.append((name, why.replace("\n", " ")[-200:]))
    return good, bad


def main():
    root, policy = os.path.join(TMP, "root"), os.path.join(TMP, "policy")
    if os.geteuid():
        print("ok containers # SKIP needs root")
        return 0
    os.makedirs(root)
    os.chmod(TMP, 0o755)
    make_policy(policy)
    if not build_rootfs(root):
        print("ok containers # SKIP no static program can be built")
        return 0
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    rng = random.Random(SEED)
    everything, count = bounding_set()
    runtimes, skipped = sort_runtimes(rng, root, policy, everything, count)
    passed, messages, refused = 0, [], []
    try:
        for start in range(0, CONTAINERS if runtimes else 0, BATCH):
            plans = [Plan(rng, number, everything, count) for number in range(start, min(start + BATCH, CONTAINERS))]
            runtime = runtimes[start // BATCH % len(runtimes)]
            right, wrong, unwilling = try_batch(runtime, plans, policy)
            passed, messages, refused = passed + right, messages + wrong, refused + unwilling
        if len(refused) > CONTAINERS // 4:
            messages.append("%d of %d were not started, such as %s" % (len(refused), CONTAINERS, refused[0]))
        for runtime in runtimes[:1]:
            right, wrong = intruders_say(rng, runtime, policy, everything, count)
            passed, messages = passed + right, messages + wrong
        right, wrong, why = podman_says(policy, root) if shutil.which("podman") else (0, [], "it is not installed")
        passed, messages = passed + right, messages + wrong
        skipped += [("podman", why)] if why else []
    finally:
        remove_groups()
    for name, why in skipped:
        print("# %s was left out: %s" % (name, why.replace("\n", " ")))
    for why in sorted(set(line.split(": ", 1)[0] + line[-150:] for line in refused)) if messages else []:
        print("# refused: " + why)
    for message in messages:
        print("seed %d: %s" % (SEED, message))
    print("containers: seed %d, %d were refused by their runtimes" % (SEED, len(refused)))
    print("%d passed, %d failed, %d skipped" % (passed, len(messages), len(skipped)))
    return len(messages) > 0


if __name__ == "__main__":
    sys.exit(main())
