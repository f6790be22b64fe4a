"""What a run came to: each bound held against what was measured, and the verdict of all of them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from loadgen.summary import Bound, Class

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from loadgen.bounds import Bounds
    from loadgen.ledger import Entry
    from loadgen.summary import Capacity, Daemon, Parity, Reading, Verdict

EXIT_CODES: dict[Verdict, int] = {"passed": 0, "failed": 1, "unable": 3, "vacuous": 5, "interrupted": 130}


class Measured(NamedTuple):
    """What bounds are held against."""

    scenarios: dict[str, Entry]
    """Of every class that should run, also those that never did."""
    turns: dict[str, float]
    """How long each had its turn; empty where they ran all the time."""
    arrivals: float | None
    """How many were asked for, in all; None in a closed run."""
    daemons: Sequence[Daemon]
    readings: Sequence[Reading]
    is_soak: bool
    parity: Parity | None
    capacity: Capacity | None
    is_ours: bool = True
    """Whether the runtime was started for the run, so that all of it can be seen."""
    interrupted: str = ""
    """Why it ended early."""
    lost: Sequence[str] = ()
    """What is missing of what was counted, such as a worker's last report."""


class Judged(NamedTuple):
    """The verdict, and what it is made of."""

    verdict: Verdict
    exit_code: int
    reasons: list[str]
    bounds: list[Bound]
    scenarios: list[Class]


def judge(measured: Measured, bounds: Bounds) -> Judged:
    """Return what a run came to."""
    held = list(_bounds(measured, bounds))
    classes = [
        entry.described(name, passed=_passed(name, entry, held), seconds=measured.turns.get(name))
        for name, entry in measured.scenarios.items()
    ]
    reasons = list(_reasons(measured, held))
    verdict: Verdict = "passed"
    if any(bound.met is False for bound in held) or _held_nothing(measured.capacity):
        verdict = "failed"
    elif measured.interrupted:
        verdict = "interrupted"
    elif measured.lost:
        verdict = "unable"
    elif (
        any(not _showed(entry) for entry in measured.scenarios.values())
        or _nothing_compared(measured.parity)
        or (measured.is_ours and any(bound.met is None for bound in held))
        or (measured.capacity is not None and not _is_bracketed(measured.capacity))
    ):
        verdict = "vacuous"
    code = EXIT_CODES[verdict]
    return Judged(verdict, 130 if measured.interrupted else code, reasons, held, classes)


def _bounds(measured: Measured, bounds: Bounds) -> Iterator[Bound]:
    for name, entry in measured.scenarios.items():
        if bounds.failures is not None:
            # A search for the capacity asks for too much on purpose; wrong answers are wrong even then.
            failures = entry.failures if measured.capacity is None else entry.kinds["wrong_answer"]
            yield _at_most(f"failures.{name}", bounds.failures, failures / entry.count if entry.count else None)
    for name, limit in bounds.p99_ms.items():
        if name in measured.scenarios and measured.capacity is None:
            yield _at_most(f"p99_ms.{name}", limit, measured.scenarios[name].percentile(99))
    if bounds.achieved is not None and measured.arrivals and measured.capacity is None:
        well = sum(entry.count - entry.failures for entry in measured.scenarios.values())
        share, least = well / measured.arrivals, bounds.achieved
        yield Bound("achieved", least, share, share / least - 1 if least else share, share >= least)
    for daemon in measured.daemons:
        yield from _bounds_of(daemon, measured, bounds)
    for name in bounds.resident_mib:
        if name not in {daemon.name for daemon in measured.daemons}:
            yield Bound(f"resident_mib.{name}", bounds.resident_mib[name], None, None, None)
    if bounds.differing is not None and measured.parity is not None:
        yield _at_most("differing", bounds.differing, measured.parity.differing)


def _bounds_of(daemon: Daemon, measured: Measured, bounds: Bounds) -> Iterator[Bound]:
    if (most := bounds.resident_mib.get(daemon.name)) is not None:
        yield _at_most(f"resident_mib.{daemon.name}", most, daemon.resident_mib)
    if bounds.restarts is not None:
        yield _at_most(f"restarts.{daemon.name}", bounds.restarts, daemon.restarts)
    if bounds.panics is not None:
        yield _at_most(f"panics.{daemon.name}", bounds.panics, daemon.panics)
    if bounds.growth is not None and measured.is_soak:
        yield _at_most(f"growth.{daemon.name}", bounds.growth, growth(daemon.name, measured.readings))


def _at_most(name: str, limit: float, found: float | None) -> Bound:
    if found is None:
        return Bound(name, limit, None, None, None)
    margin = 1 - found / limit if limit else -found
    return Bound(name, limit, found, margin + 0.0, found <= limit)


def growth(daemon: str, readings: Sequence[Reading]) -> float | None:
    """Return by which share the resident memory grew from the second quarter of a run to its last one.

    None where there are too few readings. The first quarter is left out: caches fill there.
    """
    sizes = [reading.resident_mib for reading in readings if reading.daemon == daemon]
    quarter = len(sizes) // 4
    if not quarter:
        return None
    before, after = sizes[quarter : 2 * quarter], sizes[-quarter:]
    return max(0.0, math.fsum(after) / math.fsum(before) - 1) if any(before) else None


def _passed(name: str, entry: Entry, held: Sequence[Bound]) -> bool:
    own = [bound for bound in held if bound.name.partition(".")[2] == name and bound.name.split(".")[0] in _OWN]
    return entry.count > 0 and all(bound.met is not False for bound in own)


_OWN = {"failures", "p99_ms"}


def _showed(entry: Entry) -> bool:
    """Tell whether at least one ended well: else nothing was shown, whatever share of failures is allowed."""
    return entry.count > entry.failures


def _held_nothing(capacity: Capacity | None) -> bool:
    """Tell whether the server held no rate at all; where the generator was the limit, nothing is known of that."""
    return capacity is not None and capacity.rate is None and _is_bracketed(capacity)


def _is_bracketed(capacity: Capacity) -> bool:
    """Tell whether the search found a rate that did not hold, beside those that did: else it is `at least` at most."""
    held = capacity.rate or 0.0
    return not capacity.is_limited and any(not step.held and step.rate > held for step in capacity.steps)


def _nothing_compared(parity: Parity | None) -> bool:
    return parity is not None and not parity.compared


def _reasons(measured: Measured, held: Sequence[Bound]) -> Iterator[str]:
    if measured.interrupted:  # which may be why much of the rest is missing
        yield measured.interrupted
    for daemon in measured.daemons:
        for line in daemon.panic_lines[:1]:
            yield f"{daemon.name} panicked {daemon.panics:,} times: {line.text}"
        if daemon.restarts:
            yield f"{daemon.name} ended by itself, and was started again {daemon.restarts:,} times"
    for name, entry in measured.scenarios.items():
        if not entry.count:
            yield f"{name} never ran to its end"
        for kind, count in entry.kinds.most_common():
            first = next((example.why for example in entry.examples if example.kind == kind), "")
            yield f"{name}: {count:,} of {entry.count:,} failed, {WORDS.get(kind, kind)}: {first}"
    for bound in held:
        kind = bound.name.partition(".")[0]
        if bound.met is False and kind not in {"failures", "panics", "restarts"}:
            yield f"{bound.name} is {bound.measured:.4g}, and the bound is {bound.limit:.4g}"
        if bound.met is None and kind not in _OWN and measured.is_ours:
            yield f"{bound.name} could not be judged: nothing was measured that it is about"
    yield from _reasons_beside(measured)


def _reasons_beside(measured: Measured) -> Iterator[str]:
    """Yield what else counts: the comparison with other runtimes, the capacity, and what is missing."""
    if measured.parity is not None and not measured.parity.compared:
        yield f"no answer was compared with another runtime: {measured.parity.why or 'none was sampled'}"
    if measured.capacity is not None and _held_nothing(measured.capacity):
        yield f"no rate kept to the bounds: {measured.capacity.why}"
    elif measured.capacity is not None and not _is_bracketed(measured.capacity):
        yield f"the capacity is not known: {measured.capacity.why}"
    yield from measured.lost


WORDS = {
    "wrong_answer": "wrong answers",
    "connection": "connections",
    "server_error": "status 5xx",
    "timeout": "time-outs",
}
