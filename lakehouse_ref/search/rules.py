"""The names of the contract's rules, by surface: `vectors.rules.toml` and `matrix.rules.toml`.

A sequence of one surface calls the other as well, and a rule is told of the surface that the sequence belongs to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lakehouse_ref import http

if TYPE_CHECKING:
    from collections.abc import Iterable

SURFACE_HEADER = b"parity-surface"
"""By it the harness tells the surface; without it the path does."""

OF_BOTH = frozenset(
    {
        "unknown-path",
        "method-not-allowed",
        "malformed-json",
        "number-out-of-range",
        "duplicate-member",
        "not-an-object",
        "missing-field",
        "wrong-type",
        "empty-id",
        "too-long",
        "zero-vector",
        "out-of-range",
        "not-whole",
        "unknown-index",
        "wrong-dimension",
        "tie",
        "excluded",
    }
)
OF_VECTORS = OF_BOTH | frozenset(
    {
        "vector-or-text",
        "duplicate-id",
        "unknown-id",
        "unknown-snapshot",
        "batch",
        "updated",
        "cosine",
        "fewer-than-k",
        "only",
        "metadata",
        "deleted",
        "dimension-kept",
        "dropped",
        "saved",
        "reloaded",
        "text-embedded",
    }
)
OF_MATRIX = OF_BOTH | frozenset(
    {
        "blank",
        "bad-name",
        "retrieved",
        "playbook-unused",
        "recorded",
        "record-updated",
        "boosted",
        "best-score",
        "injected",
        "answer-not-there",
        "role-gate",
        "recording-too-far",
        "not-a-recording",
        "cut-to-k",
        "memory-dropped",
    }
)
BY_SURFACE = {b"vectors": OF_VECTORS, b"matrix": OF_MATRIX}


def of_request(path: str, headers: Iterable[tuple[bytes, bytes]]) -> frozenset[str]:
    """Return the rules of the surface that a request belongs to."""
    told = BY_SURFACE.get(http.first_header(headers, SURFACE_HEADER) or b"")
    return told or (OF_MATRIX if path.startswith("/v1/matrix") else OF_VECTORS)
