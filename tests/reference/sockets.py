#!/usr/bin/python3
# variants: normal
"""Holds what the probe `socket` says against `ss` and systemd, on sockets made at random.

Now: in network and process namespaces of their own, with listeners of TCP and UDP on addresses of all kinds
and connections between them, the probe agrees with `ss -ltnup`: asked over netlink, by the tables of /proc
(from another network namespace), confined and not. In a control group of their own it names the unit.
Next: for socket units with drop-ins made at random it agrees with what `systemd --test` makes of them.
"""
import json
import os
import random
import re
import shlex
import shutil
import socket
import subprocess
import sys

ROUNDS = int(os.environ.get("ROUNDS", "14"))
TREES = int(os.environ.get("TREES", "30"))
SEED = int(os.environ.get("SEED") or random.SystemRandom().randrange(1 << 32))
TMP = os.environ.get("TMP", "/tmp/hostaudit-sockets")
HOSTAUDIT = shlex.split(os.environ.get("HOSTAUDIT", "build/hostaudit"))
GROUPS = ("/sys/fs/cgroup", "/sys/fs/cgroup/unified")
ADDRESSES = {
    socket.AF_INET: ["0.0.0.0", "0.0.0.0", "127.0.0.1", "127.1.2.3", "10.77.0.1"],
    socket.AF_INET6: ["::", "::", "::1", "fd77::1", "fe80::77", "::ffff:127.0.0.1", "::ffff:10.77.0.1"],
}
MANAGER = "/lib/systemd/systemd"


def run(*argv):
    return subprocess.run(argv, stdout=subprocess.PIPE, check=True, universal_newlines=True).stdout


def probe(*argv):
    done = subprocess.run(list(argv), stdout=subprocess.PIPE, check=False, universal_newlines=True)
    return json.loads(done.stdout)["facts"]


# Inside the namespaces.

def listen(rng, port):
    """A socket as a random service would have it, or None where this kernel has it not."""
    family, kind = rng.choice(list(ADDRESSES)), rng.choice([socket.SOCK_STREAM, socket.SOCK_DGRAM])
    address = rng.choice(ADDRESSES[family])
    made = socket.socket(family, kind)
    only = rng.random() < 0.3 and not address.startswith("::ffff")
    if family == socket.AF_INET6:
        made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, only)
    if rng.random() < 0.2:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    if rng.random() < 0.15:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, rng.choice([b"lo", b"veth77"]))
    scope = socket.if_nametoindex("veth77") if address == "fe80::77" else 0
    try:
        made.bind((address, port, 0, scope) if family == socket.AF_INET6 else (address, port))
        if kind == socket.SOCK_STREAM:
            made.listen(5)
    except OSError:
        made.close()
        return None
    return made


def connect(rng, made):
    """Noise: connections are no listeners, nor is a socket of UDP with a peer."""
    try:
        if made.type == socket.SOCK_STREAM and made.getsockname()[0].startswith("127"):
            return socket.create_connection(made.getsockname()[:2], 1)
        if made.type == socket.SOCK_DGRAM and rng.random() < 0.3:
            other = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            other.connect(("127.0.0.1", 9))
            return other
    except OSError:
        pass
    return None


def by_ss():
    """{(protocol, address, port)} and the name of the process, as ss tells."""
    found = {}
    for line in run("ss", "-H", "-l", "-n", "-t", "-u", "-p").splitlines():
        words = line.split()
        address, port = words[4].rsplit(":", 1)
        plain = re.sub(r"[\[\]]", "", address)
        interface = plain.partition("%")[2]
        plain = {"*": "::"}.get(plain.partition("%")[0], plain.partition("%")[0])
        name = re.search(r'\("([^"]*)"', line)
        found[words[0], plain + ("%" + interface if interface else ""), port] = name.group(1) if name else None
    return found


def by_us(field, *options, entry=()):
    found = {}
    sentence = "socket *" + ({"exposed": " exposed"}.get(field, " %s = x" % field) if field else " present")
    facts = probe(*entry, *HOSTAUDIT, "probe", "--policy-dir", TMP, "--format", "json", *options, sentence)
    for fact in facts:
        if fact["aspect"] == "running" and fact["state"] != "absent":
            told = re.match(r"(tcp|udp) \[?([^\]]*?)\]?:(\d+)$", fact["object"])
            key = told.groups() if told else fact["object"]
            found[key] = (fact["state"], fact["value"], fact["source"])
    return found


def without_interface(keys):
    return {(protocol, address.partition("%")[0], port) for protocol, address, port in keys}


def inside(seed):
    rng = random.Random(seed)
    for command in ("link set lo up", "link add veth77 type veth peer name veth78", "link set veth77 up",
                    "link set veth78 up", "addr add 10.77.0.1/24 dev veth77",
                    "addr add fd77::1/64 dev veth77 nodad", "addr add fe80::77/64 dev veth77 nodad"):
        run("ip", *command.split())
    kept = [listen(rng, rng.choice([22, 53, 80, rng.randrange(1, 65536)])) for _ in range(rng.randrange(30))]
    kept = [made for made in kept if made]
    kept += [connect(rng, made) for made in list(kept)]
    theirs, problems = by_ss(), []

    def compare(what, ours, expected):
        if ours != expected:
            problems.append("%s: ours %s, theirs %s" % (what, sorted(ours - expected), sorted(expected - ours)))

    compare("netlink", set(by_us(None)), set(theirs))
    sources = {source for _, _, source in by_us(None).values()}
    if theirs and sources != {"the kernel, over netlink"}:
        problems.append("not asked over netlink: %s" % sources)
    tables = by_us(None, entry=("unshare", "-n"))
    compare("tables", without_interface(tables), without_interface(theirs))
    if any(not source.startswith("/proc/1/net/") for _, _, source in tables.values()):
        problems.append("not told by the tables")
    names = {key: value for key, (state, value, _) in by_us("process", "--sandbox", "off").items()}
    for key, name in theirs.items():
        if names.get(key) != name:
            problems.append("process of %s: ours %s, theirs %s" % (key, names.get(key), name))
    exposed = {key for key, (_, value, _) in by_us("exposed").items() if value == "yes"}
    compare("exposed", exposed, {key for key in theirs if not re.match(r"127\.|::1$|::1%|::ffff:127\.", key[1]) and
                                 not key[1].endswith("%lo")})
    unit = os.environ.get("HOSTAUDIT_UNIT")
    for field, value in (("unit", unit), ("process", "python3")):
        told = by_us(field)
        for key in theirs if unit else ():
            if told.get(key, (None, None))[:2] != ("value", value):
                problems.append("%s of %s is %s" % (field, key, told.get(key)))
    # What a service has open is not lost at the next boot because no socket unit opens it.
    for protocol, _, port in sorted(theirs)[:1]:
        for word, code in (("present", 0), ("absent", 1)):
            done = subprocess.run(HOSTAUDIT + ["probe", "--policy-dir", TMP, "socket %s:%s %s" % (protocol, port, word)],
                                  stdout=subprocess.PIPE, check=False, universal_newlines=True)
            if done.returncode != code:
                problems.append("%s is wrong: %s" % (word, done.stdout))
    print(json.dumps([len(theirs), problems]))


def now(rng):
    """Returns (how many agree, problems)."""
    agree, problems = 0, []
    top = next((path for path in GROUPS if os.path.exists(path + "/cgroup.procs")), None)
    for number in range(ROUNDS):
        group = None
        env = dict(os.environ)
        if top and rng.random() < 0.5:
            unit = "hostaudit-%d-%d.service" % (os.getpid(), number)
            group = os.path.join(top, rng.choice([unit, "system.slice/" + unit, "a.slice/a-b.slice/" + unit]))
            try:
                os.makedirs(group)
                env["HOSTAUDIT_UNIT"] = unit
            except OSError:
                group = None
        # A process of its own moves into the group, so that the program itself is not in it.
        script = 'echo $$ >"$0/cgroup.procs"; exec "$@"' if group else 'exec "$@"'
        done = subprocess.run(["sh", "-c", script, group or "", "unshare", "-n", "-m", "-p", "-f", "--mount-proc",
                               "python3", os.path.abspath(__file__), "inside", str(rng.randrange(1 << 32))],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=env, check=False,
                              universal_newlines=True)
        while group and group != top:
            try:
                os.rmdir(group)
            except OSError:
                break
            group = os.path.dirname(group)
        try:
            count, found = json.loads(done.stdout.splitlines()[-1])
        except (IndexError, ValueError):
            count, found = 0, [done.stdout[-600:]]
        agree += count
        problems += ["round %d: %s" % (number, problem) for problem in found]
    return agree, problems


# Units.

def value(rng):
    port = rng.choice(["22", "2375", "10255"] * 5 + ["080", "0x50", "+8", "65535", "65536", "0", "-5", "1 ", "8o", "%p", "%%"])
    address = rng.choice(["", "127.0.0.1:", "0.0.0.0:", "10.1.2.3:", "[::]:", "[::1]:", "[fe80::0001]:", "[fd00::A]:",
                          "[::ffff:1.2.3.4]:"] * 3 + [ "010.0.0.1:", "::1:", "localhost:", "1.2.3:", "[::1]", "[::1:", ":",
                          "[10.0.0.1]:"])
    behind = rng.choice([""] * 12 + ["%%lo", "%%1", " # no comment"])
    return rng.choice([address + port + behind] * 8 + ["", "/run/x.sock", "@name", "%t/x", "vsock::5", "/run/%n", "%t"])


def lines(rng):
    said = ["[Socket]"]
    for _ in range(rng.randrange(6)):
        key = rng.choice(["ListenStream"] * 6 + ["ListenDatagram"] * 3 + [
            "ListenSequentialPacket", "ListenFIFO", "Listenstream", "ListenNetlink", "ListenMessageQueue"])
        text = {"ListenFIFO": "/run/fifo", "ListenNetlink": "audit 1", "ListenMessageQueue": "/q"}.get(key)
        text = text if text and rng.random() < 0.6 else value(rng)
        said.append(key + rng.choice(["=", "=", " = "]) + text)
    return "\n".join(said + rng.choice([[], ["[Unit]", "Description=x"]])) + "\n"


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="ascii") as file:
        file.write(text)


def make_units(rng, units):
    names = []
    for number in range(rng.randrange(1, 9)):
        name = rng.choice(["u%d.socket", "u%d@i.socket"]) % number
        path = os.path.join(units, name.replace("@i", "@"))
        write(path, lines(rng) + "[Install]\nWantedBy=sockets.target\n")
        write(os.path.join(units, name.replace("@i", "@").replace(".socket", ".service")),
              "[Service]\nExecStart=/bin/true\n")
        for k in range(rng.choice([0, 0, 1, 2])):
            folder = rng.choice([name, name, name.replace("@i", "@"), "socket"]) + ".d"
            write(os.path.join(units, folder, "%d0-%s.conf" % (k, name)), lines(rng))
        if rng.random() < 0.8:
            link = os.path.join(units, "sockets.target.wants", name)
            os.makedirs(os.path.dirname(link), exist_ok=True)
            os.symlink("../" + os.path.basename(path), link)
        names.append(name)
    for target in ("default", "sysinit", "basic", "sockets", "shutdown"):
        wants = "Wants=sockets.target\n" if target == "default" else "DefaultDependencies=no\n"
        write(os.path.join(units, target + ".target"), "[Unit]\n" + wants)


def by_systemd(units):
    """{(protocol, address, port, unit)} of all units that are started."""
    env = {"PATH": os.environ["PATH"], "HOME": "/tmp", "XDG_RUNTIME_DIR": "/run", "SYSTEMD_UNIT_PATH": units,
           "SYSTEMD_LOG_TARGET": "console", "LC_ALL": "C"}
    done = subprocess.run(["setpriv", "--reuid", "65534", "--clear-groups", MANAGER, "--test", "--user",
                           "--unit=default.target"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=env,
                          check=False, universal_newlines=True)
    found, unit = set(), None
    for line in done.stdout.splitlines():
        told = re.match(r"\t?-> Unit (.*):$", line)
        unit = told.group(1) if told else unit
        told = re.match(r"\t*(ListenStream|ListenDatagram): (\[([^\]]*)\]|[0-9.]+):(\d+)(%.*)?$", line)
        if told:
            address = (told.group(3) or told.group(2)) + (told.group(5) or "")
            found.add(("tcp" if told.group(1) == "ListenStream" else "udp", address, told.group(4), unit))
    if "-> Unit default.target" not in done.stdout:
        return None, done.stdout
    return found, done.stdout


def after_boot(root):
    found = set()
    facts = probe(*HOSTAUDIT, "probe", "--root", root, "--policy-dir", TMP, "--format", "json", "socket * unit = x")
    for fact in facts:
        told = re.match(r"(tcp|udp) \[?([^\]]*?)\]?:(\d+)$", fact["object"])
        if told and fact["state"] == "value":
            found.add(told.groups() + (fact["value"],))
    return found


def following(rng):
    agree, problems = 0, []
    for number in range(TREES):
        root = os.path.join(TMP, "tree")
        shutil.rmtree(root, ignore_errors=True)
        make_units(rng, root + "/etc/systemd/system")
        write(root + "/etc/machine-id", "0" * 31 + "1\n")
        theirs, text = by_systemd(root + "/etc/systemd/system")
        if theirs is None:
            return agree, ["tree %d: systemd does not tell: %s" % (number, text[-2000:])]
        # systemd tells an interface by its number, as it is here; a host may have others.
        ours = {(protocol, re.sub("%lo$", "%1", address), port, unit)
                for protocol, address, port, unit in after_boot(root)}
        theirs = {(protocol, re.sub("%lo$", "%1", address), port, unit) for protocol, address, port, unit in theirs}
        if ours != theirs:
            problems.append("tree %d: ours %s, theirs %s" % (number, sorted(ours - theirs), sorted(theirs - ours)))
            shutil.copytree(root, "%s/wrong-%d" % (TMP, number), symlinks=True, dirs_exist_ok=True)
        agree += len(ours & theirs)
    return agree, problems


def main():
    if sys.argv[1:2] == ["inside"]:
        inside(int(sys.argv[2]))
        return 0
    if os.getuid() or not shutil.which("ss"):
        print("ok sockets # SKIP only root can, and ss has to be there")
        return 0
    print("# SEED=%d" % SEED)
    os.makedirs(TMP, exist_ok=True)
    os.chmod(TMP, 0o755)
    failed = 0
    for what, (agree, problems) in (("now", now(random.Random(SEED))), ("next", following(random.Random(SEED + 1)))):
        print("# %s: %d agree" % (what, agree))
        for problem in problems[:8]:
            print("not ok %s: %s" % (what, problem))
        failed += bool(problems) or agree < 50
        print("%s sockets %s: %d of them as the reference says" % ("not ok" if problems or agree < 50 else "ok",
                                                                    what, agree))
    return failed


sys.exit(main())
