"""A plot of values over time: lines with gaps where there is nothing, and marks of what happened."""

from __future__ import annotations

import itertools
import math
import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING

from loadgen.report import axes, svg

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MOST_POINTS = 600  # of a line that is drawn as it is
BINS = 300  # that a line of more is put into
BAND = ((0.0, -5.0), (16.0, -5.0), (16.0, 5.0), (0.0, 5.0))
MISSED = 2.5  # times the usual distance between two points, from which on something is missing between them


@dataclass(frozen=True)
class Series:
    """A line. None is a gap."""

    name: str
    points: Sequence[tuple[float, float | None]]
    """Seconds and values."""
    class_: str
    dashes: str = ""
    marks: Sequence[float] = ()
    """Seconds at which something happened that the plot names."""


def over_time(
    title: str, unit: str, series: Sequence[Series], *, log: bool = False, mark: str = "", height: int = 170
) -> str:
    """Return the plot, or nothing where no series has a value. `mark` says what the marks of the series are."""
    shown = [one for one in series if _finite(one)]
    if not shown:
        return ""
    values = [value for one in shown for _, value in _finite(one)]
    end = max(1.0, *(second for one in shown for second, _ in one.points))
    stretches = [(one, stretch) for one in shown for stretch in _stretches(one)]
    marked = any(one.marks for one in shown)
    keys = [svg.Key(one.name, svg.swatch(one.class_, one.dashes)) for one in shown]
    keys += [svg.Key(mark, svg.sign("triangle", 8, 0, "ink"))] * marked
    keys += [svg.Key("lowest to highest", svg.band(BAND, "ink"))] * any(
        len(stretch) > MOST_POINTS for _, stretch in stretches
    )
    legend, top = svg.legend(keys, 36)
    top += 28
    bottom = top + height
    size, name = axes.time_unit(end)
    x = axes.extent(end / size, svg.LEFT, svg.RIGHT)
    y = (axes.logarithmic if log else axes.linear)(values, bottom, top)
    drawn = [_drawn([(x(second / size), y(value)) for second, value in stretch], one) for one, stretch in stretches]
    happened = [_mark(x(second / size), top, bottom, f"{one.name}: {mark}") for one in shown for second in one.marks]
    told = "; ".join(f"{one.name} {_told(one)} {unit}" for one in shown)
    return svg.document(
        title,
        told + (f"; {sum(len(one.marks) for one in shown)} times {mark}" if marked else ""),
        bottom + 40,
        legend,
        svg.across(x, top, bottom, name),
        svg.upwards(y, f"{unit}, logarithmic" if log else unit),
        *drawn,
        *happened,
    )


def _finite(one: Series) -> list[tuple[float, float]]:
    return [(second, value) for second, value in one.points if value is not None and math.isfinite(value)]


def _told(one: Series) -> str:
    values = [value for _, value in _finite(one)]
    low, high = f"{min(values):,.4g}", f"{max(values):,.4g}"
    return low if low == high else f"{low} to {high}"


def _stretches(one: Series) -> Iterator[Sequence[tuple[float, float]]]:
    """Yield the parts of a line between its gaps."""
    points = sorted(one.points, key=lambda point: point[0])
    distances = [after[0] - before[0] for before, after in itertools.pairwise(points) if after[0] > before[0]]
    most = MISSED * statistics.median(distances) if distances else math.inf
    stretch: list[tuple[float, float]] = []
    for second, value in points:
        broken = value is None or not math.isfinite(value)
        if stretch and (broken or second - stretch[-1][0] > most):
            yield stretch
            stretch = []
        if value is not None and not broken:
            stretch.append((second, value))
    if stretch:
        yield stretch


def _drawn(stretch: Sequence[tuple[float, float]], one: Series) -> str:
    """Return a line; one of many points as means, in a band from the lowest to the highest of each."""
    if len(stretch) <= MOST_POINTS:
        return svg.path(stretch, one.class_, one.dashes)
    size = math.ceil(len(stretch) / BINS)
    parts = [stretch[at : at + size] for at in range(0, len(stretch), size)]
    middles = [statistics.fmean(x for x, _ in part) for part in parts]
    heights = [[y for _, y in part] for part in parts]
    around = [*zip(middles, map(min, heights), strict=True)]
    around += reversed([*zip(middles, map(max, heights), strict=True)])
    means = [*zip(middles, map(statistics.fmean, heights), strict=True)]
    return svg.band(around, one.class_) + svg.path(means, one.class_, one.dashes)


def _mark(x: float, top: float, bottom: float, title: str) -> str:
    line = svg.element("path", d=f"M{x:.1f} {top:.1f}V{bottom:.1f}", class_="happened")
    return line + svg.sign("triangle", x, top - 3, "ink", title)
