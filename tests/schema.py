#!/usr/bin/python3
"""The reports for programs are what man/hostaudit-report.schema.json says they are."""
# variants: normal static
import copy
import json
import os
import subprocess
import sys

import jsonschema

sys.path.insert(0, os.path.join("tests", "lib"))
sys.dont_write_bytecode = True
import tree  # noqa: E402

COMMAND = os.environ["HOSTAUDIT"].split()
TMP = os.environ["TMP"]
counts = [0, 0]


def tell(name, good, why=""):
    counts[not good] += 1
    print("%s - %s%s" % ("ok" if good else "not ok", name, "" if good else ": %s" % why))


def run(*arguments):
    done = subprocess.run(COMMAND + list(arguments), capture_output=True, check=False, timeout=60,
                          stdin=subprocess.DEVNULL)
    return done.stdout.decode("utf-8")


def problem(validator, document):
    """The first thing that is wrong, or None."""
    error = next(validator.iter_errors(document), None)
    return error and "%s: %s" % (error.json_path, error.message)


def strict(text):
    """JSON by the letter: no NaN, no name twice."""
    def pairs(items):
        names = [name for name, _ in items]
        if len(set(names)) != len(names):
            raise ValueError("a name stands twice in " + str(names))
        return dict(items)

    def constant(word):
        raise ValueError(word)
    return json.loads(text, object_pairs_hook=pairs, parse_constant=constant)


# Reports that the schema must refuse: it would be worth nothing if it took all.
def spoil_outcome(report):
    report["results"][0]["outcome"] = "passed"


def spoil_name(report):
    report["results"][0]["extra"] = 1


def spoil_reason(report):
    report["results"][0].update(outcome="fail", reason=None)


def spoil_fact(report):
    fact = next(f for r in report["results"] for c in r["checks"] for f in c["facts"])
    fact.update(state="unknown", value="1", error=None)


def spoil_summary(report):
    del report["summary"]["unknown"]


def spoil_version(report):
    report["schema"] = "hostaudit-report-9"


def check_report(validator, name, text):
    try:
        report = strict(text)
    except ValueError as error:
        tell(name, False, error)
        return None
    why = problem(validator, report)
    tell(name, why is None, why)
    totals = {outcome: 0 for outcome in report["summary"]}
    for result in report["results"]:
        totals[result["outcome"]] += 1
    tell(name + ": the summary counts the results", totals == report["summary"], report["summary"])
    return report


def main():
    with open("man/hostaudit-report.schema.json", encoding="utf-8") as file:
        schema = json.load(file)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)

    root = os.path.join(TMP, "root")
    with open("tests/demo/flatcar.spec", encoding="utf-8") as file:
        tree.build(file.read().splitlines(), root, "tests/demo")
    policy = ["--policy-dir", ".", "--format", "json"]
    check_report(validator, "this machine", run("check", *policy))
    report = check_report(validator, "a sample image", run("check", "--root", root, *policy))

    # Names that try to forge a report.
    nasty = os.path.join(TMP, "nasty")
    tree.build(['file 0644 root:root /etc/os-release', '|= ID=flatcar\\nPRETTY_NAME="a\\x1b[31m\\xff\\xe2\\x80\\xae"\\n',
                '|= VERSION_ID="\\x22,"\\n'], nasty)
    check_report(validator, "a hostile os-release", run("check", "--root", nasty, *policy))

    probe = dict(schema, **{"$ref": "#/$defs/check"})
    for name in ("required", "properties", "additionalProperties"):
        del probe[name]
    probe_validator = jsonschema.Draft202012Validator(probe)
    for sentence in ("role debug absent", "sysctl kernel.kptr_restrict >= 1", "file /etc/os-release present"):
        text = run("probe", "--root", root, *policy, sentence)
        why = problem(probe_validator, strict(text)) if text else "it said nothing"
        tell("probe " + sentence, why is None, why)

    for spoil in (spoil_outcome, spoil_name, spoil_reason, spoil_fact, spoil_summary, spoil_version):
        bad = copy.deepcopy(report)
        spoil(bad)
        tell("refused: " + spoil.__name__, problem(validator, bad) is not None, "the schema takes it")
    print("%d passed, %d failed, 0 skipped" % tuple(counts))
    return bool(counts[1])


sys.exit(main())
