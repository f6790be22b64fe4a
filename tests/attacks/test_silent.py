"""Where the contract leaves a choice, nobody's choice is wrong, but all have to make the same one.

Every case here is answered by all runtimes, each in a directory like the others'; the answers, exit codes and what is
left are compared with each other.
"""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest

from .cases import lay, put, tree
from .chains import KEY, LOG, LONGEST, MANIFEST, SUBJECT, build, canonical, event, signed

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .programs import Program

BASE = build(2)
ENTRY = b'{"at":"2026-05-03T10:11:12Z","commit":"unknown","metrics":{"rows":12}}\n'
APPEND = ["append", "--subject", SUBJECT, "--event", "event.json"]
VERIFY = ["verify", "--subject", SUBJECT]
RECOVER = ["recover", "--subject", SUBJECT]
ADD = ["baselines", "append", "base.jsonl", "--entry", "entry.json"]
ANCHORED = ["verify", "--anchors", "anchors.json"]
COPY = ["baselines", "copy", "base.jsonl"]
TORN = f"subjects/{SUBJECT}.torn"
BARE_ROW = signed({"prev": BASE.tips[0], "seq": 1, "subject": SUBJECT}, KEY, "mac")
BARE_MANIFEST = signed({"subject": SUBJECT}, KEY, "genesis")


def no_folder(directory: Path) -> None:
    shutil.rmtree(directory / "subjects")


def linked(name: str, to: str) -> Callable[[Path], None]:
    """Return what puts a link in the place of a file or folder."""

    def change(directory: Path) -> None:
        if (directory / name).is_dir():
            no_folder(directory)
        (directory / name).unlink(missing_ok=True)
        (directory / name).symlink_to(to)

    return change


def instead_of_subjects(make: Callable[[Path], object]) -> Callable[[Path], None]:
    """Return what makes something in the place of the folder of subjects."""

    def change(directory: Path) -> None:
        no_folder(directory)
        make(directory / "subjects")

    return change


def torn_beside(make: Callable[[Path], object]) -> Callable[[Path], None]:
    """Return what tears the log, and makes something where its rest would be kept."""

    def change(directory: Path) -> None:
        (directory / LOG).write_bytes(BASE.log + b"torn")
        make(directory / TORN)

    return change


def first_row(make: Callable[[Path], object]) -> Callable[[Path], None]:
    """Return what takes a subject away, and makes something else."""

    def change(directory: Path) -> None:
        (directory / MANIFEST).unlink()
        (directory / LOG).unlink()
        make(directory)

    return change


def written(name: str, data: bytes) -> Callable[[Path], None]:
    return lambda directory: put(directory / name, data)


CHOICES: dict[str, tuple[list[str], Callable[[Path], object]]] = {
    "a copy to itself": ([*COPY, "base.jsonl"], lambda _: None),
    "a copy to a link": ([*COPY, "to"], linked("to", "event.json")),
    "anchors that are too long": (ANCHORED, written("anchors.json", b"{}" + b" " * LONGEST)),
    "a row of the least members": (VERIFY, written(LOG, BARE_ROW)),
    "behind a row of the least members": (APPEND, written(LOG, BARE_ROW)),
    "a manifest of the least members": (VERIFY, written(MANIFEST, BARE_MANIFEST)),
    "behind a manifest of the least members": (APPEND, written(MANIFEST, BARE_MANIFEST)),
    "more members of an accessor": (APPEND, written("event.json", canonical(
        event(3) | {"accessor": {"daemon": "", "kind": "", "purpose": "", "x": 1}}))),
    "subjects is a file": (APPEND, instead_of_subjects(lambda subjects: put(subjects, b""))),
    "subjects is a pipe": (APPEND, instead_of_subjects(os.mkfifo)),
    "subjects leads nowhere": (APPEND, linked("subjects", "nowhere")),
    "all of subjects that lead nowhere": (["verify"], linked("subjects", "nowhere")),
    "all of subjects that lead to themselves": (["verify"], linked("subjects", "subjects")),
    "the rest has a folder in its place": (RECOVER, torn_beside(os.mkdir)),
    "the rest has a pipe in its place": (RECOVER, torn_beside(os.mkfifo)),
    "the rest leads nowhere": (RECOVER, torn_beside(lambda torn: torn.symlink_to("nowhere/at-all"))),
    "nothing to recover beside a folder": (RECOVER, lambda directory: (directory / TORN).mkdir()),
    "a first log leads nowhere": (APPEND, first_row(linked(LOG, "nowhere/at-all"))),
    "a first log leads to nothing yet": (APPEND, first_row(linked(LOG, "later"))),
    "a first log is a folder": (APPEND, first_row(lambda directory: (directory / LOG).mkdir())),
    "a first manifest is a folder": (APPEND, first_row(lambda directory: (directory / MANIFEST).mkdir())),
    "baselines lead nowhere": (ADD, linked("base.jsonl", "nowhere/at-all")),
    "baselines lead to nothing yet": (ADD, linked("base.jsonl", "later")),
    "baselines in no folder": (["baselines", "append", "nowhere/b", "--entry", "entry.json"], lambda _: None),
    "baselines below a file": (["baselines", "append", "event.json/b", "--entry", "entry.json"], lambda _: None),
    "an entry of the file itself": (["baselines", "append", "base.jsonl", "--entry", "base.jsonl"], lambda _: None),
    "no name of baselines": (["baselines", "load", ""], lambda _: None),
    "no name of a key": (["verify", "--key", ""], lambda _: None),
    "an option as a name": (["baselines", "load", "--entry"], lambda _: None),
    "another genesis, and no log": ([*VERIFY, "--anchor", f"0:{'a' * 64}"], lambda here: (here / LOG).unlink()),
    "a folder as manifest among all": (["verify"], lambda directory: (directory / "subjects/a.manifest.json").mkdir()),
    "a log alone among all": (["verify"], lambda directory: put(directory / "subjects/a.audit.jsonl", b"")),
}  # fmt: skip


@pytest.mark.parametrize("name", CHOICES)
def test_all_choose_the_same(everyone: list[Program], name: str, tmp_path: Path) -> None:
    arguments, change = CHOICES[name]
    outcomes = {}
    for program in everyone:
        directory = tmp_path / program.name
        directory.mkdir()
        lay(directory, BASE)
        put(directory / "event.json", canonical(event(3)))
        put(directory / "anchors.json", canonical({SUBJECT: BASE.anchor()}))
        put(directory / "base.jsonl", ENTRY)
        put(directory / "entry.json", ENTRY)
        change(directory)
        outcomes[program.name] = (program.ask(arguments, directory), tree(directory))
    first = next(iter(outcomes.values()))
    told = {runtime: outcome[0] for runtime, outcome in outcomes.items()}
    assert told == dict.fromkeys(told, first[0])
    assert {runtime: outcome[1] for runtime, outcome in outcomes.items()} == dict.fromkeys(outcomes, first[1])


def test_all_choose_the_same_for_a_folder_that_may_not_be_read(everyone: list[Program], tmp_path: Path) -> None:
    """What is in it cannot be told, and to say that there is nothing would be wrong."""
    lay(tmp_path, BASE)
    for mode in (0o000, 0o100, 0o300):
        (tmp_path / "subjects").chmod(mode)
        told = {program.name: program.run(["verify"], tmp_path, "--bits").told() for program in everyone}
        (tmp_path / "subjects").chmod(0o700)
        assert told == dict.fromkeys(told, next(iter(told.values())))
