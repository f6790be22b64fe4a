"""What the audit chain and the baselines share: lines and their limit, timestamps, and how an error is told.

The contract is `fixtures/contract/audit.md`. A line that is read still has its LF; one without it is the file's last,
or too long.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from lakehouse_ref import canonical, ijson

if TYPE_CHECKING:
    from lakehouse_ref.ijson import Value

LONGEST_LINE = 1_048_576
"""How many bytes a line has at most, without its LF; an event, an entry or a file of anchors has no more either."""

TIMESTAMP = re.compile(
    r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
    r"T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,9})?Z"
)


class Fault(NamedTuple):
    """What is wrong, in which file, and in which line of it."""

    kind: str
    reason: str
    file: str
    line: int | None = None

    def value(self) -> Value:
        """Return it as it stands in an answer."""
        return self._asdict()


class FaultError(Exception):
    """Something is wrong, and that is the answer."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault)
        self.fault = fault


def next_line(file: BinaryIO) -> bytes:
    """Return the next line, or nothing at the end. Of a line that is too long no more is read than shows it."""
    return file.readline(LONGEST_LINE + 1)


def is_whole(line: bytes) -> bool:
    """Tell whether a line that was read ends with its LF."""
    return line.endswith(b"\n")


def is_too_long(line: bytes) -> bool:
    """Tell whether a line that was read is too long."""
    return len(line) - is_whole(line) > LONGEST_LINE


def is_timestamp(value: Value) -> bool:
    """Tell whether a value is a timestamp: text, which stays as it was written."""
    return isinstance(value, str) and TIMESTAMP.fullmatch(value) is not None


def given_text(data: bytes, file: str) -> Value:
    """Return the value of a JSON text that somebody gave to be appended. Raises FaultError."""
    if len(data) > LONGEST_LINE:
        raise refused("line-too-long", file)
    try:
        return ijson.load(data)
    except ijson.RefusedError:
        raise refused("not-json", file) from None


def storable(value: Value, file: str) -> bytes:
    """Return the canonical form of what was given, if the reader accepts that as well. Raises FaultError."""
    form = canonical.write(value)
    try:
        ijson.load(form)
    except ijson.RefusedError:
        raise refused("not-storable", file) from None
    return form


def refused(reason: str, file: str) -> FaultError:
    """Return the error about something that was given and is not taken."""
    return FaultError(Fault("refused", reason, file))
