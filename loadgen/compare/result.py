"""What a comparison came to, as data: the shape of `comparison.json`."""

from __future__ import annotations

from typing import Literal

import msgspec

from loadgen.compare.plan import Conditions  # noqa: TC001 - msgspec reads it

Verdict = Literal["fine", "slower", "failed", "nothing shown", "unable", "interrupted"]
"""`failed`: bounds of the load run were not met. `unable`: a runtime or the environment failed."""
EXIT_CODES: dict[Verdict, int] = {
    "fine": 0,
    "slower": 1,
    "failed": 1,
    "nothing shown": 5,
    "unable": 3,
    "interrupted": 130,
}
Status = Literal["compared", "no interval", "not compared"]
Judgement = Literal["holds", "slower", "cannot tell"]


class Turn(msgspec.Struct, frozen=True):
    """One load run against one runtime."""

    round: int
    runtime: str
    seed: int
    passed: bool
    """Whether the bounds were met, and no daemon had to be started again."""
    reasons: list[str]
    """Why they were not."""
    limited: str
    """Why the generator, and not the runtime, was the limit; empty where it was not."""
    failures: int
    count: int
    values: dict[str, float | None]
    """The measures; None where there was nothing to measure by."""
    counts: dict[str, tuple[int, int]]
    """Failures and count of each scenario."""


class Spread(msgspec.Struct, frozen=True):
    """A measure of one runtime over the rounds."""

    median: float
    low: float
    high: float


class Row(msgspec.Struct, frozen=True):
    """A measure of every runtime; None for one that lacks it in all rounds."""

    measure: str
    sides: dict[str, Spread | None]


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """The ratio of one measure of one runtime to that of another, and what was found of it."""

    measure: str
    runtime: str
    against: str
    status: Status
    why: str = ""
    """Why there is no interval, or no ratio."""
    ratio: float | None = None
    low: float | None = None
    high: float | None = None
    rounds: int = 0
    spread: float = 0.0
    """The standard deviation of the ratios' logarithms."""
    baseline: float | None = None
    limit: float | None = None
    """Beyond this it became slower than was tolerated."""
    judgement: Judgement | None = None
    """None where nothing was to be judged, or could be."""
    more_rounds: int | None = None
    """Where it cannot be told: how many more rounds would probably do; None for none that anybody waits for."""


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """The whole."""

    schema_version: int = 1
    verdict: Verdict
    exit_code: int
    complete: bool
    """Whether every round was measured."""
    reasons: list[str]
    """A sentence for each thing that made the verdict what it is, the gravest first."""
    warnings: list[str]
    runtimes: list[str]
    """The first is what the others are measured against."""
    plants: dict[str, str]
    conditions: Conditions
    rounds_asked: int
    rounds: int
    """Those in which every runtime had its turn; no other is counted."""
    beside: list[Row]
    ratios: list[Compared]
    turns: list[Turn]
    tolerance: float | None
    seed: int
    commit: str
    command: str
    began: str
    """RFC 3339, UTC."""
