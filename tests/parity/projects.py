"""Small projects of in-process runtimes, written, run and looked at: what the tests of the pipeline share."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import msgspec

from parity import DriftClass, Normaliser, Probe, drop, pipeline
from parity.config import CONFIG, Options, Settings, load
from parity.generate.grammar import Grammar, pick, repeat
from tests.parity import callables

if TYPE_CHECKING:
    from pathlib import Path

    from parity.tally import Tally

LETTERS = repeat(pick(*"abcdefghx-<"), 0, 12)
MINUS = DriftClass("minus", "a minus counts twice", lambda data: data.replace(b"-", b""))
MARKUP = DriftClass("markup", "markup is escaped", lambda data: data.replace(b"<", b""))
DROP_T = drop("/t", "a clock")
SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "properties": {"n": {"type": "integer"}, "ok": {"type": "boolean"}, "t": {"type": "integer"}},
    "required": ["n", "ok"],
}
RULES = '[[rule]]\nname = "length"\nsays = "n is the length"\nsource = "ours"\n'
PLANTS = '[[plant]]\nname = "miscount"\nsurface = "s"\nwhat = "n is wrong"\n'
KNOWN = {"abc": b'{"n":3,"ok":true}'}


def probe(*, inputs: Grammar = LETTERS, normalisers: tuple[Normaliser, ...] = ()) -> Probe:
    return Probe(
        surface="s",
        inputs=inputs,
        accepted=lambda answer: answer["ok"],
        normalisers=normalisers,
        drift_classes=(MINUS, MARKUP),
    )


def project(
    root: Path,
    runtimes: dict[str, str],
    /,
    known: dict[str, bytes] | None = None,
    *,
    cases: int = 300,
    **given: Any,  # noqa: ANN401
) -> Settings:
    """Write a project of in-process runtimes, each a function of callables.py, and return its settings."""
    contract = root / "fixtures" / "contract"
    answers = root / "fixtures" / "known_answers" / "s"
    contract.mkdir(parents=True, exist_ok=True)
    answers.mkdir(parents=True, exist_ok=True)
    (contract / "s.rules.toml").write_text(RULES)
    (contract / "s.answer.schema.json").write_text(json.dumps(SCHEMA))
    (contract / "plants.toml").write_text(PLANTS)
    for name, output in (KNOWN if known is None else known).items():
        answer = {"why": "", "rules": ["length"], "input": {"text": name}, "output": {"text": output.decode()}}
        (answers / f"{name}.json").write_text(json.dumps(answer))
    lines = [f'[runtimes.{name}]\ncallables = {{ s = "{callables.__name__}:{f}" }}\n' for name, f in runtimes.items()]
    (root / CONFIG).write_text("".join(lines))
    return load(root, Options(cases=cases, **given))


class Recorder:
    """A listener that remembers what it heard."""

    def __init__(self) -> None:
        self.phases: list[str] = []
        self.findings: list[int] = []

    def tell(self, text: str) -> None:
        """Nothing takes a while here."""

    def progress(self, surface: str, phase: str, done: int, total: int) -> None:
        assert (surface, done <= total) == ("s", True)
        self.phases.append(phase)

    def found(self, tally: Tally) -> None:
        self.findings.append(len(tally.findings))


def run(
    settings: Settings,
    one: Probe | None = None,
    phases: tuple[str, ...] = pipeline.PHASES,
    plants: dict[str, str] | None = None,
    listener: Recorder | None = None,
) -> Tally:
    """Run the phases and return what came of them."""
    started = pipeline.Run(settings, listener or Recorder())
    try:
        if plants is not None:  # a function takes no plant, so the run hears of one once they are started
            started.settings = msgspec.structs.replace(settings, plants=plants)
        surface = started.surface(one or probe())
        for phase in phases:
            surface.phase(phase)
        return surface.tally
    finally:
        started.close()


def kept(settings: Settings) -> list[dict[str, Any]]:
    return [json.loads(file.read_bytes()) for file in sorted((settings.fixtures / "corpus").glob("*/*.json"))]


def consistent(tally: Tally) -> bool:
    """Tell whether every case has exactly one verdict."""
    return sum(tally.verdicts.values()) == tally.total and min(tally.verdicts.values()) >= 0
