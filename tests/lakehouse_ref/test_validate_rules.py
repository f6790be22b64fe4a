"""validate, rule by rule from Schema on of `fixtures/contract/validate.rules.toml`; every expectation is by hand."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lakehouse_ref import canonical
from tests.lakehouse_ref.drafts import ADA, BEN, RULES, asked, bytes_of, draft, refusal

EMOJI, ACCENT = "\U0001f600", "\u0301"


# ------------------------------------------------------------------ Schema to Policy: what is refused

N160, N161, N120, N121 = "x" * 160, "x" * 161, "x" * 120, "x" * 121

REFUSED: list[tuple[str, str, object]] = [
    ("not-an-object", "", []),
    ("not-an-object", "", None),
    ("not-an-object", "", "fill"),
    ("missing-field", "kind", {}),
    ("missing-field", "kind", draft("fill", kind=...)),
    ("missing-field", "order", draft("fill", order=...)),
    ("missing-field", "order.id", draft("fill", order={})),
    ("missing-field", "order.role", draft("fill", order__role=...)),
    ("missing-field", "order.city", draft("fill", order__city=...)),
    ("missing-field", "order.state", draft("fill", order__state=...)),
    ("missing-field", "order.headcount", draft("fill", order__headcount=...)),
    ("missing-field", "roster", draft("fill", roster=...)),
    ("missing-field", "roster.1.id", draft("fill", roster__1={})),
    ("missing-field", "roster.0.role", draft("fill", roster__0__role=...)),
    ("missing-field", "roster.0.city", draft("fill", roster__0__city=...)),
    ("missing-field", "roster.0.state", draft("fill", roster__0__state=...)),
    ("missing-field", "artifact", draft("fill", artifact=...)),
    ("missing-field", "artifact.worker_ids", draft("fill", artifact={})),
    ("missing-field", "artifact.worker_id", draft("email", artifact__worker_id=...)),
    ("missing-field", "artifact.to", draft("email", artifact__to=...)),
    ("missing-field", "artifact.subject", draft("email", artifact__subject=...)),
    ("missing-field", "artifact.body", draft("email", artifact__body=...)),
    ("missing-field", "artifact.worker_id", draft("sms", artifact__worker_id=...)),
    ("missing-field", "artifact.to", draft("sms", artifact__to=...)),
    ("missing-field", "artifact.body", draft("sms", artifact__body=...)),
    ("wrong-type", "kind", draft("fill", kind=1)),
    ("wrong-type", "kind", draft("fill", kind=None)),
    ("wrong-type", "request_id", draft("fill", request_id=None)),
    ("wrong-type", "request_id", draft("fill", request_id=7)),
    ("wrong-type", "order", draft("fill", order=[])),
    ("wrong-type", "order.id", draft("fill", order__id=7)),
    ("wrong-type", "order.role", draft("fill", order__role=["Welder"])),
    ("wrong-type", "order.city", draft("fill", order__city=None)),
    ("wrong-type", "order.state", draft("fill", order__state={})),
    ("wrong-type", "order.headcount", draft("fill", order__headcount="2")),
    ("wrong-type", "order.headcount", draft("fill", order__headcount=True)),
    ("wrong-type", "order.headcount", draft("fill", order__headcount=None)),
    ("wrong-type", "order.excluded_ids", draft("fill", order__excluded_ids=None)),
    ("wrong-type", "order.excluded_ids", draft("fill", order__excluded_ids={"0": "w-1"})),
    ("wrong-type", "order.excluded_ids.1", draft("fill", order__excluded_ids=["w-9", 9])),
    ("wrong-type", "roster", draft("fill", roster={})),
    ("wrong-type", "roster.1", draft("fill", roster__1=None)),
    ("wrong-type", "roster.1.id", draft("fill", roster__1__id=2)),
    ("wrong-type", "roster.0.role", draft("fill", roster__0__role=None)),
    ("wrong-type", "roster.0.city", draft("fill", roster__0__city=1)),
    ("wrong-type", "roster.0.state", draft("fill", roster__0__state=False)),
    ("wrong-type", "roster.0.email", draft("fill", roster__0__email=None)),
    ("wrong-type", "roster.0.phone", draft("fill", roster__0__phone=312)),
    ("wrong-type", "artifact", draft("fill", artifact=["w-1"])),
    ("wrong-type", "artifact.worker_ids", draft("fill", artifact__worker_ids="w-1")),
    ("wrong-type", "artifact.worker_ids.0", draft("fill", artifact__worker_ids=[None, 1])),
    ("wrong-type", "artifact.worker_id", draft("sms", artifact__worker_id=1)),
    ("wrong-type", "artifact.to", draft("sms", artifact__to=None)),
    ("wrong-type", "artifact.subject", draft("email", artifact__subject=None)),
    ("wrong-type", "artifact.body", draft("email", artifact__body=[])),
    ("unknown-kind", "kind", draft("fill", kind="Fill")),
    ("unknown-kind", "kind", draft("fill", kind="")),
    ("unknown-kind", "kind", draft("fill", kind="sms ")),
    ("too-long", "request_id", draft("fill", request_id="x" * 65)),
    ("too-long", "request_id", draft("fill", request_id=EMOJI * 65)),
    ("empty-id", "order.id", draft("fill", order__id="")),
    ("empty-id", "roster.1.id", draft("fill", roster__1__id="")),
    ("bad-state", "order.state", draft("fill", order__state="il")),
    ("bad-state", "order.state", draft("fill", order__state="I")),
    ("bad-state", "order.state", draft("fill", order__state="IL\n")),
    ("bad-state", "roster.0.state", draft("fill", roster__0__state="ÉL")),
    ("bad-state", "roster.1.state", draft("fill", roster__1__state="ILL")),
    ("not-whole", "order.headcount", draft("fill", order__headcount=2.5)),
    ("not-whole", "order.headcount", draft("fill", order__headcount=500.5)),
    ("not-whole", "order.headcount", draft("fill", order__headcount=-0.5)),
    ("out-of-range", "order.headcount", draft("fill", order__headcount=0)),
    ("out-of-range", "order.headcount", draft("fill", order__headcount=-1)),
    ("out-of-range", "order.headcount", draft("fill", order__headcount=501)),
    ("out-of-range", "order.headcount", draft("fill", order__headcount=1e300)),
    ("empty-roster", "", draft("fill", roster=[], artifact__worker_ids=[])),
    ("empty-roster", "", draft("sms", roster=[], artifact__to="")),
    ("too-few-fills", "", draft("fill", artifact__worker_ids=["w-1"])),
    ("too-few-fills", "", draft("fill", artifact__worker_ids=[])),
    ("missing-recipient", "", draft("email", artifact__to="")),
    ("missing-recipient", "", draft("sms", artifact__to=" \t\r\n")),
    ("empty-subject", "", draft("email", artifact__subject="")),
    ("empty-subject", "", draft("email", artifact__subject=" \t")),
    ("empty-body", "", draft("email", artifact__body="")),
    ("empty-body", "", draft("sms", artifact__body="\r\n ")),
    ("order-not-mentioned", "", draft("email", artifact__body="About ord-7.")),
    ("order-not-mentioned", "", draft("email", artifact__body="Come.", artifact__subject="ORD-7")),
    ("duplicate-roster-id", "", draft("fill", roster__1__id="w-1")),
    ("duplicate-roster-id", "", draft("sms", roster=[ADA, BEN, BEN])),
    ("too-many-fills", "", draft("fill", order__headcount=1)),
    ("unknown-worker", "", draft("fill", artifact__worker_ids=["w-1", "w-3"])),
    ("unknown-worker", "", draft("sms", artifact__worker_id="W-1")),
    ("unknown-worker", "", draft("email", artifact__worker_id="w-1 ")),
    ("duplicate-worker", "", draft("fill", artifact__worker_ids=["w-2", "w-2"])),
    ("role-mismatch", "", draft("fill", roster__1__role="Fitter")),
    ("role-mismatch", "", draft("sms", roster__0__role="Weld er")),
    ("role-mismatch", "", draft("sms", roster__0__role="\u00a0Welder")),
    ("city-mismatch", "", draft("fill", roster__1__city="Joliet")),
    ("city-mismatch", "", draft("sms", roster__0__city="ORLÉANS", order__city="Orléans")),
    ("city-mismatch", "", draft("sms", roster__0__city="\u017fkokie", order__city="skokie")),
    ("city-mismatch", "", draft("sms", roster__0__city="\u212aent", order__city="Kent")),
    ("state-mismatch", "", draft("email", roster__0__state="WI")),
    ("recipient-mismatch", "", draft("email", artifact__to="Ada@example.com")),
    ("recipient-mismatch", "", draft("email", artifact__to="312-555-0142")),
    ("recipient-mismatch", "", draft("sms", artifact__to="312-555-0142 ")),
    ("recipient-mismatch", "", draft("sms", roster__0__phone="")),
    ("excluded-worker", "", draft("fill", order__excluded_ids=["w-9", "w-2"])),
    ("excluded-worker", "", draft("sms", order__excluded_ids=["w-1"])),
    ("sms-too-long", "", draft("sms", artifact__body=N161)),
    ("sms-too-long", "", draft("sms", artifact__body=EMOJI * 161)),
    ("sms-too-long", "", draft("sms", artifact__body="x" + ("e" + ACCENT) * 80)),
    ("subject-too-long", "", draft("email", artifact__subject=N121)),
    ("placeholder-left", "", draft("email", artifact__subject="Hi {{")),
    ("placeholder-left", "", draft("email", artifact__body="ORD-7 {{name}}")),
    ("placeholder-left", "", draft("sms", artifact__body="{{{")),
    ("link-in-sms", "", draft("sms", artifact__body="see http://a.example")),
    ("link-in-sms", "", draft("sms", artifact__body="xHTTPs://")),
    ("social-security-number", "", draft("sms", artifact__body="123-45-6789")),
    ("social-security-number", "", draft("email", artifact__subject="No 123 45 6789!")),
    ("social-security-number", "", draft("email", artifact__body="ORD-7 a123-45-6789b")),
]


@pytest.mark.parametrize(("rule", "field", "request_"), REFUSED)
def test_a_rule_refuses(rule: str, field: str, request_: object) -> None:
    status, answer, touched = asked(bytes_of(request_))
    assert (status, answer) == (422, refusal(rule, field))
    assert rule in touched


# ------------------------------------------------------------------ what is accepted, right beside what is refused


ACCEPTED: list[tuple[str, dict[str, Any]]] = [
    ("", draft("fill")),
    ("", draft("email")),
    ("", draft("sms")),
    ("", draft("fill", order__excluded_ids=[])),
    ("", draft("fill", order__excluded_ids=["w-9", "W-1", "w-9"])),
    ("", draft("fill", order__headcount=2.0)),
    ("", draft("fill", order__headcount=1, artifact__worker_ids=["w-2"])),
    ("", draft("fill", artifact__worker_ids=["w-2", "w-1"])),
    ("", draft("sms", order__headcount=500)),
    ("", draft("sms", order__headcount=1)),
    ("", draft("sms", order__id=" ")),
    ("", draft("sms", roster__1__id=" w-1")),
    ("", draft("sms", order__role="", roster__0__role="")),
    ("", draft("sms", roster__1__role="Fitter", roster__1__city="Joliet", roster__1__state="WI")),
    ("", draft("sms", roster__0__phone=..., artifact__to="anybody")),
    ("", draft("email", roster__0__email=..., artifact__to="anybody")),
    ("", draft("sms", roster__0__email="another")),
    ("", draft("sms", artifact__body=N160)),
    ("", draft("email", artifact__subject=N120)),
    ("", draft("email", artifact__body="ORD-7 https://a.example" + N161)),
    ("", draft("sms", artifact__body="{ {")),
    ("", draft("sms", artifact__body="http\u017f://")),
    ("", draft("sms", artifact__body="http:/ /")),
    ("", draft("sms", artifact__body="\u00a0")),
    ("", draft("email", artifact__subject="\u2003")),
    ("", draft("sms", artifact__body="123-45 6789")),
    ("", draft("sms", artifact__body="123.45.6789")),
    ("", draft("sms", artifact__body="123\u201145\u20116789")),
    ("", draft("sms", artifact__body="١٢٣-٤٥-٦٧٨٩")),
    ("", draft("sms", artifact__body="12-345-6789")),
    ("", draft("sms", order__id="123-45-6789", artifact__body="Hi")),
    ("letters-folded", draft("sms", roster__0__city=" aURORA\r\n", order__role="\twelder ")),
    ("letters-folded", draft("fill", roster__1__city="Aurora ")),
    ("length-in-characters", draft("sms", artifact__body=EMOJI * 160)),
    ("length-in-characters", draft("sms", artifact__body="é" * 160)),
    ("length-in-characters", draft("email", artifact__subject=EMOJI * 120)),
    ("length-in-characters", draft("fill", request_id="é" * 64)),
    ("unknown-member", draft("fill") | {"x": None}),
    ("unknown-member", draft("fill", order__x=1)),
    ("unknown-member", draft("fill", roster__1__x={})),
    ("unknown-member", draft("sms", artifact__subject=None)),
    ("unknown-member", draft("fill", artifact__body=7)),
    ("request-id-echoed", draft("fill", request_id="")),
    ("request-id-echoed", draft("fill", request_id="x" * 64)),
    ("request-id-echoed", draft("sms", request_id='\u0000\t"\\/\u007f\u2028é😀')),
    ("not-a-social-security-number", draft("sms", artifact__body="312-555-0142")),
    ("not-a-social-security-number", draft("sms", artifact__body="(312) 555-0142")),
    ("not-a-social-security-number", draft("sms", artifact__body="60502-1234")),
    ("not-a-social-security-number", draft("sms", artifact__body="2026-123-45-6789")),
    ("not-a-social-security-number", draft("sms", artifact__body="1 123 45 6789")),
    ("not-a-social-security-number", draft("sms", artifact__body="123-45-6789-0")),
    ("not-a-social-security-number", draft("sms", artifact__body="0123-45-6789")),
    ("not-a-social-security-number", draft("sms", artifact__body="123-45-67890")),
    ("not-a-social-security-number", draft("sms", artifact__body="123456789")),
    ("not-a-social-security-number", draft("sms", artifact__body="000-12-3456")),
    ("not-a-social-security-number", draft("sms", artifact__body="666-12-3456")),
    ("not-a-social-security-number", draft("sms", artifact__body="900-12-3456")),
    ("not-a-social-security-number", draft("sms", artifact__body="999 12 3456")),
    ("not-a-social-security-number", draft("sms", artifact__body="123-00-3456")),
    ("not-a-social-security-number", draft("email", artifact__subject="123-45-0000")),
]


@pytest.mark.parametrize(("rule", "request_"), ACCEPTED)
def test_what_stands_beside_a_rule_is_accepted(rule: str, request_: dict[str, Any]) -> None:
    status, answer, touched = asked(bytes_of(request_))
    told = {"accepted": True, "kind": request_["kind"], "request_id": request_.get("request_id")}
    assert (status, answer) == (200, canonical.write(told).decode())
    assert touched - {"request-id-echoed"} == {rule} - {"", "request-id-echoed"}
    assert ("request-id-echoed" in touched) is ("request_id" in request_)


@pytest.mark.parametrize(
    "text",
    [
        "123-45-6789-",
        "-123-45-6789",
        "1 123-45-6789 2",
        "1-123 45 6789-2",
        "899-99-9999",
        "001-01-0001",
        "667-01-0001",
        "000-12-3456 123-45-6789",
        "x-123-45-6789",
        "1- 123-45-6789",
        "é123-45-6789é",
        "٣123-45-6789",
    ],
)
def test_a_social_security_number_in_its_surroundings(text: str) -> None:
    assert asked(bytes_of(draft("sms", artifact__body=text)))[1] == refusal("social-security-number")


@pytest.mark.parametrize("number", [b"2.0", b"20e-1", b"0.2E+1", b"2.000000000000000000000001"])
def test_it_is_the_value_of_the_headcount_that_counts(number: bytes) -> None:
    assert asked(bytes_of(draft("fill")).replace(b'"headcount": 2', b'"headcount": ' + number))[0] == 200


# ------------------------------------------------------------------ the rules that matter, and the form of answers


def test_every_rule_from_schema_on_is_in_the_tables() -> None:
    names = list(RULES)
    met = {rule for rule, _, _ in REFUSED} | {rule for rule, _ in ACCEPTED} - {""}
    assert met == set(names[names.index("not-an-object") :])


@pytest.mark.parametrize(
    ("rule", "request_", "refuses"),
    [
        ("letters-folded", draft("sms", roster__0__city="ORLÉANS", order__city="Orléans"), "city-mismatch"),
        ("length-in-characters", draft("sms", artifact__body=("e" + ACCENT) * 81), "sms-too-long"),
        ("unknown-member", draft("sms", order__x=1, roster=[]), "empty-roster"),
    ],
)
def test_a_rule_of_what_is_accepted_may_matter_to_a_refusal(rule: str, request_: object, refuses: str) -> None:
    assert asked(bytes_of(request_))[2] == {rule, refuses}


@pytest.mark.parametrize(
    "request_",
    [
        draft("sms", artifact__body="312-555-0142 123-45-6789"),
        draft("sms", roster__0__city="Joliet"),
        draft("sms", artifact__body=EMOJI * 161),
        draft("sms", roster__1__city="AURORA", roster=[], artifact__body=EMOJI * 160),
    ],
)
def test_a_rule_that_did_not_matter_is_not_reported(request_: object) -> None:
    _, answer, touched = asked(bytes_of(request_))
    assert touched == {next(iter(json.loads(answer).values()))["reason"]}
