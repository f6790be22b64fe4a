"""What the suite's own matrixd refuses: enough of search.md for the suite's attacks on it."""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from email.message import Message

LIMIT = 33_554_432
DEEPEST = 128


class RefusalError(Exception):
    """What is answered instead."""

    def __init__(self, status: int, reason: str, field: str | None = "") -> None:
        super().__init__(reason)
        self.status = status
        self.told: dict[str, Any] = (
            {"State": {"reason": reason}} if field is None else {"Schema": {"field": field, "reason": reason}}
        )


class DropError(Exception):
    """The connection ends without an answer."""


def state(status: int, reason: str) -> RefusalError:
    """Return a refusal for what is stored."""
    return RefusalError(status, reason, None)


def read(headers: Message, data: bytes, fault: str) -> dict[str, Any]:
    """Return the body of a request."""
    kind = (headers.get("content-type") or "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise RefusalError(415, "unsupported-media-type", "content-type")
    if (headers.get("content-encoding") or "identity").strip().lower() != "identity":
        raise RefusalError(415, "unsupported-content-encoding", "content-encoding")
    if len(data) > LIMIT + (fault == "limit-plus") - (fault == "limit-minus"):
        raise RefusalError(413, "body-too-large")
    try:
        text = data.decode()
    except UnicodeDecodeError:
        raise RefusalError(400, "invalid-utf8") from None
    return parsed(text, fault)


def parsed(text: str, fault: str) -> dict[str, Any]:
    """Return the object that a text is."""
    later = set[str]()

    def whole(digits: str) -> int | float:
        if abs(int(digits[:400])) > 2**53:
            later.add("number-out-of-range")
        return float(digits[:400])

    def fraction(digits: str) -> float:
        if math.isinf(float(digits)):
            later.add("number-out-of-range")
        return float(digits)

    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len(dict(pairs)) < len(pairs):
            later.add("duplicate-member")
        return dict(pairs)

    def constant(name: str) -> float:
        return 1.0 if fault == "nan" else malformed(name)

    depth = deepest = 0
    for found in re.findall(r'"[^"\\]*(?:\\.[^"\\]*)*"|[\[{\]}]', text):
        depth += (found in "[{") - (found in "]}")
        deepest = max(deepest, depth)
    if deepest > DEEPEST + (fault == "deep") or text != text.strip("\u00a0\ufeff\u2028\u000b\u000c"):
        malformed(text)
    try:
        read = json.loads(
            text, parse_int=whole, parse_float=fraction, parse_constant=constant, object_pairs_hook=members
        )
    except (ValueError, RecursionError):
        malformed(text)
    try:
        json.dumps(read, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise RefusalError(400, "lone-surrogate") from None
    for reason in ("number-out-of-range", "duplicate-member"):
        if reason in later:
            raise RefusalError(400, reason)
    if not isinstance(read, dict):
        raise RefusalError(422, "not-an-object")
    return read


def malformed(_: str) -> NoReturn:
    raise RefusalError(400, "malformed-json")


def checked(call: str, body: dict[str, Any]) -> dict[str, Any]:
    """Return the body of a call, which has its members."""
    if call == "add":
        items = member(body, "items", list)
        if not 1 <= len(items) <= 1000:
            raise RefusalError(422, "out-of-range", "items")
        seen = set()
        for at, item in enumerate(items):
            vector(item, f"items.{at}")
            seen.add(member(item, "id", str, f"items.{at}."))
            if len(seen) <= at:
                raise RefusalError(422, "duplicate-id", f"items.{at}.id")
    elif call == "search":
        vector(body, "")
        k = member(body, "k", float)
        if k != int(k):
            raise RefusalError(422, "not-whole", "k")
        if not 1 <= k <= 1000:
            raise RefusalError(422, "out-of-range", "k")
        for name in ("excluded_ids", "only_ids"):
            if name in body:
                member(body, name, list)
    elif call in {"delete", "reload"}:
        member(body, "id" if call == "delete" else "snapshot", str)
    return body


def member(body: dict[str, Any], name: str, kind: type, where: str = "") -> Any:  # noqa: ANN401 - of that kind
    """Return a member of its type."""
    if name not in body:
        raise RefusalError(422, "missing-field", where + name)
    if not isinstance(body[name], kind):
        raise RefusalError(422, "wrong-type", where + name)
    return body[name]


def vector(body: dict[str, Any], where: str) -> None:
    """Check that there is one."""
    if ("vector" in body) == ("text" in body):
        raise RefusalError(422, "vector-or-text", where)
    if "vector" in body and math.fsum(one * one for one in body["vector"]) < 1e-12:
        raise RefusalError(422, "zero-vector", f"{where}.vector".lstrip("."))
