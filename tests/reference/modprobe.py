#!/usr/bin/python3
# variants: normal
"""Holds `hostaudit probe module` against modprobe -n on modprobe.d stacks made at random.

A kernel's directory is made once, by depmod from modules that hold nothing but their aliases. In each
stack some names are asked for; who decides has to be the same: the line of modprobe.d, the kernel's
lists, the blacklist.
"""
import json
import os
import random
import shlex
import shutil
import subprocess
import sys

VERSION = "6.1.0-test"
STACKS = int(os.environ.get("STACKS", "250"))
SEED = int(os.environ.get("SEED") or random.SystemRandom().randrange(1 << 32))
TMP = os.environ.get("TMP", "/tmp")
HOSTAUDIT = shlex.split(os.environ.get("HOSTAUDIT", "build/hostaudit"))
DIRS = ["etc/modprobe.d", "run/modprobe.d", "usr/local/lib/modprobe.d", "usr/lib/modprobe.d"]

MODULES = {
    "cramfs": ["fs-cramfs"],
    "hfs": ["fs-hfs", "char-major-99-*"],
    "usb-storage": ["usb:v0421p0019d*dc*ic08isc06ip50in*"],
    "snd_pcm": [],
    "rds": ["net-pf-21", "net-pf-21-proto-0"],
    "tipc": ["net-pf-30"],
    "bluetooth": ["net-pf-31"],
    "firewire-sbp2": ["ieee1394:ven*mo*sp*ver*"],
    "ext4": ["fs-ext4", "fs-ext2", "ext2", "fs-ext3"],
    "ext3_old": ["fs-ext3"],
}
BUILTIN = {"squashfs": ["fs-squashfs"], "loop": ["block-major-7-*", "char-major-10-237"], "x-tables": []}
OTHERS = ["freevxfs", "net-pf-99", "fs-nothing", "my-alias", "old_name", "my-usb-7"]
NAMES = (list(MODULES) + list(BUILTIN) + OTHERS +
         ["fs-cramfs", "fs-ext2", "fs-ext3", "ext2", "net-pf-21", "net-pf-30", "net-pf-31", "fs-squashfs",
          "block-major-7-3", "char-major-99-1", "usb_storage", "snd-pcm", "x_tables",
          "usb:v0421p0019d0592dc00ic08isc06ip50in00"])
PATTERNS = ["h?s", "c*", "usb[-_]storage", "[a-h]*fs", "*", "ext[2-4]", "firewire*", "snd[_]pcm", "r[a-e]s"]
ALIASES = ["my-alias", "old_name", "my-usb-[0-9]", "net-pf-*", "fs-c*", "net-pf-31", "fs-nothing"]
COMMANDS = ["/bin/true", "/bin/false", "/usr/bin/true", "/sbin/nologin", "false", "/bin/false # no",
            "/bin/false -x", "  /bin/true  ", "/bin/echo no", "/sbin/modprobe -i x", "/bin/true; insmod x",
            "/bin/false || insmod y", "/bin/falsehood", "true && insmod x", "/bin/true `insmod x`", ":"]
DENIALS = {"/bin/true", "/bin/false", "/usr/bin/true", "/sbin/nologin", "false", "/bin/false # no",
           "/bin/false -x"}


def underscores(name):
    return name.replace("-", "_")


def make_kernel(root):
    base = os.path.join(root, "usr/lib/modules", VERSION)
    os.makedirs(os.path.join(base, "kernel"))
    os.symlink("usr/lib", os.path.join(root, "lib"))
    for name, aliases in MODULES.items():
        strings = ["license=GPL", "depends=", "name=" + underscores(name)]
        strings += ["alias=" + alias for alias in aliases]
        source = '.section .modinfo,"a"\n' + "".join('.asciz "%s"\n' % text for text in strings)
        subprocess.run(["as", "-o", "%s/kernel/%s.ko" % (base, name), "-"], input=source.encode(),
                       check=True)
    with open(base + "/modules.order", "w", encoding="ascii") as file:
        file.writelines("kernel/%s.ko\n" % name for name in MODULES)
    with open(base + "/modules.builtin", "w", encoding="ascii") as file:
        file.writelines("kernel/%s.ko\n" % name for name in BUILTIN)
    with open(base + "/modules.builtin.modinfo", "w", encoding="ascii") as file:
        for name, aliases in BUILTIN.items():
            file.write("%s.license=GPL\0" % underscores(name))
            file.writelines("%s.alias=%s\0" % (underscores(name), alias) for alias in aliases)
    subprocess.run(["depmod", "-b", root, VERSION], check=True)


def make_line(rng):
    blank = rng.choice([" ", " ", "\t", "  ", " \\\n", "\\\n "])
    name = rng.choice(rng.choice([NAMES, NAMES, PATTERNS]))
    kind = rng.random()
    if kind < 0.5:
        words = ["install", name, rng.choice(COMMANDS)]
    elif kind < 0.7:
        words = ["blacklist", rng.choice(NAMES)]
    elif kind < 0.85:
        words = ["alias", rng.choice(ALIASES), rng.choice(list(MODULES) + list(BUILTIN) + ["off"])]
    else:
        words = rng.choice([["# install", name, "/bin/true"], ["#"], [""], ["install"], ["install", name],
                            ["blacklist"], ["nonsense", name], ["Install", name, "/bin/true"],
                            ["  #install", name, "/bin/true"], ["options", rng.choice(list(MODULES)), "x=1"],
                            ["remove", rng.choice(list(MODULES)), "/bin/true"]])
    return rng.choice(["", "", "", " ", "\t"]) + blank.join(words)


def make_stack(rng, root):
    for folder in DIRS:
        path = os.path.join(root, folder)
        shutil.rmtree(path, ignore_errors=True)
        if rng.random() < 0.3:
            continue
        os.makedirs(path)
        for name in rng.sample(["10-a.conf", "20-b.conf", "a.conf", "Z.conf", "b.alias", ".c.conf",
                                "d.conf.bak", "conf", "e.conf"], rng.randrange(4)):
            where = os.path.join(path, name)
            if rng.random() < 0.1:
                os.symlink(rng.choice(["/dev/null", "/nowhere"]), where)
                continue
            with open(where, "w", encoding="ascii") as file:
                file.write("\n".join(make_line(rng) for _ in range(rng.randrange(6))))
                file.write(rng.choice(["", "\n"]))


def without_options(command):
    """modprobe hands the options of the module to the command."""
    command = command.rstrip(" ")
    while command.endswith(" x=1"):
        command = command[:-len(" x=1")].rstrip(" ")
    return command


def ask_modprobe(root, name):
    """{module: answer}: ('install', command), 'insmod', 'builtin', or 'nothing'."""
    argv = ["modprobe", "-n", "-v", "-d", root, "-S", VERSION]
    for folder in DIRS:
        argv += ["-C", os.path.join(root, folder)]
    done = subprocess.run(argv + ["--", name], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          check=False)
    answers = []
    for line in done.stdout.decode().splitlines():
        word, _, rest = line.partition(" ")
        answers.append((word, without_options(rest) if word == "install" else
                        underscores(os.path.basename(rest).split(".ko")[0])))
    return done.returncode, answers


def ask_us(root, name):
    done = subprocess.run(HOSTAUDIT + ["probe", "--root", root, "--format", "json",
                                       "module %s state = loadable" % name],
                          stdout=subprocess.PIPE, check=False)
    facts = json.loads(done.stdout)["facts"]
    answers = []
    for fact in facts:
        if fact["state"] != "value":
            answers.append(("unknown", fact["error"]))
        elif fact["value"] in ("builtin", "absent"):
            answers.append((fact["value"], fact["object"]))
        else:
            answers.append((fact["value"], decided_by(root, fact)))
    return answers


def decided_by(root, fact):
    """The logical line of modprobe.d that decides, without its first word, or the module."""
    path, _, line = fact["source"].rpartition(":")
    if not path:
        return ("insmod", fact["object"])
    with open(root + path, encoding="ascii") as file:
        text = "".join(file.readlines()[int(line) - 1:]).replace("\\\n", "").split("\n")[0].strip("\t ")
    words = text.split(None, 2)
    return (words[0], words[2].rstrip() if words[0] == "install" else underscores(words[1]))


def agree(theirs, ours):
    """Does each answer of ours come out the same there?"""
    code, done = theirs
    left, used = list(done), []
    absent = sum(state == "absent" for state, _ in ours)
    if all(state in ("absent", "builtin") for state, _ in ours):
        # modprobe runs a command for a name that no module has, and for an alias of built-in code.
        return all(word == "install" for word, _ in left) and (
            code == 0 or all(state == "absent" for state, _ in ours))
    for state, detail in ours:
        if state == "absent" or (state == "denied" and detail[0] == "blacklist"):
            continue  # nothing is done for it
        if state == "builtin":
            continue  # nothing to be done
        if state not in ("loadable", "denied"):
            return False
        wanted = ("install", detail[1].strip()) if detail[0] == "install" else ("insmod", detail[1])
        found = [(word, rest.strip()) for word, rest in left]
        if wanted not in found + used:
            return False
        if wanted in found:
            used.append(found[found.index(wanted)])
            del left[found.index(wanted)]
        if detail[0] == "install" and (state == "denied") != (detail[1].strip() in DENIALS | {
                command.strip() for command in DENIALS}):
            return False
    nothing = absent == len(ours)
    # For an alias that leads to no module there may be a command all the same: "install * …".
    return len(left) <= absent and all(word == "install" for word, _ in left) and (code != 0) == nothing


def main():
    if not shutil.which("modprobe") or not shutil.which("depmod"):
        print("ok modprobe # SKIP kmod is not installed")
        return 0
    rng = random.Random(SEED)
    root = os.path.join(TMP, "root")
    make_kernel(root)
    passed = failed = 0
    for stack in range(STACKS):
        make_stack(rng, root)
        for name in rng.sample(NAMES, 5):
            theirs, ours = ask_modprobe(root, name), ask_us(root, name)
            if agree(theirs, ours):
                passed += 1
                continue
            failed += 1
            print("seed %d, stack %d: %s\n  modprobe: %s\n  hostaudit: %s" % (SEED, stack, name, theirs, ours))
            if failed == 1:
                os.makedirs("build/tests", exist_ok=True)
                shutil.rmtree("build/tests/modprobe", ignore_errors=True)
                shutil.copytree(root, "build/tests/modprobe", symlinks=True)
    print("modprobe: seed %d" % SEED)
    print("%d passed, %d failed, 0 skipped" % (passed, failed))
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
