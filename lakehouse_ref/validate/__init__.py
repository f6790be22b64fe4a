"""validate: tell whether a fill, an e-mail or a text message may go out for an order.

The contract is `fixtures/contract/validate.rules.toml`; a rule with a category is named here by the reason that it is
answered with. The stages stand in the order of that file, and the first rule that fails ends them:

    http          what HTTP demands             `admit`
    this module   what the bytes must be        `read_body`
    schema        the members and their types   `read`
    rules         what they say                 `completeness`, `consistency`, `policy`
    answers       how it is told                `accepted`, `refused`
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lakehouse_ref.validate import answers, http, rules, schema
from lakehouse_ref.validate.errors import ValidationError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lakehouse_ref.ijson import Value
    from lakehouse_ref.validate.answers import Answer


def respond(method: str, headers: Iterable[tuple[bytes, bytes]], body: bytes | None, touched: set[str]) -> Answer:
    """Return the answer to a request for /v1/validate; `body` is None where it was larger than `http.LARGEST_BODY`.

    `headers` are in the order in which they came, their names in lower case. `touched` collects the names of the
    contract's rules that mattered. Never raises: every request has an answer.
    """
    try:
        admitted = http.admit(method, headers, body)
    except ValidationError as error:
        return answers.refused(error, touched)
    return validate(admitted, touched)


def validate(body: bytes, touched: set[str]) -> Answer:
    """Return the answer to the bytes of a body. Never raises; `touched` as above."""
    try:
        request = schema.read(read_body(body), touched)
        rules.completeness(request)
        rules.consistency(request, touched)
        rules.policy(request, touched)
    except ValidationError as error:
        return answers.refused(error, touched)
    return answers.accepted(request.kind, request.request_id, touched)


def read_body(body: bytes) -> Value:
    """Return the value of a body (rules `invalid-utf8` to `duplicate-member`). Raises ValidationError."""
    return http.read_body(body)
