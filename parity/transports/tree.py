"""The written form of a files surface: a case as a directory with steps, and what a step left.

Both are those of fixtures/contract/files.md.

Pure text; `disk.py` is what lays it out and reads it back.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import json
import re
from typing import TYPE_CHECKING, NamedTuple

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

FILE_MODE, FOLDER_MODE = 0o600, 0o700
LONGEST_SECRET = 65_536
LONGEST_NAME = 1_000
MOST_FILES = 500  # that are laid out; a testee may add as many
SHORTEST_SOUGHT = 8  # bytes; a shorter piece of a secret stands in texts by chance
FEWEST_VISIBLE = 6  # characters of a secret that a log has not replaced

_MARK = re.compile(rb"^-- ([^ \n]+)(?: ([0-7]{3})( secret)?)? --$", re.MULTILINE)
_PART = r"(?!\.{1,2}(?:/|$))[A-Za-z0-9._+-]{1,255}"
_NAME = re.compile(rf"{_PART}(?:/{_PART})*/?")
_SECRET = re.compile(rb"([A-Za-z0-9]{1,32}) ([0-9]{1,5})\n?")
_REPLACED = re.compile(rb"[^!-~]+")


class Entry(NamedTuple):
    """A file, folder or link, as it lies in a directory."""

    mode: int
    content: bytes = b""
    kind: str = "file"
    """file, folder, link (its content is where it leads) or special."""


class Tree(NamedTuple):
    """A case that can be laid out."""

    steps: tuple[tuple[str, ...], ...]
    """The arguments of each step."""
    entries: Mapping[str, Entry]
    """By name; that of a folder ends with a slash. Folders stand before what lies in them."""
    secrets: tuple[bytes, ...]
    """What no report may show."""


def parse(data: bytes) -> Tree | str:
    """Return a case as a directory with steps; a sentence that says why where it is none."""
    marks = list(_MARK.finditer(data))
    head = data[: marks[0].start()] if marks else data
    steps = _steps(head)
    if isinstance(steps, str):
        return steps
    entries: dict[str, Entry] = {}
    secrets = []
    for mark, end in zip(marks, [*(mark.start() for mark in marks), None][1:], strict=True):
        text = data[mark.end() + 1 : end]
        if end is not None and text:
            text = text[:-1]  # the LF in front of the next mark is the mark's
        name = mark[1].decode("ascii", "replace")
        entry = _entry(name, mark, text)
        if isinstance(entry, str):
            return entry
        if name in entries:
            return f"two files are named {name}"
        if mark[3] and entry.content:
            secrets.append(entry.content)
        entries[name] = entry
    return _whole(steps, entries, tuple(secrets))


def _steps(head: bytes) -> tuple[tuple[str, ...], ...] | str:
    steps = []
    for line in head.removesuffix(b"\n").split(b"\n"):
        try:
            arguments = _STEP.decode(line)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            return "its first lines are not steps, each a JSON array of texts"
        if any("\0" in argument for argument in arguments):
            return "an argument of a step holds a zero byte, which no command line can"
        steps.append(arguments)
    return tuple(steps)


_STEP = msgspec.json.Decoder(tuple[str, ...])


def _entry(name: str, mark: re.Match[bytes], text: bytes) -> Entry | str:
    if len(name) > LONGEST_NAME or _NAME.fullmatch(name) is None:
        return "a file has a name that is not allowed"
    folder = name.endswith("/")
    mode = int(mark[2], 8) if mark[2] else FOLDER_MODE if folder else FILE_MODE
    owner = 0o700 if folder else 0o400
    if mode & owner != owner:
        return f"the harness could not read {name} back; its owner has to be allowed to"
    if folder:
        return "a folder has a text" if text or mark[3] else Entry(mode, kind="folder")
    if mark[3]:
        if (described := _SECRET.fullmatch(text)) is None or int(described[2]) > LONGEST_SECRET:
            return "a secret is not described as NAME LENGTH"
        text = secret(described[1], int(described[2]))
    return Entry(mode, text)


def _whole(steps: tuple[tuple[str, ...], ...], entries: dict[str, Entry], secrets: tuple[bytes, ...]) -> Tree | str:
    """Add the folders that nobody names, and look whether everything has its place."""
    folders = {name: entry for name, entry in entries.items() if name.endswith("/")}
    for name in entries:
        parts = name.removesuffix("/").split("/")
        for depth in range(1, len(parts)):
            folders.setdefault("/".join(parts[:depth]) + "/", Entry(FOLDER_MODE, kind="folder"))
    for folder in folders:
        if folder[:-1] in entries:
            return f"{folder[:-1]} is a file and a folder"
    if len(folders | entries) > MOST_FILES:
        return f"more than {MOST_FILES} files and folders"
    return Tree(steps, dict(sorted(folders.items())) | entries, secrets)


@functools.lru_cache(maxsize=256)
def secret(name: bytes, length: int) -> bytes:
    """Return the bytes of a secret: as many as are wanted, derived from its name."""
    blocks = range((length + 31) // 32)
    return b"".join(hashlib.sha256(b"parity secret %b %d" % (name, block)).digest() for block in blocks)[:length]


def gives_away(secrets: Iterable[bytes], text: bytes) -> bool:
    """Tell whether a text holds a secret, or the piece that something cut off has left of one.

    It may be its bytes, or any form in which programs print bytes.
    """
    return any(form in text for one in secrets for form in _forms(one))


def log_gives_away(secrets: Iterable[bytes], log: str) -> bool:
    """Tell the same of a log, in which whatever is not UTF-8 has been replaced."""
    if not log:
        return False
    said = log.encode("utf-8", "replace")
    visible = _REPLACED.sub(b"", said)
    return any(gives_away((one,), said) or any(end in visible for end in _visible_ends(one)) for one in secrets)


@functools.lru_cache(maxsize=256)
def _visible_ends(one: bytes) -> tuple[bytes, ...]:
    rest = _REPLACED.sub(b"", one)
    return (rest[:FEWEST_VISIBLE], rest[-FEWEST_VISIBLE:]) if len(rest) >= FEWEST_VISIBLE else ()


@functools.lru_cache(maxsize=256)
def _forms(one: bytes) -> frozenset[bytes]:
    if len(one) < SHORTEST_SOUGHT:
        return frozenset()
    forms = set()
    for end in (one[:SHORTEST_SOUGHT], one[-SHORTEST_SOUGHT:]):
        latin = end.decode("latin-1")
        forms |= {end, end.hex().encode(), end.hex().upper().encode(), repr(end)[2:-1].encode(), latin.encode()}
        forms |= {json.dumps(latin)[1:-1].encode(), b" ".join(b"%d" % byte for byte in end)}
        forms.add(b", ".join(b"%d" % byte for byte in end))
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        encoded, length = encode(one).rstrip(b"="), SHORTEST_SOUGHT * 8 // 6
        forms |= {encoded[:length], encoded[-length:]}
    return frozenset(forms)


def request(arguments: Sequence[str], directory: str) -> bytes:
    """Return what a testee is asked in a step."""
    return msgspec.json.encode({"arguments": arguments, "directory": directory})


def labels(entries: Mapping[str, Entry]) -> bytes:
    """Return the names of all files, and where the links lead."""
    names = [name.encode("utf-8", "surrogateescape") for name in entries]
    return b"\n".join(names + [entry.content for entry in entries.values() if entry.kind == "link"])


def write_down(
    answer: bytes, code: int, before: Mapping[str, Entry], after: Mapping[str, Entry], secrets: Sequence[bytes]
) -> bytes:
    """Return what a step answered and changed, as the JSON text that outputs are compared by."""
    gone = ",".join(map(_json, sorted(before.keys() - after.keys())))
    left = ",".join(
        f"{_json(name)}:{_describe(entry, secrets)}"
        for name, entry in sorted(after.items())
        if before.get(name) != entry
    )
    return b'{"answer":%b,"exit":%d,"gone":[%b],"left":{%b}}' % (answer, code, gone.encode(), left.encode())


def _describe(entry: Entry, secrets: Sequence[bytes]) -> str:
    mode = f'"mode":"{entry.mode:03o}"'
    if entry.kind == "folder":
        return f"{{{mode}}}"
    if entry.kind == "link":
        return f'{{"link":{_json(entry.content.decode("utf-8", "replace"))},{mode}}}'
    if entry.kind == "special":
        return f'{{{mode},"special":true}}'
    if entry.content in secrets or gives_away(secrets, entry.content):
        return f'{{{mode},"secret":"changed"}}'
    try:
        lines = [line + "\n" for line in entry.content.decode("utf-8").split("\n")]
    except UnicodeDecodeError:
        return f'{{"base64":{_json(base64.b64encode(entry.content).decode())},{mode}}}'
    lines[-1] = lines[-1][:-1]
    if not lines[-1]:
        lines.pop()
    return f'{{"lines":[{",".join(map(_json, lines))}],{mode}}}'


def _json(text: str) -> str:
    return msgspec.json.encode(text.encode("utf-8", "backslashreplace").decode()).decode()  # a name need not be text
