"""The planted bug of validation_error."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lakehouse_ref import validation_error
from lakehouse_ref.services.plants.replace import replace

if TYPE_CHECKING:
    from collections.abc import Callable

    from lakehouse_ref.ijson import Value


def _unknown_variant_default() -> None:
    def default(touched: set[str]) -> Value:
        return validation_error.error("Policy", field="", reason="", touched=touched)

    replace(validation_error, "unknown_variant", default)


PLANTS: dict[str, Callable[[], None]] = {
    "unknown-variant-default": _unknown_variant_default,
}
