"""The reference's planted bugs: each replaces one function or constant of the reference by a wrong one.

They stand apart, so that the reference itself reads as if there were none. What each one does wrong is stated in
`fixtures/contract/plants.toml`.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from lakehouse_ref.services.plants import (
    audit_baselines,
    embedding,
    extract_json,
    matrix,
    subject_audit,
    subject_audit_files,
    validate,
    validation_error,
    vectors,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

PLANTS: dict[str, dict[str, Callable[[], None]]] = {
    "extract_json": extract_json.PLANTS,
    "validate": validate.PLANTS,
    "validation_error": validation_error.PLANTS,
    "subject_audit": subject_audit.PLANTS,
    "subject_audit_files": subject_audit_files.PLANTS,
    "audit_baselines": audit_baselines.PLANTS,
    "embedding": embedding.PLANTS,
    "vectors": vectors.PLANTS,
    "matrix": matrix.PLANTS,
}
"""The planted bugs by their surfaces: calling one plants it into this process, for good."""


class UnknownPlantError(ValueError):
    """The environment asks for a plant that the process doesn't have; the sentence lists those that it has."""


def known(surfaces: Iterable[str]) -> list[str]:
    """Return the names of the plants of a process that serves these surfaces."""
    return [name for surface in surfaces for name in PLANTS[surface]]


def plant(name: str) -> None:
    """Plant the named bug into this process. Raises KeyError for an unknown name."""
    {name: one for plants in PLANTS.values() for name, one in plants.items()}[name]()


def plant_from_environment(surfaces: Iterable[str]) -> str | None:
    """Plant what LAKEHOUSE_PLANT asks for, if anything; return its name. Raises UnknownPlantError."""
    name = os.environ.get("LAKEHOUSE_PLANT") or None
    if name is None:
        return None
    names = known(surfaces)
    if name not in names:
        raise UnknownPlantError(f"unknown plant {name!r}; known: {', '.join(names)}")
    plant(name)
    return name
