"""What the members of a request say, category by category: each refuses by the first of its rules that fails."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lakehouse_ref.validate.errors import ValidationError
from lakehouse_ref.validate.numbers import holds_social_security_number
from lakehouse_ref.validate.schema import Email, Fill, Sms
from lakehouse_ref.validate.texts import blank, folded, longer, same_words

if TYPE_CHECKING:
    from lakehouse_ref.validate.schema import Order, Request, Worker

LONGEST_SMS = 160
LONGEST_SUBJECT = 120
PLACEHOLDER = "{{"
LINKS = (b"http://", b"https://")


def completeness(request: Request) -> None:
    """Refuse what is not whole. Raises ValidationError."""
    order, artifact = request.order, request.artifact
    if not request.roster:
        raise ValidationError("Completeness", "empty-roster")
    if isinstance(artifact, Fill):
        if len(artifact.worker_ids) < order.headcount:
            raise ValidationError("Completeness", "too-few-fills")
        return
    if blank(artifact.to):
        raise ValidationError("Completeness", "missing-recipient")
    if isinstance(artifact, Email) and blank(artifact.subject):
        raise ValidationError("Completeness", "empty-subject")
    if blank(artifact.body):
        raise ValidationError("Completeness", "empty-body")
    if isinstance(artifact, Email) and order.id not in artifact.body:
        raise ValidationError("Completeness", "order-not-mentioned")


def consistency(request: Request, touched: set[str]) -> None:
    """Refuse what does not fit together; `touched` collects the rules that mattered. Raises ValidationError."""
    order, artifact = request.order, request.artifact
    workers = {worker.id: worker for worker in request.roster}
    if len(workers) != len(request.roster):
        raise ValidationError("Consistency", "duplicate-roster-id")
    if isinstance(artifact, Fill) and len(artifact.worker_ids) > order.headcount:
        raise ValidationError("Consistency", "too-many-fills")
    named: set[str] = set()
    for worker_id in worker_ids(artifact):
        if worker_id not in workers:
            raise ValidationError("Consistency", "unknown-worker")
        if worker_id in named:
            raise ValidationError("Consistency", "duplicate-worker")
        named.add(worker_id)
        check_fit(order, workers[worker_id], touched)
    if not isinstance(artifact, Fill):
        addressee = workers[artifact.worker_id]
        on_roster = addressee.email if isinstance(artifact, Email) else addressee.phone
        if on_roster is not None and artifact.to != on_roster:
            raise ValidationError("Consistency", "recipient-mismatch")


def check_fit(order: Order, worker: Worker, touched: set[str]) -> None:
    """Refuse a worker that is not of the order's role, city and state."""
    if not same_words(worker.role, order.role, touched):
        raise ValidationError("Consistency", "role-mismatch")
    if not same_words(worker.city, order.city, touched):
        raise ValidationError("Consistency", "city-mismatch")
    if worker.state != order.state:
        raise ValidationError("Consistency", "state-mismatch")


def policy(request: Request, touched: set[str]) -> None:
    """Refuse what must not go out; `touched` collects the rules that mattered. Raises ValidationError."""
    order, artifact = request.order, request.artifact
    if not set(order.excluded_ids).isdisjoint(worker_ids(artifact)):
        raise ValidationError("Policy", "excluded-worker")
    if isinstance(artifact, Sms) and longer(artifact.body, LONGEST_SMS, touched):
        raise ValidationError("Policy", "sms-too-long")
    if isinstance(artifact, Email) and longer(artifact.subject, LONGEST_SUBJECT, touched):
        raise ValidationError("Policy", "subject-too-long")
    texts = written_texts(artifact)
    if any(PLACEHOLDER in text for text in texts):
        raise ValidationError("Policy", "placeholder-left")
    if isinstance(artifact, Sms) and any(link in folded(artifact.body) for link in LINKS):
        raise ValidationError("Policy", "link-in-sms")
    if any(holds_social_security_number(text, touched) for text in texts):
        raise ValidationError("Policy", "social-security-number")


def worker_ids(artifact: Fill | Email | Sms) -> list[str]:
    """Return the ids of the workers of an artifact: an e-mail or a text message has one."""
    return artifact.worker_ids if isinstance(artifact, Fill) else [artifact.worker_id]


def written_texts(artifact: Fill | Email | Sms) -> list[str]:
    """Return what somebody wrote: a fill holds nothing of that kind."""
    if isinstance(artifact, Fill):
        return []
    return [artifact.subject, artifact.body] if isinstance(artifact, Email) else [artifact.body]
