"""The members of a request: present, then of their type, then of a value that may be. All raise SchemaError.

`at` is the way to the object that a member stands in, with its dot; `field` is the way to a value.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from lakehouse_ref.search import units
from lakehouse_ref.search.errors import SchemaError
from lakehouse_ref.search.paths import NAME
from lakehouse_ref.validate.texts import blank

if TYPE_CHECKING:
    from collections.abc import Callable

    from lakehouse_ref.ijson import Value
    from lakehouse_ref.search.units import Direction

    Members: TypeAlias = dict[str, Value]
    Embed: TypeAlias = Callable[[str], np.ndarray]
    """From a text to its vector, before it is made a unit vector."""

LONGEST_ID = LONGEST_ROLE = LONGEST_METADATA = 256
LONGEST_TEXT = 8192
LONGEST_METADATA_NAME = 64
MOST_METADATA = 16
MOST_COMPONENTS = 4096
LARGEST_COMPONENT = 1_000_000
LARGEST_K = 1000
MOST_IDS = 1000
DEFAULT_INDEX = "workers"


def root(value: Value) -> Members:
    """Return the members of the whole body (rule `not-an-object`)."""
    if not isinstance(value, dict):
        raise SchemaError("not-an-object")
    return value


def required(members: Members, name: str, at: str = "") -> Value:
    """Return a member that must be there (rule `missing-field`)."""
    if name not in members:
        raise SchemaError("missing-field", at + name)
    return members[name]


def string(members: Members, name: str, at: str = "") -> str:
    """Return a member that is a string (rule `wrong-type`)."""
    value = required(members, name, at)
    if not isinstance(value, str):
        raise SchemaError("wrong-type", at + name)
    return value


def no_longer(text: str, most: int, field: str) -> str:
    """Return the text, if it has not more than `most` characters (rule `too-long`)."""
    if len(text) > most:
        raise SchemaError("too-long", field)
    return text


def id_(members: Members, name: str, at: str = "") -> str:
    """Return an id (rule `empty-id`)."""
    value = string(members, name, at)
    if not value:
        raise SchemaError("empty-id", at + name)
    return no_longer(value, LONGEST_ID, at + name)


def role(members: Members, name: str) -> str:
    """Return a role (rule `blank`)."""
    value = string(members, name)
    if blank(value):
        raise SchemaError("blank", name)
    return no_longer(value, LONGEST_ROLE, name)


def index(members: Members) -> str:
    """Return the name of an index, the usual one where it was left out (rule `bad-name`)."""
    if "index" not in members:
        return DEFAULT_INDEX
    value = string(members, "index")
    if not NAME.fullmatch(value):
        raise SchemaError("bad-name", "index")
    return value


def flag(members: Members, name: str) -> bool:
    """Return a member that is true or false; false where it was left out."""
    value = members.get(name, False)
    if not isinstance(value, bool):
        raise SchemaError("wrong-type", name)
    return value


def number(members: Members, name: str) -> float:
    """Return a member that is a number."""
    value = required(members, name)
    if not isinstance(value, float):  # which every number is, and no boolean
        raise SchemaError("wrong-type", name)
    return value


def k(members: Members) -> int:
    """Return how many hits are wanted (rules `not-whole`, `out-of-range`)."""
    value = number(members, "k")
    if not value.is_integer():
        raise SchemaError("not-whole", "k")
    if not 1 <= value <= LARGEST_K:
        raise SchemaError("out-of-range", "k")
    return int(value)


def score(members: Members) -> float:
    """Return how well an answer did, from 0 to 1 (rule `out-of-range`)."""
    value = number(members, "score")
    if not 0 <= value <= 1:
        raise SchemaError("out-of-range", "score")
    return value


def ids(members: Members, name: str) -> list[str] | None:
    """Return a member that is an array of strings, or None where it was left out."""
    if name not in members:
        return None
    values = members[name]
    if not isinstance(values, list):
        raise SchemaError("wrong-type", name)
    for number_, value in enumerate(values):
        if not isinstance(value, str):
            raise SchemaError("wrong-type", f"{name}.{number_}")
    if len(values) > MOST_IDS:
        raise SchemaError("out-of-range", name)
    return values  # type: ignore[return-value]  # strings, all of them


def metadata(members: Members, at: str) -> Members:
    """Return what is to come back with an item, empty where it was left out."""
    field = at + "metadata"
    value = members.get("metadata", {})
    if not isinstance(value, dict) or not all(isinstance(one, (str, float)) for one in value.values()):
        raise SchemaError("wrong-type", field)
    if len(value) > MOST_METADATA:
        raise SchemaError("out-of-range", field)
    for name, one in value.items():
        if len(name) > LONGEST_METADATA_NAME or (isinstance(one, str) and len(one) > LONGEST_METADATA):
            raise SchemaError("too-long", field)
    return value


# ------------------------------------------------------------------ vectors


def vector_or_text(members: Members, embed: Embed, at: str, touched: set[str]) -> Direction:
    """Return the vector that an item or a query has, or that of its text (rule `vector-or-text`)."""
    if ("vector" in members) == ("text" in members):
        raise SchemaError("vector-or-text", at.removesuffix("."))
    if "vector" in members:
        return vector(members["vector"], at + "vector")
    found = text(members, "text", embed, at)
    touched.add("text-embedded")
    return found


def vector(value: Value, field: str) -> Direction:
    """Return a vector as it was given (rule `zero-vector`)."""
    if not isinstance(value, list):
        raise SchemaError("wrong-type", field)
    if not 1 <= len(value) <= MOST_COMPONENTS:
        raise SchemaError("out-of-range", field)
    # Looked at as a whole first: a batch has up to four million of them.
    if set(map(type, value)) == {float}:
        given = np.array(value, np.float64)
        if np.abs(given).max() <= LARGEST_COMPONENT:
            return directed(given, field)
    for number_, one in enumerate(value):
        if not isinstance(one, float):
            raise SchemaError("wrong-type", f"{field}.{number_}")
        if abs(one) > LARGEST_COMPONENT:
            raise SchemaError("out-of-range", f"{field}.{number_}")
    raise AssertionError("a vector is either as it may be, or one of its components is not")


def text(members: Members, name: str, embed: Embed, at: str = "") -> Direction:
    """Return the vector of a member that is a text."""
    value = no_longer(string(members, name, at), LONGEST_TEXT, at + name)
    return directed(embed(value), at + name)


def directed(given: np.ndarray, field: str) -> Direction:
    """Return a vector with its direction, if it has one."""
    direction = units.direction(given)
    if direction is None:
        raise SchemaError("zero-vector", field)
    return direction
