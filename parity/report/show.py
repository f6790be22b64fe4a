"""Show what a testee sent to a person: nothing in it may act on a terminal, in Markdown or in HTML."""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING, Any

from deepdiff import DeepDiff

from parity import lossless

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LONGEST = 400  # characters of one value; summary.json has the whole
MOST_LINES = 40  # of an input
LONG_LINES = 6  # of them that are cut; a page of these would hide what stands below
NAMES = {"\n": "⟨LF⟩", "\r": "⟨CR⟩", "\t": "⟨TAB⟩"}


def visible(data: bytes | str, longest: int = LONGEST) -> str:
    """Return text, or bytes that may be text, on one line.

    What cannot be seen, or would act on a terminal, is named between angle brackets that no input is likely to hold: a
    character as in ⟨U+E000⟩, a byte that is not UTF-8 as in ⟨0xFF⟩. A backslash is always one of the input's own.
    """
    text = data.decode("utf-8", "surrogateescape") if isinstance(data, bytes) else data
    shown = "".join(character if character.isprintable() else _named(character) for character in text[:longest])
    return shown if len(text) <= longest else f"{shown}... ({len(text)} characters)"


def _named(character: str) -> str:
    if character in NAMES:
        return NAMES[character]
    number = ord(character)
    return f"⟨0x{number - 0xDC00:02X}⟩" if 0xDC80 <= number <= 0xDCFF else f"⟨U+{number:04X}⟩"


def show_data(data: Mapping[str, str]) -> str:
    """Return bytes that stand in a summary as text or base64."""
    return visible(data["text"] if "text" in data else base64.b64decode(data["base64"]))


def show_lines(data: bytes, longest: int = LONGEST) -> list[str]:
    """Return an input line by line, so that a message, a directory or a sequence of calls reads as it was written."""
    lines = data.split(b"\n")
    shown: list[str] = []
    cut = 0
    for line in lines[:MOST_LINES]:
        cut += len(line) > longest
        if cut > LONG_LINES:
            break
        shown.append(visible(line, longest))
    return shown if len(shown) == len(lines) else [*shown, f"... ({len(lines):,} lines)"]


def show_case(data: Mapping[str, str]) -> list[str]:
    """Return an input that stands in a summary, line by line."""
    return show_lines(
        data["text"].encode("utf-8", "surrogatepass") if "text" in data else base64.b64decode(data["base64"])
    )


def show_seen(seen: Mapping[str, Any], pointer: str = "") -> str:
    """Return an observation that stands in a summary; of a long output what stands at the pointer."""
    if seen["kind"] == "answered":
        output = seen["output"]
        if pointer and len(output.get("text", "")) > LONGEST:
            return _place(output["text"], pointer)
        return show_data(output)
    return f"{seen['kind']}: {visible(seen.get('detail', ''))}"


def _place(text: str, pointer: str) -> str:
    try:
        node = lossless.at(lossless.read(text.encode()), pointer)
    except (lossless.NotJSONError, UnicodeEncodeError):
        return visible(text)
    there = "nothing" if node is None else visible(lossless.text(node))
    return f"{there}  (in {len(text):,} characters)"


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
