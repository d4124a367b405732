#!/usr/bin/python3
# variants: normal no-openat2
"""Holds the file probe against stat, readlink, getfacl, getcap, lsattr and getfattr.

Once on files made at random in a root of their own, once on /etc and a part of /usr/bin of this machine.
FILES=N and SEED=N in the environment choose how many, and which.
"""
import fnmatch
import json
import os
import random
import shlex
import shutil
import socket
import stat
import subprocess
import sys

FILES = int(os.environ.get("FILES", "300"))
SEED = int(os.environ.get("SEED") or random.SystemRandom().randrange(1 << 32))
TMP = os.environ.get("TMP", "/tmp")
HOSTAUDIT = shlex.split(os.environ.get("HOSTAUDIT", "build/hostaudit"))
QUESTIONS = {"mode": "mode-within 7777", "owner": "owner ~ .", "group": "group ~ .", "type": "type ~ .",
             "target": "target ~ .", "acl": "acl", "capabilities": "capabilities ~ .", "label": "label ~ .",
             "immutable": "immutable"}
TYPES = {stat.S_IFREG: "file", stat.S_IFDIR: "directory", stat.S_IFLNK: "symlink", stat.S_IFIFO: "fifo",
         stat.S_IFSOCK: "socket", stat.S_IFCHR: "char", stat.S_IFBLK: "block"}
IDS = [0, 0, 1, 2, 33, 42, 65534, 12345, 4000000000]
ACLS = ["u:33:rw", "g:42:r", "u:0:rwx,g:33:x", "m::r", "u:12345:-"]
CAPABILITIES = ["cap_net_raw=ep", "cap_net_raw,cap_net_admin=p", "cap_chown=ei", "cap_sys_admin=eip", "=ep",
                "cap_chown=p cap_kill=i", "cap_bpf,cap_perfmon=ep"]


def make_one(rng, path, others):
    kind = rng.choice(["file"] * 6 + ["directory"] * 2 + ["link"] * 3 + ["fifo", "socket", "char", "block"])
    if kind == "file":
        open(path, "w", encoding="ascii").close()
    elif kind == "directory":
        os.mkdir(path)
    elif kind == "link":
        os.symlink(rng.choice(others + ["none", "../none/x", os.path.basename(path)]), path)
        return
    elif kind == "fifo":
        os.mkfifo(path)
    elif kind == "socket":
        with socket.socket(socket.AF_UNIX) as sock:
            sock.bind(path)
    else:
        os.mknod(path, stat.S_IFCHR if kind == "char" else stat.S_IFBLK, os.makedev(1, 3))
    os.chown(path, rng.choice(IDS), rng.choice(IDS))
    os.chmod(path, rng.choice([rng.randrange(0o10000), 0o644, 0o4755, 0o600, 0o1777, 0]))
    decorate(rng, path, kind)


def decorate(rng, path, kind):
    if kind in ("file", "directory", "fifo") and rng.random() < 0.3:
        default = ["-d"] if kind == "directory" and rng.random() < 0.5 else []
        subprocess.run(["setfacl", *default, "-m", rng.choice(ACLS), path], check=False)
    if kind == "file" and rng.random() < 0.3:
        subprocess.run(["setcap", rng.choice(CAPABILITIES), path], check=False)
    if kind == "file" and rng.random() < 0.2:
        os.setxattr(path, "security.selinux", b"system_u:object_r:etc_t:s0" + rng.choice([b"", b"\0"]))
    if kind in ("file", "directory") and rng.random() < 0.15:
        subprocess.run(["chattr", rng.choice(["+i", "+a", "+d"]), path], check=False, stderr=subprocess.DEVNULL)


def make_root(rng, root):
    os.makedirs(os.path.join(root, "etc"))
    os.makedirs(os.path.join(root, "d"))
    for name in ("passwd", "group"):
        shutil.copy("/etc/" + name, os.path.join(root, "etc", name))
    names = []
    for number in range(FILES):
        name = "f%03d" % number
        make_one(rng, os.path.join(root, "d", name), names or ["none"])
        names.append(name)


def output(*command):
    return subprocess.run(command, check=False, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          text=True).stdout


def capabilities(text):
    """libcap begins with the set that most capabilities have, and adds to it; the order is its own."""
    return " ".join(sorted(text.replace("+", "=").split()))


def reference(path):
    """What the tools say of a path, by field; None where what it leads to is not there, or is a circle."""
    info = os.lstat(path)
    answer = {"type": TYPES[stat.S_IFMT(info.st_mode)],
              "target": os.readlink(path) if stat.S_ISLNK(info.st_mode) else None}
    mode = output("stat", "-L", "-c", "%a %U %G %u %g", path).split()
    if not mode:
        return answer, False
    answer["mode"] = mode[0].rjust(4, "0")
    answer["owner"] = mode[1] if mode[1] != "UNKNOWN" else mode[3]
    answer["group"] = mode[2] if mode[2] != "UNKNOWN" else mode[4]
    lines = [line for line in output("getfacl", "-pc", path).splitlines() if line]
    answer["acl"] = "yes" if len(lines) > 3 else "no"
    real = os.path.realpath(path)
    answer["capabilities"] = capabilities(output("getcap", "-n", real)[len(real):]) or "none"
    label = output("getfattr", "-h", "--only-values", "-n", "security.selinux", real).rstrip("\0")
    answer["label"] = label or None
    if os.path.isfile(real) or os.path.isdir(real):
        flags = output("lsattr", "-d", real).split(" ")[0]
        answer["immutable"] = ("yes" if "i" in flags else "no") if flags else ""
    return answer, True


def probe(options, pattern, question):
    command = [*HOSTAUDIT, "probe", *options, "--format", "json", "file", pattern, *question.split()]
    done = subprocess.run(command, check=False, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout)["facts"]


def compare(options, prefix, pattern):
    """Returns how many answers agreed, and prints those that did not."""
    paths = sorted(path for path in (os.path.join(prefix + os.path.dirname(pattern), name)
                                     for name in os.listdir(prefix + os.path.dirname(pattern))
                                     if fnmatch.fnmatch(name, os.path.basename(pattern))
                                     and not name.startswith(".")))
    wanted = {path[len(prefix):]: reference(path) for path in paths}
    agreed = differed = 0
    for field, question in QUESTIONS.items():
        facts = {fact["object"]: fact for fact in probe(options, pattern, question)}
        for path, (answer, resolves) in wanted.items():
            if not resolves and field not in ("type", "target"):
                continue
            if field not in answer or answer[field] == "":
                continue  # lsattr does not open it
            fact = facts.get(path)
            if field == "capabilities" and fact and fact["value"]:
                fact["value"] = capabilities(fact["value"])
            if fact and fact["value"] == answer[field] and fact["state"] in ("value", "absent"):
                agreed += 1
            else:
                differed += 1
                print("not ok %s of %s: %r, not %r" % (field, path, fact, answer[field]))
    return agreed, differed


def main():
    if os.geteuid() != 0:
        print("ok # SKIP needs root")
        return 0
    print("# SEED=%d" % SEED)
    root = os.path.join(TMP, "root")
    passed = failed = 0
    try:
        make_root(random.Random(SEED), root)
        for options, prefix, pattern in ((["--root", root], root, "/d/*"), ([], "", "/etc/*"),
                                         ([], "", "/usr/bin/[m-p]*")):
            agreed, differed = compare(options, prefix, pattern)
            passed += agreed
            failed += differed
    finally:
        subprocess.run(["chattr", "-R", "-ia", root], check=False, stderr=subprocess.DEVNULL)
    print("%d passed, %d failed, 0 skipped" % (passed, failed))
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
