"""Named files in a directory: reading them, and writing so that nothing half-written stays."""
# pathlib rewrites names, and `x/` is not `x`: here the system decides what a name means.
# ruff: noqa: PTH105, PTH108, PTH116, PTH118, PTH120, PTH123

from __future__ import annotations

import errno
import fcntl
import os
import stat
import tempfile
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, BinaryIO

from lakehouse_ref.audit_lines import LONGEST_LINE, Fault, FaultError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

CHUNK = 1 << 20
REASONS = {
    errno.ENOENT: "missing",
    errno.ENOTDIR: "missing",
    errno.EACCES: "no-permission",
    errno.EPERM: "no-permission",
}


def path_of(directory: str, name: str) -> str:
    """Return how the system is told of a name in a directory."""
    return os.path.join(directory or ".", name)


# ------------------------------------------------------------------ reading


@contextmanager
def reading(name: str) -> Iterator[None]:
    """Let what the system says about a file be its fault."""
    try:
        yield
    except OSError as error:
        raise unreadable(REASONS.get(error.errno or 0, "io"), name) from None


def unreadable(reason: str, name: str) -> FaultError:
    """Return the error about a file that can't be read."""
    return FaultError(Fault("unreadable", reason, name))


def is_there(directory: str, name: str) -> bool:
    """Tell whether there is something of this name, even if it can't be looked at."""
    try:
        os.stat(path_of(directory, name))
    except OSError as error:
        return REASONS.get(error.errno or 0) != "missing"
    return True


def open_named(directory: str, name: str, flags: int = os.O_RDONLY) -> int:
    """Open a file that has to be a regular one. A pipe or a device is not opened, and nothing waits for it."""
    with reading(name):
        path = path_of(directory, name)
        check_regular(os.stat(path), name)
        descriptor = os.open(path, flags | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            check_regular(os.fstat(descriptor), name)
        except BaseException:
            os.close(descriptor)
            raise
        return descriptor


def check_regular(found: os.stat_result, name: str) -> None:
    """Refuse what is no regular file. Raises FaultError."""
    if not stat.S_ISREG(found.st_mode):
        raise unreadable("not-a-file", name)


def stream(directory: str, name: str) -> BinaryIO:
    """Open a file to read it in order."""
    return open(open_named(directory, name), "rb", buffering=CHUNK)


def read_start(directory: str, name: str, limit: int = LONGEST_LINE) -> bytes:
    """Return a file's bytes, of one with more than `limit` as many as show it."""
    with stream(directory, name) as file, reading(name):
        return file.read(limit + 1)


# ------------------------------------------------------------------ reading backwards


def last_line(descriptor: int) -> bytes:
    """Return the last line of a file, with its LF if it has one; of a line that is too long, what shows it."""
    size = os.fstat(descriptor).st_size
    for window in (4096, LONGEST_LINE + 2):
        start = max(size - window, 0)
        data = os.pread(descriptor, window, start)
        begin = data.rfind(b"\n", 0, len(data) - 1) + 1 if data else 0
        if begin or start == 0:
            return data[begin:]
    return data


def number_of_last_line(descriptor: int) -> int:
    """Return the number of a file's last line, complete or not."""
    number, position, end = 1, 0, os.fstat(descriptor).st_size - 1
    while position < end:  # the last byte ends the last line, or is part of it
        data = os.pread(descriptor, min(CHUNK, end - position), position)
        if not data:
            break
        number += data.count(b"\n")
        position += len(data)
    return number


# ------------------------------------------------------------------ writing


def unwritten(name: str) -> FaultError:
    """Return the error about a file that can't be written."""
    return FaultError(Fault("unwritten", "write-failed", name))


@contextmanager
def locked(directory: str, name: str, *, make_with: int | None = None) -> Iterator[int]:
    """Open a file for reading and appending, and hold its lock; a missing one is made with this mode, if any."""
    try:
        descriptor = open_named(directory, name, os.O_RDWR | os.O_APPEND)
    except FaultError as error:
        if error.fault.reason != "missing" or make_with is None:
            raise
        descriptor = made(directory, name, make_with)
    try:
        with reading(name):
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield descriptor
    finally:
        os.close(descriptor)


def made(directory: str, name: str, mode: int) -> int:
    """Make an empty file, or open the one that somebody else has just made; not through a link that leads nowhere."""
    path = path_of(directory, name)
    flags = os.O_RDWR | os.O_APPEND | os.O_CLOEXEC
    try:
        descriptor = os.open(path, flags | os.O_CREAT | os.O_EXCL, mode)
    except FileExistsError:
        if not is_there(directory, name):
            raise unwritten(name) from None
        return open_named(directory, name, flags)
    except OSError:
        raise unwritten(name) from None
    try:
        os.fchmod(descriptor, mode)  # whatever the umask is
        sync_folder(path)
    except OSError:
        os.close(descriptor)
        remove(directory, name)
        raise unwritten(name) from None
    return descriptor


def append(descriptor: int, data: bytes, name: str) -> None:
    """Append by one write, and sync; where that fails the file is what it was. Raises FaultError."""
    try:
        size = os.fstat(descriptor).st_size
        try:
            write_at_once(descriptor, data)
            os.fsync(descriptor)
        except OSError:
            os.ftruncate(descriptor, size)
            raise
    except OSError:
        raise unwritten(name) from None


def write_at_once(descriptor: int, data: bytes) -> None:
    """Write by one write; one that takes only a part has failed."""
    if os.write(descriptor, data) < len(data):
        raise OSError(errno.ENOSPC, "only a part was written")


def cut(descriptor: int, size: int, name: str) -> None:
    """Cut a file back, and sync. Raises FaultError."""
    try:
        os.ftruncate(descriptor, size)
        os.fsync(descriptor)
    except OSError:
        raise unwritten(name) from None


def replace(directory: str, name: str, chunks: Iterable[bytes]) -> None:
    """Write a file beside and rename it, so that the old one or the new one is there. Raises FaultError."""
    path = path_of(directory, name)
    try:
        descriptor, beside = tempfile.mkstemp(prefix=".audit-", dir=os.path.dirname(path))  # with mode 600
        try:
            with open(descriptor, "wb") as file:
                file.writelines(chunks)
                file.flush()
                os.fsync(descriptor)
            os.replace(beside, path)
        except BaseException:
            with suppress(OSError):
                os.unlink(beside)
            raise
        sync_folder(path)
    except OSError:
        raise unwritten(name) from None


def remove(directory: str, name: str) -> None:
    """Take away again what was made, as far as that can be done."""
    with suppress(OSError):
        os.unlink(path_of(directory, name))


def sync_folder(path: str) -> None:
    """Sync the folder in which a file's name stands."""
    descriptor = os.open(os.path.dirname(path), os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
