#!/usr/bin/python3
# variants: normal
"""Holds `hostaudit probe keyfile` against what reads such files: a shell, and systemd-analyze cat-config.

Files of assignments are made at random; what sh has in its variables afterwards has to be what hostaudit
tells, or hostaudit says that a shell would have to work it out. Of systemd's drop-ins the order of the
files is that of cat-config, and the last value of its text is the value.
"""
import json
import os
import random
import shlex
import shutil
import subprocess
import sys

ROUNDS = int(os.environ.get("ROUNDS", "200"))
SEED = int(os.environ.get("SEED") or random.SystemRandom().randrange(1 << 32))
TMP = os.environ.get("TMP", "/tmp/hostaudit-keyfile")
HOSTAUDIT = shlex.split(os.environ.get("HOSTAUDIT", "build/hostaudit"))

PIECES = ["a", "b c", "x=y", "#n", "é", "-", "1;2", "*", "~", "\\", "$", "`", "a\nb", "&", "%", "!"]
KEYS = ["A", "B", "_c", "D1"]
PREFIXES = ["etc", "run", "usr/local/lib", "usr/lib"]


def quote(rng, text):
    """One way to write a text that means itself, or nearly so."""
    kind = rng.randrange(4)
    if kind == 0 and "'" not in text:
        return "'" + text + "'"
    if kind == 1:
        return '"' + "".join("\\" + c if c in '"$`\\' else c for c in text) + '"'
    if kind == 2 and "\n" not in text:
        return "".join("\\" + c if not c.isalnum() else c for c in text)
    return "".join(c for c in text if c.isalnum() or c in "=#-%!")


def make_shell(rng):
    lines = []
    traps = 1 if rng.random() < 0.25 else 0
    for _ in range(rng.randrange(1, 7)):
        value = "".join(quote(rng, rng.choice(PIECES)) for _ in range(rng.randrange(4)))
        value = rng.choice([value] * 12 + [value + "$A", '"${B}x"', "`true`", "~/x", "$(echo 1)"] * traps)
        line = rng.choice(["", "", "", " ", "export "]) + rng.choice(KEYS) + "=" + value
        line += rng.choice(["", "", " ", "\t# comment", ";", " ; B=2", "\\\nz"])
        lines.append(rng.choice([line] * 15 + ["# x", "", "  ", "export A=1 B=2"] +
                                ["if true; then A=3; fi", "A=1 true", "true", "export A"] * traps))
    return "\n".join(lines) + rng.choice(["", "\n"])


def ask_shell(path):
    script = 'HOME=/nowhere; unset A B _c D1; . "$0" || exit 3; for k in A B _c D1; do eval "v=\\${$k-unset}"; printf "%s\\0" "$v"; done'
    done = subprocess.run(["sh", "-c", script, path], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          stdin=subprocess.DEVNULL, check=False)
    return dict(zip(KEYS, done.stdout.decode().split("\0"))) if not done.returncode else None


def ask_us(root, subject):
    done = subprocess.run(HOSTAUDIT + ["probe", "--root", root, "--format", "json", "keyfile %s = x" % subject],
                          stdout=subprocess.PIPE, check=False)
    return json.loads(done.stdout)["facts"][0]


def try_shell(rng, root, told):
    text = make_shell(rng)
    path = os.path.join(root, "etc/default/x")
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    theirs = ask_shell(path)
    wrong = []
    for key in KEYS:
        fact = ask_us(root, "/etc/default/x:" + key)
        if fact["state"] == "unknown":
            told["unknown"] += 1
            if not any(mark in text for mark in "$`~") and not any(
                    word in text for word in ("true", "if", "export A\n")) and theirs is not None:
                if not text.endswith("export A"):
                    wrong.append("%s is unknown: %s" % (key, fact["error"]))
            continue
        ours = fact["value"] if fact["state"] == "value" else "unset"
        told["known"] += 1
        if theirs is None or theirs[key] != ours:
            wrong.append("%s: sh %r, hostaudit %r" % (key, theirs and theirs[key], ours))
    return ["%s\n%s" % (message, text) for message in wrong]


def make_systemd(rng, root):
    for prefix in PREFIXES:
        shutil.rmtree(os.path.join(root, prefix, "systemd"), ignore_errors=True)
        names = ["systemd/x.conf"] if rng.random() < 0.4 else []
        names += ["systemd/x.conf.d/" + name for name in
                  rng.sample(["10-a.conf", "5-b.conf", "z.conf", "no.txt", "50-c.conf", ".h.conf"], rng.randrange(4))]
        for name in names:
            path = os.path.join(root, prefix, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            if rng.random() < 0.1 and ".d/" in name:
                os.symlink("/dev/null", path)
                continue
            with open(path, "w", encoding="ascii") as file:
                file.write(rng.choice(["", "# c\n"]) + "[%s]\n" % rng.choice(["S", "S", "T"]))
                for _ in range(rng.randrange(4)):
                    file.write("%s%s=%s\n" % (rng.choice(["", "", " ", "#", ";"]), rng.choice("KLM"),
                                              rng.choice(["", "1", "two words", " 3 "])))


def ask_systemd(root):
    """{key: (values, file)} from the text of cat-config."""
    done = subprocess.run(["systemd-analyze", "--root", root, "--no-pager", "cat-config", "systemd/x.conf"],
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    values = {key: ([], None) for key in "KLM"}
    where = section = None
    for line in done.stdout.decode().split("\n"):
        if line.startswith("# /"):
            where, section = line[2:], None
            continue
        line = line.strip()
        if line.startswith("["):
            section = line
        key, equals, value = line.partition("=")
        if not equals or line[0] in "#;" or section != "[S]":
            continue
        values[key] = (values[key][0] + [value.strip()] if value.strip() else [], where)
    return values


def try_systemd(rng, root):
    make_systemd(rng, root)
    wrong = []
    for key, (values, where) in ask_systemd(root).items():
        fact = ask_us(root, "x.conf:S." + key)
        if values:
            file = root + fact["source"].rpartition(":")[0]
            right = fact["state"] == "value" and fact["value"] == values[-1] and where in (
                file, fact["source"].rpartition(":")[0])
        else:
            right = fact["state"] == "absent"
        if not right:
            wrong.append("%s: systemd %s of %s, hostaudit %s" % (key, values, where, fact))
    return wrong


def main():
    rng = random.Random(SEED)
    root = os.path.join(TMP, "root")
    os.makedirs(root + "/etc/default")
    told = {"known": 0, "unknown": 0}
    failed = systemd = 0
    for number in range(ROUNDS):
        messages = try_shell(rng, root, told)
        if shutil.which("systemd-analyze"):
            messages += try_systemd(rng, root)
            systemd += 3
        failed += len(messages)
        for message in messages:
            print("seed %d, round %d: %s" % (SEED, number, message))
    print("keyfile: seed %d, of sh's values %d told and %d left open" % (SEED, told["known"], told["unknown"]))
    print("%d passed, %d failed, %d skipped" % (sum(told.values()) + systemd - failed, failed, 0 if systemd else 1))
    return failed != 0 or told["known"] < told["unknown"]


if __name__ == "__main__":
    sys.exit(main())
