"""The harness is only worth what it finds: every planted bug, found by a default run and made minimal.

Each bug is planted in one runtime, the next bug in the next one. Every bug in every runtime takes over half an
hour, and is `make quality`.

What is minimal is decided here without the shrinker: each character is removed, and each member and element, and the
runtimes are asked again.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tomllib
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from parity import config, declare, interchange, listener, lossless, pipeline, recall
from parity.model import BELOW_FLOOR, Kind, Verdict
from parity.report import show
from parity.report.summary import replay_arguments

if TYPE_CHECKING:
    from collections.abc import Iterator

    from parity.model import Finding
    from parity.pipeline import SurfaceRun

ROOT = Path(__file__).resolve().parents[2]
RUNTIMES = ("python", "go", "rust")
EVERYWHERE = os.environ.get("PARITY_QUALITY") == "everywhere"
PLANTS = tomllib.loads((ROOT / "fixtures/contract/plants.toml").read_text())["plant"]
SEEN_BETWEEN = {"tip-remembered"}
"""The plants that a runtime alone does not show: another one has to write in between."""
MEASURED = {"near-missed"}
"""The plants that no single case shows: the approximate search of a large index finds less than it should."""
SHOWN = 4000
"""Characters of an output that a replay shows."""
SEQUENCES = {"vectors", "matrix"}
"""The surfaces whose cases are a dozen calls each, some with restarts of three services: part of a sweep has to do."""
SWEPT_SEQUENCES = 700
MOST_CHANGED = 0.05
"""A planted bug must be small: a bug that changes every other case would be found by anything."""


@contextmanager
def planted_run(runtime: str, plant: str, surface: str, tmp_path: Path) -> Iterator[SurfaceRun]:
    cases = SWEPT_SEQUENCES if surface in SEQUENCES else None
    options = config.Options(plants=(f"{runtime}={plant}",), report=str(tmp_path), cases=cases)
    settings = config.load(ROOT, options)
    run = pipeline.Run(settings, listener.Silent())
    try:
        if (state := run.states[runtime]).status == "absent":
            pytest.skip(f"{runtime} is absent here: {state.reason}")
        yield run.surface(declare.find_probes(settings.probes)[surface])
    finally:
        run.close()


def planted() -> Iterator[tuple[dict[str, str], str]]:
    """Yield the plants that a case shows, each with the runtimes that it is looked at in."""
    shown = [one for one in PLANTS if one["name"] not in MEASURED and "runtimes" not in one]
    for number, plant in enumerate(shown):
        for runtime in RUNTIMES if EVERYWHERE else [RUNTIMES[number % len(RUNTIMES)]]:
            yield plant, runtime


@pytest.mark.parametrize(
    ("plant", "runtime"), [pytest.param(*one, id=f"{one[0]['name']}-{one[1]}") for one in planted()]
)
def test_a_default_run_finds_it_alone_minimal_and_reproducible(
    plant: dict[str, str], runtime: str, tmp_path: Path
) -> None:
    with planted_run(runtime, plant["name"], plant["surface"], tmp_path) as surface:
        for phase in ["sweep"] if plant["surface"] in SEQUENCES else pipeline.phases(surface.probe):
            surface.phase(phase)
        tally = surface.tally
        findings = list(tally.findings.values())
        causes = {finding.signature.drift_class for finding in findings}
        expected = interchange.CAUSE if plant["name"] in SEEN_BETWEEN else plant["name"]
        assert causes == {expected}, "another cause than the planted one, or none"
        assert sum(tally.hits.values()) / tally.total < MOST_CHANGED
        for finding in findings:
            assert apart(plant["name"], runtime) in finding.signature.partition, "it is not apart"
            assert len(finding.signature.partition) == 2
            assert finding.minimal
            if plant["name"] not in SEEN_BETWEEN:  # 27 relays for each character would take minutes
                assert_minimal(finding, surface)
        settings = config.load(ROOT, config.Options(plants=(f"{runtime}={plant['name']}",)))
    for finding in findings:
        assert_reproduces(finding, replay_arguments(plant["surface"], finding.case.input, "", settings))


@pytest.mark.parametrize("runtime", RUNTIMES)
@pytest.mark.parametrize("plant", sorted(MEASURED))
def test_what_no_case_shows_is_measured(plant: str, runtime: str, tmp_path: Path) -> None:
    with planted_run(runtime, plant, "vectors", tmp_path) as surface:
        surface.phase("recall")
        tally = surface.tally
        ((signature, finding),) = tally.findings.items()
        assert signature.drift_class == BELOW_FLOOR
        assert signature.partition[1] == (runtime,)
        assert float(finding.observations[runtime].output) < float(finding.divergence.rendered[recall.FLOOR] or 0)
        assert tally.verdict is Verdict.DIVERGE


def test_the_crash_that_load_found_is_a_fault_with_the_line_of_the_daemon(tmp_path: Path) -> None:
    """coder/hnsw used plainly: repeated recordings of the same few triples make it panic."""
    with planted_run("go", "naive-hnsw", "matrix", tmp_path) as surface:
        surface.phase("sweep")
        tally = surface.tally
        (fault, *_) = tally.faults
        assert {one.runtime for one in tally.faults} == {"go"}
        assert fault.kind == Kind.RESET
        assert "matrixd: panic: " in fault.log
        assert "hnsw" in fault.log
        assert tally.verdicts[Verdict.FAULT] / tally.total < MOST_CHANGED
        lines = fault.case.split(b"\n")
        assert sum(b"playbooks/record" in line for line in lines) > 1
        fewer = [b"\n".join(lines[:at] + lines[at + 1 :]) for at in range(len(lines))]
        for outcome in surface.ask_again([one for one in fewer if one]):
            assert not any(seen.kind.is_fault for seen in outcome.observations.values()), outcome.input
        settings = config.load(ROOT, config.Options(plants=("go=naive-hnsw",)))
    command = shlex.split(replay_arguments("matrix", fault.case, "", settings))
    done = subprocess.run([sys.executable, "-m", *command[2:]], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 3, done.stdout + done.stderr  # a runtime failed
    assert "matrixd: panic: " in done.stdout


def apart(plant: str, runtime: str) -> tuple[str, ...]:
    """Return who stands alone: the planted runtime, or the relays in which it reads what another one wrote last."""
    if plant not in SEEN_BETWEEN:
        return (runtime,)
    return tuple(sorted(f"{runtime}>{other}>{runtime}" for other in RUNTIMES if other != runtime))


def assert_minimal(finding: Finding, surface: SurfaceRun) -> None:
    smaller_ones = sorted(removals(finding.case.input))
    for smaller, outcome in zip(smaller_ones, surface.ask_again(smaller_ones), strict=True):
        kinds = {seen.kind for seen in outcome.observations.values()}
        assert kinds in ({Kind.ANSWERED}, {Kind.REFUSED}), f"{smaller!r}: {kinds}"  # refused: nothing that can be sent
        assert not outcome.divergences, f"{smaller!r} shows it too"


def assert_reproduces(finding: Finding, command: str) -> None:
    arguments = shlex.split(command)
    assert arguments[:3] == ["uv", "run", "parity"]
    done = subprocess.run(
        [sys.executable, "-m", "parity", *arguments[3:]], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1, done.stderr
    for seen in finding.observations.values():
        assert anonymous(show.visible(seen.output, SHOWN)) in anonymous(done.stdout)


def anonymous(text: str) -> str:
    """Return a text without the names that a service makes, new each time."""
    return re.sub("s-[0-9a-f]{16}", "s-", text)


def removals(data: bytes) -> set[bytes]:
    """Return the input without each one of its characters, members and elements."""
    text = data.decode("utf-8", "surrogateescape")
    smaller = {text[:at] + text[at + 1 :] for at in range(len(text))}
    for start in range(len(text)):
        for end in range(start + 1, len(text) + 1):
            if text[start] + text[end - 1] in {"{}", "[]"}:
                smaller |= {text[:start] + part + text[end:] for part in without_one(text[start:end])}
    return {part.encode("utf-8", "surrogateescape") for part in smaller}


def without_one(text: str) -> Iterator[str]:
    """Yield an object or array without each one of its members or elements; nothing for what is not JSON."""
    try:
        node = lossless.read(text.encode("utf-8", "surrogateescape"))
    except lossless.NotJSONError:
        return
    if isinstance(node, lossless.Object):
        for at in range(len(node.members)):
            yield lossless.text(lossless.Object(node.members[:at] + node.members[at + 1 :]))
    elif isinstance(node, lossless.Array):
        for at in range(len(node.items)):
            yield lossless.text(lossless.Array(node.items[:at] + node.items[at + 1 :]))


def test_removals_of_a_small_input() -> None:
    assert removals(b'{"a":1}') == {b'"a":1}', b'{a":1}', b'{"":1}', b'{"a:1}', b'{"a"1}', b'{"a":}', b'{"a":1', b"{}"}
    assert b'[{"b":2}]' in removals(b'[{"a":1,"b":2}]')
    assert b"[1]" in removals(b"[1,2]")
