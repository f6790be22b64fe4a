"""Every byte of a log and of a manifest: changed, removed, followed by a space, and as the last one that is left."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import edits
from .cases import wrong
from .chains import build, event

if TYPE_CHECKING:
    from pathlib import Path

    from .programs import Program


def test_every_byte_of_a_log(program: Program, tmp_path: Path) -> None:
    base = build(1).plus(**event(3))
    assert b'"more":{"depth"' in base.rows[-1], "members that nobody knows"
    cases = list(edits.log_edits(base))
    assert len(cases) > 8 * len(base.log)
    assert wrong(program.ask, tmp_path, cases, in_turn=True) == []


def test_every_byte_of_a_manifest(program: Program, tmp_path: Path) -> None:
    assert wrong(program.ask, tmp_path, edits.manifest_edits(build(1)), in_turn=True) == []


def test_cut_at_every_byte(program: Program, tmp_path: Path) -> None:
    assert wrong(program.ask, tmp_path, edits.cuts(build(2))) == []
