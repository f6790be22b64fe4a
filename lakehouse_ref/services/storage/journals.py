"""The files below the directory of matrixd: TENANT/NAME.journal, TENANT/NAME.SNAPSHOT.snapshot.

What is written has been handed to the operating system when a function returns. A file that is written anew is renamed
into its place, so nothing half-written ever stands there.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from contextlib import suppress
from typing import TYPE_CHECKING

from lakehouse_ref.search import paths, records

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from lakehouse_ref.search.records import Record

JOURNAL, SNAPSHOT, NEW = ".journal", ".snapshot", ".new"


class UnusableError(Exception):
    """The directory, or a journal in it, cannot be used; the sentence names it."""


def take(directory: Path) -> int:
    """Make a directory if it is missing, and take it for this process; return what holds it. Raises UnusableError."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
        held = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise UnusableError(f"{directory} cannot be used: {error.strerror}; name another with --data") from None
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(held)
        raise UnusableError(f"{directory} is used by another process; end it, or name another with --data") from None
    if not os.access(directory, os.R_OK | os.W_OK | os.X_OK):
        os.close(held)
        raise UnusableError(f"{directory} cannot be written to; allow it, or name another with --data")
    return held


def journals(directory: Path) -> Iterator[tuple[str, str, list[Record]]]:
    """Yield tenant, name and records of every journal, cut off what no journal acknowledged. Raises UnusableError."""
    for folder in sorted(directory.iterdir()):
        if not paths.TENANT.fullmatch(folder.name) or not folder.is_dir():
            continue
        for file in sorted(folder.iterdir()):
            if file.name.endswith(NEW):
                file.unlink(missing_ok=True)  # what was not yet renamed when the process ended
            elif file.suffix == JOURNAL and paths.NAME.fullmatch(file.stem):
                try:
                    found = recovered(file)
                except (OSError, records.DamagedError) as error:
                    why = error.strerror if isinstance(error, OSError) else error
                    raise UnusableError(
                        f"the journal {file} is damaged: {why}; put a copy back, or remove it"
                    ) from None
                if found:
                    yield folder.name, file.stem, found


def recovered(file: Path) -> list[Record]:
    """Return the records of a journal, and cut off what stands behind the last whole one. Raises DamagedError."""
    data = file.read_bytes()
    found, end = records.read(data)
    if len(found) == 1 and isinstance(found[0], records.Made) and found[0].records is None:
        found, end = [], 0  # the write that made the index never came to its end
    if not found:
        file.unlink()
    elif end < len(data):
        os.truncate(file, end)
    return found


class Files:
    """The files of all tenants below a directory. Raises OSError."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def append(self, tenant: str, name: str, *added: Record) -> None:
        """Write records behind those of a journal, all or none; makes the journal."""
        path = self.path(tenant, name + JOURNAL)
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
        try:
            journal = os.open(path, flags, 0o666)
        except FileNotFoundError:
            path.parent.mkdir(exist_ok=True)
            journal = os.open(path, flags, 0o666)
        try:
            append(journal, b"".join(map(records.write, added)))
        finally:
            os.close(journal)

    def rewrite(self, tenant: str, name: str, parts: Iterable[bytes]) -> None:
        """Put a journal in the place of the one that is there, if one is."""
        self._replace(self.path(tenant, name + JOURNAL), parts)

    def drop(self, tenant: str, name: str) -> None:
        """Take a journal away."""
        self.path(tenant, name + JOURNAL).unlink()

    def keep(self, tenant: str, name: str, snapshot: str, parts: Iterable[bytes]) -> None:
        """Write a snapshot."""
        self._replace(self.path(tenant, f"{name}.{snapshot}{SNAPSHOT}"), parts)

    def kept(self, tenant: str, name: str, snapshot: str) -> list[Record]:
        """Return the records of a snapshot. Raises FileNotFoundError, and DamagedError."""
        return records.read_whole(self.path(tenant, f"{name}.{snapshot}{SNAPSHOT}").read_bytes())

    def forget(self, tenant: str) -> None:
        """Take away all files of a tenant."""
        with suppress(FileNotFoundError):
            shutil.rmtree(self.directory / tenant)

    def path(self, tenant: str, file: str) -> Path:
        """Return where a file of a tenant is."""
        return self.directory / tenant / file

    def _replace(self, path: Path, parts: Iterable[bytes]) -> None:
        path.parent.mkdir(exist_ok=True)
        new = path.with_name(path.name + NEW)
        try:
            with new.open("wb") as file:
                file.writelines(parts)
            new.replace(path)
        except BaseException:
            new.unlink(missing_ok=True)
            raise


def append(journal: int, data: bytes) -> None:
    """Hand data to the operating system; what it takes only a part of, it takes nothing of."""
    size = os.fstat(journal).st_size
    try:
        view = memoryview(data)
        while view:
            view = view[os.write(journal, view) :]
    except OSError:
        os.ftruncate(journal, size)
        raise
