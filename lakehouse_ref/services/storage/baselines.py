"""The files of baselines.

`touched` collects the names of the rules of `audit_baselines.rules.toml` that mattered.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

from lakehouse_ref import audit_baselines
from lakehouse_ref.audit_lines import FaultError
from lakehouse_ref.services.storage import files

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lakehouse_ref.audit_baselines import Summary

MODE = 0o600


def load(directory: str, name: str, touched: set[str]) -> Summary:
    """Read a file of entries; what is wrong with it stands in what is returned."""
    try:
        with files.stream(directory, name) as file, files.reading(name):
            return audit_baselines.summarise(file, name, touched)
    except FaultError as error:
        return audit_baselines.Summary(fault=error.fault)


def append(directory: str, name: str, entry_file: str, touched: set[str]) -> int:
    """Append the entry that another file holds; return how many there are. Raises FaultError."""
    line = audit_baselines.given_entry(files.read_start(directory, entry_file), entry_file, touched)
    with files.locked(directory, name, make_with=MODE) as descriptor:
        with open(descriptor, "rb", closefd=False) as file, files.reading(name):
            summary = audit_baselines.summarise(file, name, touched)
        if summary.fault is not None:
            raise FaultError(summary.fault)
        files.append(descriptor, line, name)
    touched.add("append")
    return summary.count + 1


def copy(directory: str, name: str, to: str, touched: set[str]) -> int:
    """Write a sound file of entries byte for byte to another; return how many there are. Raises FaultError."""
    with files.stream(directory, name) as file, files.reading(name):
        summary = audit_baselines.summarise(file, name, touched)
        if summary.fault is not None:
            raise FaultError(summary.fault)
        files.replace(directory, to, checked(file))
    touched.add("round-trip")
    return summary.count


def checked(file: BinaryIO) -> Iterator[bytes]:
    """Yield again what was read of a file; what somebody has appended since then was not checked."""
    rest = file.tell()
    file.seek(0)
    while rest and (data := file.read(min(files.CHUNK, rest))):
        rest -= len(data)
        yield data
