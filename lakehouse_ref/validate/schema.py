"""Schema: the members of a request, and their types. Each member is looked at to its end before the next one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from lakehouse_ref.validate.errors import ValidationError
from lakehouse_ref.validate.texts import longer

if TYPE_CHECKING:
    from lakehouse_ref.ijson import Value

    Members: TypeAlias = dict[str, Value]

LONGEST_REQUEST_ID = 64
LEAST_HEADCOUNT, LARGEST_HEADCOUNT = 1, 500
KINDS = ("fill", "email", "sms")
STATE = re.compile("[A-Z]{2}")


class Order(NamedTuple):
    """What the client ordered. `excluded_ids` is empty where it was left out."""

    id: str
    role: str
    city: str
    state: str
    headcount: int
    excluded_ids: list[str]


class Worker(NamedTuple):
    """One worker of the roster. `email` and `phone` are None where they were left out."""

    id: str
    role: str
    city: str
    state: str
    email: str | None
    phone: str | None


class Fill(NamedTuple):
    """The workers that fill the order, by their ids."""

    worker_ids: list[str]


class Email(NamedTuple):
    """An e-mail to one worker."""

    worker_id: str
    to: str
    subject: str
    body: str


class Sms(NamedTuple):
    """A text message to one worker."""

    worker_id: str
    to: str
    body: str


class Request(NamedTuple):
    """A request with every member of its type. The kind is that of the artifact."""

    kind: str
    request_id: str | None
    order: Order
    roster: list[Worker]
    artifact: Fill | Email | Sms


def read(value: Value, touched: set[str]) -> Request:
    """Return the request that the value of a body is.

    `touched` collects the names of the contract's rules that mattered. Raises ValidationError, a Schema error.
    """
    members = root(value, touched)
    kind = string(members, "kind", "")
    if kind not in KINDS:
        raise ValidationError("Schema", "unknown-kind", "kind")
    request_id = optional_string(members, "request_id", "")
    if request_id is not None and longer(request_id, LONGEST_REQUEST_ID, touched):
        raise ValidationError("Schema", "too-long", "request_id")
    return Request(
        kind,
        request_id,
        order(required(members, "order", ""), touched),
        roster(required(members, "roster", ""), touched),
        artifact(kind, required(members, "artifact", ""), touched),
    )


def root(value: Value, touched: set[str]) -> Members:
    """Return the members of the whole body (rule `not-an-object`)."""
    if not isinstance(value, dict):
        raise ValidationError("Schema", "not-an-object")
    note_unknown(value, Request, touched)
    return value


def order(value: Value, touched: set[str]) -> Order:
    """Return the order."""
    members = an_object(value, "order", Order, touched)
    at = "order."
    return Order(
        id_(members, at),
        string(members, "role", at),
        string(members, "city", at),
        state(members, at),
        headcount(members, at),
        strings(members, "excluded_ids", at) if "excluded_ids" in members else [],
    )


def roster(value: Value, touched: set[str]) -> list[Worker]:
    """Return the workers of the roster."""
    return [worker(item, f"roster.{index}", touched) for index, item in enumerate(array(value, "roster"))]


def worker(value: Value, field: str, touched: set[str]) -> Worker:
    """Return one worker of the roster."""
    members = an_object(value, field, Worker, touched)
    at = field + "."
    return Worker(
        id_(members, at),
        string(members, "role", at),
        string(members, "city", at),
        state(members, at),
        optional_string(members, "email", at),
        optional_string(members, "phone", at),
    )


def artifact(kind: str, value: Value, touched: set[str]) -> Fill | Email | Sms:
    """Return what is to go out: what its members are, the kind decides."""
    at = "artifact."
    if kind == "fill":
        members = an_object(value, "artifact", Fill, touched)
        return Fill(strings(members, "worker_ids", at))
    if kind == "email":
        members = an_object(value, "artifact", Email, touched)
        return Email(
            string(members, "worker_id", at),
            string(members, "to", at),
            string(members, "subject", at),
            string(members, "body", at),
        )
    members = an_object(value, "artifact", Sms, touched)
    return Sms(string(members, "worker_id", at), string(members, "to", at), string(members, "body", at))


# ------------------------------------------------------------------ one member; `at` is the way to it, with its dot


def required(members: Members, name: str, at: str) -> Value:
    """Return a member that must be there (rule `missing-field`)."""
    if name not in members:
        raise ValidationError("Schema", "missing-field", at + name)
    return members[name]


def string(members: Members, name: str, at: str) -> str:
    """Return a member that is a string (rule `wrong-type`)."""
    value = required(members, name, at)
    if not isinstance(value, str):
        raise ValidationError("Schema", "wrong-type", at + name)
    return value


def optional_string(members: Members, name: str, at: str) -> str | None:
    """Return a member that is a string, or None where it was left out: null is no way of leaving out."""
    return string(members, name, at) if name in members else None


def strings(members: Members, name: str, at: str) -> list[str]:
    """Return a member that is an array of strings."""
    items = array(required(members, name, at), at + name)
    for index, item in enumerate(items):
        if not isinstance(item, str):
            raise ValidationError("Schema", "wrong-type", f"{at}{name}.{index}")
    return items  # type: ignore[return-value]  # strings, all of them


def id_(members: Members, at: str) -> str:
    """Return the id of the order or of a worker in the roster (rule `empty-id`)."""
    value = string(members, "id", at)
    if not value:
        raise ValidationError("Schema", "empty-id", at + "id")
    return value


def state(members: Members, at: str) -> str:
    """Return a state, two letters from A to Z (rule `bad-state`)."""
    value = string(members, "state", at)
    if not STATE.fullmatch(value):
        raise ValidationError("Schema", "bad-state", at + "state")
    return value


def headcount(members: Members, at: str) -> int:
    """Return how many workers are wanted (rules `not-whole`, `out-of-range`)."""
    value = required(members, "headcount", at)
    if not isinstance(value, float):  # which every number is, and no boolean
        raise ValidationError("Schema", "wrong-type", at + "headcount")
    if not value.is_integer():
        raise ValidationError("Schema", "not-whole", at + "headcount")
    if not LEAST_HEADCOUNT <= value <= LARGEST_HEADCOUNT:
        raise ValidationError("Schema", "out-of-range", at + "headcount")
    return int(value)


# ------------------------------------------------------------------ the shape of a value; `field` is the way to it


def an_object(value: Value, field: str, shape: type[NamedTuple], touched: set[str]) -> Members:
    """Return the members of an object."""
    if not isinstance(value, dict):
        raise ValidationError("Schema", "wrong-type", field)
    note_unknown(value, shape, touched)
    return value


def note_unknown(members: Members, shape: type[NamedTuple], touched: set[str]) -> None:
    """Note a member that the shape does not name, and that is therefore ignored (rule `unknown-member`)."""
    if members.keys() - shape._fields:
        touched.add("unknown-member")


def array(value: Value, field: str) -> list[Value]:
    """Return the items of an array."""
    if not isinstance(value, list):
        raise ValidationError("Schema", "wrong-type", field)
    return value
