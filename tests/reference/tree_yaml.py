#!/usr/bin/python3
# variants: normal
"""Holds `hostaudit probe yaml` against Python's reader of YAML, on documents made at random.

Whole trees and the lines of their values are compared. Who refuses a document has to be the same, but for what
is named in `Reader` and `not_ours`: there hostaudit does as go-yaml, which kubelet uses.
"""
import os
import random
import re
import shlex
import sys

import yaml

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import trees  # pylint: disable=wrong-import-position

DOCUMENTS = int(os.environ.get("DOCUMENTS", "300"))
SEED = int(os.environ.get("SEED") or random.SystemRandom().randrange(1 << 32))
TMP = os.environ.get("TMP", "/tmp/hostaudit-yaml")
HOSTAUDIT = shlex.split(os.environ.get("HOSTAUDIT", "build/hostaudit"))
MARKS = list("[]{}:,-?&*!|>'\"#%@`\n \t~<") + [": ", "- ", "\n  ", "\n- ", "&a ", "*a", "<<: *a\n", "---\n", "...\n", "!!str ", "!x ", "%YAML 1.1\n---\n", "? ", "|\n  x\n",
                                              "\\x41", "\x01", "\u0085", "\ufeff", "é", "a: 1\n"]
PLAIN = ["yes", "No", "on", "OFF", "~", "null", "Null", "", "0x1F", "017", "0b101", "1_000", "-12", "+7", ".5", "1.", "1.5e+3", "1e3", ".inf", "-.INF", ".nan",
         "2024-02-29", "a b", "x:y", "a#b", "-", "--", "1.2.3", "0x", "10Mi", "5m", "08", "0o17", "y", "N", "tRue", "=", "1:30", "200m", "node.k8s.io/x", "09.5"]
MERGE = "base: &base {a: 1, b: [2, 3]}\nother: &o {b: 4, c: 5}\nmine:\n  <<: %s\n  b: 9\ncopy: *base\nlist: [*o, *base]\n"


class Reader(yaml.SafeLoader):
    """PyYAML, but for what go-yaml has otherwise: keys are texts, and stand once; some scalars resolve otherwise."""

    def construct_mapping(self, node, deep=False):
        merged, own, keys = [], {}, set()
        for key_node, value_node in node.value:
            if key_node.tag == "tag:yaml.org,2002:merge":
                value = self.construct_object(value_node, deep=True)
                if merged or not all(isinstance(one, dict) for one in (value if isinstance(value, list) else [value])):
                    raise yaml.YAMLError("a merge of what is no map, or a second one")
                merged = [value] if isinstance(value, dict) else value or [{}]
                continue
            key = self.construct_object(key_node, deep=True)
            if key is None or isinstance(key, (dict, list)):
                raise yaml.YAMLError("a key that is no single value")
            if isinstance(key, float) and abs(key) < float("inf"):
                key = key_node.value.replace("_", "")
            key = {True: "true", False: "false"}.get(key, key) if isinstance(key, bool) else str(key)
            if key in keys:
                raise yaml.YAMLError("a key stands twice")
            keys.add(key)
            own[key] = self.construct_object(value_node, deep=True)
        for one in merged:
            for key, value in one.items():
                own.setdefault(key, value)
        return own

    def construct_yaml_map(self, node):
        return self.construct_mapping(node, deep=True)


Reader.add_constructor("tag:yaml.org,2002:map", Reader.construct_yaml_map)
Reader.yaml_implicit_resolvers = {key: [pair for pair in pairs if pair[0].rpartition(":")[2] not in ("int", "float", "bool", "value")]
                                  for key, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()}
Reader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(
    "^(?:y|Y|yes|Yes|YES|n|N|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$"), list("yYnNtTfFoO"))
Reader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(
    "^(?=[-+0-9])[-+]?_*(?:0_*[xX][0-9a-fA-F_]*[0-9a-fA-F]_*|0_*[bB][01_]*[01]_*|0_*[oO]?[0-7_]*[0-7]_*|0_*|[1-9][0-9_]*)$"), list("-+0123456789"))
Reader.add_implicit_resolver("tag:yaml.org,2002:float", re.compile(
    r"^(?:[-+](?:_*\._*[0-9][0-9_]*|_*[0-9][0-9_]*(?:\.[0-9_]*)?)(?:[eE]_*[-+]?_*[0-9][0-9_]*)?"
    r"|[0-9][0-9_]*(?:\.[0-9_]*)?(?:[eE]_*[-+]?_*[0-9][0-9_]*)?|\.[0-9]+(?:[eE][-+]?[0-9]+)?"
    r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$"), list("-+.0123456789"))
Reader.bool_values = dict(yaml.SafeLoader.bool_values, y=True, n=False)


def construct_int(loader, node):
    text = loader.construct_scalar(node).replace("_", "").lower()
    sign = -1 if text.startswith("-") else 1
    digits = text.lstrip("+-")
    for prefix, base in (("0x", 16), ("0b", 2), ("0o", 8), ("0", 8)):
        if digits.startswith(prefix) and digits != "0":
            return sign * int(digits[len(prefix):], base)
    return sign * int(digits)


def construct_float(loader, node):
    text = loader.construct_scalar(node).replace("_", "").lower()
    return float(text.replace(".inf", "inf").replace(".nan", "nan"))


Reader.add_constructor("tag:yaml.org,2002:int", construct_int)
Reader.add_constructor("tag:yaml.org,2002:float", construct_float)
Reader.add_constructor("tag:yaml.org,2002:timestamp", lambda loader, node: Time(loader.construct_scalar(node)))


class Time(str):
    """What stands as it is spelled."""


def lines_of(node, path=(), merged=False):
    """{name: line} of what is in no map with a merge."""
    found = {trees.name_of(path): node.start_mark.line + 1}
    if isinstance(node, yaml.SequenceNode):
        for place, inner in enumerate(node.value):
            found.update(lines_of(inner, path + (place,), merged))
    elif isinstance(node, yaml.MappingNode):
        for key, inner in node.value:
            if key.tag != "tag:yaml.org,2002:merge" and isinstance(key.value, str):
                found.update(lines_of(inner, path + (key.value,), merged))
    return found


def make(rng):
    kind = rng.random()
    if kind < 0.1:
        text = MERGE % rng.choice(["*base", "[*base, *o]", "[*o, *base]", "*o"])
    elif kind < 0.3:
        text = "".join("k%d: %s\n" % (place, rng.choice(PLAIN)) for place in range(8))
    else:
        text = yaml.safe_dump(trees.tree(rng), default_flow_style=rng.choice([True, False, None]), allow_unicode=rng.random() < 0.5,
                              default_style=rng.choice([None, None, None, '"', "'"]), width=rng.choice([20, 80]), indent=rng.choice([2, 4]),
                              explicit_start=rng.random() < 0.2, sort_keys=False)
    if rng.random() < 0.6:
        return text.encode()
    return trees.spoil(rng, text, MARKS).encode("utf-8", "surrogatepass")


def not_ours(data, answer):
    """Where libyaml, which go-yaml descends from as well, is no PyYAML."""
    text = data.decode("utf-8", "replace")
    # NULs and halves of pairs from escapes, tags that nobody needs, values within themselves;
    # and a colon within a word between braces.
    if any(word in answer for word in ("NUL", "tag", "escape", "alias of what", "unexpected ':'")):
        return True
    # A byte order mark within, and a directive for another version.
    return "\ufeff" in text[1:] or "%" in text


def unlike(data):
    """Where PyYAML refuses what libyaml takes: tabs in places, and a mark of comments or flow beside others."""
    text = data.decode("utf-8", "replace")
    return "\t" in text or "\ufeff" in text or "%" in text or re.search(r"[:?]", text) and re.search(r"[\[{]", text)


def compare(data, answer):
    try:
        theirs, error = yaml.load(data.decode(), Reader), None  # nosec: a safe loader
        lines = lines_of(yaml.compose(data.decode(), Reader)) if theirs is not None else {}
    except (yaml.YAMLError, ValueError, KeyError, RecursionError) as caught:
        theirs, error, lines = None, caught, {}
    if isinstance(answer, str):
        if error is None and not not_ours(data, answer):
            yield "hostaudit refuses it (%s), PyYAML does not" % answer
        return
    if error is not None:
        if not unlike(data):
            yield "hostaudit takes it, PyYAML says %s" % str(error).replace("\n", " ")
        return
    ours, our_lines = answer
    flat = {name: ("time", str(value)) if isinstance(value, Time) else (kind, value) for name, (kind, value) in trees.flatten(theirs).items()}
    yield from trees.differences(ours, flat)
    if any(mark in data.decode() for mark in "\u0085\u2028\u2029\r"):
        return  # libyaml ends lines with these as well, and so may tell a later line
    for name, line in lines.items():
        if name in our_lines and our_lines[name] != line and flat[name][0] != "null" and b"<<" not in data:
            yield "the line of %s is %d, not %s" % (name, line, our_lines[name])


def main():
    rng = random.Random(SEED)
    asker = trees.Asker(HOSTAUDIT, TMP, "yaml", "yaml")
    passed, refused, failed = 0, 0, 0
    for start in range(0, DOCUMENTS, 50):
        made = [make(rng) for _ in range(min(50, DOCUMENTS - start))]
        for place, answer in enumerate(asker.ask(made)):
            messages = list(compare(made[place], answer))
            refused += isinstance(answer, str)
            passed += not messages
            failed += bool(messages)
            for message in messages[:3]:
                print("seed %d, document %d: %s\n  %r" % (SEED, start + place, message, made[place][:400]))
    print("tree_yaml: seed %d, %d of %d documents are refused" % (SEED, refused, DOCUMENTS))
    print("%d passed, %d failed, 0 skipped" % (passed, failed))
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
