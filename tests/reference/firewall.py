#!/usr/bin/python3
# variants: normal
"""Holds what the firewall probe says of open ports and of the loopback against real connections.

In a network namespace of its own, a rule set made at random is loaded with iptables-legacy, iptables-nft or
nft; a second namespace on the other end of a cable connects to some ports. Where rules name no addresses
and no interfaces but lo, a port has to be told open exactly if the connection comes about; where they do, a
connection may not come about by a port that is told closed.
"""
import ctypes
import json
import os
import random
import select
import shlex
import socket
import subprocess
import sys
import time

SETS = int(os.environ.get("SETS", "48"))
SEED = int(os.environ.get("SEED") or random.SystemRandom().randrange(1 << 32))
TMP = os.environ.get("TMP", "/tmp")
HOSTAUDIT = shlex.split(os.environ.get("HOSTAUDIT", "build/hostaudit"))
PORTS = [22, 80, 443, 2375, 8005, 8010, 9000]
ADDRESSES = {4: ("10.9.0.1", "10.9.0.2"), 6: ("fd09::1", "fd09::2")}
FAMILIES = {4: socket.AF_INET, 6: socket.AF_INET6}
REFUSED = []
LOOPBACK = {4: "127.0.0.1", 6: "::1"}


def run(*command, text=None):
    return subprocess.run(command, input=text, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)


def connect(targets):
    """Which of these (family, address, port) can be connected to."""
    waiting = {}
    for target in targets:
        link = socket.socket(FAMILIES[target[0]], socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
        link.connect_ex((target[1], target[2]))
        waiting[link] = target
    done, end = set(), time.monotonic() + 0.25
    links = set(waiting)
    while links and time.monotonic() < end:
        for link in select.select([], list(links), [], max(0, end - time.monotonic()))[1]:
            links.discard(link)
            # An error that a later packet met does not count: there was an answer to the first.
            try:
                link.getpeername()
                done.add(waiting[link])
            except OSError:
                pass
    for link in waiting:
        link.close()
    return done


class Peer:
    """The machine at the other end of the cable."""

    def __init__(self):
        self.commands, theirs = socket.socketpair()
        self.pid = os.fork()
        if not self.pid:
            ctypes.CDLL(None).unshare(0x40000000)
            theirs.send(b"up")
            while theirs.recv(16):
                targets = [(family, ADDRESSES[family][0], port) for family in FAMILIES for port in PORTS]
                theirs.send(json.dumps([[t[0], t[2]] for t in connect(targets)]).encode())
            os._exit(0)
        self.commands.recv(16)

    def ask(self):
        self.commands.send(b"go")
        return {tuple(pair) for pair in json.loads(self.commands.recv(65536))}


def ports_of(rng):
    kind = rng.random()
    if kind < 0.5:
        return [str(rng.choice(PORTS))]
    if kind < 0.75:
        return ["%d-%d" % rng.choice([(8000, 8008), (1, 1023), (400, 2400), (8006, 9100), (0, 65535)])]
    return sorted({str(port) for port in rng.sample(PORTS, 3)}, key=int)


def make_rule(rng, named, family):
    """What a rule asks for, in words of neither tool; None is anything."""
    rule = {"proto": rng.choice(["tcp"] * 4 + ["udp", None]), "ports": None, "not": rng.random() < 0.15}
    if rule["proto"] and rng.random() < 0.75:
        rule["ports"] = ports_of(rng)
    if rng.random() < 0.25:
        rule["state"] = rng.choice([["new"], ["established", "related"], ["invalid"], ["new", "established"]])
    if rng.random() < 0.15:
        rule["in"] = "lo"
        rule["not-in"] = rng.random() < 0.4
    if rng.random() < 0.12:
        rule["mark"] = rng.choice([1, 2])
    if rng.random() < 0.12:
        rule["syn"] = rule["proto"] == "tcp"
    if named and rng.random() < 0.5:
        rule["from"] = rng.choice([ADDRESSES[family][1], {4: "10.9.0.0/16", 6: "fd09::/16"}[family],
                                   {4: "192.0.2.0/24", 6: "2001:db8::/32"}[family], {4: "10.8.0.0/15", 6: "fd08::/15"}[family]])
        rule["not-from"] = rng.random() < 0.3
    if named and rng.random() < 0.3:
        rule["in"] = rng.choice(["host0", "host+", "eth0"])
        rule["not-in"] = rng.random() < 0.3
    rule["do"] = rng.choice(["accept"] * 4 + ["drop"] * 3 + ["reject", "mark1", "mark2", "X", "X", "Y", "log"])
    return rule


def in_iptables(rule):
    words = []
    for key, option in (("from", "-s"), ("in", "-i")):
        if key in rule:
            words += ["!"] * rule["not-" + key] + [option, rule[key]]
    if rule["proto"]:
        words += ["-p", rule["proto"]]
    if rule["ports"]:
        if len(rule["ports"]) > 1:
            words += ["-m", "multiport"] + ["!"] * rule["not"] + ["--dports", ",".join(rule["ports"])]
        else:
            words += ["!"] * rule["not"] + ["--dport", rule["ports"][0].replace("-", ":")]
    if "state" in rule:
        words += ["-m", "conntrack", "--ctstate", ",".join(rule["state"]).upper()]
    if "mark" in rule:
        words += ["-m", "mark", "--mark", "%d/%d" % (rule["mark"], rule["mark"])]
    if rule.get("syn"):
        words += ["--syn"]
    if rule["do"].startswith("mark"):
        return words + ["-j", "MARK", "--set-xmark", "%s/%s" % (rule["do"][4:], rule["do"][4:])]
    if rule["do"] == "log":
        return words + ["-j", "NFLOG"]
    return words + ["-j", rule["do"].upper()]


def in_nft(rule, family):
    words = []
    if "from" in rule:
        words += ["ip" if family == 4 else "ip6", "saddr", "!=" if rule["not-from"] else "", rule["from"]]
    if "in" in rule:
        words += ["iifname", "!=" if rule["not-in"] else "", '"%s"' % rule["in"].replace("+", "*")]
    if rule["proto"] and not rule["ports"]:
        words += ["meta l4proto", rule["proto"]]
    if rule["ports"]:
        ports = rule["ports"][0] if len(rule["ports"]) == 1 else "{ %s }" % ", ".join(rule["ports"])
        words += [rule["proto"], "dport", "!=" if rule["not"] else "", ports]
    if "state" in rule:
        words += ["ct state", ",".join(rule["state"])]
    if "mark" in rule:
        words += ["meta mark & %d == %d" % (rule["mark"], rule["mark"])]
    if rule.get("syn"):
        words += ["tcp flags & (fin|syn|rst|ack) == syn"]
    done = rule["do"]
    if done.startswith("mark"):
        return " ".join(words + ["meta mark set meta mark or " + done[4:]])
    return " ".join(words + ["counter" if done == "log" else "jump " + done if done in "XY" else done])


def make_chains(rng, named, family):
    chains = {name: [make_rule(rng, named, family) for _ in range(rng.randrange(1, most))]
              for name, most in (("INPUT", 8), ("X", 4), ("Y", 3))}
    for name, lower in (("X", "Y"), ("Y", "")):
        for rule in chains[name]:
            if rule["do"] in ("X", "Y") and rule["do"] != lower:
                rule["do"] = rng.choice(["accept", "drop"])
    return chains


def in_nft_table(rng, family, chains, policy):
    lines = ["table %s t {" % rng.choice(["inet", {4: "ip", 6: "ip6"}[family]])]
    for name in ("Y", "X", "INPUT"):
        lines.append("chain %s {" % name)
        if name == "INPUT":
            lines.append("type filter hook input priority %d; policy %s;" % (rng.choice([0, 0, -10]), policy))
        lines += [in_nft(rule, family) for rule in chains[name]]
        if name == "INPUT" and rng.random() < 0.3:
            lines.append(rng.choice(["tcp dport vmap { 22 : accept, 80 : jump X, 443 : drop }",
                                     "ct state vmap { new : continue, established : accept, related : accept }",
                                     "meta l4proto . th dport { tcp . 9000, udp . 53 } accept",
                                     "tcp dport vmap { 8000-8008 : jump Y, 9000 : drop, * : accept }",
                                     "meta l4proto tcp th dport 2000-3000 accept"]))
        lines.append("}")
    return "\n".join(lines + ["}"])


def load(rng, named):
    """Loads a rule set for each family; returns it as it was written."""
    text = []
    for family in FAMILIES:
        chains, policy = make_chains(rng, named, family), rng.choice(["accept", "drop", "drop"])
        # With named addresses of one family, and tables for both, what the other says would be left out.
        tool = rng.choice(["nft", "nft", "legacy"]) if rng.random() < 0.7 else "iptables-nft"
        if tool == "nft":
            table = in_nft_table(rng, family, chains, policy)
            result = run("nft", "-f", "-", text=table)
            text.append(table)
        else:
            lines = ["*filter", ":INPUT %s" % policy.upper(), ":X -", ":Y -"]
            lines += [" ".join(["-A", name] + in_iptables(rule)) for name in chains for rule in chains[name]]
            lines += ["COMMIT", ""]
            command = ("ip6" if family == 6 else "ip") + "tables-%s-restore" % ("nft" if tool != "legacy" else tool)
            result = run(command, text="\n".join(lines))
            text += [command] + lines
        if result.returncode:
            REFUSED.append(text[-1])
            text.append("# refused: " + result.stdout)
    return "\n".join(text)


def clear():
    run("nft", "flush", "ruleset")
    for tool in ("iptables-legacy", "ip6tables-legacy"):
        for words in (["-P", "INPUT", "ACCEPT"], ["-F"], ["-X"]):
            run(tool, *words)


def probe(sentence):
    done = subprocess.run(HOSTAUDIT + ["probe", "--policy-dir", TMP, "--format", "json", "firewall " + sentence],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    facts = [fact for fact in json.loads(done.stdout)["facts"] if fact["aspect"] == "running"]
    return {6 if fact["object"].startswith("ip6") else 4: fact.get("value") or "unknown: %s" % fact.get("error")
            for fact in facts}


def is_in(port, told):
    if told == "any":
        return True
    for part in told.split(","):
        if part.startswith("tcp/"):
            low, _, high = part[4:].partition("-")
            if low == "any" or int(low) <= port <= int(high or low):
                return True
    return False


def compare(peer, named):
    """What is told wrongly of the rules that are loaded."""
    told, loopback = probe("input open-ports = x"), probe("input loopback-accepted")
    reached = peer.ask()
    own = connect([(family, LOOPBACK[family], port) for family in FAMILIES for port in PORTS])
    for family in FAMILIES:
        if told[family].startswith("unknown"):
            yield "IPv%d: %s" % (family, told[family])
            continue
        for port in PORTS:
            is_reached, is_told = (family, port) in reached, is_in(port, told[family])
            if is_reached != is_told and (is_reached or not named):
                yield "IPv%d: port %d is %s, told: %s" % (family, port, "open" if is_reached else "closed", told[family])
        if loopback[family] == "yes":
            for port in PORTS:
                if (family, LOOPBACK[family], port) not in own:
                    yield "IPv%d: the loopback is told to be accepted, but port %d is not" % (family, port)


def prepare():
    peer = Peer()
    run("ip", "link", "add", "host0", "type", "veth", "peer", "name", "peer0", "netns", str(peer.pid))
    run("ip", "link", "set", "lo", "up")
    run("ip", "link", "set", "host0", "up")
    enter = ["nsenter", "-t", str(peer.pid), "-n", "ip"]
    run(*enter, "link", "set", "peer0", "up")
    for family, (own, other) in ADDRESSES.items():
        more = ["nodad"] if family == 6 else []
        run("ip", "address", "add", own + ("/24" if family == 4 else "/64"), "dev", "host0", *more)
        run(*enter, "address", "add", other + ("/24" if family == 4 else "/64"), "dev", "peer0", *more)
    listeners = []
    for family, kind in FAMILIES.items():
        for port in PORTS:
            link = socket.socket(kind, socket.SOCK_STREAM)
            link.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == 6:
                link.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            link.bind(("", port) if family == 4 else ("::", port))
            link.listen(64)
            listeners.append(link)
    return peer, listeners


def inside():
    rng = random.Random(SEED)
    peer, listeners = prepare()
    time.sleep(0.2)
    if len(peer.ask()) != 2 * len(PORTS):
        time.sleep(2)
    if len(peer.ask()) != 2 * len(PORTS):
        print("ok firewall # SKIP no cable between network namespaces here")
        return 0
    failed = 0
    for number in range(SETS):
        named = number % 3 == 2
        text = load(rng, named)
        wrong = list(compare(peer, named))
        if wrong:
            failed += 1
            print("not ok firewall: set %d\n%s\n  %s" % (number, "\n".join(wrong), text.replace("\n", "\n  ")))
        clear()
    del listeners
    # Where most of what was made cannot be loaded, nothing has been tested.
    if len(REFUSED) > SETS // 4:
        print("not ok firewall: %d of %d tables were refused" % (len(REFUSED), 2 * SETS))
        failed += 1
    print("%d passed, %d failed, 0 skipped" % (SETS - failed, failed))
    return failed > 0


def main():
    if "--inside" in sys.argv:
        return inside()
    if os.getuid() or run("unshare", "-n", "-p", "-f", "--mount-proc", "true").returncode:
        print("ok firewall # SKIP network namespaces cannot be made here")
        return 0
    print("SEED=%d" % SEED)
    return subprocess.run(["unshare", "-n", "-p", "-f", "--mount-proc", sys.executable, __file__, "--inside"],
                          env=dict(os.environ, SEED=str(SEED)), check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
