"""What coordinators send out, each with the verdict that the contract gives it (validate.rules.toml).

Most are right. Some are wrong in one way each, so a validator that lets everything through is seen as well as one that
lets nothing through; and many hold phone numbers, which are no social security numbers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from random import Random

    from lakehouse_ref.ingest.worker import Worker

Artifact: TypeAlias = "dict[str, object]"
"""What goes out, as the validator is told of it."""

LONGEST_SMS = 160
WRONG = 0.2
"""So often a draft is wrong."""
ISSUED = "123-45-6789"
"""A social security number that could have been issued, which is what the rule is about; it is nobody's."""


class Draft(NamedTuple):
    """A request to the validator, and the answer that is due."""

    body: bytes
    status: int
    answer: bytes


class _Spoilt(NamedTuple):
    """A way of being wrong: the rule, its category, and what it does to the request."""

    category: str
    reason: str
    spoil: Callable[[dict[str, object], Artifact], None]
    """Changes the order and the artifact."""


def fill(workers: Sequence[Worker], request: str, random: Random) -> Draft:
    """Return a proposal of workers for an order; there is at least one, and all are of one role and place."""
    ids = [worker.id for worker in workers]
    return _draft("fill", workers, {"worker_ids": ids}, request, _chosen(FILLS, random))


def email(worker: Worker, request: str, random: Random) -> Draft:
    """Return an e-mail to one worker."""
    body = (
        f"Hello, there is work for a {worker.role} in {worker.city}: order {_order_id(worker)}. "
        f"Call {phone(random)} by Friday, or answer this mail."
    )
    artifact: Artifact = {
        "worker_id": worker.id,
        "to": address(worker),
        "subject": f"Work in {worker.city}",
        "body": body,
    }
    return _draft("email", [worker], artifact, request, _chosen(EMAILS, random))


def sms(worker: Worker, request: str, random: Random) -> Draft:
    """Return a text message with a phone number in it, of at most 160 characters unless that is what is wrong."""
    number = phone(random)
    body = f"{worker.role} needed in {worker.city} {worker.state}. Call {number} or {phone(random)}."
    if random.random() < 0.25:
        body += "é" * (LONGEST_SMS - len(body))  # the longest there may be: characters count, and not bytes
    assert len(body) <= LONGEST_SMS
    artifact: Artifact = {"worker_id": worker.id, "to": number_of(worker), "body": body}
    return _draft("sms", [worker], artifact, request, _chosen(TEXTS, random))


def phone(random: Random) -> str:
    """Return a phone number in one of the ways in which people write them; 555-01xx is nobody's."""
    area, line = random.randrange(201, 990), random.randrange(100, 200)
    return random.choice((f"{area}-555-0{line}", f"({area}) 555-0{line}", f"{area} 555 0{line}", f"{area}.555.0{line}"))


def address(worker: Worker) -> str:
    """Return a worker's e-mail address."""
    return f"{worker.id}@example.com"


def number_of(worker: Worker) -> str:
    """Return a worker's phone number."""
    return f"312-555-0{100 + int(worker.id[-2:])}"


def _chosen(ways: Sequence[_Spoilt], random: Random) -> _Spoilt | None:
    return random.choice(ways) if random.random() < WRONG else None


def _order_id(worker: Worker) -> str:
    return f"ORD-{worker.state}-7"


def _draft(
    kind: str,
    workers: Sequence[Worker],
    artifact: Artifact,
    request: str,
    spoilt: _Spoilt | None,
) -> Draft:
    first = workers[0]
    order: dict[str, object] = {
        "id": _order_id(first),
        "role": first.role,
        "city": first.city,
        "state": first.state,
        "headcount": len(workers),
        "excluded_ids": ["w-000000"],
    }
    roster = [
        {
            "id": worker.id,
            "role": worker.role,
            "city": worker.city,
            "state": worker.state,
            "email": address(worker),
            "phone": number_of(worker),
        }
        for worker in workers
    ]
    if spoilt is not None:
        spoilt.spoil(order, artifact)
    body = {"kind": kind, "request_id": request, "order": order, "roster": roster, "artifact": artifact}
    encoded = msgspec.json.encode(body)
    if spoilt is not None:
        return Draft(encoded, 422, b'{"%b":{"reason":"%b"}}' % (spoilt.category.encode(), spoilt.reason.encode()))
    return Draft(encoded, 200, b'{"accepted":true,"kind":"%b","request_id":"%b"}' % (kind.encode(), request.encode()))


def _member(name: str, change: Callable[[str], str]) -> Callable[[dict[str, object], Artifact], None]:
    """Return what changes one text of the artifact."""

    def spoil(_: dict[str, object], artifact: Artifact) -> None:
        artifact[name] = change(str(artifact[name]))

    return spoil


def _too_few(order: dict[str, object], artifact: Artifact) -> None:
    order["headcount"] = len(_ids(artifact)) + 1


def _unknown_worker(_: dict[str, object], artifact: Artifact) -> None:
    artifact["worker_ids"] = [*_ids(artifact)[:-1], "w-999999"]


def _excluded(order: dict[str, object], artifact: Artifact) -> None:
    order["excluded_ids"] = _ids(artifact)[:1]


def _other_city(order: dict[str, object], _: Artifact) -> None:
    order["city"] = "Elsewhere"


def _ids(artifact: Artifact) -> list[str]:
    ids = artifact["worker_ids"]
    assert isinstance(ids, list)
    return ids


_NUMBER = _Spoilt("Policy", "social-security-number", _member("body", lambda text: f"{text[:100]} {ISSUED}"))
_BLANK = _Spoilt("Completeness", "empty-body", _member("body", lambda _: " "))
FILLS = (
    _Spoilt("Completeness", "too-few-fills", _too_few),
    _Spoilt("Consistency", "unknown-worker", _unknown_worker),
    _Spoilt("Consistency", "city-mismatch", _other_city),
    _Spoilt("Policy", "excluded-worker", _excluded),
)
EMAILS = (
    _Spoilt("Policy", "social-security-number", _member("body", lambda text: f"{text} {ISSUED}")),
    _Spoilt("Policy", "placeholder-left", _member("subject", lambda text: f"{text} {{{{name}}}}")),
    _Spoilt("Consistency", "recipient-mismatch", _member("to", lambda _: "somebody@example.com")),
    _Spoilt("Completeness", "empty-subject", _member("subject", lambda _: "")),
    _BLANK,
)
TEXTS = (
    _NUMBER,
    _BLANK,
    _Spoilt("Policy", "sms-too-long", _member("body", lambda text: text.ljust(LONGEST_SMS + 1, "."))),
    _Spoilt("Policy", "link-in-sms", _member("body", lambda text: f"{text[:100]} https://example.com")),
)
