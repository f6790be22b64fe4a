"""The suite sees what it is for: a verifier without one of its checks fails it, and the sound one does not."""

from __future__ import annotations

from itertools import chain as joined
from typing import TYPE_CHECKING

import pytest

from . import attacks, edits, forms, test_baselines, test_files, test_rows
from .cases import faults, wrong
from .chains import KEY, Members, build, mac_of, signed
from .verifier import CHECKS, Verifier

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from .cases import Case
    from .programs import Program

EXAMPLE = (
    b'{"created_at":"2026-05-03T10:11:12.461439210Z","genesis":"83db723aad1adb2a19f7d6d61b8438a9af5a85710eef16109ce8f942'
    b'424d270b","schema":"subject_manifest.v1","subject":"WORKER-1"}\n'
    b'{"accessor":{"daemon":"gateway","kind":"api","purpose":"fill","trace_id":""},"fields":["name","phone"],"mac":"858b4'
    b'11b81ce526a078ab1c77b6a889e393dc804a9af423747fe756ca02dd7cd","prev":"83db723aad1adb2a19f7d6d61b8438a9af5a85710eef16'
    b'109ce8f942424d270b","result":"ok","schema":"subject_audit_row.v1","seq":1,"subject":"WORKER-1",'
    b'"ts":"2026-05-03T10:11:12.461439210Z"}\n'
)
"""The example of audit.md."""
SEEN_BY = {
    "not-json": "forms",
    "duplicate": "forms",
    "mac-form": "forms",
    "not-canonical": "forms",
    "mac": "rows",
    "mac-end": "forms",
    "subject": "rows",
    "chain": "rows",
    "prev": "rows",
    "seq": "rows",
    "anchor": "anchors",
    "genesis-anchor": "anchors",
    "truncated": "rows",
    "torn": "cuts",
    "last-line": "rows",
    "manifest": "manifests",
    "manifest-end": "manifest forms",
    "empty-line": "forms",
}
"""For each check, the attacks that have to see that it is left out."""


def cases(name: str) -> Iterator[Case]:
    base = build(3)
    match name:
        case "rows":
            return attacks.rows(base)
        case "anchors":
            return attacks.anchors(base)
        case "manifests":
            return attacks.manifests(base)
        case "forms":
            return forms.lines(forms.marked(3))
        case "manifest forms":
            return forms.manifests(base)
        case "cuts":
            return edits.cuts(build(2))
    return joined(edits.log_edits(build(1)), edits.manifest_edits(base))


@pytest.mark.parametrize("name", [*sorted(set(SEEN_BY.values())), "edits"])
def test_a_sound_verifier_passes(name: str, tmp_path: Path) -> None:
    assert wrong(Verifier().ask, tmp_path, cases(name)) == []


@pytest.mark.parametrize("check", CHECKS)
def test_a_check_that_is_left_out_is_seen(check: str, tmp_path: Path) -> None:
    assert any(faults(Verifier(check).ask, tmp_path, cases(SEEN_BY[check])))


@pytest.mark.parametrize("check", ["not-json", "mac-form", "not-canonical", "mac", "manifest"])
def test_edits_of_single_bytes_see_it_as_well(check: str, tmp_path: Path) -> None:
    assert any(faults(Verifier(check).ask, tmp_path, cases("edits")))


def the_mode_of_a_key(program: Program, directory: Path) -> None:
    test_files.TestKey().test_a_mode_that_is_refused(program, 0o604, 32, test_files.furnish(directory))


def the_mode_of_a_torn_file(program: Program, directory: Path) -> None:
    test_files.TestOtherPlaces().test_recover_keeps_all_that_it_ever_cut(program, test_files.furnish(directory))


PLANTED = {
    "key-for-all": the_mode_of_a_key,
    "torn-mode": the_mode_of_a_torn_file,
    "tip-remembered": test_rows.test_nothing_of_an_append_is_remembered,
    "drift-at-20-warn": test_baselines.test_drift_is_exact,
    "drift-zero-zero-warn": test_baselines.test_drift_is_exact,
}
"""The planted bugs of the programs, and the test of this suite that has to fail with each."""


@pytest.mark.parametrize("plant", PLANTED)
def test_a_planted_bug_of_the_program_is_seen(program: Program, plant: str, tmp_path: Path) -> None:
    planted = program.planted(plant)
    try:
        assert planted.ask([], tmp_path).exit == 2, "it runs"
        with pytest.raises(AssertionError):
            PLANTED[plant](planted, tmp_path)
    finally:
        planted.close()


def test_no_case_is_no_pass(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="no case at all"):
        wrong(Verifier().ask, tmp_path, [])


def test_the_builder_makes_the_example_of_the_contract() -> None:
    ts = "2026-05-03T10:11:12.461439210Z"
    chain = build(0, "WORKER-1", created=ts)
    accessor = {"daemon": "gateway", "kind": "api", "purpose": "fill", "trace_id": ""}
    row: Members = {"accessor": accessor, "fields": ["name", "phone"], "prev": chain.tips[0], "result": "ok"}
    row |= {"schema": "subject_audit_row.v1", "seq": 1, "subject": "WORKER-1", "ts": ts}
    assert chain.manifest + signed(row, KEY, "mac") == EXAMPLE


def test_the_builders_mac_is_that_of_rfc_4231() -> None:
    assert mac_of(b"what do ya want for nothing?", b"Jefe") == (
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    )
