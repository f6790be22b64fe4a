"""How a bug is planted."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import ModuleType


def replace(module: ModuleType, name: str, wrong: object) -> None:
    """Put something wrong in the place of what the module has; a name that it lacks is a mistake of the plant."""
    getattr(module, name)
    setattr(module, name, wrong)
