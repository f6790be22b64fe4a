"""The plot: well-formed, deterministic, and what it draws stands where the numbers say."""

from __future__ import annotations

import math
from itertools import pairwise
from xml.etree import ElementTree as ET

import msgspec
import pytest

from loadgen.compare import plot
from loadgen.compare.result import Compared

SPACE = "{http://www.w3.org/2000/svg}"
ONE = Compared(
    measure="rate",
    runtime="rust",
    against="go",
    status="compared",
    ratio=2.0,
    low=1.0,
    high=4.0,
    rounds=5,
)
NOT = Compared(measure="rate.a<b", runtime="rust", against="go", status="not compared", why="none")


def drawn(*ratios: Compared) -> ET.Element:
    return ET.fromstring(plot.svg(ratios))  # noqa: S314 - ours


def texts(root: ET.Element) -> list[str]:
    return [element.text or "" for element in root.iter(f"{SPACE}text")]


def test_the_dot_lies_in_the_middle_of_its_interval_on_a_logarithmic_axis() -> None:
    root = drawn(ONE)
    [dot] = root.iter(f"{SPACE}circle")
    lines = list(root.iter(f"{SPACE}line"))
    [interval] = [line for line in lines if line.get("stroke-width") == "2"]
    [one] = [line for line in lines if line.get("stroke-width") == "1.5"]
    low, high = float(interval.get("x1", "")), float(interval.get("x2", ""))
    assert float(dot.get("cx", "")) == pytest.approx((low + high) / 2, abs=0.1)
    assert float(one.get("x1", "")) == pytest.approx(low, abs=0.1)
    assert "2 (1 to 4)" in texts(root)


def test_the_same_ratios_give_the_same_bytes() -> None:
    assert plot.svg([ONE, NOT]) == plot.svg([ONE, NOT])


def test_what_was_not_compared_has_a_row_and_no_dot() -> None:
    root = drawn(NOT)
    assert "not compared" in texts(root)
    assert "a<b" in texts(root)
    assert list(root.iter(f"{SPACE}circle")) == []


def test_a_ratio_without_an_interval_has_a_dot_alone() -> None:
    root = drawn(msgspec.structs.replace(ONE, status="no interval", low=None, high=None))
    assert len(list(root.iter(f"{SPACE}circle"))) == 1
    assert [line for line in root.iter(f"{SPACE}line") if line.get("stroke-width") == "2"] == []


def test_the_limit_is_marked_and_a_slower_one_says_so() -> None:
    root = drawn(msgspec.structs.replace(ONE, judgement="slower", limit=5.0))
    assert "2 (1 to 4), slower" in texts(root)
    [dot] = root.iter(f"{SPACE}circle")
    assert dot.get("fill") == plot.COLOURS["slower"]


def test_no_ratio_at_all_is_a_plot_all_the_same() -> None:
    assert "1" in texts(drawn())


@pytest.mark.parametrize("reach", [1.01, 1.3, 3.0, 40.0, 1e4])
def test_the_labels_of_the_axis_do_not_touch(reach: float) -> None:
    root = drawn(msgspec.structs.replace(ONE, ratio=1.0, low=1 / reach, high=reach))
    places = sorted(
        float(element.get("x", "")) for element in root.iter(f"{SPACE}text") if element.get("text-anchor") == "middle"
    )
    assert places
    assert all(later - sooner >= plot.NEAREST for sooner, later in pairwise(places))
    assert all(plot.LEFT <= place <= plot.RIGHT for place in places)


def test_everything_stays_within_the_picture() -> None:
    root = drawn(msgspec.structs.replace(ONE, low=1e-3, high=1e3, limit=1e-4), NOT)
    places = [float(line.get(end, "")) for line in root.iter(f"{SPACE}line") for end in ("x1", "x2")]
    assert min(places) >= plot.LEFT
    assert max(places) <= plot.RIGHT
    assert not any(math.isnan(place) for place in places)
    assert "http" not in plot.svg([ONE]).replace("http://www.w3.org/2000/svg", "")
