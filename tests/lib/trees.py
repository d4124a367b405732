"""What the references of the probes json, yaml and toml share: trees made at random, asking hostaudit for whole
trees, and comparing them value by value."""
import json
import math
import os
import shutil
import subprocess

DEPTH = 5  # how deep a tree is asked for; the made-up ones are not deeper
KEYS = ["a", "b", "key", "icc", "Key", "k.1", "*", "0", "1", "x y", "é", "-", "a-b", "a_b", "", "true", "null", "#", "7.5",
        "日本", "~", "io.containerd.grpc.v1.cri", "a:b", "[x]", "{", "%", "&x", "!", "=", "\\"]
STRINGS = ["", "a", "b c", "true", "null", "yes", "12", "0x1f", "1e3", "é", "日本語", "\U0001f600", "a\nb", "tab\there", "'", '"',
           "\\", "/x/y:z", "# no", "a: b", "- x", "[", "}", "~", " x ", "x, y", "2024-01-01", "%", "&a", "*a", "!t", "|", ">",
           "\x7f", "\u0085", "\u2028", "\ufeff", "a\n\n b\n", "=", "@", "`", "\x1b", "1_000", "0o17", ".inf", "on", "-", "?"]


def number(rng):
    return rng.choice([0, 1, -1, 7, 42, 10255, -273, 2**31, 2**53, -2**63, 2**63 - 1, 0.5, -1.25, 1e3, 1e-7, 3.14159, 1e300])


def scalar(rng, nulls=True):
    kind = rng.random()
    if kind < 0.45:
        return rng.choice(STRINGS)
    if kind < 0.55:
        return "".join(rng.choice(STRINGS) for _ in range(rng.randrange(4)))
    if kind < 0.8:
        return number(rng)
    return rng.choice([True, False, None] if nulls else [True, False])


def tree(rng, depth=0, nulls=True):
    kind = rng.random()
    if depth == 0 or (kind < 0.3 and depth < DEPTH - 1):
        return {key: tree(rng, depth + 1, nulls) for key in rng.sample(KEYS, rng.choice([0, 1, 2, 3, 4, 12] if depth < 2 else [0, 1, 2]))}
    if kind < 0.5 and depth < DEPTH - 1:
        return [tree(rng, depth + 1, nulls) for _ in range(rng.choice([0, 1, 2, 3]))]
    return scalar(rng, nulls)


def type_of(value):
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "bool"
    for kind, name in ((int, "integer"), (float, "float"), (str, "string"), (list, "list"), (dict, "map")):
        if isinstance(value, kind):
            return name
    return "time"


def name_of(path):
    def step(key):
        if isinstance(key, int):
            return str(key)
        if not key or key == "*" or any(mark in key for mark in ".\"'"):
            return "'%s'" % key if '"' in key else '"%s"' % key
        return key
    return ".".join(step(key) for key in path) or "."


def flatten(value, path=()):
    """{name: (type, value)} of all that is in a tree."""
    found = {name_of(path): (type_of(value), None if isinstance(value, (list, dict)) else value)}
    if isinstance(value, dict):
        for key, inner in value.items():
            found.update(flatten(inner, path + (key,)))
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            found.update(flatten(inner, path + (place,)))
    return found


def same(ours, theirs):
    """Our (type, text) and their (type, value)."""
    kind, text = ours
    wanted, value = theirs
    if kind in ("list", "map"):
        return kind == wanted
    if kind in ("integer", "float") and wanted in ("integer", "float"):
        if kind == wanted == "integer":
            return int(text) == value
        left, right = float(text.replace("_", "")), float(value)
        if math.isnan(left) or math.isnan(right):
            return math.isnan(left) and math.isnan(right)
        return left == right or math.isclose(left, right, rel_tol=1e-15) or (math.isinf(left) and abs(right) > 1e308)
    if kind != wanted:
        return False
    if kind == "bool":
        return text == ("true" if value else "false")
    return kind == "null" or text == str(value)


class Asker:
    """Asks hostaudit for all of many files at once."""

    def __init__(self, hostaudit, base, probe, suffix):
        self.hostaudit, self.base, self.probe, self.suffix = hostaudit, base, probe, suffix
        for name in ("root", "policy/benchmarks", "policy/os-profiles"):
            shutil.rmtree(os.path.join(base, name), ignore_errors=True)
            os.makedirs(os.path.join(base, name))
        with open(base + "/policy/os-profiles/all.ini", "w", encoding="ascii") as file:
            file.write("[os]\ntitle = x\nbenchmarks = all\n")

    def path(self, number):
        return "%s/root/%d.%s" % (self.base, number, self.suffix)

    def ask(self, texts):
        """For each text: ({name: (type, value)}, {name: line}), or why it is refused."""
        with open(self.base + "/policy/benchmarks/all.ini", "w", encoding="ascii") as rules:
            for place, text in enumerate(texts):
                with open(self.path(place), "wb") as file:
                    file.write(text)
                rules.write("[f%d]\ntitle = x\nwhy = x\nseverity = low\nlevel = 1\nby-hand = x\ncheck =\n" % place)
                for depth in range(DEPTH + 5):
                    subject = "/%d.%s:%s" % (place, self.suffix, ".".join("*" * depth) or ".")
                    rules.write("  %s %s type = x\n  %s %s = x\n" % (self.probe, subject, self.probe, subject))
        done = subprocess.run(self.hostaudit + ["check", "--root", self.base + "/root", "--policy-dir", self.base + "/policy",
                                                "--profile", "all", "--format", "json"], stdout=subprocess.PIPE, check=False)
        results = {rule["rule"]: rule["checks"] for rule in json.loads(done.stdout)["results"]}
        return [self.read(results["f%d" % place]) for place in range(len(texts))]

    @staticmethod
    def read(checks):
        facts = [fact for check in checks for fact in check["facts"]]
        if facts[0]["state"] == "unknown":
            return facts[0]["error"]
        types, values, lines = {}, {}, {}
        for check in checks:
            for fact in check["facts"]:
                if fact["state"] == "absent":
                    continue
                if " type = x" in check["check"]:
                    types[fact["object"]] = fact["value"]
                    lines[fact["object"]] = int(fact["source"].rpartition(":")[2])
                else:
                    values[fact["object"]] = fact["value"]
        return {name: (kind, values.get(name)) for name, kind in types.items()}, lines


def differences(ours, theirs):
    for name in sorted(set(ours) | set(theirs)):
        if name not in ours or name not in theirs or not same(ours[name], theirs[name]):
            yield "%s: hostaudit %s, the reference %s" % (name, ours.get(name), theirs.get(name))


def spoil(rng, text, marks):
    """A text with something wrong in it, most of the time."""
    for _ in range(rng.choice([1, 1, 2, 3])):
        at = rng.randrange(len(text) + 1)
        kind = rng.randrange(5)
        if kind == 0:
            text = text[:at] + text[at + 1:]
        elif kind == 1:
            text = text[:at] + rng.choice(marks) + text[at:]
        elif kind == 2:
            text = text[:at] + rng.choice(marks) + text[at + 1:]
        elif kind == 3:
            end = min(len(text), at + rng.randrange(12))
            text = text[:end] + text[at:end] + text[end:]
        elif rng.random() < 0.3:
            text = text[:at]
    return text
