"""Drift classes of validate: how to take each suspected cause out of a request, and as little else as possible.

A case is a message; the edits work on its body, and those of texts on single string tokens, so that everything beside
the edit keeps its bytes.
"""

from __future__ import annotations

import itertools
import json
import re
from typing import TYPE_CHECKING, Any, NoReturn

from parity.model import DriftClass

if TYPE_CHECKING:
    from collections.abc import Callable

HEAD = b"POST /v1/validate\ncontent-type: application/json\n\n"
MEMBERS = frozenset({"kind", "request_id", "order", "roster", "artifact"})
LIMIT = 160
DEEPEST = 128

_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_TOKENS = re.compile(rb'"(?:[^"\\]|\\.)*"?|[\[\]{}]', re.DOTALL)
_DEPTH = {b"[": 1, b"{": 1, b"]": -1, b"}": -1}
_CITY = re.compile(rb'("city"\s*:\s*)("(?:[^"\\]|\\.)*")', re.DOTALL)
_EXCLUDED = re.compile(rb'("excluded_ids"\s*:\s*)\[[^\[\]{}]*\]')
_EMPTY_REQUEST_ID = re.compile(rb'("request_id"\s*:\s*)""')
_PHONE = re.compile(r"(?a)\d(\d\d[- ]\d{3}[- ]\d{4})")


def _of_body(edit: Callable[[bytes], bytes]) -> Callable[[bytes], bytes]:
    """Return an edit of messages from one of bodies."""

    def edited(data: bytes) -> bytes:
        head, empty, body = data.partition(b"\n\n")
        return head + empty + edit(body) if empty else data

    return edited


def _of_texts(edit: Callable[[str], str]) -> Callable[[bytes], bytes]:
    """Return an edit of messages from one of texts: every string of the body, as it reads."""

    def token(match: re.Match[bytes]) -> bytes:
        try:
            text = json.loads(match[0])
        except ValueError:
            return match[0]
        changed = edit(text)
        return match[0] if changed == text else json.dumps(changed, ensure_ascii=False).encode("utf-8", "replace")

    return _of_body(lambda body: _STRING.sub(token, body))


class _NotJSONError(ValueError):
    pass


def _no_constant(name: str) -> NoReturn:
    raise _NotJSONError(name)


_READER = json.JSONDecoder(parse_constant=_no_constant)


def _read(body: bytes) -> Any:  # noqa: ANN401 - JSON
    """Return what a body says, as the contract reads JSON but for the limits of I-JSON. Raises ValueError."""
    text = body.decode("utf-8")
    if max(itertools.accumulate(_DEPTH.get(token, 0) for token in _TOKENS.findall(body)), default=0) > DEEPEST:
        raise _NotJSONError("nesting")
    return _READER.decode(text)


def _of_request(edit: Callable[[dict[str, Any]], None]) -> Callable[[bytes], bytes]:
    """Return an edit of messages from one that changes a request in place; other bodies stay as they are."""

    def edited(body: bytes) -> bytes:
        try:
            request = _read(body)
        except (ValueError, RecursionError):
            return body
        before = json.dumps(request)
        if isinstance(request, dict):
            edit(request)
        return body if json.dumps(request) == before else json.dumps(request).encode()

    return _of_body(edited)


def _until_the_root_ends(body: bytes) -> bytes:
    """Cut off whatever stands behind the first JSON value."""
    text = body.decode("utf-8", "surrogateescape")
    start = len(text) - len(text.lstrip(" \t\r\n"))
    try:
        _, end = _READER.raw_decode(text, start)
    except (ValueError, RecursionError):
        return body
    return text[:end].encode("utf-8", "surrogateescape") if text[end:].strip(" \t\r\n") else body


def _without_duplicates(body: bytes) -> bytes:
    """Leave the last of the members that have one name."""
    found = False

    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal found
        found |= len(dict(pairs)) < len(pairs)
        return dict(pairs)

    try:
        value = json.loads(body, object_pairs_hook=members)
    except (ValueError, RecursionError):
        return body
    return json.dumps(value).encode() if found else body


def _only_known_members(request: dict[str, Any]) -> None:
    for name in request.keys() - MEMBERS:
        del request[name]


def _complete(request: dict[str, Any]) -> None:
    """Give a request whatever a Completeness rule could miss."""
    order, roster, artifact = request.get("order"), request.get("roster"), request.get("artifact")
    if not (isinstance(order, dict) and isinstance(roster, list) and isinstance(artifact, dict)):
        return
    if not roster:
        roster.append({"id": "w-1", **{name: order.get(name) for name in ("role", "city", "state")}})
    for name in ("to", "subject", "body"):
        if isinstance(artifact.get(name), str) and not artifact[name].strip(" \t\r\n"):
            artifact[name] = "x"
    if request.get("kind") == "email" and isinstance(artifact.get("body"), str) and isinstance(order.get("id"), str):
        artifact["body"] += "" if order["id"] in artifact["body"] else f" {order['id']}"
    workers, headcount = artifact.get("worker_ids"), order.get("headcount")
    if isinstance(workers, list) and isinstance(headcount, (int, float)) and len(workers) < headcount:
        if not workers and isinstance(roster[0], dict):
            workers.append(roster[0].get("id"))
        order["headcount"] = len(workers)


def _is_broken(body: bytes) -> bool:
    try:
        _read(body)
    except UnicodeDecodeError:
        return False
    except (ValueError, RecursionError):
        return True
    return False


DRIFT_CLASSES = (
    DriftClass("request-head", "what stands before the body", lambda data: HEAD + data.partition(b"\n\n")[2]),
    DriftClass("trailing-garbage", "what stands behind the root of the body", _of_body(_until_the_root_ends)),
    DriftClass("status-422", "a body that is no JSON", _of_body(lambda body: b"{}" if _is_broken(body) else body)),
    DriftClass(
        "unknown-refused", "a member of the root that the contract does not name", _of_request(_only_known_members)
    ),
    DriftClass("empty-echo", "an empty request_id", _of_body(lambda body: _EMPTY_REQUEST_ID.sub(rb'\1"0"', body))),
    DriftClass(
        "city-case",
        "the letter case of a city",
        _of_body(lambda body: _CITY.sub(lambda match: match[1] + match[2].lower(), body)),
    ),
    DriftClass(
        "rule-order",
        "excluded ids, looked at at another point in the order of the rules",
        _of_body(lambda body: _EXCLUDED.sub(rb"\1[]", body)),
    ),
    DriftClass("ssn-phone", "a number of 3-3-4 digits", _of_texts(lambda text: _PHONE.sub(r"\1", text))),
    DriftClass(
        "sms-161",
        "a text of just one character more than the limit",
        _of_texts(lambda text: text[:-1] if len(text) == LIMIT + 1 else text),
    ),
    DriftClass(
        "sms-bytes",
        "a long text with characters beyond ASCII",
        _of_texts(lambda text: "".join(c if c.isascii() else "x" for c in text) if len(text) > LIMIT // 4 else text),
    ),
    DriftClass("duplicate-member", "two members of one name", _of_body(_without_duplicates)),
    DriftClass("flat-error", "a request that lacks something (Completeness)", _of_request(_complete)),
)
"""The most specific ones first."""
