"""What validate answers: a status, and a body in the form of RFC 8785.

The bodies are encoded by msgspec, many times as fast as the canonical writer, and to the same bytes: the members stand
here in the order that RFC 8785 sorts them into, no number is among them, and in a string msgspec escapes just what
RFC 8785 does, in the same form (a test compares the two for every code point).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec

from lakehouse_ref import http

if TYPE_CHECKING:
    from lakehouse_ref.validate.errors import ValidationError

ACCEPTED = 200
REFUSED = http.REFUSED
STATUS = http.STATUS

encode = msgspec.json.Encoder().encode


class Answer(NamedTuple):
    """The status and the body of an answer; its content-type is always application/json."""

    status: int
    body: bytes


def accepted(kind: str, request_id: str | None, touched: set[str]) -> Answer:
    """Return the answer to a request that no rule refuses (rule `request-id-echoed`)."""
    if request_id is not None:
        touched.add("request-id-echoed")
    return Answer(ACCEPTED, encode(echo(kind, request_id)))


def echo(kind: str, request_id: str | None) -> dict[str, object]:
    """Return the body that accepts."""
    return {"accepted": True, "kind": kind, "request_id": request_id}


def refused(error: ValidationError, touched: set[str]) -> Answer:
    """Return the answer to a request that a rule refuses."""
    touched.add(error.reason)
    return Answer(STATUS.get(error.reason, REFUSED), encode(tagged(error)))


def tagged(error: ValidationError) -> dict[str, object]:
    """Return the error as an externally tagged variant."""
    if error.category == "Schema":
        return {"Schema": {"field": error.field, "reason": error.reason}}
    return {error.category: {"reason": error.reason}}
