"""validation_error: read an error that a validator sent, in the shape of today or in the one that Go once sent.

The contract is `fixtures/contract/validation_error.rules.toml`; the comments name its rules. The order is: unreadable,
then the shape, then the variant, then its members.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lakehouse_ref import canonical, ijson

if TYPE_CHECKING:
    from lakehouse_ref.ijson import Value

VARIANTS = ("Schema", "Completeness", "Consistency", "Policy")
FLAT_VARIANTS = {variant.lower(): variant for variant in VARIANTS}
# What reasons and fields look like today.
USUAL = re.compile("[a-z0-9]+([-_.][a-z0-9]+)*")


def read(data: bytes, touched: set[str]) -> bytes:
    """Return the RFC 8785 form of `{"error": {variant: members}}` or `{"refused": why}`.

    `touched` collects the names of the contract's rules that mattered. Never raises: every input has an answer.
    """
    try:
        value = ijson.load(data)
    except ijson.RefusedError:
        return canonical.write(refused("unreadable", touched))
    return canonical.write(error_or_refusal(value, touched))


def error_or_refusal(value: Value, touched: set[str]) -> Value:
    """Tell the shape of what was read."""
    if not isinstance(value, dict):
        return refused("wrong-shape", touched)
    if "Kind" in value:
        return flat(value, touched)
    if len(value) == 1:
        ((variant, members),) = value.items()
        return tagged(variant, members, touched)
    return refused("wrong-shape", touched)


def flat(members: dict[str, Value], touched: set[str]) -> Value:
    """Read the old shape (rule `flat`)."""
    kind = members["Kind"]
    if not isinstance(kind, str):
        return refused("wrong-shape", touched)
    if kind not in FLAT_VARIANTS:
        return unknown_variant(touched)
    reason = members.get("Reason")
    field = members.get("Field") if kind == "schema" else members.get("Field", "")
    if not isinstance(reason, str) or not isinstance(field, str):
        return refused("wrong-shape", touched)
    touched.add("flat")
    return error(FLAT_VARIANTS[kind], field, reason, touched)


def tagged(variant: str, members: Value, touched: set[str]) -> Value:
    """Read the shape of today (rule `tagged`)."""
    if variant not in VARIANTS:
        return unknown_variant(touched)
    if not isinstance(members, dict):
        return refused("wrong-shape", touched)
    reason = members.get("reason")
    field = members.get("field") if variant == "Schema" else ""
    if not isinstance(reason, str) or not isinstance(field, str):
        return refused("wrong-shape", touched)
    touched.add("tagged")
    return error(variant, field, reason, touched)


def error(variant: str, field: str, reason: str, touched: set[str]) -> Value:
    """Return the error, whatever it says (rule `reason-as-it-is`); only of Schema the field is kept."""
    said = {"field": field, "reason": reason} if variant == "Schema" else {"reason": reason}
    if not all(map(USUAL.fullmatch, said.values())):
        touched.add("reason-as-it-is")
    return {"error": {variant: {**said}}}


def unknown_variant(touched: set[str]) -> Value:
    """Refuse a name that is none of the four (rule `unknown-variant`)."""
    return refused("unknown-variant", touched)


def refused(why: str, touched: set[str]) -> Value:
    """Return the refusal by the rule of that name."""
    touched.add(why)
    return {"refused": why}
