#!/usr/bin/python3
"""Compares two JSON reports: of an image, and of the host that it became. usage: agree.py IMAGE LIVE

Prints a line 'ok' or 'not ok' for each rule. What is configured has to be the same, sentence by sentence and
fact by fact, but for what the image could not tell and the host can."""
import collections
import json
import sys



def configured(check):
    """The facts that are true after the next boot: object -> (state, value)."""
    facts = collections.defaultdict(set)
    for fact in check["facts"]:
        if fact["aspect"] != "running":
            facts[fact["object"]].add((fact["state"], fact["value"]))
    return facts


def differences(image, live):
    for object_name in sorted(set(image) | set(live)):
        before, after = image.get(object_name, set()), live.get(object_name, set())
        if before == after or any(state == "unknown" for state, _ in before):
            continue
        yield "%s: the image said %s, the host says %s" % (
            object_name, sorted(map(str, before)) or "nothing", sorted(map(str, after)) or "nothing")


def compare(image, live):
    """(problems, how many facts agree, how many the image left open)"""
    problems, agree, left_open = [], 0, 0
    for before, after in zip(image["checks"], live["checks"]):
        old, new = configured(before), configured(after)
        found = list(differences(old, new))
        problems += ["%s: %s" % (before["check"], text) for text in found]
        agree += not found
        left_open += any(state == "unknown" for facts in old.values() for state, _ in facts)
    return problems, agree, left_open


def main():
    reports = []
    for path in sys.argv[1:3]:
        with open(path, encoding="utf-8") as file:
            reports.append(json.load(file))
    image, live = ({result["rule"]: result for result in report["results"]} for report in reports)
    failed = False
    left_open = 0
    for rule in sorted(set(image) | set(live)):
        if rule not in image or rule not in live:
            print("not ok - %s was judged in only one of the two" % rule)
            failed = True
            continue
        problems, _, unknown = compare(image[rule], live[rule])
        left_open += unknown
        # What is broken in the image is broken in the host that it becomes.
        if image[rule]["outcome"] == "fail" and live[rule]["outcome"] == "pass":
            problems.append("the image failed, the host passes")
        print("%s - %s" % ("not ok" if problems else "ok", rule))
        for text in problems:
            failed = True
            print("   " + text)
    running = sum(fact["aspect"] != "configured" and fact["state"] != "unknown" for result in live.values()
                  for check in result["checks"] for fact in check["facts"])
    print("%s - the host has %d running facts" % ("ok" if running else "not ok", running))
    print("# the image left %d sentences open" % left_open)
    return failed or not running


sys.exit(main())
