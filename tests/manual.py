#!/usr/bin/python3
"""Every example of the manual, of the help texts and of README.md is a command that works."""
import glob
import json
import os
import re
import shlex
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join("tests", "lib"))
sys.dont_write_bytecode = True
import tree  # noqa: E402

COMMAND = [os.path.abspath(word) for word in os.environ["HOSTAUDIT"].split()]
TMP = os.environ["TMP"]
PROJECT = os.getcwd()
STATE = os.path.join(TMP, "state")
RUN = re.compile(r"\d{8}-\d{6}-\d{6}$")
SITE = os.path.join(TMP, "etc-hostaudit")
WAIVER = """\
[profiler]
rule = kernel-kptr-restrict
reason = The profiler reads /proc/kallsyms
owner = team-x
expires = 2099-12-31
"""
counts = [0, 0]


def output(*argv):
    return subprocess.run(argv, stdout=subprocess.PIPE, check=False, stdin=subprocess.DEVNULL,
                          universal_newlines=True).stdout


def examples():
    """(where it stands, the command line)"""
    for page in sorted(glob.glob("man/*.[1-9]")):
        with open(page, encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                found = re.match(r"\.Dl (hostaudit .*)", line)
                if found:
                    yield "%s:%d" % (page, number), re.sub(r"\\-", "-", found.group(1))
    for command in re.findall(r"^  (\w+) +\S", output(COMMAND[0], "--help"), re.MULTILINE):
        text = output(COMMAND[0], command, "--help").partition("examples:\n")[2]
        for line in text.splitlines():
            yield command + " --help", line.strip()
    with open("README.md", encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            found = re.match(r"    (?:\$ )?(hostaudit .*)", line)
            if found:
                yield "README.md:%d" % number, found.group(1).partition("  #")[0]


def arguments(line):
    """The words behind `hostaudit`, with the policy of the project and without a /host."""
    words = []
    for word in shlex.split(line)[1:]:
        word = "/" if word == "/host" else word.replace("/etc/hostaudit", SITE)
        words += glob.glob(word) if "*" in word and word.startswith("/") else [word]
    if words[0] in ("check", "plan", "fix", "probe", "list", "explain", "lint"):
        words[1:1] = ["--policy-dir", SITE, "--policy-dir", PROJECT]
    # Whatever changes something does it to an image, and never to this machine.
    if words[0] in ("fix", "rollback", "history"):
        words[1:1] = ["--state-dir", STATE]
        words = [last_run() if RUN.match(word) else word for word in words] + ["--root", "image/"]
    return words


def last_run():
    """A run that can be taken back: made anew where there is none."""
    listed = output(COMMAND[0], "history", "--state-dir", STATE)
    runs = [line.split()[0] for line in listed.splitlines() if "take" not in line]
    if not runs:
        subprocess.run(COMMAND + ["fix", "--policy-dir", PROJECT, "--root", TMP + "/image", "--state-dir", STATE, "-q"],
                       check=False)
        return last_run()
    return runs[-1]


def problem(line):
    if line.startswith(("hostaudit rollback", "hostaudit history")):
        last_run()
    done = subprocess.run(COMMAND + arguments(line), cwd=TMP, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          check=False, stdin=subprocess.DEVNULL, timeout=60, universal_newlines=True)
    said = done.stdout or line.startswith("hostaudit lint")
    if done.returncode not in (0, 1, 3) or not said:
        return "exit code %d: %s" % (done.returncode, done.stderr)
    if done.stderr:
        return done.stderr
    if "--format json " in line + " ":
        json.loads(done.stdout)
    return None


def readme_run():
    """The run that README.md shows, and what it really says; how long it took aside."""
    with open("README.md", encoding="utf-8") as file:
        text = file.read()
    line, shown, code = re.search(r"^    \$ (hostaudit check .*)\n((?:    .*\n|\n)*?)    \$ echo \$\?\n    (\d)$", text,
                                  re.MULTILINE).groups()
    words = shlex.split(line)[1:]
    done = subprocess.run(COMMAND + words[:1] + ["--policy-dir", PROJECT] + words[1:], cwd=TMP, check=False,
                          stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, universal_newlines=True)
    came = "".join("    " + row if row.strip() else row for row in done.stdout.splitlines(keepends=True))
    moving = re.compile(r"in \d+ ms")
    return moving.sub("", shown) + code, moving.sub("", came) + str(done.returncode)


def main():
    with open("tests/demo/flatcar.spec", encoding="utf-8") as file:
        tree.build(file.read().splitlines(), os.path.join(TMP, "image"), "tests/demo")
    for folder in ("benchmarks", "os-profiles", "remediations"):
        shutil.copytree(folder, os.path.join(TMP, folder))
    os.makedirs(os.path.join(SITE, "waivers"))
    for name, text in ((SITE + "/waivers/a.ini", WAIVER), (TMP + "/draft.txt", "[roles]\nadd = debug\n")):
        with open(name, "w", encoding="utf-8") as file:
            file.write(text)
    for where, line in examples():
        why = problem(line)
        counts[why is not None] += 1
        print("%s - %s: %s%s" % ("not ok" if why else "ok", where, line, "\n  " + why if why else ""))
    shown, came = readme_run()
    counts[shown != came] += 1
    print("%s - README.md shows what comes%s" % ("ok" if shown == came else "not ok",
                                                  "" if shown == came else ":\n" + came))
    print("%d passed, %d failed, 0 skipped" % tuple(counts))
    return bool(counts[1] or counts[0] < 10)


sys.exit(main())
