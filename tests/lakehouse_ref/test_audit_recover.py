"""`audit recover` on a folder (`fixtures/contract/audit.md`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lakehouse_ref.audit_lines import LONGEST_LINE
from tests.lakehouse_ref.chains import LOG, SUBJECT, TORN, append, audit, contents, error, furnish, log, mac_of, put
from tests.lakehouse_ref.instead import instead, replaced_by

if TYPE_CHECKING:
    from pathlib import Path

LINES = log(2)


def recover(folder: Path, touched: set[str] | None = None) -> tuple[int, object]:
    return audit(folder, "recover", "--subject", SUBJECT, touched=touched)


@pytest.mark.parametrize("data", [b"", b"\n", LINES[0], b"x\n"])
def test_a_log_that_ends_with_lf_is_left_as_it_is(tmp_path: Path, data: bytes) -> None:
    put(tmp_path, LOG, data, 0o640)
    before = contents(tmp_path)
    touched: set[str] = set()
    assert recover(tmp_path, touched) == (0, {"error": None, "kept": 0})
    assert touched == {"recover-nothing"}
    assert contents(tmp_path) == before


@pytest.mark.parametrize("piece", [b"{", b"\xff\x00", LINES[1][:-1], b"x" * LONGEST_LINE])
def test_a_torn_line_is_moved(tmp_path: Path, piece: bytes) -> None:
    furnish(tmp_path, count=1)
    put(tmp_path, LOG, LINES[0] + piece)
    touched: set[str] = set()
    assert recover(tmp_path, touched) == (0, {"error": None, "kept": len(piece)})
    assert touched == {"recover"}
    assert (tmp_path / LOG).read_bytes() == LINES[0]
    assert (tmp_path / TORN).read_bytes() == piece
    assert (tmp_path / TORN).stat().st_mode & 0o777 == 0o600
    assert append(tmp_path)[1] == {"count": 2, "error": None, "tip": mac_of(LINES[1])}


def test_pieces_stand_one_behind_the_other(tmp_path: Path) -> None:
    for piece in (b"one", b"two"):
        put(tmp_path, LOG, piece)
        assert recover(tmp_path) == (0, {"error": None, "kept": 3})
    assert (tmp_path / TORN).read_bytes() == b"onetwo"
    assert (tmp_path / LOG).read_bytes() == b""


def test_a_piece_that_is_too_long_stays(tmp_path: Path) -> None:
    put(tmp_path, LOG, b"a\nb\n" + b"x" * (LONGEST_LINE + 1))
    before = contents(tmp_path)
    fault = error("unreadable", "line-too-long", LOG, 3)
    assert recover(tmp_path) == (5, {"error": fault, "kept": None})
    assert contents(tmp_path) == before


@instead
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_a_log_that_can_not_be_recovered(tmp_path: Path, kind: str, reason: str) -> None:
    (tmp_path / "subjects").mkdir()
    replaced_by(kind)(tmp_path / LOG)
    before = contents(tmp_path)
    assert recover(tmp_path) == (5, {"error": error("unreadable", reason, LOG), "kept": None})
    assert contents(tmp_path) == before


def test_a_place_for_pieces_that_is_none(tmp_path: Path) -> None:
    put(tmp_path, LOG, LINES[0] + b"torn")
    (tmp_path / TORN).mkdir()
    assert recover(tmp_path) == (5, {"error": error("unreadable", "not-a-file", TORN), "kept": None})
    assert (tmp_path / LOG).read_bytes() == LINES[0] + b"torn"
