"""The written forms of an HTTP surface: a case as a message, an answer as JSON (fixtures/contract/service.md)."""

from __future__ import annotations

import base64
import functools
import re
from typing import NamedTuple

import msgspec

from parity import lossless

METHODS = frozenset({b"GET", b"POST", b"PUT", b"PATCH", b"DELETE", b"OPTIONS"})
WITHOUT_BODY = frozenset({b"GET", b"DELETE", b"OPTIONS"})
"""The methods that get no content-length where there is no body."""
RESERVED = frozenset(
    {b"host", b"content-length", b"transfer-encoding", b"connection", b"expect", b"upgrade", b"te", b"trailer"}
)
"""The headers that are the harness's to set."""

_TARGET = re.compile(
    rb"(?:/(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})*)+(?:\?(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*)?"
)
_HEADER = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):([ -~\t]*)")
_NESTING = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|[\[\]{}]')
DEEPEST = lossless.DEEPEST - 1
"""How deep a body may nest that stands as JSON: where that ends must not hang on how deep the harness' own stack is."""


class Message(NamedTuple):
    """A case that can be sent: what stands before the headers that each testee gets of its own, and what behind."""

    method: bytes
    target: bytes
    rest: bytes

    def wire(self, prefix: bytes, own: bytes) -> bytes:
        """Return the bytes for one testee: `prefix` stands before the path, `own` are its header lines."""
        return b"%b %b%b HTTP/1.1\r\n%b%b" % (self.method, prefix, self.target, own, self.rest)


def may_be_given(header: str) -> bool:
    """Tell whether a name can be that of a header which the harness does not set itself."""
    found = _HEADER.fullmatch(header.encode() + b":")
    return found is not None and not found[2] and header.lower().encode() not in RESERVED


def is_target(target: bytes) -> bool:
    """Tell whether a call can go to this path, with a query or without."""
    return _TARGET.fullmatch(target) is not None


class _Head(NamedTuple):
    method: bytes
    target: bytes
    headers: bytes


def parse(data: bytes) -> Message | str:
    """Return a case as a message; a sentence that says why where it is none."""
    text, empty, body = data.partition(b"\n\n")
    if not empty:
        return "no empty line ends its headers"
    head = _head(text)
    if isinstance(head, str):
        return head
    length = b"" if not body and head.method in WITHOUT_BODY else b"content-length: %d\r\n" % len(body)
    return Message(head.method, head.target, head.headers + length + b"\r\n" + body)


@functools.lru_cache(maxsize=1024)
def _head(text: bytes) -> _Head | str:
    """Read what stands before the body; nearly all cases of a sweep share a few of these."""
    request, *lines = text.split(b"\n")
    method, space, target = request.partition(b" ")
    if method not in METHODS or not space or not is_target(target):
        return "its first line is not a method and a path"
    headers = []
    for line in lines:
        if (header := _HEADER.fullmatch(line)) is None:
            return "a line of its headers is not a header"
        if header[1].lower() in RESERVED:
            return f"the header {header[1].decode()} is the harness's to set"
        headers.append(b"%b: %b\r\n" % (header[1], header[2].strip(b" \t")))
    return _Head(method, target, b"".join(headers))


def write_down(status: int, content_type: bytes | None, body: bytes) -> bytes:
    """Return an answer as the JSON text that outputs are compared by."""
    return b'{"status":%d,"type":%b%b}' % (status, _json_text(content_type), _body(body))


@functools.lru_cache(maxsize=64)  # a testee may send ever other ones, each as long as its headers may be
def _json_text(content_type: bytes | None) -> bytes:
    return msgspec.json.encode(None if content_type is None else content_type.decode("latin-1"))


def _body(body: bytes) -> bytes:
    if not body:
        return b""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return b',"base64":%b' % msgspec.json.encode(base64.b64encode(body).decode())
    return b',"body":%b' % body if _is_json(body) else b',"text":%b' % msgspec.json.encode(text)


def _is_json(body: bytes) -> bool:
    try:
        _skim(body)
    except (msgspec.DecodeError, RecursionError):
        return False
    return body.count(b"[") + body.count(b"{") <= DEEPEST or _depth(body) <= DEEPEST


def _depth(body: bytes) -> int:
    """Return how deep a JSON text nests, at least as far as that is allowed."""
    depth = deepest = 0
    for token in _NESTING.finditer(body):
        if token[0] in b"[{":
            depth += 1
            deepest = max(deepest, depth)
            if depth > DEEPEST:
                break
        elif token[0] in b"]}":
            depth -= 1
    return deepest


_skim = msgspec.json.Decoder(msgspec.Raw).decode  # reads it without making anything
