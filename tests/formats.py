#!/usr/bin/python3
"""The examples of the manual pages of file formats are policies that lint has nothing to say of, and
what `list` tells programs is JSON with everything in it."""
import glob
import json
import os
import re
import subprocess
import sys

TMP = os.environ["TMP"]
HOSTAUDIT = os.environ["HOSTAUDIT"].split()
FOLDERS = {"benchmark": "benchmarks", "profile": "os-profiles", "remediation": "remediations",
           "site": "site", "waiver": "waivers"}

# What the examples refer to beside each other.
AROUND = {
    "benchmarks/docker.ini": "[package-any]\ntitle = T\nwhy = W\nseverity = low\n",
    "benchmarks/acme.ini": "",
    "os-profiles/systemd-container-host.ini": "[os]\ntitle = Any\n",
}
failed = passed = 0


def tell(good, name, why):
    global failed, passed
    passed, failed = passed + bool(good), failed + (not good)
    print("%s - %s" % ("ok" if good else "not ok", name))
    if not good:
        print(why)


def run(*words):
    done = subprocess.run(HOSTAUDIT + list(words), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          check=False, stdin=subprocess.DEVNULL)
    return done.returncode, done.stdout.decode()


def write(path, text):
    path = os.path.join(TMP, path)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def example(page):
    with open(page, encoding="utf-8") as file:
        text = file.read()
    found = re.search(r"^\.Sh EXAMPLES\n.*?^\.Bd -literal[^\n]*\n(.*?)^\.Ed$", text, re.MULTILINE | re.DOTALL)
    return found.group(1).replace("\\e", "\\").replace("\\-", "-").replace("\\&", "") if found else None


def check_examples():
    for path, text in AROUND.items():
        write(path, text)
    for name, folder in FOLDERS.items():
        text = example("man/hostaudit-%s.5" % name)
        tell(text and "=" in text, "hostaudit-%s(5) has an example" % name, text)
        write("%s/example.ini" % folder, text or "")
    code, output = run("lint", "--policy-dir", TMP)
    tell(code == 0 and not output, "the examples are without mistakes", output)
    code, output = run("list", "rules", "--policy-dir", TMP, "--profile", "example", "--all")
    tell("time-sync" in output, "the examples are read", output)


def check_list(what, key, names):
    code, output = run("list", what, "--format", "json")
    listed = sorted(entry[key] for entry in json.loads(output))
    tell(code == 0 and listed == sorted(names), "list %s --format json" % what, output)
    code, text = run("list", what)
    tell(code == 0 and all(re.search(r"^%s\b" % name, text, re.MULTILINE) for name in names),
         "list " + what, text)


def names_in(room):
    return [os.path.basename(path)[:-2] for path in glob.glob("src/%s/*.c" % room)]


check_examples()
check_list("probes", "probe", names_in("probes"))
check_list("reports", "report", names_in("reports"))
print("%d passed, %d failed" % (passed, failed))
sys.exit(bool(failed))
