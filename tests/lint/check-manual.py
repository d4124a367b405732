#!/usr/bin/python3
"""Every command, option, probe and report is in hostaudit(8), the pages name each other rightly, and
mandoc has nothing to say of them."""
import glob
import os
import re
import subprocess
import sys


def output(*argv):
    return subprocess.run(argv, stdout=subprocess.PIPE, check=False, stdin=subprocess.DEVNULL,
                          universal_newlines=True).stdout


def options_of(program, command):
    """The options in the help of a command, as '--name' and '-n'."""
    for line in output(program, command, "--help").splitlines():
        found = re.match(r"  (?:-(\w),|   ) --([a-z-]+)", line)
        if found:
            yield "--" + found.group(2)
            if found.group(1):
                yield "-" + found.group(1)


def check_page(page, program):
    with open(page, encoding="utf-8") as file:
        source = file.read()
    entries = {"Fl": set(), "Cm": set()}
    for line in re.findall(r"^\.It (.*)$", source, re.MULTILINE):
        for macro, word in re.findall(r"\b(Fl|Cm) ((?:\\-)?[\w-]+)", line):
            entries[macro].add(word.replace("\\-", "-"))
    commands = re.findall(r"^  (\w+) +\S", output(program, "--help"), re.MULTILINE)
    if not commands:
        yield program + " --help names no commands"
    for command in commands:
        if command not in entries["Cm"]:
            yield "%s: the command '%s' is missing" % (page, command)
        for option in options_of(program, command):
            if option[1:] not in entries["Fl"]:
                yield "%s: %s of 'hostaudit %s' is missing" % (page, option, command)
    for path in glob.glob("src/probes/*.c"):
        name = os.path.basename(path)[:-2]
        if name not in entries["Cm"]:
            yield "%s: the probe '%s' is missing" % (page, name)
    for path in glob.glob("src/reports/*.c"):
        name = os.path.basename(path)[:-2]
        if not re.search(r"^\.Cm .*\b%s\b" % name, source, re.MULTILINE):
            yield "%s: the report '%s' is missing" % (page, name)


def check_references(pages):
    for page in pages:
        with open(page, encoding="utf-8") as file:
            for name, section in re.findall(r"^\.Xr (hostaudit[\w-]*) (\d)", file.read(), re.MULTILINE):
                if not os.path.exists("man/%s.%s" % (name, section)):
                    yield "%s: there is no %s(%s)" % (page, name, section)


def main():
    os.chdir(sys.argv[1] if len(sys.argv) > 1 else ".")
    program = os.environ.get("HOSTAUDIT", "build/hostaudit").split()[-1]
    pages = sorted(glob.glob("man/*.[1-9]"))
    problems = list(check_page("man/hostaudit.8", program)) + list(check_references(pages))
    problems += output("mandoc", "-T", "lint", "-W", "warning", *pages).splitlines()
    print("\n".join(problems), end="\n" if problems else "")
    sys.exit(bool(problems))


main()
