"""What an index holds, as it can be seen from outside, and a model of what it has to hold."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .oracle import millionths, unit

if TYPE_CHECKING:
    import random

    from .client import Client
    from .wire import Answer

ALL = 1000
NORTH = [1.0, 0.0]
Content = dict[str, tuple[float, dict[str, Any]]]
"""The distance and the metadata of each id; None in place of all stands for an index that is not known."""


def content(client: Client, index: str) -> Content | None:
    """Return what an index of two dimensions holds, up to a thousand ids."""
    answer = client.post(f"/vectors/index/{index}/search", {"k": ALL, "vector": NORTH})
    if answer.status == 404:
        assert answer.reason == "unknown-index"
        assert client.about(index).status == 404
        return None
    told = answer.body
    assert len(told["hits"]) == told["size"]
    assert client.about(index).body == {"dimension": 2, "size": told["size"]}
    return {hit["id"]: (hit["distance"], hit["metadata"]) for hit in told["hits"]}


def seen(version: int) -> tuple[float, dict[str, Any]]:
    """Return what is seen of an item of a version."""
    return millionths(unit(vector(version)), unit(NORTH)) / 1_000_000, {"version": version}


def vector(version: int) -> list[float]:
    """Return the vector of a version: a direction of its own, for up to a few thousand of them."""
    return [100.0, float(version)]


def item(identifier: str, version: int) -> dict[str, Any]:
    """Return an item, of which metadata and vector both tell the version."""
    return {"id": identifier, "metadata": {"version": version}, "vector": vector(version)}


@dataclass
class Model:
    """What one index holds, by version."""

    held: dict[str, int] | None = None
    snapshots: dict[str, dict[str, int]] = field(default_factory=dict)

    def content(self) -> Content | None:
        """Return what has to be seen."""
        return None if self.held is None else {name: seen(version) for name, version in self.held.items()}


@dataclass
class Step:
    """A call, and what it does to a model where it works."""

    method: str
    target: str
    body: dict[str, Any] | None
    after: dict[str, int] | None
    refused: bool = False

    def send(self, client: Client) -> Answer:
        """Send it."""
        return client.ask(self.method, self.target, self.body)

    def take(self, model: Model, answer: Answer) -> None:
        """Check an answer, and bring the model to where it has to be."""
        if self.refused:
            assert answer.status in {404, 409, 422}, answer
            return
        assert answer.status == 200, (self.target, answer)
        if self.target.endswith("/save"):
            assert model.held is not None
            model.snapshots[answer.body["snapshot"]] = dict(model.held)
        model.held = self.after

    def within(self, model: Model) -> list[Content | None]:
        """Return what may be seen where it was not answered: it has worked as a whole, or not at all."""
        worked = copy.deepcopy(model)
        if not self.refused:
            worked.held = self.after
        return [model.content(), worked.content()]


def step(draw: random.Random, model: Model, index: str, version: int) -> Step:
    """Draw the next call."""
    path, held = f"/vectors/index/{index}", model.held
    kind = draw.choices(["add", "delete", "save", "reload", "drop", "bad"], [60, 12, 4, 4, 2, 8])[0]
    if kind == "bad":
        items = [item(f"x{at}", version) for at in range(3)] + [
            draw.choice([item("x0", 1), {"id": "y", "vector": [1]}])
        ]
        return Step("POST", f"{path}/add", {"items": items}, None, refused=True)
    if kind == "delete" and held:
        gone = draw.choice(sorted(held))
        return Step("POST", f"{path}/delete", {"id": gone}, {n: v for n, v in held.items() if n != gone})
    if kind == "save" and held is not None:
        return Step("POST", f"{path}/save", {}, held)
    if kind == "reload" and model.snapshots:
        name = draw.choice(sorted(model.snapshots))
        return Step("POST", f"{path}/reload", {"snapshot": name}, dict(model.snapshots[name]))
    if kind == "drop" and held is not None:
        return Step("DELETE", path, None, None)
    names = draw.sample([f"x{at}" for at in range(12)], draw.randint(1, 5))
    after = (held or {}) | dict.fromkeys(names, version)
    return Step("POST", f"{path}/add", {"items": [item(name, version) for name in names]}, after)
