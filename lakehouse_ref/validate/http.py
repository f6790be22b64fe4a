"""What HTTP demands of a request for /v1/validate, before its body is read as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lakehouse_ref.validate.errors import ValidationError

if TYPE_CHECKING:
    from collections.abc import Iterable

VALIDATE = "/v1/validate"
HEALTH = "/health"
LARGEST_BODY = 1_048_576

_WHITE_SPACE = b" \t\r\n"


def unknown_path() -> ValidationError:
    """Return the error for every path but the two above (rule `unknown-path`)."""
    return ValidationError("Schema", "unknown-path")


def check_method(method: str, allowed: str) -> None:
    """Refuse every method but the one that is allowed (rule `method-not-allowed`)."""
    if method != allowed:
        raise ValidationError("Schema", "method-not-allowed")


def admit(method: str, headers: Iterable[tuple[bytes, bytes]], body: bytes | None) -> bytes:
    """Return the body, if the request may have it read; arguments as of `validate.respond`. Raises ValidationError."""
    check_method(method, "POST")
    first: dict[bytes, bytes] = {}
    for name, value in headers:
        first.setdefault(name, value)
    if _plain(first.get(b"content-type", b"").partition(b";")[0]) != b"application/json":
        raise ValidationError("Schema", "unsupported-media-type", "content-type")
    if _plain(first.get(b"content-encoding", b"")) not in {b"", b"identity"}:
        raise ValidationError("Schema", "unsupported-content-encoding", "content-encoding")
    if body is None or len(body) > LARGEST_BODY:
        raise ValidationError("Schema", "body-too-large")
    return body


def _plain(value: bytes) -> bytes:
    return value.strip(_WHITE_SPACE).lower()  # of bytes, `lower` folds A-Z alone
