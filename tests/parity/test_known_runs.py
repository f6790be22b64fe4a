"""Known divergences in a run: let through while they are what they were, and no hiding place for anything else."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import msgspec
import pytest

from parity import gate, known, pipeline
from parity.errors import FixtureError
from parity.generate.grammar import pick
from parity.model import Bytes, Origin, Signature, Verdict
from parity.report import matrix
from parity.report.summary import SummaryFile
from tests.parity import made
from tests.parity.listed import ENTRY, OF_THREE, PAIR, TRIO, is_green, listed, new, seen
from tests.parity.projects import MARKUP, Recorder, kept, probe, run

if TYPE_CHECKING:
    from pathlib import Path

    from parity.tally import Tally

TODAY = date(2030, 5, 17)


class Clock:
    """Stands in the place of `datetime`: a second before midnight, where UTC is asked for."""

    @staticmethod
    def now(zone: object) -> datetime:
        assert zone is UTC
        return datetime(TODAY.year, TODAY.month, TODAY.day, 23, 59, 59, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "datetime", Clock)


# ------------------------------------------------------------------ green while it is what it was


def test_it_is_let_through_while_it_diverges_as_it_did(tmp_path: Path) -> None:
    settings = listed(tmp_path, TRIO, OF_THREE)
    tally = run(settings)
    assert is_green(tally)
    assert tally.phases == list(pipeline.PHASES)
    assert tally.known_cases == tally.verdicts[Verdict.DIVERGE] > 20
    surface = seen(settings, tally)
    (finding,) = surface.divergences
    assert finding.known == "#7 (ada, until 2999-12-31)"
    assert finding.case == {"text": "-"}
    assert finding.cases == tally.known_cases


def test_the_gate_and_the_matrix_tell_it_from_what_is_new(tmp_path: Path) -> None:
    settings = listed(tmp_path, TRIO, OF_THREE)
    summary = SummaryFile(settings, "r", "c").update(made.ready(*settings.runtimes), run(settings))
    assert gate.sentences(summary) == []
    assert matrix.rows(summary)[1][-1] == "agree (1 known, 3 of 3)"
    summary.complete = True
    assert gate.exit_code(summary) == 0


def test_it_is_not_written_to_the_corpus(tmp_path: Path) -> None:
    settings = listed(tmp_path, TRIO, OF_THREE)
    run(settings)
    assert kept(settings) == []
    assert [file.stem for file in (settings.state / "findings").glob("s/*.json")] == [OF_THREE.id], "a replay knows it"


def test_its_own_input_is_asked_in_every_run(tmp_path: Path) -> None:
    """Also where the grammar would never come across it."""
    tally = run(listed(tmp_path, PAIR, ENTRY), probe(inputs=pick(*"abcdefgh")))
    assert is_green(tally)
    assert tally.cases[Origin.CORPUS] == tally.known_cases == 1


@pytest.mark.parametrize("phase", pipeline.PHASES)
def test_a_run_of_one_phase_raises_no_false_alarm(tmp_path: Path, phase: str) -> None:
    settings = listed(tmp_path, PAIR, ENTRY, known={"abc": b'{"n":3,"ok":true}', "a-": b'{"n":2,"ok":true}'})
    assert is_green(run(settings, phases=(phase,)))


@pytest.mark.parametrize("cases", [1, 5, 20])
def test_a_small_run_raises_no_false_alarm(tmp_path: Path, cases: int) -> None:
    answers = {"-" * size: b'{"n":%d,"ok":true}' % size for size in range(1, 8)} | {"abc": b'{"n":3,"ok":true}'}
    settings = listed(tmp_path, PAIR, msgspec.structs.replace(ENTRY, at_most=0.01), known=answers, cases=cases)
    assert is_green(run(settings, phases=("known_answers", "corpus", "audit") if cases == 1 else pipeline.PHASES))


def test_the_summary_in_between_tells_known_from_new(tmp_path: Path) -> None:
    """So a run that is killed leaves it as it was at its last finding."""
    settings = listed(tmp_path, PAIR | {"python": "not_ok_at_markup"}, ENTRY)
    states: list[list[tuple[str, bool]]] = []

    class Watching(Recorder):
        def found(self, tally: Tally) -> None:
            states.append([(one.path, one.known is None) for one in seen(settings, tally).divergences])

    run(settings, phases=("corpus", "sweep"), listener=Watching())
    assert states[0] == [("/n", False)]
    assert states[-1] == [("/n", False), ("/ok", True)]
    assert all(("/n", True) not in state for state in states)


# ------------------------------------------------------------------ red once it is not


def test_one_that_stopped_is_red(tmp_path: Path) -> None:
    tally = run(listed(tmp_path, PAIR | {"python": "plain"}, ENTRY))
    assert tally.verdict is Verdict.VACUOUS
    (note,) = tally.notes
    assert note == (
        f"the known divergence {ENTRY.id} (#7) no longer diverges so at its own input; "
        "if it is fixed, take it out of known.toml"
    )


def test_one_that_stopped_at_its_own_input_is_red_though_it_goes_on_elsewhere(tmp_path: Path) -> None:
    tally = run(listed(tmp_path, PAIR, msgspec.structs.replace(ENTRY, input=Bytes(text="a"))))
    assert tally.verdict is Verdict.VACUOUS
    assert "no longer diverges so at its own input" in tally.notes[0]


@pytest.mark.parametrize(
    ("runtimes", "who"),
    [
        ({"go": "plain", "python": "minus_by_two"}, "python answers otherwise"),
        ({"go": "minus_by_two", "python": "minus"}, "go answers otherwise"),
        ({"go": "minus", "python": "minus_by_two"}, "go, python answers otherwise"),
    ],
)
def test_one_that_shows_something_else_is_red(tmp_path: Path, runtimes: dict[str, str], who: str) -> None:
    tally = run(listed(tmp_path, runtimes, ENTRY))
    assert tally.verdict is Verdict.VACUOUS
    assert tally.notes == [f"the known divergence {ENTRY.id} (#7) has changed: {who} than known.toml says"]


def test_one_whose_cause_changed_is_red(tmp_path: Path) -> None:
    """Its own input still diverges, at the same place, and shows the same."""
    entry = msgspec.structs.replace(ENTRY, input=Bytes(text="-<"), shows={"go": "2", "python": "3"})
    assert is_green(run(listed(tmp_path / "before", PAIR, entry)))
    settings = listed(tmp_path / "after", PAIR | {"python": "markup"}, entry)
    tally = run(settings)
    assert tally.verdict is Verdict.DIVERGE
    assert f"the known divergence {entry.id} (#7) has another cause now: markup" in tally.notes
    assert new(settings, tally) == {("/n", "markup")}


def test_one_whose_cause_was_unknown_and_has_a_name_now_is_red(tmp_path: Path) -> None:
    entry = msgspec.structs.replace(ENTRY, signature="s /n unknown go | python")
    nameless = msgspec.structs.replace(probe(), drift_classes=(MARKUP,))
    assert is_green(run(listed(tmp_path / "a", PAIR, entry), nameless))
    settings = listed(tmp_path / "b", PAIR, entry)
    assert new(settings, run(settings)) == {("/n", "minus")}


@pytest.mark.parametrize(("days", "green"), [(0, True), (1, True), (-1, False)])
def test_one_is_green_on_its_last_day_and_red_after_it(tmp_path: Path, days: int, green: bool) -> None:  # noqa: FBT001
    settings = listed(tmp_path, PAIR, msgspec.structs.replace(ENTRY, expires=TODAY + timedelta(days=days)))
    tally = run(settings)
    assert is_green(tally) is green
    if not green:
        assert tally.verdict is Verdict.DIVERGE
        assert tally.notes == [f"the known divergence {ENTRY.id} expired on 2030-05-16: ada, #7"]
        assert new(settings, tally) == {("/n", "minus")}
        assert kept(settings), "what is known no longer is a finding like any other"


def test_one_that_expired_is_red_though_it_is_fixed(tmp_path: Path) -> None:
    entry = msgspec.structs.replace(ENTRY, expires=TODAY - timedelta(days=1))
    tally = run(listed(tmp_path, PAIR | {"python": "plain"}, entry))
    assert tally.verdict is Verdict.VACUOUS
    assert "expired on 2030-05-16" in tally.notes[0]


def test_one_that_shows_more_often_than_it_may_is_red(tmp_path: Path) -> None:
    settings = listed(tmp_path, PAIR, msgspec.structs.replace(ENTRY, at_most=0.05))
    tally = run(settings)
    hits = tally.hits[Signature.parse(ENTRY.signature)]
    assert tally.verdict is Verdict.VACUOUS
    assert tally.notes == [
        f"the known divergence {ENTRY.id} is too broad: {hits} of {tally.total} cases show it, and at_most is 0.05"
    ]


def test_a_broken_list_ends_the_run_before_anything_is_asked(tmp_path: Path) -> None:
    settings = listed(tmp_path, PAIR)
    (settings.fixtures / known.FILE).write_text("[[known]]\n")
    with pytest.raises(FixtureError, match=r"known\.toml is broken"):
        run(settings)


def test_a_fault_beside_a_known_one_is_red(tmp_path: Path) -> None:
    tally = run(listed(tmp_path, PAIR | {"rust": "crash"}, OF_THREE, known={}), phases=("corpus", "sweep"))
    assert tally.faults
    assert tally.verdict is not Verdict.AGREE
