"""What a sweep over services reaches, beside what each service could answer at most: rates, and ratios in one run.

`wrk` (Debian's package of that name) gives the ceilings; without it there are none, and the benchmark says so.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest

from parity import config, declare, listener, pipeline
from parity.model import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_benchmark.fixture import BenchmarkFixture

ROOT = Path(__file__).parents[2]
CASES = 10_000
SECONDS = 4
CONNECTIONS = 32
REQUEST = {
    "kind": "sms",
    "request_id": "r-184467",
    "order": {"id": "ORD-7311", "role": "Forklift Operator", "city": "Aurora", "state": "IL", "headcount": 1},
    "roster": [
        {
            "id": "w-1",
            "role": "Forklift Operator",
            "city": "Aurora",
            "state": "IL",
            "email": "a7311@example.com",
            "phone": "312-555-7311",
        },
        {"id": "w-2", "role": "Forklift Operator", "city": "Aurora", "state": "IL", "phone": "312-555-7312"},
    ],
    "artifact": {
        "worker_id": "w-1",
        "to": "312-555-7311",
        "body": "Shift at the dock tomorrow at 7, reply YES to take it",
    },
}


@pytest.fixture(scope="module")
def run() -> Iterator[pipeline.Run]:
    started = pipeline.Run(config.load(ROOT, config.Options(cases=CASES)), listener.Silent())
    yield started
    started.close()


def bench_sweep_over_services(run: pipeline.Run, benchmark: BenchmarkFixture) -> None:
    """Generate, drive over HTTP, compare and judge."""
    probe = declare.find_probes(run.settings.probes)["validate"]
    seeds = itertools.count()

    def sweep() -> None:
        run.settings = msgspec.structs.replace(run.settings, seed=next(seeds))
        surface = pipeline.SurfaceRun(probe, run)
        surface.phase("sweep")
        assert surface.tally.verdicts[Verdict.AGREE] == CASES

    benchmark.pedantic(sweep, rounds=5, warmup_rounds=1)
    if benchmark.stats is not None:
        names = ", ".join(run.testees.serving("validate"))
        print(f"\nover {names}: {CASES / benchmark.stats.stats.median:,.0f} cases/s")


@pytest.mark.parametrize("name", ["python", "go", "rust"])
def bench_ceiling(name: str, run: pipeline.Run, tmp_path: Path) -> None:
    """Ask one service for the same answer as fast as it can: it has one core, and wrk another."""
    if (wrk := shutil.which("wrk")) is None:
        pytest.skip("wrk is not on the PATH, so there is no ceiling")
    if (service := run.testees.serving("validate").get(name)) is None:
        pytest.skip(f"{name} is not ready: {run.states[name].reason}")
    script = tmp_path / "request.lua"
    body = json.dumps(REQUEST, separators=(",", ":"))
    script.write_text(
        f'wrk.method = "POST"\nwrk.body = [==[{body}]==]\nwrk.headers["content-type"] = "application/json"\n'
    )
    cores = sorted(os.sched_getaffinity(0))
    host = service.host  # type: ignore[attr-defined]
    pid, port = host._channel.pid, host.address.port
    _pin(pid, cores[:1])
    try:
        done = subprocess.run(
            [
                wrk,
                "-t1",
                f"-c{CONNECTIONS}",
                f"-d{SECONDS}s",
                "-s",
                str(script),
                f"http://127.0.0.1:{port}/v1/validate",
            ],
            capture_output=True,
            text=True,
            check=True,
            preexec_fn=lambda: os.sched_setaffinity(0, cores[-1:]),
        )
    finally:
        _pin(pid, cores)
    assert "Non-2xx" not in done.stdout, done.stdout
    found = re.search(r"Requests/sec:\s*([0-9.]+)", done.stdout)
    assert found is not None, done.stdout
    print(
        f"\n{name} alone on one core, {len(body)} bytes, {CONNECTIONS} connections: {float(found[1]):,.0f} requests/s"
    )


def _pin(pid: int, cores: list[int]) -> None:
    for task in Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(ProcessLookupError):
            os.sched_setaffinity(int(task.name), cores)
