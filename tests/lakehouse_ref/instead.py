"""What may stand in the place of a file, and why it can't be read then."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def replaced_by(kind: str) -> Callable[[Path], None]:
    """Return what puts something else in the place of a file."""

    def put_it(path: Path) -> None:
        path.unlink(missing_ok=True)
        if kind == "folder":
            path.mkdir()
        elif kind == "pipe":
            os.mkfifo(path)
        elif kind == "device":
            path.symlink_to("/dev/zero")
        elif kind == "socket":
            here = os.getcwd()  # noqa: PTH109
            os.chdir(path.parent)  # the name of a socket may not be long
            try:
                socket.socket(socket.AF_UNIX).bind(path.name)
            finally:
                os.chdir(here)
        elif kind == "loop":
            path.symlink_to(path.name)

    return put_it


INSTEAD = [
    ("nothing", "missing"),
    ("folder", "not-a-file"),
    ("pipe", "not-a-file"),
    ("device", "not-a-file"),
    ("socket", "not-a-file"),
    ("loop", "io"),
]
instead = pytest.mark.parametrize(("kind", "reason"), INSTEAD)
