#!/usr/bin/python3
# variants: normal asan
"""Asks the service probe for running units on a bus made up here, well-behaved and otherwise.

The bus is a socket below the root, and speaks just enough of the D-Bus protocol: the greeting, Hello,
GetUnit and Get. What it says of a unit stands in UNITS.
"""
import json
import os
import shlex
import socket
import struct
import subprocess
import sys
import threading
import time

TMP = os.environ.get("TMP", "/tmp")
HOSTAUDIT = shlex.split(os.environ.get("HOSTAUDIT", "build/hostaudit"))
UNITS = {
    "good.service": ("active", "running"),
    "loading.service": ("reloading", "reload"),
    "starting.service": ("activating", "start"),
    "broken.service": ("failed", "failed"),
    "over.service": ("inactive", "dead"),
    "long.service": ("x" * 5000, "running"),
}
PATHS = {"/org/freedesktop/systemd1/unit/u%d" % number: name for number, name in enumerate(UNITS)}


def aligned(data, size):
    return data + b"\0" * (-len(data) % size)


def string(text):
    data = text.encode()
    return struct.pack("<I", len(data)) + data + b"\0"


def message(kind, serial, reply_to, signature, body, error=None):
    """A D-Bus message from the manager to the client."""
    fields = b""
    for code, kind_of, value in ((5, "u", reply_to), (4, "s", error), (7, "s", "org.freedesktop.systemd1"),
                                 (6, "s", ":1.1"), (8, "g", signature)):
        if not value:
            continue
        fields = aligned(fields, 8) + bytes([code, 1]) + kind_of.encode() + b"\0"
        if kind_of == "u":
            fields = aligned(fields, 4) + struct.pack("<I", value)
        elif kind_of == "g":
            fields += bytes([len(value)]) + value.encode() + b"\0"
        else:
            fields = aligned(fields, 4) + string(value)
    head = b"l" + bytes([kind, 0, 1]) + struct.pack("<III", len(body), serial, len(fields))
    return aligned(head + fields, 8) + body


def take_string(data, at):
    at += -at % 4
    length = struct.unpack_from("<I", data, at)[0]
    return data[at + 4:at + 4 + length].decode(), at + 5 + length


def parse(data):
    """(size, serial, path, member, strings of the body) of the first message, or None if it is not whole."""
    if len(data) < 16:
        return None
    body_size, serial, fields_size = struct.unpack_from("<III", data, 4)
    body = 16 + fields_size
    body += -body % 8
    if len(data) < body + body_size:
        return None
    fields, at = {}, 16
    while at < 16 + fields_size:
        at += -at % 8
        code, kind = data[at], chr(data[at + 2])
        at += 4
        if kind == "u":
            at += -at % 4
            at += 4
        elif kind == "g":
            length = data[at]
            fields[code] = data[at + 1:at + 1 + length].decode()
            at += length + 2
        else:
            fields[code], at = take_string(data, at)
    strings, at = [], body
    for _ in fields.get(8, ""):
        text, at = take_string(data, at)
        strings.append(text)
    return body + body_size, serial, fields.get(1), fields.get(3), strings


def answer(serial, path, member, strings):
    """The answer to one call, or None for a manager that has gone quiet."""
    if member == "Hello":
        return message(2, 1, serial, "s", string(":1.1"))
    if member == "GetUnit" and strings[0] == "denied.service":
        return message(3, 2, serial, "s", string("no"), "org.freedesktop.DBus.Error.AccessDenied")
    if member == "GetUnit" and strings[0] == "hung.service":
        return None
    if member == "GetUnit" and strings[0] not in UNITS:
        return message(3, 2, serial, "s", string("not loaded"), "org.freedesktop.systemd1.NoSuchUnit")
    if member == "GetUnit":
        return message(2, 2, serial, "o", string(list(PATHS)[list(UNITS).index(strings[0])]))
    name = PATHS[path]
    value = {"ActiveState": UNITS[name][0], "SubState": UNITS[name][1], "Id": name}[strings[1]]
    return message(2, 3, serial, "v", b"\x01s\0\0" + string(value))


def serve(client, mood):
    data = b""
    greeted = False
    while True:
        got = client.recv(65536)
        if not got or mood == "garbage":
            client.sendall(b"\0garbage\r\n" * 100) if got else None
            return
        if mood == "mute":
            continue
        data += got
        while not greeted and b"\r\n" in data:
            line, data = data.split(b"\r\n", 1)
            word = line.lstrip(b"\0").split(b" ")[0]
            if word == b"BEGIN":
                greeted = True
            elif word == b"NEGOTIATE_UNIX_FD":
                client.sendall(b"AGREE_UNIX_FD\r\n")
            elif word == b"DATA":
                client.sendall(b"OK 0123456789abcdef0123456789abcdef\r\n")
            else:
                client.sendall(b"DATA\r\n")
        while greeted and (call := parse(data)):
            data = data[call[0]:]
            reply = answer(*call[1:])
            if reply is None:
                continue
            client.sendall(reply)
            if mood == "short":
                return


class Bus:
    def __init__(self, root, mood="good"):
        self.mood = mood
        os.makedirs(root + "/run/dbus", exist_ok=True)
        self.path = root + "/run/dbus/system_bus_socket"
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.bind(self.path)
        self.socket.listen(8)
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self.attend, args=(client,), daemon=True).start()

    def attend(self, client):
        with client:
            try:
                serve(client, self.mood)
            except OSError:
                pass

    def close(self):
        self.socket.close()
        os.unlink(self.path)


def ask(root, sentence):
    """(value or None, error or None) of the running aspect, and the seconds it took."""
    started = time.monotonic()
    done = subprocess.run(HOSTAUDIT + ["probe", "--root", root, "--live", "--format", "json", "service " + sentence],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60, check=False)
    if done.returncode not in (0, 1, 3) or done.stderr:
        return ("exit code %d" % done.returncode, done.stderr.decode()), 0
    fact = [fact for fact in json.loads(done.stdout)["facts"] if fact["aspect"] == "running"][0]
    return (fact["value"], fact["error"]), time.monotonic() - started


FAILED = []


def check(what, holds, seen=""):
    print("%s %s%s" % ("ok" if holds else "not ok", what, "" if holds else ": %s" % (seen,)))
    if not holds:
        FAILED.append(what)


def well_behaved(root):
    bus = Bus(root)
    for sentence, value in (("good active", "yes"), ("loading active", "yes"), ("starting active", "no"),
                            ("broken active", "no"), ("over active", "no"), ("nosuch active", "no"),
                            ("broken active-state = x", "failed"), ("good sub-state = x", "running"),
                            ("nosuch active-state = x", "inactive"), ("nosuch sub-state = x", "dead")):
        seen, _ = ask(root, sentence)
        check("service %s: %s" % (sentence, value), seen == (value, None), seen)
    for sentence, reason in (("denied active", "Permission denied"), ("long active-state = x", "Bad message")):
        seen, _ = ask(root, sentence)
        check("service %s: unknown, %s" % (sentence, reason), seen[0] is None and reason in (seen[1] or ""), seen)
    seen, seconds = ask(root, "hung active")
    check("a manager that does not answer is given up", seen[0] is None and seconds < 10, (seen, seconds))
    bus.close()


def misbehaved(root):
    for mood in ("mute", "garbage", "short"):
        bus = Bus(root, mood)
        seen, seconds = ask(root, "good active")
        check("a bus that is %s: unknown" % mood, seen[0] is None and seen[1] and seconds < 10, (seen, seconds))
        bus.close()


def no_bus(root):
    seen, _ = ask(root, "good active")
    check("no bus: unknown", seen[0] is None and "system bus" in (seen[1] or ""), seen)
    # Somebody else's bus, at the end of a link that leads out of the root.
    bus = Bus(os.path.join(TMP, "other"))
    for target in (bus.path, os.path.dirname(bus.path)):
        path = root + "/run/dbus" + ("" if target != bus.path else "/system_bus_socket")
        if target != bus.path:
            os.rmdir(root + "/run/dbus")
        os.symlink(target, path)
        seen, _ = ask(root, "good active")
        check("a link out of the root is not followed to a bus", seen[0] is None, seen)
        os.unlink(path)
    bus.close()
    os.rmdir(root + "/run/systemd/system")
    seen, _ = ask(root, "good active")
    check("another service manager: unknown", seen == (None, "systemd does not run here"), seen)


def main():
    root = os.path.join(TMP, "root")
    os.makedirs(root + "/run/systemd/system")
    done = subprocess.run(HOSTAUDIT + ["probe", "--root", root, "--live", "service x active"],
                          stdout=subprocess.PIPE, check=False)
    if b"libsystemd" in done.stdout or b"this build" in done.stdout:
        print("ok running units # SKIP no libsystemd here")
        return 0
    well_behaved(root)
    misbehaved(root)
    no_bus(root)
    return 1 if FAILED else 0


sys.exit(main())
