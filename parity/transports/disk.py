"""Directories of cases on disk: lay one out, read one back. What a testee left there is as hostile as what it says."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import stat
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from parity.transports.tree import Entry

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MOST_ENTRIES = 1_000
MOST_BYTES = 64 * 2**20
MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it
_OURS = re.compile(r"parity-cases-([0-9]+)-\w+")


class TooMuchError(Exception):
    """A directory holds more than a testee may leave."""


def make_base() -> Path:
    """Return a new folder for the directories of a run's cases: in memory where there is such a place.

    What harnesses left that were killed is taken away first.
    """
    place = MEMORY if MEMORY.is_dir() and os.access(MEMORY, os.W_OK) else Path(tempfile.gettempdir())
    for folder in place.glob("parity-cases-*"):
        if (found := _OURS.fullmatch(folder.name)) and not psutil.pid_exists(int(found[1])):
            with contextlib.suppress(OSError):
                remove(folder)
    return Path(tempfile.mkdtemp(prefix=f"parity-cases-{os.getpid()}-", dir=place))


def lay_out(entries: Mapping[str, Entry], root: str) -> None:
    """Make the directory with just these entries in it, in the place of whatever is there."""
    if os.path.lexists(root):
        remove(root)
    os.mkdir(root, 0o700)
    for name, entry in entries.items():
        path = f"{root}/{name}"
        if entry.kind == "folder":
            os.mkdir(path)
        elif entry.kind == "link":
            os.symlink(entry.content, path)
        elif entry.kind == "special":
            os.mkfifo(path)  # whatever it was, it is one that nobody reads or writes
        else:
            with open(path, "xb") as file:
                file.write(entry.content)
    for name, entry in reversed(list(entries.items())):  # a folder may forbid to write into it
        if entry.kind != "link":
            os.chmod(f"{root}/{name}", entry.mode)


def read_back(root: str) -> dict[str, Entry]:
    """Return everything that lies in the directory, links not followed. Raises TooMuchError and OSError."""
    found: dict[str, Entry] = {}
    size = 0
    for name, path in _walk(root):
        entry = _read(path, MOST_BYTES - size)
        size += len(entry.content)
        found[name + "/" * (entry.kind == "folder")] = entry
        if len(found) > MOST_ENTRIES:
            raise TooMuchError(f"more than {MOST_ENTRIES:,} files")
    return found


def _walk(root: str) -> Iterator[tuple[str, str]]:
    """Yield name and path of everything, folders before what lies in them; however deep, nothing here recurses."""
    if not stat.S_ISDIR(os.lstat(root).st_mode):
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
    folders = [(root, "")]
    while folders:
        folder, prefix = folders.pop()
        with os.scandir(folder) as entries:
            for entry in entries:
                # A name need not be text; half a character in it stays one, and no report takes it for anything else.
                yield prefix + entry.name, entry.path
                if entry.is_dir(follow_symlinks=False):
                    folders.append((entry.path, f"{prefix}{entry.name}/"))


def _read(path: str, most: int) -> Entry:
    status = os.lstat(path)
    mode = stat.S_IMODE(status.st_mode)
    if stat.S_ISDIR(status.st_mode):
        return Entry(mode, kind="folder")
    if stat.S_ISLNK(status.st_mode):
        return Entry(mode, os.fsencode(os.readlink(path)), "link")
    if not stat.S_ISREG(status.st_mode):
        return Entry(mode, kind="special")
    if status.st_size > most:
        raise TooMuchError(f"more than {MOST_BYTES:,} bytes")
    with open(path, "rb", opener=_without_waiting) as file:
        content = file.read(most + 1)
    if len(content) > most:
        raise TooMuchError(f"more than {MOST_BYTES:,} bytes")
    return Entry(mode, content)


def _without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK)


def remove(root: str | Path) -> None:
    """Take a directory away with all that is in it, as far as that can be done: of any depth, whatever the modes."""
    root = os.fspath(root)
    with contextlib.suppress(OSError):
        if not stat.S_ISDIR(os.lstat(root).st_mode):
            os.unlink(root)
            return
        os.chmod(root, 0o700)
    folders = [root]
    for folder in folders:  # which grows: folders are moved up, beside the root, and then are the next ones
        with contextlib.suppress(OSError):
            for entry in list(os.scandir(folder)):
                with contextlib.suppress(OSError):
                    if entry.is_dir(follow_symlinks=False):
                        os.chmod(entry.path, 0o700)  # without which it could be neither moved nor emptied
                        os.rename(entry.path, aside := f"{root}_{len(folders)}")
                        folders.append(aside)
                    else:
                        os.unlink(entry.path)
            os.rmdir(folder)
