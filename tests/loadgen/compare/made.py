"""Turns that nobody took: summaries made of a few numbers, and a bench that hands them out."""

from __future__ import annotations

import random
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from loadgen.compare import plan
from loadgen.summary import Class, Daemon, Generator, Latency, Summary, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable

SECONDS = 10.0
CLASSES = ("surge_fill_validate", "repeat_cache")

PROJECT = """\
[parity]
runtimes = ["python", "go", "rust"]
[runtimes.python]
helper = ["python"]
[runtimes.go]
helper = ["go"]
[runtimes.rust]
helper = ["rust"]
"""


def project(root: Path) -> Path:
    """Make a folder that is a project."""
    (root / "parity.toml").write_text(PROJECT)
    return root


def summary(
    rate: float,
    *,
    p99: float | None = None,
    resident: float | None = 100.0,
    failures: int | tuple[int, int] = 0,
    limited: str = "",
    verdict: Verdict = "passed",
    restarts: int = 0,
) -> Summary:
    """Return what a turn came to: half of the scenarios are of each class; one number of failures is of the first."""
    each = round(rate * SECONDS / 2)
    slow = p99 if p99 is not None else 16_000 / rate
    latency = Latency(slow / 4, slow / 2, slow, slow * 2, slow * 3)
    failed = failures if isinstance(failures, tuple) else (failures, 0)
    scenarios = [Class(name, each, bad, {}, latency, passed=True) for name, bad in zip(CLASSES, failed, strict=True)]
    return Summary(
        verdict=verdict,
        exit_code=0 if verdict == "passed" else 1,
        reasons=[] if verdict == "passed" else ["p99_ms.repeat_cache is 120, and 100 is the limit"],
        warnings=[],
        file="multitier",
        target="a runtime",
        plant=None,
        corpus=2000,
        mode="closed",
        shape="constant",
        users=16,
        arrivals=None,
        seconds=SECONDS,
        asked_seconds=SECONDS,
        processes=1,
        scenarios=scenarios,
        calls=[],
        rate=rate - sum(failed) / SECONDS,
        failure_share=sum(failed) / max(2 * each, 1),
        bounds=[],
        daemons=[Daemon("matrixd", resident, resident, 0.5, 0.9, 20, restarts, 0, [])],
        readings=[],
        timeline=[],
        statuses={"200": 2 * each},
        generator=Generator(1, 0.5, 1.0, limited=bool(limited), why=limited),
        parity=None,
        capacity=None,
        seed=1,
        commit="3f2a91c",
        command="locust",
        began="2026-11-20T10:00:00Z",
    )


class FakeBench:
    """A bench whose turns are what a function says; it notes what was asked of it."""

    def __init__(self, answer: Callable[[str, int], Summary]) -> None:
        """Take what says what the turn of a runtime comes to, the how-manieth of that runtime, the warm-up being 0."""
        self.answer = answer
        self.calls: list[str] = []
        self.seeds: list[int] = []
        self.closed = 0

    def start(self, name: str) -> None:
        self.calls.append(f"start {name}")

    def turn(self, name: str, label: str, seed: int) -> Summary:
        number = sum(call.startswith("turn") and call.endswith(f"-{name}") for call in self.calls)
        self.calls.append(f"turn {label}")
        self.seeds.append(seed)
        return self.answer(name, number)

    def close(self) -> None:
        self.closed += 1


def noisy(rates: dict[str, float], *, seed: int = 1, noise: float = 0.03) -> Callable[[str, int], Summary]:
    """Return turns at these rates on a noisy machine: a drift that a round shares, and a little of each turn's own."""

    def answer(name: str, number: int) -> Summary:
        drift = random.Random(f"{seed} {number}").gauss(0, 0.3)
        own = random.Random(f"{seed} {number} {name}").gauss(0, noise)
        return summary(rates[name] * 2.718281828 ** (drift + own))

    return answer


def made_plan(root: Path = Path("/nowhere"), *, tolerance: float | None = None, rounds: int = 5) -> plan.Plan:
    """Return a plan of two runtimes."""
    return plan.Plan(
        root=root,
        state=root / ".parity",
        names=("go", "rust"),
        conditions=plan.Conditions("multitier", 2000, 16, 10),
        rounds=rounds,
        seed=1,
        report=root / "reports/load",
        baseline=root / "fixtures/load_baseline.toml",
        tolerance=tolerance,
        update=False,
        plants={},
        command="python -m loadgen.compare go rust",
    )


def changed(one: plan.Plan, **fields: object) -> plan.Plan:
    """Return a plan with some fields otherwise."""
    return msgspec.structs.replace(one, **fields)
