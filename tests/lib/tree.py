"""Builds root trees from text. tests/README.md tells the lines of a spec."""
import os
import stat


class SpecError(Exception):
    pass


OWNERS = {"root": 0, "-": None}


def owner_of(word):
    if word in OWNERS:
        return OWNERS[word]
    return int(word)


class Builder:
    """One tree under construction. `skipped` tells what only root may make."""

    def __init__(self, root, include_dir="."):
        self.root = os.path.abspath(root)
        self.include_dir = include_dir
        self.skipped = []
        self.attributes = []

    def place(self, path):
        """Where a path of the tree is; makes the directories above it."""
        if not path.startswith("/"):
            raise SpecError("a path begins with /: " + path)
        where = os.path.join(self.root, path.lstrip("/"))
        parent = os.path.dirname(where)
        if not os.path.isdir(parent):
            os.makedirs(parent, mode=0o755, exist_ok=True)
        return where

    def own(self, where, mode, owner):
        uid, _, gid = owner.partition(":")
        uid, gid = owner_of(uid), owner_of(gid or uid)
        if os.geteuid() == 0:
            os.chown(where, -1 if uid is None else uid, -1 if gid is None else gid)
        elif uid is not None and (uid, gid) != (os.geteuid(), os.getegid()):
            self.skipped.append("owner of " + where)
        os.chmod(where, int(mode, 8))

    def do_dir(self, words, text):
        mode, owner, path = words
        where = self.place(path)
        os.makedirs(where, exist_ok=True)
        # Set at the end, so that a directory nobody may write to can be filled first.
        self.attributes.append(lambda: self.own(where, mode, owner))

    def do_file(self, words, text):
        mode, owner, path = words
        where = self.place(path)
        with open(where, "wb") as file:
            file.write(text)
        self.own(where, mode, owner)

    def do_link(self, words, text):
        path, target = words
        os.symlink(target, self.place(path))

    def do_hardlink(self, words, text):
        path, target = words
        os.link(self.place(target), self.place(path))

    def do_fifo(self, words, text):
        os.mkfifo(self.place(words[0]), 0o644)

    def do_dev(self, words, text):
        kind, numbers, path = words
        major, minor = numbers.split(":")
        if os.geteuid() != 0:
            self.skipped.append("device " + path)
            return
        mode = stat.S_IFCHR if kind == "c" else stat.S_IFBLK
        os.mknod(self.place(path), mode | 0o600, os.makedev(int(major), int(minor)))

    def do_sparse(self, words, text):
        size, path = words
        units = {"K": 1 << 10, "M": 1 << 20, "G": 1 << 30}
        size = int(size[:-1]) * units[size[-1]] if size[-1] in units else int(size)
        with open(self.place(path), "wb") as file:
            file.truncate(size)

    def do_xattr(self, words, text):
        path, name, value = words
        value = bytes.fromhex(value[2:]) if value.startswith("0x") else value.encode()
        try:
            os.setxattr(self.place(path), name, value, follow_symlinks=False)
        except OSError as error:
            self.skipped.append("attribute %s of %s: %s" % (name, path, error.strerror))

    def do_remove(self, words, text):
        os.unlink(self.place(words[0]))

    def do_include(self, words, text):
        path = os.path.join(self.include_dir, words[0])
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            self.build(file.read().splitlines(), path)

    FORMS = {"dir": 3, "file": 3, "link": 2, "hardlink": 2, "fifo": 1, "dev": 3, "sparse": 2,
             "xattr": 3, "remove": 1, "include": 1}

    def build(self, lines, name="spec"):
        """The lines of a spec, without the file's indentation."""
        number = 0
        while number < len(lines):
            line = lines[number].strip()
            number += 1
            start = number
            if not line or line.startswith("#"):
                continue
            text = []
            while number < len(lines) and lines[number].lstrip().startswith("|"):
                text.append(content_line(lines[number]))
                number += 1
            keyword, *words = line.split(None, self.FORMS.get(line.split()[0], 0))
            try:
                if len(words) != self.FORMS[keyword]:
                    raise SpecError("needs %d words" % self.FORMS[keyword])
                getattr(self, "do_" + keyword)([escaped(w) for w in words], b"".join(text))
            except KeyError:
                raise SpecError("%s:%d: no such line: %s" % (name, start, keyword)) from None
            except (OSError, ValueError, SpecError) as error:
                raise SpecError("%s:%d: %s" % (name, start, error)) from None

    def finish(self):
        for attribute in reversed(self.attributes):
            attribute()
        self.attributes = []


def escaped(word):
    """\\xNN in a word is that byte: for names that text cannot show."""
    if "\\x" not in word:
        return word
    raw = word.encode("utf-8", "surrogateescape")
    parts = raw.split(b"\\x")
    raw = parts[0] + b"".join(bytes([int(p[:2], 16)]) + p[2:] for p in parts[1:])
    return os.fsdecode(raw)


def content_line(line):
    """'| text' is the line 'text'; '|= text' has no newline behind it and knows \\xNN, \\n and \\t."""
    line = line.lstrip()[1:]
    if line.startswith("="):
        text = line[1:].removeprefix(" ").replace("\\n", "\\x0a").replace("\\t", "\\x09")
        return os.fsencode(escaped(text))
    return os.fsencode(line.removeprefix(" ")) + b"\n"


def build(lines, root, include_dir=".", name="spec"):
    """Makes the tree; returns what could not be made for want of privileges."""
    os.makedirs(root, exist_ok=True)
    os.chmod(root, 0o755)
    builder = Builder(root, include_dir)
    old = os.umask(0o022)
    try:
        builder.build(lines, name)
        builder.finish()
    finally:
        os.umask(old)
    return builder.skipped
