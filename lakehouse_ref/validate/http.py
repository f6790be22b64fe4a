"""What HTTP demands of a request for /v1/validate: what `lakehouse_ref.http` says of any, as errors of validate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lakehouse_ref import http
from lakehouse_ref.validate.errors import ValidationError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lakehouse_ref.ijson import Value

VALIDATE = "/v1/validate"
HEALTH = http.HEALTH
LARGEST_BODY = 1_048_576


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
    try:
        return http.admit(headers, body, LARGEST_BODY)
    except http.RequestError as error:
        raise ValidationError("Schema", error.reason, error.field) from None


def read_body(body: bytes) -> Value:
    """Return the value of a body. Raises ValidationError."""
    try:
        return http.read_body(body)
    except http.RequestError as error:
        raise ValidationError("Schema", error.reason) from None
