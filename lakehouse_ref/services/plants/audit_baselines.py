"""The planted bugs of audit_baselines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lakehouse_ref import audit_baselines
from lakehouse_ref.services.plants.replace import replace

if TYPE_CHECKING:
    from collections.abc import Callable


def _drift_at_20_warn() -> None:
    is_warned_of = audit_baselines.is_warned_of

    def from_20_on(first: int, last: int) -> bool:
        return is_warned_of(first, last) or (first != 0 and 5 * abs(last - first) == abs(first))

    replace(audit_baselines, "is_warned_of", from_20_on)


def _drift_zero_zero_warn() -> None:
    is_warned_of = audit_baselines.is_warned_of

    def of_zero(first: int, last: int) -> bool:
        return is_warned_of(first, last) or first == last == 0

    replace(audit_baselines, "is_warned_of", of_zero)


PLANTS: dict[str, Callable[[], None]] = {
    "drift-at-20-warn": _drift_at_20_warn,
    "drift-zero-zero-warn": _drift_zero_zero_warn,
}
