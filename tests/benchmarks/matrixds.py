"""matrixd of each runtime, with the workers in it: built, started, filled by ingest, driven by wrk."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.request import Request, urlopen

import psutil

from lakehouse_ref.ingest import parquet
from lakehouse_ref.ingest.generate import generate
from lakehouse_ref.ingest.index import Index
from tests.benchmarks.bench_audit import built

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
KEPT = ROOT / ".parity" / "indexes"
CORES = sorted(os.sched_getaffinity(0))
CONNECTIONS = 16
SECONDS = 5
PATIENCE = 3600  # seconds until a runtime has taken in what it was given
IDLE = 0.05  # of a core: less is rest
QUIET = 3  # such looks, a second apart, mean that nothing is being built any more
SCRIPT = """
local bodies, last = {{}}, 0
for line in io.lines("{bodies}") do bodies[#bodies + 1] = line end
local headers = {{ ["content-type"] = "application/json" }}
request = function()
  last = last % #bodies + 1
  return wrk.format("POST", "/v1/matrix/search", headers, bodies[last])
end
"""


class Service(NamedTuple):
    """A matrixd that runs, and holds the workers."""

    name: str
    process: subprocess.Popen[bytes]
    url: str
    loaded: float
    """Seconds until it had them all, graph included; counted from its start."""
    anew: bool
    """Whether they were sent to it, or were in its files."""

    @property
    def resident(self) -> int:
        """How much memory it has, in bytes."""
        size: int = psutil.Process(self.process.pid).memory_info().rss
        return size


def program(name: str, out: Path) -> list[str] | str:
    """Return how a runtime's matrixd is run, or why it is not."""
    if name == "python":
        return [sys.executable, "-m", "lakehouse_ref.services.matrixd"]
    folder = ROOT / "runtimes" / name
    if name == "go":
        command = ["go", "build", "-trimpath", "-o", f"{out}/", "./cmd/matrixd"]
        return built(command, folder, out / "matrixd", GOTOOLCHAIN="local", GOFLAGS="-buildvcs=false")
    command = ["cargo", "build", "--release", "--locked", "--quiet"]
    return built(command, folder, folder / "target" / "release" / "matrixd")


def fingerprint(name: str, command: list[str]) -> str:
    """Return a hash of the code that keeps the files."""
    files = sorted((ROOT / "lakehouse_ref").rglob("*.py")) if name == "python" else [Path(command[0])]
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:16]


@contextlib.contextmanager
def holding(name: str, command: list[str], seed: int, count: int) -> Iterator[Service]:
    """Start a runtime's matrixd with so many workers in the index `workers`; end it."""
    data = KEPT / f"matrixd-{name}-{seed}-{count}-{fingerprint(name, command)}"
    for old in KEPT.glob(f"matrixd-{name}-{seed}-{count}-*"):  # of other code: 300 MB each
        if old != data:
            shutil.rmtree(old)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    began = time.monotonic()
    with subprocess.Popen([*command, "--port", str(port), "--data", str(data)], cwd=ROOT) as process:
        try:
            wait_for(url, process)
            with Index(url, "workers", "default") as index:
                anew = index.size() < count
                if anew:
                    index.add(parquet.read(parquet.look(corpus(seed, count), "256MB")))
            rest(process)
            yield Service(name, process, url, time.monotonic() - began, anew)
        finally:
            process.kill()


def corpus(seed: int, count: int) -> Path:
    """Return the workers as Parquet."""
    file = KEPT / f"workers-{count}-{seed}.parquet"
    if not file.is_file():
        KEPT.mkdir(parents=True, exist_ok=True)
        parquet.write(generate(seed, count), file.with_suffix(".made"), "256MB")
        file.with_suffix(".made").rename(file)
    return file


def wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    """Return when the service answers: it may have files to read first."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        assert process.poll() is None, "it ended by itself"
        with contextlib.suppress(OSError), urlopen(f"{url}/health", timeout=5):  # noqa: S310 -- our own address
            return
        time.sleep(0.1)
    raise TimeoutError("nobody answers")


def rest(process: subprocess.Popen[bytes]) -> None:
    """Return when the process has come to rest: a graph may be growing behind its answers."""
    watched = psutil.Process(process.pid)
    quiet = 0
    deadline = time.monotonic() + PATIENCE
    while quiet < QUIET and time.monotonic() < deadline:
        quiet = quiet + 1 if watched.cpu_percent(1) < 100 * IDLE else 0


def ask(service: Service, body: dict[str, object]) -> list[str]:
    """Return the ids of the hits."""
    request = Request(  # noqa: S310 -- our own address
        f"{service.url}/v1/matrix/search", json.dumps(body).encode(), {"content-type": "application/json"}
    )
    with urlopen(request, timeout=60) as answer:  # noqa: S310
        return [hit["id"] for hit in json.load(answer)["hits"]]


class Rate(NamedTuple):
    """Requests a second."""

    by_the_clock: float
    of_a_core: float
    """By the time that the service was really running: what a machine without other work would show."""


def rate(service: Service, wrk: str, bodies: Path) -> Rate:
    """Return how much a service answers on one core, asked from another where there is one."""
    script = bodies.with_suffix(".lua")
    script.write_text(SCRIPT.format(bodies=bodies))
    pin(service.process.pid, CORES[:1])
    before = worked(service)
    try:
        done = subprocess.run(
            [wrk, "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", "-s", str(script), service.url],
            capture_output=True,
            text=True,
            check=True,
            preexec_fn=lambda: os.sched_setaffinity(0, CORES[-1:]),
        )
    finally:
        pin(service.process.pid, CORES)
    assert "Non-2xx" not in done.stdout, done.stdout
    found = re.search(r"Requests/sec:\s*([0-9.]+)", done.stdout)
    assert found is not None, done.stdout
    total = re.search(r"(\d+) requests in", done.stdout)
    assert total is not None, done.stdout
    return Rate(float(found[1]), int(total[1]) / (worked(service) - before))


def worked(service: Service) -> float:
    """Return the seconds that a service has been running on a core."""
    times = psutil.Process(service.process.pid).cpu_times()
    return float(times.user + times.system)


def pin(pid: int, cores: list[int]) -> None:
    """Keep a process, with all of its threads, on these cores."""
    for task in Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(ProcessLookupError):  # a thread that has ended in between
            os.sched_setaffinity(int(task.name), cores)
