"""Samples: answers under load, each with a case that every other runtime must answer alike.

A case of `validate` is the request itself. A search of `matrix` depends on all that the loaded index holds, up to
100,000 workers; so its case holds just the workers that were found. Distances are exact, and the order of the hits does
not hang on who else was there: who knows only these must answer the same bytes. That holds without a playbook.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Annotated, NamedTuple

import msgspec

from lakehouse_ref.ingest import worker as workers_of
from parity.transports import calls, message

if TYPE_CHECKING:
    from collections.abc import Mapping
    from random import Random

    from lakehouse_ref.ingest.worker import Worker

VALIDATE, MATRIX = SURFACES = ("validate", "matrix")
MOST_ITEMS = 1_000  # that one call adds, and among which a search is exact in every runtime
OK = 200


class Answer(NamedTuple):
    """What came back under load."""

    status: int
    content_type: bytes | None
    """The header as it came; None where there was none."""
    body: bytes


class Sample(NamedTuple):
    """An answer under load, and the case that it is compared by."""

    surface: str
    case: bytes
    """A message (service.md) or a sequence of calls (sequences.md)."""
    observed: bytes
    """The answer as it is written down; that to the last call of a sequence."""


class Taken:
    """What decides which answers are compared with other runtimes: a share of them, drawn."""

    def __init__(self, share: float, random: Random) -> None:
        self._share, self._random = share, random

    def now(self) -> bool:
        """Tell whether this one is."""
        return self._share > 0 and self._random.random() < self._share


class NoSampleError(ValueError):
    """A line is no sample."""


def validate(body: bytes, answer: Answer, content_type: str = "application/json") -> Sample:
    """Return the sample of a validation: the body that was sent, and what came back."""
    case = b"POST /v1/validate\ncontent-type: %b\n\n%b" % (content_type.encode(), body)
    return Sample(VALIDATE, case, message.write_down(*answer))


def matrix(workers: Mapping[str, Worker], body: bytes, answer: Answer) -> Sample | None:
    """Return the sample of a search: the body that was sent, and what came back. `workers` are those of the index.

    None where the small case need not give the same answer: with a playbook, or without a hit; and where there is
    nothing to make it of, as of an answer that is none. A hit that nobody knows is left out, and then shows.
    """
    try:
        asked = msgspec.json.decode(body, type=_Search)
        found = msgspec.json.decode(answer.body, type=_Found)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
    if answer.status != OK or asked.use_playbook or not found.hits:
        return None
    known = [workers[one] for one in dict.fromkeys(hit.id for hit in found.hits) if one in workers]
    items = [
        {"id": one.id, "metadata": workers_of.metadata(one), "text": workers_of.text(one)} for one in known[:MOST_ITEMS]
    ]
    add = b"POST /vectors/index/%b/add %b\n" % (asked.index.encode(), msgspec.json.encode({"items": items}))
    case = (add if items else b"") + b"POST /v1/matrix/search " + body
    steps = calls.parse(case)
    if isinstance(steps, str) or calls.names(steps):
        return None
    return Sample(MATRIX, case, message.write_down(*answer))


def encode(sample: Sample) -> bytes:
    """Return a sample as one line."""
    return msgspec.json.encode(_Line(sample.surface, *_written(sample.case), *_written(sample.observed))) + b"\n"


def decode(line: bytes) -> Sample:
    """Read that line back. Raises NoSampleError, with a sentence."""
    try:
        read = msgspec.json.decode(line, type=_Line)
        sample = Sample(read.surface, _bytes(read.case, read.case64), _bytes(read.observed, read.observed64))
    except (ValueError, RecursionError) as error:
        raise NoSampleError(str(error)) from None
    if sample.surface not in SURFACES:
        raise NoSampleError(f"unknown surface {sample.surface[:40]!r}; known: {', '.join(SURFACES)}")
    return sample


class _Search(msgspec.Struct):
    """What a small case needs to know of a request."""

    index: Annotated[str, msgspec.Meta(pattern="^[a-z0-9_-]{1,64}$")] = "workers"
    use_playbook: bool = False


class _Hit(msgspec.Struct):
    id: str


class _Found(msgspec.Struct):
    hits: list[_Hit]


class _Line(msgspec.Struct, omit_defaults=True):
    """A sample as JSON; bytes that are not UTF-8 stand in base64."""

    surface: str
    case: str | None = None
    case64: str | None = None
    observed: str | None = None
    observed64: str | None = None


def _written(data: bytes) -> tuple[str | None, str | None]:
    """Return bytes as text, or else as base64."""
    try:
        return data.decode(), None
    except UnicodeDecodeError:
        return None, base64.b64encode(data).decode()


def _bytes(text: str | None, base: str | None) -> bytes:
    """Return the bytes of whichever form is there. Raises ValueError."""
    if (text is None) == (base is None):
        raise ValueError("one of text and base64 is wanted, for the case and for what was observed")
    return text.encode() if text is not None else base64.b64decode(base or "", validate=True)
