"""Show what a testee sent to a person: nothing in it may act on a terminal, in Markdown or in HTML."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from deepdiff import DeepDiff

from parity import lossless

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LONGEST = 400  # characters of one value; summary.json has the whole


def visible(text: str, longest: int = LONGEST) -> str:
    """Return text on one line: control, format and unassigned characters are escaped, too much of it is cut."""
    shown = "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode() for character in text
    )
    return shown if len(shown) <= longest else f"{shown[:longest]}... ({len(shown)} characters)"


def show_data(data: Mapping[str, str]) -> str:
    """Return bytes that stand in a summary as text or base64."""
    return visible(data["text"]) if "text" in data else f"base64 {visible(data['base64'])}"


def show_seen(seen: Mapping[str, Any]) -> str:
    """Return an observation that stands in a summary."""
    if seen["kind"] == "answered":
        return show_data(seen["output"])
    return f"{seen['kind']}: {visible(seen.get('detail', ''))}"


def markdown_code(text: str) -> str:
    """Return one line as Markdown code for a cell of a table: nothing in it can leave the code or the cell."""
    fence = "`" * (_longest_run_of_backticks(text) + 1)
    return f"{fence} {text} {fence}".replace("|", "\\|") if text else ""


def markdown_block(lines: Sequence[str]) -> str:
    """Return lines as a fenced block that none of them can close."""
    fence = "`" * max(3, _longest_run_of_backticks("\n".join(lines)) + 1)
    return "\n".join([f"{fence}text", *lines, fence])


def _longest_run_of_backticks(text: str) -> int:
    return max((len(run) for run in re.findall("`+", text)), default=0)


def explain(one: bytes, other: bytes) -> list[str]:
    """Return in sentences how two outputs differ, by DeepDiff over their tokens as they were written."""
    try:
        before, after = _plain(lossless.read(one)), _plain(lossless.read(other))
    except lossless.NotJSONError:
        return []
    return [visible(line) for line in DeepDiff(before, after).pretty().splitlines()]


def _plain(node: lossless.Node) -> Any:  # noqa: ANN401 - what DeepDiff takes
    """Return a tree of dicts and lists whose leaves are tokens, so that -0 and 0 stay different."""
    match node:
        case lossless.Scalar():
            return node.text
        case lossless.Array():
            return [_plain(item) for item in node.items]
        case lossless.Object():
            return {member.token: _plain(member.value) for member in node.members}
