"""The planted bug of embedding."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lakehouse_ref import embedding
from lakehouse_ref.services.plants.replace import replace

if TYPE_CHECKING:
    from collections.abc import Callable


def _upper_folded() -> None:
    replace(embedding, "folded", str.lower)


PLANTS: dict[str, Callable[[], None]] = {
    "upper-folded": _upper_folded,
}
