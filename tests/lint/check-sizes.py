#!/usr/bin/python3
"""Files, headers, functions and lines stay small (see CONTRIBUTING.md); in tests, lines."""
import glob
import os
import re
import sys

LINE = 100      # columns; a tab goes to the next multiple of 8
FILE = 500      # lines
HEADER = 120    # lines, of which comments may add some
HEADER_ALL = 170
FUNCTION = 60   # lines between the braces
PARAMETERS = 6


def parameters(signature):
    """How many parameters a function's first lines name."""
    depth, commas = 0, 0
    inside = signature[signature.index("("):]
    for char in inside:
        depth += (char == "(") - (char == ")")
        commas += char == "," and depth == 1
        if depth == 0:
            break
    return commas + 1


def check_functions(path, lines):
    """Kernel braces: a function's own stand in the first column."""
    start, signature = 0, ""
    for number, line in enumerate(lines, 1):
        if line == "{":
            start = number
            count = parameters(signature) if "(" in signature else 0
            if count > PARAMETERS:
                yield "%s:%d: %d parameters, more than %d" % (path, number, count, PARAMETERS)
        elif line.startswith("}") and start:
            if number - start - 1 > FUNCTION:
                yield "%s:%d: a function of %d lines, more than %d" % (
                    path, start, number - start - 1, FUNCTION)
            start, signature = 0, ""
        elif not start:
            signature = "" if not line or line.endswith((";", "*/")) else signature + " " + line


def check_file(path, sizes):
    with open(path, encoding="utf-8") as file:
        lines = file.read().split("\n")[:-1]
    if sizes and len(lines) > FILE:
        yield "%s: %d lines, more than %d" % (path, len(lines), FILE)
    if sizes and path.endswith(".h"):
        plain = [line for line in lines if not re.match(r"\s*(/?\*|$)", line)]
        if len(plain) > HEADER or len(lines) > HEADER_ALL:
            yield "%s: a header of %d lines, %d without comments; more than %d and %d" % (
                path, len(lines), len(plain), HEADER_ALL, HEADER)
    for number, line in enumerate(lines, 1):
        if len(line.expandtabs(8)) > LINE:
            yield "%s:%d: wider than %d columns" % (path, number, LINE)
        if line != line.rstrip():
            yield "%s:%d: blanks at the end" % (path, number)
    if sizes:
        yield from check_functions(path, lines)


def main():
    os.chdir(sys.argv[1] if len(sys.argv) > 1 else ".")
    problems = []
    for path in sorted(glob.glob("src/**/*.[ch]", recursive=True) + glob.glob("tests/**/*.[ch]", recursive=True)):
        problems += check_file(path, path.startswith("src/"))
    print("\n".join(problems), end="\n" if problems else "")
    sys.exit(bool(problems))


main()
