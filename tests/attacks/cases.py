"""An attack on a chain with what has to be answered to it, and whether a program answers that."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from .chains import KEY, SUBJECT, Chain, Told, files

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Asks: TypeAlias = Callable[[Sequence[str], Path], Told]
"""A program, by what it answers to a command line in a directory."""
SIZES = (1, 2, 5, 40)
SHOWN = 8


class Case(NamedTuple):
    """What an attack left on disk, and what has to be answered without an anchor, and with the newest one."""

    name: str
    manifest: bytes
    log: bytes
    bare: Told
    anchored: Told
    anchor: str
    key: bytes = KEY


def case(
    name: str,
    base: Chain,
    log: bytes,
    bare: Told,
    anchored: Told | None = None,
    *,
    manifest: bytes | None = None,
    anchor: str = "",
    key: bytes = KEY,
) -> Case:
    """Return an attack on a chain, whose newest anchor somebody took before; mostly that makes no difference."""
    manifest = base.manifest if manifest is None else manifest
    return Case(name, manifest, log, bare, bare if anchored is None else anchored, anchor or base.anchor(), key)


def places(base: Chain) -> list[int]:
    """Return the first, the middle and the last line, which may be one."""
    return sorted({1, (base.count + 1) // 2, base.count})


def put(file: Path, data: bytes, mode: int = 0o600) -> None:
    """Write a file and the folder that it is in."""
    file.parent.mkdir(mode=0o700, exist_ok=True)
    file.write_bytes(data)
    file.chmod(mode)


def lay(directory: Path, chain: Chain, *, key: bytes = KEY, log: bytes | None = None) -> None:
    """Write a key and a subject's files."""
    manifest, rows = files(chain.subject)
    put(directory / "audit.key", key)
    put(directory / manifest, chain.manifest)
    put(directory / rows, chain.log if log is None else log)


def tree(directory: Path) -> dict[str, tuple[int, bytes | None]]:
    """Return every file and folder below a directory with its mode, and the bytes of a file that may be read."""
    return {
        str(path.relative_to(directory)): (path.lstat().st_mode, path.read_bytes() if readable(path) else None)
        for path in sorted(directory.rglob("*"))
    }


def readable(path: Path) -> bool:
    """Tell whether there is a file that we may read; root may read all."""
    try:
        return path.is_file() and os.access(path, os.R_OK, effective_ids=True)
    except OSError:  # a link to itself
        return False


def faults(ask: Asks, directory: Path, cases: Iterable[Case], *, in_turn: bool = False) -> Iterator[str]:
    """Yield a sentence for each answer of a program that is another one than it has to be.

    Each case is asked with and without its anchor; in turn one of both, if so wanted, where both have one answer.
    """
    written = dict[Path, bytes]()

    def write(name: str, data: bytes) -> None:
        """Write a file unless it is so already, and in place: a file that is cut to nothing first is a slow one."""
        file = directory / name
        if written.get(file) == data:
            return
        if file not in written:
            put(file, b"")
        with file.open("r+b") as opened:
            opened.write(data)
            opened.truncate()
        written[file] = data

    manifest, log = files(SUBJECT)
    for at, attack in enumerate(cases):
        write("audit.key", attack.key)
        write(manifest, attack.manifest)
        write(log, attack.log)
        both = [(attack.bare, []), (attack.anchored, ["--anchor", attack.anchor])]
        for expected, anchor in both if not in_turn or attack.bare != attack.anchored else [both[at % 2]]:
            got = ask(["verify", "--subject", SUBJECT, *anchor], directory)
            if got != expected:
                yield f"{attack.name}{', with an anchor' if anchor else ''}: expected {expected}, got {got}"
    assert written, "no case at all"


def wrong(ask: Asks, directory: Path, cases: Iterable[Case], *, in_turn: bool = False) -> list[str]:
    """Return the first few of the wrong answers, and how many there are."""
    found = list(faults(ask, directory, cases, in_turn=in_turn))
    return found if len(found) <= SHOWN else [f"{len(found)} wrong answers", *found[:SHOWN]]
