"""validation_error, rule by rule of `fixtures/contract/validation_error.rules.toml`; every expectation is by hand."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from lakehouse_ref.validation_error import read

CONTRACT = Path(__file__).parents[2] / "fixtures" / "contract" / "validation_error.rules.toml"
RULES = {rule["name"] for rule in tomllib.loads(CONTRACT.read_text())["rule"]}

POLICY = '{"error":{"Policy":{"reason":"sms-too-long"}}}'
SCHEMA = '{"error":{"Schema":{"field":"order.excluded_ids.0","reason":"wrong-type"}}}'
UNKNOWN, WRONG, UNREADABLE = (f'{{"refused":"{why}"}}' for why in ("unknown-variant", "wrong-shape", "unreadable"))

TABLE: list[tuple[set[str], str | bytes, str]] = [
    # ------------------------------------------------------------ the shape of today
    ({"tagged"}, '{"Policy":{"reason":"sms-too-long"}}', POLICY),
    ({"tagged"}, ' \t\r\n{ "Policy" : { "reason" : "sms-too-long" } } ', POLICY),
    ({"tagged"}, '{"Policy":{"x":null,"reason":"sms-too-long","field":7}}', POLICY),
    ({"tagged"}, '{"Schema":{"reason":"wrong-type","field":"order.excluded_ids.0"}}', SCHEMA),
    ({"tagged"}, '{"Completeness":{"reason":"empty-body"}}', '{"error":{"Completeness":{"reason":"empty-body"}}}'),
    ({"tagged"}, '{"Consistency":{"reason":"x"}}', '{"error":{"Consistency":{"reason":"x"}}}'),
    ({"tagged"}, r'{"\u0050olicy":{"reason":"sms\u002dtoo-long"}}', POLICY),
    ({"wrong-shape"}, '{"Policy":{}}', WRONG),
    ({"wrong-shape"}, '{"Policy":{"Reason":"sms-too-long"}}', WRONG),
    ({"wrong-shape"}, '{"Policy":{"reason":null}}', WRONG),
    ({"wrong-shape"}, '{"Policy":"sms-too-long"}', WRONG),
    ({"wrong-shape"}, '{"Policy":[{"reason":"sms-too-long"}]}', WRONG),
    ({"wrong-shape"}, '{"Schema":{"reason":"wrong-type"}}', WRONG),
    ({"wrong-shape"}, '{"Schema":{"field":"order"}}', WRONG),
    ({"wrong-shape"}, '{"Schema":{"field":null,"reason":"wrong-type"}}', WRONG),
    # ------------------------------------------------------------ the shape that Go once sent
    ({"flat"}, '{"Kind":"policy","Reason":"sms-too-long"}', POLICY),
    ({"flat"}, '{"Kind":"policy","Reason":"sms-too-long","Field":"order"}', POLICY),
    ({"flat"}, '{"Kind":"policy","Reason":"sms-too-long","x":1,"Schema":{"field":"","reason":""}}', POLICY),
    ({"flat"}, '{"Field":"order.excluded_ids.0","Kind":"schema","Reason":"wrong-type"}', SCHEMA),
    ({"flat"}, '{"Kind":"completeness","Reason":"x"}', '{"error":{"Completeness":{"reason":"x"}}}'),
    ({"flat"}, '{"Kind":"consistency","Reason":"x"}', '{"error":{"Consistency":{"reason":"x"}}}'),
    ({"wrong-shape"}, '{"Kind":"policy"}', WRONG),
    ({"wrong-shape"}, '{"Kind":"policy","reason":"sms-too-long"}', WRONG),
    ({"wrong-shape"}, '{"Kind":"policy","Reason":null}', WRONG),
    ({"wrong-shape"}, '{"Kind":"policy","Reason":"x","Field":null}', WRONG),
    ({"wrong-shape"}, '{"Kind":"schema","Reason":"x"}', WRONG),
    ({"wrong-shape"}, '{"Kind":"schema","Reason":"x","Field":1}', WRONG),
    ({"wrong-shape"}, '{"Kind":{"reason":"x"}}', WRONG),
    ({"wrong-shape"}, '{"Kind":null,"Policy":{"reason":"x"}}', WRONG),
    # ------------------------------------------------------------ another variant, or none
    ({"unknown-variant"}, '{"Timing":{"reason":"too-late"}}', UNKNOWN),
    ({"unknown-variant"}, '{"policy":{"reason":"x"}}', UNKNOWN),
    ({"unknown-variant"}, '{"":null}', UNKNOWN),
    ({"unknown-variant"}, '{"kind":"policy"}', UNKNOWN),
    ({"unknown-variant"}, '{"Policy ":1}', UNKNOWN),
    ({"unknown-variant"}, '{"Kind":"Policy","Reason":"x"}', UNKNOWN),
    ({"unknown-variant"}, '{"Kind":"","Reason":1,"Field":1}', UNKNOWN),
    ({"unknown-variant"}, '{"Kind":"timing"}', UNKNOWN),
    ({"wrong-shape"}, "{}", WRONG),
    ({"wrong-shape"}, '{"Policy":{"reason":"x"},"Schema":{"field":"","reason":"x"}}', WRONG),
    ({"wrong-shape"}, '{"Policy":{"reason":"x"},"x":1}', WRONG),
    ({"wrong-shape"}, '[{"Policy":{"reason":"x"}}]', WRONG),
    ({"wrong-shape"}, '"Policy"', WRONG),
    ({"wrong-shape"}, "null", WRONG),
    # ------------------------------------------------------------ what cannot be read
    ({"unreadable"}, "", UNREADABLE),
    ({"unreadable"}, '{"Policy":{"reason":"x"}}.', UNREADABLE),
    ({"unreadable"}, "\ufeff{}", UNREADABLE),
    ({"unreadable"}, b'{"\xff":1}', UNREADABLE),
    ({"unreadable"}, r'{"Timing":"\ud800"}', UNREADABLE),
    ({"unreadable"}, '{"Timing":9007199254740993}', UNREADABLE),
    ({"unreadable"}, '{"Timing":1e999}', UNREADABLE),
    ({"unreadable"}, '{"Policy":{"reason":"x","reason":"x"}}', UNREADABLE),
    ({"unreadable"}, '{"x":' + "[" * 128 + "]" * 128 + "}", UNREADABLE),
    ({"unknown-variant"}, '{"x":' + "[" * 127 + "]" * 127 + "}", UNKNOWN),
    # ------------------------------------------------------------ whatever it says
    ({"tagged", "reason-as-it-is"}, '{"Policy":{"reason":""}}', '{"error":{"Policy":{"reason":""}}}'),
    (
        {"flat", "reason-as-it-is"},
        r'{"Kind":"schema","Reason":"\u00c9 \"<","Field":""}',
        r'{"error":{"Schema":{"field":"","reason":"É \"<"}}}',
    ),
    (
        {"tagged", "reason-as-it-is"},
        '{"Schema":{"field":"worker_ids","reason":"Too Long"}}',
        '{"error":{"Schema":{"field":"worker_ids","reason":"Too Long"}}}',
    ),
]


@pytest.mark.parametrize(("rules", "data", "expected"), TABLE)
def test_a_rule_holds_and_is_reported(rules: set[str], data: str | bytes, expected: str) -> None:
    touched: set[str] = set()
    assert read(data.encode() if isinstance(data, str) else data, touched).decode() == expected
    assert touched == rules


def test_every_rule_of_the_contract_is_in_the_table() -> None:
    assert set().union(*(rules for rules, _, _ in TABLE)) == RULES
