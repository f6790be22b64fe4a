"""Write the report of a load run: summary.json first, since the pages only show what stands in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from loadgen.errors import ReportError
from loadgen.report import markdown, page
from parity.files import write_atomically
from parity.report import show

if TYPE_CHECKING:
    from pathlib import Path

    from loadgen.summary import Summary


def write(summary: Summary, folder: Path) -> None:
    """Write summary.json, load.md and load.html into a folder, each whole or not at all.

    Raises ReportError where the folder cannot be written.
    """
    try:
        save(summary, folder)
        write_atomically(folder / "load.md", markdown.render(summary).encode())
        write_atomically(folder / "load.html", page.render(summary).encode())
    except OSError as problem:
        raise _unwritable(folder, problem) from problem


def save(summary: Summary, folder: Path) -> None:
    """Write summary.json alone, as for a run that still goes on. Raises ReportError."""
    try:
        write_atomically(folder / "summary.json", encode(summary))
    except OSError as problem:
        raise _unwritable(folder, problem) from problem


def _unwritable(folder: Path, problem: OSError) -> ReportError:
    reason = problem.strerror or problem
    return ReportError(
        f"cannot write the report to {show.visible(str(folder))}: {reason}; name another folder with --load-report"
    )


def encode(summary: Summary) -> bytes:
    """Return a summary as JSON for people too, the keys as in the struct."""
    try:
        data = msgspec.json.encode(summary)
    except UnicodeEncodeError:  # a lone surrogate, as undecodable bytes of a log leave it: no JSON holds it
        data = msgspec.json.encode(_encodable(msgspec.to_builtins(summary)))
    return msgspec.json.format(data, indent=2) + b"\n"


def _encodable(value: Any) -> Any:  # noqa: ANN401 - whatever JSON holds
    match value:
        case str():
            return "".join(show.visible(one) if "\ud800" <= one <= "\udfff" else one for one in value)
        case list():
            return [_encodable(item) for item in value]
        case dict():
            return {_encodable(name): _encodable(item) for name, item in value.items()}
    return value
