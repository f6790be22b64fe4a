"""The report: comparison.json, comparison.md and comparison.svg, each replaced as a whole; and what a terminal sees."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from loadgen.compare import judge, measures, plot
from parity.files import write_atomically
from parity.report.show import markdown_code, visible

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from loadgen.compare.result import Compared, Comparison, Row, Spread

NAME = "comparison"


def write(result: Comparison, folder: Path) -> None:
    """Write the three files."""
    data = msgspec.json.format(msgspec.json.encode(result), indent=2)
    write_atomically(folder / f"{NAME}.svg", plot.svg(result.ratios).encode())
    write_atomically(folder / f"{NAME}.md", ("\n".join(markdown(result)) + "\n").encode())
    write_atomically(folder / f"{NAME}.json", data + b"\n")


def markdown(result: Comparison) -> list[str]:
    """Return the page: the verdict, the runtimes beside each other, the ratios, the turns."""
    lines = [f"# Load, {' and '.join(result.runtimes)} by turns: {_verdict(result)}", ""]
    lines += [f"- {_plain(reason)}" for reason in result.reasons]
    lines += [f"- {_plain(warning)}" for warning in result.warnings]
    if result.plants:
        planted = " and ".join(f"{plant} in {name}" for name, plant in result.plants.items())
        lines.append(f"- bugs were planted on purpose: {_plain(planted)}")
    lines += ["", f"{_rounds(result)}; {result.conditions}; seed {result.seed}; commit {result.commit}.", ""]
    lines += [*markdown_block_of(result.command), ""]
    lines += ["## Beside each other", "", "Median over the rounds, and from the lowest to the highest.", ""]
    lines += _table(["", *result.runtimes], _beside(result))
    for kind, title in measures.TITLES.items():
        if ratios := [one for one in result.ratios if measures.kind(one.measure) == kind]:
            better = "more" if measures.more_is_better(kind) else "less"
            lines += ["", f"## Ratios: {title}", ""]
            lines += [f"Geometric mean of the rounds, with its 95 % interval; {better} than 1 is better.", ""]
            lines += _table(["", "ratio", "95 % interval", "rounds", "baseline", ""], [_ratio(one) for one in ratios])
    if any(one.ratio is not None for one in result.ratios):
        lines += ["", f"![The ratios and their intervals]({NAME}.svg)"]
    lines += ["", "## Turns", ""]
    lines += _table(["round", "runtime", "scenarios a second", "failures", "seed", ""], _turns(result))
    return lines


def closing(result: Comparison) -> list[str]:
    """Return what a terminal sees at the end: the verdict and why, then the tables."""
    lines = [f"{_verdict(result)} ({_rounds(result)})"]
    lines += [f"  {visible(text, 2000)}" for text in (*result.reasons, *result.warnings)]
    if not result.rounds:
        return [*lines, ""]
    lines += ["", *_aligned([["", *result.runtimes], *_beside(result)])]
    rows = [[f"{one.measure} {one.runtime}/{one.against}", judge.interval(one), _said(one)] for one in result.ratios]
    return [*lines, "", *_aligned([["", "ratio (95 % interval)", ""], *rows])]


def _verdict(result: Comparison) -> str:
    return f"{result.verdict}{'' if result.complete else ' (incomplete)'}"


def _rounds(result: Comparison) -> str:
    asked = f" of {result.rounds_asked}" if result.rounds != result.rounds_asked else ""
    return f"{result.rounds}{asked} round{'' if result.rounds_asked == 1 else 's'}"


def _beside(result: Comparison) -> list[list[str]]:
    limited = {one.runtime for one in result.turns if one.limited}
    return [[_name(row.measure), *_sides(row, limited)] for row in result.beside]


def _name(measure: str) -> str:
    title = measures.TITLES[measures.kind(measure)]
    return f"{title}, {scenario}" if (scenario := measures.scenario(measure)) else title


def _sides(row: Row, limited: set[str]) -> list[str]:
    """Return the cells of a row; a star stands at what the generator limited."""
    starred = {name for name in row.sides if name in limited and measures.of_speed(row.measure)}
    return [_spread(side) + (" *" if side and name in starred else "") for name, side in row.sides.items()]


def _spread(side: Spread | None) -> str:
    if side is None:
        return "not measured"
    return f"{_number(side.median)} ({_number(side.low)} to {_number(side.high)})"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _ratio(one: Compared) -> list[str]:
    scenario = measures.scenario(one.measure) or "all"
    bounds = "" if one.low is None or one.high is None else f"{one.low:.3g} to {one.high:.3g}"
    ratio = one.status if one.ratio is None else f"{one.ratio:.3g}"
    baseline = "" if one.baseline is None else f"{one.baseline:.3g}"
    return [f"{one.runtime} / {one.against}, {scenario}", ratio, bounds, str(one.rounds or ""), baseline, _said(one)]


def _said(one: Compared) -> str:
    if one.judgement is None:
        return visible(one.why)
    if one.judgement != "cannot tell":
        return one.judgement
    return f"cannot tell; {judge.remedy(one.more_rounds)}"


def _turns(result: Comparison) -> list[list[str]]:
    rows = []
    for one in result.turns:
        rate = one.values[measures.RATE]
        said = ["the generator was the limit"] if one.limited else []
        said += [] if one.passed else ["bounds not met"]
        failures = f"{one.failures:,} of {one.count:,}"
        shown = "" if rate is None else _number(rate) + (" *" if one.limited else "")
        rows.append([str(one.round), one.runtime, shown, failures, str(one.seed), "; ".join(said)])
    return rows


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    if not rows:
        return ["Nothing was measured."]
    cells = [[cell.replace("|", "\\|") for cell in row] for row in (head, *rows)]
    lines = [f"| {' | '.join(row)} |" for row in cells]
    return [lines[0], f"|{' --- |' * len(head)}", *lines[1:]]


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def _plain(text: str) -> str:
    """Return a sentence as Markdown text; parts of it may be a runtime's own words, which must not be markup."""
    shown = visible(text, 2000)
    return markdown_code(shown) if any(mark in shown for mark in "<>[]`*\\|") else shown.replace("_", "\\_")


def markdown_block_of(command: str) -> list[str]:
    """Return a command as a block to copy."""
    return ["```sh", visible(command, 2000), "```"]
