#!/usr/bin/python3
# variants: normal
"""Holds `hostaudit probe toml` against Python's tomllib, on documents made at random.

Whole trees are compared, and the line of each value but tables with where it was written. Who refuses a document
has to be the same, but for what is named in `not_ours`.
"""
import datetime
import os
import random
import shlex
import sys
import tomllib

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import trees  # pylint: disable=wrong-import-position

DOCUMENTS = int(os.environ.get("DOCUMENTS", "400"))
SEED = int(os.environ.get("SEED") or random.SystemRandom().randrange(1 << 32))
TMP = os.environ.get("TMP", "/tmp/hostaudit-toml")
HOSTAUDIT = shlex.split(os.environ.get("HOSTAUDIT", "build/hostaudit"))
MARKS = list("[]{}=.,\"'#\\\n\r\t 019+-_eExob:TZ") + ["\n[a]\n", "\n[[a]]\n", "\n[a.b]\n", "\na.b = 1\n", '"""', "'''", "\\u00e9", "\\uD800", "\\U00110000",
                                                    "true", "inf", "nan", "0x", "1_", "_1", "1__0", "00", "1.", "2024-02-30", "12:60:00", "é", "\x01", "\x7f", "\ufeff",
                                                    "= {b = 1, c.d = 2}", "= [1, [2]]", "\na = 1\n", "\nb = []\n", "\r\n", '\\\n  ', "#\x02"]
WORDS = ["0", "+7", "-0", "1_000", "0xdead_BEEF", "0o17", "0b1010", "9223372036854775807", "-9223372036854775808", "1.5", "-0.0", "6.626e-34", "1e5",
         "+1.0E+2", "1_0.0_1", "inf", "-inf", "nan", "true", "false", "2024-02-29", "1979-05-27T07:32:00Z", "1979-05-27 00:32:00.999999-07:00", "07:32:00",
         "1979-05-27t07:32:00.5", "00:00:00.123"]


class Writer:
    """Writes a tree in one of many ways."""

    def __init__(self, rng):
        self.rng, self.text, self.lines = rng, "", {}

    def quoted(self, text, lines=True):
        rng = self.rng
        plain = all(char >= " " and char != "\x7f" for char in text)
        if rng.random() < 0.3 and plain and "'" not in text:
            return "'" + text + "'"
        out = ""
        for char in text:
            if char in '"\\' or char < " " or char == "\x7f" or rng.random() < 0.05:
                short = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t"}
                out += short.get(char) or ("\\u%04x" % ord(char) if ord(char) < 0x10000 else "\\U%08X" % ord(char))
            else:
                out += char
        if lines and rng.random() < 0.15:
            out = out.replace("\\n", "\n")
            return '"""' + rng.choice(["\n", "\r\n", "\\\n  "] + [""] * (not out.startswith("\n"))) + out + '"""' if not out.startswith((" ", "\n")) else '"""\n' + out + '"""'
        return '"' + out + '"'

    def key(self, key):
        bare = key and all(char.isascii() and (char.isalnum() or char in "-_") for char in key)
        return key if bare and self.rng.random() < 0.8 else self.quoted(key, False)

    def note(self, path):
        self.lines[trees.name_of(path)] = 1 + self.text.count("\n")

    def value(self, value, path, in_braces=False):
        rng = self.rng
        if isinstance(value, dict):
            self.text += "{" + rng.choice(["", " "])
            for place, (key, inner) in enumerate(value.items()):
                self.text += ", " if place else ""
                self.text += self.key(key) + rng.choice(["=", " = "])
                self.value(inner, path + (key,), True)
            self.text += rng.choice(["", " "]) + "}"
            return
        self.note(path)
        if isinstance(value, list):
            self.text += "["
            for place, inner in enumerate(value):
                self.text += rng.choice(["", " ", "\n", " # x, ]\n\t", "\r\n"])
                self.value(inner, path + (place,))
                self.text += rng.choice(["", " ", "\n"]) + ("," if place < len(value) - 1 or rng.random() < 0.3 else "")
            self.text += rng.choice(["", "\n"]) + "]"
        elif isinstance(value, str):
            self.text += self.quoted(value)
        elif isinstance(value, bool):
            self.text += "true" if value else "false"
        elif rng.random() < 0.3:
            self.text += rng.choice(WORDS)
        else:
            self.text += repr(value)

    def end(self):
        self.text += self.rng.choice(["", "", " ", " # x"]) + self.rng.choice(["\n", "\n", "\r\n", "\n\n", "\n# [x]\n"])

    def table(self, table, path=()):
        later = []
        for key, value in table.items():
            nested = isinstance(value, dict) or (isinstance(value, list) and value and all(isinstance(inner, dict) for inner in value))
            if nested and self.rng.random() < 0.7:
                later.append((key, value))
                continue
            self.text += self.rng.choice(["", "", "  "])
            if isinstance(value, dict) and value and self.rng.random() < 0.5:
                for inner, thing in value.items():
                    self.text += self.key(key) + self.rng.choice([".", " . "]) + self.key(inner) + " = "
                    self.value(thing, path + (key, inner))
                    self.end()
                continue
            self.text += self.key(key) + self.rng.choice(["=", " = ", "\t="])
            self.value(value, path + (key,))
            self.end()
        for key, value in later:
            name = ".".join(self.key(part) for part in path + (key,) if not isinstance(part, int))
            for place, inner in enumerate(value if isinstance(value, list) else [value]):
                self.text += ("[[%s]]" if isinstance(value, list) else "[ %s ]") % name
                self.end()
                self.table(inner, path + ((key, place) if isinstance(value, list) else (key,)))


def make(rng):
    writer = Writer(rng)
    writer.table(trees.tree(rng, nulls=False))
    if rng.random() < 0.5:
        return writer.text.encode(), writer.lines
    return trees.spoil(rng, writer.text, MARKS).encode("utf-8", "surrogatepass"), None


def not_ours(theirs):
    """Why hostaudit refuses what tomllib takes: numbers of more than 64 bits, and NULs in strings."""
    for name, (kind, value) in trees.flatten(theirs).items():
        if (kind == "integer" and not -2**63 <= value < 2**63) or "\0" in name or (kind == "string" and "\0" in value):
            return True
    return False


def time_text(value):
    return isinstance(value, (datetime.datetime, datetime.date, datetime.time))


def compare(data, lines, answer):
    try:
        theirs, error = tomllib.loads(data.decode()), None
    except (ValueError, RecursionError) as caught:
        theirs, error = None, caught
    if isinstance(answer, str):
        if error is None and not not_ours(theirs):
            yield "hostaudit refuses it (%s), tomllib does not" % answer
        return
    if error is not None:
        yield "hostaudit takes it, tomllib says %s" % error
        return
    ours, our_lines = answer
    flat = trees.flatten(theirs)
    for name, (kind, value) in list(flat.items()):
        if time_text(value) and name in ours and ours[name][0] == "time":
            text = ours[name][1].replace("z", "+00:00").replace("Z", "+00:00").replace("t", "T").replace(" ", "T")
            read = type(value).fromisoformat(text)
            flat[name] = (kind, ours[name][1] if read == value else value)
    yield from trees.differences(ours, flat)
    for name, line in (lines or {}).items():
        if our_lines.get(name) != line:
            yield "the line of %s is %d, not %s" % (name, line, our_lines.get(name))


def main():
    rng = random.Random(SEED)
    asker = trees.Asker(HOSTAUDIT, TMP, "toml", "toml")
    passed, refused, failed = 0, 0, 0
    for start in range(0, DOCUMENTS, 50):
        made = [make(rng) for _ in range(min(50, DOCUMENTS - start))]
        for place, answer in enumerate(asker.ask([data for data, _ in made])):
            messages = list(compare(*made[place], answer))
            refused += isinstance(answer, str)
            passed += not messages
            failed += bool(messages)
            for message in messages[:3]:
                print("seed %d, document %d: %s\n  %r" % (SEED, start + place, message, made[place][0][:400]))
    print("tree_toml: seed %d, %d of %d documents are refused" % (SEED, refused, DOCUMENTS))
    print("%d passed, %d failed, 0 skipped" % (passed, failed))
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
