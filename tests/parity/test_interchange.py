"""Interchange: what one runtime wrote, every other one has to go on with and to read, in every combination."""

from __future__ import annotations

import itertools
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import jsonschema_rs
import msgspec
import pytest

from parity import Probe, pipeline
from parity.config import CONFIG, Options, Settings, load
from parity.generate.grammar import Grammar, concat, pick, repeat
from parity.model import Kind, Origin, Verdict
from parity.report import markdown
from parity.report.summary import SummaryFile
from parity.transports import tree
from tests.parity import callables, projects
from tests.parity.projects import Recorder, consistent, kept

if TYPE_CHECKING:
    from parity.tally import Tally

CONTRACT = Path(__file__).parents[2] / "fixtures" / "contract"
TESTEE = Path(__file__).parents[1] / "transports" / "hostile_files.py"
LINE = concat('["line","log","', pick(*"abcdef"), '"]\n')
READ = concat('["read","log"]', pick("", "\n-- log --\nold\n"))
STEPS = concat(repeat(LINE, 1, 3), READ)
FEW = concat(LINE, READ)
SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "properties": {"steps": {"type": "array"}},
    "required": ["steps"],
    "additionalProperties": False,
}
RULES = "".join(f'[[rule]]\nname = "{name}"\nsays = "x"\nsource = "ours"\n' for name in ("rule-line", "rule-read"))
MODE = '"mode":"600"'
KNOWN = {
    "why": "each step sees what the ones before left",
    "rules": ["rule-line", "rule-read"],
    "input": {"text": '["line","log","x"]\n["line","log","y"]\n["read","log"]'},
    "output": {
        "text": '{"steps":['
        f'{{"answer":{{"lines": 1}},"exit":0,"gone":[],"left":{{"log":{{"lines":["x\\n"],{MODE}}}}}}},'
        f'{{"answer":{{"lines": 2}},"exit":0,"gone":[],"left":{{"log":{{"lines":["x\\n","y\\n"],{MODE}}}}}}},'
        '{"answer":{"length": 4, "text": "x\\ny\\n"},"exit":0,"gone":[],"left":{}}]}'
    },
}


def probe(inputs: Grammar = STEPS, interchange: int = 5) -> Probe:
    return Probe(
        surface="s",
        inputs=inputs,
        interchange=interchange,
        accepted=lambda answer: all(step["exit"] == 0 for step in answer["steps"]),
        places=(),
    )


def project(root: Path, *, known: bool = True, more: str = "", **manners: str) -> Settings:
    """Write a project of files testees, each with its manner, and return its settings."""
    fixtures = projects.project(root, {"one": "plain"}, {}).fixtures
    (fixtures / "contract" / "s.rules.toml").write_text(RULES)
    (fixtures / "contract" / "s.answer.schema.json").write_text(json.dumps(SCHEMA))
    if known:
        (fixtures / "known_answers" / "s" / "two-lines.json").write_text(json.dumps(KNOWN))
    lines = [
        f"[runtimes.{name}]\nfiles = {json.dumps([sys.executable, '-I', '-S', str(TESTEE), name, manner])}\n"
        for name, manner in manners.items()
    ]
    (root / CONFIG).write_text("".join(lines) + more)
    return load(root, Options(cases=20))


def run(settings: Settings, one: Probe | None = None, *phases: str) -> Tally:
    one = one or probe()
    return projects.run(settings, one, phases or pipeline.phases(one))


def combinations(names: str) -> list[str]:
    return [">".join(one) for one in itertools.product(names, repeat=3)]


class TestSound:
    def test_runtimes_agree_in_every_combination(self, tmp_path: Path) -> None:
        settings = project(tmp_path, a="sound", b="sound", c="buffers")
        tally = run(settings)

        assert tally.verdict is Verdict.AGREE, (tally.notes, tally.findings, tally.faults)
        assert tally.interchange == {name: {Verdict.AGREE: 6} for name in combinations("abc")}
        assert tally.phases == ["known_answers", "corpus", "sweep", "explore", "interchange", "audit"]
        assert (tally.transport, tally.runtimes, kept(settings)) == ("files", ("a", "b", "c"), [])
        assert consistent(tally)

    def test_the_whole_matrix_stands_in_the_summary_and_on_the_page(self, tmp_path: Path) -> None:
        settings = project(tmp_path, a="sound", b="sound")
        summary = SummaryFile(settings, "r", "c").update({}, run(settings))

        assert summary.surfaces[0].interchange == {name: {"agree": 6} for name in combinations("ab")}
        schema = json.loads((CONTRACT / "summary.schema.json").read_bytes())
        jsonschema_rs.validate(schema, json.loads((settings.report / "summary.json").read_bytes()))
        (page,) = [page.read_text() for page in markdown.write(summary, settings.report) if page.name == "s.md"]
        assert page[page.index("## Interchange") :].split("\n\n")[2].splitlines() == [
            "| writes | goes on | a reads | b reads |",
            "| --- | --- | --- | --- |",
            *[f"| {one} | {other} | 6 agree | 6 agree |" for one in "ab" for other in "ab"],
        ]

    def test_the_phase_alone_judges_what_it_deals_out(self, tmp_path: Path) -> None:
        tally = run(project(tmp_path, a="sound", b="sound"), None, "interchange")

        assert tally.interchange == {name: {Verdict.AGREE: 6} for name in combinations("ab")}
        assert (tally.cases[Origin.SWEPT], tally.verdict) == (5, Verdict.AGREE)

    def test_the_same_seed_deals_the_same_cases_out(self, tmp_path: Path) -> None:
        one, other = (run(project(tmp_path / name, a="sound", b="sound"), None, "interchange") for name in "xy")

        assert one == other


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Return a project of which one runtime answers its last step from memory."""
    return project(tmp_path_factory.mktemp("remembers"), known=False, a="sound", b="remembers")


@pytest.fixture(scope="module")
def tally(settings: Settings) -> Tally:
    """Return what a whole run of it came to."""
    return run(settings)


class TestOneThatRemembers:
    """Nobody sees it who asks it alone."""

    def test_is_found_by_interchange_only(self, tally: Tally) -> None:
        assert tally.verdict is Verdict.DIVERGE
        assert tally.verdicts.keys() == {Verdict.AGREE}, "alone it does what all do"
        (found,) = tally.findings.values()
        assert found.signature.drift_class == "interchange"
        assert found.signature.partition == (("alone",), ("b>a>b",))
        assert tally.interchange["b>a>b"] == {Verdict.DIVERGE: 5}
        assert {name for name, counts in tally.interchange.items() if counts == {Verdict.AGREE: 5}} == {
            *combinations("ab")
        } - {"b>a>b"}
        assert tally.faults == []

    def test_is_shown_by_the_smallest_case(self, tally: Tally) -> None:
        (found,) = tally.findings.values()
        case = tree.parse(found.case.input)

        assert found.minimal
        assert isinstance(case, tree.Tree)
        assert case.steps == (("line", "0", ""), ("line", "0", ""), ("read", "0"))
        assert all(not entry.content for entry in case.entries.values())

    def test_is_counted_once_a_case(self, tally: Tally) -> None:
        """However many places of it differ."""
        (found,) = tally.findings.values()

        assert (found.divergence.path, found.others) == ("/steps/2/answer/length", ("/steps/2/answer/text",))
        assert list(tally.hits.values()) == [5]

    def test_is_shown_again_by_a_replay(self, settings: Settings, tally: Tally) -> None:
        (found,) = tally.findings.values()
        started = pipeline.Run(settings, Recorder())
        try:
            surface = started.surface(probe())
            outcome = surface.ask(found.case.input)
            sound = surface.ask(b'["read","log"]')
        finally:
            started.close()

        assert outcome.observations.keys() == {"a", "b", "b>a>b"}
        assert {divergence.partition for divergence in outcome.divergences} == {(("a", "b"), ("b>a>b",))}
        assert list(sound.observations) == ["a", "b"]
        assert sound.divergences == []
        assert surface.tally.total == 0

    def test_is_found_again_by_the_kept_case_alone(self, settings: Settings, tally: Tally) -> None:
        (found,) = tally.findings.values()
        again = run(settings, probe(FEW), "interchange")

        assert [one["signature"] for one in kept(settings)] == [str(found.signature)]
        assert again.interchange["b>a>b"] == {Verdict.DIVERGE: 1}
        assert list(again.findings) == [found.signature]


def test_the_smallest_case_has_a_step_for_everybody_also_where_fewer_show_it(tmp_path: Path) -> None:
    """Otherwise the next run would not deal it out."""
    settings = project(tmp_path, known=False, a="sound", b="distrusts")
    steps = concat(LINE, '["exit","0"]\n', READ)  # whoever takes the second one does not matter
    (found,) = run(settings, probe(steps, interchange=1), "interchange").findings.values()
    case = tree.parse(found.case.input)

    assert found.signature.partition == (("a>a>b", "a>b>b"), ("alone",))
    assert found.minimal
    assert isinstance(case, tree.Tree)
    assert [len(case.steps), case.steps[-1][0]] == [3, "read"]


class TestOneThatDies:
    """It dies of files that another one wrote."""

    def test_is_a_fault_of_those_combinations(self, tmp_path: Path) -> None:
        settings = project(tmp_path, a="sound", b="jealous")
        tally = run(settings, probe(interchange=2))

        assert tally.verdict is Verdict.FAULT
        assert tally.findings == {}
        assert tally.verdicts.keys() == {Verdict.AGREE}
        torn = {name: counts for name, counts in tally.interchange.items() if counts != {Verdict.AGREE: 3}}
        assert torn == {"a>a>b": {Verdict.FAULT: 3}, "b>a>b": {Verdict.FAULT: 3}}
        assert {fault.runtime for fault in tally.faults} == {"a>a>b", "b>a>b"}
        assert {(fault.kind, fault.detail.partition(": ")[2]) for fault in tally.faults} == {
            (Kind.CRASHED, "it ended with exit code 7")
        }
        summary = SummaryFile(settings, "r", "c").update({}, tally)
        assert summary.surfaces[0].interchange["a>a>b"] == {"fault": 3}
        assert len(summary.surfaces[0].faults) == 6


def test_one_that_differs_alone_is_told_by_the_other_phases(tmp_path: Path) -> None:
    tally = run(project(tmp_path, a="sound", b="sound", c="shouts"))

    assert {signature.drift_class for signature in tally.findings} == {"unknown"}
    assert {signature.partition for signature in tally.findings} == {(("a", "b"), ("c",))}
    assert not any(counts.total() for counts in tally.interchange.values())


class TestNothingShown:
    NOTE = "not one case was dealt out to several runtimes"

    def test_without_a_case_of_three_steps(self, tmp_path: Path) -> None:
        tally = run(project(tmp_path, known=False, a="sound", b="sound"), probe(FEW))

        assert tally.verdict is Verdict.VACUOUS
        assert self.NOTE in tally.notes

    def test_without_two_runtimes_of_files(self, tmp_path: Path) -> None:
        """One of them is a function, which takes no steps."""
        text = f'[runtimes.one]\ncallables = {{ s = "{callables.__name__}:plain" }}\n'
        tally = run(project(tmp_path, a="sound", more=text))

        assert self.NOTE in tally.notes
        assert tally.interchange == {}

    def test_without_a_runtime_of_files(self, tmp_path: Path) -> None:
        one = msgspec.structs.replace(projects.probe(), interchange=5)
        tally = run(projects.project(tmp_path, {"go": "plain", "python": "plain"}), one)

        assert tally.verdict is Verdict.VACUOUS
        assert self.NOTE in tally.notes


def test_a_probe_without_interchange_has_no_such_phase() -> None:
    assert pipeline.phases(projects.probe()) == pipeline.PHASES
    assert pipeline.phases(probe()) == (*pipeline.PHASES[:-1], "interchange", "audit")
