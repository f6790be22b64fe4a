"""Whatever a testee or a command line says: it is shown, and it does nothing."""

from __future__ import annotations

import pytest

from loadgen.report import markdown, page
from parity.report import show
from tests.loadgen.report import made, pages

HOSTILE = {
    "script": "<script>alert(1)</script>",
    "closing": '</title></style></pre></svg>--><img src=x onerror="alert(1)">',
    "attribute": '" onload="alert(1)" x="',
    "entity": "&lt;b&gt; &#60;i&#62;",
    "cell": "a | b || c",
    "backticks": "` `` ``` ```` x",
    "fence": "x\n```\n<b>\n",
    "heading": "\n# passed\n\n- [x](javascript:alert(1))\n",
    "emphasis": "**passed** _x_ ![](http://evil.example/x.png)",
    "terminal": "\x1b[2J\x1b]0;title\x07\x9b31m\x00",
    "bidi": "\u202egnp.exe\u2066\u200b",
    "lines": "a\r\nb\u2028c\x0bd\x85e",
    "template": "{{ 7 * 7 }}{% raw %}{# x #}",
    "surrogate": "\udcff\ud800",
    "cdata": "]]><![CDATA[<?xml?>",
    "backslashes": "\\| \\` \\",
    "spaces": "  ",
}


@pytest.fixture(params=HOSTILE)
def text(request: pytest.FixtureRequest) -> str:
    return HOSTILE[request.param]


def test_in_html_it_is_text_and_changes_nothing_around_it(text: str) -> None:
    harmless, hostile = pages.html(made.everywhere("x")), pages.html(made.everywhere(text))
    assert hostile.tags == harmless.tags
    assert [(tag, name) for tag, name, _ in hostile.attributes] == [(tag, name) for tag, name, _ in harmless.attributes]
    assert show.visible(text, 1000) in "".join(hostile.text)


def test_in_markdown_it_is_text_and_changes_nothing_around_it(text: str) -> None:
    assert pages.tokens(made.everywhere(text)) == pages.tokens(made.everywhere("x"))


def test_no_control_character_gets_through(text: str) -> None:
    for written in (markdown.render(made.everywhere(text)), page.render(made.everywhere(text))):
        assert written.replace("\n", "").isprintable()


def test_its_plots_are_well_formed(text: str) -> None:
    drawn = pages.drawings(page.render(made.everywhere(text)))
    assert len(drawn) == 9
    assert {element.tag for plot in drawn for element in plot.iter()} <= {"svg", "title", "text", "g", "path", "circle"}


def test_what_it_said_of_a_panic_can_be_read(text: str) -> None:
    assert show.visible(text) in markdown.render(made.everywhere(text))


def test_texts_that_are_empty_leave_the_tables_whole() -> None:
    for heading in ("Scenarios", "Bounds", "Footprint", "Statuses"):
        header, *rows = pages.table(made.everywhere(""), heading)
        assert rows
        assert {len(row) for row in rows} == {len(header)}


def test_a_huge_text_is_cut() -> None:
    huge = made.everywhere("<|`" * 1_000_000)
    for written in (markdown.render(huge), page.render(huge)):
        assert len(written) < 2_000_000
        assert "(3000000 characters)" in written


@pytest.mark.parametrize("run", [made.full(), made.everywhere('x" src="http://evil.example/" href="//evil.example')])
def test_the_page_fetches_and_runs_nothing(run: object) -> None:
    assert isinstance(run, type(made.full()))
    read = pages.html(run)
    assert {"script", "link", "img", "iframe", "object", "form", "a", "use", "image"}.isdisjoint(read.tags)
    for _, name, value in read.attributes:
        assert name not in {"src", "href", "xlink:href", "action", "style", "srcset"}
        assert not name.startswith("on")
        assert name == "aria-label" or "//" not in value
    style = page.render(run).split("<style>")[1].split("</style>")[0]
    assert "url(" not in style
    assert "@import" not in style
    policy = next(value for _, name, value in read.attributes if name == "content" and "default-src" in value)
    assert policy.startswith("default-src 'none'")
