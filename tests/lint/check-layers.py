#!/usr/bin/python3
"""Includes point down the list of rooms, as src/main.c draws it; a foreign library has one file."""
import glob
import os
import re
import sys

ROOMS = ["cmd", "cli", "reports", "fix", "intents", "audit", "policy", "probes", "host", "judge", "guard", "base"]
# Rooms that do not know each other though one stands below the other.
STRANGERS = {("host", "judge"), ("judge", "host")}
# Who may include a foreign library.
ONE_FILE = {
    "ini.h": "src/policy/ini.c",
    "libmount/libmount.h": "src/host/mounts/mounts.c",
    "zlib.h": None,
    "sodium.h": None,
    "dlfcn.h": None,
    "systemd/sd-bus.h": None,
    "getopt.h": None,
    "seccomp.h": "src/guard/seccomp.c",
    "libudev.h": "src/host/devices/udev_db.c",
    "yaml.h": "src/host/trees/tree_yaml.c",
    "libaudit.h": "src/host/audit/audit_lib.c",
}
# Only the door touches the file system, and only by these files of it; only these rooms print.
FILE_SYSTEM = re.compile(r"\b(open|openat|fopen|fdopen|stat|lstat|fstatat|statx|readlink|readlinkat|opendir"
                         r"|fdopendir|scandir|glob|access|faccessat|realpath|nftw)\s*\(")
FORBIDDEN = re.compile(r"\b(system|popen|execl|execlp|execle|execv|execvp|execvpe|execve|fexecve|posix_spawn"
                       r"|posix_spawnp|fork|vfork|getpwnam|getpwuid|getgrnam|getgrgid|getpwnam_r|getpwuid_r"
                       r"|getgrnam_r|getgrgid_r|strcpy|strcat|sprintf|vsprintf|gets|alloca)\s*\(")
PRINTING = re.compile(r"\b(printf|puts|putchar|vprintf|perror|fputs|fprintf|vfprintf|fputc|putc|fwrite)\s*\(")
PRINTERS = {"", "cmd", "cli", "reports"}
WRITERS = ("src/base/json.c", "src/base/wrap.c", "src/fix/journal.c")  # write into a stream they are given, or a text
KEEPERS = ("src/fix/store.c",)  # has a place of its own, outside of what is audited


def room_of(path):
    parts = path.split("/")
    return parts[1] if len(parts) > 2 else ""


def code_of(path):
    """The text without comments and strings, line by line."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    blank = lambda found: re.sub(r"[^\n]", " ", found.group(0))
    return re.sub(r'/\*.*?\*/|//[^\n]*|"(\\.|[^"\\\n])*"', blank, text, flags=re.S).split("\n")


def may_include(room, other):
    if room in ("", other):
        return True
    return ROOMS.index(other) > ROOMS.index(room) and (room, other) not in STRANGERS


def check_includes(path, users):
    room = room_of(path)
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            found = re.match(r'#\s*include\s+["<]([^">]+)[">]', line)
            if not found:
                continue
            header = found.group(1)
            other = header.split("/")[0] if "/" in header else ""
            if line.count('"') == 2 and other in ROOMS and not may_include(room, other):
                yield "%s:%d: %s/ must not know %s" % (path, number, room, header)
            if room == other == "probes" and header not in ("probes/probe.h", "probes/tell.h"):
                yield "%s:%d: probes do not know each other" % (path, number)
            if header in ONE_FILE:
                users.setdefault(header, []).append(path)


def check_calls(path):
    room = room_of(path)
    for number, line in enumerate(code_of(path), 1):
        where = "%s:%d: " % (path, number)
        found = FORBIDDEN.search(line)
        if found:
            yield where + "%s() is not used in hostaudit" % found.group(1)
        found = FILE_SYSTEM.search(line)
        if found and room not in ("host", "base", "cli", "guard") and path not in KEEPERS and not re.search(r"(->|\.)\s*" + found.group(1), line):
            yield where + "%s(): only host/ touches the file system" % found.group(1)
        found = PRINTING.search(line)
        if found and room not in PRINTERS and path not in WRITERS:
            yield where + "%s(): nothing below cmd/, cli/ and reports/ prints" % found.group(1)


def main():
    os.chdir(sys.argv[1] if len(sys.argv) > 1 else ".")
    users, problems = {}, []
    for path in sorted(glob.glob("src/**/*.[ch]", recursive=True)):
        problems += check_includes(path, users)
        problems += check_calls(path)
    for header, paths in users.items():
        if len(paths) > 1:
            problems.append("%s: one file uses it, not %s" % (header, " and ".join(paths)))
        elif ONE_FILE[header] and paths != [ONE_FILE[header]]:
            problems.append("%s: only %s includes <%s>" % (paths[0], ONE_FILE[header], header))
    print("\n".join(problems), end="\n" if problems else "")
    sys.exit(bool(problems))


main()
