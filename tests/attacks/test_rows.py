"""Whole rows, manifests, keys and anchors under attack, in chains of every length, and several subjects at once."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from . import attacks, forms
from .cases import SIZES, lay, put, tree, wrong
from .chains import (
    KEY,
    LOG,
    MANIFEST,
    OTHER,
    OTHER_KEY,
    SUBJECT,
    Chain,
    Told,
    broken_manifest,
    build,
    canonical,
    error,
    event,
    files,
    no_chain,
)

if TYPE_CHECKING:
    from pathlib import Path

    from .programs import Program

VERIFY = ["verify", "--subject", SUBJECT]
NO_ANCHORS = [
    "",
    "1",
    ":%",
    "01:%",
    "-1:%",
    "+1:%",
    " 1:%",
    "1:% ",
    "1:%\\n",
    "1.0:%",
    "9007199254740993:%",
    "\\u0661:%",
    "1:%0",
]
NO_SUBJECTS = ["", ".x", "a/b", "..", "x" * 65]
BROKEN_ANCHORS = [
    *(
        ("not-json", text)
        for text in (b"", b"{", b'{"W-1":"0:', b'{"a":"","a":""}', b"\xff", b"\xef\xbb\xbf{}", b"{}{}")
    ),
    *(
        ("anchors-shape", text)
        for text in (b"[]", b"null", b'"W-1"', b'{"W-1":null}', b'{"W-1":3}', b'{"W-1":["1:%"]}')
    ),
    *(("anchors-shape", f'{{"W-1":"{anchor}"}}'.encode()) for anchor in NO_ANCHORS),
    *(("anchors-shape", f'{{"{subject}":"0:%"}}'.encode()) for subject in NO_SUBJECTS),
]


@pytest.mark.parametrize("size", SIZES)
def test_rows(program: Program, size: int, tmp_path: Path) -> None:
    assert wrong(program.ask, tmp_path, attacks.rows(build(size))) == []


@pytest.mark.parametrize("size", SIZES)
def test_manifests_and_keys(program: Program, size: int, tmp_path: Path) -> None:
    assert wrong(program.ask, tmp_path, attacks.manifests(build(size))) == []


@pytest.mark.parametrize("size", SIZES)
def test_anchors(program: Program, size: int, tmp_path: Path) -> None:
    assert wrong(program.ask, tmp_path, attacks.anchors(build(size))) == []


@pytest.mark.parametrize("size", [1, 5])
def test_forms_of_lines(program: Program, size: int, tmp_path: Path) -> None:
    assert wrong(program.ask, tmp_path, forms.lines(forms.marked(size))) == []


@pytest.mark.parametrize("size", [1, 5])
def test_forms_of_manifests(program: Program, size: int, tmp_path: Path) -> None:
    assert wrong(program.ask, tmp_path, forms.manifests(build(size))) == []


def test_verifying_writes_nothing(program: Program, tmp_path: Path) -> None:
    base = build(2)
    for log in (base.log, base.log[:-9], base.log + b"\n", b""):
        lay(tmp_path, base, log=log)
        before = tree(tmp_path)
        program.ask(VERIFY, tmp_path)
        program.ask(["verify"], tmp_path)
        assert tree(tmp_path) == before


def test_nothing_of_an_append_is_remembered(program: Program, tmp_path: Path) -> None:
    """The process that wrote the rows has to look at all of them again, and at what others put behind them."""
    base = build(4)
    put(tmp_path / "audit.key", KEY)
    for seq in range(1, 5):
        put(tmp_path / "event.json", canonical(event(seq)))
        told = program.ask(["append", "--subject", SUBJECT, "--event", "event.json"], tmp_path)
        assert told == Told({"count": seq, "error": None, "tip": base.tips[seq]}, 0)
    assert (tmp_path / LOG).read_bytes() == base.log
    found = []
    for at in range(1, 5):
        edited = base.rows[at - 1].replace(b'"ok"', b'"no"')
        (tmp_path / LOG).write_bytes(b"".join((*base.rows[: at - 1], edited, *base.rows[at:])))
        found.append(program.ask(VERIFY, tmp_path))
    (tmp_path / LOG).write_bytes(base.log + b"{}\n")
    found.append(program.ask(VERIFY, tmp_path))
    assert found == [*(base.tampered("mac", at) for at in range(1, 5)), base.tampered("mac-form", 5)]


class TestAllSubjects:
    def lay_all(self, directory: Path) -> dict[str, Chain]:
        """Write one chain of each kind, and what is passed over; return those of which an anchor is kept."""
        names = ("torn", "whole", "Cut", "edited", "no-log", "unknown", "7", "gone")
        chains = {name: build(3, name) for name in names}
        for name, chain in chains.items():
            lay(directory, chain)
            manifest, log = (directory / file for file in files(name))
            match name:
                case "torn":
                    log.write_bytes(chain.log + b"{")
                case "Cut":
                    log.write_bytes(chain.first(2).log)
                case "edited":
                    log.write_bytes(chain.log.replace(b'"seq":2', b'"seq":3'))
                case "no-log":
                    log.unlink()
                case "7":
                    manifest.unlink()
                case "gone":
                    manifest.unlink()
                    log.unlink()
        for name in ("whole.torn", "notes.txt", ".hidden.audit.jsonl", "a b.manifest.json", "x" * 65 + ".audit.jsonl",
                     "later.manifest.json.1234", "audit.jsonl", ".manifest.json"):  # fmt: skip
            put(directory / "subjects" / name, b"rubbish")
        return {name: chain for name, chain in chains.items() if name != "unknown"}

    def expected(self, chains: dict[str, Chain], *, anchored: bool) -> list[Told]:
        """Return what is told of each subject, in the order of their bytes."""
        unknown = build(3, "unknown")
        told = {
            "7": no_chain("unreadable", "missing", None, files("7")[0]),
            "Cut": chains["Cut"].truncated(3) if anchored else chains["Cut"].first(2).unanchored(),
            "edited": chains["edited"].tampered("mac", 2),
            "no-log": chains["no-log"].told(0, "unreadable", "missing", None),
            "torn": chains["torn"].torn(4),
            "unknown": unknown.unanchored(),
            "whole": chains["whole"].verified() if anchored else chains["whole"].unanchored(),
        }
        if anchored:
            told["gone"] = no_chain("unreadable", "missing", None, files("gone")[0])
        return [Told(one.answer | {"subject": name}, one.exit) for name, one in sorted(told.items())]

    @pytest.mark.parametrize("anchored", [True, False])
    def test_each_is_told_and_the_worst_is_the_exit_code(
        self, program: Program, tmp_path: Path, *, anchored: bool
    ) -> None:
        chains = self.lay_all(tmp_path)
        arguments = ["verify"]
        if anchored:
            put(tmp_path / "anchors.json", json.dumps({name: one.anchor() for name, one in chains.items()}).encode())
            arguments += ["--anchors", "anchors.json"]
        wanted = self.expected(chains, anchored=anchored)
        while wanted:  # one after the other is taken away, so that each of the others is the worst once
            worst = next(code for code in (1, 5, 4, 3, 0) if code in {one.exit for one in wanted})
            told = program.ask(arguments, tmp_path)
            assert told == Told({"subjects": [one.answer for one in wanted]}, worst)
            removed = next(one for one in wanted if one.exit == worst)
            wanted.remove(removed)
            name = removed.answer["subject"]
            for file in files(name):
                (tmp_path / file).unlink(missing_ok=True)
            if anchored:
                chains.pop(name, None)
                put(tmp_path / "anchors.json", json.dumps({one: chains[one].anchor() for one in chains}).encode())
        assert program.ask(arguments, tmp_path) == Told({"subjects": []}, 5)

    @pytest.mark.parametrize("folder", [True, False])
    def test_a_subject_that_was_deleted_is_missed_by_its_anchor(
        self, program: Program, tmp_path: Path, *, folder: bool
    ) -> None:
        put(tmp_path / "audit.key", KEY)
        put(tmp_path / "anchors.json", canonical({SUBJECT: build(2).anchor()}))
        if folder:
            (tmp_path / "subjects").mkdir(mode=0o700)
        gone = no_chain("unreadable", "missing", None, MANIFEST).answer
        told = program.ask(["verify", "--anchors", "anchors.json"], tmp_path)
        assert told == Told({"subjects": [gone | {"subject": SUBJECT}]}, 5)

    def test_the_files_of_two_subjects_exchanged(self, program: Program, tmp_path: Path) -> None:
        one, other = build(3), build(3, OTHER)
        lay(tmp_path, one)
        lay(tmp_path, other)
        (tmp_path / files(SUBJECT)[1]).write_bytes(other.log)
        (tmp_path / files(OTHER)[1]).write_bytes(one.log)
        for chain in (one, other):
            told = program.ask(["verify", "--subject", chain.subject, "--anchor", chain.anchor()], tmp_path)
            assert told == chain.tampered("subject", 1)
        (tmp_path / files(SUBJECT)[0]).write_bytes(other.manifest)
        assert program.ask(VERIFY, tmp_path) == broken_manifest("subject")

    @pytest.mark.parametrize(("reason", "text"), BROKEN_ANCHORS)
    def test_broken_anchors_are_told_before_any_subject(
        self, program: Program, reason: str, text: bytes, tmp_path: Path
    ) -> None:
        lay(tmp_path, build(1))
        put(tmp_path / "anchors.json", text.replace(b"%", b"a" * 64))
        wanted = Told({"error": error("unreadable", reason, None, "anchors.json"), "subjects": []}, 5)
        assert program.ask(["verify", "--anchors", "anchors.json"], tmp_path) == wanted


def test_another_key_by_option(program: Program, tmp_path: Path) -> None:
    base = build(2)
    lay(tmp_path, base)
    put(tmp_path / "keys" / "old", OTHER_KEY)
    put(tmp_path / "keys" / "same", KEY)
    assert program.ask([*VERIFY, "--key", "keys/same", "--anchor", base.anchor()], tmp_path) == base.verified()
    assert program.ask([*VERIFY, "--key", "keys/old", "--anchor", base.anchor()], tmp_path) == broken_manifest("mac")
    put(tmp_path / "event.json", canonical(event(3)))
    appended = program.ask(["append", "--key", "keys/old", "--event", "event.json", "--subject", SUBJECT], tmp_path)
    assert appended == Told({"count": None, "error": error("tampered", "mac", 1, MANIFEST), "tip": None}, 1)
    assert (tmp_path / LOG).read_bytes() == base.log
