"""Attacks by whole rows, manifests and keys: what each one leaves, and where it has to be seen."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from .cases import case, places
from .chains import ABSENT, KEY, OTHER, OTHER_KEY, broken_manifest, build, canonical

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .cases import Case
    from .chains import Chain, Members


def rows(base: Chain) -> Iterator[Case]:
    """Yield every attack by rows on a chain of one row or more, at its first, middle and last line."""
    yield from ends(base)
    for at in places(base):
        yield from removed_and_moved(base, at)
        yield from added(base, at)
        yield from replaced(base, at)
        yield from edited(base, at)
        yield from signed_wrongly(base, at)


def ends(base: Chain) -> Iterator[Case]:
    """Yield an old file, which is one that was cut on a line's edge, and one that has grown since its anchor."""
    yield case("untouched", base, base.log, base.unanchored(), base.verified())
    grown = base.plus("later")
    yield case("grown", base, grown.log, grown.unanchored(), grown.verified())
    for count in sorted({0, base.count // 2, base.count - 1}):
        old = base.first(count)
        yield case(f"an old file of {count} rows", base, old.log, old.unanchored(), old.truncated(count + 1))
    if base.count > 1:
        rotated = base.rows[1:] + base.rows[:1]
        yield case("rotated", base, b"".join(rotated), base.tampered("chain", 1))
        yield case("reversed", base, b"".join(reversed(base.rows)), base.tampered("chain", 1))


def removed_and_moved(base: Chain, at: int) -> Iterator[Case]:
    """Yield a row deleted, swapped with the next one, duplicated, or forked from."""
    before, behind = base.rows[: at - 1], base.rows[at:]
    if at < base.count:
        yield case(f"row {at} deleted", base, b"".join(before + behind), base.tampered("chain", at))
        swapped = (*before, behind[0], base.rows[at - 1], *behind[1:])
        yield case(f"row {at} swapped", base, b"".join(swapped), base.tampered("chain", at))
    twice = (*base.rows[:at], base.rows[at - 1], *behind)
    yield case(f"row {at} twice", base, b"".join(twice), base.tampered("chain", at + 1))
    for seq in (at, at + 1):
        fork = base.first(at).plus("fork", prev=base.tips[at - 1], seq=seq)
        log = fork.log + b"".join(behind)
        yield case(f"fork behind row {at} with seq {seq}", base, log, base.tampered("chain", at + 1))


def added(base: Chain, at: int) -> Iterator[Case]:
    """Yield a row inserted: by somebody without the key, and by somebody who has it."""
    behind = b"".join(base.rows[at - 1 :])
    stranger = base.first(at - 1).plus("inserted", OTHER_KEY)
    yield case(f"a stranger's row before {at}", base, stranger.log + behind, base.tampered("mac", at))
    insider = base.first(at - 1).plus("inserted")
    yield case(
        f"a signed row before {at}",
        base,
        insider.log + behind,
        insider.tampered("chain", at + 1),
        insider.tampered("anchor", at) if at == base.count else None,
    )


def replaced(base: Chain, at: int) -> Iterator[Case]:
    """Yield the tail from a row on replaced, and a row of another subject."""
    stranger = insider = base.first(at - 1)
    for _ in range(at, base.count + 1):
        stranger, insider = stranger.plus("tail", OTHER_KEY), insider.plus("tail")
    yield case(f"a tail of an old key from {at}", base, stranger.log, base.tampered("mac", at))
    anchored = insider.tampered("anchor", base.count)
    yield case(f"a signed tail from {at}", base, insider.log, insider.unanchored(), anchored)
    short = insider.first(base.count - 1)
    yield case(f"a short signed tail from {at}", base, short.log, short.unanchored(), short.truncated(base.count))
    long = insider.plus("tail").plus("tail")
    yield case(f"a long signed tail from {at}", base, long.log, long.unanchored(), anchored)
    behind = b"".join(base.rows[at:])
    foreign = build(base.count, OTHER).rows[at - 1]
    log = base.first(at - 1).log + foreign + behind
    yield case(f"row {at} of another subject", base, log, base.tampered("subject", at))
    foreign = base.first(at - 1).plus(subject=OTHER).rows[-1]
    log = base.first(at - 1).log + foreign + behind
    yield case(f"row {at} made for another subject", base, log, base.tampered("subject", at))


def edited(base: Chain, at: int) -> Iterator[Case]:
    """Yield a row's members changed, added and left out behind the key's back: its MAC stays."""
    changes: dict[str, Callable[[Members], object]] = {
        "another result": lambda row: row.update(result="no"),
        "another ts": lambda row: row.update(ts="2026-05-03T10:11:12Z"),
        "one more member": lambda row: row.update(extra=""),
        "no fields": lambda row: row.pop("fields"),
        "one more field": lambda row: row.update(fields=["x"]),
        "another schema": lambda row: row.update(schema="subject_audit_row.v2"),
        "no trace_id": lambda row: row["accessor"].pop("trace_id"),
        "another purpose": lambda row: row["accessor"].update(purpose=""),
        "another subject": lambda row: row.update(subject=OTHER),
        "another seq": lambda row: row.update(seq=at + 1),
        "another prev": lambda row: row.update(prev="0" * 64),
        "the MAC of the row before": lambda row: row.update(mac=base.tips[at - 1]),
        "no subject": lambda row: row.pop("subject"),
    }
    for name, change in changes.items():
        row = json.loads(base.rows[at - 1])
        change(row)
        log = base.first(at - 1).log + canonical(row) + b"\n" + b"".join(base.rows[at:])
        yield case(f"{name} in row {at}", base, log, base.tampered("mac", at))


def signed_wrongly(base: Chain, at: int) -> Iterator[Case]:
    """Yield rows with a right MAC that say something wrong: only who has the key can make them."""
    before = base.first(at - 1)
    behind = b"".join(base.rows[at:])
    prev = before.tips[-1]
    wrong_members: list[tuple[str, str, object]] = [
        *(("chain", "seq", value) for value in (ABSENT, None, 0, -at, at + 1, str(at), True, at + 0.5, [at])),
        *(("chain", "prev", value) for value in (ABSENT, None, "", prev[:-1], prev.upper(), "0" * 64, [prev])),
        *(("subject", "subject", value) for value in (ABSENT, None, "", "w-1", "W-1 ", "W-", ["W-1"])),
    ]
    for reason, member, value in wrong_members:
        said = "none" if value is ABSENT else repr(value)
        changed: Members = {member: value}
        made = before.plus(**changed)
        yield case(f"{member} of row {at} is {said}", base, made.log + behind, base.tampered(reason, at))
    made = before.plus(subject=OTHER, prev="0" * 64, seq=0)
    yield case(f"all three wrong in row {at}", base, made.log + behind, base.tampered("subject", at))


def manifests(base: Chain) -> Iterator[Case]:
    """Yield manifests of another subject, another key and another beginning, and the wrong key for sound files."""
    other = build(base.count, OTHER)
    yield case("the manifest of another subject", base, base.log, broken_manifest("subject"), manifest=other.manifest)
    yield case("all of another subject", base, other.log, broken_manifest("subject"), manifest=other.manifest)
    strange = build(base.count, key=OTHER_KEY)
    yield case("a manifest of another key", base, base.log, broken_manifest("mac"), manifest=strange.manifest)
    yield case("everything of another key", base, strange.log, broken_manifest("mac"), manifest=strange.manifest)
    yield case("the wrong key", base, base.log, broken_manifest("mac"), key=OTHER_KEY)
    for name, key in (
        ("with a line feed", KEY + b"\n"),
        ("cut by a byte", OTHER_KEY[:-1]),
        ("of another bit", b"1" + KEY[1:]),
    ):
        yield case(f"a key {name}", base, base.log, broken_manifest("mac"), key=key)
    for name, change in (
        ("created_at", {"created_at": "2026-05-03T10:11:12Z"}),
        ("subject", {"subject": OTHER}),
        ("genesis", {"genesis": "0" * 64}),
        ("extra", {"extra": ""}),
    ):
        made = canonical(json.loads(base.manifest) | change) + b"\n"
        yield case(f"another {name} in the manifest", base, base.log, broken_manifest("mac"), manifest=made)
    later = build(0, created="2026-05-03T10:11:12Z")
    yield case("a later manifest", base, base.log, later.tampered("chain", 1), manifest=later.manifest)
    remade = build(base.count, created="2026-05-03T10:11:12Z")
    yield case(
        "all of it made anew",
        base,
        remade.log,
        remade.unanchored(),
        remade.tampered("anchor", base.count),
        manifest=remade.manifest,
    )
    yield case("no row is left", base, b"", base.first(0).unanchored(), base.first(0).truncated(1))


def anchors(base: Chain) -> Iterator[Case]:
    """Yield anchors to a sound chain: older ones, of another chain, and of rows that were never there."""
    bare = base.unanchored()
    for count in sorted({0, *places(base)}):
        yield case(f"anchor {count}", base, base.log, bare, base.verified(), anchor=base.anchor(count))
        beginning = base.told(0, "tampered", "anchor", 0)
        mismatch = base.tampered("anchor", count) if count else beginning
        tip = base.tips[count]
        for wrong in (tip[:-1] + ("0" if tip[-1] != "0" else "1"), ("0" if tip[0] != "0" else "1") + tip[1:], "f" * 64):
            yield case(f"anchor {count}:{wrong}", base, base.log, bare, mismatch, anchor=f"{count}:{wrong}")
        if count:
            shifted = f"{count}:{base.tips[count - 1]}"
            yield case(f"anchor {shifted}", base, base.log, bare, mismatch, anchor=shifted)
    for count in (base.count + 1, 1000, 2**53):
        beyond = base.truncated(base.count + 1)
        yield case(f"anchor {count}", base, base.log, bare, beyond, anchor=f"{count}:{base.tips[-1]}")
    unfinished = base.log + base.plus().rows[-1][:-1]
    yield case("unfinished", base, unfinished, base.torn(base.count + 1))
    beyond = base.truncated(base.count + 1)
    anchor = base.plus().anchor()
    yield case("unfinished and wanted", base, unfinished, base.torn(base.count + 1), beyond, anchor=anchor)
    later = build(0, created="2026-05-03T10:11:12Z")
    told = later.told(0, "tampered", "anchor", 0)
    bare = later.tampered("chain", 1)
    anchor = base.anchor(0)
    yield case("a genesis anchor", base, base.log, bare, told, manifest=later.manifest, anchor=anchor)
