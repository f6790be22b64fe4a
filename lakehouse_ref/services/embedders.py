"""What makes vectors of texts: the reference's own embedding, or another service (`--embedder`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import numpy as np

from lakehouse_ref import embedding
from lakehouse_ref.search.errors import StateError
from lakehouse_ref.search.members import LARGEST_COMPONENT, LONGEST_TEXT, MOST_COMPONENTS
from lakehouse_ref.search.requests import MOST_ITEMS
from lakehouse_ref.services.upstream import UnreachableError

if TYPE_CHECKING:
    from lakehouse_ref.ijson import Value
    from lakehouse_ref.search.members import Embed
    from lakehouse_ref.services.upstream import Upstream

PATH = "/v1/embed"
MODEL = "default"
encode = msgspec.json.Encoder().encode


class Embedded(msgspec.Struct):
    """The answer of an embedder."""

    dimension: int
    vectors: list[list[float]]


class LocalEmbedder:
    """hash-768."""

    def for_body(self, body: Value) -> Embed:  # noqa: ARG002
        """Return what embeds the texts of a body."""
        return embedding.embed


class RemoteEmbedder:
    """An embedder at a URL. It is asked once a request, for all of its texts together."""

    def __init__(self, upstream: Upstream) -> None:
        self.upstream = upstream

    def for_body(self, body: Value) -> Embed:
        """Return what embeds the texts of a body; nobody is asked before the first one is wanted."""
        known: dict[str, np.ndarray] = {}

        def embed(text: str) -> np.ndarray:
            if text not in known:
                texts = list(dict.fromkeys([text, *texts_in(body)]))
                known.update(zip(texts, self.vectors(texts), strict=True))
            return known[text]

        return embed

    def vectors(self, texts: list[str]) -> list[np.ndarray]:
        """Return the vectors of texts. Raises StateError."""
        try:
            reply = self.upstream.ask(
                "POST", PATH, {"content-type": "application/json"}, encode({"model": MODEL, "texts": texts})
            )
            if reply.status == 200:
                return checked(msgspec.json.decode(reply.body, type=Embedded), len(texts))
        except (UnreachableError, msgspec.MsgspecError, UnicodeDecodeError, ValueError):
            pass  # no answer, or one that is none
        raise StateError("embedder-unreachable")


def texts_in(body: Value) -> list[str]:
    """Return the texts of the items of a body, as many as may be there."""
    items = body.get("items") if isinstance(body, dict) else None
    if not isinstance(items, list):
        return []
    texts = [item.get("text") for item in items[:MOST_ITEMS] if isinstance(item, dict)]
    return [text for text in texts if isinstance(text, str) and len(text) <= LONGEST_TEXT]


def checked(answer: Embedded, count: int) -> list[np.ndarray]:
    """Return the vectors of an answer. Raises ValueError where it is none."""
    vectors = np.array(answer.vectors, np.float64)  # rows of different lengths are a ValueError too
    if vectors.shape != (count, answer.dimension) or not 1 <= answer.dimension <= MOST_COMPONENTS:
        raise ValueError("not one vector of that dimension for each text")
    if np.abs(vectors).max() > LARGEST_COMPONENT:
        raise ValueError("a component is too large")
    return list(vectors)
