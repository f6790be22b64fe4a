"""`audit append` and `audit recover` on a folder (`fixtures/contract/audit.md`)."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

from lakehouse_ref.audit_lines import LONGEST_LINE
from tests.lakehouse_ref import chains
from tests.lakehouse_ref.chains import (
    EVENT,
    GENESIS,
    LOG,
    MANIFEST,
    SUBJECT,
    append,
    audit,
    contents,
    error,
    furnish,
    log,
    mac_of,
    manifest,
    put,
    row,
    signed,
    verify,
)
from tests.lakehouse_ref.instead import instead, replaced_by

if TYPE_CHECKING:
    from pathlib import Path

LINES = log(3)


def refused(answer: object) -> object:
    """Return the error of an answer to append, which then says nothing else."""
    assert isinstance(answer, dict)
    assert (answer["count"], answer["tip"]) == (None, None)
    return answer["error"]


# ------------------------------------------------------------------ rows


def test_a_first_append_makes_folder_manifest_and_log(tmp_path: Path) -> None:
    furnish(tmp_path)
    touched: set[str] = set()
    assert append(tmp_path, touched=touched) == (0, {"count": 1, "error": None, "tip": mac_of(LINES[0])})
    assert touched == {"append", "first-append"}
    left = contents(tmp_path / "subjects")
    assert left == {
        f"{SUBJECT}.manifest.json": ("0o600", manifest()),
        f"{SUBJECT}.audit.jsonl": ("0o600", LINES[0]),
    }
    assert (tmp_path / "subjects").stat().st_mode & 0o777 == 0o700


def test_rows_go_on_from_one_another(tmp_path: Path) -> None:
    furnish(tmp_path)
    touched: set[str] = set()
    for seq in (1, 2, 3):
        assert append(tmp_path, touched=touched) == (0, {"count": seq, "error": None, "tip": mac_of(LINES[seq - 1])})
    assert touched == {"append", "first-append", "append-tip"}
    assert (tmp_path / LOG).read_bytes() == b"".join(LINES)
    assert verify(tmp_path, "--anchor", f"3:{mac_of(LINES[2])}")[0] == 0


def test_the_umask_does_not_matter(tmp_path: Path) -> None:
    furnish(tmp_path)
    before = os.umask(0o777)
    try:
        os.umask(0o022)
        append(tmp_path)
        os.umask(0)
        audit(tmp_path, "append", "--subject", "other", "--event", "event.json")
    finally:
        os.umask(before)
    assert {mode for name, (mode, _) in contents(tmp_path).items() if name.startswith("subjects/")} == {"0o600"}


def test_an_event_is_stored_without_loss(tmp_path: Path) -> None:
    furnish(tmp_path)
    event = rb""" {"ts":"2026-05-03T10:11:12.100Z","result":"o\u006b","fields":[],"more":{"b":1.50,"a":[-0,1E2,null]},
      "accessor":{"purpose":"p","kind":"","daemon":"d","role":7},"\ud83d\ude00":"\/","\ufb33":1} """
    put(tmp_path, "event.json", event)
    touched: set[str] = set()
    assert append(tmp_path, touched=touched)[0] == 0
    assert "trace-id-written" in touched
    line = (tmp_path / LOG).read_text()
    assert line.startswith(
        '{"accessor":{"daemon":"d","kind":"","purpose":"p","role":7,"trace_id":""},"fields":[],"mac":"'
    )
    assert '"more":{"a":[0,100,null],"b":1.5},"prev":"' in line
    assert '","result":"ok","schema":"subject_audit_row.v1","seq":1,"subject":"WORKER-1",' in line
    assert line.endswith('"ts":"2026-05-03T10:11:12.100Z","\U0001f600":"/","\ufb33":1}\n')
    assert '"created_at":"2026-05-03T10:11:12.100Z"' in (tmp_path / MANIFEST).read_text()
    assert verify(tmp_path)[0] == 3


def test_an_empty_log_without_a_manifest_is_none_at_all(tmp_path: Path) -> None:
    furnish(tmp_path)
    put(tmp_path, LOG, b"")
    assert append(tmp_path)[1]["count"] == 1
    assert (tmp_path / MANIFEST).read_bytes() == manifest()


def test_a_manifest_with_an_empty_log_goes_on(tmp_path: Path) -> None:
    furnish(tmp_path, count=1)
    put(tmp_path, LOG, b"")
    assert append(tmp_path)[1]["tip"] == mac_of(LINES[0])


def test_what_lies_before_the_last_row_is_for_verify_to_check(tmp_path: Path) -> None:
    furnish(tmp_path, count=3)
    put(tmp_path, LOG, b"\xff\n" * 9 + LINES[2])
    assert append(tmp_path)[1]["count"] == 4
    assert verify(tmp_path)[1]["error"] == error("tampered", "not-json", LOG, 1)


def test_the_last_seq_may_be_as_large_as_a_double_holds(tmp_path: Path) -> None:
    furnish(tmp_path, count=1)
    put(tmp_path, LOG, row(GENESIS, 2**53 - 1))
    assert append(tmp_path)[1]["count"] == 2**53
    assert b'"seq":9007199254740992,' in (tmp_path / LOG).read_bytes()
    assert append(tmp_path) == (1, {"count": None, "error": error("tampered", "chain", LOG, 2), "tip": None})


@pytest.mark.parametrize("length", [100, 4094, 4095, 4096, 4097, 8192, LONGEST_LINE])
def test_a_last_row_of_any_length(tmp_path: Path, length: int) -> None:
    furnish(tmp_path, count=1)
    spare = max(length + 1 - len(row(mac_of(LINES[0]), 2, note="")), 0)
    last = row(mac_of(LINES[0]), 2, note="x" * spare)
    put(tmp_path, LOG, LINES[0] + last)
    code, answer = append(tmp_path)
    assert (code, answer["count"]) == (0, 3)
    assert (tmp_path / LOG).read_bytes().startswith(LINES[0] + last + b'{"accessor"')
    assert verify(tmp_path)[1]["count"] == 3


# ------------------------------------------------------------------ what is not appended


def event(**more: object) -> dict[str, object]:
    return {name: inner for name, inner in (EVENT | more).items() if inner is not ...}


def accessor(**more: object) -> dict[str, object]:
    value = {"daemon": "d", "kind": "k", "purpose": "p"} | more
    return event(accessor={name: inner for name, inner in value.items() if inner is not ...})


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        *((data, "not-json") for data in (b"", b"{", b"\xff", b"{}{}", b'{"a":1,"a":1}', b"9007199254740993")),
        (json.dumps(EVENT).encode()[:-1] + b',"x":1e400}', "not-json"),
        *((data, "event-shape") for data in (b"[]", b"{}", b"null", b'"x"')),
        *((event(**{name: ...}), "event-shape") for name in EVENT),
        *((event(**{name: value}), "event-shape") for name in EVENT for value in (None, 1, {"x": 1})),
        *((accessor(**{name: ...}), "event-shape") for name in ("daemon", "kind", "purpose")),
        *((accessor(**{name: 1}), "event-shape") for name in ("daemon", "kind", "purpose", "trace_id")),
        (accessor(trace_id=None), "event-shape"),
        *((event(fields=fields), "event-shape") for fields in (["a", 1], [None], [["a"]], "a")),
        *((event(ts=ts), "event-shape") for ts in ("", "2026-05-03", "2026-05-03T10:11:12", "2026-02-30T25:00:00Z")),
        *((event(**{name: "x"}), "event-shape") for name in ("mac", "prev", "schema", "seq", "subject")),
        (event(seq=None), "event-shape"),
        (event(x=1e20), "not-storable"),
        (event(x=[{"y": -9007199254740994.0}]), "not-storable"),
        (event(x=1e20, seq=1), "event-shape"),
        (json.dumps(EVENT).encode().ljust(LONGEST_LINE + 1), "line-too-long"),
        (b"x" * (LONGEST_LINE + 1), "line-too-long"),
        (event(x="x" * (LONGEST_LINE - 300)), "line-too-long"),
        (json.dumps(EVENT).encode()[:-1] + b',"x":[' + b"1e15," * 100_000 + b"1]}", "line-too-long"),
    ],
)
def test_an_event_that_is_refused(tmp_path: Path, data: object, reason: str) -> None:
    furnish(tmp_path)
    put(tmp_path, "event.json", data)
    before = contents(tmp_path)
    touched: set[str] = set()
    code, answer = append(tmp_path, touched=touched)
    assert (code, refused(answer)) == (6, error("refused", reason, "event.json"))
    assert touched - {"trace-id-written"} == {"event-refused"}
    assert contents(tmp_path) == before, "nothing is made, not even the folder"


def test_a_row_is_as_long_as_a_line_may_be_and_no_longer(tmp_path: Path) -> None:
    furnish(tmp_path)
    spare = LONGEST_LINE + 1 - len(row(GENESIS, 1, x=""))
    put(tmp_path, "event.json", event(x="x" * (spare + 1)))
    assert refused(append(tmp_path)[1]) == error("refused", "line-too-long", "event.json")
    put(tmp_path, "event.json", event(x="x" * spare))
    assert append(tmp_path)[0] == 0
    assert verify(tmp_path)[1]["count"] == 1
    put(tmp_path, LOG, row(GENESIS, 9))
    before = contents(tmp_path)
    assert refused(append(tmp_path)[1]) == error("refused", "line-too-long", "event.json"), "the seq has a digit more"
    assert contents(tmp_path) == before


def test_an_event_in_the_longest_text(tmp_path: Path) -> None:
    furnish(tmp_path)
    put(tmp_path, "event.json", json.dumps(EVENT).encode().rjust(LONGEST_LINE))
    assert append(tmp_path)[0] == 0


@instead
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_a_file_that_can_not_be_read(tmp_path: Path, kind: str, reason: str) -> None:
    furnish(tmp_path, count=2)
    for name, file in (("audit.key", "audit.key"), ("event.json", "event.json"), (LOG, LOG), (MANIFEST, MANIFEST)):
        kept = (tmp_path / name).read_bytes()
        replaced_by(kind)(tmp_path / name)
        assert refused(append(tmp_path)[1]) == error("unreadable", reason, file)
        path = tmp_path / name
        if path.is_dir():
            path.rmdir()
        else:
            path.unlink(missing_ok=True)
        put(tmp_path, name, kept)
    assert (tmp_path / LOG).read_bytes() == b"".join(LINES[:2])


def test_a_folder_on_the_way_that_is_missing_or_a_file(tmp_path: Path) -> None:
    furnish(tmp_path)
    for key in ("nowhere/key", "event.json/key", "audit.key/"):
        assert refused(append(tmp_path, "--key", key)[1]) == error("unreadable", "missing", key)
    for name in ("nowhere/event", "audit.key/event"):
        answer = audit(tmp_path, "append", "--subject", SUBJECT, "--event", name)[1]
        assert refused(answer) == error("unreadable", "missing", name)
    assert not (tmp_path / "subjects").exists()


def test_the_key_comes_first_then_the_event_then_the_log(tmp_path: Path) -> None:
    put(tmp_path, LOG, b"torn")
    put(tmp_path, "event.json", b"")
    assert refused(append(tmp_path)[1]) == error("unreadable", "missing", "audit.key")
    put(tmp_path, "audit.key", chains.KEY)
    assert refused(append(tmp_path)[1]) == error("refused", "not-json", "event.json")
    put(tmp_path, "event.json", EVENT)
    assert refused(append(tmp_path)[1]) == error("unreadable", "missing", MANIFEST)
    put(tmp_path, MANIFEST, b"{}\n")
    assert refused(append(tmp_path)[1]) == error("tampered", "mac-form", MANIFEST, 1)
    put(tmp_path, MANIFEST, manifest())
    assert refused(append(tmp_path)[1]) == error("torn", "unfinished", LOG, 1)


def test_half_a_chain_is_not_gone_on_with(tmp_path: Path) -> None:
    furnish(tmp_path, count=2)
    for name in (MANIFEST, LOG):
        kept = (tmp_path / name).read_bytes()
        (tmp_path / name).unlink()
        before = contents(tmp_path)
        touched: set[str] = set()
        code, answer = append(tmp_path, touched=touched)
        assert (code, refused(answer)) == (5, error("unreadable", "missing", name))
        assert touched == {"half-there"}
        assert contents(tmp_path) == before
        put(tmp_path, name, kept)


@pytest.mark.parametrize(
    ("data", "fault", "rule"),
    [
        (LINES[0] + b"{", ("torn", "unfinished", 2), "append-torn"),
        (LINES[0][:-1], ("torn", "unfinished", 1), "append-torn"),
        (b"\n" * 9 + b"x", ("torn", "unfinished", 10), "append-torn"),
        (LINES[0] + b"\n", ("tampered", "not-json", 2), "append-unsound"),
        (LINES[0] + b"{}\n", ("tampered", "mac-form", 2), "append-unsound"),
        (LINES[0] + b" " + LINES[1], ("tampered", "not-canonical", 2), "append-unsound"),
        (LINES[0] + LINES[1].replace(b"ok", b"no"), ("tampered", "mac", 2), "append-unsound"),
        (b"\n" * 99 + LINES[1].replace(b"ok", b"no"), ("tampered", "mac", 100), "append-unsound"),
        (row(GENESIS, 1, "WORKER-2"), ("tampered", "subject", 1), "append-unsound"),
        (LINES[0] + row(mac_of(LINES[0]), 0), ("tampered", "chain", 2), "append-unsound"),
        (LINES[0] + row(mac_of(LINES[0]), "2"), ("tampered", "chain", 2), "append-unsound"),
        (LINES[0] + signed(EVENT | {"subject": SUBJECT}), ("tampered", "chain", 2), "append-unsound"),
        (LINES[0] + b"x" * (LONGEST_LINE + 1) + b"\n", ("unreadable", "line-too-long", 2), "append-unsound"),
        (LINES[0] + b"x" * (LONGEST_LINE + 1), ("unreadable", "line-too-long", 2), "append-unsound"),
        (LINES[0] + b"x" * 3 * LONGEST_LINE + b"\n", ("unreadable", "line-too-long", 2), "append-unsound"),
        (LINES[0] + b"x" * LONGEST_LINE + b"\n", ("tampered", "not-json", 2), "append-unsound"),
    ],
)
def test_nothing_is_appended_behind_what_is_unsound(
    tmp_path: Path, data: bytes, fault: tuple[str, str, int], rule: str
) -> None:
    furnish(tmp_path, count=1)
    put(tmp_path, LOG, data)
    before = contents(tmp_path)
    touched: set[str] = set()
    kind, reason, line = fault
    code, answer = append(tmp_path, touched=touched)
    assert code == {"torn": 4, "tampered": 1, "unreadable": 5}[kind]
    assert refused(answer) == error(kind, reason, LOG, line)
    assert touched == {rule}
    assert contents(tmp_path) == before
