"""How a bug is planted."""

from __future__ import annotations


def replace(owner: object, name: str, wrong: object) -> None:
    """Put something wrong in the place of what a module or a class has; a name that it lacks is the plant's mistake."""
    getattr(owner, name)
    setattr(owner, name, wrong)
