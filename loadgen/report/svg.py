"""Pieces of SVG: elements whose text is escaped, legends that wrap, and the frame around a plot.

Colours are classes, which the page gives other values in the dark.
"""

from __future__ import annotations

import html
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from loadgen.report import axes
from parity.report import show

if TYPE_CHECKING:
    from collections.abc import Sequence

    from loadgen.report.axes import Scale

WIDTH = 680
LEFT, RIGHT = 60, 654
"""Where the plot itself begins and ends."""
LETTER = 6.8  # pixels that a letter of 12 takes, at most; nothing measures text here
SWATCH = 22  # pixels of a legend's sign, and the gap behind it
PALETTE = 6  # how many colours the page has; dashes tell further series apart
DASHES = ("", "7 3", "2 3", "9 3 2 3")


def element(name: str, content: str = "", **attributes: object) -> str:
    """Return an element around content that is SVG already. `stroke_width` becomes `stroke-width`, `class_` `class`."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{html.escape(_value(value))}"'
        for key, value in attributes.items()
        if value != ""
    )
    return f"<{name}{written}>{content}</{name}>" if content else f"<{name}{written}/>"


def _value(value: object) -> str:
    return f"{value:.1f}".removesuffix(".0") if isinstance(value, float) else str(value)


def text(words: str, x: float, y: float, **attributes: object) -> str:
    """Return words on a line, escaped."""
    return element("text", escape(words) or " ", x=float(x), y=float(y), **attributes)


def escape(words: str) -> str:
    """Return words with nothing in them that XML or a terminal would take for its own."""
    return html.escape(show.visible(words))


def short(name: str, longest: int = 28) -> str:
    """Return a name that takes no more room than so many letters."""
    seen = show.visible(name, 1000)
    if width(seen) <= longest * LETTER:
        return seen
    while width(seen) > (longest - 1) * LETTER:
        seen = seen[:-1]
    return seen + "…"


def width(words: str) -> float:
    """Return about how many pixels words take; East Asian letters take two."""
    return LETTER * sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in words)


def colour(at: int) -> str:
    """Return the class of the series at a place."""
    return f"c{at % PALETTE}"


def dash(at: int) -> str:
    """Return the dashes of the series at a place: none as long as colours are enough."""
    return DASHES[at // PALETTE % len(DASHES)]


def path(points: Sequence[tuple[float, float]], class_: str, dashes: str = "") -> str:
    """Return a line through points, or a dot where there is one alone."""
    if len(points) == 1:
        return element("circle", cx=points[0][0], cy=points[0][1], r=2.5, class_=f"mark {class_}")
    way = "M" + "L".join(f"{_value(float(x))} {_value(float(y))}" for x, y in points)
    return element("path", d=way, class_=f"line {class_}", stroke_dasharray=dashes)


def band(around: Sequence[tuple[float, float]], class_: str) -> str:
    """Return an area, from the points around it."""
    return element(
        "path", d="M" + "L".join(f"{_value(x)} {_value(y)}" for x, y in around) + "Z", class_=f"band {class_}"
    )


def swatch(class_: str, dashes: str = "") -> str:
    """Return the sign of a line in a legend, around its left end at 0, 0."""
    return element("path", d="M0 0L16 0", class_=f"line {class_}", stroke_dasharray=dashes)


def sign(shape: str, x: float, y: float, class_: str, title: str = "") -> str:
    """Return a marker: told apart by its shape as well as by its colour. A title shows where a mouse is over it."""
    r = 4.5
    ways = {
        "cross": f"M{x - r:.1f} {y - r:.1f}l{2 * r} {2 * r}m0 {-2 * r}l{-2 * r} {2 * r}",
        "triangle": f"M{x - r:.1f} {y - r:.1f}l{2 * r} 0l{-r} {2 * r}z",
        "diamond": f"M{x:.1f} {y - r:.1f}l{r} {r}l{-r} {r}l{-r} {-r}z",
        "square": f"M{x - 3.5:.1f} {y - 3.5:.1f}h7v7h-7z",
        "bar": f"M{x:.1f} {y - 6:.1f}v12",
    }
    told = element("title", escape(title)) if title else ""
    if shape == "dot":
        return element("circle", told, cx=float(x), cy=float(y), r=4, class_=f"mark {class_}")
    return element("path", told, d=ways[shape], class_=f"{'line' if shape in {'cross', 'bar'} else 'mark'} {class_}")


@dataclass(frozen=True)
class Key:
    """An entry of a legend: a name, and a sign drawn around 0, 0."""

    name: str
    sign: str


def legend(keys: Sequence[Key], y: float) -> tuple[str, float]:
    """Return a legend that wraps at the width of the plot, and the y below it."""
    parts: list[str] = []
    x = 0.0
    for key in keys:
        name = short(key.name)
        wide = SWATCH + width(name) + 14
        if x and x + wide > WIDTH:
            x, y = 0.0, y + 18
        parts.append(element("g", key.sign, transform=f"translate({x + 1:.1f} {y - 4:.1f})"))
        parts.append(text(name, x + SWATCH, y))
        x += wide
    return "".join(parts), y + 12 if keys else y - 6


def document(title: str, told: str, height: float, *parts: str) -> str:
    """Return the whole picture; `told` is what somebody who cannot see it hears."""
    return element(
        "svg",
        element("title", escape(title)) + text(title, 0, 14, class_="title") + "".join(parts),
        viewBox=f"0 0 {WIDTH} {height:.0f}",
        role="img",
        aria_label=show.visible(f"{title}: {told}", 1000),
        class_="plot",
    )


def across(scale: Scale, top: float, bottom: float, unit: str) -> str:
    """Return the axis below a plot: ticks with lines up to its top, and the unit in a line below them."""
    parts = []
    for tick in scale.ticks:
        x = scale(tick)
        parts.append(element("path", d=f"M{x:.1f} {top:.1f}V{bottom:.1f}", class_="grid"))
        parts.append(text(axes.label(tick), x, bottom + 16, text_anchor="middle", class_="tick"))
    return "".join(parts) + text(unit, RIGHT, bottom + 32, text_anchor="end", class_="tick")


def upwards(scale: Scale, unit: str) -> str:
    """Return the axis to the left of a plot: ticks with lines across it, and the unit above them."""
    parts = [text(unit, 0, scale.end - 16, class_="tick")]
    for tick in scale.ticks:
        y = scale(tick)
        parts.append(element("path", d=f"M{LEFT} {y:.1f}H{RIGHT}", class_="grid"))
        parts.append(text(axes.label(tick), LEFT - 6, y + 4, text_anchor="end", class_="tick"))
    return "".join(parts)
