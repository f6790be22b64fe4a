"""Pages taken apart: what they say, and of which parts they are made."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import TYPE_CHECKING

from markdown_it import MarkdownIt

from loadgen.report import markdown, page

if TYPE_CHECKING:
    from loadgen.summary import Summary

VOID = {"meta", "link", "br", "img", "input", "hr"}


@dataclass
class Page(HTMLParser):
    """The tags of a page in their order, its attributes, and its text outside of the style."""

    tags: list[str] = field(default_factory=list)
    attributes: list[tuple[str, str, str]] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    open: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.text.append(data)

    @property
    def words(self) -> str:
        return " ".join(" ".join(self.text).split())


def html(run: Summary) -> Page:
    read = Page()
    read.feed(page.render(run))
    read.close()
    assert read.open == []
    return read


def drawings(text: str) -> list[ET.Element]:
    """Return the plots of a text; one that is no well-formed XML raises."""
    return [ET.fromstring(svg) for svg in re.findall(r"<svg.*?</svg>", text, re.DOTALL)]  # noqa: S314 - made by us


def tokens(run: Summary) -> list[tuple[str, str]]:
    """Return the structure of the Markdown page: its tokens without what they say."""
    found = []
    for token in MarkdownIt("commonmark").enable("table").parse(markdown.render(run)):
        found.append((token.type, token.tag))
        found += [(child.type, child.tag) for child in token.children or ()]
    return found


def table(run: Summary, heading: str) -> list[list[str]]:
    """Return the first table below a heading of the Markdown page, as its cells say."""
    lines = markdown.render(run).split(f"## {heading}\n", 1)[1].splitlines()
    start = next(at for at, line in enumerate(lines) if line.startswith("|"))
    rows = []
    for line in lines[start:]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip(" `") for cell in line.strip("|").split("|")])
    return [rows[0], *rows[2:]]
