#!/usr/bin/python3
# variants: normal static
"""Holds `hostaudit probe mount` against mount(8), findmnt and systemd-fstab-generator.

In a namespace of its own, file systems are mounted with options made at random: what the kernel shows
then has to be what is foretold from a line of fstab with these options; and what is mounted now has to be
what findmnt says, bind mounts and stacks included. From tables made at random, the generator has to have
the same mounts started.
"""
import json
import os
import random
import shlex
import shutil
import subprocess
import sys

SEED = int(os.environ.get("SEED") or random.SystemRandom().randrange(1 << 32))
TMP = os.path.abspath(os.environ.get("TMP", "/tmp"))
HOSTAUDIT = shlex.split(os.environ.get("HOSTAUDIT", "build/hostaudit"))
GENERATOR = "/usr/lib/systemd/system-generators/systemd-fstab-generator"

FLAGS = ["ro", "rw", "nosuid", "suid", "nodev", "dev", "noexec", "exec", "sync", "async", "dirsync", "noatime",
         "atime", "nodiratime", "diratime", "relatime", "norelatime", "strictatime", "nostrictatime",
         "lazytime", "nolazytime", "nosymfollow", "symfollow"]
OTHERS = ["defaults", "user", "users", "owner", "group", "nouser", "auto", "noauto", "nofail", "_netdev",
          "x-systemd.device-timeout=3", "comment=a", "X-b", "user=me", "mode=755", "size=64k"]
SHOWN = {"ro", "rw", "nosuid", "nodev", "noexec", "sync", "dirsync", "noatime", "nodiratime", "relatime",
         "lazytime", "nosymfollow"}


class Count:
    passed = failed = skipped = 0

    def check(self, theirs, ours, what):
        if theirs == ours:
            self.passed += 1
        else:
            self.failed += 1
            print("seed %d: %s\n  theirs: %s\n  ours:   %s" % (SEED, what, theirs, ours))


def fact(aspect, path, field="options", root=None):
    """(state, value)"""
    where = ["--root", root] if root else []
    done = subprocess.run(HOSTAUDIT + ["probe", "--format", "json"] + where + [
        "mount %s %s = x" % (path, field)], stdout=subprocess.PIPE, check=False)
    for found in json.loads(done.stdout)["facts"]:
        if found["aspect"] == aspect:
            return found["state"], found["value"]
    return None, None


def write_fstab(root, lines):
    os.makedirs(root + "/etc", exist_ok=True)
    os.makedirs(root + "/usr/lib/systemd", exist_ok=True)
    with open(root + "/etc/fstab", "w", encoding="ascii") as file:
        file.writelines(line + "\n" for line in lines)


def random_options(rng):
    words = rng.choices(FLAGS, k=rng.randrange(6)) + rng.choices(OTHERS, k=rng.randrange(3))
    rng.shuffle(words)
    return ",".join(words) or "defaults"


def mounts_now():
    """What findmnt says: {target: (options, type, source)}, the last at each."""
    done = subprocess.run(["findmnt", "--json", "--list", "-o", "TARGET,OPTIONS,FSTYPE,SOURCE"],
                          stdout=subprocess.PIPE, check=True)
    return {row["target"]: (row["options"], row["fstype"], row["source"] or "none")
            for row in json.loads(done.stdout)["filesystems"]}


def flags_of(options):
    return sorted(set(options.split(",")) & SHOWN)


def in_namespace():
    """What needs real mounts; prints its result as JSON at the end."""
    rng, count = random.Random(SEED), Count()
    base = TMP + "/mounts"
    os.makedirs(base)
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", base], check=True)
    lines = ["tmpfs /m%d tmpfs %s" % (i, random_options(rng)) for i in range(150)]
    write_fstab(TMP + "/root", [line.replace("noauto", "auto") for line in lines])
    for line in lines:
        _, target, _, options = line.split()
        os.mkdir(base + target)
        subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", base + target], check=True)
    now = mounts_now()
    for line in lines:
        target = line.split()[1]
        state, value = fact("configured", target, root=TMP + "/root")
        count.check(flags_of(now[base + target][0]), flags_of(value or state), line)
    stack(rng, base)
    now = mounts_now()
    for target in sorted(now):
        if " " in target:
            continue
        ours = tuple(fact("running", target, field)[1] for field in ("options", "type", "source"))
        count.check(now[target], ours, target)
    print(json.dumps([count.passed, count.failed]))


def stack(rng, base):
    """Bind mounts, mounts on top of each other, and remounts that concern one or all of them."""
    for i in range(60):
        place, other = (base + "/m%d" % rng.randrange(150) for _ in range(2))
        kind = rng.randrange(4)
        if kind == 0:
            command = ["-t", "tmpfs", "-o", random_options(rng), "over%d" % i, place]
        elif kind == 1:
            command = ["--bind", other, place]
        elif kind == 2:
            command = ["-o", "remount,bind," + rng.choice(["ro", "nosuid", "noexec,nodev", "noatime"]), place]
        else:
            command = ["-o", "remount," + rng.choice(["ro", "rw", "sync"]), place]
        subprocess.run(["mount"] + command, check=False, stderr=subprocess.DEVNULL)
    for i in range(10):
        os.makedirs("%s/sub/d%d/x" % (base, i))
        os.makedirs("%s/bound%d" % (base, i))
        subprocess.run(["mount", "--bind", "%s/sub/d%d" % (base, i), "%s/bound%d" % (base, i)], check=True)


def real_mounts(count):
    command = ["unshare", "--mount", "--pid", "--fork", "--mount-proc", sys.executable, __file__, "inside"]
    if os.geteuid() or subprocess.run(command[:5] + ["true"], stderr=subprocess.DEVNULL,
                                      check=False).returncode:
        print("ok mounts of our own # SKIP not allowed here")
        count.skipped += 1
        return
    done = subprocess.run(command, stdout=subprocess.PIPE, env=dict(os.environ, SEED=str(SEED)), check=False)
    lines = done.stdout.decode().splitlines()
    print("\n".join(lines[:-1]))
    try:
        passed, failed = json.loads(lines[-1])
    except (IndexError, ValueError):
        passed, failed = 0, 1
        print("seed %d: it broke off: %s" % (SEED, lines[-1:]))
    count.passed += passed
    count.failed += failed


def random_table(rng):
    targets = ["/home", "/srv", "/opt", "/mnt/a", "/var/log", "/x-y", "/data"]
    types = ["ext4", "nfs4", "tmpfs", "auto"]
    words = ["defaults", "noauto", "auto", "nofail", "x-systemd.automount", "nosuid", "nodev", "noexec", "ro",
             "_netdev", "x-systemd.device-timeout=1", "user"]
    return ["/dev/%s%d %s %s %s 0 0" % (rng.choice("ab"), i, rng.choice(targets), rng.choice(types),
                                        ",".join(rng.choices(words, k=rng.randrange(1, 5))))
            for i in range(rng.randrange(1, 6))]


def escape(path):
    return path.strip("/").replace("-", "\\x2d").replace("/", "-")


def generated(out, path):
    """('absent', None), or what the unit that boot starts mounts: ('value', what)"""
    name = escape(path)
    started = [link for folder in ("local-fs", "remote-fs") for how in ("requires", "wants")
               for link in ("%s/%s.target.%s/%s.%s" % (out, folder, how, name, kind)
                            for kind in ("mount", "automount")) if os.path.lexists(link)]
    if not started:
        return "absent", None
    with open("%s/%s.mount" % (out, name), encoding="ascii") as file:
        what = [line[5:].strip() for line in file if line.startswith("What=")]
    return "value", what[0]


def generator(count):
    if not os.path.exists(GENERATOR):
        print("ok systemd-fstab-generator # SKIP not installed")
        count.skipped += 1
        return
    rng, root, out = random.Random(SEED), TMP + "/tables", TMP + "/out"
    for number in range(100):
        lines = random_table(rng)
        write_fstab(root, lines)
        shutil.rmtree(out, ignore_errors=True)
        os.makedirs(out)
        subprocess.run([GENERATOR, out, out, out], env={"SYSTEMD_FSTAB": root + "/etc/fstab",
                                                        "SYSTEMD_LOG_LEVEL": "emerg"}, check=False,
                       stderr=subprocess.DEVNULL)
        for path in sorted({line.split()[1] for line in lines} | {"/never"}):
            count.check(generated(out, path), fact("configured", path, "source", root),
                        "table %d, %s\n    %s" % (number, path, "\n    ".join(lines)))


def main():
    if sys.argv[1:] == ["inside"]:
        return in_namespace()
    count = Count()
    real_mounts(count)
    generator(count)
    print("mounts: seed %d" % SEED)
    print("%d passed, %d failed, %d skipped" % (count.passed, count.failed, count.skipped))
    return count.failed != 0


if __name__ == "__main__":
    sys.exit(main())
