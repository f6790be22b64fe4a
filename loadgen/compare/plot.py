"""The ratios as one SVG: a dot and its interval a row, on a logarithmic axis. The same ratios give the same bytes."""

from __future__ import annotations

import math
from html import escape
from typing import TYPE_CHECKING

from loadgen.compare import measures

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from loadgen.compare.result import Compared

WIDTH = 960
LEFT, RIGHT = 330, 720
"""Where the axis begins and ends; labels stand before it, numbers behind it."""
TOP, LINE = 40, 22
TICKS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 0.7, 0.8, 0.9, 1.0, 1.1, 1.25, 1.5, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0)
NEAREST = 44
"""Pixels between the labels of two ticks."""
INK, GREY, FAINT = "#1f2328", "#6e7781", "#d8dee4"
COLOURS = {None: "#0969da", "holds": "#1a7f37", "slower": "#cf222e", "cannot tell": "#9a6700"}
STYLE = 'font-family="system-ui, sans-serif" font-size="13"'


def svg(ratios: Sequence[Compared]) -> str:
    """Return the plot of the ratios, those that were not compared included."""
    low, high = _reach(ratios)

    def at(value: float) -> float:
        share = (math.log(value) - math.log(low)) / (math.log(high) - math.log(low))
        return LEFT + share * (RIGHT - LEFT)

    rows: list[str] = []
    y = TOP
    for pair, kind, group in _groups(ratios):
        better = "right" if measures.more_is_better(kind) else "left"
        rows.append(_text(12, y, f"{pair}: {measures.TITLES[kind]} ({better} of 1 is better)", weight="bold"))
        y += LINE
        for one in group:
            rows += _row(
                one, y, [at(value) for value in (one.ratio, one.low, one.high, one.limit) if value is not None]
            )
            y += LINE
        y += LINE // 2
    height = y + LINE
    axis = [
        f'<line x1="{at(tick):.1f}" x2="{at(tick):.1f}" y1="{TOP}" y2="{y - 14}" '
        f'stroke="{INK if tick == 1 else FAINT}" stroke-width="{1.5 if tick == 1 else 1}"/>'
        + _text(at(tick), y + 2, f"{tick:g}", anchor="middle", colour=GREY)
        for tick in _ticks(low, high, at(1.0), (RIGHT - LEFT) / math.log(high / low))
    ]
    return "\n".join(
        [
            (
                f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" '
                f'viewBox="0 0 {WIDTH} {height}" role="img">'
            ),
            "<title>Ratios of the runtimes, with 95 % intervals</title>",
            f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
            _text(12, 18, "Ratios with 95 % intervals, on a logarithmic axis; a tick marks the limit", colour=GREY),
            *axis,
            *rows,
            "</svg>",
            "",
        ]
    )


def _reach(ratios: Sequence[Compared]) -> tuple[float, float]:
    """Return both ends of the axis: all intervals and 1, with some room."""
    ends = [1.0]
    ends += [end for one in ratios for end in (one.ratio, one.low, one.high, one.limit) if end is not None]
    room = max(1.1, (max(ends) / min(ends)) ** 0.06)
    return min(ends) / room, max(ends) * room


def _ticks(low: float, high: float, one: float, scale: float) -> Iterator[float]:
    """Yield the values whose labels do not touch each other; 1 is always among them."""
    inside = [tick for tick in TICKS if low <= tick <= high]
    taken = [one]
    for tick in sorted(inside, key=lambda value: (value not in {0.1, 0.5, 2.0, 10.0}, abs(math.log(value)))):
        place = one + math.log(tick) * scale
        if tick == 1 or all(abs(place - other) >= NEAREST for other in taken):
            taken.append(place)
            yield tick


def _groups(ratios: Sequence[Compared]) -> Iterator[tuple[str, str, list[Compared]]]:
    """Yield the ratios by pair and by what is measured."""
    for runtime, against in dict.fromkeys((one.runtime, one.against) for one in ratios):
        for kind in measures.TITLES:
            group = [one for one in ratios if one.runtime == runtime and measures.kind(one.measure) == kind]
            if group:
                yield f"{runtime} / {against}", kind, group


def _row(one: Compared, y: int, places: Sequence[float]) -> Iterator[str]:
    yield _text(28, y, measures.scenario(one.measure) or "all")
    if one.ratio is None:
        yield _text(RIGHT + 16, y, "not compared", colour=GREY)
        return
    colour, middle = COLOURS[one.judgement], y - 4
    numbers = f"{one.ratio:.3g}"
    if one.low is not None and one.high is not None:
        _, low, high, *_ = places
        numbers += f" ({one.low:.3g} to {one.high:.3g})"
        yield f'<line x1="{low:.1f}" x2="{high:.1f}" y1="{middle}" y2="{middle}" stroke="{colour}" stroke-width="2"/>'
    if one.limit is not None:
        limit = places[-1]
        yield f'<line x1="{limit:.1f}" x2="{limit:.1f}" y1="{middle - 6}" y2="{middle + 6}" stroke="{GREY}"/>'
    yield f'<circle cx="{places[0]:.1f}" cy="{middle}" r="4" fill="{colour}"/>'
    yield _text(RIGHT + 16, y, f"{numbers}{f', {one.judgement}' if one.judgement else ''}")


def _text(x: float, y: float, text: str, *, anchor: str = "start", colour: str = INK, weight: str = "normal") -> str:
    return (
        f'<text x="{x:.1f}" y="{y}" {STYLE} text-anchor="{anchor}" fill="{colour}" font-weight="{weight}">'
        f"{escape(text)}</text>"
    )
