"""Whole runs of a surface with a state, against real processes: what they find, and how small it becomes."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import pytest

from parity import DriftClass, Probe, listener, pipeline
from parity.config import CONFIG, Options, Settings, load
from parity.generate.calls import Calls, Rule
from parity.generate.grammar import pick
from parity.model import Kind, Verdict
from tests.transports.kept import SCRIPT

if TYPE_CHECKING:
    from pathlib import Path

    from parity.tally import Tally

RULES = '[[rule]]\nname = "kept"\nsays = "A value is kept."\nsource = "ours"\n'
SEQUENCES = Calls(
    pick('POST /put/a "first"', "POST /put/b [1,2,3]"),
    {
        "put": Rule(4, pick("POST /put/a 17", 'POST /put/b {"long":"value"}', "POST /put/c null")),
        "get": Rule(4, pick("GET /get/a", "GET /get/b", "GET /get/c")),
        "all": Rule(1, pick("GET /all")),
        "echo": Rule(0.3, pick('POST /echo "x"')),
        "pause": Rule(0.3, pick("crash\nGET /all", "restart\nGET /all")),
    },
    most=6,
)
LATE = DriftClass("crash-forgets", "a crash loses", lambda data: data.replace(b"crash", b"restart"))


def probe(**more: Any) -> Probe:  # noqa: ANN401
    return Probe(
        surface="kept",
        inputs=SEQUENCES,
        sequences=True,
        places=(),
        drift_classes=(LATE,),
        accepted=lambda answer: answer["steps"][0]["status"] == 200,
        **more,
    )


def project(root: Path, manners: dict[str, str], adapters: str = "", cases: int = 60) -> Settings:
    """Write a project whose runtimes are the stateful service, each with its manner."""
    contract, answers = root / "fixtures" / "contract", root / "fixtures" / "known_answers" / "kept"
    for folder in (contract, answers):
        folder.mkdir(parents=True)
    (contract / "kept.rules.toml").write_text(RULES)
    (contract / "kept.answer.schema.json").write_text(json.dumps({"type": "object", "required": ["steps"]}))
    known = {
        "why": "It is kept.",
        "rules": ["kept"],
        "input": {"text": "POST /put/a 1\nrestart\nGET /get/a"},
        "output": {
            "text": '{"steps":[{"status":200,"type":"application/json","body":{"keys": 1}},'
            '{"status":200,"type":"application/json","body":{"value": 1}}]}'
        },
    }
    (answers / "kept.json").write_text(json.dumps(known))
    tables = []
    for name, manner in manners.items():
        for own in ("processes", "marks"):
            (root / name / own).mkdir(parents=True)
        command = [sys.executable, "-I", "-S", str(SCRIPT), manner, "{port}"]
        command += [str(root / name / "processes"), str(root / name / "marks"), "{data}"]
        tables.append(f'[runtimes.{name}]\nidentity = "hostile"\nservices.kept = {json.dumps(command)}\n')
    (root / CONFIG).write_text("\n".join(tables) + adapters)
    return load(root, Options(cases=cases))


def run(settings: Settings, one: Probe | None = None) -> Tally:
    started = pipeline.Run(settings, listener.Silent())
    try:
        surface = started.surface(one or probe())
        surface.phase("audit")
        return surface.tally
    finally:
        started.close()


def adapter(there: str, path: str = "/echo") -> str:
    return (
        f'\n[[runtimes.two.adapters]]\nname = "bridge"\nsurface = "kept"\npath = "{path}"\nthere = "{there}"\n'
        'answer = { said = "heard" }\n'
    )


def test_sound_ones_agree_through_restarts_and_crashes(tmp_path: Path) -> None:
    tally = run(project(tmp_path, {"one": "sound", "two": "sound"}))
    assert tally.findings == {}
    assert tally.faults == []
    assert tally.verdicts[Verdict.AGREE] == tally.total > 60
    assert tally.transport == "sequences"
    assert not list((tmp_path / ".parity").glob("**/journal"))


def test_what_a_crash_loses_shrinks_to_the_fewest_calls(tmp_path: Path) -> None:
    tally = run(project(tmp_path, {"one": "sound", "two": "writes-late"}))
    ((signature, finding),) = tally.findings.items()
    assert signature.drift_class == "crash-forgets"
    assert signature.partition == (("one",), ("two",))
    put, crash, look = finding.case.input.split(b"\n")
    assert put.startswith(b"POST /put/")
    assert crash == b"crash"
    assert look.startswith(b"GET /")
    assert finding.minimal


def test_a_fault_that_leaves_its_process_alive_shrinks_and_shows_the_line_of_the_daemon(tmp_path: Path) -> None:
    tally = run(project(tmp_path, {"one": "sound", "two": "sound"}, adapter("/do/panic")))
    assert {(fault.runtime, fault.kind) for fault in tally.faults} == {("two", Kind.RESET)}
    first = tally.faults[0]
    assert first.case in {b"POST /echo", b"POST /echo "}
    assert first.detail.startswith("line 1: ")
    assert "hostiled: panic: index out of bounds" in first.log
    assert tally.faulted["two"] == tally.verdicts[Verdict.FAULT] > 1


def test_what_an_adapter_bridges_is_counted_as_declared_drift(tmp_path: Path) -> None:
    tally = run(project(tmp_path, {"one": "sound", "two": "sound"}, adapter("/elsewhere", "/all")))
    # Nobody is there in the other runtime, so that it shows; what matters here is that it is counted.
    assert tally.declared == {("two", "bridge"): tally.declared["two", "bridge"]}
    assert tally.declared["two", "bridge"] > 0
    assert tally.findings


def test_an_adapter_that_is_never_used_is_not_green(tmp_path: Path) -> None:
    tally = run(project(tmp_path, {"one": "sound", "two": "sound"}, adapter("/there", "/nobody-calls-this")))
    assert [note for note in tally.notes if "adapter 'bridge' of two never changed a call" in note]
    assert tally.verdict is Verdict.VACUOUS


@pytest.mark.parametrize("sequences", [True, False])
def test_only_what_can_be_asked_in_sequences_takes_part_in_them(tmp_path: Path, *, sequences: bool) -> None:
    settings = project(tmp_path, {"one": "sound", "two": "sound"})
    with (tmp_path / CONFIG).open("a") as file:
        file.write('\n[runtimes.three]\ncallables = { kept = "tests.parity.callables:plain" }\n')
    settings = load(settings.root, Options(cases=5))
    started = pipeline.Run(settings, listener.Silent())
    try:
        serving = started.testees.serving("kept", writes=True, sequences=sequences)
    finally:
        started.close()
    assert set(serving) == ({"one", "two"} if sequences else {"one", "two", "three"})
