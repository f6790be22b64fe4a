"""load.html: one file that needs no network and no script, with the content of load.md and plots."""

from __future__ import annotations

from typing import TYPE_CHECKING

import jinja2
from markupsafe import Markup

from loadgen.report import plots, tables, words
from parity.report import show

if TYPE_CHECKING:
    from collections.abc import Sequence

    from loadgen.summary import Summary

LONGEST = 2000  # characters of a text in a sentence or a cell; a command may be as long as COMMAND
COMMAND = 20_000


def render(summary: Summary) -> str:
    """Return the page. Whatever its template prints is made visible and escaped, but for plots, which are already."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("loadgen.report"),
        autoescape=True,
        finalize=_visible,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
    )
    environment.filters["block"] = _block
    figures = {
        name: [Markup(plot) for plot in drawn]  # noqa: S704 - svg.py escaped every text in it
        for name, drawn in plots.all_of(summary).items()
    }
    page = environment.get_template("load.html.j2")
    return page.render(summary=summary, tables=tables, words=words, plots=figures)


def _visible(value: object) -> object:
    """Name what cannot be seen or would act on a terminal; jinja2 escapes the rest."""
    return show.visible(value, LONGEST) if isinstance(value, str) and not isinstance(value, Markup) else value


def _block(lines: Sequence[str]) -> Markup:
    shown = "\n".join(show.visible(line, COMMAND) for line in lines)
    return Markup("<pre>{}</pre>").format(shown)
