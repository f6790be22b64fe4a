"""extract_json: take the first JSON object out of what a model wrote.

The contract is `fixtures/contract/extract_json.rules.toml`; the comments name its rules. Everything here works on
bytes, since each byte that matters is ASCII and the prose around an object may be anything.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from lakehouse_ref import canonical, ijson

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    Object: TypeAlias = dict[str, ijson.Value]

FENCE = b"```"
TAG = b"json"

# What matters inside of a candidate: a string, closed or not, and the braces outside of strings.
TOKENS = re.compile(rb'"(?:[^"\\]|\\.)*"?|[{}]', re.DOTALL)


class Span(NamedTuple):
    """A candidate: where its bytes begin, where they end, and whether a fence with a tag held it."""

    start: int
    end: int
    tagged: bool = False


def extract(data: bytes, touched: set[str]) -> bytes:
    """Return the RFC 8785 form of `{"matched": bool, "value": object or null}`.

    `touched` collects the names of the contract's rules that mattered. Never raises: every input has an answer.
    """
    value = fenced_object(data, touched)
    if value is None:
        value = bare_object(data, touched)
    return answer(value)


def answer(value: Object | None) -> bytes:
    """Return the answer's bytes for the object that was found, or for none."""
    return canonical.write({"matched": value is not None, "value": value})


def fenced_object(data: bytes, touched: set[str]) -> Object | None:
    """Return the first object that is the whole content of a fence, or None."""
    for span in fences(data, touched):
        value = accepted(data[span.start : span.end], touched)
        if value is not None:
            touched.add("fence-tagged" if span.tagged else "fence-untagged")
            if b"{" in data[: span.start]:
                touched.add("fence-first")
            return value
        touched.add("fence-refused")
    return None


def fences(data: bytes, touched: set[str]) -> Iterator[Span]:
    """Yield the content of each fence."""
    position = 0
    while (opening := data.find(FENCE, position)) >= 0:
        start = opening + len(FENCE)
        tagged = data.startswith(TAG, start)
        if tagged:
            start += len(TAG)
        closing = data.find(FENCE, start)
        if closing < 0:
            touched.add("fence-unclosed")
            return
        yield Span(start, closing, tagged)
        position = closing + len(FENCE)


def bare_object(data: bytes, touched: set[str]) -> Object | None:
    """Return the first object that stands anywhere in the input, or None."""
    value = first(accepted_candidates(data, touched))
    if value is None:
        touched.add("no-object")
    return value


def first(objects: Iterable[Object]) -> Object | None:
    """Return the first object, or None (rule `bare-first`)."""
    return next(iter(objects), None)


def accepted_candidates(data: bytes, touched: set[str]) -> Iterator[Object]:
    """Yield the value of each balanced candidate that the reader accepts."""
    for span in candidates(data, touched):
        value = accepted(data[span.start : span.end], touched)
        if value is None:
            touched.add("bare-refused")
        else:
            note_surroundings(data, span, touched)
            yield value


def candidates(data: bytes, touched: set[str]) -> Iterator[Span]:
    """Yield each span from a `{` to the `}` that balances it, left to right and never one inside of another."""
    end = 0
    while (start := data.find(b"{", end)) >= 0:
        closing = balanced_end(data, start, touched)
        if closing is None:
            touched.add("bare-unclosed")
            return
        end = closing
        yield Span(start, end)


def balanced_end(data: bytes, start: int, touched: set[str]) -> int | None:
    """Return where the object that opens at `start` ends, or None where it never closes."""
    depth = 0
    for token in TOKENS.finditer(data, start):
        text = token[0]
        if text == b"{":
            depth += 1
        elif text == b"}":
            depth -= 1
            if depth == 0:
                return token.end()
        else:
            if b"{" in text or b"}" in text:
                touched.add("braces-in-string")
            if b'\\"' in text:
                touched.add("escaped-quote")
    return None


def accepted(candidate: bytes, touched: set[str]) -> Object | None:
    """Return the candidate's value if the reader accepts it as an object, or None."""
    try:
        value = ijson.read(candidate, touched)
    except ijson.RefusedError as refused:
        touched.add(refused.rule)
        return None
    return value if isinstance(value, dict) else None


def note_surroundings(data: bytes, span: Span, touched: set[str]) -> None:
    """Note which rules the surroundings of an answer touch."""
    before, behind = data[: span.start], data[span.end :]
    if before.strip() or behind.strip():
        touched.add("prose-around")
    if before.count(b'"') % 2:
        touched.add("quotes-in-prose")
    if before.lstrip().startswith(b"["):
        touched.add("array-inner")
    if b"{" in behind:
        touched.add("bare-first")
    if not (before.isascii() and behind.isascii()) and not is_utf8(before + behind):
        touched.add("prose-any-bytes")


def is_utf8(data: bytes) -> bool:
    """Tell whether the bytes are valid UTF-8."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
