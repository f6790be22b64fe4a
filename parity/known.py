"""Known divergences: fixtures/known.toml lists what the gate lets through, each with a reason, an owner and an end.

An entry hides just one signature, and has to earn that: its own smallest input is asked about in every run and must
still diverge in the same way.
"""

from __future__ import annotations

import hashlib
import json
import math
import tomllib
from typing import TYPE_CHECKING

import msgspec

from parity.errors import FixtureError
from parity.files import write_atomically
from parity.model import Known, Signature, show_bytes

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from datetime import date
    from pathlib import Path

    from parity.model import Divergence

FILE = "known.toml"
BROADEST = 0.5  # of a run's cases; what more than every other case shows is no gap but another service
LONGEST = 2000  # characters of what stood at the place; a digest stands for more, and for what is no text
HEAD = """\
# Divergences that are known. The gate lets them through until they expire, and fails when one no longer diverges in
# the way that is written here. `parity known add` writes an entry; it is taken out by hand, once it is fixed.
"""
CONTRACT = "contract"
KNOWN_ANSWER = "known-answer-"
FEW = 10.0  # cases that always may show an entry: the known answers and the corpus are no draw at random


class KnownFile(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """The whole of known.toml."""

    known: tuple[Known, ...] = ()


def load(fixtures: Path, runtimes: Collection[str]) -> list[Known]:
    """Read the list. Raises FixtureError for an entry that cannot be meant: broken, too broad, or of nobody."""
    file = fixtures / FILE
    if not file.exists():
        return []
    entries = _parse(_read(file), f"{file} is broken")
    seen: set[str] = set()
    for number, entry in enumerate(entries, 1):
        for problem in problems(entry, fixtures, runtimes):
            raise FixtureError(f"{file}: entry {number} ({entry.surface}): {problem}")
        if entry.signature in seen:
            raise FixtureError(f"{file}: two entries for {entry.signature}")
        seen.add(entry.signature)
    return entries


def _read(file: Path) -> str:
    try:
        return file.read_bytes().decode()
    except OSError as error:
        raise FixtureError(f"{file} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise FixtureError(f"{file} is broken: {error}") from None


def _parse(text: str, wrong: str) -> list[Known]:
    try:
        return list(msgspec.convert(tomllib.loads(text), KnownFile).known)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError, RecursionError) as error:
        raise FixtureError(f"{wrong}: {error}") from None


def problems(entry: Known, fixtures: Path, runtimes: Collection[str]) -> Iterator[str]:
    """Yield what is wrong with an entry by itself."""
    for name in ("reason", "issue", "owner"):
        if not getattr(entry, name).strip():
            yield f"{name} is empty"
        if not _is_text(getattr(entry, name)):
            yield f"{name} is no text"
    if not 0 < entry.at_most <= BROADEST:
        yield f"it is too broad: at_most is {entry.at_most}, and has to be above 0 and at most {BROADEST}"
    try:
        entry.input.value()
        signature = Signature.parse(entry.signature)
    except ValueError as error:
        yield str(error)
        return
    sides = {name for group in signature.partition for name in group}
    if signature.surface != entry.surface or sides - {CONTRACT} != set(entry.runtimes):
        yield "its surface and runtimes are not those of its signature"
    sorted_sides = sorted(
        (tuple(sorted(set(group))) for group in signature.partition), key=lambda one: (-len(one), one)
    )
    of_contract = signature.drift_class.startswith(KNOWN_ANSWER)
    twice = sum(map(len, signature.partition)) > len(sides)
    if tuple(sorted_sides) != signature.partition or twice or of_contract != (CONTRACT in sides):
        yield f"its signature is not as a run writes it: {signature}"
    if signature.drift_class == "unsteady":
        yield "what comes and goes by itself cannot be known"
    if signature.drift_class == "interchange":
        yield "what shows only where one runtime reads what another wrote cannot be known"
    if not (fixtures / "contract" / f"{entry.surface}.rules.toml").is_file():
        yield f"it is unmatched: there is no surface {entry.surface!r}"
    for name in entry.runtimes:
        if name not in runtimes:
            yield f"it is unmatched: there is no runtime {name!r}"


def applicable(
    entries: Iterable[Known], surface: str, runtimes: Collection[str], today: date
) -> tuple[dict[Signature, Known], list[str]]:
    """Return the entries that count for a surface where these runtimes take part, and what is wrong with the others.

    Where fewer take part than an entry speaks of, it counts as it would be seen among them; entries that cannot be
    told apart then count as one, which may show as often as they together.
    """
    counting: dict[Signature, Known] = {}
    wrong = []
    for entry in entries:
        if entry.surface != surface:
            continue
        signature = Signature.parse(entry.signature).among(frozenset(runtimes) | {CONTRACT})
        if signature is None:
            continue
        if entry.expires < today:
            wrong.append(f"the known divergence {entry.id} expired on {entry.expires}: {entry.owner}, {entry.issue}")
        elif (other := counting.get(signature)) is not None:
            counting[signature] = msgspec.structs.replace(other, at_most=other.at_most + entry.at_most)
        else:
            counting[signature] = entry
    return counting, wrong


def changed(entry: Known, signature: Signature, found: Divergence | None, causes: Collection[str]) -> str | None:
    """Return how an entry's own input no longer diverges in the way that is listed; None where it does.

    `found` is the divergence at the listed place between the listed sides, where there is one; `causes` explain it.
    """
    what = f"the known divergence {entry.id} ({entry.issue})"
    if found is None:
        return f"{what} no longer diverges so at its own input; if it is fixed, take it out of {FILE}"
    if signature.drift_class not in causes and not signature.drift_class.startswith(KNOWN_ANSWER):
        return f"{what} has another cause now: {' or '.join(causes)}"
    now = shows(found)
    listed = {name: shown for name, shown in entry.shows.items() if name in found.rendered}
    if now != listed:
        names = ", ".join(name for name in found.rendered if now.get(name) != listed.get(name))
        return f"{what} has changed: {names} answers otherwise than {FILE} says"
    return None


def too_broad(entry: Known, hits: int, total: int) -> str | None:
    """Return that an entry lets through more cases than it may; chance has its share in a small run."""
    expected = max(FEW, entry.at_most * total)
    if hits <= expected + 3 * math.sqrt(expected) + 1:
        return None
    return (
        f"the known divergence {entry.id} is too broad: {hits} of {total} cases show it, and at_most is {entry.at_most}"
    )


def shows(divergence: Divergence) -> dict[str, str]:
    """Return what stands at a divergence's place, by runtime, as an entry holds it."""
    return {name: _short(text) for name, text in divergence.rendered.items() if text is not None}


def _short(text: str) -> str:
    if len(text) <= LONGEST and _is_text(text):
        return text
    return "sha256:" + hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def _is_text(text: str) -> bool:
    """Tell whether a file can hold it: what a runtime said need not be UTF-8."""
    return not any("\ud800" <= character <= "\udfff" for character in text)


def add(entry: Known, fixtures: Path) -> Path:
    """Write an entry at the end of the list, which stays as it is otherwise; return the file. Raises FixtureError."""
    file = fixtures / FILE
    before = _read(file) if file.exists() else HEAD
    after = before.rstrip("\r\n") + "\n\n" + _toml(entry)
    _parse(before, f"{file} is broken")
    _parse(after, f"{file} takes no further entry")
    write_atomically(file, after.encode())
    return file


def _toml(entry: Known) -> str:
    data = show_bytes(entry.input.value())
    lines = [
        "[[known]]",
        f"surface = {_text(entry.surface)}",
        f"signature = {_text(entry.signature)}",
        f"runtimes = [{', '.join(map(_text, entry.runtimes))}]",
        f"reason = {_text(entry.reason)}",
        f"issue = {_text(entry.issue)}",
        f"owner = {_text(entry.owner)}",
        f"expires = {entry.expires.isoformat()}",
        f"at_most = {entry.at_most}",
        f"input = {{ {', '.join(f'{form} = {_text(text)}' for form, text in data.items())} }}",
        "[known.shows]",
        *[f"{_text(name)} = {_text(shown)}" for name, shown in entry.shows.items()],
    ]
    return "\n".join(lines) + "\n"


def _text(text: str) -> str:
    """Return a TOML string: JSON's escapes, and one that JSON leaves out."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
