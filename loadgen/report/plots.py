"""The plots of a load run: from data to SVG text, the same data to the same text. A plot of nothing is no text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loadgen.report import axes, svg, words
from loadgen.report.lines import Series, over_time

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from loadgen.summary import Capacity, Class, Reading, Second, Step, Summary

SIGNS = {"p50": "dot", "p95": "square", "p99": "diamond", "p99.9": "triangle", "max": "bar"}
ROW = 26  # pixels of a scenario
NAME = 24  # letters of its name


def rates(timeline: Sequence[Second], *, arrivals: bool) -> str:
    """Return scenarios and failures a second, and the arrivals that were asked for where there were such."""
    series = [
        Series("scenarios that ended", [(one.second, one.scenarios) for one in timeline], "c0"),
        Series("of them failed", [(one.second, one.failures) for one in timeline], "c1"),
    ]
    if arrivals:
        series.append(Series("arrivals asked for", _levels(timeline), "level", "5 4"))
    return over_time("Scenarios over time", "per second", series)


def users(timeline: Sequence[Second]) -> str:
    """Return how many users the shape asked for."""
    return over_time("Users asked for", "users", [Series("users", _levels(timeline), "level", "5 4")], height=80)


def _levels(timeline: Sequence[Second]) -> list[tuple[float, float | None]]:
    return [(one.second, one.level) for one in timeline]


def latency(timeline: Sequence[Second]) -> str:
    """Return p50 and p99 of each second."""
    return over_time(
        "Latency over time",
        "ms",
        [
            Series("p50", [(one.second, one.p50) for one in timeline], "c0"),
            Series("p99", [(one.second, one.p99) for one in timeline], "c1"),
        ],
        log=True,
    )


def resident(readings: Sequence[Reading]) -> str:
    """Return the resident memory of each daemon."""
    return _by_daemon("Resident memory", "MiB", readings, lambda one: one.resident_mib)


def cpu(readings: Sequence[Reading]) -> str:
    """Return the cores that each daemon kept busy."""
    return _by_daemon("CPU", "cores", readings, lambda one: one.cpu)


def open_files(readings: Sequence[Reading]) -> str:
    """Return the files that each daemon had open."""
    return _by_daemon("Open files", "files", readings, lambda one: one.open_files)


def _by_daemon(title: str, unit: str, readings: Sequence[Reading], value: Callable[[Reading], float]) -> str:
    series = []
    for at, name in enumerate(dict.fromkeys(one.daemon for one in readings)):
        own = sorted((one for one in readings if one.daemon == name), key=lambda one: one.second)
        before = [0, *[one.restarts for one in own]]
        restarts = [one.second for one, earlier in zip(own, before, strict=False) if one.restarts > earlier]
        series.append(Series(name, [(one.second, value(one)) for one in own], svg.colour(at), svg.dash(at), restarts))
    return over_time(title, unit, series, mark="restart")


def percentiles(scenarios: Sequence[Class]) -> str:
    """Return the percentiles of each scenario on one logarithmic axis."""
    ran = [value for one in scenarios for value in axes.finite(_percentiles(one).values())]
    if not ran:
        return ""
    keys = [svg.Key(name, svg.sign(shape, 8, 0, svg.colour(at))) for at, (name, shape) in enumerate(SIGNS.items())]
    legend, top = svg.legend(keys, 36)
    bottom = top + ROW * len(scenarios) + 6
    x = axes.logarithmic(ran, svg.LEFT + 124, svg.RIGHT)
    parts = [legend, svg.across(x, top, bottom, "ms, logarithmic")]
    for at, one in enumerate(scenarios):
        y = top + ROW * (at + 0.5) + 3
        parts.append(svg.text(svg.short(one.name, NAME), 0, y + 4))
        parts.append(_row(one, x, y))
    told = "; ".join(f"{svg.short(one.name)} p99 {words.number(_percentiles(one).get('p99'))} ms" for one in scenarios)
    return svg.document("Latency by scenario", told, bottom + 40, *parts)


def _percentiles(one: Class) -> dict[str, float]:
    times = one.latency
    return dict(zip(SIGNS, (times.p50, times.p95, times.p99, times.p999, times.max), strict=True)) if times else {}


def _row(one: Class, x: axes.Scale, y: float) -> str:
    found = {name: value for name, value in _percentiles(one).items() if axes.finite([value])}
    if not found:
        return svg.text("never ran", x.start + 6, y + 4, class_="tick")
    line = svg.element("path", d=f"M{x(min(found.values())):.1f} {y:.1f}H{x(max(found.values())):.1f}", class_="span")
    return line + "".join(
        svg.sign(
            SIGNS[name], x(value), y, svg.colour(list(SIGNS).index(name)), f"{one.name} {name} {words.number(value)} ms"
        )
        for name, value in found.items()
    )


def achieved(capacity: Capacity) -> str:
    """Return what came of each rate that was tried, against the line on which all of it came."""
    points = [(step, step.achieved) for step in capacity.steps]
    return _by_rate("Rate tried against achieved", "achieved per second", points, diagonal=True)


def capacity_p99(capacity: Capacity) -> str:
    """Return the p99 at each rate that was tried, against its bound."""
    points = [(step, step.p99) for step in capacity.steps]
    return _by_rate("p99 by the rate tried", "ms, logarithmic", points, bound=capacity.p99_ms)


def _by_rate(
    title: str,
    unit: str,
    points: Sequence[tuple[Step, float | None]],
    *,
    bound: float | None = None,
    diagonal: bool = False,
) -> str:
    drawn = [(step, value) for step, value in points if value is not None and axes.finite([value, step.rate])]
    if len(axes.finite([value for _, value in drawn])) == 0:
        return ""
    keys = [svg.Key("held", svg.sign("dot", 8, 0, "c0")), svg.Key("did not hold", svg.sign("cross", 8, 0, "c1"))]
    keys += [svg.Key("all that was tried", svg.swatch("level", "5 4"))] * diagonal
    keys += [svg.Key("the bound", svg.swatch("level", "5 4"))] * (bound is not None)
    legend, top = svg.legend(keys, 36)
    top += 28
    bottom = top + 190
    x = axes.linear([step.rate for step, _ in drawn], svg.LEFT, svg.RIGHT)
    heights = [value for _, value in drawn]
    y = (
        axes.linear([*heights, *[step.rate for step, _ in drawn]], bottom, top)
        if diagonal
        else axes.logarithmic([*heights, *axes.finite([bound])], bottom, top)
    )
    parts = [legend, svg.across(x, top, bottom, "tried per second"), svg.upwards(y, unit)]
    if diagonal:
        most = min(x.high, y.high)
        parts.append(svg.path([(x(0), y(0)), (x(most), y(most))], "level", "5 4"))
    if bound is not None:
        parts.append(svg.path([(x.start, y(bound)), (x.end, y(bound))], "level", "5 4"))
    for step, value in drawn:
        held = "held" if step.held else "did not hold"
        told = f"{words.number(step.rate)} per second: {words.number(value)}, {held}"
        parts.append(
            svg.sign("dot" if step.held else "cross", x(step.rate), y(value), "c0" if step.held else "c1", told)
        )
    held_count = sum(step.held for step, _ in drawn)
    return svg.document(title, f"{held_count} of {len(drawn)} rates held", bottom + 40, *parts)


def all_of(summary: Summary) -> dict[str, list[str]]:
    """Return the plots of a run by the section of the page that they stand in, without those of nothing."""
    opened = summary.mode == "open"
    capacity = summary.capacity
    groups = {
        "scenarios": [
            rates(summary.timeline, arrivals=opened),
            "" if opened else users(summary.timeline),
            latency(summary.timeline),
            percentiles(summary.scenarios),
        ],
        "footprint": [resident(summary.readings), cpu(summary.readings), open_files(summary.readings)],
        "capacity": [achieved(capacity), capacity_p99(capacity)] if capacity else [],
    }
    return {name: [plot for plot in plots if plot] for name, plots in groups.items()}
