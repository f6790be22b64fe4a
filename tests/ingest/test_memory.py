"""Half a million workers in bounded memory: made, written, kept, read, and sent."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

from tests.ingest import stub
from tests.ingest.program import ROOT, command, environment

if TYPE_CHECKING:
    from pathlib import Path

COUNT = 500_000
MOST = 384 * 1024  # KiB resident, as workers.md says
WATCH = """
import resource, subprocess, sys
code = subprocess.run(sys.argv[1:]).returncode
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(code)
"""


def test_half_a_million_workers_take_bounded_memory(tmp_path: Path) -> None:
    sizes: list[int] = []

    def count_alone(asked: stub.Asked) -> tuple[int, bytes]:
        sizes.append(len(asked.body["items"]))
        return 200, json.dumps({"added": sizes[-1], "size": sum(sizes), "updated": 0}).encode()

    with stub.serving(count_alone, remember=False) as (url, _):
        done = subprocess.run(
            [sys.executable, "-c", WATCH, *command("--workers", str(COUNT), "--storage", tmp_path, "--index", url)],
            cwd=ROOT,
            env=environment(),
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stderr[-2000:]
    peak = int(done.stdout.splitlines()[-1])
    print(f"\n{COUNT:,} workers: at most {peak / 1024:.0f} MiB resident")
    assert sum(sizes) == COUNT
    assert peak <= MOST
