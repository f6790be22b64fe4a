"""The probe of validation_error: what readers make of an error, in the shape of today and in the old one."""

from __future__ import annotations

import json
import re

from parity import DriftClass, Probe
from parity.generate.grammar import concat, mutated, pick, repeat, weighted
from parity.probes import json_drift
from parity.probes.json_text import BROKEN_OBJECT, DIGITS, DUPLICATES, OBJECT, SPACE, STRING, VALUE, WORDS

TEXT = weighted((6, concat('"', WORDS, "-", DIGITS, DIGITS, DIGITS, '"')), (3, STRING), (0.4, '""'))
NOT_TEXT = weighted((2, pick("null", "1", "true", "[]", "{}")), (1, VALUE))
EITHER = weighted((24, TEXT), (1, NOT_TEXT))
MORE = weighted((9, b""), (1, concat(',"', WORDS, DIGITS, '":', VALUE)))
VARIANT = pick("Completeness", "Consistency", "Policy")
KIND = pick("completeness", "consistency", "policy")
UNKNOWN = pick("RateLimit", "schema", "policy", "SCHEMA", "Policies", "", "Schema ", "Kinds", "kind", "error")

TAGGED = weighted(
    (8, concat('{"Schema":', SPACE, '{"field":', EITHER, ',"reason":', EITHER, MORE, "}}")),
    (1, concat('{"Schema":{"reason":', EITHER, ',"field":', EITHER, "}}")),
    (8, concat('{"', VARIANT, '":', SPACE, '{"reason":', EITHER, MORE, "}}")),
    (1, concat('{"', VARIANT, '":{"field":', EITHER, ',"reason":', EITHER, "}}")),
    (1, concat('{"', weighted((1, "Schema"), (1, VARIANT)), '":', VALUE, "}")),
    (1, concat('{"', VARIANT, '":{"reason":', TEXT, '},"', weighted((1, VARIANT), (1, WORDS)), '":', VALUE, "}")),
    (1, concat('{"Schema":{', weighted((1, '"field"'), (1, '"reason"')), ":", TEXT, "}}")),
    (0.5, concat('{"', UNKNOWN, '":', weighted((2, concat('{"reason":', TEXT, "}")), (1, VALUE)), "}")),
)
FLAT = weighted(
    (8, concat('{"Kind":"schema","Field":', EITHER, ',"Reason":', EITHER, MORE, "}")),
    (5, concat('{"Kind":"', KIND, '","Reason":', EITHER, MORE, "}")),
    (4, concat('{"Kind":"', KIND, '","Field":', EITHER, ',"Reason":', EITHER, "}")),
    (1, concat('{"Reason":', EITHER, ',"Kind":"', weighted((1, "schema"), (1, KIND)), '"}')),
    (1, concat('{"Kind":', NOT_TEXT, ',"Field":', TEXT, ',"Reason":', TEXT, "}")),
    (1, concat('{"Kind":"', KIND, '",', '"Policy":{"reason":', TEXT, "}}")),
    (0.5, concat('{"Kind":"', weighted((1, VARIANT), (1, UNKNOWN)), '","Field":', EITHER, ',"Reason":', EITHER, "}")),
)
ERRORS = weighted(
    (45, concat(SPACE, TAGGED, SPACE)),
    (35, concat(SPACE, FLAT, SPACE)),
    (2, OBJECT),
    (0.7, VALUE),
    (0.5, DUPLICATES),
    (1, BROKEN_OBJECT),
    (2, mutated(weighted((1, TAGGED), (1, FLAT)), b'{}[]",:\\0KSs \n\xff')),
    (0.7, concat(TAGGED, repeat(weighted((1, WORDS), (1, "}"), (1, TAGGED)), 1, 2))),
    (0.4, pick("", " ", "null", "[]", '"Schema"', "{}")),
)

_STRING = rb'"(?:[^"\\]|\\.)*"'
_MEMBER = re.compile(rb"(%b)(\s*:\s*)(%b)" % (_STRING, _STRING), re.DOTALL)
_TAG = re.compile(rb"^(\s*\{\s*)(%b)(?=\s*:)" % _STRING, re.DOTALL)
_KINDS = frozenset({"schema", "completeness", "consistency", "policy"})
_TAGS = frozenset({"Schema", "Completeness", "Consistency", "Policy", "Kind"})


def _says(token: bytes) -> str:
    """Return what a string's token means, however it is escaped; nothing where it is broken."""
    try:
        return str(json.loads(token, strict=False))
    except ValueError:
        return ""


def _with_a_known_variant(data: bytes) -> list[bytes]:
    def flat(match: re.Match[bytes]) -> bytes:
        is_unknown = _says(match[1]) == "Kind" and _says(match[3]) not in _KINDS
        return match[1] + match[2] + b'"policy"' if is_unknown else match[0]

    def tagged(match: re.Match[bytes]) -> bytes:
        return match[0] if _says(match[2]) in _TAGS else match[1] + b'"Policy"'

    return [_MEMBER.sub(flat, data), _TAG.sub(tagged, data)]


validation_error = Probe(
    surface="validation_error",
    inputs=ERRORS,
    accepted=lambda answer: "error" in answer,
    places=(),
    drift_classes=(
        DriftClass("unknown-variant-default", "a variant that nobody knows", _with_a_known_variant),
        *json_drift.READING_AND_WRITING,
    ),
)
