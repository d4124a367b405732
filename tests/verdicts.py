#!/usr/bin/python3
"""What the profiles make of the systems they are for, rule by rule.

Each root in tests/roots/ that has a list in tests/verdicts/ is audited, and every verdict compared with
the list: one line a rule, `outcome rule - reason`. `tests/verdicts.py --update` writes the lists anew.

Where $OS_FACTS, or ../shared/os-facts, holds the real configuration files of the systems, these are
audited as well, together with NAME/missing.spec, which the lists' roots include too: no rule may hold
on one of the two trees and fail on the other.
"""
import glob
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "lib"))
sys.dont_write_bytecode = True
import tree  # noqa: E402

# The modes that real disks have, and that a copy of the files has lost.
MODES = [("etc/audit/rules.d/*", 0o640), ("usr/share/flatcar/etc/audit/rules.d/*", 0o640),
         ("usr/share/flatcar/etc/ssh/sshd_config.d/*", 0o600), ("etc/ssh/sshd_config.d/*", 0o600),
         ("etc/sudoers.d", 0o750), ("etc/sudoers.d/*", 0o440), ("usr/share/baselayout/sudoers", 0o440)]


def build(spec, root):
    with open(spec, encoding="utf-8") as file:
        return tree.build(file.read().splitlines(), root, os.path.dirname(spec), spec)


def audit(root, options=()):
    command = shlex.split(os.environ.get("HOSTAUDIT", "build/hostaudit"))
    command += ["check", "--root", root, "--policy-dir", ".", "--level", "2", "--format", "json"]
    done = subprocess.run(command + list(options), stdout=subprocess.PIPE, check=False)
    return json.loads(done.stdout)


def lines_of(report):
    lines = ["# profile %s; %s" % (report["profile"]["name"], ", ".join(
        "%d %s" % (count, name) for name, count in report["summary"].items() if count))]
    for result in report["results"]:
        reason = re.sub(r"(\.ini):\d+", r"\1", result["reason"] or "")
        lines.append("%s %s" % (result["outcome"], result["rule"]) + (" - " + reason if reason else ""))
    return lines


def compare(name, found):
    with open("tests/verdicts/%s.txt" % name, encoding="utf-8") as file:
        wanted = file.read().splitlines()
    if found == wanted:
        print("ok - %s: %d verdicts" % (name, len(found) - 1))
        return
    for line in sorted(set(wanted) - set(found)):
        print("#  - " + line)
    for line in sorted(set(found) - set(wanted)):
        print("#  + " + line)
    print("not ok - %s: the verdicts are not those of tests/verdicts/%s.txt" % (name, name))


def links_of(source):
    """The files of a copy that were symbolic links: their text is the target."""
    links = []
    with open(os.path.join(source, "SOURCES.md"), encoding="utf-8") as file:
        for line in file:
            cells = [cell.strip() for cell in line.split("|")]
            if len(cells) > 6 and "symlink" in cells[6]:
                links.append(cells[1])
    return links + [name for name in ("usr", "bin", "lib", "lib64", "sbin")
                    if os.path.isfile(os.path.join(source, name))]


def real_tree(source, root):
    """A root of its own from the copied files: links, modes and owners put right."""
    shutil.copytree(source, root)
    for directory, names, files in os.walk(root):
        for name in names + files:
            os.chmod(os.path.join(directory, name), 0o755 if name in names else 0o644)
    for name in dict.fromkeys(links_of(root)):
        path = os.path.join(root, name)
        with open(path, encoding="utf-8") as file:
            target = file.read().strip()
        os.unlink(path)
        os.symlink(target, path)
    for pattern, mode in MODES:
        for path in glob.glob(os.path.join(root, pattern)):
            os.chmod(path, mode)


def contradictions(ours, theirs):
    theirs = {result["rule"]: result for result in theirs["results"]}
    for result in ours["results"]:
        other = theirs[result["rule"]]
        if {result["outcome"], other["outcome"]} == {"pass", "fail"}:
            yield "%s: %s here, %s there: %s" % (result["rule"], result["outcome"],
                                                 other["outcome"], result["reason"] or other["reason"])


def compare_real(name, ours, scratch):
    source = os.path.join(os.environ.get("OS_FACTS", "../shared/os-facts"), name)
    if not os.path.isdir(source):
        print("ok - %s: the real files # SKIP they are not here" % name)
        return
    root = os.path.join(scratch, name + ".real")
    real_tree(source, root)
    build("tests/roots/%s/missing.spec" % name, root)
    found = list(contradictions(ours, audit(root)))
    for line in found:
        print("#  " + line)
    print("%s - %s: the real files say the same" % ("not ok" if found else "ok", name))


def judge(name, scratch, update):
    root = os.path.join(scratch, name)
    skipped = build("tests/roots/%s/root.spec" % name, root)
    if skipped:
        print("ok - %s # SKIP owners need root" % name)
        return
    report = audit(root)
    if update:
        with open("tests/verdicts/%s.txt" % name, "w", encoding="utf-8") as file:
            file.write("\n".join(lines_of(report)) + "\n")
    compare(name, lines_of(report))
    compare_real(name, report, scratch)


def main():
    os.chdir(os.path.dirname(HERE))
    with tempfile.TemporaryDirectory() as scratch:
        os.chmod(scratch, 0o755)
        for name in ("bottlerocket", "fedora-coreos", "flatcar"):
            judge(name, scratch, "--update" in sys.argv)


main()
