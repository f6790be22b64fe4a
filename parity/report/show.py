"""Show what a testee sent to a person: nothing in it may act on a terminal, in Markdown or in HTML."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from deepdiff import DeepDiff

from parity import lossless

if TYPE_CHECKING:
    from collections.abc import Mapping

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
    """Return text as Markdown code that nothing in it can leave, inside of a table too.

    A table's cell ends at a bar even inside of code, so there the text becomes HTML with every special character named.
    """
    entities = {
        "&": "&amp;",
        "<": "&lt;",
        ">": "&gt;",
        "|": "&#124;",
        "`": "&#96;",
        "\\": "&#92;",
        "*": "&#42;",
    }
    entities |= {
        "_": "&#95;",
        "[": "&#91;",
        "]": "&#93;",
        "~": "&#126;",
        "$": "&#36;",
        "@": "&#64;",
        ":": "&#58;",
    }
    return f"<code>{''.join(entities.get(character, character) for character in text)}</code>"


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
