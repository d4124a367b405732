#!/usr/bin/python3
# variants: normal
"""Holds `hostaudit check` of sshd sentences against `sshd -T`, on configurations made at random.

In a mount namespace of its own the test puts each configuration in the place of /etc/ssh, asks sshd for
what holds in general and for a connection, and then hostaudit for every keyword that sshd told of.
"""
import json
import os
import random
import shlex
import shutil
import subprocess
import sys

CONFIGS = int(os.environ.get("CONFIGS", "300"))
SEED = int(os.environ.get("SEED") or random.SystemRandom().randrange(1 << 32))
TMP = os.environ.get("TMP", "/tmp/hostaudit-sshd")
HOSTAUDIT = shlex.split(os.environ.get("HOSTAUDIT", "build/hostaudit"))
SSHD = "/usr/sbin/sshd"

FLAG = ["yes", "no", "YES", "No"]
FORWARD = FLAG + ["local", "remote", "all"]
TIME = ["0", "30", "2m", "1h30m", "90S", "1w2d", "1D"]
NUMBER = ["0", "1", "3", "10", "007", "65536"]
PATH = ["none", "NONE", "/etc/issue.net", '"/etc/my issue"', "/a=b", "'/x y'", "/with\\ blank"]
CIPHERS = ["aes256-ctr", "aes128-ctr,aes256-gcm@openssh.com", "chacha20-poly1305@openssh.com"]
KEYS = ["ssh-ed25519", "rsa-sha2-512,rsa-sha2-256", "ssh-ed25519,ecdsa-sha2-nistp256"]
COMMANDS = ["/bin/true", "internal-sftp -f AUTH # not a comment", "none", '"/bin/x" \'b\'', "/bin/a=b  c"]

# Keyword: lines that sshd takes, and whether Match blocks may hold them.
LINES = {
    "AcceptEnv": (["LANG LC_*", "XMODIFIERS", '"A" B # c'], True),
    "AddressFamily": (["any", "inet", "INET"], False),
    "AllowAgentForwarding": (FLAG, True),
    "AllowGroups": (["wheel adm", "sudo"], True),
    "AllowStreamLocalForwarding": (FORWARD, True),
    "AllowTcpForwarding": (FORWARD, True),
    "AllowUsers": (["root", "core admin@10.*", '"x" # y', "*"], True),
    "AuthenticationMethods": (["any", "publickey", "publickey,password keyboard-interactive"], True),
    "AuthorizedKeysCommand": (["/usr/bin/keys %u", "none", "/bin/x # y"], True),
    "AuthorizedKeysFile": (["/etc/keys/%u", ".ssh/authorized_keys .ssh/b # c", "none"], True),
    "AuthorizedPrincipalsFile": (["/etc/p/%u", "none"], True),
    "Banner": (PATH, True),
    "CASignatureAlgorithms": (KEYS, True),
    "ChallengeResponseAuthentication": (FLAG, True),
    "ChrootDirectory": (["/chroot", "%h", "none"], True),
    "Ciphers": (CIPHERS, False),
    "ClientAliveCountMax": (NUMBER, True),
    "ClientAliveInterval": (TIME, True),
    "Compression": (["yes", "no", "delayed"], False),
    "DSAAuthentication": (FLAG, False),
    "DenyGroups": (["bad", "worse worst"], True),
    "DenyUsers": (["guest", "a b c", "x@host"], True),
    "DisableForwarding": (FLAG, True),
    "ExposeAuthInfo": (FLAG, True),
    "FingerprintHash": (["md5", "SHA256", "sha512"], False),
    "ForceCommand": (COMMANDS, True),
    "GSSAPIAuthentication": (FLAG, True),
    "GSSAPICleanupCredentials": (FLAG, False),
    "GSSAPIKeyExchange": (FLAG, False),
    "GSSAPIStoreCredentialsOnRekey": (FLAG, False),
    "GSSAPIStrictAcceptorCheck": (FLAG, False),
    "GatewayPorts": (FLAG + ["clientspecified"], True),
    "HostKeyAgent": (["none", "/run/agent", "SSH_AUTH_SOCK"], False),
    "HostKeyAlgorithms": (KEYS, False),
    "HostbasedAcceptedAlgorithms": (KEYS, True),
    "HostbasedAcceptedKeyTypes": (KEYS, True),
    "HostbasedAuthentication": (FLAG, True),
    "HostbasedUsesNameFromPacketOnly": (FLAG, True),
    "IPQoS": (["lowdelay throughput", "af21", "cs0 cs1", "0x10", "EF none", "17"], True),
    "IgnoreRhosts": (FLAG + ["shosts-only"], True),
    "IgnoreUserKnownHosts": (FLAG, False),
    "KbdInteractiveAuthentication": (FLAG, True),
    "KeepAlive": (FLAG, False),
    "KerberosAuthentication": (FLAG, True),
    "KerberosOrLocalPasswd": (FLAG, False),
    "KerberosTicketCleanup": (FLAG, False),
    "KexAlgorithms": (["curve25519-sha256", "curve25519-sha256,ecdh-sha2-nistp256"], False),
    "ListenAddress": (["127.0.0.1", "127.0.0.1:2022", "[::1]:22", "::1", "0.0.0.0", "[127.0.0.2]:9"], False),
    "LogLevel": (["info", "VERBOSE", "DEBUG1", "debug", "QUIET", "Debug3"], True),
    "LogVerbose": (["kex.c:*:1000", "a.c:* b.c:*"], True),
    "LoginGraceTime": (TIME, False),
    "MACs": (["hmac-sha2-512", "hmac-sha2-256-etm@openssh.com,hmac-sha2-512"], False),
    "MaxAuthTries": (NUMBER, True),
    "MaxSessions": (NUMBER, True),
    "MaxStartups": (["10:30:60", "5", "1:1:1", "100"], False),
    "ModuliFile": (["/etc/moduli"], False),
    "PasswordAuthentication": (FLAG, True),
    "PerSourceMaxStartups": (["none", "5", "10"], False),
    "PerSourceNetBlockSize": (["24:64", "32:128"], False),
    "PermitEmptyPasswords": (FLAG, True),
    "PermitListen": (["any", "none", "22", "localhost:80 8080 *:9"], True),
    "PermitOpen": (["any", "none", "localhost:80", "a:1 [::1]:2 b:*"], True),
    "PermitRootLogin": (FLAG + ["prohibit-password", "without-password", "forced-commands-only"], True),
    "PermitTTY": (FLAG, True),
    "PermitTunnel": (["yes", "no", "point-to-point", "ethernet"], True),
    "PermitUserEnvironment": (["yes", "no", "LANG,LC_*"], False),
    "PermitUserRC": (FLAG, True),
    "PidFile": (["/run/x.pid", "none"], False),
    "Port": (["22", "2222", "022"], False),
    "PrintLastLog": (FLAG, False),
    "PrintMotd": (FLAG, False),
    "Protocol": (["2", "1"], False),
    "PubkeyAcceptedAlgorithms": (KEYS, True),
    "PubkeyAcceptedKeyTypes": (KEYS, True),
    "PubkeyAuthOptions": (["none", "touch-required", "verify-required touch-required", "Touch-Required"], True),
    "PubkeyAuthentication": (FLAG, True),
    "RSAAuthentication": (FLAG, True),
    "RekeyLimit": (["default none", "1G", "512M 6h", "16 1d", "1.5G", "default 10", "0", "2k none"], True),
    "RequiredRSASize": (["2048", "3072"], True),
    "RevokedKeys": (["none", "/etc/ssh/revoked"], True),
    "SecurityKeyProvider": (["internal", "/lib/x.so"], False),
    "SetEnv": (["A=1", 'B=2 C="x y" B=3'], True),
    "SkeyAuthentication": (FLAG, True),
    "StreamLocalBindMask": (["0177", "077", "0"], True),
    "StreamLocalBindUnlink": (FLAG, True),
    "StrictModes": (FLAG, False),
    "SyslogFacility": (["AUTH", "authpriv", "LOCAL7", "Daemon"], False),
    "TCPKeepAlive": (FLAG, False),
    "TrustedUserCAKeys": (["none", "/etc/ssh/ca"], True),
    # Match blocks may hold it, but sshd 9.2 forgets what they say.
    "UnusedConnectionTimeout": (["none", "5m", "90"], False),
    "UseDNS": (FLAG, False),
    "UsePAM": (FLAG, False),
    "UsePrivilegeSeparation": (["sandbox"], False),
    "VersionAddendum": (["none", "my host", "x # y", '"q"'], False),
    "X11DisplayOffset": (NUMBER, True),
    "X11Forwarding": (FLAG, True),
    "X11UseLocalhost": (FLAG, True),
    "XAuthLocation": (["/usr/bin/xauth", "none"], False),
}
ALIASES = {
    "ChallengeResponseAuthentication": "KbdInteractiveAuthentication",
    "SkeyAuthentication": "KbdInteractiveAuthentication",
    "DSAAuthentication": "PubkeyAuthentication",
    "HostbasedAcceptedKeyTypes": "HostbasedAcceptedAlgorithms",
    "KeepAlive": "TCPKeepAlive",
    "PubkeyAcceptedKeyTypes": "PubkeyAcceptedAlgorithms",
}
DEAD = {"Protocol", "RSAAuthentication", "UsePrivilegeSeparation"}
# Without a line their value depends on how sshd was built: hostaudit says that it does not know.
BUILT_IN = {"GSSAPIKexAlgorithms", "IPQoS", "ModuliFile", "PidFile", "XAuthLocation"}
# With lines that differ, versions of sshd differ as well.
VARIES = {"FingerprintHash", "IPQoS", "MaxStartups", "PerSourceMaxStartups", "PerSourceNetBlockSize",
          "StreamLocalBindMask", "UnusedConnectionTimeout"}
OTHERS = ["AuthorizedKeysCommandUser", "AuthorizedPrincipalsCommand", "AuthorizedPrincipalsCommandUser", "GSSAPIKexAlgorithms", "HostCertificate",
          "HostKey", "Subsystem"]
DEFAULTS = {}
RAW = {"ForceCommand", "AuthorizedKeysCommand", "VersionAddendum"}

CONDITIONS = ["User root", "User=core", "User a*,!admin", "User *", "Group root", "Group staff,!nobody", "Group !staff,*",
              "Address 10.0.0.0/8", "Address 10.1.*,!10.1.2.3", "Address 192.168.0.0/16,::1", "Address fd00::/8",
              "Host *.Example.org", "Host !bad.example.org,*", "User root Address 10.0.0.0/8", "User=\"root\" Host=*",
              "LocalPort 22", "LocalAddress 127.0.0.1", "all", "All", "user ROOT", "User ?oot # comment"]
WRONG = ["Banner \"/open", "Match Address 10.0.0.1/8", "PermitRootLogin", "Match", "Match User",
         "Match all User root", "Include /etc/ssh/sshd_config"]
# A Match LocalPort has sshd insist on a port, even where nothing is asked for a connection.
CONNECTIONS = [{}, {"user": "root", "lport": "2"}, {"user": "core", "addr": "10.1.2.3", "lport": "22"},
               {"user": "admin", "host": "www.example.org", "lport": "22"}, {"addr": "fd00::1", "lport": "22"},
               {"user": "root", "addr": "192.168.3.4", "host": "bad.example.org", "lport": "1"},
               {"user": "apple", "addr": "10.9.9.9", "host": "h", "laddr": "127.0.0.1", "lport": "22"},
               {"user": "nobodyknows", "addr": "1.2.3.4", "lport": "23"}]


def spell(rng, keyword, value):
    keyword = rng.choice([keyword, keyword, keyword.lower(), keyword.upper()])
    equals = [] if value.startswith("=") else ["=", " = ", "= "]
    line = rng.choice(["", "", "  ", "\t"]) + keyword + rng.choice([" ", " ", "\t", "   "] + equals) + value
    comment = keyword.lower() not in {name.lower() for name in RAW}
    return line + rng.choice(["", "", "", " ", "\t\f", " # comment" if comment else ""])


def setting(rng, in_match):
    keyword = rng.choice(list(LINES))
    values, match = LINES[keyword]
    if in_match and not match:
        return None
    return spell(rng, keyword, rng.choice(values))


class Tree:
    """The files of one configuration."""

    def __init__(self, rng, base):
        self.rng, self.base, self.files, self.subsystems = rng, base, 0, 0

    def include(self, depth, in_match):
        self.files += 1
        name = "more%d.conf" % self.files
        pattern = name + "*"
        for k in range(self.rng.choice([0, 1, 1, 2])):
            self.write("%s%d" % (name, k), self.lines(depth + 1, in_match))
        return "Include " + self.rng.choice(["", "/etc/ssh/", '"/etc/ssh"/']) + pattern

    def lines(self, depth=0, in_match=False, size=12):
        rng, lines = self.rng, []
        for _ in range(rng.randrange(size)):
            kind = rng.random()
            if kind < 0.07 and depth < 3:
                lines.append(self.include(depth, in_match))
            elif kind < 0.17:
                lines.append(spell(rng, "Match", rng.choice(CONDITIONS)).split(" # ")[0])
                in_match = True
            elif kind < 0.2:
                lines.append(rng.choice(["# Port 1", "", "   ", "#", "\tPermitTTY no # x"]))
            elif kind < 0.22 and not in_match:
                self.subsystems += 1
                lines.append("Subsystem s%d /bin/x  -f 'a b'" % self.subsystems)
            else:
                lines.append(setting(rng, in_match) or "")
        return lines

    def write(self, name, lines):
        path = os.path.join(self.base, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="ascii") as file:
            file.write("\n".join(lines) + self.rng.choice(["", "\n"]))


def make_config(rng, base):
    """Returns the text of all files, and whether sshd is to refuse it."""
    for name in os.listdir(base):
        path = os.path.join(base, name)
        if os.path.isdir(path):
            shutil.rmtree(path)
        elif not name.startswith("key"):
            os.unlink(path)
    tree = Tree(rng, base)
    for name in rng.sample(["10-a.conf", "50-b.conf", "99-c.conf", ".hidden.conf", "x.conf.bak"], rng.randrange(4)):
        tree.write("sshd_config.d/" + name, tree.lines(1, True))
    lines = tree.lines(size=40)
    lines.insert(rng.randrange(len(lines) + 1) if rng.random() < 0.5 else 0, "Include sshd_config.d/*.conf")
    wrong = rng.random() < 0.06
    if wrong:
        lines.append(rng.choice(WRONG))
    tree.write("sshd_config", ["HostKey /etc/ssh/key", "AuthorizedKeysCommandUser nobody"] + lines)
    text = []
    for where, _, names in os.walk(base):
        for name in names:
            if not name.startswith("key"):
                with open(os.path.join(where, name), encoding="ascii") as file:
                    text += file.read().split("\n")
    return text, wrong


def ask_sshd(connection):
    """{keyword in lower case: value}, or None when sshd refuses."""
    spec = ",".join("%s=%s" % pair for pair in (connection or {"lport": "1"}).items())
    done = subprocess.run([SSHD, "-T", "-C", spec], stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    if done.returncode:
        return None, done.stderr.decode()
    answers = {}
    for line in done.stdout.decode().split("\n")[:-1]:
        keyword, _, value = line.partition(" ")
        answers.setdefault(keyword, []).append(value)
    return answers, None


def ask_us(root, policy, names, connection):
    spec = ",".join("%s=%s" % pair for pair in connection.items())
    with open(policy + "/benchmarks/all.ini", "w", encoding="ascii") as file:
        for name in names:
            file.write("[%s]\ntitle = x\nwhy = x\nseverity = low\nlevel = 1\nby-hand = x\ncheck = sshd %s%s = x\n\n" % (
                name.lower(), name, "@" + spec if spec else ""))
    done = subprocess.run(HOSTAUDIT + ["check", "--root", root, "--policy-dir", policy, "--profile", "all",
                                       "--format", "json"], stdout=subprocess.PIPE, check=False)
    answers = {}
    for rule in json.loads(done.stdout)["results"]:
        answers[rule["rule"]] = [fact for check in rule["checks"] for fact in check["facts"]]
    return answers


def lines_of(text, name):
    """How many lines of the files speak of a keyword, by any of its names."""
    names = {name.lower()} | {alias.lower() for alias, real in ALIASES.items() if real == name}
    return sum(line.replace("=", " ").split()[:1] != [] and
               line.replace("=", " ").split()[0].lower() in names for line in text)


def agree(name, theirs, facts, text):
    if any(fact["state"] == "unknown" for fact in facts):
        if name in BUILT_IN and facts[0]["source"] is None:
            return theirs == DEFAULTS[name.lower()]
        return name in VARIES and lines_of(text, name) > 1
    ours = [fact["value"] for fact in facts]
    if theirs is None:
        return ours == [""] or not ours or facts[0]["source"] == "default of sshd"
    if name == "ListenAddress":
        return sorted(theirs) == sorted(ours[0].split(" "))
    if name == "Subsystem":
        return theirs == ours
    return ours == [" ".join(theirs)]


def enter_namespace(base):
    if os.environ.get("HOSTAUDIT_SSHD_NAMESPACE"):
        return
    os.environ.update(HOSTAUDIT_SSHD_NAMESPACE="1", SEED=str(SEED))
    script = "mount --bind %s /etc/ssh && mount --bind %s/passwd /etc/passwd && mount --bind %s/group /etc/group && exec %s %s"
    etc = os.path.dirname(base)
    os.execvp("unshare", ["unshare", "-m", "--propagation", "private", "sh", "-c", script % (
        base, etc, etc, sys.executable, os.path.abspath(__file__))])


def prepare(root):
    """Returns why the test cannot run, or None."""
    base = os.path.join(root, "etc/ssh")
    if not os.path.exists(SSHD) or not shutil.which("ssh-keygen"):
        return "openssh-server is not installed"
    if os.geteuid():
        return "needs root"
    if os.environ.get("HOSTAUDIT_SSHD_NAMESPACE"):
        return None
    done = subprocess.run(["unshare", "-m", "--propagation", "private", "true"], check=False)
    if done.returncode:
        return "no mount namespaces"
    os.makedirs(base)
    os.makedirs("/run/sshd", exist_ok=True)
    with open(root + "/etc/passwd", "w", encoding="ascii") as file:
        file.write("root:x:0:0::/root:/bin/sh\nsshd:x:100:65534::/run/sshd:/bin/false\ncore:x:500:50::/:/bin/sh\n"
                   "admin:x:501:50::/:/bin/sh\napple:x:502:51::/:/bin/sh\nnobody:x:65534:65534::/:/bin/false\n")
    with open(root + "/etc/group", "w", encoding="ascii") as file:
        file.write("root:x:0:\nstaff:x:50:apple\nfruit:x:51:\nnobody:x:52:admin\nnogroup:x:65534:\n")
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", base + "/key"], check=True)
    return None


def compare(rng, root, policy, names):
    """Returns (passed, messages of what failed)."""
    text, wrong = make_config(rng, root + "/etc/ssh")
    connection = rng.choice(CONNECTIONS)
    theirs, why = ask_sshd(connection)
    ours = ask_us(root, policy, names, connection)
    if theirs is None:
        told = [name for name in names if any(fact["state"] != "unknown" for fact in ours[name.lower()])]
        if not told:
            return 1, []
        # Checks across lines: between keywords, `any` behind other methods, addresses of another family.
        if any(words in why for words in ("cannot be satisfied", "must appear alone", "bad addr or host")):
            return 0, []
        return 0, ["sshd refuses: %s; hostaudit tells of %d keywords" % (why, len(told))]
    if wrong:
        return 0, ["sshd takes what it should refuse"]
    failed = ["%s for %s: sshd %s, hostaudit %s" % (name, connection, theirs.get(name.lower()), ours[name.lower()])
              for name in names if not agree(name, theirs.get(name.lower()), ours[name.lower()], text)]
    return len(names) - len(failed), failed


def main():
    root = os.path.join(TMP, "root")
    why = prepare(root)
    if why:
        print("ok sshd # SKIP " + why)
        return 0
    enter_namespace(root + "/etc/ssh")
    policy = os.path.join(TMP, "policy")
    os.makedirs(policy + "/benchmarks", exist_ok=True)
    os.makedirs(policy + "/os-profiles", exist_ok=True)
    with open(policy + "/os-profiles/all.ini", "w", encoding="ascii") as file:
        file.write("[os]\ntitle = x\nbenchmarks = all\n")
    names = sorted(set(LINES) - set(ALIASES) - DEAD | set(OTHERS))
    rng = random.Random(SEED)
    with open("/etc/ssh/sshd_config", "w", encoding="ascii") as file:
        file.write("HostKey /etc/ssh/key\n")
    DEFAULTS.update(ask_sshd({})[0])
    passed = failed = 0
    for number in range(CONFIGS):
        right, messages = compare(rng, root, policy, names)
        passed += right
        failed += len(messages)
        for message in messages:
            print("seed %d, configuration %d: %s" % (SEED, number, message))
        if messages and failed == len(messages):
            shutil.rmtree("build/tests/sshd", ignore_errors=True)
            shutil.copytree(root, "build/tests/sshd", symlinks=True)
    print("sshd: seed %d" % SEED)
    print("%d passed, %d failed, 0 skipped" % (passed, failed))
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
