"""Cases of surfaces of files, for probes: directories with steps in their written form (fixtures/contract/files.md)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable


class File(NamedTuple):
    """A file of a case, or a folder, whose name ends with a slash."""

    name: str
    content: bytes = b""
    mark: str = ""
    """Its mode, and whether it is a secret."""


def write(steps: Iterable[list[str]], files: Iterable[File]) -> bytes:
    """Return a case: the arguments of each step, then the files."""
    lines = [json.dumps(step, separators=(",", ":")).encode() for step in steps]
    parts = [f"-- {' '.join(filter(None, (one.name, one.mark)))} --\n".encode() + one.content for one in files]
    return b"\n".join([*lines, *parts])


def is_done(answer: dict[str, Any]) -> bool:
    """Tell whether a step of an answer did what it was asked to."""
    return any(step["exit"] == 0 for step in answer["steps"])
