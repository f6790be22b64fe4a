"""`audit` as a process in a folder."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tests.lakehouse_ref.chains import SUBJECT

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]
PROGRAM = [sys.executable, "-m", "lakehouse_ref.services.audit"]
APPEND = ["append", "--subject", SUBJECT, "--event", "event.json"]
VERIFY = ["verify", "--subject", SUBJECT]


def environment(**own: str) -> dict[str, str]:
    outer = {name: value for name, value in os.environ.items() if not name.startswith("LAKEHOUSE_")}
    return outer | {"PYTHONPATH": str(ROOT)} | own


def audit(
    folder: Path, *arguments: str | bytes, first: Callable[[], None] | None = None, **own: str
) -> subprocess.CompletedProcess[bytes]:
    """Run the program in a folder to its end."""
    return subprocess.run(
        [*PROGRAM, *arguments],
        cwd=folder,
        env=environment(**own),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=120,
        check=False,
        preexec_fn=first,
    )
