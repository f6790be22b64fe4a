"""What `known.add` writes: an entry that is read back as it was, behind everything that stood there before."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parity import known as stage
from parity.errors import FixtureError
from parity.model import Bytes, Known, Part, show_bytes
from tests.parity.listed import RUNTIMES, SOUND, contract_of_s
from tests.parity.made import known

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def fixtures(tmp_path: Path) -> Path:
    """Return a folder of fixtures with the contract of `s`."""
    return contract_of_s(tmp_path)


def written(file: Path) -> list[Known]:
    return msgspec.convert(tomllib.loads(file.read_text(encoding="utf-8"))["known"], list[Known])


def test_the_first_entry_makes_the_file_and_says_what_it_is(fixtures: Path) -> None:
    file = stage.add(known(), fixtures)
    assert file == fixtures / stage.FILE
    assert file.read_text() == stage.HEAD + "\n" + SOUND.replace("go =", '"go" =').replace("python =", '"python" =')
    assert stage.load(fixtures, RUNTIMES) == [known()]


def test_a_further_entry_stands_at_the_end_and_all_else_stays(fixtures: Path) -> None:
    before = "# mine\n\n" + SOUND.replace("at_most = 0.5", "at_most = 0.5  # é, half") + "# the end\n"
    (fixtures / stage.FILE).write_text(before)
    other = known(signature="s /ok minus go | python")
    file = stage.add(other, fixtures)
    assert file.read_text().startswith(before)
    assert stage.load(fixtures, RUNTIMES) == [known(), other]


@pytest.mark.parametrize(
    "before", [SOUND.rstrip("\n"), SOUND + "\n\n\n", SOUND + "# no end of line", SOUND.replace("\n", "\r\n")]
)
def test_however_the_file_ends_an_entry_is_added(fixtures: Path, before: str) -> None:
    (fixtures / stage.FILE).write_bytes(before.encode())
    stage.add(known(signature="s /ok minus go | python"), fixtures)
    assert len(stage.load(fixtures, RUNTIMES)) == 2


@pytest.mark.parametrize("before", [b"known = []\n", b"[[known]\n", b"\xff", b"[known]\n"])
def test_a_file_that_takes_no_entry_stays_as_it_is(fixtures: Path, before: bytes) -> None:
    (fixtures / stage.FILE).write_bytes(before)
    with pytest.raises(FixtureError, match=r"known\.toml"):
        stage.add(known(), fixtures)
    assert (fixtures / stage.FILE).read_bytes() == before
    assert [file.name for file in fixtures.iterdir() if file.is_file()] == [stage.FILE]


ESCAPES = 'a "b" \\u0041 \\ \b\t\n\f\r\x00\x1b\x7f\x80\u2028 é \U0001f600 \'\'\' """ # ] ='
TEXT = st.text(st.characters(exclude_categories=["Cs"]))
"""All that TOML can hold: every character but the halves of some."""


@pytest.mark.parametrize("data", [ESCAPES.encode(), b"", b"\xff\xfe", b"\xed\xa0\x80", b"\0" * 3])
def test_every_text_and_every_input_is_read_back(fixtures: Path, data: bytes) -> None:
    entry = known(
        reason=ESCAPES,
        issue=ESCAPES,
        owner=ESCAPES,
        input=msgspec.convert(show_bytes(data), Bytes),
        shows={"go": ESCAPES, ESCAPES: ""},
    )
    stage.add(entry, fixtures)
    assert stage.load(fixtures, RUNTIMES) == [entry]
    assert entry.input.value() == data


def test_an_input_in_parts_is_written_as_the_bytes_that_it_stands_for(fixtures: Path) -> None:
    stage.add(known(input=Bytes(parts=(Part("-", 3),))), fixtures)
    assert stage.load(fixtures, RUNTIMES) == [known(input=Bytes(text="---"))]


@settings(deadline=None, max_examples=200)
@given(st.lists(TEXT, min_size=3, max_size=3), st.binary(), st.dictionaries(TEXT, TEXT), st.floats(0.001, 0.5))
def test_whatever_is_added_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], data: bytes, shows: dict[str, str], at_most: float
) -> None:
    reason, issue, owner = texts
    given_input = msgspec.convert(show_bytes(data), Bytes)
    entry = known(reason=reason, issue=issue, owner=owner, input=given_input, shows=shows, at_most=at_most)
    file = stage.add(entry, tmp_path_factory.mktemp("known"))
    assert written(file) == [entry]


@pytest.mark.parametrize("field", ["reason", "issue", "owner"])
def test_a_text_that_no_file_can_hold_is_a_problem_of_the_entry(fixtures: Path, field: str) -> None:
    entry = msgspec.structs.replace(known(), **{field: "x\udcff"})
    assert list(stage.problems(entry, fixtures, RUNTIMES)) == [f"{field} is no text"]
