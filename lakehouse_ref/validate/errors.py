"""The one error by which a rule of validate refuses; anything else that is raised is a bug of the reference."""

from __future__ import annotations

from typing import Literal, TypeAlias

Category: TypeAlias = Literal["Schema", "Completeness", "Consistency", "Policy"]


class ValidationError(Exception):
    """A rule refuses: `reason` is its name, `category` its variant; `field`, of Schema, is the way to the member."""

    def __init__(self, category: Category, reason: str, field: str = "") -> None:
        super().__init__(f"{category}: {reason} {field}".rstrip())
        self.category = category
        self.reason = reason
        self.field = field
