"""How fast an audit chain is verified: the reference beside the plain way in one run, then each runtime's program.

Run with `make bench`. The log is made here, by the standard library alone. A ratio of one run holds on a noisy machine.
"""

from __future__ import annotations

import hashlib
import hmac
import io
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from lakehouse_ref.subject_audit import chain
from lakehouse_ref.subject_audit.mac import Key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_benchmark.fixture import BenchmarkFixture

ROOT = Path(__file__).resolve().parents[2]
SECRET = b"0123456789abcdef0123456789abcdef"
SUBJECT = "WORKER-1"
ROWS = 20_000  # of the log in memory
LARGE = 100_000_000  # bytes of the log that programs read

# It runs a command so often, and prints the seconds that each took and the peak memory of the largest, in KiB.
WATCH = """
import resource, subprocess, sys, time
for _ in range(int(sys.argv[1])):
    began = time.monotonic()
    done = subprocess.run(sys.argv[2:], stdout=subprocess.DEVNULL)
    print(time.monotonic() - began if done.returncode == 0 else "failed")
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""
ROUNDS = 3


class Log(NamedTuple):
    """A chain in a folder, and what verifies it."""

    folder: Path
    rows: int
    size: int
    anchor: str


# ------------------------------------------------------------------ made by hand


def canonical(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def mac(data: bytes) -> str:
    return hmac.new(SECRET, data, hashlib.sha256).hexdigest()


MANIFEST = {"created_at": "2026-05-03T10:11:12.461439211Z", "schema": "subject_manifest.v1", "subject": SUBJECT}
GENESIS = mac(canonical(MANIFEST))


def lines() -> Iterator[tuple[bytes, str]]:
    """Yield the lines of a chain without end, each with its MAC."""
    seq, prev = 0, GENESIS
    while True:
        seq += 1
        row = {
            "accessor": {"daemon": "gateway", "kind": "api", "purpose": "fill", "trace_id": f"{seq:016x}"},
            "fields": ["name", "phone"],
            "prev": prev,
            "result": "ok",
            "schema": "subject_audit_row.v1",
            "seq": seq,
            "subject": SUBJECT,
            "ts": f"2026-05-03T10:{seq // 60 % 60:02}:{seq % 60:02}.461439211Z",
        }
        prev = mac(canonical(row))
        yield canonical(row | {"mac": prev}) + b"\n", prev


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Log:
    folder = tmp_path_factory.mktemp("audit")
    (folder / "audit.key").write_bytes(SECRET)
    (folder / "audit.key").chmod(0o600)
    (folder / "subjects").mkdir()
    (folder / f"subjects/{SUBJECT}.manifest.json").write_bytes(canonical(MANIFEST | {"genesis": GENESIS}) + b"\n")
    size = 0
    with (folder / f"subjects/{SUBJECT}.audit.jsonl").open("wb") as log:
        for rows, (line, tip) in enumerate(lines(), 1):
            size += log.write(line)
            if size >= LARGE:
                return Log(folder, rows, size, f"{rows}:{tip}")
    raise AssertionError("a chain has no end")


# ------------------------------------------------------------------ in this process


@pytest.fixture(scope="module")
def rows() -> list[bytes]:
    return [line for _, (line, _) in zip(range(ROWS), lines(), strict=False)]


def by_the_reference(rows: list[bytes]) -> int:
    """Verify as the reference does; return how many rows are sound."""
    whose = chain.Chain(SUBJECT, Key(SECRET), None, "manifest", "log")
    return chain.verify_rows(io.BytesIO(b"".join(rows)), GENESIS, whose).count


def by_json_and_hmac(rows: list[bytes]) -> int:
    """Verify in the plain way, row by row: `json.loads`, `json.dumps`, `hmac.new`, and nothing looked at closely."""
    prev = GENESIS
    for number, line in enumerate(rows, 1):
        row = json.loads(line)
        stated = row.pop("mac")
        assert hmac.compare_digest(mac(canonical(row)), stated)
        assert (row["prev"], row["seq"], row["subject"]) == (prev, number, SUBJECT)
        prev = stated
    return len(rows)


@pytest.mark.parametrize("verify", [by_the_reference, by_json_and_hmac])
def bench_verify(verify: Callable[[list[bytes]], int], rows: list[bytes], benchmark: BenchmarkFixture) -> None:
    """Verify a chain of ordinary rows."""
    assert benchmark.pedantic(verify, args=(rows,), rounds=15, warmup_rounds=2) == ROWS
    _note_rate(benchmark)


def bench_ratio(rows: list[bytes]) -> None:
    """Verify in both ways by turns, so that whatever else the machine does slows both down alike."""
    seconds: dict[str, list[float]] = {}
    for _ in range(15):
        for verify in (by_the_reference, by_json_and_hmac):
            began = time.process_time()
            verify(rows)
            seconds.setdefault(verify.__name__, []).append(time.process_time() - began)
    reference, plain = (ROWS / statistics.median(times) for times in seconds.values())
    print(f"\nthe reference {reference:,.0f} rows/s, plainly {plain:,.0f}: {reference / plain:.1f} times as fast")


def bench_verify_step_by_step(rows: list[bytes], benchmark: BenchmarkFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    """Verify as the reference does what has not the ordinary shape: by the strict reader and the canonical writer."""
    monkeypatch.setattr(chain, "ordinary_mac", lambda *_: None)
    some = rows[: ROWS // 20]
    assert benchmark.pedantic(by_the_reference, args=(some,), rounds=5, warmup_rounds=1) == len(some)
    _note_rate(benchmark, len(some))


def _note_rate(benchmark: BenchmarkFixture, rows: int = ROWS) -> None:
    if benchmark.stats is not None:
        best, median = benchmark.stats.stats.min, benchmark.stats.stats.median
        benchmark.extra_info["rows_per_s"] = round(rows / median)
        print(f"\n{benchmark.name}: {rows / median:,.0f} rows/s, at best {rows / best:,.0f}")


# ------------------------------------------------------------------ as programs


def bench_programs(large: Log, tmp_path: Path) -> None:
    """Verify a log of about 100 MB by each runtime's program, starting it included; print rates and peak memory."""
    print(f"\n{large.size / 1e6:.0f} MB, {large.rows:,} rows; the best of {ROUNDS}, by a process each")
    for name, build in (("python", python), ("go", go), ("rust", rust)):
        program = build(tmp_path)
        if isinstance(program, str):
            print(f"{name}: skipped, {program}")
            continue
        print(f"{name}: {watched(program, large)}")


def python(_: Path) -> list[str]:
    """Return how the reference's program is run."""
    return [sys.executable, "-m", "lakehouse_ref.services.audit"]


def go(out: Path) -> list[str] | str:
    """Return how Go's program is run, or why it is not."""
    command = ["go", "build", "-trimpath", "-o", f"{out}/", "./cmd/..."]
    return built(command, ROOT / "runtimes" / "go", out / "audit", GOTOOLCHAIN="local", GOFLAGS="-buildvcs=false")


def rust(_: Path) -> list[str] | str:
    """Return how Rust's program is run, or why it is not."""
    folder = ROOT / "runtimes" / "rust"
    command = ["cargo", "build", "--release", "--locked", "--quiet"]
    return built(command, folder, folder / "target" / "release" / "audit")


def built(command: list[str], folder: Path, program: Path, **environment: str) -> list[str] | str:
    """Build a program; return it as a command, or why there is none."""
    if shutil.which(command[0]) is None:
        return f"there is no {command[0]}"
    done = subprocess.run(command, cwd=folder, env=os.environ | environment, capture_output=True, check=False)
    if done.returncode or not program.is_file():
        return f"{' '.join(command[:2])} makes no audit: {done.stderr.decode()[-200:].strip() or 'it has none'}"
    return [str(program)]


def watched(program: list[str], log: Log) -> str:
    """Return how fast a program verifies a log, and the memory that it has at most."""
    arguments = ["verify", "--subject", SUBJECT, "--anchor", log.anchor]
    done = subprocess.run(
        [sys.executable, "-c", WATCH, str(ROUNDS), *program, *arguments],
        cwd=log.folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=True,
    )
    *times, peak = done.stdout.decode().split()
    if "failed" in times:
        return f"it does not verify: {done.stderr.decode()[-200:].strip()}"
    best = min(map(float, times))
    rates = f"{log.rows / best:,.0f} rows/s, {log.size / best / 1e6:,.0f} MB/s"
    return f"{best:.2f} s, {rates}, at most {int(peak) / 1024:.1f} MiB"
