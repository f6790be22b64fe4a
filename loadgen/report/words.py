"""Numbers and sentences of the report. `Words` are the report's own; every other text is foreign, and is escaped."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from parity.report import show

if TYPE_CHECKING:
    from loadgen.summary import Bound, Capacity, Class, Daemon, Difference, Parity, Summary

SIDE = "  "
MOST_EXAMPLES = 20  # failures of one scenario that are shown; the numbers beside them count all
MOST_LINES = 40  # of a log
STANDS = {
    "passed": "",
    "failed": "",
    "vacuous": "it showed nothing; ",
    "interrupted": "ended early; ",
    "unable": "the runtime or the environment failed; ",
}


class Words(str):
    """Text that holds nothing from a testee, a file or the command line."""

    __slots__ = ()


NOTHING = Words("-")


def number(value: float | None) -> Words:
    """Return a number to three significant digits, as those of a histogram are."""
    if value is None or not math.isfinite(value):
        return NOTHING
    return Words(f"{value:,.0f}" if isinstance(value, int) or abs(value) >= 100 else f"{value:.3g}")


def exact(value: float | None) -> Words:
    """Return a number with enough digits to tell 100.4 from a limit of 100."""
    if value is None or not math.isfinite(value):
        return NOTHING
    return Words(f"{value:,.0f}" if abs(value) >= 1_000_000 else f"{value:,.6g}")


def share(value: float | None) -> Words:
    """Return a share as a percentage."""
    return NOTHING if value is None or not math.isfinite(value) else Words(f"{number(value * 100)} %")


def count(amount: int, noun: str, plural: str = "") -> Words:
    """Return an amount with its noun, in the plural where there is not just one."""
    return Words(f"{amount:,} {noun if amount == 1 else plural or noun + 's'}")


def yes(*, holds: bool | None) -> Words:
    """Return a judgement, with the bad one in capitals so that an eye finds it in a column."""
    return Words("not judged" if holds is None else "yes" if holds else "NO")


def headline(summary: Summary) -> Words:
    """Return in one line what came of a run; the verdict itself stands before it."""
    return Words(STANDS[summary.verdict] + "; ".join([_scenarios(summary), *_troubles(summary)]))


def _scenarios(summary: Summary) -> str:
    ran = sum(one.count for one in summary.scenarios)
    if not ran:
        return "no scenario ran"
    failed = sum(one.failures for one in summary.scenarios)
    passed = sum(one.passed for one in summary.scenarios)
    failures = f"{failed:,} failed ({share(summary.failure_share)})" if failed else "none failed"
    return (
        f"{passed} of {count(len(summary.scenarios), 'scenario')} passed, "
        f"{ran:,} runs of them in {number(summary.seconds)} s, {number(summary.rate)}/s ended well, {failures}"
    )


def _troubles(summary: Summary) -> list[str]:
    unmet = sum(bound.met is False for bound in summary.bounds)
    unjudged = sum(bound.met is None for bound in summary.bounds)
    panics = sum(daemon.panics for daemon in summary.daemons)
    restarts = sum(daemon.restarts for daemon in summary.daemons)
    differing = summary.parity.differing if summary.parity else 0
    return [
        *[f"{unmet} of {count(len(summary.bounds), 'bound')} not met"] * bool(unmet),
        *[f"{count(unjudged, 'bound')} not judged"] * bool(unjudged),
        *[count(panics, "panic")] * bool(panics),
        *[count(restarts, "restart")] * bool(restarts),
        *[f"{count(differing, 'answer')} unlike those of other runtimes"] * bool(differing),
    ]


def warnings(summary: Summary) -> list[str]:
    """Return the warnings; that the generator was the limit is always among them."""
    generator = summary.generator
    told = not generator.limited or any(generator.why in warning for warning in summary.warnings if generator.why)
    limit = f"the generator, and not the server, was the limit: {generator.why or 'it did not keep up'}"
    return [*summary.warnings, *[limit] * (not told)]


def counted_from(summary: Summary) -> Words:
    """Return what the latencies are measured from."""
    return Words("the intended start of each" if summary.mode == "open" else "the moment each was sent")


def margin(bound: Bound) -> Words:
    """Return how far from its limit a bound was measured."""
    return share(bound.margin) if bound.limit else exact(bound.margin)


def examples(one: Class) -> list[str]:
    """Return failures of a scenario, two lines each."""
    lines: list[str] = []
    for example in one.examples[:MOST_EXAMPLES]:
        lines += [f"{show.visible(example.kind)}{SIDE}{show.visible(example.call)}", f"    {show.visible(example.why)}"]
    more = len(one.examples) - MOST_EXAMPLES
    return lines + [f"... ({more:,} more in summary.json)"] * (more > 0)


def panics(daemon: Daemon) -> list[str]:
    """Return each line that tells of a panic behind how often it came, the most frequent first."""
    lines = sorted(daemon.panic_lines, key=lambda line: -line.count)
    counts = [f"{line.count:,} times" if line.count != 1 else "once" for line in lines]
    width = max(map(len, counts), default=0)
    shown = [
        f"{times.rjust(width)}{SIDE}{show.visible(line.text)}"
        for times, line in zip(counts[:MOST_LINES], lines, strict=False)
    ]
    more = len(lines) - MOST_LINES
    return shown + [f"... ({more:,} more lines in summary.json)"] * (more > 0)


def last_lines(daemon: Daemon) -> list[str]:
    """Return the end of the log of a daemon that ended by itself."""
    return [show.visible(line) for line in daemon.last_lines.splitlines()[-MOST_LINES:]]


def parity(found: Parity) -> Words:
    """Return how much of the answers was compared, and whether any differed."""
    names = count(len(found.runtimes), "other runtime")
    dropped = f", {found.dropped:,} dropped since more came than could be compared" if found.dropped else ""
    came = f"{found.differing:,} differ" if found.differing else "none differs" if found.compared else "nothing shown"
    return Words(
        f"{share(found.share)} of the answers: {found.sampled:,} sampled, {found.compared:,} compared with "
        f"{names}{dropped}: {came}"
    )


def difference(found: Difference) -> list[str]:
    """Return the smallest input that showed a difference, and what each runtime answered."""
    rows: dict[str, list[str]] = {"input": show.show_lines(found.case.encode("utf-8", "surrogatepass"))}
    for name, answer in found.rendered.items():
        rows[show.visible(name, 40)] = ["(nothing there)" if answer is None else show.visible(answer)]
    width = max(map(len, rows))
    return [
        f"{(name if at == 0 else '').ljust(width)}{SIDE}{line}".rstrip()
        for name, lines in rows.items()
        for at, line in enumerate(lines)
    ]


def capacity(found: Capacity) -> Words:
    """Return the highest rate that held, and what holding means."""
    bounds = f"p99 of at most {exact(found.p99_ms)} ms and at most {share(found.failures)} failures"
    if found.rate is None:
        return Words(f"no rate that was tried held: {bounds}")
    return Words(f"{number(found.rate)}/s is the highest rate that held: {bounds}")
