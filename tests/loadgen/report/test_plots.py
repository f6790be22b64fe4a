"""The plots: round ticks, gaps where there is nothing, signs told apart by shape, nothing cut off or overlapping."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

import msgspec
import pytest

from loadgen.report import axes, lines, page, plots, svg
from loadgen.summary import Capacity, Latency, Reading, Second, Step
from tests.loadgen.report import made, pages

if TYPE_CHECKING:
    import xml.etree.ElementTree as ET

    from loadgen.summary import Summary

RUNS = {
    "passed": made.passed(),
    "failed": made.failed(),
    "capacity": made.capacity(),
    "one second": made.passed(seconds=1),
    "an hour": made.passed(seconds=3600),
    "many daemons": made.passed(readings=[Reading(1.0, f"daemon {at}", 1.0, 1.0, 1, 0) for at in range(30)]),
    "huge names": made.everywhere("鉄" * 500),
    "narrow names": made.everywhere("i" * 500),
}


def only(text: str) -> ET.Element:
    (plot,) = pages.drawings(text)
    return plot


def of_class(plot: ET.Element, tag: str, *classes: str) -> list[ET.Element]:
    return [one for one in plot.iter(tag) if set(classes) <= set(one.get("class", "").split())]


def curves(plot: ET.Element, colour: str) -> list[str]:
    """Return the stretches of a line, without its sign in the legend."""
    legend = {one for group in plot.iter("g") for one in group.iter("path")}
    return [one.get("d", "") for one in of_class(plot, "path", "line", colour) if one not in legend]


def seconds(*rates: int | None, **changes: float) -> list[Second]:
    made_up = [Second(at, rate, 0, 1.0, 2.0) for at, rate in enumerate(rates) if rate is not None]
    return [msgspec.structs.replace(one, **changes) for one in made_up]


# ------------------------------------------------------------------ what every plot has


@pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)
def test_no_text_is_cut_off_or_lies_on_another(run: Summary) -> None:
    drawn = pages.drawings(page.render(run))
    assert len(drawn) >= 7
    for plot in drawn:
        _, _, wide, high = map(float, plot.get("viewBox", "").split())
        boxes = [box(one, 0, 0) for one in plot.findall("text")]
        for left, top, right, bottom, said in boxes:
            assert left >= 0, said
            assert right <= wide, said
            assert 0 <= top < bottom <= high, said
        for at, (left, top, right, bottom, said) in enumerate(boxes):
            for other in boxes[at + 1 :]:
                apart = right <= other[0] or other[2] <= left or bottom <= other[1] or other[3] <= top
                assert apart, (said, other[4])


def box(one: ET.Element, x: float, y: float) -> tuple[float, float, float, float, str]:
    said = one.text or ""
    wide = svg.width(said) * (1.2 if one.get("class") == "title" else 1)
    x, y = x + float(one.get("x", "0")), y + float(one.get("y", "0"))
    left = x - {"middle": wide / 2, "end": wide}.get(one.get("text-anchor", ""), 0)
    return left, y - 9, left + wide, y + 2, said


@pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)
def test_everything_drawn_lies_within(run: Summary) -> None:
    for text in re.findall(r"<svg.*?</svg>", page.render(run), re.DOTALL):
        assert "nan" not in text.lower().replace("inance", "")
        assert not re.search(r'[" ML]-?inf', text)
        plot = only(text)
        _, _, wide, high = map(float, plot.get("viewBox", "").split())
        for way in (one.get("d", "") for one in of_class(plot, "path", "line")):
            for x, y in re.findall(r"[ML]([-\d.]+) ([-\d.]+)", way):
                assert 0 <= float(x) <= wide
                assert -10 <= float(y) <= high


@pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)
def test_a_plot_can_be_heard(run: Summary) -> None:
    for plot in pages.drawings(page.render(run)):
        title = plot.findtext("title")
        assert title
        assert plot.get("role") == "img"
        assert plot.get("aria-label", "").startswith(f"{title}: ")
        assert plot[1].text == title


def test_what_is_heard_are_the_values() -> None:
    assert only(plots.rates(seconds(5, 9, 7), arrivals=False)).get("aria-label") == (
        "Scenarios over time: scenarios that ended 5 to 9 per second; of them failed 0 per second"
    )


# ------------------------------------------------------------------ axes


@pytest.mark.parametrize(
    ("most", "ticks"),
    [
        (0.0, (0, 0.5, 1)),
        (1.0, (0, 0.2, 0.4, 0.6, 0.8, 1.0)),
        (7, (0, 2, 4, 6, 8)),
        (1290, (0, 500, 1000, 1500)),
        (0.003, (0, 0.001, 0.002, 0.003)),
        (100_000, (0, 20_000, 40_000, 60_000, 80_000, 100_000)),
    ],
)
def test_ticks_are_round_and_none_lies_below_a_value(most: float, ticks: tuple[float, ...]) -> None:
    scale = axes.linear([most, 0.0], 100, 0)
    assert scale.ticks == ticks
    assert (scale(0), scale(scale.high)) == (100, 0)


def test_a_logarithmic_axis_has_whole_decades() -> None:
    scale = axes.logarithmic([2.2, 131.0], 0, 300)
    assert (scale.low, scale.high, scale.ticks) == (1.0, 1000.0, (1.0, 10.0, 100.0, 1000.0))
    assert (round(scale(10)), round(scale(100))) == (100, 200)
    assert axes.logarithmic([3.0, 40.0], 0, 1).ticks == (1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0)


def test_a_logarithmic_axis_has_a_place_for_zero_and_for_one_value() -> None:
    assert axes.logarithmic([0.0, 5.0], 0, 10)(0.0) == 0
    assert axes.logarithmic([0.0], 0, 10).ticks == (1.0, 2.0, 5.0, 10.0)
    assert axes.logarithmic([10.0], 0, 10)(10.0) == 0
    assert len(axes.logarithmic([1e-9, 1e9], 0, 10).ticks) <= 7


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (0.2, "0.2"),
        (1500, "1,500"),
        (100_000, "100,000"),
        (2_500_000, "2.5M"),
        (3e9, "3G"),
        (1e15, "1e+15"),
        (1e-9, "1e-09"),
    ],
)
def test_labels_are_short(value: float, text: str) -> None:
    assert axes.label(value) == text


@pytest.mark.parametrize(("most", "unit"), [(1, "seconds"), (299, "seconds"), (300, "minutes"), (10_800, "hours")])
def test_a_long_run_is_told_in_minutes_or_hours(most: int, unit: str) -> None:
    drawn = only(plots.users([Second(at, 1, 0, None, None, 5.0) for at in (0, most)]))
    assert unit in [one.text for one in drawn.iter("text")]


# ------------------------------------------------------------------ gaps, few points, many


@pytest.mark.parametrize(
    "drawn", [plots.rates([], arrivals=True), plots.latency([]), plots.cpu([]), plots.percentiles([])]
)
def test_of_nothing_there_is_no_plot(drawn: str) -> None:
    assert drawn == ""


def test_where_nothing_can_be_drawn_there_is_no_plot() -> None:
    assert plots.latency([Second(0, 0, 0, None, None), Second(1, 0, 0, math.nan, math.inf)]) == ""
    assert plots.percentiles([made.scenario("never", 0)]) == ""
    assert plots.achieved(Capacity(None, 10, 0, [])) == ""
    assert plots.capacity_p99(Capacity(None, 10, 0, [Step(1, 1, 0, None, held=False)])) == ""


def test_one_point_is_a_dot() -> None:
    plot = only(plots.latency([Second(0, 3, 0, 1.5, 9.0)]))
    assert len(of_class(plot, "circle", "mark", "c0")) == 1
    assert curves(plot, "c0") == []


def test_a_second_without_a_value_is_a_gap() -> None:
    whole = [Second(at, 1, 0, 1.0, 2.0) for at in range(9)]
    broken = [msgspec.structs.replace(one, p50=None if one.second == 4 else 1.0) for one in whole]
    assert len(curves(only(plots.latency(whole)), "c0")) == 1
    assert len(curves(only(plots.latency(broken)), "c0")) == 2
    assert len(curves(only(plots.latency(broken)), "c1")) == 1


def test_seconds_that_are_missing_are_a_gap() -> None:
    plot = only(plots.rates(seconds(5, 6, 7, None, None, None, 8, 9), arrivals=False))
    assert len(curves(plot, "c0")) == 2


def test_what_is_no_number_is_a_gap() -> None:
    points = [(float(at), value) for at, value in enumerate([1.0, 2.0, math.nan, 3.0, 4.0, -math.inf, 5.0])]
    plot = only(lines.over_time("t", "u", [lines.Series("s", points, "c0")]))
    assert len(curves(plot, "c0")) == 2
    assert len(of_class(plot, "circle", "mark", "c0")) == 1


def test_all_zero_is_a_line_at_the_bottom() -> None:
    plot = only(plots.rates(seconds(0, 0, 0), arrivals=False))
    heights = {y for way in curves(plot, "c0") for _, y in re.findall(r"([\d.]+) ([\d.]+)", way)}
    assert len(heights) == 1


def test_a_long_run_keeps_its_spikes_and_stays_small() -> None:
    rates = [Second(at, 100, 0, 1.0, 900.0 if at == 77_777 else 2.0) for at in range(100_000)]
    text = plots.latency(rates)
    assert len(text) < 60_000
    (band,) = of_class(only(text), "path", "band", "c1")
    ((highest, x),) = sorted((float(y), float(x)) for x, y in re.findall(r"([\d.]+) ([\d.]+)", band.get("d", "")))[:1]
    assert highest < 80
    assert "lowest to highest" in text
    assert x == pytest.approx(svg.LEFT + 0.77777 * (svg.RIGHT - svg.LEFT), abs=1)


def test_a_long_run_keeps_its_dips() -> None:
    rates = [Second(at, 0 if at == 500 else 100, 0, None, None) for at in range(1000)]
    plot = only(plots.rates(rates, arrivals=False))
    (band,) = of_class(plot, "path", "band", "c0")
    (failures,) = of_class(plot, "path", "band", "c1")
    zero = max(float(y) for y in re.findall(r"[\d.]+ ([\d.]+)", failures.get("d", "")))
    assert max(float(y) for y in re.findall(r"[\d.]+ ([\d.]+)", band.get("d", ""))) == zero


def test_the_time_axis_is_never_shorter_than_a_second() -> None:
    ticks = [one.text for one in only(plots.cpu([Reading(0.1, "go", 1, 0.5, 1, 0)])).iter("text")]
    assert "1" in ticks
    assert "0.02" not in ticks


def test_a_plot_is_the_same_each_time() -> None:
    assert plots.all_of(made.full()) == plots.all_of(made.full())


# ------------------------------------------------------------------ what each one shows


def test_arrivals_stand_beside_the_rate_and_users_apart() -> None:
    closed, opened = plots.all_of(made.passed())["scenarios"], plots.all_of(made.capacity())["scenarios"]
    assert ("arrivals asked for" in closed[0], "arrivals asked for" in opened[0]) == (False, True)
    assert ("Users asked for" in "".join(closed), "Users asked for" in "".join(opened)) == (True, False)


def test_restarts_are_marked_where_they_were() -> None:
    plot = only(plots.resident(made.readings(60, restarts=(22, 41))))
    marks = of_class(plot, "path", "happened")
    places = [float(re.findall(r"M([\d.]+)", one.get("d", ""))[0]) for one in marks]
    assert places == [pytest.approx(svg.LEFT + at / 59.1 * (svg.RIGHT - svg.LEFT), abs=1) for at in (22.1, 41.1)]
    assert "go: restart" in [one.text for one in plot.iter("title")]
    assert "2 times restart" in plot.get("aria-label", "")


def test_where_nothing_restarted_the_legend_says_nothing_of_it() -> None:
    assert "restart" not in plots.resident(made.readings(60))


def test_each_daemon_has_a_look_of_its_own() -> None:
    many = [Reading(at, f"d{daemon}", 10.0 + daemon, 0.1, 5, 0) for daemon in range(12) for at in range(3)]
    plot = only(plots.resident(many))
    looks = {(one.get("class"), one.get("stroke-dasharray")) for one in of_class(plot, "path", "line")}
    assert len(looks) == 12


def test_percentiles_differ_in_shape_and_not_in_colour_alone() -> None:
    row = only(plots.percentiles([made.scenario("s", 5)]))
    shapes = [re.sub(r"[\d.]+", "", one.get("d", one.tag)) for one in row if one.find("title") is not None]
    assert len(set(shapes)) == len(shapes) == 5
    assert [one.findtext("title") for one in row if one.find("title") is not None][2] == "s p99 11.9 ms"


def test_percentiles_lie_in_their_order() -> None:
    times = Latency(1.0, 10.0, 100.0, 1000.0, 10_000.0)
    plot = only(plots.percentiles([msgspec.structs.replace(made.scenario("s", 5), latency=times)]))
    labels = {one.text: float(one.get("x", "")) for one in plot.iter("text")}
    assert labels["1"] < labels["10"] < labels["100"] < labels["1,000"] < labels["10,000"]


def test_a_long_name_ends_before_the_axis() -> None:
    plot = only(plots.percentiles([made.scenario("w" * 200, 5)]))
    name = next(one for one in plot.iter("text") if (one.text or "").startswith("www"))
    axis = float(next(one.get("x", "") for one in plot.iter("text") if one.text == "1"))
    assert box(name, 0, 0)[2] < axis


def test_a_scenario_that_never_ran_keeps_its_row() -> None:
    plot = only(plots.percentiles([made.scenario("ran", 5), made.scenario("not", 0)]))
    assert {"ran", "not", "never ran"} <= {one.text for one in plot.iter("text")}


def test_rates_that_held_and_those_that_did_not_differ_in_shape() -> None:
    for text in plots.all_of(made.capacity())["capacity"]:
        plot = only(text)
        legend = {one for group in plot.iter("g") for one in group.iter()}
        held = [one for one in of_class(plot, "circle", "mark", "c0") if one not in legend]
        not_held = [one for one in of_class(plot, "path", "line", "c1") if one not in legend]
        assert (len(held), len(not_held)) == (4, 2)
        assert plot.get("aria-label", "").endswith("4 of 6 rates held")


def test_the_bound_of_the_capacity_is_drawn() -> None:
    search = made.capacity().capacity
    assert search
    (line,) = curves(only(plots.capacity_p99(search)), "level")
    (_, left), (_, right) = re.findall(r"([\d.]+) ([\d.]+)", line)
    assert left == right


def test_a_name_that_is_too_long_is_cut() -> None:
    assert svg.short("abc") == "abc"
    assert svg.short("a" * 100) == "a" * 27 + "…"
    assert svg.width(svg.short("鉄" * 100)) <= 28 * svg.LETTER
