"""What is known is no hiding place: another bug beside it is red, whoever takes part."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import msgspec
import pytest

from parity import gate, investigate, known
from parity.generate.grammar import pick
from parity.model import Bytes, Origin, Verdict
from parity.report.summary import SummaryFile
from tests.parity import made
from tests.parity.listed import ENTRY, OF_THREE, PAIR, TRIO, is_green, listed, new, seen
from tests.parity.projects import MARKUP, MINUS, consistent, kept, probe, project, run

if TYPE_CHECKING:
    from pathlib import Path


# ------------------------------------------------------------------ another bug does not hide behind it


@pytest.mark.parametrize(
    ("python", "found"),
    [
        pytest.param("not_ok_at_markup", {("/ok", "markup")}, id="beside-it-and-elsewhere"),
        pytest.param("minus_or_markup", {("/n", "markup")}, id="at-its-place-with-another-cause"),
        pytest.param("minus_or_x", {("/n", "unknown")}, id="at-its-place-with-no-cause"),
        pytest.param("minus_and_markup", {("/n", "markup")}, id="of-another-type-at-its-place"),
        pytest.param("beside", {("/ok", "unknown")}, id="at-every-input"),
    ],
)
def test_a_second_bug_is_red_and_told_apart(tmp_path: Path, python: str, found: set[tuple[str, str]]) -> None:
    settings = listed(tmp_path, PAIR | {"python": python}, ENTRY)
    tally = run(settings)
    assert tally.verdict is Verdict.DIVERGE
    assert new(settings, tally) == found
    assert [entry for entry in seen(settings, tally).divergences if entry.known is not None]
    assert tally.verdicts[Verdict.DIVERGE] > tally.known_cases
    swept = [one for one in tally.findings.values() if one.origin is Origin.SWEPT]
    assert len(kept(settings)) == len(swept), "the new one is kept, the known one is not"
    summary = SummaryFile(settings, "r", "c").update(made.ready(*settings.runtimes), tally)
    sentences = gate.sentences(summary)
    assert all(one.id in " ".join(sentences) for one in gate.new(summary.surfaces[0]))
    assert all(ENTRY.id not in sentence for sentence in sentences)


def test_a_second_bug_that_shows_only_in_the_cases_of_the_first_is_red(tmp_path: Path) -> None:
    settings = listed(tmp_path, PAIR | {"python": "not_ok_at_both"}, ENTRY)
    tally = run(settings)
    assert tally.verdict is Verdict.DIVERGE
    assert {place for place, _ in new(settings, tally)} == {"/ok"}
    assert tally.known_cases < tally.verdicts[Verdict.DIVERGE]


def test_a_case_that_shows_a_known_and_a_new_one_is_not_known(tmp_path: Path) -> None:
    settings = listed(tmp_path, PAIR | {"python": "not_ok_at_both"}, ENTRY)
    tally = run(settings, probe(inputs=pick("-<")), phases=("sweep",))
    assert (tally.total, tally.verdicts[Verdict.DIVERGE], tally.known_cases) == (1, 1, 0)
    assert tally.verdict is Verdict.DIVERGE


def test_a_second_bug_at_its_place_that_shows_only_beside_it_is_red(tmp_path: Path) -> None:
    """Both causes explain the case; what each needs by itself tells them apart."""
    settings = listed(tmp_path, PAIR | {"python": "minus_or_markup"}, ENTRY)
    tally = run(settings, probe(inputs=pick("-<")))
    assert tally.verdict is Verdict.DIVERGE
    assert new(settings, tally) == {("/n", "markup")}
    assert [finding.case.input for finding in tally.findings.values() if finding.signature.drift_class == "markup"] == [
        b"<"
    ]


def test_a_second_bug_at_its_place_does_not_hide_before_the_first_was_seen(tmp_path: Path) -> None:
    """The known answers come first, and the entry's own input comes after them."""
    answers = {"-<": b'{"n":2,"ok":true}', "abc": b'{"n":3,"ok":true}'}
    settings = listed(tmp_path, PAIR | {"python": "minus_or_markup"}, ENTRY, known=answers)
    tally = run(settings, probe(inputs=pick("a")))
    assert new(settings, tally) == {("/n", "markup")}


def test_a_second_bug_does_not_hide_where_no_more_causes_are_looked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(investigate, "MOST_CLASSIFIED", 1)
    settings = listed(tmp_path, PAIR | {"python": "minus_or_markup"}, ENTRY)
    tally = run(settings)
    assert tally.verdict is Verdict.DIVERGE
    assert new(settings, tally) == {("/n", "markup")}


def test_known_ones_do_not_end_the_search_for_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(investigate, "MOST_FINDINGS", 1)
    settings = listed(tmp_path / "sound", PAIR, ENTRY, cases=3000)
    tally = run(settings)
    assert is_green(tally)
    assert tally.cases[Origin.SWEPT] == 3000
    settings = listed(tmp_path / "more", PAIR | {"python": "not_ok_at_markup"}, ENTRY)
    assert new(settings, run(settings)) == {("/ok", "markup")}


def test_a_second_bug_among_those_who_answer_is_red_where_a_third_is_known_to_refuse(tmp_path: Path) -> None:
    entry = msgspec.structs.replace(
        OF_THREE,
        signature="s / minus go+python | rust",
        shows={"go": "answered", "python": "answered", "rust": "refused"},
    )
    before = {"go": "plain", "python": "plain", "rust": "refuse_minus"}
    assert is_green(run(listed(tmp_path / "before", before, entry)))
    tally = run(listed(tmp_path / "after", before | {"python": "minus"}, entry))
    assert tally.verdict is Verdict.DIVERGE


def test_a_second_bug_without_a_cause_at_the_place_of_one_without_is_told_by_its_share_alone(tmp_path: Path) -> None:
    """Nothing but how often it shows tells two bugs of unknown causes apart, so `known add` warns of them."""
    nameless = msgspec.structs.replace(probe(), drift_classes=())
    entry = msgspec.structs.replace(ENTRY, signature="s /n unknown go | python", at_most=0.45)
    assert is_green(run(listed(tmp_path / "before", PAIR, entry), nameless))
    tally = run(listed(tmp_path / "after", PAIR | {"python": "minus_or_x"}, entry), nameless)
    assert tally.verdict is Verdict.VACUOUS
    assert "is too broad" in tally.notes[0]


MEETS_IT = {"a-": b'{"n":2,"ok":true}', "abc": b'{"n":3,"ok":true}'}
"""Known answers of which python misses the first one, as the list says, and go meets both."""


@pytest.mark.parametrize(
    "runtimes",
    [
        pytest.param({"go": "wrong_at_a_minus", "python": "minus"}, id="at-its-place"),
        pytest.param({"go": "not_ok_at_a_minus", "python": "minus_and_not_ok_at_a_minus"}, id="elsewhere"),
    ],
)
def test_a_known_answer_that_nobody_meets_any_more_is_red_though_a_known_one_shows_there(
    tmp_path: Path, runtimes: dict[str, str]
) -> None:
    assert is_green(run(listed(tmp_path / "before", PAIR, ENTRY, known=MEETS_IT)))
    tally = run(listed(tmp_path / "after", runtimes, ENTRY, known=MEETS_IT), phases=("known_answers", "corpus"))
    assert tally.verdict is Verdict.DIVERGE


def test_an_entry_of_a_surface_without_a_probe_is_red(tmp_path: Path) -> None:
    settings = project(tmp_path, PAIR | {"python": "plain"})
    (settings.fixtures / "contract" / "t.rules.toml").touch()
    (tmp_path / "probes").mkdir()
    known.add(msgspec.structs.replace(ENTRY, surface="t", signature="t /n minus go | python"), settings.fixtures)
    assert run(msgspec.structs.replace(settings, probes=(tmp_path / "probes",))).notes


def test_one_that_comes_and_goes_is_not_let_through(tmp_path: Path) -> None:
    settings = listed(tmp_path, PAIR | {"python": "unsteady_minus"}, ENTRY)
    tally = run(settings)
    assert tally.verdict is Verdict.DIVERGE
    assert ("/n", investigate.UNSTEADY) in new(settings, tally)


def test_the_same_bug_on_the_other_side_is_another_one(tmp_path: Path) -> None:
    settings = listed(tmp_path, TRIO | {"python": "plain", "rust": "minus"}, OF_THREE)
    tally = run(settings)
    assert new(settings, tally) == {("/n", "minus")}
    assert "no longer diverges so" in tally.notes[0]


# ------------------------------------------------------------------ who takes part

APART = made.known(
    signature="s /n minus go | python | rust",
    runtimes=("go", "python", "rust"),
    shows={"go": "1", "python": "2", "rust": "3"},
)
ALL_APART = {"go": "plain", "python": "minus", "rust": "minus_by_two"}


@pytest.mark.parametrize("among", ["go,python,rust", "go,python", "python,rust", "go,rust"])
def test_of_three_who_all_differ_any_two_are_known(tmp_path: Path, among: str) -> None:
    assert is_green(run(listed(tmp_path, ALL_APART, APART, runtimes=among)))


@pytest.mark.parametrize(("among", "green"), [("go,python", True), ("python,rust", True), ("go,rust", True)])
def test_where_one_against_two_is_known_each_pair_is_green(tmp_path: Path, among: str, green: bool) -> None:  # noqa: FBT001
    tally = run(listed(tmp_path, TRIO, OF_THREE, runtimes=among))
    assert is_green(tally) is green
    assert bool(tally.findings) is ("python" in among)


def test_what_two_of_three_show_is_held_to_the_list_too(tmp_path: Path) -> None:
    stopped = listed(tmp_path / "a", ALL_APART | {"python": "plain"}, APART, runtimes="go,python")
    assert "no longer diverges so" in run(stopped).notes[0]
    changed = listed(tmp_path / "b", ALL_APART | {"python": "minus_by_two"}, APART, runtimes="go,python")
    assert "has changed: python answers otherwise" in run(changed).notes[0]
    joined = listed(tmp_path / "c", TRIO | {"rust": "minus"}, OF_THREE, runtimes="go,rust")
    assert new(joined, run(joined)) == {("/n", "minus")}


def test_entries_that_two_of_three_cannot_tell_apart_are_green_together(tmp_path: Path) -> None:
    """Among three: python and rust miscount by one where there is a minus, or all differ."""
    entries = [
        msgspec.structs.replace(APART, at_most=0.001),
        msgspec.structs.replace(OF_THREE, at_most=0.5),
    ]
    tally = run(listed(tmp_path, TRIO, *entries, runtimes="go,python"))
    assert is_green(tally)


@pytest.mark.parametrize("java", ["plain", "minus", "minus_by_two"])
def test_a_fourth_one_makes_it_another_divergence(tmp_path: Path, java: str) -> None:
    """The list does not speak of it, whichever side it takes."""
    settings = listed(tmp_path, TRIO | {"java": java}, OF_THREE)
    tally = run(settings)
    assert tally.verdict is Verdict.DIVERGE
    assert new(settings, tally) == {("/n", "minus")}
    assert "no longer diverges so at its own input" in tally.notes[0]
    assert is_green(run(listed(tmp_path, TRIO | {"java": java}, OF_THREE, runtimes="go,python,rust")))


# ------------------------------------------------------------------ known answers that all contradict

CONTRADICTED = made.known(
    signature="s /n known-answer-abc go+python | contract",
    input=Bytes(text="abc"),
    shows={"go": "3", "python": "3", "contract": "99"},
)
SOUND = {"go": "plain", "python": "plain"}
WRONG = {"abc": b'{"n":99,"ok":true}'}


def test_a_known_answer_that_all_contradict_can_be_known(tmp_path: Path) -> None:
    settings = listed(tmp_path, SOUND, CONTRADICTED, known=WRONG)
    tally = run(settings)
    assert is_green(tally)
    assert (tally.known_cases, tally.verdicts[Verdict.DIVERGE]) == (1, 1)
    (finding,) = seen(settings, tally).divergences
    assert finding.known == "#7 (ada, until 2999-12-31)"


@pytest.mark.parametrize("among", ["go,python", "go,rust", "go,python,rust"])
def test_one_that_all_contradict_is_known_among_some_of_them_too(tmp_path: Path, among: str) -> None:
    entry = msgspec.structs.replace(
        CONTRADICTED,
        signature="s /n known-answer-abc go+python+rust | contract",
        runtimes=("go", "python", "rust"),
        shows=CONTRADICTED.shows | {"rust": "3"},
    )
    tally = run(listed(tmp_path, SOUND | {"rust": "plain"}, entry, known=WRONG, runtimes=among))
    assert is_green(tally)
    assert tally.known_cases == 1


@pytest.mark.parametrize("phases", [("known_answers",), ("known_answers", "corpus"), ("corpus",), ("sweep",)])
def test_of_one_in_a_run_of_some_phases_there_is_no_false_alarm(tmp_path: Path, phases: tuple[str, ...]) -> None:
    assert is_green(run(listed(tmp_path, SOUND, CONTRADICTED, known=WRONG), phases=phases))


@pytest.mark.parametrize(
    ("answers", "fragment"),
    [
        pytest.param({"abc": b'{"n":3,"ok":true}'}, "no longer diverges so", id="the-contract-came-round"),
        pytest.param(
            {"abc": b'{"n":98,"ok":true}'}, "has changed: contract answers otherwise", id="the-contract-changed"
        ),
        pytest.param({"abd": b'{"n":3,"ok":true}'}, "no longer diverges so", id="it-is-gone"),
    ],
)
def test_one_that_is_not_as_it_was_is_red(tmp_path: Path, answers: dict[str, bytes], fragment: str) -> None:
    tally = run(listed(tmp_path, SOUND, CONTRADICTED, known=answers))
    assert tally.verdict is Verdict.VACUOUS
    assert fragment in tally.notes[0]


def test_one_of_another_input_under_the_same_name_is_red(tmp_path: Path) -> None:
    settings = listed(tmp_path, SOUND, CONTRADICTED, known=WRONG)
    file = settings.fixtures / "known_answers" / "s" / "abc.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"input": {"text": "xyz"}}))
    tally = run(settings)
    assert tally.verdict is not Verdict.AGREE
    assert "no longer diverges so at its own input" in tally.notes[0]


def test_one_that_is_contradicted_at_a_second_place_is_red(tmp_path: Path) -> None:
    settings = listed(tmp_path, {"go": "not_ok_at_abc", "python": "not_ok_at_abc"}, CONTRADICTED, known=WRONG)
    tally = run(settings)
    assert tally.verdict is Verdict.DIVERGE
    assert new(settings, tally) == {("/ok", "known-answer-abc")}
    assert consistent(tally)


def test_another_contradicted_answer_is_not_known(tmp_path: Path) -> None:
    settings = listed(tmp_path, SOUND, CONTRADICTED, known=WRONG | {"ab": b'{"n":99,"ok":true}'})
    assert new(settings, run(settings)) == {("/n", "known-answer-ab")}


def test_where_the_runtimes_differ_at_one_it_is_another_divergence(tmp_path: Path) -> None:
    settings = listed(tmp_path, SOUND | {"python": "not_ok_at_abc"}, CONTRADICTED, known=WRONG)
    tally = run(settings)
    assert tally.verdict is Verdict.DIVERGE
    assert ("/ok", "unknown") in new(settings, tally)


def test_drift_classes_are_those_of_the_probe() -> None:
    """What the entries of this file speak of."""
    assert [one.name for one in probe().drift_classes] == [MINUS.name, MARKUP.name]
