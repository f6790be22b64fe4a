"""The planted bugs of validate."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from lakehouse_ref import validate
from lakehouse_ref.services.plants.replace import replace
from lakehouse_ref.validate import answers, numbers, rules, schema, texts
from lakehouse_ref.validate.errors import ValidationError

if TYPE_CHECKING:
    from collections.abc import Callable

    from lakehouse_ref.ijson import Value
    from lakehouse_ref.validate.schema import Members, Order, Worker


def _flat_error() -> None:
    tagged = answers.tagged

    def flat(error: ValidationError) -> dict[str, object]:
        if error.category == "Completeness":
            return {"Kind": "completeness", "Reason": error.reason}
        return tagged(error)

    replace(answers, "tagged", flat)


def _ssn_phone() -> None:
    phones = [numbers.shape(separator, middle=3) for separator in "- "]

    def holds_any_number(text: str, touched: set[str]) -> bool:
        return numbers.holds_social_security_number(text, touched) or any(phone.search(text) for phone in phones)

    replace(rules, "holds_social_security_number", holds_any_number)


def _sms_161() -> None:
    replace(rules, "LONGEST_SMS", 161)


def _sms_bytes() -> None:
    def longer_in_bytes(text: str, limit: int, touched: set[str]) -> bool:
        if limit == rules.LONGEST_SMS:
            return len(text.encode()) > limit
        return texts.longer(text, limit, touched)

    replace(rules, "longer", longer_in_bytes)


def _empty_echo() -> None:
    echo = answers.echo

    def without_empty(kind: str, request_id: str | None) -> dict[str, object]:
        body = echo(kind, request_id)
        if body["request_id"] == "":
            del body["request_id"]
        return body

    replace(answers, "echo", without_empty)


def _rule_order() -> None:
    check_fit = rules.check_fit

    def excluded_first(order: Order, worker: Worker, touched: set[str]) -> None:
        if worker.id in order.excluded_ids:
            raise ValidationError("Policy", "excluded-worker")
        check_fit(order, worker, touched)

    replace(rules, "check_fit", excluded_first)


def _city_case() -> None:
    check_fit = rules.check_fit

    def case_matters(order: Order, worker: Worker, touched: set[str]) -> None:
        if worker.city.strip(texts.WHITE_SPACE) != order.city.strip(texts.WHITE_SPACE):
            worker = worker._replace(city="not " + order.city)  # role-mismatch, which comes first, still does
        check_fit(order, worker, touched)

    replace(rules, "check_fit", case_matters)


def _status_422() -> None:
    replace(answers, "STATUS", answers.STATUS | {"malformed-json": 422})


def _trailing_garbage() -> None:
    read_body = validate.read_body
    decoder = json.JSONDecoder(parse_int=float)  # for `int` refuses thousands of digits

    def read_root(body: bytes) -> Value:
        text = body.decode("utf-8", "surrogateescape")
        start = len(text) - len(text.lstrip(texts.WHITE_SPACE))
        try:
            _, end = decoder.raw_decode(text, start)
        except (json.JSONDecodeError, RecursionError):
            return read_body(body)
        return read_body(text[:end].encode("utf-8", "surrogateescape"))

    replace(validate, "read_body", read_root)


def _unknown_refused() -> None:
    root = schema.root

    def without_unknown(value: Value, touched: set[str]) -> Members:
        members = root(value, touched)
        for name in members:
            if name not in schema.Request._fields:
                raise ValidationError("Schema", "wrong-type", name)
        return members

    replace(schema, "root", without_unknown)


PLANTS: dict[str, Callable[[], None]] = {
    "flat-error": _flat_error,
    "ssn-phone": _ssn_phone,
    "sms-161": _sms_161,
    "sms-bytes": _sms_bytes,
    "empty-echo": _empty_echo,
    "rule-order": _rule_order,
    "city-case": _city_case,
    "status-422": _status_422,
    "trailing-garbage": _trailing_garbage,
    "unknown-refused": _unknown_refused,
}
