"""The error by which a call is refused; anything else that is raised is a bug of the reference.

RefusedError
├── SchemaError   what stands in the request alone: 422, or what HTTP and JSON demand
└── StateError    what does not fit what is stored, or a service that does not answer
"""

from __future__ import annotations

from lakehouse_ref import http

STATE_STATUS = {
    "unknown-index": 404,
    "unknown-id": 404,
    "unknown-snapshot": 404,
    "wrong-dimension": 409,
    "damaged-snapshot": 409,
    "embedder-unreachable": 502,
    "vectord-unreachable": 502,
}


class RefusedError(Exception):
    """A call is refused: `status` and `body`, as a value of JSON, say how."""

    def __init__(self, reason: str, status: int, body: dict[str, dict[str, str]]) -> None:
        super().__init__(reason)
        self.reason = reason
        self.status = status
        self.body = body


class SchemaError(RefusedError):
    """The request is wrong by itself: `reason` is the name of the rule, `field` the way to the member."""

    def __init__(self, reason: str, field: str = "") -> None:
        status = http.STATUS.get(reason, http.REFUSED)
        super().__init__(reason, status, {"Schema": {"field": field, "reason": reason}})


class StateError(RefusedError):
    """The request does not fit what is stored; `reason` is one of STATE_STATUS."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason, STATE_STATUS[reason], {"State": {"reason": reason}})
