"""The pipeline, with functions for testees: what it finds, keeps, counts and refuses to call green."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest

from parity import Normaliser, investigate, pipeline
from parity.count import MOST_FAULTS
from parity.errors import FixtureError, UsageError
from parity.generate.grammar import pick
from parity.model import Kind, Origin, Signature, Verdict
from parity.report import markdown
from parity.report.summary import SummaryFile
from tests.parity import callables
from tests.parity.projects import DROP_T, MARKUP, Recorder, consistent, kept, probe, project, run

if TYPE_CHECKING:
    from pathlib import Path


# ------------------------------------------------------------------ agree


def test_runtimes_that_answer_alike_agree(tmp_path: Path) -> None:
    tally = run(project(tmp_path, {"go": "plain", "python": "plain", "rust": "plain"}))
    assert tally.verdict is Verdict.AGREE
    assert tally.runtimes == ("go", "python", "rust")
    assert dict(tally.cases) == {Origin.KNOWN_ANSWER: 1, Origin.SWEPT: 300, Origin.EXPLORED: 8}
    assert tally.verdicts == {Verdict.AGREE: 309}
    assert tally.answered == tally.accepted == {"go": 309, "python": 309, "rust": 309}
    assert (tally.findings, tally.faults, tally.notes) == ({}, [], [])
    assert tally.phases == list(pipeline.PHASES)


def test_every_testee_hears_the_same_bytes(tmp_path: Path) -> None:
    for heard in callables.HEARD.values():
        heard.clear()
    run(project(tmp_path, {"go": "one", "python": "other"}))
    assert callables.HEARD["one"] == callables.HEARD["other"]
    assert len(set(callables.HEARD["one"])) == 309


def test_a_phase_runs_once(tmp_path: Path) -> None:
    settings = project(tmp_path, {"go": "plain", "python": "plain"})
    assert run(settings, phases=("sweep", "sweep", "known_answers", "known_answers")).total == 301


def test_the_audit_runs_what_has_not_run_yet(tmp_path: Path) -> None:
    settings = project(tmp_path, {"go": "plain", "python": "plain"})
    assert run(settings, phases=("audit",)).total == 309


def test_asking_about_one_case_counts_and_keeps_nothing(tmp_path: Path) -> None:
    settings = project(tmp_path, {"go": "plain", "python": "minus"})
    started = pipeline.Run(settings, Recorder())
    try:
        surface = started.surface(probe())
        outcome = surface.ask(b"-")
    finally:
        started.close()
    assert [(found.path, found.what) for found in outcome.divergences] == [("/n", "text")]
    assert (surface.tally.total, kept(settings)) == (0, [])


# ------------------------------------------------------------------ diverge

THREE = {"go": "plain", "python": "minus", "rust": "plain"}
MINUS_SIGNATURE = Signature("s", "/n", "minus", (("go", "rust"), ("python",)))


def test_a_divergence_is_found_named_and_shrunk(tmp_path: Path) -> None:
    tally = run(project(tmp_path, THREE))
    assert tally.verdict is Verdict.DIVERGE
    (found,) = tally.findings.values()
    assert found.signature == MINUS_SIGNATURE
    assert (found.case.input, found.minimal, found.origin) == (b"-", True, Origin.SWEPT)
    assert found.observations["python"].output == b'{"n":2,"ok":true}'
    assert found.divergence.rendered == {"go": "1", "python": "2", "rust": "1"}
    assert tally.hits[MINUS_SIGNATURE] == tally.verdicts[Verdict.DIVERGE] > 1
    assert consistent(tally)


def test_a_divergence_is_kept_and_replayed_by_the_next_run(tmp_path: Path) -> None:
    settings = project(tmp_path, THREE)
    run(settings)
    expected = [{"surface": "s", "signature": str(MINUS_SIGNATURE), "input": {"text": "-"}}]
    assert kept(settings) == expected
    tally = run(settings, phases=("corpus",))
    (found,) = tally.findings.values()
    assert (found.signature, found.origin, tally.total) == (MINUS_SIGNATURE, Origin.CORPUS, 1)
    assert kept(settings) == expected, "what comes from the corpus is not kept again"


def test_a_kept_case_that_agrees_again_is_a_case_like_any_other(tmp_path: Path) -> None:
    run(project(tmp_path, THREE))
    tally = run(project(tmp_path, THREE | {"python": "plain"}))
    assert (tally.verdict, tally.cases[Origin.CORPUS]) == (Verdict.AGREE, 1)


def test_two_bugs_are_two_findings_each_with_its_own_minimum(tmp_path: Path) -> None:
    tally = run(project(tmp_path, THREE | {"python": "minus_and_markup"}))
    minima = {found.signature.drift_class: found.case.input for found in tally.findings.values()}
    assert (minima["minus"], minima["markup"]) == (b"-", b"<")


def test_an_input_that_shows_two_known_bugs_at_once_is_no_third_one(tmp_path: Path) -> None:
    tally = run(project(tmp_path, THREE | {"python": "minus_and_markup"}))
    assert {found.signature.drift_class for found in tally.findings.values()} == {"minus", "markup"}


def test_a_cause_that_nobody_declared_is_unknown(tmp_path: Path) -> None:
    one = msgspec.structs.replace(probe(), drift_classes=(MARKUP,))
    (found,) = run(project(tmp_path, THREE), one).findings.values()
    assert (found.signature.drift_class, found.case.input) == ("unknown", b"-")


def test_the_listener_hears_of_a_finding_at_once(tmp_path: Path) -> None:
    listener = Recorder()
    run(project(tmp_path, THREE), phases=("sweep",), listener=listener)
    assert listener.findings[:1] == [1]
    assert "sweep" in listener.phases


def test_a_planted_run_writes_no_corpus(tmp_path: Path) -> None:
    settings = project(tmp_path, THREE)
    tally = run(settings, plants={"python": "miscount"})
    assert list(tally.findings) == [MINUS_SIGNATURE]
    assert kept(settings) == []
    assert list((settings.state / "findings").glob("s/*.json")), "though a replay by its id knows it"


@pytest.mark.parametrize(("partner", "places"), [("refuse", 1), ("invalid", 2)])
def test_one_that_answers_otherwise_at_every_input_is_one_finding_a_place(
    tmp_path: Path, partner: str, places: int
) -> None:
    tally = run(project(tmp_path, {"go": "plain", "python": partner}))
    assert len({finding.signature.pattern for finding in tally.findings.values()}) == len(tally.findings) == places
    assert {finding.case.input for finding in tally.findings.values()} == {b""}
    assert consistent(tally)


# ------------------------------------------------------------------ known answers

WRONG = {"abc": b'{"n":99,"ok":true}'}


def test_a_known_answer_that_contradicts_all_runtimes_is_a_divergence(tmp_path: Path) -> None:
    settings = project(tmp_path, {"go": "plain", "python": "plain"}, WRONG)
    tally = run(settings)
    assert tally.verdict is Verdict.DIVERGE
    (found,) = tally.findings.values()
    assert found.signature == Signature("s", "/n", "known-answer-abc", (("go", "python"), (investigate.CONTRACT,)))
    assert (found.case.input, found.origin) == (b"abc", Origin.KNOWN_ANSWER)
    assert found.divergence.rendered == {"go": "3", "python": "3", "contract": "99"}
    assert (tally.verdicts[Verdict.AGREE], tally.verdicts[Verdict.DIVERGE]) == (308, 1)
    assert kept(settings) == [], "it is kept already, as the known answer"


def test_a_known_answer_is_compared_by_bytes(tmp_path: Path) -> None:
    tally = run(project(tmp_path, {"go": "plain", "python": "plain"}, {"abc": b'{"n": 3,"ok":true}'}))
    assert [found.divergence.what for found in tally.findings.values()] == ["layout"]


@pytest.mark.parametrize(
    "runtimes",
    [
        pytest.param({"go": "plain", "python": "crash_always"}, id="one-crashed"),
        pytest.param({"go": "refuse", "python": "refuse"}, id="all-refused"),
        pytest.param({"go": "invalid", "python": "invalid"}, id="all-invalid-alike"),
    ],
)
def test_every_case_has_one_verdict_also_where_a_known_answer_differs(tmp_path: Path, runtimes: dict[str, str]) -> None:
    tally = run(project(tmp_path, runtimes, WRONG), phases=("known_answers",))
    assert tally.verdict is Verdict.DIVERGE
    assert consistent(tally), tally.verdicts


def test_a_broken_known_answer_ends_the_phase(tmp_path: Path) -> None:
    settings = project(tmp_path, {"go": "plain", "python": "plain"})
    (settings.fixtures / "known_answers" / "s" / "broken.json").write_text("{")
    with pytest.raises(FixtureError, match=r"broken\.json"):
        run(settings)


# ------------------------------------------------------------------ vacuous


@pytest.mark.parametrize(
    ("runtimes", "known", "note"),
    [
        pytest.param(
            {"go": "invalid", "python": "invalid"}, {}, "do not fit the contract's schema", id="invalid-alike"
        ),
        pytest.param(
            {"go": "invalid_at_markup", "python": "invalid_at_markup"},
            None,
            "do not fit the contract's schema",
            id="some-invalid-alike",
        ),
        pytest.param(
            {"go": "not_ok", "python": "not_ok"}, {}, "python never took the accept path of s", id="not-accepted"
        ),
        pytest.param({"go": "refuse", "python": "refuse"}, {}, "go never took the accept path of s", id="all-refuse"),
        pytest.param({"go": "plain", "python": "plain"}, {}, "s has no known answers", id="no-known-answers"),
        pytest.param({"go": "plain"}, None, "fewer than two runtimes serve s (ready: go)", id="one-runtime"),
    ],
)
def test_what_shows_nothing_is_not_green(
    tmp_path: Path, runtimes: dict[str, str], known: dict[str, bytes] | None, note: str
) -> None:
    tally = run(project(tmp_path, runtimes, known))
    assert tally.verdict is Verdict.VACUOUS
    assert any(note in said for said in tally.notes), tally.notes
    assert tally.findings == {}


def test_a_runtime_that_cannot_be_imported_is_not_compared(tmp_path: Path) -> None:
    settings = project(tmp_path, {"go": "plain", "python": "no_such_function"})
    started = pipeline.Run(settings, Recorder())
    try:
        state = started.states["python"]
        surface = started.surface(probe())
        surface.phase("sweep")
    finally:
        started.close()
    assert state.status == "failed"
    assert "no_such_function" in (state.reason or "")
    assert surface.tally.verdict is Verdict.VACUOUS
    assert surface.tally.total == 0


def test_where_nobody_reports_rules_it_is_said_that_they_were_not_audited(tmp_path: Path) -> None:
    tally = run(project(tmp_path, {"go": "plain", "python": "plain"}))
    assert tally.rules == {"length": 0}
    assert any("rules of the contract" in remark and "not audited" in remark for remark in tally.remarks)


# ------------------------------------------------------------------ normalisers


def test_a_normaliser_hides_what_it_says_and_counts_each_case_once(tmp_path: Path) -> None:
    tally = run(
        project(tmp_path, {"go": "clock", "python": "clock"}, {}), probe(normalisers=(DROP_T,)), ("sweep", "explore")
    )
    assert (tally.findings, tally.total) == ({}, 308)
    assert tally.fired == {"drop /t": 308}


def test_a_normaliser_does_not_hide_another_difference(tmp_path: Path) -> None:
    settings = project(tmp_path, {"go": "clock", "python": "clock_and_minus"}, {})
    tally = run(settings, probe(normalisers=(DROP_T,)), ("sweep",))
    assert [(found.case.input, found.divergence.path) for found in tally.findings.values()] == [(b"-", "/n")]


def test_the_experiments_of_an_investigation_do_not_count_for_a_normaliser(tmp_path: Path) -> None:
    settings = project(tmp_path, {"go": "clock", "python": "clock_and_minus"}, {})
    tally = run(settings, probe(normalisers=(DROP_T,)), ("sweep",))
    assert tally.fired["drop /t"] == tally.total == 300


def test_a_normaliser_that_never_fires_is_not_green(tmp_path: Path) -> None:
    tally = run(project(tmp_path, {"go": "plain", "python": "plain"}), probe(normalisers=(DROP_T,)))
    assert tally.verdict is Verdict.VACUOUS
    assert any("'drop /t' never fired" in note for note in tally.notes)


def test_a_normaliser_that_only_changes_what_is_equal_anyway_never_fired(tmp_path: Path) -> None:
    upper = Normaliser("upper", "case does not matter", bytes.upper)
    tally = run(project(tmp_path, {"go": "plain", "python": "plain"}), probe(normalisers=(upper,)))
    assert any("'upper' never fired" in note for note in tally.notes)


def test_a_normaliser_that_never_fired_stands_in_the_summary(tmp_path: Path) -> None:
    settings = project(tmp_path, {"go": "plain", "python": "plain"})
    tally = run(settings, probe(normalisers=(DROP_T,)))
    summary = SummaryFile(settings, "r", "c").update({}, tally)
    assert summary.surfaces[0].normalisers == {"drop /t": 0}


# ------------------------------------------------------------------ faults


@pytest.mark.parametrize(("partner", "kind"), [("crash", Kind.CRASHED), ("garble", Kind.GARBLED)])
def test_a_fault_is_counted_and_the_others_are_compared_on(tmp_path: Path, partner: str, kind: Kind) -> None:
    tally = run(project(tmp_path, {"go": "plain", "python": "minus", "rust": partner}))
    assert tally.faults
    assert {(fault.runtime, fault.kind) for fault in tally.faults} == {("rust", kind)}
    assert all(b"x" in fault.case for fault in tally.faults)
    assert tally.answered["go"] == tally.answered["python"] == tally.total
    assert tally.answered["rust"] == tally.total - len(tally.faults) - tally.more_faults
    assert any(found.case.input == b"-" for found in tally.findings.values())
    assert consistent(tally)


def test_a_fault_alone_is_the_verdict(tmp_path: Path) -> None:
    tally = run(project(tmp_path, {"go": "plain", "python": "crash"}))
    assert tally.verdict is Verdict.FAULT
    assert tally.findings == {}
    assert tally.faults[0].detail == "ValueError: an x"
    assert "ValueError" in tally.faults[0].log


def test_of_many_faults_some_are_kept_and_all_are_counted(tmp_path: Path) -> None:
    tally = run(project(tmp_path, {"go": "plain", "python": "crash_always"}), phases=("sweep",))
    assert len(tally.faults) == MOST_FAULTS
    assert tally.more_faults == 300 - MOST_FAULTS
    assert tally.verdicts == {Verdict.FAULT: 300}


@pytest.mark.parametrize(
    "runtimes",
    [
        pytest.param({"go": "plain", "python": "deep"}, id="opens-without-end"),
        pytest.param({"go": "plain", "python": "deep_and_closed"}, id="nested-without-end"),
        pytest.param({"go": "half_name_1", "python": "half_name_2"}, id="half-a-character-for-a-name"),
    ],
)
def test_a_hostile_answer_is_a_finding_and_not_the_end_of_the_run(tmp_path: Path, runtimes: dict[str, str]) -> None:
    settings = project(tmp_path, runtimes)
    tally = run(settings)
    assert tally.verdict is Verdict.DIVERGE
    assert [found.case.input for found in tally.findings.values()] == [b"<"]
    summary = SummaryFile(settings, "r", "c").update({}, tally)
    assert all(page.read_bytes() for page in markdown.write(summary, settings.report))


# ------------------------------------------------------------------ budgets and seeds


def test_a_time_budget_ends_the_sweep_with_a_remark(tmp_path: Path) -> None:
    tally = run(project(tmp_path, {"go": "plain", "python": "plain"}, cases=3000, seconds=1e-6))
    assert any("of 3000: time was up" in remark for remark in tally.remarks), tally.remarks
    assert tally.cases[Origin.EXPLORED] == 0


def test_a_small_language_ends_the_sweep_with_a_remark(tmp_path: Path) -> None:
    tally = run(project(tmp_path, {"go": "plain", "python": "plain"}), probe(inputs=pick("a", "b")))
    assert "swept 2 cases of 300: the grammar has no more" in tally.remarks


def test_too_many_findings_end_the_sweep_with_a_remark(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(investigate, "MOST_FINDINGS", 1)
    tally = run(project(tmp_path, THREE, cases=3000))
    assert len(tally.findings) == 1
    assert any("of 3000: it found too much" in remark for remark in tally.remarks), tally.remarks


def test_a_budget_is_shared_by_the_surfaces(tmp_path: Path) -> None:
    settings = project(tmp_path, {"go": "plain"}, seconds=10)
    started = pipeline.Run(settings, Recorder(), surfaces=4)
    started.close()
    assert started.budget == 2.5


def test_the_same_seed_gives_the_same_tally_and_the_same_pages(tmp_path: Path) -> None:
    tallies, pages = [], []
    for name in ("a", "b"):
        settings = project(tmp_path / name, THREE | {"python": "minus_and_markup", "rust": "crash"})
        tally = run(settings)
        tally.sweep_seconds = 0
        tally.faults = [msgspec.structs.replace(fault, log="") for fault in tally.faults]
        tallies.append(tally)
        summary = SummaryFile(settings, name, "c").update({}, tally)
        pages.append([page.read_bytes() for page in markdown.write(summary, settings.report)])
    assert tallies[0] == tallies[1]
    assert pages[0] == pages[1]


def test_another_seed_gives_other_cases(tmp_path: Path) -> None:
    heard = []
    for seed in (1, 2):
        callables.HEARD["one"].clear()
        run(project(tmp_path, {"go": "one", "python": "plain"}, seed=seed), phases=("sweep",))
        heard.append(set(callables.HEARD["one"]))
    assert heard[0] != heard[1]


# ------------------------------------------------------------------ planted bugs


def test_a_plant_that_the_contract_lacks_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    settings = project(tmp_path, {"go": "plain", "python": "plain"})
    pipeline.check(msgspec.structs.replace(settings, plants={"go": "miscount"}))
    with pytest.raises(
        UsageError, match=r"unknown planted bug 'miscoun' in --parity-plant go=miscoun; known: miscount"
    ):
        pipeline.check(msgspec.structs.replace(settings, plants={"go": "miscoun"}))


def test_a_function_takes_no_plant(tmp_path: Path) -> None:
    settings = project(tmp_path, {"go": "plain", "python": "plain"}, plants=("go=miscount",))
    with pytest.raises(UsageError, match=r"\bgo\b"):
        pipeline.Run(settings, Recorder())
