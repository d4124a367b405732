#!/usr/bin/python3
# variants: normal
"""Holds `hostaudit probe json` against jq and Python's reader of JSON, on documents made at random.

Whole trees are compared, and the line of each value with where it was written. Who refuses a document has to be
the same, but for what is named in `exception`.
"""
import json
import os
import random
import shlex
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import trees  # pylint: disable=wrong-import-position

DOCUMENTS = int(os.environ.get("DOCUMENTS", "400"))
SEED = int(os.environ.get("SEED") or random.SystemRandom().randrange(1 << 32))
TMP = os.environ.get("TMP", "/tmp/hostaudit-json")
HOSTAUDIT = shlex.split(os.environ.get("HOSTAUDIT", "build/hostaudit"))
MARKS = list('{}[],:"\\0123-+.eEtfnu \t\n\r/#\'') + ["true", "null", "NaN", "-Infinity", "\\u0000", "\\ud800", "\\ud83d\\ude00", "é",
                                                     "\x01", "\x7f", "\u2028", "\ufeff", ",]", "[[", '"a":1,', "01", "1.", ".5", "1e", "//x\n"]
BYTES = [b"\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"\x00", b"\xf5\x80\x80\x80"]


class Writer:
    """Writes a tree in one of many ways, and notes the line of each value."""

    def __init__(self, rng):
        self.rng, self.text, self.lines = rng, "", {}

    def blank(self):
        self.text += self.rng.choice(["", "", "", " ", "\n", "\r\n", "\t", "\n  "])

    def string(self, value):
        out = ""
        for char in value:
            point = ord(char)
            if self.rng.random() < 0.1 or char in '"\\' or point < 32:
                if point > 0xffff:
                    point -= 0x10000
                    out += "\\u%04x\\u%04X" % (0xd800 + (point >> 10), 0xdc00 + (point & 0x3ff))
                else:
                    short = {'"': '\\"', "\\": "\\\\", "/": "\\/", "\n": "\\n", "\t": "\\t", "\r": "\\r"}
                    out += short.get(char) if char in short and self.rng.random() < 0.8 else "\\u%04x" % point
            else:
                out += char
        self.text += '"' + out + '"'

    def inside(self, pairs, path):
        for place, (key, value) in enumerate(pairs):
            self.text += "," if place else ""
            self.blank()
            if isinstance(key, str):
                self.string(key)
                self.blank()
                self.text += ":"
                self.blank()
            self.write(value, path + (key,))
            self.blank()

    def write(self, value, path=()):
        self.lines[trees.name_of(path)] = 1 + self.text.count("\n")
        if isinstance(value, dict):
            self.text += "{"
            self.inside(list(value.items()), path)
            self.text += "}"
        elif isinstance(value, list):
            self.text += "["
            self.inside(list(enumerate(value)), path)
            self.text += "]"
        elif isinstance(value, str):
            self.string(value)
        else:
            self.text += json.dumps(value)


class Twice(ValueError):
    pass


class NotOurs(ValueError):
    pass


def pairs_once(pairs):
    if len({key for key, _ in pairs}) < len(pairs):
        raise Twice("a key stands twice")
    return dict(pairs)


def no_constant(word):
    raise ValueError(word)


def check_strings(value):
    for name, (_, inner) in trees.flatten(value).items():
        for text in (name, inner if isinstance(inner, str) else ""):
            if "\0" in text or any(0xd800 <= ord(char) < 0xe000 for char in text):
                raise NotOurs("a NUL or half a pair in a string")


def ask_python(data):
    """(the tree, None) or (None, why); what hostaudit refuses on purpose is an exception with a name."""
    try:
        value = json.loads(data.decode(), object_pairs_hook=pairs_once, parse_constant=no_constant)
        check_strings(value)
        return value, None
    except (ValueError, RecursionError) as error:
        return None, error


def ask_jq(path):
    done = subprocess.run(["jq", "-c", "-s", "if length == 1 then .[0] else error end", path], stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, check=False)
    return json.loads(done.stdout) if not done.returncode else None


def make(rng):
    writer = Writer(rng)
    writer.blank()
    writer.write(trees.tree(rng))
    writer.blank()
    if rng.random() < 0.5:
        return writer.text.encode(), writer.lines
    data = trees.spoil(rng, writer.text, MARKS).encode("utf-8", "surrogatepass")
    if rng.random() < 0.1:
        at = rng.randrange(len(data) + 1)
        data = data[:at] + rng.choice(BYTES) + data[at:]
    return data, None


def compare(data, lines, answer, path):
    theirs, error = ask_python(data)
    if isinstance(answer, str):
        # jq takes the last of two keys, and puts U+FFFD where half a pair stands.
        if error is None or (isinstance(error, Twice) and "twice" not in answer):
            yield "hostaudit refuses it (%s), Python says %s" % (answer, error or "it is right")
        return
    if error is not None:
        yield "hostaudit takes it, Python says %s" % error
        return
    ours, our_lines = answer
    theirs = {name: value for name, value in trees.flatten(theirs).items()}
    yield from trees.differences(ours, theirs)
    jq = ask_jq(path)
    if jq is None:
        yield "hostaudit takes it, jq does not"
    else:
        # jq has floats alone.
        yield from ("jq: " + text for text in trees.differences(
            {name: (kind.replace("integer", "float"), text) for name, (kind, text) in ours.items()},
            {name: (kind.replace("integer", "float"), value) for name, (kind, value) in trees.flatten(jq).items()}))
    if lines and lines != our_lines:
        yield "the lines differ: %s" % {name: (our_lines.get(name), line) for name, line in lines.items()
                                        if our_lines.get(name) != line}


def main():
    rng = random.Random(SEED)
    asker = trees.Asker(HOSTAUDIT, TMP, "json", "json")
    passed, refused, failed = 0, 0, 0
    for start in range(0, DOCUMENTS, 50):
        made = [make(rng) for _ in range(min(50, DOCUMENTS - start))]
        for place, answer in enumerate(asker.ask([data for data, _ in made])):
            messages = list(compare(*made[place], answer, asker.path(place)))
            refused += isinstance(answer, str)
            passed += not messages
            failed += bool(messages)
            for message in messages[:3]:
                print("seed %d, document %d: %s\n  %r" % (SEED, start + place, message, made[place][0][:300]))
    print("tree_json: seed %d, %d of %d documents are refused" % (SEED, refused, DOCUMENTS))
    print("%d passed, %d failed, 0 skipped" % (passed, failed))
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
