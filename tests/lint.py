#!/usr/bin/python3
"""The linters: each finds what was planted for it, and the fast ones find nothing in the project."""
import os
import shutil
import subprocess
import sys

TMP = os.environ["TMP"]
counts = [0, 0, 0]

CLEAN = """\
#include "base/clean.h"

int clean(int value)
{
	return value + 1;
}
"""
HEADER = "/* Clean. */\n#pragma once\n\nint clean(int value);\n"

LONG = "void longest(void);\nvoid longest(void)\n{\n" + "\tlongest();\n" * 61 + "}\n"
NESTED = """\
int nested(int a);
int nested(int a)
{
	if (a > 1) {
		while (a > 2) {
			for (int i = 0; i < a; i++) {
				if (a > i) {
					a -= 2;
				}
			}
		}
	}
	return a;
}
"""
DOUBLE_FREE = """\
#include <stdlib.h>
void bad(void *memory);
void bad(void *memory)
{
	free(memory);
	free(memory);
}
"""
OUT_OF_BOUNDS = "int bad(void);\nint bad(void)\n{\n\tint array[2] = {0};\n\n\tarray[2] = 1;\n\treturn array[0];\n}\n"

# linter, the file that is planted, what is in it, a word of the message, the tool that it needs
PLANTED = (
    ("layers.py", "src/base/bad.c", '#include "host/host.h"\n', "must not know", "python3"),
    ("layers.py", "src/judge/bad.c", '#include "host/host.h"\n', "must not know", "python3"),
    ("layers.py", "src/probes/bad.c", '#include "probes/file.h"\n', "do not know each other", "python3"),
    ("layers.py", "src/policy/bad.c", "#include <libmount/libmount.h>\n", "only src/host/mounts/mounts.c", "python3"),
    ("layers.py", "src/host/bad.c", "#include <zlib.h>\n", "one file uses it", "python3"),
    ("layers.py", "src/host/bad.c", "int x(void) { return system(0); }\n", "system() is not used", "python3"),
    ("layers.py", "src/host/bad.c", "int x(void) { return printf(0); }\n", "prints", "python3"),
    ("layers.py", "src/policy/bad.c", "int x(void) { return open(0, 0); }\n", "file system", "python3"),
    ("sizes.py", "src/base/bad.c", LONG, "a function of 61 lines", "python3"),
    ("sizes.py", "src/base/bad.c", "int x; \n", "blanks at the end", "python3"),
    ("sizes.py", "src/base/bad.c", "/*" + "\t" * 13 + "*/\n", "wider than", "python3"),
    ("sizes.py", "src/base/bad.c", "int x;\n" * 501, "501 lines", "python3"),
    ("sizes.py", "src/base/bad.h", "int x;\n" * 121, "a header of 121 lines", "python3"),
    ("sizes.py", "src/base/bad.c", "int x(int a, int b, int c, int d, int e, int f, int g)\n{\n}\n",
     "7 parameters", "python3"),
    ("headers.sh", "src/base/bad.h", "size_t x(void);\n", "cannot be included alone", "gcc"),
    ("format.sh", "src/base/bad.c", "int   x;\n", "clang-formatted", "clang-format"),
    ("shell.sh", "tests/bad.sh", "#!/bin/sh\nrm $1\n", "SC2086", "shellcheck"),
    ("tidy.sh", "src/base/bad.c", NESTED, "exceeds recommended size", "clang-tidy"),
    ("tidy.sh", "src/base/bad.c", DOUBLE_FREE, "released memory", "clang-tidy"),
    ("cppcheck.sh", "src/base/bad.c", OUT_OF_BOUNDS, "out of bounds", "cppcheck"),
    ("analyzer.sh", "src/base/bad.c", DOUBLE_FREE, "double-", "gcc"),
    ("clang.sh", "src/base/bad.c", "int bad(int x);\nint bad(int x)\n{\n\treturn x == x;\n}\n",
     "self-comparison", "clang"),
    ("manual.py", "man/hostaudit.8", None, "is missing", "mandoc"),
)


def tell(name, good, why=""):
    counts[0 if good else 1] += 1
    print("%s - %s" % ("ok" if good else "not ok", name))
    if not good:
        print(why)


def run(linter, root):
    done = subprocess.run([os.path.abspath("tests/lint/check-" + linter), root], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False, stdin=subprocess.DEVNULL,
                          env=dict(os.environ, HOSTAUDIT=os.path.abspath("build/hostaudit")))
    return done.returncode, done.stdout.decode("utf-8", "replace")


def write(root, path, text):
    path = os.path.join(root, path)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def small_project(root):
    """The least that every linter is content with."""
    shutil.rmtree(root, ignore_errors=True)
    write(root, "src/base/clean.c", CLEAN)
    write(root, "src/base/clean.h", HEADER)
    write(root, "src/host/zip.c", "#include <zlib.h>\n")
    write(root, "tests/good.sh", "#!/bin/sh\nexit 0\n")
    os.makedirs(os.path.join(root, ".ci"))
    shutil.copytree("man", os.path.join(root, "man"))
    for name in (".clang-format", ".clang-tidy"):
        shutil.copy(name, root)


def plant(root, path, text):
    if text is not None:
        write(root, path, text)
        return
    with open(path, encoding="utf-8") as file:
        lines = file.read().splitlines(keepends=True)
    write(root, path, "".join(line for line in lines if not line.startswith(".It Fl \\-root")
                              and "Fl \\-root Ar DIR" not in line))


def main():
    clean = set()
    for linter, path, text, word, tool in PLANTED:
        name = "%s finds '%s' in %s" % (linter, word, path)
        if not shutil.which(tool):
            counts[2] += 1
            print("ok - %s # SKIP %s is not installed" % (name, tool))
            continue
        root = os.path.join(TMP, "project")
        small_project(root)
        if linter not in clean:
            clean.add(linter)
            code, output = run(linter, root)
            tell(linter + " is content with a clean project", code == 0, output)
        plant(root, path, text)
        code, output = run(linter, root)
        tell(name, code != 0 and word in output, output)
    for linter in ("layers.py", "sizes.py", "headers.sh"):
        code, output = run(linter, ".")
        tell(linter + " finds nothing in the project", code == 0, output)
    print("%d passed, %d failed, %d skipped" % tuple(counts))
    return bool(counts[1])


sys.exit(main())
