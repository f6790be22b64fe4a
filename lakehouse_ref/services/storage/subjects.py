"""The files of one subject: appending a row, and recovering from a crash.

`touched` collects the names of the rules of `subject_audit_files.rules.toml` that mattered.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from lakehouse_ref import audit_lines
from lakehouse_ref.audit_lines import Fault, FaultError
from lakehouse_ref.services.storage import files
from lakehouse_ref.subject_audit import events, rows

if TYPE_CHECKING:
    from lakehouse_ref.subject_audit.mac import Key
    from lakehouse_ref.subject_audit.rows import Object

FOLDER = "subjects"
FOLDER_MODE = 0o700
LOG_MODE = 0o600
TORN_MODE = 0o600
MANIFEST_END, LOG_END, TORN_END = ".manifest.json", ".audit.jsonl", ".torn"
NO_MAC = "0" * 64


class Names(NamedTuple):
    """What the files of a subject are called."""

    manifest: str
    log: str
    torn: str


def names_of(subject: str) -> Names:
    """Return what the files of a subject are called."""
    return Names(*(f"{FOLDER}/{subject}{end}" for end in (MANIFEST_END, LOG_END, TORN_END)))


# ------------------------------------------------------------------ append


def append(directory: str, subject: str, event_file: str, key: Key, touched: set[str]) -> tuple[int, str]:
    """Append the event that a file holds to the chain of a subject; return the row's seq and MAC. Raises FaultError."""
    names = names_of(subject)
    event = events.read_event(files.read_start(directory, event_file), event_file, touched)
    row_of(event, event_file, subject, NO_MAC, 1, key)  # is too long, if even the shortest row is
    if files.is_there(directory, names.manifest):
        mode = None  # then a log that is missing was deleted
    else:
        mode = LOG_MODE
        make_folder(directory, names)
    with files.locked(directory, names.log, make_with=mode) as log:
        if not files.is_there(directory, names.manifest):
            return first_append(directory, log, event, event_file, subject, key, touched)
        prev, seq = place_of_next(directory, log, subject, key, touched)
        row = row_of(event, event_file, subject, prev, seq, key)
        write_row(directory, names, log, row)
    touched.add("append")
    return seq, mac_of(row)


def first_append(
    directory: str, log: int, event: Object, event_file: str, subject: str, key: Key, touched: set[str]
) -> tuple[int, str]:
    """Write the manifest of a subject that has none, and its first row. Raises FaultError."""
    names = names_of(subject)
    if os.fstat(log).st_size:
        raise files.unreadable("missing", names.manifest)
    manifest = rows.new_manifest(subject, event["ts"], key)
    genesis = rows.check_manifest(manifest, subject, key, names.manifest)
    row = row_of(event, event_file, subject, genesis, 1, key)
    files.replace(directory, names.manifest, [manifest])
    try:
        write_row(directory, names, log, row)
    except FaultError:
        files.remove(directory, names.manifest)
        raise
    touched.update(("first-append", "append"))
    return 1, mac_of(row)


def place_of_next(directory: str, log: int, subject: str, key: Key, touched: set[str]) -> tuple[str, int]:
    """Return `prev` and `seq` of the row that goes on with a log. Raises FaultError."""
    names = names_of(subject)
    genesis = rows.check_manifest(read_manifest(directory, names), subject, key, names.manifest)
    with files.reading(names.log):
        line = files.last_line(log)
        if not line:
            return genesis, 1
        if audit_lines.is_too_long(line):
            raise FaultError(Fault("unreadable", "line-too-long", names.log, files.number_of_last_line(log)))
        if not audit_lines.is_whole(line):
            raise FaultError(Fault("torn", "unfinished", names.log, files.number_of_last_line(log)))
        row = rows.load(line)
        reason = next(rows.last_row_faults(line, row, subject, key), None)
        if reason is not None:  # only now the log is read as a whole
            raise FaultError(Fault("tampered", reason, names.log, files.number_of_last_line(log)))
    assert row is not None
    touched.add("append-tip")
    return mac_of(line), (rows.seq_of(row) or 0) + 1


def row_of(event: Object, event_file: str, subject: str, prev: str, seq: int, key: Key) -> bytes:
    """Return the line of the row that an event becomes, if it's not too long. Raises FaultError."""
    row = rows.new_row(event, subject, prev, seq, key)
    if audit_lines.is_too_long(row):
        raise audit_lines.refused("line-too-long", event_file)
    return row


def mac_of(row: bytes) -> str:
    """Return the MAC that a sound row states."""
    value = rows.load(row)
    assert value is not None
    return str(value[rows.ROW])


def make_folder(directory: str, names: Names) -> None:
    """Make the folder of all subjects, if it's not there."""
    path = files.path_of(directory, FOLDER)
    try:
        os.mkdir(path, FOLDER_MODE)  # noqa: PTH102
        files.sync_folder(path)
    except FileExistsError:
        pass
    except OSError:
        raise files.unwritten(names.log) from None


def read_manifest(directory: str, names: Names) -> bytes:
    """Return the bytes of a manifest's file, or as many as show that it's too long. Raises FaultError."""
    return files.read_start(directory, names.manifest, audit_lines.LONGEST_LINE + 1)


def write_row(_directory: str, names: Names, log: int, row: bytes) -> None:
    """Append a row to the log. Raises FaultError."""
    files.append(log, row, names.log)


# ------------------------------------------------------------------ recover


def recover(directory: str, subject: str, touched: set[str]) -> int:
    """Move what stands behind the log's last LF away; return how many bytes. Raises FaultError."""
    names = names_of(subject)
    with files.locked(directory, names.log) as log:
        with files.reading(names.log):
            line = files.last_line(log)
            if not line or audit_lines.is_whole(line):
                touched.add("recover-nothing")
                return 0
            if audit_lines.is_too_long(line):
                raise FaultError(Fault("unreadable", "line-too-long", names.log, files.number_of_last_line(log)))
        move(directory, log, line, names)
    touched.add("recover")
    return len(line)


def move(directory: str, log: int, piece: bytes, names: Names) -> None:
    """Write the log's last piece behind those that were cut off before, and cut the log. Raises FaultError."""
    was_there = files.is_there(directory, names.torn)
    with files.locked(directory, names.torn, make_with=TORN_MODE) as torn:
        before = os.fstat(torn).st_size
        try:
            files.append(torn, piece, names.torn)
            files.cut(log, os.fstat(log).st_size - len(piece), names.log)
        except FaultError:
            if was_there:
                files.cut(torn, before, names.torn)
            else:
                files.remove(directory, names.torn)
            raise
