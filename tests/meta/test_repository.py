"""What the repository must not hold: traces of one machine, and rooms that are too large."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.meta.imports import ROOT, modules

if TYPE_CHECKING:
    from pathlib import Path

LONGEST = 450  # lines of a module: beyond that it is two ideas

# Put together from pieces, so that this file does not hold what it forbids.
HOMES = [re.compile(rb"/" + part + rb"/[\w.-]") for part in (b"home", b"Users", b"root")]
REGISTRIES = [
    re.compile(rb"\b" + re.escape(b".".join(parts)))
    for parts in (
        (b"pypi", b"org"),
        (b"files", b"pythonhosted", b"org"),
        (b"registry", b"npmjs", b"org"),
        (b"static", b"crates", b"io"),
        (b"index", b"crates", b"io"),
        (b"proxy", b"golang", b"org"),
        (b"sum", b"golang", b"org"),
    )
]
MIRRORS = [
    re.compile(re.escape(b"".join(parts)), re.IGNORECASE) for parts in ((b"arti", b"factory"), (b"index", b"-url"))
]


def tracked() -> list[Path]:
    done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, timeout=60)
    return [file for name in done.stdout.decode().split("\0") if name and (file := ROOT / name).is_file()]


def holders(patterns: list[re.Pattern[bytes]]) -> list[str]:
    """Return the tracked lines in which one of the patterns stands."""
    return [
        f"{file.relative_to(ROOT)}:{number}"
        for file in tracked()
        for number, line in enumerate(file.read_bytes().split(b"\n"), 1)
        if any(pattern.search(line) for pattern in patterns)
    ]


def test_there_are_tracked_files() -> None:
    assert len(tracked()) > 100


def test_no_file_holds_somebodys_home() -> None:
    assert holders(HOMES) == []


def test_no_file_holds_the_host_of_a_registry() -> None:
    assert holders(REGISTRIES) == []


def test_no_file_holds_a_mirror() -> None:
    assert holders(MIRRORS) == []


@pytest.mark.parametrize(
    ("line", "patterns"),
    [
        (b'"/' + b'home/ada/x"', HOMES),
        (b"/" + b"Users/ada", HOMES),
        (b"url = https://" + b"pypi" + b".org/simple", REGISTRIES),
        (b"--INDEX" + b"-URL=x", MIRRORS),
    ],
)
def test_the_patterns_see_what_they_are_for(line: bytes, patterns: list[re.Pattern[bytes]]) -> None:
    assert any(pattern.search(line) for pattern in patterns)


@pytest.mark.parametrize("package", ["parity", "lakehouse_ref", "loadgen"])
def test_no_module_is_too_long(package: str) -> None:
    lengths = {name: len(file.read_text().splitlines()) for name, file in modules(package).items()}
    assert {name: length for name, length in lengths.items() if length > LONGEST} == {}


def test_no_build_or_state_is_tracked() -> None:
    parts = {part for file in tracked() for part in file.relative_to(ROOT).parts}
    assert parts & {".parity", "__pycache__", "target", ".venv", ".hypothesis", "summary.json"} == set()
