"""What a testee sent, as a person sees it: it acts neither on a terminal nor in Markdown."""

from __future__ import annotations

import sys

import pytest
from markdown_it import MarkdownIt

from parity.report import show

HOSTILE = [
    pytest.param("\x1b[2J\x1b[31mred", id="terminal-colours"),
    pytest.param("\x1b]8;;http://evil\x07click\x1b]8;;\x07", id="terminal-link"),
    pytest.param("\x9b31m", id="c1-control"),
    pytest.param("a\nb\r\nc\rd", id="line-ends"),
    pytest.param("\u2028\u2029\x85\x0b\x0c", id="line-ends-of-unicode"),
    pytest.param("\u202egnp.exe\u202c\u2066x\u2069", id="bidi-controls"),
    pytest.param("a\u200bb\ufeffc\u2060", id="invisible"),
    pytest.param("\x00\x08\x7f", id="controls"),
    pytest.param("\ue000\U0010ffff\ufffe", id="unassigned"),
    pytest.param("\ud800", id="half-a-character"),
    pytest.param("| a | `b` ``c`` |", id="bars-and-backticks"),
    pytest.param("\\| \\\\| \\`", id="backslashes"),
    pytest.param("`", id="one-backtick"),
    pytest.param("```\n# heading", id="closing-fence"),
    pytest.param("<script>alert(1)</script><img src=x onerror=y>", id="html"),
    pytest.param("</code></pre></td></table><h1>x", id="closing-tags"),
    pytest.param("[x](javascript:alert(1)) ![x](http://evil/x.png) <http://evil>", id="links"),
    pytest.param("&lt;b&gt; &#124; &amp;", id="entities"),
    pytest.param("@everyone #1 $x$ *a* _b_ ~~c~~", id="mentions-and-emphasis"),
]


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_acts_on_a_terminal(text: str) -> None:
    shown = show.visible(text)
    assert shown.isprintable()
    assert len(shown.splitlines()) == 1


def test_no_character_at_all_acts_on_a_terminal() -> None:
    for start in range(0, sys.maxunicode + 1, 4096):
        shown = show.visible("".join(map(chr, range(start, start + 4096))), 4096)
        assert shown.isprintable()


@pytest.mark.parametrize("text", ["", "a", "Café 你好 😀", '{"a":"\\u0000"}', "| ` <b> &amp;", "a b"])
def test_what_can_be_seen_stays_as_it_is(text: str) -> None:
    assert show.visible(text) == text
    assert show.visible(text.encode()) == text


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("\n", "\\n"),
        ("\x1b", "\\x1b"),
        ("\u202e", "\\u202e"),
        (b"\xff", b"\xfe"),
        (b"\xff", "\ufffd".encode()),
        (b"\xff", rb"\xff"),
        ("\x00", ""),
        ("\x80", b"\x80"),
    ],
)
def test_different_things_look_different(one: bytes | str, other: bytes | str) -> None:
    assert show.visible(one) != show.visible(other)


def test_too_much_is_cut_and_its_length_told() -> None:
    shown = show.visible("x" * 1_000_000)
    assert shown.startswith("x" * show.LONGEST)
    assert len(shown) < show.LONGEST + 50
    assert "1000000" in shown
    assert len(show.visible("\x1b" * 1_000_000)) < 20 * show.LONGEST


def test_what_just_fits_is_not_cut() -> None:
    assert show.visible("x" * show.LONGEST) == "x" * show.LONGEST
    assert show.visible("xyz", 2) != "xyz"


@pytest.mark.parametrize(
    ("data", "begin"),
    [
        ({"text": '{"a":1}'}, '{"a":1}'),
        ({"text": "a\x1b[2J"}, "a"),
        ({"base64": "YWL/"}, "ab"),
        ({"base64": "YWI="}, "ab"),
    ],
)
def test_data_of_a_summary(data: dict[str, str], begin: str) -> None:
    assert show.show_data(data).startswith(begin)
    assert show.show_data(data).isprintable()


@pytest.mark.parametrize(
    ("seen", "begin"),
    [
        ({"kind": "answered", "output": {"text": "{}"}}, "{}"),
        ({"kind": "answered", "output": {"base64": "YWL/"}}, "ab"),
        ({"kind": "refused", "detail": "no\n\x1b"}, "refused: no"),
        ({"kind": "gone"}, "gone"),
    ],
)
def test_an_observation_of_a_summary(seen: dict[str, object], begin: str) -> None:
    assert show.show_seen(seen).startswith(begin)
    assert show.show_seen(seen).isprintable()


# ------------------------------------------------------------------ Markdown, read by another reader

MARKDOWN = MarkdownIt("commonmark").enable("table")


@pytest.mark.parametrize("text", HOSTILE)
def test_code_in_a_cell_cannot_leave_the_cell_or_the_code(text: str) -> None:
    line = show.visible(text)
    page = f"| a | b | c |\n| --- | --- | --- |\n| before | {show.markdown_code(line)} | behind |\n"
    tokens = MARKDOWN.parse(page)
    cells = [token.children or [] for at, token in enumerate(tokens) if at and tokens[at - 1].type == "td_open"]
    assert len(cells) == 3
    assert [[child.type for child in cell] for cell in cells] == [["text"], ["code_inline"], ["text"]]
    assert cells[1][0].content.strip() == line.strip()


def test_no_code_is_nothing() -> None:
    assert show.markdown_code("") == ""


@pytest.mark.parametrize("text", HOSTILE)
def test_lines_in_a_block_cannot_close_it(text: str) -> None:
    lines = ["first", show.visible(text), "last"]
    (token,) = MARKDOWN.parse(show.markdown_block(lines))
    assert token.type == "fence"
    assert token.content.split("\n") == [*lines, ""]


# ------------------------------------------------------------------ explaining


def test_it_explains_what_python_calls_equal() -> None:
    (line,) = show.explain(b'{"a":[0,1]}', b'{"a":[-0,1]}')
    assert "-0" in line
    assert show.explain(b'{"a":1}', b'{"a":1.0}') != []


def test_it_explains_no_difference_and_no_json_with_nothing() -> None:
    assert show.explain(b'{"a":1}', b'{"a":1}') == []
    assert show.explain(b"{", b"{}") == []
    assert show.explain(b"\xff", b"{}") == []


def test_it_explains_hostile_values_harmlessly() -> None:
    lines = show.explain('{"a":"\u202ex\x9b31m"}'.encode(), b'{"a":""}')
    assert lines
    assert all(line.isprintable() for line in lines)


def test_of_a_long_output_is_shown_what_stands_at_the_place() -> None:
    output = '{"x":"' + "x" * 500 + '","count":[1.0]}'
    seen = {"kind": "answered", "output": {"text": output}}
    assert show.show_seen(seen, "/count/0") == f"1.0  (in {len(output)} characters)"
    assert show.show_seen(seen, "/other") == f"nothing  (in {len(output)} characters)"
    assert show.show_seen(seen).startswith('{"x":"xxx')
    assert show.show_seen({"kind": "answered", "output": {"text": '{"a":1}'}}, "/a") == '{"a":1}'
    assert show.show_seen({"kind": "answered", "output": {"text": "not JSON " * 60}}, "/a").startswith("not JSON")
