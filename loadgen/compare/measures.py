"""What is compared: the measures of a turn by name, as files of bounds and the baseline name them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from loadgen.summary import Summary

RATE = "rate"
P99 = "p99_ms"
RESIDENT = "resident_mib"
NAME = re.compile(rf"(?:{RATE}|{RESIDENT}|(?:{RATE}|{P99})\.\S+)")
"""`rate` and `resident_mib` of all, `rate.CLASS` and `p99_ms.CLASS` of one scenario."""
TITLES = {RATE: "scenarios a second", P99: "p99 in milliseconds", RESIDENT: "resident memory in MiB"}


def kind(measure: str) -> str:
    """Return what is measured, without the scenario."""
    return measure.partition(".")[0]


def scenario(measure: str) -> str | None:
    """Return the scenario that a measure is of; None where it is of all."""
    return measure.partition(".")[2] or None


def more_is_better(measure: str) -> bool:
    """Tell whether a ratio above 1 is good news."""
    return kind(measure) == RATE


def of_speed(measure: str) -> bool:
    """Tell whether the measure says how fast a runtime is. Memory does not."""
    return kind(measure) != RESIDENT


def values(summary: Summary) -> dict[str, float | None]:
    """Return the measures of a turn; None where there is nothing to measure it by."""
    found: dict[str, float | None] = {RATE: summary.rate}
    for one in summary.scenarios:
        found[f"{RATE}.{one.name}"] = (one.count - one.failures) / summary.seconds if summary.seconds > 0 else None
    for one in summary.scenarios:
        found[f"{P99}.{one.name}"] = one.latency.p99 if one.latency is not None else None
    found[RESIDENT] = _resident(summary)
    return found


def counts(summary: Summary) -> dict[str, tuple[int, int]]:
    """Return failures and count of each scenario."""
    return {one.name: (one.failures, one.count) for one in summary.scenarios}


def _resident(summary: Summary) -> float | None:
    """Return what the runtime's daemons took together; None where one of them could not be read."""
    total = 0.0
    for daemon in summary.daemons:
        if daemon.resident_mib is None:
            return None
        total += daemon.resident_mib
    return total if summary.daemons else None
