"""Keep a counterexample, so that every later run begins with it."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import msgspec

from parity.files import write_atomically
from parity.model import show_bytes

if TYPE_CHECKING:
    from pathlib import Path

    from parity.model import Finding


def keep(finding: Finding, folder: Path) -> Path:
    """Write the finding's minimal case to <folder>/<surface>/<id>.json and return that path.

    Another counterexample of the same signature stays: the new one gets a name of its own beside it.
    """
    signature = finding.signature
    data = finding.case.input
    file = _file(folder, signature.surface, signature.id)
    document = _document(signature.surface, str(signature), data)
    if file.exists() and file.read_bytes() != document:
        file = _file(folder, signature.surface, f"{signature.id}-{hashlib.sha256(data).hexdigest()[:6]}")
    write_atomically(file, document)
    return file


def note(surface: str, name: str, data: bytes, folder: Path, plants: dict[str, str]) -> Path:
    """Write an input where a replay finds it by its id, with the planted bugs that it was found under."""
    file = _file(folder, surface, name)
    write_atomically(file, _document(surface, name, data, plants))
    return file


def _file(folder: Path, surface: str, name: str) -> Path:
    return folder / surface / f"{name}.json"


def _document(surface: str, signature: str, data: bytes, plants: dict[str, str] | None = None) -> bytes:
    document: dict[str, object] = {"surface": surface, "signature": signature, "input": show_bytes(data)}
    if plants:
        document["plants"] = plants
    return msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n"
