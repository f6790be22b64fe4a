"""From values to pixels: linear and logarithmic scales with round ticks."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

PARTS = 5  # that a scale upwards is divided into, at most
PARTS_OF_TIME = 9
UNITS = ((10_800.0, 3600.0, "hours"), (300.0, 60.0, "minutes"), (0.0, 1.0, "seconds"))
"""From how many seconds on a time is told in what."""


@dataclass(frozen=True)
class Scale:
    """Maps `low` to `start` and `high` to `end`, which are pixels."""

    low: float
    high: float
    start: float
    end: float
    ticks: tuple[float, ...]
    log: bool = False

    def __call__(self, value: float) -> float:
        """Return the pixel of a value; what lies outside of the scale is drawn at its edge."""
        value = min(max(value, self.low), self.high)
        if self.log:
            part = math.log(value / self.low) / math.log(self.high / self.low)
        else:
            part = (value - self.low) / (self.high - self.low)
        return self.start + part * (self.end - self.start)


def linear(values: Iterable[float], start: float, end: float) -> Scale:
    """Return a scale from 0 to a round number that no value lies above. All zero, or no values: from 0 to 1."""
    most = max(finite(values), default=0.0)
    step = round_step(most) if most > 0 else 0.5
    steps = max(1, math.ceil(most / step - 1e-9)) if most > 0 else 2
    return Scale(0.0, steps * step, start, end, tuple(round(step * at, 12) for at in range(steps + 1)))


def extent(most: float, start: float, end: float) -> Scale:
    """Return a scale for time: from 0 to exactly the end, with round ticks."""
    most = most if most > 0 else 1.0
    step = round_step(most, PARTS_OF_TIME)
    return Scale(0.0, most, start, end, tuple(step * at for at in range(math.floor(most / step + 1e-9) + 1)))


def logarithmic(values: Iterable[float], start: float, end: float) -> Scale:
    """Return a scale of whole decades around the values; zero lies at its lower edge."""
    positive = [value for value in finite(values) if value > 0] or [1.0]
    low, high = math.floor(math.log10(min(positive))), math.ceil(math.log10(max(positive)))
    high = max(high, low + 1)
    every = math.ceil((high - low) / PARTS)
    ticks = [
        float(f"{digit}e{decade}")
        for decade in range(low, high + 1, every)
        for digit in ((1, 2, 5) if high - low <= 2 else (1,))  # few decades: between them as well
    ]
    return Scale(
        float(f"1e{low}"), float(f"1e{high}"), start, end, tuple(t for t in ticks if t <= float(f"1e{high}")), log=True
    )


def finite(values: Iterable[float | None]) -> list[float]:
    """Return those values that can be drawn."""
    return [value for value in values if value is not None and math.isfinite(value)]


def round_step(most: float, parts: int = PARTS) -> float:
    """Return the smallest of 1, 2 and 5 times a power of ten that divides a range into so many parts at most."""
    raw = most / parts
    power = math.floor(math.log10(raw))
    return next(step for digit in (1, 2, 5, 10) if (step := float(f"{digit}e{power}")) >= raw * (1 - 1e-9))


def label(value: float) -> str:
    """Return a tick's text, short enough to stand beside an axis."""
    for size, letter in ((1e9, "G"), (1e6, "M")):
        if size <= abs(value) < 1000 * size:
            return f"{value / size:g}{letter}"
    return f"{value:.0e}" if abs(value) >= 1e12 or 0 < abs(value) < 1e-4 else f"{value:,.10g}"


def time_unit(most: float) -> tuple[float, str]:
    """Return by how many seconds a time is divided, and the name of that."""
    return next((size, name) for least, size, name in UNITS if most >= least)
