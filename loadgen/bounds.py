"""The bounds of a run: a TOML file, read strictly."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

import msgspec

from parity.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


class Bounds(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """What is demanded; None, and a name that is not there, is not judged."""

    failures: float | None = None
    achieved: float | None = None
    restarts: int | None = None
    panics: int | None = None
    differing: int | None = None
    growth: float | None = None
    p99_ms: dict[str, float] = {}
    resident_mib: dict[str, float] = {}


SHARES = ("failures", "achieved")


def read(file: Path, scenarios: Iterable[str]) -> Bounds:
    """Read a file of bounds. Raises UsageError, with one sentence."""
    try:
        bounds = msgspec.convert(tomllib.loads(file.read_text(encoding="utf-8")), Bounds)
    except OSError as error:
        raise UsageError(f"--bounds {file}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"--bounds {file} is not valid TOML: {error}") from None
    except msgspec.ValidationError as error:
        sentence = str(error).replace("`$.", "`")
        known = f"; known: {', '.join(Bounds.__struct_fields__)}" if "unknown field" in sentence else ""
        raise UsageError(f"--bounds {file}: {sentence}{known}") from None
    classes = sorted(scenarios)
    for name in bounds.p99_ms:
        if name not in classes:
            raise UsageError(f"--bounds {file}: p99_ms.{name} is no scenario; known: {', '.join(classes)}")
    plain = {
        name: getattr(bounds, name) for name in ("failures", "achieved", "restarts", "panics", "differing", "growth")
    }
    tables = {"p99_ms": bounds.p99_ms, "resident_mib": bounds.resident_mib}
    named = {f"{table}.{name}": limit for table, limits in tables.items() for name, limit in limits.items()}
    for name, limit in (plain | named).items():
        if limit is not None and not limit >= 0:
            raise UsageError(f"--bounds {file}: {name} must not be below zero, and is {limit}")
    for name in SHARES:
        if (share := plain[name]) is not None and share > 1:
            raise UsageError(f"--bounds {file}: {name} is a share, 0 to 1, and is {share}")
    return bounds
