"""The lines that a process of the reference speaks: JSON Lines in, JSON Lines out (`fixtures/contract/helper.md`)."""

from __future__ import annotations

import base64
import sys
from typing import TYPE_CHECKING, BinaryIO, TypeAlias

import msgspec

from lakehouse_ref.services import identity, plants

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Surfaces: TypeAlias = Mapping[str, Callable[[bytes, set[str]], bytes]]
    """What is served: by its name, from an input and the rules that mattered so far to the output."""

CHUNK = 65536  # how much is read, and how much may wait to be written


class Hello(msgspec.Struct):
    """What the process says of itself before it reads anything."""

    protocol: int
    runtime: str
    version: str
    commit: str
    surfaces: list[str]
    plants: list[str]
    planted: str | None


class Request(msgspec.Struct, forbid_unknown_fields=True):
    """One case: its input as `text`, or as `base64` where that is not valid UTF-8."""

    id: int
    surface: str
    text: str | None = None
    base64: str | None = None


class Answer(msgspec.Struct, omit_defaults=True):
    """What the surface answered, and which rules of the contract mattered."""

    id: int
    text: str | None = None
    base64: str | None = None
    rules: list[str] = []


def run(surfaces: Surfaces) -> int:
    """Serve surfaces until standard input ends; return the exit code."""
    try:
        planted = plants.plant_from_environment(surfaces)
    except plants.UnknownPlantError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 2
    hello = Hello(
        1, identity.RUNTIME, identity.VERSION, identity.commit(), list(surfaces), plants.known(surfaces), planted
    )
    try:
        with open(0, "rb", buffering=0) as requests, open(1, "wb", buffering=0) as answers:
            serve(hello, surfaces, requests, answers)
    except (msgspec.MsgspecError, ValueError, KeyError) as error:
        print(f"a request that cannot be answered: {error}", file=sys.stderr)  # noqa: T201
        return 2
    except BrokenPipeError:
        return 0  # nobody reads any more
    return 0


def serve(hello: Hello, surfaces: Surfaces, requests: BinaryIO, answers: BinaryIO) -> None:
    """Say hello, then answer every line of `requests`; raises on a request that cannot be parsed."""
    encoder, decoder = msgspec.json.Encoder(), msgspec.json.Decoder(Request)
    _write(answers, encoder.encode(hello) + b"\n")
    parts: list[bytes] = []  # of the line that is still arriving
    while chunk := requests.read(CHUNK):
        *lines, rest = chunk.split(b"\n")
        if lines:
            lines[0] = b"".join((*parts, lines[0]))
            parts = []
        parts.append(rest)
        out = bytearray()
        try:
            for line in lines:
                out += encoder.encode(answer(decoder.decode(line), surfaces))
                out += b"\n"
                if len(out) >= CHUNK:
                    _write(answers, out)
                    out.clear()
        finally:  # what was asked before a request that cannot be answered has its answer
            _write(answers, out)
    if last := b"".join(parts):
        _write(answers, encoder.encode(answer(decoder.decode(last), surfaces)) + b"\n")


def answer(request: Request, surfaces: Surfaces) -> Answer:
    """Answer one request. Raises KeyError for an unknown surface, ValueError for a bad input field."""
    if (request.text is None) == (request.base64 is None):
        raise ValueError("a request carries either text or base64")
    if request.surface not in surfaces:
        raise KeyError(request.surface)
    data = request.text.encode() if request.text is not None else base64.b64decode(request.base64 or "", validate=True)
    touched: set[str] = set()
    output = surfaces[request.surface](data, touched)
    rules = sorted(touched)
    try:
        return Answer(request.id, text=output.decode("utf-8"), rules=rules)
    except UnicodeDecodeError:
        return Answer(request.id, base64=base64.b64encode(output).decode(), rules=rules)


def _write(answers: BinaryIO, data: bytes | bytearray) -> None:
    view = memoryview(data)
    while view:
        view = view[answers.write(view) :]
