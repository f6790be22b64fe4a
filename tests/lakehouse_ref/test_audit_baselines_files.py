"""`audit baselines` on a folder (`fixtures/contract/audit.md`)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from lakehouse_ref.audit_lines import LONGEST_LINE
from tests.lakehouse_ref.chains import audit, contents, error, put
from tests.lakehouse_ref.instead import instead, replaced_by

if TYPE_CHECKING:
    from pathlib import Path

COMMIT = "0123456789abcdef0123456789abcdef01234567"


def entry(**metrics: float) -> dict[str, object]:
    return {"at": "2026-05-03T10:11:12Z", "commit": COMMIT, "metrics": metrics}


def line(**metrics: float) -> bytes:
    return json.dumps(entry(**metrics), separators=(",", ":")).encode() + b"\n"


SPELLED = b' { "metrics":{"p99":1.2e1 ,"a":-0},"commit":"unknown", "x":[1.50],"at":"2026-05-03T10:11:12.10Z"}\r\n'
VALUE = {"at": "2026-05-03T10:11:12.10Z", "commit": "unknown", "metrics": {"a": 0, "p99": 12}, "x": [1.5]}
FAULTS = [
    (line(a=1) + b"\n", 1, ("malformed", "not-json", 2), "malformed"),
    (line(a=1) + b"{}\n", 1, ("malformed", "entry-shape", 2), "malformed"),
    (line(a=1) + line(a=2)[:-1], 4, ("torn", "unfinished", 2), "torn"),
    (line(a=1) + b"x" * (LONGEST_LINE + 1), 5, ("unreadable", "line-too-long", 2), "unreadable"),
]
by_fault = pytest.mark.parametrize(("data", "code", "fault", "rule"), FAULTS)


def baselines(folder: Path, command: str, *arguments: str, touched: set[str] | None = None) -> tuple[int, object]:
    return audit(folder, "baselines", command, *arguments, touched=touched)


def test_load_last_and_drift_of_a_sound_file(tmp_path: Path) -> None:
    put(tmp_path, "b", line(p99=100, b=1) + line() + SPELLED, 0o400)
    touched: set[str] = set()
    assert baselines(tmp_path, "load", "b", touched=touched) == (0, {"count": 3, "error": None})
    assert touched == {"load", "metric-integer"}
    assert baselines(tmp_path, "last", "b") == (0, {"error": None, "last": VALUE})
    table = [
        {"change": None, "first": None, "last": 0, "metric": "a", "verdict": "warn"},
        {"change": None, "first": 1, "last": None, "metric": "b", "verdict": "warn"},
        {"change": "-88 %", "first": 100, "last": 12, "metric": "p99", "verdict": "warn"},
    ]
    assert baselines(tmp_path, "drift", "b") == (0, {"drift": table, "error": None})


def test_of_one_entry_and_of_none(tmp_path: Path) -> None:
    put(tmp_path, "b", b"")
    assert baselines(tmp_path, "load", "b") == (0, {"count": 0, "error": None})
    assert baselines(tmp_path, "last", "b") == (0, {"error": None, "last": None})
    assert baselines(tmp_path, "drift", "b") == (0, {"drift": [], "error": None})
    put(tmp_path, "b", line(a=7))
    row = {"change": "+0 %", "first": 7, "last": 7, "metric": "a", "verdict": "ok"}
    assert baselines(tmp_path, "drift", "b") == (0, {"drift": [row], "error": None})


def test_the_largest_numbers_are_written(tmp_path: Path) -> None:
    put(tmp_path, "b", line(a=-(2**53)) + line(a=2**53))
    row = {"change": "+200 %", "first": -(2**53), "last": 2**53, "metric": "a", "verdict": "warn"}
    assert baselines(tmp_path, "drift", "b") == (0, {"drift": [row], "error": None})


def test_numbers_beside_the_metrics_are_answered_in_canonical_form(tmp_path: Path) -> None:
    put(tmp_path, "b", line(a=1)[:-2] + b',"x":1e20}\n')
    assert baselines(tmp_path, "last", "b") == (0, {"error": None, "last": entry(a=1) | {"x": 10**20}})


@by_fault
def test_a_file_that_is_unsound(tmp_path: Path, data: bytes, code: int, fault: tuple[str, str, int], rule: str) -> None:
    put(tmp_path, "b", data)
    put(tmp_path, "e", entry(a=3))
    put(tmp_path, "to", b"kept")
    before = contents(tmp_path)
    kind, reason, number = fault
    told = error(kind, reason, "b", number)
    touched: set[str] = set()
    assert baselines(tmp_path, "load", "b", touched=touched) == (code, {"count": 1, "error": told})
    assert touched == {"load", rule}
    assert baselines(tmp_path, "last", "b") == (code, {"error": told, "last": None})
    assert baselines(tmp_path, "drift", "b") == (code, {"drift": None, "error": told})
    assert baselines(tmp_path, "append", "b", "--entry", "e") == (code, {"count": None, "error": told})
    assert baselines(tmp_path, "copy", "b", "to") == (code, {"count": None, "error": told})
    assert contents(tmp_path) == before


@instead
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_a_file_that_can_not_be_read(tmp_path: Path, kind: str, reason: str) -> None:
    replaced_by(kind)(tmp_path / "b")
    put(tmp_path, "e", entry(a=3))
    before = contents(tmp_path)
    told = error("unreadable", reason, "b")
    touched: set[str] = set()
    assert baselines(tmp_path, "load", "b", touched=touched) == (5, {"count": 0, "error": told})
    assert touched == {"load", "unreadable"}
    assert baselines(tmp_path, "last", "b") == (5, {"error": told, "last": None})
    assert baselines(tmp_path, "drift", "b") == (5, {"drift": None, "error": told})
    assert baselines(tmp_path, "copy", "b", "to") == (5, {"count": None, "error": told})
    answer = baselines(tmp_path, "append", "e", "--entry", "b")
    assert answer == (5, {"count": None, "error": told})
    if kind != "nothing":
        assert baselines(tmp_path, "append", "b", "--entry", "e") == (5, {"count": None, "error": told})
    assert contents(tmp_path) == before


# ------------------------------------------------------------------ append


def test_append_makes_the_file_and_goes_on_with_it(tmp_path: Path) -> None:
    put(tmp_path, "e", SPELLED)
    touched: set[str] = set()
    assert baselines(tmp_path, "append", "b", "--entry", "e", touched=touched) == (0, {"count": 1, "error": None})
    assert touched == {"append"}
    canonical = json.dumps(VALUE, separators=(",", ":")).encode() + b"\n"
    assert contents(tmp_path)["b"] == ("0o600", canonical)
    put(tmp_path, "b", SPELLED + canonical, 0o644)
    put(tmp_path, "e", entry(b=2))
    assert baselines(tmp_path, "append", "b", "--entry", "e") == (0, {"count": 3, "error": None})
    assert contents(tmp_path)["b"] == ("0o644", SPELLED + canonical + line(b=2))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "not-json"),
        (line() + line(), "not-json"),
        ([], "entry-shape"),
        (entry(a=0.5), "entry-shape"),
        (entry() | {"x": -1e20}, "not-storable"),
        (line().ljust(LONGEST_LINE + 1), "line-too-long"),
    ],
)
def test_an_entry_that_is_refused(tmp_path: Path, data: object, reason: str) -> None:
    put(tmp_path, "e", data)
    for _ in range(2):
        before = contents(tmp_path)
        touched: set[str] = set()
        told = {"count": None, "error": error("refused", reason, "e")}
        assert baselines(tmp_path, "append", "b", "--entry", "e", touched=touched) == (6, told)
        assert "entry-refused" in touched
        assert contents(tmp_path) == before
        put(tmp_path, "b", b"torn")  # the entry comes first


def test_a_place_where_no_file_can_be_made(tmp_path: Path) -> None:
    put(tmp_path, "e", entry())
    before = contents(tmp_path)
    for name in ("nowhere/b", "e/b"):
        told = {"count": None, "error": error("unwritten", "write-failed", name)}
        assert baselines(tmp_path, "append", name, "--entry", "e") == (7, told)
    assert contents(tmp_path) == before


# ------------------------------------------------------------------ copy


@pytest.mark.parametrize("data", [b"", SPELLED, line(a=1) + SPELLED, line(a=1) * 20_000])
def test_a_copy_is_the_same_bytes(tmp_path: Path, data: bytes) -> None:
    put(tmp_path, "b", data, 0o644)
    touched: set[str] = set()
    for _ in range(2):
        assert baselines(tmp_path, "copy", "b", "to", touched=touched) == (
            0,
            {"count": data.count(b"\n"), "error": None},
        )
        assert contents(tmp_path) == {"b": ("0o644", data), "to": ("0o600", data)}
    assert "round-trip" in touched


def test_a_copy_takes_the_place_of_whatever_stood_there(tmp_path: Path) -> None:
    put(tmp_path, "b", line())
    put(tmp_path, "kept", b"kept", 0o644)
    for kind in ("nothing", "pipe", "device", "loop"):
        replaced_by(kind)(tmp_path / "to")
        assert baselines(tmp_path, "copy", "b", "to")[0] == 0
        assert not (tmp_path / "to").is_symlink()
        assert contents(tmp_path)["to"] == ("0o600", line())
    assert baselines(tmp_path, "copy", "b", "b")[0] == 0
    assert contents(tmp_path)["b"] == ("0o600", line())
    assert contents(tmp_path)["kept"] == ("0o644", b"kept")


@pytest.mark.parametrize("to", ["folder", "folder/", "nowhere/to", "b/to", "to/", "."])
def test_a_place_that_can_not_be_written(tmp_path: Path, to: str) -> None:
    put(tmp_path, "b", line())
    (tmp_path / "folder").mkdir()
    put(tmp_path, "folder/x", b"")
    before = contents(tmp_path)
    told = {"count": None, "error": error("unwritten", "write-failed", to)}
    assert baselines(tmp_path, "copy", "b", to) == (7, told)
    assert contents(tmp_path) == before
