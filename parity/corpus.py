"""Keep a counterexample, so that every later run begins with it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import msgspec

from parity.model import show_bytes

if TYPE_CHECKING:
    from pathlib import Path

    from parity.model import Finding


def keep(finding: Finding, folder: Path) -> Path:
    """Write the finding's minimal case to <folder>/<surface>/<id>.json and return that path."""
    signature = finding.signature
    file = folder / signature.surface / f"{signature.id}.json"
    document = {
        "surface": signature.surface,
        "signature": str(signature),
        "input": show_bytes(finding.case.input),
    }
    write_atomically(file, msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n")
    return file


def write_atomically(file: Path, data: bytes) -> None:
    """Write a file so that a reader, or a crash, sees the old one or the new one and nothing between."""
    file.parent.mkdir(parents=True, exist_ok=True)
    temporary = file.with_name(f".{file.name}.{os.getpid()}")
    temporary.write_bytes(data)
    temporary.replace(file)
