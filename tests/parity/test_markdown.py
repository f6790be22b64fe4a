"""The Markdown pages: the same bytes for the same results, and nothing hostile gets out of its place."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from markdown_it import MarkdownIt

from parity.model import Fault, RuntimeState
from parity.report import markdown
from parity.report.summary import SummaryFile
from tests.parity.made import finding, ready, settings, tally

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from markdown_it.token import Token

    from parity.summary import Summary

MARK = "PWNED"
ATTACKS = [
    pytest.param(f"x | {MARK} | y", id="bars"),
    pytest.param(f"\n\n# {MARK}\n\n| a |\n", id="lines"),
    pytest.param(f"``` {MARK}\n```\n{MARK}\n~~~\n", id="fences"),
    pytest.param(f"` {MARK} `` {MARK} ``` {MARK}", id="backticks"),
    pytest.param(f"</code></td><script>{MARK}</script><!-- ", id="html"),
    pytest.param(f"[{MARK}](javascript:x) ![{MARK}](http://evil/x.png)", id="links"),
    pytest.param(f"\\| {MARK} \\` {MARK} \\", id="backslashes"),
    pytest.param(f"\x1b[31m{MARK}\u202e\u2028{MARK}", id="terminal-and-bidi"),
    pytest.param("{{ 7 * 7 }}{% raw %}" + MARK, id="template"),
]
PARSER = MarkdownIt("commonmark").enable("table")


def summary(root: Path, attack: str, *, run: str = "r", commit: str = "c") -> Summary:
    """Return a summary in which everything that comes from a testee, or from an input, is the attack."""
    data = attack.encode("utf-8", "surrogatepass")
    hostile = finding(data, outputs={"go": data, "python": data[::-1]}, path=f"/{attack}", others=(attack,))
    made = tally("go", "python", findings=(hostile,), faults=(Fault("go", "crashed", data, attack, attack),))
    made.fired[attack] = 1
    made.sweep_seconds = 0.5
    file = SummaryFile(settings(root, "go", "python", "rust"), run, commit)
    states = ready("go", "python") | {"rust": RuntimeState("rust", "failed", reason=attack)}
    states["go"] = RuntimeState("go", "ready", version=attack, commit=attack, surfaces=("s",))
    file.update(states, made)
    return file.finish(complete=True)


def flat(tokens: list[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from flat(token.children or [])


@pytest.mark.parametrize("attack", ATTACKS)
def test_hostile_text_stays_inside_of_code(tmp_path: Path, attack: str) -> None:
    for page in markdown.write(summary(tmp_path, attack), tmp_path / "pages"):
        for token in flat(PARSER.parse(page.read_text())):
            assert token.type not in {"html_inline", "html_block", "image"}, page
            if MARK in token.content and token.type != "inline":
                assert token.type in {"code_inline", "fence"}, (page, token)


@pytest.mark.parametrize("attack", ATTACKS)
def test_hostile_text_changes_no_structure(tmp_path: Path, attack: str) -> None:
    def shape(text: str) -> list[list[str]]:
        return [
            [token.type for token in flat(PARSER.parse(page.read_text())) if token.type.endswith(("_open", "fence"))]
            for page in markdown.write(summary(tmp_path, text), tmp_path / "pages")
        ]

    assert shape(attack) == shape("harmless")


@pytest.mark.parametrize("attack", ATTACKS)
def test_every_line_can_be_seen(tmp_path: Path, attack: str) -> None:
    for page in markdown.write(summary(tmp_path, attack), tmp_path / "pages"):
        assert all(line.isprintable() for line in page.read_text().split("\n"))


def test_a_huge_input_does_not_make_a_huge_page(tmp_path: Path) -> None:
    for page in markdown.write(summary(tmp_path, "x" * 1_000_000), tmp_path / "pages"):
        assert page.stat().st_size < 20_000


def test_there_is_an_index_and_a_page_for_each_surface(tmp_path: Path) -> None:
    pages = markdown.write(summary(tmp_path, "x"), tmp_path / "pages")
    assert [page.relative_to(tmp_path / "pages").as_posix() for page in pages] == ["index.md", "s.md"]
    assert "(s.md)" in pages[0].read_text()


def pages_of(one: Summary, folder: Path) -> list[bytes]:
    return [page.read_bytes() for page in markdown.write(one, folder)]


def test_the_same_summary_gives_the_same_bytes(tmp_path: Path) -> None:
    one = summary(tmp_path, "x")
    assert pages_of(one, tmp_path / "a") == pages_of(one, tmp_path / "b")


def test_no_time_rate_run_or_commit_is_in_it(tmp_path: Path) -> None:
    one, other = summary(tmp_path, "x", run="r1", commit="c1"), summary(tmp_path, "x", run="r2", commit="c2")
    other.seconds = one.seconds + 1234.5
    for runtime in other.runtimes:
        runtime.commit = "feedface"
    for surface in other.surfaces:
        surface.cases_per_s = 98765.4
    assert pages_of(one, tmp_path / "a") == pages_of(other, tmp_path / "b")


@pytest.mark.parametrize("change", ["verdict", "cases", "rule", "version", "divergence"])
def test_a_difference_in_the_results_is_seen(tmp_path: Path, change: str) -> None:
    one, other = summary(tmp_path, "x"), summary(tmp_path, "x")
    surface = other.surfaces[0]
    match change:
        case "verdict":
            other.verdict = surface.verdict = "vacuous"
        case "cases":
            surface.cases.swept += 1
        case "rule":
            surface.rules["only-rule"] += 1
        case "version":
            other.runtimes[0].version = "2.0"
        case _:
            surface.divergences = []
    assert pages_of(one, tmp_path / "a") != pages_of(other, tmp_path / "b")


def test_an_incomplete_run_says_so(tmp_path: Path) -> None:
    one = summary(tmp_path, "x")
    assert "incomplete" not in pages_of(one, tmp_path / "a")[0].decode()
    one.complete = False
    assert "incomplete" in pages_of(one, tmp_path / "a")[0].decode()


def test_a_page_holds_what_a_reader_needs(tmp_path: Path) -> None:
    one = summary(tmp_path, "the-input")
    page = pages_of(one, tmp_path / "a")[1].decode()
    found = one.surfaces[0].divergences[0]
    for part in (found.id, "the-input", found.reproduce, "only-rule", "go crashed"):
        assert part in page
    assert re.search(r"^# s: diverge$", page, re.MULTILINE)
