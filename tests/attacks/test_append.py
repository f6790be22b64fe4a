"""Appending: a row loses nothing of its event, and nothing is written behind what is unsound or refused."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from . import forms
from .cases import lay, put, tree
from .chains import (
    ABSENT,
    KEY,
    LOG,
    MANIFEST,
    OTHER,
    OTHER_KEY,
    SUBJECT,
    Chain,
    Members,
    Told,
    build,
    canonical,
    event,
    not_appended,
    signed,
)

if TYPE_CHECKING:
    from pathlib import Path

    from .programs import Program

APPEND = ["append", "--subject", SUBJECT, "--event", "event.json"]
TS = "2026-05-03T10:11:12Z"


def refused(program: Program, directory: Path, wanted: Told) -> bool:
    """Tell whether an append is answered as it has to be, and leaves everything as it was."""
    before = tree(directory)
    return program.ask(APPEND, directory) == wanted and tree(directory) == before


def appended(chain: Chain) -> Told:
    """Return the answer to the append of a chain's last row."""
    return Told({"count": chain.count, "error": None, "tip": chain.tips[-1]}, 0)


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    put(tmp_path / "audit.key", KEY)
    put(tmp_path / "event.json", canonical(event(3)))
    return tmp_path


class TestUnsound:
    def test_a_last_row_in_a_wrong_form(self, program: Program, directory: Path) -> None:
        base = forms.marked(2)
        lay(directory, base)
        line = base.rows[-1]
        asked, found = 0, []
        for reason, spellings in (
            ("mac-form", forms.mac_forms(line)),
            ("mac", forms.wrong_macs(line)),
            ("not-canonical", forms.other_forms(line)),
            ("not-json", forms.no_objects(line)),
        ):
            for name, spelled in spellings:
                if spelled.count(b"\n") == 1:  # otherwise the last row is another one
                    asked += 1
                    (directory / LOG).write_bytes(base.rows[0] + spelled)
                    if not refused(program, directory, not_appended("tampered", reason, 2, LOG)):
                        found.append(name)
        assert asked > 150
        assert found == []

    @pytest.mark.parametrize("tail", [b"{", b" ", b"\r", b"\0", b"\xff", b'{"a":1}', build(3).rows[2][:-1]])
    def test_a_torn_line(self, program: Program, directory: Path, tail: bytes) -> None:
        base = build(2)
        lay(directory, base, log=base.log + tail)
        assert refused(program, directory, not_appended("torn", "unfinished", 3, LOG))
        lay(directory, base, log=base.log[:-1])
        assert refused(program, directory, not_appended("torn", "unfinished", 2, LOG))
        lay(directory, base, log=tail)
        assert refused(program, directory, not_appended("torn", "unfinished", 1, LOG))

    def test_a_last_row_that_is_no_end_to_go_on_from(self, program: Program, directory: Path) -> None:
        base = build(2)
        wrong = [
            ("mac", base.plus(key=OTHER_KEY)),
            *(("subject", base.plus(subject=subject)) for subject in (OTHER, ABSENT, None, "w-1")),
            *(("chain", base.plus(seq=seq)) for seq in (ABSENT, None, 0, -1, "3", True, 2.5, 2**53, [3])),
        ]
        for reason, made in wrong:
            lay(directory, made)
            assert refused(program, directory, not_appended("tampered", reason, 3, LOG)), made.rows[-1]

    def test_a_broken_manifest(self, program: Program, directory: Path) -> None:
        base = build(2)
        found = []
        for one in forms.manifests(base):
            lay(directory, base)
            (directory / MANIFEST).write_bytes(one.manifest)
            reason = one.bare.answer["error"]["reason"]
            if not refused(program, directory, not_appended("tampered", reason, 1, MANIFEST)):
                found.append(one.name)
        assert found == []

    def test_a_manifest_of_another_subject_or_key(self, program: Program, directory: Path) -> None:
        base = build(2)
        lay(directory, base)
        (directory / MANIFEST).write_bytes(build(0, OTHER).manifest)
        assert refused(program, directory, not_appended("tampered", "subject", 1, MANIFEST))
        (directory / MANIFEST).write_bytes(build(0, key=OTHER_KEY).manifest)
        assert refused(program, directory, not_appended("tampered", "mac", 1, MANIFEST))

    def test_a_chain_does_not_begin_anew(self, program: Program, directory: Path) -> None:
        base = build(2)
        lay(directory, base)
        (directory / LOG).unlink()
        assert refused(program, directory, not_appended("unreadable", "missing", None, LOG))
        lay(directory, base)
        (directory / MANIFEST).unlink()
        assert refused(program, directory, not_appended("unreadable", "missing", None, MANIFEST))


class TestGoesOn:
    def test_what_lies_before_the_last_row_is_for_verify(self, program: Program, directory: Path) -> None:
        base = build(3)
        broken = base.rows[0].replace(b'"ok"', b'"no"') + base.rows[1] + base.rows[2]
        lay(directory, base, log=broken)
        grown = base.plus()
        put(directory / "event.json", canonical(event(4)))
        assert program.ask(APPEND, directory) == appended(grown)
        assert (directory / LOG).read_bytes() == broken + grown.rows[-1]
        assert program.ask(["verify", "--subject", SUBJECT], directory) == base.tampered("mac", 1)

    @pytest.mark.parametrize("seq", [7, 2**53 - 1])
    def test_the_last_row_says_where_the_chain_is(self, program: Program, directory: Path, seq: int) -> None:
        base = build(0).plus(seq=seq, prev="0" * 64)
        lay(directory, base)
        grown = base.plus(**event(3), seq=seq + 1)
        put(directory / "event.json", canonical(event(3)))
        assert program.ask(APPEND, directory) == Told({"count": seq + 1, "error": None, "tip": grown.tips[-1]}, 0)
        assert (directory / LOG).read_bytes() == grown.log
        assert program.ask(["verify", "--subject", SUBJECT], directory) == base.tampered("chain", 1)

    def test_an_empty_log_with_its_manifest(self, program: Program, directory: Path) -> None:
        base = build(0, created="2020-01-01T00:00:00Z")
        lay(directory, base)
        put(directory / "event.json", canonical(event(1)))
        assert program.ask(APPEND, directory) == appended(base.plus())
        assert (directory / LOG).read_bytes() == base.plus().log
        assert (directory / MANIFEST).read_bytes() == base.manifest

    def test_an_empty_log_without_a_manifest_is_none(self, program: Program, directory: Path) -> None:
        put(directory / LOG, b"")
        put(directory / "event.json", canonical(event(1)))
        assert program.ask(APPEND, directory) == appended(build(1))
        assert (directory / MANIFEST).read_bytes() == build(1).manifest

    def test_what_it_makes_is_its_owners_alone(self, program: Program, directory: Path) -> None:
        put(directory / "event.json", canonical(event(1)))
        assert program.ask(APPEND, directory) == appended(build(1))
        modes = {name: oct(mode & 0o777) for name, (mode, _) in tree(directory).items() if name.startswith("subjects")}
        assert modes == {"subjects": "0o700", MANIFEST: "0o600", LOG: "0o600"}

    @pytest.mark.parametrize("number", ["7", "7.0", "0.7e1", "70e-1", "7E0"])
    def test_however_the_event_is_spelled(self, program: Program, directory: Path, number: str) -> None:
        members = event(1) | {"note": "a/b", "place": "Zürich", "n": "NUMBER", "deep": [[{"mac": ""}]], "none": None}
        text = json.dumps(members, indent=1).replace("/", "\\/").replace('"NUMBER"', number)
        put(directory / "event.json", f"\r\n\t {text} \n\n".encode())
        grown = build(0).plus(**members | {"n": 7})
        assert program.ask(APPEND, directory) == appended(grown)
        assert (directory / LOG).read_bytes() == grown.log

    def test_a_trace_id_is_always_written(self, program: Program, directory: Path) -> None:
        accessor = {"daemon": "", "kind": "", "purpose": ""}
        put(directory / "event.json", canonical({"accessor": accessor, "fields": [], "result": "", "ts": TS}))
        line: Members = {
            "accessor": accessor | {"trace_id": ""},
            "fields": [],
            "prev": build(0, created=TS).tips[0],
            "result": "",
        }
        line |= {"schema": "subject_audit_row.v1", "seq": 1, "subject": SUBJECT, "ts": TS}
        assert program.ask(APPEND, directory).exit == 0
        assert (directory / LOG).read_bytes() == signed(line, KEY, "mac")


NO_JSON = [b"", b" ", b"{", b"{}{}", b"\xff", b"\xef\xbb\xbf{}", b'{"a":1,"a":1}', b'{"a":9007199254740993}',
           b'{"a":"\\ud800"}', b"NaN", bytes(100), b"[" * 100_000]  # fmt: skip
NO_TIMESTAMPS = ["", TS[:-1], TS[:-1] + "z", TS + "\n", TS + " ", "2026-05-03 10:11:12Z", "2026-05-03T10:11:12.Z",
                 "2026-05-03T10:11:12+00:00", "2026-05-03T10:11:12.1234567890Z", "2026-05-03T10:11:12,5Z",
                 "2026-13-03T10:11:12Z", "2026-00-03T10:11:12Z", "2026-05-32T10:11:12Z", "2026-05-00T10:11:12Z",
                 "2026-05-03T24:11:12Z", "2026-05-03T10:60:12Z", "2026-05-03T10:11:60Z", "2026-5-3T10:11:12Z",
                 "\u0662026-05-03T10:11:12Z", "12026-05-03T10:11:12Z"]  # fmt: skip


def wrong_members() -> list[Members]:
    """Return what an event's members must not be."""
    own: list[object] = [None, 1, {}, [1], ["a", None]]
    found: list[Members] = [{name: value} for name in event(1) for value in (ABSENT, *own)]
    found += [{name: "x"} for name in ("accessor", "fields", "ts", "mac", "prev", "schema", "seq", "subject")]
    accessor: Members = {"daemon": "", "kind": "", "purpose": "", "trace_id": ""}
    found += [{"accessor": accessor | {name: value}} for name in accessor for value in own]
    found += [{"accessor": {"daemon": "", "kind": ""}}, {"seq": 1}, {"mac": None}]
    return found + [{"ts": ts} for ts in NO_TIMESTAMPS]


class TestRefused:
    @pytest.mark.parametrize("text", NO_JSON)
    def test_what_is_no_json(self, program: Program, directory: Path, text: bytes) -> None:
        put(directory / "event.json", text)
        assert refused(program, directory, not_appended("refused", "not-json", None, "event.json"))

    @pytest.mark.parametrize("value", [[], None, 1, "x", [event(1)], {}], ids=repr)
    def test_what_is_no_event(self, program: Program, directory: Path, value: object) -> None:
        put(directory / "event.json", canonical(value))
        assert refused(program, directory, not_appended("refused", "event-shape", None, "event.json"))

    @pytest.mark.parametrize(
        "members", wrong_members(), ids=lambda members: f"{members}".replace(repr(ABSENT), "absent")[:60]
    )
    def test_what_has_not_the_shape_of_one(self, program: Program, directory: Path, members: Members) -> None:
        made = {name: value for name, value in (event(1) | members).items() if value is not ABSENT}
        put(directory / "event.json", canonical(made))
        assert refused(program, directory, not_appended("refused", "event-shape", None, "event.json"))

    @pytest.mark.parametrize("number", ["1e20", "-1e16", "9007199254740994.0", "1e308"])
    def test_what_could_not_be_read_again(self, program: Program, directory: Path, number: str) -> None:
        put(directory / "event.json", canonical(event(1) | {"n": "N"}).replace(b'"N"', number.encode()))
        wanted = not_appended("refused", "not-storable", None, "event.json")
        if number == "1e308":  # written with an exponent, and read again
            assert program.ask(APPEND, directory).exit == 0
        else:
            assert refused(program, directory, wanted)
