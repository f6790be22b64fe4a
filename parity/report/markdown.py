"""The Markdown pages: one a surface and an index. Same seed, code and runtimes, same bytes: no time, rate or commit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import jinja2

from parity.files import write_atomically
from parity.report import matrix, show, text

if TYPE_CHECKING:
    from pathlib import Path

    from parity.summary import Summary


def write(summary: Summary, folder: Path) -> list[Path]:
    """Write index.md and a page for each surface; return their paths."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("parity.report"),
        autoescape=False,  # noqa: S701 - Markdown: every foreign text goes through the filter `code`
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
    )
    environment.filters |= {
        "code": show.markdown_code,
        "block": show.markdown_block,
        "line": show.visible,
        "headline": text.headline,
        "observed": text.observed,
        "fault_observed": text.fault_observed,
        "interchange": matrix.interchange,
    }
    written = [_render(environment, "index.md.j2", folder / "index.md", summary=summary, rows=matrix.rows(summary))]
    for surface in summary.surfaces:
        page = folder / f"{surface.name}.md"
        written.append(_render(environment, "surface.md.j2", page, surface=surface))
    return written


def _render(environment: jinja2.Environment, template: str, page: Path, **values: object) -> Path:
    write_atomically(page, environment.get_template(template).render(**values).encode())
    return page
