"""What a load run came to, as data: the shape of `summary.json` (fixtures/contract/load.schema.json).

Durations are milliseconds, sizes mebibytes, rates a second; of a core that is busy all the time the share is 1.0.
"""

from __future__ import annotations

from typing import Literal

import msgspec

Verdict = Literal["passed", "failed", "vacuous", "interrupted", "unable"]
"""`vacuous`: it showed nothing, as where a scenario never ran. `unable`: the runtime or the environment failed."""

KINDS = ("wrong_answer", "connection", "server_error", "timeout")
"""Why a scenario failed. Panics are counted beside these, from the daemons' own logs."""


class Latency(msgspec.Struct, frozen=True):
    """Percentiles in milliseconds, to three significant digits. In an open run they count from the intended start."""

    p50: float
    p95: float
    p99: float
    p999: float
    max: float


class Example(msgspec.Struct, frozen=True):
    """One failure of a kind, as it was met."""

    kind: str
    call: str
    """The method and the path."""
    why: str


class Class(msgspec.Struct, frozen=True):
    """What came of one scenario, or of one call."""

    name: str
    count: int
    failures: int
    failure_kinds: dict[str, int]
    """Every one of `KINDS`, also those that never happened."""
    latency: Latency | None
    """None where it never ran."""
    passed: bool = False
    """Whether it ran, and every bound on it holds. Calls have no bounds."""
    examples: list[Example] = []
    seconds: float | None = None
    """How long it took its turn, where scenarios run by turns; None where it ran all the time."""


class Bound(msgspec.Struct, frozen=True):
    """What was demanded, and by how much it was met."""

    name: str
    """Its name in the file of bounds, such as `p99_ms.repeat_cache`."""
    limit: float
    measured: float | None
    """None where there is nothing to measure it by."""
    margin: float | None
    """How far from the limit, as a share of it, or plainly where the limit is 0; below 0 where it is not met."""
    met: bool | None
    """None where it could not be judged, such as resident memory of a process elsewhere."""


class Line(msgspec.Struct, frozen=True):
    """A line of a daemon's log that tells of a panic, with what differs from one to the next left as it was first."""

    text: str
    count: int


class Daemon(msgspec.Struct, frozen=True):
    """The footprint of one process of the runtime."""

    name: str
    resident_mib: float | None
    """The most that it had."""
    resident_mib_at_end: float | None
    cpu: float | None
    """Cores that it kept busy, on average."""
    cpu_max: float | None
    open_files: int | None
    """The most that it had."""
    restarts: int
    panics: int
    panic_lines: list[Line]
    last_lines: str = ""
    """The end of its log, where it ended by itself."""


class Reading(msgspec.Struct, frozen=True):
    """The footprint of a daemon at one second of the run."""

    second: float
    daemon: str
    resident_mib: float
    cpu: float
    open_files: int
    restarts: int


class Second(msgspec.Struct, frozen=True):
    """What ended in one second of the run."""

    second: int
    scenarios: int
    failures: int
    p50: float | None
    p99: float | None
    level: float | None = None
    """What the shape asked for at that time: users, or arrivals a second."""


class Generator(msgspec.Struct, frozen=True):
    """Whether the generator itself kept up."""

    processes: int
    cpu: float
    """Cores that each of its processes kept busy, on average; of several the busiest."""
    lag_p99: float
    """How much later than it should it woke up, in milliseconds."""
    limited: bool
    """Whether it, and not the server, was the limit; then latencies and rates say nothing of the server."""
    why: str = ""


class Step(msgspec.Struct, frozen=True):
    """One rate that was tried in a search for the capacity."""

    rate: float
    achieved: float
    failures: float
    """The share of the scenarios."""
    p99: float | None
    held: bool


class Capacity(msgspec.Struct, frozen=True):
    """The highest rate at which the bounds held, in scenarios a second; None where none did."""

    rate: float | None
    p99_ms: float
    """The bound on the p99 of all scenarios together."""
    failures: float
    steps: list[Step]
    why: str = ""
    """What ended the search."""
    is_limited: bool = False
    """Whether the generator, and not the server, ended it; then the server may hold more."""


class Difference(msgspec.Struct, frozen=True):
    """An answer under load that other runtimes give otherwise."""

    surface: str
    path: str
    what: str
    sides: str
    """Who stands with whom."""
    rendered: dict[str, str | None]
    count: int
    case: str
    """The smallest input that showed it, as text."""
    replay: str
    """The command that asks the runtimes about it again."""


class Parity(msgspec.Struct, frozen=True):
    """What comparing a share of the answers with other runtimes came to."""

    share: float
    runtimes: list[str]
    """Those that were compared with the one under load."""
    sampled: int
    compared: int
    dropped: int
    """Samples that were not compared, since more came than could be."""
    differing: int
    differences: list[Difference]
    why: str = ""
    """Why nothing could be compared."""


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """A load run."""

    schema_version: int = 1
    verdict: Verdict
    exit_code: int
    reasons: list[str]
    """A sentence for each thing that made the verdict what it is, the gravest first."""
    warnings: list[str]
    notes: list[str] = []
    """What else is worth saying, such as how the sides of a cutover compare."""
    file: str
    """`multitier` or `cutover`."""
    target: str
    """The runtime, or the URL."""
    plant: str | None
    corpus: int | None
    """How many workers were searched."""
    mode: Literal["closed", "open"]
    shape: str
    users: int
    arrivals: float | None
    """Scenarios a second that were asked for, at most."""
    seconds: float
    """How long it ran."""
    asked_seconds: float | None
    processes: int
    """Of the generator."""
    scenarios: list[Class]
    calls: list[Class]
    rate: float
    """Scenarios a second that ended well."""
    failure_share: float
    bounds: list[Bound]
    daemons: list[Daemon]
    readings: list[Reading]
    timeline: list[Second]
    statuses: dict[str, int]
    """How many answers had which status."""
    generator: Generator
    parity: Parity | None
    capacity: Capacity | None
    seed: int
    commit: str
    command: str
    began: str
    """RFC 3339, UTC."""
