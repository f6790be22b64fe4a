"""Cases of the hostile files testee, and how what became of them is written down."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from parity.model import Kind

if TYPE_CHECKING:
    from parity.model import Observation


def case(*steps: list[str], files: str = "") -> bytes:
    """Return a case in its written form."""
    return "\n".join([*map(json.dumps, steps), files]).encode()


def keyed(name: str, *steps: list[str]) -> bytes:
    """Return a case that has a key."""
    return case(*steps, files=f"-- key 400 secret --\n{name} 32")


def log(*lines: str) -> dict[str, Any]:
    """Return how a log is written down."""
    return {"log": {"lines": [line + "\n" for line in lines], "mode": "600"}}


def step(answer: object, left: dict[str, Any] | None = None, *gone: str, code: int = 0) -> dict[str, Any]:
    """Return how a step is written down."""
    return {"answer": answer, "exit": code, "gone": list(gone), "left": left or {}}


def steps(seen: Observation) -> list[dict[str, Any]]:
    """Return what is written down of each step of a case."""
    assert seen.kind is Kind.ANSWERED, seen
    found = json.loads(seen.output)
    assert found.keys() == {"steps"}
    return list(found["steps"])


ONE = case(["line", "log", "one"], ["line", "log", "two"], ["read", "log"])
ONE_DONE = [
    step({"lines": 1}, log("one")),
    step({"lines": 2}, log("one", "two")),
    step({"length": 8, "text": "one\ntwo\n"}),
]
OTHER = case(["line", "log", "new"], files="-- log --\nold\n\n-- d/ --\n")
OTHER_DONE = [step({"lines": 2}, log("old", "new"))]
