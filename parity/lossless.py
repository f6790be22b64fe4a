"""JSON read without losing anything: number text, escapes, member order and duplicate members stay.

Python's own reader makes `1`, `1.0` and `-0.0` comparable and drops duplicates, which is just what a comparison must
not do. This reader is for the slow path, where outputs are already known to differ.
"""

from __future__ import annotations

import json
import re
from typing import NamedTuple, TypeAlias

import msgspec

DEEPEST = 256  # deeper output is compared as bytes; far beyond what any surface may answer


class Scalar(msgspec.Struct, frozen=True):
    """A string, number, true, false or null, as it was written."""

    text: str


class Array(msgspec.Struct, frozen=True):
    """An array."""

    items: tuple[Node, ...]


class Member(msgspec.Struct, frozen=True):
    """A member of an object: its name as it was written, what that means, and its value."""

    token: str
    name: str
    value: Node
    start: int = 0
    """Where it begins in the text, in characters."""
    end: int = 0
    """Where it ends."""


class Object(msgspec.Struct, frozen=True):
    """An object, its members in the order in which they stand, duplicates among them."""

    members: tuple[Member, ...]


Node: TypeAlias = Scalar | Array | Object

_TOKEN = re.compile(
    r'[ \t\n\r]*([\[\]{},:]|"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"'
    r"|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null)"
)


class NotJSONError(ValueError):
    """The bytes are not one JSON text, or nested beyond what is compared by structure."""


class _Token(NamedTuple):
    text: str
    start: int
    end: int


def read(data: bytes) -> Node:
    """Return the tree of a JSON text. Raises NotJSONError."""
    try:
        tokens = _tokens(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise NotJSONError(str(error)) from None
    node, end = _value(tokens, 0, 0)
    if end != len(tokens):
        raise NotJSONError("something stands behind the value")
    return node


def text(node: Node) -> str:
    """Return a tree as JSON text without white space, each token as it was written."""
    match node:
        case Scalar():
            return node.text
        case Array():
            return "[" + ",".join(map(text, node.items)) + "]"
        case Object():
            return "{" + ",".join(f"{member.token}:{text(member.value)}" for member in node.members) + "}"


def at(node: Node, pointer: str) -> Node | None:
    """Return what stands at a JSON pointer; of members of one name the first; None where nothing does."""
    found: Node | None = node
    for part in pointer.split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        if isinstance(found, Object):
            found = next((member.value for member in found.members if member.name == name), None)
        elif isinstance(found, Array) and name.isdecimal() and int(name) < len(found.items):
            found = found.items[int(name)]
        else:
            return None
    return found


def _tokens(source: str) -> list[_Token]:
    tokens, position = [], 0
    end = len(source.rstrip(" \t\n\r"))
    while position < end:
        token = _TOKEN.match(source, position)
        if token is None:
            raise NotJSONError(f"no token at character {position}")
        tokens.append(_Token(token[1], token.start(1), token.end(1)))
        position = token.end()
    return tokens


def _value(tokens: list[_Token], at: int, depth: int) -> tuple[Node, int]:
    opening = _at(tokens, at).text
    if depth > DEEPEST:
        raise NotJSONError(f"nested deeper than {DEEPEST}")
    if opening == "[":
        items: list[Node] = []
        at += 1
        while _more(tokens, at, "]", first=not items):
            item, at = _value(tokens, at if not items else at + 1, depth + 1)
            items.append(item)
        return Array(tuple(items)), at + 1
    if opening == "{":
        members: list[Member] = []
        at += 1
        while _more(tokens, at, "}", first=not members):
            at = at if not members else at + 1
            name = _at(tokens, at)
            if name.text[0] != '"' or _at(tokens, at + 1).text != ":":
                raise NotJSONError("a member without a name")
            value, at = _value(tokens, at + 2, depth + 1)
            members.append(Member(name.text, _meaning(name.text), value, name.start, tokens[at - 1].end))
        return Object(tuple(members)), at + 1
    if opening in "]},:":
        raise NotJSONError(f"{opening} where a value should be")
    return Scalar(opening), at + 1


def _more(tokens: list[_Token], at: int, closing: str, *, first: bool) -> bool:
    found = _at(tokens, at).text
    if found == closing:
        return False
    if not first and found != ",":
        raise NotJSONError(f"{found} where a comma should be")
    return True


def _at(tokens: list[_Token], at: int) -> _Token:
    if at >= len(tokens):
        raise NotJSONError("it ends too soon")
    return tokens[at]


def _meaning(token: str) -> str:
    """Return what a name's token means; as it was written where that is no sound text."""
    try:
        name = str(json.loads(token))
        name.encode("utf-8")
    except ValueError:
        return token[1:-1]
    return name
