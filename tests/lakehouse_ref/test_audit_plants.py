"""The planted bugs of the audit surfaces: each does what `fixtures/contract/plants.toml` says, and nothing else."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from lakehouse_ref import audit_baselines, subject_audit
from lakehouse_ref.services import plants
from lakehouse_ref.services.storage import keys, subjects, verification
from lakehouse_ref.subject_audit import chain, mac, rows
from tests.lakehouse_ref import chains
from tests.lakehouse_ref.chains import EVENT, GENESIS, LOG, SUBJECT, append, audit, furnish, mac_of, put, row, verify

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MODULES = [audit_baselines, chain, keys, mac, rows, subjects, verification]
KEY = chains.KEY.hex()
NO_MAC = "0" * 64


def asked(body: bytes, **header: str) -> bytes:
    return json.dumps(header).encode() + b"\n" + body


def verifying(*lines: bytes, **more: str) -> bytes:
    header = {"op": "verify", "key": KEY, "subject": SUBJECT, "manifest": chains.manifest().decode()}
    return asked(b"".join(lines), **header | more)


def rows_of(*members: dict[str, Any]) -> list[bytes]:
    """Return a sound chain of rows with these members."""
    lines: list[bytes] = []
    prev = GENESIS
    for seq, more in enumerate(members, 1):
        lines.append(row(prev, seq, **more))
        prev = mac_of(lines[-1])
    return lines


def traced(trace_id: str) -> dict[str, Any]:
    return {"accessor": EVENT["accessor"] | {"trace_id": trace_id}, "ts": "2026-05-03T10:11:12.123Z"}  # type: ignore[operator]  # it's an object


PLAIN = rows_of(traced("a"), traced("b"), traced("c"))
EMPTY_ID = rows_of(traced("a"), traced(""), traced("c"))
TRAILING = rows_of(traced("a"), traced("b") | {"ts": "2026-05-03T10:11:12.120Z"}, traced("c"))
WHOLE = rows_of(traced("a"), traced("b") | {"ts": "2026-05-03T10:11:12.000Z"}, traced("c"))
ASTRAL = asked('{"\ufb33":1,"\U0001f600":{"\ufb33":1,"\U0001f600":2}}'.encode(), op="row", key=KEY)
OTHERS = [PLAIN[0], row(mac_of(PLAIN[0]), 2, "WORKER-2", **traced("b"))]
LAST_DIGIT = PLAIN[2].replace(f'{mac_of(PLAIN[2])[-1]}","prev"'.encode(), b'x","prev"')
CHANGED = PLAIN[2].replace(b'"ok"', b'"no"')
WRONG_END = mac_of(PLAIN[2])[:16] + NO_MAC[16:]
SPOILED_END = PLAIN[2].replace(mac_of(PLAIN[2]).encode(), WRONG_END.encode())

CASES: dict[str, bytes] = {
    "plain": verifying(*PLAIN),
    "anchored": verifying(*PLAIN, anchor=f"3:{mac_of(PLAIN[2])}"),
    "truncated": verifying(*PLAIN, anchor=f"4:{NO_MAC}"),
    "empty": verifying(),
    "empty-trace-id": verifying(*EMPTY_ID),
    "row-empty-trace-id": asked(EMPTY_ID[1], op="row", key=KEY),
    "row-trace-id": asked(PLAIN[1], op="row", key=KEY),
    "trailing-zero": verifying(*TRAILING),
    "whole-second": verifying(*WHOLE),
    "row-trailing-zero": asked(b'{"ts":"2026-05-03T10:11:12.1200Z"}', op="row", key=KEY),
    "row-whole-second": asked(b'{"ts":"2026-05-03T10:11:12.000Z"}', op="row", key=KEY),
    "row-ten-seconds": asked(b'{"ts":"2026-05-03T10:11:10Z"}', op="row", key=KEY),
    "last-changed": verifying(*PLAIN[:2], CHANGED),
    "last-without-mac": verifying(*PLAIN[:2], LAST_DIGIT),
    "last-not-json": verifying(*PLAIN[:2], b"\n"),
    "last-changed-torn": verifying(*PLAIN[:2], CHANGED, b"{"),
    "middle-changed": verifying(*PLAIN[:2], CHANGED, PLAIN[0], PLAIN[1]),
    "astral-row": ASTRAL,
    "astral-canonical": ASTRAL.replace(b'"row"', b'"canonical"').replace(b', "key": "' + KEY.encode() + b'"', b""),
    "torn": verifying(*PLAIN, b"{"),
    "other-subject": verifying(*OTHERS, PLAIN[2]),
    "other-manifest": verifying(*PLAIN, manifest=chains.manifest("WORKER-2").decode()),
    "mac-end": verifying(*PLAIN[:2], SPOILED_END, b"\n"),
    "mac": asked(b"x", op="mac", key=KEY),
    "request": b"",
}
SPOILED = {
    "trace-id-omitted": {"empty-trace-id", "row-empty-trace-id"},
    "nanos-trimmed": {"trailing-zero", "whole-second", "row-trailing-zero", "row-whole-second"},
    "last-row-unchecked": {"last-changed", "last-changed-torn"},
    "row-code-point-order": {"astral-row"},
    "torn-is-tampered": {"torn"},
    "subject-unbound": {"other-subject"},
    "mac-prefix": {"mac-end"},
}


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    """Take planted bugs out again: what they replaced comes back."""
    kept = [(module, dict(vars(module))) for module in MODULES]
    yield
    for module, names in kept:
        for name, value in names.items():
            setattr(module, name, value)


def told() -> dict[str, Any]:
    return {name: json.loads(subject_audit.answer(data, set())) for name, data in CASES.items()}


def test_every_plant_of_the_helper_is_looked_at() -> None:
    assert SPOILED.keys() == plants.PLANTS["subject_audit"].keys()


@pytest.mark.parametrize("plant", SPOILED)
def test_a_plant_spoils_these_cases_and_no_other(plant: str) -> None:
    before = told()
    plants.plant(plant)
    after = told()
    assert {name for name in CASES if before[name] != after[name]} == SPOILED[plant]


def planted(plant: str, case: str) -> Any:  # noqa: ANN401
    plants.plant(plant)
    return json.loads(subject_audit.answer(CASES[case], set()))


def test_what_is_lost_is_lost_in_what_is_signed() -> None:
    plants.plant("trace-id-omitted")
    plants.plant("nanos-trimmed")
    data = b'{"accessor":{"trace_id":""},"mac":1,"ts":"2026-05-03T10:11:12.1200Z"}'
    form = '{"accessor":{},"ts":"2026-05-03T10:11:12.12Z"}'
    answer = json.loads(subject_audit.answer(asked(data, op="row", key=KEY), set()))
    assert answer == {"canonical": form, "mac": chains.mac(form.encode())}
    assert planted("trace-id-omitted", "empty-trace-id")["error"]["reason"] == "mac"
    assert json.loads(planted("nanos-trimmed", "row-whole-second")["canonical"])["ts"] == "2026-05-03T10:11:12Z"


def test_an_unchecked_last_row_becomes_the_tip() -> None:
    answer = planted("last-row-unchecked", "last-changed")
    assert (answer["count"], answer["tip"]) == (3, mac_of(CHANGED))
    assert answer["error"]["reason"] == "no-anchor"
    assert planted("last-row-unchecked", "last-changed-torn")["error"]["kind"] == "torn"


def test_members_are_signed_in_the_order_of_code_points() -> None:
    form = '{"\ufb33":1,"\U0001f600":{"\ufb33":1,"\U0001f600":2}}'
    assert planted("row-code-point-order", "astral-row") == {"canonical": form, "mac": chains.mac(form.encode())}


def test_what_else_is_wrong_in_the_helper() -> None:
    error = planted("torn-is-tampered", "torn")["error"]
    assert error == chains.error("tampered", "not-json", "log", 4)
    assert planted("subject-unbound", "other-subject")["count"] == 2
    assert planted("mac-prefix", "mac-end")["tip"] == WRONG_END


# ------------------------------------------------------------------ audit


def test_a_key_that_others_may_touch(tmp_path: Path) -> None:
    furnish(tmp_path, count=1)
    modes = (0o600, 0o601, 0o604, 0o607, 0o610, 0o640, 0o677)
    found = {}
    for when in ("before", "after"):
        for mode in modes:
            (tmp_path / "audit.key").chmod(mode)
            found[when, mode] = verify(tmp_path)[0]
        plants.plant("key-for-all")
    assert [mode for mode in modes if found["before", mode] != 5] == [0o600]
    assert [mode for mode in modes if found["after", mode] != 5] == [0o600, 0o601, 0o604, 0o607]


def test_a_piece_that_others_may_read(tmp_path: Path) -> None:
    furnish(tmp_path)
    plants.plant("torn-mode")
    append(tmp_path)
    put(tmp_path, "subjects/x.audit.jsonl", b"torn")
    audit(tmp_path, "recover", "--subject", "x")
    modes = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "subjects").iterdir()}
    assert modes == {
        f"{SUBJECT}.audit.jsonl": 0o600,
        f"{SUBJECT}.manifest.json": 0o600,
        "x.audit.jsonl": 0o600,
        "x.torn": 0o640,
    }


def test_a_log_that_is_read_only_as_far_as_it_went(tmp_path: Path) -> None:
    furnish(tmp_path, count=1)
    plants.plant("tip-remembered")
    put(tmp_path, LOG, b"".join(chains.log(1)) + b"torn")
    assert verify(tmp_path)[0] == 4, "nothing was appended yet"
    put(tmp_path, LOG, b"".join(chains.log(1)))
    assert append(tmp_path)[1]["count"] == 2
    put(tmp_path, LOG, b"".join(chains.log(2)) + b"x\n")
    assert verify(tmp_path, "--anchor", f"2:{mac_of(chains.log(2)[1])}")[0] == 0
    put(tmp_path, LOG, b"x\n" + b"".join(chains.log(2)))
    assert verify(tmp_path)[0] == 1
    assert audit(tmp_path, "verify")[0] == 1


CHANGES = [(100, 120), (100, 80), (-5, -4), (0, 0), (100, 121), (100, 100), (0, 1), (100, 119), (2**53, 0)]


@pytest.mark.parametrize(
    ("plant", "changed"),
    [("drift-at-20-warn", [(100, 120), (100, 80), (-5, -4)]), ("drift-zero-zero-warn", [(0, 0)])],
)
def test_a_change_that_is_called_warn(plant: str, changed: list[tuple[int, int]]) -> None:
    before = [audit_baselines.change("m", *pair, set()) for pair in CHANGES]
    plants.plant(plant)
    after = [audit_baselines.change("m", *pair, set()) for pair in CHANGES]
    assert [pair for pair, one, other in zip(CHANGES, before, after, strict=True) if one != other] == changed
    assert all(other == one._replace(verdict="warn") for one, other in zip(before, after, strict=True) if one != other)
