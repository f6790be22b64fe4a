"""audit_baselines: entries with metrics, one a line, and how the last entry differs from the first.

The contract is `fixtures/contract/audit_baselines.rules.toml` and the last part of `audit.md`; the comments name its
rules. Where the lines lie in files is the business of `lakehouse_ref.services.storage`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, BinaryIO, NamedTuple, TypeAlias, TypeGuard

from lakehouse_ref import audit_lines, ijson
from lakehouse_ref.audit_lines import Fault, FaultError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lakehouse_ref.ijson import Value

    Entry: TypeAlias = dict[str, Value]

COMMIT = re.compile("[0-9a-f]{40}|unknown")


@dataclass(frozen=True)
class Summary:
    """What a file of entries comes to: how many are sound, the first and the last of them, and what is wrong."""

    count: int = 0
    first: Entry | None = None
    last: Entry | None = None
    fault: Fault | None = None


class Change(NamedTuple):
    """A line of the drift table."""

    metric: str
    first: int | None
    last: int | None
    change: str | None
    verdict: str

    def value(self) -> Value:
        """Return it as it stands in an answer."""
        numbers = {"first": self.first, "last": self.last}
        # The canonical writer takes 2^53 only as a double, which it is exactly.
        doubles = {name: None if number is None else float(number) for name, number in numbers.items()}
        return {"change": self.change, "metric": self.metric, "verdict": self.verdict, **doubles}


# ------------------------------------------------------------------ entries


def summarise(file: BinaryIO, name: str, touched: set[str]) -> Summary:
    """Read a file of entries to its end, or to the first thing that is wrong, and keep only what is answered."""
    summary = Summary()
    while line := audit_lines.next_line(file):
        try:
            entry = read_line(line, name, summary.count + 1, touched)
        except FaultError as error:
            return replace(summary, fault=error.fault)
        summary = Summary(summary.count + 1, entry if summary.first is None else summary.first, entry)
    return summary


def read_line(line: bytes, file: str, number: int, touched: set[str]) -> Entry:
    """Return the entry that stands on a line. Raises FaultError."""
    if audit_lines.is_too_long(line):
        raise FaultError(Fault("unreadable", "line-too-long", file, number))
    if not audit_lines.is_whole(line):
        raise FaultError(Fault("torn", "unfinished", file, number))
    met: set[str] = set()
    try:
        value = ijson.read(line, met)
    except ijson.RefusedError:
        raise FaultError(Fault("malformed", "not-json", file, number)) from None
    if not is_entry(value, touched):
        raise FaultError(Fault("malformed", "entry-shape", file, number))
    if "number-form" in met:
        touched.add("metric-integer")
    return value


def given_entry(data: bytes, file: str, touched: set[str]) -> bytes:
    """Return the canonical line of the entry that a file holds. Raises FaultError."""
    value = audit_lines.given_text(data, file)
    if not is_entry(value, touched):
        raise audit_lines.refused("entry-shape", file)
    form = audit_lines.storable(value, file)
    if len(form) > audit_lines.LONGEST_LINE:
        raise audit_lines.refused("line-too-long", file)
    return form + b"\n"


def is_entry(value: Value, touched: set[str]) -> TypeGuard[Entry]:
    """Tell whether a value is an entry; more members may stand beside the three."""
    if not isinstance(value, dict):
        return False
    commit, metrics = value.get("commit"), value.get("metrics")
    if not isinstance(commit, str) or COMMIT.fullmatch(commit) is None or not isinstance(metrics, dict):
        return False
    if not all(is_metric(number) for number in metrics.values()):
        touched.add("metric-integer")
        return False
    return audit_lines.is_timestamp(value.get("at"))


def is_metric(value: Value) -> bool:
    """Tell whether a value is an integer that a double holds exactly (rule `metric-integer`)."""
    return isinstance(value, float) and value.is_integer() and abs(value) <= ijson.LARGEST_INTEGER


# ------------------------------------------------------------------ drift


def drift(first: Entry, last: Entry, touched: set[str]) -> list[Change]:
    """Return how each metric changed from one entry to another."""
    before, after = metrics_of(first), metrics_of(last)
    names = list(before | after)
    ordered = sorted(names, key=ijson.utf16_units)
    if ordered != names:
        touched.add("drift-order")
    return [change(name, before.get(name), after.get(name), touched) for name in ordered]


def metrics_of(entry: Entry) -> dict[str, int]:
    """Return the metrics of an entry, in exact integers."""
    metrics = entry["metrics"]
    assert isinstance(metrics, dict)
    return {name: int(value) for name, value in metrics.items() if isinstance(value, float)}


def change(metric: str, first: int | None, last: int | None, touched: set[str]) -> Change:
    """Return how a metric changed, and whether somebody should look."""
    if first is None or last is None:
        touched.add("drift-one-side")
        return Change(metric, first, last, None, "warn")
    touched.update(rules_of(first, last))
    verdict = "warn" if is_warned_of(first, last) else "ok"
    return Change(metric, first, last, percentage(first, last), verdict)


def is_warned_of(first: int, last: int) -> bool:
    """Tell whether a change is above 20 %, or one from zero."""
    return 5 * abs(last - first) > abs(first)


def percentage(first: int, last: int) -> str | None:
    """Return a change as text, rounded with halves away from zero; from zero only zero has one."""
    if first == 0:
        return "+0 %" if last == 0 else None
    size = (200 * abs(last - first) + abs(first)) // (2 * abs(first))
    return f"{'-' if last < first and size else '+'}{size} %"


def rules_of(first: int, last: int) -> Iterator[str]:
    """Yield the rules that a change touches."""
    if first == 0:
        yield "drift-zero-zero" if last == 0 else "drift-from-zero"
        return
    if 5 * abs(last - first) == abs(first):
        yield "drift-at-20"
    if 5 * abs(last - first) > abs(first):
        yield "drift-above-20"
    if 100 * (last - first) % first:
        yield "drift-rounding"
