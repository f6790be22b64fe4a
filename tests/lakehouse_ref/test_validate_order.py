"""validate: of several rules that fail, the first one in `fixtures/contract/validate.rules.toml` answers."""

from __future__ import annotations

import pytest

from tests.lakehouse_ref.drafts import ADA, asked, bytes_of, draft, refusal

N121, N161 = "x" * 121, "x" * 161


@pytest.mark.parametrize(
    ("rule", "field", "request_"),
    [
        ("unknown-kind", "kind", draft("fill", kind="x", request_id=1, order=1)),
        ("wrong-type", "request_id", draft("fill", request_id=1, order=...)),
        ("too-long", "request_id", draft("fill", request_id="x" * 65, order=...)),
        ("empty-id", "order.id", draft("fill", order__id="", order__role=...)),
        ("bad-state", "order.state", draft("fill", order__state="", order__headcount=...)),
        ("not-whole", "order.headcount", draft("fill", order__headcount=0.5, order__excluded_ids=None)),
        ("wrong-type", "order.excluded_ids.0", draft("fill", order__excluded_ids=[1], roster=...)),
        ("empty-id", "roster.0.id", draft("fill", roster=[{"id": ""}, None], artifact=...)),
        ("missing-field", "roster.0.role", draft("fill", roster=[{"id": "w", "email": 1}, None])),
        ("wrong-type", "roster.1", draft("fill", roster__1=None, artifact=...)),
        ("missing-field", "artifact.worker_id", draft("email", artifact={"body": 1})),
        ("wrong-type", "artifact.worker_ids.0", draft("fill", roster=[], artifact={"worker_ids": [1]})),
        ("missing-recipient", "", draft("email", artifact__to="", artifact__subject="", artifact__body="")),
        ("empty-subject", "", draft("email", artifact__subject="", artifact__body="")),
        ("order-not-mentioned", "", draft("email", artifact__body="x", roster=[ADA, ADA])),
        ("empty-body", "", draft("sms", artifact__body="", artifact__worker_id="w-3")),
        ("too-few-fills", "", draft("fill", order__headcount=3, roster__1__id="w-1")),
        ("duplicate-roster-id", "", draft("fill", order__headcount=1, roster__1__id="w-1")),
        ("too-many-fills", "", draft("fill", order__headcount=1, artifact__worker_ids=["w-3", "w-3"])),
        ("role-mismatch", "", draft("fill", roster__0__role="x", artifact__worker_ids=["w-1", "w-3"])),
        ("unknown-worker", "", draft("fill", artifact__worker_ids=["w-3", "w-3"])),
        ("duplicate-worker", "", draft("fill", order__headcount=3, artifact__worker_ids=["w-1", "w-1", "w-3"])),
        ("city-mismatch", "", draft("fill", roster__0__city="x", roster__1__role="x")),
        ("role-mismatch", "", draft("fill", roster__0__role="x", roster__0__city="x")),
        ("city-mismatch", "", draft("fill", roster__0__city="x", roster__0__state="WI")),
        ("state-mismatch", "", draft("sms", roster__0__state="WI", artifact__to="x")),
        ("role-mismatch", "", draft("fill", roster__1__role="x", order__excluded_ids=["w-1"])),
        ("recipient-mismatch", "", draft("sms", artifact__to="x", order__excluded_ids=["w-1"])),
        ("excluded-worker", "", draft("sms", artifact__body=N161, order__excluded_ids=["w-1"])),
        ("sms-too-long", "", draft("sms", artifact__body=N161 + "{{")),
        ("subject-too-long", "", draft("email", artifact__subject=N121, artifact__body="ORD-7 {{")),
        ("placeholder-left", "", draft("sms", artifact__body="http://{{ 123-45-6789")),
        ("link-in-sms", "", draft("sms", artifact__body="http:// 123-45-6789")),
        ("placeholder-left", "", draft("email", artifact__subject="123-45-6789", artifact__body="ORD-7 {{")),
    ],
)
def test_the_first_of_two_rules_answers(rule: str, field: str, request_: object) -> None:
    assert asked(bytes_of(request_))[1] == refusal(rule, field)
