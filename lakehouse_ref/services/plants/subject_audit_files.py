"""The planted bugs of subject_audit_files."""

from __future__ import annotations

import io
import os
from typing import TYPE_CHECKING, BinaryIO

from lakehouse_ref.services.plants.replace import replace
from lakehouse_ref.services.storage import files, keys, subjects, verification

if TYPE_CHECKING:
    from collections.abc import Callable

    from lakehouse_ref.services.storage.subjects import Names


def _key_for_all() -> None:
    replace(keys, "FOREIGN", 0o070)


def _torn_mode() -> None:
    replace(subjects, "TORN_MODE", 0o640)


def _tip_remembered() -> None:
    write_row, open_log = subjects.write_row, verification.open_log
    ends: dict[str, int] = {}

    def write_and_remember(directory: str, names: Names, log: int, row: bytes) -> None:
        write_row(directory, names, log, row)
        ends[files.path_of(directory, names.log)] = os.fstat(log).st_size

    def open_to_the_end_that_was(directory: str, names: Names) -> BinaryIO:
        log = open_log(directory, names)
        end = ends.get(files.path_of(directory, names.log))
        if end is None:
            return log
        with log:
            return io.BytesIO(log.read(end))

    replace(subjects, "write_row", write_and_remember)
    replace(verification, "open_log", open_to_the_end_that_was)


PLANTS: dict[str, Callable[[], None]] = {
    "key-for-all": _key_for_all,
    "torn-mode": _torn_mode,
    "tip-remembered": _tip_remembered,
}
