"""load.md: what a reviewer reads in a minute, and in a diff."""

from __future__ import annotations

from typing import TYPE_CHECKING

import jinja2

from loadgen.report import tables, words
from loadgen.report.words import Words
from parity.report import show

if TYPE_CHECKING:
    from collections.abc import Sequence

    from loadgen.report.tables import Table
    from loadgen.summary import Summary

LONGEST = 2000  # characters of a text on its own line; a command may be as long as COMMAND
COMMAND = 20_000


def render(summary: Summary) -> str:
    """Return the page. Whatever its template prints is escaped, unless it is `Words`: no filter can be forgotten."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("loadgen.report"),
        autoescape=False,  # noqa: S701 - Markdown: `_inline` escapes whatever is printed
        finalize=_inline,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
    )
    environment.filters |= {"table": _table, "block": _block}
    return environment.get_template("load.md.j2").render(summary=summary, tables=tables, words=words)


def _inline(value: object) -> object:
    if isinstance(value, Words) or not isinstance(value, str):
        return value
    return show.markdown_code(show.visible(value, LONGEST))


def _table(table: Table) -> Words:
    columns = len(table.rows[0].cells) if table.rows else len(table.header)
    marks = ["---"] * table.left + ["---:"] * (columns - table.left)
    rows = [table.header or [Words()] * columns, marks, *[row.cells for row in table.rows]]
    lines = [[cell if cell in marks else str(_inline(cell)) for cell in row] for row in rows]
    return Words("\n".join(f"| {' | '.join(cells)} |" for cells in lines))


def _block(lines: Sequence[str]) -> Words:
    return Words(show.markdown_block([show.visible(line, COMMAND) for line in lines]))
