#!/usr/bin/python3
"""What the real configuration files of some systems mean, where $OS_FACTS or ../shared/os-facts has them.

Each case names the directories whose files are laid over one another, a sentence, its outcome, and what
the configured fact says.
"""
import json
import os
import shlex
import shutil
import subprocess
import sys

HOSTAUDIT = shlex.split(os.environ.get("HOSTAUDIT", "build/hostaudit"))
OS_FACTS = os.environ.get("OS_FACTS", "../shared/os-facts")
TMP = os.environ.get("TMP", "/tmp")

AZURE, PHOTON, AKS = ["azurelinux"], ["photon", "photon-stig"], ["azurelinux", "aks-node"]
CASES = [
    # Built into the kernel: no line of modprobe.d can deny it.
    (AZURE, "module squashfs not loadable", "fail", "yes", "/boot/config-6.6.0-example.azl3"),
    (PHOTON, "module udf not loadable", "fail", "yes", "/boot/config-6.1.0-example.ph5"),
    # Not built at all.
    (AZURE, "module hfs state = absent", "pass", "absent", "/boot/config-6.6.0-example.azl3"),
    (AZURE, "module hfsplus state = absent", "pass", "absent", None),
    (AZURE, "module dccp state = absent", "pass", "absent", None),
    (AZURE, "module rds state = absent", "pass", "absent", None),
    (AZURE, "module tipc state = absent", "pass", "absent", None),
    # Denied, by any of the usual commands, however the name is written.
    (AZURE, "module usb_storage not loadable", "pass", "no", "/etc/modprobe.d/usb-storage.conf:3"),
    (AZURE, "module cramfs not loadable", "pass", "no", "/etc/modprobe.d/cramfs.conf:3"),
    (PHOTON, "module usb-storage not loadable", "pass", "no", "/etc/modprobe.d/modprobe.conf:11"),
    (PHOTON, "module sctp not loadable", "pass", "no", "/etc/modprobe.d/modprobe.conf:1"),
    (AKS, "module algif_aead state != loadable", "pass", None, None),
    (AKS, "module usb_storage blacklisted", "pass", "yes", "/etc/modprobe.d/CIS.conf"),
    (AKS, "module cramfs not loadable", "pass", "no", None),
    # A command that runs modprobe denies nothing.
    (AZURE, "module ohci_hcd state != denied", "pass", None, None),
    # Whatever the kernel does not know cannot be told without a list of its modules.
    (PHOTON, "module ieee1394 not loadable", "unknown", None, None),
    # What only the image's build reads stands where fstab has a number: libmount skips such a line.
    (["gardenlinux-cis"], "mount /var has noexec nosuid nodev", "unknown", None, "/etc/fstab:5"),
    (["gardenlinux"], "mount / has rw", "pass", None, "/etc/fstab:3"),
    (["gardenlinux"], "mount / has nodev", "fail", None, "/etc/fstab:3"),
    (["gardenlinux"], "mount /efi has umask=0077", "unknown", None, "/etc/fstab:2"),
    # Units that local-fs.target wants, with and without an automount.
    (["flatcar"], "mount /media has nodev noexec nosuid", "pass", None,
     "/usr/lib/systemd/system/media.mount"),
    (["flatcar"], "mount /oem has nodev", "pass", None, "/usr/lib/systemd/system/oem.mount"),
    (["flatcar"], "mount /boot has umask=0077", "pass", None, "/usr/lib/systemd/system/boot.mount"),
    # What brings updates, how old a build is, and for how long it gets any.
    (["flatcar"], "update update-engine present", "pass", None, None),
    (["flatcar"], "update os built = 2026-02-23", "pass", "2026-02-23", None),
    (["fedora-coreos"], "update os supported", "fail", "no", "/etc/os-release"),
    (["fedora-coreos"], "update os built = 2023-01-26", "pass", None, None),
    (["rhcos"], "update os built = 2025-10-05", "pass", None, None),
    (["rhcos-4.13"], "update os built = 2022-12-15", "pass", None, None),
    (["rhcos"], "update os automatic", "fail", "no", None),
    (["microos"], "update os built = 2026-08-20", "pass", None, None),
    (["microos"], "update os supported", "unknown", None, "/usr/lib/os-release"),
    (["eks-al2023"], "update os support-end = 2029-06-30", "pass", None, "/usr/lib/os-release"),
    (["azurelinux"], "update os built = 2026-04-15", "pass", None, None),
    (["cos"], "update os age <= 90", "unknown", None, "/etc/os-release"),
]


def lay_over(root, names):
    """Later directories win; a link is kept there as a file that holds its target."""
    for name in names:
        shutil.copytree(os.path.join(OS_FACTS, name), root, symlinks=True, dirs_exist_ok=True)
    for folder, folders, _ in os.walk(root):
        for name in folders:
            os.chmod(os.path.join(folder, name), 0o755)
    for folder, _, files in os.walk(root):
        if folder.endswith((".wants", ".requires")):
            for name in files:
                place_link(os.path.join(folder, name))
        elif folder == os.path.join(root, "etc") and "os-release" in files:
            place_link(os.path.join(folder, "os-release"))


def place_link(path):
    if os.path.islink(path):
        return
    with open(path, encoding="utf-8") as file:
        text = file.read()
    if "\n" not in text.strip() and text.strip().startswith(("/", "../")):
        os.chmod(os.path.dirname(path), 0o755)
        os.unlink(path)
        os.symlink(text.strip(), path)


def ask(root, sentence):
    done = subprocess.run(HOSTAUDIT + ["probe", "--root", root, "--format", "json", sentence],
                          stdout=subprocess.PIPE, check=False)
    return json.loads(done.stdout)


def main():
    made = {}
    for names, sentence, outcome, value, source in CASES:
        title = "%s: %s" % ("+".join(names), sentence)
        if not all(os.path.isdir(os.path.join(OS_FACTS, name)) for name in names):
            print("ok - %s # SKIP the files are not here" % title)
            continue
        root = made.setdefault(tuple(names), os.path.join(TMP, "+".join(names)))
        if not os.path.isdir(root):
            lay_over(root, names)
        answer = ask(root, sentence)
        fact = answer["facts"][-1]
        good = (answer["outcome"] == outcome and (value is None or fact["value"] == value)
                and (source is None or fact["source"].startswith(source)))
        print("%sok - %s" % ("" if good else "not ", title))
        if not good:
            print("# " + json.dumps(answer))


if __name__ == "__main__":
    sys.exit(main())
