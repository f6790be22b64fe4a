"""What one core of the load generator asks, beside what `wrk` gets from the same server on the same core: by turns.

`wrk` is Debian's package of that name; without it there is nothing to compare with, and the benchmark is skipped.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.request import urlopen

import pytest

from tests.benchmarks import matrixds
from tests.benchmarks.bench_audit import built

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
USERS = Path(__file__).with_name("load_users.py")
CORES = sorted(os.sched_getaffinity(0))
CONNECTIONS, SECONDS, ROUNDS = 16, 5, 5
BODY = {
    "kind": "sms",
    "order": {"id": "ORD-7", "role": "Welder", "city": "Aurora", "state": "IL", "headcount": 2},
    "roster": [{"id": "w-1", "role": "Welder", "city": "Aurora", "state": "IL", "phone": "312-555-0142"}],
    "artifact": {"worker_id": "w-1", "to": "312-555-0142", "body": "A shift in Aurora: call 312-555-0142"},
}
SCRIPT = """
wrk.method = "POST"
wrk.headers["content-type"] = "application/json"
wrk.body = io.open("{body}"):read("*a")
"""


@pytest.mark.parametrize("runtime", ["python", "go"])
def bench_users(runtime: str, tmp_path: Path) -> None:
    """Ask `validatord`, on one core, from another one: by wrk, by the load's users, and by Locust's FastHttpUser."""
    if (wrk := shutil.which("wrk")) is None:
        pytest.skip("wrk is not on the PATH")
    if len(CORES) < 2:
        pytest.skip("the server and who asks want a core each")
    command = program(runtime, tmp_path)
    if isinstance(command, str):
        pytest.skip(command)
    body, script = tmp_path / "body.json", tmp_path / "post.lua"
    body.write_text(json.dumps(BODY))
    script.write_text(SCRIPT.format(body=body))
    rates: dict[str, list[float]] = {"wrk": [], "CheckingUser": [], "LocustsUser": []}
    with serving(command) as url:
        for _, who in itertools.product(range(ROUNDS), rates):
            rates[who].append(by_wrk(wrk, script, url) if who == "wrk" else by_locust(who, body, url, tmp_path))
    pairs = list(zip(*rates.values(), strict=True))
    print(f"\n{runtime}'s validatord on one core, {CONNECTIONS} connections, {ROUNDS} rounds of {SECONDS} s by turns")
    for number, (who, found) in enumerate(rates.items()):
        ratio = statistics.median(pair[number] / pair[0] for pair in pairs)
        print(f"  {who:12} {statistics.median(found):9,.0f} requests a second, {ratio:.2f} of wrk")


def program(runtime: str, out: Path) -> list[str] | str:
    """Return how validatord is run, or why it is not."""
    if runtime == "python":
        return [sys.executable, "-m", "lakehouse_ref.services.validatord"]
    build = ["go", "build", "-trimpath", "-o", f"{out}/", "./cmd/validatord"]
    return built(build, ROOT / "runtimes" / "go", out / "validatord", GOTOOLCHAIN="local", GOFLAGS="-buildvcs=false")


@contextlib.contextmanager
def serving(command: list[str]) -> Iterator[str]:
    """Start a service on the first core."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    with subprocess.Popen([*command, "--port", str(port)], cwd=ROOT) as process:
        try:
            matrixds.pin(process.pid, CORES[:1])
            while True:
                assert process.poll() is None, "it ended by itself"
                with contextlib.suppress(OSError), urlopen(f"{url}/health", timeout=5):  # noqa: S310 - our own
                    break
                time.sleep(0.05)
            yield url
        finally:
            process.kill()


def by_wrk(wrk: str, script: Path, url: str) -> float:
    """Return how many requests a second wrk gets answered."""
    command = [wrk, "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", "-s", str(script), f"{url}/v1/validate"]
    said = asking(command, {})
    assert "Non-2xx" not in said, said
    found = re.search(r"Requests/sec:\s*([0-9.]+)", said)
    assert found is not None, said
    return float(found[1])


def by_locust(user: str, body: Path, url: str, folder: Path) -> float:
    """Return how many requests a second users of that class get answered, rightly all of them."""
    file = folder / "stats"
    command = ["-m", "locust", "-f", str(USERS), user, "--host", url, "--headless", "--only-summary"]
    command += ["-u", str(CONNECTIONS), "-r", str(CONNECTIONS), "-t", f"{SECONDS}s", "--json-file", str(file)]
    said = asking([sys.executable, *command], {"LOAD_BODY": str(body)})
    (stats,) = json.loads(file.with_suffix(".json").read_text())
    assert stats["num_failures"] == 0, said
    return float(stats["num_requests"] / (stats["last_request_timestamp"] - stats["start_time"]))


def asking(command: list[str], variables: dict[str, str]) -> str:
    """Run who asks on the last core; return what it says."""
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=os.environ | variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=True,
        preexec_fn=lambda: os.sched_setaffinity(0, CORES[-1:]),
    )
    return done.stdout
