"""The tables of the report, the same ones for both pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from loadgen.report import words
from loadgen.report.words import Words
from loadgen.summary import KINDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from loadgen.summary import Class, Summary

KIND_NAMES = {
    "wrong_answer": Words("wrong answers"),
    "connection": Words("connection"),
    "server_error": Words("5xx"),
    "timeout": Words("time-outs"),
}


@dataclass(frozen=True)
class Row:
    """A row. Cells are foreign text, but for those that are `Words`."""

    cells: Sequence[str]
    bad: bool = False
    """Whether something in it is why a run is not green."""


@dataclass(frozen=True)
class Table:
    """A table whose first columns stand to the left, and the others, as numbers do, to the right."""

    header: Sequence[str]
    rows: Sequence[Row]
    left: int = 1


def classes(found: Sequence[Class], summary: Summary, *, judged: bool) -> Table:
    """Return scenarios or calls: how many, how they failed, how long they took, and whether they passed."""
    others = sorted({kind for one in found for kind, times in one.failure_kinds.items() if times} - set(KINDS))
    kinds = [*KINDS, *others]
    header = _own("scenario" if judged else "call", *["passed"] * judged, "count", "rate/s", "failures")
    header += [KIND_NAMES.get(kind, kind) for kind in kinds]
    header += _own("p50", "p95", "p99", "p99.9", "max")
    rows = []
    for one in found:
        cells = [one.name, *[words.yes(holds=one.passed)] * judged, words.number(one.count)]
        cells += [words.number(_rate(one, summary)), words.number(one.failures)]
        cells += [words.number(one.failure_kinds.get(kind, 0)) for kind in kinds]
        times = one.latency
        cells += (
            [words.number(value) for value in (times.p50, times.p95, times.p99, times.p999, times.max)]
            if times
            else [words.NOTHING] * 5
        )
        rows.append(Row(cells, bad=bool(one.failures) or (judged and not one.passed)))
    return Table(header, rows)


def _rate(one: Class, summary: Summary) -> float | None:
    seconds = summary.seconds if one.seconds is None else one.seconds
    return (one.count - one.failures) / seconds if seconds > 0 else None


def bounds(summary: Summary) -> Table:
    """Return the bounds: those that are not met first, then those that could not be judged."""
    order = {False: 0, None: 1, True: 2}
    rows = [
        Row(
            [
                bound.name,
                words.exact(bound.limit),
                words.exact(bound.measured),
                words.margin(bound),
                words.yes(holds=bound.met),
            ],
            bad=bound.met is False,
        )
        for bound in sorted(summary.bounds, key=lambda bound: order[bound.met])
    ]
    return Table(_own("bound", "limit", "measured", "margin", "met"), rows)


def footprint(summary: Summary) -> Table:
    """Return what each daemon took of the machine."""
    rows = [
        Row(
            [
                daemon.name,
                words.number(daemon.resident_mib),
                words.number(daemon.resident_mib_at_end),
                words.number(daemon.cpu),
                words.number(daemon.cpu_max),
                words.number(daemon.open_files),
                words.number(daemon.restarts),
                words.number(daemon.panics),
            ],
            bad=bool(daemon.panics or daemon.restarts),
        )
        for daemon in summary.daemons
    ]
    header = _own(
        "daemon", "resident MiB, most", "at end", "cores, average", "most", "open files", "restarts", "panics"
    )
    return Table(header, rows)


def statuses(summary: Summary) -> Table:
    """Return how many answers had which status."""
    rows = [Row([status, words.number(times)]) for status, times in sorted(summary.statuses.items())]
    return Table(_own("status", "answers"), rows)


def steps(summary: Summary) -> Table:
    """Return the rates that a search for the capacity tried, in its order."""
    rows = [
        Row(
            [
                words.exact(step.rate),
                words.exact(step.achieved),
                words.share(step.failures),
                words.number(step.p99),
                words.yes(holds=step.held),
            ]
        )
        for step in (summary.capacity.steps if summary.capacity else ())
    ]
    return Table(_own("rate/s", "achieved/s", "failures", "p99 ms", "held"), rows, left=0)


def conditions(summary: Summary) -> Table:
    """Return how a run was made: what somebody needs who wants to see it again."""
    generator = summary.generator
    asked = "" if summary.asked_seconds is None else f" of {words.exact(summary.asked_seconds)} s that were asked for"
    arrivals = "" if summary.arrivals is None else f", at most {words.exact(summary.arrivals)} arrivals/s"
    cores = f"{words.number(generator.cpu)} cores each, {words.number(generator.lag_p99)} ms late at its p99"
    rows: dict[str, str] = {
        "file": summary.file,
        "target": summary.target,
        **({} if summary.plant is None else {"planted bug": summary.plant}),
        **({} if summary.corpus is None else {"corpus": words.count(summary.corpus, "worker")}),
        "load": Words(f"{summary.mode}, {words.count(summary.users, 'user')}{arrivals}"),
        "shape": summary.shape,
        "lasted": Words(f"{words.exact(round(summary.seconds, 1))} s{asked}"),
        "generator": Words(f"{words.count(summary.processes, 'process', 'processes')}; {cores}"),
        "seed": Words(summary.seed),
        "commit": summary.commit,
        "began": summary.began,
        "exit code": Words(summary.exit_code),
    }
    return Table([], [Row([Words(name), value]) for name, value in rows.items()], left=2)


def _own(*names: str) -> list[str]:
    return [Words(name) for name in names]
