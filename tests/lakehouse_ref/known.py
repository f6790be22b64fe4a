"""The known answers, and the messages in them that stand for requests (`fixtures/contract/service.md`)."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any, NamedTuple

FIXTURES = Path(__file__).parents[2] / "fixtures"


# In most rows of the known answers ts ends with a zero, as it does in the contract's own example.
SPOILED_AT_MOST = {"nanos-trimmed": 0.5}
"""The share of the known answers that a plant may spoil, where that is not a fifth."""


def few(plant: str, cases: int) -> float:
    """Return how many of so many cases a plant may spoil."""
    return cases * SPOILED_AT_MOST.get(plant, 0.2)


class Known(NamedTuple):
    """A known answer: what is asked, and what the contract prescribes."""

    surface: str
    name: str
    rules: list[str]
    """Those that it is about; it may stand on the harmless side of their edge."""
    input: bytes
    output: bytes


class Message(NamedTuple):
    """A request as the harness writes it."""

    method: str
    target: str
    headers: list[str]
    body: bytes | None
    """None where no length goes with it."""


def known_answers(surface: str) -> list[Known]:
    """Return the known answers of a surface."""
    found = []
    for file in sorted((FIXTURES / "known_answers" / surface).glob("*.json")):
        answer = json.loads(file.read_bytes())
        found.append(Known(surface, file.stem, answer["rules"], bytes_of(answer["input"]), bytes_of(answer["output"])))
    return found


def bytes_of(data: dict[str, Any]) -> bytes:
    """Return the bytes that stand as text, as base64, or in parts of which some come many times."""
    if "parts" in data:
        return b"".join(bytes_of(part) * part.get("times", 1) for part in data["parts"])
    return data["text"].encode() if "text" in data else base64.b64decode(data["base64"], validate=True)


def message(data: bytes) -> Message:
    """Return the request that a message stands for."""
    head, _, body = data.partition(b"\n\n")
    request, *headers = head.decode().split("\n")
    method, target = request.split(" ")
    without_length = not body and method in {"GET", "DELETE", "OPTIONS"}
    return Message(method, target, headers, None if without_length else body)


def written_down(status: int, content_type: str, body: bytes) -> bytes:
    """Return an answer as the harness writes it down, where its body is JSON."""
    return b'{"status":%d,"type":%b,"body":%b}' % (status, json.dumps(content_type).encode(), body)
