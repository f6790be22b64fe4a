"""The planted bugs of extract_json.

What they replace is used by that surface alone: validation_error, which the same process serves, reads by `ijson.load`
and writes by `canonical.write`, and those stay sound.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from lakehouse_ref import canonical, extract_json, ijson
from lakehouse_ref.services.plants.replace import replace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from lakehouse_ref.extract_json import Object, Span
    from lakehouse_ref.ijson import Value

    Write = Callable[[Value], bytes]


def _last_object() -> None:
    def last(objects: Iterable[Object]) -> Object | None:
        value = None
        for value in objects:  # noqa: B007 - the last one is wanted
            pass
        return value

    replace(extract_json, "first", last)


def _escaped_quote() -> None:
    replace(extract_json, "TOKENS", re.compile(rb'"[^"]*"?|[{}]'))


def _array_whole() -> None:
    bare_object = extract_json.bare_object

    def array_or_object(data: bytes, touched: set[str]) -> Object | None:
        if data.lstrip(b" \t\r\n").startswith(b"["):
            try:
                return ijson.read(data, set())  # type: ignore[return-value]  # an array: that is the bug
            except ijson.RefusedError:
                pass
        return bare_object(data, touched)

    replace(extract_json, "bare_object", array_or_object)


def _untagged_fence() -> None:
    fences = extract_json.fences

    def tagged_fences(data: bytes, touched: set[str]) -> Iterator[Span]:
        return (span for span in fences(data, touched) if span.tagged)

    replace(extract_json, "fences", tagged_fences)


def _code_point_order() -> None:
    _write_with(order=str)


def _integer_rounded() -> None:
    replace(ijson, "integer", ijson.double)


def _negative_zero() -> None:
    def scalar(value: Value) -> bytes:
        if value == 0 and isinstance(value, float) and math.copysign(1, value) < 0:
            return b"-0"
        return canonical.write(value)

    _write_with(scalar=scalar)


def _duplicate_member() -> None:
    replace(ijson, "check_names", lambda _: None)


def _html_escaped() -> None:
    def scalar(value: Value) -> bytes:
        text = canonical.write(value)
        return text.replace(b"<", rb"\u003c").replace(b">", rb"\u003e").replace(b"&", rb"\u0026")

    _write_with(scalar=scalar)


def _lone_surrogate() -> None:
    def repair(text: str, _: set[str]) -> str:
        return ijson._SURROGATE_ESCAPES.sub(lambda escape: "\\ufffd" if escape["lone"] else escape[0], text)  # noqa: SLF001

    replace(ijson, "check_surrogates", repair)


def _write_with(order: Callable[[str], object] = ijson.utf16_units, scalar: Write = canonical.write) -> None:
    """Let answers be written with another order of members, or another form of scalars."""

    def write(value: Value) -> bytes:
        if isinstance(value, dict):
            names = sorted(value, key=order)  # type: ignore[arg-type]
            return b"{" + b",".join(scalar(name) + b":" + write(value[name]) for name in names) + b"}"
        if isinstance(value, list):
            return b"[" + b",".join(map(write, value)) + b"]"
        return scalar(value)

    replace(extract_json, "answer", lambda value: write({"matched": value is not None, "value": value}))


PLANTS: dict[str, Callable[[], None]] = {
    "last-object": _last_object,
    "escaped-quote": _escaped_quote,
    "array-whole": _array_whole,
    "untagged-fence": _untagged_fence,
    "code-point-order": _code_point_order,
    "integer-rounded": _integer_rounded,
    "negative-zero": _negative_zero,
    "duplicate-member": _duplicate_member,
    "html-escaped": _html_escaped,
    "lone-surrogate": _lone_surrogate,
}
