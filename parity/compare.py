"""Compare what the testees did with one case, without losing anything that JSON distinguishes.

Equal bytes end it at once; only what differs is read, losslessly, and walked side by side.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from parity import lossless
from parity.model import Divergence, Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from parity.model import Observation, Partition


class _Side(NamedTuple):
    """Runtimes that gave the same output, and what stands at the path that is looked at; None where nothing does."""

    runtimes: tuple[str, ...]
    node: lossless.Node | None


def compare(observations: Mapping[str, Observation], places: frozenset[str]) -> list[Divergence]:
    """Return every path at which the observations differ, in the order of the document; none where they agree.

    Observations of a faulty testee don't take part: there is nothing to compare. `places` are the pointers that
    tell bugs apart.
    """
    groups: dict[tuple[Kind, bytes], list[str]] = {}
    for runtime, observation in observations.items():
        if not observation.kind.is_fault:
            # Why a runtime refuses is told in its own words, and no two need be the same.
            output = observation.output if observation.kind is Kind.ANSWERED else b""
            groups.setdefault((observation.kind, output), []).append(runtime)
    if len(groups) < 2:
        return []
    return list(_differences(groups, places))


def _differences(groups: dict[tuple[Kind, bytes], list[str]], places: frozenset[str]) -> Iterator[Divergence]:
    outputs = {
        runtime: output.decode("utf-8", "surrogateescape") for (_, output), names in groups.items() for runtime in names
    }
    if len({kind for kind, _ in groups}) > 1:
        kinds = {runtime: kind.value for (kind, _), names in groups.items() for runtime in names}
        yield _divergence((), "outcome", kinds, places)
        groups = {key: names for key, names in groups.items() if key[0] is Kind.ANSWERED}
        if len(groups) < 2:
            return
        # Who answers may differ among themselves as well, which the others' refusal must not hide.
        outputs = {name: outputs[name] for names in groups.values() for name in names}
    try:
        sides = [_Side(tuple(names), lossless.read(output)) for (_, output), names in groups.items()]
    except lossless.NotJSONError:
        yield _divergence((), "bytes", outputs, places)
        return
    found = False
    for divergence in _walk((), sides, places):
        found = True
        yield divergence
    if not found:  # the same tokens with other white space between them
        yield _divergence((), "layout", outputs, places)


def _walk(path: tuple[str, ...], sides: list[_Side], places: frozenset[str]) -> Iterator[Divergence]:
    rendered = {
        runtime: None if side.node is None else lossless.text(side.node) for side in sides for runtime in side.runtimes
    }
    if len(set(rendered.values())) == 1:
        return
    if any(side.node is None for side in sides):
        yield _divergence(path, "missing", rendered, places)
        return
    kinds = {type(side.node) for side in sides}
    if len(kinds) > 1:
        yield _divergence(path, "type", rendered, places)
    elif kinds == {lossless.Array}:
        arrays = [(side, side.node.items) for side in sides if isinstance(side.node, lossless.Array)]
        for index in range(max(len(items) for _, items in arrays)):
            inner = [_Side(side.runtimes, items[index] if index < len(items) else None) for side, items in arrays]
            yield from _walk((*path, str(index)), inner, places)
    elif kinds == {lossless.Object}:
        yield from _walk_objects(path, sides, rendered, places)
    else:
        yield _divergence(path, "text", rendered, places)


def _walk_objects(
    path: tuple[str, ...], sides: list[_Side], rendered: dict[str, str | None], places: frozenset[str]
) -> Iterator[Divergence]:
    """Compare objects: first the order of the members that all have, then each member.

    Duplicate members are told apart by their place among their namesakes.
    """
    tables: list[dict[tuple[str, int], lossless.Member]] = []
    for side in sides:
        table: dict[tuple[str, int], lossless.Member] = {}
        assert isinstance(side.node, lossless.Object)
        namesakes: Counter[str] = Counter()
        for member in side.node.members:
            table[member.name, namesakes[member.name]] = member
            namesakes[member.name] += 1
        tables.append(table)
    common = {key for key in tables[0] if all(key in table for table in tables)}
    orders = [[key for key in table if key in common] for table in tables]
    if any(order != orders[0] for order in orders):
        # The sides are those of the order, whatever the values are; and whether members of the outermost object or of
        # an inner one are out of order, it is the same bug.
        ordered = {runtime: repr(order) for side, order in zip(sides, orders, strict=True) for runtime in side.runtimes}
        yield msgspec.structs.replace(
            _divergence(path, "order", rendered, places),
            pattern=_pattern((*path, orders[0][0][0]), places),
            partition=partition(ordered),
        )
    keys = list(dict.fromkeys(key for table in tables for key in table))
    for key in keys:
        below = (*path, key[0])
        members = [table.get(key) for table in tables]
        tokens = {
            runtime: member.token
            for side, member in zip(sides, members, strict=True)
            if member is not None
            for runtime in side.runtimes
        }
        if len(set(tokens.values())) > 1:
            yield _divergence(below, "name", dict(tokens), places)
        inner = [
            _Side(side.runtimes, None if member is None else member.value)
            for side, member in zip(sides, members, strict=True)
        ]
        yield from _walk(below, inner, places)


def _divergence(
    path: tuple[str, ...], what: str, rendered: Mapping[str, str | None], places: frozenset[str]
) -> Divergence:
    pointer = "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in path)
    return Divergence(pointer, _pattern(path, places), what, partition(rendered), dict(rendered))


def partition(rendered: Mapping[str, str | None]) -> Partition:
    """Group the runtimes that show the same, the largest group first, then by name."""
    groups: dict[str | None, list[str]] = {}
    for runtime in sorted(rendered):
        groups.setdefault(rendered[runtime], []).append(runtime)
    return tuple(sorted((tuple(group) for group in groups.values()), key=lambda group: (-len(group), group)))


def _pattern(path: tuple[str, ...], places: frozenset[str]) -> str:
    """Replace what the contract leaves open by `**`, and an index by `*`, so that a path names a bug and not a case."""
    pattern = ""
    for part in path:
        if (exact := f"{pattern}/{part.replace('~', '~0').replace('/', '~1')}") in places:
            pattern = exact
        elif part.isdigit() and f"{pattern}/*" in places:
            pattern += "/*"
        else:
            return pattern + "/**"
    return pattern
