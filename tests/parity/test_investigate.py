"""What becomes of a divergent case: nothing is hidden by something else, and nothing is believed at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from parity import corpus
from parity.config import CONFIG, Options, load
from parity.investigate import UNSTEADY
from parity.model import Case, Divergence, Finding, Kind, Observation, Origin, Signature, Verdict
from tests.parity import callables
from tests.parity.projects import kept, probe, project, run

if TYPE_CHECKING:
    from pathlib import Path


def test_a_bug_that_shows_everywhere_does_not_hide_one_beside_it(tmp_path: Path) -> None:
    tally = run(project(tmp_path, {"go": "plain", "python": "beside"}))
    found = {(signature.pattern, signature.drift_class) for signature in tally.findings}
    assert found == {("/ok", "unknown"), ("/n", "minus")}
    miscount = next(finding for finding in tally.findings.values() if finding.signature.pattern == "/n")
    assert miscount.case.input == b"-"
    assert miscount.divergence.path == "/n"


def test_what_comes_and_goes_by_itself_has_no_cause_and_is_not_kept(tmp_path: Path) -> None:
    settings = project(tmp_path, {"go": "plain", "python": "unsteady"})
    tally = run(settings)
    assert {signature.drift_class for signature in tally.findings} == {UNSTEADY}
    assert not any(finding.minimal for finding in tally.findings.values())
    assert tally.verdict is Verdict.DIVERGE
    assert kept(settings) == []


def test_a_counterexample_never_replaces_another_one_of_its_signature(tmp_path: Path) -> None:
    signature = Signature("s", "/n", "unknown", (("go",), ("python",)))

    def keep(data: bytes) -> Path:
        divergence = Divergence("/n", "/n", "text", signature.partition, {})
        seen = {"go": Observation(Kind.ANSWERED, b"1"), "python": Observation(Kind.ANSWERED, b"2")}
        case = Case(data, Origin.SWEPT)
        finding = Finding(signature, divergence, case, seen, Origin.SWEPT, minimal=True)
        return corpus.keep(finding, tmp_path)

    first, second = keep(b"xy"), keep(b"xz")
    assert first != second
    assert keep(b"xy") == first
    inputs = [msgspec.json.decode(file.read_bytes())["input"]["text"] for file in (first, second)]
    assert inputs == ["xy", "xz"]


def test_the_contract_is_told_where_a_known_answer_divides_the_runtimes(tmp_path: Path) -> None:
    known = {"a-": b'{"n":2,"ok":true}'}
    tally = run(project(tmp_path, {"go": "minus", "python": "plain"}, known))
    (finding,) = tally.findings.values()
    assert finding.contract == ("python",)


def test_cases_that_all_refuse_alike_are_not_green(tmp_path: Path) -> None:
    settings = project(tmp_path, {"go": "refuse", "python": "refuse"})
    assert run(settings).verdict is not Verdict.AGREE
    assert any("refused by every runtime alike" in note for note in run(settings).notes)


def test_a_probe_may_allow_refusals_up_to_a_share(tmp_path: Path) -> None:
    allowing = msgspec.structs.replace(probe(), refusals=0.5)
    tally = run(project(tmp_path, {"go": "refuse", "python": "refuse"}), allowing)
    assert any("refused" in note and "allows 50%" in note for note in tally.notes)


def test_a_required_runtime_that_does_not_serve_the_surface_is_not_green(tmp_path: Path) -> None:
    project(tmp_path, {"go": "plain", "python": "plain"})
    with (tmp_path / CONFIG).open("a") as file:
        file.write(f'\n[runtimes.rust]\ncallables = {{ another = "{callables.__name__}:plain" }}\n')
    tally = run(load(tmp_path, Options(cases=50, require="rust")))
    assert tally.notes == ["rust is required and does not serve s"]
    assert tally.verdict is Verdict.VACUOUS


def test_a_rule_without_a_known_answer_is_not_green(tmp_path: Path) -> None:
    settings = project(tmp_path, {"go": "plain", "python": "plain"})
    rules = settings.fixtures / "contract" / "s.rules.toml"
    rules.write_text(rules.read_text() + '[[rule]]\nname = "forgotten"\nsays = "x"\nsource = "ours"\n')
    assert "no known answer is about the rule 'forgotten' of the contract" in run(settings).notes
