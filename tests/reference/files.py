#!/usr/bin/python3
# variants: normal no-openat2 tsan
"""Holds searches of the files probe against find and getcap, on trees made at random.

Each tree has some hundred files with odd names, modes, owners and links, and some places that a search leaves
out. It is searched as an image, and then, with file systems mounted in it, as a running host, in a mount
namespace of its own where passwd and group are the tree's. All questions of a tree are asked in one run, some
of them once more alone. TREES=N and SEED=N in the environment choose how many, and which.
"""
import collections
import ctypes
import json
import os
import random
import shlex
import shutil
import stat
import subprocess
import sys

VARIANT = os.environ.get("VARIANT", "normal")
TREES = int(os.environ.get("TREES") or {"normal": 3}.get(VARIANT, 1))
SEED = int(os.environ.get("SEED") or random.SystemRandom().randrange(1 << 32))
TMP = os.environ.get("TMP", "/tmp/hostaudit-files")
HOSTAUDIT = shlex.split(os.environ.get("HOSTAUDIT", "build/hostaudit"))
FILES = 350
QUESTIONS = 40

IDS = [0, 0, 0, 0, 1, 33, 65534, 12345, 4000000000]
MODES = [0o644, 0o755, 0o600, 0o4755, 0o2755, 0o6711, 0o4644, 0o666, 0o777, 0o1777, 0o2777, 0o1666, 0o000, 0o111]
PIECES = ["a", "b", "key", ".pem", ".", "-", " ", "\n", "\\", "*", "[", "é", "\t", "\x1b", "\x07", "x" * 40,
          "\udcff", "%s", "'", '"', "?", ".d", "conf"]
DIRS = ["usr/bin", "usr/lib/x", "etc/ssh", "var/log", "var/tmp", "home/u/.config", "opt", "srv/www", "root", "dev/x",
        "run/y", "tmp/z", "var/lib/docker/overlay2/l", "var/lib/containerd/x", "var/lib/kubelet/pods/p/v",
        "var/lib/kubelet/pki", "var/lib/containers/storage/o", "var/lib/dockers", "proc/1", "sys/x"]
TRAITS = ["set-uid", "set-gid", "world-writable", "not-sticky", "unowned", "ungrouped", "device", "capabilities"]
TYPES = {"file": "f", "directory": "d", "symlink": "l", "fifo": "p", "socket": "s", "block": "b", "char": "c"}
GLOBS = ["*", "*.pem", "a*", "?", "*key*", "[ab]*", "[!a]*", "b", ".*", "*\\**", "*\\[*", "usr", "*d", "x*x", "-*", "*\\?"]
# What a search leaves out: below the roots of container runtimes, and what an image's boot mounts over.
RUNTIMES = ["/var/lib/docker/*", "/var/lib/containerd/*", "/var/lib/containers/storage/*", "/var/lib/kubelet/pods/*",
            "/var/lib/kubelet/plugins/*"]
MADE_AT_BOOT = ["/dev/*", "/proc/*", "/sys/*"]


def output(*command, **options):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, **options).stdout


# ---- trees

def odd_name(rng, used):
    while True:
        name = "".join(rng.choice(PIECES) for _ in range(rng.randrange(1, 5))).encode("utf-8", "surrogateescape")
        if name not in (b".", b"..") and name not in used:
            used.add(name)
            return name


def make_file(rng, path):
    kind = rng.choice(["file"] * 8 + ["dir"] * 4 + ["link"] * 2 + ["fifo", "socket", "char", "block", "whiteout"])
    if kind == "file":
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))
    elif kind == "dir":
        os.mkdir(path)
    elif kind == "link":
        os.symlink(rng.choice([b"/", b"..", b"none", b"/etc/passwd", b"/../../..", path[-40:]]), path)
    elif kind == "fifo":
        os.mkfifo(path)
    elif kind == "socket":
        os.mknod(path, stat.S_IFSOCK | 0o600)
    else:
        device = {"char": os.makedev(1, 3), "block": os.makedev(7, 9), "whiteout": os.makedev(0, 0)}[kind]
        os.mknod(path, (stat.S_IFBLK if kind == "block" else stat.S_IFCHR) | 0o600, device)
    os.chown(path, rng.choice(IDS), rng.choice(IDS), follow_symlinks=False)
    if kind != "link":
        os.chmod(path, rng.choice(MODES + [rng.randrange(0o10000)]))
    if kind == "file" and rng.random() < 0.2 and not set(path) & set(b"\n\\ =\t"):
        # cap_net_raw=ep, as the kernel keeps it
        os.setxattr(path, "security.capability", bytes.fromhex("0100000200200000000000000000000000000000"))
    return kind


def fill(rng, root, count, dirs):
    """Makes files, also in directories that it has made itself."""
    used = collections.defaultdict(set)
    for _ in range(count):
        parent = rng.choice(dirs)
        name = odd_name(rng, used[parent])
        path = os.path.join(parent, name)
        if os.path.lexists(path):
            continue
        if make_file(rng, path) == "dir":
            dirs.append(path)


def make_tree(rng, root):
    dirs = []
    for name in DIRS:
        os.makedirs(os.path.join(root, name))
        dirs.append(os.path.join(root, name).encode())
    with open(root + "/etc/passwd", "w", encoding="ascii") as file:
        file.write("root:x:0:0::/root:/bin/sh\ndaemon:x:1:1::/:\nnobody:x:65534:65534::/:\n")
    with open(root + "/etc/group", "w", encoding="ascii") as file:
        file.write("root:x:0:\nwww-data:x:33:\nnogroup:x:65534:\n")
    os.symlink("usr/bin", root + "/bin")
    os.symlink("../var/log", root + "/home/log")
    for name in (".", "usr", "var", "dev", "run"):
        dirs.append(os.path.normpath(os.path.join(root, name)).encode())
    fill(rng, root, FILES, dirs)
    # A directory that takes more than one piece of a listing, and a deep one.
    many = root + "/srv/many"
    os.mkdir(many)
    for number in range(rng.choice([3, 3000])):
        os.close(os.open("%s/%05d%s" % (many, number, "n" * 20), os.O_CREAT | os.O_WRONLY,
                         rng.choice([0o644, 0o644, 0o644, 0o4755])))
    os.makedirs(root + "/opt" + "/deep" * rng.randrange(1, 300))


# ---- questions

def random_question(rng):
    terms = []
    if rng.random() < 0.6:
        terms.append(rng.choice(TRAITS))
    if rng.random() < 0.3 or not terms:
        terms.append("name=" + rng.choice(GLOBS))
    if rng.random() < 0.2:
        terms.append("type=" + rng.choice(list(TYPES)))
    if rng.random() < 0.2:
        terms.append("mode=%o" % rng.choice([0o4000, 0o2000, 0o002, 0o222, 0o111, 0o1000, 0o6000]))
    if rng.random() < 0.2:
        terms.append("beyond=%o" % rng.choice([0o755, 0o644, 0o600, 0o7700, 0]))
    rng.shuffle(terms)
    where = rng.choice(["", "", ":/", ":/", ":/usr", ":/etc", ":/var", ":/var/log", ":/bin", ":/home/log", ":/opt",
                        ":/srv/many", ":/var/lib/kubelet", ":/none", ":/var/lib/docker/overlay2", ":/usr/lib/x"])
    return ",".join(terms) + where


def find_terms(question):
    """The question in the words of find; whether capabilities are asked for; None where it makes no sense."""
    words, capabilities, symlinks = [], False, True
    for term in question.split(":")[0].split(","):
        name, _, value = term.partition("=")
        if name == "name":
            words += ["-name", value]
        elif name == "type":
            words += ["-type", TYPES[value]]
        elif name == "mode":
            words += ["-perm", "-" + value, "!", "-type", "l"]
        elif name == "beyond":
            words += ["-perm", "/%o" % (0o7777 & ~int(value, 8)), "!", "-type", "l"]
        elif name == "capabilities":
            words += ["-type", "f", "-perm", "/111"]
            capabilities = True
        else:
            words += {"set-uid": ["-type", "f", "-perm", "-4000"], "set-gid": ["-type", "f", "-perm", "-2000"],
                      "world-writable": ["-type", "f", "-perm", "-0002"],
                      "not-sticky": ["-type", "d", "-perm", "-0002", "!", "-perm", "-1000"],
                      "unowned": ["-nouser"], "ungrouped": ["-nogroup"],
                      "device": ["(", "-type", "b", "-o", "-type", "c", ")"]}[name]
    return words, capabilities


def makes_sense(question):
    done = subprocess.run([*HOSTAUDIT, "probe", "--root", "/var/empty-none", "files", question, "absent"],
                          check=False, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    return "is no subject" not in done.stderr


def with_capabilities(root):
    # Not in /proc, where what vanishes makes getcap give up.
    places = [os.path.join(root, name) for name in os.listdir(root) if name not in ("proc", "sys")]
    lines = output("getcap", "-r", *places, stderr=subprocess.DEVNULL).split(b"\n")
    return {line.rsplit(b" ", 1)[0] for line in lines if b" " in line}


def find(start, prune, words, *options):
    head = ["(", *prune[1:], ")", "-prune", "-o"] if prune else []
    found = output("find", start, *options, *head, "(", *words, ")", "-print0",
                   env={"LC_ALL": "C", "PATH": os.environ["PATH"]})
    return {path for path in found.split(b"\0") if path}


def expected(root, question, left_out, capable):
    """The paths that find finds, as the host sees them."""
    terms, _, where = question.partition(":")
    start = root + {"/bin": "/usr/bin", "/home/log": "/var/log", "": "", "/": ""}.get(where, where)
    if not os.path.isdir(start):
        return set()
    words, capabilities = find_terms(question)
    prune = []
    # A star at the end leaves the directory itself to be looked at.
    for place in left_out + (["/dev/*"] if "device" in terms else []):
        if not (start + "/").startswith(root + place.rstrip("*") + ("" if place.endswith("*") else "/")):
            prune += ["-o", "-path", root + place]
    paths = find(start, prune, words)
    if start == root and "name=" in terms:
        # The root's name is a slash, also where find sees another.
        paths.discard(root.encode())
        place = words.index("-name")
        if find("/", [], words[place:place + 2], "-maxdepth", "0") and \
                find(root, [], words[:place] + words[place + 2:] + ["-true"], "-maxdepth", "0"):
            paths.add(root.encode())
    if capabilities:
        paths &= capable
    if "device" in terms:
        paths = {path for path in paths if os.lstat(path).st_rdev or stat.S_ISBLK(os.lstat(path).st_mode)}
    return {path[len(root):].decode("utf-8", "replace") or "/" for path in paths}


# ---- answers

def write_policy(directory, questions):
    os.makedirs(directory + "/benchmarks")
    os.makedirs(directory + "/os-profiles")
    with open(directory + "/os-profiles/none.ini", "w", encoding="utf-8") as file:
        file.write("[os]\ntitle = none\nbenchmarks = b\n")
    with open(directory + "/benchmarks/b.ini", "w", encoding="utf-8") as file:
        for number, question in enumerate(questions):
            file.write('[q%03d]\ntitle = t\nwhy = w\nlevel = 1\nseverity = low\ncheck = files "%s" absent\n'
                       % (number, question.replace("\\", "\\\\")))


def wrong_aspects(facts):
    """Of a running host, what lies in memory is true now alone; all else is both."""
    for fact in facts:
        path = fact["value"] or ""
        volatile = path.startswith("/run/") and not path.startswith("/run/mine") or path == "/run"
        if fact["state"] == "value" and fact["aspect"] != ("running" if volatile else "both"):
            yield path


def facts_of(facts):
    """The paths of all facts, and whether something else was said."""
    paths = {fact["value"] for fact in facts if fact["state"] == "value"}
    return paths, [fact for fact in facts if fact["state"] == "unknown"]


def ask_all(options, policy, count):
    command = [*HOSTAUDIT, "check", *options, "--profile", "none", "--policy-dir", policy, "--format", "json"]
    done = subprocess.run(command, check=False, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode not in (0, 1, 3) or done.stderr:
        sys.exit("not ok - %s: %d, %s" % (" ".join(command), done.returncode, done.stderr))
    results = {result["rule"]: result["checks"][0]["facts"] for result in json.loads(done.stdout)["results"]}
    return [results["q%03d" % number] for number in range(count)]


def ask_one(options, question):
    command = [*HOSTAUDIT, "probe", *options, "--format", "json", "files", '"%s"' % question.replace("\\", "\\\\"), "absent"]
    done = subprocess.run(command, check=False, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout)["facts"]


def in_memory(path):
    return output("stat", "-f", "-c", "%T", path, text=True).strip() == "tmpfs"


def compare(title, options, root, questions, left_out, rng):
    policy = root + ".policy"
    shutil.rmtree(policy, ignore_errors=True)
    write_policy(policy, questions)
    capable = with_capabilities(root)
    agreed = differing = 0
    for question, facts in zip(questions, ask_all(options, policy, len(questions))):
        wanted = expected(root, question, left_out, capable)
        lost = list(wrong_aspects(facts)) if "--live" in options and not in_memory(root) else []
        if lost:
            print("not ok - %s: files %s: the aspect of %r" % (title, question, lost[0]))
            differing += 1
        paths, unknown = facts_of(facts)
        if not unknown and rng.random() < 0.1 and facts_of(ask_one(options, question)) != (paths, []):
            print("not ok - %s: files %s: alone it is answered otherwise" % (title, question))
            differing += 1
        if len(wanted) > 1000 and unknown and paths < wanted and len(paths) == 1000:
            agreed += 1
        elif paths == wanted and not unknown:
            agreed += 1
        else:
            differing += 1
            print("not ok - %s: files %s" % (title, question))
            for path in sorted(wanted - paths)[:5]:
                print("  only find: %r" % path)
            for path in sorted(paths - wanted)[:5]:
                print("  only hostaudit: %r" % path)
            for fact in unknown[:3]:
                print("  unknown: %s: %s" % (fact["object"], fact["error"]))
    shutil.rmtree(policy)
    return agreed, differing


# ---- mounts

def mount(*words):
    subprocess.run(["mount", *words], check=True)


def mount_overlay(root, place):
    """As a container's: its layers are named as the host sees them. False where there is no overlayfs."""
    child = os.fork()
    if not child:
        os.chroot(root)
        layers = "lowerdir=/run/layers/low,upperdir=/run/layers/up,workdir=/run/layers/work"
        libc = ctypes.CDLL(None)
        os._exit(libc.mount(b"overlay", place.encode(), b"overlay", 0, layers.encode()) != 0)
    return os.waitpid(child, 0)[1] == 0


def mount_all(rng, root):
    """Mounts this and that in a tree. Returns the places that a search leaves out."""
    left_out = []
    mount("-t", "proc", "proc", root + "/proc")
    mount("-t", "sysfs", "sysfs", root + "/sys")
    mount("-t", "tmpfs", "tmpfs", root + "/run")
    left_out += ["/proc", "/sys"]
    for name in ("mine", "task/rootfs", "pts", "layers/up", "layers/work", "layers/low"):
        os.makedirs(root + "/run/" + name)
    if rng.random() < 0.5:
        mount("-t", "devpts", "devpts", root + "/run/pts")
        left_out.append("/run/pts")
    os.makedirs(root + "/usr/lib/x/layer")
    mount("--bind", root + "/etc", root + "/run/mine")
    fill(rng, root, 40, [(root + "/run/layers/" + name).encode() for name in ("up", "low")])
    if mount_overlay(root, "/run/task/rootfs"):
        left_out += ["/run/task/rootfs"] + ["/run/layers/%s/*" % name for name in ("up", "low", "work")]
    return left_out


def use_accounts(root):
    """find asks the C library for names, which is to read the tree's."""
    for name in ("passwd", "group"):
        mount("--bind", "%s/etc/%s" % (root, name), "/etc/" + name)
    with open(TMP + "/nsswitch", "w", encoding="ascii") as file:
        file.write("passwd: files\ngroup: files\n")
    mount("--bind", TMP + "/nsswitch", "/etc/nsswitch.conf")


def one_tree(number):
    """In a process and a mount namespace of its own."""
    rng = random.Random(SEED + number)
    root = os.path.join(TMP, "root%d" % number)
    os.makedirs(root)
    make_tree(rng, root)
    use_accounts(root)
    questions = []
    while len(questions) < QUESTIONS:
        question = random_question(rng)
        if question not in questions and makes_sense(question):
            questions.append(question)
    result = compare("image %d" % number, ["--root", root], root, questions, RUNTIMES + MADE_AT_BOOT, rng)
    left_out = mount_all(rng, root)
    live = compare("host %d" % number, ["--root", root, "--live"], root, questions, RUNTIMES + left_out, rng)
    return [a + b for a, b in zip(result, live)]


def main():
    if "--inner" in sys.argv:
        agreed, differing = one_tree(int(sys.argv[-1]))
        print("RESULT %d %d" % (agreed, differing))
        return 0
    if os.geteuid() != 0:
        print("ok - searches # SKIP only root can make such trees")
        return 0
    print("SEED=%d" % SEED)
    total = [0, 0]
    for number in range(TREES):
        done = subprocess.run(["unshare", "-m", sys.executable, sys.argv[0], "--inner", str(number)], check=False,
                              stdout=subprocess.PIPE, text=True, env=dict(os.environ, SEED=str(SEED), TMP=TMP))
        lines = done.stdout.splitlines()
        if done.returncode or not lines or not lines[-1].startswith("RESULT"):
            lines.append("RESULT 0 1")
        print("\n".join(lines[:-1]), end="\n" if lines[:-1] else "")
        total = [a + int(b) for a, b in zip(total, lines[-1].split()[1:])]
        shutil.rmtree(os.path.join(TMP, "root%d" % number), ignore_errors=True)
    print("%d passed, %d failed, 0 skipped" % tuple(total))
    return bool(total[1])


sys.exit(main())
