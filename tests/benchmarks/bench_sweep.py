"""How fast a sweep is, and what its parts cost, all in one run so that the ratios hold on a noisy machine.

Run with `make bench`. Every benchmark handles the same number of cases a round, so the columns compare directly; the
rate in cases a second stands in `extra_info` and is printed at the end of each benchmark's name in the saved JSON.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import random
from pathlib import Path
from typing import TYPE_CHECKING

import deepdiff
import hypothesis
import msgspec
import pytest
from hypothesis import HealthCheck, Phase

from parity import compare, config, declare, listener, pipeline
from parity.model import Kind, Observation, StatefulInputs, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_benchmark.fixture import BenchmarkFixture

    from parity.model import Probe

ROOT = Path(__file__).resolve().parents[2]
CASES = 10_000
DOCUMENT = {
    "fills": [{"worker": f"w-{number}", "name": "Café", "score": number / 7} for number in range(16)],
    "order": {"id": "o-1", "city": "Aurora", "state": "IL", "role": "Forklift Operator", "shifts": list(range(20))},
}


@pytest.fixture(scope="module")
def probe() -> Probe:
    return declare.find_probes(config.load(ROOT).probes)["extract_json"]


@pytest.fixture
def one_core() -> Iterator[None]:
    """Keep the harness, with all of its threads, on one core; the testees have them all."""
    before = os.sched_getaffinity(0)

    def pin(cores: set[int]) -> None:
        for task in Path("/proc/self/task").iterdir():
            with contextlib.suppress(ProcessLookupError):  # a thread that has ended in between
                os.sched_setaffinity(int(task.name), cores)

    pin({min(before)})
    yield
    pin(before)


@pytest.mark.parametrize("runtimes", ["python,go,rust", "go,rust"])
def bench_sweep(runtimes: str, probe: Probe, benchmark: BenchmarkFixture, request: pytest.FixtureRequest) -> None:
    """Generate, drive, compare and judge, through real helpers."""
    run = pipeline.Run(config.load(ROOT, config.Options(runtimes=runtimes, cases=CASES)), listener.Silent())
    seeds = itertools.count()
    try:
        request.getfixturevalue("one_core")

        def sweep() -> None:
            settings = msgspec.structs.replace(run.settings, seed=next(seeds))
            run.settings = settings
            surface = pipeline.SurfaceRun(probe, run)
            surface.phase("sweep")
            assert surface.tally.verdicts[Verdict.AGREE] == CASES

        benchmark.pedantic(sweep, rounds=5, warmup_rounds=1)
    finally:
        run.close()
    _note_rate(benchmark)


def bench_generate_by_sampler(probe: Probe, benchmark: BenchmarkFixture) -> None:
    """Only generate, as the sweep does."""
    sample, rng = probe.inputs.sampler(), random.Random(1)
    benchmark.pedantic(lambda: [sample(rng) for _ in range(CASES)], rounds=5, warmup_rounds=1)
    _note_rate(benchmark)


def bench_generate_by_hypothesis(probe: Probe, benchmark: BenchmarkFixture) -> None:
    """Only generate, by Hypothesis' engine, as exploring does; a hundredth of the cases."""
    share = CASES // 100
    assert not isinstance(probe.inputs, StatefulInputs)
    strategy = probe.inputs.strategy()

    def draw() -> None:
        @hypothesis.seed(1)
        @hypothesis.settings(
            max_examples=share,
            database=None,
            deadline=None,
            phases=(Phase.generate,),
            suppress_health_check=list(HealthCheck),
        )
        @hypothesis.given(strategy)
        def example(_: bytes) -> None:
            pass

        example()

    benchmark.pedantic(draw, rounds=5, warmup_rounds=1)
    _note_rate(benchmark, share)


def bench_compare_documents_that_differ(benchmark: BenchmarkFixture) -> None:
    """Compare losslessly two documents of about 1 KB."""
    one, other = _documents()
    observations = {"a": Observation(Kind.ANSWERED, one), "b": Observation(Kind.ANSWERED, other)}
    benchmark(lambda: compare.compare(observations, frozenset()))


def bench_compare_documents_by_deepdiff(benchmark: BenchmarkFixture) -> None:
    """Compare the same documents by DeepDiff, which explains a difference once it is found."""
    one, other = map(msgspec.json.decode, _documents())
    benchmark(lambda: deepdiff.DeepDiff(one, other))


def _documents() -> tuple[bytes, bytes]:
    one = msgspec.json.encode(DOCUMENT)
    return one, one.replace(b"Forklift", b"Welding")


def _note_rate(benchmark: BenchmarkFixture, cases: int = CASES) -> None:
    if benchmark.stats is not None:
        benchmark.extra_info["cases_per_s"] = round(cases / benchmark.stats.stats.median)
        print(f"\n{benchmark.name}: {cases / benchmark.stats.stats.median:,.0f} cases/s")
