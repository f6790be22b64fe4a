"""What HTTP and JSON demand of a request to a service, before anything is known of what its body says.

The rules are named and described in `fixtures/contract/validate.rules.toml`; `search.md` refers to them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lakehouse_ref import ijson

if TYPE_CHECKING:
    from collections.abc import Iterable

HEALTH = "/health"
REFUSED = 422
STATUS = {  # of what never came as far as a rule about its content
    "unknown-path": 404,
    "method-not-allowed": 405,
    "unsupported-media-type": 415,
    "unsupported-content-encoding": 415,
    "body-too-large": 413,
    "invalid-utf8": 400,
    "malformed-json": 400,
    "lone-surrogate": 400,
    "number-out-of-range": 400,
    "duplicate-member": 400,
}

# What the strict reader's rules are called in an answer, in the order of the contract: a body is refused by the first
# of all the faults that it has, wherever they stand.
BODY_REASONS = (
    ("utf8", "invalid-utf8"),
    ("syntax", "malformed-json"),
    ("nesting-depth", "malformed-json"),
    ("lone-surrogate", "lone-surrogate"),
    ("integer-range", "number-out-of-range"),
    ("number-range", "number-out-of-range"),
    ("duplicate-member", "duplicate-member"),
)

_WHITE_SPACE = b" \t\r\n"


class RequestError(Exception):
    """The request is refused before its content is looked at: by which rule, and the header if it is about one."""

    def __init__(self, reason: str, field: str = "") -> None:
        super().__init__(f"{reason} {field}".rstrip())
        self.reason = reason
        self.field = field


def check_method(method: str, *allowed: str) -> None:
    """Refuse every method but those that are allowed (rule `method-not-allowed`). Raises RequestError."""
    if method not in allowed:
        raise RequestError("method-not-allowed")


def first_header(headers: Iterable[tuple[bytes, bytes]], wanted: bytes) -> bytes | None:
    """Return the first header of a name in lower case, or None where there is none."""
    return next((value for name, value in headers if name == wanted), None)


def admit(headers: Iterable[tuple[bytes, bytes]], body: bytes | None, largest: int) -> bytes:
    """Return the body, if the request may have it read.

    `headers` are in the order in which they came, their names in lower case; `body` may be None where it was larger
    than `largest` bytes. Raises RequestError.
    """
    first: dict[bytes, bytes] = {}
    for name, value in headers:
        first.setdefault(name, value)
    if _plain(first.get(b"content-type", b"").partition(b";")[0]) != b"application/json":
        raise RequestError("unsupported-media-type", "content-type")
    if _plain(first.get(b"content-encoding", b"")) not in {b"", b"identity"}:
        raise RequestError("unsupported-content-encoding", "content-encoding")
    if body is None or len(body) > largest:
        raise RequestError("body-too-large")
    return body


def read_body(body: bytes) -> ijson.Value:
    """Return the value of a body (rules `invalid-utf8` to `duplicate-member`). Raises RequestError."""
    try:
        return ijson.load(body)
    except ijson.RefusedError:
        faults = ijson.faults(body)
        raise RequestError(next(reason for rule, reason in BODY_REASONS if rule in faults)) from None


def _plain(value: bytes) -> bytes:
    return value.strip(_WHITE_SPACE).lower()  # of bytes, `lower` folds A-Z alone
