"""The list of known divergences as a file: what is read, what is refused, and what counts."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from parity import known as stage
from parity.errors import FixtureError
from parity.model import Bytes, Divergence, Known, Partition, Signature
from tests.parity.listed import RUNTIMES, SOUND, contract_of_s
from tests.parity.made import TWO, known

if TYPE_CHECKING:
    from pathlib import Path

DAY = date(2030, 5, 17)


@pytest.fixture
def fixtures(tmp_path: Path) -> Path:
    """Return a folder of fixtures with the contract of `s`."""
    return contract_of_s(tmp_path)


def load(fixtures: Path, content: str | bytes) -> list[Known]:
    (fixtures / stage.FILE).write_bytes(content.encode() if isinstance(content, str) else content)
    return stage.load(fixtures, RUNTIMES)


def refused(fixtures: Path, content: str | bytes) -> str:
    """Return the sentence with which a list is refused: one line that names the file."""
    with pytest.raises(FixtureError) as caught:
        load(fixtures, content)
    sentence = str(caught.value)
    assert str(fixtures / stage.FILE) in sentence
    assert len(sentence.splitlines()) == 1
    assert caught.value.exit_code == 2
    return sentence


# ------------------------------------------------------------------ reading


def test_where_there_is_no_file_nothing_is_known(fixtures: Path) -> None:
    assert stage.load(fixtures, RUNTIMES) == []
    assert load(fixtures, "") == []
    assert load(fixtures, stage.HEAD) == []
    assert load(fixtures, "known = []") == []


def test_an_entry_is_read_whole(fixtures: Path) -> None:
    assert load(fixtures, SOUND) == [known()]


@pytest.mark.parametrize(
    ("given", "data"),
    [
        ('{ base64 = "/w==" }', b"\xff"),
        ('{ text = "" }', b""),
        ('{ parts = [{ text = "{" }, { text = " ", times = 1048577 }] }', b"{" + b" " * 1_048_577),
    ],
)
def test_an_input_has_every_form_that_a_known_answer_has(fixtures: Path, given: str, data: bytes) -> None:
    (entry,) = load(fixtures, SOUND.replace('{ text = "-" }', given))
    assert entry.input.value() == data


@pytest.mark.parametrize(
    ("content", "fragment"),
    [
        pytest.param("[[known]\n", "is broken: Expected ']]'", id="no-toml"),
        pytest.param(b"# \xff\n", "is broken: 'utf-8' codec", id="no-text"),
        pytest.param("known = " + "[" * 20_000, "is broken", id="nested-without-end"),
        pytest.param("known = 1", "is broken: Expected `array`", id="no-list"),
        pytest.param("known = [1]", "is broken: Expected `object`", id="no-table"),
        pytest.param(SOUND.replace("[[known]]", "[known]").replace("[known.", "[known."), "is broken", id="one-table"),
        pytest.param(SOUND.replace("known", "konwn"), "unknown field `konwn`", id="another-list"),
        pytest.param(SOUND + "[more]\n", "unknown field `more`", id="something-else-beside"),
        pytest.param(SOUND.replace("reason", "raison"), "unknown field `raison`", id="unknown-field"),
        pytest.param(SOUND.replace("2999-12-31", '"soon"'), "Invalid RFC3339", id="no-day"),
        pytest.param(SOUND.replace("2999-12-31", "2999-12-31T00:00:00"), "Expected `date`", id="a-moment"),
        pytest.param(SOUND.replace("2999-12-31", "2999-02-30"), "is broken", id="a-day-that-never-comes"),
        pytest.param(SOUND.replace("0.5", '"all"'), "Expected `float`", id="no-number"),
        pytest.param(SOUND.replace('go = "1"', "go = 1"), "Expected `str`", id="shows-no-text"),
        pytest.param(SOUND.replace('["go", "python"]', '"go"'), "Expected `array`", id="no-list-of-runtimes"),
    ],
)
def test_a_broken_list_is_refused_in_one_sentence(fixtures: Path, content: str | bytes, fragment: str) -> None:
    assert fragment in refused(fixtures, content)


def test_a_list_that_cannot_be_read_is_refused_in_one_sentence(fixtures: Path) -> None:
    (fixtures / stage.FILE).mkdir()
    with pytest.raises(FixtureError, match=r"known\.toml cannot be read: Is a directory"):
        stage.load(fixtures, RUNTIMES)


@pytest.mark.parametrize(
    "field", ["surface", "signature", "runtimes", "reason", "issue", "owner", "expires", "at_most", "input"]
)
def test_every_field_must_be_there(fixtures: Path, field: str) -> None:
    lines = [line for line in SOUND.splitlines() if not line.startswith(f"{field} =")]
    assert f"missing required field `{field}`" in refused(fixtures, "\n".join(lines))


def test_what_was_shown_must_be_there(fixtures: Path) -> None:
    assert "missing required field `shows`" in refused(fixtures, SOUND[: SOUND.index("[known.shows]")])


# ------------------------------------------------------------------ entries that cannot be meant


@pytest.mark.parametrize(
    ("old", "new", "fragment"),
    [
        ('"nobody writes a minus"', '" "', "reason is empty"),
        ('"#7"', '""', "issue is empty"),
        ('"ada"', '"\\t\\n"', "owner is empty"),
        ("0.5", "0.50001", "it is too broad: at_most is 0.50001, and has to be above 0 and at most 0.5"),
        ("0.5", "1", "it is too broad"),
        ("0.5", "0", "it is too broad"),
        ("0.5", "-0.1", "it is too broad"),
        ("0.5", "nan", "it is too broad"),
        ("0.5", "inf", "it is too broad"),
        ("0.5", "-inf", "it is too broad"),
        ('text = "-"', "", "exactly one of text, base64 and parts"),
        ('text = "-"', 'text = "-", base64 = ""', "exactly one of text, base64 and parts"),
        ('text = "-"', 'base64 = "/w"', "padding"),
        ("s /n minus go | python", "s /n minus go+python", "is not a whole signature"),
        ("s /n minus go | python", "s /n minus go | python\\n", "is not a whole signature"),
        ("s /n minus go | python", "t /n minus go | python", "not those of its signature"),
        ("s /n minus go | python", "s /n minus go | rust", "not those of its signature"),
        ("s /n minus go | python", "s /n minus go+rust | python", "not those of its signature"),
        ("s /n minus go | python", "s /n minus python | go", "not as a run writes it"),
        ("s /n minus go | python", "s /n minus go | go+python", "not as a run writes it"),
        ("s /n minus go | python", "s /n minus go+go | python", "not as a run writes it"),
        ("s /n minus go | python", "s /n known-answer-abc go | python", "not as a run writes it"),
        ("s /n minus go | python", "s /n minus contract+go | python", "not as a run writes it"),
        ("s /n minus go | python", "s /n unsteady go | python", "comes and goes by itself"),
        ("s /n minus go | python", "s /n interchange go | python", "reads what another wrote"),
    ],
)
def test_an_entry_that_cannot_be_meant_is_refused(fixtures: Path, old: str, new: str, fragment: str) -> None:
    assert old in SOUND
    sentence = refused(fixtures, SOUND.replace(old, new))
    assert "entry 1 (s): " in sentence
    assert fragment in sentence


def test_an_entry_of_a_surface_that_there_is_not_is_unmatched(fixtures: Path) -> None:
    (fixtures / "contract" / "s.rules.toml").unlink()
    assert "entry 1 (s): it is unmatched: there is no surface 's'" in refused(fixtures, SOUND)


def test_an_entry_of_a_runtime_that_there_is_not_is_unmatched(fixtures: Path) -> None:
    other = SOUND.replace('"go"', '"fortran"').replace("minus go |", "minus fortran |")
    assert "entry 1 (s): it is unmatched: there is no runtime 'fortran'" in refused(fixtures, other)


def test_the_broken_entry_is_named_by_its_place_in_the_list(fixtures: Path) -> None:
    second = SOUND.replace("/n minus", "/ok minus").replace('"#7"', '""')
    assert "entry 2 (s): issue is empty" in refused(fixtures, SOUND + second)


def test_two_entries_of_one_signature_are_refused(fixtures: Path) -> None:
    second = SOUND.replace('"#7"', '"#8"').replace("0.5", "0.01")
    assert "two entries for s /n minus go | python" in refused(fixtures, SOUND + second)


# ------------------------------------------------------------------ what counts


def counting(*entries: Known, runtimes: tuple[str, ...] = RUNTIMES, today: date = DAY) -> tuple[Any, list[str]]:
    found, wrong = stage.applicable(entries, "s", runtimes, today)
    return {str(signature): entry for signature, entry in found.items()}, wrong


def test_an_entry_counts_for_its_own_surface() -> None:
    assert stage.applicable([known()], "t", RUNTIMES, DAY) == ({}, [])
    assert counting(known()) == ({"s /n minus go | python": known()}, [])


@pytest.mark.parametrize(("days", "counts"), [(0, True), (1, True), (365, True), (-1, False), (-365, False)], ids=str)
def test_an_entry_counts_until_the_end_of_its_last_day(days: int, counts: bool) -> None:  # noqa: FBT001
    entry = known(expires=DAY + timedelta(days=days))
    found, wrong = counting(entry)
    assert bool(found) is counts
    assert wrong == ([] if counts else [f"the known divergence {entry.id} expired on {entry.expires}: ada, #7"])


def sides(line: str, *runtimes: str, **changes: Any) -> Known:  # noqa: ANN401
    return known(signature=f"s /n minus {line}", runtimes=runtimes, **changes)


@pytest.mark.parametrize(
    ("line", "among", "counts_as"),
    [
        ("go+rust | python", ("go", "python"), "go | python"),
        ("go+rust | python", ("python", "rust"), "python | rust"),
        ("go | python | rust", ("go", "rust"), "go | rust"),
        ("go+rust | python", ("go", "rust"), None),
        ("go | python", ("go", "rust"), None),
        ("go | python", ("go", "python", "rust"), "go | python"),
    ],
)
def test_where_fewer_take_part_an_entry_counts_as_it_is_seen_among_them(
    line: str, among: tuple[str, ...], counts_as: str | None
) -> None:
    found, wrong = counting(sides(line, *line.replace("+", " | ").split(" | ")), runtimes=among)
    assert list(found) == ([] if counts_as is None else [f"s /n minus {counts_as}"])
    assert wrong == []


def test_an_entry_that_expired_is_not_told_where_nobody_of_it_takes_part() -> None:
    entry = sides("go | python", "go", "python", expires=DAY - timedelta(days=1))
    assert counting(entry, runtimes=("go", "rust")) == ({}, [])


def test_what_is_one_divergence_among_fewer_may_show_as_often_as_its_entries_together() -> None:
    entries = (
        sides("go | python | rust", *RUNTIMES, at_most=0.2, input=Bytes(text="a")),
        sides("go+rust | python", *RUNTIMES, at_most=0.01, input=Bytes(text="b")),
        sides("go | python", "go", "python", at_most=0.02, input=Bytes(text="c")),
    )
    found, wrong = counting(*entries, runtimes=("go", "python"))
    (entry,) = found.values()
    assert entry.at_most == pytest.approx(0.23)
    assert wrong == []
    assert len(counting(*entries)[0]) == 3


def test_the_contract_takes_part_in_every_run() -> None:
    entry = known(signature="s /n known-answer-abc go+python | contract")
    assert list(counting(entry)[0]) == ["s /n known-answer-abc go+python | contract"]
    assert list(counting(entry, runtimes=("go", "rust"))[0]) == ["s /n known-answer-abc contract | go"]


# ------------------------------------------------------------------ whether it still is what it was

SIGNATURE = Signature("s", "/n", "minus", TWO)


def at_place(rendered: dict[str, str | None], partition: Partition = TWO) -> Divergence:
    return Divergence("/n", "/n", "text", partition, rendered)


@pytest.mark.parametrize(
    ("shown", "causes", "fragment"),
    [
        (None, (), "no longer diverges so at its own input; if it is fixed, take it out of known.toml"),
        ({"go": "1", "python": "2"}, ("markup",), "has another cause now: markup"),
        ({"go": "1", "python": "2"}, ("unknown",), "has another cause now: unknown"),
        ({"go": "1", "python": "2"}, ("markup", "order"), "has another cause now: markup or order"),
        ({"go": "1", "python": "3"}, ("minus",), "has changed: python answers otherwise than known.toml says"),
        ({"go": "2", "python": "1"}, ("minus",), "has changed: go, python answers otherwise"),
        ({"go": "1", "python": None}, ("minus",), "has changed: python answers otherwise"),
        ({"go": "1", "python": "2.0"}, ("minus",), "has changed: python answers otherwise"),
    ],
)
def test_what_is_not_as_it_was_is_told(
    shown: dict[str, str | None] | None, causes: tuple[str, ...], fragment: str
) -> None:
    sentence = stage.changed(known(), SIGNATURE, None if shown is None else at_place(shown), causes)
    assert sentence is not None
    assert sentence.startswith(f"the known divergence {known().id} (#7) ")
    assert fragment in sentence


def test_what_is_as_it_was_is_no_news() -> None:
    same = at_place({"go": "1", "python": "2"})
    assert stage.changed(known(), SIGNATURE, same, ("minus",)) is None
    assert stage.changed(known(), SIGNATURE, same, ("markup", "minus")) is None


def test_one_that_had_nothing_and_now_has_something_is_told() -> None:
    missing = known(shows={"go": "1"})
    assert stage.changed(missing, SIGNATURE, at_place({"go": "1", "python": None}), ("minus",)) is None
    assert "python" in (stage.changed(missing, SIGNATURE, at_place({"go": "1", "python": ""}), ("minus",)) or "")


def test_of_those_who_take_no_part_nothing_is_compared() -> None:
    three = known(shows={"go": "1", "python": "2", "rust": "3"})
    assert stage.changed(three, SIGNATURE, at_place({"go": "1", "python": "2"}), ("minus",)) is None


@pytest.mark.parametrize("text", ["x" * 5000, "\udcff", "a\udc80b" * 2000, "{" + "é" * 2001])
def test_what_is_long_or_no_text_stands_there_as_a_digest_and_is_still_compared(text: str) -> None:
    shows = stage.shows(at_place({"go": "1", "python": text, "rust": None}))
    assert shows["go"] == "1"
    assert shows["python"].startswith("sha256:")
    assert len(shows["python"]) == len("sha256:") + 64
    assert "rust" not in shows
    assert stage.changed(known(shows=shows), SIGNATURE, at_place({"go": "1", "python": text}), ("minus",)) is None
    other = at_place({"go": "1", "python": text[:-1] + "y"})
    assert "python answers otherwise" in (stage.changed(known(shows=shows), SIGNATURE, other, ("minus",)) or "")


def test_what_is_just_short_enough_stands_there_itself() -> None:
    text = "x" * stage.LONGEST
    assert stage.shows(at_place({"go": text, "python": "2"}))["go"] == text


# ------------------------------------------------------------------ too broad


@pytest.mark.parametrize(
    ("at_most", "hits", "total", "fits"),
    [
        (0.5, 10_000, 20_000, True),
        (0.5, 10_300, 20_000, True),
        (0.5, 10_400, 20_000, False),
        (0.001, 20, 20_000, True),
        (0.001, 33, 20_000, True),
        (0.001, 40, 20_000, False),
        (0.02, 400, 20_000, True),
        (0.02, 800, 20_000, False),
        (0.02, 10_800, 500_000, False),
        (0.001, 4, 320, True),  # three known answers and its own input: no draw at all
        (0.001, 12, 50, True),
        (0.001, 3, 3, True),
        (0.5, 290, 300, False),
    ],
)
def test_an_entry_that_shows_in_more_cases_than_it_may_is_told(
    at_most: float,
    hits: int,
    total: int,
    fits: bool,  # noqa: FBT001
) -> None:
    sentence = stage.too_broad(known(at_most=at_most), hits, total)
    if fits:
        assert sentence is None
    else:
        assert sentence == (
            f"the known divergence {known().id} is too broad: {hits} of {total} cases show it, and at_most is {at_most}"
        )
