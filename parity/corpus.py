"""Keep a counterexample, so that every later run begins with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from parity.files import write_atomically
from parity.model import show_bytes

if TYPE_CHECKING:
    from pathlib import Path

    from parity.model import Fault, Finding


def keep(finding: Finding, folder: Path) -> Path:
    """Write the finding's minimal case to <folder>/<surface>/<id>.json and return that path."""
    signature = finding.signature
    return _write(folder, signature.surface, signature.id, str(signature), finding.case.input)


def keep_fault(fault: Fault, surface: str, folder: Path) -> Path:
    """Write the input of a fault to <folder>/<surface>/<id>.json and return that path."""
    return _write(folder, surface, fault.id_at(surface), f"{surface} {fault.runtime} {fault.kind}", fault.case)


def _write(folder: Path, surface: str, name: str, signature: str, data: bytes) -> Path:
    file = folder / surface / f"{name}.json"
    document = {"surface": surface, "signature": signature, "input": show_bytes(data)}
    write_atomically(file, msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n")
    return file
