"""Adapters: where one runtime has another path or other names for the same thing (`adapters` in parity.toml).

They rename and do nothing else, on the bytes as they stand, so that whatever is wrong with a request still is. Names
are swapped, not replaced: a member that only that runtime would know must not gain a meaning there.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from parity.runtime_config import AdapterConfig

_TOKEN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)|[\[\]{},:]', re.DOTALL)
"""A string ends with the text at the latest, and nothing is read twice: who answers may be hostile."""


class Adapter:
    """What one call is called in one runtime."""

    def __init__(self, config: AdapterConfig) -> None:
        """Take the names as parity.toml gives them."""
        self.name = config.name
        self._here, self._there = config.path.encode(), config.there.encode()
        self._request, self._answer = _swap(config.request), _swap(config.answer)
        self._names_at = {_path(pointer) for pointer in config.names_at}
        self._deepest = max(map(len, self._names_at), default=0)

    def is_for(self, target: bytes) -> bool:
        """Tell whether a call is the one, by the name of either side."""
        return target.partition(b"?")[0] in {self._here, self._there}

    def target(self, target: bytes) -> bytes:
        """Return the runtime's own path for a call, the query as it stands."""
        path, mark, query = target.partition(b"?")
        return (self._there if path == self._here else self._here) + mark + query

    def outward(self, body: bytes | None) -> bytes | None:
        """Return the body of a request in the runtime's own names."""
        return None if body is None else _rename(body, self._request)

    def inward(self, body: bytes) -> bytes:
        """Return the body of an answer in the contract's names; a text at `names_at` speaks of the request's."""
        body = _rename(body, self._answer)
        parts, start = [], 0
        for path, is_name, begin, end in _strings(body, self._deepest):
            if not is_name and path in self._names_at and _text(body[begin:end]) is not None:
                first, dot, rest = body[begin + 1 : end - 1].partition(b".")
                if (other := self._request.get(_text(b'"%b"' % first) or "")) is not None:
                    parts += [body[start:begin], _json(other)[:-1], dot, rest]
                    start = end - 1
        return b"".join([*parts, body[start:]])


class Adapters:
    """The adapters of one runtime."""

    def __init__(self, configs: Sequence[AdapterConfig]) -> None:
        """Take what parity.toml says."""
        self._adapters = [Adapter(config) for config in configs]

    def find(self, target: bytes) -> Adapter | None:
        """Return the adapter for a call, if there is one."""
        return next((adapter for adapter in self._adapters if adapter.is_for(target)), None)


def _swap(names: Mapping[str, str]) -> dict[str, str]:
    return dict(names) | {there: here for here, there in names.items()}


def _path(pointer: str) -> tuple[str, ...]:
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:])


def _rename(body: bytes, names: Mapping[str, str]) -> bytes:
    """Give the members of the outermost object their other names; whatever else the bytes are, they stay."""
    parts, start = [], 0
    for path, is_name, begin, end in _strings(body, 1 if names else 0):
        if is_name and (other := names.get(path[0])) is not None and _text(body[begin:end]) is not None:
            parts += [body[start:begin], _json(other)]
            start = end
    return b"".join([*parts, body[start:]])


def _strings(body: bytes, deepest: int) -> Iterator[tuple[tuple[str, ...], bool, int, int]]:
    """Yield every string that is in objects alone, so many at the most.

    With each come the names that lead to it, whether it is a name itself, and its place.
    """
    if not deepest:
        return
    path: list[str] = []
    opened: list[bytes] = []
    arrays = 0
    before = b""
    for found in _TOKEN.finditer(body):
        token = found[0]
        if token in {b"{", b"["}:
            opened.append(token)
            arrays += token == b"["
            if token == b"{":
                path.append("")
        elif token in {b"}", b"]"} and opened:
            if opened.pop() == b"{":
                path.pop()
            else:
                arrays -= 1
        elif token[:1] == b'"' and 0 < len(opened) <= deepest and not arrays:
            is_name = before in {b"{", b","}
            if is_name:
                path[-1] = _text(token) or ""
            yield tuple(path), is_name, found.start(), found.end()
        before = token


def _text(token: bytes) -> str | None:
    """Return what a string says; None where it is none."""
    try:
        text = json.loads(token.decode())
    except ValueError:
        return None
    return text if isinstance(text, str) else None


def _json(text: str) -> bytes:
    return json.dumps(text, ensure_ascii=False).encode()
